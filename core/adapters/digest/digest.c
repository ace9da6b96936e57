#include "core/adapters/digest/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

static void *memory_get(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return x_realloc(NULL, n);
}

/* The library gives back by asking for nothing. */
static void *memory_change(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	if (n)
		return x_realloc(p, n);
	free(p);
	return NULL;
}

static void memory_give(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

void digest_memory(void)
{
	BUG_IF(!CRYPTO_set_mem_functions(memory_get, memory_change, memory_give));
}

void digest_sha256(const void *bytes, size_t n, char hex[DIGEST_HEX])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[32];
	unsigned length = 0;

	BUG_IF(!EVP_Digest(bytes, n, raw, &length, EVP_sha256(), NULL) || length != sizeof(raw));
	for (size_t i = 0; i < sizeof(raw); i++) {
		hex[2 * i] = digits[raw[i] >> 4];
		hex[2 * i + 1] = digits[raw[i] & 15];
	}
	hex[DIGEST_HEX - 1] = 0;
}
