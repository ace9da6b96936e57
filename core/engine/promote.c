#include "core/engine/ways.h"

#include "base/text.h"
#include "core/rules/pins.h"

#include <stdlib.h>
#include <string.h>

/*
 * The release pull request: from the branch that was validated into the one that production follows, and only when the tip
 * of the branch is what the newest success there has deployed. A commit on top of that was in no run, and would go to
 * production with the others: it is named, and stops the act.
 */

enum { HISTORY = 100, RUNS = 50, PINNED = 10, TOUCHED = 30 };

struct promoting {
	struct merging m; /* first, for pulls.c */
	const struct profile_release_pr *pr;
	const struct profile_lane *from;  /* the lane that validates; NULL: nothing does */
	const struct profile_probe *pins; /* of that lane, NULL none */
	VEC(const char *) pinned;         /* files */
	bool cut;                         /* ... and there are more */
	VEC(struct history) touched;      /* commits that touched one of them */
	const char *tip;
	VEC(struct run) runs;
	VEC(struct history) history;
	const struct run *by; /* the run that says that the tip is good; or the newest success */
	struct pins_deployed deployed;
	bool validated;
	int64_t ahead;
};

static struct promoting *found_of(struct ask *k)
{
	return k->plan.found;
}

/* ---- reading ------------------------------------------------------------------------------------------------------------- */

static void take_tip(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	f->value = arena_strdup(&k->arena, a->text ? a->text : "");
	found_of(k)->tip = f->value;
	k->plan.sha = f->value;
	k->subject = f->value;
}

static void take_history(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	const struct history *list = a->items;

	for (size_t i = 0; i < a->n; i++)
		rec_dup(&rec_history, vec_push(&found_of(k)->history, &k->arena), &list[i], &k->arena);
	f->value = arena_printf(&k->arena, "%zu commits", a->n);
}

/* A success on the branch itself: a run for a pull request has the name of another's branch, and a run that did nothing has
 * validated nothing. */
static bool validates(struct ask *k, const struct run *r)
{
	const struct promoting *p = found_of(k);

	return r->status == RUN_COMPLETED && r->conclusion == CONCLUSION_SUCCESS &&
	       text_eq(r->branch, p->pr->head) && !text_starts(r->event ? r->event : "", "pull_request") &&
	       !survey_did_nothing(k->acts->en, p->from, r->id);
}

static void take_successes(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct promoting *p = found_of(k);
	const struct run *list = a->items;

	for (size_t i = 0; i < a->n; i++)
		if (validates(k, &list[i]))
			rec_dup(&rec_run, vec_push(&p->runs, &k->arena), &list[i], &k->arena);
	f->value = arena_printf(&k->arena, "%zu successes on %s", p->runs.n, p->pr->head);
}

static void take_ahead(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	found_of(k)->ahead = a->number;
	k->plan.ahead = a->number;
	k->plan.changes = arena_strdup(&k->arena, a->text);
	f->value = arena_printf(&k->arena, "%" PRId64 " commits", a->number);
}

/* The file may have any of its names; those that the forge does not have answer "missing", which is no failure. */
static void read_successes(struct ask *k)
{
	const struct profile_lane *l = found_of(k)->from;
	struct forge_read r = { .kind = FORGE_RUNS, .repo = k->plan.repo, .number = RUNS };

	if (!l)
		return;
	r.workflow = l->workflow;
	ask_read(k, arena_printf(&k->arena, "runs of %s", r.workflow), false, &r, take_successes);
	for (const char *const *a = l->aliases; a && *a; a++) {
		r.workflow = *a;
		ask_read(k, arena_printf(&k->arena, "runs of %s", *a), false, &r, take_successes);
	}
}

static void read_branches(struct ask *k)
{
	const struct promoting *p = found_of(k);
	struct forge_read r = { .kind = FORGE_COMMIT, .repo = k->plan.repo };

	r.name = arena_printf(&k->arena, "heads/%s", p->pr->head);
	ask_read(k, "tip", true, &r, take_tip);
	r = (struct forge_read){
		.kind = FORGE_COMMITS, .repo = k->plan.repo, .name = p->pr->head, .number = HISTORY
	};
	ask_read(k, "history", false, &r, take_history);
	r = (struct forge_read){
		.kind = FORGE_COMPARE, .repo = k->plan.repo, .name = p->pr->base, .name2 = p->pr->head
	};
	ask_read(k, "ahead", true, &r, take_ahead);
}

static bool is_pinned(const struct profile_probe *pins, const char *path)
{
	for (const char *const *g = pins->files; g && *g; g++)
		if (text_glob(*g, path))
			return true;
	return false;
}

static void take_tree(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct promoting *p = found_of(k);
	const struct tree_entry *list = a->items;

	p->cut = a->cut;
	for (size_t i = 0; i < a->n; i++) {
		if (!text_eq(list[i].type, "blob") || !is_pinned(p->pins, list[i].path))
			continue;
		p->cut = p->cut || p->pinned.n == PINNED;
		if (p->pinned.n < PINNED)
			*vec_push(&p->pinned, &k->arena) = arena_strdup(&k->arena, list[i].path);
	}
	f->value = arena_printf(&k->arena, "%zu pinned files", p->pinned.n);
}

static void take_touched(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	const struct history *list = a->items;

	for (size_t i = 0; i < a->n; i++)
		rec_dup(&rec_history, vec_push(&found_of(k)->touched, &k->arena), &list[i], &k->arena);
	f->value = "read";
}

static void read_tree(struct ask *k)
{
	const struct forge_read r = { .kind = FORGE_TREE,
				      .repo = k->plan.repo,
				      .name = found_of(k)->pr->head };

	if (found_of(k)->pins)
		ask_read(k, "tree", false, &r, take_tree);
}

static void read_touched(struct ask *k)
{
	struct forge_read r = {
		.kind = FORGE_COMMITS, .repo = k->plan.repo, .name = found_of(k)->pr->head, .number = TOUCHED
	};

	vec_each (path, &found_of(k)->pinned) {
		r.name2 = *path;
		ask_read(k, "touched", false, &r, take_touched);
	}
}

static const struct profile_probe *pins_of(const struct profile_lane *l)
{
	if (l)
		vec_each (probe, &l->probes)
			if (probe->kind == PROBE_PINS && probe->subject)
				return probe;
	return NULL;
}

static bool prepare(struct ask *k)
{
	const struct profile_release_pr *pr;
	struct promoting *p = arena_new(&k->arena, struct promoting);

	if (!plan_find_lane(k))
		return false;
	pr = k->plan.lane->release_pr;
	if (!pr) {
		ask_fail(k, 1, "policy",
			 arena_printf(&k->arena, "%s is not released by a pull request", k->plan.lane->name),
			 "see `release_pr` in man pilothouse-profile");
		return false;
	}
	p->pr = pr;
	p->from = pr->validated ? profiles_lane(k->acts->en->o.profiles, pr->validated, NULL) : NULL;
	p->pins = pins_of(p->from);
	p->m = (struct merging){ .head = pr->head,
				 .base = pr->base,
				 .method = pr->method,
				 .open_with = arena_printf(&k->arena, "pilothouse release-pr %s",
							   k->plan.lane->name) };
	k->plan.found = p;
	k->plan.ref = pr->base;
	return true;
}

static int newest_first(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	return (x->id < y->id) - (x->id > y->id);
}

/* The newest success whose deployed commit is the tip; when none is, the newest success of all, to say what is on top. */
static void find_validation(struct promoting *p)
{
	struct pins_terms terms = { .subject = p->pins ? p->pins->subject : NULL,
				    .touched = p->touched.items,
				    .touched_n = p->touched.n };

	if (p->runs.n)
		qsort(p->runs.items, p->runs.n, sizeof(struct run), newest_first);
	vec_each (r, &p->runs) {
		struct pins_deployed d;

		terms.began = r->created;
		terms.ended = r->updated;
		pins_deployed(&d, p->history.items, p->history.n, r->head_sha, &terms);
		if (!p->by) {
			p->by = r;
			p->deployed = d;
		}
		if (!d.commit || !text_eq(d.commit->sha, p->tip))
			continue;
		p->by = r;
		p->deployed = d;
		p->validated = true;
		return;
	}
}

static void branches_known(struct ask *k)
{
	struct promoting *p = found_of(k);

	find_validation(p);
	p->m.sha = p->tip;
}

static void read_all(struct ask *k)
{
	read_branches(k);
	read_tree(k);
	read_successes(k);
	merging_list(k);
}

static void open_known(struct ask *k)
{
	branches_known(k);
	plan_judge(k);
}

static void open_tree(struct ask *k)
{
	read_touched(k);
	ask_then(k, open_known);
}

static void begin_open(struct ask *k)
{
	if (!prepare(k))
		return;
	facts_read_user(k);
	read_all(k);
	ask_then(k, open_tree);
}

static void merge_known(struct ask *k)
{
	branches_known(k);
	needs_read(k, plan_judge);
}

static void merge_tree(struct ask *k)
{
	read_touched(k);
	merging_read(k);
	stops_read_back(k);
	ask_then(k, merge_known);
}

static void merge_files(struct ask *k)
{
	facts_read_lane(k);
	read_all(k);
	k->plan.stops_wanted = true;
	stops_read(k);
	ask_then(k, merge_tree);
}

static void begin_merge(struct ask *k)
{
	if (prepare(k))
		files_find(k, merge_files);
}

/* ---- judging ------------------------------------------------------------------------------------------------------------- */

static bool was_read(struct ask *k, const char *fact)
{
	const struct fact *f = facts_find(&k->plan.facts, fact);

	return f && f->state == FACT_OK;
}

/* Of a file with several names one answer is enough, but an answer that did not come may hold the newest run. */
static bool runs_were_read(struct ask *k)
{
	bool any = false;

	vec_each (f, &k->plan.facts) {
		if (!text_starts(f->name, "runs of "))
			continue;
		if (f->state == FACT_FAILED)
			return false;
		any = any || f->state == FACT_OK;
	}
	return any;
}

/* Without them a pin is as foreign as any other commit. */
static bool pins_were_read(struct ask *k)
{
	const struct promoting *p = found_of(k);

	return !p->pins || (was_read(k, "tree") && !p->cut && (!p->pinned.n || was_read(k, "touched")));
}

static void say_foreign(struct ask *k)
{
	const struct promoting *p = found_of(k);
	const struct history *c = &p->deployed.newer[p->deployed.newer_n - 1];

	plan_said(k, "validated", CHECK_BAD,
		  arena_printf(&k->arena, "%.7s \"%s\" of %s is on %s, and no run of %s has validated it%s",
			       c->sha, c->title ? c->title : "", c->author && *c->author ? c->author : "?",
			       p->pr->head, p->pr->validated,
			       p->deployed.newer_n > 1
				       ? arena_printf(&k->arena, " (nor %zu more)", p->deployed.newer_n - 1)
				       : ""),
		  arena_printf(&k->arena, "let %s pass, or take the commit off the branch", p->pr->validated),
		  "tip");
}

static void judge_validated(struct ask *k)
{
	const struct promoting *p = found_of(k);
	char age[WHEN_TEXT];

	if (!p->from)
		plan_said(k, "validated", CHECK_UNCHECKED, "the profile does not say which lane validates",
			  "see `release_pr` in man pilothouse-profile", "profile");
	else if (!was_read(k, "tip") || !was_read(k, "history") || !runs_were_read(k) || !pins_were_read(k))
		plan_said(k, "validated", CHECK_UNCHECKED, "the branch or its runs were not read",
			  "try again", "tip");
	else if (p->validated)
		plan_said(k, "validated", CHECK_OK,
			  arena_printf(&k->arena, "%.7s, by run %" PRId64 " of %s, %s ago", p->tip, p->by->id,
				       p->pr->validated,
				       when_age(when_diff(engine_now(k->acts->en), p->by->updated), age)),
			  "", "tip");
	else if (!p->by)
		plan_said(k, "validated", CHECK_MISSING,
			  arena_printf(&k->arena, "no run of %s on %s has succeeded", p->pr->validated,
				       p->pr->head),
			  arena_printf(&k->arena, "let %s pass", p->pr->validated), "tip");
	else if (p->deployed.newer_n)
		say_foreign(k);
	else
		plan_said(
			k, "validated", CHECK_UNCHECKED,
			arena_printf(&k->arena,
				     "the commit %.7s of the newest success is not among the newest %d of %s",
				     p->by->head_sha, (int)HISTORY, p->pr->head),
			arena_printf(&k->arena, "let %s pass", p->pr->validated), "history");
}

static void judge_open(struct ask *k)
{
	const struct promoting *p = found_of(k);
	const struct fact *pulls = facts_find(&k->plan.facts, "pulls");

	judge_validated(k);
	if (pulls->state == FACT_FAILED)
		plan_said(k, "pull_request", CHECK_UNCHECKED, pulls->why, "try again", "pulls");
	else if (p->m.open)
		plan_said(k, "pull_request", CHECK_BAD,
			  arena_printf(&k->arena, "it is open already: %s", pulls->value),
			  arena_printf(&k->arena, "`pilothouse release-pr %s --merge`", k->plan.lane->name),
			  "pulls");
	else
		plan_said(k, "pull_request", CHECK_OK, "none is open", "", "pulls");
	if (!was_read(k, "ahead"))
		plan_said(k, "changes", CHECK_UNCHECKED, "what it would bring was not read", "try again",
			  "ahead");
	else if (!p->ahead)
		plan_said(k, "changes", CHECK_BAD,
			  arena_printf(&k->arena, "%s has all that %s has", p->pr->base, p->pr->head),
			  "there is nothing to release", "ahead");
	else
		plan_said(k, "changes", CHECK_OK, arena_printf(&k->arena, "%" PRId64 " commits", p->ahead),
			  "", "ahead");
}

static const char *title_of(struct ask *k)
{
	const struct promoting *p = found_of(k);
	const struct profile_words w = { .sha = p->tip, .repo = k->plan.repo };

	return p->tip ? profile_expand(&k->arena, p->pr->title, &w) : NULL;
}

static void judge_merge(struct ask *k)
{
	const struct promoting *p = found_of(k);
	const char *title;

	judge_validated(k);
	merging_judge(k);
	title = title_of(k);
	if (p->m.pull && title && !text_eq(p->m.pull->title, title))
		plan_said(k, "note:title", CHECK_BAD,
			  arena_printf(&k->arena, "the convention is \"%s\"", title), "", "pulls");
}

/* ---- sending ------------------------------------------------------------------------------------------------------------- */

static void steps_open(struct ask *k, const char *nonce maybe_unused, struct plan_steps *out)
{
	const struct promoting *p = found_of(k);
	struct plan_step *s;

	if (!p->tip || !title_of(k))
		return;
	s = step_add(k, out, FORGE_PULL_OPEN, "open the pull request");
	s->act.head = p->pr->head;
	s->act.base = p->pr->base;
	s->act.title = title_of(k);
	s->act.comment = p->by ? arena_printf(&k->arena, "%s at %s was validated by run %" PRId64 " of %s.",
					      p->pr->head, p->tip, p->by->id, p->pr->validated)
			       : "";
}

const struct way way_release_pr = {
	.rules = "release-pr",
	.begin = begin_open,
	.judge = judge_open,
	.steps = steps_open,
	.undo = "close the pull request on the forge",
};
const struct way way_merge_release = {
	.rules = "merge",
	.begin = begin_merge,
	.judge = judge_merge,
	.steps = merging_steps,
	.undo = "cannot be undone; the way back is a rollback of the lane",
};
