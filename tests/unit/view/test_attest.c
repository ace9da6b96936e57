/* The machines of a lane as rows: in an order that is total, counted, aged, and with nothing that reads as agreement but
 * agreement. */
#include "tests/golden/world_fill.h"
#include "tests/golden/world_fleet.h"

#include "base/text.h"
#include "core/view/attest.h"

static const struct when now = { WORLD_NOW };

static int setup(void **state)
{
	static struct world w;
	world_open(&w);
	world_fill(&w, WORLD_NORMAL, 4000);
	world_fleet(&w, WORLD_NORMAL, 4000);
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	world_close(*state);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static struct fleet_view fleet(struct world *w, const char *lane)
{
	struct fleet_view v;
	if (view_fleet(&v, w->store, lane, now, &w->a, &w->e) != 0)
		fail_msg("%s: %s", lane, w->e.message);
	return v;
}

static void worst_first_then_by_name(void **state)
{
	static const char *const names[] = { "llm-01", "std-01", "tiny-03", "tiny-04", "tiny-02", "tiny-01" };
	struct world *w = *state;
	struct fleet_view v = fleet(w, "easy/prod");

	assert_int_equal(v.machines.n, countof(names));
	for (size_t i = 0; i < countof(names); i++)
		assert_string_equal(v.machines.items[i].name, names[i]);
	assert_string_equal(fleet_counts_words(&v.counts, true, &w->a), "X4 ~1 +1");
	assert_int_equal(fleet_worst(&v.counts), PROOF_FAILED);
	assert_int_equal(v.belied, 2);
	assert_int_equal(v.differing, 3);
	assert_int_equal(v.news, 1);
	assert_int_equal(v.age_ms, 4000);
}

static void groups_are_counted(void **state)
{
	struct world *w = *state;
	struct fleet_view v = fleet(w, "easy/prod");

	assert_int_equal(v.sizes.n, 3);
	assert_string_equal(v.sizes.items[0].name, "llm");
	assert_string_equal(v.sizes.items[2].name, "tiny");
	assert_string_equal(fleet_counts_words(&v.sizes.items[2].counts, true, &w->a), "X2 ~1 +1");
	assert_int_equal(v.places.n, 2);
	assert_string_equal(fleet_counts_words(&v.places.items[1].counts, true, &w->a), "X2");
}

/* More sizes than a person reads are one group, and nobody is left out of the counts. */
static void a_flood_of_groups_is_bounded(void **state)
{
	struct world *w = *state;
	struct world_machine one = {
		.name = "m", .word = "", .complaint = "", .detail = "", .differs = "", .tcb = ""
	};
	int64_t sum = 0;

	for (int i = 0; i < 200; i++) {
		one.name = one.size = one.datacenter = arena_printf(&w->a, "s%03d", i);
		struct agent row = world_agent(w, &one, 0);
		assert_int_equal(store_agents_put(w->store, "mcp/prod", &row, 1, NULL, &w->e), 0);
	}
	struct fleet_view v = fleet(w, "mcp/prod");
	assert_int_equal(v.sizes.n, 64);
	vec_each (g, &v.sizes)
		sum += g->counts.total;
	assert_int_equal(sum, 200);
}

/* What no rule wrote is never good, and never left out: the cache reads a number it does not know as not checked. */
static void a_strange_status_is_not_good(void **state)
{
	struct world *w = *state;
	struct world_machine one = { .name = "m",
				     .size = "",
				     .datacenter = "",
				     .word = "",
				     .complaint = "",
				     .status = 99,
				     .reason = 9999,
				     .quote = -1,
				     .token = 77,
				     .detail = "",
				     .differs = "",
				     .tcb = "" };
	struct agent row = world_agent(w, &one, 0);
	struct agent_row m;

	assert_int_equal(store_agents_put(w->store, "mcp/prod", &row, 1, NULL, &w->e), 0);
	struct fleet_view v = fleet(w, "mcp/prod");
	assert_int_equal(v.counts.of[PROOF_UNCHECKED], 1);
	assert_int_equal(fleet_worst(&v.counts), PROOF_UNCHECKED);
	view_agent_row(&m, &v, 0, &w->a);
	assert_string_equal(m.status, "UNCHECKED");
	assert_string_equal(m.quote, "unchecked");
	assert_string_equal(m.token, "unchecked");
}

static void the_control_plane_is_quoted(void **state)
{
	struct world *w = *state;
	struct fleet_view v = fleet(w, "easy/prod");
	struct agent_row forged, late;

	view_agent_row(&forged, &v, 3, &w->a);
	assert_string_equal(forged.status, "FAILED");
	assert_string_equal(forged.says, "says verified");
	assert_string_equal(forged.token_words, "4m left");
	view_agent_row(&late, &v, 4, &w->a);
	assert_string_equal(late.says, "says no");
	assert_string_equal(late.token_words, "over 2h");
	assert_string_equal(late.changed, "40m");
	assert_false(late.is_new);
}

static void facts_tell_what_is_not_as_declared(void **state)
{
	struct world *w = *state;
	struct fleet_view v = fleet(w, "easy/prod"), none = fleet(w, "mcp/prod");

	assert_string_equal(
		fleet_facts_words(&v, &w->a),
		"collateral 2d old; settings: 2 of 4 not as declared, 1 not known; trust list: 1 of 2 not "
		"pinned by the release");
	assert_int_equal(v.policy.items[0].verdict_value, DRIFT_OTHER);
	assert_int_equal(v.policy.items[2].verdict_value, DRIFT_UNKNOWN);
	assert_true(v.list.items[0].extra);
	assert_null(fleet_facts_words(&none, &w->a));
	assert_int_equal(none.age_ms, -1);
}

static const struct agent_field_row *field_of(const struct agent_tree_rows *t, const char *name)
{
	for (int i = 0; i < t->fields_n; i++)
		if (!strcmp(t->fields[i].name, name))
			return &t->fields[i];
	fail_msg("no field %s", name);
	return NULL;
}

static void four_sources_side_by_side(void **state)
{
	struct world *w = *state;
	struct agent_tree_rows t;

	assert_int_equal(view_agent_tree(&t, w->store, "easy/prod", "agent-tiny-04", now, &w->a, &w->e), 0);
	assert_string_equal(t.damage, "");
	assert_true(field_of(&t, "rtmr2")->differs);
	assert_string_equal(field_of(&t, "rtmr2")->value[AGENT_QUOTE], fleet_foreign);
	assert_string_equal(field_of(&t, "rtmr2")->value[AGENT_SERVER], fleet_pin);
	assert_false(field_of(&t, "mrtd")->differs);
	assert_null(field_of(&t, "tcb")->value[AGENT_PIN]);
	assert_int_equal(t.steps_n, 15);
	assert_int_equal(view_agent_tree(&t, w->store, "easy/prod", "nobody", now, &w->a, &w->e), 1);
}

/* Tables that are not whole show nothing that could be taken for agreement. */
static void damage_is_said(void **state)
{
	static const struct {
		const char *tree, *damage;
		int fields;
		bool differs;
	} cases[] = {
		{ "not json", "damaged", 0, false },
		{ "{}", "not whole", 0, false },
		{ "[]", "not whole", 0, false },
		{ "{\"fields\":7,\"checks\":[{}]}", "not whole", 0, false },
		{ "{\"fields\":[{\"name\":\"x\",\"quote\":\"a\",\"pin\":\"b\"}],\"checks\":[{}]}", "", 1,
		  true },
		{ "{\"fields\":[{\"name\":\"x\",\"quote\":\"a\",\"pin\":\"b\",\"agree\":null}],\"checks\":[{}"
		  "]}",
		  "", 1, true },
		{ "{\"fields\":[{\"name\":\"x\",\"quote\":\"a\",\"agree\":false}],\"checks\":[{}]}", "", 1,
		  true },
	};
	struct world *w = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		const struct agent_tree row = { "easy/prod", "agent-tiny-01", cases[i].tree, now };
		struct agent_tree_rows t;

		assert_int_equal(store_agent_tree_put(w->store, &row, &w->e), 0);
		assert_int_equal(view_agent_tree(&t, w->store, row.lane, row.id, now, &w->a, &w->e), 0);
		assert_non_null(strstr(t.damage, cases[i].damage));
		assert_int_equal(t.fields_n, cases[i].fields);
		if (t.fields_n)
			assert_true(t.fields[0].differs == cases[i].differs);
	}
}

/* A step whose result no table knows has not run. */
static void an_unknown_result_is_not_run(void **state)
{
	struct world *w = *state;
	const struct agent_tree row = { "easy/prod", "agent-tiny-01",
					"{\"fields\":[{}],\"checks\":[{\"id\":\"T9\",\"result\":\"great\"}]}",
					now };
	struct agent_tree_rows t;

	assert_int_equal(store_agent_tree_put(w->store, &row, &w->e), 0);
	assert_int_equal(view_agent_tree(&t, w->store, row.lane, row.id, now, &w->a, &w->e), 0);
	assert_int_equal(t.steps[0].result_value, CHECKED_NOT);
}

static void json_carries_all(void **state)
{
	struct world *w = *state;
	struct fleet_view v = fleet(w, "easy/prod");
	struct buf out = BUF_INIT(1 << 20);
	struct json *j = NULL;
	struct jw jw;

	jw_init(&jw, &out);
	view_fleet_json(&jw, &v, NULL);
	assert_int_equal(json_parse(&j, out.s, out.n, 1 << 20, &w->e), 0);
	assert_int_equal(json_size(json_get(j, "items")), 6);
	assert_int_equal(json_int(j, "machines.failed", -1), 4);
	assert_int_equal(json_int(j, "belied", -1), 2);
	assert_string_equal(json_str(json_at(json_get(j, "items"), 3), "subject"), "tiny-04");
	assert_string_equal(json_str(json_at(json_get(j, "items"), 3), "status"), "failed");
	assert_true(json_bool(json_at(json_get(j, "items"), 3), "control_plane_says.verified", false));
	assert_string_equal(json_str(json_at(json_get(j, "trusted"), 0), "verdict"), "other");
	assert_true(json_get(j, "collateral") != NULL);
	json_free(j);
	buf_done(&out);
}

static void no_such_lane(void **state)
{
	struct world *w = *state;
	struct fleet_view v;

	assert_int_equal(view_fleet(&v, w->store, "no/lane", now, &w->a, &w->e), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(worst_first_then_by_name),
		TEST(groups_are_counted),
		TEST(a_flood_of_groups_is_bounded),
		TEST(a_strange_status_is_not_good),
		TEST(the_control_plane_is_quoted),
		TEST(facts_tell_what_is_not_as_declared),
		TEST(four_sources_side_by_side),
		TEST(damage_is_said),
		TEST(an_unknown_result_is_not_run),
		TEST(json_carries_all),
		TEST(no_such_lane),
	};
	return cmocka_run_group_tests_name("attest", tests, NULL, NULL);
}
