/*
 * hand.c - `profile ...` and `audit ...`: the console knows neither profiles nor digests, the engine's program does. It
 * takes our place and prints.
 */
#include "tui/cli/cli.h"

#include <string.h>
#include <unistd.h>

#include "base/path.h"

#define PROGRAM   "pilothouse-engine"
#define WORDS_MAX (COMMAND_PROFILES_MAX + COMMAND_SITES_MAX + COMMAND_ARGS_MAX + 32)

int cli_hand_over(struct cli *c)
{
	const struct command *cmd = c->command;
	const char *argv[WORDS_MAX] = { PROGRAM };
	size_t n = 1, options_n;
	const struct option_info *options = option_table(&options_n);

	for (size_t i = 0; c->globals[i] && n < WORDS_MAX - COMMAND_ARGS_MAX - 8; i++)
		argv[n++] = c->globals[i];
	if (c->json)
		argv[n++] = "--json";
	argv[n++] = cmd->info->name;
	if (cmd->opt[OPT_PATH])
		argv[n++] = arena_printf(c->arena, "%s=%s", options[OPT_PATH].name, cmd->opt[OPT_PATH]);
	if (cmd->opt[OPT_ANCHORS])
		argv[n++] = options[OPT_ANCHORS].name;
	argv[n++] = "--";
	for (int i = 0; i < cmd->n; i++)
		argv[n++] = cmd->args[i];
	argv[n] = NULL;
	execv(path_join(c->arena, path_program_dir(c->arena), PROGRAM), (char *const *)argv);
	return cli_fail_status(c, 6, "missing", PROGRAM " is not beside this program",
			       "install it, or build it");
}
