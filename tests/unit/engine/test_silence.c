/*
 * Every detector over a cache and a manual clock: its alarm comes at the limit and not before, and goes when what was
 * awaited is there. What core/rules/silence.c decides is tested there; here is what the facts are.
 */
#include "core/engine/silence.h"
#include "core/rules/silence.h"
#include "core/engine/sync.h"
#include "rig.h"
#include "store/holds.h"
#include "store/proofs.h"

#define MIN INT64_C(60000)

static const char quiet_text[] =
	"name: quiet\nsystem: quiet\nrepo: " REPO "\n"
	"lanes:\n"
	"  - environment: stage\n    workflow: stage.yml\n    start: auto\n"
	"    expects:\n"
	"      - {kind: push, branch: main}\n"
	"      - {kind: schedule, workflow: night.yml, cron: '0 6 * * *'}\n"
	"      - {kind: run, from: ci.yml, branch: main}\n"
	"  - environment: prod\n    production: true\n    workflow: prod.yml\n    start: dispatch\n    ref: "
	"main\n"
	"    needs:\n"
	"      - {kind: fresh, name: soak, workflow: soak.yml, max_age_h: 24}\n"
	"      - {kind: asset, name: values, files: [values.json]}\n"
	"    follows: [{workflow: after.yml, window_min: 30}]\n"
	"    gate: production\n"
	"    proof:\n"
	"      any_identity: true\n"
	"      max_age_h: 6\n"
	"      subjects: [{asset: values, wants: [provenance]}]\n";

struct quiet {
	struct rig *r;
	int64_t next;
};

/* A cache with a week behind it, so that what is not there is known not to be. */
static int setup(void **state)
{
	struct quiet *q = x_alloc(sizeof(*q));
	void *rig = NULL;
	struct err e = ERR_INIT;
	struct profile p;

	assert_int_equal(rig_setup(&rig), 0);
	q->r = rig;
	q->next = 100;
	engine_free(q->r->en);
	q->r->profiles = (struct profiles){ 0 };
	if (profile_parse(&p, "quiet.yml", quiet_text, sizeof(quiet_text) - 1, &q->r->a, &e) != 0)
		fail_msg("%s", e.message);
	*vec_push(&q->r->profiles, &q->r->a) = p;
	q->r->fake.runs_n = 0;
	rig_up(q->r);
	*state = q;
	return 0;
}

static int teardown(void **state)
{
	struct quiet *q = *state;
	void *rig = q->r;

	free(q);
	return rig_teardown(&rig);
}

static struct when now_of(const struct quiet *q)
{
	return clock_wall(&q->r->clock);
}

static struct run *put_run(struct quiet *q, const char *file, const char *event, int status, int conclusion)
{
	struct run *run = arena_new(&q->r->a, struct run);
	struct err e = ERR_INIT;
	bool stage = text_eq(file, "stage.yml"), prod = text_eq(file, "prod.yml");

	*run = (struct run){
		.id = q->next++,
		.repo = REPO,
		.lane = stage  ? "quiet/stage"
			: prod ? "quiet/prod"
			       : "",
		.attempt = 1,
		.workflow = file,
		.path = arena_printf(&q->r->a, ".github/workflows/%s", file),
		.title = "a run",
		.event = event,
		.branch = "main",
		.head_sha = SHA,
		.status = status,
		.conclusion = conclusion,
		.actor = "kim",
		.triggering_actor = "kim",
		.created = now_of(q),
		.started = now_of(q),
		.updated = now_of(q),
		.url = "",
		.release = "",
	};
	assert_true(store_run(q->r->cache, Q_run_put, &rec_run, run, &e) >= 0);
	return run;
}

static void move_run(struct quiet *q, struct run *run, int status, int conclusion)
{
	struct err e = ERR_INIT;

	run->status = status, run->conclusion = conclusion, run->updated = now_of(q);
	assert_true(store_run(q->r->cache, Q_run_put, &rec_run, run, &e) >= 0);
}

static void put_head(struct quiet *q, const char *sha, const char *error)
{
	const struct poll row = { .name = silence_head_name(REPO, "main", &q->r->a),
				  .etag = sha,
				  .changed = now_of(q),
				  .error = error };
	struct err e = ERR_INIT;

	assert_true(store_run(q->r->cache, Q_poll_put, &rec_poll, &row, &e) >= 0);
}

/* What is open, without doubts or doubts alone. The list of runs was read just now. */
static const struct alarms *look(struct quiet *q, bool doubts)
{
	struct alarms *all = arena_new(&q->r->a, struct alarms), *out = arena_new(&q->r->a, struct alarms);
	struct err e = ERR_INIT;

	assert_int_equal(rig_ask(q->r, "sync --once"), 0);
	assert_true(lanes_judge(q->r->en, REPO, &e) >= 0);
	assert_true(store_alarms_read(all, q->r->cache, NULL, &q->r->a, &e) >= 0);
	vec_each (it, all)
		if ((it->kind == ALARM_DOUBT) == doubts)
			*(struct alarm *)vec_push(out, &q->r->a) = *it;
	return out;
}

static bool is_open(struct quiet *q, enum silence_kind kind, bool doubt)
{
	const struct alarms *list = look(q, doubt);
	const char *word = silence_detector(kind)->word;
	size_t n = strlen(word);

	vec_each (it, list)
		if (text_starts(it->subject, word) && it->subject[n] == ' ')
			return true;
	return false;
}

/* Quiet a minute before `limit` from the time at which it was called for, and not at it. */
static void comes_at(struct quiet *q, enum silence_kind kind, struct when since, int64_t limit)
{
	loop_advance(q->r->loop, since.ms + limit - MIN - now_of(q).ms);
	assert_false(is_open(q, kind, false));
	loop_advance(q->r->loop, since.ms + limit + 1000 - now_of(q).ms);
	assert_true(is_open(q, kind, false));
	loop_advance(q->r->loop, MIN);
	assert_true(is_open(q, kind, false)); /* it stays: nothing flaps */
}

static void history(struct quiet *q)
{
	(void)put_run(q, "other.yml", "push", RUN_COMPLETED, CONCLUSION_SUCCESS);
	(void)put_run(q, "soak.yml", "push", RUN_COMPLETED, CONCLUSION_SUCCESS);
	loop_advance(q->r->loop, MIN);
}

static void a_push_without_a_run(void **state)
{
	struct quiet *q = *state;

	history(q);
	put_head(q, SHA, "");
	comes_at(q, SILENCE_PUSH, now_of(q), 5 * MIN);
	(void)put_run(q, "stage.yml", "push", RUN_QUEUED, CONCLUSION_OTHER);
	assert_false(is_open(q, SILENCE_PUSH, false));
}

static void a_branch_that_cannot_be_read_is_a_doubt(void **state)
{
	struct quiet *q = *state;

	history(q);
	put_head(q, SHA, "");
	comes_at(q, SILENCE_PUSH, now_of(q), 5 * MIN);
	put_head(q, SHA, "not read: the forge does not answer");
	assert_true(is_open(q, SILENCE_PUSH, true));
	assert_true(is_open(q, SILENCE_PUSH, false)); /* not knowing takes nothing back */
	put_head(q, SHA, "");
	assert_false(is_open(q, SILENCE_PUSH, true));
}

static void a_queued_run_of_somebody_was_displaced(void **state)
{
	struct quiet *q = *state;
	struct run *lost, *by;

	history(q);
	lost = put_run(q, "prod.yml", "workflow_dispatch", RUN_PENDING, CONCLUSION_OTHER);
	loop_advance(q->r->loop, MIN);
	assert_false(is_open(q, SILENCE_EVICTED, false));
	by = put_run(q, "prod.yml", "workflow_dispatch", RUN_PENDING, CONCLUSION_OTHER);
	move_run(q, lost, RUN_COMPLETED, CONCLUSION_CANCELLED);
	assert_true(is_open(q, SILENCE_EVICTED, false));
	assert_string_equal(look(q, false)->items[0].text,
			    "queued run 102 of kim was replaced by run 103 of kim");
	assert_int_equal(look(q, false)->items[0].kind, ALARM_EVICTED);
	loop_advance(q->r->loop, MIN);
	move_run(q, by, RUN_COMPLETED, CONCLUSION_SUCCESS);
	assert_false(is_open(q, SILENCE_EVICTED, false));
}

static void put_intent(struct quiet *q, int64_t run, struct when sent)
{
	const struct intent in = { .id = 7,
				   .nonce = "n",
				   .plan_id = "p",
				   .act = "dispatch",
				   .lane = "quiet/prod",
				   .repo = REPO,
				   .subject = "v1",
				   .line = "",
				   .request = "",
				   .body = "",
				   .who = "ana",
				   .reason = "",
				   .relies_on = "",
				   .state = run ? INTENT_LINKED : INTENT_UNKNOWN,
				   .run_id = run,
				   .run_url = "",
				   .note = "",
				   .sends = 1,
				   .created = sent,
				   .sent = sent,
				   .step = "" };
	struct err e = ERR_INIT;

	assert_true(store_run(q->r->cache, Q_intent_mirror_put, &rec_intent, &in, &e) >= 0);
}

static void a_dispatch_without_a_run(void **state)
{
	struct quiet *q = *state;
	struct when sent;

	history(q);
	sent = now_of(q);
	put_intent(q, 0, sent);
	comes_at(q, SILENCE_DISPATCH, sent, 5 * MIN);
	put_intent(q, 9, sent);
	assert_false(is_open(q, SILENCE_DISPATCH, false));
}

static void a_step_that_never_began(void **state)
{
	struct quiet *q = *state;
	struct run *ci, *prod;
	struct when since;

	history(q);
	ci = put_run(q, "ci.yml", "push", RUN_IN_PROGRESS, CONCLUSION_OTHER);
	loop_advance(q->r->loop, 30 * MIN);
	assert_false(is_open(q, SILENCE_STEP, false)); /* it still runs */
	move_run(q, ci, RUN_COMPLETED, CONCLUSION_SUCCESS);
	comes_at(q, SILENCE_STEP, now_of(q), 10 * MIN);
	(void)put_run(q, "stage.yml", "workflow_run", RUN_QUEUED, CONCLUSION_OTHER);
	assert_false(is_open(q, SILENCE_STEP, false));
	prod = put_run(q, "prod.yml", "workflow_dispatch", RUN_COMPLETED, CONCLUSION_SUCCESS);
	since = prod->updated;
	comes_at(q, SILENCE_STEP, since, 30 * MIN);
	(void)put_run(q, "after.yml", "workflow_dispatch", RUN_QUEUED, CONCLUSION_OTHER);
	assert_false(is_open(q, SILENCE_STEP, false));
	loop_advance(q->r->loop, 60 * MIN);
	prod = put_run(q, "prod.yml", "workflow_dispatch", RUN_COMPLETED, CONCLUSION_SUCCESS);
	comes_at(q, SILENCE_STEP, prod->updated, 30 * MIN);
	loop_advance(q->r->loop, 25 * 60 * MIN);
	assert_false(is_open(q, SILENCE_STEP, false)); /* a day later it is history */
}

static void a_job_that_no_runner_takes(void **state)
{
	struct quiet *q = *state;
	struct run *run;

	history(q);
	run = put_run(q, "prod.yml", "workflow_dispatch", RUN_QUEUED, CONCLUSION_OTHER);
	q->r->fake.runs[q->r->fake.runs_n++] = *run;
	comes_at(q, SILENCE_QUEUED, run->created, 15 * MIN);
	move_run(q, run, RUN_COMPLETED, CONCLUSION_FAILURE);
	q->r->fake.runs[0] = *run;
	assert_false(is_open(q, SILENCE_QUEUED, false));
}

static void an_approval_about_to_lapse(void **state)
{
	struct quiet *q = *state;
	const struct gate gate = { .run_id = 55,
				   .attempt = 1,
				   .lane = "quiet/prod",
				   .environment_id = 1,
				   .environment = "production",
				   .since = now_of(q),
				   .reviewers = "ben",
				   .why_not = "" };
	const struct key key = { .id = 55 };
	struct err e = ERR_INIT;

	history(q);
	assert_true(store_run(q->r->cache, Q_gate_put, &rec_gate, &gate, &e) >= 0);
	comes_at(q, SILENCE_APPROVAL, gate.since, 27 * 24 * 60 * MIN);
	assert_true(store_run(q->r->cache, Q_gates_forget_run, &rec_key, &key, &e) >= 0);
	assert_false(is_open(q, SILENCE_APPROVAL, false));
}

/* The rig begins at 07:08: the first that can be missed is tomorrow's. */
static void a_schedule_that_was_missed(void **state)
{
	struct quiet *q = *state;
	struct when due;

	history(q);
	(void)put_run(q, "night.yml", "schedule", RUN_COMPLETED, CONCLUSION_SUCCESS);
	assert_int_equal(when_parse(&due, "2026-11-22T06:00:00Z"), 0);
	comes_at(q, SILENCE_SCHEDULE, due, 60 * MIN);
	(void)put_run(q, "night.yml", "workflow_dispatch", RUN_COMPLETED, CONCLUSION_SUCCESS);
	assert_true(is_open(q, SILENCE_SCHEDULE, false)); /* a person's run is not the schedule's */
	(void)put_run(q, "night.yml", "schedule", RUN_QUEUED, CONCLUSION_OTHER);
	assert_false(is_open(q, SILENCE_SCHEDULE, false));
}

static void a_success_that_grew_old(void **state)
{
	struct quiet *q = *state;
	struct when good = now_of(q);

	history(q);
	comes_at(q, SILENCE_FRESH, good, 24 * 60 * MIN);
	(void)put_run(q, "soak.yml", "push", RUN_COMPLETED, CONCLUSION_SUCCESS);
	assert_false(is_open(q, SILENCE_FRESH, false));
}

static void put_proofs(struct quiet *q, const char *release, bool required, struct when at)
{
	struct proof_book book = { .row = { .release = release,
					    .subject = "values.json",
					    .digest = "",
					    .check = "provenance",
					    .required = required,
					    .status = PROOF_VERIFIED,
					    .detail = "",
					    .source = "",
					    .evidence = "",
					    .root = "",
					    .builder = "",
					    .commit = "",
					    .at = at } };
	struct err e = ERR_INIT;

	assert_int_equal(store_proofs_put(q->r->cache, "quiet/prod", &book, 1, &e), 0);
}

/* Of what counts: neither a way back nor what only informs, and an engine that was away is given time to look. */
static void a_proof_past_its_limit(void **state)
{
	struct quiet *q = *state;
	struct when at;
	struct run *run;
	struct err e = ERR_INIT;

	history(q);
	run = put_run(q, "prod.yml", "workflow_dispatch", RUN_COMPLETED, CONCLUSION_SUCCESS);
	run->release = "v1"; /* it is what is live */
	move_run(q, run, RUN_COMPLETED, CONCLUSION_SUCCESS);
	assert_true(lanes_judge(q->r->en, REPO, &e) >= 0);
	at = now_of(q);
	put_proofs(q, "v1", true, at);
	comes_at(q, SILENCE_PROOF, at, 6 * 60 * MIN);
	put_proofs(q, "v1", true, now_of(q));
	assert_false(is_open(q, SILENCE_PROOF, false));
	put_proofs(q, "v1", false, at);
	assert_false(is_open(q, SILENCE_PROOF, false));
	put_proofs(q, "v0.0.1", true, at);
	assert_false(is_open(q, SILENCE_PROOF, false));
	put_proofs(q, "v1", true, at);
	q->r->en->began = now_of(q);
	assert_false(is_open(q, SILENCE_PROOF, false));
	assert_true(is_open(q, SILENCE_PROOF, true));
	loop_advance(q->r->loop, 10 * MIN);
	assert_true(is_open(q, SILENCE_PROOF, false));
}

static void a_cache_of_today_knows_nothing_of_yesterday(void **state)
{
	struct quiet *q = *state;

	(void)put_run(q, "other.yml", "push", RUN_COMPLETED, CONCLUSION_SUCCESS);
	assert_true(is_open(q, SILENCE_FRESH, true));
	assert_false(is_open(q, SILENCE_FRESH, false));
	assert_true(is_open(q, SILENCE_SCHEDULE, true));
	assert_false(is_open(q, SILENCE_SCHEDULE, false));
}

/* Nothing new is read, only that all is as it was: the limit passes by itself, and a poller that stands still raises none. */
static void time_alone_brings_it(void **state)
{
	struct quiet *q = *state;
	struct err e = ERR_INIT;
	struct alarms open = { 0 };

	history(q);
	put_head(q, SHA, "");
	assert_false(is_open(q, SILENCE_PUSH, false));
	loop_advance(q->r->loop, 6 * MIN);
	assert_true(lanes_touch(q->r->en, REPO, &e) >= 0);
	assert_true(store_alarms_read(&open, q->r->cache, "quiet/stage", &q->r->a, &e) >= 0);
	vec_each (it, &open)
		assert_int_equal(it->kind, ALARM_DOUBT);
	assert_int_equal(rig_ask(q->r, "sync --once"), 0);
	assert_true(lanes_touch(q->r->en, REPO, &e) >= 0);
	open = (struct alarms){ 0 };
	assert_true(store_alarms_read(&open, q->r->cache, "quiet/stage", &q->r->a, &e) >= 0);
	assert_true(open.n > 0);
	assert_true(text_starts(open.items[open.n - 1].subject, "push "));
	assert_true(text_starts(q->r->notice, "ALARM: no run of stage.yml: 1111111 reached main"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_push_without_a_run),
		T(a_branch_that_cannot_be_read_is_a_doubt),
		T(a_queued_run_of_somebody_was_displaced),
		T(a_dispatch_without_a_run),
		T(a_step_that_never_began),
		T(a_job_that_no_runner_takes),
		T(an_approval_about_to_lapse),
		T(a_schedule_that_was_missed),
		T(a_success_that_grew_old),
		T(a_proof_past_its_limit),
		T(a_cache_of_today_knows_nothing_of_yesterday),
		T(time_alone_brings_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
