#include "tui/screens/table.h"

#include "base/text.h"

#include <string.h>

#define MEASURED   256 /* rows that decide the widths: enough for any screen, and they stay while one scrolls */
#define PRIORITIES 10
#define OPTIONAL   4 /* priority from which a column may not take room that a sentence needs */

static int smaller(int a, int b)
{
	return a < b ? a : b;
}

/* What each column would like: the widest of its cells and its head, within its bounds. Sentences that nobody says take no
 * room, and have no head. */
static void measure(const struct table_kind *t, const void *rows, int n, int *want)
{
	char buf[TABLE_BUF];
	for (int c = 0; c < t->n; c++)
		want[c] = n && t->columns[c].grows ? 0 : text_width(t->columns[c].head);
	for (int i = 0; i < n && i < MEASURED; i++)
		for (int c = 0; c < t->n; c++) {
			int w = text_width(t->cell(rows, i, c, buf).text);
			if (w > want[c])
				want[c] = w;
		}
	for (int c = 0; c < t->n; c++) {
		int head = want[c] ? text_width(t->columns[c].head) : 0;
		want[c] = smaller(want[c] > head ? want[c] : head, t->columns[c].most);
	}
}

struct layout {
	const struct table_kind *t;
	const int *want;
	int *width;
	int left;
};

static void take_columns(struct layout *l, int priority)
{
	for (int c = 0; c < l->t->n; c++) {
		const struct column *k = &l->t->columns[c];
		int least = k->right ? l->want[c] : smaller(k->least, l->want[c]);
		if (k->priority != priority || !l->want[c] || least + 1 > l->left)
			continue;
		l->width[c] = least;
		l->left -= least + 1;
	}
}

static void widen(struct layout *l, int c, int to)
{
	int more = smaller(to - l->width[c], l->left);
	if (l->width[c] < 0 || more <= 0)
		return;
	l->width[c] += more;
	l->left -= more;
}

static void layout(const struct table_kind *t, const int *want, int cols, int *width)
{
	struct layout l = { t, want, width, cols - TABLE_LEFT };
	for (int c = 0; c < t->n; c++)
		width[c] = -1;
	for (int p = 0; p < PRIORITIES; p++) {
		for (int c = 0; p >= OPTIONAL && c < t->n; c++)
			if (p == OPTIONAL || !t->columns[c].grows)
				widen(&l, c, smaller(t->columns[c].good, want[c]));
		take_columns(&l, p);
	}
	for (int p = 0; p < PRIORITIES; p++)
		for (int c = 0; c < t->n; c++)
			if (t->columns[c].priority == p && !t->columns[c].grows)
				widen(&l, c, want[c]);
	for (int c = 0; c < t->n; c++)
		widen(&l, c, want[c]);
}

/* Names below one folder differ behind the slash: what is before it makes room. */
static const char *cut_path(struct arena *a, const char *text, int width)
{
	const char *name = strrchr(text, '/');
	int tail = name ? text_width(name) : 0;

	if (2 * tail <= width)
		return text_cut_middle(a, text, width);
	if (tail > width - 4)
		return text_cut_middle(a, arena_printf(a, "..%s", name + 1), width);
	return arena_printf(a, "%s%s",
			    text_cut(a, arena_strndup(a, text, (size_t)(name - text)), width - tail), name);
}

static void put_cut(struct grid *g, int row, int col, int width, const struct column *k,
		    const struct table_cell *cell)
{
	struct arena a = ARENA_INIT;
	const char *text = cell->text;
	if (text_width(text) > width)
		text = k->path                  ? cut_path(&a, text, width)
		       : k->grows && !k->middle ? text_cut(&a, text, width)
						: text_cut_middle(&a, text, width);
	grid_put(g, row, col, width, cell->role, text);
	arena_done(&a);
}

static void draw_heads(struct grid *g, struct rect r, const struct table_kind *t, const int *width)
{
	int col = r.col + TABLE_LEFT;
	for (int c = 0; c < t->n; c++) {
		const struct column *k = &t->columns[c];
		if (width[c] < 0)
			continue;
		if (k->right)
			grid_put_right(g, r.row, col, width[c], ROLE_HEAD, k->head);
		else
			grid_put(g, r.row, col, width[c], ROLE_HEAD, k->head);
		col += width[c] + 1;
	}
}

static void draw_row(struct grid *g, int row, int left, const struct table_kind *t, const void *rows, int i,
		     const int *width)
{
	int col = left + TABLE_LEFT;
	char buf[TABLE_BUF];
	for (int c = 0; c < t->n; c++) {
		if (width[c] < 0)
			continue;
		struct table_cell cell = t->cell(rows, i, c, buf);
		if (t->columns[c].right)
			grid_put_right(g, row, col, width[c], cell.role, cell.text);
		else
			put_cut(g, row, col, width[c], &t->columns[c], &cell);
		col += width[c] + 1;
	}
}

static void draw_glyph(struct grid *g, int row, int col, const struct table_kind *t, const void *rows, int i)
{
	enum role role;
	if (!t->glyph)
		return;
	char text[2] = { t->glyph(rows, i, &role), 0 };
	grid_put(g, row, col, 1, role, text);
}

void table_draw(struct grid *g, struct rect r, const struct table_kind *t, const void *rows, int n,
		struct list *l)
{
	int width[LIST_COLUMNS];
	BUG_IF(t->n > LIST_COLUMNS);
	if (!l->measured)
		measure(t, rows, n, l->want);
	l->measured = true;
	layout(t, l->want, r.cols, width);
	draw_heads(g, r, t, width);
	int top = list_scroll(l, n, r.rows - 1);
	for (int i = 0; i < r.rows - 1 && top + i < n; i++) {
		table_marker(g, r.row + 1 + i, r.col, top + i == l->cursor);
		draw_glyph(g, r.row + 1 + i, r.col + 1, t, rows, top + i);
		draw_row(g, r.row + 1 + i, r.col, t, rows, top + i, width);
	}
}

void table_marker(struct grid *g, int row, int col, bool here)
{
	if (here)
		grid_put(g, row, col, 1, ROLE_MARK, "*");
}
