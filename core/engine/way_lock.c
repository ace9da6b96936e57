#include "core/engine/reflock.h"
#include "core/engine/audit.h"
#include "core/engine/reconcile.h"
#include "core/engine/verify.h"
#include "core/engine/ways.h"

#include "base/text.h"
#include "core/rules/after.h"

#include <string.h>

/*
 * Holding a lane, and letting it go: one more link of a chain (reflock.h). The objects are made first; nothing leads to them,
 * and when one of them fails nothing has changed. The move of the ref is the act: the forge takes it from one of two.
 */

#define LOCK_DEFAULT INT64_C(7200000) /* ms: two hours, unless --for says otherwise */

/* What a chain's tree holds, for whoever finds the ref in a clone. */
#define TREE_PATH "README"
#define TREE_TEXT                                                                                    \
	"This is no source: the commit messages of this ref say who holds what. See pilothouse(1), " \
	"`lock`.\n"

struct locking {
	const char *place;
	bool held;    /* wanted */
	int64_t span; /* ms it shall last; 0: until it is released */
};

static struct locking *found_of(struct ask *k)
{
	return k->plan.found;
}

static const struct reflock *head_of(struct ask *k)
{
	return guard_chain(k, found_of(k)->place);
}

static bool is_ours(struct ask *k, const struct reflock *l)
{
	return reflock_is_of(l, k->plan.pf.who_login, k->acts->en->o.who);
}

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

bool chain_span(struct ask *k, int64_t *span, int64_t standard)
{
	const char *text = k->cmd.opt[OPT_FOR];

	*span = standard;
	if (!text || when_span(span, text) >= 0)
		return true;
	ask_fail(k, 2, "invalid", arena_printf(&k->arena, "--for %s is no time", text),
		 "such as 30m, 2h or 1d");
	return false;
}

/* ---- the forge's own lock beside ours --------------------------------------------------------------------------------- */

static const char *group_fact(struct ask *k, const struct profile_lock *lock)
{
	return arena_printf(&k->arena, "group %s", lock->group);
}

/* Who holds the workflow's concurrency group and who waits: a captain's lock stops captains, and not what runs already. */
static void take_group(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	const struct group_member *list = a->items;

	f->value = "";
	for (size_t i = 0; i < a->n; i++)
		f->value = arena_printf(&k->arena, "%s%srun %" PRId64 " %s", f->value, i ? ", " : "",
					list[i].run_id,
					text_eq(list[i].status, "in_progress") ? "holds it" : "waits for it");
}

/* What a placeholder stands for in a run that a captain would begin here; NULL: that is known when one has begun. */
static const char *placeholder(struct ask *k, const char *word)
{
	const struct profile_lane *l = k->plan.lane;
	const char *ref = l->ref && !strchr(l->ref, '{') ? l->ref : NULL;
	const char *input = text_starts(word, "inputs.") ? word + strlen("inputs.")
			    : text_starts(word, "github.event.inputs.")
				    ? word + strlen("github.event.inputs.")
				    : NULL;

	if (text_eq(word, "github.ref_name"))
		return ref;
	if (text_eq(word, "github.ref")) /* {ref} of a profile is one or the other */
		return ref ? arena_printf(&k->arena, "refs/heads/%s", ref) : NULL;
	vec_each (i, &l->inputs)
		if (input && text_eq(i->name, input) && i->value && !strchr(i->value, '{'))
			return i->value;
	return NULL;
}

/* The word of a placeholder "{word}" or "${{ word }}" at s, and how long all of it is; 0: it never ends. */
static size_t placeholder_at(struct ask *k, const char *s, const char **word)
{
	bool expression = text_starts(s, "${{");
	const char *begin = s + (expression ? 3 : 1), *end = strstr(begin, expression ? "}}" : "}");
	size_t n;

	*word = begin;
	if (!end)
		return 0;
	n = (size_t)(end - s) + (expression ? 2 : 1);
	begin += strspn(begin, " ");
	while (end > begin && end[-1] == ' ')
		end--;
	*word = arena_strndup(&k->arena, begin, (size_t)(end - begin));
	return n;
}

/* The group's name as the forge has it. NULL: *unknown is the word that is not known before a run has begun. */
static const char *group_name(struct ask *k, const char *template, const char **unknown)
{
	const char *out = "";

	*unknown = NULL;
	for (const char *s = template; *s;) {
		bool begins = *s == '{' || text_starts(s, "${{");
		const char *value, *word;
		size_t n = begins ? placeholder_at(k, s, &word) : 1;

		if (begins) {
			value = n ? placeholder(k, word) : NULL;
			if (!value)
				*unknown = word;
			if (!value)
				return NULL;
			out = arena_printf(&k->arena, "%s%s", out, value);
		} else {
			out = arena_printf(&k->arena, "%s%c", out, *s);
		}
		s += n;
	}
	return out;
}

static void read_groups(struct ask *k)
{
	vec_each (lock, &k->plan.lane->locks) {
		const char *unknown, *name = group_name(k, lock->group, &unknown);

		if (name)
			ask_read(k, group_fact(k, lock), false,
				 &(struct forge_read){
					 .kind = FORGE_GROUP, .repo = k->plan.repo, .name = name },
				 take_group);
		else
			fact_local(k, group_fact(k, lock), FACT_FAILED, NULL,
				   arena_printf(&k->arena,
						"its name holds %s, which is known only when a run has "
						"begun: who holds it is not known",
						unknown));
	}
}

static void judge_groups(struct ask *k)
{
	vec_each (lock, &k->plan.lane->locks) {
		const char *fact = group_fact(k, lock);
		const struct fact *f = facts_find(&k->plan.facts, fact);
		const char *name = arena_printf(&k->arena, "note:%s", fact);

		if (f && f->state == FACT_OK && *f->value)
			plan_said(k, name, CHECK_UNCHECKED,
				  arena_printf(&k->arena, "%s: it runs on", f->value), "", fact);
		else if (f && (f->state == FACT_OK || f->state == FACT_ABSENT))
			plan_said(k, name, CHECK_OK,
				  "nothing is in the workflow's concurrency group, as far as the forge tells",
				  "", fact);
		else if (f)
			plan_said(k, name, CHECK_UNCHECKED, f->why ? f->why : "it was not read", "", fact);
	}
}

static void begin(struct ask *k)
{
	struct locking *l = arena_new(&k->arena, struct locking);

	k->plan.found = l;
	if (!chain_span(k, &l->span, LOCK_DEFAULT) || !plan_find_lane(k))
		return;
	l->place = reflock_lane(k->plan.lane->name, &k->arena);
	l->held = act_is(k, CMD_LOCK);
	if (!text_is_plain_ref(l->place)) {
		ask_fail(k, 1, "policy",
			 arena_printf(&k->arena, "%s is no name that a ref can have", k->plan.lane->name),
			 "give the lane a plain name in its profile");
		return;
	}
	facts_read_user(k);
	if (l->held)
		read_groups(k);
	ask_then(k, plan_judge);
}

/* ---- judging ---------------------------------------------------------------------------------------------------------- */

static void said(struct ask *k, enum verdict v, const char *detail, const char *fix)
{
	plan_said(k, "lane_lock", v, detail, fix, "lane_lock");
}

/* Nobody knows who holds it: whoever takes it says why, and the chain goes on from what cannot be understood. */
static void judge_damaged(struct ask *k, const struct reflock *l, const char *words)
{
	if (k->cmd.opt[OPT_FORCE] && plan_reason(k))
		said(k, CHECK_OK, arena_printf(&k->arena, "taken by force from nobody knows whom: %s", words),
		     "");
	else
		said(k, CHECK_BAD, words,
		     arena_printf(&k->arena,
				  "mend refs/%s on the forge, or: `pilothouse %s %s --force --reason WHY`",
				  l->place, found_of(k)->held ? "lock" : "unlock", k->plan.lane->name));
}

/* By force: the holder is told by the chain, and asked by nobody. */
static void judge_anothers(struct ask *k, const struct reflock *l, const char *words)
{
	const char *verb = found_of(k)->held ? "lock" : "unlock";

	if (!k->cmd.opt[OPT_FORCE])
		said(k, CHECK_BAD, arena_printf(&k->arena, "held by %s", words),
		     arena_printf(&k->arena,
				  "ask %s to unlock it, or: `pilothouse %s %s --force --reason WHY`", l->who,
				  verb, k->plan.lane->name));
	else if (!plan_reason(k))
		said(k, CHECK_BAD, arena_printf(&k->arena, "taking it from %s wants a reason", l->who),
		     "add --reason WHY");
	else
		said(k, CHECK_OK, arena_printf(&k->arena, "taken by force from %s", words), "");
}

static void judge_read(struct ask *k)
{
	const struct reflock *l = head_of(k);
	const char *words = l->sha ? reflock_words(l, &k->arena) : "";
	bool held = found_of(k)->held;

	switch (reflock_state(l, open_server_now(k->acts->en))) {
	case REFLOCK_FREE:
		said(k, held ? CHECK_OK : CHECK_BAD, "nobody holds it",
		     held ? "" : "there is nothing to unlock");
		return;
	case REFLOCK_EXPIRED:
		said(k, CHECK_OK, arena_printf(&k->arena, "the lock of %s ran out", words), "");
		return;
	case REFLOCK_DAMAGED:
		judge_damaged(k, l, words);
		return;
	case REFLOCK_HELD:
		break;
	}
	if (is_ours(k, l))
		said(k, CHECK_OK,
		     arena_printf(&k->arena, held ? "you hold it, and renew it: %s" : "you hold it: %s",
				  words),
		     "");
	else
		judge_anothers(k, l, words);
}

static void judge(struct ask *k)
{
	const struct fact *refs = facts_find(&k->plan.facts, "holds");
	const struct fact *lock = facts_find(&k->plan.facts, "lane_lock");
	const struct fact *bad = lock ? lock : refs;

	judge_groups(k);
	branch_lock_judge(k, found_of(k)->held, head_of(k));
	if (lock && lock->state == FACT_OK)
		judge_read(k);
	else
		said(k, CHECK_UNCHECKED,
		     arena_printf(&k->arena, "who holds it is not known: %s",
				  bad && bad->why ? bad->why : "not read"),
		     "let the token read contents, or try again");
}

/* ---- sending ---------------------------------------------------------------------------------------------------------- */

static const char *message(struct ask *k, const char *nonce, const struct reflock *given, int64_t span)
{
	struct when at = step_time(k, nonce);
	struct reflock next = *given;

	next.id = nonce;
	next.audit = audit_remark(k, nonce);
	next.who = k->plan.pf.who_login;
	next.host = k->acts->en->o.who ? k->acts->en->o.who : "?";
	next.epoch = reflock_next_epoch(guard_chain(k, given->place));
	next.created = next.expires = WHEN_NONE;
	if (when_known(at))
		next.created.ms = at.ms + k->acts->en->skew_ms;
	if (when_known(at) && span)
		next.expires.ms = next.created.ms + span;
	return reflock_message(&next, PLAN_NONCE, &k->arena);
}

/* What leads nowhere yet is looked for at the place it is made for. */
static struct plan_step *add(struct ask *k, struct plan_steps *out, enum forge_act_kind kind,
			     const char *place, const char *words)
{
	struct plan_step *s = step_add(k, out, kind, words);

	s->act.ref = place;
	return s;
}

void chain_steps(struct ask *k, const char *nonce, const struct reflock *next, int64_t span,
		 struct plan_steps *out)
{
	const struct reflock *head = guard_chain(k, next->place);
	struct plan_step *s;
	size_t tree = 0;

	if (!head->sha || next->lock_json) {
		s = add(k, out, FORGE_TREE_CREATE, next->place, "make a tree");
		s->act.path = next->lock_json ? "lock.json" : TREE_PATH;
		s->act.content = next->lock_json ? next->lock_json : TREE_TEXT;
		s->act.tree = head->sha ? head->tree : NULL;
		tree = out->n;
	}
	s = add(k, out, FORGE_COMMIT_CREATE, next->place, "make the link that says it");
	s->act.title = message(k, nonce, next, span);
	s->act.tree = tree ? STEP_MADE : head->tree;
	s->act.parent = head->sha;
	s->tree_from = tree;
	s = add(k, out, head->sha ? FORGE_REF_UPDATE : FORGE_REF_CREATE, next->place,
		head->sha ? "move the ref forward to it" : "create the ref at it");
	s->act.sha = STEP_MADE;
	s->sha_from = out->n - 1;
	s->act.parent = head->sha;
}

static void steps(struct ask *k, const char *nonce, struct plan_steps *out)
{
	const struct locking *l = found_of(k);
	const char *reason = plan_reason(k);
	struct reflock next = { .place = l->place, .purpose = reason ? reason : "", .held = l->held };

	if (l->held)
		next.lock_json = branch_lock_file(k, nonce, head_of(k));
	chain_steps(k, nonce, &next, l->held ? l->span : 0, out);
	branch_lock_step(k, l->held, head_of(k), out);
}

/* Whoever may not write refs has nothing to hold it with: others see nothing of it. */
const char *chain_refused(struct ask *k maybe_unused, const struct err *err)
{
	if (err->kind == ERR_FORBIDDEN || err->kind == ERR_MISSING || err->kind == ERR_AUTH)
		return "advisory only: this token may not write refs, so nothing that others see can be "
		       "taken";
	return err->kind == ERR_CONFLICT ? "another captain was first" : NULL;
}

const struct way way_lock = { .rules = "lock",
			      .traits = WAY_CHAIN,
			      .begin = begin,
			      .judge = judge,
			      .steps = steps,
			      .undo = "unlock the lane",
			      .refused = chain_refused };
const struct way way_unlock = { .rules = "lock",
				.traits = WAY_CHAIN,
				.begin = begin,
				.judge = judge,
				.steps = steps,
				.undo = "lock the lane again",
				.refused = chain_refused };

/* ---- after a rollback ------------------------------------------------------------------------------------------------------ */

static void locked(void *ctx, int status, const char *json)
{
	struct engine *en = ctx;

	if (en->o.log)
		log_line(en->o.log, "lock", "after the rollback: %s", status ? json : "done");
}

/* What went wrong must not go out again by itself, however it became known that the way back was taken. The rollback stands
 * whatever becomes of the lock. */
void lock_after_back(struct acts *acts, const struct intent *in)
{
	struct engine *en = acts->en;
	struct arena a = ARENA_INIT;
	const char *release = in->subject ? in->subject : "";
	const char *reason = in->reason && *in->reason ? in->reason : "no reason given";
	const char *why = arena_printf(&a, "rolled back%s%s: %s", *release ? " to " : "", release,
				       text_head(&a, reason, 2000));
	const char *const argv[] = { "lock", in->lane, "--reason", why, "--confirm", in->lane };
	struct err e = ERR_INIT;
	struct command c;

	if (after_went_back(in))
		verify_soon(acts->verify);
	if (en->o.lock_after_back && after_went_back(in) && command_parse(&c, countof(argv), argv, &e) >= 0)
		acts_ask(acts, &c, NULL, locked, en);
	arena_done(&a);
}
