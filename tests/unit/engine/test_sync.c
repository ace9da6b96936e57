/* Polling against the simulated forge: what is asked, how often, and what the cache says afterwards. */
#include "simrig.h"

static int setup(void **state)
{
	*state = sim_rig_new(NULL, NULL);
	return 0;
}

static int teardown(void **state)
{
	sim_rig_free(*state);
	return 0;
}

/* ---- passes --------------------------------------------------------------------------------------------------------- */

static void lanes_are_there_before_anything_is_read(void **state)
{
	struct simrig *r = *state;
	struct lane lane = sim_lane(r, "easy/prod");

	assert_true(lane.production);
	assert_false(when_known(lane.checked));
	assert_int_equal(lane_shown(&lane, clock_wall(&r->clock)), LANE_STALE);
	assert_int_equal(sim_count(r, "*"), 0);
}

static void the_first_pass_fills_the_lanes(void **state)
{
	struct simrig *r = *state;
	struct lane lane;

	assert_int_equal(sim_sync(r), 0);
	assert_true(json_int(r->json, "runs", 0) > 0);
	assert_true(json_int(r->json, "requests", 0) > 0);
	assert_true(json_int(r->json, "bytes", 0) > 0);
	assert_true(json_int(r->json, "api.limit", 0) > 0);
	lane = sim_lane(r, "easy/prod");
	assert_string_equal(lane.live, "v0.9.3");
	assert_int_equal(lane.state, LANE_OK);
	assert_string_equal(lane.next, "v0.9.4");
	assert_int_equal(lane_shown(&lane, clock_wall(&r->clock)), LANE_OK);
	assert_true(sim_setting(r, "login")[0] != 0);
	assert_true(sim_setting(r, "drill")[0] != 0);
	assert_string_equal(sim_setting(r, "banner"), "");
	assert_true(r->changed > 0);
}

static void the_second_pass_is_all_not_modified(void **state)
{
	struct simrig *r = *state;
	int64_t remaining;

	sim_sync(r);
	loop_advance(r->loop, 1000);
	sim_sync(r);
	remaining = json_int(r->json, "api.remaining", -1);
	loop_advance(r->loop, 1000);
	assert_int_equal(sim_sync(r), 0);
	assert_true(json_int(r->json, "requests", 0) > 0);
	assert_int_equal(json_int(r->json, "requests", 0), json_int(r->json, "not_modified", -1));
	assert_int_equal(json_int(r->json, "api.remaining", -2), remaining);
	assert_int_equal(json_int(r->json, "runs", -1), 0);
}

static void etags_survive_a_restart(void **state)
{
	struct simrig *r = *state;

	sim_sync(r);
	loop_advance(r->loop, 1000);
	sim_restart(r);
	assert_int_equal(sim_sync(r), 0);
	assert_true(json_int(r->json, "requests", 0) > 0);
	assert_int_equal(json_int(r->json, "requests", 0), json_int(r->json, "not_modified", -1));
	assert_string_equal(r->en->login, "captain");
	assert_true(sim_setting(r, "drill")[0] != 0);
	assert_string_equal(sim_lane(r, "easy/prod").live, "v0.9.3");
}

static void nobody_watches_nothing_is_asked(void **state)
{
	struct simrig *r = *state;

	loop_advance(r->loop, 3600 * 1000);
	assert_int_equal(sim_count(r, "*"), 0);
	assert_false(engine_is_needed(r->en));
}

/* ---- following a run -------------------------------------------------------------------------------------------------- */

static bool wait_for(struct simrig *r, const char *name, enum lane_state state, const char *live)
{
	for (int i = 0; i < 4 * 3600; i++) {
		struct lane lane = sim_lane(r, name);

		if (lane.state == (int)state && (!live || !strcmp(lane.live, live)))
			return true;
		loop_advance(r->loop, 1000);
	}
	return false;
}

static int count_row(void *ctx, const void *row)
{
	(void)row;
	++*(int *)ctx;
	return 0;
}

static int count_gates(struct simrig *r)
{
	struct err e = ERR_INIT;
	int n = 0;

	must(store_each(r->cache, Q_gates, NULL, NULL, &rec_gate, &r->a, count_row, &n, &e), &e);
	return n;
}

/* What the engine itself does after an act: look soon, once the list can show it. */
static void sim_soon(struct simrig *r)
{
	loop_advance(r->loop, 2000);
	sync_wake(r->en->sync);
}

static void a_dispatch_shows_up_and_is_followed(void **state)
{
	struct simrig *r = *state;
	struct lane lane;

	engine_attach(r->en, 1);
	loop_advance(r->loop, 10000);
	assert_int_equal(sim_lane(r, "easy/prod").state, LANE_OK);
	assert_true(sim_dispatch(r, "v0.9.4") / 100 == 2);
	sim_soon(r);
	assert_true(wait_for(r, "easy/prod", LANE_RUN, NULL));
	assert_true(wait_for(r, "easy/prod", LANE_WAIT, NULL));
	lane = sim_lane(r, "easy/prod");
	assert_string_equal(lane.next, "v0.9.4");
	assert_string_equal(lane.live, "v0.9.3");
	loop_advance(r->loop, 30000);
	assert_string_equal(sim_lane(r, "easy/prod").progress, "gate:production");
	assert_int_equal(count_gates(r), 1);
	engine_attach(r->en, -1);
}

struct event_row {
	int64_t id;
	struct when at;
	const char *lane, *text;
};
static const struct field event_fields[] = {
	FIELD(event_row, id),
	FIELD(event_row, at),
	FIELD(event_row, lane),
	FIELD(event_row, text),
};
static const struct rec rec_event_row = REC(struct event_row, event_fields, "event");

struct told {
	const char *lane, *part;
	bool found;
};

static int look_at_event(void *ctx, const void *row)
{
	struct told *t = ctx;
	const struct event_row *ev = row;

	t->found = t->found || (!strcmp(ev->lane, t->lane) && strstr(ev->text, t->part));
	return 0;
}

static bool was_told(struct simrig *r, const char *lane, const char *part)
{
	struct told t = { .lane = lane, .part = part };
	struct key key = { .limit = 100 };
	struct err e = ERR_INIT;

	must(store_each(r->cache, Q_events_recent, &rec_key, &key, &rec_event_row, &r->a, look_at_event, &t,
			&e),
	     &e);
	return t.found;
}

static void transitions_are_told(void **state)
{
	struct simrig *r = *state;

	engine_attach(r->en, 1);
	loop_advance(r->loop, 10000);
	sim_dispatch(r, "v0.9.4");
	sim_soon(r);
	assert_true(wait_for(r, "easy/prod", LANE_RUN, NULL));
	assert_true(was_told(r, "easy/prod", "OK -> RUN"));
	engine_attach(r->en, -1);
}

static void an_open_run_is_followed_after_a_restart(void **state)
{
	struct simrig *r = *state;

	engine_attach(r->en, 1);
	loop_advance(r->loop, 10000);
	sim_dispatch(r, "v0.9.4");
	assert_true(wait_for(r, "easy/prod", LANE_WAIT, NULL));
	engine_attach(r->en, -1);
	sim_restart(r);
	engine_attach(r->en, 1);
	loop_advance(r->loop, 10000);
	assert_int_equal(sim_lane(r, "easy/prod").state, LANE_WAIT);
	assert_int_equal(count_gates(r), 1);
	engine_attach(r->en, -1);
}

static void focus_reads_more_often(void **state)
{
	struct simrig *r = *state;
	int before, plain;

	engine_attach(r->en, 1);
	loop_advance(r->loop, 10000);
	sim_dispatch(r, "v0.9.4");
	assert_true(wait_for(r, "easy/prod", LANE_WAIT, NULL));
	before = sim_count(r, "GET */jobs*");
	loop_advance(r->loop, 300000);
	plain = sim_count(r, "GET */jobs*") - before;
	engine_focus(r->en, "easy/prod", 0);
	before = sim_count(r, "GET */jobs*");
	loop_advance(r->loop, 300000);
	assert_true(sim_count(r, "GET */jobs*") - before > 2 * plain);
	engine_attach(r->en, -1);
}

/* ---- faults ------------------------------------------------------------------------------------------------------------ */

static void no_request_before_retry_after(void **state)
{
	struct simrig *r = *state;
	struct world_fault_rule rule = { .match = "GET *", .status = 429, .retry_after = 90, .count = 1 };
	int before;

	engine_attach(r->en, 1);
	loop_advance(r->loop, 10000);
	world_arm(r->world, &rule);
	for (int i = 0; i < 200 && sync_rate_wait(r->en->sync, true) == 0; i++)
		loop_advance(r->loop, 1000);
	assert_true(sync_rate_wait(r->en->sync, true) > 80000);
	loop_advance(r->loop, 2000); /* what was under way */
	before = sim_count(r, "*");
	loop_advance(r->loop, 85000);
	assert_int_equal(sim_count(r, "*"), before);
	loop_advance(r->loop, 70000);
	assert_true(sim_count(r, "*") > before);
	assert_int_equal(sync_rate_wait(r->en->sync, true), 0);
	engine_attach(r->en, -1);
}

static void a_pass_does_not_wait_for_the_rate_limit(void **state)
{
	struct simrig *r = *state;
	struct world_fault_rule rule = { .match = "GET *", .status = 429, .retry_after = 90, .count = 1 };

	world_arm(r->world, &rule);
	assert_int_equal(sim_sync(r), 4);
	assert_string_equal(json_str(r->json, "error.code"), err_word(ERR_RATE));
	assert_int_equal(sim_sync(r), 4); /* not asked again: as long as the forge said, in its words */
	assert_string_equal(json_str(r->json, "error.message"),
			    "the forge's rate limit allows no request for 1m");
}

static void a_refused_token_stops_polling(void **state)
{
	struct simrig *r = *state;
	struct world_fault_rule rule = {
		.match = "GET *", .status = 401, .count = -1, .body = "{\"message\":\"Bad credentials\"}"
	};
	const char *why = NULL;
	int before;

	engine_attach(r->en, 1);
	loop_advance(r->loop, 10000);
	world_arm(r->world, &rule);
	loop_advance(r->loop, 120000);
	assert_true(engine_token_refused(r->en, &why));
	assert_non_null(strstr(sim_setting(r, "banner"), "wants a valid token"));
	assert_string_equal(sim_lane(r, "easy/prod").live, "v0.9.3");
	before = sim_count(r, "*");
	loop_advance(r->loop, 600000);
	/* One look a minute at what the token is worth. */
	assert_in_range(sim_count(r, "*") - before, 8, 12);
	assert_int_equal(sim_count(r, "GET /user*") > 5, 1);
	assert_int_equal(lane_shown(&(struct lane){ .checked = sim_lane(r, "easy/prod").checked,
						    .stale_after = 60000,
						    .state = LANE_OK },
				    clock_wall(&r->clock)),
			 LANE_STALE);
	engine_attach(r->en, -1);
}

static void offline_backs_off_and_keeps_data(void **state)
{
	struct simrig *r = *state;
	struct world_fault_rule rule = { .match = "GET *", .how = WORLD_REFUSE, .count = -1 };
	int before, first, later;

	engine_attach(r->en, 1);
	loop_advance(r->loop, 10000);
	world_arm(r->world, &rule);
	before = (int)r->http->requests;
	loop_advance(r->loop, 600000);
	first = (int)r->http->requests - before;
	before = (int)r->http->requests;
	loop_advance(r->loop, 3600000);
	later = (int)r->http->requests - before;
	assert_in_range(first, 3, 25);
	/* Every five minutes at the most, give or take the jitter. */
	assert_in_range(later, 6, 20);
	assert_true(sim_setting(r, "banner")[0] != 0);
	assert_string_equal(sim_lane(r, "easy/prod").live, "v0.9.3");
	assert_non_null(strstr(sim_lane(r, "easy/prod").reasons, "last reading"));
	assert_int_equal(sim_sync(r), 4);
	engine_attach(r->en, -1);
}

static void server_errors_slow_polling_down_and_pass(void **state)
{
	struct simrig *r = *state;
	struct world_fault_rule rule = { .match = "GET *", .status = 502, .count = 6 };

	engine_attach(r->en, 1);
	loop_advance(r->loop, 10000);
	world_arm(r->world, &rule);
	loop_advance(r->loop, 90000);
	loop_advance(r->loop, 1800000);
	assert_true(was_told(r, "", "reading works again"));
	assert_string_equal(sim_setting(r, "banner"), "");
	assert_true(when_diff(clock_wall(&r->clock), sim_lane(r, "easy/prod").checked) < 90000);
	engine_attach(r->en, -1);
}

/* A verb of its own fails and its engine ends: whoever starts next has read nothing yet, and nothing works again. */
static void trouble_outlives_the_engine(void **state)
{
	struct simrig *r = *state;
	struct world_fault_rule rule = { .match = "GET *", .how = WORLD_REFUSE, .count = 3 };
	char was[400];

	world_arm(r->world, &rule);
	assert_int_equal(sim_sync(r), 4);
	snprintf(was, sizeof(was), "%s", sim_setting(r, "banner"));
	assert_string_not_equal(was, "");
	sim_restart(r);
	assert_string_equal(sim_setting(r, "banner"), was);
	assert_false(was_told(r, "", "reading works again"));
	assert_int_equal(sim_sync(r), 0);
	assert_string_equal(sim_setting(r, "banner"), "");
	assert_true(was_told(r, "", "reading works again"));
}

static void nonsense_is_not_stored(void **state)
{
	struct simrig *r = *state;
	struct world_fault_rule rule = { .match = "GET */actions/runs*",
					 .status = 200,
					 .count = 1,
					 .body = "<html>sign in to the airport</html>" };

	world_arm(r->world, &rule);
	assert_int_equal(sim_sync(r), 4);
	assert_int_equal(json_int(r->json, "runs", -1), 0);
	assert_false(when_known(sim_lane(r, "easy/prod").checked));
	assert_int_equal(sim_sync(r), 0);
	assert_string_equal(sim_lane(r, "easy/prod").live, "v0.9.3");
}

/* One record that lacks its sha, one that is whole. */
static const char damaged_page[] =
	"{\"total_count\":2,\"workflow_runs\":[{\"id\":9000000001,\"status\":\"completed\",\"conclusion\":"
	"\"success\","
	"\"path\":\".github/workflows/production-rollout.yml\",\"created_at\":\"2026-11-21T06:00:00Z\"},"
	"{\"id\":9000000002,\"status\":\"completed\",\"conclusion\":\"failure\",\"head_sha\":\"aa\",\"head_"
	"branch\":\"main\","
	"\"display_title\":\"Production Rollout "
	"v0.9.9\",\"path\":\".github/workflows/production-rollout.yml\","
	"\"created_at\":\"2026-11-21T06:10:00Z\",\"updated_at\":\"2026-11-21T06:10:00Z\"}]}";

static void a_damaged_record_is_seen_and_the_others_stay(void **state)
{
	struct simrig *r = *state;
	struct world_fault_rule rule = {
		.match = "GET */actions/runs*", .status = 200, .count = 1, .body = damaged_page
	};
	struct lane lane;

	world_arm(r->world, &rule);
	sim_sync(r);
	lane = sim_lane(r, "easy/prod");
	assert_int_equal(lane.state, LANE_FAIL);
	assert_int_equal(lane.run_id, 9000000002);
	assert_non_null(strstr(sim_setting(r, "banner"), "1 record of runs"));
	assert_non_null(strstr(sim_setting(r, "banner"), "damaged"));
	assert_non_null(strstr(lane.reasons, "damaged"));
	assert_true(was_told(r, "", "1 record of runs"));
}

/* ---- a day --------------------------------------------------------------------------------------------------------------- */

static void a_quiet_day_is_modest(void **state)
{
	struct simrig *r = *state;
	int64_t remaining;
	int asked;

	sim_sync(r);
	engine_attach(r->en, 1);
	loop_advance(r->loop, 120000);
	r->tap->quiet = true;
	loop_advance(r->loop, 600000);
	remaining =
		r->en->sync->gov.remaining + r->en->sync->flying; /* one under way has its point back soon */
	asked = r->tap->asked;
	loop_advance(r->loop, 24 * 3600 * 1000);
	asked = r->tap->asked - asked;
	/* Runs once a minute, releases every ten, each within its jitter; what was open stays open here: four a minute. */
	assert_in_range(asked, 1400, 24 * 60 * 9);
	assert_int_equal(r->en->sync->gov.remaining + r->en->sync->flying, remaining);
	assert_true(when_diff(clock_wall(&r->clock), sim_lane(r, "easy/prod").checked) < 90000);
	assert_true(engine_is_needed(r->en));
	engine_attach(r->en, -1);
}

static int setup_train(void **state)
{
	static const char *const both[] = { "easyenclave=" EASY, "release-train=summit/summit", NULL };

	*state = sim_rig_new(NULL, both);
	return 0;
}

static bool wait_for_gates(struct simrig *r, int n)
{
	for (int i = 0; i < 600 && count_gates(r) != n; i++)
		loop_advance(r->loop, 1000);
	return count_gates(r) == n;
}

static int first_gate(void *ctx, const void *row)
{
	*(struct gate *)ctx = *(const struct gate *)row;
	return 1;
}

/* Two lanes of one workflow: each is judged by the jobs of its own stages. */
static void lanes_that_share_a_workflow_are_told_apart(void **state)
{
	struct simrig *r = *state;
	struct gate gate = { 0 };
	struct err e = ERR_INIT;
	char target[128], body[128];

	engine_attach(r->en, 1);
	loop_advance(r->loop, 10000);
	assert_int_equal(sim_post(r, "/repos/summit/summit/actions/workflows/release-train.yml/dispatches",
				  "{\"ref\":\"main\",\"inputs\":{\"ref\":\"v2.15.0\"}}") /
				 100,
			 2);
	sim_soon(r);
	assert_true(wait_for(r, "gov/prod", LANE_WAIT, "v2.14.0"));
	assert_true(wait_for(r, "gov/stage", LANE_OK, "v2.15.0"));
	assert_true(wait_for_gates(r, 1));
	must(store_each(r->cache, Q_gates, NULL, NULL, &rec_gate, &r->a, first_gate, &gate, &e), &e);
	assert_string_equal(gate.lane, "gov/prod");
	snprintf(target, sizeof(target), "/repos/summit/summit/actions/runs/%" PRId64 "/pending_deployments",
		 gate.run_id);
	snprintf(body, sizeof(body),
		 "{\"environment_ids\":[%" PRId64 "],\"state\":\"rejected\",\"comment\":\"no\"}",
		 gate.environment_id);
	assert_int_equal(sim_post(r, target, body) / 100, 2);
	assert_true(wait_for(r, "gov/prod", LANE_FAIL, "v2.14.0"));
	assert_int_equal(sim_lane(r, "gov/stage").state, LANE_OK);
	assert_true(wait_for_gates(r, 0));
	engine_attach(r->en, -1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lanes_are_there_before_anything_is_read),
		TEST(the_first_pass_fills_the_lanes),
		TEST(the_second_pass_is_all_not_modified),
		TEST(etags_survive_a_restart),
		TEST(nobody_watches_nothing_is_asked),
		TEST(a_dispatch_shows_up_and_is_followed),
		TEST(transitions_are_told),
		TEST(an_open_run_is_followed_after_a_restart),
		TEST(focus_reads_more_often),
		TEST(no_request_before_retry_after),
		TEST(a_pass_does_not_wait_for_the_rate_limit),
		TEST(a_refused_token_stops_polling),
		TEST(offline_backs_off_and_keeps_data),
		TEST(server_errors_slow_polling_down_and_pass),
		TEST(trouble_outlives_the_engine),
		TEST(nonsense_is_not_stored),
		TEST(a_damaged_record_is_seen_and_the_others_stay),
		TEST(a_quiet_day_is_modest),
		cmocka_unit_test_setup_teardown(lanes_that_share_a_workflow_are_told_apart, setup_train,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
