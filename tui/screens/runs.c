#include "tui/screens/screens.h"

#include <stdio.h>

#include "tui/frame.h"
#include "tui/screens/table.h"

enum { C_RUN, C_LANE, C_STATUS, C_AGE, C_TOOK, C_ACTOR, C_BRANCH, C_TITLE, C_N };

static const struct column columns[C_N] = {
	[C_RUN] = { .head = "RUN", .width = 12, .priority = 2, .right = true },
	[C_LANE] = { .head = "LANE", .width = 13, .priority = 1 },
	[C_STATUS] = { .head = "RESULT", .width = 11, .priority = 0 },
	[C_AGE] = { .head = "AGE", .width = 4, .priority = 1, .right = true },
	[C_TOOK] = { .head = "TOOK", .width = 8, .priority = 4, .right = true },
	[C_ACTOR] = { .head = "ACTOR", .width = 12, .priority = 5 },
	[C_BRANCH] = { .head = "BRANCH", .width = 14, .priority = 6 },
	[C_TITLE] = { .head = "TITLE", .width = 20, .priority = 0, .grows = true },
};

static void draw_run(struct grid *g, int row, int left, const struct run_row *v, const int *w)
{
	int col = left + TABLE_LEFT;
	char id[32];
	snprintf(id, sizeof(id), "%" PRId64, v->id);
	enum role role = role_of_run(v->status_value, v->conclusion_value);
	table_cell(g, row, &col, &columns[C_RUN], w[C_RUN], ROLE_DIM, id);
	table_cell(g, row, &col, &columns[C_LANE], w[C_LANE], ROLE_TEXT, *v->lane ? v->lane : "-");
	table_cell(g, row, &col, &columns[C_STATUS], w[C_STATUS], role,
		   *v->conclusion ? v->conclusion : v->status);
	table_cell(g, row, &col, &columns[C_AGE], w[C_AGE], ROLE_DIM, v->age);
	table_cell(g, row, &col, &columns[C_TOOK], w[C_TOOK], ROLE_DIM, v->duration);
	table_cell(g, row, &col, &columns[C_ACTOR], w[C_ACTOR], ROLE_TEXT, v->actor);
	table_cell(g, row, &col, &columns[C_BRANCH], w[C_BRANCH], ROLE_TEXT, v->branch);
	table_cell(g, row, &col, &columns[C_TITLE], w[C_TITLE], ROLE_TEXT, v->title);
}

void screen_runs(struct grid *g, struct rect r, const struct run_rows *v, struct list *l)
{
	int width[C_N];
	if (!v->n) {
		screen_empty(g, r, "No run is known here.");
		return;
	}
	columns_layout(columns, C_N, r.cols, width);
	table_heads(g, r, columns, C_N, width);
	int top = list_scroll(l, (int)v->n, r.rows - 1);
	for (int i = 0; i < r.rows - 1 && top + i < (int)v->n; i++) {
		table_marker(g, r.row + 1 + i, r.col, top + i == l->cursor);
		draw_run(g, r.row + 1 + i, r.col, &v->items[top + i], width);
	}
}

/* ---- one run ---- */

int screen_run_lines(const struct run_view *v)
{
	int n = 0;
	for (int i = 0; i < v->jobs_n; i++)
		n += 1 + v->jobs[i].steps_n;
	return n;
}

/* The job and, in *step, the step (-1: the job itself) that a line shows. */
static const struct job_row *line_at(const struct run_view *v, int line, int *step)
{
	for (int i = 0; i < v->jobs_n; i++) {
		if (line <= v->jobs[i].steps_n) {
			*step = line - 1;
			return &v->jobs[i];
		}
		line -= 1 + v->jobs[i].steps_n;
	}
	return NULL;
}

int64_t screen_run_job(const struct run_view *v, int line)
{
	int step;
	const struct job_row *j = line_at(v, line, &step);
	return j ? j->id : 0;
}

static void draw_state(struct grid *g, int row, int col, int status, int conclusion, const char *a,
		       const char *b)
{
	grid_put(g, row, col, 11, role_of_run(status, conclusion), *b ? b : a);
}

static void draw_line(struct grid *g, struct rect r, int row, const struct job_row *j, int step)
{
	int name = r.col + 22;
	if (step < 0) {
		draw_state(g, row, r.col + 2, j->status_value, j->conclusion_value, j->status, j->conclusion);
		grid_put_right(g, row, r.col + 13, 7, ROLE_DIM, j->duration);
		grid_put(g, row, name, r.cols - 23, ROLE_TITLE, j->name);
		if (*j->stage)
			grid_put_right(g, row, r.col + r.cols - 16, 15, ROLE_DIM, j->stage);
		return;
	}
	const struct step_row *s = &j->steps[step];
	draw_state(g, row, r.col + 4, s->status_value, s->conclusion_value, s->status, s->conclusion);
	grid_put_right(g, row, r.col + 13, 7, ROLE_DIM, s->duration);
	grid_put(g, row, name + 2, r.cols - 25, ROLE_TEXT, s->name);
}

static int draw_summary(struct grid *g, struct rect r, const struct run_view *v)
{
	int row = r.row, col = r.col + 1;
	col += grid_put(g, row, col, -1, role_of_run(v->run.status_value, v->run.conclusion_value),
			*v->run.conclusion ? v->run.conclusion : v->run.status);
	grid_printf(g, row++, col + 1, r.cols - col - 2, ROLE_TITLE, "%s", v->run.title);
	grid_printf(g, row++, r.col + 1, r.cols - 2, ROLE_DIM, "%s  %s on %s at %.7s by %s  %s ago, took %s",
		    v->run.lane, v->run.event, v->run.branch, v->run.sha, v->run.actor, v->run.age,
		    v->run.duration);
	if (*v->intent && row < r.row + r.rows)
		grid_printf(g, row++, r.col + 1, r.cols - 2, ROLE_TEXT, "%s", v->intent);
	vec_each (gate, &v->gates) {
		if (row >= r.row + r.rows - 2)
			break;
		grid_printf(g, row++, r.col + 1, r.cols - 2, ROLE_WAIT, "waits at %s since %s for %s: %s",
			    gate->environment, gate->since, gate->reviewers,
			    gate->can_approve ? "A approves, X rejects" : gate->why_not);
	}
	return row - r.row;
}

void screen_run(struct grid *g, struct rect r, const struct run_view *v, struct list *l)
{
	int used = draw_summary(g, r, v), n = screen_run_lines(v);
	struct rect body = { r.row + used, r.col, r.rows - used, r.cols };
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
