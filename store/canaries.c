#include "store/canaries.h"

static int put_rungs(struct store *s, const struct canary_book *book, struct err *e)
{
	struct key key = { .name = book->row.lane, .number = (int64_t)book->rungs.n };
	int64_t ordinal = 0;
	int r = store_run(s, Q_canary_rungs_forget, &rec_key, &key, e);

	vec_each (rung, &book->rungs) {
		struct canary_rung row = *rung;

		row.lane = book->row.lane;
		row.ordinal = ++ordinal;
		if (r >= 0)
			r = store_run(s, Q_canary_rung_put, &rec_canary_rung, &row, e);
	}
	return r;
}

static int put_metrics(struct store *s, const struct canary_book *book, struct err *e)
{
	struct key key = { .name = book->row.lane, .number = (int64_t)book->metrics.n };
	int64_t ordinal = 0;
	int r = store_run(s, Q_canary_metrics_forget, &rec_key, &key, e);

	vec_each (metric, &book->metrics) {
		struct canary_metric row = *metric;

		row.lane = book->row.lane;
		row.ordinal = ordinal++;
		if (r >= 0)
			r = store_run(s, Q_canary_metric_put, &rec_canary_metric, &row, e);
	}
	return r;
}

int store_canary_put(struct store *s, const struct canary_book *book, struct err *e)
{
	int r = store_run(s, Q_canary_put, &rec_canary, &book->row, e);

	if (r >= 0)
		r = put_rungs(s, book, e);
	return r < 0 ? r : put_metrics(s, book, e);
}

int store_canary_samples_add(struct store *s, const char *lane, const struct canary_sample *samples, size_t n,
			     struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < n && r >= 0; i++) {
		struct canary_sample row = samples[i];
		const struct key key = { .name = lane, .number = row.metric, .limit = CANARY_SAMPLES };

		row.lane = lane;
		r = store_run(s, Q_canary_sample_put, &rec_canary_sample, &row, e);
		if (r >= 0)
			r = store_run(s, Q_canary_samples_trim, &rec_key, &key, e);
	}
	return r;
}

int store_canary_samples_forget(struct store *s, const char *lane, struct err *e)
{
	const struct key key = { .name = lane };

	return store_run(s, Q_canary_samples_forget, &rec_key, &key, e);
}

int store_canaries_trim(struct store *s, struct err *e)
{
	static const enum query all[] = { Q_canaries_trim, Q_canary_rungs_trim, Q_canary_metrics_trim,
					  Q_canary_samples_trim_lanes };
	int r = 0;

	for (size_t i = 0; i < countof(all) && r >= 0; i++)
		r = store_run(s, all[i], NULL, NULL, e);
	return r;
}

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

struct gather {
	void *out;
	struct arena *a;
};

#define PUSH(word, type, list)                                    \
	static int push_##word(void *ctx, const void *row)        \
	{                                                         \
		struct gather *g = ctx;                           \
		struct list *out = g->out;                        \
                                                                  \
		*vec_push(out, g->a) = *(const struct type *)row; \
		return 0;                                         \
	}

PUSH(canary, canary, canaries)
PUSH(rung, canary_rung, canary_rungs)
PUSH(metric, canary_metric, canary_metrics)
PUSH(sample, canary_sample, canary_samples)

int store_canary_read(struct canary_book *out, struct store *s, const char *lane, struct arena *a,
		      struct err *e)
{
	struct canary_book book = { 0 };
	const struct key key = { .name = lane };
	struct gather rungs = { &book.rungs, a }, metrics = { &book.metrics, a },
		      samples = { &book.samples, a };
	int r = store_one(s, Q_canary_by_lane, &rec_key, &key, &rec_canary, &book.row, a, e);

	if (r != 0)
		return r;
	r = store_each(s, Q_canary_rungs_by_lane, &rec_key, &key, &rec_canary_rung, a, push_rung, &rungs, e);
	if (r >= 0)
		r = store_each(s, Q_canary_metrics_by_lane, &rec_key, &key, &rec_canary_metric, a,
			       push_metric, &metrics, e);
	if (r >= 0)
		r = store_each(s, Q_canary_samples_by_lane, &rec_key, &key, &rec_canary_sample, a,
			       push_sample, &samples, e);
	if (r >= 0)
		*out = book;
	return r < 0 ? r : 0;
}

int store_canaries_read(struct canaries *out, struct store *s, struct arena *a, struct err *e)
{
	struct gather g = { out, a };

	return store_each(s, Q_canaries, NULL, NULL, &rec_canary, a, push_canary, &g, e);
}
