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

#define MAP(m)  .map = (m), .map_n = countof(m)
#define ACTIONS "/repos/{repo}/actions"
#define RAW     "application/vnd.github.raw+json"

/* Lists are asked for unfiltered where one can choose: filters are served from an index that lags (github.md 1.1).
 * Of several rows of a kind the first one that fits is taken. */
const struct endpoint endpoints[] = {
	{ FORGE_RUNS,
	  ACTIONS "/workflows/{workflow}/runs?per_page={number}&exclude_pull_requests=true{&created}",
	  "workflow_runs", MAP(run_map), .rec = &rec_run, .finish = finish_run },
	{ FORGE_RUNS, ACTIONS "/runs?per_page={number}&exclude_pull_requests=true{&created}", "workflow_runs",
	  MAP(run_map), .rec = &rec_run, .finish = finish_run },
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
	{ FORGE_USER, "/user", .document = document_user },
	{ FORGE_RATE, "/rate_limit", .document = document_rate },
	{ FORGE_LOG, ACTIONS "/jobs/{id}/logs", .accept = "application/vnd.github+json" },
	{ FORGE_FILE, "/repos/{repo}/contents/{+name}?ref={name2}", .accept = RAW },
	{ FORGE_FILE, "/repos/{repo}/contents/{+name}", .accept = RAW },
};
const size_t endpoints_n = countof(endpoints);

const struct endpoint *endpoint_find(enum forge_read_kind kind, const struct slots *s)
{
	for (size_t i = 0; i < endpoints_n; i++)
		if (endpoints[i].kind == kind && path_fits(endpoints[i].path, s))
			return &endpoints[i];
	return NULL;
}
