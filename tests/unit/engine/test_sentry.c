/* A guard acts once, by the rules of every act, for its own release, while it may; whatever dies, is lost or is refused. */
#include "rig.h"

#include <signal.h>
#include <sys/resource.h>

#include "core/engine/sentry.h"
#include "core/view/guard.h"
#include "store/canaries.h"
#include "store/guards.h"
#include "store/holds.h"

#define LANE    "easy/prod"
#define ARM     "guard arm easy/prod --confirm easy/prod"
#define DISARM  "guard disarm easy/prod --confirm easy/prod"
#define LOOK_MS 30000

/* ---- a canary ------------------------------------------------------------------------------------------------------ */

/* The run that carries it goes on; going back is going to what was live before. */
static void canary_begins(struct rig *r)
{
	r->fake.asset_tag = "v0.9.3";
	r->fake.ahead = 0;
	r->fake.behind = 5;
	add_run(&r->fake, "Production Rollout v0.9.4", RUN_IN_PROGRESS, CONCLUSION_OTHER);
}

static struct canary canary_of(struct rig *r, enum canary_verdict verdict)
{
	return (struct canary){ .lane = LANE,
				.release = "v0.9.4",
				.run = 5000,
				.phase = CANARY_WATCHING,
				.step = 2,
				.steps = 4,
				.verdict = verdict,
				.reason = verdict == VERDICT_FAIL ? "err_rate 2.31 over 1.00" : "",
				.interval_s = LOOK_MS / 1000,
				.sampled = clock_wall(&r->clock),
				.at = clock_wall(&r->clock) };
}

static void keep(struct rig *r, const struct canary *c)
{
	struct canary_book book = { .row = *c };
	struct err e = ERR_INIT;

	assert_int_equal(store_begin(r->cache, &e), 0);
	assert_int_equal(store_canary_put(r->cache, &book, &e), 0);
	assert_int_equal(store_end(r->cache, &e), 0);
}

/* As the survey does: the row first, then the word. */
static void hear(struct rig *r, enum canary_verdict verdict)
{
	struct canary c = canary_of(r, verdict);

	keep(r, &c);
	sentry_heard(r->en, &c, false);
}

static void hear_nothing(struct rig *r)
{
	struct canary c = canary_of(r, VERDICT_INCONCLUSIVE);

	c.reason = "the source did not answer";
	sentry_heard(r->en, &c, true);
}

static void wait_look(struct rig *r)
{
	loop_advance(r->loop, LOOK_MS);
}

static const struct canary_guard *guard(struct rig *r)
{
	return sentry_of(r->en, LANE);
}

static int setup(void **state)
{
	int failed = rig_setup(state);
	struct canary c = canary_of(*state, VERDICT_PASS);

	canary_begins(*state);
	keep(*state, &c);
	return failed;
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

static struct intent newest(struct rig *r, const char *act)
{
	struct intents all;

	rig_intents(r, &all);
	vec_each (in, &all)
		if (!strcmp(in->act, act))
			return *in;
	return (struct intent){ .state = -1, .nonce = "", .who = "", .note = "", .reason = "" };
}

static int count(struct rig *r, const char *act)
{
	struct intents all;
	int n = 0;

	rig_intents(r, &all);
	vec_each (in, &all)
		n += !strcmp(in->act, act);
	return n;
}

/* Runs that came of rollbacks: the rig's own begin at 5001. */
static size_t rolled_back(const struct rig *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->fake.runs_n; i++)
		n += r->fake.runs[i].id > 5000;
	return n;
}

/* ---- arming -------------------------------------------------------------------------------------------------------- */

static void the_plan_says_what_it_would_do(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "guard arm easy/prod --until 1h"), 1);
	assert_string_equal(rig_str(r, "verdict"), "go");
	assert_string_equal(rig_str(r, "confirm"), "easy/prod");
	assert_string_equal(rig_str(r, "release"), "v0.9.4");
	assert_string_equal(rig_check(r, "canary"), "ok");
	assert_string_equal(rig_check(r, "back"), "ok");
	assert_non_null(strstr(r->text, "rollback to v0.9.3: POST /repos"));
	assert_non_null(strstr(r->text, "at the first judgement that fails"));
	assert_string_equal(rig_check(r, "note:engine"), "unchecked"); /* nobody starts this one again */
	assert_null(guard(r));
	assert_int_equal(r->fake.sends, 0);
	assert_int_equal(rig_ask(r, "plan guard arm easy/prod --samples 3/5"), 0);
	assert_non_null(strstr(r->text, "when 3 of the newest 5 judgements fail"));
	assert_int_equal(rig_ask(r, "guard arm easy/prod --confirm easy"), 1);
	assert_null(guard(r));
}

static void bad_words_are_said(void **state)
{
	static const struct {
		const char *line, *words;
		int status;
	} cases[] = {
		{ "guard watch easy/prod", "guard watch is not arm, disarm or show", 2 },
		{ "plan guard show easy/prod", "guard show is nothing to plan", 2 },
		{ "guard arm", "guard arm needs LANE", 2 },
		{ "guard arm no/lane", "there is no lane no/lane", 1 },
		{ "guard arm easy/prod --until soon", "--until soon is no time", 2 },
		{ "guard arm easy/prod --samples 6/5", "--samples 6/5 is not N/M", 2 },
		{ "guard arm easy/prod --samples 0/5", "--samples 0/5 is not N/M", 2 },
		{ "guard arm easy/prod --until 2d", "more than a day away", 1 },
		{ "guard arm easy/prod --until 2020-01-01T00:00:00Z", "is over", 1 },
		{ "guard disarm easy/prod", "no guard is armed here", 1 },
	};
	struct rig *r = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		assert_int_equal(rig_ask(r, cases[i].line), cases[i].status);
		if (!strstr(r->text, cases[i].words))
			fail_msg("%s: %s", cases[i].line, r->text);
	}
	assert_int_equal(count(r, "guard"), 0);
}

static void only_a_canary_under_way_is_guarded(void **state)
{
	static const enum canary_phase phases[] = { CANARY_ABSENT, CANARY_DONE, CANARY_ABORTED, CANARY_FAILED,
						    CANARY_OTHER };
	struct rig *r = *state;

	for (size_t i = 0; i < countof(phases); i++) {
		struct canary c = canary_of(r, VERDICT_PASS);

		c.phase = (int)phases[i];
		keep(r, &c);
		assert_int_equal(rig_ask(r, ARM), 1);
		assert_non_null(strstr(r->text, "canary: the canary of v0.9.4 is"));
	}
	assert_null(guard(r));
}

static void one_guard_a_lane(void **state)
{
	struct rig *r = *state;

	must_arm(r, ARM " --until 1h");
	assert_int_equal(rig_ask(r, ARM), 1);
	assert_non_null(strstr(r->text, "armed: ana@bastion (octo-ana) has one armed for v0.9.4"));
	assert_int_equal(rig_ask(r, DISARM), 0);
	assert_int_equal(guard(r)->state, GUARD_STOOD_DOWN);
	assert_non_null(strstr(newest(r, "guard").note, "stood down"));
	assert_int_equal(rig_ask(r, DISARM), 1);
	must_arm(r, ARM);
	assert_int_equal(count(r, "guard"), 3);
}

static void a_refusal_in_sight_wants_a_reason(void **state)
{
	struct rig *r = *state;

	r->fake.workflow_state = "disabled_manually";
	assert_int_equal(rig_ask(r, ARM), 1);
	assert_non_null(strstr(r->text, "rollback would be refused now"));
	must_arm(r, ARM " --reason 'it will be enabled'");
}

static void no_rollback_of_a_rollback(void **state)
{
	struct rig *r = *state;
	struct canary c = canary_of(r, VERDICT_PASS);

	assert_int_equal(rig_ask(r, "rollback easy/prod v0.9.3 --reason bad --confirm easy/prod"), 0);
	c.run = newest(r, "rollback").run_id;
	c.release = "v0.9.3";
	keep(r, &c);
	assert_int_equal(rig_ask(r, ARM), 1);
	assert_non_null(strstr(r->text, "origin: v0.9.3 came by the rollback"));
}

/* ---- acting -------------------------------------------------------------------------------------------------------- */

static void a_breach_is_answered_once(void **state)
{
	struct rig *r = *state;
	struct intent in;

	must_arm(r, ARM);
	assert_int_equal(r->fake.sends, 0);
	hear(r, VERDICT_FAIL);
	assert_int_equal(guard(r)->state, GUARD_ACTING);
	loop_advance(r->loop, 1000); /* the request is on the wire */
	assert_int_equal(r->fake.sends, 1);
	wait_look(r);
	assert_int_equal(guard(r)->state, GUARD_ACTED);
	in = newest(r, "rollback");
	assert_string_equal(in.who, "guard, armed by ana@bastion (octo-ana)");
	assert_string_equal(in.reason, "guard, armed by ana@bastion (octo-ana): err_rate 2.31 over 1.00");
	assert_int_equal(guard(r)->intent, in.id);
	for (int i = 0; i < 5; i++, wait_look(r))
		hear(r, VERDICT_FAIL);
	assert_int_equal(r->fake.sends, 1);
	assert_string_equal(alarm_text(r), "");
}

static void what_is_no_failure_moves_nothing(void **state)
{
	static const enum canary_verdict calm[] = { VERDICT_PASS, VERDICT_INCONCLUSIVE, VERDICT_UNKNOWN };
	struct rig *r = *state;
	struct canary old = canary_of(r, VERDICT_FAIL);

	must_arm(r, ARM);
	for (size_t i = 0; i < countof(calm); i++, wait_look(r))
		hear(r, calm[i]);
	wait_look(r);
	sentry_heard(r->en, &old, false); /* a failure of three minutes ago */
	for (int i = 0; i < 5; i++, wait_look(r))
		hear_nothing(r);
	assert_int_equal(guard(r)->state, GUARD_ARMED);
	assert_int_equal(r->fake.sends, 0);
	assert_non_null(strstr(alarm_text(r), "it sees nothing"));
	hear(r, VERDICT_PASS);
	assert_string_equal(alarm_text(r), "");
}

static void silence_is_a_breach_when_told_so(void **state)
{
	struct rig *r = *state;

	must_arm(r, ARM " --silence-is-breach");
	for (int i = 0; i < GUARD_SILENT_MAX; i++) {
		assert_int_equal(guard(r)->state, GUARD_ARMED);
		hear_nothing(r);
	}
	assert_int_equal(guard(r)->state, GUARD_ACTING);
	wait_look(r);
	assert_int_equal(r->fake.sends, 1);
	assert_non_null(strstr(newest(r, "rollback").reason, "silence, which counts as a breach"));
}

/* Whoever judges has stopped: no word comes at all. */
static void no_word_at_all_is_told(void **state)
{
	struct rig *r = *state;

	must_arm(r, ARM);
	loop_advance(r->loop, 4 * LOOK_MS);
	assert_int_equal(guard(r)->state, GUARD_ARMED);
	assert_non_null(strstr(alarm_text(r), "no judgement is made any more"));
	assert_int_equal(r->fake.sends, 0);
}

static void three_of_five(void **state)
{
	static const enum canary_verdict looks[] = { VERDICT_FAIL, VERDICT_PASS, VERDICT_FAIL, VERDICT_PASS,
						     VERDICT_PASS, VERDICT_FAIL, VERDICT_FAIL };
	struct rig *r = *state;

	must_arm(r, ARM " --samples 3/5");
	for (size_t i = 0; i < countof(looks); i++, wait_look(r)) {
		assert_int_equal(guard(r)->state, GUARD_ARMED);
		hear(r, looks[i]);
	}
	hear(r, VERDICT_FAIL);
	assert_int_equal(r->fake.sends, 1);
	assert_int_equal(guard(r)->state, GUARD_ACTED);
}

/* ---- ending -------------------------------------------------------------------------------------------------------- */

static void its_time_ends_by_the_forges_clock(void **state)
{
	struct rig *r = *state;

	r->fake.ahead_ms = 600000;
	assert_int_equal(rig_ask(r, "plan guard arm easy/prod"), 0); /* the skew is known now */
	must_arm(r, ARM " --until 1h");
	assert_int_equal(when_diff(guard(r)->deadline, clock_wall(&r->clock)) / 60000, 69);
	for (int i = 0; i < 118; i++, wait_look(r))
		hear(r, VERDICT_PASS);
	assert_int_equal(guard(r)->state, GUARD_ARMED);
	for (int i = 0; i < 3; i++, wait_look(r))
		hear(r, VERDICT_PASS);
	assert_int_equal(guard(r)->state, GUARD_EXPIRED);
	assert_non_null(strstr(r->notice, "its time was over"));
	hear(r, VERDICT_FAIL);
	wait_look(r);
	assert_int_equal(r->fake.sends, 0);
	assert_false(engine_is_guarding(r->en));
}

static void it_stands_down_with_its_canary(void **state)
{
	static const struct {
		enum canary_phase phase;
		const char *release, *words;
	} cases[] = {
		{ CANARY_WATCHING, "v0.9.5", "the canary is v0.9.5 by now" },
		{ CANARY_DONE, "v0.9.4", "the canary of v0.9.4 is done" },
		{ CANARY_ABORTED, "v0.9.4", "is aborted" },
		{ CANARY_FAILED, "v0.9.5", "the canary is v0.9.5 by now" },
	};
	struct rig *r = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		struct canary c = canary_of(r, VERDICT_PASS);

		keep(r, &c);
		must_arm(r, ARM);
		c = canary_of(r, VERDICT_FAIL);
		c.phase = (int)cases[i].phase;
		c.release = cases[i].release;
		if (i % 2)
			sentry_seen(r->en, &c);
		else
			sentry_heard(r->en, &c, false);
		assert_int_equal(guard(r)->state, GUARD_STOOD_DOWN);
		assert_non_null(strstr(guard(r)->reason, cases[i].words));
		wait_look(r);
	}
	assert_int_equal(r->fake.sends, 0);
}

/* Somebody cancelled its run from elsewhere: nobody went back, and the screens say so until somebody does. */
static void a_canary_that_another_hand_ended_alarms(void **state)
{
	struct rig *r = *state;
	struct canary c = canary_of(r, VERDICT_PASS);

	must_arm(r, ARM);
	c.phase = CANARY_FAILED;
	for (int i = 0; i < 2; i++, wait_look(r)) {
		sentry_seen(r->en, &c);
		assert_int_equal(guard(r)->state, GUARD_OVERTAKEN);
		assert_non_null(
			strstr(alarm_text(r), "the canary of v0.9.4 is failed, and not by this guard"));
	}
	assert_false(engine_is_guarding(r->en));
	rig_crash(r);
	assert_int_equal(guard(r)->state, GUARD_OVERTAKEN);
	assert_non_null(strstr(alarm_text(r), "is failed, and not by this guard"));
	assert_int_equal(rig_ask(r, "rollback easy/prod v0.9.3 --reason mine --confirm easy/prod"), 0);
	assert_int_equal(guard(r)->state, GUARD_STOOD_DOWN);
	assert_string_equal(alarm_text(r), "");
}

static void a_captain_takes_over(void **state)
{
	struct rig *r = *state;

	must_arm(r, ARM);
	assert_int_equal(rig_ask(r, "rollback easy/prod v0.9.3 --reason mine --confirm easy/prod"), 0);
	assert_int_equal(guard(r)->state, GUARD_STOOD_DOWN);
	assert_non_null(strstr(guard(r)->reason, "ana@bastion (octo-ana) took over: rollback"));
	hear(r, VERDICT_FAIL);
	wait_look(r);
	assert_int_equal(r->fake.sends, 1);
}

/* Both see it at once: whoever is second finds the intent of the first. */
static void a_captain_and_a_guard_at_once_send_one(void **state)
{
	struct rig *r = *state;

	must_arm(r, ARM);
	rig_begin(r, "rollback easy/prod v0.9.3 --reason mine --confirm easy/prod", NULL);
	hear(r, VERDICT_FAIL);
	for (int i = 0; i < 4; i++, wait_look(r))
		hear(r, VERDICT_FAIL);
	assert_int_equal(r->fake.sends, 1);
	assert_int_equal(rolled_back(r), 1);
	assert_false(guard_is_up(guard(r)));
}

/* ---- refused, lost, killed ------------------------------------------------------------------------------------------- */

static void a_rule_refuses_and_gives_way(void **state)
{
	struct rig *r = *state;

	must_arm(r, ARM);
	r->fake.workflow_state = "disabled_manually";
	for (int i = 0; i < 3; i++, wait_look(r))
		hear(r, VERDICT_FAIL);
	assert_int_equal(guard(r)->state, GUARD_ACTING);
	assert_int_equal(r->fake.sends, 0);
	assert_non_null(strstr(alarm_text(r), "its rollback is refused"));
	r->fake.workflow_state = "active";
	hear(r, VERDICT_FAIL);
	wait_look(r);
	assert_int_equal(r->fake.sends, 1);
	assert_int_equal(guard(r)->state, GUARD_ACTED);
	assert_string_equal(alarm_text(r), "");
}

static void a_breach_that_passes_is_not_answered(void **state)
{
	struct rig *r = *state;

	must_arm(r, ARM);
	r->fake.workflow_state = "disabled_manually";
	hear(r, VERDICT_FAIL);
	wait_look(r);
	hear(r, VERDICT_PASS);
	assert_int_equal(guard(r)->state, GUARD_ARMED);
	r->fake.workflow_state = "active";
	wait_look(r);
	assert_int_equal(r->fake.sends, 0);
	assert_string_equal(alarm_text(r), "");
}

/* What the forge refused is not asked again as long as the plan is the same. */
static void the_forge_refuses_and_the_world_moves(void **state)
{
	struct rig *r = *state;
	struct intent first;

	must_arm(r, ARM);
	r->fake.act_fail = ERR_FORBIDDEN;
	for (int i = 0; i < 4; i++, wait_look(r))
		hear(r, VERDICT_FAIL);
	assert_int_equal(r->fake.sends, 1);
	assert_int_equal(guard(r)->state, GUARD_ACTING);
	first = newest(r, "rollback");
	assert_int_equal(first.state, INTENT_REFUSED);
	assert_non_null(strstr(alarm_text(r), "its rollback is refused"));
	r->fake.act_fail = 0;
	hear(r, VERDICT_FAIL);
	wait_look(r);
	assert_int_equal(r->fake.sends, 1); /* nothing has changed */
	r->fake.tag_sha = "2222222222222222222222222222222222222222";
	hear(r, VERDICT_FAIL);
	wait_look(r);
	assert_int_equal(r->fake.sends, 2);
	assert_string_not_equal(newest(r, "rollback").nonce, first.nonce);
	assert_int_equal(guard(r)->state, GUARD_ACTED);
	assert_int_equal(rolled_back(r), 1);
}

static void a_lost_answer_is_found_and_not_repeated(void **state)
{
	struct rig *r = *state;

	must_arm(r, ARM);
	r->fake.act_fail = ERR_UNKNOWN;
	r->fake.act_first = true;
	hear(r, VERDICT_FAIL);
	loop_advance(r->loop, 1000);
	r->fake.hide_runs = true;
	for (int i = 0; i < 4; i++, wait_look(r))
		hear(r, VERDICT_FAIL);
	assert_int_equal(r->fake.sends, 1);
	assert_int_equal(guard(r)->state, GUARD_ACTING);
	assert_non_null(strstr(alarm_text(r), "is not known: it is looked for"));
	r->fake.hide_runs = false;
	loop_advance(r->loop, 60000);
	assert_int_equal(guard(r)->state, GUARD_ACTED);
	assert_int_equal(r->fake.sends, 1);
	assert_string_equal(alarm_text(r), "");
}

/* It never arrived: ten minutes later that is known, and it goes out once more under the same nonce. */
static void what_never_arrived_is_repeated_under_its_nonce(void **state)
{
	struct rig *r = *state;
	struct intent first;

	must_arm(r, ARM);
	r->fake.act_fail = ERR_UNKNOWN;
	hear(r, VERDICT_FAIL);
	wait_look(r);
	first = newest(r, "rollback");
	r->fake.act_fail = 0;
	for (int i = 0; i < 18; i++, wait_look(r))
		hear(r, VERDICT_FAIL);
	assert_int_equal(r->fake.sends, 1);
	for (int i = 0; i < 6; i++, wait_look(r))
		hear(r, VERDICT_FAIL);
	assert_int_equal(r->fake.sends, 2);
	assert_string_equal(newest(r, "rollback").nonce, first.nonce);
	assert_int_equal(rolled_back(r), 1);
	assert_int_equal(guard(r)->state, GUARD_ACTED);
}

/* Its repeat is refused, which says nothing of the first: the guard tries again, and never under another nonce. */
static void a_repeat_that_is_refused_is_tried_again(void **state)
{
	struct rig *r = *state;
	struct intent first;

	must_arm(r, ARM);
	r->fake.act_fail = ERR_UNKNOWN;
	hear(r, VERDICT_FAIL);
	wait_look(r);
	first = newest(r, "rollback");
	r->fake.act_fail = ERR_FORBIDDEN;
	for (int i = 0; i < 26; i++, wait_look(r))
		hear(r, VERDICT_FAIL);
	assert_true(r->fake.sends > 1);
	assert_int_equal(newest(r, "rollback").state, INTENT_NOT_FOUND);
	r->fake.act_fail = 0;
	for (int i = 0; i < 4; i++, wait_look(r))
		hear(r, VERDICT_FAIL);
	assert_string_equal(newest(r, "rollback").nonce, first.nonce);
	assert_int_equal(rolled_back(r), 1);
	assert_int_equal(guard(r)->state, GUARD_ACTED);
}

/* Lost twice: it is not sent a third time, and the guard does not say that it will be. */
static void what_was_lost_twice_is_a_persons(void **state)
{
	struct rig *r = *state;

	must_arm(r, ARM);
	r->fake.act_fail = ERR_UNKNOWN;
	for (int i = 0; i < 60; i++, wait_look(r)) {
		hear(r, VERDICT_FAIL);
		assert_null(strstr(r->fake.sends > 1 ? alarm_text(r) : "", "it is repeated"));
	}
	assert_int_equal(r->fake.sends, 2);
	assert_int_equal(newest(r, "rollback").state, INTENT_NOT_FOUND);
	assert_non_null(strstr(alarm_text(r), "abandon"));
}

/* Killed at every 10 ms from the breach on, with the forge quick or lost; another engine takes over. */
static void dying_at_any_moment(void **state)
{
	int acted = 0;

	for (int kind = 0; kind < 3; kind++) {
		for (int ms = 0; ms < 700; ms += kind ? 70 : 10) {
			struct rig *r;

			rig_teardown(state);
			setup(state);
			r = *state;
			must_arm(r, ARM);
			r->fake.act_fail = kind ? ERR_UNKNOWN : 0;
			r->fake.act_first = kind == 1;
			hear(r, VERDICT_FAIL);
			loop_advance(r->loop, ms);
			rig_crash(r);
			r->fake.act_fail = 0;
			for (int i = 0; i < 26; i++, wait_look(r))
				hear(r, VERDICT_FAIL);
			if (rolled_back(r) != 1 || guard(r)->state != GUARD_ACTED)
				fail_msg("killed after %d ms, kind %d: %zu rollbacks, %s: %s", ms, kind,
					 rolled_back(r), names_word(&guard_state_names, guard(r)->state),
					 guard(r)->reason);
			acted++;
		}
	}
	assert_int_equal(acted, 90);
}

/* The next engine goes on without any console, and without a new word when the breach is young. */
static void a_new_engine_takes_it_over(void **state)
{
	struct rig *r = *state;

	must_arm(r, ARM " --until 1h");
	assert_true(engine_is_needed(r->en));
	rig_crash(r);
	assert_int_equal(guard(r)->state, GUARD_ARMED);
	assert_true(engine_is_needed(r->en));
	hear(r, VERDICT_FAIL);
	rig_crash(r);
	assert_int_equal(guard(r)->state, GUARD_ACTING);
	loop_advance(r->loop, 3000);
	assert_int_equal(guard(r)->state, GUARD_ACTED);
	assert_int_equal(r->fake.sends, 1);
	rig_crash(r);
	assert_int_equal(guard(r)->state, GUARD_ACTED);
	assert_false(engine_is_guarding(r->en));
}

/* An engine that was away for long does not answer what was true then. */
static void an_old_breach_is_no_news(void **state)
{
	struct rig *r = *state;

	must_arm(r, ARM);
	hear(r, VERDICT_FAIL);
	engine_free(r->en);
	fake_end(&r->fake.forge);
	loop_advance(r->loop, 600000);
	rig_up(r);
	wait_look(r);
	assert_int_equal(r->fake.sends, 0);
	assert_int_equal(guard(r)->state, GUARD_ARMED);
	hear(r, VERDICT_FAIL);
	wait_look(r);
	assert_int_equal(r->fake.sends, 1);
}

static void an_engine_that_comes_too_late_expires_it(void **state)
{
	struct rig *r = *state;

	must_arm(r, ARM " --until 10m");
	hear(r, VERDICT_FAIL);
	engine_free(r->en);
	fake_end(&r->fake.forge);
	loop_advance(r->loop, 3600000);
	rig_up(r);
	assert_int_equal(guard(r)->state, GUARD_EXPIRED);
	wait_look(r);
	assert_int_equal(r->fake.sends, 0);
}

/* No breach can be entered, so nothing may leave; it says so, and goes on when there is room. */
static void a_full_disk_sends_nothing(void **state)
{
	struct rig *r = *state;
	struct rlimit was, full;

	(void)signal(SIGXFSZ, SIG_IGN);
	must_arm(r, ARM);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	full = (struct rlimit){ .rlim_cur = 0, .rlim_max = was.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	sentry_heard(r->en,
		     &(struct canary){ .lane = LANE,
				       .release = "v0.9.4",
				       .phase = CANARY_WATCHING,
				       .verdict = VERDICT_FAIL,
				       .reason = "err_rate",
				       .interval_s = 30,
				       .sampled = clock_wall(&r->clock) },
		     false);
	loop_advance(r->loop, 10000);
	assert_int_equal(r->fake.sends, 0);
	assert_int_equal(guard(r)->state, GUARD_ARMED);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	loop_advance(r->loop, 5000);
	assert_int_equal(r->fake.sends, 1);
	assert_int_equal(guard(r)->state, GUARD_ACTED);
}

/* A disk that fills while it is armed: there is a guard, or there is none and it can be armed. */
static void on_a_full_disk_it_is_armed_or_not(void **state)
{
	struct rlimit was;
	int armed = 0, failed = 0;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	for (rlim_t room = 0; room < 200000; room += 4000) {
		struct rlimit full = { .rlim_cur = room, .rlim_max = was.rlim_max };
		struct intents in;
		struct rig *r;

		rig_teardown(state);
		setup(state);
		r = *state;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
		rig_ask(r, ARM);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
		armed += r->status == 0;
		failed += r->status != 0;
		loop_advance(r->loop, 10000);
		for (int i = rig_intents(r, &in); i-- > 0;)
			assert_int_equal(in.items[i].state, armed ? INTENT_DONE : INTENT_NOT_SENT);
		if (!armed)
			must_arm(r, ARM);
	}
	assert_true(armed > 0 && failed > 0);
}

/* A journal that another program has moved away: no act, an alarm, words. */
static void a_replaced_journal_stops_it(void **state)
{
	struct rig *r = *state;

	must_arm(r, ARM);
	assert_int_equal(rename(rig_path(r, "journal.db"), rig_path(r, "away.db")), 0);
	hear(r, VERDICT_FAIL);
	loop_advance(r->loop, 3000);
	assert_int_equal(r->fake.sends, 0);
	assert_non_null(
		strstr(alarm_text(r), "the journal's file was replaced or removed; see `pilothouse doctor`"));
	assert_int_equal(rename(rig_path(r, "away.db"), rig_path(r, "journal.db")), 0);
	loop_advance(r->loop, 5000);
	assert_int_equal(r->fake.sends, 1);
}

/* A breach that could not be entered is of its time: when nothing was seen since, it is none to act on. */
static void a_breach_that_waited_grows_old(void **state)
{
	for (int words = 0; words < 2; words++) {
		struct rig *r = *state;

		must_arm(r, ARM);
		assert_int_equal(rename(rig_path(r, "journal.db"), rig_path(r, "away.db")), 0);
		hear(r, VERDICT_FAIL);
		for (int i = 0; i < 4; i++) {
			wait_look(r);
			if (words)
				hear_nothing(r);
		}
		assert_int_equal(rename(rig_path(r, "away.db"), rig_path(r, "journal.db")), 0);
		loop_advance(r->loop, 5000);
		assert_int_equal(r->fake.sends, 0);
		assert_int_equal(guard(r)->state, GUARD_ARMED);
		assert_non_null(strstr(alarm_text(r), "it sees nothing"));
		assert_int_equal(rig_ask(r, DISARM), 0);
		hear(r, VERDICT_PASS);
	}
}

/* Its act is being planned, and nothing has left: who disarms it now means that nothing shall. */
static void disarmed_while_it_plans(void **state)
{
	struct rig *r = *state;

	must_arm(r, ARM);
	hear(r, VERDICT_FAIL);
	assert_int_equal(guard(r)->state, GUARD_ACTING);
	assert_int_equal(r->fake.sends, 0);
	assert_int_equal(rig_ask(r, DISARM), 0);
	assert_int_equal(r->fake.sends, 0);
	loop_advance(r->loop, 20000);
	assert_int_equal(r->fake.sends, 0);
	assert_int_equal(guard(r)->state, GUARD_STOOD_DOWN);
}

/* ---- told ---------------------------------------------------------------------------------------------------------- */

static void screens_have_its_words(void **state)
{
	struct rig *r = *state;
	struct guard_rows rows = { 0 };
	struct err e = ERR_INIT;

	must_arm(r, ARM " --until 1h --samples 3/5");
	assert_int_equal(view_guards(&rows, r->cache, NULL, clock_wall(&r->clock), &r->a, &e), 0);
	assert_int_equal(rows.n, 1);
	assert_true(text_starts(rows.items[0].words, "guard of ana until "));
	assert_non_null(strstr(rows.items[0].words, "rolls back when 3 of 5 judgements fail"));
	assert_int_equal(rig_ask(r, "guard show"), 0);
	assert_string_equal(json_str(json_at(json_get(r->json, "items"), 0), "state"), "armed");
	assert_string_equal(json_str(json_at(json_get(r->json, "items"), 0), "may"), "rollback");
	hear(r, VERDICT_FAIL);
	wait_look(r);
	rows = (struct guard_rows){ 0 };
	assert_int_equal(view_guards(&rows, r->cache, NULL, clock_wall(&r->clock), &r->a, &e), 0);
	assert_true(text_starts(rows.items[0].words, "guard of ana until "));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_plan_says_what_it_would_do),
		T(bad_words_are_said),
		T(only_a_canary_under_way_is_guarded),
		T(one_guard_a_lane),
		T(a_refusal_in_sight_wants_a_reason),
		T(no_rollback_of_a_rollback),
		T(a_breach_is_answered_once),
		T(what_is_no_failure_moves_nothing),
		T(silence_is_a_breach_when_told_so),
		T(no_word_at_all_is_told),
		T(three_of_five),
		T(its_time_ends_by_the_forges_clock),
		T(it_stands_down_with_its_canary),
		T(a_canary_that_another_hand_ended_alarms),
		T(a_captain_takes_over),
		T(a_captain_and_a_guard_at_once_send_one),
		T(a_rule_refuses_and_gives_way),
		T(a_breach_that_passes_is_not_answered),
		T(the_forge_refuses_and_the_world_moves),
		T(a_lost_answer_is_found_and_not_repeated),
		T(what_never_arrived_is_repeated_under_its_nonce),
		T(a_repeat_that_is_refused_is_tried_again),
		T(what_was_lost_twice_is_a_persons),
		T(dying_at_any_moment),
		T(a_new_engine_takes_it_over),
		T(an_old_breach_is_no_news),
		T(an_engine_that_comes_too_late_expires_it),
		T(a_full_disk_sends_nothing),
		T(on_a_full_disk_it_is_armed_or_not),
		T(a_replaced_journal_stops_it),
		T(a_breach_that_waited_grows_old),
		T(disarmed_while_it_plans),
		T(screens_have_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
