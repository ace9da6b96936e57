/* How long an override holds, by two clocks of which one is told in whole seconds. */
#include "core/rules/glass.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_holds(void **state)
{
	static const struct {
		int64_t server, mono; /* ms since it was made */
		bool holds;
	} rows[] = {
		{ 0, 0, true },
		{ GLASS_MS, GLASS_MS, true },
		{ GLASS_MS + 1, GLASS_MS, false },
		{ GLASS_MS, GLASS_MS + 1, false },
		/* the server's second was just over when it was made, and not yet now */
		{ -900, 40, true },
		{ -GLASS_GRAIN_MS, 1, true },
		/* the server's clock was put back, or the machine began anew */
		{ -GLASS_GRAIN_MS - 1, 1, false },
		{ 40, -1, false },
	};
	const struct when made = { 1750000000000 };
	const int64_t mono = 5000;
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct when now = { made.ms + rows[i].server };
		if (glass_holds(made, mono, now, mono + rows[i].mono) != rows[i].holds)
			fail_msg("row %zu", i);
	}
	assert_false(glass_holds(WHEN_NONE, mono, made, mono));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holds),
	};
	return cmocka_run_group_tests_name("glass", tests, NULL, NULL);
}
