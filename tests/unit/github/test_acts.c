#include "unit/github/canned.h"

static const int64_t environments[] = { INT64_C(12797761864), 2 };
static const int64_t no_environment[] = { 0 };

/* What goes out for each act, exactly: describe() promises it, and the journal holds it. */
static const struct {
	struct forge_act act;
	const char *request, *body;
} acts[] = {
	{ { FORGE_DISPATCH, .repo = "o/r", .workflow = "deploy.yml", .ref = "v1.0",
	    .inputs = "{\"tag\":\"v1.0\",\"q\":\"a\\\"\\n\"}" },
	  "POST /repos/o/r/actions/workflows/deploy.yml/dispatches",
	  "{\"ref\":\"v1.0\",\"inputs\":{\"tag\":\"v1.0\",\"q\":\"a\\\"\\n\"},\"return_run_details\":true}" },
	{ { FORGE_DISPATCH, .repo = "o/r", .workflow = "deploy.yml", .ref = "main" },
	  "POST /repos/o/r/actions/workflows/deploy.yml/dispatches",
	  "{\"ref\":\"main\",\"inputs\":{},\"return_run_details\":true}" },
	{ { FORGE_REVIEW, .repo = "o/r", .run = 5, .environment_ids = environments, .environment_ids_n = 2,
	    .approve = true, .comment = "go" },
	  "POST /repos/o/r/actions/runs/5/pending_deployments",
	  "{\"environment_ids\":[12797761864,2],\"state\":\"approved\",\"comment\":\"go\"}" },
	{ { FORGE_REVIEW, .repo = "o/r", .run = 5, .environment_ids = environments, .environment_ids_n = 1 },
	  "POST /repos/o/r/actions/runs/5/pending_deployments",
	  "{\"environment_ids\":[12797761864],\"state\":\"rejected\",\"comment\":\"\"}" },
	{ { FORGE_CANCEL, .repo = "o/r", .run = 5 }, "POST /repos/o/r/actions/runs/5/cancel", "" },
	{ { FORGE_CANCEL, .repo = "o/r", .run = 5, .force = true },
	  "POST /repos/o/r/actions/runs/5/force-cancel",
	  "" },
	{ { FORGE_RERUN, .repo = "o/r", .run = 5 }, "POST /repos/o/r/actions/runs/5/rerun", "" },
	{ { FORGE_RERUN, .repo = "o/r", .run = 5, .failed_only = true },
	  "POST /repos/o/r/actions/runs/5/rerun-failed-jobs",
	  "" },
};

static const struct forge_act bad[] = {
	{ FORGE_DISPATCH, .repo = "o/r", .workflow = "d.yml" },
	{ FORGE_DISPATCH, .repo = "o/r", .workflow = "d.yml", .ref = "" },
	{ FORGE_DISPATCH, .repo = "o/r", .workflow = "d.yml", .ref = "v1\xe2\x80\xae" },
	{ FORGE_DISPATCH, .repo = "o/r", .workflow = "d.yml", .ref = "a\nb" },
	{ FORGE_DISPATCH, .repo = "o/r", .ref = "v1" },
	{ FORGE_DISPATCH, .repo = "o/r", .workflow = "..", .ref = "v1" },
	{ FORGE_DISPATCH, .repo = "o", .workflow = "d.yml", .ref = "v1" },
	{ FORGE_DISPATCH, .repo = "o/r", .workflow = "d.yml", .ref = "v1", .inputs = "[]" },
	{ FORGE_DISPATCH, .repo = "o/r", .workflow = "d.yml", .ref = "v1", .inputs = "{\"a\":1}" },
	{ FORGE_DISPATCH, .repo = "o/r", .workflow = "d.yml", .ref = "v1",
	  .inputs = "{\"a\":\"1\",\"a\":\"2\"}" },
	{ FORGE_DISPATCH, .repo = "o/r", .workflow = "d.yml", .ref = "v1", .inputs = "{" },
	{ FORGE_REVIEW, .repo = "o/r", .run = 5, .approve = true },
	{ FORGE_REVIEW, .repo = "o/r", .run = 5, .environment_ids = no_environment, .environment_ids_n = 1 },
	{ FORGE_CANCEL, .repo = "o/r" },
	{ FORGE_RERUN, .run = 5 },
};

struct told {
	int calls;
	bool ok;
	struct err err;
	struct forge_result result;
	char url[128];
};

static void on_act(void *ctx, const struct forge_result *result, const struct err *err)
{
	struct told *t = ctx;

	t->calls++;
	assert_true((result == NULL) != (err == NULL));
	t->ok = result != NULL;
	if (err)
		t->err = *err;
	if (!result)
		return;
	t->result = *result;
	canned_copy(t->url, sizeof(t->url), result->run_url);
}

static struct clock the_clock;

static struct forge *open_forge(struct canned *c, const struct reply *replies, size_t n)
{
	struct forge *f = NULL;

	canned_init(c, replies, n);
	clock_manual(&the_clock, (struct when){ NOON });
	assert_int_equal(github_open(&f, &c->http, &the_clock, NULL), 0);
	return f;
}

static void test_requests(void **state maybe_unused)
{
	static const struct reply reply = { 202, .body = "{}" };

	for (size_t i = 0; i < countof(acts); i++) {
		struct buf request = BUF_INIT(1024), body = BUF_INIT(4096);
		struct told t = { 0 };
		struct canned c;
		struct forge *f = open_forge(&c, &reply, 1);
		struct err e = ERR_INIT;

		assert_int_equal(forge_describe(f, &acts[i].act, &request, &body, &e), 0);
		assert_string_equal(request.s, acts[i].request);
		assert_string_equal(body.s, acts[i].body);
		assert_int_equal(c.asked_n, 0);
		assert_int_equal(forge_act(f, &acts[i].act, on_act, &t, &e), 0);
		assert_int_equal(t.calls, 0);
		canned_pump(&c);
		assert_int_equal(t.calls, 1);
		assert_true(t.ok);
		assert_int_equal(c.asked_n, 1);
		assert_string_equal(c.asked[0].method, "POST");
		assert_string_equal(c.asked[0].target, request.s + strlen("POST "));
		assert_string_equal(c.asked[0].body, body.s);
		assert_false(c.asked[0].foreign);
		buf_done(&request);
		buf_done(&body);
		forge_free(f);
		canned_done(&c);
	}
}

static void test_large_inputs(void **state maybe_unused)
{
	struct canned c;
	struct forge *f = open_forge(&c, NULL, 0);
	struct buf inputs = BUF_INIT(200000), request = BUF_INIT(1024), body = BUF_INIT(300000);
	struct forge_act act = { FORGE_DISPATCH, .repo = "o/r", .workflow = "d.yml", .ref = "v1" };
	struct err e = ERR_INIT;

	buf_str(&inputs, "{\"k\":\"");
	buf_fill(&inputs, 'x', 100000);
	buf_str(&inputs, "\"}");
	act.inputs = inputs.s;
	assert_int_equal(forge_describe(f, &act, &request, &body, &e), -ERR_INVALID);
	assert_int_equal(e.kind, ERR_INVALID);
	buf_done(&inputs);
	buf_done(&request);
	buf_done(&body);
	forge_free(f);
	canned_done(&c);
}

static void test_refused(void **state maybe_unused)
{
	struct canned c;
	struct forge *f = open_forge(&c, NULL, 0);
	struct told t = { 0 };

	for (size_t i = 0; i < countof(bad); i++) {
		struct buf request = BUF_INIT(1024), body = BUF_INIT(4096);
		struct err e = ERR_INIT;

		assert_true(forge_act(f, &bad[i], on_act, &t, &e) < 0);
		assert_true(e.message[0]);
		assert_true(forge_describe(f, &bad[i], &request, &body, NULL) < 0);
		buf_done(&request);
		buf_done(&body);
	}
	assert_int_equal(c.asked_n, 0);
	assert_int_equal(t.calls, 0);
	forge_free(f);
	canned_done(&c);
}

/* The forge's various ways of saying yes, and what is no answer at all. */
static const struct {
	struct reply reply;
	enum err_kind kind; /* ERR_NONE: accepted */
	int64_t run_id;
	const char *url;
} answers[] = {
	{ { 200, .body = "{\"workflow_run_id\":35531727338,\"html_url\":\"https://x.test/1\"}",
	    .headers = "date: Sat, 21 Nov 2026 12:00:00 GMT" },
	  ERR_NONE,
	  INT64_C(35531727338),
	  "https://x.test/1" },
	{ { 204 }, ERR_NONE, 0, "" },
	{ { 204, .headers = "content-type: text/html" }, ERR_NONE, 0, "" },
	{ { 201, .body = "{}" }, ERR_NONE, 0, "" },
	{ { 202, .body = "{}" }, ERR_NONE, 0, "" },
	{ { 200, .body = "{\"workflow_run_id\":\"1\"}" }, ERR_NONE, 0, "" },
	{ { 200, .body = "{\"workflow_run_id\":-4}" }, ERR_NONE, 0, "" },
	{ { 200, .body = "{\"workflow_run_id\":35" }, ERR_UNKNOWN, 0, "" },
	{ { 200, .headers = "content-type: text/html", .body = "<html>sign in</html>" }, ERR_UNKNOWN, 0, "" },
	{ { 203, .body = "{}" }, ERR_UNKNOWN, 0, "" },
	{ { 500 }, ERR_UNKNOWN, 0, "" },
	{ { 0, ERR_OFFLINE }, ERR_OFFLINE, 0, "" },
	{ { 0, ERR_CANCELLED }, ERR_CANCELLED, 0, "" },
	{ { 0, ERR_UNKNOWN }, ERR_UNKNOWN, 0, "" },
};

static void test_answers(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(answers); i++) {
		struct told t = { 0 };
		struct canned c;
		struct forge *f = open_forge(&c, &answers[i].reply, 1);

		assert_int_equal(forge_act(f, &acts[0].act, on_act, &t, NULL), 0);
		canned_pump(&c);
		assert_int_equal(t.calls, 1);
		if (t.err.kind != answers[i].kind)
			fail_msg("answer %zu: %s (%s)", i, err_word(t.err.kind), t.err.message);
		assert_int_equal(t.result.run_id, answers[i].run_id);
		assert_string_equal(t.url, answers[i].url);
		assert_int_equal(c.asked_n, 1);
		if (t.ok)
			assert_int_equal(t.result.status, answers[i].reply.status);
		if (!i)
			assert_int_equal(t.result.date.ms, NOON);
		forge_free(f);
		canned_done(&c);
	}
}

/* An old server refuses the member it does not know; only then, and once, the request goes without it. */
static void test_old_server(void **state maybe_unused)
{
	static const struct {
		struct reply first, second;
		size_t asked;
		enum err_kind kind;
	} cases[] = {
		{ { 422, .body = "{\"message\":\"Invalid request.\\n\\n\\\"return_run_details\\\" is not a "
				 "permitted key.\"}" },
		  { 204 },
		  2,
		  ERR_NONE },
		{ { 400, .body = "{\"message\":\"return_run_details\"}" },
		  { 400, .body = "{\"message\":\"return_run_details\"}" },
		  2,
		  ERR_CONFLICT },
		{ { 422, .body = "{\"message\":\"Required input 'x' not provided\"}" },
		  { 204 },
		  1,
		  ERR_CONFLICT },
		{ { 500, .body = "{\"message\":\"return_run_details\"}" }, { 204 }, 1, ERR_UNKNOWN },
		{ { 422, .headers = "content-type: text/html", .body = "return_run_details" },
		  { 204 },
		  1,
		  ERR_CONFLICT },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct reply replies[] = { cases[i].first, cases[i].second };
		struct told t = { 0 };
		struct canned c;
		struct forge *f = open_forge(&c, replies, 2);

		assert_int_equal(forge_act(f, &acts[1].act, on_act, &t, NULL), 0);
		canned_pump(&c);
		assert_int_equal(t.calls, 1);
		assert_int_equal(t.err.kind, cases[i].kind);
		assert_int_equal(c.asked_n, cases[i].asked);
		if (c.asked_n == 2)
			assert_string_equal(c.asked[1].body, "{\"ref\":\"main\",\"inputs\":{}}");
		forge_free(f);
		canned_done(&c);
	}
}

/* An act that is out when the adapter closes is unknown, never cancelled. */
static void test_close_early(void **state maybe_unused)
{
	static const struct reply reply = { 204 };
	struct told t = { 0 };
	struct canned c;
	struct forge *f = open_forge(&c, &reply, 1);

	assert_int_equal(forge_act(f, &acts[4].act, on_act, &t, NULL), 0);
	forge_free(f);
	assert_int_equal(t.calls, 1);
	assert_int_equal(t.err.kind, ERR_UNKNOWN);
	canned_pump(&c);
	assert_int_equal(t.calls, 1);
	canned_done(&c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),     cmocka_unit_test(test_refused),
		cmocka_unit_test(test_large_inputs), cmocka_unit_test(test_answers),
		cmocka_unit_test(test_old_server),   cmocka_unit_test(test_close_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
