#include "core/rules/ranks.h"

#include <math.h>

struct value {
	int64_t v;
	bool first;
};

static int by_value(const void *x, const void *y)
{
	const struct value *a = x, *b = y;

	return (a->v > b->v) - (a->v < b->v);
}

/* Twice the sum of the first arm's ranks, so that the half of a shared rank stays whole. *ties: sum of t^3 - t. */
static double rank_sum(const struct value *all, size_t n, double *ties)
{
	double sum = 0;

	*ties = 0;
	for (size_t i = 0; i < n;) {
		size_t j = i, firsts = 0;

		for (; j < n && all[j].v == all[i].v; j++)
			firsts += all[j].first;
		double t = (double)(j - i);
		sum += (double)firsts * (double)(i + j + 1);
		*ties += t * t * t - t;
		i = j;
	}
	return sum;
}

/* P(U >= u): coefficients of the product of (1 - q^(n+i)) / (1 - q^i), i = 1..m, of which each step is a polynomial. */
static double exact_upper(size_t m, size_t n, size_t u)
{
	double ways[RANKS_EXACT * RANKS_EXACT + 1] = { 1 }, all = 0, above = 0;
	size_t most = m * n;

	for (size_t i = 1; i <= m; i++) {
		for (size_t k = most; k >= n + i; k--)
			ways[k] -= ways[k - n - i];
		for (size_t k = i; k <= most; k++)
			ways[k] += ways[k - i];
	}
	for (size_t k = 0; k <= most; k++) {
		all += ways[k];
		if (k >= u)
			above += ways[k];
	}
	return above / all;
}

static double normal_upper(double m, double n, double u, double ties)
{
	double all = m + n;
	double variance = m * n / 12 * (all + 1 - ties / (all * (all - 1)));

	if (!(variance > 0))
		return 1;
	return 0.5 * erfc((u - m * n / 2 - 0.5) / sqrt(2 * variance));
}

static struct value *put(struct value *out, const int64_t *values, size_t n, bool first)
{
	for (size_t i = 0; i < n; i++)
		*out++ = (struct value){ values[i], first };
	return out;
}

struct ranks ranks_higher(const int64_t *first, size_t m, const int64_t *second, size_t n, struct arena *a)
{
	struct ranks r = { .p = 1 };
	double ties;

	if (!m || !n)
		return r;
	struct value *all = arena_array(a, struct value, m + n);
	put(put(all, first, m, true), second, n, false);
	qsort(all, m + n, sizeof(*all), by_value);
	r.u = (rank_sum(all, m + n, &ties) - (double)m * (double)(m + 1)) / 2;
	r.exact = !(ties > 0) && m <= RANKS_EXACT && n <= RANKS_EXACT;
	r.p = r.exact ? exact_upper(m, n, (size_t)r.u) : normal_upper((double)m, (double)n, r.u, ties);
	return r;
}

double ranks_least(size_t m, size_t n)
{
	double least = 1;

	for (size_t i = 1; i <= m; i++)
		least *= (double)i / (double)(n + i);
	return least;
}
