/* What a guard does where something of ours can end the canary: it ends it and goes back, in one act, once; or says what it
 * cannot. */
#include "canaries.h"

#include "core/engine/sentry.h"
#include "store/holds.h"

#define LANE "shop/prod"
#define ARM  "guard arm shop/prod --confirm shop/prod"

static const char by_cancel[] = CANARY_LANE(LEVERS(BY_GATE BY_CANCEL), GOES_BACK);
static const char by_helm[] = CANARY_LANE(LEVERS(BY_GATE BY_CANCEL), BY_HELM);
static const char by_nobody[] = CANARY_LANE("", BY_HELM);

static const struct canary_guard *guard(struct rig *r)
{
	return sentry_of(r->en, LANE);
}

static void look(struct rig *r, enum canary_verdict verdict)
{
	struct canary c = canary_now(r);

	c.verdict = (int)verdict;
	c.reason = "errors over 1.00";
	if (ground_run(&r->g, CARRIER)->status == RUN_COMPLETED)
		c.phase = CANARY_ABORTED; /* as the ladder has it */
	sentry_heard(r->en, &c, false);
}

static int cancels(struct rig *r)
{
	const char *what = arena_printf(&r->a, "act %d ", (int)FORGE_CANCEL);
	int n = 0;

	for (size_t i = 0; i < r->g.sent_n; i++)
		n += text_starts(r->g.sent[i], what);
	return n;
}

/* Runs that bring v1 back. */
static size_t came_back(struct rig *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->g.runs_n; i++)
		n += r->g.runs[i].id >= 9000;
	return n;
}

static void must_arm(struct rig *r, const char *line)
{
	if (rig_ask(r, line) != 0)
		fail_msg("%s", r->text);
	assert_int_equal(guard(r)->state, GUARD_ARMED);
}

static const char *alarm_text(struct rig *r)
{
	struct alarms all = { 0 };
	struct err e = ERR_INIT;

	assert_int_equal(store_alarms_read(&all, r->cache, LANE, &r->a, &e), 0);
	vec_each (it, &all)
		if (it->kind == ALARM_GUARD)
			return it->text;
	return "";
}

static void the_canary_is_ended_and_gone_back_from(void **state)
{
	struct rig *r = canary_open(state, by_cancel);

	assert_int_equal(rig_ask(r, "plan guard arm shop/prod"), 0);
	assert_non_null(strstr(r->text, "abort, and back to v1: "));
	must_arm(r, ARM);
	assert_int_equal(guard(r)->may, GUARD_MAY_ROLLBACK);
	look(r, VERDICT_FAIL);
	rig_pass(r, 1);
	assert_int_equal(cancels(r), 1); /* the first request is on the wire */
	for (int i = 0; i < 10; i++, rig_pass(r, 30))
		look(r, VERDICT_FAIL);
	assert_int_equal(guard(r)->state, GUARD_ACTED);
	assert_int_equal(cancels(r), 1);
	assert_int_equal(came_back(r), 1);
	assert_string_equal(rig_intent(r)->who, "guard, armed by ana@bastion (octo-ana)");
	assert_string_equal(alarm_text(r), "");
}

/* Killed at every 100 ms: what had happened stays so, and the rest happens, once. */
static void dying_between_the_steps(void **state)
{
	for (int ms = 0; ms < 4000; ms += 100) {
		struct rig *r = canary_open(state, by_cancel);

		must_arm(r, ARM);
		look(r, VERDICT_FAIL);
		loop_advance(r->loop, ms);
		rig_crash(r);
		for (int i = 0; i < 50; i++, rig_pass(r, 30))
			look(r, VERDICT_FAIL);
		if (cancels(r) != 1 || came_back(r) != 1 || guard(r)->state != GUARD_ACTED)
			fail_msg("killed after %d ms: %d cancels, %zu back, %s: %s; %s", ms, cancels(r),
				 came_back(r), names_word(&guard_state_names, guard(r)->state),
				 guard(r)->reason, alarm_text(r));
	}
}

/* An answer is lost, the request arrived or not. */
static void each_lost_answer(void **state)
{
	for (size_t at = 1; at <= 2; at++) {
		for (int after = 0; after < 2; after++) {
			struct rig *r = canary_open(state, by_cancel);

			must_arm(r, ARM);
			r->g.fault_at = at;
			r->g.fault = ERR_UNKNOWN;
			r->g.fault_after = after;
			for (int i = 0; i < 60; i++, rig_pass(r, 30))
				look(r, VERDICT_FAIL);
			if (came_back(r) != 1 || guard(r)->state != GUARD_ACTED)
				fail_msg("request %zu, %d: %zu back, %s: %s; %s", at, after, came_back(r),
					 names_word(&guard_state_names, guard(r)->state), guard(r)->reason,
					 alarm_text(r));
		}
	}
}

static int state_of(struct rig *r, int64_t id)
{
	struct intent in = { 0 };
	struct err e = ERR_INIT;

	assert_int_equal(journal_get(r->journal, id, &in, &r->a, &e), 0);
	return in.state;
}

/* A captain's own abort, whose answer is lost: it may have ended the canary, or not, and no second one is sent beside it. The
 * guard says so at once; when it was looked for and not found, none of it can arrive, and the guard acts past it. */
static void an_abort_of_unknown_outcome_is_told(void **state)
{
	for (int after = 0; after < 2; after++) {
		struct rig *r = canary_open(state, by_cancel);

		must_arm(r, ARM);
		r->g.fault_at = 1;
		r->g.fault = ERR_UNKNOWN;
		r->g.fault_after = after;
		r->g.deaf = true;
		assert_int_equal(rig_ask(r, "abort shop/prod --confirm shop/prod"), 3);
		look(r, VERDICT_FAIL);
		rig_pass(r, 1);
		assert_non_null(strstr(alarm_text(r), "its abort is refused: intent 2 (abort 21 by ana"));
		assert_non_null(strstr(alarm_text(r), "is unknown"));
		for (int i = 0; i < 40 && state_of(r, 2) == INTENT_UNKNOWN; i++, rig_pass(r, 1)) {
			look(r, VERDICT_FAIL);
			assert_int_equal(guard(r)->state, GUARD_ACTING);
			assert_int_equal(came_back(r), 0);
			rig_pass(r, 29);
		}
		assert_int_equal(state_of(r, 2), INTENT_NOT_FOUND);
		r->g.deaf = false;
		for (int i = 0; i < 10; i++, rig_pass(r, 30))
			look(r, VERDICT_FAIL);
		assert_int_equal(state_of(r, 2), INTENT_NOT_FOUND); /* a person's to close */
		if (guard(r)->state != GUARD_ACTED)
			fail_msg("%d: %s; %s", after, guard(r)->reason, alarm_text(r));
		assert_int_equal(came_back(r), 1);
		assert_in_range(cancels(r), 1, 2); /* the captain's, and the one of the guard */
	}
}

static void where_helm_goes_back_it_only_aborts(void **state)
{
	struct rig *r = canary_open(state, by_helm);

	assert_int_equal(rig_ask(r, "plan guard arm shop/prod"), 0);
	assert_non_null(strstr(r->text, "it cannot roll back: that is done elsewhere: helm rollback shop"));
	must_arm(r, ARM);
	assert_int_equal(guard(r)->may, GUARD_MAY_ABORT);
	look(r, VERDICT_FAIL);
	rig_pass(r, 60);
	assert_int_equal(guard(r)->state, GUARD_ACTED);
	assert_int_equal(cancels(r), 1);
	assert_int_equal(came_back(r), 0);
}

static void where_nothing_is_ours_it_only_says_so(void **state)
{
	struct rig *r = canary_open(state, by_nobody);
	struct canary c;

	must_arm(r, ARM);
	assert_int_equal(guard(r)->may, GUARD_MAY_ALARM);
	look(r, VERDICT_FAIL);
	rig_pass(r, 60);
	assert_int_equal(guard(r)->state, GUARD_ACTED);
	assert_int_equal(r->g.sent_n, 0);
	assert_non_null(strstr(alarm_text(r), "ALARM, which is all that it may: errors over 1.00"));
	rig_crash(r);
	assert_true(*alarm_text(r)); /* until the canary is over */
	c = canary_now(r);
	c.phase = CANARY_FAILED;
	sentry_seen(r->en, &c);
	assert_int_equal(guard(r)->state, GUARD_OVERTAKEN); /* it was ended, and nobody went back */
	assert_true(*alarm_text(r));
	c.phase = CANARY_DONE;
	sentry_seen(r->en, &c);
	assert_int_equal(guard(r)->state, GUARD_STOOD_DOWN);
	assert_string_equal(alarm_text(r), "");
	must_arm(r, ARM);
	look(r, VERDICT_FAIL);
	assert_true(*alarm_text(r)); /* or somebody takes it away */
	assert_int_equal(rig_ask(r, "guard disarm shop/prod --confirm shop/prod"), 0);
	assert_string_equal(alarm_text(r), "");
}

/* Who holds it steers it: the guard is not his any more. */
static void a_hold_takes_over(void **state)
{
	struct rig *r = canary_open(state, by_cancel);

	must_arm(r, ARM);
	assert_int_equal(rig_ask(r, "hold shop/prod --reason look --confirm shop/prod"), 0);
	assert_int_equal(guard(r)->state, GUARD_STOOD_DOWN);
	assert_non_null(strstr(guard(r)->reason, "took over: hold"));
}

#define T(name) cmocka_unit_test_teardown(name, canary_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_canary_is_ended_and_gone_back_from),
		T(dying_between_the_steps),
		T(each_lost_answer),
		T(an_abort_of_unknown_outcome_is_told),
		T(where_helm_goes_back_it_only_aborts),
		T(where_nothing_is_ours_it_only_says_so),
		T(a_hold_takes_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
