/*
 * The keys that steer a canary: each asks for what its act lacks, and what the lane's profile has no means for is said by the
 * plan, not by silence.
 */
#include "tests/plant.h"
#include "tests/pty/behind.h"

static void plant(struct console *c)
{
	char dir[512], path[600];
	find_cache(c, dir, sizeof(dir));
	snprintf(path, sizeof(path), "%s/cache.db", dir);
	plant_canary(path, VERDICT_PASS);
}

static void test_keys(void **state)
{
	struct console c;
	(void)state;
	console_drill(&c, "1", 24, 80);
	plant(&c);
	go_to(&c, "easy/prod");
	pty_type(c.p, "H");
	must_see(&c, "hold easy/prod: why?");
	type_slowly(&c, "it looks odd");
	pty_type(c.p, "\r");
	must_see(&c, "easy/prod has no canary by its profile");
	pty_type(c.p, "X"); /* no gate waits here: it is about the canary */
	must_see(&c, "abort easy/prod --rollback: why?");
	pty_type(c.p, "\033");
	must_go(&c, "--rollback: why?");
	pty_type(c.p, "P");
	must_see(&c, "has no canary by its profile");
	pty_type(c.p, ":promote gov/prod --full\r");
	must_see(&c, "cannot promote-full");
	pty_type(c.p, "\033");
	must_go(&c, "cannot promote-full");
	pty_type(c.p, "q");
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	console_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
	};
	return cmocka_run_group_tests_name("steer", tests, NULL, NULL);
}
