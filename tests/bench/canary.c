/*
 * canary.c - what the judge of canaries is worth: how often it catches what it should, how often it rolls back what it
 * should not, how long it takes to know, and what it costs. Counts repeat (trials.h draws the same requests every time); the
 * CPU is this thread's.
 */
#include <stdio.h>
#include <time.h>

#include "core/rules/sequential.h"
#include "tests/bench/bench.h"
#include "tests/bench/trials.h"

#define CANARIES 1000
#define MANY     10000 /* where a rate of a few in a thousand is asked for */
#define SEED     2026
#define METRICS  20
#define TURNS    200

static const double ladder[] = { 0.05, 0.25, 0.5, 1 };

/* ---- trials --------------------------------------------------------------------------------------------------------- */

struct tally {
	int pass, fail, open;  /* at the end of the first rung */
	int ladder;            /* failed in any */
	double when[CANARIES]; /* seconds until it failed in the first rung */
};

/* Asked after every sample, as the engine does. */
static struct judgement watch(const struct trial_world *w, bool early, double weight,
			      const struct canary_sample *s, double *when, struct arena *a)
{
	struct judgement j = { .verdict = VERDICT_UNKNOWN };

	for (size_t n = early ? 1 : TRIAL_LOOKS; n <= TRIAL_LOOKS; n++) {
		j = trial_verdict(w, early, weight, s, n, a);
		*when = (double)((int64_t)n * w->interval_s);
		if (j.verdict == VERDICT_FAIL)
			break;
	}
	return j;
}

static void run_ladder(const struct trial_world *w, bool early, uint64_t *seed, struct tally *t)
{
	struct canary_sample s[TRIAL_LOOKS];
	struct arena a = ARENA_INIT;
	bool failed = false;
	double when;

	for (size_t k = 0; k < countof(ladder); k++) {
		trial_rung(seed, w, ladder[k], s);
		if (k == 0) {
			enum canary_verdict v = watch(w, early, ladder[k], s, &when, &a).verdict;

			failed = v == VERDICT_FAIL;
			t->pass += v == VERDICT_PASS;
			t->open += v == VERDICT_INCONCLUSIVE;
			if (failed)
				t->when[t->fail++] = when;
		} else if (!failed) {
			/* a bound that was crossed stays crossed: the last sample knows */
			failed = trial_verdict(w, early, ladder[k], s, TRIAL_LOOKS, &a).verdict ==
				 VERDICT_FAIL;
		}
	}
	t->ladder += failed;
	arena_done(&a);
}

static void run_trials(const struct trial_world *w, bool early, struct tally *t)
{
	uint64_t seed = SEED;

	*t = (struct tally){ 0 };
	for (int i = 0; i < CANARIES; i++)
		run_ladder(w, early, &seed, t);
}

/* ---- tables --------------------------------------------------------------------------------------------------------- */

static void power_curve(struct bench *b)
{
	static const double ratios[] = { 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4 };
	static struct tally early, late, wide;
	char t[2][32];

	buf_fmt(&b->report,
		"\n| canary's errors over control's, of %d | caught in rung 1, looking early / once / early "
		"with %d metrics | caught "
		"over "
		"the ladder, early / once | seconds to catch, p50 / p95 |\n| --- | --- | --- | --- |\n",
		CANARIES, METRICS);
	for (size_t i = 0; i < countof(ratios); i++) {
		struct trial_world w = trial_world(ratios[i]);

		run_trials(&w, true, &early);
		run_trials(&w, false, &late);
		w.metrics = METRICS;
		run_trials(&w, true, &wide);
		number(percentile(early.when, (size_t)early.fail, 0.5), t[0], sizeof(t[0]));
		number(percentile(early.when, (size_t)early.fail, 0.95), t[1], sizeof(t[1]));
		buf_fmt(&b->report, "| %.2fx | %d / %d / %d | %d / %d | %s / %s |\n", ratios[i], early.fail,
			late.fail, wide.fail, early.ladder, late.ladder, early.fail ? t[0] : "-",
			early.fail ? t[1] : "-");
	}
}

/* Whoever tests every sample at one in a hundred, as if it were the only one. */
static bool naive_ladder(const struct trial_world *w, uint64_t *seed)
{
	struct canary_sample s[TRIAL_LOOKS];
	struct judge_counts sum, one;
	bool failed = false;

	for (size_t k = 0; k + 1 < countof(ladder); k++) {
		trial_rung(seed, w, ladder[k], s);
		sum = (struct judge_counts){ 0 };
		for (size_t i = 0; i < TRIAL_LOOKS; i++) {
			if (judge_counted(&s[i], true, &one))
				judge_add(&sum, &one);
			failed = failed || judge_equal(&sum) <= LADDER_ALPHA;
		}
	}
	return failed;
}

static int false_alarms(const struct trial_world *w, bool early)
{
	static struct tally t;
	uint64_t seed = SEED + 1;

	t = (struct tally){ 0 };
	for (int i = 0; i < MANY; i++) {
		t.fail = 0;
		run_ladder(w, early, &seed, &t);
	}
	return t.ladder;
}

/* One of twenty metrics is enough to roll back, and each has its own luck. */
static int side_by_side(const struct trial_world *w)
{
	static struct tally t;
	uint64_t seed = SEED + 2;
	int failed = 0;

	for (int i = 0; i < CANARIES; i++) {
		t = (struct tally){ 0 };
		for (int64_t k = 0; k < w->metrics; k++)
			run_ladder(w, true, &seed, &t);
		failed += t.ladder > 0;
	}
	return failed;
}

/* One rung, and nobody promotes: fifteen windows are begun one after the other. */
static int held(const struct trial_world *w, int64_t from, double ratio)
{
	static struct canary_sample s[CANARY_SAMPLES];
	struct trial_world quiet = *w, later = *w;
	struct judge_rung r = trial_plan(w, true, 0.05);
	struct judge_metric m = trial_metric(w);
	struct arena a = ARENA_INIT;
	uint64_t seed = SEED + 3;
	int failed = 0;

	quiet.looks = CANARY_SAMPLES;
	later.looks = CANARY_SAMPLES - from;
	later.ratio = ratio;
	for (int i = 0; i < CANARIES; i++) {
		trial_rung(&seed, &quiet, 0.05, s);
		trial_rung(&seed, &later, 0.05, s + from);
		for (int64_t k = from; k < CANARY_SAMPLES; k++)
			s[k].at.ms += from * w->interval_s * 1000;
		failed += judge_metric(&m, &r, s, CANARY_SAMPLES, s[CANARY_SAMPLES - 1].at, &a).verdict ==
			  VERDICT_FAIL;
		arena_reset(&a);
	}
	arena_done(&a);
	return failed;
}

static void equal_arms(struct bench *b)
{
	struct trial_world calm = trial_world(1), rough = calm, rare = calm, wide = calm;
	uint64_t seed = SEED + 1;
	int naive = 0;

	rough.swing = 4;
	rough.limit = CANARY_NONE_VALUE; /* over 2 % it is, and more than for a sample */
	rare.base = 0.001;
	wide.metrics = METRICS;
	for (int i = 0; i < MANY; i++)
		naive += naive_ladder(&calm, &seed);
	buf_fmt(&b->report,
		"\n| equal arms over a whole ladder, of %d | rolled back, looking early | once a rung |\n"
		"| --- | --- | --- |\n",
		MANY);
	buf_fmt(&b->report, "| 1 %% errors | %d | %d |\n", false_alarms(&calm, true),
		false_alarms(&calm, false));
	buf_fmt(&b->report, "| 0.25 to 4 %% within half a minute, both arms | %d | %d |\n",
		false_alarms(&rough, true), false_alarms(&rough, false));
	buf_fmt(&b->report, "| 0.1 %% errors | %d | %d |\n", false_alarms(&rare, true),
		false_alarms(&rare, false));
	buf_fmt(&b->report, "| 1 %% errors of %d metrics, of %d | %d | |\n", METRICS, CANARIES,
		side_by_side(&wide));
	buf_fmt(&b->report, "| 1 %% errors, one rung held for 150 minutes, of %d | %d | |\n", CANARIES,
		held(&calm, CANARY_SAMPLES, 1));
	buf_fmt(&b->report,
		"| the same, and its errors double in the last five minutes (to be rolled back) | %d | |\n",
		held(&calm, CANARY_SAMPLES - TRIAL_LOOKS, 2));
	buf_fmt(&b->report, "| 1 %%, tested at every sample without bounds | %d | |\n", naive);
}

static void little_traffic(struct bench *b)
{
	static const double rps[] = { 10, 40, 100, 150, 200, 400, 800 };
	static struct tally equal, doubled;

	buf_fmt(&b->report, "\n| requests a second, 5 %% of them for 300 s | equal arms: pass / inconclusive "
			    "/ fail | doubled: "
			    "pass / inconclusive / fail |\n| --- | --- | --- |\n");
	for (size_t i = 0; i < countof(rps); i++) {
		struct trial_world w = trial_world(1);

		w.rps = rps[i];
		run_trials(&w, true, &equal);
		w.ratio = 2;
		run_trials(&w, true, &doubled);
		buf_fmt(&b->report, "| %.0f | %d / %d / %d | %d / %d / %d |\n", rps[i], equal.pass,
			equal.open, equal.fail, doubled.pass, doubled.open, doubled.fail);
	}
}

/* ---- cost ----------------------------------------------------------------------------------------------------------- */

static int64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static double judging_us(const struct canary_sample *s, size_t n, const struct judge_rung *r)
{
	static double us[TURNS];
	const struct trial_world w = trial_world(1);
	const struct judge_metric m = trial_metric(&w);
	struct judgement each[METRICS];
	struct arena a = ARENA_INIT;

	for (size_t i = 0; i < TURNS; i++) {
		int64_t began = cpu_ns();

		for (size_t k = 0; k < METRICS; k++)
			each[k] = judge_metric(&m, r, s, n, s[n - 1].at, &a);
		judge_all(each, METRICS, &a);
		us[i] = (double)(cpu_ns() - began) / 1e3;
		arena_reset(&a);
	}
	arena_done(&a);
	return median(us, TURNS);
}

static void cost(struct bench *b)
{
	static struct canary_sample s[CANARY_SAMPLES];
	struct trial_world w = trial_world(1);
	struct judge_rung r = trial_plan(&w, true, 0.05);
	uint64_t seed = SEED;
	char t[3][32];

	w.looks = CANARY_SAMPLES;
	trial_rung(&seed, &w, 0.05, s);
	r.metrics = METRICS;
	number(judging_us(s, TRIAL_LOOKS, &r), t[0], sizeof(t[0]));
	number(judging_us(s, CANARY_SAMPLES, &r), t[1], sizeof(t[1]));
	for (size_t i = 0; i < CANARY_SAMPLES; i++) {
		s[i].canary_n *=
			5000; /* as many as a planet has, and more errors in every sample but never enough */
		s[i].control_n *= 5000;
		s[i].control_bad *= 5000;
		s[i].canary_bad = s[i].canary_n / 100 + s[i].canary_n / 390;
	}
	s[0].canary_bad = 0;
	number(judging_us(s, TRIAL_LOOKS, &r), t[2], sizeof(t[2]));
	buf_fmt(&b->report,
		"\n| judging %d metrics, us of CPU | |\n| --- | --- |\n| 10 samples, one window | %s |\n| %d "
		"samples, a rung held for 150 min | %s |\n| 10 samples of 60 million requests | %s |\n",
		METRICS, t[0], CANARY_SAMPLES, t[1], t[2]);
}

void section_canary(struct bench *b)
{
	power_curve(b);
	equal_arms(b);
	little_traffic(b);
	cost(b);
}
