#include "core/adapters/github/internal.h"

#include <string.h>

/* Required is only what a record means nothing without: recordings of years ago and enterprise servers lack the rest
 * (reference github.md 3). */

static const struct jmap run_map[] = {
	{ "id", "id", JMAP_REQUIRED },
	{ "run_attempt", "attempt", 0 },
	{ "run_number", "number", 0 },
	{ "workflow_id", "workflow_id", 0 },
	{ "name", "workflow", 0 },
	{ "path", "path", 0 },
	{ "display_title", "title", 0 },
	{ "event", "event", 0 },
	{ "head_branch", "branch", 0 },
	{ "head_sha", "head_sha", JMAP_REQUIRED },
	{ "status", "status", JMAP_REQUIRED },
	{ "conclusion", "conclusion", 0 },
	{ "actor.login", "actor", 0 },
	{ "triggering_actor.login", "triggering_actor", 0 },
	{ "created_at", "created", JMAP_REQUIRED },
	{ "run_started_at", "started", 0 },
	{ "updated_at", "updated", 0 },
	{ "html_url", "url", 0 },
};

static const struct jmap job_map[] = {
	{ "id", "id", JMAP_REQUIRED },         { "run_id", "run_id", 0 },
	{ "run_attempt", "attempt", 0 },       { "name", "name", JMAP_REQUIRED },
	{ "status", "status", JMAP_REQUIRED }, { "conclusion", "conclusion", 0 },
	{ "started_at", "started", 0 },        { "completed_at", "completed", 0 },
};

static const struct jmap gate_map[] = {
	{ "environment.id", "environment_id", JMAP_REQUIRED },
	{ "environment.name", "environment", JMAP_REQUIRED },
	{ "wait_timer", "wait_timer", 0 },
	{ "current_user_can_approve", "can_approve", 0 },
};

static const struct jmap review_map[] = {
	{ "state", "state", JMAP_REQUIRED },
	{ "user.login", "user", 0 },
	{ "comment", "comment", 0 },
};

static const struct jmap release_map[] = {
	{ "id", "id", JMAP_REQUIRED },
	{ "tag_name", "tag", JMAP_REQUIRED },
	{ "name", "name", 0 },
	{ "draft", "draft", 0 },
	{ "prerelease", "prerelease", 0 },
	{ "immutable", "immutable", 0 },
	{ "published_at", "published", 0 },
	{ "target_commitish", "target", 0 },
};

static const struct jmap artifact_map[] = {
	{ "id", "id", JMAP_REQUIRED },
	{ "name", "name", JMAP_REQUIRED },
	{ "size_in_bytes", "size", 0 },
	{ "expired", "expired", JMAP_REQUIRED },
	{ "created_at", "created", 0 },
	{ "expires_at", "expires", 0 },
	{ "digest", "digest", 0 },
	{ "workflow_run.id", "run_id", 0 },
	{ "workflow_run.head_branch", "branch", 0 },
	{ "workflow_run.head_sha", "head_sha", 0 },
};

static const struct jmap deployment_map[] = {
	{ "id", "id", JMAP_REQUIRED },
	{ "sha", "sha", JMAP_REQUIRED },
	{ "ref", "ref", 0 },
	{ "environment", "environment", JMAP_REQUIRED },
	{ "description", "description", 0 },
	{ "creator.login", "creator", 0 },
	{ "created_at", "created", JMAP_REQUIRED },
};

static const struct jmap tree_map[] = {
	{ "path", "path", JMAP_REQUIRED },
	{ "sha", "sha", JMAP_REQUIRED },
	{ "type", "type", JMAP_REQUIRED },
	{ "size", "size", 0 },
};

/* Issues are pull requests without branches here. */
static const struct jmap pull_map[] = {
	{ "number", "number", JMAP_REQUIRED },
	{ "title", "title", JMAP_REQUIRED },
	{ "state", "state", JMAP_REQUIRED },
	{ "draft", "draft", 0 },
	{ "head.ref", "head", 0 },
	{ "head.sha", "head_sha", 0 },
	{ "base.ref", "base", 0 },
	{ "merge_commit_sha", "merge_sha", 0 },
	{ "mergeable_state", "mergeable", 0 },
	{ "user.login", "author", 0 },
	{ "html_url", "url", 0 },
	{ "created_at", "created", 0 },
	{ "updated_at", "updated", 0 },
};

static const struct jmap history_map[] = {
	{ "sha", "sha", JMAP_REQUIRED },
	{ "commit.author.name", "author", 0 },
	{ "commit.committer.date", "at", 0 },
};

static const struct jmap workflow_map[] = {
	{ "id", "id", JMAP_REQUIRED },
	{ "path", "path", JMAP_REQUIRED },
	{ "name", "name", 0 },
	{ "state", "state", JMAP_REQUIRED },
};

static const struct jmap git_ref_map[] = {
	{ "ref", "name", JMAP_REQUIRED },
	{ "object.sha", "sha", JMAP_REQUIRED },
	{ "object.type", "type", 0 },
};

static const struct jmap git_commit_map[] = {
	{ "sha", "sha", JMAP_REQUIRED }, { "message", "message", JMAP_REQUIRED }, { "tree.sha", "tree", 0 },
	{ "author.name", "author", 0 },  { "committer.date", "at", 0 },
};

static const struct jmap group_member_map[] = {
	{ "run_id", "run_id", JMAP_REQUIRED },
	{ "job_id", "job_id", 0 },
	{ "run_name", "name", 0 },
	{ "status", "status", JMAP_REQUIRED },
};

static const struct jmap attestation_map[] = {
	{ "repository_id", "repository_id", 0 },
	{ "bundle_url", "url", 0 },
	{ "initiator", "initiator", 0 },
};

#define MAP(m)  .map = (m), .map_n = countof(m)
#define ACTIONS "/repos/{repo}/actions"
#define RAW     "application/vnd.github.raw+json"

#define ANY_JSON "application/vnd.github+json"

/* Lists are asked for unfiltered where one can choose: filters are served from an index that lags (github.md 1.1).
 * Of several rows of a kind the first one that fits is taken. */
const struct endpoint endpoints[] = {
	{ FORGE_RUNS,
	  ACTIONS
	  "/workflows/{workflow}/runs?per_page={number}&exclude_pull_requests=true{&status}{&created}",
	  "workflow_runs", MAP(run_map), .rec = &rec_run, .finish = finish_run },
	{ FORGE_RUNS, ACTIONS "/runs?per_page={number}&exclude_pull_requests=true{&status}{&created}",
	  "workflow_runs", MAP(run_map), .rec = &rec_run, .finish = finish_run },
	{ FORGE_RUN, ACTIONS "/runs/{id}?exclude_pull_requests=true", NULL, MAP(run_map), .rec = &rec_run,
	  .finish = finish_run },
	{ FORGE_JOBS, ACTIONS "/runs/{id}/attempts/{number}/jobs?per_page=100", "jobs", MAP(job_map),
	  .rec = &rec_job, .complete = complete_job, .pages = 10 },
	{ FORGE_JOBS, ACTIONS "/runs/{id}/jobs?per_page=100", "jobs", MAP(job_map), .rec = &rec_job,
	  .complete = complete_job, .pages = 10 },
	{ FORGE_GATES, ACTIONS "/runs/{id}/pending_deployments", "", MAP(gate_map), .rec = &rec_gate,
	  .complete = complete_gate },
	{ FORGE_REVIEWS, ACTIONS "/runs/{id}/approvals", "", MAP(review_map), .rec = &rec_review,
	  .complete = complete_review },
	{ FORGE_RELEASES, "/repos/{repo}/releases?per_page=30", "", MAP(release_map), .rec = &rec_release,
	  .complete = complete_release },
	{ FORGE_RELEASE, "/repos/{repo}/releases/tags/{name}", NULL, MAP(release_map), .rec = &rec_release,
	  .complete = complete_release },
	{ FORGE_COMMIT, "/repos/{repo}/commits/{+name}", .document = document_commit },
	{ FORGE_COMPARE, "/repos/{repo}/compare/{name}...{name2}", .document = document_compare },
	{ FORGE_ENVIRONMENT, "/repos/{repo}/environments/{name}", .document = document_environment },
	{ FORGE_WORKFLOW, ACTIONS "/workflows/{name}", .document = document_workflow },
	{ FORGE_ACCESS, "/repos/{repo}", .document = document_access },
	{ FORGE_USER, "/user", .document = document_user },
	{ FORGE_RATE, "/rate_limit", .document = document_rate },
	{ FORGE_LOG, ACTIONS "/jobs/{id}/logs", .accept = ANY_JSON, .storage = true, .max = 16 << 20 },
	{ FORGE_FILE, "/repos/{repo}/contents/{+name}?ref={name2}", .accept = RAW },
	{ FORGE_FILE, "/repos/{repo}/contents/{+name}", .accept = RAW },
	{ FORGE_ASSET, "/repos/{repo}/releases/assets/{id}", .accept = "application/octet-stream",
	  .storage = true, .max = 4 << 20 },
	{ FORGE_ARTIFACTS, ACTIONS "/runs/{id}/artifacts?per_page={number}{&name}", "artifacts",
	  MAP(artifact_map), .rec = &rec_artifact, .complete = complete_artifact },
	{ FORGE_ARTIFACTS, ACTIONS "/artifacts?per_page={number}{&name}", "artifacts", MAP(artifact_map),
	  .rec = &rec_artifact, .complete = complete_artifact },
	{ FORGE_ARTIFACT, ACTIONS "/artifacts/{id}/zip", .accept = ANY_JSON, .storage = true,
	  .max = 32 << 20 },
	{ FORGE_DEPLOYMENTS, "/repos/{repo}/deployments?per_page={number}{&environment}", "",
	  MAP(deployment_map), .rec = &rec_deployment, .complete = complete_deployment },
	{ FORGE_DEPLOYMENT, "/repos/{repo}/deployments/{id}/statuses?per_page=100",
	  .document = document_deployment },
	{ FORGE_TREE, "/repos/{repo}/git/trees/{name}?recursive=1", "tree", MAP(tree_map),
	  .rec = &rec_tree_entry, .cut = "truncated" },
	{ FORGE_PULLS, "/repos/{repo}/pulls?state={status}&per_page={number}{&head}{&base}", "",
	  MAP(pull_map), .rec = &rec_pull, .complete = complete_pull },
	{ FORGE_PULL, "/repos/{repo}/pulls/{id}", NULL, MAP(pull_map), .rec = &rec_pull,
	  .complete = complete_pull },
	{ FORGE_LABELLED, "/repos/{repo}/issues?state=open&per_page=100&labels={name}", "", MAP(pull_map),
	  .rec = &rec_pull, .complete = complete_pull },
	{ FORGE_COMMITS, "/repos/{repo}/commits?per_page={number}&sha={name}{&path}", "", MAP(history_map),
	  .rec = &rec_history, .complete = complete_history },
	{ FORGE_WORKFLOWS, ACTIONS "/workflows?per_page=100", "workflows", MAP(workflow_map),
	  .rec = &rec_workflow_file, .pages = 5 },
	{ FORGE_REF, "/repos/{repo}/git/ref/{+name}", NULL, MAP(git_ref_map), .rec = &rec_git_ref,
	  .finish = finish_ref },
	{ FORGE_REFS, "/repos/{repo}/git/matching-refs/{+name}", "", MAP(git_ref_map), .rec = &rec_git_ref,
	  .finish = finish_ref, .pages = 10 },
	{ FORGE_GIT_COMMIT, "/repos/{repo}/git/commits/{name}", NULL, MAP(git_commit_map),
	  .rec = &rec_git_commit, .complete = complete_git_commit },
	{ FORGE_GROUP, ACTIONS "/concurrency_groups/{name}", "group_members", MAP(group_member_map),
	  .rec = &rec_group_member },
	{ FORGE_VARIABLE, ACTIONS "/variables/{name}", .document = document_variable },
	{ FORGE_ATTESTATIONS, "/repos/{repo}/attestations/{name}?per_page=100", "attestations",
	  MAP(attestation_map), .rec = &rec_attestation_ref, .complete = complete_attestation, .none = true,
	  .pages = 10 },
	{ FORGE_ATTESTATION_BUNDLE, "{*name}", .accept = "application/x-snappy, application/json, */*",
	  .storage = true, .stranger = true, .packed = true, .max = 4 << 20 },
	{ FORGE_PROBE, "{*name}", .accept = "application/json, text/plain, */*", .max = 1 << 20 },
};
const size_t endpoints_n = countof(endpoints);

const struct endpoint *endpoint_find(enum forge_read_kind kind, const struct slots *s)
{
	for (size_t i = 0; i < endpoints_n; i++)
		if (endpoints[i].kind == kind && path_fits(endpoints[i].path, s))
			return &endpoints[i];
	return NULL;
}
