#include "core/rules/binomial.h"
#include "core/rules/judge.h"

#include <math.h>

#define PPM 1e6

/* ---- cost ----------------------------------------------------------------------------------------------------------- */

/* Seconds that so many of the samples stand for: the mean distance of all, so that a gap makes traffic less and the budget
 * smaller, never the cost. 0: not known of fewer than two. */
static double covered_s(const struct canary_sample *s, size_t n, size_t counted)
{
	return n < 2 ? 0 : (double)when_diff(s[n - 1].at, s[0].at) / 1000 / (double)(n - 1) * (double)counted;
}

static int64_t whole(double v)
{
	return v < 0 ? 0 : v >= 9e18 ? INT64_MAX : (int64_t)llround(v);
}

struct judge_cost judge_cost(const struct canary_sample *errors, size_t n, int64_t objective_ppm,
			     int64_t window_s)
{
	struct judge_cost cost = { -1, -1, -1 };
	struct judge_counts sum = { 0 }, one;
	double extra = 0, seconds, allowed;
	bool compared = true;
	size_t counted = 0;

	for (size_t i = 0; i < n; i++) {
		if (!judge_counted(&errors[i], true, &one))
			continue;
		counted++;
		judge_add(&sum, &one);
		const struct judge_counts *c = one.control_n ? &one : &sum;
		if (c->control_n)
			extra += (double)one.canary_bad -
				 (double)one.canary_n * (double)c->control_bad / (double)c->control_n;
		else if (one.canary_n)
			compared = false;
	}
	if (!counted)
		return cost;
	cost.exposed = sum.canary_n;
	if (!compared)
		return cost;
	cost.extra_errors = whole(extra);
	seconds = covered_s(errors, n, counted);
	if (objective_ppm <= 0 || objective_ppm >= (int64_t)PPM || window_s <= 0 || !(seconds > 0))
		return cost;
	allowed = (double)(sum.canary_n + sum.control_n) / seconds * (double)window_s *
		  (PPM - (double)objective_ppm) / PPM;
	if (allowed > 0)
		cost.budget_ppm = whole(fmax(extra, 0) / allowed * PPM);
	return cost;
}

/* ---- burn rate ------------------------------------------------------------------------------------------------------ */

static const struct pair {
	int64_t long_s, short_s;
	double rate;
	const char *over; /* both, in words */
} pairs[] = {
	{ 3600, 300, 14.4, "1h and 5m" },
	{ 6 * 3600, 1800, 6, "6h and 30m" },
	{ 3 * 86400, 6 * 3600, 1, "3d and 6h" },
};

struct span {
	struct judge_counts sum;
	double coverage; /* of the window, by samples that have numbers */
};

static struct span span_of(const struct canary_sample *s, size_t n, int64_t window_s, int64_t interval_s,
			   struct when now)
{
	struct span out = { 0 };
	struct judge_counts one;
	size_t counted = 0;

	for (size_t i = n; i-- > 0 && when_diff(now, s[i].at) < window_s * 1000;) {
		if (!judge_counted(&s[i], true, &one))
			continue;
		counted++;
		judge_add(&out.sum, &one);
	}
	out.coverage = fmin(1, (double)counted * (double)interval_s / (double)window_s);
	return out;
}

static double burn(int64_t bad, int64_t n, const struct span *s, double allowed)
{
	return n > 0 ? (double)bad / (double)n * s->coverage / allowed : 0;
}

/* Long and short; the slower of the two counts. */
static double burns(const struct span w[2], double allowed, bool control)
{
	double rates[2];

	for (int i = 0; i < 2; i++)
		rates[i] = control ? burn(w[i].sum.control_bad, w[i].sum.control_n, &w[i], allowed)
				   : burn(w[i].sum.canary_bad, w[i].sum.canary_n, &w[i], allowed);
	return fmin(rates[0], rates[1]);
}

static void judge_pair(struct judgement *j, const struct pair *p, const struct span w[2], double allowed,
		       struct arena *a)
{
	double canary = burns(w, allowed, false);
	double equal = judge_has_control(&w[0].sum) ? judge_equal(&w[0].sum) : 0;

	if (canary < p->rate)
		return;
	j->p_ppm = (int64_t)(equal * PPM);
	j->bound_ppm = (int64_t)(BURN_LEVEL * PPM);
	if (equal <= BURN_LEVEL) {
		j->verdict = VERDICT_FAIL;
		j->reason = arena_printf(a, "%s burns %.1fx too fast over %s, limit %.1fx", j->name, canary,
					 p->over, p->rate);
		return;
	}
	j->verdict = VERDICT_INCONCLUSIVE;
	j->reason = arena_printf(a, "burns %.1fx too fast over %s, control's %.1fx: not the canary alone",
				 canary, p->over, burns(w, allowed, true));
}

struct judgement judge_burn(const char *name, const struct canary_sample *errors, size_t n,
			    int64_t interval_s, int64_t objective_ppm, struct when now, struct arena *a)
{
	struct judgement j = {
		.name = name, .reason = "", .p_ppm = -1, .bound_ppm = -1, .verdict = VERDICT_PASS
	};
	double allowed = 1 - (double)objective_ppm / PPM;

	if (objective_ppm <= 0 || objective_ppm >= (int64_t)PPM || interval_s <= 0) {
		j.verdict = VERDICT_INCONCLUSIVE;
		j.reason = "no objective says how many errors are allowed";
		return j;
	}
	for (size_t i = 0; i < countof(pairs) && j.verdict != VERDICT_FAIL; i++) {
		const struct span w[2] = {
			span_of(errors, n, pairs[i].long_s, interval_s, now),
			span_of(errors, n, pairs[i].short_s, interval_s, now),
		};

		judge_pair(&j, &pairs[i], w, allowed, a);
	}
	return j;
}
