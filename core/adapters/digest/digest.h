/* digest.h - the digest port over OpenSSL. */
#pragma once

#include "core/port/digest.h"

/* A sha256_fn. */
void digest_sha256(const void *bytes, size_t n, char hex[DIGEST_HEX]);
