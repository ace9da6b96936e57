/* What leaves the program: ASCII where the locale is not UTF-8, and an output that cannot be written is told. */
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tui/cli/cli.h"

#define SAID "wide \xe8\xa1\xa8 \xc3\xa9"

/* Prints to fd instead of standard output; the exit status. */
static int print_to(int fd, const char *text, bool json)
{
	struct buf out = BUF_INIT(1024);
	int kept = dup(STDOUT_FILENO), r;

	fflush(stdout);
	assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	buf_str(&out, text);
	r = cli_print(&out, json);
	clearerr(stdout);
	dup2(kept, STDOUT_FILENO);
	close(kept);
	buf_done(&out);
	return r;
}

static void ascii_outside_utf8(void **state)
{
	static const struct {
		const char *locale, *in;
		bool json;
		const char *out;
	} cases[] = {
		{ "C", SAID "\n", false, "wide <U+8868> <U+00E9>\n" },
		{ "C", "[\"" SAID "\"]", true, "[\"wide \\u8868 \\u00e9\"]\n" },
		{ "C", "a\nb", false, "a\nb\n" },
		{ "C.UTF-8", SAID, false, SAID "\n" },
		{ "C.UTF-8", "[\"" SAID "\"]", true, "[\"" SAID "\"]\n" },
	};
	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		char got[256] = "";
		int fds[2];

		assert_non_null(setlocale(LC_ALL, cases[i].locale));
		assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
		assert_int_equal(print_to(fds[1], cases[i].in, cases[i].json), 0);
		assert_true(read(fds[0], got, sizeof(got) - 1) > 0);
		assert_string_equal(got, cases[i].out);
		close(fds[0]);
		close(fds[1]);
	}
	setlocale(LC_ALL, "C");
}

static void an_output_that_is_lost_is_no_success(void **state)
{
	static const char *const places[] = { "/dev/full", "/dev/null" };
	(void)state;
	for (size_t i = 0; i < countof(places); i++) {
		int fd = open(places[i], (i ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
		assert_true(fd >= 0);
		assert_int_equal(print_to(fd, "lanes", false), 6);
		close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ascii_outside_utf8),
		cmocka_unit_test(an_output_that_is_lost_is_no_success),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
