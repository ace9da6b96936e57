/*
 * command.c - keys become command lines, and a command line does something: one door for keys, palette and addresses.
 */
#include "tui/app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/view/actline.h"

#define SETTLE_MS 150

const char *const screen_words[SCREEN_MAX_] = {
	[SCREEN_LANES] = "LANES",     [SCREEN_RUNS] = "RUNS",           [SCREEN_GATES] = "GATES",
	[SCREEN_JOURNAL] = "JOURNAL", [SCREEN_OUTBOX] = "OUTBOX",       [SCREEN_RUN] = "RUN",
	[SCREEN_DRIFT] = "DRIFT",     [SCREEN_READINESS] = "READINESS", [SCREEN_CANARY] = "CANARY",
	[SCREEN_PROOF] = "PROOF",     [SCREEN_ATTEST] = "ATTEST",
};

/* ---- places ---- */

struct place *app_place(struct app *app)
{
	return &app->places[app->depth];
}

/* Four times the bytes hold it: a bad byte becomes \xNN, a hidden character of two or more bytes <U+NNNN>. */
static void place_of(struct place *p, const char *lane)
{
	autofree(buf) struct buf safe = BUF_INIT(sizeof(p->words));
	snprintf(p->lane, sizeof(p->lane), "%s", lane);
	text_safe(&safe, p->lane, strlen(p->lane), 0);
	snprintf(p->words, sizeof(p->words), "%s", safe.n ? safe.s : "");
}

void app_go(struct app *app, enum screen_id screen, const char *lane, int64_t run)
{
	const struct place *here = app_here(app);
	if (here->screen == screen && here->run == run && !strcmp(here->lane, lane ? lane : ""))
		return;
	if (screen == SCREEN_LANES)
		app->depth = 0;
	else if (app->depth + 1 < PLACES_MAX)
		app->depth++;
	struct place *p = app_place(app);
	if (screen != SCREEN_LANES)
		*p = (struct place){ .screen = screen, .run = run };
	if (lane)
		place_of(p, lane);
	app->filter[0] = 0;
	app->limit = 200;
	app->must_load = app->other_rows = true;
	if (app->client)
		client_focus(app->client, lane, run);
}

static void app_back(struct app *app)
{
	if (app->filter[0])
		app->filter[0] = 0;
	else if (app_here(app)->zoomed)
		app_place(app)->zoomed = false;
	else if (app->depth > 0)
		app->depth--;
	app->must_load = app->other_rows = true;
}

static void open_here(struct app *app)
{
	int64_t run = app_run_id(app);
	const struct lane_row *lane = app_lane(app);
	const struct place *p = app_here(app);
	if (p->screen == SCREEN_RUN)
		app_line(app, "log");
	else if (app->shown.canary)
		app_line(app, "zoom");
	else if (p->screen == SCREEN_PROOF)
		attest_open_proof(app);
	else if (p->screen == SCREEN_ATTEST)
		attest_open_machine(app);
	else if (p->screen == SCREEN_CANARY && lane)
		app_go(app, SCREEN_CANARY, lane->name, 0);
	else if (p->screen == SCREEN_LANES && lane && (!run || lane->judged == LANE_OK))
		app_go(app, SCREEN_RUNS, lane->name, 0);
	else if ((p->screen == SCREEN_DRIFT || p->screen == SCREEN_READINESS) && lane)
		app_go(app, SCREEN_RUNS, lane->name, 0);
	else if (run)
		app_go(app, SCREEN_RUN, NULL, run);
}

/* A screen by its word, whatever the case. */
static bool is_screen(int screen, const char *word)
{
	return text_has(screen_words[screen], word) && strlen(screen_words[screen]) == strlen(word);
}

/* easy/prod, easy/prod@drift: what of a lane has a place of its own. */
static bool go_lane(struct app *app, const char *words)
{
	static const enum screen_id of_lane[] = { SCREEN_RUNS,   SCREEN_DRIFT, SCREEN_READINESS,
						  SCREEN_CANARY, SCREEN_PROOF, SCREEN_ATTEST };
	size_t n = strcspn(words, "@");
	char lane[160];
	snprintf(lane, sizeof(lane), "%.*s", (int)n, words);
	for (size_t i = 0; i < countof(of_lane); i++)
		if (!words[n] || is_screen(of_lane[i], words + n + 1)) {
			app_go(app, of_lane[i], lane, 0);
			return true;
		}
	return false;
}

/* screen:lanes, lane:easy/prod, run:123 */
void app_address(struct app *app, const char *address)
{
	int64_t id;
	if (text_starts(address, "run:") && text_int64(&id, address + 4, 1, INT64_MAX) == 0) {
		app_go(app, SCREEN_RUN, NULL, id);
		return;
	}
	if (text_starts(address, "lane:") && go_lane(app, address + 5))
		return;
	for (int s = 0; text_starts(address, "screen:") && s < SCREEN_RUN; s++)
		if (is_screen(s, address + 7)) {
			app_go(app, (enum screen_id)s, NULL, 0);
			return;
		}
	app_say(app, ROLE_WAIT, "there is no place %s; for example screen:gates, lane:easy/prod, run:123",
		text_safe_dup(&app->arena, address, 200));
}

static void needs_me(struct app *app, const struct command *c)
{
	(void)c;
	if (app_here(app)->screen == SCREEN_GATES && *app->filter) { /* it may hide what is looked for */
		app->filter[0] = 0;
		app_load(app);
	}
	vec_each (g, &app->shown.gates)
		if (g->can_approve) {
			app_go(app, SCREEN_RUN, NULL, g->run_id);
			return;
		}
	app_say(app, ROLE_DIM, "nothing waits for you");
}

/* ---- acts on what the cursor is on ---- */

/* A key is never silent: where it has nothing to work on, it says so. */
static const char no_lane[] = "no lane is under the cursor", no_run[] = "no run is under the cursor";

void app_ask_reason(struct app *app, const char *line, const char *what)
{
	snprintf(app->pending_line, sizeof(app->pending_line), "%s", line);
	snprintf(app->pending_what, sizeof(app->pending_what), "%s", what);
	prompt_open(app, PROMPT_REASON, "");
}

/* What a lane does not have by its profile is said before anything is asked or read. */
static bool lacks_start(struct app *app, const struct lane_row *l)
{
	static const struct {
		const char *starts, *words;
	} others[] = {
		{ "merge", "starts by its release pull request: M opens it" },
		{ "auto", "starts by itself, by what happens in the repository: nothing dispatches it" },
		{ "none", "has no start by its profile" },
	};
	for (size_t i = 0; i < countof(others); i++)
		if (!strcmp(l->starts, others[i].starts)) {
			app_say(app, ROLE_WAIT, "%s %s", l->name, others[i].words);
			return true;
		}
	return false;
}

static void start_dispatch(struct app *app)
{
	struct buf line = BUF_INIT(TYPED_MAX - 1);
	const struct lane_row *lane = app_lane(app);
	if (!lane) {
		app_say(app, ROLE_DIM, no_lane);
		return;
	}
	if (lacks_start(app, lane)) {
		buf_done(&line);
		return;
	}
	bool known = *lane->next && strcmp(lane->next, lane->live) != 0;
	buf_fmt(&line, "dispatch %s ", lane->name);
	if (known)
		command_quote(&line, lane->next);
	if (known)
		act_plan(app, line.s);
	else
		prompt_open(app, PROMPT_COMMAND, line.s);
	buf_done(&line);
}

static void start_review(struct app *app, const char *verb)
{
	struct buf line = BUF_INIT(TYPED_MAX - 1);
	const struct gate_row *g = app_gate(app);
	if (!g) {
		app_say(app, ROLE_DIM, "no gate waits here");
		return;
	}
	buf_fmt(&line, "%s %" PRId64 " ", verb, g->run_id);
	command_quote(&line, g->key); /* "Production EU" is one word */
	app_ask_reason(app, line.s,
		       arena_printf(&app->arena, "%s %s of %s: %s", verb, g->environment, g->lane,
				    strcmp(verb, "approve") ? "why?" : "comment, or Enter:"));
	buf_done(&line);
}

/* What an act on the lane under the cursor still lacks. */
enum lacks { LACKS_NOTHING, LACKS_REASON, LACKS_WORD };

static void start_on_lane(struct app *app, const char *verb, bool of_system, enum lacks lacks)
{
	char line[TYPED_MAX];
	const struct lane_row *lane = app_lane(app);
	if (!lane) {
		app_say(app, ROLE_DIM, no_lane);
		return;
	}
	if (!strcmp(verb, "rollback") && *lane->starts && !*lane->back) {
		app_say(app, ROLE_WAIT, "%s has no way back by its profile", lane->name);
		return;
	}
	snprintf(line, sizeof(line), "%s %s%s", verb, of_system ? lane->system : lane->name,
		 lacks == LACKS_WORD ? " " : "");
	if (lacks == LACKS_REASON)
		app_ask_reason(app, line, arena_printf(&app->arena, "%s: why?", line));
	else if (lacks == LACKS_WORD)
		prompt_open(app, PROMPT_COMMAND, line);
	else
		act_plan(app, line);
}

static void start_on_run(struct app *app, const char *verb)
{
	char line[TYPED_MAX];
	int64_t run = app_run_id(app);
	if (!run) {
		app_say(app, ROLE_DIM, no_run);
		return;
	}
	snprintf(line, sizeof(line), "%s %" PRId64 "%s", verb, run, strcmp(verb, "rerun") ? "" : " --failed");
	act_plan(app, line);
}

/* Arming is read and confirmed as every act. Taking the guard away is one key: it sends nothing, it must be quick, and it
 * can be armed again. */
static void start_guard(struct app *app, const struct lane_row *lane)
{
	char line[TYPED_MAX];
	if (!lane || !lane->guard) {
		start_on_lane(app, "guard arm", false, LACKS_NOTHING);
		return;
	}
	snprintf(line, sizeof(line), "guard disarm %s --confirm %s", lane->name, lane->name);
	act_ask(app, line);
}

/* A key of an act, without words: they come from the cursor. */
static void start_act(struct app *app, const struct command_info *act)
{
	const enum command_id id = act->id;
	static const struct {
		enum command_id id;
		bool of_system;
		enum lacks lacks;
	} on_lane[] = {
		{ CMD_ROLLBACK, false, LACKS_REASON },    { CMD_REPLAY, false, LACKS_WORD },
		{ CMD_RELEASE_PR, false, LACKS_NOTHING }, { CMD_RETAG, false, LACKS_WORD },
		{ CMD_REVERT_PIN, false, LACKS_NOTHING }, { CMD_FREEZE, true, LACKS_REASON },
		{ CMD_THAW, true, LACKS_NOTHING },        { CMD_LOCK, false, LACKS_REASON },
		{ CMD_NOTE, false, LACKS_REASON },
	};

	const struct lane_row *lane = app_lane(app);
	if (id == CMD_LOCK && lane && lane->locked) {
		start_on_lane(app, "unlock", false, LACKS_NOTHING);
		return;
	}
	if (id == CMD_GUARD)
		start_guard(app, lane);
	if (steer_start(app, id == CMD_REJECT && steer_takes_reject(app) ? CMD_ABORT : id))
		return;
	for (size_t i = 0; i < countof(on_lane); i++)
		if (on_lane[i].id == id)
			start_on_lane(app, act->name, on_lane[i].of_system, on_lane[i].lacks);
	if (id == CMD_DISPATCH)
		start_dispatch(app);
	else if (id == CMD_APPROVE)
		start_review(app, "approve");
	else if (id == CMD_REJECT)
		start_review(app, "reject");
	else if (id == CMD_CANCEL)
		start_on_run(app, "cancel");
	else if (id == CMD_RERUN)
		start_on_run(app, "rerun");
}

/* ---- commands ---- */

/* Of an act: its conditions as they are judged now, by the engine. */
static void show_why_act(struct app *app, const char *lane, const char *act)
{
	struct err e = ERR_INIT;
	struct arena a = ARENA_INIT;
	const char *line = "";
	int r = app->store ? view_act_line(&line, app->store, lane, act, &a, &e) : 1;
	if (r == 0)
		act_ask(app, arena_printf(&a, "plan %s", line));
	else
		app_say(app, ROLE_WAIT, "%s%s%s%s", r > 0 ? "there is no lane " : e.message,
			r > 0 ? lane : "", *e.hint ? "; " : "", e.hint);
	arena_done(&a);
}

static void show_why(struct app *app, const struct command *c)
{
	if (c->n > 1) {
		show_why_act(app, c->args[0], c->args[1]);
		return;
	}
	const char *name = c->n ? c->args[0] : NULL;
	struct why_rows rows = { 0 };
	struct err e = ERR_INIT;
	const struct lane_row *lane = app_lane(app);
	const char *wanted = name ? name : lane ? lane->name : NULL;
	if (!wanted)
		app_say(app, ROLE_DIM, no_lane);
	if (!wanted || !app->store)
		return;
	arena_reset(&app->sheet_arena);
	app->lines = (struct lines){ 0 };
	int r = view_why(&rows, app->store, wanted, clock_wall(&app->clock), &app->sheet_arena, &e);
	if (r) {
		app_say(app, ROLE_WAIT, r < 0 ? "%s" : "there is no lane %.80s", r < 0 ? e.message : wanted);
		return;
	}
	sheet_why(&app->lines, &rows, app->grid.cols, &app->sheet_arena);
	sheet_open(app, SHEET_WHY);
}

static void show_help(struct app *app, const struct command *c)
{
	(void)c;
	arena_reset(&app->sheet_arena);
	app->lines = (struct lines){ 0 };
	sheet_help(&app->lines, app->o->read_only, app->grid.cols, &app->sheet_arena);
	sheet_open(app, SHEET_HELP);
}

static void show_log(struct app *app, const struct command *c)
{
	char line[128];
	int64_t run = app_run_id(app), job = 0;
	int step;
	if (c->n) {
		snprintf(line, sizeof(line), "log %.40s %.40s", c->args[0], c->n > 1 ? c->args[1] : "");
		act_ask(app, line);
		return;
	}
	if (!run) {
		app_say(app, ROLE_DIM, no_run);
		return;
	}
	if (app_here(app)->screen == SCREEN_RUN && app->shown.has_run)
		job = screen_run_line(&app->shown.run, app_place(app)->list.cursor, &step);
	if (job)
		snprintf(line, sizeof(line), "log %" PRId64 " %" PRId64, run, job);
	else
		snprintf(line, sizeof(line), "log %" PRId64, run);
	act_ask(app, line);
}

static void change_theme(struct app *app, const struct command *c)
{
	struct err e = ERR_INIT;
	struct theme t;
	if (theme_load(&t, c->args[0], &app->kept, &e) < 0) {
		app_say(app, ROLE_WAIT, "%s", e.message);
		return;
	}
	if (app->o->mono)
		theme_drop_colours(&t);
	app->theme = t;
	painter_theme(app->painter, &app->theme);
	app->must_draw = true;
}

static void set_filter(struct app *app, const struct command *c)
{
	app->filter[0] = 0;
	for (int i = 0; i < c->n; i++) {
		size_t n = strlen(app->filter);
		snprintf(app->filter + n, sizeof(app->filter) - n, "%s%s", n ? " " : "", c->args[i]);
	}
	app->must_load = app->other_rows = true;
}

static void go_run(struct app *app, const struct command *c)
{
	int64_t id;
	if (text_int64(&id, c->args[0], 1, INT64_MAX) < 0)
		app_say(app, ROLE_WAIT, "a run is named by its number");
	else
		app_go(app, SCREEN_RUN, NULL, id);
}

static void go_runs(struct app *app, const struct command *c)
{
	app_go(app, SCREEN_RUNS, c->n ? c->args[0] : NULL, 0);
}
static void go_lanes(struct app *app, const struct command *c)
{
	(void)c;
	app_go(app, SCREEN_LANES, NULL, 0);
}
static void go_gates(struct app *app, const struct command *c)
{
	(void)c;
	app_go(app, SCREEN_GATES, NULL, 0);
}
static void go_journal(struct app *app, const struct command *c)
{
	(void)c;
	app_go(app, SCREEN_JOURNAL, NULL, 0);
}
static void go_outbox(struct app *app, const struct command *c)
{
	(void)c;
	app_go(app, SCREEN_OUTBOX, NULL, 0);
}
static void go_drift(struct app *app, const struct command *c)
{
	app_go(app, SCREEN_DRIFT, c->n ? c->args[0] : NULL, 0);
}
/* Exporting and importing print and read files: they are verbs of a shell. */
static void go_proof(struct app *app, const struct command *c)
{
	if (command_proof_word(c) != PROOF_SHOW)
		app_say(app, ROLE_WAIT, "in a shell, where the files are: pilothouse proof %s ..",
			c->args[0]);
	else
		app_go(app, SCREEN_PROOF, c->n ? c->args[0] : NULL, 0);
}
/* Of one lane: the one that is planned, or that is under the cursor. */
static void go_evidence(struct app *app, const struct command *c)
{
	const struct lane_row *lane = app_lane(app);
	if (!c->n && !lane)
		app_say(app, ROLE_DIM, no_lane);
	else
		app_go(app, SCREEN_PROOF, c->n ? c->args[0] : lane->name, 0);
}
/* Without a word: of the lane under the cursor. */
static void go_readiness(struct app *app, const struct command *c)
{
	const struct lane_row *lane = app_lane(app);
	app_go(app, SCREEN_READINESS, c->n ? c->args[0] : lane ? lane->name : NULL, 0);
}
/* Without a word: of the lane under the cursor, if it has one; else whatever there is. */
static void go_canary(struct app *app, const struct command *c)
{
	const struct lane_row *lane = app_lane(app);
	const char *name = c->n ? c->args[0] : lane && steer_has_canary(app, lane->name) ? lane->name : NULL;
	app_go(app, SCREEN_CANARY, name, 0);
}
static void zoom(struct app *app, const struct command *c)
{
	(void)c;
	if (app_here(app)->screen == SCREEN_ATTEST) {
		attest_open_fleet(app);
		return;
	}
	if (!app->shown.canary || !app->shown.canary->metrics.n) {
		app_say(app, ROLE_DIM,
			app_place(app)->screen == SCREEN_CANARY
				? "nothing to plot: no metric is known here yet"
				: "nothing is plotted here: 4 shows canaries");
		return;
	}
	app_place(app)->zoomed = !app_place(app)->zoomed;
	app->must_draw = true;
}
/* Of a lane; without a word, of the one under the cursor. */
static void go_attest(struct app *app, const struct command *c)
{
	const struct lane_row *lane = app_lane(app);
	if (!c->n && !lane)
		app_say(app, ROLE_DIM, no_lane);
	else
		app_go(app, SCREEN_ATTEST, c->n ? c->args[0] : lane->name, 0);
}
static void go_back(struct app *app, const struct command *c)
{
	(void)c;
	app_back(app);
}
static void open_place(struct app *app, const struct command *c)
{
	if (c->n)
		app_address(app, c->args[0]);
	else
		open_here(app);
}
static void redraw(struct app *app, const struct command *c)
{
	(void)c;
	painter_redraw(app->painter);
	app->must_draw = true;
}
static void quit(struct app *app, const struct command *c)
{
	(void)c;
	app->quit = true;
}

/* Commands of the console itself; the others are the engine's. */
static const struct {
	enum command_id id;
	void (*run)(struct app *app, const struct command *c);
} locals[] = {
	{ CMD_LANES, go_lanes },       { CMD_RUNS, go_runs },      { CMD_GATES, go_gates },
	{ CMD_JOURNAL, go_journal },   { CMD_OUTBOX, go_outbox },  { CMD_RUN, go_run },
	{ CMD_WHY, show_why },         { CMD_HELP, show_help },    { CMD_OPEN, open_place },
	{ CMD_NEEDS_ME, needs_me },    { CMD_FILTER, set_filter }, { CMD_BACK, go_back },
	{ CMD_THEME, change_theme },   { CMD_REDRAW, redraw },     { CMD_QUIT, quit },
	{ CMD_LOG, show_log },         { CMD_DRIFT, go_drift },    { CMD_READINESS, go_readiness },
	{ CMD_CANARY, go_canary },     { CMD_ZOOM, zoom },         { CMD_PROOF, go_proof },
	{ CMD_EVIDENCE, go_evidence }, { CMD_ATTEST, go_attest },
};

static bool run_local(struct app *app, const struct command *c)
{
	for (size_t i = 0; i < countof(locals); i++)
		if (locals[i].id == c->info->id) {
			locals[i].run(app, c);
			return true;
		}
	return false;
}

/* The keys' commands take their words from the cursor, so they may stand without any. */
static bool parse_line(struct app *app, const char *line, struct command *c, struct arena *a)
{
	const char **argv;
	int argc;
	struct err e = ERR_INIT;
	if (command_split(&argv, &argc, line, a, &e) < 0 || argc == 0) {
		if (e.kind)
			app_say(app, ROLE_WAIT, "%s", e.message);
		return false;
	}
	const struct command_info *info = command_find(argv[0]);
	if (!info) {
		app_say(app, ROLE_WAIT, "there is no command %s; ? lists them", argv[0]);
		return false;
	}
	if (argc == 1 && info->min > 0) {
		*c = (struct command){ .info = info };
		return true;
	}
	if (command_parse(c, argc, argv, &e) < 0) {
		app_say(app, ROLE_WAIT, "%s%s%s", e.message, *e.hint ? "; " : "", e.hint);
		return false;
	}
	return true;
}

void app_line(struct app *app, const char *line)
{
	struct arena a = ARENA_INIT;
	struct command c;
	if (command_is_address(line) && !strchr(line, ' '))
		app_address(app, line);
	else if (!parse_line(app, line, &c, &a))
		;
	else if (command_changes(&c) && app->o->read_only)
		app_say(app, ROLE_WAIT, "this console is read-only: there are no acts");
	else if (c.n == 0 && (c.info->kind == COMMAND_ACT || c.info->id == CMD_NOTE))
		start_act(app, c.info);
	else if (c.info->kind == COMMAND_ACT && c.info->id != CMD_CON && command_changes(&c))
		act_plan(app, line);
	else if (c.info->id == CMD_PLAN && command_plan_word(&c) > PLAN_SAVE)
		app_say(app, ROLE_WAIT, "in a shell, where your own agent is: pilothouse %s", line);
	else if (c.info->id == CMD_PLAN && c.n && command_plan_word(&c) == PLAN_ACT)
		act_plan(app, line + strlen("plan "));
	else if (!run_local(app, &c))
		act_ask(app, line);
	arena_done(&a);
}

/* ---- keys ---- */

static void move(struct app *app, int by)
{
	struct place *p = app_place(app);
	if (app->sheet) {
		app->top += by;
		app->must_draw = true;
		return;
	}
	int n = app_rows(app);
	list_move(&p->list, by, app_list_rows(app), n, app_list_id(app));
	app->must_draw = true;
	if (p->screen == SCREEN_RUNS && p->list.cursor + 50 > n && n >= app->limit) {
		app->limit += 400;
		app->must_load = true;
	}
	timer_in(app->settle, SETTLE_MS);
}

static const struct {
	const char *key;
	int by;
	bool page;
} moves[] = {
	{ "j", 1, false },         { "Down", 1, false },        { "k", -1, false },
	{ "Up", -1, false },       { "PgDn", 1, true },         { "Ctrl-d", 1, true },
	{ "PgUp", -1, true },      { "Ctrl-u", -1, true },      { "Space", 1, true },
	{ "g", -1000000, false },  { "Home", -1000000, false }, { "G", 1000000, false },
	{ "End", 1000000, false },
};

static bool move_key(struct app *app, const char *key)
{
	for (size_t i = 0; i < countof(moves); i++)
		if (!strcmp(moves[i].key, key)) {
			int page = app->grid.rows > 6 ? app->grid.rows - 5 : 1;
			move(app, moves[i].page ? moves[i].by * page : moves[i].by);
			return true;
		}
	return false;
}

static void screen_key(struct app *app, const char *key)
{
	size_t n;
	const struct command_info *c = command_table(&n);
	if (!strcmp(key, ":"))
		prompt_open(app, PROMPT_COMMAND, "");
	else if (!strcmp(key, "/"))
		prompt_open(app, PROMPT_FILTER, app->filter);
	else if (!strcmp(key, "-") || !strcmp(key, "["))
		app_back(app);
	else if (!strcmp(key, "Ctrl-z"))
		app_suspend(app, true);
	else if (!strcmp(key, "Ctrl-c"))
		app->quit = true;
	else
		for (size_t i = 0; i < n; i++)
			if (*c[i].key && !strcmp(c[i].key, key)) {
				if (c[i].id == CMD_SYNC)
					act_ask(app, "sync --once");
				else
					app_line(app, c[i].name);
				return;
			}
}

static void next_error(struct app *app)
{
	for (int i = app->top + 1; i < (int)app->lines.n; i++)
		if (app->lines.items[i].role == ROLE_FAIL && !app->lines.items[i].goes_on) {
			app->top = i;
			return;
		}
	app_say(app, ROLE_DIM, "no error further down");
}

/* Keys that lead elsewhere do so from a sheet too; acts need a screen, where one sees what they are about. */
static void sheet_key(struct app *app, const char *key)
{
	if (act_outcome_key(app, key)) {
		return;
	} else if (!strcmp(key, "Esc") || !strcmp(key, "q") || !strcmp(key, "-") || !strcmp(key, "Enter")) {
		sheet_close(app);
	} else if (!strcmp(key, "Ctrl-c")) {
		app->quit = true;
	} else if (!strcmp(key, "Ctrl-l")) {
		app_line(app, "redraw");
	} else if (!strcmp(key, "n") && app->sheet == SHEET_LOG) {
		next_error(app);
	} else if (!strcmp(key, "w") && app->sheet == SHEET_PLAN && !app->committing) {
		act_turn(app);
	} else if ((!strcmp(key, "i") || !strcmp(key, "Tab")) && app->sheet == SHEET_PLAN) {
		act_form(app);
	} else if (!strcmp(key, "e") && app->sheet == SHEET_PLAN && !app->committing) {
		char lane[160];
		snprintf(lane, sizeof(lane), "%s", app->plan.lane);
		sheet_close(app);
		app_go(app, SCREEN_PROOF, lane, 0);
	} else if (strlen(key) == 1 && strchr("1234567b.:?w", *key)) {
		sheet_close(app);
		screen_key(app, key);
	}
}

/* The phrase, or the act's key held down, before the plan is there: it means the plan, and would be keys of the screen
 * below. As long as a field takes to arm; then one may look elsewhere while the plan is made. */
static bool typed_ahead(const struct app *app, const struct key_event *ev)
{
	if (!app->planning || app->prompt || app->sheet == SHEET_FORM || ev->code == KEY_ESC ||
	    (ev->code == KEY_CTRL && ev->text[0] == 'c'))
		return false;
	return clock_mono(&app->clock) - app->plan_asked < CONFIRM_ARMING_MS;
}

void app_key(void *ctx, const struct key_event *ev)
{
	struct app *app = ctx;
	char key[16];
	app->must_draw = true;
	act_quiet(app);
	if (app->other_rows) /* typed ahead: it means the rows of the place it leads to */
		app_load(app);
	if (typed_ahead(app, ev)) {
		app_say(app, ROLE_DIM, "typed ahead of the plan: thrown away");
		return;
	}
	if (app->prompt == PROMPT_CONFIRM) {
		act_confirm_key(app, ev);
		return;
	}
	if (app->prompt) {
		prompt_key(app, ev);
		return;
	}
	if (app->sheet == SHEET_FORM) {
		act_form_key(app, ev);
		return;
	}
	if (ev->pasted || ev->code == KEY_PASTE) {
		app_say(app, ROLE_DIM, "pasted text does nothing here");
		return;
	}
	key_name(ev, key);
	if (move_key(app, key))
		return;
	if (app->sheet)
		sheet_key(app, key);
	else
		screen_key(app, key);
}
