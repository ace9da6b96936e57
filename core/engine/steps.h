/*
 * steps.h - the requests of one act, in order. Most acts have one; an act of several is still one intent.
 *
 * Each request is in the journal, with a record by which it is found again, before it leaves, and leaves once. What happens
 * between two of them (a crash, a refusal, a lost answer) leaves the intent open: the look reads what became of the last,
 * and a person repeats the act, which goes on from there, or abandons it. So a step is recognisable (a branch carries the
 * nonce, a file its content, a merge its head), and doing it twice changes nothing or is refused by the forge.
 */
#pragma once

#include "core/port/forge.h"
#include "core/port/registry.h"
#include "core/port/rollout.h"

struct ask;

/* Stands for the sha of what a step before will have made, until it is known. */
#define STEP_MADE "0000000000000000000000000000000000000000"

struct profile_control;
/* What must be seen before a step leaves: a gate that waits in the run, a controller that has taken its canary back, or the
 * end of the run. */
struct awaited {
	int64_t run, attempt;                /* 0: none; attempt: of a gate, whose other attempt it is not */
	const char *gate;                    /* NULL: its end */
	const struct profile_control *moves; /* NULL none */
	int64_t limit_ms;                    /* longer it is not waited for */
};
struct plan_step {
	size_t at;            /* 1.. of an act of several; 0: of one */
	const char *words;    /* "open the pull request" */
	struct forge_act act; /* unless it is an image's */
	struct registry_act put;
	bool image;
	struct rollout_act move; /* when it moves a controller */
	bool moves;
	struct awaited awaits;
	const char *gate;        /* of a review, where the command line does not name it */
	int64_t attempt, before; /* of an act on a run: which it was, and how many reviews its gate had */
	size_t tree_from,
		sha_from; /* act.tree and act.sha are what that step has made, counted from 1; 0: they are not */
	bool tail;        /* comes after what the act is: that it fails is told, and leaves nothing open */
	bool stands;      /* the forge's "it is so already" (err.stands) counts as done */
	const char *request, *body,
		*record; /* described: as sent, and by what it is found again (intent.step) */
};
struct plan_steps VEC_OF(struct plan_step);

/* The requests with this nonce, described, into out. */
int steps_make(struct ask *k, const char *nonce, struct plan_steps *out, struct err *e) must_check;
/* The step that comes next in k->intent, or NULL. */
struct plan_step *steps_next(const struct ask *k);
/* Before it is sent: puts what earlier steps have made where it belongs, and describes it anew. */
int steps_fill(struct ask *k, struct plan_step *s, struct err *e) must_check;
/* True when its first n steps make nothing but objects that no ref leads to. */
bool steps_are_objects(const struct ask *k, int64_t n);
/* True when something of the act has happened that is seen by others: more than such objects. */
bool steps_stand(const struct ask *k);
/* Of an act that may have happened in part (a step of it has, or the request that is repeated may have arrived late): what the
 * next one met ("was refused"), why, and what a person does. */
const char *steps_left_words(struct ask *k, const char *how, const char *why);
/* Sends it; done is called as for forge_act(). */
int steps_send(struct ask *k, const struct plan_step *s, forge_acted done, struct err *e) must_check;
