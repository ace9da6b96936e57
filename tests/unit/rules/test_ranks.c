/* Mann and Whitney's test against its tables and R's example; ties, empty arms, arms that are all one value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/rules/ranks.h"

#include <math.h>

#define T(name) cmocka_unit_test(name)

/* Distinct values of which the first arm's U is u: each of its values beats as many of the second's as are still owed. */
static struct ranks with_u(size_t m, size_t n, size_t u, struct arena *a)
{
	int64_t x[30], y[30];

	for (size_t i = 0; i < n; i++)
		y[i] = 1000 * (int64_t)i;
	for (size_t i = 0; i < m; i++) {
		size_t beats = u > n ? n : u;

		x[i] = 1000 * (int64_t)beats - 999 + (int64_t)i;
		u -= beats;
	}
	return ranks_higher(x, m, y, n, a);
}

static void lower_tails_are_those_of_the_tables(void **state)
{
	/* The greatest U at which P(U <= u) is at most the level. Mann and Whitney (1947), table I, and the tables of critical
	 * values that followed from it (Auble, 1953; Siegel, "Nonparametric Statistics", 1956, table K). By symmetry
	 * P(U <= u) = P(U >= mn - u). */
	static const struct {
		size_t m, n, u;
		double level;
	} rows[] = {
		{ 3, 3, 0, 0.05 },     { 4, 4, 0, 0.025 },     { 4, 4, 1, 0.05 },     { 5, 5, 2, 0.025 },
		{ 5, 5, 4, 0.05 },     { 6, 6, 5, 0.025 },     { 7, 7, 8, 0.025 },    { 8, 8, 13, 0.025 },
		{ 9, 9, 17, 0.025 },   { 10, 10, 23, 0.025 },  { 10, 10, 27, 0.05 },  { 10, 10, 16, 0.005 },
		{ 15, 15, 64, 0.025 }, { 20, 20, 127, 0.025 }, { 20, 20, 138, 0.05 }, { 20, 20, 105, 0.005 },
	};
	autofree(arena) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		size_t all = rows[i].m * rows[i].n;
		struct ranks at = with_u(rows[i].m, rows[i].n, all - rows[i].u, &a);
		struct ranks next = with_u(rows[i].m, rows[i].n, all - rows[i].u - 1, &a);

		if (!at.exact || at.p > rows[i].level || next.p <= rows[i].level)
			fail_msg("%zu and %zu: %.5f at %.1f, %.5f at %.1f", rows[i].m, rows[i].n, at.p, at.u,
				 next.p, next.u);
	}
}

static void printed_probabilities_are_met(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;

	(void)state;
	/* Mann and Whitney's table I to three places. */
	assert_true(fabs(with_u(4, 4, 15, &a).p - 0.029) < 5e-4);
	assert_true(fabs(with_u(5, 5, 23, &a).p - 0.016) < 5e-4);
	assert_true(fabs(with_u(8, 8, 51, &a).p - 0.025) < 5e-4);
	/* Whole-number count of arrangements for 25 and 25. */
	assert_true(fabs(with_u(25, 25, 400, &a).p - 0.0457770324864277) < 1e-13);
}

static void hollander_and_wolfe_as_r_has_it(void **state)
{
	/* Permeability of the chorioamnion (Hollander and Wolfe, 1973, p. 69), example of R's wilcox.test: W = 35,
	 * p = 0.1272 one-sided and exact. */
	static const int64_t term[] = { 80, 83, 189, 104, 145, 138, 191, 164, 73, 146 };
	static const int64_t early[] = { 115, 88, 90, 74, 121 };
	autofree(arena) struct arena a = ARENA_INIT;
	struct ranks r = ranks_higher(term, countof(term), early, countof(early), &a);

	(void)state;
	assert_true(r.exact && r.u == 35);
	assert_true(fabs(r.p - 0.1272) < 5e-5);
	r = ranks_higher(early, countof(early), term, countof(term), &a);
	assert_true(r.u == 15 && r.p > 0.87);
}

static void ties_take_the_normal_approximation(void **state)
{
	/* By hand: 1 2 2 3 against 2 3 4 5 has ranks 1 3 3 5.5 and 3 5.5 7 8; U = 13.5, mean 8, ties 3 and 2, so the variance
	 * is 16/12 (9 - (24 + 6)/56) = 11.286 and z = (13.5 - 8 - 0.5)/3.3594 = 1.4884, of which the tail is 0.0683. */
	static const int64_t low[] = { 1, 2, 2, 3 }, high[] = { 2, 3, 4, 5 };
	autofree(arena) struct arena a = ARENA_INIT;
	struct ranks r = ranks_higher(high, 4, low, 4, &a);

	(void)state;
	assert_false(r.exact);
	assert_true(r.u == 13.5);
	assert_true(fabs(r.p - 0.0683) < 5e-5);
	r = ranks_higher(low, 4, high, 4, &a);
	assert_true(r.u == 2.5 && r.p > 0.9);
}

static void nothing_to_compare_is_no_difference(void **state)
{
	static const int64_t same[] = { 7, 7, 7, 7, 7 };
	autofree(arena) struct arena a = ARENA_INIT;

	(void)state;
	assert_true(ranks_higher(same, 5, same, 5, &a).p == 1);
	assert_true(ranks_higher(same, 0, same, 5, &a).p == 1);
	assert_true(ranks_higher(same, 5, same, 0, &a).p == 1);
	assert_true(ranks_higher(NULL, 0, NULL, 0, &a).p == 1);
	assert_true(fabs(ranks_least(5, 5) - 1.0 / 252) < 1e-15);
	assert_true(ranks_least(0, 5) == 1);
}

static void many_values_agree_with_the_exact_ones(void **state)
{
	int64_t x[60], y[60];
	autofree(arena) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < 60; i++) {
		x[i] = (int64_t)(i * 7919 % 1009) * 2 + 150;
		y[i] = (int64_t)(i * 6007 % 1013) * 2 + 1;
	}
	struct ranks few = ranks_higher(x, 25, y, 25, &a), more = ranks_higher(x, 26, y, 25, &a);
	assert_true(few.exact && !more.exact);
	/* one value more, by the other formula: beside it and not elsewhere */
	assert_true(fabs(few.p - more.p) < 0.06);
	assert_true(ranks_higher(x, 60, y, 60, &a).p < 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(lower_tails_are_those_of_the_tables), T(printed_probabilities_are_met),
		T(hollander_and_wolfe_as_r_has_it),     T(ties_take_the_normal_approximation),
		T(nothing_to_compare_is_no_difference), T(many_values_agree_with_the_exact_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
