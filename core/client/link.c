#include "core/client/private.h"

#include "base/path.h"
#include "base/rendezvous.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#define ENGINE      "pilothouse-engine"
#define ENGINE_FD   3
#define GLOBALS_MAX 64

static void link_ready(void *ctx, int fd, unsigned events);

static void reap(struct client *c)
{
	if (c->child > 0 && waitpid(c->child, NULL, WNOHANG) != 0)
		c->child = 0;
}

static void link_use(struct client *c, int fd)
{
	c->fd = fd;
	c->hello = c->standing = false;
	c->state = CLIENT_STARTING;
	buf_reset(&c->in);
	buf_reset(&c->out);
	c->watch = watch_new(c->loop, fd, WATCH_READ, link_ready, c);
}

void link_close(struct client *c)
{
	watch_free(c->watch);
	c->watch = NULL;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->hello = false;
	reap(c);
}

/* ---- an engine that stands ------------------------------------------------------------------------------------------ */

static int connect_to(const char *path)
{
	struct sockaddr_un un;
	int fd, dirfd, r = rendezvous_address(&un, path, &dirfd);

	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* A local connect does not wait, unless the backlog is full: then this one goes without. */
	if (fd >= 0) {
		fcntl(fd, F_SETFL, O_NONBLOCK);
		if (connect(fd, (const struct sockaddr *)&un, sizeof(un)) < 0) {
			close(fd);
			fd = -1;
		}
	}
	if (dirfd >= 0)
		close(dirfd);
	return fd;
}

/* Where the holder of the lock says that it listens. */
static const char *announced_path(struct client *c, struct arena *a)
{
	struct buf text = BUF_INIT(8192);
	struct err e = ERR_INIT;
	const char *path = path_join(a, c->state_dir, RENDEZVOUS_LOCK), *line;
	char *end;

	path = path_read(&text, path, &e) < 0 ? NULL : text.s;
	line = path ? strchr(path, '\n') : NULL;
	path = line && line[1] == '/' ? arena_strdup(a, line + 1) : NULL;
	end = path ? strchr(path, '\n') : NULL;
	if (end)
		*end = 0;
	buf_done(&text);
	return path;
}

static bool is_ours(int fd)
{
	struct ucred cred = { 0 };
	socklen_t size = sizeof(cred);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &size) == 0 && cred.uid == getuid();
}

static bool connect_standing(struct client *c)
{
	struct arena a = ARENA_INIT;
	const char *other = NULL;
	int fd = c->socket_path ? connect_to(c->socket_path) : -1;

	if (fd < 0 && c->state_dir)
		other = announced_path(c, &a);
	if (other)
		fd = connect_to(other);
	arena_done(&a);
	/* Somebody else's socket at our place would see what we ask. */
	if (fd >= 0 && !is_ours(fd)) {
		close(fd);
		fd = -1;
	}
	if (fd < 0)
		return false;
	link_use(c, fd);
	c->standing = true;
	return true;
}

/* ---- an engine that we start ---------------------------------------------------------------------------------------- */

static void engine_argv(const struct client *c, char **argv, const char *program, struct arena *a)
{
	size_t n = 0;

	argv[n++] = arena_strdup(a, program);
	for (size_t i = 0; c->globals && c->globals[i] && n < GLOBALS_MAX; i++)
		argv[n++] = arena_strdup(a, c->globals[i]);
	argv[n++] = arena_strdup(a, "--serve-fd");
	argv[n++] = arena_strdup(a, "3");
	if (c->own)
		argv[n++] = arena_strdup(a, "--one-shot");
	if (c->socket_path) {
		argv[n++] = arena_strdup(a, "--socket");
		argv[n++] = arena_strdup(a, c->socket_path);
	}
	argv[n] = NULL;
}

/* The engine outlives the terminal: a session of its own, no descriptor of ours but the socket. Errors of its start
 * come over the socket; stderr stays open for a one-shot verb until the engine is up. */
static int spawn_with(struct client *c, const char *program, char *const *argv, int theirs)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, theirs, ENGINE_FD);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&fa, 1, "/dev/null", O_WRONLY, 0);
	if (!c->own)
		posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&fa, ENGINE_FD + 1);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
	r = posix_spawn(&c->child, program, &fa, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&fa);
	return r;
}

static bool link_start_engine(struct client *c)
{
	struct arena a = ARENA_INIT;
	const char *program = path_join(&a, path_program_dir(&a), ENGINE);
	char *argv[GLOBALS_MAX + 8];
	int pair[2], r;

	reap(c);
	engine_argv(c, argv, program, &a);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		arena_done(&a);
		return false;
	}
	/* Its number must not be the one it is moved to, or it would be closed on exec. */
	if (pair[1] == ENGINE_FD) {
		pair[1] = fcntl(ENGINE_FD, F_DUPFD_CLOEXEC, ENGINE_FD + 1);
		close(ENGINE_FD);
	}
	r = pair[1] < 0 ? EMFILE : spawn_with(c, program, argv, pair[1]);
	if (pair[1] >= 0)
		close(pair[1]);
	arena_done(&a);
	if (r) {
		close(pair[0]);
		c->child = 0;
		return false;
	}
	link_use(c, pair[0]);
	return true;
}

/* ---- trying ------------------------------------------------------------------------------------------------------------- */

static void try_again(void *ctx)
{
	struct client *c = ctx;

	c->dispatching = true;
	reap(c);
	if (c->fd < 0)
		link_try(c);
	c->dispatching = false;
	if (c->closed)
		client_close(c);
}

static void wait_then_try(struct client *c, msec delay)
{
	if (!c->timer)
		c->timer = timer_new(c->loop, try_again, c);
	timer_in(c->timer, delay);
}

/* What a request is answered when no engine ever read it: nothing was sent. */
static void fail_unread(struct client *c, const char *why)
{
	struct buf text = BUF_INIT(4096);
	struct err e = ERR_INIT;
	struct json *doc = NULL;
	struct jw w;
	char message[256];

	snprintf(message, sizeof(message), "%s; nothing was sent", why);
	jw_init(&w, &text);
	jw_open(&w, '{');
	jw_kint(&w, "exit", err_exit_status(ERR_STORE));
	jw_kerror(&w, err_word(ERR_STORE), message, "see engine.log in the state directory");
	jw_close(&w, '}');
	if (json_parse(&doc, text.s, text.n, text.max, &e) == 0)
		client_fail(c, doc);
	json_free(doc);
	buf_done(&text);
}

static void say_down(struct client *c, const char *why)
{
	char said[sizeof(c->why)];

	snprintf(said, sizeof(said), "%s", why);
	if (c->gave_up && !strcmp(c->why, said))
		return;
	c->gave_up = true;
	memcpy(c->why, said, sizeof(said));
	client_say(c, "down", why);
}

void link_give_up(struct client *c, const char *why, const struct json *fatal, bool read_us)
{
	c->state = CLIENT_DOWN;
	c->tries = c->deaths = 0;
	if (fatal || read_us)
		client_fail(c, fatal);
	else
		fail_unread(c, why);
	say_down(c, why);
	if (c->own || c->closed)
		return;
	wait_then_try(c, c->revive_in);
	c->revive_in = c->revive_in * 2 > REVIVE_MAX ? REVIVE_MAX : c->revive_in * 2;
}

static void look_again(struct client *c)
{
	int late = c->tries - TRIES_OFTEN;

	wait_then_try(c, (msec)TRY_AGAIN << (late <= 0 ? 0 : late < 6 ? late : 6));
}

void link_wait(struct client *c)
{
	c->state = CLIENT_STARTING;
	look_again(c);
}

void link_try(struct client *c)
{
	if (c->fd >= 0 || c->closed)
		return;
	c->tries++;
	if (connect_standing(c))
		return;
	/* Every tenth try is a start: the one that was faster may have ended meanwhile. */
	if (c->tries % 10 == 1 && !link_start_engine(c))
		link_give_up(c, "the engine cannot be started", NULL, false);
	else if (c->fd < 0 && c->tries >= (c->gave_up ? 2 : TRIES_MAX))
		link_give_up(c, c->deaths ? "the engine ended" : "the engine does not answer", NULL, false);
	else if (c->fd < 0)
		look_again(c);
}

void link_lost(struct client *c)
{
	bool read_us = c->hello;

	/* One of ours that ended without a word: nobody was faster, so the next try is a start. */
	if (!c->standing)
		c->tries = 0;
	link_close(c);
	if (c->closed)
		return;
	if (!read_us && ++c->deaths < (c->gave_up ? 1 : DEATHS_MAX)) {
		link_wait(c);
		return;
	}
	link_give_up(c, "the engine ended", NULL, read_us);
}

/* ---- bytes ---------------------------------------------------------------------------------------------------------------- */

static void flush(struct client *c)
{
	while (c->out.n && c->fd >= 0) {
		ssize_t n = send(c->fd, c->out.s, c->out.n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		/* A broken pipe is told by the reading side, after what the engine still had to say. */
		if (n < 0)
			break;
		buf_shift(&c->out, (size_t)n);
	}
	if (c->watch)
		watch_set(c->watch, WATCH_READ | (c->out.n ? WATCH_WRITE : 0U));
}

void link_write(struct client *c, const char *line)
{
	if (c->fd < 0)
		return;
	buf_str(&c->out, line);
	buf_chr(&c->out, '\n');
	/* The caller may stand in the list of requests that losing the link would answer: the reading side does it. */
	if (c->out.over)
		shutdown(c->fd, SHUT_RDWR);
	else
		flush(c);
}

static void take_lines(struct client *c)
{
	char *end;

	while (c->fd >= 0 && !c->closed && (end = memchr(c->in.s, '\n', c->in.n))) {
		size_t n = (size_t)(end - c->in.s);
		char *line = x_alloc(n + 1);

		/* What a line leads to may close the link and its buffer. */
		memcpy(line, c->in.s, n);
		buf_shift(&c->in, n + 1);
		client_line(c, line, n);
		free(line);
	}
}

static void read_link(struct client *c)
{
	char chunk[16384];

	while (c->fd >= 0 && !c->closed) {
		ssize_t n = recv(c->fd, chunk, sizeof(chunk), MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			link_lost(c);
			return;
		}
		buf_add(&c->in, chunk, (size_t)n);
		if (c->in.over) {
			link_lost(c);
			return;
		}
		take_lines(c);
	}
}

static void link_ready(void *ctx, int fd, unsigned events)
{
	struct client *c = ctx;

	if (fd != c->fd)
		return;
	c->dispatching = true;
	if (events & WATCH_WRITE)
		flush(c);
	if (events & (WATCH_READ | WATCH_HUP))
		read_link(c);
	c->dispatching = false;
	if (c->closed)
		client_close(c);
}
