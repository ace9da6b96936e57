#include "core/adapters/sim/fleet.h"
#include "core/adapters/sim/proofs.h"

#include "base/embed.h"
#include "base/text.h"

#include <string.h>

/* An organisation is one file of org/ (its head explains the keys): a repository with its past, rules and workflow files. */
extern const struct embedded org_files[];

int sim_span(int64_t *ms, const struct yaml *at, struct err *e)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "ms", 1 }, { "s", SECOND }, { "m", MINUTE }, { "h", HOUR }, { "d", DAY } };
	const char *s = at && at->scalar ? at->scalar : "";
	size_t n = strspn(s, "0123456789");

	*ms = 0;
	for (size_t i = 0; i < n && i < 9; i++)
		*ms = *ms * 10 + (s[i] - '0');
	for (size_t i = 0; n && i < countof(units); i++)
		if (strcmp(s + n, units[i].unit) == 0) {
			*ms *= units[i].ms;
			return 0;
		}
	return yaml_error(e, at, "\"%s\" is no length of time, such as 90s or 3h", s);
}

int sim_span_of(int64_t *ms, const struct yaml *map, const char *key, int64_t fallback, struct err *e)
{
	const struct yaml *at = yaml_get(map, key);

	*ms = fallback;
	return at ? sim_span(ms, at, e) : 0;
}

static int64_t number(const struct yaml *map, const char *key, int64_t fallback)
{
	int64_t n;

	return text_int64(&n, yaml_str(map, key, ""), 0, INT64_MAX) == 0 ? n : fallback;
}

/* `pipelines:` of the scenario: a file of org/ whose workflows stand in place of those of the same name. */
static int pipelines_load(struct world *w, const struct yaml **list, struct err *e)
{
	const char *name = yaml_str(w->script, "pipelines", NULL);
	const struct embedded *f = org_files;
	struct yaml *map;
	int r;

	*list = NULL;
	while (name && f->name && strcmp(f->name, name) != 0)
		f++;
	if (!name)
		return 0;
	if (!f->name)
		return err_set(e, ERR_MISSING, "there are no simulated pipelines %s", name);
	r = yaml_parse(&map, arena_printf(&w->arena, "org/%s.yml", name), f->data, f->size, &w->arena, e);
	if (r == 0)
		*list = yaml_get(map, "workflows");
	return r;
}

static const char *text_of(const struct yaml *pipelines, const struct yaml *own)
{
	const char *text = yaml_str(own, "text", "");

	yaml_each(it, pipelines)
	{
		if (strcmp(yaml_str(it, "file", ""), yaml_str(own, "file", "")) == 0)
			text = yaml_str(it, "text", "");
	}
	return text;
}

static int workflows_load(struct world *w, struct sim_repo *r, const struct yaml *list, struct err *e)
{
	const struct yaml *pipelines;

	if (pipelines_load(w, &pipelines, e) < 0)
		return -ERR_INVALID;
	yaml_each(it, list)
	{
		struct sim_workflow *wf = arena_new(&w->arena, struct sim_workflow);
		int result;

		wf->repo = r;
		wf->id = r->id / 16 + (int64_t)r->workflows.n * 7;
		wf->file = yaml_str(it, "file", "");
		wf->path = arena_printf(&w->arena, ".github/workflows/%s", wf->file);
		wf->text = text_of(pipelines, it);
		result = sim_workflow_load(w, wf, e);
		if (result < 0)
			return result;
		*vec_push(&r->workflows, &w->arena) = wf;
	}
	return 0;
}

/* Only what is said changes; an environment that is not there yet is made. */
void sim_environments_change(struct world *w, struct sim_repo *r, const struct yaml *list)
{
	yaml_each(it, list)
	{
		const char *name = yaml_str(it, "name", ""),
			   *alone = yaml_str(it, "prevent_self_review", NULL);
		struct sim_environment *env = (struct sim_environment *)sim_environment_find(r, name);

		if (!env)
			env = vec_push(&r->environments, &w->arena);
		env->name = name;
		env->id = number(it, "id", env->id);
		env->wait_minutes = number(it, "wait_timer", env->wait_minutes);
		if (alone)
			env->no_self_review = strcmp(alone, "true") == 0;
		if (yaml_get(it, "reviewers"))
			env->reviewers_n = 0;
		yaml_each(who, yaml_get(it, "reviewers"))
		{
			if (env->reviewers_n < (int)countof(env->reviewers) && who->scalar)
				env->reviewers[env->reviewers_n++] = sim_user_find(who->scalar);
		}
	}
}

/* - {behind: 3, sha: SHA, ago: 3h, subject: TEXT}: commits that the file speaks of */
static int named_load(const struct world *w, struct sim_repo *r, const struct yaml *list, struct err *e)
{
	yaml_each(it, list)
	{
		size_t behind = (size_t)number(it, "behind", 0);
		struct sim_commit *c;
		int64_t ago;

		if (behind >= r->commits.n)
			return yaml_error(e, it, "there are only %zu commits", r->commits.n);
		c = &r->commits.items[r->commits.n - 1 - behind];
		c->sha = yaml_str(it, "sha", c->sha);
		c->subject = yaml_str(it, "subject", c->subject);
		if (sim_span_of(&ago, it, "ago", w->start - c->at, e) < 0)
			return -ERR_INVALID;
		c->at = w->start - ago;
	}
	return 0;
}

/* The line of history, oldest first, one commit each `spacing`; the last is now. */
static int commits_load(struct world *w, struct sim_repo *r, const struct yaml *map, struct err *e)
{
	const struct yaml *subject = NULL;
	int64_t n = number(map, "commits", 40), spacing, until = 0;
	int result = sim_span_of(&spacing, map, "commit_every", 9 * HOUR, e);

	if (result == 0)
		result = sim_span_of(&until, map, "commit_until", 0, e);

	r->subjects = yaml_get(map, "subjects");
	for (int64_t i = 0; result == 0 && i < n; i++) {
		subject = subject && subject->next ? subject->next : r->subjects ? r->subjects->child : NULL;
		*vec_push(&r->commits, &w->arena) = (struct sim_commit){
			.sha = sim_sha(w, r->full, i),
			.subject = subject && subject->scalar ? subject->scalar : "Tidy up",
			.author = &sim_users[4 + (size_t)i % 3],
			.at = w->start - until - (n - i) * spacing,
			.parent = (long)i - 1,
			.merged = -1,
		};
	}
	r->line = r->commits.n;
	return result == 0 ? named_load(w, r, yaml_get(map, "named"), e) : result;
}

static void assets_load(struct world *w, struct sim_release *rel, const struct yaml *list)
{
	yaml_each(it, list)
	{
		struct sim_asset *asset = vec_push(&rel->assets, &w->arena);

		*asset = (struct sim_asset){
			.id = sim_id(w),
			.name = yaml_str(it, "name", ""),
			.content = yaml_str(it, "content", ""),
			.digest = yaml_str(it, "digest", NULL),
		};
	}
}

/* A release stands on a commit `behind` the newest; where the file names a sha, the commit has it. */
static int releases_load(struct world *w, struct sim_repo *r, const struct yaml *list, struct err *e)
{
	yaml_each(it, list)
	{
		size_t behind = (size_t)number(it, "behind", 0);
		struct sim_commit *c =
			behind < r->commits.n ? &r->commits.items[r->commits.n - 1 - behind] : NULL;
		struct sim_release *rel;
		int64_t age;

		if (!c)
			return yaml_error(e, it, "there are only %zu commits", r->commits.n);
		if (sim_span_of(&age, it, "age", DAY, e) < 0)
			return -ERR_INVALID;
		c->sha = yaml_str(it, "sha", c->sha);
		rel = vec_push(&r->releases, &w->arena);
		*rel = (struct sim_release){
			.id = sim_id(w),
			.tag = yaml_str(it, "tag", ""),
			.title = yaml_str(it, "title", yaml_str(it, "tag", "")),
			.sha = c->sha,
			.published = w->start - age,
			.prerelease = strcmp(yaml_str(it, "prerelease", ""), "true") == 0,
			.draft = strcmp(yaml_str(it, "draft", ""), "true") == 0,
			.immutable = strcmp(yaml_str(it, "immutable", ""), "true") == 0,
		};
		assets_load(w, rel, yaml_get(it, "assets"));
	}
	return 0;
}

struct sim_workflow *sim_workflow_find(const struct sim_repo *r, const char *file_or_id)
{
	int64_t id = 0;

	if (text_int64(&id, file_or_id, 1, INT64_MAX) != 0)
		id = 0;
	vec_each (it, &r->workflows) {
		if (strcmp((*it)->file, file_or_id) == 0 || (id && (*it)->id == id))
			return *it;
	}
	return NULL;
}

/* Pushes that come by themselves: the first one soon, then at their interval. */
static int activity_load(struct world *w, struct sim_repo *r, const struct yaml *map, struct err *e)
{
	struct sim_activity *act = &r->activity;

	if (!map)
		return 0;
	act->branch = yaml_str(map, "branch", r->branch);
	act->touch = yaml_str(map, "touch", NULL);
	act->workflow = sim_workflow_find(r, yaml_str(map, "workflow", ""));
	act->then = sim_workflow_find(r, yaml_str(map, "then", ""));
	act->left = (int)number(map, "pushes", 500);
	if (!act->workflow)
		return yaml_error(e, map, "activity needs a workflow of this file");
	if (sim_span_of(&act->every, map, "every", 5 * MINUTE, e) < 0)
		return -ERR_INVALID;
	if (!w->calm)
		sim_event_add(w, &(struct sim_event){
					 .at = w->start + act->every / 3, .kind = EVENT_PUSH, .repo = r });
	return 0;
}

static void lanes_load(struct world *w, struct sim_repo *r, const struct yaml *list)
{
	yaml_each(it, list)
	{
		*vec_push(&r->lanes, &w->arena) = (struct sim_lane){
			.name = yaml_str(it, "name", ""),
			.live = yaml_str(it, "live", ""),
			.workflow = yaml_str(it, "workflow", ""),
			.running = yaml_str(it, "running", ""),
			.site = yaml_str(it, "site", NULL),
		};
	}
}

static int repo_load(struct world *w, struct sim_repo *r, const struct yaml *map, struct err *e)
{
	int result = commits_load(w, r, map, e);

	lanes_load(w, r, yaml_get(map, "lanes"));
	if (result == 0)
		result = releases_load(w, r, yaml_get(map, "releases"), e);
	if (result == 0)
		result = workflows_load(w, r, yaml_get(map, "workflows"), e);
	if (result == 0)
		result = sim_proofs_check(r->attestations, e);
	if (result == 0)
		result = sim_fleet_change(w, r, yaml_get(map, "fleet"), "env", e);
	if (result == 0)
		result = sim_ground_load(w, r, map, e);
	sim_environments_change(w, r, yaml_get(map, "environments"));
	if (result == 0)
		result = sim_history_load(w, r, yaml_get(map, "history"), e);
	return result == 0 ? activity_load(w, r, yaml_get(map, "activity"), e) : result;
}

static void repo_name(struct world *w, struct sim_repo *r, const char *full)
{
	const char *slash = strchr(full, '/');

	r->full = full;
	r->owner = arena_strndup(&w->arena, full, slash ? (size_t)(slash - full) : strlen(full));
	r->name = slash ? slash + 1 : full;
	*vec_push(&r->refs, &w->arena) =
		(struct sim_ref){ arena_printf(&w->arena, "heads/%s", r->branch), NULL };
}

int sim_org_load(struct world *w, const char *name, const char *full, struct sim_repo **out, struct err *e)
{
	const struct embedded *f = org_files;
	struct sim_repo *r = arena_new(&w->arena, struct sim_repo);
	struct yaml *map;
	int result;

	while (f->name && strcmp(f->name, name) != 0)
		f++;
	if (!f->name)
		return err_set(e, ERR_MISSING, "there is no simulated organisation %s", name);
	result =
		yaml_parse(&map, arena_printf(&w->arena, "org/%s.yml", name), f->data, f->size, &w->arena, e);
	if (result < 0)
		return result;
	r->id = number(map, "id", 1) + (int64_t)w->repos.n * 4096;
	r->branch = yaml_str(map, "default_branch", "main");
	r->about = yaml_str(map, "description", "");
	r->profile = yaml_str(map, "profile", name);
	r->attestations = yaml_get(map, "attestations");
	repo_name(w, r, full ? full : yaml_str(map, "repo", name));
	*vec_push(&w->repos, &w->arena) = r;
	*out = r;
	return repo_load(w, r, map, e);
}
