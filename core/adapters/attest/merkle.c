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

/* Hashes of the right edge stand to the left of it; those of the way up to the edge stand on either side, as the bits of `way`
 * say. With `left_only` the others are passed over: they are not in the older tree yet. */
static bool climb(unsigned char at[MERKLE_HASH], uint64_t way, size_t inner, bool left_only,
		  const struct span *path, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct span here = { at, MERKLE_HASH };
		bool left = i >= inner || way >> i & 1;

		if (path[i].n != MERKLE_HASH)
			return false;
		if (left)
			hash(at, 1, path[i], here);
		else if (!left_only)
			hash(at, 1, here, path[i]);
	}
	return true;
}

/* The way of the older tree's last leaf, begun at the largest complete subtree that ends there: one path makes both roots. */
bool merkle_extends(const unsigned char old_root[MERKLE_HASH], uint64_t old_size,
		    const unsigned char new_root[MERKLE_HASH], uint64_t new_size, const struct span *path,
		    size_t n)
{
	unsigned char older[MERKLE_HASH], newer[MERKLE_HASH];
	size_t skip, inner, border;
	uint64_t way;
	bool whole;

	if (!old_size || old_size > new_size)
		return false;
	if (old_size == new_size)
		return !n && !memcmp(old_root, new_root, MERKLE_HASH);
	skip = (size_t)__builtin_ctzll(old_size);
	way = (old_size - 1) >> skip;
	inner = bits((old_size - 1) ^ (new_size - 1)) - skip;
	border = inner + skip < 64 ? (size_t)__builtin_popcountll((old_size - 1) >> (inner + skip)) : 0;
	whole = old_size == UINT64_C(1)
				    << skip; /* then that subtree is the older tree, and its root is known */
	if (n != inner + border + !whole || (!whole && path[0].n != MERKLE_HASH))
		return false;
	memcpy(older, whole ? old_root : path[0].p, MERKLE_HASH);
	memcpy(newer, older, MERKLE_HASH);
	path += !whole, n -= !whole;
	return climb(older, way, inner, true, path, n) && climb(newer, way, inner, false, path, n) &&
	       !memcmp(older, old_root, MERKLE_HASH) && !memcmp(newer, new_root, MERKLE_HASH);
}
