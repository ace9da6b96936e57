/*
 * hints.c - the key line: what the row takes on which the cursor rests, most useful first. It stays while the cursor moves,
 * so that a move costs a marker; a key that the row under the cursor does not take says why.
 */
#include "tui/app.h"

#include <string.h>

static void hint(struct key_hint *out, int *n, const char *key, const char *what)
{
	if (*n < 16)
		out[(*n)++] = (struct key_hint){ key, what };
}

static bool a_gate_is_mine(const struct app *app)
{
	const struct place *p = app_here(app);
	const struct gate_row *one = p->screen == SCREEN_RUN ? app_gate(app) : NULL;
	vec_each (g, &app->shown.gates)
		if (g->can_approve && (p->screen != SCREEN_RUN || g == one) &&
		    (!p->lane[0] || !strcmp(g->lane, p->lane)))
			return true;
	return false;
}

/* What the profile gives a lane, and nothing holds; a lane whose profile is not known takes what production takes. */
static bool lane_starts(const struct lane_row *l, const char *how)
{
	return !strcmp(l->starts, how) || (!*l->starts && l->production && !strcmp(how, "dispatch"));
}

static void lane_hints(const struct app *app, const struct lane_row *l, struct key_hint *out, int *n)
{
	if (l && l->guard)
		hint(out, n, "S", "disarm");
	if (!l || *l->unsettled)
		return;
	if (l->state != LANE_HOLD && !l->canary && lane_starts(l, "dispatch"))
		hint(out, n, "D", "dispatch");
	if (l->state != LANE_HOLD && lane_starts(l, "merge"))
		hint(out, n, "M", "release PR");
	if (l->canary && app_here(app)->screen != SCREEN_CANARY)
		hint(out, n, "4", "canary");
	if (!l->guard && l->canary && app_here(app)->screen == SCREEN_CANARY)
		hint(out, n, "S", "guard");
	if (*l->back)
		hint(out, n, "B", "roll back");
	if (l->locked)
		hint(out, n, "L", "unlock");
}

static void act_hints(const struct app *app, struct key_hint *out, int *n)
{
	if (app->o->read_only)
		return;
	struct key_hint steers[3];
	int steered = steer_hints(app, steers);
	if (a_gate_is_mine(app)) {
		hint(out, n, "A", "approve");
		if (!steered)
			hint(out, n, "X", "reject");
	}
	for (int i = 0; i < steered; i++)
		hint(out, n, steers[i].key, steers[i].what);
	if (app_here(app)->screen == SCREEN_RUN && app->shown.has_run)
		hint(out, n, app->shown.run.run.status_value == RUN_COMPLETED ? "R" : "K",
		     app->shown.run.run.status_value == RUN_COMPLETED ? "rerun" : "cancel");
	lane_hints(app, app_lane_rested(app), out, n);
}

static int sheet_hints(const struct app *app, struct key_hint *out)
{
	int n = 0;
	if (app->prompt == PROMPT_CONFIRM && confirm_void(&app->confirm, clock_mono(&app->clock))) {
		hint(out, &n, "Enter", "plan again");
		hint(out, &n, "Esc", "leave, nothing was sent");
		return n;
	}
	if (app->prompt == PROMPT_CONFIRM) {
		hint(out, &n, "Esc", "leave, nothing was sent");
		hint(out, &n, "PgDn", "read on");
		hint(out, &n, confirm_why_key(&app->confirm), app->plan_tree ? "plan" : "why");
		if (app->plan.inputs_n)
			hint(out, &n, "Tab", "change inputs");
		return n;
	}
	if (app->sheet == SHEET_FORM) {
		hint(out, &n, "Enter", "plan again");
		hint(out, &n, "Esc", "leave, nothing was sent");
		hint(out, &n, "Up Down", "fields");
		hint(out, &n, "Left Right", "choices");
		return n;
	}
	if (app->sheet == SHEET_PLAN && !app->committing)
		hint(out, &n, "w", app->plan_tree ? "plan" : "why");
	if (app->sheet == SHEET_PLAN && app->plan.inputs_n && !app->committing)
		hint(out, &n, "i", "change inputs");
	if (app->sheet == SHEET_PLAN && !app->committing)
		hint(out, &n, "e", "proof");
	if (app->sheet == SHEET_LOG)
		hint(out, &n, "n", "next error");
	n += act_outcome_hints(app, out + n);
	hint(out, &n, "j/k", "scroll");
	hint(out, &n, "Esc", "close");
	return n;
}

static const char *enter_words(const struct app *app)
{
	if (app->shown.canary)
		return app_here(app)->zoomed ? "whole canary" : "plot";
	if (app_here(app)->screen == SCREEN_PROOF || app_here(app)->screen == SCREEN_ATTEST)
		return attest_enter_words(app);
	return app_here(app)->screen == SCREEN_RUN ? "log" : "open";
}

int app_hints(const struct app *app, struct key_hint out[16])
{
	int n = 0;
	if (app->sheet)
		return sheet_hints(app, out);
	if (app->shown.has_header && app->shown.header.needs_me)
		hint(out, &n, ".", "needs you");
	bool machines = app_here(app)->screen == SCREEN_ATTEST; /* none of them takes an act */
	if (!machines)
		act_hints(app, out, &n);
	if (app_rows(app))
		hint(out, &n, "Enter", enter_words(app));
	else
		hint(out, &n, "Ctrl-r", "read the forge");
	if (machines)
		hint(out, &n, "z", "settings");
	if (app->depth || app->filter[0])
		hint(out, &n, "Esc", "back");
	if (machines)
		act_hints(app, out, &n);
	hint(out, &n, "1 2 3 4 5 6 7", "screens");
	hint(out, &n, "w", "why");
	if (app_here(app)->screen != SCREEN_READINESS)
		hint(out, &n, "b", "way back");
	hint(out, &n, "/", "filter");
	hint(out, &n, ":", "command");
	hint(out, &n, "?", "help");
	hint(out, &n, "q", "quit");
	return n;
}
