/* Hold, resume, promote and abort of canaries that a controller in a cluster moves: over the simulated one, in the process. */
#include "canaries.h"

#include "core/adapters/kube/kube.h"
#include "core/adapters/sim/sim.h"

#define PHRASE " --confirm shop/prod"
#define ONWARD " --confirm 'shop/prod v2'"
#define API    "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/web"
#define GATES  "https://drill.invalid/kube/loadtester"
#define BY_FLAGGER                                                                                      \
	"        - {by: flagger, acts: [hold, resume, promote, promote-full, abort], namespace: shop, " \
	"name: web, gate: \"" GATES "\"}\n"
#define SHUT                                                                                            \
	"        - {by: flagger, acts: [hold, resume, promote, promote-full, abort], namespace: shop, " \
	"name: web}\n"

#define ROLLOUTS                                                                                         \
	"kube:\n- {kind: argo, namespace: shop, name: web, steps: [{weight: 5}, {pause: 10s}, {weight: " \
	"25}, "                                                                                          \
	"{pause: forever}, {weight: 50}, {pause: forever}]}\n"
#define CANARIES                                                                                        \
	"kube:\n- {kind: flagger, namespace: shop, name: web, interval: 40s, step: 20, max: 40, gate: " \
	"open, "                                                                                        \
	"asks: [increase, promotion, rollback]}\n"

static const char by_argo[] = CANARY_LANE(LEVERS(BY_ARGO), GOES_BACK);
static const char by_flagger[] = CANARY_LANE(LEVERS(BY_FLAGGER), GOES_BACK);
static const char by_shut[] = CANARY_LANE(LEVERS(SHUT), GOES_BACK);

/* ---- a cluster beside the forge ------------------------------------------------------------------------------------- */

static struct {
	struct world *world;
	struct http *http;
	struct rollout *port;
} cluster;

static void cluster_down(struct rig *r)
{
	if (!cluster.world)
		return;
	engine_free(r->en);
	r->en = NULL;
	rollout_free(cluster.port);
	http_free(cluster.http);
	world_free(cluster.world);
	memset(&cluster, 0, sizeof(cluster));
}

static struct rig *open_lane(void **state, const char *profile, const char *objects)
{
	struct kube_options o = { 0 };
	struct err e = ERR_INIT;
	struct rig *r;

	if (*state)
		cluster_down(*state);
	r = canary_open(state, profile);
	assert_int_equal(world_new(&cluster.world, &(struct world_options){ 0 }, clock_wall(&r->clock), &e),
			 0);
	assert_int_equal(sim_http(&cluster.http, cluster.world, r->loop, &e), 0);
	if (world_kube(cluster.world, objects, &e) < 0)
		fail_msg("%s", e.message);
	o = (struct kube_options){ .api = cluster.http,
				   .gate = cluster.http,
				   .clock = &r->clock,
				   .base = "https://drill.invalid/kube" };
	assert_int_equal(kube_open(&cluster.port, &o, &e), 0);
	r->rollout = cluster.port;
	rig_crash(r); /* an engine that knows of it */
	rig_pass(r, 60);
	return r;
}

static int close_lane(void **state)
{
	if (*state)
		cluster_down(*state);
	return canary_teardown(state);
}

static void arm(const char *match, enum world_fault how, int status, bool act_first)
{
	world_arm(cluster.world, &(struct world_fault_rule){
					 .match = match,
					 .how = how,
					 .status = status,
					 .act_first = act_first,
					 .body = status ? "{\"kind\":\"Status\",\"message\":\"etcd\"}" : NULL,
					 .count = 1 });
}

static int sent(const char *match)
{
	return world_count_requests(cluster.world, match);
}

/* The n-th request of the plan at hand. */
static void check_request(struct rig *r, int n, const char *request, const char *body)
{
	const struct json *rq = json_at(json_get(r->json, "requests"), (size_t)n);

	struct buf text = BUF_INIT(4096);

	json_dump(&text, json_get(rq, "body"));
	if (!text_eq(json_str(rq, "request"), request) || strcmp(text.s, body) != 0)
		fail_msg("%s", r->text);
	buf_done(&text);
}

static void check_done(struct rig *r, const char *line, const char *says)
{
	if (rig_ask(r, line) != 0 || !text_eq(rig_str(r, "state"), "done"))
		fail_msg("%s: %s", line, r->text);
	if (!strstr(rig_str(r, "note"), says))
		fail_msg("%s: %s", line, rig_str(r, "note"));
}

/* ---- Argo ----------------------------------------------------------------------------------------------------------- */

static void a_plan_shows_each_request(void **state)
{
	struct rig *r = open_lane(state, by_argo, ROLLOUTS);

	assert_int_equal(rig_ask(r, "plan hold shop/prod"), 0);
	check_request(r, 0, "PATCH " API, "{\"spec\":{\"paused\":true}}");
	assert_non_null(strstr(rig_check(r, "note:mechanism"), "it counts when a later read"));
	assert_int_equal(rig_ask(r, "plan abort shop/prod"), 0);
	assert_non_null(strstr(rig_check(r, "note:mechanism"), "what is declared stays"));
	check_request(r, 0, "PATCH " API "/status", "{\"status\":{\"abort\":true}}");
	assert_int_equal(rig_ask(r, "plan promote shop/prod --full --reason why"), 0);
	check_request(r, 0, "PATCH " API "/status", "{\"status\":{\"promoteFull\":true}}");
	assert_int_equal(rig_ask(r, "plan resume shop/prod"), 1);
	assert_int_equal(sent("PATCH *"), 0);
}

static void an_act_is_done_when_it_is_seen(void **state)
{
	struct rig *r = open_lane(state, by_argo, ROLLOUTS);

	check_done(r, "hold shop/prod" PHRASE, "the controller says Paused");
	assert_int_equal(sent("PATCH /kube" API), 1);
	assert_int_equal(rig_ask(r, "hold shop/prod" PHRASE), 1);
	check_done(r, "resume shop/prod" PHRASE, "the controller says Paused"); /* at its own pause */
	canary_sampled(r);
	check_done(r, "promote shop/prod" ONWARD, "the controller says ");
	check_done(r, "abort shop/prod --reason 'errors look odd'" PHRASE, "the controller says Degraded");
	check_done(r, "resume shop/prod" PHRASE, "the controller says ");
	assert_int_equal(sent("PATCH *"), 5);
}

static void a_held_one_is_promoted_by_two(void **state)
{
	struct rig *r = open_lane(state, by_argo, ROLLOUTS);

	check_done(r, "hold shop/prod" PHRASE, "Paused");
	canary_sampled(r);
	assert_int_equal(rig_ask(r, "plan promote shop/prod"), 0);
	assert_int_equal(json_size(json_get(r->json, "requests")), 2);
	check_request(r, 1, "PATCH " API, "{\"spec\":{\"paused\":false}}");
	check_done(r, "promote shop/prod" ONWARD, "the controller says ");
	assert_int_equal(sent("PATCH *"), 3);
	assert_int_equal(rig_intent(r)->done, 2);
}

/* The controller goes from step to step between the plan and the phrase: an abort is an abort, a promotion another one. */
static void only_onward_needs_the_step_that_was_seen(void **state)
{
	static const struct {
		const char *line, *phrase;
		int status;
	} cases[] = { { "abort shop/prod --reason why", "shop/prod", 0 },
		      { "hold shop/prod", "shop/prod", 0 },
		      { "promote shop/prod --reason why", "'shop/prod v2'", 1 } };

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r =
			open_lane(state, by_argo,
				  "kube:\n- {kind: argo, namespace: shop, name: web, steps: [{weight: 5}, "
				  "{pause: 70s}, {weight: 25}, {pause: forever}]}\n");
		const char *id;

		assert_int_equal(rig_ask(r, arena_printf(&r->a, "plan %s", cases[i].line)), 0);
		id = arena_strdup(&r->a, rig_str(r, "plan_id"));
		rig_pass(r, 20);
		assert_int_equal(rig_ask(r, arena_printf(&r->a, "%s --confirm %s --plan %s", cases[i].line,
							 cases[i].phrase, id)),
				 cases[i].status);
		assert_int_equal(sent("PATCH *"), cases[i].status ? 0 : 1);
	}
}

static void what_a_cluster_refuses_is_refused(void **state)
{
	static const struct {
		int status;
		const char *says;
	} cases[] = { { 403, "etcd" }, { 404, "etcd" }, { 409, "etcd" }, { 410, "etcd" }, { 422, "etcd" } };

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r = open_lane(state, by_argo, ROLLOUTS);

		arm("PATCH *", WORLD_OK, cases[i].status, false);
		assert_int_equal(rig_ask(r, "hold shop/prod" PHRASE), 1);
		assert_string_equal(rig_str(r, "state"), "refused");
		assert_non_null(strstr(rig_str(r, "note"), cases[i].says));
		assert_int_equal(sent("PATCH *"), 1);
	}
}

/* Lost answers of requests that happened: unknown, and settled by what the controller says. */
static void a_lost_answer_is_settled_by_reading(void **state)
{
	static const struct {
		enum world_fault how;
		int status;
	} cases[] = { { WORLD_OK, 500 }, { WORLD_OK, 504 }, { WORLD_RESET, 0 }, { WORLD_TRUNCATE, 0 } };

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r = open_lane(state, by_argo, ROLLOUTS);

		arm("PATCH *", cases[i].how, cases[i].status, true);
		(void)rig_ask(r, "abort shop/prod --reason why" PHRASE);
		rig_pass(r, 30);
		assert_int_equal(rig_intent(r)->state, INTENT_DONE);
		assert_non_null(strstr(rig_intent(r)->note, "the controller says Degraded"));
		assert_int_equal(sent("PATCH *"), 1);
	}
}

/* And of those that did not: never done, no twin meanwhile, and a person says how it goes on. */
static void what_never_arrived_is_never_done(void **state)
{
	static const struct {
		enum world_fault how;
		int status;
	} cases[] = { { WORLD_OK, 500 }, { WORLD_RESET, 0 } };

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r = open_lane(state, by_argo, ROLLOUTS);

		arm("PATCH *", cases[i].how, cases[i].status, false);
		assert_int_equal(rig_ask(r, "hold shop/prod" PHRASE), 3);
		rig_pass(r, 60);
		assert_int_equal(rig_intent(r)->state, INTENT_UNKNOWN);
		assert_int_equal(rig_ask(r, "hold shop/prod" PHRASE), 3); /* no twin */
		assert_int_equal(sent("PATCH *"), 1);
		rig_pass(r, 700);
		assert_int_equal(rig_intent(r)->state, INTENT_NOT_FOUND);
		assert_int_equal(sent("PATCH *"), 1);
		check_done(r, "hold shop/prod" PHRASE,
			   "the controller says Paused"); /* repeated, under its nonce */
		assert_int_equal(sent("PATCH *"), 2);
	}
}

static void a_killed_engine_finds_it_again(void **state)
{
	struct rig *r = open_lane(state, by_argo, ROLLOUTS);

	arm("PATCH *", WORLD_TIMEOUT, 0, true);
	rig_begin(r, "hold shop/prod" PHRASE);
	for (int i = 0; i < 200 && !sent("PATCH *"); i++)
		loop_advance(r->loop, 20);
	assert_int_equal(r->answers, 0);
	rig_crash(r);
	rig_pass(r, 60);
	assert_int_equal(rig_intent(r)->state, INTENT_DONE);
	assert_int_equal(sent("PATCH *"), 1);
}

/* Of an act of two the first is there, and the engine dies: what is left is sent when a person repeats it. */
static void half_an_act_is_gone_on_with(void **state)
{
	static const struct {
		const char *line;
		bool repeats; /* else the step stands already, and a resume lets it go on */
	} cases[] = { { "abort shop/prod --reason why" PHRASE, true },
		      { "promote shop/prod --full --reason why" ONWARD, true },
		      { "promote shop/prod --reason why" ONWARD, false } };

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r = open_lane(state, by_argo, ROLLOUTS);

		check_done(r, "hold shop/prod" PHRASE, "Paused");
		arm("PATCH *status", WORLD_TIMEOUT, 0, true);
		rig_begin(r, cases[i].line);
		for (int n = 0; n < 200 && !sent("PATCH *status"); n++)
			loop_advance(r->loop, 20);
		rig_crash(r);
		rig_pass(r, 60);
		assert_int_equal(rig_intent(r)->state, INTENT_NOT_FOUND);
		assert_int_equal(rig_intent(r)->done, 1);
		assert_non_null(strstr(rig_intent(r)->note, "request 1 of 2 is there"));
		assert_non_null(strstr(rig_intent(r)->note,
				       cases[i].repeats ? ": repeat it as it was, or abandon it"
							: ": abandon it, then resume lets the canary go on"));
		assert_int_equal(sent("PATCH *"), 2);
		assert_int_equal(rig_ask(r, cases[i].line), cases[i].repeats ? 0 : 1);
		assert_int_equal(sent("PATCH *status"), 1);
		assert_int_equal(sent("PATCH *web"), cases[i].repeats ? 2 : 1);
	}
}

/* Of the two requests of a promotion the second is lost, or refused, and the engine lives: the record says how far it came,
 * looking sends nothing, and neither does whoever asks again. Its step stands; whoever has closed the record lets it go on. */
static void a_promotion_that_is_cut_in_half(void **state)
{
	static const struct {
		enum world_fault how;
		int status;
		enum intent_state state;
		int again; /* exit status of asking again at once */
		const char *says;
	} cases[] = {
		{ WORLD_RESET, 0, INTENT_UNKNOWN, 3, "request 2 of 2 has no answer" },
		{ WORLD_OK, 502, INTENT_UNKNOWN, 3, "request 2 of 2 has no answer" },
		{ WORLD_OK, 409, INTENT_NOT_FOUND, 1, "request 2 of 2 was refused" },
	};
	static const char line[] = "promote shop/prod --reason why" ONWARD;

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r = open_lane(state, by_argo, ROLLOUTS);

		check_done(r, "hold shop/prod" PHRASE, "Paused");
		arm("PATCH *web", cases[i].how, cases[i].status, false);
		assert_int_equal(rig_ask(r, line), 3);
		assert_int_equal(rig_intent(r)->state, cases[i].state);
		assert_int_equal(rig_intent(r)->done, 1);
		assert_int_equal(rig_intent(r)->steps, 2);
		if (!strstr(rig_intent(r)->note, cases[i].says))
			fail_msg("%s", rig_intent(r)->note);
		rig_pass(r, 60);
		assert_int_equal(rig_ask(r, line), cases[i].again); /* no twin */
		rig_pass(r, 700);
		assert_int_equal(rig_intent(r)->state, INTENT_NOT_FOUND);
		assert_non_null(
			strstr(rig_intent(r)->note, ": abandon it, then resume lets the canary go on"));
		assert_int_equal(rig_ask(r, line), 1);
		assert_non_null(strstr(r->text, "abandon it, then resume"));
		assert_int_equal(sent("PATCH *status"), 1);
		assert_int_equal(sent("PATCH *web"), 2); /* the hold's, and the one that was cut */
		assert_int_equal(rig_ask(r, "resume shop/prod --reason why" PHRASE), 1);
		assert_int_equal(rig_ask(r, "abandon 2" PHRASE), 0);
		assert_int_equal(rig_ask(r, line), 1);
		assert_non_null(strstr(r->text, "its step is promoted already"));
		check_done(r, "resume shop/prod" PHRASE, "the controller says ");
		assert_int_equal(sent("PATCH *status"), 1);
		assert_int_equal(sent("PATCH *web"), 3);
	}
}

/* ---- Flagger -------------------------------------------------------------------------------------------------------- */

static void gates_hold_and_take_back(void **state)
{
	struct rig *r = open_lane(state, by_flagger, CANARIES);

	assert_int_equal(rig_ask(r, "plan hold shop/prod"), 0);
	check_request(r, 0, "POST " GATES "/gate/close", "{\"name\":\"web\",\"namespace\":\"shop\"}");
	check_done(r, "hold shop/prod" PHRASE, "the controller says ");
	assert_int_equal(rig_ask(r, "hold shop/prod" PHRASE), 1);
	check_done(r, "resume shop/prod" PHRASE, "the controller says ");
	assert_int_equal(sent("POST *gate/close"), 1);
	assert_int_equal(sent("POST *gate/open"), 1);
}

static void an_abort_is_seen_in_its_phase(void **state)
{
	struct rig *r = open_lane(state, by_flagger, CANARIES);

	check_done(r, "hold shop/prod" PHRASE, "");
	assert_int_equal(rig_ask(r, "plan abort shop/prod"), 0);
	check_request(r, 0, "POST " GATES "/rollback/open", "{\"name\":\"web\",\"namespace\":\"shop\"}");
	assert_non_null(strstr(rig_check(r, "note:mechanism"), "its rollback gate stays open"));
	arm("POST *rollback/open", WORLD_RESET, 0, true);
	(void)rig_ask(r, "abort shop/prod --reason why" PHRASE);
	rig_pass(r, 90);
	assert_int_equal(rig_intent(r)->state, INTENT_DONE);
	assert_non_null(strstr(rig_intent(r)->note, "the controller says Failed"));
	assert_int_equal(sent("POST *rollback/open"), 1);
	check_done(r, "resume shop/prod" PHRASE, "the controller says Failed");
	assert_int_equal(sent("POST *rollback/close"), 1);
}

/* First the controller takes the traffic back, and only when it says that it has, the lane goes back to what was live. */
static void the_lane_goes_back_after_the_controller(void **state)
{
	static const struct {
		const char *profile, *objects, *told;
	} cases[] = { { by_argo, ROLLOUTS, "PATCH *status" },
		      { by_flagger, CANARIES, "POST *rollback/open" } };

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r = open_lane(state, cases[i].profile, cases[i].objects);

		ground_run(&r->g, CARRIER)->status = RUN_COMPLETED; /* it has handed over to the controller */
		ground_run(&r->g, CARRIER)->conclusion = CONCLUSION_FAILURE;
		rig_begin(r, "abort shop/prod --rollback --reason why" PHRASE);
		for (int n = 0; n < 200 && !sent(cases[i].told); n++)
			loop_advance(r->loop, 20);
		assert_int_equal(r->g.sent_n, 0);
		rig_pass(r, 120);
		assert_int_equal(r->answers, 1);
		assert_int_equal(r->status, 0);
		assert_int_equal(sent(cases[i].told), 1);
		assert_int_equal(r->g.sent_n, 1);
	}
}

static void without_a_gate_it_says_why(void **state)
{
	struct rig *r = open_lane(state, by_shut, CANARIES);

	assert_int_equal(rig_ask(r, "hold shop/prod" PHRASE), 1);
	assert_non_null(strstr(rig_check(r, "mechanism"), "the profile names no gate"));
	assert_int_equal(sent("POST *"), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_teardown(f, close_lane)
	const struct CMUnitTest tests[] = {
		T(a_plan_shows_each_request),
		T(an_act_is_done_when_it_is_seen),
		T(a_held_one_is_promoted_by_two),
		T(only_onward_needs_the_step_that_was_seen),
		T(what_a_cluster_refuses_is_refused),
		T(a_lost_answer_is_settled_by_reading),
		T(what_never_arrived_is_never_done),
		T(a_killed_engine_finds_it_again),
		T(half_an_act_is_gone_on_with),
		T(a_promotion_that_is_cut_in_half),
		T(gates_hold_and_take_back),
		T(an_abort_is_seen_in_its_phase),
		T(the_lane_goes_back_after_the_controller),
		T(without_a_gate_it_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
