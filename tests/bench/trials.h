/*
 * trials.h - simulated canaries for the judge: every request is drawn, so that what is measured owes nothing to the
 * distribution that the judge assumes. Seeded; the same canaries every time. Shared by bench and the unit test.
 */
#pragma once

#include <math.h>

#include "core/rules/judge.h"

#define TRIAL_LOOKS 10
#define TRIAL_T0    INT64_C(1795262400000) /* 2026-11-21T12:00:00Z */

/* Issue 5's numbers are what trial_world() gives; the limit is twice what is normal, 2 %. */
struct trial_world {
	double rps, base, ratio; /* requests a second of both arms; bad share; canary's share over it */
	double swing; /* base goes up and down by this factor, from sample to sample, in both arms */
	int64_t interval_s, looks;
	int64_t limit;   /* as struct judge_metric has it */
	int64_t metrics; /* judged side by side */
};

static inline struct trial_world trial_world(double ratio)
{
	return (struct trial_world){ 400, 0.01, ratio, 1, 30, TRIAL_LOOKS, 2 * CANARY_SCALE, 1 };
}

/* splitmix64 */
static inline double trial_uniform(uint64_t *seed)
{
	uint64_t z = (*seed += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	return ((double)(z >> 11) + 0.5) / 9007199254740992.0;
}

/* Bad ones of n requests: the gaps between them are geometric. */
static inline int64_t trial_bad(uint64_t *seed, int64_t n, double p)
{
	double gap = log1p(-p), at = 0;
	int64_t bad = 0;

	if (p <= 0)
		return 0;
	while ((at += floor(log(trial_uniform(seed)) / gap) + 1) <= (double)n)
		bad++;
	return bad;
}

/* The samples of one rung that carries `weight` of the traffic. */
static inline void trial_rung(uint64_t *seed, const struct trial_world *w, double weight,
			      struct canary_sample *out)
{
	int64_t all = (int64_t)(w->rps * (double)w->interval_s);

	for (int64_t i = 0; i < w->looks; i++) {
		int64_t n = (int64_t)((double)all * weight + 0.5);
		double base = w->base * pow(w->swing, 2 * trial_uniform(seed) - 1);

		out[i] = (struct canary_sample){
			.lane = "gov/prod",
			.at = { TRIAL_T0 + (i + 1) * w->interval_s * 1000 },
			.state = SAMPLE_OK,
			.control = CANARY_NONE_VALUE,
			.canary = CANARY_NONE_VALUE,
			.canary_n = n,
			.canary_bad = trial_bad(seed, n, fmin(1, base * w->ratio)),
			.control_n = all - n,
			.control_bad = trial_bad(seed, all - n, base),
			.why = "",
		};
	}
}

static inline struct judge_metric trial_metric(const struct trial_world *w)
{
	return (struct judge_metric){
		.name = "errors",
		.unit = "%",
		.kind = "errors",
		.limit = w->limit,
		.higher_is_worse = true,
	};
}

static inline struct judge_rung trial_plan(const struct trial_world *w, bool early, double weight)
{
	return (struct judge_rung){
		.entered = { TRIAL_T0 },
		.ends = { TRIAL_T0 + w->looks * w->interval_s * 1000 },
		.interval_s = w->interval_s,
		.looks = early ? w->looks : 1,
		.rungs = 4,
		.metrics = w->metrics,
		.alone = weight >= 1,
	};
}

/* The verdict at the sample `n`, as it would have been heard then. */
static inline struct judgement trial_verdict(const struct trial_world *w, bool early, double weight,
					     const struct canary_sample *s, size_t n, struct arena *a)
{
	struct judge_rung r = trial_plan(w, early, weight);
	struct judge_metric m = trial_metric(w);

	return judge_metric(&m, &r, s, n, s[n - 1].at, a);
}
