#include "unit/sim/drive.h"

#define CLOUD   "/repos/glcsolutions-ca/compass"
#define REPLAY  CLOUD "/actions/workflows/cloud-delivery-replay.yml"
#define NEWEST  "7f3c9a1be02d4458c6f2c1f0a9b1d2e3f4a5b6c7"
#define OLDER   "5b2e8f1c9a7d4036b8c1e2d3f4a5968778695a4b"
#define EXPIRED "0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d"

static const char *location(const struct drive *d)
{
	const char *v = http_header(&d->last.http, "location");

	return v ? v + strlen("https://drill.invalid") : "";
}

/* The bytes behind a redirect, without a token. */
static int fetch(struct drive *d, const char *target)
{
	const char *token = d->token;
	int status;

	if (drive_get(d, target) != 302)
		return d->last.http.status;
	d->token = NULL;
	status = drive_get(d, arena_strdup(&d->a, location(d)));
	d->token = token;
	return status;
}

static int64_t artifact(struct drive *d, const char *name)
{
	assert_int_equal(drive_get(d, drive_path(d, CLOUD "/actions/artifacts?name=%s", name)), 200);
	return json_int(json_at(json_get(d->body, "artifacts"), 0), "id", 0);
}

static void an_artifact_is_a_zip_elsewhere_until_it_expires(void **state)
{
	struct drive d;
	int64_t id;

	(void)state;
	drive_open(&d, "cloud-delivery");
	id = artifact(&d, "release-package-" NEWEST);
	assert_true(id > INT32_MAX);
	assert_int_equal(fetch(&d, drive_path(&d, CLOUD "/actions/artifacts/%" PRId64 "/zip", id)), 200);
	assert_memory_equal(d.last.http.body, "PK\x03\x04", 4);
	assert_memory_equal(d.last.http.body + d.last.http.body_n - 22, "PK\x05\x06", 4);
	assert_memory_equal(d.last.http.body + 30, ".artifacts/release-package/" NEWEST "/manifest.json", 80);
	id = artifact(&d, "release-package-" EXPIRED);
	assert_true(json_bool(json_at(json_get(d.body, "artifacts"), 0), "expired", false));
	assert_int_equal(fetch(&d, drive_path(&d, CLOUD "/actions/artifacts/%" PRId64 "/zip", id)), 410);
	assert_int_equal(artifact(&d, "release-package-none"), 0);
	drive_close(&d);
}

/* The console must not take the forge's own deployments for the record (delivery-systems reference 4.4). */
static void the_record_stands_beside_the_forges_own_deployments(void **state)
{
	struct drive d;
	int64_t recorded = 0;
	int own = 0;

	(void)state;
	drive_open(&d, "cloud-delivery");
	assert_int_equal(drive_get(&d, CLOUD "/deployments?environment=production&per_page=100"), 200);
	for (size_t i = json_size(d.body); i-- > 0;) {
		const struct json *it = json_at(d.body, i);

		if (json_str(it, "payload.releasePackageApiRef"))
			recorded = json_int(it, "id", 0);
		else
			own++;
	}
	assert_true(recorded > 0 && own > 4);
	assert_int_equal(drive_get(&d, drive_path(&d, CLOUD "/deployments/%" PRId64 "/statuses", recorded)),
			 200);
	assert_string_equal(json_str(json_at(d.body, 0), "state"), "success");
	drive_close(&d);
}

static int64_t replay(struct drive *d, const char *sha)
{
	assert_int_equal(drive_send(d, "POST", REPLAY "/dispatches",
				    drive_path(d,
					       "{\"ref\":\"main\",\"return_run_details\":true,\"inputs\":{"
					       "\"release_package_sha\":\"%s\"}}",
					       sha)),
			 200);
	return json_int(d->body, "workflow_run_id", 0);
}

static const char *ended(struct drive *d, int64_t run)
{
	for (int i = 0; i < 1200; i++) {
		assert_int_equal(drive_get(d, drive_path(d, CLOUD "/actions/runs/%" PRId64, run)), 200);
		if (strcmp(json_str(d->body, "status"), "completed") == 0)
			return json_str(d->body, "conclusion");
		drive_pass(d, 500);
	}
	return "never";
}

static void a_replay_delivers_what_there_is(void **state)
{
	static const struct {
		const char *sha, *conclusion, *live;
	} rows[] = {
		{ NEWEST, "success", NEWEST },
		{ EXPIRED, "failure", NEWEST }, /* the package is gone: nothing happens */
		{ OLDER, "failure",
		  OLDER }, /* no probe of that commit: production has changed, the release is NO */
	};
	struct drive d;

	(void)state;
	drive_open(&d, "replay");
	for (size_t i = 0; i < countof(rows); i++) {
		int64_t run = replay(&d, rows[i].sha);

		assert_string_equal(ended(&d, run), rows[i].conclusion);
		assert_string_equal(world_live(d.w, "cloud/prod"), rows[i].live);
	}
	drive_close(&d);
}

static const char *job_status(struct drive *d, int64_t run, const char *name)
{
	const struct json *jobs;

	assert_int_equal(
		drive_get(d, drive_path(d, CLOUD "/actions/runs/%" PRId64 "/jobs?per_page=100", run)), 200);
	jobs = json_get(d->body, "jobs");
	for (size_t i = 0; i < json_size(jobs); i++)
		if (strcmp(json_str(json_at(jobs, i), "name"), name) == 0)
			return json_str(json_at(jobs, i), "status");
	return "";
}

/* One deploys, one waits, and the third pushes the second out. */
static void the_lock_is_that_of_the_deploying_job(void **state)
{
	static const char job[] = "deploy-release-package";
	struct drive d;
	int64_t first, second, third;

	(void)state;
	drive_open(&d, "cloud-delivery");
	first = replay(&d, NEWEST);
	second = replay(&d, NEWEST);
	third = replay(&d, NEWEST);
	for (int i = 0; i < 600 && strcmp(job_status(&d, third, job), "") == 0; i++)
		drive_pass(&d, 500);
	drive_pass(&d, 5000);
	assert_int_equal(drive_get(&d, CLOUD "/actions/concurrency_groups/production-mutation"), 200);
	assert_int_equal(json_size(json_get(d.body, "group_members")), 2);
	assert_true(json_int(json_at(json_get(d.body, "group_members"), 0), "job_id", 0) > 0);
	ended(&d, first);
	ended(&d, second);
	ended(&d, third);
	assert_int_equal(
		drive_get(&d, CLOUD "/actions/runs?per_page=100&event=workflow_dispatch&status=cancelled"),
		200);
	drive_close(&d);
}

static void a_dispatch_goes_by_the_file_at_its_ref(void **state)
{
	struct drive d;

	(void)state;
	drive_open(&d, "cloud-delivery");
	assert_int_equal(drive_send(&d, "POST",
				    CLOUD "/actions/workflows/cloud-delivery-pipeline.yml/dispatches",
				    "{\"ref\":\"main\"}"),
			 422);
	assert_int_equal(drive_send(&d, "PUT", CLOUD "/contents/.github/workflows/broken.yml",
				    "{\"message\":\"x\",\"content\":\"eA==\"}"),
			 201);
	assert_int_equal(drive_get(&d, CLOUD "/contents/.github/workflows/cloud-delivery-replay.yml"), 200);
	assert_int_equal(
		drive_send(&d, "PUT", CLOUD "/contents/.github/workflows/cloud-delivery-replay.yml",
			   drive_path(&d, "{\"message\":\"x\",\"content\":\"bmFtZTogeAo=\",\"sha\":\"%s\"}",
				      json_str(d.body, "sha"))),
		200);
	assert_int_equal(drive_send(&d, "POST", REPLAY "/dispatches",
				    "{\"ref\":\"main\",\"inputs\":{\"release_package_sha\":\"" NEWEST "\"}}"),
			 422);
	assert_int_equal(
		drive_send(&d, "POST", REPLAY "/dispatches",
			   "{\"ref\":\"feature/quota-words\",\"inputs\":{\"release_package_sha\":\"" NEWEST
			   "\"}}"),
		204);
	drive_close(&d);
}

/* ---- beside the forge ---------------------------------------------------------------------------------------------- */

static void a_tag_moves_to_a_digest_that_is_there(void **state)
{
	static const char tag[] = "/v2/luminosita/mcp/manifests/0.1.0";
	struct drive d;
	const char *bytes, *digest;

	(void)state;
	drive_open(&d, "mcp-promote");
	d.token = NULL;
	assert_int_equal(drive_get(&d, "/v2/"), 200);
	assert_int_equal(drive_get(&d, "/v2/luminosita/mcp/tags/list?n=3"), 200);
	assert_int_equal(json_size(json_get(d.body, "tags")), 3);
	assert_non_null(http_header(&d.last.http, "link"));
	assert_int_equal(drive_get(&d, "/v2/luminosita/none/tags/list"), 404);
	assert_int_equal(drive_get(&d, "/v2/luminosita/mcp/manifests/none"), 404);
	assert_int_equal(drive_get(&d, "/v2/luminosita/mcp/manifests/staging-latest"), 200);
	bytes = d.last.http.body;
	digest = http_header(&d.last.http, "docker-content-digest");
	assert_int_equal(drive_send(&d, "PUT", tag, "{\"schemaVersion\":2}"), 400);
	assert_int_equal(drive_send(&d, "PUT", "/v2/luminosita/mcp/manifests/sha256:00", bytes), 400);
	assert_int_equal(drive_send(&d, "PUT", tag, bytes), 201);
	assert_string_equal(http_header(&d.last.http, "docker-content-digest"), digest);
	assert_int_equal(drive_get(&d, tag), 200);
	assert_string_equal(http_header(&d.last.http, "docker-content-digest"), digest);
	drive_close(&d);
}

static void systems_say_what_they_run(void **state)
{
	struct drive d;
	int64_t run;

	(void)state;
	drive_open(&d, "first-rollout");
	run = drive_dispatch(&d, "v0.9.4");
	drive_until(&d, run, "waiting");
	drive_approve(&d, run, "approved");
	drive_until(&d, run, "completed");
	d.token = NULL;
	assert_int_equal(drive_get(&d, "/probe/easy/prod/health"), 200);
	assert_string_equal(json_str(d.body, "git_sha"), "5ca9ea7c5feb2ec58fe2fca8a21c8bee8b51d6eb");
	assert_string_equal(json_str(d.body, "boot_id"), drive_path(&d, "bootstrap-%" PRId64 "-1", run));
	assert_int_equal(drive_get(&d, "/probe/easy/none/health"), 404);
	drive_close(&d);
	drive_open(&d, "theory-release");
	assert_int_equal(drive_get(&d, "/probe/theory/main/run"), 200);
	assert_memory_equal(json_str(d.body, "meta.image_digest"), "sha256:", 7);
	drive_close(&d);
}

/* A plan of the first drill is not voided by a push that comes between reading and typing; later drills teach that. */
static void colleagues_push_but_not_in_the_first_drill(void **state)
{
	static const struct {
		const char *drill;
		bool moves;
	} drills[] = { { "first-rollout", false }, { "easy-and-back", true } };

	(void)state;
	for (size_t i = 0; i < countof(drills); i++) {
		struct drive d;
		char before[64];

		drive_open(&d, drills[i].drill);
		assert_int_equal(drive_get(&d, "/repos/easyenclave/easyenclave/git/ref/heads/main"), 200);
		snprintf(before, sizeof(before), "%s", json_str(d.body, "object.sha"));
		assert_int_equal(strlen(before), 40);
		drive_pass(&d, 60 * 60000);
		assert_int_equal(drive_get(&d, "/repos/easyenclave/easyenclave/git/ref/heads/main"), 200);
		assert_int_equal(strcmp(before, json_str(d.body, "object.sha")) != 0, drills[i].moves);
		drive_close(&d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_artifact_is_a_zip_elsewhere_until_it_expires),
		cmocka_unit_test(the_record_stands_beside_the_forges_own_deployments),
		cmocka_unit_test(a_replay_delivers_what_there_is),
		cmocka_unit_test(the_lock_is_that_of_the_deploying_job),
		cmocka_unit_test(a_dispatch_goes_by_the_file_at_its_ref),
		cmocka_unit_test(a_tag_moves_to_a_digest_that_is_there),
		cmocka_unit_test(systems_say_what_they_run),
		cmocka_unit_test(colleagues_push_but_not_in_the_first_drill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
