/* Which trusted root is believed, and how another one comes in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>
#include <utime.h>

#include "tests/folder.h"
#include "fake_attest.h"

struct fixture {
	struct arena a;
	struct err e;
	char dir[64];
	struct roots_from from;
};

static int up(void **state)
{
	struct fixture *f = x_alloc(sizeof(*f));

	folder_new(f->dir);
	f->from = (struct roots_from){
		&fake_attest, arena_printf(&f->a, "%s/roots", f->dir), NULL, { 1790000000000 }
	};
	*state = f;
	return 0;
}

static int down(void **state)
{
	struct fixture *f = *state;

	folder_drop(f->dir);
	arena_done(&f->a);
	free(f);
	return 0;
}

static const char *put(struct fixture *f, const char *name, const char *text)
{
	const char *path = arena_printf(&f->a, "%s/%s", f->dir, name);
	FILE *to = fopen(path, "w");

	assert_non_null(to);
	fputs(text, to);
	fclose(to);
	chmod(path, 0600);
	return path;
}

static struct roots *open_roots(struct fixture *f, const char **note)
{
	struct roots *r = NULL;

	if (roots_open(&r, &f->from, note, &f->a, &f->e) < 0)
		fail_msg("%s", f->e.message);
	return r;
}

#define ROOT(host, start)                                                \
	"{\"certificateAuthorities\": [{\"uri\": \"https://fulcio." host \
	"\", \"validFor\": {\"start\": \"" start "\"}}]}"

static const char *const built_in[] = { "public-good", "staging", "github" };

static void the_program_has_three(void **state)
{
	struct fixture *f = *state;
	const char *note = NULL;
	autofree(roots) struct roots *r = open_roots(f, &note);

	assert_null(note);
	for (size_t i = 0; i < countof(built_in); i++) {
		const struct trusted *t = roots_get(r, built_in[i]);

		assert_non_null(t);
		assert_string_equal(t->name, built_in[i]);
		assert_true(t->n > 1000 && !t->imported && when_known(t->taken));
	}
	assert_null(roots_get(r, "mine"));
}

/* The verifier's own reading of the files that are in the program. */
static void the_verifier_reads_them(void **state)
{
	static const struct attest_ops real = ATTEST_OPS;
	struct fixture *f = *state;
	const char *note = NULL;
	struct roots *r;

	f->from.ops = &real;
	r = open_roots(f, &note);
	for (size_t i = 0; i < countof(built_in); i++) {
		const struct attest_root *root = roots_get(r, built_in[i])->root;

		assert_int_equal(strlen(attest_root_sha(root)), 64);
		assert_true(when_known(attest_root_since(root)));
		assert_false(when_known(attest_root_until(root))); /* each has one without an end */
	}
	roots_free(r);
}

static void one_that_was_imported_wins_until_the_program_is_younger(void **state)
{
	struct fixture *f = *state;
	const char *path = put(f, "in.json", ROOT("sigstore.dev", "2027-01-01T00:00:00Z")), *note = NULL,
		   *mine;
	autofree(buf) struct buf said = BUF_INIT(4096);
	const struct utimbuf old = { 1500000000, 1500000000 };
	struct roots *r;

	assert_int_equal(roots_import(&f->from, path, false, &said, &f->a, &f->e), 0);
	assert_non_null(strstr(said.s, "public-good: was "));
	assert_non_null(strstr(said.s, "began 2027-01-01"));
	mine = arena_printf(&f->a, "%s/public-good.json", f->from.dir);
	r = open_roots(f, &note);
	assert_true(roots_get(r, "public-good")->imported);
	assert_false(roots_get(r, "github")->imported);
	roots_free(r);
	assert_int_equal(utime(mine, &old), 0);
	r = open_roots(f, &note);
	assert_false(roots_get(r, "public-good")->imported);
	roots_free(r);
}

static void an_older_one_is_refused_unless_forced(void **state)
{
	struct fixture *f = *state;
	const char *path = put(f, "in.json", ROOT("sigstore.dev", "2020-01-01T00:00:00Z")), *note = NULL;
	autofree(buf) struct buf said = BUF_INIT(4096);
	struct roots *r;

	assert_int_equal(roots_import(&f->from, path, false, &said, &f->a, &f->e), -ERR_CONFLICT);
	assert_non_null(strstr(f->e.hint, "--force"));
	err_clear(&f->e);
	r = open_roots(f, &note);
	assert_false(roots_get(r, "public-good")->imported);
	roots_free(r);
	assert_int_equal(roots_import(&f->from, path, true, &said, &f->a, &f->e), 0);
	r = open_roots(f, &note);
	assert_true(roots_get(r, "public-good")->imported);
	roots_free(r);
}

#define CA(raw, start, end)                                            \
	"{\"uri\": \"https://fulcio.sigstore.dev/" raw                 \
	"\", \"certChain\": {\"certificates\": [{\"rawBytes\": \"" raw \
	"\"}]}, \"validFor\": {\"start\": \"" start "\"" end "}}"
#define CAS(...) "{\"certificateAuthorities\": [" __VA_ARGS__ "]}"
#define ENDED    ", \"end\": \"2026-06-01T00:00:00Z\""

/* Its newest is as young as that of the one in use, and all the same it would go back. */
static void an_older_one_may_look_as_young(void **state)
{
	static const struct {
		const char *text, *says; /* NULL: it is taken */
	} rows[] = {
		{ CAS(CA("AAAA", "2026-01-01T00:00:00Z", "") "," CA("BBBB", "2027-06-01T00:00:00Z", "")),
		  "believes again what the one that is used has ended: https://fulcio.sigstore.dev/AAAA" },
		{ CAS(CA("AAAA", "2026-01-01T00:00:00Z", ", \"end\": \"2026-07-01T00:00:00Z\"") "," CA(
			  "BBBB", "2027-06-01T00:00:00Z", "") "," CA("CCCC", "2027-07-01T00:00:00Z", "")),
		  "believes again" },
		{ CAS(CA("BBBB", "2027-06-01T00:00:00Z", "")), "lacks what the one that is used has" },
		{ CAS(CA("AAAA", "2026-01-01T00:00:00Z", ENDED) "," CA("BBBB", "2027-06-01T00:00:00Z", "")),
		  NULL }, /* the same */
		{ CAS(CA("AAAA", "2026-01-01T00:00:00Z", ENDED) "," CA(
			  "BBBB", "2027-06-01T00:00:00Z", "") "," CA("CCCC", "2027-06-01T00:00:00Z", "")),
		  NULL },
	};
	struct fixture *f = *state;
	autofree(buf) struct buf said = BUF_INIT(8192);

	assert_int_equal(roots_import(&f->from, put(f, "in.json", rows[3].text), true, &said, &f->a, &f->e),
			 0);
	for (size_t i = 0; i < countof(rows); i++) {
		int r;

		err_clear(&f->e);
		r = roots_import(&f->from, put(f, "in.json", rows[i].text), false, &said, &f->a, &f->e);
		assert_int_equal(r, rows[i].says ? -ERR_CONFLICT : 0);
		if (rows[i].says && !strstr(f->e.message, rows[i].says))
			fail_msg("%s", f->e.message);
	}
}

static void lines_of_several_instances_are_taken_together_or_not_at_all(void **state)
{
	struct fixture *f = *state;
	const char *both = put(f, "in.json",
			       ROOT("sigstore.dev", "2027-01-01T00:00:00Z") "\n" ROOT(
				       "githubapp.com", "2020-01-01T00:00:00Z") "\n");
	const char *note = NULL;
	autofree(buf) struct buf said = BUF_INIT(4096);
	struct roots *r;

	assert_int_equal(roots_import(&f->from, both, false, &said, &f->a, &f->e), -ERR_CONFLICT);
	r = open_roots(f, &note);
	assert_false(roots_get(r, "public-good")->imported);
	roots_free(r);
	assert_int_equal(roots_import(&f->from, both, true, &said, &f->a, &f->e), 0);
	r = open_roots(f, &note);
	assert_true(roots_get(r, "public-good")->imported && roots_get(r, "github")->imported);
	roots_free(r);
}

static void what_is_no_root_is_refused(void **state)
{
	static const struct {
		const char *text, *says;
		int r;
	} cases[] = {
		{ "", "no trusted root in it", -ERR_INVALID },
		{ "hello\n", "it holds no root", -ERR_INVALID },
		{ "{}", "of no instance", -ERR_INVALID },
		{ ROOT("example.org", "2027-01-01T00:00:00Z"), "of no instance", -ERR_INVALID },
		{ "{\"certificateAuthorities\": [{\"uri\": \"https://x.sigstore.dev\", \"validFor\": {}}]}",
		  "a start is missing", -ERR_CORRUPT },
	};
	struct fixture *f = *state;
	autofree(buf) struct buf said = BUF_INIT(4096);

	for (size_t i = 0; i < countof(cases); i++) {
		const char *path = put(f, "in.json", cases[i].text);

		err_clear(&f->e);
		assert_int_equal(roots_import(&f->from, path, true, &said, &f->a, &f->e), cases[i].r);
		if (!strstr(f->e.message, cases[i].says))
			fail_msg("%s: %s", cases[i].text, f->e.message);
	}
}

static void a_damaged_import_is_told_and_not_used(void **state)
{
	struct fixture *f = *state;
	const char *note = NULL;
	struct roots *r;

	assert_int_equal(mkdir(f->from.dir, 0700), 0);
	put(f, "roots/github.json", "{");
	r = open_roots(f, &note);
	assert_non_null(note);
	assert_non_null(strstr(note, "github"));
	assert_false(roots_get(r, "github")->imported);
	roots_free(r);
}

static void a_named_file_stands_for_all_or_is_an_error(void **state)
{
	struct fixture *f = *state;
	/* It is as old as its file, no older than what it names, and not of the future. */
	static const struct {
		time_t written;
		int64_t taken;
	} ages[] = { { 1780000000, 1780000000 }, { 1000000000, 1767225600 }, { 1999999999, 1790000000 } };
	const char *note = NULL;
	struct roots *r = NULL;

	f->from.file = put(f, "in.json", ROOT("drill.test", "2026-01-01T00:00:00Z"));
	r = open_roots(f, &note);
	assert_ptr_equal(roots_get(r, "public-good"), roots_get(r, "github"));
	roots_free(r);
	r = NULL;
	for (size_t i = 0; i < countof(ages); i++) {
		const struct utimbuf written = { ages[i].written, ages[i].written };

		assert_int_equal(utime(f->from.file, &written), 0);
		r = open_roots(f, &note);
		assert_int_equal(roots_get(r, "github")->taken.ms / 1000, ages[i].taken);
		roots_free(r);
		r = NULL;
	}
	put(f, "in.json", "{");
	assert_true(roots_open(&r, &f->from, &note, &f->a, &f->e) < 0);
	assert_null(r);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, up, down)
	const struct CMUnitTest tests[] = {
		TEST(the_program_has_three),
		TEST(the_verifier_reads_them),
		TEST(one_that_was_imported_wins_until_the_program_is_younger),
		TEST(an_older_one_is_refused_unless_forced),
		TEST(an_older_one_may_look_as_young),
		TEST(lines_of_several_instances_are_taken_together_or_not_at_all),
		TEST(what_is_no_root_is_refused),
		TEST(a_damaged_import_is_told_and_not_used),
		TEST(a_named_file_stands_for_all_or_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
