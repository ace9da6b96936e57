#include "base/json.h"

#include "base/text.h"

#include <string.h>

void jw_init(struct jw *w, struct buf *out)
{
	*w = (struct jw){ .out = out };
}

/* What stands before a value: nothing after a key, else a comma if something came before. */
static void before_value(struct jw *w)
{
	if (w->after_key)
		w->after_key = false;
	else if (w->comma >> w->depth & 1)
		buf_chr(w->out, ',');
	w->comma |= UINT64_C(1) << w->depth;
}

void jw_open(struct jw *w, char bracket)
{
	BUG_IF(w->depth + 1 >= JSON_MAX_DEPTH);
	before_value(w);
	buf_chr(w->out, bracket);
	w->depth++;
	w->comma &= ~(UINT64_C(1) << w->depth);
}

void jw_close(struct jw *w, char bracket)
{
	BUG_IF(w->depth == 0 || w->after_key);
	w->depth--;
	buf_chr(w->out, bracket);
}

/*
 * Characters that a terminal could act on, or that hide, are written as \u escapes: a machine reads back
 * exactly the same string, and a person who lets the document run over the terminal is not fooled. Quote and
 * backslash must be.
 */
static bool needs_escape(uint32_t cp)
{
	static const uint32_t ranges[][2] = {
		{ 0, 0x1f },        { '"', '"' },          { '\\', '\\' },     { 0x7f, 0x9f },
		{ 0xad, 0xad },     { 0x61c, 0x61c },      { 0x180e, 0x180e }, { 0x200b, 0x200f },
		{ 0x2028, 0x202e }, { 0x2060, 0x206f },    { 0xe000, 0xf8ff }, { 0xfeff, 0xfeff },
		{ 0xfff0, 0xfffb }, { 0xe0000, 0x10ffff },
	};

	for (size_t i = 0; i < countof(ranges); i++)
		if (cp >= ranges[i][0] && cp <= ranges[i][1])
			return true;
	return false;
}

static void escape(struct buf *out, uint32_t cp)
{
	static const char letters[128] = {
		['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
		['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't',
	};

	if (cp < sizeof(letters) && letters[cp]) {
		buf_chr(out, '\\');
		buf_chr(out, letters[cp]);
	} else if (cp > 0xffff) {
		buf_fmt(out, "\\u%04x\\u%04x", 0xd7c0 + (cp >> 10), 0xdc00 | (cp & 0x3ff));
	} else {
		buf_fmt(out, "\\u%04x", cp);
	}
}

/* Plain printable ASCII, which is nearly everything, is copied in runs. */
static size_t plain_run(const char *s)
{
	size_t n = 0;

	while (s[n] >= 0x20 && s[n] < 0x7f && s[n] != '"' && s[n] != '\\')
		n++;
	return n;
}

/* The character of n bytes that are known to be UTF-8. (text_next() hides controls, which must be written here.) */
static uint32_t code_point(const char *s, size_t n)
{
	static const unsigned char payload[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t cp = (unsigned char)s[0] & payload[n];

	for (size_t i = 1; i < n; i++)
		cp = cp << 6 | ((unsigned char)s[i] & 0x3f);
	return cp;
}

/* One character, or one byte that is none. */
static size_t quote_one(struct buf *out, const char *s, size_t left)
{
	uint32_t cp;
	int width;
	size_t n = text_next(s, left, &cp, &width);

	if (!text_is_utf8(s, n)) {
		buf_str(out, "\xef\xbf\xbd"); /* U+FFFD */
		return n;
	}
	cp = code_point(s, n);
	if (needs_escape(cp))
		escape(out, cp);
	else
		buf_add(out, s, n);
	return n;
}

static bool is_foreign(uint32_t cp, bool ascii)
{
	return cp >= 0x7f && (ascii || needs_escape(cp));
}

static void copy_escaped(struct buf *out, const char *json, size_t n, bool ascii)
{
	while (n) {
		uint32_t cp;
		int width;
		size_t step = text_next(json, n, &cp, &width);

		if (text_is_utf8(json, step) && is_foreign(cp = code_point(json, step), ascii))
			escape(out, cp);
		else
			buf_add(out, json, step);
		json += step;
		n -= step;
	}
}

void json_inert(struct buf *out, const char *json, size_t n)
{
	copy_escaped(out, json, n, false);
}

void json_ascii(struct buf *out, const char *json, size_t n)
{
	copy_escaped(out, json, n, true);
}

static void quote(struct buf *out, const char *s)
{
	size_t left = strlen(s);

	buf_chr(out, '"');
	while (left) {
		size_t n = plain_run(s);

		buf_add(out, s, n);
		if (n == 0)
			n = quote_one(out, s, left);
		s += n;
		left -= n;
	}
	buf_chr(out, '"');
}

void jw_key(struct jw *w, const char *key)
{
	BUG_IF(w->after_key);
	before_value(w);
	quote(w->out, key);
	buf_chr(w->out, ':');
	w->after_key = true;
}

void jw_raw_str(struct jw *w, const char *s)
{
	if (!s) {
		jw_null(w);
		return;
	}
	before_value(w);
	quote(w->out, s);
}

void jw_str(struct jw *w, const char *s)
{
	/* one byte becomes at most <U+10FFFF>'s ten */
	autofree(buf) struct buf safe = BUF_INIT(s ? 16 * strlen(s) + 64 : 0);

	if (!s || text_is_safe(s)) {
		jw_raw_str(w, s);
		return;
	}
	text_safe(&safe, s, strlen(s), TEXT_ONE_LINE);
	jw_raw_str(w, safe.s);
}

void jw_int(struct jw *w, int64_t v)
{
	before_value(w);
	buf_fmt(w->out, "%" PRId64, v);
}

void jw_bool(struct jw *w, bool v)
{
	before_value(w);
	buf_str(w->out, v ? "true" : "false");
}

void jw_null(struct jw *w)
{
	before_value(w);
	buf_str(w->out, "null");
}

void jw_when(struct jw *w, struct when t)
{
	char text[WHEN_TEXT];

	jw_raw_str(w, when_known(t) ? when_iso(t, text) : NULL);
}

void jw_json(struct jw *w, const char *json)
{
	before_value(w);
	buf_str(w->out, json);
}

void jw_kopen(struct jw *w, const char *key, char bracket)
{
	jw_key(w, key);
	jw_open(w, bracket);
}

void jw_kstr(struct jw *w, const char *key, const char *s)
{
	jw_key(w, key);
	jw_str(w, s);
}

void jw_ktext(struct jw *w, const char *key, const char *s)
{
	jw_kstr(w, key, s && *s ? s : NULL);
}

void jw_kint(struct jw *w, const char *key, int64_t v)
{
	jw_key(w, key);
	jw_int(w, v);
}

void jw_kbool(struct jw *w, const char *key, bool v)
{
	jw_key(w, key);
	jw_bool(w, v);
}

void jw_kwhen(struct jw *w, const char *key, struct when t)
{
	jw_key(w, key);
	jw_when(w, t);
}

void jw_kerror(struct jw *w, const char *code, const char *message, const char *fix)
{
	jw_kopen(w, "error", '{');
	jw_kstr(w, "code", code);
	jw_kstr(w, "message", message);
	jw_ktext(w, "fix", fix);
	jw_close(w, '}');
}

static void write_field(struct jw *w, const struct field *f, const void *object)
{
	const void *at = rec_at(object, f);

	jw_key(w, f->name);
	switch (f->type) {
	case FIELD_INT64:
		jw_int(w, *(const int64_t *)at);
		break;
	case FIELD_INT:
		if (f->names)
			jw_str(w, names_word(f->names, *(const int *)at));
		else
			jw_int(w, *(const int *)at);
		break;
	case FIELD_BOOL:
		jw_bool(w, *(const bool *)at);
		break;
	case FIELD_STRING:
		jw_str(w, *(const char *const *)at);
		break;
	case FIELD_WHEN:
		jw_when(w, *(const struct when *)at);
		break;
	}
}

void jw_rec(struct jw *w, const struct rec *rec, const void *object)
{
	for (int i = 0; i < rec->n; i++)
		if (!(rec->fields[i].flags & FIELD_SECRET))
			write_field(w, &rec->fields[i], object);
}
