#include "core/engine/ways.h"

#include "base/text.h"

#include <string.h>

/* The dispatch of a release, forward or back: the lane's own workflow, with the release where the profile says. */

static void compared(struct ask *k)
{
	facts_read_compare(k);
	if (k->plan.stops_wanted)
		stops_read_back(k);
	needs_read(k, plan_judge);
}

static void read_all(struct ask *k)
{
	struct plan *p = &k->plan;
	const struct profile_words words = { .release = p->release };

	p->ref = p->lane->ref ? profile_expand(&k->arena, p->lane->ref, &words) : "main";
	if (p->release)
		k->subject = p->release;
	facts_read_start(k);
	p->stops_wanted = act_is(k, CMD_DISPATCH);
	if (p->stops_wanted)
		stops_read(k);
	ask_then(k, compared);
}

/* The release was looked for first: what was read for that is no fact of the plan. */
static void newest(struct ask *k)
{
	const struct fact *f = facts_find(&k->plan.facts, "newest");

	if (f->state == FACT_FAILED) {
		ask_fail_err(k, &k->plan.first_error);
	} else if (f->state == FACT_ABSENT) {
		ask_fail(k, 1, "missing", "there is no published release", "publish one, or name a tag");
	} else {
		k->plan.release = f->value;
		k->plan.facts.n = 0;
		read_all(k);
	}
}

/* The way back from a run that failed half-way is to what ran before it. */
static void previous(struct ask *k)
{
	struct plan *p = &k->plan;
	bool known = p->live && *p->live;

	if (facts_find(&p->facts, "history")->state == FACT_FAILED) {
		ask_fail_err(k, &p->first_error);
	} else if (known && (p->broken || p->previous)) {
		p->release = p->broken ? p->live : p->previous;
		p->facts.n = 0;
		p->previous_then(k);
	} else {
		ask_fail(k, 1, "missing",
			 arena_printf(&k->arena, "no earlier successful release of %s is known",
				      p->lane->name),
			 "name the release to go back to");
	}
}

void history_previous(struct ask *k, ask_step then)
{
	k->plan.previous_then = then;
	facts_read_history(k);
	ask_then(k, previous);
}

static bool takes_release(const struct profile_lane *l)
{
	return l->release_input || l->needs.n || (l->ref && strchr(l->ref, '{'));
}

static void which_release(struct ask *k)
{
	struct plan *p = &k->plan;

	if (!takes_release(p->lane) && k->cmd.n > 1) {
		ask_fail(k, 1, "policy", arena_printf(&k->arena, "%s takes no release", p->lane->name),
			 "leave it out");
	} else if (!takes_release(p->lane) || k->cmd.n > 1) {
		p->release = k->cmd.n > 1 ? k->cmd.args[1] : NULL;
		read_all(k);
	} else if (act_is(k, CMD_ROLLBACK)) {
		history_previous(k, read_all);
	} else {
		facts_read_releases(k);
		ask_then(k, newest);
	}
}

static void begin(struct ask *k)
{
	if (plan_find_lane(k))
		files_find(k, which_release);
}

static void steps(struct ask *k, const char *nonce, struct plan_steps *out)
{
	struct plan_step *s = step_add(k, out, FORGE_DISPATCH, "dispatch the workflow");

	s->act.workflow = k->plan.workflow;
	s->act.ref = k->plan.ref;
	s->act.inputs = inputs_json(k, nonce);
}

const struct way way_dispatch = {
	.traits = WAY_RUN,
	.begin = begin,
	.steps = steps,
	.undo = "cancel the run while it waits or runs; what it has changed by then stays",
};
