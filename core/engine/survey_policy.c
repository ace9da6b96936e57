/*
 * survey_policy.c - policies that a lane declares against those in force: in the file at the commit that is live, and in
 * the running system, which an administrator may have relaxed since without any run. Each is a row beside the drift of the
 * lane's components, after its probes. What cannot be read (most settings want a session) is not known, never as declared.
 */
#include "core/engine/survey.h"
#include "core/engine/ways.h"

#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"
#include "core/engine/options.h"
#include "core/rules/drift.h"
#include "core/rules/evidence.h"
#include "core/rules/policy.h"

#include <string.h>

#define KNOB_FILE "file"
#define KNOB_LIVE "live"

/* One reading; several knobs point into it. */
struct source {
	const char *name; /* file, or path below the site */
	bool live;
	const char *text;
	size_t n;
	const char *why; /* not NULL: it was not read */
	struct when at;
};
struct policies {
	struct VEC_OF(struct source *) all;
};

static void take_text(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct source *s = ctx;

	if (err) {
		s->why = look_failed(k, err);
		return;
	}
	s->n = a->number > 0 ? (size_t)a->number : 0;
	s->text = arena_copy(&k->arena, a->text, s->n);
	s->at = look_now(k);
}

static void read_file(struct look *k, struct source *s)
{
	const char *sha = k->known->row.live_sha;
	struct forge_read r = { .kind = FORGE_FILE, .repo = k->profile->repo, .name2 = sha, .name = s->name };

	if (!strchr(s->name, '/'))
		r.name = arena_printf(&k->arena, ".github/workflows/%s", s->name);
	if (!*sha)
		s->why = "which commit is live is not known";
	else
		look_read(k, &r, take_text, s);
}

static void read_live(struct look *k, struct source *s)
{
	const char *site = sites_url(&k->s->en->o.sites, k->lane->name);

	if (!site)
		s->why = arena_printf(&k->arena, "where it runs is not known: --site %s=URL", k->lane->name);
	else
		look_read(k,
			  &(struct forge_read){ .kind = FORGE_PROBE,
						.name = arena_printf(&k->arena, "%s%s", site, s->name) },
			  take_text, s);
}

static struct source *source_of(struct look *k, const char *name, bool live)
{
	struct policies *all = k->own;
	struct source *s;

	vec_each (old, &all->all)
		if ((*old)->live == live && text_eq((*old)->name, name))
			return *old;
	s = arena_new(&k->arena, struct source);
	*s = (struct source){ .name = name, .live = live };
	*vec_push(&all->all, &k->arena) = s;
	if (live)
		read_live(k, s);
	else
		read_file(k, s);
	return s;
}

/* ---- judging ---------------------------------------------------------------------------------------------------------- */

static void value_of_file(struct look *k, struct drift *row, const struct source *s,
			  const struct profile_knob *knob)
{
	struct yaml *doc = NULL;
	struct err e = ERR_INIT;
	const char *value = NULL;

	if (yaml_parse(&doc, s->name, s->text, s->n, &k->arena, &e) >= 0 && doc)
		value = policy_at(doc, knob->pointer, &k->arena);
	else
		row->reason = arena_printf(&k->arena, "the file cannot be read: %s", e.message);
	if (value)
		row->live = value;
	else if (!row->reason)
		row->reason = "the file does not say it";
}

/* {settings: [{key, value, source}]}, or the list alone. */
static void value_of_settings(struct look *k, struct drift *row, const struct source *s,
			      const struct profile_knob *knob)
{
	autofree(json) struct json *doc = NULL;
	const struct json *list;
	struct err e = ERR_INIT;

	if (json_parse(&doc, s->text, s->n, SURVEY_TEXT, &e) < 0) {
		row->reason = arena_printf(&k->arena, "the answer is no JSON: %s", e.message);
		return;
	}
	list = json_type(doc) == JSON_ARRAY ? doc : json_get(doc, "settings");
	for (size_t i = 0; i < json_size(list); i++) {
		const struct json *one = json_at(list, i);
		const char *from = json_str(one, "source"),
			   *value = evidence_word(json_get(one, "value"), &k->arena);

		if (!text_eq(json_str(one, "key"), knob->key) || json_bool(one, "is_secret", false))
			continue;
		row->live = value ? value : "";
		if (from)
			row->source = arena_printf(&k->arena, "%s, from %s", row->source, from);
		return;
	}
	row->reason = arena_printf(&k->arena, "the answer has no setting %s", knob->key);
}

static void add_row(struct look *k, struct drifts *rows, const struct profile_knob *knob, bool live)
{
	const struct source *s = source_of(k, live ? knob->live : knob->file, live);
	struct drift *row = vec_push(rows, &k->arena);

	*row = (struct drift){
		.component = arena_printf(&k->arena, "policy %s", knob->name),
		.platform = live ? KNOB_LIVE : KNOB_FILE,
		.declared = knob->declared,
		.live = "",
		.reason = s->why,
		.source = live ? s->name
			       : arena_printf(&k->arena, "%s at %.7s", s->name, k->known->row.live_sha),
		.at = s->at,
	};
	if (s->text && live)
		value_of_settings(k, row, s, knob);
	else if (s->text)
		value_of_file(k, row, s, knob);
	policy_judge(row, knob->order, k->lane->production, &k->arena);
}

static void policies_write(struct look *k)
{
	struct drifts rows = { 0 };

	vec_each (knob, &k->lane->knobs) {
		if (knob->file)
			add_row(k, &rows, knob, false);
		if (knob->live)
			add_row(k, &rows, knob, true);
	}
	drift_write(k, &rows, "");
}

void look_at_policies(struct look *k)
{
	struct err e = ERR_INIT;

	k->own = arena_new(&k->arena, struct policies);
	k->ordinal = (int64_t)k->lane->probes.n;
	if (survey_known(k, &e)) {
		look_end(k);
		return;
	}
	vec_each (knob, &k->lane->knobs) {
		if (knob->file)
			source_of(k, knob->file, false);
		if (knob->live)
			source_of(k, knob->live, true);
	}
	look_then(k, policies_write);
}
