/* follow.h - one plain line a change: for screen readers, logs and people who distrust full screens. */
#pragma once

#include "tui/cli/cli.h"

/* Prints the newest events, then new ones as they come, until interrupted; with --once only the newest. */
int cli_follow(struct cli *c, struct store *s);
