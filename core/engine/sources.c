#include "core/engine/tool.h"

#include "base/path.h"
#include "base/text.h"
#include "core/profile/draft.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 256, FILE_BYTES = 1 << 20 };

#define FOLDER ".github/workflows"

static bool is_yaml(const char *name)
{
	size_t n = strlen(name);

	return (n > 4 && strcmp(name + n - 4, ".yml") == 0) || (n > 5 && strcmp(name + n - 5, ".yaml") == 0);
}

static void add(struct draft_files *out, const char *name, const char *text, size_t n, struct arena *a)
{
	char *copy = arena_alloc(a, n + 1);

	if (n)
		memcpy(copy, text, n);
	copy[n] = 0;
	*vec_push(out, a) = (struct draft_file){ .name = arena_strdup(a, name), .text = copy, .n = n };
}

/* ---- from a folder ------------------------------------------------------------------------------------------------------ */

static int only_yaml(const struct dirent *d)
{
	return is_yaml(d->d_name);
}

static int read_one(struct draft_files *out, const char *dir, const char *name, struct arena *a,
		    struct err *e)
{
	autofree(buf) struct buf text = BUF_INIT(FILE_BYTES);
	int r = path_read(&text, path_join(a, dir, name), e);

	if (r == 0)
		add(out, name, text.n ? text.s : "", text.n, a);
	return r;
}

int sources_local(struct draft_files *out, const char *dir, struct arena *a, struct err *e)
{
	const char *place = path_join(a, dir, FOLDER);
	struct dirent **list = NULL;
	int n = scandir(place, &list, only_yaml, alphasort), r = 0;

	if (n < 0 && errno == ENOENT) {
		place = dir;
		n = scandir(place, &list, only_yaml, alphasort);
	}
	if (n < 0)
		return err_set(e, ERR_INVALID, "%s cannot be read: %s", place, strerror(errno));
	for (int i = 0; i < n; i++) {
		if (r == 0 && i < FILES_MAX)
			r = read_one(out, place, list[i]->d_name, a, e);
		free(list[i]);
	}
	free(list);
	if (r == 0 && n == 0)
		r = err_set(e, ERR_MISSING, "there is no workflow file in %s", place);
	return r;
}

/* ---- from the forge ------------------------------------------------------------------------------------------------------ */

/* One reading at a time: a person waits once, and the limit is kept. */
struct reading {
	struct forge *forge;
	struct loop *loop;
	struct arena *a;
	struct draft_files *out;
	const char *repo, *paths[FILES_MAX];
	size_t n, at;
	struct err err;
};

static void read_next(struct reading *r);

static void stop(struct reading *r, const struct err *err)
{
	if (err)
		r->err = *err;
	loop_stop(r->loop);
}

/* A file that the list has and the default branch has not is passed over: it was deleted there. */
static void on_file(void *ctx, const struct forge_answer *answer, const struct err *err)
{
	struct reading *r = ctx;
	const char *path = r->paths[r->at++];

	if (err && err->kind != ERR_MISSING) {
		stop(r, err);
		return;
	}
	if (!err && answer->number >= 0 && answer->number <= FILE_BYTES)
		add(r->out, path + strlen(FOLDER "/"), answer->text, (size_t)answer->number, r->a);
	read_next(r);
}

static void read_next(struct reading *r)
{
	const struct forge_read q = { .kind = FORGE_FILE,
				      .repo = r->repo,
				      .name = r->at < r->n ? r->paths[r->at] : NULL };
	struct err e = ERR_INIT;

	if (!q.name)
		stop(r, NULL);
	else if (forge_read(r->forge, &q, on_file, r, &e) < 0)
		stop(r, &e);
}

static void on_list(void *ctx, const struct forge_answer *answer, const struct err *err)
{
	struct reading *r = ctx;
	const struct workflow_file *files = answer ? answer->items : NULL;

	if (err) {
		stop(r, err);
		return;
	}
	for (size_t i = 0; i < answer->n && r->n < FILES_MAX; i++) {
		const char *path = files[i].path;

		if (path && text_starts(path, FOLDER "/") && is_yaml(path) &&
		    !strchr(path + strlen(FOLDER "/"), '/'))
			r->paths[r->n++] = arena_strdup(r->a, path);
	}
	read_next(r);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct draft_file *)a)->name, ((const struct draft_file *)b)->name);
}

int sources_forge(struct draft_files *out, struct forge *forge, struct loop *loop, const char *repo,
		  struct arena *a, struct err *e)
{
	struct reading r = { .forge = forge, .loop = loop, .a = a, .out = out, .repo = repo };
	const struct forge_read q = { .kind = FORGE_WORKFLOWS, .repo = repo, .pages = 5 };
	int x = forge_read(forge, &q, on_list, &r, e);

	if (x < 0)
		return x;
	loop_run(loop);
	if (r.err.kind) {
		*e = r.err;
		return -(int)r.err.kind;
	}
	if (!out->n)
		return err_set(e, ERR_MISSING, "%s has no workflow file", repo);
	qsort(out->items, out->n, sizeof(*out->items), by_name);
	return 0;
}
