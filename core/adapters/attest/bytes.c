#include "core/adapters/attest/internal.h"

#include "base/text.h"

#include <openssl/evp.h>

bool span_base64(struct span *out, const char *digits, struct arena *a)
{
	size_t n = digits ? strlen(digits) : 0;
	struct buf raw = BUF_INIT(n);
	bool good = text_unbase64(&raw, digits, n);
	unsigned char *copy;

	if (good) {
		copy = arena_array(a, unsigned char, raw.n);
		memcpy(copy, raw.s, raw.n);
		*out = (struct span){ copy, raw.n };
	}
	buf_done(&raw);
	return good;
}

bool span_eq(struct span a, struct span b)
{
	return a.n == b.n && (!a.n || memcmp(a.p, b.p, a.n) == 0);
}

const char *span_hex(struct span s, struct arena *a)
{
	static const char digits[] = "0123456789abcdef";
	char *hex = arena_array(a, char, 2 * s.n + 1);

	for (size_t i = 0; i < s.n; i++) {
		hex[2 * i] = digits[s.p[i] >> 4];
		hex[2 * i + 1] = digits[s.p[i] & 15];
	}
	return hex;
}

int attest_no(struct err *why, enum proof_reason r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)err_vset(why, ERR_CORRUPT, fmt, ap);
	va_end(ap);
	return (int)r;
}

size_t attest_hash(const char *algorithm, struct span bytes, unsigned char out[ATTEST_HASH_MAX])
{
	static const struct {
		const char *name;
		const EVP_MD *(*md)(void);
	} known[] = { { "sha256", EVP_sha256 }, { "sha384", EVP_sha384 }, { "sha512", EVP_sha512 } };
	unsigned n = 0;

	for (size_t i = 0; i < countof(known); i++)
		if (algorithm && strcmp(known[i].name, algorithm) == 0)
			BUG_IF(!EVP_Digest(bytes.p ? (const void *)bytes.p : "", bytes.n, out, &n,
					   known[i].md(), NULL));
	return n;
}

bool attest_window_has(struct attest_window w, struct when t)
{
	return when_known(t) && t.ms >= w.from.ms && (!when_known(w.until) || t.ms <= w.until.ms);
}
