#include "tests/bench/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/bench.h"
#include "tests/bench/term.h"

struct segment {
	struct segment *next;
	int64_t due; /* ns, when its last byte arrives */
	size_t n, done;
	char bytes[LINK_SEGMENT];
};

struct way {
	int from, to;
	struct segment *first, **last;
	size_t waiting; /* bytes */
	int64_t idle;   /* ns, when the line has sent what it was given */
	bool ended;     /* no more comes in */
	bool closed;    /* and all of it is handed on */
	volatile int64_t *count;
};

struct line {
	int64_t one_way, rate;
	struct way ways[2];
};

static void enqueue(struct way *w, const struct line *l, const char *bytes, size_t n)
{
	struct segment *s = x_alloc(sizeof(*s));
	int64_t now = now_ns(), cost = (int64_t)(n + LINK_HEADERS) * 8 * 1000000000 / l->rate;

	w->idle = (w->idle > now ? w->idle : now) + cost;
	*s = (struct segment){ .due = w->idle + l->one_way, .n = n };
	memcpy(s->bytes, bytes, n);
	*w->last = s;
	w->last = &s->next;
	w->waiting += n;
	if (w->count)
		*w->count += (int64_t)n + LINK_HEADERS;
}

static void take_in(struct way *w, const struct line *l)
{
	char bytes[LINK_SEGMENT];
	ssize_t n = recv(w->from, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n > 0)
		enqueue(w, l, bytes, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		w->ended = true;
}

/* What has arrived goes out; a socket that takes no more is tried again a moment later. */
static void hand_on(struct way *w)
{
	while (w->first && w->first->due <= now_ns()) {
		struct segment *s = w->first;
		ssize_t n = send(w->to, s->bytes + s->done, s->n - s->done, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		s->done = n < 0 ? s->n : s->done + (size_t)n;
		if (s->done < s->n)
			return;
		w->first = s->next;
		if (!w->first)
			w->last = &w->first;
		w->waiting -= s->n;
		free(s);
	}
	if (w->ended && !w->first && !w->closed) {
		w->closed = true;
		shutdown(w->to, SHUT_WR);
	}
}

/* Until the next segment arrives, at least a tenth of a millisecond where one is overdue; NULL: for ever. */
static struct timespec *until_due(const struct line *l, struct timespec *out)
{
	int64_t due = INT64_MAX, left;

	for (int i = 0; i < 2; i++)
		if (l->ways[i].first && l->ways[i].first->due < due)
			due = l->ways[i].first->due;
	if (due == INT64_MAX)
		return NULL;
	left = due - now_ns();
	left = left > 100000 ? left : left > 0 ? left : 100000;
	*out = (struct timespec){ left / 1000000000, left % 1000000000 };
	return out;
}

/* False: the leash is loose. */
static bool carry(struct line *l, int leash)
{
	while (!l->ways[0].closed || !l->ways[1].closed) {
		struct pollfd p[3] = { { leash, POLLIN, 0 } };
		struct timespec t;

		for (int i = 0; i < 2; i++) {
			const struct way *w = &l->ways[i];
			p[i + 1] = (struct pollfd){ w->ended || w->waiting > LINK_QUEUE ? -1 : w->from,
						    POLLIN, 0 };
		}
		ppoll(p, 3, until_due(l, &t), NULL);
		if (p[0].revents)
			return false;
		for (int i = 0; i < 2; i++) {
			if (p[i + 1].revents)
				take_in(&l->ways[i], l);
			hand_on(&l->ways[i]);
		}
	}
	return true;
}

static pid_t start_sshd(int fd, const char *const *argv, void (*prepare)(void *ctx), void *ctx)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prepare(ctx);
	dup2(fd, 0);
	dup2(fd, 1);
	execv(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static bool serve(struct line *l, int client, int leash, const char *const *argv, void (*prepare)(void *ctx),
		  void *ctx)
{
	int ends[2], on = 1;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return false;
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	pid_t sshd = start_sshd(ends[1], argv, prepare, ctx);
	close(ends[1]);
	for (int i = 0; i < 2; i++) {
		struct way *w = &l->ways[i];
		volatile int64_t *count = w->count;

		*w = (struct way){ .from = i ? ends[0] : client, .to = i ? client : ends[0], .count = count };
		w->last = &w->first;
	}
	bool on_leash = carry(l, leash);
	close(client);
	close(ends[0]);
	waitpid(sshd, NULL, 0); /* its client is gone: it ends */
	return on_leash;
}

static void listen_on(int fd, int leash, struct line *l, const char *const *argv, void (*prepare)(void *ctx),
		      void *ctx)
{
	struct pollfd p[2] = { { leash, POLLIN, 0 }, { fd, POLLIN, 0 } };

	while (poll(p, 2, -1) >= 0 && !p[0].revents) {
		int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

		if (client >= 0 && !serve(l, client, leash, argv, prepare, ctx))
			return;
	}
}

static int open_port(int *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, 4) < 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &n) < 0)
		bench_die("a port on loopback: %s", strerror(errno));
	*port = ntohs(at.sin_port);
	return fd;
}

void link_open(struct link *l, const char *const *sshd_argv, void (*prepare)(void *ctx), void *ctx,
	       int64_t one_way, int64_t rate)
{
	int leash[2], fd = open_port(&l->port);

	l->down = mmap(NULL, sizeof(*l->down), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (l->down == MAP_FAILED || pipe2(leash, O_CLOEXEC) < 0)
		bench_die("a line: %s", strerror(errno));
	l->pid = fork();
	if (l->pid < 0)
		bench_die("fork: %s", strerror(errno));
	if (l->pid == 0) {
		struct line line = { one_way, rate, { { 0 }, { .count = l->down } } };

		close(leash[1]);
		listen_on(fd, leash[0], &line, sshd_argv, prepare, ctx);
		_exit(0);
	}
	close(leash[0]);
	close(fd);
	l->leash = leash[1];
}

void link_close(struct link *l)
{
	close(l->leash);
	waitpid(l->pid, NULL, 0);
	munmap((void *)(uintptr_t)l->down, sizeof(*l->down));
}
