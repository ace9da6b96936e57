/*
 * tap.h - an http port before the simulated forge. Quiet: every reading is answered 304, as by a forge where nothing
 * ever changes.
 */
#pragma once

#include <stdlib.h>
#include <string.h>

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
	int64_t date_off; /* ms by which the forge's clock differs from ours */
};

/* An answer whose Date is another. */
struct tap_dated {
	http_done done;
	void *ctx;
	int64_t off;
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

static inline void tap_redate(void *ctx, const struct http_answer *answer, const struct err *e)
{
	struct tap_dated *d = ctx;
	struct http_header headers[64];
	struct http_answer a = { 0 };
	struct when when;
	char date[WHEN_TEXT];

	if (answer)
		a = *answer;
	for (size_t i = 0; i < a.headers_n && i < countof(headers); i++) {
		headers[i] = answer->headers[i];
		if (strcmp(headers[i].name, "date") != 0 || when_parse_http(&when, headers[i].value) < 0)
			continue;
		when.ms += d->off;
		headers[i].value = when_http(when, date);
	}
	a.headers = headers;
	d->done(d->ctx, answer ? &a : NULL, e);
	free(d);
}

static inline int tap_send_dated(struct tap *t, const struct http_request *req, http_done done, void *ctx,
				 struct err *e)
{
	struct tap_dated *d = x_alloc(sizeof(*d));
	int r;

	*d = (struct tap_dated){ .done = done, .ctx = ctx, .off = t->date_off };
	r = http_send(t->inner, req, tap_redate, d, e);
	if (r < 0)
		free(d);
	return r;
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
		r = t->date_off ? tap_send_dated(t, req, done, ctx, e)
				: http_send(t->inner, req, done, ctx, e);
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
