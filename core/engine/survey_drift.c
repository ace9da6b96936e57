/*
 * survey_drift.c - the rows of one probe, and the two probes that are one answer: recorded deployments, and the running
 * system itself.
 */
#include "core/engine/survey.h"

#include "base/json.h"
#include "base/text.h"
#include "core/rules/drift.h"
#include "core/rules/evidence.h"

#include <string.h>

#define DEPLOYMENTS_PAGE  30
#define DEPLOYMENTS_ASKED 10 /* newest ones with the payload: one succeeded, or it is not known */

/* ---- rows ------------------------------------------------------------------------------------------------------------- */

struct old_rows {
	struct look *k;
	struct drifts rows;
};

static int push_old(void *ctx, const void *row)
{
	struct old_rows *old = ctx;
	const struct drift *d = row;

	if (d->probe == old->k->ordinal)
		*vec_push(&old->rows, &old->k->arena) = *d;
	return 0;
}

/* "it was equal": also of a row that has been unknown since. */
static const char *was(struct look *k, const struct drift *old)
{
	const char *said = strstr(old->reason, "it was ");

	if (old->verdict != DRIFT_UNKNOWN)
		return arena_printf(&k->arena, "it was %s", names_word(&drift_verdict_names, old->verdict));
	return said ? said : "";
}

/* What could not be read keeps what was known of it, and its age. */
static void keep_old(struct look *k, struct drift *row, const struct drift *old)
{
	const char *before = was(k, old);

	row->declared = *row->declared ? row->declared : old->declared;
	row->live = *row->live ? row->live : old->live;
	row->at = old->at;
	if (*before)
		row->reason = arena_printf(&k->arena, "%s; %s", row->reason, before);
}

static const struct drift *find_old(const struct old_rows *old, const struct drift *row)
{
	vec_each (o, &old->rows)
		if (text_eq(o->component, row->component) && text_eq(o->platform, row->platform))
			return o;
	return NULL;
}

/* Nothing was read at all: the rows that were there say so, or one that has no more than the probe's name. */
static void unread_rows(struct look *k, struct drifts *rows, const struct old_rows *old, const char *why)
{
	const struct profile_probe *p = k->probe;

	vec_each (o, &old->rows) {
		struct drift *row = vec_push(rows, &k->arena);

		*row = *o;
		row->verdict = DRIFT_UNKNOWN;
		row->reason = why;
	}
	if (!rows->n)
		*vec_push(rows, &k->arena) = (struct drift){
			.component = p->name ? p->name : names_word(&probe_kind_names, p->kind),
			.platform = p->platform ? p->platform : "",
			.declared = "",
			.live = "",
			.reason = why,
			.source = names_word(&probe_kind_names, p->kind),
		};
}

static int put_rows(struct look *k, const struct drifts *rows, const struct old_rows *old, struct err *e)
{
	struct key key = { .name = k->lane->name, .number = k->ordinal };
	int r = store_run(look_cache(k), Q_drift_forget, &rec_key, &key, e);

	vec_each (row, rows) {
		const struct drift *before = find_old(old, row);

		if (r < 0)
			break;
		row->lane = k->lane->name;
		row->probe = k->ordinal;
		if (before && row->verdict == DRIFT_UNKNOWN && !when_known(row->at))
			keep_old(k, row, before);
		r = look_put(k, Q_drift_put, &rec_drift, row, e);
	}
	return r;
}

void drift_write(struct look *k, struct drifts *rows, const char *why)
{
	struct old_rows old = { .k = k };
	struct key key = { .name = k->lane->name };
	struct err e = ERR_INIT;
	int r = look_write(k, &e) ? 0 : -1;

	if (r >= 0)
		r = store_each(look_cache(k), Q_drifts_by_lane, &rec_key, &key, &rec_drift, &k->arena,
			       push_old, &old, &e);
	if (r >= 0 && !rows->n) {
		unread_rows(k, rows, &old, why);
		vec_each (row, rows)
			row->at = WHEN_NONE;
	}
	if (r >= 0)
		r = put_rows(k, rows, &old, &e);
	if (r >= 0 && k->probe && k->probe->kind == PROBE_IMAGE)
		r = lanes_judge(k->s->en, k->profile->repo, &e); /* what the tag holds is what is live */
	look_written(k, r, &e);
	look_end(k);
}

static void drift_unread(struct look *k, const char *why)
{
	struct drifts none = { 0 };

	drift_write(k, &none, why);
}

/* ---- recorded deployments ----------------------------------------------------------------------------------------------- */

struct deployed {
	struct VEC_OF(struct deployment) all; /* with every component in the payload, newest first */
	size_t asked;
	bool found;
	const char *why; /* what stands in the way */
	bool unread;
	struct document manifest;
};

/* The payload may be an object, or a text that holds one. */
struct json *deployment_payload(const struct deployment *d)
{
	struct json *doc = NULL, *inner = NULL;
	const char *text;

	if (!d->payload || json_parse(&doc, d->payload, strlen(d->payload), SURVEY_TEXT, NULL) < 0)
		return NULL;
	text = json_str(doc, "");
	if (!text)
		return doc;
	if (json_parse(&inner, text, strlen(text), SURVEY_TEXT, NULL) < 0)
		inner = NULL;
	json_free(doc);
	return inner;
}

static bool has_components(struct look *k, const struct deployment *d)
{
	autofree(json) struct json *doc = deployment_payload(d);

	vec_each (c, &k->probe->components)
		if (!evidence_word(evidence_at(doc, c->pointer), &k->arena))
			return false;
	return doc && k->probe->components.n;
}

static void take_deployments(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct deployed *d = ctx;
	const struct deployment *list = err ? NULL : a->items;

	if (err) {
		d->why = look_failed(k, err);
		d->unread = true;
		return;
	}
	for (size_t i = 0; i < a->n && d->all.n < DEPLOYMENTS_ASKED; i++)
		if (has_components(k, &list[i]))
			rec_dup(&rec_deployment, vec_push(&d->all, &k->arena), &list[i], &k->arena);
	if (!d->all.n)
		d->why = "no deployment records what it deployed";
}

static void deployments_judge(struct look *k);
static void deployments_next(struct look *k);

static void take_state(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct deployed *d = ctx;

	if (err && err->kind != ERR_MISSING) {
		d->why = look_failed(k, err);
		d->unread = true;
	} else if (!err && text_eq(a->text, "success")) {
		d->found = true;
	} else {
		d->asked++;
	}
	look_then(k, deployments_next);
}

static const struct profile_component *declared_of(struct look *k, const char *name)
{
	vec_each (c, &k->probe->declared)
		if (text_eq(c->name, name))
			return c;
	return NULL;
}

static void deployments_next(struct look *k)
{
	struct deployed *d = k->own;

	if (d->why) {
		drift_unread(k, d->why);
		return;
	}
	if (d->found) {
		document_read(k, &d->manifest);
		look_then(k, deployments_judge);
		return;
	}
	if (d->asked >= d->all.n) {
		drift_unread(k, "no deployment that records what it deployed has succeeded");
		return;
	}
	look_read(k,
		  &(struct forge_read){ .kind = FORGE_DEPLOYMENT,
					.repo = k->profile->repo,
					.id = d->all.items[d->asked].id },
		  take_state, d);
}

/* What was deployed one after the other, newest first: an order, whatever came of each. */
static size_t order_of(struct look *k, const struct profile_component *c, const char **order)
{
	const struct deployed *d = k->own;
	size_t n = 0;

	vec_each (one, &d->all) {
		autofree(json) struct json *payload = deployment_payload(one);
		const char *word = evidence_word(evidence_at(payload, c->pointer), &k->arena);

		if (word && (!n || !drift_same(word, order[n - 1])))
			order[n++] = word;
	}
	return n;
}

/* A deployment of another commit than the one that is live by its runs is worth a word. */
static const char *deployed_words(struct look *k, const struct deployment *d)
{
	const char *live = k->known->row.live;

	if (!*live || drift_same(d->sha, live) || drift_same(d->sha, k->known->row.live_sha))
		return "";
	return arena_printf(&k->arena, "deployed from %.7s, and %.7s is live by its runs", d->sha, live);
}

static void component_row(struct look *k, struct drifts *rows, const struct profile_component *c,
			  const struct json *payload, const struct json *manifest)
{
	const struct deployed *d = k->own;
	const struct deployment *live = &d->all.items[d->asked];
	const struct profile_component *declared = declared_of(k, c->name);
	const char *word =
		declared ? evidence_word(evidence_at(manifest, declared->pointer), &k->arena) : NULL;
	const char *order[DEPLOYMENTS_ASKED];
	size_t n = order_of(k, c, order);
	struct drift *row = vec_push(rows, &k->arena);

	*row = (struct drift){
		.component = c->name,
		.platform = k->probe->platform ? k->probe->platform : "",
		.declared = word ? word : "",
		.live = evidence_word(evidence_at(payload, c->pointer), &k->arena),
		.reason = word        ? deployed_words(k, live)
			  : !declared ? "the profile names nothing that declares it"
			  : d->manifest.why
				  ? d->manifest.why
				  : arena_printf(&k->arena, "%s does not name it", d->manifest.name),
		.source = arena_printf(&k->arena, "deployment %" PRId64 " of %.7s; %s", live->id, live->sha,
				       d->manifest.name ? d->manifest.name : "no manifest"),
		.at = d->manifest.unread ? WHEN_NONE : look_now(k),
	};
	drift_judge(row, order, n, "deployment", &k->arena);
}

static void deployments_judge(struct look *k)
{
	struct deployed *d = k->own;
	struct drifts rows = { 0 };
	autofree(json) struct json *payload = deployment_payload(&d->all.items[d->asked]);
	autofree(json) struct json *manifest = document_json(k, &d->manifest);

	vec_each (c, &k->probe->components)
		component_row(k, &rows, c, payload, manifest);
	drift_write(k, &rows, "");
}

void look_at_deployments(struct look *k)
{
	struct deployed *d = arena_new(&k->arena, struct deployed);
	struct err e = ERR_INIT;
	const char *live;

	k->own = d;
	if (survey_known(k, &e)) {
		look_end(k);
		return;
	}
	live = k->known->row.live;
	d->manifest = (struct document){ .name = look_expand(k, k->probe->declared_artifact, live,
							     k->known->row.live_sha),
					 .entry = k->probe->declared_entry };
	look_read(k,
		  &(struct forge_read){ .kind = FORGE_DEPLOYMENTS,
					.repo = k->profile->repo,
					.name = k->probe->environment,
					.number = DEPLOYMENTS_PAGE },
		  take_deployments, d);
	look_then(k, deployments_next);
}
