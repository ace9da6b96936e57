/*
 * server.h - the engine's end of the socket: peers, lines, answers, events. The protocol is described in
 * core/client/client.h; this side adds one line: {"event":"hello"} before anything is read from a peer, so that a
 * client whose connection ended without it knows that nothing it wrote was seen.
 *
 * A peer must have our uid (SO_PEERCRED). Lines are at most 1 MiB; a peer that sends a longer one, or does not read
 * what it is sent (outbox 4 MiB), is dropped. Closing a server before the engine is freed is a mistake: the engine's
 * last answers go through it.
 */
#pragma once

#include "core/engine/engine.h"

struct server;

#define SERVER_PEERS_MAX 16

int server_new(struct server **out, struct engine *en, struct loop *loop, struct err *e) must_check;
void server_free(struct server *s);
/* Listens at path with mode 0600; what is there already is replaced: the caller holds the lock. */
int server_listen(struct server *s, const char *path, struct err *e) must_check;
/* An engine outlives the session whose runtime directory its socket was in: where it was removed or replaced, it is made
 * again. 1: it was; 0: it stands. */
int server_listen_again(struct server *s, struct err *e) must_check;
/* Serves a connected descriptor, which it owns from now on. */
int server_adopt(struct server *s, int fd, struct err *e) must_check;
int server_peers(const struct server *s);
bool server_owes(const struct server *s); /* an answer is under way, though who asked may have left */
void server_event(struct server *s, const char *event, const char *text); /* to every attached peer */
void server_engine_gone(struct server *s); /* the engine is about to be freed: take no more requests */

/* A client that found us standing shows the options it would have started an engine with. */
enum greeting {
	GREET_SAME,  /* they mean what ours mean */
	GREET_OTHER, /* they do not, and others need us: *why says what differs */
	GREET_LEAVE, /* they do not, and we make room */
};
typedef enum greeting (*server_greet)(void *ctx, const char *const *globals, size_t n, struct err *why);
void server_on_greet(struct server *s, server_greet fn, void *ctx);

#define SERVER_LOCKED_EXIT 75 /* EX_TEMPFAIL: look for the engine again */
/* {"fatal":{"exit":N,"error":{..}}}: we cannot serve, and read nothing of what was asked. */
void server_fatal_line(struct buf *out, int exit_status, const struct err *err);

/* ---- request.c ---- */
struct peer;
/* One line of a peer; <0: the peer is to be dropped after what is in its outbox. */
int request_line(struct server *s, struct peer *p, const char *line, size_t n);
void request_free_all(struct server *s);
