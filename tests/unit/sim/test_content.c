#include "unit/sim/drive.h"

#include "core/adapters/sim/sha256.h"

#define THEORY   "/repos/veyorokon/theory-api"
#define REGISTRY "code/apps/core/processors/llm_litellm/registry.yaml"
#define SUMMIT   "/repos/summit/summit"
#define MCP      "/repos/luminosita/mcp"

static const char *sha_of(struct drive *d, const char *repo, const char *ref)
{
	assert_int_equal(drive_get(d, drive_path(d, "%s/commits/%s", repo, ref)), 200);
	return arena_strdup(&d->a, json_str(d->body, "sha"));
}

static int branch(struct drive *d, const char *repo, const char *name, const char *sha)
{
	return drive_send(d, "POST", drive_path(d, "%s/git/refs", repo),
			  drive_path(d, "{\"ref\":\"refs/heads/%s\",\"sha\":\"%s\"}", name, sha));
}

static void digests_are_those_of_the_standard(void **state)
{
	static const struct {
		const char *text, *hex;
	} rows[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		assert_string_equal(sim_sha256(&a, rows[i].text, strlen(rows[i].text)), rows[i].hex);
	arena_done(&a);
}

/* ---- files -------------------------------------------------------------------------------------------------------- */

static const char *put_body(struct drive *d, const char *on, const char *sha)
{
	return drive_path(d, "{\"message\":\"write\",\"content\":\"aGVs\\nbG8K\",\"branch\":\"%s\"%s%s%s}",
			  on, sha ? ",\"sha\":\"" : "", sha ? sha : "", sha ? "\"" : "");
}

static void a_file_is_written_only_over_what_was_seen(void **state)
{
	static const char path[] = SUMMIT "/contents/docs/releases/_state/freeze_mode.json";
	struct drive d;
	const char *seen;

	(void)state;
	drive_open(&d, "rollback");
	assert_int_equal(drive_get(&d, path), 200);
	seen = arena_strdup(&d.a, json_str(d.body, "sha"));
	assert_int_equal(drive_send(&d, "PUT", path, put_body(&d, "nowhere", seen)), 404);
	assert_int_equal(drive_send(&d, "PUT", path, put_body(&d, "main", NULL)), 422);
	assert_int_equal(drive_send(&d, "PUT", path, put_body(&d, "main", "0123")), 409);
	assert_int_equal(drive_send(&d, "PUT", path, "{\"message\":\"x\",\"content\":\"*\"}"), 422);
	assert_int_equal(drive_send(&d, "PUT", path, put_body(&d, "main", seen)), 200);
	assert_int_equal(drive_send(&d, "PUT", path, put_body(&d, "main", seen)), 409);
	assert_int_equal(drive_send(&d, "PUT", SUMMIT "/contents/new.txt", put_body(&d, "main", NULL)), 201);
	assert_int_equal(world_count_runs(d.w, "summit/summit", "ci.yml", "push"), 2);
	d.accept = "application/vnd.github.raw+json";
	assert_int_equal(drive_get(&d, path), 200);
	assert_string_equal(d.last.http.body, "hello\n");
	assert_int_equal(drive_get(&d, drive_path(&d, "%s?ref=feature/export-budget", path)), 200);
	assert_non_null(strstr(d.last.http.body, "\"freeze_mode\": false"));
	drive_close(&d);
}

static const struct json *entry(const struct drive *d, const char *path)
{
	const struct json *tree = json_get(d->body, "tree");

	for (size_t i = 0; i < json_size(tree); i++)
		if (strcmp(json_str(json_at(tree, i), "path"), path) == 0)
			return json_at(tree, i);
	return NULL;
}

static void branches_have_files_of_their_own(void **state)
{
	struct drive d;
	const char *there;

	(void)state;
	drive_open(&d, "theory-release");
	assert_int_equal(drive_get(&d, THEORY "/git/trees/main?recursive=1"), 200);
	there = json_str(entry(&d, REGISTRY), "sha");
	assert_non_null(there);
	there = arena_strdup(&d.a, there);
	assert_string_equal(json_str(entry(&d, "code/apps"), "type"), "tree");
	assert_int_equal(drive_get(&d, THEORY "/git/trees/staging?recursive=1"), 200);
	assert_string_not_equal(json_str(entry(&d, REGISTRY), "sha"), there);
	assert_int_equal(drive_get(&d, THEORY "/git/trees/dev?recursive=1"), 200);
	assert_null(entry(&d, REGISTRY));
	assert_non_null(entry(&d, "tools/llm/litellm/1/registry.yaml"));
	assert_int_equal(drive_get(&d, THEORY "/git/trees/nowhere"), 404);
	assert_int_equal(drive_get(&d, THEORY "/commits?sha=staging&path=" REGISTRY), 200);
	assert_int_equal(json_size(d.body), 4); /* three pins, and where the file began */
	assert_string_equal(json_str(json_at(d.body, 0), "author.login"), "pin-bot");
	assert_int_equal(drive_get(&d, THEORY "/compare/main...staging"), 200);
	assert_int_equal(json_int(d.body, "ahead_by", -1), 3);
	assert_string_equal(json_str(d.body, "status"), "diverged");
	drive_close(&d);
}

/* ---- pull requests ------------------------------------------------------------------------------------------------ */

static int merge(struct drive *d, int64_t number, const char *sha)
{
	return drive_send(d, "PUT", drive_path(d, THEORY "/pulls/%" PRId64 "/merge", number),
			  drive_path(d, "{\"sha\":\"%s\"}", sha));
}

static void a_merge_needs_the_head_that_was_read_and_starts_production(void **state)
{
	struct drive d;
	const char *staging, *main_before;
	int64_t number;

	(void)state;
	drive_open(&d, "theory-release");
	staging = sha_of(&d, THEORY, "staging");
	main_before = sha_of(&d, THEORY, "main");
	assert_int_equal(branch(&d, THEORY, "pilothouse/x", staging), 201);
	assert_int_equal(drive_send(&d, "POST", THEORY "/pulls",
				    "{\"head\":\"pilothouse/x\",\"base\":\"main\",\"title\":\"Promote\"}"),
			 201);
	number = json_int(d.body, "number", 0);
	assert_int_equal(number, 53);
	assert_string_equal(json_str(d.body, "head.sha"), staging);
	assert_int_equal(drive_send(&d, "POST", THEORY "/pulls",
				    "{\"head\":\"pilothouse/x\",\"base\":\"main\",\"title\":\"Again\"}"),
			 422);
	assert_int_equal(merge(&d, number, main_before), 409);
	assert_int_equal(merge(&d, number, staging), 200);
	assert_int_equal(merge(&d, number, staging), 405);
	assert_int_equal(drive_get(&d, drive_path(&d, THEORY "/pulls/%" PRId64, number)), 200);
	assert_true(json_bool(d.body, "merged", false));
	assert_int_equal(world_count_runs(d.w, "veyorokon/theory-api", "main.yml", "push"), 1);
	drive_pass(&d, 180000);
	assert_string_equal(world_live(d.w, "theory/main"), sha_of(&d, THEORY, "main"));
	assert_int_equal(drive_get(&d, THEORY "/pulls?state=all&head=veyorokon:pilothouse/x"), 200);
	assert_int_equal(json_size(d.body), 1);
	assert_int_equal(drive_get(&d, THEORY "/pulls?base=main"), 200);
	assert_int_equal(json_size(d.body), 0);
	drive_close(&d);
}

/* Both sides changed the same file. */
static void what_conflicts_is_not_mergeable(void **state)
{
	struct drive d;
	const char *tip;

	(void)state;
	drive_open(&d, "theory-release");
	tip = sha_of(&d, THEORY, "main");
	assert_int_equal(branch(&d, THEORY, "mine", tip), 201);
	assert_int_equal(drive_send(&d, "PUT", THEORY "/contents/new.txt", put_body(&d, "mine", NULL)), 201);
	assert_int_equal(drive_send(&d, "PUT", THEORY "/contents/new.txt",
				    "{\"message\":\"x\",\"content\":\"eA==\",\"branch\":\"main\"}"),
			 201);
	assert_int_equal(drive_send(&d, "POST", THEORY "/pulls",
				    "{\"head\":\"mine\",\"base\":\"main\",\"title\":\"T\"}"),
			 201);
	assert_int_equal(merge(&d, 53, sha_of(&d, THEORY, "mine")), 405);
	drive_close(&d);
}

static void a_label_deploys_and_every_later_one_again(void **state)
{
	struct drive d;

	(void)state;
	drive_open(&d, "mcp-promote");
	assert_int_equal(drive_send(&d, "POST", MCP "/issues/31/labels", "{\"labels\":[\"bug\"]}"), 200);
	drive_pass(&d, 60000);
	assert_int_equal(drive_get(&d, MCP "/actions/workflows/deploy-staging.yml/runs?per_page=1"), 200);
	assert_string_equal(json_str(json_at(json_get(d.body, "workflow_runs"), 0), "conclusion"), "success");
	assert_string_equal(world_live(d.w, "mcp/staging"), "staging-v0.2.0-20261119-101502-4c1d8e0");
	assert_int_equal(
		drive_send(&d, "POST", MCP "/issues/31/labels", "{\"labels\":[\"deploy-to-staging\"]}"), 200);
	drive_pass(&d, 180000);
	assert_memory_equal(world_live(d.w, "mcp/staging"), "staging-v0.2.0-20261121-0", 25);
	drive_send(&d, "POST", MCP "/issues/31/labels", "{\"labels\":[\"later\"]}");
	assert_int_equal(world_count_runs(d.w, "luminosita/mcp", "deploy-staging.yml", "pull_request"), 3);
	assert_int_equal(drive_get(&d, MCP "/issues?labels=deploy-to-staging"), 200);
	assert_int_equal(json_size(d.body), 1);
	assert_int_equal(drive_send(&d, "DELETE", MCP "/issues/31/labels/deploy-to-staging", NULL), 200);
	assert_int_equal(drive_send(&d, "DELETE", MCP "/issues/31/labels/deploy-to-staging", NULL), 404);
	assert_int_equal(drive_get(&d, MCP "/issues?labels=deploy-to-staging"), 200);
	assert_int_equal(json_size(d.body), 0);
	drive_close(&d);
}

/* A tag and a release on the label alone, before anything was merged (delivery-systems reference 2.1). */
static void a_release_label_publishes_without_a_merge(void **state)
{
	struct drive d;

	(void)state;
	drive_open(&d, "theory-release");
	assert_int_equal(drive_get(&d, THEORY "/releases/tags/v0.7.1"), 404);
	assert_int_equal(
		drive_send(&d, "POST", THEORY "/issues/52/labels", "{\"labels\":[\"release:patch\"]}"), 200);
	drive_pass(&d, 30000);
	assert_int_equal(drive_get(&d, THEORY "/releases/tags/v0.7.1"), 200);
	assert_int_equal(drive_get(&d, THEORY "/pulls/52"), 200);
	assert_string_equal(json_str(d.body, "state"), "open");
	drive_close(&d);
}

/* Its own pin is pushed after it began: the run is about the commit before. */
static void a_staging_run_deploys_the_commit_after_its_own(void **state)
{
	struct drive d;
	const char *ran, *tip;

	(void)state;
	drive_open(&d, "theory-release");
	assert_int_equal(drive_send(&d, "PUT", THEORY "/contents/code/new.py", put_body(&d, "staging", NULL)),
			 201);
	ran = arena_strdup(&d.a, json_str(d.body, "commit.sha"));
	drive_pass(&d, 300000);
	tip = sha_of(&d, THEORY, "staging");
	assert_string_not_equal(ran, tip);
	assert_string_equal(world_live(d.w, "theory/staging"), tip);
	assert_int_equal(world_count_runs(d.w, "veyorokon/theory-api", "staging.yml", "push"), 1);
	assert_int_equal(drive_get(&d, THEORY "/pulls?base=main"), 200);
	assert_int_equal(json_size(d.body), 1);
	drive_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_those_of_the_standard),
		cmocka_unit_test(a_file_is_written_only_over_what_was_seen),
		cmocka_unit_test(branches_have_files_of_their_own),
		cmocka_unit_test(a_merge_needs_the_head_that_was_read_and_starts_production),
		cmocka_unit_test(what_conflicts_is_not_mergeable),
		cmocka_unit_test(a_label_deploys_and_every_later_one_again),
		cmocka_unit_test(a_release_label_publishes_without_a_merge),
		cmocka_unit_test(a_staging_run_deploys_the_commit_after_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
