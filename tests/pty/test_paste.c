/*
 * What is pasted confirms nothing, whichever act it is, with brackets or as one write; and the same phrase from a finger, in
 * the same place of the same drill, does: else nothing would be proved.
 */
#include "tests/pty/behind.h"

static size_t acts(struct console *c)
{
	char state[512];
	size_t n = 0;
	find_cache(c, state, sizeof(state));
	const char *argv[] = {
		PROGRAM, "--state-dir", state, "--cache-dir", state, "journal", "--json", NULL
	};
	struct pty *p = pty_start(argv, c->envp, 24, 200);
	assert_true(pty_wait_exit(p, SOON, NULL));
	for (const char *s = pty_raw(p), *end = s + pty_raw_n(p);
	     (s = memmem(s, (size_t)(end - s), "\"act\":", 6)); s++)
		n++;
	pty_free(p);
	return n;
}

/* The phrase in every way that is no finger's, each with two Enters after it. */
static void paste(struct console *c, const char *phrase)
{
	static const char *const ways[] = {
		"\033[200~%s\033[201~",
		"\033[200~%s\r\033[201~",
		"\033[200~%s\n\033[201~",
		"%s",
		"%s\r",
		"%s\n",
		"%s\r\r\n",
	};
	for (size_t i = 0; i < countof(ways); i++) {
		char bytes[128];
		snprintf(bytes, sizeof(bytes), ways[i], phrase);
		pty_type(c->p, bytes);
		pty_settle(c->p, QUIET);
		type_slowly(c, "\r\r");
		must_see(c, "Enter alone sends nothing: type the phrase");
		assert_true(pty_has(c->p, "> _"));
	}
}

struct act {
	const char *keys, *title, *phrase, *sent;
};

static void open_act(struct console *c, const struct act *a)
{
	type_slowly(c, a->keys);
	must_see(c, a->title);
	must_see(c, "Esc leaves; nothing was sent"); /* armed */
}

static void type_it(struct console *c, const struct act *a)
{
	size_t before = acts(c);
	open_act(c, a);
	type_slowly(c, a->phrase);
	assert_int_equal(acts(c), before);
	pty_type(c->p, "\r");
	must_see(c, a->sent);
	assert_int_equal(acts(c), before + 1);
}

static void paste_it(struct console *c, const struct act *a)
{
	size_t before = acts(c);
	open_act(c, a);
	paste(c, a->phrase);
	pty_type(c->p, "\033");
	must_go(c, a->title);
	assert_int_equal(acts(c), before);
}

static const struct act dispatch = { "D", "confirm dispatch", PHRASE,
				     "FOUND sent once, and its run is known" },
			approve = { "A\r", "confirm approve", PHRASE, "DONE sent once, and it has happened" },
			reject = { "Xno\r", "confirm reject", "easy/prod",
				   "DONE sent once, and it has happened" },
			rollback = { "Bred\r", "confirm rollback", "easy/prod",
				     "FOUND sent once, and its run is known" };

static void leave(struct console *c)
{
	type_slowly(c, "1");
	must_see(c, "LANE ");
	pty_type(c->p, "q");
	assert_true(pty_wait_exit(c->p, SOON, NULL));
	console_end(c);
}

static void up_to_gate(struct console *c)
{
	type_it(c, &dispatch);
	pty_type(c->p, "\r"); /* opens the run */
	must_see(c, "A approves, X rejects");
}

static void test_dispatch(void **state maybe_unused)
{
	struct console c;
	console_drill(&c, "20", 24, 80);
	go_to(&c, "easy/prod");
	paste_it(&c, &dispatch);
	assert_int_equal(acts(&c), 0);
	up_to_gate(&c);
	paste_it(&c, &approve);
	type_it(&c, &approve);
	leave(&c);
}

static void test_reject(void **state maybe_unused)
{
	struct console c;
	console_drill(&c, "20", 24, 80);
	go_to(&c, "easy/prod");
	up_to_gate(&c);
	paste_it(&c, &reject);
	type_it(&c, &reject);
	leave(&c);
}

static void test_rollback(void **state maybe_unused)
{
	struct console c;
	console_drill(&c, "20", 24, 80);
	go_to(&c, "easy/prod");
	paste_it(&c, &rollback);
	assert_int_equal(acts(&c), 0);
	type_it(&c, &rollback);
	leave(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dispatch),
		cmocka_unit_test(test_reject),
		cmocka_unit_test(test_rollback),
	};
	return cmocka_run_group_tests_name("paste", tests, NULL, NULL);
}
