#include "tests/unit/attest/made_root.h"

#include <pthread.h>

/* A root is parsed once and then asked by any number of threads: each gets the answer that one alone would get. Run under the
 * thread sanitizer this also says that nobody writes. */

#define THREADS 4
#define ROUNDS  25

struct shared {
	const struct attest_root *root;
	struct span leaf, stray;
	struct when at;
};

static int ask(const struct shared *s, struct span der, struct arena *a)
{
	struct attest_cert *c = NULL;
	struct attest_path path;
	struct attest_identity id;
	struct err why = ERR_INIT;
	int k = attest_cert_read(&c, der, &why);

	if (!k)
		k = attest_cert_chain(&path, c, s->root, &s->at, 1, &why);
	if (!k)
		k = attest_cert_identity(&id, c, a, &why);
	attest_cert_free(c);
	return k;
}

/* NULL: every answer was right. */
static void *run(void *shared)
{
	const struct shared *s = shared;
	struct arena a = ARENA_INIT;
	void *wrong = NULL;

	for (int i = 0; i < ROUNDS; i++)
		if (ask(s, s->leaf, &a) != 0 || ask(s, s->stray, &a) != PROOF_CERT_CHAIN)
			wrong = shared;
	arena_done(&a);
	return wrong;
}

static void threads_share_a_root(void **state)
{
	struct arena a = ARENA_INIT;
	EVP_PKEY *keys[] = { made_key("P-384"), made_key("P-256"), made_key("P-384") };
	X509 *root = made_cert(&made_root_spec, NULL, keys[0], NULL, NULL);
	X509 *leaf = made_cert(&made_leaf_spec, NULL, keys[1], root, keys[0]);
	X509 *stray = made_cert(&made_leaf_spec, NULL, keys[1], root, keys[2]);
	struct made_root made = {
		.cas = { { "https://ca.example", "2022-01-01T00:00:00Z", NULL, { root } } }
	};
	struct attest_root *r = made_parse(&made);
	struct shared s = { r, made_der(leaf, &a), made_der(stray, &a), made_when("2026-06-01T12:05:00Z") };
	pthread_t threads[THREADS];
	void *wrong;

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run, &s), 0);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
	attest_root_free(r);
	X509_free(root);
	X509_free(leaf);
	X509_free(stray);
	for (size_t i = 0; i < countof(keys); i++)
		EVP_PKEY_free(keys[i]);
	arena_done(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(threads_share_a_root) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
