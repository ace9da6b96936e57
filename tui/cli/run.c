#include "tui/cli/cli.h"

static const struct {
	enum command_kind kind;
	int (*run)(struct cli *c);
} kinds[] = {
	{ COMMAND_QUERY, cli_query },
	{ COMMAND_ENGINE, cli_ask },
	{ COMMAND_ACT, cli_ask },
};

int cli_run(struct cli *c)
{
	if (command_changes(c->command) && c->command->opt[OPT_READ_ONLY])
		return cli_fail_status(c, 2, "usage", "acts are absent under --read-only",
				       "leave --read-only out");
	if (c->command->info->id == CMD_JOURNAL || c->command->info->id == CMD_OUTBOX)
		return cli_acts(c);
	if (c->command->info->id == CMD_WHY && c->command->n > 1)
		return cli_why_act(c);
	if (c->command->info->id == CMD_GUARD && !command_changes(c->command))
		return cli_query(c);
	if (c->command->info->id == CMD_PROOF && command_proof_word(c->command) != PROOF_SHOW)
		return cli_hand_over(c);
	if (c->command->info->id == CMD_DOCTOR)
		return cli_doctor(c);
	if (c->command->info->id == CMD_DRILL)
		return cli_drill(c);
	if (c->command->info->kind == COMMAND_TOOL ||
	    (c->command->info->id == CMD_PLAN && command_plan_word(c->command) > PLAN_SAVE))
		return cli_hand_over(c);
	for (size_t i = 0; i < countof(kinds); i++)
		if (kinds[i].kind == c->command->info->kind)
			return kinds[i].run(c);
	return cli_fail_status(c, 2, "usage", "this is a command of the console, not a verb",
			       "pilothouse --help");
}
