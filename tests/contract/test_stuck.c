/*
 * The console on a bad line: keys are answered while the engine waits for a forge that says nothing, what was known
 * stays with its age, the trouble is one line, nothing is sent, and leaving takes no longer than ever.
 */
#include "tests/contract/badline.h"
#include "tests/fault/stand.h"
#include "tests/pty/console.h"

struct scene {
	struct stand stand;
	struct badline line;
	struct console c;
};

static struct scene scene;

static void open_scene(struct scene *s)
{
	char token[128];
	const char *argv[] = {
		PROGRAM,      "--api", s->stand.api,   "--profile", "easyenclave=easyenclave/easyenclave",
		"--interval", "0.2",   "--token-file", token,       NULL
	};

	*s = (struct scene){ 0 };
	stand_open(&s->stand, "first-rollout", "1");
	badline_open(&s->line, s->stand.port);
	snprintf(s->stand.api, sizeof(s->stand.api), "http://127.0.0.1:%d", s->line.port);
	snprintf(token, sizeof(token), "%s/token", s->stand.dir);
	console_dir(&s->c);
	console_start(&s->c, argv, 24, 80);
	must_see(&s->c, "easy/prod");
	must_see(&s->c, "v0.9.3");
	must_see(&s->c, "v0.9.4");
}

static void close_scene(struct scene *s)
{
	if (s->c.p) {
		console_end(&s->c);
		assert_int_equal(find_process("pilothouse", s->c.dir), 0);
	}
	if (s->line.pid)
		badline_close(&s->line);
	if (s->stand.drill)
		stand_close(&s->stand);
	*s = (struct scene){ 0 };
}

static int leave(void **state maybe_unused)
{
	close_scene(&scene);
	return 0;
}

/* Each key has its answer on the screen before the next; a forge that answers nothing is asked for none of them. */
static void keys_answer(struct console *c)
{
	/* behind an act's key what is typed means its plan, for a moment */
	for (int i = 0; i < SOON / 100 && !pty_has(c->p, "RESULT"); i++) {
		pty_type(c->p, "2");
		pty_settle(c->p, 100);
	}
	must_see(c, "RESULT");
	pty_type(c->p, "?");
	must_see(c, "Ctrl-z");
	pty_type(c->p, "\033");
	must_see(c, "RESULT");
	pty_type(c->p, "1");
	must_go(c, "RESULT");
	must_see(c, "v0.9.3");
	assert_true(pty_has(c->p, "age "));
}

static void wait_asked(struct scene *s, int before)
{
	for (int i = 0; i < SOON / 50 && badline_reads(&s->line) == before; i++)
		pty_settle(s->c.p, 50);
	assert_true(badline_reads(&s->line) > before);
}

static void leave_console(struct scene *s)
{
	int status = -1;

	pty_type(s->c.p, "q");
	assert_true(pty_wait_exit(s->c.p, SOON, &status));
	assert_int_equal(status, 0);
	check_restored(&s->c);
}

/* Thirty seconds for an exchange, and none of them ends while this looks. */
static void test_engine_stuck(void **state maybe_unused)
{
	static const enum ill ills[] = { ILL_SILENT, ILL_SLOW };

	for (size_t i = 0; i < countof(ills); i++) {
		int before;

		open_scene(&scene);
		before = badline_reads(&scene.line);
		badline_ill(&scene.line, ills[i], false);
		wait_asked(&scene, before);
		keys_answer(&scene.c);
		pty_type(scene.c.p, "jD"); /* a plan that cannot be read holds nobody */
		must_see(&scene.c, "reading what this act rests on");
		keys_answer(&scene.c);
		leave_console(&scene);
		assert_int_equal(badline_acts(&scene.line), 0);
		close_scene(&scene);
	}
}

/* What the forge says instead of an answer is one line on every screen, under facts with their age. */
static void test_trouble_is_told(void **state maybe_unused)
{
	static const struct {
		enum ill ill;
		const char *says;
	} rows[] = {
		{ ILL_CUT, "is not whole" },          { ILL_PORTAL, "unexpected answer" },
		{ ILL_GATEWAY, "answered 502" },      { ILL_LIMIT, "asks to wait 59m" },
		{ ILL_SECONDARY, "asks to wait 1m" },
	};

	open_scene(&scene);
	for (size_t i = 0; i < countof(rows); i++) {
		badline_ill(&scene.line, rows[i].ill, false);
		must_see(&scene.c, rows[i].says);
		keys_answer(&scene.c);
		assert_true(pty_has(scene.c.p, rows[i].says));
		badline_ill(&scene.line, ILL_NONE, false);
		if (rows[i].ill < ILL_LIMIT)
			must_go(&scene.c, rows[i].says);
		else
			break; /* it is asked again when the forge wants to be */
	}
	leave_console(&scene);
	assert_int_equal(badline_acts(&scene.line), 0);
}

/* The token ends in mid-session: acts are locked with the reason, nobody tries in a loop, and it is never printed. */
static void test_token_refused(void **state maybe_unused)
{
	int before;

	open_scene(&scene);
	badline_ill(&scene.line, ILL_TOKEN, false);
	must_see(&scene.c, "wants a valid token");
	pty_settle(scene.c.p, QUIET);
	before = badline_reads(&scene.line);
	for (int i = 0; i < 5; i++)
		keys_answer(&scene.c);
	assert_true(pty_has(scene.c.p, "wants a valid token"));
	assert_in_range(badline_reads(&scene.line), before, before + 2);
	pty_type(scene.c.p, "jD");
	must_see(&scene.c, "BAD  token  ");
	assert_true(pty_has(scene.c.p, "wants a valid token"));
	pty_type(scene.c.p, "\033");
	must_see(&scene.c, "LIVE");
	assert_null(memmem(pty_raw(scene.c.p), pty_raw_n(scene.c.p), "drill-captain", 13));
	leave_console(&scene);
	assert_int_equal(badline_acts(&scene.line), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_engine_stuck, leave),
		cmocka_unit_test_teardown(test_trouble_is_told, leave),
		cmocka_unit_test_teardown(test_token_refused, leave),
	};

	stand_place(PH_BIN_DIR, "");
	return cmocka_run_group_tests_name("stuck", tests, NULL, NULL);
}
