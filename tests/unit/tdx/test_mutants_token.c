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

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_fault_has_its_reason) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
