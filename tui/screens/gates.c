#include "tui/screens/screens.h"

#include <stdio.h>

#include "tui/frame.h"
#include "tui/screens/table.h"

enum { C_LANE, C_ENV, C_SINCE, C_YOU, C_RELEASE, C_RUN, C_REVIEWERS, C_TITLE, C_N };

static const struct column columns[C_N] = {
	[C_LANE] = { .head = "LANE", .width = 13, .priority = 0 },
	[C_ENV] = { .head = "GATE", .width = 12, .priority = 0 },
	[C_SINCE] = { .head = "SINCE", .width = 5, .priority = 1, .right = true },
	[C_YOU] = { .head = "YOU", .width = 11, .priority = 0 },
	[C_RELEASE] = { .head = "RELEASE", .width = 10, .priority = 1 },
	[C_RUN] = { .head = "RUN", .width = 12, .priority = 4, .right = true },
	[C_REVIEWERS] = { .head = "REVIEWERS", .width = 16, .priority = 2 },
	[C_TITLE] = { .head = "TITLE", .width = 12, .priority = 5, .grows = true },
};

static void draw_gate(struct grid *g, int row, int left, const struct gate_row *v, const int *w)
{
	int col = left + TABLE_LEFT;
	char id[32];
	snprintf(id, sizeof(id), "%" PRId64, v->run_id);
	table_cell(g, row, &col, &columns[C_LANE], w[C_LANE], ROLE_TITLE, v->lane);
	table_cell(g, row, &col, &columns[C_ENV], w[C_ENV], ROLE_WAIT, v->environment);
	table_cell(g, row, &col, &columns[C_SINCE], w[C_SINCE], ROLE_DIM, v->since);
	table_cell(g, row, &col, &columns[C_YOU], w[C_YOU], v->can_approve ? ROLE_KEY : ROLE_DIM,
		   v->can_approve ? "may approve" : "may not");
	table_cell(g, row, &col, &columns[C_RELEASE], w[C_RELEASE], ROLE_TEXT, v->release);
	table_cell(g, row, &col, &columns[C_RUN], w[C_RUN], ROLE_DIM, id);
	table_cell(g, row, &col, &columns[C_REVIEWERS], w[C_REVIEWERS], ROLE_TEXT, v->reviewers);
	table_cell(g, row, &col, &columns[C_TITLE], w[C_TITLE], ROLE_TEXT, v->title);
}

void screen_gates(struct grid *g, struct rect r, const struct gate_rows *v, struct list *l)
{
	int width[C_N];
	if (!v->n) {
		screen_empty(g, r, "Nothing waits for a person.");
		return;
	}
	columns_layout(columns, C_N, r.cols, width);
	table_heads(g, r, columns, C_N, width);
	int top = list_scroll(l, (int)v->n, r.rows - 1);
	for (int i = 0; i < r.rows - 1 && top + i < (int)v->n; i++) {
		table_marker(g, r.row + 1 + i, r.col, top + i == l->cursor);
		draw_gate(g, r.row + 1 + i, r.col, &v->items[top + i], width);
	}
}
