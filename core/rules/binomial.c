#include "core/rules/binomial.h"

#include <math.h>

#define TAU        6.283185307179586476925
#define SMALL      16  /* below, the correction is taken from lgamma, which is exact enough there */
#define NEAR       0.1 /* deviance: closer than this the series converges faster than logarithms cancel */
#define EXACT_MOST 1000000000
#define NEGLIGIBLE 1e-17 /* of the sum */

/* log n! minus Stirling's sqrt(2 pi n) (n/e)^n; the series is DLMF 5.11.1. */
static double stirling_error(double n)
{
	double nn = n * n;

	if (n == 0)
		return 0;
	if (n < SMALL)
		return lgamma(n + 1) - (n + 0.5) * log(n) + n - 0.5 * log(TAU);
	return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / nn) / nn) / nn) / nn) / n;
}

/* x log(x/m) + m - x: how far x is from what was to be expected. Near to it by v = (x-m)/(x+m), of which the whole is
 * (x-m) v + 2x (v^3/3 + v^5/5 + ...). */
static double deviance(double x, double m)
{
	double v = (x - m) / (x + m), sum, term;

	if (fabs(v) >= NEAR)
		return x * log(x / m) + m - x;
	sum = (x - m) * v;
	term = 2 * x * v;
	for (int i = 3; i < 200; i += 2) {
		double before = sum;

		term *= v * v;
		sum += term / i;
		if (sum == before)
			break;
	}
	return sum;
}

/* q is 1 - p and comes with it: of a p near 1 the difference has no digits left. */
static double point(int64_t trials, int64_t hits, double p, double q)
{
	double n = (double)trials, x = (double)hits;

	if (p <= 0 || q <= 0)
		return (p <= 0 ? hits == 0 : hits == trials) ? 1 : 0;
	if (hits == 0)
		return exp(n * (p < q ? log1p(-p) : log(q)));
	if (hits == trials)
		return exp(n * (q < p ? log1p(-q) : log(p)));
	double log_point = stirling_error(n) - stirling_error(x) - stirling_error(n - x) -
			   deviance(x, n * p) - deviance(n - x, n * q);
	return exp(log_point) * sqrt(n / (TAU * x * (n - x)));
}

/* P(X >= hits) above the mean: each term is less than the one before. */
static double sum_up(int64_t trials, int64_t hits, double p, double q)
{
	double odds = p / q, term = 1, sum = 1;

	for (int64_t k = hits; k < trials; k++) {
		double ratio = (double)(trials - k) / (double)(k + 1) * odds;

		term *= ratio;
		sum += term;
		/* what is left is less than a geometric row of this ratio */
		if (term * ratio < (1 - ratio) * NEGLIGIBLE * sum)
			break;
	}
	return point(trials, hits, p, q) * sum;
}

static double by_normal(double n, double hits, double p)
{
	return 0.5 * erfc((hits - 0.5 - n * p) / sqrt(2 * n * p * (1 - p)));
}

double binomial_upper(int64_t trials, int64_t hits, double p)
{
	if (trials < 0 || !(p >= 0 && p <= 1))
		return NAN;
	if (hits <= 0 || hits > trials)
		return hits <= 0;
	if (p <= 0 || p >= 1)
		return p >= 1;
	if (trials > EXACT_MOST)
		return by_normal((double)trials, (double)hits, p);
	if ((double)hits > (double)trials * p)
		return sum_up(trials, hits, p, 1 - p);
	/* the lower tail is the upper tail of what was not hit */
	return 1 - sum_up(trials, trials - hits + 1, 1 - p, p);
}

int64_t binomial_critical(int64_t trials, double p, double level)
{
	int64_t mean = (int64_t)((double)trials * p);
	int64_t step = (int64_t)sqrt((double)trials * p * (1 - p)) + 1, no = mean, yes;

	if (!(level > 0) || !(p >= 0 && p <= 1) || trials < 0)
		return trials + 1;
	while (no > 0 && binomial_upper(trials, no, p) <= level)
		no = no > step ? no - step : 0;
	for (yes = no + step; yes <= trials && binomial_upper(trials, yes, p) > level; yes += step)
		no = yes;
	if (yes > trials)
		yes = trials + 1;
	while (yes - no > 1) {
		int64_t mid = no + (yes - no) / 2;

		if (binomial_upper(trials, mid, p) <= level)
			yes = mid;
		else
			no = mid;
	}
	return yes;
}

static bool has_power(int64_t trials, double p0, double p1, double level, double power)
{
	int64_t at = binomial_critical(trials, p0, level);

	return at <= trials && binomial_upper(trials, at, p1) >= power;
}

int64_t binomial_trials(double p0, double p1, double level, double power, int64_t most)
{
	int64_t no = 0, yes = 1;

	if (!(p1 > p0))
		return -1;
	while (yes <= most && !has_power(yes, p0, p1, level, power)) {
		no = yes;
		yes *= 2;
	}
	if (yes > most)
		return -1;
	while (yes - no > 1) {
		int64_t mid = no + (yes - no) / 2;

		if (has_power(mid, p0, p1, level, power))
			yes = mid;
		else
			no = mid;
	}
	return yes;
}
