#include "core/engine/reflock.h"
#include "core/engine/reconcile.h"
#include "core/engine/ways.h"

#include "base/text.h"

/*
 * Stopping the line of a system that has no freeze of its own: a link of the chain refs/pilothouse/freeze/SYSTEM, which every
 * console reads before it brings anything new to a lane of the system (guard.c). Nothing but pilothouse heeds it.
 */

static const char *place_of(struct ask *k)
{
	return reflock_system(k->plan.profile->system, &k->arena);
}

/* How long it is stopped; 0: until somebody thaws it. By the server's time, as a lock: it lifts by itself. */
struct line_stop {
	int64_t span;
};

static int64_t span_of(const struct ask *k)
{
	const struct line_stop *stop = k->plan.found;

	return act_is(k, CMD_FREEZE) ? stop->span : 0;
}

static void begin(struct ask *k)
{
	struct line_stop *stop = arena_new(&k->arena, struct line_stop);

	k->plan.found = stop;
	if (!freeze_find_system(k) || !chain_span(k, &stop->span, 0))
		return;
	if (k->cmd.opt[OPT_BY]) {
		ask_fail(k, 1, "policy",
			 arena_printf(&k->arena, "%s has no freeze by %s", k->plan.profile->system,
				      k->cmd.opt[OPT_BY]),
			 "see `freezes` in man pilothouse-profile");
		return;
	}
	if (!text_is_plain_ref(place_of(k))) {
		ask_fail(
			k, 1, "policy",
			arena_printf(&k->arena, "%s is no name that a ref can have", k->plan.profile->system),
			"give the system a plain name in its profile");
		return;
	}
	facts_read_user(k);
	ask_then(k, plan_judge);
}

static void said(struct ask *k, enum verdict v, const char *detail, const char *fix)
{
	plan_said(k, "line_freeze", v, detail, fix, "line_freeze");
}

/* Whoever stopped the line said why; who lets it go on against him says so too. */
static void judge_held(struct ask *k, const struct reflock *l, const char *words)
{
	if (act_is(k, CMD_FREEZE))
		said(k, CHECK_BAD, arena_printf(&k->arena, "frozen already by %s", words),
		     arena_printf(&k->arena, "`pilothouse thaw %s`", k->plan.profile->system));
	else if (reflock_is_of(l, k->plan.pf.who_login, k->acts->en->o.who))
		said(k, CHECK_OK, arena_printf(&k->arena, "frozen by you: %s", words), "");
	else if (plan_reason(k))
		said(k, CHECK_OK,
		     arena_printf(&k->arena, "frozen by %s; accepted: %s", words, plan_reason(k)), "");
	else
		said(k, CHECK_BAD, arena_printf(&k->arena, "frozen by %s", words),
		     arena_printf(&k->arena, "ask %s, or add --reason \"why\" to thaw it knowingly", l->who));
}

/* Nobody knows whether the line is stopped: who says it anew says why. */
static void judge_damaged(struct ask *k, const struct reflock *l, const char *words)
{
	if (plan_reason(k))
		said(k, CHECK_OK, arena_printf(&k->arena, "said anew over what is not understood: %s", words),
		     "");
	else
		said(k, CHECK_BAD, words,
		     arena_printf(&k->arena, "mend refs/%s on the forge, or add --reason \"why\"", l->place));
}

static void judge(struct ask *k)
{
	const struct fact *f = facts_find(&k->plan.facts, "line_freeze");
	const struct reflock *l = guard_chain(k, place_of(k));
	const char *words = l->sha ? reflock_words(l, &k->arena) : "";
	enum reflock_state s = reflock_state(l, open_server_now(k->acts->en));

	if (!f || f->state != FACT_OK)
		said(k, CHECK_UNCHECKED, "whether the line is stopped is not known",
		     "let the token read contents, or try again");
	else if (s == REFLOCK_DAMAGED)
		judge_damaged(k, l, words);
	else if (s == REFLOCK_HELD)
		judge_held(k, l, words);
	else if (act_is(k, CMD_FREEZE))
		said(k, CHECK_OK,
		     span_of(k)
			     ? arena_printf(&k->arena,
					    "the line is open; nothing but pilothouse will heed this freeze, "
					    "which lifts by itself after %s",
					    k->cmd.opt[OPT_FOR])
			     : "the line is open; nothing but pilothouse will heed this freeze",
		     "");
	else
		said(k, CHECK_BAD, "the line is open", "there is nothing to thaw");
}

static void steps(struct ask *k, const char *nonce, struct plan_steps *out)
{
	const char *reason = plan_reason(k);
	const struct reflock next = { .place = place_of(k),
				      .purpose = reason ? reason : "",
				      .held = act_is(k, CMD_FREEZE) };

	chain_steps(k, nonce, &next, span_of(k), out);
}

const struct way way_line_freeze = { .rules = "freeze",
				     .traits = WAY_CHAIN,
				     .begin = begin,
				     .judge = judge,
				     .steps = steps,
				     .undo = "thaw the system",
				     .refused = chain_refused };
const struct way way_line_thaw = { .rules = "thaw",
				   .traits = WAY_CHAIN,
				   .begin = begin,
				   .judge = judge,
				   .steps = steps,
				   .undo = "freeze the system again",
				   .refused = chain_refused };
