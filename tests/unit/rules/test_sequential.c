/* The parts of all looks are no more than the whole, and never more than Pocock's exact bounds allow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/rules/sequential.h"

#include <math.h>

#define T(name) cmocka_unit_test(name)

static void all_parts_together_are_the_whole(void **state)
{
	static const struct sequence plans[] = { { 10, 4, 1 }, { 1, 4, 1 }, { 7, 1, 20 }, { 10, 0, 0 } };

	(void)state;
	for (size_t i = 0; i < countof(plans); i++) {
		double planned = 0, all = 0;
		double rung = LADDER_ALPHA / (double)((plans[i].rungs ? plans[i].rungs : RUNGS_USUAL) *
						      (plans[i].metrics ? plans[i].metrics : 1));

		for (int64_t look = 1; look <= plans[i].looks * 400; look++) {
			all += sequence_level(&plans[i], look - 1, look);
			if (look == plans[i].looks)
				planned = all;
		}
		assert_true(fabs(planned - rung / 2) < 1e-12);
		assert_true(all < rung);
		assert_true(all > 0.99 * rung);
	}
}

static void looks_that_were_left_out_leave_their_part(void **state)
{
	struct sequence s = { 10, 4, 1 };

	(void)state;
	assert_true(fabs(sequence_level(&s, 0, 3) - 3 * sequence_level(&s, 0, 1)) < 1e-15);
	assert_true(fabs(sequence_level(&s, 0, 10) - LADDER_ALPHA / 8) < 1e-15);
	assert_true(sequence_level(&s, 3, 3) == 0);
	assert_true(sequence_level(&s, 4, 3) == 0);
	assert_true(sequence_level(&s, 0, 0) == 0);
	/* ... but not from one window into the next */
	assert_true(fabs(sequence_level(&s, 7, 11) - sequence_level(&s, 10, 11)) < 1e-15);
	assert_int_equal(sequence_window(&s, 10), 0);
	assert_int_equal(sequence_window(&s, 11), 1);
	assert_int_equal(sequence_window(&s, 0), 0);
	assert_true(sequence_level(&(struct sequence){ 0, 4, 1 }, 0, 1) == 0);
}

static void stricter_than_pocock(void **state)
{
	/* Pocock, "Group sequential methods in the design and analysis of clinical trials", Biometrika 64 (1977), table 1:
	 * critical value at every one of K looks for 5 % in all, two-sided. SAS's SEQDESIGN prints 2.36129 for K = 4. */
	static const struct {
		int64_t looks;
		double z;
	} rows[] = { { 1, 1.960 }, { 2, 2.178 }, { 3, 2.289 }, { 4, 2.361 }, { 5, 2.413 }, { 10, 2.555 } };

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct sequence s = { rows[i].looks, 1, 1 };
		/* the same 2.5 % on one side, spent by our parts */
		double level =
			sequence_level(&s, rows[i].looks - 1, rows[i].looks) * 0.025 / (LADDER_ALPHA / 2);
		double pocock = 0.5 * erfc(rows[i].z / sqrt(2)),
		       strict = 0.5 * erfc((rows[i].z + 0.26) / sqrt(2));

		assert_true(level <= pocock * 1.001);
		/* ... and by no more than a quarter of a standard deviation */
		assert_true(level >= strict);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(all_parts_together_are_the_whole),
		T(looks_that_were_left_out_leave_their_part),
		T(stricter_than_pocock),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
