/*
 * command.h - the one registry: keys, palette, help, verbs, man pages, completion and what read-only hides all come
 * from core/command/commands.def and options.def. Everything a person can ask enters at command_parse().
 *
 * An act without --confirm is a plan. A command line is argv; command_split() cuts a palette line into argv with shell
 * quoting ("..." and '...'), nothing is ever expanded.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

enum command_kind {
	COMMAND_QUERY, /* reads the cache only */
	COMMAND_ENGINE, /* asks the engine, changes nothing on the forge: sync, plan, what-if, log, reconcile */
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
	enum command_kind kind;
	const char *name;
	const char *key;  /* "D", "Ctrl-r", "" none; see tui/keymap.h for several keys */
	const char *args; /* synopsis: "LANE [RELEASE]" */
	int min, max;     /* positional arguments */
	const char *summary;
};

enum option_id {
#define OPTION(id, name, arg, verbs, summary) OPT_##id,
#define SENSE(id, arg, verbs, summary)
#include "core/command/options.def"
#undef OPTION
#undef SENSE
	OPT_MAX_
};
struct option_info {
	enum option_id id;
	const char *name; /* "--limit" */
	const char *arg;  /* "N", NULL for a flag */
	const char *
		verbs; /* " runs journal " : names of verbs that take it, blank-separated with blanks around; ACT: each that takes an act; "*" global */
	const char *summary;
};

#define COMMAND_ARGS_MAX     8
#define COMMAND_INPUTS_MAX   25 /* workflow_dispatch takes at most 25 (GitHub reference 1.1) */
#define COMMAND_PROFILES_MAX 16
#define COMMAND_SITES_MAX    32

struct command {
	const struct command_info *info;
	const char *args[COMMAND_ARGS_MAX];
	int n;
	const char *opt[OPT_MAX_];              /* value, "" for a given flag, NULL when absent */
	const char *inputs[COMMAND_INPUTS_MAX]; /* "K=V" of --input */
	int inputs_n;
	const char *profiles
		[COMMAND_PROFILES_MAX]; /* of --profile after the verb; opt[OPT_PROFILE] is the last */
	int profiles_n;
	const char *sites[COMMAND_SITES_MAX]; /* "LANE=URL" of --site, before the verb or after it */
	int sites_n;
};

/* What a status of the programs means; the same in --help and in the man page. */
struct command_exit {
	int status;
	const char *meaning;
};
/* A line to copy, after "pilothouse ". */
struct command_example {
	enum command_id id;
	const char *line, *words;
};

const struct command_info *command_table(size_t *n);
const struct option_info *option_table(size_t *n);
const struct command_exit *command_exits(size_t *n);
const struct command_example *command_examples(size_t *n);
const struct command_info *command_find(const char *name); /* NULL */
const struct option_info *option_find(const char *name);   /* "--limit"; NULL */
bool option_applies(const struct option_info *o, const struct command_info *c);
/* What it is at that verb: its argument and summary there. c NULL: as it stands in its own row. */
struct option_info option_at(const struct option_info *o, const struct command_info *c);
bool option_is_global(const struct option_info *o);
bool option_repeats(const struct option_info *o); /* --input, --profile, --site */
/* plan and what-if: what follows is an act's words, with the act's options. */
bool command_takes_act(const struct command_info *c);
/* True for what a shell may ask: screens and local commands exist in the console only. */
bool command_is_verb(const struct command_info *c);
/* True for a first word that opens the console at a place: it contains ':' (lane:easy/prod). */
bool command_is_address(const char *word);

/*
 * argv[0] is the verb. Values are borrowed from argv. Errors: ERR_INVALID, the nearest word or the usage as hint.
 * Options stand anywhere, `--name=value` or `--name value`; a value that begins with "--" needs the "=". `--` ends
 * options. An option given twice is an error, unless it is a flag or repeats. Numbers are checked here. With --help
 * missing words are no error. `plan` takes an act's words and the act's options.
 */
int command_parse(struct command *out, int argc, const char *const *argv, struct err *e) must_check;
/*
 * Global options stand before the verb: reads them from argv into opt[] (out is cleared first), returns the index of
 * the verb (argc: none). argv[0] is looked at: leave the program's name out. --profile is added to
 * profiles[*profiles_n], which holds COMMAND_PROFILES_MAX and is not cleared; both may be NULL (out has them too).
 */
int command_globals(struct command *out, int argc, const char *const *argv, const char **profiles,
		    int *profiles_n, struct err *e) must_check;
/* Adds what stood before the verb to what stood after it. The same option in both is an error, flags excepted. */
int command_merge(struct command *verb, const struct command *globals, struct err *e) must_check;
/* The first word of `plan`, when it names no act but what is done with plans that are kept. */
enum plan_word {
	PLAN_ACT,  /* ACT ARGS... */
	PLAN_SAVE, /* save ACT ARGS... */
	PLAN_SHOW, /* from here on nothing is asked of a forge */
	PLAN_DIFF,
	PLAN_SIGN,
	PLAN_VERIFY,
};
enum plan_word command_plan_word(const struct command *plan);
/* The first word of `proof`: what is known of a lane or of a release, which is a query, or what is done with files. */
enum proof_word {
	PROOF_SHOW,
	PROOF_EXPORT,
	PROOF_IMPORT, /* import-root FILE */
	PROOF_UPDATE, /* update-root INSTANCE */
};
enum proof_word command_proof_word(const struct command *proof);
const char *proof_word_name(enum proof_word w); /* "export"; "" of PROOF_SHOW */
/* `plan dispatch easy/prod v1`, or what-if, as the command `dispatch easy/prod v1`, with plan's options; also behind `plan save`. */
int command_planned(struct command *out, const struct command *plan, struct err *e) must_check;
/* A number option's value; fallback when it is absent. command_parse() has checked it. */
int64_t command_number(const struct command *c, enum option_id id, int64_t fallback);
int command_split(const char ***argv, int *argc, const char *line, struct arena *a, struct err *e) must_check;
/* The canonical line of a parsed command: quoted where needed, the verb's own options in table order. Without
 * --confirm and --plan, which are no part of what is asked, and without global options (--json among them), which say where. */
const char *command_line(const struct command *c, struct arena *a);
/* One word as command_split() would read it back. */
void command_quote(struct buf *out, const char *word);
/* Candidates for the last word of a palette line (the word after a blank at the end): each replaces that word.
 * Lanes and releases are given by the caller, either may be NULL. In table order, then the caller's order. */
struct words VEC_OF(const char *);
void command_complete(const char *line, const struct words *lanes, const struct words *releases,
		      struct words *out, struct arena *a);
/* It would leave something behind, on the forge or in the journal: absent where all is read-only. `con show` and `guard show` are no such acts. */
bool command_changes(const struct command *c);
/* "usage: pilothouse dispatch LANE ..."; c NULL: the program's. No newline at the end. */
void command_usage(struct buf *out, const struct command_info *c);
/* Whole --help text, lines of at most 80 cells where words allow; c NULL: the program's. */
void command_help(struct buf *out, const struct command_info *c);
/* The phrase that confirms an act: contract in the command-line reference. NULL: this needs none (no act, no lane). */
const char *command_phrase(const struct command *c, bool production, const char *lane, const char *release,
			   struct arena *a);
