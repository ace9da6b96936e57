/*
 * digest.h - port: SHA-256 of bytes in memory. Hashing is OpenSSL's, and OpenSSL has its home below core/adapters/.
 */
#pragma once

#include "base/base.h"

#define DIGEST_HEX 65 /* 64 hex digits, lower case, and the NUL */

typedef void (*sha256_fn)(const void *bytes, size_t n, char hex[DIGEST_HEX]);
