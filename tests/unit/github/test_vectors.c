#include "unit/github/canned.h"

#include <dirent.h>

#include "base/json.h"
#include "base/path.h"

/*
 * Recorded exchanges of fifteen years, replayed through the adapter: each decodes, or is refused with a reason. They are
 * not in the project: PILOTHOUSE_VECTORS names the folder, and without it this says that it was skipped.
 */

#define SHA1 "0123456789abcdef0123456789abcdef01234567"

/* Paths by segment; "*" is any one segment. */
static const struct place {
	const char *path;
	struct forge_read read;
} places[] = {
	{ "repos/*/*/actions/runs", { FORGE_RUNS, .repo = "o/r" } },
	{ "repositories/*/actions/runs", { FORGE_RUNS, .repo = "o/r" } },
	{ "repos/*/*/actions/workflows/*/runs", { FORGE_RUNS, .repo = "o/r" } },
	{ "repositories/*/actions/workflows/*/runs", { FORGE_RUNS, .repo = "o/r" } },
	{ "repos/*/*/actions/runs/*", { FORGE_RUN, .repo = "o/r", .id = 1 } },
	{ "repos/*/*/actions/runs/*/attempts/*", { FORGE_RUN, .repo = "o/r", .id = 1 } },
	{ "repos/*/*/actions/runs/*/jobs", { FORGE_JOBS, .repo = "o/r", .id = 1 } },
	{ "repositories/*/actions/runs/*/jobs", { FORGE_JOBS, .repo = "o/r", .id = 1 } },
	{ "repos/*/*/actions/runs/*/attempts/*/jobs", { FORGE_JOBS, .repo = "o/r", .id = 1 } },
	{ "repositories/*/actions/runs/*/attempts/*/jobs", { FORGE_JOBS, .repo = "o/r", .id = 1 } },
	{ "repos/*/*/actions/runs/*/pending_deployments", { FORGE_GATES, .repo = "o/r", .id = 1 } },
	{ "repos/*/*/actions/runs/*/approvals", { FORGE_REVIEWS, .repo = "o/r", .id = 1 } },
	{ "repos/*/*/releases", { FORGE_RELEASES, .repo = "o/r" } },
	{ "repositories/*/releases", { FORGE_RELEASES, .repo = "o/r" } },
	{ "repos/*/*/releases/*", { FORGE_RELEASE, .repo = "o/r", .name = "v1" } },
	{ "repos/*/*/releases/tags/*", { FORGE_RELEASE, .repo = "o/r", .name = "v1" } },
	{ "repos/*/*/commits/*", { FORGE_COMMIT, .repo = "o/r", .name = "main" } },
	{ "repos/*/*/compare/*", { FORGE_COMPARE, .repo = "o/r", .name = "a", .name2 = "b" } },
	{ "repos/*/*/environments/*", { FORGE_ENVIRONMENT, .repo = "o/r", .name = "prod" } },
	{ "repos/*/*/actions/workflows/*", { FORGE_WORKFLOW, .repo = "o/r", .name = "x.yml" } },
	{ "repos/*/*/actions/jobs/*/logs", { FORGE_LOG, .repo = "o/r", .id = 1 } },
	{ "repos/*/*/actions/artifacts", { FORGE_ARTIFACTS, .repo = "o/r" } },
	{ "repositories/*/actions/artifacts", { FORGE_ARTIFACTS, .repo = "o/r" } },
	{ "repos/*/*/actions/runs/*/artifacts", { FORGE_ARTIFACTS, .repo = "o/r", .id = 1 } },
	{ "repos/*/*/deployments", { FORGE_DEPLOYMENTS, .repo = "o/r" } },
	{ "repos/*/*/deployments/*/statuses", { FORGE_DEPLOYMENT, .repo = "o/r", .id = 1 } },
	{ "repos/*/*/git/trees/*", { FORGE_TREE, .repo = "o/r", .name = "main" } },
	{ "repos/*/*/pulls", { FORGE_PULLS, .repo = "o/r" } },
	{ "repos/*/*/commits/*/pulls", { FORGE_PULLS, .repo = "o/r" } },
	{ "repos/*/*/pulls/*", { FORGE_PULL, .repo = "o/r", .id = 1 } },
	{ "repos/*/*/issues", { FORGE_LABELLED, .repo = "o/r", .name = "freeze" } },
	{ "repositories/*/commits", { FORGE_COMMITS, .repo = "o/r", .name = "main" } },
	{ "repos/*/*/commits", { FORGE_COMMITS, .repo = "o/r", .name = "main" } },
	{ "repos/*/*/actions/workflows", { FORGE_WORKFLOWS, .repo = "o/r" } },
	{ "repositories/*/actions/workflows", { FORGE_WORKFLOWS, .repo = "o/r" } },
	{ "user", { FORGE_USER } },
	{ "rate_limit", { FORGE_RATE } },
};

static const char *const kind_words[FORGE_READ_MAX_] = {
	[FORGE_RUNS] = "runs",         [FORGE_RUN] = "run",
	[FORGE_JOBS] = "jobs",         [FORGE_GATES] = "gates",
	[FORGE_REVIEWS] = "reviews",   [FORGE_RELEASES] = "releases",
	[FORGE_RELEASE] = "release",   [FORGE_COMMIT] = "commit",
	[FORGE_COMPARE] = "compare",   [FORGE_ENVIRONMENT] = "environment",
	[FORGE_WORKFLOW] = "workflow", [FORGE_USER] = "user",
	[FORGE_LOG] = "log",           [FORGE_RATE] = "rate",
	[FORGE_FILE] = "file",         [FORGE_ARTIFACTS] = "artifacts",
	[FORGE_TREE] = "tree",         [FORGE_DEPLOYMENTS] = "deployments",
	[FORGE_PULLS] = "pulls",       [FORGE_DEPLOYMENT] = "deployment",
	[FORGE_PULL] = "pull",         [FORGE_LABELLED] = "labelled",
	[FORGE_COMMITS] = "commits",   [FORGE_WORKFLOWS] = "workflows",
};

/* What a recorded write is to us; others are replayed as a rerun, of which only the status counts. */
static const struct act_place {
	const char *method, *path;
	struct forge_act act;
} act_places[] = {
	{ "POST", "repos/*/*/git/refs", { FORGE_REF_CREATE, .repo = "o/r", .ref = "heads/x", .sha = SHA1 } },
	{ "DELETE", "repos/*/*/git/refs/*/*/*", { FORGE_REF_DELETE, .repo = "o/r", .ref = "heads/x" } },
	{ "DELETE", "repos/*/*/git/refs/*/*", { FORGE_REF_DELETE, .repo = "o/r", .ref = "heads/x" } },
	{ "PUT",
	  "repos/*/*/contents/*",
	  { FORGE_FILE_PUT, .repo = "o/r", .path = "f", .branch = "b", .title = "t", .content = "x" } },
	{ "POST",
	  "repos/*/*/pulls",
	  { FORGE_PULL_OPEN, .repo = "o/r", .head = "a", .base = "b", .title = "t" } },
	{ "PUT", "repos/*/*/pulls/*/merge", { FORGE_PULL_MERGE, .repo = "o/r", .number = 1, .sha = SHA1 } },
	{ "POST",
	  "repos/*/*/issues/*/labels",
	  { FORGE_LABEL_ADD, .repo = "o/r", .number = 1, .label = "x" } },
	{ "DELETE",
	  "repos/*/*/issues/*/labels/*",
	  { FORGE_LABEL_REMOVE, .repo = "o/r", .number = 1, .label = "x" } },
};

/* What came of the recordings, by kind. */
static struct tally {
	size_t decoded, records, damaged, refused, unchanged, failed;
} tally[FORGE_READ_MAX_];
static size_t pulls_opened;
static size_t acts_refused, acts_taken, acts_unknown, files, exchanges;

static struct clock the_clock;

struct told {
	int calls;
	bool ok, not_modified;
	size_t n, damaged;
	int64_t id;
	struct err err;
	char why[256];
};

static void on_read(void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct told *t = ctx;

	t->calls++;
	t->ok = a != NULL;
	if (err)
		t->err = *err;
	if (!a)
		return;
	t->n = a->n;
	t->damaged = a->damaged;
	t->not_modified = a->not_modified;
	canned_copy(t->why, sizeof(t->why), a->first_damage);
}

static void on_act(void *ctx, const struct forge_result *result, const struct err *err)
{
	struct told *t = ctx;

	t->calls++;
	t->ok = result != NULL;
	if (err)
		t->err = *err;
	if (result)
		t->id = result->run_id;
}

static bool at_place(const char *path, const char *place)
{
	path += *path == '/';
	for (;;) {
		size_t n = strcspn(path, "/?"), m = strcspn(place, "/");

		if (!n || !(m == 1 && place[0] == '*') ? n != m || memcmp(path, place, n) : false)
			return false;
		path += n;
		place += m;
		if (!*place)
			return *path != '/';
		if (*path != '/')
			return false;
		path++;
		place++;
	}
}

static const struct place *place_of(const char *path)
{
	for (size_t i = 0; i < countof(places); i++)
		if (at_place(path, places[i].path))
			return &places[i];
	return NULL;
}

/* The recorded answer as a reply: headers as lines, a body as text. */
static void fill_reply(struct reply *out, const struct json *response, struct buf *headers, struct buf *body)
{
	const struct json *list = json_get(response, "headers"), *j = json_get(response, "body");
	const char *text = json_str(response, "body_text"), *key;

	for (size_t i = 0; json_type(list) == JSON_OBJECT && i < json_size(list); i++) {
		const struct json *value = json_member(list, i, &key);

		if (json_type(value) == JSON_STRING)
			buf_fmt(headers, "%s: %s\n", key, json_str(value, ""));
	}
	if (text)
		buf_str(body, text);
	else if (json_type(j) != JSON_NULL && json_type(j) != JSON_ABSENT)
		json_dump(body, j);
	out->headers = headers->s;
	out->body = body->s;
	out->body_n = body->n;
}

static void check_error(const struct told *t, int status, const char *where)
{
	static const struct {
		int status;
		enum err_kind kinds[2];
	} known[] = { { 401, { ERR_AUTH, ERR_AUTH } },         { 403, { ERR_FORBIDDEN, ERR_RATE } },
		      { 404, { ERR_MISSING, ERR_MISSING } },   { 409, { ERR_CONFLICT, ERR_CONFLICT } },
		      { 422, { ERR_CONFLICT, ERR_CONFLICT } }, { 429, { ERR_RATE, ERR_RATE } } };

	if (t->ok || !t->err.message[0])
		fail_msg("%s: status %d passed", where, status);
	for (size_t i = 0; i < countof(known); i++)
		if (known[i].status == status && t->err.kind != known[i].kinds[0] &&
		    t->err.kind != known[i].kinds[1])
			fail_msg("%s: status %d is %s", where, status, err_word(t->err.kind));
	if (t->err.kind == ERR_RATE)
		assert_true(t->err.retry_ms >= 1000);
}

static void count(enum forge_read_kind kind, const struct told *t, int status, const char *where)
{
	struct tally *y = &tally[kind];

	if (status >= 400) {
		check_error(t, status, where);
		y->failed++;
	} else if (t->not_modified) {
		y->unchanged++;
	} else if (t->ok) {
		y->decoded++;
		y->records += t->n;
		y->damaged += t->damaged;
		if (t->damaged)
			print_message("[ DAMAGED  ] %s: %s\n", where, t->why);
	} else {
		y->refused++;
		if (!t->err.message[0])
			fail_msg("%s: refused without a reason", where);
		print_message("[ REFUSED  ] %s: %s\n", where, t->err.message);
	}
}

static void replay_read(const struct forge_read *read, const struct reply *reply, const char *where)
{
	struct forge_read r = *read;
	struct told t = { 0 };
	struct forge *f = NULL;
	struct canned c;

	r.etag = "\"x\"";
	canned_init(&c, reply, 1);
	c.http.base = "https://api.github.com";
	assert_int_equal(github_open(&f, &c.http, &the_clock, NULL), 0);
	assert_int_equal(forge_read(f, &r, on_read, &t, NULL), 0);
	canned_pump(&c);
	if (t.calls)
		count(r.kind, &t, reply->status, where);
	else
		assert_int_equal(c.asked_n, 2); /* a redirect, followed to where the recording ends */
	forge_free(f);
	assert_int_equal(t.calls, 1);
	canned_done(&c);
}

static const struct forge_act *act_of(const char *method, const char *path)
{
	static const struct forge_act rerun = { FORGE_RERUN, .repo = "o/r", .run = 1 };

	for (size_t i = 0; i < countof(act_places); i++)
		if (!strcmp(act_places[i].method, method) && at_place(path, act_places[i].path))
			return &act_places[i].act;
	return &rerun;
}

static void replay_act(const struct forge_act *act, const struct reply *reply, const char *where)
{
	struct told t = { 0 };
	struct forge *f = NULL;
	struct canned c;

	canned_init(&c, reply, 1);
	assert_int_equal(github_open(&f, &c.http, &the_clock, NULL), 0);
	assert_int_equal(forge_act(f, act, on_act, &t, NULL), 0);
	canned_pump(&c);
	assert_int_equal(t.calls, 1);
	assert_int_equal(c.asked_n, 1);
	if (t.ok && act->kind == FORGE_PULL_OPEN) {
		assert_true(t.id > 0);
		pulls_opened++;
	}
	if (act->kind == FORGE_REF_DELETE && reply->status == 422)
		assert_int_equal(t.err.kind, ERR_MISSING);
	else if (reply->status >= 400 && reply->status < 500)
		check_error(&t, reply->status, where);
	if (reply->status >= 500 || (reply->status >= 300 && reply->status < 400))
		assert_int_equal(t.err.kind, ERR_UNKNOWN);
	acts_taken += t.ok;
	acts_unknown += t.err.kind == ERR_UNKNOWN;
	acts_refused += !t.ok && t.err.kind != ERR_UNKNOWN;
	forge_free(f);
	canned_done(&c);
}

/* A recording {request, response}, or an official example {method, path, status, body}. */
static void replay(const struct json *j, const char *file)
{
	const struct json *response = json_get(j, "response");
	const char *method = json_str(j, response ? "request.method" : "method");
	const char *path = json_str(j, response ? "request.path" : "path");
	struct buf headers = BUF_INIT(1 << 20), body = BUF_INIT(32 << 20);
	struct reply reply = { 0 };
	const struct place *place;
	char where[512];

	if (!method || !path)
		return; /* a webhook */
	exchanges++;
	fill_reply(&reply, response ? response : j, &headers, &body);
	reply.status = (int)json_int(j, "response.status", 0);
	if (!response)
		reply.status = json_str(j, "status") ? (int)strtol(json_str(j, "status"), NULL, 10) : 0;
	snprintf(where, sizeof(where), "%.200s %s %.200s %d", file, method, path, reply.status);
	place = place_of(path);
	if (reply.status && strcmp(method, "GET") != 0)
		replay_act(act_of(method, path), &reply, where);
	else if (reply.status && (place || reply.status >= 400))
		replay_read(place ? &place->read : &places[4].read, &reply, where);
	buf_done(&headers);
	buf_done(&body);
}

static void replay_file(const char *path, const char *name)
{
	autofree(json) struct json *root = NULL;
	struct buf text = BUF_INIT(64 << 20);
	struct err e = ERR_INIT;

	if (path_read(&text, path, &e) < 0 || json_parse(&root, text.s, text.n, 64 << 20, &e) < 0)
		print_message("[ UNREAD   ] %s: %s\n", name, e.message);
	else if (json_type(root) == JSON_ARRAY)
		for (size_t i = 0; i < json_size(root); i++)
			replay(json_at(root, i), name);
	else
		replay(root, name);
	files += root != NULL;
	buf_done(&text);
}

static void replay_folder(const char *folder)
{
	DIR *d = opendir(folder);
	struct arena a = ARENA_INIT;

	for (struct dirent *f; d && (f = readdir(d));) {
		size_t n = strlen(f->d_name);

		if (n > 5 && !strcmp(f->d_name + n - 5, ".json"))
			replay_file(path_join(&a, folder, f->d_name), f->d_name);
	}
	if (d)
		closedir(d);
	arena_done(&a);
}

static void print_tally(void)
{
	for (int k = 0; k < FORGE_READ_MAX_; k++) {
		const struct tally *y = &tally[k];

		if (y->decoded + y->refused + y->unchanged + y->failed)
			print_message("[ VECTORS  ] %-12s %3zu decoded (%zu records, %zu damaged), %zu "
				      "refused, %zu unchanged, %zu errors\n",
				      kind_words[k], y->decoded, y->records, y->damaged, y->refused,
				      y->unchanged, y->failed);
	}
	print_message("[ VECTORS  ] acts: %zu taken, %zu refused, %zu unknown; %zu exchanges in %zu files\n",
		      acts_taken, acts_refused, acts_unknown, exchanges, files);
}

static void test_recordings(void **state maybe_unused)
{
	static const char *const folders[] = { "artifacts",
					       "branches",
					       "checks",
					       "commits-compare",
					       "conditional",
					       "deployments",
					       "dispatch",
					       "environments",
					       "forbidden-ratelimit",
					       "jobs",
					       "labels",
					       "logs",
					       "official-examples",
					       "protection-rules",
					       "pulls-search",
					       "rate-limit",
					       "redirects",
					       "refs-tags",
					       "releases",
					       "run-control",
					       "runs",
					       "secrets-variables",
					       "security",
					       "statuses",
					       "workflows" };
	const char *vectors = getenv("PILOTHOUSE_VECTORS");
	struct arena a = ARENA_INIT;

	if (!vectors) {
		print_message("[  SKIP  ] PILOTHOUSE_VECTORS is not set: recordings are not replayed\n");
		skip();
	}
	clock_manual(&the_clock, (struct when){ NOON });
	for (size_t i = 0; i < countof(folders); i++)
		replay_folder(path_join(&a, path_join(&a, vectors, "github"), folders[i]));
	arena_done(&a);
	print_tally();
	assert_true(files > 500);
	/* what every screen rests on is understood without exception */
	assert_true(tally[FORGE_RUNS].records > 100);
	assert_int_equal(tally[FORGE_RUNS].refused + tally[FORGE_RUN].refused + tally[FORGE_JOBS].refused, 0);
	assert_true(tally[FORGE_ARTIFACTS].records > 10 && !tally[FORGE_ARTIFACTS].refused);
	assert_true(tally[FORGE_DEPLOYMENTS].records && tally[FORGE_DEPLOYMENT].decoded);
	assert_true(tally[FORGE_PULLS].records && tally[FORGE_PULL].decoded && pulls_opened);
	assert_true(tally[FORGE_COMMITS].records && tally[FORGE_WORKFLOWS].records);
	assert_int_equal(tally[FORGE_RELEASES].refused + tally[FORGE_RELEASE].refused, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_recordings) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
