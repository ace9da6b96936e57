/* The authority of drills: what it makes is always the same, of each form of quote, and a drill's machine says what it was told. */
#include "tests/unit/tdx/token_cases.h"

static void the_same_order_gives_the_same_bytes(void **state)
{
	struct foundry *one autofree(foundry) = mk_foundry(), *two autofree(foundry) = mk_foundry();
	const struct when now = { MK_NOW * 1000L };
	const struct quote_order q = { .mrtd = MK_MRTD, .at = now };
	const struct token_order t = { .mrtd = MK_MRTD, .at = now };
	struct arena a = ARENA_INIT;
	size_t n, m;
	const unsigned char *x = foundry_quote(one, &q, &n, &a), *y = foundry_quote(two, &q, &m, &a);

	(void)state;
	assert_int_equal(n, m);
	assert_memory_equal(x, y, n);
	assert_string_equal(foundry_token(one, &t, &a), foundry_token(two, &t, &a));
	assert_string_equal(foundry_collateral(one, now, TDX_FAULT_good, &a),
			    foundry_collateral(two, now, TDX_FAULT_good, &a));
	assert_string_equal(foundry_jwks(one, now, TOKEN_FAULT_good, &a),
			    foundry_jwks(two, now, TOKEN_FAULT_good, &a));
	arena_done(&a);
}

static struct quote_facts facts_of(const struct foundry *f, const struct quote_order *o, struct arena *a)
{
	const char *json = foundry_collateral(f, o->at, TDX_FAULT_good, a);
	struct built b;
	struct quote_facts facts;

	b.bytes = foundry_quote(f, o, &b.n, a);
	assert_int_equal(
		quote_collateral_parse(&b.collateral, json, strlen(json), foundry_root_sha(f, a), NULL), 0);
	facts = quote_facts_of(&b, a);
	quote_collateral_free(b.collateral);
	return facts;
}

static void every_form_holds(void **state)
{
	static const struct quote_order orders[] = {
		{ .version = 4 },
		{ .version = 5 },
		{ .version = 5, .td15 = true },
		{ .platform = FOUNDRY_PLATFORMS - 1 },
	};
	struct foundry *f autofree(foundry) = mk_foundry();
	struct arena a = ARENA_INIT;
	const char *ppid = NULL;

	(void)state;
	for (size_t i = 0; i < countof(orders); i++) {
		struct quote_order o = orders[i];
		struct quote_facts facts;

		o.at = (struct when){ MK_NOW * 1000L };
		o.mrtd = MK_MRTD;
		o.rtmr[2] = MK_48("77");
		o.report_data = "abcd";
		facts = facts_of(f, &o, &a);
		assert_int_equal(facts.broken, PROOF_OK);
		assert_string_equal(facts.td.mrtd, MK_MRTD);
		assert_string_equal(facts.td.rtmr[2], MK_48("77"));
		assert_string_equal(facts.td.rtmr[3], MK_48("00"));
		assert_memory_equal(facts.td.report_data, "abcd0000", 8);
		if (!ppid)
			ppid = facts.platform.ppid;
		assert_int_equal(strcmp(ppid, facts.platform.ppid) == 0, o.platform == 0);
	}
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_order_gives_the_same_bytes),
		cmocka_unit_test(every_form_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
