#include "tui/paint.h"

static void text_row(struct buf *out, const struct grid *g, int row)
{
	for (int col = 0; col < g->cols; col++)
		buf_str(out, grid_at(g, row, col)->s);
}

static void role_row(struct buf *out, const struct grid *g, int row)
{
	for (int col = 0; col < g->cols; col++)
		buf_chr(out, role_letters[grid_at(g, row, col)->role]);
}

void paint_text(struct buf *out, const struct grid *g, bool with_roles)
{
	for (int row = 0; row < g->rows; row++) {
		if (with_roles)
			buf_chr(out, '|');
		size_t start = out->n;
		text_row(out, g, row);
		while (!with_roles && out->n > start && out->s[out->n - 1] == ' ')
			buf_cut(out, out->n - 1);
		buf_str(out, with_roles ? "|\n" : "\n");
	}
	for (int row = 0; with_roles && row < g->rows; row++) {
		buf_chr(out, ' ');
		role_row(out, g, row);
		buf_chr(out, '\n');
	}
}
