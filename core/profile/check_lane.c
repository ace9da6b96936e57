/*
 * check_lane.c - the rules of a lane and of the whole profile: what the parts contradict in each other.
 */
#include "core/profile/check.h"

#include "base/text.h"

#include <string.h>

enum { INPUTS_MAX = 25, TEXT_MAX = 4096, POLL_MIN_MS = 1000, DAY_MS = 86400 * 1000, DWELL_MAX_MIN = 1440 };

static const struct profile_input *find_input(const struct profile_lane *l, const char *name)
{
	vec_each (in, &l->inputs)
		if (strcmp(in->name, name) == 0)
			return in;
	return NULL;
}

static int check_inputs(const struct profile_lane *l, const struct yaml *map, struct err *e)
{
	if (l->inputs.n && l->start != START_DISPATCH)
		return yaml_error(e, check_at(map, "inputs"), "inputs need start: dispatch");
	if (l->inputs.n > INPUTS_MAX)
		return yaml_error(e, check_at(map, "inputs"), "a dispatch takes at most %d inputs",
				  INPUTS_MAX);
	if (l->release_input && !find_input(l, l->release_input))
		return yaml_error(e, check_at(map, "release_input"), "%s is not among the inputs",
				  l->release_input);
	return check_twice(yaml_get(map, "inputs"), "name", e);
}

static int check_start(const struct profile_lane *l, const struct yaml *map, struct err *e)
{
	if (l->start == START_MERGE && !l->release_pr)
		return yaml_error(e, check_at(map, "start"), "start: merge needs a release_pr");
	if (l->start != START_MERGE && l->release_pr)
		return yaml_error(e, check_at(map, "release_pr"), "release_pr needs start: merge");
	if (!l->ref)
		return l->start == START_DISPATCH ? yaml_error(e, map, "lane: start: dispatch needs a ref")
						  : 0;
	if (l->start != START_DISPATCH)
		return yaml_error(e, check_at(map, "ref"), "ref needs start: dispatch");
	if (strcmp(l->ref, "{release}") != 0 && !text_is_plain_ref(l->ref))
		return yaml_error(e, check_at(map, "ref"), "ref must be a branch, a tag or {release}");
	return 0;
}

/* ---- the way back ---- */

static bool has_probe(const struct profile_lane *l, int kind)
{
	vec_each (p, &l->probes)
		if (p->kind == kind)
			return true;
	return false;
}

/* Dispatching an older release: it must be possible to say which. */
static int check_back_dispatch(const struct profile_lane *l, const struct yaml *map, struct err *e)
{
	if (l->start != START_DISPATCH)
		return yaml_error(e, check_at(map, "rollback"), "rollback needs start: dispatch");
	if (!l->release_input && strcmp(l->ref, "{release}") != 0)
		return yaml_error(e, check_at(map, "rollback"),
				  "rollback needs a release_input, or {release} as ref");
	return 0;
}

static const char *back_lacks(const struct profile_lane *l)
{
	switch ((enum rollback_kind)l->rollback) {
	case BACK_REPLAY:
		return l->replay ? NULL : "a replay section";
	case BACK_RETAG:
		return has_probe(l, PROBE_IMAGE) ? NULL : "a probe of kind image";
	case BACK_REVERT_PIN:
		return has_probe(l, PROBE_PINS) ? NULL : "a probe of kind pins";
	case BACK_EXTERNAL:
		return l->back_command ? NULL : "a back_command";
	case BACK_NONE:
	case BACK_DISPATCH:
		return NULL;
	}
	return NULL;
}

static int check_rollback(const struct profile_lane *l, const struct yaml *map, struct err *e)
{
	static const char *const belongs[] = { "back_command", "back_warns", "back_dwell_min" };
	const char *lacks = back_lacks(l);

	if (lacks)
		return yaml_error(e, check_at(map, "rollback"), "rollback: %s needs %s",
				  names_word(&rollback_kind_names, l->rollback), lacks);
	for (size_t i = 0; l->rollback == BACK_NONE && i < countof(belongs); i++)
		if (check_given(map, belongs[i]))
			return yaml_error(e, check_at(map, belongs[i]), "%s needs a rollback", belongs[i]);
	if (l->rollback == BACK_DISPATCH && check_back_dispatch(l, map, e) != 0)
		return -ERR_INVALID;
	if (check_range(map, "back_dwell_min", l->back_dwell_min, 0, DWELL_MAX_MIN, e) != 0)
		return -ERR_INVALID;
	return check_template(check_at(map, "back_command"), l->back_command, NO_NONCE, e);
}

/* ---- parts beside parts ---- */

static int check_release_from(struct profile_lane *l, const struct yaml *map, struct err *e)
{
	static const char *const words[] = { "input", "branch", "sha" };
	const struct yaml *title = check_at(map, "release_title");

	if (check_template(title, l->release_title, ONLY_RELEASE, e) != 0 ||
	    check_once(title, "release_title", l->release_title, "{release}", e) != 0)
		return -ERR_INVALID;
	if (!l->release_from)
		l->release_from = words[l->release_title ? 0 : 2];
	for (size_t i = 0; i < countof(words); i++) {
		if (strcmp(words[i], l->release_from) != 0)
			continue;
		if (i == 0 && !l->release_title)
			return yaml_error(e, check_at(map, "release_from"),
					  "release_from: input needs a release_title");
		return 0;
	}
	return yaml_error(e, check_at(map, "release_from"), "release_from must be input, branch or sha");
}

static int check_times(const struct profile_lane *l, const struct yaml *map, struct err *e)
{
	int r = l->poll_ms ? check_range(map, "poll_ms", l->poll_ms, POLL_MIN_MS, DAY_MS, e) : 0;

	if (r == 0 && l->stale_ms)
		r = check_range(map, "stale_ms", l->stale_ms, POLL_MIN_MS, 7LL * DAY_MS, e);
	return r;
}

static int check_words(const struct profile_lane *l, const struct yaml *map, struct err *e)
{
	static const char *const lists[] = { "aliases", "exclusive" };
	int r = check_word(map, "environment", l->environment, e);

	if (r == 0)
		r = check_workflow(check_at(map, "workflow"), l->workflow, e);
	for (size_t i = 0; r == 0 && i < countof(lists); i++)
		r = check_workflows(map, lists[i], e);
	if (r == 0 && check_in(l->aliases, l->workflow))
		r = yaml_error(e, check_at(map, "aliases"), "%s is the workflow itself", l->workflow);
	return r;
}

static bool has_stage(const struct profile_lane *l, const char *name)
{
	vec_each (s, &l->stages)
		if (strcmp(s->name, name) == 0)
			return true;
	return false;
}

static bool has_decision(const struct profile_lane *l, const char *name)
{
	vec_each (d, &l->decisions)
		if (strcmp(d->name, name) == 0)
			return true;
	return false;
}

static bool has_asset(const struct profile_lane *l, const char *name)
{
	vec_each (n, &l->needs)
		if (n->kind == NEED_ASSET && strcmp(n->name, name) == 0)
			return true;
	return false;
}

static int check_names(const struct profile_lane *l, const struct yaml *map, struct err *e)
{
	const struct profile_attestation *t = l->attestation;

	yaml_each(it, yaml_get(map, "decisions"))
	{
		const char *stage = yaml_str(it, "stage", NULL);

		if (stage && !has_stage(l, stage))
			return yaml_error(e, check_at(it, "stage"), "there is no stage %s", stage);
	}
	if (l->canary && l->canary->decision && !has_decision(l, l->canary->decision))
		return yaml_error(e, check_at(yaml_get(map, "canary"), "decision"), "there is no decision %s",
				  l->canary->decision);
	if (t && t->pins && !has_asset(l, t->pins))
		return yaml_error(e, check_at(yaml_get(map, "attestation"), "pins"),
				  "%s is no need of kind asset", t->pins);
	return 0;
}

/* What must be proved must be known by the lane otherwise. */
static int check_subjects(const struct profile_lane *l, const struct yaml *map, struct err *e)
{
	yaml_each(it, yaml_get(yaml_get(map, "proof"), "subjects"))
	{
		const char *asset = yaml_str(it, "asset", NULL), *probe = yaml_str(it, "probe", NULL);

		if (asset && !has_asset(l, asset))
			return yaml_error(e, check_at(it, "asset"), "%s is no need of kind asset", asset);
		if (probe && !has_probe(l, names_value(&probe_kind_names, probe)))
			return yaml_error(e, check_at(it, "probe"), "there is no probe of kind %s", probe);
	}
	return 0;
}

/* What a replay asks for must belong to one. */
static int check_replay(const struct profile_lane *l, const struct yaml *map, struct err *e)
{
	yaml_each(it, yaml_get(map, "needs"))
	{
		if (!l->replay && strcmp(yaml_str(it, "replay", "false"), "true") == 0)
			return yaml_error(e, check_at(it, "replay"), "replay needs a replay section");
	}
	if (l->replay &&
	    (strcmp(l->replay->workflow, l->workflow) == 0 || check_in(l->aliases, l->replay->workflow)))
		return yaml_error(e, check_at(yaml_get(map, "replay"), "workflow"),
				  "a replay has a workflow of its own");
	return 0;
}

static int check_lists(const struct profile_lane *l, const struct yaml *map, struct err *e)
{
	static const struct {
		const char *list, *key;
	} once[] = {
		{ "stages", "name" },      { "decisions", "name" }, { "approvals", "environment" },
		{ "knobs", "name" },       { "locks", "group" },    { "labels", "name" },
		{ "follows", "workflow" },
	};
	int r = 0;

	(void)l;
	for (size_t i = 0; r == 0 && i < countof(once); i++)
		r = check_twice(yaml_get(map, once[i].list), once[i].key, e);
	return r;
}

int profile_check_lane(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	static int (*const rules[])(const struct profile_lane *, const struct yaml *, struct err *) = {
		check_words, check_inputs, check_start, check_rollback, check_times,
		check_names, check_replay, check_lists, check_subjects,
	};
	struct profile_lane *l = object;
	int r = 0;

	(void)a;
	for (size_t i = 0; r == 0 && i < countof(rules); i++)
		r = rules[i](l, map, e);
	return r == 0 ? check_release_from(l, map, e) : r;
}

/* ---- the whole ---- */

static const struct yaml *lane_map(const struct yaml *root, size_t i)
{
	const struct yaml *it = yaml_get(root, "lanes");

	for (it = it ? it->child : NULL; it && i; i--)
		it = it->next;
	return it ? it : root;
}

/* A file that is one lane's workflow and another's alias would belong to both. */
static int check_files(const struct profile *p, const struct yaml *map, struct err *e)
{
	for (size_t i = 0; i < p->lanes.n; i++) {
		const struct profile_lane *l = &p->lanes.items[i];

		vec_each (other, &p->lanes)
			if (strcmp(other->workflow, l->workflow) != 0 &&
			    check_in(other->aliases, l->workflow))
				return yaml_error(e, check_at(lane_map(map, i), "workflow"),
						  "%s is another name for %s, the workflow of %s",
						  l->workflow, other->workflow, other->name);
	}
	return 0;
}

static const struct profile_lane *lane_named(const struct profile *p, const char *name)
{
	vec_each (l, &p->lanes)
		if (strcmp(l->name, name) == 0)
			return l;
	return NULL;
}

static int check_validated(const struct profile *p, const struct yaml *map, struct err *e)
{
	for (size_t i = 0; i < p->lanes.n; i++) {
		const struct profile_lane *l = &p->lanes.items[i];
		const struct yaml *pr = yaml_get(lane_map(map, i), "release_pr");

		if (!l->release_pr)
			continue;
		if (!lane_named(p, l->release_pr->validated))
			return yaml_error(e, check_at(pr, "validated"), "there is no lane %s",
					  l->release_pr->validated);
		if (strcmp(l->release_pr->validated, l->name) == 0)
			return yaml_error(e, check_at(pr, "validated"), "a lane cannot validate itself");
	}
	return 0;
}

static int check_exempt(const struct profile *p, const struct yaml *map, struct err *e)
{
	if (p->freeze_exempt && !p->freezes.n)
		return yaml_error(e, check_at(map, "freeze_exempt"), "freeze_exempt needs freezes");
	yaml_each(it, yaml_get(map, "freeze_exempt"))
	{
		bool found = false;

		vec_each (l, &p->lanes)
			found |= strcmp(l->environment, it->scalar) == 0;
		if (!found)
			return yaml_error(e, it, "there is no lane %s", it->scalar);
	}
	return 0;
}

int profile_check_profile(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	static int (*const rules[])(const struct profile *, const struct yaml *, struct err *) = {
		check_files,
		check_validated,
		check_exempt,
	};
	struct profile *p = object;
	int r = check_word(map, "name", p->name, e);

	if (r == 0)
		r = check_word(map, "system", p->system, e);
	if (r == 0 && p->repo && !profile_is_repo(p->repo))
		r = yaml_error(e, check_at(map, "repo"), "%s is not OWNER/NAME", p->repo);
	if (r == 0 && p->note && strlen(p->note) > TEXT_MAX)
		r = yaml_error(e, check_at(map, "note"), "note is longer than %d bytes", TEXT_MAX);
	if (r == 0 && p->lanes.n == 0)
		r = yaml_error(e, check_at(map, "lanes"), "a profile has at least one lane");
	if (r == 0)
		r = check_twice(yaml_get(map, "lanes"), "environment", e);
	vec_each (l, &p->lanes)
		l->name = arena_printf(a, "%s/%s", p->system, l->environment);
	if (!p->title)
		p->title = p->name;
	for (size_t i = 0; r == 0 && i < countof(rules); i++)
		r = rules[i](p, map, e);
	return r;
}
