/*
 * guard.h - guards of canaries as rows: who armed one, until when, what it would do, and what became of it. In words that
 * stand alone, for every place that names a lane: its row, its pane, the canary's screen, the wall.
 */
#pragma once

#include "core/view/view.h"

struct guard_row {
	const char *lane, *release, *state, *may, *armed_by, *reason, *would;
	/* "guard of ana until 16:00Z: rolls back when a judgement fails", or what became of it: one line. */
	const char *words;
	const char *brief; /* "guard ana", "guard acts": beside other words of the lane */
	const char *armed_iso, *until_iso, *breached_iso; /* NULL: not so */
	int state_value;                                  /* enum guard_state */
	bool up, acts;                                    /* armed or acting; acting */
	bool silence;
	int64_t needed, of, intent;
};
struct guard_rows VEC_OF(struct guard_row);
/* lane NULL: all, whatever their state. 1: no such lane. */
int view_guards(struct guard_rows *out, struct store *s, const char *lane, struct when now, struct arena *a,
		struct err *e) must_check;
void view_guards_json(struct jw *w, const struct guard_rows *v, struct when now);
/* Of one lane, that which is up: its words, else "". */
int view_guard_words(const char **out, struct store *s, const char *lane, struct when now, struct arena *a,
		     struct err *e) must_check;
