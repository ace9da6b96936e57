/*
 * journal.h - acts as the captain sees them: who did what, why, when, and what came of it. Rows of safe text, as view.h has it.
 *
 * The journal is the truth of them. The cache holds copies of the newest, which the engine puts there whenever one moves, so
 * that a screen is read from one snapshot; a verb that is asked for acts alone reads the journal itself.
 */
#pragma once

#include "base/json.h"
#include "core/model/model.h"
#include "store/journal.h"

struct intent_row {
	int64_t id, run_id;
	const char *subject_short; /* a digest by its first digits */
	const char *act, *lane, *subject, *who, *reason, *state, *note, *when, *plan_id, *nonce, *run_url;
	int state_value;
	bool broke_glass; /* it went out by break-glass, or broke it: marked for ever */
	struct when created;
};
struct intent_rows VEC_OF(struct intent_row);
/* As the cache has them, newest first; those that are open, oldest first. */
int view_journal(struct intent_rows *out, struct store *s, int64_t limit, bool open_only, struct when now,
		 struct arena *a, struct err *e) must_check;
/* As the journal has them, in the same order. */
void view_intents(struct intent_rows *out, const struct intents *v, struct when now, struct arena *a);
void view_journal_json(struct jw *w, const struct intent_rows *v, struct when now);
