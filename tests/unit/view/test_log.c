/* A job's steps are numbered with gaps: a line names the step of its number, not the one at that place in the list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/view/plan.h"

static void steps_are_found_by_number(void **state)
{
	static const char text[] = "{\"steps\":[{\"n\":1,\"name\":\"Set up\"},{\"n\":2,\"name\":\"Build\"},"
				   "{\"n\":9,\"name\":\"Post \\u001bBuild\"}]}";
	struct arena a = ARENA_INIT;
	struct json *log = NULL;

	(void)state;
	assert_int_equal(json_parse(&log, text, strlen(text), 4096, NULL), 0);
	assert_string_equal(view_step_name(log, 2, &a), "Build");
	assert_string_equal(view_step_name(log, 9, &a), "Post \\x1bBuild");
	assert_string_equal(view_step_name(log, 3, &a), "");
	assert_string_equal(view_step_name(log, 0, &a), "");
	assert_string_equal(view_step_name(NULL, 1, &a), "");
	json_free(log);
	arena_done(&a);
}

static void what_is_left_out_is_said(void **state)
{
	static const struct {
		const char *text;
		bool says;
	} cases[] = { { "{\"cut\":true}", true }, { "{\"cut\":false}", false }, { "{}", false } };

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct json *log = NULL;
		assert_int_equal(json_parse(&log, cases[i].text, strlen(cases[i].text), 4096, NULL), 0);
		assert_int_equal(strstr(view_log_cut(log), "left out") != NULL, cases[i].says);
		json_free(log);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(steps_are_found_by_number),
					    cmocka_unit_test(what_is_left_out_is_said) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
