#include "store/evidence.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

#define HEX 64

static bool is_name(const char *s)
{
	return s && strlen(s) == HEX && strspn(s, "0123456789abcdef") == HEX;
}

/* ---- keeping ------------------------------------------------------------------------------------------------------------ */

static int write_whole(const struct evidence_box *box, int fd, const char *path, const char *bytes, size_t n,
		       struct err *e)
{
	while (n) {
		ssize_t done = write(fd, bytes, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return err_set(e, ERR_STORE, "%s: %s", path,
				       strerrordesc_np(done < 0 ? errno : ENOSPC));
		bytes += done;
		n -= (size_t)done;
	}
	return !box->renewed && fsync(fd) < 0 ? err_set(e, ERR_STORE, "%s: %s", path, strerrordesc_np(errno))
					      : 0;
}

/* A name is durable only when its folder is. */
static int sync_dir(const char *dir, struct err *e)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;

	if (fd < 0 || fsync(fd) < 0)
		r = err_set(e, ERR_STORE, "%s: %s", dir, strerrordesc_np(errno));
	if (fd >= 0)
		close(fd);
	return r;
}

static int write_new(const struct evidence_box *box, const char *path, const void *bytes, size_t n,
		     struct arena *a, struct err *e)
{
	const char *part = arena_printf(a, "%s.part-%d", path, (int)getpid());
	int fd, r;

	(void)unlink(part);
	fd = path_private_open(part, O_WRONLY | O_CREAT | O_EXCL, 0600, e);
	if (fd < 0)
		return err_set(e, ERR_STORE, "cannot keep evidence: %s", part);
	r = write_whole(box, fd, part, bytes, n, e);
	close(fd);
	if (r >= 0 && rename(part, path) < 0)
		r = err_set(e, ERR_STORE, "%s: %s", path, strerrordesc_np(errno));
	if (r < 0)
		(void)unlink(part);
	return r < 0 || box->renewed ? r : sync_dir(box->dir, e);
}

static bool is_there(const struct evidence_box *box, const char *hex)
{
	autofree(buf) struct buf there = BUF_INIT(EVIDENCE_MAX + 1);
	struct err e = ERR_INIT;

	return evidence_read(box, hex, &there, &e) >= 0;
}

/* What is kept anew is not old: else it could be trimmed before whoever kept it has named it. False: it is gone by now. */
static bool renew(const struct evidence_box *box, const char *hex)
{
	struct arena a = ARENA_INIT;
	bool renewed = utimensat(AT_FDCWD, path_join(&a, box->dir, hex), NULL, AT_SYMLINK_NOFOLLOW) == 0;

	arena_done(&a);
	return renewed;
}

int evidence_keep(const struct evidence_box *box, const void *bytes, size_t n, char hex[65], struct err *e)
{
	struct arena a = ARENA_INIT;
	int r;

	if (!box->dir)
		return err_set(e, ERR_STORE, "there is no place for evidence");
	if (n > EVIDENCE_MAX)
		return err_set(e, ERR_INVALID, "evidence of %zu bytes is too large to keep", n);
	box->sha256(bytes, n, hex);
	if (is_there(box, hex) && renew(box, hex))
		return 0;
	r = path_private_dir(box->dir, 0700, e);
	if (r >= 0)
		r = write_new(box, path_join(&a, box->dir, hex), bytes, n, &a, e);
	arena_done(&a);
	return r;
}

/* ---- reading ------------------------------------------------------------------------------------------------------------ */

int evidence_read(const struct evidence_box *box, const char *hex, struct buf *out, struct err *e)
{
	autofree(buf) struct buf bytes = BUF_INIT(EVIDENCE_MAX + 1);
	struct arena a = ARENA_INIT;
	char found[65];
	int r = -ERR_MISSING;

	if (!is_name(hex))
		return err_set(e, ERR_INVALID, "evidence is named by a SHA-256 of 64 hex digits");
	if (box->dir)
		r = path_private_read(&bytes, path_join(&a, box->dir, hex), e);
	arena_done(&a);
	if (r == -ERR_MISSING)
		return err_set(e, ERR_MISSING, "evidence %.12s is not kept here, or no longer", hex);
	if (r < 0)
		return r;
	box->sha256(bytes.s, bytes.n, found);
	if (strcmp(found, hex) != 0)
		return err_set(e, ERR_CORRUPT, "evidence %.12s is damaged: its bytes hash to %.12s", hex,
			       found);
	buf_add(out, bytes.s, bytes.n);
	return out->over ? err_set(e, ERR_INVALID, "evidence %.12s is larger than is read", hex) : 0;
}

/* ---- forgetting --------------------------------------------------------------------------------------------------------- */

/* NULL and 0: there is none, and that is no mistake. */
static DIR *open_box(const struct evidence_box *box, int *r, struct err *e)
{
	DIR *dir = box->dir ? opendir(box->dir) : NULL;

	*r = 0;
	if (!dir && box->dir && errno != ENOENT)
		*r = err_set(e, ERR_STORE, "%s: %s", box->dir, strerrordesc_np(errno));
	return dir;
}

static bool is_ours(int dir, const char *name, struct stat *st)
{
	return is_name(name) && !fstatat(dir, name, st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st->st_mode);
}

int evidence_each(const struct evidence_box *box, evidence_seen_fn fn, void *ctx, struct err *e)
{
	int r;
	DIR *dir = open_box(box, &r, e);
	const struct dirent *one;
	struct stat st;

	if (!dir)
		return r;
	while ((one = readdir(dir)))
		if (is_ours(dirfd(dir), one->d_name, &st))
			fn(ctx, one->d_name, (int64_t)st.st_size);
	closedir(dir);
	return 0;
}

int evidence_trim(const struct evidence_box *box, struct when before, evidence_named_fn named, void *ctx,
		  int64_t *n, struct err *e)
{
	int r;
	DIR *dir = open_box(box, &r, e);
	const struct dirent *one;
	struct stat st;

	*n = 0;
	if (!dir)
		return r;
	while ((one = readdir(dir))) {
		if (!is_ours(dirfd(dir), one->d_name, &st) || (int64_t)st.st_mtime * 1000 >= before.ms ||
		    named(ctx, one->d_name))
			continue;
		if (!unlinkat(dirfd(dir), one->d_name, 0))
			(*n)++;
		else if (r >= 0 && errno != ENOENT)
			r = err_set(e, ERR_STORE, "evidence %.12s cannot be removed from %s: %s", one->d_name,
				    box->dir, strerrordesc_np(errno));
	}
	closedir(dir);
	return r;
}
