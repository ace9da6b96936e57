#include "tui/redraw.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct drawing {
	struct terminal *t;
	const struct looks *looks;
	const struct cell *from, *to; /* the row's */
	int row, cols, end;           /* from end on nothing is written */
};

void looks_make(struct looks *out, const struct theme *theme, const struct terminal *t)
{
	for (int i = 0; i < ROLE_MAX_; i++)
		out->of[i] = terminal_style(t, &theme->styles[i]);
	out->of[ROLE_NONE] = (struct style){ .colour = -1 };
}

static const struct style *look_of(const struct drawing *d, const struct cell *c)
{
	return &d->looks->of[c->role];
}

static bool is_blank(const struct cell *c)
{
	return c->s[0] == ' ' && !c->s[1];
}

/* Nothing is seen of it: erasing makes the same. */
static bool is_empty(const struct drawing *d, const struct cell *c)
{
	return is_blank(c) && !(look_of(d, c)->bits & SEEN_ON_BLANKS);
}

/* Cells have no padding, and zeros behind their text. */
static bool same_cell(const struct drawing *d, int col)
{
	const struct cell *a = &d->from[col], *b = &d->to[col];
	if (!memcmp(a, b, sizeof(*a)))
		return true;
	if (memcmp(a->s, b->s, CELL_BYTES) != 0 || a->width != b->width)
		return false;
	const struct style *la = look_of(d, a), *lb = look_of(d, b);
	return (la->bits == lb->bits && la->colour == lb->colour) || (is_empty(d, a) && is_empty(d, b));
}

/* Every terminal agrees that a narrow one is narrow: alphabets, signs, boxes. Of syllables that are put together and of
 * hexagrams they do not. */
static bool is_agreed(uint32_t cp)
{
	return cp < 0x1100 || (cp >= 0x1e00 && cp < 0x2e80);
}

static size_t first_character(const struct cell *c, uint32_t *cp)
{
	int width;
	*cp = (unsigned char)c->s[0];
	return c->s[1] ? text_next(c->s, strlen(c->s), cp, &width) : 1;
}

static bool is_sure(const struct cell *c)
{
	uint32_t cp;
	return c->width == 1 && !c->s[first_character(c, &cp)] && is_agreed(cp);
}

/* It may take another cell, or none. */
static bool is_odd(const struct cell *c)
{
	return c->width == 1 && !is_sure(c);
}

/* An empty cell is right in any look that is not seen on it. */
static void take_look(const struct drawing *d, const struct cell *c)
{
	struct terminal_mark now = terminal_mark(d->t);
	if (!is_empty(d, c) || now.look.bits & SEEN_ON_BLANKS)
		terminal_look(d->t, look_of(d, c));
}

/* What might go on in the next row, on some terminals, is not said in the last column: a mark, a letter that may be wide. */
static void write_last_column(const struct drawing *d, const struct cell *c)
{
	uint32_t cp;
	size_t n = first_character(c, &cp);
	if (is_agreed(cp))
		terminal_text(d->t, c->s, n, 1, true);
	else
		terminal_text(d->t, "?", 1, 1, true);
}

/* A wide letter of which a half has no place is left out. */
static void write_cell(const struct drawing *d, int col)
{
	const struct cell *c = &d->to[col];
	take_look(d, c);
	if (col + c->width > d->end)
		terminal_text(d->t, " ", 1, 1, true);
	else if (col == d->cols - 1)
		write_last_column(d, c);
	else
		terminal_text(d->t, c->s, strlen(c->s), c->width, is_sure(c));
}

#define RUN_LEAST 5  /* cells that may be said by their number */
#define GAP_MOST  12 /* cells that any move over them is shorter than */

/* What is right already is written once more, up to col, when the cursor stands a little before it. */
static bool write_through(const struct drawing *d, int col)
{
	int at = terminal_col_in(d->t, d->row);
	if (at < 0 || at >= col || col - at > GAP_MOST)
		return false;
	for (; at < col; at++) {
		if (!is_sure(&d->to[at]))
			return false;
		write_cell(d, at);
	}
	take_look(d, &d->to[col]);
	return true;
}

static void reach(const struct drawing *d, int col)
{
	struct terminal_mark m = terminal_mark(d->t);
	size_t through = write_through(d, col) ? terminal_bytes_since(d->t, &m) : SIZE_MAX;
	terminal_back_to(d->t, &m);
	terminal_move(d->t, d->row, col);
	take_look(d, &d->to[col]);
	if (terminal_bytes_since(d->t, &m) <= through)
		return;
	terminal_back_to(d->t, &m);
	write_through(d, col);
}

static bool alike(const struct drawing *d, const struct cell *a, const struct cell *b)
{
	return !memcmp(a, b, sizeof(*a)) || (is_empty(d, a) && is_empty(d, b));
}

/* How many cells from col on are as the one there, which is a plain letter, up to the last that differs. */
static int run_of(const struct drawing *d, int col)
{
	const struct cell *c = &d->to[col];
	int n = 1, differing = 1;
	if (c->s[1] || (unsigned char)c->s[0] < 0x20 || (unsigned char)c->s[0] >= 0x7f)
		return 1;
	for (; col + n < d->end && alike(d, c, &d->to[col + n]); n++)
		if (!same_cell(d, col + n))
			differing = n + 1;
	return differing;
}

/* Erased, the cursor stands before them and has to get over. */
static bool erase_run(const struct drawing *d, int col, int n)
{
	int bytes = terminal_erase_bytes(d->t, n);
	int over = col + n < d->end && !same_cell(d, col + n) ? bytes : 0;
	if (!bytes || !is_empty(d, &d->to[col]) || bytes + over >= n)
		return false;
	terminal_erase(d->t, n);
	return true;
}

/* Wide letters stand in a row, which is as wide for most; behind one that is odd the cursor is set anew. */
static bool goes_on(const struct drawing *d, int col, const struct cell *before)
{
	if (col >= d->end || same_cell(d, col) || run_of(d, col) >= RUN_LEAST)
		return false;
	return terminal_col_in(d->t, d->row) == col || (before->width == 2 && d->to[col].width == 2);
}

/* Cells from col on, of which the first differs; returns where it ended. */
static int write_run(const struct drawing *d, int col)
{
	int n = run_of(d, col);
	const struct cell *c;
	reach(d, col);
	if (n >= RUN_LEAST) {
		if (!erase_run(d, col, n))
			terminal_repeat(d->t, d->to[col].s[0], n);
		return col + n;
	}
	do {
		c = &d->to[col];
		write_cell(d, col);
		col += c->width;
	} while (goes_on(d, col, c));
	return col;
}

/* The end of the row that is empty, if erasing it is shorter; d->end is before it then. */
static int find_tail(struct drawing *d)
{
	int tail = d->cols, last = d->cols, bytes = terminal_erase_line_bytes(d->t);
	while (tail > 0 && is_empty(d, &d->to[tail - 1]))
		tail--;
	while (last > tail && same_cell(d, last - 1))
		last--;
	while (tail < last && same_cell(d, tail))
		tail++;
	if (!bytes || last - tail <= bytes)
		return -1;
	d->end = tail;
	return tail;
}

/* The left half of a wide letter stands for both. */
static int first_half(const struct drawing *d, int col)
{
	return col > 0 && d->to[col].width == 0 ? col - 1 : col;
}

static void redraw_row(struct terminal *t, const struct looks *looks, const struct grid *from,
		       const struct grid *to, int row)
{
	struct drawing d = { t, looks, grid_at(from, row, 0), grid_at(to, row, 0), row, to->cols, to->cols };
	if (row == to->rows - 1 && terminal_scrolls_at_end(t))
		d.end--;
	int tail = find_tail(&d), col = 0;
	bool spilt = false; /* over the next cell, which is said again */
	while (col < d.end) {
		if (same_cell(&d, col) && !spilt) {
			col++;
			continue;
		}
		col = write_run(&d, first_half(&d, col));
		spilt = is_odd(&d.to[col - 1]);
	}
	if (tail >= 0) {
		terminal_move(t, row, tail);
		terminal_erase_line(t);
	}
}

/* ---- rows that moved -------------------------------------------------------------------------------------------------- */

struct scroll {
	int top, bottom, up;
	long gain; /* cells that need not be written */
};

#define SCROLL_ROWS 4 /* fewer that differ are written */
#define SCROLL_MOST \
	200 /* rows of a screen; of each is asked where it went, so the work grows with their square */
#define SCROLL_GAIN 40 /* what is said for a scroll, and some more */

/* About how many bytes it takes to make the row of `to` from a row of `from`. */
static long row_cost(const struct looks *looks, const struct grid *from, int row_from, const struct grid *to,
		     int row)
{
	struct drawing d = { NULL,     looks,   grid_at(from, row_from, 0), grid_at(to, row, 0), row,
			     to->cols, to->cols };
	long letters = 0, blanks = 0;
	if (!memcmp(d.from, d.to, (size_t)d.cols * sizeof(*d.to)))
		return 0;
	for (int col = 0; col < d.cols; col++) {
		if (same_cell(&d, col))
			continue;
		letters += !is_empty(&d, &d.to[col]);
		blanks += is_empty(&d, &d.to[col]);
	}
	return letters + (blanks < 4 ? blanks : 4);
}

#define CHUNK 8 /* cells that are compared at once, where it only matters about how much differs */

static uint32_t key_of(const struct drawing *d, const struct cell *c, int n)
{
	uint32_t h = 2166136261u; /* FNV-1a */
	for (; n-- > 0; c++) {
		for (const char *s = c->s; *s; s++)
			h = (h ^ (unsigned char)*s) * 16777619u;
		h = (h ^ (is_empty(d, c) ? ROLE_NONE : c->role)) * 16777619u;
	}
	return h;
}

/* Of each row its chunks. */
struct keys {
	int rows, chunks;
	uint32_t *of;
};

static struct keys make_keys(const struct looks *looks, const struct grid *g)
{
	struct drawing d = { .looks = looks };
	struct keys k = { .rows = g->rows, .chunks = (g->cols + CHUNK - 1) / CHUNK };
	uint32_t *p = k.of = x_alloc((size_t)k.rows * (size_t)k.chunks * sizeof(*k.of));
	for (int row = 0; row < g->rows; row++)
		for (int col = 0; col < g->cols; col += CHUNK)
			*p++ = key_of(&d, grid_at(g, row, col),
				      g->cols - col < CHUNK ? g->cols - col : CHUNK);
	return k;
}

static int differing_chunks(const struct keys *a, int row_a, const struct keys *b, int row_b)
{
	const uint32_t *p = a->of + row_a * a->chunks, *q = b->of + row_b * b->chunks;
	int n = 0;
	for (int i = 0; i < a->chunks; i++)
		n += p[i] != q[i];
	return n;
}

/* Most chunks that a run of rows gains by being moved so. */
static int chunks_gained(const struct keys *from, const struct keys *to, const int *in_place, int up)
{
	int best = 0, sum = 0;
	for (int row = up < 0 ? -up : 0; row < to->rows && row + up < to->rows; row++) {
		sum += in_place[row] - differing_chunks(from, row + up, to, row);
		sum = sum < 0 ? 0 : sum;
		best = sum > best ? sum : best;
	}
	return best;
}

/* Where the rows went that differ, as far as it can be seen from afar; 0: nowhere. */
static int likely_way(const struct keys *from, const struct keys *to)
{
	int *in_place = x_alloc((size_t)to->rows * sizeof(*in_place)), most = 0, way = 0;
	for (int row = 0; row < to->rows; row++)
		in_place[row] = differing_chunks(from, row, to, row);
	for (int up = 1 - to->rows; up < to->rows; up++) {
		int gain = up ? chunks_gained(from, to, in_place, up) : 0;
		if (gain > most) {
			most = gain;
			way = up;
		}
	}
	free(in_place);
	return way;
}

/* The run of rows that gains most when it is moved so. */
static struct scroll best_run(const struct looks *looks, const struct grid *from, const struct grid *to,
			      int up)
{
	struct scroll best = { .gain = 0 };
	long sum = 0;
	int first = 0;
	for (int row = 0; row < to->rows; row++) {
		if (row + up < 0 || row + up >= to->rows) {
			sum = 0;
			continue;
		}
		if (sum <= 0) {
			sum = 0;
			first = row;
		}
		sum += row_cost(looks, from, row, to, row) - row_cost(looks, from, row + up, to, row);
		if (sum > best.gain)
			best = (struct scroll){ up > 0 ? first : first + up, up > 0 ? row + up : row, up,
						sum };
	}
	return best;
}

static struct scroll find_scroll(const struct looks *looks, const struct grid *from, const struct grid *to)
{
	struct keys was = make_keys(looks, from), is = make_keys(looks, to);
	int up = likely_way(&was, &is);
	free(was.of);
	free(is.of);
	return up ? best_run(looks, from, to, up) : (struct scroll){ .gain = 0 };
}

static void scroll_grid(struct grid *g, const struct scroll *s)
{
	int n = s->up > 0 ? s->up : -s->up, kept = s->bottom - s->top + 1 - n;
	int to = s->up > 0 ? s->top : s->top + n, from = s->up > 0 ? s->top + n : s->top;
	int empty = s->up > 0 ? s->bottom + 1 - n : s->top;
	memmove(grid_at(g, to, 0), grid_at(g, from, 0), (size_t)kept * (size_t)g->cols * sizeof(*g->cells));
	redraw_empty(g, empty, n);
}

static int differing_rows(const struct grid *a, const struct grid *b)
{
	int n = 0;
	for (int row = 0; row < b->rows; row++)
		n += memcmp(grid_at(a, row, 0), grid_at(b, row, 0), (size_t)b->cols * sizeof(*b->cells)) != 0;
	return n;
}

static void scroll(struct terminal *t, const struct looks *looks, struct grid *last, const struct grid *next)
{
	if (!terminal_can_scroll(t) || next->rows > SCROLL_MOST || differing_rows(last, next) < SCROLL_ROWS)
		return;
	struct scroll s = find_scroll(looks, last, next);
	if (s.gain < SCROLL_GAIN)
		return;
	terminal_scroll(t, s.top, s.bottom, s.up);
	scroll_grid(last, &s);
}

/* ---- a screen --------------------------------------------------------------------------------------------------------- */

void redraw_empty(struct grid *g, int row, int n)
{
	static const struct cell empty = { .s = " ", .width = 1, .role = ROLE_NONE };
	for (int i = 0; i < n * g->cols; i++)
		*(grid_at(g, row, 0) + i) = empty;
}

/* What is the same is only compared: an idle console copies no grid. */
void redraw(struct terminal *t, const struct looks *looks, struct grid *last, const struct grid *next,
	    int rows)
{
	size_t size = (size_t)next->cols * sizeof(*next->cells);
	if (rows >= SCROLL_ROWS)
		scroll(t, looks, last, next);
	for (int row = 0; row < rows; row++) {
		if (!memcmp(grid_at(last, row, 0), grid_at(next, row, 0), size))
			continue;
		redraw_row(t, looks, last, next, row);
		memcpy(grid_at(last, row, 0), grid_at(next, row, 0), size);
	}
}
