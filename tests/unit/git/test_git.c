#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <git2.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "core/adapters/git/git.h"
#include "tests/folder.h"

/*
 * A repository with this history, made anew for each test; every commit a minute after the one before it:
 *
 *	c0 -- c1 -- c2 -- c3 (main, annotated tag v2)
 *	        \-- s4 (side, light tag v1 on c1)
 */
struct repo {
	char dir[64], origin[96], mirror[96];
	git_repository *git;
	char sha[5][GIT_OID_HEXSZ + 1];
	git_oid id[5];
};

#define START INT64_C(1795262400)

static void check(int r)
{
	if (r)
		fail_msg("libgit2: %s", git_error_last() ? git_error_last()->message : "?");
}

static void commit(struct repo *r, int i, int parent, const char *branch, const char *message)
{
	git_signature *who = NULL;
	git_treebuilder *builder = NULL;
	git_commit *before = NULL;
	git_tree *tree = NULL;
	git_oid tree_id;
	char ref[64];

	snprintf(ref, sizeof(ref), "refs/heads/%s", branch);
	check(git_signature_new(&who, "Ana \x1b[31m", "ana@example.test", START + 60 * i, 0));
	check(git_treebuilder_new(&builder, r->git, NULL));
	check(git_treebuilder_write(&tree_id, builder));
	check(git_tree_lookup(&tree, r->git, &tree_id));
	if (parent >= 0)
		check(git_commit_lookup(&before, r->git, &r->id[parent]));
	check(git_commit_create(&r->id[i], r->git, NULL, who, who, NULL, message, tree, before ? 1 : 0,
				(const git_commit *[]){ before }));
	git_oid_tostr(r->sha[i], sizeof(r->sha[i]), &r->id[i]);
	git_reference *made = NULL;
	check(git_reference_create(&made, r->git, ref, &r->id[i], 1, NULL));
	git_reference_free(made);
	git_commit_free(before);
	git_tree_free(tree);
	git_treebuilder_free(builder);
	git_signature_free(who);
}

static void tag(struct repo *r, const char *name, int i, bool annotated)
{
	git_signature *who = NULL;
	git_object *target = NULL;
	git_oid id;

	check(git_object_lookup(&target, r->git, &r->id[i], GIT_OBJECT_COMMIT));
	check(git_signature_new(&who, "Ana", "ana@example.test", START, 0));
	if (annotated)
		check(git_tag_create(&id, r->git, name, target, who, "a release", 0));
	else
		check(git_tag_create_lightweight(&id, r->git, name, target, 0));
	git_signature_free(who);
	git_object_free(target);
}

static int setup(void **state)
{
	struct repo *r = calloc(1, sizeof(*r));

	git_libgit2_init();
	folder_new(r->dir);
	snprintf(r->origin, sizeof(r->origin), "%s/origin", r->dir);
	snprintf(r->mirror, sizeof(r->mirror), "%s/deep/mirror", r->dir);
	check(git_repository_init(&r->git, r->origin, 1));
	commit(r, 0, -1, "main", "first\n\nbody");
	commit(r, 1, 0, "main", "second");
	commit(r, 2, 1, "main", "");
	commit(r, 3, 2, "main", "fourth");
	commit(r, 4, 1, "side", "aside");
	tag(r, "v1", 1, false);
	tag(r, "v2", 3, true);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct repo *r = *state;

	git_repository_free(r->git);
	folder_drop(r->dir);
	free(r);
	git_libgit2_shutdown();
	return 0;
}

static struct git *open_git(const char *path, const char *url)
{
	struct git *g = NULL;
	struct err e = ERR_INIT;

	if (git_open(&g, path, url, &e) < 0)
		fail_msg("%s", e.message);
	return g;
}

static void test_resolve(void **state)
{
	struct repo *r = *state;
	struct git *g = open_git(r->origin, NULL);
	char brief[8];
	const struct {
		const char *ref;
		int commit; /* -1: none */
	} cases[] = {
		{ "main", 3 },
		{ "side", 4 },
		{ "v1", 1 },
		{ "v2", 3 },
		{ "tags/v2", 3 },
		{ "heads/side", 4 },
		{ r->sha[2], 2 },
		{ brief, 0 },
		{ "v3", -1 },
		{ "HEAD", -1 },
		{ "main~1", -1 },
		{ "main^", -1 },
		{ ":/second", -1 },
		{ "@{-1}", -1 },
		{ "../../HEAD", -1 },
		{ "main@{1}", -1 },
		{ "v1\n", -1 },
		{ "abc", -1 },
		{ "0123456", -1 },
		{ "refs/heads/main", -1 },
		{ "0123456789012345678901234567890123456789", -1 },
		{ "\xff\xfe", -1 },
	};

	snprintf(brief, sizeof(brief), "%.7s", r->sha[0]);
	for (size_t i = 0; i < countof(cases); i++) {
		struct err e = ERR_INIT;
		char sha[65] = "";
		int x = g->ops->resolve(g, cases[i].ref, sha, &e);

		if (cases[i].commit < 0) {
			if (x != -ERR_MISSING)
				fail_msg("%s is %s", cases[i].ref, sha);
			assert_true(text_is_safe(e.message));
		} else {
			assert_int_equal(x, 0);
			assert_string_equal(sha, r->sha[cases[i].commit]);
		}
	}
	assert_int_equal(g->ops->resolve(g, "", (char[65]){ 0 }, NULL), -ERR_INVALID);
	assert_int_equal(g->ops->resolve(g, NULL, (char[65]){ 0 }, NULL), -ERR_INVALID);
	g->ops->free(g);
}

/* A tag and a branch of one name: the tag is what a release is. A branch named like a commit does not hide the commit. */
static void test_ambiguous(void **state)
{
	struct repo *r = *state;
	struct git *g = open_git(r->origin, NULL);
	char sha[65];

	tag(r, "side", 0, false);
	commit(r, 4, 1, r->sha[2], "trap");
	assert_int_equal(g->ops->resolve(g, "side", sha, NULL), 0);
	assert_string_equal(sha, r->sha[0]);
	assert_int_equal(g->ops->resolve(g, "heads/side", sha, NULL), 0);
	assert_string_not_equal(sha, r->sha[0]);
	assert_int_equal(g->ops->resolve(g, r->sha[2], sha, NULL), 0);
	assert_string_equal(sha, r->sha[2]);
	g->ops->free(g);
}

static void test_range(void **state)
{
	struct repo *r = *state;
	struct git *g = open_git(r->origin, NULL);
	static const struct {
		const char *from, *to;
		size_t max, total, n;
		int commits[4];
	} cases[] = {
		{ "v1", "v2", 10, 2, 2, { 3, 2 } },  { "side", "main", 10, 2, 2, { 3, 2 } },
		{ "main", "side", 10, 1, 1, { 4 } }, { NULL, "v2", 10, 4, 4, { 3, 2, 1, 0 } },
		{ "", "v2", 1, 4, 1, { 3 } },        { "v2", "v2", 10, 0, 0, { 0 } },
		{ "v2", "v1", 10, 0, 0, { 0 } },     { NULL, "v2", 0, 4, 0, { 0 } },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT;
		struct commits commits = { 0 };
		struct err e = ERR_INIT;
		int64_t total = -1;

		if (g->ops->range(g, cases[i].from, cases[i].to, cases[i].max, &commits, &total, &a, &e) < 0)
			fail_msg("case %zu: %s", i, e.message);
		assert_int_equal(total, cases[i].total);
		assert_int_equal(commits.n, cases[i].n);
		for (size_t k = 0; k < commits.n; k++)
			assert_string_equal(commits.items[k].sha, r->sha[cases[i].commits[k]]);
		arena_done(&a);
	}
	g->ops->free(g);
}

static void test_commit(void **state)
{
	struct repo *r = *state;
	struct git *g = open_git(r->origin, NULL);
	struct arena a = ARENA_INIT;
	struct commits commits = { 0 };
	struct commit again;
	int64_t total;

	assert_int_equal(g->ops->range(g, NULL, "main", 10, &commits, &total, &a, NULL), 0);
	assert_string_equal(commits.items[3].title, "first");
	assert_string_equal(commits.items[1].title, "");
	assert_string_equal(commits.items[0].author, "Ana \x1b[31m"); /* raw, as the model wants it */
	assert_int_equal(commits.items[0].at.ms, (START + 180) * 1000);
	again = commits.items[0];
	assert_true(rec_equal(&rec_commit, &again, &commits.items[0], NULL));
	assert_int_equal(g->ops->range(g, "nowhere", "main", 10, &commits, &total, &a, NULL), -ERR_MISSING);
	assert_int_equal(g->ops->range(g, "main", "nowhere", 10, &commits, &total, &a, NULL), -ERR_MISSING);
	arena_done(&a);
	g->ops->free(g);
}

static void test_mirror(void **state)
{
	struct repo *r = *state;
	struct git *g = open_git(r->mirror, r->origin);
	char sha[65];
	struct stat st;

	assert_int_equal(g->ops->resolve(g, "v2", sha, NULL), 0);
	assert_string_equal(sha, r->sha[3]);
	assert_int_equal(stat(r->mirror, &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
	assert_int_equal(g->ops->resolve(g, "v1", sha, NULL), 0);
	/* a tag that moves, a branch that is forced back, one that goes: the mirror follows */
	check(git_tag_delete(r->git, "v1"));
	tag(r, "v1", 0, false);
	check(git_tag_delete(r->git, "v2"));
	git_reference *moved = NULL;
	check(git_reference_create(&moved, r->git, "refs/heads/main", &r->id[1], 1, NULL));
	git_reference_free(moved);
	assert_int_equal(g->ops->fetch(g, NULL), 0);
	assert_int_equal(g->ops->resolve(g, "v1", sha, NULL), 0);
	assert_string_equal(sha, r->sha[0]);
	assert_int_equal(g->ops->resolve(g, "main", sha, NULL), 0);
	assert_string_equal(sha, r->sha[1]);
	assert_int_equal(g->ops->resolve(g, "v2", sha, NULL), -ERR_MISSING);
	g->ops->free(g);
	g = open_git(r->mirror, NULL); /* it is there now, and needs no address */
	assert_int_equal(g->ops->resolve(g, "v1", sha, NULL), 0);
	g->ops->free(g);
}

static void test_refused(void **state)
{
	static const char *const urls[] = {
		"http://example.test/x.git",
		"git://example.test/x",
		"ssh://example.test/x",
		"git@example.test:x",
		"ext::sh -c touch%20x",
		"https://user:pass@example.test/x",
		"https://example.test/x\r\nHost",
		"relative/path",
		"-oProxyCommand=x",
		"file://host/x",
		"",
	};
	struct repo *r = *state;
	struct git *g = NULL;
	struct err e = ERR_INIT;
	char path[128];
	FILE *f;

	for (size_t i = 0; i < countof(urls); i++) {
		if (git_open(&g, r->mirror, urls[i], &e) != -ERR_INVALID)
			fail_msg("%s was taken", urls[i]);
		assert_int_not_equal(access(r->mirror, F_OK), 0);
	}
	assert_int_equal(git_open(&g, r->mirror, NULL, &e), -ERR_MISSING);
	snprintf(path, sizeof(path), "%s/nothing.git", r->dir);
	assert_int_equal(git_open(&g, r->mirror, path, &e), -ERR_OFFLINE);
	assert_true(e.message[0]);
	g = open_git(r->origin, NULL);
	assert_int_equal(g->ops->fetch(g, &e), -ERR_INVALID); /* it is nobody's mirror */
	g->ops->free(g);
	g = NULL;
	snprintf(path, sizeof(path), "%s/config", r->origin);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("[[[", f);
	fclose(f);
	assert_int_equal(git_open(&g, r->origin, NULL, &e), -ERR_CORRUPT);
	assert_null(g);
}

/* Whatever git itself would start for a word in a mirror's own configuration, or find among its hooks: it is not git. */
static void test_hostile_mirror(void **state)
{
	static const char words[] =
		"[core]\n\tfsmonitor = %s\n\tsshCommand = %s\n\tgitProxy = %s\n\thooksPath = %s\n"
		"\teditor = %s\n\tpager = %s\n\taskPass = %s\n"
		"[credential]\n\thelper = !%s\n[alias]\n\tfetch = !%s\n"
		"[filter \"lfs\"]\n\tsmudge = %s\n\tprocess = %s\n[gpg]\n\tprogram = %s\n"
		"[remote \"origin\"]\n\tuploadpack = %s\n\tproxy = %s\n"
		"[url \"ext::%s\"]\n\tinsteadOf = https://\n";
	struct repo *r = *state;
	struct git *g = open_git(r->mirror, r->origin);
	char run[128], ran[128], path[160], sha[65];

	g->ops->free(g);
	snprintf(ran, sizeof(ran), "%s/ran", r->dir);
	snprintf(run, sizeof(run), "%s/reference-transaction", r->dir);
	FILE *f = fopen(run, "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n: > %s\n", ran);
	fclose(f);
	assert_int_equal(chmod(run, 0700), 0);
	snprintf(path, sizeof(path), "%s/config", r->mirror);
	f = fopen(path, "a");
	assert_non_null(f);
	fprintf(f, words, run, run, run, r->dir, run, run, run, run, run, run, run, run, run, run, run);
	fclose(f);
	check(git_tag_delete(r->git, "v1"));
	tag(r, "v1", 0, false);
	g = open_git(r->mirror, r->origin);
	assert_int_equal(g->ops->fetch(g, NULL), 0);
	assert_int_equal(g->ops->resolve(g, "v1", sha, NULL), 0);
	assert_string_equal(sha, r->sha[0]);
	g->ops->free(g);
	assert_int_not_equal(access(ran, F_OK), 0);
}

/* Only root can make a directory that belongs to another; elsewhere this says that it was skipped. */
static void test_stranger(void **state)
{
	struct repo *r = *state;
	struct git *g = NULL;
	struct err e = ERR_INIT;

	if (geteuid() != 0) {
		print_message("[  SKIP  ] not root: no directory of another user to open\n");
		skip();
	}
	assert_int_equal(chown(r->origin, 12345, 12345), 0);
	assert_int_equal(git_open(&g, r->origin, NULL, &e), -ERR_STORE);
	assert_non_null(strstr(e.message, "belongs to another user"));
	assert_true(e.hint[0]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_resolve, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ambiguous, setup, teardown),
		cmocka_unit_test_setup_teardown(test_range, setup, teardown),
		cmocka_unit_test_setup_teardown(test_commit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mirror, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hostile_mirror, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stranger, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
