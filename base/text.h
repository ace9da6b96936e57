/*
 * text.h - the one boundary for foreign text, and the width of text on a terminal.
 *
 * Titles, tags, logs and names come from strangers. text_safe() turns any bytes into UTF-8 that cannot move a
 * cursor, start an escape sequence, reorder a line or hide: bad bytes become \xNN, C0, C1 and DEL become \xNN
 * as well, and bidirectional controls, zero-width, tag, private-use and noncharacters become <U+202E>; at
 * most two combining marks follow a base. Raw bytes stay in the cache; every screen, verb, log and export
 * passes here exactly once, when text becomes output (rule 5.11 of the reliability reference). Width is in
 * terminal cells, by utf8proc.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

enum text_flags {
	TEXT_ONE_LINE = 0,
	TEXT_KEEP_NEWLINES = 1 << 0, /* LF survives (logs printed line by line) */
	TEXT_EXPAND_TABS = 1 << 1,   /* TAB becomes spaces to the next multiple of 8 */
	TEXT_ASCII = 1 << 2,         /* every non-ASCII character becomes <U+XXXX>: locales without UTF-8 */
};

/* Appends the neutralised form of n bytes. */
void text_safe(struct buf *out, const char *s, size_t n, enum text_flags flags);
/* The same as a value; NULL gives "". At most max bytes of input are looked at (0: 64 KiB). */
const char *text_safe_dup(struct arena *a, const char *s, size_t max);
/* True when text_safe() would change nothing. */
bool text_is_safe(const char *s);
/* True for [A-Za-z0-9][A-Za-z0-9._+/-]{0,127} that git itself would take (no "..", "//", "/.",
 * nothing ending in "/", "." or ".lock"): a tag that may be dispatched. */
bool text_is_plain_ref(const char *s);
bool text_is_utf8(const char *s, size_t n);

/* Cells that safe text takes. */
int text_width(const char *s);
/* Decodes one character: bytes consumed (>=1), its cells in *width (0 combining, 1, 2). Bad bytes: 1 and
 * width 1. */
size_t text_next(const char *s, size_t n, uint32_t *cp, int *width);
/* What goes out may be more than ASCII: the locale that main() set. */
bool text_in_utf8(void);
/* At most `cells` wide, cut at the end or in the middle with "..". Safe text in, value out. */
const char *text_cut(struct arena *a, const char *s, int cells);
const char *text_cut_middle(struct arena *a, const char *s, int cells);

/* At most `max` bytes and "..", whole characters only. */
const char *text_head(struct arena *a, const char *s, size_t max);

/* Glob with * and ? only, whole string; used by profiles for job names. */
bool text_glob(const char *pattern, const char *s);
bool text_eq(const char *a, const char *b); /* NULL equals NULL only */
bool text_starts(const char *s, const char *prefix);
bool text_has(const char *s, const char *needle); /* case-insensitive ASCII */
bool text_is_hex(const char *s, size_t n);        /* n lower-case hex digits and no more; NULL is not */
bool text_is_sha256(const char *s); /* "sha256:" and 64 of them: a digest as registries write it */

/* Percent-encodes one path segment or query value (RFC 3986 unreserved survive). */
void text_percent(struct buf *out, const char *s);
/* RFC 4648, with padding. */
void text_base64(struct buf *out, const char *s, size_t n);
/* The bytes of it, appended: whole and canonical, no blanks, padding as it must be, no bits left over, at least one byte.
 * false: it is not that, or out is full. */
bool text_unbase64(struct buf *out, const char *s, size_t n) must_check;
/* The same, into room for text_unbase64_max(n) bytes; *filled of them are. */
bool text_unbase64_into(char *out, size_t *filled, const char *s, size_t n) must_check;
size_t text_unbase64_max(size_t n);
/* Whole decimal number, no sign, no blanks, within [min, max]: 0, or -ERR_INVALID. */
int text_int64(int64_t *out, const char *s, int64_t min, int64_t max);
