/*
 * console.h - a drill played through a pseudo-terminal: what the tests of the console and of the wall share.
 *
 * Everything lives in one new directory (state, cache, socket), so no engine of anybody else is met or left behind.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "tests/folder.h"
#include "tests/pty/pty.h"

#define SOON    20000 /* a limit, never a wait: a loaded machine with sanitizers is slow */
#define QUIET   150
#define FINGER  20 /* between two keys of a person */
#define PROGRAM PH_BIN_DIR "/pilothouse"
#define WALL    PH_BIN_DIR "/pilothouse-wall"
#define PHRASE  "easy/prod v0.9.4" /* of the drill's task */

/* Until it is so, or the limit is over: what was waited for is looked at afterwards. */
#define wait_until(c, is_so)                                                \
	do {                                                                \
		for (int looks = 0; looks < SOON / 50 && !(is_so); looks++) \
			pty_settle((c)->p, 50);                             \
	} while (0)

struct console {
	char dir[64];
	char env[6][128];
	const char *envp[8];
	struct pty *p;
};

static inline maybe_unused void console_dir(struct console *c)
{
	static const char *const names[] = { "HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CACHE_HOME",
					     "XDG_CONFIG_HOME" };
	size_t n = 0;
	memset(c, 0, sizeof(*c));
	folder_new(c->dir);
	for (; n < countof(names); n++) {
		snprintf(c->env[n], sizeof(c->env[n]), "%s=%s", names[n], c->dir);
		c->envp[n] = c->env[n];
	}
	c->envp[n++] = "LC_ALL=C.UTF-8";
	c->envp[n] = NULL;
}

static inline maybe_unused void console_start(struct console *c, const char *const *argv, int rows, int cols)
{
	c->p = pty_start(argv, c->envp, rows, cols);
	assert_non_null(c->p);
}

static inline maybe_unused void must_see(struct console *c, const char *text)
{
	if (pty_wait_text(c->p, text, SOON))
		return;
	pty_print(c->p);
	fail_msg("\"%s\" is not on the screen", text);
}

static inline maybe_unused void must_go(struct console *c, const char *text)
{
	if (pty_wait_gone(c->p, text, SOON))
		return;
	pty_print(c->p);
	fail_msg("\"%s\" stays on the screen", text);
}

/* The drill at `speed`, past its brief, with every lane read. */
static inline maybe_unused void console_drill(struct console *c, const char *speed, int rows, int cols)
{
	const char *argv[] = { PROGRAM, "drill", "first-rollout", "--speed", speed, NULL };
	console_dir(c);
	console_start(c, argv, rows, cols);
	must_see(c, "Esc close");
	pty_type(c->p, "\033");
	must_see(c, "gov/prod");
	must_see(c, "v0.9.4");
}

static inline maybe_unused void console_end(struct console *c)
{
	pty_free(c->p);
	folder_leave(c->dir);
	folder_drop(c->dir);
}

/* Keys as a person gives them: one at a time. */
static inline maybe_unused void type_slowly(struct console *c, const char *keys)
{
	for (; *keys; keys++) {
		pty_write(c->p, keys, 1);
		pty_settle(c->p, FINGER);
	}
}

static inline maybe_unused int marker_row(struct console *c)
{
	for (int r = 1; r < 60; r++)
		if (pty_row(c->p, r)[0] == '*')
			return r;
	return -1;
}

/* The lane that the marker is on, "" none. A row may move under it at any time; what is marked changes by a key alone. */
static inline maybe_unused void marked_lane(struct console *c, char out[32])
{
	int row = marker_row(c);
	out[0] = 0;
	if (row > 0)
		sscanf(pty_row(c->p, row), "%*s %31s", out);
}

/* The first row that begins with the lane, after its mark and its state; -1 none. */
static inline maybe_unused int lane_row(struct console *c, const char *lane)
{
	for (int r = 1; r < 60; r++) {
		const char *row = pty_row(c->p, r), *at = strstr(row, lane);
		if (at && at - row < 8)
			return r;
	}
	return -1;
}

/* Moves the marker to the lane, a step only when the one before is seen, whichever way its row has gone meanwhile. */
static inline maybe_unused void go_to(struct console *c, const char *lane)
{
	char was[32], now[32];
	wait_until(c, marker_row(c) > 0 && lane_row(c, lane) > 0);
	for (int step = 0; step < 40; step++) {
		marked_lane(c, was);
		if (!strcmp(was, lane))
			return;
		pty_type(c->p, marker_row(c) < lane_row(c, lane) ? "j" : "k");
		wait_until(c, (marked_lane(c, now), strcmp(now, was)));
	}
	pty_print(c->p);
	fail_msg("no row of %s", lane);
}

static inline maybe_unused void open_plan(struct console *c)
{
	go_to(c, "easy/prod");
	pty_type(c->p, "D");
	must_see(c, "type " PHRASE " and Enter:");
	must_see(c, "Esc leaves; nothing was sent"); /* armed */
}

static inline maybe_unused void confirm(struct console *c)
{
	type_slowly(c, PHRASE);
	must_see(c, "> " PHRASE);
	pty_type(c->p, "\r");
}

/* A key that does no harm twice, until it is heard: one that comes too soon ends what began before it (Esc, "\033["). */
static inline maybe_unused void key_until(struct console *c, const char *key, const char *text)
{
	for (int i = 0; i < SOON / 500 && !pty_has(c->p, text); i++) {
		pty_type(c->p, key);
		pty_wait_text(c->p, text, 500);
	}
	must_see(c, text);
}

static inline maybe_unused void must_have_sent_nothing(struct console *c)
{
	key_until(c, "7", "No act of this machine is recorded.");
	pty_type(c->p, "1");
	must_see(c, "LANE ");
}

/* One frame is what a redraw writes. */
static inline maybe_unused size_t frame_bytes(struct console *c)
{
	pty_settle(c->p, QUIET);
	size_t before = pty_bytes(c->p);
	pty_type(c->p, "\f");
	wait_until(c, pty_bytes(c->p) > before);
	pty_settle(c->p, QUIET);
	return pty_bytes(c->p) - before;
}

/* The terminal as it was found: main screen, a cursor, no bracketed paste. */
static inline maybe_unused void check_restored(struct console *c)
{
	const char *raw = pty_raw(c->p), *on = NULL, *off = NULL;
	size_t n = pty_raw_n(c->p);
	for (size_t i = 0; i + 8 <= n; i++) {
		if (!memcmp(raw + i, "\033[?2004h", 8))
			on = raw + i;
		if (!memcmp(raw + i, "\033[?2004l", 8))
			off = raw + i;
	}
	assert_false(pty_alt_screen(c->p));
	assert_true(pty_cursor_visible(c->p));
	assert_non_null(on);
	assert_true(off > on);
}
