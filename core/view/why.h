/* why.h - reasons as a tree: each condition with its datum, its age, its source, and what clears it. Part of view.h. */
#pragma once

#include "base/json.h"
#include "store/store.h"

struct plan_view;
struct check_row;

/* The rule tree of a lane: its reasons and the conditions behind them, from the cache. */
struct why_row {
	const char *text;
	const char *source;
	const char *age;
	const char *fix;
	int depth;
	int status; /* enum verdict of a condition; -1: it is none */
};
struct why_rows VEC_OF(struct why_row);
int view_why(struct why_rows *out, struct store *s, const char *lane, struct when now, struct arena *a,
	     struct err *e) must_check; /* 1: no such lane */
/* The conditions of a plan as such a tree: what stands against it first, then what was accepted, notes, and what holds. */
void view_why_plan(struct why_rows *out, const struct plan_view *p, struct arena *a);
enum check_rank { RANK_AGAINST, RANK_ACCEPTED, RANK_NOTE, RANK_OK, RANKS };
/* What a person took upon himself is no plain ok: it is shown before what is. */
enum check_rank check_rank(const struct check_row *c);
void view_why_json(struct jw *w, const struct why_rows *v, struct when now);
