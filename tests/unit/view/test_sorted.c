/* What the screens add to evidence: what is wrong comes first, a way back has a length, a stopped line is counted. */
#include "tests/golden/world_evidence.h"
#include "tests/golden/world_fill.h"

#include "base/text.h"
#include "core/view/alarms.h"
#include "core/view/view.h"
#include "store/holds.h"

static const struct when now = { WORLD_NOW };

static int setup(void **state)
{
	struct world *w = x_alloc(sizeof(*w));
	world_open(w);
	world_fill(w, WORLD_NORMAL, 4000);
	world_evidence(w, WORLD_NORMAL, 4000);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	world_close(w);
	free(w);
	return 0;
}

static void what_differs_comes_first(void **state)
{
	static const char *const wanted[] = { "other", "behind", "ahead", "unknown", "equal" };
	struct world *w = *state;
	struct drift_rows v = { 0 };
	assert_int_equal(view_drift(&v, w->store, NULL, now, &w->a, &w->e), 0);
	assert_int_equal(v.n, countof(wanted));
	for (size_t i = 0; i < v.n; i++)
		assert_string_equal(v.items[i].verdict, wanted[i]);
}

static void rows_of_one_verdict_keep_their_order(void **state)
{
	struct world *w = *state;
	struct drift_rows v = { 0 };
	for (int i = 0; i < 40; i++)
		world_drift(w,
			    &(struct drift){ .lane = "gov/prod",
					     .component = arena_printf(&w->a, "%02d", 39 - i),
					     .verdict = i % 2 ? DRIFT_OTHER : DRIFT_EQUAL,
					     .declared = "a",
					     .live = "b" },
			    i, 0);
	assert_int_equal(view_drift(&v, w->store, "gov/prod", now, &w->a, &w->e), 0);
	assert_int_equal(v.n, 40);
	for (size_t i = 1; i < v.n; i++)
		assert_true(i == 20 || strcmp(v.items[i - 1].component, v.items[i].component) > 0);
	assert_int_equal(v.items[0].verdict_value, DRIFT_OTHER);
	assert_int_equal(v.items[20].verdict_value, DRIFT_EQUAL);
}

static void a_way_back_has_a_target_and_a_length(void **state)
{
	static const struct {
		const char *lane, *target, *took;
	} wanted[] = {
		{ "gov/prod", "v2.14.0", "p50 5m, at most 9m, of 12 runs" },
		{ "easy/prod", "v0.9.2", "" },
		{ "cloud/prod", "8e22b8e", "p50 6m, at most 8m, of 3 replays" },
		{ "mcp/prod", "sha256:90ab90ab90ab", "" },
		{ "theory/main", "", "" },
	};
	struct world *w = *state;
	struct lane_rows v = { 0 };
	assert_int_equal(view_lanes(&v, w->store, now, &w->a, &w->e), 0);
	for (size_t i = 0; i < countof(wanted); i++)
		vec_each (l, &v)
			if (!strcmp(l->name, wanted[i].lane)) {
				assert_string_equal(l->back_target, wanted[i].target);
				assert_string_equal(l->back_took, wanted[i].took);
			}
}

static void a_job_says_what_it_means(void **state)
{
	struct world *w = *state;
	struct run_view v;
	struct buf out = BUF_INIT(65536);
	struct jw j;
	int found = 0;
	assert_int_equal(view_run(&v, w->store, 35531727001, now, &w->a, &w->e), 0);
	for (int i = 0; i < v.jobs_n; i++) {
		bool vacuous = !strcmp(v.jobs[i].name, "slo-gate");
		assert_true(!vacuous || v.jobs[i].means == MEANS_VACUOUS);
		assert_string_equal(v.jobs[i].meaning, vacuous ? "vacuous: no sample" : v.jobs[i].meaning);
		found += v.jobs[i].means != MEANS_OTHER;
	}
	assert_int_equal(found, 4);
	jw_init(&j, &out);
	view_run_json(&j, &v, now);
	assert_non_null(strstr(out.s, "\"conclusion\":\"skipped\",\"meaning\":\"not required\""));
	assert_non_null(strstr(out.s, "\"meaning\":null"));
	buf_done(&out);
}

/* By systems, not by sources; what is not known is no freeze, and has a word of its own in the rows. */
static void frozen_systems_are_counted(void **state)
{
	struct world *w = *state;
	struct view_header h;
	assert_int_equal(view_header(&h, w->store, now, &w->a, &w->e), 0);
	assert_int_equal(h.frozen, 1);
	world_freeze(w, "mcp", 1, "tag frozen/rollback", FREEZE_FROZEN, "", 0);
	world_freeze(w, "gov", 1, "label freeze/main-red", FREEZE_FROZEN, "", 0);
	assert_int_equal(view_header(&h, w->store, now, &w->a, &w->e), 0);
	assert_int_equal(h.frozen, 2);
}

/* What is doubted is no alarm; a poller that stands still is one, and no engine is needed to say so. */
static void open_alarms_are_counted(void **state)
{
	static const struct alarm one = { ALARM_SILENCE,    "push a", "easy/prod",
					  "no \033[31mrun", "look",   { WORLD_NOW - 180000 },
					  { WORLD_NOW } };
	static const struct alarm doubt = { ALARM_DOUBT, "push b",      "easy/prod",  "not known",
					    "",          { WORLD_NOW }, { WORLD_NOW } };
	struct world *w = *state;
	struct view_header h;
	struct alarm_rows rows = { 0 };
	assert_int_equal(view_header(&h, w->store, now, &w->a, &w->e), 0);
	assert_int_equal(h.alarms, 0);
	assert_int_equal(store_alarm_put(w->store, &one, &w->e), 0);
	assert_int_equal(store_alarm_put(w->store, &doubt, &w->e), 0);
	assert_int_equal(view_header(&h, w->store, now, &w->a, &w->e), 0);
	assert_int_equal(h.alarms, 1);
	assert_int_equal(view_header(&h, w->store, (struct when){ WORLD_NOW + 3600000 }, &w->a, &w->e), 0);
	assert_int_equal(h.alarms, 2);
	assert_int_equal(view_alarms(&rows, w->store, (struct when){ WORLD_NOW + 3600000 }, &w->a, &w->e), 0);
	assert_int_equal(rows.n, 2);
	assert_true(text_starts(rows.items[0].text, "nothing reads the forge: last read "));
	assert_string_equal(rows.items[1].age, "1h");
	assert_null(strchr(rows.items[1].text, '\033'));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_differs_comes_first),
		TEST(rows_of_one_verdict_keep_their_order),
		TEST(a_way_back_has_a_target_and_a_length),
		TEST(a_job_says_what_it_means),
		TEST(frozen_systems_are_counted),
		TEST(open_alarms_are_counted),
	};
	return cmocka_run_group_tests_name("sorted", tests, NULL, NULL);
}
