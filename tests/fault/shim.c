/*
 * shim.c - preloaded into a program under test: counts its calls that change the world, and makes the N-th misbehave.
 *
 *	FAULT_PROGRAM=pilothouse-engine   act in this program only; others pass untouched
 *	FAULT_AT=N                        the N-th call that concerns us (1 is the first); 0 or unset: only count
 *	FAULT_DO=kill                     SIGKILL before the call is made
 *	         eio | enospc | reset     the call fails once with EIO, ENOSPC, ECONNRESET
 *	         erofs-forever            this one and all later ones fail: a file system that is read-only
 *	         enospc-forever           this one and all later ones fail
 *	         short                    a write takes half of the bytes
 *	         tear                     the same, and SIGKILL before anything else
 *	FAULT_ON=write,pwrite64           only these calls concern us; unset: all
 *	FAULT_PATH=journal.db             only calls on a path, or an open file, whose name has this in it; sockets are
 *	                                  named socket:unix and socket:inet
 *	FAULT_COUNTFILE=F                 a line "N call path" is appended for each call that concerns us
 *	FAULT_DIARY=F                     what it writes and says is recorded there, see record.h
 *	FAULT_SPEED=N                     its monotonic clock runs N times as fast, and what it waits for comes so much sooner
 *
 * What is killed is killed before the call, so N sweeps every gap between two changes of the world. Reads change
 * nothing; they are counted only when FAULT_ON names them. A kill with neither FAULT_ON nor FAULT_PATH passes over what
 * the dead leave nothing of, for there the gap is the same as the next one: closing and hanging up, which death does as
 * well, making written bytes last, which only a power cut asks for, connecting, asking (GET), opening what is there
 * already, and "-shm", which the next who opens makes anew. One thread is assumed; the programs are so made.
 */
#define FAULT_SHIM
#include "tests/fault/record.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum deed { ONLY_COUNT, KILL, FAIL, SHORTEN, TEAR };

static struct {
	bool on, forever, sparse; /* sparse: only what leaves something behind */
	enum deed deed;
	int error, speed;
	long at, n;
	const char *calls, *path;
	int trace; /* descriptor, -1 none */
} shim = { .trace = -1 };

static const struct {
	const char *word;
	enum deed deed;
	int error;
	bool forever;
} deeds[] = {
	{ "kill", KILL, 0, false },
	{ "eio", FAIL, EIO, false },
	{ "enospc", FAIL, ENOSPC, false },
	{ "enospc-forever", FAIL, ENOSPC, true },
	{ "erofs-forever", FAIL, EROFS, true },
	{ "reset", FAIL, ECONNRESET, false },
	{ "short", SHORTEN, 0, false },
	{ "tear", TEAR, 0, false },
};

static void read_deed(const char *word)
{
	for (size_t i = 0; word && i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		if (strcmp(deeds[i].word, word) == 0) {
			shim.deed = deeds[i].deed;
			shim.error = deeds[i].error;
			shim.forever = deeds[i].forever;
		}
	}
}

__attribute__((constructor)) static void shim_start(void)
{
	const char *program = getenv("FAULT_PROGRAM"), *at = getenv("FAULT_AT"),
		   *trace = getenv("FAULT_COUNTFILE"), *speed = getenv("FAULT_SPEED");

	if (!program || strcmp(program, program_invocation_short_name) != 0)
		return;
	shim.speed = speed ? atoi(speed) : 0;
	shim.at = at ? strtol(at, NULL, 10) : 0;
	shim.calls = getenv("FAULT_ON");
	shim.path = getenv("FAULT_PATH");
	read_deed(getenv("FAULT_DO"));
	shim.sparse = shim.deed == KILL && !(shim.calls && *shim.calls) && !(shim.path && *shim.path);
	if (trace) {
		int fd = (int)syscall(SYS_openat, AT_FDCWD, trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
				      0600);

		/* out of the way of programs that close or expect low numbers */
		shim.trace = (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 900);
		syscall(SYS_close, fd);
	}
	if (getenv("FAULT_DIARY"))
		diary_open(getenv("FAULT_DIARY"));
	shim.on = true;
}

/* Whole names between commas. */
static bool is_among(const char *list, const char *call)
{
	size_t n = strlen(call);

	for (const char *at = list; (at = strstr(at, call)); at += n)
		if ((at == list || at[-1] == ',') && (at[n] == ',' || !at[n]))
			return true;
	return false;
}

static bool is_listed(const char *call)
{
	static const char reads[] = ",recv,read,",
			  idle[] = ",recv,read,close,fsync,fdatasync,connect,shutdown,";
	if (!shim.calls || !*shim.calls)
		return !is_among(shim.sparse ? idle : reads, call);
	return is_among(shim.calls, call);
}

static const char *path_of(int fd, char *out, size_t size)
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = (ssize_t)syscall(SYS_readlinkat, AT_FDCWD, link, out, size - 1);
	out[n > 0 ? n : 0] = '\0';
	if (strncmp(out, "socket:", 7) == 0) {
		int domain = 0;
		socklen_t len = sizeof(domain);

		syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
		snprintf(out, size, domain == AF_UNIX ? "socket:unix" : "socket:inet");
	}
	return out;
}

static void trace(const char *call, const char *path)
{
	char line[PATH_MAX + 128];
	int n = snprintf(line, sizeof(line), "%ld %s %s\n", shim.n, call, path);

	if (shim.trace >= 0 && n > 0)
		syscall(SYS_write, shim.trace, line, (size_t)n);
}

static bool ends_so(const char *path, const char *tail)
{
	size_t n = strlen(path), k = strlen(tail);

	return n >= k && strcmp(path + n - k, tail) == 0;
}

static void die(void)
{
	syscall(SYS_kill, getpid(), SIGKILL);
	for (;;)
		syscall(SYS_pause);
}

/* 0: go on; > 0: fail with this errno; -1: take half. Does not come back from a kill. */
static int judge(const char *call, int fd, const char *path)
{
	char name[PATH_MAX];
	int saved = errno;

	if (!shim.on || !is_listed(call))
		return 0;
	if (!path)
		path = path_of(fd, name, sizeof(name));
	if (shim.path && *shim.path && !strstr(path, shim.path))
		return 0;
	if (shim.sparse && ends_so(path, "-shm"))
		return 0;
	shim.n++;
	trace(call, path);
	errno = saved;
	if (!shim.at || shim.n < shim.at || (shim.n > shim.at && !shim.forever))
		return 0;
	if (shim.deed == KILL)
		die();
	return shim.deed == FAIL ? shim.error : shim.deed == SHORTEN || shim.deed == TEAR ? -1 : 0;
}

/* The next definition of a symbol. Looked up at each call: never NULL for what libc has. */
#define REAL(name, type, ...) ((type(*)(__VA_ARGS__))next(#name))

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

#define FAILS(call, fd, path)                       \
	do {                                        \
		int error_ = judge(call, fd, path); \
		if (error_ > 0) {                   \
			errno = error_;             \
			return -1;                  \
		}                                   \
	} while (0)

/* ---- opening: only what may create or change ---------------------------------------------------------------------- */

static bool changes(int dir, const char *path, int flags)
{
	if ((flags & O_ACCMODE) == O_RDONLY && !(flags & O_CREAT))
		return false;
	return !shim.sparse || (flags & O_TRUNC) ||
	       ((flags & O_CREAT) && syscall(SYS_faccessat, dir, path, F_OK) != 0);
}

static int opened(int dir, const char *path, int flags, mode_t mode)
{
	bool is_new = shim.on && (flags & O_CREAT) && syscall(SYS_faccessat, dir, path, F_OK) != 0;
	int fd = (int)syscall(SYS_openat, dir, path, flags, mode);

	if (fd >= 0 && is_new)
		diary_fd(RECORD_CREATE, fd, 0, NULL, 0);
	if (fd >= 0 && !is_new && (flags & O_TRUNC))
		diary_fd(RECORD_CUT, fd, 0, NULL, 0);
	return fd;
}

#define OPENER(name, params, args, label)               \
	int name params                                 \
	{                                               \
		mode_t mode = 0;                        \
		if (flags & (O_CREAT | O_TMPFILE)) {    \
			va_list ap;                     \
			va_start(ap, flags);            \
			mode = va_arg(ap, mode_t);      \
			va_end(ap);                     \
		}                                       \
		if (changes(args, path, flags))         \
			FAILS(label, -1, path);         \
		return opened(args, path, flags, mode); \
	}

/* clang-format off */
OPENER(open, (const char *path, int flags, ...), AT_FDCWD, "open")
OPENER(open64, (const char *path, int flags, ...), AT_FDCWD, "open")
OPENER(openat, (int dir, const char *path, int flags, ...), dir, "open")
OPENER(openat64, (int dir, const char *path, int flags, ...), dir, "open")
/* clang-format on */

/* What a fortified program calls when no mode is given. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);

int __open_2(const char *path, int flags)
{
	if (changes(AT_FDCWD, path, flags))
		FAILS("open", -1, path);
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0);
}

int __open64_2(const char *path, int flags)
{
	return __open_2(path, flags);
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

ssize_t write(int fd, const void *data, size_t n)
{
	int r = judge("write", fd, NULL);

	if (r > 0) {
		errno = r;
		return -1;
	}
	ssize_t put = (ssize_t)syscall(SYS_write, fd, data, r < 0 && n > 1 ? n / 2 : n);

	if (r < 0 && shim.deed == TEAR)
		die();
	if (put > 0)
		diary_fd(RECORD_WRITE, fd, (uint64_t)(syscall(SYS_lseek, fd, 0, SEEK_CUR) - put), data,
			 (uint64_t)put);
	return put;
}

ssize_t writev(int fd, const struct iovec *v, int n)
{
	FAILS("writev", fd, NULL);
	return (ssize_t)syscall(SYS_writev, fd, v, n);
}

static ssize_t write_at(int fd, const void *data, size_t n, off_t at)
{
	int r = judge("pwrite64", fd, NULL);

	if (r > 0) {
		errno = r;
		return -1;
	}
	ssize_t put = (ssize_t)syscall(SYS_pwrite64, fd, data, r < 0 && n > 1 ? n / 2 : n, at);

	if (r < 0 && shim.deed == TEAR)
		die();
	if (put > 0)
		diary_fd(RECORD_WRITE, fd, (uint64_t)at, data, (uint64_t)put);
	return put;
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t at)
{
	return write_at(fd, data, n, at);
}

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at)
{
	return write_at(fd, data, n, at);
}

static int synced(int r, int fd)
{
	if (r == 0)
		diary_fd(RECORD_SYNC, fd, 0, NULL, 0);
	return r;
}

static int truncated(int r, int fd, off_t n)
{
	if (r == 0)
		diary_fd(RECORD_CUT, fd, (uint64_t)n, NULL, 0);
	return r;
}

int fsync(int fd)
{
	FAILS("fsync", fd, NULL);
	return synced((int)syscall(SYS_fsync, fd), fd);
}

int fdatasync(int fd)
{
	FAILS("fdatasync", fd, NULL);
	return synced((int)syscall(SYS_fdatasync, fd), fd);
}

int ftruncate(int fd, off_t n)
{
	FAILS("ftruncate", fd, NULL);
	return truncated((int)syscall(SYS_ftruncate, fd, n), fd, n);
}

int ftruncate64(int fd, off64_t n)
{
	FAILS("ftruncate", fd, NULL);
	return truncated((int)syscall(SYS_ftruncate, fd, n), fd, n);
}

int fallocate(int fd, int mode, off_t at, off_t n)
{
	FAILS("fallocate", fd, NULL);
	return (int)syscall(SYS_fallocate, fd, mode, at, n);
}

/* Closing is an instant to die at, not one to fail at; closing what was only read changes nothing. */
int close(int fd)
{
	int flags = shim.on ? (int)syscall(SYS_fcntl, fd, F_GETFL) : -1;

	if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY)
		judge("close", fd, NULL);
	return (int)syscall(SYS_close, fd);
}

/* ---- names -------------------------------------------------------------------------------------------------------- */

int rename(const char *from, const char *to)
{
	FAILS("rename", -1, to);
	int r = (int)syscall(SYS_rename, from, to);

	if (r == 0)
		diary_note(RECORD_RENAME, from, 0, to, strlen(to));
	return r;
}

int unlink(const char *path)
{
	FAILS("unlink", -1, path);
	int r = (int)syscall(SYS_unlink, path);

	if (r == 0)
		diary_note(RECORD_UNLINK, path, 0, NULL, 0);
	return r;
}

int unlinkat(int dir, const char *path, int flags)
{
	FAILS("unlink", -1, path);
	return (int)syscall(SYS_unlinkat, dir, path, flags);
}

int mkdir(const char *path, mode_t mode)
{
	FAILS("mkdir", -1, path);
	return (int)syscall(SYS_mkdir, path, mode);
}

int chmod(const char *path, mode_t mode)
{
	FAILS("chmod", -1, path);
	return (int)syscall(SYS_chmod, path, mode);
}

int fchmod(int fd, mode_t mode)
{
	FAILS("chmod", fd, NULL);
	return (int)syscall(SYS_fchmod, fd, mode);
}

/* ---- network: the real ones, for they may be points of cancellation ----------------------------------------------- */

int connect(int fd, const struct sockaddr *to, socklen_t n)
{
	FAILS("connect", fd, NULL);
	return REAL(connect, int, int, const struct sockaddr *, socklen_t)(fd, to, n);
}

/* What asks leaves nothing behind. */
static bool only_asks(const void *data, size_t n)
{
	return shim.sparse && n > 4 && memcmp(data, "GET ", 4) == 0;
}

ssize_t send(int fd, const void *data, size_t n, int flags)
{
	if (!only_asks(data, n))
		FAILS("send", fd, NULL);
	/* before: what the peer may have heard must be true at once */
	diary_fd(RECORD_NET, fd, 0, data, n);
	return REAL(send, ssize_t, int, const void *, size_t, int)(fd, data, n, flags);
}

ssize_t sendto(int fd, const void *data, size_t n, int flags, const struct sockaddr *to, socklen_t to_n)
{
	FAILS("sendto", fd, NULL);
	return REAL(sendto, ssize_t, int, const void *, size_t, int, const struct sockaddr *,
		    socklen_t)(fd, data, n, flags, to, to_n);
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	FAILS("sendmsg", fd, NULL);
	return REAL(sendmsg, ssize_t, int, const struct msghdr *, int)(fd, m, flags);
}

ssize_t recv(int fd, void *data, size_t n, int flags)
{
	FAILS("recv", fd, NULL);
	return REAL(recv, ssize_t, int, void *, size_t, int)(fd, data, n, flags);
}

int shutdown(int fd, int how)
{
	FAILS("shutdown", fd, NULL);
	return REAL(shutdown, int, int, int)(fd, how);
}

/* ---- time ---------------------------------------------------------------------------------------------------------- */

static int64_t ns_of(const struct timespec *t)
{
	return t->tv_sec * INT64_C(1000000000) + t->tv_nsec;
}

int clock_gettime(clockid_t id, struct timespec *out)
{
	static int64_t start;
	int r = (int)syscall(SYS_clock_gettime, id, out);

	if (r < 0 || shim.speed < 2 || id != CLOCK_MONOTONIC)
		return r;
	int64_t now = ns_of(out);

	if (!start)
		start = now;
	now = start + (now - start) * shim.speed;
	out->tv_sec = now / 1000000000;
	out->tv_nsec = now % 1000000000;
	return 0;
}

int poll(struct pollfd *fds, nfds_t n, int ms)
{
	if (shim.speed > 1 && ms > 0)
		ms = (ms + shim.speed - 1) / shim.speed;
	return (int)syscall(SYS_poll, fds, n, ms);
}
