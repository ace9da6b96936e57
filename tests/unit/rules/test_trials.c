/* Issue 5's promise on 1,000 seeded canaries: a doubling is caught, equal arms are left alone, little data is no verdict. The
 * counts repeat; tests/bench prints the same canaries with the power curve. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/trials.h"

#define T(name)  cmocka_unit_test(name)
#define CANARIES 1000
#define SEED     2026

static const double ladder[] = { 0.05, 0.25, 0.5, 1 };

/* How many of the canaries have that verdict at the end of the first `rungs` rungs, or failed in one before. The judge goes
 * through every look again, so what is asked at the end is what was said at any of them. */
static int count(const struct trial_world *w, size_t rungs, bool early, enum canary_verdict v)
{
	struct canary_sample s[TRIAL_LOOKS];
	struct arena a = ARENA_INIT;
	uint64_t seed = SEED;
	int n = 0;

	for (int i = 0; i < CANARIES; i++) {
		struct judgement j = { .verdict = VERDICT_UNKNOWN };

		for (size_t k = 0; k < rungs; k++) {
			trial_rung(&seed, w, ladder[k], s);
			if (j.verdict != VERDICT_FAIL)
				j = trial_verdict(w, early, ladder[k], s, TRIAL_LOOKS, &a);
		}
		n += j.verdict == v;
		arena_reset(&a);
	}
	arena_done(&a);
	return n;
}

static void a_doubling_is_caught_in_the_first_rung(void **state)
{
	struct trial_world w = trial_world(2);
	int early = count(&w, 1, true, VERDICT_FAIL), late = count(&w, 1, false, VERDICT_FAIL);

	(void)state;
	w.metrics = 20;
	int wide = count(&w, 1, true, VERDICT_FAIL);
	print_message("caught %d looking early, %d at the end, %d with 20 metrics\n", early, late, wide);
	assert_true(wide >= 950);
	assert_true(early >= 950);
	assert_true(late >= 950);
}

static void equal_arms_are_left_alone_over_the_whole_ladder(void **state)
{
	struct trial_world w = trial_world(1), rough = w;

	(void)state;
	rough.swing = 4; /* from a quarter to four times what is normal, from one half minute to the next */
	rough.limit = CANARY_NONE_VALUE;
	int early = count(&w, 4, true, VERDICT_FAIL), late = count(&w, 4, false, VERDICT_FAIL);
	int noisy = count(&rough, 4, true, VERDICT_FAIL);
	print_message("rolled back %d looking early, %d at the end, %d noisy\n", early, late, noisy);
	assert_true(early <= 10);
	assert_true(late <= 10);
	assert_true(noisy <= 10);
}

static void little_traffic_is_no_verdict(void **state)
{
	struct trial_world w = trial_world(1);

	(void)state;
	w.rps = 40; /* 600 requests: 6 bad ones */
	int open = count(&w, 1, true, VERDICT_INCONCLUSIVE), fail = count(&w, 1, true, VERDICT_FAIL);
	print_message("inconclusive %d, failed %d\n", open, fail);
	assert_int_equal(open + fail, CANARIES);
	assert_true(fail <= 2);
}

static void equal_arms_pass_in_the_end(void **state)
{
	struct trial_world w = trial_world(1);

	(void)state;
	assert_true(count(&w, 1, true, VERDICT_PASS) >= 990);
}

/* What is said at a look does not depend on what comes later, and a failure stays. */
static void every_look_says_what_it_said(void **state)
{
	struct trial_world w = trial_world(1.6);
	struct canary_sample s[TRIAL_LOOKS];
	autofree(arena) struct arena a = ARENA_INIT;
	uint64_t seed = 7;
	int failed = 0;

	(void)state;
	for (int i = 0; i < 60; i++) {
		bool before = false;

		trial_rung(&seed, &w, 0.05, s);
		for (size_t n = 1; n <= TRIAL_LOOKS; n++) {
			bool now = trial_verdict(&w, true, 0.05, s, n, &a).verdict == VERDICT_FAIL;

			assert_true(now || !before);
			before = now;
		}
		failed += before;
		arena_reset(&a);
	}
	assert_in_range(failed, 10, 58);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_doubling_is_caught_in_the_first_rung), T(equal_arms_are_left_alone_over_the_whole_ladder),
		T(little_traffic_is_no_verdict),           T(equal_arms_pass_in_the_end),
		T(every_look_says_what_it_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
