#include "core/adapters/attest/internal.h"

#include "base/text.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

bool span_base64(struct span *out, const char *digits, struct arena *a)
{
	size_t n = digits ? strlen(digits) : 0;
	char *raw = arena_array(a, char, text_unbase64_max(n) + 1);
	size_t filled;

	if (!text_unbase64_into(raw, &filled, digits, n))
		return false;
	*out = (struct span){ (unsigned char *)raw, filled };
	return true;
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

static struct {
	const char *name;
	EVP_MD *md; /* fetched once: EVP_sha256() is looked up again by each who uses it, longer than a node of a tree takes */
} hashes[] = { { "sha256", NULL }, { "sha384", NULL }, { "sha512", NULL } };

static void fetch_hashes(void)
{
	for (size_t i = 0; i < countof(hashes); i++)
		hashes[i].md = EVP_MD_fetch(NULL, hashes[i].name, NULL);
}

size_t attest_hash(const char *algorithm, struct span bytes, unsigned char out[ATTEST_HASH_MAX])
{
	static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
	unsigned n = 0;

	BUG_IF(!CRYPTO_THREAD_run_once(&once, fetch_hashes));
	for (size_t i = 0; i < countof(hashes); i++)
		if (algorithm && strcmp(hashes[i].name, algorithm) == 0)
			BUG_IF(!EVP_Digest(bytes.p ? (const void *)bytes.p : "", bytes.n, out, &n,
					   hashes[i].md, NULL));
	return n;
}

bool attest_window_has(struct attest_window w, struct when t)
{
	return when_known(t) && t.ms >= w.from.ms && (!when_known(w.until) || t.ms <= w.until.ms);
}
