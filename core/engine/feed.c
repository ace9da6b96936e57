/*
 * feed.c - one reading: its request, and what its answer or failure means for the next.
 */
#include "core/engine/sync.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

/* A reading under way outlives the engine's parts when the adapter is closed after them: then s is NULL. */
struct flight {
	LIST_ENTRY(flight) link;
	struct sync *s;
	struct feed *f;
};

void feed_init(struct feed *f, enum feed_kind kind, struct sync_repo *r, struct live *l)
{
	*f = (struct feed){ .kind = kind, .repo = r, .live = l };
}

void feed_done(struct feed *f)
{
	free(f->etag);
	f->etag = NULL;
}

/* "runs owner/name": the key of the poll row. */
static const char *feed_name(const struct feed *f, char *out, size_t n)
{
	static const char *const words[] = { "user", "runs", "history", "releases", "run", "jobs", "gates" };

	if (f->live)
		snprintf(out, n, "%s %s %" PRId64, words[f->kind], f->repo->name, f->live->id);
	else
		snprintf(out, n, "%s%s%s", words[f->kind], f->repo ? " " : "", f->repo ? f->repo->name : "");
	return out;
}

void feed_soon(struct sync *s, struct feed *f, msec delay)
{
	msec due = sync_mono(s) + delay;

	f->again = f->in_flight;
	if (f->due > due || !f->whole)
		f->due = due;
	if (s->serving && delay == 0)
		f->owed = true;
}

void feed_remember(struct sync *s, struct feed *f)
{
	char name[256];
	struct arena a = ARENA_INIT;
	struct key key = { .name = feed_name(f, name, sizeof(name)) };
	struct poll row = { 0 };

	if (store_one(s->en->o.cache, Q_poll_by_name, &rec_key, &key, &rec_poll, &row, &a, NULL) == 0) {
		f->etag = row.etag && row.etag[0] ? x_strdup(row.etag) : NULL;
		f->checked = f->kept = row.checked;
		f->changed = row.changed;
		if (f->kind == FEED_HISTORY && f->repo)
			f->repo->history_known = true;
	}
	arena_done(&a);
}

/* ---- the request ------------------------------------------------------------------------------------------------ */

static void feed_request(const struct feed *f, struct forge_read *r)
{
	static const enum forge_read_kind kinds[] = {
		[FEED_USER] = FORGE_USER,         [FEED_RUNS] = FORGE_RUNS, [FEED_HISTORY] = FORGE_RUNS,
		[FEED_RELEASES] = FORGE_RELEASES, [FEED_RUN] = FORGE_RUN,   [FEED_JOBS] = FORGE_JOBS,
		[FEED_GATES] = FORGE_GATES,
	};

	*r = (struct forge_read){ .kind = kinds[f->kind], .etag = f->etag };
	if (f->repo)
		r->repo = f->repo->name;
	if (f->kind == FEED_RUNS || f->kind == FEED_HISTORY)
		r->number = RUNS_PAGE;
	if (f->kind == FEED_HISTORY)
		r->pages = RUNS_PAGES;
	if (f->live)
		r->id = f->live->id;
	if (f->kind == FEED_JOBS && f->live)
		r->number = f->live->attempt;
}

/* ---- the answer ------------------------------------------------------------------------------------------------- */

int feed_keep(struct sync *s, struct feed *f, const char *error, struct err *e)
{
	char name[256];
	struct poll row = {
		.name = feed_name(f, name, sizeof(name)),
		.etag = f->etag ? f->etag : "",
		.checked = f->checked,
		.changed = f->changed,
		.failures = f->failures,
		.error = error,
	};

	f->kept = f->checked;
	return f->live ? 0 : store_run(s->en->o.cache, Q_poll_put, &rec_poll, &row, e);
}

static void keep_etag(struct feed *f, const char *etag)
{
	free(f->etag);
	f->etag = etag && etag[0] ? x_strdup(etag) : NULL;
}

static int ingest(struct sync *s, struct feed *f, const struct forge_answer *a, struct err *e)
{
	switch (f->kind) {
	case FEED_USER:
		note_login(s, a->text);
		return 0;
	case FEED_RUNS:
		return ingest_runs(s, f->repo, a, e);
	case FEED_HISTORY:
		return ingest_history(s, f->repo, a, e);
	case FEED_RELEASES:
		return ingest_releases(s, f->repo, a, e);
	case FEED_RUN:
		return ingest_run(s, f->live, a, e);
	case FEED_JOBS:
		return ingest_jobs(s, f->live, a, e);
	case FEED_GATES:
		return ingest_gates(s, f->live, a, e);
	}
	return 0;
}

/* Damaged records stay told until a whole answer has none. */
static void note_damage(struct sync *s, struct feed *f, const struct forge_answer *a)
{
	static const char *const of[] = { "users", "runs", "runs", "releases", "runs", "jobs", "gates" };

	if (!a->damaged && f->damaged)
		s->damage[0] = 0;
	f->damaged = a->damaged;
	if (!a->damaged)
		return;
	snprintf(s->damage, sizeof(s->damage), "%zu record%s of %s%s%s %s damaged: %.200s", a->damaged,
		 a->damaged == 1 ? "" : "s", of[f->kind], f->repo ? " of " : "", f->repo ? f->repo->name : "",
		 a->damaged == 1 ? "was" : "were", a->first_damage ? a->first_damage : "?");
}

static int take_news(struct sync *s, struct feed *f, const struct forge_answer *a, struct err *e)
{
	int r = ingest(s, f, a, e);

	note_damage(s, f, a);
	s->changed = true;
	f->changed = engine_now(s->en);
	keep_etag(f, a->etag);
	return r;
}

/* What an answer means besides the cache. */
static void note_answered(struct sync *s, struct feed *f)
{
	f->whole = true;
	if (f->kind == FEED_USER || f->kind == FEED_HISTORY)
		f->on = false;
	if (f->kind == FEED_HISTORY && f->repo)
		f->repo->history_known = true;
	f->due = sync_mono(s) + sync_jitter(s, sync_interval(s, f));
}

/* A reading that failed before is told in the reasons of its lanes: the answer that ends it judges them again. */
static int take_answer(struct sync *s, struct feed *f, const struct forge_answer *a, struct err *e)
{
	bool judge = !a->not_modified || f->failures;
	int r = 0;

	f->checked = engine_now(s->en);
	f->failures = 0;
	if (!a->not_modified)
		r = take_news(s, f, a, e);
	else if (f->kind == FEED_JOBS)
		ingest_jobs_seen(s, f->live);
	if (r >= 0)
		r = feed_keep(s, f, f->damaged ? s->damage : "", e);
	if (r >= 0 && f->repo)
		r = judge ? lanes_judge(s->en, f->repo->name, e) : lanes_touch(s->en, f->repo->name, e);
	note_answered(s, f);
	return r;
}

static void take_no_news(struct sync *s, struct feed *f)
{
	f->checked = engine_now(s->en);
	if (f->kind == FEED_JOBS)
		ingest_jobs_seen(s, f->live);
	note_answered(s, f);
	ages_note(s, f);
}

/* ---- failure ------------------------------------------------------------------------------------------------------ */

/* Trouble of the way or of the whole forge, not of this one reading. */
static bool is_general(enum err_kind kind)
{
	return kind == ERR_OFFLINE || kind == ERR_UNKNOWN || kind == ERR_SERVER;
}

static msec backoff(struct sync *s, msec first, int64_t failures)
{
	msec wait = first;

	for (int64_t i = 1; i < failures && wait < BACKOFF_MAX; i++)
		wait *= 2;
	return sync_jitter(s, wait < BACKOFF_MAX ? wait : BACKOFF_MAX);
}

static void hold_all(struct sync *s)
{
	/* Answers that were under way together count as one failure. */
	if (sync_mono(s) < s->hold_until)
		return;
	s->failures++;
	s->hold_until = sync_mono(s) + backoff(s, 1000, s->failures);
}

/* A token that may not read /user is no trouble: installation tokens have no user. */
static bool is_expected(const struct feed *f, const struct err *err)
{
	return f->kind == FEED_USER && (err->kind == ERR_FORBIDDEN || err->kind == ERR_MISSING);
}

/* A run that is not there yet (just dispatched), or not there any more. */
static bool run_vanished(struct sync *s, struct feed *f, const struct err *err)
{
	if (!f->live || err->kind != ERR_MISSING)
		return false;
	f->due = sync_mono(s) + sync_jitter(s, sync_interval(s, f));
	if (f->failures >= 8)
		live_end(f->live);
	return true;
}

static int take_failure(struct sync *s, struct feed *f, const struct err *err, struct err *e)
{
	int r;

	f->failures++;
	f->due = sync_mono(s) + backoff(s, sync_interval(s, f), f->failures);
	if (err->kind == ERR_AUTH)
		f->due = sync_mono(s) + REFUSED_RETRY;
	if (is_expected(f, err)) {
		f->on = false;
		return 0;
	}
	if (err->kind == ERR_CANCELLED || run_vanished(s, f, err))
		return 0;
	if (is_general(err->kind))
		hold_all(s);
	snprintf(s->trouble, sizeof(s->trouble), "%.380s", err->message);
	s->trouble_of = f;
	s->trouble_general = is_general(err->kind) || err->kind == ERR_RATE;
	s->changed = true;
	r = feed_keep(s, f, err->message, e);
	return r < 0 || !f->repo ? r : lanes_judge(s->en, f->repo->name, e);
}

/* ---- both ----------------------------------------------------------------------------------------------------------- */

static void settle_trouble(struct sync *s, const struct feed *f, const struct forge_answer *a,
			   const struct err *err)
{
	bool answered = a || !is_general(err->kind);

	if (answered) {
		s->failures = 0;
		s->hold_until = 0;
	}
	if (a && (s->trouble_general || s->trouble_of == f))
		s->trouble[0] = 0;
	/* A 403 for /user is an answer all the same: the token was known. */
	if (!a && is_expected(f, err) && s->refused) {
		s->refused = false;
		sync_wake(s);
	}
}

static void forget_kept(struct sync *s, struct feed *f, void *ctx)
{
	(void)s;
	(void)ctx;
	f->kept = WHEN_NONE;
}

void feed_store_failed(struct sync *s, const struct err *err)
{
	store_undo(s->en->o.cache);
	s->noted = s->noted_words = (struct hash){ 0 };
	sync_each_feed(s, forget_kept, NULL);
	if (!s->store_trouble[0])
		engine_emit(s->en, "notice", err->message);
	snprintf(s->store_trouble, sizeof(s->store_trouble), "cache: %.380s", err->message);
	if (s->serving)
		sync_pass_failed(s, err, false);
}

static void news_lost(struct sync *s, struct feed *f)
{
	/* What was not stored must be read again, whole. */
	keep_etag(f, NULL);
	f->checked = WHEN_NONE;
	f->due = sync_mono(s) + sync_jitter(s, sync_interval(s, f));
}

static void settle_pass(struct sync *s, struct feed *f, const struct err *err)
{
	f->owed = false;
	if (!err || !s->serving || err->kind == ERR_CANCELLED || is_expected(f, err))
		return;
	sync_pass_failed(s, err, is_general(err->kind) || err->kind == ERR_AUTH || err->kind == ERR_RATE);
}

static void take_whole(struct sync *s, struct feed *f, const struct forge_answer *a, const struct err *err)
{
	struct err e = ERR_INIT;
	int r = store_begin(s->en->o.cache, &e);

	s->changed = false;
	if (r >= 0)
		r = a ? take_answer(s, f, a, &e) : take_failure(s, f, err, &e);
	if (r >= 0) {
		settle_trouble(s, f, a, err);
		s->store_trouble[0] = 0;
		r = note_settings(s, &e);
	}
	if (r >= 0)
		r = ages_put(s, &e);
	if (r >= 0)
		r = store_end(s->en->o.cache, &e);
	if (r < 0) {
		feed_store_failed(s, &e);
		news_lost(s, f);
		return;
	}
	ages_done(s);
	if (s->changed)
		engine_emit(s->en, "changed", NULL);
}

static void settle(struct sync *s, struct feed *f, const struct forge_answer *a, const struct err *err)
{
	engine_note_answer(s->en, a, err);
	if (a && a->not_modified) {
		governor_refund(&s->gov, a->rate.remaining >= 0);
		s->total.not_modified++;
	}
	settle_pass(s, f, err);
	if (a && ages_suffice(s, f, a))
		take_no_news(s, f);
	else
		take_whole(s, f, a, err);
}

static void flight_landed(void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct flight *x = ctx;
	struct sync *s = x->s;
	struct feed *f = x->f;

	if (s)
		LIST_REMOVE(x, link);
	free(x);
	if (!s)
		return;
	s->flying--;
	f->in_flight = false;
	settle(s, f, a, err);
	if (f->again) {
		f->again = false;
		f->due = sync_mono(s);
		f->owed = s->serving != NULL;
	}
	sync_sweep(s);
	sync_schedule(s);
}

void feed_start(struct sync *s, struct feed *f)
{
	struct forge_read request;
	struct flight *x = x_alloc(sizeof(*x));
	struct err e = ERR_INIT;
	int r;

	*x = (struct flight){ .s = s, .f = f };
	LIST_INSERT_HEAD(&s->flights, x, link);
	s->flying++;
	s->total.requests++;
	f->in_flight = true;
	f->again = false;
	governor_sent(&s->gov, sync_mono(s));
	feed_request(f, &request);
	r = forge_read(s->en->o.forge, &request, flight_landed, x, &e);
	if (r < 0)
		flight_landed(x, NULL, &e);
}

void flights_orphan(struct sync *s)
{
	while (!LIST_EMPTY(&s->flights)) {
		struct flight *x = LIST_FIRST(&s->flights);

		LIST_REMOVE(x, link);
		x->s = NULL;
	}
}
