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

static int run_all(struct store *s, const enum query *all, size_t n, const struct key *key, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < n && r >= 0; i++)
		r = store_run(s, all[i], key ? &rec_key : NULL, key, e);
	return r;
}

int store_canary_past_forget(struct store *s, const char *lane, struct err *e)
{
	static const enum query all[] = { Q_canary_past_forget, Q_canary_past_rungs_forget,
					  Q_canary_past_metrics_forget };

	return run_all(s, all, countof(all), &(struct key){ .name = lane }, e);
}

int store_canary_past_keep(struct store *s, const char *lane, struct err *e)
{
	static const enum query all[] = { Q_canary_past_keep, Q_canary_past_rungs_keep,
					  Q_canary_past_metrics_keep };
	int r = store_canary_past_forget(s, lane, e);

	return r < 0 ? r : run_all(s, all, countof(all), &(struct key){ .name = lane }, e);
}

int store_canaries_trim(struct store *s, struct err *e)
{
	static const enum query all[] = { Q_canaries_trim,           Q_canary_rungs_trim,
					  Q_canary_metrics_trim,     Q_canary_samples_trim_lanes,
					  Q_canaries_past_trim,      Q_canary_past_rungs_trim,
					  Q_canary_past_metrics_trim };

	return run_all(s, all, countof(all), NULL, e);
}

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

int store_canary_read(struct canary_book *out, struct store *s, const char *lane, struct arena *a,
		      struct err *e)
{
	struct canary_book book = { 0 };
	const struct key key = { .name = lane };
	int r = store_one(s, Q_canary_by_lane, &rec_key, &key, &rec_canary, &book.row, a, e);

	if (r != 0)
		return r;
	r = store_list(s, Q_canary_rungs_by_lane, &rec_key, &key, &rec_canary_rung, &book.rungs, a, e);
	if (r >= 0)
		r = store_list(s, Q_canary_metrics_by_lane, &rec_key, &key, &rec_canary_metric, &book.metrics,
			       a, e);
	if (r >= 0)
		r = store_list(s, Q_canary_samples_by_lane, &rec_key, &key, &rec_canary_sample, &book.samples,
			       a, e);
	if (r >= 0)
		*out = book;
	return r < 0 ? r : 0;
}

int store_canaries_read(struct canaries *out, struct store *s, struct arena *a, struct err *e)
{
	return store_list(s, Q_canaries, NULL, NULL, &rec_canary, out, a, e);
}
