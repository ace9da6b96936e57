/*
 * world_fill.h - what stands in each of the worlds of world.h.
 */
#pragma once

#include "core/model/hold.h"
#include "tests/golden/world.h"

/* ---- NORMAL ---- */

static const struct lane world_lanes[] = {
	{ .name = "gov/prod",
	  .production = true,
	  .state = LANE_FAIL,
	  .live = "v2.14.0",
	  .next = "v2.15.0",
	  .run_id = 35531727338,
	  .progress = "verify-canary failed",
	  .since = { 6 * MINUTES },
	  .reasons = "[\"job verify-canary failed at step 4: err_rate 2.31 over 1.00 in 3 of 5 samples\","
		     "\"live stays v2.14.0\"]" },
	{ .name = "easy/prod",
	  .production = true,
	  .state = LANE_WAIT,
	  .live = "v0.9.3",
	  .next = "v0.9.4",
	  .run_id = 35531727001,
	  .progress = "gate:production",
	  .since = { 12 * MINUTES },
	  .reasons = "[\"environment production waits for kim, ben\",\"2 of 3 stages are done\"]" },
	{ .name = "theory/staging",
	  .state = LANE_RUN,
	  .live = "4c1d77a90211ab5e0c4c1d77a90211ab5e0c4c1d",
	  .next = "e02b519ffab0125e0ce02b519ffab0125e0ce02b",
	  .run_id = 35531726990,
	  .progress = "3/4 deploy",
	  .since = { 3 * MINUTES },
	  .reasons = "[]" },
	{ .name = "mcp/prod",
	  .production = true,
	  .state = LANE_HOLD,
	  .live = "0.4.1",
	  .next = "",
	  .progress = "freeze",
	  .since = { 2 * HOURS },
	  .reasons = "[\"held: label freeze/main-red: on 2 pull requests (since 2026-11-21T12:02:17Z)\"]" },
	{ .name = "cloud/prod",
	  .production = true,
	  .state = LANE_UNKN,
	  .live = "9f31c02",
	  .next = "b771e90",
	  .progress = "",
	  .since = { 4 * MINUTES },
	  .reasons = "[\"dispatch of b771e90 has no known outcome\"]" },
	{ .name = "easy/staging",
	  .state = LANE_OK,
	  .live = "main@77ab31c",
	  .next = "",
	  .run_id = 35531720000,
	  .progress = "",
	  .since = { 26 * MINUTES },
	  .reasons = "[]" },
	{ .name = "theory/main",
	  .production = true,
	  .state = LANE_OK,
	  .live = "4c1d77a90211ab5e0c4c1d77a90211ab5e0c4c1d",
	  .next = "",
	  .progress = "",
	  .since = { 26 * HOURS },
	  .reasons = "[]" },
	{ .name = "mcp/staging",
	  .state = LANE_OK,
	  .live = "v0.4.2",
	  .next = "v0.4.3",
	  .progress = "scan 3 warn",
	  .since = { 40 * MINUTES },
	  .reasons = "[]" },
};

static const struct hold world_held = { .lane = "mcp/prod",
					.ordinal = 100,
					.kind = HOLD_FREEZE,
					.reason = "label freeze/main-red: on 2 pull requests",
					.source = "label freeze/main-red",
					.since = { WORLD_NOW - 2 * HOURS },
					.at = { WORLD_NOW } };

static const struct hold world_locked = { .lane = "cloud/prod",
					  .ordinal = 200,
					  .kind = HOLD_FOREIGN,
					  .owner = "ben (ben@bastion)",
					  .reason = "canary is looked at",
					  .source = "refs/pilothouse/lock/cloud/prod",
					  .since = { WORLD_NOW - 5 * MINUTES },
					  .until = { WORLD_NOW + 2 * HOURS },
					  .at = { WORLD_NOW } };

static const struct alarm world_glass = {
	.kind = ALARM_GLASS,
	.subject = "35531727352",
	.lane = "a-system-with-a-long-name-14/p",
	.text = "dispatch v2.15.0 went out by break-glass of ana: nobody answers",
	.fix = "look at what it did; the journal keeps the mark",
	.since = { WORLD_NOW - 9 * MINUTES },
	.at = { WORLD_NOW }
};

static inline void world_normal(struct world *w, int64_t age)
{
	world_put(w, Q_hold_put, &rec_hold, &world_held);
	world_put(w, Q_hold_put, &rec_hold, &world_locked);
	static const char steps[] =
		"[{\"number\":1,\"name\":\"Set up job\",\"status\":\"completed\",\"conclusion\":\"success\","
		"\"started_at\":\"2026-11-21T13:50:00Z\",\"completed_at\":\"2026-11-21T13:50:04Z\"},"
		"{\"number\":2,\"name\":\"Verify release assets\",\"status\":\"completed\","
		"\"conclusion\":\"success\",\"started_at\":\"2026-11-21T13:50:04Z\","
		"\"completed_at\":\"2026-11-21T13:53:17Z\"}]";
	for (size_t i = 0; i < countof(world_lanes); i++)
		world_lane(w, &world_lanes[i], (int64_t)i, age + (int64_t)i * 1000);
	world_run(w, 35531727338, "gov/prod", RUN_COMPLETED, CONCLUSION_FAILURE, "Release train v2.15.0",
		  "ana", 10 * MINUTES, 4 * MINUTES);
	world_run(w, 35531727001, "easy/prod", RUN_WAITING, 0, "Production rollout v0.9.4 by kim", "kim",
		  14 * MINUTES, 0);
	world_run(w, 35531726990, "theory/staging", RUN_IN_PROGRESS, 0, "Deploy e02b519 to staging", "ben",
		  3 * MINUTES, 0);
	world_run(w, 35531720000, "easy/staging", RUN_COMPLETED, CONCLUSION_SUCCESS,
		  "cp: pin gcp image by project and name", "kim", 26 * MINUTES, 3 * MINUTES);
	world_run(w, 9888, "", RUN_COMPLETED, CONCLUSION_CANCELLED, "clean-main-sentinel", "schedule",
		  50 * HOURS, 22000);
	world_job(w, 35531727001, 501, "verify", "verify", RUN_COMPLETED, CONCLUSION_SUCCESS, steps);
	world_job(w, 35531727001, 502, "deploy-staging", "staging", RUN_COMPLETED, CONCLUSION_SUCCESS, "[]");
	world_job(w, 35531727001, 503, "deploy-production", "production", RUN_WAITING, 0, "[]");
	world_gate(w, 35531727001, "easy/prod", "production", true);
	world_gate(w, 35531727338, "gov/prod", "gov-production", false);
	world_intent(w, 1, "dispatch", "easy/prod", "v0.9.4", INTENT_LINKED, "", "run found by its nonce",
		     14 * MINUTES);
	world_intent(w, 2, "approve", "gov/prod", "35531727338", INTENT_DONE, "slo ok", "", 11 * MINUTES);
	world_intent(w, 3, "dispatch", "cloud/prod", "b771e90", INTENT_UNKNOWN, "", "no answer within 30 s",
		     4 * MINUTES);
	world_event(w, "gov/prod", "RUN to FAIL: job verify-canary failed", 6 * MINUTES);
	world_event(w, "easy/prod", "RUN to WAIT: gate production", 12 * MINUTES);
	world_setting(w, "login", "octo-ana");
	world_setting(w, "api_remaining", "4812");
	world_setting(w, "api_limit", "5000");
}

/* ---- HOSTILE and OVERFLOW ---- */

static inline void world_hostile(struct world *w)
{
	struct lane l = { .name = HOSTILE,
			  .production = true,
			  .state = LANE_FAIL,
			  .live = HOSTILE,
			  .next = HOSTILE,
			  .run_id = 7,
			  .progress = HOSTILE,
			  .since = { MINUTES },
			  .reasons = "[\"\\u001b]0;x\\u0007\\u202edrawer\\u009b31m\\r\"]" };
	world_lane(w, &l, 0, 0);
	world_run(w, 7, HOSTILE, RUN_WAITING, 0, HOSTILE, HOSTILE, MINUTES, 0);
	world_job(
		w, 7, 8, HOSTILE, HOSTILE, RUN_IN_PROGRESS, 0,
		"[{\"number\":1,\"name\":\"\\u001b[2J\\u202e\",\"status\":\"\\u001b[31m\"},3,{\"name\":4}]");
	world_gate(w, 7, HOSTILE, HOSTILE, false);
	struct gate g = { .run_id = 7,
			  .attempt = 1,
			  .lane = HOSTILE,
			  .environment_id = 9,
			  .environment = HOSTILE,
			  .reviewers = arena_printf(&w->a, "%s, %s", HOSTILE, HOSTILE),
			  .why_not = HOSTILE,
			  .seen = world_ago(0) };
	world_put(w, Q_gate_put, &rec_gate, &g);
	struct intent in = { .id = 1,
			     .nonce = HOSTILE,
			     .plan_id = HOSTILE,
			     .act = HOSTILE,
			     .lane = HOSTILE,
			     .repo = HOSTILE,
			     .subject = HOSTILE,
			     .line = HOSTILE,
			     .request = HOSTILE,
			     .body = HOSTILE,
			     .who = HOSTILE,
			     .reason = HOSTILE,
			     .relies_on = HOSTILE,
			     .state = INTENT_UNKNOWN,
			     .run_id = 7,
			     .run_url = HOSTILE,
			     .note = HOSTILE,
			     .created = world_ago(MINUTES),
			     .sent = world_ago(MINUTES) };
	world_put(w, Q_intent_mirror_put, &rec_intent, &in);
	world_event(w, HOSTILE, HOSTILE, MINUTES);
	world_setting(w, "drill", HOSTILE);
	world_setting(w, "login", HOSTILE);
	world_setting(w, "banner", HOSTILE);
	world_setting(w, "api_remaining", HOSTILE);
}

static inline void world_overflow(struct world *w)
{
	static const char wide[] = "\xe5\xae\x89\xe5\x85\xa8\xe5\x8f\x91\xe5\xb8\x83";
	for (int i = 0; i < 300; i++) {
		struct lane l = { .production = i % 3 == 0,
				  .state = i % 7 == 5 ? LANE_OK : i % 7,
				  .live = "a-very-long-release-name-2026.11.21-rc.17",
				  .next = wide,
				  .run_id = 35531727338 + i,
				  .since = { (i + 1) * 37 * MINUTES },
				  .reasons =
					  "[\"a reason that is far longer than any row of a small terminal, "
					  "so that it has to be broken at a blank somewhere\"]" };
		l.name = arena_printf(&w->a, "%s-%d/%s", i % 5 ? "a-system-with-a-long-name" : wide, i,
				      i % 2 ? "production-europe-west" : "p");
		l.progress = arena_printf(&w->a, "stage %d of 300 with %s words after it", i, wide);
		world_lane(w, &l, i, i % 60 * 1000);
		world_run(w, 35531727338 + i, l.name, i % 7, i % 10,
			  arena_printf(&w->a, "%s title %d %s", wide, i,
				       "which goes on and on beyond every edge that a terminal could have, "
				       "wide or not"),
			  "an-actor-with-a-name[bot]", (i + 1) * 7 * MINUTES, 3 * HOURS);
		world_gate(w, 35531727338 + i, l.name, "an-environment-of-length", i % 4 == 0);
		world_intent(w, i + 1, "dispatch", l.name, l.live, i % 9 + 1, wide, l.progress, i * MINUTES);
		world_event(w, l.name, l.progress, i * MINUTES);
	}
	for (int i = 0; i < 40; i++)
		world_job(w, 35531727338, i + 1, arena_printf(&w->a, "job %d %s", i, wide),
			  "a-long-stage-name", RUN_IN_PROGRESS, 0, "[]");
	world_put(w, Q_alarm_put, &rec_alarm, &world_glass);
	world_setting(w, "drill", "a-scenario-with-a-long-name");
	world_setting(w, "banner",
		      "the forge answers 503 since 13:57Z; the next try is in 4 minutes and so on");
	world_setting(w, "api_remaining", "123456789");
}

static inline void world_fill(struct world *w, enum world_kind kind, int64_t age)
{
	if (store_begin(w->store, &w->e) < 0)
		fail_msg("%s", w->e.message);
	if (kind == WORLD_NORMAL)
		world_normal(w, age);
	else if (kind == WORLD_HOSTILE)
		world_hostile(w);
	else
		world_overflow(w);
	if (store_end(w->store, &w->e) < 0)
		fail_msg("%s", w->e.message);
}
