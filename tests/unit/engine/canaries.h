/*
 * canaries.h - a lane with a canary on its second rung of four, and the levers that a test names. The run that carries it
 * waits at the gate of the third.
 */
#pragma once

#include "ground_engine.h"
#include "store/canaries.h"

/* clang-format off */
#define CANARY_LANE(control, back) \
	"name: shop\nsystem: shop\nrepo: acme/shop\n" \
	"freezes:\n  - {kind: tag, name: frozen/all}\n" \
	"lanes:\n" \
	"  - environment: prod\n" \
	"    production: true\n" \
	"    workflow: ship.yml\n" \
	"    start: dispatch\n" \
	"    ref: main\n" \
	"    release_input: tag\n" \
	"    inputs:\n" \
	"      - {name: tag, value: \"{release}\", required: true}\n" \
	"      - {name: intent, value: \"{nonce}\"}\n" \
	"    release_from: input\n" \
	"    release_title: \"Ship {release}*\"\n" \
	"    canary:\n" \
	"      steps: [5, 25, 50, 100]\n" \
	"      window_s: 60\n" \
	"      interval_s: 30\n" \
	"      weight:\n" \
	"        - {from: jobs, jobs: \"canary-{percent}*\"}\n" \
	control \
	back

#define BY_GATE     "        - {by: gate, acts: [hold, promote, promote-full], environment: \"prod-{percent}\"}\n"
#define BY_VARIABLE "        - {by: variable, acts: [hold], name: CANARY_HOLD, value: \"true\"}\n" \
		    "        - {by: variable, acts: [resume], name: CANARY_HOLD}\n" \
		    "        - {by: variable, acts: [promote, promote-full], name: CANARY_STEP, value: \"{percent}\"}\n"
#define BY_TAG      "        - {by: tag, acts: [hold, resume], name: hold/prod}\n"
#define BY_ARGO     "        - {by: argo, acts: [hold, resume, promote, promote-full, abort], namespace: shop, name: web}\n"
#define BY_CANCEL   "        - {by: cancel, acts: [abort]}\n"
#define LEVERS(l)   "      control:\n" l
#define GOES_BACK   "    rollback: dispatch\n"
#define BY_HELM     "    rollback: external\n    back_command: \"helm rollback shop {release}\"\n"
/* clang-format on */

#define MAIN    SHA("1")
#define CARRIER 21
#define GATE_50 50
#define SHIP_FILE                                                                                        \
	"run-name: Ship ${{ inputs.tag }} ${{ inputs.intent }}\n"                                        \
	"on:\n  workflow_dispatch:\n    inputs:\n      tag: {required: true}\n      intent: {required: " \
	"false}\n"

static inline struct run *canary_run(struct rig *r, int64_t id, const char *title, enum run_status status)
{
	struct run *run = &r->g.runs[r->g.runs_n++];

	*run = (struct run){ .id = id,
			     .attempt = 1,
			     .path = ".github/workflows/ship.yml",
			     .title = title,
			     .event = "workflow_dispatch",
			     .branch = "main",
			     .head_sha = MAIN,
			     .status = status,
			     .conclusion = status == RUN_COMPLETED ? CONCLUSION_SUCCESS : CONCLUSION_OTHER,
			     .actor = "octo-ben",
			     .triggering_actor = "octo-ben",
			     .created = clock_wall(&r->clock),
			     .updated = clock_wall(&r->clock),
			     .url = "https://forge.test/run" };
	return run;
}

static inline void canary_gate(struct rig *r, int64_t id, const char *environment)
{
	r->g.gates[r->g.gates_n++] = (struct gate){ .run_id = CARRIER,
						    .attempt = 1,
						    .environment_id = id,
						    .environment = environment,
						    .reviewers = "octo-ana",
						    .can_approve = true,
						    .why_not = "" };
}

static inline void canary_row(struct rig *r, const struct canary *row)
{
	struct canary_book book = { .row = *row };
	struct err e = ERR_INIT;

	assert_int_equal(store_begin(r->cache, &e), 0);
	if (store_canary_put(r->cache, &book, &e) < 0 || store_end(r->cache, &e) < 0)
		fail_msg("%s", e.message);
}

static inline struct canary canary_now(struct rig *r)
{
	return (struct canary){ .lane = "shop/prod",
				.release = "v2",
				.run = CARRIER,
				.phase = CANARY_WATCHING,
				.step = 2,
				.steps = 4,
				.set_bp = 2500,
				.seen_bp = -1,
				.set_from = "job canary-25",
				.set_why = "",
				.seen_from = "",
				.seen_why = "",
				.verdict = VERDICT_PASS,
				.reason = "",
				.exposed = -1,
				.extra_errors = -1,
				.budget_ppm = -1,
				.interval_s = 30,
				.sampled = clock_wall(&r->clock),
				.mechanism = "",
				.at = clock_wall(&r->clock) };
}

/* Samples went on meanwhile. */
static inline void canary_sampled(struct rig *r)
{
	struct canary row = canary_now(r);

	canary_row(r, &row);
}

static inline void canary_world(struct rig *r)
{
	struct ground *g = &r->g;
	struct canary row = canary_now(r);

	g->workflows[0] = "ship.yml";
	g->behind = 2;
	g->titled = true;
	g->environment =
		"{\"id\":50,\"name\":\"prod-50\",\"reviewers\":[\"octo-ana\"],\"prevent_self_review\":true,"
		"\"wait_timer\":0}";
	ground_set_ref(g, "heads/main", MAIN);
	ground_set_ref(g, "tags/v1", SHA("a"));
	ground_set_ref(g, "tags/v2", SHA("b"));
	ground_set_file(g, "main", ".github/workflows/ship.yml", SHIP_FILE);
	canary_run(r, 19, "Ship v0", RUN_COMPLETED);
	canary_run(r, 20, "Ship v1", RUN_COMPLETED);
	canary_run(r, CARRIER, "Ship v2", RUN_WAITING);
	canary_gate(r, GATE_50, "prod-50");
	canary_row(r, &row);
}

static inline struct rig *canary_open(void **state, const char *profile)
{
	if (*state)
		rig_teardown(state);
	rig_setup_with(state, profile);
	canary_world(*state);
	return *state;
}

static inline int canary_teardown(void **state)
{
	return *state ? rig_teardown(state) : 0;
}

static inline bool begins(const char *s, const char *with)
{
	if (text_starts(s, with))
		return true;
	print_error("%s\n", s);
	return false;
}
