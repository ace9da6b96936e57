#include "core/engine/reconcile.h"
#include "core/engine/ways.h"

#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"
#include "core/rules/drift.h"
#include "core/rules/evidence.h"

#include <string.h>

/*
 * What stands in the way of an act that brings something new to a lane, beside its prerequisites: a line that is frozen, a
 * lock that others hold, a policy that the file relaxes, and a way back that the act would take away. All of it is read
 * fresh for the plan; a source that cannot be read is not known, and never "open" (delivery-systems reference 5.2: the
 * organisation's own script takes a missing file for "not frozen").
 */

#define FILE_TEXT_MAX ((size_t)1 << 20)

/* One reading, found again by the name of its fact. */
struct stop {
	const char *fact;
	const struct profile_freeze *freeze; /* one of these three */
	const struct profile_lock *lock;
	const char *file; /* that knobs point into */
	const char *text; /* of a file */
	size_t text_n;
	size_t bearers;          /* of a label */
	const struct run *holds; /* a run of another workflow in the lock's group */
	const struct run *waits;
};

static struct stop *stop_of(struct ask *k, const char *fact)
{
	vec_each (s, &k->plan.stops)
		if (text_eq(s->fact, fact))
			return s;
	return NULL;
}

static struct stop *stop_add(struct ask *k, const char *fact)
{
	struct stop *s = vec_push(&k->plan.stops, &k->arena);

	s->fact = fact;
	return s;
}

static void take_text(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct stop *s = stop_of(k, f->name);
	size_t n = a->number > 0 ? (size_t)a->number : 0;
	char hex[DIGEST_HEX] = "";

	if (!s)
		return;
	s->text = arena_copy(&k->arena, a->text, n);
	s->text_n = n;
	if (k->acts->en->o.sha256)
		k->acts->en->o.sha256(s->text, n, hex);
	f->value = arena_strdup(&k->arena, hex);
}

/* ---- freeze ---------------------------------------------------------------------------------------------------------- */

bool stops_exempt(const struct plan *p)
{
	for (const char *const *e = p->profile->freeze_exempt; e && *e; e++)
		if (text_eq(*e, p->lane->environment))
			return true;
	return false;
}

const char *freeze_source(const struct profile_freeze *fz, struct arena *a)
{
	return arena_printf(a, "%s %s", names_word(&freeze_kind_names, fz->kind),
			    fz->kind == FREEZE_FILE ? fz->path : fz->name);
}

static void take_freeze_tag(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	f->value = arena_strdup(&k->arena, a->text ? a->text : "");
}

static void take_freeze_label(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct stop *s = stop_of(k, f->name);

	if (s)
		s->bearers = a->n;
	f->value = arena_printf(&k->arena, "on %zu", a->n);
}

static const char *override_fact(struct ask *k, const struct profile_freeze *fz)
{
	return arena_printf(&k->arena, "override %s", fz->override_path);
}

static void read_override(struct ask *k, const struct profile_freeze *fz)
{
	struct forge_read r = {
		.kind = FORGE_FILE, .repo = k->plan.repo, .name = fz->override_path, .name2 = fz->ref
	};

	if (!fz->override_path)
		return;
	stop_add(k, override_fact(k, fz));
	ask_read(k, override_fact(k, fz), true, &r, take_text);
}

/* What the organisation's own file would lift: told beside the freeze, which stands until somebody thaws it. */
static const char *override_words(struct ask *k, const struct profile_freeze *fz)
{
	const struct stop *s = fz->override_path ? stop_of(k, override_fact(k, fz)) : NULL;
	autofree(json) struct json *doc = NULL;
	struct freeze lifted = { 0 };

	if (!s || !s->text || json_parse(&doc, s->text, s->text_n, FILE_TEXT_MAX, NULL) < 0)
		return "";
	evidence_freeze(&lifted, doc, fz->override_pointer, fz->override_expires, engine_now(k->acts->en),
			&k->arena);
	return lifted.state == FREEZE_FROZEN
		       ? arena_printf(&k->arena, "; %s would lift it, and is not taken for a thaw",
				      fz->override_path)
		       : "";
}

static void read_freeze(struct ask *k, const struct profile_freeze *fz)
{
	const char *fact = arena_printf(&k->arena, "freeze %s", freeze_source(fz, &k->arena));
	struct forge_read r = { .repo = k->plan.repo };
	fact_take take = NULL;

	stop_add(k, fact)->freeze = fz;
	switch ((enum freeze_kind)fz->kind) {
	case FREEZE_TAG:
		r.kind = FORGE_COMMIT, r.name = arena_printf(&k->arena, "tags/%s", fz->name);
		take = take_freeze_tag;
		break;
	case FREEZE_LABEL:
		r.kind = FORGE_LABELLED, r.name = fz->name, take = take_freeze_label;
		break;
	case FREEZE_FILE:
		r.kind = FORGE_FILE, r.name = fz->path, r.name2 = fz->ref, take = take_text;
		read_override(k, fz);
		break;
	case FREEZE_OTHER:
		return;
	}
	ask_read(k, fact, true, &r, take);
}

/* A tag that is not there is open, and so is a label that nothing bears; a file or a list that is not there has lost the
 * answer. */
void freeze_judge(struct ask *k, const struct profile_freeze *fz, struct freeze *out)
{
	const char *name = arena_printf(&k->arena, "freeze %s", freeze_source(fz, &k->arena));
	const struct fact *f = facts_find(&k->plan.facts, name);
	const struct stop *s = stop_of(k, name);
	autofree(json) struct json *doc = NULL;
	struct err e = ERR_INIT;

	*out = (struct freeze){ .system = k->plan.profile->system,
				.source = freeze_source(fz, &k->arena),
				.state = FREEZE_UNKNOWN,
				.detail = "it was not read" };
	if (!f)
		return;
	out->at = f->at;
	out->detail = f->why ? f->why : "it was not read";
	if (f->state == FACT_ABSENT && fz->kind == FREEZE_FILE)
		out->detail = "the file is not there: whether the line is frozen is not known";
	else if (f->state == FACT_ABSENT && fz->kind == FREEZE_TAG)
		out->state = FREEZE_OPEN, out->detail = "";
	else if (f->state == FACT_OK && fz->kind == FREEZE_TAG)
		out->state = FREEZE_FROZEN, out->detail = arena_printf(&k->arena, "it is at %.7s", f->value);
	else if (f->state == FACT_OK && fz->kind == FREEZE_LABEL)
		out->state = s->bearers ? FREEZE_FROZEN : FREEZE_OPEN,
		out->detail = s->bearers
				      ? arena_printf(&k->arena, "%zu open pull requests bear it", s->bearers)
				      : "";
	else if (f->state == FACT_OK && json_parse(&doc, s->text, s->text_n, FILE_TEXT_MAX, &e) < 0)
		out->detail = arena_strdup(&k->arena, e.message);
	else if (f->state == FACT_OK)
		evidence_freeze(out, doc, fz->pointer, fz->expires, open_server_now(k->acts->en), &k->arena);
}

static void judge_freezes(struct ask *k)
{
	const struct profile_freezes *list = &k->plan.profile->freezes;
	struct freeze now;

	if (!list->n)
		return;
	vec_each (fz, list) {
		freeze_judge(k, fz, &now);
		const char *name = arena_printf(&k->arena, "freeze %s", now.source);
		const char *check =
			arena_printf(&k->arena, "freeze:%s", names_word(&freeze_kind_names, fz->kind));

		if (now.state == FREEZE_OPEN)
			plan_said(k, check, CHECK_OK, arena_printf(&k->arena, "not frozen by %s", now.source),
				  "", name);
		else if (now.state == FREEZE_FROZEN)
			plan_said(k, check, CHECK_BAD,
				  arena_printf(&k->arena, "%s is frozen by %s%s%s%s", k->plan.profile->system,
					       now.source, *now.detail ? ": " : "", now.detail,
					       override_words(k, fz)),
				  arena_printf(&k->arena, "`pilothouse thaw %s`", k->plan.profile->system),
				  name);
		else
			plan_said(k, check, CHECK_UNCHECKED,
				  arena_printf(&k->arena, "%s: %s", now.source, now.detail),
				  "an unknown freeze stops the line: make it readable", name);
	}
}

/* ---- locks ------------------------------------------------------------------------------------------------------------ */

static bool is_own(const struct plan *p, const char *workflow)
{
	return profile_is_workflow(p->lane, workflow);
}

static void take_lock_runs(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct stop *s = stop_of(k, f->name);
	const struct run *runs = a->items;
	const char *ids = f->value && *f->value ? f->value : "";

	for (size_t i = 0; i < a->n; i++) {
		bool queued = runs[i].status == RUN_PENDING || runs[i].status == RUN_QUEUED;
		struct run *mine;

		if (runs[i].status == RUN_COMPLETED)
			continue;
		mine = arena_new(&k->arena, struct run);
		rec_dup(&rec_run, mine, &runs[i], &k->arena);
		*(queued ? &s->waits : &s->holds) = mine;
		ids = arena_printf(&k->arena, "%s%s%" PRId64, ids, *ids ? " " : "", mine->id);
	}
	f->value = ids;
}

static void read_lock(struct ask *k, const struct profile_lock *lock)
{
	struct forge_read r = { .kind = FORGE_RUNS, .repo = k->plan.repo, .number = 30 };
	const char *fact = NULL;

	for (const char *const *w = lock->workflows; w && *w; w++) {
		if (is_own(&k->plan, *w))
			continue;
		if (!fact) {
			fact = arena_printf(&k->arena, "lock %s", lock->group);
			stop_add(k, fact)->lock = lock;
		}
		r.workflow = *w;
		ask_read(k, fact, true, &r, take_lock_runs);
	}
}

static const char *run_words(struct ask *k, const struct run *r)
{
	const char *slash = r->path ? strrchr(r->path, '/') : NULL;

	return arena_printf(&k->arena, "run %" PRId64 " of %s (%s)", r->id, slash ? slash + 1 : "?",
			    names_word(&run_status_names, r->status));
}

static void judge_lock(struct ask *k, const struct stop *s)
{
	const struct fact *f = facts_find(&k->plan.facts, s->fact);
	const char *name = arena_printf(&k->arena, "lock:%s", s->lock->group);
	int64_t queue = s->lock->queue ? s->lock->queue : 1;

	if (f->state == FACT_ABSENT)
		plan_said(k, name, CHECK_MISSING,
			  "a workflow that shares the lock is not there: who holds it is not known",
			  "check `locks` in the profile", s->fact);
	else if (f->state != FACT_OK)
		plan_said(k, name, CHECK_UNCHECKED, f->why ? f->why : "it was not read", "try again",
			  s->fact);
	else if (s->holds && s->lock->cancels)
		plan_said(k, name, CHECK_BAD,
			  arena_printf(&k->arena, "it would cancel %s", run_words(k, s->holds)),
			  "wait until it is done", s->fact);
	else if (s->waits && queue <= 1)
		plan_said(k, name, CHECK_BAD,
			  arena_printf(&k->arena, "it would evict %s", run_words(k, s->waits)),
			  "wait until it is done", s->fact);
	else if (s->holds || s->waits)
		plan_said(k, name, CHECK_OK,
			  arena_printf(&k->arena, "it would wait behind %s",
				       run_words(k, s->holds ? s->holds : s->waits)),
			  "", s->fact);
	else
		plan_said(k, name, CHECK_OK, "nobody else holds it", "", s->fact);
}

/* ---- policy ------------------------------------------------------------------------------------------------------------ */

static void read_knob_file(struct ask *k, const char *file)
{
	struct forge_read r = { .kind = FORGE_FILE, .repo = k->plan.repo, .name2 = k->plan.ref };
	const char *fact = arena_printf(&k->arena, "policy %s", file);

	if (stop_of(k, fact))
		return;
	stop_add(k, fact)->file = file;
	r.name = strchr(file, '/') ? file : arena_printf(&k->arena, ".github/workflows/%s", file);
	ask_read(k, fact, true, &r, take_text);
}

const char *policy_at(const struct yaml *y, const char *pointer, struct arena *a)
{
	while (y && *pointer == '/') {
		size_t n = strcspn(pointer + 1, "/");
		const char *part = arena_strndup(a, pointer + 1, n);
		const struct yaml *next = yaml_get(y, part);
		int64_t i = 0;

		if (!next && y->kind == YAML_LIST && text_int64(&i, part, 0, INT32_MAX) == 0)
			for (next = y->child; next && i > 0; i--)
				next = next->next;
		y = next;
		pointer += n + 1;
	}
	return y && y->kind == YAML_SCALAR ? y->scalar : NULL;
}

static int rank(const struct profile_knob *knob, const char *word)
{
	for (int i = 0; knob->order && knob->order[i]; i++)
		if (text_eq(knob->order[i], word))
			return i;
	return -1;
}

static void judge_value(struct ask *k, const struct profile_knob *knob, const char *name, const char *value,
			const char *source)
{
	int want = rank(knob, knob->declared), is = rank(knob, value);

	if (text_eq(value, knob->declared))
		plan_said(k, name, CHECK_OK, arena_printf(&k->arena, "%s, as declared", value), "", source);
	else if (strstr(value, "${{"))
		plan_said_unless_accepted(k, name,
					  arena_printf(&k->arena,
						       "declared %s; the file at %s computes it: %s",
						       knob->declared, k->plan.ref, value),
					  "state it", source);
	else if (want >= 0 && is >= 0 && is < want)
		plan_said(k, name, CHECK_OK,
			  arena_printf(&k->arena, "%s, stricter than %s", value, knob->declared), "", source);
	else
		plan_said_unless_accepted(k, name,
					  arena_printf(&k->arena, "declared %s, and the file at %s says %s",
						       knob->declared, k->plan.ref, value),
					  "restore it", source);
}

/* What could not be read is not known, which is another thing than relaxed. */
static void said_unknown(struct ask *k, const char *name, const char *detail, const char *fix,
			 const char *source)
{
	if (plan_reason(k))
		plan_said_unless_accepted(k, name, detail, fix, source);
	else
		plan_said(k, name, CHECK_UNCHECKED, detail,
			  arena_printf(&k->arena, "%s, or add --reason \"why\" to go on knowingly", fix),
			  source);
}

static void judge_knob(struct ask *k, const struct profile_knob *knob)
{
	const char *source = arena_printf(&k->arena, "policy %s", knob->file);
	const char *name = arena_printf(&k->arena, "policy:%s", knob->name), *value;
	const struct fact *f = facts_find(&k->plan.facts, source);
	const struct stop *s = stop_of(k, source);
	struct yaml *doc = NULL;
	struct err e = ERR_INIT;

	if (!f || !s || f->state != FACT_OK || !s->text) {
		plan_said_unless_accepted(
			k, name,
			arena_printf(&k->arena, "declared %s; what is in force is not known: %s",
				     knob->declared, f && f->why ? f->why : "the file was not read"),
			"let the token read contents", source);
		return;
	}
	if (yaml_parse(&doc, knob->file, s->text, s->text_n, &k->arena, &e) < 0 || doc->kind != YAML_MAP) {
		said_unknown(k, name,
			     arena_printf(&k->arena, "declared %s; the file cannot be read: %s",
					  knob->declared, *e.message ? e.message : "it is no map"),
			     "mend the file", source);
		return;
	}
	value = policy_at(doc, knob->pointer, &k->arena);
	if (value)
		judge_value(k, knob, name, value, source);
	else
		plan_said_unless_accepted(k, name,
					  arena_printf(&k->arena,
						       "declared %s, and the file at %s does not say it",
						       knob->declared, k->plan.ref),
					  "restore it", source);
}

struct in_force {
	const char *component;
	struct drift row;
};

static int take_in_force(void *ctx, const void *row)
{
	struct in_force *f = ctx;
	const struct drift *d = row;

	if (!text_eq(d->component, f->component) || !text_eq(d->platform, "live"))
		return 0;
	f->row = *d;
	return 1;
}

/* What the running system was last heard to hold: an administrator's word there outlives a deploy. */
static void judge_live_knob(struct ask *k, const struct profile_knob *knob)
{
	struct key key = { .name = k->plan.lane->name };
	struct in_force f = { .component = arena_printf(&k->arena, "policy %s", knob->name) };
	struct err e = ERR_INIT;
	int r = store_each(k->acts->en->o.cache, Q_drifts_by_lane, &rec_key, &key, &rec_drift, &k->arena,
			   take_in_force, &f, &e);

	if (r >= 0 && f.row.component)
		drift_aged(&f.row, engine_now(k->acts->en), &k->arena);
	if (r < 0 || !f.row.component || f.row.verdict == DRIFT_UNKNOWN)
		plan_said(k, arena_printf(&k->arena, "note:in force:%s", knob->name), CHECK_UNCHECKED,
			  arena_printf(&k->arena,
				       "declared %s; what the running system holds is not known%s%s",
				       knob->declared, f.row.component ? ": " : "",
				       f.row.component ? f.row.reason : ""),
			  "", "cache");
	else if (f.row.verdict == DRIFT_OTHER || f.row.verdict == DRIFT_BEHIND)
		plan_said_unless_accepted(k, arena_printf(&k->arena, "in force:%s", knob->name),
					  arena_printf(&k->arena,
						       "declared %s, and the running system holds %s (%s)",
						       knob->declared, f.row.live, f.row.source),
					  "restore it", "cache");
	else
		plan_said(k, arena_printf(&k->arena, "in force:%s", knob->name), CHECK_OK,
			  arena_printf(&k->arena, "%s in the running system", f.row.live), "", "cache");
}

/* ---- the way back -------------------------------------------------------------------------------------------------------- */

static void take_back(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	const struct release *rel = a->items;
	struct release *mine = arena_new(&k->arena, struct release);

	if (!a->n) {
		f->state = FACT_ABSENT;
		return;
	}
	rec_dup(&rec_release, mine, rel, &k->arena);
	k->plan.back_release = mine;
	f->value = fact_release(k, mine);
}

static void take_back_tag(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	f->value = arena_strdup(&k->arena, a->text ? a->text : "");
}

static void take_back_package(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	const struct artifact *list = a->items;
	const struct profile_words w = { .release = k->plan.live };
	const char *wanted = profile_expand(&k->arena, k->plan.lane->replay->package, &w);

	f->state = FACT_ABSENT;
	f->why = arena_printf(&k->arena, "there is no %s that has not expired", wanted);
	for (size_t i = 0; i < a->n; i++)
		if (text_eq(list[i].name, wanted) && !list[i].expired && !list[i].foreign)
			f->state = FACT_OK, f->value = wanted;
}

static bool needs_assets(const struct profile_lane *l)
{
	vec_each (need, &l->needs)
		if (!need->informs && (need->kind == NEED_ASSET || need->kind == NEED_RELEASE))
			return true;
	return false;
}

/* What is live now is what one would go back to. */
void stops_read_back(struct ask *k)
{
	struct plan *p = &k->plan;
	struct forge_read r = { .repo = p->repo };

	if (!act_is(k, CMD_DISPATCH) || !p->live || !*p->live || text_eq(p->live, p->release))
		return;
	if (p->lane->rollback == BACK_REPLAY && p->lane->replay) {
		const struct profile_words w = { .release = p->live };

		r.kind = FORGE_ARTIFACTS, r.number = 30;
		r.name = profile_expand(&k->arena, p->lane->replay->package, &w);
		ask_read(k, "back", true, &r, take_back_package);
	} else if (p->lane->rollback == BACK_DISPATCH && needs_assets(p->lane)) {
		r.kind = FORGE_RELEASE, r.name = p->live;
		ask_read(k, "back", true, &r, take_back);
	} else if (p->lane->rollback == BACK_DISPATCH) {
		r.kind = FORGE_COMMIT, r.name = arena_printf(&k->arena, "tags/%s", p->live);
		ask_read(k, "back", true, &r, take_back_tag);
	}
}

static bool lists(const struct json *assets, const struct profile_need *need, const struct profile_words *w,
		  struct arena *a)
{
	for (const char *const *f = need->files; f && *f; f++) {
		const char *name = profile_expand(a, *f, w);

		for (size_t i = 0; i < json_size(assets); i++)
			if (text_eq(json_str(json_at(assets, i), "name"), name))
				return true;
	}
	return false;
}

/* NULL, or what the release to go back to has lost. */
static const char *lost(struct ask *k)
{
	const struct release *rel = k->plan.back_release;
	const struct profile_words w = { .release = k->plan.live };
	autofree(json) struct json *assets = NULL;
	const char *text = rel && rel->assets ? rel->assets : "[]";

	if (!rel)
		return NULL;
	if (rel->draft)
		return "its release is a draft again";
	if (json_parse(&assets, text, strlen(text), (size_t)4 << 20, NULL) < 0)
		return "its list of assets is damaged";
	vec_each (need, &k->plan.lane->needs)
		if (need->kind == NEED_ASSET && !need->informs && !lists(assets, need, &w, &k->arena))
			return arena_printf(&k->arena, "its asset %s is gone", need->name);
	return NULL;
}

static void judge_back(struct ask *k)
{
	const struct fact *f = facts_find(&k->plan.facts, "back");
	const char *live = k->plan.live, *gone;

	if (!f)
		return;
	if (f->state == FACT_FAILED || f->state == FACT_UNREAD) {
		plan_said(k, "back", CHECK_UNCHECKED, f->why ? f->why : "it was not read", "try again",
			  "back");
		return;
	}
	gone = f->state == FACT_ABSENT ? (f->why ? f->why : "it is not there any more") : lost(k);
	if (gone)
		plan_said_unless_accepted(
			k, "back",
			arena_printf(&k->arena, "there would be no way back to %s: %s", live, gone),
			arena_printf(&k->arena, "restore %s", live), "back");
	else
		plan_said(k, "back", CHECK_OK, arena_printf(&k->arena, "%s is there to go back to", live), "",
			  "back");
}

/* ---- all of it ------------------------------------------------------------------------------------------------------------- */

void freezes_read(struct ask *k)
{
	vec_each (fz, &k->plan.profile->freezes)
		read_freeze(k, fz);
}

void stops_read_freezes(struct ask *k)
{
	if (!stops_exempt(&k->plan))
		freezes_read(k);
}

void stops_read(struct ask *k)
{
	const struct profile_lane *l = k->plan.lane;

	stops_read_freezes(k);
	vec_each (lock, &l->locks)
		read_lock(k, lock);
	if (k->plan.ref)
		vec_each (knob, &l->knobs)
			if (knob->file)
				read_knob_file(k, knob->file);
}

void stops_judge(struct ask *k)
{
	struct plan *p = &k->plan;

	if (!p->stops_wanted && !run_brings_new(k))
		return;
	if (!stops_exempt(p))
		judge_freezes(k);
	if (!p->stops_wanted)
		return;
	vec_each (s, &p->stops)
		if (s->lock)
			judge_lock(k, s);
	if (p->ref)
		vec_each (knob, &p->lane->knobs)
			if (knob->file)
				judge_knob(k, knob);
	vec_each (knob, &p->lane->knobs)
		if (knob->live)
			judge_live_knob(k, knob);
	judge_back(k);
}
