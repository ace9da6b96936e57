/*
 * world_evidence.h - what a console found out for itself about the worlds of world.h: decisions, drift, ways back, freezes.
 */
#pragma once

#include "core/model/evidence.h"
#include "tests/golden/world.h"

#define EVIDENCE_DIGEST(c) "sha256:" c c c c c c c c c c c c c c c c

static inline void world_drift(struct world *w, const struct drift *from, int64_t probe, int64_t age)
{
	struct drift d = *from;
	d.probe = probe;
	d.at = world_ago(age);
	world_put(w, Q_drift_put, &rec_drift, &d);
}

static inline void world_condition(struct world *w, const char *lane, int64_t ordinal, const char *name,
				   int status, const char *detail, int64_t age)
{
	struct readiness r = { .lane = lane,
			       .ordinal = ordinal,
			       .name = name,
			       .status = status,
			       .detail = detail,
			       .fix = status == CHECK_OK ? "" : "publish it again, or go to another release",
			       .source = "forge",
			       .at = world_ago(age) };
	world_put(w, Q_readiness_put, &rec_readiness, &r);
}

static inline void world_decision(struct world *w, const struct decision *from, int64_t run, int64_t ordinal,
				  int64_t age)
{
	struct decision d = *from;
	d.run_id = run;
	d.ordinal = ordinal;
	d.at = world_ago(age);
	world_put(w, Q_decision_put, &rec_decision, &d);
}

static inline void world_freeze(struct world *w, const char *system, int64_t ordinal, const char *source,
				int state, const char *detail, int64_t age)
{
	struct freeze f = { .system = system,
			    .ordinal = ordinal,
			    .source = source,
			    .state = state,
			    .detail = detail,
			    .at = world_ago(age) };
	world_put(w, Q_freeze_put, &rec_freeze, &f);
}

/* Jobs of one run that are not what their colours say. */
static inline void world_meanings(struct world *w, int64_t run)
{
	static const struct {
		const char *name;
		int conclusion, means;
		const char *meaning;
	} jobs[] = {
		{ "scan", CONCLUSION_SUCCESS, MEANS_WARNED, "3 findings" },
		{ "migrate", CONCLUSION_SKIPPED, MEANS_NOT_REQUIRED, "not required" },
		{ "slo-gate", CONCLUSION_SUCCESS, MEANS_VACUOUS, "vacuous: no sample" },
		{ "acceptance", CONCLUSION_SUCCESS, MEANS_NOT_REQUIRED, "passed, or not required" },
	};
	for (size_t i = 0; i < countof(jobs); i++) {
		struct job j = { .id = 511 + (int64_t)i,
				 .run_id = run,
				 .attempt = 1,
				 .name = jobs[i].name,
				 .stage = "verify",
				 .status = RUN_COMPLETED,
				 .conclusion = jobs[i].conclusion,
				 .started = world_ago(9 * MINUTES),
				 .completed = world_ago(8 * MINUTES),
				 .steps = "[]",
				 .seen = world_ago(4000),
				 .means = jobs[i].means,
				 .meaning = jobs[i].meaning };
		world_put(w, Q_job_put, &rec_job, &j);
	}
}

static const struct drift world_drifts[] = {
	{ .lane = "theory/staging",
	  .component = "llm/litellm",
	  .platform = "linux/amd64",
	  .declared = "ghcr.io/acme/litellm@" EVIDENCE_DIGEST("1f2e"),
	  .live = "ghcr.io/acme/litellm@" EVIDENCE_DIGEST("1f2e"),
	  .verdict = DRIFT_EQUAL,
	  .reason = "",
	  .source = "registry.yaml at main, deployment 12" },
	{ .lane = "theory/main",
	  .component = "llm/litellm",
	  .platform = "linux/amd64",
	  .declared = "ghcr.io/acme/litellm@" EVIDENCE_DIGEST("1f2e"),
	  .live = "ghcr.io/acme/litellm@" EVIDENCE_DIGEST("90ab"),
	  .verdict = DRIFT_BEHIND,
	  .reason = "behind by 2 pins",
	  .source = "registry.yaml at main, deployment 12" },
	{ .lane = "theory/main",
	  .component = "llm/litellm",
	  .platform = "linux/arm64",
	  .declared = "ghcr.io/acme/litellm@" EVIDENCE_DIGEST("1f2e"),
	  .live = "",
	  .verdict = DRIFT_UNKNOWN,
	  .reason = "what runs was not read: the forge answers 403",
	  .source = "registry.yaml at main" },
	{ .lane = "mcp/prod",
	  .component = "mcp-server",
	  .platform = "",
	  .declared = EVIDENCE_DIGEST("77ab"),
	  .live = EVIDENCE_DIGEST("0d0d"),
	  .verdict = DRIFT_OTHER,
	  .reason = "what runs is not among the newest 12 tags",
	  .source = "registry, tag 0.4.1" },
	{ .lane = "easy/prod",
	  .component = "gateway",
	  .platform = "",
	  .declared = "v0.9.3",
	  .live = "v0.9.4",
	  .verdict = DRIFT_AHEAD,
	  .reason = "ahead by 1 release",
	  .source = "health" },
};

static inline void world_evidence_normal(struct world *w, int64_t age)
{
	static const struct decision decisions[] = {
		{ .name = "promote",
		  .verdict = DECISION_NO,
		  .word = "NO",
		  .reasons = "SLO_ERROR_RATE, EVIDENCE_STALE",
		  .detail = "",
		  .source = "decision.zip: decision.json" },
		{ .name = "package",
		  .verdict = DECISION_YES,
		  .word = "yes",
		  .reasons = "",
		  .detail = "",
		  .source = "result.zip: result.json" },
		{ .name = "migration",
		  .verdict = DECISION_NA,
		  .word = "not-required",
		  .reasons = "",
		  .detail = "",
		  .source = "result.zip: result.json" },
		{ .name = "evidence",
		  .verdict = DECISION_UNKNOWN,
		  .word = "",
		  .reasons = "",
		  .detail = "the artifact has expired",
		  .source = "evidence.zip" },
	};
	for (size_t i = 0; i < countof(world_drifts); i++)
		world_drift(w, &world_drifts[i], (int64_t)i, age + (int64_t)i * MINUTES);
	for (size_t i = 0; i < countof(decisions); i++)
		world_decision(w, &decisions[i], 35531727001, (int64_t)i, age);
	world_meanings(w, 35531727001);
	world_condition(w, "gov/prod", 0, "target", CHECK_OK, "v2.14.0", age);
	world_condition(w, "gov/prod", 1, "attested", CHECK_UNCHECKED, "not checked", age);
	world_condition(w, "gov/prod", 2, "migrations", CHECK_OK, "none since", age);
	world_condition(w, "gov/prod", 3, "duration", CHECK_OK, "p50 5m, at most 9m, of 12 runs", age);
	world_condition(w, "easy/prod", 0, "target", CHECK_OK, "v0.9.2", age);
	world_condition(w, "easy/prod", 1, "asset:example-images", CHECK_MISSING,
			"example-images.v0.9.2.json is not in the release", age);
	world_condition(w, "cloud/prod", 0, "target", CHECK_OK, "8e22b8e22b8e22b8e22b8e22b8e22b8e22b8e22b",
			age);
	world_condition(w, "cloud/prod", 1, "start", CHECK_UNCHECKED, "the workflows were not read", age);
	world_condition(w, "cloud/prod", 2, "duration", CHECK_OK, "p50 6m, at most 8m, of 3 replays", age);
	world_condition(w, "mcp/prod", 0, "target", CHECK_OK, EVIDENCE_DIGEST("90ab"), age);
	world_condition(w, "mcp/prod", 1, "registry", CHECK_UNCHECKED, "the registry did not answer", age);
	world_freeze(w, "mcp", 0, "label freeze/main-red", FREEZE_FROZEN, "on 2 pull requests", age);
	world_freeze(w, "cloud", 0, "file freeze.json", FREEZE_UNKNOWN, "the forge answers 403", age);
}

static inline void world_evidence_hostile(struct world *w, int64_t age maybe_unused)
{
	const struct drift d = { .lane = HOSTILE,
				 .component = HOSTILE,
				 .platform = HOSTILE,
				 .declared = HOSTILE,
				 .live = HOSTILE,
				 .verdict = 99,
				 .reason = HOSTILE,
				 .source = HOSTILE };
	const struct decision dec = { .name = HOSTILE,
				      .verdict = 99,
				      .word = HOSTILE,
				      .reasons = arena_printf(&w->a, "%s,%s", HOSTILE, HOSTILE),
				      .detail = HOSTILE,
				      .source = HOSTILE };
	world_drift(w, &d, 0, MINUTES);
	world_decision(w, &dec, 7, 0, MINUTES);
	world_condition(w, HOSTILE, 0, "target", CHECK_OK, HOSTILE, MINUTES);
	world_condition(w, HOSTILE, 1, HOSTILE, 99, HOSTILE, MINUTES);
	world_condition(w, HOSTILE, 2, "duration", CHECK_OK, HOSTILE, MINUTES);
	world_freeze(w, "a", 0, HOSTILE, FREEZE_FROZEN, HOSTILE, MINUTES);
	world_freeze(w, HOSTILE, 0, HOSTILE, FREEZE_FROZEN, HOSTILE, MINUTES);
}

static inline void world_evidence_overflow(struct world *w, int64_t age maybe_unused)
{
	static const char wide[] = "\xe5\xae\x89\xe5\x85\xa8\xe5\x8f\x91\xe5\xb8\x83";
	for (int i = 0; i < 300; i++) {
		struct drift d = { .lane = "a-system-with-a-long-name-1/production-europe-west",
				   .platform = i % 2 ? "linux/amd64" : "windows/arm64/v8",
				   .declared = "ghcr.io/acme/a-very-long-image-name@" EVIDENCE_DIGEST("1f2e"),
				   .live = i % 3 ? EVIDENCE_DIGEST("1f2e") : wide,
				   .verdict = i % 5,
				   .reason = "a reason that is far longer than any row of a small terminal, "
					     "so that it has to be broken at a blank somewhere",
				   .source = "the registry.yaml of a repository with a name of length" };
		d.component = arena_printf(&w->a, "component-%d-%s-of-some-length", i, wide);
		world_drift(w, &d, i, i * 9000);
		world_condition(w, "a-system-with-a-long-name-1/production-europe-west", i,
				i ? arena_printf(&w->a, "asset:%d-%s", i, wide) : "target", i % 4, d.reason,
				i * 9000);
	}
	for (int i = 0; i < 30; i++) {
		struct decision d = { .name = arena_printf(&w->a, "a-decision-%d-%s", i, wide),
				      .verdict = i % 4,
				      .word = wide,
				      .reasons = "A_REASON_CODE_OF_LENGTH, ANOTHER_REASON_CODE, AND_ONE_MORE",
				      .detail = i % 4 ? "" : "the artifact has expired 3 days ago",
				      .source = "an-artifact-with-a-name.zip: with/an/entry/of/length.json" };
		world_decision(w, &d, 35531727338, i, MINUTES);
	}
	for (int i = 0; i < 12; i++)
		world_freeze(w, arena_printf(&w->a, "a-system-with-a-long-name-%d", i), 0,
			     "label freeze/main-red-with-a-long-name", FREEZE_FROZEN, wide, MINUTES);
}

/* After world_fill(), in a transaction of its own. */
static inline void world_evidence(struct world *w, enum world_kind kind, int64_t age)
{
	if (store_begin(w->store, &w->e) < 0)
		fail_msg("%s", w->e.message);
	static void (*const fill[])(struct world * w, int64_t age) = {
		[WORLD_NORMAL] = world_evidence_normal,
		[WORLD_HOSTILE] = world_evidence_hostile,
		[WORLD_OVERFLOW] = world_evidence_overflow,
	};
	fill[kind](w, age);
	if (store_end(w->store, &w->e) < 0)
		fail_msg("%s", w->e.message);
}
