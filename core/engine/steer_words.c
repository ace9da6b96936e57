#include "core/engine/steer.h"

#include "base/text.h"

/* A gate left alone is nothing that is undone by a lever of its own: whoever may hold by it may resume. */
bool steer_has_act(const struct profile_control *c, enum rollout_act_kind act)
{
	for (const char *const *w = c->acts; w && *w; w++)
		if (text_eq(*w, steer_act_word(act)))
			return true;
	return c->by == CONTROL_GATE && act == ROLLOUT_RESUME && steer_has_act(c, ROLLOUT_HOLD);
}

static const struct profile_control *lever_of(const struct profile_canary *c, enum rollout_act_kind act)
{
	vec_each (l, &c->control)
		if (steer_has_act(l, act))
			return l;
	return NULL;
}

bool steer_can(const struct profile_canary *c, enum rollout_act_kind act)
{
	return c && lever_of(c, act);
}

/* A captain is shown the gate that comes, never the template that it is made from. */
static const char *gate_words(const struct profile_control *l, enum rollout_act_kind act, int64_t next_bp,
			      struct arena *a)
{
	const char *gate = steer_gate(l, next_bp, a);
	const char *name = gate ? arena_printf(a, "gate %s", gate) : "the next gate";

	if (act == ROLLOUT_RESUME)
		return arena_printf(a, "%s free again", name);
	return arena_printf(a, act == ROLLOUT_HOLD ? "%s left unapproved" : "%s approved", name);
}

static const char *lever_words(const struct profile_control *l, enum rollout_act_kind act, int64_t next_bp,
			       struct arena *a)
{
	switch ((enum control_kind)l->by) {
	case CONTROL_GATE:
		return gate_words(l, act, next_bp, a);
	case CONTROL_VARIABLE:
		return arena_printf(a, l->value ? "variable %s = %s" : "variable %s deleted", l->name,
				    l->value);
	case CONTROL_TAG:
		return arena_printf(a, act == ROLLOUT_RESUME ? "tag %s deleted" : "tag %s", l->name);
	case CONTROL_ARGO:
		return arena_printf(a, "Argo rollout %s", l->name);
	case CONTROL_FLAGGER:
		return arena_printf(a, "Flagger gate of %s", l->name);
	case CONTROL_CANCEL:
		return "cancel of the run";
	case CONTROL_OTHER:
		break;
	}
	return "a lever that is not known";
}

const char *steer_mechanism(const struct profile_canary *c, int64_t next_bp, struct arena *a)
{
	const char *can = "", *cannot = "";

	for (int i = ROLLOUT_HOLD; c && i <= ROLLOUT_ABORT; i++) {
		const char *word = names_word(&rollout_act_names, i);
		const struct profile_control *l = lever_of(c, (enum rollout_act_kind)i);

		if (l)
			can = arena_printf(a, "%s%s%s: %s", can, *can ? "; " : "", word,
					   lever_words(l, (enum rollout_act_kind)i, next_bp, a));
		else
			cannot = arena_printf(a, "%s%s%s", cannot, *cannot ? ", " : "cannot ", word);
	}
	if (!c || !*can)
		return "cannot hold: the workflow has no gate, variable or tag";
	return arena_printf(a, "%s%s%s", can, *cannot ? "; " : "", cannot);
}
