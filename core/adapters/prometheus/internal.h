/*
 * internal.h - parts of the prometheus adapter. prometheus.c asks, answer.c says what an answer means, number.c reads
 * numbers as Prometheus writes them.
 */
#pragma once

#include "base/arena.h"
#include "core/adapters/prometheus/prometheus.h"

/* Millionths of a number in decimal: "0.0504", "1e-07", "-2.5E+3", "NaN" (CANARY_NONE_VALUE), "+Inf". Exact where a
 * millionth can hold it, else the nearest one, half away from nought; too large is the farthest that fits, as an infinity
 * is. -ERR_CORRUPT: anything else; *out is untouched. */
int number_parse(int64_t *out, const char *s) must_check;

/* What the server said to q, state and all. Never fails: what cannot be understood is SAMPLE_ERROR. Points and texts
 * live in a; texts are raw and whole, because a token that is cut is not found. */
void answer_read(struct metrics_answer *out, const struct http_answer *h, const struct metrics_query *q,
		 struct arena *a);
/* Of a request that got no answer. */
void answer_none(struct metrics_answer *out, const struct err *err, struct arena *a);
