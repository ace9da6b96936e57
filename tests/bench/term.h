/*
 * term.h - a program in a pseudo-terminal, with a stop watch instead of an eye: when bytes came, how many, and what the
 * process had cost until then (read from /proc, in nanoseconds of its own run time).
 */
#pragma once

#include "base/base.h"

struct term {
	pid_t pid;
	int fd;
	size_t bytes;  /* since the last term_reset() */
	int64_t began; /* ns, when it was started */
	int64_t last;  /* ns, when the newest byte came */
	char *raw;     /* bytes since the last term_reset() */
	size_t raw_n, raw_cap;
	bool ended;
};

struct cost {
	int64_t cpu_ns;
	int64_t wakes; /* voluntary context switches */
	int64_t private_kb, rss_kb;
};

int64_t now_ns(void);
void term_start(struct term *t, const char *const *argv, const char *cwd, int rows, int cols);
void term_end(struct term *t, const char *quit); /* types it, then insists */
void term_type(struct term *t, const char *bytes, size_t n);
void term_reset(struct term *t);
/* Reads once. False: nothing came for so long, or the other end is gone. */
bool term_take(struct term *t, int wait_ms);
/* Reads until nothing came for quiet_ms. */
void term_settle(struct term *t, int quiet_ms);
/* Reads until the marker was written and then nothing came for quiet_ms; false after limit_ms. */
bool term_until(struct term *t, const char *marker, int quiet_ms, int limit_ms);
/* Reads until nothing came for limit_ms or a byte came; then as term_settle. */
void term_answer(struct term *t, int limit_ms, int quiet_ms);
void term_cost(pid_t pid, struct cost *out);
