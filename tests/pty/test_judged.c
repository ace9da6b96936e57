/* A plan turned to its conditions, an act told before it is done, and keys that came too early: nothing of it sends. */
#include "tests/pty/console.h"

/* The act's key, the whole phrase and Enter, all before the plan is there: it is opened, and nothing of that is in it. */
static void test_typed_ahead(void **state)
{
	struct console c;
	(void)state;
	console_drill(&c, "0.001", 24, 80);
	go_to(&c, "easy/prod");
	pty_type(c.p, "D" PHRASE "\r\r");
	must_see(&c, "confirm dispatch on PRODUCTION");
	must_see(&c, "Esc leaves; nothing was sent");
	must_see(&c, "> _");
	pty_type(c.p, "\033");
	must_go(&c, "confirm dispatch");
	must_see(&c, "easy/staging"); /* and no filter is set by it */
	must_have_sent_nothing(&c);
	pty_type(c.p, "q");
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	console_end(&c);
}

/* Production says so where one types, and its conditions can be read meanwhile; what was typed stays. */
static void test_turned(void **state)
{
	struct console c;
	(void)state;
	console_drill(&c, "0.001", 24, 80);
	open_plan(&c);
	must_see(&c, "confirm dispatch on PRODUCTION");
	must_see(&c, "PRODUCTION dispatch easy/prod v0.9.4");
	pty_type(c.p, "w");
	must_see(&c, "dispatch easy/prod v0.9.4 may be sent");
	must_see(&c, " old");
	type_slowly(&c, "easy");
	must_see(&c, "> easy_");
	pty_type(c.p, "\027");
	must_see(&c, "nothing was sent yet");
	must_see(&c, "> easy_");
	pty_type(c.p, "\r"); /* half a phrase */
	must_see(&c, "that is not the phrase; nothing was sent");
	pty_type(c.p, "\033");
	must_go(&c, "confirm dispatch");
	must_have_sent_nothing(&c);
	pty_type(c.p, "q");
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	console_end(&c);
}

static void say(struct console *c, const char *line)
{
	pty_type(c->p, ":");
	must_see(c, " :");
	type_slowly(c, line);
	pty_type(c->p, "\r");
}

static void test_what_if(void **state)
{
	struct console c;
	(void)state;
	console_drill(&c, "0.001", 24, 80);
	must_go(&c, "STALE"); /* every lane was read */
	say(&c, "what-if freeze gov --reason red");
	must_see(&c, "what if: freeze gov");
	must_see(&c, "-> HOLD");
	must_see(&c, "nothing was sent: this is what would be");
	pty_type(c.p, "\033");
	must_go(&c, "what if:");
	say(&c, "why easy/prod dispatch");
	must_see(&c, "dispatch easy/prod v0.9.4 may be sent");
	assert_false(pty_has(c.p, "confirm dispatch")); /* asked why, not to be done */
	pty_type(c.p, "\033");
	must_go(&c, "may be sent");
	go_to(&c, "easy/prod");
	pty_type(c.p, "B");
	must_see(&c, "rollback easy/prod: why?");
	pty_type(c.p, "\033");
	must_go(&c, "why?");
	must_have_sent_nothing(&c);
	pty_type(c.p, "q");
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	console_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_typed_ahead),
		cmocka_unit_test(test_turned),
		cmocka_unit_test(test_what_if),
	};
	return cmocka_run_group_tests_name("judged", tests, NULL, NULL);
}
