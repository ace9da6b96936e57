/*
 * idle.c - a minute in which nothing happened. Screens tell ages in minutes, so every minute is drawn; but a console that
 * nobody touches may cost next to nothing (a cold page is dearer than the instructions on it), so what is kept is kept:
 * of the lanes only their ages are read, and mostly the header alone is drawn. Whatever is not known to be the same is
 * read again, and what time itself changes is read again when it does (view_lanes_age).
 */
#include "tui/app.h"

/* The plain table of all lanes, and nothing that tells an age of another kind. */
static bool is_plain(const struct app *app)
{
	const struct shown *v = &app->shown;

	return app->store && v->has_header && !app->must_draw && !app->other_rows &&
	       app_here(app)->screen == SCREEN_LANES && !app_is_wide(app) && !*app->filter &&
	       app->sheet == SHEET_NONE && app->prompt == PROMPT_NONE && !v->gates.n && v->lanes.n;
}

/* 0 with *words; 1 all is to be read. One statement is its own snapshot: a transaction around it would cost as much again,
 * and a minute in which the engine read the forge has a new version anyway. */
static int read_ages(struct app *app, struct when now, bool *words, struct err *e)
{
	struct shown *v = &app->shown;
	struct store *s = app->generation < 0 ? NULL : app->store;

	if (when_diff(now, app->read) < 0 ||
	    (s ? !store_in_place(s) : store_version(app->store) != app->version))
		return 1;
	return view_lanes_age(&v->lanes, &v->header, s, app->generation, now, words, &app->arena, e);
}

void app_look(struct app *app)
{
	struct when now = clock_wall(&app->clock);
	struct err e = ERR_INIT; /* of the same store, and said by the reading that follows */
	bool words = false;

	app->must_look = false;
	if (!is_plain(app) || read_ages(app, now, &words, &e) != 0) {
		app->must_load = true;
		return;
	}
	app->read = now;
	if (words) {
		app_place(app)->list.measured = false;
		app->must_draw = true;
	} else {
		app->must_head = true;
	}
}
