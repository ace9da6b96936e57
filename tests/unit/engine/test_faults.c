/*
 * Each mutating verb against each way a forge or a network can fail, over the real adapter and the simulated wire:
 * what is said, what becomes of it later, and that no request ever goes out twice by itself.
 */
#include "simrig.h"

struct rig {
	struct simrig *s;
	struct journal *journal;
	char path[160];
};

static void engine_up(struct rig *r)
{
	struct simrig *s = r->s;
	struct err e = ERR_INIT;
	struct engine_options o = { .loop = s->loop,
				    .forge = s->forge,
				    .http = &s->tap->http,
				    .zip = s->zip,
				    .sha256 = digest_sha256,
				    .cache = s->cache,
				    .journal = r->journal,
				    .profiles = &s->profiles,
				    .who = "ana@bastion" };

	must(engine_new(&s->en, &o, &e), &e);
	engine_on_event(s->en, sim_event, s);
}

static struct rig *rig_new(void)
{
	struct rig *r = x_alloc(sizeof(*r));
	struct profile_lane *lane;
	struct err e = ERR_INIT;

	r->s = sim_rig_new(NULL, NULL);
	lane = (struct profile_lane *)profiles_lane(&r->s->profiles, "easy/prod", NULL);
	lane->proof = NULL; /* is asked for by tests of its own */
	snprintf(r->path, sizeof(r->path), "%s/journal.db", r->s->dir);
	must(journal_open(&r->journal, r->path, &e), &e);
	sim_engine_down(r->s);
	engine_up(r);
	return r;
}

static void rig_free(struct rig *r)
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	char path[180];

	sim_engine_down(r->s);
	journal_close(r->journal);
	for (size_t i = 0; i < countof(tails); i++) {
		snprintf(path, sizeof(path), "%s%s", r->path, tails[i]);
		unlink(path);
	}
	sim_rig_free(r->s);
	free(r);
}

static int ask(struct rig *r, const char *line)
{
	const char **argv;
	int argc;

	assert_int_equal(command_split(&argv, &argc, line, &r->s->a, NULL), 0);
	return sim_ask(r->s, argv, argc);
}

static const char *answer(struct rig *r, const char *key)
{
	const char *v = json_str(r->s->json, key);

	return v ? v : "";
}

/* State of the newest intent. */
static const char *intent_state(struct rig *r, int *n)
{
	struct intents in = { 0 };

	assert_int_equal(journal_recent(r->journal, 50, &in, &r->s->a, NULL), 0);
	*n = (int)in.n;
	return in.n ? names_word(&intent_state_names, in.items[0].state) : "";
}

#define DISPATCH "dispatch easy/prod v0.9.4 --confirm 'easy/prod v0.9.4'"
#define MINUTE   60000

struct verb {
	const char *name, *match, *line; /* %RUN% stands for the run that was dispatched */
	const char *done;                /* state when all is well */
};
static const struct verb verbs[] = {
	{ "dispatch", "POST *dispatches", DISPATCH, "linked" },
	{ "approve", "POST *pending_deployments",
	  "approve %RUN% production --comment ok --confirm 'easy/prod v0.9.4'", "done" },
	{ "reject", "POST *pending_deployments", "reject %RUN% production --comment no --confirm easy/prod",
	  "done" },
	{ "cancel", "POST *cancel", "cancel %RUN% --confirm easy/prod", "done" },
};

struct fault {
	const char *name;
	struct world_fault_rule rule;
	const char *said; /* state in the answer */
	int exit_status;
	bool happens; /* the world did it all the same */
};
static const struct fault faults[] = {
	{ "none", { .count = 0 }, NULL, 0, true },
	{ "reset after", { .how = WORLD_RESET, .act_first = true, .count = 1 }, "unknown", 3, true },
	{ "reset before", { .how = WORLD_RESET, .count = 1 }, "unknown", 3, false },
	{ "timeout after", { .how = WORLD_TIMEOUT, .act_first = true, .count = 1 }, "unknown", 3, true },
	{ "timeout before", { .how = WORLD_TIMEOUT, .count = 1 }, "unknown", 3, false },
	{ "502 after", { .status = 502, .act_first = true, .count = 1 }, "unknown", 3, true },
	{ "503 before", { .status = 503, .count = 1 }, "unknown", 3, false },
	{ "500 page after",
	  { .status = 500, .act_first = true, .body = "<html>", .count = 1 },
	  "unknown",
	  3,
	  true },
	{ "truncated after", { .how = WORLD_TRUNCATE, .act_first = true, .count = 1 }, NULL, -1, true },
	{ "connection refused", { .how = WORLD_REFUSE, .count = 1 }, "not_sent", 4, false },
	{ "403",
	  { .status = 403, .body = "{\"message\":\"Resource not accessible\"}", .count = 1 },
	  "refused",
	  1,
	  false },
	{ "404", { .status = 404, .body = "{\"message\":\"Not Found\"}", .count = 1 }, "refused", 1, false },
	{ "409", { .status = 409, .body = "{\"message\":\"Conflict\"}", .count = 1 }, "refused", 1, false },
	{ "401",
	  { .status = 401, .body = "{\"message\":\"Bad credentials\"}", .count = 1 },
	  "refused",
	  1,
	  false },
	{ "429",
	  { .status = 429, .body = "{\"message\":\"slow down\"}", .retry_after = 30, .count = 1 },
	  "refused",
	  1,
	  false },
};

static const char *with_run(struct rig *r, const char *line, int64_t run)
{
	const char *at = strstr(line, "%RUN%");

	return at ? arena_printf(&r->s->a, "%.*s%" PRId64 "%s", (int)(at - line), line, run, at + 5) : line;
}

/* The run that the verb is about: dispatched, and waiting at its gate. */
/* Nobody approves what he started: the run is Kim's. */
static int64_t dispatched_by_kim(struct simrig *s)
{
	static const char body[] =
		"{\"ref\":\"main\",\"return_run_details\":true,\"inputs\":{\"release_tag\":\"v0.9.4\"}}";
	struct world_request rq = {
		.method = "POST",
		.target = "/repos/" EASY "/actions/workflows/production-rollout.yml/dispatches",
		.authorization = "Bearer kim",
		.user_agent = "test",
		.body = body,
		.body_n = strlen(body),
	};
	struct world_answer out = { 0 };
	autofree(json) struct json *doc = NULL;

	world_advance(s->world, clock_wall(&s->clock));
	world_answer(s->world, &rq, &out, &s->a);
	assert_int_equal(json_parse(&doc, out.http.body, out.http.body_n, 65536, NULL), 0);
	return json_int(doc, "workflow_run_id", 0);
}

static int64_t prepare(struct rig *r, const struct verb *v)
{
	int64_t run;

	if (v == &verbs[0])
		return 0;
	run = dispatched_by_kim(r->s);
	for (int i = 0; i < 120; i++)
		loop_advance(r->s->loop, 1000);
	return run;
}

static void play(const struct verb *v, const struct fault *f)
{
	struct rig *r = rig_new();
	struct world_fault_rule rule = f->rule;
	int64_t run = prepare(r, v);
	int before = sim_count(r->s, v->match), n = 0, exit_status;
	const char *said = f->said ? f->said : v->done, *became;

	rule.match = v->match;
	if (rule.count)
		world_arm(r->s->world, &rule);
	exit_status = ask(r, with_run(r, v->line, run));
	if (f->exit_status >= 0 && (exit_status != f->exit_status || strcmp(answer(r, "state"), said) != 0))
		fail_msg("%s, %s: exit %d, %s: %s", v->name, f->name, exit_status, answer(r, "state"),
			 answer(r, "note"));
	for (int i = 0; i < 12 * 60; i++)
		loop_advance(r->s->loop, 1000);
	assert_int_equal(sim_count(r->s, v->match), before + 1);
	became = intent_state(r, &n);
	assert_int_equal(n, 1);
	if (!strcmp(said, "unknown"))
		said = f->happens ? v->done : "not_found";
	if (f->exit_status >= 0 && strcmp(became, said) != 0)
		fail_msg("%s, %s: became %s, not %s", v->name, f->name, became, said);
	assert_true(world_count_runs(r->s->world, EASY, "production-rollout.yml", "workflow_dispatch") <=
		    1 + 9);
	rig_free(r);
}

static void every_fault_on_every_verb(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(verbs); i++) {
		for (size_t k = 0; k < countof(faults); k++)
			play(&verbs[i], &faults[k]);
	}
}

/* The engine is killed between the request and its answer, in every hundredth of a second of it. */
static void killed_on_the_wire(void **state)
{
	int found = 0;

	(void)state;
	for (int at = 20; at < 400; at += 20) {
		struct rig *r = rig_new();
		const char **argv;
		int argc, n, sent;

		assert_int_equal(command_split(&argv, &argc, DISPATCH, &r->s->a, NULL), 0);
		r->s->answered = false;
		engine_ask(r->s->en, argc, argv, NULL, sim_reply, r->s);
		loop_advance(r->s->loop, at);
		sim_engine_down(r->s);
		loop_advance(r->s->loop, 1000);
		engine_up(r);
		for (int i = 0; i < 60; i++)
			loop_advance(r->s->loop, 1000);
		sent = sim_count(r->s, "POST *dispatches");
		assert_true(sent <= 1);
		const char *became = intent_state(r, &n);

		assert_int_equal(n, sent);
		if (sent)
			assert_string_equal(became, "linked");
		found += sent;
		rig_free(r);
	}
	assert_true(found > 0);
}

/* Another captain approves while we read the plan: said, and nothing is sent. */
static void another_captain_disposed_the_gate(void **state)
{
	struct rig *r = rig_new();
	int64_t run = prepare(r, &verbs[1]);
	const char *target =
		arena_printf(&r->s->a, "/repos/" EASY "/actions/runs/%" PRId64 "/pending_deployments", run);
	const char *plan;

	(void)state;
	assert_int_equal(ask(r, with_run(r, "plan approve %RUN% production", run)), 0);
	plan = arena_strdup(&r->s->a, answer(r, "plan_id"));
	assert_int_equal(strlen(plan), 64);
	assert_int_equal(
		sim_post(r->s, target,
			 "{\"environment_ids\":[12797761864],\"state\":\"approved\",\"comment\":\"mine\"}"),
		200);
	assert_int_equal(ask(r, with_run(r, verbs[1].line, run)), 1);
	assert_string_equal(answer(r, "error.code"), "refused");
	assert_int_equal(sim_count(r->s, "POST *pending_deployments"), 1);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fault_on_every_verb),
		cmocka_unit_test(killed_on_the_wire),
		cmocka_unit_test(another_captain_disposed_the_gate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
