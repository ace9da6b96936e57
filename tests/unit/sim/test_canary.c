/* A release that gets the traffic rung by rung: what its pipeline does, who tells of it, and what holds it or takes it back. */
#include "drive.h"

#define SUMMIT  "/repos/summit/summit"
#define TRAIN   SUMMIT "/actions/workflows/release-train.yml/dispatches"
#define MINUTES INT64_C(60000)

static int64_t begin(struct drive *d, const char *release)
{
	assert_int_equal(
		drive_send(
			d, "POST", TRAIN,
			drive_path(
				d,
				"{\"ref\":\"main\",\"return_run_details\":true,\"inputs\":{\"ref\":\"%s\"}}",
				release)),
		200);
	return json_int(d->body, "workflow_run_id", 0);
}

static int approve(struct drive *d, int64_t run)
{
	const char *gates = drive_path(d, SUMMIT "/actions/runs/%" PRId64 "/pending_deployments", run);

	drive_get(d, gates);
	return drive_send(
		d, "POST", gates,
		drive_path(d, "{\"environment_ids\":[%" PRId64 "],\"state\":\"approved\",\"comment\":\"ok\"}",
			   json_int(json_at(d->body, 0), "environment.id", 0)));
}

/* At 5 percent, a moment ago. */
static int64_t canary(struct drive *d, const char *scenario)
{
	int64_t run;

	drive_open(d, scenario);
	run = begin(d, "v2.15.0");
	drive_pass(d, MINUTES);
	assert_int_equal(approve(d, run), 200);
	drive_pass(d, 15000);
	return run;
}

/* The newest deployment of the workflow's own says so: weight of the payload, and the words of its status. */
static int64_t weight(struct drive *d, const char **status, const char **words)
{
	drive_get(d, SUMMIT "/deployments?environment=prod");

	int64_t id = json_int(json_at(d->body, 0), "id", 0);
	int64_t percent = json_int(json_at(d->body, 0), "payload.canary.weight", -1);

	drive_get(d, drive_path(d, SUMMIT "/deployments/%" PRId64 "/statuses", id));
	*status = drive_path(d, "%s", json_str(json_at(d->body, 0), "state"));
	*words = drive_path(d, "%s", json_str(json_at(d->body, 0), "description"));
	return percent;
}

static void set_variable(struct drive *d, const char *name, const char *value)
{
	assert_int_equal(drive_send(d, "PATCH", drive_path(d, SUMMIT "/actions/variables/%s", name),
				    drive_path(d, "{\"value\":\"%s\"}", value)),
			 204);
}

static const struct json *job(struct drive *d, int64_t run, const char *name)
{
	drive_get(d, drive_path(d, SUMMIT "/actions/runs/%" PRId64 "/jobs", run));
	for (size_t i = 0; i < json_size(json_get(d->body, "jobs")); i++)
		if (strcmp(json_str(json_at(json_get(d->body, "jobs"), i), "name"), name) == 0)
			return json_at(json_get(d->body, "jobs"), i);
	return NULL;
}

static const char *run_is(struct drive *d, int64_t run, const char *what)
{
	drive_get(d, drive_path(d, SUMMIT "/actions/runs/%" PRId64, run));
	return json_str(d->body, what);
}

static void each_rung_tells_of_itself(void **state)
{
	static const struct {
		const char *job;
		int percent;
	} rungs[] = { { "canary-5 / rung", 5 },
		      { "canary-25 / rung", 25 },
		      { "canary-50 / rung", 50 },
		      { "canary-100 / rung", 100 } };
	const char *status, *words;
	struct drive d;
	int64_t run;

	(void)state;
	run = canary(&d, "canary-happy");
	for (size_t i = 0; i < 4; i++) {
		if (i) {
			drive_pass(&d, 5 * MINUTES);
			assert_string_equal(run_is(&d, run, "status"), "waiting");
			drive_pass(&d, 30 * MINUTES); /* left alone it stays where it is */
			assert_int_equal(weight(&d, &status, &words), rungs[i - 1].percent);
			assert_int_equal(approve(&d, run), 200);
			drive_pass(&d, 15000);
		}
		assert_string_equal(json_str(job(&d, run, rungs[i].job), "status"), "in_progress");
		assert_int_equal(weight(&d, &status, &words), rungs[i].percent);
		assert_string_equal(status, "in_progress");
		assert_string_equal(words,
				    drive_path(&d, "canary %d%% (step %d)", rungs[i].percent, (int)i + 1));
		assert_string_equal(world_live(d.w, "gov/prod"), "v2.14.0");
	}
	drive_pass(&d, 6 * MINUTES);
	assert_string_equal(run_is(&d, run, "conclusion"), "success");
	assert_string_equal(world_live(d.w, "gov/prod"), "v2.15.0");
	drive_close(&d);
}

/* Uploaded again at each rung: another artifact of the same name. */
static void the_artifact_says_the_weight_too(void **state)
{
	struct drive d;
	int64_t run, first;

	(void)state;
	run = canary(&d, "canary-happy");
	drive_get(&d, drive_path(&d, SUMMIT "/actions/runs/%" PRId64 "/artifacts", run));
	assert_int_equal(json_int(d.body, "total_count", 0), 1);
	assert_string_equal(json_str(json_at(json_get(d.body, "artifacts"), 0), "name"), "canary-state");
	first = json_int(json_at(json_get(d.body, "artifacts"), 0), "id", 0);
	drive_pass(&d, 6 * MINUTES);
	approve(&d, run);
	drive_pass(&d, 15000);
	drive_get(&d, drive_path(&d, SUMMIT "/actions/runs/%" PRId64 "/artifacts", run));
	assert_int_equal(json_int(d.body, "total_count", 0), 1);
	assert_true(json_int(json_at(json_get(d.body, "artifacts"), 0), "id", 0) > first);
	drive_close(&d);
}

static void the_log_speaks_when_its_job_is_over(void **state)
{
	struct drive d;
	int64_t run, id;
	const char *log;

	(void)state;
	run = canary(&d, "canary-happy");
	id = json_int(job(&d, run, "canary-5 / rung"), "id", 0);
	log = drive_path(&d, SUMMIT "/actions/jobs/%" PRId64 "/logs", id);
	assert_int_equal(drive_get(&d, log), 404);
	drive_pass(&d, 5 * MINUTES);
	assert_int_equal(drive_get(&d, log), 302);
	for (size_t i = 0; i < d.last.http.headers_n; i++)
		if (strcmp(d.last.http.headers[i].name, "location") == 0)
			log = strstr(d.last.http.headers[i].value, "/_logs/");
	d.token = NULL;
	assert_int_equal(drive_get(&d, log), 200);
	assert_non_null(strstr(d.last.http.body, "Z Promote canary to 5% and wait\n"));
	assert_non_null(strstr(d.last.http.body, "Z OK: rollout advanced to 5%\n"));
	drive_close(&d);
}

static void a_variable_or_the_tag_holds_a_rung(void **state)
{
	struct drive d;
	int64_t run;

	(void)state;
	run = canary(&d, "canary-happy");
	set_variable(&d, "CANARY_HOLD", "true");
	drive_pass(&d, 30 * MINUTES);
	assert_string_equal(json_str(job(&d, run, "canary-5 / rung"), "status"), "in_progress");
	drive_get(&d, SUMMIT "/git/ref/heads/main");
	assert_int_equal(drive_send(&d, "POST", SUMMIT "/git/refs",
				    drive_path(&d, "{\"ref\":\"refs/tags/frozen/rollback\",\"sha\":\"%s\"}",
					       json_str(d.body, "object.sha"))),
			 201);
	set_variable(&d, "CANARY_HOLD", "false");
	drive_pass(&d, 30 * MINUTES);
	assert_string_equal(json_str(job(&d, run, "canary-5 / rung"), "status"), "in_progress");
	assert_int_equal(drive_send(&d, "DELETE", SUMMIT "/git/refs/tags/frozen/rollback", NULL), 204);
	drive_pass(&d, 10000);
	assert_string_equal(json_str(job(&d, run, "canary-5 / rung"), "conclusion"), "success");
	drive_close(&d);
}

static void full_promotion_skips_the_windows(void **state)
{
	struct drive d;
	int64_t run;

	(void)state;
	run = canary(&d, "canary-happy");
	set_variable(&d, "CANARY_FULL", "true");
	for (int i = 0; i < 3; i++) {
		drive_pass(&d, 20000);
		assert_int_equal(approve(&d, run), 200);
	}
	drive_pass(&d, MINUTES);
	assert_string_equal(run_is(&d, run, "conclusion"), "success");
	assert_string_equal(world_live(d.w, "gov/prod"), "v2.15.0");
	drive_close(&d);
}

static void cancelled_it_gives_the_traffic_back(void **state)
{
	const char *status, *words;
	struct drive d;
	int64_t run;

	(void)state;
	run = canary(&d, "canary-happy");
	drive_send(&d, "POST", drive_path(&d, SUMMIT "/actions/runs/%" PRId64 "/cancel", run), NULL);
	drive_pass(&d, 30000);
	assert_string_equal(run_is(&d, run, "conclusion"), "cancelled");
	(void)weight(&d, &status, &words);
	assert_string_equal(status, "failure");
	assert_string_equal(words, "canary 0%: all traffic is back at v2.14.0");
	assert_string_equal(world_live(d.w, "gov/prod"), "v2.14.0");
	/* and the way back to what is live takes its rungs without windows */
	run = begin(&d, "v2.14.0");
	for (int i = 0; i < 5; i++) {
		drive_pass(&d, MINUTES);
		(void)approve(&d, run);
	}
	assert_string_equal(run_is(&d, run, "conclusion"), "success");
	drive_close(&d);
}

/* Nobody has cancelled it: it ends at its next look, and does not come back at its next rung. */
static void a_way_back_takes_the_place_of_a_canary(void **state)
{
	const char *status, *words;
	struct drive d;
	int64_t first, back;

	(void)state;
	first = canary(&d, "canary-breach");
	back = begin(&d, "v2.14.0");
	drive_pass(&d, MINUTES);
	(void)approve(&d, back);
	drive_pass(&d, 20000);
	assert_string_equal(run_is(&d, first, "conclusion"), "failure");
	drive_pass(&d, 5 * MINUTES);
	assert_string_equal(run_is(&d, back, "conclusion"), "success");
	assert_string_equal(world_live(d.w, "gov/prod"), "v2.14.0");
	(void)weight(&d, &status, &words);
	assert_string_equal(words, "canary 100%: it is live");
	drive_close(&d);
}

/* One job and one step, as the real train is: nothing but the meter knows, and then the log. */
static void a_mute_train_tells_when_it_is_over(void **state)
{
	struct drive d;
	int64_t run = canary(&d, "only-the-log"), id;
	const struct json *steps;
	const char *log;

	(void)state;
	drive_pass(&d, 7 * MINUTES);
	steps = json_get(job(&d, run, "prod-canary / deploy"), "steps");
	assert_int_equal(json_size(steps), 3);
	assert_string_equal(json_str(json_at(steps, 1), "name"), "Helm canary");
	assert_string_equal(json_str(json_at(steps, 1), "status"), "in_progress");
	drive_get(&d, SUMMIT "/deployments?environment=prod");
	assert_int_equal(json_size(json_get(json_at(d.body, 0), "payload")), 0);
	drive_get(&d, drive_path(&d, SUMMIT "/actions/runs/%" PRId64 "/artifacts", run));
	assert_int_equal(json_int(d.body, "total_count", -1), 0);
	drive_send(&d, "POST", drive_path(&d, SUMMIT "/actions/runs/%" PRId64 "/cancel", run), NULL);
	drive_pass(&d, MINUTES);
	id = json_int(job(&d, run, "prod-canary / deploy"), "id", 0);
	assert_int_equal(drive_get(&d, drive_path(&d, SUMMIT "/actions/jobs/%" PRId64 "/logs", id)), 302);
	log = NULL;
	for (size_t i = 0; i < d.last.http.headers_n; i++)
		if (strcmp(d.last.http.headers[i].name, "location") == 0)
			log = strstr(d.last.http.headers[i].value, "/_logs/");
	assert_non_null(log);
	d.token = NULL;
	assert_int_equal(drive_get(&d, log), 200);
	assert_non_null(strstr(d.last.http.body, "Z Promote canary to 25% and wait\n"));
	assert_null(strstr(d.last.http.body, "Z Promote canary to 50% and wait\n"));
	drive_close(&d);
}

/* Who only watches has not passed. */
static void a_drill_that_nobody_plays_is_lost(void **state)
{
	static const char *const drills[] = { "canary-happy",   "canary-breach", "slow-burn",
					      "noisy-but-fine", "no-traffic",    "metrics-outage",
					      "stuck-rung",     "two-captains",  "rollback-refused",
					      "only-the-log" };

	(void)state;
	for (size_t i = 0; i < countof(drills); i++) {
		struct goals goals = { 0 };
		bool passed = true;
		struct drive d;

		drive_open(&d, drills[i]);
		for (int h = 0; h < 3; h++)
			drive_pass(&d, 60 * MINUTES);
		world_score(d.w, &goals, &d.a);
		vec_each (it, &goals)
			passed &= it->met;
		if (passed || goals.n < 3)
			fail_msg("%s is passed by doing nothing", drills[i]);
		drive_close(&d);
	}
}

/* And who lets a bad one have all the traffic, or promotes what cannot be seen, has lost it too. */
static void a_drill_that_is_played_badly_is_lost(void **state)
{
	static const struct {
		const char *drill, *missed;
		int approvals;
	} all[] = {
		{ "canary-breach", "production runs v2.14.0", 1 },
		{ "slow-burn", "production runs v2.14.0", 1 },
		{ "metrics-outage", "nothing was promoted while nothing could be measured", 4 },
		{ "no-traffic", "nothing was promoted while there was no traffic", 4 },
		{ "stuck-rung", "all traffic is back", 1 },
		{ "only-the-log", "production still runs v2.14.0", 1 },
	};

	(void)state;
	for (size_t i = 0; i < countof(all); i++) {
		struct goals goals = { 0 };
		bool missed = false;
		struct drive d;
		int64_t run = canary(&d, all[i].drill);

		for (int n = 1; n < all[i].approvals; n++) {
			drive_pass(&d, 5 * MINUTES + 30000);
			assert_int_equal(approve(&d, run), 200);
		}
		drive_pass(&d, 25 * MINUTES);
		world_score(d.w, &goals, &d.a);
		vec_each (it, &goals)
			missed |= !it->met && strcmp(it->text, all[i].missed) == 0;
		if (!missed)
			fail_msg("%s: \"%s\" was met", all[i].drill, all[i].missed);
		drive_close(&d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mute_train_tells_when_it_is_over),
		cmocka_unit_test(a_drill_that_nobody_plays_is_lost),
		cmocka_unit_test(a_drill_that_is_played_badly_is_lost),
		cmocka_unit_test(each_rung_tells_of_itself),
		cmocka_unit_test(the_artifact_says_the_weight_too),
		cmocka_unit_test(the_log_speaks_when_its_job_is_over),
		cmocka_unit_test(a_variable_or_the_tag_holds_a_rung),
		cmocka_unit_test(full_promotion_skips_the_windows),
		cmocka_unit_test(cancelled_it_gives_the_traffic_back),
		cmocka_unit_test(a_way_back_takes_the_place_of_a_canary),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
