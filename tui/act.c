/*
 * act.c - three beats: a plan is asked for and read; it is confirmed by typing; the engine checks again, sends once and
 * says what became of it. The console itself never sends anything.
 */
#include "tui/app.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define FORM_LINE 8000 /* of the 8192 that command_split() takes */

void sheet_open(struct app *app, enum sheet_kind kind)
{
	app->sheet = kind;
	app->top = 0;
	sheet_fit(&app->lines, app->grid.cols, &app->top, &app->sheet_arena);
	app->must_draw = true;
}

void sheet_close(struct app *app)
{
	app->sheet = SHEET_NONE;
	app->must_draw = true;
}

static void say_error(struct app *app, const struct json *answer)
{
	const char *message = json_str(answer, "error.message"), *fix = json_str(answer, "error.fix");
	if (message)
		app_say(app, ROLE_FAIL, "%s%s%s", message, fix && *fix ? "; " : "", fix ? fix : "");
}

/* What is with the engine is said again after every key: the captain may look elsewhere, and must not forget it. */
void act_quiet(struct app *app)
{
	app->message[0] = 0;
	if (app->committing && app->act_argc)
		app_say(app, app->unanswered ? ROLE_UNKN : ROLE_RUN,
			"%s %s is with the engine%s: what becomes of it is told here", app->act_argv[0],
			app->act_argc > 1 ? app->act_argv[1] : "",
			app->unanswered ? ", which has not answered for 15 s" : "");
}

/* It may be stopped or stuck. What it has, it may still send: nothing is taken back here, and no twin is asked for. */
void act_on_quiet(void *ctx)
{
	struct app *app = ctx;
	app->unanswered = true;
	if (app->committing)
		act_quiet(app);
	else if (app->planning)
		app_say(app, ROLE_UNKN,
			"the engine has not answered for 15 s: the plan is not made, nothing was sent");
}

/* The words of a line as an argument vector that lives in the act's arena. */
static bool keep_argv(struct app *app, const char *line)
{
	const char **argv;
	int argc;
	struct command c;
	struct err e = ERR_INIT;
	if (command_split(&argv, &argc, line, &app->act_arena, &e) < 0 ||
	    command_parse(&c, argc, argv, &e) < 0) {
		app_say(app, ROLE_WAIT, "%s%s%s", e.message, *e.hint ? "; " : "", e.hint);
		return false;
	}
	if (argc + 3 > (int)countof(app->act_argv))
		return false;
	for (int i = 0; i < argc; i++)
		app->act_argv[i] = argv[i];
	app->act_argc = argc;
	return true;
}

static bool ask(struct app *app, int argc, const char *const *argv, const char *plan, client_reply fn)
{
	struct err e = ERR_INIT;
	if (client_ask(app->client, argc, argv, plan, fn, app, &e) < 0) {
		app_say(app, ROLE_FAIL, "%s", e.message);
		return false;
	}
	app->unanswered = false;
	timer_in(app->quiet, CLIENT_QUIET_MS);
	return true;
}

/* ---- beat one: the plan ---- */

/* Two faces of one plan: what is decided and sent, or the conditions one by one with source and age. */
void act_lines(struct app *app)
{
	struct why_rows rows = { 0 };
	if (!app->plan.plan_id)
		return; /* dropped: another is being made */
	arena_reset(&app->sheet_arena);
	app->lines = (struct lines){ 0 };
	if (app->plan_tree) {
		view_why_plan(&rows, &app->plan, &app->sheet_arena);
		sheet_why(&app->lines, &rows, app->grid.cols, &app->sheet_arena);
	} else {
		sheet_plan(&app->lines, &app->plan, app->grid.cols, &app->sheet_arena);
	}
	app->must_draw = true;
}

void act_turn(struct app *app)
{
	app->plan_tree = !app->plan_tree;
	app->top = 0;
	act_lines(app);
}

/* All that stands against it is that nobody said why: the same words with a reason would go. */
static bool lacks_reason(const struct plan_view *p)
{
	int lacking = 0;
	for (int i = 0; i < p->checks_n; i++) {
		const struct check_row *c = &p->checks[i];
		bool bad = c->status == CHECK_BAD || c->status == CHECK_MISSING;
		if (bad && !strstr(c->fix, "add --reason \"why\""))
			return false;
		lacking += bad;
	}
	return lacking > 0;
}

static void offer_reason(struct app *app)
{
	struct buf line = BUF_INIT(TYPED_MAX - 1);
	bool given = false;
	for (int i = 0; i < app->act_argc; i++) {
		given |= text_starts(app->act_argv[i], "--reason");
		if (i)
			buf_chr(&line, ' ');
		command_quote(&line, app->act_argv[i]);
	}
	if (!given && !line.over && app->prompt == PROMPT_NONE)
		app_ask_reason(app, line.s,
			       arena_printf(&app->act_arena, "%s knowingly: why?", app->plan.act));
	buf_done(&line);
}

static void on_plan(void *ctx, const struct json *answer)
{
	struct app *app = ctx;
	const struct json *result = json_get(answer, "result");
	struct err e = ERR_INIT;
	app->planning = false;
	if (!answer) {
		app_say(app, ROLE_FAIL, "the engine ended before the plan was made; nothing was sent");
		return;
	}
	if (!json_get(result, "checks")) {
		say_error(app, answer);
		return;
	}
	if (view_plan(&app->plan, result, clock_wall(&app->clock), &app->act_arena, &e) < 0) {
		app_say(app, ROLE_FAIL, "%s", e.message);
		return;
	}
	if (app->prompt == PROMPT_CONFIRM)
		app->prompt = PROMPT_NONE; /* of the void plan that this one replaces */
	app->plan_tree = false;
	act_lines(app);
	sheet_open(app, SHEET_PLAN);
	app->message[0] = 0;
	if (!app->plan.go || !*app->plan.confirm) {
		say_error(app, answer);
		if (!app->message[0])
			app_say(app, ROLE_FAIL, "verdict %s: this cannot be sent", app->plan.verdict);
		if (lacks_reason(&app->plan))
			offer_reason(app);
		return;
	}
	confirm_open(&app->confirm, app->plan.confirm, clock_mono(&app->clock));
	app->prompt = PROMPT_CONFIRM;
	timer_in(app->confirm_timer, CONFIRM_ARMING_MS);
}

/* A void plan keeps its place, so that what is still being typed is no key of the screen below. */
static void drop_plan(struct app *app)
{
	if (app->prompt != PROMPT_CONFIRM) {
		sheet_close(app);
		return;
	}
	arena_reset(&app->sheet_arena);
	app->lines = (struct lines){ 0 };
	app->plan = (struct plan_view){ .act = "" };
	app->top = 0;
}

void act_plan(struct app *app, const char *line)
{
	const char *argv[80] = { "plan" };
	if (app->o->read_only) {
		app_say(app, ROLE_WAIT, "this console is read-only: there are no acts");
		return;
	}
	if (app->committing) {
		app_say(app, ROLE_UNKN, "an act is under way: wait for what becomes of it");
		return;
	}
	if (app->planning) {
		app_say(app, ROLE_WAIT, "the plan before this one is still being made");
		return;
	}
	if (app->sheet == SHEET_PLAN)
		drop_plan(app); /* its words go now; a form has its own */
	arena_reset(&app->act_arena);
	app->outcome = (struct outcome){ 0 };
	if (!keep_argv(app, line))
		return;
	for (int i = 0; i < app->act_argc; i++)
		argv[i + 1] = app->act_argv[i];
	app_say(app, ROLE_DIM, "reading what this act rests on");
	app->plan_asked = clock_mono(&app->clock);
	app->planning = ask(app, app->act_argc + 1, argv, NULL, on_plan);
}

/* ---- beat two and three: confirm, then the engine sends ---- */

/* As it is typed here: with a colon. */
static const char *next_step(struct app *app)
{
	struct command c;
	struct err e = ERR_INIT;
	if (command_parse(&c, app->act_argc, app->act_argv, &e) < 0)
		return "";
	const char *line = outcome_next(&c, &app->outcome, &app->sheet_arena);
	return *line ? arena_printf(&app->sheet_arena, ":%s", line) : "";
}

static void outcome_lines(struct app *app, const struct json *error)
{
	arena_reset(&app->sheet_arena);
	app->lines = (struct lines){ 0 };
	sheet_outcome(&app->lines, &app->outcome, error, next_step(app), app->grid.cols, &app->sheet_arena);
}

/* What was UNKNOWN is looked for meanwhile: when it is settled, what was said of it goes, here and below. */
int act_outcome_load(struct app *app, struct err *e)
{
	bool was_open = intent_is_open(app->outcome.state);
	if (app->sheet != SHEET_OUTCOME || !app->outcome.intent)
		return 0;
	int r = outcome_read(&app->outcome, app->store, &app->act_arena, e);
	if (r)
		return r < 0 ? r : 0;
	outcome_lines(app, NULL);
	sheet_fit(&app->lines, app->grid.cols, &app->top, &app->sheet_arena);
	if (was_open && !intent_is_open(app->outcome.state))
		app->message[0] = 0;
	return 0;
}

static void on_outcome(void *ctx, const struct json *answer)
{
	struct app *app = ctx;
	const struct json *result = json_get(answer, "result");
	app->committing = false;
	app->must_load = true;
	if (!answer) {
		app_say(app, ROLE_UNKN,
			"UNKNOWN: the engine ended during the act; it is reconciled when it is back "
			"(:outbox)");
		return;
	}
	if (!json_get(result, "intent")) {
		say_error(app, answer);
		if (!app->message[0])
			app_say(app, ROLE_FAIL, "not sent");
		sheet_close(app);
		return;
	}
	outcome_from(&app->outcome, result, &app->act_arena);
	app->outcome_void =
		!app->outcome.intent && text_eq(json_str(json_get(result, "error"), "code"), "changed");
	outcome_lines(app, json_get(result, "error"));
	sheet_open(app, SHEET_OUTCOME);
	if (json_int(answer, "exit", 3) != 0)
		say_error(app, answer);
	else
		app->message[0] = 0;
}

static void commit(struct app *app)
{
	const char *argv[80];
	int argc = app->act_argc;
	for (int i = 0; i < argc; i++)
		argv[i] = app->act_argv[i];
	argv[argc++] = arena_printf(&app->act_arena, "--confirm=%s", app->plan.confirm);
	app->prompt = PROMPT_NONE;
	timer_stop(app->confirm_timer);
	app_say(app, ROLE_RUN, "checking again, then sending once");
	app->committing = ask(app, argc, argv, app->plan.plan_id, on_outcome);
}

void act_close(struct app *app, const char *why)
{
	if (app->prompt == PROMPT_CONFIRM) {
		app->prompt = PROMPT_NONE;
		timer_stop(app->confirm_timer);
		sheet_close(app);
		app_say(app, ROLE_DIM, "%s: nothing was sent", why);
	} else if (app->prompt) {
		app->prompt = PROMPT_NONE;
		app->typed[0] = 0;
	}
	app->must_draw = true;
}

/* ---- between: other inputs ---- */

void act_form(struct app *app)
{
	if (!app->plan.inputs_n) {
		app_say(app, ROLE_DIM, "this act has no inputs");
		return;
	}
	act_close(app, "left for its inputs");
	form_open(&app->form, &app->plan, app->act_argv, app->act_argc);
	app->lines = (struct lines){ 0 }; /* they borrow from the plan, which goes when it is planned again */
	sheet_open(app, SHEET_FORM);
}

/* Planned again with what was changed; the form stays until the new plan is there. */
static void plan_again(struct app *app)
{
	struct buf line = BUF_INIT(FORM_LINE);
	form_line(&app->form, &line);
	if (line.over)
		app_say(app, ROLE_WAIT, "these inputs are too long for one command line");
	else
		act_plan(app, line.s);
	buf_done(&line);
}

/* The same words as before: a form in which nothing was changed. */
static void plan_void_again(struct app *app)
{
	if (app->planning)
		return;
	struct plan_view no_inputs = { .act = "", .lane = "", .release = "" };
	form_open(&app->form, &no_inputs, app->act_argv, app->act_argc);
	plan_again(app);
}

static bool outcome_is_open(const struct app *app)
{
	return app->outcome.intent && intent_is_open(app->outcome.state);
}

/* What an outcome leads to: its run, the forge that knows, or the plan as it would be now. */
bool act_outcome_key(struct app *app, const char *key)
{
	bool enter = !strcmp(key, "Enter");
	if (app->sheet != SHEET_OUTCOME)
		return false;
	if (enter && app->outcome.run_id) {
		sheet_close(app);
		app_go(app, SCREEN_RUN, NULL, app->outcome.run_id);
	} else if (enter && app->outcome_void) {
		plan_void_again(app);
	} else if (!strcmp(key, "r") && outcome_is_open(app)) {
		act_ask(app, "reconcile");
	} else {
		return false;
	}
	return true;
}

int act_outcome_hints(const struct app *app, struct key_hint out[2])
{
	int n = 0;
	if (app->sheet != SHEET_OUTCOME)
		return 0;
	if (app->outcome.run_id || app->outcome_void)
		out[n++] = (struct key_hint){ "Enter", app->outcome.run_id ? "open the run" : "plan again" };
	if (outcome_is_open(app))
		out[n++] = (struct key_hint){ "r", "reconcile" };
	return n;
}

void act_form_key(struct app *app, const struct key_event *ev)
{
	switch (form_key(&app->form, ev)) {
	case FORM_OPEN:
		break;
	case FORM_LEAVE:
		sheet_close(app);
		app_say(app, ROLE_DIM, "left: nothing was sent");
		break;
	case FORM_PLAN:
		plan_again(app);
		break;
	}
}

void act_confirm_key(struct app *app, const struct key_event *ev)
{
	static const struct {
		enum key_code code;
		int by;
	} scrolls[] = {
		{ KEY_DOWN_ARROW, 1 }, { KEY_UP_ARROW, -1 }, { KEY_PAGE_DOWN, 10 }, { KEY_PAGE_UP, -10 }
	};
	msec now = clock_mono(&app->clock);
	for (size_t i = 0; i < countof(scrolls); i++)
		if (ev->code == scrolls[i].code) {
			app->top += scrolls[i].by;
			return;
		}
	if (ev->code == KEY_TAB && !ev->pasted && !confirm_void(&app->confirm, now)) {
		act_form(app);
		return;
	}
	if (confirm_asks_why(&app->confirm, ev, now)) {
		act_turn(app);
		return;
	}
	switch (confirm_key(&app->confirm, ev, now)) {
	case CONFIRM_OPEN:
		break;
	case CONFIRM_LEAVE:
		act_close(app, "left");
		break;
	case CONFIRM_COMMIT:
		commit(app);
		break;
	case CONFIRM_AGAIN:
		plan_void_again(app);
		break;
	}
}

/* ---- questions that change nothing ---- */

/* A plan that was asked for its conditions, or for what it would change: there is nothing to confirm. */
static void show_judged(struct app *app, const struct json *result)
{
	struct plan_view p;
	struct why_rows rows = { 0 };
	struct err e = ERR_INIT;
	bool foresees = json_get(result, "effects") != NULL;
	arena_reset(&app->sheet_arena);
	app->lines = (struct lines){ 0 };
	if (view_plan(&p, result, clock_wall(&app->clock), &app->sheet_arena, &e) < 0) {
		app_say(app, ROLE_FAIL, "%s", e.message);
		return;
	}
	if (foresees)
		sheet_what_if(&app->lines, &p, app->grid.cols, &app->sheet_arena);
	view_why_plan(&rows, &p, &app->sheet_arena);
	sheet_why(&app->lines, &rows, app->grid.cols, &app->sheet_arena);
	sheet_open(app, foresees ? SHEET_WHAT_IF : SHEET_WHY);
}

static void on_answer(void *ctx, const struct json *answer)
{
	struct app *app = ctx;
	const struct json *result = json_get(answer, "result");
	app->must_load = true;
	if (!answer) {
		app_say(app, ROLE_FAIL, "the engine ended before it answered");
		return;
	}
	if (app->prompt == PROMPT_CONFIRM || app->sheet == SHEET_FORM) {
		app_say(app, ROLE_DIM, "an answer came while you plan: ask again afterwards");
		return;
	}
	app->message[0] = 0;
	if (json_get(result, "checks")) {
		show_judged(app, result);
		return;
	}
	if (json_get(result, "lines")) {
		arena_reset(&app->sheet_arena);
		app->lines = (struct lines){ 0 };
		sheet_log(&app->lines, result, &app->sheet_arena);
		sheet_open(app, SHEET_LOG);
	} else if (json_str(result, "saved")) {
		app_say(app, ROLE_DIM, "saved as plan %.8s", json_str(result, "plan_id"));
	} else if (text_eq(json_str(result, "act"), "guard")) {
		app_say(app, ROLE_DIM, "%s: %s", json_str(result, "lane"), json_str(result, "note"));
	} else if (json_str(json_at(json_get(result, "items"), 0), "words")) {
		app_say(app, ROLE_DIM, "%s", json_str(json_at(json_get(result, "items"), 0), "words"));
	} else if (json_get(result, "items")) {
		app_say(app, ROLE_DIM, "%zu intents looked at", json_size(json_get(result, "items")));
	}
	say_error(app, answer);
}

void act_ask(struct app *app, const char *line)
{
	struct arena a = ARENA_INIT;
	const char **argv;
	int argc;
	struct err e = ERR_INIT;
	if (command_split(&argv, &argc, line, &a, &e) < 0)
		app_say(app, ROLE_WAIT, "%s", e.message);
	else if (ask(app, argc, argv, NULL, on_answer))
		app_say(app, ROLE_DIM, "asking the engine");
	arena_done(&a);
}
