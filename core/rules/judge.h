/*
 * judge.h - samples in, verdict out. Pure: no clock, no cache, no network.
 *
 * A metric is judged by its kind. `errors` and `latency` have counts (requests, and those that were bad: an error, or
 * slower than the limit). Canary against control is an exact binomial test given the total: under equal arms the canary's
 * bad ones are Binomial(all bad ones, its share of the requests), whatever the rate is and however it moves, as long as
 * both arms have it. It is made safe for being looked at after every sample (rules/sequential.h). What is told apart for
 * certain but is worse by less than a quarter does not matter (Kayenta's tolerance). A limit that is a share ("%", "ratio")
 * is tested by the same tail, and 3 of the newest 5 samples must be over it: errors that come and go in both arms, half a
 * minute at a time, are no breach, whereas against control they never look like one. `gauge` has values only: Mann-Whitney
 * over raw samples where the source has them (never over averages), and the limit, by 3 of the newest 5. Limits of latency, and of errors in another unit, are judged so too.
 * Counts that a metric should have and never has leave it a gauge.
 *
 * A rung that failed has failed: a bound that was crossed stays crossed, and a limit that was broken by 3 of 5 samples stays
 * broken, whatever comes after.
 *
 * Samples without a number (not SAMPLE_OK, or counts that cannot be: a counter that was reset, more bad than there are)
 * count against the canary. They are bad ones in "3/5"; the newest one without a number, or three of the newest five, make
 * the verdict inconclusive, which holds the gate as a failure does; nothing that came before passes then. They never make
 * it fail alone: of the three bad samples of a limit at most one may be missing, and the newest must be a number.
 * `silent` says how many are missing in a row, for a guard that was told to treat silence as a breach. Numbers of which the
 * newest is older than two intervals are not to be acted upon: even a failure is inconclusive then.
 *
 * Below the least number of requests at which the test sees a doubling in four of five cases (exact power at the bound of
 * one look), the verdict is inconclusive and says how long until there are enough at this traffic. Where a doubling would
 * still be below the limit, a rise to the limit stands in its place: a captain who allowed 1 % does not wait a day for
 * 0.002 %. Without a limit errors rarer than 0.1 % count as 0.1 % for this, and slow requests rarer than 1 % as 1 %.
 *
 * What is counted must be independent. One client that tries again fifty times is fifty errors of one arm, and no test of
 * counts can know better: leave repetitions out in the query.
 */
#pragma once

#include "base/arena.h"
#include "core/model/canary.h"

struct judge_metric {
	const char *name, *unit;
	const char *kind;     /* errors latency gauge */
	int64_t limit;        /* millionths of the unit; CANARY_NONE_VALUE: none */
	bool higher_is_worse; /* false: lower is; of a gauge */
	bool raw;             /* gauge: each sample is one observation, not an average */
	int64_t baseline_ppm; /* errors, latency: bad share that is normal, for the least sample; 0: control's own */
};
struct judge_rung {
	struct when entered, ends; /* ends: of the planned window, also when the rung is held longer */
	int64_t interval_s;        /* between samples */
	int64_t looks;             /* planned in the window, for the sequential bound; 0: one an interval */
	int64_t rungs;             /* of the ladder, which share its chance of a false alarm; 0: 4 */
	int64_t metrics;           /* judged side by side, which share it too; 0: 1 */
	bool alone;                /* all of the traffic: there is no control, and it is not missed */
};
struct judgement {
	const char *name; /* of the metric; "" of all together */
	enum canary_verdict verdict;
	const char *reason; /* one line, in the arena; "" when it passes */
	int64_t bad, of;    /* of the newest samples of the rung, at most 5: over the limit, or missing */
	int64_t p_ppm;      /* probability under equal arms, -1 not computed */
	int64_t bound_ppm;  /* what it had to be below at this look, -1 */
	int64_t enough_in_s; /* seconds until a doubling could be seen at this traffic; 0 there are enough, -1 not
				known */
	int64_t missing;     /* samples of the rung without a number */
	int64_t silent;      /* ... of which the newest in a row */
};
/* Of one metric over the samples of this rung, oldest first. Strings of m are borrowed. */
struct judgement judge_metric(const struct judge_metric *m, const struct judge_rung *r,
			      const struct canary_sample *samples, size_t n, struct when now,
			      struct arena *a);
/* Of all together: any fail fails; else any inconclusive is inconclusive; else pass. The reason is that of the worst, with
 * the metric's name. No metric at all is inconclusive. */
struct judgement judge_all(const struct judgement *each, size_t n, struct arena *a);

/* ---- the error budget (judge_cost.c) ------------------------------------------------------------------------------ */

struct judge_cost {
	int64_t exposed, extra_errors; /* -1 unknown */
	int64_t budget_ppm;            /* of the error budget of its window, -1 unknown */
};
/* All samples of the canary's errors, oldest first, of every rung. Extra are those above control's rate at the same time
 * (where there is no control any more, above its rate until then), never below 0. objective_ppm: good share promised
 * (999000); window_s: of the budget (30 days), whose size is what the objective allows at the total traffic seen. */
struct judge_cost judge_cost(const struct canary_sample *errors, size_t n, int64_t objective_ppm,
			     int64_t window_s);

/*
 * Several windows' burn rate (Google, "The Site Reliability Workbook", chapter 5, table 5-8: 14.4 over 1 h and 5 min, 6
 * over 6 h and 30 min, 1 over 3 d and 6 h): how many times too fast the budget would be spent if all traffic had the
 * canary's errors. Both windows of a pair must be over. Time without samples counts as time without errors, so that what is
 * told is the least that was burnt: half a minute of errors does not burn an hour's worth.
 * Fails when control does not burn likewise (exact test over the long window at BURN_LEVEL: three pairs at every sample of
 * a ladder of 20 minutes are 1.2 false alarms in a thousand). When both arms burn it is not the canary, but no time to go on
 * either: inconclusive. All samples of the canary, of every rung. name begins the line: "error budget".
 */
#define BURN_LEVEL 1e-5
struct judgement judge_burn(const char *name, const struct canary_sample *errors, size_t n,
			    int64_t interval_s, int64_t objective_ppm, struct when now, struct arena *a);

/* ---- shared by both files ------------------------------------------------------------------------------------------- */

struct judge_counts {
	int64_t canary_n, canary_bad, control_n, control_bad;
};
/* Counts of a sample that can be relied on. alone: control may be without. */
bool judge_counted(const struct canary_sample *s, bool alone, struct judge_counts *out);
void judge_add(struct judge_counts *sum, const struct judge_counts *one);
/* Enough of control to compare with: a hundredth of the canary's requests. */
bool judge_has_control(const struct judge_counts *c);
/* P(at least so many bad ones of the canary) under equal arms; 1 when it is worse by less than a quarter. */
double judge_equal(const struct judge_counts *c);
