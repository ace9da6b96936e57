/* An act is durable before it leaves, leaves once, and what came of it is said as it is. */
#include "core/rules/after.h"

#include "rig.h"

#include <sys/resource.h>
#include <signal.h>

static void a_dispatch_is_linked(void **state)
{
	struct rig *r = *state;
	struct intents in;

	assert_int_equal(rig_ask(r, DISPATCH " --reason 'weekly'"), 0);
	assert_string_equal(rig_str(r, "state"), "linked");
	assert_int_equal(json_int(r->json, "run_id", 0), 5000);
	assert_string_equal(rig_str(r, "run_url"), "https://forge.test/runs/5000");
	assert_int_equal(strlen(rig_str(r, "nonce")), 32);
	assert_int_equal(r->fake.sends, 1);
	assert_non_null(strstr(r->fake.body, rig_str(r, "nonce")));
	assert_int_equal(rig_intents(r, &in), 1);
	assert_int_equal(in.items[0].state, INTENT_LINKED);
	assert_int_equal(in.items[0].sends, 1);
	assert_int_equal(in.items[0].exclude_run, 1001);
	assert_string_equal(in.items[0].reason, "weekly");
	assert_string_equal(in.items[0].who, "ana@bastion (octo-ana)");
	assert_string_equal(in.items[0].body, r->fake.body);
}

static void the_mirror_shows_it(void **state)
{
	struct rig *r = *state;
	struct key key = { .limit = 1 };
	struct intent in;

	rig_ask(r, DISPATCH);
	assert_int_equal(store_one(r->cache, Q_intents_recent, &rec_key, &key, &rec_intent, &in, &r->a, NULL),
			 0);
	assert_int_equal(in.state, INTENT_LINKED);
	assert_int_equal(in.run_id, 5000);
}

static void the_phrase_must_be_exact(void **state)
{
	static const char *const wrong[] = { "easy/prod", "easy/prod v0.9.3", "easy/prod v0.9.4 ",
					     "EASY/PROD v0.9.4", "yes" };
	struct rig *r = *state;
	struct intents in;

	for (size_t i = 0; i < countof(wrong); i++) {
		assert_int_equal(
			rig_ask(r, arena_printf(&r->a, "dispatch easy/prod v0.9.4 --confirm '%s'", wrong[i])),
			1);
		assert_string_equal(rig_str(r, "error.code"), "confirm");
		assert_non_null(strstr(rig_str(r, "error.message"), "easy/prod v0.9.4"));
	}
	assert_int_equal(r->fake.sends, 0);
	assert_int_equal(rig_intents(r, &in), 0);
}

static void nothing_to_be_done_is_null(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "dispatch easy/prod v0.9.4 --input no-value"), 2);
	assert_int_equal(json_type(json_get(r->json, "error.fix")), JSON_NULL);
}

static void a_plan_that_was_read_is_sent(void **state)
{
	struct rig *r = *state;
	const char *id;

	rig_ask(r, "plan dispatch easy/prod v0.9.4");
	id = arena_strdup(&r->a, rig_str(r, "plan_id"));
	assert_int_equal(rig_plan_ask(r, DISPATCH, id), 0);
	assert_string_equal(rig_str(r, "plan_id"), id);
}

static void moved_branch(struct fake *f)
{
	f->branch_sha = "3333333333333333333333333333333333333333";
}

static void moved_tag(struct fake *f)
{
	f->tag_sha = "2222222222222222222222222222222222222222";
}
static void replaced_asset(struct fake *f)
{
	f->release.assets = "[{\"name\":\"trusted_values.v0.9.4.json\",\"updated_at\":\"bb\"},"
			    "{\"name\":\"gcp-image.v0.9.4.json\"},{\"name\":\"example-images.v0.9.4.json\"}]";
}
static void new_run(struct fake *f)
{
	add_run(f, "Production Rollout v0.9.5", RUN_IN_PROGRESS, CONCLUSION_OTHER);
}
static void fewer_reviewers(struct fake *f)
{
	f->environment = "{\"id\":99,\"reviewers\":[\"mallory\"],\"wait_timer\":0}";
}
static void other_workflow(struct fake *f)
{
	f->file =
		"on:\n  workflow_dispatch:\n    inputs: {release_tag: {}, rc_intent: {}, expected_sha: {}}\n";
}
static void other_login(struct fake *f)
{
	f->login = "octo-ben";
}
static void made_immutable(struct fake *f)
{
	f->release.immutable = true;
}
static void own_approval(struct fake *f)
{
	f->environment = "{\"id\":99,\"name\":\"production\",\"reviewers\":[\"ben\"],"
			 "\"prevent_self_review\":true,\"wait_timer\":0}";
}
static void shorter_wait(struct fake *f)
{
	f->environment = "{\"id\":99,\"name\":\"production\",\"reviewers\":[\"ben\"],"
			 "\"prevent_self_review\":false,\"wait_timer\":30}";
}
static void bypass(struct fake *f)
{
	f->environment =
		"{\"id\":99,\"name\":\"production\",\"reviewers\":[\"ben\"],\"prevent_self_review\":false,"
		"\"wait_timer\":0,\"can_admins_bypass\":true}";
}
static void other_branches(struct fake *f)
{
	f->environment =
		"{\"id\":99,\"name\":\"production\",\"reviewers\":[\"ben\"],\"prevent_self_review\":false,"
		"\"wait_timer\":0,\"branch_policy\":\"any\"}";
}
static void delivered_again(struct fake *f)
{
	add_run(f, "Production Rollout v0.9.3", RUN_COMPLETED, CONCLUSION_SUCCESS);
}
static void failed_meanwhile(struct fake *f)
{
	add_run(f, "Production Rollout v0.9.5", RUN_COMPLETED, CONCLUSION_FAILURE);
}
static void queued_run(struct fake *f)
{
	add_run(f, "Production Rollout v0.9.5", RUN_QUEUED, CONCLUSION_OTHER);
}
static void further_ahead(struct fake *f)
{
	f->ahead = 6;
}
/* Signed by another, or with another message: the commit stays. */
static void tag_made_anew(struct fake *f)
{
	f->tag_object = "5555555555555555555555555555555555555555";
}

/* ---- chains of captains: refs, and the link that each leads to ---- */

#define LOCK_SHA   "6666666666666666666666666666666666666666"
#define FREEZE_SHA "7777777777777777777777777777777777777777"

static const struct git_ref chain_refs[] = {
	{ .name = "pilothouse/lock/easy/prod", .sha = LOCK_SHA, .type = "commit" },
	{ .name = "pilothouse/freeze/easy", .sha = FREEZE_SHA, .type = "commit" },
};

static void has_chain(struct fake *f, size_t which, const char *who, int epoch, const char *state)
{
	struct git_commit *link = arena_new(&f->a, struct git_commit);

	*link = (struct git_commit){
		.sha = chain_refs[which].sha,
		.tree = SHA,
		.message = arena_printf(
			&f->a,
			"{\"id\":\"n%d\",\"who\":\"%s\",\"host\":\"ana@bastion\",\"purpose\":\"x\","
			"\"created\":\"2026-11-21T00:00:00Z\",\"expires\":null,\"epoch\":%d,"
			"\"state\":\"%s\"}",
			epoch, who, epoch, state),
	};
	f->things[f->things_n++] =
		(struct fake_thing){ .kind = FORGE_REFS, .items = &chain_refs[which], .n = 1 };
	f->things[f->things_n++] =
		(struct fake_thing){ .kind = FORGE_GIT_COMMIT, .name = link->sha, .items = link, .n = 1 };
}
static void locked_by_us(struct fake *f)
{
	has_chain(f, 0, "octo-ana", 1, "held");
}
static void locked_by_another(struct fake *f)
{
	has_chain(f, 0, "octo-ben", 1, "held");
}
static void line_frozen(struct fake *f)
{
	has_chain(f, 1, "octo-ben", 1, "held");
}
static void line_thawed(struct fake *f)
{
	has_chain(f, 1, "octo-ben", 2, "released");
}
static void disabled(struct fake *f)
{
	f->workflow_state = "disabled_manually";
}

/* Compare and swap: what was read is what is sent, or nothing is. */
static void a_world_that_moved_voids_the_plan(void **state)
{
	static const struct {
		const char *words;
		void (*move)(struct fake *f);
	} cases[] = {
		{ "changed: tag moved: 1111111", moved_tag },
		{ "changed: ref moved: main 1111111111111111111111111111111111111111 -> main 3333333",
		  moved_branch },
		{ "changed: release moved", replaced_asset },
		{ "changed: in_flight moved: none -> 5000", new_run },
		{ "changed: in_flight moved: none -> 5000 queued", queued_run },
		{ "changed: live moved: v0.9.3 by run 1001", delivered_again },
		{ "changed: broken is new: run 5000 v0.9.5 failure", failed_meanwhile },
		{ "changed: compare moved: 5 ahead, 0 behind -> 6 ahead", further_ahead },
		{ "changed: workflow moved: active -> disabled_manually", disabled },
		{ "changed: release moved: ", made_immutable },
		{ "changed: environment moved", fewer_reviewers },
		{ "changed: environment moved: prevent_self_review: false -> true", own_approval },
		{ "changed: environment moved: wait_timer: 0 -> 30", shorter_wait },
		{ "changed: environment moved: can_admins_bypass: nothing -> true", bypass },
		{ "changed: environment moved: branch_policy: nothing -> any", other_branches },
		{ "changed: file moved: ", other_workflow },
		{ "changed: user moved: octo-ana -> octo-ben", other_login },
		{ "changed: tag_object moved: commit 1111111111111111111111111111111111111111 -> tag 5555555",
		  tag_made_anew },
		{ "changed: lane_lock moved: free -> held at 666666666666, by octo-ana (ana@bastion)",
		  locked_by_us },
		{ "changed: lane_lock moved: free -> held at 666666666666, by octo-ben", locked_by_another },
		{ "changed: line_freeze moved: free -> held at 777777777777, by octo-ben", line_frozen },
		{ "changed: line_freeze moved: free -> free at 777777777777", line_thawed },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r;
		const char *id;

		rig_teardown(state);
		rig_setup(state);
		r = *state;
		rig_ask(r, "plan dispatch easy/prod v0.9.4");
		id = arena_strdup(&r->a, rig_str(r, "plan_id"));
		cases[i].move(&r->fake);
		assert_int_equal(rig_plan_ask(r, DISPATCH, id), 1);
		assert_string_equal(rig_str(r, "error.code"), "changed");
		if (!text_starts(rig_str(r, "error.message"), cases[i].words))
			fail_msg("%s", rig_str(r, "error.message"));
		assert_int_equal(r->fake.sends, 0);
	}
}

/* Whoever reads a plan and has the profile edited before it is sent agrees to something else, whatever was edited. */
static void another_profile_voids_the_plan(void **state)
{
	struct rig *r = *state;
	struct profile_lane *l = (struct profile_lane *)profiles_lane(&r->profiles, "easy/prod", NULL);
	const char *id;

	rig_ask(r, "plan dispatch easy/prod v0.9.4");
	id = arena_strdup(&r->a, rig_str(r, "plan_id"));
	l->back_dwell_min++;
	assert_int_equal(rig_plan_ask(r, DISPATCH, id), 1);
	assert_string_equal(rig_str(r, "error.code"), "changed");
	assert_true(text_starts(rig_str(r, "error.message"), "changed: profile.sha256: "));
	assert_int_equal(r->fake.sends, 0);
}

/* A list of refs that ends early, or lost one, may lack the lock that somebody else holds. */
static void a_list_of_locks_that_is_cut_is_no_free_lane(void **state)
{
	struct rig *r = *state;

	r->fake.things[r->fake.things_n++] =
		(struct fake_thing){ .kind = FORGE_REFS, .items = &chain_refs[1], .n = 0, .cut = true };
	assert_int_equal(rig_ask(r, DISPATCH), 5);
	assert_string_equal(rig_check(r, "lane_lock"), "unchecked");
	r->fake.things_n--;
	r->fake.damaged[FORGE_REFS] = 1;
	assert_int_equal(rig_ask(r, DISPATCH), 5);
	assert_string_equal(rig_check(r, "lane_lock"), "unchecked");
	assert_int_equal(r->fake.sends, 0);
}

static void what_the_forge_says_is_said(void **state)
{
	static const struct {
		enum err_kind kind;
		int exit_status;
		const char *state;
	} cases[] = {
		{ ERR_CONFLICT, 1, "refused" },   { ERR_FORBIDDEN, 1, "refused" },
		{ ERR_MISSING, 1, "refused" },    { ERR_AUTH, 1, "refused" },
		{ ERR_RATE, 1, "refused" },       { ERR_OFFLINE, 4, "not_sent" },
		{ ERR_CANCELLED, 4, "not_sent" }, { ERR_UNKNOWN, 3, "unknown" },
		{ ERR_SERVER, 3, "unknown" },     { ERR_CORRUPT, 3, "unknown" },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r;
		struct intents in;

		rig_teardown(state);
		rig_setup(state);
		r = *state;
		r->fake.act_fail = cases[i].kind;
		assert_int_equal(rig_ask(r, DISPATCH), cases[i].exit_status);
		assert_string_equal(rig_str(r, "state"), cases[i].state);
		assert_true(json_int(r->json, "intent", 0) > 0);
		assert_int_equal(r->fake.sends, 1);
		assert_int_equal(rig_intents(r, &in), 1);
		assert_int_equal(in.items[0].state, names_value(&intent_state_names, cases[i].state));
	}
}

/* 5xx or a reset after the act: unknown, found by its nonce, one run, one send. */
static void a_lost_answer_is_found_not_repeated(void **state)
{
	struct rig *r = *state;
	struct intents in;

	r->fake.act_fail = ERR_UNKNOWN;
	r->fake.act_first = true;
	assert_int_equal(rig_ask(r, DISPATCH), 3);
	assert_string_equal(rig_str(r, "state"), "unknown");
	r->fake.act_fail = ERR_NONE;
	assert_int_equal(rig_ask(r, DISPATCH), 3); /* no twin meanwhile, from anywhere */
	assert_string_equal(rig_str(r, "error.code"), "twin");
	loop_advance(r->loop, 5000);
	assert_int_equal(rig_intents(r, &in), 1);
	assert_int_equal(in.items[0].state, INTENT_LINKED);
	assert_int_equal(in.items[0].run_id, 5000);
	assert_int_equal(r->fake.sends, 1);
	assert_non_null(strstr(r->notice, "linked"));
}

static void an_accepted_dispatch_without_id_waits_for_its_run(void **state)
{
	struct rig *r = *state;

	r->fake.no_run_id = true;
	assert_int_equal(rig_ask(r, DISPATCH), 0);
	assert_string_equal(rig_str(r, "state"), "linked");
	assert_int_equal(json_int(r->json, "run_id", 0), 5000);
	assert_int_equal(r->fake.sends, 1);
}

static void and_the_wait_is_bounded(void **state)
{
	struct rig *r = *state;
	struct intents in;

	r->fake.no_run_id = r->fake.hide_runs = true;
	assert_int_equal(rig_ask(r, DISPATCH), 3);
	assert_string_equal(rig_str(r, "state"), "unknown");
	r->fake.hide_runs = false;
	loop_advance(r->loop, 60000);
	rig_intents(r, &in);
	assert_int_equal(in.items[0].state, INTENT_LINKED);
	assert_int_equal(r->answers, 1);
}

static void two_consoles_send_one(void **state)
{
	struct rig *r = *state;

	rig_begin(r, DISPATCH, NULL);
	rig_begin(r, DISPATCH, NULL);
	rig_begin(r, "rollback easy/prod v0.9.2 --reason 'x y' --confirm easy/prod", NULL);
	rig_wait(r, 3);
	assert_int_equal(r->fake.sends, 1);
}

/* Writes stand one second apart, and the facts are read again when that made them old. */
static void writes_keep_their_distance(void **state)
{
	struct rig *r = *state;
	int64_t first;

	assert_int_equal(rig_ask(r, DISPATCH), 0);
	first = r->clock.mono;
	assert_int_equal(rig_ask(r, "cancel 5000 --confirm easy/prod"), 0);
	assert_true(r->clock.mono - first >= 900);
	assert_int_equal(r->fake.sends, 2);
	assert_string_equal(rig_str(r, "state"), "done");
}

static void approve_and_its_second(void **state)
{
	struct rig *r = *state;
	static const char line[] =
		"approve 5000 production --comment 'looks good' --confirm 'easy/prod v0.9.4'";

	rig_ask(r, DISPATCH);
	r->fake.login = "ben";
	r->fake.gates[0] =
		(struct gate){ .environment_id = 99, .environment = "production", .can_approve = true };
	r->fake.gates_n = 1;
	assert_int_equal(rig_ask(r, line), 0);
	assert_string_equal(rig_str(r, "state"), "done");
	assert_int_equal(json_int(r->json, "run_id", 0), 5000);
	assert_non_null(strstr(
		r->fake.body,
		arena_printf(&r->a,
			     "{\"environment_ids\":[99],\"state\":\"approved\",\"comment\":\"looks good "
			     "[pilothouse %s] [pilothouse audit 4 ",
			     rig_str(r, "nonce"))));
	assert_int_equal(rig_ask(r, line), 1); /* disposed already: no second request (K6) */
	assert_non_null(strstr(r->text, "approved by ben"));
	assert_int_equal(r->fake.sends, 2);
}

/* An approval is for one attempt at one commit (K8). */
static void approval_is_bound_to_the_attempt(void **state)
{
	struct rig *r = *state;
	const char *id;

	rig_ask(r, DISPATCH);
	r->fake.login = "ben";
	r->fake.gates[0] =
		(struct gate){ .environment_id = 99, .environment = "production", .can_approve = true };
	r->fake.gates_n = 1;
	rig_ask(r, "plan approve 5000 production");
	id = arena_strdup(&r->a, rig_str(r, "plan_id"));
	r->fake.runs[2].attempt = 2;
	assert_int_equal(rig_plan_ask(r, "approve 5000 production --confirm 'easy/prod v0.9.4'", id), 1);
	assert_string_equal(rig_str(r, "error.code"), "changed");
	assert_int_equal(r->fake.sends, 1);
}

static void cancel_and_rerun(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "cancel 1001 --confirm easy/prod"), 1); /* it is over */
	assert_int_equal(rig_ask(r, "rerun 1001 --confirm easy/prod"), 0);
	assert_string_equal(rig_str(r, "state"), "done");
	assert_int_equal(r->fake.runs[1].attempt, 2);
	assert_int_equal(rig_ask(r, "plan cancel 1001 --force"), 0);
	assert_string_equal(rig_check(r, "force"), "bad"); /* it warns and does not stop */
	assert_int_equal(rig_ask(r, "cancel 1001 --force --confirm easy/prod"), 0);
}

static void without_journal_nothing_leaves(void **state)
{
	struct rig *r = *state;

	engine_free(r->en);
	journal_close(r->journal);
	r->journal = NULL;
	rig_up(r);
	assert_int_equal(rig_ask(r, DISPATCH), 6);
	assert_non_null(strstr(r->text, "read-only file system"));
	assert_string_equal(json_str(r->json, "error.fix"), "mount it for writing");
	assert_int_equal(rig_ask(r, "plan dispatch easy/prod v0.9.4"), 1);
	assert_string_equal(rig_check(r, "journal"), "bad");
	assert_non_null(strstr(r->text, "mount it for writing"));
	assert_int_equal(rig_ask(r, "reconcile"), 6);
	assert_string_equal(json_str(r->json, "error.fix"), "mount it for writing");
	assert_int_equal(r->fake.sends, 0);
}

static void a_replaced_journal_stops_it(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rename(rig_path(r, "journal.db"), rig_path(r, "moved.db")), 0);
	assert_int_equal(rig_ask(r, DISPATCH), 6);
	assert_int_equal(r->fake.sends, 0);
	assert_int_equal(rename(rig_path(r, "moved.db"), rig_path(r, "journal.db")), 0);
}

/* The disk is full at every size from nothing to enough: a request leaves only when its intent is durable. */
static void a_full_disk_sends_nothing(void **state)
{
	int sent = 0, held = 0;
	struct rlimit was;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	for (rlim_t room = 0; room < 160000; room += 4000) {
		struct rlimit full = { .rlim_cur = room, .rlim_max = was.rlim_max };
		struct rig *r;
		struct intents in;

		rig_teardown(state);
		rig_setup(state);
		r = *state;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
		rig_ask(r, DISPATCH);
		loop_advance(r->loop, 3000);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
		assert_true(r->fake.sends <= 1);
		if (r->fake.sends) {
			sent++;
			assert_int_equal(r->status, 0);
			assert_int_equal(rig_intents(r, &in), 1);
			assert_true(in.items[0].state == INTENT_SENT || in.items[0].state == INTENT_LINKED);
		} else {
			held++;
			assert_int_equal(r->status, 6);
		}
		loop_advance(r->loop, 10000); /* there is room again: what is known is written down */
		if (rig_intents(r, &in))
			assert_int_equal(in.items[0].state, r->fake.sends ? INTENT_LINKED : INTENT_NOT_SENT);
		assert_true(r->fake.sends <= 1);
	}
	assert_true(sent > 0);
	assert_true(held > 0);
}

/* What only the journal keeps is in it or is not: half of it is nothing that another waits for. */
static void a_note_on_a_full_disk_is_none(void **state)
{
	int kept = 0, failed = 0;
	struct rlimit was;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	for (rlim_t room = 0; room < 160000; room += 4000) {
		struct rlimit full = { .rlim_cur = room, .rlim_max = was.rlim_max };
		struct rig *r;
		struct intents in;

		rig_teardown(state);
		rig_setup(state);
		r = *state;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
		rig_ask(r, "note easy/prod first");
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
		kept += r->status == 0;
		failed += r->status == 6;
		loop_advance(r->loop, 10000);
		for (int i = rig_intents(r, &in); i-- > 0;)
			assert_int_equal(in.items[i].state, kept ? INTENT_DONE : INTENT_NOT_SENT);
		assert_int_equal(rig_ask(r, "note easy/prod second"), 0);
	}
	assert_true(kept > 0);
	assert_true(failed > 0);
}

/* The disk is full when the answer comes, and has room again when the run is looked at: the alarm is the last word. */
static void an_alarm_outlives_a_full_disk(void **state)
{
	struct rig *r = *state;
	struct rlimit was, full;
	struct intents in;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	full = (struct rlimit){ .rlim_cur = 0, .rlim_max = was.rlim_max };
	r->fake.run_sha = "2222222222222222222222222222222222222222";
	rig_begin(r, DISPATCH, NULL);
	for (int i = 0; i < 1000 && !r->fake.sends; i++)
		loop_advance(r->loop, 10);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	loop_advance(r->loop, LATENCY + 10);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	rig_wait(r, 1);
	assert_int_equal(r->status, 3);
	loop_advance(r->loop, 10000);
	assert_int_equal(rig_intents(r, &in), 1);
	assert_int_equal(in.items[0].state, INTENT_LINKED);
	assert_true(text_starts(in.items[0].note, AFTER_ALARM));
	assert_false(acts_busy(r->en->acts));
}

static void read_only_has_no_acts(void **state)
{
	struct rig *r = *state;

	engine_free(r->en);
	r->read_only = true;
	rig_up(r);
	assert_int_equal(rig_ask(r, DISPATCH), 2);
	assert_int_equal(rig_ask(r, "plan dispatch easy/prod v0.9.4"), 0);
	assert_int_equal(r->fake.sends, 0);
}

static void a_refused_token_locks_acts(void **state)
{
	struct rig *r = *state;

	for (int i = 0; i < FORGE_READ_MAX_; i++)
		r->fake.fail[i] = ERR_AUTH;
	assert_int_not_equal(rig_ask(r, DISPATCH), 0);
	assert_int_equal(r->fake.sends, 0);
}

static void count_looks(void *ctx, const char *event, const char *text)
{
	int *looks = ctx;

	(void)text;
	*looks += !strncmp(event, "token", 5);
}

/* A captain renews the token hours later: whoever holds it is asked to look at every try, not only at the first. */
static void a_refused_token_is_looked_at_again(void **state)
{
	struct rig *r = *state;
	int looks = 0;

	engine_on_event(r->en, count_looks, &looks);
	for (int i = 0; i < FORGE_READ_MAX_; i++)
		r->fake.fail[i] = ERR_AUTH;
	engine_attach(r->en, 1);
	loop_advance(r->loop, 5 * 60 * 1000);
	assert_in_range(looks, 4, 12);
	engine_attach(r->en, -1);
}

/* The engine dies at every moment of an act. Whatever is on disk then, the next one neither sends again nor forgets. */
static void dying_at_any_moment(void **state)
{
	int open_after = 0, sent_runs = 0;

	for (int at = 0; at <= 400; at += 10) {
		struct rig *r;
		struct intents in;

		rig_teardown(state);
		rig_setup(state);
		r = *state;
		r->fake.no_run_id = at % 20 == 0;
		rig_begin(r, DISPATCH, NULL);
		loop_advance(r->loop, at);
		rig_crash(r);
		open_after += rig_intents(r, &in) && in.items[0].state == INTENT_UNKNOWN;
		loop_advance(r->loop, 60000);
		assert_true(r->fake.sends <= 1);
		assert_int_equal(rig_intents(r, &in), r->fake.sends);
		if (r->fake.sends) {
			sent_runs++;
			assert_int_equal(in.items[0].state, INTENT_LINKED);
			assert_int_equal(in.items[0].run_id, 5000);
		}
		assert_int_equal(r->fake.runs_n, 2 + (size_t)r->fake.sends);
	}
	assert_true(open_after > 0);
	assert_true(sent_runs > open_after);
}

/* Two captains, two consoles, one lane, at the same moment, while the gap after another act holds both back: each plan is
 * right when it is made, and what the first has sent by then is in no fact of the second. */
static void two_at_once_send_once(void **state)
{
	static const char *const seconds[] = {
		DISPATCH,
		"rollback easy/prod v0.9.2 --reason x --confirm easy/prod",
	};
	struct rig *r = *state;

	for (size_t i = 0; i < countof(seconds); i++) {
		int sends, answers;

		r->fake.runs[1].status = RUN_WAITING;
		assert_int_equal(rig_ask(r, "cancel 1001 --confirm easy/prod"), 0);
		r->fake.runs[1].conclusion = CONCLUSION_SUCCESS;
		sends = r->fake.sends;
		answers = r->answers;
		r->fake.act_fail = i ? ERR_UNKNOWN : ERR_NONE;
		rig_begin(r, DISPATCH, NULL);
		rig_begin(r, seconds[i], NULL);
		rig_wait(r, answers + 2);
		assert_int_equal(r->fake.sends, sends + 1);
		assert_int_not_equal(r->status, 0);
		r->fake.act_fail = ERR_NONE;
		r->fake.runs_n = 2; /* what was started is over */
		loop_advance(r->loop, 2 * 60 * 60 * 1000);
	}
}

static int sent_so(void **state, const char *line, int status, msec late, int at)
{
	struct rig *r;

	rig_teardown(state);
	rig_setup(state);
	r = *state;
	r->fake.late = late;
	r->fake.runs[1].status = status;
	rig_begin(r, line, NULL);
	loop_advance(r->loop, at);
	rig_begin(r, line, NULL);
	rig_wait(r, 2);
	return r->fake.sends;
}

/* The same at every distance, of an act that happens only when it is answered: what is read while another act is under way
 * may be of before it, though it was read after it was sent. */
static void facts_read_beside_an_act_send_nothing(void **state)
{
	for (int at = 0; at <= 600; at += 20) {
		for (msec late = 30; late <= 150; late += 60) {
			assert_int_equal(
				sent_so(state, "cancel 1001 --confirm easy/prod", RUN_WAITING, late, at), 1);
			assert_int_equal(sent_so(state, DISPATCH, RUN_COMPLETED, late, at), 1);
		}
	}
}

/* Acts that are no twins as well: what the one does, and no reading tells before it is answered, may forbid the other. */
static void one_act_is_under_way_at_a_time(void **state)
{
	struct rig *r = *state;

	r->fake.late = 5000;
	rig_begin(r, "freeze easy --reason 'bad canary' --confirm easy", NULL);
	for (int i = 0; i < 100 && !r->fake.sends; i++)
		loop_advance(r->loop, 20);
	assert_int_equal(r->fake.sends, 1);
	rig_begin(r, DISPATCH, NULL);
	loop_advance(r->loop, 4000);
	assert_int_equal(r->fake.sends, 1);
	assert_int_equal(r->answers, 0); /* it waits, and is not refused */
}

/* Interrupted later and later: either it is certain that nothing was sent, and so it stays, or the act goes its way. */
static void who_leaves_in_time_sends_nothing(void **state)
{
	struct rig *r = *state;
	struct intents all;
	int moments = 0;

	for (bool stopped = true; stopped; moments++) {
		int want = r->answers + 1;

		rig_begin(r, DISPATCH, NULL);
		for (int i = 0; i < moments; i++)
			loop_advance(r->loop, 20);
		stopped = engine_leave(r->en, r);
		rig_wait(r, want);
		assert_int_equal(r->status, stopped ? 130 : 0);
		assert_int_equal(r->fake.sends, stopped ? 0 : 1);
		assert_int_equal(rig_intents(r, &all), stopped ? 0 : 1);
	}
	assert_true(moments > 3);
	assert_false(engine_leave(r->en, r));
}

/* Its run is known, and only the run's commit is not read yet: the engine that stops then has sent something, and says so. */
static void stopping_after_the_send_is_no_denial(void **state)
{
	struct rig *r = *state;
	struct intents in = { 0 };

	rig_begin(r, DISPATCH, NULL);
	for (int i = 0; i < 1000 && !(rig_intents(r, &in) && in.items[0].state == INTENT_LINKED); i++)
		loop_advance(r->loop, 10);
	assert_int_equal(r->answers, 0);
	engine_free(r->en);
	rig_up(r);
	assert_int_equal(r->answers, 1);
	assert_int_equal(r->status, 3);
	assert_null(strstr(r->text, "nothing was sent"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(a_dispatch_is_linked),
		T(the_mirror_shows_it),
		T(the_phrase_must_be_exact),
		T(nothing_to_be_done_is_null),
		T(a_plan_that_was_read_is_sent),
		T(a_world_that_moved_voids_the_plan),
		T(another_profile_voids_the_plan),
		T(a_list_of_locks_that_is_cut_is_no_free_lane),
		T(what_the_forge_says_is_said),
		T(a_lost_answer_is_found_not_repeated),
		T(an_accepted_dispatch_without_id_waits_for_its_run),
		T(and_the_wait_is_bounded),
		T(two_consoles_send_one),
		T(writes_keep_their_distance),
		T(approve_and_its_second),
		T(approval_is_bound_to_the_attempt),
		T(cancel_and_rerun),
		T(without_journal_nothing_leaves),
		T(a_replaced_journal_stops_it),
		T(a_full_disk_sends_nothing),
		T(an_alarm_outlives_a_full_disk),
		T(a_note_on_a_full_disk_is_none),
		T(read_only_has_no_acts),
		T(a_refused_token_locks_acts),
		T(a_refused_token_is_looked_at_again),
		T(dying_at_any_moment),
		T(two_at_once_send_once),
		T(facts_read_beside_an_act_send_nothing),
		T(one_act_is_under_way_at_a_time),
		T(who_leaves_in_time_sends_nothing),
		T(stopping_after_the_send_is_no_denial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
