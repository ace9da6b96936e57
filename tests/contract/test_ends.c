/* Ends that nobody asked for: a crash, a stop in the middle of a dialog, a second signal that will not wait. */
#include "tests/contract/badline.h"
#include "tests/fault/stand.h"
#include "tests/pty/behind.h"

/* The terminal is given back by a console that crashes, whatever kind of crash it is. */
static void test_crash(void **state)
{
	static const int signals[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE };
	(void)state;
	for (size_t i = 0; i < countof(signals); i++) {
		struct console c;
		int status = 0;
		console_drill(&c, "1", 24, 80);
		kill(pty_pid(c.p), signals[i]);
		assert_true(pty_wait_exit(c.p, SOON, &status));
		assert_int_not_equal(status, 0);
		pty_settle(c.p, QUIET);
		check_restored(&c);
		console_end(&c);
	}
}

/* Who comes back hours later does not find a plan that only waits for Enter. */
static void test_stopped_in_a_dialog(void **state)
{
	struct console c;
	(void)state;
	console_drill(&c, "1", 24, 80);
	open_plan(&c);
	type_slowly(&c, PHRASE);
	kill(pty_pid(c.p), SIGTSTP);
	assert_true(pty_wait_stopped(c.p, SOON));
	check_restored(&c);
	kill(pty_pid(c.p), SIGCONT);
	must_go(&c, "confirm dispatch");
	pty_type(c.p, "\r");
	pty_settle(c.p, QUIET);
	must_have_sent_nothing(&c);
	pty_type(c.p, "q");
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	console_end(&c);
}

static struct stand stand;
static struct badline line;

static void wait_for_act(struct pty *p)
{
	for (int i = 0; i < SOON / 50 && !badline_acts(&line); i++)
		pty_settle(p, 50);
	assert_int_equal(badline_acts(&line), 1);
}

/* A verb whose request is out, on a forge that says nothing: the first signal asks, the second ends. It is not known then. */
static void test_second_signal(void **state)
{
	char token[128], states[128], home[128], run[128], root[128];
	const char *argv[] = {
		PROGRAM,        "--api",    stand.api,     "--profile", "easyenclave=easyenclave/easyenclave",
		"--token-file", token,      "--state-dir", states,      "--trust",
		root,           "dispatch", "easy/prod",   "v0.9.4",    "--confirm",
		PHRASE,         NULL
	};
	const char *env[] = { home, run, "TERM=xterm-256color", "LC_ALL=C.UTF-8", NULL };
	int status = -1;
	struct pty *p;
	(void)state;
	stand_open(&stand, "first-rollout", "10");
	badline_open(&line, stand.port);
	snprintf(stand.api, sizeof(stand.api), "http://127.0.0.1:%d", line.port);
	snprintf(token, sizeof(token), "%s/token", stand.dir);
	snprintf(states, sizeof(states), "%s/state", stand.dir);
	snprintf(root, sizeof(root), "%s/root.json", stand.dir);
	snprintf(home, sizeof(home), "HOME=%s", stand.dir);
	snprintf(run, sizeof(run), "XDG_RUNTIME_DIR=%s", stand.dir);
	badline_ill(&line, ILL_SILENT, true);
	p = pty_start(argv, env, 24, 120);
	wait_for_act(p);
	kill(pty_pid(p), SIGINT);
	pty_settle(p, 20);
	kill(pty_pid(p), SIGINT);
	assert_true(pty_wait_exit(p, SOON, &status));
	assert_int_equal(status, 3);
	assert_true(pty_has(p, "outbox"));
	pty_free(p);
	badline_close(&line);
	stand_close(&stand);
}

static int remove_cache(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag;
	return strncmp(path + ftw->base, "cache.db", 8) ? 0 : remove(path);
}

/* The engine has opened all that it needs, and says so; whether it has heard the verb by then does not matter. */
static bool has_begun(const char *log)
{
	FILE *f = fopen(log, "re");
	char line[512];
	bool begun = false;

	while (f && fgets(line, sizeof(line), f))
		begun = begun || strstr(line, "\"event\":\"start\"");
	if (f)
		fclose(f);
	return begun;
}

/* What polls in a terminal writes into a file that nobody finds: it says so and ends, local trouble. */
static void test_polling_without_a_cache(void **state)
{
	char token[128], states[128], home[128], run[128], log[160];
	const char *argv[] = {
		PROGRAM,        "--api", stand.api,     "--profile", "easyenclave=easyenclave/easyenclave",
		"--token-file", token,   "--state-dir", states,      "--interval",
		"0.2",          "sync",  NULL
	};
	const char *env[] = { home, run, "TERM=xterm-256color", "LC_ALL=C.UTF-8", NULL };
	int status = -1;
	struct pty *p;
	(void)state;
	stand_open(&stand, "first-rollout", "10");
	snprintf(token, sizeof(token), "%s/token", stand.dir);
	snprintf(states, sizeof(states), "%s/state", stand.dir);
	snprintf(log, sizeof(log), "%s/engine.log", states);
	snprintf(home, sizeof(home), "HOME=%s", stand.dir);
	snprintf(run, sizeof(run), "XDG_RUNTIME_DIR=%s", stand.dir);
	p = pty_start(argv, env, 24, 120);
	for (int i = 0; i < SOON / 20 && !has_begun(log); i++)
		pty_settle(p, 20);
	assert_true(has_begun(log));
	assert_int_equal(nftw(states, remove_cache, 8, FTW_PHYS), 0);
	assert_true(pty_wait_exit(p, SOON, &status));
	if (status != 6)
		fail_msg("exit %d: %.*s", status, (int)pty_raw_n(p), (const char *)pty_raw(p));
	assert_true(pty_has(p, "cache.db was removed or replaced"));
	pty_free(p);
	stand_close(&stand);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crash),
		cmocka_unit_test(test_stopped_in_a_dialog),
		cmocka_unit_test(test_second_signal),
		cmocka_unit_test(test_polling_without_a_cache),
	};
	stand_place(PH_BIN_DIR, "");
	return cmocka_run_group_tests_name("ends", tests, NULL, NULL);
}
