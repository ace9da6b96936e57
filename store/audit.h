/*
 * audit.h - the chain of acts: one canonical line for each row of intent_log, in the journal, in the same transaction.
 *
 * A line holds the hash of the one before it; a row holds the line, exactly as it was hashed, and its hash. No row is ever
 * changed or deleted. Triggers could watch over that and are refused (a database that has one is not ours), so what proves
 * it is the chain, and the witnesses that have seen its head (core/engine/audit.h).
 *
 * What a line says and how it is hashed is not known here. Whoever owns the journal gives a sealer, which is asked for the
 * line inside the transaction, when the head cannot move any more: two writers are put in order by the database's lock, and
 * no line is ever made for a head that is not the last. Without a sealer nothing is added and nothing moves on; when it fails,
 * nothing was written at all.
 */
#pragma once

#include "store/journal.h"

struct audit_line {
	int64_t seq;      /* from 1, without gaps */
	int64_t log;      /* id of the row of intent_log; 0: the genesis line */
	const char *line; /* canonical JSON (base/json_canonical.h), without a newline */
	const char *hash; /* SHA-256 of it, 64 hex digits */
};
extern const struct rec rec_audit_line;

/* What is to be sealed: a move of an intent, or, where in is NULL, all that was here before the chain (genesis). */
struct audit_event {
	struct audit_line last; /* zeroed for the genesis line */
	const struct intent *in;
	int64_t log;
	struct when at;
};
/* Fills line and hash of *out (in a); seq and log are ours. May read the journal; any error undoes the transaction. */
typedef int (*audit_sealer)(void *ctx, const struct audit_event *ev, struct audit_line *out, struct arena *a,
			    struct err *e);
struct journal_sealer {
	audit_sealer fn;
	void *ctx;
};
/* Every line that follows is this one's; NULL: none can be written. */
void audit_seal_with(struct journal *j, audit_sealer fn, void *ctx);

/* The genesis line, where there is no line yet. ERR_CORRUPT: there were lines, and they are gone. */
int audit_begin(struct journal *j, struct when at, struct err *e) must_check;
/* Inside the transaction that has written row `log` of intent_log for an intent. Called by journal.c alone. */
int audit_append(struct journal *j, int64_t intent, int64_t log, struct when at, struct err *e) must_check;

int audit_last(struct journal *j, struct audit_line *out, struct arena *a,
	       struct err *e) must_check; /* 1: there is none */
int audit_by_seq(struct journal *j, int64_t seq, struct audit_line *out, struct arena *a,
		 struct err *e) must_check; /* 1: none */
int audit_log(struct journal *j, int64_t id, struct journal_log *out, struct arena *a,
	      struct err *e) must_check; /* 1: none */
/* The largest seq that SQLite has ever given; what was cut off the end stays counted. */
int audit_made(struct journal *j, int64_t *out, struct err *e) must_check;

/* All rows by their ids, for who verifies, exports or makes the genesis line: *row is valid in the callback only. */
int audit_each(struct journal *j, store_row_fn fn, void *ctx, struct err *e) must_check; /* audit_line */
int audit_each_intent(struct journal *j, store_row_fn fn, void *ctx, struct err *e) must_check;
int audit_each_log(struct journal *j, store_row_fn fn, void *ctx, struct err *e) must_check; /* journal_log */

/* ---- what others have seen ------------------------------------------------------------------------------------------- */

/* A head that was told to a witness, so that it can be asked again. The witness counts, not this row. */
struct audit_anchor {
	int64_t id, seq;
	const char *hash;
	const char *witness; /* comment, input, lock, journald, ledger */
	const char *place;   /* where it is found: "OWNER/NAME 123" */
	struct when at;
};
extern const struct rec rec_audit_anchor;
int audit_anchor_add(struct journal *j, const struct audit_anchor *an, struct err *e) must_check;
int audit_each_anchor(struct journal *j, store_row_fn fn, void *ctx, struct err *e) must_check;
