#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define OURS         "pilothouse"
#define OTHERS_WRITE (S_IWGRP | S_IWOTH)
#define PERMISSIONS  0777u
#define READ_AT_ONCE 8192 /* on the stack: what a console reads is small, and a heap keeps what it once had */
#define FALLBACK_BIN "/usr/bin"

static int home_dir(const char **out, struct arena *a, const char *below, struct err *e)
{
	const char *home = getenv("HOME");

	if (!home || home[0] != '/') {
		err_set(e, ERR_STORE, "HOME is not set to an absolute path");
		err_hint(e, "set HOME, or the XDG base directories");
		return -ERR_STORE;
	}
	*out = arena_printf(a, "%s/%s/" OURS, home, below);
	return 0;
}

/* The XDG specification says that a path in these variables that is not absolute is to be ignored. */
static const char *xdg_dir(struct arena *a, const char *variable)
{
	const char *dir = getenv(variable);

	return dir && dir[0] == '/' ? path_join(a, dir, OURS) : NULL;
}

int path_state(const char **out, struct arena *a, struct err *e)
{
	*out = xdg_dir(a, "XDG_STATE_HOME");
	return *out ? 0 : home_dir(out, a, ".local/state", e);
}

int path_cache(const char **out, struct arena *a, struct err *e)
{
	*out = xdg_dir(a, "XDG_CACHE_HOME");
	return *out ? 0 : home_dir(out, a, ".cache", e);
}

/* Who may write there may put another directory in the place of ours. After su it is often another person's. */
static const char *unfit_runtime(const char *dir, struct arena *a)
{
	struct stat st;

	if (stat(dir, &st))
		return errno == ENOENT ? NULL : arena_printf(a, "%s: %s", dir, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return arena_printf(a, "%s is no directory", dir);
	if (st.st_uid != geteuid())
		return arena_printf(a, "%s belongs to user %u, not to us", dir, (unsigned)st.st_uid);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return arena_printf(a, "%s is open to others (mode %04o)", dir,
				    (unsigned)st.st_mode & PERMISSIONS);
	return NULL;
}

int path_runtime(const char **out, const char **why, struct arena *a, struct err *e)
{
	const char *dir = xdg_dir(a, "XDG_RUNTIME_DIR");
	const char *unfit = dir ? unfit_runtime(getenv("XDG_RUNTIME_DIR"), a) : NULL;

	if (why)
		*why = unfit;
	if (!dir || unfit)
		return path_state(out, a, e);
	*out = dir;
	return 0;
}

const char *path_join(struct arena *a, const char *dir, const char *name)
{
	size_t n = strlen(dir);

	while (n > 0 && dir[n - 1] == '/')
		n--;
	return arena_printf(a, "%.*s/%s", (int)n, dir, name);
}

static int refuse(struct err *e, const char *path, int error)
{
	if (error == ELOOP)
		return err_set(e, ERR_STORE, "%s is a symbolic link", path);
	return err_set(e, error == ENOENT ? ERR_MISSING : ERR_STORE, "%s: %s", path, strerror(error));
}

/* The mode is set a second time because mkdir(2) takes the umask off. An existing directory is left as it is. */
static int make_one(const char *dir, mode_t mode, struct err *e)
{
	if (!mkdir(dir, mode))
		return chmod(dir, mode) ? refuse(e, dir, errno) : 0;
	if (errno == EEXIST)
		return 0;
	return err_set(e, ERR_STORE, "cannot make the directory %s: %s", dir, strerror(errno));
}

static int make_parents(char *dir, struct err *e)
{
	for (char *slash = strchr(dir + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		int r;

		*slash = '\0';
		r = access(dir, F_OK) ? make_one(dir, S_IRWXU, e) : 0;
		*slash = '/';
		if (r)
			return r;
	}
	return 0;
}

static int check_owner(const struct stat *st, const char *path, struct err *e)
{
	if (st->st_uid != geteuid())
		return err_set(e, ERR_STORE, "%s belongs to user %u, not to us", path, (unsigned)st->st_uid);
	if (st->st_mode & OTHERS_WRITE) {
		err_set(e, ERR_STORE, "%s may be written by others (mode %04o)", path,
			(unsigned)st->st_mode & PERMISSIONS);
		err_hint(e, "chmod go-w it, after a look at what is in it");
		return -ERR_STORE;
	}
	return 0;
}

static int check_dir(const char *dir, struct err *e)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int r;

	/* Linux answers ENOTDIR, not ELOOP, for a link when both flags are given. */
	if (fd < 0 && errno == ENOTDIR && !lstat(dir, &st) && S_ISLNK(st.st_mode))
		return refuse(e, dir, ELOOP);
	if (fd < 0)
		return refuse(e, dir, errno);
	r = fstat(fd, &st) ? refuse(e, dir, errno) : check_owner(&st, dir, e);
	close(fd);
	return r;
}

int path_private_dir(const char *dir, mode_t mode, struct err *e)
{
	char copy[PATH_MAX];
	size_t n = strlen(dir);
	int r;

	while (n > 1 && dir[n - 1] == '/')
		n--;
	if (!n || n >= sizeof(copy))
		return err_set(e, ERR_STORE, "the name of a directory is empty or too long");
	memcpy(copy, dir, n);
	copy[n] = '\0';
	r = make_parents(copy, e);
	if (!r)
		r = make_one(copy, mode, e);
	return r ? r : check_dir(copy, e);
}

/* Cut to the directory itself, or to the nearest of its parents that is there. */
static void cut_to_present(char *dir)
{
	struct stat st;

	while (lstat(dir, &st) && (errno == ENOENT || errno == ENOTDIR) && strrchr(dir, '/') > dir)
		*strrchr(dir, '/') = '\0';
}

static int check_room(const char *dir, uint64_t *room, struct err *e)
{
	uint64_t least = *room;
	struct statvfs v;

	*room = 0;
	if (statvfs(dir, &v))
		return refuse(e, dir, errno);
	if (v.f_blocks == 0)
		return 0;
	*room = (uint64_t)v.f_bavail * v.f_frsize;
	if (*room >= least)
		return 0;
	err_set(e, ERR_STORE, "there is no room left on the disk of %s (%llu KiB free)", dir,
		(unsigned long long)*room / 1024);
	return err_hint(e, "make room there, or name other directories by --state-dir and --cache-dir");
}

int path_writable_dir(const char *dir, uint64_t *room, struct err *e)
{
	char copy[PATH_MAX];
	size_t n = strlen(dir);
	struct stat st;
	int r = 0;

	if (!n || n >= sizeof(copy))
		return err_set(e, ERR_STORE, "the name of a directory is empty or too long");
	memcpy(copy, dir, n + 1);
	cut_to_present(copy);
	if (!strcmp(copy, dir))
		r = check_dir(copy, e);
	else if (stat(copy, &st) || !S_ISDIR(st.st_mode))
		r = err_set(e, ERR_STORE, "%s cannot be made: %s is no directory", dir, copy);
	if (!r && faccessat(AT_FDCWD, copy, W_OK | X_OK, AT_EACCESS))
		r = err_set(e, ERR_STORE, "%s cannot be %s: %s", dir, strcmp(copy, dir) ? "made" : "written",
			    strerror(errno));
	if (r && e)
		(void)err_hint(
			e, "change who owns it or its mode, or name others by --state-dir and --cache-dir");
	return r ? r : check_room(copy, room, e);
}

/* mode 0 when the file is not ours to create: then its permissions are only checked. */
static int check_file(int fd, const char *path, mode_t mode, struct err *e)
{
	struct stat st;
	int r;

	if (fstat(fd, &st))
		return refuse(e, path, errno);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_STORE, "%s is not a regular file", path);
	if (st.st_nlink != 1)
		return err_set(e, ERR_STORE, "%s has %ju names (hard links)", path, (uintmax_t)st.st_nlink);
	r = check_owner(&st, path, e);
	if (r)
		return r;
	if (mode && (st.st_mode & PERMISSIONS) != mode && fchmod(fd, mode))
		return refuse(e, path, errno);
	return 0;
}

int path_private_open(const char *path, int flags, mode_t mode, struct err *e)
{
	/* Cut only after the checks. Not blocking, because a fifo of that name would hold us before them. */
	int fd = open(path, (flags & ~O_TRUNC) | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, mode);
	int r;

	if (fd < 0)
		return refuse(e, path, errno);
	r = check_file(fd, path, flags & O_CREAT ? mode : 0, e);
	if (!r && (flags & O_TRUNC) && ftruncate(fd, 0))
		r = refuse(e, path, errno);
	if (!r)
		return fd;
	close(fd);
	return r;
}

int path_read_open(struct buf *out, int fd, const char *path, struct err *e)
{
	char chunk[READ_AT_ONCE];
	ssize_t n;
	int r = 0;

	do {
		n = read(fd, chunk, READ_AT_ONCE);
		if (n > 0)
			buf_add(out, chunk, (size_t)n);
	} while ((n > 0 && !out->over) || (n < 0 && errno == EINTR));
	if (n < 0)
		r = refuse(e, path, errno);
	else if (out->over)
		r = err_set(e, ERR_INVALID, "%s is larger than %zu bytes", path, out->max);
	return r;
}

int path_private_read(struct buf *out, const char *path, struct err *e)
{
	int fd = path_private_open(path, O_RDONLY, 0, e), r;

	if (fd < 0)
		return fd;
	r = path_read_open(out, fd, path, e);
	close(fd);
	return r;
}

/* A pipe that somebody writes is read to its end, as `<(...)` of a shell makes it; one without a writer reads as empty. */
static int read_any(struct buf *out, int fd, const char *path, struct err *e)
{
	struct stat st;
	int r;

	if (fstat(fd, &st) || fcntl(fd, F_SETFL, 0))
		return refuse(e, path, errno);
	r = path_read_open(out, fd, path, e);
	if (!r && !out->n && S_ISFIFO(st.st_mode))
		return err_set(e, ERR_STORE, "%s is a pipe, and nobody writes to it", path);
	return r;
}

int path_read(struct buf *out, const char *path, struct err *e)
{
	/* Opened without waiting for a writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int r;

	if (fd < 0)
		return refuse(e, path, errno);
	r = read_any(out, fd, path, e);
	close(fd);
	return r;
}

int path_read_named(struct buf *out, const char *what, const char *path, struct err *e)
{
	struct err why = ERR_INIT;

	return path_read(out, path, &why) < 0 ? err_set(e, ERR_INVALID, "%s %s", what, why.message) : 0;
}

const char *path_program_dir(struct arena *a)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self));
	const char *slash = n > 0 && (size_t)n < sizeof(self) ? memrchr(self, '/', (size_t)n) : NULL;

	if (!slash || slash == self)
		return FALLBACK_BIN;
	return arena_strndup(a, self, (size_t)(slash - self));
}
