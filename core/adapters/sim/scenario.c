#include "core/adapters/sim/canary.h"
#include "core/adapters/sim/fleet.h"
#include "core/adapters/sim/kube.h"
#include "core/adapters/sim/proofs.h"

#include "base/embed.h"
#include "base/text.h"

#include <string.h>

/* Scenarios are drills/<name>.yml; first-rollout.yml there explains every key. */

static int64_t integer(const struct yaml *map, const char *key, int64_t fallback)
{
	int64_t n;

	return text_int64(&n, yaml_str(map, key, ""), 0, INT32_MAX) == 0 ? n : fallback;
}

/* How often: -1 is for ever. */
static int times(const struct yaml *map, const char *key)
{
	return text_eq(yaml_str(map, key, NULL), "-1") ? -1 : (int)integer(map, key, 1);
}

static bool yes(const struct yaml *map, const char *key)
{
	return strcmp(yaml_str(map, key, ""), "true") == 0;
}

static int play_load(struct world *w, const struct yaml *list, struct err *e)
{
	struct drill_step *steps = arena_array(&w->arena, struct drill_step, list ? (size_t)list->n : 1);
	size_t n = 0;

	yaml_each(it, list)
	{
		struct drill_step *s = &steps[n++];

		s->line = yaml_str(it, "line", "");
		s->expect = yaml_str(it, "expect", "0");
		s->until = yaml_str(it, "until", NULL);
		if (sim_span_of(&s->wait_ms, it, "wait", 0, e) < 0)
			return -ERR_INVALID;
	}
	w->scenario.play = steps;
	w->scenario.play_n = n;
	return 0;
}

static const char *const *words_load(struct world *w, const struct yaml *list, size_t *n)
{
	const char **words = arena_array(&w->arena, const char *, list ? (size_t)list->n : 1);

	*n = 0;
	yaml_each(it, list)
	{
		if (it->scalar)
			words[(*n)++] = it->scalar;
	}
	return words;
}

static int fault_load(struct world *w, const struct yaml *it, struct err *e)
{
	static const char *const words[] = {
		[WORLD_OK] = "answer",         [WORLD_RESET] = "reset",   [WORLD_TIMEOUT] = "timeout",
		[WORLD_TRUNCATE] = "truncate", [WORLD_REFUSE] = "refuse",
	};
	static const struct names how = NAMES(words);
	const char *word = yaml_str(it, "how", "answer");
	struct world_fault_rule rule = {
		.match = yaml_str(it, "match", "*"),
		.how = (enum world_fault)names_value(&how, word),
		.status = (int)integer(it, "status", 0),
		.act_first = yes(it, "act_first"),
		.body = yaml_str(it, "body", NULL),
		.retry_after = (int)integer(it, "retry_after", 0),
		.count = times(it, "count"),
	};

	if (rule.how == WORLD_OK && strcmp(word, "answer") != 0)
		return yaml_error(e, it, "there is no fault %s", word);
	world_arm(w, &rule);
	return 0;
}

/* The seed gives a scenario its ids and durations: always the same ones. */
static int settings_load(struct world *w, const struct yaml *map, struct err *e)
{
	const struct yaml *timing = yaml_get(map, "timing");
	int r = sim_span_of(&w->list_delay, timing, "list_delay", 2 * SECOND, e);

	if (r == 0)
		r = sim_span_of(&w->latency, timing, "latency", 30, e);
	w->seed = w->random = (uint64_t)integer(map, "seed", 1);
	w->rate_limit = integer(map, "rate_limit", w->rate_limit);
	w->calm |= strcmp(yaml_str(map, "calm", ""), "true") == 0;
	w->scenario.title = yaml_str(map, "title", w->scenario.name);
	w->scenario.brief = yaml_str(map, "brief", "");
	w->scenario.profiles = words_load(w, yaml_get(map, "profiles"), &w->scenario.profiles_n);
	if (r == 0)
		r = play_load(w, yaml_get(map, "play"), e);
	yaml_each(it, yaml_get(map, "faults"))
	{
		if (r == 0)
			r = fault_load(w, it, e);
	}
	return r;
}

int sim_scenario_load(struct world *w, const char *name, struct err *e)
{
	const struct embedded *f = drill_files;
	struct yaml *map;
	int r;

	while (f->name && strcmp(f->name, name) != 0)
		f++;
	if (!f->name) {
		err_set(e, ERR_INVALID, "there is no drill %s", name);
		return err_hint(e, "pilothouse drill --list names them");
	}
	w->scenario.name = f->name;
	r = yaml_parse(&map, arena_printf(&w->arena, "drills/%s.yml", f->name), f->data, f->size, &w->arena,
		       e);
	if (r < 0)
		return r;
	w->script = map;
	return settings_load(w, map, e);
}

static int live_apply(struct sim_repo *r, const struct yaml *map, struct err *e)
{
	yaml_each(it, map)
	{
		struct sim_lane *lane = NULL;

		vec_each (l, &r->lanes) {
			if (strcmp(l->name, it->key) == 0)
				lane = l;
		}
		if (!lane || !it->scalar)
			return yaml_error(e, it, "there is no lane %s", it->key);
		lane->live = it->scalar;
	}
	return 0;
}

static int asset_drop(struct sim_repo *r, const struct yaml *map, struct err *e)
{
	struct sim_release *rel = sim_release_find(r, yaml_str(map, "release", ""));

	if (!map)
		return 0;
	if (!rel)
		return yaml_error(e, map, "there is no such release");
	vec_each (it, &rel->assets) {
		it->dropped |= text_glob(yaml_str(map, "name", ""), it->name);
	}
	return 0;
}

static void release_drop(struct sim_repo *r, const char *tag)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->releases.n; i++)
		if (strcmp(r->releases.items[i].tag, tag) != 0)
			r->releases.items[kept++] = r->releases.items[i];
	r->releases.n = kept;
}

/* drop_runs: {workflow: FILE, younger: 24h} */
static int runs_drop(struct world *w, struct sim_repo *r, const struct yaml *map, struct err *e)
{
	const char *file = yaml_str(map, "workflow", "");
	int64_t younger;
	size_t kept = 0;

	if (!map)
		return 0;
	if (sim_span_of(&younger, map, "younger", INT64_C(36500) * DAY, e) < 0)
		return -ERR_INVALID;
	for (size_t i = 0; i < r->runs.n; i++) {
		struct sim_run *run = r->runs.items[i];

		if (strcmp(run->workflow->file, file) != 0 || run->created < w->start - younger)
			r->runs.items[kept++] = run;
	}
	r->runs.n = kept;
	return 0;
}

/* expire: NAME of an artifact; after the past has been played. */
void sim_scenario_finish(struct world *w)
{
	yaml_each(it, yaml_get(w->script, "changes"))
	{
		struct sim_repo *r = sim_repo_find(w, yaml_str(it, "repo", ""));
		struct sim_artifact *art = r ? sim_artifact_find(r, yaml_str(it, "expire", "")) : NULL;

		if (art)
			art->expires = w->start - HOUR;
	}
}

/* deaf: FILE: pushes and other runs begin no run of it, and nothing says so */
static int deafen(const struct sim_repo *r, const struct yaml *file, struct err *e)
{
	struct sim_workflow *wf = file ? sim_workflow_find(r, file->scalar ? file->scalar : "") : NULL;

	if (file && !wf)
		return yaml_error(e, file, "there is no workflow %s", file->scalar ? file->scalar : "");
	if (wf)
		wf->deaf = true;
	return 0;
}

/* variables: {NAME: VALUE} */
static void variables_load(struct world *w, struct sim_repo *r, const struct yaml *map)
{
	yaml_each(it, map)
	{
		*vec_push(&r->variables, &w->arena) = (struct sim_variable){
			.name = it->key,
			.value = it->scalar ? it->scalar : "",
			.created = w->start - DAY,
			.updated = w->start - DAY,
		};
	}
}

static int change_apply(struct world *w, const struct yaml *it, struct err *e)
{
	struct sim_repo *repo = sim_repo_find(w, yaml_str(it, "repo", ""));
	int r;

	if (!repo)
		return yaml_error(e, it, "there is no repository %s", yaml_str(it, "repo", ""));
	release_drop(repo, yaml_str(it, "drop_release", ""));
	variables_load(w, repo, yaml_get(it, "variables"));
	sim_environments_change(w, repo, yaml_get(it, "environments"));
	r = live_apply(repo, yaml_get(it, "live"), e);
	if (r == 0)
		r = deafen(repo, yaml_get(it, "deaf"), e);
	if (r == 0)
		r = asset_drop(repo, yaml_get(it, "drop_asset"), e);
	if (r == 0)
		r = sim_proofs_mark(w, repo, yaml_get(it, "proof"), e);
	if (r == 0)
		r = sim_fleet_change(w, repo, yaml_get(it, "fleet"), "env", e);
	if (r == 0)
		r = sim_ground_add(w, repo, it, e);
	if (r == 0)
		r = runs_drop(w, repo, yaml_get(it, "drop_runs"), e);
	if (r == 0)
		r = sim_history_load(w, repo, yaml_get(it, "history"), e);
	return r;
}

static int other_add(struct world *w, const struct yaml *it, struct err *e)
{
	struct sim_event ev = { .kind = EVENT_OTHER, .what = it };
	int64_t after;
	int r = sim_span_of(&after, it, "at", 0, e);

	ev.repo = sim_repo_find(w, yaml_str(it, "repo", ""));
	ev.at = w->start + after;
	if (r == 0 && !ev.repo)
		r = yaml_error(e, it, "there is no repository %s", yaml_str(it, "repo", ""));
	if (r == 0 && !yaml_get(it, "after"))
		sim_event_add(w, &ev);
	else if (r == 0)
		r = sim_span_of(&after, it, "after", 0, e);
	return r;
}

int sim_scenario_apply(struct world *w, struct err *e)
{
	struct sim_repo *repo;
	int r = 0;

	yaml_each(it, yaml_get(w->script, "organisations"))
	{
		if (r == 0)
			r = sim_org_load(w, it->scalar ? it->scalar : "", NULL, &repo, e);
	}
	yaml_each(it, yaml_get(w->script, "changes"))
	{
		if (r == 0)
			r = change_apply(w, it, e);
	}
	yaml_each(it, yaml_get(w->script, "others"))
	{
		if (r == 0)
			r = other_add(w, it, e);
	}
	if (r == 0)
		r = sim_kube_load(w, yaml_get(w->script, "kube"), e);
	return r == 0 ? sim_canary_load(w, e) : r;
}

static int copies_add(struct world *w, int lanes, struct err *e)
{
	const struct sim_repo *first = w->repos.items[0];
	int have = 0, r = 0;

	vec_each (it, &w->repos)
		have += (int)(*it)->lanes.n;
	for (int i = 1; have < lanes && r == 0; i++) {
		struct sim_repo *repo;

		r = sim_org_load(w, first->profile, arena_printf(&w->arena, "%s-%03d", first->full, i), &repo,
				 e);
		have += (int)first->lanes.n;
	}
	return r;
}

int sim_size_apply(struct world *w, int lanes, int runs, struct err *e)
{
	int left = lanes, r = copies_add(w, lanes, e);

	vec_each (it, &w->repos) {
		struct sim_repo *repo = *it;
		int n = left < (int)repo->lanes.n ? left : (int)repo->lanes.n;

		if (r == 0 && n > 0)
			sim_history_many(w, repo, n * runs);
		left -= n;
	}
	return r;
}

size_t world_list(const struct scenario_title **out, struct arena *a)
{
	size_t n = 0;
	struct scenario_title *all;

	while (drill_files[n].name)
		n++;
	all = arena_array(a, struct scenario_title, n + 1);
	for (size_t i = 0; i < n; i++) {
		struct yaml *map;
		const struct embedded *f = &drill_files[i];
		bool read = yaml_parse(&map, f->name, f->data, f->size, a, NULL) == 0;

		all[i] = (struct scenario_title){ f->name, read ? yaml_str(map, "title", f->name) : f->name };
	}
	*out = all;
	return n;
}
