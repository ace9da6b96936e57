/*
 * judge.h - samples in, verdict out. Pure: no clock, no cache, no network.
 *
 * A metric is judged by its kind. `errors` and `latency` have counts (requests, and those that were bad: an error, or
 * slower than the limit): canary against control by an exact binomial test given the total, made safe for being looked at
 * after every sample by sequential bounds over the rung, and against the limit itself. `gauge` has values only: Mann-Whitney
 * over raw samples when the source has them (never over averages), and the limit. A sample without a number counts against
 * the canary. Below the least number of requests that could show a doubling the verdict is inconclusive and says how long
 * until there are enough at this traffic.
 */
#pragma once

#include "base/arena.h"
#include "core/model/canary.h"

struct judge_metric {
	const char *name, *unit;
	const char *kind;     /* errors latency gauge */
	int64_t limit;        /* millionths of the unit; CANARY_NONE_VALUE: none */
	bool higher_is_worse; /* false: lower is */
	bool raw;             /* gauge: each sample is one observation, not an average */
	int64_t baseline_ppm; /* errors, latency: bad share that is normal, for the least sample; 0: control's own */
};
struct judge_rung {
	struct when entered, ends;
	int64_t interval_s; /* between samples */
	int64_t looks;      /* planned looks in the rung, for the sequential bound */
};
struct judgement {
	enum canary_verdict verdict;
	const char *reason; /* one line, in the arena; "" when it passes */
	int64_t bad, of;    /* of the newest samples of the rung, at most 5 */
	int64_t p_ppm;      /* probability under equal arms, -1 not computed */
	int64_t bound_ppm;  /* what it had to be below at this look, -1 */
	int64_t enough_in_s; /* seconds until a doubling could be seen at this traffic; 0 there are enough, -1 not known */
	int64_t missing; /* samples of the rung without a number */
};
/* Of one metric over the samples of this rung, oldest first. */
struct judgement judge_metric(const struct judge_metric *m, const struct judge_rung *r,
			      const struct canary_sample *samples, size_t n, struct when now,
			      struct arena *a);
/* Of all together: any fail fails; else any inconclusive is inconclusive; else pass. The reason is that of the worst. No
 * metric at all is inconclusive. */
struct judgement judge_all(const struct judgement *each, size_t n, struct arena *a);

struct judge_cost {
	int64_t exposed, extra_errors; /* -1 unknown */
	int64_t budget_ppm;            /* of the error budget of its window, -1 unknown */
};
/* objective_ppm: good share promised (999000); window_s: of the budget (30 days); budget_requests: requests that window
 * would have at the total rate seen. */
struct judge_cost judge_cost(const struct canary_sample *errors, size_t n, int64_t objective_ppm,
			     int64_t window_s);
