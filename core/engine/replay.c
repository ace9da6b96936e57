#include "core/engine/ways.h"

#include "base/json.h"
#include "base/text.h"
#include "core/rules/evidence.h"

#include <string.h>

/*
 * Delivering a package that exists once more: the dispatch of the lane's replay workflow with the package's commit. What the
 * package itself must hold, and how fresh probes must be, are needs of the lane (needs.c); here is which package it is,
 * and what earlier runs decided about it. A replay takes a package whose acceptance said no (delivery-systems reference
 * 4.3), so that is shown and does not stop it: acceptance runs again.
 */

enum { DECISIONS_MAX = 8, ENTRY_MAX = 1 << 20 };

struct told { /* a decision about the package */
	const struct profile_decision *of;
	const char *artifact, *fact;
	int64_t id;
	struct decision said;
};
struct replaying {
	const char *wanted; /* artifact */
	const struct artifact *package;
	VEC(struct told) told;
	const char *short_sha; /* as typed */
	size_t fits;
};

static struct replaying *found_of(struct ask *k)
{
	return k->plan.found;
}

static bool is_hex(const char *s)
{
	return strspn(s, "0123456789abcdef") == strlen(s);
}

/* ---- the package -------------------------------------------------------------------------------------------------------- */

static void keep_artifact(struct ask *k, const struct artifact *a)
{
	struct artifact *mine = arena_new(&k->arena, struct artifact);

	rec_dup(&rec_artifact, mine, a, &k->arena);
	found_of(k)->package = mine;
}

static void take_package(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	const struct artifact *list = a->items;

	for (size_t i = 0; i < a->n && !found_of(k)->package; i++)
		if (text_eq(list[i].name, found_of(k)->wanted) && !list[i].foreign)
			keep_artifact(k, &list[i]);
	if (!found_of(k)->package) {
		f->state = FACT_ABSENT;
		return;
	}
	f->value =
		arena_printf(&k->arena, "artifact %" PRId64 " of run %" PRId64 "%s", found_of(k)->package->id,
			     found_of(k)->package->run_id, found_of(k)->package->expired ? ", expired" : "");
}

static void take_decision_list(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	const struct artifact *list = a->items;

	f->state = FACT_ABSENT;
	vec_each (t, &found_of(k)->told) {
		if (!text_eq(t->fact, f->name))
			continue;
		for (size_t i = 0; i < a->n && !t->id; i++)
			if (text_eq(list[i].name, t->artifact) && !list[i].expired && !list[i].foreign)
				t->id = list[i].id;
		if (t->id)
			f->state = FACT_OK, f->value = arena_printf(&k->arena, "artifact %" PRId64, t->id);
	}
}

static void take_decision(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	const struct zip *zip = k->acts->en->o.zip;

	vec_each (t, &found_of(k)->told) {
		const struct profile_decision *of = t->of;
		const struct decision_terms terms = { of->pointers, of->yes, of->no, of->na, of->reasons };
		autofree(buf) struct buf entry = BUF_INIT(ENTRY_MAX);
		autofree(json) struct json *doc = NULL;
		struct err e = ERR_INIT;
		char hex[DIGEST_HEX];

		if (!text_eq(t->fact, f->name))
			continue;
		k->acts->en->o.sha256(a->text, (size_t)a->number, hex);
		f->value = arena_printf(&k->arena, "artifact %" PRId64 " sha256:%s", t->id, hex);
		if (zip->ops->entry(k->acts->en->o.zip, a->text, (size_t)a->number, of->entry, ENTRY_MAX,
				    &entry, &e) < 0 ||
		    json_parse(&doc, entry.s, entry.n, ENTRY_MAX, &e) < 0)
			t->said.detail = arena_strdup(&k->arena, e.message);
		else
			evidence_decision(&t->said, doc, &terms, &k->arena);
	}
}

static void read_decisions(struct ask *k)
{
	struct forge_read r = { .kind = FORGE_ARTIFACT, .repo = k->plan.repo };

	vec_each (t, &found_of(k)->told) {
		r.id = t->id;
		if (t->id && k->acts->en->o.zip)
			ask_read(k, t->fact, true, &r, take_decision);
	}
}

/* Decisions of the lanes that share the pipeline: what earlier runs of it wrote down about this commit. */
static void list_decisions(struct ask *k)
{
	struct plan *p = &k->plan;
	const struct profile_words w = { .release = p->release, .sha = p->release };
	struct forge_read r = { .kind = FORGE_ARTIFACTS, .repo = p->repo, .number = 10 };

	vec_each (l, &p->profile->lanes)
		vec_each (d, &l->decisions) {
			struct told *t;

			if (!d->artifact || !d->entry || !text_eq(l->workflow, p->lane->workflow) ||
			    found_of(k)->told.n == DECISIONS_MAX)
				continue;
			t = vec_push(&found_of(k)->told, &k->arena);
			*t = (struct told){ .of = d,
					    .artifact = profile_expand(&k->arena, d->artifact, &w),
					    .fact = arena_printf(&k->arena, "decision %s", d->name) };
			t->said.detail = "no such artifact that has not expired";
			r.name = t->artifact;
			if (r.name)
				ask_read(k, t->fact, true, &r, take_decision_list);
		}
}

/* ---- reading ------------------------------------------------------------------------------------------------------------- */

static void compared(struct ask *k)
{
	facts_read_compare(k);
	leaving_read(k);
	read_decisions(k);
	if (k->plan.stops_wanted)
		stops_read_back(k);
	needs_read(k, plan_judge);
}

static void read_all(struct ask *k)
{
	struct plan *p = &k->plan;
	const struct profile_words w = { .release = p->release };
	struct forge_read r = { .kind = FORGE_ARTIFACTS, .repo = p->repo, .number = 10 };

	k->subject = p->release;
	p->ref = p->lane->replay->ref ? p->lane->replay->ref : "main";
	found_of(k)->wanted = r.name = profile_expand(&k->arena, p->lane->replay->package, &w);
	facts_read_start(k);
	ask_read(k, "package", true, &r, take_package);
	list_decisions(k);
	p->stops_wanted = act_is(k, CMD_REPLAY);
	if (p->stops_wanted)
		stops_read(k);
	ask_then(k, compared);
}

/* ---- which package ---------------------------------------------------------------------------------------------------------- */

static const char *template_prefix(struct ask *k)
{
	const char *tmpl = k->plan.lane->replay->package, *hole = strstr(tmpl, "{release}");

	return hole && !hole[strlen("{release}")] ? arena_strndup(&k->arena, tmpl, (size_t)(hole - tmpl))
						  : NULL;
}

static void take_fitting(struct ask *k, struct fact *f maybe_unused, const struct forge_answer *a)
{
	struct replaying *r = found_of(k);
	const char *prefix = template_prefix(k);
	const struct artifact *list = a->items;

	for (size_t i = 0; prefix && i < a->n; i++) {
		const char *sha = list[i].name + strlen(prefix);

		if (!text_starts(list[i].name, prefix) || !text_starts(sha, r->short_sha) ||
		    strlen(sha) != 40 || text_eq(sha, k->plan.release) || list[i].foreign)
			continue;
		r->fits++;
		k->plan.release = arena_strdup(&k->arena, sha);
	}
}

static void fitted(struct ask *k)
{
	struct plan *p = &k->plan;
	const struct replaying *r = found_of(k);

	if (facts_find(&p->facts, "packages")->state == FACT_FAILED) {
		ask_fail_err(k, &p->first_error);
	} else if (r->fits != 1) {
		ask_fail(
			k, 1, "missing",
			r->fits ? arena_printf(&k->arena, "%zu packages begin with %s", r->fits, r->short_sha)
				: arena_printf(&k->arena, "none of the newest packages begins with %s",
					       r->short_sha),
			"give the package's whole commit");
	} else {
		p->facts.n = 0;
		read_all(k);
	}
}

static void fit(struct ask *k, const char *sha)
{
	struct forge_read r = { .kind = FORGE_ARTIFACTS, .repo = k->plan.repo, .number = 100, .pages = 3 };

	found_of(k)->short_sha = sha;
	ask_read(k, "packages", false, &r, take_fitting);
	ask_then(k, fitted);
}

static void which_package(struct ask *k)
{
	const char *sha = k->cmd.n > 1 ? k->cmd.args[1] : NULL;

	k->plan.found = arena_new(&k->arena, struct replaying);
	if (!sha) {
		history_previous(k, read_all);
	} else if (!is_hex(sha) || strlen(sha) < 7 || strlen(sha) > 40) {
		ask_fail(k, 1, "policy", arena_printf(&k->arena, "%s is no commit of a package", sha),
			 "give its commit, or at least 7 digits of it");
	} else if (strlen(sha) < 40) {
		fit(k, sha);
	} else {
		k->plan.release = sha;
		read_all(k);
	}
}

static void begin(struct ask *k)
{
	if (!plan_find_lane(k))
		return;
	if (k->plan.lane->replay)
		files_find(k, which_package);
	else
		ask_fail(k, 1, "policy", arena_printf(&k->arena, "%s has no replay", k->plan.lane->name),
			 "see `replay` in man pilothouse-profile");
}

/* ---- judging ------------------------------------------------------------------------------------------------------------- */

static void judge_package(struct ask *k)
{
	const struct replaying *r = found_of(k);
	const struct fact *f = facts_find(&k->plan.facts, "package");
	const struct artifact *a = r->package;
	const char *fix = "name a package that is there: see `pilothouse runs`";
	char at[WHEN_TEXT];

	if (f->state == FACT_FAILED)
		plan_said(k, "package", CHECK_UNCHECKED, f->why, "try again", "package");
	else if (!a)
		plan_said(k, "package", CHECK_MISSING,
			  arena_printf(&k->arena, "there is no artifact %s", r->wanted), fix, "package");
	else if (a->expired)
		plan_said(k, "package", CHECK_BAD, arena_printf(&k->arena, "%s has expired", r->wanted), fix,
			  "package");
	else if (!a->head_sha || !*a->head_sha)
		plan_said(k, "package", CHECK_UNCHECKED,
			  arena_printf(&k->arena, "which commit's run made %s is not said", r->wanted), fix,
			  "package");
	else if (!text_eq(a->head_sha, k->plan.release))
		plan_said(k, "package", CHECK_BAD,
			  arena_printf(&k->arena, "%s was made by a run of %.7s", r->wanted, a->head_sha),
			  fix, "package");
	else
		plan_said(k, "package", CHECK_OK,
			  arena_printf(&k->arena, "%s of run %" PRId64 "%s%s", r->wanted, a->run_id,
				       when_known(a->expires) ? ", until " : "",
				       when_known(a->expires) ? when_iso(a->expires, at) : ""),
			  "", "package");
}

static void judge(struct ask *k)
{
	static const enum verdict as[] = { [DECISION_UNKNOWN] = CHECK_UNCHECKED,
					   [DECISION_YES] = CHECK_OK,
					   [DECISION_NO] = CHECK_BAD,
					   [DECISION_NA] = CHECK_OK };

	judge_package(k);
	leaving_judge(k);
	vec_each (t, &found_of(k)->told) {
		const struct decision *d = &t->said;
		bool why = d->verdict == DECISION_UNKNOWN;

		plan_said(k, arena_printf(&k->arena, "note:decision:%s", t->of->name), as[d->verdict],
			  arena_printf(&k->arena, "%s%s%s", names_word(&decision_verdict_names, d->verdict),
				       why || (d->reasons && *d->reasons) ? ": " : "",
				       why          ? d->detail
				       : d->reasons ? d->reasons
						    : ""),
			  "", t->fact);
	}
}

static void steps(struct ask *k, const char *nonce, struct plan_steps *out)
{
	struct plan_step *s = step_add(k, out, FORGE_DISPATCH, "dispatch the replay");

	s->act.workflow = k->plan.workflow;
	s->act.ref = k->plan.ref;
	s->act.inputs = inputs_json(k, nonce);
	s->act.sha = k->plan.ref_sha;
}

const struct way way_replay = {
	.rules = "replay",
	.traits = WAY_RUN,
	.begin = begin,
	.judge = judge,
	.steps = steps,
	.undo = "cancel the run while it waits or runs; what it has changed by then stays",
};
