/*
 * forge.h - the simulated forge as processes of the test's own, which can be copied: a world is made and prepared once, and
 * each trial gets a copy of it by fork(2), on a port of its own.
 *
 * A copy goes on where the world stood, whatever passed on the clock meanwhile. The scenario's latency is left out unless
 * it is asked for: what a fault meets does not depend on how long an answer was under way; only races do.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct forge {
	int port;
	int control; /* its end is the forge's end */
	bool slow;
};

/* Prints why and ends the program when it cannot be, as all of them do. slow: with the scenario's latency. system: of the
 * first repository, "profile=owner/name". root: the file that will hold who attests in that world. */
void forge_open(struct forge *f, const char *scenario, const char *speed, bool slow, const char *root,
		char *system, size_t size);
void forge_copy(const struct forge *from, struct forge *out);
void forge_let_pass(const struct forge *f, int seconds);
void forge_close(struct forge *f);
