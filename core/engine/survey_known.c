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

static int says_no(void *ctx, const void *row)
{
	const struct decision *d = row;

	*(bool *)ctx |= d->verdict == DECISION_NO;
	return 0;
}

static bool was_refused(struct look *k, int64_t run)
{
	struct key key = { .id = run };
	bool no = false;
	int r = store_each(look_cache(k), Q_decisions_by_run, &rec_key, &key, &rec_decision, &k->arena,
			   says_no, &no, NULL);

	return r < 0 || no;
}

static void find_releases(struct look *k, struct known *known)
{
	vec_each (r, &known->runs) {
		if (r->id == known->row.live_run)
			known->live = r;
		if (r->id >= known->row.live_run || r->conclusion != CONCLUSION_SUCCESS || !*r->release ||
		    text_eq(r->release, known->row.live) || was_refused(k, r->id))
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
	if (*known->row.live)
		find_releases(k, known);
	k->known = known;
	return 0;
}
