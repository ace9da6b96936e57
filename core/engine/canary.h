/*
 * canary.h - what the looks at a canary share. The ladder (survey_canary.c) asks who tells the weight (canary_weight.c),
 * where the limits stand (canary_limit.c), and writes phase, step and rungs (canary_ladder.c); the samples
 * (canary_sample.c) ask the metrics, and are judged with those of the rung before (canary_judge.c). Each look writes what
 * is its own of one row, in a transaction in which it reads that row anew.
 *
 * Times of the forge become ours by the engine's skew, since samples and windows are counted by our clock.
 */
#pragma once

#include "core/engine/survey.h"
#include "core/port/metrics.h"
#include "core/port/rollout.h"
#include "store/canaries.h"

/* ---- survey.c, survey_ports.c ---- */
/* What the ladder of a lane was found to be: pace of its looks from now on, and when the next sample is due (not known: at
 * its own pace). 0: the ordinary one. */
struct canary_pace {
	msec ladder, samples;
	struct when sample;
};
void survey_pace(struct look *k, const struct canary_pace *pace);

typedef void (*look_metric)(struct look *k, void *ctx, const struct metrics_answer *a);
typedef void (*look_moves)(struct look *k, void *ctx, const struct rollout_answer *a, const struct err *err);
/* At once, past the queue: survey_ports.c. Without a source the answer is SAMPLE_ERROR and says so. */
void look_metrics(struct look *k, const char *expression, int64_t stale_after_s, look_metric taken,
		  void *ctx);
/* As of a moment by the server's clock; not known: now. */
void look_metrics_at(struct look *k, struct when at, const char *expression, int64_t stale_after_s,
		     look_metric taken, void *ctx);
void look_rollout(struct look *k, const struct rollout_name *name, look_moves taken, void *ctx);

/* ---- canary_weight.c ---- */

struct rung_told {
	int64_t bp;
	struct when at; /* local; not known: not told */
};
/* What the sources say. */
struct weight {
	int64_t bp;                            /* -1 not known */
	const char *from;                      /* "deployment payload"; "" nobody told */
	const char *why;                       /* of -1 */
	struct when at;                        /* local: since when */
	struct VEC_OF(struct rung_told) rungs; /* oldest first, as far as they are told */
	int phase;            /* a controller's own word, enum canary_phase; -1: none was asked */
	int64_t seen_bp;      /* a controller verified it; -1 */
	const char *seen_why; /* ... or says why it did not; NULL: none was asked */
};
struct ladder {
	const struct profile_canary *c;
	const struct run *run;          /* that carries it, or would; NULL none */
	struct VEC_OF(struct job) jobs; /* its own */
	struct VEC_OF(struct run) runs; /* of the lane, newest first */
	struct weight told;
	const char *commit;                   /* of the release; NULL not known */
	bool held;                            /* a variable says so */
	struct VEC_OF(struct review) reviews; /* of the run's gates, when a rung is new */
	look_step then;                       /* when the weight is read */
	/* of the source that is asked now */
	size_t source;
	struct weight next;
	struct VEC_OF(struct deployment) deployments;
	struct document doc;
};
/* Asks one source after the other until one tells, then goes on with `then`. */
void weight_read(struct look *k, look_step then);
/* Time of the forge by our clock. */
struct when canary_local(const struct look *k, struct when forge);
/* Of {interval} and {limit}; limit: in the source's own unit, CANARY_NONE_VALUE none: then NULL where it is wanted. */
const char *canary_expression(const char *template, int64_t interval_s, int64_t limit, struct arena *a);

/* ---- canary_limit.c ---- */
/* Reads the files that limits stand in, at the commit of the release. */
void limits_read(struct look *k, look_step then);
/* In the metric's unit; CANARY_NONE_VALUE: it has none, or it is not known, and then *why says so. */
int64_t limit_of(struct look *k, const char *release, const struct profile_metric *m, const char **why);
/* The same in the unit of the source, for expressions. */
int64_t limit_at_source(const struct profile_metric *m, int64_t limit);

/* ---- canary_lever.c ---- */
/* Reads variables that hold, and who approved gates of rungs. What cannot be read says nothing. */
void levers_read(struct look *k, look_step then);
const char *lever_approved_by(struct look *k, int64_t weight_bp); /* of the rung's own gate; "" not told */

/* ---- canary_ladder.c ---- */
/* NONE: of this run no canary is under way, or it is over and told. NEW: another one begins, and the book is its own. */
enum ladder_found { LADDER_NONE, LADDER_SAME, LADDER_NEW };
/* The book after what was told. */
enum ladder_found ladder_step(struct look *k, struct canary_book *book);
/* A job of the lane's own stages: one run may carry a release through several lanes. */
bool stage_has_begun(const struct look *k);
/* Of a lane that has none under way: its rungs, and nothing else. */
void ladder_new(struct look *k, struct canary_book *book);
bool canary_is_on(const struct canary *c);    /* watching or held */
bool canary_is_alone(const struct canary *c); /* it has all of the traffic: there is no control */

/* ---- canary_sample.c ---- */
/* One metric at this time, as it is being asked. */
struct sampling {
	const struct profile_metric *m;
	int64_t limit; /* CANARY_NONE_VALUE: none, or not known: why_limit */
	const char *why_limit;
	struct asked_value *asked; /* SAMPLED_MAX_ of them */
	struct canary_sample row;
};
struct sampler {
	const struct profile_canary *c;
	struct canary_book book; /* as it was when the look began */
	struct VEC_OF(struct sampling) all;
	int64_t seen_bp;
	const char *seen_why;
	bool silent; /* no metric has brought a number */
	/* Of the server's clock, told by its first answer: all the others are as of then. Otherwise a scrape may fall between
	 * all requests and the good ones of them, and what it brought would look like errors. */
	struct when moment;
	look_step then;
};
/* Asks for all that the metrics want; when all has answered, samples_make() fills the rows. */
void samples_ask(struct look *k, look_step then);
void samples_make(struct look *k);

/* ---- canary_judge.c ---- */
/* Verdicts, reasons and cost of the book, out of the samples in it and the limits of its metrics. True: no metric has
 * brought a number at the newest look. */
bool canary_judge(struct canary_book *book, const struct profile_canary *c, struct when now, struct arena *a);
