#include "core/adapters/sshsig/internal.h"

uint32_t wire_u32(struct wire *w)
{
	uint32_t v;

	if (w->bad || w->n < 4) {
		w->bad = true;
		return 0;
	}
	v = (uint32_t)w->p[0] << 24 | (uint32_t)w->p[1] << 16 | (uint32_t)w->p[2] << 8 | w->p[3];
	w->p += 4;
	w->n -= 4;
	return v;
}

struct bytes wire_string(struct wire *w)
{
	struct bytes b = { w->p, wire_u32(w) };

	if (w->bad || b.n > w->n) {
		w->bad = true;
		return (struct bytes){ w->p, 0 };
	}
	b.p = w->p;
	w->p += b.n;
	w->n -= b.n;
	return b;
}

bool wire_is_done(const struct wire *w)
{
	return !w->bad && !w->n;
}

void put_u32(struct buf *out, uint32_t v)
{
	const unsigned char b[] = { (unsigned char)(v >> 24), (unsigned char)(v >> 16),
				    (unsigned char)(v >> 8), (unsigned char)v };

	buf_add(out, b, sizeof(b));
}

void put_string(struct buf *out, const void *p, size_t n)
{
	put_u32(out, (uint32_t)n);
	buf_add(out, p, n);
}
