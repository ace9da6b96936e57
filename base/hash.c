#include "base/hash.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define FNV_PRIME    UINT64_C(0x100000001b3)      /* FNV-1a, 64 bits */
#define GOLDEN_RATIO UINT64_C(0x9e3779b97f4a7c15) /* 2^64 / phi, odd: a second, independent multiplier */

void hash_add(struct hash *h, const void *data, size_t n)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < n; i++) {
		h->a = (h->a ^ p[i]) * FNV_PRIME;
		h->b = ((h->b << 23 | h->b >> 41) ^ p[i]) * GOLDEN_RATIO;
	}
}

void hash_str(struct hash *h, const char *s)
{
	hash_add(h, s, strlen(s) + 1);
}

/* The finaliser of MurmurHash3: one-to-one, so nothing is lost, and late bytes reach every digit. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 33) * UINT64_C(0xff51afd7ed558ccd);
	x = (x ^ x >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return x ^ x >> 33;
}

static const char *hex(uint64_t a, uint64_t b, char out[33])
{
	snprintf(out, 33, "%016" PRIx64 "%016" PRIx64, a, b);
	return out;
}

const char *hash_hex(const struct hash *h, char out[33])
{
	return hex(mix(h->a), mix(h->b), out);
}

const char *hash_random(char out[33])
{
	uint64_t words[2];
	ssize_t n;

	do {
		n = getrandom(words, sizeof(words), 0);
	} while (n < 0 && errno == EINTR);
	/* Requests of up to 256 bytes are never cut short (getrandom(2)). */
	BUG_IF(n != (ssize_t)sizeof(words));
	return hex(words[0], words[1], out);
}
