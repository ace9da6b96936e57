/* rows.h - rows that more than one view makes. Inside core/view only. */
#pragma once

#include "core/model/hold.h"
#include "core/view/view.h"

void run_row_from(struct run_row *row, const struct run *r, struct when now, struct arena *a);
void run_row_json(struct jw *w, const struct run_row *r);
/* run may be NULL: then title and release are "". */
void gate_row_from(struct gate_row *row, const struct gate *g, const struct run *run, struct when now,
		   struct arena *a);
void gate_row_json(struct jw *w, const struct gate_row *g);
/* One lane's conditions of going back, as they stand in the cache under its raw name. */
int readiness_row_read(struct readiness_row *row, struct store *s, const char *lane, struct when now,
		       struct arena *a, struct err *e) must_check;
/* The same without its conditions: every lane of a screen has a way back, and one of them is opened. */
int readiness_back_read(struct readiness_row *row, struct store *s, const char *lane, struct when now,
			struct arena *a, struct err *e) must_check;
/* What may stop the line of a lane: the sources of its system that do not exempt it. */
int freeze_rows_read(struct freeze_rows *out, struct store *s, const struct lane *lane, struct when now,
		     struct arena *a, struct err *e) must_check;
/* "frozen: ..", "freeze ?" or "" for the production lanes of a system. */
const char *freeze_words(const struct freeze_rows *v, struct arena *a);
/* How many pieces of a lane are what. */
struct drift_tally {
	const char *words;  /* "1 other, 3 equal", the worst first */
	int worst;          /* enum drift_verdict, -1: there is no piece */
	struct when newest; /* when the last of them was looked at */
	struct when until;  /* then the next of them is too old; 0 none will be */
};
int drift_tally_read(struct drift_tally *out, struct store *s, const char *lane, struct when now,
		     struct arena *a, struct err *e) must_check;
/* How old the youngest fact is, over all lanes, and whether that means that nobody polls. */
struct poll_age {
	struct when newest;
	int64_t stale_after; /* the smallest of the lanes, ms; 0 none says */
};
void poll_seen(struct poll_age *p, const struct lane *l);
/* out may be NULL; strings in the arena. */
bool poll_is_silent(const struct poll_age *p, struct when now, struct alarm *out, struct arena *a);
/* Acts of ours that a reading may not know yet, newest first: read once for all lanes. */
struct young_acts VEC_OF(struct intent);
int young_acts_read(struct young_acts *out, struct store *s, struct when now, struct arena *a,
		    struct err *e) must_check;
/* "read before the retag of 4s ago; it is read again now", or "" when what the row shows is younger than our acts on it:
 * its runs, and `looks`, the older of when its pieces and its freezes were looked at. */
const char *again_words(const struct young_acts *acts, const struct lane *l, struct when looks,
			struct when now, struct arena *a);
/* Of a canary that is under way or ended badly, below its lane; nothing for others. */
int why_canary(struct why_rows *out, struct store *s, const char *lane, struct when now, struct arena *a,
	       struct err *e) must_check;
/* What was wanted of a lane's releases and is not verified, below it. */
int why_proof(struct why_rows *out, struct store *s, const char *lane, struct when now, struct arena *a,
	      struct err *e) must_check;
