/* A program that was started with closed descriptors never gives their numbers to something else. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/standard.h"

static int next_descriptor(unsigned closed)
{
	for (int fd = 0; fd < 3; fd++)
		if (closed >> fd & 1)
			close(fd);
	standard_keep();
	if (closed & 2 && write(STDOUT_FILENO, "x", 1) != -1)
		_exit(100);
	_exit(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

static void the_three_are_filled(void **state)
{
	(void)state;
	for (unsigned closed = 0; closed < 8; closed++) {
		int status = 0;
		pid_t child = fork();
		if (!child)
			next_descriptor(closed);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		assert_in_range(WEXITSTATUS(status), 3, 20);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_three_are_filled) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
