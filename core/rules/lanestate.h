/*
 * lanestate.h - from facts to the state of a lane. Pure.
 *
 * FAIL the newest run that counts failed; WAIT it waits for a person; UNKN an act's outcome is not known; RUN it runs;
 * HOLD it would be OK, and somebody's hold on it stands; OK otherwise. The order is that of urgency. A conclusion we do
 * not know is never OK. A canary that fails makes the lane FAIL while its run goes on, and for as long as its release is
 * live when it was let on all the same; one that is held makes it WAIT. What holds a lane, an alarm, and a freeze whose
 * source could not be read are told in its reasons, whatever its state is; the last is a doubt and holds nothing.
 */
#pragma once

#include "core/model/canary.h"
#include "core/model/evidence.h"
#include "core/model/hold.h"
#include "core/model/model.h"

struct lane_facts {
	const char *lane;
	bool production;
	const struct run *runs; /* of this lane, newest first */
	size_t runs_n;
	const struct job *jobs; /* of runs[0] */
	size_t jobs_n;
	const struct gate *gates; /* of this lane */
	size_t gates_n;
	const struct intent *open; /* open intents of this lane, newest first */
	size_t open_n;
	int stages_n; /* stages of the profile */
	const char *const *stage_names;
	const char *
		no_work; /* words: runs[0] is green and did nothing (profile: meanings, whole); NULL it worked */
	const char *poll_error;   /* last reading failed, or NULL */
	const struct hold *holds; /* of this lane */
	size_t holds_n;
	const struct alarm *alarms; /* of this lane, oldest first */
	size_t alarms_n;
	const struct freeze *freezes; /* of its system */
	size_t freezes_n;
	const struct canary *canary; /* of this lane, or NULL */
	const char *canary_words;    /* "canary 25% ##--"; "" none is under way */
	const char *environment;     /* half of its name: a freeze may exempt it */
	struct when now;             /* decides which holds ran out */
};

/* "held: REASON (OWNER, since 14:02Z)", also for one that ran out. */
const char *hold_words(const struct hold *h, struct arena *a);
/* "alarm: TEXT"; a doubt is its text alone. */
const char *alarm_words(const struct alarm *one, struct arena *a);
/* Fills state, live, live_sha, live_run, next, run_id, progress, reasons, since of *out. */
void lane_judge(struct lane *out, const struct lane_facts *f, struct arena *a);
/* The state to show now: STALE when checked is too old, or never. */
enum lane_state lane_shown(const struct lane *l, struct when now);
