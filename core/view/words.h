/* words.h - small helpers that views share: safe copies, ages, durations. Inside core/view only. */
#pragma once

#include "core/view/view.h"

/* Foreign text as a screen may show it; NULL gives "". */
const char *view_safe(struct arena *a, const char *s);
/* "kim,ben" as people write it, safe, so that a line may end between two names. */
const char *view_list(struct arena *a, const char *list);
/* Age of `at` in one unit, or "-" when it is not known. */
const char *view_age(struct arena *a, struct when at, struct when now);
/* The same, never in seconds: of what is read again all the time, where seconds would only repaint. */
const char *view_age_minutes(struct arena *a, struct when at, struct when now);
/* "4:12" or "1:02:03" between two times; until now when the end is not known; "" when nothing began. */
const char *view_duration(struct arena *a, struct when from, struct when to, struct when now);
/* What the forge's clock says now, as far as it was told: what it dated is aged by it. A drill's runs at its own speed. */
int view_forge_now(struct when *out, struct store *s, struct when now, struct arena *a,
		   struct err *e) must_check;
int64_t view_skew_ms(const char *text); /* of the setting skew_ms; 0 when it is none */
/* Opens {"as_of":..,"items":[ ; view_items_close ends both. */
void view_items_open(struct jw *w, struct when now);
void view_items_close(struct jw *w);
/* A sha cut to seven, or the text as it is. */
const char *view_short(struct arena *a, const char *release);
/* A value that is compared, for a column: 12 digits of the digest in it, 7 of a commit, else the text; safe. */
const char *view_value(struct arena *a, const char *value);
/* Milliseconds since at, never less than 0; -1: not known. */
int64_t view_age_ms(struct when at, struct when now);
/* The first moment at which what is of `at` is older than `most` ms; not known: it is, or its age is not known. */
struct when view_age_ends(struct when at, int64_t most, struct when now);
/* Moves *until to `at` where that is known and sooner. */
void view_sooner(struct when *until, struct when at);
/* "age_s": whole seconds, or null. */
void view_age_json(struct jw *w, int64_t age_ms);
