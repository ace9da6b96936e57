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

#include <dirent.h>
#include <ftw.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "tests/pty/pty.h"

#define SOON    20000 /* a limit, never a wait: a loaded machine with sanitizers is slow */
#define QUIET   150
#define FINGER  20 /* between two keys of a person */
#define PROGRAM PH_BIN_DIR "/pilothouse"
#define WALL    PH_BIN_DIR "/pilothouse-wall"
#define PHRASE  "easy/prod v0.9.4" /* of the drill's task */

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
	snprintf(c->dir, sizeof(c->dir), "%s", "/tmp/console-XXXXXX");
	assert_non_null(mkdtemp(c->dir));
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

static inline maybe_unused int remove_entry(const char *path, const struct stat *st, int flag,
					    struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static inline maybe_unused void console_end(struct console *c)
{
	pty_free(c->p);
	nftw(c->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
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

/* Moves the marker to the row of the lane, a step only when the one before is seen. */
static inline maybe_unused void go_to(struct console *c, const char *lane)
{
	pty_type(c->p, "g");
	for (int i = 0; i < SOON / 50 && marker_row(c) != 2; i++)
		pty_settle(c->p, 50);
	for (int step = 0; step < 12; step++) {
		int row = marker_row(c);
		if (row > 0 && strstr(pty_row(c->p, row), lane))
			return;
		pty_type(c->p, "j");
		for (int i = 0; i < SOON / 50 && marker_row(c) == row; i++)
			pty_settle(c->p, 50);
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

static inline maybe_unused void must_have_sent_nothing(struct console *c)
{
	pty_type(c->p, "7");
	must_see(c, "No act of this machine is recorded.");
	pty_type(c->p, "1");
	must_see(c, "LANE ");
}

/* One frame is what a redraw writes. */
static inline maybe_unused size_t frame_bytes(struct console *c)
{
	pty_settle(c->p, QUIET);
	size_t before = pty_bytes(c->p);
	pty_type(c->p, "\f");
	pty_settle(c->p, QUIET);
	return pty_bytes(c->p) - before;
}

/* The first process whose name and words hold both; 0 none. */
static inline maybe_unused pid_t find_process(const char *name, const char *word)
{
	DIR *d = opendir("/proc");
	struct dirent *de;
	pid_t found = 0;
	while (!found && (de = readdir(d))) {
		char path[300], words[8192];
		snprintf(path, sizeof(path), "/proc/%s/cmdline", de->d_name);
		FILE *f = de->d_name[0] >= '1' && de->d_name[0] <= '9' ? fopen(path, "r") : NULL;
		if (!f)
			continue;
		size_t n = fread(words, 1, sizeof(words) - 1, f);
		fclose(f);
		for (size_t i = 0; i < n; i++)
			words[i] = words[i] ? words[i] : ' ';
		words[n] = 0;
		const char *first = strstr(words, name);
		if (first && first < words + strcspn(words, " ") && strstr(words, word))
			found = (pid_t)strtol(de->d_name, NULL, 10);
	}
	closedir(d);
	return found;
}

/* The drill's own state directory, below the runtime directory. */
static inline maybe_unused void find_cache(struct console *c, char *out, size_t n)
{
	char parent[128];
	snprintf(parent, sizeof(parent), "%s/pilothouse", c->dir);
	DIR *d = opendir(parent);
	struct dirent *de;
	assert_non_null(d);
	out[0] = 0;
	while ((de = readdir(d)))
		if (!strncmp(de->d_name, "drill-", 6))
			snprintf(out, n, "%s/%s", parent, de->d_name);
	closedir(d);
	assert_true(out[0] != 0);
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
