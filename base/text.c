#include "base/text.h"

#include "base/err.h"

#include <langinfo.h>
#include <utf8proc.h>

#include <stdlib.h>
#include <string.h>

#define MARKS_MAX   2 /* combining marks per base (reliability 5.11) */
#define NO_BASE     MARKS_MAX
#define TAB_STOP    8
#define DUP_MAX     65536
#define GROWTH_MAX  4 /* one byte becomes \xNN; no character grows more, see shape_append() */
#define REPLACEMENT 0xfffdu
#define REF_MAX     128

/* What one character of foreign text becomes. */
enum shape {
	SHAPE_PLAIN, /* itself */
	SHAPE_BYTE,  /* \xNN */
	SHAPE_POINT, /* <U+XXXX> */
	SHAPE_LINE,  /* a newline that was asked for */
	SHAPE_TAB,   /* a tab to expand */
};

/* Where in a text we are: what the next character's treatment depends on. */
struct place {
	int marks;  /* combining marks since the last base; NO_BASE where none may follow */
	int column; /* cells since the last newline */
};

static bool is_printable_ascii(unsigned char c)
{
	return c >= 0x20 && c < 0x7f;
}

static size_t ascii_run(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && is_printable_ascii((unsigned char)s[i]))
		i++;
	return i;
}

/* Strict UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF): its length, or 0. */
static size_t decode(const char *s, size_t n, uint32_t *cp)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t len;

	if ((unsigned char)s[0] < 0x80) {
		*cp = (unsigned char)s[0];
		return 1;
	}
	len = utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)(n < 4 ? n : 4), &c);
	if (len <= 0)
		return 0;
	*cp = (uint32_t)c;
	return (size_t)len;
}

static bool is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0);
}

/* Characters that are not seen, are not the same everywhere, or change what stands around them. */
static bool is_deceptive(uint32_t cp)
{
	switch ((int)utf8proc_category((utf8proc_int32_t)cp)) {
	case UTF8PROC_CATEGORY_CF: /* format: bidirectional controls, zero width, tags, soft hyphen, U+FEFF */
	case UTF8PROC_CATEGORY_CO: /* private use: any picture */
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CN: /* noncharacters, and what is newer than our tables: width not known */
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return true;
	}
	/* Default_Ignorable_Code_Point: variation selectors, the joiner U+034F, Hangul fillers. */
	return utf8proc_get_property((utf8proc_int32_t)cp)->ignorable || cp == 0x2800; /* blank Braille */
}

static bool is_mark(uint32_t cp)
{
	switch ((int)utf8proc_category((utf8proc_int32_t)cp)) {
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
		return true;
	}
	return utf8proc_charwidth((utf8proc_int32_t)cp) == 0;
}

static enum shape control_shape(uint32_t cp, enum text_flags flags)
{
	if (cp == '\n' && (flags & TEXT_KEEP_NEWLINES))
		return SHAPE_LINE;
	if (cp == '\t' && (flags & TEXT_EXPAND_TABS))
		return SHAPE_TAB;
	return SHAPE_BYTE;
}

/* The one decision of this file. len 0 is a byte that is no UTF-8. */
static enum shape shape_of(uint32_t cp, size_t len, enum text_flags flags, const struct place *at)
{
	if (!len)
		return SHAPE_BYTE;
	if (is_control(cp))
		return control_shape(cp, flags);
	if (cp < 0x80)
		return SHAPE_PLAIN;
	if ((flags & TEXT_ASCII) || is_deceptive(cp))
		return SHAPE_POINT;
	if (is_mark(cp) && at->marks >= MARKS_MAX)
		return SHAPE_POINT;
	return SHAPE_PLAIN;
}

/* Appends at most what fits, so that a bounded buffer holds the longest beginning. */
static void run_append(struct buf *out, const char *s, size_t n)
{
	size_t room = out->over ? 0 : out->max - out->n;
	size_t first = n < room ? n : room;

	buf_add(out, s, first);
	buf_add(out, s + first, n - first);
}

static void plain_append(struct buf *out, const char *s, uint32_t cp, size_t len, struct place *at)
{
	buf_add(out, s, len);
	if (cp >= 0x80 && is_mark(cp)) {
		at->marks++;
		return;
	}
	at->marks = 0;
	at->column += utf8proc_charwidth((utf8proc_int32_t)cp);
}

static void shape_append(struct buf *out, enum shape shape, uint32_t cp, struct place *at)
{
	size_t before = out->n;
	int pad = TAB_STOP - at->column % TAB_STOP;

	at->marks = NO_BASE; /* a mark would sit on the escape's last character */
	if (shape == SHAPE_BYTE)
		buf_fmt(out, "\\x%02x", cp);
	else if (shape == SHAPE_POINT)
		buf_fmt(out, "<U+%04X>", cp);
	else if (shape == SHAPE_TAB)
		buf_fill(out, ' ', (size_t)pad);
	else
		buf_chr(out, '\n');
	at->column = shape == SHAPE_LINE ? 0 : at->column + (int)(out->n - before);
}

/* One character that is not plain ASCII; returns the bytes it took. */
static size_t one_append(struct buf *out, const char *s, size_t n, enum text_flags flags, struct place *at)
{
	uint32_t cp = 0;
	size_t len = decode(s, n, &cp);
	enum shape shape = shape_of(cp, len, flags, at);

	if (shape == SHAPE_PLAIN)
		plain_append(out, s, cp, len, at);
	else
		shape_append(out, shape, len ? cp : (unsigned char)s[0], at);
	return len ? len : 1;
}

void text_safe(struct buf *out, const char *s, size_t n, enum text_flags flags)
{
	struct place at = { .marks = NO_BASE };
	size_t i = 0;

	while (i < n && !out->over) {
		size_t run = ascii_run(s + i, n - i);

		if (run) {
			run_append(out, s + i, run);
			at.marks = 0;
			at.column += (int)(run % TAB_STOP);
			i += run;
			continue;
		}
		i += one_append(out, s + i, n - i, flags, &at);
	}
}

/* Steps back to the beginning of a character that a limit would cut. */
static size_t whole_chars(const char *s, size_t n)
{
	size_t i = n;

	for (int back = 0; back < 3 && i > 0; back++) {
		unsigned char c = (unsigned char)s[i - 1];
		size_t need = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;

		i--;
		if (c < 0x80 || c >= 0xc0)
			return n - i < need ? i : n;
	}
	return n;
}

const char *text_safe_dup(struct arena *a, const char *s, size_t max)
{
	size_t limit = max ? max : DUP_MAX;
	struct buf out;
	const char *copy;
	size_t n;

	if (!s)
		return "";
	n = strnlen(s, limit + 1);
	if (n > limit)
		n = whole_chars(s, limit);
	if (ascii_run(s, n) == n)
		return arena_strndup(a, s, n);
	buf_init(&out, n * GROWTH_MAX + 1);
	text_safe(&out, s, n, TEXT_ONE_LINE);
	BUG_IF(out.over);
	copy = arena_strndup(a, out.s, out.n);
	buf_done(&out);
	return copy;
}

bool text_is_safe(const char *s)
{
	struct place at = { .marks = NO_BASE };
	size_t n = strlen(s);
	size_t len;

	for (size_t i = 0; i < n; i += len) {
		uint32_t cp = 0;

		len = decode(s + i, n - i, &cp);
		if (shape_of(cp, len, TEXT_ONE_LINE, &at) != SHAPE_PLAIN)
			return false;
		at.marks = cp >= 0x80 && is_mark(cp) ? at.marks + 1 : 0;
	}
	return true;
}

static bool is_ref_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       (c && strchr("._+/-", c));
}

bool text_is_plain_ref(const char *s)
{
	/* What git check-ref-format refuses and the characters alone would let through. */
	static const char *const inside[] = { "..", "//", "/.", ".lock/" };
	static const char *const last[] = { "/", ".", ".lock" };
	size_t n = strnlen(s, REF_MAX + 1);

	if (!n || n > REF_MAX || strchr("._+/-", s[0]))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!is_ref_char(s[i]))
			return false;
	}
	for (size_t i = 0; i < countof(inside); i++) {
		if (strstr(s, inside[i]))
			return false;
	}
	for (size_t i = 0; i < countof(last); i++) {
		size_t len = strlen(last[i]);

		if (n >= len && !memcmp(s + n - len, last[i], len))
			return false;
	}
	return true;
}

bool text_is_utf8(const char *s, size_t n)
{
	for (size_t i = ascii_run(s, n), len; i < n; i += len + ascii_run(s + i + len, n - i - len)) {
		uint32_t cp;

		len = decode(s + i, n - i, &cp);
		if (!len)
			return false;
	}
	return true;
}

size_t text_next(const char *s, size_t n, uint32_t *cp, int *width)
{
	size_t len;

	BUG_IF(!n);
	len = decode(s, n, cp);
	*width = 1;
	if (!len || is_control(*cp)) {
		*cp = REPLACEMENT;
		return 1 + (len == 2);
	}
	if (*cp >= 0x80)
		*width = is_mark(*cp) ? 0 : utf8proc_charwidth((utf8proc_int32_t)*cp);
	return len;
}

int text_width(const char *s)
{
	size_t n = strlen(s);
	int cells = 0;

	for (size_t i = 0; i < n;) {
		size_t run = ascii_run(s + i, n - i);
		uint32_t cp;
		int w;

		cells += (int)run;
		i += run;
		if (i == n)
			break;
		i += text_next(s + i, n - i, &cp, &w);
		cells += w;
	}
	return cells;
}

/* The longest beginning that takes at most `cells`, with the marks of its last character. */
static size_t head_bytes(const char *s, size_t n, int cells)
{
	size_t i = 0;

	while (i < n) {
		uint32_t cp;
		int w;
		size_t len = text_next(s + i, n - i, &cp, &w);

		if (w > cells)
			break;
		cells -= w;
		i += len;
	}
	return i;
}

/* Where the longest ending begins that takes at most `cells` of `total`, never at a mark. */
static size_t tail_start(const char *s, size_t n, int total, int cells)
{
	size_t i = 0;

	while (i < n) {
		uint32_t cp;
		int w;
		size_t len = text_next(s + i, n - i, &cp, &w);

		if (total <= cells && w > 0)
			break;
		total -= w;
		i += len;
	}
	return i;
}

/* Cuts so that `tail` cells of the end stay; the rest of the room shows the beginning. */
static const char *cut(struct arena *a, const char *s, int cells, int tail)
{
	int width = text_width(s);
	size_t n = strlen(s);
	size_t head;

	if (width <= cells)
		return arena_strdup(a, s);
	if (cells <= 2)
		return arena_strndup(a, "..", cells > 0 ? (size_t)cells : 0);
	head = head_bytes(s, n, cells - 2 - tail);
	return arena_printf(a, "%.*s..%s", (int)head, s, s + tail_start(s, n, width, tail));
}

bool text_in_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

const char *text_cut(struct arena *a, const char *s, int cells)
{
	return cut(a, s, cells, 0);
}

const char *text_cut_middle(struct arena *a, const char *s, int cells)
{
	return cut(a, s, cells, cells > 2 ? (cells - 2) / 2 : 0);
}

const char *text_head(struct arena *a, const char *s, size_t max)
{
	size_t n = strlen(s);

	if (n <= max)
		return arena_strdup(a, s);
	for (n = max; n && ((unsigned char)s[n] & 0xc0) == 0x80; n--)
		;
	return arena_printf(a, "%.*s..", (int)n, s);
}

static size_t char_bytes(const char *s)
{
	uint32_t cp;
	int w;

	return text_next(s, strlen(s), &cp, &w);
}

bool text_glob(const char *pattern, const char *s)
{
	const char *star = NULL; /* after the last * seen */
	const char *from = s;    /* where that * ends, for now */

	while (*s) {
		if (*pattern == '*') {
			star = ++pattern;
			from = s;
		} else if (*pattern == '?') {
			pattern++;
			s += char_bytes(s);
		} else if (*pattern == *s) {
			pattern++;
			s++;
		} else if (star) {
			pattern = star;
			from += char_bytes(from);
			s = from;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

bool text_eq(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool text_starts(const char *s, const char *prefix)
{
	return s && prefix && !strncmp(s, prefix, strlen(prefix));
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_is_hex(const char *s, size_t n)
{
	return s && strspn(s, "0123456789abcdef") == n && s[n] == '\0';
}

bool text_is_sha256(const char *s)
{
	return s && text_starts(s, "sha256:") && text_is_hex(s + 7, 64);
}

bool text_has(const char *s, const char *needle)
{
	if (!s || !needle)
		return false;
	do {
		size_t i = 0;

		while (needle[i] && lower(s[i]) == lower(needle[i]))
			i++;
		if (!needle[i])
			return true;
	} while (*s++);
	return false;
}

void text_percent(struct buf *out, const char *s)
{
	for (; s && *s; s++) {
		unsigned char c = (unsigned char)*s;

		if ((is_ref_char(*s) && c != '+' && c != '/') || c == '~')
			buf_chr(out, *s);
		else
			buf_fmt(out, "%%%02X", c);
	}
}

int text_int64(int64_t *out, const char *s, int64_t min, int64_t max)
{
	int64_t v = 0;

	if (!s || !*s)
		return -ERR_INVALID;
	for (; *s; s++) {
		if (*s < '0' || *s > '9' || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, *s - '0', &v))
			return -ERR_INVALID;
	}
	if (v < min || v > max)
		return -ERR_INVALID;
	*out = v;
	return 0;
}

void text_base64(struct buf *out, const char *s, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n;) {
		char four[4 * 64];
		size_t filled = 0;

		for (; i < n && filled < sizeof(four); i += 3, filled += 4) {
			size_t left = n - i;
			uint32_t v = (uint32_t)(unsigned char)s[i] << 16;

			if (left > 1)
				v |= (uint32_t)(unsigned char)s[i + 1] << 8;
			if (left > 2)
				v |= (unsigned char)s[i + 2];
			four[filled] = digits[v >> 18];
			four[filled + 1] = digits[v >> 12 & 63];
			four[filled + 2] = left > 1 ? digits[v >> 6 & 63] : '=';
			four[filled + 3] = left > 2 ? digits[v & 63] : '=';
		}
		buf_add(out, four, filled);
	}
}

/* 64: no digit. Looked up and not compared: digits are as good as random, and a branch guessed wrong costs more. */
static unsigned base64_digit(char c)
{
	static const unsigned char values[] = {
		62, 64, 64, 64, 63, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 64, 64, /* + ... > */
		64, 64, 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, /* ? ... R */
		18, 19, 20, 21, 22, 23, 24, 25, 64, 64, 64, 64, 64, 64, 26, 27, 28, 29, 30, 31, /* S ... f */
		32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, /* g ... z */
	};
	unsigned i = (unsigned)(unsigned char)c - '+';

	return i < sizeof(values) ? values[i] : 64;
}

/* Four digits as a number of 24 bits; above 0xffffff: one is none. */
static uint32_t unbase64_four(const char *s)
{
	uint32_t a = base64_digit(s[0]), b = base64_digit(s[1]), c = base64_digit(s[2]),
		 d = base64_digit(s[3]);

	return (a | b | c | d) > 63 ? UINT32_MAX : a << 18 | b << 12 | c << 6 | d;
}

static char *put_bytes(char *out, uint32_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*out++ = (char)(unsigned char)(v >> (16 - 8 * i));
	return out;
}

size_t text_unbase64_max(size_t n)
{
	return n / 4 * 3;
}

bool text_unbase64_into(char *out, size_t *filled, const char *s, size_t n)
{
	char last[4] = "AAAA", *at = out;
	size_t left; /* digits of the last four */
	uint32_t v;

	*filled = 0;
	if (!n || n % 4)
		return false;
	left = s[n - 1] != '=' ? 4 : s[n - 2] != '=' ? 3 : 2;
	for (size_t i = 0; i + 4 < n; i += 4) {
		v = unbase64_four(s + i);
		if (v > 0xffffff)
			return false;
		at = put_bytes(at, v, 3);
	}
	memcpy(last, s + n - 4, left);
	v = unbase64_four(last);
	if (v & (0xffffffU >> (8 * (left - 1))) || v > 0xffffff)
		return false;
	at = put_bytes(at, v, left - 1);
	*filled = (size_t)(at - out);
	return true;
}

bool text_unbase64(struct buf *out, const char *s, size_t n)
{
	char *raw = x_alloc(text_unbase64_max(n) + 1);
	size_t filled;
	bool good = text_unbase64_into(raw, &filled, s, n);

	buf_add(out, raw, filled);
	free(raw);
	return good && !out->over;
}
