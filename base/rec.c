#include "base/rec.h"

#include "base/text.h"

#include <limits.h>
#include <string.h>

const struct field *rec_field(const struct rec *r, const char *name)
{
	for (int i = 0; i < r->n; i++)
		if (strcmp(r->fields[i].name, name) == 0)
			return &r->fields[i];
	return NULL;
}

/* The value as text for a difference: only read by people, in tests and logs. */
static void describe(struct buf *out, const struct field *f, const void *object)
{
	const void *at = rec_at(object, f);
	char text[WHEN_TEXT];

	if (f->flags & FIELD_SECRET) {
		buf_str(out, "(secret)");
		return;
	}
	switch (f->type) {
	case FIELD_INT64:
		buf_fmt(out, "%" PRId64, *(const int64_t *)at);
		break;
	case FIELD_INT:
		if (f->names)
			buf_str(out, names_word(f->names, *(const int *)at));
		else
			buf_fmt(out, "%d", *(const int *)at);
		break;
	case FIELD_BOOL:
		buf_str(out, *(const bool *)at ? "true" : "false");
		break;
	case FIELD_STRING:
		if (*(const char *const *)at)
			buf_fmt(out, "\"%s\"", *(const char *const *)at);
		else
			buf_str(out, "(none)");
		break;
	case FIELD_WHEN:
		buf_str(out, when_iso(*(const struct when *)at, text));
		break;
	}
}

static bool field_equal(const struct field *f, const void *a, const void *b)
{
	const void *x = rec_at(a, f), *y = rec_at(b, f);

	switch (f->type) {
	case FIELD_INT64:
		return *(const int64_t *)x == *(const int64_t *)y;
	case FIELD_INT:
		return *(const int *)x == *(const int *)y;
	case FIELD_BOOL:
		return *(const bool *)x == *(const bool *)y;
	case FIELD_STRING:
		return text_eq(*(const char *const *)x, *(const char *const *)y);
	case FIELD_WHEN:
		return ((const struct when *)x)->ms == ((const struct when *)y)->ms;
	}
	return false;
}

bool rec_equal(const struct rec *r, const void *a, const void *b, struct buf *why)
{
	for (int i = 0; i < r->n; i++) {
		const struct field *f = &r->fields[i];

		if (field_equal(f, a, b))
			continue;
		if (why) {
			buf_fmt(why, "%s.%s: ", r->name, f->name);
			describe(why, f, a);
			buf_str(why, " is not ");
			describe(why, f, b);
		}
		return false;
	}
	return true;
}

const char *rec_expects(const struct field *f)
{
	static const char *const expects[] = {
		[FIELD_INT64] = "is no whole number",
		[FIELD_INT] = "is no whole number",
		[FIELD_BOOL] = "is neither true nor false",
		[FIELD_STRING] = "is no string",
		[FIELD_WHEN] = "is no time",
	};

	return f->names ? "is no word" : expects[f->type];
}

const char *rec_put_int(const struct field *f, void *object, int64_t v)
{
	if (f->type == FIELD_INT64) {
		*(int64_t *)rec_at_mut(object, f) = v;
		return NULL;
	}
	if (f->type != FIELD_INT || f->names)
		return rec_expects(f);
	if (v < INT_MIN || v > INT_MAX)
		return "is out of range";
	*(int *)rec_at_mut(object, f) = (int)v;
	return NULL;
}

const char *rec_put_bool(const struct field *f, void *object, bool v)
{
	int word = f->names ? names_value(f->names, v ? "true" : "false") : 0;

	if (word)
		*(int *)rec_at_mut(object, f) = word;
	else if (f->type != FIELD_BOOL)
		return rec_expects(f);
	else
		*(bool *)rec_at_mut(object, f) = v;
	return NULL;
}

/* Words and times are short: one that does not fit is no word of ours and no time. */
static const char *put_word(const struct field *f, void *object, const char *s, size_t n)
{
	char word[80] = "";

	if (n < sizeof(word))
		memcpy(word, s, n);
	if (f->type == FIELD_WHEN) {
		struct when t;

		if (when_parse(&t, word) != 0)
			return "is no time";
		*(struct when *)rec_at_mut(object, f) = t;
		return NULL;
	}
	*(int *)rec_at_mut(object, f) = names_value(f->names, word);
	return NULL;
}

const char *rec_put_text(const struct field *f, void *object, const char *s, size_t n, struct arena *a)
{
	if (f->type != FIELD_STRING && f->type != FIELD_WHEN && !f->names)
		return rec_expects(f);
	if (memchr(s, 0, n))
		return "holds a NUL";
	if (!text_is_utf8(s, n))
		return "is no UTF-8";
	if (f->type != FIELD_STRING)
		return put_word(f, object, s, n);
	*(const char **)rec_at_mut(object, f) = arena_strndup(a, s, n);
	return NULL;
}
