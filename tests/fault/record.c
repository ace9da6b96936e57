#define FAULT_SHIM
#include "tests/fault/record.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Below libc: everything here goes by system call, or the shim would hear itself. */
static int diary = -1;

void diary_open(const char *path)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	diary = (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 901);
	syscall(SYS_close, fd);
}

static bool is_told(enum record_what what, const char *path)
{
	size_t n = strlen(path);

	if (what == RECORD_NET || what == RECORD_USER)
		return true;
	if (n >= 4 && !strcmp(path + n - 4, "-shm"))
		return false;
	return what == RECORD_SYNC || strstr(path, ".db");
}

void diary_note(enum record_what what, const char *path, uint64_t at, const void *data, uint64_t n)
{
	struct record r = { .what = what, .path_n = (uint32_t)strlen(path), .at = at, .n = n };
	struct iovec v[3] = { { &r, sizeof(r) },
			      { (void *)(uintptr_t)path, r.path_n },
			      { (void *)(uintptr_t)data, data ? n : 0 } };
	int saved = errno;

	if (!data)
		r.n = 0;
	if (diary >= 0 && is_told(what, path))
		syscall(SYS_writev, diary, v, 3);
	errno = saved;
}

void diary_fd(enum record_what what, int fd, uint64_t at, const void *data, uint64_t n)
{
	char link[64], path[PATH_MAX];
	int saved = errno;
	ssize_t len;

	if (diary < 0)
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = (ssize_t)syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof(path) - 1);
	path[len > 0 ? len : 0] = '\0';
	if (strncmp(path, "socket:", 7) == 0) {
		int domain = 0;
		socklen_t size = sizeof(domain);

		syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_DOMAIN, &domain, &size);
		what = domain == AF_UNIX ? RECORD_USER : RECORD_NET;
		path[0] = '\0';
	} else if (path[0] != '/') {
		path[0] = '\0'; /* pipes and what has no name */
		what = 0;
	}
	errno = saved;
	if (what)
		diary_note(what, path, at, data, n);
}
