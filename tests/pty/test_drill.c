#include "tests/pty/console.h"

/* A drill that cannot be shown says why first, and keeps no score of what was not played. */
static void test_drill_without_terminal(void **state maybe_unused)
{
	const char *argv[] = { PROGRAM, "drill", "first-rollout", NULL };
	struct console c;
	int status = -1;

	console_dir(&c);
	c.envp[6] = "TERM=no-such-terminal";
	c.envp[7] = NULL;
	console_start(&c, argv, 24, 80);
	assert_true(pty_wait_exit(c.p, SOON, &status));
	assert_int_equal(status, 2);
	assert_int_equal(strncmp(pty_row(c.p, 0), "pilothouse: ", 12), 0);
	assert_false(pty_has(c.p, "goals"));
	console_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_drill_without_terminal) };

	return cmocka_run_group_tests_name("drill", tests, NULL, NULL);
}
