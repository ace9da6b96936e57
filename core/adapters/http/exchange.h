/*
 * exchange.h - one request and its answer on one easy handle; private to the http adapter.
 *
 * An exchange owns its easy handle, the copies of what the request said, and the bytes of the answer. It knows how to
 * set the handle up and how to read its end (answer or classified error); the multi handles, the loop and the calling
 * of done() are http.c's.
 */
#pragma once

#include <curl/curl.h>
#include <sys/queue.h>

#include "base/arena.h"
#include "base/secret.h"
#include "base/vec.h"
#include "core/port/http.h"

struct headers VEC_OF(struct http_header);

/* Where an http port may go: the one origin, and how to get there. */
struct origin {
	char *base; /* http.h: base */
	char *host; /* for messages, and for foreign targets of a loopback origin */
	bool plain; /* http on loopback or on a Unix socket */
	char *ca_file, *unix_socket, *user_agent;
	const struct secret *token; /* borrowed, may be NULL */
	bool bare;                  /* http.h */
	msec timeout;               /* of an exchange that names none */
};

struct curl_http;

struct exchange {
	LIST_ENTRY(exchange) link;
	struct curl_http *owner;
	struct timer *limit; /* http.c's, in case libcurl's own never comes */
	CURL *easy;
	struct curl_slist *request_headers; /* the token is in here: wiped when released */
	struct arena arena;
	struct headers headers;
	size_t header_bytes;
	struct buf body;
	bool mutating;
	msec timeout; /* for the whole exchange */
	bool plain;   /* http, on this machine */
	bool too_large, bad_headers;
	char *host; /* in the arena; for messages */
	char error[CURL_ERROR_SIZE];
	http_done done;
	void *ctx;
};

/* Nothing is changed by it: it may share a connection, and go out twice. */
bool request_is_read(const struct http_request *rq);
/* Sets up x->easy (given, fresh) for the request; refuses with ERR_INVALID what must not go on a wire. */
int exchange_prepare(struct exchange *x, const struct origin *o, const struct http_request *rq,
		     struct err *e) must_check;
/* 0: the answer is whole and in *out (borrowed from x); else the classified error. */
int exchange_result(struct exchange *x, CURLcode code, struct http_answer *out, struct err *e) must_check;
/* The error of an exchange that we end ourselves. */
int exchange_cancelled(struct exchange *x, struct err *e) must_check;
/* Gives everything back but the easy handle. */
void exchange_free(struct exchange *x);

/* Checks and normalises: https, or http where nothing leaves the machine. */
int origin_parse(struct origin *o, const char *base, bool local_socket, struct err *e) must_check;
void origin_done(struct origin *o);
/* By the numbers that are this machine. */
bool host_is_loopback(const char *host);
