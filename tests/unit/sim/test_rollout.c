#include "unit/sim/drive.h"

#include "core/adapters/sim/world.h"

static void a_dispatch_goes_through_its_gate_and_is_live(void **state)
{
	struct drive d;
	int64_t run;

	(void)state;
	drive_open(&d, "break-glass");
	assert_string_equal(world_live(d.w, "easy/prod"), "v0.9.3");
	run = drive_dispatch(&d, "v0.9.4");
	assert_true(run > INT32_MAX);
	drive_until(&d, run, "in_progress");
	assert_string_equal(json_str(d.body, "display_title"), "Production Rollout v0.9.4 [n0nce-v0.9.4]");
	assert_string_equal(json_str(d.body, "actor.login"), "captain");
	drive_until(&d, run, "waiting");
	assert_int_equal(
		drive_get(&d, drive_path(&d, EASY "/actions/runs/%" PRId64 "/pending_deployments", run)),
		200);
	assert_int_equal(json_size(d.body), 1);
	assert_string_equal(json_str(json_at(d.body, 0), "environment.name"), "production");
	assert_true(json_bool(json_at(d.body, 0), "current_user_can_approve", false));
	drive_pass(&d, 3600000);
	assert_string_equal(drive_status(&d, run), "waiting");
	assert_int_equal(drive_approve(&d, run, "approved"), 200);
	drive_until(&d, run, "completed");
	assert_string_equal(json_str(d.body, "conclusion"), "success");
	assert_string_equal(world_live(d.w, "easy/prod"), "v0.9.4");
	assert_int_equal(world_count_runs(d.w, "easyenclave/easyenclave", "production-rollout.yml", NULL), 1);
	assert_int_equal(
		world_count_runs(d.w, "easyenclave/easyenclave", "deploy-examples.yml", "workflow_dispatch"),
		1);
	assert_int_equal(world_count_runs(d.w, "easyenclave/easyenclave", "deploy-examples-gcp.yml", NULL),
			 1);
	assert_int_equal(drive_get(&d, drive_path(&d, EASY "/actions/runs/%" PRId64 "/approvals", run)), 200);
	assert_string_equal(json_str(json_at(d.body, 0), "user.login"), "captain");
	drive_close(&d);
}

static void jobs_appear_as_what_they_need_is_done(void **state)
{
	struct drive d;
	const char *jobs;
	int64_t run;

	(void)state;
	drive_open(&d, "break-glass");
	run = drive_dispatch(&d, "v0.9.4");
	jobs = drive_path(&d, EASY "/actions/runs/%" PRId64 "/jobs", run);
	drive_get(&d, jobs);
	assert_int_equal(json_int(d.body, "total_count", -1), 0);
	drive_until(&d, run, "in_progress");
	drive_get(&d, jobs);
	assert_int_equal(json_int(d.body, "total_count", -1), 1);
	drive_until(&d, run, "waiting");
	drive_get(&d, jobs);
	assert_int_equal(json_int(d.body, "total_count", -1), 5);
	assert_string_equal(json_str(json_at(json_get(d.body, "jobs"), 4), "name"),
			    "Bootstrap production control plane / bootstrap");
	assert_string_equal(json_str(json_at(json_get(d.body, "jobs"), 4), "status"), "waiting");
	assert_int_equal(json_size(json_get(json_at(json_get(d.body, "jobs"), 0), "steps")), 3);
	drive_close(&d);
}

static void a_missing_asset_fails_the_rollout(void **state)
{
	struct drive d;
	int64_t run;

	(void)state;
	drive_open(&d, "bad-release");
	assert_int_equal(drive_get(&d, EASY "/releases/tags/v0.9.4"), 200);
	assert_int_equal(json_size(json_get(d.body, "assets")), 2);
	run = drive_dispatch(&d, "v0.9.4");
	drive_until(&d, run, "waiting");
	drive_approve(&d, run, "approved");
	drive_until(&d, run, "completed");
	assert_string_equal(json_str(d.body, "conclusion"), "failure");
	drive_close(&d);
}

static void a_rejected_gate_fails_its_job(void **state)
{
	struct drive d;
	int64_t run;

	(void)state;
	drive_open(&d, "break-glass");
	run = drive_dispatch(&d, "v0.9.4");
	drive_until(&d, run, "waiting");
	assert_int_equal(drive_approve(&d, run, "rejected"), 200);
	drive_until(&d, run, "completed");
	assert_string_equal(json_str(d.body, "conclusion"), "failure");
	assert_string_equal(world_live(d.w, "easy/prod"), "v0.9.3");
	assert_int_equal(drive_approve(&d, run, "approved"), 422);
	drive_close(&d);
}

static void only_reviewers_may_approve(void **state)
{
	struct drive d;
	int64_t run;

	(void)state;
	drive_open(&d, "break-glass");
	run = drive_dispatch(&d, "v0.9.4");
	drive_until(&d, run, "waiting");
	d.token = "Bearer ana-ruiz";
	assert_int_equal(drive_approve(&d, run, "approved"), 422);
	d.token = "Bearer reader";
	assert_int_equal(drive_approve(&d, run, "approved"), 403);
	d.token = "token kim-1";
	assert_int_equal(drive_approve(&d, run, "approved"), 200);
	drive_until(&d, run, "completed");
	drive_close(&d);
}

static void the_group_keeps_one_holder_and_one_who_waits(void **state)
{
	struct drive d;
	int64_t first, second, third;

	(void)state;
	drive_open(&d, "break-glass");
	first = drive_dispatch(&d, "v0.9.4");
	second = drive_dispatch(&d, "v0.9.4");
	assert_string_equal(drive_status(&d, second), "pending");
	assert_int_equal(drive_get(&d, EASY "/actions/concurrency_groups/EasyEnclave-Production-Rollout"),
			 200);
	assert_int_equal(json_size(json_get(d.body, "group_members")), 2);
	third = drive_dispatch(&d, "v0.9.3");
	assert_string_equal(drive_status(&d, second), "completed");
	assert_string_equal(json_str(d.body, "conclusion"), "cancelled");
	assert_string_equal(drive_status(&d, third), "pending");
	drive_until(&d, first, "waiting");
	assert_int_equal(
		drive_send(&d, "POST", drive_path(&d, EASY "/actions/runs/%" PRId64 "/cancel", first), NULL),
		202);
	drive_until(&d, first, "completed");
	assert_string_equal(json_str(d.body, "conclusion"), "cancelled");
	drive_until(&d, third, "waiting");
	drive_close(&d);
}

static void cancel_and_rerun_keep_the_number_of_attempts(void **state)
{
	struct drive d;
	int64_t run;
	const char *base;

	(void)state;
	drive_open(&d, "break-glass");
	run = drive_dispatch(&d, "v0.9.4");
	base = drive_path(&d, EASY "/actions/runs/%" PRId64, run);
	drive_until(&d, run, "in_progress");
	assert_int_equal(drive_send(&d, "POST", drive_path(&d, "%s/rerun", base), NULL), 403);
	assert_int_equal(drive_send(&d, "POST", drive_path(&d, "%s/force-cancel", base), NULL), 202);
	drive_until(&d, run, "completed");
	assert_int_equal(drive_send(&d, "POST", drive_path(&d, "%s/cancel", base), NULL), 409);
	assert_int_equal(drive_send(&d, "POST", drive_path(&d, "%s/rerun", base), NULL), 201);
	drive_get(&d, base);
	assert_int_equal(json_int(d.body, "run_attempt", 0), 2);
	assert_non_null(json_str(d.body, "previous_attempt_url"));
	assert_string_equal(json_str(d.body, "status"), "queued");
	drive_get(&d, drive_path(&d, "%s/attempts/1", base));
	assert_string_equal(json_str(d.body, "conclusion"), "cancelled");
	drive_until(&d, run, "waiting");
	drive_close(&d);
}

static void staging_steps_aside_for_production(void **state)
{
	struct drive d;
	int64_t run;
	int n = 0;

	(void)state;
	drive_open(&d, "break-glass");
	run = drive_dispatch(&d, "v0.9.4");
	drive_until(&d, run, "waiting");
	while (n++ < 2000 && !world_count_runs(d.w, "easyenclave/easyenclave", "staging-rollout.yml", NULL))
		drive_pass(&d, 500);
	drive_pass(&d, 20000);
	drive_get(&d, EASY "/actions/workflows/staging-rollout.yml/runs?per_page=1");
	run = json_int(json_at(json_get(d.body, "workflow_runs"), 0), "id", 0);
	assert_string_equal(json_str(json_at(json_get(d.body, "workflow_runs"), 0), "conclusion"), "success");
	drive_get(&d, drive_path(&d, EASY "/actions/runs/%" PRId64 "/jobs", run));
	assert_string_equal(json_str(json_at(json_get(d.body, "jobs"), 1), "conclusion"), "skipped");
	drive_close(&d);
}

static void the_train_takes_production_back(void **state)
{
	static const char dispatch[] =
		"{\"ref\":\"main\",\"return_run_details\":true,\"inputs\":{\"ref\":\"v2.14.0\","
		"\"bump\":\"none\"}}";
	struct drive d;
	struct goals goals = { 0 };
	const char *run;

	(void)state;
	drive_open(&d, "rollback");
	assert_string_equal(world_live(d.w, "gov/prod"), "v2.15.0");
	assert_int_equal(drive_send(&d, "POST",
				    "/repos/summit/summit/actions/workflows/release-train.yml/dispatches",
				    dispatch),
			 200);
	run = drive_path(&d, "/repos/summit/summit/actions/runs/%" PRId64,
			 json_int(d.body, "workflow_run_id", 0));
	drive_pass(&d, 60000);
	drive_get(&d, run);
	assert_string_equal(json_str(d.body, "status"), "waiting");
	assert_int_equal(
		drive_send(&d, "POST", drive_path(&d, "%s/pending_deployments", run),
			   "{\"environment_ids\":[11830442853],\"state\":\"approved\",\"comment\":\"\"}"),
		200);
	drive_pass(&d, 60000);
	world_score(d.w, &goals, &d.a);
	assert_int_equal(goals.n, 3);
	vec_each (g, &goals)
		assert_true(g->met);
	drive_close(&d);
}

/* Environments are changed as their owners would, in the world itself. */
static struct sim_environment *environment(struct drive *d, const char *name)
{
	vec_each (it, &d->w->repos.items[0]->environments)
		if (strcmp(it->name, name) == 0)
			return it;
	fail_msg("there is no environment %s", name);
	return NULL;
}

static void a_wait_timer_holds_what_is_approved(void **state)
{
	struct drive d;
	int64_t run;

	(void)state;
	drive_open(&d, "break-glass");
	environment(&d, "production")->wait_minutes = 5;
	run = drive_dispatch(&d, "v0.9.4");
	drive_until(&d, run, "waiting");
	assert_int_equal(drive_approve(&d, run, "approved"), 200);
	drive_pass(&d, 4 * 60000);
	assert_string_equal(drive_status(&d, run), "waiting");
	drive_get(&d, drive_path(&d, EASY "/actions/runs/%" PRId64 "/pending_deployments", run));
	assert_int_equal(json_int(json_at(d.body, 0), "wait_timer", 0), 5);
	assert_non_null(json_str(json_at(d.body, 0), "wait_timer_started_at"));
	drive_pass(&d, 2 * 60000);
	drive_until(&d, run, "completed");
	assert_string_equal(json_str(d.body, "conclusion"), "success");
	drive_close(&d);
}

static void who_dispatched_may_not_approve_alone(void **state)
{
	struct drive d;
	int64_t run;

	(void)state;
	drive_open(&d, "break-glass");
	environment(&d, "production")->no_self_review = true;
	run = drive_dispatch(&d, "v0.9.4");
	drive_until(&d, run, "waiting");
	drive_get(&d, drive_path(&d, EASY "/actions/runs/%" PRId64 "/pending_deployments", run));
	assert_false(json_bool(json_at(d.body, 0), "current_user_can_approve", true));
	assert_int_equal(drive_approve(&d, run, "approved"), 422);
	d.token = "Bearer kim";
	assert_int_equal(drive_approve(&d, run, "approved"), 200);
	drive_close(&d);
}

static void another_captain_can_be_faster(void **state)
{
	struct drive d;
	int64_t run;
	const char *gates;

	(void)state;
	drive_open(&d, "evicted-run");
	drive_pass(&d, 4000);
	drive_get(&d, PROD "/runs?per_page=1");
	run = json_int(json_at(json_get(d.body, "workflow_runs"), 0), "id", 0);
	assert_string_equal(json_str(json_at(json_get(d.body, "workflow_runs"), 0), "actor.login"), "kim");
	drive_pass(&d, 150000);
	gates = drive_path(&d, EASY "/actions/runs/%" PRId64 "/pending_deployments", run);
	assert_int_equal(
		drive_send(&d, "POST", gates,
			   "{\"environment_ids\":[12797761864],\"state\":\"approved\",\"comment\":\"\"}"),
		422);
	drive_get(&d, gates);
	assert_int_equal(json_size(d.body), 0);
	drive_get(&d, drive_path(&d, EASY "/actions/runs/%" PRId64 "/approvals", run));
	assert_string_equal(json_str(json_at(d.body, 0), "user.login"), "kim");
	drive_close(&d);
}

static void deployments_tell_how_they_went(void **state)
{
	static const char *const states[] = { "success", "in_progress", "waiting" };
	struct drive d;
	int64_t run, id;

	(void)state;
	drive_open(&d, "break-glass");
	run = drive_dispatch(&d, "v0.9.4");
	drive_until(&d, run, "waiting");
	drive_approve(&d, run, "approved");
	drive_until(&d, run, "completed");
	assert_int_equal(drive_get(&d, EASY "/deployments?environment=production"), 200);
	id = json_int(json_at(d.body, 0), "id", 0);
	drive_get(&d, drive_path(&d, EASY "/deployments/%" PRId64 "/statuses", id));
	assert_int_equal(json_size(d.body), countof(states));
	for (size_t i = 0; i < countof(states); i++)
		assert_string_equal(json_str(json_at(d.body, i), "state"), states[i]);
	drive_close(&d);
}

static void a_canary_breach_leaves_production_as_it_was(void **state)
{
	static const char body[] = "{\"ref\":\"main\",\"inputs\":{\"ref\":\"v2.15.0\"}}";
	static const char repo[] = "/repos/summit/summit/actions";
	struct drive d;
	const char *run, *job;
	const struct json *jobs;

	(void)state;
	drive_open(&d, "train-stops");
	assert_int_equal(drive_send(&d, "POST",
				    drive_path(&d, "%s/workflows/release-train.yml/dispatches", repo), body),
			 204);
	drive_pass(&d, 60000);
	drive_get(&d, drive_path(&d, "%s/workflows/release-train.yml/runs?per_page=1", repo));
	run = drive_path(&d, "%s/runs/%" PRId64, repo,
			 json_int(json_at(json_get(d.body, "workflow_runs"), 0), "id", 0));
	assert_int_equal(
		drive_send(&d, "POST", drive_path(&d, "%s/pending_deployments", run),
			   "{\"environment_ids\":[11830442853],\"state\":\"approved\",\"comment\":\"\"}"),
		200);
	drive_pass(&d, 60000);
	assert_string_equal(world_live(d.w, "gov/stage"), "v2.15.0");
	assert_string_equal(world_live(d.w, "gov/prod"), "v2.14.0");
	drive_get(&d, drive_path(&d, "%s/jobs", run));
	jobs = json_get(d.body, "jobs");
	assert_string_equal(json_str(json_at(jobs, 3), "name"), "prod-canary / deploy");
	assert_string_equal(json_str(json_at(jobs, 3), "conclusion"), "failure");
	assert_string_equal(json_str(json_at(jobs, 4), "conclusion"), "skipped");
	job = drive_path(&d, "%" PRId64, json_int(json_at(jobs, 3), "id", 0));
	drive_get(&d, drive_path(&d, "/repos/summit/summit/check-runs/%s/annotations", job));
	assert_non_null(strstr(json_str(json_at(d.body, 0), "message"), "over limit 0.01"));
	drive_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dispatch_goes_through_its_gate_and_is_live),
		cmocka_unit_test(jobs_appear_as_what_they_need_is_done),
		cmocka_unit_test(a_missing_asset_fails_the_rollout),
		cmocka_unit_test(a_rejected_gate_fails_its_job),
		cmocka_unit_test(only_reviewers_may_approve),
		cmocka_unit_test(the_group_keeps_one_holder_and_one_who_waits),
		cmocka_unit_test(cancel_and_rerun_keep_the_number_of_attempts),
		cmocka_unit_test(staging_steps_aside_for_production),
		cmocka_unit_test(the_train_takes_production_back),
		cmocka_unit_test(a_wait_timer_holds_what_is_approved),
		cmocka_unit_test(who_dispatched_may_not_approve_alone),
		cmocka_unit_test(another_captain_can_be_faster),
		cmocka_unit_test(deployments_tell_how_they_went),
		cmocka_unit_test(a_canary_breach_leaves_production_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
