/* Numbers as text in millionths: as near as it goes, and never a guess. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/model/canary.h"

#include <inttypes.h>

static void numbers_are_read_as_they_stand(void **state)
{
	static const struct {
		const char *text;
		int64_t value;
	} cases[] = {
		{ "0", 0 },
		{ "1", CANARY_SCALE },
		{ "-1.5", -1500000 },
		{ "0.0504", 50400 },
		{ "4.2e-05", 42 },
		{ "4.25E-07", 0 },
		{ "5e-07", 1 },
		{ "0.0000005", 1 },
		{ "0.00000049999999999999999999", 0 },
		{ "1e3", 1000 * CANARY_SCALE },
		{ "1795238502.015", INT64_C(1795238502015000) },
		{ "0.10000000000000000555111512312578270211815834045410156250", 100000 },
		{ "123456789012.3456789", INT64_C(123456789012345678) }, /* of 18 digits */
		{ ".5", 500000 },
		{ "5.", 5000000 },
		{ "00012", 12000000 },
		{ "0e999", 0 },
		{ "1e-999", 0 },
	};
	static const char *const refused[] = { "",     "-",   ".",    "NaN",  "+Inf",
					       "-Inf", "1e",  "1e+",  "1,5",  "1 ",
					       " 1",   "+1",  "0x1",  "1e13", "9223372036855",
					       "1-",   "--1", "1e999" };

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		int64_t v = -77;

		if (canary_value(&v, cases[i].text) != 0 || v != cases[i].value)
			fail_msg("%s is %" PRId64, cases[i].text, v);
	}
	for (size_t i = 0; i < countof(refused); i++) {
		int64_t v = -77;

		if (canary_value(&v, refused[i]) != -1 || v != -77)
			fail_msg("%s is %" PRId64, refused[i], v);
	}
}

static void products_are_as_near_as_it_goes(void **state)
{
	(void)state;
	assert_int_equal(canary_times(1500000, 2 * CANARY_SCALE), 3000000);
	assert_int_equal(canary_times(1, 500000), 1);
	assert_int_equal(canary_times(-1, 500000), -1);
	assert_int_equal(canary_over(1500 * CANARY_SCALE, 1000 * CANARY_SCALE), 1500000);
	assert_int_equal(canary_over(-1 * CANARY_SCALE, 3 * CANARY_SCALE), -333333);
	assert_true(canary_over(1, 0) == CANARY_NONE_VALUE);
	assert_true(canary_times(INT64_MAX, INT64_MAX) == CANARY_NONE_VALUE);
	assert_true(canary_times(CANARY_NONE_VALUE, 0) == CANARY_NONE_VALUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read_as_they_stand),
		cmocka_unit_test(products_are_as_near_as_it_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
