#include "core/engine/verify.h"

#include "base/text.h"
#include "core/engine/alarms.h"
#include "core/engine/reflock.h"
#include "core/engine/ways.h"
#include "core/rules/after.h"
#include "core/rules/verify.h"
#include "store/canaries.h"

#include <stdlib.h>
#include <string.h>

#define RECENT         100     /* acts that are looked at: one of a day ago is not verified any more */
#define EVERY_MS       15000   /* while one is under way */
#define SIGNAL_LATE    3       /* intervals: an older sample says nothing of now */
#define VERIFY_SUBJECT "back " /* how the subject of such an alarm begins */

struct verify {
	struct acts *a;
	struct timer *timer;
};

struct looking {
	struct engine *en;
	const struct profile_lane *lane;
	struct arena a;
	struct run run;
	struct VEC_OF(struct verify_signal) signals;
};

/* ---- signals ----------------------------------------------------------------------------------------------------------- */

static struct verify_signal *add(struct looking *l, const char *name, enum verdict status, const char *why)
{
	struct verify_signal *s = vec_push(&l->signals, &l->a);

	*s = (struct verify_signal){ .name = name, .status = status, .why = why };
	return s;
}

/* What runs, by whoever asked it since the run ended. */
static int add_live(void *ctx, const void *row)
{
	struct looking *l = ctx;
	const struct drift *d = row;
	const char *name = arena_printf(&l->a, "live %s", d->component);

	if (!text_eq(d->platform, "live") || text_starts(d->component, "policy "))
		return 0;
	if (when_diff(d->at, l->run.updated) < 0)
		add(l, name, CHECK_MISSING, "it was not asked since");
	else if (d->verdict == DRIFT_EQUAL)
		add(l, name, CHECK_OK, "");
	else
		add(l, name, d->verdict == DRIFT_UNKNOWN ? CHECK_UNCHECKED : CHECK_BAD,
		    arena_printf(&l->a, "it is %s%s%s", names_word(&drift_verdict_names, d->verdict),
				 *d->reason ? ": " : "", d->reason));
	return 0;
}

static bool is_over(const struct profile_metric *m, int64_t value, int64_t limit)
{
	if (value == CANARY_NONE_VALUE || limit == CANARY_NONE_VALUE)
		return false;
	return m->kind == METRIC_GAUGE && m->worse == WORSE_LOWER ? value < limit : value > limit;
}

/* Of the traffic that is not the canary's: that is all of it by now. */
static void add_metric(struct looking *l, const struct canary_book *book, int64_t ordinal)
{
	const struct profile_metric *m = &l->lane->canary->metrics.items[ordinal];
	const struct canary_metric *row = NULL;
	struct verify_signal *s = add(l, m->name, CHECK_MISSING, "no sample since it is back");
	int64_t late = SIGNAL_LATE * l->lane->canary->interval_s * 1000;

	vec_each (r, &book->metrics)
		row = r->ordinal == ordinal ? r : row;
	vec_each (x, &book->samples) {
		if (!row || x->metric != ordinal || when_diff(x->at, l->run.updated) < 0)
			continue;
		if (x->control == CANARY_NONE_VALUE) {
			s->status = CHECK_UNCHECKED;
			s->why = *x->why ? x->why : "its newest sample has no number";
			s->bad = x->at;
		} else if (is_over(m, x->control, row->limit)) {
			s->status = CHECK_BAD;
			s->why = "it is over its limit";
			s->bad = x->at;
		} else {
			s->status = CHECK_OK;
			s->why = "";
			if (when_diff(engine_now(l->en), x->at) > late)
				s->status = CHECK_UNCHECKED, s->why = "its newest sample is too old";
		}
	}
}

static int read_signals(struct looking *l, struct err *e)
{
	struct key key = { .name = l->lane->name };
	struct canary_book book = { 0 };
	struct store *cache = l->en->o.cache;
	int r = store_each(cache, Q_drifts_by_lane, &rec_key, &key, &rec_drift, &l->a, add_live, l, e);

	if (r >= 0 && l->lane->canary)
		r = store_canary_read(&book, cache, l->lane->name, &l->a, e);
	for (size_t i = 0; r >= 0 && l->lane->canary && i < l->lane->canary->metrics.n; i++)
		add_metric(l, &book, (int64_t)i);
	return r < 0 ? r : 0;
}

/* ---- one act ----------------------------------------------------------------------------------------------------------- */

static bool settled(const struct intent *in)
{
	return in->state == INTENT_LINKED || in->state == INTENT_DONE;
}

static bool superseded(const struct intents *recent, const struct intent *in)
{
	vec_each (later, recent)
		if (later->id > in->id && settled(later) && after_is_start(later) &&
		    text_eq(later->lane, in->lane))
			return true;
	return false;
}

/* The profile's lane, if this act is one to look after. */
static const struct profile_lane *lane_of(const struct engine *en, const struct intents *recent,
					  const struct intent *in)
{
	const struct profile_lane *l = profiles_lane(en->o.profiles, in->lane, NULL);

	if (!l || l->back_dwell_min <= 0 || !settled(in) || !in->run_id || !after_went_back(in) ||
	    when_diff(engine_now(en), in->created) > AFTER_MS || superseded(recent, in) ||
	    text_starts(in->note ? in->note : "", AFTER_ALARM) ||
	    text_starts(in->note ? in->note : "", VERIFY_DONE_WORDS))
		return NULL;
	return l;
}

static int judge(struct looking *l, const struct intent *in, struct verify_verdict *out, struct err *e)
{
	struct key key = { .id = in->run_id };
	struct verify_facts f = { .release =
					  in->subject && *in->subject ? in->subject : "what was live before",
				  .run = &l->run,
				  .dwell_ms = l->lane->back_dwell_min * 60000,
				  .now = engine_now(l->en) };
	int r = store_one(l->en->o.cache, Q_run_by_id, &rec_key, &key, &rec_run, &l->run, &l->a, e);

	*out = (struct verify_verdict){ .state = VERIFY_WAITS, .words = "" };
	if (r)
		return r < 0 ? r : 0;
	l->run.updated.ms -= l->en->skew_ms; /* the forge's clock; samples are of ours */
	r = read_signals(l, e);
	f.signals = l->signals.items;
	f.signals_n = l->signals.n;
	if (r >= 0)
		*out = verify_judge(&f, &l->a);
	return r;
}

/* ---- all of them ------------------------------------------------------------------------------------------------------- */

static bool is_ours(const char *subject)
{
	return text_starts(subject, VERIFY_SUBJECT);
}

static void raise(struct alarms *out, const struct engine *en, const struct intent *in, const char *words,
		  struct arena *a)
{
	*(struct alarm *)vec_push(out, a) = (struct alarm){
		.kind = ALARM_BACK,
		.subject = arena_printf(a, VERIFY_SUBJECT "%" PRId64, in->id),
		.lane = arena_strdup(a, in->lane),
		.text = arena_strdup(a, words),
		.fix = arena_printf(a, "look at the lane, and `pilothouse readiness %s`", in->lane),
		.since = engine_now(en),
		.at = engine_now(en),
	};
}

/* A note that is new goes into the journal; nothing else of the act changes. */
static int note(struct verify *v, const struct intent *in, const struct verify_verdict *b, struct err *e)
{
	struct intent copy = *in;

	if (!*b->words || text_eq(b->words, in->note))
		return 0;
	copy.note = b->words;
	return act_record(v->a, &copy, e);
}

static int look_after(struct verify *v, const struct intent *in, const struct profile_lane *lane,
		      struct alarms *alarms, struct arena *a, bool *again, struct err *e)
{
	struct looking l = { .en = v->a->en, .lane = lane };
	struct verify_verdict b;
	int r = judge(&l, in, &b, e);

	if (r >= 0)
		r = note(v, in, &b, e);
	if (r >= 0 && (b.state == VERIFY_FAILED || b.state == VERIFY_NOT))
		raise(alarms, v->a->en, in, b.words, a);
	*again = *again || b.state != VERIFY_DONE;
	arena_done(&l.a);
	return r;
}

static int tell(struct engine *en, const struct alarms *alarms, struct err *e)
{
	int r = store_begin(en->o.cache, e);

	if (r >= 0)
		r = alarms_settle(en, NULL, alarms, is_ours, e);
	vec_each (pr, en->o.profiles)
		if (r >= 0 && pr->repo)
			r = lanes_judge(en, pr->repo, e);
	if (r >= 0 && store_end(en->o.cache, e) >= 0)
		return 0;
	store_undo(en->o.cache);
	return -(int)e->kind;
}

static void tick(void *ctx)
{
	struct verify *v = ctx;
	struct engine *en = v->a->en;
	struct arena a = ARENA_INIT;
	struct intents recent = { 0 };
	struct alarms alarms = { 0 };
	struct err e = ERR_INIT;
	bool again = false;
	int r = journal_recent(en->o.journal, RECENT, &recent, &a, &e);

	vec_each (in, &recent) {
		const struct profile_lane *l = r >= 0 ? lane_of(en, &recent, in) : NULL;

		if (l)
			r = look_after(v, in, l, &alarms, &a, &again, &e);
	}
	if (r >= 0)
		r = tell(en, &alarms, &e);
	if (r < 0 && en->o.log)
		log_line(en->o.log, "verify", "%s", e.message);
	if (again || r < 0)
		timer_in(v->timer, EVERY_MS);
	arena_done(&a);
}

struct verify *verify_new(struct acts *a)
{
	struct verify *v = x_alloc(sizeof(*v));

	v->a = a;
	v->timer = timer_new(a->en->o.loop, tick, v);
	verify_soon(v);
	return v;
}

void verify_free(struct verify *v)
{
	if (v)
		timer_free(v->timer);
	free(v);
}

void verify_soon(struct verify *v)
{
	if (v->a->en->o.journal && v->a->en->o.cache)
		timer_in(v->timer, 0);
}

bool verify_wants(const struct engine *en, const char *lane)
{
	struct arena a = ARENA_INIT;
	struct intents recent = { 0 };
	bool wants = false;

	if (en->o.journal && journal_recent(en->o.journal, RECENT, &recent, &a, NULL) >= 0)
		vec_each (in, &recent)
			wants = wants || (text_eq(in->lane, lane) && lane_of(en, &recent, in));
	arena_done(&a);
	return wants;
}
