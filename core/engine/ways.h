/*
 * ways.h - how an act is planned and sent: one row a way, chosen by the verb and, for a rollback, by what the lane says.
 *
 * plan_begin() finds the way and calls its begin(), which finds what the act is about (lane, run, system), reads in as many
 * rounds as it takes, and ends in plan_judge() or in an answer. plan_judge() lets judge() enter checks about what was read,
 * asks steps() what would be sent, in order, and runs the rules. A plan of several steps is one intent: each request is
 * in the journal before it leaves and leaves once (steps.c); what was read is in plan.found, the way's own.
 */
#pragma once

#include "core/engine/act.h"

enum way_traits {
	WAY_RUN =
		1
		<< 0, /* its request makes a run: the workflow file is held against it, the outcome is the run */
	WAY_RELEASE =
		1 << 1, /* it brings something to a lane that may be new: freeze, locks, policy, way back */
	WAY_NEEDS = 1 << 2, /* the lane's prerequisites are read for it */
	WAY_VERIFIED =
		1
		<< 3, /* that it was accepted is no proof: the forge is looked at before it counts as done */
};
struct way {
	const char *rules; /* verb whose rules of core/rules/preflight.c apply */
	unsigned traits;   /* enum way_traits */
	void (*begin)(struct ask *k);
	void (*judge)(struct ask *k); /* or NULL */
	void (*steps)(struct ask *k, const char *nonce, struct plan_steps *out);
	const char *undo; /* words */
};
extern const struct way way_dispatch, way_replay, way_run, way_release_pr, way_merge_release, way_label,
	way_retag, way_revert_pin, way_merge_revert, way_freeze, way_thaw;

static inline bool way_has(const struct ask *k, enum way_traits t)
{
	return k->plan.way && k->plan.way->traits & t;
}

/* ---- plan.c ---- */
/* The lane named by args[0] into plan.lane, .profile, .repo; false: it was answered. */
bool plan_find_lane(struct ask *k);
void plan_judge(struct ask *k);
/* A check beside the rules of the table, about the fact `source`. Its name begins with "note:" when it only informs. */
void plan_said(struct ask *k, const char *name, enum verdict status, const char *detail, const char *fix,
	       const char *source);
/* The reason given, or NULL. */
const char *plan_reason(const struct ask *k);

/* ---- steps.c ---- */
struct plan_step *step_add(struct ask *k, struct plan_steps *out, enum forge_act_kind kind,
			   const char *words);
/* A branch of our own: "pilothouse/revert-pin-1f2e3d4c". */
const char *step_branch(struct ask *k, const char *act, const char *nonce);

/* ---- inputs.c: what a dispatch sends ---- */
const char *inputs_json(struct ask *k, const char *nonce); /* object text of the lane's inputs */
/* Names what is missing in plan.pf. False: a value does not fit its pattern, and that was answered. */
bool inputs_check(struct ask *k);

/* ---- files.c: which workflow files the lane has ---- */
/* Finds the first of name and aliases that the forge has, for what is dispatched and for the lane itself, into
 * plan.workflow and plan.workflows, then goes on. */
void files_find(struct ask *k, ask_step then);
