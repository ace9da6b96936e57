/*
 * plot.h - one metric over time: canary and control, the limit, when each rung began and what happened meanwhile. Pure.
 *
 * In UTF-8 a cell is two by four braille dots, in ASCII one character; the scale is the same. The canary is a solid line,
 * control is dotted and stands still where the canary is connected, so that they are told apart without colour, and each
 * has its name at its end where there is room. A sample without a number breaks the line and is a ? on the floor. The scale
 * begins at nought, holds the limit, and changes only with the data; time ends with the newest sample: nothing moves by
 * itself.
 */
#pragma once

#include "core/view/canary.h"
#include "tui/grid.h"

#define PLOT_ROWS_LEAST 6
#define PLOT_COLS_LEAST 30

struct plot_mark {
	struct when at;
	const char *label; /* "25%" of a rung, "a" of a note */
};

struct plot {
	const struct canary_point *points; /* oldest first */
	int points_n;
	int64_t limit;                 /* millionths; CANARY_NONE_VALUE: none */
	const struct plot_mark *rungs; /* above, with a line down */
	int rungs_n;
	const struct plot_mark *notes; /* below, a letter each */
	int notes_n;
	enum role role; /* of the canary's line */
};

/* Draws nothing where the rectangle is smaller than the least, or where there is no point. */
bool plot_draw(struct grid *g, struct rect r, const struct plot *p);
/* "canary solid, control dotted, limit ---", in the characters of this grid. */
const char *plot_legend(const struct grid *g);
/* Whether a time stands in the plot. */
bool plot_holds(const struct plot *p, struct when at);
