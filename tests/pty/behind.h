/*
 * behind.h - what stands behind a console that is played (console.h): its processes, its cache, what the verbs say of both,
 * and a line that takes nothing more.
 */
#pragma once

#include "tests/pty/console.h"

/* SIGSTOP: nothing that it finds out is painted among bytes that are counted. SIGCONT before the console ends. */
static inline maybe_unused void signal_engine(struct console *c, int signal)
{
	pid_t engine = find_process("pilothouse-engine", c->dir);
	assert_true(engine > 0);
	assert_int_equal(kill(engine, signal), 0);
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

/* The verbs read the same cache and journal as the console. */
static inline maybe_unused bool verb_says(struct console *c, const char *verb, const char *wanted)
{
	char state[512];
	find_cache(c, state, sizeof(state));
	const char *argv[] = { PROGRAM, "--state-dir", state, "--cache-dir", state, verb, "--json", NULL };
	struct pty *p = pty_start(argv, c->envp, 24, 80);
	assert_true(pty_wait_exit(p, SOON, NULL));
	bool says = memmem(pty_raw(p), pty_raw_n(p), wanted, strlen(wanted)) != NULL;
	pty_free(p);
	return says;
}

static inline maybe_unused void must_become(struct console *c, const char *verb, const char *wanted)
{
	for (int i = 0; i < SOON / 100; i++) {
		if (verb_says(c, verb, wanted))
			return;
		pty_settle(c->p, 100);
	}
	pty_hold(c->p, false);
	pty_settle(c->p, QUIET);
	pty_print(c->p);
	fail_msg("%s does not say %s", verb, wanted);
}

/* Stops reading, and has it repaint until the line takes no more: then a frame is stuck. */
static inline maybe_unused void stall(struct console *c)
{
	pty_hold(c->p, true);
	for (int full = 0, i = 0; full < 5;
	     i++) { /* what is taken moves on inside the kernel, and makes room */
		pty_type(c->p, "\f");
		pty_settle(c->p, FINGER);
		full = pty_line_full(c->p) ? full + 1 : 0;
		assert_true(i < SOON / FINGER);
	}
}
