#include "core/engine/ways.h"

#include "base/text.h"

/* A label that starts something. Only those that a profile names: what another would do is not known here. */

struct labelling {
	const struct profile_label *label;
	int64_t number;
	const struct pull *pull;
	bool bears;
};

static struct labelling *found_of(struct ask *k)
{
	return k->plan.found;
}

static bool bears(const char *labels, const char *name)
{
	return labels && review_names(labels, name); /* the same list of words between commas */
}

static void take_pull(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct pull *p = arena_new(&k->arena, struct pull);

	if (!a->n) {
		f->state = FACT_ABSENT;
		return;
	}
	rec_dup(&rec_pull, p, a->items, &k->arena);
	found_of(k)->pull = p;
	found_of(k)->bears = bears(p->labels, found_of(k)->label->name);
	k->plan.sha = p->head_sha;
	f->value = arena_printf(&k->arena, "#%" PRId64 " at %.7s is %s%s", p->number, p->head_sha, p->state,
				found_of(k)->bears ? " and bears it" : "");
}

static const struct profile_label *label_in(const struct profile_lane *l, const char *name)
{
	vec_each (label, &l->labels)
		if (text_eq(label->name, name))
			return label;
	return NULL;
}

/* The lane whose label it is. Two repositories that both have it: then the number says nothing. */
static int find_label(struct ask *k, const char **known)
{
	struct plan *p = &k->plan;
	int repos = 0;

	*known = "";
	vec_each (pr, k->acts->en->o.profiles)
		vec_each (l, &pr->lanes) {
			const struct profile_label *label = label_in(l, k->cmd.args[1]);

			vec_each (one, &l->labels)
				*known = arena_printf(&k->arena, "%s%s%s", *known, **known ? ", " : "",
						      one->name);
			if (!label || text_eq(pr->repo, p->repo))
				continue;
			repos++;
			p->profile = pr;
			p->lane = l;
			p->repo = pr->repo;
			found_of(k)->label = label;
		}
	return repos;
}

static void read_all(struct ask *k)
{
	struct forge_read r = { .kind = FORGE_PULL, .repo = k->plan.repo, .id = found_of(k)->number };

	facts_read_lane(k);
	ask_read(k, "pull", true, &r, take_pull);
	ask_then(k, plan_judge);
}

static void begin(struct ask *k)
{
	const char *number = k->cmd.args[0], *name = k->cmd.args[1], *known;
	int repos;

	k->plan.found = arena_new(&k->arena, struct labelling);
	number += *number == '#';
	if (text_int64(&found_of(k)->number, number, 1, INT64_MAX) < 0) {
		ask_fail(k, 2, "invalid", arena_printf(&k->arena, "%s is no pull request", k->cmd.args[0]),
			 "give its number");
		return;
	}
	repos = find_label(k, &known);
	k->subject = arena_printf(&k->arena, "#%" PRId64 " %s", found_of(k)->number, name);
	if (!repos)
		ask_fail(k, 1, "policy", arena_printf(&k->arena, "no profile says what %s does", name),
			 *known ? arena_printf(&k->arena, "those that are known: %s", known)
				: "see `labels` in man pilothouse-profile");
	else if (repos > 1)
		ask_fail(k, 1, "policy", arena_printf(&k->arena, "several systems have the label %s", name),
			 "name one with --profile");
	else
		files_find(k, read_all);
}

static void judge(struct ask *k)
{
	const struct labelling *l = found_of(k);
	const struct fact *f = facts_find(&k->plan.facts, "pull");
	const char *what = l->label->words ? l->label->words : "the profile does not say what it does";

	if (f->state == FACT_FAILED)
		plan_said(k, "pull_request", CHECK_UNCHECKED, f->why, "try again", "pull");
	else if (!l->pull)
		plan_said(k, "pull_request", CHECK_MISSING,
			  arena_printf(&k->arena, "there is no pull request #%" PRId64 ", or no access to it",
				       l->number),
			  "see the forge", "pull");
	else if (!text_eq(l->pull->state, "open"))
		plan_said(k, "pull_request", CHECK_BAD,
			  arena_printf(&k->arena, "#%" PRId64 " is %s", l->number, l->pull->state),
			  "a label on it starts nothing", "pull");
	else
		plan_said(k, "pull_request", CHECK_OK,
			  arena_printf(&k->arena, "#%" PRId64 " at %.7s: %s", l->number, l->pull->head_sha,
				       l->pull->title),
			  "", "pull");
	if (l->bears)
		plan_said(k, "label", CHECK_BAD,
			  arena_printf(&k->arena, "it bears %s already", l->label->name),
			  "take the label off on the forge first", "pull");
	else
		plan_said(k, "label", CHECK_OK, what, "", "profile");
	if (k->plan.in_flight.n)
		plan_said(k, "note:in_flight", CHECK_BAD,
			  arena_printf(&k->arena,
				       "run %" PRId64 " of the lane is under way, and may be cancelled",
				       k->plan.in_flight.items[0].id),
			  "", "in_flight");
}

static void steps(struct ask *k, const char *nonce maybe_unused, struct plan_steps *out)
{
	struct plan_step *s = step_add(k, out, FORGE_LABEL_ADD, "set the label");

	s->act.number = found_of(k)->number;
	s->act.label = found_of(k)->label->name;
}

const struct way way_label = {
	.rules = "label",
	.begin = begin,
	.judge = judge,
	.steps = steps,
	.undo = "take the label off; what it has started runs on",
};
