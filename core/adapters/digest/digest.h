/* digest.h - the digest port over OpenSSL. */
#pragma once

#include "core/port/digest.h"

/* A sha256_fn. */
void digest_sha256(const void *bytes, size_t n, char hex[DIGEST_HEX]);

/* To be called before anything else of a program that uses OpenSSL: what the library asks for it gets, or the program ends,
 * as everywhere here when memory is gone. Refused memory while it sets itself up, OpenSSL 3.0 goes on with locks that it
 * never made, and reads through them later. Ends the program when the library has been used already. */
void digest_memory(void);
