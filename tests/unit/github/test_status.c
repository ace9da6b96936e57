#include "unit/github/canned.h"

/* What an answer means, for a read and for an act: only a refusal is known to have done nothing. */

#define DATE   "date: Sat, 21 Nov 2026 12:00:00 GMT\n"
#define HTML   "content-type: text/html"
#define SAY(m) "{\"message\":\"" m "\",\"documentation_url\":\"https://docs.test\"}"

static const struct status_case {
	struct reply reply;
	enum err_kind read, act;
	const char *says;
	int64_t retry_ms; /* -1: not looked at */
} cases[] = {
	{ { 401, .body = SAY("Bad credentials") },
	  ERR_AUTH,
	  ERR_AUTH,
	  "wants a valid token: Bad credentials",
	  0 },
	/* none was sent */
	{ { 401, .body = SAY("Requires authentication") },
	  ERR_AUTH,
	  ERR_AUTH,
	  "wants a valid token: Requires",
	  0 },
	{ { 403, .body = SAY("Resource not accessible"),
	    .headers = "x-accepted-github-permissions: actions=write" },
	  ERR_FORBIDDEN,
	  ERR_FORBIDDEN,
	  "actions=write",
	  0 },
	{ { 403, .headers = "x-github-sso: required; url=https://example.test/sso",
	    .body = SAY("protected") },
	  ERR_FORBIDDEN,
	  ERR_FORBIDDEN,
	  "SSO authorisation needed",
	  0 },
	{ { 403, .headers = HTML, .body = "<html>proxy</html>" },
	  ERR_FORBIDDEN,
	  ERR_FORBIDDEN,
	  "status 403",
	  0 },
	{ { 403, .headers = DATE "x-ratelimit-remaining: 0\nx-ratelimit-reset: 1795262430",
	    .body = SAY("API rate limit exceeded") },
	  ERR_RATE,
	  ERR_RATE,
	  "rate limit exceeded",
	  30000 },
	{ { 403, .headers = "retry-after: 7", .body = SAY("slow down") },
	  ERR_RATE,
	  ERR_RATE,
	  "slow down",
	  7000 },
	{ { 403, .body = SAY("You have exceeded a secondary rate limit") },
	  ERR_RATE,
	  ERR_RATE,
	  "secondary",
	  60000 },
	{ { 403, .body = SAY("You have triggered an abuse detection mechanism") },
	  ERR_RATE,
	  ERR_RATE,
	  "abuse",
	  60000 },
	{ { 403, .headers = "x-ratelimit-remaining: 12", .body = SAY("no") },
	  ERR_FORBIDDEN,
	  ERR_FORBIDDEN,
	  "no",
	  0 },
	{ { 429, .body = "" }, ERR_RATE, ERR_RATE, "wait 1m", 60000 },
	{ { 429, .headers = "retry-after: 0" }, ERR_RATE, ERR_RATE, "", 1000 },
	{ { 429, .headers = DATE "retry-after: Sat, 21 Nov 2026 12:00:45 GMT" },
	  ERR_RATE,
	  ERR_RATE,
	  "",
	  45000 },
	{ { 429, .headers = "retry-after: Sat, 21 Nov 2026 12:00:45 GMT" }, ERR_RATE, ERR_RATE, "", 45000 },
	{ { 429, .headers = DATE "retry-after: Sat, 21 Nov 2020 12:00:45 GMT" },
	  ERR_RATE,
	  ERR_RATE,
	  "",
	  1000 },
	{ { 429, .headers = "retry-after: 99999999999999" }, ERR_RATE, ERR_RATE, "", 86400000 },
	{ { 429, .headers = "retry-after: soon" }, ERR_RATE, ERR_RATE, "", 60000 },
	{ { 429, .headers = DATE "x-ratelimit-remaining: 5\nx-ratelimit-reset: 1795262430" },
	  ERR_RATE,
	  ERR_RATE,
	  "",
	  60000 },
	{ { 404, .body = SAY("Not Found") },
	  ERR_MISSING,
	  ERR_MISSING,
	  "not found, or no access: /repos/o/r/",
	  0 },
	{ { 409, .body = SAY("Cannot cancel a workflow run that is completed.") },
	  ERR_CONFLICT,
	  ERR_CONFLICT,
	  "Cannot cancel",
	  0 },
	{ { 410, .body = SAY("Gone") }, ERR_MISSING, ERR_MISSING, "no longer kept", 0 },
	{ { 422, .body = "{\"message\":\"Validation "
			 "Failed\",\"errors\":[{\"field\":\"ref\",\"code\":\"missing\"},\"plain\",{"
			 "\"message\":\"m2\"}]}" },
	  ERR_CONFLICT,
	  ERR_CONFLICT,
	  "Validation Failed; ref missing; plain; m2",
	  0 },
	{ { 422, .body = "{\"message\":\"a\\u001b]0;x\\u0007b\"}" },
	  ERR_CONFLICT,
	  ERR_CONFLICT,
	  "a\\x1b]0;x\\x07b",
	  0 },
	{ { 400, .body = "nonsense" }, ERR_CONFLICT, ERR_CONFLICT, "status 400", 0 },
	{ { 405 }, ERR_CONFLICT, ERR_CONFLICT, "405", 0 },
	{ { 408 }, ERR_SERVER, ERR_UNKNOWN, "408", 0 },
	{ { 500, .body = SAY("oops") }, ERR_SERVER, ERR_UNKNOWN, "oops", 0 },
	{ { 502, .headers = HTML, .body = "<html>bad gateway</html>" }, ERR_SERVER, ERR_UNKNOWN, "502", 0 },
	{ { 503, .headers = "retry-after: 5" }, ERR_SERVER, ERR_UNKNOWN, "503", 0 },
	{ { 504 }, ERR_SERVER, ERR_UNKNOWN, "504", 0 },
	{ { 307, .headers = "location: https://evil.test/x" }, ERR_SERVER, ERR_UNKNOWN, "", 0 },
	{ { 301, .headers = "location: https://evil.test/x" }, ERR_SERVER, ERR_UNKNOWN, "", 0 },
	{ { 206, .body = "{}" }, ERR_SERVER, ERR_UNKNOWN, "", 0 },
	{ { 100 }, ERR_SERVER, ERR_UNKNOWN, "", 0 },
	{ { 0, ERR_OFFLINE }, ERR_OFFLINE, ERR_OFFLINE, "the wire is cut", 0 },
	{ { 0, ERR_UNKNOWN }, ERR_UNKNOWN, ERR_UNKNOWN, "the wire is cut", 0 },
};

struct told {
	int calls;
	struct err err;
};

static void on_read(void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct told *t = ctx;

	t->calls++;
	assert_null(a);
	t->err = *err;
}

static void on_act(void *ctx, const struct forge_result *result, const struct err *err)
{
	struct told *t = ctx;

	t->calls++;
	assert_null(result);
	t->err = *err;
}

static void check(size_t i, bool act, const struct told *t, size_t asked)
{
	const struct status_case *k = &cases[i];
	enum err_kind want = act ? k->act : k->read;

	if (t->calls != 1 || t->err.kind != want)
		fail_msg("case %zu %s: %s, not %s: %s", i, act ? "act" : "read", err_word(t->err.kind),
			 err_word(want), t->err.message);
	if (!strstr(t->err.message, k->says))
		fail_msg("case %zu: \"%s\" does not hold \"%s\"", i, t->err.message, k->says);
	if (want == ERR_AUTH && !strstr(t->err.hint, "--token-file"))
		fail_msg("case %zu: \"%s\" does not say how to give a token", i, t->err.hint);
	if (strstr(t->err.message, "answered") && strstr(t->err.message, "status"))
		fail_msg("case %zu: \"%s\" says its status twice", i, t->err.message);
	assert_int_equal(t->err.retry_ms, k->retry_ms);
	assert_int_equal(t->err.status, k->reply.status);
	assert_int_equal(asked, 1); /* nothing is ever asked again because of an error */
}

static void test_statuses(void **state maybe_unused)
{
	struct clock clock;

	clock_manual(&clock, (struct when){ NOON });
	for (size_t i = 0; i < countof(cases); i++) {
		static const struct forge_read read = { FORGE_RUN, .repo = "o/r", .id = 1 };
		static const struct forge_act act = { FORGE_RERUN, .repo = "o/r", .run = 1 };

		for (int acting = 0; acting < 2; acting++) {
			struct told t = { 0 };
			struct forge *f = NULL;
			struct canned c;

			canned_init(&c, &cases[i].reply, 1);
			assert_int_equal(github_open(&f, &c.http, &clock, NULL), 0);
			if (acting)
				assert_int_equal(forge_act(f, &act, on_act, &t, NULL), 0);
			else
				assert_int_equal(forge_read(f, &read, on_read, &t, NULL), 0);
			canned_pump(&c);
			check(i, acting, &t, c.asked_n);
			forge_free(f);
			canned_done(&c);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_statuses) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
