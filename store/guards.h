/*
 * guards.h - rows of core/model/canary_guard.h: in the journal, where they count, and in the cache, where screens see them.
 *
 * A change of a guard and the move of the intent that armed it are one transaction, and so is the line of the audit chain:
 * no guard is armed, acts or ends without one. The same conditions hold as for intents: durable on return, any failure is
 * ERR_STORE and nothing has changed.
 */
#pragma once

#include "core/model/canary_guard.h"
#include "store/journal.h"

/* Arms *g: *in is its intent, in the journal as ARMED, and is moved as it stands; g->arming is set. 1: a guard is up on
 * the lane already, *there is that one (strings in a), and nothing has changed. */
int journal_guard_arm(struct journal *j, struct canary_guard *g, const struct intent *in,
		      struct canary_guard *there, struct when at, struct arena *a, struct err *e) must_check;
/* Puts *g, and g->reason as the note of its intent, which is *told then (strings in a). by: an intent that does it and is
 * moved with it, or NULL. 1: another guard is on the lane by now, and nothing has changed. */
int journal_guard_move(struct journal *j, const struct canary_guard *g, const struct intent *by,
		       struct intent *told, struct when at, struct arena *a, struct err *e) must_check;
/* All, whatever their state; appended to *out, strings in a. */
int journal_guards(struct journal *j, struct canary_guards *out, struct arena *a, struct err *e) must_check;
int journal_by_nonce(struct journal *j, const char *nonce, struct intent *out, struct arena *a,
		     struct err *e) must_check; /* 1: none */

/* The cache's rows become these, inside the caller's transaction. */
int store_guards_put(struct store *s, const struct canary_guard *rows, size_t n, struct err *e) must_check;
int store_guards_read(struct canary_guards *out, struct store *s, struct arena *a, struct err *e) must_check;
