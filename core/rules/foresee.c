#include "core/rules/foresee.h"

#include "core/rules/lanestate.h"

#include <string.h>

enum effect {
	EFFECT_RUNS,   /* a run begins, or goes on */
	EFFECT_HOLDS,  /* a hold is put on it */
	EFFECT_LIFTS,  /* that hold is taken off */
	EFFECT_FAILS,  /* its run ends without having delivered */
	EFFECT_UNTOLD, /* a reading decides */
	EFFECT_NONE,
};

static const struct rule {
	const char *act;
	enum effect effect;
	bool of_system;
	const char *why;
} rules[] = {
	{ "dispatch", EFFECT_RUNS, false, "a run starts" },
	{ "rollback", EFFECT_RUNS, false, "a run goes back" },
	{ "replay", EFFECT_RUNS, false, "a run delivers the package once more" },
	{ "rerun", EFFECT_RUNS, false, "its run starts again as a new attempt" },
	{ "label", EFFECT_RUNS, false, "the label starts a run" },
	{ "release-pr", EFFECT_RUNS, false, "the merge starts a run" },
	{ "revert-pin", EFFECT_RUNS, false, "the merge starts a run" },
	{ "approve", EFFECT_RUNS, false, "the gate opens and its run goes on" },
	{ "reject", EFFECT_FAILS, false, "its run ends at the gate and delivers nothing" },
	{ "cancel", EFFECT_UNTOLD, false,
	  "its run is asked to end; what it did by then stays, and its end decides" },
	{ "promote", EFFECT_RUNS, false, "more of the traffic goes to the canary" },
	{ "hold", EFFECT_NONE, false, "the canary stays at its rung until it is resumed" },
	{ "resume", EFFECT_RUNS, false, "the canary may go on" },
	{ "abort", EFFECT_UNTOLD, false, "the canary is asked to end; what it changed by then decides" },
	{ "retag", EFFECT_NONE, false,
	  "only the image tag moves: no run starts, drift and way back are looked at again" },
	{ "freeze", EFFECT_HOLDS, true, "no new release goes out; a way back stays open" },
	{ "thaw", EFFECT_LIFTS, true, "releases go out again" },
	{ "lock", EFFECT_HOLDS, false, "nobody else acts on it; a way back stays open" },
	{ "unlock", EFFECT_LIFTS, false, "others may act on it again" },
};

static const struct rule *rule_of(const char *act)
{
	for (size_t i = 0; i < countof(rules); i++)
		if (!strcmp(rules[i].act, act))
			return &rules[i];
	return NULL;
}

/* A hold makes no lane worse than it is. */
static void hold(struct foresight *f, const struct foresee_lane *l, const struct rule *r, struct arena *a)
{
	if (r->of_system && l->exempt) {
		f->why = "a freeze of this system does not stop it";
		return;
	}
	f->why = f->from == LANE_OK ? r->why
				    : arena_printf(a, "held as well, and it stays what it is: %s", r->why);
	f->to = f->from == LANE_OK ? LANE_HOLD : f->from;
}

static void lift(struct foresight *f, const struct foresee_lane *l, const struct rule *r)
{
	int rest = r->of_system ? l->others : l->holds;

	f->why = rest ? "something else holds it" : f->from == LANE_HOLD ? r->why : "it is not held";
	if (f->from == LANE_HOLD && !rest)
		f->to = LANE_OK;
}

/* Of what a run does only its beginning can be foretold. */
static void run(struct foresight *f, const struct foresee_facts *facts, const struct rule *r, struct arena *a)
{
	if (!facts->makes_run) {
		f->why = "nothing runs by this alone";
		return;
	}
	f->to = LANE_RUN;
	f->why = *facts->gate
			 ? arena_printf(a, "%s; it waits at gate %s before it delivers", r->why, facts->gate)
			 : r->why;
}

static void apply(struct foresight *f, const struct foresee_lane *l, const struct foresee_facts *facts,
		  const struct rule *r, struct arena *a)
{
	switch (r->effect) {
	case EFFECT_RUNS:
		run(f, facts, r, a);
		return;
	case EFFECT_HOLDS:
		hold(f, l, r, a);
		return;
	case EFFECT_LIFTS:
		lift(f, l, r);
		return;
	case EFFECT_FAILS:
		f->to = LANE_FAIL;
		break;
	case EFFECT_UNTOLD:
		f->to = FORESEE_UNTOLD;
		break;
	case EFFECT_NONE:
		break;
	}
	f->why = r->why;
}

void foresee(struct foresights *out, const struct foresee_facts *f, struct arena *a)
{
	const struct rule *r = rule_of(f->act);

	for (size_t i = 0; r && i < f->lanes_n; i++) {
		const struct foresee_lane *l = &f->lanes[i];
		int state = (int)lane_shown(l->lane, f->now);

		if (!r->of_system && !l->its_own)
			continue;
		struct foresight *one = vec_push(out, a);
		*one = (struct foresight){ .lane = l->lane->name, .from = state, .to = state, .why = "" };
		apply(one, l, f, r, a);
	}
}
