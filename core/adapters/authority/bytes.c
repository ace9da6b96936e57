#include "core/adapters/authority/internal.h"

#include "base/text.h"

#include <openssl/sha.h>

enum { LINE = 64, TEXT_MAX = 8 << 20 };

struct bytes bytes_of(struct arena *a, const void *s, size_t n)
{
	unsigned char *p = arena_alloc(a, n + 1);

	if (n)
		memcpy(p, s, n);
	return (struct bytes){ p, n };
}

struct bytes bytes_join(struct arena *a, const struct bytes *parts, size_t n)
{
	size_t whole = 0, at = 0;
	unsigned char *p;

	for (size_t i = 0; i < n; i++)
		whole += parts[i].n;
	p = arena_alloc(a, whole + 1);
	for (size_t i = 0; i < n; at += parts[i++].n)
		if (parts[i].n)
			memcpy(p + at, parts[i].s, parts[i].n);
	return (struct bytes){ p, whole };
}

struct bytes bytes_flip(struct arena *a, struct bytes b, size_t at)
{
	unsigned char *p = arena_alloc(a, b.n + 1);

	BUG_IF(at >= b.n);
	memcpy(p, b.s, b.n);
	p[at] ^= 1;
	return (struct bytes){ p, b.n };
}

struct bytes bytes_sha256(struct arena *a, const void *s, size_t n)
{
	unsigned char *p = arena_alloc(a, SHA256_DIGEST_LENGTH);

	SHA256(n ? s : "", n, p);
	return (struct bytes){ p, SHA256_DIGEST_LENGTH };
}

struct bytes bytes_from(struct arena *a, const char *text)
{
	return bytes_sha256(a, text, strlen(text));
}

struct bytes bytes_from_hex(struct arena *a, const char *hex)
{
	long n = 0;
	unsigned char *p = OPENSSL_hexstr2buf(hex, &n);
	struct bytes b = { NULL, 0 };

	if (p)
		b = bytes_of(a, p, (size_t)n);
	OPENSSL_free(p);
	return b;
}

/* X.690 8.1: one tag of one octet, definite length. */
struct bytes bytes_der(struct arena *a, unsigned char tag, struct bytes content)
{
	unsigned char head[6] = { tag };
	size_t n = content.n, at = 2;

	BUG_IF(n > 0xffffff);
	if (n < 0x80) {
		head[1] = (unsigned char)n;
	} else {
		size_t octets = n > 0xffff ? 3 : n > 0xff ? 2 : 1;

		head[1] = (unsigned char)(0x80 | octets);
		for (size_t i = octets; i-- > 0;)
			head[at++] = (unsigned char)(n >> (8 * i));
	}
	return bytes_join(a, (struct bytes[]){ { head, at }, content }, 2);
}

const char *bytes_hex(struct arena *a, struct bytes b)
{
	static const char digits[] = "0123456789abcdef";
	char *hex = arena_alloc(a, 2 * b.n + 1);

	for (size_t i = 0; i < b.n; i++) {
		hex[2 * i] = digits[b.s[i] >> 4];
		hex[2 * i + 1] = digits[b.s[i] & 15];
	}
	return hex;
}

const char *bytes_base64(struct arena *a, struct bytes b)
{
	struct buf text autofree(buf) = BUF_INIT(TEXT_MAX);

	text_base64(&text, (const char *)b.s, b.n);
	BUG_IF(text.over);
	return arena_strdup(a, text.s);
}

const char *bytes_pem(struct arena *a, struct bytes der)
{
	const char *base64 = bytes_base64(a, der);
	struct buf pem autofree(buf) = BUF_INIT(TEXT_MAX);

	buf_str(&pem, "-----BEGIN CERTIFICATE-----\n");
	for (size_t n = strlen(base64), at = 0; at < n; at += LINE)
		buf_fmt(&pem, "%.*s\n", LINE, base64 + at);
	buf_str(&pem, "-----END CERTIFICATE-----\n");
	return arena_strdup(a, pem.s);
}
