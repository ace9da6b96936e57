/*
 * tap.h - an http port before the simulated forge. Quiet: every reading is answered 304, as by a forge where nothing
 * ever changes.
 */
#pragma once

#include <stdlib.h>

#include "base/text.h"
#include "core/port/http.h"

struct tap {
	struct http http;
	struct http *inner;
	struct loop *loop;
	bool quiet;
	int asked;
	const char *match; /* NULL, or what the addresses that are counted look like */
	int matched;
};

struct tap_call {
	struct timer *timer;
	http_done done;
	void *ctx;
};

static inline void tap_answer(void *ctx)
{
	struct tap_call *c = ctx;
	static const struct http_header headers[] = { { "x-ratelimit-limit", "5000" },
						      { "x-ratelimit-remaining", "4990" } };
	struct http_answer a = {
		.status = 304, .headers = headers, .headers_n = countof(headers), .body = ""
	};

	timer_free(c->timer);
	c->done(c->ctx, &a, NULL);
	free(c);
}

static inline int tap_send(struct http *h, const struct http_request *req, http_done done, void *ctx,
			   struct err *e)
{
	struct tap *t = (struct tap *)h;
	struct tap_call *c;
	int r;

	t->asked++;
	t->matched += t->match && text_glob(t->match, req->target);
	if (!t->quiet) {
		r = http_send(t->inner, req, done, ctx, e);
		t->http.requests = t->inner->requests;
		t->http.bytes = t->inner->bytes;
		return r;
	}
	c = x_alloc(sizeof(*c));
	*c = (struct tap_call){ .done = done, .ctx = ctx };
	c->timer = timer_new(t->loop, tap_answer, c);
	timer_in(c->timer, 50);
	return 0;
}

static inline void tap_free(struct http *h)
{
	http_free(((struct tap *)h)->inner);
	free(h);
}

static inline struct tap *tap_new(struct http *inner, struct loop *loop)
{
	static const struct http_ops ops = { .send = tap_send, .free = tap_free };
	struct tap *t = x_alloc(sizeof(*t));

	*t = (struct tap){ .http = { .ops = &ops }, .inner = inner, .loop = loop };
	return t;
}
