/* rows.h - rows that more than one view makes. Inside core/view only. */
#pragma once

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
/* What may stop the line of a lane: the sources of its system that do not exempt it. */
int freeze_rows_read(struct freeze_rows *out, struct store *s, const struct lane *lane, struct when now,
		     struct arena *a, struct err *e) must_check;
/* "frozen: ..", "freeze ?" or "" for the production lanes of a system. */
const char *freeze_words(const struct freeze_rows *v, struct arena *a);
/* "read before the retag of 4s ago; it is read again now", or "" when what the row shows is younger than our acts on it:
 * its runs, and `looks`, the older of when its pieces and its freezes were looked at. */
int again_words_read(const char **out, struct store *s, const struct lane *l, struct when looks,
		     struct when now, struct arena *a, struct err *e) must_check;
