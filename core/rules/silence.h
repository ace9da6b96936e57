/*
 * silence.h - what should have happened and did not (experience reference 2, moonshot 4): a push without a run, a step of
 * a train that never began, a schedule that was missed.
 *
 * Pure: one expectation and what is known of it in, a word out. All times are the forge's. An expectation is judged at the
 * time of its facts and not now, so that a poller that stands still raises nothing but its own silence. An alarm comes at
 * its limit and goes when what was awaited is there, never earlier: facts of a forge do not come and go, and a limit that
 * was passed stays passed, so nothing flaps. What is not known raises nothing and takes nothing back: it is a doubt, which
 * is told and does not count.
 */
#pragma once

#include "core/model/hold.h"
#include "core/model/model.h"

enum silence_kind {
	SILENCE_PUSH,
	SILENCE_EVICTED,
	SILENCE_DISPATCH,
	SILENCE_STEP,
	SILENCE_QUEUED,
	SILENCE_APPROVAL,
	SILENCE_SCHEDULE,
	SILENCE_FRESH,
	SILENCE_SAMPLE,
	SILENCE_PROOF,
	SILENCE_POLLER,
	SILENCE_KINDS
};
/* One row a detector; the table is the specification, and the man page says the same. */
struct silence_detector {
	const char *word;    /* begins the subject of its alarms */
	const char *expects; /* what must happen, in words */
	int64_t limit_ms;    /* unless the expectation has its own; 0: it always has */
	const char *lead;    /* the text begins so: what did not come */
	const char *tail;    /* ... and ends so; "" */
	const char *fix;     /* what to do */
};
const struct silence_detector *silence_detector(enum silence_kind kind);

struct silence {
	int kind; /* enum silence_kind */
	const char *lane;
	const char *item;    /* tells it from others of its kind on the lane: a workflow, a run id */
	const char *awaited; /* "of deploy-examples.yml": what did not come, behind the lead */
	const char *what;    /* "run 12 ended well": what called for it; its time follows */
	const char *text;    /* the whole text where that is said otherwise; NULL */
	struct when since;   /* it was called for; not known: nothing is awaited */
	int64_t limit_ms;    /* 0: the detector's */
	bool came;
	const char *unknown; /* why nobody knows whether it came; NULL: it is known */
	struct when known;   /* the facts are of this time; not known: there are none */
};
enum silence_says { SILENCE_QUIET, SILENCE_WAITS, SILENCE_ALARMS, SILENCE_DOUBTS };

/* *until (may be NULL): WAITS: when it would become an alarm. */
enum silence_says silence_judge(const struct silence *s, struct when *until);
/* "push easy/staging main": an alarm of that kind has it, and so has the doubt. In the arena. */
const char *silence_subject(const struct silence *s, struct arena *a);
bool silence_is_subject(const char *subject); /* some detector made it */
/* As silence_judge() said, ALARMS or DOUBTS; strings in the arena. now: local time. */
struct alarm silence_alarm(const struct silence *s, enum silence_says says, struct when now, struct arena *a);

/* ---- what is read out of rows --------------------------------------------------------------------------------------- */

/* Runs that could be the one: newest first, and none is missing that is not older than `from`. */
struct silence_runs {
	const struct run *items;
	size_t n;
	struct when from; /* not known: nothing was ever read */
};
struct silence_want {
	const char *event;    /* NULL any */
	const char *head_sha; /* NULL any */
	const char *branch;   /* NULL any */
	bool success;         /* only those that ended so */
	struct when from;     /* created not before; not known: any */
};
/* The newest that fits; NULL: none. */
const struct run *silence_find(const struct silence_runs *runs, const struct silence_want *want);

/* The run that took the place of a queued one, which a forge cancels without a word (K7); NULL: that was not it. began: a
 * job of it had. runs: of the same lane. */
const struct run *silence_evictor(const struct run *run, bool began, const struct silence_runs *runs);
/* Nothing of an open run is at work though nothing holds it: since when; not known: it is at work, or held. */
struct when silence_idle(const struct run *run, const struct job *jobs, size_t n);
/* The message of a commit tells the forge to start nothing. */
bool silence_is_skipped(const char *message);
