#include "tui/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define FINISH_MS   100
#define FINISH_MOST 5

/* Ends an escape sequence that was cut, and leaves no attribute behind. */
#define CANCEL "\030\033[m"

struct outlet {
	int tty;
	struct buf bytes;
	size_t at; /* of them taken by the terminal */
	bool busy;
	struct loop *loop;
	struct watch *watch; /* while busy */
	void (*fn)(void *ctx);
	void *ctx;
};

static int crash_tty = -1;

/* A description of our own: O_NONBLOCK on the shell's would be its too, and stay. A terminal that was handed over by
 * another user can be opened by its other name, or only be used as it is. */
static int open_tty(void)
{
	int fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && tcgetsid(STDOUT_FILENO) == getsid(0))
		fd = open("/dev/tty", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return fd;
}

int outlet_open(struct outlet **out, struct err *e)
{
	struct outlet *o = x_alloc(sizeof(*o));
	o->tty = open_tty();
	buf_init(&o->bytes, SIZE_MAX / 2); /* a frame is as large as the terminal */
	if (o->tty < 0) {
		err_set(e, ERR_STORE, "the terminal cannot be written to: %s", strerror(errno));
		outlet_close(o);
		return -ERR_STORE;
	}
	crash_tty = o->tty;
	*out = o;
	return 0;
}

void outlet_close(struct outlet *o)
{
	if (!o)
		return;
	crash_tty = -1;
	watch_free(o->watch);
	buf_done(&o->bytes);
	if (o->tty >= 0)
		close(o->tty);
	free(o);
}

struct buf *outlet_buf(struct outlet *o)
{
	return &o->bytes;
}

bool outlet_busy(const struct outlet *o)
{
	return o->busy;
}

static void forget(struct outlet *o)
{
	buf_reset(&o->bytes);
	o->at = 0;
	o->busy = false;
}

/* As far as the terminal takes it now. One that is gone takes everything. */
static void send_on(struct outlet *o)
{
	while (o->at < o->bytes.n) {
		ssize_t n = write(o->tty, o->bytes.s + o->at, o->bytes.n - o->at);
		o->busy = n < 0 && (errno == EAGAIN || errno == EINTR);
		if (o->busy)
			return;
		o->at = n < 0 ? o->bytes.n : o->at + (size_t)n;
	}
	forget(o);
}

static void on_takes_more(void *ctx, int fd, unsigned events)
{
	struct outlet *o = ctx;
	(void)fd, (void)events;
	send_on(o);
	if (outlet_busy(o))
		return;
	watch_free(o->watch);
	o->watch = NULL;
	o->fn(o->ctx);
}

static void keep_on(struct outlet *o)
{
	if (o->loop && !o->watch && outlet_busy(o))
		o->watch = watch_new(o->loop, o->tty, WATCH_WRITE, on_takes_more, o);
}

bool outlet_push(struct outlet *o)
{
	send_on(o);
	keep_on(o);
	return !outlet_busy(o);
}

void outlet_attach(struct outlet *o, struct loop *l, void (*fn)(void *ctx), void *ctx)
{
	o->loop = l;
	o->fn = fn;
	o->ctx = ctx;
	keep_on(o);
}

size_t outlet_mark(const struct outlet *o)
{
	return o->bytes.n;
}

void outlet_finish(struct outlet *o, size_t mark)
{
	struct pollfd p = { .fd = o->tty, .events = POLLOUT };
	send_on(o);
	for (int i = 0; outlet_busy(o) && i < FINISH_MOST && poll(&p, 1, FINISH_MS) > 0; i++)
		send_on(o);
	if (outlet_busy(o)) {
		tcflush(o->tty, TCOFLUSH);
		ssize_t n = write(o->tty, CANCEL, sizeof(CANCEL) - 1);
		(void)n;
		o->at = mark;
		send_on(o);
	}
	forget(o);
	watch_free(o->watch);
	o->watch = NULL;
}

void outlet_crash(const char *s, size_t n)
{
	if (crash_tty < 0 || write(crash_tty, s, n) == (ssize_t)n)
		return;
	tcflush(crash_tty, TCOFLUSH); /* what nobody read makes room */
	ssize_t w = write(crash_tty, s, n);
	(void)w;
}
