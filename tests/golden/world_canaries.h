/*
 * world_canaries.h - canaries into a world, by its kind: those of world_canary.h, twenty metrics of three hundred samples on
 * twenty rungs, or text that attacks in every field.
 */
#pragma once

#include "tests/golden/world_canary.h"

static inline void world_canary_many(struct world *w, const char *lane, int metrics, int samples)
{
	static const char wide[] = "\xe5\xae\x89\xe5\x85\xa8";
	struct canary_book b = { 0 };
	b.row = (struct canary){
		.lane = lane,
		.release = "a-very-long-release-name-2026.11.21-rc.17",
		.run = 35531727338,
		.phase = CANARY_HELD,
		.step = 12,
		.steps = 20,
		.set_bp = 6000,
		.seen_bp = 5987,
		.set_from = "the status description of a deployment",
		.set_why = "",
		.seen_from = wide,
		.seen_why = "",
		.started = world_ago(5000 * CANARY_SECONDS),
		.verdict = VERDICT_INCONCLUSIVE,
		.reason = "a reason that is far longer than any row of a small terminal, so that it "
			  "has to be broken at a blank somewhere, and once more",
		.exposed = INT64_MAX,
		.extra_errors = 123456789,
		.budget_ppm = INT64_MAX,
		.interval_s = 30,
		.sampled = world_ago(20 * CANARY_SECONDS),
		.mechanism = "hold: sets the variable A_VARIABLE_WITH_A_LONG_NAME, which the workflow "
			     "reads at each of its rungs; abort: cannot",
		.at = world_ago(0)
	};
	for (int i = 0; i < 20; i++)
		world_canary_rung(w, &b, (i + 1) * 500, 3600,
				  i < 12 ? world_ago((int64_t)(12 - i) * 700 * CANARY_SECONDS) : WHEN_NONE,
				  i < 11 ? world_ago((int64_t)(11 - i) * 700 * CANARY_SECONDS) : WHEN_NONE,
				  i % 4, wide);
	for (int i = 0; i < metrics; i++) {
		struct canary_metric m = { .name = arena_printf(&w->a, "metric-%d-%s-with-a-name", i, wide),
					   .unit = i % 3 ? "requests/s" : wide,
					   .kind = "gauge",
					   .control = CANARY_VALUE(1234567.0) * (i + 1),
					   .canary = i % 5 ? CANARY_VALUE(2234567.0) * (i + 1) : INT64_MAX,
					   .limit = i % 4 ? CANARY_VALUE(1800000.0) * (i + 1)
							  : CANARY_NONE_VALUE,
					   .verdict = i % 4,
					   .reason = b.row.reason,
					   .bad = i % 6,
					   .of = 5 };
		world_canary_metric(w, &b, &m, samples, samples * 2 / 3, 1.8, 20 * CANARY_SECONDS);
	}
	world_canary_put(w, &b);
}

static inline void world_canary_hostile(struct world *w)
{
	struct canary_book b = { 0 };
	struct canary_metric m = { .name = HOSTILE,
				   .unit = HOSTILE,
				   .kind = HOSTILE,
				   .control = INT64_MIN + 1,
				   .canary = INT64_MAX,
				   .limit = 1,
				   .verdict = 99,
				   .reason = HOSTILE,
				   .bad = INT64_MAX,
				   .of = INT64_MAX };
	b.row = (struct canary){ .lane = HOSTILE,
				 .release = HOSTILE,
				 .run = 7,
				 .phase = CANARY_WATCHING,
				 .step = INT64_MAX,
				 .steps = INT64_MAX,
				 .set_bp = INT64_MAX,
				 .seen_bp = -1,
				 .set_from = HOSTILE,
				 .set_why = HOSTILE,
				 .seen_from = HOSTILE,
				 .seen_why = HOSTILE,
				 .started = { 1 },
				 .ends = world_ago(0),
				 .verdict = 99,
				 .reason = HOSTILE,
				 .interval_s = INT64_MAX,
				 .sampled = world_ago(0),
				 .mechanism = HOSTILE,
				 .at = world_ago(0) };
	world_canary_rung(w, &b, INT64_MAX, INT64_MAX, (struct when){ 1 }, world_ago(0), 99, HOSTILE);
	world_canary_rung(w, &b, -5, -7, WHEN_NONE, WHEN_NONE, -1, HOSTILE);
	world_canary_metric(w, &b, &m, 40, 20, 3, 0);
	world_canary_put(w, &b);
}

/* After world_fill(), in a transaction of its own. */
static inline void world_canary(struct world *w, enum world_kind kind, int64_t age)
{
	if (store_begin(w->store, &w->e) < 0)
		fail_msg("%s", w->e.message);
	if (kind == WORLD_NORMAL) {
		world_canary_fails(w, age);
		world_canary_unknown(w, age);
		world_canary_absent(w, age);
	} else if (kind == WORLD_HOSTILE) {
		world_canary_hostile(w);
	} else {
		world_canary_many(w, "a-system-with-a-long-name-1/production-europe-west", 20,
				  CANARY_SAMPLES);
	}
	if (store_end(w->store, &w->e) < 0)
		fail_msg("%s", w->e.message);
}
