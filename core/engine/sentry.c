#include "core/engine/sentry_own.h"

#include "base/hash.h"
#include "base/text.h"
#include "core/engine/alarms.h"
#include "core/engine/audit.h"
#include "core/engine/reconcile.h"
#include "core/engine/sync.h"
#include "store/canaries.h"
#include "store/guards.h"

#include <stdio.h>
#include <stdlib.h>

#define ALARM_PREFIX "guard " /* of the alarms' subjects: "guard gov/prod" */
#define SILENT_TURNS 3        /* intervals without any judgement */
#define WORD_HOLDS   2        /* intervals: what is older is no word about now */
#define INTERVAL_MS  30000    /* where the canary does not say */

msec sentry_mono(const struct sentry *s)
{
	return clock_mono(loop_clock(s->en->o.loop));
}

struct post *post_of(const struct sentry *s, const char *lane)
{
	for (struct post *p = s ? s->posts : NULL; p; p = p->next)
		if (text_eq(p->g.lane, lane))
			return p;
	return NULL;
}

const struct canary_guard *sentry_of(const struct engine *en, const char *lane)
{
	const struct post *p = post_of(en->sentry, lane);

	return p ? &p->g : NULL;
}

bool sentry_wants(const struct engine *en, const char *lane, const char *nonce)
{
	const struct canary_guard *g = sentry_of(en, lane);

	return g && g->state == GUARD_ACTING && text_eq(g->nonce, nonce);
}

bool sentry_is_up(const struct sentry *s)
{
	for (const struct post *p = s ? s->posts : NULL; p; p = p->next)
		if (guard_is_up(&p->g))
			return true;
	return false;
}

/* ---- keeping ---------------------------------------------------------------------------------------------------------- */

/* The strings of *g may be the post's own. */
static void keep(struct post *p, const struct canary_guard *g)
{
	struct arena old = p->arena;
	struct canary_guard copy;

	p->arena = (struct arena)ARENA_INIT;
	rec_dup(&rec_canary_guard, &copy, g, &p->arena);
	p->g = copy;
	arena_done(&old);
}

static bool is_ours(const char *subject)
{
	return text_starts(subject, ALARM_PREFIX);
}

static void add_alarm(const struct post *p, struct alarms *out, struct arena *a)
{
	if (!*p->trouble && !guard_still_says(&p->g))
		return;
	*(struct alarm *)vec_push(out, a) = (struct alarm){
		.kind = ALARM_GUARD,
		.subject = arena_printf(a, ALARM_PREFIX "%s", p->g.lane),
		.lane = p->g.lane,
		.text = arena_printf(a, "guard of %s: %s", p->g.lane, *p->trouble ? p->trouble : p->g.reason),
		.fix = arena_printf(a, "see `pilothouse readiness %s`, or `pilothouse guard disarm %s`",
				    p->g.lane, p->g.lane),
		.since = engine_now(p->s->en),
		.at = engine_now(p->s->en),
	};
}

static int show_locked(struct sentry *s, struct arena *a, struct err *e)
{
	VEC(struct canary_guard) rows = { 0 };
	struct alarms alarms = { 0 };
	int r;

	for (struct post *p = s->posts; p; p = p->next) {
		*vec_push(&rows, a) = p->g;
		add_alarm(p, &alarms, a);
	}
	r = store_guards_put(s->en->o.cache, rows.items, rows.n, e);
	return r < 0 ? r : alarms_settle(s->en, NULL, &alarms, is_ours, e);
}

/* The journal is the truth: a cache that takes nothing only makes screens poorer. */
static void show(struct sentry *s)
{
	struct store *cache = s->en->o.cache;
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	int r = cache ? store_begin(cache, &e) : 1;

	if (!r) {
		r = show_locked(s, &a, &e);
		if (r >= 0)
			r = store_end(cache, &e);
		else
			store_undo(cache);
	}
	if (r < 0)
		log_line(s->en->o.log, "cache", "guards are not shown: %s", e.message);
	arena_done(&a);
	engine_emit(s->en, "changed", "");
}

void post_trouble(struct post *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(p->trouble, sizeof(p->trouble), fmt, ap);
	va_end(ap);
}

/* ---- the clock -------------------------------------------------------------------------------------------------------- */

static msec interval_of(const struct post *p)
{
	return p->interval ? p->interval : INTERVAL_MS;
}

static msec silence_ms(const struct post *p)
{
	return SILENT_TURNS * interval_of(p);
}

/* Milliseconds until something about it is due; the forge's clock is looked at once a minute. */
static msec due_in(const struct post *p)
{
	msec now = sentry_mono(p->s), least = 60000, to_end;

	if (!guard_is_up(&p->g))
		return -1;
	to_end = when_diff(p->g.deadline, open_server_now(p->s->en));
	least = to_end < least ? to_end : least;
	if (p->again && p->again - now < least)
		least = p->again - now;
	if (p->g.state == GUARD_ARMED && p->heard + silence_ms(p) - now < least)
		least = p->heard + silence_ms(p) - now;
	if (p->g.state == GUARD_ARMED && p->rehearse_at - now < least)
		least = p->rehearse_at - now;
	return least > 0 ? least : 0;
}

static void schedule(struct sentry *s)
{
	msec least = -1;

	for (const struct post *p = s->posts; p; p = p->next) {
		msec d = due_in(p);

		if (d >= 0 && (least < 0 || d < least))
			least = d;
	}
	if (least < 0 || s->stopped)
		timer_stop(s->tick);
	else
		timer_in(s->tick, least);
}

void post_touch(struct post *p)
{
	show(p->s);
	schedule(p->s);
}

/* ---- changes ---------------------------------------------------------------------------------------------------------- */

/* "guard of gov/prod armed: ...", in the words that stand on the screens (view/guard.c). */
static const char *told_words(const struct canary_guard *g, struct arena *a)
{
	static const char *const words[] = { [GUARD_OTHER] = "is in a state that is not known",
					     [GUARD_ARMED] = "",
					     [GUARD_ACTING] = "acts",
					     [GUARD_ACTED] = "acted",
					     [GUARD_STOOD_DOWN] = "stood down",
					     [GUARD_EXPIRED] = "expired",
					     [GUARD_OVERTAKEN] = "is overtaken" };
	const char *word = (size_t)g->state < countof(words) ? words[g->state] : words[GUARD_OTHER];

	return arena_printf(a, "guard of %s%s%s: %s", g->lane, *word ? " " : "", word, g->reason);
}

static void tell(struct post *p, const struct intent *told)
{
	struct engine *en = p->s->en;
	struct arena a = ARENA_INIT;
	const char *words = told_words(&p->g, &a);

	log_line(en->o.log, "guard", "%s", words);
	audit_told(en, told);
	(void)!acts_mirror(en, told, NULL);
	if (en->o.cache)
		(void)!note_event(en, p->g.lane, words, NULL);
	engine_emit(en, "notice", words);
	arena_done(&a);
}

static int put(struct post *p, const struct canary_guard *next, struct intent *told, struct arena *a,
	       struct err *e)
{
	struct engine *en = p->s->en;
	int r = engine_journal(en, e);

	if (r < 0)
		return r;
	r = journal_guard_move(en->o.journal, next, NULL, told, engine_now(en), a, e);
	return r > 0 ? err_set(e, ERR_CONFLICT, "another guard is on %s by now", next->lane) : r;
}

/* Changes the guard: journal, chain, screens. An error leaves it as it was, and p->trouble says so. */
static int post_change(struct post *p, const struct canary_guard *next, struct err *e)
{
	struct canary_guard g = *next;
	struct arena a = ARENA_INIT;
	struct intent told;
	int r;

	g.at = engine_now(p->s->en);
	r = put(p, &g, &told, &a, e);
	if (r >= 0) {
		keep(p, &g);
		tell(p, &told);
	} else {
		post_trouble(p, "it cannot go on: %s%s%s", e->message, *e->hint ? "; " : "", e->hint);
		p->again = sentry_mono(p->s) + AGAIN_MS;
		log_line(p->s->en->o.log, "guard", "%s: %s", p->g.lane, p->trouble);
	}
	arena_done(&a);
	post_touch(p);
	return r;
}

int post_end(struct post *p, enum guard_state state, const char *reason)
{
	struct canary_guard next = p->g;
	struct err e = ERR_INIT;

	next.state = (int)state;
	next.reason = reason;
	if (!guard_is_up(&next))
		post_trouble(p, "%s", "");
	return post_change(p, &next, &e);
}

/* ---- what its intent says --------------------------------------------------------------------------------------------- */

/* Certain that nothing came of it: it may be tried again, under another nonce. */
static void own_failed(struct post *p, const struct intent *in)
{
	struct engine *en = p->s->en;
	struct canary_guard next = p->g;
	struct err e = ERR_INIT;
	char nonce[33];
	/* a token that is renewed, or a limit that passes, is what refused it: no fact of the plan shows that */
	bool elsewhere = engine_token_refused(en, NULL) || (en->sync && sync_rate_wait(en->sync, true) > 0);

	p->open = false;
	next.nonce = hash_random(nonce);
	next.refused = in->state == INTENT_REFUSED && !elsewhere ? in->plan_id : "";
	post_trouble(p, "%s %s: %s", in->act, names_word(&intent_state_names, in->state),
		     in->note ? in->note : "");
	(void)!post_change(p, &next, &e);
}

static void own_done(struct post *p, const struct intent *in)
{
	struct canary_guard next = p->g;
	struct err e = ERR_INIT;
	struct arena a = ARENA_INIT;

	p->open = p->half = false;
	post_trouble(p, "%s", "");
	next.state = GUARD_ACTED;
	next.intent = in->id;
	next.reason =
		arena_printf(&a, "%s %s by intent %" PRId64 ": %s", in->act, in->lane, in->id, p->g.reason);
	if (in->run_id)
		next.reason = arena_printf(&a, "%s %s by intent %" PRId64 ", run %" PRId64 ": %s", in->act,
					   in->lane, in->id, in->run_id, p->g.reason);
	(void)!post_change(p, &next, &e);
	arena_done(&a);
}

/* An abort that is done wants its way back: it is taken up where it was cut, under the same nonce. */
static void go_on_with(struct post *p, const struct intent *in)
{
	post_trouble(p, "intent %" PRId64 " was cut after request %" PRId64 " of %" PRId64 ": it is taken up",
		     in->id, in->done, in->steps);
	p->again = sentry_mono(p->s) + AGAIN_MS;
	post_touch(p);
}

static void own_moved(struct post *p, const struct intent *in)
{
	switch ((enum intent_state)in->state) {
	case INTENT_LINKED:
	case INTENT_DONE:
		own_done(p, in);
		return;
	case INTENT_REFUSED:
	case INTENT_NOT_SENT:
		own_failed(p, in);
		return;
	case INTENT_ABANDONED:
		p->open = false;
		(void)!post_end(p, GUARD_STOOD_DOWN, "a person abandoned what it had sent");
		return;
	case INTENT_NOT_FOUND:
		p->open = false;
		p->half = in->done > 0;
		if (p->half) {
			go_on_with(p, in);
			return;
		}
		post_trouble(p, "intent %" PRId64 " was sent and is not found: %s", in->id,
			     in->sends > 1 ? "it was repeated once, so a person must abandon it"
					   : "it is repeated, under its nonce, with the next judgement that "
					     "fails");
		post_touch(p);
		return;
	case INTENT_UNKNOWN:
		post_trouble(p,
			     "what became of intent %" PRId64 " is not known: it is looked for, and nothing "
			     "is sent meanwhile",
			     in->id);
		post_touch(p);
		break;
	case INTENT_OTHER:
	case INTENT_ARMED:
	case INTENT_SENT:
		break;
	}
	p->open = true;
}

/* What it was armed for has been done, or decided otherwise, by a person. */
static bool takes_over(const struct post *p, const struct intent *in)
{
	static const char *const acts[] = { "rollback", "abort",  "hold",    "revert-pin",
					    "retag",    "replay", "dispatch" };

	if ((in->state != INTENT_LINKED && in->state != INTENT_DONE) ||
	    when_diff(in->created, p->g.armed) < 0)
		return false;
	for (size_t i = 0; i < countof(acts); i++)
		if (text_eq(in->act, acts[i]))
			return true;
	return false;
}

void sentry_told(struct engine *en, const struct intent *in)
{
	struct post *p = post_of(en->sentry, in->lane);
	struct arena a = ARENA_INIT;

	if (!p || !(guard_is_up(&p->g) || guard_still_says(&p->g)))
		return;
	if (text_eq(in->nonce, p->g.nonce))
		own_moved(p, in);
	else if (takes_over(p, in))
		(void)!post_end(
			p, GUARD_STOOD_DOWN,
			arena_printf(&a, "%s took over: %s, intent %" PRId64, in->who, in->act, in->id));
	arena_done(&a);
}

/* ---- hearing ---------------------------------------------------------------------------------------------------------- */

/* Older than two intervals, or of a time to come since our clock was set back: no word about now. */
static bool is_old(const struct engine *en, const struct canary *c)
{
	int64_t interval = c->interval_s > 0 ? c->interval_s * 1000 : INTERVAL_MS;

	int64_t age = when_diff(engine_now(en), c->sampled);

	return !when_known(c->sampled) || age < 0 || age > 2 * interval;
}

/* NULL: there is still something to guard. */
static const char *what_ended(const struct post *p, const struct canary *c, struct arena *a)
{
	if (*c->release && !text_eq(c->release, p->g.release))
		return arena_printf(a, "the canary is %s by now, and it was armed for %s", c->release,
				    p->g.release);
	switch ((enum canary_phase)c->phase) {
	case CANARY_ABSENT:
	case CANARY_DONE:
	case CANARY_ABORTED:
	case CANARY_FAILED:
		return arena_printf(a, "the canary of %s is %s", p->g.release,
				    names_word(&canary_phase_names, c->phase));
	case CANARY_OTHER:
	case CANARY_WATCHING:
	case CANARY_WAITING:
	case CANARY_HELD:
		break;
	}
	return NULL;
}

static bool expired(struct post *p)
{
	char iso[WHEN_TEXT];
	struct arena a = ARENA_INIT;

	if (when_diff(p->g.deadline, open_server_now(p->s->en)) > 0 || p->open || p->asking || p->half)
		return false;
	(void)!post_end(p, GUARD_EXPIRED,
			arena_printf(&a, "its time was over at %s%s%s", when_iso(p->g.deadline, iso),
				     p->g.state == GUARD_ACTING ? ", before it could act: " : "",
				     p->g.state == GUARD_ACTING ? p->g.reason : ""));
	arena_done(&a);
	return true;
}

/* The breach is in the journal before anything is asked: who takes over from a dead engine finds it there. */
static void begin(struct post *p, const char *why)
{
	struct canary_guard next = p->g;
	struct err e = ERR_INIT;

	next.state = GUARD_ACTING;
	next.breached = engine_now(p->s->en);
	next.reason = why;
	if (why != p->breach)
		(void)snprintf(p->breach, sizeof(p->breach), "%s", why);
	if (post_change(p, &next, &e) < 0)
		return; /* the journal does not take it: nothing may be sent */
	*p->breach = *p->trouble = 0;
	p->again = 0;
	guard_go(p);
}

static bool votes_fail(const struct post *p)
{
	int64_t of = p->g.of > 0 ? p->g.of : 1, needed = p->g.needed > 0 ? p->g.needed : 1;
	uint64_t mask = of >= 64 ? UINT64_MAX : (UINT64_C(1) << of) - 1;

	return __builtin_popcountll(p->fails & mask) >= needed;
}

/* What the journal did not take was a word about then. */
static void forget_breach(struct post *p)
{
	if (*p->breach)
		*p->breach = *p->trouble = 0, p->again = 0;
}

static void hear_silence(struct post *p, const char *why)
{
	struct arena a = ARENA_INIT;

	p->silents++;
	if (p->silents >= WORD_HOLDS && !p->g.silence)
		forget_breach(p);
	if (p->silents >= GUARD_SILENT_MAX && p->g.state == GUARD_ARMED) {
		if (p->g.silence) {
			begin(p, arena_printf(&a, "silence, which counts as a breach: %s", why));
		} else {
			post_trouble(p, "it sees nothing: %s; it does not act on that", why);
			post_touch(p);
		}
	}
	arena_done(&a);
}

static void hear_verdict(struct post *p, const struct canary *c)
{
	struct arena a = ARENA_INIT;
	bool fails = c->verdict == VERDICT_FAIL;

	if (p->silents && p->g.state == GUARD_ARMED && *p->trouble) {
		post_trouble(p, "%s", "");
		post_touch(p);
	}
	p->silents = 0;
	p->fails = p->fails << 1 | fails;
	if (!fails)
		forget_breach(p);
	if (p->g.state == GUARD_ARMED && fails && votes_fail(p))
		begin(p, arena_printf(&a, "%s", *c->reason ? c->reason : "the canary fails"));
	else if (p->g.state == GUARD_ACTING && fails)
		guard_go(p);
	else if (p->g.state == GUARD_ACTING && c->verdict == VERDICT_PASS && !p->open && !p->asking &&
		 !p->half) {
		post_trouble(p, "%s", "");
		(void)!post_end(p, GUARD_ARMED, "the breach was over before anything was sent");
	}
	arena_done(&a);
}

/* Its run ended, by nobody's word here, with a share of the traffic on it. */
static bool is_overtaken(const struct post *p, const struct canary *c)
{
	return c->phase == CANARY_FAILED && (!*c->release || text_eq(c->release, p->g.release));
}

/* While its act is under way, what that leads to is no end. */
static bool is_over(struct post *p, const struct canary *c)
{
	struct arena a = ARENA_INIT;
	const char *over = p->open || p->asking || p->half ? NULL : what_ended(p, c, &a);

	if (over && !is_overtaken(p, c))
		(void)!post_end(p, GUARD_STOOD_DOWN, over);
	else if (over && p->g.state != GUARD_OVERTAKEN)
		(void)!post_end(p, GUARD_OVERTAKEN,
				arena_printf(&a,
					     "%s, and not by this guard: what it served may still be served, "
					     "and nobody went back",
					     over));
	arena_done(&a);
	return over;
}

static struct post *up_on(const struct engine *en, const char *lane)
{
	struct post *p = post_of(en->sentry, lane);

	return p && guard_is_up(&p->g) && !p->s->stopped ? p : NULL;
}

void sentry_seen(struct engine *en, const struct canary *c)
{
	struct post *p = post_of(en->sentry, c->lane);

	if (p && !p->s->stopped && (guard_is_up(&p->g) || guard_still_says(&p->g)))
		(void)is_over(p, c);
}

void sentry_heard(struct engine *en, const struct canary *c, bool silent)
{
	struct post *p = up_on(en, c->lane);
	bool old = is_old(en, c);

	if (!p)
		return;
	p->interval = c->interval_s > 0 ? c->interval_s * 1000 : INTERVAL_MS;
	if (!is_over(p, c) && !expired(p)) {
		p->heard = sentry_mono(p->s);
		if (silent || old)
			hear_silence(p, old ? "the newest sample is too old" : c->reason);
		else
			hear_verdict(p, c);
	}
	schedule(p->s);
}

/* What the cache knows of the lane's canary, when that is young, as if it were heard now. */
static void post_hear_cache(struct post *p)
{
	struct engine *en = p->s->en;
	struct arena a = ARENA_INIT;
	struct canary_book book = { 0 };

	if (en->o.cache && store_canary_read(&book, en->o.cache, p->g.lane, &a, NULL) == 0 &&
	    !is_old(en, &book.row))
		sentry_heard(en, &book.row, book.row.verdict == VERDICT_UNKNOWN);
	arena_done(&a);
}

/* ---- ticking ---------------------------------------------------------------------------------------------------------- */

/* As far as the cache knows. */
static bool is_over_since(struct post *p)
{
	struct store *cache = p->s->en->o.cache;
	struct canary_book book = { 0 };
	struct arena a = ARENA_INIT;
	bool over =
		cache && store_canary_read(&book, cache, p->g.lane, &a, NULL) == 0 && is_over(p, &book.row);

	arena_done(&a);
	return over;
}

static void try_again(struct post *p)
{
	p->again = 0;
	if (is_over_since(p))
		return;
	if (p->g.state == GUARD_ACTING)
		guard_go(p);
	else if (sentry_mono(p->s) - p->heard > WORD_HOLDS * interval_of(p))
		forget_breach(p);
	else if (*p->breach)
		begin(p, p->breach);
}

/* No word at all: whoever makes judgements has stopped. */
static void nothing_heard(struct post *p)
{
	p->heard = sentry_mono(p->s);
	p->silents = GUARD_SILENT_MAX - 1;
	hear_silence(p, "no judgement is made any more");
}

static void look_at(struct post *p)
{
	msec now = sentry_mono(p->s);

	if (!guard_is_up(&p->g) || expired(p))
		return;
	if (p->again && p->again <= now)
		try_again(p);
	else if (p->g.state == GUARD_ARMED && p->heard + silence_ms(p) <= now)
		nothing_heard(p);
	else if (p->g.state == GUARD_ARMED && p->rehearse_at <= now)
		guard_rehearse(p);
}

static void tick(void *ctx)
{
	struct sentry *s = ctx;

	for (struct post *p = s->posts; p; p = p->next)
		look_at(p);
	schedule(s);
}

/* ---- arming ----------------------------------------------------------------------------------------------------------- */

static struct post *post_add(struct sentry *s, const struct canary_guard *g)
{
	struct post *p = post_of(s, g->lane);

	if (!p) {
		p = x_alloc(sizeof(*p));
		*p = (struct post){ .next = s->posts, .s = s };
		s->posts = p;
	}
	keep(p, g);
	p->fails = 0;
	p->silents = 0;
	p->asking = p->open = p->half = p->rehearsing = false;
	p->again = 0;
	*p->breach = *p->trouble = 0;
	p->heard = sentry_mono(s);
	p->rehearse_at = p->heard + REHEARSE_MS;
	return p;
}

int post_arm(struct sentry *s, const struct canary_guard *g, const struct intent *in,
	     struct canary_guard *there, struct arena *a, struct err *e)
{
	struct canary_guard mine = *g;
	int r = journal_guard_arm(s->en->o.journal, &mine, in, there, engine_now(s->en), a, e);
	struct post *p;

	if (r)
		return r;
	p = post_add(s, &mine);
	tell(p, in);
	post_touch(p);
	post_hear_cache(p);
	return 0;
}

int post_disarm(struct post *p, const char *reason, const struct intent *by, struct err *e)
{
	struct canary_guard next = p->g;
	struct arena a = ARENA_INIT;
	struct intent told;
	int r;

	next.state = GUARD_STOOD_DOWN;
	next.reason = reason;
	next.at = engine_now(p->s->en);
	r = journal_guard_move(p->s->en->o.journal, &next, by, &told, next.at, &a, e);
	if (r == 0) {
		keep(p, &next);
		post_trouble(p, "%s", "");
		tell(p, &told);
		post_touch(p);
	}
	arena_done(&a);
	return r > 0 ? err_set(e, ERR_CONFLICT, "another guard is on %s by now", next.lane) : r;
}

/* ---- life ------------------------------------------------------------------------------------------------------------- */

/* What came of a breach that a dead engine had begun to answer. A breach of long ago is no news: the next judgement is. */
static void take_over(struct post *p)
{
	struct engine *en = p->s->en;
	struct arena a = ARENA_INIT;
	struct intent in;
	int64_t age = when_diff(engine_now(en), p->g.breached);
	bool young = age >= 0 && age <= 2 * INTERVAL_MS;
	int r = journal_by_nonce(en->o.journal, p->g.nonce, &in, &a, NULL);

	if (r == 0)
		own_moved(p, &in);
	if (p->g.state == GUARD_ACTING && !p->open && young)
		p->again = sentry_mono(p->s) + 1;
	else if (p->g.state == GUARD_ACTING && r > 0)
		(void)!post_end(p, GUARD_ARMED,
				"the engine was away before it could act: the next judgement counts");
	arena_done(&a);
}

static void resume(struct sentry *s)
{
	for (struct post *p = s->posts; p; p = p->next) {
		if (!guard_is_up(&p->g))
			continue;
		log_line(s->en->o.log, "guard", "%s is %s: taken over", p->g.lane,
			 names_word(&guard_state_names, p->g.state));
		if (p->g.state == GUARD_ACTING)
			take_over(p);
		if (guard_is_up(&p->g) && !expired(p) && !p->again)
			post_hear_cache(p);
	}
}

int sentry_new(struct sentry **out, struct engine *en, struct err *e)
{
	struct sentry *s = x_alloc(sizeof(*s));
	struct canary_guards rows = { 0 };
	struct arena a = ARENA_INIT;
	int r = en->o.journal ? journal_guards(en->o.journal, &rows, &a, e) : 0;

	*s = (struct sentry){ .en = en };
	s->tick = timer_new(en->o.loop, tick, s);
	vec_each (g, &rows)
		(void)post_add(s, g);
	arena_done(&a);
	*out = en->sentry = s;
	if (r < 0 || !en->o.journal)
		return r < 0 ? r : 0;
	resume(s);
	if (s->posts)
		show(s);
	schedule(s);
	return 0;
}

void sentry_stop(struct sentry *s)
{
	if (!s)
		return;
	s->stopped = true;
	timer_free(s->tick);
	s->tick = NULL;
}

void sentry_free(struct sentry *s)
{
	if (!s)
		return;
	sentry_stop(s);
	for (struct post *p = s->posts, *next; p; p = next) {
		next = p->next;
		arena_done(&p->arena);
		free(p);
	}
	free(s);
}
