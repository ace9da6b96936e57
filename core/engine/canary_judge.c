/*
 * canary_judge.c - the book of a canary through core/rules/judge.h: each metric by the samples of this rung, all together,
 * and what it has cost since it began.
 */
#include "core/engine/canary.h"

#include "core/rules/judge.h"

static int64_t decimal(const char *text, int64_t otherwise)
{
	int64_t v = 0;

	return text && canary_value(&v, text) == 0 ? v : otherwise;
}

static struct judge_metric terms_of(const struct canary_metric *row, const struct profile_metric *m)
{
	return (struct judge_metric){
		.name = row->name,
		.unit = row->unit,
		.kind = row->kind,
		.limit = row->limit,
		.higher_is_worse = m->worse == WORSE_HIGHER,
		.raw = m->raw,
		.baseline_ppm = decimal(m->baseline, 0), /* a share in millionths is in ppm */
	};
}

/* Of one metric, not before `from`. */
static size_t samples_of(const struct canary_book *book, int64_t metric, struct when from,
			 struct canary_sample *out)
{
	size_t n = 0;

	vec_each (s, &book->samples)
		if (s->metric == metric && when_diff(s->at, from) > 0)
			out[n++] = *s;
	return n;
}

static struct judge_rung rung_of(const struct canary_book *book, const struct profile_canary *c)
{
	const struct canary *row = &book->row;
	int64_t looks = c->window_s / c->interval_s;

	return (struct judge_rung){ .entered = row->started,
				    .ends = row->ends,
				    .interval_s = c->interval_s,
				    .looks = looks > 0 ? looks : 1,
				    .rungs = (int64_t)book->rungs.n,
				    .metrics = (int64_t)book->metrics.n,
				    .alone = canary_is_alone(row) };
}

#define SHARE_LEAST_BP 100 /* a percent point is no difference, whatever is set */

/* What was set and what the meter sees are never merged, but a canary with another share than its rung's says nothing of that
 * rung: its window is not used up by it. Not before the meter's own interval lies in the rung. */
static bool share_differs(const struct canary *row, int64_t interval_s, struct when now)
{
	int64_t off = row->seen_bp > row->set_bp ? row->seen_bp - row->set_bp : row->set_bp - row->seen_bp;

	return row->set_bp >= 0 && row->seen_bp >= 0 && when_known(row->started) &&
	       when_diff(now, row->started) > 2 * interval_s * 1000 && off > SHARE_LEAST_BP &&
	       off * 3 > row->set_bp;
}

static struct judgement judge_share(const struct canary *row, struct arena *a)
{
	return (struct judgement){ .name = "share",
				   .verdict = VERDICT_INCONCLUSIVE,
				   .reason = arena_printf(a,
							  "%" PRId64 ".%02" PRId64 "%% is set, %" PRId64
							  ".%02" PRId64 "%% is seen",
							  row->set_bp / 100, row->set_bp % 100,
							  row->seen_bp / 100, row->seen_bp % 100),
				   .p_ppm = -1,
				   .bound_ppm = -1,
				   .enough_in_s = -1 };
}

static int64_t objective_ppm(const struct profile_canary *c)
{
	return c->budget ? decimal(c->budget->objective, 0) / 100 : 0;
}

/* All samples of the first metric that counts errors, since the canary began. */
static size_t errors_of(const struct canary_book *book, const struct profile_canary *c,
			struct canary_sample *out)
{
	for (size_t i = 0; i < c->metrics.n; i++)
		if (c->metrics.items[i].kind == METRIC_ERRORS)
			return samples_of(book, (int64_t)i, WHEN_NONE, out);
	return 0;
}

static struct judge_cost cost_of(const struct profile_canary *c, const struct canary_sample *errors, size_t n)
{
	struct judge_cost none = { -1, -1, -1 };

	return n ? judge_cost(errors, n, objective_ppm(c), c->budget ? c->budget->window_d * 86400 : 0)
		 : none;
}

/* What the newest sample added to what stood there: samples before the oldest that is kept have cost something too. */
static int64_t grown(int64_t stood, int64_t before, int64_t now)
{
	return stood < 0 || before < 0 || now < 0 ? now : stood + (now > before ? now - before : 0);
}

static void judge_costs(struct canary_book *book, const struct profile_canary *c,
			const struct canary_sample *errors, size_t n)
{
	struct judge_cost cost = cost_of(c, errors, n);
	struct canary *row = &book->row;

	if (n > CANARY_SAMPLES) {
		struct judge_cost before = cost_of(c, errors, n - 1);

		cost.exposed = grown(row->exposed, before.exposed, cost.exposed);
		cost.extra_errors = grown(row->extra_errors, before.extra_errors, cost.extra_errors);
		cost.budget_ppm = grown(row->budget_ppm, before.budget_ppm, cost.budget_ppm);
	}
	row->exposed = cost.exposed;
	row->extra_errors = cost.extra_errors;
	row->budget_ppm = c->budget ? cost.budget_ppm : -1;
}

/* A limit that was named and was not read is kept by nobody. What fails without it fails. */
static void judge_limit(struct judgement *j, const struct canary_metric *row, const struct profile_metric *m,
			struct arena *a)
{
	if (j->verdict != VERDICT_PASS || !m->limit_file || row->limit != CANARY_NONE_VALUE)
		return;
	j->verdict = VERDICT_INCONCLUSIVE;
	j->reason = arena_printf(a, "its limit is not known: %s of %s",
				 m->limit_pointer ? m->limit_pointer : "", m->limit_file);
	j->enough_in_s = -1;
}

static void judge_one(struct canary_metric *row, const struct judgement *j)
{
	row->verdict = (int)j->verdict;
	row->reason = j->reason;
	row->bad = j->bad;
	row->of = j->of;
}

bool canary_judge(struct canary_book *book, const struct profile_canary *c, struct when now, struct arena *a)
{
	struct canary_sample *room = arena_array(a, struct canary_sample, book->samples.n + 1);
	struct judgement *each = arena_array(a, struct judgement, book->metrics.n + 3), all;
	struct judge_rung rung = rung_of(book, c);
	bool silent = true;
	size_t n = 0, errors;

	for (; n < book->metrics.n && n < c->metrics.n; n++) {
		struct canary_metric *row = &book->metrics.items[n];
		struct judge_metric terms = terms_of(row, &c->metrics.items[n]);
		size_t samples = samples_of(book, (int64_t)n, rung.entered, room);

		each[n] = judge_metric(&terms, &rung, room, samples, now, a);
		judge_limit(&each[n], row, &c->metrics.items[n], a);
		judge_one(row, &each[n]);
		silent = silent && each[n].silent > 0;
	}
	errors = errors_of(book, c, room);
	if (errors && c->budget)
		each[n++] = judge_burn("error budget", room, errors, c->interval_s, objective_ppm(c), now, a);
	if (share_differs(&book->row, c->interval_s, now))
		each[n++] = judge_share(&book->row, a);
	all = judge_all(each, n, a);
	book->row.verdict = (int)all.verdict;
	book->row.reason = all.reason;
	judge_costs(book, c, room, errors);
	return silent;
}
