#include "core/adapters/http/http.h"

#include <stdlib.h>
#include <string.h>

#include "core/adapters/http/exchange.h"

/* Reads share a multi handle that keeps its connection; every act has one to itself in effect, because nothing in
 * the other is ever reused. Two, so that a read that stalls cannot hold an act in a queue. */
enum lane_of_traffic { READS, ACTS, TRAFFICS };

/* One connection does the work; a second exists so that one stalled answer does not hold all reads (N8). An exchange has
 * its time and as much again as libcurl needs to see that it is over. */
enum { READ_CONNECTIONS = 2, GRACE_MS = 1000 };

struct curl_http {
	struct http http; /* first: http_ops get this */
	struct loop *loop;
	struct origin origin;
	struct traffic {
		struct curl_http *owner;
		CURLM *multi;
		struct timer *timer;
	} traffic[TRAFFICS];
	LIST_HEAD(, exchange) live;
	CURL *spare;        /* a used handle of a read, for the next read */
	bool reaping, gone; /* freed inside a done(): its memory goes when that is over */
};

static int global_users; /* curl_global_init_mem() is counted; the program has one thread for this library */

/* ---- the loop's side ------------------------------------------------------------------------------------------------ */

static void unlink_exchange(struct curl_http *h, struct exchange *x)
{
	LIST_REMOVE(x, link);
	curl_multi_remove_handle(h->traffic[x->mutating ? ACTS : READS].multi, x->easy);
}

static void release_easy(struct curl_http *h, struct exchange *x)
{
	if (x->mutating || h->spare) {
		curl_easy_cleanup(x->easy);
	} else {
		curl_easy_reset(x->easy);
		h->spare = x->easy;
	}
	x->easy = NULL;
}

static void finish(struct curl_http *h, struct exchange *x, CURLcode code)
{
	struct http_answer answer;
	struct err e = ERR_INIT;
	curl_off_t bytes = 0;
	int r;

	curl_easy_getinfo(x->easy, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
	h->http.bytes += (uint64_t)bytes;
	r = exchange_result(x, code, &answer, &e);
	unlink_exchange(h, x);
	release_easy(h, x);
	x->done(x->ctx, r < 0 ? NULL : &answer, r < 0 ? &e : NULL);
	exchange_free(x);
}

static void destroy(struct curl_http *h)
{
	if (h->spare)
		curl_easy_cleanup(h->spare);
	for (int i = 0; i < TRAFFICS; i++) {
		curl_multi_cleanup(h->traffic[i].multi);
		timer_free(h->traffic[i].timer);
	}
	origin_done(&h->origin);
	free(h);
	if (!--global_users)
		curl_global_cleanup();
}

static void reap(struct curl_http *h, CURLM *multi)
{
	CURLMsg *m;
	int left;

	h->reaping = true;
	while (!h->gone && (m = curl_multi_info_read(multi, &left))) {
		struct exchange *x = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &x);
		finish(h, x, m->data.result);
	}
	h->reaping = false;
	if (h->gone)
		destroy(h);
}

/* libcurl keeps the time of an exchange, as long as it is well: in trouble of its own it leaves one behind that has
 * neither socket nor timer. Whatever it does, the port promised that done() is called. */
static void on_overdue(void *ctx)
{
	struct exchange *x = ctx;
	struct curl_http *h = x->owner;

	h->reaping = true;
	finish(h, x, CURLE_OPERATION_TIMEDOUT);
	h->reaping = false;
	if (h->gone)
		destroy(h);
}

static void drive(struct traffic *t, curl_socket_t fd, int events)
{
	int running;

	curl_multi_socket_action(t->multi, fd, events, &running);
	reap(t->owner, t->multi);
}

static void on_timer(void *ctx)
{
	drive(ctx, CURL_SOCKET_TIMEOUT, 0);
}

static void on_ready(void *ctx, int fd, unsigned events)
{
	int what = 0;

	if (events & (WATCH_READ | WATCH_HUP))
		what |= CURL_CSELECT_IN;
	if (events & WATCH_WRITE)
		what |= CURL_CSELECT_OUT;
	if (events & WATCH_HUP)
		what |= CURL_CSELECT_ERR;
	drive(ctx, fd, what);
}

/* ---- curl's side ---------------------------------------------------------------------------------------------------- */

static int want_timer(CURLM *multi maybe_unused, long ms, void *ctx)
{
	struct traffic *t = ctx;

	if (ms < 0)
		timer_stop(t->timer);
	else
		timer_in(t->timer, ms);
	return 0;
}

static int want_socket(CURL *easy maybe_unused, curl_socket_t fd, int what, void *ctx, void *watch)
{
	struct traffic *t = ctx;
	unsigned events = 0;

	if (what == CURL_POLL_REMOVE) {
		watch_free(watch);
		curl_multi_assign(t->multi, fd, NULL);
		return 0;
	}
	if (what & CURL_POLL_IN)
		events |= WATCH_READ;
	if (what & CURL_POLL_OUT)
		events |= WATCH_WRITE;
	if (watch)
		watch_set(watch, events);
	else
		curl_multi_assign(t->multi, fd, watch_new(t->owner->loop, fd, events, on_ready, t));
	return 0;
}

static void open_traffic(struct curl_http *h, struct traffic *t, long connections)
{
	t->owner = h;
	t->multi = curl_multi_init();
	BUG_IF(!t->multi);
	t->timer = timer_new(h->loop, on_timer, t);
	curl_multi_setopt(t->multi, CURLMOPT_TIMERFUNCTION, want_timer);
	curl_multi_setopt(t->multi, CURLMOPT_TIMERDATA, t);
	curl_multi_setopt(t->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(t->multi, CURLMOPT_SOCKETDATA, t);
	if (connections)
		curl_multi_setopt(t->multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections);
}

/* ---- the port ------------------------------------------------------------------------------------------------------- */

static CURL *new_easy(struct curl_http *h, bool mutating)
{
	CURL *easy = h->spare && !mutating ? take(h->spare) : curl_easy_init();

	BUG_IF(!easy);
	return easy;
}

static int curl_send(struct http *http, const struct http_request *rq, http_done done, void *ctx,
		     struct err *e)
{
	struct curl_http *h = (struct curl_http *)http;
	struct exchange *x = x_alloc(sizeof(*x));
	int r;

	x->easy = new_easy(h, !request_is_read(rq));
	x->done = done;
	x->ctx = ctx;
	r = exchange_prepare(x, &h->origin, rq, e);
	if (r < 0) {
		curl_easy_cleanup(x->easy);
		exchange_free(x);
		return r;
	}
	LIST_INSERT_HEAD(&h->live, x, link);
	h->http.requests++;
	x->owner = h;
	x->limit = timer_new(h->loop, on_overdue, x);
	timer_in(x->limit, x->timeout + GRACE_MS);
	BUG_IF(curl_multi_add_handle(h->traffic[x->mutating ? ACTS : READS].multi, x->easy));
	return 0;
}

static void cancel(struct curl_http *h, struct exchange *x)
{
	struct err e = ERR_INIT;
	int r maybe_unused = exchange_cancelled(x, &e);

	unlink_exchange(h, x);
	curl_easy_cleanup(x->easy);
	x->done(x->ctx, NULL, &e);
	exchange_free(x);
}

static void curl_free_port(struct http *http)
{
	struct curl_http *h = (struct curl_http *)http;

	while (!LIST_EMPTY(&h->live))
		cancel(h, LIST_FIRST(&h->live));
	h->gone = true;
	if (!h->reaping)
		destroy(h);
}

static const struct http_ops ops = { .send = curl_send, .free = curl_free_port };

static void *memory_get(size_t n)
{
	return x_realloc(NULL, n);
}

static void *memory_clear(size_t n, size_t size)
{
	BUG_IF(size && n > SIZE_MAX / size);
	return x_alloc(n * size);
}

/* What libcurl asks for it gets, or the program ends, as everywhere here when memory is gone. Refused the memory to watch
 * a socket, it forgets the timer as well and waits for nothing; refused the copy of a header, a method or a body, it
 * would send the request without. */
static void use_library(void)
{
	if (!global_users++)
		BUG_IF(curl_global_init_mem(CURL_GLOBAL_DEFAULT, memory_get, free, x_realloc, x_strdup,
					    memory_clear));
}

int http_open(struct http **out, struct loop *loop, const struct http_options *o, struct err *e)
{
	struct origin origin = { 0 };
	struct curl_http *h;
	int r;

	use_library();
	r = origin_parse(&origin, o->base, o->unix_socket != NULL, e);
	if (r < 0) {
		if (!--global_users)
			curl_global_cleanup();
		return r;
	}
	origin.ca_file = o->ca_file ? x_strdup(o->ca_file) : NULL;
	origin.unix_socket = o->unix_socket ? x_strdup(o->unix_socket) : NULL;
	origin.user_agent = x_strdup(o->user_agent ? o->user_agent : "pilothouse");
	origin.token = o->token;
	origin.bare = o->bare;
	origin.timeout = o->timeout ? o->timeout : HTTP_TIMEOUT;
	h = x_alloc(sizeof(*h));
	h->http.ops = &ops;
	h->http.base = origin.base;
	h->loop = loop;
	h->origin = origin;
	open_traffic(h, &h->traffic[READS], READ_CONNECTIONS);
	open_traffic(h, &h->traffic[ACTS], 0);
	*out = &h->http;
	return 0;
}
