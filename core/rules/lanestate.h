/*
 * lanestate.h - from facts to the state of a lane. Pure.
 *
 * FAIL the newest run that counts failed; WAIT it waits for a person; UNKN an act's outcome is not known; RUN it runs;
 * HOLD held; OK otherwise. The order is that of urgency. A conclusion we do not know is never OK.
 */
#pragma once

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
	const char *poll_error; /* last reading failed, or NULL */
};

/* Fills state, live, live_sha, live_run, next, run_id, progress, reasons, since of *out. */
void lane_judge(struct lane *out, const struct lane_facts *f, struct arena *a);
/* The state to show now: STALE when checked is too old, or never. */
enum lane_state lane_shown(const struct lane *l, struct when now);
