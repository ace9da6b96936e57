/*
 * A terminal that does not read, as after Ctrl-S or on a line that hangs: the console waits for nobody. STALL_MS says for
 * how long it does not read (3000); another test of the list makes it half a minute.
 */
#include "tests/pty/behind.h"

#include "core/model/model.h"
#include "store/store.h"

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* When the lane was looked at last, as the cache has it. */
static int64_t looked_at(struct console *c)
{
	char dir[512];
	const struct key key = { .name = "easy/prod" };
	struct lane lane = { 0 };
	struct arena a = ARENA_INIT;
	struct store *cache;
	struct err e = ERR_INIT;
	find_cache(c, dir, sizeof(dir));
	if (store_open(&cache, arena_printf(&a, "%s/cache.db", dir), STORE_READ, &e) < 0)
		fail_msg("%s", e.message);
	assert_int_equal(store_one(cache, Q_lane_by_name, &rec_key, &key, &rec_lane, &lane, &a, NULL), 0);
	store_close(cache);
	arena_done(&a);
	return lane.checked.ms;
}

static void must_be_looked_at(struct console *c)
{
	int64_t before = looked_at(c);
	wait_until(c, looked_at(c) > before);
	assert_true(looked_at(c) > before);
}

/* Bytes that the console has handed on so far: what a line held is not among those of later. */
static size_t handed_on(struct console *c)
{
	char path[64], words[256] = "";
	snprintf(path, sizeof(path), "/proc/%d/io", (int)pty_pid(c->p));
	FILE *f = fopen(path, "re");
	assert_non_null(f);
	size_t n = fread(words, 1, sizeof(words) - 1, f);
	fclose(f);
	const char *at = memmem(words, n, "wchar: ", 7);
	assert_non_null(at);
	return (size_t)strtoull(at + 7, NULL, 10);
}

/* The act is confirmed, nobody reads any more: it is journalled, sent and followed up to its gate all the same. */
static void test_goes_on(void **state)
{
	const char *ms = getenv("STALL_MS");
	struct console c;
	(void)state;
	console_drill(&c, "20", 24, 80);
	size_t line = pty_line_holds(), frame = frame_bytes(&c);
	open_plan(&c);
	frame = larger(frame, frame_bytes(&c));
	type_slowly(&c, PHRASE);
	must_see(&c, "> " PHRASE);
	size_t before = pty_bytes(c.p);
	pty_hold(c.p, true);
	pty_type(c.p, "\r"); /* alone: what comes with other keys confirms nothing */
	must_become(&c, "journal", "\"lane\":\"easy/prod\"");
	stall(&c);
	must_become(&c, "lanes", "\"state\":\"WAIT\"");
	must_be_looked_at(&c); /* polling goes on, at the beginning and at the end */
	size_t handed = handed_on(&c);
	pty_settle(c.p, ms ? (int)strtol(ms, NULL, 10) : 3000);
	must_be_looked_at(&c);
	assert_int_equal(pty_bytes(c.p), before);
	assert_int_equal(handed_on(&c), handed);
	signal_engine(&c, SIGSTOP); /* nothing new: what comes is what was left */
	pty_hold(c.p, false);
	pty_settle(c.p, QUIET);
	handed = handed_on(&c) - handed;
	signal_engine(&c, SIGCONT);
	size_t n = pty_bytes(c.p) - before;
	print_message("after the stall: %zu bytes, %zu of them handed on then; the line holds up to %zu, a "
		      "frame has %zu\n",
		      n, handed, line, frame);
	/* the rest of the frame that it had not taken whole, and one paint of what is now */
	assert_in_range(handed, 1, 2 * frame);
	/* what the line held, the frame that it had not taken whole, and one paint of what is now */
	if (n > line + 2 * frame)
		fail_msg("%zu bytes after a stall", n);
	assert_true(n > line / 2); /* it was stalled */
	must_see(&c, "FOUND sent once");
	pty_type(c.p, "1");
	must_see(&c, "STATE");
	must_see(&c, "WAIT");
	pty_type(c.p, "q");
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	check_restored(&c);
	console_end(&c);
}

/* What nobody can see, nobody can confirm. */
static void test_unseen_plan(void **state)
{
	struct console c;
	(void)state;
	console_drill(&c, "1", 24, 80);
	go_to(&c, "easy/prod");
	stall(&c);
	pty_type(c.p, "D");
	pty_settle(c.p, 3000); /* planned and armed: nothing says so */
	type_slowly(&c, PHRASE "\r");
	pty_settle(c.p, 500);
	pty_hold(c.p, false);
	must_see(&c, "confirm dispatch");
	pty_type(c.p, "\033");
	must_go(&c, "confirm dispatch");
	must_have_sent_nothing(&c);
	pty_type(c.p, "q");
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	console_end(&c);
}

/* A signal is heard, and the terminal is given back as soon as it reads again. */
static void test_signals(void **state)
{
	static const int signals[] = { SIGTERM, SIGHUP };
	(void)state;
	for (size_t i = 0; i < countof(signals); i++) {
		struct console c;
		int status = -1;
		console_drill(&c, "1", 24, 80);
		stall(&c);
		kill(pty_pid(c.p), signals[i]);
		assert_true(pty_wait_exit(c.p, SOON, &status));
		assert_int_equal(status, 130); /* interrupted, nothing was sent */
		assert_true(pty_line_mode(c.p));
		pty_hold(c.p, false);
		pty_settle(c.p, QUIET);
		check_restored(&c);
		assert_true(pty_has(c.p, "drill left before all goals were met"));
		console_end(&c);
	}
}

static void test_wall(void **state)
{
	struct console drill, wall = { 0 };
	char cache[512];
	int status = -1;
	(void)state;
	console_drill(&drill, "1", 24, 80);
	find_cache(&drill, cache, sizeof(cache));
	const char *argv[] = { WALL, "--kiosk", "--cache-dir", cache, NULL };
	wall.p = pty_start(argv, drill.envp, 24, 80);
	must_see(&wall, "GOV PROD");
	pty_hold(wall.p, true);
	for (int full = 0, i = 0; full < 5; i++) { /* it takes no key: sizes make it paint */
		pty_resize(wall.p, 24 + i % 2, 80);
		pty_settle(wall.p, FINGER);
		full = pty_line_full(wall.p) ? full + 1 : 0;
		assert_true(i < SOON / FINGER);
	}
	kill(pty_pid(wall.p), SIGTERM);
	assert_true(pty_wait_exit(wall.p, SOON, &status));
	assert_int_equal(status, 0);
	pty_hold(wall.p, false);
	pty_settle(wall.p, QUIET);
	check_restored(&wall);
	pty_free(wall.p);
	pty_type(drill.p, "q");
	assert_true(pty_wait_exit(drill.p, SOON, NULL));
	console_end(&drill);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goes_on),
		cmocka_unit_test(test_unseen_plan),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_wall),
	};
	return cmocka_run_group_tests_name("stall", tests, NULL, NULL);
}
