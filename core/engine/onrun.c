#include "core/engine/steer.h"

#include "base/text.h"
#include "core/engine/audit.h"

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
	if (run_brings_new(k))
		stops_read_freezes(k);
	ask_then(k, plan_judge);
}

static void begin(struct ask *k)
{
	plan_find_run(k, found);
}

/* A review can be bound to nothing but its run and environment: the forge keeps neither attempt nor time with it. The nonce
 * in its comment tells ours from those of an earlier attempt (reliability K8). */
static void review_steps(struct ask *k, const char *nonce, struct plan_steps *out)
{
	struct plan_step *s = step_add(k, out, FORGE_REVIEW, "review the gate");
	const char *comment = k->cmd.opt[OPT_COMMENT] ? k->cmd.opt[OPT_COMMENT] : plan_reason(k);
	const struct run *r = k->plan.pf.run;

	s->act.approve = act_is(k, CMD_APPROVE);
	s->act.environment_ids = k->plan.environment_ids;
	s->act.environment_ids_n = k->plan.pf.gate_row ? 1 : 0;
	s->act.comment = arena_printf(&k->arena, "%s%s[pilothouse %s]%s", comment ? comment : "",
				      comment && *comment ? " " : "", nonce, audit_remark(k, nonce));
	s->act.run = r ? r->id : 0;
	s->act.sha = r ? r->head_sha : NULL;
	s->attempt = r ? r->attempt : 0;
	s->before = k->plan.reviews_n;
}

static void steps(struct ask *k, const char *nonce maybe_unused, struct plan_steps *out)
{
	const struct run *r = k->plan.pf.run;
	struct plan_step *s;

	if (act_is(k, CMD_CANCEL)) {
		s = step_add(k, out, FORGE_CANCEL, "cancel the run");
		s->act.force = k->cmd.opt[OPT_FORCE] != NULL;
	} else {
		s = step_add(k, out, FORGE_RERUN, "run it again");
		s->act.failed_only = k->cmd.opt[OPT_FAILED] != NULL;
	}
	s->act.run = r ? r->id : 0;
	s->act.sha = r ? r->head_sha : NULL;
	s->attempt = r ? r->attempt : 0;
}

const struct way way_run = { .begin = begin, .steps = steps };
/* What the forge says of one environment may have opened another, or none: it is read back. */
const struct way way_review = {
	.traits = WAY_VERIFIED, .begin = begin, .judge = steer_judge_gate, .steps = review_steps
};
