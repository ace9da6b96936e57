/*
 * command.h - the one registry: keys, palette, help, verbs, man pages, completion and what read-only hides all come
 * from core/command/commands.def and options.def. Everything a person can ask enters at command_parse().
 *
 * An act without --confirm is a plan. A command line is argv; command_split() cuts a palette line into argv with shell
 * quoting ("..." and '...'), nothing is ever expanded.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum command_kind {
	COMMAND_QUERY,  /* reads the cache only */
	COMMAND_ENGINE, /* asks the engine, changes nothing on the forge: sync, plan, log, reconcile */
	COMMAND_ACT,    /* changes the forge: plan, confirm, send */
	COMMAND_SCREEN, /* console only: opens a screen or sheet */
	COMMAND_LOCAL,  /* console only: filter, back, quit, refresh */
	COMMAND_TOOL,   /* verb only: doctor, drill */
};

enum command_id {
#define COMMAND(id, name, kind, key, args, min, max, summary) CMD_##id,
#include "core/command/commands.def"
#undef COMMAND
	CMD_MAX_
};

struct command_info {
	enum command_id id;
	const char *name;
	enum command_kind kind;
	const char *key;  /* "D", "Ctrl-r", "" none; see tui/keymap.h for several keys */
	const char *args; /* synopsis: "LANE [RELEASE]" */
	int min, max;     /* positional arguments */
	const char *summary;
};

enum option_id {
#define OPTION(id, name, arg, verbs, summary) OPT_##id,
#include "core/command/options.def"
#undef OPTION
	OPT_MAX_
};
struct option_info {
	enum option_id id;
	const char *name; /* "--limit" */
	const char *arg;  /* "N", NULL for a flag */
	const char *
		verbs; /* " runs journal " : names of verbs that take it, blank-separated with blanks around; "*" global */
	const char *summary;
};

#define COMMAND_ARGS_MAX   8
#define COMMAND_INPUTS_MAX 25 /* workflow_dispatch takes at most 25 (GitHub reference 1.1) */

struct command {
	const struct command_info *info;
	const char *args[COMMAND_ARGS_MAX];
	int n;
	const char *opt[OPT_MAX_];              /* value, "" for a given flag, NULL when absent */
	const char *inputs[COMMAND_INPUTS_MAX]; /* "K=V" of --input */
	int inputs_n;
};

const struct command_info *command_table(size_t *n);
const struct option_info *option_table(size_t *n);
const struct command_info *command_find(const char *name); /* NULL */
bool option_applies(const struct option_info *o, const struct command_info *c);

/* argv[0] is the verb. Values are borrowed from argv. Errors: ERR_INVALID with usage as hint. */
int command_parse(struct command *out, int argc, const char *const *argv, struct err *e) must_check;
/* Global options stand before the verb: consumes them from argv into opt[], returns index of the verb (argc: none). */
int command_globals(struct command *out, int argc, const char *const *argv, const char **profiles,
		    int *profiles_n, struct err *e) must_check;
int command_split(const char ***argv, int *argc, const char *line, struct arena *a, struct err *e) must_check;
/* The canonical line of a parsed command (quoted where needed, options in table order, without --confirm and --json). */
const char *command_line(const struct command *c, struct arena *a);
/* Completions of a palette line; candidates for words are given by the caller (lanes, releases). */
struct words VEC_OF(const char *);
void command_complete(const char *line, const struct words *lanes, const struct words *releases,
		      struct words *out, struct arena *a);
void command_usage(struct buf *out, const struct command_info *c); /* "usage: pilothouse dispatch LANE ..." */
void command_help(struct buf *out, const struct command_info *c);  /* whole --help text */
/* The phrase that confirms an act: contract in the command-line reference. */
const char *command_phrase(const struct command *c, bool production, const char *lane, const char *release,
			   struct arena *a);
