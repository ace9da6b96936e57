#include "core/engine/reconcile.h"
#include "core/engine/act_reply.h"
#include "core/engine/audit.h"
#include "core/engine/reflock.h"

#include "base/json.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static void unlink_from(struct open_intent **list, const struct open_intent *o)
{
	for (struct open_intent **p = list; *p; p = &(*p)->next) {
		if (*p == o) {
			*p = o->next;
			return;
		}
	}
}

void open_free(struct open_intent *o)
{
	if (o->gone && o->acts)
		unlink_from(&o->acts->gone, o);
	json_free(o->step);
	arena_done(&o->arena);
	arena_done(&o->look);
	free(o);
}

/* Out of the list; a look that is under way still ends at it. */
static void open_drop(struct open_intent *o)
{
	unlink_from(&o->acts->open, o);
	if (!o->pending) {
		open_free(o);
		return;
	}
	o->gone = true;
	o->next = o->acts->gone;
	o->acts->gone = o;
}

static msec mono(const struct acts *a)
{
	return clock_mono(loop_clock(a->en->o.loop));
}

struct when open_server_now(const struct engine *en)
{
	struct when now = engine_now(en);

	now.ms += en->skew_ms;
	return now;
}

struct when open_server_sent(const struct open_intent *o)
{
	return (struct when){ o->in.sent.ms + o->acts->en->skew_ms };
}

static void schedule(struct acts *a)
{
	msec next = LOOK_NEVER, now = mono(a);

	for (struct open_intent *o = a->open; o; o = o->next) {
		if (!o->pending && o->due < next)
			next = o->due;
	}
	if (next == LOOK_NEVER)
		timer_stop(a->tick);
	else
		timer_in(a->tick, next > now ? next - now : 0);
}

/* ---- settling ----------------------------------------------------------------------------------------------------------- */

void open_note(struct open_intent *o, const char *note)
{
	if (!text_eq(o->in.note, note))
		o->in.note = arena_strdup(&o->arena, note);
}

static void tell(struct open_intent *o)
{
	const struct intent *in = &o->in;

	engine_emit(o->acts->en, "notice",
		    arena_printf(&o->arena, "intent %" PRId64 ": %s %s %s is %s%s%s", in->id, in->act,
				 in->lane, in->subject, names_word(&intent_state_names, in->state),
				 in->note && *in->note ? ": " : "", in->note ? in->note : ""));
}

static bool still_looked_for(int state)
{
	return state == INTENT_UNKNOWN || state == INTENT_SENT || state == INTENT_ARMED;
}

/* A person closed it while its ask went on: the journal's word stands, and ours will never be taken. */
static void closed_elsewhere(struct open_intent *o, const struct err *e)
{
	const struct log *log = o->acts->en->o.log;

	if (log)
		log_line(log, "intent", "%" PRId64 " stays as it is: %s", o->in.id, e->message);
	open_drop(o);
}

/* Enters the state in the journal; what is closed and written leaves the list. */
static void record(struct open_intent *o)
{
	struct acts *a = o->acts;
	struct err e = ERR_INIT;

	o->unrecorded = act_record(a, &o->in, &e) < 0;
	if (o->unrecorded && e.kind == ERR_CONFLICT) {
		closed_elsewhere(o, &e);
		return;
	}
	if (o->unrecorded) {
		o->due = mono(a) + LOOK_FIRST_MS;
		return;
	}
	if (still_looked_for(o->in.state))
		return;
	o->due = LOOK_NEVER;
	if (o->waiter) {
		struct ask *k = o->waiter;

		o->waiter = NULL;
		act_settled(k, &o->in);
	}
	if (intent_is_open(o->in.state))
		return;
	open_drop(o);
}

void open_keep_note(struct open_intent *o, const char *note)
{
	if (text_eq(o->in.note, note))
		return;
	open_note(o, note);
	record(o);
}

void open_settle(struct open_intent *o, int state, const char *note)
{
	struct sync *sync = o->acts->en->sync;

	o->in.state = state;
	o->in.settled = engine_now(o->acts->en);
	open_note(o, note);
	tell(o);
	if (state == INTENT_DONE || state == INTENT_LINKED)
		o->in.done = o->in.steps;
	if (sync && o->in.run_id)
		sync_watch_run(sync, o->in.repo, o->in.run_id);
	if (sync)
		sync_wake(sync);
	if (state == INTENT_DONE || state == INTENT_LINKED)
		lock_after_back(o->acts, &o->in);
	record(o);
}

void open_looked(struct acts *a)
{
	schedule(a);
	open_answer(a);
}

static void tick(void *ctx)
{
	struct acts *a = ctx;
	msec now = mono(a);

	for (struct open_intent *o = a->open, *next; o; o = next) {
		next = o->next;
		if (o->pending || o->due > now)
			continue;
		if (o->unrecorded)
			record(o);
		else
			look_start(o);
	}
	schedule(a);
}

/* ---- the list --------------------------------------------------------------------------------------------------------------- */

struct open_intent *open_find(struct acts *a, int64_t id)
{
	for (struct open_intent *o = a->open; o; o = o->next) {
		if (o->in.id == id)
			return o;
	}
	return NULL;
}

static struct open_intent *open_add(struct acts *a, const struct intent *in)
{
	struct open_intent *o = x_alloc(sizeof(*o));

	o->acts = a;
	o->next = a->open;
	a->open = o;
	rec_dup(&rec_journal_intent, &o->in, in, &o->arena);
	o->interval = LOOK_FIRST_MS;
	o->due = mono(a);
	return o;
}

static struct open_intent *keep(struct acts *a, const struct intent *in)
{
	struct open_intent *o = open_find(a, in->id);

	if (o)
		return o;
	o = open_add(a, in);
	o->sent_here = true;
	o->sent_mono = mono(a);
	return o;
}

void reconcile_add(struct acts *a, const struct intent *in, struct ask *waiter)
{
	struct open_intent *o = keep(a, in);

	if (waiter)
		o->waiter = waiter;
	else if (still_looked_for(in->state) || o->unrecorded)
		o->due = mono(a) + LOOK_FIRST_MS;
	else
		o->due = LOOK_NEVER;
	schedule(a);
}

void reconcile_unrecorded(struct acts *a, const struct intent *in)
{
	struct open_intent *o = keep(a, in);

	o->unrecorded = true;
	o->due = mono(a) + LOOK_FIRST_MS;
	schedule(a);
}

void reconcile_undone(struct ask *k, const char *why)
{
	struct intent *in = &k->intent;
	struct err e = ERR_INIT;

	in->state = INTENT_NOT_SENT;
	in->note = arena_strdup(&k->arena, why);
	if (act_record_for(k, in, &e) < 0)
		reconcile_unrecorded(k->acts, in);
}

const char *reconcile_knows_more(struct acts *a, int64_t id)
{
	const struct open_intent *o = open_find(a, id);

	return o && o->unrecorded ? "what is known since is not written yet"
	       : o && o->pending  ? "it is being looked for just now"
				  : NULL;
}

bool reconcile_is_behind(const struct acts *a)
{
	for (const struct open_intent *o = a->open; o; o = o->next)
		if (o->unrecorded)
			return true;
	return false;
}

void reconcile_forget(struct acts *a, int64_t id)
{
	struct open_intent *o = open_find(a, id);

	if (o)
		open_drop(o);
}

void reconcile_drop_ask(struct acts *a, const struct ask *k)
{
	for (struct open_intent *o = a->open; o; o = o->next) {
		if (o->waiter == k)
			o->waiter = NULL;
	}
}

bool reconcile_busy(const struct acts *a)
{
	for (const struct open_intent *o = a->open; o; o = o->next) {
		if (o->unrecorded || o->pending || still_looked_for(o->in.state))
			return true;
	}
	return false;
}

/* What an engine that stopped has left: never sent, or perhaps sent. Neither is sent again. */
static void take_over(struct acts *a, const struct intent *in)
{
	struct open_intent *o = open_add(a, in);

	if (in->state == INTENT_NOT_FOUND) {
		o->due = LOOK_NEVER;
	} else if (in->state == INTENT_ARMED) {
		open_settle(o, INTENT_NOT_SENT, "the engine stopped before it was sent");
	} else if (in->state != INTENT_UNKNOWN) {
		o->in.state = INTENT_UNKNOWN;
		open_note(o, "the engine stopped before the answer");
		record(o);
	}
}

#define MIRRORED 500 /* as many as a person scrolls through; the journal itself keeps all */

/* Screens read intents in the cache, which may be new, or may not have taken the last states. That a cache cannot be
 * written is said by whoever writes it next. */
static void mirror_journal(struct acts *a)
{
	struct store *cache = a->en->o.cache;
	struct arena tmp = ARENA_INIT;
	struct intents recent = { 0 };
	struct err e = ERR_INIT;
	int r = journal_recent(a->en->o.journal, MIRRORED, &recent, &tmp, &e);

	if (r >= 0)
		r = store_begin(cache, &e);
	for (size_t i = 0; r >= 0 && i < recent.n; i++)
		r = store_run(cache, Q_intent_mirror_put, &rec_intent, &recent.items[i], &e);
	if (r < 0 || store_end(cache, &e) < 0)
		store_undo(cache);
	arena_done(&tmp);
}

int reconcile_start(struct acts *a, struct err *e)
{
	struct arena tmp = ARENA_INIT;
	struct intents open = { 0 };
	int r = 0;

	a->tick = timer_new(a->en->o.loop, tick, a);
	if (a->en->o.journal && a->en->o.cache)
		mirror_journal(a);
	if (a->en->o.journal)
		r = journal_open_intents(a->en->o.journal, &open, &tmp, e);
	for (size_t i = 0; r >= 0 && i < open.n; i++)
		take_over(a, &open.items[i]);
	arena_done(&tmp);
	schedule(a);
	return r;
}

void reconcile_stop(struct acts *a)
{
	timer_free(a->tick);
	for (; a->gone; a->gone = a->gone->next)
		a->gone->acts = NULL;
	while (a->open) {
		struct open_intent *o = a->open;

		a->open = o->next;
		o->acts = NULL;
		if (!o->pending)
			open_free(o);
	}
}

/* ---- the verb: one look at each ------------------------------------------------------------------------------------------------ */

struct verb {
	VEC(int64_t) ids;
};

static bool looks_pending(const struct acts *a, const struct verb *v)
{
	for (const struct open_intent *o = a->open; o; o = o->next) {
		for (size_t i = 0; i < v->ids.n; i++) {
			if (o->in.id == v->ids.items[i] && o->pending)
				return true;
		}
	}
	return false;
}

/* The list says what this engine knows now, the journal what is closed. */
static int item_of(struct ask *k, int64_t id, struct intent *out)
{
	const struct open_intent *o = open_find(k->acts, id);

	if (!o)
		return journal_get(k->acts->en->o.journal, id, out, &k->arena, NULL);
	*out = o->in;
	return 0;
}

static void answer_verb(struct ask *k)
{
	const struct verb *v = k->extra;
	struct buf out = BUF_INIT((size_t)1 << 20);
	int status = 0;
	char iso[WHEN_TEXT];
	struct jw w;

	jw_init(&w, &out);
	jw_open(&w, '{');
	jw_kopen(&w, "items", '[');
	for (size_t i = 0; i < v->ids.n; i++) {
		struct intent in;

		if (item_of(k, v->ids.items[i], &in) != 0)
			continue;
		if (intent_is_open(in.state))
			status = 3;
		jw_open(&w, '{');
		jw_kint(&w, "intent", in.id);
		jw_kstr(&w, "act", in.act);
		jw_kstr(&w, "lane", in.lane);
		jw_kstr(&w, "state", names_word(&intent_state_names, in.state));
		jw_key(&w, "run_id");
		if (in.run_id)
			jw_int(&w, in.run_id);
		else
			jw_null(&w);
		jw_kstr(&w, "note", in.note);
		jw_close(&w, '}');
	}
	jw_close(&w, ']');
	jw_kstr(&w, "as_of", when_iso(engine_now(k->acts->en), iso));
	jw_close(&w, '}');
	ask_reply(k, status, &out);
}

void open_answer(struct acts *a)
{
	for (struct ask *k = a->asks; k; k = k->next) {
		if (k->waits_verb && !looks_pending(a, k->extra)) {
			k->waits_verb = false;
			ask_in(k, 0, answer_verb);
		}
	}
}

/* The list, and what is open in the journal only: its request is still under way, and its ask will hear of it. */
static int name_open(struct ask *k, struct verb *v, struct err *e)
{
	struct intents open = { 0 };
	int r = journal_open_intents(k->acts->en->o.journal, &open, &k->arena, e);

	for (const struct open_intent *o = k->acts->open; o; o = o->next)
		*vec_push(&v->ids, &k->arena) = o->in.id;
	vec_each (in, &open)
		if (!open_find(k->acts, in->id))
			*vec_push(&v->ids, &k->arena) = in->id;
	return r;
}

static bool name_one(struct ask *k, struct verb *v)
{
	struct intent in;
	int64_t id = 0;

	if (text_int64(&id, k->cmd.args[0], 1, INT64_MAX) < 0 || item_of(k, id, &in) != 0)
		return false;
	*vec_push(&v->ids, &k->arena) = id;
	return true;
}

void reconcile_told(struct ask *k, int64_t intent)
{
	struct verb *v = arena_new(&k->arena, struct verb);

	*vec_push(&v->ids, &k->arena) = intent;
	k->extra = v;
	answer_verb(k);
}

void reconcile_ask(struct ask *k)
{
	struct verb *v = arena_new(&k->arena, struct verb);
	struct err e = ERR_INIT;

	k->extra = v;
	if (!k->acts->en->o.journal) {
		ask_no_journal(k);
		return;
	}
	if (!k->cmd.n && name_open(k, v, &e) < 0) {
		ask_fail_err(k, &e);
		return;
	}
	if (k->cmd.n && !name_one(k, v)) {
		ask_fail(k, 1, "missing", arena_printf(&k->arena, "there is no intent %s", k->cmd.args[0]),
			 "see `pilothouse journal`");
		return;
	}
	if (accept_wanted(k)) {
		if (k->cmd.n)
			accept_ask(k, v->ids.items[0]);
		else
			ask_fail(k, 2, "invalid", "which intent?", "reconcile INTENT --accept RUN");
		return;
	}
	for (size_t i = 0; i < v->ids.n; i++) {
		struct open_intent *o = open_find(k->acts, v->ids.items[i]);

		if (o && !o->pending && !o->unrecorded)
			look_start(o);
	}
	k->waits_verb = true;
	open_answer(k->acts);
}
