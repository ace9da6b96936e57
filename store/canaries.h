/*
 * canaries.h - rows of core/model/canary.h in the cache. The engine puts what it found, readers get all of a lane.
 *
 * The row of a canary outlives it (done, aborted, failed), so that a screen can say how the last one ended. Writing belongs
 * into the transaction in which the finding itself is stored: nothing here begins or commits one.
 */
#pragma once

#include "core/model/canary.h"
#include "store/store.h"

/* Everything that is known of the canary of one lane. */
struct canary_book {
	struct canary row;
	struct canary_rungs rungs;     /* the lowest first */
	struct canary_metrics metrics; /* in the profile's order */
	struct canary_samples samples; /* by metric, oldest first */
};

/* Puts the row, and replaces all rungs and metrics of its lane; samples are not looked at. Lane and ordinal of rungs (1..)
 * and metrics (0..) are set here, by their places. */
int store_canary_put(struct store *s, const struct canary_book *book, struct err *e) must_check;
/* Adds samples, each the newest of its metric, and forgets what is older than the newest CANARY_SAMPLES of that metric. A
 * sample of the same metric and time is replaced. */
int store_canary_samples_add(struct store *s, const char *lane, const struct canary_sample *samples, size_t n,
			     struct err *e) must_check;
/* Another canary begins: the samples of the one before say nothing about it. */
int store_canary_samples_forget(struct store *s, const char *lane, struct err *e) must_check;
/* Keeps what is known of the lane's canary now as its past one, without samples: it failed or was aborted, and what takes
 * the release back has a ladder of its own. There is one past canary a lane. */
int store_canary_past_keep(struct store *s, const char *lane, struct err *e) must_check;
int store_canary_past_forget(struct store *s, const char *lane, struct err *e) must_check;
/* Forgets canaries of lanes that the cache has no row of any more, with all that is theirs. */
int store_canaries_trim(struct store *s, struct err *e) must_check;

/* All of the lane; strings in a. 1: it never had a canary. */
int store_canary_read(struct canary_book *out, struct store *s, const char *lane, struct arena *a,
		      struct err *e) must_check;
/* The rows alone, of all lanes, by name; appended to *out, strings in a. */
int store_canaries_read(struct canaries *out, struct store *s, struct arena *a, struct err *e) must_check;
