/* What a confined program cannot do any more, asked in a child, for it cannot be undone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/confine.h"
#include "tests/folder.h"

static char file[FOLDER_PATH + 16];

static int may_write(void)
{
	return open(file, O_WRONLY | O_CLOEXEC) >= 0;
}

static int may_create(void)
{
	char other[80];

	snprintf(other, sizeof(other), "%s-2", file);
	return open(other, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 || mkdir(other, 0700) == 0;
}

static int may_remove(void)
{
	return unlink(file) == 0;
}

static int may_start(void)
{
	execl("/bin/true", "true", NULL);
	return 0; /* had it started, the status would be 0 as well: see below */
}

static int may_connect(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 || errno != EACCES;
}

static int may_read(void)
{
	return open(file, O_RDONLY | O_CLOEXEC) >= 0;
}

static int may_write_terminals(void)
{
	return open("/dev/null", O_WRONLY | O_CLOEXEC) >= 0;
}

static int may_gain(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1;
}

static int confined(int (*may)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		(void)confine_to_reading();
		_exit(10 + may());
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status) - 10; /* -10: it became another program */
}

static void only_reading_is_left(void **state maybe_unused)
{
	static const struct {
		const char *what;
		int (*may)(void);
		int expected;
		enum confinement needs;
	} cases[] = {
		{ "write", may_write, 0, CONFINE_FILES },
		{ "create", may_create, 0, CONFINE_FILES },
		{ "remove", may_remove, 0, CONFINE_FILES },
		{ "start", may_start, 0, CONFINE_FILES },
		{ "connect", may_connect, 0, CONFINE_ALL },
		{ "gain rights", may_gain, 0, CONFINE_NONE },
		{ "read", may_read, 1, CONFINE_NONE },
		{ "terminals", may_write_terminals, 1, CONFINE_NONE },
	};
	char dir[FOLDER_PATH];
	int fd;

	snprintf(file, sizeof(file), "%s/file", folder_new(dir));
	fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	for (size_t i = 0; i < countof(cases); i++) {
		if (confine_possible() < cases[i].needs) {
			print_message("skipped: this kernel cannot take away: %s\n", cases[i].what);
			continue;
		}
		if (confined(cases[i].may) != cases[i].expected)
			fail_msg("%s: %d", cases[i].what, confined(cases[i].may));
	}
	assert_int_equal(unlink(file), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(only_reading_is_left) };

	return cmocka_run_group_tests_name("confine", tests, NULL, NULL);
}
