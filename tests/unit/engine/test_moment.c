/* All numbers of one sample are of one moment: no scrape falls between the requests and those of them that were good. */
#include "canary_rig.h"

#define JOBS "      weight: [{from: jobs, jobs: 'canary-{percent}*'}]\n"
#define SEEN "      seen: {query: share}\n"

static struct canary_rig *rig(const char *more)
{
	struct canary_rig *r = canary_rig_new(more);

	meter_counts(&r->meter, "stable_all", 11400);
	meter_counts(&r->meter, "stable_bad", 34);
	meter_counts(&r->meter, "canary_all[30s]", 600);
	meter_counts(&r->meter, "canary_bad", 6);
	r->meter.date = (struct when){ canary_now(r).ms + 7000 }; /* its clock is another */
	train_starts(r);
	train_job(r, "canary-5", RUN_IN_PROGRESS);
	return r;
}

/* Questions for no moment, which the server answers as of its now, and those for the moment that it told. */
static void count(const struct canary_rig *r, int *now, int *then)
{
	*now = *then = 0;
	for (int i = 0; i < r->meter.reads; i++) {
		*now += !when_known(r->meter.asked[i]);
		*then += r->meter.asked[i].ms ==
			 r->meter.date.ms - 1000; /* a scrape under way then is stored */
	}
}

static void the_first_answer_says_the_moment(void **state)
{
	static const char *const profiles[] = { JOBS COUNTED SEEN, JOBS COUNTED };

	(void)state;
	for (size_t i = 0; i < countof(profiles); i++) {
		struct canary_rig *r = rig(profiles[i]);
		int now, then;

		canary_wait(r, 2 * MINUTE);
		count(r, &now, &then);
		assert_true(now >= 2);
		assert_int_equal(then, 4 * now);
		assert_int_equal(now + then, r->meter.reads);
		assert_int_equal(book_of(r).samples.items[0].canary_bad, 6);
		canary_rig_free(r);
	}
}

/* A server that does not tell its time is asked for its now, as any. */
static void without_a_clock_it_is_now(void **state)
{
	struct canary_rig *r = rig(JOBS COUNTED SEEN);
	int now, then;

	(void)state;
	r->meter.date = WHEN_NONE;
	canary_wait(r, 2 * MINUTE);
	count(r, &now, &then);
	assert_int_equal(now, r->meter.reads);
	assert_int_equal(book_of(r).samples.items[0].canary_bad, 6);
	canary_rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_answer_says_the_moment),
		cmocka_unit_test(without_a_clock_it_is_now),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
