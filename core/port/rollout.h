/*
 * rollout.h - port: a controller in a cluster that moves traffic by itself, and what it may be told. adapters/kube speaks
 * the Kubernetes API to Argo Rollouts and to Flagger (and the gates of Flagger's load tester); tests and drills have a
 * simulated API server.
 *
 * What a controller says is read, never inferred from what was sent: an act is done when a later read shows it. Contract
 * of done() and of acts as in forge.h; an act that the kind has no means for is ERR_INVALID with the reason in words.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/loop.h"
#include "core/model/canary.h"

enum rollout_kind { ROLLOUT_ARGO, ROLLOUT_FLAGGER };
extern const struct names rollout_kind_names; /* argo flagger */

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
struct rollout_answer {
	enum canary_phase phase;
	const char *word;    /* the source's own: "Paused", "Progressing" */
	const char *message; /* "" none */
	int64_t step;        /* index of the step, -1 not told */
	const struct rollout_step *steps;
	size_t steps_n;
	int64_t set_bp;  /* -1 not told */
	int64_t seen_bp; /* what the controller verified, -1 not told */
	const char *why; /* of a weight not told: "no traffic routing", "observed generation is older" */
	const char *pause_reason; /* CanaryPauseStep, InconclusiveAnalysisRun; "" */
	struct when paused_since;
	bool settled;          /* the controller has seen the newest declaration */
	bool promoted;         /* stable is current */
	const char *analysis;  /* phase of the newest analysis run, "" none */
	int64_t failed_checks; /* flagger; -1 not told */
	const char *version;   /* resourceVersion */
	struct when date;
};
typedef void (*rollout_done)(void *ctx, const struct rollout_answer *answer, const struct err *err);

enum rollout_act_kind { ROLLOUT_HOLD, ROLLOUT_RESUME, ROLLOUT_PROMOTE, ROLLOUT_PROMOTE_FULL, ROLLOUT_ABORT };
extern const struct names rollout_act_names; /* hold resume promote promote-full abort */
/* One request each. promote of Argo may need two: step 0, then step 1 (rollout_requests says how many). */
struct rollout_act {
	enum rollout_act_kind kind;
	struct rollout_name name;
	struct rollout_answer now; /* that the act was planned on; strings of the caller */
	int step;
};
typedef void (*rollout_acted)(void *ctx, int status, const struct err *err);

struct rollout;
struct rollout_ops {
	int (*read)(struct rollout *r, const struct rollout_name *n, rollout_done done, void *ctx,
		    struct err *e);
	int (*act)(struct rollout *r, const struct rollout_act *a, rollout_acted done, void *ctx,
		   struct err *e);
	/* How many requests the act is, 0: there is no means for it and e says why; negative: an error. */
	int (*requests)(struct rollout *r, const struct rollout_act *a, struct err *e);
	/* "PATCH /apis/.../rollouts/NAME/status" and the exact body. No I/O. */
	int (*describe)(struct rollout *r, const struct rollout_act *a, struct buf *request, struct buf *body,
			struct err *e);
	void (*free)(struct rollout *r);
};
struct rollout {
	const struct rollout_ops *ops;
};
