#include "core/adapters/prometheus/prometheus.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "base/secret.h"
#include "base/text.h"
#include "core/adapters/prometheus/internal.h"

enum {
	MAX_ANSWER = 4 << 20,      /* 11,000 points have about half a megabyte */
	MAX_EXPRESSION = 64 << 10, /* Prometheus takes forms of up to 10 MB */
	MAX_WHY = 300,
	TIMEOUT = 10000,
	LOOKBACK = 60, /* times what is stale: how far back is looked for a number where there is none now */
	THOUSAND = 1000,
	MILLION = 1000000,
};

struct prometheus {
	struct metrics metrics; /* first: metrics_ops get this */
	struct http *http;
	char *prefix, *token_file;
	struct secret token; /* as last read */
	msec timeout;
	LIST_HEAD(, call) live;
};

struct call {
	LIST_ENTRY(call) link;
	struct prometheus *p; /* NULL: the adapter is gone, and done() was called */
	struct arena arena;
	struct metrics_query q;
	struct metrics_answer answer;
	bool looking_back; /* answer is there already, and has no series */
	metrics_done done;
	void *ctx;
};

/* ---- calls ---------------------------------------------------------------------------------------------------------- */

static struct call *call_new(struct prometheus *p, const struct metrics_query *q)
{
	struct call *c = x_alloc(sizeof(*c));

	c->p = p;
	c->q = *q;
	c->q.expression = arena_strdup(&c->arena, q->expression);
	LIST_INSERT_HEAD(&p->live, c, link);
	return c;
}

static void unlink_call(struct call *c)
{
	LIST_REMOVE(c, link);
	c->p = NULL;
}

static void call_free(struct call *c)
{
	if (c->p)
		unlink_call(c);
	arena_done(&c->arena);
	free(c);
}

/* What a server gives back of what it was sent may hold the token; then it is cut. */
static const char *without_token(struct call *c, const char *why)
{
	struct buf clean = BUF_INIT(4 * MAX_ANSWER);
	const char *text;

	secret_redact(&clean, why, &c->p->token);
	text = text_head(&c->arena, clean.s, MAX_WHY);
	buf_done(&clean);
	return text;
}

static void call_end(struct call *c, const struct err *given_up)
{
	if (!given_up)
		c->answer.why = without_token(c, c->answer.why);
	unlink_call(c);
	c->done(c->ctx, given_up ? NULL : &c->answer, given_up);
	call_free(c);
}

/* ---- requests ------------------------------------------------------------------------------------------------------- */

static void put_seconds(struct buf *form, const char *name, struct when w)
{
	buf_fmt(form, "&%s=%" PRId64 ".%03d", name, w.ms / THOUSAND, (int)(w.ms % THOUSAND));
}

/* The server gives up before we do, so that it says why. */
static void put_form(struct buf *form, const struct metrics_query *q, msec timeout)
{
	msec patience = timeout - timeout / 5;

	buf_str(form, "query=");
	text_percent(form, q->expression);
	if (when_known(q->from)) {
		put_seconds(form, "start", q->from);
		put_seconds(form, "end", q->at);
		buf_fmt(form, "&step=%" PRId64, q->step_s);
	} else if (when_known(q->at)) {
		put_seconds(form, "time", q->at);
	}
	buf_fmt(form, "&timeout=%" PRId64 "ms", patience > 0 ? patience : 1);
}

static void on_answer(void *ctx, const struct http_answer *h, const struct err *err);

static int send_form(struct call *c, const struct metrics_query *q, const char *form,
		     const char *authorization, struct err *e)
{
	struct http_request rq = {
		.method = "POST",
		.target = arena_printf(&c->arena, "%s/api/v1/%s", c->p->prefix,
				       when_known(q->from) ? "query_range" : "query"),
		.question = true,
		.accept = "application/json",
		.content_type = "application/x-www-form-urlencoded",
		.authorization = authorization,
		.body = form,
		.max_body = MAX_ANSWER,
		.timeout = c->p->timeout,
	};

	return http_send(c->p->http, &rq, on_answer, c, e);
}

static int ask(struct call *c, const struct metrics_query *q, struct err *e)
{
	struct prometheus *p = c->p;
	struct buf form = BUF_INIT(4 * MAX_EXPRESSION), bearer = BUF_INIT(SECRET_MAX + 16);
	int r = p->token_file ? secret_read_mounted(&p->token, p->token_file, e) : 0;

	if (r >= 0) {
		put_form(&form, q, p->timeout);
		buf_fmt(&bearer, "Bearer %s", p->token.n ? p->token.bytes : "");
		r = send_form(c, q, form.s, p->token.n ? bearer.s : NULL, e);
		explicit_bzero(bearer.s, bearer.n);
	}
	buf_done(&bearer);
	buf_done(&form);
	return r;
}

/* ---- answers -------------------------------------------------------------------------------------------------------- */

/* An instant has no number any more when its series ended, or when nobody could scrape its target: Prometheus says
 * neither, so one asks whether there was one. True: the question is on its way. */
static bool looks_back(struct call *c)
{
	struct metrics_query q = c->q;

	if (c->answer.state != SAMPLE_EMPTY || when_known(q.from) || q.stale_after_s <= 0)
		return false;
	if (!when_known(q.at))
		q.at = c->answer.date;
	q.step_s = q.stale_after_s;
	q.from = (struct when){ q.at.ms - LOOKBACK * THOUSAND * q.stale_after_s };
	c->looking_back = q.from.ms > 0 && ask(c, &q, NULL) >= 0;
	return c->looking_back;
}

static void take_look_back(struct call *c, const struct http_answer *h)
{
	struct metrics_answer before;

	answer_read(&before, h, &(struct metrics_query){ 0 }, &c->arena);
	if (before.n) {
		char iso[WHEN_TEXT];

		c->answer.state = SAMPLE_STALE;
		c->answer.points = &before.points[before.n - 1];
		c->answer.n = 1;
		c->answer.why = arena_printf(&c->arena, "no series any more; its last number is of %s",
					     when_iso(c->answer.points->at, iso));
	}
}

static void on_answer(void *ctx, const struct http_answer *h, const struct err *err)
{
	struct call *c = ctx;

	if (!c->p) { /* the adapter was closed meanwhile, and done() told so */
		call_free(c);
		return;
	}
	if (err && err->kind == ERR_CANCELLED) {
		call_end(c, err);
		return;
	}
	if (c->looking_back) {
		if (h)
			take_look_back(c, h);
	} else if (err) {
		answer_none(&c->answer, err, &c->arena);
	} else {
		answer_read(&c->answer, h, &c->q, &c->arena);
		if (looks_back(c))
			return;
	}
	call_end(c, NULL);
}

/* ---- the port ------------------------------------------------------------------------------------------------------- */

static int prometheus_read(struct metrics *m, const struct metrics_query *q, metrics_done done, void *ctx,
			   struct err *e)
{
	struct prometheus *p = (struct prometheus *)m;
	struct call *c;
	int r;

	if (!q->expression || !*q->expression || strlen(q->expression) > MAX_EXPRESSION)
		return err_set(e, ERR_INVALID, "a query must have an expression of at most %d bytes",
			       (int)MAX_EXPRESSION);
	if (when_known(q->from) && !when_known(q->at))
		return err_set(e, ERR_INVALID, "a query over a range must have an end");
	if (q->stale_after_s > MILLION)
		return err_set(e, ERR_INVALID, "what is stale after %" PRId64 " s is never stale",
			       q->stale_after_s);
	c = call_new(p, q);
	c->done = done;
	c->ctx = ctx;
	r = ask(c, &c->q, e);
	if (r < 0)
		call_free(c);
	return r;
}

/* Calls under way are told now; what the http port says about them later finds nobody. */
static void prometheus_free(struct metrics *m)
{
	struct prometheus *p = (struct prometheus *)m;

	while (!LIST_EMPTY(&p->live)) {
		struct call *c = LIST_FIRST(&p->live);
		struct err e = ERR_INIT;

		unlink_call(c);
		if (err_set(&e, ERR_CANCELLED, "given up before an answer came") < 0)
			c->done(c->ctx, NULL, &e);
	}
	secret_done(&p->token);
	free(p->prefix);
	free(p->token_file);
	free(p);
}

/* The rest of base behind the port's own; of a port without a network, behind the host. NULL: it is elsewhere. */
static const char *rest_of(const char *base, const char *origin)
{
	const char *host = strstr(base, "://");
	size_t n = origin ? strlen(origin) : 0;

	if (!origin)
		return host ? host + 3 + strcspn(host + 3, "/") : NULL;
	return !strncasecmp(base, origin, n) && (!base[n] || base[n] == '/') ? base + n : NULL;
}

int prometheus_open(struct metrics **out, struct http *http, const struct prometheus_options *o,
		    struct err *e)
{
	static const struct metrics_ops ops = { .read = prometheus_read, .free = prometheus_free };
	const char *rest = o->base ? rest_of(o->base, http->base) : "";
	struct prometheus *p;
	size_t n;

	if (!rest)
		return err_set(e, ERR_INVALID, "the metrics' address %s is not of %s", o->base,
			       http->base ? http->base : "any host");
	p = x_alloc(sizeof(*p));
	p->metrics.ops = &ops;
	p->http = http;
	p->prefix = x_strdup(rest);
	for (n = strlen(p->prefix); n && p->prefix[n - 1] == '/'; n--)
		p->prefix[n - 1] = 0;
	p->token_file = o->token_file ? x_strdup(o->token_file) : NULL;
	p->timeout = o->timeout ? o->timeout : TIMEOUT;
	*out = &p->metrics;
	return 0;
}
