#include "unit/github/canned.h"

static const int64_t environments[] = { INT64_C(12797761864), 2 };
static const int64_t no_environment[] = { 0 };

#define SHA1 "0123456789abcdef0123456789abcdef01234567"

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
	{ { FORGE_REF_CREATE, .repo = "o/r", .ref = "tags/frozen/rollback", .sha = SHA1 },
	  "POST /repos/o/r/git/refs",
	  "{\"ref\":\"refs/tags/frozen/rollback\",\"sha\":\"" SHA1 "\"}" },
	{ { FORGE_REF_CREATE, .repo = "o/r", .ref = "pilothouse/lock/easy/prod", .sha = SHA1 },
	  "POST /repos/o/r/git/refs",
	  "{\"ref\":\"refs/pilothouse/lock/easy/prod\",\"sha\":\"" SHA1 "\"}" },
	{ { FORGE_REF_UPDATE, .repo = "o/r", .ref = "pilothouse/con", .sha = SHA1, .force = true },
	  "PATCH /repos/o/r/git/refs/pilothouse/con",
	  "{\"sha\":\"" SHA1 "\",\"force\":false}" },
	{ { FORGE_BLOB_CREATE, .repo = "o/r", .content = "a\xc3\xa9\n" },
	  "POST /repos/o/r/git/blobs",
	  "{\"content\":\"YcOpCg==\",\"encoding\":\"base64\"}" },
	{ { FORGE_TREE_CREATE, .repo = "o/r", .path = "lock.json", .content = "{}" },
	  "POST /repos/o/r/git/trees",
	  "{\"tree\":[{\"path\":\"lock.json\",\"mode\":\"100644\",\"type\":\"blob\",\"content\":\"{}\"}]}" },
	{ { FORGE_TREE_CREATE, .repo = "o/r", .path = "a", .old_sha = SHA1, .tree = SHA1 },
	  "POST /repos/o/r/git/trees",
	  "{\"base_tree\":\"" SHA1
	  "\",\"tree\":[{\"path\":\"a\",\"mode\":\"100644\",\"type\":\"blob\",\"sha\":\"" SHA1 "\"}]}" },
	{ { FORGE_COMMIT_CREATE, .repo = "o/r", .title = "m\nn", .tree = SHA1, .parent = SHA1 },
	  "POST /repos/o/r/git/commits",
	  "{\"message\":\"m\\nn\",\"tree\":\"" SHA1 "\",\"parents\":[\"" SHA1 "\"]}" },
	{ { FORGE_COMMIT_CREATE, .repo = "o/r", .title = "m", .tree = SHA1 },
	  "POST /repos/o/r/git/commits",
	  "{\"message\":\"m\",\"tree\":\"" SHA1 "\",\"parents\":[]}" },
	{ { FORGE_VARIABLE_CREATE, .repo = "o/r", .path = "CANARY_HOLD", .content = "a \"b\"" },
	  "POST /repos/o/r/actions/variables",
	  "{\"name\":\"CANARY_HOLD\",\"value\":\"a \\\"b\\\"\"}" },
	{ { FORGE_VARIABLE_UPDATE, .repo = "o/r", .path = "CANARY_HOLD", .content = "" },
	  "PATCH /repos/o/r/actions/variables/CANARY_HOLD",
	  "{\"name\":\"CANARY_HOLD\",\"value\":\"\"}" },
	{ { FORGE_VARIABLE_DELETE, .repo = "o/r", .path = "CANARY_HOLD" },
	  "DELETE /repos/o/r/actions/variables/CANARY_HOLD",
	  "" },
	{ { FORGE_REF_DELETE, .repo = "o/r", .ref = "heads/pilothouse/thaw-1" },
	  "DELETE /repos/o/r/git/refs/heads/pilothouse/thaw-1",
	  "" },
	{ { FORGE_FILE_PUT, .repo = "o/r", .path = "ops/a b.yaml", .branch = "pilothouse/x", .title = "Pin",
	    .content = "a\xc3\xa9\n", .old_sha = SHA1 },
	  "PUT /repos/o/r/contents/ops/a%20b.yaml",
	  "{\"message\":\"Pin\",\"content\":\"YcOpCg==\",\"branch\":\"pilothouse/x\",\"sha\":\"" SHA1 "\"}" },
	{ { FORGE_FILE_PUT, .repo = "o/r", .path = "f", .branch = "main", .title = "t", .content = "abc" },
	  "PUT /repos/o/r/contents/f",
	  "{\"message\":\"t\",\"content\":\"YWJj\",\"branch\":\"main\"}" },
	{ { FORGE_FILE_PUT, .repo = "o/r", .path = "f", .branch = "main", .title = "t", .content = "" },
	  "PUT /repos/o/r/contents/f",
	  "{\"message\":\"t\",\"content\":\"\",\"branch\":\"main\"}" },
	{ { FORGE_PULL_OPEN, .repo = "o/r", .head = "pilothouse/x", .base = "release", .title = "a \"b\"",
	    .comment = "why" },
	  "POST /repos/o/r/pulls",
	  "{\"title\":\"a \\\"b\\\"\",\"head\":\"pilothouse/x\",\"base\":\"release\",\"body\":\"why\"}" },
	{ { FORGE_PULL_MERGE, .repo = "o/r", .number = 12, .sha = SHA1 },
	  "PUT /repos/o/r/pulls/12/merge",
	  "{\"sha\":\"" SHA1 "\",\"merge_method\":\"merge\"}" },
	{ { FORGE_PULL_MERGE, .repo = "o/r", .number = 12, .sha = SHA1, .method = "squash" },
	  "PUT /repos/o/r/pulls/12/merge",
	  "{\"sha\":\"" SHA1 "\",\"merge_method\":\"squash\"}" },
	{ { FORGE_LABEL_ADD, .repo = "o/r", .number = 12, .label = "deploy-to-staging" },
	  "POST /repos/o/r/issues/12/labels",
	  "{\"labels\":[\"deploy-to-staging\"]}" },
	{ { FORGE_LABEL_REMOVE, .repo = "o/r", .number = 12, .label = "freeze/main-red" },
	  "DELETE /repos/o/r/issues/12/labels/freeze%2Fmain-red",
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
	{ FORGE_REF_CREATE, .repo = "o/r", .ref = "tags/x" },
	{ FORGE_REF_CREATE, .repo = "o/r", .ref = "tags/x", .sha = "HEAD" },
	{ FORGE_REF_CREATE, .repo = "o/r", .ref = "x", .sha = SHA1 },
	{ FORGE_REF_CREATE, .repo = "o/r", .ref = "refs/tags/x", .sha = SHA1 },
	{ FORGE_REF_CREATE, .repo = "o/r", .ref = "tags/", .sha = SHA1 },
	{ FORGE_REF_CREATE, .repo = "o/r", .ref = "tags/a..b", .sha = SHA1 },
	{ FORGE_REF_CREATE, .repo = "o/r", .sha = SHA1 },
	{ FORGE_REF_CREATE, .repo = "o/r", .ref = "pilothouse/", .sha = SHA1 },
	{ FORGE_REF_CREATE, .repo = "o/r", .ref = "pilothouse/a/../b", .sha = SHA1 },
	{ FORGE_REF_UPDATE, .repo = "o/r", .ref = "pilothouse/con" },
	{ FORGE_REF_UPDATE, .repo = "o/r", .ref = "con", .sha = SHA1 },
	{ FORGE_REF_UPDATE, .repo = "o/r", .sha = SHA1 },
	{ FORGE_BLOB_CREATE, .repo = "o/r" },
	{ FORGE_TREE_CREATE, .repo = "o/r", .path = "a" },
	{ FORGE_TREE_CREATE, .repo = "o/r", .content = "a" },
	{ FORGE_TREE_CREATE, .repo = "o/r", .path = "a", .content = "a", .tree = "main" },
	{ FORGE_COMMIT_CREATE, .repo = "o/r", .title = "m" },
	{ FORGE_COMMIT_CREATE, .repo = "o/r", .tree = SHA1 },
	{ FORGE_COMMIT_CREATE, .repo = "o/r", .title = "m", .tree = SHA1, .parent = "HEAD" },
	{ FORGE_VARIABLE_CREATE, .repo = "o/r", .path = "CANARY_HOLD" },
	{ FORGE_VARIABLE_CREATE, .repo = "o/r", .content = "x" },
	{ FORGE_VARIABLE_UPDATE, .repo = "o/r", .path = "A-B", .content = "x" },
	{ FORGE_VARIABLE_UPDATE, .repo = "o/r", .path = "1A", .content = "x" },
	{ FORGE_VARIABLE_UPDATE, .repo = "o/r", .path = "GITHUB_X", .content = "x" },
	{ FORGE_VARIABLE_DELETE, .repo = "o/r" },
	{ FORGE_REF_DELETE, .repo = "o/r" },
	{ FORGE_REF_DELETE, .repo = "o/r", .ref = "heads" },
	{ FORGE_REF_DELETE, .repo = "o/r", .ref = "notes/x" },
	{ FORGE_REF_DELETE, .repo = "o/r", .ref = "heads/../tags/x" },
	{ FORGE_FILE_PUT, .repo = "o/r", .path = "f", .branch = "main", .title = "t" },
	{ FORGE_FILE_PUT, .repo = "o/r", .path = "f", .branch = "main", .content = "x" },
	{ FORGE_FILE_PUT, .repo = "o/r", .path = "f", .title = "t", .content = "x" },
	{ FORGE_FILE_PUT, .repo = "o/r", .branch = "main", .title = "t", .content = "x" },
	{ FORGE_FILE_PUT, .repo = "o/r", .path = "../f", .branch = "main", .title = "t", .content = "x" },
	{ FORGE_FILE_PUT, .repo = "o/r", .path = "f", .branch = "main", .title = "t", .content = "x",
	  .old_sha = "abc" },
	{ FORGE_PULL_OPEN, .repo = "o/r", .head = "a", .base = "b" },
	{ FORGE_PULL_OPEN, .repo = "o/r", .head = "a", .title = "t" },
	{ FORGE_PULL_OPEN, .repo = "o/r", .base = "a", .title = "t" },
	{ FORGE_PULL_OPEN, .repo = "o/r", .head = "eve:a", .base = "b", .title = "t" },
	{ FORGE_PULL_MERGE, .repo = "o/r", .number = 12 },
	{ FORGE_PULL_MERGE, .repo = "o/r", .sha = SHA1 },
	{ FORGE_PULL_MERGE, .repo = "o/r", .number = 12, .sha = SHA1, .method = "octopus" },
	{ FORGE_LABEL_ADD, .repo = "o/r", .number = 12 },
	{ FORGE_LABEL_ADD, .repo = "o/r", .label = "x" },
	{ FORGE_LABEL_REMOVE, .repo = "o/r", .number = 12 },
};

struct told {
	int calls;
	bool ok;
	struct err err;
	struct forge_result result;
	char url[128], sha[64];
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
	canned_copy(t->sha, sizeof(t->sha), result->sha);
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
		assert_true(text_starts(request.s, c.asked[0].method));
		assert_string_equal(c.asked[0].target, strchr(request.s, ' ') + 1);
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

/* Of which act which answer means what, and what is kept of it. */
static const struct {
	struct forge_act act;
	struct reply reply;
	enum err_kind kind;
	int64_t id;
	const char *url, *sha;
} outcomes[] = {
	{ { FORGE_PULL_OPEN, .repo = "o/r", .head = "a", .base = "b", .title = "t" },
	  { 201, .body = "{\"id\":99,\"number\":12,\"html_url\":\"https://x.test/"
			 "12\",\"head\":{\"sha\":\"h\"}}" },
	  ERR_NONE,
	  12,
	  "https://x.test/12",
	  "h" },
	{ { FORGE_PULL_OPEN, .repo = "o/r", .head = "a", .base = "b", .title = "t" },
	  { 422, .body = "{\"message\":\"Validation Failed\",\"errors\":[{\"message\":\"A pull "
			 "request already "
			 "exists for o:a.\"}]}" },
	  ERR_CONFLICT,
	  0,
	  "",
	  "" },
	{ { FORGE_PULL_MERGE, .repo = "o/r", .number = 12, .sha = SHA1 },
	  { 200, .body = "{\"sha\":\"m\",\"merged\":true,\"message\":\"ok\"}" },
	  ERR_NONE,
	  0,
	  "",
	  "m" },
	{ { FORGE_PULL_MERGE, .repo = "o/r", .number = 12, .sha = SHA1 },
	  { 200, .body = "{\"merged\":false}" },
	  ERR_UNKNOWN,
	  0,
	  "",
	  "" },
	{ { FORGE_PULL_MERGE, .repo = "o/r", .number = 12, .sha = SHA1 },
	  { 405, .body = "{\"message\":\"Pull Request is not mergeable\"}" },
	  ERR_CONFLICT,
	  0,
	  "",
	  "" },
	{ { FORGE_PULL_MERGE, .repo = "o/r", .number = 12, .sha = SHA1 },
	  { 409, .body = "{\"message\":\"Head branch was modified. Review and try the merge again.\"}" },
	  ERR_CONFLICT,
	  0,
	  "",
	  "" },
	{ { FORGE_REF_CREATE, .repo = "o/r", .ref = "heads/x", .sha = SHA1 },
	  { 201, .body = "{\"ref\":\"refs/heads/x\",\"object\":{\"sha\":\"" SHA1 "\"}}" },
	  ERR_NONE,
	  0,
	  "",
	  SHA1 },
	{ { FORGE_REF_CREATE, .repo = "o/r", .ref = "heads/x", .sha = SHA1 },
	  { 422, .body = "{\"message\":\"Reference already exists\"}" },
	  ERR_CONFLICT,
	  0,
	  "",
	  "" },
	{ { FORGE_REF_DELETE, .repo = "o/r", .ref = "tags/x" }, { 204 }, ERR_NONE, 0, "", "" },
	{ { FORGE_REF_DELETE, .repo = "o/r", .ref = "tags/x" },
	  { 422, .body = "{\"message\":\"Reference does not exist\"}" },
	  ERR_MISSING,
	  0,
	  "",
	  "" },
	{ { FORGE_REF_DELETE, .repo = "o/r", .ref = "tags/x" },
	  { 422, .body = "{\"message\":\"Repository rule violations found\"}" },
	  ERR_CONFLICT,
	  0,
	  "",
	  "" },
	{ { FORGE_FILE_PUT, .repo = "o/r", .path = "f", .branch = "b", .title = "t", .content = "x" },
	  { 201, .body = "{\"commit\":{\"sha\":\"c\",\"html_url\":\"https://x.test/c\"}}" },
	  ERR_NONE,
	  0,
	  "https://x.test/c",
	  "c" },
	{ { FORGE_FILE_PUT, .repo = "o/r", .path = "f", .branch = "b", .title = "t", .content = "x" },
	  { 409, .body = "{\"message\":\"f does not match 0123\"}" },
	  ERR_CONFLICT,
	  0,
	  "",
	  "" },
	{ { FORGE_LABEL_ADD, .repo = "o/r", .number = 1, .label = "x" },
	  { 200, .body = "[{\"name\":\"x\",\"id\":4}]" },
	  ERR_NONE,
	  0,
	  "",
	  "" },
	{ { FORGE_LABEL_REMOVE, .repo = "o/r", .number = 1, .label = "x" },
	  { 200, .body = "[]" },
	  ERR_NONE,
	  0,
	  "",
	  "" },
	{ { FORGE_LABEL_REMOVE, .repo = "o/r", .number = 1, .label = "x" },
	  { 404, .body = "{\"message\":\"Label does not exist\"}" },
	  ERR_MISSING,
	  0,
	  "",
	  "" },
	{ { FORGE_LABEL_REMOVE, .repo = "o/r", .number = 1, .label = "x" }, { 502 }, ERR_UNKNOWN, 0, "", "" },
};

static void test_outcomes(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(outcomes); i++) {
		struct told t = { 0 };
		struct canned c;
		struct forge *f = open_forge(&c, &outcomes[i].reply, 1);

		assert_int_equal(forge_act(f, &outcomes[i].act, on_act, &t, NULL), 0);
		canned_pump(&c);
		assert_int_equal(t.calls, 1);
		if (t.err.kind != outcomes[i].kind)
			fail_msg("case %zu: %s (%s)", i, err_word(t.err.kind), t.err.message);
		if (!t.ok)
			assert_int_equal(t.err.status, outcomes[i].reply.status);
		assert_int_equal(t.result.run_id, outcomes[i].id);
		assert_string_equal(t.url, outcomes[i].url);
		assert_string_equal(t.sha, outcomes[i].sha);
		assert_int_equal(c.asked_n, 1);
		forge_free(f);
		canned_done(&c);
	}
}

/* Only the forge's own word for it: no access and a rule of the repository are refusals of the same kinds. */
static void test_stands(void **state maybe_unused)
{
	static const struct {
		struct forge_act act;
		struct reply reply;
		bool stands;
	} cases[] = {
		{ { FORGE_REF_CREATE, .repo = "o/r", .ref = "tags/x", .sha = SHA1 },
		  { 422, .body = "{\"message\":\"Reference already exists\"}" },
		  true },
		{ { FORGE_REF_CREATE, .repo = "o/r", .ref = "tags/x", .sha = SHA1 },
		  { 422, .body = "{\"message\":\"Repository rule violations found\"}" },
		  false },
		{ { FORGE_REF_CREATE, .repo = "o/r", .ref = "tags/x", .sha = SHA1 },
		  { 404, .body = "{\"message\":\"Not Found\"}" },
		  false },
		{ { FORGE_REF_DELETE, .repo = "o/r", .ref = "tags/x" },
		  { 422, .body = "{\"message\":\"Reference does not exist\"}" },
		  true },
		{ { FORGE_REF_DELETE, .repo = "o/r", .ref = "tags/x" },
		  { 404, .body = "{\"message\":\"Not Found\"}" },
		  false },
		{ { FORGE_LABEL_REMOVE, .repo = "o/r", .number = 1, .label = "x" },
		  { 404, .body = "{\"message\":\"Label does not exist\"}" },
		  true },
		{ { FORGE_LABEL_REMOVE, .repo = "o/r", .number = 1, .label = "x" },
		  { 404, .body = "{\"message\":\"Not Found\"}" },
		  false },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct told t = { 0 };
		struct canned c;
		struct forge *f = open_forge(&c, &cases[i].reply, 1);

		assert_int_equal(forge_act(f, &cases[i].act, on_act, &t, NULL), 0);
		canned_pump(&c);
		assert_false(t.ok);
		if (t.err.stands != cases[i].stands)
			fail_msg("case %zu: %s", i, t.err.message);
		forge_free(f);
		canned_done(&c);
	}
}

static void test_names(void **state maybe_unused)
{
	assert_int_equal(forge_act_names.n, FORGE_VARIABLE_DELETE + 1);
	assert_string_equal(names_word(&forge_act_names, FORGE_DISPATCH), "dispatch");
	assert_string_equal(names_word(&forge_act_names, FORGE_FILE_PUT), "file_put");
	assert_string_equal(names_word(&forge_act_names, FORGE_LABEL_REMOVE), "label_remove");
	assert_string_equal(names_word(&forge_act_names, FORGE_REF_UPDATE), "ref_update");
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
		cmocka_unit_test(test_outcomes),     cmocka_unit_test(test_stands),
		cmocka_unit_test(test_names),        cmocka_unit_test(test_old_server),
		cmocka_unit_test(test_close_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
