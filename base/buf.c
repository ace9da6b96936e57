#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_FIRST 64

char buf_empty[1] = "";

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf)BUF_INIT(max);
}

void buf_done(struct buf *b)
{
	if (b->cap)
		free(b->s);
	buf_init(b, b->max);
}

void buf_reset(struct buf *b)
{
	b->over = false;
	buf_cut(b, 0);
}

/* Room for n more bytes and the NUL; false, and the flag, when the maximum forbids it. */
static bool buf_room(struct buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : BUF_FIRST;

	if (b->over || n > b->max - b->n) {
		b->over = true;
		return false;
	}
	if (b->cap && n < b->cap - b->n)
		return true;
	while (cap - b->n <= n)
		cap *= 2;
	b->s = x_realloc(b->cap ? b->s : NULL, cap);
	b->cap = cap;
	b->s[b->n] = '\0';
	return true;
}

void buf_add(struct buf *b, const void *data, size_t n)
{
	if (!n || !buf_room(b, n))
		return;
	memcpy(b->s + b->n, data, n);
	b->n += n;
	b->s[b->n] = '\0';
}

void buf_str(struct buf *b, const char *s)
{
	if (s)
		buf_add(b, s, strlen(s));
}

void buf_chr(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_fill(struct buf *b, char c, size_t n)
{
	if (!n || !buf_room(b, n))
		return;
	memset(b->s + b->n, c, n);
	b->n += n;
	b->s[b->n] = '\0';
}

void buf_vfmt(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	BUG_IF(n < 0);
	if (!n || !buf_room(b, (size_t)n))
		return;
	vsnprintf(b->s + b->n, (size_t)n + 1, fmt, ap);
	b->n += (size_t)n;
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(b, fmt, ap);
	va_end(ap);
}

void buf_cut(struct buf *b, size_t n)
{
	if (n >= b->n)
		return;
	b->n = n;
	b->s[n] = '\0';
}

void buf_shift(struct buf *b, size_t n)
{
	if (!n)
		return;
	if (n > b->n)
		n = b->n;
	if (!b->cap)
		return;
	memmove(b->s, b->s + n, b->n - n + 1);
	b->n -= n;
}

char *buf_detach(struct buf *b)
{
	char *s = b->cap ? b->s : x_strdup("");

	buf_init(b, b->max);
	return s;
}
