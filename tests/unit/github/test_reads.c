#include "unit/github/seen.h"

/* ---- each kind: where it asks and what it understands -------------------------------------------------------------- */

#define RUN_JSON                                                                                         \
	"{\"id\":35531727338,\"name\":\"Deploy\",\"run_number\":7,\"run_attempt\":2,\"workflow_id\":99," \
	"\"path\":\".github/workflows/deploy.yml@main\",\"display_title\":\"v1 "                         \
	"\\u202e\",\"event\":\"workflow_dispatch\","                                                     \
	"\"head_branch\":null,\"head_sha\":\"aa\",\"status\":\"in_progress\",\"conclusion\":null,"       \
	"\"actor\":{\"login\":\"ana\"},\"triggering_actor\":{\"login\":\"bo\"},"                         \
	"\"created_at\":\"2026-11-21T11:00:00Z\",\"run_started_at\":\"2026-11-21T11:00:05Z\","           \
	"\"updated_at\":\"2026-11-21T11:30:00Z\",\"html_url\":\"https://example.test/"                   \
	"r\",\"new\":[{\"a\":1}]}"

static void check_run(const struct forge_answer *a)
{
	const struct run *r = a->items;

	assert_int_equal(a->n, 1);
	assert_int_equal(r->id, INT64_C(35531727338));
	assert_int_equal(r->attempt, 2);
	assert_int_equal(r->number, 7);
	assert_string_equal(r->workflow, "Deploy");
	assert_string_equal(r->path, ".github/workflows/deploy.yml");
	assert_string_equal(r->title, "v1 \xe2\x80\xae"); /* raw: neutralised when it becomes output */
	assert_string_equal(r->branch, "");
	assert_int_equal(r->status, RUN_IN_PROGRESS);
	assert_int_equal(r->conclusion, CONCLUSION_OTHER);
	assert_string_equal(r->actor, "ana");
	assert_string_equal(r->triggering_actor, "bo");
	assert_int_equal(r->created.ms, NOON - 3600000);
	assert_string_equal(r->url, "https://example.test/r");
	assert_string_equal(r->repo, "");
}

static void check_jobs(const struct forge_answer *a)
{
	const struct job *j = a->items;

	assert_int_equal(a->n, 2);
	assert_int_equal(j[0].id, 5);
	assert_int_equal(j[0].run_id, 3);
	assert_int_equal(j[0].status, RUN_COMPLETED);
	assert_int_equal(j[0].conclusion, CONCLUSION_FAILURE);
	assert_string_equal(
		j[0].steps,
		"[{\"number\":1,\"name\":\"a\\\"b\",\"status\":\"completed\",\"conclusion\":\"failure\","
		"\"started_at\":null,\"completed_at\":null}]");
	assert_string_equal(j[1].steps, "[]");
	assert_int_equal(j[1].status, RUN_OTHER);
}

static void check_gates(const struct forge_answer *a)
{
	const struct gate *g = a->items;

	assert_int_equal(a->n, 3);
	assert_int_equal(g[0].environment_id, INT64_C(12797761864));
	assert_string_equal(g[0].environment, "production");
	assert_string_equal(g[0].reviewers, "ana,captains");
	assert_true(g[0].can_approve);
	assert_string_equal(g[0].why_not, "");
	assert_int_equal(g[0].wait_until.ms, NOON + 30 * 60000);
	assert_false(g[1].can_approve); /* what is not said is not allowed */
	assert_has(g[1].why_not, "does not let");
	assert_false(when_known(g[1].wait_until));
	assert_has(g[2].why_not, "timer");
	assert_int_equal(g[0].run_id, 0);
}

static void check_reviews(const struct forge_answer *a)
{
	const struct review *r = a->items;

	assert_int_equal(a->n, 1);
	assert_string_equal(r->state, "approved");
	assert_string_equal(r->user, "bo");
	assert_string_equal(r->comment, "go");
	assert_string_equal(r->environments, "production,canary");
}

static void check_release(const struct forge_answer *a)
{
	const struct release *r = a->items;

	assert_int_equal(a->n, 1);
	assert_int_equal(r->id, 8);
	assert_string_equal(r->tag, "v1.2");
	assert_true(r->immutable);
	assert_false(r->draft);
	assert_string_equal(r->assets, "[{\"name\":\"x.tar\",\"size\":12,\"digest\":\"sha256:ab\",\"id\":4,"
				       "\"updated_at\":\"2026-01-01T00:00:00Z\"}]");
}

static void check_commit(const struct forge_answer *a)
{
	assert_string_equal(a->text, "0123456789012345678901234567890123456789");
	assert_string_equal(a->text2, "first line");
}

static void check_compare(const struct forge_answer *a)
{
	assert_int_equal(a->number, 2);
	assert_int_equal(a->number2, 1);
	assert_string_equal(a->text, "[{\"sha\":\"b\",\"title\":\"new\",\"author\":\"ana\",\"date\":\"d2\"},"
				     "{\"sha\":\"a\",\"title\":\"old\",\"author\":\"Bo B\",\"date\":null}]");
	assert_false(a->cut);
}

static void check_cut_compare(const struct forge_answer *a)
{
	assert_true(a->cut);
}

static void check_environment(const struct forge_answer *a)
{
	assert_string_equal(a->text,
			    "{\"id\":9,\"name\":\"prod\",\"reviewers\":[\"ana\",\"captains\"],\"prevent_self_"
			    "review\":true,"
			    "\"wait_timer\":30,\"branch_policy\":\"custom\",\"can_admins_bypass\":false}");
}

/* Rules that can be seen and do not say it: no. What cannot be seen: null. */
static void check_plain_environment(const struct forge_answer *a)
{
	assert_string_equal(a->text,
			    "{\"id\":9,\"name\":\"prod\",\"reviewers\":[],\"prevent_self_review\":false,"
			    "\"wait_timer\":0,\"branch_policy\":\"none\",\"can_admins_bypass\":null}");
}

static void check_hidden_environment(const struct forge_answer *a)
{
	assert_string_equal(a->text,
			    "{\"id\":9,\"name\":\"prod\",\"reviewers\":[],\"prevent_self_review\":null,"
			    "\"wait_timer\":null,\"branch_policy\":null,\"can_admins_bypass\":null}");
}

static void check_workflow(const struct forge_answer *a)
{
	assert_int_equal(a->number, 77);
	assert_string_equal(a->text, "disabled_manually");
	assert_string_equal(a->text2, "Deploy");
}

static void check_user(const struct forge_answer *a)
{
	assert_string_equal(a->text, "octo-ana");
}

static void check_rate(const struct forge_answer *a)
{
	assert_int_equal(a->rate.limit, 5000);
	assert_int_equal(a->rate.remaining, 4999);
	assert_int_equal(a->rate.reset.ms, NOON);
}

static void check_bytes(const struct forge_answer *a)
{
	assert_int_equal(a->number, 6);
	assert_memory_equal(a->text, "a\0b\x1b[m", 7);
}

#define COMMIT "\"0123456789012345678901234567890123456789\""
#define RAW    "content-type: text/plain"

static const struct kind_case {
	struct forge_read read;
	const char *target;
	struct reply reply;
	void (*check)(const struct forge_answer *a);
} kinds[] = {
	{ { FORGE_RUNS, .repo = "o/r" },
	  "/repos/o/r/actions/runs?per_page=30&exclude_pull_requests=true",
	  { 200, .body = "{\"total_count\":1,\"workflow_runs\":[" RUN_JSON "]}" },
	  check_run },
	{ { FORGE_RUNS, .repo = "o/r", .workflow = "x y.yml", .number = 500,
	    .created_from = "2026-11-21T00:00:00Z" },
	  "/repos/o/r/actions/workflows/x%20y.yml/runs?per_page=100&exclude_pull_requests=true"
	  "&created=%3E%3D2026-11-21T00%3A00%3A00Z",
	  { 200, .body = "{\"workflow_runs\":[" RUN_JSON "]}" },
	  check_run },
	{ { FORGE_RUN, .repo = "o/r", .id = 3 },
	  "/repos/o/r/actions/runs/3?exclude_pull_requests=true",
	  { 200, .body = RUN_JSON },
	  check_run },
	{ { FORGE_JOBS, .repo = "o/r", .id = 3 },
	  "/repos/o/r/actions/runs/3/jobs?per_page=100",
	  { 200, .body = "{\"total_count\":2,\"x\":[\"]\"],\"jobs\" : [ "
			 "{\"id\":5,\"run_id\":3,\"name\":\"one\",\"status\":\"completed\","
			 "\"conclusion\":\"failure\",\"steps\":[{\"name\":\"a\\\"b\",\"number\":1,\"status\":"
			 "\"completed\","
			 "\"conclusion\":\"failure\",\"extra\":{}}]} "
			 ",\n{\"id\":6,\"name\":\"two\",\"status\":\"brand new\",\"steps\":null}]}" },
	  check_jobs },
	{ { FORGE_JOBS, .repo = "o/r", .id = 3, .number = 2 },
	  "/repos/o/r/actions/runs/3/attempts/2/jobs?per_page=100",
	  { 200, .body = "{\"jobs\":[]}" },
	  NULL },
	{ { FORGE_GATES, .repo = "o/r", .id = 3 },
	  "/repos/o/r/actions/runs/3/pending_deployments",
	  { 200,
	    .body = "[{\"environment\":{\"id\":12797761864,\"name\":\"production\"},\"wait_timer\":30,"
		    "\"wait_timer_started_at\":\"2026-11-21T12:00:00Z\",\"current_user_can_approve\":true,"
		    "\"reviewers\":[{\"type\":\"User\",\"reviewer\":{\"login\":\"ana\"}},{\"type\":\"Team\","
		    "\"reviewer\":{\"slug\":\"captains\"}}]},"
		    "{\"environment\":{\"id\":2,\"name\":\"b\"},\"wait_timer\":0,\"wait_timer_started_at\":"
		    "null,"
		    "\"reviewers\":[{\"reviewer\":{\"login\":\"ana\"}}]},"
		    "{\"environment\":{\"id\":3,\"name\":\"c\"},\"wait_timer\":5,\"current_user_can_"
		    "approve\":false,\"reviewers\":[]}]" },
	  check_gates },
	{ { FORGE_REVIEWS, .repo = "o/r", .id = 3 },
	  "/repos/o/r/actions/runs/3/approvals",
	  { 200, .body = "[{\"state\":\"approved\",\"comment\":\"go\",\"user\":{\"login\":\"bo\"},"
			 "\"environments\":[{\"name\":\"production\"},{\"name\":\"canary\"}]}]" },
	  check_reviews },
	{ { FORGE_RELEASES, .repo = "o/r" },
	  "/repos/o/r/releases?per_page=30",
	  { 200, .body = "[{\"id\":8,\"tag_name\":\"v1.2\",\"draft\":false,\"immutable\":true,\"assets\":[{"
			 "\"id\":4,\"name\":\"x.tar\","
			 "\"size\":12,\"digest\":\"sha256:ab\",\"updated_at\":\"2026-01-01T00:00:00Z\","
			 "\"uploader\":{}}]}]" },
	  check_release },
	{ { FORGE_RELEASE, .repo = "o/r", .name = "frozen/v1.2" },
	  "/repos/o/r/releases/tags/frozen%2Fv1.2",
	  { 200, .body = "{\"id\":8,\"tag_name\":\"v1.2\",\"draft\":false,\"immutable\":true,\"assets\":[{"
			 "\"id\":4,\"name\":\"x.tar\","
			 "\"size\":12,\"digest\":\"sha256:ab\",\"updated_at\":\"2026-01-01T00:00:00Z\"}]}" },
	  check_release },
	{ { FORGE_COMMIT, .repo = "o/r", .name = "tags/v1 x" },
	  "/repos/o/r/commits/tags/v1%20x",
	  { 200, .body = "{\"sha\":" COMMIT ",\"commit\":{\"message\":\"first line\\r\\nsecond\"}}" },
	  check_commit },
	{ { FORGE_COMPARE, .repo = "o/r", .name = "v1", .name2 = "v2" },
	  "/repos/o/r/compare/v1...v2",
	  { 200, .body = "{\"ahead_by\":2,\"behind_by\":1,\"commits\":[{\"sha\":\"a\",\"commit\":{"
			 "\"message\":\"old\",\"author\":{\"name\":\"Bo B\"}},"
			 "\"author\":null},{\"sha\":\"b\",\"commit\":{\"message\":\"new\",\"author\":{"
			 "\"date\":\"d2\"}},\"author\":{\"login\":\"ana\"}}]}" },
	  check_compare },
	{ { FORGE_COMPARE, .repo = "o/r", .name = "v1", .name2 = "v2" },
	  "/repos/o/r/compare/v1...v2",
	  { 200, .body = "{\"ahead_by\":251,\"behind_by\":0,\"commits\":[]}" },
	  check_cut_compare },
	{ { FORGE_ENVIRONMENT, .repo = "o/r", .name = "a/b" },
	  "/repos/o/r/environments/a%2Fb",
	  { 200, .body = "{\"id\":9,\"name\":\"prod\",\"can_admins_bypass\":false,\"deployment_branch_"
			 "policy\":{\"protected_branches\":false,"
			 "\"custom_branch_policies\":true},\"protection_rules\":[{\"type\":\"wait_timer\","
			 "\"wait_timer\":30},"
			 "{\"type\":\"required_reviewers\",\"prevent_self_review\":true,\"reviewers\":[{"
			 "\"reviewer\":{\"login\":\"ana\"}},"
			 "{\"reviewer\":{\"slug\":\"captains\"}}]},{\"type\":\"branch_policy\"}]}" },
	  check_environment },
	{ { FORGE_ENVIRONMENT, .repo = "o/r", .name = "prod" },
	  "/repos/o/r/environments/prod",
	  { 200, .body = "{\"id\":9,\"name\":\"prod\",\"protection_rules\":[],\"deployment_branch_policy\":"
			 "null}" },
	  check_plain_environment },
	{ { FORGE_ENVIRONMENT, .repo = "o/r", .name = "prod" },
	  "/repos/o/r/environments/prod",
	  { 200, .body = "{\"id\":9,\"name\":\"prod\"}" },
	  check_hidden_environment },
	{ { FORGE_WORKFLOW, .repo = "o/r", .name = "d.yml" },
	  "/repos/o/r/actions/workflows/d.yml",
	  { 200, .body = "{\"id\":77,\"state\":\"disabled_manually\",\"name\":\"Deploy\"}" },
	  check_workflow },
	{ { FORGE_USER }, "/user", { 200, .body = "{\"login\":\"octo-ana\"}" }, check_user },
	{ { FORGE_RATE },
	  "/rate_limit",
	  { 200,
	    .body = "{\"resources\":{\"core\":{\"limit\":5000,\"remaining\":4999,\"reset\":1795262400}}}" },
	  check_rate },
	{ { FORGE_LOG, .repo = "o/r", .id = 4 },
	  "/repos/o/r/actions/jobs/4/logs",
	  { 200, .headers = RAW, .body = "a\0b\x1b[m", .body_n = 6 },
	  check_bytes },
	{ { FORGE_FILE, .repo = "o/r", .name = ".github/workflows/a b.yml", .name2 = "v1" },
	  "/repos/o/r/contents/.github/workflows/a%20b.yml?ref=v1",
	  { 200, .headers = "content-type: application/vnd.github.raw+json; charset=utf-8",
	    .body = "a\0b\x1b[m", .body_n = 6 },
	  check_bytes },
};

static void test_kinds(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(kinds); i++) {
		const struct kind_case *k = &kinds[i];
		struct seen s = { .check = k->check };
		struct canned c;

		canned_init(&c, &k->reply, 1);
		ask(&s, &c, &k->read);
		if (!s.ok)
			fail_msg("case %zu: %s", i, s.err.message);
		assert_int_equal(s.a.damaged, 0);
		assert_int_equal(c.asked_n, 1);
		assert_string_equal(c.asked[0].method, "GET");
		assert_string_equal(c.asked[0].target, k->target);
		seen_done(&s, &c);
	}
}

/* ---- what may not be asked ------------------------------------------------------------------------------------------ */

static const struct forge_read refused[] = {
	{ FORGE_RUN, .repo = "o/r" },
	{ FORGE_RUN, .repo = "o/r", .id = -1 },
	{ FORGE_RUNS },
	{ FORGE_RUNS, .repo = "o" },
	{ FORGE_RUNS, .repo = "o/r/x" },
	{ FORGE_RUNS, .repo = "../r" },
	{ FORGE_RUNS, .repo = "o/.." },
	{ FORGE_RUNS, .repo = "o/r?x=1" },
	{ FORGE_RUNS, .repo = "o/r%2e" },
	{ FORGE_RUNS, .repo = "o/" },
	{ FORGE_RUNS, .repo = "o/r", .workflow = "../../user" },
	{ FORGE_RUNS, .repo = "o/r", .workflow = "" },
	{ FORGE_RELEASE, .repo = "o/r", .name = "v1\r\nHost: evil" },
	{ FORGE_RELEASE, .repo = "o/r", .name = "a/../b" },
	{ FORGE_RELEASE, .repo = "o/r", .name = "a//b" },
	{ FORGE_COMMIT, .repo = "o/r", .name = ".." },
	{ FORGE_COMMIT, .repo = "o/r", .name = "tags/." },
	{ FORGE_COMMIT, .repo = "o/r", .name = "tags/v\x7f" },
	{ FORGE_FILE, .repo = "o/r", .name = "/etc/passwd" },
	{ FORGE_COMPARE, .repo = "o/r", .name = "a" },
	{ FORGE_READ_MAX_, .repo = "o/r" },
};

static void test_refused(void **state maybe_unused)
{
	struct canned c;
	struct forge *f = NULL;
	struct seen s = { 0 };

	canned_init(&c, NULL, 0);
	clock_manual(&the_clock, (struct when){ NOON });
	assert_int_equal(github_open(&f, &c.http, &the_clock, NULL), 0);
	for (size_t i = 0; i < countof(refused); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(forge_read(f, &refused[i], on_done, &s, &e), -ERR_INVALID);
		assert_true(e.message[0]);
	}
	assert_int_equal(c.asked_n, 0);
	assert_int_equal(s.calls, 0);
	forge_free(f);
	seen_done(&s, &c);
}

/* Hostile but lawful tag names go out percent-encoded and reach nobody else's path. */
static void test_encoding(void **state maybe_unused)
{
	static const struct {
		const char *name, *target;
	} cases[] = {
		{ "v1?x=1&y#z", "/repos/o/r/releases/tags/v1%3Fx%3D1%26y%23z" },
		{ "a%2e%2e", "/repos/o/r/releases/tags/a%252e%252e" },
		{ "\xe2\x80\xaeok", "/repos/o/r/releases/tags/%E2%80%AEok" },
		{ "\xff\xfe", "/repos/o/r/releases/tags/%FF%FE" },
	};
	static const struct reply reply = { 404, .body = "{}" };

	for (size_t i = 0; i < countof(cases); i++) {
		struct seen s = { 0 };
		struct canned c;

		canned_init(&c, &reply, 1);
		ask(&s, &c, &(struct forge_read){ FORGE_RELEASE, .repo = "o/r", .name = cases[i].name });
		assert_string_equal(c.asked[0].target, cases[i].target);
		assert_int_equal(s.err.kind, ERR_MISSING);
		seen_done(&s, &c);
	}
}

/* ---- damage: the record, not the page -------------------------------------------------------------------------------- */

#define GOOD(id)                                                                                         \
	"{\"id\":" #id ",\"head_sha\":\"a\",\"status\":\"completed\",\"created_at\":\"2026-11-21T11:00:" \
	"00Z\"}"

static void test_damaged_records(void **state maybe_unused)
{
	static const struct {
		const char *bad, *says;
	} cases[] = {
		{ "{\"id\":2,\"head_sha\":\"a\",\"status\":\"completed\"}", "created_at" },
		{ "{\"id\":\"2\",\"head_sha\":\"a\",\"status\":\"completed\",\"created_at\":\"2026-11-21T11:"
		  "00:00Z\"}",
		  "id" },
		{ "{\"id\":2,\"head_sha\":\"a\",\"status\":\"completed\",\"status\":\"queued\",\"created_"
		  "at\":\"2026-11-21T11:00:00Z\"}",
		  "status" },
		{ "{\"id\":2,\"head_sha\":\"\\ud800\",\"status\":\"completed\",\"created_at\":\"2026-11-"
		  "21T11:00:00Z\"}",
		  "head_sha" },
		{ "{\"id\":99999999999999999999,\"head_sha\":\"a\",\"status\":\"completed\",\"created_at\":"
		  "\"2026-11-21T11:00:00Z\"}",
		  "id" },
		{ "{\"id\":2,\"head_sha\":\"a\",\"status\":\"completed\",\"conclusion\":\"success\","
		  "\"conclusion\":\"failure\",\"created_at\":\"2026-11-21T11:00:00Z\"}",
		  "conclusion" },
		{ "17", "element" },
		{ "null", "element" },
		{ "[]", "element" },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct seen s = { 0 };
		struct canned c;
		char body[2048];
		struct reply reply = { 200, .body = body };

		snprintf(body, sizeof(body), "{\"workflow_runs\":[%s,%s,%s]}", GOOD(1), cases[i].bad,
			 GOOD(3));
		canned_init(&c, &reply, 1);
		ask(&s, &c, &(struct forge_read){ FORGE_RUNS, .repo = "o/r" });
		assert_true(s.ok);
		assert_int_equal(s.a.n, 2);
		assert_int_equal(s.a.damaged, 1);
		assert_has(s.a.first_damage, cases[i].says);
		seen_done(&s, &c);
	}
}

/* Damage in a nested array damages that job only, though the stream does not read it. */
static void test_damaged_nested(void **state maybe_unused)
{
	static const char *const bad[] = {
		"{\"id\":2,\"name\":\"j\",\"status\":\"completed\",\"steps\":{}}",
		"{\"id\":2,\"name\":\"j\",\"status\":\"completed\",\"steps\":[1]}",
		"{\"id\":2,\"name\":\"j\",\"status\":\"completed\",\"steps\":[{\"name\":\"\\ud800\"}]}",
		"{\"id\":2,\"name\":\"j\",\"status\":\"completed\",\"steps\":[{\"name\":\"a\",\"name\":\"b\"}"
		"]}",
	};

	for (size_t i = 0; i < countof(bad); i++) {
		struct seen s = { 0 };
		struct canned c;
		char body[1024];
		struct reply reply = { 200, .body = body };

		snprintf(body, sizeof(body),
			 "{\"jobs\":[{\"id\":1,\"name\":\"a\",\"status\":\"queued\"},%s,"
			 "{\"id\":3,\"name\":\"c\",\"status\":\"queued\",\"steps\":[]}]}",
			 bad[i]);
		canned_init(&c, &reply, 1);
		ask(&s, &c, &(struct forge_read){ FORGE_JOBS, .repo = "o/r", .id = 1 });
		assert_true(s.ok);
		assert_int_equal(s.a.n, 2);
		assert_int_equal(s.a.damaged, 1);
		seen_done(&s, &c);
	}
}

/* What is not the kind of answer asked for stores nothing at all. */
static void test_nonsense(void **state maybe_unused)
{
	static const struct {
		struct forge_read read;
		struct reply reply;
	} cases[] = {
		{ { FORGE_RUNS, .repo = "o/r" },
		  { 200, .headers = "content-type: text/html", .body = "<html>sign in</html>" } },
		{ { FORGE_RUNS, .repo = "o/r" },
		  { 200, .headers = "content-type: text/html", .body = "{\"workflow_runs\":[]}" } },
		{ { FORGE_RUNS, .repo = "o/r" }, { 200, .body = "" } },
		{ { FORGE_RUNS, .repo = "o/r" }, { 200, .body = "{\"workflow_runs\":[" GOOD(1) } },
		{ { FORGE_RUNS, .repo = "o/r" }, { 200, .body = "{\"message\":\"hello\"}" } },
		{ { FORGE_RUNS, .repo = "o/r" }, { 200, .body = "[]" } },
		{ { FORGE_RUNS, .repo = "o/r" }, { 206, .body = "{\"workflow_runs\":[]}" } },
		{ { FORGE_RUNS, .repo = "o/r" }, { 304 } },
		{ { FORGE_RUN, .repo = "o/r", .id = 1 }, { 200, .body = "{\"id\":1}" } },
		{ { FORGE_RUN, .repo = "o/r", .id = 1 }, { 200, .body = "[" GOOD(1) "]" } },
		{ { FORGE_GATES, .repo = "o/r", .id = 1 }, { 200, .body = "{}" } },
		{ { FORGE_COMMIT, .repo = "o/r", .name = "x" }, { 200, .body = "{\"sha\":\"0123\"}" } },
		{ { FORGE_COMPARE, .repo = "o/r", .name = "x", .name2 = "y" },
		  { 200, .body = "{\"commits\":[]}" } },
		{ { FORGE_ENVIRONMENT, .repo = "o/r", .name = "x" }, { 200, .body = "{\"name\":\"x\"}" } },
		{ { FORGE_ENVIRONMENT, .repo = "o/r", .name = "x" },
		  { 200, .body = "{\"id\":1,\"name\":\"x\",\"protection_rules\":7}" } },
		{ { FORGE_WORKFLOW, .repo = "o/r", .name = "x" }, { 200, .body = "{}" } },
		{ { FORGE_USER }, { 200, .body = "{\"login\":null}" } },
		{ { FORGE_RATE }, { 200, .body = "{}" } },
		{ { FORGE_LOG, .repo = "o/r", .id = 1 },
		  { 200, .headers = "content-type: text/html", .body = "<html>" } },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct seen s = { 0 };
		struct canned c;

		canned_init(&c, &cases[i].reply, 1);
		ask(&s, &c, &cases[i].read);
		if (s.ok || s.err.kind != ERR_SERVER)
			fail_msg("case %zu was taken", i);
		assert_has(s.err.message, "unexpected answer from api.example.test");
		seen_done(&s, &c);
	}
}

/* ---- etags, pages, redirects ------------------------------------------------------------------------------------------ */

static void test_not_modified(void **state maybe_unused)
{
	static const struct reply reply = {
		304,
		.headers = "etag: \"abc\"\nx-ratelimit-remaining: 42\ndate: Sat, 21 Nov 2026 12:00:00 GMT"
	};
	struct seen s = { 0 };
	struct canned c;

	canned_init(&c, &reply, 1);
	ask(&s, &c, &(struct forge_read){ FORGE_RUNS, .repo = "o/r", .etag = "W/\"abc\"" });
	assert_string_equal(c.asked[0].if_none_match, "W/\"abc\"");
	assert_true(s.ok && s.a.not_modified);
	assert_int_equal(s.a.rate.remaining, 42);
	assert_int_equal(s.a.rate.limit, -1);
	assert_int_equal(s.a.date.ms, NOON);
	seen_done(&s, &c);
}

static void test_facts(void **state maybe_unused)
{
	static const struct reply replies[] = {
		{ 200,
		  .headers =
			  "etag: W/\"1\"\ngithub-authentication-token-expiration: 2026-11-21 12:00:00 UTC\n"
			  "x-pilothouse-drill: easy",
		  .body = "{\"workflow_runs\":[]}" },
		{ 200, .headers = "github-authentication-token-expiration: 2026-11-21 14:00:00 +0200",
		  .body = "{\"workflow_runs\":[]}" },
		{ 200,
		  .headers = "github-authentication-token-expiration: tomorrow\ndate: "
			     "noon\nx-ratelimit-reset: -4",
		  .body = "{\"workflow_runs\":[]}" },
	};
	static const int64_t expires[] = { NOON, NOON, 0 };

	for (size_t i = 0; i < countof(replies); i++) {
		struct seen s = { 0 };
		struct canned c;

		canned_init(&c, &replies[i], 1);
		ask(&s, &c, &(struct forge_read){ FORGE_RUNS, .repo = "o/r" });
		assert_true(s.ok);
		assert_int_equal(s.a.token_expires.ms, expires[i]);
		assert_int_equal(s.a.rate.reset.ms, 0);
		if (!i) {
			assert_string_equal(s.a.etag, "W/\"1\"");
			assert_string_equal(s.a.drill, "easy");
		}
		seen_done(&s, &c);
	}
}

#define NEXT(url)                                                                  \
	"etag: \"p\"\nlink: <https://api.example.test/first>; rel=\"prev\", <" url \
	">; rel=\"next\", <x>; rel=\"last\""
#define PAGE "{\"workflow_runs\":[" GOOD(1) "]}"

static void test_pages(void **state maybe_unused)
{
	static const struct reply replies[] = {
		{ 200, .headers = NEXT("https://api.example.test/repositories/7/actions/runs?page=2"),
		  .body = PAGE },
		{ 200, .headers = NEXT("https://api.example.test/repositories/7/actions/runs?page=3"),
		  .body = PAGE },
		{ 200, .body = PAGE },
	};
	struct seen s = { 0 };
	struct canned c;

	canned_init(&c, replies, 3);
	ask(&s, &c, &(struct forge_read){ FORGE_RUNS, .repo = "o/r", .pages = 9, .etag = "\"old\"" });
	assert_true(s.ok);
	assert_int_equal(s.a.n, 3);
	assert_false(s.a.cut);
	assert_null(s.a.etag); /* the first page's would hide changes on the others */
	assert_string_equal(c.asked[2].target, "/repositories/7/actions/runs?page=3");
	assert_string_equal(c.asked[1].if_none_match, "");
	seen_done(&s, &c);
}

static void test_page_cap(void **state maybe_unused)
{
	struct reply replies[CANNED_MAX];
	struct seen s = { 0 };
	struct canned c;

	for (size_t i = 0; i < countof(replies); i++)
		replies[i] = (struct reply){
			200, .headers = NEXT("https://api.example.test/repos/o/r/actions/runs?page=2"),
			.body = PAGE
		};
	canned_init(&c, replies, countof(replies));
	ask(&s, &c, &(struct forge_read){ FORGE_RUNS, .repo = "o/r", .pages = 100000 });
	assert_true(s.ok && s.a.cut);
	assert_int_equal(c.asked_n, 100);
	seen_done(&s, &c);
	s = (struct seen){ 0 };
	canned_init(&c, replies, countof(replies));
	ask(&s, &c, &(struct forge_read){ FORGE_RUNS, .repo = "o/r" });
	assert_true(s.ok && s.a.cut);
	assert_int_equal(c.asked_n, 1);
	assert_string_equal(s.a.etag, "\"p\"");
	seen_done(&s, &c);
}

/* A damaged second page fails the read: half a list must not pass for a list. */
static void test_page_fails(void **state maybe_unused)
{
	static const struct reply replies[] = {
		{ 200, .headers = NEXT("https://api.example.test/repos/o/r/actions/runs?page=2"),
		  .body = PAGE },
		{ 502, .headers = "content-type: text/html", .body = "<html>" },
	};
	struct seen s = { 0 };
	struct canned c;

	canned_init(&c, replies, 2);
	ask(&s, &c, &(struct forge_read){ FORGE_RUNS, .repo = "o/r", .pages = 2 });
	assert_false(s.ok);
	assert_int_equal(s.err.kind, ERR_SERVER);
	seen_done(&s, &c);
}

static void test_foreign_pages(void **state maybe_unused)
{
	static const char *const urls[] = {
		"https://evil.test/repos/o/r/actions/runs?page=2",
		"http://api.example.test/repos/o/r/actions/runs?page=2",
		"https://api.example.test.evil.test/repos/o/r",
		"https://api.example.test@evil.test/repos/o/r",
		"https://api.example.test:444/repos/o/r",
		"https://api.example.test/user",
		"https://api.example.test/repos/../user",
		"https://api.example.test/repos/%2e%2e/user",
		"//evil.test/repos/o/r",
		"",
	};

	for (size_t i = 0; i < countof(urls); i++) {
		char headers[512];
		struct reply reply = { 200, .headers = headers, .body = PAGE };
		struct seen s = { 0 };
		struct canned c;

		snprintf(headers, sizeof(headers), "link: <%s>; rel=\"next\"", urls[i]);
		canned_init(&c, &reply, 1);
		ask(&s, &c, &(struct forge_read){ FORGE_RUNS, .repo = "o/r", .pages = 5 });
		assert_true(s.ok && s.a.cut);
		assert_int_equal(c.asked_n, 1);
		seen_done(&s, &c);
	}
}

static void test_renamed(void **state maybe_unused)
{
	static const struct reply replies[] = {
		{ 301, .headers = "location: https://api.example.test/repositories/7/actions/runs",
		  .body = "{}" },
		{ 307, .headers = "location: https://api.example.test/repositories/8/actions/runs",
		  .body = "{}" },
		{ 200, .body = PAGE },
	};
	struct seen s = { 0 };
	struct canned c;

	canned_init(&c, replies, 3);
	ask(&s, &c, &(struct forge_read){ FORGE_RUNS, .repo = "o/r" });
	assert_true(s.ok);
	assert_int_equal(s.a.n, 1);
	assert_false(c.asked[1].foreign);
	assert_string_equal(c.asked[2].target, "/repositories/8/actions/runs");
	seen_done(&s, &c);
}

static void test_redirects_refused(void **state maybe_unused)
{
	static const struct {
		const char *headers;
		size_t asked;
	} cases[] = {
		{ "location: https://evil.test/repos/o/r", 1 },
		{ "location: http://api.example.test/repos/o/r", 1 },
		{ "x: y", 1 },
		{ "location: https://api.example.test/repos/o/r/actions/runs", 4 }, /* a loop */
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct reply replies[8];
		struct seen s = { 0 };
		struct canned c;

		for (size_t k = 0; k < countof(replies); k++)
			replies[k] = (struct reply){ 302, .headers = cases[i].headers };
		canned_init(&c, replies, countof(replies));
		ask(&s, &c, &(struct forge_read){ FORGE_RUNS, .repo = "o/r" });
		assert_false(s.ok);
		assert_int_equal(s.err.kind, ERR_SERVER);
		assert_int_equal(c.asked_n, cases[i].asked);
		seen_done(&s, &c);
	}
}

static void test_log_redirect(void **state maybe_unused)
{
	static const struct reply replies[] = {
		{ 302, .headers = "location: https://storage.test/signed?sig=1\ncontent-type: text/html" },
		{ 200, .headers = "content-type: text/plain", .body = "hello" },
	};
	static const struct reply twice[] = {
		{ 302, .headers = "location: https://storage.test/signed?sig=1" },
		{ 302, .headers = "location: https://api.example.test/repos/o/r" },
	};
	static const struct reply gone[] = { { 410, .body = "{\"message\":\"Gone\"}" } };
	struct seen s = { 0 };
	struct canned c;

	canned_init(&c, replies, 2);
	ask(&s, &c, &(struct forge_read){ FORGE_LOG, .repo = "o/r", .id = 1 });
	assert_true(s.ok);
	assert_string_equal(s.a.text, "hello");
	assert_true(c.asked[1].foreign);
	assert_string_equal(c.asked[1].target, "https://storage.test/signed?sig=1");
	seen_done(&s, &c);

	s = (struct seen){ 0 };
	canned_init(&c, twice, 2);
	ask(&s, &c, &(struct forge_read){ FORGE_LOG, .repo = "o/r", .id = 1 });
	assert_int_equal(s.err.kind, ERR_SERVER);
	assert_int_equal(c.asked_n, 2);
	seen_done(&s, &c);

	s = (struct seen){ 0 };
	canned_init(&c, gone, 1);
	ask(&s, &c, &(struct forge_read){ FORGE_LOG, .repo = "o/r", .id = 1 });
	assert_int_equal(s.err.kind, ERR_MISSING);
	seen_done(&s, &c);
}

/* ---- closing while a read is out ---------------------------------------------------------------------------------------- */

static void test_close_early(void **state maybe_unused)
{
	static const struct reply reply = { 200, .body = PAGE };
	struct seen s = { 0 };
	struct forge *f = NULL;
	struct canned c;

	canned_init(&c, &reply, 1);
	clock_manual(&the_clock, (struct when){ NOON });
	assert_int_equal(github_open(&f, &c.http, &the_clock, NULL), 0);
	assert_int_equal(forge_read(f, &(struct forge_read){ FORGE_RUNS, .repo = "o/r" }, on_done, &s, NULL),
			 0);
	forge_free(f);
	assert_int_equal(s.calls, 1);
	assert_int_equal(s.err.kind, ERR_CANCELLED);
	canned_pump(&c);
	assert_int_equal(s.calls, 1);
	seen_done(&s, &c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),          cmocka_unit_test(test_refused),
		cmocka_unit_test(test_encoding),       cmocka_unit_test(test_damaged_records),
		cmocka_unit_test(test_damaged_nested), cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_not_modified),   cmocka_unit_test(test_facts),
		cmocka_unit_test(test_pages),          cmocka_unit_test(test_page_cap),
		cmocka_unit_test(test_page_fails),     cmocka_unit_test(test_foreign_pages),
		cmocka_unit_test(test_renamed),        cmocka_unit_test(test_redirects_refused),
		cmocka_unit_test(test_log_redirect),   cmocka_unit_test(test_close_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
