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

static int digit_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool decode_four(struct buf *out, const char *s, size_t digits)
{
	uint32_t v = 0;

	for (size_t i = 0; i < 4; i++) {
		int d = i < digits ? digit_of(s[i]) : 0;

		if (d < 0)
			return false;
		v = v << 6 | (uint32_t)d;
	}
	for (size_t i = 1; i < digits; i++)
		buf_chr(out, (char)(unsigned char)(v >> (24 - 8 * i)));
	return (v & (0xffffffU >> (8 * (digits - 1)))) == 0; /* what no byte has taken */
}

int base64_decode(struct buf *out, const char *s, size_t n, struct err *e)
{
	if (!n || n % 4)
		return err_set(e, ERR_CORRUPT, "the base64 text is cut off");
	for (size_t i = 0; i < n; i += 4) {
		size_t digits = 4;

		if (i + 4 == n && s[n - 1] == '=')
			digits = s[n - 2] == '=' ? 2 : 3;
		if (!decode_four(out, s + i, digits))
			return err_set(e, ERR_CORRUPT, "the base64 text is damaged");
	}
	return out->over ? err_set(e, ERR_CORRUPT, "the base64 text is too long") : 0;
}
