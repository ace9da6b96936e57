#include "base/secret.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_ROOM = 256 };

static int refuse(const char *path, const char *why, struct err *e)
{
	err_set(e, ERR_INVALID, "the token file %s %s", path, why);
	err_hint(e, "chmod 600 a copy of your own, or mount the service account's token");
	return -ERR_INVALID;
}

static bool is_trusted(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

/* Nobody else can put another file there: in a sticky folder of root they can only add. */
static bool is_kept(const struct stat *st)
{
	bool sticky = st->st_uid == 0 && (st->st_mode & S_ISVTX);

	return is_trusted(st) && (sticky || !(st->st_mode & (S_IWGRP | S_IWOTH)));
}

/* Where the link beside `dir` leads; it is root's or ours, and no longer than a name. */
static bool read_link(int dir, const char *name, char out[NAME_ROOM])
{
	struct stat st;
	ssize_t n;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISLNK(st.st_mode) || !is_trusted(&st))
		return false;
	n = readlinkat(dir, name, out, NAME_ROOM - 1);
	if (n <= 0 || n >= NAME_ROOM - 1)
		return false;
	out[n] = 0;
	return true;
}

static int read_value(struct secret *s, int fd, const char *path, struct err *e)
{
	char text[SECRET_MAX + 2];
	size_t n = 0;
	ssize_t got;
	int r;

	do {
		got = read(fd, text + n, sizeof(text) - 1 - n);
		if (got > 0)
			n += (size_t)got;
	} while (n < sizeof(text) - 1 && (got > 0 || (got < 0 && errno == EINTR)));
	if (n && text[n - 1] == '\n')
		n--;
	text[n] = 0;
	if (got < 0)
		r = refuse(path, strerror(errno), e);
	else if (strlen(text) != n)
		r = refuse(path, "is no text", e);
	else
		r = secret_set(s, text, e);
	explicit_bzero(text, sizeof(text));
	return r;
}

static int read_plain(struct secret *s, int dir, const char *name, const char *path, struct err *e)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK), r;
	struct stat st;

	if (fd < 0)
		return refuse(path, "cannot be opened where its link leads", e);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		r = refuse(path, "is not a regular file", e);
	else if (!is_trusted(&st) || (st.st_mode & (S_IWGRP | S_IWOTH)))
		r = refuse(path, "can be written by others", e);
	else
		r = read_value(s, fd, path, e);
	close(fd);
	return r;
}

/* `dir` holds NAME -> ..data/NAME and ..data -> ..SOMETHING. */
static int read_projected(struct secret *s, int dir, const char *name, const char *path, struct err *e)
{
	char to[NAME_ROOM], data[NAME_ROOM];
	struct stat st;
	int there, r;

	if (fstat(dir, &st) < 0 || !is_kept(&st))
		return refuse(path, "is a link in a folder that others can write to", e);
	if (!read_link(dir, name, to) || strncmp(to, "..data/", 7) != 0 || strcmp(to + 7, name) != 0 ||
	    !read_link(dir, "..data", data) || strncmp(data, "..", 2) != 0 || !data[2] || strchr(data, '/'))
		return refuse(path, "is a link, and not one as a service account's token is", e);
	there = openat(dir, data, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (there < 0)
		return refuse(path, "leads to no folder beside it", e);
	r = fstat(there, &st) < 0 || !is_kept(&st)
		    ? refuse(path, "is a link to a folder that others can write to", e)
		    : read_plain(s, there, name, path, e);
	close(there);
	return r;
}

int secret_read_mounted(struct secret *s, const char *path, struct err *e)
{
	struct arena a = ARENA_INIT;
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *folder = !slash          ? "."
			     : slash == path ? "/"
					     : arena_strndup(&a, path, (size_t)(slash - path));
	struct stat st;
	int dir, r;

	if (lstat(path, &st) < 0 || !S_ISLNK(st.st_mode)) {
		r = secret_read_file(s, path, e);
	} else {
		dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
		r = dir < 0 ? refuse(path, strerror(errno), e) : read_projected(s, dir, name, path, e);
		if (dir >= 0)
			close(dir);
	}
	arena_done(&a);
	return r;
}
