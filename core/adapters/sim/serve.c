#include "core/adapters/sim/serve.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <unistd.h>

/*
 * libmicrohttpd without threads: its epoll descriptor is one watch of our loop, its timeouts one timer. A request is
 * answered by the world as soon as it is whole; the connection then sleeps for the answer's latency.
 */

enum { REQUEST_BODY_MAX = (1 << 20) + 1, CONNECTIONS_MAX = 256, IDLE_S = 60 };

struct visit {
	struct visit *next;
	struct serve *serve;
	struct MHD_Connection *connection;
	struct arena arena;
	struct buf body;
	struct world_answer answer;
	struct timer *timer;
	const char *target; /* as on the wire */
	bool begun, answered, asleep;
};

struct serve {
	struct world *world;
	struct loop *loop;
	struct MHD_Daemon *daemon;
	struct watch *watch;
	struct timer *timer; /* the daemon's own timeouts */
	struct visit *visits;
	struct serve
		*storage; /* TCP: logs come from a second port, so that clients leave their token behind */
	char *path;
	int port;
	bool prompt;
	char storage_host[32];
};

/* ---- the loop ----------------------------------------------------------------------------------------------------- */

static void daemon_run(void *ctx)
{
	struct serve *s = ctx;
	MHD_UNSIGNED_LONG_LONG ms;

	MHD_run(s->daemon);
	if (MHD_get_timeout(s->daemon, &ms) == MHD_YES)
		timer_in(s->timer, ms > INT32_MAX ? INT32_MAX : (msec)ms);
	else
		timer_stop(s->timer);
}

static void on_ready(void *ctx, int fd, unsigned events)
{
	(void)fd, (void)events;
	daemon_run(ctx);
}

/* ---- one answer --------------------------------------------------------------------------------------------------- */

static ssize_t truncated_read(void *ctx, uint64_t at, char *out, size_t max)
{
	const struct visit *v = ctx;
	size_t half = v->answer.http.body_n / 2, n = half > at ? half - (size_t)at : 0;

	if (n == 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	n = n < max ? n : max;
	memcpy(out, v->answer.http.body + at, n);
	return (ssize_t)n;
}

static struct MHD_Response *response_of(struct visit *v)
{
	const struct http_answer *a = &v->answer.http;
	struct MHD_Response *r;

	if (v->answer.how == WORLD_TRUNCATE)
		r = MHD_create_response_from_callback(a->body_n ? a->body_n : 2, 4096, truncated_read, v,
						      NULL);
	else
		r = MHD_create_response_from_buffer(a->body_n, (void *)a->body, MHD_RESPMEM_MUST_COPY);
	for (size_t i = 0; r && i < a->headers_n; i++)
		MHD_add_response_header(r, a->headers[i].name, a->headers[i].value);
	return r;
}

/* A reset, not a polite end: what a client sees when the other side dies. */
static enum MHD_Result hang_up(struct visit *v)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(v->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	if (info)
		(void)setsockopt(info->connect_fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	return MHD_NO;
}

static enum MHD_Result reply(struct visit *v)
{
	struct MHD_Response *r;
	enum MHD_Result done;

	if (v->answer.how == WORLD_RESET || v->answer.how == WORLD_REFUSE || v->answer.how == WORLD_TIMEOUT)
		return hang_up(v);
	r = response_of(v);
	if (!r)
		return MHD_NO;
	done = MHD_queue_response(v->connection, (unsigned)v->answer.http.status, r);
	MHD_destroy_response(r);
	return done;
}

static void wake(void *ctx)
{
	struct visit *v = ctx;

	v->asleep = false;
	MHD_resume_connection(v->connection);
	timer_in(v->serve->timer, 0);
}

/* A timeout is a connection that nobody wakes before the server ends. */
static void doze(struct visit *v)
{
	MHD_suspend_connection(v->connection);
	v->asleep = true;
	if (v->answer.how == WORLD_TIMEOUT)
		return;
	v->timer = timer_new(v->serve->loop, wake, v);
	timer_in(v->timer, v->answer.latency);
}

static const char *header(struct visit *v, const char *name)
{
	return MHD_lookup_connection_value(v->connection, MHD_HEADER_KIND, name);
}

static void ask(struct visit *v, const char *method, const char *target)
{
	struct world_request rq = {
		.method = method,
		.target = target,
		.authorization = header(v, "Authorization"),
		.if_none_match = header(v, "If-None-Match"),
		.accept = header(v, "Accept"),
		.user_agent = header(v, "User-Agent"),
		.host = header(v, "Host"),
		.storage = v->serve->storage_host,
		.body = v->body.s,
		.body_n = v->body.n,
	};

	world_advance(v->serve->world, clock_wall(loop_clock(v->serve->loop)));
	world_answer(v->serve->world, &rq, &v->answer, &v->arena);
	v->answered = true;
}

/* ---- libmicrohttpd's side ----------------------------------------------------------------------------------------- */

/* Called with the target as on the wire, query included, before it is taken apart. */
static void *on_target(void *ctx, const char *target, struct MHD_Connection *connection)
{
	struct visit *v = x_alloc(sizeof(*v));

	v->serve = ctx;
	v->connection = connection;
	buf_init(&v->body, REQUEST_BODY_MAX);
	v->next = v->serve->visits;
	v->serve->visits = v;
	v->target = arena_strdup(&v->arena, target);
	return v;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *data, size_t *n,
				  void **visit)
{
	struct visit *v = *visit;

	(void)ctx, (void)connection, (void)url, (void)version;
	if (*n) {
		buf_add(&v->body, data, *n);
		*n = 0;
		return MHD_YES;
	}
	if (!v->begun) { /* the first call announces the headers only */
		v->begun = true;
		return MHD_YES;
	}
	if (v->answered)
		return reply(v);
	ask(v, method, v->target);
	if ((v->answer.latency <= 0 || v->serve->prompt) && v->answer.how != WORLD_TIMEOUT)
		return reply(v);
	doze(v);
	return MHD_YES;
}

static void on_end(void *ctx, struct MHD_Connection *connection, void **visit,
		   enum MHD_RequestTerminationCode why)
{
	struct serve *s = ctx;
	struct visit *v = *visit, **at = &s->visits;

	(void)connection, (void)why;
	if (!v)
		return;
	while (*at != v)
		at = &(*at)->next;
	*at = v->next;
	timer_free(v->timer);
	buf_done(&v->body);
	arena_done(&v->arena);
	free(v);
	*visit = NULL;
}

/* ---- opening ------------------------------------------------------------------------------------------------------ */

static int listen_on(const struct sockaddr *sa, socklen_t n, const char *where, struct err *e)
{
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0)
		return err_set(e, ERR_OFFLINE, "no socket: %s", strerror(errno));
	if (sa->sa_family == AF_INET)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, sa, n) < 0 || listen(fd, CONNECTIONS_MAX) < 0) {
		int saved = errno;

		close(fd);
		return err_set(e, ERR_OFFLINE, "cannot listen on %s: %s", where, strerror(saved));
	}
	return fd;
}

/* Loopback only: a drill has no secrets to guard, and nobody else has business there. */
static int listen_tcp(struct serve *s, int port, struct err *e)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	socklen_t n = sizeof(sa);
	char where[32];
	int fd;

	(void)snprintf(where, sizeof(where), "port %d", port);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = listen_on((const struct sockaddr *)&sa, sizeof(sa), where, e);
	if (fd >= 0 && getsockname(fd, (struct sockaddr *)&sa, &n) == 0)
		s->port = ntohs(sa.sin_port);
	return fd;
}

/* A socket left behind by a dead server is replaced; anything else at that place is not. */
static int listen_unix(struct serve *s, const char *path, struct err *e)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct stat st;
	int fd;

	if (strlen(path) >= sizeof(sa.sun_path))
		return err_set(e, ERR_INVALID, "the path of the socket is longer than %zu bytes",
			       sizeof(sa.sun_path) - 1);
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(path);
	memcpy(sa.sun_path, path, strlen(path) + 1);
	fd = listen_on((const struct sockaddr *)&sa, sizeof(sa), path, e);
	if (fd >= 0) {
		s->path = x_strdup(path);
		if (chmod(path, S_IRUSR | S_IWUSR) < 0)
			err_set(e, ERR_STORE, "cannot close %s to others: %s", path, strerror(errno));
	}
	return fd;
}

static int daemon_start(struct serve *s, int fd, struct err *e)
{
	const union MHD_DaemonInfo *info;

	s->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, s,
				     MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, on_target, s,
				     MHD_OPTION_NOTIFY_COMPLETED, on_end, s, MHD_OPTION_CONNECTION_LIMIT,
				     (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
				     (unsigned)IDLE_S, MHD_OPTION_END);
	if (!s->daemon) {
		close(fd);
		return err_set(e, ERR_OFFLINE, "the HTTP server does not start");
	}
	info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	s->watch = watch_new(s->loop, info->epoll_fd, WATCH_READ, on_ready, s);
	s->timer = timer_new(s->loop, daemon_run, s);
	return 0;
}

static int start(struct serve **out, struct world *w, struct loop *loop, const struct serve_options *o,
		 struct err *e)
{
	struct serve *s = x_alloc(sizeof(*s));
	int fd, r;

	s->world = w;
	s->loop = loop;
	s->prompt = o->prompt;
	fd = o->unix_path ? listen_unix(s, o->unix_path, e) : listen_tcp(s, o->port, e);
	r = fd < 0 ? fd : daemon_start(s, fd, e);
	if (r < 0)
		serve_close(s);
	else
		*out = s;
	return r;
}

/* On a socket every host name leads here, so another name is another origin. */
int serve_open(struct serve **out, struct world *w, struct loop *loop, const struct serve_options *o,
	       struct err *e)
{
	struct serve_options any = { 0 };
	struct serve *s;
	int r = start(&s, w, loop, o, e);

	if (r < 0)
		return r;
	if (!o->unix_path) {
		r = start(&s->storage, w, loop, &any, e);
		if (r < 0) {
			serve_close(s);
			return r;
		}
		snprintf(s->storage->storage_host, sizeof(s->storage_host), "127.0.0.1:%d", s->storage->port);
	}
	snprintf(s->storage_host, sizeof(s->storage_host), "%s",
		 s->storage ? s->storage->storage_host : "storage.drill.invalid");
	*out = s;
	return 0;
}

int serve_port(const struct serve *s)
{
	return s->port;
}

void serve_close(struct serve *s)
{
	if (!s)
		return;
	serve_close(s->storage);
	/* A sleeping connection would keep the daemon from ending. */
	for (struct visit *v = s->visits; v; v = v->next)
		if (v->asleep)
			MHD_resume_connection(v->connection);
	watch_free(s->watch);
	if (s->daemon)
		MHD_stop_daemon(s->daemon);
	timer_free(s->timer);
	if (s->path)
		unlink(s->path);
	free(s->path);
	free(s);
}
