/*
 * redraw.h - one screen made of another, in few bytes: which cells are written, in which order, and what is passed over.
 *
 * Rows go from the top down and cells from the left. Between two places that differ the cursor moves, or what is right already
 * is written once more, whichever is shorter; what is empty is erased where that is shorter than blanks. Cells that look the
 * same are the same, whatever their roles: a dim blank is a blank. Rows that moved are moved by the terminal, as a list's.
 */
#pragma once

#include "tui/grid.h"
#include "tui/terminal.h"

/* Of each role, as terminal_style() has it; the last is that of a cell which nobody wrote. */
struct looks {
	struct style of[ROLE_MAX_ + 1];
};

/* The role of cells which nobody wrote: those of a cleared terminal. */
#define ROLE_NONE ROLE_MAX_

void looks_make(struct looks *out, const struct theme *theme, const struct terminal *t);
/* n rows as a terminal has them that was cleared. */
void redraw_empty(struct grid *g, int row, int n);
/* The first `rows` rows of `next`, where the terminal shows `last`, which becomes the same. Both have one size, that of
 * terminal_clear(). */
void redraw(struct terminal *t, const struct looks *looks, struct grid *last, const struct grid *next,
	    int rows);
