#include "fixture.h"

#include "core/model/canary.h"
#include "core/model/canary_guard.h"
#include "core/model/evidence.h"
#include "core/model/hold.h"
#include "core/model/proof.h"
#include "store/agents.h"
#include "store/audit.h"

static const struct rec *const recs[] = { &rec_run,           &rec_job,          &rec_gate,
					  &rec_release,       &rec_lane,         &rec_intent,
					  &rec_key,           &rec_poll,         &rec_event,
					  &rec_setting,       &rec_decision,     &rec_drift,
					  &rec_readiness,     &rec_freeze,       &rec_asset_seen,
					  &rec_hold,          &rec_alarm,        &rec_journal_log,
					  &rec_audit_line,    &rec_audit_anchor, &rec_journal_intent,
					  &rec_canary,        &rec_canary_rung,  &rec_canary_metric,
					  &rec_canary_sample, &rec_canary_guard, &rec_proof,
					  &rec_proof_check,   &rec_agent,        &rec_agent_tree,
					  &rec_fleet_fact,    &rec_agent_filter };

static const struct rec *rec_named(const char *name)
{
	for (size_t i = 0; name && i < countof(recs); i++)
		if (!strcmp(recs[i]->name, name))
			return recs[i];
	return NULL;
}

static sqlite3 *schema_in_memory(const char *const *schema)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	for (; *schema; schema++)
		if (sqlite3_exec(db, *schema, NULL, NULL, NULL))
			fail_msg("%s", sqlite3_errmsg(db));
	return db;
}

static void check_names(const struct query_text *q, sqlite3_stmt *st)
{
	const struct rec *args = rec_named(q->args), *row = rec_named(q->row);

	for (int i = 1; i <= sqlite3_bind_parameter_count(st); i++)
		if (args && !rec_field(args, sqlite3_bind_parameter_name(st, i) + 1))
			fail_msg("%s: %s has no %s", q->name, args->name, sqlite3_bind_parameter_name(st, i));
	for (int i = 0; i < sqlite3_column_count(st); i++)
		if (row && !rec_field(row, sqlite3_column_name(st, i)))
			fail_msg("%s: %s has no %s", q->name, row->name, sqlite3_column_name(st, i));
	if (row && row != &rec_key && sqlite3_column_count(st) != row->n)
		fail_msg("%s gives %d columns, %s has %d members", q->name, sqlite3_column_count(st),
			 row->name, row->n);
}

static void parameters_and_columns_are_members(void **state)
{
	sqlite3 *cache = schema_in_memory(store_cache_schema),
		*journal = schema_in_memory(store_journal_schema);

	(void)state;
	for (int q = 0; q < Q_MAX_; q++) {
		const struct query_text *t = &query_texts[q];
		sqlite3 *db = t->journal ? journal : cache;
		sqlite3_stmt *st = NULL;

		if (sqlite3_prepare_v2(db, t->sql, -1, &st, NULL))
			fail_msg("%s: %s", t->name, sqlite3_errmsg(db));
		if ((t->args && !rec_named(t->args)) || (t->row && !rec_named(t->row)))
			fail_msg("%s names a record nobody knows", t->name);
		check_names(t, st);
		sqlite3_finalize(st);
	}
	sqlite3_close(cache);
	sqlite3_close(journal);
}

/* The numbers in the partial indexes. */
_Static_assert(RUN_COMPLETED == 6, "schema.sql: status <> 6");
_Static_assert(INTENT_LINKED == 3 && INTENT_DONE == 4 && INTENT_REFUSED == 5 && INTENT_NOT_SENT == 6 &&
		       INTENT_ABANDONED == 9,
	       "schema.sql: state NOT IN (3, 4, 5, 6, 9)");

static void plans_use_the_partial_indexes(void **state)
{
	static const struct {
		enum query q;
		const char *index;
	} wanted[] = {
		{ Q_runs_open_by_repo, "run_open_repo" },  { Q_runs_by_lane, "run_lane" },
		{ Q_runs_by_lane_before, "run_lane" },     { Q_intents_open, "intent_open" },
		{ Q_intents_by_lane_open, "intent_open" }, { Q_jobs_by_run, "job_run" },
		{ Q_releases_by_repo, "release_newest" },
	};
	sqlite3 *db = schema_in_memory(store_cache_schema);

	(void)state;
	for (size_t i = 0; i < countof(wanted); i++) {
		char *sql = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", query_texts[wanted[i].q].sql);
		sqlite3_stmt *st = NULL;
		bool found = false;

		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
		while (sqlite3_step(st) == SQLITE_ROW)
			found = found || strstr((const char *)sqlite3_column_text(st, 3), wanted[i].index);
		if (!found)
			fail_msg("%s does not use %s", query_texts[wanted[i].q].name, wanted[i].index);
		sqlite3_finalize(st);
		sqlite3_free(sql);
	}
	sqlite3_close(db);
}

/* Every member gets a value of its own, so that two exchanged columns show. */
static void fill(const struct rec *r, void *object, struct arena *a)
{
	for (int i = 0; i < r->n; i++) {
		const struct field *f = &r->fields[i];
		void *p = rec_at_mut(object, f);
		int64_t value = INT64_C(0x100000000) + i;

		if (f->type == FIELD_INT64 || f->type == FIELD_WHEN)
			memcpy(p, &value, sizeof(value));
		else if (f->type == FIELD_INT)
			*(int *)p = f->names ? 1 + i % (f->names->n - 1) : i;
		else if (f->type == FIELD_BOOL)
			*(bool *)p = i % 2;
		else
			*(const char **)p = arena_printf(a, "%s \x1b[31m\xe2\x80\xae %d", f->name, i);
	}
}

static const char *string_of(const struct rec *r, const void *object, const char *member)
{
	const struct field *f = rec_field(r, member);

	return f && f->type == FIELD_STRING ? *(const char *const *)rec_at(object, f) : NULL;
}

static int64_t number_of(const struct rec *r, const void *object, const char *member)
{
	const struct field *f = rec_field(r, member);
	int64_t v = 0;

	if (f && f->type == FIELD_INT64)
		memcpy(&v, rec_at(object, f), sizeof(v));
	return v;
}

/* By whichever of its members a row is found. */
static struct key key_of(const struct rec *r, const void *in)
{
	const char *lane = string_of(r, in, "lane"), *system = string_of(r, in, "system");
	const char *name = string_of(r, in, "name");
	bool evidence = r == &rec_drift || r == &rec_readiness || r == &rec_freeze || r == &rec_hold ||
			r == &rec_alarm || r == &rec_canary || r == &rec_canary_rung ||
			r == &rec_canary_metric || r == &rec_canary_sample || r == &rec_canary_guard;
	int64_t run = number_of(r, in, "run_id");

	return (struct key){
		.id = run ? run : number_of(r, in, "id"),
		.name = !evidence ? name
			: lane    ? lane
				  : system,
		.repo = string_of(r, in, "repo"),
		.limit = 1,
	};
}

static void check_same(const struct rec *r, const void *a, const void *b)
{
	struct buf why = BUF_INIT(4096);

	if (!rec_equal(r, a, b, &why))
		fail_msg("%s: %s", r->name, why.s);
	buf_done(&why);
}

static void a_row_comes_back_as_it_went(void **state)
{
	static const struct {
		const struct rec *rec;
		enum query put, get;
	} cases[] = {
		{ &rec_run, Q_run_put, Q_run_by_id },
		{ &rec_job, Q_job_put, Q_jobs_by_run },
		{ &rec_gate, Q_gate_put, Q_gates },
		{ &rec_release, Q_release_put, Q_releases_by_repo },
		{ &rec_lane, Q_lane_put, Q_lane_by_name },
		{ &rec_intent, Q_intent_mirror_put, Q_intents_recent },
		{ &rec_poll, Q_poll_put, Q_poll_by_name },
		{ &rec_setting, Q_setting_put, Q_setting_by_name },
		{ &rec_decision, Q_decision_put, Q_decisions_by_run },
		{ &rec_drift, Q_drift_put, Q_drifts_by_lane },
		{ &rec_drift, Q_drift_put, Q_drifts },
		{ &rec_readiness, Q_readiness_put, Q_readiness_by_lane },
		{ &rec_freeze, Q_freeze_put, Q_freezes_by_system },
		{ &rec_freeze, Q_freeze_put, Q_freezes },
		{ &rec_hold, Q_hold_put, Q_holds_by_lane },
		{ &rec_hold, Q_hold_put, Q_holds },
		{ &rec_alarm, Q_alarm_put, Q_alarms_by_lane },
		{ &rec_alarm, Q_alarm_put, Q_alarms },
		{ &rec_canary, Q_canary_put, Q_canary_by_lane },
		{ &rec_canary, Q_canary_put, Q_canaries },
		{ &rec_canary_rung, Q_canary_rung_put, Q_canary_rungs_by_lane },
		{ &rec_canary_metric, Q_canary_metric_put, Q_canary_metrics_by_lane },
		{ &rec_canary_sample, Q_canary_sample_put, Q_canary_samples_by_lane },
		{ &rec_canary_guard, Q_guard_mirror_put, Q_guards },
	};
	struct fixture *f = *state;
	struct store *s = store_writer(f);

	for (size_t i = 0; i < countof(cases); i++) {
		const struct rec *r = cases[i].rec;
		void *in = arena_alloc(&f->a, r->size), *out = arena_alloc(&f->a, r->size);
		struct key key;

		fill(r, in, &f->a);
		key = key_of(r, in);
		check_ok(f, store_run(s, cases[i].put, r, in, &f->e));
		check_ok(f, store_one(s, cases[i].get, query_texts[cases[i].get].args ? &rec_key : NULL, &key,
				      r, out, &f->a, &f->e));
		check_same(r, in, out);
	}
	store_close(s);
}

static void strings_are_never_null(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	const struct run in = { .id = 1 };
	struct run out;
	const struct key key = { .id = 1 }, none = { .id = 2 };

	check_ok(f, store_run(s, Q_run_put, &rec_run, &in, &f->e));
	check_ok(f, store_one(s, Q_run_by_id, &rec_key, &key, &rec_run, &out, &f->a, &f->e));
	assert_string_equal(out.title, "");
	assert_string_equal(out.lane, "");
	assert_int_equal(store_one(s, Q_run_by_id, &rec_key, &none, &rec_run, &out, &f->a, &f->e), 1);
	store_close(s);
}

/* What another program wrote into an enum's column is "other", not an index past the words. */
static void an_unknown_number_is_other(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	const struct run in = { .id = 1, .status = RUN_COMPLETED, .conclusion = CONCLUSION_SUCCESS };
	const struct key key = { .id = 1 };
	struct run out;

	check_ok(f, store_run(s, Q_run_put, &rec_run, &in, &f->e));
	raw_exec(f->path, "UPDATE run SET status = 77, conclusion = -1");
	check_ok(f, store_one(s, Q_run_by_id, &rec_key, &key, &rec_run, &out, &f->a, &f->e));
	assert_int_equal(out.status, RUN_OTHER);
	assert_int_equal(out.conclusion, CONCLUSION_OTHER);
	store_close(s);
}

static void a_wrong_record_is_a_bug_not_a_guess(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	const struct poll poll = { .name = "p" };
	struct poll out;

	assert_int_equal(store_run(s, Q_run_put, &rec_poll, &poll, &f->e), -ERR_BUG);
	assert_non_null(strstr(f->e.message, "run_put"));
	err_clear(&f->e);
	check_ok(f, store_run(s, Q_poll_put, &rec_poll, &poll, &f->e));
	assert_int_equal(store_one(s, Q_poll_by_name, &rec_key, &(struct key){ .name = "p" }, &rec_setting,
				   &out, &f->a, &f->e),
			 -ERR_BUG);
	store_close(s);
}

struct nested {
	struct fixture *f;
	struct store *s;
	int outer, inner;
};

static int nested_row(void *ctx, const void *row)
{
	struct nested *n = ctx;

	(void)row;
	n->outer++;
	check_ok(n->f,
		 store_each(n->s, Q_lanes, NULL, NULL, &rec_lane, &n->f->a, row_count, &n->inner, &n->f->e));
	return 0;
}

static void a_query_may_run_inside_itself(void **state)
{
	static const char *const names[] = { "a", "b", "c" };
	struct fixture *f = *state;
	struct nested n = { .f = f, .s = store_writer(f) };

	for (size_t i = 0; i < countof(names); i++)
		check_ok(f, store_run(n.s, Q_lane_put, &rec_lane, &(struct lane){ .name = names[i] }, &f->e));
	check_ok(f, store_each(n.s, Q_lanes, NULL, NULL, &rec_lane, &f->a, nested_row, &n, &f->e));
	assert_int_equal(n.outer, 3);
	assert_int_equal(n.inner, 9);
	store_close(n.s);
}

static int reset_row(void *ctx, const void *row)
{
	struct arena *a = ctx;
	const struct lane *p = row;

	assert_int_equal(strlen(p->name), 1);
	arena_reset(a);
	return 0;
}

static int first_only(void *ctx, const void *row)
{
	(void)row;
	++*(int *)ctx;
	return 1;
}

static void the_callback_may_reset_and_stop(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	int n = 0;

	check_ok(f, store_run(s, Q_lane_put, &rec_lane, &(struct lane){ .name = "a" }, &f->e));
	check_ok(f, store_run(s, Q_lane_put, &rec_lane, &(struct lane){ .name = "c" }, &f->e));
	check_ok(f, store_each(s, Q_lanes, NULL, NULL, &rec_lane, &f->a, reset_row, &f->a, &f->e));
	check_ok(f, store_each(s, Q_lanes, NULL, NULL, &rec_lane, &f->a, first_only, &n, &f->e));
	assert_int_equal(n, 1);
	store_close(s);
}

/* What one probe or one lane had is replaced; the others stay. */
static void evidence_is_forgotten_by_its_owner(void **state)
{
	static const struct drift rows[] = {
		{ .lane = "a/b", .probe = 0, .component = "x" },
		{ .lane = "a/b", .probe = 1, .component = "x" },
		{ .lane = "a/c", .probe = 0, .component = "x" },
	};
	static const struct {
		const char *lane;
		int64_t probe;
		int left;
	} steps[] = { { "a/b", 7, 3 }, { "a/b", 1, 2 }, { "a/c", -1, 1 }, { "a/b", -1, 0 } };
	struct fixture *f = *state;
	struct store *s = store_writer(f);

	for (size_t i = 0; i < countof(rows); i++)
		check_ok(f, store_run(s, Q_drift_put, &rec_drift, &rows[i], &f->e));
	for (size_t i = 0; i < countof(steps); i++) {
		const struct key key = { .name = steps[i].lane, .number = steps[i].probe };
		int n = 0;

		check_ok(f, store_run(s, Q_drift_forget, &rec_key, &key, &f->e));
		check_ok(f, store_each(s, Q_drifts, NULL, NULL, &rec_drift, &f->a, row_count, &n, &f->e));
		assert_int_equal(n, steps[i].left);
	}
	store_close(s);
}

/* The table that a statement calls often empty, by the text that asks for all of them. */
static void sparse_table(const struct query_text *t, char *out, size_t n)
{
	char mark[16];
	const char *from = store_sparse, *found = NULL;
	size_t len;

	snprintf(mark, sizeof(mark), ") << %d)", t->sparse);
	const char *end = strstr(store_sparse, mark);
	assert_non_null(end);
	while ((from = strstr(from, "FROM ")) && from < end)
		found = from += 5;
	assert_non_null(found);
	len = strcspn(found, ")");
	snprintf(out, n, "FROM %.*s ", (int)len, found);
}

static void put_any(sqlite3 *db, const char *table)
{
	char sql[400];
	sqlite3_stmt *st = NULL;
	int n = snprintf(sql, sizeof(sql), "SELECT * %s", table), columns;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	columns = sqlite3_column_count(st);
	sqlite3_finalize(st);
	n = snprintf(sql, sizeof(sql), "INSERT INTO %s VALUES ('1'", table + 5);
	while (--columns)
		n += snprintf(sql + n, sizeof(sql) - (size_t)n, ",'1'");
	snprintf(sql + n, sizeof(sql) - (size_t)n, ")");
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static int64_t sparse_rows(sqlite3 *db)
{
	sqlite3_stmt *st = NULL;
	int64_t rows;

	assert_int_equal(sqlite3_prepare_v2(db, store_sparse, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	rows = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return rows;
}

/* What is spared because a table is empty must read from that table, and its bit must be that table's and no other's. */
static void an_empty_table_is_the_statements_own(void **state)
{
	int seen = 0;

	(void)state;
	for (int q = 0; q < Q_MAX_; q++) {
		const struct query_text *t = &query_texts[q];
		char table[64];
		sqlite3 *db;

		if (t->sparse < 0)
			continue;
		seen++;
		sparse_table(t, table, sizeof(table));
		if (!strstr(t->sql, table))
			fail_msg("%s does not read %s", t->name, table);
		db = schema_in_memory(store_cache_schema);
		assert_int_equal(sparse_rows(db), 0);
		put_any(db, table);
		assert_int_equal(sparse_rows(db), INT64_C(1) << t->sparse);
		sqlite3_close(db);
	}
	assert_true(seen > 10);
}

static int count_row(void *ctx, const void *record)
{
	(void)record;
	++*(int *)ctx;
	return 0;
}

static int alarms_in(struct fixture *f, struct store *s)
{
	int n = 0;

	check_ok(f, store_each(s, Q_alarms, NULL, NULL, &rec_alarm, &f->a, count_row, &n, &f->e));
	return n;
}

/* A reader that found a table empty finds what was written since, in its next snapshot. */
static void an_empty_table_is_looked_at_again(void **state)
{
	struct fixture *f = *state;
	struct store *w = store_writer(f), *r = store_reader(f);
	sqlite3 *db;

	check_ok(f, store_begin(r, &f->e));
	assert_int_equal(alarms_in(f, r), 0);
	assert_null(r->stmts[Q_alarms]); /* nothing was prepared for it */
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	put_any(db, "FROM alarm ");
	sqlite3_close(db);
	assert_int_equal(alarms_in(f, r), 0);
	store_undo(r);
	assert_int_equal(alarms_in(f, r), 1); /* outside of a snapshot nothing is taken for granted */
	check_ok(f, store_begin(r, &f->e));
	assert_int_equal(alarms_in(f, r), 1);
	store_undo(r);
	store_close(r);
	store_close(w);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(parameters_and_columns_are_members), TEST(plans_use_the_partial_indexes),
		TEST(a_row_comes_back_as_it_went),        TEST(strings_are_never_null),
		TEST(an_unknown_number_is_other),         TEST(a_wrong_record_is_a_bug_not_a_guess),
		TEST(a_query_may_run_inside_itself),      TEST(the_callback_may_reset_and_stop),
		TEST(evidence_is_forgotten_by_its_owner), TEST(an_empty_table_is_the_statements_own),
		TEST(an_empty_table_is_looked_at_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
