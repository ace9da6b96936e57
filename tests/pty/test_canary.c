/* The real console over a cache that holds canaries: as it is drawn, zoomed, in ASCII, at any size, and as text. */
#include "tests/golden/world_canaries.h"
#include "tests/golden/world_evidence.h"
#include "tests/golden/world_fill.h"
#include "tests/pty/console.h"

/* Rows of this minute, so that nothing of them is old: those of the worlds are dated from their own. */
static void seed(struct console *c)
{
	static struct world w;
	struct clock clock;
	clock_real(&clock);
	int64_t age = WORLD_NOW - clock_wall(&clock).ms;
	memset(&w, 0, sizeof(w));
	console_dir(c);
	snprintf(w.path, sizeof(w.path), "%s/cache.db", c->dir);
	if (store_open(&w.store, w.path, STORE_WRITE, &w.e) < 0)
		fail_msg("%s", w.e.message);
	world_fill(&w, WORLD_NORMAL, age);
	world_evidence(&w, WORLD_NORMAL, age);
	world_canary(&w, WORLD_NORMAL, age);
	store_close(w.store);
	arena_done(&w.a);
}

static void open_console(struct console *c, const char *address, const char *option, int rows, int cols)
{
	char dir[96];
	snprintf(dir, sizeof(dir), "--state-dir=%s", c->dir);
	const char *argv[] = { PROGRAM, dir, "--read-only", option, address, NULL };
	console_start(c, argv, rows, cols);
	must_see(
		c,
		"engine down since"); /* no delivery system is named: it takes rows, and comes when it comes */
}

static void leave(struct console *c)
{
	pty_type(c->p, "q");
	assert_true(pty_wait_exit(c->p, SOON, NULL));
	console_end(c);
}

static void test_the_screen(void **state)
{
	struct console c;
	(void)state;
	seed(&c);
	open_console(&c, "lane:gov/prod@canary", "--mono", 24, 80);
	must_see(&c, "CANARY gov/prod");
	must_see(&c, "25% set / 24.6% seen");
	must_see(&c, "25% NOW 0"); /* minutes, and a bit */
	must_see(&c, "FAIL: err_rate 2.31 over 1.00 in 3 of 5 samples at 25%");
	must_see(&c, "*! err_rate %");
	must_see(&c, "FAIL 3/5");
	must_see(&c, ".##|####"); /* no blocks where no colour says which are over the limit */
	must_see(&c, "exposed 13480 requests");
	must_see(&c, "BACK v2.14.0 ok");
	pty_type(c.p, "j");
	must_see(&c, "*. p95 ms");
	pty_type(c.p, "z");
	must_see(&c, "-- p95 ms: canary solid, control dotted");
	must_see(&c, "limit 250");
	must_see(&c, "\xe2\xa3\x80");
	pty_type(c.p, "\033");
	must_see(&c, "COST SO FAR");
	pty_resize(c.p, 60, 200);
	must_see(&c, "not enough to see a doubling: 6 more minutes at this traffic");
	must_see(&c, "-- p95 ms: canary solid");
	pty_resize(c.p, 8, 40);
	must_see(&c, "this screen keeps"); /* two of eight rows, */
	must_see(&c, "*. p95 ms");         /* and the row under the cursor all the same */
	pty_resize(c.p, 24, 80);
	pty_type(c.p, "w");
	must_see(&c, "canary of v2.15.0, watching");
	pty_type(c.p, "\033");
	must_see(&c, "COST SO FAR");
	leave(&c);
}

static void test_ascii_alone(void **state)
{
	struct console c;
	(void)state;
	seed(&c);
	open_console(&c, "lane:gov/prod@canary", "--ascii", 40, 120);
	must_see(&c, "canary #, control o, limit -");
	must_see(&c, "||");
	must_see(&c, "limit 1.00");
	for (size_t i = 0; i < pty_raw_n(c.p); i++)
		assert_true((unsigned char)pty_raw(c.p)[i] < 0x80);
	leave(&c);
}

/* 4 from a lane that has one leads to it, from another to all of them, and Enter on. */
static void test_ways_to_it(void **state)
{
	struct console c;
	(void)state;
	seed(&c);
	open_console(&c, "screen:lanes", "--mono", 24, 80);
	must_see(&c, "canary 25% ##--");
	must_see(&c, "*! gov/prod");
	pty_type(c.p, "4");
	must_see(&c, "25% set / 24.6% seen");
	pty_type(c.p, "\033");
	must_see(&c, "PROGRESS");
	pty_type(c.p, "j4");
	must_see(&c, "WEIGHT");
	must_see(&c, "unknown (job");
	pty_type(c.p, "j\r");
	must_see(&c, "unknown (job running) set");
	pty_type(c.p, ":canary mcp/prod\r");
	must_see(&c, "No canary is under way on mcp/prod, whose ladder is 10%, 100%.");
	pty_type(c.p, ":lane:easy/prod@canary\r");
	must_see(&c, "easy/prod never had a canary");
	leave(&c);
}

static void clock_of(struct console *c, char out[6])
{
	out[0] = 0;
	for (int r = 1; r < 24 && !*out; r++) {
		const char *at = strstr(pty_row(c->p, r), "25% NOW ");
		snprintf(out, 6, "%s", at ? at + 8 : "");
	}
}

/* The window's clock runs in steps of five seconds, and nothing else does. */
static void test_it_is_calm(void **state)
{
	struct console c;
	char from[6], now[6];
	(void)state;
	seed(&c);
	open_console(&c, "lane:gov/prod@canary", "--mono", 24, 80);
	must_see(&c, "25% NOW 0");
	must_see(&c, "?"); /* the key line is drawn last */
	pty_settle(c.p, QUIET);
	size_t before = pty_bytes(c.p);
	clock_of(&c, from);
	for (int steps = 0; steps < 3; steps++) {
		wait_until(&c, (clock_of(&c, now), strcmp(now, from)));
		assert_string_not_equal(now, from);
		memcpy(from, now, sizeof(from));
	}
	assert_true(pty_bytes(c.p) - before < 1500); /* ten seconds or more */
	leave(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_screen),
		cmocka_unit_test(test_ascii_alone),
		cmocka_unit_test(test_ways_to_it),
		cmocka_unit_test(test_it_is_calm),
	};
	return cmocka_run_group_tests_name("canary", tests, NULL, NULL);
}
