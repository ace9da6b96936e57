/*
 * world_canaries.h - canaries into a world, by its kind: those of world_canary.h, twenty metrics of three hundred samples on
 * twenty rungs, or text that attacks in every field.
 */
#pragma once

#include "store/guards.h"
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

/* v1.4.0 failed at half of the traffic, and the ladder of the way back is done. */
static inline void world_canary_back(struct world *w, int64_t age)
{
	struct canary_book b = { .row = { .lane = "mcp/staging",
					  .release = "v1.4.0",
					  .run = 35531720001,
					  .phase = CANARY_FAILED,
					  .step = 2,
					  .steps = 3,
					  .set_bp = 5000,
					  .seen_bp = -1,
					  .set_from = "job canary-50",
					  .set_why = "",
					  .seen_from = "",
					  .seen_why = "nothing counts it",
					  .verdict = VERDICT_FAIL,
					  .reason = "err_rate 2.31 over 1.00 in 3 of 5 samples",
					  .exposed = 5120,
					  .extra_errors = 88,
					  .budget_ppm = 4000,
					  .interval_s = 30,
					  .sampled = world_ago(age + 900 * CANARY_SECONDS),
					  .mechanism = "",
					  .at = world_ago(age + 900 * CANARY_SECONDS) } };
	int r = store_begin(w->store, &w->e);
	world_canary_rung(w, &b, 500, 300, world_ago(age + 1600 * CANARY_SECONDS),
			  world_ago(age + 1300 * CANARY_SECONDS), VERDICT_PASS, "");
	world_canary_rung(w, &b, 5000, 300, world_ago(age + 1300 * CANARY_SECONDS),
			  world_ago(age + 900 * CANARY_SECONDS), VERDICT_FAIL, "");
	world_canary_rung(w, &b, 10000, 300, WHEN_NONE, WHEN_NONE, VERDICT_UNKNOWN, "");
	world_canary_metric(w, &b, &world_failing[0], 20, 12, 7.4, age + 900 * CANARY_SECONDS);
	world_canary_put(w, &b);
	r = r < 0 ? r : store_canary_past_keep(w->store, b.row.lane, &w->e);
	b.row.release = "v1.3.2";
	b.row.run++;
	b.row.phase = CANARY_DONE;
	b.row.step = 3;
	b.row.set_bp = 10000;
	b.row.set_from = "job canary-100";
	b.row.verdict = VERDICT_PASS;
	b.row.reason = "nothing stands against it";
	for (size_t i = 0; i < b.rungs.n; i++) {
		b.rungs.items[i].entered = world_ago(age + (800 - 200 * (int64_t)i) * CANARY_SECONDS);
		b.rungs.items[i].left = world_ago(age + (600 - 200 * (int64_t)i) * CANARY_SECONDS);
		b.rungs.items[i].verdict = VERDICT_PASS;
	}
	b.metrics.items[0].verdict = VERDICT_PASS;
	b.metrics.items[0].canary = CANARY_VALUE(0.3);
	r = r < 0 ? r : store_canary_put(w->store, &b, &w->e);
	r = r < 0 ? r : store_end(w->store, &w->e);
	if (r < 0)
		fail_msg("%s", w->e.message);
}

/* A guard watches on theory/main, or on no lane. */
static inline void world_guard(struct world *w, bool armed, int64_t age)
{
	const struct canary_guard guard = { .lane = "theory/main",
					    .release = "e02b519ffab0125e0ce02b519ffab0125e0ce02b",
					    .may = GUARD_MAY_ROLLBACK,
					    .armed_by = "ana@bastion (octo-ana)",
					    .client = "",
					    .armed = world_ago(age + 60 * CANARY_SECONDS),
					    .deadline = world_ago(age - 3600 * CANARY_SECONDS),
					    .needed = 3,
					    .of = 5,
					    .state = GUARD_ARMED,
					    .reason = "",
					    .would = "goes back to 0b21a9c by dispatching train.yml",
					    .nonce = "",
					    .refused = "",
					    .at = world_ago(age) };
	if (store_guards_put(w->store, &guard, armed, &w->e) < 0)
		fail_msg("%s", w->e.message);
}
