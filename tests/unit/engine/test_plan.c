/* A plan says exactly what would be sent, on which facts, and why not; it sends nothing. */
#include "rig.h"

static void a_plan_is_whole(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "plan dispatch easy/prod v0.9.4"), 0);
	assert_string_equal(rig_str(r, "verdict"), "go");
	assert_string_equal(rig_str(r, "confirm"), "easy/prod v0.9.4");
	assert_string_equal(rig_str(r, "act"), "dispatch");
	assert_string_equal(rig_str(r, "lane"), "easy/prod");
	assert_string_equal(rig_str(r, "release"), "v0.9.4");
	assert_string_equal(rig_str(r, "sha"), SHA);
	assert_string_equal(rig_str(r, "live"), "v0.9.3");
	assert_int_equal(strlen(rig_str(r, "plan_id")), 64);
	assert_true(json_bool(r->json, "production", false));
	assert_int_equal(json_int(r->json, "ahead", -1), 5);
	assert_int_equal(json_int(r->json, "behind", -1), 0);
	assert_int_equal(json_size(json_get(r->json, "changes")), 1);
	assert_int_equal(json_size(json_get(r->json, "requests")), 1);
	const struct json *rq = json_at(json_get(r->json, "requests"), 0);

	assert_string_equal(json_str(rq, "request"),
			    "POST /repos/" REPO "/actions/workflows/production-rollout.yml/dispatches");
	assert_string_equal(json_str(rq, "body.ref"), "main");
	assert_string_equal(json_str(rq, "body.inputs.release_tag"), "v0.9.4");
	assert_string_equal(json_str(rq, "body.inputs.expected_sha"), SHA);
	assert_true(json_size(json_get(r->json, "relies_on")) > 5);
	assert_int_equal(r->fake.sends, 0);
}

/* The same world gives the same plan, and only the nonce is not in it. */
static void a_plan_id_is_stable(void **state)
{
	struct rig *r = *state;
	const char *first;

	rig_ask(r, "plan dispatch easy/prod v0.9.4");
	first = arena_strdup(&r->a, rig_str(r, "plan_id"));
	loop_advance(r->loop, 60000);
	rig_ask(r, "plan dispatch easy/prod v0.9.4");
	assert_string_equal(rig_str(r, "plan_id"), first);
	r->fake.tag_sha = "2222222222222222222222222222222222222222";
	rig_ask(r, "plan dispatch easy/prod v0.9.4");
	assert_string_not_equal(rig_str(r, "plan_id"), first);
}

static void an_act_without_phrase_is_a_plan(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "dispatch easy/prod v0.9.4"), 1);
	assert_string_equal(rig_str(r, "verdict"), "go");
	r->fake.no_release = true;
	assert_int_equal(rig_ask(r, "dispatch easy/prod v0.9.4"), 1);
	assert_string_equal(rig_str(r, "verdict"), "refused");
	r->fake.no_release = false;
	r->fake.fail[FORGE_RELEASE] = ERR_SERVER;
	assert_int_equal(rig_ask(r, "dispatch easy/prod v0.9.4"), 5);
	assert_string_equal(rig_str(r, "verdict"), "stale");
	assert_int_equal(r->fake.sends, 0);
}

static void the_newest_release_is_meant(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "plan dispatch easy/prod"), 0);
	assert_string_equal(rig_str(r, "release"), "v0.9.4");
}

struct spoiled {
	const char *what, *check, *status;
	int exit_status;
	void (*spoil)(struct fake *f);
};

static void no_tag(struct fake *f)
{
	f->no_tag = true;
}
static void draft(struct fake *f)
{
	f->release.draft = true;
}
static void no_asset(struct fake *f)
{
	f->release.assets = "[{\"name\":\"trusted_values.json\"},{\"name\":\"gcp-image.json\"}]";
}
static void damaged_assets(struct fake *f)
{
	f->release.assets = "[{";
}
static void disabled(struct fake *f)
{
	f->workflow_state = "disabled_manually";
}
static void waiting(struct fake *f)
{
	add_run(f, "Production Rollout v0.9.4", RUN_WAITING, CONCLUSION_OTHER);
}
/* It waits since before as many runs as a page holds. */
static void waiting_long(struct fake *f)
{
	waiting(f);
	for (int i = 0; i < 3; i++)
		add_run(f, "Production Rollout v0.9.3", RUN_COMPLETED, CONCLUSION_SUCCESS);
	f->page = 3;
}
static void too_many(struct fake *f)
{
	waiting_long(f);
	waiting(f);
	f->page_of_status = 1;
}
static void odd_status(struct fake *f)
{
	add_run(f, "Production Rollout v0.9.4", RUN_OTHER, CONCLUSION_OTHER);
}
static void older(struct fake *f)
{
	f->behind = 3;
}
static void live_already(struct fake *f)
{
	add_run(f, "Production Rollout v0.9.4", RUN_COMPLETED, CONCLUSION_SUCCESS);
}
static void no_gate(struct fake *f)
{
	f->no_environment = true;
}
static void empty_gate(struct fake *f)
{
	f->environment = "{\"id\":99,\"name\":\"production\",\"reviewers\":[],\"wait_timer\":0}";
}
static void refused_token(struct fake *f)
{
	f->fail[FORGE_USER] = ERR_AUTH;
}
static void no_runs(struct fake *f)
{
	f->fail[FORGE_RUNS] = ERR_SERVER;
}
static void no_compare(struct fake *f)
{
	f->fail[FORGE_COMPARE] = ERR_SERVER;
}

static void every_bad_fact_stops_it(void **state)
{
	static const struct spoiled cases[] = {
		{ "no tag", "tag", "missing", 1, no_tag },
		{ "draft", "release", "bad", 1, draft },
		{ "asset", "asset:example-images", "missing", 1, no_asset },
		{ "damaged assets", "asset:gcp-image", "unchecked", 5, damaged_assets },
		{ "workflow off", "workflow", "bad", 1, disabled },
		{ "in flight", "in_flight", "bad", 1, waiting },
		{ "in flight for long", "in_flight", "bad", 1, waiting_long },
		{ "more in flight than read", "in_flight", "unchecked", 5, too_many },
		{ "unknown status", "in_flight", "bad", 1, odd_status },
		{ "older", "order", "bad", 1, older },
		{ "live", "live", "bad", 1, live_already },
		{ "no gate", "environment", "missing", 1, no_gate },
		{ "empty gate", "environment", "bad", 1, empty_gate },
		{ "401", "token", "bad", 1, refused_token },
		{ "runs unread", "in_flight", "unchecked", 5, no_runs },
		{ "compare unread", "order", "unchecked", 5, no_compare },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r;

		rig_teardown(state);
		rig_setup(state);
		r = *state;
		cases[i].spoil(&r->fake);
		print_message("%s\n", cases[i].what);
		assert_int_equal(rig_ask(r, "plan dispatch easy/prod v0.9.4"), cases[i].exit_status);
		assert_string_equal(rig_check(r, cases[i].check), cases[i].status);
		assert_int_not_equal(rig_ask(r, DISPATCH), 0);
		assert_int_equal(r->fake.sends, 0);
	}
}

/* What a run for a pull request built is not live, and its failure breaks nothing. */
static void a_pull_request_decides_nothing(void **state)
{
	static const int ends[] = { CONCLUSION_SUCCESS, CONCLUSION_FAILURE };
	struct rig *r = *state;

	for (size_t i = 0; i < countof(ends); i++) {
		add_run(&r->fake, "Production Rollout v0.9.4", RUN_COMPLETED, ends[i]);
		r->fake.runs[r->fake.runs_n - 1].event = "pull_request";
		assert_int_equal(rig_ask(r, "plan dispatch easy/prod v0.9.4"), 0);
		assert_string_equal(rig_check(r, "live"), "ok");
		assert_string_equal(rig_str(r, "live"), "v0.9.3");
	}
}

static void nothing_answers_is_the_network(void **state)
{
	struct rig *r = *state;

	for (int i = 0; i < FORGE_READ_MAX_; i++)
		r->fake.fail[i] = ERR_OFFLINE;
	assert_int_equal(rig_ask(r, "plan dispatch easy/prod v0.9.4"), 4);
	assert_string_equal(rig_str(r, "error.code"), "offline");
	assert_int_equal(rig_ask(r, "plan cancel 1000"), 4);
}

/* What could not be read whole is no answer: neither a plan nor a success. */
static void a_damaged_answer_is_no_success(void **state)
{
	static const struct {
		enum forge_read_kind kind;
		const char *line;
	} cases[] = {
		{ FORGE_RELEASES, "dispatch easy/prod --confirm 'easy/prod v0.9.4'" },
		{ FORGE_RUNS, "rollback easy/prod --reason x --confirm easy/prod" },
		{ FORGE_RUN, "cancel 1001 --confirm easy/prod" },
		{ FORGE_JOBS, "log 1001" },
	};
	struct rig *r = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		memset(r->fake.damaged, 0, sizeof(r->fake.damaged));
		r->fake.damaged[cases[i].kind] = 1;
		assert_int_equal(rig_ask(r, cases[i].line), 4);
		assert_string_equal(rig_str(r, "error.code"), "server");
		assert_non_null(strstr(rig_str(r, "error.message"), "damaged"));
	}
	assert_int_equal(r->fake.sends, 0);
}

static void what_is_not_there_is_a_no(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "plan dispatch easy/nowhere v1"), 1);
	assert_string_equal(rig_str(r, "error.code"), "missing");
	assert_int_equal(rig_ask(r, "plan cancel 424242"), 1);
	assert_string_equal(rig_str(r, "error.code"), "missing");
	assert_int_equal(rig_ask(r, "plan cancel abc"), 2);
	assert_int_equal(rig_ask(r, "plan lanes"), 2);
	assert_int_equal(rig_ask(r, "plan dispatch"), 2);
	assert_int_equal(rig_ask(r, "plan dispatch easy/staging"), 1);
}

/* What is live on a lane without tags is a part of a listed run, and the list is gone when it is compared with. */
static void a_lane_without_tags_is_compared_by_commit(void **state)
{
	struct rig *r = *state;
	struct run *done = &r->fake.runs[r->fake.runs_n++];

	*done = r->fake.runs[0];
	done->id = 4000;
	done->path = ".github/workflows/staging-rollout.yml";
	done->head_sha = "3333333333333333333333333333333333333333";
	done->status = RUN_COMPLETED;
	done->conclusion = CONCLUSION_SUCCESS;
	vec_each (lane, &r->profiles.items[0].lanes)
		lane->start = START_DISPATCH; /* the profile's own lane of that kind starts by itself */
	(void)rig_ask(r, "plan dispatch easy/staging");
	assert_string_equal(rig_str(r, "live"), "3333333333333333333333333333333333333333");
}

static void hostile_tags_are_not_sent(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "plan dispatch easy/prod 'v1\xe2\x80\xae'"), 1);
	assert_string_equal(rig_check(r, "tag"), "bad");
	assert_null(strstr(r->text, "\xe2\x80\xae"));
}

static void rollback_goes_to_the_previous(void **state)
{
	struct rig *r = *state;

	r->fake.behind = 4;
	r->fake.asset_tag = "v0.9.2";
	r->fake.release.assets = "[{\"name\":\"trusted_values.json\"},{\"name\":\"gcp-image.json\"},{"
				 "\"name\":\"example-images.json\"}]";
	assert_int_equal(rig_ask(r, "plan rollback easy/prod"), 1);
	assert_string_equal(rig_check(r, "reason"), "missing");
	assert_int_equal(rig_ask(r, "plan rollback easy/prod --reason 'errors rise'"), 0);
	assert_string_equal(rig_str(r, "release"), "v0.9.2");
	assert_string_equal(rig_str(r, "confirm"), "easy/prod");
	assert_string_equal(rig_check(r, "order"), "ok");
	r->fake.asset_tag = "v0.9.3";
	waiting(&r->fake); /* a way back is not blocked by what it flees from, and leads to what ran before that */
	assert_int_equal(rig_ask(r, "plan rollback easy/prod --reason 'errors rise'"), 0);
	assert_string_equal(rig_str(r, "release"), "v0.9.3");
	assert_string_equal(rig_check(r, "live"), "ok");
}

/* A rollout that failed may have changed production half-way: back is to what ran well before it. */
static void a_failed_rollout_goes_back_to_live(void **state)
{
	struct rig *r = *state;

	add_run(&r->fake, "Production Rollout v0.9.4", RUN_COMPLETED, CONCLUSION_FAILURE);
	r->fake.asset_tag = "v0.9.3";
	r->fake.behind = 3;
	assert_int_equal(rig_ask(r, "plan rollback easy/prod --reason 'half done'"), 0);
	assert_string_equal(rig_str(r, "release"), "v0.9.3");
	assert_string_equal(rig_check(r, "live"), "ok");
	assert_non_null(strstr(r->text, "run 5000 v0.9.4 failure"));
	assert_int_equal(rig_ask(r, "plan dispatch easy/prod v0.9.3"), 1);
	assert_string_equal(rig_check(r, "live"), "bad");
	r->fake.behind = 0;
	assert_int_equal(rig_ask(r, "plan rollback easy/prod v0.9.4 --reason x"),
			 1); /* forward is no way back */
	assert_string_equal(rig_check(r, "order"), "bad");
}

/* While a way back is under way, what is live is what it leaves. */
static void back_while_going_back_is_not_forward(void **state)
{
	struct rig *r = *state;

	add_run(&r->fake, "Production Rollout v0.9.2", RUN_WAITING, 0);
	r->fake.asset_tag = "v0.9.3";
	r->fake.behind = 0;
	assert_int_equal(rig_ask(r, "plan rollback easy/prod --reason 'pressed twice'"), 1);
	assert_string_equal(rig_check(r, "leaving"), "bad");
	assert_int_equal(rig_ask(r, "plan rollback easy/prod v0.9.3 --reason 'that failed as well'"), 0);
}

#define FILE_HEAD \
	"name: Production Rollout\nrun-name: Rollout ${{ inputs.release_tag }} [${{ inputs.rc_intent }}]\n"
#define FILE_ON   "on:\n  workflow_dispatch:\n    inputs:\n      release_tag: {required: true}\n"
#define FILE_REST "      rc_intent: {required: false}\n      expected_sha: {required: false}\n"

/* The rest of the file, which keeps the policies that the profile declares. */
#define FILE_POLICIES                                                                                      \
	"jobs:\n  bootstrap:\n    with: {tcb_enforcement_mode: strict, nonce_enforcement_mode: required, " \
	"rtmr_enforcement_mode: strict, signature_verification_mode: strict, "                             \
	"auth_require_github_oauth_in_production: 'true', billing_capacity_request_dev_simulation: "       \
	"'false'}\n"

/* The workflow at the ref decides what may be sent, whatever the profile says. */
static void the_workflow_file_is_believed(void **state)
{
	static const struct {
		const char *file, *check, *status;
		int exit_status;
	} cases[] = {
		{ FILE_HEAD FILE_ON FILE_REST, "declared", "ok", 0 },
		{ FILE_HEAD FILE_ON FILE_REST, "nonce", "ok", 0 },
		{ "name: x\n" FILE_ON FILE_REST, "nonce", "unchecked", 0 },
		{ FILE_HEAD FILE_ON "      expected_sha: {}\n", "declared", "ok", 0 },     /* no contract, */
		{ FILE_HEAD FILE_ON "      expected_sha: {}\n", "nonce", "unchecked", 0 }, /* which is said */
		{ FILE_HEAD FILE_ON FILE_REST, "contract", "unchecked", 0 },
		{ FILE_HEAD "on: [push, release]\n", "declared", "bad", 1 },
		{ FILE_HEAD "on: push\n", "declared", "bad", 1 },
		{ FILE_HEAD "on: workflow_dispatch\n", "declared", "bad", 1 },
		{ FILE_HEAD FILE_ON FILE_REST "      size: {required: true}\n", "declared", "bad", 1 },
		{ FILE_HEAD FILE_ON FILE_REST "      size: {required: true, default: tiny}\n", "declared",
		  "ok", 0 },
		{ "on: &a\n  workflow_dispatch: *a\n", "workflow_file", "unchecked", 5 },
		{ NULL, "workflow_file", "unchecked", 1 },
	};
	struct rig *r = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		autofree(arena) struct arena a = ARENA_INIT;

		r->fake.file = cases[i].file ? arena_printf(&a, "%s%s", cases[i].file, FILE_POLICIES) : NULL;
		assert_int_equal(rig_ask(r, "plan dispatch easy/prod v0.9.4"), cases[i].exit_status);
		if (strcmp(rig_check(r, cases[i].check), cases[i].status) != 0)
			fail_msg("case %zu: %s is %s", i, cases[i].check, rig_check(r, cases[i].check));
	}
	r->fake.file = FILE_HEAD FILE_ON FILE_REST
		"      size: {type: choice, options: [tiny, llm]}\n" FILE_POLICIES;
	assert_int_equal(rig_ask(r, "plan dispatch easy/prod v0.9.4 --input size=llm"), 0);
	assert_int_equal(rig_ask(r, "plan dispatch easy/prod v0.9.4 --input size=huge"), 1);
	assert_non_null(strstr(r->text, "input size takes no huge"));
}

/* The five lines that a workflow needs to be guarded, and what the plan makes of fewer. */
#define GUARD_ON    FILE_HEAD FILE_ON FILE_REST "      lock_epoch: {required: false}\n"
#define GUARD_FIRST "jobs:\n  guard:\n    steps:\n      - run: check "
#define GUARD_THREE "${{ inputs.rc_intent }} ${{ inputs.expected_sha }} ${{ inputs.lock_epoch }}\n"
#define GUARDED                                                                                          \
	"  bootstrap:\n    needs: guard\n    with: {tcb_enforcement_mode: strict, "                      \
	"nonce_enforcement_mode: required, rtmr_enforcement_mode: strict, signature_verification_mode: " \
	"strict, auth_require_github_oauth_in_production: 'true', "                                      \
	"billing_capacity_request_dev_simulation: 'false'}\n"

static const char *detail_of(struct rig *r, const char *name)
{
	const struct json *checks = json_get(r->json, "checks");

	for (size_t i = 0; i < json_size(checks); i++)
		if (text_eq(json_str(json_at(checks, i), "name"), name))
			return json_str(json_at(checks, i), "detail");
	return "";
}

/* What the file has of the contract is sent, and what is sent and checked is what guards. */
static void the_contract_is_used_where_it_is(void **state)
{
	struct rig *r = *state;

	r->fake.file = GUARD_ON GUARD_FIRST GUARD_THREE GUARDED;
	assert_int_equal(rig_ask(r, "plan dispatch easy/prod v0.9.4"), 0);
	assert_string_equal(detail_of(r, "contract"),
			    "not guarded against an old lock; job guard refuses a used nonce, a moved tag");
	assert_false(json_bool(r->json, "contract.guarded", true));
	assert_true(json_bool(r->json, "contract.expected_sha", false));
	r->fake.file = "name: x\n" FILE_ON FILE_POLICIES;
	assert_int_equal(rig_ask(r, DISPATCH), 0);
	assert_string_equal(r->fake.body, "{\"ref\":\"main\",\"inputs\":{\"release_tag\":\"v0.9.4\"}}");
}

static void gate_waits(struct fake *f, bool mine)
{
	f->runs[1].status = RUN_WAITING;
	f->runs[1].conclusion = CONCLUSION_OTHER;
	f->gates[0] = (struct gate){ .environment_id = 99,
				     .environment = "production",
				     .can_approve = mine,
				     .why_not = mine ? "" : "you are no reviewer",
				     .reviewers = "ben" };
	f->gates_n = 1;
}

static void approving(void **state)
{
	struct rig *r = *state;

	gate_waits(&r->fake, true);
	assert_int_equal(rig_ask(r, "plan approve 1001 production"), 1); /* also where the forge allows it */
	assert_string_equal(rig_check(r, "self_review"), "bad");
	r->fake.runs[1].actor = "ben";
	assert_int_equal(rig_ask(r, "plan approve 1001 production"),
			 1); /* who started it again is the same */
	assert_non_null(strstr(r->text, "you started it again: another must approve"));
	r->fake.runs[1].triggering_actor = "ben";
	assert_int_equal(rig_ask(r, "plan approve 1001 production"), 0);
	assert_string_equal(rig_str(r, "confirm"), "easy/prod v0.9.3");
	assert_string_equal(detail_of(r, "protection"), "ben; the forge lets who started it approve");
	assert_int_equal(rig_ask(r, "plan approve 1001 prod"), 0); /* the lane's word for it */
	r->fake.runs[1].actor = r->fake.runs[1].triggering_actor = "octo-ana";
	r->fake.environment = "{\"id\":99,\"reviewers\":[\"ben\"],\"prevent_self_review\":true}";
	assert_int_equal(rig_ask(r, "plan approve 1001 production"), 1);
	assert_string_equal(rig_check(r, "self_review"), "bad");
	r->fake.runs[1].actor = r->fake.runs[1].triggering_actor = "ben";
	assert_int_equal(rig_ask(r, "plan approve 1001 production"), 0);
	gate_waits(&r->fake, false);
	assert_int_equal(rig_ask(r, "plan approve 1001 production"), 1);
	assert_string_equal(rig_check(r, "reviewer"), "bad");
}

static void a_disposed_gate_names_who(void **state)
{
	struct rig *r = *state;

	gate_waits(&r->fake, true);
	r->fake.gates_n = 0;
	r->fake.reviews[0] = (struct review){
		.state = "approved", .user = "ben", .comment = "go", .environments = "production"
	};
	r->fake.reviews_n = 1;
	assert_int_equal(rig_ask(r, "approve 1001 production --confirm 'easy/prod v0.9.3'"), 1);
	assert_string_equal(rig_check(r, "gate"), "bad");
	assert_non_null(strstr(r->text, "approved by ben: go"));
	assert_int_equal(r->fake.sends, 0);
}

static void inputs_of_a_person(void **state)
{
	struct rig *r = *state;

	assert_int_equal(
		rig_ask(r,
			"plan dispatch easy/prod v0.9.4 --input cp_url=https://x --input expected_sha=other"),
		0);
	const struct json *rq = json_at(json_get(r->json, "requests"), 0);

	assert_string_equal(json_str(rq, "body.inputs.cp_url"), "https://x");
	assert_string_equal(json_str(rq, "body.inputs.expected_sha"), "other");
}

/* Nobody could look: that is not known, and not good. */
static void without_proofs_nothing_goes(void **state)
{
	struct rig *r = *state;

	assert_int_equal(store_proofs_put(r->cache, "easy/prod", NULL, 0, NULL), 0);
	assert_int_equal(rig_ask(r, "plan dispatch easy/prod v0.9.4"), 5);
	assert_non_null(strstr(r->text, "nothing is known of proofs of v0.9.4"));
	proven(r->cache, PROOF_UNCHECKED, clock_wall(&r->clock));
	assert_int_equal(rig_ask(r, "plan dispatch easy/prod v0.9.4"), 5);
	proven(r->cache, PROOF_MISSING, clock_wall(&r->clock));
	assert_int_equal(rig_ask(r, "plan dispatch easy/prod v0.9.4"), 1);
	proven(r->cache, PROOF_FAILED, clock_wall(&r->clock));
	assert_int_equal(rig_ask(r, "plan dispatch easy/prod v0.9.4"), 1);
	assert_non_null(strstr(r->text, "what failed is never let through"));
	/* looked at in an hour: a clock is wrong, and how old it is nobody knows */
	proven(r->cache, PROOF_VERIFIED, (struct when){ clock_wall(&r->clock).ms + 3600000 });
	assert_int_equal(rig_ask(r, "plan dispatch easy/prod v0.9.4"), 5);
	proven(r->cache, PROOF_VERIFIED, clock_wall(&r->clock));
	assert_int_equal(rig_ask(r, "plan dispatch easy/prod v0.9.4"), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(a_plan_is_whole),
		T(without_proofs_nothing_goes),
		T(a_plan_id_is_stable),
		T(an_act_without_phrase_is_a_plan),
		T(the_newest_release_is_meant),
		T(every_bad_fact_stops_it),
		T(nothing_answers_is_the_network),
		T(a_pull_request_decides_nothing),
		T(a_damaged_answer_is_no_success),
		T(what_is_not_there_is_a_no),
		T(a_lane_without_tags_is_compared_by_commit),
		T(hostile_tags_are_not_sent),
		T(rollback_goes_to_the_previous),
		T(a_failed_rollout_goes_back_to_live),
		T(back_while_going_back_is_not_forward),
		T(the_workflow_file_is_believed),
		T(the_contract_is_used_where_it_is),
		T(approving),
		T(a_disposed_gate_names_who),
		T(inputs_of_a_person),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
