#include "tests/bench/encoder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUT_MAX (1 << 20)
#define NEVER   (SIZE_MAX / 4)
/* What of a pen is seen on a blank. */
#define SEEN_ON_BLANKS (LOOK_REVERSE | LOOK_UNDERLINE | LOOK_STRIKE)

static const struct look plain = { 0, LOOK_DEFAULT, LOOK_DEFAULT };

/* A few bytes on their way out. */
struct text {
	size_t n;
	char s[160];
};

/* Of the terminal, as far as it matters. col == cols: the last column was written, the next letter would wrap. */
struct state {
	int row, col;
	struct look pen;
};

struct encoder {
	const struct picture *from, *to; /* from: what the terminal shows before the rows */
	unsigned has;
};

format_printf(2, 3) static void add(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	t->n += (size_t)vsnprintf(t->s + t->n, sizeof(t->s) - t->n, fmt, ap);
	va_end(ap);
}

static void add_text(struct text *t, const struct text *more)
{
	memcpy(t->s + t->n, more->s, more->n + 1);
	t->n += more->n;
}

static void keep_shorter(struct text *best, const struct text *t)
{
	if (t->n < best->n)
		*best = *t;
}

/* ---- attributes ------------------------------------------------------------------------------------------------------ */

static const struct {
	uint32_t bit;
	int on, off;
} codes[] = {
	{ LOOK_BOLD, 1, 22 },  { LOOK_FAINT, 2, 22 },   { LOOK_ITALIC, 3, 23 }, { LOOK_UNDERLINE, 4, 24 },
	{ LOOK_BLINK, 5, 25 }, { LOOK_REVERSE, 7, 27 }, { LOOK_STRIKE, 9, 29 },
};

static void add_number(struct text *t, bool *first, int n)
{
	add(t, *first ? "%d" : ";%d", n);
	*first = false;
}

/* base: 30 or 40. */
static void add_colour(struct text *t, bool *first, int base, int32_t c)
{
	add_number(t, first,
		   c == LOOK_DEFAULT ? base + 9
		   : c < 8           ? base + c
		   : c < 16          ? base + 60 + c - 8
				     : base + 8);
	if (c >= LOOK_RGB)
		add(t, ";2;%d;%d;%d", c >> 16 & 255, c >> 8 & 255, c & 255);
	else if (c >= 16)
		add(t, ";5;%d", c);
}

/* The numbers that make b of a, some of which may be none. */
static void add_changes(struct text *t, bool *first, struct look a, const struct look *b)
{
	for (size_t i = 0; i < countof(codes); i++)
		if (a.bits & ~b->bits & codes[i].bit) {
			add_number(t, first, codes[i].off);
			a.bits &= ~codes[i].bit;
			if (codes[i].off == 22)
				a.bits &= ~(uint32_t)(LOOK_BOLD | LOOK_FAINT);
		}
	for (size_t i = 0; i < countof(codes); i++)
		if (~a.bits & b->bits & codes[i].bit)
			add_number(t, first, codes[i].on);
	if (a.fg != b->fg)
		add_colour(t, first, 30, b->fg);
	if (a.bg != b->bg)
		add_colour(t, first, 40, b->bg);
}

/* From one look to another, by changing it or from nothing. */
static void look_text(const struct look *a, const struct look *b, struct text *out)
{
	struct text change = { .n = 0 }, anew = { .n = 0 };
	bool first = true;

	out->n = 0;
	if (look_same(a, b))
		return;
	add(&change, "\033[");
	add_changes(&change, &first, *a, b);
	add(&change, "m");
	first = false; /* a number that is left out is 0 */
	add(&anew, "\033[");
	add_changes(&anew, &first, plain, b);
	add(&anew, "m");
	*out = change;
	keep_shorter(out, &anew);
}

/* The pen that shows the spot: for a blank nearly any does. Changes the pen. */
static void take_pen(struct state *s, const struct spot *spot, struct text *out)
{
	struct text bytes;
	struct look want = spot->look, kept = s->pen;

	if (look_is_plain_blank(spot)) {
		kept.bits &= ~(uint32_t)SEEN_ON_BLANKS;
		kept.bg = want.bg;
		want.fg = LOOK_DEFAULT;
		struct text by_keeping, by_reset;
		look_text(&s->pen, &kept, &by_keeping);
		look_text(&s->pen, &want, &by_reset);
		if (by_keeping.n <= by_reset.n)
			want = kept;
	}
	look_text(&s->pen, &want, &bytes);
	add_text(out, &bytes);
	s->pen = want;
}

/* ---- moves ----------------------------------------------------------------------------------------------------------- */

static void add_relative(struct text *t, int n, char letter)
{
	if (n == 1)
		add(t, "\033[%c", letter);
	else
		add(t, "\033[%d%c", n, letter);
}

static void vertical(const struct encoder *e, int from, int to, struct text *best)
{
	struct text t = { .n = 0 };
	int down = to - from;

	best->n = 0;
	if (down == 0)
		return;
	add_relative(best, abs(down), down > 0 ? 'B' : 'A');
	if (down > 0 && down < 8) {
		memset(t.s, '\n', (size_t)down);
		t.n = (size_t)down;
		keep_shorter(best, &t);
	}
	if (e->has & HAS_COLUMN) {
		t.n = 0;
		add(&t, "\033[%dd", to + 1);
		keep_shorter(best, &t);
	}
}

static void horizontal(const struct encoder *e, int from, int to, struct text *best)
{
	struct text t = { .n = 0 };
	int right = to - from;

	*best = (struct text){ .n = 0 };
	if (right == 0 && from < e->to->cols)
		return;
	add(best, "\r");
	if (to > 0)
		add_relative(best, to, 'C');
	if (e->has & HAS_COLUMN) {
		add(&t, "\033[%dG", to + 1);
		keep_shorter(best, &t);
	}
	if (from >= e->to->cols)
		return;
	t.n = 0;
	add_relative(&t, abs(right), right > 0 ? 'C' : 'D');
	keep_shorter(best, &t);
	if (right < 0 && right > -8) {
		memset(t.s, '\b', (size_t)-right);
		t.n = (size_t)-right;
		keep_shorter(best, &t);
	}
}

/* Moves the state. Horizontally first: a return ends the waiting wrap. */
static void move(const struct encoder *e, struct state *s, int row, int col, struct text *out)
{
	struct text best = { .n = 0 }, across, down;

	if (s->row == row && s->col == col && col < e->to->cols)
		return;
	horizontal(e, s->col, col, &across);
	vertical(e, s->row, row, &down);
	add_text(&across, &down);
	if (row == 0 && col == 0)
		add(&best, "\033[H");
	else
		add(&best, "\033[%d;%dH", row + 1, col + 1);
	keep_shorter(&best, &across);
	add_text(out, &best);
	s->row = row;
	s->col = col;
}

/* ---- a row ----------------------------------------------------------------------------------------------------------- */

enum step { STEP_NONE, STEP_SKIP, STEP_WRITE, STEP_REPEAT, STEP_ERASE, STEP_ERASE_TAIL, STEP_ERASE_HEAD };
enum place { AT_CURSOR, LAGGING, PLACES };

/* Cells before its column are right. */
struct node {
	size_t cost;
	struct state state;
	enum step step;
	int n; /* columns that the step covers */
	enum place came;
};

struct row_plan {
	const struct encoder *e;
	int row, cols;
	const struct spot *a, *b;
	struct node *nodes; /* [cols + 1][PLACES] */
};

static struct node *node_at(const struct row_plan *p, int col, enum place place)
{
	return &p->nodes[(size_t)col * PLACES + place];
}

/* What the step writes at col, and what the terminal is then. */
static void do_step(const struct row_plan *p, enum step step, int col, int n, struct state *s,
		    struct text *out)
{
	if (step == STEP_SKIP)
		return;
	move(p->e, s, p->row, step == STEP_ERASE_HEAD ? col + n - 1 : col, out);
	take_pen(s, &p->b[col], out);
	switch (step) {
	case STEP_NONE:
	case STEP_SKIP:
		break;
	case STEP_WRITE:
		add(out, "%s", p->b[col].s);
		s->col += n;
		break;
	case STEP_REPEAT:
		add(out, "%s\033[%db", p->b[col].s, n - 1);
		s->col += n;
		break;
	case STEP_ERASE:
		add(out, "\033[%dX", n);
		break;
	case STEP_ERASE_TAIL:
		add(out, "\033[K");
		break;
	case STEP_ERASE_HEAD:
		add(out, "\033[1K");
		break;
	}
}

/* From the node at col over n columns; kept where nothing cheaper leads there. */
static void try_step(const struct row_plan *p, enum step step, int col, enum place from, int n)
{
	const struct node *at = node_at(p, col, from);
	struct state s = at->state;
	struct text t = { .n = 0 };

	do_step(p, step, col, n, &s, &t);
	enum place place = s.row == p->row && s.col == col + n ? AT_CURSOR : LAGGING;
	struct node *to = node_at(p, col + n, place);
	if (at->cost + t.n < to->cost)
		*to = (struct node){ at->cost + t.n, s, step, n, from };
}

static bool same_spot(const struct spot *a, const struct spot *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* How many spots from col on are as the one there. */
static int run_length(const struct row_plan *p, int col)
{
	int n = 1;

	while (col + n < p->cols && same_spot(&p->b[col], &p->b[col + n]))
		n++;
	return n;
}

static void try_steps(const struct row_plan *p, int col, enum place from)
{
	int run = run_length(p, col), width = col + 1 < p->cols && !p->b[col + 1].s[0] ? 2 : 1;
	bool blank = look_is_plain_blank(&p->b[col]), one_byte = (unsigned char)p->b[col].s[0] < 0x80;

	if (node_at(p, col, from)->cost >= NEVER)
		return;
	if (same_spot(&p->a[col], &p->b[col]))
		try_step(p, STEP_SKIP, col, from, 1);
	try_step(p, STEP_WRITE, col, from, width);
	if (run > 2 && one_byte && !p->b[col].s[1] && p->e->has & HAS_REP)
		try_step(p, STEP_REPEAT, col, from, run);
	if (!blank)
		return;
	if (col + run == p->cols)
		try_step(p, STEP_ERASE_TAIL, col, from, run);
	else if (p->e->has & HAS_ECH)
		try_step(p, STEP_ERASE, col, from, run);
	if (col == 0)
		try_step(p, STEP_ERASE_HEAD, col, from, run);
}

/* Follows the path back from the end, then writes it forwards. */
static void write_path(const struct row_plan *p, struct state *s, struct buf *out)
{
	struct node *end = node_at(p, p->cols, AT_CURSOR), *lag = node_at(p, p->cols, LAGGING);
	enum place place = lag->cost < end->cost ? LAGGING : AT_CURSOR;
	struct node *way = x_alloc(((size_t)p->cols + 1) * sizeof(*way));
	int n = 0;

	for (int col = p->cols; col > 0;) {
		way[n] = *node_at(p, col, place);
		place = way[n].came;
		col -= way[n++].n;
	}
	for (int col = 0; n-- > 0; col += way[n].n) {
		struct text t = { .n = 0 };

		do_step(p, way[n].step, col, way[n].n, s, &t);
		buf_add(out, t.s, t.n);
	}
	free(way);
}

static bool has_wide(const struct spot *row, int cols)
{
	for (int i = 0; i < cols; i++)
		if (!row[i].s[0])
			return true;
	return false;
}

/* Half of a wide letter cannot be written over: the row is emptied first. */
static void empty_row(const struct encoder *e, int row, struct spot *blank, struct state *s, struct buf *out)
{
	struct text t = { .n = 0 };

	for (int i = 0; i < e->to->cols; i++)
		blank[i] = (struct spot){ .s = " ", .look = plain };
	move(e, s, row, 0, &t);
	take_pen(s, blank, &t);
	add(&t, "\033[K");
	buf_add(out, t.s, t.n);
}

static void encode_row(const struct encoder *e, int row, struct state *s, struct buf *out)
{
	int cols = e->to->cols;
	struct row_plan p = { e, row, cols, picture_at(e->from, row, 0), picture_at(e->to, row, 0), NULL };
	struct spot *blank = NULL;

	if (memcmp(p.a, p.b, (size_t)cols * sizeof(*p.a)) == 0)
		return;
	if (has_wide(p.a, cols) || has_wide(p.b, cols)) {
		blank = x_alloc((size_t)cols * sizeof(*blank));
		empty_row(e, row, blank, s, out);
		p.a = blank;
	}
	p.nodes = x_alloc((size_t)(cols + 1) * PLACES * sizeof(*p.nodes));
	for (int i = 0; i < (cols + 1) * PLACES; i++)
		p.nodes[i] = (struct node){ .cost = NEVER };
	bool here = s->row == row && s->col == 0;
	*node_at(&p, 0, here ? AT_CURSOR : LAGGING) = (struct node){ .state = *s };
	for (int col = 0; col < cols; col++)
		for (enum place place = 0; place < PLACES; place++)
			try_steps(&p, col, place);
	write_path(&p, s, out);
	free(p.nodes);
	free(blank);
}

/* ---- a screen -------------------------------------------------------------------------------------------------------- */

static bool row_is_blank(const struct picture *p, int row)
{
	for (int col = 0; col < p->cols; col++) {
		const struct spot *s = picture_at(p, row, col);
		if (!look_is_plain_blank(s) || s->look.bg != LOOK_DEFAULT)
			return false;
	}
	return true;
}

/* The first of the empty rows at the end. */
static int tail_of(const struct picture *p)
{
	int row = p->rows;

	while (row > 0 && row_is_blank(p, row - 1))
		row--;
	return row;
}

static void erase_below(const struct encoder *e, int row, struct state *s, struct buf *out)
{
	static const struct spot blank = { .s = " ", .look = { 0, LOOK_DEFAULT, LOOK_DEFAULT } };
	struct text t = { .n = 0 };

	move(e, s, row, 0, &t);
	take_pen(s, &blank, &t);
	add(&t, "\033[J");
	buf_add(out, t.s, t.n);
}

static void encode_rows(const struct encoder *e, struct state *s, struct buf *out)
{
	int tail = tail_of(e->to);
	struct buf rows = BUF_INIT(OUT_MAX), erased = BUF_INIT(OUT_MAX);

	for (int row = 0; row < tail; row++)
		encode_row(e, row, s, out);
	if (tail == e->to->rows)
		return;
	struct state by_rows = *s, by_erasing = *s;
	for (int row = tail; row < e->to->rows; row++)
		encode_row(e, row, &by_rows, &rows);
	erase_below(e, tail, &by_erasing, &erased);
	bool erase = erased.n < rows.n;
	*s = erase ? by_erasing : by_rows;
	buf_add(out, erase ? erased.s : rows.s, erase ? erased.n : rows.n);
	buf_done(&rows);
	buf_done(&erased);
}

/* ---- what goes before the rows --------------------------------------------------------------------------------------- */

static struct picture copy_of(const struct picture *p)
{
	struct picture out = *p;
	size_t size = (size_t)p->rows * (size_t)p->cols * sizeof(*p->spots);

	out.spots = x_alloc(size);
	memcpy(out.spots, p->spots, size);
	return out;
}

static void blank_rows(struct picture *p, int from, int to)
{
	for (int i = from * p->cols; i < to * p->cols; i++)
		p->spots[i] = (struct spot){ .s = " ", .look = plain };
}

static void encode_cleared(const struct encoder *e, struct state *s, struct buf *out)
{
	struct picture empty = copy_of(e->from);
	struct encoder after = { &empty, e->to, e->has };

	blank_rows(&empty, 0, empty.rows);
	erase_below(e, 0, s, out);
	encode_rows(&after, s, out);
	picture_done(&empty);
}

/* Rows top to bottom, moved up by so many (down where it is negative). */
struct scroll {
	int top, bottom, up;
	long gain;
};

static long differing(const struct picture *a, int row_a, const struct picture *b, int row_b)
{
	long n = 0;

	for (int col = 0; col < b->cols; col++)
		n += !same_spot(picture_at(a, row_a, col), picture_at(b, row_b, col));
	return n;
}

/* The run of rows that gains most when it is moved so. */
static void judge_scroll(const struct encoder *e, const long *in_place, int up, struct scroll *best)
{
	long sum = 0;
	int first = 0, rows = e->to->rows;

	for (int row = 0; row < rows; row++) {
		if (row + up < 0 || row + up >= rows) {
			sum = 0;
			continue;
		}
		if (sum <= 0) {
			sum = 0;
			first = row;
		}
		sum += in_place[row] - differing(e->from, row + up, e->to, row);
		if (sum > best->gain)
			*best = (struct scroll){ up > 0 ? first : first + up, up > 0 ? row + up : row, up,
						 sum };
	}
}

static struct scroll find_scroll(const struct encoder *e)
{
	struct scroll best = { .gain = 0 };
	int rows = e->to->rows;
	long *in_place = x_alloc((size_t)rows * sizeof(*in_place));

	for (int row = 0; row < rows; row++)
		in_place[row] = differing(e->from, row, e->to, row);
	for (int up = 1 - rows; up < rows; up++)
		if (up)
			judge_scroll(e, in_place, up, &best);
	free(in_place);
	return best;
}

static void scroll_picture(struct picture *p, const struct scroll *c)
{
	int n = abs(c->up), kept = c->bottom - c->top + 1 - n;
	size_t width = (size_t)p->cols;
	struct spot *top = p->spots + (size_t)c->top * width;

	memmove(c->up > 0 ? top : top + (size_t)n * width, c->up > 0 ? top + (size_t)n * width : top,
		(size_t)kept * width * sizeof(*top));
	if (c->up > 0)
		blank_rows(p, c->bottom + 1 - n, c->bottom + 1);
	else
		blank_rows(p, c->top, c->top + n);
}

static void encode_scrolled(const struct encoder *e, const struct scroll *c, struct state *s, struct buf *out)
{
	static const struct spot blank = { .s = " ", .look = { 0, LOOK_DEFAULT, LOOK_DEFAULT } };
	struct picture moved = copy_of(e->from);
	struct encoder after = { &moved, e->to, e->has };
	struct text t = { .n = 0 };
	bool whole = c->top == 0 && c->bottom == e->to->rows - 1;

	take_pen(s, &blank, &t);
	if (!whole)
		add(&t, "\033[%d;%dr", c->top + 1, c->bottom + 1);
	add(&t, "\033[%d%c", abs(c->up), c->up > 0 ? 'S' : 'T');
	if (!whole) {
		add(&t, "\033[1;%dr", e->to->rows);
		s->row = s->col = 0; /* both of them go there */
	}
	buf_add(out, t.s, t.n);
	scroll_picture(&moved, c);
	encode_rows(&after, s, out);
	picture_done(&moved);
}

static void leave_cursor(const struct encoder *e, bool was_seen, struct state *s, struct buf *out)
{
	struct text t = { .n = 0 };

	if (was_seen != e->to->cursor)
		add(&t, e->to->cursor ? "\033[?25h" : "\033[?25l");
	if (e->to->cursor)
		move(e, s, e->to->row, e->to->col, &t);
	buf_add(out, t.s, t.n);
}

void encode(const struct picture *from, const struct picture *to, unsigned has, struct buf *out)
{
	struct encoder e = { from, to, has };
	/* in the last column it cannot be known whether the next letter would wrap */
	struct state base = { from->row, from->col == from->cols - 1 ? from->cols : from->col, from->pen };
	struct buf bytes[3] = { BUF_INIT(OUT_MAX), BUF_INIT(OUT_MAX), BUF_INIT(OUT_MAX) };
	struct state ends[3] = { base, base, base };
	struct scroll c = { .gain = 0 };
	int best = 0;

	if (has & HAS_SCROLL)
		c = find_scroll(&e);
	encode_rows(&e, &ends[0], &bytes[0]);
	encode_cleared(&e, &ends[1], &bytes[1]);
	if (c.gain > 0)
		encode_scrolled(&e, &c, &ends[2], &bytes[2]);
	for (int i = 1; i < (c.gain > 0 ? 3 : 2); i++)
		if (bytes[i].n < bytes[best].n)
			best = i;
	leave_cursor(&e, from->cursor, &ends[best], &bytes[best]);
	buf_add(out, bytes[best].s, bytes[best].n);
	for (int i = 0; i < 3; i++)
		buf_done(&bytes[i]);
}
