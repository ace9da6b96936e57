#include "tests/contract/badline.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

enum { PEERS_MAX = 64, BYTES_MAX = 4 << 20, SLOW_MS = 1000 };

/* One connection: first it is heard, then it is answered. */
struct peer {
	int fd; /* -1: free */
	struct buf in, out;
	size_t sent;
	bool answering, slow, resets, holds;
	long next_ms; /* slow: when the next byte is due */
};

struct line {
	struct badline_shared *shared;
	int listener, forge_port;
	struct peer peers[PEERS_MAX];
};

static void die(const char *what)
{
	fprintf(stderr, "badline: %s: %s\n", what, strerror(errno));
	exit(2);
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the forge behind us ------------------------------------------------------------------------------------------- */

/* The request as the forge shall have it: it closes after its answer, and the answer has a body to be spoilt. */
static void once(struct buf *to, const struct buf *request)
{
	const char *s = request->s, *end = strstr(s, "\r\n\r\n");

	for (bool first = true; s < end + 2; first = false) {
		size_t n = strcspn(s, "\n") + 1;

		if (strncasecmp(s, "if-none-match:", 14))
			buf_add(to, s, n);
		if (first)
			buf_str(to, "Connection: close\r\n");
		s += n;
	}
	buf_add(to, s, request->n - (size_t)(s - request->s));
}

static void ask_forge(const struct line *l, const struct buf *request, struct buf *answer)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)l->forge_port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct buf bytes = BUF_INIT(BYTES_MAX);
	char chunk[16384];
	ssize_t n;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	once(&bytes, request);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("connect");
	if (send(fd, bytes.s, bytes.n, MSG_NOSIGNAL) != (ssize_t)bytes.n)
		die("send");
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(answer, chunk, (size_t)n);
	close(fd);
	buf_done(&bytes);
}

/* ---- answers ------------------------------------------------------------------------------------------------------- */

static const struct canned {
	const char *head, *body;
} canned[] = {
	[ILL_PORTAL] = { "200 OK\r\nContent-Type: text/html",
			 "<html><title>Welcome</title>Please accept our terms of use.</html>" },
	[ILL_NONSENSE] = { "200 OK\r\nContent-Type: application/json", "{\"workflow_runs\":[{\"id\":}" },
	[ILL_EMPTY] = { "200 OK\r\nContent-Type: application/json", "{}" },
	[ILL_TOKEN] = { "401 Unauthorized\r\nContent-Type: application/json",
			"{\"message\":\"Bad credentials\"}" },
	[ILL_FORBIDDEN] = { "403 Forbidden\r\nContent-Type: application/json",
			    "{\"message\":\"Resource not accessible by personal access token\"}" },
	[ILL_LIMIT] = { "403 Forbidden\r\nContent-Type: application/json\r\nX-RateLimit-Limit: 5000\r\n"
			"X-RateLimit-Remaining: 0",
			"{\"message\":\"API rate limit exceeded for user ID 1.\"}" },
	[ILL_SECONDARY] = { "429 Too Many Requests\r\nContent-Type: application/json\r\nRetry-After: 90",
			    "{\"message\":\"You have exceeded a secondary rate limit.\"}" },
	[ILL_GATEWAY] = { "502 Bad Gateway\r\nContent-Type: text/html", "<html>502 Bad Gateway</html>" },
};

static void answer_canned(struct peer *p, enum ill ill)
{
	struct buf *out = &p->out;

	buf_fmt(out, "HTTP/1.1 %s\r\n", canned[ill].head);
	if (ill == ILL_LIMIT)
		buf_fmt(out, "X-RateLimit-Reset: %ld\r\n", (long)time(NULL) + 3600);
	buf_fmt(out, "Connection: close\r\nContent-Length: %zu\r\n\r\n%s", strlen(canned[ill].body),
		canned[ill].body);
}

/* The forge's answer without its own word about points, and with ours. */
static void answer_reserve(struct peer *p, const struct buf *whole)
{
	const char *s = whole->s, *body = strstr(s, "\r\n\r\n");

	while (body && s < body) {
		size_t n = strcspn(s, "\n") + 1;

		if (strncasecmp(s, "x-ratelimit-", 12))
			buf_add(&p->out, s, n);
		s += n;
	}
	buf_fmt(&p->out, "X-RateLimit-Limit: 5000\r\nX-RateLimit-Remaining: 3\r\nX-RateLimit-Reset: %ld\r\n",
		(long)time(NULL) + 3600);
	buf_add(&p->out, s, whole->n - (size_t)(s - whole->s));
}

/* Half of the body. */
static size_t half(const struct buf *whole)
{
	const char *body = strstr(whole->s, "\r\n\r\n");
	size_t head = body ? (size_t)(body - whole->s) + 4 : whole->n;

	return head + (whole->n - head) / 2;
}

static void answer_forge(const struct line *l, struct peer *p, enum ill ill)
{
	struct buf whole = BUF_INIT(BYTES_MAX);

	ask_forge(l, &p->in, &whole);
	p->slow = ill == ILL_SLOW;
	p->resets = ill == ILL_RESET;
	p->holds = ill == ILL_SILENT;
	if (ill == ILL_RESERVE)
		answer_reserve(p, &whole);
	else if (ill == ILL_CUT || ill == ILL_RESET)
		buf_add(&p->out, whole.s, half(&whole));
	else if (ill != ILL_SILENT)
		buf_add(&p->out, whole.s, whole.n);
	buf_done(&whole);
}

/* What the forge would have to do is done for every fault that can come after it; what it refuses it never hears. */
static void answer(struct line *l, struct peer *p)
{
	bool act = strncmp(p->in.s, "GET ", 4) != 0;
	int ill = l->shared->ill, only = l->shared->only;
	int n = atomic_fetch_add(act ? &l->shared->acts : &l->shared->reads, 1) + 1;

	if (act ? only && n != only : l->shared->acts_only)
		ill = ILL_NONE;
	p->answering = true;
	p->next_ms = now_ms();
	if ((ill == ILL_GATEWAY || ill == ILL_TWICE) && act) {
		struct buf unread = BUF_INIT(BYTES_MAX);

		ask_forge(l, &p->in, &unread);
		buf_done(&unread);
	}
	if (ill == ILL_LOST)
		p->holds = true;
	else if ((size_t)ill < countof(canned) && canned[ill].head)
		answer_canned(p, (enum ill)ill);
	else
		answer_forge(l, p, (enum ill)ill);
}

/* ---- connections --------------------------------------------------------------------------------------------------- */

static void drop(struct peer *p)
{
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	if (p->resets)
		setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(p->fd);
	buf_done(&p->in);
	buf_done(&p->out);
	*p = (struct peer){ .fd = -1 };
}

static bool is_whole(const struct buf *in)
{
	const char *end = strstr(in->s, "\r\n\r\n"), *length = strcasestr(in->s, "\r\ncontent-length:");
	size_t body = length && length < end ? strtoul(length + 17, NULL, 10) : 0;

	return end && in->n >= (size_t)(end - in->s) + 4 + body;
}

static void hear(struct line *l, struct peer *p)
{
	char chunk[16384];
	ssize_t n = read(p->fd, chunk, sizeof(chunk));

	if (n <= 0) {
		drop(p);
		return;
	}
	buf_add(&p->in, chunk, (size_t)n);
	if (!p->answering && is_whole(&p->in))
		answer(l, p);
}

static void speak(struct peer *p)
{
	size_t n = p->slow ? 1 : p->out.n - p->sent;
	ssize_t sent = send(p->fd, p->out.s + p->sent, n, MSG_NOSIGNAL);

	p->sent += sent > 0 ? (size_t)sent : 0;
	p->next_ms = now_ms() + SLOW_MS;
	if (sent < 0 || p->sent == p->out.n)
		drop(p);
}

static bool may_speak(const struct peer *p)
{
	return p->answering && !p->holds && (!p->slow || now_ms() >= p->next_ms);
}

static void take_new(struct line *l)
{
	int fd = accept4(l->listener, NULL, NULL, SOCK_CLOEXEC);

	for (int i = 0; i < PEERS_MAX && fd >= 0; i++) {
		struct peer *p = &l->peers[i];

		if (p->fd >= 0)
			continue;
		*p = (struct peer){ .fd = fd, .in = BUF_INIT(BYTES_MAX), .out = BUF_INIT(BYTES_MAX) };
		return;
	}
	die("too many connections");
}

static void step(struct line *l)
{
	struct pollfd fds[PEERS_MAX + 1] = { { l->listener, POLLIN, 0 } };

	for (int i = 0; i < PEERS_MAX; i++)
		fds[i + 1] = (struct pollfd){ l->peers[i].fd,
					      (short)(POLLIN | (may_speak(&l->peers[i]) ? POLLOUT : 0)), 0 };
	poll(fds, PEERS_MAX + 1, SLOW_MS / 5);
	for (int i = 0; i < PEERS_MAX; i++) {
		struct peer *p = &l->peers[i];

		if (fds[i + 1].revents & (POLLIN | POLLHUP | POLLERR))
			hear(l, p);
		else if (fds[i + 1].revents & POLLOUT)
			speak(p);
	}
	if (fds[0].revents)
		take_new(l);
}

static void serve(struct line *l)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < PEERS_MAX; i++)
		l->peers[i].fd = -1;
	for (;;)
		step(l);
}

/* ---- from outside -------------------------------------------------------------------------------------------------- */

void badline_open(struct badline *l, int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof(at);
	static struct line line;

	*l = (struct badline){ 0 };
	l->shared = mmap(NULL, sizeof(*l->shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (l->shared == MAP_FAILED)
		die("mmap");
	line = (struct line){ .shared = l->shared, .forge_port = port };
	line.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (line.listener < 0 || bind(line.listener, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    listen(line.listener, 16) < 0 || getsockname(line.listener, (struct sockaddr *)&at, &size) < 0)
		die("listen");
	l->port = ntohs(at.sin_port);
	l->pid = fork();
	if (l->pid < 0)
		die("fork");
	if (!l->pid)
		serve(&line);
	close(line.listener);
}

void badline_close(struct badline *l)
{
	kill(l->pid, SIGKILL);
	waitpid(l->pid, NULL, 0);
	munmap(l->shared, sizeof(*l->shared));
}

void badline_ill(struct badline *l, enum ill ill, bool acts_only)
{
	l->shared->only = 0;
	l->shared->acts_only = acts_only;
	l->shared->ill = (int)ill;
}

void badline_ill_at(struct badline *l, enum ill ill, int n)
{
	badline_ill(l, ill, true);
	l->shared->only = n;
}

int badline_reads(const struct badline *l)
{
	return l->shared->reads;
}

int badline_acts(const struct badline *l)
{
	return l->shared->acts;
}
