#include "unit/github/seen.h"

/* ---- each kind: where it asks and what it understands -------------------------------------------------------------- */

#define RAW "content-type: text/plain"
#define DEPLOYMENT(payload)                                                                                 \
	"{\"id\":6,\"sha\":\"s\",\"ref\":\"main\",\"environment\":\"prod\",\"created_at\":\"2026-11-21T12:" \
	"00:00Z\",\"creator\":{\"login\":\"bot\"},\"payload\":" payload "}"

#define SHA1 "0123456789012345678901234567890123456789"

static void check_variable(const struct forge_answer *a)
{
	assert_string_equal(a->text, "true");
	assert_string_equal(a->text2, "2026-11-21T12:00:00Z");
}

/* Made for a pull request of a fork, and of one that is gone. */
static void check_foreign(const struct forge_answer *a)
{
	const struct artifact *x = a->items;

	assert_int_equal(a->n, 2);
	assert_true(x[0].foreign);
	assert_true(x[1].foreign);
}

static void check_artifacts(const struct forge_answer *a)
{
	const struct artifact *x = a->items;

	assert_int_equal(a->n, 2);
	assert_int_equal(x[0].id, INT64_C(9876543210));
	assert_string_equal(x[0].name, "release-package-" SHA1);
	assert_int_equal(x[0].size, 900);
	assert_false(x[0].expired);
	assert_int_equal(x[0].created.ms, NOON);
	assert_int_equal(x[0].expires.ms, NOON + INT64_C(90) * 24 * 3600000);
	assert_string_equal(x[0].digest, "sha256:ab");
	assert_int_equal(x[0].run_id, INT64_C(35531727338));
	assert_string_equal(x[0].branch, "main");
	assert_string_equal(x[0].head_sha, SHA1);
	assert_false(x[0].foreign);
	assert_false(x[1].foreign);
	assert_true(x[1].expired);
	assert_string_equal(x[1].digest, "");
	assert_int_equal(x[1].run_id, 0);
	assert_false(when_known(x[1].expires));
}

static void check_deployments(const struct forge_answer *a)
{
	const struct deployment *d = a->items;

	assert_int_equal(a->n, 5);
	assert_string_equal(d[0].payload, "{\"canary\":{\"weight\":25}}");
	assert_string_equal(d[0].creator, "bot");
	assert_string_equal(d[1].payload, "{\"a\":1}"); /* an object sent as text */
	assert_string_equal(d[2].payload, "\"half a {\"");
	assert_string_equal(d[3].payload, "");
	assert_string_equal(d[4].payload, "");
	assert_string_equal(d[3].environment, "prod");
	assert_int_equal(d[3].created.ms, NOON);
}

static void check_deployment(const struct forge_answer *a)
{
	const struct deployment_status *all = a->items;

	assert_string_equal(a->text, "success");
	assert_string_equal(a->text2, "https://example.test/runs/9");
	assert_int_equal(a->n, 3);
	assert_string_equal(all[0].description, "canary 25% for 300 s");
	assert_int_equal(all[1].id, 8);
	assert_true(when_known(all[1].created));
	assert_string_equal(all[2].state, "queued");
}

static void check_deployment_place(const struct forge_answer *a)
{
	assert_string_equal(a->text, "waiting");
	assert_string_equal(a->text2, "https://prod.example.test");
}

static void check_tree(const struct forge_answer *a)
{
	const struct tree_entry *t = a->items;

	assert_int_equal(a->n, 2);
	assert_string_equal(t[0].path, "pins/a.yaml");
	assert_string_equal(t[0].type, "blob");
	assert_int_equal(t[0].size, 120);
	assert_string_equal(t[1].type, "tree");
	assert_false(a->cut);
}

static void check_cut_tree(const struct forge_answer *a)
{
	assert_int_equal(a->n, 0);
	assert_true(a->cut);
}

static void check_pulls(const struct forge_answer *a)
{
	const struct pull *p = a->items;

	assert_int_equal(a->n, 3);
	assert_int_equal(p[0].number, 12);
	assert_string_equal(p[0].head, "pilothouse/x");
	assert_string_equal(p[0].head_sha, "hs");
	assert_string_equal(p[0].base, "release");
	assert_string_equal(p[0].labels, "deploy-to-staging,b");
	assert_true(p[0].merged);
	assert_string_equal(p[0].merge_sha, "ms");
	assert_string_equal(p[0].author, "ana");
	assert_string_equal(p[0].state, "closed");
	assert_false(p[1].merged);
	assert_string_equal(p[1].merge_sha, ""); /* the forge's trial merge is nobody's commit */
	assert_string_equal(p[1].head, "eve:pilothouse/x");
	assert_true(p[1].draft);
	assert_string_equal(p[2].head, "gone:x");
	assert_string_equal(p[2].labels, "");
}

static void check_pull(const struct forge_answer *a)
{
	const struct pull *p = a->items;

	assert_int_equal(a->n, 1);
	assert_true(p->merged);
	assert_string_equal(p->merge_sha, "ms");
}

static void check_labelled(const struct forge_answer *a)
{
	const struct pull *p = a->items;

	assert_int_equal(a->n, 1);
	assert_int_equal(p->number, 3);
	assert_string_equal(p->title, "main is red");
	assert_string_equal(p->labels, "freeze/main-red");
	assert_string_equal(p->head, "");
}

static void check_commits(const struct forge_answer *a)
{
	const struct history *h = a->items;

	assert_int_equal(a->n, 2);
	assert_string_equal(h[0].title, "pin api");
	assert_string_equal(h[0].author, "bot[bot]");
	assert_int_equal(h[0].at.ms, NOON);
	assert_string_equal(h[1].author, "Ana A");
	assert_string_equal(h[1].title, "");
}

static void check_workflows(const struct forge_answer *a)
{
	const struct workflow_file *w = a->items;

	assert_int_equal(a->n, 1);
	assert_int_equal(w->id, 5);
	assert_string_equal(w->path, ".github/workflows/deploy.yml");
	assert_string_equal(w->state, "active");
}

static void check_ref(const struct forge_answer *a)
{
	const struct git_ref *r = a->items;

	assert_int_equal(a->n, 1);
	assert_string_equal(r->name, "pilothouse/con");
	assert_string_equal(r->sha, SHA1);
	assert_string_equal(r->type, "commit");
}

static void check_git_commit(const struct forge_answer *a)
{
	const struct git_commit *c = a->items;

	assert_int_equal(a->n, 1);
	assert_string_equal(c->message, "first\n\n{\"a\":1}");
	assert_string_equal(c->tree, SHA1);
	assert_string_equal(c->parent, SHA1);
	assert_string_equal(c->author, "Ana A");
	assert_int_equal(c->at.ms, NOON);
}

static void check_root(const struct forge_answer *a)
{
	assert_string_equal(((const struct git_commit *)a->items)->parent, "");
}

static void check_group(const struct forge_answer *a)
{
	const struct group_member *m = a->items;

	assert_int_equal(a->n, 2);
	assert_int_equal(m[0].run_id, INT64_C(35531727338));
	assert_string_equal(m[0].status, "in_progress");
	assert_int_equal(m[0].job_id, 0);
	assert_string_equal(m[1].name, "Ship");
	assert_int_equal(m[1].job_id, 8);
}

static void check_reader(const struct forge_answer *a)
{
	assert_int_equal(a->number, 0);
}

static void check_not_told(const struct forge_answer *a)
{
	assert_int_equal(a->number, -1);
}

static void check_bytes(const struct forge_answer *a)
{
	assert_int_equal(a->number, 6);
	assert_memory_equal(a->text, "a\0b\x1b[m", 7);
}

static const struct kind_case {
	struct forge_read read;
	const char *target;
	struct reply reply;
	void (*check)(const struct forge_answer *a);
} kinds[] = {
	{ { FORGE_REF, .repo = "o/r", .name = "pilothouse/con" },
	  "/repos/o/r/git/ref/pilothouse/con",
	  { 200, .body = "{\"ref\":\"refs/pilothouse/con\",\"object\":{\"sha\":\"" SHA1
			 "\",\"type\":\"commit\"}}" },
	  check_ref },
	{ { FORGE_REFS, .repo = "o/r", .name = "pilothouse" },
	  "/repos/o/r/git/matching-refs/pilothouse",
	  { 200, .body = "[{\"ref\":\"refs/pilothouse/con\",\"object\":{\"sha\":\"" SHA1
			 "\",\"type\":\"commit\"}}]" },
	  check_ref },
	{ { FORGE_GIT_COMMIT, .repo = "o/r", .name = SHA1 },
	  "/repos/o/r/git/commits/" SHA1,
	  { 200,
	    .body = "{\"sha\":\"" SHA1 "\",\"message\":\"first\\n\\n{\\\"a\\\":1}\",\"tree\":{\"sha\":\"" SHA1
		    "\"},\"author\":{\"name\":\"Ana A\"},\"committer\":{\"date\":\"2026-11-21T12:00:00Z\"},"
		    "\"parents\":[{\"sha\":\"" SHA1 "\"},{\"sha\":\"x\"}]}" },
	  check_git_commit },
	{ { FORGE_GIT_COMMIT, .repo = "o/r", .name = SHA1 },
	  "/repos/o/r/git/commits/" SHA1,
	  { 200, .body = "{\"sha\":\"" SHA1 "\",\"message\":\"\",\"parents\":[]}" },
	  check_root },
	{ { FORGE_ACCESS, .repo = "o/r" },
	  "/repos/o/r",
	  { 200, .body = "{\"full_name\":\"o/r\",\"permissions\":{\"pull\":true,\"push\":false}}" },
	  check_reader },
	{ { FORGE_VARIABLE, .repo = "o/r", .name = "CANARY_HOLD" },
	  "/repos/o/r/actions/variables/CANARY_HOLD",
	  { 200,
	    .body = "{\"name\":\"CANARY_HOLD\",\"value\":\"true\",\"updated_at\":\"2026-11-21T12:00:00Z\"}" },
	  check_variable },
	{ { FORGE_ACCESS, .repo = "o/r" },
	  "/repos/o/r",
	  { 200, .body = "{\"full_name\":\"o/r\"}" },
	  check_not_told },
	{ { FORGE_GROUP, .repo = "o/r", .name = "ship/prod" },
	  "/repos/o/r/actions/concurrency_groups/ship%2Fprod",
	  { 200,
	    .body = "{\"group_name\":\"ship/prod\",\"group_members\":[{\"run_id\":35531727338,\"run_name\":"
		    "\"Ship\",\"status\":\"in_progress\"},{\"run_id\":7,\"run_name\":\"Ship\",\"job_id\":8,"
		    "\"status\":\"pending\"}]}" },
	  check_group },
	{ { FORGE_ASSET, .repo = "o/r", .id = 4 },
	  "/repos/o/r/releases/assets/4",
	  { 200, .headers = "content-type: application/octet-stream", .body = "a\0b\x1b[m", .body_n = 6 },
	  check_bytes },
	{ { FORGE_ARTIFACT, .repo = "o/r", .id = 4 },
	  "/repos/o/r/actions/artifacts/4/zip",
	  { 200, .headers = "content-type: application/zip", .body = "a\0b\x1b[m", .body_n = 6 },
	  check_bytes },
	{ { FORGE_ARTIFACTS, .repo = "o/r", .name = "release-package-" SHA1 },
	  "/repos/o/r/actions/artifacts?per_page=30&name=release-package-" SHA1,
	  { 200,
	    .body = "{\"total_count\":2,\"artifacts\":[{\"id\":9876543210,\"name\":\"release-package-" SHA1
		    "\",\"size_in_bytes\":900,\"expired\":false,\"created_at\":\"2026-11-21T12:00:00Z\","
		    "\"expires_at\":\"2027-02-19T12:00:00Z\",\"digest\":\"sha256:ab\",\"workflow_run\":{"
		    "\"id\":"
		    "35531727338,\"repository_id\":5,\"head_repository_id\":5,"
		    "\"head_branch\":\"main\",\"head_sha\":\"" SHA1 "\"}},"
		    "{\"id\":2,\"name\":\"old\",\"expired\":true,\"expires_at\":null,\"workflow_run\":null}]"
		    "}" },
	  check_artifacts },
	{ { FORGE_ARTIFACTS, .repo = "o/r", .name = "x" },
	  "/repos/o/r/actions/artifacts?per_page=30&name=x",
	  { 200,
	    .body = "{\"artifacts\":[{\"id\":1,\"name\":\"x\",\"expired\":false,\"workflow_run\":{\"id\":3,"
		    "\"repository_id\":5,\"head_repository_id\":6}},"
		    "{\"id\":2,\"name\":\"x\",\"expired\":false,\"workflow_run\":{\"id\":4,"
		    "\"repository_id\":5,\"head_repository_id\":null}}]}" },
	  check_foreign },
	{ { FORGE_ARTIFACTS, .repo = "o/r", .id = 7, .number = 100 },
	  "/repos/o/r/actions/runs/7/artifacts?per_page=100",
	  { 200, .body = "{\"artifacts\":[]}" },
	  NULL },
	{ { FORGE_DEPLOYMENTS, .repo = "o/r", .name = "a/b c", .number = 5 },
	  "/repos/o/r/deployments?per_page=5&environment=a%2Fb%20c",
	  { 200,
	    .body = "[" DEPLOYMENT("{\"canary\":{\"weight\":25}}") "," DEPLOYMENT("\"{\\\"a\\\":1}\"") "," DEPLOYMENT(
		    "\"half a {\"") "," DEPLOYMENT("{}") "," DEPLOYMENT("null") "]" },
	  check_deployments },
	{ { FORGE_DEPLOYMENT, .repo = "o/r", .id = 6 },
	  "/repos/o/r/deployments/6/statuses?per_page=100",
	  { 200,
	    .body = "[{\"id\":1,\"state\":\"queued\",\"target_url\":\"\"},{\"id\":9,\"state\":\"success\","
		    "\"description\":\"canary 25% for 300 s\","
		    "\"log_url\":\"https://example.test/runs/9\",\"environment_url\":\"https://x.test\"},"
		    "{\"id\":8,\"state\":\"in_progress\",\"created_at\":\"2026-11-21T07:00:00Z\"}]" },
	  check_deployment },
	{ { FORGE_DEPLOYMENT, .repo = "o/r", .id = 6 },
	  "/repos/o/r/deployments/6/statuses?per_page=100",
	  { 200, .body = "[{\"id\":1,\"state\":\"waiting\",\"log_url\":\"\",\"environment_url\":"
			 "\"https://prod.example.test\"}]" },
	  check_deployment_place },
	{ { FORGE_TREE, .repo = "o/r", .name = "a/b" },
	  "/repos/o/r/git/trees/a%2Fb?recursive=1",
	  { 200, .body = "{\"sha\":\"s\",\"tree\":[{\"path\":\"pins/"
			 "a.yaml\",\"type\":\"blob\",\"sha\":\"b\",\"size\":"
			 "120},{\"path\":\"pins\",\"type\":\"tree\",\"sha\":\"t\"}],\"truncated\":false}" },
	  check_tree },
	{ { FORGE_TREE, .repo = "o/r", .name = "main" },
	  "/repos/o/r/git/trees/main?recursive=1",
	  { 200, .body = "{ \"truncated\" : true, \"tree\":[] }" },
	  check_cut_tree },
	{ { FORGE_PULLS, .repo = "o/r", .name = "pilothouse/x", .name2 = "release" },
	  "/repos/o/r/pulls?state=all&per_page=30&head=o%3Apilothouse%2Fx&base=release",
	  { 200,
	    .body = "[{\"number\":12,\"title\":\"t\",\"state\":\"closed\",\"merged_at\":\"2026-11-21T12:00:"
		    "00Z\","
		    "\"merge_commit_sha\":\"ms\",\"head\":{\"ref\":\"pilothouse/x\",\"sha\":\"hs\",\"repo\":{"
		    "\"full_name\":\"o/r\"}},\"base\":{\"ref\":\"release\",\"repo\":{\"full_name\":\"o/r\"}},"
		    "\"user\":{\"login\":\"ana\"},\"labels\":[{\"name\":\"deploy-to-staging\"},{\"name\":"
		    "\"b\"}]},"
		    "{\"number\":11,\"title\":\"t\",\"state\":\"open\",\"draft\":true,\"merged_at\":null,"
		    "\"merge_commit_sha\":\"trial\",\"head\":{\"label\":\"eve:pilothouse/"
		    "x\",\"ref\":\"pilothouse/x\","
		    "\"repo\":{\"full_name\":\"eve/"
		    "r\"}},\"base\":{\"ref\":\"release\",\"repo\":{\"full_name\":"
		    "\"o/r\"}}},"
		    "{\"number\":10,\"title\":\"t\",\"state\":\"open\",\"head\":{\"label\":\"gone:x\","
		    "\"ref\":\"x\","
		    "\"repo\":null}}]" },
	  check_pulls },
	{ { FORGE_PULLS, .repo = "o/r", .number = 2 },
	  "/repos/o/r/pulls?state=all&per_page=2",
	  { 200, .body = "[]" },
	  NULL },
	{ { FORGE_PULLS, .repo = "o/r", .number = 100, .status = "open" },
	  "/repos/o/r/pulls?state=open&per_page=100",
	  { 200, .body = "[]" },
	  NULL },
	{ { FORGE_PULL, .repo = "o/r", .id = 12 },
	  "/repos/o/r/pulls/12",
	  { 200, .body = "{\"number\":12,\"title\":\"t\",\"state\":\"closed\",\"merged\":true,\"merge_commit_"
			 "sha\":"
			 "\"ms\"}" },
	  check_pull },
	{ { FORGE_LABELLED, .repo = "o/r", .name = "freeze/main-red" },
	  "/repos/o/r/issues?state=open&per_page=100&labels=freeze%2Fmain-red",
	  { 200, .body = "[{\"number\":3,\"title\":\"main is red\",\"state\":\"open\",\"labels\":[{\"name\":"
			 "\"freeze/main-red\"}]}]" },
	  check_labelled },
	{ { FORGE_COMMITS, .repo = "o/r", .name = "main", .name2 = "pins/a b.yaml", .number = 10 },
	  "/repos/o/r/commits?per_page=10&sha=main&path=pins%2Fa%20b.yaml",
	  { 200,
	    .body = "[{\"sha\":\"c2\",\"commit\":{\"message\":\"pin "
		    "api\\n\\nbody\",\"author\":{\"name\":\"Bot\"},"
		    "\"committer\":{\"date\":\"2026-11-21T12:00:00Z\"}},\"author\":{\"login\":\"bot[bot]\"}},"
		    "{\"sha\":\"c1\",\"commit\":{\"author\":{\"name\":\"Ana A\"}},\"author\":null}]" },
	  check_commits },
	{ { FORGE_WORKFLOWS, .repo = "o/r" },
	  "/repos/o/r/actions/workflows?per_page=100",
	  { 200,
	    .body = "{\"total_count\":1,\"workflows\":[{\"id\":5,\"path\":\".github/workflows/deploy.yml\","
		    "\"name\":\"Deploy\",\"state\":\"active\"}]}" },
	  check_workflows },
	{ { FORGE_PROBE, .name = "https://prod.example.test/health?x=1" },
	  "https://prod.example.test/health?x=1",
	  { 200, .headers = RAW, .body = "a\0b\x1b[m", .body_n = 6 },
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
	{ FORGE_ASSET, .repo = "o/r" },
	{ FORGE_ARTIFACTS, .repo = "o/r", .name = "a\n" },
	{ FORGE_LABELLED, .repo = "o/r" },
	{ FORGE_COMMITS, .repo = "o/r" },
	{ FORGE_COMMITS, .repo = "o/r", .name = "main", .name2 = "../x" },
	{ FORGE_PULLS, .repo = "o/r", .name = "" },
	{ FORGE_TREE, .repo = "o/r" },
	{ FORGE_PROBE },
	{ FORGE_PROBE, .name = "/health" },
	{ FORGE_PROBE, .name = "https://" },
	{ FORGE_PROBE, .name = "https:///health" },
	{ FORGE_PROBE, .name = "ftp://prod.example.test/" },
	{ FORGE_PROBE, .name = "http://prod.example.test/health" },
	{ FORGE_PROBE, .name = "http://127.0.0.1.example.test/health" },
	{ FORGE_PROBE, .name = "http://localhost.example.test/" },
	{ FORGE_PROBE, .name = "http://127.0.0.1@evil.test/" },
	{ FORGE_PROBE, .name = "https://user:word@prod.example.test/" },
	{ FORGE_PROBE, .name = "https://prod.example.test/a b" },
	{ FORGE_PROBE, .name = "https://prod.example.test/\r\nHost: evil" },
	{ FORGE_PROBE, .name = "https://prod.example.test/#x" },
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

/* Downloads follow one redirect to anywhere without token; everything is bounded; octets are asked for. */
static void test_downloads(void **state maybe_unused)
{
	static const struct reply replies[] = {
		{ 302, .headers = "location: https://storage.test/signed?sig=1\ncontent-type: text/html" },
		{ 200, .headers = "content-type: application/octet-stream", .body = "PK" },
	};
	static const struct reply plain[] = { { 302, .headers = "location: http://127.0.0.1:9/x" },
					      { 200, .headers = RAW, .body = "x" } };
	static const struct reply expired[] = { { 302, .headers = "location: https://storage.test/x" },
						{ 403, .headers = "content-type: application/xml" } };
	static const struct {
		enum forge_read_kind kind;
		const char *accept;
		size_t max;
	} cases[] = {
		{ FORGE_LOG, "application/vnd.github+json", 16 << 20 },
		{ FORGE_ASSET, "application/octet-stream", 4 << 20 },
		{ FORGE_ARTIFACT, "application/vnd.github+json", 32 << 20 },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct forge_read read = { cases[i].kind, .repo = "o/r", .id = 1 };
		struct seen s = { 0 };
		struct canned c;

		canned_init(&c, replies, 2);
		ask(&s, &c, &read);
		assert_true(s.ok);
		assert_string_equal(s.a.text, "PK");
		assert_string_equal(c.asked[0].accept, cases[i].accept);
		assert_int_equal(c.asked[0].max_body, cases[i].max);
		assert_true(c.asked[1].foreign);
		assert_false(c.asked[1].local);
		assert_string_equal(c.asked[1].target, "https://storage.test/signed?sig=1");
		seen_done(&s, &c);

		s = (struct seen){ 0 };
		canned_init(&c, plain, 2);
		ask(&s, &c, &read);
		assert_false(c.asked[1].local); /* the http port refuses it: an answer named it */
		seen_done(&s, &c);

		s = (struct seen){ 0 };
		canned_init(&c, expired, 2);
		ask(&s, &c, &read);
		assert_int_equal(s.err.kind, ERR_SERVER); /* not ERR_FORBIDDEN: that is about our token */
		assert_has(s.err.message, "storage.test");
		seen_done(&s, &c);
	}
}

static void test_probe(void **state maybe_unused)
{
	static const struct {
		const char *url, *headers;
		int status;
		const char *then; /* NULL: it ends here */
		enum err_kind kind;
	} cases[] = {
		{ "https://h.test/health", "location: /v2/health", 302, "https://h.test/v2/health",
		  ERR_NONE },
		{ "https://h.test:444/a?b", "location: https://h.test:444/c", 307, "https://h.test:444/c",
		  ERR_NONE },
		{ "http://127.0.0.1:80/a", "location: /b", 301, "http://127.0.0.1:80/b", ERR_NONE },
		{ "http://localhost", "location: /b", 301, "http://localhost/b", ERR_NONE },
		{ "http://[::1]:1/", "location: /b", 301, "http://[::1]:1/b", ERR_NONE },
		{ "https://h.test/a", "location: http://h.test/a", 302, NULL, ERR_SERVER },
		{ "http://127.0.0.1:80/a", "location: https://127.0.0.1:80/a", 302, NULL, ERR_SERVER },
		{ "https://h.test/a", "location: https://h.test.evil/a", 302, NULL, ERR_SERVER },
		{ "https://h.test/a", "location: https://login.test/", 302, NULL, ERR_SERVER },
		{ "https://h.test/a", "location: //evil.test/", 302, NULL, ERR_SERVER },
		{ "https://h.test/a", "x: y", 302, NULL, ERR_SERVER },
		{ "https://h.test/a", "location: https://api.example.test/repos/o/r", 302, NULL, ERR_SERVER },
		{ "https://h.test/a", RAW, 401, NULL, ERR_SERVER }, /* not our token's affair */
		{ "https://h.test/a", RAW, 429, NULL, ERR_SERVER },
		{ "https://h.test/a", RAW, 503, NULL, ERR_SERVER },
		{ "https://h.test/a", RAW, 404, NULL, ERR_MISSING },
		{ "https://h.test/a", "content-type: text/html", 200, NULL, ERR_SERVER },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct reply replies[] = { { cases[i].status, .headers = cases[i].headers, .body = "x" },
					   { 200, .headers = RAW, .body = "ok" } };
		struct seen s = { 0 };
		struct canned c;

		canned_init(&c, replies, 2);
		ask(&s, &c, &(struct forge_read){ FORGE_PROBE, .name = cases[i].url });
		if (s.err.kind != cases[i].kind)
			fail_msg("case %zu: %s (%s)", i, err_word(s.err.kind), s.err.message);
		assert_int_equal(c.asked_n, cases[i].then ? 2 : 1);
		for (size_t k = 0; k < c.asked_n; k++)
			assert_true(c.asked[k].foreign && c.asked[k].local);
		if (cases[i].then)
			assert_string_equal(c.asked[1].target, cases[i].then);
		assert_int_equal(c.asked[0].max_body, 1 << 20);
		seen_done(&s, &c);
	}
}

static void test_no_status(void **state maybe_unused)
{
	static const struct {
		const char *body;
		enum err_kind kind;
	} cases[] = { { "[]", ERR_MISSING },
		      { "{}", ERR_SERVER },
		      { "[{\"id\":1}]", ERR_SERVER },
		      { "[{\"state\":\"success\"}]", ERR_SERVER },
		      { "[1]", ERR_SERVER } };

	for (size_t i = 0; i < countof(cases); i++) {
		struct reply reply = { 200, .body = cases[i].body };
		struct seen s = { 0 };
		struct canned c;

		canned_init(&c, &reply, 1);
		ask(&s, &c, &(struct forge_read){ FORGE_DEPLOYMENT, .repo = "o/r", .id = 1 });
		assert_int_equal(s.err.kind, cases[i].kind);
		seen_done(&s, &c);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),     cmocka_unit_test(test_refused),
		cmocka_unit_test(test_downloads), cmocka_unit_test(test_probe),
		cmocka_unit_test(test_no_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
