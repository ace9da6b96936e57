#include "base/json.h"

/*
 * jansson and our header both name types JSON_OBJECT and so on; its names are moved aside while its header is
 * read. Its json_is_*() macros would see ours: only json_typeof() is used.
 */
#define json_type    jansson_type
#define JSON_OBJECT  JANSSON_OBJECT
#define JSON_ARRAY   JANSSON_ARRAY
#define JSON_STRING  JANSSON_STRING
#define JSON_INTEGER JANSSON_INTEGER
#define JSON_REAL    JANSSON_REAL
#define JSON_TRUE    JANSSON_TRUE
#define JSON_FALSE   JANSSON_FALSE
#define JSON_NULL    JANSSON_NULL
#include <jansson.h>
#undef json_type
#undef JSON_OBJECT
#undef JSON_ARRAY
#undef JSON_STRING
#undef JSON_INTEGER
#undef JSON_REAL
#undef JSON_TRUE
#undef JSON_FALSE
#undef JSON_NULL

#include <string.h>

/* struct json is never defined: it is jansson's value under our name. */
static json_t *inner(const struct json *j)
{
	return (json_t *)j;
}

static struct json *outer(json_t *j)
{
	return (struct json *)j;
}

struct extent {
	size_t depth, values;
};

/* Where the string that begins at `from` ends: at its quote, or at n. */
static size_t string_end(const char *text, size_t n, size_t from)
{
	for (size_t at = from; at < n;) {
		const char *quote = memchr(text + at, '"', n - at);
		size_t end = quote ? (size_t)(quote - text) : n, slashes = 0;

		while (end - slashes > from && text[end - slashes - 1] == '\\')
			slashes++;
		if (!quote || slashes % 2 == 0)
			return end;
		at = end + 1;
	}
	return n;
}

/* Deepest nesting of brackets outside strings, and how many values there are at most. jansson's own limit is 2048 frames of
 * recursion. */
static struct extent extent_of(const char *text, size_t n)
{
	struct extent x = { 0, 1 };
	size_t depth = 0;

	for (size_t i = 0; i < n; i++) {
		char c = text[i];

		if (c == '"')
			i = string_end(text, n, i + 1);
		else if ((c == '[' || c == '{') && ++depth > x.depth)
			x.depth = depth;
		else if ((c == ']' || c == '}') && depth > 0)
			depth--;
		x.values += c == ',' || c == '[' || c == '{';
	}
	return x;
}

static int over(struct err *e, const char *what, size_t found, size_t most)
{
	(void)err_set(e, ERR_CORRUPT, "the document has %zu %s, more than %zu", found, what, most);
	return JSON_OVER;
}

int json_parse_within(struct json **out, const char *text, size_t n, const struct json_limits *l,
		      struct err *e)
{
	struct extent x;
	json_error_t bad;
	json_t *root;

	*out = NULL;
	if (n > l->bytes)
		return over(e, "bytes", n, l->bytes);
	/* jansson loses a NUL that follows a number and reads on */
	if (n > 0 && memchr(text, 0, n))
		return err_set(e, ERR_CORRUPT, "no valid JSON: it holds a NUL");
	x = extent_of(text, n);
	if (x.depth > l->depth) {
		(void)err_set(e, ERR_CORRUPT, "the document is nested deeper than %zu", l->depth);
		return JSON_OVER;
	}
	if (x.values > l->values)
		return over(e, "values", x.values, l->values);
	root = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &bad);
	if (!root)
		return err_set(e, ERR_CORRUPT, "no valid JSON at line %d column %d: %s", bad.line, bad.column,
			       bad.text);
	*out = outer(root);
	return 0;
}

int json_parse(struct json **out, const char *text, size_t n, size_t max, struct err *e)
{
	int r = json_parse_within(out, text, n, &(struct json_limits){ max, JSON_MAX_DEPTH, SIZE_MAX }, e);

	return r == JSON_OVER ? -ERR_CORRUPT : r;
}

void json_free(struct json *root)
{
	json_decref(inner(root));
}

enum json_type json_type(const struct json *j)
{
	static const enum json_type types[] = {
		[JANSSON_OBJECT] = JSON_OBJECT, [JANSSON_ARRAY] = JSON_ARRAY, [JANSSON_STRING] = JSON_STRING,
		[JANSSON_INTEGER] = JSON_INT,   [JANSSON_REAL] = JSON_REAL,   [JANSSON_TRUE] = JSON_BOOL,
		[JANSSON_FALSE] = JSON_BOOL,    [JANSSON_NULL] = JSON_NULL,
	};

	return j ? types[json_typeof(inner(j))] : JSON_ABSENT;
}

const struct json *json_get(const struct json *j, const char *path)
{
	while (j && *path) {
		size_t n = strcspn(path, ".");

		if (json_type(j) != JSON_OBJECT)
			return NULL;
		j = outer(json_object_getn(inner(j), path, n));
		path += path[n] ? n + 1 : n;
	}
	return j;
}

size_t json_size(const struct json *array_or_object)
{
	if (json_type(array_or_object) == JSON_ARRAY)
		return json_array_size(inner(array_or_object));
	return json_object_size(inner(array_or_object));
}

const struct json *json_at(const struct json *array, size_t i)
{
	return outer(json_array_get(inner(array), i));
}

const struct json *json_member(const struct json *object, size_t i, const char **key)
{
	json_t *j = inner(object);
	void *it = json_object_iter(j);

	while (it && i-- > 0)
		it = json_object_iter_next(j, it);
	*key = it ? json_object_iter_key(it) : NULL;
	return it ? outer(json_object_iter_value(it)) : NULL;
}

void json_pairs(const struct json *object, struct json_pair *out)
{
	json_t *j = inner(object);

	for (void *it = json_object_iter(j); it; it = json_object_iter_next(j, it))
		*out++ = (struct json_pair){ json_object_iter_key(it), outer(json_object_iter_value(it)) };
}

const char *json_str(const struct json *j, const char *path)
{
	return json_string_value(inner(json_get(j, path)));
}

int64_t json_int(const struct json *j, const char *path, int64_t fallback)
{
	const struct json *v = json_get(j, path);

	return json_type(v) == JSON_INT ? json_integer_value(inner(v)) : fallback;
}

bool json_bool(const struct json *j, const char *path, bool fallback)
{
	const struct json *v = json_get(j, path);

	return json_type(v) == JSON_BOOL ? json_typeof(inner(v)) == JANSSON_TRUE : fallback;
}

static int dump_chunk(const char *text, size_t n, void *out)
{
	json_inert(out, text, n);
	return 0;
}

void json_dump(struct buf *out, const struct json *j)
{
	if (j)
		json_dump_callback(inner(j), dump_chunk, out, JSON_COMPACT | JSON_ENCODE_ANY);
}

/* json_get() that tells a step through something that is no object: *stuck is the length of that much of the
 * path. */
static const struct json *strict_get(const struct json *j, const char *path, size_t *stuck)
{
	size_t at = 0;

	*stuck = 0;
	while (path[at]) {
		size_t n = strcspn(path + at, ".");
		enum json_type t = json_type(j);

		if (t == JSON_ABSENT || t == JSON_NULL)
			return NULL;
		if (t != JSON_OBJECT) {
			*stuck = at - 1;
			return NULL;
		}
		j = outer(json_object_getn(inner(j), path + at, n));
		at += path[at + n] ? n + 1 : n;
	}
	return j;
}

/* NULL, or what is wrong with the value. */
static const char *put(const struct field *f, void *out, const struct json *v, struct arena *a)
{
	switch (json_type(v)) {
	case JSON_BOOL:
		return rec_put_bool(f, out, json_typeof(inner(v)) == JANSSON_TRUE);
	case JSON_INT:
		return rec_put_int(f, out, json_integer_value(inner(v)));
	case JSON_STRING:
		return rec_put_text(f, out, json_string_value(inner(v)), json_string_length(inner(v)), a);
	case JSON_ABSENT:
	case JSON_NULL:
		return NULL;
	case JSON_REAL:
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	return rec_expects(f);
}

int json_map(const struct json *j, const struct jmap *map, size_t n, const struct rec *rec, void *out,
	     struct arena *a, struct err *e)
{
	if (json_type(j) != JSON_OBJECT)
		return err_set(e, ERR_CORRUPT, "%s: the value is no object", rec->name);
	for (const struct jmap *m = map; m < map + n; m++) {
		const struct field *f = rec_field(rec, m->member);
		const struct json *v;
		const char *wrong;
		size_t stuck;

		BUG_IF(!f);
		v = strict_get(j, m->path, &stuck);
		if (stuck)
			return err_set(e, ERR_CORRUPT, "%s: %.*s is no object", rec->name, (int)stuck,
				       m->path);
		if ((!v || json_type(v) == JSON_NULL) &&
		    ((m->flags & JMAP_REQUIRED) || (f->flags & FIELD_REQUIRED)))
			return err_set(e, ERR_CORRUPT, "%s: %s is missing", rec->name, m->path);
		wrong = put(f, out, v, a);
		if (wrong)
			return err_set(e, ERR_CORRUPT, "%s: %s %s", rec->name, m->path, wrong);
	}
	return 0;
}
