/* The exact binomial against published tables, whole-number arithmetic, and what is not a number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/rules/binomial.h"

#include <math.h>

#define T(name) cmocka_unit_test(name)

static void near(const char *what, double is, double should, double relative)
{
	if (!(fabs(is - should) <= relative * fabs(should)))
		fail_msg("%s: %.15g, not %.15g", what, is, should);
}

static void tails_are_those_of_published_tables(void **state)
{
	/* Four digits, as printed. NBS Applied Mathematics Series 6, "Tables of the Binomial Probability Distribution"
	 * (1950); Conover, "Practical Nonparametric Statistics" (1971), p. 97, which R's binom.test has as its example; Fisher,
	 * "The Design of Experiments" (1935) II, the sign test. */
	static const struct {
		const char *source;
		int64_t n, k;
		double p, upper;
	} rows[] = {
		{ "NBS n=20 p=.50 r=15", 20, 15, 0.5, 0.0207 },
		{ "NBS n=10 p=.30 r=3", 10, 3, 0.3, 1 - 0.3828 },
		{ "NBS n=25 p=.10 r=5", 25, 5, 0.1, 1 - 0.9020 },
		{ "sign test, 8 of 8", 8, 8, 0.5, 0.0039 },
		{ "60 heads of 100", 100, 60, 0.5, 0.0284 },
		{ "Conover p. 97, 682 of 925 at 3/4, the lower tail 0.1960", 925, 683, 0.75, 1 - 0.1960 },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		if (fabs(binomial_upper(rows[i].n, rows[i].k, rows[i].p) - rows[i].upper) > 5e-5)
			fail_msg("%s: %.6f", rows[i].source, binomial_upper(rows[i].n, rows[i].k, rows[i].p));
}

static void tails_are_exact_up_to_a_billion(void **state)
{
	/* Sums of terms in decimal arithmetic of 60 digits; n below 10,000 in whole fractions. */
	static const struct {
		int64_t n, k;
		double p, upper;
	} rows[] = {
		{ 50, 10, 0.1, 2.4537935704591455e-2 },
		{ 1200, 95, 0.05, 1.068514536844406e-5 },
		{ 6000, 85, 0.01, 1.286514263240688e-3 },
		{ 6000, 120, 0.01, 4.543260849886573e-12 },
		{ 2000, 1100, 0.5, 4.228544767751963e-6 },
		{ 1000, 3, 1e-6, 1.6604279811381868e-10 },
		{ 12, 12, 0.25, 5.960464477539062e-8 },
		{ 5000, 4999, 0.9995, 2.872205239263251e-1 },
		{ 100000, 1100, 0.01, 9.117803412451066e-4 },
		{ 1000000000, 1100, 1e-6, 9.626252337001590e-4 },
		{ 1000000000, 10020000, 0.01, 1.047470369195403e-10 },
		{ 1000000000, 10000500, 0.01, 4.369123879921191e-1 },
		{ 1000000000, 500100000, 0.5, 1.270074179877283e-10 },
	};
	char what[64];

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		/* 1e9 trials at 0.01: the last bit of p alone is 1e-16 of ten million, and a deviate of six makes it 1e-11 */
		double good = rows[i].n >= 1000000000 ? 1e-10 : 1e-12;

		snprintf(what, sizeof(what), "%" PRId64 " of %" PRId64, rows[i].k, rows[i].n);
		near(what, binomial_upper(rows[i].n, rows[i].k, rows[i].p), rows[i].upper, good);
	}
}

static void beyond_a_billion_it_is_the_normal_tail(void **state)
{
	double last = binomial_upper(1000000000, 10020000, 0.01);
	double next = binomial_upper(1000000001, 10020000, 0.01);

	(void)state;
	/* where one takes over from the other they differ by a hundredth, at one in ten thousand million */
	assert_true(fabs(next - last) < 0.02 * last);
	assert_true(fabs(binomial_upper(INT64_C(1000000000000), INT64_C(500001000000), 0.5) - 0.02275) <
		    1e-5);
}

static void edges_are_what_they_must_be(void **state)
{
	(void)state;
	assert_true(binomial_upper(0, 0, 0.5) == 1);
	assert_true(binomial_upper(0, 1, 0.5) == 0);
	assert_true(binomial_upper(10, 0, 0.5) == 1);
	assert_true(binomial_upper(10, -3, 0.5) == 1);
	assert_true(binomial_upper(10, 11, 0.5) == 0);
	assert_true(binomial_upper(10, 1, 0) == 0);
	assert_true(binomial_upper(10, 10, 1) == 1);
	assert_true(isnan(binomial_upper(10, 3, (double)NAN)));
	assert_true(isnan(binomial_upper(10, 3, 1.5)));
	assert_true(isnan(binomial_upper(-1, 0, 0.5)));
	assert_false(binomial_upper(10, 3, (double)NAN) <= 1); /* below no bound */
}

static void a_tail_falls_and_both_tails_are_everything(void **state)
{
	static const double ps[] = { 1e-9, 0.003, 0.05, 0.5, 0.95, 0.9999 };
	static const int64_t ns[] = { 1, 2, 7, 30, 199, 5000 };

	(void)state;
	for (size_t i = 0; i < countof(ps) * countof(ns); i++) {
		double p = ps[i % countof(ps)], above = 1;
		int64_t n = ns[i / countof(ps)];

		for (int64_t k = 0; k <= n; k++) {
			double here = binomial_upper(n, k, p);
			/* what was not hit has a tail of its own: P(X >= k) = 1 - P(n - X >= n - k + 1) */
			double other = binomial_upper(n, n - k + 1, 1 - p);

			if (here > above || fabs(here + other - 1) > 1e-12)
				fail_msg("%" PRId64 " of %" PRId64 " at %g", k, n, p);
			above = here;
		}
	}
}

static void the_critical_count_is_the_least(void **state)
{
	static const struct {
		int64_t n;
		double p, level;
	} rows[] = { { 20, 0.5, 0.05 },   { 1200, 0.05, 1.25e-4 }, { 3, 0.5, 0.05 },  { 1000000, 0.01, 1e-9 },
		     { 50, 0.02, 0.999 }, { 10, 0, 0.01 },         { 40, 1e-9, 1e-3 } };

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		int64_t k = binomial_critical(rows[i].n, rows[i].p, rows[i].level);

		if (k <= rows[i].n && binomial_upper(rows[i].n, k, rows[i].p) > rows[i].level)
			fail_msg("row %zu: %" PRId64 " is too low", i, k);
		if (k > 0 && binomial_upper(rows[i].n, k - 1, rows[i].p) <= rows[i].level)
			fail_msg("row %zu: %" PRId64 " is not the least", i, k);
	}
	/* Sign test, one-sided 5 %: 15 of 20 (Dixon and Mood's table, 1946); of three not even all. */
	assert_int_equal(binomial_critical(20, 0.5, 0.05), 15);
	assert_int_equal(binomial_critical(3, 0.5, 0.05), 4);
	assert_int_equal(binomial_critical(9, 0.5, 0), 10);
}

static void enough_trials_have_the_power(void **state)
{
	static const struct {
		double p0, p1, level, power;
	} rows[] = { { 0.05, 0.095, 1.25e-4, 0.8 }, { 0.5, 0.667, 1.25e-4, 0.8 }, { 0.01, 0.02, 0.05, 0.9 } };

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		int64_t n = binomial_trials(rows[i].p0, rows[i].p1, rows[i].level, rows[i].power, 10000000);
		int64_t at = binomial_critical(n, rows[i].p0, rows[i].level), half = n * 9 / 10;

		assert_true(n > 1);
		assert_true(binomial_upper(n, at, rows[i].p1) >= rows[i].power);
		at = binomial_critical(half, rows[i].p0, rows[i].level);
		assert_true(binomial_upper(half, at, rows[i].p1) < rows[i].power);
	}
	/* 0.5 against 0.7 at 5 % and 80 %: in whole-number arithmetic 37 is the least, 38, 39 and 41 have less power again,
	 * and from 42 on every number has it (such teeth: Chernick and Liu, "The Saw-Toothed Behavior of Power Versus Sample
	 * Size", 2002). */
	int64_t n = binomial_trials(0.5, 0.7, 0.05, 0.8, 1000);
	assert_in_range(n, 37, 42);
	assert_int_equal(binomial_trials(0.5, 0.5, 0.05, 0.8, 1000), -1);
	assert_int_equal(binomial_trials(0.5, 0.5001, 0.05, 0.8, 1000), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(tails_are_those_of_published_tables),
		T(tails_are_exact_up_to_a_billion),
		T(beyond_a_billion_it_is_the_normal_tail),
		T(edges_are_what_they_must_be),
		T(a_tail_falls_and_both_tails_are_everything),
		T(the_critical_count_is_the_least),
		T(enough_trials_have_the_power),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
