#include "core/engine/planfile.h"

#include "base/json_canonical.h"
#include "base/path.h"
#include "base/text.h"
#include "core/port/sign.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES_MAX 4096 /* entries of a directory that are looked at */

/* ---- writing ---------------------------------------------------------------------------------------------------------- */

static int write_whole(int fd, const char *path, const char *text, size_t n, struct err *e)
{
	while (n) {
		ssize_t done = write(fd, text, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return err_set(e, ERR_STORE, "%s: %s", path, strerror(done < 0 ? errno : ENOSPC));
		text += done;
		n -= (size_t)done;
	}
	return fsync(fd) < 0 ? err_set(e, ERR_STORE, "%s: %s", path, strerror(errno)) : 0;
}

/* Under another name first: whoever sees the file sees all of it. 1: replace was not allowed, and there is one. */
static int write_new(const char *path, const char *text, size_t n, bool replace, struct arena *a,
		     struct err *e)
{
	const char *part = arena_printf(a, "%s.part-%d", path, (int)getpid());
	int fd, r;

	(void)unlink(part);
	fd = path_private_open(part, O_WRONLY | O_CREAT | O_EXCL, 0600, e);
	if (fd < 0)
		return fd;
	r = write_whole(fd, part, text, n, e);
	close(fd);
	if (r >= 0 && renameat2(AT_FDCWD, part, AT_FDCWD, path, replace ? 0 : RENAME_NOREPLACE) < 0)
		r = errno == EEXIST ? 1 : err_set(e, ERR_STORE, "%s: %s", path, strerror(errno));
	if (r)
		(void)unlink(part);
	return r;
}

int plan_file_save(const char *dir, const char *id, const char *document, const char **path, struct arena *a,
		   struct err *e)
{
	autofree(buf) struct buf there = BUF_INIT(PLAN_DOCUMENT_MAX);
	int r;

	if (!dir)
		return err_set(e, ERR_STORE, "there is no place for plans");
	r = path_private_dir(dir, 0700, e);
	if (r < 0)
		return r;
	*path = path_join(a, dir, arena_printf(a, "%s.json", id));
	r = write_new(*path, document, strlen(document), false, a, e);
	if (r <= 0)
		return r;
	r = path_private_read(&there, *path, e);
	if (r < 0)
		return r;
	if (!text_eq(there.s, document))
		return err_set(e, ERR_CORRUPT, "%s is damaged: it is not the plan of its name", *path);
	return 1;
}

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

/* Of a plan that somebody sent, and what lies beside it: a pipe would be waited for without end. */
static int read_regular(struct buf *out, const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), r;
	struct stat st = { 0 };

	if (fd < 0)
		return err_set(e, errno == ENOENT ? ERR_MISSING : ERR_INVALID, "cannot open %s: %s", path,
			       strerrordesc_np(errno));
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		r = path_read_open(out, fd, path, e);
	else
		r = err_set(e, ERR_INVALID, "%s is no regular file", path);
	close(fd);
	return r;
}

static int no_plan(struct err *e, const char *path)
{
	return err_set(e, ERR_CORRUPT, "%s is no plan", path);
}

static int take_document(struct plan_file *out, const struct buf *text, const char *path, sha256_fn sha256,
			 struct arena *a, struct err *e)
{
	autofree(json) struct json *doc = NULL;

	if (!json_is_canonical(text->s, text->n) ||
	    json_parse(&doc, text->s, text->n, PLAN_DOCUMENT_MAX, NULL) < 0 ||
	    !text_eq(json_str(doc, "format"), PLAN_FORMAT) ||
	    json_type(json_get(doc, "relies_on")) != JSON_OBJECT)
		return no_plan(e, path);
	sha256(text->s, text->n, out->id);
	out->path = arena_strdup(a, path);
	out->document = arena_strndup(a, text->s, text->n);
	out->n = text->n;
	return 0;
}

int plan_file_read(struct plan_file *out, const char *path, sha256_fn sha256, struct arena *a, struct err *e)
{
	autofree(buf) struct buf text = BUF_INIT(PLAN_DOCUMENT_MAX);
	int r = read_regular(&text, path, e);

	return r < 0 ? r : take_document(out, &text, path, sha256, a, e);
}

static bool is_hex(const char *s, size_t n)
{
	return strspn(s, "0123456789abcdef") >= n;
}

/* The one name in DIR that begins so, or how many there are. */
static int find_name(const char *dir, const char *given, char id[DIGEST_HEX])
{
	DIR *d = opendir(dir);
	const struct dirent *one;
	int found = 0;

	for (int i = 0; d && i < NAMES_MAX && (one = readdir(d)); i++) {
		const char *name = one->d_name;

		if (strlen(name) != 64 + 5 || !is_hex(name, 64) || strcmp(name + 64, ".json") != 0 ||
		    !text_starts(name, given))
			continue;
		memcpy(id, name, 64);
		id[64] = '\0';
		found++;
	}
	if (d)
		closedir(d);
	return found;
}

int plan_file_find(struct plan_file *out, const char *dir, const char *given, sha256_fn sha256,
		   struct arena *a, struct err *e)
{
	autofree(buf) struct buf text = BUF_INIT(PLAN_DOCUMENT_MAX);
	char id[DIGEST_HEX];
	const char *path;
	int found, r;

	if (!plan_is_name(given))
		return err_set(e, ERR_INVALID, "%s is no name of a plan: at least %d hex digits", given,
			       PLAN_SHOWN);
	found = dir ? find_name(dir, given, id) : 0;
	if (found != 1)
		return err_set(e, found ? ERR_INVALID : ERR_MISSING,
			       found ? "several plans begin with %s" : "no plan %s is kept here", given);
	path = path_join(a, dir, arena_printf(a, "%s.json", id));
	r = path_private_read(&text, path, e);
	if (r >= 0)
		r = take_document(out, &text, path, sha256, a, e);
	if (r >= 0 && strcmp(out->id, id) != 0)
		r = err_set(e, ERR_CORRUPT, "%s was altered: its digest is %.8s", path, out->id);
	return r;
}

/* ---- signatures ------------------------------------------------------------------------------------------------------- */

static int by_path(const void *x, const void *y)
{
	const struct plan_signature *a = x, *b = y;

	return strcmp(a->path, b->path);
}

static void take_signature(struct plan_signatures *out, const char *path, struct arena *a)
{
	autofree(buf) struct buf text = BUF_INIT(SIGN_MAX);
	struct plan_signature *s = vec_push(out, a);

	*s = (struct plan_signature){ .path = path, .text = "" };
	if (read_regular(&text, path, NULL) < 0)
		return;
	s->text = arena_copy(a, text.s, text.n);
	s->n = text.n;
}

int plan_file_signatures(struct plan_signatures *out, const char *path, struct arena *a, struct err *e)
{
	const char *slash = strrchr(path, '/');
	const char *dir = !slash ? "." : slash == path ? "/" : arena_strndup(a, path, (size_t)(slash - path));
	const char *prefix = arena_printf(a, "%s.sig.", slash ? slash + 1 : path);
	DIR *d = opendir(dir);
	const struct dirent *one;
	int r = 0;

	for (int i = 0; d && i < NAMES_MAX && (one = readdir(d)); i++) {
		if (!text_starts(one->d_name, prefix) || strstr(one->d_name, ".part-"))
			continue;
		if (out->n == PLAN_SIGNATURES_MAX) {
			r = err_set(e, ERR_INVALID, "more than %d signatures lie beside %s",
				    PLAN_SIGNATURES_MAX, path);
			break;
		}
		take_signature(out, path_join(a, dir, one->d_name), a);
	}
	if (d)
		closedir(d);
	if (out->n)
		qsort(out->items, out->n, sizeof(out->items[0]), by_path);
	return r;
}

int plan_file_sign(const char *path, const char *fingerprint, const struct buf *armoured, const char **where,
		   struct arena *a, struct err *e)
{
	const char *colon = strchr(fingerprint, ':');
	char *key = arena_strdup(a, colon ? colon + 1 : fingerprint);

	for (char *c = key; *c; c++)
		*c = *c == '/' ? '_' : *c == '+' ? '-' : *c;
	*where = arena_printf(a, "%s.sig.%s", path, key);
	return write_new(*where, armoured->s, armoured->n, true, a, e);
}

int plan_signers_read(struct buf *out, const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct stat st = { 0 };
	bool safe = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		    (st.st_uid == 0 || st.st_uid == getuid()) && !(st.st_mode & 022);
	int missing = fd < 0 && errno == ENOENT, r;

	if (missing)
		return err_set(e, ERR_MISSING, "there is no %s", path);
	r = safe ? path_read_open(out, fd, path, e)
		 : err_set(e, ERR_STORE,
			   "%s is not yours or the superuser's alone to write, or no regular file", path);
	if (fd >= 0)
		close(fd);
	return r;
}
