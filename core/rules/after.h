/*
 * after.h - what became of an act after it counted as done: is the run the one that was meant, and is it still there?
 *
 * Pure: an intent, the run that it was linked to and the lane's other runs in, alarms out. A tag that moved between the
 * plan and the run, one nonce with two runs (the network doubled the request), a queued run that a newer one displaced,
 * an act that stopped between two of its requests, and one that went out by break-glass: each stays open until the lane's next act, or a day.
 */
#pragma once

#include "core/model/hold.h"
#include "core/model/model.h"

#define BREAK_GLASS   "break-glass: "             /* how the reason of such an act begins, for ever */
#define AFTER_MS      (INT64_C(24) * 3600 * 1000) /* how long an act is looked after */
#define AFTER_SUBJECT "intent "                   /* how the subject of such an alarm begins */
#define AFTER_ALARM   "ALARM: "                   /* ... and the note of the intent */
#define EVICT_DELAY_MS \
	120000 /* the newer run was there at most so long after ours had ended: clocks of two records */

struct after {
	const struct intent *intent;
	const struct run *run;  /* NULL: it was not seen yet */
	const struct run *runs; /* of the lane, newest first */
	size_t runs_n;
	bool began;        /* a job of the run has begun */
	bool we_cancelled; /* an intent of ours cancelled it */
	bool superseded;   /* a later act started something on the lane */
	struct when now;
};

/* What is wrong with a run of that commit, in words; NULL nothing. */
const char *after_wrong_head(const struct intent *in, int64_t run, const char *head_sha, struct arena *a);
/* It brought a release to the lane by a run of its own: subject is that release, and run_id that run. */
bool after_delivers(const struct intent *in);
bool after_went_back(
	const struct intent *in); /* ... an earlier one: a rollback, or an abort that ended in one */
bool after_is_start(const struct intent *in); /* it made a run, or an attempt of one */
/* Some of its requests were sent and the others were not, and a person decides. */
bool after_is_half(const struct intent *in);
/* Appends what is wrong; strings in the arena. */
void after_judge(struct alarms *out, const struct after *f, struct arena *a);
