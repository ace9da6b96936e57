/*
 * foresee.h - which lanes an act would change, and into what, before anybody does it. Pure.
 *
 * One row an act says what it does to a lane's state; the order of urgency then decides as lane_judge() does: a hold makes
 * no lane worse than it is, a lane that is held by something else stays held. What only a run can tell is not foretold:
 * to is FORESEE_UNTOLD then, and the words say what decides it. A fresh reading is the judge of all this once it is done.
 */
#pragma once

#include "core/model/model.h"

enum { FORESEE_UNTOLD = -1 };

struct foresee_lane {
	const struct lane *lane;
	bool exempt;  /* a freeze of its system does not stop it */
	bool its_own; /* the lane that the act is about */
	int holds;    /* that stand on it now: freezes */
	int others;   /* that stand on it now: of other kinds */
};

struct foresee_facts {
	const char *act;                  /* verb */
	bool makes_run;                   /* what it sends starts a run */
	const char *release;              /* "" none */
	const char *gate;                 /* environment where such a run waits, "" none */
	const struct foresee_lane *lanes; /* of the system */
	size_t lanes_n;
	struct when now;
};

struct foresight {
	const char *lane;
	int from, to; /* enum lane_state; to may be FORESEE_UNTOLD */
	const char *why;
};
struct foresights VEC_OF(struct foresight);

/* One row for each lane that is touched, and for each of the system that a freeze or thaw leaves as it is. */
void foresee(struct foresights *out, const struct foresee_facts *f, struct arena *a);
