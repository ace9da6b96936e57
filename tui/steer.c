/*
 * steer.c - the keys that steer a canary: H holds it or lets it go on, P promotes, X aborts it and goes back. Which of them
 * the lane can do, and by what, is the plan's to say.
 */
#include "tui/app.h"

#include <stdio.h>
#include <string.h>

#include "core/view/canary.h"

/* Of the canary that is shown, or of the lane's in the cache; CANARY_ABSENT: it has none under way. */
static int phase_of(const struct app *app, const char *lane)
{
	struct canary_list all = { 0 };
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	int phase = CANARY_ABSENT;
	if (app->shown.canary && !strcmp(app->shown.canary->lane, lane))
		return app->shown.canary->live ? app->shown.canary->phase : CANARY_ABSENT;
	if (app->store && view_canaries(&all, app->store, clock_wall(&app->clock), &a, &e) == 0)
		vec_each (c, &all)
			if (c->live && !strcmp(c->lane, lane))
				phase = c->phase_value;
	arena_done(&a);
	return phase;
}

/* A gate under the cursor is rejected; on the canary's own screen the key is about the canary. */
bool steer_takes_reject(const struct app *app)
{
	const struct lane_row *lane = app_lane(app);
	if (!lane || (app_here(app)->screen != SCREEN_CANARY && app_gate(app)))
		return false;
	return app_here(app)->screen == SCREEN_CANARY || phase_of(app, lane->name) != CANARY_ABSENT;
}

bool steer_start(struct app *app, enum command_id id)
{
	char line[TYPED_MAX];
	const struct lane_row *lane = app_lane(app);
	const char *verb = id == CMD_HOLD ? "hold" : id == CMD_PROMOTE ? "promote" : "abort";
	if (id != CMD_HOLD && id != CMD_PROMOTE && id != CMD_ABORT)
		return false;
	if (!lane) {
		app_say(app, ROLE_DIM, "no lane is under the cursor");
		return true;
	}
	bool held = id == CMD_HOLD && phase_of(app, lane->name) == CANARY_HELD;
	snprintf(line, sizeof(line), "%s %s%s", held ? "resume" : verb, lane->name,
		 id == CMD_ABORT && *lane->back ? " --rollback" : "");
	if (held || id == CMD_PROMOTE)
		act_plan(app, line);
	else
		app_ask_reason(app, line, arena_printf(&app->arena, "%s: why?", line));
	return true;
}

/* What the canary on the screen takes. Returns how many of out are filled. */
int steer_hints(const struct app *app, struct key_hint out[3])
{
	const struct canary_view *v = app->shown.canary;
	if (!v || !v->live || app_here(app)->screen != SCREEN_CANARY)
		return 0;
	int n = 0;
	if (v->phase == CANARY_HELD || v->can_hold)
		out[n++] = (struct key_hint){ "H", v->phase == CANARY_HELD ? "resume" : "hold" };
	out[n++] = (struct key_hint){ "P", "promote" };
	const struct lane_row *lane = app_lane(app);
	out[n++] = (struct key_hint){ "X", lane && *lane->back ? "abort + back" : "abort" };
	return n;
}

bool steer_has_canary(const struct app *app, const char *lane)
{
	struct canary_list all = { 0 };
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	bool has = false;
	if (app->store && view_canaries(&all, app->store, clock_wall(&app->clock), &a, &e) == 0)
		vec_each (c, &all)
			has |= !strcmp(c->lane, lane);
	arena_done(&a);
	return has;
}
