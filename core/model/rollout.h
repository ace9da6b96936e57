/*
 * rollout.h - what a controller in a cluster says about the traffic that it moves, and what any of them may be told.
 *
 * The two kinds keep their own facts beside what they have in common: acts are built from them, and a fact that was not
 * told is never guessed. Strings are whose the answer is.
 */
#pragma once

#include "base/names.h"
#include "base/when.h"
#include "core/model/canary.h"

enum rollout_kind {
	ROLLOUT_OTHER, /* none that is known */
	ROLLOUT_ARGO,
	ROLLOUT_FLAGGER,
};
extern const struct names rollout_kind_names; /* other argo flagger */

enum rollout_act_kind {
	ROLLOUT_NOTHING,
	ROLLOUT_HOLD,         /* stay at this weight */
	ROLLOUT_RESUME,       /* take back a hold; of an aborted one: let the next try begin */
	ROLLOUT_PROMOTE,      /* one step */
	ROLLOUT_PROMOTE_FULL, /* all that are left, without looking */
	ROLLOUT_ABORT,        /* all traffic to what was live; what is declared stays */
};
extern const struct names rollout_act_names; /* nothing hold resume promote promote-full abort */

struct rollout_name {
	enum rollout_kind kind;
	const char *namespace_; /* of the object */
	const char *name;
	const char *gate; /* flagger: base URL of the load tester's gates, or NULL */
};
struct rollout_step {
	int64_t weight_bp; /* -1: the step sets no weight */
	int64_t pause_s;   /* -1: until somebody promotes; 0: no pause */
};
/* Webhooks of Flagger that ask the load tester's gates, by their types. */
enum rollout_hooks {
	ROLLOUT_ASKS_ROLLOUT = 1 << 0,
	ROLLOUT_ASKS_INCREASE = 1 << 1,
	ROLLOUT_ASKS_PROMOTION = 1 << 2,
	ROLLOUT_ASKS_ROLLBACK = 1 << 3,
};
enum rollout_gate { ROLLOUT_GATE_UNKNOWN, ROLLOUT_GATE_OPEN, ROLLOUT_GATE_SHUT };

struct rollout_answer {
	enum canary_phase phase;
	const char *word;    /* the source's own: "Paused", "Progressing"; "" none */
	const char *message; /* "" none */
	int64_t step;        /* index of the step that is under way, steps_n: past the last; -1 not told */
	const struct rollout_step *steps;
	size_t steps_n;
	int64_t set_bp;           /* -1 not told */
	const char *set_from;     /* of a weight that is told: "weights of the traffic router", "steps" */
	const char *set_why;      /* of one that is not; "" it is */
	int64_t seen_bp;          /* what the controller verified, -1 not told */
	const char *seen_why;     /* "" it is told */
	const char *pause_reason; /* CanaryPauseStep, InconclusiveAnalysisRun, suspended, gate; "" */
	struct when paused_since;
	bool settled;                     /* the controller has acted on the newest declaration */
	bool promoted;                    /* what is declared has all of the traffic */
	bool aborted;                     /* argo: status.abort. It stays so until somebody retries */
	bool promoting;                   /* argo: status.promoteFull, and it has not happened yet */
	bool spec_paused;                 /* argo: spec.paused; flagger: spec.suspend */
	bool has_pause;                   /* argo: a pause condition holds */
	bool controller_pause;            /* argo: the controller made it */
	bool inconclusive;                /* argo: the analysis of this step could not decide */
	const char *analysis;             /* phase of the analysis run that is worst off, "" none */
	int64_t failed_checks;            /* flagger; -1 not told */
	unsigned hooks;                   /* flagger: enum rollout_hooks */
	enum rollout_gate gate, rollback; /* flagger: the load tester's, as read */
	const char *gate_why;             /* why a gate is unknown, "" */
	const char *version;              /* resourceVersion */
	struct when date;                 /* server's clock */
};
