#include "base/json.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

/*
 * yajl calls back for every token. A stream is in one of three modes and watches one depth: seeking its
 * array, between the array's elements, or inside an element. Whatever happens deeper than the watched depth
 * is skipped at the price of one comparison; stepping into an object that the map names moves the watch down,
 * leaving it moves it up.
 */

enum {
	MAX_STEPS = 4,
	MAX_ENTRIES = 64,
	MAX_NODES = MAX_ENTRIES * MAX_STEPS + 1,
	MAX_STRING = 1 << 20,
	NONE = -1
};

/* The map as a tree of keys; node 0 is the record itself. */
struct node {
	const char *key;
	size_t key_n;
	const char *path; /* of one entry that leads here, for messages: the first path_n bytes */
	size_t path_n;
	int parent, child, next; /* NONE at the end */
	int entry;               /* first map entry that ends here; stream.same[] leads to others */
	bool seen;               /* in this record */
};

struct stream {
	const char *text;
	size_t n;
	const struct jmap *map;
	size_t map_n;
	const struct field *fields[MAX_ENTRIES]; /* of each entry */
	bool have[MAX_ENTRIES];                  /* in this record, a value that is not null */
	int same[MAX_ENTRIES];
	struct node nodes[MAX_NODES];
	int nodes_n;

	const char *path; /* of the array */
	const char *steps[MAX_STEPS];
	size_t step_n[MAX_STEPS];
	int steps_n;

	yajl_handle parser;
	const struct mode *mode;
	int depth;                      /* open containers */
	int watch;                      /* the depth whose events matter */
	bool pending;                   /* seeking: the next value is the one the path asks for */
	const struct json_count *count; /* or NULL */
	bool counts;                    /* seeking: the next value is the one that count asks for */
	bool found;
	int node;    /* record: the object we are in */
	int expects; /* record: the node the next value belongs to, or NONE */

	const struct rec *rec;
	void *record;
	struct arena *strings; /* keep, or scratch */
	struct arena scratch;
	json_each_fn fn;
	void *ctx;
	struct err damage;
	size_t damaged_n;
	int result; /* what ended the walk: our error or the callback's wish */
	struct err *e;
};

/* One scalar. */
struct value {
	enum json_type type;
	const char *s; /* string or digits */
	size_t n;
	bool yes;
};

/* Each answers 1 to go on, 0 to stop (yajl's way). Only events at the watched depth arrive. */
struct mode {
	int (*key)(struct stream *s, const char *key, size_t n);
	int (*scalar)(struct stream *s, const struct value *v);
	int (*open)(struct stream *s, char bracket); /* depth is still that of the outside */
	int (*close)(struct stream *s);              /* depth is already that of the outside */
};

static const struct mode seeking, listing, reading;

static int stop(struct stream *s, int result)
{
	s->result = result;
	return 0;
}

/* ---- seeking the array ---- */

static int no_array(struct stream *s)
{
	if (s->steps_n == 0)
		return stop(s, err_set(s->e, ERR_CORRUPT, "the document is no array"));
	return stop(s, err_set(s->e, ERR_CORRUPT, "there is no array %s in the document", s->path));
}

static int seek_key(struct stream *s, const char *key, size_t n)
{
	int step = s->watch - 1;

	s->pending = step < s->steps_n && s->step_n[step] == n && memcmp(s->steps[step], key, n) == 0;
	s->counts = s->count && s->watch == s->steps_n && strlen(s->count->name) == n &&
		    memcmp(s->count->name, key, n) == 0;
	return 1;
}

/* Digits with an optional minus are an integer; the grammar is checked, the range is not. */
static bool to_int(int64_t *out, const struct value *v)
{
	char digits[24];
	int64_t number;
	bool minus = v->n > 0 && v->s[0] == '-';

	if (v->n >= sizeof(digits))
		return false;
	memcpy(digits, v->s, v->n);
	digits[v->n] = '\0';
	if (strcmp(digits, "-9223372036854775808") == 0) {
		*out = INT64_MIN;
		return true;
	}
	if (text_int64(&number, digits + minus, 0, INT64_MAX) != 0)
		return false;
	*out = minus ? -number : number;
	return true;
}

static int seek_scalar(struct stream *s, const struct value *v)
{
	int64_t number;

	if (s->counts && v->type == JSON_INT && to_int(&number, v))
		*s->count->value = number;
	return s->pending ? no_array(s) : 1;
}

static int seek_open(struct stream *s, char bracket)
{
	bool last = s->watch == s->steps_n;

	if (!s->pending)
		return 1;
	if (bracket != (last ? '[' : '{'))
		return no_array(s);
	if (last && s->found)
		return stop(s, err_set(s->e, ERR_CORRUPT, "the array %s is there twice", s->path));
	s->pending = false;
	s->watch++;
	if (last) {
		s->found = true;
		s->mode = &listing;
	}
	return 1;
}

static int seek_close(struct stream *s)
{
	s->watch--;
	s->pending = false;
	return 1;
}

/* ---- between elements ---- */

static void damage(struct stream *s, const char *where, size_t where_n, const char *what)
{
	if (s->damage.kind == ERR_NONE)
		err_set(&s->damage, ERR_CORRUPT, "%s: %.*s %s", s->rec->name, (int)where_n, where, what);
}

static void damage_node(struct stream *s, const struct node *node, const char *what)
{
	damage(s, node->path, node->path_n, what);
}

static void begin_record(struct stream *s)
{
	memset(s->record, 0, s->rec->size);
	memset(s->have, 0, sizeof(s->have));
	for (int i = 0; i < s->nodes_n; i++)
		s->nodes[i].seen = false;
	s->damage = (struct err)ERR_INIT;
	s->node = 0;
	s->expects = NONE;
}

static int deliver(struct stream *s)
{
	bool bad = s->damage.kind != ERR_NONE;
	int r;

	s->damaged_n += bad;
	r = s->fn(s->ctx, s->record, bad ? &s->damage : NULL);
	arena_reset(&s->scratch);
	return r == 0 ? 1 : stop(s, r);
}

static int list_foreign(struct stream *s)
{
	begin_record(s);
	damage(s, "the element", strlen("the element"), "is no object");
	return deliver(s);
}

static int list_key(struct stream *s, const char *key, size_t n)
{
	(void)s, (void)key, (void)n;
	return 1;
}

static int list_scalar(struct stream *s, const struct value *v)
{
	(void)v;
	return list_foreign(s);
}

static int list_open(struct stream *s, char bracket)
{
	if (bracket == '[')
		return list_foreign(s);
	begin_record(s);
	s->watch++;
	s->mode = &reading;
	return 1;
}

static int list_close(struct stream *s)
{
	s->watch--;
	s->pending = false;
	s->mode = &seeking;
	return 1;
}

/* ---- inside an element ---- */

static int read_key(struct stream *s, const char *key, size_t n)
{
	int i = s->nodes[s->node].child;

	while (i != NONE && (s->nodes[i].key_n != n || memcmp(s->nodes[i].key, key, n) != 0))
		i = s->nodes[i].next;
	s->expects = i;
	if (i == NONE)
		return 1;
	if (s->nodes[i].seen) {
		damage_node(s, &s->nodes[i], "is there twice");
		s->expects = NONE;
	}
	s->nodes[i].seen = true;
	return 1;
}

/* Four hex digits; the lexer has made sure of them. */
static unsigned hex4(const char *s)
{
	char digits[5] = { s[0], s[1], s[2], s[3] };

	return (unsigned)strtoul(digits, NULL, 16);
}

/*
 * yajl turns half a surrogate pair into "?" or into nonsense, so the text as it was written is looked at
 * again. It ends one byte before what yajl has consumed; it begins after the nearest quote that no backslash
 * precedes.
 */
static bool lone_surrogate(const struct stream *s)
{
	const char *end = s->text + yajl_get_bytes_consumed(s->parser) - 1;
	const char *p = end - 1;

	while (p > s->text && !(*p == '"' && p[-1] != '\\'))
		p--;
	for (p++; p < end; p++) {
		unsigned high;

		if (*p != '\\')
			continue;
		if (*++p != 'u')
			continue;
		high = hex4(p + 1) & 0xfc00;
		p += 4;
		if (high == 0xdc00)
			return true;
		if (high != 0xd800)
			continue;
		if (end - p < 7 || p[1] != '\\' || p[2] != 'u' || (hex4(p + 3) & 0xfc00) != 0xdc00)
			return true;
		p += 6;
	}
	return false;
}

static const char *put_string(struct stream *s, const struct field *f, const struct value *v)
{
	bool escaped = (uintptr_t)v->s - (uintptr_t)s->text > s->n; /* decoded somewhere else */

	if (v->n > MAX_STRING)
		return "is too long";
	if (escaped && lone_surrogate(s))
		return "holds half a surrogate pair";
	return rec_put_text(f, s->record, v->s, v->n, s->strings);
}

static const char *put_number(struct stream *s, const struct field *f, const struct value *v)
{
	int64_t number;

	return to_int(&number, v) ? rec_put_int(f, s->record, number) : rec_expects(f);
}

static const char *put(struct stream *s, const struct field *f, const struct value *v)
{
	switch (v->type) {
	case JSON_STRING:
		return put_string(s, f, v);
	case JSON_INT:
	case JSON_REAL:
		return put_number(s, f, v);
	case JSON_BOOL:
		return rec_put_bool(f, s->record, v->yes);
	case JSON_ABSENT:
	case JSON_NULL:
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	return NULL;
}

static int read_scalar(struct stream *s, const struct value *v)
{
	const struct node *node = s->expects == NONE ? NULL : &s->nodes[s->expects];

	if (!node || v->type == JSON_NULL)
		return 1;
	if (node->child != NONE)
		damage_node(s, node, "is no object");
	for (int i = node->entry; i != NONE; i = s->same[i]) {
		const char *wrong = put(s, s->fields[i], v);

		s->have[i] = true;
		if (wrong)
			damage_node(s, node, wrong);
	}
	return 1;
}

static int read_open(struct stream *s, char bracket)
{
	const struct node *node = s->expects == NONE ? NULL : &s->nodes[s->expects];

	if (!node)
		return 1;
	if (node->entry != NONE) {
		s->have[node->entry] = true;
		damage_node(s, node, rec_expects(s->fields[node->entry]));
	} else if (bracket == '[') {
		damage_node(s, node, "is no object");
	} else {
		s->node = s->expects;
		s->watch++;
	}
	s->expects = NONE;
	return 1;
}

static int end_record(struct stream *s)
{
	for (size_t i = 0; i < s->map_n; i++) {
		bool required = (s->map[i].flags & JMAP_REQUIRED) || (s->fields[i]->flags & FIELD_REQUIRED);

		if (required && !s->have[i])
			damage(s, s->map[i].path, strlen(s->map[i].path), "is missing");
	}
	s->mode = &listing;
	return deliver(s);
}

static int read_close(struct stream *s)
{
	s->watch--;
	s->expects = NONE;
	if (s->node == 0)
		return end_record(s);
	s->node = s->nodes[s->node].parent;
	return 1;
}

static const struct mode seeking = { seek_key, seek_scalar, seek_open, seek_close };
static const struct mode listing = { list_key, list_scalar, list_open, list_close };
static const struct mode reading = { read_key, read_scalar, read_open, read_close };

/* ---- yajl's side ---- */

static int scalar(void *ctx, const struct value *v)
{
	struct stream *s = ctx;

	return s->depth == s->watch ? s->mode->scalar(s, v) : 1;
}

static int open_container(void *ctx, char bracket)
{
	struct stream *s = ctx;
	bool watched = s->depth == s->watch;

	if (s->depth == JSON_MAX_DEPTH)
		return stop(s, err_set(s->e, ERR_CORRUPT, "the document is nested deeper than %d",
				       JSON_MAX_DEPTH));
	if (watched && !s->mode->open(s, bracket))
		return 0;
	s->depth++;
	return 1;
}

static int close_container(void *ctx)
{
	struct stream *s = ctx;
	bool watched = s->depth == s->watch;

	s->depth--;
	return watched ? s->mode->close(s) : 1;
}

static int on_null(void *ctx)
{
	return scalar(ctx, &(struct value){ .type = JSON_NULL });
}

static int on_bool(void *ctx, int yes)
{
	return scalar(ctx, &(struct value){ .type = JSON_BOOL, .yes = yes });
}

static int on_number(void *ctx, const char *digits, size_t n)
{
	return scalar(ctx, &(struct value){ .type = JSON_INT, .s = digits, .n = n });
}

static int on_string(void *ctx, const unsigned char *text, size_t n)
{
	return scalar(ctx, &(struct value){ .type = JSON_STRING, .s = (const char *)text, .n = n });
}

static int on_key(void *ctx, const unsigned char *key, size_t n)
{
	struct stream *s = ctx;

	return s->depth == s->watch ? s->mode->key(s, (const char *)key, n) : 1;
}

static int on_open_map(void *ctx)
{
	return open_container(ctx, '{');
}

static int on_open_array(void *ctx)
{
	return open_container(ctx, '[');
}

/* Numbers arrive as text: yajl's own conversion would fail the whole page on one that is out of range. */
static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_bool,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_open_map,
	.yajl_map_key = on_key,
	.yajl_end_map = close_container,
	.yajl_start_array = on_open_array,
	.yajl_end_array = close_container,
};

/* ---- the map as a tree ---- */

static int add_node(struct stream *s, int parent, const char *path, size_t at, size_t n)
{
	int i = s->nodes_n++;

	s->nodes[i] = (struct node){ .key = path + at,
				     .key_n = n,
				     .path = path,
				     .path_n = at + n,
				     .parent = parent,
				     .child = NONE,
				     .next = NONE,
				     .entry = NONE };
	if (parent != NONE) {
		s->nodes[i].next = s->nodes[parent].child;
		s->nodes[parent].child = i;
	}
	return i;
}

static void add_entry(struct stream *s, int entry)
{
	const char *path = s->map[entry].path;
	int node = 0;

	for (size_t at = 0; path[at];) {
		size_t n = strcspn(path + at, ".");
		int child = s->nodes[node].child;

		while (child != NONE &&
		       (s->nodes[child].key_n != n || memcmp(s->nodes[child].key, path + at, n) != 0))
			child = s->nodes[child].next;
		node = child != NONE ? child : add_node(s, node, path, at, n);
		BUG_IF(s->nodes[node].entry != NONE && path[at + n]);
		at += path[at + n] ? n + 1 : n;
	}
	BUG_IF(node == 0 || s->nodes[node].child != NONE);
	s->same[entry] = s->nodes[node].entry;
	s->nodes[node].entry = entry;
	s->fields[entry] = rec_field(s->rec, s->map[entry].member);
	BUG_IF(!s->fields[entry]);
}

static void compile(struct stream *s)
{
	BUG_IF(s->map_n > MAX_ENTRIES);
	add_node(s, NONE, "", 0, 0);
	for (size_t i = 0; i < s->map_n; i++)
		add_entry(s, (int)i);
	for (size_t at = 0; s->path[at];) {
		size_t n = strcspn(s->path + at, ".");

		BUG_IF(s->steps_n == MAX_STEPS);
		s->steps[s->steps_n] = s->path + at;
		s->step_n[s->steps_n++] = n;
		at += s->path[at + n] ? n + 1 : n;
	}
	s->mode = &seeking;
	s->pending = true;
}

static void *mem_alloc(void *ctx, size_t n)
{
	(void)ctx;
	return x_realloc(NULL, n);
}

static void *mem_realloc(void *ctx, void *p, size_t n)
{
	(void)ctx;
	return x_realloc(p, n);
}

static void mem_free(void *ctx, void *p)
{
	(void)ctx;
	free(p);
}

static int fail_parse(struct stream *s, size_t at)
{
	unsigned char *why = yajl_get_error(s->parser, 0, (const unsigned char *)s->text, s->n);
	int r = err_set(s->e, ERR_CORRUPT, "no valid JSON at byte %zu: %.*s", at,
			(int)strcspn((const char *)why, "\n"), (const char *)why);

	yajl_free_error(s->parser, why);
	return r;
}

static int walk(struct stream *s)
{
	yajl_status status = yajl_parse(s->parser, (const unsigned char *)s->text, s->n);
	size_t at = yajl_get_bytes_consumed(s->parser);

	if (status == yajl_status_ok) {
		status = yajl_complete_parse(s->parser);
		at = s->n;
	}
	if (status == yajl_status_client_canceled)
		return s->result;
	if (status != yajl_status_ok)
		return fail_parse(s, at);
	if (!s->found)
		no_array(s);
	return s->result;
}

int json_list_counted(const char *text, size_t n, const char *path, const struct json_count *count,
		      const struct jmap *map, size_t map_n, const struct rec *rec, struct arena *keep,
		      json_each_fn fn, void *ctx, size_t *damaged_n, struct err *e)
{
	yajl_alloc_funcs memory = { .malloc = mem_alloc, .realloc = mem_realloc, .free = mem_free };
	struct stream *s = x_alloc(sizeof(*s));
	int r;

	*s = (struct stream){ .text = text,
			      .n = n,
			      .path = path,
			      .count = count,
			      .map = map,
			      .map_n = map_n,
			      .rec = rec,
			      .fn = fn,
			      .ctx = ctx,
			      .e = e };
	s->strings = keep ? keep : &s->scratch;
	s->record = x_alloc(rec->size);
	compile(s);
	s->parser = yajl_alloc(&callbacks, &memory, s);
	/* one bad byte would fail the page: strings that are taken are checked one by one */
	yajl_config(s->parser, yajl_dont_validate_strings, 1);
	r = walk(s);
	if (damaged_n)
		*damaged_n = s->damaged_n;
	yajl_free(s->parser);
	arena_done(&s->scratch);
	free(s->record);
	free(s);
	return r;
}

int json_list(const char *text, size_t n, const char *path, const struct jmap *map, size_t map_n,
	      const struct rec *rec, struct arena *keep, json_each_fn fn, void *ctx, size_t *damaged_n,
	      struct err *e)
{
	return json_list_counted(text, n, path, NULL, map, map_n, rec, keep, fn, ctx, damaged_n, e);
}
