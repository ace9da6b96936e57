/* print.h - the engine's answers in words. */
#pragma once

#include "core/view/view.h"
#include "tui/cli/cli.h"

void cli_print_result(struct cli *c, const struct json *result, int status);
/* The tree, a line a condition, what would clear it below. */
void cli_print_why(struct buf *out, const struct why_rows *v);
