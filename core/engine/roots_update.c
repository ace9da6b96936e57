/*
 * roots_update.c - `proof update-root INSTANCE`: the newest trusted root of an instance, out of a mirror that nobody has to
 * believe (core/port/tuf.h). What was seen of the mirror lies in STATE/roots/tuf-INSTANCE, so that nothing goes back.
 */
#include "core/engine/roots.h"
#include "core/engine/tool.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/embed.h"
#include "base/path.h"
#include "base/text.h"

#define SAID_MAX   ((size_t)64 << 10)
#define ANCHOR_MAX ((size_t)512 << 10)
#define TARGET     "trusted_root.json"

/* ---- the mirror ----------------------------------------------------------------------------------------------------------- */

struct asking {
	struct http *http;
	struct loop *loop;
	struct buf *out;
	struct err *e;
	bool answered;
	int r;
};

/* Shops for files answer 403 for what is not there when nobody may list them. */
static void on_answer(void *ctx, const struct http_answer *answer, const struct err *err)
{
	struct asking *q = ctx;

	q->answered = true;
	if (err) {
		*q->e = *err;
		q->r = -(int)err->kind;
	} else if (answer->status == 200) {
		buf_add(q->out, answer->body, answer->body_n);
	} else if (answer->status == 404 || answer->status == 403) {
		q->r = TUF_ABSENT;
	} else {
		q->r = err_set(q->e, ERR_SERVER, "the mirror answers with status %d", answer->status);
	}
	loop_stop(q->loop);
}

static int ask(void *ctx, const char *name, struct buf *out, struct err *e)
{
	struct asking *q = ctx;
	char target[512];
	const struct http_request rq = {
		.method = "GET", .target = target, .accept = "*/*", .max_body = out->max + 1
	};

	snprintf(target, sizeof(target), "/%s", name);
	q->out = out;
	q->e = e;
	q->answered = false;
	q->r = 0;
	if (http_send(q->http, &rq, on_answer, q, e) < 0)
		return -(int)e->kind;
	if (!q->answered)
		loop_run(q->loop);
	return q->r;
}

/* ---- what is remembered ---------------------------------------------------------------------------------------------------- */

struct memory {
	const char *dir;
	struct arena *a;
};

static int recall(void *ctx, const char *name, struct buf *out, struct err *e)
{
	const struct memory *m = ctx;
	const char *path = path_join(m->a, m->dir, name);
	struct err why = ERR_INIT;
	int r = path_private_read(out, path, &why);

	if (r == -ERR_MISSING)
		return TUF_ABSENT;
	if (r < 0)
		*e = why;
	return r;
}

static int remember(void *ctx, const char *name, const void *bytes, size_t n, struct err *e)
{
	const struct memory *m = ctx;
	const char *path = path_join(m->a, m->dir, name);

	if (bytes)
		return roots_write(path, bytes, n, m->a, e);
	if (unlink(path) < 0 && errno != ENOENT)
		return err_set(e, ERR_STORE, "%s: %s", path, strerror(errno));
	return 0;
}

/* ---- the verb ------------------------------------------------------------------------------------------------------------- */

static int read_anchor(struct tooling *j, struct buf *out, struct err *e)
{
	const char *name = j->c.args[1], *file = j->c.opt[OPT_ROOT];

	if (file)
		return path_read(out, file, e);
	for (const struct embedded *f = tuf_anchor_files; f->name; f++)
		if (text_eq(f->name, name))
			buf_add(out, f->data, f->size);
	if (out->n)
		return 0;
	err_set(e, ERR_INVALID, "the program has no root.json of %s to begin with", name);
	return err_hint(e, "--root FILE names one");
}

static bool is_instance(const char *name)
{
	for (const struct embedded *f = trusted_root_files; f->name; f++)
		if (text_eq(f->name, name))
			return true;
	return false;
}

/* Before anything is asked: what is wrong here is usage. */
static int prepare(struct tooling *j, struct buf *anchor, struct http **http, struct err *e)
{
	if (!is_instance(j->c.args[1])) {
		err_set(e, ERR_INVALID, "there is no instance %s", j->c.args[1]);
		return err_hint(e, "public-good, staging or github");
	}
	if (!j->t->mirror) {
		err_set(e, ERR_INVALID, "no mirror is configured");
		return err_hint(e, "--mirror URL, or mirror: in the configuration file");
	}
	if (read_anchor(j, anchor, e) < 0)
		return -ERR_INVALID;
	return j->t->open_mirror(j->t->ctx, http, j->t->mirror, e);
}

static int update(struct tooling *j, struct tuf_found *found, const struct buf *anchor, struct http *http,
		  struct err *e)
{
	struct memory m = { .a = j->t->arena };
	struct asking q = { .http = http, .loop = j->t->loop };
	const struct tuf_place mirror = { ask, NULL, &q }, cache = { recall, remember, &m };
	const struct tuf_from from = { .anchor = anchor->s,
				       .anchor_n = anchor->n,
				       .cache = &cache,
				       .mirror = &mirror,
				       .now = clock_wall(loop_clock(j->t->loop)) };
	int r;

	m.dir = path_join(m.a, j->t->roots_dir, arena_printf(m.a, "tuf-%s", j->c.args[1]));
	r = path_private_dir(j->t->roots_dir, 0700, e);
	if (r >= 0)
		r = path_private_dir(m.dir, 0700, e);
	return r < 0 ? r : j->t->tuf(found, &from, TARGET, j->t->arena, e);
}

static int import(struct tooling *j, const struct tuf_found *found, struct buf *said, struct err *e)
{
	const struct roots_from from = { .ops = j->t->attest,
					 .dir = j->t->roots_dir,
					 .now = clock_wall(loop_clock(j->t->loop)) };

	if (!roots_is_of(found->bytes, found->n, j->c.args[1]))
		return err_set(e, ERR_POLICY, "what the mirror has is no trusted root of %s", j->c.args[1]);
	return roots_take(&from, found->bytes, found->n, j->c.opt[OPT_FORCE] != NULL, said, j->t->arena, e);
}

static void say(struct tooling *j, const struct tuf_found *f, struct buf *said)
{
	char until[WHEN_TEXT];
	char *rest = NULL;

	if (!j->t->json) {
		buf_fmt(&j->out,
			"root.json was version %" PRId64 ", is %" PRId64 "; timestamp %" PRId64
			", snapshot %" PRId64 ", targets %" PRId64 "; good until %s\n%s",
			f->root_before, f->root, f->timestamp, f->snapshot, f->targets,
			when_iso(f->until, until), said->s);
		return;
	}
	jw_open(&j->w, '{');
	jw_kstr(&j->w, "updated", j->c.args[1]);
	jw_kint(&j->w, "root_before", f->root_before);
	jw_kint(&j->w, "root", f->root);
	jw_kint(&j->w, "timestamp", f->timestamp);
	jw_kint(&j->w, "snapshot", f->snapshot);
	jw_kint(&j->w, "targets", f->targets);
	jw_kwhen(&j->w, "until", f->until);
	jw_kopen(&j->w, "changes", '[');
	for (char *line = strtok_r(said->s, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		jw_str(&j->w, line);
	jw_close(&j->w, ']');
	jw_close(&j->w, '}');
}

static int do_update(struct tooling *j)
{
	autofree(buf) struct buf anchor = BUF_INIT(ANCHOR_MAX), said = BUF_INIT(SAID_MAX);
	struct tuf_found found = { 0 };
	struct http *http = NULL;
	struct err e = ERR_INIT;
	int r = prepare(j, &anchor, &http, &e);

	if (r < 0)
		return tool_fail(j, 2, &e);
	r = update(j, &found, &anchor, http, &e);
	http_free(http);
	if (r >= 0)
		r = import(j, &found, &said, &e);
	if (r < 0) /* an anchor that is none was named wrongly */
		return tool_fail(j, e.kind == ERR_CORRUPT ? 2 : err_exit_status(e.kind), &e);
	say(j, &found, &said);
	return tool_finish(j, 0);
}

const struct tool_action update_action = { "update-root", " INSTANCE [--mirror URL] [--root FILE] [--force]",
					   2, do_update };
