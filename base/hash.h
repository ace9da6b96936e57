/*
 * hash.h - names for plans: a digest that is stable over restarts and machines.
 *
 * The plan's id says "this is the plan you read"; it is compared inside one trust domain (the journal and the
 * engine's memory), so what is needed is a well distributed digest, kept as a value. Cryptographic hashing
 * proper is the engine's, by OpenSSL, behind this same form.
 */
#pragma once

#include "base/base.h"

struct hash {
	uint64_t a, b;
};

#define HASH_INIT                                                          \
	{                                                                  \
		UINT64_C(0xcbf29ce484222325), UINT64_C(0x84222325cbf29ce4) \
	}

void hash_add(struct hash *h, const void *data, size_t n);
void hash_str(struct hash *h, const char *s); /* with its NUL, so that "a","bc" differs from "ab","c" */
const char *hash_hex(const struct hash *h, char out[33]);
/* 16 random bytes from the kernel as 32 hex digits: nonces. */
const char *hash_random(char out[33]);
