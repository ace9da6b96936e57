#include "core/engine/internal.h"

#include "base/json.h"
#include "base/text.h"
#include "core/engine/audit.h"
#include "core/engine/ledger.h"
#include "core/engine/fleets.h"
#include "core/engine/prover.h"
#include "core/engine/reconcile.h"
#include "core/engine/sentry.h"
#include "core/engine/tidy.h"
#include "core/port/http.h"

#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX 65536

static void deliver(struct asked *q);

/* Someone who asked for a pass. */
struct asked {
	struct asked *next; /* of en->asked */
	struct engine *en;
	engine_reply reply;
	void *ctx;
	struct timer *timer; /* an answer that is ready already waits for the loop */
	bool stays;          /* `sync` without --once: answered when the engine ends */
	int status;
	char *json;
	struct sync_total total;             /* of its pass */
	uint64_t requests, bytes, unchanged; /* of the transport and the survey when the survey began */
};

void engine_emit(struct engine *en, const char *event, const char *text)
{
	if (text_eq(event, "changed"))
		survey_notice(en->survey);
	if (en->on_event)
		en->on_event(en->on_event_ctx, event, text ? text : "");
}

void engine_on_event(struct engine *en, engine_event fn, void *ctx)
{
	en->on_event = fn;
	en->on_event_ctx = ctx;
}

/* An act is written into the chain or not done: without one there is no journal to act by. */
static void open_chain(struct engine *en)
{
	if (!en->o.journal || audit_start(en, &en->no_chain) >= 0)
		return;
	if (en->o.log)
		log_line(en->o.log, "audit", "%s", en->no_chain.message);
	audit_stop(en);
	en->o.journal_why = en->no_chain.message;
	en->o.journal_fix = en->no_chain.hint;
	en->o.journal = NULL;
}

int engine_journal(const struct engine *en, struct err *e)
{
	const struct engine_options *o = &en->o;
	const char *why = o->journal_why && *o->journal_why ? o->journal_why : "there is no journal";

	if (o->journal && journal_in_place(o->journal))
		return 0;
	(void)err_set(e, ERR_STORE, "%s", o->journal ? "the journal's file was replaced or removed" : why);
	if (!o->journal && o->journal_fix && *o->journal_fix)
		(void)err_hint(e, "%s", o->journal_fix);
	(void)err_hint(e, "see `pilothouse doctor`");
	return -ERR_STORE;
}

/* Roots and a thread to verify by. A root that somebody named and that cannot be used is a mistake to be told at once. */
static int open_prover(struct engine *en, struct err *e)
{
	const struct engine_options *o = &en->o;
	const struct roots_from from = { o->attest, o->roots_dir, o->trusted_root, engine_now(en) };
	struct arena a = ARENA_INIT;
	const char *note = NULL;
	int r = 0;

	if (o->attest && o->sha256)
		r = roots_open(&en->roots, &from, &note, &a, e);
	if (note && o->log)
		log_line(o->log, "roots", "%s", note);
	if (en->roots)
		en->prover = prover_new(&(struct prover_options){ .loop = o->loop,
								  .ops = o->attest,
								  .roots = en->roots,
								  .sha256 = o->sha256,
								  .evidence_dir = o->evidence_dir,
								  .log = o->log });
	arena_done(&a);
	return r;
}

int engine_new(struct engine **out, const struct engine_options *o, struct err *e)
{
	struct engine *en = x_alloc(sizeof(*en));
	int r;

	*en = (struct engine){ .o = *o };
	en->began = engine_now(en);
	open_chain(en);
	r = open_prover(en, e);
	if (o->fleet && o->quotes && o->sha256)
		en->fleets = fleets_new(&(struct fleets_options){ o->loop, o->quotes, o->sha256, o->roots_dir,
								  o->evidence_dir });
	if (r >= 0)
		r = sync_new(&en->sync, en, e);
	if (r >= 0)
		r = acts_new(&en->acts, en, e);
	if (r < 0) {
		engine_free(en);
		return r;
	}
	en->ledger = ledger_new(en);
	r = sentry_new(&en->sentry, en, e);
	if (r < 0) {
		engine_free(en);
		return r;
	}
	if (o->survey)
		en->survey = survey_new(en);
	en->tidy = tidy_new(en);
	*out = en;
	return 0;
}

void engine_free(struct engine *en)
{
	if (!en)
		return;
	engine_emit(en, "bye", "the engine is shutting down");
	en->on_event = NULL;
	ledger_free(en->ledger);
	en->ledger = NULL;
	prover_free(en->prover); /* a look may wait for it */
	en->prover = NULL;
	tidy_free(en->tidy); /* the prover's thread worked for it */
	en->tidy = NULL;
	fleets_free(en->fleets);
	en->fleets = NULL;
	survey_free(en->survey);
	en->survey = NULL;
	roots_free(en->roots);
	en->roots = NULL;
	sentry_stop(en->sentry);
	acts_free(en->acts);
	en->acts = NULL;
	sentry_free(en->sentry);
	en->sentry = NULL;
	sync_free(en->sync);
	en->sync = NULL;
	while (en->asked) {
		struct asked *q = en->asked;

		en->asked = q->next;
		deliver(q);
	}
	audit_stop(en);
	free((char *)en->login);
	free(en->drill);
	free(en->asks_from);
	free(en);
}

void engine_attach(struct engine *en, int delta)
{
	en->attached += delta;
	BUG_IF(en->attached < 0);
	if (delta > 0)
		sync_wake(en->sync);
}

void engine_asks_from(struct engine *en, const char *client)
{
	free(en->asks_from);
	en->asks_from = client && *client ? x_strdup(client) : NULL;
}

bool engine_is_telling(const struct engine *en)
{
	return ledger_is_busy(en->ledger);
}

void engine_focus(struct engine *en, const char *lane, int64_t run)
{
	sync_focus(en->sync, lane, run);
}

void engine_follow(struct engine *en, bool follow)
{
	en->follows = follow;
	sync_wake(en->sync);
}

bool engine_is_watched(const struct engine *en)
{
	return en->attached > 0 || en->keep_polling || sentry_is_up(en->sentry);
}

bool engine_is_guarding(const struct engine *en)
{
	return sentry_is_up(en->sentry);
}

bool engine_is_needed(const struct engine *en)
{
	return engine_is_watched(en) || sync_busy(en->sync) || survey_busy(en->survey) ||
	       acts_busy(en->acts) || ledger_is_busy(en->ledger);
}

bool engine_is_behind(const struct engine *en)
{
	return reconcile_is_behind(en->acts);
}

/* ---- answers -------------------------------------------------------------------------------------------------------- */

static void write_error(struct jw *w, const struct err *err)
{
	jw_kerror(w, err_word(err->kind), err->message, err->hint);
}

static int64_t setting_number(struct engine *en, const char *name)
{
	struct arena a = ARENA_INIT;
	struct key key = { .name = name };
	struct setting row = { 0 };
	int64_t v = -1;

	if (store_one(en->o.cache, Q_setting_by_name, &rec_key, &key, &rec_setting, &row, &a, NULL) == 0 &&
	    text_int64(&v, row.value, 0, INT64_MAX) < 0)
		v = -1;
	arena_done(&a);
	return v;
}

static void write_api(struct jw *w, struct engine *en)
{
	struct arena a = ARENA_INIT;
	struct key key = { .name = "api_reset" };
	struct setting row = { 0 };
	int r = store_one(en->o.cache, Q_setting_by_name, &rec_key, &key, &rec_setting, &row, &a, NULL);

	jw_kopen(w, "api", '{');
	jw_kint(w, "remaining", setting_number(en, "api_remaining"));
	jw_kint(w, "limit", setting_number(en, "api_limit"));
	jw_kstr(w, "reset", r == 0 ? row.value : NULL);
	jw_close(w, '}');
	arena_done(&a);
}

/* `sync` without --once polls until it is told to end; what its first pass found is told then. */
static void keep_for_the_end(struct asked *q, const char *json)
{
	q->json = x_strdup(json);
	q->next = q->en->asked;
	q->en->asked = q;
}

static void pass_answer(struct asked *q, const struct sync_total *total, const struct err *err)
{
	struct buf text = BUF_INIT(ANSWER_MAX);
	struct jw w;

	jw_init(&w, &text);
	jw_open(&w, '{');
	if (err)
		write_error(&w, err);
	jw_kint(&w, "requests", total->requests);
	jw_kint(&w, "not_modified", total->not_modified);
	jw_kint(&w, "bytes", total->bytes);
	jw_kint(&w, "runs", total->runs);
	write_api(&w, q->en);
	jw_close(&w, '}');
	if (q->stays) {
		keep_for_the_end(q, text.s);
	} else {
		q->reply(q->ctx, err ? err_exit_status(err->kind) : 0, text.s);
		free(q);
	}
	buf_done(&text);
}

static void survey_done_too(void *ctx)
{
	struct asked *q = ctx;
	uint64_t requests = q->en->o.http ? q->en->o.http->requests : 0;
	uint64_t bytes = q->en->o.http ? q->en->o.http->bytes : 0;

	q->total.requests += (int64_t)(requests - q->requests);
	q->total.bytes += (int64_t)(bytes - q->bytes);
	q->total.not_modified += (int64_t)(survey_unchanged(q->en->survey) - q->unchanged);
	pass_answer(q, &q->total, NULL);
}

/* What is polled is the ground that evidence stands on: without it nothing is looked for. */
static void pass_done(void *ctx, const struct sync_total *total, const struct err *err)
{
	struct asked *q = ctx;

	if (err || !q->en->survey) {
		pass_answer(q, total, err);
		return;
	}
	q->total = *total;
	q->requests = q->en->o.http ? q->en->o.http->requests : 0;
	q->bytes = q->en->o.http ? q->en->o.http->bytes : 0;
	q->unchanged = survey_unchanged(q->en->survey);
	survey_now(q->en->survey, survey_done_too, q);
}

static void deliver(struct asked *q)
{
	q->reply(q->ctx, q->status, q->json);
	timer_free(q->timer);
	free(q->json);
	free(q);
}

static void answer_now(void *ctx)
{
	struct asked *q = ctx;

	for (struct asked **at = &q->en->asked; *at; at = &(*at)->next)
		if (*at == q) {
			*at = q->next;
			break;
		}
	deliver(q);
}

static char *refusal(const struct err *err)
{
	struct buf text = BUF_INIT(ANSWER_MAX);
	struct jw w;

	jw_init(&w, &text);
	jw_open(&w, '{');
	write_error(&w, err);
	jw_close(&w, '}');
	return buf_detach(&text);
}

/* The contract is that answers come from the loop, refusals too. */
static void refuse(struct engine *en, const struct err *err, engine_reply reply, void *ctx)
{
	struct asked *q = x_alloc(sizeof(*q));

	*q = (struct asked){ .en = en, .reply = reply, .ctx = ctx, .status = err_exit_status(err->kind) };
	q->json = refusal(err);
	q->next = en->asked;
	en->asked = q;
	q->timer = timer_new(en->o.loop, answer_now, q);
	timer_in(q->timer, 0);
}

bool engine_is_polling(const struct engine *en)
{
	return en->keep_polling;
}

void engine_end_polling(struct engine *en, const struct err *why)
{
	struct asked **at = &en->asked, *q;

	while ((q = *at)) {
		if (!q->stays) {
			at = &q->next;
			continue;
		}
		*at = q->next;
		free(q->json);
		q->json = refusal(why);
		q->status = err_exit_status(why->kind);
		deliver(q);
	}
}

static void ask_sync(struct engine *en, const struct command *c, engine_reply reply, void *ctx)
{
	struct asked *q = x_alloc(sizeof(*q));

	*q = (struct asked){ .en = en, .reply = reply, .ctx = ctx };
	q->stays = !c->opt[OPT_ONCE];
	en->keep_polling = en->keep_polling || q->stays;
	sync_now(en->sync, pass_done, q);
}

void engine_ask(struct engine *en, int argc, const char *const *argv, const char *plan_id, engine_reply reply,
		void *ctx)
{
	struct command c;
	struct err e = ERR_INIT;
	int r = command_parse(&c, argc, argv, &e);

	if (r >= 0 && command_changes(&c) && en->o.read_only)
		r = err_set(&e, ERR_INVALID, "%s is an act, and this engine is read-only", c.info->name);
	if (r >= 0 && c.info->kind != COMMAND_ACT && c.info->kind != COMMAND_ENGINE)
		r = err_set(&e, ERR_INVALID, "%s is not for the engine: it reads the cache only",
			    c.info->name);
	if (r < 0)
		refuse(en, &e, reply, ctx);
	else if (c.info->id == CMD_SYNC)
		ask_sync(en, &c, reply, ctx);
	else
		acts_ask(en->acts, &c, plan_id, reply, ctx);
}

bool engine_leave(struct engine *en, const void *ctx)
{
	return acts_leave(en->acts, ctx);
}
