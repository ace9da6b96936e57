/*
 * A guard in the console: one key leaves it, every screen tells of it, one key takes it away; and a terminal that nobody reads
 * does not keep it from acting.
 */
#include "tests/plant.h"
#include "tests/pty/behind.h"

static void plant(struct console *c, enum canary_verdict verdict)
{
	char dir[512], path[600];
	find_cache(c, dir, sizeof(dir));
	snprintf(path, sizeof(path), "%s/cache.db", dir);
	plant_canary(path, verdict);
}

/* Up to the phrase, which is the lane. */
static void ask_for_one(struct console *c)
{
	go_to(c, "easy/prod");
	pty_type(c->p, "S");
	must_see(c, "type easy/prod and Enter:");
	must_see(c, "Esc leaves; nothing was sent"); /* armed */
	type_slowly(c, "easy/prod");
	must_see(c, "> easy/prod");
}

static void leave(struct console *c)
{
	pty_type(c->p, "q");
	assert_true(pty_wait_exit(c->p, SOON, NULL));
	console_end(c);
}

static void test_seen(void **state)
{
	struct console c;
	(void)state;
	console_drill(&c, "1", 24, 80);
	plant(&c, VERDICT_PASS);
	ask_for_one(&c);
	pty_type(c.p, "\r");
	must_see(&c, "armed for v0.9.4 until");
	pty_type(c.p, "\033");
	must_see(&c, "GUARD 1");
	must_see(&c, "rolls back when a judgement fails");
	must_see(&c, "S disarm");
	pty_type(c.p, "S"); /* one key, at once */
	must_go(&c, "GUARD 1");
	must_see(&c, "stood down");
	must_become(&c, "journal", "disarmed by");
	leave(&c);
}

/* Nobody reads from before the breach until long after it: what counts goes on in the order in which it is written. */
static void test_stalled(void **state)
{
	struct console c;
	(void)state;
	console_drill(&c, "20", 24, 80);
	plant(&c, VERDICT_FAIL);
	ask_for_one(&c);
	size_t before = pty_bytes(c.p);
	pty_hold(c.p, true);
	pty_type(c.p, "\r");
	must_become(&c, "journal", "guard, armed by");
	stall(&c);
	must_become(&c, "journal", "\"act\":\"rollback\"");
	must_become(&c, "journal", "rollback easy/prod by intent");
	assert_int_equal(pty_bytes(c.p), before);
	pty_hold(c.p, false);
	pty_settle(c.p, QUIET);
	must_see(&c, "rollback easy/prod by intent"); /* what the intent is now, and not what was answered */
	pty_type(c.p, "\033");
	must_see(&c, "PROGRESS");
	leave(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seen),
		cmocka_unit_test(test_stalled),
	};
	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
