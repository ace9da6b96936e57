/*
 * cli.h - one-shot verbs: the same command table, views and engine as the console, printed once as text or JSON.
 */
#pragma once

#include "core/command/command.h"

/* Where everything lives, from the global options and XDG. */
struct places {
	const char *state_dir, *cache_dir, *cache_path, *journal_path, *socket_path;
};
int places_find(struct places *out, const struct command *globals, struct arena *a, struct err *e) must_check;
/* Runs one verb; prints; returns the exit status of the command-line contract. */
int cli_verb(const struct command *c, const struct places *p, const char *const *globals);
/* --json error document or one sentence on stderr; returns the exit status. */
int cli_fail(const struct command *c, const struct err *e);
