/*
 * A plan that is looked at for too long, in the real console: its own clock runs twenty times as fast (the shim of the fault
 * sweeps), so a minute is three seconds and nothing else is any different.
 */
#include "tests/pty/console.h"

static void test_a_minute_voids_the_plan(void **state maybe_unused)
{
	const char *argv[] = { PROGRAM, "drill", "first-rollout", "--speed", "1", NULL };
	const char *env[16] = { "LD_PRELOAD=" PH_SHIM, "FAULT_PROGRAM=pilothouse", "FAULT_SPEED=20",
				"ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0" };
	struct console c;

	console_dir(&c);
	for (size_t i = 0; c.envp[i]; i++)
		env[4 + i] = c.envp[i];
	c.p = pty_start(argv, env, 24, 80);
	assert_non_null(c.p);
	must_see(&c, "Esc close");
	pty_type(c.p, "\033");
	must_see(&c, "gov/prod");
	must_see(&c, "v0.9.4");
	go_to(&c, "easy/prod");
	pty_type(c.p, "D");
	must_see(&c, "this plan is 60 s old: nothing was sent");
	type_slowly(&c, PHRASE);
	pty_type(c.p, "\033");
	must_go(&c, "this plan is void");
	must_have_sent_nothing(&c);
	pty_type(c.p, "q");
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	console_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_minute_voids_the_plan) };

	return cmocka_run_group_tests_name("late", tests, NULL, NULL);
}
