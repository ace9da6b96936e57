/* What `/` understands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tui/filter.h"

static void words(void **state)
{
	static const struct filter_field row[] = { { "state", "FAILED" },
						   { "size", "tiny" },
						   { "dc", "eu-west" } };
	static const struct {
		const char *filter;
		bool fits;
	} cases[] = {
		{ "", true },
		{ "state:failed", true },
		{ "failed", true }, /* what it is shown as needs no key */
		{ "!state:failed", false },
		{ "state:failed size:tiny dc:EU", true },
		{ "size:llm", false },
		{ "size:llm size:tiny", false },
		{ "!size:llm", true },
		{ "node", true },
		{ "NODE-0", true },
		{ "!node", false },
		{ "tiny", false },     /* a field of its own is asked by its key */
		{ "sha256:ab", true }, /* no key of this row: a word */
		{ "other:x", false },
		{ "!", false },
	};
	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		if (filter_matches(cases[i].filter, row, countof(row), "node-07 sha256:abcd") !=
		    cases[i].fits)
			fail_msg("%s", cases[i].filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(words) };
	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
