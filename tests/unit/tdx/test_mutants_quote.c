/* Each check of a quote's cryptography, ignored and turned round. */
#include "tests/unit/tdx/cases.h"
#include "tests/unit/tdx/mutants.h"

#define CHECK_TAMPER(row, result) tamper((row), (result))
#include "core/adapters/tdx/verify.c"

static const char *name_of(size_t row)
{
	return rows[row].id;
}

static int first_failing(void *all)
{
	return quote_cases_fail(all);
}

static void every_mutant_is_seen(void **state)
{
	struct arena a = ARENA_INIT;
	struct built *all = quote_build_all(&a);

	(void)state;
	assert_int_equal(quote_cases_fail(all), -1);
	assert_int_equal(mutants_of(countof(rows), name_of, first_failing, all), 0);
	quote_free_all(all);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_mutant_is_seen) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
