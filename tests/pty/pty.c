#include "tests/pty/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <vterm.h>

#define RAW_MAX (1024 * 1024)

struct pty {
	pid_t pid;
	int fd;
	int rows, cols;
	VTerm *vt;
	VTermScreen *screen;
	size_t bytes;
	char *raw;
	size_t raw_n;
	bool held, exited, alt, cursor;
	int status;
	char row[4096];
};

static long now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int on_prop(VTermProp prop, VTermValue *val, void *user)
{
	struct pty *p = user;
	if (prop == VTERM_PROP_ALTSCREEN)
		p->alt = val->boolean;
	if (prop == VTERM_PROP_CURSORVISIBLE)
		p->cursor = val->boolean;
	return 1;
}

static const VTermScreenCallbacks callbacks = { .settermprop = on_prop };

static void answer_queries(const char *s, size_t n, void *user)
{
	struct pty *p = user;
	if (p->fd >= 0 && write(p->fd, s, n) < 0)
		return;
}

static void run_child(const char *const *argv, const char *const *env)
{
	setenv("TERM", "xterm-256color", 1);
	unsetenv("NO_COLOR");
	for (; env && *env; env++)
		putenv(strdup(*env));
	execv(argv[0], (char *const *)argv);
	_exit(127);
}

struct pty *pty_start(const char *const *argv, const char *const *env, int rows, int cols)
{
	struct pty *p = calloc(1, sizeof(*p));
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };
	p->rows = rows;
	p->cols = cols;
	p->cursor = true;
	p->raw = malloc(RAW_MAX);
	p->vt = vterm_new(rows, cols);
	vterm_set_utf8(p->vt, 1);
	vterm_output_set_callback(p->vt, answer_queries, p);
	p->screen = vterm_obtain_screen(p->vt);
	vterm_screen_set_callbacks(p->screen, &callbacks, p);
	vterm_screen_enable_altscreen(p->screen, 1);
	vterm_screen_reset(p->screen, 1);
	p->pid = forkpty(&p->fd, NULL, NULL, &size);
	if (p->pid == 0)
		run_child(argv, env);
	fcntl(p->fd, F_SETFD, FD_CLOEXEC);
	return p;
}

static void take(struct pty *p, const char *s, size_t n)
{
	p->bytes += n;
	if (p->raw_n + n > RAW_MAX)
		p->raw_n = 0;
	memcpy(p->raw + p->raw_n, s, n);
	p->raw_n += n;
	vterm_input_write(p->vt, s, n);
}

/* Reads what is there within wait_ms: bytes read, 0 nothing, -1 the other end is gone. */
static ssize_t pump(struct pty *p, int wait_ms)
{
	char chunk[16384];
	struct pollfd f = { .fd = p->fd, .events = POLLIN };
	if (p->fd < 0 || p->held) {
		poll(NULL, 0, wait_ms);
		return p->fd < 0 ? -1 : 0;
	}
	if (poll(&f, 1, wait_ms) <= 0)
		return 0;
	ssize_t n = read(p->fd, chunk, sizeof(chunk));
	if (n <= 0)
		return -1;
	take(p, chunk, (size_t)n);
	return n;
}

void pty_write(struct pty *p, const char *bytes, size_t n)
{
	while (n) {
		ssize_t w = write(p->fd, bytes, n);
		if (w < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (w > 0) {
			bytes += w;
			n -= (size_t)w;
		}
		if (!p->held)
			pump(p, 0);
	}
}

void pty_type(struct pty *p, const char *bytes)
{
	pty_write(p, bytes, strlen(bytes));
}

void pty_resize(struct pty *p, int rows, int cols)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };
	p->rows = rows;
	p->cols = cols;
	vterm_set_size(p->vt, rows, cols);
	ioctl(p->fd, TIOCSWINSZ, &size);
}

static size_t put_utf8(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

const char *pty_row(struct pty *p, int row)
{
	size_t n = 0;
	for (int col = 0; col < p->cols && n + 32 < sizeof(p->row); col++) {
		VTermScreenCell cell;
		if (!vterm_screen_get_cell(p->screen, (VTermPos){ .row = row, .col = col }, &cell))
			break;
		if (cell.chars[0] == (uint32_t)-1)
			continue;
		if (!cell.chars[0])
			p->row[n++] = ' ';
		for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
			n += put_utf8(p->row + n, cell.chars[i]);
	}
	while (n && p->row[n - 1] == ' ')
		n--;
	p->row[n] = 0;
	return p->row;
}

bool pty_has(struct pty *p, const char *text)
{
	for (int r = 0; r < p->rows; r++)
		if (strstr(pty_row(p, r), text))
			return true;
	return false;
}

static bool wait_for(struct pty *p, const char *text, bool wanted, int limit_ms)
{
	long end = now_ms() + limit_ms;
	for (;;) {
		while (pump(p, 0) > 0)
			;
		if (pty_has(p, text) == wanted)
			return true;
		if (now_ms() >= end)
			return false;
		if (pump(p, 50) < 0 && p->fd >= 0)
			return pty_has(p, text) == wanted;
	}
}

bool pty_wait_text(struct pty *p, const char *text, int limit_ms)
{
	return wait_for(p, text, true, limit_ms);
}

bool pty_wait_gone(struct pty *p, const char *text, int limit_ms)
{
	return wait_for(p, text, false, limit_ms);
}

void pty_settle(struct pty *p, int quiet_ms)
{
	while (pump(p, quiet_ms) > 0)
		;
}

void pty_print(struct pty *p)
{
	for (int r = 0; r < p->rows; r++)
		fprintf(stderr, "|%s\n", pty_row(p, r));
}

size_t pty_bytes(const struct pty *p)
{
	return p->bytes;
}

const char *pty_raw(const struct pty *p)
{
	return p->raw;
}

size_t pty_raw_n(const struct pty *p)
{
	return p->raw_n;
}

void pty_hold(struct pty *p, bool hold)
{
	p->held = hold;
}

bool pty_wait_exit(struct pty *p, int limit_ms, int *status)
{
	long end = now_ms() + limit_ms;
	while (!p->exited) {
		int raw;
		if (waitpid(p->pid, &raw, WNOHANG) == p->pid) {
			p->exited = true;
			p->status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
			break;
		}
		if (now_ms() >= end)
			return false;
		pump(p, 20);
	}
	while (pump(p, 0) > 0)
		;
	if (status)
		*status = p->status;
	return true;
}

bool pty_wait_stopped(struct pty *p, int limit_ms)
{
	long end = now_ms() + limit_ms;
	int raw;
	while (waitpid(p->pid, &raw, WNOHANG | WUNTRACED) != p->pid) {
		if (now_ms() >= end)
			return false;
		pump(p, 20);
	}
	while (pump(p, 0) > 0)
		;
	return WIFSTOPPED(raw);
}

bool pty_line_mode(const struct pty *p)
{
	struct termios t;
	return tcgetattr(p->fd, &t) == 0 && (t.c_lflag & ICANON) && (t.c_lflag & ECHO);
}

bool pty_line_full(const struct pty *p)
{
	struct pollfd f = { .fd = open(ptsname(p->fd), O_RDWR | O_NOCTTY | O_CLOEXEC), .events = POLLOUT };
	bool full = f.fd >= 0 && poll(&f, 1, 0) == 0;
	if (f.fd >= 0)
		close(f.fd);
	return full;
}

static size_t line_holds(size_t size)
{
	char bytes[4096];
	struct termios t;
	int ours, theirs;
	size_t held = 0;
	memset(bytes, 'x', sizeof(bytes));
	if (openpty(&ours, &theirs, NULL, NULL, NULL) < 0)
		return 0;
	tcgetattr(theirs, &t);
	cfmakeraw(&t);
	tcsetattr(theirs, TCSANOW, &t);
	fcntl(theirs, F_SETFL, O_NONBLOCK);
	for (int refused = 0; refused < 3;) { /* what was taken moves on inside the kernel, and makes room */
		ssize_t n = write(theirs, bytes, size);
		held += n > 0 ? (size_t)n : 0;
		refused = n > 0 ? 0 : refused + 1;
		if (n <= 0)
			poll(NULL, 0, 20);
	}
	close(ours);
	close(theirs);
	return held;
}

size_t pty_line_holds(void)
{
	static const size_t sizes[] = { 20, 60, 500, 2000, 4096 };
	size_t most = 0;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		size_t n = line_holds(sizes[i]);
		most = n > most ? n : most;
	}
	return most;
}

bool pty_alt_screen(const struct pty *p)
{
	return p->alt;
}

bool pty_cursor_visible(const struct pty *p)
{
	return p->cursor;
}

pid_t pty_pid(const struct pty *p)
{
	return p->pid;
}

void pty_hangup(struct pty *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

void pty_free(struct pty *p)
{
	if (!p)
		return;
	if (!p->exited) {
		kill(p->pid, SIGKILL);
		waitpid(p->pid, NULL, 0);
	}
	pty_hangup(p);
	vterm_free(p->vt);
	free(p->raw);
	free(p);
}
