#include "core/engine/ways.h"

#include "base/text.h"

#include <string.h>

/* The merge of a pull request that was opened from here: exactly one is open, its head is where it must be, and the forge
 * itself says that nothing keeps it from being merged. The request names the head, so that a push of a moment ago is not
 * merged with it. */

static struct merging *merging_of(struct ask *k)
{
	return k->plan.found;
}

static const struct pull *pull_dup(struct ask *k, const struct pull *p)
{
	struct pull *mine = arena_new(&k->arena, struct pull);

	rec_dup(&rec_pull, mine, p, &k->arena);
	return mine;
}

static void take_list(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct merging *m = merging_of(k);
	const struct pull *list = a->items;

	f->value = "none is open";
	/* One page was read: what is not on it may be open too, so neither "none" nor "the only one" is known. */
	if (a->cut) {
		f->state = FACT_FAILED;
		f->why = arena_printf(&k->arena,
				      "more than %zu pull requests into %s are open, and not all were read",
				      a->n, m->base);
	}
	for (size_t i = 0; i < a->n; i++) {
		if (!text_eq(list[i].state, "open") ||
		    !text_glob(m->head, list[i].head ? list[i].head : "") || !text_eq(list[i].base, m->base))
			continue;
		f->value = arena_printf(&k->arena, "%s%s#%" PRId64 " at %.7s", m->open ? f->value : "",
					m->open ? ", " : "", list[i].number, list[i].head_sha);
		if (!m->open++)
			m->pull = pull_dup(k, &list[i]);
	}
}

void merging_list(struct ask *k)
{
	const struct merging *m = merging_of(k);
	struct forge_read r = {
		.kind = FORGE_PULLS, .repo = k->plan.repo, .name2 = m->base, .number = 100, .status = "open"
	};

	if (!strchr(m->head, '*'))
		r.name = m->head;
	ask_read(k, "pulls", true, &r, take_list);
}

static void take_one(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	if (!a->n) {
		f->state = FACT_ABSENT;
		return;
	}
	merging_of(k)->pull = pull_dup(k, a->items);
	f->value = arena_printf(&k->arena, "#%" PRId64 " at %.7s is %s", merging_of(k)->pull->number,
				merging_of(k)->pull->head_sha, merging_of(k)->pull->mergeable);
}

void merging_read(struct ask *k)
{
	struct forge_read r = { .kind = FORGE_PULL, .repo = k->plan.repo };

	if (!merging_of(k)->pull)
		return;
	r.id = merging_of(k)->pull->number;
	ask_read(k, "pull", true, &r, take_one);
}

/* ---- judging ------------------------------------------------------------------------------------------------------------- */

static bool is_known(struct ask *k, const char *fact)
{
	const struct fact *f = facts_find(&k->plan.facts, fact);

	return f && (f->state == FACT_OK || f->state == FACT_ABSENT);
}

static const char *list_why(struct ask *k)
{
	const struct fact *f = facts_find(&k->plan.facts, "pulls");

	return f && f->why ? f->why : "the pull requests were not read";
}

static void judge_open(struct ask *k)
{
	const struct merging *m = merging_of(k);
	const char *list = is_known(k, "pulls") ? facts_find(&k->plan.facts, "pulls")->value : "";

	if (!is_known(k, "pulls"))
		plan_said(k, "pull_request", CHECK_UNCHECKED, list_why(k), "try again", "pulls");
	else if (!m->open)
		plan_said(
			k, "pull_request", CHECK_MISSING,
			arena_printf(&k->arena, "no pull request from %s into %s is open", m->head, m->base),
			arena_printf(&k->arena, "`%s`", m->open_with), "pulls");
	else if (m->open > 1)
		plan_said(k, "pull_request", CHECK_BAD, arena_printf(&k->arena, "several are open: %s", list),
			  "close all but one", "pulls");
	else
		plan_said(k, "pull_request", CHECK_OK,
			  arena_printf(&k->arena, "#%" PRId64 " of %s: %s", m->pull->number,
				       m->pull->author && *m->pull->author ? m->pull->author : "?",
				       m->pull->title),
			  "", "pulls");
}

/* What the forge says of merging (GitHub's mergeable_state). */
static const struct word {
	const char *word;
	enum verdict status;
	const char *detail, *fix;
} words[] = {
	{ "clean", CHECK_OK, "every required check has passed", "" },
	{ "has_hooks", CHECK_OK, "every required check has passed", "" },
	{ "unstable", CHECK_BAD, "a check that is not required failed, or runs still",
	  "wait for it, or look at it" },
	{ "blocked", CHECK_BAD, "a required check or review is missing", "see the pull request" },
	{ "behind", CHECK_BAD, "its base has moved on", "bring it up to date on the forge" },
	{ "dirty", CHECK_BAD, "it is in conflict with its base", "resolve the conflict on the forge" },
	{ "draft", CHECK_BAD, "it is a draft", "mark it ready on the forge" },
};

static void judge_mergeable(struct ask *k)
{
	const char *word = merging_of(k)->pull->mergeable;

	for (size_t i = 0; i < countof(words) && is_known(k, "pull"); i++) {
		if (!text_eq(words[i].word, word))
			continue;
		if (text_eq(word, "unstable"))
			plan_said_unless_accepted(k, "mergeable", words[i].detail, words[i].fix, "pull");
		else
			plan_said(k, "mergeable", words[i].status, words[i].detail, words[i].fix, "pull");
		return;
	}
	plan_said(k, "mergeable", CHECK_UNCHECKED, "the forge does not say yet whether it can be merged",
		  "try again in a moment", "pull");
}

void merging_judge(struct ask *k)
{
	const struct merging *m = merging_of(k);
	const struct pull *p = m->pull;

	judge_open(k);
	if (m->open != 1 || !p)
		return;
	if (m->sha && !text_eq(p->head_sha, m->sha))
		plan_said(k, "head", CHECK_BAD,
			  arena_printf(&k->arena, "#%" PRId64 " is at %.7s, and %.7s was validated",
				       p->number, p->head_sha, m->sha),
			  "wait until its head is validated", "pulls");
	else
		plan_said(k, "head", CHECK_OK,
			  arena_printf(&k->arena, "#%" PRId64 " is at %.7s", p->number, p->head_sha), "",
			  "pulls");
	judge_mergeable(k);
}

void merging_steps(struct ask *k, const char *nonce maybe_unused, struct plan_steps *out)
{
	const struct merging *m = merging_of(k);
	struct plan_step *s;

	if (!m->pull)
		return;
	s = step_add(k, out, FORGE_PULL_MERGE, arena_printf(&k->arena, "merge #%" PRId64, m->pull->number));
	s->act.number = m->pull->number;
	s->act.sha = m->sha ? m->sha : m->pull->head_sha;
	s->act.method = m->method;
}
