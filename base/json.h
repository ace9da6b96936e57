/*
 * json.h - JSON in and out. This header is all that the project knows of JSON; jansson and yajl stay behind it.
 *
 * Reading, small documents: json_parse() gives a tree, bounded in bytes and depth, duplicate keys refused. Values are
 * borrowed from the document. Paths are dotted ("workflow.id"); getters never fail, they answer the fallback, and
 * json_map() is the strict way: a table from path to member, with the culprit named.
 *
 * Reading, lists: json_list() walks an array of objects as a stream (list endpoints are most of what we read: a tree
 * costs ten times the instructions, see the performance reference) and fills one record at a time from the same map.
 * A damaged record (wrong type, missing required member, duplicate key, bad string) does not spoil the page: it is
 * reported to the callback with its error, and the others go on.
 *
 * Writing: struct jw appends to a buf, commas and escaping done, foreign strings neutralised first (jw_str) or written
 * exactly (jw_raw_str) when a machine must read back what it wrote.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/rec.h"

/* ---- documents ------------------------------------------------------------------------------------------------ */

struct json; /* one value; the root owns the tree */

#define JSON_MAX_DEPTH 64

/* What a hostile text may cost. A tree takes up to 130 bytes a value, however few bytes of text each has. */
struct json_limits {
	size_t bytes, depth, values;
};
/* text need not be NUL-terminated. *out is owned by the caller (json_free). ERR_CORRUPT; JSON_OVER: it is beyond a limit,
 * and *e says which. */
#define JSON_OVER 1
int json_parse_within(struct json **out, const char *text, size_t n, const struct json_limits *l,
		      struct err *e) must_check;
/* Refuses more than max bytes, and any number of values. */
int json_parse(struct json **out, const char *text, size_t n, size_t max, struct err *e) must_check;
void json_free(struct json *root);
DEFINE_FREEP(struct json *, json, json_free)

enum json_type {
	JSON_ABSENT,
	JSON_NULL,
	JSON_BOOL,
	JSON_INT,
	JSON_REAL,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

/* Borrowed; NULL when absent. j may be NULL. */
const struct json *json_get(const struct json *j, const char *path);
enum json_type json_type(const struct json *j);
size_t json_size(const struct json *array_or_object);
const struct json *json_at(const struct json *array, size_t i);
/* The i-th member of an object in document order; *key borrowed. NULL past the end. */
const struct json *json_member(const struct json *object, size_t i, const char **key);
/* All of them, in document order, into room for json_size(object). */
struct json_pair {
	const char *key;
	const struct json *value;
};
void json_pairs(const struct json *object, struct json_pair *out);
const char *json_str(const struct json *j, const char *path); /* NULL when not a string */
int64_t json_int(const struct json *j, const char *path, int64_t fallback);
bool json_bool(const struct json *j, const char *path, bool fallback);
/* Compact text of a value, exact; what a terminal could act on or what hides is escaped as struct jw does. */
void json_dump(struct buf *out, const struct json *j);

/* Copies JSON text so; between strings there is nothing to escape. Bytes that are no UTF-8 stay. */
void json_inert(struct buf *out, const char *json, size_t n);
/* The same, and every character outside ASCII is escaped too. */
void json_ascii(struct buf *out, const char *json, size_t n);

/* ---- maps: JSON path -> member of a record ------------------------------------------------------------------------ */

enum jmap_flags {
	JMAP_REQUIRED = 1 << 0, /* absent or null is an error */
	JMAP_STRICT = 0,        /* wrong type is always an error; unknown members are always ignored */
};

struct jmap {
	const char *path;   /* dotted, at most four deep */
	const char *member; /* name in the record's field table */
	unsigned flags;
};

/* Decodes one object. Absent and null leave the member zero unless required (by the map or by the field). Times are
 * ISO 8601, enums by their names (unknown word: 0). Strings are copied to a. All errors of reading are ERR_CORRUPT and
 * read "run: head_sha is missing". A path may lead through objects and null only. */
int json_map(const struct json *j, const struct jmap *map, size_t n, const struct rec *rec, void *out,
	     struct arena *a, struct err *e) must_check;

/* One element of a list. rec is zeroed for each; damaged != NULL when it could not be decoded (then rec holds what
 * was read so far). Return nonzero to stop: json_list() then returns that value and does not touch *e. */
typedef int (*json_each_fn)(void *ctx, void *rec, const struct err *damaged);

/* Streams the array at `path` ("" for a root array, "workflow_runs" for a member), at most 64 map entries. What is
 * not mapped is skipped unread, bad strings included; text that is not JSON by its grammar (raw control characters in
 * a string are such) fails as a whole. Mapped strings are at most 1 MiB. Strings of rec are valid during the
 * callback only, unless keep != NULL, when they live in that arena. *damaged_n counts damaged records. A text that is
 * no JSON at all, is truncated, or has no such array, is an error and the caller must discard what it saw. */
int json_list(const char *text, size_t n, const char *path, const struct jmap *map, size_t map_n,
	      const struct rec *rec, struct arena *keep, json_each_fn fn, void *ctx, size_t *damaged_n,
	      struct err *e) must_check;
/* The same; *count is the whole number of that name beside the array, before it or after it ("total"), and untouched when
 * there is none. */
struct json_count {
	const char *name;
	int64_t *value;
};
int json_list_counted(const char *text, size_t n, const char *path, const struct json_count *count,
		      const struct jmap *map, size_t map_n, const struct rec *rec, struct arena *keep,
		      json_each_fn fn, void *ctx, size_t *damaged_n, struct err *e) must_check;

/* ---- writing ------------------------------------------------------------------------------------------------------ */

struct jw {
	struct buf *out;
	unsigned depth;
	uint64_t comma; /* bit per depth: a value stands before */
	bool after_key;
};

void jw_init(struct jw *w, struct buf *out);
void jw_open(struct jw *w, char bracket); /* '{' or '[' */
void jw_close(struct jw *w, char bracket);
void jw_key(struct jw *w, const char *key);
void jw_str(struct jw *w, const char *s);     /* neutralised; NULL writes null */
void jw_raw_str(struct jw *w, const char *s); /* exact, escaped; bytes that are no UTF-8 become U+FFFD */
void jw_int(struct jw *w, int64_t v);
void jw_bool(struct jw *w, bool v);
void jw_null(struct jw *w);
void jw_when(struct jw *w, struct when t);
void jw_json(struct jw *w, const char *json); /* text that is already JSON */
/* key and value in one. */
void jw_kopen(struct jw *w, const char *key, char bracket);
void jw_kstr(struct jw *w, const char *key, const char *s);
void jw_ktext(struct jw *w, const char *key, const char *s); /* "" is nothing to say: null */
void jw_kint(struct jw *w, const char *key, int64_t v);
void jw_kbool(struct jw *w, const char *key, bool v);
void jw_kwhen(struct jw *w, const char *key, struct when t);
/* `"error":{"code","message","fix"}`, the one form of every program; a fix that is "" or NULL, nothing to be done, is null. */
void jw_kerror(struct jw *w, const char *code, const char *message, const char *fix);
/* All fields of a record as members of the open object. */
void jw_rec(struct jw *w, const struct rec *rec, const void *object);
