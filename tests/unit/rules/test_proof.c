/*
 * What policy binds, without cryptography: facts as a verification fills them, one thing wrong at a time. Every rule has a row
 * that it alone refuses; test_mutants of the adapter counts on that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/rules/proof.h"
#include "tests/unit/rules/proof_cases.h"

static void every_binding_is_a_check_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(proof_cases); i++)
		for (int strict = 0; strict < 2; strict++) {
			const char *wrong = proof_case_wrong(&proof_cases[i], strict);

			if (wrong)
				fail_msg("%s, %s: %s", proof_cases[i].name, strict ? "strict" : "relaxed",
					 wrong);
		}
}

static void a_verdict_needs_every_mandatory_check(void **state)
{
	static const char *const ids[] = { "S0.parse", "S1.key", "S3.chain", "S3.identity", "S7.signature" };

	(void)state;
	for (size_t i = 0; i < countof(ids); i++) {
		struct proof_case_made m;
		struct arena a = ARENA_INIT;
		struct proof_checks checks;
		enum proof_reason reason;
		const char *detail;

		proof_case_make(&m, &a);
		vec_each (c, &m.facts.checks)
			if (strcmp(c->id, ids[i]) == 0)
				c->result = CHECKED_NOT;
		for (int relaxed = 0; relaxed < 2; relaxed++) {
			m.policy.strict = !relaxed;
			m.policy.ref =
				relaxed ? "refs/heads/other" : m.policy.ref; /* a warning does not hide it */
			assert_int_equal(
				proof_judge(&m.facts, &m.subject, &m.policy, &checks, &reason, &detail, &a),
				PROOF_UNCHECKED);
			m.policy.ref = "refs/tags/v1";
		}
		arena_done(&a);
	}
}

/* gh's CVE-2025-25204: no attestations were success. */
static void nothing_at_all_is_missing(void **state)
{
	struct proof_policy p = { .strict = true };
	struct attest_facts none = { 0 };
	struct proof_checks checks;
	struct arena a = ARENA_INIT;
	enum proof_reason reason;
	const char *detail;

	(void)state;
	assert_int_equal(proof_none(&p, &reason), PROOF_MISSING);
	assert_int_equal(reason, PROOF_ATT_NONE);
	p.strict = false;
	assert_int_equal(proof_none(&p, &reason), PROOF_WARN);
	/* and facts that nobody filled are no verdict, whatever is asked of them */
	for (int kind = PROOF_PUBLIC; kind <= PROOF_KEY; kind++) {
		p = (struct proof_policy){ .kind = kind, .strict = true, .any_identity = true };
		assert_int_not_equal(proof_judge(&none, &(struct proof_subject){ "sha256", "aa" }, &p,
						 &checks, &reason, &detail, &a),
				     PROOF_VERIFIED);
	}
	arena_done(&a);
}

/* A relaxed policy takes another identity for a warning; not when the cryptography below did not hold. */
static void what_is_broken_is_failed_under_every_policy(void **state)
{
	(void)state;
	for (int reason = 1; reason < PROOF_REASONS_; reason++) {
		struct proof_case_made m;
		struct arena a = ARENA_INIT;
		struct proof_checks checks;
		enum proof_reason found;
		const char *detail;

		proof_case_make(&m, &a);
		m.facts.broken = (enum proof_reason)reason;
		m.policy.strict = false;
		assert_int_equal(proof_judge(&m.facts, &m.subject, &m.policy, &checks, &found, &detail, &a),
				 PROOF_FAILED);
		assert_int_equal(found, reason);
		arena_done(&a);
	}
}

static void checks_stand_in_the_order_of_the_steps(void **state)
{
	struct proof_case_made m;
	struct arena a = ARENA_INIT;
	struct proof_checks checks;
	enum proof_reason reason;
	const char *detail;
	int before = 0;

	(void)state;
	proof_case_make(&m, &a);
	assert_int_equal(proof_judge(&m.facts, &m.subject, &m.policy, &checks, &reason, &detail, &a),
			 PROOF_VERIFIED);
	assert_string_equal(detail, "");
	for (size_t i = 0; i < checks.n; i++) {
		int step = atoi(checks.items[i].id + 1);

		assert_true(step >= before);
		assert_int_equal(checks.items[i].ordinal, i + 1);
		before = step;
	}
	assert_int_equal(before, 10);
	arena_done(&a);
}

static void a_failure_says_what_was_expected_and_what_found(void **state)
{
	struct proof_case_made m;
	struct arena a = ARENA_INIT;
	struct proof_checks checks;
	enum proof_reason reason;
	const char *detail;

	(void)state;
	proof_case_make(&m, &a);
	m.policy.ref = "refs/tags/v2";
	(void)proof_judge(&m.facts, &m.subject, &m.policy, &checks, &reason, &detail, &a);
	assert_string_equal(detail,
			    "it was built from another ref: ref is refs/tags/v1 and not refs/tags/v2");
	arena_done(&a);
}

/* What was found good is so for a while, by the policy that found it so, and only with all that is wanted of it. */
static void what_was_good_counts_while_it_stands(void **state)
{
	static const struct {
		const char *what;
		struct proof row;
		bool stands;
	} rows[] = {
		{ "good", { .status = PROOF_VERIFIED, .strict = true, .at = { 900 } }, true },
		{ "a warning", { .status = PROOF_WARN, .strict = true, .at = { 900 } }, true },
		{ "failed", { .status = PROOF_FAILED, .strict = true, .at = { 900 } }, false },
		{ "no status", { .status = 77, .strict = true, .at = { 900 } }, false },
		{ "old", { .status = PROOF_VERIFIED, .strict = true, .at = { 800 } }, false },
		{ "of the future", { .status = PROOF_VERIFIED, .strict = true, .at = { 1001 } }, false },
		{ "of no time", { .status = PROOF_VERIFIED, .strict = true }, false },
		{ "by the other policy", { .status = PROOF_VERIFIED, .at = { 900 } }, false },
	};
	static const struct proof_terms_now terms = { true, 150, { 1000 } };

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct proof two[2] = { rows[0].row, rows[i].row };
		struct proofs all = { .items = two, .n = 2 };

		two[0].subject = two[1].subject = "a";
		two[0].digest = two[1].digest = "sha256:1";
		if (proof_stands(&all, "a", "sha256:1", &terms) != rows[i].stands)
			fail_msg("%s", rows[i].what);
		assert_false(proof_stands(&all, "a", "sha256:2", &terms));
		assert_false(proof_stands(&all, "b", "sha256:1", &terms));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_binding_is_a_check_of_its_own),
		cmocka_unit_test(a_verdict_needs_every_mandatory_check),
		cmocka_unit_test(nothing_at_all_is_missing),
		cmocka_unit_test(what_was_good_counts_while_it_stands),
		cmocka_unit_test(what_is_broken_is_failed_under_every_policy),
		cmocka_unit_test(checks_stand_in_the_order_of_the_steps),
		cmocka_unit_test(a_failure_says_what_was_expected_and_what_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
