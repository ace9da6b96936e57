#include "tui/screens/screens.h"

#include <stdio.h>

#include "tui/frame.h"
#include "tui/screens/table.h"

enum { C_AGO, C_STATE, C_ACT, C_LANE, C_SUBJECT, C_WHO, C_RUN, C_NOTE, C_N };

static const struct column columns[C_N] = {
	[C_AGO] = { .head = "AGO", .most = 4, .priority = 0, .right = true },
	[C_STATE] = { .head = "STATE", .least = 9, .most = 9, .priority = 0 },
	[C_ACT] = { .head = "ACT", .least = 8, .most = 10, .priority = 0 },
	[C_LANE] = { .head = "LANE", .least = 10, .most = 32, .priority = 1 },
	[C_SUBJECT] = { .head = "SUBJECT", .least = 12, .most = 24, .priority = 2 },
	[C_WHO] = { .head = "WHO", .least = 18, .most = 32, .priority = 4 },
	[C_RUN] = { .head = "RUN", .most = 20, .priority = 5, .right = true },
	[C_NOTE] = { .head = "WHY AND OUTCOME",
		     .least = 12,
		     .good = 30,
		     .most = 100,
		     .priority = 3,
		     .grows = true },
};

/* Each console writes a journal of its own; what others did stands in the ledger, where one is kept. */
#define OTHERS "Other consoles' acts: pilothouse audit ledger"

static enum role state_role(int state)
{
	if (state == INTENT_LINKED || state == INTENT_DONE)
		return ROLE_OK;
	return intent_is_open(state) ? ROLE_UNKN : ROLE_HOLD;
}

static void make_text(char buf[TABLE_BUF], const struct intent_row *v, int column)
{
	if (column == C_RUN && v->run_id)
		snprintf(buf, TABLE_BUF, "%" PRId64, v->run_id);
	else if (column == C_RUN)
		snprintf(buf, TABLE_BUF, "-");
	else if (column == C_NOTE)
		snprintf(buf, TABLE_BUF, "%s%s%s", v->reason, *v->reason && *v->note ? "; " : "", v->note);
}

static struct table_cell cell(const void *rows, int i, int column, char buf[TABLE_BUF])
{
	const struct intent_row *v = &((const struct intent_row *)rows)[i];
	make_text(buf, v, column);
	const struct table_cell cells[C_N] = {
		[C_AGO] = { v->when, ROLE_DIM },
		[C_STATE] = { v->state, state_role(v->state_value) },
		[C_ACT] = { v->act, ROLE_TITLE },
		[C_LANE] = { v->lane, ROLE_TEXT },
		[C_SUBJECT] = { v->subject_short, ROLE_TEXT },
		[C_WHO] = { v->who, ROLE_TEXT },
		[C_RUN] = { buf, ROLE_DIM },
		[C_NOTE] = { buf, v->broke_glass ? ROLE_FAIL : ROLE_TEXT },
	};
	return cells[column];
}

static const struct table_kind kind = { columns, C_N, cell, NULL };

void screen_journal(struct grid *g, struct rect r, const struct intent_rows *v, struct list *l)
{
	if (v->n)
		table_draw(g, r, &kind, v->items, (int)v->n, l);
	else
		screen_empty(g, r, "No act of this machine is recorded. " OTHERS);
}

void pane_intent(struct grid *g, struct rect r, const struct intent_row *v)
{
	char text[512];
	int row = r.row + 1, end = r.row + r.rows;
	snprintf(text, sizeof(text), "%s %s%s%s: %s", v->act, v->lane, *v->subject_short ? " " : "",
		 v->subject_short, v->state);
	grid_rule(g, r.row, r.col, r.cols, text);
	row += grid_wrap(g, row, r.col + 1, r.cols - 2, end - row, v->broke_glass ? ROLE_FAIL : ROLE_TEXT,
			 v->reason);
	row += grid_wrap(g, row, r.col + 1, r.cols - 2, end - row, ROLE_TEXT, v->note);
	snprintf(text, sizeof(text), "by %s, %s ago, intent %" PRId64 "%s%.8s", v->who, v->when, v->id,
		 *v->plan_id ? ", plan " : "", v->plan_id);
	row += grid_wrap(g, row, r.col + 1, r.cols - 2, end - row, ROLE_DIM, text);
	if (intent_is_open(v->state_value) && row < end)
		row += grid_wrap(g, row, r.col + 1, r.cols - 2, end - row, ROLE_UNKN,
				 "not settled: :reconcile looks on the forge for what became of it");
	if (row < end)
		grid_wrap(g, row, r.col + 1, r.cols - 2, end - row, ROLE_DIM, OTHERS);
}
