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

/* Who is captain now. */
static int draw_con(struct grid *g, int col, const char *con)
{
	char text[64];

	if (!con || !*con)
		return 0;
	snprintf(text, sizeof(text), "CON %.40s  ", con);
	if (g)
		grid_put(g, 0, col, -1, ROLE_TITLE, text);
	return text_width(text);
}

/* "FAIL 1  WAIT 2": states that are there, OK and what is calm left out; "!1 ?2" where it is narrow. Draws only when g is
 * not NULL; returns the cells. */
static int draw_counts(struct grid *g, int col, const struct view_header *h, bool words)
{
	int start = col;
	char text[32];
	if (h->alarms) {
		snprintf(text, sizeof(text), words ? "ALARMS %d  " : "A%d ", h->alarms);
		if (g)
			grid_put(g, 0, col, -1, ROLE_FAIL, text);
		col += text_width(text);
	}
	for (int s = LANE_FAIL; s < LANE_OK; s++) {
		if (!h->counts[s])
			continue;
		if (words)
			snprintf(text, sizeof(text), "%s %d  ", names_word(&lane_state_names, s),
				 h->counts[s]);
		else
			snprintf(text, sizeof(text), "%c%d ", lane_state_glyph((enum lane_state)s),
				 h->counts[s]);
		if (g)
			grid_put(g, 0, col, -1, role_of_state((enum lane_state)s), text);
		col += text_width(text);
	}
	if (h->frozen) {
		snprintf(text, sizeof(text), words ? "FROZEN %d  " : "F%d ", h->frozen);
		if (g)
			grid_put(g, 0, col, -1, ROLE_HOLD, text);
		col += text_width(text);
	}
	if (h->guards) {
		snprintf(text, sizeof(text), words ? "GUARD %d  " : "G%d ", h->guards);
		if (g)
			grid_put(g, 0, col, -1, ROLE_HOLD, text);
		col += text_width(text);
	}
	return col - start + draw_con(g, col, words ? h->con : NULL);
}

static const char *age_words(const struct view_header *h, char out[64])
{
	char age[WHEN_TEXT];
	if (!h || h->age_ms < 0)
		snprintf(out, 64, "never synced");
	else
		snprintf(out, 64, "age %s", when_age_minutes(h->age_ms, age));
	return out;
}

enum right_part { RIGHT_HOST = 1, RIGHT_WHO = 2, RIGHT_API = 4, RIGHT_CLOCK = 8 };

static void right_words(const struct frame *f, unsigned parts, char *out, size_t n)
{
	char age[64], clock[WHEN_TEXT], api[48] = "", who[160] = "";
	const struct view_header *h = f->header;
	if ((parts & RIGHT_API) && h && h->api_remaining >= 0)
		snprintf(api, sizeof(api), "  api %" PRId64, h->api_remaining);
	if (parts & (RIGHT_WHO | RIGHT_HOST))
		snprintf(who, sizeof(who), " %.*s",
			 (int)(parts & RIGHT_HOST ? strlen(f->who) : strcspn(f->who, "@")), f->who);
	snprintf(out, n, "%s%.80s  %s%s%s%s",
		 f->read_only ? "RO"
		 : *f->engine ? "NO ENGINE"
			      : "RW",
		 who, age_words(h, age), api, parts & RIGHT_CLOCK ? "  " : "",
		 parts & RIGHT_CLOCK ? when_hhmm(f->now, clock) : "");
}

/* What gives way first when the header is too narrow; age and RW or RO never do. */
static const struct header_fit {
	bool scenario;
	int counts; /* 2 words, 1 glyphs, 0 none */
	unsigned right;
} header_fits[] = {
	{ true, 2, RIGHT_HOST | RIGHT_API | RIGHT_CLOCK },
	{ true, 2, RIGHT_WHO | RIGHT_API | RIGHT_CLOCK },
	{ true, 2, RIGHT_WHO | RIGHT_CLOCK },
	{ false, 2, RIGHT_WHO | RIGHT_API | RIGHT_CLOCK },
	{ false, 2, RIGHT_WHO | RIGHT_CLOCK },
	{ false, 2, RIGHT_CLOCK },
	{ false, 1, RIGHT_CLOCK },
	{ false, 1, 0 },
	{ false, 0, 0 },
};

static int draw_header_left(struct grid *g, const struct frame *f, const struct header_fit *fit, int most)
{
	const struct view_header *h = f->header;
	struct arena a = ARENA_INIT;
	char text[256];
	int col = 1;
	if (h && h->drill) {
		snprintf(text, sizeof(text), fit->scenario ? "DRILL %.200s" : "DRILL", h->drill);
		if (g)
			grid_put(g, 0, col, -1, ROLE_DRILL, text);
		col += text_width(text) + 2;
	}
	const char *place = text_cut_middle(&a, f->place, most);
	if (g)
		grid_put(g, 0, col, -1, ROLE_TITLE, place);
	col += text_width(place) + 2;
	if (*f->filter) {
		snprintf(text, sizeof(text), "/%.40s", f->filter);
		if (g)
			grid_put(g, 0, col, -1, ROLE_INPUT, text);
		col += text_width(text) + 2;
	}
	arena_done(&a);
	return h && fit->counts ? col + draw_counts(g, col, h, fit->counts == 2) : col;
}

static void draw_header(struct grid *g, const struct frame *f)
{
	char right[256];
	const struct header_fit *fit = header_fits;
	int most = g->cols / 2 > 12 ? g->cols / 2 : 12;
	for (;; fit++) {
		right_words(f, fit->right, right, sizeof(right));
		bool last = fit == &header_fits[countof(header_fits) - 1];
		if (last || draw_header_left(NULL, f, fit, most) + text_width(right) + 1 <= g->cols)
			break;
	}
	draw_header_left(g, f, fit, most);
	int start = g->cols - 2 - text_width(right);
	grid_fill(g, 0, start > 0 ? start : 0, 1, ROLE_TEXT, "");
	grid_put_right(g, 0, 0, g->cols - 1, ROLE_TITLE, right);
}

static int draw_key(struct grid *g, int row, int col, const struct key_hint *k)
{
	int start = col;
	col += grid_put(g, row, col, -1, ROLE_KEY, k->key) + 1;
	col += grid_put(g, row, col, -1, ROLE_TEXT, k->what) + 2;
	return col - start;
}

static int key_cells(const struct key_hint *k)
{
	return text_width(k->key) + 1 + text_width(k->what);
}

/* As many as have room, the way to all others (help) always among them. */
static void draw_keys(struct grid *g, const struct frame *f, int row)
{
	const struct key_hint *help = NULL;
	for (int i = 0; i < f->keys_n; i++)
		if (!strcmp(f->keys[i].key, "?"))
			help = &f->keys[i];
	int col = 1, end = g->cols - 1 - (help ? key_cells(help) + 2 : 0);
	for (int i = 0; i < f->keys_n; i++)
		if (&f->keys[i] != help && col + key_cells(&f->keys[i]) <= end)
			col += draw_key(g, row, col, &f->keys[i]);
	if (help)
		draw_key(g, row, col, help);
}

/* What is asked, cut in its middle, and the end of what is typed: one types at the end. */
static void draw_prompt(struct grid *g, const struct frame *f, int row)
{
	struct arena a = ARENA_INIT;
	const char *typed = f->typed;
	bool asks = text_width(f->prompt) > 1; /* ":" and "/" stand at what they begin */
	int col = 1 +
		  grid_put(g, row, 1, -1, ROLE_KEY,
			   text_cut_middle(&a, f->prompt, g->cols > 48 ? g->cols - 24 : g->cols / 2)) +
		  asks;
	int room = g->cols - col - 2;
	while (room > 0 && text_width(typed) > room)
		typed += text_next(typed, strlen(typed), &(uint32_t){ 0 }, &(int){ 0 });
	col += grid_put(g, row, col, -1, ROLE_INPUT, typed);
	grid_put(g, row, col, -1, ROLE_INPUT, "_");
	arena_done(&a);
}

/* A sentence is read to its end: what is too long for a row takes more of them from the screen, to a quarter of all.
 * Returns how many. */
static int draw_message(struct grid *g, const struct frame *f, int last)
{
	if (f->prompt) {
		draw_prompt(g, f, last);
		return 1;
	}
	const char *banner = f->header ? f->header->banner : "";
	const char *text = *f->message ? f->message : *f->engine ? f->engine : banner;
	enum role role = *f->message ? f->message_role : ROLE_STALE;
	int lines = grid_wrap(NULL, 0, 1, g->cols - 2, g->rows / 4, role, text);
	return lines ? grid_wrap(g, last - lines + 1, 1, g->cols - 2, lines, role, text) : 1;
}

bool frame_tiny(struct grid *g, const struct frame *f)
{
	if (g->rows >= 8 && g->cols >= 40)
		return false;
	int col = 0;
	if (f->header && f->header->drill)
		col += grid_put(g, 0, col, -1, ROLE_DRILL, "DRILL ");
	if (f->header)
		col += draw_counts(g, col, f->header, g->cols >= 40);
	if (f->header && col <= 6)
		grid_printf(g, 0, col, -1, ROLE_OK, "OK %d", f->header->counts[LANE_OK]);
	if (!f->header)
		grid_put(g, 0, col, -1, ROLE_STALE, "never synced");
	return true;
}

void frame_header(struct grid *g, const struct frame *f)
{
	grid_fill(g, 0, 0, -1, ROLE_TEXT, "");
	draw_header(g, f);
}

struct rect frame_draw(struct grid *g, const struct frame *f)
{
	draw_header(g, f);
	int used = draw_message(g, f, g->rows - 2);
	draw_keys(g, f, g->rows - 1);
	return (struct rect){ .row = 1, .col = 0, .rows = g->rows - 2 - used, .cols = g->cols };
}
