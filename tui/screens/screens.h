/*
 * screens.h - the screens, each a pure function from a view to cells inside a rectangle.
 *
 * A list screen draws rows of columns with a marker at the cursor (a marker moves in a few bytes; a reverse bar would
 * repaint two rows). Sheets (plan, why, help, log, brief) are scrolled text made of the same rows.
 */
#pragma once

#include "core/command/command.h"
#include "core/view/actline.h"
#include "core/view/journal.h"
#include "core/view/plan.h"
#include "core/view/view.h"
#include "tui/confirm.h"
#include "tui/grid.h"
#include "tui/list.h"

struct event_row {
	const char *at, *lane, *text;
};
struct event_rows VEC_OF(struct event_row);

void screen_lanes(struct grid *g, struct rect r, const struct lane_rows *v, struct list *l);
/* The why pane of one lane: reasons, age, what is next. */
void pane_lane(struct grid *g, struct rect r, const struct lane_row *lane);
void screen_runs(struct grid *g, struct rect r, const struct run_rows *v, struct list *l);
void screen_gates(struct grid *g, struct rect r, const struct gate_rows *v, struct list *l);
/* Below the list: what the row under the cursor means. */
void pane_gate(struct grid *g, struct rect r, const struct gate_row *v);
void pane_intent(struct grid *g, struct rect r, const struct intent_row *v);
void screen_journal(struct grid *g, struct rect r, const struct intent_rows *v, struct list *l);
/* Jobs and their steps as one list of lines; id is the job's. */
void screen_run(struct grid *g, struct rect r, const struct run_view *v, struct list *l);
int screen_run_lines(const struct run_view *v);
/* The job and, in *step, the step (-1: the job itself) that a line shows; 0: none. */
int64_t screen_run_line(const struct run_view *v, int line, int *step);
int screen_run_focus(const struct run_view *v); /* the line one wants to see first */
/* Declared against running; values in full only in the pane. */
void screen_drift(struct grid *g, struct rect r, const struct drift_rows *v, struct list *l);
void pane_drift(struct grid *g, struct rect r, const struct drift_row *v);
enum role role_of_drift(int verdict);
char glyph_of_drift(int verdict);
/* What is known of releases: a line a subject, the tree of the one at `at` beside or below it. repo: of that one's lane, ""
 * not known; none: why there are no rows (view_proof_none), NULL not known. */
struct proof_rows;
struct proof_subject_row;
void screen_proof(struct grid *g, struct rect r, const struct proof_rows *v, struct list *l, int at,
		  const char *repo, const char *none);
enum role role_of_proof(int status);
/* The machines of a lane, and beside or below them the one at `at` with its tree. of: the lane's name. */
struct fleet_view;
struct agent_tree_rows;
void screen_attest(struct grid *g, struct rect r, const struct fleet_view *v, struct list *l, int at,
		   const struct agent_tree_rows *tree, const char *of);
/* Ways back: one line a condition of a lane. */
struct back_line {
	const struct readiness_row *lane;
	const struct check_row *check;
};
struct back_lines VEC_OF(struct back_line);
void screen_readiness(struct grid *g, struct rect r, const struct back_lines *v, struct list *l);
void pane_condition(struct grid *g, struct rect r, const struct back_line *v);
enum role role_of_back(enum verdict ok);
/* One canary, whose metrics are the list; `at` is the metric that the plot is about, which zoomed has the whole screen.
 * Without colours a line of samples says by its characters which were over the limit. */
enum canary_look { CANARY_ZOOMED = 1, CANARY_MONO = 2 };
struct canary_view;
struct canary_list;
void screen_canary(struct grid *g, struct rect r, const struct canary_view *v, struct list *l, int at,
		   enum canary_look look);
int canary_samples_shown(int cols); /* of each metric, beside its numbers */
/* All of them, to choose from. */
void screen_canaries(struct grid *g, struct rect r, const struct canary_list *v, struct list *l);
/* What a run wrote down about itself: a line each, or in full. The strip returns the rows it took. */
int strip_decisions(struct grid *g, struct rect r, const struct run_view *v);
void pane_decisions(struct grid *g, struct rect r, const struct run_view *v);
void pane_events(struct grid *g, struct rect r, const struct event_rows *v);
void screen_empty(struct grid *g, struct rect r, const char *text);

/* ---- sheets: lines of text with roles ---- */
struct line {
	const char *text;
	enum role role;
	int indent;
	const char *right; /* right-aligned words, or NULL */
	enum role mark_role;
	const char *mark; /* first word with a role of its own, or NULL */
	bool goes_on;     /* the rest of the line before it, which was wider than the terminal */
};
struct lines VEC_OF(struct line);

void sheet_draw(struct grid *g, struct rect r, const struct lines *v, int *top);
/* Breaks what is wider than cols, such as a line of a log, or all of a sheet that was laid out for a wider terminal: what
 * stands in a sheet can be read to its end. *top stays at its line. */
void sheet_fit(struct lines *v, int cols, int *top, struct arena *a);
void sheet_plan(struct lines *out, const struct plan_view *p, int cols, struct arena *a);
void sheet_why(struct lines *out, const struct why_rows *v, int cols, struct arena *a);
/* What an act would do to each lane; nothing is offered here. */
void sheet_what_if(struct lines *out, const struct plan_view *p, int cols, struct arena *a);
/* All that was wanted of one subject, step by step. */
void sheet_proof(struct lines *out, const struct proof_subject_row *v, const char *repo, int cols, bool ascii,
		 struct arena *a);
/* One machine: our verdict, four sources, each step. */
void sheet_machine(struct lines *out, const struct fleet_view *v, size_t i,
		   const struct agent_tree_rows *tree, int cols, bool ascii, struct arena *a);
/* What a control plane says of its policy and its trust list, and how many machines are of which status. */
void sheet_fleet(struct lines *out, const struct fleet_view *v, int cols, bool ascii, struct arena *a);
void sheet_help(struct lines *out, bool read_only, int cols, struct arena *a);
void sheet_text(struct lines *out, const char *text, int cols, struct arena *a);
void sheet_log(struct lines *out, const struct json *result, struct arena *a);
/* next: the command line that goes on from here, "" none. */
/* error: of the answer, where no intent was written. */
void sheet_outcome(struct lines *out, const struct outcome *o, const struct json *error, const char *next,
		   int cols, struct arena *a);
/* "string, required, default main" */
const char *input_words(const struct input_row *in, struct arena *a);
/* The inputs of a planned act as fields, the one that is edited told in full below. */
struct form;
void screen_form(struct grid *g, struct rect r, const struct form *f);
/* The confirm field at the bottom of the plan; sets c->fits. */
void sheet_confirm(struct grid *g, struct rect r, const struct plan_view *p, struct confirm *c, msec now);
