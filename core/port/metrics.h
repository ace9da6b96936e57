/*
 * metrics.h - port: numbers over time, by query. adapters/prometheus speaks the HTTP API of Prometheus over the http port;
 * tests have a real server on loopback, drills the simulated world.
 *
 * An answer is a class before it is a number. No series, NaN, a stale sample, a warning beside the data and an error are
 * classes of their own (enum sample_state), because each of them holds a gate and none of them may become nought. An answer
 * with more than one series where one was asked for is trouble with the query, told as SAMPLE_ERROR. Points may stand
 * beside SAMPLE_NAN, SAMPLE_STALE and SAMPLE_PARTIAL: they are for showing, not for judging.
 *
 * The time of an instant is the time of its evaluation, not of the samples behind it. So an expression over counters
 * looks back a short span of its own ("[30s]"), and one that has no number now, but had one lately, is SAMPLE_STALE:
 * its target is down, or its series ended. SAMPLE_EMPTY is one that nobody has seen.
 *
 * read() answers below nought when nothing could be asked (token file refused); then done() is never called. Else it is
 * called exactly once, from the loop, never from inside the call; everything in the answer is borrowed for its duration.
 * Reads may be repeated freely; nothing here changes anything.
 */
#pragma once

#include "base/err.h"
#include "base/loop.h"
#include "core/model/canary.h"

struct metrics_query {
	const char *expression; /* PromQL, as it stands in the profile after its templates were filled in */
	struct when at;         /* instant; of a range: its end. Not known: now, by the server's clock */
	struct when from;       /* known: a range from there to `at` */
	int64_t step_s;         /* of a range: at most 11,000 points */
	int64_t stale_after_s; /* newest point older than this, or of an age that is not known: SAMPLE_STALE; 0: any */
};
struct metrics_point {
	struct when at;
	int64_t value; /* millionths; CANARY_NONE_VALUE for NaN; an infinity is the farthest number that fits */
};
struct metrics_answer {
	enum sample_state state;
	const char *why; /* "" when it is SAMPLE_OK; raw, the server's words may be in it */
	/* One for an instant; oldest first for a range, and for an instant whose expression is a range of raw samples
	 * ("x[5m]"). The state is that of the newest; an older one may have no number. */
	const struct metrics_point *points;
	size_t n;
	struct when date; /* server's clock; not known when nothing came */
};
/* err only when it was given up by us (ERR_CANCELLED); what the server did, silence included, is an answer. */
typedef void (*metrics_done)(void *ctx, const struct metrics_answer *answer, const struct err *err);

struct metrics;
struct metrics_ops {
	int (*read)(struct metrics *m, const struct metrics_query *q, metrics_done done, void *ctx,
		    struct err *e);
	void (*free)(struct metrics *m);
};
struct metrics {
	const struct metrics_ops *ops;
};

static inline int metrics_read(struct metrics *m, const struct metrics_query *q, metrics_done done, void *ctx,
			       struct err *e)
{
	return m->ops->read(m, q, done, ctx, e);
}
static inline void metrics_free(struct metrics *m)
{
	if (m)
		m->ops->free(m);
}
