#include "core/engine/act.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "core/engine/act_reply.h"
#include "core/engine/after.h"
#include "core/engine/audit.h"
#include "core/engine/override.h"
#include "core/engine/planfile.h"
#include "core/engine/reconcile.h"
#include "core/engine/reflock.h"
#include "core/engine/sentry.h"
#include "core/engine/steer.h"
#include "core/engine/verify.h"
#include "core/rules/after.h"

#include <stdlib.h>
#include <string.h>

/* ---- keeping ------------------------------------------------------------------------------------------------------------ */

int acts_mirror(struct engine *en, const struct intent *in, struct err *e)
{
	if (!en->o.cache)
		return 0;
	return store_run(en->o.cache, Q_intent_mirror_put, &rec_intent, in, e);
}

/* The journal is the truth; a cache that cannot be written only makes screens poorer. */
static void show_intent(struct engine *en, const struct intent *in)
{
	struct err e = ERR_INIT;

	if ((acts_mirror(en, in, &e) < 0 || lanes_judge(en, in->repo, &e) < 0) && en->o.log)
		log_line(en->o.log, "cache", "intent %" PRId64 " is not shown: %s", in->id, e.message);
	engine_emit(en, "changed", "");
}

int act_record(struct acts *a, const struct intent *in, struct err *e)
{
	int r = journal_advance(a->en->o.journal, in, engine_now(a->en), e);

	if (r < 0)
		return r;
	if (a->en->o.log)
		log_line(a->en->o.log, "intent", "%" PRId64 " %s %s %s: %s", in->id, in->act, in->lane,
			 names_word(&intent_state_names, in->state), in->note ? in->note : "");
	audit_told(a->en, in);
	show_intent(a->en, in);
	sentry_told(a->en, in);
	/* What was done without a run ends no run: it is looked at all the same. */
	if (in->state == INTENT_DONE)
		survey_soon(a->en->survey, in->repo);
	return 0;
}

int act_record_for(struct ask *k, const struct intent *in, struct err *e)
{
	struct engine *en = k->acts->en;
	int r;

	en->caller = k->client;
	r = act_record(k->acts, in, e);
	en->caller = NULL;
	return r;
}

static void remember_plan(struct ask *k)
{
	struct acts *a = k->acts;
	struct shown_plan *s = &a->shown[a->shown_next];

	a->shown_next = (a->shown_next + 1) % SHOWN_PLANS;
	arena_reset(&s->arena);
	memcpy(s->id, k->plan.id, sizeof(s->id));
	s->document = arena_strdup(&s->arena, k->plan.document);
}

static const char *what_moved(struct ask *k)
{
	struct plan_lines lines = { 0 };
	struct plan_file kept;

	for (int i = 0; i < SHOWN_PLANS; i++) {
		const struct shown_plan *s = &k->acts->shown[i];

		if (!lines.n && s->id[0] && plan_is_named(s->id, k->plan_id))
			plan_diff(s->document, k->plan.document, &lines, &k->arena);
	}
	if (!lines.n && plan_file_find(&kept, k->acts->en->o.plans_dir, k->plan_id, k->acts->en->o.sha256,
				       &k->arena, NULL) == 0)
		plan_diff(kept.document, k->plan.document, &lines, &k->arena);
	return lines.n ? arena_printf(&k->arena, "changed: %s", lines.items[0])
		       : "changed: the request is not the one you read";
}

/* ---- commit ------------------------------------------------------------------------------------------------------------- */

static void fill_intent(struct ask *k)
{
	struct plan *p = &k->plan;
	struct engine *en = k->acts->en;
	char nonce[33];

	k->intent = (struct intent){
		.nonce = k->as_nonce ? k->as_nonce : arena_strdup(&k->arena, hash_random(nonce)),
		.plan_id = p->id,
		.act = p->act,
		.lane = p->lane->name,
		.repo = p->repo,
		.subject = k->subject,
		.line = command_line(&k->cmd, &k->arena),
		.who = k->as_who ? k->as_who
				 : arena_printf(&k->arena, "%s (%s)", en->o.who ? en->o.who : "?",
						p->pf.who_login ? p->pf.who_login : "?"),
		.reason = override_reason(k, k->cmd.opt[OPT_REASON]),
		.relies_on = plan_relies_on(k),
		.client = k->client,
		.target = plan_target(k),
		.state = INTENT_ARMED,
		.run_id = 0,
		.run_url = "",
		.note = "",
		.exclude_run = p->exclude_run,
		.created = engine_now(en),
		.steps = (int64_t)p->steps.n,
	};
	if (p->repeats) {
		k->intent = *p->twin;
		k->intent.note = "repeated under the same nonce";
	}
	if (p->pf.run && !p->repeats && !way_has(k, WAY_RUN))
		k->intent.run_id = act_is(k, CMD_RERUN) ? 0 : p->pf.run->id;
}

static void keep_unknown(struct ask *k, const char *note, bool wait)
{
	k->intent.state = INTENT_UNKNOWN;
	k->intent.note = note;
	reconcile_add(k->acts, &k->intent, wait ? k : NULL);
}

static void waited_enough(struct ask *k)
{
	struct intent in = k->intent;

	reconcile_drop_ask(k->acts, k);
	act_settled(k, &in);
}

/* It is so already: somebody was faster, and what was wanted holds. Any other refusal of the same kind (no access, a rule of
 * the repository) is one. */
static bool stands_already(const struct plan_step *s, const struct err *err)
{
	return s && s->stands && err && err->stands;
}

static bool was_refused(const struct err *err)
{
	return err->kind == ERR_AUTH || err->kind == ERR_FORBIDDEN || err->kind == ERR_CONFLICT ||
	       err->kind == ERR_MISSING || err->kind == ERR_RATE;
}

/* What the act is has happened by then; the rest is told. */
static bool ends_without_tail(struct ask *k, const struct err *err)
{
	const struct plan_step *s = steps_next(k);
	struct intent *in = &k->intent;

	if (!s || !s->tail)
		return false;
	in->state = INTENT_DONE;
	in->done = in->steps;
	in->note = arena_printf(&k->arena, "it is done, but not this: %s: %s", s->words, err->message);
	return true;
}

/* The first request of this ask did not leave, or was not taken: it made nothing, and may be repeated as if it had not been. */
static void uncount(struct ask *k)
{
	if (k->intent.sends > 1 && !k->continues && !k->plan.links.n)
		k->intent.sends--;
}

/* Certain that nothing left: not sent. 4xx: it refused. After a step that happened, or a request that was not found, neither
 * is the end of the act: a person says how it goes on. */
static void judge_failure(struct ask *k, const struct err *err)
{
	struct intent *in = &k->intent;
	bool refused = was_refused(err), stayed = err->kind == ERR_OFFLINE || err->kind == ERR_CANCELLED;
	bool objects = way_has(k, WAY_CHAIN) && steps_are_objects(k, in->done + 1);

	if ((refused || stayed) && ends_without_tail(k, err))
		return;
	in->note = arena_strdup(&k->arena, err->message);
	if (refused && k->plan.way && k->plan.way->refused && k->plan.way->refused(k, err))
		in->note = arena_printf(&k->arena, "%s: %s", k->plan.way->refused(k, err), in->note);
	in->state = refused ? INTENT_REFUSED : stayed || objects ? INTENT_NOT_SENT : INTENT_UNKNOWN;
	if (way_has(k, WAY_CHAIN) || (!in->done && in->sends < 2))
		return;
	if (in->state == INTENT_UNKNOWN) {
		if (in->done)
			in->note = arena_printf(&k->arena,
						"request %" PRId64 " of %" PRId64 " has no answer: %s",
						in->done + 1, in->steps, err->message);
		return;
	}
	uncount(k);
	in->state = INTENT_NOT_FOUND;
	in->note = steps_left_words(k, refused ? "was refused" : "was not sent", err->message);
}

static void judge_success(struct ask *k, const struct forge_result *res)
{
	struct intent *in = &k->intent;
	const struct plan_step *s = steps_next(k);

	in->run_url = res->run_url ? arena_strdup(&k->arena, res->run_url) : "";
	in->note = "";
	if (way_has(k, WAY_VERIFIED)) {
		in->state = INTENT_UNKNOWN;
		in->note = "accepted, and not seen yet";
		return;
	}
	in->done++;
	in->state = INTENT_DONE;
	if (way_has(k, WAY_RUN)) {
		in->state = res->run_id ? INTENT_LINKED : INTENT_UNKNOWN;
		in->run_id = res->run_id ? res->run_id : in->run_id;
		in->note = res->run_id ? "" : "accepted, and no run id was given";
		in->done -= !res->run_id;
	} else if (s && !s->image && !s->moves && s->act.kind == FORGE_PULL_OPEN && res->run_id) {
		in->note = arena_printf(&k->arena, "pull request #%" PRId64, res->run_id);
	} else if (act_is(k, CMD_RERUN)) {
		in->run_id = k->plan.pf.run->id;
	}
}

static void judge_outcome(struct ask *k, const struct forge_result *res, const struct err *err)
{
	k->intent.settled = engine_now(k->acts->en);
	if (res)
		judge_success(k, res);
	else
		judge_failure(k, err);
	if (k->intent.state == INTENT_UNKNOWN)
		k->intent.settled = WHEN_NONE;
}

/* What a merge or a label starts is on no list for a while (GitHub reference 1.1), and nobody gave its id. */
#define ECHO_MS 5000
#define ECHOES  3

static void echo(void *ctx)
{
	struct acts *a = ctx;

	if (a->en->sync)
		sync_wake(a->en->sync);
	if (++a->echoes < ECHOES)
		timer_in(a->echo, ECHO_MS << a->echoes);
}

static void after_send(struct ask *k)
{
	struct sync *sync = k->acts->en->sync;
	struct intent *in = &k->intent;

	if (!sync)
		return;
	sync_wake(sync);
	k->acts->echoes = 0;
	timer_in(k->acts->echo, ECHO_MS);
	if (in->run_id && (in->state == INTENT_LINKED || in->state == INTENT_DONE))
		sync_watch_run(sync, in->repo, in->run_id);
}

static void commit_send(struct ask *k);
static void commit_next(struct ask *k);

/* True while there is a request left after the one that has just happened. */
static bool goes_on(struct ask *k, const struct forge_result *res)
{
	struct intent *in = &k->intent;

	if (!res || in->done + 1 >= in->steps)
		return false;
	*vec_push(&k->plan.links, &k->arena) = arena_strdup(&k->arena, res->sha ? res->sha : "");
	in->done++;
	ask_in(k, ACT_GAP_MS, commit_next);
	return true;
}

static void outcome_known(struct ask *k, bool answered)
{
	struct intent *in = &k->intent;
	struct err e = ERR_INIT;

	if (act_record(k->acts, in, &e) < 0) {
		in->note = arena_printf(&k->arena, "%s%sthe journal does not know it: %s", in->note,
					*in->note ? "; " : "", e.message);
		reconcile_unrecorded(k->acts, in); /* it is written as soon as the journal takes it */
	}
	after_send(k);
	if (in->state == INTENT_LINKED || in->state == INTENT_DONE)
		lock_after_back(k->acts, in);
	if (in->state == INTENT_NOT_FOUND)
		reconcile_add(k->acts, in, NULL);
	if (in->state == INTENT_LINKED) {
		after_linked(k);
		return;
	}
	if (in->state != INTENT_UNKNOWN) {
		act_settled(k, in);
		return;
	}
	keep_unknown(k, in->note, answered);
	if (answered)
		ask_in(k, ACT_LINK_WAIT_MS, waited_enough);
	else
		act_settled(k, in);
}

static void stamp_write(struct acts *a, int writing)
{
	a->writing += writing;
	a->last_write = clock_mono(loop_clock(a->en->o.loop));
}

static void act_answered(void *ctx, const struct forge_result *res, const struct err *err)
{
	const struct forge_result already = { 0 };
	struct ask *k = ctx;

	k->pending--;
	if (!k->acts) {
		ask_then(k, NULL);
		return;
	}
	stamp_write(k->acts, -1);
	if (err)
		engine_note_answer(k->acts->en, NULL, err);
	if (stands_already(steps_next(k), err))
		res = &already;
	if (goes_on(k, res))
		return;
	judge_outcome(k, res, err);
	outcome_known(k, res != NULL);
}

/* The next request cannot leave, most often because the journal does not take it. Of an act that has begun, or was sent
 * before, it is not said that nothing was sent; what its journal does not have is open there. */
static void not_sendable(struct ask *k, const struct err *e)
{
	bool stands = steps_stand(k) || (!k->intent.done && k->intent.sends > 0);
	bool ends = stands && ends_without_tail(k, e);
	struct intent *in = &k->intent;
	struct err ignored = ERR_INIT;

	if (stands && !ends) {
		act_stays_open(k, e->message);
		return;
	}
	in->state = ends ? INTENT_DONE : INTENT_NOT_SENT;
	in->note = ends ? in->note : arena_strdup(&k->arena, e->message);
	in->settled = ends ? engine_now(k->acts->en) : in->settled;
	if (act_record(k->acts, in, &ignored) < 0 || !journal_in_place(k->acts->en->o.journal)) {
		reconcile_unrecorded(k->acts, in);
		in->state = ends ? INTENT_UNKNOWN : in->state;
	}
	if (ends)
		act_settled(k, in);
	else
		act_reply_stopped_err(k, e);
}

/* SENT is durable before the first byte leaves: from here on a crash finds "perhaps sent", never "not sent". */
static void commit_send(struct ask *k)
{
	struct engine *en = k->acts->en;
	struct intent *in = &k->intent;
	struct plan_step *s = steps_next(k);
	struct err e = ERR_INIT;
	bool first = !k->sending;
	int r = steps_fill(k, s, &e);

	in->state = INTENT_SENT;
	in->sends += first;
	in->sent = engine_now(en);
	in->settled = WHEN_NONE;
	in->request = s->request;
	in->body = s->body;
	in->step = s->record;
	if (in->steps > 1)
		in->note = arena_printf(&k->arena, "request %" PRId64 " of %" PRId64 ": %s", in->done + 1,
					in->steps, s->words);
	k->sending = true;
	/* Between two requests the file may have gone: what is written into a file without a name is lost with us. */
	if (r >= 0)
		r = engine_journal(en, &e);
	if (r >= 0)
		r = act_record_for(k, in, &e);
	if (r < 0) {
		in->sends -= first;
		not_sendable(k, &e);
		return;
	}
	stamp_write(k->acts, 1);
	k->pending++;
	r = steps_send(k, s, act_answered, &e);
	if (r >= 0)
		return;
	e.kind = ERR_CANCELLED; /* not accepted by the port: nothing left */
	act_answered(k, NULL, &e);
}

/* ---- between two steps of an act ------------------------------------------------------------------------------------------- */

void act_stays_open(struct ask *k, const char *why)
{
	struct intent *in = &k->intent;
	struct err e = ERR_INIT;

	in->state = INTENT_NOT_FOUND;
	in->settled = engine_now(k->acts->en);
	in->note = steps_left_words(k, "was not sent", why);
	if (act_record(k->acts, in, &e) < 0)
		reconcile_unrecorded(k->acts, in);
	else
		reconcile_add(k->acts, in, NULL);
	act_settled(k, in);
}

/* What was waited for may have taken long: the rest is planned again, on facts of now, and goes on under its own nonce. */
static void commit_again(struct ask *k)
{
	struct intent *in = &k->intent;
	struct err e = ERR_INIT;

	in->state = INTENT_NOT_FOUND;
	in->note =
		arena_printf(&k->arena, "request %" PRId64 " of %" PRId64 " is planned on what is known now",
			     in->done + 1, in->steps);
	if (act_record(k->acts, in, &e) < 0) {
		act_stays_open(k, e.message);
		return;
	}
	k->continues = true;
	k->replans = 0;
	k->plan_id = NULL;
	plan_begin(k);
}

static void commit_next(struct ask *k)
{
	const struct plan_step *s = steps_next(k);
	bool again = way_has(k, WAY_RUN) && s->awaits.run && !s->awaits.gate;

	if (!await_begin(k, s, again ? commit_again : commit_send))
		commit_send(k);
}

static void reply_twin(struct ask *k, const struct intent *t)
{
	bool perhaps_sent = t->state != INTENT_NOT_FOUND;
	const char *more = perhaps_sent ? NULL : reconcile_knows_more(k->acts, t->id);

	act_reply_stopped(k, perhaps_sent ? 3 : 1, "twin",
			  arena_printf(&k->arena,
				       "intent %" PRId64 " (%s %s by %s) is %s%s%s; no twin is sent", t->id,
				       t->act, t->subject ? t->subject : "", t->who ? t->who : "?",
				       names_word(&intent_state_names, t->state), more ? ", and " : "",
				       more ? more : ""),
			  more           ? "wait for that, and try again"
			  : perhaps_sent ? "`pilothouse reconcile`, then see `pilothouse outbox`"
					 : arena_printf(&k->arena, "`pilothouse abandon %" PRId64 "`: %s",
							t->id, intent_ways_on(t)));
}

/* ARMED: on disk, and in the audit chain, before anything leaves. */
int act_add(struct ask *k, struct intent *twin, struct err *e)
{
	struct engine *en = k->acts->en;
	int r;

	en->caller = k->client;
	r = journal_add(en->o.journal, &k->intent, twin, &k->arena, e);
	en->caller = NULL;
	if (r == 0)
		audit_told(en, &k->intent);
	return r;
}

static int arm(struct ask *k, struct intent *twin, struct err *e)
{
	const struct plan_step *s;
	int r = steps_make(k, k->intent.nonce, &k->plan.steps, e);

	if (r < 0)
		return r;
	s = steps_next(k);
	if (!s && !way_has(k, WAY_LOCAL))
		return err_set(e, ERR_BUG, "an act without a request");
	if (!s) {
		k->intent.request = k->intent.body = "";
		k->intent.step = "{\"kind\":\"local\"}";
	} else if (!k->plan.repeats) {
		k->intent.request = s->request;
		k->intent.body = s->body;
		k->intent.step = s->record;
	}
	r = override_claim(k, e);
	if (r)
		return r < 0 ? r : err_set(e, ERR_CONFLICT, "the override was used, or is void by now");
	r = twin_claim(k, twin, e);
	if (r == 0 && !k->plan.repeats)
		r = act_add(k, twin, e);
	return r;
}

/* Nothing leaves: that it stands in the journal is all of it. */
static void commit_here(struct ask *k)
{
	struct intent *in = &k->intent;
	struct err e = ERR_INIT;

	in->state = INTENT_DONE;
	in->settled = engine_now(k->acts->en);
	in->note = "nothing was sent";
	if (act_record_for(k, in, &e) < 0)
		not_sendable(k, &e);
	else
		act_settled(k, in);
}

static void commit_arm(struct ask *k)
{
	struct intent twin = { 0 };
	struct err e = ERR_INIT;
	int r;

	k->armed = true;
	fill_intent(k);
	r = arm(k, &twin, &e);
	if (r < 0) {
		act_reply_stopped_err(k, &e);
	} else if (r > 0) {
		reply_twin(k, &twin);
	} else if (way_has(k, WAY_LOCAL)) {
		commit_here(k);
	} else {
		if (k->plan.repeats)
			reconcile_forget(k->acts, k->intent.id);
		commit_next(k);
	}
}

/* One at a time, and a second between them. */
static msec gap_left(const struct acts *a)
{
	msec since = clock_mono(loop_clock(a->en->o.loop)) - a->last_write;

	if (a->writing)
		return ACT_GAP_MS;
	return a->last_write && since < ACT_GAP_MS ? ACT_GAP_MS - since : 0;
}

static bool facts_are_old(const struct ask *k)
{
	struct when now = engine_now(k->acts->en);

	for (size_t i = 0; i < k->plan.facts.n; i++) {
		int64_t age = when_diff(now, k->plan.facts.items[i].at);

		if (age < 0 || age > PLAN_FACTS_MAX_AGE)
			return true;
	}
	return false;
}

/* What was read while another act was under way may be of before it: the forge does it at some moment until it answers. So
 * the facts of a plan must have been begun after the last answer. */
static bool wrote_since(const struct ask *k)
{
	return k->acts->last_write && k->acts->last_write >= k->plan.began;
}

static void reply_left(struct ask *k)
{
	act_reply_stopped(k, 130, "cancelled", "interrupted before it was sent", "");
}

static void commit_wait(struct ask *k)
{
	struct engine *en = k->acts->en;
	struct err e = ERR_INIT;
	int64_t wait = en->sync ? sync_rate_wait(en->sync, true) : 0;
	bool old = facts_are_old(k) || wrote_since(k);

	if (k->left)
		reply_left(k);
	else if (k->as_nonce && !sentry_wants(en, k->plan.lane->name, k->as_nonce))
		act_reply_stopped(k, 1, "cancelled", "the guard that asked for it stood down meanwhile", "");
	else if (wait > 0)
		act_reply_stopped(k, err_exit_status(ERR_RATE), "rate",
				  arena_printf(&k->arena,
					       "the forge's rate limit lets nothing through for %" PRId64
					       " s",
					       (wait + 999) / 1000),
				  "try again then");
	else if (gap_left(k->acts) > 0)
		ask_in(k, gap_left(k->acts), commit_wait);
	else if (old && k->replans++ < 2)
		plan_begin(k);
	else if (old)
		act_reply_stopped(k, 5, "stale", "the facts were too old when the request was to leave",
				  "try again");
	else if (engine_journal(en, &e) < 0)
		act_reply_stopped_err(k, &e);
	else
		commit_arm(k);
}

/* The first check that stops it, in words. */
static const char *why_stopped(struct ask *k, enum verdict *status, const char **fix)
{
	struct checks one = { 0 };

	for (size_t i = 0; i < k->plan.checks.n; i++) {
		const struct check *c = &k->plan.checks.items[i];

		one = (struct checks){ .items = &k->plan.checks.items[i], .n = 1, .cap = 1 };
		if (preflight_verdict(&one) != k->plan.verdict)
			continue;
		*status = (enum verdict)c->status;
		*fix = c->fix;
		return arena_printf(&k->arena, "%s: %s", c->name, c->detail);
	}
	return "no check was made";
}

static void commit_begin(struct ask *k)
{
	struct plan *p = &k->plan;
	const struct fact *journal = facts_find(&p->facts, "journal");
	const char *phrase = k->cmd.opt[OPT_CONFIRM], *why, *fix = "";
	enum verdict status = CHECK_BAD;

	if (k->left) {
		reply_left(k);
	} else if (!p->confirm || (*p->confirm && !text_eq(phrase, p->confirm))) {
		act_reply_stopped(
			k, 1, "confirm",
			arena_printf(&k->arena, "the phrase is \"%s\"", p->confirm ? p->confirm : ""),
			"nothing was sent");
	} else if (k->plan_id && *k->plan_id && !plan_is_named(p->id, k->plan_id)) {
		act_reply_stopped(k, 1, "changed", what_moved(k), "read the plan again");
	} else if (!journal || journal->state != FACT_OK) {
		act_reply_stopped(k, 6, "store",
				  arena_printf(&k->arena, "the journal cannot be written: %s",
					       journal && journal->why ? journal->why : "?"),
				  journal && journal->fix ? journal->fix : "see `pilothouse doctor`");
	} else if (p->twin && !p->repeats) {
		reply_twin(k, p->twin);
	} else if (engine_token_refused(k->acts->en, &why)) {
		act_reply_stopped(k, err_exit_status(ERR_AUTH), err_word(ERR_AUTH), why,
				  "give a token that the forge accepts");
	} else if (p->verdict != PLAN_GO) {
		why = why_stopped(k, &status, &fix);
		act_reply_stopped(k, p->verdict == PLAN_STALE ? 5 : 1,
				  p->verdict == PLAN_STALE ? "stale" : "refused", why, fix);
	} else {
		commit_wait(k);
	}
}

/* The rest of an act whose beginning has happened: what stops it now leaves it open, for its beginning stands. */
static void commit_rest(struct ask *k)
{
	const struct plan *p = &k->plan;
	enum verdict status = CHECK_BAD;
	const char *fix = "";

	if (p->verdict != PLAN_GO)
		act_stays_open(k, why_stopped(k, &status, &fix));
	else if (!p->repeats)
		act_stays_open(k, "what would be sent now is another request than was planned");
	else
		commit_wait(k);
}

/* An act without a phrase: asked for is confirmed. */
static bool goes_at_once(const struct ask *k)
{
	return k->plan.confirm && !*k->plan.confirm;
}

void act_planned(struct ask *k)
{
	if (k->continues) {
		commit_rest(k);
		return;
	}
	if (k->dry || !k->cmd.opt[OPT_CONFIRM] || !k->plan_id)
		remember_plan(k);
	/* Who confirms without having read a plan means the one that is made first: what is read again is held against it. */
	if (!k->plan_id)
		k->plan_id = arena_strdup(&k->arena, k->plan.id);
	if (!k->cmd.opt[OPT_CONFIRM] && !plan_is_named(k->plan.id, k->plan_id))
		act_reply_stopped(k, 1, "changed", what_moved(k), "read the plan again");
	else if (k->dry)
		act_reply_plan(k, 0);
	else if (!k->cmd.opt[OPT_CONFIRM] && !goes_at_once(k))
		act_reply_plan(k, 1);
	else
		commit_begin(k);
}

/* ---- the whole ----------------------------------------------------------------------------------------------------------- */

int acts_new(struct acts **out, struct engine *en, struct err *e)
{
	struct acts *a = x_alloc(sizeof(*a));
	int r;

	a->en = en;
	a->echo = timer_new(en->o.loop, echo, a);
	*out = a;
	a->verify = verify_new(a);
	r = reconcile_start(a, e);
	if (r < 0) {
		acts_free(a);
		*out = NULL;
	}
	return r;
}

void acts_free(struct acts *a)
{
	if (!a)
		return;
	reconcile_stop(a);
	timer_free(a->echo);
	verify_free(a->verify);
	while (a->asks)
		ask_orphan(a->asks);
	for (int i = 0; i < SHOWN_PLANS; i++)
		arena_done(&a->shown[i].arena);
	free(a);
}

bool acts_busy(const struct acts *a)
{
	return a->asks || reconcile_busy(a);
}
