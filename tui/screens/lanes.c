#include "tui/screens/screens.h"

#include <stdio.h>

#include "base/text.h"
#include "tui/frame.h"
#include "tui/screens/table.h"

enum { C_LANE, C_LIVE, C_NEXT, C_STATE, C_PROGRESS, C_SINCE, C_AGE, C_N };

static const struct column columns[C_N] = {
	[C_LANE] = { .head = "LANE", .least = 14, .most = 40, .priority = 0 },
	[C_LIVE] = { .head = "LIVE", .least = 9, .most = 24, .priority = 2 },
	[C_NEXT] = { .head = "NEXT", .least = 9, .most = 24, .priority = 3 },
	[C_STATE] = { .head = "STATE", .least = 5, .most = 5, .priority = 0 },
	[C_PROGRESS] = { .head = "PROGRESS",
			 .least = 12,
			 .good = 24,
			 .most = 60,
			 .priority = 1,
			 .grows = true },
	[C_SINCE] = { .head = "SINCE", .most = 5, .priority = 2, .right = true },
	[C_AGE] = { .head = "AGE", .most = 4, .priority = 3, .right = true },
};

static const char *or_dash(const char *s)
{
	return *s ? s : "-";
}

static const char *read_age(const struct lane_row *l, char out[WHEN_TEXT])
{
	return l->age_ms < 0 ? "-" : when_age_minutes(l->age_ms, out);
}

static struct table_cell cell(const void *rows, int i, int column, char buf[TABLE_BUF])
{
	const struct lane_row *l = &((const struct lane_row *)rows)[i];
	bool open = *l->unsettled != 0;
	const char *age = column == C_AGE ? read_age(l, buf) : "";
	const struct table_cell cells[C_N] = {
		[C_LANE] = { l->name, l->production ? ROLE_TITLE : ROLE_TEXT },
		[C_LIVE] = { or_dash(l->live), ROLE_TEXT },
		[C_NEXT] = { or_dash(l->next), ROLE_TEXT },
		[C_STATE] = { names_word(&lane_state_names, l->state), role_of_state(l->state) },
		[C_PROGRESS] = { open ? l->unsettled : l->progress, open ? ROLE_UNKN : ROLE_TEXT },
		[C_SINCE] = { l->since, ROLE_DIM },
		[C_AGE] = { age, l->state == LANE_STALE ? ROLE_STALE : ROLE_DIM },
	};
	return cells[column];
}

static char glyph(const void *rows, int i, enum role *role)
{
	const struct lane_row *l = &((const struct lane_row *)rows)[i];
	*role = role_of_state(l->state);
	return lane_state_glyph(l->state);
}

static const struct table_kind kind = { columns, C_N, cell, glyph };

void screen_lanes(struct grid *g, struct rect r, const struct lane_rows *v, struct list *l)
{
	if (v->n)
		table_draw(g, r, &kind, v->items, (int)v->n, l);
	else
		screen_empty(
			g, r,
			"No lane is known yet: nothing was read from the forge. A console is started with "
			"its "
			"delivery system, for example pilothouse --profile easyenclave; without an account, "
			"pilothouse drill plays one.");
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
	struct arena a = ARENA_INIT;
	grid_rule(g, r.row, r.col, r.cols, "events");
	for (int i = 0; i < (int)v->n && i + 1 < r.rows; i++) {
		const struct event_row *e = &v->items[i];
		grid_put(g, r.row + 1 + i, r.col + 1, 10, ROLE_DIM, e->at);
		grid_put(g, r.row + 1 + i, r.col + 11, 16, ROLE_TEXT, text_cut_middle(&a, e->lane, 16));
		grid_put(g, r.row + 1 + i, r.col + 28, r.cols - 29, ROLE_TEXT, e->text);
	}
	arena_done(&a);
}
