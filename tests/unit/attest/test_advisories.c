/*
 * What other verifiers got wrong, by the names under which it was published: each is a bundle that they took, or a policy that they
 * did not apply, and the one check that refuses it here. Take the check away and its row fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/adapters/attest/bundle.h"
#include "tests/unit/attest/cases.h"

static struct cases all;

/* Fault of the authority, or the name of a case. */
static const struct {
	const char *advisory, *name, *check;
	enum proof_reason reason;
} refused[] = {
	{ "CVE-2022-36056, CVE-2022-23649: the entry is about another artifact", "body_artifact", "S6.digest",
	  PROOF_TLOG_BIND },
	{ "CVE-2026-22703: the entry is about another signature", "body_signature", "S6.signature",
	  PROOF_TLOG_BIND },
	{ "CVE-2026-22703: the entry is about another key", "body_key", "S6.key", PROOF_TLOG_BIND },
	{ "CVE-2022-35929, GHSA-w6c6-c85g-mmv6, GHSA-r2xv-vpr2-42m9: another predicate", "predicate",
	  "S9.predicate", PROOF_PRED_TYPE },
	{ "GHSA-mhg6-2q2v-9h2c: no subject is it, and the result was not used", "no_subjects", "S9.subject",
	  PROOF_SUBJ_DIGEST },
	{ "GHSA-mhg6-2q2v-9h2c: the digits of another algorithm", "algorithm", "S9.subject",
	  PROOF_SUBJ_DIGEST },
	{ "TOB-SIGSTORE-3: a log's time without its promise", "set_none", "S2.times", PROOF_TIME_NONE },
	{ "TOB-SIGSTORE-4: the earliest time wins", "tsa_late", "S3.chain", PROOF_CERT_TIME },
	{ "TOB-SIGSTORE-9: two signatures", "two_signatures", "S0.parse", PROOF_DSSE_SIGCOUNT },
	{ "TOB-SIGSTORE-11: another authority's window", "tsa_borrowed", "S2.timestamps", PROOF_TSA_BAD },
	{ "sigstore-js 4.1.1: a checkpoint under another name", "checkpoint_name", "S5.checkpoint",
	  PROOF_TLOG_CHECKPOINT },
	{ "sigstore-js: the proof's own root is ignored", "proof_root", "S5.proof", PROOF_TLOG_PROOF },
	{ "sigstore-js: unknown and duplicate members", "duplicate", "S0.parse", PROOF_ATT_PARSE },
	{ "sigstore-js: unknown and duplicate members", "a member that is not known", "S0.parse",
	  PROOF_ATT_PARSE },
	{ "sigstore-rust 43a6a67: the issuer of the verified path", "sct_issuer", "S4.promises",
	  PROOF_SCT_BAD },
	{ "sigstore-js 3.2.1: lengths are of bytes", "own: a type of bytes beyond ASCII", "S9.payload",
	  PROOF_PAYLOAD_TYPE },
	{ "GHSA-mhg6-2q2v-9h2c: an empty list of subjects", "own: no subjects", "S9.subject",
	  PROOF_SUBJ_DIGEST },
};

static void published_holes_are_closed_by_one_check(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(refused); i++) {
		size_t n = 0;

		for (size_t k = 0; k < all.n; k++) {
			struct arena a = ARENA_INIT;
			struct case_outcome o;

			if (strcmp(all.items[k].name, refused[i].name) != 0 ||
			    all.items[k].expected != refused[i].reason)
				continue;
			o = case_run(&all, &all.items[k], &a);
			n++;
			if (o.reason != refused[i].reason || strcmp(o.first, refused[i].check) != 0)
				fail_msg("%s: %s by %s", refused[i].advisory,
					 names_word(&proof_reason_names, (int)o.reason), o.first);
			arena_done(&a);
		}
		if (!n)
			fail_msg("%s: no case", refused[i].advisory);
	}
}

static struct attest_facts facts_of(const char *name, struct arena *a)
{
	struct attest_facts f = { 0 };

	for (size_t k = 0; k < all.n; k++) {
		const struct made_case *m = &all.items[k];
		struct attest_question q = {
			.bundle = m->bundle, .bundle_n = m->n, .root = m->root, .key = m->key
		};

		if (strcmp(m->name, name) == 0 && m->order.predicate == AUTHORITY_PROVENANCE) {
			assert_int_equal(attest_verify(&f, &q, a, NULL), 0);
			return f;
		}
	}
	fail_msg("no case %s", name);
	return f;
}

/* CVE-2026-49834, sigstore-js 4.1.1: a threshold of several logs was met by one that was there twice. */
static void one_log_counts_once(void **state)
{
	struct arena a = ARENA_INIT;
	const char *good = NULL, *entry, *end, *twice;
	struct attest_facts f;
	struct attest_question q = { .root = all.world.root };

	(void)state;
	f = facts_of("scts_twice", &a);
	assert_int_equal(f.scts, 1);
	for (size_t k = 0; k < all.n && !good; k++)
		if (strcmp(all.items[k].name, "good") == 0 && all.items[k].order.log == 1)
			good = all.items[k].bundle;
	entry = strstr(good, "\"tlogEntries\":[") + strlen("\"tlogEntries\":[");
	end = case_without(&a, good, "tlogEntries");
	end = good + strlen(good) - (strlen(end) - (size_t)(strstr(good, ",\"tlogEntries\"") - good)) - 1;
	assert_int_equal(*end, ']');
	twice = arena_printf(&a, "%.*s,%s", (int)(end - good), good, entry);
	q.bundle = twice;
	q.bundle_n = strlen(twice);
	q.digest_algorithm = "sha256";
	q.digest = ORDERED_HEX;
	assert_int_equal(attest_verify(&f, &q, &a, NULL), 0);
	assert_int_equal(f.broken, PROOF_OK);
	assert_int_equal(f.entries_n, 1);
	arena_done(&a);
}

/* TOB-SIGSTORE-5, sigstore-rust 94a2449: no beginning was no bound. */
static void a_key_without_beginning_is_no_root(void **state)
{
	struct arena a = ARENA_INIT;
	const char *good = authority_trusted_root(all.world.x, &a), *bad;
	struct attest_root *root = NULL;
	struct err e = ERR_INIT;

	(void)state;
	bad = case_with(&a, good, "\"start\":", "\"begin\":");
	assert_string_not_equal(bad, good);
	assert_true(attest_root_parse(&root, bad, strlen(bad), &e) < 0);
	bad = case_with(&a, good, "\"start\":\"2", "\"start\":\"x");
	assert_string_not_equal(bad, good);
	assert_true(attest_root_parse(&root, bad, strlen(bad), &e) < 0);
	arena_done(&a);
}

/* CVE-2024-29902, CVE-2024-29903, CVE-2023-46737: endless data. */
static void what_is_too_much_is_not_read(void **state)
{
	static const struct {
		const char *before, *each, *after;
		size_t times;
	} rows[] = {
		{ "{\"x\":\"", "0123456789abcdef", "\"}", (size_t)1 << 19 }, /* bytes */
		{ "", "[", "", 33 },                                         /* depth */
		{ "[", "[],", "[]]", 30000 },                                /* values */
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree(buf) struct buf text = BUF_INIT((size_t)16 << 20);
		struct attest_question q = { .root = all.world.root };
		struct arena a = ARENA_INIT;
		struct attest_facts f;

		buf_str(&text, rows[i].before);
		for (size_t k = 0; k < rows[i].times; k++)
			buf_str(&text, rows[i].each);
		buf_str(&text, rows[i].after);
		q.bundle = text.s;
		q.bundle_n = text.n;
		assert_int_equal(attest_verify(&f, &q, &a, NULL), 0);
		assert_int_equal(f.broken, PROOF_ATT_LIMIT);
		arena_done(&a);
	}
}

/* ---- RFC 6962 beyond 32 and 63 bits --------------------------------------------------------------------------------------- */

static void trees_are_large(void **state)
{
	unsigned char leaf[MERKLE_HASH] = { 1 }, out[MERKLE_HASH];
	struct span path[BUNDLE_PATH_MAX];

	(void)state;
	for (size_t i = 0; i < BUNDLE_PATH_MAX; i++)
		path[i] = (struct span){ leaf, sizeof(leaf) };
	assert_false(merkle_root(out, leaf, 0, 0, path, 0));
	assert_true(merkle_root(out, leaf, 0, 1, path, 0));
	assert_false(merkle_root(out, leaf, 1, 1, path, 0));
	assert_true(merkle_root(out, leaf, UINT64_MAX - 1, UINT64_MAX, path, 63));
	assert_true(merkle_root(out, leaf, 0, UINT64_MAX, path, 64));
	assert_false(merkle_root(out, leaf, 0, UINT64_MAX, path, 63));
	assert_true(merkle_root(out, leaf, (uint64_t)1 << 40, ((uint64_t)1 << 40) + 1, path, 1));
	assert_false(merkle_root(out, leaf, UINT64_MAX, UINT64_MAX, path, 64));
	path[3].n = 31;
	assert_false(merkle_root(out, leaf, 0, UINT64_MAX, path, 64));
}

static int begin(void **state)
{
	const char *bad = cases_make(&all);

	(void)state;
	if (bad)
		print_error("%s\n", bad);
	return bad ? -1 : 0;
}

static int end(void **state)
{
	(void)state;
	cases_done(&all);
	return 0;
}

/* And the cases themselves come to what they must. */
static void cases_are_as_expected(void **state)
{
	(void)state;
	for (size_t k = 0; k < all.n; k++) {
		struct arena a = ARENA_INIT;
		struct case_outcome o = case_run(&all, &all.items[k], &a);

		if (o.reason != all.items[k].expected)
			fail_msg("%s: %s", all.items[k].name, names_word(&proof_reason_names, (int)o.reason));
		arena_done(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases_are_as_expected),
		cmocka_unit_test(published_holes_are_closed_by_one_check),
		cmocka_unit_test(one_log_counts_once),
		cmocka_unit_test(a_key_without_beginning_is_no_root),
		cmocka_unit_test(what_is_too_much_is_not_read),
		cmocka_unit_test(trees_are_large),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
