/* The simulated cluster as whoever speaks its API sees it: words, codes, versions, and what a patch does to which resource. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "core/adapters/sim/sim.h"

#define START INT64_C(1795262400000)
#define WEB   "/kube/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/web"
#define MESH  "/kube/apis/flagger.app/v1beta1/namespaces/shop/canaries/mesh"
#define GATE  "/kube/loadtester"

static const char objects[] =
	"kube:\n- {kind: argo, namespace: shop, name: web, routed: true, begins: 60s, steps: [{weight: 5}, "
	"{pause: 1m}, {weight: 25}, {pause: forever}]}\n"
	"- {kind: flagger, namespace: shop, name: mesh, begins: 60s, interval: 10s, step: 20, max: 40, "
	"asks: [rollout, increase, promotion, rollback]}\n";

struct bench {
	struct world *world;
	struct arena a;
	struct world_answer answer;
	struct json *json;
	int64_t now;
};

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct err e = ERR_INIT;

	b->now = START;
	if (world_new(&b->world, &(struct world_options){ 0 }, (struct when){ START }, &e) < 0 ||
	    world_kube(b->world, objects, &e) < 0)
		fail_msg("%s", e.message);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	json_free(b->json);
	world_free(b->world);
	arena_done(&b->a);
	free(b);
	return 0;
}

static void pass(struct bench *b, int64_t seconds)
{
	b->now += seconds * 1000;
	world_advance(b->world, (struct when){ b->now });
}

static int ask_as(struct bench *b, const char *token, const char *method, const char *target,
		  const char *body)
{
	struct world_request rq = { .method = method,
				    .target = target,
				    .authorization = token,
				    .user_agent = "test",
				    .body = body,
				    .body_n = body ? strlen(body) : 0 };

	json_free(b->json);
	b->json = NULL;
	world_answer(b->world, &rq, &b->answer, &b->a);
	if (json_parse(&b->json, b->answer.http.body, b->answer.http.body_n, 1 << 20, NULL) < 0)
		b->json = NULL;
	return b->answer.http.status;
}

static int ask(struct bench *b, const char *method, const char *target, const char *body)
{
	return ask_as(b, "Bearer captain", method, target, body);
}

static const char *str(struct bench *b, const char *path)
{
	const char *s = json_str(b->json, path);

	return s ? s : "";
}

static void test_refusals(void **state)
{
	static const struct {
		const char *token, *method, *target, *body;
		int status;
		const char *reason;
	} cases[] = {
		{ NULL, "GET", WEB, NULL, 401, "Unauthorized" },
		{ "Bearer revoked", "GET", WEB, NULL, 401, "Unauthorized" },
		{ "Basic captain", "GET", WEB, NULL, 401, "Unauthorized" },
		{ "Bearer outsider", "GET", WEB, NULL, 403, "Forbidden" },
		{ "Bearer reader", "PATCH", WEB, "{}", 403, "Forbidden" },
		{ "Bearer captain", "GET", WEB "x", NULL, 404, "NotFound" },
		{ "Bearer captain", "GET", WEB "/scale", NULL, 404, "NotFound" },
		{ "Bearer captain", "GET", "/kube/apis/apps/v1/namespaces/shop/rollouts/web", NULL, 404,
		  "NotFound" },
		{ "Bearer captain", "GET", "/kube/", NULL, 404, "NotFound" },
		{ "Bearer captain", "DELETE", WEB, NULL, 405, "MethodNotAllowed" },
		{ "Bearer captain", "PATCH", WEB, "{", 400, "BadRequest" },
		{ "Bearer captain", "PATCH", WEB, NULL, 400, "BadRequest" },
		{ "Bearer captain", "PATCH", WEB, "{\"metadata\":{\"resourceVersion\":\"1\"}}", 409,
		  "Conflict" },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		int status = ask_as(b, cases[i].token, cases[i].method, cases[i].target, cases[i].body);

		if (status != cases[i].status || strcmp(str(b, "kind"), "Status") != 0 ||
		    strcmp(str(b, "reason"), cases[i].reason) != 0 ||
		    json_int(b->json, "code", 0) != cases[i].status)
			fail_msg("case %zu: %d %s", i, status, b->answer.http.body);
	}
}

/* Each resource takes what is its own, and says nothing about the rest. */
static void test_patches(void **state)
{
	struct bench *b = *state;
	int64_t version;

	pass(b, 90);
	assert_int_equal(ask(b, "GET", WEB, NULL), 200);
	assert_string_equal(str(b, "status.phase"), "Paused");
	assert_int_equal(json_int(b->json, "metadata.generation", 0), 2);
	version = atoll(str(b, "metadata.resourceVersion"));
	assert_int_equal(ask(b, "PATCH", WEB, "{\"status\":{\"abort\":true}}"), 200);
	assert_false(json_bool(b->json, "status.abort", false));
	assert_true(atoll(str(b, "metadata.resourceVersion")) > version);
	assert_int_equal(ask(b, "PATCH", WEB "/status", "{\"spec\":{\"paused\":true}}"), 200);
	assert_false(json_bool(b->json, "spec.paused", false));
	assert_int_equal(ask(b, "PATCH", WEB, "{\"spec\":{\"paused\":true}}"), 200);
	assert_true(json_bool(b->json, "spec.paused", false));
	assert_int_equal(json_int(b->json, "metadata.generation", 0), 3);
	assert_string_equal(str(b, "status.observedGeneration"), "2"); /* nobody has looked yet */
	pass(b, 2);
	assert_int_equal(ask(b, "GET", WEB, NULL), 200);
	assert_string_equal(str(b, "status.observedGeneration"), "3");
	assert_string_equal(str(b, "status.message"), "manually paused");
}

static void test_weights(void **state)
{
	static const struct {
		int64_t at, weight, step;
		const char *phase;
	} cases[] = { { 1, 0, 4, "Healthy" },   { 59, 0, 4, "Healthy" },  { 61, 5, 0, "Progressing" },
		      { 63, 5, 1, "Paused" },   { 121, 5, 1, "Paused" },  { 123, 25, 2, "Progressing" },
		      { 126, 25, 3, "Paused" }, { 9999, 25, 3, "Paused" } };
	struct bench *b = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		b->now = START;
		pass(b, cases[i].at);
		assert_int_equal(ask(b, "GET", WEB, NULL), 200);
		if (json_int(b->json, "status.canary.weights.canary.weight", -1) != cases[i].weight ||
		    json_int(b->json, "status.currentStepIndex", -1) != cases[i].step ||
		    strcmp(str(b, "status.phase"), cases[i].phase) != 0)
			fail_msg("at %" PRId64 ": %s", cases[i].at, b->answer.http.body);
	}
}

static void test_gates(void **state)
{
	static const char mesh[] = "{\"name\":\"mesh\",\"namespace\":\"shop\"}";
	struct bench *b = *state;

	assert_int_equal(ask_as(b, NULL, "POST", GATE "/gate/check", mesh),
			 403); /* nobody is asked who they are */
	assert_int_equal(ask(b, "POST", GATE "/gate/open", "{\"name\":\"other\",\"namespace\":\"shop\"}"),
			 400);
	assert_int_equal(ask(b, "POST", GATE "/gate/open", NULL), 400);
	assert_int_equal(ask(b, "POST", GATE "/gate/ajar", mesh), 404);
	pass(b, 80);
	assert_int_equal(ask(b, "GET", MESH, NULL), 200);
	assert_string_equal(str(b, "status.phase"), "Waiting");
	assert_int_equal(ask(b, "POST", GATE "/gate/open", mesh), 202);
	assert_int_equal(ask(b, "POST", GATE "/gate/check", mesh), 200);
	assert_int_equal(ask(b, "POST", GATE "/rollback/check", mesh), 403);
	pass(b, 30);
	assert_int_equal(ask(b, "GET", MESH, NULL), 200);
	assert_string_equal(str(b, "status.phase"), "Progressing");
	assert_int_equal(ask(b, "PATCH", MESH "/status", "{\"status\":{\"phase\":\"Succeeded\"}}"), 200);
	assert_string_equal(str(b, "status.phase"), "Progressing");
	assert_int_equal(ask(b, "POST", GATE "/rollback/open", mesh), 202);
	pass(b, 10);
	assert_int_equal(ask(b, "GET", MESH, NULL), 200);
	assert_string_equal(str(b, "status.phase"), "Failed");
	assert_int_equal(json_int(b->json, "status.canaryWeight", -1), 0);
}

static void test_text(void **state)
{
	static const char *const bad[] = { "kube: [{kind: argo, steps: [{pause: soon}]}]",
					   "kube: [{interval: x}]", "kube: {" };
	struct bench *b = *state;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < countof(bad); i++)
		assert_true(world_kube(b->world, bad[i], &e) < 0);
	assert_true(world_has_kube(b->world));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = { T(test_refusals), T(test_patches), T(test_weights), T(test_gates),
					    T(test_text) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
