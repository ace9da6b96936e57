/*
 * rig.h - an engine over the forge of fake.h on a manual clock: what the tests of plans, acts and reconciling share.
 *
 * A test sets the facts, arms at most one fault for the next act, and asks by command line. The journal is a real file in
 * a directory of the test's own, so that an engine can die and come back.
 */
#pragma once

#include "tests/folder.h"
#include "fake_act.h"
#include "proven.h"

/* ---- the rig ------------------------------------------------------------------------------------------------------ */

struct rig {
	struct arena a;
	struct clock clock;
	struct loop *loop;
	struct fake fake;
	char dir[64];
	struct store *cache;
	struct journal *journal;
	struct profiles profiles;
	struct engine *en;
	bool read_only;
	const char *notice; /* the last */
	struct sign *sign;
	const char *allowed_signers;
	/* last answer */
	int answers, status;
	struct json *json;
	const char *text;
};

static inline void rig_event(void *ctx, const char *event, const char *text)
{
	struct rig *r = ctx;

	if (!strcmp(event, "notice"))
		r->notice = arena_strdup(&r->a, text);
}

static inline const char *rig_path(struct rig *r, const char *name)
{
	return arena_printf(&r->a, "%s/%s", r->dir, name);
}

static inline void rig_up(struct rig *r)
{
	struct engine_options o = { .loop = r->loop,
				    .forge = &r->fake.forge,
				    .cache = r->cache,
				    .journal = r->journal,
				    .journal_why = "it is on a read-only file system",
				    .journal_fix = "mount it for writing",
				    .profiles = &r->profiles,
				    .sha256 = rig_digest,
				    .sign = r->sign,
				    .allowed_signers = r->allowed_signers,
				    .plans_dir = rig_path(r, "plans"),
				    .api = "https://forge.test",
				    .read_only = r->read_only,
				    .who = "ana@bastion" };
	struct err e = ERR_INIT;

	assert_int_equal(engine_new(&r->en, &o, &e), 0);
	engine_on_event(r->en, rig_event, r);
}

static inline void rig_open_journal(struct rig *r)
{
	struct err e = ERR_INIT;

	if (journal_open(&r->journal, rig_path(r, "journal.db"), &e) != 0)
		fail_msg("%s", e.message);
}

/* kill -9 and a new engine: only what is on disk survives. Answers of the forge still under way find nobody. */
static inline void rig_crash(struct rig *r)
{
	engine_free(r->en);
	fake_end(&r->fake.forge);
	journal_close(r->journal);
	rig_open_journal(r);
	rig_up(r);
}

/* The workflow's file takes what the profile says, and keeps the policies that it declares. */
static const char rig_workflow[] =
	"name: Production Rollout\n"
	"run-name: Rollout ${{ inputs.release_tag }} [${{ inputs.rc_intent }}]\n"
	"on:\n  workflow_dispatch:\n    inputs:\n      release_tag: {required: true}\n"
	"      rc_intent: {required: false}\n      expected_sha: {required: false}\n"
	"      cp_url: {required: false}\n"
	"jobs:\n  bootstrap:\n    with: {tcb_enforcement_mode: strict, nonce_enforcement_mode: required, "
	"rtmr_enforcement_mode: strict, signature_verification_mode: strict, "
	"auth_require_github_oauth_in_production: 'true', billing_capacity_request_dev_simulation: "
	"'false'}\n";

static inline void rig_facts(struct fake *f)
{
	f->file = rig_workflow;
	f->forge.ops = &fake_ops;
	f->login = "octo-ana";
	f->workflow_state = "active";
	f->tag_sha = SHA;
	f->asset_tag = "v0.9.4";
	f->environment =
		"{\"id\":99,\"name\":\"production\",\"reviewers\":[\"ben\"],\"prevent_self_review\":false,"
		"\"wait_timer\":0}";
	f->release = (struct release){
		.id = 3,
		.tag = "v0.9.4",
		.assets = "[{\"name\":\"trusted_values.v0.9.4.json\",\"updated_at\":\"aa\"},"
			  "{\"name\":\"gcp-image.v0.9.4.json\"},{\"name\":\"example-images.v0.9.4.json\"}]",
	};
	f->earlier = (struct release){ .id = 2,
				       .tag = "v0.9.3",
				       .assets = "[{\"name\":\"trusted_values.json\"},{\"name\":"
						 "\"gcp-image.json\"},{\"name\":\"example-images.json\"}]" };
	f->things[f->things_n++] =
		(struct fake_thing){ .kind = FORGE_RELEASE, .name = "v0.9.3", .items = &f->earlier, .n = 1 };
	f->things[f->things_n] = f->things[f->things_n - 1];
	f->things[f->things_n++].name = "v0.9.2";
	f->ahead = 5;
	f->next_run = 1000;
	add_run(f, "Production Rollout v0.9.2", RUN_COMPLETED, CONCLUSION_SUCCESS);
	add_run(f, "Production Rollout v0.9.3", RUN_COMPLETED, CONCLUSION_SUCCESS);
	f->next_run = 5000;
}

static inline int rig_setup(void **state)
{
	struct rig *r = x_alloc(sizeof(*r));
	struct when start = { INT64_C(1795244889000) };
	struct err e = ERR_INIT;

	*state = r;
	clock_manual(&r->clock, start);
	r->loop = loop_new(&r->clock);
	r->fake.loop = r->loop;
	rig_facts(&r->fake);
	folder_new(r->dir);
	assert_true(store_open(&r->cache, rig_path(r, "cache.db"), STORE_WRITE, &e) >= 0);
	rig_open_journal(r);
	if (profile_load(&r->profiles, "easyenclave", &r->a, &e) < 0)
		fail_msg("%s", e.message);
	proven(r->cache, PROOF_VERIFIED, clock_wall(&r->clock));
	rig_up(r);
	return 0;
}

static inline int rig_teardown(void **state)
{
	struct rig *r = *state;

	engine_free(r->en);
	fake_end(&r->fake.forge);
	journal_close(r->journal);
	store_close(r->cache);
	loop_free(r->loop);
	json_free(r->json);
	folder_drop(r->dir);
	arena_done(&r->fake.a);
	arena_done(&r->a);
	free(r);
	return 0;
}

/* ---- asking -------------------------------------------------------------------------------------------------------- */

static inline void rig_reply(void *ctx, int status, const char *text)
{
	struct rig *r = ctx;
	struct err e = ERR_INIT;

	json_free(r->json);
	r->json = NULL;
	r->answers++;
	r->status = status;
	r->text = arena_strdup(&r->a, text);
	if (json_parse(&r->json, text, strlen(text), (size_t)4 << 20, &e) < 0)
		fail_msg("the answer is no JSON: %s: %s", e.message, text);
}

static inline void rig_begin(struct rig *r, const char *line, const char *plan_id)
{
	const char **argv;
	int argc;

	assert_int_equal(command_split(&argv, &argc, line, &r->a, NULL), 0);
	engine_ask(r->en, argc, argv, plan_id, rig_reply, r);
}

static inline void rig_wait(struct rig *r, int answers)
{
	for (int i = 0; i < 4000 && r->answers < answers; i++)
		loop_advance(r->loop, 20);
	assert_int_equal(r->answers, answers);
}

/* Asks and waits for the answer; its exit status. */
static inline int rig_plan_ask(struct rig *r, const char *line, const char *plan_id)
{
	int want = r->answers + 1;

	rig_begin(r, line, plan_id);
	rig_wait(r, want);
	return r->status;
}

static inline int rig_ask(struct rig *r, const char *line)
{
	return rig_plan_ask(r, line, NULL);
}

static inline const char *rig_str(struct rig *r, const char *path)
{
	const char *s = json_str(r->json, path);

	return s ? s : "";
}

/* Status word of a check of the last plan, "" when it is not there. */
static inline const char *rig_check(struct rig *r, const char *name)
{
	const struct json *checks = json_get(r->json, "checks");

	for (size_t i = 0; i < json_size(checks); i++) {
		if (!strcmp(json_str(json_at(checks, i), "name"), name))
			return json_str(json_at(checks, i), "status");
	}
	return "";
}

static inline int rig_intents(struct rig *r, struct intents *out)
{
	*out = (struct intents){ 0 };
	assert_int_equal(journal_recent(r->journal, 100, out, &r->a, NULL), 0);
	return (int)out->n;
}

#define DISPATCH "dispatch easy/prod v0.9.4 --confirm \"easy/prod v0.9.4\""
