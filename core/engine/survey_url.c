/*
 * survey_url.c - what the running system says of itself: one datum of one answer, never the answer. Sent without a token;
 * fields that the profile forbids to keep are not even looked at.
 */
#include "core/engine/options.h"
#include "core/engine/survey.h"

#include "base/json.h"
#include "base/text.h"
#include "core/rules/drift.h"
#include "core/rules/evidence.h"

#include <string.h>

struct running {
	struct site_answer site;
	const char *declared; /* commit of the release that should run */
	const char *why;
	bool unread;
};

/* A path stands below the site; a whole URL stands for itself, unless a site is given instead. */
static const char *url_of(struct look *k, const struct profile_probe *p)
{
	const char *site = sites_url(&k->s->en->o.sites, k->lane->name);

	if (site && p->url && *p->url == '/')
		return arena_printf(&k->arena, "%s%s", site, p->url);
	if (site)
		return site;
	return p->url && *p->url != '/' ? p->url : NULL;
}

static bool is_forbidden(const struct look *k, const char *pointer)
{
	const char *last = pointer ? strrchr(pointer, '/') : NULL;

	for (const char *const *f = k->profile->redact; last && f && *f; f++)
		if (text_eq(last + 1, *f))
			return true;
	return false;
}

static void take_answer(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct site_answer *s = ctx;
	autofree(json) struct json *doc = NULL;
	struct err e = ERR_INIT;
	const char *run;

	if (err) {
		s->why = look_failed(k, err);
		return;
	}
	if (json_parse(&doc, a->text ? a->text : "", a->number > 0 ? (size_t)a->number : 0, SURVEY_TEXT, &e) <
	    0) {
		s->why = arena_printf(&k->arena, "not read: the answer is no JSON: %s", e.message);
		return;
	}
	s->datum = evidence_word(evidence_at(doc, s->probe->pointer), &k->arena);
	s->at = look_now(k);
	if (!s->datum || !*s->datum)
		s->why = arena_printf(&k->arena, "the answer has no %s", s->probe->pointer);
	run = s->probe->run_pointer ? evidence_word(evidence_at(doc, s->probe->run_pointer), &k->arena)
				    : NULL;
	s->run = run ? profile_run_in(s->probe, run) : 0;
}

void site_read(struct look *k, const struct profile_probe *probe, struct site_answer *out)
{
	*out = (struct site_answer){ .probe = probe, .url = url_of(k, probe) };
	if (!out->url)
		out->why =
			arena_printf(&k->arena, "where it runs is not known: --site %s=URL", k->lane->name);
	else if (is_forbidden(k, probe->pointer) || is_forbidden(k, probe->run_pointer))
		out->why = "the profile forbids to read this field";
	else
		look_read(k, &(struct forge_read){ .kind = FORGE_PROBE, .name = out->url }, take_answer, out);
}

/* ---- the release that should run ------------------------------------------------------------------------------------------ */

static void take_commit(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct running *r = ctx;

	if (err) {
		r->why = look_failed(k, err);
		r->unread = err->kind != ERR_MISSING;
		return;
	}
	r->declared = arena_strdup(&k->arena, a->text);
}

/* Where the release is a tag, its commit: a run may have been dispatched on another ref. */
static void read_declared(struct look *k, struct running *r)
{
	const char *live = k->known->row.live;

	if (!*live)
		r->why = "which release is live is not known";
	else if (text_is_hex(live, 40))
		r->declared = live;
	else if (text_starts(live, "sha256:"))
		r->declared = live;
	else
		look_read(k,
			  &(struct forge_read){ .kind = FORGE_COMMIT,
						.repo = k->profile->repo,
						.name = arena_printf(&k->arena, "tags/%s", live) },
			  take_commit, r);
}

/* ---- rows -------------------------------------------------------------------------------------------------------------------- */

static struct drift *add_row(struct look *k, struct drifts *rows, const char *component, const char *source)
{
	const struct running *r = k->own;
	struct drift *row = vec_push(rows, &k->arena);

	*row = (struct drift){ .component = component,
			       .platform = k->probe->platform ? k->probe->platform : "",
			       .declared = "",
			       .live = "",
			       .reason = r->site.why ? r->site.why
					 : r->why    ? r->why
						     : "",
			       .source = source,
			       .at = r->unread ? WHEN_NONE : r->site.at };
	return row;
}

/* Runs have numbers that grow: a system that was brought up by an older one is behind. */
static void run_row(struct look *k, struct drifts *rows, const char *name, const char *source)
{
	const struct running *r = k->own;
	int64_t live = r->site.run, declared = k->known->row.live_run;
	const char **order = arena_array(&k->arena, const char *, k->known->runs.n + 1);
	struct drift *row = add_row(k, rows, arena_printf(&k->arena, "%s run", name), source);
	size_t n = 0;

	vec_each (run, &k->known->runs)
		order[n++] = arena_printf(&k->arena, "%" PRId64, run->id);
	if (declared)
		row->declared = arena_printf(&k->arena, "%" PRId64, declared);
	if (live)
		row->live = arena_printf(&k->arena, "%" PRId64, live);
	else if (!r->site.why)
		row->reason = "the answer names no run";
	drift_judge(row, order, n, "run", &k->arena);
}

static void url_judge(struct look *k)
{
	struct running *r = k->own;
	struct drifts rows = { 0 };
	const char *name = k->probe->name ? k->probe->name : "site";
	const char *source = arena_printf(&k->arena, "%s%s; release %s", r->site.url ? r->site.url : "site",
					  k->probe->pointer ? k->probe->pointer : "", k->known->row.live);
	struct drift *row = add_row(k, &rows, name, source);

	row->declared = r->declared ? r->declared : "";
	row->live = r->site.datum ? r->site.datum : "";
	drift_judge(row, NULL, 0, "release", &k->arena);
	if (k->probe->run_pointer)
		run_row(k, &rows, name, source);
	drift_write(k, &rows, "");
}

/* Where pins are declared, what runs is compared with them, by the look at the pins. */
static bool serves_pins(const struct look *k)
{
	vec_each (p, &k->lane->probes)
		if (p->kind == PROBE_PINS)
			return true;
	return false;
}

void look_at_url(struct look *k)
{
	struct running *r = arena_new(&k->arena, struct running);
	struct err e = ERR_INIT;

	k->own = r;
	if (serves_pins(k) || survey_known(k, &e)) {
		look_end(k);
		return;
	}
	site_read(k, k->probe, &r->site);
	read_declared(k, r);
	look_then(k, url_judge);
}
