/*
 * table.h - a list screen: columns as wide as what they hold, a marker at the cursor, one row an item.
 *
 * A column is taken while its least width has room, by priority (0 to 9; from 4 on only when those before are wide enough
 * to be read); then columns widen to what their cells need, the one
 * that grows last. Names are cut in the middle, sentences at their end, numbers never: a number column that does not fit
 * is dropped. The marker is one cell, so that moving it costs a few bytes.
 */
#pragma once

#include "tui/grid.h"
#include "tui/list.h"

#define TABLE_LEFT 3   /* marker, glyph, blank */
#define TABLE_BUF  512 /* room for a cell whose text is made when it is asked for */

struct column {
	const char *head;
	int least;    /* narrowest that is still of use; what needs less takes less */
	int good;     /* what it gets before columns come in that are below it and below 3 */
	int most;     /* never wider */
	int priority; /* 0 stays longest */
	bool grows;   /* a sentence: widens last, is cut at its end */
	bool right;   /* a number */
	bool path;    /* what stands behind its last slash is kept whole where it fits */
	bool middle; /* of one that grows: its end says as much as its beginning, so it is cut between them */
};

struct table_cell {
	const char *text;
	enum role role;
};

struct table_kind {
	const struct column *columns;
	int n;
	struct table_cell (*cell)(const void *rows, int i, int column, char buf[TABLE_BUF]);
	char (*glyph)(const void *rows, int i, enum role *role); /* NULL: none */
};

/* Heads and the rows around the cursor; scrolls l. */
void table_draw(struct grid *g, struct rect r, const struct table_kind *t, const void *rows, int n,
		struct list *l);
void table_marker(struct grid *g, int row, int col, bool here);
