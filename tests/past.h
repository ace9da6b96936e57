/*
 * past.h - what a canary left behind at its lane, by the statements that the console reads it with.
 */
#pragma once

#include "store/canaries.h"

/* 0; 1: none is kept. */
static inline int past_canary(struct canary_book *out, struct store *s, const char *lane, struct arena *a,
			      struct err *e)
{
	const struct key key = { .name = lane };
	int r;

	*out = (struct canary_book){ 0 };
	r = store_one(s, Q_canary_past_by_lane, &rec_key, &key, &rec_canary, &out->row, a, e);
	if (r == 0)
		r = store_list(s, Q_canary_past_rungs_by_lane, &rec_key, &key, &rec_canary_rung, &out->rungs,
			       a, e);
	if (r == 0)
		r = store_list(s, Q_canary_past_metrics_by_lane, &rec_key, &key, &rec_canary_metric,
			       &out->metrics, a, e);
	return r;
}
