/*
 * peer.h - the inside of the server, shared by server.c (descriptors and buffers) and request.c (what lines mean).
 */
#pragma once

#include "base/buf.h"
#include "core/engine/server.h"

#include <sys/types.h>

#define LINE_MAX_BYTES   ((size_t)1 << 20)
#define OUTBOX_MAX_BYTES ((size_t)4 << 20)

struct peer {
	struct peer *next;
	int64_t serial; /* answers find their peer by it: it may be gone */
	int fd;
	struct watch *watch;
	struct buf in, out;
	bool attached;
	bool polls;   /* asked for `sync` without --once: polling ends with the last such peer */
	bool told;    /* a "changed" is in the outbox already */
	bool closing; /* dropped as soon as the outbox is empty */
	bool gone;
};

struct ask; /* request.c: an answer that is owed */

struct server {
	struct engine *en; /* NULL once it is gone */
	struct loop *loop;
	int fd;
	struct watch *watch;
	char *path;  /* heap */
	dev_t dev;   /* of what stands there, if it is ours */
	ino_t inode; /* 0: nothing of ours */
	struct peer *peers;
	int64_t serial;
	struct ask *asks;
	server_greet greet;
	void *greet_ctx;
};

struct peer *peer_find(struct server *s, int64_t serial);                 /* NULL: gone */
void peer_send(struct server *s, struct peer *p, const struct buf *line); /* adds the newline */
void peer_attach(struct server *s, struct peer *p);
void request_left(struct server *s,
		  int64_t serial); /* request.c: the peer is gone, its acts must not be sent */
