#include "tui/frame.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const enum role state_roles[] = {
	[LANE_FAIL] = ROLE_FAIL, [LANE_WAIT] = ROLE_WAIT,   [LANE_UNKN] = ROLE_UNKN, [LANE_RUN] = ROLE_RUN,
	[LANE_HOLD] = ROLE_HOLD, [LANE_STALE] = ROLE_STALE, [LANE_OK] = ROLE_OK,
};

enum role role_of_state(enum lane_state s)
{
	return (size_t)s < countof(state_roles) ? state_roles[s] : ROLE_FAIL;
}

static const enum role conclusion_roles[] = {
	[CONCLUSION_OTHER] = ROLE_UNKN,     [CONCLUSION_SUCCESS] = ROLE_OK,
	[CONCLUSION_FAILURE] = ROLE_FAIL,   [CONCLUSION_CANCELLED] = ROLE_HOLD,
	[CONCLUSION_SKIPPED] = ROLE_DIM,    [CONCLUSION_NEUTRAL] = ROLE_DIM,
	[CONCLUSION_TIMED_OUT] = ROLE_FAIL, [CONCLUSION_ACTION_REQUIRED] = ROLE_WAIT,
	[CONCLUSION_STALE] = ROLE_STALE,    [CONCLUSION_STARTUP_FAILURE] = ROLE_FAIL,
};

static const enum role status_roles[] = {
	[RUN_OTHER] = ROLE_UNKN,   [RUN_REQUESTED] = ROLE_RUN, [RUN_QUEUED] = ROLE_RUN,
	[RUN_PENDING] = ROLE_HOLD, [RUN_WAITING] = ROLE_WAIT,  [RUN_IN_PROGRESS] = ROLE_RUN,
	[RUN_COMPLETED] = ROLE_OK,
};

enum role role_of_run(int status, int conclusion)
{
	if (status == RUN_COMPLETED)
		return (size_t)conclusion < countof(conclusion_roles) ? conclusion_roles[conclusion]
								      : ROLE_UNKN;
	return (size_t)status < countof(status_roles) ? status_roles[status] : ROLE_UNKN;
}

/* "FAIL 1  WAIT 2": states that are there, OK and what is calm left out. */
static int draw_counts(struct grid *g, int row, int col, const struct view_header *h)
{
	int start = col;
	for (int s = LANE_FAIL; s < LANE_OK; s++)
		if (h->counts[s])
			col += grid_printf(g, row, col, -1, role_of_state((enum lane_state)s), "%s %d  ",
					   names_word(&lane_state_names, s), h->counts[s]);
	return col - start;
}

static const char *age_words(const struct view_header *h, char out[WHEN_TEXT])
{
	if (!h || h->age_ms < 0)
		return "never synced";
	return when_age_minutes(h->age_ms, out);
}

/* The right end of the header, most important last so that it is never cut. */
static void draw_header_right(struct grid *g, const struct frame *f, int used)
{
	char age[WHEN_TEXT], clock[WHEN_TEXT], api[48] = "", text[256];
	const struct view_header *h = f->header;
	if (h && h->api_remaining >= 0)
		snprintf(api, sizeof(api), "api %" PRId64 "  ", h->api_remaining);
	snprintf(text, sizeof(text), "%s %s  age %s  %s%s", f->read_only ? "RO" : "RW", f->who,
		 age_words(h, age), api, when_hhmm(f->now, clock));
	if (text_width(text) > g->cols - used - 1)
		snprintf(text, sizeof(text), "%s  age %s  %s", f->read_only ? "RO" : "RW", age_words(h, age),
			 clock);
	if (text_width(text) > g->cols - used - 1)
		snprintf(text, sizeof(text), "age %s", age_words(h, age));
	grid_put_right(g, 0, used, g->cols - used - 1, ROLE_TITLE, text);
}

static void draw_header(struct grid *g, const struct frame *f)
{
	int col = 1;
	if (f->header && f->header->drill)
		col += grid_printf(g, 0, col, -1, ROLE_DRILL, "DRILL %s", f->header->drill) + 2;
	col += grid_put(g, 0, col, -1, ROLE_TITLE, f->place) + 2;
	if (*f->filter)
		col += grid_printf(g, 0, col, 30, ROLE_INPUT, "/%s", f->filter) + 2;
	if (f->header && g->cols >= 60)
		col += draw_counts(g, 0, col, f->header);
	draw_header_right(g, f, col);
}

static void draw_keys(struct grid *g, const struct frame *f, int row)
{
	int col = 1;
	for (int i = 0; i < f->keys_n; i++) {
		int need = text_width(f->keys[i].key) + 1 + text_width(f->keys[i].what);
		if (col + need >= g->cols)
			break;
		col += grid_put(g, row, col, -1, ROLE_KEY, f->keys[i].key) + 1;
		col += grid_put(g, row, col, -1, ROLE_TEXT, f->keys[i].what) + 2;
	}
}

static void draw_message(struct grid *g, const struct frame *f, int row)
{
	if (f->prompt) {
		int col = grid_put(g, row, 1, -1, ROLE_KEY, f->prompt) + 1;
		col += grid_put(g, row, col, -1, ROLE_INPUT, f->typed);
		grid_put(g, row, col, -1, ROLE_INPUT, "_");
		return;
	}
	if (*f->message)
		grid_put(g, row, 1, g->cols - 2, f->message_role, f->message);
	else if (*f->engine)
		grid_put(g, row, 1, g->cols - 2, ROLE_STALE, f->engine);
	else if (f->header && *f->header->banner)
		grid_put(g, row, 1, g->cols - 2, ROLE_STALE, f->header->banner);
}

bool frame_tiny(struct grid *g, const struct frame *f)
{
	if (g->rows >= 8 && g->cols >= 40)
		return false;
	int col = 0;
	if (f->header && f->header->drill)
		col += grid_put(g, 0, col, -1, ROLE_DRILL, "DRILL ");
	if (f->header)
		col += draw_counts(g, 0, col, f->header);
	if (f->header && col <= 6)
		grid_printf(g, 0, col, -1, ROLE_OK, "OK %d", f->header->counts[LANE_OK]);
	if (!f->header)
		grid_put(g, 0, col, -1, ROLE_STALE, "never synced");
	return true;
}

struct rect frame_draw(struct grid *g, const struct frame *f)
{
	draw_header(g, f);
	draw_message(g, f, g->rows - 2);
	draw_keys(g, f, g->rows - 1);
	return (struct rect){ .row = 1, .col = 0, .rows = g->rows - 3, .cols = g->cols };
}
