/*
 * world_canary.h - canaries of the normal world of world.h: one that fails at its second rung, one that is watched while
 * nothing tells its weight, and a lane whose ladder is idle.
 */
#pragma once

#include "core/model/canary.h"
#include "store/canaries.h"
#include "tests/golden/world.h"

#define CANARY_SECONDS  INT64_C(1000)
#define CANARY_VALUE(v) ((int64_t)((v)*1e6))

static inline void world_canary_put(struct world *w, const struct canary_book *book)
{
	if (store_canary_put(w->store, book, &w->e) < 0 ||
	    store_canary_samples_add(w->store, book->row.lane, book->samples.items, book->samples.n, &w->e) <
		    0)
		fail_msg("%s", w->e.message);
}

static inline void world_canary_rung(struct world *w, struct canary_book *b, int64_t bp, int64_t window_s,
				     struct when entered, struct when left, int verdict, const char *by)
{
	*vec_push(&b->rungs, &w->a) = (struct canary_rung){ .weight_bp = bp,
							    .window_s = window_s,
							    .entered = entered,
							    .left = left,
							    .verdict = verdict,
							    .by = by };
}

/* A walk that repeats: no two neighbours alike, and no generator. */
static inline double world_wave(int i, int metric)
{
	return (double)((i * 37 + metric * 11) % 17) / 17.0;
}

/* n samples, 30 s apart, the newest `age` ago; from `since` on (its index) the canary is `worse` times as bad. */
static inline void world_canary_metric(struct world *w, struct canary_book *b,
				       const struct canary_metric *like, int n, int since, double worse,
				       int64_t age)
{
	int64_t ordinal = (int64_t)b->metrics.n;
	struct canary_metric *m = vec_push(&b->metrics, &w->a);
	*m = *like;
	m->at = world_ago(age);
	for (int i = 0; i < n; i++) {
		double level = 0.85 + 0.3 * world_wave(i, (int)ordinal);
		struct canary_sample *s = vec_push(&b->samples, &w->a);
		*s = (struct canary_sample){
			.metric = ordinal,
			.at = world_ago(age + (int64_t)(n - 1 - i) * 30 * CANARY_SECONDS),
			.state = SAMPLE_OK,
			.control = (int64_t)((double)like->control * level),
			.canary = (int64_t)((double)like->control * level * (i >= since ? worse : 1.05)),
			.control_n = 2300,
			.control_bad = 7,
			.canary_n = 1122,
			.canary_bad = i >= since ? 26 : 4,
			.why = ""
		};
		if (i % 23 == 11) {
			s->state = SAMPLE_EMPTY;
			s->canary = CANARY_NONE_VALUE;
			s->canary_n = s->canary_bad = -1;
			s->why = "the query has no series";
		}
		if (i == n - 1) { /* what the row says is what was measured last */
			s->control = like->control;
			s->canary = like->canary;
		}
	}
}

static const struct canary_metric world_failing[] = {
	{ .name = "err_rate",
	  .unit = "%",
	  .kind = "errors",
	  .control = CANARY_VALUE(0.31),
	  .canary = CANARY_VALUE(2.31),
	  .limit = CANARY_VALUE(1),
	  .verdict = VERDICT_FAIL,
	  .reason = "3 of 5 over 1.00; equal arms would bring this once in 100000",
	  .bad = 3,
	  .of = 5 },
	{ .name = "p95",
	  .unit = "ms",
	  .kind = "latency",
	  .control = CANARY_VALUE(182),
	  .canary = CANARY_VALUE(190),
	  .limit = CANARY_VALUE(250),
	  .verdict = VERDICT_PASS,
	  .reason = "",
	  .of = 5 },
	{ .name = "5xx",
	  .unit = "/min",
	  .kind = "gauge",
	  .control = CANARY_VALUE(0.4),
	  .canary = CANARY_VALUE(3.8),
	  .limit = CANARY_VALUE(2),
	  .verdict = VERDICT_FAIL,
	  .reason = "3 of 5 over 2.0",
	  .bad = 3,
	  .of = 5 },
	{ .name = "saturation",
	  .unit = "%",
	  .kind = "gauge",
	  .control = CANARY_VALUE(41),
	  .canary = CANARY_VALUE(43),
	  .limit = CANARY_VALUE(80),
	  .verdict = VERDICT_INCONCLUSIVE,
	  .reason = "not enough to see a doubling: 6 more minutes at this traffic",
	  .of = 2 },
};

/* Fails at 25 %: three of five samples are over the limit. */
static inline void world_canary_fails(struct world *w, int64_t age)
{
	static const double worse[] = { 7.4, 1.04, 9.5, 1.05 };
	struct canary_book b = { 0 };
	b.row = (struct canary){
		.lane = "gov/prod",
		.release = "v2.15.0",
		.run = 35531727338,
		.phase = CANARY_WATCHING,
		.step = 2,
		.steps = 4,
		.set_bp = 2500,
		.seen_bp = 2460,
		.set_from = "deployment payload",
		.set_why = "",
		.seen_from = "prometheus",
		.seen_why = "",
		.started = world_ago(age + 200 * CANARY_SECONDS),
		.ends = world_ago(age - 700 * CANARY_SECONDS),
		.verdict = VERDICT_FAIL,
		.reason = "err_rate 2.31 over 1.00 in 3 of 5 samples at 25%",
		.exposed = 13480,
		.extra_errors = 270,
		.budget_ppm = 9000,
		.interval_s = 30,
		.sampled = world_ago(age + 10 * CANARY_SECONDS),
		.mechanism = "hold: leaves the gate prod-50 unapproved; abort: cancels run 35531727338, "
			     "then rolls back",
		.can_hold = true,
		.at = world_ago(age)
	};
	world_canary_rung(w, &b, 500, 600, world_ago(age + 820 * CANARY_SECONDS),
			  world_ago(age + 200 * CANARY_SECONDS), VERDICT_PASS, "");
	world_canary_rung(w, &b, 2500, 900, world_ago(age + 200 * CANARY_SECONDS), WHEN_NONE, VERDICT_UNKNOWN,
			  "ana");
	world_canary_rung(w, &b, 5000, 900, WHEN_NONE, WHEN_NONE, VERDICT_UNKNOWN, "");
	world_canary_rung(w, &b, 10000, 300, WHEN_NONE, WHEN_NONE, VERDICT_UNKNOWN, "");
	for (size_t i = 0; i < countof(world_failing); i++)
		world_canary_metric(w, &b, &world_failing[i], 28, 21, worse[i], age + 10 * CANARY_SECONDS);
	world_canary_put(w, &b);
	world_event(w, "gov/prod", "FAIL canary 25 percent, err_rate 2.31 over 1.00",
		    age + 40 * CANARY_SECONDS);
	world_event(w, "gov/prod", "canary 5 to 25 percent by ana", age + 200 * CANARY_SECONDS);
}

/* Watched while nothing tells the weight, and no metric has a source. */
static inline void world_canary_unknown(struct world *w, int64_t age)
{
	static const struct canary_metric metric = { .name = "error rate",
						     .unit = "ppm",
						     .kind = "errors",
						     .control = CANARY_NONE_VALUE,
						     .canary = CANARY_NONE_VALUE,
						     .limit = CANARY_VALUE(10000),
						     .verdict = VERDICT_INCONCLUSIVE,
						     .reason = "no metrics source is named" };
	struct canary_book b = { 0 };
	b.row = (struct canary){ .lane = "theory/main",
				 .release = "e02b519ffab0125e0ce02b519ffab0125e0ce02b",
				 .phase = CANARY_WATCHING,
				 .set_bp = -1,
				 .seen_bp = -1,
				 .set_from = "",
				 .set_why = "unknown (job running)",
				 .seen_from = "",
				 .seen_why = "no metrics source is named",
				 .started = world_ago(age + 95 * CANARY_SECONDS),
				 .verdict = VERDICT_INCONCLUSIVE,
				 .reason = "no metrics source is named",
				 .exposed = -1,
				 .extra_errors = -1,
				 .budget_ppm = -1,
				 .interval_s = 30,
				 .sampled = world_ago(age + 5 * CANARY_SECONDS),
				 .mechanism = "cannot hold: the workflow reads no gate, tag or variable",
				 .at = world_ago(age) };
	world_canary_rung(w, &b, 500, 300, WHEN_NONE, WHEN_NONE, VERDICT_UNKNOWN, "");
	world_canary_rung(w, &b, 10000, 300, WHEN_NONE, WHEN_NONE, VERDICT_UNKNOWN, "");
	world_canary_metric(w, &b, &metric, 0, 0, 1, age);
	world_canary_put(w, &b);
}

static inline void world_canary_absent(struct world *w, int64_t age)
{
	struct canary_book b = { .row = { .lane = "mcp/prod",
					  .release = "",
					  .phase = CANARY_ABSENT,
					  .set_bp = -1,
					  .seen_bp = -1,
					  .set_from = "",
					  .set_why = "",
					  .seen_from = "",
					  .seen_why = "",
					  .reason = "",
					  .mechanism = "",
					  .at = world_ago(age) } };
	world_canary_rung(w, &b, 1000, 300, WHEN_NONE, WHEN_NONE, VERDICT_UNKNOWN, "");
	world_canary_rung(w, &b, 10000, 300, WHEN_NONE, WHEN_NONE, VERDICT_UNKNOWN, "");
	world_canary_put(w, &b);
}
