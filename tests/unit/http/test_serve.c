#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/adapters/http/http.h"
#include "core/adapters/sim/serve.h"

/* The real client against the simulated forge on loopback: both ends are libraries, between them is a wire. */

#define REPO       "/repos/easyenclave/easyenclave"
#define DISPATCHES REPO "/actions/workflows/production-rollout.yml/dispatches"
#define BODY       "{\"ref\":\"main\",\"inputs\":{\"release_tag\":\"v0.9.4\"},\"return_run_details\":true}"

struct bench {
	struct clock clock;
	struct loop *loop;
	struct world *world;
	struct serve *serve;
	struct http *http;
	struct secret token;
	/* the last answer */
	int calls, status;
	struct err err;
	char etag[128], location[512], type[64];
	char *body;
	size_t body_n;
};

static int setup(void **state)
{
	static const struct world_options w = { .scenario = "first-rollout", .speed = 1000 };
	static const struct serve_options s = { .port = 0 };
	struct bench *b = calloc(1, sizeof(*b));
	struct http_options o = { .user_agent = "pilothouse/test", .token = &b->token };
	struct err e = ERR_INIT;
	char base[64];

	clock_real(&b->clock);
	b->loop = loop_new(&b->clock);
	assert_int_equal(secret_set(&b->token, "ghp_captain", NULL), 0);
	if (world_new(&b->world, &w, clock_wall(&b->clock), &e) < 0 ||
	    serve_open(&b->serve, b->world, b->loop, &s, &e) < 0)
		fail_msg("%s", e.message);
	snprintf(base, sizeof(base), "http://127.0.0.1:%d/api/v3", serve_port(b->serve));
	o.base = base;
	if (http_open(&b->http, b->loop, &o, &e) < 0)
		fail_msg("%s", e.message);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	http_free(b->http);
	serve_close(b->serve);
	world_free(b->world);
	loop_free(b->loop);
	secret_done(&b->token);
	free(b->body);
	free(b);
	return 0;
}

static void copy(char *to, size_t n, const char *from)
{
	snprintf(to, n, "%s", from ? from : "");
}

static void on_done(void *ctx, const struct http_answer *a, const struct err *err)
{
	struct bench *b = ctx;

	b->calls++;
	assert_true((a == NULL) != (err == NULL));
	if (err)
		b->err = *err;
	if (!a)
		return;
	b->status = a->status;
	copy(b->etag, sizeof(b->etag), http_header(a, "etag"));
	copy(b->location, sizeof(b->location), http_header(a, "location"));
	copy(b->type, sizeof(b->type), http_header(a, "content-type"));
	b->body_n = a->body_n;
	b->body = strdup(a->body);
}

static void ask(struct bench *b, struct http_request rq)
{
	struct err e = ERR_INIT;

	free(b->body);
	b->body = NULL;
	b->calls = b->status = 0;
	b->err = (struct err)ERR_INIT;
	if (http_send(b->http, &rq, on_done, b, &e) < 0)
		fail_msg("%s", e.message);
	while (!b->calls)
		assert_true(loop_step(b->loop, -1) >= 0);
	assert_int_equal(b->calls, 1);
}

#define GET(path) ((struct http_request){ .method = "GET", .target = (path) })

static void test_reads(void **state)
{
	struct bench *b = *state;
	struct http_request again = GET(REPO "/releases");
	char etag[128];

	ask(b, GET("/user"));
	assert_int_equal(b->status, 200);
	assert_non_null(strstr(b->body, "\"captain\""));
	ask(b, again);
	assert_int_equal(b->status, 200);
	assert_true(text_starts(b->type, "application/json"));
	assert_true(b->body_n > 1000 && b->body[0] == '[');
	copy(etag, sizeof(etag), b->etag);
	again.if_none_match = etag;
	ask(b, again);
	assert_int_equal(b->status, 304);
	assert_int_equal(b->body_n, 0);
	ask(b, GET("/repos/nobody/nothing"));
	assert_int_equal(b->status, 404);
	assert_int_equal(b->http->requests, 4);
}

/* What the world did is counted in the world: one request, one run, whatever became of the answer. */
static void test_acts(void **state)
{
	static const struct {
		struct world_fault_rule rule;
		int status;
		enum err_kind kind;
		int runs;
	} cases[] = {
		{ { .how = WORLD_RESET, .act_first = true }, 0, ERR_UNKNOWN, 1 },
		{ { .how = WORLD_TRUNCATE, .act_first = true }, 0, ERR_UNKNOWN, 1 },
		{ { .how = WORLD_TIMEOUT, .act_first = true }, 0, ERR_UNKNOWN, 1 },
		{ { .status = 502, .act_first = true }, 502, ERR_NONE, 1 },
		{ { .status = 503, .retry_after = 1 }, 503, ERR_NONE, 0 },
		{ { .how = WORLD_RESET }, 0, ERR_UNKNOWN, 0 },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		struct http_request act = {
			.method = "POST", .target = DISPATCHES, .body = BODY, .timeout = 300
		};
		struct world_fault_rule rule = cases[i].rule;
		int sent = world_count_requests(b->world, "POST *dispatches"), runs;

		runs = world_count_runs(b->world, "easyenclave/easyenclave", "production-rollout.yml",
					"workflow_dispatch");
		rule.match = "POST *dispatches";
		rule.count = 1;
		world_arm(b->world, &rule);
		ask(b, GET("/user")); /* a warm connection that an act must not use */
		ask(b, act);
		if (b->err.kind != cases[i].kind || b->status != cases[i].status)
			fail_msg("case %zu: %s %d: %s", i, err_word(b->err.kind), b->status, b->err.message);
		ask(b, GET("/user"));
		assert_int_equal(b->status, 200);
		assert_int_equal(world_count_requests(b->world, "POST *dispatches") - sent, 1);
		assert_int_equal(world_count_runs(b->world, "easyenclave/easyenclave",
						  "production-rollout.yml", "workflow_dispatch") -
					 runs,
				 cases[i].runs);
	}
}

static void test_broken_reads(void **state)
{
	static const struct {
		struct world_fault_rule rule;
		int status;
		enum err_kind kind;
	} cases[] = {
		{ { .how = WORLD_TRUNCATE }, 0, ERR_SERVER },
		{ { .how = WORLD_TIMEOUT }, 0, ERR_OFFLINE },
		{ { .status = 502 }, 502, ERR_NONE },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		struct http_request read = { .method = "GET", .target = REPO "/releases", .timeout = 300 };
		struct world_fault_rule rule = cases[i].rule;

		rule.match = "GET *releases";
		rule.count = -1;
		world_arm(b->world, &rule);
		ask(b, read);
		if (b->err.kind != cases[i].kind || b->status != cases[i].status)
			fail_msg("case %zu: %s %d: %s", i, err_word(b->err.kind), b->status, b->err.message);
		teardown(state);
		setup(state);
		b = *state;
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_reads, setup, teardown),
		cmocka_unit_test_setup_teardown(test_acts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_broken_reads, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
