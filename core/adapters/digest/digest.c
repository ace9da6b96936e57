#include "core/adapters/digest/digest.h"

#include <openssl/evp.h>

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
