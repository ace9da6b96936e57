/*
 * steer.h - acts on a canary: hold, resume, promote, abort. Each is a plan of the ordinary kind; what it sends is chosen by
 * `control` of the profile's canary, a list of levers tried in order: the first that has the act and can do it now.
 *
 *	gate      hold and resume send nothing: a hold is an entry of the journal, and while it stands no gate of that
 *		  canary is approved from here. promote is the approval of the next rung's gate, under the rules of approve
 *	variable  written, or without a value deleted
 *	tag       made by hold, deleted by resume
 *	argo, flagger  told through core/port/rollout.h, in as many requests as the port says
 *	cancel    of the run that carries it
 *
 * abort --rollback is one act of several steps: first the lever, then, when the canary is seen to have ended (await.c), what
 * the lane's own way back sends. That way reads and judges as it does by itself; the steps stand behind the lever's.
 */
#pragma once

#include "core/engine/ways.h"
#include "core/port/rollout.h"
#include "store/canaries.h"

/* What is known of one lever of the list. */
struct lever {
	const struct profile_control *c;
	const char *fact;                   /* that it rests on; NULL: on the run and its gates */
	const char *value;                  /* of the variable; sha of the tag; NULL: it is not there */
	const struct rollout_answer *moves; /* of the controller; NULL not read */
	const char *why;                    /* it cannot be used now; NULL: it can */
	bool unread;                        /* ... because it could not be read */
};

struct steer {
	enum rollout_act_kind act;
	bool back;         /* abort --rollback, and something here can go back */
	bool begun, asked; /* rounds of reading */
	struct canary row; /* of the cache */
	bool known;
	int64_t run;                      /* that carries it; 0: none is known */
	int64_t next_bp;                  /* weight of the next rung; -1 not known, or there is none */
	struct VEC_OF(struct gate) gates; /* of the run, that wait */
	struct VEC_OF(struct lever) levers;
	const struct lever *by; /* NULL: none can do it */
	const char *why_none;
	const char *base, *tip;            /* of a tag: branch and its commit */
	const struct intent *held;         /* the hold that stands; NULL none */
	const struct way *inner;           /* of the way back, NULL none */
	struct VEC_OF(const char *) rungs; /* promote --full by gate: the environments, in order */
	struct VEC_OF(int64_t) rung_ids;
};

/* ---- steer.c ---- */
/* Reads what the lever rests on, in rounds; true: not yet all, `then` comes again. Chooses the way when all is read. */
bool steer_reads(struct ask *k, ask_step then);
/* abort --rollback of a lane that goes back from here. */
bool steer_goes_back(const struct ask *k);

/* ---- steer_verdict.c ---- */
/* The canary of the lane as the cache has it, into the plan's steer. */
void steer_read_row(struct ask *k);
int64_t steer_bp(const char *percent); /* of a rung of the profile; -1 it is none */
void steer_judge_verdict(struct ask *k);
/* Why a promotion of all rungs must not open this gate of the run now, by the verdict of the rung before it; NULL: that
 * passes, or the plan was made with a reason and goes on whatever it says. for_good: it failed; else it may still pass. */
const char *steer_stops(struct ask *k, const char *environment, int64_t run, bool *for_good);
void steer_said_held(struct ask *k, enum verdict v, const struct intent *in, const char *fix);
/* A gate of this canary is held: then it is not approved, and who holds it and why is said. */
void steer_judge_gate(struct ask *k);
/* An approval of the gate of a rung behind the first: a promotion by another name. */
bool steer_gate_promotes(struct ask *k);

/* ---- steer_steps.c ---- */
void steer_steps(struct ask *k, const char *nonce, struct plan_steps *out);
/* What the lever does, and what it does not, in words. */
const char *steer_does(struct ask *k);
const char *steer_leaves(struct ask *k);
/* The environment of the gate: {percent} filled in; in the arena. */
const char *steer_gate(const struct profile_control *c, int64_t weight_bp, struct arena *a);
/* The rung that this environment is the gate of, by its weight; 0: of any; -1: it is no gate of the canary. */
int64_t steer_rung_of(const struct profile_canary *c, const char *environment, struct arena *a);

/* What the variable shall be; NULL: it is deleted, or its hole cannot be filled. */
const char *steer_value(struct ask *k, const struct profile_control *c);
struct rollout_name steer_rollout(const struct profile_control *c);
/* promote --full by gates: reads the rules of those that come later, and judges whether each could be approved. */
void steer_read_rungs(struct ask *k);
void steer_judge_rungs(struct ask *k);

/* ---- steer_hold.c ---- */
/* The hold of the lane's canary in this run by our own journal: the newest of hold and resume that sent nothing. 1: none. */
int steer_held(const struct engine *en, const char *lane, int64_t run, struct intent *out, struct arena *a,
	       struct err *e) must_check;

/* ---- steer_words.c: pure ---- */
bool steer_can(const struct profile_canary *c, enum rollout_act_kind act);
/* "hold: gate prod-25 left unapproved; ...; abort: cancel of the run": for a canary's row. next_bp is the weight of the
 * rung to come, -1 not known. */
const char *steer_mechanism(const struct profile_canary *c, int64_t next_bp, struct arena *a);
static inline const char *steer_act_word(enum rollout_act_kind act)
{
	return names_word(&rollout_act_names, (int)act);
}
bool steer_has_act(const struct profile_control *c, enum rollout_act_kind act);

/* ---- act.c: between two steps ---- */
/* What was waited for has not come: the act stays open, and why is in its note. Answers k. */
void act_stays_open(struct ask *k, const char *why);

/* ---- await.c ---- */
/* True: the step waits for what must be seen before it leaves; `then` runs when it was, and a wait that is too long ends
 * the ask. */
bool await_begin(struct ask *k, const struct plan_step *s, ask_step then);
