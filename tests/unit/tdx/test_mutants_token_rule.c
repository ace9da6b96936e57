/* Each check that policy adds to a token, ignored and turned round; among them that it agrees with the quote. */
#include "tests/unit/tdx/token_cases.h"
#include "tests/unit/tdx/mutants.h"

#define TOKEN_RULE_TAMPER(row, result) tamper((row), (result))
#include "core/rules/token.c"

static const char *const zero_to_three[] = { MK_48("20"), MK_48("21"), MK_48("22"), MK_48("23") };

static const struct wanted {
	const char *name;
	enum token_fault fault;
	const char *issuer, *nonce, *report_data, *rtmr3;
	bool no_quote;
	enum proof_reason reason;
	bool unbound; /* nobody knows what its report must answer */
	int tcb;
} wanted[] = {
	{ "all agree", TOKEN_FAULT_good, "i", "v", NULL, NULL, false, PROOF_OK },
	{ "another issuer", TOKEN_FAULT_good, "j", "v", NULL, NULL, false, PROOF_ID_ISSUER },
	{ "another nonce", TOKEN_FAULT_good, "i", "w", NULL, NULL, false, PROOF_NONCE_BAD },
	{ "other report data", TOKEN_FAULT_good, "i", "v", "00", NULL, false, PROOF_NONCE_BAD },
	{ "another register", TOKEN_FAULT_good, "i", "v", NULL, MK_48("24"), false, PROOF_JWT_QUOTE_DIFF },
	{ "a quote that does not hold", TOKEN_FAULT_good, "i", "v", NULL, NULL, true, PROOF_JWT_QUOTE_DIFF },
	{ "no challenge", TOKEN_FAULT_good, "i", "v", NULL, NULL, false, PROOF_NONCE_NONE, true, 0 },
	{ "another issuer, and levels only warn", TOKEN_FAULT_good, "j", "v", NULL, NULL, false,
	  PROOF_ID_ISSUER, false, QUOTE_WARN },
	{ "out of date", TOKEN_FAULT_tcb, "i", "v", NULL, NULL, false, PROOF_TCB_OUTOFDATE },
	{ "debug", TOKEN_FAULT_debug, "i", "v", NULL, NULL, false, PROOF_TD_DEBUG },
};

struct ground {
	struct arena a;
	struct token_facts facts[countof(wanted)];
};

static bool holds(const struct wanted *w, const struct token_facts *f)
{
	struct arena a = ARENA_INIT;
	struct quote_facts q = { .td = { .mrtd = w->no_quote ? NULL : MK_MRTD,
					 .report_data = f->report_data } };
	struct token_policy p = { .strict = true,
				  .issuer = w->issuer,
				  .nonce = w->nonce,
				  .quote = &q,
				  .tcb = w->tcb,
				  .fresh = true,
				  .report_data = w->unbound       ? NULL
						 : w->report_data ? w->report_data
								  : f->report_data };
	struct proof_checks checks;
	enum proof_reason reason;
	const char *detail;
	enum proof_status s;

	for (size_t i = 0; i < QUOTE_RTMRS; i++)
		q.td.rtmr[i] = i == 3 && w->rtmr3 ? w->rtmr3 : zero_to_three[i];
	s = token_judge(f, &p, &checks, &reason, &detail, &a);
	arena_done(&a);
	return reason == w->reason && s == (w->reason == PROOF_OK ? PROOF_VERIFIED : PROOF_FAILED);
}

static int first_failing(void *ctx)
{
	struct ground *g = ctx;

	for (size_t i = 0; i < countof(wanted); i++)
		if (!holds(&wanted[i], &g->facts[i]))
			return (int)i;
	return -1;
}

static const char *name_of(size_t row)
{
	return rows[row].id;
}

static void every_mutant_is_seen(void **state)
{
	static struct ground g;
	struct foundry *f autofree(foundry) = mk_foundry();

	(void)state;
	for (size_t i = 0; i < countof(wanted); i++) {
		struct token_built b = token_build(f, wanted[i].fault, &g.a);

		g.facts[i] = token_facts_of(&b, &g.a);
		token_keys_free(b.keys);
	}
	assert_int_equal(first_failing(&g), -1);
	assert_int_equal(mutants_of(countof(rows), name_of, first_failing, &g), 0);
	arena_done(&g.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_mutant_is_seen) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
