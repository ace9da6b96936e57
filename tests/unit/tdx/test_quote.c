/* Quotes and collateral with one fault each, and what a good quote comes to under each policy. */
#include "tests/unit/tdx/cases.h"

static void every_fault_has_its_reason(void **state)
{
	autofree(buf) struct buf why = BUF_INIT(65536);
	struct arena a = ARENA_INIT;
	struct built *all = quote_build_all(&a);

	(void)state;
	for (int i = 0; i < TDX_FAULTS; i++)
		quote_case_holds((enum tdx_fault)i, &all[i], &why);
	assert_string_equal(why.s, "");
	quote_free_all(all);
	arena_done(&a);
}

/* What nobody signed is no fact, and what is signed is told whole. */
static void facts_are_signed(void **state)
{
	struct arena a = ARENA_INIT;
	struct foundry *by autofree(foundry) = mk_foundry();
	struct built good = quote_build(by, TDX_FAULT_good, &a),
		     flipped = quote_build(by, TDX_FAULT_flipped, &a);
	struct quote_facts f = quote_facts_of(&good, &a);

	(void)state;
	assert_string_equal(f.td.mrtd, MK_MRTD);
	assert_string_equal(f.td.report_data, MK_REPORT);
	assert_string_equal(f.platform.fmspc, "50806f000000");
	assert_int_equal(f.platform.pce_svn, 13);
	assert_string_equal(f.level.advisories[0], "INTEL-SA-1");
	assert_int_equal(f.collateral_until.ms / 1000, quote_collateral_until(good.collateral).ms / 1000);
	f = quote_facts_of(&flipped, &a);
	assert_int_equal(f.broken, PROOF_TDX_QSIG);
	assert_null(f.td.mrtd);
	assert_null(f.platform.fmspc);
	quote_collateral_free(good.collateral);
	quote_collateral_free(flipped.collateral);
	arena_done(&a);
}

static void without_collateral_it_is_stale(void **state)
{
	struct arena a = ARENA_INIT;
	struct foundry *by autofree(foundry) = mk_foundry();
	struct built good = quote_build(by, TDX_FAULT_good, &a);
	struct proof_checks checks;
	enum proof_reason reason;
	struct quote_facts f;
	const char *detail;

	(void)state;
	quote_verify(&f, &(struct quote_question){ good.bytes, good.n, NULL, { MK_NOW * 1000L } }, &a);
	assert_int_equal(quote_judge(&f, &(struct quote_policy){ 0 }, &checks, &reason, &detail, &a),
			 PROOF_STALE);
	assert_int_equal(reason, PROOF_COLL_NONE);
	assert_null(f.td.mrtd);
	quote_collateral_free(good.collateral);
	arena_done(&a);
}

static void a_challenge_is_bound(void **state)
{
	static const struct {
		int form;
		const char *challenge, *key, *want;
	} cases[] = {
		{ QUOTE_BIND_RAW, "ab", "", "6162" },
		{ QUOTE_BIND_HEX, "ab", "", "36313632" },
		{ QUOTE_BIND_SHA256, "a", "bc",
		  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	};
	char out[129];

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		size_t n = strlen(cases[i].want);

		assert_int_equal(quote_bind(out, cases[i].form, cases[i].challenge,
					    strlen(cases[i].challenge), cases[i].key, strlen(cases[i].key),
					    NULL),
				 0);
		assert_memory_equal(out, cases[i].want, n);
		assert_int_equal(strspn(out + n, "0"), 128 - n);
	}
	assert_int_equal(quote_bind(out, QUOTE_BIND_HEX, MK_REPORT, 33, "", 0, NULL), -ERR_INVALID);
	assert_int_equal(quote_bind(out, QUOTE_BIND_RAW, "", 0, "", 0, NULL), -ERR_INVALID);
}

/* A runtime event counts by what it says: a digest beside it is not believed. */
static void an_event_is_computed(void **state)
{
	static const char log[] = "[{\"imr\":3,\"event_type\":134217729,\"digest\":\"" MK_48(
		"00") "\",\"event\":\"app-id\",\"event_payload\":\"0102\"}]";
	static const char *const bad[] = {
		"[{}]",
		"[{\"imr\":4,\"event_type\":1,\"digest\":\"" MK_48("00") "\"}]",
		"[{\"imr\":0,\"event_type\":1,\"digest\":\"00\"}]",
		"Spec",
		"",
	};
	struct arena a = ARENA_INIT;
	struct quote_log l;

	(void)state;
	assert_int_equal(quote_log_replay(&l, log, strlen(log), &a, NULL), 0);
	assert_int_equal(l.runtime, 1);
	assert_int_equal(l.lies, 1);
	assert_string_equal(l.rtmr[0], MK_48("00"));
	assert_string_not_equal(l.rtmr[3], MK_48("00"));
	for (size_t i = 0; i < countof(bad); i++)
		assert_int_equal(quote_log_replay(&l, bad[i], strlen(bad[i]), &a, NULL), -ERR_CORRUPT);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fault_has_its_reason),     cmocka_unit_test(facts_are_signed),
		cmocka_unit_test(without_collateral_it_is_stale), cmocka_unit_test(a_challenge_is_bound),
		cmocka_unit_test(an_event_is_computed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
