/*
 * reflock.h - who holds a lane, a system or the con, where every captain of the organisation can see it: on the forge.
 *
 * A hold is a chain of commits that the ref refs/pilothouse/... leads to. What its newest commit says, in JSON, is what
 * holds: id (the nonce of the act), who, host, purpose, created, expires, epoch, state. Every change (take, renew, take
 * over, release) is one more commit whose parent is the commit that was seen, and the ref only moves forward: of two who
 * saw the same commit one is refused (reliability reference 5.10). Nothing is ever deleted; the chain is its own history,
 * and its length, the epoch, is what a workflow can compare to refuse whoever was overtaken. Each commit has its nonce: two
 * who make the same commit in the same second would make one object, and both would have won.
 *
 * Times are the forge's. A hold has run out when the forge's clock is past its end and REFLOCK_GRACE. What cannot be
 * understood is held by nobody knows whom, never free.
 *
 * reflock.c reads and writes links; guard.c reads the chains that matter for an act, and judges them; way_lock.c plans the
 * acts that change one.
 */
#pragma once

#include "core/engine/act.h"

#define REFLOCK_ROOT "pilothouse"
#define REFLOCK_GRACE \
	INT64_C(60000) /* ms after its end that a hold still stands: clocks of captains differ */

enum reflock_state { REFLOCK_FREE, REFLOCK_HELD, REFLOCK_EXPIRED, REFLOCK_DAMAGED };
extern const struct names reflock_state_names; /* free held expired damaged */

struct texts VEC_OF(const char *);

/* The newest link of a chain. Strings live in the arena it was read into. */
struct reflock {
	const char *place; /* the ref without "refs/" */
	const char *sha;   /* of the commit; NULL: there is no chain yet */
	const char *tree;
	const char *damage; /* why it is not understood, or NULL */
	const char *id;     /* nonce */
	const char *who, *host, *purpose;
	const char *lock_json;        /* beside it in its tree; written, not read; NULL none */
	const char *audit;            /* mark of the writer's audit chain, or NULL; written, not read */
	struct when committed;        /* as the commit says; read, not written */
	struct when created, expires; /* expires not known: until it is released */
	int64_t epoch;                /* 0 without a chain */
	bool held;                    /* false: released */
	struct texts lines,
		accepted; /* of the con: what was open when it was given, and what its taker accepted */
};
struct reflocks VEC_OF(struct reflock);

/* "pilothouse/lock/easy/prod" */
const char *reflock_lane(const char *lane, struct arena *a);
const char *reflock_system(const char *system, struct arena *a);
#define REFLOCK_CON REFLOCK_ROOT "/con"

/* What the commit says into *out (place is left alone). Damage is a value, not an error. */
void reflock_read(struct reflock *out, const struct git_commit *c, struct arena *a);
/* The message that says it. created not known: the text `drawn` stands where times will. */
const char *reflock_message(const struct reflock *l, const char *drawn, struct arena *a);

struct jw;
void reflock_write_texts(struct jw *w, const struct texts *list); /* an array */

enum reflock_state reflock_state(const struct reflock *l, struct when server);
bool reflock_is_of(const struct reflock *l, const char *who, const char *host);
/* Of the next link. Behind one that is not understood it counts from the seconds of that commit's time, which no chain grows
 * to: whoever was overtaken has a smaller one. */
int64_t reflock_next_epoch(const struct reflock *l);
/* "kim (kim@ward), since 2026-11-21 07:00Z, until 09:00Z: incident 4411" */
const char *reflock_words(const struct reflock *l, struct arena *a);

/* ---- guard.c: chains, as far as an act must know them ---- */
/* Begins to read which chains there are; nothing for an act that none of them stops or changes. */
void guard_begin(struct ask *k);
/* True: the links are being read, and `then` goes on. */
bool guard_reads(struct ask *k, ask_step then);
/* Into plan.judged, for an act that brings something new to its lane. */
void guard_judge(struct ask *k);
/* Why nobody would see a hold of ours on that repository, in words. */
const char *guard_advisory(const char *repo, struct arena *a);
/* The chain at the place as it was read for this act; never NULL, without a chain its sha is. */
const struct reflock *guard_chain(const struct ask *k, const char *place);
/* The epoch of the lane's lock when we hold it; 0: we do not. */
int64_t guard_epoch(const struct ask *k);

/* ---- branch_lock.c: the lock of github/branch-deploy, where the profile says `lock: branch-deploy` ---- */
struct branch_lock {
	bool failed;     /* it could not be read: nothing is known */
	const char *sha; /* that their branch is at; NULL: there is none, or it was not asked for */
	bool there;      /* their lock.json is */
	const char *who, *since, *why;
	const char *id; /* the nonce of our link that it belongs to, "" none */
};
/* "production-branch-deploy-lock"; NULL: no such lock counts for the lane. */
const char *branch_lock_branch(const struct profile_lane *l, struct arena *a);
void branch_lock_read(struct branch_lock *out, const char *text, size_t n, struct arena *a);
/* It is what whoever holds the chain wrote with his link: one lock, not two. */
bool branch_lock_mirrors(const struct branch_lock *b, const struct reflock *l);
const char *branch_lock_words(const struct branch_lock *b, struct arena *a);
/* As it was read for this act (guard.c). */
const struct branch_lock *guard_branch_lock(const struct ask *k);
/* The file for the tree of our link, or NULL; the step after the move of our ref; and what is said about both. */
const char *branch_lock_file(struct ask *k, const char *nonce, const struct reflock *head);
void branch_lock_step(struct ask *k, bool held, const struct reflock *head, struct plan_steps *out);
void branch_lock_judge(struct ask *k, bool held, const struct reflock *head);

/* ---- way_lock.c: for every way that adds a link ---- */
/* The requests that put `next` (place, purpose, held, lines) at the head of its chain; span ms it shall hold, 0: no end. */
void chain_steps(struct ask *k, const char *nonce, const struct reflock *next, int64_t span,
		 struct plan_steps *out);
/* What --for says, ms, or the standard; false: it is no time, and the ask has failed. */
bool chain_span(struct ask *k, int64_t *span, int64_t standard);
const char *chain_refused(struct ask *k, const struct err *err); /* way.refused */
/* After a rollback that was taken: its lane is locked, as if its captain had asked for it, unless that is not wanted. */
void lock_after_back(struct acts *a, const struct intent *in);
