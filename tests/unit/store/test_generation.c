/* The generation of the cache: whatever is written moves it, once a transaction, and ages alone do not. */
#include "fixture.h"

#include "core/model/canary.h"
#include "core/model/canary_guard.h"
#include "core/model/evidence.h"
#include "core/model/hold.h"
#include "core/model/proof.h"
#include "store/agents.h"

static const struct rec *const recs[] = {
	&rec_run,           &rec_job,         &rec_gate,          &rec_release,    &rec_lane,
	&rec_intent,        &rec_key,         &rec_poll,          &rec_setting,    &rec_decision,
	&rec_drift,         &rec_readiness,   &rec_freeze,        &rec_hold,       &rec_alarm,
	&rec_canary,        &rec_canary_rung, &rec_canary_metric, &rec_proof,      &rec_proof_check,
	&rec_canary_sample, &rec_agent,       &rec_agent_tree,    &rec_fleet_fact, &rec_event,
	&rec_canary_guard,
};

static const struct rec *rec_named(const char *name)
{
	for (size_t i = 0; name && i < countof(recs); i++)
		if (!strcmp(recs[i]->name, name))
			return recs[i];
	return NULL;
}

/* As others see it. */
static int64_t generation(const struct fixture *f)
{
	return raw_number(f->path, "SELECT coalesce((SELECT generation FROM content), 0)");
}

static int64_t rows(struct fixture *f, struct store *s, const char *table)
{
	char sql[128];
	int64_t n = 0;

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM \"%s\"", table);
	check_ok(f, store_number(s, sql, &n, &f->e));
	return n;
}

/* A statement with nothing in its parameters; 0 when it takes a record that is not of the cache. */
static bool run_empty(struct fixture *f, struct store *s, int q)
{
	const struct rec *rec = rec_named(query_texts[q].args);
	void *args = x_alloc(rec ? rec->size : 1);
	int64_t before = sqlite3_total_changes64(s->db), was = generation(f);

	check_ok(f, store_run(s, (enum query)q, rec, args, &f->e));
	int64_t changes = sqlite3_total_changes64(s->db) - before;
	bool moved = generation(f) != was;

	free(args);
	if (query_texts[q].moves ? moved != (changes > 0) : moved)
		fail_msg("%s changed %d rows and %s the generation", query_texts[q].name, (int)changes,
			 moved ? "moved" : "did not move");
	return moved;
}

static bool is_write(int q)
{
	return !query_texts[q].row && !query_texts[q].journal && q != Q_content_moves;
}

struct table {
	char name[64];
	int64_t rows;
};

static int tables_of(const struct fixture *f, struct table out[64])
{
	sqlite3 *db = NULL;
	sqlite3_stmt *st = NULL;
	int n = 0;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
					    "SELECT name FROM sqlite_schema WHERE type = 'table' "
					    "AND name NOT IN ('content', 'poll', 'sqlite_sequence')",
					    -1, &st, NULL),
			 SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW && n < 64)
		snprintf(out[n++].name, sizeof(out->name), "%s", (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

/* `poll` apart, which no screen shows, every table gets its first row by a statement that moves the generation. */
static void whatever_is_written_moves_it(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct table tables[64];
	bool moved_with[64] = { false };
	int n = tables_of(f, tables);

	assert_true(n > 20);
	for (int pass = 0; pass < 2; pass++)
		for (int q = 0; q < Q_MAX_; q++) {
			if (!is_write(q) || (strstr(query_texts[q].sql, "DELETE") != NULL) != (pass == 1))
				continue;
			for (int i = 0; i < n; i++)
				tables[i].rows = rows(f, s, tables[i].name);
			bool moved = run_empty(f, s, q);
			for (int i = 0; i < n; i++)
				if (rows(f, s, tables[i].name) != tables[i].rows) {
					assert_true(moved);
					moved_with[i] = true;
				}
		}
	for (int i = 0; i < n; i++)
		if (!moved_with[i])
			fail_msg("nothing writes %s", tables[i].name);
	store_close(s);
}

static const struct lane lane = { .name = "easy/prod",
				  .system = "easy",
				  .environment = "prod",
				  .repo = "acme/easy",
				  .state = LANE_OK,
				  .live = "v1",
				  .live_sha = "",
				  .next = "",
				  .progress = "",
				  .reasons = "[]",
				  .checked = { 1000 } };

static void ages_do_not(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct key key = { .name = "easy/prod", .repo = "acme/easy", .at = { 2000 } };
	struct key row;

	check_ok(f, store_run(s, Q_lane_put, &rec_lane, &lane, &f->e));
	int64_t was = generation(f);
	check_ok(f, store_run(s, Q_lane_checked, &rec_key, &key, &f->e));
	key.at.ms = 3000;
	check_ok(f, store_begin(s, &f->e));
	check_ok(f, store_run(s, Q_lanes_checked, &rec_key, &key, &f->e));
	check_ok(f, store_end(s, &f->e));
	assert_int_equal(generation(f), was);
	check_ok(f, store_one(s, Q_lane_ages, NULL, NULL, &rec_key, &row, &f->a, &f->e));
	assert_int_equal(row.at.ms, 3000);
	assert_int_equal(row.number, was);
	store_close(s);
}

static void a_transaction_moves_it_once_or_not_at_all(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct lane other = lane;

	check_ok(f, store_begin(s, &f->e));
	check_ok(f, store_run(s, Q_lane_put, &rec_lane, &lane, &f->e));
	other.name = "easy/dev";
	check_ok(f, store_run(s, Q_lane_put, &rec_lane, &other, &f->e));
	assert_int_equal(generation(f), 0); /* nobody sees it before the rows */
	check_ok(f, store_end(s, &f->e));
	assert_int_equal(generation(f), 1);
	check_ok(f, store_begin(s, &f->e));
	check_ok(f, store_run(s, Q_lane_put, &rec_lane, &other, &f->e));
	store_undo(s);
	check_ok(f, store_begin(s, &f->e)); /* what was undone is not remembered */
	check_ok(f, store_end(s, &f->e));
	assert_int_equal(generation(f), 1);
	check_ok(f, store_run(s, Q_guards_forget, NULL, NULL, &f->e)); /* there was none */
	assert_int_equal(generation(f), 1);
	store_close(s);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(whatever_is_written_moves_it),
		TEST(ages_do_not),
		TEST(a_transaction_moves_it_once_or_not_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
