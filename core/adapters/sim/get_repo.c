#include "core/adapters/sim/face.h"

#include "base/text.h"

#include <string.h>

/* ---- people and quota --------------------------------------------------------------------------------------------- */

void get_root(struct call *c)
{
	jw_open(&c->j, '{');
	put_str(&c->j, "current_user_url", arena_printf(c->a, "%s/user", c->base));
	put_str(&c->j, "rate_limit_url", arena_printf(c->a, "%s/rate_limit", c->base));
	jw_close(&c->j, '}');
}

void get_user(struct call *c)
{
	put_user(c, NULL, c->user);
}

static void put_quota(struct call *c, const char *key, int64_t used)
{
	const struct sim_quota *q = &c->w->quotas[(size_t)(c->user - sim_users)];

	jw_kopen(&c->j, key, '{');
	jw_kint(&c->j, "limit", c->w->rate_limit);
	jw_kint(&c->j, "used", used);
	jw_kint(&c->j, "remaining", c->w->rate_limit - used);
	jw_kint(&c->j, "reset", q->reset / SECOND);
	jw_close(&c->j, '}');
}

void get_rate(struct call *c)
{
	int64_t used = c->w->quotas[(size_t)(c->user - sim_users)].used;

	jw_open(&c->j, '{');
	jw_kopen(&c->j, "resources", '{');
	put_quota(c, "core", used);
	put_quota(c, "graphql", 0);
	jw_close(&c->j, '}');
	put_quota(c, "rate", used);
	jw_close(&c->j, '}');
}

void get_permission(struct call *c)
{
	bool writes = !c->user->read_only;

	jw_open(&c->j, '{');
	put_str(&c->j, "permission", writes ? "write" : "read");
	put_str(&c->j, "role_name", writes ? "write" : "read");
	put_user(c, "user", c->user);
	jw_close(&c->j, '}');
}

void get_nothing(struct call *c)
{
	jw_json(&c->j, "[]");
}

void get_repo(struct call *c)
{
	put_repo(c, NULL, c->repo, false);
}

/* ---- environments and deployments --------------------------------------------------------------------------------- */

void get_environments(struct call *c)
{
	jw_open(&c->j, '{');
	jw_kint(&c->j, "total_count", (int64_t)c->repo->environments.n);
	jw_kopen(&c->j, "environments", '[');
	vec_each (it, &c->repo->environments)
		put_environment(c, it, false);
	jw_close(&c->j, ']');
	jw_close(&c->j, '}');
}

void get_environment(struct call *c)
{
	const struct sim_environment *env = sim_environment_find(c->repo, c->param[0]);

	if (env)
		put_environment(c, env, false);
	else
		call_missing(c);
}

void get_deployments(struct call *c)
{
	struct call_page p = call_page(c, 30, 100);
	const char *environment = call_query(c, "environment"), *ref = call_query(c, "ref");
	size_t seen = 0;

	jw_open(&c->j, '[');
	for (size_t i = c->repo->deployments.n; i-- > 0;) {
		const struct sim_deployment *d = c->repo->deployments.items[i];

		if ((environment && strcmp(environment, d->environment) != 0) ||
		    (ref && strcmp(ref, d->run->ref) != 0))
			continue;
		if (seen >= p.from && seen < p.from + p.size)
			put_deployment(c, d);
		seen++;
	}
	jw_close(&c->j, ']');
	call_link(c, &p, seen);
}

static const struct sim_deployment *deployment_of(struct call *c)
{
	int64_t id = call_param_int(c, 0);

	vec_each (it, &c->repo->deployments) {
		if ((*it)->id == id)
			return *it;
	}
	call_missing(c);
	return NULL;
}

void get_deployment(struct call *c)
{
	const struct sim_deployment *d = deployment_of(c);

	if (d)
		put_deployment(c, d);
}

void get_deployment_states(struct call *c)
{
	const struct sim_deployment *d = deployment_of(c);

	if (!d)
		return;
	jw_open(&c->j, '[');
	for (size_t i = d->states.n; i-- > 0;) {
		jw_open(&c->j, '{');
		jw_kint(&c->j, "id", d->id * 8 + (int64_t)i);
		put_str(&c->j, "state", d->states.items[i].state);
		put_str(&c->j, "environment", d->environment);
		put_str(&c->j, "description", d->states.items[i].description);
		put_web(c, "log_url", "/actions/runs/%" PRId64, d->run->id);
		put_web(c, "target_url", "/actions/runs/%" PRId64, d->run->id);
		put_user(c, "creator", sim_user_find("github-actions[bot]"));
		put_str(&c->j, "created_at", d->states.items[i].at);
		put_str(&c->j, "updated_at", d->states.items[i].at);
		jw_close(&c->j, '}');
	}
	jw_close(&c->j, ']');
}

/* ---- releases ----------------------------------------------------------------------------------------------------- */

/* Newest first. Drafts are shown only to those who may write. */
void get_releases(struct call *c)
{
	struct call_page p = call_page(c, 30, 100);
	size_t seen = 0;

	jw_open(&c->j, '[');
	for (size_t i = c->repo->releases.n; i-- > 0;) {
		const struct sim_release *rel = &c->repo->releases.items[i];

		if (rel->draft && c->user->read_only)
			continue;
		if (seen >= p.from && seen < p.from + p.size)
			put_release(c, rel);
		seen++;
	}
	jw_close(&c->j, ']');
	call_link(c, &p, seen);
}

static void one_release(struct call *c, const struct sim_release *rel)
{
	if (rel)
		put_release(c, rel);
	else
		call_missing(c);
}

static const struct sim_release *release_of(struct call *c)
{
	int64_t id = call_param_int(c, 0);

	vec_each (it, &c->repo->releases) {
		if (it->id == id)
			return it;
	}
	return NULL;
}

void get_release(struct call *c)
{
	one_release(c, release_of(c));
}

void get_release_latest(struct call *c)
{
	one_release(c, sim_release_latest(c->repo));
}

void get_release_tag(struct call *c)
{
	const struct sim_release *rel = sim_release_find(c->repo, c->param[0]);

	one_release(c, rel && !rel->draft ? rel : NULL);
}

void get_assets(struct call *c)
{
	const struct sim_release *rel = release_of(c);

	if (!rel) {
		call_missing(c);
		return;
	}
	jw_open(&c->j, '[');
	vec_each (it, &rel->assets) {
		if (!it->dropped)
			put_asset(c, rel, it);
	}
	jw_close(&c->j, ']');
}

static void asset_answer(struct call *c, const struct sim_release *rel, const struct sim_asset *asset)
{
	if (!c->rq->accept || !strstr(c->rq->accept, "octet-stream")) {
		put_asset(c, rel, asset);
		return;
	}
	call_storage(c, "asset-", asset->id);
}

void get_asset(struct call *c)
{
	int64_t id = call_param_int(c, 0);

	vec_each (rel, &c->repo->releases) {
		vec_each (it, &rel->assets) {
			if (it->id == id && !it->dropped) {
				asset_answer(c, rel, it);
				return;
			}
		}
	}
	call_missing(c);
}

/* ---- commits and refs --------------------------------------------------------------------------------------------- */

/* The commit a ref stands on, or -1 after an answer. */
static long commit_of(struct call *c, const char *ref)
{
	bool tag;
	const char *sha = sim_ref_sha(c->repo, ref, &tag);
	long i = sha ? sim_commit_index(c->repo, sha) : -1;

	if (i < 0)
		call_error(c, 422, "No commit found for SHA: %s", ref);
	return i;
}

/* Those that made the path what it is: its file differs from the parent's. */
static size_t only_path(struct call *c, long *list, size_t n, const char *path)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		const struct sim_commit *commit = &c->repo->commits.items[list[i]];
		const struct sim_file *before = sim_file_find(sim_files_at(c->repo, commit->parent), path);

		if (sim_file_find(commit->files, path) != before && commit->merged < 0)
			list[kept++] = list[i];
	}
	return kept;
}

void get_commits(struct call *c)
{
	struct call_page p = call_page(c, 30, 100);
	const char *from = call_query(c, "sha"), *path = call_query(c, "path");
	long top = commit_of(c, from ? from : c->repo->branch), *list;
	size_t n;

	if (top < 0)
		return;
	n = sim_commits_list(c->repo, top, -1, &list, c->a);
	if (path)
		n = only_path(c, list, n, path);
	call_link(c, &p, n);
	jw_open(&c->j, '[');
	for (size_t i = p.from; i < n && i < p.from + p.size; i++)
		put_commit(c, &c->repo->commits.items[list[i]]);
	jw_close(&c->j, ']');
}

/* Accept: application/vnd.github.sha answers nothing but the sha. */
void get_commit(struct call *c)
{
	long i = commit_of(c, c->param[0]);

	if (i < 0)
		return;
	if (c->rq->accept && strstr(c->rq->accept, "vnd.github.sha")) {
		c->type = "application/vnd.github.sha; charset=utf-8";
		buf_str(&c->out, c->repo->commits.items[i].sha);
		return;
	}
	put_commit(c, &c->repo->commits.items[i]);
}

static const char *compare_word(size_t ahead, size_t behind)
{
	if (ahead && behind)
		return "diverged";
	return ahead ? "ahead" : behind ? "behind" : "identical";
}

/* Files that differ, as the forge lists them: 300 at most, on the first page. */
static void put_changes(struct call *c, long before, long after)
{
	struct sim_files all = { 0 };
	const struct sim_file *old = sim_files_at(c->repo, before), *now = sim_files_at(c->repo, after);

	sim_files_list(now, &all, c->a);
	jw_kopen(&c->j, "files", '[');
	vec_each (it, &all) {
		const struct sim_file *was = sim_file_find(old, (*it)->path);

		if (was && strcmp(was->sha, (*it)->sha) == 0)
			continue;
		jw_open(&c->j, '{');
		put_str(&c->j, "sha", (*it)->sha);
		put_str(&c->j, "filename", (*it)->path);
		put_str(&c->j, "status", was ? "modified" : "added");
		jw_close(&c->j, '}');
	}
	jw_close(&c->j, ']');
}

static void put_compare(struct call *c, long base, long head, const struct call_page *p)
{
	long *list, *lost, fork = sim_merge_base(c->repo, base, head, c->a);
	size_t ahead = sim_commits_list(c->repo, head, base, &list, c->a);
	size_t behind = sim_commits_list(c->repo, base, head, &lost, c->a);

	call_link(c, p, ahead);
	jw_open(&c->j, '{');
	put_url(c, "url", "/compare/%s", c->param[0]);
	put_str(&c->j, "status", compare_word(ahead, behind));
	jw_kint(&c->j, "ahead_by", (int64_t)ahead);
	jw_kint(&c->j, "behind_by", (int64_t)behind);
	jw_kint(&c->j, "total_commits", (int64_t)ahead);
	jw_key(&c->j, "base_commit");
	put_commit(c, &c->repo->commits.items[base]);
	jw_key(&c->j, "merge_base_commit");
	put_commit(c, &c->repo->commits.items[fork < 0 ? base : fork]);
	jw_key(&c->j, "commits"); /* oldest first */
	jw_open(&c->j, '[');
	for (size_t i = p->from; i < ahead && i < p->from + p->size; i++)
		put_commit(c, &c->repo->commits.items[list[ahead - 1 - i]]);
	jw_close(&c->j, ']');
	put_changes(c, fork, head);
	jw_close(&c->j, '}');
}

/* BASE...HEAD, or OWNER:BASE...OWNER:HEAD within this repository; at most 250 commits without paging. */
void get_compare(struct call *c)
{
	const char *dots = strstr(c->param[0], "..."), *colon;
	struct call_page p = call_page(c, 250, 250);
	const char *base;
	long b, h;

	if (!dots) {
		call_missing(c);
		return;
	}
	base = arena_strndup(c->a, c->param[0], (size_t)(dots - c->param[0]));
	colon = strchr(base, ':');
	b = commit_of(c, colon ? colon + 1 : base);
	colon = strchr(dots, ':');
	h = b < 0 ? -1 : commit_of(c, colon ? colon + 1 : dots + 3);
	if (b < 0 || h < 0)
		call_missing(c);
	else
		put_compare(c, b, h, &p);
}

static void put_ref(struct call *c, const char *name, const char *sha)
{
	jw_open(&c->j, '{');
	put_str(&c->j, "ref", arena_printf(c->a, "refs/%s", name));
	put_str(&c->j, "node_id", arena_printf(c->a, "REF_kwDO%.12s", sha));
	put_url(c, "url", "/git/refs/%s", name);
	jw_kopen(&c->j, "object", '{');
	put_str(&c->j, "sha", sha);
	put_str(&c->j, "type", "commit");
	put_url(c, "url", "/git/commits/%s", sha);
	jw_close(&c->j, '}');
	jw_close(&c->j, '}');
}

void get_ref(struct call *c)
{
	bool tag;
	const char *sha = sim_ref_sha(c->repo, arena_printf(c->a, "refs/%s", c->param[0]), &tag);

	call_header(c, "x-poll-interval", "300");
	if (sha)
		put_ref(c, c->param[0], sha);
	else
		call_missing(c);
}

void get_matching_refs(struct call *c)
{
	jw_open(&c->j, '[');
	vec_each (rel, &c->repo->releases) {
		const char *name = arena_printf(c->a, "tags/%s", rel->tag);

		if (!rel->draft && text_starts(name, c->param[0]))
			put_ref(c, name, rel->sha);
	}
	vec_each (it, &c->repo->refs) {
		if (it->sha && text_starts(it->name, c->param[0]))
			put_ref(c, it->name, it->sha);
	}
	jw_close(&c->j, ']');
}

static void put_branch(struct call *c, const char *name)
{
	jw_open(&c->j, '{');
	put_str(&c->j, "name", name);
	jw_key(&c->j, "commit");
	put_commit(c, &c->repo->commits.items[sim_branch_tip(c->repo, name)]);
	jw_kbool(&c->j, "protected", strcmp(name, c->repo->branch) == 0);
	jw_close(&c->j, '}');
}

void get_branch(struct call *c)
{
	if (sim_branch_tip(c->repo, c->param[0]) >= 0)
		put_branch(c, c->param[0]);
	else
		call_error(c, 404, "Branch not found");
}

void get_branches(struct call *c)
{
	jw_open(&c->j, '[');
	vec_each (it, &c->repo->refs) {
		if (text_starts(it->name, "heads/"))
			put_branch(c, it->name + strlen("heads/"));
	}
	jw_close(&c->j, ']');
}
