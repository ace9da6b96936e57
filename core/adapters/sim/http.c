#include "core/adapters/sim/sim.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* The http port without a socket: the world acts when the request is sent, the answer comes by timer. */

enum { DEFAULT_TIMEOUT = 30000, DEFAULT_MAX = 16 << 20 };

struct exchange {
	struct exchange *next;
	struct sim_port *port;
	struct arena arena;
	struct world_answer answer;
	struct timer *timer;
	http_done done;
	void *ctx;
	size_t max;
	bool mutating;
};

struct sim_port {
	struct http http; /* first: the port is an http */
	struct world *world;
	struct loop *loop;
	struct exchange *open;
};

static void exchange_free(struct exchange *x)
{
	struct exchange **at = &x->port->open;

	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
	timer_free(x->timer);
	arena_done(&x->arena);
	free(x);
}

/* The classes of core/port/http.h: a read can always be asked again, a write may have happened. */
static int classify(const struct exchange *x, struct err *e)
{
	enum world_fault how = x->answer.how;

	if (how == WORLD_REFUSE)
		return err_set(e, ERR_OFFLINE,
			       "cannot reach the drill, nothing was sent: connection refused");
	if (how == WORLD_OK && x->answer.http.body_n <= x->max)
		return 0;
	if (x->mutating)
		return err_set(e, ERR_UNKNOWN, "the drill may have acted, its answer did not arrive");
	if (how == WORLD_RESET || how == WORLD_TIMEOUT)
		return err_set(e, ERR_OFFLINE, "no answer from the drill");
	return err_set(e, ERR_SERVER, "the answer of the drill is not whole or too large");
}

static void finish(void *ctx)
{
	struct exchange *x = ctx;
	struct err e = ERR_INIT;
	int r = classify(x, &e);

	if (r == 0)
		x->port->http.bytes += x->answer.http.body_n;
	x->done(x->ctx, r == 0 ? &x->answer.http : NULL, r == 0 ? NULL : &e);
	exchange_free(x);
}

static const char *without_origin(const char *target)
{
	const char *host = strstr(target, "://"), *path = host ? strchr(host + 3, '/') : NULL;

	return path ? path : target;
}

static int check(const struct http_request *req, struct err *e)
{
	if (req->foreign && strncmp(req->target, "https://", 8) != 0 &&
	    !(req->local && strncmp(req->target, "http://", 7) == 0))
		return err_set(e, ERR_INVALID, "a download must use https");
	if (!req->foreign && req->target[0] != '/')
		return err_set(e, ERR_INVALID, "the request's target is not a plain path");
	return 0;
}

static void ask(struct exchange *x, const struct http_request *req)
{
	struct world_request rq = {
		.method = req->method,
		.target = req->foreign ? without_origin(req->target) : req->target,
		.authorization = req->authorization ? req->authorization
				 : req->foreign     ? NULL
						    : "Bearer drill",
		.if_none_match = req->if_none_match,
		.accept = req->accept ? req->accept : "application/vnd.github+json",
		.user_agent = "pilothouse",
		.body = req->body,
		.body_n = req->body ? strlen(req->body) : 0,
	};

	world_advance(x->port->world, clock_wall(loop_clock(x->port->loop)));
	world_answer(x->port->world, &rq, &x->answer, &x->arena);
	if (x->answer.how == WORLD_TIMEOUT)
		x->answer.latency = req->timeout ? req->timeout : DEFAULT_TIMEOUT;
}

static int port_send(struct http *h, const struct http_request *req, http_done done, void *ctx, struct err *e)
{
	struct sim_port *p = (struct sim_port *)h;
	int r = check(req, e);
	struct exchange *x;

	if (r < 0)
		return r;
	x = x_alloc(sizeof(*x));
	*x = (struct exchange){ .next = p->open, .port = p, .done = done, .ctx = ctx };
	x->max = req->max_body ? req->max_body : DEFAULT_MAX;
	x->mutating = strcmp(req->method, "GET") != 0 && !req->question;
	x->timer = timer_new(p->loop, finish, x);
	p->open = x;
	h->requests++;
	ask(x, req);
	timer_in(x->timer, x->answer.latency);
	return 0;
}

static void port_free(struct http *h)
{
	struct sim_port *p = (struct sim_port *)h;

	while (p->open) {
		struct exchange *x = p->open;
		struct err e = ERR_INIT;

		err_set(&e, x->mutating ? ERR_UNKNOWN : ERR_CANCELLED,
			"given up before the drill's answer arrived");
		x->done(x->ctx, NULL, &e);
		exchange_free(x);
	}
	free(p);
}

int sim_http(struct http **out, struct world *w, struct loop *loop, struct err *e)
{
	static const struct http_ops ops = { .send = port_send, .free = port_free };
	struct sim_port *p = x_alloc(sizeof(*p));

	(void)e;
	*p = (struct sim_port){ .http = { .ops = &ops }, .world = w, .loop = loop };
	*out = &p->http;
	return 0;
}
