/*
 * buf.h - the one growable text buffer.
 *
 * Invariants: buf.s is never NULL and always NUL-terminated at buf.s[buf.n], even before the first append; a
 * buffer is born with a maximum (curl's dynbuf rule), and an append that would pass it changes nothing and
 * sets the sticky flag buf.over, which the owner looks at once, at the end. Append functions therefore return
 * nothing. After a refusal all later appends are refused too, so the text is always a beginning of what was
 * meant, never one with holes.
 */
#pragma once

#include <stdarg.h>

#include "base/base.h"

struct buf {
	char *s;
	size_t n;
	size_t cap; /* bytes allocated; 0 while s is the shared empty string */
	size_t max; /* never more than this many bytes of text */
	bool over;  /* an append was refused */
};

extern char buf_empty[];
#define BUF_INIT(maximum)                        \
	{                                        \
		.s = buf_empty, .max = (maximum) \
	}

void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b);  /* frees; the buffer is empty and usable again */
void buf_reset(struct buf *b); /* length 0, memory kept, over cleared */
void buf_add(struct buf *b, const void *data, size_t n);
void buf_str(struct buf *b, const char *s); /* NULL adds nothing */
void buf_chr(struct buf *b, char c);
void buf_fill(struct buf *b, char c, size_t n);
void buf_fmt(struct buf *b, const char *fmt, ...) format_printf(2, 3);
void buf_vfmt(struct buf *b, const char *fmt, va_list ap) format_printf(2, 0);
void buf_cut(struct buf *b, size_t n);      /* keep the first n bytes */
void buf_shift(struct buf *b, size_t n);    /* drop the first n bytes */
char *buf_detach(struct buf *b) must_check; /* heap string, caller frees; the buffer is empty again */

static inline maybe_unused void buf_freep(struct buf *b)
{
	buf_done(b);
}
