/* A lane that went back: verified after its time, or an alarm; and what its rules say of each signal. */
#include "canaries.h"
#include "core/rules/verify.h"
#include "store/holds.h"

static const char lane[] = CANARY_LANE(
	LEVERS(BY_CANCEL), "      metrics:\n"
			   "        - {name: errors, kind: gauge, limit: \"1\", control: a, canary: b}\n"
			   "    back_dwell_min: 10\n" GOES_BACK);

#define MINUTE INT64_C(60000)

static struct run back_run(struct when ended)
{
	return (struct run){
		.id = 7, .status = RUN_COMPLETED, .conclusion = CONCLUSION_SUCCESS, .updated = ended
	};
}

static void what_signals_say(void **state maybe_unused)
{
	const struct when ended = { 1000 * MINUTE };
	const struct run run = back_run(ended);
	static const struct verify_signal good = { "errors", CHECK_OK, "", { 0 } };
	static const struct verify_signal missing = { "errors", CHECK_MISSING, "no sample", { 0 } };
	static const struct verify_signal over = { "errors", CHECK_BAD, "over", { 1012 * MINUTE } };
	static const struct verify_signal was_over = { "errors", CHECK_OK, "", { 1005 * MINUTE } };
	static const struct {
		const struct verify_signal *signal; /* NULL: there is none */
		int64_t minutes;
		enum verify_state is;
		const char *says;
	} cases[] = {
		{ &good, 9, VERIFY_DWELLS, "back at v1; verified at" },
		{ &missing, 9, VERIFY_DWELLS, "back at v1; verified at" },
		{ &good, 10, VERIFY_DONE, "verified after 10 min at v1: errors normal" },
		{ NULL, 10, VERIFY_NOT, "not verified after 10 min: nothing tells" },
		{ &missing, 10, VERIFY_NOT, "not verified after 10 min: errors: no sample" },
		{ &over, 12, VERIFY_NOT, "not verified after 10 min: errors: over" },
		{ &was_over, 11, VERIFY_NOT, "not verified after 10 min: it was not normal all the time" },
		{ &was_over, 15, VERIFY_DONE, "verified after 10 min" },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		autofree(arena) struct arena a = ARENA_INIT;
		const struct verify_facts f = { .release = "v1",
						.run = &run,
						.dwell_ms = 10 * MINUTE,
						.signals = cases[i].signal,
						.signals_n = cases[i].signal ? 1 : 0,
						.now = { ended.ms + cases[i].minutes * MINUTE } };
		struct verify_verdict v = verify_judge(&f, &a);

		if (v.state != cases[i].is || !text_starts(v.words, cases[i].says))
			fail_msg("case %zu: %d, %s", i, v.state, v.words);
	}
}

static void a_run_that_failed_is_no_way_back(void **state maybe_unused)
{
	autofree(arena) struct arena a = ARENA_INIT;
	struct run run = back_run((struct when){ 0 });
	const struct verify_facts f = { .release = "v1", .run = &run };

	run.conclusion = CONCLUSION_FAILURE;
	assert_int_equal(verify_judge(&f, &a).state, VERIFY_FAILED);
	assert_string_equal(verify_judge(&f, &a).words, "the way back to v1 failed: run 7 failure");
	run.status = RUN_IN_PROGRESS;
	assert_int_equal(verify_judge(&f, &a).state, VERIFY_WAITS);
}

/* ---- the engine --------------------------------------------------------------------------------------------------------- */

/* Its run ends well, and the cache has heard of it. */
static void it_ends(struct rig *r)
{
	struct run *run = ground_run(&r->g, rig_intent(r)->run_id), row;
	struct err e = ERR_INIT;

	run->status = RUN_COMPLETED;
	run->conclusion = CONCLUSION_SUCCESS;
	run->updated = clock_wall(&r->clock);
	row = *run;
	row.repo = GROUND_REPO;
	row.lane = "shop/prod";
	row.release = "v1";
	assert_true(store_run(r->cache, Q_run_put, &rec_run, &row, &e) >= 0);
}

static void sample(struct rig *r, int64_t control)
{
	struct canary_book book = { .row = canary_now(r) };
	const struct canary_sample one = { .lane = "shop/prod",
					   .at = clock_wall(&r->clock),
					   .state = SAMPLE_OK,
					   .control = control,
					   .canary = CANARY_NONE_VALUE,
					   .control_n = -1,
					   .control_bad = -1,
					   .canary_n = -1,
					   .canary_bad = -1,
					   .why = "" };
	const struct canary_metric metric = { .lane = "shop/prod",
					      .name = "errors",
					      .unit = "%",
					      .kind = "gauge",
					      .control = control,
					      .canary = CANARY_NONE_VALUE,
					      .limit = CANARY_SCALE,
					      .reason = "",
					      .at = clock_wall(&r->clock) };
	struct err e = ERR_INIT;

	*vec_push(&book.metrics, &r->a) = metric;
	assert_int_equal(store_begin(r->cache, &e), 0);
	assert_true(store_canary_put(r->cache, &book, &e) >= 0);
	assert_true(store_canary_samples_add(r->cache, "shop/prod", &one, 1, &e) >= 0);
	assert_int_equal(store_end(r->cache, &e), 0);
}

static const char *alarm_of(struct rig *r)
{
	struct alarms list = { 0 };
	struct err e = ERR_INIT;

	assert_true(store_alarms_read(&list, r->cache, NULL, &r->a, &e) >= 0);
	vec_each (al, &list)
		if (al->kind == ALARM_BACK)
			return al->text;
	return "";
}

static struct rig *gone_back(void **state)
{
	struct rig *r = canary_open(state, lane);

	assert_int_equal(rig_ask(r, "rollback shop/prod v1 --reason bad --confirm shop/prod"), 0);
	it_ends(r);
	return r;
}

static void normal_signals_verify_it(void **state)
{
	struct rig *r = gone_back(state);

	for (int i = 0; i < 22; i++) {
		sample(r, CANARY_SCALE / 2);
		rig_pass(r, 30);
		if (i == 4)
			assert_true(text_starts(rig_intent(r)->note, "back at v1; verified at"));
	}
	assert_string_equal(rig_intent(r)->note, "verified after 10 min at v1: errors normal");
	assert_int_equal(rig_intent(r)->state, INTENT_LINKED);
	assert_string_equal(alarm_of(r), "");
	rig_pass(r, 3600);
	assert_string_equal(rig_intent(r)->note, "verified after 10 min at v1: errors normal");
}

/* Also by an engine that did not send it. */
static void silence_does_not(void **state)
{
	struct rig *r = gone_back(state);

	rig_crash(r);
	rig_pass(r, 640);
	assert_string_equal(alarm_of(r), "not verified after 10 min: errors: no sample since it is back");
	for (int i = 0; i < 3; i++) {
		sample(r, CANARY_SCALE / 2);
		rig_pass(r, 20);
	}
	assert_string_equal(alarm_of(r), "");
	assert_true(text_starts(rig_intent(r)->note, "verified after 10 min"));
}

static void what_is_over_its_limit_does_not(void **state)
{
	struct rig *r = gone_back(state);

	for (int i = 0; i < 22; i++) {
		sample(r, i == 10 ? 2 * CANARY_SCALE : CANARY_SCALE / 2);
		rig_pass(r, 30);
	}
	assert_true(text_starts(alarm_of(r), "not verified after 10 min: it was not normal all the time"));
}

#define TEST(f) cmocka_unit_test_teardown(f, canary_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_signals_say),    cmocka_unit_test(a_run_that_failed_is_no_way_back),
		TEST(normal_signals_verify_it),        TEST(silence_does_not),
		TEST(what_is_over_its_limit_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
