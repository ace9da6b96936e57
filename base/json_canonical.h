/*
 * json_canonical.h - the one form of a JSON value that is hashed: plans are named by it, lines of the audit chain too.
 *
 * It is RFC 8785 (JCS), narrowed to what we write. No blanks. Members sorted by the UTF-16 code units of their keys (3.2.3),
 * arrays as they are. Strings as UTF-8, escaped only where JSON demands it, and as short as ECMAScript does: \" \\ \b \f \n
 * \r \t, other controls as \u00xx in lower case. Numbers are whole and within 2^53-1 either way, so that every reader agrees
 * what they are; anything else is refused, for no rounding rule would be the same everywhere: what is larger is a string.
 *
 * Text in this form holds whatever the strings hold. It is stored and hashed; what leaves for people passes json_inert().
 */
#pragma once

#include "base/json.h"

#define JSON_CANONICAL_INT ((INT64_C(1) << 53) - 1)

/* Appends the form of j. ERR_INVALID when it has none (a fraction, a number too large), or out's maximum was passed: out is
 * then of no use. */
int json_canonical(struct buf *out, const struct json *j, struct err *e) must_check;
/* The same of a text, which is read with json_parse() (ERR_CORRUPT). */
int json_canonical_text(struct buf *out, const char *text, size_t n, struct err *e) must_check;
/* True when the text is JSON and already in this form, byte for byte. */
bool json_is_canonical(const char *text, size_t n);
