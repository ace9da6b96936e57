#include "core/engine/ways.h"

#include "base/text.h"

/*
 * A stopped line takes nothing new, and a run that waits or is run again may bring something. It does not where its release
 * was delivered here before: whoever goes back through a gate is not stopped by what made him go back.
 */

struct before {
	const char *release;
	int64_t run;
	bool found;
};

static int was_delivered(void *ctx, const void *row)
{
	struct before *b = ctx;
	const struct run *r = row;

	b->found = r->id != b->run && r->status == RUN_COMPLETED && r->conclusion == CONCLUSION_SUCCESS &&
		   text_eq(r->release, b->release);
	return b->found;
}

static bool was_live(struct ask *k)
{
	const struct plan *p = &k->plan;
	struct key key = { .name = profile_owner(p->profile, p->lane)->name, .limit = 100 };
	struct before b = { .release = p->release, .run = p->pf.run->id };
	struct run cached;

	if ((!b.release || !*b.release) && plan_cached_run(k, b.run, &cached))
		b.release = cached.release;
	if (!b.release || !*b.release)
		return false;
	return store_each(k->acts->en->o.cache, Q_runs_by_lane, &rec_key, &key, &rec_run, &k->arena,
			  was_delivered, &b, NULL) >= 0 &&
	       b.found;
}

bool run_brings_new(struct ask *k)
{
	bool onward = act_is(k, CMD_PROMOTE);

	return (onward || act_is(k, CMD_RERUN) || act_is(k, CMD_APPROVE)) && k->plan.lane->production &&
	       (k->plan.pf.run ? !was_live(k) : onward);
}
