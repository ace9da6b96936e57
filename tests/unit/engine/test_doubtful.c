/* What cannot be, and what is not known, lets no canary pass. */
#include "canary_rig.h"

#define JOBS "      weight: [{from: jobs, jobs: 'canary-{percent}*'}]\n"
#define ERRORS(limit, part)                                                           \
	JOBS "      metrics:\n"                                                       \
	     "        - {name: errors, kind: errors, unit: '%', scale: '100', " limit \
	     " control_total: stable_all, canary_total: canary_all, control_" part    \
	     ": stable_part, canary_" part ": canary_part}\n"
#define LIMIT "limit: '1',"
#define FILED "limit_file: slo.yml, limit_pointer: /slo/errors,"

static struct canary_rig *rig(const char *profile)
{
	struct canary_rig *r = canary_rig_new(profile);

	meter_counts(&r->meter, "stable_all", 50000);
	meter_counts(&r->meter, "canary_all", 15000);
	train_starts(r);
	r->run->release = TAG;
	train_job(r, "canary-25", RUN_IN_PROGRESS);
	return r;
}

static void counts_that_cannot_be(void **state)
{
	static const struct {
		const char *profile;
		int64_t stable, canary; /* millionths */
		int verdict;
	} cases[] = {
		{ ERRORS(LIMIT, "bad"), 150 * CANARY_SCALE, 45 * CANARY_SCALE, VERDICT_PASS },
		{ ERRORS(LIMIT, "good"), 49850 * CANARY_SCALE, 14955 * CANARY_SCALE, VERDICT_PASS },
		/* a sum of what was extrapolated, series by series */
		{ ERRORS(LIMIT, "good"), 50000 * CANARY_SCALE, 15001 * CANARY_SCALE, VERDICT_PASS },
		/* of all the traffic, where the canary's alone was meant */
		{ ERRORS(LIMIT, "good"), 49850 * CANARY_SCALE, 65000 * CANARY_SCALE, VERDICT_INCONCLUSIVE },
		{ ERRORS(LIMIT, "bad"), 150 * CANARY_SCALE, 65000 * CANARY_SCALE, VERDICT_INCONCLUSIVE },
		{ ERRORS(LIMIT, "bad"), 150 * CANARY_SCALE, -45 * CANARY_SCALE, VERDICT_INCONCLUSIVE },
		{ ERRORS(LIMIT, "bad"), 150 * CANARY_SCALE, INT64_MAX, VERDICT_INCONCLUSIVE },
		{ ERRORS(LIMIT, "good"), 49850 * CANARY_SCALE, -INT64_MAX, VERDICT_INCONCLUSIVE },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct canary_rig *r = rig(cases[i].profile);
		struct canary_book book;

		meter_set(&r->meter, "stable_part", SAMPLE_OK, cases[i].stable);
		meter_set(&r->meter, "canary_part", SAMPLE_OK, cases[i].canary);
		canary_wait(r, 4 * MINUTE);
		book = book_of(r);
		if (book.row.verdict != cases[i].verdict)
			fail_msg("case %zu: %s, %s", i, names_word(&canary_verdict_names, book.row.verdict),
				 book.row.reason);
		canary_rig_free(r);
	}
}

static void requests_without_end(void **state)
{
	struct canary_rig *r = rig(ERRORS(LIMIT, "good"));

	(void)state;
	meter_set(&r->meter, "canary_all", SAMPLE_OK, INT64_MAX);
	meter_counts(&r->meter, "stable_part", 49850);
	meter_set(&r->meter, "canary_part", SAMPLE_OK, -INT64_MAX);
	canary_wait(r, 4 * MINUTE);
	assert_int_equal(book_of(r).row.verdict, VERDICT_INCONCLUSIVE);
	canary_rig_free(r);
}

/* A limit that was named and could not be read is not "no limit". */
static void a_limit_that_was_not_read(void **state)
{
	static const struct {
		int64_t bad;
		int verdict;
	} cases[] = { { 45, VERDICT_INCONCLUSIVE }, { 600, VERDICT_FAIL } };

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct canary_rig *r = rig(ERRORS(FILED, "bad"));
		struct canary_book book;

		meter_counts(&r->meter, "stable_part", 150);
		meter_counts(&r->meter, "canary_part", cases[i].bad);
		canary_wait(r, 4 * MINUTE);
		book = book_of(r);
		if (book.row.verdict != cases[i].verdict)
			fail_msg("case %zu: %s, %s", i, names_word(&canary_verdict_names, book.row.verdict),
				 book.row.reason);
		assert_true(i || strstr(book.row.reason, "its limit is not known: /slo/errors of slo.yml"));
		canary_rig_free(r);
	}
}

/* What was judged is the rung before: the next one begins without a verdict, and the old one keeps its own. */
static void a_new_rung_was_not_judged(void **state)
{
	struct canary_rig *r = rig(ERRORS(LIMIT, "bad"));

	(void)state;
	meter_counts(&r->meter, "stable_part", 150);
	meter_counts(&r->meter, "canary_part", 45);
	canary_wait(r, 4 * MINUTE);
	assert_int_equal(book_of(r).row.verdict, VERDICT_PASS);
	train_job(r, "canary-25", RUN_COMPLETED);
	train_job(r, "canary-100", RUN_IN_PROGRESS);
	for (int i = 0; i < 600 && book_of(r).row.step != 3; i++)
		canary_wait(r, 500);
	assert_int_equal(book_of(r).row.step, 3);
	assert_int_equal(book_of(r).row.verdict, VERDICT_UNKNOWN);
	assert_int_equal(book_of(r).metrics.items[0].verdict, VERDICT_UNKNOWN);
	assert_string_equal(book_of(r).row.reason, "this rung was not judged yet");
	assert_int_equal(book_of(r).rungs.items[1].verdict, VERDICT_PASS);
	canary_wait(r, MINUTE);
	assert_int_not_equal(book_of(r).row.verdict, VERDICT_UNKNOWN);
	canary_rig_free(r);
}

/* A job that says each second where it is tells a rung once, and its log is read once. */
static void a_log_that_repeats_itself(void **state)
{
	struct canary_rig *r = canary_rig_new(
		"      weight: [{from: log, job: 'canary*', lines: ['*percent={percent}']}]\n");
	struct buf log = BUF_INIT((size_t)8 << 20);

	(void)state;
	for (int i = 0; i < 60000; i++)
		buf_fmt(&log, "2026-11-21T07:%02d:%02d.0Z percent=%d\n", i / 6000 % 10, i / 100 % 60,
			i < 59000 ? 5 : 25);
	train_starts(r);
	train_job(r, "canary", RUN_COMPLETED);
	r->fake.log = log.s;
	canary_wait(r, 4 * MINUTE);
	assert_int_equal(book_of(r).row.set_bp, 2500);
	assert_int_equal(r->fake.reads[FORGE_LOG], 1);
	canary_rig_free(r);
	buf_done(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_that_cannot_be),     cmocka_unit_test(requests_without_end),
		cmocka_unit_test(a_limit_that_was_not_read), cmocka_unit_test(a_new_rung_was_not_judged),
		cmocka_unit_test(a_log_that_repeats_itself),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
