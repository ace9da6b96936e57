#include "tui/screens/table.h"

#include "base/text.h"

/* Widths: every column its minimum by priority, then the rest to the one that grows. */
void columns_layout(const struct column *c, int n, int cols, int *width)
{
	int used = TABLE_LEFT, grow = -1;
	for (int i = 0; i < n; i++)
		width[i] = -1;
	for (int priority = 0; priority < 10; priority++)
		for (int i = 0; i < n; i++)
			if (c[i].priority == priority && used + c[i].width + 1 <= cols) {
				width[i] = c[i].width;
				used += c[i].width + 1;
			}
	for (int i = 0; i < n; i++)
		if (c[i].grows && width[i] >= 0)
			grow = i;
	if (grow >= 0)
		width[grow] += cols - used;
}

void table_heads(struct grid *g, struct rect r, const struct column *c, int n, const int *width)
{
	int col = r.col + TABLE_LEFT;
	for (int i = 0; i < n; i++) {
		if (width[i] < 0)
			continue;
		if (c[i].right)
			grid_put_right(g, r.row, col, width[i], ROLE_HEAD, c[i].head);
		else
			grid_put(g, r.row, col, width[i], ROLE_HEAD, c[i].head);
		col += width[i] + 1;
	}
}

static void cut_middle(struct grid *g, int row, int col, int width, enum role role, const char *text)
{
	struct arena a = ARENA_INIT;
	grid_put(g, row, col, width, role, text_cut_middle(&a, text, width));
	arena_done(&a);
}

void table_cell(struct grid *g, int row, int *col, const struct column *c, int width, enum role role,
		const char *text)
{
	if (width < 0)
		return;
	if (c->right)
		grid_put_right(g, row, *col, width, role, text);
	else if (text_width(text) > width && !c->grows)
		cut_middle(g, row, *col, width, role, text);
	else
		grid_put(g, row, *col, width, role, text);
	*col += width + 1;
}

void table_marker(struct grid *g, int row, int col, bool here)
{
	if (here)
		grid_put(g, row, col, 1, ROLE_MARK, "*");
}
