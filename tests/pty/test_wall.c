/* The wall beside a drill: it reads the same cache, takes no act, no token and no hang-up, and says when nobody polls. */
#include "tests/pty/behind.h"

static void wall_beside(struct console *drill, struct console *wall, const char *flag, int rows, int cols)
{
	char cache[512];
	find_cache(drill, cache, sizeof(cache));
	const char *argv[] = { WALL, "--cache-dir", cache, flag, NULL };
	*wall = (struct console){ 0 };
	wall->p = pty_start(argv, drill->envp, rows, cols);
}

static void test_shows_and_takes_no_act(void **state)
{
	struct console drill, wall;
	int status = -1;
	(void)state;
	console_drill(&drill, "1", 24, 80);
	wall_beside(&drill, &wall, NULL, 24, 80);
	must_see(&wall, "DRILL first-rollout");
	must_see(&wall, "GOV PROD");
	signal_engine(&drill, SIGSTOP);
	pty_settle(wall.p, QUIET);
	size_t before = pty_bytes(wall.p);
	pty_type(wall.p, "DAXBKR:dispatch\r\033[200~D\r\033[201~\003\033");
	/* Ctrl-c leaves, so everything before it did nothing */
	assert_true(pty_wait_exit(wall.p, SOON, &status));
	assert_int_equal(status, 0);
	assert_true(pty_bytes(wall.p) - before < 400);
	signal_engine(&drill, SIGCONT);
	check_restored(&wall);
	pty_free(wall.p);
	pty_type(drill.p, "7");
	must_see(&drill, "No act of this machine is recorded.");
	pty_type(drill.p, "q");
	assert_true(pty_wait_exit(drill.p, SOON, NULL));
	console_end(&drill);
}

static void test_kiosk(void **state)
{
	struct console drill, wall;
	int status = -1;
	(void)state;
	console_drill(&drill, "1", 24, 80);
	wall_beside(&drill, &wall, "--kiosk", 24, 80);
	must_see(&wall, "GOV PROD");
	pty_type(wall.p, "q\003qqq");
	kill(pty_pid(wall.p), SIGHUP);
	pty_settle(wall.p, QUIET);
	for (int i = 0; i < 30; i++) {
		pty_resize(wall.p, i % 3 * 30 + 1, i % 4 * 60 + 1);
		pty_settle(wall.p, i % 5 ? 0 : 20);
	}
	pty_resize(wall.p, 24, 80);
	must_see(&wall, "GOV PROD");
	assert_false(pty_wait_exit(wall.p, 0, &status));
	kill(pty_pid(wall.p), SIGTERM);
	assert_true(pty_wait_exit(wall.p, SOON, &status));
	assert_int_equal(status, 0);
	check_restored(&wall);
	pty_free(wall.p);
	pty_type(drill.p, "q");
	assert_true(pty_wait_exit(drill.p, SOON, NULL));
	console_end(&drill);
}

/* What begins a key and ends none does not take the next one with it. */
static void test_half_a_key(void **state)
{
	static const char *const halves[] = { "\033", "\033[", "\033]0;", "\033[200" };
	const char *argv[] = { WALL, NULL };
	(void)state;
	for (size_t i = 0; i < countof(halves); i++) {
		struct console c;
		console_dir(&c);
		console_start(&c, argv, 24, 80);
		must_see(&c, "NO DATA");
		pty_type(c.p, halves[i]);
		pty_settle(c.p, QUIET);
		pty_type(c.p, "q");
		assert_true(pty_wait_exit(c.p, SOON, NULL));
		console_end(&c);
	}
}

static void test_once(void **state)
{
	struct console drill, wall;
	int status = -1;
	(void)state;
	console_drill(&drill, "1", 24, 80);
	wall_beside(&drill, &wall, "--once", 40, 100);
	assert_true(pty_wait_exit(wall.p, SOON, &status));
	assert_int_equal(status, 0);
	assert_true(pty_has(wall.p, "GOV PROD"));
	assert_null(memchr(pty_raw(wall.p), '\033', pty_raw_n(wall.p))); /* plain text */
	pty_free(wall.p);
	pty_type(drill.p, "q");
	assert_true(pty_wait_exit(drill.p, SOON, NULL));
	console_end(&drill);
}

static const struct {
	const char *argv[4];
	int status;
	const char *says;
} words[] = {
	{ { WALL, "--token-file", "/dev/null" }, 2, "takes no --token-file" },
	{ { WALL, "--api", "https://forge.example" }, 2, "takes no --api" },
	{ { WALL, "--unix-socket", "/x" }, 2, "takes no --unix-socket" },
	{ { WALL, "--ca-file=/x", "--once" }, 2, "takes no --ca-file" },
	{ { WALL, "lanes" }, 2, "no verbs" },
	{ { WALL, "--wat" }, 2, "--wat" },
	{ { WALL, "--help" }, 0, "usage: pilothouse-wall" },
	{ { WALL, "--version" }, 0, "pilothouse-wall " },
	{ { WALL, "--once" }, 5, "nothing was ever read" },
	{ { WALL, "--once", "--ascii" }, 5, "pilothouse sync" },
};

static void test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(words); i++) {
		struct console c;
		int status = -1;
		console_dir(&c);
		console_start(&c, words[i].argv, 40, 100);
		assert_true(pty_wait_exit(c.p, SOON, &status));
		if (status != words[i].status || !pty_has(c.p, words[i].says)) {
			pty_print(c.p);
			fail_msg("row %zu: status %d", i, status);
		}
		console_end(&c);
	}
}

/* No cache at all: the whole screen says so, and how to get one. */
static void test_nobody_polls(void **state)
{
	const char *argv[] = { WALL, NULL };
	struct console c;
	(void)state;
	console_dir(&c);
	console_start(&c, argv, 24, 80);
	must_see(&c, "NO DATA");
	must_see(&c, "pilothouse sync");
	pty_type(c.p, "q");
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	check_restored(&c);
	console_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shows_and_takes_no_act),
		cmocka_unit_test(test_kiosk),
		cmocka_unit_test(test_half_a_key),
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_nobody_polls),
	};
	return cmocka_run_group_tests_name("wall", tests, NULL, NULL);
}
