/* What became of an act is found by looking, never by sending again; "not there" takes ten minutes to say. */
#include "core/engine/reconcile.h"

#include "rig.h"

#include <signal.h>
#include <sys/resource.h>

#define MINUTE 60000

static const struct intent *only(struct rig *r)
{
	static struct intents in;

	assert_int_equal(rig_intents(r, &in), 1);
	return &in.items[0];
}

static void state_is(struct rig *r, int state)
{
	const struct intent *in = only(r);

	if (in->state != state)
		fail_msg("intent is %s (%s), not %s", names_word(&intent_state_names, in->state), in->note,
			 names_word(&intent_state_names, state));
}

/* A dispatch whose answer was lost; happened says if the world has done it. */
static void lose(struct rig *r, bool happened)
{
	r->fake.act_fail = ERR_UNKNOWN;
	r->fake.act_first = happened;
	assert_int_equal(rig_ask(r, DISPATCH), 3);
	r->fake.act_fail = ERR_NONE;
}

static void not_found_takes_ten_minutes(void **state)
{
	struct rig *r = *state;

	lose(r, false);
	loop_advance(r->loop, 9 * MINUTE + 55000);
	state_is(r, INTENT_UNKNOWN);
	loop_advance(r->loop, 40000);
	state_is(r, INTENT_NOT_FOUND);
	assert_int_equal(r->fake.sends, 1);
	assert_false(acts_busy(r->en->acts)); /* a person decides: no more looks by itself */
}

static void looks_grow_rarer(void **state)
{
	struct rig *r = *state;
	int before;

	lose(r, false);
	loop_advance(r->loop, 5 * MINUTE);
	before = r->fake.reads[FORGE_RUNS];
	engine_free(r->en);
	r->en = NULL;
	assert_in_range(before, 10, 120);
	rig_up(r);
}

static void a_late_run_is_still_found(void **state)
{
	struct rig *r = *state;

	r->fake.hide_runs = true;
	lose(r, true);
	loop_advance(r->loop, 8 * MINUTE);
	state_is(r, INTENT_UNKNOWN);
	r->fake.hide_runs = false;
	loop_advance(r->loop, MINUTE);
	state_is(r, INTENT_LINKED);
	assert_int_equal(only(r)->run_id, 5000);
}

/* While the forge cannot be read, time passes and proves nothing. */
static void silence_is_no_proof(void **state)
{
	struct rig *r = *state;

	lose(r, true);
	r->fake.fail[FORGE_RUNS] = ERR_SERVER;
	loop_advance(r->loop, 30 * MINUTE);
	state_is(r, INTENT_UNKNOWN);
	r->fake.fail[FORGE_RUNS] = ERR_NONE;
	loop_advance(r->loop, MINUTE);
	state_is(r, INTENT_LINKED);
}

static void repeating_keeps_the_nonce(void **state)
{
	struct rig *r = *state;
	const char *nonce;

	lose(r, false);
	nonce = only(r)->nonce;
	loop_advance(r->loop, 11 * MINUTE);
	state_is(r, INTENT_NOT_FOUND);
	assert_int_equal(rig_ask(r, "rollback easy/prod v0.9.2 --reason x --confirm easy/prod"),
			 1); /* another act is a twin */
	assert_string_equal(rig_str(r, "error.code"), "twin");
	assert_int_equal(rig_ask(r, DISPATCH), 0);
	state_is(r, INTENT_LINKED);
	assert_string_equal(only(r)->nonce, nonce);
	assert_int_equal(only(r)->sends, 2);
	assert_int_equal(r->fake.sends, 2);
	assert_non_null(strstr(r->fake.body, nonce));
}

/* Two consoles repeat what was not found, at the same moment: both plans are right, both wait until the gap after another
 * act is over, and one request leaves. */
static void two_who_repeat_send_once(void **state)
{
	struct rig *r = *state;
	struct intents in;

	lose(r, false);
	loop_advance(r->loop, 11 * MINUTE);
	state_is(r, INTENT_NOT_FOUND);
	r->fake.runs[1].status = RUN_WAITING;
	assert_int_equal(rig_ask(r, "cancel 1001 --confirm easy/prod"), 0);
	r->fake.act_fail = ERR_UNKNOWN;
	rig_begin(r, DISPATCH, NULL);
	rig_begin(r, DISPATCH, NULL);
	rig_wait(r, 4);
	assert_int_equal(r->status, 3);
	assert_int_equal(rig_intents(r, &in), 2);
	assert_string_equal(in.items[1].act, "dispatch");
	assert_int_equal(in.items[1].sends, 2);
	assert_int_equal(r->fake.sends, 3);
}

/* The first may have arrived, late as it is: that the second did not leave, or was refused, says nothing of it. */
static void a_repeat_that_fails_denies_nothing(void **state)
{
	static const enum err_kind kinds[] = { ERR_OFFLINE, ERR_FORBIDDEN };

	for (size_t i = 0; i < countof(kinds); i++) {
		struct rig *r;

		rig_teardown(state);
		rig_setup(state);
		r = *state;
		lose(r, false);
		loop_advance(r->loop, 11 * MINUTE);
		state_is(r, INTENT_NOT_FOUND);
		r->fake.act_fail = kinds[i];
		assert_int_equal(rig_ask(r, DISPATCH), 3);
		state_is(r, INTENT_NOT_FOUND);
		r->fake.act_fail = ERR_NONE;
		assert_int_equal(only(r)->sends, 1); /* the second made nothing: it may be repeated still */
		assert_int_equal(rig_ask(r, DISPATCH), 0);
		state_is(r, INTENT_LINKED);
	}
}

/* Not found twice: then a person is not told to repeat what is not sent a third time. */
static void what_was_lost_twice_is_abandoned(void **state)
{
	struct rig *r = *state;

	lose(r, false);
	loop_advance(r->loop, 11 * MINUTE);
	lose(r, false);
	loop_advance(r->loop, 11 * MINUTE);
	state_is(r, INTENT_NOT_FOUND);
	assert_null(strstr(only(r)->note, "repeat it"));
	assert_int_equal(rig_ask(r, DISPATCH), 1);
	assert_null(strstr(rig_str(r, "error.fix"), "repeat it"));
	assert_int_equal(r->fake.sends, 2);
}

/* The ask that sent it is gone, and the list has all of it. */
static void the_list_keeps_the_whole_intent(void **state)
{
	struct rig *r = *state;
	const struct open_intent *o;

	lose(r, false);
	loop_advance(r->loop, MINUTE);
	o = open_find(r->en->acts, 1);
	assert_non_null(o);
	assert_string_equal(o->in.target, only(r)->target);
	rig_crash(r);
	loop_advance(r->loop, MINUTE);
	o = open_find(r->en->acts, 1);
	assert_non_null(o);
	assert_string_equal(o->in.target, only(r)->target);
}

static void the_disk(bool full)
{
	static struct rlimit was;
	static bool is_full;

	(void)signal(SIGXFSZ, SIG_IGN);
	if (full && !is_full)
		assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	if (full != is_full)
		assert_int_equal(
			setrlimit(RLIMIT_FSIZE,
				  full ? &(struct rlimit){ .rlim_cur = 0, .rlim_max = was.rlim_max } : &was),
			0);
	is_full = full;
}

/* A repeat that the disk does not take has not left; the first may have. */
static void a_repeat_without_a_journal_denies_nothing(void **state)
{
	struct rig *r = *state;

	lose(r, false);
	loop_advance(r->loop, 11 * MINUTE);
	state_is(r, INTENT_NOT_FOUND);
	the_disk(true);
	rig_ask(r, DISPATCH);
	the_disk(false);
	loop_advance(r->loop, 10000);
	assert_int_equal(r->fake.sends, 1);
	state_is(r, INTENT_NOT_FOUND);
	assert_int_equal(rig_ask(r, DISPATCH), 0);
	state_is(r, INTENT_LINKED);
}

/* It was found while the disk was full: what is known here, and not in the journal yet, is not sent again. */
static void what_is_known_is_not_repeated(void **state)
{
	static const char *const acts[] = { DISPATCH, "abandon 1 --confirm easy/prod" };

	for (size_t i = 0; i < countof(acts); i++) {
		struct rig *r;

		rig_teardown(state);
		rig_setup(state);
		r = *state;
		r->fake.hide_runs = true;
		lose(r, true);
		loop_advance(r->loop, 11 * MINUTE);
		state_is(r, INTENT_NOT_FOUND);
		r->fake.hide_runs = false;
		assert_false(engine_is_behind(r->en));
		the_disk(true);
		rig_ask(r, "reconcile");
		the_disk(false);
		assert_true(engine_is_behind(r->en)); /* it does not end now of itself */
		r->fake.hide_runs = true;
		assert_int_not_equal(rig_ask(r, acts[i]), 0);
		assert_int_equal(r->fake.sends, 1);
		loop_advance(r->loop, 10000);
		state_is(r, INTENT_LINKED);
		assert_false(engine_is_behind(r->en));
	}
}

/* A look that is under way may bring the run: until it has ended nothing is sent on the word of those before it. */
static void what_is_being_looked_for_is_not_repeated(void **state)
{
	static const char *const acts[] = { DISPATCH, "abandon 1 --confirm easy/prod" };

	for (size_t i = 0; i < countof(acts); i++) {
		struct rig *r;

		rig_teardown(state);
		rig_setup(state);
		r = *state;
		r->fake.hide_runs = true;
		lose(r, true);
		loop_advance(r->loop, 11 * MINUTE);
		state_is(r, INTENT_NOT_FOUND);
		r->fake.slow = MINUTE;
		rig_begin(r, "reconcile", NULL);
		loop_advance(r->loop, 10);
		r->fake.slow = 0;
		assert_int_equal(rig_ask(r, acts[i]), 1);
		assert_non_null(strstr(r->text, "looked for"));
		state_is(r, INTENT_NOT_FOUND);
		r->fake.hide_runs = false;
		loop_advance(r->loop, 2 * MINUTE);
		assert_int_equal(r->fake.sends, 1);
		state_is(r, INTENT_LINKED);
	}
}

static void abandoning(void **state)
{
	struct rig *r = *state;

	lose(r, false);
	assert_int_equal(rig_ask(r, "abandon 1 --confirm easy/prod"), 1); /* it may still be found */
	assert_int_equal(rig_ask(r, "abandon 77"), 1);
	loop_advance(r->loop, 11 * MINUTE);
	assert_int_equal(rig_ask(r, "plan abandon 1"), 0);
	assert_int_equal(rig_ask(r, "abandon 1"), 1);
	assert_string_equal(rig_str(r, "confirm"), "easy/prod");
	assert_int_equal(rig_ask(r, "abandon 1 --confirm wrong"), 1);
	state_is(r, INTENT_NOT_FOUND);
	assert_int_equal(rig_ask(r, "abandon 1 --confirm easy/prod --reason 'looked myself'"), 0);
	state_is(r, INTENT_ABANDONED);
	assert_string_equal(only(r)->note, "looked myself");
	assert_int_equal(rig_ask(r, DISPATCH), 0);
	assert_int_equal(r->fake.sends, 2);
}

/* The network doubled the request: the first run is ours, and everybody hears of the second (N22). */
static void two_runs_of_one_nonce_alarm(void **state)
{
	struct rig *r = *state;

	r->fake.doubles = 1;
	lose(r, true);
	loop_advance(r->loop, 10000);
	state_is(r, INTENT_LINKED);
	assert_int_equal(only(r)->run_id, 5000);
	assert_non_null(strstr(only(r)->note, "ALARM"));
	assert_non_null(strstr(only(r)->note, "5001"));
	assert_non_null(strstr(r->notice, "ALARM"));
}

static void another_intents_run_is_not_ours(void **state)
{
	struct rig *r = *state;

	lose(r, false);
	add_run(&r->fake, "Production Rollout v0.9.4 0123456789abcdef0123456789abcdef", RUN_QUEUED,
		CONCLUSION_OTHER);
	loop_advance(r->loop, 11 * MINUTE);
	state_is(r, INTENT_NOT_FOUND);
}

/* A run that could be it, without any nonce: the workflow may not echo it. "Not found" would invite a second send. */
static void a_probable_run_holds_not_found_back(void **state)
{
	struct rig *r = *state;

	lose(r, false);
	add_run(&r->fake, "Production Rollout v0.9.4", RUN_QUEUED, CONCLUSION_OTHER);
	loop_advance(r->loop, 11 * MINUTE);
	state_is(r, INTENT_UNKNOWN);
	assert_int_equal(rig_ask(r, "reconcile"), 3);
	assert_non_null(strstr(r->text, "probable: run"));
}

/* ---- a workflow without the nonce contract --------------------------------------------------------------------------- */

static const char plain_profile[] =
	"name: plain\nsystem: easy\ntitle: plain\nrepo: " REPO "\nlanes:\n"
	"  - environment: prod\n    production: true\n    workflow: production-rollout.yml\n"
	"    start: dispatch\n    ref: main\n    release_input: release_tag\n    inputs:\n"
	"      - name: release_tag\n        value: \"{release}\"\n        required: true\n"
	"    release_from: input\n    release_title: \"Production Rollout {release}*\"\n";

static void use_plain(struct rig *r)
{
	struct err e = ERR_INIT;

	if (profile_parse(&r->profiles.items[0], "plain.yml", plain_profile, strlen(plain_profile), &r->a,
			  &e) < 0)
		fail_msg("%s", e.message);
	r->fake.file = "on:\n  workflow_dispatch:\n    inputs:\n      release_tag: {required: true}\n";
	engine_free(r->en);
	rig_up(r);
}

static void without_nonce_one_candidate_is_probable(void **state)
{
	struct rig *r = *state;

	use_plain(r);
	lose(r, true);
	loop_advance(r->loop, 11 * MINUTE);
	state_is(r, INTENT_UNKNOWN);
	assert_true(text_starts(only(r)->note, "probable: run 5000 "));
	assert_int_equal(rig_ask(r, DISPATCH), 3); /* no twin meanwhile */
}

static void a_person_accepts_a_probable_run(void **state)
{
	static const struct {
		const char *line, *error;
	} refused[] = {
		{ "reconcile 1 --accept 4711", "missing" }, /* there is none */
		{ "reconcile 1 --accept 1001", "refused" }, /* it was there before */
		{ "reconcile --accept 5000", "invalid" },   /* of which intent? */
		{ "reconcile 7 --accept 5000", "missing" },
	};
	struct rig *r = *state;

	use_plain(r);
	lose(r, true);
	loop_advance(r->loop, 10000);
	for (size_t i = 0; i < countof(refused); i++) {
		assert_int_not_equal(rig_ask(r, refused[i].line), 0);
		assert_string_equal(rig_str(r, "error.code"), refused[i].error);
	}
	state_is(r, INTENT_UNKNOWN);
	assert_int_equal(rig_ask(r, "reconcile 1 --accept 5000 --reason 'seen in its log'"), 0);
	state_is(r, INTENT_LINKED);
	assert_int_equal(only(r)->run_id, 5000);
	assert_string_equal(only(r)->note,
			    "run 5000 accepted by ana@bastion: seen in its log; it carries no nonce");
	assert_int_equal(rig_ask(r, "reconcile 1 --accept 5000"), 1); /* it is closed */
}

/* It was settled while a look was under way, and the engine ended: the answer finds neither. */
static void a_look_ends_after_its_engine(void **state)
{
	struct rig *r = *state;

	use_plain(r);
	lose(r, true);
	r->fake.slow = MINUTE;
	rig_begin(r, "reconcile", NULL);
	loop_advance(r->loop, 10);
	r->fake.slow = 0;
	assert_int_equal(rig_ask(r, "reconcile 1 --accept 5000"), 0);
	state_is(r, INTENT_LINKED);
	engine_free(r->en);
	r->en = NULL;
	loop_advance(r->loop, 2 * MINUTE);
	rig_up(r);
	state_is(r, INTENT_LINKED);
}

/* A run that is another intent's, or carries another nonce, is not given to this one. */
static void what_is_anothers_is_not_accepted(void **state)
{
	struct rig *r = *state;

	lose(r, false);
	add_run(&r->fake, "Production Rollout v0.9.4 0123456789abcdef0123456789abcdef", RUN_QUEUED,
		CONCLUSION_OTHER);
	assert_int_equal(rig_ask(r, "reconcile 1 --accept 5000"), 1);
	assert_non_null(strstr(r->text, "nonce of another act"));
	r->fake.runs[r->fake.runs_n - 1].title = "Production Rollout v0.9.4";
	r->fake.runs[r->fake.runs_n - 1].path = ".github/workflows/other.yml";
	assert_int_equal(rig_ask(r, "reconcile 1 --accept 5000"), 1);
	assert_non_null(strstr(r->text, "is of other.yml"));
	state_is(r, INTENT_UNKNOWN);
}

static void none_of_them_needs_the_whole_wait(void **state)
{
	struct rig *r = *state;

	use_plain(r);
	lose(r, true);
	loop_advance(r->loop, 9 * MINUTE);
	assert_int_equal(rig_ask(r, "reconcile 1 --none"), 3);
	state_is(r, INTENT_UNKNOWN);
	loop_advance(r->loop, 2 * MINUTE);
	assert_int_equal(rig_ask(r, "reconcile 1 --none"), 3);
	state_is(r, INTENT_NOT_FOUND);
	assert_true(text_starts(only(r)->note, "no run is it, says ana@bastion"));
	assert_int_equal(rig_ask(r, "abandon 1 --confirm easy/prod"), 0);
}

/* A workflow that takes the nonce and shows it nowhere: the body carries it, no run does. */
static void an_unshown_nonce_needs_a_person(void **state)
{
	struct rig *r = *state;

	lose(r, true);
	r->fake.runs[r->fake.runs_n - 1].title = "Production Rollout v0.9.4";
	loop_advance(r->loop, 11 * MINUTE);
	state_is(r, INTENT_UNKNOWN);
	assert_true(text_starts(only(r)->note, "probable: run 5000 "));
	assert_int_equal(rig_ask(r, "reconcile 1 --accept 5000"), 0);
	state_is(r, INTENT_LINKED);
}

static void without_nonce_two_candidates_need_a_person(void **state)
{
	struct rig *r = *state;

	use_plain(r);
	r->fake.doubles = 1;
	lose(r, true);
	loop_advance(r->loop, 11 * MINUTE);
	state_is(r, INTENT_UNKNOWN);
	assert_int_equal(rig_ask(r, "reconcile 1"), 3);
	assert_non_null(strstr(r->text, "several runs, among them"));
}

static void without_nonce_others_runs_do_not_count(void **state)
{
	static const struct {
		const char *actor, *branch, *title, *event;
	} others[] = {
		{ "octo-ben", "main", "Production Rollout v0.9.4", "workflow_dispatch" },
		{ "octo-ana", "v0.9.4", "Production Rollout v0.9.4", "workflow_dispatch" },
		{ "octo-ana", "main", "Production Rollout v0.9.1", "workflow_dispatch" },
		{ "octo-ana", "main", "Production Rollout v0.9.4", "push" },
	};
	struct rig *r = *state;

	use_plain(r);
	lose(r, false);
	for (size_t i = 0; i < countof(others); i++) {
		add_run(&r->fake, others[i].title, RUN_QUEUED, CONCLUSION_OTHER);
		struct run *run = &r->fake.runs[r->fake.runs_n - 1];

		run->actor = others[i].actor;
		run->branch = others[i].branch;
		run->event = others[i].event;
	}
	loop_advance(r->loop, 11 * MINUTE);
	state_is(r, INTENT_NOT_FOUND);
}

/* ---- acts on a run --------------------------------------------------------------------------------------------------- */

static void lose_on_run(struct rig *r, const char *line, bool happened)
{
	r->fake.runs[1].status = RUN_WAITING;
	r->fake.runs[1].conclusion = CONCLUSION_OTHER;
	r->fake.runs[1].actor = r->fake.runs[1].triggering_actor = "kim";
	r->fake.gates[0] =
		(struct gate){ .environment_id = 99, .environment = "production", .can_approve = true };
	r->fake.gates_n = 1;
	r->fake.act_fail = ERR_UNKNOWN;
	r->fake.act_first = happened;
	assert_int_equal(rig_ask(r, line), 3);
	r->fake.act_fail = ERR_NONE;
}

#define APPROVE "approve 1001 production --confirm 'easy/prod v0.9.3'"

static void a_lost_approval_is_in_the_reviews(void **state)
{
	struct rig *r = *state;

	lose_on_run(r, APPROVE, true);
	loop_advance(r->loop, 5000);
	state_is(r, INTENT_DONE);
	assert_int_equal(r->fake.sends, 1);
}

static void another_captain_was_first(void **state)
{
	struct rig *r = *state;

	lose_on_run(r, APPROVE, false);
	r->fake.gates_n = 0;
	r->fake.reviews[0] =
		(struct review){ .state = "approved", .user = "ben", .environments = "production" };
	r->fake.reviews_n = 1;
	loop_advance(r->loop, 5000);
	state_is(r, INTENT_REFUSED);
	assert_string_equal(only(r)->note, "approved by ben was first");
}

/* Attempt 1 was approved by the same person; the approval of attempt 2 got lost and has not happened (K8). */
static void a_review_of_an_earlier_attempt_settles_nothing(void **state)
{
	struct rig *r = *state;

	r->fake.runs[1].attempt = 2;
	r->fake.reviews[0] = (struct review){
		.state = "approved", .user = "octo-ana", .comment = "", .environments = "production"
	};
	r->fake.reviews_n = 1;
	lose_on_run(r, APPROVE, false);
	r->fake.gates_n = 0; /* the list lags */
	loop_advance(r->loop, MINUTE);
	state_is(r, INTENT_UNKNOWN);
	r->fake.gates_n = 1;
	loop_advance(r->loop, 11 * MINUTE);
	state_is(r, INTENT_NOT_FOUND);
}

/* ... and when the run goes on to attempt 3 meanwhile, its gate is another: the repeat is a new act. */
static void a_later_attempt_is_another_act(void **state)
{
	struct rig *r = *state;

	lose_on_run(r, APPROVE, false);
	r->fake.runs[1].attempt = 2;
	loop_advance(r->loop, 11 * MINUTE);
	state_is(r, INTENT_NOT_FOUND);
	assert_non_null(strstr(r->notice, "not_found"));
	assert_int_equal(rig_ask(r, APPROVE), 1);
	assert_string_equal(rig_str(r, "error.code"), "twin");
	assert_int_equal(r->fake.sends, 1);
}

/* Our approval happened in attempt 1, and attempt 2 waits at the same gate before anybody has looked. */
static void an_approval_is_found_behind_a_new_attempt(void **state)
{
	struct rig *r = *state;

	lose_on_run(r, APPROVE, true);
	r->fake.runs[1].attempt = 2;
	r->fake.gates_n = 1;
	loop_advance(r->loop, 5000);
	state_is(r, INTENT_DONE);
}

/* The forge accepted it, and its history does not show it: not good before it does. */
static void an_approval_is_read_back(void **state)
{
	struct rig *r = *state;

	r->fake.runs[1].status = RUN_WAITING;
	r->fake.runs[1].conclusion = CONCLUSION_OTHER;
	r->fake.runs[1].actor = r->fake.runs[1].triggering_actor = "kim";
	r->fake.gates[0] =
		(struct gate){ .environment_id = 99, .environment = "production", .can_approve = true };
	r->fake.gates_n = 1;
	r->fake.deaf = true;
	assert_int_equal(rig_ask(r, APPROVE), 3);
	state_is(r, INTENT_UNKNOWN);
	loop_advance(r->loop, 11 * MINUTE);
	state_is(r, INTENT_NOT_FOUND);
}

/* A run may wait at several gates; who opened another one says nothing of ours. */
static void a_review_of_another_gate_proves_nothing(void **state)
{
	static const char *const users[] = { "octo-ana", "ben" };
	struct rig *r = *state;

	lose_on_run(r, APPROVE, false);
	r->fake.gates_n = 0;
	for (size_t i = 0; i < countof(users); i++)
		r->fake.reviews[i] = (struct review){ .state = "approved",
						      .user = users[i],
						      .environments = "staging,pre-production" };
	r->fake.reviews_n = countof(users);
	loop_advance(r->loop, 11 * MINUTE);
	state_is(r, INTENT_UNKNOWN);
	r->fake.reviews[0].environments = "staging,production";
	r->fake.reviews[0].comment = arena_printf(&r->a, "ok [pilothouse %s]", only(r)->nonce);
	loop_advance(r->loop, MINUTE);
	state_is(r, INTENT_DONE);
	assert_non_null(strstr(only(r)->note, "opened more than production"));
}

static void a_gate_that_still_waits(void **state)
{
	struct rig *r = *state;

	lose_on_run(r, APPROVE, false);
	loop_advance(r->loop, 5 * MINUTE);
	state_is(r, INTENT_UNKNOWN);
	loop_advance(r->loop, 6 * MINUTE);
	state_is(r, INTENT_NOT_FOUND);
	assert_int_equal(rig_ask(r, APPROVE), 0);
	assert_int_equal(only(r)->sends, 2);
}

static void lost_cancel_and_rerun(void **state)
{
	struct rig *r = *state;
	struct intents in;

	lose_on_run(r, "cancel 1001 --confirm easy/prod", true);
	loop_advance(r->loop, 5000);
	state_is(r, INTENT_DONE);
	r->fake.act_fail = ERR_UNKNOWN;
	assert_int_equal(rig_ask(r, "rerun 1001 --confirm easy/prod"), 3);
	loop_advance(r->loop, 5000);
	assert_int_equal(rig_ask(r, "reconcile"), 0);
	assert_int_equal(rig_intents(r, &in), 2);
	assert_int_equal(in.items[0].state, INTENT_DONE);
	assert_string_equal(in.items[0].note, "attempt 2 was started");
}

static void a_cancel_that_came_too_late(void **state)
{
	struct rig *r = *state;

	lose_on_run(r, "cancel 1001 --confirm easy/prod", false);
	r->fake.runs[1].status = RUN_COMPLETED;
	r->fake.runs[1].conclusion = CONCLUSION_SUCCESS;
	loop_advance(r->loop, 5000);
	state_is(r, INTENT_REFUSED);
	assert_string_equal(only(r)->note, "the run ended: success");
}

/* ---- after a death ---------------------------------------------------------------------------------------------------- */

static void plant_step(struct rig *r, int state, const char *act, const char *step)
{
	struct intent in = {
		.nonce = "0123456789abcdef0123456789abcdef",
		.plan_id = "00000000",
		.act = act,
		.lane = "easy/prod",
		.repo = REPO,
		.subject = "v0.9.4",
		.line = "dispatch easy/prod v0.9.4",
		.request = "POST /x",
		.step = step,
		.body = "{\"ref\":\"main\",\"inputs\":{\"rc_intent\":\"0123456789abcdef0123456789abcdef\"}}",
		.who = "ana@bastion (octo-ana)",
		.reason = "",
		.relies_on = "[]",
		.run_url = "",
		.note = "",
		.created = clock_wall(&r->clock),
		.sent = clock_wall(&r->clock)
	};
	struct intent twin;

	assert_int_equal(journal_add(r->journal, &in, &twin, &r->a, NULL), 0);
	if (state == INTENT_ARMED)
		return;
	in.state = state;
	in.sends = 1;
	assert_int_equal(journal_advance(r->journal, &in, clock_wall(&r->clock), NULL), 0);
}

static void plant(struct rig *r, int state)
{
	plant_step(r, state, "dispatch", "");
}

/* Without the attempt it was, nothing tells whether it was started again: "not found" would invite a second start. */
static void a_rerun_of_an_unknown_attempt_needs_a_person(void **state)
{
	struct rig *r = *state;
	struct intent in = { .nonce = "0123456789abcdef0123456789abcdef",
			     .plan_id = "00000000",
			     .act = "rerun",
			     .lane = "easy/prod",
			     .repo = REPO,
			     .subject = "1001",
			     .line = "rerun 1001",
			     .request = "POST /x",
			     .body = "",
			     .who = "ana@bastion (octo-ana)",
			     .reason = "",
			     .relies_on = "[]",
			     .run_url = "",
			     .note = "",
			     .created = clock_wall(&r->clock),
			     .sent = clock_wall(&r->clock) };
	struct intent twin;

	assert_int_equal(journal_add(r->journal, &in, &twin, &r->a, NULL), 0);
	in.state = INTENT_SENT;
	in.sends = 1;
	assert_int_equal(journal_advance(r->journal, &in, clock_wall(&r->clock), NULL), 0);
	rig_crash(r);
	loop_advance(r->loop, 15 * MINUTE);
	state_is(r, INTENT_UNKNOWN);
	assert_int_equal(rig_ask(r, "reconcile"), 3);
	assert_non_null(strstr(r->text, "a person must look"));
}

static void leftovers_are_taken_over(void **state)
{
	struct rig *r = *state;

	plant(r, INTENT_ARMED);
	rig_crash(r);
	state_is(r, INTENT_NOT_SENT);
	assert_non_null(strstr(only(r)->note, "before it was sent"));
}

static void a_sent_leftover_is_looked_for(void **state)
{
	struct rig *r = *state;

	plant(r, INTENT_SENT);
	rig_crash(r);
	state_is(r, INTENT_UNKNOWN);
	assert_true(acts_busy(r->en->acts));
	assert_int_equal(rig_ask(r, DISPATCH), 3);
	add_run(&r->fake, "Production Rollout v0.9.4 0123456789abcdef0123456789abcdef", RUN_QUEUED,
		CONCLUSION_OTHER);
	loop_advance(r->loop, MINUTE);
	state_is(r, INTENT_LINKED);
	assert_int_equal(r->fake.sends, 0);
}

/* An hour later, in a process of its own that looks once: the wait is over by the server's clock. */
static void one_look_after_an_hour_is_enough(void **state)
{
	struct rig *r = *state;

	plant(r, INTENT_SENT);
	clock_advance(&r->clock, 60 * MINUTE);
	rig_crash(r);
	assert_int_equal(rig_ask(r, "reconcile"), 3);
	state_is(r, INTENT_NOT_FOUND);
	assert_int_equal(rig_ask(r, "reconcile 1"), 3);
	assert_int_equal(rig_ask(r, "reconcile 9"), 1);
}

static void nothing_open_is_settled(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "reconcile"), 0);
	assert_int_equal(json_size(json_get(r->json, "items")), 0);
	rig_ask(r, DISPATCH);
	assert_int_equal(rig_ask(r, "reconcile 1"), 0);
	assert_string_equal(json_str(json_at(json_get(r->json, "items"), 0), "state"), "linked");
}

/* An act that nobody looks for says why, in the journal: a restart later that is all there is. */
static void what_cannot_be_looked_for_says_why(void **state)
{
	static const struct {
		const char *act, *step, *why;
	} cases[] = {
		{ "retag", "{\"kind\":\"manifest_put\",\"image\":\"a/b\",\"tag\":\"1\"}",
		  "no registry is configured" },
		{ "label", "{\"kind\":\"later_kind\"}", "what was sent is of no kind that is known here" },
		{ "label", "", "what was sent is of no kind that is known here" },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r;

		rig_teardown(state);
		rig_setup(state);
		r = *state;
		plant_step(r, INTENT_SENT, cases[i].act, cases[i].step);
		rig_crash(r);
		loop_advance(r->loop, MINUTE);
		state_is(r, INTENT_UNKNOWN);
		assert_true(text_starts(only(r)->note, "could not be looked for: "));
		assert_non_null(strstr(only(r)->note, cases[i].why));
		assert_int_equal(rig_ask(r, "reconcile"), 3);
		assert_non_null(strstr(r->text, cases[i].why));
	}
}

/* Between the request and its answer the act is no less open. */
static void a_request_under_way_is_listed(void **state)
{
	struct rig *r = *state;
	const struct json *items;

	r->fake.silent = true;
	rig_begin(r, DISPATCH, NULL);
	for (int i = 0; i < 4000 && !r->fake.sends; i++)
		loop_advance(r->loop, 20);
	state_is(r, INTENT_SENT);
	assert_int_equal(rig_ask(r, "reconcile"), 3);
	items = json_get(r->json, "items");
	assert_int_equal(json_size(items), 1);
	assert_string_equal(json_str(json_at(items, 0), "state"), "sent");
	assert_int_equal(r->fake.sends, 1);
	state_is(r, INTENT_SENT);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(not_found_takes_ten_minutes),
		T(a_request_under_way_is_listed),
		T(what_cannot_be_looked_for_says_why),
		T(looks_grow_rarer),
		T(a_late_run_is_still_found),
		T(silence_is_no_proof),
		T(repeating_keeps_the_nonce),
		T(two_who_repeat_send_once),
		T(the_list_keeps_the_whole_intent),
		T(a_repeat_that_fails_denies_nothing),
		T(what_was_lost_twice_is_abandoned),
		T(a_repeat_without_a_journal_denies_nothing),
		T(what_is_known_is_not_repeated),
		T(what_is_being_looked_for_is_not_repeated),
		T(abandoning),
		T(two_runs_of_one_nonce_alarm),
		T(another_intents_run_is_not_ours),
		T(a_probable_run_holds_not_found_back),
		T(without_nonce_one_candidate_is_probable),
		T(a_person_accepts_a_probable_run),
		T(a_look_ends_after_its_engine),
		T(what_is_anothers_is_not_accepted),
		T(none_of_them_needs_the_whole_wait),
		T(an_unshown_nonce_needs_a_person),
		T(without_nonce_two_candidates_need_a_person),
		T(without_nonce_others_runs_do_not_count),
		T(a_lost_approval_is_in_the_reviews),
		T(another_captain_was_first),
		T(a_review_of_an_earlier_attempt_settles_nothing),
		T(a_later_attempt_is_another_act),
		T(an_approval_is_found_behind_a_new_attempt),
		T(an_approval_is_read_back),
		T(a_review_of_another_gate_proves_nothing),
		T(a_gate_that_still_waits),
		T(lost_cancel_and_rerun),
		T(a_cancel_that_came_too_late),
		T(a_rerun_of_an_unknown_attempt_needs_a_person),
		T(leftovers_are_taken_over),
		T(a_sent_leftover_is_looked_for),
		T(one_look_after_an_hour_is_enough),
		T(nothing_open_is_settled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
