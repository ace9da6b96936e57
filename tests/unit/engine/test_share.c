/* What is set and what is seen: a canary that has another share than its rung's is not judged as if it had that one. */
#include "canary_rig.h"

#define JOBS "      weight: [{from: jobs, jobs: 'canary-{percent}*'}]\n"
#define SEEN "      seen: {query: share}\n"

static void another_share_is_no_verdict(void **state)
{
	static const struct {
		const char *job;
		int64_t seen; /* millionths; below 0: no series */
		bool differs;
	} cases[] = {
		{ "canary-25", 250000, false }, { "canary-25", 190000, false },
		{ "canary-25", 310000, false }, { "canary-25", 50000, true },
		{ "canary-25", 400000, true },  { "canary-25", 0, true },
		{ "canary-5", 45000, false },   { "canary-5", 59000, false },
		{ "canary-5", 250000, true },   { "canary-25", -1, false },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct canary_rig *r = canary_rig_new(JOBS COUNTED SEEN);
		struct canary_book book;
		bool said;

		meter_counts(&r->meter, "stable_all", 50000);
		meter_counts(&r->meter, "stable_bad", 150);
		meter_counts(&r->meter, "canary_all[30s]", 15000);
		meter_counts(&r->meter, "canary_bad", 45);
		if (cases[i].seen >= 0)
			meter_set(&r->meter, "share", SAMPLE_OK, cases[i].seen);
		train_starts(r);
		train_job(r, cases[i].job, RUN_IN_PROGRESS);
		canary_wait(r, 4 * MINUTE);
		book = book_of(r);
		said = strstr(book.row.reason, "% is seen") != NULL;
		if (said != cases[i].differs ||
		    book.row.verdict != (said ? VERDICT_INCONCLUSIVE : VERDICT_PASS))
			fail_msg("%s, %" PRId64 " seen: %s %s", cases[i].job, cases[i].seen,
				 names_word(&canary_verdict_names, book.row.verdict), book.row.reason);
		canary_rig_free(r);
	}
}

/* But what fails, fails. */
static void a_failure_stays_one(void **state)
{
	struct canary_rig *r = canary_rig_new(JOBS COUNTED SEEN);

	(void)state;
	meter_counts(&r->meter, "stable_all", 50000);
	meter_counts(&r->meter, "stable_bad", 150);
	meter_counts(&r->meter, "canary_all[30s]", 15000);
	meter_counts(&r->meter, "canary_bad", 600);
	meter_set(&r->meter, "share", SAMPLE_OK, 50000);
	train_starts(r);
	train_job(r, "canary-25", RUN_IN_PROGRESS);
	canary_wait(r, 4 * MINUTE);
	assert_true(book_of(r).row.verdict == VERDICT_FAIL);
	canary_rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_share_is_no_verdict),
		cmocka_unit_test(a_failure_stays_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
