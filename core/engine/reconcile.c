#include "core/engine/act.h"

#include "base/json.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* An intent whose outcome is open (or known, and not yet in the journal). Looked for until it is settled. */
struct open_intent {
	struct open_intent *next;
	struct acts *acts; /* NULL: the engine is gone, a look is still under way */
	struct arena arena;
	struct arena look; /* one look's values */
	struct intent in;
	struct ask *waiter;
	bool unrecorded; /* the journal has not taken the present state */
	bool sent_here;  /* by this process: then our monotonic clock bounds the wait too */
	msec sent_mono, interval, due;
	int pending;
	bool gone; /* settled or forgotten while a look was under way */

	/* What this look has found. */
	bool failed, short_list;
	struct when began; /* server time */
	int64_t run_id, twin_id, probable_id;
	const char *run_url;
	int matches, probables;
	bool gate_waits;
	int state; /* enum intent_state the look proves, 0 nothing */
	const char *words;
};

#define LOOK_FIRST_MS   2000
#define LOOK_SLOWEST_MS 30000
#define LOOK_NEVER      INT64_MAX
#define SKEW_ALLOWED_MS 120000           /* a run may seem created before we sent */
#define NOT_FOUND_MS    (10 * 60 * 1000) /* reliability 5.8: the bound is ours, the forge gives none */
#define LOOK_PAGES      3

static void look_start(struct open_intent *o);

static void open_free(struct open_intent *o)
{
	arena_done(&o->arena);
	arena_done(&o->look);
	free(o);
}

static void open_drop(struct open_intent *o)
{
	if (o->pending)
		o->gone = true;
	else
		open_free(o);
}

static void open_unlink(struct open_intent *o)
{
	for (struct open_intent **p = &o->acts->open; *p; p = &(*p)->next) {
		if (*p == o) {
			*p = o->next;
			return;
		}
	}
}

static msec mono(const struct acts *a)
{
	return clock_mono(loop_clock(a->en->o.loop));
}

static struct when server_now(const struct engine *en)
{
	struct when now = engine_now(en);

	now.ms += en->skew_ms;
	return now;
}

static struct when server_sent(const struct open_intent *o)
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

static void set_note(struct open_intent *o, const char *note)
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

/* Enters the state in the journal; what is closed and written leaves the list. */
static void record(struct open_intent *o)
{
	struct acts *a = o->acts;
	struct err e = ERR_INIT;

	o->unrecorded = act_record(a, &o->in, &e) < 0;
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
	open_unlink(o);
	open_drop(o);
}

static void settle(struct open_intent *o, int state, const char *note)
{
	struct sync *sync = o->acts->en->sync;

	o->in.state = state;
	o->in.settled = engine_now(o->acts->en);
	set_note(o, note);
	tell(o);
	if (sync && o->in.run_id)
		sync_watch_run(sync, o->in.repo, o->in.run_id);
	if (sync)
		sync_wake(sync);
	record(o);
}

/* ---- looking: dispatch --------------------------------------------------------------------------------------------------- */

static bool sends_nonce(const struct intent *in)
{
	return in->nonce && in->body && strstr(in->body, in->nonce);
}

/* "ana@bastion (octo-ana)": the login that sent it. */
static bool sent_by(const struct intent *in, const char *actor)
{
	const char *open = in->who ? strrchr(in->who, '(') : NULL;
	size_t n = actor ? strlen(actor) : 0;

	return open && n && !strncmp(open + 1, actor, n) && open[1 + n] == ')';
}

static bool same_ref(const struct intent *in, const char *branch)
{
	autofree(json) struct json *body = NULL;

	if (json_parse(&body, in->body, strlen(in->body), (size_t)1 << 20, NULL) < 0)
		return false;
	return text_eq(json_str(body, "ref"), branch);
}

static bool has_hex32(const char *s)
{
	size_t n = 0;

	for (; s && *s && n < 32; s++)
		n = strchr("0123456789abcdef", *s) ? n + 1 : 0;
	return n >= 32;
}

/* Without the nonce: who, what ref, when, which release. A title with another nonce is another intent's run. */
static bool is_probable(struct open_intent *o, const struct run *r)
{
	const struct engine *en = o->acts->en;
	const struct profile_lane *l = profiles_lane(en->o.profiles, o->in.lane, NULL);
	const char *rel = l ? profile_release_of(l, r->title, r->branch, r->head_sha, &o->look) : NULL;

	if (has_hex32(r->title) || !sent_by(&o->in, r->actor) || !same_ref(&o->in, r->branch))
		return false;
	if (when_diff(r->created, server_sent(o)) > NOT_FOUND_MS)
		return false;
	return !rel || !o->in.subject || !*o->in.subject || text_eq(rel, o->in.subject);
}

static void consider(struct open_intent *o, const struct run *r)
{
	if (!text_eq(r->event, "workflow_dispatch") || r->id <= o->in.exclude_run ||
	    !when_known(r->created) || when_diff(server_sent(o), r->created) > SKEW_ALLOWED_MS)
		return;
	if (sends_nonce(&o->in) && r->title && strstr(r->title, o->in.nonce)) {
		o->matches++;
		if (o->run_id && o->run_id < r->id) {
			o->twin_id = r->id;
			return;
		}
		o->twin_id = o->run_id;
		o->run_id = r->id;
		o->run_url = arena_strdup(&o->look, r->url);
	} else if (is_probable(o, r)) {
		o->probables++;
		o->probable_id = r->id;
		if (!o->run_url)
			o->run_url = arena_strdup(&o->look, r->url);
	}
}

static void saw_runs(struct open_intent *o, const struct forge_answer *a)
{
	const struct run *runs = a->items;

	for (size_t i = 0; i < a->n; i++)
		consider(o, &runs[i]);
	/* A damaged record, or a list that ends before the time we sent, may hide the run. */
	o->short_list =
		a->damaged ||
		(a->cut && (!a->n || when_diff(runs[a->n - 1].created, server_sent(o)) > -SKEW_ALLOWED_MS));
}

static void judge_dispatch(struct open_intent *o)
{
	struct arena *a = &o->look;

	if (o->matches) {
		o->state = INTENT_LINKED;
		o->words = o->matches == 1 ? ""
					   : arena_printf(a,
							  "ALARM: runs %" PRId64 " and %" PRId64
							  " carry this one intent: cancel the later",
							  o->run_id, o->twin_id);
	} else if (!sends_nonce(&o->in) && o->probables == 1) {
		o->state = INTENT_LINKED;
		o->run_id = o->probable_id;
		o->words = "probable: the only run by you, at that ref and time; it carries no nonce";
	} else if (o->probables) {
		o->words =
			arena_printf(a, "%d runs could be it, run %" PRId64 " among them: a person must look",
				     o->probables, o->probable_id);
	}
}

/* ---- looking: acts on a run ------------------------------------------------------------------------------------------------- */

static int64_t asked_environment(const struct intent *in)
{
	autofree(json) struct json *body = NULL;

	if (json_parse(&body, in->body, strlen(in->body), (size_t)1 << 20, NULL) < 0)
		return 0;
	return json_int(json_at(json_get(body, "environment_ids"), 0), "", 0);
}

static void saw_gates(struct open_intent *o, const struct forge_answer *a)
{
	const struct gate *g = a->items;
	int64_t id = asked_environment(&o->in);

	for (size_t i = 0; i < a->n; i++)
		o->gate_waits = o->gate_waits || g[i].environment_id == id;
	o->short_list = o->short_list || a->damaged;
}

/* The gate that was meant, from the command line that was journalled; NULL: it cannot be told. */
static const char *asked_gate(struct open_intent *o)
{
	const struct profile_lane *l = profiles_lane(o->acts->en->o.profiles, o->in.lane, NULL);
	const char **argv;
	struct command c;
	int argc;

	if (!o->in.line || command_split(&argv, &argc, o->in.line, &o->look, NULL) < 0 ||
	    command_parse(&c, argc, argv, NULL) < 0 || c.n < 2)
		return NULL;
	return l && l->gate && text_eq(c.args[1], l->environment) ? l->gate : c.args[1];
}

/* A run may have several gates, and each its reviews. */
static void saw_reviews(struct open_intent *o, const struct forge_answer *a)
{
	const struct review *v = a->items;
	const char *want = text_eq(o->in.act, "approve") ? "approved" : "rejected", *gate = asked_gate(o);

	o->short_list = o->short_list || a->damaged;
	for (size_t i = 0; gate && i < a->n; i++) {
		if (!review_names(v[i].environments, gate))
			continue;
		bool mine = sent_by(&o->in, v[i].user) && text_eq(v[i].state, want);

		if (o->state == INTENT_DONE)
			return;
		o->state = mine ? INTENT_DONE : INTENT_REFUSED;
		o->words = mine ? "found in the reviews"
				: arena_printf(&o->look, "%s by %s was first",
					       v[i].state ? v[i].state : "reviewed",
					       v[i].user ? v[i].user : "?");
	}
}

/* The reviews tell who; only a gate that waits no more tells that it happened. */
static void judge_review(struct open_intent *o)
{
	if (o->gate_waits) {
		o->state = 0;
		o->words = "the gate still waits";
	} else if (!o->state) {
		o->words = "the gate is gone, and no review of it is listed yet";
		o->short_list = true;
	}
}

/* "attempt 2 of 77ab31c.. is completed success", as facts.c wrote it. */
static int64_t attempt_before(struct open_intent *o)
{
	autofree(json) struct json *facts = NULL;
	int64_t n = 0;

	if (!o->in.relies_on ||
	    json_parse(&facts, o->in.relies_on, strlen(o->in.relies_on), (size_t)1 << 20, NULL) < 0)
		return 0;
	for (size_t i = 0; i < json_size(facts); i++) {
		const char *value = json_str(json_at(facts, i), "value");

		if (!text_eq(json_str(json_at(facts, i), "name"), "run") ||
		    !text_starts(value ? value : "", "attempt "))
			continue;
		value += strlen("attempt ");
		if (text_int64(&n, arena_strndup(&o->look, value, strcspn(value, " ")), 0, INT64_MAX) < 0)
			n = 0;
	}
	return n;
}

static void saw_run(struct open_intent *o, const struct forge_answer *a)
{
	const struct run *r = a->items;
	bool cancel = text_eq(o->in.act, "cancel");

	o->short_list = !a->n; /* no run, no proof */
	if (!a->n)
		return;
	o->run_id = r->id;
	o->run_url = arena_strdup(&o->look, r->url);
	if (!cancel && attempt_before(o) <= 0) {
		o->words = "which attempt it was then is not known: a person must look";
		o->short_list = true;
	} else if (!cancel && r->attempt > attempt_before(o)) {
		o->state = INTENT_DONE;
		o->words = arena_printf(&o->look, "attempt %" PRId64 " was started", r->attempt);
	} else if (cancel && r->status == RUN_COMPLETED) {
		o->state = r->conclusion == CONCLUSION_CANCELLED ? INTENT_DONE : INTENT_REFUSED;
		o->words = arena_printf(&o->look, "the run ended: %s",
					names_word(&conclusion_names, r->conclusion));
	}
}

/* ---- one look ------------------------------------------------------------------------------------------------------------- */

typedef void (*look_saw)(struct open_intent *o, const struct forge_answer *a);
struct look_read {
	const char *act;
	enum forge_read_kind kind;
	look_saw saw;
};
static const struct look_read look_reads[] = {
	{ "dispatch", FORGE_RUNS, saw_runs },      { "rollback", FORGE_RUNS, saw_runs },
	{ "approve", FORGE_GATES, saw_gates },     { "reject", FORGE_GATES, saw_gates },
	{ "approve", FORGE_REVIEWS, saw_reviews }, { "reject", FORGE_REVIEWS, saw_reviews },
	{ "cancel", FORGE_RUN, saw_run },          { "rerun", FORGE_RUN, saw_run },
};

struct looking {
	struct open_intent *o;
	const struct look_read *row;
};

static bool waited_out(const struct open_intent *o)
{
	bool by_server = when_diff(o->began, server_sent(o)) >= NOT_FOUND_MS;
	bool by_us = !o->sent_here || mono(o->acts) - o->sent_mono >= NOT_FOUND_MS;

	return by_server && by_us;
}

static void answer_verbs(struct acts *a);

static void look_judge(struct open_intent *o)
{
	struct acts *a = o->acts;

	o->due = mono(a) + o->interval;
	o->interval = o->interval * 3 / 2 > LOOK_SLOWEST_MS ? LOOK_SLOWEST_MS : o->interval * 3 / 2;
	if (!o->failed && text_eq(o->in.act, "approve"))
		judge_review(o);
	else if (!o->failed && text_eq(o->in.act, "reject"))
		judge_review(o);
	else if (!o->failed && (o->matches || o->probables))
		judge_dispatch(o);
	if (o->failed || !o->state) {
		bool nowhere = !o->failed && !o->short_list && !o->probables && waited_out(o);

		if (o->words)
			set_note(o, o->words);
		if (nowhere && o->in.state == INTENT_UNKNOWN)
			settle(o, INTENT_NOT_FOUND,
			       "looked for during 10 minutes and not there: repeat it as it was, or abandon "
			       "it");
	} else {
		if (o->run_id)
			o->in.run_id = o->run_id;
		if (o->run_url)
			o->in.run_url = arena_strdup(&o->arena, o->run_url);
		settle(o, o->state, o->words);
	}
	schedule(a);
	answer_verbs(a);
}

static void look_done(void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct looking *l = ctx;
	struct open_intent *o = l->o;

	o->pending--;
	if (o->acts)
		engine_note_answer(o->acts->en, a, err);
	if (o->gone || !o->acts) {
		struct acts *acts = o->acts;

		if (!o->pending)
			open_free(o);
		if (acts)
			answer_verbs(acts);
		return;
	}
	if (err) {
		o->failed = true;
		o->words = arena_printf(&o->look, "could not be looked for: %s", err->message);
	} else {
		l->row->saw(o, a);
	}
	if (!o->pending)
		look_judge(o);
}

static void look_one(struct open_intent *o, const struct look_read *row)
{
	const struct profile_lane *l = profiles_lane(o->acts->en->o.profiles, o->in.lane, NULL);
	struct looking *k = arena_new(&o->look, struct looking);
	struct forge_read r = { .kind = row->kind, .repo = o->in.repo };
	struct err e = ERR_INIT;

	if (row->kind == FORGE_RUNS) {
		r.workflow = l ? l->workflow : NULL;
		r.number = 100;
		r.pages = LOOK_PAGES;
	} else if (text_int64(&r.id, o->in.subject, 1, INT64_MAX) < 0) {
		r.id = o->in.run_id;
	}
	k->o = o;
	k->row = row;
	o->pending++;
	if (engine_read(o->acts->en, &r, look_done, k, &e) >= 0)
		return;
	o->pending--;
	o->failed = true;
	o->words = arena_printf(&o->look, "could not be looked for: %s", e.message);
}

static void look_start(struct open_intent *o)
{
	arena_reset(&o->look);
	o->failed = o->short_list = o->gate_waits = false;
	o->run_id = o->twin_id = o->probable_id = 0;
	o->run_url = o->words = NULL;
	o->matches = o->probables = o->state = 0;
	o->began = server_now(o->acts->en);
	for (size_t i = 0; i < countof(look_reads); i++) {
		if (text_eq(look_reads[i].act, o->in.act))
			look_one(o, &look_reads[i]);
	}
	if (!o->pending && o->failed)
		look_judge(o);
	else if (!o->pending)
		o->due = mono(o->acts) + LOOK_SLOWEST_MS;
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

static struct open_intent *open_find(struct acts *a, int64_t id)
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
	rec_dup(&rec_intent, &o->in, in, &o->arena);
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
	else
		o->due = mono(a) + LOOK_FIRST_MS;
	schedule(a);
}

void reconcile_unrecorded(struct acts *a, const struct intent *in)
{
	struct open_intent *o = keep(a, in);

	o->unrecorded = true;
	o->due = mono(a) + LOOK_FIRST_MS;
	schedule(a);
}

void reconcile_forget(struct acts *a, int64_t id)
{
	struct open_intent *o = open_find(a, id);

	if (!o)
		return;
	open_unlink(o);
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
		settle(o, INTENT_NOT_SENT, "the engine stopped before it was sent");
	} else if (in->state != INTENT_UNKNOWN) {
		o->in.state = INTENT_UNKNOWN;
		set_note(o, "the engine stopped before the answer");
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
	jw_key(&w, "items");
	jw_open(&w, '[');
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

static void answer_verbs(struct acts *a)
{
	for (struct ask *k = a->asks; k; k = k->next) {
		if (k->waits_verb && !looks_pending(a, k->extra)) {
			k->waits_verb = false;
			ask_in(k, 0, answer_verb);
		}
	}
}

static bool name_intents(struct ask *k, struct verb *v)
{
	struct intent in;
	int64_t id = 0;

	for (struct open_intent *o = k->acts->open; o && !k->cmd.n; o = o->next)
		*vec_push(&v->ids, &k->arena) = o->in.id;
	if (!k->cmd.n)
		return true;
	if (text_int64(&id, k->cmd.args[0], 1, INT64_MAX) < 0 || item_of(k, id, &in) != 0)
		return false;
	*vec_push(&v->ids, &k->arena) = id;
	return true;
}

void reconcile_ask(struct ask *k)
{
	struct verb *v = arena_new(&k->arena, struct verb);

	k->extra = v;
	if (!k->acts->en->o.journal) {
		ask_fail(k, 6, "store",
			 k->acts->en->o.journal_why ? k->acts->en->o.journal_why : "there is no journal",
			 "see `pilothouse doctor`");
		return;
	}
	if (!name_intents(k, v)) {
		ask_fail(k, 1, "missing", arena_printf(&k->arena, "there is no intent %s", k->cmd.args[0]),
			 "see `pilothouse journal`");
		return;
	}
	for (size_t i = 0; i < v->ids.n; i++) {
		struct open_intent *o = open_find(k->acts, v->ids.items[i]);

		if (o && !o->pending && !o->unrecorded)
			look_start(o);
	}
	k->waits_verb = true;
	answer_verbs(k->acts);
}

/* ---- abandon ---------------------------------------------------------------------------------------------------------------------- */

static void abandon_reply(struct ask *k, struct intent *in)
{
	struct err e = ERR_INIT;
	struct buf out = BUF_INIT((size_t)1 << 16);
	struct jw w;

	in->state = INTENT_ABANDONED;
	in->settled = engine_now(k->acts->en);
	in->note = k->cmd.opt[OPT_REASON] ? k->cmd.opt[OPT_REASON] : "abandoned by a person";
	if (act_record(k->acts, in, &e) < 0) {
		ask_fail_err(k, &e);
		return;
	}
	reconcile_forget(k->acts, in->id);
	jw_init(&w, &out);
	jw_open(&w, '{');
	act_write_intent(&w, k, in);
	jw_close(&w, '}');
	ask_reply(k, 0, &out);
}

/* A plan without a request: the intent's own state is the one check. */
static void abandon_plan(struct ask *k, const struct intent *in)
{
	struct plan *p = &k->plan;
	struct profile_lane *lane = arena_new(&k->arena, struct profile_lane);
	struct profile *profile = arena_new(&k->arena, struct profile);
	struct check *c = vec_push(&p->checks, &k->arena);
	const struct profile_lane *known = profiles_lane(k->acts->en->o.profiles, in->lane, NULL);
	bool ok = in->state == INTENT_NOT_FOUND;

	lane->name = in->lane;
	lane->production = !known || known->production;
	p->act = "abandon";
	p->lane = lane;
	p->profile = profile;
	p->made = engine_now(k->acts->en);
	p->request = p->body = "";
	p->ahead = p->behind = -1;
	p->release = in->subject;
	p->verdict = ok ? PLAN_GO : PLAN_REFUSED;
	memcpy(p->id, in->nonce, strnlen(in->nonce, 8));
	p->confirm = command_phrase(&k->cmd, lane->production, in->lane, in->subject, &k->arena);
	*c = (struct check){ .name = "intent",
			     .status = ok ? CHECK_OK : CHECK_BAD,
			     .detail = arena_printf(&k->arena, "intent %" PRId64 " is %s", in->id,
						    names_word(&intent_state_names, in->state)),
			     .fix = ok ? ""
				    : intent_is_open(in->state)
					    ? "`pilothouse reconcile`: it may still be found"
					    : "it is closed already",
			     .source = "journal",
			     .at = p->made };
}

void abandon_ask(struct ask *k)
{
	struct journal *j = k->acts->en->o.journal;
	struct intent *in = arena_new(&k->arena, struct intent);
	const char *phrase = k->cmd.opt[OPT_CONFIRM];
	struct err e = ERR_INIT;
	int64_t id = 0;
	int r = 1;

	if (j && text_int64(&id, k->cmd.args[0], 1, INT64_MAX) == 0)
		r = journal_get(j, id, in, &k->arena, &e);
	if (!j)
		ask_fail(k, 6, "store", "there is no journal", "see `pilothouse doctor`");
	else if (r < 0)
		ask_fail_err(k, &e);
	else if (r > 0)
		ask_fail(k, 1, "missing", arena_printf(&k->arena, "there is no intent %s", k->cmd.args[0]),
			 "see `pilothouse outbox`");
	if (!j || r)
		return;
	abandon_plan(k, in);
	if (k->dry || !phrase)
		act_planned(k);
	else if (!text_eq(phrase, k->plan.confirm))
		ask_fail(k, 1, "confirm", arena_printf(&k->arena, "the phrase is \"%s\"", k->plan.confirm),
			 "nothing was changed");
	else if (k->plan.verdict != PLAN_GO)
		ask_fail(k, 1, "refused", k->plan.checks.items[0].detail, k->plan.checks.items[0].fix);
	else
		abandon_reply(k, in);
}
