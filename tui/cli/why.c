/* why.c - `why LANE ACT`: the conditions of an act, as a plan of it is judged now. Nothing is sent. */
#include "tui/cli/cli.h"

#include "base/text.h"
#include "core/view/actline.h"

static int planned(struct cli *c, struct command *out, struct err *e)
{
	autofree(store) struct store *store = NULL;
	const struct command *asked = c->command;
	const char *line = NULL, **argv;
	int argc, status = 0;
	if (cli_cache(c, &store, &status) < 0)
		return status;
	int r = view_act_line(&line, store, asked->args[0], asked->args[1], c->arena, e);
	if (r > 0)
		r = cli_no_lane(asked->args[0], e);
	if (r == 0)
		r = command_split(&argv, &argc, arena_printf(c->arena, "plan %s", line), c->arena, e);
	return r < 0 ? r : command_parse(out, argc, argv, e);
}

int cli_why_act(struct cli *c)
{
	struct command plan = { 0 };
	struct err e = ERR_INIT;
	int r = planned(c, &plan, &e);
	if (r < 0)
		return cli_fail(c, &e);
	if (r > 0)
		return r;
	struct cli of_plan = *c;
	of_plan.command = &plan;
	of_plan.as_tree = true;
	return cli_ask(&of_plan);
}
