/*
 * ingest.c - what an answer says, as rows of the cache. Every function runs inside the transaction of one answer.
 */
#include "core/engine/sync.h"

#include "base/text.h"
#include "core/rules/after.h"
#include "core/rules/preflight.h"

#include <string.h>

#define INTENTS_LOOKED_AT 50 /* acts whose run may still be among those that change */
#define JOBS_LOOKS_MAX    4  /* a run's jobs may end later than the run says (GitHub reference 1.1) */
#define COMPLETED_LOOKED  8
#define RELEASES_LOOKED   60
#define OWN_RUN_NEW       INT64_C(3600000) /* ms: a run that is older is on the list, or gone */

/* Our own acts, newest first: they say exactly what a run is about. */
struct own_acts {
	struct arena a;
	struct VEC_OF(struct intent) list;
};

static int push_own(void *ctx, const void *row)
{
	struct own_acts *own = ctx;
	const struct intent *in = row;

	if (in->run_id && after_delivers(in))
		*vec_push(&own->list, &own->a) = *in;
	return 0;
}

static int own_acts_read(struct own_acts *own, struct engine *en, struct err *e)
{
	struct key key = { .limit = INTENTS_LOOKED_AT };

	return store_each(en->o.cache, Q_intents_recent, &rec_key, &key, &rec_intent, &own->a, push_own, own,
			  e);
}

static const char *release_of(const struct own_acts *own, const struct profile_lane *lane,
			      const struct run *run, struct arena *a)
{
	const char *told;

	vec_each (in, &own->list)
		if (in->run_id == run->id)
			return in->subject;
	if (!lane || lane_is_replay(lane, run->path))
		return "";
	told = profile_release_of(lane, run->title, run->branch, run->head_sha, a);
	return told ? told : "";
}

static int put_run(struct sync *s, struct sync_repo *r, const struct run *run, const struct own_acts *own,
		   struct err *e)
{
	const struct profile_lane *lane = lanes_owner(s->en, r->name, run);
	struct arena a = ARENA_INIT;
	struct run row = *run;
	int x;

	row.repo = r->name;
	row.lane = lane ? lane->name : "";
	row.release = release_of(own, lane, run, &a);
	row.seen = engine_now(s->en);
	x = store_run(s->en->o.cache, Q_run_put, &rec_run, &row, e);
	arena_done(&a);
	return x;
}

static int forget_gates(struct sync *s, int64_t run, struct err *e)
{
	struct key key = { .id = run };

	return store_run(s->en->o.cache, Q_gates_forget_run, &rec_key, &key, e);
}

/* ---- open runs -------------------------------------------------------------------------------------------------------- */

static void live_completed(struct sync *s, struct live *l)
{
	l->finished = true;
	l->watched = false;
	l->run.on = false;
	l->gates.on = false;
	if (!l->lane) {
		live_end(l);
		return;
	}
	l->jobs.on = true;
	feed_soon(s, &l->jobs, 0);
}

/* The run as just read: what else of it must be read, and how soon. Older news than what we know changes nothing. */
static int follow_run(struct sync *s, struct live *l, const struct run *run, struct err *e)
{
	bool moved =
		run->attempt != l->attempt || run->status != l->status || run->updated.ms != l->updated.ms;
	bool over = run->status == RUN_COMPLETED;

	if (run->attempt < l->attempt || (run->attempt == l->attempt && l->finished && !over))
		return 0;
	if (run->attempt > l->attempt)
		l->finished = false, l->looks = 0;
	l->attempt = run->attempt;
	l->status = run->status;
	l->updated = run->updated;
	l->lane = lanes_owner(s->en, l->repo->name, run);
	if (over) {
		if (!l->finished)
			live_completed(s, l);
		return forget_gates(s, l->id, e);
	}
	l->jobs.on = l->lane != NULL;
	if (moved && l->jobs.on)
		feed_soon(s, &l->jobs, 0);
	if (run->status == RUN_WAITING && l->lane && (moved || !l->gates.on)) {
		l->gates.on = true;
		feed_soon(s, &l->gates, 0);
	}
	return 0;
}

static int note_run(struct sync *s, struct sync_repo *r, const struct run *run, struct err *e)
{
	struct live *l = live_find(r, run->id);

	if (!l && run->status != RUN_COMPLETED)
		l = live_add(r, run->id);
	if (!l)
		return 0;
	l->listed = true;
	return follow_run(s, l, run, e);
}

/* ---- newest completed run of a lane: its jobs are read once ------------------------------------------------------------- */

struct completed {
	struct sync *s;
	struct sync_repo *r;
	const struct profile_lane *lane;
	struct arena a;
	struct VEC_OF(struct run) runs;
	bool any, skipped; /* jobs known; the work was skipped */
};

static int push_completed(void *ctx, const void *row)
{
	struct completed *c = ctx;
	const struct run *run = row;

	if (run->status == RUN_COMPLETED)
		*vec_push(&c->runs, &c->a) = *run;
	return 0;
}

static int look_at_job(void *ctx, const void *row)
{
	struct completed *c = ctx;
	const struct job *job = row;
	const struct profile_meaning *m = profile_meaning_of(c->lane, job->name, job->conclusion);

	c->any = true;
	if (m && m->whole)
		c->skipped = true;
	return 0;
}

static int want_jobs_of(struct completed *c, const struct run *run, struct err *e)
{
	struct key key = { .id = run->id, .number = run->attempt };
	struct live *l;
	int r;

	c->any = c->skipped = false;
	r = store_each(c->s->en->o.cache, Q_jobs_by_run, &rec_key, &key, &rec_job, &c->a, look_at_job, c, e);
	if (r < 0 || c->any || live_find(c->r, run->id))
		return r < 0 ? r : 0;
	l = live_add(c->r, run->id);
	if (!l)
		return 0;
	l->attempt = run->attempt;
	l->status = run->status;
	l->updated = run->updated;
	l->lane = c->lane;
	l->listed = true;
	live_completed(c->s, l);
	return 0;
}

/* A green run that skipped its work says nothing of what is live: then the one before is needed as well. */
static int want_jobs(struct sync *s, struct sync_repo *r, const struct profile_lane *lane, struct err *e)
{
	struct completed c = { .s = s, .r = r, .lane = lane };
	struct key key = { .name = lane->name, .limit = RUNS_PAGE };
	int x = store_each(s->en->o.cache, Q_runs_by_lane, &rec_key, &key, &rec_run, &c.a, push_completed, &c,
			   e);

	for (size_t i = 0; x >= 0 && i < c.runs.n && i < COMPLETED_LOOKED; i++) {
		const struct run *run = &c.runs.items[i];

		x = want_jobs_of(&c, run, e);
		if (run->conclusion != CONCLUSION_SKIPPED && !c.skipped)
			break;
	}
	arena_done(&c.a);
	return x < 0 ? x : 0;
}

static int want_all_jobs(struct sync *s, struct sync_repo *r, struct err *e)
{
	vec_each (p, s->en->o.profiles) {
		if (!text_eq(p->repo, r->name))
			continue;
		vec_each (lane, &p->lanes) {
			int x = want_jobs(s, r, lane, e);

			if (x < 0)
				return x;
		}
	}
	return 0;
}

/* A run that left the newest page while it is open is read by itself from now on. */
static void watch_unlisted(struct sync *s, struct sync_repo *r)
{
	for (struct live *l = r->lives; l; l = l->next) {
		bool wanted = !l->finished && (!l->listed || l->watched || l->id == s->focus_run);

		if (wanted && !l->run.on)
			feed_soon(s, &l->run, 0);
		l->run.on = wanted;
	}
}

static int take_runs(struct sync *s, struct sync_repo *r, const struct forge_answer *a, struct err *e)
{
	const struct run *runs = a->items;
	struct own_acts own = { 0 };
	int x = own_acts_read(&own, s->en, e);

	for (size_t i = 0; x >= 0 && i < a->n; i++) {
		x = put_run(s, r, &runs[i], &own, e);
		if (x >= 0)
			x = note_run(s, r, &runs[i], e);
	}
	arena_done(&own.a);
	s->total.runs += (int64_t)a->n;
	return x >= 0 ? want_all_jobs(s, r, e) : x;
}

int ingest_runs(struct sync *s, struct sync_repo *r, const struct forge_answer *a, struct err *e)
{
	int x;

	for (struct live *l = r->lives; l; l = l->next)
		l->listed = false;
	x = take_runs(s, r, a, e);
	if (a->cut && !r->history_known && !r->history.on) {
		r->history.on = true;
		feed_soon(s, &r->history, 0);
	}
	watch_unlisted(s, r);
	return x;
}

int ingest_history(struct sync *s, struct sync_repo *r, const struct forge_answer *a, struct err *e)
{
	return take_runs(s, r, a, e);
}

int ingest_run(struct sync *s, struct live *l, const struct forge_answer *a, struct err *e)
{
	struct own_acts own = { 0 };
	int x;

	if (!a->n)
		return 0;
	x = own_acts_read(&own, s->en, e);
	if (x >= 0)
		x = put_run(s, l->repo, a->items, &own, e);
	arena_done(&own.a);
	s->total.runs++;
	return x < 0 ? x : follow_run(s, l, a->items, e);
}

/* ---- jobs ------------------------------------------------------------------------------------------------------------------ */

static const char *stage_of(const struct sync *s, const struct live *l, const char *job)
{
	const char *stage = profile_stage_of(l->lane, job);

	if (stage[0])
		return stage;
	vec_each (p, s->en->o.profiles)
		vec_each (lane, &p->lanes)
			if (text_eq(p->repo, l->repo->name) && profile_owner(p, lane) == l->lane && !stage[0])
				stage = profile_stage_of(lane, job);
	return stage;
}

static void say_meaning(const struct sync *s, const struct live *l, struct job *row)
{
	const struct profile_meaning *m = NULL;

	row->means = MEANS_OTHER;
	row->meaning = "";
	if (row->status != RUN_COMPLETED)
		return;
	vec_each (p, s->en->o.profiles)
		if (!m && text_eq(p->repo, l->repo->name))
			m = profile_meaning_shared(p, l->lane, row->name, row->conclusion);
	if (!m)
		return;
	row->means = m->means;
	row->meaning = m->words;
}

void ingest_jobs_seen(struct sync *s, struct live *l)
{
	if (l->jobs_wait && !l->finished && !l->gates.on) {
		l->gates.on = true;
		feed_soon(s, &l->gates, 0);
	}
	if (l->finished && (!l->jobs_open || ++l->looks >= JOBS_LOOKS_MAX))
		live_end(l);
}

int ingest_jobs(struct sync *s, struct live *l, const struct forge_answer *a, struct err *e)
{
	const struct job *jobs = a->items;
	bool waited = l->jobs_wait;

	l->jobs_open = l->jobs_wait = false;
	for (size_t i = 0; i < a->n; i++) {
		struct job row = jobs[i];
		int x;

		row.run_id = l->id;
		row.attempt = row.attempt ? row.attempt : l->attempt;
		row.stage = stage_of(s, l, row.name);
		say_meaning(s, l, &row);
		row.seen = engine_now(s->en);
		l->jobs_open |= row.status != RUN_COMPLETED;
		l->jobs_wait |= row.status == RUN_WAITING;
		x = store_run(s->en->o.cache, Q_job_put, &rec_job, &row, e);
		if (x < 0)
			return x;
	}
	/* What waited waits no more: its gate is gone, or about to be. */
	if (waited && !l->jobs_wait && l->gates.on)
		feed_soon(s, &l->gates, 0);
	ingest_jobs_seen(s, l);
	return 0;
}

/* ---- gates ----------------------------------------------------------------------------------------------------------------- */

struct old_gates {
	struct arena a;
	struct VEC_OF(struct gate) list;
};

static struct when waiting_since(const struct old_gates *old, const struct gate *g, const struct live *l)
{
	vec_each (was, &old->list)
		if (was->environment_id == g->environment_id && was->attempt == l->attempt &&
		    when_known(was->since))
			return was->since;
	return l->updated;
}

/* The lane whose gate this environment is; a workflow may serve several. */
static const char *gate_lane(const struct sync *s, const struct live *l, const char *environment)
{
	vec_each (p, s->en->o.profiles)
		vec_each (lane, &p->lanes)
			if (text_eq(p->repo, l->repo->name) && profile_owner(p, lane) == l->lane &&
			    text_eq(lane->gate, environment))
				return lane->name;
	return l->lane->name;
}

/* Who started a run, or started it again, does not approve it, also where the forge would let him (reliability 5.9); but
 * where he alone is asked nobody else could. */
static bool is_own(const struct sync *s, int64_t run, struct arena *a)
{
	struct key key = { .id = run };
	struct run r;

	return s->en->login &&
	       store_one(s->en->o.cache, Q_run_by_id, &rec_key, &key, &rec_run, &r, a, NULL) == 0 &&
	       (text_eq(r.actor, s->en->login) || text_eq(r.triggering_actor, s->en->login));
}

static int put_gate(struct sync *s, const struct live *l, const struct gate *gate, struct old_gates *old,
		    struct err *e)
{
	struct gate row = *gate;

	row.run_id = l->id;
	row.attempt = l->attempt;
	row.lane = gate_lane(s, l, gate->environment);
	row.since = waiting_since(old, gate, l);
	row.seen = engine_now(s->en);
	if (!row.can_approve && (!row.why_not || !row.why_not[0]))
		row.why_not = "you are not among the reviewers";
	if (row.can_approve && !preflight_asks_only(row.reviewers, s->en->login) &&
	    is_own(s, l->id, &old->a)) {
		row.can_approve = false;
		row.why_not = "you started it: another must approve";
	}
	return store_run(s->en->o.cache, Q_gate_put, &rec_gate, &row, e);
}

int ingest_gates(struct sync *s, struct live *l, const struct forge_answer *a, struct err *e)
{
	const struct gate *gates = a->items;
	struct old_gates old = { 0 };
	struct key key = { .id = l->id };
	int x;

	if (!l->lane || l->finished)
		return 0;
	x = store_list(s->en->o.cache, Q_gates_by_run, &rec_key, &key, &rec_gate, &old.list, &old.a, e);
	if (x >= 0)
		x = forget_gates(s, l->id, e);
	for (size_t i = 0; x >= 0 && i < a->n; i++)
		x = put_gate(s, l, &gates[i], &old, e);
	arena_done(&old.a);
	/* Nothing waits any more, and the run does not say so either: it goes on. */
	if (!a->n && l->status != RUN_WAITING)
		l->gates.on = false;
	return x < 0 ? x : 0;
}

/* ---- releases ---------------------------------------------------------------------------------------------------------------- */

struct gone {
	struct sync *s;
	struct sync_repo *r;
	const struct forge_answer *a;
	struct when oldest;
	struct arena arena;
	struct VEC_OF(struct release) list;
};

static int find_gone(void *ctx, const void *row)
{
	struct gone *g = ctx;
	const struct release *old = row, *now = g->a->items;

	for (size_t i = 0; i < g->a->n; i++)
		if (text_eq(now[i].tag, old->tag))
			return 0;
	/* Older than the page reaches: it is only not shown. */
	if ((g->a->cut || g->a->n >= RUNS_PAGE) && old->published.ms <= g->oldest.ms)
		return 0;
	*vec_push(&g->list, &g->arena) = *old;
	return 0;
}

static int forget_gone(struct sync *s, struct sync_repo *r, const struct forge_answer *a, struct err *e)
{
	struct gone g = { .s = s, .r = r, .a = a };
	const struct release *now = a->items;
	struct key key = { .repo = r->name, .limit = RELEASES_LOOKED };
	int x;

	for (size_t i = 0; i < a->n; i++)
		if (when_known(now[i].published) && (!g.oldest.ms || now[i].published.ms < g.oldest.ms))
			g.oldest = now[i].published;
	x = store_each(s->en->o.cache, Q_releases_by_repo, &rec_key, &key, &rec_release, &g.arena, find_gone,
		       &g, e);
	vec_each (rel, &g.list) {
		struct key tag = { .repo = r->name, .text = rel->tag };

		if (x >= 0)
			x = store_run(s->en->o.cache, Q_release_forget, &rec_key, &tag, e);
	}
	arena_done(&g.arena);
	return x;
}

int ingest_releases(struct sync *s, struct sync_repo *r, const struct forge_answer *a, struct err *e)
{
	const struct release *rel = a->items;

	for (size_t i = 0; i < a->n; i++) {
		struct release row = rel[i];
		int x;

		row.repo = r->name;
		row.seen = engine_now(s->en);
		x = store_run(s->en->o.cache, Q_release_put, &rec_release, &row, e);
		if (x < 0)
			return x;
	}
	/* A damaged record may be one that we know: then nothing is known to be gone. */
	return a->damaged ? 0 : forget_gone(s, r, a, e);
}

/* ---- after a restart ----------------------------------------------------------------------------------------------------------- */

struct resume {
	struct sync *s;
	struct sync_repo *r;
};

/* A run that an act of ours began just before the last engine ended may not be on any list yet: it is read by its id. */
static int resume_own(struct sync *s, struct sync_repo *r, struct err *e)
{
	struct own_acts own = { 0 };
	int x = own_acts_read(&own, s->en, e);

	vec_each (in, &own.list) {
		struct key key = { .id = in->run_id };
		struct run run = { 0 };
		struct live *l;

		if (x < 0 || !text_eq(in->repo, r->name) || live_find(r, in->run_id) ||
		    when_diff(engine_now(s->en), in->created) > OWN_RUN_NEW)
			continue;
		x = store_one(s->en->o.cache, Q_run_by_id, &rec_key, &key, &rec_run, &run, &own.a, e);
		l = x == 1 ? live_add(r, in->run_id) : NULL;
		if (l)
			l->watched = l->run.on = true;
	}
	arena_done(&own.a);
	return x < 0 ? x : 0;
}

static int resume_run(void *ctx, const void *row)
{
	struct resume *c = ctx;
	const struct run *run = row;
	struct live *l = live_find(c->r, run->id);

	if (!l)
		l = live_add(c->r, run->id);
	if (!l)
		return 1;
	l->attempt = run->attempt;
	l->status = run->status;
	l->updated = run->updated;
	l->lane = lanes_owner(c->s->en, c->r->name, run);
	l->jobs.on = l->lane != NULL;
	l->gates.on = l->lane && run->status == RUN_WAITING;
	return 0;
}

int ingest_resume(struct sync *s, struct sync_repo *r, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct resume c = { .s = s, .r = r };
	struct key key = { .repo = r->name, .limit = LIVE_MAX / 2 };
	int x = store_each(s->en->o.cache, Q_runs_open_by_repo, &rec_key, &key, &rec_run, &a, resume_run, &c,
			   e);

	arena_done(&a);
	return x < 0 ? x : resume_own(s, r, e);
}
