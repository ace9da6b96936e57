#include "core/adapters/github/github.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/adapters/github/internal.h"

enum {
	PAGE = 30,       /* github.md 1.1: enough for one look, small enough to be cheap */
	MAX_PAGES = 100, /* N19: an endless list ends here */
	MAX_REDIRECTS = 3,
	SLOW_MS = 120000, /* 16 MiB over 1 Mbit/s */
	MAX_PATH = 4096,
};

/* ---- calls ------------------------------------------------------------------------------------------------------------ */

struct call *call_new(struct github *g, void *ctx)
{
	struct call *c = x_alloc(sizeof(*c));

	c->g = g;
	c->ctx = ctx;
	LIST_INSERT_HEAD(&g->live, c, link);
	return c;
}

static void unlink_call(struct call *c)
{
	LIST_REMOVE(c, link);
	c->g = NULL;
}

void call_free(struct call *c)
{
	if (c->g)
		unlink_call(c);
	arena_done(&c->arena);
	free(c);
}

static void call_end(struct call *c, int r, const struct err *e)
{
	unlink_call(c);
	c->done(c->ctx, r < 0 ? NULL : &c->answer, r < 0 ? e : NULL);
	call_free(c);
}

/* ---- reads ------------------------------------------------------------------------------------------------------------ */

static void on_answer(void *ctx, const struct http_answer *h, const struct err *err);

/* The ETag that the request under way is sent with, or NULL. */
static const char *condition(struct call *c)
{
	c->kept_etag = NULL;
	if (c->foreign)
		return NULL;
	if (c->keep)
		c->kept_etag = arena_strdup(&c->arena, keep_etag(&c->g->keep, c->target, c->ep->accept));
	return c->kept_etag ? c->kept_etag : c->page == 0 ? c->etag : NULL;
}

static int send_read(struct call *c, struct err *e)
{
	struct http_request rq = {
		.method = "GET",
		.target = c->target,
		.foreign = c->foreign,
		.local = c->local,
		.accept = c->ep->accept,
		.if_none_match = condition(c),
		.max_body = c->ep->max,
		.timeout = c->ep->storage ? SLOW_MS : 0,
	};

	return http_send(c->g->http, &rq, on_answer, c, e);
}

static const char *speaker(struct call *c)
{
	return c->foreign ? path_host_of(c->target, &c->arena) : path_host(c->g, &c->arena);
}

static int unexpected(struct call *c, struct err *e, const char *why)
{
	return err_set(e, ERR_SERVER, "unexpected answer from %s: %s", speaker(c), why);
}

/* Where a redirect may lead. A renamed repository redirects within the forge's origin, a download to storage anywhere,
 * once and without token; a probe stays with whom it asked: a sign-in page elsewhere says nothing about health. */
static const char *next_target(struct call *c, const char *location, bool *away)
{
	const char *ours;

	*away = false;
	if (c->local)
		return path_beside(c->target, location, &c->arena);
	if (c->ep->stranger)
		return path_is_probe(location) ? location : path_beside(c->target, location, &c->arena);
	ours = c->foreign ? NULL : path_ours(c->g, location);
	*away = !ours && !c->foreign && c->ep->storage;
	return *away ? location : ours;
}

/* 1: sent on. */
static int follow(struct call *c, const struct http_answer *h, struct err *e)
{
	const char *location = http_header(h, "location"), *target;
	bool away = false;
	int r;

	target = location ? next_target(c, location, &away) : NULL;
	if (!target)
		return unexpected(c, e, "a redirect to another place, which is not followed");
	if (!away && c->redirects++ == MAX_REDIRECTS)
		return unexpected(c, e, "redirects without end");
	c->foreign |= away;
	c->target = arena_strdup(&c->arena, target);
	r = send_read(c, e);
	return r < 0 ? r : 1;
}

static bool is_redirect(int status)
{
	return status == 301 || status == 302 || status == 307 || status == 308;
}

/* Bytes may be of any kind but a page for people; everything else must say that it is JSON (N9). */
static bool type_fits(const struct call *c, const struct http_answer *h)
{
	const char *type = http_header(h, "content-type");

	if (c->ep->accept)
		return !type || !text_starts(type, "text/html");
	return status_is_json(h);
}

/* 1: the next page was asked for. */
static int next_page(struct call *c, const struct http_answer *h, struct err *e)
{
	bool more;
	const char *next = path_next(c->g, http_header(h, "link"), &more, &c->arena);
	int r;

	c->page++;
	if (!next || c->page >= c->pages) {
		c->answer.cut |= more;
		return 0;
	}
	c->target = next;
	r = send_read(c, e);
	return r < 0 ? r : 1;
}

static int take_page(struct call *c, const struct http_answer *h, struct err *e)
{
	struct err why = ERR_INIT;

	if (!type_fits(c, h))
		return unexpected(c, e, "its content is not of the kind asked for");
	if (decode_page(c->ep, h->body, h->body_n, &c->answer, &c->cap, &c->arena, &why) < 0)
		return why.kind == ERR_MISSING ? err_set(e, ERR_MISSING, "%s: %s", why.message, c->target)
					       : unexpected(c, e, why.message);
	c->answer.etag = c->page == 0 ? arena_strdup(&c->arena, http_header(h, "etag")) : NULL;
	return 0;
}

static int turn_page(struct call *c, const struct http_answer *h, struct err *e)
{
	return c->ep->list ? next_page(c, h, e) : 0;
}

/* 304 to what we kept. It may have been forgotten or replaced meanwhile: then it is asked for again. */
static int take_kept(struct call *c, struct err *e)
{
	struct kept_answer kept;
	int r;

	if (!keep_replay(&c->g->keep, c->target, c->ep->accept, c->kept_etag, &kept)) {
		r = send_read(c, e);
		return r < 0 ? r : 1;
	}
	r = take_page(c, &kept.answer, e);
	return r < 0 ? r : turn_page(c, &kept.answer, e);
}

/* 1: the call goes on; 0: the answer is ready. */
static int take_answer(struct call *c, const struct http_answer *h, struct err *e)
{
	int r;

	if (!c->foreign)
		status_facts(h, &c->answer, &c->arena);
	if (h->status == 304 && c->page == 0 && c->etag) {
		c->answer.not_modified = true;
		return 0;
	}
	if (h->status == 304 && c->kept_etag)
		return take_kept(c, e);
	c->fresh = true;
	if (is_redirect(h->status))
		return follow(c, h, e);
	if (h->status == 422 &&
	    c->ep->kind == FORGE_COMMIT) /* the forge's way of saying that there is none */
		return err_set(e, ERR_MISSING, "no such tag, branch or commit: %s", c->target);
	if (h->status == 404 && c->ep->none && c->page == 0 && status_is_json(h))
		return 0;
	if (h->status != 200)
		return c->foreign ? status_foreign(h, speaker(c), e)
				  : status_error(c->g, h, false, c->target, e);
	r = take_page(c, h, e);
	if (r >= 0 && c->keep)
		keep_put(&c->g->keep, c->target, c->ep->accept, h);
	return r < 0 ? r : turn_page(c, h, e);
}

static void on_answer(void *ctx, const struct http_answer *h, const struct err *err)
{
	struct call *c = ctx;
	struct err e = ERR_INIT;
	int r;

	if (!c->g) { /* the adapter was closed meanwhile, and done() told so */
		call_free(c);
		return;
	}
	if (err)
		call_end(c, -1, err);
	else if ((r = take_answer(c, h, &e)) <= 0) {
		e.status = h->status;
		c->answer.replayed = c->keep && !c->fresh;
		call_end(c, r, &e);
	}
}

/* ---- the port --------------------------------------------------------------------------------------------------------- */

/* Kinds whose `number` is the size of a page. */
static const bool is_paged[FORGE_READ_MAX_] = {
	[FORGE_RUNS] = true,  [FORGE_ARTIFACTS] = true, [FORGE_DEPLOYMENTS] = true,
	[FORGE_PULLS] = true, [FORGE_COMMITS] = true,
};

static int64_t page_size(const struct forge_read *r)
{
	if (r->kind >= FORGE_READ_MAX_ || !is_paged[r->kind])
		return r->number;
	return r->number <= 0 ? PAGE : r->number > 100 ? 100 : r->number;
}

/* A branch of ours as the forge's filter wants it: with the owner before it. */
static const char *head_filter(struct call *c, const struct forge_read *r)
{
	if (r->kind != FORGE_PULLS || !r->name || !r->repo)
		return NULL;
	if (!*r->name)
		return r->name;
	return arena_printf(&c->arena, "%.*s:%s", (int)strcspn(r->repo, "/"), r->repo, r->name);
}

static int read_target(struct call *c, const struct forge_read *r, struct err *e)
{
	struct slots s = { .repo = r->repo,
			   .workflow = r->workflow,
			   .name = r->name,
			   .name2 = r->name2,
			   .created = r->created_from,
			   .head = head_filter(c, r),
			   .status = r->status || r->kind != FORGE_PULLS ? r->status : "all",
			   .id = r->id,
			   .number = page_size(r) };
	struct buf path = BUF_INIT(MAX_PATH);
	int x;

	c->ep = endpoint_find(r->kind, &s);
	if (!c->ep)
		return err_set(e, ERR_INVALID, "a request to the forge lacks what it asks about");
	x = path_expand(&path, c->ep->path, &s, e);
	c->target = arena_strdup(&c->arena, path.s);
	c->local = r->kind == FORGE_PROBE;
	c->foreign = c->local || c->ep->stranger;
	buf_done(&path);
	return x;
}

static int read_start(struct forge *f, const struct forge_read *r, forge_done done, void *ctx, struct err *e)
{
	struct call *c = call_new((struct github *)f, ctx);
	int x;

	c->done = done;
	c->etag = arena_strdup(&c->arena, r->etag);
	c->answer.rate.limit = c->answer.rate.remaining = -1;
	x = read_target(c, r, e);
	if (x >= 0) {
		c->keep = r->keep && !r->etag && !c->ep->storage && !c->foreign;
		c->pages = r->pages > 0 ? r->pages : c->ep->pages > 0 ? c->ep->pages : 1;
		c->pages = c->pages > MAX_PAGES ? MAX_PAGES : c->pages;
		x = send_read(c, e);
	}
	if (x < 0)
		call_free(c);
	return x;
}

/* Calls under way are told now; what the http port says about them later finds nobody. */
static void github_free(struct forge *f)
{
	struct github *g = (struct github *)f;

	while (!LIST_EMPTY(&g->live)) {
		struct call *c = LIST_FIRST(&g->live);
		struct err e = ERR_INIT;
		int r maybe_unused;

		unlink_call(c);
		if (c->done) {
			r = err_set(&e, ERR_CANCELLED, "given up before an answer came");
			c->done(c->ctx, NULL, &e);
		} else {
			r = err_set(&e, ERR_UNKNOWN,
				    "we stopped before the answer arrived; the forge may have acted");
			c->acted(c->ctx, NULL, &e);
		}
	}
	keep_done(&g->keep);
	free(g);
}

static const struct forge_ops ops = {
	.read = read_start,
	.act = act_start,
	.describe = act_describe,
	.free = github_free,
};

int github_open(struct forge **out, struct http *http, const struct clock *clock, struct err *e maybe_unused)
{
	struct github *g = x_alloc(sizeof(*g));

	g->forge.ops = &ops;
	g->http = http;
	g->clock = clock;
	*out = &g->forge;
	return 0;
}
