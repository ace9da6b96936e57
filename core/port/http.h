/*
 * http.h - port: one HTTP exchange with one origin, asynchronously on the loop.
 *
 * Two implementations: adapters/http (libcurl) and adapters/sim (the simulated world, in-process, no sockets). The
 * adapter that speaks a forge's language sits on this port, so drills and tests exercise the same mapping code.
 *
 * Contract. done() is always called exactly once, from the loop, never from inside http_send(); answer and err are
 * borrowed for the call. Redirects are never followed here. A mutating request (neither GET nor a question) goes out on
 * a fresh connection that is not reused, is never resent by any layer, and its failure is classified: `err.kind` is
 * ERR_OFFLINE or ERR_CANCELLED only if it is certain that no byte of the request left, else ERR_UNKNOWN. A body that
 * is truncated, or larger than max_body after decoding, is an error and there is no answer. The token is added by the
 * implementation to requests for the one origin it was made for, and never to a foreign one.
 *
 * A read that fails is ERR_OFFLINE when the other side could not be heard at all (connect, TLS, reset, timeout) and
 * ERR_SERVER when what came is no whole answer or too large a one. ERR_INVALID: the request itself is refused.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/loop.h"

struct http_header {
	const char *name, *value;
};

struct http_request {
	const char *method; /* GET POST PUT PATCH DELETE */
	const char *
		target; /* path and query, already percent-encoded, starts with '/' ; or an absolute URL when foreign */
	bool foreign; /* target is an absolute https URL (log storage): sent without token, GET only */
	bool local; /* foreign: http to 127.0.0.1, [::1] or localhost will do as well. Only for an address that
			     * a person gave, never for one that an answer named */
	bool question;      /* a POST that only asks, as its words are too long for an address: else a read */
	const char *accept; /* NULL: application/vnd.github+json */
	const char *body;   /* JSON or NULL; copied */
	const char *content_type; /* of the body; NULL: application/json */
	const char *
		authorization; /* whole value, sent instead of the token wherever this goes; NULL: the token */
	const char *if_none_match; /* or NULL */
	size_t max_body;           /* bytes after decoding; 0: 16 MiB */
	msec timeout;              /* whole exchange; 0: 30 s */
};

struct http_answer {
	int status;
	const struct http_header *headers; /* names lower case */
	size_t headers_n;
	const char *body; /* NUL-terminated after body_n bytes; "" when empty */
	size_t body_n;
};

typedef void (*http_done)(void *ctx, const struct http_answer *answer,
			  const struct err *err); /* one of them NULL */

struct http; /* implementations embed it first */
struct http_ops {
	/* mandatory. Returns <0 only when the request could not even be accepted (bad target): then done is not called. */
	int (*send)(struct http *h, const struct http_request *req, http_done done, void *ctx, struct err *e);
	/* mandatory. NULL is never passed. Outstanding exchanges end with ERR_CANCELLED or ERR_UNKNOWN before it returns. */
	void (*free)(struct http *h);
};
struct http {
	const struct http_ops *ops;
	/* Counted by the implementation: exchanges begun, body bytes received on the wire. */
	uint64_t requests, bytes;
	/* Origin and path prefix, lower case, without a last '/': what URLs in answers are compared with. NULL: there
	 * is no network behind it, and whatever origin an answer names is the other side itself. */
	const char *base;
};

static inline int http_send(struct http *h, const struct http_request *req, http_done done, void *ctx,
			    struct err *e)
{
	return h->ops->send(h, req, done, ctx, e);
}
static inline void http_free(struct http *h)
{
	if (h)
		h->ops->free(h);
}
/* Value of a header (lower-case name), or NULL. */
static inline const char *http_header(const struct http_answer *a, const char *name)
{
	for (size_t i = 0; i < a->headers_n; i++)
		if (!__builtin_strcmp(a->headers[i].name, name))
			return a->headers[i].value;
	return NULL;
}
