/*
 * verify.h - is a lane that went back really back? That the run is green is no proof: what runs must be what it brought, and
 * its signals must have been normal for as long as the profile says (back_dwell_min).
 *
 * Pure: the act, its run and the signals in; a state and one line out. A signal that nobody reads is not normal.
 */
#pragma once

#include "core/model/model.h"

struct verify_signal {
	const char *name;    /* "live server", "errors" */
	enum verdict status; /* of its newest reading since the run ended */
	const char *why;     /* "" when it is ok */
	struct when bad;     /* when it was last not normal since then; not known: never */
};
struct verify_facts {
	const char *release; /* that it went back to */
	const struct run *run;
	int64_t dwell_ms;
	const struct verify_signal *signals;
	size_t signals_n;
	struct when now;
};
enum verify_state {
	VERIFY_WAITS,  /* its run has not ended */
	VERIFY_FAILED, /* or not well */
	VERIFY_DWELLS, /* it waits for its time to pass */
	VERIFY_DONE,
	VERIFY_NOT, /* the time has passed, and something was not normal or not read */
};
struct verify_verdict {
	enum verify_state state;
	const char *words; /* in the arena; "" under way */
	struct when until; /* DWELLS: when it could be verified */
};
#define VERIFY_DONE_WORDS "verified after " /* how the note of a verified one begins */
struct verify_verdict verify_judge(const struct verify_facts *f, struct arena *a);
