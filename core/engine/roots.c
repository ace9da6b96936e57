#include "core/engine/roots.h"

#include "base/embed.h"
#include "base/json.h"
#include "base/path.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* An instance, the host that tells its roots from others, and when the root in the program was taken from its source
 * (core/engine/roots/README.md). */
static const struct {
	const char *name, *host;
	const char *taken;
} instances[] = {
	{ "public-good", "sigstore.dev", "2026-08-21T00:00:00Z" },
	{ "staging", "sigstage.dev", "2026-08-19T00:00:00Z" },
	{ "github", "githubapp.com", "2026-08-19T00:00:00Z" },
};

struct held {
	struct trusted t;
	struct attest_root *root;
};
struct roots {
	const struct attest_ops *ops;
	struct arena arena;
	struct held held[countof(instances)];
	size_t n;
};

static int hold(struct roots *r, struct held *out, const struct trusted *t, struct err *e)
{
	struct attest_root *root = NULL;
	int rc = r->ops->root_parse(&root, t->json, t->n, e);

	if (rc < 0)
		return rc;
	*out = (struct held){ .t = *t, .root = root };
	out->t.name = arena_strdup(&r->arena, t->name);
	out->t.json = arena_strndup(&r->arena, t->json, t->n);
	out->t.root = root;
	return 0;
}

/* ---- what they hold ----------------------------------------------------------------------------------------------------- */

static const char *const lists[] = { "certificateAuthorities", "timestampAuthorities", "tlogs", "ctlogs" };

/* When one of an authority or log may be believed. */
static const struct json *window_of(const struct json *one)
{
	const struct json *key = json_get(one, "publicKey");

	return json_get(key ? key : one, "validFor");
}

static void take_start(struct when *newest, const struct json *window)
{
	const char *start = json_str(window, "start");
	struct when at;

	if (start && when_parse(&at, start) == 0 && when_diff(at, *newest) > 0)
		*newest = at;
}

/* When the newest of its authorities and logs began: an old root lacks the newer ones. */
static struct when newest_of(const char *text, size_t n)
{
	autofree(json) struct json *doc = NULL;
	struct when newest = WHEN_NONE;

	if (json_parse(&doc, text, n, ATTEST_ROOT_MAX, NULL) < 0)
		return newest;
	for (size_t i = 0; i < countof(lists); i++) {
		const struct json *list = json_get(doc, lists[i]);

		for (size_t k = 0; k < json_size(list); k++)
			take_start(&newest, window_of(json_at(list, k)));
	}
	return newest;
}

/* ---- where they are ----------------------------------------------------------------------------------------------------- */

static int hold_embedded(struct roots *r, size_t i, struct err *e)
{
	struct trusted t = { .name = instances[i].name };

	for (const struct embedded *f = trusted_root_files; f->name; f++)
		if (text_eq(f->name, t.name)) {
			t.json = f->data;
			t.n = f->size;
		}
	if (!t.json || when_parse(&t.taken, instances[i].taken) < 0)
		return err_set(e, ERR_CORRUPT, "the trusted root %s is not in the program", t.name);
	return hold(r, &r->held[r->n++], &t, e);
}

static int read_file(struct buf *out, struct when *taken, const char *path, struct err *e)
{
	struct stat st;
	int fd = path_private_open(path, O_RDONLY, 0, e), r;

	if (fd < 0)
		return fd;
	r = fstat(fd, &st) < 0 ? err_set(e, ERR_STORE, "%s: %s", path, strerror(errno))
			       : path_read_open(out, fd, path, e);
	close(fd);
	taken->ms = (int64_t)st.st_mtime * 1000;
	return r;
}

static const char *place_of(const struct roots_from *from, const char *name, struct arena *a)
{
	return path_join(a, from->dir, arena_printf(a, "%s.json", name));
}

/* One that is there takes the place of *mine, unless the program is younger than it. */
static void hold_imported(struct roots *r, struct held *mine, const struct roots_from *from,
			  const char **note, struct arena *a)
{
	autofree(buf) struct buf text = BUF_INIT(ATTEST_ROOT_MAX);
	struct err e = ERR_INIT;
	struct trusted t = { .name = mine->t.name, .imported = true };
	struct held other;
	int rc;

	if (!from->dir)
		return;
	rc = read_file(&text, &t.taken, place_of(from, t.name, a), &e);
	if (rc == -ERR_MISSING)
		return;
	t.json = text.s;
	t.n = text.n;
	if (rc >= 0)
		rc = hold(r, &other, &t, &e);
	if (rc < 0) {
		*note = arena_printf(a, "the imported root %s is not used: %s", mine->t.name, e.message);
		return;
	}
	if (when_diff(other.t.taken, mine->t.taken) > 0) {
		r->ops->root_free(mine->root);
		*mine = other;
	} else {
		r->ops->root_free(other.root);
	}
}

static int read_named(struct buf *out, struct when *written, const char *path, struct err *e)
{
	struct stat st;
	int rc = path_read_named(out, "the trusted root", path, e);

	if (rc >= 0 && stat(path, &st) < 0)
		return err_set(e, ERR_STORE, "%s: %s", path, strerror(errno));
	if (rc >= 0)
		*written = (struct when){ (int64_t)st.st_mtime * 1000 };
	return rc;
}

/* Nobody wrote down when it was had from its source: not before the newest that it names began, nor after now; the file's own
 * time says the rest. That somebody names it today makes no old root a new one. */
static struct when taken_of(struct when written, struct when newest, struct when now)
{
	struct when taken = when_diff(newest, written) > 0 ? newest : written;

	return when_diff(taken, now) > 0 ? now : taken;
}

static int hold_named(struct roots *r, const struct roots_from *from, struct err *e)
{
	autofree(buf) struct buf text = BUF_INIT(ATTEST_ROOT_MAX);
	struct trusted t = { .name = from->file, .imported = true };
	struct err why = ERR_INIT;
	int rc = read_named(&text, &t.taken, from->file, e);

	if (rc >= 0)
		t.taken = taken_of(t.taken, newest_of(text.s, text.n), from->now);
	t.json = text.s;
	t.n = text.n;
	if (rc >= 0 && hold(r, &r->held[0], &t, &why) < 0)
		rc = err_set(e, ERR_INVALID, "the trusted root %s: %s", from->file, why.message);
	r->n = rc >= 0;
	return rc < 0 ? err_hint(e, "--trust FILE, or trusted_root: in the configuration") : 0;
}

int roots_open(struct roots **out, const struct roots_from *from, const char **note, struct arena *a,
	       struct err *e)
{
	struct roots *r = x_alloc(sizeof(*r));
	int rc = 0;

	*note = NULL;
	r->ops = from->ops;
	if (from->file)
		rc = hold_named(r, from, e);
	for (size_t i = 0; !from->file && i < countof(instances) && rc >= 0; i++) {
		rc = hold_embedded(r, i, e);
		if (rc >= 0)
			hold_imported(r, &r->held[i], from, note, a);
	}
	if (rc < 0) {
		roots_free(r);
		return rc;
	}
	*out = r;
	return 0;
}

void roots_free(struct roots *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < countof(r->held); i++)
		if (r->held[i].root)
			r->ops->root_free(r->held[i].root);
	arena_done(&r->arena);
	free(r);
}

/* A file that was named stands for every instance. */
const struct trusted *roots_get(const struct roots *r, const char *name)
{
	bool named = r && r->n == 1;

	for (size_t i = 0; r && i < r->n; i++)
		if (named || text_eq(r->held[i].t.name, name))
			return &r->held[i].t;
	return NULL;
}

/* ---- importing ---------------------------------------------------------------------------------------------------------- */

static bool names_host(const struct json *list, const char *key, const char *host)
{
	for (size_t i = 0; i < json_size(list); i++) {
		const char *uri = json_str(json_at(list, i), key);

		if (uri && strstr(uri, host))
			return true;
	}
	return false;
}

/* The instance by the hosts of its authorities and logs; -1: none that is known, -2: no JSON. */
static int instance_of(const char *text, size_t n)
{
	autofree(json) struct json *doc = NULL;

	if (json_parse(&doc, text, n, ATTEST_ROOT_MAX, NULL) < 0)
		return -2;
	for (size_t i = 0; i < countof(instances); i++)
		if (names_host(json_get(doc, "certificateAuthorities"), "uri", instances[i].host) ||
		    names_host(json_get(doc, "tlogs"), "baseUrl", instances[i].host))
			return (int)i;
	return -1;
}

/* One that may be taken. */
struct offer {
	int instance;
	const char *json;
	size_t n;
};
struct offers {
	struct offer one[countof(instances)];
	size_t n;
};

static int offer_add(struct offers *out, const char *json, size_t n, struct err *e)
{
	int instance = instance_of(json, n);

	if (instance == -2)
		return err_set(e, ERR_INVALID, "it holds no root, no collateral and no keys of tokens");
	if (instance < 0)
		return err_set(e, ERR_INVALID, "the root is of no instance that is known");
	if (out->n == countof(out->one))
		return err_set(e, ERR_INVALID, "there are more roots in it than instances");
	out->one[out->n++] = (struct offer){ instance, json, n };
	return 0;
}

/* The whole, or each line. */
static int offers_of(struct offers *out, const char *text, size_t n, struct err *e)
{
	int r = 0;

	if (instance_of(text, n) != -2)
		return offer_add(out, text, n, e);
	for (const char *p = text; r >= 0 && p < text + n;) {
		size_t len = strcspn(p, "\n");

		if (len > strspn(p, " \t\r"))
			r = offer_add(out, p, len, e);
		p += len + 1;
	}
	if (r >= 0 && !out->n)
		return err_set(e, ERR_INVALID, "there is no trusted root in it");
	return r;
}

/* Of an authority its first certificate, of a log its key: they tell one from another. */
static const char *bytes_of(const struct json *one)
{
	const struct json *key = json_get(one, "publicKey");
	const struct json *chain = json_get(json_get(one, "certChain"), "certificates");

	return json_str(key ? key : json_at(chain, 0), "rawBytes");
}

static const struct json *find_one(const struct json *list, const struct json *wanted)
{
	for (size_t i = 0; i < json_size(list); i++)
		if (text_eq(bytes_of(json_at(list, i)), bytes_of(wanted)) && bytes_of(wanted))
			return json_at(list, i);
	return NULL;
}

static bool ends_later(const struct json *a, const struct json *b)
{
	const char *mine = json_str(window_of(b), "end"), *other = json_str(window_of(a), "end");
	struct when x, y;

	if (!mine || when_parse(&y, mine) < 0)
		return false;
	return !other || when_parse(&x, other) < 0 || when_diff(x, y) > 0;
}

/* What one root has and the other has not. */
struct change {
	size_t more, less; /* authorities and logs that it has on top, and that it lacks */
	const char *again; /* the first that had ended, and would be believed again; NULL none */
};

static void compare(struct change *c, const struct json *is, const struct json *was, struct arena *a)
{
	for (size_t i = 0; i < json_size(is); i++)
		c->more += !find_one(was, json_at(is, i));
	for (size_t i = 0; i < json_size(was); i++) {
		const struct json *old = json_at(was, i), *new = find_one(is, old);
		const char *uri = json_str(old, "uri");

		uri = uri ? uri : json_str(old, "baseUrl");
		c->less += !new;
		if (new && !c->again && ends_later(new, old))
			c->again = arena_strdup(a, uri ? uri : "one without a name");
	}
}

/* By what it holds: a copy of an old one may have been taken today. Its newest may be as young as ours and the rest of it older:
 * what has been ended since would be believed again, and what was added would not. NULL: it is not older. */
static const char *why_older(const struct offer *o, const struct held *mine, struct arena *a)
{
	autofree(json) struct json *is = NULL, *was = NULL;
	struct change c = { 0 };

	if (when_diff(newest_of(o->json, o->n), newest_of(mine->t.json, mine->t.n)) < 0)
		return "is older than the one that is used";
	if (json_parse(&is, o->json, o->n, ATTEST_ROOT_MAX, NULL) < 0 ||
	    json_parse(&was, mine->t.json, mine->t.n, ATTEST_ROOT_MAX, NULL) < 0)
		return "cannot be held against the one that is used";
	for (size_t i = 0; i < countof(lists); i++)
		compare(&c, json_get(is, lists[i]), json_get(was, lists[i]), a);
	if (c.again)
		return arena_printf(a, "believes again what the one that is used has ended: %.200s", c.again);
	return c.less && !c.more ? "lacks what the one that is used has, and has nothing more" : NULL;
}

static void say_times(struct buf *out, const char *sha, struct when newest)
{
	char since[WHEN_TEXT];

	buf_fmt(out, "%.12s, whose newest authority or log began %.10s", sha, when_iso(newest, since));
}

/* What changes, in a line; ERR_CONFLICT: it would go back. */
static int weigh(const struct roots *now, const struct offer *o, bool force, struct buf *said,
		 struct arena *a, struct err *e)
{
	const struct held *mine = &now->held[o->instance];
	struct attest_root *other = NULL;
	const char *name = instances[o->instance].name, *older;
	int r = now->ops->root_parse(&other, o->json, o->n, e);

	if (r < 0)
		return r;
	older = force ? NULL : why_older(o, mine, a);
	if (text_eq(now->ops->root_sha(other), now->ops->root_sha(mine->root))) {
		buf_fmt(said, "%s: the same, ", name);
	} else if (older) {
		r = err_set(e, ERR_CONFLICT, "the root of %s %s", name, older);
		err_hint(e, "--force takes it all the same");
	} else {
		buf_fmt(said, "%s: was ", name);
		say_times(said, now->ops->root_sha(mine->root), newest_of(mine->t.json, mine->t.n));
		buf_str(said, "; now ");
	}
	say_times(said, now->ops->root_sha(other), newest_of(o->json, o->n));
	buf_chr(said, '\n');
	now->ops->root_free(other);
	return r;
}

int roots_write(const char *path, const char *text, size_t n, struct arena *a, struct err *e)
{
	const char *part = arena_printf(a, "%s.part-%d", path, (int)getpid());
	size_t done = 0;
	int fd;

	(void)unlink(part);
	fd = path_private_open(part, O_WRONLY | O_CREAT | O_EXCL, 0600, e);
	if (fd < 0)
		return fd;
	while (done < n) {
		ssize_t w = write(fd, text + done, n - done);

		if (w <= 0 && errno != EINTR)
			break;
		done += w > 0 ? (size_t)w : 0;
	}
	if (done == n && !fsync(fd) && !rename(part, path))
		return close(fd) ? err_set(e, ERR_STORE, "%s: %s", path, strerror(errno)) : 0;
	err_set(e, ERR_STORE, "%s: %s", path, strerror(errno));
	close(fd);
	(void)unlink(part);
	return -ERR_STORE;
}

int roots_take(const struct roots_from *from, const char *text, size_t n, bool force, struct buf *said,
	       struct arena *a, struct err *e)
{
	autofree(roots) struct roots *now = NULL;
	const struct roots_from ours = { .ops = from->ops, .dir = from->dir, .now = from->now };
	struct offers offers = { 0 };
	const char *note;
	int r = roots_open(&now, &ours, &note, a, e);

	if (r >= 0)
		r = offers_of(&offers, text, n, e);
	for (size_t i = 0; i < offers.n && r >= 0; i++)
		r = weigh(now, &offers.one[i], force, said, a, e);
	if (r >= 0)
		r = path_private_dir(from->dir, 0700, e);
	for (size_t i = 0; i < offers.n && r >= 0; i++)
		r = roots_write(place_of(from, instances[offers.one[i].instance].name, a), offers.one[i].json,
				offers.one[i].n, a, e);
	return r;
}

int roots_import(const struct roots_from *from, const char *path, bool force, struct buf *said,
		 struct arena *a, struct err *e)
{
	autofree(buf) struct buf text = BUF_INIT(ATTEST_ROOT_MAX * countof(instances));
	int r = path_read_named(&text, "the file", path, e);

	return r < 0 ? r : roots_take(from, text.s, text.n, force, said, a, e);
}

bool roots_is_of(const char *text, size_t n, const char *name)
{
	int instance = instance_of(text, n);

	return instance >= 0 && text_eq(instances[instance].name, name);
}
