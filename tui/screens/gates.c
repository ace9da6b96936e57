#include "tui/screens/screens.h"

#include <stdio.h>

#include "tui/frame.h"
#include "tui/screens/table.h"

enum { C_LANE, C_GATE, C_SINCE, C_YOU, C_RELEASE, C_RUN, C_REVIEWERS, C_TITLE, C_N };

static const struct column columns[C_N] = {
	[C_LANE] = { .head = "LANE", .least = 10, .most = 32, .priority = 0 },
	[C_GATE] = { .head = "GATE", .least = 10, .most = 32, .priority = 0 },
	[C_SINCE] = { .head = "SINCE", .most = 5, .priority = 1, .right = true },
	[C_YOU] = { .head = "YOU MAY", .least = 7, .most = 7, .priority = 0 },
	[C_RELEASE] = { .head = "RELEASE", .least = 8, .most = 24, .priority = 2 },
	[C_RUN] = { .head = "RUN", .most = 20, .priority = 5, .right = true },
	[C_REVIEWERS] = { .head = "REVIEWERS", .least = 10, .most = 40, .priority = 3 },
	[C_TITLE] = { .head = "TITLE", .least = 16, .most = 80, .priority = 6, .grows = true },
};

static struct table_cell cell(const void *rows, int i, int column, char buf[TABLE_BUF])
{
	const struct gate_row *v = &((const struct gate_row *)rows)[i];
	if (column == C_RUN)
		snprintf(buf, TABLE_BUF, "%" PRId64, v->run_id);
	const struct table_cell cells[C_N] = {
		[C_LANE] = { v->lane, ROLE_TITLE },
		[C_GATE] = { v->environment, ROLE_WAIT },
		[C_SINCE] = { v->since, ROLE_DIM },
		[C_YOU] = { v->can_approve ? "approve" : "not", v->can_approve ? ROLE_KEY : ROLE_DIM },
		[C_RELEASE] = { v->release, ROLE_TEXT },
		[C_RUN] = { buf, ROLE_DIM },
		[C_REVIEWERS] = { v->reviewers, ROLE_TEXT },
		[C_TITLE] = { v->title, ROLE_TEXT },
	};
	return cells[column];
}

static const struct table_kind kind = { columns, C_N, cell, NULL };

void screen_gates(struct grid *g, struct rect r, const struct gate_rows *v, struct list *l)
{
	if (v->n)
		table_draw(g, r, &kind, v->items, (int)v->n, l);
	else
		screen_empty(g, r, "Nothing waits for a person.");
}

void pane_gate(struct grid *g, struct rect r, const struct gate_row *v)
{
	char text[512];
	snprintf(text, sizeof(text), "%s: %s", v->lane, v->environment);
	grid_rule(g, r.row, r.col, r.cols, text);
	int row = r.row + 1, end = r.row + r.rows;
	row += grid_wrap(g, row, r.col + 1, r.cols - 2, end - row, ROLE_TEXT, v->title);
	bool known = when_known(v->since_at);
	snprintf(text, sizeof(text), "run %" PRId64 " attempt %" PRId64 ", %s%s for %s%s%s", v->run_id,
		 v->attempt, known ? "has waited " : "waits", known ? v->since : "",
		 *v->reviewers ? v->reviewers : "somebody", *v->wait_until ? ", not before " : "",
		 v->wait_until);
	row += grid_wrap(g, row, r.col + 1, r.cols - 2, end - row, ROLE_DIM, text);
	if (row < end)
		grid_wrap(g, row, r.col + 1, r.cols - 2, end - row, v->can_approve ? ROLE_KEY : ROLE_DIM,
			  v->can_approve ? "you may approve it: A" : v->why_not);
}
