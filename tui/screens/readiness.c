#include "tui/screens/screens.h"

#include <stdio.h>

#include "base/text.h"
#include "tui/frame.h"
#include "tui/screens/table.h"

enum { C_LANE, C_STATUS, C_CONDITION, C_DETAIL, C_AGE, C_SOURCE, C_N };

static const struct column columns[C_N] = {
	[C_LANE] = { .head = "LANE", .least = 10, .most = 32, .priority = 0 },
	[C_STATUS] = { .head = "STATUS", .least = 11, .most = 11, .priority = 0 },
	[C_CONDITION] = { .head = "CONDITION", .least = 10, .most = 32, .priority = 1 },
	[C_DETAIL] = { .head = "WHAT IS KNOWN",
		       .least = 12,
		       .good = 30,
		       .most = 120,
		       .priority = 2,
		       .grows = true },
	[C_AGE] = { .head = "AGE", .most = 4, .priority = 1, .right = true },
	[C_SOURCE] = { .head = "SOURCE", .least = 8, .most = 32, .priority = 5 },
};

static const struct {
	const char *word;
	char glyph;
	enum role role;
} statuses[] = {
	[CHECK_UNCHECKED] = { "not checked", '?', ROLE_STALE },
	[CHECK_OK] = { "ok", '.', ROLE_OK },
	[CHECK_BAD] = { "BAD", '!', ROLE_FAIL },
	[CHECK_MISSING] = { "MISSING", '!', ROLE_FAIL },
};

static size_t status_of(const struct check_row *c)
{
	return (size_t)c->status < countof(statuses) ? (size_t)c->status : CHECK_UNCHECKED;
}

static struct table_cell cell(const void *rows, int i, int column, char buf[TABLE_BUF] maybe_unused)
{
	const struct back_line *v = &((const struct back_line *)rows)[i];
	const struct check_row *c = v->check;
	const struct table_cell cells[C_N] = {
		[C_LANE] = { v->lane->lane, ROLE_TEXT },
		[C_STATUS] = { statuses[status_of(c)].word, statuses[status_of(c)].role },
		[C_CONDITION] = { c->name, ROLE_TITLE },
		[C_DETAIL] = { *c->detail ? c->detail : "-", ROLE_TEXT },
		[C_AGE] = { c->age, ROLE_DIM },
		[C_SOURCE] = { c->source, ROLE_DIM },
	};
	return cells[column];
}

static char glyph(const void *rows, int i, enum role *role)
{
	const struct check_row *c = ((const struct back_line *)rows)[i].check;
	*role = statuses[status_of(c)].role;
	return statuses[status_of(c)].glyph;
}

static const struct table_kind kind = { columns, C_N, cell, glyph };

enum role role_of_back(enum verdict ok)
{
	return (size_t)ok < countof(statuses) ? statuses[ok].role : ROLE_STALE;
}

void screen_readiness(struct grid *g, struct rect r, const struct back_lines *v, struct list *l)
{
	if (v->n)
		table_draw(g, r, &kind, v->items, (int)v->n, l);
	else
		screen_empty(g, r,
			     "No way back is known here: nobody has looked yet, or the profile names none. "
			     "Ctrl-r reads the forge.");
}

void pane_condition(struct grid *g, struct rect r, const struct back_line *v)
{
	char text[512];
	const struct check_row *c = v->check;
	int row = r.row, end = r.row + r.rows;
	if (r.rows < 1 || r.cols < 10)
		return;
	snprintf(text, sizeof(text), "%s: %s", v->lane->lane, c->name);
	grid_rule(g, row++, r.col, r.cols, text);
	if (row < end)
		row += grid_wrap(g, row, r.col + 1, r.cols - 2, end - row, role_of_back(v->lane->ok),
				 v->lane->back);
	snprintf(text, sizeof(text), "%s: %s", statuses[status_of(c)].word,
		 *c->detail ? c->detail : "nothing is known of it");
	if (row < end)
		row += grid_wrap(g, row, r.col + 1, r.cols - 2, end - row, statuses[status_of(c)].role, text);
	snprintf(text, sizeof(text), "fix: %s", c->fix);
	if (*c->fix && c->status != CHECK_OK && row < end)
		row += grid_wrap(g, row, r.col + 1, r.cols - 2, end - row, ROLE_KEY, text);
	snprintf(text, sizeof(text), "read %s ago%s%s", c->age, *c->source ? " from " : "", c->source);
	if (row < end)
		grid_wrap(g, row, r.col + 1, r.cols - 2, end - row, ROLE_DIM, text);
}
