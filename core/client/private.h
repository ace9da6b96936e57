/*
 * private.h - the inside of the client: link.c (the wire and the process behind it), client.c (requests and answers).
 *
 * A link is tried in this order: the socket that stands; else an engine of our own over a socket pair, which becomes
 * the one engine of the state directory or says that another was faster ("fatal" with exit 75), and then the socket
 * again. Requests are written when the engine said hello, and one that stood before said that it serves the same forge with the
 * same profiles; an end of the link after that leaves their outcome unknown, before it they go to the next link.
 *
 * Who is just starting is looked for often, then more rarely, ten seconds in all. When no engine can be had, that is said
 * once, and from then on a try is one start and one look, every other minute: a console that nobody helps must not cost more
 * than one that idles.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "core/client/client.h"

#define CLIENT_LINE_MAX (1 << 20)
#define CLIENT_OUT_MAX  (4 << 20)
#define LOCKED_EXIT     75 /* EX_TEMPFAIL: another engine holds the lock */
#define TRY_AGAIN \
	50 /* ms between the first looks for the engine that was faster; then twice that, and so on */
#define TRIES_OFTEN  10
#define TRIES_MAX    18
#define DEATHS_MAX   4
#define REVIVE_FIRST 1000
#define REVIVE_MAX   120000

struct pending {
	struct pending *next;
	int64_t id;
	char *line; /* to be written again as long as nobody read it */
	client_reply fn;
	void *ctx;
};

enum client_state { CLIENT_DOWN, CLIENT_STARTING, CLIENT_UP };

struct client {
	struct loop *loop;
	struct arena arena;
	const char *state_dir;
	const char *socket_path;
	const char *const *globals;
	bool own;
	client_event on_event;
	void *ctx;
	enum client_state state;
	/* the link */
	int fd; /* -1 none */
	struct watch *watch;
	struct timer *timer;
	struct buf in, out;
	bool standing;  /* it ran before we came: it must say whether it was started with the same options */
	bool hello;     /* the engine reads us; before, nothing is written but our options */
	pid_t child;    /* engine that we started, 0 none or reaped */
	int tries;      /* for one link */
	int deaths;     /* links that ended before a word, in a row */
	msec revive_in; /* next back-off */
	bool gave_up;   /* no engine could be had, and none was since */
	char why[256];  /* as last said */
	bool dispatching, closed; /* closed inside one of its own callbacks */
	/* what is asked */
	struct pending *pending; /* oldest first */
	int64_t id;
	bool attached;
	char *focus; /* line, heap */
};

/* ---- link.c ---- */
void link_try(struct client *c);  /* connects or spawns; ends in STARTING, or DOWN with a timer */
void link_lost(struct client *c); /* the other end is gone */
/* No engine can be had. fatal: what it said; read_us: it may have read what we asked, so the outcome is not known. */
void link_give_up(struct client *c, const char *why, const struct json *fatal, bool read_us);
void link_wait(struct client *c); /* another engine is there or was: look again soon */
void link_close(struct client *c);
void link_write(struct client *c, const char *line);

/* ---- client.c ---- */
void client_line(struct client *c, const char *line, size_t n);
void client_fail(struct client *c, const struct json *answer); /* to every request; NULL: not known */
void client_say(struct client *c, const char *event, const char *text);
