/*
 * ways.h - how an act is planned and sent: one row a way, chosen by the verb and, for a rollback, by what the lane says.
 *
 * plan_begin() finds the way and calls its begin(), which finds what the act is about (lane, run, system), reads in as many
 * rounds as it takes, and ends in plan_judge() or in an answer. All that steps() needs is known then: whether an open
 * intent is repeated is told from it, before anything is judged. plan_judge() lets judge() enter checks about what was read,
 * asks steps() what would be sent, in order, and runs the rules. A plan of several steps is one intent: each request is
 * in the journal before it leaves and leaves once (steps.c); what was read is in plan.found, the way's own.
 */
#pragma once

#include "core/engine/act.h"

enum way_traits {
	WAY_RUN =
		1
		<< 0, /* its request makes a run: the workflow file is held against it, the run is the outcome */
	WAY_CHAIN =
		1
		<< 2, /* what comes before its last request changes nothing, and all of it may be made again */
	WAY_LOCAL = 1 << 3, /* nothing is sent: that it stands in the journal is the act */
	WAY_VERIFIED =
		1 << 1, /* that it was accepted is no proof: it counts as done when the forge shows it */
};
struct way {
	const char *rules; /* verb whose rules of core/rules/preflight.c apply */
	unsigned traits;   /* enum way_traits */
	void (*begin)(struct ask *k);
	void (*judge)(struct ask *k); /* or NULL */
	void (*steps)(struct ask *k, const char *nonce, struct plan_steps *out);
	const char *undo; /* words */
	/* What a refusal of the forge means for this act, beside what it says; NULL: nothing. Or NULL. */
	const char *(*refused)(struct ask *k, const struct err *err);
};
extern const struct way way_dispatch, way_replay, way_run, way_review, way_release_pr, way_merge_release,
	way_label, way_retag, way_revert_pin, way_merge_revert, way_outside, way_freeze, way_thaw, way_lock,
	way_unlock, way_con, way_line_freeze, way_line_thaw, way_steer;

static inline bool way_has(const struct ask *k, enum way_traits t)
{
	return k->plan.way && k->plan.way->traits & t;
}

/* ---- plan.c ---- */
/* The lane's own way back. */
const struct way *plan_way_back(const struct ask *k);
/* It brings the lane back to an earlier release: rollback, revert-pin, abort --rollback. */
bool plan_goes_back(const struct ask *k);
/* ... and that by the way that the lane's `rollback` names. */
bool plan_is_rollback(const struct ask *k);
/* The lane named by args[0] into plan.lane, .profile, .repo; false: it was answered. */
bool plan_find_lane(struct ask *k);
void plan_judge(struct ask *k);
/* A check beside the rules of the table, about the fact `source`. Its name begins with "note:" when it only informs. */
void plan_said(struct ask *k, const char *name, enum verdict status, const char *detail, const char *fix,
	       const char *source);
/* The same of what a person may do knowingly: bad without a reason, and with one it is said that it was accepted. */
void plan_said_unless_accepted(struct ask *k, const char *name, const char *detail, const char *fix,
			       const char *source);
/* What going back does not undo, as the profile has it: notes of a rollback. */
void plan_said_warnings(struct ask *k);
/* The reason given, or NULL. */
const char *plan_reason(const struct ask *k);

/* ---- needs.c: the prerequisites of the lane ---- */
/* Reads what they rest on, in as many rounds as it takes, then goes on with `then`. */
void needs_read(struct ask *k, ask_step then);
void needs_judge(struct ask *k); /* into plan.judged */

/* ---- stops.c: freeze, locks, policy, the way back ---- */
/* For an act that brings something new to plan.lane (set plan.stops_wanted): reads, and then checks into plan.judged. */
void stops_read(struct ask *k);
void stops_read_back(struct ask *k); /* when plan.live is known */
void stops_judge(struct ask *k);
bool stops_exempt(const struct plan *p); /* a freeze does not stop this lane */
/* Of plan.profile alone: for freeze and thaw. The fact of a source is "freeze SOURCE". */
void freezes_read(struct ask *k);
const char *freeze_source(const struct profile_freeze *fz, struct arena *a); /* "tag frozen/rollback" */
void freeze_judge(struct ask *k, const struct profile_freeze *fz, struct freeze *out);

/* ---- freeze.c: for every way that stops a line ---- */
const struct profile *freeze_system(const struct ask *k); /* named by args[0]; NULL none */
/* The same into plan.profile, .repo, and .lane, where the system stands; false: it was answered. */
bool freeze_find_system(struct ask *k);

/* ---- dispatch.c ---- */
/* The release that the lane would go back to, by its runs, into plan.release; then goes on. Answers when there is none. */
void history_previous(struct ask *k, ask_step then);

/* ---- proof_plan.c: what is proved of what the act brings ---- */
struct brought_file {
	const char *name, *hex, *text; /* SHA-256 of text */
	size_t n;
};
/* A file of a need was read; name: the need's. What must be proved of it, or of what it names, is held against what was
 * looked at. */
void proofs_brought(struct ask *k, const char *need, const struct brought_file *f);
bool proofs_read(struct ask *k, ask_step then) must_check; /* true: then follows when it was looked at */
void proofs_judge(struct ask *k); /* facts and checks; before the plan has its name */

/* ---- plansign.c: where the profile wants signatures of plans ---- */
void signers_pin(struct ask *k);      /* before the plan has its name */
void signatures_judge(struct ask *k); /* and after */

/* ---- history.c ---- */
/* True when the local mirror answered what changes and what is left out; false: ask the forge. */
bool history_compare(struct ask *k, const char *candidate, const char *branch);

/* ---- steps.c ---- */
struct plan_step *step_add(struct ask *k, struct plan_steps *out, enum forge_act_kind kind,
			   const char *words);
/* A branch of our own: "pilothouse/revert-pin-1f2e3d4c". */
const char *step_branch(struct ask *k, const char *act, const char *nonce);

/* ---- inputs.c: what a dispatch sends ---- */
const char *inputs_json(struct ask *k, const char *nonce); /* object text of the lane's inputs */
const char *inputs_release(const struct plan *p);          /* the input that carries the release, or NULL */
/* Names what is missing in plan.pf. False: a value does not fit its pattern, and that was answered. */
bool inputs_check(struct ask *k);
void inputs_exceptions(struct ask *k); /* checks of values that set a policy aside */

/* When the act is made, for what is written down: of a repeat when it was made first; WHEN_NONE in a plan. */
struct when step_time(const struct ask *k, const char *nonce);

/* ---- pulls.c: the merge of a pull request of ours ---- */
/* plan.found of a way that merges begins with this. */
struct merging {
	const char *head, *base; /* head may be a glob */
	const char *sha;         /* that its head must be at; NULL: wherever it is */
	const char *method;
	const char *open_with;   /* the command that opens one */
	const struct pull *pull; /* the newest that is open; NULL none */
	size_t open;
};
void merging_list(struct ask *k); /* reads which are open */
void merging_read(struct ask *k); /* and then the one */
void merging_judge(struct ask *k);
/* While a run after live has begun or failed, back is measured against what that run brings: it may be a way back itself.
 * A release that a person names is taken as it is. */
void leaving_read(struct ask *k);
void leaving_judge(struct ask *k);
void merging_steps(struct ask *k, const char *nonce, struct plan_steps *out);

/* ---- files.c: which workflow files the lane has ---- */
/* Finds the first of name and aliases that the forge has, for what is dispatched and for the lane itself, into
 * plan.workflow and plan.workflows, then goes on. */
void files_find(struct ask *k, ask_step then);

/* newrun.c: the act lets a run go on, or go again, that may bring something new to production: a frozen line stops it. */
bool run_brings_new(struct ask *k);
void stops_read_freezes(struct ask *k); /* of stops.c, unless the lane is exempt */

struct yaml;
/* stops.c: the scalar at a pointer of a YAML document, which JSON is as well; NULL none. */
const char *policy_at(const struct yaml *y, const char *pointer, struct arena *a);
