/*
 * canary.h - a share of the traffic that grows by rungs, and what its samples say. Rows of the cache, one canary a lane.
 *
 * Set weight is what somebody or something was told to send; seen weight is what a meter counted. They are never merged:
 * either may be unknown (-1), and then `set_why` or `seen_why` says so in words ("unknown (job running)"). A sample is one
 * look at one metric at one time, control and canary beside each other; a look that brought no number is a sample too, of
 * the state that says why, and counts against the canary. A value is in millionths of the metric's unit, because the cache
 * holds whole numbers only; CANARY_NONE_VALUE stands for "no number" and never for nought. All times are by our own clock:
 * what the forge dated is moved by what its clock is ahead.
 */
#pragma once

#include "base/rec.h"
#include "base/vec.h"

#define CANARY_NONE_VALUE INT64_MIN
#define CANARY_SCALE      INT64_C(1000000)
#define CANARY_SAMPLES    300 /* newest kept, of each metric */

/* "0.01", "-3", "4.2e-05" in millionths: 18 digits are read, and half is rounded away from nought. What does not fit is
 * refused, as is what is no number ("NaN", "+Inf"): 0, or -1. */
int canary_value(int64_t *out, const char *text);
/* a * b of two values in millionths, as near as it goes; CANARY_NONE_VALUE when either is none or it does not fit. */
int64_t canary_times(int64_t a, int64_t b);
/* The same, a / b; by nought it is CANARY_NONE_VALUE. */
int64_t canary_over(int64_t a, int64_t b);

enum canary_phase {
	CANARY_OTHER,    /* a word of the source that is not known: shown, never good */
	CANARY_ABSENT,   /* nothing is under way */
	CANARY_WATCHING, /* at a rung, its window runs */
	CANARY_HELD,     /* at a rung, and stays there until somebody says otherwise */
	CANARY_DONE,     /* all of the traffic */
	CANARY_ABORTED,  /* the traffic is back at what was live; what was declared may not be */
	CANARY_FAILED,   /* its source says that it failed */
	CANARY_WAITING,  /* its window is over, and a gate waits for whoever may open it: nobody holds it */
};
extern const struct names canary_phase_names; /* other absent watching held done aborted failed waiting */
bool canary_is_live(int phase);               /* watching, waiting or held: under way */

enum canary_verdict {
	VERDICT_UNKNOWN, /* never judged */
	VERDICT_PASS,
	VERDICT_FAIL,
	VERDICT_INCONCLUSIVE, /* too little, or not to be relied on: holds the gate as a failure does */
};
extern const struct names canary_verdict_names; /* unknown pass fail inconclusive */

enum sample_state {
	SAMPLE_OK,
	SAMPLE_EMPTY,   /* the query has no series: no data, not good */
	SAMPLE_NAN,     /* no traffic */
	SAMPLE_STALE,   /* older than two intervals, or its target is down */
	SAMPLE_PARTIAL, /* the source warns that something is missing */
	SAMPLE_ERROR,   /* the source refused or did not answer */
};
extern const struct names sample_state_names; /* ok empty nan stale partial error */

struct canary {
	const char *lane;    /* system/environment */
	const char *release; /* that grows */
	int64_t run;         /* that carries it, 0 none */
	int phase;           /* enum canary_phase */
	int64_t step, steps; /* step 1..steps; 0 before the first or not known */
	int64_t set_bp;      /* hundredths of a percent; -1 unknown */
	int64_t seen_bp;
	const char *set_from; /* the source: "deployment payload", "job canary-25" */
	const char *set_why;  /* "" known */
	const char *seen_from, *seen_why;
	struct when started, ends; /* of the window of this step */
	int verdict;               /* enum canary_verdict: of all metrics together */
	const char *reason;        /* one line */
	int64_t exposed;           /* requests that the canary answered so far; -1 unknown */
	int64_t extra_errors;      /* more than control's rate would have brought; -1 unknown */
	int64_t budget_ppm;        /* share of the error budget that they are; -1 unknown */
	int64_t interval_s;        /* between samples */
	struct when sampled;       /* the newest sample */
	const char *mechanism;     /* what hold, promote and abort would do, one line */
	bool can_hold;
	struct when at; /* local time of the row */
};
extern const struct rec rec_canary;
struct canaries VEC_OF(struct canary);

struct canary_rung {
	const char *lane;
	int64_t ordinal; /* 1.. */
	int64_t weight_bp;
	int64_t window_s;
	struct when entered, left; /* not known: not yet, or not told */
	int verdict;               /* at the time it was left */
	const char *by;            /* who promoted into it; "" the pipeline itself */
};
extern const struct rec rec_canary_rung;
struct canary_rungs VEC_OF(struct canary_rung);

struct canary_metric {
	const char *lane;
	int64_t ordinal; /* of the profile's metrics, 0.. */
	const char *name, *unit;
	const char *kind; /* errors latency gauge: how it is judged */
	int64_t control, canary, limit;
	int verdict;        /* enum canary_verdict */
	const char *reason; /* "" when it passes */
	int64_t bad, of;    /* of the newest samples in the rung, those over the limit: 3/5 */
	struct when at;     /* its newest sample */
};
extern const struct rec rec_canary_metric;
struct canary_metrics VEC_OF(struct canary_metric);

struct canary_sample {
	const char *lane;
	int64_t metric; /* ordinal of the metric */
	struct when at;
	int state;               /* enum sample_state */
	int64_t control, canary; /* CANARY_NONE_VALUE: no number */
	/* Counts since the sample before: requests, and those that were bad (an error, or slower than the limit). -1: the
	 * source has no counts. */
	int64_t control_n, control_bad, canary_n, canary_bad;
	const char *why; /* "" of SAMPLE_OK */
};
extern const struct rec rec_canary_sample;
struct canary_samples VEC_OF(struct canary_sample);
