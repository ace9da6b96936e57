#include "tui/plot.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define AXIS_CELLS  8  /* numbers at the left */
#define NAME_CELLS  16 /* names at the right, */
#define NAMES_LEAST 70 /* where there is room */
#define CLOCK_CELLS 9
#define FARTHEST    (INT64_MAX - CANARY_SCALE)

enum { CANARY_SERIES, CONTROL_SERIES, SERIES };

/* Dots of a cell in each dimension, and what a dot is: the bit of a braille pattern, or all of the cell. */
struct canvas {
	const struct plot *p;
	struct rect r; /* of the curve alone */
	int across, down;
	int64_t from, span; /* ms */
	double top, floor;
	uint8_t *dots[SERIES];
};

static int64_t value_of(const struct canary_point *p, int series)
{
	return series == CANARY_SERIES ? p->canary : p->control;
}

static bool is_number(int64_t v)
{
	return v != CANARY_NONE_VALUE;
}

bool plot_holds(const struct plot *p, struct when at)
{
	return p->points_n && when_diff(at, p->points[0].at) >= 0 &&
	       when_diff(p->points[p->points_n - 1].at, at) >= 0;
}

/* ---- the scale ---- */

static void widen(struct canvas *c, int64_t v)
{
	if (!is_number(v) || v >= FARTHEST || v <= -FARTHEST)
		return;
	c->top = (double)v > c->top ? (double)v : c->top;
	c->floor = (double)v < c->floor ? (double)v : c->floor;
}

/* The next of 1, 1.5, 2, 3, 5, 7.5 times a power of ten: an axis that a person can read. */
static double round_up(double v)
{
	static const double steps[] = { 1, 1.5, 2, 3, 5, 7.5 };
	double unit = 1;

	while (unit * 10 <= v)
		unit *= 10;
	for (size_t i = 0; i < countof(steps); i++)
		if (unit * steps[i] >= v)
			return unit * steps[i];
	return unit * 10;
}

static void find_scale(struct canvas *c)
{
	const struct plot *p = c->p;

	for (int i = 0; i < p->points_n; i++)
		for (int s = 0; s < SERIES; s++)
			widen(c, value_of(&p->points[i], s));
	widen(c, p->limit);
	c->top = round_up(c->top * 1.02 < 1 ? 1 : c->top * 1.02);
	if (c->floor < 0)
		c->floor = -round_up(-c->floor);
	c->from = p->points[0].at.ms;
	c->span = p->points[p->points_n - 1].at.ms - c->from;
	c->span = c->span > 0 ? c->span : 1;
}

static int x_of(const struct canvas *c, struct when at, int dots)
{
	double x = (double)(at.ms - c->from) / (double)c->span * (double)(dots - 1);

	return x < 0 ? 0 : x > dots - 1 ? dots - 1 : (int)(x + 0.5);
}

/* From above. */
static int y_of(const struct canvas *c, int64_t v, int dots)
{
	double y = ((double)v - c->floor) / (c->top - c->floor) * (double)(dots - 1);

	y = y < 0 ? 0 : y > dots - 1 ? dots - 1 : y;
	return dots - 1 - (int)(y + 0.5);
}

/* The row of cells: that of the dot, so that what is over the limit never stands below its line. */
static int row_of(const struct canvas *c, int64_t v)
{
	return y_of(c, v, c->r.rows * c->down) / c->down;
}

/* ---- dots ---- */

static void set_dot(struct canvas *c, int series, int x, int y)
{
	static const uint8_t braille[4][2] = {
		{ 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 }
	};
	uint8_t *cell = &c->dots[series][(size_t)(y / c->down) * (size_t)c->r.cols + (size_t)(x / c->across)];

	*cell |= c->down == 1 ? 1 : braille[y % 4][x % 2];
}

/* The canary is connected, upright where it jumps; control is every other dot. */
static void join(struct canvas *c, int series, int x0, int y0, int x1, int y1)
{
	int last = y0;

	for (int x = x0; x <= x1; x++) {
		int y = x1 > x0 ? y0 + (int)((double)(y1 - y0) * (x - x0) / (x1 - x0) +
					     (y1 > y0 ? 0.5 : -0.5))
				: y1;
		int step = y > last ? 1 : -1;
		if (series == CONTROL_SERIES) {
			if (x % 2 == 0)
				set_dot(c, series, x, y);
			continue;
		}
		for (int at = last; at != y; at += step)
			set_dot(c, series, x, at);
		set_dot(c, series, x, y);
		last = y;
	}
}

static void trace(struct canvas *c, int series)
{
	int wide = c->r.cols * c->across, high = c->r.rows * c->down, x0 = -1, y0 = 0;

	for (int i = 0; i < c->p->points_n; i++) {
		const struct canary_point *p = &c->p->points[i];
		int64_t v = value_of(p, series);
		if (!is_number(v)) {
			x0 = -1;
			continue;
		}
		int x = x_of(c, p->at, wide), y = y_of(c, v, high);
		if (x0 < 0)
			set_dot(c, series, x, y);
		else
			join(c, series, x0, y0, x, y);
		x0 = x;
		y0 = y;
	}
}

/* ---- cells ---- */

static void put_braille(struct grid *g, int row, int col, enum role role, unsigned bits)
{
	char text[4] = { (char)0xe2, (char)(0xa0 | bits >> 6), (char)(0x80 | (bits & 0x3f)), 0 };

	grid_put(g, row, col, 1, role, text);
}

static void put_cell(struct grid *g, const struct canvas *c, int row, int col)
{
	size_t i = (size_t)row * (size_t)c->r.cols + (size_t)col;
	unsigned canary = c->dots[CANARY_SERIES][i], control = c->dots[CONTROL_SERIES][i];
	enum role role = canary ? c->p->role : ROLE_DIM;

	if (!canary && !control)
		return;
	if (c->down == 1)
		grid_put(g, c->r.row + row, c->r.col + col, 1, role,
			 canary && control ? "@"
			 : canary          ? "#"
					   : "o");
	else
		put_braille(g, c->r.row + row, c->r.col + col, role, canary | control);
}

static void put_curves(struct grid *g, const struct canvas *c)
{
	for (int row = 0; row < c->r.rows; row++)
		for (int col = 0; col < c->r.cols; col++)
			put_cell(g, c, row, col);
}

static void put_limit(struct grid *g, const struct canvas *c)
{
	if (!is_number(c->p->limit))
		return;
	int row = c->r.row + row_of(c, c->p->limit);
	for (int col = 0; col < c->r.cols; col++)
		grid_put(g, row, c->r.col + col, 1, ROLE_WAIT, "-");
}

static void put_gaps(struct grid *g, const struct canvas *c)
{
	for (int i = 0; i < c->p->points_n; i++)
		if (!is_number(c->p->points[i].canary))
			grid_put(g, c->r.row + c->r.rows - 1,
				 c->r.col + x_of(c, c->p->points[i].at, c->r.cols), 1, ROLE_STALE, "?");
}

/* Labels that would touch the one before are left out, their lines stay; at the edge a label stands before its line. */
static void put_marks(struct grid *g, const struct canvas *c)
{
	int free = c->r.col;

	for (int i = 0; i < c->p->rungs_n; i++) {
		const struct plot_mark *m = &c->p->rungs[i];
		int col = c->r.col + x_of(c, m->at, c->r.cols);
		if (!plot_holds(c->p, m->at))
			continue;
		for (int row = 0; row < c->r.rows; row++)
			grid_put(g, c->r.row + row, col, 1, ROLE_DIM, ":");
		int edge = c->r.col + c->r.cols - text_width(m->label), at = col < edge ? col : edge;
		if (at >= free)
			free = at + 1 + grid_put(g, c->r.row - 1, at, -1, ROLE_HEAD, m->label);
	}
	for (int i = 0; i < c->p->notes_n; i++)
		grid_put(g, c->r.row + c->r.rows, c->r.col + x_of(c, c->p->notes[i].at, c->r.cols), 1,
			 ROLE_KEY, c->p->notes[i].label);
}

/* ---- around it ---- */

static void put_number(struct grid *g, const struct canvas *c, int row, double v)
{
	char text[CANARY_NUMBER];

	grid_put_right(g, row, c->r.col - AXIS_CELLS, AXIS_CELLS - 1, ROLE_DIM,
		       canary_number((int64_t)v, text));
}

static void put_axes(struct grid *g, const struct canvas *c)
{
	char at[WHEN_TEXT];
	int below = c->r.row + c->r.rows + 1, last = c->r.col + c->r.cols - CLOCK_CELLS;

	put_number(g, c, c->r.row, c->top);
	put_number(g, c, c->r.row + c->r.rows - 1, c->floor);
	if (c->r.rows >= 7 && c->r.rows % 2)
		put_number(g, c, c->r.row + c->r.rows / 2, (c->top + c->floor) / 2);
	grid_put(g, below, c->r.col, -1, ROLE_DIM, when_hms((struct when){ c->from }, at));
	if (last > c->r.col + CLOCK_CELLS)
		grid_put(g, below, last, -1, ROLE_DIM, when_hms((struct when){ c->from + c->span }, at));
}

static int64_t last_number(const struct plot *p, int series)
{
	for (int i = p->points_n - 1; i >= 0; i--)
		if (is_number(value_of(&p->points[i], series)))
			return value_of(&p->points[i], series);
	return CANARY_NONE_VALUE;
}

/* Beside the end of each line, the canary first; one that has its row taken stands below it, or above on the floor. */
static void put_names(struct grid *g, const struct canvas *c)
{
	const struct {
		const char *word;
		enum role role;
		int64_t v;
	} names[] = { { "canary", c->p->role, last_number(c->p, CANARY_SERIES) },
		      { "limit", ROLE_WAIT, c->p->limit },
		      { "control", ROLE_DIM, last_number(c->p, CONTROL_SERIES) } };
	int taken[countof(names)], n = 0;
	char text[CANARY_NUMBER];

	for (size_t i = 0; i < countof(names); i++) {
		if (!is_number(names[i].v))
			continue;
		int row = y_of(c, names[i].v, c->r.rows),
		    way = row + (int)countof(names) < c->r.rows ? 1 : -1;
		for (int k = 0; k < n; k++)
			if (taken[k] == row) {
				row += way;
				k = -1;
			}
		taken[n++] = row;
		grid_printf(g, c->r.row + row, c->r.col + c->r.cols + 1, NAME_CELLS - 1, names[i].role,
			    "%s %s", names[i].word, canary_number(names[i].v, text));
	}
}

const char *plot_legend(const struct grid *g)
{
	return g->ascii ? "canary #, control o, limit -" : "canary solid, control dotted, limit ---";
}

bool plot_draw(struct grid *g, struct rect r, const struct plot *p)
{
	struct arena a = ARENA_INIT;
	bool named = r.cols >= NAMES_LEAST;
	struct canvas c = { .p = p, .across = g->ascii ? 1 : 2, .down = g->ascii ? 1 : 4 };

	if (r.rows < PLOT_ROWS_LEAST || r.cols < PLOT_COLS_LEAST || !p->points_n)
		return false;
	c.r = (struct rect){ r.row + 1, r.col + AXIS_CELLS, r.rows - 3,
			     r.cols - AXIS_CELLS - (named ? NAME_CELLS : 1) };
	find_scale(&c);
	for (int s = 0; s < SERIES; s++) {
		c.dots[s] = arena_array(&a, uint8_t, (size_t)c.r.rows * (size_t)c.r.cols);
		trace(&c, s);
	}
	put_limit(g, &c);
	put_marks(g, &c);
	put_curves(g, &c);
	put_gaps(g, &c);
	put_axes(g, &c);
	if (named)
		put_names(g, &c);
	arena_done(&a);
	return true;
}
