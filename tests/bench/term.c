#include "tests/bench/term.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/bench.h"

int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void child(const char *const *argv, const char *cwd)
{
	setenv("TERM", "xterm-256color", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	if (cwd && chdir(cwd) < 0)
		_exit(126);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

void term_start(struct term *t, const char *const *argv, const char *cwd, int rows, int cols)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };

	*t = (struct term){ .began = now_ns() };
	t->pid = forkpty(&t->fd, NULL, NULL, &size);
	if (t->pid < 0)
		bench_die("forkpty: %s", strerror(errno));
	if (t->pid == 0)
		child(argv, cwd);
	fcntl(t->fd, F_SETFD, FD_CLOEXEC);
}

static void keep(struct term *t, const char *s, size_t n)
{
	if (t->raw_n + n + 1 > t->raw_cap) {
		t->raw_cap = 2 * (t->raw_n + n + 1);
		t->raw = x_realloc(t->raw, t->raw_cap);
	}
	memcpy(t->raw + t->raw_n, s, n);
	t->raw_n += n;
	t->raw[t->raw_n] = '\0';
}

bool term_take(struct term *t, int wait_ms)
{
	struct pollfd p = { t->fd, POLLIN, 0 };
	char chunk[65536];

	if (t->ended || poll(&p, 1, wait_ms) <= 0)
		return false;
	ssize_t n = read(t->fd, chunk, sizeof(chunk));
	if (n <= 0) {
		t->ended = true;
		return false;
	}
	t->last = now_ns();
	t->bytes += (size_t)n;
	keep(t, chunk, (size_t)n);
	return true;
}

void term_settle(struct term *t, int quiet_ms)
{
	while (term_take(t, quiet_ms))
		;
}

void term_answer(struct term *t, int limit_ms, int quiet_ms)
{
	if (term_take(t, limit_ms))
		term_settle(t, quiet_ms);
}

bool term_until(struct term *t, const char *marker, int quiet_ms, int limit_ms)
{
	int64_t end = now_ns() + (int64_t)limit_ms * 1000000;

	while (!t->raw_n || !memmem(t->raw, t->raw_n, marker, strlen(marker)))
		if (now_ns() > end || (!term_take(t, 50) && t->ended))
			return false;
	term_settle(t, quiet_ms);
	return true;
}

void term_reset(struct term *t)
{
	t->bytes = t->raw_n = 0;
}

void term_type(struct term *t, const char *bytes, size_t n)
{
	if (write(t->fd, bytes, n) != (ssize_t)n)
		bench_die("a terminal does not take keys: %s", strerror(errno));
}

/* By its own number, and only while it is our child. */
void term_end(struct term *t, const char *quit)
{
	int w, tries = 0;

	if (!t->ended && quit)
		term_type(t, quit, strlen(quit));
	while (waitpid(t->pid, &w, WNOHANG) == 0) {
		term_take(t, 20);
		if (++tries == 50)
			kill(t->pid, SIGTERM);
		if (tries == 100)
			kill(t->pid, SIGKILL);
		if (t->ended)
			poll(NULL, 0, 10);
	}
	close(t->fd);
	free(t->raw);
	t->raw = NULL;
}

/* ---- /proc ---------------------------------------------------------------------------------------------------------- */

static void read_proc(pid_t pid, const char *name, char *out, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, out, size - 1) : 0;
	out[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

static int64_t after(const char *text, const char *label)
{
	const char *at = strstr(text, label);

	return at ? strtoll(at + strlen(label), NULL, 10) : 0;
}

void term_cost(pid_t pid, struct cost *out)
{
	char text[8192];

	read_proc(pid, "schedstat", text, sizeof(text));
	out->cpu_ns = strtoll(text, NULL, 10);
	read_proc(pid, "status", text, sizeof(text));
	out->wakes = after(text, "\nvoluntary_ctxt_switches:");
	out->rss_kb = after(text, "VmRSS:");
	read_proc(pid, "smaps_rollup", text, sizeof(text));
	out->private_kb = after(text, "Private_Clean:") + after(text, "Private_Dirty:");
}
