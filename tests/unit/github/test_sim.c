#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/text.h"
#include "core/adapters/github/github.h"
#include "core/adapters/sim/sim.h"
#include "unit/github/with_model.h"

/* The adapter against the simulated forge, in process: two sides that were written apart, from the same description. */

#define REPO     "easyenclave/easyenclave"
#define WORKFLOW "production-rollout.yml"

struct bench {
	struct clock clock;
	struct loop *loop;
	struct world *world;
	struct http *http;
	struct forge *forge;
	/* the last answer */
	struct arena arena;
	int calls;
	struct err err;
	struct forge_answer a;
	struct forge_result result;
	int64_t first_id, first_environment;
	int first_status;
	bool first_can;
	char etag[128];
	struct git_ref ref;
	struct git_commit commit;
};

static int setup(void **state)
{
	static const struct world_options o = { .scenario = "break-glass", .speed = 1 };
	struct bench *b = calloc(1, sizeof(*b));
	struct err e = ERR_INIT;

	clock_manual(&b->clock, (struct when){ INT64_C(1795262400000) });
	b->loop = loop_new(&b->clock);
	if (world_new(&b->world, &o, clock_wall(&b->clock), &e) < 0)
		fail_msg("%s", e.message);
	assert_int_equal(sim_http(&b->http, b->world, b->loop, NULL), 0);
	assert_int_equal(github_open(&b->forge, b->http, &b->clock, NULL), 0);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	forge_free(b->forge);
	http_free(b->http);
	world_free(b->world);
	loop_free(b->loop);
	arena_done(&b->arena);
	free(b);
	return 0;
}

static void note_git(struct bench *b, const struct forge_answer *a, enum forge_read_kind kind)
{
	if (kind == FORGE_REF || kind == FORGE_REFS) {
		b->ref = *(const struct git_ref *)a->items;
		b->ref.name = arena_strdup(&b->arena, b->ref.name);
		b->ref.sha = arena_strdup(&b->arena, b->ref.sha);
	} else if (kind == FORGE_GIT_COMMIT) {
		b->commit = *(const struct git_commit *)a->items;
		b->commit.message = arena_strdup(&b->arena, b->commit.message);
		b->commit.parent = arena_strdup(&b->arena, b->commit.parent);
	}
}

static void note_first(struct bench *b, const struct forge_answer *a, enum forge_read_kind kind)
{
	if (!a->n)
		return;
	note_git(b, a, kind);
	if (kind == FORGE_RUNS || kind == FORGE_RUN) {
		const struct run *r = a->items;

		b->first_id = r->id;
		b->first_status = r->status;
	} else if (kind == FORGE_JOBS) {
		b->first_id = ((const struct job *)a->items)->id;
	} else if (kind == FORGE_GATES) {
		b->first_environment = ((const struct gate *)a->items)->environment_id;
		b->first_can = ((const struct gate *)a->items)->can_approve;
	}
}

static enum forge_read_kind asked;

static void on_read(void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct bench *b = ctx;

	b->calls++;
	if (err) {
		b->err = *err;
		return;
	}
	b->a = *a;
	b->a.text = arena_strdup(&b->arena, a->text);
	b->a.text2 = arena_strdup(&b->arena, a->text2);
	b->a.drill = arena_strdup(&b->arena, a->drill);
	memcpy(b->etag, a->etag ? a->etag : "", a->etag ? strlen(a->etag) + 1 : 1);
	note_first(b, a, asked);
}

static void on_act(void *ctx, const struct forge_result *r, const struct err *err)
{
	struct bench *b = ctx;

	b->calls++;
	if (err)
		b->err = *err;
	else
		b->result = *r, b->result.sha = arena_strdup(&b->arena, r->sha);
}

static void wait_for(struct bench *b)
{
	while (!b->calls)
		assert_true(loop_step(b->loop, -1) >= 0);
	assert_int_equal(b->calls, 1);
}

static void begin(struct bench *b)
{
	b->calls = 0;
	b->err = (struct err)ERR_INIT;
	b->a = (struct forge_answer){ 0 };
}

static void ask(struct bench *b, struct forge_read r)
{
	begin(b);
	asked = r.kind;
	assert_int_equal(forge_read(b->forge, &r, on_read, b, NULL), 0);
	wait_for(b);
}

static void act(struct bench *b, struct forge_act a)
{
	begin(b);
	assert_int_equal(forge_act(b->forge, &a, on_act, b, NULL), 0);
	wait_for(b);
}

static void asked_well(struct bench *b, struct forge_read r)
{
	ask(b, r);
	if (b->err.kind)
		fail_msg("read %d: %s", (int)r.kind, b->err.message);
	assert_int_equal(b->a.damaged, 0);
}

static const struct forge_act dispatch = {
	FORGE_DISPATCH,
	.repo = REPO,
	.workflow = WORKFLOW,
	.ref = "main",
	.inputs = "{\"release_tag\":\"v0.9.4\"}",
};

static int64_t runs(const struct bench *b)
{
	return world_count_runs(b->world, REPO, WORKFLOW, "workflow_dispatch");
}

/* ---- reads ------------------------------------------------------------------------------------------------------- */

static void test_every_read(void **state)
{
	struct bench *b = *state;
	int64_t run;

	asked_well(b, (struct forge_read){ FORGE_USER, .repo = NULL });
	assert_string_equal(b->a.text, "captain");
	assert_string_equal(b->a.drill, "break-glass");
	assert_true(when_known(b->a.date) && when_known(b->a.token_expires));
	assert_true(b->a.rate.limit > 0 && b->a.rate.remaining > 0);
	asked_well(b, (struct forge_read){ FORGE_RATE, .repo = NULL });
	assert_true(b->a.rate.limit > 0);
	asked_well(b, (struct forge_read){ FORGE_RUNS, .repo = REPO, .number = 10 });
	assert_int_equal(b->a.n, 10);
	run = b->first_id;
	assert_true(run > INT64_C(1) << 31);
	asked_well(b, (struct forge_read){ FORGE_RUN, .repo = REPO, .id = run });
	assert_int_equal(b->first_id, run);
	asked_well(b, (struct forge_read){ FORGE_JOBS, .repo = REPO, .id = run });
	assert_true(b->a.n > 0);
	asked_well(b, (struct forge_read){ FORGE_LOG, .repo = REPO, .id = b->first_id });
	assert_true(b->a.number > 0);
	asked_well(b, (struct forge_read){ FORGE_JOBS, .repo = REPO, .id = run, .number = 1 });
	asked_well(b, (struct forge_read){ FORGE_GATES, .repo = REPO, .id = run });
	asked_well(b, (struct forge_read){ FORGE_REVIEWS, .repo = REPO, .id = run });
	asked_well(b, (struct forge_read){ FORGE_RELEASES, .repo = REPO });
	assert_true(b->a.n >= 3);
	asked_well(b, (struct forge_read){ FORGE_RELEASE, .repo = REPO, .name = "v0.9.4" });
	assert_int_equal(b->a.n, 1);
	asked_well(b, (struct forge_read){ FORGE_COMMIT, .repo = REPO, .name = "tags/v0.9.3" });
	assert_string_equal(b->a.text, "a5a705631bde1a0a953a4b99731a6866ff773b01");
	asked_well(b, (struct forge_read){ FORGE_COMMIT, .repo = REPO, .name = "heads/main" });
	asked_well(b,
		   (struct forge_read){ FORGE_COMPARE, .repo = REPO, .name = "v0.9.2", .name2 = "v0.9.3" });
	assert_int_equal(b->a.number, 42 - 15);
	assert_int_equal(b->a.number2, 0);
	asked_well(b, (struct forge_read){ FORGE_ENVIRONMENT, .repo = REPO, .name = "production" });
	assert_non_null(strstr(b->a.text, "\"reviewers\":[\"captain\",\"kim\"]"));
	asked_well(b, (struct forge_read){ FORGE_WORKFLOW, .repo = REPO, .name = WORKFLOW });
	assert_string_equal(b->a.text, "active");
	asked_well(b, (struct forge_read){ FORGE_FILE, .repo = REPO, .name = ".github/workflows/" WORKFLOW,
					   .name2 = "main" });
	assert_non_null(strstr(b->a.text, "workflow_dispatch"));
}

static void test_missing(void **state)
{
	static const struct forge_read reads[] = {
		{ FORGE_RUN, .repo = REPO, .id = 1 },
		{ FORGE_JOBS, .repo = REPO, .id = 1 },
		{ FORGE_LOG, .repo = REPO, .id = 1 },
		{ FORGE_RUNS, .repo = "nobody/nothing" },
		{ FORGE_RELEASE, .repo = REPO, .name = "v99" },
		{ FORGE_COMMIT, .repo = REPO, .name = "tags/v99" },
		{ FORGE_ENVIRONMENT, .repo = REPO, .name = "moon" },
		{ FORGE_WORKFLOW, .repo = REPO, .name = "moon.yml" },
		{ FORGE_FILE, .repo = REPO, .name = "moon" },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < countof(reads); i++) {
		ask(b, reads[i]);
		if (b->err.kind != ERR_MISSING)
			fail_msg("read %zu: %s", i, b->err.message);
	}
}

static void test_unchanged(void **state)
{
	struct bench *b = *state;
	char etag[128];

	asked_well(b, (struct forge_read){ FORGE_RELEASES, .repo = REPO });
	memcpy(etag, b->etag, sizeof(etag));
	assert_true(etag[0]);
	asked_well(b, (struct forge_read){ FORGE_RELEASES, .repo = REPO, .etag = etag });
	assert_true(b->a.not_modified);
}

static void test_pages(void **state)
{
	struct bench *b = *state;
	size_t one;

	asked_well(b, (struct forge_read){ FORGE_RUNS, .repo = REPO, .number = 5 });
	one = b->a.n;
	assert_int_equal(one, 5);
	assert_true(b->a.cut);
	asked_well(b, (struct forge_read){ FORGE_RUNS, .repo = REPO, .number = 5, .pages = 3 });
	assert_int_equal(b->a.n, 15);
	assert_true(b->a.cut);
	assert_string_equal(b->etag, "");
}

/* ---- acts -------------------------------------------------------------------------------------------------------- */

/* A dispatch, its gate, the captain's approval. */
static void test_rollout(void **state)
{
	struct bench *b = *state;
	int64_t run, before = runs(b);

	act(b, dispatch);
	assert_int_equal(b->err.kind, ERR_NONE);
	run = b->result.run_id;
	assert_true(run > 0);
	assert_int_equal(runs(b), before + 1);
	for (b->a.n = 0; !b->a.n;) {
		loop_advance(b->loop, 60000);
		asked_well(b, (struct forge_read){ FORGE_GATES, .repo = REPO, .id = run });
		assert_true(when_diff(clock_wall(&b->clock), (struct when){ INT64_C(1795262400000) }) <
			    3600000 * 3);
	}
	assert_true(b->first_can);
	act(b, (struct forge_act){ FORGE_REVIEW, .repo = REPO, .run = run,
				   .environment_ids = &b->first_environment, .environment_ids_n = 1,
				   .approve = true, .comment = "go" });
	assert_int_equal(b->err.kind, ERR_NONE);
	asked_well(b, (struct forge_read){ FORGE_REVIEWS, .repo = REPO, .id = run });
	assert_int_equal(b->a.n, 1);
	act(b, (struct forge_act){ FORGE_CANCEL, .repo = REPO, .run = run });
	assert_int_equal(b->err.kind, ERR_NONE);
}

static void test_refusals(void **state)
{
	struct bench *b = *state;
	struct forge_act a = dispatch;

	a.ref = "v99";
	act(b, a);
	assert_int_equal(b->err.kind, ERR_CONFLICT);
	a = dispatch;
	a.inputs = "{\"nonsense\":\"1\"}";
	act(b, a);
	assert_int_equal(b->err.kind, ERR_CONFLICT);
	a = dispatch;
	a.workflow = "moon.yml";
	act(b, a);
	assert_int_equal(b->err.kind, ERR_MISSING);
	act(b, (struct forge_act){ FORGE_CANCEL, .repo = REPO, .run = 1 });
	assert_int_equal(b->err.kind, ERR_MISSING);
	asked_well(b, (struct forge_read){ FORGE_RUNS, .repo = REPO, .workflow = WORKFLOW });
	assert_int_equal(b->first_status, RUN_COMPLETED);
	act(b, (struct forge_act){ FORGE_CANCEL, .repo = REPO, .run = b->first_id });
	assert_int_equal(b->err.kind, ERR_CONFLICT);
}

/* Whatever goes wrong after the world has acted: unknown, one request, one run. Before: what is certain is said. */
static void test_faults(void **state)
{
	static const struct {
		struct world_fault_rule rule;
		enum err_kind kind;
		int runs;
	} cases[] = {
		{ { .how = WORLD_RESET, .act_first = true }, ERR_UNKNOWN, 1 },
		{ { .how = WORLD_TIMEOUT, .act_first = true }, ERR_UNKNOWN, 1 },
		{ { .how = WORLD_TRUNCATE, .act_first = true }, ERR_UNKNOWN, 1 },
		{ { .status = 502, .act_first = true }, ERR_UNKNOWN, 1 },
		{ { .status = 503 }, ERR_UNKNOWN, 0 },
		{ { .how = WORLD_RESET }, ERR_UNKNOWN, 0 },
		{ { .how = WORLD_REFUSE }, ERR_OFFLINE, 0 },
		{ { .status = 429, .retry_after = 7 }, ERR_RATE, 0 },
		{ { .status = 403, .retry_after = 9 }, ERR_RATE, 0 },
		{ { .status = 401, .body = "{\"message\":\"Bad credentials\"}" }, ERR_AUTH, 0 },
		{ { .status = 403, .body = "{\"message\":\"no\"}" }, ERR_FORBIDDEN, 0 },
		{ { .status = 200, .act_first = true }, ERR_UNKNOWN, 1 }, /* a page for people */
	};
	struct bench *b = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		struct world_fault_rule rule = cases[i].rule;
		uint64_t sent = b->http->requests;
		int64_t before = runs(b);

		rule.match = "POST *dispatches";
		rule.count = 1;
		world_arm(b->world, &rule);
		act(b, dispatch);
		if (b->err.kind != cases[i].kind)
			fail_msg("fault %zu: %s: %s", i, err_word(b->err.kind), b->err.message);
		loop_advance(b->loop, 60000);
		assert_int_equal(b->http->requests - sent, 1);
		assert_int_equal(runs(b) - before, cases[i].runs);
	}
}

/* ---- a chain of commits on a ref --------------------------------------------------------------------------------------- */

#define PLACE "pilothouse/lock/easy/prod"

static const char *made(struct bench *b, struct forge_act a)
{
	a.repo = REPO;
	act(b, a);
	if (b->err.kind)
		fail_msg("act %d: %s", (int)a.kind, b->err.message);
	return arena_strdup(&b->arena, b->result.sha);
}

static const char *link_of(struct bench *b, const char *message, const char *parent)
{
	const char *tree =
		made(b, (struct forge_act){ FORGE_TREE_CREATE, .path = "lock.json", .content = "{}" });

	return made(b, (struct forge_act){ FORGE_COMMIT_CREATE, .title = message, .tree = tree,
					   .parent = parent });
}

static void test_chain(void **state)
{
	struct bench *b = *state;
	const char *first = link_of(b, "{\"nonce\":\"1\"}", NULL), *second, *other;

	ask(b, (struct forge_read){ FORGE_REF, .repo = REPO, .name = PLACE });
	assert_int_equal(b->err.kind, ERR_MISSING);
	assert_string_equal(first,
			    made(b, (struct forge_act){ FORGE_REF_CREATE, .ref = PLACE, .sha = first }));
	act(b, (struct forge_act){ FORGE_REF_CREATE, .repo = REPO, .ref = PLACE, .sha = first });
	assert_int_equal(b->err.kind, ERR_CONFLICT);
	assert_true(b->err.stands);
	second = link_of(b, "{\"nonce\":\"2\"}", first);
	other = link_of(b, "{\"nonce\":\"3\"}", first);
	assert_string_not_equal(second, other);
	assert_string_equal(second,
			    made(b, (struct forge_act){ FORGE_REF_UPDATE, .ref = PLACE, .sha = second }));
	act(b, (struct forge_act){ FORGE_REF_UPDATE, .repo = REPO, .ref = PLACE, .sha = other });
	assert_int_equal(b->err.kind, ERR_CONFLICT);
	asked_well(b, (struct forge_read){ FORGE_REF, .repo = REPO, .name = PLACE });
	assert_string_equal(b->ref.sha, second);
	asked_well(b, (struct forge_read){ FORGE_GIT_COMMIT, .repo = REPO, .name = second });
	assert_string_equal(b->commit.message, "{\"nonce\":\"2\"}");
	assert_string_equal(b->commit.parent, first);
	assert_true(when_known(b->commit.at));
	asked_well(b, (struct forge_read){ FORGE_REFS, .repo = REPO, .name = "pilothouse" });
	assert_int_equal(b->a.n, 1);
	assert_string_equal(b->ref.name, PLACE);
	asked_well(b, (struct forge_read){ FORGE_REFS, .repo = REPO, .name = "pilothouse/freeze" });
	assert_int_equal(b->a.n, 0);
	act(b, (struct forge_act){ FORGE_REF_DELETE, .repo = REPO, .ref = PLACE });
	assert_int_equal(b->err.kind, ERR_NONE);
}

/* The same content made twice, also by two, is one object: without a nonce both would think that they had won. */
static void test_same_content_is_one_object(void **state)
{
	struct bench *b = *state;
	const char *blob = made(b, (struct forge_act){ FORGE_BLOB_CREATE, .content = "a" }), *tree;

	assert_string_equal(blob, made(b, (struct forge_act){ FORGE_BLOB_CREATE, .content = "a" }));
	tree = made(b, (struct forge_act){ FORGE_TREE_CREATE, .path = "x", .old_sha = blob });
	assert_string_equal(tree,
			    made(b, (struct forge_act){ FORGE_TREE_CREATE, .path = "x", .content = "a" }));
	tree = made(b, (struct forge_act){ FORGE_TREE_CREATE, .path = "y", .content = "b", .tree = tree });
	asked_well(b, (struct forge_read){ FORGE_TREE, .repo = REPO, .name = tree });
	assert_int_equal(b->a.n, 2);
	assert_string_equal(link_of(b, "m", NULL), link_of(b, "m", NULL));
	loop_advance(b->loop, 1000);
}

/* Lost after it happened: unknown, and the ref tells. A ref that leads nowhere is refused. */
static void test_chain_faults(void **state)
{
	static const char *const matches[] = { "POST *git/trees", "POST *git/commits", "POST *git/refs",
					       "PATCH *git/refs/*" };
	struct bench *b = *state;
	const char *tree = made(b, (struct forge_act){ FORGE_TREE_CREATE, .path = "l", .content = "1" });
	const char *first = made(b, (struct forge_act){ FORGE_COMMIT_CREATE, .title = "1", .tree = tree });
	const char *next = made(
		b, (struct forge_act){ FORGE_COMMIT_CREATE, .title = "2", .tree = tree, .parent = first });
	const struct forge_act acts[] = {
		{ FORGE_TREE_CREATE, .repo = REPO, .path = "l", .content = "1" },
		{ FORGE_COMMIT_CREATE, .repo = REPO, .title = "1", .tree = tree },
		{ FORGE_REF_CREATE, .repo = REPO, .ref = PLACE, .sha = first },
		{ FORGE_REF_UPDATE, .repo = REPO, .ref = PLACE, .sha = next },
	};

	for (size_t i = 0; i < countof(acts); i++) {
		struct world_fault_rule rule = {
			.match = matches[i], .how = WORLD_RESET, .act_first = true, .count = 1
		};

		world_arm(b->world, &rule);
		act(b, acts[i]);
		assert_int_equal(b->err.kind, ERR_UNKNOWN);
	}
	asked_well(b, (struct forge_read){ FORGE_REF, .repo = REPO, .name = PLACE });
	assert_string_equal(b->ref.sha, next);
	act(b, (struct forge_act){ FORGE_REF_CREATE, .repo = REPO, .ref = "pilothouse/con",
				   .sha = "0123456789abcdef0123456789abcdef01234567" });
	assert_int_equal(b->err.kind, ERR_CONFLICT);
	assert_false(b->err.stands);
	act(b, (struct forge_act){ FORGE_REF_UPDATE, .repo = REPO, .ref = "pilothouse/con", .sha = next });
	assert_int_equal(b->err.kind, ERR_CONFLICT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unchanged, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rollout, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_faults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_chain, setup, teardown),
		cmocka_unit_test_setup_teardown(test_same_content_is_one_object, setup, teardown),
		cmocka_unit_test_setup_teardown(test_chain_faults, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
