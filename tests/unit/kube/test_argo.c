#include "unit/kube/told.h"

/* A Rollout with steps 5, pause 300 s, 25, pause for ever, analysis; `more` are members of its status. */
#define ROLLOUT(generation, spec, status)                                                                  \
	"{\"apiVersion\":\"argoproj.io/v1alpha1\",\"kind\":\"Rollout\",\"metadata\":{\"name\":\"web\","    \
	"\"namespace\":\"prod\",\"generation\":" generation ",\"resourceVersion\":\"81\"},\"spec\":{" spec \
	"\"strategy\":{\"canary\":{\"steps\":[{\"setWeight\":5},{\"pause\":{\"duration\":\"5m\"}},{"       \
	"\"setWeight\":25},"                                                                               \
	"{\"pause\":{}},{\"analysis\":{\"templates\":[]}}]}}},\"status\":{\"observedGeneration\":\"7\","   \
	"\"stableRS\":\"old\",\"currentPodHash\":\"new\"," status "}}"
#define PAUSED(reason)                               \
	"\"pauseConditions\":[{\"reason\":\"" reason \
	"\",\"startTime\":\"2026-11-21T11:55:00Z\"}],\"controllerPause\":true"
#define WEIGHT(n, more) \
	"\"canary\":{\"weights\":{\"canary\":{\"weight\":" n "},\"stable\":{\"weight\":0}" more "}}"

static const struct {
	const char *what, *body;
	enum canary_phase phase;
	int64_t set, seen;
	bool settled;
} phases[] = {
	{ "a pause that ends by itself is a window",
	  ROLLOUT("7", "", "\"phase\":\"Paused\",\"currentStepIndex\":1," PAUSED("CanaryPauseStep")),
	  CANARY_WATCHING, 500, -1, true },
	{ "a pause for ever is a hold",
	  ROLLOUT("7", "", "\"phase\":\"Paused\",\"currentStepIndex\":3," PAUSED("CanaryPauseStep")),
	  CANARY_HELD, 2500, -1, true },
	{ "somebody paused it",
	  ROLLOUT("7", "\"paused\":true,", "\"phase\":\"Paused\",\"currentStepIndex\":1"), CANARY_HELD, 500,
	  -1, true },
	{ "the analysis could not decide",
	  ROLLOUT("7", "", "\"phase\":\"Paused\",\"currentStepIndex\":1," PAUSED("InconclusiveAnalysisRun")),
	  CANARY_HELD, 500, -1, true },
	{ "under way", ROLLOUT("7", "", "\"phase\":\"Progressing\",\"currentStepIndex\":2"), CANARY_WATCHING,
	  2500, -1, true },
	{ "no index is the first step", ROLLOUT("7", "", "\"phase\":\"Progressing\""), CANARY_WATCHING, 500,
	  -1, true },
	{ "past the last step", ROLLOUT("7", "", "\"phase\":\"Progressing\",\"currentStepIndex\":5"),
	  CANARY_WATCHING, 10000, -1, true },
	{ "an index that is none", ROLLOUT("7", "", "\"phase\":\"Progressing\",\"currentStepIndex\":6"),
	  CANARY_WATCHING, -1, -1, true },
	{ "the newest declaration was not seen",
	  ROLLOUT("8", "\"paused\":true,", "\"phase\":\"Healthy\",\"currentStepIndex\":1"), CANARY_WATCHING,
	  -1, -1, false },
	{ "a pause was cleared, the controller holds it still",
	  ROLLOUT("7", "", "\"phase\":\"Paused\",\"currentStepIndex\":3,\"controllerPause\":true"),
	  CANARY_WATCHING, -1, -1, false },
	{ "aborted",
	  ROLLOUT("7", "",
		  "\"phase\":\"Degraded\",\"abort\":true,\"abortedAt\":\"2026-11-21T11:59:00Z\","
		  "\"currentStepIndex\":0"),
	  CANARY_ABORTED, 0, -1, true },
	{ "aborted while somebody holds it: its replicas stay",
	  ROLLOUT("7", "\"paused\":true,",
		  "\"phase\":\"Degraded\",\"abort\":true,\"abortedAt\":\"2026-11-21T11:59:00Z\""),
	  CANARY_ABORTED, -1, -1, true },
	{ "and a router shifts back all the same",
	  ROLLOUT("7", "\"paused\":true,",
		  "\"phase\":\"Degraded\",\"abort\":true,\"abortedAt\":\"2026-11-21T11:59:00Z\"," WEIGHT("0",
													 "")),
	  CANARY_ABORTED, 0, -1, true },
	{ "to be aborted",
	  ROLLOUT("7", "", "\"phase\":\"Progressing\",\"abort\":true,\"currentStepIndex\":2"),
	  CANARY_WATCHING, -1, -1, false },
	{ "to be tried again",
	  ROLLOUT("7", "", "\"phase\":\"Degraded\",\"abortedAt\":\"2026-11-21T11:59:00Z\""), CANARY_WATCHING,
	  -1, -1, false },
	{ "degraded by itself", ROLLOUT("7", "", "\"phase\":\"Degraded\",\"currentStepIndex\":2"),
	  CANARY_FAILED, 2500, -1, true },
	{ "healthy and not promoted is a contradiction",
	  ROLLOUT("7", "", "\"phase\":\"Healthy\",\"currentStepIndex\":2"), CANARY_OTHER, 2500, -1, true },
	{ "a word that is not known", ROLLOUT("7", "", "\"phase\":\"Splendid\",\"currentStepIndex\":2"),
	  CANARY_OTHER, 2500, -1, true },
	{ "no word at all", ROLLOUT("7", "", "\"currentStepIndex\":2"), CANARY_OTHER, 2500, -1, true },
	{ "a traffic router told",
	  ROLLOUT("7", "", "\"phase\":\"Progressing\",\"currentStepIndex\":2," WEIGHT("20", "")),
	  CANARY_WATCHING, 2000, -1, true },
	{ "and verified",
	  ROLLOUT("7", "",
		  "\"phase\":\"Progressing\",\"currentStepIndex\":2," WEIGHT("20", ",\"verified\":true")),
	  CANARY_WATCHING, 2000, 2000, true },
	{ "and could not verify",
	  ROLLOUT("7", "",
		  "\"phase\":\"Progressing\",\"currentStepIndex\":2," WEIGHT("20", ",\"verified\":false")),
	  CANARY_WATCHING, 2000, -1, true },
	{ "verified, and no weight",
	  ROLLOUT("7", "",
		  "\"phase\":\"Progressing\",\"canary\":{\"weights\":{\"canary\":{},\"verified\":true}}"),
	  CANARY_WATCHING, -1, -1, true },
	{ "a weight above all", ROLLOUT("7", "", "\"phase\":\"Progressing\"," WEIGHT("101", "")),
	  CANARY_WATCHING, -1, -1, true },
};

/* ---- reads ---------------------------------------------------------------------------------------------------------- */

static void test_phases(void **state maybe_unused)
{

	for (size_t i = 0; i < countof(phases); i++) {
		struct told t;

		read_text(&t, &argo_web, phases[i].body);
		if (!t.ok)
			fail_msg("%s: %s", phases[i].what, t.err.message);
		if (t.a.phase != phases[i].phase || t.a.set_bp != phases[i].set ||
		    t.a.seen_bp != phases[i].seen || t.a.settled != phases[i].settled)
			fail_msg("%s: %s, set %" PRId64 ", seen %" PRId64 ", settled %d", phases[i].what,
				 names_word(&canary_phase_names, t.a.phase), t.a.set_bp, t.a.seen_bp,
				 t.a.settled);
		/* whatever is not told has its reason, and nothing else has one */
		assert_int_equal(t.a.set_bp < 0, t.set_why[0] != 0);
		assert_int_equal(t.a.set_bp >= 0, t.set_from[0] != 0);
		assert_int_equal(t.a.seen_bp < 0, t.seen_why[0] != 0);
	}
}

static void test_whole(void **state maybe_unused)
{
	struct told t;

	read_text(
		&t, &argo_web,
		ROLLOUT("7", "",
			"\"phase\":\"Paused\",\"message\":\"CanaryPauseStep\",\"currentStepIndex\":3," PAUSED(
				"CanaryPauseStep") ",\"canary\":{\"currentStepAnalysisRunStatus\":{"
						   "\"status\":\"Successful\"},"
						   "\"currentBackgroundAnalysisRunStatus\":{\"status\":"
						   "\"Failed\"}}"));
	assert_true(t.ok);
	assert_string_equal(t.word, "Paused");
	assert_string_equal(t.message, "CanaryPauseStep");
	assert_string_equal(t.pause, "CanaryPauseStep");
	assert_int_equal(t.a.paused_since.ms, NOON - 300000);
	assert_string_equal(t.analysis, "Failed");
	assert_string_equal(t.version, "81");
	assert_string_equal(t.set_from, "steps");
	assert_string_equal(t.seen_why, "no traffic routing");
	assert_int_equal(t.a.date.ms, NOON);
	assert_int_equal(t.a.steps_n, 5);
	assert_int_equal(t.a.step, 3);
	assert_int_equal(t.steps[0].weight_bp, 500);
	assert_int_equal(t.steps[0].pause_s, 0);
	assert_int_equal(t.steps[1].weight_bp, -1);
	assert_int_equal(t.steps[1].pause_s, 300);
	assert_int_equal(t.steps[3].pause_s, -1);
	assert_true(t.a.has_pause && t.a.controller_pause && !t.a.spec_paused && !t.a.promoted &&
		    !t.a.inconclusive);
}

static void test_promoted(void **state maybe_unused)
{
	struct told t;

	read_text(&t, &argo_web,
		  "{\"apiVersion\":\"argoproj.io/"
		  "v1alpha1\",\"kind\":\"Rollout\",\"metadata\":{\"name\":\"web\","
		  "\"namespace\":\"prod\",\"generation\":3},\"spec\":{\"strategy\":{\"canary\":{}}},"
		  "\"status\":{\"phase\":"
		  "\"Healthy\",\"observedGeneration\":\"3\",\"stableRS\":\"x\",\"currentPodHash\":"
		  "\"x\"," WEIGHT("0", "") "}}");
	assert_true(t.ok && t.a.promoted);
	assert_int_equal(t.a.phase, CANARY_DONE);
	assert_int_equal(t.a.set_bp, 10000); /* the canary's own share is nought again */
	assert_int_equal(t.a.step, -1);
}

static void test_durations(void **state maybe_unused)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} cases[] = { { "90", 90 },
		      { "\"90\"", 90 },
		      { "\"90s\"", 90 },
		      { "\"10m\"", 600 },
		      { "\"1h30m\"", 5400 },
		      { "\"1.5h\"", -1 },
		      { "\"\"", -1 },
		      { "\"m\"", -1 },
		      { "\"5x\"", -1 },
		      { "0", 0 },
		      { "\"5m5\"", -1 },
		      { "true", -1 },
		      { "\"99999999999999h\"", -1 } };

	for (size_t i = 0; i < countof(cases); i++) {
		char body[1024];
		struct told t;

		snprintf(body, sizeof(body),
			 "{\"apiVersion\":\"argoproj.io/"
			 "v1alpha1\",\"kind\":\"Rollout\",\"metadata\":{\"name\":\"web\","
			 "\"namespace\":\"prod\"},\"spec\":{\"strategy\":{\"canary\":{\"steps\":[{\"pause\":{"
			 "\"duration\":%s}}]}}}}",
			 cases[i].text);
		read_text(&t, &argo_web, body);
		if (!t.ok || t.steps[0].pause_s != cases[i].seconds)
			fail_msg("%s: %" PRId64, cases[i].text, t.steps[0].pause_s);
	}
}

static void test_damaged(void **state maybe_unused)
{
	static const char *const bodies[] = {
		"",
		"<html>",
		"[]",
		"{}",
		"{\"apiVersion\":\"argoproj.io/v1alpha1\",\"kind\":\"RolloutList\"}",
		"{\"apiVersion\":\"argoproj.io/"
		"v1alpha1\",\"kind\":\"Rollout\",\"metadata\":{\"name\":\"other\","
		"\"namespace\":\"prod\"},\"spec\":{\"strategy\":{\"canary\":{}}}}",
		"{\"apiVersion\":\"argoproj.io/"
		"v1alpha1\",\"kind\":\"Rollout\",\"metadata\":{\"name\":\"web\","
		"\"namespace\":\"test\"},\"spec\":{\"strategy\":{\"canary\":{}}}}",
		"{\"apiVersion\":\"argoproj.io/"
		"v1alpha1\",\"kind\":\"Rollout\",\"metadata\":{\"name\":\"web\","
		"\"namespace\":\"prod\"},\"spec\":{\"strategy\":{\"blueGreen\":{}}}}",
		ROLLOUT("7", "", "\"abort\":\"true\""),
		ROLLOUT("7", "\"paused\":1,", "\"abort\":false"),
		ROLLOUT("7", "", "\"currentStepIndex\":\"2\""),
		ROLLOUT("7", "", "\"phase\":4"),
		ROLLOUT("7", "", "\"abort\":true,\"abort\":false"),
	};

	for (size_t i = 0; i < countof(bodies); i++) {
		struct told t;

		read_text(&t, &argo_web, bodies[i]);
		if (t.ok || t.err.kind != ERR_CORRUPT)
			fail_msg("%s: %d %s", bodies[i], t.err.kind, t.err.message);
	}
}

/* ---- acts ----------------------------------------------------------------------------------------------------------- */

#define MAIN   "PATCH /apis/argoproj.io/v1alpha1/namespaces/prod/rollouts/web"
#define STATUS MAIN "/status"
#define FROM   "\"metadata\":{\"resourceVersion\":\"81\"},"

enum {
	PROMOTED = 1,
	ABORTED = 2,
	SPEC = 4,
	PAUSE = 8,
	UNDECIDED = 16,
	BLIND = 32,
	STEPLESS = 64,
	LAST = 128,
	CLEARED = 256,
};

static struct rollout_act act_of(enum rollout_act_kind kind, unsigned f)
{
	return (struct rollout_act){ .kind = kind,
				     .name = argo_web,
				     .now = { .word = "",
					      .version = "81",
					      .pause_reason = f & PAUSE ? "CanaryPauseStep" : "",
					      .promoted = f & PROMOTED,
					      .aborted = f & ABORTED,
					      .spec_paused = f & SPEC,
					      .has_pause = f & PAUSE,
					      .controller_pause = f & (PAUSE | CLEARED),
					      .inconclusive = f & UNDECIDED,
					      .settled = !(f & BLIND),
					      .steps_n = f & STEPLESS ? 0 : 5,
					      .step = f & LAST ? 5 : 2 } };
}

static const struct {
	enum rollout_act_kind kind;
	unsigned facts;
	const char *request[2], *body[2], *refused;
} patches[] = {
	{ ROLLOUT_HOLD, 0, { MAIN }, { "{\"spec\":{\"paused\":true}}" }, NULL },
	{ ROLLOUT_HOLD, PAUSE, { MAIN }, { "{\"spec\":{\"paused\":true}}" }, NULL },
	{ ROLLOUT_HOLD, SPEC, { 0 }, { 0 }, "paused already" },
	{ ROLLOUT_HOLD, PROMOTED, { 0 }, { 0 }, "nothing to hold" },
	{ ROLLOUT_HOLD, ABORTED, { 0 }, { 0 }, "nothing to hold" },
	{ ROLLOUT_RESUME, SPEC, { MAIN }, { "{\"spec\":{\"paused\":false}}" }, NULL },
	{ ROLLOUT_RESUME, ABORTED, { STATUS }, { "{\"status\":{\"abort\":false}}" }, NULL },
	{ ROLLOUT_RESUME,
	  ABORTED | SPEC,
	  { STATUS, MAIN },
	  { "{\"status\":{\"abort\":false}}", "{\"spec\":{\"paused\":false}}" },
	  NULL },
	{ ROLLOUT_RESUME, 0, { 0 }, { 0 }, "nobody holds it" },
	{ ROLLOUT_RESUME, PAUSE, { 0 }, { 0 }, "goes on when it is promoted" },
	{ ROLLOUT_PROMOTE, PAUSE, { STATUS }, { "{" FROM "\"status\":{\"pauseConditions\":null}}" }, NULL },
	{ ROLLOUT_PROMOTE,
	  PAUSE | SPEC,
	  { STATUS, MAIN },
	  { "{" FROM "\"status\":{\"pauseConditions\":null}}", "{\"spec\":{\"paused\":false}}" },
	  NULL },
	{ ROLLOUT_PROMOTE,
	  0,
	  { STATUS },
	  { "{" FROM "\"status\":{\"pauseConditions\":null,\"currentStepIndex\":3}}" },
	  NULL },
	{ ROLLOUT_PROMOTE,
	  SPEC,
	  { STATUS, MAIN },
	  { "{" FROM "\"status\":{\"pauseConditions\":null,\"currentStepIndex\":3}}",
	    "{\"spec\":{\"paused\":false}}" },
	  NULL },
	{ ROLLOUT_PROMOTE,
	  LAST,
	  { STATUS },
	  { "{" FROM "\"status\":{\"pauseConditions\":null,\"currentStepIndex\":5}}" },
	  NULL },
	{ ROLLOUT_PROMOTE,
	  PAUSE | UNDECIDED,
	  { STATUS },
	  { "{" FROM "\"status\":{\"pauseConditions\":null,\"controllerPause\":false,"
	    "\"currentStepIndex\":3}}" },
	  NULL },
	{ ROLLOUT_PROMOTE, PROMOTED, { 0 }, { 0 }, "all of the traffic" },
	{ ROLLOUT_PROMOTE, ABORTED, { 0 }, { 0 }, "aborted" },
	{ ROLLOUT_PROMOTE, SPEC | CLEARED | BLIND, { 0 }, { 0 }, "promoted already, and a hold stands" },
	{ ROLLOUT_PROMOTE, BLIND, { 0 }, { 0 }, "has not seen" },
	{ ROLLOUT_PROMOTE, STEPLESS, { 0 }, { 0 }, "no steps" },
	{ ROLLOUT_PROMOTE_FULL, 0, { STATUS }, { "{\"status\":{\"promoteFull\":true}}" }, NULL },
	{ ROLLOUT_PROMOTE_FULL, STEPLESS, { STATUS }, { "{\"status\":{\"promoteFull\":true}}" }, NULL },
	{ ROLLOUT_PROMOTE_FULL,
	  SPEC | PAUSE,
	  { STATUS, MAIN },
	  { "{\"status\":{\"promoteFull\":true}}", "{\"spec\":{\"paused\":false}}" },
	  NULL },
	{ ROLLOUT_PROMOTE_FULL, PROMOTED, { 0 }, { 0 }, "all of the traffic" },
	{ ROLLOUT_ABORT, PAUSE, { STATUS }, { "{\"status\":{\"abort\":true}}" }, NULL },
	{ ROLLOUT_ABORT, BLIND, { STATUS }, { "{\"status\":{\"abort\":true}}" }, NULL },
	{ ROLLOUT_ABORT,
	  SPEC,
	  { STATUS, MAIN },
	  { "{\"status\":{\"abort\":true}}", "{\"spec\":{\"paused\":false}}" },
	  NULL },
	{ ROLLOUT_ABORT, PROMOTED, { 0 }, { 0 }, "nothing to abort" },
	{ ROLLOUT_ABORT, ABORTED, { 0 }, { 0 }, "aborted already" },
	{ ROLLOUT_NOTHING, 0, { 0 }, { 0 }, "no such act" },
};

/* Every request of every act, byte for byte (github reference 6; cmd/promote, abort, pause, retry of Argo's tool). */
static void test_patches(void **state maybe_unused)
{
	struct stand s;

	stand_open(&s, NULL, 0, NULL, 0);
	for (size_t i = 0; i < countof(patches); i++) {
		struct rollout_act act = act_of(patches[i].kind, patches[i].facts);
		struct err e = ERR_INIT;
		int n = rollout_requests(s.r, &act, &e);

		if (patches[i].refused) {
			assert_int_equal(n, -ERR_INVALID);
			assert_has(e.message, patches[i].refused);
			continue;
		}
		assert_int_equal(n, patches[i].request[1] ? 2 : 1);
		for (act.step = 0; act.step < n; act.step++) {
			struct buf request = BUF_INIT(1024), body = BUF_INIT(1024);

			assert_int_equal(rollout_describe(s.r, &act, &request, &body, NULL), 0);
			assert_string_equal(request.s, patches[i].request[act.step]);
			assert_string_equal(body.s, patches[i].body[act.step]);
			buf_done(&request);
			buf_done(&body);
		}
	}
	assert_int_equal(s.api.asked_n + s.gate.asked_n, 0);
	stand_close(&s);
}

static void test_sent(void **state maybe_unused)
{
	static const struct reply api[] = { { 200, .body = ROLLOUT("8", "\"paused\":true,",
								   "\"phase\":\"Progressing\"") } };
	struct rollout_act act = act_of(ROLLOUT_HOLD, 0);
	struct told t = { 0 };
	struct stand s;

	stand_open(&s, api, 1, NULL, 0);
	assert_int_equal(rollout_act(s.r, &act, told_act, &t, NULL), 0);
	assert_int_equal(t.calls, 0);
	canned_pump(&s.api);
	assert_int_equal(t.calls, 1);
	assert_true(t.ok);
	assert_int_equal(t.status, 200);
	assert_int_equal(s.api.asked_n, 1);
	assert_string_equal(s.api.asked[0].method, "PATCH");
	assert_string_equal(s.api.asked[0].target, "/apis/argoproj.io/v1alpha1/namespaces/prod/rollouts/web");
	assert_string_equal(s.api.asked[0].body, "{\"spec\":{\"paused\":true}}");
	assert_string_equal(s.api.asked[0].content_type, "application/merge-patch+json");
	act.step = 1;
	assert_int_equal(rollout_act(s.r, &act, told_act, &t, NULL), -ERR_BUG);
	assert_int_equal(s.api.asked_n, 1);
	stand_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_phases),   cmocka_unit_test(test_whole),
		cmocka_unit_test(test_promoted), cmocka_unit_test(test_durations),
		cmocka_unit_test(test_damaged),  cmocka_unit_test(test_patches),
		cmocka_unit_test(test_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
