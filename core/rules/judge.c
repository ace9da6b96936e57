#include "core/rules/judge.h"

#include "base/text.h"
#include "core/rules/binomial.h"
#include "core/rules/ranks.h"
#include "core/rules/sequential.h"

#include <math.h>

#define NEWEST        5    /* samples of "3/5" */
#define BAD_FAIL      3    /* ... of which so many over the limit fail */
#define MISSING_MOST  1    /* ... of which at most so many missing ones */
#define STALE         2    /* intervals: numbers older than this are not to be relied on */
#define INTERVAL      30   /* seconds, where a rung tells none */
#define MATTERS       1.25 /* Kayenta's Mann-Whitney classifier: tolerance 0.25 */
#define CONTROL_LEAST 0.01 /* of the canary's requests: less control than this is none */
#define POWER         0.8  /* Cohen's convention */
#define TRIALS_MOST   10000000
#define COUNT_MOST    INT64_C(1000000000000) /* of one sample: more is nonsense, and sums stay whole numbers */
#define PPM           1e6

/* rare: a rate below this counts as this when it is asked how much a doubling takes. What is slower than a quantile's limit
 * is one in a hundred before anybody minds. */
static const struct kind {
	const char *word;
	bool counts;
	double rare;
} kinds[] = { { "errors", true, 0.001 }, { "latency", true, 0.01 }, { "gauge", false, 0 } };

struct court {
	const struct judge_metric *m;
	const struct kind *kind; /* NULL: not known */
	const struct judge_rung *r;
	const struct canary_sample *s;
	size_t n;
	struct sequence plan;
	int64_t interval_s, look_ms;
	struct when entered;
	bool counts; /* judged by counts; else by values */
	struct arena *a;
};

/* ---- samples -------------------------------------------------------------------------------------------------------- */

/* A rate that was extrapolated may be over the whole by its rounding; more than that is nonsense. */
static bool is_sane(int64_t n, int64_t *bad)
{
	if (n < 0 || n > COUNT_MOST || *bad < 0 || *bad > n + n / 100 + (n > 0))
		return false;
	if (*bad > n)
		*bad = n;
	return true;
}

bool judge_counted(const struct canary_sample *s, bool alone, struct judge_counts *out)
{
	struct judge_counts c = { s->canary_n, s->canary_bad, s->control_n, s->control_bad };

	if (alone && (c.control_n < 0 || c.control_bad < 0))
		c.control_n = c.control_bad = 0;
	if (s->state != SAMPLE_OK || !is_sane(c.canary_n, &c.canary_bad) ||
	    !is_sane(c.control_n, &c.control_bad))
		return false;
	*out = c;
	return true;
}

void judge_add(struct judge_counts *sum, const struct judge_counts *one)
{
	sum->canary_n += one->canary_n;
	sum->canary_bad += one->canary_bad;
	sum->control_n += one->control_n;
	sum->control_bad += one->control_bad;
}

static double rate(int64_t bad, int64_t n)
{
	return n > 0 ? (double)bad / (double)n : 0;
}

static bool has_number(const struct court *c, const struct canary_sample *s)
{
	struct judge_counts counts;

	if (c->counts)
		return judge_counted(s, c->r->alone, &counts);
	return s->state == SAMPLE_OK && s->canary != CANARY_NONE_VALUE;
}

/* The limit as a share of requests; negative: it is none. */
static double limit_share(const struct judge_metric *m)
{
	if (m->limit == CANARY_NONE_VALUE || !text_eq(m->kind, "errors"))
		return -1;
	if (text_eq(m->unit, "%"))
		return (double)m->limit / PPM / 100;
	return !m->unit || !*m->unit || text_eq(m->unit, "ratio") ? (double)m->limit / PPM : -1;
}

static bool is_over(const struct court *c, const struct canary_sample *s)
{
	struct judge_counts counts;
	double share = limit_share(c->m);

	if (c->m->limit == CANARY_NONE_VALUE || !has_number(c, s))
		return false;
	if (c->counts && share >= 0 && judge_counted(s, c->r->alone, &counts))
		return rate(counts.canary_bad, counts.canary_n) > share;
	if (s->canary == CANARY_NONE_VALUE)
		return false;
	return c->counts || c->m->higher_is_worse ? s->canary > c->m->limit : s->canary < c->m->limit;
}

static void count_samples(const struct court *c, struct judgement *j)
{
	for (size_t i = 0; i < c->n; i++) {
		bool missing = !has_number(c, &c->s[i]);

		j->missing += missing;
		j->silent = missing ? j->silent + 1 : 0;
		if (i + NEWEST >= c->n) {
			j->of++;
			j->bad += missing || is_over(c, &c->s[i]);
		}
	}
}

/* Looks are counted from 1 by the time of a sample, give or take half an interval, so that a sample that is a little early
 * is still its own look, and one that was never taken leaves its look out. */
static int64_t look_of(const struct court *c, const struct canary_sample *s)
{
	int64_t since = when_diff(s->at, c->entered);

	return since < 0 ? 0 : (since + c->interval_s * 500) / c->look_ms;
}

/* ---- words ---------------------------------------------------------------------------------------------------------- */

static const char *share_words(double share, struct arena *a)
{
	double percent = share * 100;

	return arena_printf(a, percent >= 0.1 || percent <= 0 ? "%.2f%%" : "%.4f%%", percent);
}

static const char *value_words(int64_t v, const char *unit, struct arena *a)
{
	double x = (double)v / PPM;
	const char *gap = !unit || !*unit || text_eq(unit, "%") ? "" : " ";

	return arena_printf(a, fabs(x - round(x)) < 0.005 ? "%.0f%s%s" : "%.2f%s%s", x, gap,
			    unit ? unit : "");
}

static const char *wait_words(int64_t s, struct arena *a)
{
	static const struct {
		int64_t unit, below;
		const char *word;
	} units[] = { { 1, 90, "second" },
		      { 60, 90 * 60, "minute" },
		      { 3600, 48 * 3600, "hour" },
		      { 86400, INT64_MAX, "day" } };
	size_t i = 0;

	while (s > units[i].below)
		i++;
	int64_t many = (s + units[i].unit - 1) / units[i].unit;
	return arena_printf(a, "%" PRId64 " more %s%s", many, units[i].word, many == 1 ? "" : "s");
}

static void say(struct judgement *j, enum canary_verdict verdict, const char *reason)
{
	j->verdict = verdict;
	j->reason = reason;
}

/* ---- what is missing ------------------------------------------------------------------------------------------------ */

static const char *missing_words(const struct court *c, const struct judgement *j)
{
	const struct canary_sample *last = &c->s[c->n - 1];
	int64_t missing = 0;

	if (j->silent)
		return arena_printf(c->a, "the newest sample has no number: %s",
				    last->why && *last->why       ? last->why
				    : last->state == SAMPLE_OK    ? "its counts cannot be"
				    : last->state == SAMPLE_NAN   ? "no traffic"
				    : last->state == SAMPLE_EMPTY ? "no data"
								  : "not to be relied on");
	for (size_t i = c->n > NEWEST ? c->n - NEWEST : 0; i < c->n; i++)
		missing += !has_number(c, &c->s[i]);
	if (missing >= BAD_FAIL)
		return arena_printf(c->a, "%" PRId64 " of the newest %" PRId64 " samples have no number",
				    missing, j->of);
	return NULL;
}

/* Older than it may be; the failure that was seen until then is told and not relied on. */
static void judge_age(const struct court *c, struct judgement *j, struct when now)
{
	struct when newest = c->entered;
	const char *why = NULL;
	int64_t intervals;

	for (size_t i = 0; i < c->n; i++)
		if (has_number(c, &c->s[i]))
			newest = c->s[i].at;
	intervals = when_diff(now, newest) / 1000 / c->interval_s;
	if (when_diff(now, newest) <= STALE * 1000 * c->interval_s)
		return;
	if (j->silent)
		why = c->s[c->n - 1].why;
	say(j, VERDICT_INCONCLUSIVE,
	    arena_printf(c->a, "no sample since %" PRId64 " intervals%s%s%s%s", intervals,
			 why && *why ? ": " : "", why && *why ? why : "",
			 j->verdict == VERDICT_FAIL ? "; before that " : "",
			 j->verdict == VERDICT_FAIL ? j->reason : ""));
}

/* ---- the limit, by samples ------------------------------------------------------------------------------------------ */

/* At sample i. NULL: it is kept. */
static const char *limit_broken_at(const struct court *c, size_t i)
{
	size_t from = i + 1 > NEWEST ? i + 1 - NEWEST : 0;
	int64_t over = 0, missing = 0;

	for (size_t k = from; k <= i; k++) {
		over += is_over(c, &c->s[k]);
		missing += !has_number(c, &c->s[k]);
	}
	if (!is_over(c, &c->s[i]) || over + missing < BAD_FAIL || over < BAD_FAIL - MISSING_MOST)
		return NULL;
	return arena_printf(c->a, "%s %s %s %s in %" PRId64 " of %zu samples%s", c->m->name,
			    value_words(c->s[i].canary, c->m->unit, c->a),
			    c->counts || c->m->higher_is_worse ? "over" : "under",
			    value_words(c->m->limit, c->m->unit, c->a), over, i + 1 - from,
			    missing ? ", and there are missing ones" : "");
}

/* At any look of the rung: a limit that was broken stays broken, as a bound that was crossed does. */
static const char *limit_broken(const struct court *c)
{
	const char *why = NULL;

	for (size_t i = c->n; i-- > 0 && !why;)
		why = limit_broken_at(c, i);
	return why;
}

/* ---- counts --------------------------------------------------------------------------------------------------------- */

bool judge_has_control(const struct judge_counts *c)
{
	return c->control_n > 0 && (double)c->control_n >= CONTROL_LEAST * (double)c->canary_n;
}

static bool matters(const struct judge_counts *c, double normal)
{
	return rate(c->canary_bad, c->canary_n) >= MATTERS * normal;
}

double judge_equal(const struct judge_counts *c)
{
	double share = rate(c->canary_n, c->canary_n + c->control_n);

	if (!matters(c, rate(c->control_bad, c->control_n)))
		return 1;
	return binomial_upper(c->canary_bad + c->control_bad, c->canary_bad, share);
}

/* Over the limit in three of the newest five samples up to sample i: a burst of half a minute is none. */
static bool is_lasting(const struct court *c, size_t i)
{
	int over = 0;

	for (size_t k = i + 1 > NEWEST ? i + 1 - NEWEST : 0; k <= i; k++)
		over += is_over(c, &c->s[k]);
	return over >= BAD_FAIL;
}

/* The least of what the tests say at sample i, of which each has its part of the level. *tests: how many they are. */
static double improbable(const struct court *c, const struct judge_counts *sum, size_t i, int *tests)
{
	double p = 1, limit = limit_share(c->m);

	*tests = 0;
	if (judge_has_control(sum)) {
		++*tests;
		p = judge_equal(sum);
	}
	if (limit >= 0) {
		++*tests;
		if (rate(sum->canary_bad, sum->canary_n) > limit && is_lasting(c, i))
			p = fmin(p, binomial_upper(sum->canary_n, sum->canary_bad, limit));
	}
	return p;
}

static const char *counts_words(const struct court *c, const struct judge_counts *sum)
{
	bool slow = text_eq(c->m->kind, "latency"), limit = c->m->limit != CANARY_NONE_VALUE;
	const char *head = c->m->name, *against = "", *bound = "";

	if (slow && limit)
		head = arena_printf(c->a, "%s slower than %s:", head,
				    value_words(c->m->limit, c->m->unit, c->a));
	if (judge_has_control(sum))
		against = arena_printf(c->a, " against %s",
				       share_words(rate(sum->control_bad, sum->control_n), c->a));
	if (limit && !slow)
		bound = arena_printf(c->a, ", limit %s",
				     limit_share(c->m) >= 0 ? share_words(limit_share(c->m), c->a)
							    : value_words(c->m->limit, c->m->unit, c->a));
	return arena_printf(c->a, "%s %s%s%s", head, share_words(rate(sum->canary_bad, sum->canary_n), c->a),
			    against, bound);
}

/* Every look of the rung again, because a bound that was crossed stays crossed. Fills *all with the sums of the rung. */
static void look_at_counts(const struct court *c, struct judgement *j, struct judge_counts *all)
{
	struct judge_counts sum = { 0 }, one;
	int64_t before = 0, window = 0;

	for (size_t i = 0; i < c->n && j->verdict != VERDICT_FAIL; i++) {
		int64_t look = look_of(c, &c->s[i]);
		int tests;

		if (sequence_window(&c->plan, look) > window) {
			window = sequence_window(&c->plan, look);
			sum = (struct judge_counts){ 0 };
		}
		if (!judge_counted(&c->s[i], c->r->alone, &one))
			continue;
		judge_add(&sum, &one);
		judge_add(all, &one);
		if (look <= before)
			continue;
		double p = improbable(c, &sum, i, &tests);
		if (!tests)
			continue;
		double level = sequence_level(&c->plan, before, look) / tests;
		before = look;
		j->p_ppm = (int64_t)(p * PPM);
		j->bound_ppm = (int64_t)(level * PPM);
		if (p <= level)
			say(j, VERDICT_FAIL, counts_words(c, &sum));
	}
}

struct rise {
	double from, to;
	double requests; /* of the canary, to see it; negative: no number is enough */
};

/* How many requests of the canary it takes to see the rise that matters, with control at hand or a rate to go by. */
static struct rise least_rise(const struct court *c, const struct judge_counts *all)
{
	double limit = limit_share(c->m), level = sequence_level(&c->plan, 0, 1);
	double share = rate(all->canary_n, all->canary_n + all->control_n), trials;
	bool control = judge_has_control(all);
	struct rise r = { .from = (double)c->m->baseline_ppm / PPM };

	if (r.from <= 0)
		r.from = !control           ? limit
			 : all->control_bad ? rate(all->control_bad, all->control_n)
					    : 0.5 / (double)(all->control_n + 1);
	if (limit <= 0)
		r.from = fmax(r.from, c->kind->rare);
	r.to = fmin(fmax(2 * r.from, limit), 1);
	if (limit >= 0 && control)
		level /= 2;
	if (!control) {
		r.requests = (double)binomial_trials(r.from, r.to, level, POWER, TRIALS_MOST);
		return r;
	}
	double times = r.to / r.from;
	trials = (double)binomial_trials(share, share * times / (share * times + 1 - share), level, POWER,
					 TRIALS_MOST);
	/* so many bad ones of both arms are to be expected of so many requests */
	r.requests = trials < 0 ? trials : trials / (r.to + r.from * (1 - share) / share);
	return r;
}

static void judge_enough(const struct court *c, struct judgement *j, const struct judge_counts *all)
{
	struct rise r = least_rise(c, all);
	const char *what = r.to > 2.001 * r.from ? arena_printf(c->a, "a rise to %s", share_words(r.to, c->a))
						 : "a doubling";
	int64_t numbers = (int64_t)c->n - j->missing;

	if (r.requests < 0) {
		j->enough_in_s = -1;
		say(j, VERDICT_INCONCLUSIVE, arena_printf(c->a, "control cannot show %s", what));
		return;
	}
	if ((double)all->canary_n >= r.requests) {
		say(j, VERDICT_PASS, "");
		return;
	}
	j->enough_in_s =
		(int64_t)ceil((r.requests / (double)all->canary_n - 1) * (double)(numbers * c->interval_s));
	say(j, VERDICT_INCONCLUSIVE,
	    arena_printf(c->a, "not enough to see %s: %s at this traffic", what,
			 wait_words(j->enough_in_s, c->a)));
}

/* Of what has no test but its limit: passes once there were samples enough to break it. */
static void judge_few(const struct court *c, struct judgement *j, int64_t wanted)
{
	int64_t numbers = (int64_t)c->n - j->missing;

	j->enough_in_s = numbers < wanted ? (wanted - numbers) * c->interval_s : 0;
	if (numbers < wanted)
		say(j, VERDICT_INCONCLUSIVE,
		    arena_printf(c->a, "not enough samples: %s", wait_words(j->enough_in_s, c->a)));
	else
		say(j, VERDICT_PASS, "");
}

static void judge_by_counts(const struct court *c, struct judgement *j)
{
	struct judge_counts all = { 0 };
	const char *broken = limit_share(c->m) < 0 ? limit_broken(c) : NULL, *missing;

	look_at_counts(c, j, &all);
	if (j->verdict == VERDICT_FAIL)
		return;
	if (broken) {
		say(j, VERDICT_FAIL, broken);
		return;
	}
	j->enough_in_s = -1;
	missing = missing_words(c, j);
	if (missing)
		say(j, VERDICT_INCONCLUSIVE, missing);
	else if (!all.canary_n)
		say(j, VERDICT_INCONCLUSIVE, "no requests reached the canary");
	else if (!judge_has_control(&all) && c->m->limit == CANARY_NONE_VALUE)
		say(j, VERDICT_INCONCLUSIVE, "no control to compare with, and no limit");
	else if (!judge_has_control(&all) && limit_share(c->m) < 0)
		judge_few(c, j, BAD_FAIL);
	else {
		j->enough_in_s = 0;
		judge_enough(c, j, &all);
	}
}

/* ---- values --------------------------------------------------------------------------------------------------------- */

static int by_value(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return (a > b) - (a < b);
}

/* Sorts them. */
static double median_of(int64_t *v, size_t n)
{
	size_t low = n ? (n - 1) / 2 : 0, high = n / 2;

	qsort(v, n, sizeof(*v), by_value);
	return n ? ((double)v[low] + (double)v[high]) / 2 : 0;
}

static int64_t whole(double v)
{
	return v >= 9.2e18 ? INT64_MAX : v <= -9.2e18 ? -INT64_MAX : (int64_t)v;
}

/* The arms of samples from..to, each value that is there; worse is higher in what comes out. */
struct arms {
	int64_t *canary, *control;
	size_t m, n;
};

static struct arms arms_of(const struct court *c, size_t from, size_t to)
{
	struct arms v = { .canary = arena_array(c->a, int64_t, to - from + 1),
			  .control = arena_array(c->a, int64_t, to - from + 1) };
	int64_t sign = c->m->higher_is_worse ? 1 : -1;

	for (size_t i = from; i <= to; i++) {
		if (!has_number(c, &c->s[i]))
			continue;
		v.canary[v.m++] = sign * c->s[i].canary;
		if (c->s[i].control != CANARY_NONE_VALUE)
			v.control[v.n++] = sign * c->s[i].control;
	}
	return v;
}

static void test_ranks(const struct court *c, struct judgement *j, struct arms v, double level)
{
	struct ranks r = ranks_higher(v.canary, v.m, v.control, v.n, c->a);
	double canary = median_of(v.canary, v.m), control = median_of(v.control, v.n);
	int64_t sign = c->m->higher_is_worse ? 1 : -1;

	j->p_ppm = (int64_t)(r.p * PPM);
	j->bound_ppm = (int64_t)(level * PPM);
	if (r.p <= level && canary - control >= (MATTERS - 1) * fabs(control))
		say(j, VERDICT_FAIL,
		    arena_printf(c->a, "%s %s against %s in %zu samples", c->m->name,
				 value_words(sign * whole(canary), c->m->unit, c->a),
				 value_words(sign * whole(control), c->m->unit, c->a), v.m));
}

static void look_at_ranks(const struct court *c, struct judgement *j)
{
	int64_t before = 0, window = 0;
	size_t from = 0;

	for (size_t i = 0; i < c->n && j->verdict != VERDICT_FAIL; i++) {
		int64_t look = look_of(c, &c->s[i]);

		if (sequence_window(&c->plan, look) > window) {
			window = sequence_window(&c->plan, look);
			from = i;
		}
		if (look <= before || !has_number(c, &c->s[i]))
			continue;
		test_ranks(c, j, arms_of(c, from, i), sequence_level(&c->plan, before, look));
		before = look;
	}
}

/* Samples until the arms could show that one of them is wholly above the other; of a limit, until it could be broken. */
static int64_t samples_wanted(const struct court *c)
{
	int64_t least = c->m->limit == CANARY_NONE_VALUE ? 1 : BAD_FAIL;

	while (c->m->raw && ranks_least((size_t)least, (size_t)least) > sequence_level(&c->plan, 0, 1))
		least++;
	return least;
}

static void judge_by_values(const struct court *c, struct judgement *j)
{
	bool limit = c->m->limit != CANARY_NONE_VALUE;
	const char *broken = limit_broken(c), *missing;
	struct arms all = arms_of(c, 0, c->n - 1);

	if (c->m->raw)
		look_at_ranks(c, j);
	if (j->verdict == VERDICT_FAIL)
		return;
	if (broken) {
		say(j, VERDICT_FAIL, broken);
		return;
	}
	missing = missing_words(c, j);
	j->enough_in_s = -1;
	if (missing)
		say(j, VERDICT_INCONCLUSIVE, missing);
	else if (!limit && (!c->m->raw || !all.n))
		say(j, VERDICT_INCONCLUSIVE,
		    c->m->raw ? "no control to compare with, and no limit"
			      : "no limit, and averages cannot be compared");
	else
		judge_few(c, j, samples_wanted(c));
}

/* ---- one metric ----------------------------------------------------------------------------------------------------- */

static bool has_counts(const struct canary_sample *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i].canary_n >= 0 || s[i].canary_bad >= 0)
			return true;
	/* before the first number nobody knows; a kind that should have counts is taken at its word */
	for (size_t i = 0; i < n; i++)
		if (s[i].canary != CANARY_NONE_VALUE)
			return false;
	return true;
}

static struct court open_court(const struct judge_metric *m, const struct judge_rung *r,
			       const struct canary_sample *s, size_t n, struct arena *a)
{
	struct court c = { .m = m, .r = r, .s = s, .n = n, .a = a, .entered = r->entered };
	int64_t window_ms = when_diff(r->ends, r->entered);

	for (size_t i = 0; i < countof(kinds); i++)
		if (text_eq(m->kind, kinds[i].word))
			c.kind = &kinds[i];
	c.interval_s = r->interval_s > 0 ? r->interval_s : INTERVAL;
	if (!when_known(c.entered) && n)
		c.entered = (struct when){ s[0].at.ms - c.interval_s * 1000 };
	c.plan = (struct sequence){ .looks = r->looks, .rungs = r->rungs, .metrics = r->metrics };
	if (!when_known(r->entered) || !when_known(r->ends) || window_ms < c.interval_s * 1000)
		window_ms = c.interval_s * 1000 * (r->looks > 0 ? r->looks : 1);
	if (c.plan.looks <= 0)
		c.plan.looks = window_ms / (c.interval_s * 1000);
	c.look_ms = window_ms / c.plan.looks;
	if (c.look_ms < 1)
		c.look_ms = 1;
	return c;
}

struct judgement judge_metric(const struct judge_metric *m, const struct judge_rung *r,
			      const struct canary_sample *samples, size_t n, struct when now, struct arena *a)
{
	struct court c = open_court(m, r, samples, n, a);
	struct judgement j = { .name = m->name, .reason = "", .p_ppm = -1, .bound_ppm = -1 };
	const struct kind *kind = c.kind;

	c.counts = kind && kind->counts && has_counts(samples, n);
	count_samples(&c, &j);
	if (!kind || !n) {
		j.enough_in_s = -1;
		say(&j, VERDICT_INCONCLUSIVE,
		    kind ? "no sample yet" : arena_printf(a, "nobody can judge the kind %s", m->kind));
	} else if (c.counts) {
		judge_by_counts(&c, &j);
	} else {
		judge_by_values(&c, &j);
	}
	if (kind && when_known(c.entered))
		judge_age(&c, &j, now);
	return j;
}

/* ---- all of them ---------------------------------------------------------------------------------------------------- */

static int rank(enum canary_verdict v)
{
	switch (v) {
	case VERDICT_PASS:
		return 0;
	case VERDICT_UNKNOWN:
	case VERDICT_INCONCLUSIVE:
		return 1;
	case VERDICT_FAIL:
		return 2;
	}
	return 1;
}

struct judgement judge_all(const struct judgement *each, size_t n, struct arena *a)
{
	struct judgement all = { .name = "", .reason = "", .p_ppm = -1, .bound_ppm = -1 };
	const struct judgement *worst = NULL;
	int64_t longest = 0;
	size_t like = 0;

	for (size_t i = 0; i < n; i++) {
		if (!worst || rank(each[i].verdict) > rank(worst->verdict)) {
			worst = &each[i];
			like = 0;
		}
		like += rank(each[i].verdict) == rank(worst->verdict);
		if (each[i].enough_in_s < 0)
			longest = -1;
		else if (longest >= 0 && each[i].enough_in_s > longest)
			longest = each[i].enough_in_s;
	}
	if (!worst) {
		all.enough_in_s = -1;
		say(&all, VERDICT_INCONCLUSIVE, "no metric is judged");
		return all;
	}
	all = *worst;
	all.name = "";
	all.enough_in_s = longest;
	if (rank(worst->verdict) == 0)
		return all;
	if (worst->verdict != VERDICT_FAIL)
		say(&all, VERDICT_INCONCLUSIVE, arena_printf(a, "%s: %s", worst->name, worst->reason));
	if (like > 1)
		all.reason = arena_printf(a, "%s (and %zu more)", all.reason, like - 1);
	return all;
}
