#include "core/adapters/fleet/fleet.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/text.h"
#include "core/adapters/fleet/internal.h"

enum {
	MAX_REDIRECTS = 3,
	LIST_MS = 60000,
	MAX_NAME = 64,
	OK = 200,
	REDIRECT = 300,
	REFUSED = 400,
	BROKEN = 500
};

struct easyenclave {
	struct fleet fleet; /* first: fleet_ops get this */
	struct http *http;
	msec timeout;
	LIST_HEAD(, call) live;
};

struct call {
	LIST_ENTRY(call) link;
	struct easyenclave *f; /* NULL: the adapter is gone, and done() was called */
	struct arena arena;
	struct fleet_read q;
	struct drops drops;
	const char *url;
	bool local;
	int redirects;
	fleet_done done;
	void *ctx;
};

static const char *const words[] = {
	[FLEET_HEALTH] = "health",
	[FLEET_AGENTS] = "the list of machines",
	[FLEET_CHAIN] = "a machine's evidence",
	[FLEET_TRUSTED] = "the trusted measurements",
	[FLEET_SETTINGS] = "the settings",
	[FLEET_CHALLENGE] = "a challenge",
};

/* ---- calls ---------------------------------------------------------------------------------------------------------- */

static struct call *call_new(struct easyenclave *f, const struct fleet_read *q, fleet_done done, void *ctx)
{
	struct call *c = x_alloc(sizeof(*c));

	*c = (struct call){ .f = f, .done = done, .ctx = ctx };
	c->q = (struct fleet_read){ .kind = q->kind,
				    .site = arena_strdup(&c->arena, q->site),
				    .path = arena_strdup(&c->arena, q->path),
				    .id = arena_strdup(&c->arena, q->id),
				    .name = arena_strdup(&c->arena, q->name),
				    .size_pointer = arena_strdup(&c->arena, q->size_pointer) };
	LIST_INSERT_HEAD(&f->live, c, link);
	return c;
}

static void unlink_call(struct call *c)
{
	LIST_REMOVE(c, link);
	c->f = NULL;
}

static void call_free(struct call *c)
{
	if (c->f)
		unlink_call(c);
	arena_done(&c->arena);
	free(c);
}

static void call_end(struct call *c, const struct fleet_answer *answer, const struct err *e)
{
	unlink_call(c);
	c->done(c->ctx, answer, e);
	call_free(c);
}

/* ---- requests ------------------------------------------------------------------------------------------------------- */

static void on_answer(void *ctx, const struct http_answer *h, const struct err *err);

/* Foreign, whatever the port was opened for: so that no token of ours goes with it. */
static int ask(struct call *c, struct err *e)
{
	bool list = c->q.kind == FLEET_AGENTS;
	struct http_request rq = {
		.method = "GET",
		.target = c->url,
		.foreign = true,
		.local = c->local,
		.accept = "application/json",
		.max_body = list ? FLEET_LIST : FLEET_DOCUMENT,
		.timeout = c->f->timeout ? c->f->timeout
			   : list        ? LIST_MS
					 : 0,
	};

	return http_send(c->f->http, &rq, on_answer, c, e);
}

/* 1: asked again elsewhere. */
static int follow(struct call *c, const struct http_answer *h, struct err *e)
{
	const char *to = http_header(h, "location"), *url = to ? site_follow(c->url, to, &c->arena) : NULL;
	int r;

	if (!url)
		return err_set(e, ERR_SERVER, "%s sends us elsewhere for %s, which is not followed",
			       c->q.site, words[c->q.kind]);
	if (c->redirects++ == MAX_REDIRECTS)
		return err_set(e, ERR_SERVER, "%s sends us on and on for %s", c->q.site, words[c->q.kind]);
	c->url = url;
	r = ask(c, e);
	return r < 0 ? r : 1;
}

/* ---- answers -------------------------------------------------------------------------------------------------------- */

/* What a server writes beside a status may be anything, so it is not repeated. */
static int refused(const struct call *c, int status, struct err *e)
{
	const char *what = words[c->q.kind];

	if (status == 401 || status == 403)
		return err_set(e, ERR_AUTH, "%s does not show %s to everybody (HTTP %d)", c->q.site, what,
			       status);
	if (status == 404 || status == 410)
		return err_set(e, ERR_MISSING, "%s does not have %s (HTTP %d)", c->q.site, what, status);
	return err_set(e, ERR_SERVER, "%s answers %d for %s", c->q.site, status, what);
}

/* 1: the call goes on. */
static int take_answer(struct call *c, const struct http_answer *h, struct fleet_answer *out, struct err *e)
{
	const char *date = http_header(h, "date");
	const struct decoding d = { &c->q, &c->drops, h->body, h->body_n, out, &c->arena };

	if (h->status >= REDIRECT && h->status < REFUSED)
		return follow(c, h, e);
	if (h->status != OK)
		return refused(c, h->status, e);
	if (date && when_parse_http(&out->date, date) < 0)
		out->date = WHEN_NONE;
	return answer_take(&d, e);
}

static void on_answer(void *ctx, const struct http_answer *h, const struct err *err)
{
	struct call *c = ctx;
	struct fleet_answer out = { .own = &c->arena };
	struct err e = ERR_INIT;
	int r;

	if (!c->f) { /* the adapter was closed meanwhile, and done() told so */
		call_free(c);
		return;
	}
	if (err) {
		call_end(c, NULL, err);
		return;
	}
	r = take_answer(c, h, &out, &e);
	if (r > 0)
		return;
	e.status = h->status;
	call_end(c, r < 0 ? NULL : &out, r < 0 ? &e : NULL);
}

/* ---- the port ------------------------------------------------------------------------------------------------------- */

static bool is_name(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

	return n && n <= MAX_NAME && !s[n];
}

static int drops_of(struct drops *d, const char *const *names, struct arena *a, struct err *e)
{
	static const char *const known[FLEET_KNOWN_DROPS] = { "tunnel_token", "tunnel_id",
							      "agent_api_secret" };

	for (size_t i = 0; i < countof(known); i++)
		d->names[d->n++] = known[i];
	for (; names && *names; names++) {
		if (drops_has(d, *names, strlen(*names)))
			continue;
		if (!is_name(*names) || d->n == FLEET_ALL_DROPS)
			return err_set(e, ERR_INVALID, "\"%s\" cannot be a member to drop: %s", *names,
				       is_name(*names) ? "there are too many" : "it is no plain name");
		d->names[d->n++] = arena_strdup(a, *names);
	}
	return 0;
}

static int begin(struct call *c, const struct fleet_read *q, struct err *e)
{
	int r = drops_of(&c->drops, q->drop, &c->arena, e);

	if (r >= 0)
		r = machines_check(&c->q, &c->drops, e);
	if (r < 0)
		return r;
	c->url = site_url(&c->q, &c->local, &c->arena, e);
	return c->url ? ask(c, e) : -ERR_INVALID;
}

static int easyenclave_read(struct fleet *fleet, const struct fleet_read *q, fleet_done done, void *ctx,
			    struct err *e)
{
	struct easyenclave *f = (struct easyenclave *)fleet;
	struct call *c;
	int r;

	if ((size_t)q->kind >= countof(words))
		return err_set(e, ERR_INVALID, "there is no such read of a fleet");
	c = call_new(f, q, done, ctx);
	r = begin(c, q, e);
	if (r < 0)
		call_free(c);
	return r;
}

/* Calls under way are told now; what the http port says about them later finds nobody. */
static void easyenclave_free(struct fleet *fleet)
{
	struct easyenclave *f = (struct easyenclave *)fleet;

	while (!LIST_EMPTY(&f->live)) {
		struct call *c = LIST_FIRST(&f->live);
		struct err e = ERR_INIT;

		unlink_call(c);
		if (err_set(&e, ERR_CANCELLED, "given up before an answer came") < 0)
			c->done(c->ctx, NULL, &e);
	}
	free(f);
}

int fleet_open(struct fleet **out, struct http *http, msec timeout, struct err *e)
{
	static const struct fleet_ops ops = { .read = easyenclave_read, .free = easyenclave_free };
	struct easyenclave *f = x_alloc(sizeof(*f));

	(void)e;
	f->fleet.ops = &ops;
	f->http = http;
	f->timeout = timeout;
	*out = &f->fleet;
	return 0;
}
