/* print.h - the engine's answers in words. */
#pragma once

#include "tui/cli/cli.h"

void cli_print_result(struct cli *c, const struct json *result, int status);
