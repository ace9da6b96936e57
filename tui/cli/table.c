#include "tui/cli/table.h"

#include "base/text.h"

struct table_row *table_add(struct table *t, struct arena *a)
{
	return vec_push(&t->rows, a);
}

static int width_of(const struct table *t, int column)
{
	int widest = text_width(t->heads[column]);
	vec_each (row, &t->rows) {
		int w = row->cell[column] ? text_width(row->cell[column]) : 0;
		if (w > widest)
			widest = w;
	}
	return widest;
}

static void print_cells(const char *const *cell, int n, const int *widths, struct buf *out)
{
	for (int i = 0; i < n; i++) {
		const char *s = cell[i] ? cell[i] : "";
		buf_str(out, s);
		if (i + 1 < n)
			buf_fill(out, ' ', (size_t)(widths[i] - text_width(s) + 2));
	}
	while (out->n && out->s[out->n - 1] == ' ')
		buf_cut(out, out->n - 1);
	buf_chr(out, '\n');
}

const char *table_number(struct arena *a, int64_t n)
{
	return arena_printf(a, "%" PRId64, n);
}

void table_print(const struct table *t, struct buf *out)
{
	int widths[TABLE_COLUMNS], n = 0;
	for (; n < TABLE_COLUMNS && t->heads[n]; n++)
		widths[n] = width_of(t, n);
	print_cells(t->heads, n, widths, out);
	vec_each (row, &t->rows)
		print_cells(row->cell, n, widths, out);
}
