/* One lane, two captains: the forge takes the lock of one of them, and whoever was overtaken does nothing any more. */
#include "lane_lock.h"
#include "core/engine/audit.h"
#include "core/engine/tool.h"
#include "store/audit.h"

/* ---- links ---------------------------------------------------------------------------------------------------------- */

static void a_link_reads_back(void **state maybe_unused)
{
	struct arena a = ARENA_INIT;
	const struct reflock l = { .id = "n",
				   .who = "ana",
				   .host = "ana@b",
				   .purpose = "why \"so\"\x1b",
				   .epoch = 7,
				   .created = { 1795244400000 },
				   .expires = { 1795248000000 },
				   .held = true };
	struct git_commit c = { .sha = "s", .tree = "t", .message = reflock_message(&l, NULL, &a) };
	struct reflock back = { 0 };

	reflock_read(&back, &c, &a);
	assert_null(back.damage);
	assert_int_equal(back.epoch, 7);
	assert_int_equal(back.created.ms, l.created.ms);
	assert_int_equal(back.expires.ms, l.expires.ms);
	assert_true(back.held);
	assert_true(reflock_is_of(&back, "ana", "ana@b"));
	assert_false(reflock_is_of(&back, "ana", "ana@elsewhere"));
	assert_false(reflock_is_of(&back, "", "ana@b"));
	arena_done(&a);
}

static void it_runs_out_by_the_servers_clock_and_grace(void **state maybe_unused)
{
	struct reflock l = { .sha = "s", .held = true, .expires = { 1000000 } };

	assert_int_equal(reflock_state(&l, (struct when){ 1000000 + REFLOCK_GRACE }), REFLOCK_HELD);
	assert_int_equal(reflock_state(&l, (struct when){ 1000001 + REFLOCK_GRACE }), REFLOCK_EXPIRED);
	l.expires = WHEN_NONE;
	assert_int_equal(reflock_state(&l, (struct when){ INT64_C(9000000000000) }), REFLOCK_HELD);
	l.held = false;
	assert_int_equal(reflock_state(&l, (struct when){ 0 }), REFLOCK_FREE);
	assert_int_equal(reflock_state(&(struct reflock){ 0 }, (struct when){ 0 }), REFLOCK_FREE);
}

static void what_is_not_understood_is_not_free(void **state maybe_unused)
{
	static const char *const bad[] = {
		"",
		"Merge branch",
		"[]",
		"{\"state\":\"released\"}",
		"{\"id\":\"n\",\"who\":\"a\",\"epoch\":1,\"created\":\"soon\",\"state\":\"released\"}",
		"{\"id\":\"n\",\"who\":\"a\",\"epoch\":0,\"created\":\"2026-11-21T07:00:00Z\",\"state\":"
		"\"released\"}",
		"{\"id\":\"n\",\"who\":\"a\",\"epoch\":1,\"created\":\"2026-11-21T07:00:00Z\",\"state\":"
		"\"open\"}",
		"{\"id\":\"n\",\"who\":\"a\",\"epoch\":1,\"created\":\"2026-11-21T07:00:00Z\",\"expires\":7,"
		"\"state\":\"held\"}",
		"{\"id\":\"n\",\"who\":\"a\",\"epoch\":9223372036854775807,\"created\":"
		"\"2026-11-21T07:00:00Z\",\"state\":\"released\"}",
		"{\"id\":\"n\",\"who\":\"a\",\"epoch\":1,\"created\":\"2026-11-21T07:00:00Z\",\"lines\":{},"
		"\"state\":\"released\"}",
		"{\"id\":\"n\",\"who\":\"a\",\"epoch\":1,\"created\":\"2026-11-21T07:00:00Z\",\"lines\":[7],"
		"\"state\":\"released\"}",
	};

	for (size_t i = 0; i < countof(bad); i++) {
		struct arena a = ARENA_INIT;
		struct reflock l = { 0 };

		reflock_read(&l, &(struct git_commit){ .sha = "s", .tree = "t", .message = bad[i] }, &a);
		if (reflock_state(&l, WHEN_NONE) != REFLOCK_DAMAGED)
			fail_msg("case %zu is %d", i, (int)reflock_state(&l, WHEN_NONE));
		arena_done(&a);
	}
}

static void fill(struct texts *list, size_t n, const char *line, struct arena *a)
{
	for (size_t i = 0; i < n; i++)
		*vec_push(list, a) = line;
}

/* What is left out is told to be: who accepts a hand-over accepts what he was shown. */
static void a_long_hand_over_says_what_it_leaves_out(void **state maybe_unused)
{
	struct arena a = ARENA_INIT;
	const char *big = arena_printf(&a, "%01000d", 0);
	struct reflock l = { .id = "n", .who = "ana", .host = "h", .purpose = "", .epoch = 7 };
	struct git_commit c = { .sha = "s", .tree = "t" };
	struct reflock back = { 0 };

	l.created.ms = 1795244400000;
	fill(&l.lines, 4000, "line", &a);
	c.message = reflock_message(&l, NULL, &a);
	reflock_read(&back, &c, &a);
	assert_null(back.damage);
	assert_int_equal(back.lines.n, 101);
	assert_string_equal(back.lines.items[100], "and 3900 more, which only the commit tells");
	l.lines = (struct texts){ 0 };
	fill(&l.accepted, 100, big, &a);
	c.message = reflock_message(&l, NULL, &a);
	reflock_read(&back, &c, &a);
	assert_null(back.damage);
	assert_int_equal(back.accepted.n, 1);
	assert_string_equal(back.accepted.items[0], "100 lines, too long to be told here");
	arena_done(&a);
}

static void words_tell_the_day(void **state maybe_unused)
{
	struct arena a = ARENA_INIT;
	struct reflock l = { .sha = "s", .who = "ana", .host = "h", .purpose = "x", .held = true };

	l.created.ms = 1795244400000;
	assert_string_equal(reflock_words(&l, &a),
			    "ana (h), since 2026-11-21 07:00Z, until it is released: x");
	l.expires.ms = l.created.ms + 3600000;
	assert_string_equal(reflock_words(&l, &a), "ana (h), since 2026-11-21 07:00Z, until 08:00Z: x");
	assert_true(when_parse(&l.expires, "9999-12-31T23:59:59Z") >= 0);
	assert_string_equal(reflock_words(&l, &a),
			    "ana (h), since 2026-11-21 07:00Z, until 9999-12-31 23:59Z: x");
	arena_done(&a);
}

/* ---- one captain ---------------------------------------------------------------------------------------------------- */

static void a_lock_is_taken_renewed_and_released(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0];

	assert_int_equal(captain_does(ana, "plan lock easy/prod --reason x"), 0);
	assert_int_equal(json_size(json_get(ana->json, "requests")), 3);
	assert_int_equal(captain_does(ana, "lock easy/prod --reason x"), 1);
	assert_string_equal(captain_str(ana, "confirm"), "easy/prod");
	assert_int_equal(ana->badge.writes, 0);
	assert_int_equal(captain_does(ana, "lock easy/prod --confirm easy/prod"), 1); /* no reason */
	assert_int_equal(captain_does(ana, LOCK), 0);
	assert_string_equal(captain_str(ana, "state"), "done");
	assert_int_equal(ana->badge.writes, 3);
	captain_does(ana, "plan dispatch easy/prod v0.9.4");
	assert_non_null(strstr(captain_check(ana, "lane_lock", "detail"), "you hold it, epoch 1"));
	assert_int_equal(captain_does(ana, LOCK), 0);
	assert_int_equal(captain_does(ana, UNLOCK), 0);
	assert_int_equal(captain_does(ana, UNLOCK), 1);
	assert_int_equal(captain_does(ana, LOCK), 0);
	captain_does(ana, "plan dispatch easy/prod v0.9.4");
	assert_non_null(strstr(captain_check(ana, "lane_lock", "detail"), "epoch 4"));
	assert_int_equal(captain_does(ana, "lock easy/prod --for soon --reason x"), 2);
	assert_int_equal(captain_does(ana, "lock easy/moon --reason x"), 1);
}

/* A lock stops captains, and not the run that is in the workflow's group. */
static void the_run_in_the_group_is_told(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0];
	const char *name = "note:group easyenclave-production-rollout";

	captain_does(ana, "plan lock easy/prod --reason x");
	assert_string_equal(captain_check(ana, name, "status"), "ok");
	assert_int_equal(captain_does(ana, SHIP), 0);
	assert_int_equal(captain_does(ana, "plan lock easy/prod --reason x"), 0);
	assert_non_null(strstr(captain_check(ana, name, "detail"), "holds it: it runs on"));
}

/* What the profile knows of the group's name is put in; what only a run knows is said not to be known. */
static void a_group_of_placeholders_is_told(void **state)
{
	static const struct {
		const char *group, *status, *says;
	} cases[] = {
		{ "easyenclave-${{ inputs.which }}-rollout", "unchecked", "holds it: it runs on" },
		{ "easyenclave-${{github.event.inputs.which}}-rollout", "unchecked", "holds it: it runs on" },
		{ "x-${{ github.ref }}", "ok", "nothing is in" },
		{ "x-${{ github.ref_name }}", "ok", "nothing is in" },
		{ "x-${{ github.run_id }}", "unchecked",
		  "its name holds github.run_id, which is known only" },
		{ "x-{ref}", "unchecked", "its name holds ref, which is known only" },
		{ "x-{release}", "unchecked", "its name holds release, which is known only" },
		{ "x-${{ inputs.which", "unchecked", "is not known" },
	};
	struct captains *b = *state;
	struct captain *ana = &b->one[0];
	struct profile_lane *lane = (struct profile_lane *)profiles_lane(&b->profiles, "easy/prod", NULL);
	struct profile_input more[16];

	assert_int_equal(captain_does(ana, SHIP), 0);
	assert_true(lane->inputs.n < countof(more));
	memcpy(more, lane->inputs.items, lane->inputs.n * sizeof(*more));
	more[lane->inputs.n++] = (struct profile_input){ .name = "which", .value = "production" };
	lane->inputs.items = more;
	lane->ref = "main";
	for (size_t i = 0; i < countof(cases); i++) {
		const char *name = arena_printf(&b->a, "note:group %s", cases[i].group);

		lane->locks.items[0].group = cases[i].group;
		assert_int_equal(captain_does(ana, "plan lock easy/prod --reason x"), 0);
		assert_string_equal(captain_check(ana, name, "status"), cases[i].status);
		if (!strstr(captain_check(ana, name, "detail"), cases[i].says))
			fail_msg("%s: %s", cases[i].group, captain_check(ana, name, "detail"));
	}
}

/* ---- two ------------------------------------------------------------------------------------------------------------ */

static void anothers_lock_stops_what_is_new(void **state)
{
	static const char *const lines[] = { SHIP, "lock easy/prod --reason mine --confirm easy/prod",
					     UNLOCK };
	struct captains *b = *state;
	struct captain *ana = &b->one[0], *kim = &b->one[1];

	assert_int_equal(captain_does(ana, LOCK), 0);
	for (size_t i = 0; i < countof(lines); i++) {
		assert_int_equal(captain_does(kim, lines[i]), 1);
		assert_string_equal(captain_check(kim, "lane_lock", "status"), "bad");
		assert_string_equal(captain_check(kim, "lane_lock", "detail"),
				    "held by captain (ana@bastion), since 2026-11-21 07:00Z, until 09:00Z: "
				    "incident 4411");
	}
	assert_int_equal(kim->badge.writes, 0);
	captain_does(kim, "plan rollback easy/prod v0.9.2");
	assert_string_equal(captain_check(kim, "lane_lock", "status"), "bad");
	captain_does(kim, "plan rollback easy/prod v0.9.2 --reason 'it burns'");
	assert_string_equal(captain_check(kim, "lane_lock", "status"), "ok");
	assert_non_null(strstr(captain_check(kim, "lane_lock", "detail"), "accepted: it burns"));
	captain_does(ana, "plan dispatch easy/prod v0.9.4");
	assert_string_equal(captain_check(ana, "lane_lock", "status"), "ok");
	assert_int_equal(captain_does(ana, UNLOCK), 0);
	captain_does(kim, "plan dispatch easy/prod v0.9.4");
	assert_string_equal(captain_check(kim, "lane_lock", "status"), "ok");
}

/* What ran out, or is taken by force with a reason, has another holder; the first has no say any more. */
static void a_takeover_wants_an_end_or_a_reason(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0], *kim = &b->one[1];

	captain_does(ana, LOCK);
	assert_int_equal(captain_does(kim, "lock easy/prod --force --confirm easy/prod"), 1);
	assert_int_equal(
		captain_does(kim, "lock easy/prod --force --reason 'ana is asleep' --confirm easy/prod"), 0);
	captain_does(ana, "plan dispatch easy/prod v0.9.4");
	assert_non_null(strstr(captain_check(ana, "lane_lock", "detail"), "held by kim (kim@ward)"));
	assert_int_equal(captain_does(ana, UNLOCK), 1);
	lets_pass(b, INT64_C(7200000));
	assert_int_equal(captain_does(ana, LOCK), 1); /* within the grace */
	lets_pass(b, 2 * REFLOCK_GRACE);
	assert_int_equal(captain_does(ana, LOCK), 0);
	captain_does(ana, "plan dispatch easy/prod v0.9.4");
	assert_non_null(strstr(captain_check(ana, "lane_lock", "detail"), "you hold it, epoch 3"));
	assert_int_equal(
		captain_does(kim, "unlock easy/prod --force --reason 'ana went' --confirm easy/prod"), 0);
}

static void sixty_races_have_one_winner_each(void **state)
{
	struct captains *b = *state;
	int wins[TWO] = { 0, 0 }, refused_by_forge = 0;

	for (int i = 0; i < 60; i++) {
		struct captain *first = &b->one[i % 2], *second = &b->one[1 - i % 2], *winner;

		captain_asks(first, LOCK);
		second->answered = false;
		for (int ms = 0; ms < i * 23; ms++)
			loop_advance(b->loop, 1);
		captain_asks(second, LOCK);
		captains_wait(b);
		if ((first->status == 0) == (second->status == 0))
			fail_msg("race %d: %d and %d", i, first->status, second->status);
		winner = first->status ? second : first;
		wins[winner - b->one]++;
		refused_by_forge +=
			text_eq(captain_str(winner == first ? second : first, "state"), "refused") &&
			json_int(winner == first ? second->json : first->json, "intent", 0) > 0;
		assert_int_equal(captain_does(winner, UNLOCK), 0);
		lets_pass(b, 61000);
	}
	assert_true(wins[0] > 0 && wins[1] > 0);
	assert_true(refused_by_forge > 10); /* both had seen it free, and the ref took one */
	print_message("60 races: %d and %d won, %d were decided by the ref\n", wins[0], wins[1],
		      refused_by_forge);
}

/* He read the plan while he held the lane; his console was stopped, the lock ran out, another took it. */
static void a_holder_that_wakes_does_nothing(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0], *kim = &b->one[1];
	const char *id, *argv[] = { "dispatch", "easy/prod", "v0.9.4", "--confirm", "easy/prod v0.9.4" };
	int writes;

	captain_does(ana, "lock easy/prod --reason x --for 10m --confirm easy/prod");
	captain_does(ana, "plan dispatch easy/prod v0.9.4");
	id = arena_strdup(&b->a, captain_str(ana, "plan_id"));
	lets_pass(b, 12 * 60000);
	assert_int_equal(captain_does(kim, LOCK), 0);
	writes = ana->badge.writes;
	ana->answered = false;
	engine_ask(ana->en, countof(argv), argv, id, captain_reply, ana);
	captains_wait(b);
	assert_int_equal(ana->status, 1);
	assert_string_equal(captain_str(ana, "error.code"), "changed");
	assert_non_null(strstr(captain_str(ana, "error.message"), "lane_lock moved"));
	assert_int_equal(ana->badge.writes, writes);
}

static const char *epoch_planned(struct captain *c)
{
	const char *epoch;

	captain_does(c, "plan dispatch easy/prod v0.9.4");
	epoch = json_str(json_at(json_get(c->json, "requests"), 0), "body.inputs.lock_epoch");
	return epoch ? epoch : "none";
}

/* The workflow's first job compares it: who slept through a takeover is refused there too. */
static void the_epoch_goes_with_the_dispatch(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0];

	assert_string_equal(epoch_planned(ana), "none");
	captain_does(ana, LOCK);
	assert_string_equal(epoch_planned(ana), "1");
	captain_does(ana, LOCK);
	assert_string_equal(epoch_planned(ana), "2");
	captain_does(ana, UNLOCK);
	assert_string_equal(epoch_planned(ana), "none");
}

/* Whoever rolled back holds the lane, with the reason that he gave. */
static void a_rollback_locks_its_lane(void **state maybe_unused)
{
	struct captains *b = captains_new("first-rollout", NOW);
	struct captain *ana = &b->one[0], *kim = &b->one[1];

	ana->locks_back = true;
	captain_down(ana);
	captain_up(ana);
	if (captain_does(ana, "rollback easy/prod v0.9.2 --reason 'it burns' --confirm easy/prod"))
		fail_msg("%s", captain_str(ana, "error.message"));
	lets_pass(b, 20000);
	captain_does(kim, "plan dispatch easy/prod v0.9.4");
	assert_non_null(strstr(captain_check(kim, "lane_lock", "detail"), "rolled back to v0.9.2: it burns"));
	captains_free(b);
}

/* ---- the network ---------------------------------------------------------------------------------------------------- */

/* The answer to each request is lost in turn, after it happened and before: never two holders, never an open intent for
 * long, and a lock that was taken is known to be. */
static void a_lost_answer_is_read_from_the_ref(void **state)
{
	static const struct {
		const char *match;
		bool act_first;
		int status; /* at once */
		bool held;  /* in the end */
	} cases[] = {
		{ "POST *git/trees", true, 4, false },    { "POST *git/trees", false, 4, false },
		{ "POST *git/commits", true, 4, false },  { "POST *git/commits", false, 4, false },
		{ "POST *git/refs", false, 3, false },    { "POST *git/refs", true, 3, true },
		{ "PATCH *git/refs/*", false, 3, false }, { "PATCH *git/refs/*", true, 3, true },
	};
	struct captains *b = *state;
	struct captain *ana = &b->one[0], *kim = &b->one[1];

	for (size_t i = 0; i < countof(cases); i++) {
		struct world_fault_rule rule = { .match = cases[i].match,
						 .how = WORLD_RESET,
						 .act_first = cases[i].act_first,
						 .count = 1 };

		world_arm(b->world, &rule);
		if (captain_does(ana, LOCK) != cases[i].status)
			fail_msg("case %zu: %d %s", i, ana->status, captain_str(ana, "error.message"));
		lets_pass(b, 60000);
		assert_int_equal(captain_does(ana, "reconcile"), 0);
		assert_int_equal(json_size(json_get(ana->json, "items")), 0);
		captain_does(kim, "plan dispatch easy/prod v0.9.4");
		assert_string_equal(captain_check(kim, "lane_lock", "status"), cases[i].held ? "bad" : "ok");
		if (cases[i].held)
			assert_int_equal(captain_does(ana, UNLOCK), 0);
	}
}

static void a_killed_engine_finds_its_lock(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0];
	struct world_fault_rule rule = {
		.match = "POST *git/refs", .how = WORLD_TIMEOUT, .act_first = true, .count = 1
	};

	world_arm(b->world, &rule);
	captain_asks(ana, LOCK);
	lets_pass(b, 5000);
	captain_down(ana);
	captain_up(ana);
	lets_pass(b, 30000);
	assert_int_equal(captain_does(ana, "reconcile"), 0);
	captain_does(ana, "plan dispatch easy/prod v0.9.4");
	assert_non_null(strstr(captain_check(ana, "lane_lock", "detail"), "you hold it, epoch 1"));
}

static void a_token_that_may_not_write_is_refused(void **state)
{
	static const char *const lines[] = { LOCK, "con take" };
	struct captains *b = *state;
	struct captain *kim = &b->one[1];

	kim->badge.token = "Bearer reader";
	for (size_t i = 0; i < countof(lines); i++) {
		assert_int_equal(captain_does(kim, lines[i]), 1);
		assert_non_null(strstr(captain_check(kim, "advisory", "detail"),
				       "advisory only: this account may not write to " EASY));
	}
	assert_int_equal(kim->badge.writes, 0);
	assert_int_equal(captain_does(kim, "con show"), 0);
}

/* The account may, the token may not: then the first request says so. */
static void a_token_of_less_than_its_account(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0];
	struct world_fault_rule rule = { .match = "POST *git/trees", .status = 403, .count = 1 };

	world_arm(b->world, &rule);
	assert_int_equal(captain_does(ana, LOCK), 1);
	assert_string_equal(captain_str(ana, "state"), "refused");
	assert_non_null(strstr(captain_str(ana, "error.message"), "advisory only"));
}

/* What screens and doctor say of it. */
static void that_holds_are_not_seen_is_told(void **state)
{
	struct captains *b = *state;
	struct captain *kim = &b->one[1];
	struct key key = { .name = "advisory " EASY };
	struct setting row = { 0 };
	struct err e = ERR_INIT;

	kim->badge.token = "Bearer reader";
	engine_attach(kim->en, 1);
	lets_pass(b, 30000);
	must(store_one(kim->cache, Q_setting_by_name, &rec_key, &key, &rec_setting, &row, &kim->a, &e), &e);
	assert_non_null(strstr(row.value, "other captains cannot see a hold of ours"));
}

/* Three hours ahead of the forge: ends are the forge's. */
static void a_wrong_clock_here_ends_nothing(void **state maybe_unused)
{
	struct captains *b = captains_new("first-rollout", "2026-11-21T10:00:00Z");
	struct captain *ana = &b->one[0], *kim = &b->one[1];

	ana->badge.ahead = kim->badge.ahead = INT64_C(3) * 3600000;
	assert_int_equal(captain_does(ana, "lock easy/prod --reason x --for 1h --confirm easy/prod"), 0);
	assert_int_equal(captain_does(kim, LOCK), 1);
	assert_string_equal(captain_check(kim, "lane_lock", "detail"),
			    "held by captain (ana@bastion), since 2026-11-21 07:00Z, until 08:00Z: x");
	lets_pass(b, 62 * 60000);
	assert_int_equal(captain_does(kim, LOCK), 0);
	captains_free(b);
}

/* A ref that leads to what is no lock at all: the newest commit of main. */
static void spoil(struct captains *b, const char *ref)
{
	struct world_request rq = { .method = "GET",
				    .target = "/repos/" EASY "/git/ref/heads/main",
				    .authorization = "Bearer x",
				    .user_agent = "test" };
	struct world_answer out = { 0 };
	struct json *j = NULL;
	const char *body;

	world_answer(b->world, &rq, &out, &b->a);
	assert_int_equal(json_parse(&j, out.http.body, out.http.body_n, 1 << 20, NULL), 0);
	body = arena_printf(&b->a, "{\"ref\":\"refs/pilothouse/%s\",\"sha\":\"%s\"}", ref,
			    json_str(j, "object.sha"));
	json_free(j);
	rq.method = "POST";
	rq.target = "/repos/" EASY "/git/refs";
	rq.body = body;
	rq.body_n = strlen(body);
	world_answer(b->world, &rq, &out, &b->a);
	assert_int_equal(out.http.status, 201);
}

static void a_damaged_chain_holds(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0];

	spoil(b, "lock/easy/prod");
	assert_int_not_equal(captain_does(ana, SHIP), 0);
	assert_string_equal(captain_check(ana, "lane_lock", "status"), "unchecked");
	assert_int_equal(captain_does(ana, LOCK), 1);
	assert_int_equal(ana->badge.writes, 0);
	assert_non_null(strstr(captain_check(ana, "lane_lock", "fix"), "--force --reason WHY"));
	assert_int_equal(captain_does(ana, "lock easy/prod --force --confirm easy/prod"), 1);
	assert_int_equal(captain_does(ana, "plan lock easy/prod --reason 'incident 4411' --force"), 0);
	assert_true(text_starts(captain_check(ana, "lane_lock", "detail"), "taken by force from nobody"));
	assert_int_equal(captain_does(ana, LOCK " --force"), 0);
	assert_int_equal(captain_does(ana, "plan dispatch easy/prod v0.9.4"), 0); /* it is understood again */
	assert_non_null(strstr(captain_check(ana, "lane_lock", "detail"), "you hold it, epoch 1"));
	assert_int_equal(captain_does(&b->one[1], LOCK), 1);
}

static void an_epoch_never_falls(void **state maybe_unused)
{
	struct reflock l = { .sha = "x", .epoch = 7 };

	assert_int_equal(reflock_next_epoch(&l), 8);
	l.damage = "no";
	assert_int_equal(reflock_next_epoch(&l), 1500000001); /* undated */
	l.committed.ms = INT64_C(1795244889000);
	assert_int_equal(reflock_next_epoch(&l), 1795244890);
	l.epoch = 1795250000; /* after one that was taken so before */
	assert_int_equal(reflock_next_epoch(&l), 1795250001);
	l.epoch = INT64_MAX;
	assert_int_equal(reflock_next_epoch(&l), 1795244890);
}

/* ---- the con -------------------------------------------------------------------------------------------------------- */

static void the_con_is_given_with_what_is_open(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0], *kim = &b->one[1];

	assert_int_equal(captain_does(ana, "con show"), 0);
	assert_string_equal(captain_str(ana, "state"), "free");
	assert_int_equal(captain_does(ana, "con give"), 1);
	assert_int_equal(captain_does(ana, "plan con take"), 0);
	assert_int_equal(ana->badge.writes, 0);
	assert_int_equal(captain_does(ana, "con take"), 0);
	assert_int_equal(captain_does(kim, "con take"), 1);
	assert_non_null(strstr(captain_check(kim, "con", "detail"), "with captain (ana@bastion)"));
	assert_int_equal(captain_does(kim, "con give"), 1);
	assert_int_equal(captain_does(ana, "con give --reason 'ring the vendor at nine'"), 0);
	assert_int_equal(captain_does(kim, "con take"), 1);
	assert_string_equal(captain_check(kim, "line:1", "detail"), "promise: ring the vendor at nine");
	assert_int_equal(captain_does(kim, "con take --lines 2"), 1);
	assert_int_equal(captain_does(kim, "con take --lines 1,99999"), 1);
	assert_int_equal(captain_does(kim, "con take --lines 1,x"), 1);
	assert_int_equal(captain_does(kim, "con take --lines 1"), 0);
	assert_int_equal(captain_does(ana, "con show"), 0);
	assert_string_equal(captain_str(ana, "who"), "kim");
	assert_string_equal(json_str(json_at(json_get(ana->json, "accepted"), 0), ""),
			    "promise: ring the vendor at nine");
	captain_does(ana, "plan dispatch easy/prod v0.9.4");
	assert_non_null(strstr(captain_check(ana, "note:con", "detail"), "the con is with kim"));
	assert_int_equal(captain_does(ana, "con take --force --reason 'kim is ill'"), 0);
	assert_int_equal(captain_does(ana, "con drop"), 2);
}

/* What was noted before the con was taken was the last captain's to tell. */
static void notes_go_with_the_con(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0], *kim = &b->one[1];

	captain_does(ana, "note easy/prod of yesterday");
	lets_pass(b, 5000);
	assert_int_equal(captain_does(ana, "con take"), 0);
	captain_does(ana, "note easy/prod the vendor rings at nine");
	captain_does(ana, "note easy/staging odd latency");
	assert_int_equal(captain_does(ana, "con give --reason 'ring back'"), 0);
	assert_int_equal(captain_does(kim, "con take"), 1);
	assert_non_null(strstr(captain_check(kim, "line:1", "detail"),
			       "note: easy/prod: the vendor rings at nine, by ana@bastion"));
	assert_non_null(strstr(captain_check(kim, "line:2", "detail"), "note: easy/staging: odd latency"));
	assert_string_equal(captain_check(kim, "line:3", "detail"), "promise: ring back");
	assert_string_equal(captain_check(kim, "line:4", "detail"), "none");
}

/* It asks who has the con, and leaves nothing behind. */
static void to_show_the_con_is_no_act(void **state)
{
	static const char *const acts[] = { "con take", "con give", "note easy/prod x", LOCK };
	struct captains *b = *state;
	struct captain *ana = &b->one[0];
	struct intents list = { 0 };
	struct err e = ERR_INIT;

	ana->reads_only = true;
	captain_down(ana);
	captain_up(ana);
	assert_int_equal(captain_does(ana, "con show"), 0);
	assert_string_equal(captain_str(ana, "state"), "free");
	for (size_t i = 0; i < countof(acts); i++)
		assert_int_equal(captain_does(ana, acts[i]), 2);
	must(journal_recent(ana->journal, 1, &list, &ana->a, &e), &e);
	assert_int_equal(list.n, 0);
	assert_int_equal(ana->badge.writes, 0);
}

/* What a freeze says of itself is written by whoever may write the file; a hand-over has room for all lines. */
static void a_hand_over_has_room_for_every_line(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0];
	char *reason = arena_array(&b->a, char, 70001);
	struct hold h = { .owner = "", .reason = reason, .source = "file", .since = { 1 } };
	struct err e = ERR_INIT;

	memset(reason, 'x', 70000);
	reason[70000] = '\0';
	assert_int_equal(captain_does(ana, "con take"), 0);
	must(store_holds_put(ana->cache, "easy/prod", HOLD_FREEZE, &h, 1, &e), &e);
	if (captain_does(ana, "con give --reason 'ring the vendor'"))
		fail_msg("%s", captain_str(ana, "error.message"));
	assert_int_equal(captain_does(&b->one[1], "con take"), 1);
	assert_non_null(captain_check(&b->one[1], "line:2", "detail"));
}

static int open_his(void *ctx, struct forge **out, struct err *e)
{
	const struct captain *c = ctx;

	(void)e;
	*out = c->forge;
	return 0;
}

/* Each link shows the head of its writer's chain of acts, and is asked for it later. */
static void every_link_is_a_witness(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0];
	struct audit_report rep = { 0 };
	struct tool t = { .loop = b->loop, .open = open_his, .ctx = ana, .arena = &ana->a };
	struct err e = ERR_INIT;

	assert_int_equal(captain_does(ana, "con take"), 0);
	assert_int_equal(captain_does(ana, LOCK), 0);
	assert_int_equal(captain_does(ana, "unlock easy/prod --confirm easy/prod"), 0);
	must(audit_ask_witnesses(&t, ana->journal, &rep, &e), &e);
	assert_int_equal(rep.asked.n, 1 + 3); /* the host's log, which is none here */
	for (size_t i = 1; i < rep.asked.n; i++) {
		assert_string_equal(rep.asked.items[i].witness, "lock");
		if (rep.asked.items[i].status != CHECK_OK)
			fail_msg("%s: %s", rep.asked.items[i].place, rep.asked.items[i].detail);
	}
	assert_int_equal(rep.findings.n, 0);
}

/* Who had it is not known, nor what he left: it is refused, or taken knowingly, and then it says why for ever. */
static void a_damaged_con_is_taken_knowingly(void **state)
{
	static const char *const refused[] = { "con take", "con take --reason 'i think so'",
					       "con take --force", "con give" };
	struct captains *b = *state;
	struct captain *ana = &b->one[0], *kim = &b->one[1];
	struct intents list = { 0 };
	struct audit_line line;
	struct err e = ERR_INIT;

	spoil(b, "con");
	for (size_t i = 0; i < countof(refused); i++) {
		if (captain_does(ana, refused[i]) != 1)
			fail_msg("%s: %d", refused[i], ana->status);
		assert_string_equal(captain_check(ana, "con", "status"), "bad");
	}
	assert_non_null(
		strstr(captain_check(ana, "con", "fix"), "`pilothouse con take --force --reason WHY`"));
	assert_int_equal(ana->badge.writes, 0);
	assert_int_equal(captain_does(ana, "con show"), 0);
	assert_string_equal(captain_str(ana, "state"), "damaged");
	must(journal_recent(ana->journal, 9, &list, &ana->a, &e), &e);
	assert_int_equal(list.n, 0);

	assert_int_equal(captain_does(ana, "con take --force --reason 'incident 4411: the ref is spoilt'"),
			 0);
	assert_string_equal(captain_str(ana, "state"), "done");
	must(journal_recent(ana->journal, 9, &list, &ana->a, &e), &e);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.items[0].act, "con");
	assert_string_equal(list.items[0].reason, "incident 4411: the ref is spoilt");
	must(audit_last(ana->journal, &line, &ana->a, &e), &e);
	assert_non_null(strstr(line.line, "incident 4411: the ref is spoilt"));
	assert_int_equal(captain_does(kim, "con show"), 0); /* it is understood again, and says why */
	assert_string_equal(captain_str(kim, "state"), "held");
	assert_string_equal(captain_str(kim, "who"), "captain");
	assert_string_equal(captain_str(kim, "purpose"), "incident 4411: the ref is spoilt");
	assert_int_equal(captain_does(kim, "con take"), 1);
}

static void a_note_stands_in_the_journal(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0];
	struct intents list = { 0 };
	struct err e = ERR_INIT;

	assert_int_equal(captain_does(ana, "note easy/prod waiting for the vendor"), 0);
	assert_string_equal(captain_str(ana, "state"), "done");
	must(journal_recent(ana->journal, 1, &list, &ana->a, &e), &e);
	assert_string_equal(list.items[0].act, "note");
	assert_string_equal(list.items[0].reason, "waiting for the vendor");
	assert_int_equal(captain_does(ana, "note easy/moon x"), 1);
	assert_int_equal(ana->badge.writes, 0);
}

/* ---- what screens say ------------------------------------------------------------------------------------------------- */

/* What one captain takes, the other sees without asking for it; a network that fails lets nothing go. */
static void a_lock_is_seen_by_both(void **state)
{
	struct captains *b = *state;
	struct captain *ana = &b->one[0], *kim = &b->one[1];
	struct world_fault_rule rule = { .match = "GET *matching-refs*", .status = 503, .count = 1000 };
	struct hold h;

	for (int i = 0; i < TWO; i++)
		engine_attach(b->one[i].en, 1);
	lets_pass(b, 30000);
	assert_int_equal(first_hold(kim, "easy/prod").kind, HOLD_OTHER);
	captain_does(ana, LOCK);
	lets_pass(b, 10000);
	h = first_hold(ana, "easy/prod");
	assert_int_equal(h.kind, HOLD_LOCK);
	assert_int_equal(h.epoch, 1);
	lets_pass(b, 90000);
	h = first_hold(kim, "easy/prod");
	assert_int_equal(h.kind, HOLD_FOREIGN);
	assert_string_equal(h.owner, "captain (ana@bastion)");
	assert_string_equal(h.reason, "incident 4411");
	assert_string_equal(h.source, "refs/pilothouse/lock/easy/prod");
	world_arm(b->world, &rule);
	captain_does(ana, UNLOCK);
	lets_pass(b, 600000);
	assert_int_equal(first_hold(kim, "easy/prod").kind, HOLD_FOREIGN);
	assert_int_equal(first_hold(kim, "easy/staging").kind, HOLD_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_reads_back),
		cmocka_unit_test(it_runs_out_by_the_servers_clock_and_grace),
		cmocka_unit_test(what_is_not_understood_is_not_free),
		cmocka_unit_test(a_long_hand_over_says_what_it_leaves_out),
		cmocka_unit_test(words_tell_the_day),
		cmocka_unit_test_setup_teardown(a_lock_is_taken_renewed_and_released, setup, teardown),
		cmocka_unit_test_setup_teardown(anothers_lock_stops_what_is_new, setup, teardown),
		cmocka_unit_test_setup_teardown(a_takeover_wants_an_end_or_a_reason, setup, teardown),
		cmocka_unit_test_setup_teardown(sixty_races_have_one_winner_each, setup, teardown),
		cmocka_unit_test_setup_teardown(a_holder_that_wakes_does_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_lost_answer_is_read_from_the_ref, setup, teardown),
		cmocka_unit_test_setup_teardown(a_killed_engine_finds_its_lock, setup, teardown),
		cmocka_unit_test_setup_teardown(a_token_that_may_not_write_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_token_of_less_than_its_account, setup, teardown),
		cmocka_unit_test_setup_teardown(that_holds_are_not_seen_is_told, setup, teardown),
		cmocka_unit_test(a_wrong_clock_here_ends_nothing),
		cmocka_unit_test(a_rollback_locks_its_lane),
		cmocka_unit_test_setup_teardown(the_run_in_the_group_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_group_of_placeholders_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(the_epoch_goes_with_the_dispatch, setup, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_chain_holds, setup, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_con_is_taken_knowingly, setup, teardown),
		cmocka_unit_test_setup_teardown(every_link_is_a_witness, setup, teardown),
		cmocka_unit_test(an_epoch_never_falls),
		cmocka_unit_test_setup_teardown(a_lock_is_seen_by_both, setup, teardown),
		cmocka_unit_test_setup_teardown(the_con_is_given_with_what_is_open, setup, teardown),
		cmocka_unit_test_setup_teardown(notes_go_with_the_con, setup, teardown),
		cmocka_unit_test_setup_teardown(to_show_the_con_is_no_act, setup, teardown),
		cmocka_unit_test_setup_teardown(a_hand_over_has_room_for_every_line, setup, teardown),
		cmocka_unit_test_setup_teardown(a_note_stands_in_the_journal, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
