#include "tui/screens/screens.h"

#include <stdio.h>

#include "tui/frame.h"
#include "tui/screens/table.h"

enum { C_LANE, C_LIVE, C_NEXT, C_STATE, C_PROGRESS, C_SINCE, C_AGE, C_N };

static const struct column columns[C_N] = {
	[C_LANE] = { .head = "LANE", .width = 16, .priority = 0 },
	[C_LIVE] = { .head = "LIVE", .width = 10, .priority = 2 },
	[C_NEXT] = { .head = "NEXT", .width = 10, .priority = 3 },
	[C_STATE] = { .head = "STATE", .width = 5, .priority = 0 },
	[C_PROGRESS] = { .head = "PROGRESS", .width = 12, .priority = 1, .grows = true },
	[C_SINCE] = { .head = "SINCE", .width = 5, .priority = 2, .right = true },
	[C_AGE] = { .head = "AGE", .width = 4, .priority = 4, .right = true },
};

static const char *or_dash(const char *s)
{
	return *s ? s : "-";
}

static void draw_lane(struct grid *g, int row, int left, const struct lane_row *l, const int *w)
{
	int col = left + TABLE_LEFT;
	char glyph[2] = { lane_state_glyph(l->state), 0 }, age[WHEN_TEXT];
	enum role role = role_of_state(l->state);
	const char *progress = *l->unsettled ? l->unsettled : l->progress;
	grid_put(g, row, left + 1, 1, role, glyph);
	table_cell(g, row, &col, &columns[C_LANE], w[C_LANE], l->production ? ROLE_TITLE : ROLE_TEXT,
		   l->name);
	table_cell(g, row, &col, &columns[C_LIVE], w[C_LIVE], ROLE_TEXT, or_dash(l->live));
	table_cell(g, row, &col, &columns[C_NEXT], w[C_NEXT], ROLE_TEXT, or_dash(l->next));
	table_cell(g, row, &col, &columns[C_STATE], w[C_STATE], role,
		   names_word(&lane_state_names, l->state));
	table_cell(g, row, &col, &columns[C_PROGRESS], w[C_PROGRESS], *l->unsettled ? ROLE_UNKN : ROLE_TEXT,
		   progress);
	table_cell(g, row, &col, &columns[C_SINCE], w[C_SINCE], ROLE_DIM, l->since);
	table_cell(g, row, &col, &columns[C_AGE], w[C_AGE], l->state == LANE_STALE ? ROLE_STALE : ROLE_DIM,
		   l->age_ms < 0 ? "-" : when_age_minutes(l->age_ms, age));
}

void screen_lanes(struct grid *g, struct rect r, const struct lane_rows *v, struct list *l)
{
	int width[C_N];
	if (!v->n) {
		screen_empty(g, r,
			     "No lane is known yet: the engine is reading the forge for the first time.");
		return;
	}
	columns_layout(columns, C_N, r.cols, width);
	table_heads(g, r, columns, C_N, width);
	int top = list_scroll(l, (int)v->n, r.rows - 1);
	for (int i = 0; i < r.rows - 1 && top + i < (int)v->n; i++) {
		table_marker(g, r.row + 1 + i, r.col, top + i == l->cursor);
		draw_lane(g, r.row + 1 + i, r.col, &v->items[top + i], width);
	}
}

static void pane_words(const struct lane_row *l, char *out, size_t n)
{
	char age[WHEN_TEXT];
	snprintf(out, n, "read %s ago%s%s", l->age_ms < 0 ? "never" : when_age_minutes(l->age_ms, age),
		 *l->repo ? " from " : "", l->repo);
}

void pane_lane(struct grid *g, struct rect r, const struct lane_row *l)
{
	char title[256], words[512];
	int row = r.row;
	if (r.rows < 1 || r.cols < 10)
		return;
	snprintf(title, sizeof(title), "%s: %s", l->name, names_word(&lane_state_names, l->state));
	grid_rule(g, row++, r.col, r.cols, title);
	int end = r.row + r.rows;
	if (*l->unsettled && row < end)
		row += grid_wrap(g, row, r.col + 1, r.cols - 2, end - row, ROLE_UNKN, l->unsettled);
	for (int i = 0; i < l->reasons_n && row < end; i++)
		row += grid_wrap(g, row, r.col + 1, r.cols - 2, end - row,
				 i ? ROLE_TEXT : role_of_state(l->state), l->reasons[i]);
	pane_words(l, words, sizeof(words));
	if (row < end)
		grid_put(g, row, r.col + 1, r.cols - 2, ROLE_DIM, words);
}

void screen_empty(struct grid *g, struct rect r, const char *text)
{
	grid_wrap(g, r.row + 1, r.col + 3, r.cols - 6, r.rows > 1 ? r.rows - 1 : 1, ROLE_DIM, text);
}

void pane_events(struct grid *g, struct rect r, const struct event_rows *v)
{
	if (r.rows < 2)
		return;
	grid_rule(g, r.row, r.col, r.cols, "events");
	for (int i = 0; i < (int)v->n && i + 1 < r.rows; i++) {
		const struct event_row *e = &v->items[i];
		grid_put(g, r.row + 1 + i, r.col + 1, 10, ROLE_DIM, e->at);
		grid_put(g, r.row + 1 + i, r.col + 11, 14, ROLE_TEXT, e->lane);
		grid_put(g, r.row + 1 + i, r.col + 26, r.cols - 27, ROLE_TEXT, e->text);
	}
}
