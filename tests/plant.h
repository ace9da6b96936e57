/*
 * plant.h - a canary that nobody runs, as a row of the cache: easy/prod, v0.9.4, at its second rung, with samples that stay
 * young for an hour. For tests of what acts on judgements and not of who makes them.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "store/canaries.h"

static inline void plant_canary(const char *cache, enum canary_verdict verdict)
{
	struct clock clock;
	struct store *s = NULL;
	struct err e = ERR_INIT;

	clock_real(&clock);
	const struct canary_book book = { .row = { .lane = "easy/prod",
						   .release = "v0.9.4",
						   .phase = CANARY_WATCHING,
						   .step = 2,
						   .steps = 4,
						   .verdict = (int)verdict,
						   .reason =
							   verdict == VERDICT_FAIL ? "errors over 1.00" : "",
						   .interval_s = 3600,
						   .sampled = clock_wall(&clock),
						   .at = clock_wall(&clock) } };

	if (store_open(&s, cache, STORE_WRITE, &e) < 0 || store_begin(s, &e) < 0 ||
	    store_canary_put(s, &book, &e) < 0 || store_end(s, &e) < 0) {
		fprintf(stderr, "no canary in %s: %s\n", cache, e.message);
		exit(1);
	}
	store_close(s);
}
