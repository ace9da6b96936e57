/*
 * A canary as the engine finds it: who tells its weight, what its metrics answer, and what stands in its row when nobody
 * tells. By hand: the clock, the forge, the metrics and the controller.
 */
#include "canary_rig.h"
#include "store/holds.h"
#include "tests/past.h"

#define JOBS   "      weight: [{from: jobs, jobs: 'canary-{percent}*'}]\n"
#define DEPLOY "      weight: [{from: deployment, environment: prod, pointer: /canary/weight}]\n"

static void check_set(struct canary_rig *r, int64_t bp, const char *words)
{
	struct canary_book book = book_of(r);

	if (book.row.set_bp != bp || !strstr(bp < 0 ? book.row.set_why : book.row.set_from, words))
		fail_msg("%" PRId64 " bp, from %s, why %s", book.row.set_bp, book.row.set_from,
			 book.row.set_why);
}

static void check_phase(struct canary_rig *r, int phase)
{
	struct canary_book book = book_of(r);

	if (book.row.phase != phase)
		fail_msg("it is %s, not %s", names_word(&canary_phase_names, book.row.phase),
			 names_word(&canary_phase_names, phase));
}

/* The view's own words: what follows the share is its affair. */
static void check_progress(const char *progress, const char *begins)
{
	if (!text_starts(progress, begins))
		fail_msg("%s does not begin with %s", progress, begins);
}

/* ---- who tells the weight -------------------------------------------------------------------------------------------- */

static void nothing_is_under_way(void **state)
{
	struct canary_rig *r = canary_rig_new(JOBS);

	(void)state;
	canary_wait(r, MINUTE);
	check_phase(r, CANARY_ABSENT);
	check_set(r, -1, "nothing is under way");
	assert_int_equal(book_of(r).rungs.n, 3);
	assert_int_equal(r->meter.reads, 0);
	canary_rig_free(r);
}

static void a_job_for_each_rung(void **state)
{
	struct canary_rig *r = canary_rig_new(JOBS);
	struct canary_book book;
	struct when five;

	(void)state;
	train_starts(r);
	train_job(r, "build", RUN_IN_PROGRESS);
	canary_wait(r, MINUTE);
	check_phase(r, CANARY_ABSENT);
	five = train_job(r, "canary-5 / rung", RUN_IN_PROGRESS)->started;
	canary_wait(r, MINUTE);
	check_phase(r, CANARY_WATCHING);
	check_set(r, 500, "job canary-5 / rung");
	book = book_of(r);
	assert_int_equal(book.row.step, 1);
	assert_int_equal(book.row.steps, 3);
	assert_int_equal(book.row.run, r->run->id);
	assert_string_equal(book.row.release, TAG);
	assert_int_equal(book.row.started.ms, five.ms);
	assert_int_equal(when_diff(book.row.ends, book.row.started), 300 * 1000);
	train_job(r, "canary-5 / rung", RUN_COMPLETED);
	canary_wait(r, 5 * MINUTE);
	check_set(r, 500, "job canary-5");
	train_job(r, "canary-25 / rung", RUN_IN_PROGRESS);
	canary_wait(r, MINUTE);
	check_set(r, 2500, "job canary-25");
	book = book_of(r);
	assert_int_equal(book.rungs.items[0].left.ms, book.rungs.items[1].entered.ms);
	assert_false(when_known(book.rungs.items[2].entered));
	check_progress(lane_of(r).progress, "canary 25%");
	canary_rig_free(r);
}

static void a_step_for_each_rung(void **state)
{
	struct canary_rig *r = canary_rig_new(JOBS);
	struct job *job;

	(void)state;
	train_starts(r);
	job = train_job(r, "ship", RUN_IN_PROGRESS);
	job->steps =
		"[{\"number\":1,\"name\":\"canary-5\",\"status\":\"completed\",\"conclusion\":\"success\","
		"\"started_at\":\"2026-11-21T07:08:10Z\"},"
		"{\"number\":2,\"name\":\"canary-25\",\"status\":\"in_progress\"},"
		"{\"number\":3,\"name\":\"canary-100\",\"status\":\"queued\"}]";
	canary_wait(r, MINUTE);
	check_set(r, 2500, "step canary-25");
	assert_int_equal(book_of(r).row.step, 2);
	canary_rig_free(r);
}

static void put_deployments(struct canary_rig *r, const struct deployment *list, size_t n)
{
	r->fake.things_n = 0;
	r->fake.things[r->fake.things_n++] =
		(struct fake_thing){ .kind = FORGE_DEPLOYMENTS, .name = "prod", .items = list, .n = n };
}

static void the_payload_of_a_deployment(void **state)
{
	static const struct {
		const char *payload;
		int64_t bp;
	} cases[] = {
		{ "{\"canary\":{\"weight\":25,\"step\":2}}", 2500 },
		{ "{\"canary\":{\"weight\":12.5}}", 1250 },
		{ "{\"canary\":{\"weight\":\"25%\"}}", 2500 },
		{ "\"{\\\"canary\\\":{\\\"weight\\\":25}}\"", 2500 },
		{ "{\"canary\":{\"weight\":0}}", 0 },
		{ "{\"canary\":{\"weight\":101}}", -1 },
		{ "{\"canary\":{\"weight\":-1}}", -1 },
		{ "{\"canary\":{\"weight\":null}}", -1 },
		{ "{\"canary\":{\"weight\":[25]}}", -1 },
		{ "\"half a {\"", -1 },
		{ "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct canary_rig *r = canary_rig_new(DEPLOY);
		struct deployment one = { .id = 5, .environment = "prod", .payload = cases[i].payload };

		train_starts(r);
		train_job(r, "ship", RUN_IN_PROGRESS);
		one.created = canary_now(r);
		put_deployments(r, &one, 1);
		canary_wait(r, MINUTE);
		check_set(r, cases[i].bp,
			  cases[i].bp < 0 ? "no payload of a deployment to prod has /canary/weight"
					  : "deployment payload");
		canary_rig_free(r);
	}
}

/* The forge makes a deployment of its own for each job with an environment; what was before the run is another's. */
static void deployments_of_the_run_alone(void **state)
{
	struct canary_rig *r = canary_rig_new(DEPLOY);
	struct deployment list[] = {
		{ .id = 9, .payload = "" },
		{ .id = 8, .payload = "{\"canary\":{\"weight\":25}}" },
		{ .id = 7, .payload = "{\"canary\":{\"weight\":5}}" },
		{ .id = 6, .payload = "{\"canary\":{\"weight\":100}}" },
	};
	struct canary_book book;

	(void)state;
	canary_wait(r, 10 * MINUTE);
	train_starts(r);
	train_job(r, "ship", RUN_IN_PROGRESS);
	list[3].created = (struct when){ r->run->created.ms - MINUTE };
	put_deployments(r, list + 3, 1);
	canary_wait(r, 2 * MINUTE); /* nobody expected it */
	check_set(r, -1, "the run has made no deployment to prod");
	check_phase(r, CANARY_WATCHING);
	list[2].created = canary_now(r);
	list[1].created = list[0].created = (struct when){ canary_now(r).ms + 3 * MINUTE };
	canary_wait(r, 4 * MINUTE);
	put_deployments(r, list, 4);
	canary_wait(r, MINUTE);
	check_set(r, 2500, "deployment payload");
	book = book_of(r);
	assert_int_equal(book.rungs.items[0].entered.ms, list[2].created.ms);
	assert_int_equal(book.rungs.items[0].left.ms, list[1].created.ms);
	assert_int_equal(book.row.started.ms, list[1].created.ms);
	canary_rig_free(r);
}

static void the_description_of_a_status(void **state)
{
	struct canary_rig *r = canary_rig_new(
		"      weight: [{from: status, environment: prod, pattern: '*canary {percent}%*'}]\n");
	struct deployment one = { .id = 5, .payload = "" };
	struct deployment_status list[] = {
		{ .id = 3, .state = "in_progress", .description = "looking" },
		{ .id = 2, .state = "in_progress", .description = "canary 25% for 300 s" },
		{ .id = 1, .state = "in_progress", .description = "canary 5% for 300 s" },
	};

	(void)state;
	train_starts(r);
	train_job(r, "ship", RUN_IN_PROGRESS);
	one.created = list[2].created = canary_now(r);
	list[1].created = list[0].created = (struct when){ canary_now(r).ms + 1000 };
	put_deployments(r, &one, 1);
	canary_wait(r, MINUTE);
	check_set(r, -1, "no status of the deployment says it");
	r->fake.things[r->fake.things_n++] =
		(struct fake_thing){ .kind = FORGE_DEPLOYMENT, .id = 5, .items = list, .n = 3 };
	canary_wait(r, MINUTE);
	check_set(r, 2500, "deployment status");
	assert_int_equal(book_of(r).rungs.items[0].entered.ms, list[2].created.ms);
	canary_rig_free(r);
}

static void the_log_when_the_job_has_ended(void **state)
{
	struct canary_rig *r =
		canary_rig_new("      weight:\n"
			       "        - {from: deployment, environment: prod, pointer: /canary/weight}\n"
			       "        - {from: log, job: 'canary*', lines: ['*to {percent}% and wait*', "
			       "'*percent={percent}']}\n");

	(void)state;
	train_starts(r);
	train_job(r, "build", RUN_COMPLETED);
	train_job(r, "canary_rollout", RUN_IN_PROGRESS);
	r->fake.log = "2026-11-21T07:08:15.1Z Promote canary to 5% and wait 300s\r\n"
		      "2026-11-21T07:13:15.1Z percent=25\n2026-11-21T07:13:16.0Z done\n";
	canary_wait(r, 2 * MINUTE);
	check_phase(r, CANARY_WATCHING);
	check_set(r, -1, "unknown (job running)");
	assert_int_equal(book_of(r).row.step, 0);
	check_progress(lane_of(r).progress, "canary ?");
	assert_int_equal(r->fake.reads[FORGE_LOG], 0);
	train_job(r, "canary_rollout", RUN_COMPLETED);
	canary_wait(r, MINUTE);
	check_set(r, 2500, "job log");
	assert_int_equal(book_of(r).row.step, 2);
	canary_wait(r, 2 * MINUTE);
	check_set(r, 2500, "job log");
	assert_int_equal(r->fake.reads[FORGE_LOG], 1); /* it has ended, and says nothing else */
	/* a later one runs: what the first wrote may be over */
	canary_wait(r, 1000);
	train_job(r, "canary finalize", RUN_IN_PROGRESS);
	canary_wait(r, MINUTE);
	check_set(r, -1, "unknown (job running)");
	canary_rig_free(r);
}

static void a_controller_in_a_cluster(void **state)
{
	struct canary_rig *r = canary_rig_new("      weight: [{from: argo, namespace: shop, name: web}]\n");

	(void)state;
	r->mover.answer = (struct rollout_answer){ .phase = CANARY_WATCHING, .set_bp = 500, .seen_bp = 490 };
	canary_wait(r, MINUTE);
	check_phase(r,
		    CANARY_WATCHING); /* without any run: somebody pushed to the cluster's own repository */
	check_set(r, 500, "argo shop/web");
	assert_int_equal(book_of(r).row.seen_bp, 490);
	r->mover.answer.phase = CANARY_OTHER; /* a word of a newer controller ends nothing */
	canary_wait(r, MINUTE);
	check_phase(r, CANARY_WATCHING);
	r->mover.answer.phase = CANARY_HELD;
	r->mover.answer.set_bp = -1;
	r->mover.answer.set_why = "no traffic routing";
	canary_wait(r, MINUTE);
	check_phase(r, CANARY_HELD);
	check_set(r, -1, "no traffic routing");
	r->mover.gone = true;
	canary_wait(r, MINUTE);
	check_phase(r, CANARY_HELD);
	check_set(r, -1, "not read: the cluster does not answer");
	r->mover.gone = false;
	r->mover.answer.phase = CANARY_DONE;
	r->mover.answer.set_bp = 10000;
	canary_wait(r, MINUTE);
	check_phase(r, CANARY_DONE);
	canary_rig_free(r);
}

static void a_share_in_a_metric(void **state)
{
	struct canary_rig *r =
		canary_rig_new("      weight: [{from: metric, query: 'weight[{interval}]'}]\n");

	(void)state;
	train_starts(r);
	train_job(r, "ship", RUN_IN_PROGRESS);
	meter_set(&r->meter, "weight[30s]", SAMPLE_OK, 250000);
	canary_wait(r, MINUTE);
	check_set(r, 2500, "metric");
	meter_set(&r->meter, "weight[30s]", SAMPLE_OK, 2 * CANARY_SCALE);
	canary_wait(r, MINUTE);
	check_set(r, -1, "no share from 0 to 1");
	canary_rig_free(r);
}

static void the_first_that_tells_wins(void **state)
{
	struct canary_rig *r =
		canary_rig_new("      weight:\n"
			       "        - {from: deployment, environment: prod, pointer: /canary/weight}\n"
			       "        - {from: jobs, jobs: 'canary-{percent}'}\n");
	struct deployment one = { .id = 5, .payload = "{\"canary\":{\"weight\":5}}" };

	(void)state;
	train_starts(r);
	train_job(r, "canary-25", RUN_IN_PROGRESS);
	one.created = canary_now(r);
	put_deployments(r, &one, 1);
	canary_wait(r, MINUTE);
	check_set(r, 500, "deployment payload");
	r->fake.fail[FORGE_DEPLOYMENTS] = ERR_SERVER;
	canary_wait(r, MINUTE);
	check_set(r, 2500, "job canary-25");
	train_job(r, "canary-25", RUN_QUEUED);
	canary_wait(r, MINUTE);
	check_set(r, -1, "not read: the read failed"); /* and not the word of who had nothing to say */
	canary_rig_free(r);
}

/* ---- how it ends ------------------------------------------------------------------------------------------------------- */

static void ends_are_told_apart(void **state)
{
	static const struct {
		const char *job;
		int conclusion, phase;
	} cases[] = {
		{ "canary-100", CONCLUSION_SUCCESS, CANARY_DONE },
		{ "canary-25", CONCLUSION_SUCCESS, CANARY_HELD }, /* it is over, and left a quarter there */
		{ "canary-25", CONCLUSION_FAILURE, CANARY_FAILED },
		{ "canary-25", CONCLUSION_CANCELLED, CANARY_FAILED }, /* nothing took the traffic back */
		{ "canary-none", CONCLUSION_SUCCESS, CANARY_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct canary_rig *r = canary_rig_new(JOBS);

		train_starts(r);
		train_job(r, cases[i].job, RUN_IN_PROGRESS);
		canary_wait(r, MINUTE);
		check_phase(r, CANARY_WATCHING);
		train_job(r, cases[i].job, RUN_COMPLETED);
		train_ends(r, cases[i].conclusion);
		canary_wait(r, 2 * MINUTE);
		check_phase(r, cases[i].phase);
		canary_rig_free(r);
	}
}

static void a_gate_waits_when_the_window_is_over(void **state)
{
	struct canary_rig *r = canary_rig_new(JOBS);

	(void)state;
	train_starts(r);
	train_job(r, "canary-5", RUN_COMPLETED);
	train_job(r, "canary-25", RUN_WAITING);
	r->run->status = RUN_WAITING;
	r->fake.gates[0] = (struct gate){ .environment_id = 4, .environment = "prod-25" };
	r->fake.gates_n = 1;
	canary_wait(r, 2 * MINUTE);
	check_phase(r, CANARY_WATCHING);
	canary_wait(r, 5 * MINUTE);
	check_phase(r, CANARY_WAITING); /* nobody holds it */
	assert_int_equal(lane_of(r).state, LANE_WAIT);
	assert_non_null(strstr(lane_of(r).progress, "canary 5%"));
	r->fake.gates_n = 0;
	r->run->status = RUN_IN_PROGRESS;
	train_job(r, "canary-25", RUN_IN_PROGRESS);
	canary_wait(r, MINUTE);
	check_phase(r, CANARY_WATCHING);
	assert_int_equal(book_of(r).row.step, 2);
	canary_rig_free(r);
}

/* A captain reads the gate that comes, not the template that the profile makes it from. */
static void the_gate_to_come_is_named(void **state)
{
	struct canary_rig *r = canary_rig_new(
		JOBS "      control: [{by: gate, acts: [hold, promote], environment: 'prod-{percent}'}]\n");

	(void)state;
	train_starts(r);
	train_job(r, "canary-5", RUN_IN_PROGRESS);
	canary_wait(r, MINUTE);
	check_phase(r, CANARY_WATCHING);
	assert_true(text_starts(book_of(r).row.mechanism,
				"hold: gate prod-25 left unapproved; resume: gate prod-25 free again; "
				"promote: gate prod-25 approved; cannot promote-full"));
	train_job(r, "canary-100", RUN_IN_PROGRESS);
	canary_wait(r, MINUTE);
	assert_non_null(strstr(book_of(r).row.mechanism, "promote: the next gate approved"));
	canary_rig_free(r);
}

static void a_variable_holds_whoever_set_it(void **state)
{
	struct canary_rig *r = canary_rig_new(
		JOBS "      control: [{by: variable, acts: [hold], name: CANARY_HOLD, value: 'true'}]\n");

	(void)state;
	train_starts(r);
	train_job(r, "canary-5", RUN_IN_PROGRESS);
	r->fake.things[r->fake.things_n++] =
		(struct fake_thing){ .kind = FORGE_VARIABLE, .name = "CANARY_HOLD", .text = "false" };
	canary_wait(r, MINUTE);
	check_phase(r, CANARY_WATCHING);
	assert_true(book_of(r).row.can_hold);
	assert_non_null(strstr(book_of(r).row.mechanism, "variable CANARY_HOLD = true"));
	r->fake.things[r->fake.things_n - 1].text = "true";
	canary_wait(r, MINUTE);
	check_phase(r, CANARY_HELD);
	assert_int_equal(lane_of(r).state, LANE_WAIT);
	r->fake.things[r->fake.things_n - 1].gone = true;
	canary_wait(r, MINUTE);
	check_phase(r, CANARY_WATCHING);
	canary_rig_free(r);
}

static void who_approved_a_rung_stands_beside_it(void **state)
{
	struct canary_rig *r = canary_rig_new(
		JOBS "      control: [{by: gate, acts: [hold, promote], environment: 'prod-{percent}'}]\n");

	(void)state;
	train_starts(r);
	train_job(r, "canary-5", RUN_COMPLETED);
	canary_wait(r, MINUTE);
	r->fake.reviews[0] = (struct review){ "approved", "kim", "", "prod-2" };
	r->fake.reviews[1] = (struct review){ "approved", "ana", "clean", "stage, prod-25" };
	r->fake.reviews_n = 2;
	train_job(r, "canary-25", RUN_IN_PROGRESS);
	canary_wait(r, MINUTE);
	assert_string_equal(book_of(r).rungs.items[0].by, "");
	assert_string_equal(book_of(r).rungs.items[1].by, "ana");
	canary_rig_free(r);
}

static void traffic_that_is_taken_back_is_aborted(void **state)
{
	struct canary_rig *r = canary_rig_new(DEPLOY);
	struct deployment list[] = { { .id = 6, .payload = "{\"canary\":{\"weight\":0}}" },
				     { .id = 5, .payload = "{\"canary\":{\"weight\":5}}" } };

	(void)state;
	train_starts(r);
	train_job(r, "ship", RUN_IN_PROGRESS);
	list[0].created = list[1].created = canary_now(r);
	put_deployments(r, list + 1, 1);
	canary_wait(r, MINUTE);
	check_phase(r, CANARY_WATCHING);
	list[0].created = canary_now(r);
	put_deployments(r, list, 2);
	canary_wait(r, MINUTE);
	check_phase(r, CANARY_ABORTED);
	assert_true(when_known(book_of(r).rungs.items[0].left));
	canary_wait(r, 2 * MINUTE);
	check_phase(r, CANARY_ABORTED); /* the same run begins no other */
	canary_rig_free(r);
}

/* ---- samples ------------------------------------------------------------------------------------------------------------ */

static void good_traffic(struct fake_meter *m)
{
	meter_counts(m, "stable_all", 11400);
	meter_counts(m, "stable_bad", 114);
	meter_counts(m, "canary_all[30s]", 600);
	meter_counts(m, "canary_bad", 6);
}

static struct canary_rig *sampled_rig(const char *more)
{
	struct canary_rig *r = canary_rig_new(more);

	good_traffic(&r->meter);
	train_starts(r);
	train_job(r, "canary-5", RUN_IN_PROGRESS);
	return r;
}

static void a_sample_each_interval(void **state)
{
	struct canary_rig *r = sampled_rig(JOBS COUNTED "      seen: {query: share}\n");
	struct canary_book book;

	(void)state;
	meter_set(&r->meter, "share", SAMPLE_OK, 49900);
	canary_wait(r, 5 * MINUTE);
	book = book_of(r);
	assert_in_range(book.samples.n, 8, 10);
	for (size_t i = 1; i < book.samples.n; i++)
		assert_in_range(when_diff(book.samples.items[i].at, book.samples.items[i - 1].at), 29000,
				31000);
	assert_true(when_diff(book.samples.items[0].at, book.row.started) >= 30000);
	assert_int_equal(book.samples.items[0].state, SAMPLE_OK);
	assert_int_equal(book.samples.items[0].canary_n, 600);
	assert_int_equal(book.samples.items[0].canary_bad, 6);
	assert_int_equal(book.samples.items[0].canary, CANARY_SCALE); /* 6 of 600, in percent */
	assert_int_equal(book.metrics.n, 1);
	assert_int_equal(book.metrics.items[0].limit, CANARY_SCALE);
	assert_int_equal(book.row.seen_bp, 499);
	assert_int_equal(book.row.set_bp, 500); /* beside it, and neither is the other */
	assert_int_equal(book.row.exposed, 600 * (int64_t)book.samples.n);
	assert_true(book.row.verdict != VERDICT_UNKNOWN && book.row.verdict != VERDICT_FAIL);
	canary_rig_free(r);
}

/* A rung that is held for a night: what it cost before the oldest sample that is kept has been paid all the same. */
static void what_it_cost_outlives_its_samples(void **state)
{
	struct canary_rig *r = sampled_rig(JOBS COUNTED);
	struct canary_book book;
	int64_t samples;

	(void)state;
	canary_wait(r, (CANARY_SAMPLES + 20) * MINUTE / 2);
	book = book_of(r);
	assert_int_equal(book.samples.n, CANARY_SAMPLES);
	samples = when_diff(book.row.sampled, book.row.started) / 30000;
	assert_true(samples > CANARY_SAMPLES + 10);
	assert_in_range(book.row.exposed, 600 * (samples - 2), 600 * (samples + 1));
	canary_rig_free(r);
}

static void every_answer_becomes_a_sample_of_its_state(void **state)
{
	static const enum sample_state states[] = { SAMPLE_EMPTY, SAMPLE_NAN, SAMPLE_STALE, SAMPLE_PARTIAL,
						    SAMPLE_ERROR };
	static const char *const parts[] = { "stable_all", "stable_bad", "canary_all[30s]", "canary_bad" };

	(void)state;
	for (size_t i = 0; i < countof(states) * countof(parts); i++) {
		enum sample_state wanted = states[i / countof(parts)];
		struct canary_rig *r = sampled_rig(JOBS COUNTED);
		struct canary_sample *s;
		struct canary_book book;

		meter_set(&r->meter, parts[i % countof(parts)], wanted,
			  wanted == SAMPLE_NAN ? CANARY_NONE_VALUE : 5 * CANARY_SCALE);
		canary_wait(r, 2 * MINUTE);
		book = book_of(r);
		assert_true(book.samples.n >= 2);
		s = &book.samples.items[book.samples.n - 1];
		if (s->state != (int)wanted || !*s->why)
			fail_msg("%s: %s, %s", parts[i % countof(parts)],
				 names_word(&sample_state_names, s->state), s->why);
		assert_true(book.row.verdict == VERDICT_INCONCLUSIVE);
		assert_true(s->control == CANARY_NONE_VALUE || s->canary == CANARY_NONE_VALUE ||
			    s->control_bad == -1 || s->canary_bad == -1);
		canary_rig_free(r);
	}
}

static void no_requests_are_no_rate(void **state)
{
	struct canary_rig *r = sampled_rig(JOBS COUNTED);
	struct canary_book book;

	(void)state;
	meter_counts(&r->meter, "canary_all[30s]", 0);
	meter_counts(&r->meter, "canary_bad", 0);
	canary_wait(r, 2 * MINUTE);
	book = book_of(r);
	assert_int_equal(book.samples.items[0].state, SAMPLE_NAN);
	assert_true(book.samples.items[0].canary == CANARY_NONE_VALUE);
	assert_string_equal(book.samples.items[0].why, "the canary had no request");
	canary_rig_free(r);
}

static void without_a_source_no_sample_has_a_number(void **state)
{
	struct canary_rig *r = sampled_rig(JOBS COUNTED);
	struct canary_book book;

	(void)state;
	canary_down(r);
	r->no_meter = true;
	canary_up(r);
	canary_wait(r, 2 * MINUTE);
	book = book_of(r);
	assert_int_equal(book.samples.items[0].state, SAMPLE_ERROR);
	assert_non_null(strstr(book.samples.items[0].why, "no metrics source is named"));
	assert_int_equal(book.row.verdict, VERDICT_INCONCLUSIVE);
	canary_rig_free(r);
}

static void a_source_that_cannot_be_asked_is_an_error(void **state)
{
	struct canary_rig *r = sampled_rig(JOBS COUNTED);

	(void)state;
	r->meter.refuses = true;
	canary_wait(r, 2 * MINUTE);
	assert_int_equal(book_of(r).samples.items[0].state, SAMPLE_ERROR);
	assert_non_null(strstr(book_of(r).samples.items[0].why, "the token file is not ours"));
	canary_rig_free(r);
}

static void a_breach_fails_the_lane(void **state)
{
	struct canary_rig *r = sampled_rig(JOBS COUNTED);
	struct lane lane;

	(void)state;
	meter_counts(&r->meter, "canary_bad", 60);
	canary_wait(r, 3 * MINUTE);
	assert_int_equal(book_of(r).row.verdict, VERDICT_FAIL);
	assert_true(book_of(r).row.extra_errors > 0);
	lane = lane_of(r);
	assert_int_equal(lane.state, LANE_FAIL);
	check_progress(lane.progress, "canary 5%");
	assert_non_null(strstr(lane.reasons, "fails: errors"));
	canary_rig_free(r);
}

static const struct alarm *alarm_of(struct canary_rig *r)
{
	struct alarms *all = arena_new(&r->a, struct alarms);

	assert_true(store_alarms_read(all, r->cache, LANE, &r->a, NULL) >= 0);
	vec_each (one, all)
		if (text_starts(one->subject, "sample "))
			return one;
	return NULL;
}

static void samples_without_numbers_raise_an_alarm(void **state)
{
	struct canary_rig *r = sampled_rig(JOBS COUNTED);

	(void)state;
	canary_wait(r, 3 * MINUTE);
	assert_null(alarm_of(r));
	meter_set(&r->meter, "canary_all[30s]", SAMPLE_EMPTY, 0);
	canary_wait(r, MINUTE / 2);
	assert_null(alarm_of(r)); /* one may be lost */
	canary_wait(r, MINUTE);
	assert_non_null(alarm_of(r));
	assert_non_null(
		strstr(alarm_of(r)->text, "canary sample missing: the newest with a number was at 2026-"));
	assert_non_null(strstr(lane_of(r).reasons, "alarm: canary sample missing"));
	meter_counts(&r->meter, "canary_all[30s]", 600);
	canary_wait(r, MINUTE);
	assert_null(alarm_of(r));
	canary_rig_free(r);
}

static void samples_outlive_the_engine(void **state)
{
	struct canary_rig *r = sampled_rig(JOBS COUNTED);
	struct canary_book before, after;
	size_t n;

	(void)state;
	canary_wait(r, 3 * MINUTE);
	before = book_of(r);
	canary_restart(r);
	canary_wait(r, 12 * 1000);
	after = book_of(r);
	assert_int_equal(after.row.started.ms, before.row.started.ms);
	n = after.samples.n;
	assert_in_range(n, before.samples.n, before.samples.n + 1);
	assert_int_equal(after.samples.items[0].at.ms, before.samples.items[0].at.ms);
	canary_wait(r, 2 * MINUTE);
	assert_in_range(book_of(r).samples.n, n + 3, n + 5);
	canary_rig_free(r);
}

static void another_run_begins_anew(void **state)
{
	struct canary_rig *r = sampled_rig(JOBS COUNTED);
	int64_t first = r->run->id;

	(void)state;
	canary_wait(r, 3 * MINUTE);
	assert_true(book_of(r).samples.n > 4);
	train_job(r, "canary-5", RUN_COMPLETED);
	train_ends(r, CONCLUSION_FAILURE);
	canary_wait(r, 2 * MINUTE);
	check_phase(r, CANARY_FAILED);
	assert_true(book_of(r).samples.n > 4); /* a screen still shows how it ended */
	r->fake.jobs_n = 0;
	train_starts(r);
	train_job(r, "canary-5", RUN_IN_PROGRESS);
	canary_wait(r, 2 * MINUTE);
	check_phase(r, CANARY_WATCHING);
	assert_true(book_of(r).row.run != first);
	assert_in_range(book_of(r).samples.n, 0, 4);
	assert_true(when_diff(book_of(r).row.started, canary_now(r)) > -3 * MINUTE);
	canary_rig_free(r);
}

static int past_of(struct canary_rig *r, struct canary_book *past)
{
	struct err e = ERR_INIT;

	return past_canary(past, r->cache, LANE, &r->a, &e);
}

static void train_of(struct canary_rig *r, const char *release)
{
	r->fake.jobs_n = 0;
	train_starts(r);
	r->run->branch = release;
	train_job(r, "canary-5", RUN_IN_PROGRESS);
	canary_wait(r, 2 * MINUTE);
	check_phase(r, CANARY_WATCHING);
	assert_string_equal(book_of(r).row.release, release);
}

/* v1 is live, v2 fails at 25 %, v1 is brought back by a ladder of its own, v3 begins. seen: its end is looked at before the
 * way back begins. */
static void check_story(bool seen)
{
	struct canary_rig *r = sampled_rig(JOBS COUNTED);
	struct canary_book past;
	int64_t failed;

	train_job(r, "canary-100", RUN_IN_PROGRESS);
	canary_wait(r, MINUTE);
	r->run->branch = "v1.0.0";
	train_job(r, "canary-100", RUN_COMPLETED);
	train_ends(r, CONCLUSION_SUCCESS);
	canary_wait(r, 2 * MINUTE);
	assert_int_equal(past_of(r, &past), 1);
	train_of(r, "v2.0.0");
	failed = r->run->id;
	train_job(r, "canary-25", RUN_IN_PROGRESS);
	canary_wait(r, MINUTE);
	train_ends(r, CONCLUSION_FAILURE);
	if (seen) {
		canary_wait(r, MINUTE);
		check_phase(r, CANARY_FAILED);
		assert_int_equal(past_of(r, &past), 0);
	}
	train_of(r, "v1.0.0");
	assert_int_equal(past_of(r, &past), 0);
	assert_int_equal(past.row.run, failed);
	assert_string_equal(past.row.release, "v2.0.0");
	assert_int_equal(past.row.phase, CANARY_FAILED);
	assert_int_equal(past.rungs.n, 3);
	assert_int_equal(past.metrics.n, 1);
	train_ends(r, CONCLUSION_SUCCESS);
	train_of(r, "v3.0.0");
	assert_int_equal(past_of(r, &past), 1);
	canary_rig_free(r);
}

static void what_went_back_is_kept_until_the_next_release(void **state)
{
	(void)state;
	check_story(true);
	check_story(false);
}

/* A train that waits behind the one that carries it changes nothing, and neither does it stop us from looking. */
static void a_train_that_is_queued_takes_nothing_over(void **state)
{
	struct canary_rig *r = sampled_rig(JOBS COUNTED);
	int64_t first = r->run->id;

	(void)state;
	canary_wait(r, 2 * MINUTE);
	assert_int_equal(book_of(r).row.run, first);
	train_starts(r);
	r->run->status = RUN_PENDING;
	r->run->started = WHEN_NONE;
	canary_wait(r, 2 * MINUTE);
	assert_int_equal(book_of(r).row.run, first);
	check_phase(r, CANARY_WATCHING);
	assert_true(when_diff(canary_now(r), book_of(r).row.at) < MINUTE);
	canary_rig_free(r);
}

/* The forge may let us wait for an hour: what watches a canary does not wait with it. */
static void a_forge_that_is_gone_stops_no_sample(void **state)
{
	struct canary_rig *r = sampled_rig(JOBS COUNTED);
	size_t n;

	(void)state;
	canary_wait(r, 2 * MINUTE);
	n = book_of(r).samples.n;
	for (int i = 0; i < FORGE_READ_MAX_; i++)
		r->fake.fail[i] = ERR_OFFLINE;
	canary_wait(r, 5 * MINUTE);
	assert_in_range(book_of(r).samples.n, n + 9, n + 11);
	canary_rig_free(r);
}

/* ---- limits --------------------------------------------------------------------------------------------------------------- */

#define FILED                                                                                \
	"      metrics:\n"                                                                   \
	"        - {name: p95, kind: latency, unit: ms, scale: '1000', limit_file: slo.yml," \
	" limit_pointer: /slo/p95_ms, control: p95_stable, canary: p95_canary,"              \
	" control_total: stable_all, control_good: 'stable_good{le=\"{limit}\"}',"           \
	" canary_total: 'canary_all', canary_good: 'canary_good{le=\"{limit}\"}'}\n"

static void limits_stand_at_the_commit_of_the_release(void **state)
{
	struct canary_rig *r = sampled_rig(JOBS FILED);
	struct canary_book book;

	(void)state;
	r->fake.file = "slo: {p95_ms: 1500}\n";
	meter_set(&r->meter, "p95_", SAMPLE_OK, 200000);
	meter_counts(&r->meter, "canary_all", 600);
	meter_counts(&r->meter, "stable_good{le=\"1.5\"}", 11390);
	meter_counts(&r->meter, "canary_good{le=\"1.5\"}", 597);
	canary_wait(r, 2 * MINUTE);
	book = book_of(r);
	assert_int_equal(book.metrics.items[0].limit, 1500 * CANARY_SCALE);
	assert_int_equal(book.samples.items[0].state, SAMPLE_OK);
	assert_int_equal(book.samples.items[0].canary, 200 * CANARY_SCALE);
	assert_int_equal(book.samples.items[0].canary_bad, 3);
	assert_int_equal(book.samples.items[0].control_bad, 10);
	assert_int_equal(r->fake.reads[FORGE_FILE], 1); /* a file at a commit never changes */
	/* a new engine that cannot read it has what the one before wrote down */
	canary_down(r);
	r->fake.fail[FORGE_FILE] = r->fake.fail[FORGE_COMMIT] = ERR_OFFLINE;
	canary_up(r);
	canary_wait(r, 2 * MINUTE);
	book = book_of(r);
	assert_int_equal(book.samples.items[book.samples.n - 1].state, SAMPLE_OK);
	assert_int_equal(book.metrics.items[0].limit, 1500 * CANARY_SCALE);
	canary_rig_free(r);
}

static void a_limit_that_is_not_known_is_no_number(void **state)
{
	static const struct {
		const char *file, *why;
	} cases[] = {
		{ "slo: {p99_ms: 1500}\n", "slo.yml has no /slo/p95_ms" },
		{ "slo: {p95_ms: soon}\n", "/slo/p95_ms of slo.yml is no number: soon" },
		{ "slo: {", "slo.yml cannot be read" },
		{ NULL, "there is no slo.yml in " TAG },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct canary_rig *r = sampled_rig(JOBS FILED);
		struct canary_book book;

		r->fake.file = cases[i].file;
		meter_set(&r->meter, "p95_", SAMPLE_OK, 200000);
		meter_counts(&r->meter, "canary_all", 600);
		canary_wait(r, 2 * MINUTE);
		book = book_of(r);
		assert_int_equal(book.samples.items[0].state, SAMPLE_ERROR);
		if (!strstr(book.samples.items[0].why, cases[i].why))
			fail_msg("%s", book.samples.items[0].why);
		assert_true(book.metrics.items[0].limit == CANARY_NONE_VALUE);
		/* what is not there is not asked for at each look, and is again after a while */
		assert_true(r->fake.reads[FORGE_FILE] <= 2);
		canary_wait(r, 11 * MINUTE);
		assert_in_range(r->fake.reads[FORGE_FILE], 1, 3);
		canary_rig_free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_under_way),
		cmocka_unit_test(a_job_for_each_rung),
		cmocka_unit_test(a_step_for_each_rung),
		cmocka_unit_test(the_payload_of_a_deployment),
		cmocka_unit_test(deployments_of_the_run_alone),
		cmocka_unit_test(the_description_of_a_status),
		cmocka_unit_test(the_log_when_the_job_has_ended),
		cmocka_unit_test(a_controller_in_a_cluster),
		cmocka_unit_test(a_share_in_a_metric),
		cmocka_unit_test(the_first_that_tells_wins),
		cmocka_unit_test(ends_are_told_apart),
		cmocka_unit_test(a_gate_waits_when_the_window_is_over),
		cmocka_unit_test(the_gate_to_come_is_named),
		cmocka_unit_test(a_variable_holds_whoever_set_it),
		cmocka_unit_test(who_approved_a_rung_stands_beside_it),
		cmocka_unit_test(traffic_that_is_taken_back_is_aborted),
		cmocka_unit_test(a_sample_each_interval),
		cmocka_unit_test(what_it_cost_outlives_its_samples),
		cmocka_unit_test(every_answer_becomes_a_sample_of_its_state),
		cmocka_unit_test(no_requests_are_no_rate),
		cmocka_unit_test(without_a_source_no_sample_has_a_number),
		cmocka_unit_test(a_source_that_cannot_be_asked_is_an_error),
		cmocka_unit_test(a_breach_fails_the_lane),
		cmocka_unit_test(samples_without_numbers_raise_an_alarm),
		cmocka_unit_test(samples_outlive_the_engine),
		cmocka_unit_test(another_run_begins_anew),
		cmocka_unit_test(what_went_back_is_kept_until_the_next_release),
		cmocka_unit_test(a_train_that_is_queued_takes_nothing_over),
		cmocka_unit_test(a_forge_that_is_gone_stops_no_sample),
		cmocka_unit_test(limits_stand_at_the_commit_of_the_release),
		cmocka_unit_test(a_limit_that_is_not_known_is_no_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
