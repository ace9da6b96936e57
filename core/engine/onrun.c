#include "core/engine/ways.h"

#include "base/text.h"

/* Acts on a run that is there: approve, reject, cancel, rerun. */

static bool reviews(const struct ask *k)
{
	return act_is(k, CMD_APPROVE) || act_is(k, CMD_REJECT);
}

static void found(struct ask *k)
{
	struct plan *p = &k->plan;
	struct run *r = arena_new(&k->arena, struct run);
	struct run cached;
	const char *want = reviews(k) ? k->cmd.args[1] : NULL;

	*r = *p->pf.run;
	if (plan_cached_run(k, r->id, &cached))
		r->lane = cached.lane;
	p->lane = plan_lane_of_run(k, r, want);
	if (!p->lane) {
		ask_fail(k, 1, "missing",
			 arena_printf(&k->arena, "run %" PRId64 " (%s) belongs to no lane of the profiles",
				      r->id, plan_file_of(r->path)),
			 "see `pilothouse lanes`");
		return;
	}
	p->workflow = plan_file_of(r->path);
	p->release = profile_release_of(p->lane, r->title, r->branch, r->head_sha, &k->arena);
	p->sha = r->head_sha;
	p->environment = want;
	if (want && p->lane->gate && text_eq(want, p->lane->environment))
		p->environment = p->lane->gate;
	facts_read_run(k);
	ask_then(k, plan_judge);
}

static void begin(struct ask *k)
{
	plan_find_run(k, found);
}

static void review(struct ask *k, struct plan_steps *out)
{
	struct plan_step *s = step_add(k, out, FORGE_REVIEW, "review the gate");
	const char *comment = k->cmd.opt[OPT_COMMENT] ? k->cmd.opt[OPT_COMMENT] : k->cmd.opt[OPT_REASON];

	s->act.approve = act_is(k, CMD_APPROVE);
	s->act.environment_ids = k->plan.environment_ids;
	s->act.environment_ids_n = k->plan.pf.gate_row ? 1 : 0;
	s->act.comment = comment ? comment : "";
}

static void steps(struct ask *k, const char *nonce maybe_unused, struct plan_steps *out)
{
	if (reviews(k))
		review(k, out);
	else if (act_is(k, CMD_CANCEL))
		step_add(k, out, FORGE_CANCEL, "cancel the run")->act.force = k->cmd.opt[OPT_FORCE] != NULL;
	else
		step_add(k, out, FORGE_RERUN, "run it again")->act.failed_only =
			k->cmd.opt[OPT_FAILED] != NULL;
	out->items[0].act.run = k->plan.pf.run ? k->plan.pf.run->id : 0;
}

const struct way way_run = { .begin = begin, .steps = steps };
