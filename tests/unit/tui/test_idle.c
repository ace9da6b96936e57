/*
 * What a console shows after a minute in which little happened is what one that has just been started would show, cell by
 * cell: that one is beside it here, and reads everything. What the first reads is counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "core/model/evidence.h"
#include "core/model/hold.h"
#include "tests/folder.h"
#include "tui/app.h"

#define START INT64_C(1795244889000)
#define MIN   INT64_C(60000)

struct pair {
	char dir[64], path[96];
	struct store *writer;
	struct tui_options o;
	struct app *app;
	struct err e;
	int loads, draws; /* of the one that was there */
};

/* like: its cursor stands on the same lane. */
static struct app *console(const struct pair *p, struct when now, const struct app *like)
{
	struct app *app = x_alloc(sizeof(*app));

	*app = (struct app){ .o = &p->o, .limit = 200 };
	clock_manual(&app->clock, now);
	if (like)
		app->places[0] = like->places[0];
	app->client =
		(struct client *)app; /* one that is never asked: the generation is read with one only */
	grid_resize(&app->grid, 24, 80);
	app_load(app);
	app_draw_to(app, &app->grid);
	app->must_draw = false;
	return app;
}

static void close_console(struct app *app)
{
	store_close(app->store);
	grid_done(&app->grid);
	arena_done(&app->arena);
	arena_done(&app->pane_arena);
	free(app);
}

#define put(p, q, rec, row) assert_int_equal(store_run((p)->writer, q, rec, row, &(p)->e), 0)

static void put_lane(struct pair *p, const char *name, int state, int64_t since, int64_t checked)
{
	const struct lane l = { .name = name,
				.system = "easy",
				.environment = strchr(name, '/') + 1,
				.repo = "acme/easy",
				.production = true,
				.state = state,
				.live = "v1",
				.live_sha = "",
				.next = "",
				.progress = "",
				.reasons = "[]",
				.since = { since },
				.checked = { checked },
				.stale_after = 30 * MIN };

	put(p, Q_lane_put, &rec_lane, &l);
}

static int setup(void **state)
{
	struct pair *p = x_alloc(sizeof(*p));

	folder_new(p->dir);
	snprintf(p->path, sizeof(p->path), "%s/cache.db", p->dir);
	p->o = (struct tui_options){ .cache_path = p->path, .who = "ana@bastion" };
	assert_int_equal(store_open(&p->writer, p->path, STORE_WRITE, &p->e), 0);
	put_lane(p, "easy/dev", LANE_OK, START - 3 * 24 * 60 * MIN, START);
	put_lane(p, "easy/prod", LANE_OK, START - 5 * 24 * 60 * MIN, START);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct pair *p = *state;

	if (p->app)
		close_console(p->app);
	store_close(p->writer);
	folder_drop(p->dir);
	free(p);
	return 0;
}

static const char *row_text(const struct grid *g, int row, struct buf *out)
{
	for (int col = 0; col < g->cols; col++)
		buf_str(out, grid_at(g, row, col)->s);
	return out->s;
}

static void same_as_new(struct pair *p)
{
	struct app *fresh = console(p, clock_wall(&p->app->clock), p->app);
	const struct grid *is = &p->app->grid, *want = &fresh->grid;

	for (int row = 0; row < want->rows; row++) {
		struct buf a = BUF_INIT(4096), b = BUF_INIT(4096);
		const char *has = row_text(is, row, &a), *wants = row_text(want, row, &b);

		if (memcmp(grid_at(is, row, 0), grid_at(want, row, 0),
			   (size_t)want->cols * sizeof(struct cell)) != 0)
			fail_msg("row %d\nis   %s\nwant %s", row, has, wants);
		buf_done(&a);
		buf_done(&b);
	}
	close_console(fresh);
}

/* As the loop does it at a minute, or when somebody committed. */
static void look(struct pair *p, msec later)
{
	struct app *app = p->app;

	clock_advance(&app->clock, later);
	app->must_look = true;
	app_look(app);
	p->loads += app->must_load;
	if (app->must_load)
		app_load(app);
	p->draws += app->must_draw;
	if (app->must_draw)
		app_draw_to(app, &app->grid);
	else if (app->must_head)
		app_draw_header_to(app, &app->grid);
	app->must_draw = app->must_head = false;
	same_as_new(p);
}

static void poll_at(struct pair *p, int64_t at)
{
	const struct key key = { .repo = "acme/easy", .at = { at } };

	put(p, Q_lanes_checked, &rec_key, &key);
}

static void skew(struct pair *p, const char *ms)
{
	const struct setting row = { "skew_ms", ms, { START } };

	put(p, Q_setting_of_ages_put, &rec_setting, &row);
}

static int64_t now_of(const struct pair *p)
{
	return clock_wall(&p->app->clock).ms;
}

static void open_at_start(struct pair *p)
{
	p->app = console(p, (struct when){ START }, NULL);
}

static void ages_alone_are_read(void **state)
{
	struct pair *p = *state;

	open_at_start(p);
	for (int i = 0; i < 40; i++) {
		poll_at(p, now_of(p) + MIN - 20000);
		look(p, MIN);
	}
	assert_int_equal(p->loads, 0);
	assert_int_equal(p->draws, 0);
	poll_at(p, now_of(p)); /* seldom: a minute that is worded anew is drawn, and no more is read for it */
	for (int i = 0; i < 4; i++)
		look(p, MIN);
	assert_int_equal(p->loads, 0);
	assert_int_equal(p->draws, 4);
}

static void nothing_committed_becomes_stale_on_time(void **state)
{
	struct pair *p = *state;

	open_at_start(p);
	for (int i = 0; i < 70; i++) {
		look(p, MIN);
		assert_int_equal(p->app->shown.lanes.items[0].state, i < 30 ? LANE_OK : LANE_STALE);
		assert_int_equal(p->loads > 0, p->app->shown.header.silent || i >= 30);
	}
	poll_at(p, now_of(p)); /* somebody polls again */
	look(p, MIN);
	assert_int_equal(p->app->shown.lanes.items[0].state, LANE_OK);
}

static void a_lane_that_just_changed_counts_its_minutes(void **state)
{
	struct pair *p = *state;

	put_lane(p, "easy/prod", LANE_OK, START - 20000, START);
	open_at_start(p);
	for (int i = 0; i < 200; i++) {
		poll_at(p, now_of(p) + MIN - 1000);
		look(p, MIN);
	}
	assert_int_equal(p->loads, 0);
	assert_string_equal(p->app->shown.lanes.items[1].since, "3h");
	skew(p, "-7200000"); /* the forge's clock is another than one thought */
	look(p, MIN);
	assert_int_equal(p->loads, 0);
	assert_string_equal(p->app->shown.lanes.items[1].since, "1h");
}

/* Each of these is another table: none of them may be missed. */
static void what_is_written_is_read(void **state)
{
	struct pair *p = *state;
	const struct setting login = { "api_remaining", "17", { START } };
	const struct alarm alarm = {
		.kind = ALARM_SILENCE, .subject = "s", .lane = "easy/dev", .text = "t", .fix = ""
	};
	const struct intent in = { .id = 3,
				   .nonce = "n",
				   .plan_id = "",
				   .act = "dispatch",
				   .lane = "easy/prod",
				   .repo = "acme/easy",
				   .subject = "v2",
				   .state = INTENT_UNKNOWN,
				   .created = { START } };

	open_at_start(p);
	look(p, MIN);
	assert_int_equal(p->loads, 0);
	put(p, Q_setting_put, &rec_setting, &login);
	look(p, 1000);
	put(p, Q_alarm_put, &rec_alarm, &alarm);
	look(p, 1000);
	put_lane(p, "easy/prod", LANE_FAIL, START, START);
	look(p, 1000);
	put_lane(p, "easy/new", LANE_OK, START, START);
	look(p, 1000);
	assert_int_equal(p->loads, 4);
	look(p, MIN);
	assert_int_equal(p->loads, 4);
	put(p, Q_intent_mirror_put, &rec_intent, &in);
	look(p, 1000);
	look(p, 1000); /* its age is told by the second */
	assert_int_equal(p->loads, 6);
}

/* What time alone changes, while ages are read every minute. */
static void what_runs_out_does_so_on_time(void **state)
{
	struct pair *p = *state;
	const struct hold lock = { .lane = "easy/dev",
				   .kind = HOLD_LOCK,
				   .owner = "ana",
				   .reason = "migration",
				   .source = "",
				   .epoch = 1,
				   .since = { START },
				   .until = { START + 5 * MIN + 30000 } };
	const struct readiness target = { .lane = "easy/prod",
					  .name = "target",
					  .status = CHECK_OK,
					  .detail = "v0",
					  .fix = "",
					  .source = "",
					  .at = { START - 20 * MIN } };
	const struct drift drift = { .lane = "easy/prod",
				     .component = "api",
				     .platform = "",
				     .declared = "v1",
				     .live = "v1",
				     .verdict = DRIFT_EQUAL,
				     .reason = "",
				     .source = "",
				     .at = { START - 10 * MIN } };
	const struct freeze freeze = { .system = "easy",
				       .source = "tag",
				       .state = FREEZE_OPEN,
				       .detail = "",
				       .at = { START },
				       .exempt = "" };
	static const int changes[] = { 6, 11, 21, 31 }; /* minutes at which one of these ended */
	size_t next = 0;

	put(p, Q_hold_put, &rec_hold, &lock);
	put(p, Q_readiness_put, &rec_readiness, &target);
	put(p, Q_drift_put, &rec_drift, &drift);
	put(p, Q_freeze_put, &rec_freeze, &freeze);
	open_at_start(p);
	for (int i = 1; i <= 40; i++) {
		poll_at(p, now_of(p) + MIN - 1000);
		look(p, MIN);
		next += next < countof(changes) && changes[next] == i;
		assert_int_equal(p->loads, next);
	}
	assert_int_equal(p->loads, countof(changes));
}

static void a_clock_that_goes_back_reads_all(void **state)
{
	struct pair *p = *state;

	open_at_start(p);
	look(p, MIN);
	p->app->clock.wall.ms -= 10 * MIN;
	look(p, 0);
	assert_int_equal(p->loads, 1);
}

/* The file is another: made anew, with as many changes as the one that is shown. */
static void another_file_is_read(void **state)
{
	struct pair *p = *state;
	char to[128];

	open_at_start(p);
	store_close(p->writer);
	snprintf(to, sizeof(to), "%s/old.db", p->dir);
	assert_int_equal(rename(p->path, to), 0);
	for (int i = 0; i < 2; i++) {
		snprintf(to, sizeof(to), "%s-%s", p->path, i ? "wal" : "shm");
		unlink(to);
	}
	assert_int_equal(store_open(&p->writer, p->path, STORE_WRITE, &p->e), 0);
	put_lane(p, "easy/dev", LANE_FAIL, START, START);
	put_lane(p, "easy/prod", LANE_FAIL, START, START);
	app_load(p->app); /* the first finds that its file is gone, and the next opens */
	look(p, MIN);
	look(p, MIN);
	assert_int_equal(p->app->shown.lanes.items[0].state, LANE_FAIL);
}

static bool shows(struct app *app, const char *text)
{
	struct buf out = BUF_INIT(1 << 16);

	app_load(app);
	app_draw_to(app, &app->grid);
	paint_text(&out, &app->grid, false);
	bool has = strstr(out.s, text) != NULL;
	buf_done(&out);
	return has;
}

/* Where a filter leaves nothing, the screen says so, and not that nothing is known or that nothing waits. */
static void what_a_filter_hides_is_not_absent(void **state)
{
	struct pair *p = *state;
	static const char words[] = "Nothing here matches the filter";

	open_at_start(p);
	assert_false(shows(p->app, words));
	snprintf(p->app->filter, sizeof(p->app->filter), "nosuch");
	assert_true(shows(p->app, words));
	p->app->places[0].screen = SCREEN_GATES;
	assert_true(shows(p->app, words));
	p->app->filter[0] = 0;
	assert_true(shows(p->app, "Nothing waits for a person"));
	p->app->places[0].screen = SCREEN_OUTBOX;
	assert_true(shows(p->app, "Nothing is unsettled"));
	p->app->places[0].screen = SCREEN_LANES;
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(ages_alone_are_read),
		TEST(nothing_committed_becomes_stale_on_time),
		TEST(a_lane_that_just_changed_counts_its_minutes),
		TEST(what_is_written_is_read),
		TEST(what_runs_out_does_so_on_time),
		TEST(a_clock_that_goes_back_reads_all),
		TEST(another_file_is_read),
		TEST(what_a_filter_hides_is_not_absent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
