#include "tui/app.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define PLACE_WORDS (sizeof(((struct place *)0)->words) + 16) /* and the screen's */

static const char *place_words(const struct app *app, char out[PLACE_WORDS])
{
	const struct place *p = app_here(app);
	if (p->screen == SCREEN_RUN)
		snprintf(out, PLACE_WORDS, "RUN %" PRId64, p->run);
	else if (app->shown.canary)
		snprintf(out, PLACE_WORDS, "%s %s", screen_words[p->screen], app->shown.canary->lane);
	else if (p->lane[0])
		snprintf(out, PLACE_WORDS, "%s %s", screen_words[p->screen], p->words);
	else
		snprintf(out, PLACE_WORDS, "%s", screen_words[p->screen]);
	return out;
}

static const char *const sheet_words[] = {
	[SHEET_NONE] = "",           [SHEET_PLAN] = "PLAN",     [SHEET_WHY] = "WHY",
	[SHEET_HELP] = "HELP",       [SHEET_LOG] = "LOG",       [SHEET_TEXT] = "BRIEF",
	[SHEET_OUTCOME] = "OUTCOME", [SHEET_FORM] = "INPUTS",   [SHEET_WHAT_IF] = "WHAT-IF",
	[SHEET_PROOF] = "PROOF",     [SHEET_ATTEST] = "ATTEST",
};

/* 80 columns: list over the why pane. 120: list beside it. 160x40: lanes and why over runs and events. */
static void draw_lanes(struct app *app, struct grid *g, struct rect r)
{
	struct list *l = &app_place(app)->list;
	const struct lane_row *lane =
		app->pane_at < app_rows(app) ? &app->shown.lanes.items[app->pane_at] : NULL;
	int pane = r.rows >= 24 ? 7 : r.rows >= 20 ? 6 : r.rows >= 16 ? 5 : 0;
	if (r.cols >= 160 && r.rows >= 36) {
		int top = r.rows * 6 / 10, left = r.cols / 2;
		screen_lanes(g, (struct rect){ r.row, r.col, top, left }, &app->shown.lanes, l);
		if (lane)
			pane_lane(g, (struct rect){ r.row, left + 1, top, r.cols - left - 1 }, lane);
		struct list none = { .cursor = -1 };
		grid_rule(g, r.row + top, 0, left, lane ? lane->name : "runs");
		screen_runs(g, (struct rect){ r.row + top + 1, 0, r.rows - top - 1, left }, &app->shown.runs,
			    &none);
		pane_events(g, (struct rect){ r.row + top, left + 1, r.rows - top, r.cols - left - 1 },
			    &app->shown.events);
		return;
	}
	if (r.cols >= 120) {
		int left = 90 + (r.cols - 120) / 2;
		screen_lanes(g, (struct rect){ r.row, r.col, r.rows, left }, &app->shown.lanes, l);
		if (lane)
			pane_lane(g, (struct rect){ r.row, left + 1, r.rows, r.cols - left - 1 }, lane);
		return;
	}
	screen_lanes(g, (struct rect){ r.row, r.col, r.rows - pane, r.cols }, &app->shown.lanes, l);
	if (lane && pane)
		pane_lane(g, (struct rect){ r.row + r.rows - pane, r.col, pane, r.cols }, lane);
}

static void draw_runs(struct app *app, struct grid *g, struct rect r)
{
	screen_runs(g, r, &app->shown.runs, &app_place(app)->list);
}

/* A pane of what the row under the cursor means, where there is room; returns the room for the list. */
static struct rect split_pane(struct rect r, struct rect *pane)
{
	int rows = r.rows >= 16 ? 6 : 0;
	*pane = (struct rect){ r.row + r.rows - rows, r.col, rows, r.cols };
	return (struct rect){ r.row, r.col, r.rows - rows, r.cols };
}

static void draw_gates(struct app *app, struct grid *g, struct rect r)
{
	struct rect pane, list = split_pane(r, &pane);
	int at = app->pane_at;
	screen_gates(g, list, &app->shown.gates, &app_place(app)->list);
	if (pane.rows && at < app_rows(app))
		pane_gate(g, pane, &app->shown.gates.items[at]);
}

static void draw_journal(struct app *app, struct grid *g, struct rect r)
{
	struct rect pane, list = split_pane(r, &pane);
	int at = app->pane_at;
	/* Whoever was told UNKNOWN is sent here: that nothing waits is not that nothing was done. */
	if (app_here(app)->screen == SCREEN_OUTBOX && app->shown.has_header && !app->shown.intents.n)
		screen_empty(g, r,
			     "Nothing is unsettled: no act of this machine waits for its outcome. 7 shows "
			     "all that were sent.");
	else
		screen_journal(g, list, &app->shown.intents, &app_place(app)->list);
	if (pane.rows && at < app_rows(app))
		pane_intent(g, pane, &app->shown.intents.items[at]);
}

/* 80 columns: list over the row's detail. 120: beside it. 160: the detail over how the row's lane goes back. */
static void draw_drift(struct app *app, struct grid *g, struct rect r)
{
	const struct drift_rows *v = &app->shown.drift;
	const struct drift_row *at = app->pane_at < app_rows(app) ? &v->items[app->pane_at] : NULL;
	int pane = r.rows >= 16 ? 7 : 0, left = r.cols >= 160 ? r.cols - 80 : r.cols * 2 / 3;
	struct rect list = { r.row, r.col, r.rows - pane, r.cols };
	struct rect detail = { r.row + r.rows - pane, r.col, pane, r.cols };
	if (r.cols >= 120) {
		list = (struct rect){ r.row, r.col, r.rows, left };
		detail = (struct rect){ r.row, left + 1, r.rows, r.cols - left - 1 };
	}
	screen_drift(g, list, v, &app_place(app)->list);
	if (!at)
		return;
	if (r.cols >= 160 && r.rows >= 24 && app_lane(app)) {
		struct rect lane = { r.row + 10, left + 1, r.rows - 10, r.cols - left - 1 };
		detail.rows = 9;
		pane_lane(g, lane, app_lane(app));
	}
	pane_drift(g, detail, at);
}

static void draw_readiness(struct app *app, struct grid *g, struct rect r)
{
	const struct back_lines *v = &app->shown.backs;
	struct rect pane, list = split_pane(r, &pane);
	screen_readiness(g, list, v, &app_place(app)->list);
	if (pane.rows && app->pane_at < app_rows(app))
		pane_condition(g, pane, &v->items[app->pane_at]);
}

static void draw_proof(struct app *app, struct grid *g, struct rect r)
{
	const struct lane_row *lane = app_lane_rested(app);
	const char *none = app->shown.no_proof;
	if (*app->filter && none && !*none)
		none = "nothing matches the filter";
	screen_proof(g, r, &app->shown.proofs, &app_place(app)->list, app->pane_at, lane ? lane->repo : "",
		     none && *none ? none : NULL);
}

static void draw_attest(struct app *app, struct grid *g, struct rect r)
{
	screen_attest(g, r, &app->shown.fleet, &app_place(app)->list, app->pane_at, &app->shown.machine,
		      app_here(app)->words);
}

static void draw_canary(struct app *app, struct grid *g, struct rect r)
{
	struct place *p = app_place(app);
	char text[800];
	if (app->shown.canary) {
		screen_canary(g, r, app->shown.canary, &p->list, app->pane_at,
			      (p->zoomed ? CANARY_ZOOMED : 0) | (app->o->mono ? CANARY_MONO : 0));
	} else if (p->lane[0]) {
		snprintf(text, sizeof(text),
			 "%s never had a canary: its profile names no ladder, or nobody has looked yet. 4 "
			 "shows those "
			 "that there are, Ctrl-r reads the forge.",
			 p->words);
		screen_empty(g, r, text);
	} else {
		screen_canaries(g, r, &app->shown.canaries, &p->list);
	}
}

static void draw_run(struct app *app, struct grid *g, struct rect r)
{
	if (app->shown.has_run)
		screen_run(g, r, &app->shown.run, &app_place(app)->list);
	else
		screen_empty(g, r, "This run is not in the cache; Ctrl-r reads the forge.");
}

static void (*const drawers[SCREEN_MAX_])(struct app *app, struct grid *g, struct rect r) = {
	[SCREEN_LANES] = draw_lanes,     [SCREEN_RUNS] = draw_runs,           [SCREEN_GATES] = draw_gates,
	[SCREEN_JOURNAL] = draw_journal, [SCREEN_OUTBOX] = draw_journal,      [SCREEN_RUN] = draw_run,
	[SCREEN_DRIFT] = draw_drift,     [SCREEN_READINESS] = draw_readiness, [SCREEN_CANARY] = draw_canary,
	[SCREEN_PROOF] = draw_proof,     [SCREEN_ATTEST] = draw_attest,
};

static void draw_sheet(struct app *app, struct grid *g, struct rect r)
{
	if (app->prompt == PROMPT_CONFIRM) {
		int field = r.rows < 9 ? r.rows : 4; /* five rows of the plan, or no field */
		sheet_draw(g, (struct rect){ r.row, r.col, r.rows - field, r.cols }, &app->lines, &app->top);
		sheet_confirm(g, (struct rect){ r.row + r.rows - field, r.col, field, r.cols }, &app->plan,
			      &app->confirm, clock_mono(&app->clock));
		return;
	}
	if (app->sheet == SHEET_FORM) {
		screen_form(g, r, &app->form);
		return;
	}
	sheet_draw(g, r, &app->lines, &app->top);
}

static const char *prompt_mark(const struct app *app)
{
	static const char *const marks[] = {
		[PROMPT_NONE] = NULL,     [PROMPT_FILTER] = "/",   [PROMPT_COMMAND] = ":",
		[PROMPT_REASON] = "why?", [PROMPT_CONFIRM] = NULL,
	};
	return app->prompt == PROMPT_REASON ? app->pending_what : marks[app->prompt];
}

struct drawn {
	struct frame frame;
	struct view_header drill_only;
	char place[PLACE_WORDS];
	struct key_hint hints[16];
};

static void make_frame(const struct app *app, struct drawn *d)
{
	d->frame = (struct frame){
		.header = app->shown.has_header ? &app->shown.header : NULL,
		.place = app->sheet ? sheet_words[app->sheet] : place_words(app, d->place),
		.who = app->o->who ? app->o->who : "",
		.read_only = app->o->read_only,
		.now = clock_wall(&app->clock),
		.filter = app->sheet ? "" : app->filter,
		.engine = app->engine,
		.message = app->message,
		.message_role = app->message_role,
		.prompt = prompt_mark(app),
		.typed = app->typed,
		.keys = d->hints,
	};
	if (d->frame.header || !app->o->drill)
		return;
	d->drill_only = (struct view_header){ .drill = app->o->drill,
					      .age_ms = -1,
					      .api_remaining = -1,
					      .login = "",
					      .con = "",
					      .banner = "" };
	d->frame.header = &d->drill_only;
}

/* "Nothing waits for a person" must not be what a filter makes of a gate. A fleet, and what has no proof, say it themselves. */
static bool filter_hides(const struct app *app)
{
	const struct shown *v = &app->shown;
	return *app->filter && v->has_header && !app_rows(app) && !v->canary &&
	       app_here(app)->screen != SCREEN_ATTEST && !(v->no_proof && *v->no_proof);
}

void app_draw_to(struct app *app, struct grid *g)
{
	struct drawn d;
	make_frame(app, &d);
	d.frame.keys_n = app_hints(app, d.hints);
	grid_clear(g);
	app->confirm.fits = false;
	if (frame_tiny(g, &d.frame)) {
		if (app->prompt == PROMPT_CONFIRM)
			grid_put(g, g->rows > 1, 0, -1, ROLE_FAIL, "too small to confirm");
		return;
	}
	struct rect r = frame_draw(g, &d.frame);
	if (app->sheet)
		draw_sheet(app, g, r);
	else if (app->shown.unread)
		screen_empty(g, r, app->shown.unread);
	else if (filter_hides(app))
		screen_empty(g, r, "Nothing here matches the filter; Esc clears it, / changes it.");
	else
		drawers[app_here(app)->screen](app, g, r);
}

void app_draw(struct app *app)
{
	app->must_draw = app->must_head = false;
	app_draw_to(app, &app->grid);
	if (!painter_paint(app->painter, &app->grid))
		app->confirm.fits = false; /* not to be seen yet: not to be confirmed */
}

void app_draw_header_to(struct app *app, struct grid *g)
{
	struct drawn d;
	app->must_head = false;
	make_frame(app, &d);
	if (!frame_tiny(g, &d.frame))
		frame_header(g, &d.frame);
}

void app_draw_header(struct app *app)
{
	app_draw_header_to(app, &app->grid);
	(void)!painter_paint_top(app->painter, &app->grid);
}
