/* Tokens with one fault each; and each check of a token's cryptography, ignored and turned round. */
#include "tests/unit/tdx/token_cases.h"
#include "tests/unit/tdx/mutants.h"

#define TOKEN_TAMPER(row, result) tamper((row), (result))
#include "core/adapters/tdx/token.c"

static const char *name_of(size_t row)
{
	return rows[row].id;
}

static int first_failing(void *all)
{
	return token_cases_fail(all, NULL);
}

static void every_fault_has_its_reason(void **state)
{
	autofree(buf) struct buf why = BUF_INIT(65536);
	struct arena a = ARENA_INIT;
	struct token_built *all = token_build_all(&a);

	(void)state;
	token_cases_fail(all, &why);
	assert_string_equal(why.s, "");
	assert_int_equal(mutants_of(countof(rows), name_of, first_failing, all), 0);
	token_free_all(all);
	arena_done(&a);
}

/* A list of an authority that is not in the key's chain says nothing of it: there is none then. */
static void a_list_of_another_authority_is_none(void **state)
{
	struct arena a = ARENA_INIT;
	struct foundry *f = mk_foundry();
	const char *collateral = foundry_collateral(f, (struct when){ MK_NOW * 1000L }, TDX_FAULT_good, &a);
	struct token_built b = token_build(f, TOKEN_FAULT_good, &a);
	autofree(json) struct json *j = NULL;
	struct token_facts facts;
	const char *list;

	(void)state;
	assert_int_equal(json_parse(&j, collateral, strlen(collateral), 1 << 20, NULL), 0);
	list = json_str(j, "pck_crl");
	b.keys->lists[0] = tdx_crl((struct bytes){ (const unsigned char *)list, strlen(list) }, &a);
	assert_non_null(b.keys->lists[0]);
	b.keys->lists_n = 1;
	facts = token_facts_of(&b, &a);
	assert_int_equal(facts.broken, PROOF_OK);
	assert_int_equal(facts.checks.items[TOKEN_REVOKED].result, CHECKED_ABSENT);
	assert_string_equal(facts.checks.items[TOKEN_REVOKED].found,
			    "no revocation list that was given is of its authorities");
	token_keys_free(b.keys);
	foundry_free(f);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_fault_has_its_reason),
					    cmocka_unit_test(a_list_of_another_authority_is_none) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
