#include "core/adapters/registry/registry.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/adapters/registry/internal.h"

enum {
	MAX_ANSWER = 4 << 20, /* a manifest may have that much */
	MAX_TOKEN_ANSWER = 1 << 16,
	MAX_PAGES = 20,
	MAX_REDIRECTS = 3,
	SLOW_MS = 120000, /* 4 MiB of storage over a poor line */
};

enum step { STEP_LEARN, STEP_TOKEN, STEP_MAIN };

struct call {
	LIST_ENTRY(call) link;
	struct oci *o; /* NULL: the adapter is gone, and done() was called */
	struct arena arena;
	void *ctx;
	enum step step;
	const char *image, *target; /* of the request itself */
	bool push, again;

	/* reads */
	registry_done done;
	enum registry_read_kind kind;
	const char *ref, *wanted;
	struct tags tags;
	struct referrers referrers;
	int redirects;
	bool foreign; /* target is storage of somebody else */
	int pages;
	struct registry_answer answer;

	/* acts */
	registry_acted acted;
	const char *digest, *type, *body;
};

/* ---- calls ---------------------------------------------------------------------------------------------------------- */

static struct call *call_new(struct oci *o, const char *image, void *ctx)
{
	struct call *c = x_alloc(sizeof(*c));

	c->o = o;
	c->ctx = ctx;
	c->image = arena_strdup(&c->arena, image);
	LIST_INSERT_HEAD(&o->live, c, link);
	return c;
}

static void unlink_call(struct call *c)
{
	LIST_REMOVE(c, link);
	c->o = NULL;
}

static void call_free(struct call *c)
{
	if (c->o)
		unlink_call(c);
	arena_done(&c->arena);
	free(c);
}

static void call_end(struct call *c, int r, int status, const struct err *e)
{
	unlink_call(c);
	if (c->done)
		c->done(c->ctx, r < 0 ? NULL : &c->answer, r < 0 ? e : NULL);
	else
		c->acted(c->ctx, status, r < 0 ? e : NULL);
	call_free(c);
}

/* ---- requests ------------------------------------------------------------------------------------------------------- */

static void on_answer(void *ctx, const struct http_answer *h, const struct err *err);

static int ask_access(struct call *c, struct err *e)
{
	struct http_request rq = {
		.method = "GET", .target = "/v2/", .accept = "application/json", .max_body = MAX_TOKEN_ANSWER
	};

	c->step = STEP_LEARN;
	return http_send(c->o->http, &rq, on_answer, c, e);
}

static int ask_token(struct call *c, struct err *e)
{
	char *basic = access_basic(c->o);
	struct http_request rq = { .method = "GET",
				   .target = access_url(c->o, c->image, c->push, &c->arena),
				   .foreign = true,
				   .accept = "application/json",
				   .authorization = basic,
				   .max_body = MAX_TOKEN_ANSWER };
	int r;

	c->step = STEP_TOKEN;
	r = http_send(c->o->http, &rq, on_answer, c, e);
	if (basic)
		explicit_bzero(basic, strlen(basic));
	free(basic);
	return r;
}

/* Where anybody may read, whoever writes says who it is, if it can. */
static char *name_ourselves(const struct call *c)
{
	enum scheme scheme = c->o->access.scheme;

	return scheme == SCHEME_BASIC || (scheme == SCHEME_NONE && c->push) ? access_basic(c->o) : NULL;
}

static const char *accept_of(struct call *c)
{
	if (!c->done)
		return "application/json";
	switch (c->kind) {
	case REGISTRY_MANIFEST:
		return manifest_types(&c->arena);
	case REGISTRY_REFERRERS:
		return "application/vnd.oci.image.index.v1+json";
	case REGISTRY_BLOB:
		return "application/octet-stream, */*";
	case REGISTRY_TAGS:
		break;
	}
	return "application/json";
}

/* What is the registry's is for the registry: storage elsewhere hears nothing of it. */
static int ask_storage(struct call *c, struct err *e)
{
	struct http_request rq = { .method = "GET",
				   .target = c->target,
				   .foreign = true,
				   .accept = accept_of(c),
				   .max_body = MAX_ANSWER,
				   .timeout = SLOW_MS };

	return http_send(c->o->http, &rq, on_answer, c, e);
}

static int ask_main(struct call *c, struct err *e)
{
	char *basic = name_ourselves(c);
	struct http_request rq = { .method = c->acted ? "PUT" : "GET",
				   .target = c->target,
				   .accept = accept_of(c),
				   .body = c->body,
				   .content_type = c->type,
				   .authorization = basic ? basic : access_value(c->o, c->image, c->push),
				   .max_body = MAX_ANSWER,
				   .timeout = c->done && c->kind == REGISTRY_BLOB ? SLOW_MS : 0 };
	int r;

	c->step = STEP_MAIN;
	r = http_send(c->o->http, &rq, on_answer, c, e);
	if (basic)
		explicit_bzero(basic, strlen(basic));
	free(basic);
	return r;
}

static int go_on(struct call *c, struct err *e)
{
	if (c->o->access.scheme == SCHEME_UNKNOWN)
		return ask_access(c, e);
	if (c->o->access.scheme == SCHEME_BEARER && !access_value(c->o, c->image, c->push))
		return ask_token(c, e);
	return ask_main(c, e);
}

/* ---- answers -------------------------------------------------------------------------------------------------------- */

/* 1: the next page was asked for. */
static int take_tags(struct call *c, const struct http_answer *h, struct err *e)
{
	const char *next;
	int r = answer_tags(&c->tags, h, c->image, c->o->http->base, &next, &c->arena, e);

	c->answer.tags = c->tags.items;
	c->answer.tags_n = c->tags.n;
	c->answer.cut = r > 0;
	if (r <= 0 || !next || ++c->pages == MAX_PAGES)
		return r < 0 ? r : 0;
	c->target = next;
	r = go_on(c, e);
	return r < 0 ? r : 1;
}

static int take_put(struct call *c, const struct http_answer *h, struct err *e)
{
	const char *said = http_header(h, "docker-content-digest");

	if (h->status < 200 || h->status > 299)
		return answer_error(h, true, c->target, c->o->clock, e);
	if (said && strcmp(said, c->digest) != 0)
		return err_set(e, ERR_UNKNOWN, "the registry says that %s is %s now, and not %s", c->target,
			       said, c->digest);
	return 0;
}

/* The list under the tag takes the place of the API's: 1. */
static int fall_back(struct call *c, struct err *e)
{
	int r;

	c->answer.fallback = true;
	c->target =
		arena_printf(&c->arena, "/v2/%s/manifests/%s", c->image, referrers_tag(c->ref, &c->arena));
	r = go_on(c, e);
	return r < 0 ? r : 1;
}

/* 1: the next page was asked for. */
static int take_referrers(struct call *c, const struct http_answer *h, struct err *e)
{
	const char *list = arena_printf(&c->arena, "/v2/%s/referrers/%s", c->image, c->ref);
	const char *next;
	int r = answer_referrers(&c->referrers, h, c->wanted, &c->arena, e);

	c->answer.referrers = c->referrers.items;
	c->answer.referrers_n = c->referrers.n;
	if (r < 0 || c->answer.fallback)
		return r < 0 ? r : (c->answer.cut = r > 0, 0);
	next = r ? NULL : answer_next(h, list, c->o->http->base, &c->arena);
	c->answer.cut = r > 0 || http_header(h, "link") != NULL;
	if (!next || ++c->pages == MAX_PAGES)
		return 0;
	c->target = next;
	r = go_on(c, e);
	return r < 0 ? r : 1;
}

static bool is_redirect(int status)
{
	return status == 301 || status == 302 || status == 307 || status == 308;
}

/* A path is the registry's own; an address of its own origin is that path; any other is storage. */
static int follow(struct call *c, const struct http_answer *h, struct err *e)
{
	const char *to = http_header(h, "location"), *base = c->o->http->base;
	size_t n = base ? strlen(base) : 0;
	int r;

	if (!to || c->foreign || c->redirects++ == MAX_REDIRECTS)
		return err_set(e, ERR_SERVER, "the registry sends us on and on for %s", c->ref);
	if (n && text_starts(to, base) && to[n] == '/')
		to += n;
	c->target = arena_strdup(&c->arena, to);
	c->foreign = to[0] != '/' || to[1] == '/';
	r = c->foreign ? ask_storage(c, e) : go_on(c, e);
	return r < 0 ? r : 1;
}

static int take_storage(struct call *c, const struct http_answer *h, struct err *e)
{
	if (h->status == 200)
		return answer_blob(&c->answer, h, c->ref, &c->arena, e);
	if (is_redirect(h->status))
		return follow(c, h, e);
	return err_set(e, ERR_SERVER, "the registry's storage answers %d for %s", h->status, c->ref);
}

static int take_read(struct call *c, const struct http_answer *h, struct err *e)
{
	switch (c->kind) {
	case REGISTRY_TAGS:
		return take_tags(c, h, e);
	case REGISTRY_REFERRERS:
		return take_referrers(c, h, e);
	case REGISTRY_BLOB:
		return answer_blob(&c->answer, h, c->ref, &c->arena, e);
	case REGISTRY_MANIFEST:
		break;
	}
	return answer_manifest(&c->answer, h, c->ref, &c->arena, e);
}

/* A registry without the API is asked for the tag; no such tag is no referrers. */
static bool is_elsewhere(const struct call *c, const struct http_answer *h)
{
	return c->kind == REGISTRY_REFERRERS && !c->answer.fallback && !c->pages && referrers_unknown(h);
}

static int take_main(struct call *c, const struct http_answer *h, struct err *e)
{
	int r;

	if (c->foreign)
		return take_storage(c, h, e);
	if (h->status == 401) {
		access_forget(c->o); /* what it wanted has changed, or a token ended early */
		if (c->done && !c->again) {
			c->again = true;
			r = go_on(c, e);
			return r < 0 ? r : 1;
		}
	}
	if (c->acted)
		return take_put(c, h, e);
	if (is_elsewhere(c, h))
		return fall_back(c, e);
	if (c->kind == REGISTRY_BLOB && is_redirect(h->status))
		return follow(c, h, e);
	if (h->status == 404 && c->answer.fallback)
		return 0;
	if (h->status != 200)
		return answer_error(h, false, c->target, c->o->clock, e);
	c->answer.date = answer_date(h);
	return take_read(c, h, e);
}

/* 1: the call goes on; 0: the answer is ready. */
static int take_answer(struct call *c, const struct http_answer *h, struct err *e)
{
	int r = 0;

	switch (c->step) {
	case STEP_LEARN:
		if (c->o->access.scheme == SCHEME_UNKNOWN)
			r = access_learn(c->o, h, e);
		break;
	case STEP_TOKEN:
		r = access_keep(c->o, h, c->image, c->push, e);
		break;
	case STEP_MAIN:
		return take_main(c, h, e);
	}
	if (r >= 0)
		r = go_on(c, e);
	return r < 0 ? r : 1;
}

/* An act that never came to its own request has not been sent, whatever became of the requests before it. */
static enum err_kind before_act(enum err_kind kind)
{
	return kind == ERR_UNKNOWN || kind == ERR_SERVER ? ERR_OFFLINE : kind;
}

static void on_answer(void *ctx, const struct http_answer *h, const struct err *err)
{
	struct call *c = ctx;
	struct err e = ERR_INIT;
	bool before;
	int r;

	if (!c->o) { /* the adapter was closed meanwhile, and done() told so */
		call_free(c);
		return;
	}
	before = c->acted && c->step != STEP_MAIN;
	if (err) {
		e = *err;
		r = -1;
	} else {
		r = take_answer(c, h, &e);
		if (r > 0)
			return;
		if (r < 0)
			e.status = h->status;
	}
	if (r < 0 && before)
		e.kind = before_act(e.kind);
	call_end(c, r, h ? h->status : 0, &e);
}

/* ---- the port ------------------------------------------------------------------------------------------------------- */

static const char *target_of(const struct registry_read *q, struct arena *a)
{
	struct buf type = BUF_INIT(1024);
	const char *target;

	switch (q->kind) {
	case REGISTRY_TAGS:
		return arena_printf(a, "/v2/%s/tags/list?n=100", q->image);
	case REGISTRY_BLOB:
		return arena_printf(a, "/v2/%s/blobs/%s", q->image, q->ref);
	case REGISTRY_REFERRERS:
		break;
	case REGISTRY_MANIFEST:
		return arena_printf(a, "/v2/%s/manifests/%s", q->image, q->ref);
	}
	if (q->type)
		text_percent(&type, q->type);
	target = arena_printf(a, "/v2/%s/referrers/%s%s%s", q->image, q->ref, type.n ? "?artifactType=" : "",
			      type.s);
	buf_done(&type);
	return target;
}

static int check_read(const struct registry_read *q, struct err *e)
{
	bool by_digest = q->kind == REGISTRY_REFERRERS || q->kind == REGISTRY_BLOB;

	if (!image_is_plain(q->image))
		return err_set(e, ERR_INVALID, "\"%s\" is no image's name", q->image ? q->image : "");
	if (q->kind == REGISTRY_MANIFEST && !tag_is_plain(q->ref) && !text_is_sha256(q->ref))
		return err_set(e, ERR_INVALID, "\"%s\" is no tag and no digest", q->ref ? q->ref : "");
	if (by_digest && !text_is_sha256(q->ref))
		return err_set(e, ERR_INVALID, "\"%s\" is no digest", q->ref ? q->ref : "");
	return 0;
}

static int registry_read(struct registry *reg, const struct registry_read *q, registry_done done, void *ctx,
			 struct err *e)
{
	struct oci *o = (struct oci *)reg;
	struct call *c;
	int r = check_read(q, e);

	if (r < 0)
		return r;
	c = call_new(o, q->image, ctx);
	c->done = done;
	c->kind = q->kind;
	c->ref = arena_strdup(&c->arena, q->ref);
	c->wanted = arena_strdup(&c->arena, q->type);
	c->target = target_of(q, &c->arena);
	r = go_on(c, e);
	if (r < 0)
		call_free(c);
	return r;
}

static int check_act(const struct registry_act *a, struct err *e)
{
	char digest[80];

	if (!image_is_plain(a->image) || !tag_is_plain(a->tag))
		return err_set(e, ERR_INVALID, "\"%s:%s\" is no image's tag", a->image ? a->image : "",
			       a->tag ? a->tag : "");
	if (!manifest_type_known(a->type) || !a->bytes || !a->bytes_n || memchr(a->bytes, 0, a->bytes_n))
		return err_set(e, ERR_INVALID, "what %s:%s should become is no manifest", a->image, a->tag);
	manifest_digest(a->bytes, a->bytes_n, digest);
	if (!text_eq(digest, a->digest))
		return err_set(e, ERR_INVALID, "the manifest for %s:%s is %s, and not %s", a->image, a->tag,
			       digest, a->digest ? a->digest : "");
	return 0;
}

static int registry_act(struct registry *reg, const struct registry_act *a, registry_acted done, void *ctx,
			struct err *e)
{
	struct oci *o = (struct oci *)reg;
	struct call *c;
	int r = check_act(a, e);

	if (r < 0)
		return r;
	c = call_new(o, a->image, ctx);
	c->acted = done;
	c->push = true;
	c->digest = arena_strdup(&c->arena, a->digest);
	c->type = arena_strdup(&c->arena, a->type);
	c->body = arena_strndup(&c->arena, a->bytes, a->bytes_n);
	c->target = arena_printf(&c->arena, "/v2/%s/manifests/%s", a->image, a->tag);
	r = go_on(c, e);
	if (r < 0)
		call_free(c);
	return r;
}

static int registry_describe(struct registry *reg maybe_unused, const struct registry_act *a,
			     struct buf *request, struct buf *body, struct err *e)
{
	int r = check_act(a, e);

	if (r < 0)
		return r;
	buf_fmt(request, "PUT /v2/%s/manifests/%s", a->image, a->tag);
	buf_str(body, a->digest);
	return 0;
}

/* Calls under way are told now; what the http port says about them later finds nobody. */
static void registry_free(struct registry *reg)
{
	struct oci *o = (struct oci *)reg;

	while (!LIST_EMPTY(&o->live)) {
		struct call *c = LIST_FIRST(&o->live);
		struct err e = ERR_INIT;
		int r maybe_unused;

		unlink_call(c);
		if (c->acted && c->step == STEP_MAIN)
			r = err_set(&e, ERR_UNKNOWN,
				    "we stopped before the answer arrived; the registry may have acted");
		else
			r = err_set(&e, ERR_CANCELLED, "given up before an answer came");
		if (c->done)
			c->done(c->ctx, NULL, &e);
		else
			c->acted(c->ctx, 0, &e);
	}
	access_forget(o);
	free(o);
}

static const struct registry_ops ops = {
	.read = registry_read,
	.act = registry_act,
	.describe = registry_describe,
	.free = registry_free,
};

void registry_allow(struct registry *r, const char *realm)
{
	struct oci *o = (struct oci *)r;

	if (realm && o->realms_n < REALMS)
		o->realms[o->realms_n++] = realm;
}

int registry_open(struct registry **out, struct http *http, const struct clock *clock,
		  const struct secret *credential, struct err *e maybe_unused)
{
	struct oci *o = x_alloc(sizeof(*o));

	o->registry.ops = &ops;
	o->http = http;
	o->clock = clock;
	o->credential = credential;
	*out = &o->registry;
	return 0;
}
