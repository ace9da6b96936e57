/* When a schedule was due last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cron.h"
#include "base/err.h"

static void last_times(void **state)
{
	static const struct {
		const char *cron, *now, *last; /* NULL: it is refused */
	} rows[] = {
		{ "17 6 * * *", "2026-11-21T12:00:00Z", "2026-11-21T06:17:00Z" },
		{ "17 6 * * *", "2026-11-21T06:16:59Z", "2026-11-20T06:17:00Z" },
		{ "17 6 * * *", "2026-11-21T06:17:00Z", "2026-11-21T06:17:00Z" },
		{ "*/15 * * * *", "2026-11-21T12:44:30Z", "2026-11-21T12:30:00Z" },
		{ "5/20 * * * *", "2026-11-21T12:44:30Z", "2026-11-21T12:25:00Z" },
		{ "0 9-17/4 * * 1-5", "2026-11-21T12:00:00Z", "2026-11-20T17:00:00Z" }, /* a Saturday */
		{ "0 0 * * 7", "2026-11-21T12:00:00Z", "2026-11-15T00:00:00Z" },
		{ "0 0 * * sun", "2026-11-21T12:00:00Z", "2026-11-15T00:00:00Z" },
		{ "30 4 1,15 * *", "2026-11-21T12:00:00Z", "2026-11-15T04:30:00Z" },
		{ "30 4 1,15 * MON", "2026-11-21T12:00:00Z", "2026-11-16T04:30:00Z" }, /* either of them */
		{ "0 0 1 JAN *", "2026-11-21T12:00:00Z", "2026-01-01T00:00:00Z" },
		{ "0 0 29 2 *", "2026-11-21T12:00:00Z", "2024-02-29T00:00:00Z" },
		{ "0 0 31 2 *", "2026-11-21T12:00:00Z", NULL },
		{ "60 * * * *", "2026-11-21T12:00:00Z", NULL },
		{ "* * * *", "2026-11-21T12:00:00Z", NULL },
		{ "* * * * * *", "2026-11-21T12:00:00Z", NULL },
		{ "*/0 * * * *", "2026-11-21T12:00:00Z", NULL },
		{ "5-1 * * * *", "2026-11-21T12:00:00Z", NULL },
		{ "@daily", "2026-11-21T12:00:00Z", NULL },
		{ "1,,2 * * * *", "2026-11-21T12:00:00Z", NULL },
		{ "", "2026-11-21T12:00:00Z", NULL },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct when now, last = WHEN_NONE;
		char text[WHEN_TEXT];

		assert_int_equal(when_parse(&now, rows[i].now), 0);
		assert_int_equal(cron_last(&last, rows[i].cron, now), rows[i].last ? 0 : -ERR_INVALID);
		assert_string_equal(when_iso(last, text), rows[i].last ? rows[i].last : "-");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(last_times) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
