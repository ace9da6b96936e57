/* From the sample to the request, with nobody there: no console is attached, the guard alone keeps the lane read. */
#include "canary_rig.h"

#include "core/engine/sentry.h"
#include "store/holds.h"

#define WEIGHED   "      weight:\n        - {from: jobs, jobs: 'canary-{percent}*'}\n"
#define BY_CANCEL "      control:\n        - {by: cancel, acts: [abort]}\n"

struct alone {
	struct canary_rig *r;
	struct journal *journal;
	int status;
	bool answered;
};

static void up(struct alone *t)
{
	struct canary_rig *r = t->r;
	struct err e = ERR_INIT;
	struct engine_options o = { .loop = r->loop,
				    .forge = &r->fake.forge,
				    .cache = r->cache,
				    .journal = t->journal,
				    .profiles = &r->profiles,
				    .sha256 = rig_digest,
				    .survey = true,
				    .who = "ana@bastion" };

	*vec_push(&o.movers, &r->a) = (struct mover){ LANE, &r->mover.rollout };
	*vec_push(&o.meters, &r->a) = (struct meter){ LANE, &r->meter.metrics };
	if (engine_new(&r->en, &o, &e) < 0)
		fail_msg("%s", e.message);
}

static void traffic(struct canary_rig *r, int64_t bad)
{
	meter_counts(&r->meter, "stable_all", 11400);
	meter_counts(&r->meter, "stable_bad", 114);
	meter_counts(&r->meter, "canary_all[30s]", 600);
	meter_counts(&r->meter, "canary_bad", bad);
}

static void answered(void *ctx, int status, const char *json maybe_unused)
{
	struct alone *t = ctx;

	t->status = status;
	t->answered = true;
}

/* A guard is armed by somebody who then leaves. */
static void begin(struct alone *t)
{
	static const char *const arm[] = { "guard", "arm", LANE, "--confirm", LANE };
	struct err e = ERR_INIT;

	t->r = canary_rig_new(WEIGHED COUNTED BY_CANCEL);
	canary_down(t->r);
	if (journal_open(&t->journal, arena_printf(&t->r->a, "%s/journal.db", t->r->dir), &e) != 0)
		fail_msg("%s", e.message);
	up(t);
	traffic(t->r, 6);
	train_starts(t->r);
	train_job(t->r, "canary-5", RUN_IN_PROGRESS);
	engine_attach(t->r->en, 1);
	canary_wait(t->r, 2 * MINUTE);
	engine_ask(t->r->en, countof(arm), arm, NULL, answered, t);
	canary_wait(t->r, 5000);
	assert_true(t->answered);
	assert_int_equal(t->status, 0);
	engine_attach(t->r->en, -1);
}

static void finish(struct alone *t)
{
	static const char *const files[] = { "journal.db", "journal.db-wal", "journal.db-shm" };

	canary_down(t->r);
	journal_close(t->journal);
	for (size_t i = 0; i < countof(files); i++)
		(void)unlink(arena_printf(&t->r->a, "%s/%s", t->r->dir, files[i]));
	canary_rig_free(t->r);
}

static size_t samples(struct canary_rig *r)
{
	return book_of(r).samples.n;
}

static void the_lane_is_read_for_its_guard_alone(void **state)
{
	struct alone t = { 0 };
	size_t before;

	(void)state;
	begin(&t);
	before = samples(t.r);
	canary_wait(t.r, 5 * MINUTE);
	assert_in_range(samples(t.r) - before, 9, 11);
	assert_int_equal(sentry_of(t.r->en, LANE)->state, GUARD_ARMED);
	assert_int_equal(t.r->fake.sends, 0);
	finish(&t);
}

/* The errors begin right after a sample: the next one is judged, and the request leaves within a second of it. */
static void a_breach_is_on_the_wire_within_an_interval_and_a_second(void **state)
{
	struct alone t = { 0 };
	size_t before;
	int64_t waited = 0, judged = 0;

	(void)state;
	begin(&t);
	for (before = samples(t.r); samples(t.r) == before;)
		loop_advance(t.r->loop, 100);
	traffic(t.r, 120);
	for (; !t.r->fake.sends && waited < 2 * MINUTE; waited += 100) {
		loop_advance(t.r->loop, 100);
		if (!judged && book_of(t.r).row.verdict == VERDICT_FAIL)
			judged = waited;
	}
	assert_int_equal(t.r->fake.sends, 1);
	assert_true(waited <= 31000);
	assert_true(waited - judged <= 1000);
	canary_wait(t.r, 5 * MINUTE);
	assert_int_equal(t.r->fake.sends, 1);
	assert_int_equal(sentry_of(t.r->en, LANE)->state, GUARD_ACTED);
	finish(&t);
}

static const char *guard_alarm(struct canary_rig *r)
{
	struct alarms all = { 0 };

	assert_true(store_alarms_read(&all, r->cache, LANE, &r->a, NULL) >= 0);
	vec_each (it, &all)
		if (it->kind == ALARM_GUARD)
			return it->text;
	return "";
}

/* The metrics are gone: their looks go on, and move it to nothing but an alarm. */
static void metrics_that_are_gone_move_it_to_nothing(void **state)
{
	struct alone t = { 0 };

	(void)state;
	begin(&t);
	meter_set(&t.r->meter, "canary_bad", SAMPLE_EMPTY, 0);
	meter_set(&t.r->meter, "canary_all[30s]", SAMPLE_EMPTY, 0);
	canary_wait(t.r, 5 * MINUTE);
	assert_int_equal(sentry_of(t.r->en, LANE)->state, GUARD_ARMED);
	assert_int_equal(t.r->fake.sends, 0);
	assert_non_null(strstr(guard_alarm(t.r), "it sees nothing"));
	finish(&t);
}

/* Somebody else ended the train: there is nothing left to guard, and that is said. */
static void it_is_overtaken_when_the_train_is_ended(void **state)
{
	struct alone t = { 0 };

	(void)state;
	begin(&t);
	train_job(t.r, "canary-5", RUN_COMPLETED);
	train_ends(t.r, CONCLUSION_FAILURE);
	canary_wait(t.r, 3 * MINUTE);
	assert_int_equal(sentry_of(t.r->en, LANE)->state, GUARD_OVERTAKEN);
	assert_non_null(strstr(guard_alarm(t.r), "is failed, and not by this guard"));
	assert_int_equal(t.r->fake.sends, 0);
	assert_false(engine_is_guarding(t.r->en));
	finish(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lane_is_read_for_its_guard_alone),
		cmocka_unit_test(a_breach_is_on_the_wire_within_an_interval_and_a_second),
		cmocka_unit_test(metrics_that_are_gone_move_it_to_nothing),
		cmocka_unit_test(it_is_overtaken_when_the_train_is_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
