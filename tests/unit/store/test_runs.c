/* What the forge tells in any order, and what history costs. */
#include "fixture.h"

static void put(struct fixture *f, struct store *s, const struct run *run)
{
	check_ok(f, store_run(s, Q_run_put, &rec_run, run, &f->e));
}

static struct run get(struct fixture *f, struct store *s, int64_t id)
{
	struct run run;

	check_ok(f, store_one(s, Q_run_by_id, &rec_key, &(struct key){ .id = id }, &rec_run, &run, &f->a,
			      &f->e));
	return run;
}

static void older_news_changes_nothing(void **state)
{
	static const struct {
		const char *what;
		int attempt, updated, status, conclusion;
		bool taken;
	} news[] = {
		{ "an older attempt", 1, 900, RUN_COMPLETED, CONCLUSION_FAILURE, false },
		{ "an older state", 2, 499, RUN_QUEUED, 0, false },
		{ "the same second, another state", 2, 500, RUN_WAITING, 0, true },
		{ "a newer state", 2, 501, RUN_WAITING, 0, true },
		{ "completed in the same second", 2, 500, RUN_COMPLETED, CONCLUSION_SUCCESS, true },
		{ "a newer attempt, an older clock", 3, 100, RUN_QUEUED, 0, true },
	};
	struct fixture *f = *state;
	struct store *s = store_writer(f);

	for (size_t i = 0; i < countof(news); i++) {
		struct run run = {
			.id = (int64_t)i + 1, .attempt = 2, .updated.ms = 500, .status = RUN_IN_PROGRESS
		};

		put(f, s, &run);
		run.attempt = news[i].attempt;
		run.updated.ms = news[i].updated;
		run.status = news[i].status;
		run.conclusion = news[i].conclusion;
		put(f, s, &run);
		if ((get(f, s, run.id).status == news[i].status) != news[i].taken)
			fail_msg("%s is %staken", news[i].what, news[i].taken ? "not " : "");
	}
	store_close(s);
}

static void completed_stays_completed_within_its_second(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct run run = { .id = 1,
			   .attempt = 1,
			   .updated.ms = 5,
			   .status = RUN_COMPLETED,
			   .conclusion = CONCLUSION_FAILURE };

	put(f, s, &run);
	run.status = RUN_IN_PROGRESS;
	run.conclusion = CONCLUSION_OTHER;
	put(f, s, &run);
	assert_int_equal(get(f, s, 1).conclusion, CONCLUSION_FAILURE);
	store_close(s);
}

static void what_we_know_outlives_an_answer_without_it(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct run run = {
		.id = 1, .attempt = 1, .updated.ms = 5, .repo = "a/b", .lane = "a/prod", .release = "v1"
	};

	put(f, s, &run);
	run.repo = run.lane = run.release = NULL;
	run.updated.ms = 6;
	run.title = "new";
	put(f, s, &run);
	run = get(f, s, 1);
	assert_string_equal(run.title, "new");
	assert_string_equal(run.repo, "a/b");
	assert_string_equal(run.lane, "a/prod");
	assert_string_equal(run.release, "v1");
	run.release = "v2"; /* only ours is new: stored without news of the forge */
	put(f, s, &run);
	assert_string_equal(get(f, s, 1).release, "v2");
	store_close(s);
}

/* The age of a row is that of the answer which brought its content; nothing is written for a repetition. */
static void a_repetition_is_not_written(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct run run = { .id = 1, .attempt = 1, .updated.ms = 5, .seen.ms = 10 };

	put(f, s, &run);
	int before = sqlite3_total_changes(s->db);
	run.seen.ms = 20;
	put(f, s, &run);
	assert_int_equal(sqlite3_total_changes(s->db), before);
	assert_int_equal(get(f, s, 1).seen.ms, 10);
	store_close(s);
}

static void jobs_are_those_of_the_attempt(void **state)
{
	static const struct job jobs[] = {
		{ .id = 1,
		  .run_id = 7,
		  .attempt = 1,
		  .status = RUN_COMPLETED,
		  .stage = "build",
		  .means = 2,
		  .meaning = "not required" },
		{ .id = 2, .run_id = 7, .attempt = 2, .status = RUN_IN_PROGRESS },
		{ .id = 3, .run_id = 7, .attempt = 2, .status = RUN_QUEUED },
		{ .id = 4, .run_id = 8, .attempt = 9, .status = RUN_QUEUED },
		{ .id = 1, .run_id = 7, .attempt = 1, .status = RUN_QUEUED }, /* late: ignored */
		{ .id = 1,
		  .run_id = 7,
		  .attempt = 1,
		  .status = RUN_COMPLETED }, /* no stage, no meaning: kept */
	};
	static const struct {
		int64_t attempt;
		int n;
	} wanted[] = { { 1, 1 }, { 2, 2 }, { 0, 2 }, { 3, 0 } };
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct job job;

	for (size_t i = 0; i < countof(jobs); i++)
		check_ok(f, store_run(s, Q_job_put, &rec_job, &jobs[i], &f->e));
	for (size_t i = 0; i < countof(wanted); i++) {
		const struct key key = { .id = 7, .number = wanted[i].attempt };
		int n = 0;
		check_ok(f,
			 store_each(s, Q_jobs_by_run, &rec_key, &key, &rec_job, &f->a, row_count, &n, &f->e));
		assert_int_equal(n, wanted[i].n);
	}
	check_ok(f, store_one(s, Q_jobs_by_run, &rec_key, &(struct key){ .id = 7, .number = 1 }, &rec_job,
			      &job, &f->a, &f->e));
	assert_int_equal(job.status, RUN_COMPLETED);
	assert_string_equal(job.stage, "build");
	assert_int_equal(job.means, 2);
	assert_string_equal(job.meaning, "not required");
	store_close(s);
}

static int first_gate(void *ctx, const void *row)
{
	*(struct gate *)ctx = *(const struct gate *)row;
	return 1;
}

static void a_gate_waits_since_it_was_first_seen(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct gate gate = { .run_id = 1, .attempt = 1, .environment_id = 5, .since.ms = 100 }, first;

	check_ok(f, store_run(s, Q_gate_put, &rec_gate, &gate, &f->e));
	gate.since.ms = 200;
	check_ok(f, store_run(s, Q_gate_put, &rec_gate, &gate, &f->e));
	check_ok(f,
		 store_run(s, Q_gate_put, &rec_gate, &(struct gate){ .run_id = 2, .since.ms = 150 }, &f->e));
	check_ok(f, store_each(s, Q_gates, NULL, NULL, &rec_gate, &f->a, first_gate, &first, &f->e));
	assert_int_equal(first.run_id, 1);
	assert_int_equal(first.since.ms, 100);
	gate.attempt = 2; /* waits anew */
	check_ok(f, store_run(s, Q_gate_put, &rec_gate, &gate, &f->e));
	check_ok(f, store_each(s, Q_gates, NULL, NULL, &rec_gate, &f->a, first_gate, &first, &f->e));
	assert_int_equal(first.run_id, 2);
	check_ok(f, store_run(s, Q_gates_forget_run, &rec_key, &(struct key){ .id = 2 }, &f->e));
	check_ok(f, store_each(s, Q_gates, NULL, NULL, &rec_gate, &f->a, first_gate, &first, &f->e));
	assert_int_equal(first.run_id, 1);
	store_close(s);
}

struct tags {
	char text[64];
};

static int tag_add(void *ctx, const void *row)
{
	struct tags *t = ctx;
	size_t n = strlen(t->text);

	snprintf(t->text + n, sizeof(t->text) - n, "%s ", ((const struct release *)row)->tag);
	return 0;
}

static void releases_come_newest_first_and_drafts_last(void **state)
{
	static const struct release releases[] = {
		{ .repo = "a/b", .id = 1, .tag = "v1", .published.ms = 100 },
		{ .repo = "a/b", .id = 2, .tag = "v3", .draft = true },
		{ .repo = "a/b", .id = 3, .tag = "v2", .published.ms = 200 },
		{ .repo = "a/c", .id = 4, .tag = "v9", .published.ms = 900 },
		{ .repo = "a/b",
		  .id = 9,
		  .tag = "v2",
		  .draft = true }, /* another with the same tag: ignored */
	};
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct tags tags = { 0 };
	struct release r;

	for (size_t i = 0; i < countof(releases); i++)
		check_ok(f, store_run(s, Q_release_put, &rec_release, &releases[i], &f->e));
	check_ok(f, store_each(s, Q_releases_by_repo, &rec_key, &(struct key){ .repo = "a/b", .limit = 10 },
			       &rec_release, &f->a, tag_add, &tags, &f->e));
	assert_string_equal(tags.text, "v2 v1 v3 ");
	check_ok(f, store_one(s, Q_releases_by_repo, &rec_key, &(struct key){ .repo = "a/b", .limit = 1 },
			      &rec_release, &r, &f->a, &f->e));
	assert_int_equal(r.id, 3);
	store_close(s);
}

static int last_event(void *ctx, const void *row)
{
	*(int64_t *)ctx = ((const struct event *)row)->id;
	return 0;
}

static void event_ids_are_never_given_twice(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	int64_t id = 0;
	int n = 0;

	for (int i = 0; i < 10; i++)
		check_ok(f, store_run(s, Q_event_put, &rec_key, &(struct key){ .name = "l", .text = "t" },
				      &f->e));
	check_ok(f, store_run(s, Q_events_trim, &rec_key, &(struct key){ .number = 3 }, &f->e));
	check_ok(f, store_each(s, Q_events_after, &rec_key, &(struct key){ .id = 0, .limit = 99 }, &rec_event,
			       &f->a, row_count, &n, &f->e));
	assert_int_equal(n, 3);
	check_ok(f, store_run(s, Q_events_trim, &rec_key, &(struct key){ .number = 0 }, &f->e));
	check_ok(f, store_run(s, Q_event_put, &rec_key, &(struct key){ .name = "l", .text = "t" }, &f->e));
	check_ok(f, store_each(s, Q_events_after, &rec_key, &(struct key){ .id = 10, .limit = 99 },
			       &rec_event, &f->a, last_event, &id, &f->e));
	assert_int_equal(id, 11);
	store_close(s);
}

static int lane_names(void *ctx, const void *row)
{
	struct tags *t = ctx;
	size_t n = strlen(t->text);

	snprintf(t->text + n, sizeof(t->text) - n, "%s ", ((const struct lane *)row)->name);
	return 0;
}

static void lanes_stand_in_the_profiles_order(void **state)
{
	static const struct lane lanes[] = {
		{ .name = "b/prod", .system = "b", .ordinal = 2 },
		{ .name = "a/prod", .system = "a", .ordinal = 1 },
		{ .name = "c/prod", .system = "c", .ordinal = 0 },
	};
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct tags names = { 0 };

	for (size_t i = 0; i < countof(lanes); i++)
		check_ok(f, store_run(s, Q_lane_put, &rec_lane, &lanes[i], &f->e));
	check_ok(f, store_run(s, Q_lane_forget, &rec_key, &(struct key){ .name = "c" }, &f->e));
	check_ok(f, store_each(s, Q_lanes, NULL, NULL, &rec_lane, &f->a, lane_names, &names, &f->e));
	assert_string_equal(names.text, "a/prod b/prod ");
	store_close(s);
}

/* ---- history ---- */

/* n runs more on 20 lanes, one of each thousand unfinished; the newest 20 are always the same in shape. */
static void history_add(const struct fixture *f, int64_t from, int64_t to)
{
	char sql[1024];

	snprintf(
		sql, sizeof(sql),
		"WITH RECURSIVE n (i) AS (VALUES (%" PRId64
		") UNION ALL SELECT i + 1 FROM n WHERE i < %" PRId64 ") "
		"INSERT INTO run SELECT i, 'r/' || (i %% 5), 'l/' || (i %% 20), 1, i, 1, 'w', 'p', 'title ' "
		"|| i, 'push', "
		"'main', 'sha', CASE WHEN i <= 40 THEN 5 ELSE 6 END, 1, 'a', 'a', i, i, i, 'u', '', i FROM n",
		from, to);
	raw_exec(f->path, sql);
}

struct cost {
	int rows, steps, scans;
};

static struct cost cost_of(struct fixture *f, struct store *s, enum query q, const struct key *key)
{
	struct cost c = { 0 };

	check_ok(f, store_each(s, q, &rec_key, key, &rec_run, &f->a, row_count, &c.rows, &f->e));
	c.steps = sqlite3_stmt_status(s->stmts[q]->st, SQLITE_STMTSTATUS_VM_STEP, 1);
	c.scans = sqlite3_stmt_status(s->stmts[q]->st, SQLITE_STMTSTATUS_FULLSCAN_STEP, 1);
	arena_reset(&f->a);
	return c;
}

/* Counted in the database's own instructions: a hundred times the history, not one more. */
static void history_costs_nothing(void **state)
{
	static const enum query queries[] = { Q_runs_newest,         Q_runs_before,       Q_runs_by_lane,
					      Q_runs_by_lane_before, Q_runs_open_by_repo, Q_run_by_id };
	const struct key key = { .id = 900, .limit = 30, .name = "l/3", .repo = "r/3" };
	struct cost before[countof(queries)];
	struct fixture *f = *state;
	struct store *s = store_writer(f);

	history_add(f, 1, 1000);
	for (size_t i = 0; i < countof(queries); i++) {
		(void)cost_of(f, s, queries[i], &key);
		before[i] = cost_of(f, s, queries[i], &key);
		assert_true(before[i].rows > 0);
	}
	history_add(f, 1001, 100000);
	for (size_t i = 0; i < countof(queries); i++) {
		(void)cost_of(f, s, queries[i], &key);
		const struct cost after = cost_of(f, s, queries[i], &key);
		if (after.rows != before[i].rows || after.steps > before[i].steps + 4 ||
		    after.scans > key.limit)
			fail_msg("%s: %d rows %d steps, then %d rows %d steps, %d scanned",
				 query_texts[queries[i]].name, before[i].rows, before[i].steps, after.rows,
				 after.steps, after.scans);
	}
	store_close(s);
}

static int run_ids(void *ctx, const void *row)
{
	int64_t *last = ctx;
	int64_t id = ((const struct run *)row)->id;

	assert_true(id < *last);
	*last = id;
	return 0;
}

static void pages_meet_without_gap_or_overlap(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct key key = { .id = INT64_MAX, .limit = 7, .name = "l/3" };
	int pages = 0;
	int64_t last = INT64_MAX;

	history_add(f, 1, 1000);
	while (key.id > 3) {
		check_ok(f, store_each(s, Q_runs_by_lane_before, &rec_key, &key, &rec_run, &f->a, run_ids,
				       &last, &f->e));
		key.id = last;
		pages++;
	}
	assert_int_equal(pages, 8); /* 50 runs of the lane, 7 a page */
	store_close(s);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(older_news_changes_nothing),
		TEST(completed_stays_completed_within_its_second),
		TEST(what_we_know_outlives_an_answer_without_it),
		TEST(a_repetition_is_not_written),
		TEST(jobs_are_those_of_the_attempt),
		TEST(a_gate_waits_since_it_was_first_seen),
		TEST(releases_come_newest_first_and_drafts_last),
		TEST(event_ids_are_never_given_twice),
		TEST(lanes_stand_in_the_profiles_order),
		TEST(history_costs_nothing),
		TEST(pages_meet_without_gap_or_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
