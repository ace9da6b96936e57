/*
 * canary_lever.c - what levers of the canary say by themselves: a variable that holds it, and who approved the gate of a
 * rung. Neither is what was asked for from here: somebody else may have done it.
 */
#include "core/engine/canary.h"
#include "core/engine/steer.h"

#include "base/text.h"

#include <string.h>

#define RECENT_INTERVALS 3 /* after a rung was entered its gate's review is looked for */

static struct ladder *ladder_of(struct look *k)
{
	return k->own;
}

/* ---- a variable that holds ------------------------------------------------------------------------------------------------ */

static void take_variable(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	const struct profile_control *c = ctx;

	if (!err && text_eq(a->text, c->value))
		ladder_of(k)->held = true;
}

static bool holds_by_variable(const struct profile_control *c)
{
	return c->by == CONTROL_VARIABLE && c->value && steer_has_act(c, ROLLOUT_HOLD);
}

static void read_variables(struct look *k)
{
	vec_each (c, &ladder_of(k)->c->control)
		if (holds_by_variable(c))
			look_read(k,
				  &(struct forge_read){
					  .kind = FORGE_VARIABLE, .repo = k->profile->repo, .name = c->name },
				  take_variable, c);
}

/* ---- who approved a rung -------------------------------------------------------------------------------------------------- */

static void take_reviews(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	const struct review *list = err ? NULL : a->items;

	(void)ctx;
	for (size_t i = 0; !err && i < a->n; i++)
		rec_dup(&rec_review, vec_push(&ladder_of(k)->reviews, &k->arena), &list[i], &k->arena);
}

static bool has_gates(const struct profile_canary *c)
{
	vec_each (l, &c->control)
		if (l->by == CONTROL_GATE)
			return true;
	return false;
}

static void read_reviews(struct look *k)
{
	const struct ladder *l = k->own;
	int64_t recent = RECENT_INTERVALS * l->c->interval_s * 1000;

	if (!has_gates(l->c) || l->told.bp <= 0 || !when_known(l->told.at) ||
	    when_diff(look_now(k), l->told.at) > recent)
		return;
	look_read(k,
		  &(struct forge_read){ .kind = FORGE_REVIEWS, .repo = k->profile->repo, .id = l->run->id },
		  take_reviews, NULL);
}

static bool is_among(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = list; at && *at; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ',')) {
		const char *one = at + strspn(at, " ");

		if (strncmp(one, word, n) == 0 && (one[n] == ',' || !one[n]))
			return true;
	}
	return false;
}

const char *lever_approved_by(struct look *k, int64_t weight_bp)
{
	struct ladder *l = ladder_of(k);

	vec_each (c, &l->c->control) {
		const char *gate = c->by == CONTROL_GATE ? steer_gate(c, weight_bp, &k->arena) : NULL;

		vec_each (r, &l->reviews)
			if (gate && strstr(c->environment, "{percent}") && text_eq(r->state, "approved") &&
			    is_among(r->environments, gate))
				return r->user;
	}
	return "";
}

void levers_read(struct look *k, look_step then)
{
	const struct ladder *l = k->own;

	if (l->run && l->run->status != RUN_COMPLETED) {
		read_variables(k);
		read_reviews(k);
	}
	look_then(k, then);
}
