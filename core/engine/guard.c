#include "core/engine/reflock.h"
#include "core/engine/reconcile.h"
#include "core/engine/ways.h"

#include "base/json.h"
#include "base/text.h"

#include <string.h>

/*
 * The chains that an act must know: the lock of its lane, the freeze of its system, and the con. All are read anew for each
 * plan and again at its commit, within PLAN_FACTS_MAX_AGE of the request: who held the lane when his console was stopped,
 * and wakes after another has taken it over, sends nothing.
 */

struct guard {
	struct VEC_OF(struct git_ref) refs;
	struct reflocks chains;
	struct branch_lock foreign; /* another tool's */
	bool linked;                /* the links were asked for */
};

/* ---- which acts ----------------------------------------------------------------------------------------------------- */

/* Those that bring something new to a lane. Rejecting, cancelling and stopping the line take nothing further. */
static const enum command_id guarded[] = { CMD_DISPATCH,   CMD_APPROVE, CMD_RERUN, CMD_REPLAY,
					   CMD_RELEASE_PR, CMD_LABEL,   CMD_RETAG, CMD_REVERT_PIN,
					   CMD_ROLLBACK,   CMD_PROMOTE, CMD_RESUME };
static bool is_guarded(const struct ask *k)
{
	for (size_t i = 0; i < countof(guarded); i++)
		if (act_is(k, guarded[i]))
			return true;
	return plan_goes_back(k);
}

static bool changes_chain(const struct ask *k)
{
	return way_has(k, WAY_CHAIN);
}

static bool is_of_line(const struct ask *k)
{
	return act_is(k, CMD_FREEZE) || act_is(k, CMD_THAW);
}

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

static void take_refs(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	const struct git_ref *list = a->items;
	struct guard *g = k->plan.guard;

	for (size_t i = 0; i < a->n; i++)
		rec_dup(&rec_git_ref, vec_push(&g->refs, &k->arena), &list[i], &k->arena);
	f->value = arena_printf(&k->arena, "%zu", a->n);
	if (!a->cut)
		return;
	f->state = FACT_FAILED; /* the one that matters may be among those that were not read */
	f->why = "the forge has more refs of captains than were read";
}

/* What the other tool wrote. A branch without the file is no lock to that tool either. */
static void take_foreign(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct branch_lock *b = &k->plan.guard->foreign, before = *b;

	branch_lock_read(b, a->text, a->number > 0 ? (size_t)a->number : 0, &k->arena);
	b->sha = before.sha;
	f->value = branch_lock_words(b, &k->arena);
}

static void take_foreign_branch(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	const struct git_ref *ref = a->items;

	k->plan.guard->foreign.sha = arena_strdup(&k->arena, a->n ? ref->sha : "");
	f->value = k->plan.guard->foreign.sha;
}

static void read_foreign(struct ask *k)
{
	const char *branch = k->plan.lane ? branch_lock_branch(k->plan.lane, &k->arena) : NULL;
	struct forge_read r = {
		.kind = FORGE_FILE, .repo = k->plan.repo, .name = "lock.json", .name2 = branch
	};

	if (!branch)
		return;
	ask_read(k, "foreign_lock", true, &r, take_foreign);
	if (!changes_chain(k))
		return;
	r = (struct forge_read){ .kind = FORGE_REF,
				 .repo = k->plan.repo,
				 .name = arena_printf(&k->arena, "heads/%s", branch) };
	ask_read(k, "foreign_branch", true, &r, take_foreign_branch);
}

static bool has_failed(const struct ask *k, const char *name)
{
	const struct fact *f = facts_find(&k->plan.facts, name);

	return f && f->state != FACT_OK && f->state != FACT_ABSENT;
}

const struct branch_lock *guard_branch_lock(const struct ask *k)
{
	static const struct branch_lock none = { .who = "", .since = "", .why = "", .id = "" };
	struct guard *g = k->plan.guard;

	if (g)
		g->foreign.failed = has_failed(k, "foreign_lock") || has_failed(k, "foreign_branch");
	return g ? &g->foreign : &none;
}

static void take_access(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	f->value = arena_strdup(&k->arena, a->number == 0   ? "reads only"
					   : a->number == 1 ? "writes"
							    : "not told");
}

const char *guard_advisory(const char *repo, struct arena *a)
{
	return arena_printf(a,
			    "advisory only: this account may not write to %s, so other captains cannot see a "
			    "hold of ours",
			    repo);
}

/* What the account may the token may still not: then the forge refuses the first request. */
static void judge_access(struct ask *k)
{
	const struct fact *f = facts_find(&k->plan.facts, "access");

	if (f && f->state == FACT_OK && text_eq(f->value, "reads only"))
		plan_said(k, "advisory", CHECK_BAD, guard_advisory(k->plan.repo, &k->arena),
			  "use a token of somebody who may write contents", "access");
}

void guard_begin(struct ask *k)
{
	struct forge_read r = { .kind = FORGE_REFS, .repo = k->plan.repo, .name = REFLOCK_ROOT };

	if (!k->plan.repo || (!is_guarded(k) && !changes_chain(k)))
		return;
	k->plan.guard = arena_new(&k->arena, struct guard);
	ask_read(k, "holds", false, &r, take_refs);
	if (changes_chain(k))
		ask_read(k, "access", false,
			 &(struct forge_read){ .kind = FORGE_ACCESS, .repo = k->plan.repo }, take_access);
	read_foreign(k);
}

static struct reflock *chain_at(const struct guard *g, const char *place)
{
	for (size_t i = 0; g && i < g->chains.n; i++)
		if (text_eq(g->chains.items[i].place, place))
			return &g->chains.items[i];
	return NULL;
}

/* The fact about the chain at that place. */
static const char *fact_of_place(const char *place)
{
	if (text_eq(place, REFLOCK_CON))
		return "con";
	return text_starts(place, REFLOCK_ROOT "/lock/") ? "lane_lock" : "line_freeze";
}

/* What the plan relies on: equal words, equal hold. */
static const char *chain_value(struct ask *k, const struct reflock *l)
{
	enum reflock_state s = reflock_state(l, open_server_now(k->acts->en));

	if (!l->sha)
		return "free";
	return arena_printf(&k->arena, "%s at %.12s%s%s", names_word(&reflock_state_names, (int)s), l->sha,
			    s == REFLOCK_HELD ? ", by " : "",
			    s == REFLOCK_HELD ? reflock_words(l, &k->arena) : "");
}

static void take_link(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct guard *g = k->plan.guard;
	const struct git_commit *c = a->items;

	vec_each (l, &g->chains)
		if (a->n && text_eq(fact_of_place(l->place), f->name)) {
			reflock_read(l, c, &k->arena);
			f->value = chain_value(k, l);
		}
	if (!a->n)
		f->state = FACT_ABSENT;
}

static void read_chain(struct ask *k, const char *place)
{
	struct guard *g = k->plan.guard;
	const char *fact = fact_of_place(place);
	/* who has the con is told and stops nobody but who takes it */
	bool pinned = !text_eq(place, REFLOCK_CON) || changes_chain(k);

	*(struct reflock *)vec_push(&g->chains, &k->arena) = (struct reflock){ .place = place };
	vec_each (ref, &g->refs)
		if (text_eq(ref->name, place)) {
			struct forge_read r = { .kind = FORGE_GIT_COMMIT,
						.repo = k->plan.repo,
						.name = ref->sha };

			ask_read(k, fact, pinned, &r, take_link);
			return;
		}
	if (pinned)
		fact_pinned(k, fact, "free");
	else
		fact_local(k, fact, FACT_OK, "free", NULL);
}

bool guard_reads(struct ask *k, ask_step then)
{
	struct guard *g = k->plan.guard;
	const struct fact *f = facts_find(&k->plan.facts, "holds");

	if (!g || g->linked || !f || f->state != FACT_OK)
		return false;
	g->linked = true;
	if (!act_is(k, CMD_CON) && !is_of_line(k))
		read_chain(k, reflock_lane(k->plan.lane->name, &k->arena));
	if (is_guarded(k) || is_of_line(k))
		read_chain(k, reflock_system(k->plan.profile->system, &k->arena));
	read_chain(k, REFLOCK_CON);
	ask_then(k, then);
	return true;
}

const struct reflock *guard_chain(const struct ask *k, const char *place)
{
	static const struct reflock none;
	const struct reflock *l = chain_at(k->plan.guard, place);

	return l ? l : &none;
}

static bool is_ours(const struct ask *k, const struct reflock *l)
{
	return reflock_is_of(l, k->plan.pf.who_login, k->acts->en->o.who);
}

int64_t guard_epoch(const struct ask *k)
{
	struct arena a = ARENA_INIT;
	const struct reflock *l = guard_chain(k, reflock_lane(k->plan.lane->name, &a));
	bool held = reflock_state(l, open_server_now(k->acts->en)) == REFLOCK_HELD && is_ours(k, l);

	arena_done(&a);
	return held ? l->epoch : 0;
}

/* ---- judging ---------------------------------------------------------------------------------------------------------- */

/* A way back that somebody else's hold would stop may be gone knowingly: then the reason is what is kept. */
static void said_stop(struct ask *k, const char *name, enum verdict v, const char *detail, const char *fix)
{
	if (plan_goes_back(k))
		plan_said_unless_accepted(k, name, detail, fix, name);
	else
		plan_said(k, name, v, detail, fix, name);
}

static void judge_lock(struct ask *k)
{
	const char *lane = k->plan.lane->name;
	const struct reflock *l = guard_chain(k, reflock_lane(lane, &k->arena));
	const char *words = l->sha ? reflock_words(l, &k->arena) : "";

	switch (reflock_state(l, open_server_now(k->acts->en))) {
	case REFLOCK_FREE:
		plan_said(k, "lane_lock", CHECK_OK, "no captain holds the lane", "", "lane_lock");
		return;
	case REFLOCK_EXPIRED:
		plan_said(k, "lane_lock", CHECK_OK, arena_printf(&k->arena, "the lock of %s ran out", words),
			  "", "lane_lock");
		return;
	case REFLOCK_DAMAGED:
		said_stop(k, "lane_lock", CHECK_UNCHECKED,
			  arena_printf(&k->arena, "who holds it is not known: %s", words),
			  arena_printf(&k->arena,
				       "see refs/%s on the forge, or take it over: `pilothouse lock %s "
				       "--force --reason WHY`",
				       l->place, lane));
		return;
	case REFLOCK_HELD:
		break;
	}
	if (is_ours(k, l))
		plan_said(k, "lane_lock", CHECK_OK,
			  arena_printf(&k->arena, "you hold it, epoch %" PRId64 ": %s", l->epoch, words), "",
			  "lane_lock");
	else
		said_stop(k, "lane_lock", CHECK_BAD, arena_printf(&k->arena, "held by %s", words),
			  arena_printf(&k->arena,
				       "ask %s to unlock it, or take it over: `pilothouse lock %s --force "
				       "--reason WHY`",
				       l->who, lane));
}

static void judge_line(struct ask *k)
{
	const struct reflock *l = guard_chain(k, reflock_system(k->plan.profile->system, &k->arena));
	enum reflock_state s = reflock_state(l, open_server_now(k->acts->en));

	if (s == REFLOCK_FREE || s == REFLOCK_EXPIRED || stops_exempt(&k->plan))
		return;
	said_stop(k, "line_freeze", s == REFLOCK_HELD ? CHECK_BAD : CHECK_UNCHECKED,
		  arena_printf(&k->arena, "%s is frozen by %s", k->plan.profile->system,
			       reflock_words(l, &k->arena)),
		  arena_printf(&k->arena, "`pilothouse thaw %s`", k->plan.profile->system));
}

/* Of another tool: a lock without an epoch. What a captain wrote for that tool is judged by his chain. */
static void judge_foreign(struct ask *k)
{
	const struct fact *f = facts_find(&k->plan.facts, "foreign_lock");
	const struct branch_lock *b = guard_branch_lock(k);

	if (!f || f->state == FACT_ABSENT ||
	    branch_lock_mirrors(b, guard_chain(k, reflock_lane(k->plan.lane->name, &k->arena))))
		return;
	if (f->state != FACT_OK)
		said_stop(k, "foreign_lock", CHECK_UNCHECKED, f->why ? f->why : "it was not read",
			  "try again");
	else if (k->plan.pf.who_login && text_eq(b->who, k->plan.pf.who_login))
		plan_said(k, "foreign_lock", CHECK_OK, arena_printf(&k->arena, "yours: %s", f->value), "",
			  f->name);
	else
		said_stop(k, "foreign_lock", CHECK_BAD, arena_printf(&k->arena, "held by %s", f->value),
			  arena_printf(&k->arena, "`.unlock` where it was locked, or delete the branch %s",
				       branch_lock_branch(k->plan.lane, &k->arena)));
}

static void judge_con(struct ask *k)
{
	const struct reflock *l = guard_chain(k, REFLOCK_CON);
	enum reflock_state s = reflock_state(l, open_server_now(k->acts->en));

	if (s == REFLOCK_HELD && !is_ours(k, l))
		plan_said(k, "note:con", CHECK_UNCHECKED,
			  arena_printf(&k->arena, "the con is with %s", reflock_words(l, &k->arena)), "",
			  "con");
}

static bool was_read(struct ask *k, const char *name)
{
	const struct fact *f = facts_find(&k->plan.facts, name);

	return f && f->state == FACT_OK;
}

void guard_judge(struct ask *k)
{
	const struct guard *g = k->plan.guard;
	const struct fact *f = facts_find(&k->plan.facts, "holds");

	if (g && changes_chain(k))
		judge_access(k);
	if (!g || !is_guarded(k))
		return;
	if (!was_read(k, "holds") || !was_read(k, "lane_lock") || !was_read(k, "line_freeze")) {
		said_stop(k, "lane_lock", CHECK_UNCHECKED,
			  arena_printf(&k->arena, "who holds the lane is not known: %s",
				       f && f->why ? f->why : "it was not read"),
			  "let the token read contents, or try again");
		return;
	}
	if (guard_epoch(k))
		k->plan.lock_epoch = arena_printf(&k->arena, "%" PRId64, guard_epoch(k));
	judge_lock(k);
	judge_line(k);
	judge_foreign(k);
	judge_con(k);
}
