#include "tui/grid.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

const char *const role_names[ROLE_MAX_] = { "text", "dim",   "title", "head",  "mark",  "fail",
					    "wait", "unkn",  "run",   "hold",  "stale", "ok",
					    "key",  "drill", "prod",  "input", "alarm" };
const char role_letters[ROLE_MAX_ + 1] = ".dThmFWURHSOKDPIA";

void grid_init(struct grid *g)
{
	*g = (struct grid){ 0 };
}

void grid_done(struct grid *g)
{
	free(g->cells);
	grid_init(g);
}

void grid_clear(struct grid *g)
{
	static const struct cell blank = { .s = " ", .width = 1 };
	for (int col = 0; g->rows > 0 && col < g->cols; col++)
		g->cells[col] = blank;
	for (int row = 1; row < g->rows; row++) /* a fifth of the time of a cell at a time */
		memcpy(grid_at(g, row, 0), g->cells, (size_t)g->cols * sizeof(*g->cells));
}

void grid_resize(struct grid *g, int rows, int cols)
{
	if (rows != g->rows || cols != g->cols) {
		free(g->cells);
		g->rows = rows < 1 ? 1 : rows;
		g->cols = cols < 1 ? 1 : cols;
		g->cells = x_alloc((size_t)g->rows * (size_t)g->cols * sizeof(*g->cells));
	}
	grid_clear(g);
}

/* Writing over half of a wide character leaves no other half behind. */
static void unpair(struct grid *g, int row, int col)
{
	struct cell *c = grid_at(g, row, col);
	if (c->width == 2 && col + 1 < g->cols)
		*grid_at(g, row, col + 1) = (struct cell){ .s = " ", .width = 1, .role = c->role };
	if (c->width == 0 && col > 0)
		*grid_at(g, row, col - 1) = (struct cell){ .s = " ", .width = 1, .role = c->role };
}

static void set_cell(struct grid *g, int row, int col, const char *s, size_t n, int width, enum role role)
{
	struct cell *c = grid_at(g, row, col);
	unpair(g, row, col);
	*c = (struct cell){ .width = (unsigned char)width, .role = (unsigned char)role };
	memcpy(c->s, s, n < CELL_BYTES ? n : CELL_BYTES - 1);
	if (width == 2 && col + 1 < g->cols) {
		unpair(g, row, col + 1);
		*grid_at(g, row, col + 1) = (struct cell){ .width = 0, .role = (unsigned char)role };
	}
}

/* A combining mark joins the cell before it while there is room for its bytes. */
static void combine(struct grid *g, int row, int col, const char *s, size_t n)
{
	if (col < 0 || col >= g->cols)
		return;
	struct cell *c = grid_at(g, row, col);
	if (c->width == 0 && col > 0)
		c = grid_at(g, row, col - 1);
	size_t have = strlen(c->s);
	if (have + n < CELL_BYTES)
		memcpy(c->s + have, s, n);
}

/* Bad bytes and controls, which text_next() names U+FFFD, and what reorders or hides. Views never send these. */
static bool is_unshowable(uint32_t cp)
{
	return cp == 0xfffd || (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) ||
	       (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff;
}

/* What cannot be shown becomes question marks as wide as it was, so that columns stay. */
static void put_character(struct grid *g, int row, int col, uint32_t cp, const char *s, size_t n, int width,
			  enum role role)
{
	bool shown = !is_unshowable(cp) && (!g->ascii || cp < 0x80);
	if (shown) {
		set_cell(g, row, col, s, n, width, role);
		return;
	}
	for (int i = 0; i < width; i++)
		set_cell(g, row, col + i, "?", 1, 1, role);
}

/* Most text is ASCII over cells as narrow: no widths to ask for, no pairs to part. Stops before anything else, and before a
 * character that a mark may follow. The number of cells. */
static int put_plain(struct grid *g, int row, int col, int end, enum role role, const char *text, size_t n)
{
	struct cell *c = col >= 0 && col < end ? grid_at(g, row, col) : NULL;
	int i = 0;
	for (; c && col + i < end && (size_t)i < n; i++) {
		unsigned char byte = (unsigned char)text[i], next = (unsigned char)text[i + 1];
		if (byte < 0x20 || byte >= 0x7f || next >= 0x7f || c[i].width != 1)
			break;
		c[i] = (struct cell){ .s = { (char)byte }, .width = 1, .role = (unsigned char)role };
	}
	return i;
}

int grid_put(struct grid *g, int row, int col, int width, enum role role, const char *text)
{
	int start = col, end = width < 0 || col + width > g->cols ? g->cols : col + width;
	size_t n = text ? strlen(text) : 0;
	if (row < 0 || row >= g->rows)
		return 0;
	int plain = put_plain(g, row, col, end, role, text, n);
	col += plain;
	text += plain;
	n -= (size_t)plain;
	while (n) {
		uint32_t cp = 0;
		int w = 1;
		size_t used = text_next(text, n, &cp, &w);
		if (is_unshowable(cp))
			w = 1;
		if (w > 0 && col + w > end)
			break;
		if (w == 0 && !g->ascii)
			combine(g, row, col - 1, text, used);
		else if (w > 0 && col >= 0)
			put_character(g, row, col, cp, text, used, w, role);
		col += w;
		text += used;
		n -= used;
	}
	return col - start;
}

void grid_fill(struct grid *g, int row, int col, int width, enum role role, const char *text)
{
	if (width < 0)
		width = g->cols - col;
	int used = grid_put(g, row, col, width, role, text);
	for (; used < width; used++)
		grid_put(g, row, col + used, 1, role, " ");
}

void grid_put_right(struct grid *g, int row, int col, int width, enum role role, const char *text)
{
	int w = text_width(text);
	grid_put(g, row, w < width ? col + width - w : col, w < width ? w : width, role, text);
}

void grid_rule(struct grid *g, int row, int col, int width, const char *title)
{
	for (int i = 0; i < width; i++)
		grid_put(g, row, col + i, 1, ROLE_DIM, "-");
	if (title && *title && width > 6) {
		int used = grid_printf(g, row, col + 2, width - 4, ROLE_TEXT, " %s ", title);
		(void)used;
	}
}

int grid_printf(struct grid *g, int row, int col, int width, enum role role, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return grid_put(g, row, col, width, role, text);
}

/* Where a line may end before the character at `at`: at a blank, else behind what joins words of a path or a list. */
static bool may_break(const char *text, size_t at, bool blanks_only)
{
	if (!at)
		return false;
	return text[at] == ' ' || (!blanks_only && strchr("/,;", text[at - 1]) && text[at] != ' ');
}

/* A blank far to the left would leave most of the line empty: then a slash or a comma will do. */
size_t grid_fit(const char *text, int width)
{
	size_t n = strlen(text), at = 0, blank = 0, joint = 0;
	int cells = 0, blank_at = 0, joint_at = 0;
	while (at < n) {
		uint32_t cp;
		int w;
		size_t used = text_next(text + at, n - at, &cp, &w);
		if (may_break(text, at, true)) {
			blank = at;
			blank_at = cells;
		} else if (may_break(text, at, false)) {
			joint = at;
			joint_at = cells;
		}
		if (cells + w > width) {
			if (blank && blank_at * 2 >= width)
				return blank;
			if (joint && joint_at * 2 >= width)
				return joint;
			return at ? at : used;
		}
		cells += w;
		at += used;
	}
	return n;
}

int grid_wrap(struct grid *g, int row, int col, int width, int max, enum role role, const char *text)
{
	int lines = 0;
	while (text && *text && lines < max && width > 0) {
		size_t n = grid_fit(text, width);
		char line[1024];
		snprintf(line, sizeof(line), "%.*s", (int)n, text);
		if (g)
			grid_put(g, row + lines, col, width, role, line);
		lines++;
		text += n;
		while (*text == ' ')
			text++;
	}
	return lines;
}
