#include "tests/fault/forge.h"

#include "core/adapters/sim/serve.h"
#include "tests/fault/stand.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Said to a forge: so many seconds pass, or (0, with a socket) a copy is made that listens to that. It says when it is
 * done; a new one says where it listens. */
struct order {
	int seconds;
};

struct site {
	struct clock clock;
	struct loop *loop;
	struct world *world;
	struct serve *serve;
	double speed;
	int control;
	bool slow;
};

static void serve_until_told(struct site *s, int control);

/* ---- the forge's side ---------------------------------------------------------------------------------------------- */

static void say(int control, int what)
{
	if (send(control, &what, sizeof(what), MSG_NOSIGNAL) != sizeof(what))
		_exit(0);
}

/* The order, and the socket that came with it or -1. False: nobody is there any more. */
static bool hear(int control, struct order *o, int *with)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} extra;
	struct iovec v = { o, sizeof(*o) };
	struct msghdr m = {
		.msg_iov = &v, .msg_iovlen = 1, .msg_control = &extra, .msg_controllen = sizeof(extra)
	};
	ssize_t n = recvmsg(control, &m, MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	*with = -1;
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(with, CMSG_DATA(c), sizeof(*with));
	return n == sizeof(*o);
}

static void let_pass(struct site *s, int seconds)
{
	struct when now = clock_wall(&s->clock);

	world_advance(s->world, now);
	world_advance(s->world, (struct when){ now.ms + 1 + (int64_t)(seconds * 1000 / s->speed) });
	world_resume(s->world, now);
}

/* Of what it inherits it keeps the world and the socket; everything else is the other one's. */
static void be_copy(struct site *s, int control)
{
	struct site copy = { .world = s->world, .speed = s->speed, .slow = s->slow };

	dup2(control, 3);
	(void)close_range(4, ~0U, 0);
	clock_real(&copy.clock);
	world_resume(copy.world, clock_wall(&copy.clock));
	serve_until_told(&copy, 3);
}

static void on_control(void *ctx, int fd, unsigned events)
{
	struct site *s = ctx;
	struct order o;
	int with;

	(void)events;
	if (!hear(fd, &o, &with))
		_exit(0);
	if (o.seconds) {
		let_pass(s, o.seconds);
		say(fd, o.seconds);
	} else if (with >= 0) {
		pid_t pid = fork();

		if (pid == 0)
			be_copy(s, with);
		close(with);
	}
}

static void serve_until_told(struct site *s, int control)
{
	const struct serve_options o = { .prompt = !s->slow };
	struct err e = ERR_INIT;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGCHLD, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	s->loop = loop_new(&s->clock);
	if (serve_open(&s->serve, s->world, s->loop, &o, &e) < 0)
		stand_die("no forge: %s", e.message);
	watch_new(s->loop, control, WATCH_READ, on_control, s);
	say(control, serve_port(s->serve));
	loop_run(s->loop);
	_exit(0);
}

/* Who attests in that world: what a console is told to believe. */
static void write_root(struct site *s, const char *path)
{
	autofree(arena) struct arena a = ARENA_INIT;
	const char *root = world_trusted_root(s->world, &a);
	FILE *f = root ? fopen(path, "we") : NULL;

	if (!f || fputs(root, f) < 0 || fclose(f))
		stand_die("%s: no trusted root", path);
}

static void be_forge(const char *scenario, const char *speed, bool slow, const char *root, int control)
{
	struct site s = { .speed = strtod(speed, NULL), .slow = slow };
	const struct world_options o = { .scenario = scenario, .speed = s.speed, .calm = true };
	struct err e = ERR_INIT;

	clock_real(&s.clock);
	if (world_new(&s.world, &o, clock_wall(&s.clock), &e) < 0)
		stand_die("no world: %s", e.message);
	write_root(&s, root);
	serve_until_told(&s, control);
}

/* ---- ours ---------------------------------------------------------------------------------------------------------- */

static int answer_of(const struct forge *f)
{
	int n = 0;

	if (recv(f->control, &n, sizeof(n), 0) != sizeof(n))
		stand_die("the forge ended");
	return n;
}

static void make_pair(int pair[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		stand_die("socketpair: %s", strerror(errno));
}

/* What system a scenario is of: asked of a world of its own, which is gone again. */
static void name_system(const char *scenario, char *system, size_t size)
{
	const struct world_options o = { .scenario = scenario };
	autofree(arena) struct arena a = ARENA_INIT;
	struct world *w = NULL;
	struct err e = ERR_INIT;
	const char *const *all;

	if (world_new(&w, &o, (struct when){ INT64_C(1795244889000) }, &e) < 0)
		stand_die("no world: %s", e.message);
	if (!world_repos(w, &all, &a))
		stand_die("%s names no system", scenario);
	snprintf(system, size, "%s", all[0]);
	world_free(w);
}

void forge_open(struct forge *f, const char *scenario, const char *speed, bool slow, const char *root,
		char *system, size_t size)
{
	int pair[2];

	name_system(scenario, system, size);
	make_pair(pair);
	pid_t pid = fork();

	if (pid < 0)
		stand_die("fork: %s", strerror(errno));
	if (pid == 0) {
		close(pair[0]);
		be_forge(scenario, speed, slow, root, pair[1]);
	}
	close(pair[1]);
	*f = (struct forge){ .control = pair[0], .slow = slow };
	f->port = answer_of(f);
}

void forge_copy(const struct forge *from, struct forge *out)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} extra = { 0 };
	struct order o = { 0 };
	struct iovec v = { &o, sizeof(o) };
	struct msghdr m = {
		.msg_iov = &v, .msg_iovlen = 1, .msg_control = &extra, .msg_controllen = sizeof(extra)
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int pair[2];

	make_pair(pair);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &pair[1], sizeof(int));
	if (sendmsg(from->control, &m, MSG_NOSIGNAL) != sizeof(o))
		stand_die("the forge cannot be copied: %s", strerror(errno));
	close(pair[1]);
	*out = (struct forge){ .control = pair[0], .slow = from->slow };
	out->port = answer_of(out);
}

void forge_let_pass(const struct forge *f, int seconds)
{
	struct order o = { seconds };

	if (send(f->control, &o, sizeof(o), MSG_NOSIGNAL) != sizeof(o) || answer_of(f) != seconds)
		stand_die("the forge lets no time pass");
}

void forge_close(struct forge *f)
{
	close(f->control);
	f->control = -1;
}
