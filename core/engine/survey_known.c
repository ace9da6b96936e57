#include "core/engine/survey.h"

#include "base/text.h"

#define RUNS_KNOWN 100

struct gathering {
	struct look *k;
	struct known *known;
};

static const struct run *run_keep(const struct run *r, struct arena *a)
{
	struct run *copy = arena_new(a, struct run);

	*copy = *r;
	return copy;
}

static int push_run(void *ctx, const void *row)
{
	struct gathering *g = ctx;
	const struct run *r = row;

	if (r->status == RUN_COMPLETED)
		*vec_push(&g->known->runs, &g->k->arena) = *r;
	else if (!g->known->open)
		g->known->open = run_keep(r, &g->k->arena);
	return 0;
}

struct refusal {
	const struct profile *profile;
	bool no;
};

/* A decision without a stage only informs: a run that took too long delivered all the same. */
static bool decides(const struct profile *p, int64_t ordinal)
{
	size_t lane = (size_t)(ordinal / DECISIONS_A_LANE), i = (size_t)(ordinal % DECISIONS_A_LANE);

	if (ordinal < 0 || lane >= p->lanes.n || i >= p->lanes.items[lane].decisions.n)
		return true;
	return p->lanes.items[lane].decisions.items[i].stage != NULL;
}

static int says_no(void *ctx, const void *row)
{
	struct refusal *r = ctx;
	const struct decision *d = row;

	r->no |= d->verdict == DECISION_NO && decides(r->profile, d->ordinal);
	return 0;
}

static bool was_refused(struct look *k, int64_t run)
{
	struct key key = { .id = run };
	struct refusal no = { .profile = k->profile };
	int r = store_each(look_cache(k), Q_decisions_by_run, &rec_key, &key, &rec_decision, &k->arena,
			   says_no, &no, NULL);

	return r < 0 || no.no;
}

struct work {
	const struct profile_lane *lane;
	bool none;
};

static int finds_no_work(void *ctx, const void *row)
{
	struct work *w = ctx;
	const struct job *j = row;
	const struct profile_meaning *m = profile_meaning_of(w->lane, j->name, j->conclusion);

	w->none |= m && m->whole;
	return w->none;
}

bool survey_did_nothing(const struct engine *en, const struct profile_lane *l, int64_t run)
{
	struct arena a = ARENA_INIT;
	struct key key = { .id = run };
	struct work w = { .lane = l };
	int r = !en->o.cache || !l->meanings.n ? 0
					       : store_each(en->o.cache, Q_jobs_by_run, &rec_key, &key,
							    &rec_job, &a, finds_no_work, &w, NULL);

	arena_done(&a);
	return r >= 0 && w.none;
}

/* It may have changed something before it ended, as plans see it. */
static bool went_wrong(int conclusion)
{
	return conclusion != CONCLUSION_SUCCESS && conclusion != CONCLUSION_SKIPPED &&
	       conclusion != CONCLUSION_NEUTRAL && conclusion != CONCLUSION_STARTUP_FAILURE &&
	       conclusion != CONCLUSION_ACTION_REQUIRED;
}

static bool is_before(struct look *k, const struct known *known, const struct run *r)
{
	return r->id < known->row.live_run && r->conclusion == CONCLUSION_SUCCESS && *r->release &&
	       !text_eq(r->release, known->row.live) && !was_refused(k, r->id) &&
	       !survey_did_nothing(k->s->en, k->lane, r->id);
}

/* The newest run after the one that is live that has begun or went wrong: what a rollback would leave. */
static const struct run *leaving(const struct known *known)
{
	const struct run *open = known->open && known->open->id > known->row.live_run ? known->open : NULL;

	vec_each (r, &known->runs)
		if (r->id > known->row.live_run && went_wrong(r->conclusion) && (!open || r->id > open->id))
			return r;
	return open;
}

/* What it brings was delivered before what is live: it is on its way back itself, and who went back to what is live would
 * take that back, which a plan refuses (dispatch.c). */
static bool goes_back(const struct known *known, const struct run *leaving)
{
	vec_each (r, &known->runs)
		if (r->id < known->row.live_run && r->conclusion == CONCLUSION_SUCCESS && *r->release &&
		    !text_eq(r->release, known->row.live) && text_eq(r->release, leaving->release))
			return true;
	return false;
}

/* A rollback goes to the release before; while a newer run failed or has begun, to the one that is live. */
static void find_releases(struct look *k, struct known *known)
{
	const struct run *left = leaving(known);

	vec_each (r, &known->runs) {
		if (r->id == known->row.live_run)
			known->live = r;
		if (!known->previous && is_before(k, known, r))
			known->previous = r;
	}
	known->broken = left != NULL;
	known->back = left ? known->live : known->previous;
	known->undoing = left && goes_back(known, left) ? left : NULL;
}

int survey_known(struct look *k, struct err *e)
{
	struct known *known = arena_new(&k->arena, struct known);
	struct gathering g = { k, known };
	struct key key = { .name = k->lane->name, .limit = RUNS_KNOWN };
	int r = store_one(look_cache(k), Q_lane_by_name, &rec_key, &key, &rec_lane, &known->row, &k->arena,
			  e);

	if (r)
		return r;
	key.name = profile_owner(k->profile, k->lane)->name;
	r = store_each(look_cache(k), Q_runs_by_lane, &rec_key, &key, &rec_run, &k->arena, push_run, &g, e);
	if (r < 0)
		return r;
	/* What is looked at now need not be looked at again because it changed before. */
	k->subject->live_run = known->row.live_run;
	k->subject->state = known->row.state;
	if (*known->row.live)
		find_releases(k, known);
	k->known = known;
	return 0;
}
