/* machines.h - the machines of a lane, for `proof`. */
#pragma once

#include "core/view/attest.h"
#include "tui/cli/cli.h"

/* --machines: all of them, a line each. --machine NAME: one with its tables. ERR_MISSING: no such lane, or machine. */
int cli_machines(const struct cli *c, struct store *s, struct when now, struct buf *out,
		 struct err *e) must_check;
