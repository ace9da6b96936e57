#include "unit/fleet/asks.h"

#define HEALTH  "{\"status\":\"healthy\",\"git_sha\":\"4f1c\",\"boot_id\":\"bootstrap-7-1\"}"
#define NOBODY  "{\"agents\":[],\"total\":0}"
#define NEITHER "{\"a\":1}"

/* What each read asks for, and that nothing of ours goes with it. */
static void test_addresses(void **state maybe_unused)
{
	static const struct {
		struct fleet_read q;
		const char *target; /* NULL: refused */
	} cases[] = {
		{ { FLEET_HEALTH, SITE, NULL, NULL, NULL, NULL, NULL }, SITE "/health" },
		{ { FLEET_HEALTH, SITE "/probe/easy/", "/live", NULL, NULL, NULL, NULL },
		  SITE "/probe/easy/live" },
		{ { FLEET_AGENTS, SITE, NULL, NULL, NULL, NULL, NULL }, SITE "/api/v1/agents" },
		{ { FLEET_CHAIN, SITE, NULL, "a/../b c", NULL, NULL, NULL },
		  SITE "/api/v1/agents/a%2F..%2Fb%20c/attestation" },
		{ { FLEET_CHAIN, SITE, "/x/{id}", "1", NULL, NULL, NULL }, SITE "/x/1" },
		{ { FLEET_CHAIN, SITE, NULL, "..", NULL, NULL, NULL }, NULL },
		{ { FLEET_CHAIN, SITE, NULL, "", NULL, NULL, NULL }, NULL },
		{ { FLEET_CHAIN, SITE, NULL, NULL, NULL, NULL, NULL }, NULL },
		{ { FLEET_CHAIN, SITE, "/x", "1", NULL, NULL, NULL }, NULL },
		{ { FLEET_TRUSTED, SITE, NULL, NULL, NULL, NULL, NULL }, SITE "/api/v1/trusted-mrtds" },
		{ { FLEET_SETTINGS, SITE, NULL, NULL, "operational", NULL, NULL },
		  SITE "/api/v1/admin/settings?group=operational" },
		{ { FLEET_SETTINGS, SITE, "/s?group=billing", NULL, "operational", NULL, NULL },
		  SITE "/s?group=billing" },
		{ { FLEET_CHALLENGE, SITE, NULL, NULL, "tdx&x=1", NULL, NULL },
		  SITE "/api/v1/agents/challenge?vm_name=tdx%26x%3D1" },
		{ { FLEET_HEALTH, "http://127.0.0.1:8080", NULL, NULL, NULL, NULL },
		  "http://127.0.0.1:8080/health" },
		{ { FLEET_HEALTH, "http://[::1]", NULL, NULL, NULL, NULL, NULL }, "http://[::1]/health" },
		{ { FLEET_HEALTH, "http://127.0.0.1.example.test", NULL, NULL, NULL, NULL, NULL }, NULL },
		{ { FLEET_HEALTH, "http://cp.example.test", NULL, NULL, NULL, NULL, NULL }, NULL },
		{ { FLEET_HEALTH, "https://user@cp.example.test", NULL, NULL, NULL, NULL, NULL }, NULL },
		{ { FLEET_HEALTH, "https://", NULL, NULL, NULL, NULL, NULL }, NULL },
		{ { FLEET_HEALTH, "ftp://cp.example.test", NULL, NULL, NULL, NULL, NULL }, NULL },
		{ { FLEET_HEALTH, SITE "?x=1", NULL, NULL, NULL, NULL, NULL }, NULL },
		{ { FLEET_HEALTH, NULL, NULL, NULL, NULL, NULL, NULL }, NULL },
		{ { FLEET_HEALTH, SITE, "//elsewhere.test/", NULL, NULL, NULL, NULL }, NULL },
		{ { FLEET_HEALTH, SITE, "health", NULL, NULL, NULL, NULL }, NULL },
		{ { FLEET_AGENTS, SITE, NULL, NULL, NULL, "/attestation" }, NULL },
		{ { FLEET_AGENTS, SITE, NULL, NULL, NULL, "/agent_id/x" }, NULL },
		{ { FLEET_AGENTS, SITE, NULL, NULL, NULL, "/tunnel_token" }, NULL },
		{ { FLEET_AGENTS, SITE, NULL, NULL, NULL, "/a/b/c/d/e" }, NULL },
		{ { FLEET_AGENTS, SITE, NULL, NULL, NULL, "size" }, NULL },
		{ { (enum fleet_read_kind)99, SITE, NULL, NULL, NULL, NULL, NULL }, NULL },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct canned c;
		struct told t = ask_with(&cases[i].q, NULL, 0, &c);

		if (!cases[i].target) {
			assert_int_equal(c.asked_n, 0);
			assert_int_equal(t.err.kind, ERR_INVALID);
		} else {
			assert_int_equal(c.asked_n, 1);
			assert_string_equal(c.asked[0].target, cases[i].target);
			assert_string_equal(c.asked[0].method, "GET");
			assert_string_equal(c.asked[0].authorization, "");
			assert_true(c.asked[0].foreign); /* the port adds no token to what is foreign */
			assert_int_equal(c.asked[0].local, text_starts(cases[i].q.site, "http://"));
			assert_int_equal(t.err.kind, ERR_CANCELLED);
		}
		canned_done(&c);
	}
}

static void test_statuses(void **state maybe_unused)
{
	static const struct {
		struct reply reply;
		enum err_kind kind;
	} cases[] = {
		{ { .status = 401 }, ERR_AUTH },
		{ { .status = 403 }, ERR_AUTH },
		{ { .status = 404 }, ERR_MISSING },
		{ { .status = 410 }, ERR_MISSING },
		{ { .status = 204 }, ERR_SERVER },
		{ { .status = 422 }, ERR_SERVER },
		{ { .status = 429 }, ERR_SERVER },
		{ { .status = 500, .body = "{\"tunnel_token\":\"" CANARY "\",\"detail\":\"" CANARY "\"}" },
		  ERR_SERVER },
		{ { .status = 503, .body = "<h1>no</h1>" }, ERR_SERVER },
		{ { .status = 0, .error = ERR_OFFLINE }, ERR_OFFLINE },
		{ { .status = 0, .error = ERR_SERVER }, ERR_SERVER },
		{ { .status = 302 }, ERR_SERVER },
		{ { .status = 302, .headers = "location: https://elsewhere.test/health" }, ERR_SERVER },
		{ { .status = 302, .headers = "location: https://cp.example.test.evil.test/health" },
		  ERR_SERVER },
		{ { .status = 302, .headers = "location: http://cp.example.test/health" }, ERR_SERVER },
		{ { .status = 302, .headers = "location: //elsewhere.test/health" }, ERR_SERVER },
	};

	for (int kind = FLEET_HEALTH; kind <= FLEET_CHALLENGE; kind++)
		for (size_t i = 0; i < countof(cases); i++) {
			const struct fleet_read q = {
				(enum fleet_read_kind)kind, SITE, NULL, "1", "n", NULL
			};
			struct canned c;
			struct told t = ask_with(&q, &cases[i].reply, 1, &c);

			assert_false(t.ok);
			assert_int_equal(t.err.kind, cases[i].kind);
			assert_int_equal(t.err.status, cases[i].reply.status);
			assert_true(t.err.message[0] && !strstr(t.err.message, CANARY));
			assert_int_equal(c.asked_n, 1);
			canned_done(&c);
		}
}

static void test_redirects(void **state maybe_unused)
{
	static const struct fleet_read q = { .kind = FLEET_HEALTH, .site = SITE "/a" };
	static const struct reply within[] = {
		{ .status = 307, .headers = "location: /b/health" },
		{ .status = 301, .headers = "location: https://CP.example.test/c/health?x=1" },
		{ .status = 200, .body = HEALTH },
	};
	static const struct reply forever[] = {
		{ .status = 302, .headers = "location: /1" },
		{ .status = 302, .headers = "location: /2" },
		{ .status = 302, .headers = "location: /3" },
		{ .status = 302, .headers = "location: /4" },
		{ .status = 200, .body = HEALTH },
	};
	struct canned c;
	struct told t = ask_with(&q, within, countof(within), &c);

	assert_true(t.ok);
	assert_string_equal(c.asked[1].target, SITE "/b/health");
	assert_string_equal(c.asked[2].target, SITE "/c/health?x=1");
	assert_true(c.asked[2].foreign);
	canned_done(&c);
	told_done(&t);
	t = ask_with(&q, forever, countof(forever), &c);
	assert_int_equal(t.err.kind, ERR_SERVER);
	assert_int_equal(c.asked_n, 4);
	canned_done(&c);
}

/* What is no answer is an error, and never an empty fleet. */
static void test_nonsense(void **state maybe_unused)
{
	static const char *const bodies[] = { "",
					      "null",
					      "[]",
					      NEITHER,
					      "<html>sign in</html>",
					      "{\"agents\":[{\"agent_id\":\"1\"}",
					      "{\"agents\":null,\"settings\":null,\"trusted_mrtds\":null}",
					      "{\"agents\":{},\"settings\":{},\"trusted_mrtds\":{}}",
					      "{\"agents\":[],\"agents\":[],\"status\":1}",
					      "{\"nonce\":\"not hex\",\"agent_id\":7}" };

	for (int kind = FLEET_HEALTH; kind <= FLEET_CHALLENGE; kind++)
		for (size_t i = 0; i < countof(bodies); i++) {
			const struct fleet_read q = {
				(enum fleet_read_kind)kind, SITE, NULL, "1", "n", NULL
			};
			struct told t = ask(&q, bodies[i]);

			if (t.ok)
				fail_msg("read %d took %s", kind, bodies[i]);
			assert_int_equal(t.err.kind, ERR_CORRUPT);
		}
}

static void test_no_tdx(void **state maybe_unused)
{
	static const char body[] = "{\"agents\":[],\"nonce\":\"a1b2\",\"status\":\"ok\",\"settings\":[],"
				   "\"trusted_mrtds\":[],\"error\":\"TDX not available\"}";

	for (int kind = FLEET_HEALTH; kind <= FLEET_CHALLENGE; kind++) {
		const struct fleet_read q = { (enum fleet_read_kind)kind, SITE, NULL, "1", "n", NULL, NULL };
		struct told t = ask(&q, body);

		assert_false(t.ok);
		assert_int_equal(t.err.kind, kind == FLEET_HEALTH ? ERR_MISSING : ERR_SERVER);
		assert_has(t.err.message, "TDX not available");
	}
}

static void test_answers(void **state maybe_unused)
{
	static const struct fleet_read health = { .kind = FLEET_HEALTH, .site = SITE },
				       nobody = { .kind = FLEET_AGENTS, .site = SITE },
				       challenge = { .kind = FLEET_CHALLENGE, .site = SITE, .name = "m" };
	static const struct reply dated = { 200, ERR_NONE, "date: Sat, 21 Nov 2026 12:00:00 GMT", HEALTH, 0 };
	struct canned c;
	struct told t = ask_with(&health, &dated, 1, &c);

	assert_string_equal(t.a.health->git_sha, "4f1c");
	assert_null(t.a.health->quote);
	assert_int_equal(t.a.date.ms, NOON);
	canned_done(&c);
	told_done(&t);
	t = ask(&nobody, NOBODY);
	assert_true(t.ok && t.a.agents_n == 0 && t.a.total == 0 && t.a.damaged == 0);
	told_done(&t);
	t = ask(&challenge, "{\"nonce\":\"a295\",\"ttl_seconds\":300,\"issued_at\":\"2026-11-21T12:00:00\"}");
	assert_string_equal(t.a.text, "a295");
	assert_int_equal(t.a.until.ms, NOON + 300000);
	told_done(&t);
	t = ask(&challenge, "{\"nonce\":\"a295\",\"ttl_seconds\":\"long\",\"issued_at\":\"now\"}");
	assert_true(t.ok && !when_known(t.a.until));
	told_done(&t);
}

static void test_settings(void **state maybe_unused)
{
	static const char *const drop[] = { "dropped", NULL };
	static const struct fleet_read q = { .kind = FLEET_SETTINGS, .site = SITE, .drop = drop };
	static const char body[] =
		"{\"settings\":[{\"key\":\"a.mode\",\"value\":\"strict\",\"source\":\"db\",\"is_secret\":"
		"false},"
		"{\"key\":\"a.word\",\"value\":\"" CANARY "\",\"source\":\"env\",\"is_secret\":true},"
		"{\"key\":\"a.api_token\",\"value\":\"" CANARY "\",\"source\":\"env\",\"is_secret\":false},"
		"{\"key\":\"a.odd\",\"value\":\"" CANARY "\",\"is_secret\":\"no\"},"
		"{\"key\":\"a.dropped\",\"value\":\"" CANARY "\"},"
		"{\"key\":\"a.flag\",\"value\":false,\"source\":\"elsewhere\"},{\"key\":\"a.none\",\"value\":"
		"null},"
		"{\"value\":\"" CANARY "\"},{\"key\":\"a.no_value\"},7]}";
	static const struct {
		const char *name, *effective, *source;
	} want[] = { { "a.mode", "strict", "db" }, { "a.word", "", "env" },
		     { "a.api_token", "", "env" }, { "a.odd", "", "" },
		     { "a.dropped", "", "" },      { "a.flag", "false", "elsewhere" },
		     { "a.none", "", "" } };
	const struct reply reply = { .status = 200, .body = body };
	struct canned c;
	struct told t = ask_with(&q, &reply, 1, &c);

	assert_int_equal(t.a.facts_n, countof(want));
	for (size_t i = 0; i < countof(want); i++) {
		assert_string_equal(t.a.facts[i].name, want[i].name);
		assert_string_equal(t.a.facts[i].effective, want[i].effective);
		assert_string_equal(t.a.facts[i].source, want[i].source);
		assert_int_equal(t.a.facts[i].kind, FLEET_POLICY);
	}
	assert_int_equal(t.a.damaged, 3);
	assert_string_equal(t.a.first_damage, "setting 8 has no key");
	canned_done(&c);
	told_done(&t);
}

static void test_drops(void **state maybe_unused)
{
	static const char *const bad[] = { "a.b", NULL }, *const none[] = { "", NULL };
	static const char *const many[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i",
					    "j", "k", "l", "m", "n", "o", "p", "q", NULL };
	static const char *const again[] = { "tunnel_token", "a", "a", NULL };
	static const struct {
		const char *const *drop;
		enum err_kind kind;
	} cases[] = { { bad, ERR_INVALID },
		      { none, ERR_INVALID },
		      { many, ERR_INVALID },
		      { many + 1, ERR_CANCELLED },
		      { again, ERR_CANCELLED } };

	for (size_t i = 0; i < countof(cases); i++) {
		const struct fleet_read q = { .kind = FLEET_AGENTS, .site = SITE, .drop = cases[i].drop };
		struct canned c;
		struct told t = ask_with(&q, NULL, 0, &c);

		assert_int_equal(t.err.kind, cases[i].kind);
		assert_int_equal(c.asked_n, cases[i].kind == ERR_CANCELLED);
		canned_done(&c);
	}
}

/* An adapter that is closed tells its calls, and what comes later finds nobody. */
static void test_closed(void **state maybe_unused)
{
	static const struct fleet_read q = { .kind = FLEET_HEALTH, .site = SITE };
	static const struct reply reply = { .status = 200, .body = HEALTH };
	struct told t = { 0 };
	struct fleet *f = NULL;
	struct canned c;

	canned_init(&c, &reply, 1);
	assert_int_equal(fleet_open(&f, &c.http, 0, NULL), 0);
	assert_int_equal(f->ops->read(f, &q, on_read, &t, NULL), 0);
	fleet_free(f);
	assert_int_equal(t.err.kind, ERR_CANCELLED);
	canned_pump(&c);
	assert_int_equal(t.calls, 1);
	canned_done(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses), cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_redirects), cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_no_tdx),    cmocka_unit_test(test_answers),
		cmocka_unit_test(test_settings),  cmocka_unit_test(test_drops),
		cmocka_unit_test(test_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
