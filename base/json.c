#include "base/json.h"

#include "base/text.h"

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

#define SAFE_DIGITS 18   /* of any number that an int64_t holds */
#define NUMBER_MAX  1024 /* bytes of a number as it is written */

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

/* Deepest nesting of brackets outside strings, and how many values there are at most: known before any memory is taken. */
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

/* ---- a tree from a text --------------------------------------------------------------------------------------------- */

/* What is read, and how far. jansson's own reader takes some two hundred instructions for every byte, which made reading a
 * bundle as dear as a signature and a hostile one of 4 MiB 50 ms: here a string is found, looked over and copied whole. What
 * is accepted is the same, number by number and escape by escape (RFC 8259). */
struct scan {
	const char *text, *at, *end;
	size_t deeper;     /* how many brackets may still open */
	const char *wrong; /* what is wrong at `at`; NULL: nothing yet */
};

static bool wrong(struct scan *s, const char *what)
{
	s->wrong = what;
	return false;
}

static json_t *none(struct scan *s, const char *what)
{
	(void)wrong(s, what);
	return NULL;
}

static void skip_blanks(struct scan *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
		s->at++;
}

static bool take_char(struct scan *s, char c)
{
	skip_blanks(s);
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

static size_t put_utf8(char *out, uint32_t cp)
{
	size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n; i-- > 1; cp >>= 6)
		out[i] = (char)(unsigned char)(0x80 | (cp & 0x3f));
	out[0] = (char)(unsigned char)(lead[n] | cp);
	return n;
}

/* uXXXX at s; above 0xffff: it is none. */
static uint32_t hex_unit(const char *s, const char *end)
{
	uint32_t unit = 0;

	if (end - s < 5 || s[0] != 'u')
		return UINT32_MAX;
	for (int i = 1; i < 5; i++) {
		char c = s[i], low = (char)(c | 0x20);
		bool digit = c >= '0' && c <= '9';

		if (!digit && (low < 'a' || low > 'f'))
			return UINT32_MAX;
		unit = unit << 4 | (uint32_t)(digit ? c - '0' : low - 'a' + 10);
	}
	return unit;
}

/* The escape behind a backslash: how many bytes of text it takes, and *cp; 0: it is none, is half a pair, or is a NUL. */
static size_t escape(const char *s, const char *end, uint32_t *cp)
{
	static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	const char *name = s < end ? memchr(names, *s, sizeof(names) - 1) : NULL;
	uint32_t second;

	if (name) {
		*cp = (unsigned char)means[name - names];
		return 1;
	}
	*cp = hex_unit(s, end);
	if (*cp == 0 || *cp > 0xffff || (*cp >= 0xdc00 && *cp <= 0xdfff))
		return 0;
	if (*cp < 0xd800 || *cp > 0xdbff)
		return 5;
	second = end - s > 5 && s[5] == '\\' ? hex_unit(s + 6, end) : 0;
	if (second < 0xdc00 || second > 0xdfff)
		return 0;
	*cp = 0x10000 + ((*cp - 0xd800) << 10) + (second - 0xdc00);
	return 11;
}

/* A string as it is meant: in the text itself, or in *own, which is the caller's to free. */
struct piece {
	const char *s;
	size_t n;
	char *own;
};

static bool unescape(struct piece *p)
{
	const char *from = p->s, *end = from + p->n;
	char *to = p->own = x_alloc(p->n + 1); /* no escape is longer than what it is written as */

	while (from < end) {
		const char *slash = memchr(from, '\\', (size_t)(end - from));
		size_t plain = (size_t)((slash ? slash : end) - from), length;
		uint32_t cp;

		memcpy(to, from, plain);
		to += plain;
		from += plain;
		if (!slash)
			break;
		length = escape(from + 1, end, &cp);
		if (!length)
			return false;
		to += put_utf8(to, cp);
		from += 1 + length;
	}
	p->s = p->own;
	p->n = (size_t)(to - p->own);
	return true;
}

/* At a quote. */
static bool take_string(struct scan *s, struct piece *out)
{
	const char *from = s->at + 1;
	size_t n = string_end(from, (size_t)(s->end - from), 0);
	unsigned char high = 0;
	bool control = false, escaped = false;

	*out = (struct piece){ from, n, NULL };
	if (from + n == s->end)
		return wrong(s, "a string has no end");
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)from[i];

		high |= c;
		control |= c < 0x20;
		escaped |= c == '\\';
	}
	if (control)
		return wrong(s, "a string holds a control character");
	if (high & 0x80 && !text_is_utf8(from, n))
		return wrong(s, "a string is not UTF-8");
	if (escaped && !unescape(out))
		return wrong(s, "a string holds an escape that is none");
	s->at = from + n + 1;
	return true;
}

static json_t *read_string(struct scan *s)
{
	struct piece p;
	json_t *j = take_string(s, &p) ? json_stringn_nocheck(p.s, p.n) : NULL;

	free(p.own);
	return j;
}

static size_t digits(const char *s, const char *end)
{
	const char *at = s;

	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return (size_t)(at - s);
}

/* A whole number of few digits; what is to become of any other is jansson's to say: its range, and the decimal point of the
 * locale. */
static json_t *read_number(struct scan *s)
{
	const char *from = s->at, *first = from + (*from == '-');
	size_t n = digits(first, s->end);
	json_error_t bad;
	json_int_t value = 0;
	json_t *j;

	if (!n || (n > 1 && *first == '0'))
		return none(s, "a value is none");
	s->at = first + n;
	if (n <= SAFE_DIGITS && (s->at == s->end || !strchr(".eE", *s->at))) {
		while (first < s->at)
			value = value * 10 + (*first++ - '0');
		return json_integer(*from == '-' ? -value : value);
	}
	while (s->at < s->end && strchr("0123456789.eE+-", *s->at))
		s->at++;
	n = (size_t)(s->at - from);
	j = n <= NUMBER_MAX ? json_loadb(from, n, JSON_DECODE_ANY, &bad) : NULL;
	return j ? j : none(s, "a number is none, or too large");
}

static json_t *read_word(struct scan *s)
{
	static const struct {
		const char *word;
		json_t *(*make)(void);
	} words[] = { { "true", json_true }, { "false", json_false }, { "null", json_null } };

	for (size_t i = 0; i < countof(words); i++) {
		size_t n = strlen(words[i].word);

		if ((size_t)(s->end - s->at) >= n && memcmp(s->at, words[i].word, n) == 0) {
			s->at += n;
			return words[i].make();
		}
	}
	return none(s, "a value is none");
}

static json_t *read_value(struct scan *s);

static bool read_member(struct scan *s, json_t *object)
{
	struct piece key = { 0 };
	json_t *value = NULL;
	bool good;

	skip_blanks(s);
	if (s->at == s->end || *s->at != '"')
		return wrong(s, "a member has no name");
	good = take_string(s, &key) && (take_char(s, ':') || wrong(s, "a member has no value")) &&
	       (!json_object_getn(object, key.s, key.n) || wrong(s, "a member is a duplicate"));
	if (good)
		value = read_value(s);
	good = value && json_object_setn_new_nocheck(object, key.s, key.n, value) == 0;
	free(key.own);
	return good;
}

static bool read_element(struct scan *s, json_t *array)
{
	json_t *value = read_value(s);

	return value && json_array_append_new(array, value) == 0;
}

/* At its bracket. */
static json_t *read_nest(struct scan *s, json_t *nest, char close, bool (*read)(struct scan *s, json_t *nest))
{
	bool good = s->deeper > 0 || wrong(s, "it is nested too deep"), closed;

	s->at++;
	s->deeper--;
	closed = good && take_char(s, close);
	while (good && !closed) {
		good = read(s, nest);
		closed = good && take_char(s, close);
		if (good && !closed)
			good = take_char(s, ',') ||
			       wrong(s, "a value is followed by neither comma nor bracket");
	}
	s->deeper++;
	if (good)
		return nest;
	json_decref(nest);
	return NULL;
}

static json_t *read_value(struct scan *s)
{
	skip_blanks(s);
	if (s->at == s->end)
		return none(s, "it ends where a value should stand");
	switch (*s->at) {
	case '{':
		return read_nest(s, json_object(), '}', read_member);
	case '[':
		return read_nest(s, json_array(), ']', read_element);
	case '"':
		return read_string(s);
	default:
		return *s->at == '-' || digits(s->at, s->end) ? read_number(s) : read_word(s);
	}
}

/* NULL: s->wrong says why. */
static json_t *read_document(struct scan *s)
{
	json_t *root = read_value(s);

	skip_blanks(s);
	if (!root || s->at == s->end)
		return root;
	json_decref(root);
	return none(s, "something stands behind its end");
}

static int refuse(const struct scan *s, struct err *e)
{
	const char *what = s->wrong ? s->wrong : "there is no memory for it";
	size_t line = 1, column = 1;

	for (const char *at = s->text; at < s->at; at++) {
		column = *at == '\n' ? 1 : column + 1;
		line += *at == '\n';
	}
	return err_set(e, ERR_CORRUPT, "no valid JSON at line %zu column %zu: %s", line, column, what);
}

int json_parse_within(struct json **out, const char *text, size_t n, const struct json_limits *l,
		      struct err *e)
{
	struct extent x;
	struct scan s = { .text = text, .at = text, .end = text + n, .deeper = l->depth };
	json_t *root;

	*out = NULL;
	if (n > l->bytes)
		return over(e, "bytes", n, l->bytes);
	/* who reads a string as C does would see another one */
	if (n > 0 && memchr(text, 0, n))
		return err_set(e, ERR_CORRUPT, "no valid JSON: it holds a NUL");
	x = extent_of(text, n);
	if (x.depth > l->depth) {
		(void)err_set(e, ERR_CORRUPT, "the document is nested deeper than %zu", l->depth);
		return JSON_OVER;
	}
	if (x.values > l->values)
		return over(e, "values", x.values, l->values);
	root = read_document(&s);
	if (!root)
		return refuse(&s, e);
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
