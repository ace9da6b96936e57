/* roots_tool.c - `proof import-root FILE`: another trusted root comes in, or collateral, or keys of
 * tokens, and what it changes is said. */
#include "core/engine/fleets.h"
#include "core/engine/roots.h"
#include "core/engine/tool.h"

#include <string.h>

#define SAID_MAX ((size_t)64 << 10)

static int do_import(struct tooling *j)
{
	const struct roots_from from = { .ops = j->t->attest,
					 .dir = j->t->roots_dir,
					 .now = clock_wall(loop_clock(j->t->loop)) };
	autofree(buf) struct buf said = BUF_INIT(SAID_MAX);
	struct err e = ERR_INIT;
	char *rest = NULL;
	bool force = j->c.opt[OPT_FORCE] != NULL;
	int r = fleet_import(&(struct fleet_importing){ &quote_ops, from.dir, force, from.now }, j->c.args[1],
			     &said, j->t->arena, &e);

	if (r == 1)
		r = roots_import(&from, j->c.args[1], force, &said, j->t->arena, &e);

	if (r < 0 && e.kind != ERR_INVALID && e.kind != ERR_CORRUPT)
		return tool_fail(j, err_exit_status(e.kind), &e);
	if (r < 0) { /* the file's fault, not ours */
		err_hint(&e, "a trusted root, an authority's certificate, collateral or keys of tokens: man "
			     "pilothouse, "
			     "PROVING");
		return tool_fail(j, 2, &e);
	}
	if (j->t->json) {
		jw_open(&j->w, '{');
		jw_kstr(&j->w, "imported", j->c.args[1]);
		jw_kopen(&j->w, "changes", '[');
		for (char *line = strtok_r(said.s, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
			jw_str(&j->w, line);
		jw_close(&j->w, ']');
		jw_close(&j->w, '}');
	} else {
		buf_str(&j->out, said.s);
	}
	return tool_finish(j, 0);
}

const struct tool_action *roots_action(struct tooling *j, struct err *e)
{
	static const struct tool_action import = { "import-root", " FILE [--force]", 2, do_import };

	if (command_proof_word(&j->c) == PROOF_IMPORT)
		return &import;
	if (command_proof_word(&j->c) == PROOF_EXPORT)
		return &export_action;
	if (command_proof_word(&j->c) == PROOF_UPDATE)
		return &update_action;
	err_set(e, ERR_INVALID, "proof %s: the console shows that", j->c.args[0]);
	return NULL;
}
