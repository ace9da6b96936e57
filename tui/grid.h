/*
 * grid.h - the screen as cells: up to a few bytes of safe text, a width, a role. The only place that knows columns.
 *
 * Drawing clips: nothing outside the grid or the given width is touched, at any size down to 1x1. A control byte cannot
 * enter a cell, whatever a screen passes. A wide character that would be cut in half becomes a blank.
 */
#pragma once

#include "base/base.h"
#include "tui/role.h"

#define CELL_BYTES 14

struct cell {
	char s[CELL_BYTES];  /* NUL-terminated; "" is the right half of a wide character */
	unsigned char width; /* 1 or 2; 0 right half */
	unsigned char role;
};

struct grid {
	int rows, cols;
	bool ascii; /* a character beyond ASCII is drawn as ? */
	struct cell *cells;
};

struct rect {
	int row, col, rows, cols;
};

void grid_init(struct grid *g);
void grid_done(struct grid *g);
void grid_resize(struct grid *g, int rows, int cols); /* blank afterwards */
void grid_clear(struct grid *g);
/* Draws text at most `width` cells (-1: to the edge); returns cells used. Negative columns are clipped. */
int grid_put(struct grid *g, int row, int col, int width, enum role role, const char *text);
/* The same, padded with blanks of the role to the width. */
void grid_fill(struct grid *g, int row, int col, int width, enum role role, const char *text);
/* Right-aligned in width. */
void grid_put_right(struct grid *g, int row, int col, int width, enum role role, const char *text);
/* A rule "-- title ----" over the width. */
void grid_rule(struct grid *g, int row, int col, int width, const char *title);
int grid_printf(struct grid *g, int row, int col, int width, enum role role, const char *fmt, ...)
	format_printf(6, 7);
static inline struct cell *grid_at(const struct grid *g, int row, int col)
{
	return &g->cells[(size_t)row * (size_t)g->cols + (size_t)col];
}
/* Bytes of the longest beginning of text that takes at most `width` cells, preferring to end before a blank; never 0 for
 * text that is not empty, so that a loop over it ends at every width. */
size_t grid_fit(const char *text, int width);
/* Wraps text into lines of at most width cells at blanks; returns the number of lines (<= max). g NULL: counts only. */
int grid_wrap(struct grid *g, int row, int col, int width, int max, enum role role, const char *text);
