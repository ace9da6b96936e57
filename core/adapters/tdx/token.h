/*
 * token.h - the two parts of a token's verification: jwks.c holds the keys that are trusted, token.c the table of checks.
 *
 * A key of the set is believed only for its own algorithm, and only as its certificates lead to the pinned root; where none is
 * pinned, the file with the keys is what somebody decided to believe.
 */
#pragma once

#include "core/adapters/tdx/internal.h"

struct token_key {
	const char *id, *algorithm; /* "" the key does not say, and is then good for nothing */
	EVP_PKEY *key;
	struct tdx_chain chain; /* x5c, leaf first; n == 0: none */
	bool same;              /* the leaf's key is the key's */
};
struct token_key_list VEC_OF(struct token_key);
struct token_keys {
	struct arena arena;
	const char *sha;
	X509 *root; /* NULL: not pinned */
	const char *root_sha;
	X509_CRL *lists[TDX_CHAIN_MAX];
	size_t lists_n;
	struct token_key_list keys;
};
/* The only key with that id; NULL: none, or several. */
const struct token_key *token_key_find(const struct token_keys *k, const char *id);
