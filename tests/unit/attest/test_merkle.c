/*
 * Trees of every small size, made the slow way of RFC 6962 (2.1): what the log grew from is found in what it grew to, and
 * nothing else is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/adapters/attest/bundle.h"

enum { LEAVES = 17 };

static unsigned char leaves[LEAVES][MERKLE_HASH];

/* MTH(D[from:to]) */
static void root_of(unsigned char out[MERKLE_HASH], size_t from, size_t to)
{
	unsigned char joined[1 + 2 * MERKLE_HASH] = { 1 }, digest[ATTEST_HASH_MAX];
	size_t k = 1;

	if (to - from == 1) {
		memcpy(out, leaves[from], MERKLE_HASH);
		return;
	}
	while (2 * k < to - from)
		k *= 2;
	root_of(joined + 1, from, from + k);
	root_of(joined + 1 + MERKLE_HASH, from + k, to);
	attest_hash("sha256", (struct span){ joined, sizeof(joined) }, digest);
	memcpy(out, digest, MERKLE_HASH);
}

struct path {
	unsigned char hash[64][MERKLE_HASH];
	struct span spans[64];
	size_t n;
};

static void put(struct path *p, size_t from, size_t to)
{
	root_of(p->hash[p->n], from, to);
	p->spans[p->n] = (struct span){ p->hash[p->n], MERKLE_HASH };
	p->n++;
}

/* SUBPROOF(m, D[from:to], whole) */
static void prove(struct path *p, size_t m, size_t from, size_t to, bool whole)
{
	size_t n = to - from, k = 1;

	if (m == n) {
		if (!whole)
			put(p, from, to);
		return;
	}
	while (2 * k < n)
		k *= 2;
	if (m <= k) {
		prove(p, m, from, from + k, whole);
		put(p, from + k, to);
	} else {
		prove(p, m - k, from + k, to, false);
		put(p, from, from + k);
	}
}

static void what_a_log_grew_from(void **state)
{
	(void)state;
	for (unsigned char i = 0; i < LEAVES; i++)
		merkle_leaf(leaves[i], (struct span){ &i, 1 });
	for (size_t m = 1; m <= LEAVES; m++)
		for (size_t n = m; n <= LEAVES; n++) {
			unsigned char older[MERKLE_HASH], newer[MERKLE_HASH];
			struct path p = { .n = 0 };

			root_of(older, 0, m);
			root_of(newer, 0, n);
			prove(&p, m, 0, n, true);
			assert_true(merkle_extends(older, m, newer, n, p.spans, p.n));
			assert_false(merkle_extends(older, m, newer, n, p.spans, p.n + 1));
			assert_false(p.n && merkle_extends(older, m, newer, n, p.spans, p.n - 1));
			assert_false(m != n && merkle_extends(newer, n, older, m, p.spans, p.n));
			assert_false(merkle_extends(older, 0, newer, n, p.spans, p.n));
			for (size_t i = 0; i < p.n; i++) {
				p.hash[i][i % MERKLE_HASH] ^= 4;
				assert_false(merkle_extends(older, m, newer, n, p.spans, p.n));
				p.hash[i][i % MERKLE_HASH] ^= 4;
			}
			older[7] ^= 1;
			assert_false(merkle_extends(older, m, newer, n, p.spans, p.n));
			older[7] ^= 1, newer[9] ^= 1;
			assert_false(merkle_extends(older, m, newer, n, p.spans, p.n));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_log_grew_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
