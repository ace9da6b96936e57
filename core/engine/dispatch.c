#include "core/engine/ways.h"

#include "base/text.h"

#include <string.h>

/* The dispatch of a release, forward or back: the lane's own workflow, with the release where the profile says. */

/* ---- a run that is under way --------------------------------------------------------------------------------------------- */

static void take_leaving(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	k->plan.undone = a->number2;
	f->value = arena_printf(&k->arena, "%" PRId64 " ahead, %" PRId64 " behind", a->number, a->number2);
}

void leaving_read(struct ask *k)
{
	const struct plan *p = &k->plan;
	struct forge_read r = {
		.kind = FORGE_COMPARE, .repo = p->repo, .name = p->leaving, .name2 = p->release
	};

	if (plan_is_rollback(k) && k->cmd.n < 2 && p->broken && p->release && *p->leaving &&
	    !text_eq(p->leaving, p->release))
		ask_read(k, "leaving", true, &r, take_leaving);
}

void leaving_judge(struct ask *k)
{
	const struct plan *p = &k->plan;
	const struct fact *f = facts_find(&p->facts, "leaving");

	if (!f || (f->state == FACT_OK && p->undone > 0))
		return;
	if (f->state == FACT_OK)
		plan_said(k, "leaving", CHECK_BAD,
			  arena_printf(&k->arena, "%s has every commit of %s, and %s: not going back",
				       p->release, p->leaving, p->broken),
			  "wait for that run, or name the release to go back to", "leaving");
	else
		plan_said(k, "leaving", CHECK_UNCHECKED,
			  arena_printf(&k->arena, "whether %s is older than %s could not be told", p->release,
				       p->leaving),
			  "name the release to go back to", "leaving");
}

/* ---- reading ------------------------------------------------------------------------------------------------------------- */

static void compared(struct ask *k)
{
	facts_read_compare(k);
	leaving_read(k);
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
	} else if (known && p->broken && !*p->leaving) {
		ask_fail(k, 1, "missing",
			 arena_printf(&k->arena, "what the newest run brings is not known: %s", p->broken),
			 "name the release to go back to");
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
	} else if (plan_is_rollback(k)) {
		history_previous(k, read_all);
	} else {
		facts_read_releases(k);
		ask_then(k, newest);
	}
}

static void begin(struct ask *k)
{
	if (!plan_find_lane(k))
		return;
	if (act_is(k, CMD_DISPATCH) && k->plan.lane->start != START_DISPATCH)
		ask_fail(k, 1, "policy",
			 arena_printf(&k->arena, "%s does not start by dispatch", k->plan.lane->name),
			 "a push or another workflow starts it; see start: in its profile");
	else
		files_find(k, which_release);
}

static void steps(struct ask *k, const char *nonce, struct plan_steps *out)
{
	struct plan_step *s = step_add(k, out, FORGE_DISPATCH, "dispatch the workflow");

	s->act.workflow = k->plan.workflow;
	s->act.ref = k->plan.ref;
	s->act.inputs = inputs_json(k, nonce);
	s->act.sha = k->plan.ref_sha;
}

const struct way way_dispatch = {
	.traits = WAY_RUN,
	.begin = begin,
	.judge = leaving_judge,
	.steps = steps,
	.undo = "cancel the run while it waits or runs; what it has changed by then stays",
};
