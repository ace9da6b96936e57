#include "core/adapters/sim/face.h"

#include "base/text.h"

#include <string.h>

/* :  one segment, *  all that follows. `needs` is the permission that a write asks for. */
struct route {
	const char *method, *pattern;
	call_fn fn;
	const char *needs;
};

/* Below /repos/OWNER/NAME or /repositories/ID. */
static const struct route repo_routes[] = {
	{ "GET", "", get_repo, NULL },
	{ "GET", "/actions/workflows", get_workflows, NULL },
	{ "GET", "/actions/workflows/:", get_workflow, NULL },
	{ "GET", "/actions/workflows/:/runs", get_workflow_runs, NULL },
	{ "POST", "/actions/workflows/:/dispatches", post_dispatch, "actions=write" },
	{ "PUT", "/actions/workflows/:/disable", put_disable, "actions=write" },
	{ "PUT", "/actions/workflows/:/enable", put_enable, "actions=write" },
	{ "GET", "/actions/runs", get_runs, NULL },
	{ "GET", "/actions/runs/:", get_run, NULL },
	{ "GET", "/actions/runs/:/attempts/:", get_run, NULL },
	{ "GET", "/actions/runs/:/jobs", get_jobs, NULL },
	{ "GET", "/actions/runs/:/attempts/:/jobs", get_jobs, NULL },
	{ "GET", "/actions/runs/:/artifacts", get_artifacts, NULL },
	{ "GET", "/actions/runs/:/logs", get_run_log, NULL },
	{ "GET", "/actions/runs/:/attempts/:/logs", get_run_log, NULL },
	{ "GET", "/actions/runs/:/approvals", get_reviews, NULL },
	{ "GET", "/actions/runs/:/pending_deployments", get_gates, NULL },
	{ "POST", "/actions/runs/:/pending_deployments", post_gates, "deployments=write" },
	{ "GET", "/actions/runs/:/concurrency_groups", get_run_groups, NULL },
	{ "POST", "/actions/runs/:/cancel", post_cancel, "actions=write" },
	{ "POST", "/actions/runs/:/force-cancel", post_force_cancel, "actions=write" },
	{ "POST", "/actions/runs/:/rerun", post_rerun, "actions=write" },
	{ "POST", "/actions/runs/:/rerun-failed-jobs", post_rerun_failed, "actions=write" },
	{ "GET", "/actions/jobs/:", get_job, NULL },
	{ "GET", "/actions/jobs/:/logs", get_job_log, NULL },
	{ "GET", "/actions/artifacts", get_artifacts, NULL },
	{ "GET", "/actions/artifacts/:", get_artifact, NULL },
	{ "GET", "/actions/artifacts/:/:", get_artifact_zip, NULL },
	{ "GET", "/actions/concurrency_groups", get_groups, NULL },
	{ "GET", "/actions/concurrency_groups/*", get_group, NULL },
	{ "GET", "/actions/variables", get_variables, NULL },
	{ "GET", "/actions/variables/:", get_variable, NULL },
	{ "POST", "/actions/variables", post_variable, "actions_variables=write" },
	{ "PATCH", "/actions/variables/:", patch_variable, "actions_variables=write" },
	{ "DELETE", "/actions/variables/:", delete_variable, "actions_variables=write" },
	{ "GET", "/environments", get_environments, NULL },
	{ "GET", "/environments/:", get_environment, NULL },
	{ "GET", "/deployments", get_deployments, NULL },
	{ "GET", "/deployments/:", get_deployment, NULL },
	{ "GET", "/deployments/:/statuses", get_deployment_states, NULL },
	{ "GET", "/releases", get_releases, NULL },
	{ "GET", "/releases/latest", get_release_latest, NULL },
	{ "GET", "/releases/tags/*", get_release_tag, NULL },
	{ "GET", "/releases/assets/:", get_asset, NULL },
	{ "GET", "/releases/:", get_release, NULL },
	{ "GET", "/releases/:/assets", get_assets, NULL },
	{ "GET", "/commits", get_commits, NULL },
	{ "GET", "/commits/:/check-runs", get_check_runs, NULL },
	{ "GET", "/commits/:/status", get_commit_status, NULL },
	{ "GET", "/commits/*", get_commit, NULL },
	{ "GET", "/compare/*", get_compare, NULL },
	{ "GET", "/git/ref/*", get_ref, NULL },
	{ "GET", "/git/matching-refs/*", get_matching_refs, NULL },
	{ "POST", "/git/refs", post_ref, "contents=write" },
	{ "PATCH", "/git/refs/*", patch_ref, "contents=write" },
	{ "DELETE", "/git/refs/*", delete_ref, "contents=write" },
	{ "GET", "/git/trees/*", get_tree, NULL },
	{ "POST", "/git/trees", post_tree, "contents=write" },
	{ "GET", "/git/blobs/:", get_blob, NULL },
	{ "POST", "/git/blobs", post_blob, "contents=write" },
	{ "GET", "/git/commits/:", get_git_commit, NULL },
	{ "POST", "/git/commits", post_git_commit, "contents=write" },
	{ "GET", "/branches", get_branches, NULL },
	{ "GET", "/branches/*", get_branch, NULL },
	{ "GET", "/contents", get_contents, NULL },
	{ "GET", "/contents/*", get_contents, NULL },
	{ "PUT", "/contents/*", put_contents, "contents=write" },
	{ "GET", "/check-runs/:/annotations", get_annotations, NULL },
	{ "GET", "/collaborators/:/permission", get_permission, NULL },
	{ "GET", "/issues", get_issues, NULL },
	{ "GET", "/issues/:", get_issue, NULL },
	{ "GET", "/issues/:/labels", get_labels, NULL },
	{ "POST", "/issues/:/labels", post_labels, "issues=write; pull_requests=write" },
	{ "DELETE", "/issues/:/labels/:", delete_label, "issues=write; pull_requests=write" },
	{ "GET", "/pulls", get_pulls, NULL },
	{ "POST", "/pulls", post_pull, "pull_requests=write" },
	{ "GET", "/pulls/:", get_pull, NULL },
	{ "PATCH", "/pulls/:", patch_pull, "pull_requests=write" },
	{ "GET", "/pulls/:/commits", get_pull_commits, NULL },
	{ "PUT", "/pulls/:/merge", put_merge, "contents=write" },
	{ "GET", "/rulesets", get_nothing, NULL },
	{ "GET", "/attestations/:", get_attestations, NULL },
	{ "GET", "/rules/branches/:", get_nothing, NULL },
};

static const struct route root_routes[] = {
	{ "GET", "/", get_root, NULL },
	{ "GET", "/user", get_user, NULL },
	{ "GET", "/rate_limit", get_rate, NULL },
	{ "POST", "/graphql", post_graphql, NULL },
	{ "POST", "/orgs/:/attestations/bulk-list", post_attestations, NULL },
	{ "GET", "/orgs/:/attestations/:", get_org_attestations, NULL },
};

/* Fills c->param while it matches. */
static bool fits(struct call *c, const char *pattern, const char *path)
{
	int n = 0;

	memset(c->param, 0, sizeof(c->param));
	while (*pattern) {
		size_t len;

		if (*pattern != ':' && *pattern != '*') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		len = *pattern == '*' ? strlen(path) : strcspn(path, "/");
		if (len == 0 || n == CALL_PARAMS)
			return false;
		c->param[n++] = call_decode(c->a, path, len);
		path += len;
		pattern++;
	}
	return *path == '\0';
}

/* The same path under another method is 404 at this forge, not 405. */
static const struct route *find(struct call *c, const struct route *routes, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(routes[i].method, c->rq->method) == 0 && fits(c, routes[i].pattern, path))
			return &routes[i];
	return NULL;
}

static struct sim_repo *repo_by_id(struct call *c, const char *digits, size_t n)
{
	int64_t id = 0;

	if (text_int64(&id, arena_strndup(c->a, digits, n), 1, INT64_MAX) != 0)
		return NULL;
	vec_each (it, &c->w->repos) {
		if ((*it)->id == id)
			return *it;
	}
	return NULL;
}

/* True when the path is below a repository; c->repo stays NULL when there is none, or none to this person. */
static bool below_repo(struct call *c)
{
	const char *at = c->path, *end;

	if (text_starts(at, "/repositories/")) {
		at += strlen("/repositories/");
		end = at + strcspn(at, "/");
		c->repo = repo_by_id(c, at, (size_t)(end - at));
	} else if (text_starts(at, "/repos/")) {
		at += strlen("/repos/");
		end = at + strcspn(at, "/");
		end += *end == '/' ? 1 + strcspn(end + 1, "/") : 0;
		c->repo = sim_repo_find(c->w, call_decode(c->a, at, (size_t)(end - at)));
	} else {
		return false;
	}
	c->rest = end;
	if (c->user->outsider)
		c->repo = NULL;
	return true;
}

void call_route(struct call *c)
{
	const struct route *r = NULL;

	if (below_repo(c)) {
		if (c->repo)
			r = find(c, repo_routes, countof(repo_routes), c->rest);
	} else {
		r = find(c, root_routes, countof(root_routes), c->path);
	}
	if (!r) {
		call_missing(c);
		return;
	}
	if (r->needs && c->user->read_only) {
		call_header(c, "x-accepted-github-permissions", r->needs);
		call_error(c, 403, "Resource not accessible by personal access token");
		return;
	}
	r->fn(c);
}
