#include "tui/screens/screens.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/model/evidence.h"
#include "tui/frame.h"
#include "tui/screens/table.h"

enum { C_RUN, C_LANE, C_STATUS, C_AGE, C_TOOK, C_ACTOR, C_BRANCH, C_TITLE, C_N };

static const struct column columns[C_N] = {
	[C_RUN] = { .head = "RUN", .most = 20, .priority = 2, .right = true },
	[C_LANE] = { .head = "LANE", .least = 10, .most = 32, .priority = 1 },
	[C_STATUS] = { .head = "RESULT", .least = 11, .most = 15, .priority = 0 },
	[C_AGE] = { .head = "AGE", .most = 4, .priority = 1, .right = true },
	[C_TOOK] = { .head = "TOOK", .most = 8, .priority = 4, .right = true },
	[C_ACTOR] = { .head = "ACTOR", .least = 8, .most = 24, .priority = 5 },
	[C_BRANCH] = { .head = "BRANCH", .least = 8, .most = 24, .priority = 6 },
	[C_TITLE] = { .head = "TITLE", .least = 16, .good = 30, .most = 110, .priority = 0, .grows = true },
};

static struct table_cell cell(const void *rows, int i, int column, char buf[TABLE_BUF])
{
	const struct run_row *v = &((const struct run_row *)rows)[i];
	enum role role = role_of_run(v->status_value, v->conclusion_value);
	if (column == C_RUN)
		snprintf(buf, TABLE_BUF, "%" PRId64, v->id);
	const struct table_cell cells[C_N] = {
		[C_RUN] = { buf, ROLE_DIM },
		[C_LANE] = { *v->lane ? v->lane : "-", ROLE_TEXT },
		[C_STATUS] = { *v->conclusion ? v->conclusion : v->status, role },
		[C_AGE] = { v->age, ROLE_DIM },
		[C_TOOK] = { v->duration, ROLE_DIM },
		[C_ACTOR] = { v->actor, ROLE_TEXT },
		[C_BRANCH] = { v->branch, ROLE_TEXT },
		[C_TITLE] = { v->title, ROLE_TEXT },
	};
	return cells[column];
}

static const struct table_kind kind = { columns, C_N, cell, NULL };

void screen_runs(struct grid *g, struct rect r, const struct run_rows *v, struct list *l)
{
	if (v->n)
		table_draw(g, r, &kind, v->items, (int)v->n, l);
	else
		screen_empty(g, r, "No run is known here.");
}

/* ---- one run ---- */

int screen_run_lines(const struct run_view *v)
{
	int n = 0;
	for (int i = 0; i < v->jobs_n; i++)
		n += 1 + v->jobs[i].steps_n;
	return n;
}

static const struct job_row *line_at(const struct run_view *v, int line, int *step)
{
	for (int i = 0; i < v->jobs_n; i++) {
		if (line <= v->jobs[i].steps_n) {
			*step = line - 1;
			return &v->jobs[i];
		}
		line -= 1 + v->jobs[i].steps_n;
	}
	*step = -1;
	return NULL;
}

int64_t screen_run_line(const struct run_view *v, int line, int *step)
{
	const struct job_row *j = line_at(v, line, step);
	return j ? j->id : 0;
}

/* What did not do what its colour says is never green. */
static const struct {
	const char *word;
	enum role role;
} meanings[] = {
	[MEANS_OTHER] = { NULL, ROLE_TEXT },
	[MEANS_SKIPPED] = { "skipped", ROLE_DIM },
	[MEANS_NOT_REQUIRED] = { "not required", ROLE_DIM },
	[MEANS_WARNED] = { "warned", ROLE_WAIT },
	[MEANS_VACUOUS] = { "vacuous", ROLE_STALE },
};

static size_t meaning_of(const struct job_row *j)
{
	return (size_t)j->means < countof(meanings) ? (size_t)j->means : MEANS_VACUOUS;
}

/* A green that would have been green without any work proves nothing, whether there was some or not. */
static bool is_unproven(const struct job_row *j)
{
	return j->conclusion_value == CONCLUSION_SUCCESS &&
	       (j->means == MEANS_SKIPPED || j->means == MEANS_NOT_REQUIRED);
}

static enum role role_of_job(const struct job_row *j)
{
	if (is_unproven(j))
		return ROLE_STALE;
	return j->means == MEANS_OTHER ? role_of_run(j->status_value, j->conclusion_value)
				       : meanings[meaning_of(j)].role;
}

/* The first job that failed, else the first that is not done. */
int screen_run_focus(const struct run_view *v)
{
	int line = 0, undone = -1;
	for (int i = 0; i < v->jobs_n; i++) {
		const struct job_row *j = &v->jobs[i];
		if (role_of_job(j) == ROLE_FAIL)
			return line;
		if (undone < 0 && j->status_value != RUN_COMPLETED)
			undone = line;
		line += 1 + j->steps_n;
	}
	return undone < 0 ? 0 : undone;
}

static const char *word_of(const struct job_row *j)
{
	return is_unproven(j) ? "unproven" : meanings[meaning_of(j)].word;
}

static void draw_state(struct grid *g, int row, int col, int status, int conclusion, const char *a,
		       const char *b)
{
	grid_put(g, row, col, 11, role_of_run(status, conclusion), *b ? b : a);
}

static void draw_cut(struct grid *g, int row, int col, int width, enum role role, const char *text)
{
	struct arena a = ARENA_INIT;
	if (width > 0)
		grid_put(g, row, col, width, role, text_cut(&a, text, width));
	arena_done(&a);
}

static void draw_job(struct grid *g, struct rect r, int row, const struct job_row *j)
{
	int col = r.col + 22, end = r.col + r.cols - 1;
	const char *word = word_of(j);
	grid_put_right(g, row, r.col + 13, 7, ROLE_DIM, j->duration);
	if (word)
		grid_put(g, row, r.col + 2, 12, role_of_job(j), word);
	else
		draw_state(g, row, r.col + 2, j->status_value, j->conclusion_value, j->status, j->conclusion);
	draw_cut(g, row, col, end - col, ROLE_TITLE, j->name);
	col += text_width(j->name) + 2;
	if (word && *j->meaning && strcmp(j->meaning, word) != 0) {
		draw_cut(g, row, col, end - col, role_of_job(j), j->meaning);
		col += text_width(j->meaning) + 2;
	}
	if (*j->stage && strcmp(j->stage, j->name) != 0)
		draw_cut(g, row, col, end - col, ROLE_DIM, j->stage);
}

static void draw_line(struct grid *g, struct rect r, int row, const struct job_row *j, int step)
{
	int name = r.col + 22, end = r.col + r.cols - 1;
	if (step < 0) {
		draw_job(g, r, row, j);
		return;
	}
	const struct step_row *s = &j->steps[step];
	draw_state(g, row, r.col + 4, s->status_value, s->conclusion_value, s->status, s->conclusion);
	grid_put_right(g, row, r.col + 13, 7, ROLE_DIM, s->duration);
	draw_cut(g, row, name + 2, end - name - 2, ROLE_TEXT, s->name);
}

static void gate_words(const struct gate_row *g, char *out, size_t n)
{
	bool known = when_known(g->since_at);
	snprintf(out, n, "%s %s%s for %s: %s", g->environment, known ? "has waited " : "waits",
		 known ? g->since : "", *g->reviewers ? g->reviewers : "somebody",
		 g->can_approve ? "A approves, X rejects" : g->why_not);
}

/* At most half of the room, so that jobs stay to be seen. */
static int draw_summary(struct grid *g, struct rect r, const struct run_view *v)
{
	char text[512];
	const struct run_row *run = &v->run;
	int row = r.row, col = r.col + 1, end = r.row + (r.rows > 8 ? r.rows / 2 : r.rows - 2);
	col += grid_put(g, row, col, -1, role_of_run(run->status_value, run->conclusion_value),
			*run->conclusion ? run->conclusion : run->status) +
	       1;
	draw_cut(g, row++, col, r.col + r.cols - col - 1, ROLE_TITLE, run->title);
	vec_each (gate, &v->gates) {
		gate_words(gate, text, sizeof(text));
		row += grid_wrap(g, row, r.col + 1, r.cols - 2, end - row, ROLE_WAIT, text);
	}
	snprintf(text, sizeof(text), "%s  %s on %s at %.7s by %s, %s ago, %s %s", run->lane, run->event,
		 run->branch, run->sha, run->actor, run->age,
		 run->status_value == RUN_COMPLETED ? "took" : "for", run->duration);
	row += grid_wrap(g, row, r.col + 1, r.cols - 2, end - row, ROLE_DIM, text);
	row += grid_wrap(g, row, r.col + 1, r.cols - 2, end - row, ROLE_TEXT, v->intent);
	return row - r.row;
}

static void draw_jobs(struct grid *g, struct rect body, const struct run_view *v, struct list *l)
{
	int n = screen_run_lines(v);
	if (body.rows < 1)
		return;
	grid_rule(g, body.row++, body.col, body.cols, "jobs and steps");
	body.rows--;
	if (!n) {
		screen_empty(g, body, "No job is known yet.");
		return;
	}
	int top = list_scroll(l, n, body.rows);
	for (int i = 0; i < body.rows && top + i < n; i++) {
		int step;
		const struct job_row *j = line_at(v, top + i, &step);
		table_marker(g, body.row + i, body.col, top + i == l->cursor);
		if (j)
			draw_line(g, body, body.row + i, j, step);
	}
}

/* What the run says of itself stands before the colours of its jobs: above them, or beside where it is wide. */
void screen_run(struct grid *g, struct rect r, const struct run_view *v, struct list *l)
{
	int used = draw_summary(g, r, v);
	struct rect body = { r.row + used, r.col, r.rows - used, r.cols };
	if (r.cols >= 120) {
		int left = r.cols * 3 / 5;
		pane_decisions(g, (struct rect){ body.row, left + 1, body.rows, r.cols - left - 1 }, v);
		body.cols = left;
	} else {
		struct rect strip = { body.row, body.col, body.rows / 3, body.cols };
		int rows = strip_decisions(g, strip, v);
		body.row += rows;
		body.rows -= rows;
	}
	draw_jobs(g, body, v, l);
}
