#include "core/engine/reconcile.h"
#include "core/engine/ways.h"

#include "base/json.h"
#include "base/text.h"
#include "core/engine/asset.h"
#include "core/rules/evidence.h"

#include <string.h>

/*
 * What must hold before an act, read for it. A need is looked at in rounds: each round starts what can be read now, the
 * next begins when all of that has answered, and a need that has nothing more to read is judged. Every reading is a pinned
 * fact, so that a commit sees whether it moved; what was judged becomes a check by a rule of its own (preflight.c).
 */

#define JSON_TEXT_MAX ((size_t)4 << 20)
#define ENTRY_MAX     ((size_t)1 << 20) /* of an artifact: results and manifests are a few kB */
#define FRESH_RUNS    50

struct need_state {
	const struct profile_need *need;
	const char *name;   /* asset:trusted_values: the check's and the fact's */
	const char *source; /* where the datum comes from, in words */
	int round;          /* readings begun */
	bool judged;
	enum verdict status;
	const char *detail;
	int64_t id;         /* asset, artifact or run that was found; 0 none */
	const char *found;  /* its name */
	const char *digest; /* as the forge lists it, or NULL */
	const struct run *newest;
	int64_t run;       /* ARTIFACT: that made it */
	bool made, opened; /* ARTIFACT: readings of its run, of its bytes */
};

static struct profile_words words_of(const struct ask *k)
{
	const struct plan *p = &k->plan;

	return (struct profile_words){
		.release = p->release, .sha = p->sha, .nonce = "", .ref = p->ref, .repo = p->repo
	};
}

static const char *expand(struct ask *k, const char *template)
{
	const struct profile_words w = words_of(k);

	return template ? profile_expand(&k->arena, template, &w) : NULL;
}

static void judged(struct ask *k, struct need_state *s, enum verdict status, const char *detail)
{
	(void)k;
	s->judged = true;
	s->status = status;
	s->detail = detail;
}

/* The fact of the need's n-th reading; NULL when it has not begun. */
static const char *fact_name(struct ask *k, const struct need_state *s, int round)
{
	return round == 1 ? s->name : arena_printf(&k->arena, "%s (%d)", s->name, round);
}

static const struct fact *answered(struct ask *k, const struct need_state *s)
{
	return facts_find(&k->plan.facts, fact_name(k, s, s->round));
}

static struct need_state *state_of(struct ask *k, const struct fact *f)
{
	vec_each (s, &k->plan.need_states)
		if (s->round && text_eq(fact_name(k, s, s->round), f->name))
			return s;
	return NULL;
}

static void read_for(struct ask *k, struct need_state *s, const struct forge_read *r, fact_take take)
{
	s->round++;
	ask_read(k, fact_name(k, s, s->round), true, r, take);
}

/* ---- documents ------------------------------------------------------------------------------------------------------- */

/* The document's members by the profile's words; a document that is no JSON is bad. */
static void judge_document(struct ask *k, struct need_state *s, const char *text, size_t n, const char *ok)
{
	const struct profile_values *v = &s->need->values;
	struct expected *x = arena_array(&k->arena, struct expected, v->n + 1);
	autofree(json) struct json *doc = NULL;
	struct err e = ERR_INIT;
	enum verdict status;
	const char *why;

	if (!v->n) {
		judged(k, s, CHECK_OK, ok);
		return;
	}
	for (size_t i = 0; i < v->n; i++)
		x[i] = (struct expected){ v->items[i].pointer, v->items[i].is, expand(k, v->items[i].equals),
					  v->items[i].optional };
	if (json_parse(&doc, text, n, JSON_TEXT_MAX, &e) < 0) {
		judged(k, s, CHECK_BAD, arena_printf(&k->arena, "%s is damaged: %s", s->found, e.message));
		return;
	}
	status = evidence_values(doc, x, v->n, &why, &k->arena);
	judged(k, s, status, status == CHECK_OK ? ok : arena_printf(&k->arena, "%s: %s", s->found, why));
}

/* ---- a release's asset ------------------------------------------------------------------------------------------------ */

/* "" or what is wrong: an asset can be replaced under its name, and the first bytes seen are what counts. */
static const char *remembered(struct ask *k, const struct need_state *s, const char *hex)
{
	struct journal *j = k->acts->en->o.journal;
	struct asset_seen seen = { .repo = k->plan.repo,
				   .tag = k->plan.release,
				   .name = s->found,
				   .sha256 = hex,
				   .first_seen = engine_now(k->acts->en) };
	struct asset_seen first = { 0 };
	struct err e = ERR_INIT;
	char at[WHEN_TEXT];

	if (s->digest && text_starts(s->digest, "sha256:") && !text_eq(s->digest + 7, hex))
		return arena_printf(&k->arena, "the forge lists %.14s and serves sha256:%.7s", s->digest,
				    hex);
	if (!j || journal_asset_seen(j, &seen, &first, &k->arena, &e) < 0)
		return ""; /* a journal that cannot be written stops the act by a rule of its own */
	if (text_eq(first.sha256, hex))
		return "";
	return arena_printf(&k->arena, "it was replaced: %.7s when first seen at %s, %.7s now", first.sha256,
			    when_iso(first.first_seen, at), hex);
}

static void take_asset(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct need_state *s = state_of(k, f);
	size_t n = a->number > 0 ? (size_t)a->number : 0;
	char hex[DIGEST_HEX] = "";
	const char *wrong;

	if (!k->acts->en->o.sha256) {
		judged(k, s, CHECK_UNCHECKED, "nothing here can make a digest");
		return;
	}
	k->acts->en->o.sha256(a->text ? a->text : "", n, hex);
	f->value = arena_printf(&k->arena, "%s sha256:%s", s->found, hex);
	proofs_brought(k, s->need->name, &(struct brought_file){ s->found, hex, a->text ? a->text : "", n });
	wrong = remembered(k, s, hex);
	if (*wrong)
		judged(k, s, CHECK_BAD, arena_printf(&k->arena, "%s: %s", s->found, wrong));
	else
		judge_document(k, s, a->text ? a->text : "", n,
			       arena_printf(&k->arena, "%s sha256:%.7s", s->found, hex));
}

static void need_asset(struct ask *k, struct need_state *s)
{
	const struct release *rel = k->plan.pf.rel;
	autofree(json) struct json *assets = NULL;
	const char *text = rel && rel->assets ? rel->assets : "[]";
	const struct json *one = NULL;
	const struct fact *f;

	s->source = "release";
	f = facts_find(&k->plan.facts, "release");
	if (!f || f->state == FACT_FAILED || f->state == FACT_UNREAD) {
		judged(k, s, CHECK_UNCHECKED, "the release was not read");
		return;
	}
	if (json_parse(&assets, text, strlen(text), JSON_TEXT_MAX, NULL) < 0) {
		judged(k, s, CHECK_UNCHECKED, "the release's list of assets is damaged");
		return;
	}
	for (const char *const *n = s->need->files; n && *n && !one; n++) {
		s->found = expand(k, *n);
		one = s->found ? asset_named(assets, s->found) : NULL;
	}
	if (!one) {
		const char *first = s->need->files && *s->need->files ? expand(k, *s->need->files) : NULL;

		judged(k, s, CHECK_MISSING,
		       arena_printf(&k->arena, "%s has no %s", k->plan.release ? k->plan.release : "it",
				    first ? first : s->need->name));
		return;
	}
	s->digest = arena_strdup(&k->arena, json_str(one, "digest"));
	s->id = json_int(one, "id", 0);
	read_for(k, s, &(struct forge_read){ .kind = FORGE_ASSET, .repo = k->plan.repo, .id = s->id },
		 take_asset);
}

/* ---- an artifact ------------------------------------------------------------------------------------------------------ */

static void take_zip(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct need_state *s = state_of(k, f);
	autofree(buf) struct buf text = BUF_INIT(ENTRY_MAX);
	struct zip *zip = k->acts->en->o.zip;
	struct err e = ERR_INIT;

	f->value = arena_printf(&k->arena, "artifact %" PRId64, s->id);
	if (!zip) {
		judged(k, s, CHECK_UNCHECKED, "nothing here can read an archive");
		return;
	}
	if (zip->ops->entry(zip, a->text, a->number > 0 ? (size_t)a->number : 0, s->need->entry, ENTRY_MAX,
			    &text, &e) < 0)
		judged(k, s, e.kind == ERR_MISSING ? CHECK_MISSING : CHECK_BAD,
		       arena_printf(&k->arena, "%s: %s", s->found, e.message));
	else
		judge_document(k, s, text.s, text.n, arena_printf(&k->arena, "%s, checked", s->found));
}

static void take_artifacts(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct need_state *s = state_of(k, f);
	const struct artifact *list = a->items, *best = NULL;
	struct when now = open_server_now(k->acts->en);
	char left[WHEN_TEXT];

	for (size_t i = 0; i < a->n; i++) {
		if (!text_eq(list[i].name, s->found) || list[i].foreign)
			continue;
		if (!best || (best->expired && !list[i].expired))
			best = &list[i];
	}
	f->value = "none";
	if (!best) {
		judged(k, s, CHECK_MISSING, arena_printf(&k->arena, "there is no artifact %s", s->found));
		return;
	}
	f->value =
		arena_printf(&k->arena, "artifact %" PRId64 "%s", best->id, best->expired ? " expired" : "");
	if (best->expired || (when_known(best->expires) && when_diff(best->expires, now) <= 0)) {
		judged(k, s, CHECK_BAD,
		       arena_printf(&k->arena, "%s of run %" PRId64 " has expired", s->found, best->run_id));
		return;
	}
	s->id = best->id;
	s->run = best->run_id;
	when_age(when_diff(best->expires, now), left);
	s->detail = arena_printf(&k->arena, "%s of run %" PRId64 "%s%s", s->found, best->run_id,
				 when_known(best->expires) ? ", expires in " : "",
				 when_known(best->expires) ? left : "");
}

/* The file by any name that the profile has for it. */
static bool is_file_of(const struct ask *k, const char *workflow, const char *path)
{
	const char *file = plan_file_of(path);

	if (text_eq(file, workflow))
		return true;
	vec_each (l, &k->plan.profile->lanes)
		for (const char *const *a = text_eq(l->workflow, workflow) ? l->aliases : NULL; a && *a; a++)
			if (text_eq(file, *a))
				return true;
	return false;
}

/* A run for a pull request has the branch of who asks, and may run what they wrote. */
static bool is_for_pull(const struct run *r)
{
	return text_starts(r->event ? r->event : "", "pull_request");
}

/* Any run may leave an artifact of any name: it counts when the workflow that makes it has made it. */
static void take_maker(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct need_state *s = state_of(k, f);
	const struct run *r = a->items;

	if (!a->n) {
		judged(k, s, CHECK_UNCHECKED,
		       arena_printf(&k->arena, "run %" PRId64 " was not read", s->run));
		return;
	}
	f->value = arena_printf(&k->arena, "run %" PRId64 " of %s", r->id, plan_file_of(r->path));
	if (!is_file_of(k, s->need->workflow, r->path) || is_for_pull(r))
		judged(k, s, CHECK_BAD,
		       arena_printf(&k->arena, "%s was made by run %" PRId64 " of %s (%s), and not by %s",
				    s->found, r->id, plan_file_of(r->path), r->event ? r->event : "?",
				    s->need->workflow));
}

static void read_maker(struct ask *k, struct need_state *s)
{
	const struct forge_read r = { .kind = FORGE_RUN, .repo = k->plan.repo, .id = s->run };

	s->made = true;
	if (s->run > 0)
		read_for(k, s, &r, take_maker);
	else
		judged(k, s, CHECK_UNCHECKED,
		       arena_printf(&k->arena, "which run made %s is not said", s->found));
}

static void need_artifact(struct ask *k, struct need_state *s)
{
	struct forge_read r = { .kind = FORGE_ARTIFACTS, .repo = k->plan.repo, .number = 30 };

	s->source = "artifacts";
	if (s->round == 0) {
		s->found = expand(k, s->need->artifact);
		r.name = s->found;
		if (s->found)
			read_for(k, s, &r, take_artifacts);
		else
			judged(k, s, CHECK_UNCHECKED, "which one is meant is not known");
	} else if (s->need->workflow && !s->made) {
		read_maker(k, s);
	} else if (s->need->entry && !s->opened) {
		s->opened = true;
		r = (struct forge_read){ .kind = FORGE_ARTIFACT, .repo = k->plan.repo, .id = s->id };
		read_for(k, s, &r, take_zip);
	} else {
		judged(k, s, CHECK_OK, s->detail);
	}
}

/* ---- the freshness of another workflow --------------------------------------------------------------------------------- */

static void take_fresh_runs(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct need_state *s = state_of(k, f);
	const struct run *runs = a->items;

	f->value = "none";
	for (size_t i = 0; i < a->n && !s->newest; i++) {
		if (runs[i].status != RUN_COMPLETED || runs[i].conclusion != CONCLUSION_SUCCESS)
			continue;
		if (is_for_pull(&runs[i]) || (s->need->branch && !text_eq(runs[i].branch, s->need->branch)))
			continue;
		struct run *mine = arena_new(&k->arena, struct run);

		rec_dup(&rec_run, mine, &runs[i], &k->arena);
		s->newest = mine;
		s->id = mine->id;
		f->value = arena_printf(&k->arena, "run %" PRId64, mine->id);
	}
}

static void take_fresh_artifact(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct need_state *s = state_of(k, f);
	const struct artifact *list = a->items;
	const char *wanted = expand(k, s->need->artifact);

	f->value = "not there";
	for (size_t i = 0; i < a->n; i++)
		if (text_eq(list[i].name, wanted))
			s->found = f->value = wanted;
}

static void judge_fresh(struct ask *k, struct need_state *s)
{
	const struct fresh f = { .newest = s->newest,
				 .max_age_ms = s->need->max_age_h * INT64_C(3600000),
				 .artifact = expand(k, s->need->artifact),
				 .artifact_found = s->found != NULL };
	const char *why;
	enum verdict v = evidence_fresh(&f, open_server_now(k->acts->en), &why, &k->arena);

	judged(k, s, v, arena_printf(&k->arena, "%s: %s", s->need->workflow, why));
}

static void need_fresh(struct ask *k, struct need_state *s)
{
	struct forge_read r = {
		.kind = FORGE_RUNS, .repo = k->plan.repo, .workflow = s->need->workflow, .number = FRESH_RUNS
	};

	s->source = s->need->workflow;
	if (s->round == 0) {
		read_for(k, s, &r, take_fresh_runs);
	} else if (s->round == 1 && s->newest && s->need->artifact) {
		r = (struct forge_read){
			.kind = FORGE_ARTIFACTS, .repo = k->plan.repo, .id = s->id, .number = 100
		};
		read_for(k, s, &r, take_fresh_artifact);
	} else {
		judge_fresh(k, s);
	}
}

/* ---- files, labels, tags ----------------------------------------------------------------------------------------------- */

static void judge_presence(struct ask *k, struct need_state *s, bool there, const char *what)
{
	bool wanted = !s->need->absent;

	judged(k, s,
	       there == wanted ? CHECK_OK
	       : wanted        ? CHECK_MISSING
			       : CHECK_BAD,
	       arena_printf(&k->arena, "%s is %s", what, there ? "there" : "not there"));
}

static void take_file(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct need_state *s = state_of(k, f);
	size_t n = a->number > 0 ? (size_t)a->number : 0;
	char hex[DIGEST_HEX] = "";

	if (k->acts->en->o.sha256)
		k->acts->en->o.sha256(a->text ? a->text : "", n, hex);
	f->value = arena_printf(&k->arena, "%s sha256:%s", s->found, hex);
	if (s->need->absent)
		judge_presence(k, s, true, s->found);
	else
		judge_document(k, s, a->text ? a->text : "", n,
			       arena_printf(&k->arena, "%s sha256:%.7s", s->found, hex));
}

/* A file that is not there is looked for under its next name. */
static void need_file(struct ask *k, struct need_state *s)
{
	const char *const *files = s->need->files;
	struct forge_read r = { .kind = FORGE_FILE, .repo = k->plan.repo };
	int n = 0;

	s->source = "file";
	while (files && files[n] && n < s->round)
		n++;
	if (!files || !files[n]) {
		judge_presence(k, s, false, s->found ? s->found : s->need->name);
		return;
	}
	s->found = r.name = expand(k, files[n]);
	r.name2 = s->need->ref ? expand(k, s->need->ref) : k->plan.ref;
	if (r.name && r.name2)
		read_for(k, s, &r, take_file);
	else
		judged(k, s, CHECK_UNCHECKED, "where it would stand is not known");
}

static void take_labelled(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct need_state *s = state_of(k, f);
	const struct pull *list = a->items;

	f->value = "on none";
	for (size_t i = 0; i < a->n; i++)
		f->value = arena_printf(&k->arena, "%s#%" PRId64,
					i ? arena_printf(&k->arena, "%s ", f->value) : "", list[i].number);
	judge_presence(k, s, a->n > 0, arena_printf(&k->arena, "label %s", s->need->name));
}

static void need_label(struct ask *k, struct need_state *s)
{
	struct forge_read r = { .kind = FORGE_LABELLED, .repo = k->plan.repo, .name = s->need->name };

	s->source = "labels";
	if (s->round == 0)
		read_for(k, s, &r, take_labelled);
}

static void take_tag(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	f->value = arena_strdup(&k->arena, a->text ? a->text : "");
}

static void need_tag(struct ask *k, struct need_state *s)
{
	struct forge_read r = { .kind = FORGE_COMMIT, .repo = k->plan.repo };

	s->source = "tags";
	r.name = arena_printf(&k->arena, "tags/%s", s->need->name);
	if (s->round == 0)
		read_for(k, s, &r, take_tag);
	else
		judge_presence(k, s, answered(k, s)->state == FACT_OK,
			       arena_printf(&k->arena, "tag %s", s->need->name));
}

/* ---- rounds ------------------------------------------------------------------------------------------------------------ */

static void (*const need_next[])(struct ask *k, struct need_state *s) = {
	[NEED_OTHER] = NULL,       [NEED_RELEASE] = NULL,
	[NEED_ASSET] = need_asset, [NEED_ARTIFACT] = need_artifact,
	[NEED_FRESH] = need_fresh, [NEED_FILE] = need_file,
	[NEED_LABEL] = need_label, [NEED_TAG] = need_tag,
};

/* What the last reading did to the need, as far as its own taker did not judge it. */
static void need_settle(struct ask *k, struct need_state *s)
{
	const struct fact *f = s->round ? answered(k, s) : NULL;

	/* Its taker may have judged a list of which a part was damaged. */
	if (!f || (s->judged && f->state != FACT_FAILED))
		return;
	if (f->state == FACT_FAILED || f->state == FACT_UNREAD)
		judged(k, s, CHECK_UNCHECKED, f->why ? f->why : "it was not read");
	else if (f->state == FACT_ABSENT && s->need->kind != NEED_FILE && s->need->kind != NEED_TAG)
		judged(k, s, CHECK_MISSING, f->why ? f->why : "it is not there");
}

static void needs_round(struct ask *k)
{
	int begun = k->pending;

	vec_each (s, &k->plan.need_states) {
		need_settle(k, s);
		while (!s->judged && k->pending == begun) {
			need_next[s->need->kind](k, s);
			if (k->pending == begun)
				need_settle(k, s); /* a reading that could not even begin */
		}
		begun = k->pending;
	}
	ask_then(k, k->pending ? needs_round : k->plan.needs_then);
}

static bool wanted(const struct ask *k, const struct profile_need *need)
{
	return need_next[need->kind] && (!need->replay || text_eq(k->plan.act, "replay") ||
					 (plan_is_rollback(k) && k->plan.lane->rollback == BACK_REPLAY));
}

void needs_read(struct ask *k, ask_step then)
{
	const struct profile_needs *list = &k->plan.lane->needs;

	k->plan.needs_then = then;
	vec_each (need, list) {
		struct need_state *s;

		if (!wanted(k, need))
			continue;
		s = vec_push(&k->plan.need_states, &k->arena);
		s->need = need;
		s->source = "profile";
		s->name = arena_printf(&k->arena, "%s:%s",
				       need->informs ? "note" : names_word(&need_kind_names, need->kind),
				       need->name ? need->name : names_word(&need_kind_names, need->kind));
	}
	needs_round(k);
}

void needs_judge(struct ask *k)
{
	struct plan *p = &k->plan;

	vec_each (s, &p->need_states) {
		const struct fact *f = s->round ? answered(k, s) : NULL;

		*(struct preflight_need *)vec_push(&p->judged, &k->arena) = (struct preflight_need){
			.name = s->name,
			.status = s->judged ? s->status : CHECK_UNCHECKED,
			.detail = s->judged ? s->detail : "it was not read",
			.source = s->source,
			.fix = expand(k, s->need->fix),
			.at = f ? f->at : p->made,
		};
	}
}
