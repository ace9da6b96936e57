/* Views of a small organisation: what the captain sees is what the cache says, sorted, aged and counted. */
#include "tests/golden/world_fill.h"

#include "base/text.h"
#include "core/view/events.h"
#include "core/view/journal.h"
#include "core/view/plan.h"
#include "core/view/view.h"

static const struct when now = { WORLD_NOW };

static int setup(void **state)
{
	struct world *w = x_alloc(sizeof(*w));
	world_open(w);
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

static void test_lanes_by_urgency(void **state)
{
	static const char *const order[] = { "gov/prod", "easy/prod",    "cloud/prod",  "theory/staging",
					     "mcp/prod", "easy/staging", "theory/main", "mcp/staging" };
	struct world *w = *state;
	struct lane_rows v = { 0 };
	world_fill(w, WORLD_NORMAL, 4000);
	assert_int_equal(view_lanes(&v, w->store, now, &w->a, &w->e), 0);
	assert_int_equal(v.n, countof(order));
	for (size_t i = 0; i < v.n; i++)
		assert_string_equal(v.items[i].name, order[i]);
	assert_string_equal(v.items[0].since, "6m");
	assert_int_equal(v.items[0].reasons_n, 2);
	assert_string_equal(v.items[0].unsettled, "");
	assert_non_null(strstr(v.items[2].unsettled, "dispatch b771e90: unknown for 4m"));
	assert_string_equal(v.items[3].live, "4c1d77a");
	assert_true(v.items[1].age_ms >= 4000 && v.items[1].age_ms <= 12000);
}

/* Which acts a console offers is the profile's word; without it nothing is said. */
static void test_lanes_say_how_they_start(void **state)
{
	struct world *w = *state;
	struct lane_rows v = { 0 };
	world_fill(w, WORLD_NORMAL, 4000);
	world_setting(w, "starts",
		      "{\"gov/prod\":\"dispatch\",\"theory/main\":\"merge\",\"no/lane\":\"auto\"}");
	assert_int_equal(view_lanes(&v, w->store, now, &w->a, &w->e), 0);
	vec_each (l, &v)
		assert_string_equal(l->starts, !strcmp(l->name, "gov/prod")      ? "dispatch"
					       : !strcmp(l->name, "theory/main") ? "merge"
										 : "");
}

static void test_stale_lanes_say_what_they_were(void **state)
{
	struct world *w = *state;
	struct lane_rows v = { 0 };
	world_fill(w, WORLD_NORMAL, 2 * HOURS);
	assert_int_equal(view_lanes(&v, w->store, now, &w->a, &w->e), 0);
	vec_each (l, &v) {
		assert_int_equal(l->state, LANE_STALE);
		assert_int_not_equal(l->judged, LANE_STALE);
		assert_non_null(strstr(l->reasons[0], "2h old"));
		assert_non_null(strstr(l->reasons[0], names_word(&lane_state_names, l->judged)));
	}
}

static void test_damaged_reasons_are_seen(void **state)
{
	struct world *w = *state;
	struct lane l = world_lanes[0];
	struct lane_rows v = { 0 };
	struct why_rows why = { 0 };
	l.reasons = "[\"cut off";
	world_lane(w, &l, 0, 0);
	assert_int_equal(view_lanes(&v, w->store, now, &w->a, &w->e), 0);
	assert_int_equal(v.items[0].reasons_n, 1);
	assert_non_null(strstr(v.items[0].reasons[0], "damaged"));
	assert_int_equal(view_why(&why, w->store, l.name, now, &w->a, &w->e), 0);
	assert_non_null(strstr(why.items[1].text, "damaged"));
}

static void test_header(void **state)
{
	struct world *w = *state;
	struct view_header h;
	assert_int_equal(view_header(&h, w->store, now, &w->a, &w->e), 0);
	assert_int_equal(h.age_ms, -1); /* nothing was ever read: that is no age */
	assert_int_equal(h.lanes, 0);
	assert_null(h.drill);
	world_fill(w, WORLD_NORMAL, 4000);
	assert_int_equal(view_header(&h, w->store, now, &w->a, &w->e), 0);
	assert_int_equal(h.lanes, 8);
	assert_int_equal(h.counts[LANE_FAIL], 1);
	assert_int_equal(h.counts[LANE_OK], 3);
	assert_int_equal(h.needs_me, 1);
	assert_int_equal(h.open_intents, 1);
	assert_int_equal(h.age_ms, 11000); /* of the oldest lane */
	assert_int_equal(h.api_remaining, 4812);
	assert_string_equal(h.login, "octo-ana");
}

static void test_one_unread_lane_is_no_age(void **state)
{
	struct world *w = *state;
	struct lane never = { .name = "x/y",
			      .state = LANE_OK,
			      .live = "",
			      .next = "",
			      .progress = "",
			      .reasons = "[]",
			      .system = "x",
			      .environment = "y",
			      .repo = "a/b",
			      .live_sha = "",
			      .ordinal = 99,
			      .stale_after = 5 * MINUTES };
	struct view_header h;
	world_fill(w, WORLD_NORMAL, 4000);
	world_put(w, Q_lane_put, &rec_lane, &never);
	assert_int_equal(view_header(&h, w->store, now, &w->a, &w->e), 0);
	assert_int_equal(h.age_ms, -1);
	assert_int_equal(h.counts[LANE_STALE], 1);
}

static void test_runs(void **state)
{
	struct world *w = *state;
	struct run_rows all = { 0 }, one = { 0 }, page = { 0 };
	world_fill(w, WORLD_NORMAL, 4000);
	assert_int_equal(view_runs(&all, w->store, NULL, 0, 100, now, &w->a, &w->e), 0);
	assert_int_equal(all.n, 5);
	assert_true(all.items[0].id > all.items[1].id);
	assert_string_equal(all.items[0].conclusion, "failure");
	assert_string_equal(all.items[1].conclusion, ""); /* it waits: it has none */
	assert_string_equal(all.items[1].status, "waiting");
	assert_string_equal(all.items[0].duration, "3:58");
	assert_int_equal(view_runs(&one, w->store, "easy/prod", 0, 100, now, &w->a, &w->e), 0);
	assert_int_equal(one.n, 1);
	assert_int_equal(view_runs(&page, w->store, NULL, all.items[1].id, 2, now, &w->a, &w->e), 0);
	assert_int_equal(page.n, 2);
	assert_int_equal(page.items[0].id, all.items[2].id);
}

static void test_run(void **state)
{
	struct world *w = *state;
	struct run_view v;
	world_fill(w, WORLD_NORMAL, 4000);
	assert_int_equal(view_run(&v, w->store, 35531727001, now, &w->a, &w->e), 0);
	assert_int_equal(v.jobs_n, 3);
	assert_int_equal(v.jobs[0].steps_n, 2);
	assert_string_equal(v.jobs[0].steps[1].duration, "3:13");
	assert_string_equal(v.jobs[2].duration, ""); /* a job that waits has not begun */
	assert_int_equal(v.gates.n, 1);
	assert_string_equal(v.intent, "dispatch by ana@bastion (octo-ana)");
	assert_int_equal(v.age_ms, 4000);
	assert_int_equal(view_run(&v, w->store, 1, now, &w->a, &w->e), 1);
}

/* What the forge dated is aged by the forge's clock: ours may be wrong, and a drill's runs at a speed of its own. */
static void test_ages_by_the_forge_clock(void **state)
{
	struct world *w = *state;
	struct run_rows before = { 0 }, after = { 0 };
	struct lane_rows lanes = { 0 };
	world_fill(w, WORLD_NORMAL, 4000);
	assert_int_equal(view_runs(&before, w->store, "gov/prod", 0, 1, now, &w->a, &w->e), 0);
	world_setting(w, "skew_ms", "259200000");
	assert_int_equal(view_runs(&after, w->store, "gov/prod", 0, 1, now, &w->a, &w->e), 0);
	assert_string_not_equal(before.items[0].age, after.items[0].age);
	assert_string_equal(after.items[0].age, "3d");
	assert_int_equal(view_lanes(&lanes, w->store, now, &w->a, &w->e), 0);
	assert_string_equal(lanes.items[0].since, "3d");
	assert_true(lanes.items[0].age_ms < 60000); /* when it was read is ours to say */
}

static void test_gates(void **state)
{
	struct world *w = *state;
	struct gate_rows all = { 0 }, mine = { 0 };
	world_fill(w, WORLD_NORMAL, 4000);
	assert_int_equal(view_gates(&all, w->store, false, now, &w->a, &w->e), 0);
	assert_int_equal(all.n, 2);
	assert_int_equal(view_gates(&mine, w->store, true, now, &w->a, &w->e), 0);
	assert_int_equal(mine.n, 1);
	assert_string_equal(mine.items[0].environment, "production");
	assert_string_equal(mine.items[0].release, "v0.9.4");
}

static void test_journal(void **state)
{
	struct world *w = *state;
	struct intent_rows all = { 0 }, open = { 0 };
	world_fill(w, WORLD_NORMAL, 4000);
	assert_int_equal(view_journal(&all, w->store, 10, false, now, &w->a, &w->e), 0);
	assert_int_equal(all.n, 3);
	assert_int_equal(all.items[0].id, 3);
	assert_int_equal(view_journal(&open, w->store, 10, true, now, &w->a, &w->e), 0);
	assert_int_equal(open.n, 1);
	assert_string_equal(open.items[0].state, "unknown");
}

static void test_why(void **state)
{
	struct world *w = *state;
	struct why_rows v = { 0 };
	world_fill(w, WORLD_NORMAL, 4000);
	assert_int_equal(view_why(&v, w->store, "cloud/prod", now, &w->a, &w->e), 0);
	assert_string_equal(v.items[0].text, "cloud/prod is UNKN");
	bool twin = false;
	vec_each (row, &v)
		twin |= strstr(row->text, "no twin may be sent") && strstr(row->fix, "reconcile 3");
	assert_true(twin);
	assert_int_equal(view_why(&v, w->store, "no/lane", now, &w->a, &w->e), 1);
}

/* What was done from here since the lane was read is said, whatever the lane was then. */
static void test_why_knows_what_was_done_since(void **state)
{
	static const struct {
		const char *lane;
		int state;
		int64_t after;
		bool said;
	} cases[] = {
		{ "cloud", INTENT_DONE, 1, true },     { "cloud/prod", INTENT_LINKED, 1, true },
		{ "cloud", INTENT_DONE, 0, false },    { "easy", INTENT_DONE, 1, false },
		{ "cloud", INTENT_REFUSED, 1, false },
	};
	struct world *w = *state;
	struct key key = { .name = "cloud/prod" };
	struct lane lane;

	world_fill(w, WORLD_NORMAL, 4000);
	assert_int_equal(store_one(w->store, Q_lane_by_name, &rec_key, &key, &rec_lane, &lane, &w->a, &w->e),
			 0);
	for (size_t i = 0; i < countof(cases); i++) {
		struct why_rows v = { 0 };
		bool said = false;
		struct intent in = { .id = 900,
				     .nonce = "n900",
				     .act = "freeze",
				     .lane = cases[i].lane,
				     .state = cases[i].state,
				     .settled = { lane.checked.ms + cases[i].after } };

		world_put(w, Q_intent_mirror_put, &rec_intent, &in);
		assert_int_equal(view_why(&v, w->store, "cloud/prod", now, &w->a, &w->e), 0);
		vec_each (row, &v)
			said |= strstr(row->text, "was not read since") && strstr(row->fix, "sync --once");
		assert_int_equal(said, cases[i].said);
	}
}

/* A lock has no subject: its words have no hole where one would be. */
static void test_an_act_without_a_subject(void **state)
{
	struct world *w = *state;
	struct lane_rows lanes = { 0 };
	struct why_rows v = { 0 };
	bool said = false, told = false;
	const struct intent in = {
		.id = 900, .nonce = "n900", .act = "lock", .lane = "easy/prod", .state = INTENT_SENT
	};

	world_fill(w, WORLD_NORMAL, 4000);
	world_put(w, Q_intent_mirror_put, &rec_intent, &in);
	assert_int_equal(view_lanes(&lanes, w->store, now, &w->a, &w->e), 0);
	assert_int_equal(view_why(&v, w->store, "easy/prod", now, &w->a, &w->e), 0);
	vec_each (row, &lanes)
		told |= text_starts(row->unsettled, "lock: sent for ");
	vec_each (row, &v)
		said |= strstr(row->text, "intent 900: lock is sent; no twin") != NULL;
	assert_true(told && said);
}

static void test_plan(void **state)
{
	static const char text[] =
		"{\"plan_id\":\"7c1e93f0\",\"act\":\"dispatch\",\"lane\":\"easy/"
		"prod\",\"release\":\"v0.9.4\","
		"\"verdict\":\"go\",\"confirm\":\"easy/prod v0.9.4\",\"ahead\":3,\"behind\":0,"
		"\"requests\":[{\"request\":\"POST /x\",\"body\":{\"ref\":\"main\"}},"
		"{\"request\":\"PUT /y\",\"what\":\"merge it\",\"body\":null}],"
		"\"command\":\"helm rollback \\\"summit\\\"  3\",\"inputs\":[{\"name\":\"release_tag\","
		"\"type\":\"string\",\"required\":true,\"value\":\"v0.9.4\",\"fixed\":true},"
		"{\"name\":\"dry\",\"type\":\"boolean\",\"options\":[\"true\",\"false\"],\"value\":null,"
		"\"note\":\"not in the profile\",\"fixed\":false}],"
		"\"checks\":[{\"name\":\"release\",\"status\":\"ok\",\"detail\":\"d\"},"
		"{\"name\":\"odd\",\"status\":\"excellent\",\"detail\":\"d\"}]}";
	static const struct {
		const char *verdict, *confirm;
		bool go;
	} rows[] = {
		{ "go", "x", true }, { "go", "", false }, { "refused", "x", false }, { "GO", "x", false }
	};
	struct world *w = *state;
	struct plan_view p;
	struct json *j = NULL;
	assert_int_equal(json_parse(&j, text, sizeof(text) - 1, 1 << 16, &w->e), 0);
	assert_int_equal(view_plan(&p, j, now, &w->a, &w->e), 0);
	assert_true(p.go && p.production); /* what does not say otherwise is production */
	assert_int_equal(p.requests_n, 2);
	assert_string_equal(p.requests[0].body, "{\"ref\":\"main\"}");
	assert_string_equal(p.requests[1].what, "merge it");
	assert_string_equal(p.requests[1].body, "");
	assert_int_equal(p.inputs_n, 2);
	assert_true(p.inputs[0].required && p.inputs[0].fixed && p.inputs[0].sent);
	assert_false(p.inputs[1].required || p.inputs[1].fixed || p.inputs[1].sent);
	assert_int_equal(p.inputs[1].options_n, 2);
	assert_string_equal(p.inputs[1].options[1], "false");
	assert_string_equal(p.command, "helm rollback \"summit\"  3");
	assert_int_equal(p.checks[0].status, CHECK_OK);
	assert_int_equal(p.checks[1].status, CHECK_UNCHECKED); /* a word nobody knows is never ok */
	json_free(j);
	for (size_t i = 0; i < countof(rows); i++) {
		const char *t =
			arena_printf(&w->a, "{\"plan_id\":\"1\",\"verdict\":\"%s\",\"confirm\":\"%s\"}",
				     rows[i].verdict, rows[i].confirm);
		assert_int_equal(json_parse(&j, t, strlen(t), 1 << 16, &w->e), 0);
		assert_int_equal(view_plan(&p, j, now, &w->a, &w->e), 0);
		assert_int_equal(p.go, rows[i].go);
		json_free(j);
	}
	assert_true(view_plan(&p, NULL, now, &w->a, &w->e) < 0);
}

static void test_events_name_commits_as_columns_do(void **state)
{
#define SHA "0123456789abcdef0123456789abcdef01234567"
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ NULL, "" },
		{ "", "" },
		{ "live v0.9.3 -> v0.9.4", "live v0.9.3 -> v0.9.4" },
		{ "live " SHA " -> " SHA, "live 0123456 -> 0123456" },
		{ "RUN -> FAIL " SHA " 3/5", "RUN -> FAIL 0123456 3/5" },
		{ "proof of sha256:" SHA "89abcdef0123456789abcdef: bad",
		  "proof of sha256:0123456789ab: bad" },
		{ "note: g" SHA " and " SHA "z", "note: g" SHA " and " SHA "z" },
		{ SHA "0 deadbeef", SHA "0 deadbeef" },
		{ "d\033[31m", "d\\x1b[31m" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < countof(cases); i++)
		assert_string_equal(view_event_words(&w->a, cases[i].text), cases[i].words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lanes_by_urgency, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lanes_say_how_they_start, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stale_lanes_say_what_they_were, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_reasons_are_seen, setup, teardown),
		cmocka_unit_test_setup_teardown(test_header, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_unread_lane_is_no_age, setup, teardown),
		cmocka_unit_test_setup_teardown(test_runs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_run, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ages_by_the_forge_clock, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gates, setup, teardown),
		cmocka_unit_test_setup_teardown(test_journal, setup, teardown),
		cmocka_unit_test_setup_teardown(test_why, setup, teardown),
		cmocka_unit_test_setup_teardown(test_why_knows_what_was_done_since, setup, teardown),
		cmocka_unit_test_setup_teardown(test_an_act_without_a_subject, setup, teardown),
		cmocka_unit_test_setup_teardown(test_plan, setup, teardown),
		cmocka_unit_test_setup_teardown(test_events_name_commits_as_columns_do, setup, teardown),
	};
	return cmocka_run_group_tests_name("views", tests, NULL, NULL);
}
