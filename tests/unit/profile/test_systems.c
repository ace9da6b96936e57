/*
 * The five systems as they really are: every workflow file, job, artifact, asset, tag and document that was recorded of
 * them goes to the lane, the stage, the meaning and the verdict that its sources say. Recordings are not in the project:
 * PILOTHOUSE_VECTORS names their folder; without it the tables are held against the profiles alone.
 */
#include "unit/profile/systems.h"

/* ---- workflow files --------------------------------------------------------------------------------------------------- */

/* lane NULL: the file is no lane, and why says what it is to one. */
static const struct file_row {
	const char *system, *file, *branch, *lane, *why;
} files[] = {
	{ "easy", "production-rollout.yml", "main", "easy/prod", "" },
	{ "easy", "staging-rollout.yml", "main", "easy/staging", "" },
	{ "easy", "test.yml", "main", NULL, "staging follows it" },
	{ "easy", "pr-staging-checks.yml", "x", NULL,
	  "checks of a pull request, which deploy examples only" },
	{ "easy", "release-trust-bundle.yml", "v1", NULL, "makes an asset" },
	{ "easy", "release-gcp-image.yml", "v1", NULL, "makes an asset" },
	{ "easy", "release-example-images.yml", "v1", NULL, "makes an asset" },
	{ "easy", "bootstrap-control-plane.yml", "main", NULL,
	  "called by both lanes, and shares their lock" },
	{ "easy", "deploy-examples.yml", "v1", NULL, "follows production" },
	{ "easy", "deploy-examples-gcp.yml", "v1", NULL, "follows production" },
	{ "easy", "release-deleted-cleanup.yml", "v1", NULL, "destroys the way back" },
	{ "easy", "verify-tdx-clouds.yml", "main", NULL, "a tool" },
	{ "easy", "reproducibility.yml", "main", NULL, "a tool" },
	{ "theory", "pr.yml", "x", "theory/pr", "" },
	{ "theory", "dev.yml", "dev", "theory/dev", "" },
	{ "theory", "staging.yml", "staging", "theory/staging", "" },
	{ "theory", "main.yml", "main", "theory/main", "" },
	{ "theory", "pr-tests.yml", "x", "theory/pr", "" },
	{ "theory", "dev-tests.yml", "dev", "theory/dev", "" },
	{ "theory", "staging-pipeline.yml", "staging", "theory/staging", "" },
	{ "theory", "main-pipeline.yml", "main", "theory/main", "" },
	{ "theory", "release-version.yml", "staging", NULL, "what a label starts" },
	{ "theory", "cleanup-modal.yml", "main", NULL, "a tool" },
	{ "mcp", "ci.yml", "feature/x", "mcp/pr", "" },
	{ "mcp", "ci.yml", "release/0.1.0", "mcp/prod", "" },
	{ "mcp", "deploy-staging.yml", "develop", "mcp/staging", "" },
	{ "cloud", "commit-stage.yml", "x", "cloud/commit", "" },
	{ "cloud", "cloud-delivery-pipeline.yml", "main", "cloud/prod", "" },
	{ "cloud", "cloud-delivery-replay.yml", "main", "cloud/prod", "" },
	{ "cloud", "auth-entra-canary.yml", "main", NULL, "must be fresh" },
	{ "cloud", "auth-delegated-smoke.yml", "main", NULL, "must be fresh" },
	{ "cloud", "desktop-deployment-pipeline.yml", "main", NULL, "another product of the repository" },
	{ "gov", "release-train.yml", "main", "gov/prod", "" },
	{ "gov", "pr.yml", "x", "gov/pr", "" },
	{ "gov", "ci.yml", "x", "gov/pr", "" },
	{ "gov", "promote.yml", "main", NULL, "the document plans it beside the train" },
};

static void files_have_lanes(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(files); i++) {
		const struct file_row *row = &files[i];
		const char *path = arena_printf(&arena, ".github/workflows/%s@refs/heads/main", row->file);
		const struct profile_lane *l = profile_lane_of_run(
			system_named(row->system), &(struct profile_run){ path, row->branch, "push" });

		if (!text_eq(l ? l->name : NULL, row->lane))
			fail_msg("%s %s: %s", row->system, row->file, l ? l->name : "(none)");
		assert_true(row->lane || *row->why);
	}
}

static const struct inventory {
	const char *system, *file;
} inventories[] = {
	{ "easy", "easyenclave/workflows.bc1e039.json" },  { "easy", "easyenclave/workflows.bd4fad4.json" },
	{ "theory", "theory-api/workflows.fe5de4a.json" }, { "theory", "theory-api/workflows.7a0c572.json" },
	{ "mcp", "mcp/workflows.a1cf30a.json" },           { "cloud", "compass/workflows.eb99360.json" },
};

static const char *file_of(const struct json *workflow)
{
	const char *path = json_str(workflow, "path");

	return path && strrchr(path, '/') ? strrchr(path, '/') + 1 : "";
}

typedef void (*on_workflow)(const struct inventory *v, const struct json *all, const struct json *workflow);

static void each_workflow(on_workflow fn)
{
	for (size_t i = 0; i < countof(inventories); i++) {
		autofree(json) struct json *doc = vector_json(inventories[i].file);
		const struct json *all = json_get(doc, "workflows");

		assert_true(json_size(all) > 0);
		for (size_t k = 0; k < json_size(all); k++)
			fn(&inventories[i], all, json_at(all, k));
	}
}

static void check_file(const struct inventory *v, const struct json *all, const struct json *workflow)
{
	(void)all;
	for (size_t i = 0; i < countof(files); i++)
		if (strcmp(files[i].system, v->system) == 0 && strcmp(files[i].file, file_of(workflow)) == 0)
			return;
	fail_msg("%s: nothing is said of %s", v->file, file_of(workflow));
}

static void recorded_files_are_known(void **state)
{
	(void)state;
	each_workflow(check_file);
}

/* ---- jobs ------------------------------------------------------------------------------------------------------------- */

/* As the forge shows them: their name, else their id; "caller / callee" where a job calls a workflow. */
static const struct job_row {
	const char *lane, *job, *stage;
} jobs[] = {
	{ "easy/prod", "Resolve production rollout config", "resolve" },
	{ "easy/prod", "Wait for release build workflows", "resolve" },
	{ "easy/prod", "Resolve release trust bundle", "prerequisites" },
	{ "easy/prod", "Resolve release GCP image", "prerequisites" },
	{ "easy/prod", "Resolve release example images", "prerequisites" },
	{ "easy/prod", "Bootstrap production control plane / bootstrap", "bootstrap" },
	{ "easy/prod", "Dispatch builtin deploy examples (async)", "examples" },
	{ "easy/prod", "Builtin deploy examples (baremetal) / Deploy builtin apps (baremetal)", "examples" },
	{ "easy/prod", "Builtin deploy examples (gcp) / Deploy Hello TDX (gcp)", "examples" },
	{ "easy/prod", "Builtin deploy examples (gcp) / Deploy Private LLM (gcp)", "examples" },
	{ "easy/staging", "Resolve staging rollout config", "resolve" },
	{ "easy/staging", "Wait for CI on target SHA", "resolve" },
	{ "easy/staging", "Cleanup stale staging GCP resources", "resolve" },
	{ "easy/staging", "Verify CI-built staging GCP image exists", "resolve" },
	{ "easy/staging", "Bootstrap staging control plane / bootstrap", "bootstrap" },
	{ "easy/staging", "Builtin deploy examples (baremetal) / Wait for control plane", "examples" },
	{ "easy/staging", "Builtin deploy examples (baremetal) / Register builtin apps", "examples" },
	{ "easy/staging", "Builtin deploy examples (baremetal) / Ensure baremetal capacity (tiny + llm)",
	  "examples" },
	{ "easy/staging", "Builtin deploy examples (baremetal) / Deploy hello-tdx (baremetal tiny)",
	  "examples" },
	{ "easy/staging", "Builtin deploy examples (baremetal) / Deploy private-llm (baremetal llm)",
	  "examples" },
	{ "easy/staging", "Builtin deploy examples (baremetal) / Deploy builtin apps (baremetal)",
	  "examples" },
	{ "easy/staging", "Builtin deploy examples (gcp) / Deploy Hello TDX (gcp)", "examples" },
	{ "easy/staging", "Builtin deploy examples (gcp) / Deploy Private LLM (gcp)", "examples" },
	{ "easy/staging", "Cleanup legacy staging GCP agent rows", "examples" },
	{ "easy/staging", "Assert staging rollout executed", "examples" },
	{ "theory/pr", "unit", "unit" },
	{ "theory/pr", "integration", "integration" },
	{ "theory/pr", "contracts", "acceptance" },
	{ "theory/pr", "Lint & Format", "lint" },
	{ "theory/pr", "Unit Tests", "unit" },
	{ "theory/pr", "Contract Tests", "acceptance" },
	{ "theory/pr", "Build Django Container", "build" },
	{ "theory/pr", "Integration Tests (local adapter)", "integration" },
	{ "theory/dev", "Sync secrets to Modal (dev)", "secrets" },
	{ "theory/dev", "Open PR: dev -> staging", "promote" },
	{ "theory/dev", "Provision Infrastructure", "secrets" },
	{ "theory/dev", "Build & Publish Tool Images", "build" },
	{ "theory/dev", "Build & Publish Django Image", "build" },
	{ "theory/dev", "Test with Modal Adapter", "sanity" },
	{ "theory/dev", "Promote to Staging", "promote" },
	{ "theory/staging", "Build & Pin (linux/amd64)", "build and pin" },
	{ "theory/staging", "Sync secrets to Modal (staging)", "secrets" },
	{ "theory/staging", "Deploy to Modal (staging)", "deploy" },
	{ "theory/staging", "Smoke tests", "checks" },
	{ "theory/staging", "Open PR: staging -> main", "release pr" },
	{ "theory/staging", "Retag Django Image (staging)", "build and pin" },
	{ "theory/staging", "Provision Infrastructure", "secrets" },
	{ "theory/staging", "Test Deployed Application", "checks" },
	{ "theory/staging", "Test Modal Tools", "checks" },
	{ "theory/staging", "Promote to Main", "release pr" },
	{ "theory/staging", "Acceptance (pinned)", "acceptance" },
	{ "theory/staging", "Drift Audit", "drift" },
	{ "theory/main", "Sync secrets to Modal (prod)", "secrets" },
	{ "theory/main", "Deploy to Modal (prod)", "deploy" },
	{ "theory/main", "Smoke tests", "checks" },
	{ "theory/main", "Retag Django Image (main)", "secrets" },
	{ "theory/main", "Provision Production Infrastructure", "secrets" },
	{ "theory/main", "Test Production Deployment", "checks" },
	{ "theory/main", "Test Modal Tools (Production)", "checks" },
	{ "theory/main", "Acceptance (pinned)", "acceptance" },
	{ "mcp/pr", "Setup Environment", "setup" },
	{ "mcp/pr", "Containerfile Validation", "checks" },
	{ "mcp/pr", "Code Quality Checks", "checks" },
	{ "mcp/pr", "Type Safety Validation", "checks" },
	{ "mcp/pr", "Test Execution and Coverage", "tests" },
	{ "mcp/pr", "Build Status Report", "report" },
	{ "mcp/pr", "Build and Push Container Image", "build" },
	{ "mcp/pr", "Container Security Scan", "scan" },
	{ "mcp/prod", "Build and Push Container Image", "build" },
	{ "mcp/prod", "Container Security Scan", "scan" },
	{ "mcp/staging", "Validate Deployment Trigger", "trigger" },
	{ "mcp/staging", "Run Validation Tests", "validate" },
	{ "mcp/staging", "Build and Push Staging Container", "build and push" },
	{ "mcp/staging", "Scan Staging Container", "scan" },
	{ "mcp/staging", "Run Staging Smoke Tests", "smoke" },
	{ "mcp/staging", "Deployment Summary", "summary" },
	{ "mcp/staging", "Deploy to Staging Environment", "deploy" },
	{ "cloud/commit", "determine-scope", "scope" },
	{ "cloud/commit", "fast-feedback", "feedback" },
	{ "cloud/commit", "desktop-fast-feedback", "feedback" },
	{ "cloud/commit", "infra-static-check", "feedback" },
	{ "cloud/commit", "identity-static-check", "feedback" },
	{ "cloud/commit", "commit-stage", "commit-stage" },
	{ "cloud/accept", "verify-commit-stage-evidence", "evidence" },
	{ "cloud/accept", "determine-scope", "evidence" },
	{ "cloud/accept", "resolve-replay-source", "evidence" },
	{ "cloud/accept", "build-release-package-api-image", "package" },
	{ "cloud/accept", "build-release-package-web-image", "package" },
	{ "cloud/accept", "build-release-package-codex-image", "package" },
	{ "cloud/accept", "capture-current-runtime-refs", "package" },
	{ "cloud/accept", "publish-release-package", "package" },
	{ "cloud/accept", "load-release-package", "package" },
	{ "cloud/accept", "runtime-api-system-acceptance", "checks" },
	{ "cloud/accept", "runtime-browser-acceptance", "checks" },
	{ "cloud/accept", "runtime-browser-acceptance (compass-smoke)", "checks" },
	{ "cloud/accept", "runtime-migration-image-acceptance", "checks" },
	{ "cloud/accept", "infra-readonly-acceptance", "checks" },
	{ "cloud/accept", "identity-readonly-acceptance", "checks" },
	{ "cloud/accept", "acceptance-stage", "acceptance" },
	{ "cloud/prod", "deploy-release-package", "deploy" },
	{ "cloud/prod", "production-blackbox-verify", "verify" },
	{ "cloud/prod", "production-stage", "production" },
	{ "cloud/prod", "release-decision", "decision" },
	{ "cloud/prod", "acceptance-stage", "" },
	{ "cloud/accept", "deploy-release-package", "" },
	{ "gov/stage", "prepare", "prepare" },
	{ "gov/stage", "stage / deploy", "stage" },
	{ "gov/stage", "verify-stage", "slo gate" },
	{ "gov/stage", "build_and_sign", "stage" },
	{ "gov/prod", "prod-canary / deploy", "prod-canary" },
	{ "gov/prod", "canary-verify", "canary-verify" },
	{ "gov/prod", "canary_rollout", "prod-canary" },
	{ "gov/prod", "post_deploy_verification", "canary-verify" },
	{ "gov/pr", "wf-reuse-test-node / test", "checks" },
};

static void jobs_have_stages(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(jobs); i++) {
		const char *stage = profile_stage_of(lane(jobs[i].lane), jobs[i].job);

		if (strcmp(stage, jobs[i].stage) != 0)
			fail_msg("%s: %s is in \"%s\"", jobs[i].lane, jobs[i].job, stage);
	}
}

static const char *shown_name(const struct json *job)
{
	const char *name = json_str(job, "name");

	return name ? name : json_str(job, "id");
}

/* In the stage of the lane that the table says, which for lanes that share a file is that of one of them. */
static void check_job(const struct inventory *v, const struct profile_lane *l, const char *name)
{
	for (size_t i = 0; i < countof(jobs); i++) {
		const struct profile_lane *of = lane(jobs[i].lane);

		if (strcmp(jobs[i].job, name) == 0 && *jobs[i].stage &&
		    (of == l || profile_owner(system_named(v->system), of) == l))
			return;
	}
	fail_msg("%s: nothing is said of the job \"%s\" of %s", v->file, name, l->name);
}

static const struct json *called(const struct json *all, const char *uses)
{
	const char *file = uses && strrchr(uses, '/') ? strrchr(uses, '/') + 1 : NULL;

	for (size_t i = 0; file && i < json_size(all); i++)
		if (strcmp(file_of(json_at(all, i)), file) == 0)
			return json_get(json_at(all, i), "jobs");
	return NULL;
}

/* The lane whose runs those of the file are, or the first that is of it. */
static const struct profile_lane *lane_of_path(const struct profile *p, const char *path)
{
	const struct profile_lane *l = profile_lane_of_run(p, &(struct profile_run){ .path = path });

	if (l)
		return l;
	vec_each (only, &p->lanes)
		if (profile_is_workflow(only, path))
			return only;
	return NULL;
}

static void check_jobs(const struct inventory *v, const struct json *all, const struct json *workflow)
{
	const struct profile_lane *l = lane_of_path(system_named(v->system), file_of(workflow));
	const struct json *list = json_get(workflow, "jobs");

	for (size_t i = 0; l && i < json_size(list); i++) {
		const struct json *job = json_at(list, i);
		const struct json *callees = called(all, json_str(job, "uses"));

		if (!json_str(job, "uses"))
			check_job(v, l, shown_name(job));
		for (size_t k = 0; k < json_size(callees); k++)
			check_job(v, l,
				  arena_printf(&arena, "%s / %s", shown_name(job),
					       shown_name(json_at(callees, k))));
	}
}

static void recorded_jobs_are_known(void **state)
{
	(void)state;
	each_workflow(check_jobs);
}

/* ---- environments and locks ---------------------------------------------------------------------------------------------- */

static bool is_approved(const struct profile_lane *l, const char *environment, const char *job)
{
	vec_each (p, &l->approvals)
		for (const char *const *glob = p->jobs; glob && *glob && !p->planned; glob++)
			if (strcmp(p->environment, environment) == 0 && text_glob(*glob, job))
				return true;
	return false;
}

/* A job that waits at an environment is one that a person is asked for. */
static void check_environments(const struct inventory *v, const struct json *all, const struct json *workflow)
{
	const struct profile *p = system_named(v->system);
	const struct profile_lane *owner = lane_of_path(p, file_of(workflow));
	const struct json *list = json_get(workflow, "jobs");

	(void)all;
	for (size_t i = 0; owner && i < json_size(list); i++) {
		const char *environment = json_str(json_at(list, i), "environment");
		bool found = false;

		vec_each (l, &p->lanes)
			found |= environment && profile_owner(p, l) == owner &&
				 is_approved(l, environment, shown_name(json_at(list, i)));
		/* the runbook that the profile speaks of has none; its repository later has one a branch */
		if (environment && !found && strcmp(v->system, "theory") != 0)
			fail_msg("%s: %s waits at %s", v->file, shown_name(json_at(list, i)), environment);
	}
}

static void recorded_environments_are_asked_for(void **state)
{
	(void)state;
	each_workflow(check_environments);
}

static const struct profile_lock *lock_of(const struct profile_lane *l, const char *group)
{
	vec_each (k, &l->locks)
		if (strcmp(k->group, group) == 0 || strstr(group, "${{") || strcmp(group, "dev") == 0 ||
		    strcmp(group, "staging") == 0 || strcmp(group, "main") == 0)
			return k;
	return NULL;
}

static void check_lock(const struct inventory *v, const struct profile_lane *l, const struct json *c)
{
	const struct profile_lock *k;

	if (!c || json_type(c) != JSON_OBJECT)
		return;
	k = lock_of(l, json_str(c, "group"));
	if (!k)
		fail_msg("%s: %s has no lock %s", v->file, l->name, json_str(c, "group"));
	if (k->cancels != json_bool(c, "cancel-in-progress", false))
		fail_msg("%s: %s %s", v->file, k->group, k->cancels ? "does not cancel" : "cancels");
}

static void check_locks(const struct inventory *v, const struct json *all, const struct json *workflow)
{
	const struct profile_lane *l = lane_of_path(system_named(v->system), file_of(workflow));
	const struct json *list = json_get(workflow, "jobs");

	(void)all;
	if (!l)
		return;
	check_lock(v, l, json_get(workflow, "concurrency"));
	for (size_t i = 0; i < json_size(list); i++)
		check_lock(v, l, json_get(json_at(list, i), "concurrency"));
}

static void recorded_locks_cancel_as_told(void **state)
{
	(void)state;
	each_workflow(check_locks);
}

/* ---- meanings ----------------------------------------------------------------------------------------------------------- */

static void green_is_not_evidence(void **state)
{
	static const struct {
		const char *lane, *job;
		int conclusion, means;
		bool whole;
	} cases[] = {
		{ "easy/staging", "Bootstrap staging control plane", CONCLUSION_SKIPPED, MEANS_SKIPPED,
		  true },
		{ "easy/staging", "Bootstrap staging control plane / bootstrap", CONCLUSION_SUCCESS, 0,
		  false },
		{ "mcp/staging", "Scan Staging Container", CONCLUSION_SUCCESS, MEANS_WARNED, false },
		{ "mcp/staging", "Scan Staging Container", CONCLUSION_FAILURE, 0, false },
		{ "mcp/staging", "Deployment Summary", CONCLUSION_SUCCESS, MEANS_VACUOUS, false },
		{ "mcp/staging", "Run Validation Tests", CONCLUSION_SKIPPED, MEANS_SKIPPED, false },
		{ "mcp/staging", "Build and Push Staging Container", CONCLUSION_SKIPPED, MEANS_SKIPPED,
		  true },
		{ "mcp/prod", "Container Security Scan", CONCLUSION_FAILURE, MEANS_WARNED, false },
		{ "mcp/prod", "Build and Push Container Image", CONCLUSION_SKIPPED, MEANS_SKIPPED, true },
		{ "cloud/accept", "infra-readonly-acceptance", CONCLUSION_SUCCESS, MEANS_NOT_REQUIRED,
		  false },
		{ "cloud/accept", "runtime-browser-acceptance (compass-smoke)", CONCLUSION_SUCCESS,
		  MEANS_NOT_REQUIRED, false },
		{ "cloud/accept", "identity-readonly-acceptance", CONCLUSION_SKIPPED, MEANS_NOT_REQUIRED,
		  false },
		{ "cloud/accept", "acceptance-stage", CONCLUSION_SUCCESS, 0, false },
		{ "cloud/commit", "infra-static-check", CONCLUSION_SKIPPED, MEANS_NOT_REQUIRED, false },
		{ "cloud/prod", "deploy-release-package", CONCLUSION_SKIPPED, MEANS_NOT_REQUIRED, true },
		{ "theory/main", "Drift Audit", CONCLUSION_SUCCESS, MEANS_VACUOUS, false },
		{ "theory/main", "Drift Audit", CONCLUSION_FAILURE, 0, false },
		{ "gov/stage", "verify-stage", CONCLUSION_SUCCESS, MEANS_VACUOUS, false },
		{ "gov/prod", "canary-verify", CONCLUSION_SUCCESS, MEANS_VACUOUS, false },
		{ "gov/prod", "post_deploy_verification", CONCLUSION_SUCCESS, MEANS_VACUOUS, false },
		{ "gov/prod", "prod-canary / deploy", CONCLUSION_SUCCESS, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		const struct profile_meaning *m =
			profile_meaning_of(lane(cases[i].lane), cases[i].job, cases[i].conclusion);

		if ((m ? m->means : 0) != cases[i].means || (m && m->whole) != cases[i].whole)
			fail_msg("%s: %s means %s", cases[i].lane, cases[i].job, m ? m->words : "its colour");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_have_lanes),
		cmocka_unit_test(recorded_files_are_known),
		cmocka_unit_test(jobs_have_stages),
		cmocka_unit_test(recorded_jobs_are_known),
		cmocka_unit_test(recorded_environments_are_asked_for),
		cmocka_unit_test(recorded_locks_cancel_as_told),
		cmocka_unit_test(green_is_not_evidence),
	};

	return cmocka_run_group_tests(tests, load_all, forget_all);
}
