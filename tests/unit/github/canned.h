/*
 * canned.h - an http port that answers what the test laid down, in order, when it is pumped.
 *
 * Everything asked is kept, so a test says both what must go out and what comes back. Headers are one text, a line each,
 * "name: value"; an answer without content-type is JSON. Nothing is ever sent anywhere.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/adapters/github/github.h"
#include "unit/github/with_model.h"

#define CANNED_MAX 160
#define NOON       INT64_C(1795262400000) /* 2026-11-21T12:00:00Z */

struct reply {
	int status; /* 0: an error of this kind instead */
	enum err_kind error;
	const char *headers; /* or NULL */
	const char *body;    /* or NULL */
	size_t body_n;       /* 0: strlen(body) */
};

struct asked {
	char method[8], target[1024], body[4096], if_none_match[128], accept[64];
	char authorization[256], content_type[96];
	bool foreign, local, question, has_body;
	size_t max_body;
	http_done done;
	void *ctx;
};

struct canned {
	struct http http;
	struct arena arena;
	struct asked asked[CANNED_MAX];
	size_t asked_n, answered;
	const struct reply *replies;
	size_t replies_n;
};

static inline void canned_copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

static inline int canned_send(struct http *h, const struct http_request *rq, http_done done, void *ctx,
			      struct err *e maybe_unused)
{
	struct canned *c = (struct canned *)h;
	struct asked *a = &c->asked[c->asked_n++];

	assert_true(c->asked_n <= CANNED_MAX);
	canned_copy(a->method, sizeof(a->method), rq->method);
	canned_copy(a->target, sizeof(a->target), rq->target);
	canned_copy(a->body, sizeof(a->body), rq->body);
	canned_copy(a->if_none_match, sizeof(a->if_none_match), rq->if_none_match);
	canned_copy(a->accept, sizeof(a->accept), rq->accept);
	canned_copy(a->authorization, sizeof(a->authorization), rq->authorization);
	canned_copy(a->content_type, sizeof(a->content_type), rq->content_type);
	a->has_body = rq->body != NULL;
	a->foreign = rq->foreign;
	a->local = rq->local;
	a->question = rq->question;
	a->max_body = rq->max_body;
	a->done = done;
	a->ctx = ctx;
	return 0;
}

static inline void canned_http_free(struct http *h maybe_unused)
{
}

static inline void canned_init(struct canned *c, const struct reply *replies, size_t n)
{
	static const struct http_ops ops = { .send = canned_send, .free = canned_http_free };

	*c = (struct canned){ .replies = replies, .replies_n = n };
	c->http.ops = &ops;
	c->http.base = "https://api.example.test";
}

/* As a port does when it closes: whoever still waits is told. */
static inline void canned_done(struct canned *c)
{
	while (c->answered < c->asked_n) {
		const struct asked *a = &c->asked[c->answered++];
		struct err e = ERR_INIT;

		if (err_set(&e, ERR_CANCELLED, "closed") < 0)
			a->done(a->ctx, NULL, &e);
	}
	arena_done(&c->arena);
}

/* "name: value\n..." into the answer's array. */
static inline void canned_headers(struct canned *c, const struct reply *r, struct http_answer *out)
{
	struct http_header *h = arena_array(&c->arena, struct http_header, 96);
	const char *p = r->headers ? r->headers : "";

	out->headers = h;
	while (*p) {
		size_t n = strcspn(p, "\n"), name = strcspn(p, ":");

		h[out->headers_n].name = arena_strndup(&c->arena, p, name);
		h[out->headers_n++].value = arena_strndup(&c->arena, p + name + 2, n - name - 2);
		p += n + (p[n] == '\n');
	}
	if (!http_header(out, "content-type"))
		h[out->headers_n++] =
			(struct http_header){ "content-type", "application/json; charset=utf-8" };
}

/* Answers what is outstanding, and what that asks for, until replies or questions run out. */
static inline void canned_pump(struct canned *c)
{
	while (c->answered < c->asked_n && c->answered < c->replies_n) {
		const struct asked *a = &c->asked[c->answered];
		const struct reply *r = &c->replies[c->answered++];
		struct http_answer answer = { .status = r->status, .body = r->body ? r->body : "" };
		struct err e = ERR_INIT;

		answer.body_n = r->body_n ? r->body_n : strlen(answer.body);
		canned_headers(c, r, &answer);
		if (!r->status && err_set(&e, r->error, "the wire is cut") < 0)
			a->done(a->ctx, NULL, &e);
		else
			a->done(a->ctx, &answer, NULL);
	}
}

/* Whether a sentence holds a part; says both when not. */
#define assert_has(text, part)                                                                       \
	do {                                                                                         \
		if (!strstr((text) ? (text) : "(NULL)", (part)))                                     \
			fail_msg("\"%s\" does not hold \"%s\"", (text) ? (text) : "(NULL)", (part)); \
	} while (0)
