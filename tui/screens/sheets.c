#include "tui/screens/screens.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tui/frame.h"

static struct line *add(struct lines *out, enum role role, const char *text, struct arena *a)
{
	struct line *l = vec_push(out, a);
	*l = (struct line){ .text = text, .role = role };
	return l;
}

static void rule(struct lines *out, const char *title, struct arena *a)
{
	add(out, ROLE_HEAD, arena_printf(a, "-- %s", title), a)->indent = -1;
}

static void draw_line(struct grid *g, struct rect r, int row, const struct line *l)
{
	int col = r.col + 1 + (l->indent > 0 ? l->indent : 0), width = r.cols - (col - r.col) - 1;
	if (l->indent < 0) {
		grid_rule(g, row, r.col, r.cols, l->text + 3);
		return;
	}
	if (l->mark) {
		int used = grid_put(g, row, col, width, l->mark_role, l->mark) + 1;
		col += used;
		width -= used;
	}
	grid_put(g, row, col, width, l->role, l->text);
	if (l->right)
		grid_put_right(g, row, r.col + r.cols - 1 - text_width(l->right), text_width(l->right),
			       ROLE_DIM, l->right);
}

void sheet_draw(struct grid *g, struct rect r, const struct lines *v, int *top)
{
	int most = (int)v->n - r.rows;
	if (*top > most)
		*top = most;
	if (*top < 0)
		*top = 0;
	for (int i = 0; i < r.rows && *top + i < (int)v->n; i++)
		draw_line(g, r, r.row + i, &v->items[*top + i]);
	if (most > *top)
		grid_put_right(g, r.row + r.rows - 1, r.col, r.cols, ROLE_DIM, "more");
}

/* Breaks text into lines of at most cols cells. */
static void wrap(struct lines *out, enum role role, int indent, const char *text, int cols, struct arena *a)
{
	while (*text) {
		const char *line = text_cut(a, text, cols - indent);
		size_t n = strlen(text);
		if (text_width(text) > cols - indent) {
			n = strlen(line) > 2 ? strlen(line) - 2 : strlen(line);
			size_t blank = n;
			while (blank > n / 2 && text[blank] != ' ')
				blank--;
			n = blank > n / 2 ? blank : n;
		}
		add(out, role, arena_strndup(a, text, n), a)->indent = indent;
		text += n;
		while (*text == ' ')
			text++;
	}
}

static const struct {
	const char *word;
	enum role role;
} verdicts[] = {
	[CHECK_UNCHECKED] = { "--  ", ROLE_STALE },
	[CHECK_OK] = { "ok  ", ROLE_OK },
	[CHECK_BAD] = { "BAD ", ROLE_FAIL },
	[CHECK_MISSING] = { "MISS", ROLE_FAIL },
};

static void plan_checks(struct lines *out, const struct plan_view *p, int cols, struct arena *a)
{
	rule(out, "checks", a);
	for (int i = 0; i < p->checks_n; i++) {
		const struct check_row *c = &p->checks[i];
		struct line *l = add(out, ROLE_TEXT, arena_printf(a, "%-16s %s", c->name, c->detail), a);
		l->mark = verdicts[c->status].word;
		l->mark_role = verdicts[c->status].role;
		l->indent = 1;
		if (c->status != CHECK_OK && *c->fix)
			wrap(out, ROLE_DIM, 6, arena_printf(a, "fix: %s", c->fix), cols - 4, a);
	}
}

static void plan_changes(struct lines *out, const struct plan_view *p, struct arena *a)
{
	if (p->ahead < 0 && p->behind < 0 && !p->changes_n)
		return;
	rule(out,
	     p->behind > 0
		     ? arena_printf(a, "changes: %" PRId64 " commits in, %" PRId64 " commits taken back",
				    p->ahead, p->behind)
		     : arena_printf(a, "changes: %" PRId64 " commits", p->ahead),
	     a);
	for (int i = 0; i < p->changes_n && i < 8; i++)
		add(out, ROLE_TEXT, p->changes[i], a)->indent = 1;
	if (p->changes_n > 8)
		add(out, ROLE_DIM, arena_printf(a, "and %d more", p->changes_n - 8), a)->indent = 1;
}

void sheet_plan(struct lines *out, const struct plan_view *p, int cols, struct arena *a)
{
	struct line *l = add(out, p->production ? ROLE_PROD : ROLE_TITLE,
			     arena_printf(a, "%s %s %s", p->act, p->lane, p->release), a);
	l->right = arena_printf(a, "plan %s", p->plan_id);
	if (*p->sha)
		add(out, ROLE_DIM, arena_printf(a, "commit %s", p->sha), a);
	for (int i = 0; i < p->requests_n; i++)
		wrap(out, ROLE_TEXT, i % 2 ? 2 : 0, p->requests[i], cols - 4, a);
	plan_changes(out, p, a);
	plan_checks(out, p, cols, a);
	if (*p->back)
		wrap(out, ROLE_TEXT, 1, arena_printf(a, "BACK  %s", p->back), cols - 4, a);
	if (*p->note)
		wrap(out, ROLE_DIM, 1, arena_printf(a, "NOTE  %s", p->note), cols - 4, a);
}

void sheet_why(struct lines *out, const struct why_rows *v, struct arena *a)
{
	vec_each (w, v) {
		struct line *l = add(out, w->depth ? ROLE_TEXT : ROLE_TITLE, w->text, a);
		l->indent = w->depth * 2;
		l->right = arena_printf(a, "%s, %s old", w->source, w->age);
		if (*w->fix) {
			struct line *fix = add(out, ROLE_KEY, w->fix, a);
			fix->indent = w->depth * 2 + 2;
			fix->mark = "to clear:";
			fix->mark_role = ROLE_DIM;
		}
	}
}

static const struct {
	const char *key, *what;
} moves[] = {
	{ "j k", "down and up; arrows, PgUp, PgDn, Ctrl-d, Ctrl-u" },
	{ "g G", "first and last; Home, End" },
	{ ":", "type a command; Tab completes" },
	{ "-", "the screen before this one" },
};

void sheet_help(struct lines *out, bool read_only, struct arena *a)
{
	size_t n;
	const struct command_info *c = command_table(&n);
	rule(out, "moving", a);
	for (size_t i = 0; i < countof(moves); i++) {
		struct line *l = add(out, ROLE_TEXT, moves[i].what, a);
		l->mark = arena_printf(a, "%-8s", moves[i].key);
		l->mark_role = ROLE_KEY;
	}
	rule(out, "commands: the key, or : and the name", a);
	for (size_t i = 0; i < n; i++) {
		if ((read_only && c[i].kind == COMMAND_ACT) || c[i].kind == COMMAND_TOOL)
			continue;
		struct line *l = add(out, ROLE_TEXT, arena_printf(a, "%-10s %s", c[i].name, c[i].summary), a);
		l->mark = arena_printf(a, "%-8s", c[i].key);
		l->mark_role = ROLE_KEY;
	}
	add(out, ROLE_DIM,
	    "Lower case never changes the world. Upper case opens a plan; nothing is sent by opening it.", a);
}

void sheet_text(struct lines *out, const char *text, int cols, struct arena *a)
{
	while (text && *text) {
		size_t n = strcspn(text, "\n");
		if (n)
			wrap(out, ROLE_TEXT, 0, arena_strndup(a, text, n), cols - 4, a);
		else
			add(out, ROLE_TEXT, "", a);
		text += n + (text[n] == '\n');
	}
}

void sheet_log(struct lines *out, const struct json *r, struct arena *a)
{
	const struct json *lines = json_get(r, "lines"), *steps = json_get(r, "steps");
	int64_t step = -1;
	add(out, ROLE_TITLE, arena_printf(a, "log of %s", text_safe_dup(a, json_str(r, "name"), 0)), a);
	for (size_t i = 0; i < json_size(lines); i++) {
		const struct json *l = json_at(lines, i);
		if (json_int(l, "step", 0) != step) {
			step = json_int(l, "step", 0);
			const struct json *s = json_at(steps, (size_t)(step > 0 ? step - 1 : 0));
			rule(out,
			     arena_printf(a, "step %" PRId64 " %s", step,
					  text_safe_dup(a, json_str(s, "name"), 0)),
			     a);
		}
		add(out, json_bool(l, "error", false) ? ROLE_FAIL : ROLE_TEXT,
		    text_safe_dup(a, json_str(l, "text"), 0), a);
	}
	if (!json_size(lines))
		add(out, ROLE_DIM, "the log is empty", a);
}

void sheet_outcome(struct lines *out, const struct json *r, struct arena *a)
{
	const char *state = text_safe_dup(a, json_str(r, "state"), 0);
	int value = names_value(&intent_state_names, state);
	struct line *l = add(out, ROLE_TITLE,
			     arena_printf(a, "%s %s", text_safe_dup(a, json_str(r, "act"), 0),
					  text_safe_dup(a, json_str(r, "lane"), 0)),
			     a);
	l->mark = arena_printf(a, "%s", state);
	l->mark_role = value == INTENT_LINKED || value == INTENT_DONE ? ROLE_OK : ROLE_UNKN;
	if (json_int(r, "run_id", 0))
		add(out, ROLE_TEXT, arena_printf(a, "run %" PRId64, json_int(r, "run_id", 0)), a);
	if (json_str(r, "note"))
		add(out, ROLE_TEXT, text_safe_dup(a, json_str(r, "note"), 0), a);
	add(out, ROLE_DIM,
	    arena_printf(a, "intent %" PRId64 " nonce %s", json_int(r, "intent", 0),
			 text_safe_dup(a, json_str(r, "nonce"), 0)),
	    a);
}

void sheet_confirm(struct grid *g, struct rect r, const struct plan_view *p, struct confirm *c, msec now)
{
	char line[512];
	c->fits = r.rows >= 3 && r.cols > (int)strlen(c->phrase) + 24;
	if (!c->fits) {
		grid_put(g, r.row, r.col + 1, r.cols - 2, ROLE_FAIL,
			 "too small to confirm: make the terminal larger");
		return;
	}
	snprintf(line, sizeof(line), "confirm %s", p->act);
	grid_rule(g, r.row, r.col, r.cols, line);
	int col = r.col + 1;
	col += grid_put(g, r.row + 1, col, -1, ROLE_TEXT, confirm_armed(c, now) ? "type " : "wait ");
	col += grid_put(g, r.row + 1, col, -1, p->production ? ROLE_PROD : ROLE_KEY, c->phrase);
	col += grid_put(g, r.row + 1, col, -1, ROLE_TEXT, " and Enter:  ");
	col += grid_put(g, r.row + 1, col, r.cols - (col - r.col) - 2, ROLE_INPUT, c->typed);
	grid_put(g, r.row + 1, col, 1, ROLE_INPUT, "_");
	grid_put(g, r.row + 2, r.col + 1, r.cols - 2, *c->hint ? ROLE_WAIT : ROLE_DIM,
		 *c->hint ? c->hint : "Esc leaves; nothing was sent");
}
