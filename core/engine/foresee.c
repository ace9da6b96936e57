/* What would become of lanes: the cache's lanes and holds, judged by core/rules/foresee.h. Nothing is read or sent. */
#include "core/engine/ways.h"

#include "base/json.h"
#include "base/text.h"
#include "core/rules/foresee.h"
#include "store/holds.h"

#include <string.h>

struct seen {
	struct ask *k;
	struct VEC_OF(struct foresee_lane) lanes;
	struct arena a;
};

static bool is_exempt(const struct profile *p, const char *environment)
{
	for (const char *const *e = p->freeze_exempt; e && *e; e++)
		if (text_eq(*e, environment))
			return true;
	return false;
}

static int add_lane(void *ctx, const void *record)
{
	struct seen *s = ctx;
	const struct lane *l = record;
	const struct plan *p = &s->k->plan;
	struct lane *copy;

	if (!text_eq(l->system, p->profile->system))
		return 0;
	copy = arena_new(&s->a, struct lane);
	*copy = *l;
	*vec_push(&s->lanes, &s->a) = (struct foresee_lane){
		.lane = copy,
		.exempt = is_exempt(p->profile, l->environment),
		.its_own = text_eq(l->name, p->lane->name),
	};
	return 0;
}

static int count_holds(struct seen *s, struct foresee_lane *l, struct err *e)
{
	struct engine *en = s->k->acts->en;
	struct holds holds = { 0 };
	int r = store_holds_read(&holds, en->o.cache, l->lane->name, &s->a, e);

	vec_each (h, &holds) {
		if (!hold_is_active(h, engine_now(en)))
			continue;
		l->holds += h->kind == HOLD_FREEZE;
		l->others += h->kind != HOLD_FREEZE;
	}
	return r;
}

static bool makes_run(const struct ask *k)
{
	return way_has(k, WAY_RUN) || act_is(k, CMD_APPROVE) || act_is(k, CMD_RERUN) ||
	       act_is(k, CMD_LABEL) || act_is(k, CMD_PROMOTE) || act_is(k, CMD_RESUME) ||
	       k->cmd.opt[OPT_MERGE];
}

static void write_effect(struct jw *w, const struct foresight *f)
{
	jw_open(w, '{');
	jw_kstr(w, "lane", f->lane);
	jw_kstr(w, "from", names_word(&lane_state_names, f->from));
	jw_kstr(w, "to", f->to == FORESEE_UNTOLD ? NULL : names_word(&lane_state_names, f->to));
	jw_kstr(w, "why", f->why);
	jw_close(w, '}');
}

void foresee_write(struct jw *w, struct ask *k)
{
	struct seen s = { .k = k };
	struct foresights list = { 0 };
	const struct plan *p = &k->plan;
	struct engine *en = k->acts->en;
	int r = store_each(en->o.cache, Q_lanes, NULL, NULL, &rec_lane, &s.a, add_lane, &s, NULL);

	vec_each (l, &s.lanes)
		if (r >= 0)
			r = count_holds(&s, l, NULL);
	struct foresee_facts facts = {
		.act = p->act,
		.makes_run = makes_run(k),
		.release = p->release ? p->release : "",
		.gate = way_has(k, WAY_RUN) && p->lane->gate ? p->lane->gate : "",
		.lanes = s.lanes.items,
		.lanes_n = s.lanes.n,
		.now = engine_now(en),
	};
	if (r >= 0)
		foresee(&list, &facts, &s.a);
	jw_kopen(w, "effects", '[');
	vec_each (f, &list)
		write_effect(w, f);
	jw_close(w, ']');
	arena_done(&s.a);
}
