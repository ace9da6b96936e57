/*
 * wire.h - a raw HTTP/1.1 peer on the test's own loop that does exactly what it is told, and writes down what it heard.
 *
 * Each request that arrives whole takes the next move of the script: bytes to write, and what then happens to the
 * connection. No library stands in between, so "one request on the wire" is counted, not believed. A peer that serves
 * for as long as it is asked has a function for its script, and writes nothing down.
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

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "core/adapters/http/http.h"

enum then {
	THEN_KEEP,  /* wait for the next request */
	THEN_CLOSE, /* orderly */
	THEN_RESET, /* RST */
	THEN_HOLD,  /* never another byte */
};

struct move {
	const char *answer; /* or NULL */
	enum then then;
	size_t n; /* 0: strlen(answer) */
};

enum { WIRE_MAX = 64 };

struct wire_connection {
	struct wire *wire;
	int fd;
	struct watch *watch;
	struct buf in;
};

struct wire {
	struct loop *loop;
	int fd, port;
	struct watch *watch;
	const struct move *moves;
	size_t moves_n, heard_n, connections_n;
	struct wire_connection connections[WIRE_MAX];
	char *heard[WIRE_MAX]; /* requests, head and body */
	size_t on[WIRE_MAX];   /* by which connection */
	bool deaf;             /* closes whatever connects, without reading a request out of it */
	/* Or: the next move for each request; borrowed until the next. */
	const struct move *(*decide)(void *ctx, const char *request);
	void *ctx;
};

static inline void wire_drop(struct wire_connection *c, bool reset)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	if (c->fd < 0)
		return;
	if (reset)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	watch_free(c->watch);
	close(c->fd);
	c->fd = -1;
}

/* Bytes of one whole request at the beginning of s, or 0. */
static inline size_t wire_whole(const char *s)
{
	const char *end = strstr(s, "\r\n\r\n"), *length = strcasestr(s, "content-length:");
	size_t n;

	if (!end)
		return 0;
	n = (size_t)(end - s) + 4;
	if (length && length < end)
		n += (size_t)strtoul(length + strlen("content-length:"), NULL, 10);
	return strlen(s) >= n ? n : 0;
}

static inline const struct move *wire_next(struct wire_connection *c, size_t n)
{
	struct wire *w = c->wire;

	assert_true(w->heard_n < WIRE_MAX);
	w->on[w->heard_n] = (size_t)(c - w->connections);
	w->heard[w->heard_n] = strndup(c->in.s, n);
	if (w->heard_n >= w->moves_n)
		fail_msg("a request nobody expected: %s", w->heard[w->heard_n]);
	return &w->moves[w->heard_n++];
}

static inline void wire_move(struct wire_connection *c, size_t n)
{
	struct wire *w = c->wire;
	const struct move *m = w->decide ? w->decide(w->ctx, c->in.s) : wire_next(c, n);
	size_t length = m->n || !m->answer ? m->n : strlen(m->answer);

	buf_shift(&c->in, n);
	/* who asked a server of ours may be gone by now */
	if (length)
		assert_true(send(c->fd, m->answer, length, MSG_NOSIGNAL) > 0 || w->decide);
	if (m->then == THEN_CLOSE || m->then == THEN_RESET)
		wire_drop(c, m->then == THEN_RESET);
	if (m->then == THEN_HOLD)
		watch_set(c->watch, 0);
}

static inline void wire_read(void *ctx, int fd, unsigned events maybe_unused)
{
	struct wire_connection *c = ctx;
	char bytes[4096];
	ssize_t n = read(fd, bytes, sizeof(bytes));
	size_t whole;

	if (n <= 0) {
		wire_drop(c, false);
		return;
	}
	buf_add(&c->in, bytes, (size_t)n);
	if (c->wire->deaf)
		wire_drop(c, false);
	while (c->fd >= 0 && !c->wire->deaf && (whole = wire_whole(c->in.s)))
		wire_move(c, whole);
}

/* A place of its own for each connection that is written down, else one that is free. */
static inline struct wire_connection *wire_place(struct wire *w)
{
	for (size_t i = 0; w->decide && i < w->connections_n; i++)
		if (w->connections[i].fd < 0)
			return &w->connections[i];
	assert_true(w->connections_n < WIRE_MAX);
	return &w->connections[w->connections_n++];
}

static inline void wire_accept(void *ctx, int fd, unsigned events maybe_unused)
{
	struct wire *w = ctx;
	struct wire_connection *c = wire_place(w);

	buf_done(&c->in);
	c->wire = w;
	c->fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	assert_true(c->fd >= 0);
	buf_init(&c->in, 1 << 20);
	c->watch = watch_new(w->loop, c->fd, WATCH_READ, wire_read, c);
}

static inline void wire_listen(struct wire *w, int family, const struct sockaddr *address, socklen_t n)
{
	w->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(w->fd >= 0);
	assert_int_equal(bind(w->fd, address, n), 0);
	assert_int_equal(listen(w->fd, 16), 0);
	w->watch = watch_new(w->loop, w->fd, WATCH_READ, wire_accept, w);
}

static inline void wire_open(struct wire *w, struct loop *loop, const struct move *moves, size_t n)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);

	*w = (struct wire){ .loop = loop, .moves = moves, .moves_n = n };
	wire_listen(w, AF_INET, (struct sockaddr *)&address, sizeof(address));
	assert_int_equal(getsockname(w->fd, (struct sockaddr *)&address, &size), 0);
	w->port = ntohs(address.sin_port);
}

static inline void wire_open_unix(struct wire *w, struct loop *loop, const char *path,
				  const struct move *moves, size_t n)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	*w = (struct wire){ .loop = loop, .moves = moves, .moves_n = n };
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	wire_listen(w, AF_UNIX, (struct sockaddr *)&address, sizeof(address));
}

static inline void wire_close(struct wire *w)
{
	for (size_t i = 0; i < w->connections_n; i++) {
		wire_drop(&w->connections[i], false);
		buf_done(&w->connections[i].in);
	}
	for (size_t i = 0; i < w->heard_n; i++)
		free(w->heard[i]);
	watch_free(w->watch);
	close(w->fd);
}

/* Whether what was heard as request i has the line (case matters not). */
static inline bool wire_heard(const struct wire *w, size_t i, const char *part)
{
	return i < w->heard_n && strcasestr(w->heard[i], part) != NULL;
}
