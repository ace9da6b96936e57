#include "unit/kube/told.h"

static const struct rollout_name no_gate = { ROLLOUT_FLAGGER, "prod", "web", NULL };

#define HOOK(type, url) "{\"name\":\"h\",\"type\":\"" type "\",\"url\":\"http://loadtester.test" url "\"}"
#define HOOKS                                                                                    \
	"\"webhooks\":[" HOOK("confirm-rollout", "/gate/check") "," HOOK(                        \
		"confirm-traffic-increase",                                                      \
		"/gate/check") "," HOOK("confirm-promotion", "/gate/check") "," HOOK("rollback", \
										     "/rollback/check") "]"
#define CANARY(spec, analysis, status)                                                                   \
	"{\"apiVersion\":\"flagger.app/"                                                                 \
	"v1beta1\",\"kind\":\"Canary\",\"metadata\":{\"name\":\"web\",\"namespace\":"                    \
	"\"prod\",\"generation\":4,\"resourceVersion\":\"9\"},\"spec\":{" spec "\"analysis\":{" analysis \
	"}},"                                                                                            \
	"\"status\":{" status "}}"
#define STEPS "\"stepWeight\":20,\"maxWeight\":50"

/* ---- reads ---------------------------------------------------------------------------------------------------------- */

static void test_phases(void **state maybe_unused)
{
	static const struct {
		const char *status;
		enum canary_phase phase;
		int64_t set;
		bool settled;
	} cases[] = {
		{ "", CANARY_OTHER, -1, false },
		{ "\"phase\":\"Initializing\"", CANARY_ABSENT, 0, true },
		{ "\"phase\":\"Initialized\"", CANARY_ABSENT, 0, true },
		{ "\"phase\":\"Waiting\",\"canaryWeight\":0", CANARY_HELD, 0, true },
		{ "\"phase\":\"Progressing\",\"canaryWeight\":40", CANARY_WATCHING, 4000, true },
		{ "\"phase\":\"Progressing\"", CANARY_WATCHING, -1, true },
		{ "\"phase\":\"Progressing\",\"canaryWeight\":140", CANARY_WATCHING, -1, true },
		/* the controller clears the weight, and the traffic stays at the last step */
		{ "\"phase\":\"WaitingPromotion\",\"canaryWeight\":0", CANARY_HELD, 6000, true },
		{ "\"phase\":\"Promoting\",\"canaryWeight\":50", CANARY_WATCHING, -1, true },
		{ "\"phase\":\"Finalising\",\"canaryWeight\":0", CANARY_WATCHING, -1, true },
		{ "\"phase\":\"Succeeded\",\"canaryWeight\":0", CANARY_DONE, 10000, true },
		{ "\"phase\":\"Failed\",\"canaryWeight\":0", CANARY_FAILED, 0, true },
		{ "\"phase\":\"Terminating\"", CANARY_ABSENT, 0, true },
		{ "\"phase\":\"Terminated\"", CANARY_ABSENT, 0, true },
		{ "\"phase\":\"Splendid\",\"canaryWeight\":40", CANARY_OTHER, -1, true },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		char body[1024];
		struct told t;

		snprintf(body, sizeof(body), CANARY("", STEPS, "%s"), cases[i].status);
		read_text(&t, &no_gate, body);
		if (!t.ok || t.a.phase != cases[i].phase || t.a.set_bp != cases[i].set ||
		    t.a.settled != cases[i].settled)
			fail_msg("%s: %s %s, set %" PRId64, cases[i].status, t.err.message,
				 names_word(&canary_phase_names, t.a.phase), t.a.set_bp);
		assert_int_equal(t.a.set_bp < 0, t.set_why[0] != 0);
		assert_int_equal(t.a.seen_bp, -1);
		assert_has(t.seen_why, "verifies nothing");
	}
}

static void test_whole(void **state maybe_unused)
{
	struct told t;

	read_text(&t, &no_gate,
		  CANARY("", "\"stepWeights\":[1,10,60]," HOOKS,
			 "\"phase\":\"Progressing\",\"canaryWeight\":10,\"failedChecks\":2,"
			 "\"lastTransitionTime\":"
			 "\"2026-11-21T11:55:00Z\",\"conditions\":[{\"type\":\"Promoted\",\"message\":\"New "
			 "revision\"}]"));
	assert_true(t.ok && t.a.settled && !t.a.promoted);
	assert_int_equal(t.a.failed_checks, 2);
	assert_int_equal(t.a.steps_n, 3);
	assert_int_equal(t.steps[0].weight_bp, 100);
	assert_int_equal(t.steps[2].weight_bp, 6000);
	assert_int_equal(t.a.step, 1);
	assert_string_equal(t.message, "New revision");
	assert_string_equal(t.set_from, "canaryWeight");
	assert_string_equal(t.version, "9");
	assert_int_equal(t.a.hooks, ROLLOUT_ASKS_ROLLOUT | ROLLOUT_ASKS_INCREASE | ROLLOUT_ASKS_PROMOTION |
					    ROLLOUT_ASKS_ROLLBACK);
	assert_int_equal(t.a.gate, ROLLOUT_GATE_UNKNOWN);
	read_text(&t, &no_gate,
		  CANARY("\"suspend\":true,", STEPS, "\"phase\":\"Progressing\",\"canaryWeight\":20"));
	assert_int_equal(t.a.phase, CANARY_HELD);
	assert_string_equal(t.pause, "suspended");
	assert_int_equal(t.a.steps_n, 3); /* 20, 40, 60: the last one may pass maxWeight */
	assert_int_equal(t.steps[2].weight_bp, 6000);
}

static void test_hooks(void **state maybe_unused)
{
	static const struct {
		const char *hook;
		unsigned bits;
	} cases[] = {
		{ HOOK("confirm-promotion", "/gate/check"), ROLLOUT_ASKS_PROMOTION },
		{ HOOK("confirm-promotion", "/gate/halt"), 0 },
		{ HOOK("rollback", "/gate/check"), 0 },
		{ HOOK("rollback", "/a/rollback/check"), ROLLOUT_ASKS_ROLLBACK },
		{ HOOK("event", "/gate/check"), 0 },
		{ "7", 0 },
		{ "{\"type\":\"rollback\"}", 0 },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		char body[1024];
		struct told t;

		snprintf(body, sizeof(body), CANARY("", "\"webhooks\":[%s]", "\"phase\":\"Waiting\""),
			 cases[i].hook);
		read_text(&t, &no_gate, body);
		assert_true(t.ok);
		if (t.a.hooks != cases[i].bits)
			fail_msg("%s: %u", cases[i].hook, t.a.hooks);
	}
}

static void test_damaged(void **state maybe_unused)
{
	static const char *const bodies[] = {
		CANARY("", STEPS, "\"phase\":1"),
		CANARY("", STEPS, "\"phase\":\"Progressing\",\"canaryWeight\":\"40\""),
		CANARY("\"suspend\":\"true\",", STEPS, "\"phase\":\"Progressing\""),
		"{\"apiVersion\":\"flagger.app/v1alpha3\",\"kind\":\"Canary\"}",
	};

	for (size_t i = 0; i < countof(bodies); i++) {
		struct told t;

		read_text(&t, &no_gate, bodies[i]);
		if (t.ok || t.err.kind != ERR_CORRUPT)
			fail_msg("%s: %d %s", bodies[i], t.err.kind, t.err.message);
	}
	/* what is of no use for steps makes none of them */
	struct told t;

	read_text(&t, &no_gate,
		  CANARY("", "\"stepWeight\":9223372036854775807", "\"phase\":\"Progressing\""));
	assert_true(t.ok);
	assert_int_equal(t.a.steps_n, 1);
}

/* ---- gates ---------------------------------------------------------------------------------------------------------- */

static void test_gates(void **state maybe_unused)
{
	static const struct {
		struct reply gate[2];
		enum rollout_gate gates[2];
		enum canary_phase phase;
		const char *why;
	} cases[] = {
		{ { { 200, .body = "Approved" }, { 403, .body = "Forbidden" } },
		  { ROLLOUT_GATE_OPEN, ROLLOUT_GATE_SHUT },
		  CANARY_WATCHING,
		  "" },
		{ { { 403, .body = "Forbidden" }, { 200, .body = "Approved" } },
		  { ROLLOUT_GATE_SHUT, ROLLOUT_GATE_OPEN },
		  CANARY_HELD,
		  "" },
		{ { { 502, .body = "" }, { 403, .body = "" } },
		  { ROLLOUT_GATE_UNKNOWN, ROLLOUT_GATE_SHUT },
		  CANARY_WATCHING,
		  "the load tester answers 502" },
		{ { { 0, .error = ERR_UNKNOWN }, { 0, .error = ERR_OFFLINE } },
		  { ROLLOUT_GATE_UNKNOWN, ROLLOUT_GATE_UNKNOWN },
		  CANARY_WATCHING,
		  "the wire is cut" },
	};
	static const struct reply api[] = {
		{ 200, .body = CANARY("", STEPS "," HOOKS, "\"phase\":\"Progressing\",\"canaryWeight\":20") }
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct stand s;
		struct told t;

		stand_open(&s, api, 1, cases[i].gate, 2);
		stand_read(&s, &t, &flagger_web);
		assert_int_equal(t.calls, 1);
		assert_true(t.ok);
		assert_int_equal(t.a.gate, cases[i].gates[0]);
		assert_int_equal(t.a.rollback, cases[i].gates[1]);
		assert_int_equal(t.a.phase, cases[i].phase);
		assert_string_equal(t.why, cases[i].why);
		assert_int_equal(s.gate.asked_n, 2);
		assert_string_equal(s.gate.asked[0].method, "POST");
		assert_string_equal(s.gate.asked[0].target, "/gate/check");
		assert_string_equal(s.gate.asked[1].target, "/rollback/check");
		assert_string_equal(s.gate.asked[1].body, "{\"name\":\"web\",\"namespace\":\"prod\"}");
		stand_close(&s);
	}
}

/* ---- acts ----------------------------------------------------------------------------------------------------------- */

#define ALL 15

static const struct {
	enum rollout_act_kind kind;
	const char *word;
	enum canary_phase phase;
	unsigned hooks;
	enum rollout_gate gate, rollback;
	const char *door, *refused;
} doors[] = {
	{ ROLLOUT_HOLD, "Progressing", CANARY_WATCHING, ALL, ROLLOUT_GATE_OPEN, ROLLOUT_GATE_SHUT,
	  "/gate/close", NULL },
	{ ROLLOUT_HOLD, "Progressing", CANARY_WATCHING, ALL, ROLLOUT_GATE_UNKNOWN, 0, "/gate/close", NULL },
	{ ROLLOUT_HOLD, "Progressing", CANARY_HELD, ALL, ROLLOUT_GATE_SHUT, 0, NULL, "its gate is shut" },
	{ ROLLOUT_HOLD, "Progressing", CANARY_WATCHING, ROLLOUT_ASKS_PROMOTION, 0, 0, NULL,
	  "no confirm-traffic-increase webhook" },
	{ ROLLOUT_HOLD, "Succeeded", CANARY_DONE, ALL, 0, 0, NULL, "nothing to hold" },
	{ ROLLOUT_RESUME, "Progressing", CANARY_HELD, ALL, ROLLOUT_GATE_SHUT, 0, "/gate/open", NULL },
	{ ROLLOUT_RESUME, "Waiting", CANARY_HELD, ALL, ROLLOUT_GATE_SHUT, 0, "/gate/open", NULL },
	{ ROLLOUT_RESUME, "Progressing", CANARY_WATCHING, ALL, ROLLOUT_GATE_OPEN, 0, NULL,
	  "nobody holds it" },
	{ ROLLOUT_RESUME, "Progressing", CANARY_WATCHING, ROLLOUT_ASKS_ROLLBACK, 0, 0, NULL, "asks no gate" },
	{ ROLLOUT_RESUME, "Failed", CANARY_FAILED, ALL, 0, ROLLOUT_GATE_OPEN, "/rollback/close", NULL },
	{ ROLLOUT_RESUME, "Failed", CANARY_FAILED, ALL, 0, ROLLOUT_GATE_SHUT, NULL, "only a new revision" },
	{ ROLLOUT_PROMOTE, "Progressing", CANARY_WATCHING, ALL, 0, 0, NULL, "cannot be told to take one" },
	{ ROLLOUT_PROMOTE, "WaitingPromotion", CANARY_HELD, ALL, 0, 0, "/gate/open", NULL },
	{ ROLLOUT_PROMOTE, "WaitingPromotion", CANARY_HELD, ROLLOUT_ASKS_ROLLBACK, 0, 0, NULL,
	  "cannot be told" },
	{ ROLLOUT_PROMOTE_FULL, "WaitingPromotion", CANARY_HELD, ALL, 0, 0, "/gate/open", NULL },
	{ ROLLOUT_PROMOTE_FULL, "Progressing", CANARY_WATCHING, ALL, 0, 0, NULL, "to skip them" },
	{ ROLLOUT_ABORT, "Progressing", CANARY_WATCHING, ALL, 0, ROLLOUT_GATE_SHUT, "/rollback/open", NULL },
	{ ROLLOUT_ABORT, "WaitingPromotion", CANARY_HELD, ALL, 0, 0, "/rollback/open", NULL },
	{ ROLLOUT_ABORT, "Progressing", CANARY_WATCHING, ALL, 0, ROLLOUT_GATE_OPEN, NULL, "open already" },
	{ ROLLOUT_ABORT, "Waiting", CANARY_HELD, ALL, 0, 0, NULL, "nothing to abort" },
	{ ROLLOUT_ABORT, "Promoting", CANARY_WATCHING, ALL, 0, 0, NULL, "nothing to abort" },
	{ ROLLOUT_ABORT, "Progressing", CANARY_WATCHING, ROLLOUT_ASKS_INCREASE, 0, 0, NULL,
	  "no rollback webhook" },
	{ ROLLOUT_NOTHING, "Progressing", CANARY_WATCHING, ALL, 0, 0, NULL, "no such act" },
};

static void test_doors(void **state maybe_unused)
{
	struct stand s;

	stand_open(&s, NULL, 0, NULL, 0);
	for (size_t i = 0; i < countof(doors); i++) {
		struct rollout_act act = { .kind = doors[i].kind,
					   .name = flagger_web,
					   .now = { .word = doors[i].word,
						    .phase = doors[i].phase,
						    .hooks = doors[i].hooks,
						    .gate = doors[i].gate,
						    .rollback = doors[i].rollback } };
		struct buf request = BUF_INIT(1024), body = BUF_INIT(1024), want = BUF_INIT(1024);
		struct err e = ERR_INIT;
		int n = rollout_requests(s.r, &act, &e);

		if (doors[i].refused) {
			assert_int_equal(n, -ERR_INVALID);
			assert_has(e.message, doors[i].refused);
		} else {
			assert_int_equal(n, 1);
			act.name.gate = GATE "/"; /* the same address */
			assert_int_equal(rollout_describe(s.r, &act, &request, &body, NULL), 0);
			buf_fmt(&want, "POST " GATE "%s", doors[i].door);
			assert_string_equal(request.s, want.s);
			assert_string_equal(body.s, "{\"name\":\"web\",\"namespace\":\"prod\"}");
		}
		buf_done(&request);
		buf_done(&body);
		buf_done(&want);
	}
	stand_close(&s);
}

static void test_no_gate(void **state maybe_unused)
{
	struct rollout_act act = { .kind = ROLLOUT_HOLD,
				   .name = no_gate,
				   .now = { .word = "Progressing", .phase = CANARY_WATCHING, .hooks = ALL } };
	struct err e = ERR_INIT;
	struct stand s;

	stand_open(&s, NULL, 0, NULL, 0);
	assert_int_equal(rollout_requests(s.r, &act, &e), -ERR_INVALID);
	assert_has(e.message, "the profile names no gate");
	act.name.gate = "https://elsewhere.example.test";
	err_clear(&e);
	assert_int_equal(rollout_requests(s.r, &act, &e), -ERR_INVALID);
	assert_has(e.message, "is elsewhere than");
	stand_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_phases),  cmocka_unit_test(test_whole), cmocka_unit_test(test_hooks),
		cmocka_unit_test(test_damaged), cmocka_unit_test(test_gates), cmocka_unit_test(test_doors),
		cmocka_unit_test(test_no_gate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
