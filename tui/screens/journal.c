#include "tui/screens/screens.h"

#include <stdio.h>

#include "tui/frame.h"
#include "tui/screens/table.h"

enum { C_AGO, C_STATE, C_ACT, C_LANE, C_SUBJECT, C_WHO, C_RUN, C_NOTE, C_N };

static const struct column columns[C_N] = {
	[C_AGO] = { .head = "AGO", .width = 4, .priority = 0, .right = true },
	[C_STATE] = { .head = "STATE", .width = 9, .priority = 0 },
	[C_ACT] = { .head = "ACT", .width = 9, .priority = 0 },
	[C_LANE] = { .head = "LANE", .width = 13, .priority = 1 },
	[C_SUBJECT] = { .head = "SUBJECT", .width = 12, .priority = 2 },
	[C_WHO] = { .head = "WHO", .width = 16, .priority = 4 },
	[C_RUN] = { .head = "RUN", .width = 12, .priority = 5, .right = true },
	[C_NOTE] = { .head = "WHY AND OUTCOME", .width = 16, .priority = 3, .grows = true },
};

static enum role state_role(int state)
{
	if (state == INTENT_LINKED || state == INTENT_DONE)
		return ROLE_OK;
	return intent_is_open(state) ? ROLE_UNKN : ROLE_HOLD;
}

static void draw_intent(struct grid *g, int row, int left, const struct intent_row *v, const int *w)
{
	int col = left + TABLE_LEFT;
	char id[32], note[512];
	snprintf(id, sizeof(id), "%" PRId64, v->run_id);
	snprintf(note, sizeof(note), "%s%s%s", v->reason, *v->reason && *v->note ? "; " : "", v->note);
	table_cell(g, row, &col, &columns[C_AGO], w[C_AGO], ROLE_DIM, v->when);
	table_cell(g, row, &col, &columns[C_STATE], w[C_STATE], state_role(v->state_value), v->state);
	table_cell(g, row, &col, &columns[C_ACT], w[C_ACT], ROLE_TITLE, v->act);
	table_cell(g, row, &col, &columns[C_LANE], w[C_LANE], ROLE_TEXT, v->lane);
	table_cell(g, row, &col, &columns[C_SUBJECT], w[C_SUBJECT], ROLE_TEXT, v->subject);
	table_cell(g, row, &col, &columns[C_WHO], w[C_WHO], ROLE_TEXT, v->who);
	table_cell(g, row, &col, &columns[C_RUN], w[C_RUN], ROLE_DIM, v->run_id ? id : "-");
	table_cell(g, row, &col, &columns[C_NOTE], w[C_NOTE], ROLE_TEXT, note);
}

void screen_journal(struct grid *g, struct rect r, const struct intent_rows *v, struct list *l)
{
	int width[C_N];
	if (!v->n) {
		screen_empty(g, r, "No act was made from here yet.");
		return;
	}
	columns_layout(columns, C_N, r.cols, width);
	table_heads(g, r, columns, C_N, width);
	int top = list_scroll(l, (int)v->n, r.rows - 1);
	for (int i = 0; i < r.rows - 1 && top + i < (int)v->n; i++) {
		table_marker(g, r.row + 1 + i, r.col, top + i == l->cursor);
		draw_intent(g, r.row + 1 + i, r.col, &v->items[top + i], width);
	}
}
