/* What is in force against what was declared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/rules/policy.h"

static void strictness_decides(void **state)
{
	static const char *const order[] = { "strict", "warn", "off", NULL };
	static const struct {
		const char *declared, *live;
		bool ordered, production;
		enum drift_verdict verdict;
		const char *reason;
	} rows[] = {
		{ "strict", "strict", true, true, DRIFT_EQUAL, "" },
		{ "warn", "strict", true, true, DRIFT_AHEAD, "stricter than warn" },
		{ "strict", "warn", true, true, DRIFT_OTHER, "relaxed: strict is declared" },
		{ "strict", "off", true, false, DRIFT_BEHIND, "relaxed: strict is declared" },
		{ "strict", "lax", true, false, DRIFT_OTHER, "not as declared: strict is declared" },
		{ "1500", "1600", false, false, DRIFT_OTHER, "not as declared: 1500 is declared" },
		{ "1500", "1500", false, true, DRIFT_EQUAL, "" },
		{ "strict", "${{ inputs.tcb }}", true, true, DRIFT_UNKNOWN, "the file computes it" },
		{ "strict", "", true, true, DRIFT_UNKNOWN, "what is in force was not read" },
		{ "strict", NULL, true, true, DRIFT_UNKNOWN, "what is in force was not read" },
	};
	autofree(arena) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct drift d = { .declared = rows[i].declared, .live = rows[i].live };

		policy_judge(&d, rows[i].ordered ? order : NULL, rows[i].production, &a);
		assert_int_equal(d.verdict, rows[i].verdict);
		assert_string_equal(d.reason, rows[i].reason);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(strictness_decides) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
