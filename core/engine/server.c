#include "core/engine/server.h"

#include "base/json.h"
#include "base/path.h"
#include "base/rendezvous.h"
#include "core/engine/internal.h"
#include "core/engine/peer.h"

#include <stdlib.h>
#include <sys/stat.h>

int server_new(struct server **out, struct engine *en, struct loop *loop, struct err *e)
{
	struct server *s = x_alloc(sizeof(*s));

	(void)e;
	*s = (struct server){ .en = en, .loop = loop, .fd = -1 };
	*out = s;
	return 0;
}

/* ---- peers -------------------------------------------------------------------------------------------------------- */

struct peer *peer_find(struct server *s, int64_t serial)
{
	for (struct peer *p = s->peers; p; p = p->next)
		if (p->serial == serial && !p->gone)
			return p;
	return NULL;
}

int server_peers(const struct server *s)
{
	int n = 0;

	for (const struct peer *p = s->peers; p; p = p->next)
		n += !p->gone;
	return n;
}

bool server_owes(const struct server *s)
{
	return s->asks != NULL;
}

static void peer_free(struct server *s, struct peer *p)
{
	for (struct peer **at = &s->peers; *at; at = &(*at)->next)
		if (*at == p) {
			*at = p->next;
			break;
		}
	watch_free(p->watch);
	close(p->fd);
	buf_done(&p->in);
	buf_done(&p->out);
	free(p);
}

/* `sync` without --once asked for polling; it goes on as long as one who asked is there. */
static void polling_left(struct server *s)
{
	bool any = false;

	for (const struct peer *p = s->peers; p; p = p->next)
		any = any || (p->polls && !p->gone);
	s->en->keep_polling = s->en->keep_polling && any;
}

/* The peer ceases to count at once; its memory stays until nobody on the stack may use it. */
static void peer_drop(struct server *s, struct peer *p)
{
	if (p->gone)
		return;
	p->gone = true;
	shutdown(p->fd, SHUT_RDWR); /* it hears of it now: the descriptor is closed with the memory */
	watch_free(p->watch);
	p->watch = NULL;
	if (p->attached && s->en)
		engine_attach(s->en, -1);
	p->attached = false;
	request_left(s, p->serial);
	if (p->polls && s->en)
		polling_left(s);
}

static void peers_sweep(struct server *s)
{
	struct peer *next;

	for (struct peer *p = s->peers; p; p = next) {
		next = p->next;
		if (p->gone)
			peer_free(s, p);
	}
}

static void peer_flush(struct server *s, struct peer *p)
{
	while (p->out.n && !p->gone) {
		ssize_t n = send(p->fd, p->out.s, p->out.n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0) {
			peer_drop(s, p);
			return;
		}
		buf_shift(&p->out, (size_t)n);
	}
	if (p->gone)
		return;
	if (!p->out.n)
		p->told = false;
	if (!p->out.n && p->closing) {
		peer_drop(s, p);
		return;
	}
	watch_set(p->watch, (p->closing ? 0U : WATCH_READ) | (p->out.n ? WATCH_WRITE : 0U));
}

void peer_send(struct server *s, struct peer *p, const struct buf *line)
{
	if (p->gone)
		return;
	buf_add(&p->out, line->s, line->n);
	buf_chr(&p->out, '\n');
	if (p->out.over || line->over) {
		peer_drop(s, p);
		return;
	}
	peer_flush(s, p);
}

void peer_attach(struct server *s, struct peer *p)
{
	if (p->attached)
		return;
	p->attached = true;
	engine_attach(s->en, 1);
}

static void peer_lines(struct server *s, struct peer *p)
{
	char *end;

	while (!p->gone && !p->closing && (end = memchr(p->in.s, '\n', p->in.n))) {
		size_t n = (size_t)(end - p->in.s);

		if (request_line(s, p, p->in.s, n) < 0)
			p->closing = true;
		buf_shift(&p->in, n + 1);
	}
	if (p->closing && !p->gone)
		peer_flush(s, p);
}

static void peer_read(struct server *s, struct peer *p)
{
	char chunk[16384];

	while (!p->gone && !p->closing) {
		ssize_t n = recv(p->fd, chunk, sizeof(chunk), MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			peer_drop(s, p);
			return;
		}
		buf_add(&p->in, chunk, (size_t)n);
		if (p->in.over) {
			peer_drop(s, p);
			return;
		}
		peer_lines(s, p);
	}
}

static void peer_ready(void *ctx, int fd, unsigned events)
{
	struct server *s = ctx;
	struct peer *p = s->peers;

	while (p && (p->fd != fd || p->gone))
		p = p->next;
	if (!p)
		return;
	if (events & WATCH_WRITE)
		peer_flush(s, p);
	if (!p->gone && (events & (WATCH_READ | WATCH_HUP)))
		peer_read(s, p);
	peers_sweep(s);
}

static void say_hello(struct server *s, struct peer *p)
{
	struct buf line = BUF_INIT(256);

	buf_str(&line, "{\"event\":\"hello\"}");
	peer_send(s, p, &line);
	buf_done(&line);
}

int server_adopt(struct server *s, int fd, struct err *e)
{
	struct ucred cred = { 0 };
	socklen_t size = sizeof(cred);
	struct peer *p;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &size) < 0)
		return err_set(e, ERR_INVALID, "descriptor %d is no Unix socket", fd);
	if (cred.uid != getuid()) {
		close(fd);
		return err_set(e, ERR_FORBIDDEN, "a process of user %u may not use this engine",
			       (unsigned)cred.uid);
	}
	if (server_peers(s) >= SERVER_PEERS_MAX) {
		close(fd);
		return err_set(e, ERR_CONFLICT, "%d consoles are connected, and that is the limit",
			       SERVER_PEERS_MAX);
	}
	p = x_alloc(sizeof(*p));
	*p = (struct peer){ .next = s->peers, .serial = ++s->serial, .fd = fd };
	buf_init(&p->in, LINE_MAX_BYTES);
	buf_init(&p->out, OUTBOX_MAX_BYTES);
	s->peers = p;
	p->watch = watch_new(s->loop, fd, WATCH_READ, peer_ready, s);
	say_hello(s, p);
	return 0;
}

/* ---- listening -------------------------------------------------------------------------------------------------------- */

static void peer_arrives(void *ctx, int fd, unsigned events)
{
	struct server *s = ctx;
	int one = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct err e = ERR_INIT;

	(void)events;
	/* A stranger, or one too many, is closed without a word: it sees the end before any hello. */
	if (one >= 0 && server_adopt(s, one, &e) < 0 && e.kind == ERR_INVALID)
		close(one);
	peers_sweep(s);
}

static int bind_at(int fd, const char *path, struct err *e)
{
	struct sockaddr_un un;
	int dirfd, r = rendezvous_address(&un, path, &dirfd);

	if (r < 0)
		return err_set(e, ERR_STORE, "%s: %s", path, strerror(-r));
	if (unlink(path) < 0 && errno != ENOENT)
		r = err_set(e, ERR_STORE, "%s cannot be replaced: %s", path, strerror(errno));
	else if (bind(fd, (const struct sockaddr *)&un, sizeof(un)) < 0)
		r = err_set(e, ERR_STORE, "%s: %s", path, strerror(errno));
	if (dirfd >= 0)
		close(dirfd);
	return r;
}

int server_listen(struct server *s, const char *path, struct err *e)
{
	mode_t mask = umask(0177);
	struct stat st;
	int r;

	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	r = s->fd < 0 ? err_set(e, ERR_STORE, "no socket: %s", strerror(errno)) : bind_at(s->fd, path, e);
	umask(mask);
	if (r >= 0 && listen(s->fd, SERVER_PEERS_MAX) < 0)
		r = err_set(e, ERR_STORE, "%s: %s", path, strerror(errno));
	if (r < 0)
		return r;
	s->path = x_strdup(path);
	s->watch = watch_new(s->loop, s->fd, WATCH_READ, peer_arrives, s);
	if (lstat(path, &st) == 0) {
		s->dev = st.st_dev;
		s->inode = st.st_ino;
	}
	return 0;
}

static bool is_in_place(const struct server *s)
{
	struct stat st;

	return lstat(s->path, &st) == 0 && st.st_ino == s->inode && st.st_dev == s->dev;
}

int server_listen_again(struct server *s, struct err *e)
{
	struct arena a = ARENA_INIT;
	char *path = s->path, *base = path ? strrchr(path, '/') : NULL;
	int r = 0;

	if (!path || is_in_place(s))
		return 0;
	watch_free(s->watch);
	s->watch = NULL;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->inode = 0;
	s->path = NULL;
	if (base)
		r = path_private_dir(arena_printf(&a, "%.*s", (int)(base - path), path), 0700, e);
	if (r >= 0)
		r = server_listen(s, path, e);
	if (r < 0)
		s->path = path;
	else
		free(path);
	arena_done(&a);
	return r < 0 ? r : 1;
}

/* ---- events --------------------------------------------------------------------------------------------------------------- */

static void write_event(struct buf *line, const char *event, const char *text)
{
	struct jw w;

	jw_init(&w, line);
	jw_open(&w, '{');
	jw_kstr(&w, "event", event);
	if (text && text[0])
		jw_kstr(&w, "text", text);
	jw_close(&w, '}');
}

void server_event(struct server *s, const char *event, const char *text)
{
	struct buf line = BUF_INIT(LINE_MAX_BYTES);
	bool changed = !strcmp(event, "changed");

	write_event(&line, event, text);
	for (struct peer *p = s->peers; p; p = p->next) {
		if (p->gone || !p->attached || (changed && p->told))
			continue;
		p->told = p->told || changed;
		peer_send(s, p, &line);
	}
	buf_done(&line);
}

void server_on_greet(struct server *s, server_greet fn, void *ctx)
{
	s->greet = fn;
	s->greet_ctx = ctx;
}

void server_engine_gone(struct server *s)
{
	for (struct peer *p = s->peers; p; p = p->next)
		p->attached = false;
	s->en = NULL;
}

void server_free(struct server *s)
{
	if (!s)
		return;
	watch_free(s->watch);
	if (s->fd >= 0)
		close(s->fd);
	if (s->path)
		unlink(s->path);
	for (struct peer *p = s->peers, *next; p; p = next) {
		next = p->next;
		if (!p->gone)
			peer_flush(s, p);
		peer_free(s, p);
	}
	request_free_all(s);
	free(s->path);
	free(s);
}
