/*
 * Evidence in the simulated organisations: what is found when all goes well, what stands there when a reading fails, and
 * when anything is looked for at all.
 */
#include "looker.h"

#include "core/engine/survey.h"
#include "core/rules/drift.h"
#include "core/rules/readiness.h"
#include "store/holds.h"

#define CLOUD          "glcsolutions-ca/compass"
#define ARTIFACT_READS 9 /* three runs for each of two lanes, the manifest that declares, two packages */

/* ---- rows ------------------------------------------------------------------------------------------------------------------- */

struct rows {
	struct arena *a;
	struct drifts drift, policy;
	struct VEC_OF(struct readiness) back;
	struct VEC_OF(struct freeze) freeze;
	struct VEC_OF(struct decision) decisions;
};

static int push_drift(void *ctx, const void *row)
{
	struct rows *r = ctx;
	const struct drift *d = row;
	*vec_push(text_starts(d->component, "policy ") ? &r->policy : &r->drift, r->a) = *d;
	return 0;
}
static int push_back(void *ctx, const void *row)
{
	struct rows *r = ctx;
	*vec_push(&r->back, r->a) = *(const struct readiness *)row;
	return 0;
}
static int push_freeze(void *ctx, const void *row)
{
	struct rows *r = ctx;
	*vec_push(&r->freeze, r->a) = *(const struct freeze *)row;
	return 0;
}
static int push_decision(void *ctx, const void *row)
{
	struct rows *r = ctx;
	*vec_push(&r->decisions, r->a) = *(const struct decision *)row;
	return 0;
}

static struct rows rows_of(struct looker *l, const char *lane, int64_t run)
{
	struct rows rows = { .a = &l->r->a };
	struct key key = { .name = lane, .id = run };
	struct store *s = l->r->cache;
	struct err e = ERR_INIT;

	must(store_each(s, Q_drifts_by_lane, &rec_key, &key, &rec_drift, rows.a, push_drift, &rows, &e), &e);
	must(store_each(s, Q_readiness_by_lane, &rec_key, &key, &rec_readiness, rows.a, push_back, &rows, &e),
	     &e);
	must(store_each(s, Q_freezes, NULL, NULL, &rec_freeze, rows.a, push_freeze, &rows, &e), &e);
	must(store_each(s, Q_decisions_by_run, &rec_key, &key, &rec_decision, rows.a, push_decision, &rows,
			&e),
	     &e);
	return rows;
}

static const struct drift *drift_named(const struct rows *rows, const char *component, const char *platform)
{
	vec_each (d, &rows->drift)
		if (text_eq(d->component, component) && text_eq(d->platform, platform))
			return d;
	fail_msg("there is no drift of %s %s", component, platform);
	return NULL;
}

static const struct readiness *condition(const struct rows *rows, const char *name)
{
	vec_each (c, &rows->back)
		if (text_eq(c->name, name))
			return c;
	fail_msg("there is no condition %s", name);
	return NULL;
}

static void check_condition(const struct rows *rows, const char *name, int status, const char *says)
{
	const struct readiness *c = condition(rows, name);

	if (c->status != status || !strstr(c->detail, says))
		fail_msg("%s is %s: %s", name, names_word(&verdict_names, c->status), c->detail);
}

static enum verdict ready(struct looker *l, const struct rows *rows)
{
	const struct readiness *why;

	return readiness_judge(rows->back.items, rows->back.n, clock_wall(&l->r->clock), &why);
}

/* ---- the five systems ---------------------------------------------------------------------------------------------------------- */

static void easyenclave_is_asked_itself(void **state)
{
	struct looker *l = looker_new("first-rollout", "easyenclave=" EASY, "easy/prod",
				      "https://drill.invalid/probe/easy/prod");
	struct rows rows;

	(void)state;
	assert_int_equal(sim_sync(l->r), 0);
	rows = rows_of(l, "easy/prod", 0);
	assert_int_equal(rows.drift.n, 2);
	assert_int_equal(rows.drift.items[0].verdict, DRIFT_EQUAL);
	assert_int_equal(strlen(rows.drift.items[0].live), 40);
	assert_int_equal(rows.drift.items[1].verdict, DRIFT_EQUAL); /* and it was brought up by that run */
	check_condition(&rows, "target", CHECK_OK, "v0.9.2");
	check_condition(&rows, "asset:trusted_values", CHECK_OK, "trusted_values.v0.9.2.json sha256:");
	check_condition(&rows, "start", CHECK_OK, "can be dispatched");
	check_condition(&rows, "attested", CHECK_OK, "3 of 3 proved");
	check_condition(&rows, "duration", CHECK_OK, "p50");
	assert_int_equal(ready(l, &rows), CHECK_OK);
	/* no site is known of staging: nothing was asked, and nothing is claimed */
	rows = rows_of(l, "easy/staging", 0);
	vec_each (d, &rows.drift) {
		assert_int_equal(d->verdict, DRIFT_UNKNOWN);
		assert_string_equal(d->live, "");
		assert_non_null(strstr(d->reason, "--site easy/staging=URL"));
	}
	assert_int_equal(sim_count(l->r, "GET /probe/*health"), 1);
	looker_free(l);
}

static void theory_pins_against_what_answers(void **state)
{
	struct looker *l = looker_new("drifted-digest", "theory-api=veyorokon/theory-api", "theory/main",
				      "https://drill.invalid/probe/theory/main/run");
	const struct drift *d;
	struct rows rows;

	(void)state;
	l->r->tap->match = "*/contents/*registry.yaml?ref=main";
	assert_int_equal(sim_sync(l->r), 0);
	rows = rows_of(l, "theory/main", 0);
	d = drift_named(&rows, "llm/litellm@1", "amd64");
	/* All at one commit, or a push in between gives one blob the text of another. */
	assert_int_equal(l->r->tap->matched, 0);
	assert_int_equal(d->verdict, DRIFT_OTHER); /* no pin ever had it */
	assert_false(drift_same(d->declared, d->live));
	d = drift_named(&rows, "llm/litellm@1", "arm64");
	assert_int_equal(d->verdict, DRIFT_UNKNOWN); /* the tool says what it runs on, and that is not this */
	assert_non_null(strstr(d->reason, "pinned "));
	check_condition(&rows, "target", CHECK_OK, "sha256:");
	check_condition(&rows, "pin", CHECK_OK, "revert ");
	check_condition(&rows, "manifest", CHECK_OK, "is in the registry");
	check_condition(&rows, "start", CHECK_OK, "main.yml is active");
	looker_free(l);
}

static void mcp_compares_digests_under_tags(void **state)
{
	struct looker *l = looker_new("mcp-promote", "mcp-server=luminosita/mcp", NULL, NULL);
	struct rows rows;

	(void)state;
	assert_int_equal(sim_sync(l->r), 0);
	rows = rows_of(l, "mcp/staging", 0);
	assert_int_equal(rows.drift.n, 1);
	assert_int_equal(rows.drift.items[0].verdict, DRIFT_EQUAL);
	rows = rows_of(l, "mcp/prod", 0);
	assert_int_equal(rows.drift.n, 1);
	assert_int_equal(rows.drift.items[0].verdict, DRIFT_EQUAL); /* production is what was tested */
	assert_true(text_starts(rows.drift.items[0].live, "sha256:"));
	assert_non_null(strstr(rows.drift.items[0].source, ":0.1.0; staging-v0.1.0-"));
	/* nothing older than what is live has a tag, and nobody moved the tag with us: there is no way back yet */
	check_condition(&rows, "target", CHECK_MISSING, "no older digest");
	assert_int_equal(ready(l, &rows), CHECK_BAD);
	rows = rows_of(l, "mcp/staging", 0);
	check_condition(&rows, "target", CHECK_OK, "sha256:");
	assert_string_not_equal(condition(&rows, "target")->detail, rows.drift.items[0].live);
	check_condition(&rows, "manifest", CHECK_OK, "is in the registry");
	assert_int_equal(ready(l, &rows), CHECK_OK);
	looker_free(l);
}

static void cloud_decides_in_its_artifacts(void **state)
{
	static const struct {
		const char *name;
		int verdict;
	} good[] = { { "commit stage", DECISION_YES },    { "acceptance", DECISION_YES },
		     { "production", DECISION_YES },      { "canary freshness", DECISION_YES },
		     { "probe freshness", DECISION_YES }, { "release", DECISION_YES } };
	struct looker *l = looker_new("cloud-delivery", "cloud-delivery=" CLOUD, NULL, NULL);
	struct lane lane;
	struct rows rows;

	(void)state;
	assert_int_equal(sim_sync(l->r), 0);
	lane = sim_lane(l->r, "cloud/prod");
	/* the newest green run was about documents only: its deploy was skipped, and what is live is older */
	assert_true(text_starts(lane.live, "7f3c9a1"));
	rows = rows_of(l, "cloud/prod", lane.live_run);
	for (size_t i = 0; i < countof(good); i++) {
		assert_string_equal(rows.decisions.items[i].name, good[i].name);
		assert_int_equal(rows.decisions.items[i].verdict, good[i].verdict);
	}
	assert_int_equal(rows.drift.n, 3);
	vec_each (d, &rows.drift)
		assert_int_equal(d->verdict, DRIFT_EQUAL);
	check_condition(&rows, "target", CHECK_OK, "7f3c9a1"); /* what ran before the run that was refused */
	check_condition(&rows, "package", CHECK_OK, "expires in");
	check_condition(&rows, "start", CHECK_OK,
			"cloud-delivery-replay.yml at main is active and can be dispatched");
	assert_int_equal(ready(l, &rows), CHECK_OK);
	/* and a run that was refused says by which word */
	rows = rows_of(l, "cloud/prod", lane.run_id);
	assert_int_equal(rows.decisions.items[1].verdict, DECISION_NO);
	assert_true(*rows.decisions.items[1].reasons != 0);
	looker_free(l);
}

static void the_train_has_a_way_to_be_stopped(void **state)
{
	struct looker *l = looker_new("train-and-back", "release-train=summit/summit", NULL, NULL);
	struct rows rows;

	(void)state;
	assert_int_equal(sim_sync(l->r), 0);
	rows = rows_of(l, "gov/prod", 0);
	assert_true(rows.freeze.n >= 2);
	vec_each (f, &rows.freeze) {
		assert_string_equal(f->system, "gov");
		assert_int_equal(f->state, FREEZE_OPEN);
		assert_true(when_known(f->at));
	}
	check_condition(&rows, "target", CHECK_OK, "v2.");
	assert_int_equal(
		sim_post(l->r, "/repos/summit/summit/git/refs",
			 arena_printf(&l->r->a, "{\"ref\":\"refs/tags/frozen/rollback\",\"sha\":\"%s\"}",
				      sim_lane(l->r, "gov/prod").live_sha)),
		201);
	assert_int_equal(sim_sync(l->r), 0);
	rows = rows_of(l, "gov/prod", 0);
	assert_int_equal(rows.freeze.items[0].state, FREEZE_FROZEN);
	assert_string_equal(rows.freeze.items[0].source, "tag frozen/rollback");
	looker_free(l);
}

static struct holds holds_of(struct looker *l, const char *lane)
{
	struct holds out = { 0 };
	struct err e = ERR_INIT;

	must(store_holds_read(&out, l->r->cache, lane, &l->r->a, &e), &e);
	return out;
}

static void check_lane(struct looker *l, const char *name, enum lane_state state, const char *says)
{
	struct lane lane = sim_lane(l->r, name);

	if (lane.state != (int)state || !strstr(lane.reasons, says))
		fail_msg("%s is %s: %s", name, names_word(&lane_state_names, lane.state), lane.reasons);
}

/* Past the engine, as others would; the status, and the answer where it is wanted. */
static int others(struct looker *l, const char *method, const char *target, const char *body,
		  struct json **answer)
{
	struct world_request rq = { .method = method,
				    .target = target,
				    .authorization = "Bearer x",
				    .user_agent = "test",
				    .body = body,
				    .body_n = strlen(body) };
	struct world_answer out = { 0 };

	world_advance(l->r->world, clock_wall(&l->r->clock));
	world_answer(l->r->world, &rq, &out, &l->r->a);
	if (answer)
		assert_int_equal(json_parse(answer, out.http.body, out.http.body_n, 1 << 20, NULL), 0);
	return out.http.status;
}

static void freeze_by_tag(struct looker *l)
{
	const char *body = arena_printf(&l->r->a, "{\"ref\":\"refs/tags/frozen/rollback\",\"sha\":\"%s\"}",
					sim_lane(l->r, "gov/prod").live_sha);

	assert_int_equal(others(l, "POST", "/repos/summit/summit/git/refs", body, NULL), 201);
}

static void a_frozen_line_holds_its_lanes(void **state)
{
	struct looker *l = looker_new("train-and-back", "release-train=summit/summit", NULL, NULL);
	struct holds held;
	int64_t since;

	(void)state;
	assert_int_equal(sim_sync(l->r), 0);
	check_lane(l, "gov/prod", LANE_OK, "[]");
	assert_int_equal(holds_of(l, NULL).n, 0);
	freeze_by_tag(l);
	assert_int_equal(sim_sync(l->r), 0);
	check_lane(l, "gov/prod", LANE_HOLD, "held: tag frozen/rollback");
	held = holds_of(l, "gov/prod");
	assert_int_equal(held.n, 1);
	assert_int_equal(held.items[0].kind, HOLD_FREEZE);
	assert_string_equal(held.items[0].source, "tag frozen/rollback");
	since = held.items[0].since.ms;
	assert_true(since > 0);
	assert_int_equal(holds_of(l, "gov/stage").n, 1);
	assert_int_equal(holds_of(l, "gov/pr").n, 0); /* exempt: checks of a pull request deliver nothing */
	/* what could not be read again is not open */
	loop_advance(l->r->loop, 60000);
	world_arm(l->r->world,
		  &(struct world_fault_rule){ .match = "GET *frozen*", .status = 503, .count = -1 });
	(void)sim_sync(l->r);
	check_lane(l, "gov/prod", LANE_HOLD, "whether tag frozen/rollback stops it is not known");
	assert_int_equal(holds_of(l, "gov/prod").items[0].since.ms, since);
	looker_free(l);
}

static void a_thawed_line_lets_go(void **state)
{
	struct looker *l = looker_new("train-and-back", "release-train=summit/summit", NULL, NULL);

	(void)state;
	assert_int_equal(sim_sync(l->r), 0);
	freeze_by_tag(l);
	assert_int_equal(sim_sync(l->r), 0);
	check_lane(l, "gov/prod", LANE_HOLD, "held: ");
	assert_int_equal(others(l, "DELETE", "/repos/summit/summit/git/refs/tags/frozen/rollback", "", NULL),
			 204);
	assert_int_equal(sim_sync(l->r), 0);
	check_lane(l, "gov/prod", LANE_OK, "[]");
	assert_int_equal(holds_of(l, NULL).n, 0);
	looker_free(l);
}

/* A source that was never read holds nothing, and nobody may take it for open. */
static void a_source_that_was_never_read_is_a_doubt(void **state)
{
	struct looker *l = looker_new("train-and-back", "release-train=summit/summit", NULL, NULL);

	(void)state;
	world_arm(l->r->world,
		  &(struct world_fault_rule){ .match = "GET *frozen*", .status = 503, .count = -1 });
	(void)sim_sync(l->r);
	check_lane(l, "gov/prod", LANE_OK, "whether tag frozen/rollback stops it is not known");
	assert_int_equal(holds_of(l, NULL).n, 0);
	assert_null(strstr(sim_lane(l->r, "gov/pr").reasons, "frozen/rollback"));
	looker_free(l);
}

#define FREEZE_DOC "/repos/summit/summit/contents/docs/releases/_state/freeze_mode.json"

/* {"freeze_mode":true,"set_by":"ana","reason":"red night","set_at":"2026-11-21T06:30:00Z",
 *  "expires_at":"2026-11-21T08:00:00Z"} */
static const char frozen_doc[] = "eyJmcmVlemVfbW9kZSI6dHJ1ZSwic2V0X2J5IjoiYW5hIiwicmVhc29uIjoicmVkIG5pZ2h0Iiw"
				 "ic2V0X2F0IjoiMjAyNi0xMS0yMVQw"
				 "NjozMDowMFoiLCJleHBpcmVzX2F0IjoiMjAyNi0xMS0yMVQwODowMDowMFoifQ==";

static void freeze_by_file(struct looker *l)
{
	autofree(json) struct json *now = NULL;

	assert_int_equal(others(l, "GET", FREEZE_DOC, "", &now), 200);
	assert_int_equal(
		others(l, "PUT", FREEZE_DOC,
		       arena_printf(
			       &l->r->a,
			       "{\"message\":\"red\",\"branch\":\"main\",\"sha\":\"%s\",\"content\":\"%s\"}",
			       json_str(now, "sha"), frozen_doc),
		       NULL),
		200);
}

/* A state file says who, why and until when; the lane is free again at that time though nothing new is read. */
static void a_state_file_holds_until_it_says(void **state)
{
	struct looker *l = looker_new("train-and-back", "release-train=summit/summit", NULL, NULL);

	(void)state;
	assert_int_equal(sim_sync(l->r), 0);
	freeze_by_file(l);
	assert_int_equal(sim_sync(l->r), 0);
	check_lane(l, "gov/prod", LANE_HOLD,
		   "red night (ana, since 2026-11-21T06:30:00Z, until 2026-11-21T08:00:00Z)");
	assert_string_equal(holds_of(l, "gov/prod").items[0].owner, "ana");
	assert_string_equal(sim_lane(l->r, "gov/prod").progress, "freeze until 08:00Z");
	survey_free(l->r->en->survey); /* nothing of it is looked at any more: only the clock moves */
	l->r->en->survey = NULL;
	engine_attach(l->r->en, 1);
	loop_advance(l->r->loop, 3500000);
	check_lane(l, "gov/prod", LANE_HOLD, "red night");
	loop_advance(l->r->loop, 400000);
	check_lane(l, "gov/prod", LANE_OK, "[]");
	looker_free(l);
}

static const struct drift *policy_named(const struct rows *rows, const char *component, const char *platform)
{
	vec_each (d, &rows->policy)
		if (text_eq(d->component, component) && text_eq(d->platform, platform))
			return d;
	fail_msg("there is no %s %s", component, platform);
	return NULL;
}

/* The file at the commit that is live says what its run was told; the running system is asked itself, and does not say. */
static void policies_are_read_where_they_are_in_force(void **state)
{
	struct looker *l = looker_new("relaxed-policy", "easyenclave=" EASY, "easy/prod",
				      "https://drill.invalid/probe/easy/prod");
	const struct drift *d;
	struct rows rows;

	(void)state;
	assert_int_equal(sim_sync(l->r), 0);
	rows = rows_of(l, "easy/prod", 0);
	d = policy_named(&rows, "policy tcb", "file");
	assert_int_equal(d->verdict, DRIFT_EQUAL);
	assert_string_equal(d->live, "strict");
	d = policy_named(&rows, "policy tcb", "live");
	assert_int_equal(d->verdict, DRIFT_UNKNOWN);
	assert_string_equal(d->live, "");
	assert_true(*d->reason != 0);
	looker_free(l);
}

/* ---- what cannot be read --------------------------------------------------------------------------------------------------------- */

static void arm(struct looker *l, const char *match, int status)
{
	world_arm(l->r->world, &(struct world_fault_rule){ .match = match, .status = status, .count = -1 });
}

static void what_cannot_be_read_again_keeps_its_age(void **state)
{
	struct looker *l = looker_new("mcp-promote", "mcp-server=luminosita/mcp", NULL, NULL);
	struct rows before, after;
	const struct drift *d;

	(void)state;
	assert_int_equal(sim_sync(l->r), 0);
	before = rows_of(l, "mcp/staging", 0);
	arm(l, "GET /v2/*", 503);
	loop_advance(l->r->loop, 120000);
	assert_int_equal(sim_sync(l->r), 0);
	after = rows_of(l, "mcp/staging", 0);
	assert_int_equal(after.drift.n, 1);
	d = &after.drift.items[0];
	assert_int_equal(d->verdict, DRIFT_UNKNOWN);
	assert_string_equal(d->live, before.drift.items[0].live);
	assert_int_equal(d->at.ms, before.drift.items[0].at.ms);
	assert_non_null(strstr(d->reason, "not read: "));
	assert_non_null(strstr(d->reason, "it was equal"));
	assert_int_equal(condition(&after, "target")->status, CHECK_UNCHECKED);
	assert_int_equal(condition(&after, "target")->at.ms, condition(&before, "target")->at.ms);
	assert_int_equal(ready(l, &after), CHECK_UNCHECKED);
	/* a second failure does not forget what it was */
	assert_int_equal(sim_sync(l->r), 0);
	after = rows_of(l, "mcp/staging", 0);
	assert_int_equal(after.drift.items[0].at.ms, before.drift.items[0].at.ms);
	assert_non_null(strstr(after.drift.items[0].reason, "it was equal"));
	looker_free(l);
}

static void a_decision_that_was_not_read_is_asked_again(void **state)
{
	struct looker *l = looker_new("cloud-delivery", "cloud-delivery=" CLOUD, NULL, NULL);
	int64_t run;
	struct rows rows;

	(void)state;
	/* as many as one pass reads: those of the next pass are answered */
	world_arm(l->r->world, &(struct world_fault_rule){
				       .match = "GET *artifacts*", .status = 502, .count = ARTIFACT_READS });
	assert_int_equal(sim_sync(l->r), 0);
	run = sim_lane(l->r, "cloud/prod").live_run;
	rows = rows_of(l, "cloud/prod", run);
	assert_true(rows.decisions.n > 0);
	vec_each (d, &rows.decisions) {
		assert_int_equal(d->verdict, DECISION_UNKNOWN);
		assert_false(when_known(d->at));
	}
	check_condition(&rows, "package", CHECK_UNCHECKED, "not read: ");
	assert_int_equal(sim_count(l->r, "GET *artifacts*"), ARTIFACT_READS);
	assert_int_equal(sim_sync(l->r), 0);
	rows = rows_of(l, "cloud/prod", run);
	vec_each (d, &rows.decisions) {
		assert_int_not_equal(d->verdict, DECISION_UNKNOWN);
		assert_true(when_known(d->at));
	}
	check_condition(&rows, "package", CHECK_OK, "expires in");
	looker_free(l);
}

/* A run that was run again decides by what it wrote since. */
static void an_earlier_attempt_decides_nothing(void **state)
{
	struct looker *l = looker_new("cloud-delivery", "cloud-delivery=" CLOUD, NULL, NULL);
	struct key key = { 0 };
	struct err e = ERR_INIT;
	struct rows rows;
	struct run run;

	(void)state;
	assert_int_equal(sim_sync(l->r), 0);
	key.id = sim_lane(l->r, "cloud/prod").live_run;
	assert_int_equal(store_one(l->r->cache, Q_run_by_id, &rec_key, &key, &rec_run, &run, &l->r->a, &e),
			 0);
	loop_advance(l->r->loop, 60000);
	run.attempt = 2;
	run.started = run.updated = clock_wall(&l->r->clock);
	must(store_run(l->r->cache, Q_run_put, &rec_run, &run, &e), &e);
	engine_attach(l->r->en, 1);
	loop_advance(l->r->loop, 900000);
	rows = rows_of(l, "cloud/prod", key.id);
	vec_each (d, &rows.decisions)
		assert_true(rows.decisions.n > 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(rows.decisions.items[i].verdict, DECISION_UNKNOWN);
		assert_non_null(strstr(rows.decisions.items[i].detail, "is of an earlier attempt"));
	}
	looker_free(l);
}

static void nothing_is_looked_for_without_its_ground(void **state)
{
	struct looker *l = looker_new("mcp-promote", "mcp-server=luminosita/mcp", NULL, NULL);
	struct rows rows;

	(void)state;
	rows = rows_of(l, "mcp/prod", 0);
	check_condition(&rows, "target", CHECK_UNCHECKED, "not checked yet");
	arm(l, "GET /repos/*", 503);
	assert_int_not_equal(sim_sync(l->r), 0);
	assert_int_equal(sim_count(l->r, "GET /v2/*"), 0);
	looker_free(l);
}

/* ---- what it costs ------------------------------------------------------------------------------------------------------------------ */

/* Points that the forge counts; asking for them is free. */
static int64_t points(struct looker *l)
{
	struct world_request rq = {
		.method = "GET", .target = "/rate_limit", .authorization = "Bearer x", .user_agent = "test"
	};
	struct world_answer out = { 0 };
	struct json *j = NULL;
	struct err e = ERR_INIT;

	world_answer(l->r->world, &rq, &out, &l->r->a);
	must(json_parse(&j, out.http.body, out.http.body_n, 1 << 20, &e), &e);
	int64_t n = json_int(j, "resources.core.used", -1);
	json_free(j);
	return n;
}

/* Nothing happens: what is asked again is answered 304. What is not there has no ETag, and costs a point each time. */
static void an_unchanged_round_costs_nothing(void **state)
{
	static const struct {
		const char *scenario, *profile;
		int absent, elsewhere; /* readings of what is not there; of a registry */
		int lists;             /* of attestations: their addresses are signed anew each minute */
	} rows[] = {
		{ "first-rollout", "easyenclave=" EASY, 0, 24, 9 }, /* images have theirs beside them */
		{ "cloud-delivery", "cloud-delivery=" CLOUD, 0, 0, 0 },
		{ "train-and-back", "release-train=summit/summit", 0, 0, 0 },
		{ "drifted-digest", "theory-api=veyorokon/theory-api", 2, 2,
		  0 }, /* two names of a workflow */
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct looker *l = looker_new(rows[i].scenario, rows[i].profile, NULL, NULL);

		assert_int_equal(sim_sync(l->r), 0);
		assert_int_equal(sim_sync(l->r), 0); /* what ended lately is looked at once more */
		int64_t before = points(l);
		assert_int_equal(sim_sync(l->r), 0);
		int64_t asked = json_int(l->r->json, "requests", 0);
		assert_true(asked > 0);
		int64_t read = asked - json_int(l->r->json, "not_modified", 0);
		assert_in_range(read - rows[i].absent - rows[i].elsewhere, 0, rows[i].lists);
		assert_in_range(points(l) - before - rows[i].absent, 0, rows[i].lists);
		looker_free(l);
	}
}

/* It is written, so that its age is right, and no screen wakes up for it; what was news is told. */
static void an_unchanged_round_wakes_nobody(void **state)
{
	static const char refs[] = "GET *matching-refs*";
	struct looker *l = looker_new("cloud-delivery", "cloud-delivery=" CLOUD, NULL, NULL);
	int64_t was, told;

	(void)state;
	assert_int_equal(sim_sync(l->r), 0);
	engine_attach(l->r->en, 1);
	loop_advance(l->r->loop, 30 * 60000);
	was = sim_count(l->r, refs);
	told = l->r->changed;
	loop_advance(l->r->loop, 30 * 60000);
	assert_in_range(sim_count(l->r, refs), was + 20, was + 100);
	assert_int_equal(l->r->changed, told);
	assert_int_equal(others(l, "POST", "/repos/" CLOUD "/git/refs",
				arena_printf(&l->r->a, "{\"ref\":\"refs/pilothouse/con\",\"sha\":\"%s\"}",
					     sim_lane(l->r, "cloud/prod").live_sha),
				NULL),
			 201);
	loop_advance(l->r->loop, 3 * 60000);
	assert_true(l->r->changed > told);
	looker_free(l);
}

/* ---- when ------------------------------------------------------------------------------------------------------------------------- */

#define TAGS "GET /v2/luminosita/mcp/tags*"

/* A system is due by the clock alone; a lane is also when a run of it ends. */
#define FROZEN "GET *frozen*"

static void looked_for_every_twenty_intervals_while_somebody_watches(void **state)
{
	struct looker *l = looker_new("train-and-back", "release-train=summit/summit", NULL, NULL);
	int round;

	(void)state;
	loop_advance(l->r->loop, 3600000);
	assert_int_equal(sim_count(l->r, FROZEN), 0); /* nobody watches */
	assert_int_equal(sim_sync(l->r), 0);
	round = sim_count(l->r, FROZEN);
	assert_true(round > 0);
	engine_attach(l->r->en, 1);
	loop_advance(l->r->loop, 260000); /* twenty times 15 s, less a tenth */
	assert_int_equal(sim_count(l->r, FROZEN), round);
	loop_advance(l->r->loop,
		     160000); /* every fourth of its rounds: the others look at what captains hold */
	assert_int_equal(sim_count(l->r, FROZEN), 2 * round);
	/* the next engine knows when that was */
	sim_engine_down(l->r);
	looker_up(l);
	engine_attach(l->r->en, 1);
	loop_advance(l->r->loop, 60000);
	assert_int_equal(sim_count(l->r, FROZEN), 2 * round);
	looker_free(l);
}

static void looked_for_soon_after_a_run_ended(void **state)
{
	struct looker *l = looker_new("mcp-promote", "mcp-server=luminosita/mcp", NULL, NULL);
	struct err e = ERR_INIT;
	struct lane lane;
	int before;

	(void)state;
	assert_int_equal(sim_sync(l->r), 0);
	engine_attach(l->r->en, 1);
	loop_advance(l->r->loop, 60000);
	before = sim_count(l->r, TAGS);
	lane = sim_lane(l->r, "mcp/prod");
	lane.live_run++;
	must(store_run(l->r->cache, Q_lane_put, &rec_lane, &lane, &e), &e);
	engine_emit(l->r->en, "changed", "");
	loop_advance(l->r->loop, 2000);
	assert_int_equal(sim_count(l->r, TAGS), before);
	loop_advance(l->r->loop, 8000);
	assert_true(sim_count(l->r, TAGS) > before);
	looker_free(l);
}

static void an_engine_may_end_in_the_middle(void **state)
{
	static const msec steps[] = { 1, 200, 300, 450, 600, 900, 1500 };

	(void)state;
	for (size_t i = 0; i < countof(steps); i++) {
		struct looker *l = looker_new("cloud-delivery", "cloud-delivery=" CLOUD, NULL, NULL);
		static const char *const argv[] = { "sync", "--once" };

		engine_ask(l->r->en, 2, argv, NULL, sim_reply, l->r);
		for (msec t = 0; t < steps[i]; t += 10)
			loop_advance(l->r->loop, 10);
		looker_free(l); /* the sanitizer looks after what was left */
	}
}

/* The screen must not promise another way back than the one that `rollback` would take. */
static void the_way_back_is_the_one_that_would_be_taken(void **state)
{
	static const struct {
		const char *scenario, *profile, *lane, *release;
	} rows[] = {
		{ "first-rollout", "easyenclave=" EASY, "easy/prod", "v0.9.2" },
		{ "train-and-back", "release-train=summit/summit", "gov/prod", "v2." },
		{ "cloud-delivery", "cloud-delivery=" CLOUD, "cloud/prod",
		  "7f3c9a1" }, /* a newer run failed */
		{ "mcp-promote", "mcp-server=luminosita/mcp", "mcp/staging", "sha256:" },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		const char *const argv[] = { "plan", "rollback", rows[i].lane, "--reason", "x" };
		struct looker *l = looker_new(rows[i].scenario, rows[i].profile, NULL, NULL);
		const char *target, *planned;
		struct rows found;

		assert_int_equal(sim_sync(l->r), 0);
		found = rows_of(l, rows[i].lane, 0);
		target = condition(&found, "target")->detail;
		(void)sim_ask(l->r, argv, 5);
		planned = json_str(l->r->json, "release");
		if (!text_starts(target, rows[i].release) || !planned || !text_eq(target, planned))
			fail_msg("%s: %s, and the plan goes to %s", rows[i].lane, target,
				 planned ? planned : "nothing");
		looker_free(l);
	}
}

/* While a rollback runs, what is live is what it leaves: nobody is told to go there, nor does a plan. */
static void a_rollback_under_way_is_no_way_forward(void **state)
{
	struct looker *l = looker_new("easy-and-back", "easyenclave=" EASY, NULL, NULL);
	struct lane lane;
	struct key key = { 0 };
	struct err e = ERR_INIT;
	struct rows rows;
	struct run run;

	(void)state;
	assert_int_equal(sim_sync(l->r), 0);
	lane = sim_lane(l->r, "easy/prod");
	rows = rows_of(l, "easy/prod", 0);
	check_condition(&rows, "target", CHECK_OK, "v0.9.2");
	key.id = lane.live_run;
	must(store_one(l->r->cache, Q_run_by_id, &rec_key, &key, &rec_run, &run, &l->r->a, &e), &e);
	run.id += 1000000;
	run.release = "v0.9.2";
	run.title = "Production Rollout v0.9.2";
	run.status = RUN_IN_PROGRESS;
	run.conclusion = CONCLUSION_OTHER;
	run.created = run.started = run.updated = clock_wall(&l->r->clock);
	must(store_run(l->r->cache, Q_run_put, &rec_run, &run, &e), &e);
	engine_attach(l->r->en, 1);
	loop_advance(l->r->loop, 900000);
	rows = rows_of(l, "easy/prod", 0);
	check_condition(&rows, "target", CHECK_MISSING, "goes back to v0.9.2 already");
	looker_free(l);
}

static void what_was_done_is_looked_at(void **state)
{
	struct looker *l = looker_new("mcp-promote", "mcp-server=luminosita/mcp", NULL, NULL);
	int before;

	(void)state;
	assert_int_equal(sim_sync(l->r), 0);
	engine_attach(l->r->en, 1);
	loop_advance(l->r->loop, 30000);
	before = sim_count(l->r, TAGS);
	survey_soon(l->r->en->survey, "some/other");
	loop_advance(l->r->loop, 10000);
	assert_int_equal(sim_count(l->r, TAGS), before);
	survey_soon(l->r->en->survey, "luminosita/mcp");
	loop_advance(l->r->loop, 10000);
	assert_true(sim_count(l->r, TAGS) > before);
	looker_free(l);
}

static void a_refused_field_is_never_asked_for(void **state)
{
	struct looker *l = looker_new("first-rollout", "easyenclave=" EASY, "easy/prod",
				      "https://drill.invalid/probe/easy/prod");
	struct profile *p = &l->r->profiles.items[0];
	static const char *const redact[] = { "git_sha", NULL };
	struct rows rows;

	(void)state;
	p->redact = redact;
	assert_int_equal(sim_sync(l->r), 0);
	rows = rows_of(l, "easy/prod", 0);
	vec_each (d, &rows.drift) {
		assert_int_equal(d->verdict, DRIFT_UNKNOWN);
		assert_string_equal(d->live, "");
	}
	assert_non_null(strstr(rows.drift.items[0].reason, "forbids"));
	assert_int_equal(sim_count(l->r, "GET /probe/*health"), 0);
	looker_free(l);
}

/* What is remembered is forgotten all at once when there is too much of it; a look that is under way keeps what it has. */
static void what_is_forgotten_is_not_lost(void **state)
{
	struct looker *l = looker_new("replay", "cloud-delivery=" CLOUD, NULL, NULL);
	struct survey *s = l->r->en->survey;
	struct look k = { .s = s, .profile = &l->r->profiles.items[0] };
	const struct artifact list[] = { { .id = 5, .name = "a" } };
	struct document d = { .name = "a", .entry = "e" };

	(void)state;
	survey_remember(s, arena_printf(&l->r->a, "artifact %s 5 e", k.profile->repo), "the decision", 12);
	document_find(&k, &d, list, 1, false);
	for (int i = 0; i < 600; i++)
		survey_remember(s, arena_printf(&l->r->a, "another %d", i), "of no interest", 14);
	assert_string_equal(d.text, "the decision");
	arena_done(&k.arena);
	looker_free(l);
}

/* The branch of a run for a pull request is that of who asks: "release/9" of a fork is no release branch. */
static void a_pull_request_is_on_no_branch_of_ours(void **state)
{
	struct looker *l = looker_new("mcp-promote", "mcp-server=luminosita/mcp", NULL, NULL);
	struct run run = { .path = ".github/workflows/ci.yml", .branch = "release/9", .event = "push" };
	const char *repo = l->r->profiles.items[0].repo;

	(void)state;
	assert_string_equal(lanes_owner(l->r->en, repo, &run)->name, "mcp/prod");
	run.event = "pull_request";
	assert_string_equal(lanes_owner(l->r->en, repo, &run)->name, "mcp/pr");
	looker_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(easyenclave_is_asked_itself),
		cmocka_unit_test(theory_pins_against_what_answers),
		cmocka_unit_test(mcp_compares_digests_under_tags),
		cmocka_unit_test(cloud_decides_in_its_artifacts),
		cmocka_unit_test(the_train_has_a_way_to_be_stopped),
		cmocka_unit_test(policies_are_read_where_they_are_in_force),
		cmocka_unit_test(a_frozen_line_holds_its_lanes),
		cmocka_unit_test(a_thawed_line_lets_go),
		cmocka_unit_test(a_source_that_was_never_read_is_a_doubt),
		cmocka_unit_test(a_state_file_holds_until_it_says),
		cmocka_unit_test(what_cannot_be_read_again_keeps_its_age),
		cmocka_unit_test(a_decision_that_was_not_read_is_asked_again),
		cmocka_unit_test(an_earlier_attempt_decides_nothing),
		cmocka_unit_test(nothing_is_looked_for_without_its_ground),
		cmocka_unit_test(an_unchanged_round_costs_nothing),
		cmocka_unit_test(an_unchanged_round_wakes_nobody),
		cmocka_unit_test(looked_for_every_twenty_intervals_while_somebody_watches),
		cmocka_unit_test(looked_for_soon_after_a_run_ended),
		cmocka_unit_test(the_way_back_is_the_one_that_would_be_taken),
		cmocka_unit_test(a_rollback_under_way_is_no_way_forward),
		cmocka_unit_test(what_was_done_is_looked_at),
		cmocka_unit_test(an_engine_may_end_in_the_middle),
		cmocka_unit_test(what_is_forgotten_is_not_lost),
		cmocka_unit_test(a_pull_request_is_on_no_branch_of_ours),
		cmocka_unit_test(a_refused_field_is_never_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
