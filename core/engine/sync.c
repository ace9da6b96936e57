/*
 * sync.c - what to ask next, and when. One timer; whatever is due goes out, most urgent first, as far as the governor
 * and the state of the line allow.
 */
#include "core/engine/sync.h"

#include "base/hash.h"
#include "base/text.h"
#include "core/port/http.h"
#include "core/view/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLLOWER_PACE 4 /* times slower than the poller of this forge */
#define BASE_INTERVAL \
	INT64_C(15000) /* GitHub reference 4, row C: on screen 5 s, active 15 s, idle 60 s, slow 10 min */
#define NEVER INT64_MAX

static void sync_tick(void *ctx);

msec sync_mono(const struct sync *s)
{
	return clock_mono(loop_clock(s->en->o.loop));
}

struct when sync_server_now(const struct sync *s)
{
	return (struct when){ engine_now(s->en).ms + s->en->skew_ms };
}

msec sync_jitter(struct sync *s, msec interval)
{
	/* xorshift: nothing depends on it but that two engines do not march in step. */
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return interval <= 0 ? 0
			     : interval - interval / 10 + (msec)(s->random % (uint64_t)(interval / 5 + 1));
}

/* ---- lists ------------------------------------------------------------------------------------------------------- */

static struct sync_repo *repo_find(const struct sync *s, const char *name)
{
	for (struct sync_repo *r = s->repos; r; r = r->next)
		if (text_eq(r->name, name))
			return r;
	return NULL;
}

struct live *live_find(const struct sync_repo *r, int64_t id)
{
	for (struct live *l = r->lives; l; l = l->next)
		if (l->id == id && !l->dead)
			return l;
	return NULL;
}

struct live *live_add(struct sync_repo *r, int64_t id)
{
	struct live *l;
	int n = 0;

	for (l = r->lives; l; l = l->next)
		n++;
	if (n >= LIVE_MAX)
		return NULL;
	l = x_alloc(sizeof(*l));
	*l = (struct live){ .next = r->lives, .repo = r, .id = id };
	feed_init(&l->run, FEED_RUN, r, l);
	feed_init(&l->jobs, FEED_JOBS, r, l);
	feed_init(&l->gates, FEED_GATES, r, l);
	r->lives = l;
	return l;
}

void live_end(struct live *l)
{
	l->dead = true;
	l->run.on = l->jobs.on = l->gates.on = false;
	l->run.owed = l->jobs.owed = l->gates.owed = false;
}

static bool live_flies(const struct live *l)
{
	return l->run.in_flight || l->jobs.in_flight || l->gates.in_flight;
}

static void live_free(struct sync *s, struct live *l)
{
	if (s->trouble_of == &l->run || s->trouble_of == &l->jobs || s->trouble_of == &l->gates) {
		s->trouble_of = NULL;
		s->trouble[0] = 0;
	}
	feed_done(&l->run);
	feed_done(&l->jobs);
	feed_done(&l->gates);
	free(l);
}

void sync_sweep(struct sync *s)
{
	for (struct sync_repo *r = s->repos; r; r = r->next) {
		for (struct live **at = &r->lives; *at;) {
			struct live *l = *at;

			if (l->dead && !live_flies(l)) {
				*at = l->next;
				live_free(s, l);
			} else {
				at = &l->next;
			}
		}
	}
}

void sync_each_feed(struct sync *s, feed_fn fn, void *ctx)
{
	fn(s, &s->user, ctx);
	for (struct sync_repo *r = s->repos; r; r = r->next) {
		fn(s, &r->runs, ctx);
		for (struct live *l = r->lives; l; l = l->next) {
			fn(s, &l->run, ctx);
			fn(s, &l->gates, ctx);
			fn(s, &l->jobs, ctx);
		}
		fn(s, &r->history, ctx);
		fn(s, &r->releases, ctx);
	}
}

/* ---- how often ----------------------------------------------------------------------------------------------------- */

static msec base_interval(const struct sync *s)
{
	msec base = s->en->o.interval > 0 ? s->en->o.interval : BASE_INTERVAL;

	return s->en->follows ? base * FOLLOWER_PACE : base;
}

static bool repo_has_focus_lane(const struct sync *s, const struct sync_repo *r)
{
	const struct profile *owner = NULL;

	return s->focus_lane[0] && profiles_lane(s->en->o.profiles, s->focus_lane, &owner) && owner &&
	       text_eq(owner->repo, r->name);
}

static bool live_has_focus(const struct sync *s, const struct live *l)
{
	return l->watched || l->id == s->focus_run || (l->lane && text_eq(l->lane->name, s->focus_lane));
}

static bool repo_is_live(const struct sync_repo *r)
{
	for (const struct live *l = r->lives; l; l = l->next)
		if (!l->finished && !l->dead)
			return true;
	return false;
}

static msec runs_interval(const struct sync *s, const struct sync_repo *r)
{
	msec base = base_interval(s);
	bool focus = repo_has_focus_lane(s, r) || (s->focus_run && live_find(r, s->focus_run));

	if (repo_is_live(r))
		return focus ? base / 3 : base;
	return focus ? base : r->poll_ms > 0 ? r->poll_ms : base * 4;
}

msec sync_interval(const struct sync *s, const struct feed *f)
{
	msec base = base_interval(s);

	switch (f->kind) {
	case FEED_USER:
		return s->refused ? REFUSED_RETRY : base * 40;
	case FEED_RUNS:
		return runs_interval(s, f->repo);
	case FEED_HISTORY:
	case FEED_RELEASES:
		return base * 40;
	case FEED_RUN:
	case FEED_JOBS:
	case FEED_GATES:
		return live_has_focus(s, f->live) ? base / 3 : base;
	}
	return base;
}

static enum governor_level level_of(const struct sync *s, const struct feed *f)
{
	msec interval = sync_interval(s, f), base = base_interval(s);

	/* What a person asked for now counts as on screen. */
	if (f->owed || interval < base)
		return LEVEL_SCREEN;
	return interval <= base || (f->kind == FEED_USER && s->refused) ? LEVEL_ACTIVE : LEVEL_IDLE;
}

/* ---- passes --------------------------------------------------------------------------------------------------------- */

static void owe(struct sync *s, struct feed *f, void *ctx)
{
	(void)s;
	(void)ctx;
	f->owed = f->on;
	if (f->in_flight)
		f->again = f->on;
}

static void count_owed(struct sync *s, struct feed *f, void *ctx)
{
	int *n = ctx;

	(void)s;
	*n += (f->owed && f->on) || f->in_flight;
}

static void forgive(struct sync *s, struct feed *f, void *ctx)
{
	(void)s;
	(void)ctx;
	f->owed = false;
}

static void pass_begin(struct sync *s)
{
	s->serving = s->waiting;
	s->waiting = NULL;
	s->total = (struct sync_total){ 0 };
	s->failed = false;
	s->requests0 = s->en->o.http ? s->en->o.http->requests : 0;
	s->bytes0 = s->en->o.http ? s->en->o.http->bytes : 0;
	s->hold_until = 0;
	sync_each_feed(s, owe, NULL);
	/* What the token is good for is asked first, and nothing else while it is refused. */
	if (s->refused)
		s->user.on = s->user.owed = true;
}

static void pass_end(struct sync *s)
{
	struct pass *list = s->serving, *next;
	struct sync_total total;
	struct err worst;
	bool failed;

	/* Whoever asked may read the cache the moment it is answered; a failure to write is part of the answer. */
	ages_flush(s);
	total = s->total;
	worst = s->worst;
	failed = s->failed;
	if (s->en->o.http) {
		total.requests = (int64_t)(s->en->o.http->requests - s->requests0);
		total.bytes = (int64_t)(s->en->o.http->bytes - s->bytes0);
	}
	s->serving = NULL;
	sync_each_feed(s, forgive, NULL);
	for (; list; list = next) {
		next = list->next;
		list->done(list->ctx, &total, failed ? &worst : NULL);
		free(list);
	}
}

void sync_pass_failed(struct sync *s, const struct err *err, bool give_up)
{
	if (!s->failed)
		s->worst = *err;
	s->failed = true;
	if (give_up)
		sync_each_feed(s, forgive, NULL);
}

static int set_rate_error(int64_t wait, struct err *e)
{
	char age[WHEN_TEXT];

	err_set(e, ERR_RATE, "the forge's rate limit allows no request for %s", when_age(wait, age));
	if (e)
		e->retry_ms = wait;
	return -ERR_RATE;
}

/* A pass that only waits for the rate limit is answered with that, not kept for an hour. */
static bool pass_is_stuck(struct sync *s, int64_t wait)
{
	struct err e = ERR_INIT;

	if (!s->serving || wait < 5000 || s->flying)
		return false;
	(void)set_rate_error(wait, &e);
	sync_pass_failed(s, &e, true);
	return true;
}

static void passes_settle(struct sync *s)
{
	int owed = 0;

	if (s->serving) {
		sync_each_feed(s, count_owed, &owed);
		if (owed)
			return;
		pass_end(s);
	}
	if (s->waiting) {
		pass_begin(s);
		sync_schedule(s);
	}
}

void sync_now(struct sync *s, sync_done done, void *ctx)
{
	struct pass *p = x_alloc(sizeof(*p));

	*p = (struct pass){ .next = s->waiting, .done = done, .ctx = ctx };
	s->waiting = p;
	timer_in(s->timer, 0);
}

/* ---- the tick -------------------------------------------------------------------------------------------------------- */

static bool is_wanted(const struct sync *s)
{
	return engine_is_watched(s->en) || s->serving || s->waiting ||
	       (s->en->acts && acts_busy(s->en->acts));
}

struct choice {
	struct feed *best;
	enum governor_level level;
	msec due, now;
	msec next; /* earliest time anything is due */
};

static void choose(struct sync *s, struct feed *f, void *ctx)
{
	struct choice *c = ctx;
	enum governor_level level;
	msec due = f->owed ? c->now : f->due;

	if (!f->on || f->in_flight || (s->refused && f != &s->user))
		return;
	if (s->flying && f->live == NULL && s->refused)
		return;
	if (due < c->next)
		c->next = due;
	if (due > c->now)
		return;
	level = level_of(s, f);
	if (c->best && (level > c->level || (level == c->level && f->due >= c->due)))
		return;
	c->best = f;
	c->level = level;
	c->due = f->due;
}

static struct choice choose_feed(struct sync *s)
{
	struct choice c = { .now = sync_mono(s), .next = NEVER };

	sync_each_feed(s, choose, &c);
	return c;
}

/* Milliseconds until the line may be used at all: after general trouble one request at a time, and not before the hold. */
static int64_t line_wait(const struct sync *s)
{
	msec now = sync_mono(s);

	if (s->hold_until > now)
		return s->hold_until - now;
	return 0;
}

static int flights_allowed(const struct sync *s)
{
	return s->failures || s->refused ? 1 : FLIGHTS_MAX;
}

void sync_schedule(struct sync *s)
{
	struct choice c;
	int64_t wait;

	if (!is_wanted(s)) {
		timer_stop(s->timer);
		return;
	}
	if (s->waiting && !s->serving) {
		timer_in(s->timer, 0);
		return;
	}
	if (s->flying >= flights_allowed(s))
		return;
	c = choose_feed(s);
	wait = c.best ? 0 : c.next == NEVER ? -1 : c.next - c.now;
	if (wait >= 0 && line_wait(s) > wait)
		wait = line_wait(s);
	if (c.best && !wait)
		wait = governor_wait(&s->gov, c.level, c.now, sync_server_now(s));
	if (pass_is_stuck(s, c.best ? wait : 0) || (s->serving && !s->flying && !c.best))
		wait = 0;
	if (wait >= 0)
		timer_in(s->timer, wait);
}

static void sync_tick(void *ctx)
{
	struct sync *s = ctx;

	sync_sweep(s);
	passes_settle(s);
	while (s->flying < flights_allowed(s) && is_wanted(s) && !line_wait(s)) {
		struct choice c = choose_feed(s);

		if (!c.best || governor_wait(&s->gov, c.level, c.now, sync_server_now(s)) > 0)
			break;
		feed_start(s, c.best);
	}
	sync_schedule(s);
}

/* ---- what others ask of us --------------------------------------------------------------------------------------------- */

int64_t sync_rate_wait(const struct sync *s, bool for_act)
{
	struct governor *g = &s->en->sync->gov; /* only its bookkeeping of time moves */

	return for_act ? governor_wait_act(g, sync_mono(s), sync_server_now(s))
		       : governor_wait(g, LEVEL_SCREEN, sync_mono(s), sync_server_now(s));
}

int engine_read(struct engine *en, const struct forge_read *r, forge_done done, void *ctx, struct err *e)
{
	int64_t wait = en->sync ? sync_rate_wait(en->sync, true) : 0;

	return wait > 0 ? set_rate_error(wait, e) : forge_read(en->o.forge, r, done, ctx, e);
}

bool sync_busy(const struct sync *s)
{
	return s->serving || s->waiting || s->flying;
}

static void pull_in(struct sync *s, struct feed *f, void *ctx)
{
	const struct sync_repo *r = ctx;
	msec latest = sync_mono(s) + sync_interval(s, f);

	if ((!r || f->repo == r) && f->due > latest)
		f->due = latest;
}

void sync_focus(struct sync *s, const char *lane, int64_t run)
{
	snprintf(s->focus_lane, sizeof(s->focus_lane), "%s", lane ? lane : "");
	s->focus_run = run;
	for (struct sync_repo *r = s->repos; r; r = r->next) {
		struct live *l = run ? live_find(r, run) : NULL;

		if (l && !l->finished && !l->run.on)
			l->run.on = true;
	}
	sync_each_feed(s, pull_in, NULL);
	sync_schedule(s);
}

void sync_wake(struct sync *s)
{
	s->hold_until = 0;
	for (struct sync_repo *r = s->repos; r; r = r->next) {
		feed_soon(s, &r->runs, 1000);
		for (struct live *l = r->lives; l; l = l->next) {
			feed_soon(s, &l->jobs, 1000);
			if (l->gates.on)
				feed_soon(s, &l->gates, 1000);
		}
	}
	sync_schedule(s);
}

void sync_watch_run(struct sync *s, const char *repo, int64_t run)
{
	struct sync_repo *r = repo_find(s, repo);
	struct live *l = r ? live_find(r, run) : NULL;

	if (!r)
		return;
	if (!l)
		l = live_add(r, run);
	if (!l)
		return;
	l->watched = true;
	l->run.on = true;
	feed_soon(s, &l->run, 0);
	sync_schedule(s);
}

struct when sync_facts_age(const struct sync *s, const char *repo, int64_t run)
{
	const struct sync_repo *r = s ? repo_find(s, repo) : NULL;
	const struct live *l = r && run ? live_find(r, run) : NULL;
	struct when oldest = r ? r->runs.checked : WHEN_NONE;

	/* A reading that has not been made yet is no fact that the state rests on. */
	if (!l)
		return oldest;
	if (l->jobs.on && when_known(l->jobs.checked) && l->jobs.checked.ms < oldest.ms)
		oldest = l->jobs.checked;
	if (l->gates.on && when_known(l->gates.checked) && l->gates.checked.ms < oldest.ms)
		oldest = l->gates.checked;
	return oldest;
}

bool sync_follows_runs(const struct sync *s, const char *repo)
{
	const struct sync_repo *r = repo_find(s, repo);

	return r && r->lives;
}

/* ---- life --------------------------------------------------------------------------------------------------------------- */

static void repo_add(struct sync *s, const struct profile *p)
{
	struct sync_repo *r = repo_find(s, p->repo);

	if (!p->repo || !p->repo[0])
		return;
	if (!r) {
		r = x_alloc(sizeof(*r));
		*r = (struct sync_repo){ .name = p->repo, .next = s->repos };
		s->repos = r;
		feed_init(&r->runs, FEED_RUNS, r, NULL);
		feed_init(&r->history, FEED_HISTORY, r, NULL);
		feed_init(&r->releases, FEED_RELEASES, r, NULL);
		r->runs.on = r->releases.on = true;
	}
	vec_each (lane, &p->lanes) {
		if (lane->poll_ms > 0 && (!r->poll_ms || lane->poll_ms < r->poll_ms))
			r->poll_ms = lane->poll_ms;
		if (lane->stale_ms > 0 && lane->stale_ms / 4 < s->ages_wait)
			s->ages_wait = lane->stale_ms / 4;
	}
}

static const char *remembered(struct sync *s, const char *name, struct arena *a)
{
	struct key key = { .name = name };
	struct setting row = { 0 };

	if (store_one(s->en->o.cache, Q_setting_by_name, &rec_key, &key, &rec_setting, &row, a, NULL) == 0 &&
	    row.value[0])
		return row.value;
	return NULL;
}

/* A loop in a script is a new engine each time, and the forge's wish holds for all of them. Not for longer than we would
 * wait unasked: the new one may have another person's token. */
static void remember_hold(struct sync *s, const char *text)
{
	struct when until;
	int64_t wait;

	if (!text || when_parse(&until, text) < 0)
		return;
	wait = when_diff(until, engine_now(s->en));
	governor_hold(&s->gov, wait < GOVERNOR_HOLD_MAX ? wait : GOVERNOR_HOLD_MAX, sync_mono(s));
}

/* What the last engine knew and this one has not asked yet. A drill stays marked until an answer says otherwise. */
static void remember_settings(struct sync *s)
{
	struct arena a = ARENA_INIT;
	const char *drill = remembered(s, "drill", &a), *login = remembered(s, "login", &a),
		   *banner = remembered(s, "banner", &a);

	if (drill)
		s->en->drill = x_strdup(drill);
	/* What an engine before met lasts until something is read again: to start is no reading. */
	if (banner && !text_eq(banner, FOLLOWS_WORDS)) {
		snprintf(s->trouble, sizeof(s->trouble), "%s", banner);
		s->trouble_general = true;
	}
	remember_hold(s, remembered(s, "api_hold", &a));
	feed_remember(s, &s->user);
	/* A 304 to "who am I" says: who it was. Without that it must be said again. */
	if (s->user.etag && login)
		note_login(s, login);
	else
		feed_done(&s->user);
	arena_done(&a);
}

static int resume(struct sync *s, struct err *e)
{
	int r = store_begin(s->en->o.cache, e);

	if (r < 0)
		return r;
	r = lanes_declare(s->en, e);
	if (r >= 0)
		r = proofs_declare(s->en, e);
	remember_settings(s);
	for (struct sync_repo *repo = s->repos; repo && r >= 0; repo = repo->next) {
		feed_remember(s, &repo->runs);
		feed_remember(s, &repo->history);
		feed_remember(s, &repo->releases);
		r = ingest_resume(s, repo, e);
	}
	if (r >= 0)
		r = note_settings(s, e);
	if (r >= 0)
		r = store_end(s->en->o.cache, e);
	if (r < 0)
		store_undo(s->en->o.cache);
	return r < 0 ? r : 0;
}

int sync_new(struct sync **out, struct engine *en, struct err *e)
{
	struct sync *s = x_alloc(sizeof(*s));
	int r;

	*s = (struct sync){ .en = en, .random = 0x9e3779b97f4a7c15 };
	for (const char *p = en->o.seed; p && *p; p++)
		s->random = s->random * 31 + (uint64_t)*p;
	s->timer = timer_new(en->o.loop, sync_tick, s);
	ages_open(s);
	governor_init(&s->gov, sync_mono(s));
	feed_init(&s->user, FEED_USER, NULL, NULL);
	s->user.on = true;
	vec_each (p, en->o.profiles)
		repo_add(s, p);
	r = resume(s, e);
	if (r < 0) {
		sync_free(s);
		return r;
	}
	*out = s;
	return 0;
}

static void passes_drop(struct pass *list)
{
	struct pass *next;

	for (; list; list = next) {
		struct err e = ERR_INIT;
		struct sync_total none = { 0 };

		next = list->next;
		err_set(&e, ERR_CANCELLED, "the engine is shutting down");
		list->done(list->ctx, &none, &e);
		free(list);
	}
}

void sync_free(struct sync *s)
{
	struct sync_repo *next;

	if (!s)
		return;
	passes_drop(s->serving);
	passes_drop(s->waiting);
	ages_close(s);
	flights_orphan(s);
	timer_free(s->timer);
	feed_done(&s->user);
	for (struct sync_repo *r = s->repos; r; r = next) {
		next = r->next;
		for (struct live *l = r->lives, *after; l; l = after) {
			after = l->next;
			live_free(s, l);
		}
		feed_done(&r->runs);
		feed_done(&r->history);
		feed_done(&r->releases);
		free(r);
	}
	free(s);
}
