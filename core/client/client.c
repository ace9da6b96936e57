#include "core/client/private.h"
#include "base/places.h"

static const char *const *globals_copy(const char *const *list, struct arena *a)
{
	const char **copy;
	size_t n = 0;

	while (list && list[n])
		n++;
	copy = arena_array(a, const char *, n + 1);
	for (size_t i = 0; i < n; i++)
		copy[i] = arena_strdup(a, list[i]);
	return copy;
}

static int find_socket(struct client *c, struct err *e)
{
	struct places p;
	int r = places_find(&p, c->state_dir, NULL, &c->arena, e);

	if (r < 0)
		return r;
	c->socket_path = p.socket_path;
	if (!c->state_dir)
		c->state_dir = p.state_dir;
	return 0;
}

int client_open(struct client **out, struct loop *loop, const struct client_options *o, client_event fn,
		void *ctx, struct err *e)
{
	struct client *c = x_alloc(sizeof(*c));
	int r = 0;

	*c = (struct client){ .loop = loop, .fd = -1, .own = o->own, .on_event = fn, .ctx = ctx };
	c->state_dir = arena_strdup(&c->arena, o->state_dir);
	c->socket_path = arena_strdup(&c->arena, o->socket_path);
	c->globals = globals_copy(o->globals, &c->arena);
	c->revive_in = REVIVE_FIRST;
	buf_init(&c->in, CLIENT_LINE_MAX);
	buf_init(&c->out, CLIENT_OUT_MAX);
	if (!c->socket_path)
		r = find_socket(c, e);
	if (r < 0) {
		client_close(c);
		return r;
	}
	c->state = CLIENT_STARTING;
	*out = c;
	c->dispatching = true; /* a callback may close us */
	link_try(c);
	c->dispatching = false;
	return 0;
}

void client_close(struct client *c)
{
	if (!c)
		return;
	c->closed = true;
	if (c->dispatching)
		return;
	link_close(c);
	timer_free(c->timer);
	while (c->pending) {
		struct pending *p = c->pending;

		c->pending = p->next;
		free(p->line);
		free(p);
	}
	buf_done(&c->in);
	buf_done(&c->out);
	free(c->focus);
	arena_done(&c->arena);
	free(c);
}

void client_say(struct client *c, const char *event, const char *text)
{
	if (c->on_event && !c->closed)
		c->on_event(c->ctx, event, text ? text : "");
}

void client_revive(struct client *c)
{
	c->revive_in = REVIVE_FIRST;
	c->tries = 0;
	c->gave_up = false;
	if (c->fd < 0)
		link_try(c);
}

/* ---- what we ask ------------------------------------------------------------------------------------------------------ */

static void write_ask(struct buf *line, int64_t id, int argc, const char *const *argv, const char *plan)
{
	const char *from = getenv("SSH_CONNECTION");
	struct jw w;

	jw_init(&w, line);
	jw_open(&w, '{');
	jw_kint(&w, "id", id);
	jw_kopen(&w, "argv", '[');
	for (int i = 0; i < argc; i++)
		jw_raw_str(&w, argv[i]);
	jw_close(&w, ']');
	if (plan) {
		jw_key(&w, "plan");
		jw_raw_str(&w, plan);
	}
	if (from) {
		jw_key(&w, "from");
		jw_raw_str(&w, from);
	}
	jw_close(&w, '}');
}

static void pending_add(struct client *c, char *line, client_reply fn, void *ctx)
{
	struct pending *p = x_alloc(sizeof(*p)), **at = &c->pending;

	*p = (struct pending){ .id = c->id, .line = line, .fn = fn, .ctx = ctx };
	while (*at)
		at = &(*at)->next;
	*at = p;
}

static const struct pending *last_pending(const struct client *c)
{
	const struct pending *p = c->pending;

	while (p->next)
		p = p->next;
	return p;
}

static void ask_line(struct client *c, char *line, client_reply fn, void *ctx)
{
	pending_add(c, line, fn, ctx);
	if (c->hello)
		link_write(c, last_pending(c)->line);
}

/* Not from inside a callback: there the link is just being given up. */
static void revive_for(struct client *c)
{
	c->dispatching = true; /* a callback may close us */
	client_revive(c);
	c->dispatching = false;
}

int client_ask(struct client *c, int argc, const char *const *argv, const char *plan, client_reply fn,
	       void *ctx, struct err *e)
{
	struct buf line = BUF_INIT(CLIENT_LINE_MAX - 1);

	if (c->state == CLIENT_DOWN && !c->own && !c->dispatching)
		revive_for(c);
	if (c->state == CLIENT_DOWN || c->closed) {
		if (c->closed) /* by the callback that heard it */
			client_close(c);
		return err_set(e, ERR_STORE, "the engine is not running; nothing was sent");
	}
	write_ask(&line, ++c->id, argc, argv, plan);
	if (line.over) {
		buf_done(&line);
		return err_set(e, ERR_INVALID, "the command line is too long");
	}
	ask_line(c, buf_detach(&line), fn, ctx);
	return 0;
}

int client_cancel(struct client *c, client_reply fn, void *ctx, struct err *e)
{
	struct buf line = BUF_INIT(128);
	int64_t last;

	if (c->state == CLIENT_DOWN || !c->pending)
		return err_set(e, ERR_MISSING, "there is nothing to cancel");
	last = last_pending(c)->id;
	buf_fmt(&line, "{\"id\":%" PRId64 ",\"cancel\":%" PRId64 "}", ++c->id, last);
	ask_line(c, buf_detach(&line), fn, ctx);
	return 0;
}

static void write_attach(struct client *c)
{
	char line[64];

	snprintf(line, sizeof(line), "{\"id\":%" PRId64 ",\"attach\":true}", ++c->id);
	link_write(c, line);
}

int client_attach(struct client *c, struct err *e)
{
	(void)e;
	if (c->attached)
		return 0;
	c->attached = true;
	if (c->hello)
		write_attach(c);
	return 0;
}

void client_focus(struct client *c, const char *lane, int64_t run)
{
	struct buf line = BUF_INIT(4096);
	struct jw w;

	jw_init(&w, &line);
	jw_open(&w, '{');
	jw_kint(&w, "id", ++c->id);
	jw_kopen(&w, "focus", '{');
	if (lane) {
		jw_key(&w, "lane");
		jw_raw_str(&w, lane);
	}
	if (run)
		jw_kint(&w, "run", run);
	jw_close(&w, '}');
	jw_close(&w, '}');
	free(c->focus);
	c->focus = buf_detach(&line);
	if (c->hello)
		link_write(c, c->focus);
}

/* Writes what waits: attach, focus, requests. */
static void greet(struct client *c)
{
	if (c->attached)
		write_attach(c);
	if (c->focus)
		link_write(c, c->focus);
	for (struct pending *p = c->pending; p && c->fd >= 0; p = p->next)
		link_write(c, p->line);
}

/* ---- what we are told ---------------------------------------------------------------------------------------------------- */

static void pending_answer(struct client *c, struct pending *p, const struct json *answer)
{
	client_reply fn = p->fn;
	void *ctx = p->ctx;

	free(p->line);
	free(p);
	if (fn && !c->closed)
		fn(ctx, answer);
}

void client_fail(struct client *c, const struct json *answer)
{
	struct pending *list = c->pending, *next;

	/* A callback may ask again: that is a new request. */
	c->pending = NULL;
	for (; list; list = next) {
		next = list->next;
		pending_answer(c, list, answer);
	}
}

static void take_answer(struct client *c, const struct json *doc)
{
	int64_t id = json_int(doc, "id", 0);

	for (struct pending **at = &c->pending; *at; at = &(*at)->next) {
		struct pending *p = *at;

		if (p->id != id)
			continue;
		*at = p->next;
		pending_answer(c, p, doc);
		return;
	}
}

/* A standing engine serves what it was started for. Another forge or other profiles are not what we were asked for. */
static void show_globals(struct client *c)
{
	struct buf line = BUF_INIT(CLIENT_LINE_MAX - 1);
	struct jw w;

	jw_init(&w, &line);
	jw_open(&w, '{');
	jw_kopen(&w, "globals", '[');
	for (size_t i = 0; c->globals[i]; i++)
		jw_raw_str(&w, c->globals[i]);
	jw_close(&w, ']');
	jw_close(&w, '}');
	link_write(c, line.s);
	buf_done(&line);
}

static void take_hello(struct client *c)
{
	if (c->standing) {
		c->standing = false;
		show_globals(c);
		return;
	}
	c->hello = true;
	c->tries = c->deaths = 0;
	c->revive_in = REVIVE_FIRST;
	c->gave_up = false;
	c->state = CLIENT_UP;
	greet(c);
	client_say(c, "up", "");
}

/* The engine could not start, and read nothing. Another holds the lock: that one is asked. Else this is the answer. */
static void take_fatal(struct client *c, const struct json *doc)
{
	const char *why = json_str(doc, "error.message");

	link_close(c);
	if (json_int(doc, "exit", 0) == LOCKED_EXIT)
		link_wait(c);
	else
		link_give_up(c, why ? why : "the engine could not start", doc, false);
}

void client_line(struct client *c, const char *line, size_t n)
{
	struct err e = ERR_INIT;
	struct json *doc = NULL;
	const char *event;

	if (json_parse(&doc, line, n, CLIENT_LINE_MAX, &e) < 0) {
		link_lost(c);
		return;
	}
	event = json_str(doc, "event");
	if (json_get(doc, "fatal"))
		take_fatal(c, json_get(doc, "fatal"));
	else if (event && (!strcmp(event, "hello") || !strcmp(event, "same")))
		take_hello(c);
	else if (event)
		client_say(c, event, json_str(doc, "text"));
	else
		take_answer(c, doc);
	json_free(doc);
}
