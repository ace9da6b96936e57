#include "tui/screens/screens.h"

#include <stdio.h>

#include "base/text.h"
#include "core/model/evidence.h"
#include "tui/frame.h"
#include "tui/screens/table.h"

enum { C_VERDICT, C_LANE, C_COMPONENT, C_PLATFORM, C_DECLARED, C_LIVE, C_AGE, C_REASON, C_N };

/* 12 digits of a digest are a number: never cut. */
static const struct column columns[C_N] = {
	[C_VERDICT] = { .head = "LIVE IS", .least = 7, .most = 8, .priority = 0 },
	[C_LANE] = { .head = "LANE", .least = 10, .most = 32, .priority = 0 },
	[C_COMPONENT] = { .head = "COMPONENT", .least = 10, .most = 40, .priority = 0 },
	[C_PLATFORM] = { .head = "PLATFORM", .least = 11, .most = 16, .priority = 3 },
	[C_DECLARED] = { .head = "DECLARED", .least = 12, .most = 24, .priority = 1 },
	[C_LIVE] = { .head = "LIVE", .least = 12, .most = 24, .priority = 1 },
	[C_AGE] = { .head = "AGE", .most = 4, .priority = 2, .right = true },
	[C_REASON] = { .head = "WHY", .least = 16, .good = 24, .most = 120, .priority = 5, .grows = true },
};

static const struct {
	char glyph;
	enum role role;
} verdicts[] = {
	[DRIFT_UNKNOWN] = { '?', ROLE_UNKN }, [DRIFT_EQUAL] = { '.', ROLE_OK },
	[DRIFT_AHEAD] = { '>', ROLE_WAIT },   [DRIFT_BEHIND] = { '<', ROLE_WAIT },
	[DRIFT_OTHER] = { '!', ROLE_FAIL },
};

enum role role_of_drift(int verdict)
{
	return (size_t)verdict < countof(verdicts) ? verdicts[verdict].role : ROLE_UNKN;
}

char glyph_of_drift(int verdict)
{
	return (size_t)verdict < countof(verdicts) ? verdicts[verdict].glyph : '?';
}

static const char *or_dash(const char *s)
{
	return *s ? s : "-";
}

/* In a column of digests the name of their hash says nothing. */
static const char *bare(const char *value)
{
	return or_dash(text_starts(value, "sha256:") ? value + 7 : value);
}

static struct table_cell cell(const void *rows, int i, int column, char buf[TABLE_BUF] maybe_unused)
{
	const struct drift_row *v = &((const struct drift_row *)rows)[i];
	enum role role = role_of_drift(v->verdict_value);
	const struct table_cell cells[C_N] = {
		[C_VERDICT] = { v->verdict, role },
		[C_LANE] = { v->lane, ROLE_TEXT },
		[C_COMPONENT] = { or_dash(v->component), ROLE_TITLE },
		[C_PLATFORM] = { or_dash(v->platform), ROLE_TEXT },
		[C_DECLARED] = { bare(v->declared_short), ROLE_TEXT },
		[C_LIVE] = { bare(v->live_short), v->verdict_value == DRIFT_EQUAL ? ROLE_TEXT : role },
		[C_AGE] = { v->age, ROLE_DIM },
		[C_REASON] = { v->reason, ROLE_TEXT },
	};
	return cells[column];
}

static char glyph(const void *rows, int i, enum role *role)
{
	int verdict = ((const struct drift_row *)rows)[i].verdict_value;
	*role = role_of_drift(verdict);
	return glyph_of_drift(verdict);
}

static const struct table_kind kind = { columns, C_N, cell, glyph };

void screen_drift(struct grid *g, struct rect r, const struct drift_rows *v, struct list *l)
{
	if (v->n)
		table_draw(g, r, &kind, v->items, (int)v->n, l);
	else
		screen_empty(
			g, r,
			"Nothing is compared here: no profile of this console says where a running system "
			"is asked, or nobody has looked yet. Ctrl-r reads the forge.");
}

static int draw_value(struct grid *g, struct rect r, int row, const char *what, const char *value)
{
	int label = grid_put(g, row, r.col + 1, r.cols - 2, ROLE_DIM, what) + 1;
	int end = r.row + r.rows, col = r.col + 1 + label, width = r.cols - label - 1;
	int used = row < end ? grid_wrap(g, row, col, width, end - row, ROLE_TEXT, or_dash(value)) : 0;
	return used ? used : 1;
}

/* Values stand here in full: a digest of 64 digits has a line at 80 columns. */
void pane_drift(struct grid *g, struct rect r, const struct drift_row *v)
{
	char text[512];
	int row = r.row, end = r.row + r.rows;
	if (r.rows < 1 || r.cols < 10)
		return;
	snprintf(text, sizeof(text), "%s %s%s%s: %s", v->lane, or_dash(v->component), *v->platform ? " " : "",
		 v->platform, v->verdict);
	grid_rule(g, row++, r.col, r.cols, text);
	if (*v->reason && row < end)
		row += grid_wrap(g, row, r.col + 1, r.cols - 2, end - row, role_of_drift(v->verdict_value),
				 v->reason);
	if (row < end)
		row += draw_value(g, r, row, "decl", v->declared);
	if (row < end)
		row += draw_value(g, r, row, "live", v->live);
	snprintf(text, sizeof(text), "read %s%s%s%s", v->age_ms < 0 ? "never" : v->age,
		 v->age_ms < 0 ? "" : " ago", *v->source ? " from " : "", v->source);
	if (row < end)
		grid_wrap(g, row, r.col + 1, r.cols - 2, end - row, ROLE_DIM, text);
}
