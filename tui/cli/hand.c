/*
 * hand.c - `profile ...`, `audit ...`, the verify verbs and what is done with plans that are kept: the console knows neither
 * profiles nor digests, the engine's program does. It takes our place and prints.
 */
#include "tui/cli/cli.h"

#include <string.h>
#include <unistd.h>

#include "base/path.h"

#define PROGRAM   "pilothouse-engine"
#define WORDS_MAX (COMMAND_PROFILES_MAX + COMMAND_SITES_MAX + COMMAND_ARGS_MAX + OPT_MAX_ + 32)

int cli_hand_over(struct cli *c)
{
	const struct command *cmd = c->command;
	const char *argv[WORDS_MAX] = { PROGRAM };
	size_t n = 1, options_n;
	const struct option_info *options = option_table(&options_n);

	for (size_t i = 0; c->globals[i] && n < WORDS_MAX - COMMAND_ARGS_MAX - OPT_MAX_ - 8; i++)
		argv[n++] = c->globals[i];
	if (c->json)
		argv[n++] = "--json";
	argv[n++] = cmd->info->name;
	for (const struct option_info *o = options; o < options + options_n; o++)
		if (cmd->opt[o->id] && !option_is_global(o))
			argv[n++] =
				o->arg ? arena_printf(c->arena, "%s=%s", o->name, cmd->opt[o->id]) : o->name;
	argv[n++] = "--";
	for (int i = 0; i < cmd->n; i++)
		argv[n++] = cmd->args[i];
	argv[n] = NULL;
	execv(path_join(c->arena, path_program_dir(c->arena), PROGRAM), (char *const *)argv);
	return cli_fail_status(c, 6, "missing", PROGRAM " is not beside this program",
			       "install it, or build it");
}
