#include "unit/sim/drive.h"

#define HEX64 64

static const char *header(const struct drive *d, const char *name)
{
	const char *v = http_header(&d->last.http, name);

	return v ? v : "";
}

/* Acts that the forge refuses, with its own words. */
static void refusals_have_the_forges_words(void **state)
{
	static const struct {
		const char *method, *target, *body;
		int status;
		const char *message;
	} rows[] = {
		{ "POST", PROD "/dispatches", "{\"ref\":\"main\",\"inputs\":{}}", 422,
		  "Required input 'release_tag' not provided" },
		{ "POST", EASY "/actions/workflows/test.yml/dispatches", "{\"ref\":\"main\"}", 422,
		  "Workflow does not have 'workflow_dispatch' trigger" },
		{ "POST", PROD "/dispatches", "{\"ref\":\"nope\",\"inputs\":{\"release_tag\":\"v0.9.4\"}}",
		  422, "No ref found for: nope" },
		{ "POST", PROD "/dispatches",
		  "{\"ref\":\"main\",\"inputs\":{\"release_tag\":\"v0.9.4\",\"tag\":\"x\"}}", 422,
		  "Unexpected inputs provided: [\"tag\"]" },
		{ "POST", PROD "/dispatches", "{\"ref\":", 400, "Problems parsing JSON" },
		{ "POST", EASY "/actions/workflows/none.yml/dispatches", "{\"ref\":\"main\"}", 404,
		  "Not Found" },
		{ "POST", EASY "/git/refs",
		  "{\"ref\":\"refs/tags/v0.9.4\",\"sha\":\"0000000000000000000000000000000000000000\"}", 422,
		  "Reference already exists" },
		{ "DELETE", EASY "/git/refs/tags/lock", NULL, 422, "Reference does not exist" },
		{ "GET", "/repos/easyenclave/other", NULL, 404, "Not Found" },
		{ "GET", EASY "/environments/nowhere", NULL, 404, "Not Found" },
		{ "GET", EASY "/commits/nope", NULL, 422, "No commit found for SHA: nope" },
		{ "PATCH", "/user", "{}", 404, "Not Found" },
	};
	struct drive d;

	(void)state;
	drive_open(&d, NULL);
	for (size_t i = 0; i < countof(rows); i++) {
		assert_int_equal(drive_send(&d, rows[i].method, rows[i].target, rows[i].body),
				 rows[i].status);
		assert_string_equal(json_str(d.body, "message"), rows[i].message);
		assert_string_equal(header(&d, "x-pilothouse-drill"), "first-rollout");
	}
	assert_int_equal(world_count_runs(d.w, "easyenclave/easyenclave", NULL, "workflow_dispatch"), 0);
	drive_close(&d);
}

static void strangers_are_told_what_the_forge_tells_them(void **state)
{
	struct world_request rq = { .method = "GET", .target = EASY, .authorization = "Bearer x" };
	struct drive d;

	(void)state;
	drive_open(&d, NULL);
	world_answer(d.w, &rq, &d.last, &d.a);
	assert_int_equal(d.last.http.status, 403); /* no User-Agent */
	d.token = NULL;
	assert_int_equal(drive_get(&d, EASY), 401);
	d.token = "Bearer revoked";
	assert_int_equal(drive_get(&d, EASY), 401);
	d.token = "Bearer outsider";
	assert_int_equal(drive_get(&d, EASY), 404);
	d.token = "Bearer reader";
	assert_int_equal(drive_get(&d, EASY), 200);
	assert_int_equal(drive_send(&d, "POST", PROD "/dispatches", "{\"ref\":\"main\"}"), 403);
	assert_string_equal(header(&d, "x-accepted-github-permissions"), "actions=write");
	drive_close(&d);
}

static void an_unchanged_answer_costs_nothing(void **state)
{
	struct drive d;
	const char *tag, *left;

	(void)state;
	drive_open(&d, NULL);
	assert_int_equal(drive_get(&d, EASY "/releases"), 200);
	tag = header(&d, "etag");
	left = header(&d, "x-ratelimit-remaining");
	assert_int_equal(strlen(tag), HEX64 + 4);
	assert_memory_equal(tag, "W/\"", 3);
	d.etag = tag;
	assert_int_equal(drive_get(&d, EASY "/releases"), 304);
	assert_int_equal(d.last.http.body_n, 0);
	assert_string_equal(header(&d, "etag"), tag + 2);
	assert_string_equal(header(&d, "x-ratelimit-remaining"), left);
	d.token = "Bearer kim";
	assert_int_equal(drive_get(&d, EASY "/releases"), 200);
	d.etag = NULL;
	d.token = "Bearer x";
	drive_get(&d, EASY "/releases");
	assert_int_equal(atoi(header(&d, "x-ratelimit-remaining")) + 1, atoi(left));
	drive_close(&d);
}

static void pages_are_linked_by_repository_id(void **state)
{
	struct drive d;
	const char *link, *at;
	char next[256];
	int64_t last = INT64_MAX;
	int pages = 1;

	(void)state;
	drive_open(&d, NULL);
	assert_int_equal(drive_get(&d, EASY "/actions/runs?per_page=30&exclude_pull_requests=true"), 200);
	for (;; pages++) {
		const struct json *runs = json_get(d.body, "workflow_runs");

		for (size_t i = 0; i < json_size(runs); i++) {
			assert_true(json_int(json_at(runs, i), "id", 0) < last);
			last = json_int(json_at(runs, i), "id", 0);
		}
		link = header(&d, "link");
		at = strstr(link, "; rel=\"next\"");
		if (!at)
			break;
		while (*at != '<')
			at--;
		assert_memory_equal(at, "<https://drill.invalid/repositories/1084512233/actions/runs?", 60);
		snprintf(next, sizeof(next), "%.*s", (int)strcspn(at + 22, ">"), at + 22);
		assert_int_equal(drive_get(&d, next), 200);
	}
	assert_int_equal(pages, (int)(json_int(d.body, "total_count", 0) + 29) / 30);
	drive_close(&d);
}

static void a_new_run_is_listed_late_but_readable_at_once(void **state)
{
	struct drive d;
	int64_t run, before;

	(void)state;
	drive_open(&d, NULL);
	drive_get(&d, PROD "/runs");
	before = json_int(d.body, "total_count", -1);
	run = drive_dispatch(&d, "v0.9.4");
	drive_get(&d, PROD "/runs");
	assert_int_equal(json_int(d.body, "total_count", -1), before);
	assert_int_equal(drive_get(&d, drive_path(&d, EASY "/actions/runs/%" PRId64, run)), 200);
	drive_pass(&d, 2000);
	drive_get(&d, PROD "/runs");
	assert_int_equal(json_int(d.body, "total_count", -1), before + 1);
	drive_get(&d, PROD "/runs?event=workflow_dispatch&status=completed");
	assert_int_equal(json_int(d.body, "total_count", -1), before);
	drive_get(&d, PROD "/runs?created=%3E%3D2026-11-21T07:00:00Z");
	assert_int_equal(json_int(d.body, "total_count", -1), 0);
	drive_pass(&d, 2000);
	drive_get(&d, PROD "/runs?created=%3E%3D2026-11-21T07:00:00Z");
	assert_int_equal(json_int(d.body, "total_count", -1), 1);
	drive_close(&d);
}

static void logs_live_a_minute_and_refuse_the_token(void **state)
{
	struct drive d;
	int64_t run, job;
	const char *jobs, *place;

	(void)state;
	drive_open(&d, NULL);
	run = drive_dispatch(&d, "v0.9.4");
	drive_until(&d, run, "in_progress");
	jobs = drive_path(&d, EASY "/actions/runs/%" PRId64 "/jobs", run);
	drive_get(&d, jobs);
	job = json_int(json_at(json_get(d.body, "jobs"), 0), "id", 0);
	assert_int_equal(drive_get(&d, drive_path(&d, EASY "/actions/jobs/%" PRId64 "/logs", job)), 404);
	drive_until(&d, run, "waiting");
	assert_int_equal(drive_get(&d, drive_path(&d, EASY "/actions/jobs/%" PRId64 "/logs", job)), 302);
	place = header(&d, "location");
	assert_memory_equal(place, "https://drill.invalid/_logs/", 28);
	place += strlen("https://drill.invalid");
	assert_int_equal(drive_get(&d, place), 400);
	d.token = NULL;
	assert_int_equal(drive_get(&d, place), 200);
	assert_memory_equal(d.last.http.body, "\xef\xbb\xbf", 3);
	assert_non_null(strstr(d.last.http.body, "##[group]Run"));
	assert_non_null(strstr(d.last.http.body, "Z rolling out v0.9.4\n"));
	drive_pass(&d, 60001);
	assert_int_equal(drive_get(&d, place), 403);
	drive_close(&d);
}

static void files_come_raw_and_encoded(void **state)
{
	static const char target[] = EASY "/contents/.github/workflows/production-rollout.yml?ref=v0.9.4";
	struct drive d;

	(void)state;
	drive_open(&d, NULL);
	assert_int_equal(drive_get(&d, target), 200);
	assert_string_equal(json_str(d.body, "encoding"), "base64");
	assert_memory_equal(json_str(d.body, "content"), "bmFtZTogUHJvZHVjdGlvbiBSb2xsb3V0", 32);
	d.accept = "application/vnd.github.raw+json";
	assert_int_equal(drive_get(&d, target), 200);
	assert_memory_equal(d.last.http.body, "name: Production Rollout\n", 25);
	assert_int_equal(drive_get(&d, EASY "/contents/.github/workflows/production-rollout.yml?ref=gone"),
			 404);
	drive_close(&d);
}

static void variables_have_one_value(void **state)
{
	static const char *const all = EASY "/actions/variables", *const one = EASY
								  "/actions/variables/CANARY_HOLD";
	struct drive d;

	(void)state;
	drive_open(&d, NULL);
	assert_int_equal(drive_get(&d, one), 404);
	assert_int_equal(drive_send(&d, "PATCH", one, "{\"value\":\"x\"}"), 404);
	assert_int_equal(drive_send(&d, "POST", all, "{\"name\":\"canary-hold\",\"value\":\"x\"}"), 422);
	assert_int_equal(drive_send(&d, "POST", all, "{\"name\":\"canary_hold\"}"), 422);
	assert_int_equal(drive_send(&d, "POST", all, "{\"name\":\"canary_hold\",\"value\":\"true\"}"), 201);
	assert_int_equal(drive_send(&d, "POST", all, "{\"name\":\"CANARY_HOLD\",\"value\":\"no\"}"), 409);
	assert_int_equal(drive_get(&d, one), 200);
	assert_string_equal(json_str(d.body, "name"), "CANARY_HOLD");
	assert_string_equal(json_str(d.body, "value"), "true");
	assert_int_equal(drive_send(&d, "PATCH", one, "{\"value\":\"no\"}"), 204);
	drive_get(&d, all);
	assert_int_equal(json_int(d.body, "total_count", 0), 1);
	assert_string_equal(json_str(json_at(json_get(d.body, "variables"), 0), "value"), "no");
	d.token = "Bearer reader";
	assert_int_equal(drive_send(&d, "DELETE", one, NULL), 403);
	d.token = "Bearer x";
	assert_int_equal(drive_send(&d, "DELETE", one, NULL), 204);
	assert_int_equal(drive_send(&d, "DELETE", one, NULL), 404);
	drive_close(&d);
}

static void refs_are_created_once(void **state)
{
	struct drive d;
	const char *body;

	(void)state;
	drive_open(&d, NULL);
	drive_get(&d, EASY "/git/ref/heads/main");
	body = drive_path(&d, "{\"ref\":\"refs/tags/frozen/rollback\",\"sha\":\"%s\"}",
			  json_str(d.body, "object.sha"));
	assert_int_equal(drive_get(&d, EASY "/git/ref/tags/frozen/rollback"), 404);
	assert_int_equal(drive_send(&d, "POST", EASY "/git/refs", body), 201);
	assert_int_equal(drive_send(&d, "POST", EASY "/git/refs", body), 422);
	assert_int_equal(drive_get(&d, EASY "/git/ref/tags/frozen/rollback"), 200);
	drive_get(&d, EASY "/git/matching-refs/tags/");
	assert_int_equal(json_size(d.body), 4);
	assert_int_equal(drive_send(&d, "DELETE", EASY "/git/refs/tags/frozen/rollback", NULL), 204);
	assert_int_equal(drive_get(&d, EASY "/git/ref/tags/frozen/rollback"), 404);
	drive_close(&d);
}

static const char *commit_made(struct drive *d, const char *message, const char *parent)
{
	const char *tree;

	assert_int_equal(drive_send(d, "POST", EASY "/git/trees",
				    "{\"tree\":[{\"path\":\"l\",\"mode\":\"100644\",\"type\":\"blob\","
				    "\"content\":\"\"}]}"),
			 201);
	tree = drive_path(d, "%s", json_str(d->body, "sha"));
	assert_int_equal(drive_send(d, "POST", EASY "/git/commits",
				    drive_path(d, "{\"message\":\"%s\",\"tree\":\"%s\",\"parents\":[%s]}",
					       message, tree, parent ? drive_path(d, "\"%s\"", parent) : "")),
			 201);
	return drive_path(d, "%s", json_str(d->body, "sha"));
}

/* What no branch leads to is not pushed, begins nothing, and is in no history. */
static void other_refs_are_refs(void **state)
{
	struct drive d;
	const char *first, *body;
	size_t commits, runs;

	(void)state;
	drive_open(&d, NULL);
	drive_get(&d, EASY "/actions/runs?per_page=1");
	runs = (size_t)json_int(d.body, "total_count", 0);
	drive_get(&d, EASY "/commits?per_page=100");
	commits = json_size(d.body);
	first = commit_made(&d, "one", NULL);
	body = drive_path(&d, "{\"ref\":\"refs/pilothouse/con\",\"sha\":\"%s\"}", first);
	assert_int_equal(drive_send(&d, "POST", EASY "/git/refs", body), 201);
	assert_int_equal(drive_send(&d, "POST", EASY "/git/refs", body), 422);
	assert_int_equal(drive_get(&d, EASY "/git/ref/pilothouse/con"), 200);
	assert_string_equal(json_str(d.body, "object.sha"), first);
	body = drive_path(&d, "{\"sha\":\"%s\",\"force\":false}", commit_made(&d, "two", NULL));
	assert_int_equal(drive_send(&d, "PATCH", EASY "/git/refs/pilothouse/con", body), 422);
	body = drive_path(&d, "{\"sha\":\"%s\",\"force\":false}", commit_made(&d, "two", first));
	assert_int_equal(drive_send(&d, "PATCH", EASY "/git/refs/pilothouse/con", body), 200);
	drive_pass(&d, 60000);
	drive_get(&d, EASY "/commits?per_page=100");
	assert_int_equal(json_size(d.body), commits);
	drive_get(&d, EASY "/actions/runs?per_page=1");
	assert_int_equal(json_int(d.body, "total_count", 0), runs);
	drive_get(&d, EASY "/branches");
	assert_int_equal(json_size(d.body), 1);
	drive_close(&d);
}

static void objects_want_permission(void **state)
{
	static const char *const paths[] = { EASY "/git/blobs", EASY "/git/trees", EASY "/git/commits",
					     EASY "/git/refs" };
	struct drive d;

	(void)state;
	drive_open(&d, NULL);
	for (size_t i = 0; i < countof(paths); i++) {
		d.token = "Bearer reader";
		assert_int_equal(drive_send(&d, "POST", paths[i], "{}"), 403);
		d.token = "Bearer outsider";
		assert_int_equal(drive_send(&d, "POST", paths[i], "{}"), 404);
		d.token = "Bearer x";
		assert_int_equal(drive_send(&d, "POST", paths[i], i ? "{}" : "{\"content\":7}"), 422);
	}
	drive_close(&d);
}

static void comparison_counts_both_ways(void **state)
{
	struct drive d;

	(void)state;
	drive_open(&d, NULL);
	assert_int_equal(drive_get(&d, EASY "/compare/v0.9.3...v0.9.4"), 200);
	assert_int_equal(json_int(d.body, "ahead_by", 0), 13);
	assert_int_equal(json_size(json_get(d.body, "commits")), 13);
	drive_get(&d, EASY "/compare/v0.9.4...v0.9.3");
	assert_int_equal(json_int(d.body, "behind_by", 0), 13);
	assert_string_equal(json_str(d.body, "status"), "behind");
	drive_close(&d);
}

static void a_push_shows_its_checks(void **state)
{
	struct drive d;

	(void)state;
	drive_open(&d, NULL);
	drive_pass(&d, 90000); /* the first push comes after a third of its interval */
	assert_int_equal(drive_get(&d, EASY "/commits/main/check-runs"), 200);
	assert_int_equal(json_int(d.body, "total_count", 0), 2);
	assert_string_equal(json_str(json_at(json_get(d.body, "check_runs"), 0), "name"), "test");
	assert_int_equal(drive_get(&d, EASY "/commits/main/status"), 200);
	assert_string_equal(json_str(d.body, "state"), "pending");
	drive_close(&d);
}

static void the_quota_ends(void **state)
{
	struct drive d;
	int n = 0;

	(void)state;
	drive_open(&d, NULL);
	while (drive_get(&d, "/user") == 200 && n < 6000)
		n++;
	assert_int_equal(n, 5000);
	assert_int_equal(d.last.http.status, 403);
	assert_string_equal(header(&d, "x-ratelimit-remaining"), "0");
	assert_int_equal(drive_get(&d, "/rate_limit"), 200);
	drive_pass(&d, 3600000);
	assert_int_equal(drive_get(&d, "/user"), 200);
	drive_close(&d);
}

/* Whatever comes, there is an answer. */
static void hostile_requests_are_answered(void **state)
{
	static const char *const targets[] = {
		"",
		"?",
		"/",
		"//",
		"/repos",
		"/repos/",
		"/repos/a",
		"/repos/%00/%",
		"/repositories/",
		"/repositories/99999999999999999999",
		EASY "/actions/runs/-1",
		EASY "/actions/runs/9223372036854775807/jobs",
		EASY "/actions/runs?per_page=999999999999&page=2147483647",
		EASY "/actions/runs?created=x..y&page=0",
		EASY "/compare/...",
		EASY "/compare/a",
		EASY "/compare/:...:",
		EASY "/contents/../../etc/passwd",
		EASY "/contents/.github/workflows/",
		"/_logs/",
		"/_logs/job-",
		"/_logs/run-9?exp=1&sig=",
		"/_logs/job-9223372036854775807?exp=9223372036854775807&sig=x",
		EASY "/actions/jobs/31",
		"/api/v3",
		"/graphql",
	};
	static const char *const bodies[] = {
		"[]",          "null",
		"{}",          "{\"query\":1}",
		"{\"ref\":1}", "{\"environment_ids\":\"x\",\"state\":[],\"comment\":{}}"
	};
	struct drive d;
	char *longest = x_alloc(100001);

	(void)state;
	drive_open(&d, NULL);
	for (size_t i = 0; i < countof(targets); i++) {
		assert_in_range(drive_get(&d, targets[i]), 200, 499);
		for (size_t b = 0; b < countof(bodies); b++)
			assert_in_range(drive_send(&d, "POST", targets[i], bodies[b]), 200, 499);
	}
	for (size_t b = 0; b < countof(bodies); b++)
		assert_in_range(drive_send(&d, "POST", PROD "/dispatches", bodies[b]), 400, 499);
	memset(longest, 'a', 100000);
	longest[0] = '/';
	assert_int_equal(drive_get(&d, longest), 414);
	free(longest);
	drive_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals_have_the_forges_words),
		cmocka_unit_test(strangers_are_told_what_the_forge_tells_them),
		cmocka_unit_test(an_unchanged_answer_costs_nothing),
		cmocka_unit_test(pages_are_linked_by_repository_id),
		cmocka_unit_test(a_new_run_is_listed_late_but_readable_at_once),
		cmocka_unit_test(logs_live_a_minute_and_refuse_the_token),
		cmocka_unit_test(files_come_raw_and_encoded),
		cmocka_unit_test(variables_have_one_value),
		cmocka_unit_test(refs_are_created_once),
		cmocka_unit_test(other_refs_are_refs),
		cmocka_unit_test(objects_want_permission),
		cmocka_unit_test(comparison_counts_both_ways),
		cmocka_unit_test(a_push_shows_its_checks),
		cmocka_unit_test(the_quota_ends),
		cmocka_unit_test(hostile_requests_are_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
