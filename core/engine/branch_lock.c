#include "core/engine/reflock.h"
#include "core/engine/ways.h"

#include "base/json.h"
#include "base/text.h"

#include <string.h>

/*
 * The lock of github/branch-deploy: a branch ENVIRONMENT-branch-deploy-lock with a file lock.json, which that tool reads before
 * it deploys. It has no epoch and no compare-and-swap; it is believed as it stands. Ours is the link of our own chain, whose
 * tree holds the file: the branch stands at it, so what we wrote is told from what others wrote by the commit alone.
 */

enum { LOCK_JSON_MAX = 65536 };

const char *branch_lock_branch(const struct profile_lane *l, struct arena *a)
{
	if (l->lock != LANE_LOCK_BRANCH_DEPLOY)
		return NULL;
	return arena_printf(a, "%s-branch-deploy-lock", l->gate ? l->gate : l->environment);
}

static const char *word_of(const struct json *j, const char *key, struct arena *a)
{
	const char *s = json_str(j, key);

	return arena_strdup(a, s ? s : "");
}

void branch_lock_read(struct branch_lock *out, const char *text, size_t n, struct arena *a)
{
	autofree(json) struct json *j = NULL;

	(void)!json_parse(&j, text ? text : "", n, LOCK_JSON_MAX, NULL);
	*out = (struct branch_lock){ .there = true,
				     .who = word_of(j, "created_by", a),
				     .since = word_of(j, "created_at", a),
				     .why = word_of(j, "reason", a),
				     .id = word_of(j, "pilothouse", a) };
}

bool branch_lock_mirrors(const struct branch_lock *b, const struct reflock *l)
{
	return b->there && *b->id && l && l->sha && !l->damage && text_eq(b->id, l->id);
}

const char *branch_lock_words(const struct branch_lock *b, struct arena *a)
{
	return arena_printf(a, "%s, since %s: %s", *b->who ? b->who : "nobody knows whom",
			    *b->since ? b->since : "?", *b->why ? b->why : "no reason given");
}

/* The members that the tool itself writes, and which link of ours it belongs to. */
static const char *lock_json(struct ask *k, const char *nonce)
{
	const struct profile_lane *l = k->plan.lane;
	const char *environment = l->gate ? l->gate : l->environment, *reason = plan_reason(k);
	struct when at = step_time(k, nonce);
	autofree(buf) struct buf out = BUF_INIT(LOCK_JSON_MAX);
	char iso[WHEN_TEXT];
	struct jw w;

	if (when_known(at))
		at.ms += k->acts->en->skew_ms;
	jw_init(&w, &out);
	jw_open(&w, '{');
	jw_kstr(&w, "reason", reason ? reason : "");
	jw_kstr(&w, "branch", branch_lock_branch(l, &k->arena));
	jw_kstr(&w, "created_at", when_known(at) ? when_iso(at, iso) : PLAN_NONCE);
	jw_kstr(&w, "created_by", k->plan.pf.who_login);
	jw_kbool(&w, "sticky", true);
	jw_kstr(&w, "environment", environment);
	jw_kbool(&w, "global", false);
	jw_kstr(&w, "unlock_command", arena_printf(&k->arena, ".unlock %s", environment));
	jw_kstr(&w, "link", "");
	jw_kstr(&w, "pilothouse", nonce);
	jw_close(&w, '}');
	return arena_strdup(&k->arena, out.over ? "" : out.s);
}

/* ---- the act ---------------------------------------------------------------------------------------------------------- */

static bool at_our_link(struct ask *k, const struct reflock *head)
{
	const struct branch_lock *b = guard_branch_lock(k);

	return b->sha && head->sha && text_eq(b->sha, head->sha);
}

/* Nothing may stand there, or our own link; whatever else does is somebody's. */
const char *branch_lock_file(struct ask *k, const char *nonce, const struct reflock *head)
{
	const struct branch_lock *b = guard_branch_lock(k);

	if (!branch_lock_branch(k->plan.lane, &k->arena) || b->failed || (b->sha && !at_our_link(k, head)))
		return NULL;
	return lock_json(k, nonce);
}

void branch_lock_step(struct ask *k, bool held, const struct reflock *head, struct plan_steps *out)
{
	const char *branch = branch_lock_branch(k->plan.lane, &k->arena);
	const struct branch_lock *b = guard_branch_lock(k);
	bool stands = at_our_link(k, head);
	struct plan_step *s;

	if (!branch || b->failed || (b->sha && !stands) || (!held && !b->sha))
		return;
	s = step_add(k, out,
		     !held    ? FORGE_REF_DELETE
		     : stands ? FORGE_REF_UPDATE
			      : FORGE_REF_CREATE,
		     !held    ? "delete the branch of branch-deploy"
		     : stands ? "move the branch of branch-deploy to the link"
			      : "create the branch of branch-deploy at the link");
	s->act.ref = arena_printf(&k->arena, "heads/%s", branch);
	s->tail = true;
	if (!held)
		return;
	s->act.sha = STEP_MADE;
	s->sha_from = out->n - 2; /* the move of our own ref stands between them */
	s->act.parent = stands ? head->sha : NULL;
}

/* ---- judging ---------------------------------------------------------------------------------------------------------- */

static void said(struct ask *k, enum verdict v, const char *detail, const char *fix)
{
	plan_said(k, v == CHECK_UNCHECKED ? "note:foreign_lock" : "foreign_lock", v, detail, fix,
		  "foreign_lock");
}

static void judge_others(struct ask *k, bool held, const struct branch_lock *b)
{
	const char *words = branch_lock_words(b, &k->arena);
	bool forced = k->cmd.opt[OPT_FORCE] && plan_reason(k);

	if (k->plan.pf.who_login && text_eq(b->who, k->plan.pf.who_login))
		said(k, CHECK_OK,
		     arena_printf(&k->arena, "yours through branch-deploy, and left as it is: %s", words),
		     "");
	else if (held && !forced)
		said(k, CHECK_BAD, arena_printf(&k->arena, "branch-deploy: held by %s", words),
		     "`.unlock` where it was locked, or --force --reason WHY to hold the lane beside it");
	else
		said(k, CHECK_UNCHECKED,
		     arena_printf(&k->arena, "branch-deploy: held by %s; that is left as it is", words), "");
}

void branch_lock_judge(struct ask *k, bool held, const struct reflock *head)
{
	const struct branch_lock *b = guard_branch_lock(k);

	if (!branch_lock_branch(k->plan.lane, &k->arena))
		return;
	if (b->failed)
		plan_said(k, "foreign_lock", CHECK_UNCHECKED, "the branch of branch-deploy was not read",
			  "let the token read contents, or try again", "foreign_lock");
	else if (at_our_link(k, head))
		said(k, CHECK_OK,
		     held ? "the branch of branch-deploy goes with it" : "its branch is deleted with it", "");
	else if (b->there && !branch_lock_mirrors(b, head))
		judge_others(k, held, b);
	else if (b->sha)
		said(k, CHECK_UNCHECKED,
		     arena_printf(&k->arena, "%s stands at %.7s, which is not our link: it is left as it is",
				  branch_lock_branch(k->plan.lane, &k->arena), b->sha),
		     "");
	else
		said(k, CHECK_OK, held ? "branch-deploy will see it too" : "branch-deploy holds nothing", "");
}
