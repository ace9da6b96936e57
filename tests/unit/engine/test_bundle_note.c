/* `verify-bundle` says what compares: an OpenSSL that may lack a fix is told beside the verdict, and changes none. */
#include "rig.h"

#include "fake_attest.h"

#include "base/path.h"
#include "core/engine/tool.h"
#include "tests/folder.h"

static const char *printed(struct arena *a, const struct attest_ops *ops, const char *dir, int *status)
{
	autofree(buf) struct buf text = BUF_INIT(1 << 16);
	const char *bundle = path_join(a, dir, "bundle.json"), *out = path_join(a, dir, "out");
	const char *const words[] = {
		"verify-bundle", "--bundle", bundle, "--any-identity",
		"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	};
	struct tool t = { .words = words,
			  .words_n = (int)countof(words),
			  .sha256 = digest_sha256,
			  .attest = ops,
			  .arena = a };
	FILE *f = fopen(bundle, "w");
	int keep = dup(1);

	assert_non_null(f);
	fputs("{\"san\":\"x\"}", f);
	fclose(f);
	fflush(stdout);
	assert_non_null(freopen(out, "w", stdout));
	*status = tool_run(&t);
	fflush(stdout);
	dup2(keep, 1);
	close(keep);
	assert_true(path_read(&text, out, NULL) >= 0);
	return arena_strdup(a, text.s);
}

static const char *sound(void)
{
	return NULL;
}

static void the_floor_is_told_and_changes_no_verdict(void **state)
{
	struct attest_ops good = fake_attest;
	char dir[FOLDER_PATH];
	struct arena a = ARENA_INIT;
	const char *said;
	int old, new;

	(void)state;
	folder_new(dir);
	good.openssl_floor = sound;
	said = printed(&a, &fake_attest, dir, &old);
	if (!strstr(said, "whoever signed is accepted: --any-identity; this OpenSSL is of yesterday\n"))
		fail_msg("%s", said);
	said = printed(&a, &good, dir, &new);
	assert_non_null(strstr(said, "whoever signed is accepted: --any-identity\n"));
	assert_int_equal(old, new);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_floor_is_told_and_changes_no_verdict) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
