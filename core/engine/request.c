#include "core/engine/peer.h"

#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#define ARGV_MAX 64

struct ask {
	struct ask *next;
	struct server *s;
	int64_t serial; /* of the peer */
	int64_t id;     /* the peer's name for its request */
};

static void ask_unlink(struct ask *q)
{
	for (struct ask **at = &q->s->asks; *at; at = &(*at)->next)
		if (*at == q) {
			*at = q->next;
			return;
		}
}

void request_left(struct server *s, int64_t serial)
{
	for (struct ask *q = s->asks; q && s->en; q = q->next)
		if (q->serial == serial)
			(void)engine_leave(s->en, q);
}

void request_free_all(struct server *s)
{
	while (s->asks) {
		struct ask *q = s->asks;

		s->asks = q->next;
		free(q);
	}
}

static void write_answer(struct jw *w, int64_t id, int exit_status, const char *json)
{
	struct err e = ERR_INIT;
	struct json *doc = NULL;
	struct buf error = BUF_INIT(LINE_MAX_BYTES);

	jw_open(w, '{');
	jw_kint(w, "id", id);
	jw_kint(w, "exit", exit_status);
	if (json_parse(&doc, json, __builtin_strlen(json), LINE_MAX_BYTES, &e) == 0 &&
	    json_get(doc, "error")) {
		json_dump(&error, json_get(doc, "error"));
		jw_key(w, "error");
		jw_json(w, error.s);
	}
	jw_key(w, "result");
	jw_json(w, doc ? json : "null");
	jw_close(w, '}');
	buf_done(&error);
	json_free(doc);
}

void server_fatal_line(struct buf *out, int exit_status, const struct err *err)
{
	struct jw w;

	jw_init(&w, out);
	jw_open(&w, '{');
	jw_kopen(&w, "fatal", '{');
	jw_kint(&w, "exit", exit_status);
	jw_kerror(&w, err_word(err->kind), err->message, err->hint);
	jw_close(&w, '}');
	jw_close(&w, '}');
}

static void answer(struct server *s, struct peer *p, int64_t id, int exit_status, const char *json)
{
	struct buf line = BUF_INIT(2 * LINE_MAX_BYTES);
	struct jw w;

	jw_init(&w, &line);
	write_answer(&w, id, exit_status, json);
	if (line.over || line.n >= LINE_MAX_BYTES) {
		buf_reset(&line);
		jw_init(&w, &line);
		write_answer(
			&w, id, err_exit_status(ERR_BUG),
			"{\"error\":{\"code\":\"bug\",\"message\":\"the answer is too long for one line\","
			"\"fix\":null}}");
	}
	peer_send(s, p, &line);
	buf_done(&line);
}

static void replied(void *ctx, int exit_status, const char *json)
{
	struct ask *q = ctx;
	struct peer *p = peer_find(q->s, q->serial);

	if (p)
		answer(q->s, p, q->id, exit_status, json);
	ask_unlink(q);
	free(q);
}

static int refuse(struct server *s, struct peer *p, int64_t id, const char *why)
{
	struct buf text = BUF_INIT(4096);
	struct jw w;

	jw_init(&w, &text);
	jw_open(&w, '{');
	jw_kerror(&w, err_word(ERR_INVALID), why, NULL);
	jw_close(&w, '}');
	answer(s, p, id, err_exit_status(ERR_INVALID), text.s);
	buf_done(&text);
	return -ERR_INVALID;
}

static int ask_engine(struct server *s, struct peer *p, int64_t id, const struct json *doc)
{
	const struct json *list = json_get(doc, "argv");
	const char *argv[ARGV_MAX];
	size_t n = json_size(list);
	struct ask *q;

	if (json_type(list) != JSON_ARRAY || !n || n > ARGV_MAX)
		return refuse(s, p, id, "a request needs argv, attach or focus");
	for (size_t i = 0; i < n; i++) {
		argv[i] = json_str(json_at(list, i), "");
		if (!argv[i])
			return refuse(s, p, id, "argv holds something that is no string");
	}
	q = x_alloc(sizeof(*q));
	*q = (struct ask){ .next = s->asks, .s = s, .serial = p->serial, .id = id };
	s->asks = q;
	p->polls = p->polls || !strcmp(argv[0], "sync");
	engine_asks_from(s->en, json_str(doc, "from"));
	engine_ask(s->en, (int)n, argv, json_str(doc, "plan"), replied, q);
	engine_asks_from(s->en, NULL);
	return 0;
}

static int greet(struct server *s, struct peer *p, const struct json *list)
{
	struct buf line = BUF_INIT(4096);
	const char *globals[ARGV_MAX + 1] = { NULL };
	size_t n = json_size(list);
	struct err why = ERR_INIT;
	enum greeting g = GREET_SAME;

	for (size_t i = 0; i < n && i < ARGV_MAX; i++)
		globals[i] = json_str(json_at(list, i), "");
	if (s->greet && n <= ARGV_MAX)
		g = s->greet(s->greet_ctx, globals, n, &why);
	if (g == GREET_SAME)
		buf_str(&line, "{\"event\":\"same\"}");
	else
		server_fatal_line(&line, g == GREET_LEAVE ? SERVER_LOCKED_EXIT : err_exit_status(why.kind),
				  &why);
	peer_send(s, p, &line);
	buf_done(&line);
	return g == GREET_SAME ? 0 : -ERR_CONFLICT;
}

/* {"id":9,"cancel":4}: is request 4 of this peer stopped before it sent anything? Its own answer comes all the same. */
static int cancel(struct server *s, struct peer *p, int64_t id, int64_t which)
{
	bool stopped = false;

	for (struct ask *q = s->asks; q; q = q->next)
		if (q->serial == p->serial && q->id == which)
			stopped = engine_leave(s->en, q);
	answer(s, p, id, 0, stopped ? "{\"stopped\":true}" : "{\"stopped\":false}");
	return 0;
}

static int obey(struct server *s, struct peer *p, const struct json *doc)
{
	int64_t id = json_int(doc, "id", 0);
	const struct json *focus = json_get(doc, "focus");
	const struct json *globals = json_get(doc, "globals");

	if (json_type(globals) == JSON_ARRAY)
		return greet(s, p, globals);
	if (json_type(json_get(doc, "cancel")) == JSON_INT)
		return cancel(s, p, id, json_int(doc, "cancel", 0));
	if (json_bool(doc, "attach", false)) {
		peer_attach(s, p);
		answer(s, p, id, 0, "{}");
		return 0;
	}
	if (json_type(focus) == JSON_OBJECT) {
		engine_focus(s->en, json_str(focus, "lane"), json_int(focus, "run", 0));
		return 0;
	}
	return ask_engine(s, p, id, doc);
}

int request_line(struct server *s, struct peer *p, const char *line, size_t n)
{
	struct err e = ERR_INIT;
	struct json *doc = NULL;
	int r;

	if (!s->en)
		return -ERR_CANCELLED;
	if (json_parse(&doc, line, n, LINE_MAX_BYTES, &e) < 0)
		return refuse(s, p, 0, e.message);
	r = obey(s, p, doc);
	json_free(doc);
	return r;
}
