/*
 * table.h - columns of a list screen: widths by priority, dropped when there is no room, one that grows.
 * Names are cut in the middle, numbers never: a column too narrow for its number is dropped instead.
 */
#pragma once

#include "tui/grid.h"

#define TABLE_LEFT        3 /* marker, blank or glyph, blank */
#define TABLE_MAX_COLUMNS 12

struct column {
	const char *head;
	int width;
	int priority; /* 0 stays longest */
	bool grows, right;
};

void columns_layout(const struct column *c, int n, int cols, int *width);
void table_heads(struct grid *g, struct rect r, const struct column *c, int n, const int *width);
/* Draws one cell and moves *col on; width -1: the column is not shown. */
void table_cell(struct grid *g, int row, int *col, const struct column *c, int width, enum role role,
		const char *text);
void table_marker(struct grid *g, int row, int col, bool here);
