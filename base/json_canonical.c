#include "base/json_canonical.h"

#include <stdlib.h>
#include <string.h>

static int put(struct buf *out, const struct json *j, struct err *e);

static void put_string(struct buf *out, const char *s)
{
	static const char letters[128] = {
		['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
		['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't',
	};

	buf_chr(out, '"');
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < sizeof(letters) && letters[c]) {
			buf_chr(out, '\\');
			buf_chr(out, letters[c]);
		} else if (c < 0x20) {
			buf_fmt(out, "\\u%04x", c);
		} else {
			buf_chr(out, *s);
		}
	}
	buf_chr(out, '"');
}

static int put_int(struct buf *out, int64_t v, struct err *e)
{
	if (v > JSON_CANONICAL_INT || v < -JSON_CANONICAL_INT)
		return err_set(e, ERR_INVALID,
			       "the number %" PRId64 " has no canonical form: it is past 2^53-1", v);
	buf_fmt(out, "%" PRId64, v);
	return 0;
}

/* UTF-8 sorts as code points do. UTF-16 differs in one thing: what needs surrogates (first byte F0 to F4) comes before
 * U+E000 to U+FFFF (EE and EF). */
static int weight(unsigned char c)
{
	if (c < 0xee)
		return c;
	return c < 0xf0 ? c + 5 : c - 2;
}

static int by_key(const void *one, const void *other)
{
	const unsigned char *a = (const void *)((const struct json_pair *)one)->key;
	const unsigned char *b = (const void *)((const struct json_pair *)other)->key;

	while (*a && *a == *b) {
		a++;
		b++;
	}
	return weight(*a) - weight(*b);
}

static int put_pairs(struct buf *out, const struct json_pair *pairs, size_t n, struct err *e)
{
	int r = 0;

	buf_chr(out, '{');
	for (size_t i = 0; i < n && !r; i++) {
		if (i > 0)
			buf_chr(out, ',');
		put_string(out, pairs[i].key);
		buf_chr(out, ':');
		r = put(out, pairs[i].value, e);
	}
	buf_chr(out, '}');
	return r;
}

static int put_object(struct buf *out, const struct json *j, struct err *e)
{
	size_t n = json_size(j);
	struct json_pair *pairs = x_alloc((n + 1) * sizeof(*pairs));
	int r;

	json_pairs(j, pairs);
	qsort(pairs, n, sizeof(*pairs), by_key);
	r = put_pairs(out, pairs, n, e);
	free(pairs);
	return r;
}

static int put_array(struct buf *out, const struct json *j, struct err *e)
{
	int r = 0;

	buf_chr(out, '[');
	for (size_t i = 0; i < json_size(j) && !r; i++) {
		if (i > 0)
			buf_chr(out, ',');
		r = put(out, json_at(j, i), e);
	}
	buf_chr(out, ']');
	return r;
}

/* json_parse() bounds the depth. */
static int put(struct buf *out, const struct json *j, struct err *e)
{
	switch (json_type(j)) {
	case JSON_ABSENT:
	case JSON_NULL:
		buf_str(out, "null");
		return 0;
	case JSON_BOOL:
		buf_str(out, json_bool(j, "", false) ? "true" : "false");
		return 0;
	case JSON_INT:
		return put_int(out, json_int(j, "", 0), e);
	case JSON_REAL:
		break;
	case JSON_STRING:
		put_string(out, json_str(j, ""));
		return 0;
	case JSON_ARRAY:
		return put_array(out, j, e);
	case JSON_OBJECT:
		return put_object(out, j, e);
	}
	return err_set(e, ERR_INVALID, "a number with a fraction or an exponent has no canonical form");
}

int json_canonical(struct buf *out, const struct json *j, struct err *e)
{
	int r = put(out, j, e);

	if (!r && out->over)
		r = err_set(e, ERR_INVALID, "the canonical form is longer than %zu bytes", out->max);
	return r;
}

int json_canonical_text(struct buf *out, const char *text, size_t n, struct err *e)
{
	autofree(json) struct json *j = NULL;
	int r = json_parse(&j, text, n, n, e);

	return r ? r : json_canonical(out, j, e);
}

bool json_is_canonical(const char *text, size_t n)
{
	autofree(buf) struct buf again = BUF_INIT(n);

	return json_canonical_text(&again, text, n, NULL) == 0 && again.n == n && !memcmp(again.s, text, n);
}
