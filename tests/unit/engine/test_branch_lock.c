/* What others must see too: the lock of branch-deploy beside ours, and a line that only a chain stops. */
#include "lane_lock.h"

/* A branch of the other tool, written past the engine. */
static void writes_foreign(struct captains *b, const char *method, const char *target, const char *body)
{
	struct world_request rq = { .method = method,
				    .target = target,
				    .authorization = "Bearer kim",
				    .user_agent = "test",
				    .body = body,
				    .body_n = strlen(body) };
	struct world_answer out = { 0 };

	world_answer(b->world, &rq, &out, &b->a);
	assert_int_equal(out.http.status, 201);
}

#define BRANCH "production-branch-deploy-lock"

static const char *asks(struct captains *b, const char *target, const char *member)
{
	struct world_request rq = {
		.method = "GET", .target = target, .authorization = "Bearer x", .user_agent = "test"
	};
	struct world_answer out = { 0 };
	struct json *j = NULL;
	const char *s;

	world_answer(b->world, &rq, &out, &b->a);
	if (out.http.status == 404)
		return "none";
	assert_int_equal(json_parse(&j, out.http.body, out.http.body_n, 1 << 20, NULL), 0);
	s = arena_strdup(&b->a, json_str(j, member));
	json_free(j);
	return s;
}

static const char *ref_at(struct captains *b, const char *ref)
{
	return asks(b, arena_printf(&b->a, "/repos/" EASY "/git/ref/%s", ref), "object.sha");
}

static void kim_locks_elsewhere(struct captains *b)
{
	writes_foreign(b, "POST", "/repos/" EASY "/git/refs",
		       arena_printf(&b->a, "{\"ref\":\"refs/heads/" BRANCH "\",\"sha\":\"%s\"}",
				    ref_at(b, "heads/main")));
	writes_foreign(b, "PUT", "/repos/" EASY "/contents/lock.json",
		       "{\"message\":\"lock\",\"branch\":\"" BRANCH "\",\"content\":"
		       "\"eyJyZWFzb24iOiJ0ZXN0aW5nIiwiY3JlYXRlZF9ieSI6ImtpbSIsImNyZWF0ZWRfYXQiOiIyMDI2LTExLTI"
		       "xVDA2OjAwOjAwWiJ9"
		       "\"}");
}

static void counts_branch_deploy(struct captains *b)
{
	struct profile_lane *lane = (struct profile_lane *)profiles_lane(&b->profiles, "easy/prod", NULL);

	lane->lock = LANE_LOCK_BRANCH_DEPLOY;
}

static void another_tools_lock_counts(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0], *kim = &b->one[1];

	counts_branch_deploy(b);
	captain_does(ana, "plan dispatch easy/prod v0.9.4");
	assert_string_equal(captain_check(ana, "foreign_lock", "status"), "none");
	kim_locks_elsewhere(b);
	assert_int_equal(captain_does(ana, SHIP), 1);
	assert_string_equal(captain_check(ana, "foreign_lock", "detail"),
			    "held by kim, since 2026-11-21T06:00:00Z: testing");
	captain_does(kim, "plan dispatch easy/prod v0.9.4");
	assert_string_equal(captain_check(kim, "foreign_lock", "status"), "ok");
}

/* Read again between plan and commit, as everything is. */
static void another_tools_lock_voids_the_plan(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0];
	const char *id;

	counts_branch_deploy(b);
	assert_int_equal(captain_does(ana, "plan dispatch easy/prod v0.9.4"), 0);
	id = arena_strdup(&b->a, captain_str(ana, "plan_id"));
	kim_locks_elsewhere(b);
	assert_int_equal(captain_does(ana, arena_printf(&b->a, SHIP " --plan %s", id)), 1);
	assert_string_equal(captain_str(ana, "error.code"), "changed");
	assert_string_equal(
		captain_str(ana, "error.message"),
		"changed: foreign_lock moved: absent -> kim, since 2026-11-21T06:00:00Z: testing");
	assert_int_equal(world_count_runs(b->world, EASY, "production-rollout.yml", "workflow_dispatch"), 0);
}

/* The other tool sees what a captain holds; the branch follows each link and goes with the release. */
static void a_lock_is_told_to_the_other_tool(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0], *kim = &b->one[1];
	const char *first;

	counts_branch_deploy(b);
	assert_int_equal(captain_does(ana, "plan lock easy/prod --reason x"), 0);
	assert_int_equal(json_size(json_get(ana->json, "requests")), 4);
	assert_int_equal(captain_does(ana, LOCK), 0);
	first = ref_at(b, "heads/" BRANCH);
	assert_string_equal(first, ref_at(b, "pilothouse/lock/easy/prod"));
	assert_string_equal(asks(b, "/repos/" EASY "/contents/lock.json?ref=" BRANCH, "name"), "lock.json");
	captain_does(ana, "plan dispatch easy/prod v0.9.4");
	assert_string_equal(captain_check(ana, "lane_lock", "status"), "ok");
	assert_string_equal(captain_check(ana, "foreign_lock", "status"), "none"); /* one lock, not two */
	assert_int_equal(captain_does(ana, LOCK), 0);
	assert_string_not_equal(first, ref_at(b, "heads/" BRANCH));
	assert_string_equal(ref_at(b, "heads/" BRANCH), ref_at(b, "pilothouse/lock/easy/prod"));
	assert_int_equal(
		captain_does(kim, "lock easy/prod --force --reason 'ana sleeps' --confirm easy/prod"), 0);
	assert_string_equal(ref_at(b, "heads/" BRANCH), ref_at(b, "pilothouse/lock/easy/prod"));
	assert_int_equal(captain_does(kim, UNLOCK), 0);
	assert_string_equal(ref_at(b, "heads/" BRANCH), "none");
	assert_int_equal(captain_does(ana, LOCK), 0);
	assert_int_equal(captain_does(ana, UNLOCK), 0);
	assert_string_equal(ref_at(b, "heads/" BRANCH), "none");
}

/* What somebody else put there is never moved and never deleted. */
static void a_branch_of_others_is_left(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0], *kim = &b->one[1];
	const char *theirs;

	counts_branch_deploy(b);
	kim_locks_elsewhere(b);
	theirs = ref_at(b, "heads/" BRANCH);
	assert_int_equal(captain_does(ana, LOCK), 1);
	assert_string_equal(captain_check(ana, "foreign_lock", "status"), "bad");
	assert_int_equal(ana->badge.writes, 0);
	assert_int_equal(
		captain_does(ana, "lock easy/prod --force --reason 'kim is ill' --confirm easy/prod"), 0);
	assert_string_equal(ref_at(b, "heads/" BRANCH), theirs);
	assert_int_equal(captain_does(ana, UNLOCK), 0);
	assert_string_equal(ref_at(b, "heads/" BRANCH), theirs);
	assert_int_equal(captain_does(kim, LOCK), 0); /* kim's own, both ways */
	assert_string_equal(ref_at(b, "heads/" BRANCH), theirs);
}

/* Our ref is the lock. That theirs could not be written is told, and so is that nobody knows yet. */
static void the_branch_may_fail(void **state)
{
	static const struct {
		enum world_fault how;
		int status, http;
		bool act_first, there;
	} cases[] = {
		{ WORLD_OK, 0, 403, false, false },
		{ WORLD_RESET, 3, 0, false, false },
		{ WORLD_RESET, 3, 0, true, true },
	};
	struct captains *b = *state;
	struct captain *ana = &b->one[0];

	counts_branch_deploy(b);
	captain_does(ana, LOCK); /* the chain is there: what creates a ref is the branch's request */
	captain_does(ana, UNLOCK);
	for (size_t i = 0; i < countof(cases); i++) {
		struct world_fault_rule rule = { .match = "POST *git/refs",
						 .how = cases[i].how,
						 .status = cases[i].http,
						 .act_first = cases[i].act_first,
						 .count = 1 };

		world_arm(b->world, &rule);
		if (captain_does(ana, LOCK) != cases[i].status)
			fail_msg("case %zu: %d %s", i, ana->status, captain_str(ana, "error.message"));
		lets_pass(b, 60000);
		assert_int_equal(captain_does(ana, "reconcile"), 0);
		assert_int_equal(json_size(json_get(ana->json, "items")), 0);
		captain_does(ana, "plan dispatch easy/prod v0.9.4");
		assert_non_null(strstr(captain_check(ana, "lane_lock", "detail"), "you hold it"));
		assert_int_equal(strcmp(ref_at(b, "heads/" BRANCH), "none") != 0, cases[i].there);
		assert_int_equal(captain_does(ana, UNLOCK), 0);
		assert_string_equal(ref_at(b, "heads/" BRANCH), "none");
	}
}

/* Objects that no ref leads to are nothing; after our ref it is no word of ours that nothing was sent. */
static void a_journal_may_fail_between_two_requests(void **state)
{
	static const struct {
		int writes, status;
		const char *state, *words;
		bool held;
	} cases[] = {
		{ 1, 6, "not_sent", "the journal's file was replaced or removed", false },
		{ 2, 6, "not_sent", "the journal's file was replaced or removed", false },
		{ 3, 3, "unknown",
		  "it is done, but not this: create the branch of branch-deploy at the link: the journal's "
		  "file was replaced or removed",
		  true },
	};
	struct captain *ana;

	for (size_t i = 0; i < countof(cases); i++) {
		struct captains *b;

		teardown(state);
		setup(state);
		b = *state;
		ana = &b->one[0];
		counts_branch_deploy(b);
		captain_asks(ana, LOCK);
		for (int ms = 0; ms < 120000 && ana->badge.writes < cases[i].writes; ms += 100)
			lets_pass(b, 100);
		assert_int_equal(unlink(ana->path), 0);
		for (int ms = 0; ms < 120000 && !ana->answered; ms += 100)
			lets_pass(b, 100);
		assert_true(ana->answered);
		assert_int_equal(ana->badge.writes, cases[i].writes);
		if (ana->status != cases[i].status)
			fail_msg("case %zu: %d %s", i, ana->status, captain_str(ana, "error.message"));
		assert_string_equal(captain_str(ana, "state"), cases[i].state);
		assert_string_equal(captain_str(ana, "error.message"), cases[i].words);
		assert_int_equal(strcmp(ref_at(b, "pilothouse/lock/easy/prod"), "none") != 0, cases[i].held);
	}
}

/* Their lock is a hold of the lane without an epoch, and ours told to them is none of its own. */
static void another_tools_lock_is_seen(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0];
	struct world_fault_rule rule = { .match = "GET *contents/lock.json*", .status = 503, .count = 3 };
	struct hold h;

	counts_branch_deploy(b);
	engine_attach(ana->en, 1);
	captain_does(ana, LOCK);
	lets_pass(b, 90000);
	h = first_hold(ana, "easy/prod");
	assert_int_equal(h.kind, HOLD_LOCK);
	assert_int_equal(h.epoch, 1);
	captain_does(ana, UNLOCK);
	kim_locks_elsewhere(b);
	lets_pass(b, 200000);
	h = first_hold(ana, "easy/prod");
	assert_int_equal(h.kind, HOLD_FOREIGN);
	assert_int_equal(h.epoch, 0);
	assert_string_equal(h.owner, "kim");
	assert_string_equal(h.reason, "testing");
	assert_string_equal(h.source, "branch " BRANCH);
	world_arm(b->world, &rule);
	lets_pass(b, 100000);
	assert_int_equal(first_hold(ana, "easy/prod").kind, HOLD_FOREIGN);
}

/* ---- the line ---- */

/* A system without a freeze of its own is stopped by a chain, and both captains heed it. */
static void a_line_is_stopped_by_a_chain(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0], *kim = &b->one[1];

	b->profiles.items[0].freezes.n = 0;
	assert_int_equal(captain_does(ana, "thaw easy --confirm easy"), 1);
	assert_string_equal(captain_check(ana, "line_freeze", "detail"), "the line is open");
	assert_int_equal(captain_does(ana, "freeze easy --confirm easy"), 1); /* no reason */
	assert_int_equal(captain_does(ana, "freeze easy --by tag --reason x --confirm easy"), 1);
	assert_int_equal(ana->badge.writes, 0);
	assert_int_equal(captain_does(ana, "freeze easy --reason 'bad canary' --confirm easy"), 0);
	assert_string_equal(captain_str(ana, "state"), "done");
	assert_string_not_equal(ref_at(b, "pilothouse/freeze/easy"), "none");
	assert_int_equal(captain_does(kim, SHIP), 1);
	assert_string_equal(
		captain_check(kim, "line_freeze", "detail"),
		"easy is frozen by captain (ana@bastion), since 2026-11-21 07:00Z, until it is released: bad "
		"canary");
	assert_int_equal(captain_does(kim, "freeze easy --reason too --confirm easy"), 1);
	assert_int_equal(captain_does(kim, "thaw easy --confirm easy"), 1);
	assert_int_equal(captain_does(kim, "thaw easy --reason 'it was the sampler' --confirm easy"), 0);
	captain_does(ana, "plan dispatch easy/prod v0.9.4");
	assert_string_equal(captain_check(ana, "line_freeze", "status"), "none");
	assert_int_equal(captain_does(ana, "freeze easy --reason again --confirm easy"), 0);
	assert_int_equal(captain_does(ana, "thaw easy --confirm easy"), 0);
}

/* For a time, by the server's clock: it falls by itself, and nobody has to remember it. */
static void a_line_is_stopped_for_a_time(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0], *kim = &b->one[1];
	struct hold h;

	if (b->profiles.items[0].freezes.n) {
		assert_int_equal(captain_does(ana, "freeze easy --for 30m --reason x --confirm easy"), 1);
		assert_non_null(strstr(captain_str(ana, "error.message"), "does not lift by itself"));
	}
	b->profiles.items[0].freezes.n = 0;
	assert_int_equal(captain_does(ana, "freeze easy --for soon --reason x --confirm easy"), 2);
	assert_int_equal(ana->badge.writes, 0);
	assert_int_equal(captain_does(ana, "freeze easy --for 30m --reason 'bad canary' --confirm easy"), 0);
	assert_int_equal(captain_does(kim, SHIP), 1);
	assert_string_equal(captain_check(kim, "line_freeze", "detail"),
			    "easy is frozen by captain (ana@bastion), since 2026-11-21 07:00Z, until 07:30Z: "
			    "bad canary");
	engine_attach(ana->en, 1);
	lets_pass(b, 200000);
	h = first_hold(ana, "easy/prod");
	assert_int_equal(h.kind, HOLD_CON_FREEZE);
	assert_true(when_known(h.until));
	lets_pass(b, 30 * 60000);
	assert_false(hold_is_active(&h, clock_wall(&b->clock)));
	captain_does(kim, "plan dispatch easy/prod v0.9.4");
	assert_string_equal(captain_check(kim, "line_freeze", "status"), "none");
	assert_int_equal(captain_does(kim, "freeze easy --for 1h --reason again --confirm easy"), 0);
	assert_int_equal(captain_does(kim, "thaw easy --confirm easy"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(another_tools_lock_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(another_tools_lock_voids_the_plan, setup, teardown),
		cmocka_unit_test_setup_teardown(a_lock_is_told_to_the_other_tool, setup, teardown),
		cmocka_unit_test_setup_teardown(a_branch_of_others_is_left, setup, teardown),
		cmocka_unit_test_setup_teardown(the_branch_may_fail, setup, teardown),
		cmocka_unit_test_setup_teardown(a_journal_may_fail_between_two_requests, setup, teardown),
		cmocka_unit_test_setup_teardown(another_tools_lock_is_seen, setup, teardown),
		cmocka_unit_test_setup_teardown(a_line_is_stopped_by_a_chain, setup, teardown),
		cmocka_unit_test_setup_teardown(a_line_is_stopped_for_a_time, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
