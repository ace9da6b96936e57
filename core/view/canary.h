/*
 * canary.h - one canary as a captain reads it: what share is set and what is seen, the ladder with its clocks, each metric
 * beside its control and its limit, what it has cost, who did something last and what happens next.
 *
 * What is not known says so and why ("unknown (job running)"); "-" is a number that nobody has given. A number that was
 * true once is not shown as if it were now: when no sample came for two intervals the metrics, what is seen and the cost
 * are CANARY_STRUCK, and when nobody looked at the canary at all for that long the set weight and the clocks are as well.
 * Windows and samples are dated by our own clock, and aged by it. Every string is safe text, as in view.h.
 */
#pragma once

#include "core/model/canary.h"
#include "core/view/view.h"
#include "store/canaries.h"

#define CANARY_STRUCK  "????"
#define CANARY_NUMBER  16 /* room for any number as words */
#define CANARY_PERCENT 24 /* room for any share as words */

enum rung_state { RUNG_AHEAD, RUNG_NOW, RUNG_DONE };

struct canary_rung_row {
	const char *weight; /* "25%" */
	const char *clock;  /* "03:20 of 15:00" now; how long it took; "" it is not told */
	const char *by;     /* who promoted into it, "" nobody is told */
	enum rung_state state;
	int verdict; /* enum canary_verdict, when it was left */
	int64_t weight_bp, window_s, spent_s;
	struct when entered;
};

struct canary_point {
	struct when at;
	int64_t control, canary; /* millionths; CANARY_NONE_VALUE: no number */
	int state;               /* enum sample_state */
};

struct canary_metric_row {
	const char *name, *unit;
	const char *control, *canary, *limit; /* words */
	const char *verdict;                  /* "FAIL 3/5", "ok 5/5", "unsure", CANARY_STRUCK */
	const char *reason;
	int verdict_value; /* enum canary_verdict; VERDICT_UNKNOWN when it is struck */
	int64_t control_value, canary_value, limit_value; /* millionths; CANARY_NONE_VALUE: none, or struck */
	const struct canary_point *points;                /* oldest first */
	int points_n;
	int64_t control_n,
		canary_n; /* requests in this rung as far as the points tell; -1 it has no counts */
};
struct canary_metric_rows VEC_OF(struct canary_metric_row);

struct canary_note {
	const char *at, *text;
	struct when when;
};
struct canary_notes VEC_OF(struct canary_note);

struct canary_view {
	const char *lane, *release;
	int64_t run;
	int phase; /* enum canary_phase */
	const char *phase_word;
	bool live;  /* watching or held: samples are due */
	bool stale; /* no sample for two intervals */
	bool ticks; /* a window's clock runs */
	int64_t step, steps;
	const char *set, *seen;           /* "25%", "unknown (job running)", CANARY_STRUCK */
	const char *set_from, *seen_from; /* "" not told */
	int64_t set_bp, seen_bp;          /* -1 not known, or struck */
	struct canary_rung_row *rungs;
	int rungs_n, rung_now; /* rung_now: place in rungs, -1 none */
	struct canary_metric_rows metrics;
	int verdict;
	const char *verdict_word; /* "FAIL", "ok", "unsure", "not judged", CANARY_STRUCK */
	const char *reason;
	const char *cost;      /* "exposed 13.5k requests, .." */
	const char *sampled;   /* "newest sample 14:01:37Z", "no sample yet" */
	const char *freshness; /* "stale after 60s without a sample", or for how long there was none */
	const char *mechanism;
	bool can_hold;
	const char *guard; /* of the one that is up, one line of guard.h; "" none */
	const char *last;  /* who did what last, "" nothing is known */
	const char *back;  /* "back v0.9.3 ok"; "" no way back is known */
	enum verdict back_ok;
	const char *back_took, *back_more; /* "p50 5m ..", "migrations: none since"; "" */
	struct canary_notes notes;         /* newest first */
	/* The last one of the lane that failed or was aborted, as it ended: release, phase, rungs, metrics without points,
	 * verdict, reason and cost. NULL: none is kept, or it is this one. */
	const struct canary_view *past;
	/* "v2.16.0 is not at the first rung yet (job build)": a run is on its way to the ladder; "" none is */
	const char *ahead;
	const char *past_line; /* "went back: v2.15.0 failed at 25%: err_rate 2.31 over 1.00"; "" */
	struct when started, ends, sampled_at;
	int64_t age_ms; /* of the newest sample; -1 there is none */
};

/* How much of the past is wanted: reading is what costs. */
struct canary_wish {
	int metric;      /* this one's samples in full; -1 none's */
	int64_t samples; /* newest of each of the others */
};

/* 0; 1: no such lane; 2: the lane never had a canary (*out then has its lane and nothing else). */
enum { CANARY_NO_LANE = 1, CANARY_NEVER = 2 };
int view_canary(struct canary_view *out, struct store *s, const char *lane, const struct canary_wish *wish,
		struct when now, struct arena *a, struct err *e) must_check;
/* The keys of the command-line contract, all samples that the view has. */
void view_canary_json(struct jw *w, const struct canary_view *v, struct when now);

/* One line each: which lane has, had or could have one. Those under way come first, by urgency. */
struct canary_row {
	const char *lane, *release, *phase, *weights, *step, *verdict, *reason, *age;
	const char *ahead; /* as above */
	int phase_value, verdict_value;
	bool live;
};
struct canary_list VEC_OF(struct canary_row);
int view_canaries(struct canary_list *out, struct store *s, struct when now, struct arena *a,
		  struct err *e) must_check;

/* ---- words that other views share ---- */

/* "0.31", "41220", "13.5M", "-" for no number; never longer than CANARY_NUMBER - 1. */
const char *canary_number(int64_t millionths, char out[CANARY_NUMBER]);
/* "24.6%" of hundredths of a percent; "?" not known. */
const char *canary_percent(int64_t bp, char out[CANARY_PERCENT]);
/* What the LANES screen and the wall say of a lane with one under way: "canary 25% ##--"; "" none is. */
const char *canary_progress(const struct canary *c, struct arena *a);
/* Under way, and nobody looked for longer than samples may be missed: what was set is not known now. */
bool canary_is_blind(const struct canary *c, struct when now);
int64_t canary_limit_ms(const struct canary *c); /* without a sample */
/* Member "canary" of a lane: {set, seen, step, steps}, null when none is under way. */
void canary_lane_json(struct jw *w, const struct canary *c);
/* Of a verdict: "FAIL", "ok", "unsure", "not judged". */
const char *canary_verdict_words(int verdict);
/* What `follow` and the events say of a change, in one plain line: "FAIL canary 25 percent, error rate 2.31 over 1.00"; ""
 * there is nothing to say. was: the row before, NULL there was none. Safe text. */
const char *canary_news(const struct canary *was, const struct canary *is,
			const struct canary_metrics *metrics, struct arena *a);
