/* Evidence that the file system will not let go. The store's own source is compiled in, over an unlinkat() that can refuse. */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const char *refused; /* a name, or NULL */

static int refusing_unlinkat(int dir, const char *name, int flags)
{
	if (refused && !strcmp(name, refused)) {
		errno = EBUSY;
		return -1;
	}
	return unlinkat(dir, name, flags);
}
#define unlinkat refusing_unlinkat
#include "store/evidence.c"
#undef unlinkat

static void sum(const void *bytes, size_t n, char hex[65])
{
	assert_int_equal(n, 1);
	for (int i = 0; i < 32; i++)
		snprintf(hex + 2 * (size_t)i, 3, "%02x", *(const unsigned char *)bytes);
}

static bool nobody(void *ctx maybe_unused, const char *hex maybe_unused)
{
	return false;
}

static void the_first_that_stays_is_told_and_the_others_go(void **state)
{
	struct fixture *f = *state;
	const struct evidence_box box = { .dir = arena_printf(&f->a, "%s/evidence", f->dir), .sha256 = sum };
	autofree(buf) struct buf out = BUF_INIT(EVIDENCE_MAX + 1);
	struct err e = ERR_INIT;
	char hex[3][65];
	int64_t n = -1;

	for (int i = 0; i < 3; i++)
		check_ok(f, evidence_keep(&box, "abc" + i, 1, hex[i], &f->e));
	refused = hex[1];
	assert_int_equal(evidence_trim(&box, (struct when){ INT64_MAX }, nobody, NULL, &n, &e), -ERR_STORE);
	assert_non_null(strstr(e.message, "evidence 626262626262 cannot be removed"));
	assert_int_equal(n, 2);
	check_ok(f, evidence_read(&box, hex[1], &out, &f->e));
	refused = NULL;
	check_ok(f, evidence_trim(&box, (struct when){ INT64_MAX }, nobody, NULL, &n, &f->e));
	assert_int_equal(n, 1);
	assert_int_equal(evidence_read(&box, hex[1], &out, &f->e), -ERR_MISSING);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(
		the_first_that_stays_is_told_and_the_others_go, fixture_setup, fixture_teardown) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
