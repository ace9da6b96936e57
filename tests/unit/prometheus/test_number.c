#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/adapters/prometheus/internal.h"

#define NONE CANARY_NONE_VALUE
#define FAR  INT64_MAX

/* What Prometheus 2.42 was seen to write, what Go's strconv.FormatFloat can, and the edges of the type. */
static const struct {
	const char *text;
	int64_t value;
} numbers[] = {
	{ "0", 0 },
	{ "-0", 0 },
	{ "1", 1000000 },
	{ "0.0504", 50400 },
	{ "0.05040000000000001", 50400 },
	{ "2.4899999999999998", 2490000 },
	{ "0.000001", 1 },
	{ "0.0000005", 1 },
	{ "0.00000049999999999", 0 },
	{ "-0.0000005", -1 },
	{ "1e-07", 0 },
	{ "5e-07", 1 },
	{ "9.5e-07", 1 },
	{ "-0.0000001", 0 },
	{ "123456.789", INT64_C(123456789000) },
	{ "1795238502.015", INT64_C(1795238502015000) },
	{ "1.5e+06", INT64_C(1500000000000) },
	{ "1.5E6", INT64_C(1500000000000) },
	{ "12345e-3", 12345000 },
	{ ".5", 500000 },
	{ "5.", 5000000 },
	{ "+3", 3000000 },
	{ "00012.50", 12500000 },
	{ "9223372036854.775807", FAR },
	{ "9223372036854.775806", FAR - 1 },
	{ "-9223372036854.775807", -FAR },
	{ "9223372036854.775808", FAR },
	{ "9223372036854.7758075", FAR },
	{ "1.5e+25", FAR },
	{ "-1.7976931348623157e+308", -FAR },
	{ "1e999999999999999999999", FAR },
	{ "1e-999999999999999999999", 0 },
	{ "0e999999999999", 0 },
	{ "5e-324", 0 },
	{ "+Inf", FAR },
	{ "-Inf", -FAR },
	{ "Inf", FAR },
	{ "NaN", NONE },
};

static void test_numbers(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(numbers); i++) {
		int64_t v = 42;

		if (number_parse(&v, numbers[i].text) < 0 || v != numbers[i].value)
			fail_msg("%s is %" PRId64 ", not %" PRId64, numbers[i].text, v, numbers[i].value);
	}
}

static void test_no_numbers(void **state maybe_unused)
{
	static const char *const words[] = { "",      " ",        ".",    "-",    "+",        "e5",   "1e",
					     "1e+",   "1 ",       " 1",   "1,5",  "0x10",     "--1",  "1.2.3",
					     "1e5.5", "infinity", "Nano", "1e5x", "\xd9\xa1", "1_000" };
	char longest[512];

	for (size_t i = 0; i < countof(words); i++) {
		int64_t v = 42;

		if (number_parse(&v, words[i]) != -ERR_CORRUPT || v != 42)
			fail_msg("\"%s\" is taken for a number", words[i]);
	}
	memset(longest, '1', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	assert_int_equal(number_parse(&(int64_t){ 0 }, longest), -ERR_CORRUPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_no_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
