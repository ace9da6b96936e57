/* Every case of the vectors beside the project: quotes, policies, event logs, tokens. Skipped when they are not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/port/quote.h"
#include "core/rules/quote.h"
#include "tests/unit/tdx/vectors.h"

static void skip_without(struct arena *a)
{
	arena_done(a); /* skip() does not come back */
	skip();
}

struct judged {
	enum proof_status status;
	enum proof_reason reason;
	const char *detail;
};

static struct judged judge(const struct quote_facts *f, const struct quote_policy *p, struct arena *a)
{
	struct proof_checks checks;
	struct judged j;

	j.status = quote_judge(f, p, &checks, &j.reason, &j.detail, a);
	return j;
}

/* Says what it was, so that all of a manifest is seen at once. */
static int wrong(const char *id, const char *what, const char *want, const char *have, const char *detail)
{
	if (text_eq(want, have))
		return 0;
	print_error("%s: %s is %s, expected %s (%s)\n", id, what, have, want, detail);
	return 1;
}

static const char *status_word(enum proof_status s)
{
	return names_word(&proof_status_names, (int)s);
}

static struct quote_facts verify_case(const char *dir, const char *quote, const char *collateral,
				      const char *root, int64_t at, struct arena *a)
{
	const struct buf *q = vector_file(a, dir, quote), *c = vector_file(a, dir, collateral),
			 *r = root ? vector_file(a, dir, root) : NULL;
	struct quote_collateral *parsed = NULL;
	struct quote_facts f;
	char pin[65] = "";

	assert_non_null(q);
	assert_non_null(c);
	if (r)
		assert_int_equal(quote_root_pin(pin, r->s, r->n, NULL), 0);
	assert_int_equal(quote_collateral_parse(&parsed, c->s, c->n, r ? pin : NULL, NULL), 0);
	quote_verify(&f, &(struct quote_question){ q->s, q->n, parsed, { at * 1000 } }, a);
	quote_collateral_free(parsed);
	return f;
}

static int64_t number_of(const char *s)
{
	return strtoll(s, NULL, 10);
}

enum { ID, QUOTE, COLLATERAL, ROOT, TIME, CRYPTO, TCB, STRICT, RELAXED, COLUMNS };

static int quote_case(const char *dir, const char *const *c, struct arena *a)
{
	struct quote_facts f = verify_case(dir, c[QUOTE], c[COLLATERAL], c[ROOT], number_of(c[TIME]), a);
	struct judged strict = judge(&f, &(struct quote_policy){ .strict = true }, a),
		      relaxed = judge(&f, &(struct quote_policy){ 0 }, a);
	int n = wrong(c[ID], "strict", c[STRICT], status_word(strict.status), strict.detail) +
		wrong(c[ID], "relaxed", c[RELAXED], status_word(relaxed.status), relaxed.detail);

	if (text_starts(c[ID], "real-phala-sgx"))
		return n; /* not a TD: nothing else is looked at */
	n += wrong(c[ID], "crypto", text_eq(c[CRYPTO], "fail") ? "fail" : "holds",
		   f.broken == PROOF_OK ? "holds" : "fail", strict.detail);
	if (*c[TCB] != '-') {
		bool none = f.level.status == TCB_UNKNOWN;

		n += wrong(c[ID], "TCB", c[TCB],
			   none ? "NotSupported" : names_word(&tcb_status_names, (int)quote_converge(&f)),
			   strict.detail);
	}
	return n;
}

static void test_quotes(void **state)
{
	struct arena a = ARENA_INIT;
	const char *dir = vectors_dir(&a), *at, *c[COLUMNS];
	int n = 0, bad = 0;

	(void)state;
	if (!dir)
		skip_without(&a);
	at = vector_file(&a, dir, "manifest.tsv")->s;
	assert_true(vector_row(&a, &at, c, COLUMNS));
	for (; vector_row(&a, &at, c, COLUMNS); n++)
		bad += quote_case(dir, c, &a);
	print_message("%d quotes, %d wrong\n", n, bad);
	assert_int_equal(bad, 0);
	assert_true(n >= 50);
	arena_done(&a);
}

/* The Intel root is the pinned one without anybody saying so. */
static void test_intel_root(void **state)
{
	struct arena a = ARENA_INIT;
	const char *dir = vectors_dir(&a);
	struct quote_facts f;

	(void)state;
	if (!dir)
		skip_without(&a);
	f = verify_case(dir, "cases/real-near-gas/quote.bin", "cases/real-near-gas/collateral.json", NULL,
			1757289600, &a);
	assert_int_equal(f.broken, PROOF_OK);
	assert_string_equal(f.root_sha, QUOTE_INTEL_ROOT);
	f = verify_case(dir, "cases/syn-v4-uptodate/quote.bin", "cases/syn-v4-uptodate/collateral.json", NULL,
			1767225600, &a);
	assert_int_equal(f.broken, PROOF_TDX_ROOT);
	assert_null(f.td.mrtd);
	arena_done(&a);
}

/* ---- policies --------------------------------------------------------------------------------------------------------- */

enum { P_ID, P_QUOTE, P_VALUES, P_TAG, P_SIZE, P_REPORT, P_STRICT, P_RELAXED, P_COLUMNS };

static int policy_case(const char *dir, const char *const *c, struct arena *a)
{
	struct quote_facts f = verify_case(dir, "cases/real-near-gas/quote.bin",
					   "cases/real-near-gas/collateral.json", NULL, 1757289600, a);
	const struct buf *text = vector_file(a, dir, arena_printf(a, "policy/%s", c[P_VALUES]));
	struct trusted_values v;
	struct quote_policy p = { .strict = true,
				  .fresh = true,
				  .values = &v,
				  .report_data = *c[P_REPORT] ? c[P_REPORT] : NULL,
				  .release_tag = c[P_TAG],
				  .node_size = c[P_SIZE] };
	struct judged j;
	int n;

	assert_string_equal(c[P_QUOTE], "../cases/real-near-gas/quote.bin");
	assert_int_equal(trusted_values_parse(&v, text->s, text->n, a, NULL), 0);
	j = judge(&f, &p, a);
	n = wrong(c[P_ID], "strict", c[P_STRICT], status_word(j.status), j.detail);
	p.strict = false;
	j = judge(&f, &p, a);
	return n + wrong(c[P_ID], "relaxed", c[P_RELAXED], status_word(j.status), j.detail);
}

static void test_policies(void **state)
{
	struct arena a = ARENA_INIT;
	const char *dir = vectors_dir(&a), *at, *c[P_COLUMNS];
	int n = 0, bad = 0;

	(void)state;
	if (!dir)
		skip_without(&a);
	at = vector_file(&a, dir, "policy/manifest.tsv")->s;
	assert_true(vector_row(&a, &at, c, P_COLUMNS));
	for (; vector_row(&a, &at, c, P_COLUMNS); n++)
		bad += policy_case(dir, c, &a);
	print_message("%d policies, %d wrong\n", n, bad);
	assert_int_equal(bad, 0);
	assert_true(n >= 7);
	arena_done(&a);
}

/* ---- event logs --------------------------------------------------------------------------------------------------------- */

/* The registers as they stand in the quote, signed or not: the log is compared with them here. */
static void registers(const char *out[QUOTE_RTMRS], const struct buf *quote, struct arena *a)
{
	for (size_t i = 0; i < QUOTE_RTMRS; i++) {
		char hex[97];

		for (size_t k = 0; k < 48; k++)
			snprintf(hex + 2 * k, 3, "%02x", (unsigned char)quote->s[48 + 328 + 48 * i + k]);
		out[i] = arena_strdup(a, hex);
	}
}

static void test_event_logs(void **state)
{
	static const struct {
		const char *log, *quote;
		int64_t events;
	} cases[] = {
		{ "eventlog/dstack-report/event_log.json", "eventlog/dstack-report/quote.bin", 28 },
		{ "eventlog/google-cos113-ccel_data.dat", "eventlog/google-cos113-quote.dat", 43 },
	};
	struct arena a = ARENA_INIT;
	const char *dir = vectors_dir(&a);

	(void)state;
	if (!dir)
		skip_without(&a);
	for (size_t k = 0; k < countof(cases); k++) {
		const struct buf *log = vector_file(&a, dir, cases[k].log);
		const char *want[QUOTE_RTMRS];
		struct quote_log l;
		struct err e = ERR_INIT;
		int r = quote_log_replay(&l, log->s, log->n, &a, &e);

		assert_string_equal(e.message, "");
		assert_int_equal(r, 0);
		registers(want, vector_file(&a, dir, cases[k].quote), &a);
		for (size_t i = 0; i < QUOTE_RTMRS; i++)
			assert_string_equal(l.rtmr[i], want[i]);
		assert_true(l.events >= cases[k].events - 2 && l.events <= cases[k].events);
		assert_int_equal(l.lies, 0);
	}
	arena_done(&a);
}

/* ---- tokens ----------------------------------------------------------------------------------------------------------------- */

enum { J_ID, J_TOKEN, J_JWKS, J_ROOT, J_TIME, J_EXPECT, J_COLUMNS };

static int token_case(const char *dir, const char *const *c, struct arena *a)
{
	const struct buf *token = vector_file(a, dir, arena_printf(a, "jwt/%s", c[J_TOKEN])),
			 *jwks = vector_file(a, dir, arena_printf(a, "jwt/%s", c[J_JWKS])),
			 *root = vector_file(a, dir, arena_printf(a, "jwt/%s", c[J_ROOT]));
	const char *want = text_starts(c[J_EXPECT], "pass-tcb") ? "warn"
			   : text_eq(c[J_EXPECT], "pass")       ? "verified"
			   : text_eq(c[J_EXPECT], "fail")       ? "failed"
								: c[J_EXPECT];
	struct token_keys *keys = NULL;
	struct proof_checks checks;
	enum proof_reason reason;
	struct token_facts f;
	const char *detail;
	enum proof_status s;
	int n;

	assert_int_equal(token_keys_parse(&keys, jwks->s, jwks->n, root->s, root->n, NULL), 0);
	token_verify(
		&f, &(struct token_question){ token->s, token->n, keys, { number_of(c[J_TIME]) * 1000 } }, a);
	s = token_judge(&f, &(struct token_policy){ 0 }, &checks, &reason, &detail, a);
	n = wrong(c[J_ID], "relaxed", want, status_word(s), detail);
	s = token_judge(&f, &(struct token_policy){ .strict = true }, &checks, &reason, &detail, a);
	n += wrong(c[J_ID], "strict", text_eq(want, "warn") ? "failed" : want, status_word(s), detail);
	token_keys_free(keys);
	return n;
}

static void test_tokens(void **state)
{
	struct arena a = ARENA_INIT;
	const char *dir = vectors_dir(&a), *at, *c[J_COLUMNS];
	int n = 0, bad = 0;

	(void)state;
	if (!dir)
		skip_without(&a);
	at = vector_file(&a, dir, "jwt/manifest.tsv")->s;
	assert_true(vector_row(&a, &at, c, J_COLUMNS));
	for (; vector_row(&a, &at, c, J_COLUMNS); n++)
		bad += token_case(dir, c, &a);
	print_message("%d tokens, %d wrong\n", n, bad);
	assert_int_equal(bad, 0);
	assert_true(n >= 8);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quotes),   cmocka_unit_test(test_intel_root),
		cmocka_unit_test(test_policies), cmocka_unit_test(test_event_logs),
		cmocka_unit_test(test_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
