/* An act that counts as done is looked after: is its run the one that was meant, the only one, and still there? */
#include "core/rules/after.h"
#include "rig.h"
#include "store/holds.h"

#define OTHER "2222222222222222222222222222222222222222"

static const struct intent *newest(struct rig *r)
{
	static struct intents in;

	assert_true(rig_intents(r, &in) > 0);
	return &in.items[0];
}

/* The n-th open alarm; NULL: there are fewer. */
static const struct alarm *alarm_nth(struct rig *r, size_t n)
{
	struct alarms *list = arena_new(&r->a, struct alarms);
	struct err e = ERR_INIT;

	assert_true(store_alarms_read(list, r->cache, NULL, &r->a, &e) >= 0);
	return n < list->n ? &list->items[n] : NULL;
}

static void one_alarm(struct rig *r, enum alarm_kind kind, const char *text, const char *fix)
{
	const struct alarm *al = alarm_nth(r, 0);

	assert_non_null(al);
	assert_int_equal(al->kind, kind);
	assert_string_equal(al->lane, "easy/prod");
	assert_string_equal(al->text, text);
	assert_string_equal(al->fix, fix);
	assert_null(alarm_nth(r, 1));
}

/* What a poll would have brought: the runs as the forge has them now. */
static void poll(struct rig *r)
{
	struct err e = ERR_INIT;

	for (size_t i = 0; i < r->fake.runs_n; i++) {
		struct run row = r->fake.runs[i];

		row.repo = REPO;
		row.lane = "easy/prod";
		row.release = "";
		assert_true(store_run(r->cache, Q_run_put, &rec_run, &row, &e) >= 0);
	}
	assert_true(lanes_judge(r->en, REPO, &e) >= 0);
}

static const char *reasons(struct rig *r)
{
	struct key key = { .name = "easy/prod" };
	struct lane lane = { 0 };

	assert_int_equal(store_one(r->cache, Q_lane_by_name, &rec_key, &key, &rec_lane, &lane, &r->a, NULL),
			 0);
	return lane.reasons;
}

static struct run *run_of(struct rig *r, int64_t id)
{
	for (size_t i = 0; i < r->fake.runs_n; i++)
		if (r->fake.runs[i].id == id)
			return &r->fake.runs[i];
	fail_msg("no run %" PRId64, id);
	return NULL;
}

static void an_act_that_went_well_is_quiet(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, DISPATCH), 0);
	assert_string_equal(rig_str(r, "state"), "linked");
	assert_string_equal(newest(r)->note, "");
	poll(r);
	assert_null(alarm_nth(r, 0));
}

/* The tag moved after the plan was read again: the forge says which run, and the run says which commit. */
static void a_run_of_another_commit_alarms(void **state)
{
	struct rig *r = *state;

	r->fake.run_sha = OTHER;
	assert_int_equal(rig_ask(r, DISPATCH), 3); /* not 1: it happened */
	assert_string_equal(rig_str(r, "state"), "linked");
	assert_string_equal(rig_str(r, "error.code"), "alarm");
	assert_string_equal(newest(r)->note, "ALARM: run 5000 is of commit 2222222, and the plan was for "
					     "1111111: `pilothouse cancel 5000`");
	one_alarm(r, ALARM_HEAD, "run 5000 is of commit 2222222, and the plan was for 1111111",
		  "`pilothouse cancel 5000`");
	assert_non_null(strstr(reasons(r), "alarm: run 5000 is of commit 2222222"));
	assert_int_equal(rig_ask(r, "cancel 5000 --confirm easy/prod"), 0);
	poll(r);
	assert_null(alarm_nth(r, 0)); /* it was cancelled: nothing is left of it */
}

static void a_run_found_by_its_nonce_is_held_against_the_plan(void **state)
{
	struct rig *r = *state;

	r->fake.run_sha = OTHER;
	r->fake.act_fail = ERR_UNKNOWN;
	r->fake.act_first = true;
	assert_int_equal(rig_ask(r, DISPATCH), 3);
	r->fake.act_fail = ERR_NONE;
	loop_advance(r->loop, 10000);
	assert_int_equal(newest(r)->state, INTENT_LINKED);
	assert_true(text_starts(newest(r)->note, "ALARM: run 5000 is of commit 2222222"));
	assert_non_null(strstr(r->notice, "ALARM"));
	poll(r);
	one_alarm(r, ALARM_HEAD, "run 5000 is of commit 2222222, and the plan was for 1111111",
		  "`pilothouse cancel 5000`");
}

/* The engine died between the answer and the look at the run: the next reading finds it all the same. */
static void a_death_hides_no_alarm(void **state)
{
	struct rig *r = *state;

	r->fake.run_sha = OTHER;
	r->fake.fail[FORGE_RUN] = ERR_SERVER;
	assert_int_equal(rig_ask(r, DISPATCH), 0);
	rig_crash(r);
	r->fake.fail[FORGE_RUN] = ERR_NONE;
	poll(r);
	assert_non_null(alarm_nth(r, 0));
	assert_int_equal(alarm_nth(r, 0)->kind, ALARM_HEAD);
}

/* The answer was good, and the network had doubled the request (N22). */
static void a_doubled_request_alarms(void **state)
{
	struct rig *r = *state;

	r->fake.doubles = 1;
	assert_int_equal(rig_ask(r, DISPATCH), 0);
	poll(r);
	one_alarm(r, ALARM_TWIN, "runs 5000 and 5001 carry the one intent 1",
		  "`pilothouse cancel 5001`, the later of them");
	assert_non_null(strstr(r->notice, "ALARM"));
	run_of(r, 5001)->status = RUN_COMPLETED;
	run_of(r, 5001)->conclusion = CONCLUSION_CANCELLED;
	poll(r);
	assert_null(alarm_nth(r, 0));
}

static void replace(struct rig *r)
{
	struct run *mine = run_of(r, 5000);

	loop_advance(r->loop, 60000);
	r->fake.runs[r->fake.runs_n] = *mine;
	r->fake.runs[r->fake.runs_n].id = 5001;
	r->fake.runs[r->fake.runs_n].title = "Production Rollout v0.9.2";
	r->fake.runs[r->fake.runs_n].actor = "ben";
	r->fake.runs[r->fake.runs_n].created = clock_wall(&r->clock);
	r->fake.runs_n++;
	mine->status = RUN_COMPLETED;
	mine->conclusion = CONCLUSION_CANCELLED;
	mine->updated = clock_wall(&r->clock);
}

static void an_evicted_run_alarms(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, DISPATCH), 0);
	poll(r);
	replace(r);
	poll(r);
	one_alarm(r, ALARM_EVICTED, "your queued run 5000 was replaced by run 5001 of ben",
		  "see what runs now, then dispatch it again");
	assert_non_null(strstr(reasons(r), "was replaced by run 5001"));
	loop_advance(r->loop, AFTER_MS);
	poll(r);
	/* a day later it is history, and another alarm is about proofs that nobody looked at since */
	assert_null(strstr(reasons(r), "was replaced"));
	for (size_t i = 0; alarm_nth(r, i); i++)
		assert_int_not_equal(alarm_nth(r, i)->kind, ALARM_EVICTED);
}

/* Somebody stopped it at work, or we did: that is no eviction. */
static void a_cancelled_run_is_no_evicted_one(void **state)
{
	struct rig *r = *state;
	struct job job = { .id = 1,
			   .run_id = 5000,
			   .attempt = 1,
			   .name = "resolve",
			   .stage = "",
			   .status = RUN_COMPLETED,
			   .conclusion = CONCLUSION_CANCELLED,
			   .steps = "[]",
			   .meaning = "" };
	struct err e = ERR_INIT;

	assert_int_equal(rig_ask(r, DISPATCH), 0);
	replace(r);
	job.started = job.completed = clock_wall(&r->clock);
	assert_true(store_run(r->cache, Q_job_put, &rec_job, &job, &e) >= 0);
	poll(r);
	assert_null(alarm_nth(r, 0));
}

static void our_own_cancel_is_no_eviction(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, DISPATCH), 0);
	assert_int_equal(rig_ask(r, "cancel 5000 --confirm easy/prod"), 0);
	poll(r);
	assert_null(alarm_nth(r, 0));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(an_act_that_went_well_is_quiet),
		T(a_run_of_another_commit_alarms),
		T(a_run_found_by_its_nonce_is_held_against_the_plan),
		T(a_death_hides_no_alarm),
		T(a_doubled_request_alarms),
		T(an_evicted_run_alarms),
		T(a_cancelled_run_is_no_evicted_one),
		T(our_own_cancel_is_no_eviction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
