/*
 * client.h - the console's end of the engine.
 *
 * The engine listens on a Unix socket in the runtime directory; each line is one JSON document, at most 1 MiB. A client
 * that finds no engine starts one: pilothouse-engine with the same global options, which takes the lock of the state
 * directory or, when another was faster, exits. A one-shot verb gets an engine of its own over a socket pair
 * (--serve-fd), which takes the same lock and ends with the connection; if one is running already, that one serves.
 *
 *	-> {"id":1,"argv":["plan","dispatch","easy/prod","v0.9.4"]}
 *	-> {"id":2,"argv":["dispatch","easy/prod","v0.9.4","--confirm","easy/prod v0.9.4"],"plan":"7c1e93f0"}
 *	-> {"id":6,"argv":[..],"from":"203.0.113.9 52144 198.51.100.2 22"}    SSH_CONNECTION, for the audit chain
 *	-> {"id":3,"attach":true}             keep polling while I am here; events follow
 *	-> {"id":4,"focus":{"lane":"easy/prod","run":35531727338}}
 *	-> {"id":5,"cancel":2}                do not send it, if it is not sent
 *	<- {"id":2,"exit":0,"result":{...}}   or {"id":2,"exit":1,"error":{"code":..,"message":..,"fix":..},"result":{..}}
 *	<- {"event":"changed"} {"event":"notice","text":".."} {"event":"bye","text":".."}
 *
 * "plan" names the plan a person read: the engine sends only if it would make the very same plan now.
 */
#pragma once

#include "base/json.h"
#include "base/loop.h"

struct client;

#define CLIENT_QUIET_MS 15000 /* a person who asked waits no longer without a word */

struct client_options {
	const char *state_dir;      /* where engine.lock and, without a runtime dir, engine.sock are */
	const char *socket_path;    /* engine.sock */
	const char *const *globals; /* options to start an engine with, NULL-terminated */
	bool own;                   /* one-shot: start an engine of our own when none runs */
};

/* answer: parsed document, borrowed. NULL when the engine died before it answered: the outcome is not known. */
typedef void (*client_reply)(void *ctx, const struct json *answer);
typedef void (*client_event)(void *ctx, const char *event,
			     const char *text); /* changed, notice, bye, up, down */

int client_open(struct client **out, struct loop *loop, const struct client_options *o, client_event fn,
		void *ctx, struct err *e) must_check;
void client_close(struct client *c);
DEFINE_FREEP(struct client *, client, client_close)
/*
 * Sends a command line; reply comes once, from the loop. plan may be NULL. A console that has no engine starts one at
 * once for it, whatever its back-off; the request waits for that engine. Only a reply that asks again finds it down.
 */
int client_ask(struct client *c, int argc, const char *const *argv, const char *plan, client_reply fn,
	       void *ctx, struct err *e) must_check;
/*
 * Stops what was asked last, if it has not been sent. fn is told {"exit":0,"result":{"stopped":true}} when it is certain
 * that nothing of it was or will be sent; the request's own answer comes besides.
 */
int client_cancel(struct client *c, client_reply fn, void *ctx, struct err *e) must_check;
int client_attach(struct client *c, struct err *e) must_check;
void client_focus(struct client *c, const char *lane, int64_t run);
/* Starts the engine again after it died, at once. A timer does so with back-off, and client_ask() for what is asked. */
void client_revive(struct client *c);
