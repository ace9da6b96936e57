/*
 * Rows move between looking and pressing: what is selected is an item and not a place, and a dialog is about what it names.
 *
 * The engine is stopped while the cache is changed under the console, so that nobody else moves anything; the key is given
 * before the console can have shown the new order.
 */
#include "tests/pty/behind.h"

#include "core/model/model.h"
#include "store/store.h"

struct bench {
	struct console c;
	struct store *cache;
	struct arena a;
	pid_t engine;
};

static void begin(struct bench *b)
{
	char dir[512];
	struct err e = ERR_INIT;
	*b = (struct bench){ 0 };
	console_drill(&b->c, "1", 24, 110);
	find_cache(&b->c, dir, sizeof(dir));
	b->engine = find_process("pilothouse-engine", b->c.dir);
	assert_true(b->engine > 0);
	if (store_open(&b->cache, arena_printf(&b->a, "%s/cache.db", dir), STORE_WRITE, &e) < 0)
		fail_msg("%s", e.message);
}

static void end(struct bench *b)
{
	store_close(b->cache);
	arena_done(&b->a);
	pty_type(b->c.p, "q");
	assert_true(pty_wait_exit(b->c.p, SOON, NULL));
	console_end(&b->c);
}

/* Not in the middle of a write of its own: the cache is ours until it is shown(). */
static void engine_stops(struct bench *b)
{
	for (int i = 0; i < SOON / 50; i++) {
		assert_int_equal(kill(b->engine, SIGSTOP), 0);
		if (store_begin(b->cache, NULL) == 0)
			return;
		assert_int_equal(kill(b->engine, SIGCONT), 0);
		pty_settle(b->c.p, 50);
	}
	fail_msg("the engine never rests");
}

static void shown(struct bench *b)
{
	struct err e = ERR_INIT;
	if (store_end(b->cache, &e) < 0)
		fail_msg("%s", e.message);
}

static void engine_goes_on(struct bench *b)
{
	assert_int_equal(kill(b->engine, SIGCONT), 0);
}

static void put(struct bench *b, enum query q, const struct rec *rec, const void *row)
{
	struct err e = ERR_INIT;
	if (store_run(b->cache, q, rec, row, &e) < 0)
		fail_msg("%s", e.message);
}

static void must_be_marked(struct bench *b, const char *item, int row)
{
	wait_until(&b->c, marker_row(&b->c) == row);
	if (marker_row(&b->c) == row && strstr(pty_row(b->c.p, row), item))
		return;
	pty_print(b->c.p);
	fail_msg("the marker is not on %s at row %d", item, row);
}

/* ---- LANES ------------------------------------------------------------------------------------------------------------- */

/* Two lanes that fail: they are more urgent than all others. */
static void put_urgent_lanes(struct bench *b)
{
	const struct key key = { .name = "easy/prod" };
	static const char *const names[] = { "aaa/prod", "bbb/prod" };
	struct lane lane = { 0 };
	assert_int_equal(store_one(b->cache, Q_lane_by_name, &rec_key, &key, &rec_lane, &lane, &b->a, NULL),
			 0);
	lane.state = LANE_FAIL;
	for (size_t i = 0; i < countof(names); i++) {
		lane.name = names[i];
		put(b, Q_lane_put, &rec_lane, &lane);
	}
}

static void test_lanes(void **state)
{
	struct bench b;
	(void)state;
	begin(&b);
	go_to(&b.c, "easy/prod");
	int row = marker_row(&b.c);
	engine_stops(&b);
	put_urgent_lanes(&b);
	shown(&b);
	pty_type(b.c.p, "D");
	engine_goes_on(&b);
	must_see(&b.c, "type " PHRASE " and Enter:");
	pty_type(b.c.p, "\033");
	must_see(&b.c, "aaa/prod");
	must_be_marked(&b, "easy/prod", row + 2);
	end(&b);
}

/* The lane of an armed dialog is gone, and another is in its place: what is sent is what the dialog names. */
static void test_gone(void **state)
{
	static const char *const verb[] = { "journal", "--json" };
	const struct key key = { .name = "easy" }; /* the system, and so its lanes */
	char dir[512];
	struct bench b;
	(void)state;
	begin(&b);
	open_plan(&b.c);
	engine_stops(&b);
	put(&b, Q_lane_forget, &rec_key, &key);
	shown(&b);
	engine_goes_on(&b);
	confirm(&b.c);
	must_see(&b.c, "sent once, and its run is known");
	find_cache(&b.c, dir, sizeof(dir));
	const char *argv[] = { PROGRAM, "--state-dir", dir, "--cache-dir", dir, verb[0], verb[1], NULL };
	struct pty *p = pty_start(argv, b.c.envp, 24, 80);
	assert_true(pty_wait_exit(p, SOON, NULL));
	pty_type(b.c.p, "\033");
	must_go(&b.c, "sent once");
	assert_non_null(memmem(pty_raw(p), pty_raw_n(p), "\"easy/prod\"", 11));
	assert_null(memmem(pty_raw(p), pty_raw_n(p), "\"gov/prod\"", 10));
	pty_free(p);
	end(&b);
}

/* ---- RUNS -------------------------------------------------------------------------------------------------------------- */

static void newest_run(struct bench *b, struct run *out)
{
	const struct key key = { .limit = 1 };
	assert_int_equal(store_one(b->cache, Q_runs_newest, &rec_key, &key, &rec_run, out, &b->a, NULL), 0);
}

static void test_runs(void **state)
{
	struct run run = { 0 }, above;
	struct bench b;
	(void)state;
	begin(&b);
	pty_type(b.c.p, "2");
	must_see(&b.c, "success");
	engine_stops(&b);
	pty_type(b.c.p, "\fg");
	wait_until(&b.c, marker_row(&b.c) == 2);
	newest_run(&b, &run);
	int row = marker_row(&b.c);
	above = run;
	above.id += 1000;
	above.title = "above";
	put(&b, Q_run_put, &rec_run, &above);
	shown(&b);
	pty_type(b.c.p, "R");
	engine_goes_on(&b);
	must_see(&b.c, arena_printf(&b.a, "/runs/%lld/", (long long)run.id));
	pty_type(b.c.p, "\033");
	must_see(&b.c, "above");
	must_be_marked(&b, "", row + 1);
	end(&b);
}

/* ---- GATES ------------------------------------------------------------------------------------------------------------- */

static void test_gates(void **state)
{
	struct run run = { 0 };
	struct bench b;
	(void)state;
	begin(&b);
	pty_type(b.c.p, "2");
	must_see(&b.c, "success");
	newest_run(&b, &run);
	struct gate gate = { .run_id = run.id,
			     .attempt = 1,
			     .lane = "easy/prod",
			     .environment_id = 99,
			     .environment = "production",
			     .since = { run.created.ms + 1000 },
			     .reviewers = "",
			     .can_approve = true,
			     .why_not = "",
			     .seen = { run.created.ms + 1000 } };
	pty_type(b.c.p, "3");
	must_see(&b.c, "GATES");
	engine_stops(&b);
	put(&b, Q_gate_put, &rec_gate, &gate);
	shown(&b);
	pty_type(b.c.p, "13"); /* read again; the engine stays stopped, or it might take such a gate away */
	must_see(&b.c, "YOU MAY");
	must_see(&b.c, "production");
	int row = marker_row(&b.c);
	assert_int_equal(store_begin(b.cache, NULL), 0);
	gate.run_id += 1000;
	gate.lane = "gov/prod";
	gate.since.ms -= 1000;
	put(&b, Q_gate_put, &rec_gate, &gate);
	shown(&b);
	pty_type(b.c.p, "A");
	must_see(&b.c, "approve production of easy/prod: comment");
	engine_goes_on(&b);
	must_see(&b.c, "gov/prod");
	must_see(&b.c,
		 "approve production of easy/prod: comment"); /* what it asks for stays what it asked for */
	pty_type(b.c.p, "\033");
	must_go(&b.c, "comment, or Enter");
	must_be_marked(&b, "easy/prod", row + 1);
	end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lanes),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_gates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
