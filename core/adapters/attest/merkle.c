#include "core/adapters/attest/bundle.h"

#include <string.h>

static void hash(unsigned char out[MERKLE_HASH], unsigned char prefix, struct span a, struct span b)
{
	unsigned char joined[1 + 2 * MERKLE_HASH], digest[ATTEST_HASH_MAX];

	joined[0] = prefix;
	memcpy(joined + 1, a.p, a.n);
	memcpy(joined + 1 + a.n, b.p, b.n);
	attest_hash("sha256", (struct span){ joined, 1 + a.n + b.n }, digest);
	memcpy(out, digest, MERKLE_HASH);
}

void merkle_leaf(unsigned char out[MERKLE_HASH], struct span body)
{
	unsigned char *joined = x_alloc(body.n + 1), digest[ATTEST_HASH_MAX];

	if (body.n)
		memcpy(joined + 1, body.p, body.n);
	attest_hash("sha256", (struct span){ joined, body.n + 1 }, digest);
	memcpy(out, digest, MERKLE_HASH);
	free(joined);
}

static size_t bits(uint64_t v)
{
	return v ? 64 - (size_t)__builtin_clzll(v) : 0;
}

/* The path has `inner` hashes up to where the leaf's way joins the right edge of the tree, and one for each subtree to the
 * left of that edge. */
bool merkle_root(unsigned char out[MERKLE_HASH], const unsigned char leaf[MERKLE_HASH], uint64_t index,
		 uint64_t size, const struct span *path, size_t n)
{
	unsigned char at[MERKLE_HASH];
	size_t inner, border;

	if (index >= size)
		return false;
	inner = bits(index ^ (size - 1));
	border = inner < 64 ? (size_t)__builtin_popcountll(index >> inner) : 0;
	if (n != inner + border)
		return false;
	memcpy(at, leaf, MERKLE_HASH);
	for (size_t i = 0; i < n; i++) {
		struct span here = { at, MERKLE_HASH };

		if (path[i].n != MERKLE_HASH)
			return false;
		if (i >= inner || index >> i & 1)
			hash(at, 1, path[i], here);
		else
			hash(at, 1, here, path[i]);
	}
	memcpy(out, at, MERKLE_HASH);
	return true;
}
