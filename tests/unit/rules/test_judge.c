/* Samples in, verdict and its one line out: every kind, every way of having no number, and what may never turn a failure
 * into a pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/rules/judge.h"

#define T(name) cmocka_unit_test(name)
#define NONE    CANARY_NONE_VALUE
#define T0      INT64_C(1795262400000) /* 2026-11-21T12:00:00Z */
#define S       30
#define M(x)    ((int64_t)((x)*1e6))
#define MANY    24

static struct when at(int64_t sample)
{
	return (struct when){ T0 + sample * S * 1000 };
}

static const struct judge_rung rung = { .entered = { T0 }, .ends = { T0 + 300 * 1000 }, .interval_s = S };

/* A row of equal samples, of counts. */
static size_t counts(struct canary_sample *s, size_t n, int64_t canary_n, int64_t canary_bad,
		     int64_t control_n, int64_t control_bad)
{
	for (size_t i = 0; i < n; i++)
		s[i] = (struct canary_sample){ .lane = "gov/prod",
					       .at = at((int64_t)i + 1),
					       .state = SAMPLE_OK,
					       .control = NONE,
					       .canary = NONE,
					       .control_n = control_n,
					       .control_bad = control_bad,
					       .canary_n = canary_n,
					       .canary_bad = canary_bad,
					       .why = "" };
	return n;
}

static struct canary_sample value(int64_t i, int64_t control, int64_t canary)
{
	return (struct canary_sample){ .lane = "gov/prod",
				       .at = at(i + 1),
				       .state = canary == NONE ? SAMPLE_EMPTY : SAMPLE_OK,
				       .control = control,
				       .canary = canary,
				       .control_n = -1,
				       .control_bad = -1,
				       .canary_n = -1,
				       .canary_bad = -1,
				       .why = "" };
}

static void expect(const char *what, struct judgement j, enum canary_verdict v, const char *reason)
{
	if (j.verdict != v || !text_eq(j.reason, reason))
		fail_msg("%s: %s \"%s\"", what, names_word(&canary_verdict_names, j.verdict), j.reason);
}

/* ---- counts --------------------------------------------------------------------------------------------------------- */

static void counts_are_judged(void **state)
{
	static const struct {
		const char *what;
		int64_t canary_n, canary_bad, control_n, control_bad; /* of each sample */
		size_t n;
		int64_t limit, baseline;
		enum canary_verdict v;
		const char *reason;
	} rows[] = {
		{ "a captain's example", 1348, 31, 4122, 13, 5, M(1), 0, VERDICT_FAIL,
		  "errors 2.30% against 0.32%, limit 1.00%" },
		{ "equal arms", 600, 6, 11400, 114, 10, NONE, 0, VERDICT_PASS, "" },
		{ "equal arms, too early", 600, 6, 11400, 114, 2, NONE, 0, VERDICT_INCONCLUSIVE,
		  "not enough to see a doubling: 90 more seconds at this traffic" },
		{ "little traffic", 60, 0, 1140, 11, 4, NONE, 0, VERDICT_INCONCLUSIVE,
		  "not enough to see a doubling: 24 more minutes at this traffic" },
		{ "no requests", 0, 0, 12000, 120, 10, NONE, 0, VERDICT_INCONCLUSIVE,
		  "no requests reached the canary" },
		{ "nobody makes an error, no limit", 600, 0, 11400, 0, 10, NONE, 0, VERDICT_INCONCLUSIVE,
		  "not enough to see a doubling: 20 more minutes at this traffic" },
		{ "nobody makes an error, limit 1 %", 600, 0, 11400, 0, 10, M(1), 0, VERDICT_PASS, "" },
		{ "the same, too early", 100, 0, 1900, 0, 2, M(1), 0, VERDICT_INCONCLUSIVE,
		  "not enough to see a rise to 1.00%: 2 more minutes at this traffic" },
		{ "over the limit and control too", 600, 30, 11400, 570, 10, M(1), 0, VERDICT_FAIL,
		  "errors 5.00% against 5.00%, limit 1.00%" },
		{ "certain, but it does not matter", 6000000, 66000, 6000000, 60000, 10, NONE, 0,
		  VERDICT_PASS, "" },
		{ "a billion requests, a doubling", 1000000000, 20000000, 1000000000, 10000000, 1, NONE, 0,
		  VERDICT_FAIL, "errors 2.00% against 1.00%" },
		{ "just over the limit, a trillion requests", INT64_C(1000000000000), INT64_C(10000200000),
		  INT64_C(1000000000000), INT64_C(10000000000), 10, M(1), 0, VERDICT_FAIL,
		  "errors 1.00% against 1.00%, limit 1.00%" },
		{ "every request is bad", 600, 600, 11400, 114, 1, NONE, 0, VERDICT_FAIL,
		  "errors 100.00% against 1.00%" },
		{ "no control, no limit", 12000, 120, 0, 0, 10, NONE, 0, VERDICT_INCONCLUSIVE,
		  "no control to compare with, and no limit" },
		{ "no control, a limit that is kept", 12000, 60, 0, 0, 10, M(1), 0, VERDICT_PASS, "" },
		{ "no control, a limit that is not", 12000, 240, 0, 0, 3, M(1), 0, VERDICT_FAIL,
		  "errors 2.00%, limit 1.00%" },
		{ "no control, over the limit in two samples", 12000, 240, 0, 0, 2, M(1), 0, VERDICT_PASS,
		  "" },
		{ "no control, what is normal is known", 12000, 240, 0, 0, 9, NONE, 10000,
		  VERDICT_INCONCLUSIVE, "no control to compare with, and no limit" },
		{ "what is normal is known, and rarer", 600, 3, 11400, 57, 10, NONE, 2000,
		  VERDICT_INCONCLUSIVE, "not enough to see a doubling: 8 more minutes at this traffic" },
		{ "a hundredth of control is none", 12000, 120, 100, 0, 10, NONE, 0, VERDICT_INCONCLUSIVE,
		  "no control to compare with, and no limit" },
		{ "limit of nought", 600, 1, 11400, 0, 3, M(0), 0, VERDICT_FAIL,
		  "errors 0.17% against 0.00%, limit 0.00%" },
	};
	struct canary_sample s[MANY];
	autofree(arena) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct judge_metric m = { "errors", "%",   "errors",        rows[i].limit,
					  true,     false, rows[i].baseline };
		size_t n = counts(s, rows[i].n, rows[i].canary_n, rows[i].canary_bad, rows[i].control_n,
				  rows[i].control_bad);

		expect(rows[i].what, judge_metric(&m, &rung, s, n, at((int64_t)n), &a), rows[i].v,
		       rows[i].reason);
	}
}

static void a_limit_in_requests_slower_than(void **state)
{
	struct judge_metric m = { "p95", "ms", "latency", M(250), true, false, 0 };
	struct canary_sample s[MANY];
	autofree(arena) struct arena a = ARENA_INIT;
	size_t n = counts(s, 3, 2000, 200, 38000, 1900);

	(void)state;
	expect("slower", judge_metric(&m, &rung, s, n, at(3), &a), VERDICT_FAIL,
	       "p95 slower than 250 ms: 10.00% against 5.00%");
	n = counts(s, 3, 2000, 100, 38000, 1900);
	expect("the same", judge_metric(&m, &rung, s, n, at(3), &a), VERDICT_PASS, "");
	n = counts(s, 10, 600, 0, 11400, 11);
	expect("hardly any is slow", judge_metric(&m, &rung, s, n, at(10), &a), VERDICT_PASS, "");
	n = counts(s, 3, 2000, 100, 38000, 1900);
	for (size_t i = 0; i < n; i++)
		s[i].canary = M(260.5);
	struct judgement j = judge_metric(&m, &rung, s, n, at(3), &a);
	assert_int_equal(j.bad, 3);
	expect("the quantile itself", j, VERDICT_FAIL, "p95 260.50 ms over 250 ms in 3 of 3 samples");
	/* all of the traffic: nobody to compare with, and the limit goes on */
	struct judge_rung whole = rung;
	whole.alone = true;
	n = counts(s, 4, 12000, 600, -1, -1);
	for (size_t i = 0; i < n; i++)
		s[i].canary = M(200);
	expect("100 %", judge_metric(&m, &whole, s, n, at(4), &a), VERDICT_PASS, "");
	expect("100 %, too early", judge_metric(&m, &whole, s, 2, at(2), &a), VERDICT_INCONCLUSIVE,
	       "not enough samples: 30 more seconds");
}

static void numbers_of_a_verdict(void **state)
{
	struct judge_metric m = { "errors", "%", "errors", NONE, true, false, 0 };
	struct canary_sample s[MANY];
	autofree(arena) struct arena a = ARENA_INIT;
	struct judgement j = judge_metric(&m, &rung, s, counts(s, 3, 600, 6, 11400, 114), at(3), &a);

	(void)state;
	assert_string_equal(j.name, "errors");
	assert_int_equal(j.bound_ppm, 125); /* 1 % over 4 rungs, half of it over 10 looks */
	assert_int_equal(j.p_ppm, 1000000);
	assert_int_equal(j.enough_in_s, 60);
	/* every number that it gives is shared out: 20 metrics, both tests */
	struct judge_rung r = rung;
	r.metrics = 20;
	r.rungs = 5;
	m.limit = M(2);
	j = judge_metric(&m, &r, s, 3, at(3), &a);
	assert_int_equal(j.bound_ppm, 2);
}

/* ---- what is missing ------------------------------------------------------------------------------------------------ */

static void spoil(struct canary_sample *s, enum sample_state how, const char *why)
{
	s->state = (int)how;
	s->why = why;
	s->canary = s->control = NONE;
	s->canary_n = s->canary_bad = s->control_n = s->control_bad = -1;
}

static void missing_samples_count_against_the_canary(void **state)
{
	static const struct {
		const char *what;
		const char *missing; /* x: this sample has no number */
		int64_t late;        /* intervals since the newest sample */
		int64_t canary_bad;
		enum canary_verdict v;
		const char *reason;
		int64_t bad, silent;
	} rows[] = {
		{ "all there", "..........", 0, 6, VERDICT_PASS, "", 0, 0 },
		{ "two old ones", "xx........", 0, 6, VERDICT_PASS, "", 0, 0 },
		{ "the newest", ".........x", 0, 6, VERDICT_INCONCLUSIVE,
		  "the newest sample has no number: HTTP 503", 1, 1 },
		{ "two of five", "......xx..", 0, 6, VERDICT_PASS, "", 2, 0 },
		{ "three of five", "......xxx.", 0, 6, VERDICT_INCONCLUSIVE,
		  "3 of the newest 5 samples have no number", 3, 0 },
		{ "two in a row", "........xx", 0, 6, VERDICT_INCONCLUSIVE,
		  "the newest sample has no number: HTTP 503", 2, 2 },
		{ "three in a row: numbers are too old", ".......xxx", 0, 6, VERDICT_INCONCLUSIVE,
		  "no sample since 3 intervals: HTTP 503", 3, 3 },
		{ "all of them", "xxxxxxxxxx", 0, 6, VERDICT_INCONCLUSIVE,
		  "no sample since 10 intervals: HTTP 503", 5, 10 },
		{ "nobody took one", "..........", 3, 6, VERDICT_INCONCLUSIVE, "no sample since 3 intervals",
		  0, 0 },
		{ "two intervals are not too old", "..........", 2, 6, VERDICT_PASS, "", 0, 0 },
		{ "a failure, and then the newest", ".........x", 0, 30, VERDICT_FAIL,
		  "errors 5.00% against 1.00%", 1, 1 },
		{ "a failure, and then nothing: not to be acted upon", ".......xxx", 0, 30,
		  VERDICT_INCONCLUSIVE,
		  "no sample since 3 intervals: HTTP 503; before that errors 5.00% against 1.00%", 3, 3 },
	};
	struct judge_metric m = { "errors", "%", "errors", NONE, true, false, 0 };
	autofree(arena) struct arena a = ARENA_INIT;
	struct canary_sample s[MANY];

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		size_t n = counts(s, 10, 600, rows[i].canary_bad, 11400, 114);

		for (size_t k = 0; k < n; k++)
			if (rows[i].missing[k] == 'x')
				spoil(&s[k], SAMPLE_ERROR, "HTTP 503");
		struct judgement j = judge_metric(&m, &rung, s, n, at(10 + rows[i].late), &a);
		expect(rows[i].what, j, rows[i].v, rows[i].reason);
		if (j.bad != rows[i].bad || j.silent != rows[i].silent || j.of != 5)
			fail_msg("%s: %" PRId64 "/%" PRId64 ", silent %" PRId64, rows[i].what, j.bad, j.of,
				 j.silent);
	}
}

static void before_the_first_sample(void **state)
{
	struct judge_metric m = { "errors", "%", "errors", NONE, true, false, 0 };
	autofree(arena) struct arena a = ARENA_INIT;

	(void)state;
	expect("entered now", judge_metric(&m, &rung, NULL, 0, at(0), &a), VERDICT_INCONCLUSIVE,
	       "no sample yet");
	expect("long ago", judge_metric(&m, &rung, NULL, 0, at(4), &a), VERDICT_INCONCLUSIVE,
	       "no sample since 4 intervals");
	m.kind = "vibes";
	expect("a kind that nobody knows", judge_metric(&m, &rung, NULL, 0, at(0), &a), VERDICT_INCONCLUSIVE,
	       "nobody can judge the kind vibes");
}

static void no_state_but_ok_is_a_number(void **state)
{
	static const enum sample_state states[] = { SAMPLE_EMPTY, SAMPLE_NAN, SAMPLE_STALE, SAMPLE_PARTIAL,
						    SAMPLE_ERROR };
	struct judge_metric m = { "errors", "%", "errors", NONE, true, false, 0 };
	autofree(arena) struct arena a = ARENA_INIT;
	struct canary_sample s[MANY];

	(void)state;
	for (size_t i = 0; i < countof(states); i++) {
		size_t n = counts(s, 10, 600, 600, 11400, 114);

		for (size_t k = 0; k < n; k++)
			s[k].state = (int)states[i]; /* the counts still stand in it: nobody may take them */
		assert_int_equal(judge_metric(&m, &rung, s, n, at(10), &a).verdict, VERDICT_INCONCLUSIVE);
	}
}

static void counts_that_cannot_be_are_none(void **state)
{
	static const struct {
		const char *what;
		int64_t canary_n, canary_bad, control_n, control_bad;
		bool number;
	} rows[] = {
		{ "as they should be", 600, 6, 11400, 114, true },
		{ "a counter that was reset", 600, -4, 11400, 114, false },
		{ "requests that were reset", -600, 6, 11400, 114, false },
		{ "more bad than there are", 600, 700, 11400, 114, false },
		{ "bad ones of nothing", 0, 3, 11400, 114, false },
		{ "one more by rounding", 600, 601, 11400, 114, true },
		{ "control has none", 600, 6, -1, -1, false },
		{ "control is nonsense", 600, 6, 100, 500, false },
		{ "only bad is missing", 600, -1, 11400, 114, false },
		{ "more than a planet has", INT64_MAX, 6, 11400, 114, false },
		{ "... of control", 600, 6, INT64_MAX, INT64_MAX, false },
	};
	struct judge_counts c;
	struct canary_sample s;

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		counts(&s, 1, rows[i].canary_n, rows[i].canary_bad, rows[i].control_n, rows[i].control_bad);
		if (judge_counted(&s, false, &c) != rows[i].number)
			fail_msg("%s", rows[i].what);
		if (rows[i].number)
			assert_true(c.canary_bad <= c.canary_n);
	}
	counts(&s, 1, 600, 6, -1, -1);
	assert_true(judge_counted(&s, true, &c) && c.control_n == 0);
}

/* ---- looks ---------------------------------------------------------------------------------------------------------- */

static void a_bound_that_was_crossed_stays_crossed(void **state)
{
	struct judge_metric m = { "errors", "%", "errors", NONE, true, false, 0 };
	autofree(arena) struct arena a = ARENA_INIT;
	struct canary_sample s[MANY];

	(void)state;
	counts(s, 10, 600, 0, 11400, 114);
	counts(s, 3, 600, 24, 11400, 114); /* begins with three times, then nothing at all */
	expect("at the end", judge_metric(&m, &rung, s, 10, at(10), &a), VERDICT_FAIL,
	       "errors 4.00% against 1.00%");
}

static void a_rung_that_is_held_begins_anew(void **state)
{
	struct judge_metric m = { "errors", "%", "errors", NONE, true, false, 0 };
	autofree(arena) struct arena a = ARENA_INIT;
	static struct canary_sample s[300];

	(void)state;
	counts(s, 300, 600, 6, 11400, 114);
	assert_int_equal(judge_metric(&m, &rung, s, 300, at(300), &a).verdict, VERDICT_PASS);
	/* after 145 minutes of quiet it doubles for five: of all 180,000 requests that is 1.03 %, of these 6,000 it is 2 % */
	for (size_t i = 290; i < 300; i++)
		s[i].canary_bad = 12;
	expect("late", judge_metric(&m, &rung, s, 300, at(300), &a), VERDICT_FAIL,
	       "errors 2.00% against 1.00%");
	/* the same when the oldest are no longer kept */
	expect("trimmed", judge_metric(&m, &rung, s + 100, 200, at(300), &a), VERDICT_FAIL,
	       "errors 2.00% against 1.00%");
}

/* ---- values --------------------------------------------------------------------------------------------------------- */

static void a_limit_is_broken_by_three_of_five(void **state)
{
	static const struct {
		const char *what, *values; /* each: . kept, # over, x missing */
		bool higher;
		enum canary_verdict v;
		const char *reason;
	} rows[] = {
		{ "kept", ".....", true, VERDICT_PASS, "" },
		{ "two of five", "#...#", true, VERDICT_PASS, "" },
		{ "three of five", "#.#.#", true, VERDICT_FAIL, "cpu 90% over 80% in 3 of 5 samples" },
		{ "three, and it stays broken", "#.##.", true, VERDICT_FAIL,
		  "cpu 90% over 80% in 3 of 4 samples" },
		{ "long after", ".#.#.#......", true, VERDICT_FAIL, "cpu 90% over 80% in 3 of 5 samples" },
		{ "two and a missing one", "#x..#", true, VERDICT_FAIL,
		  "cpu 90% over 80% in 2 of 5 samples, and there are missing ones" },
		{ "one and two missing ones", "xx..#", true, VERDICT_PASS, "" },
		{ "old ones do not count", "##.....#.#", true, VERDICT_PASS, "" },
		{ "silence alone", "xxxxx", true, VERDICT_INCONCLUSIVE, "no sample since 5 intervals" },
		{ "the newest is missing", "##..x", true, VERDICT_INCONCLUSIVE,
		  "the newest sample has no number: no data" },
		{ "broken before it was missing", "####x", true, VERDICT_FAIL,
		  "cpu 90% over 80% in 4 of 4 samples" },
		{ "two samples", "..", true, VERDICT_INCONCLUSIVE, "not enough samples: 30 more seconds" },
		{ "lower is worse", "#.#.#", false, VERDICT_FAIL, "cpu 70% under 80% in 3 of 5 samples" },
		{ "lower is worse, kept", ".....", false, VERDICT_PASS, "" },
	};
	autofree(arena) struct arena a = ARENA_INIT;
	struct canary_sample s[MANY];

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct judge_metric m = { "cpu", "%", "gauge", M(80), rows[i].higher, false, 0 };
		size_t n = strlen(rows[i].values);

		for (size_t k = 0; k < n; k++) {
			char c = rows[i].values[k];
			bool high = (c == '#') == rows[i].higher;

			s[k] = value((int64_t)k, M(50), c == 'x' ? NONE : high ? M(90) : M(70));
		}
		expect(rows[i].what, judge_metric(&m, &rung, s, n, at((int64_t)n), &a), rows[i].v,
		       rows[i].reason);
	}
}

static void raw_values_are_ranked_and_averages_never(void **state)
{
	static const struct {
		const char *what;
		bool raw, higher;
		int64_t control, canary, step; /* step: between neighbours */
		size_t n;
		enum canary_verdict v;
		const char *reason;
	} rows[] = {
		{ "twice as high", true, true, M(20), M(40), M(0.1), 10, VERDICT_FAIL,
		  "queue 40.35 against 20.35 in 8 samples" },
		{ "an average has no spread", false, true, M(20), M(40), M(0.1), 10, VERDICT_INCONCLUSIVE,
		  "no limit, and averages cannot be compared" },
		{ "higher, but it does not matter", true, true, M(40), M(43), M(0.1), 10, VERDICT_PASS, "" },
		{ "the same, all ties", true, true, M(20), M(20), 0, 10, VERDICT_PASS, "" },
		{ "lower is better", true, true, M(40), M(20), M(0.1), 10, VERDICT_PASS, "" },
		{ "lower is worse", true, false, M(40), M(20), M(0.1), 10, VERDICT_FAIL,
		  "queue 20.35 against 40.35 in 8 samples" },
		{ "infinity", true, true, M(20), INT64_MAX - 10, 1, 10, VERDICT_FAIL,
		  "queue 9223372036854.78 against 20 in 8 samples" },
		{ "too few to tell", true, true, M(20), M(40), M(0.1), 5, VERDICT_INCONCLUSIVE,
		  "not enough samples: 90 more seconds" },
	};
	autofree(arena) struct arena a = ARENA_INIT;
	struct canary_sample s[MANY];

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct judge_metric m = { "queue", "", "gauge", NONE, rows[i].higher, rows[i].raw, 0 };

		for (size_t k = 0; k < rows[i].n; k++)
			s[k] = value((int64_t)k, rows[i].control + (int64_t)k * rows[i].step,
				     rows[i].canary + (int64_t)k * rows[i].step);
		expect(rows[i].what, judge_metric(&m, &rung, s, rows[i].n, at((int64_t)rows[i].n), &a),
		       rows[i].v, rows[i].reason);
	}
}

static void errors_without_counts_have_only_their_limit(void **state)
{
	struct judge_metric m = { "5xx", "/min", "errors", M(2), true, false, 0 };
	autofree(arena) struct arena a = ARENA_INIT;
	struct canary_sample s[MANY];

	(void)state;
	for (int64_t k = 0; k < 5; k++)
		s[k] = value(k, M(0.4), M(3.8));
	expect("over", judge_metric(&m, &rung, s, 5, at(5), &a), VERDICT_FAIL,
	       "5xx 3.80 /min over 2 /min in 5 of 5 samples");
	m.limit = NONE;
	expect("nothing to go by", judge_metric(&m, &rung, s, 5, at(5), &a), VERDICT_INCONCLUSIVE,
	       "no limit, and averages cannot be compared");
}

/* ---- properties ----------------------------------------------------------------------------------------------------- */

static uint64_t next(uint64_t *x)
{
	*x ^= *x << 13, *x ^= *x >> 7, *x ^= *x << 17;
	return *x;
}

/* One more error of the canary, in any sample: what failed still fails. */
static void more_errors_never_save_a_canary(void **state)
{
	struct judge_metric m = { "errors", "%", "errors", NONE, true, false, 0 };
	struct canary_sample s[MANY];
	uint64_t seed = 88172645463325252u;
	int failed = 0;

	(void)state;
	for (int round = 0; round < 400; round++) {
		autofree(arena) struct arena a = ARENA_INIT;
		size_t n = 1 + next(&seed) % 14;

		m.limit = next(&seed) % 2 ? M(2) : NONE;
		for (size_t i = 0; i < n; i++) {
			counts(&s[i], 1, (int64_t)(50 + next(&seed) % 600), 0, (int64_t)(next(&seed) % 12000),
			       0);
			s[i].at = at((int64_t)i + 1);
			s[i].canary_bad = (int64_t)(next(&seed) % 13);
			s[i].control_bad = s[i].control_n / 100;
			if (next(&seed) % 8 == 0)
				spoil(&s[i], SAMPLE_EMPTY, "");
		}
		bool before = judge_metric(&m, &rung, s, n, at((int64_t)n), &a).verdict == VERDICT_FAIL;
		struct canary_sample *more = &s[next(&seed) % n];
		if (more->state == SAMPLE_OK)
			more->canary_bad++;
		bool after = judge_metric(&m, &rung, s, n, at((int64_t)n), &a).verdict == VERDICT_FAIL;
		if (before && !after)
			fail_msg("round %d: one more error saved it", round);
		failed += after;
	}
	assert_in_range(failed, 40, 360);
}

/* Arms of one size that change places: never does the test say of both that they are the worse one. */
static void arms_are_symmetric(void **state)
{
	uint64_t seed = 4101842887655102017u;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		int64_t n = (int64_t)(1 + next(&seed) % 5000), x = (int64_t)(next(&seed) % (uint64_t)(n + 1)),
			y = (int64_t)(next(&seed) % (uint64_t)(n + 1));
		struct judge_counts c = { n, x, n, y }, swapped = { n, y, n, x };
		double p = judge_equal(&c), q = judge_equal(&swapped);

		assert_true(p >= 0 && p <= 1 && q >= 0 && q <= 1);
		assert_true(p > 0.5 || q > 0.5);
		assert_true((x > y ? p <= q : x < y ? q <= p : p >= q));
	}
}

/* ---- all of them ---------------------------------------------------------------------------------------------------- */

static void the_worst_speaks_for_all(void **state)
{
	static const struct judgement pass = { .name = "cpu", .verdict = VERDICT_PASS, .reason = "" };
	static const struct judgement open = {
		.name = "p95", .verdict = VERDICT_INCONCLUSIVE, .reason = "no sample yet", .enough_in_s = 90
	};
	static const struct judgement never = { .name = "x",
						.verdict = VERDICT_UNKNOWN,
						.reason = "not judged" };
	static const struct judgement bad = { .name = "errors",
					      .verdict = VERDICT_FAIL,
					      .reason = "errors 2.00% against 1.00%" };
	const struct {
		struct judgement each[3];
		size_t n;
		enum canary_verdict v;
		const char *reason;
	} rows[] = {
		{ { pass, pass }, 2, VERDICT_PASS, "" },
		{ { pass, open, pass }, 3, VERDICT_INCONCLUSIVE, "p95: no sample yet" },
		{ { pass, never }, 2, VERDICT_INCONCLUSIVE, "x: not judged" },
		{ { open, bad, pass }, 3, VERDICT_FAIL, "errors 2.00% against 1.00%" },
		{ { bad, open, bad }, 3, VERDICT_FAIL, "errors 2.00% against 1.00% (and 1 more)" },
		{ { pass }, 0, VERDICT_INCONCLUSIVE, "no metric is judged" },
	};
	autofree(arena) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct judgement j = judge_all(rows[i].each, rows[i].n, &a);

		expect(rows[i].reason, j, rows[i].v, rows[i].reason);
		assert_string_equal(j.name, "");
	}
	assert_int_equal(judge_all(rows[1].each, 3, &a).enough_in_s, 90);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(counts_are_judged),
		T(a_limit_in_requests_slower_than),
		T(numbers_of_a_verdict),
		T(missing_samples_count_against_the_canary),
		T(before_the_first_sample),
		T(no_state_but_ok_is_a_number),
		T(counts_that_cannot_be_are_none),
		T(a_bound_that_was_crossed_stays_crossed),
		T(a_rung_that_is_held_begins_anew),
		T(a_limit_is_broken_by_three_of_five),
		T(raw_values_are_ranked_and_averages_never),
		T(errors_without_counts_have_only_their_limit),
		T(more_errors_never_save_a_canary),
		T(arms_are_symmetric),
		T(the_worst_speaks_for_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
