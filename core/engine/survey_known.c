#include "core/engine/survey.h"

#include "base/text.h"

#define RUNS_KNOWN 100

struct gathering {
	struct look *k;
	struct known *known;
};

static int push_run(void *ctx, const void *row)
{
	struct gathering *g = ctx;
	const struct run *r = row;

	if (r->status == RUN_COMPLETED)
		*vec_push(&g->known->runs, &g->k->arena) = *r;
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

/* Green, and nothing was delivered. */
static bool did_nothing(struct look *k, int64_t run)
{
	struct key key = { .id = run };
	struct work w = { .lane = k->lane };
	int r = store_each(look_cache(k), Q_jobs_by_run, &rec_key, &key, &rec_job, &k->arena, finds_no_work,
			   &w, NULL);

	return r < 0 || w.none;
}

static void find_releases(struct look *k, struct known *known)
{
	vec_each (r, &known->runs) {
		if (r->id == known->row.live_run)
			known->live = r;
		if (r->id >= known->row.live_run || r->conclusion != CONCLUSION_SUCCESS || !*r->release ||
		    text_eq(r->release, known->row.live) || was_refused(k, r->id) || did_nothing(k, r->id))
			continue;
		known->previous = r;
		break;
	}
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
