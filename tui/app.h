/*
 * app.h - the console's state, shared by the files that make it: app.c (loop), load.c (cache -> views), idle.c (ages of
 * views alone), draw.c (views -> grid), act.c (plan, confirm, commit), command.c (keys and command lines). Nothing
 * outside tui/ includes it.
 */
#pragma once

#include "base/loop.h"
#include "core/client/client.h"
#include "core/view/attest.h"
#include "core/view/canary.h"
#include "core/view/journal.h"
#include "core/view/proof.h"
#include "tui/confirm.h"
#include "tui/filter.h"
#include "tui/form.h"
#include "tui/frame.h"
#include "tui/keys.h"
#include "tui/paint.h"
#include "tui/screens/screens.h"
#include "tui/tui.h"

enum screen_id {
	SCREEN_LANES,
	SCREEN_RUNS,
	SCREEN_GATES,
	SCREEN_JOURNAL,
	SCREEN_OUTBOX,
	SCREEN_DRIFT,
	SCREEN_READINESS,
	SCREEN_CANARY,
	SCREEN_PROOF,
	SCREEN_RUN,
	SCREEN_ATTEST,
	SCREEN_MAX_
};
extern const char *const screen_words[SCREEN_MAX_];

struct place {
	enum screen_id screen;
	char lane
		[160]; /* RUNS, DRIFT, READINESS, CANARY, PROOF, ATTEST: of one lane, PROOF also of a release; "" all */
	char words[648]; /* the same as it may be shown: the address of a start may be a stranger's */
	int64_t run;     /* RUN */
	bool zoomed;     /* CANARY: its plot has the whole screen */
	struct list list;
};

enum sheet_kind {
	SHEET_NONE,
	SHEET_PLAN,
	SHEET_WHY,
	SHEET_WHAT_IF,
	SHEET_HELP,
	SHEET_LOG,
	SHEET_TEXT,
	SHEET_OUTCOME,
	SHEET_PROOF,
	SHEET_ATTEST,
	SHEET_FORM
};
enum prompt_kind { PROMPT_NONE, PROMPT_FILTER, PROMPT_COMMAND, PROMPT_REASON, PROMPT_CONFIRM };

#define PLACES_MAX  16
#define TYPED_MAX   512
#define HISTORY_MAX 32

/* Views of the place that is shown, from one snapshot of the cache. */
struct shown {
	struct view_header header;
	bool has_header;
	const char *unread; /* why nothing could be read; NULL: it was, or there is no cache yet */
	struct lane_rows lanes;
	struct run_rows runs;
	struct gate_rows gates;
	struct intent_rows intents;
	struct drift_rows drift;
	struct proof_rows proofs;
	const char *no_proof; /* why there are none */
	struct fleet_view fleet;
	struct agent_tree_rows machine; /* in pane_arena: of the machine that the pane is about */
	struct readiness_rows ways;
	struct back_lines backs;     /* the conditions of those */
	struct canary_list canaries; /* to choose from, where no one canary is meant */
	struct canary_view *canary;  /* the one that is shown, NULL none */
	struct run_view run;
	bool has_run;
	struct event_rows events;
};

struct app {
	const struct tui_options *o;
	struct clock clock;
	struct loop *loop;
	struct painter *painter;
	struct theme theme;
	struct grid grid;
	struct client *client;
	struct store *store;
	struct keys keys;
	struct timer *minute, *esc, *confirm_timer, *look, *rest, *settle, *tick, *quiet;
	struct arena arena; /* views shown; reset when they are read again */
	struct arena pane_arena;
	struct arena kept; /* theme and other values for the whole life */
	struct shown shown;
	bool must_load, must_draw;
	bool must_head;  /* of what is drawn the header alone */
	bool must_look;  /* time went by, or somebody committed: perhaps nothing but ages is to be read */
	int pane_at;     /* the row that the pane is about: the cursor's, once the cursor rests */
	bool other_rows; /* the rows that are shown are not this place's: the next key waits for them */
	int64_t version;
	int64_t generation; /* of the cache, as shown; -1 not asked */
	struct when read;   /* when all was read, or ages were */

	struct place places[PLACES_MAX];
	int depth;
	char filter[FILTER_MAX];
	int64_t limit; /* runs asked for; grows when the cursor nears the end */

	enum sheet_kind sheet;
	struct arena sheet_arena;
	struct lines lines;
	int top;
	struct arena
		act_arena; /* the act that is planned, from its words to its end: sheets come and go meanwhile */
	struct plan_view plan;
	bool plan_tree;  /* the plan's sheet shows its conditions one by one */
	bool planning;   /* a plan is being made */
	msec plan_asked; /* since then */
	bool committing; /* a confirmed act is with the engine */
	bool unanswered; /* what is asked of the engine, for a while now */
	struct outcome
		outcome; /* of the act that was sent last, in act_arena; its intent is 0 from the next plan on */
	bool outcome_void; /* something moved, and nothing was sent */
	const char *act_argv[72];
	int act_argc;

	struct form form; /* SHEET_FORM */

	enum prompt_kind prompt;
	char typed[TYPED_MAX];
	struct confirm confirm;
	char history[HISTORY_MAX][TYPED_MAX];
	int history_n, history_at;
	char pending_line[TYPED_MAX]; /* waits for its reason or comment */
	char pending_what[160];       /* that act in words, as the prompt asks about it */

	char message[320];
	enum role message_role;
	char engine[256];
	struct when down_since;
	bool quit;
	int exit_status;
};

/* load.c */
void app_load(struct app *app);
int app_rows(const struct app *app); /* rows of the list that is shown */
list_id app_list_id(const struct app *app);
const void *app_list_rows(const struct app *app);
const struct lane_row *app_lane(
	const struct app *app); /* under the cursor, or of the run that is shown; NULL */
const struct lane_row *app_lane_rested(
	const struct app *app); /* the same of the row that the pane is about */
/* A pane follows the cursor when it rests: a key that is held moves a marker, which is a few bytes, and no sentences. */
void app_settle(void *app);
/* Of the row under the cursor, with its steps; NULL none. */
const struct proof_subject_row *app_proof(struct app *app);
bool app_is_wide(const struct app *app);                /* lanes beside runs and events */
int64_t app_run_id(const struct app *app);              /* 0 none */
const struct gate_row *app_gate(const struct app *app); /* the gate an approval would be about; NULL */

/* idle.c */
/* must_look: reads ages alone and draws what they change, or leaves must_load. */
void app_look(struct app *app);

/* draw.c */
void app_draw(struct app *app);
void app_draw_to(struct app *app, struct grid *g);
/* Over what was drawn: the header alone is worded anew. */
void app_draw_header(struct app *app);
void app_draw_header_to(struct app *app, struct grid *g);

/* command.c */
void app_key(void *ctx, const struct key_event *ev);
void app_line(struct app *app, const char *line); /* a command line: palette, keys, addresses */
void app_go(struct app *app, enum screen_id screen, const char *lane, int64_t run);
void app_address(struct app *app, const char *address);

/* hints.c */
int app_hints(const struct app *app, struct key_hint out[16]);

/* app.c */
void app_suspend(struct app *app, bool group); /* group: by the terminal's key */

/* prompt.c */
void prompt_open(struct app *app, enum prompt_kind kind, const char *text);
void prompt_key(struct app *app, const struct key_event *ev);

/* command.c */
/* Asks why, and plans the line with the answer as its reason. */
void app_ask_reason(struct app *app, const char *line, const char *what);

/* steer.c */
bool steer_start(struct app *app, enum command_id id); /* false: it is no act on a canary */
bool steer_takes_reject(const struct app *app);        /* X is about the canary here, and not about a gate */
bool steer_has_canary(const struct app *app, const char *lane);
int steer_hints(const struct app *app, struct key_hint out[3]);

/* attest.c */
int attest_load(struct app *app, struct when now, struct err *e) must_check;
int attest_pane(struct app *app, struct err *e) must_check;
void attest_settle(struct app *app);
void attest_open_proof(struct app *app);
void attest_open_machine(struct app *app);
void attest_open_fleet(struct app *app);
const char *attest_enter_words(const struct app *app);

/* act.c */
void act_plan(struct app *app, const char *line);
void act_lines(struct app *app); /* the plan's sheet again: its other face, or another width */
void act_turn(struct app *app);  /* to its other face */
void act_ask(struct app *app, const char *line); /* log, sync, reconcile */
void act_confirm_key(struct app *app, const struct key_event *ev);
void act_on_quiet(void *app);    /* the engine owes an answer for too long */
void act_quiet(struct app *app); /* the message goes, unless an act is under way */
void act_close(struct app *app, const char *why);
int act_outcome_load(struct app *app, struct err *e) must_check; /* the sheet says what its intent is now */
bool act_outcome_key(struct app *app,
		     const char *key); /* false: the outcome that is shown does not take it */
int act_outcome_hints(const struct app *app, struct key_hint out[2]);
void act_form(struct app *app); /* the inputs of the plan that is shown, as a form */
void act_form_key(struct app *app, const struct key_event *ev);
void sheet_open(struct app *app, enum sheet_kind kind);
void sheet_close(struct app *app);

void app_say(struct app *app, enum role role, const char *fmt, ...) format_printf(3, 4);
struct place *app_place(struct app *app);
static inline const struct place *app_here(const struct app *app)
{
	return &app->places[app->depth];
}
