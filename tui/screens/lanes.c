#include "tui/screens/screens.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/model/evidence.h"
#include "core/view/guard.h"
#include "core/view/proof.h"
#include "tui/frame.h"
#include "tui/screens/table.h"

enum { C_LANE, C_LIVE, C_DRIFT, C_NEXT, C_STATE, C_PROGRESS, C_PROOF, C_SINCE, C_AGE, C_BACK, C_N };

static const struct column columns[C_N] = {
	[C_LANE] = { .head = "LANE", .least = 14, .most = 40, .priority = 0 },
	[C_LIVE] = { .head = "LIVE", .least = 9, .most = 24, .priority = 2 },
	[C_DRIFT] = { .head = "D", .least = 1, .most = 1, .priority = 1 },
	[C_NEXT] = { .head = "NEXT", .least = 9, .most = 24, .priority = 3 },
	[C_STATE] = { .head = "STATE", .least = 5, .most = 5, .priority = 0 },
	[C_PROGRESS] = { .head = "PROGRESS",
			 .least = 12,
			 .good = 20,
			 .most = 60,
			 .priority = 1,
			 .grows = true,
			 .middle = true },
	[C_PROOF] = { .head = "PROOF", .least = 5, .most = 9, .priority = 1 },
	[C_SINCE] = { .head = "SINCE", .most = 5, .priority = 2, .right = true },
	[C_AGE] = { .head = "AGE", .most = 4, .priority = 4, .right = true },
	[C_BACK] = { .head = "WAY BACK", .least = 13, .most = 30, .priority = 2 },
};

#define GUARD_CELLS  (int)(sizeof("guard ") - 1) /* as view_guards() begins its words */
#define FROZEN_CELLS (int)(sizeof(frozen_word) - 1)
static const char frozen_word[] = "frozen: "; /* as the view begins it */

static bool lane_is_frozen(const struct lane_row *l)
{
	return text_starts(l->freeze, frozen_word);
}

static const char *or_dash(const char *s)
{
	return *s ? s : "-";
}

static const char *read_age(const struct lane_row *l, char out[WHEN_TEXT])
{
	return l->age_ms < 0 ? "-" : when_age_minutes(l->age_ms, out);
}

/* "5m" of "p50 5m, at most 9m, of 12 runs": half of them were faster. */
static const char *half_of(const char *took, int *n)
{
	took += text_starts(took, "p50 ") ? 4 : 0;
	*n = (int)strcspn(took, ",");
	return took;
}

/* "ok v0.9.3 5m": what decides stands first, so that a narrow column keeps it, and the release is cut. Where there is none
 * it is the reason: a lane that is on its way back already is not one that has nowhere to go. */
static struct table_cell back_cell(const struct lane_row *l, char buf[TABLE_BUF])
{
	int n;
	const char *target = l->back_target, *took = half_of(l->back_took, &n);
	if (!*l->back)
		return (struct table_cell){ l->production ? "?" : "-", ROLE_DIM };
	target += text_starts(target, "sha256:") ? 7 : 0;
	target = *target ? target : l->back_why;
	snprintf(buf, TABLE_BUF, "%s%s%s%s%.*s",
		 l->back_ok == CHECK_OK          ? "ok"
		 : l->back_ok == CHECK_UNCHECKED ? "?"
						 : "NO",
		 *target ? " " : "", target, n ? " " : "", n, took);
	return (struct table_cell){ buf, role_of_back(l->back_ok) };
}

static void add_part(char buf[TABLE_BUF], const char *what, const char *more)
{
	size_t n = strlen(buf);
	if (*more)
		snprintf(buf + n, TABLE_BUF - n, "%s%s%s", n ? "; " : "", what, more);
}

/* A line that is stopped is said before what the lane does, what went wrong before both, an act without an outcome
 * before all. */
static struct table_cell progress_cell(const struct lane_row *l, char buf[TABLE_BUF])
{
	bool frozen = lane_is_frozen(l), alone = !*l->freeze && !*l->again && !*l->progress;
	if (*l->unsettled)
		return (struct table_cell){ l->unsettled, ROLE_UNKN };
	buf[0] = 0;
	/* In a narrow column what the lane does is worth more than what kind of alarm: the pane has it. */
	if (*l->alarm)
		snprintf(buf, TABLE_BUF, "ALARM%s%s", alone ? " " : "", alone ? l->alarm_kind : "");
	add_part(buf, frozen ? "FROZEN " : "", l->freeze + (frozen ? FROZEN_CELLS : 0));
	add_part(buf, "", *l->again ? "reading again" : "");
	/* "freeze until 16:00Z": the word is said already. */
	add_part(buf, "",
		 frozen && text_starts(l->progress, "freeze") ? strchrnul(l->progress, 'u') : l->progress);
	add_part(buf, "", l->guard ? l->guard->brief : "");
	return (struct table_cell){ buf, *l->alarm   ? ROLE_FAIL
					 : frozen    ? ROLE_HOLD
					 : *l->again ? ROLE_STALE
						     : ROLE_TEXT };
}

static struct table_cell drift_cell(const struct lane_row *l, char buf[TABLE_BUF])
{
	snprintf(buf, TABLE_BUF, "%c", l->drift_worst < 0 ? ' ' : glyph_of_drift(l->drift_worst));
	return (struct table_cell){ buf, l->drift_worst < 0 ? ROLE_TEXT : role_of_drift(l->drift_worst) };
}

/* "2/4" and the worst of it; what is required of nobody is a dash, and no good sign. */
static struct table_cell proof_cell(const struct lane_row *l, bool ascii, char buf[TABLE_BUF])
{
	struct arena a = ARENA_INIT;
	const char *words = proof_count_words(l->proof, ascii, &a);
	snprintf(buf, TABLE_BUF, "%s", or_dash(words));
	arena_done(&a);
	return (struct table_cell){ buf, l->proof ? role_of_proof(l->proof->worst) : ROLE_DIM };
}

struct listed {
	const struct lane_row *items;
	bool ascii;
};

static struct table_cell cell(const void *rows, int i, int column, char buf[TABLE_BUF])
{
	const struct listed *all = rows;
	const struct lane_row *l = &all->items[i];
	if (column == C_PROOF)
		return proof_cell(l, all->ascii, buf);
	if (column == C_PROGRESS)
		return progress_cell(l, buf);
	if (column == C_BACK)
		return back_cell(l, buf);
	if (column == C_DRIFT)
		return drift_cell(l, buf);
	const char *age = column == C_AGE ? read_age(l, buf) : "";
	const struct table_cell cells[C_N] = {
		[C_LANE] = { l->name, l->production ? ROLE_TITLE : ROLE_TEXT },
		[C_LIVE] = { or_dash(l->live), ROLE_TEXT },
		[C_NEXT] = { or_dash(l->next), ROLE_TEXT },
		[C_STATE] = { names_word(&lane_state_names, l->state), role_of_state(l->state) },
		[C_SINCE] = { l->since, ROLE_DIM },
		[C_AGE] = { age, l->state == LANE_STALE ? ROLE_STALE : ROLE_DIM },
	};
	return cells[column];
}

static char glyph(const void *rows, int i, enum role *role)
{
	const struct lane_row *l = &((const struct listed *)rows)->items[i];
	*role = role_of_state(l->state);
	return lane_state_glyph(l->state);
}

#define NEVER 10 /* a priority that no column is taken by */

static bool any_proof(const struct lane_rows *v)
{
	vec_each (l, v)
		if (l->proof)
			return true;
	return false;
}

/* Where proofs are wanted they have a column; in a narrow terminal the way back is then told by the pane alone. */
static void draw_lanes(struct grid *g, struct rect r, const struct lane_rows *v, struct list *l)
{
	const struct listed all = { v->items, g->ascii };
	struct column cols[C_N];
	memcpy(cols, columns, sizeof(cols));
	if (any_proof(v))
		cols[C_BACK].priority = 3;
	else
		cols[C_PROOF].priority = NEVER;
	const struct table_kind kind = { cols, C_N, cell, glyph };
	table_draw(g, r, &kind, &all, (int)v->n, l);
}

void screen_lanes(struct grid *g, struct rect r, const struct lane_rows *v, struct list *l)
{
	if (v->n)
		draw_lanes(g, r, v, l);
	else
		screen_empty(
			g, r,
			"No lane is known yet: nothing was read from the forge. A console is started with "
			"its "
			"delivery system, for example pilothouse --profile easyenclave; without an account, "
			"pilothouse drill plays one.");
}

struct pane_line {
	char text[512];
	enum role role;
};

static void age_line(struct pane_line *out, const struct lane_row *l, bool frozen)
{
	char age[WHEN_TEXT];
	bool known = frozen || !*l->freeze;
	if (*l->again)
		snprintf(out->text, sizeof(out->text), "%s", l->again);
	else
		snprintf(out->text, sizeof(out->text), "read %s%s%s%s%s",
			 l->age_ms < 0 ? "never" : when_age_minutes(l->age_ms, age),
			 l->age_ms < 0 ? "" : " ago", *l->repo ? " from " : "", l->repo,
			 known ? "" : "; whether the line is stopped is not known");
	out->role = known && !*l->again ? ROLE_DIM : ROLE_STALE;
}

#define FOOT_MOST 7

/* What always has its rows, whatever the reasons take: the line that is stopped, the lock, the guard, what is not proved, what drifts, the way back, the age. */
static int pane_foot(const struct lane_row *l, struct pane_line out[FOOT_MOST])
{
	int n = 0;
	bool frozen = lane_is_frozen(l);
	if (frozen) {
		snprintf(out[n].text, sizeof(out[n].text), "FROZEN by %s; a way back stays open",
			 l->freeze + FROZEN_CELLS);
		out[n++].role = ROLE_HOLD;
	}
	if (*l->lock) {
		snprintf(out[n].text, sizeof(out[n].text), "LOCK %s", l->lock);
		out[n++].role = ROLE_HOLD;
	}
	if (l->guard) {
		snprintf(out[n].text, sizeof(out[n].text), "GUARD %s", l->guard->words + GUARD_CELLS);
		out[n++].role = l->guard->acts ? ROLE_FAIL : ROLE_HOLD;
	}
	if (l->proof && l->proof->worst != PROOF_VERIFIED) {
		snprintf(out[n].text, sizeof(out[n].text),
			 "proof %" PRId64 " of %" PRId64 ", worst %s; e shows what", l->proof->ok,
			 l->proof->required, names_word(&proof_status_names, l->proof->worst));
		out[n++].role = role_of_proof(l->proof->worst);
	}
	if (l->drift_worst >= 0 && l->drift_worst != DRIFT_EQUAL) {
		snprintf(out[n].text, sizeof(out[n].text), "drift %s; 6 shows what", l->drift);
		out[n++].role = role_of_drift(l->drift_worst);
	}
	if (*l->back || l->production) {
		snprintf(out[n].text, sizeof(out[n].text), "%s%s%s",
			 *l->back ? l->back : "back ? not looked for yet", *l->back_took ? "; it took " : "",
			 l->back_took);
		out[n++].role = *l->back ? role_of_back(l->back_ok) : ROLE_STALE;
	}
	age_line(&out[n++], l, frozen);
	return n;
}

static int foot_rows(const struct pane_line *foot, int n, int width)
{
	int rows = 0;
	for (int i = 0; i < n; i++)
		rows += grid_wrap(NULL, 0, 0, width, 4, foot[i].role, foot[i].text);
	return rows;
}

/* A reason that has a row of its own is not told twice. */
static bool is_said(const struct lane_row *l, const char *reason)
{
	static const char alarm[] = "alarm: "; /* as alarm_words() begins */
	if (text_starts(reason, alarm))
		return !strcmp(reason + sizeof(alarm) - 1, l->alarm);
	return !strcmp(reason, l->lock_reason);
}

void pane_lane(struct grid *g, struct rect r, const struct lane_row *l)
{
	char title[256], alarm[512];
	struct pane_line foot[FOOT_MOST];
	int row = r.row, n = pane_foot(l, foot), width = r.cols - 2;
	if (r.rows < 1 || r.cols < 10)
		return;
	snprintf(title, sizeof(title), "%s: %s", l->name, names_word(&lane_state_names, l->state));
	grid_rule(g, row++, r.col, r.cols, title);
	int end = r.row + r.rows, most = end - foot_rows(foot, n, width);
	if (*l->unsettled && row < end)
		row += grid_wrap(g, row, r.col + 1, width, end - row, ROLE_UNKN, l->unsettled);
	snprintf(alarm, sizeof(alarm), "ALARM %s", l->alarm);
	if (*l->alarm && row < most)
		row += grid_wrap(g, row, r.col + 1, width, most - row, ROLE_FAIL, alarm);
	for (int i = 0; i < l->reasons_n && row < most; i++) {
		if (is_said(l, l->reasons[i]))
			continue;
		row += grid_wrap(g, row, r.col + 1, width, most - row,
				 i ? ROLE_TEXT : role_of_state(l->state), l->reasons[i]);
	}
	for (int i = 0; i < n && row < end; i++)
		row += grid_wrap(g, row, r.col + 1, width, end - row, foot[i].role, foot[i].text);
}

void screen_empty(struct grid *g, struct rect r, const char *text)
{
	grid_wrap(g, r.row + 1, r.col + 3, r.cols - 6, r.rows > 1 ? r.rows - 1 : 1, ROLE_DIM, text);
}

void pane_events(struct grid *g, struct rect r, const struct event_rows *v)
{
	if (r.rows < 2)
		return;
	struct arena a = ARENA_INIT;
	grid_rule(g, r.row, r.col, r.cols, "events");
	for (int i = 0; i < (int)v->n && i + 1 < r.rows; i++) {
		const struct event_row *e = &v->items[i];
		grid_put(g, r.row + 1 + i, r.col + 1, 10, ROLE_DIM, e->at);
		grid_put(g, r.row + 1 + i, r.col + 11, 16, ROLE_TEXT, text_cut_middle(&a, e->lane, 16));
		grid_put(g, r.row + 1 + i, r.col + 28, r.cols - 29, ROLE_TEXT, e->text);
	}
	arena_done(&a);
}
