#include "tui/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "tui/squeeze.h"

#define CHUNK       4096 /* a terminal takes less at once */
#define FINISH_MS   100
#define FINISH_MOST 5

/* Ends an escape sequence that was cut, and leaves no attribute behind. */
#define CANCEL "\030\033[m"

struct outlet {
	int tty, file; /* file: the memory */
	FILE *stream;  /* of file */
	off_t at, end; /* taken by the terminal, written: both 0 when all is taken */
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
	o->file = memfd_create("frame", MFD_CLOEXEC);
	o->stream = o->file >= 0 ? fdopen(o->file, "w") : NULL;
	if (o->tty < 0 || !o->stream) {
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
	if (o->stream)
		fclose(o->stream);
	else if (o->file >= 0)
		close(o->file);
	if (o->tty >= 0)
		close(o->tty);
	free(o);
}

FILE *outlet_file(const struct outlet *o)
{
	return o->stream;
}

void outlet_put(struct outlet *o, const char *s)
{
	ssize_t n = write(o->file, s, strlen(s));
	BUG_IF(n != (ssize_t)strlen(s)); /* memory is gone */
	if (outlet_busy(o))
		o->end += n;
}

bool outlet_busy(const struct outlet *o)
{
	return o->end > 0;
}

static void forget(struct outlet *o)
{
	lseek(o->file, 0, SEEK_SET);
	o->at = o->end = 0;
}

/* Bytes that the terminal took; 0 none now, -1 it is gone. */
static ssize_t hand_on(struct outlet *o)
{
	char chunk[CHUNK];
	size_t left = (size_t)(o->end - o->at);
	ssize_t n = pread(o->file, chunk, left < CHUNK ? left : CHUNK, o->at);
	if (n > 0)
		n = write(o->tty, chunk, (size_t)n);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		n = 0;
	return n;
}

static void send_on(struct outlet *o)
{
	while (o->at < o->end) {
		ssize_t n = hand_on(o);
		if (n == 0)
			return;
		o->at = n < 0 ? o->end : o->at + n;
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

void outlet_squeeze(struct outlet *o)
{
	char few[CHUNK];
	off_t end = lseek(o->file, 0, SEEK_CUR);
	char *s = end <= CHUNK ? few : x_alloc((size_t)end);
	size_t n = end > 0 ? (size_t)end : 0, left = n;

	if (pread(o->file, s, n, 0) == end)
		left = squeeze(s, n);
	if (left < n && pwrite(o->file, s, left, 0) == (ssize_t)left)
		lseek(o->file, (off_t)left, SEEK_SET);
	if (s != few)
		free(s);
}

bool outlet_push(struct outlet *o)
{
	o->end = lseek(o->file, 0, SEEK_CUR);
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

off_t outlet_mark(const struct outlet *o)
{
	return o->end;
}

void outlet_finish(struct outlet *o, off_t mark)
{
	struct pollfd p = { .fd = o->tty, .events = POLLOUT };
	o->end = lseek(o->file, 0, SEEK_CUR);
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
	ssize_t w = crash_tty >= 0 ? write(crash_tty, s, n) : 0;
	(void)w;
}
