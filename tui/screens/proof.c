#include "tui/screens/screens.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/view/proof.h"
#include "tui/frame.h"
#include "tui/screens/lines.h"
#include "tui/screens/table.h"

enum role role_of_proof(int status)
{
	static const enum role roles[] = {
		[PROOF_UNCHECKED] = ROLE_UNKN, [PROOF_VERIFIED] = ROLE_OK,  [PROOF_WARN] = ROLE_WAIT,
		[PROOF_STALE] = ROLE_STALE,    [PROOF_MISSING] = ROLE_FAIL, [PROOF_FAILED] = ROLE_FAIL,
	};
	return (size_t)status < countof(roles) ? roles[status] : ROLE_FAIL;
}

static const char *or_dash(const char *s)
{
	return *s ? s : "-";
}

/* ---- the matrix: a line a subject ---- */

enum { C_STATUS, C_LANE, C_SUBJECT, C_SET, C_DIGEST, C_FROM, C_AGE, C_BUILDER, C_REASON, C_WHY, C_N };

#define NEVER 10 /* a priority that no column is taken by */

/* 12 digits of a digest are a number, and so is what was wanted: never cut. A subject is whole before there are more columns: two
 * may differ in any part of it, and its digest stands below the list. The code of a reason is in the table, what it
 * means beside it where there is room, and always in the tree. */
static const struct column columns[C_N] = {
	[C_STATUS] = { .head = "STATUS", .least = 11, .most = 11, .priority = 0 },
	[C_LANE] = { .head = "LANE", .least = 9, .good = 20, .most = 32, .priority = 1 },
	[C_SUBJECT] = { .head = "SUBJECT", .least = 22, .good = 44, .most = 56, .priority = 0, .path = true },
	[C_SET] = { .head = "WANTED", .least = 17, .most = 17, .priority = 0 },
	[C_DIGEST] = { .head = "DIGEST", .least = 12, .most = 12, .priority = 4 },
	[C_FROM] = { .head = "FROM", .least = 12, .most = 32, .priority = 5 },
	[C_AGE] = { .head = "AGE", .most = 4, .priority = 1, .right = true },
	[C_BUILDER] = { .head = "BUILDER", .least = 16, .most = 40, .priority = 7 },
	[C_REASON] = { .head = "REASON", .least = 13, .most = 18, .priority = 1 },
	[C_WHY] = { .head = "WHY", .least = 20, .good = 24, .most = 120, .priority = 6, .grows = true },
};

struct matrix {
	const struct proof_subject_row *items;
	bool ascii;
};

/* "v0.9.4 77ab31c": what it was built from. */
static const char *from_words(const struct proof_subject_row *v, char buf[TABLE_BUF])
{
	snprintf(buf, TABLE_BUF, "%.300s%s%.100s", or_dash(v->release), *v->commit_short ? " " : "",
		 v->commit_short);
	return buf;
}

static const char *set_words(const struct proof_subject_row *v, bool ascii, char buf[TABLE_BUF])
{
	struct arena a = ARENA_INIT;
	snprintf(buf, TABLE_BUF, "%s", proof_set_words(v, ascii, &a));
	arena_done(&a);
	return buf;
}

static struct table_cell cell(const void *rows, int i, int column, char buf[TABLE_BUF])
{
	const struct matrix *m = rows;
	const struct proof_subject_row *v = &m->items[i];
	enum role role = role_of_proof(v->status_value);
	buf[0] = 0;
	if (column == C_STATUS)
		snprintf(buf, TABLE_BUF, "%s %s", proof_glyph(v->status_value, m->ascii), v->status);
	else if (column == C_FROM)
		from_words(v, buf);
	else if (column == C_SET)
		set_words(v, m->ascii, buf);
	const struct table_cell cells[C_N] = {
		[C_STATUS] = { buf, role },
		[C_LANE] = { v->lane, ROLE_TEXT },
		[C_SUBJECT] = { or_dash(v->subject), ROLE_TITLE },
		[C_SET] = { buf, role == ROLE_OK ? ROLE_TEXT : role },
		[C_DIGEST] = { or_dash(v->digest_short), ROLE_TEXT },
		[C_FROM] = { buf, ROLE_TEXT },
		[C_AGE] = { v->age, ROLE_DIM },
		[C_BUILDER] = { or_dash(v->builder_short), ROLE_TEXT },
		[C_REASON] = { v->reason, role },
		[C_WHY] = { v->meaning, ROLE_TEXT },
	};
	return cells[column];
}

static bool one_lane(const struct proof_rows *v)
{
	vec_each (row, v)
		if (strcmp(row->lane, v->items->lane) != 0)
			return false;
	return true;
}

static const struct proof_subject_row *oldest(const struct proof_rows *v)
{
	const struct proof_subject_row *old = v->items;
	vec_each (row, v)
		if (row->age_ms < 0 || (old->age_ms >= 0 && row->age_ms > old->age_ms))
			old = row;
	return old;
}

/* "X1 ~2 +14 of 9 subjects; the oldest was verified 40m ago" */
static void draw_tally(struct grid *g, struct rect r, const struct proof_rows *v)
{
	struct arena a = ARENA_INIT;
	const struct proof_subject_row *old = oldest(v);
	int col = r.col + 1;
	col += grid_put(g, r.row, col, r.cols - 2, role_of_proof(v->items->status_value),
			proof_tally_words(v, g->ascii, &a));
	if (old->age_ms < 0)
		grid_printf(g, r.row, col, r.col + r.cols - col, ROLE_DIM,
			    "  %zu subject%s; what was never checked is among them", v->n,
			    v->n == 1 ? "" : "s");
	else
		grid_printf(g, r.row, col, r.col + r.cols - col, ROLE_DIM,
			    "  %zu subject%s, looked at %s ago%s", v->n, v->n == 1 ? "" : "s", old->age,
			    v->n == 1 ? "" : " or later");
	arena_done(&a);
}

/* The lane has a column where there are several. */
static void draw_matrix(struct grid *g, struct rect r, const struct proof_rows *v, struct list *l)
{
	const struct matrix m = { v->items, g->ascii };
	struct column cols[C_N];
	memcpy(cols, columns, sizeof(cols));
	if (one_lane(v))
		cols[C_LANE].priority = NEVER;
	const struct table_kind kind = { cols, C_N, cell, NULL };
	table_draw(g, r, &kind, &m, (int)v->n, l);
}

/* ---- the tree of a subject ---- */

static const struct {
	const char *word;
	enum role role;
} results[] = {
	[CHECKED_NOT] = { "not run", ROLE_STALE },
	[CHECKED_PASS] = { "ok     ", ROLE_OK },
	[CHECKED_FAIL] = { "FAIL   ", ROLE_FAIL },
	[CHECKED_ABSENT] = { "-      ", ROLE_DIM },
};

struct tree {
	struct lines *out;
	int cols;
	bool ascii;
	struct arena *a;
};

/* A value that must not be cut: it goes on in the next line. */
static void say_value(struct tree *t, int indent, const char *what, enum role role, const char *value)
{
	if (*value)
		line_marked(t->out, indent, arena_strdup(t->a, what), ROLE_DIM, role, value, t->cols, t->a);
}

/* "S8.identity identity", as wide as most are, so that values stand in a column where there is room for one. */
#define STEP_CELLS  26
#define NARROW_TREE 70

static enum role step_role(const struct proof_step_row *s)
{
	return s->result_value == CHECKED_FAIL   ? ROLE_FAIL
	       : s->result_value == CHECKED_PASS ? ROLE_TEXT
						 : ROLE_DIM;
}

void sheet_step(struct lines *out, const struct proof_step_row *s, int cols, struct arena *a)
{
	struct tree one = { out, cols, false, a }, *t = &one;
	const char *value = *s->found ? s->found : s->expected, *word = results[s->result_value].word;
	const char *name = arena_printf(t->a, "%s %s", s->id, s->name);
	enum role role = results[s->result_value].role;
	int blanks = STEP_CELLS - text_width(name);

	if (t->cols < NARROW_TREE) {
		line_marked(t->out, 3, word, role, step_role(s), name, t->cols, t->a);
		line_wrap(t->out, step_role(s), 11, value, t->cols, t->a);
	} else {
		line_marked(t->out, 3,
			    arena_printf(t->a, "%s %s%*s", word, name, blanks > 0 ? blanks : 0, ""), role,
			    step_role(s), value, t->cols, t->a);
	}
	if (s->result_value == CHECKED_PASS && *s->expected && strcmp(s->expected, s->found) != 0)
		say_value(t, 11, "expected", ROLE_DIM, s->expected);
}

/* What decides comes before all that went well: expected against found. */
void sheet_failures(struct lines *out, const struct proof_step_row *steps, int n, int cols, struct arena *a)
{
	struct tree one = { out, cols, false, a }, *t = &one;

	for (int i = 0; i < n; i++) {
		const struct proof_step_row *s = &steps[i];

		if (s->result_value != CHECKED_FAIL)
			continue;
		line_wrap(t->out, ROLE_FAIL, 3,
			  arena_printf(t->a, "%s %s%s%s", s->id, s->name, *s->reason ? ": " : "", s->reason),
			  t->cols, t->a);
		say_value(t, 5, "expected", ROLE_TEXT, or_dash(s->expected));
		say_value(t, 5, "found   ", ROLE_FAIL, or_dash(s->found));
	}
}

/* The day is told once: "signed 2026-11-21T13:40:17Z, logged 13:40:19Z". */
static const char *time_of(const char *at, const char *day)
{
	bool same = *day && strlen(at) > 11 && !strncmp(at, day, 11);

	return same ? at + 11 : at;
}

static void say_times(struct tree *t, const struct proof_row *p)
{
	const struct {
		const char *what, *at;
	} times[] = { { "signed", p->signed_at },
		      { "logged", p->logged_at },
		      { "verified", p->verified_at } };
	const char *words = "", *day = "";

	for (size_t i = 0; i < countof(times); i++) {
		if (!*times[i].at)
			continue;
		words = arena_printf(t->a, "%s%s%s %s", words, *words ? ", " : "", times[i].what,
				     time_of(times[i].at, day));
		day = times[i].at;
	}
	if (p->age_ms < 0)
		words = "never checked";
	else
		words = arena_printf(t->a, "%s%s%s ago", words,
				     *p->verified_at ? "; "
				     : *words        ? "; looked for "
						     : "looked for ",
				     p->age);
	line_wrap(t->out, ROLE_DIM, 3, words, t->cols, t->a);
}

static void say_opinions(struct tree *t, const struct proof_row *p, const char *repo)
{
	struct proof_opinion opinions[PROOF_OPINIONS];

	view_proof_opinions(opinions, p, repo, t->a);
	for (int i = 0; i < PROOF_OPINIONS; i++) {
		const struct proof_opinion *o = &opinions[i];

		if (*o->line)
			line_marked(t->out, 3, "$", ROLE_KEY, ROLE_TEXT, o->line, t->cols, t->a);
		if (*o->note)
			line_wrap(t->out, ROLE_DIM, *o->line ? 5 : 3,
				  arena_printf(t->a, "%s%s%s", *o->line ? "" : o->tool, *o->line ? "" : ": ",
					       o->note),
				  t->cols, t->a);
	}
}

static void say_wanted(struct tree *t, const struct proof_row *p, const char *repo)
{
	const char *mark = arena_printf(t->a, "%s %s", proof_glyph(p->status_value, t->ascii), p->status);
	const char *text =
		arena_printf(t->a, "%s  %s, %s", or_dash(p->check), p->strict ? "strict" : "relaxed",
			     p->required ? "required" : "not required");
	enum role role = role_of_proof(p->status_value);

	line_add(t->out, ROLE_TEXT, "", t->a);
	line_marked(t->out, 0, mark, role, ROLE_TITLE, text, t->cols, t->a);
	if (*p->reason)
		line_wrap(t->out, role, 3, arena_printf(t->a, "%s: %s", p->reason, p->meaning), t->cols,
			  t->a);
	sheet_failures(t->out, p->steps, p->steps_n, t->cols, t->a);
	if (*p->detail)
		line_wrap(t->out, ROLE_TEXT, 3, p->detail, t->cols, t->a);
	say_times(t, p);
	say_value(t, 3, "builder ", ROLE_TEXT, p->builder);
	say_value(t, 3, "commit  ", ROLE_TEXT, p->commit);
	say_value(t, 3, "source  ", ROLE_TEXT, p->source);
	say_value(t, 3, "evidence", ROLE_TEXT, p->evidence);
	say_value(t, 3, "root    ", ROLE_TEXT, p->root);
	say_value(t, 3, "root age", ROLE_TEXT, p->root_age);
	for (int i = 0; i < p->steps_n; i++)
		sheet_step(t->out, &p->steps[i], t->cols, t->a);
	if (!p->steps_n)
		line_wrap(t->out, ROLE_DIM, 3, "no check was made: there was nothing to verify", t->cols,
			  t->a);
	say_opinions(t, p, repo);
}

/* Of thousands only how many are how: Enter opens the list. */
static void say_machines(struct tree *t, const struct proof_subject_row *v)
{
	for (int i = 0; i < v->items_n; i++) {
		const struct proof_row *p = &v->items[i];
		const char *mark =
			arena_printf(t->a, "%s %s", proof_glyph(p->status_value, t->ascii), p->check);

		line_marked(t->out, 0, mark, role_of_proof(p->status_value), ROLE_TEXT, p->detail, t->cols,
			    t->a);
	}
	if (v->items_n) {
		say_value(t, 0, "collateral", ROLE_TEXT, v->items->root);
		say_value(t, 0, "its age   ", ROLE_TEXT, v->items->root_age);
	}
	line_wrap(t->out, ROLE_DIM, 0, "Enter shows them, and what four sources say of each", t->cols, t->a);
}

/* What is worst comes first, as in the list. */
static void say_subject(struct tree *t, const struct proof_subject_row *v, const char *repo)
{
	if (v->machines) {
		say_machines(t, v);
		return;
	}
	line_wrap(t->out, ROLE_TEXT, 0, *v->digest ? v->digest : "its digest is not known", t->cols, t->a);
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < v->items_n; i++)
			if ((v->items[i].status_value == v->status_value) == (pass == 0))
				say_wanted(t, &v->items[i], repo);
}

void sheet_proof(struct lines *out, const struct proof_subject_row *v, const char *repo, int cols, bool ascii,
		 struct arena *a)
{
	struct tree t = { out, cols - 2, ascii, a };

	line_wrap(out, ROLE_TITLE, 0,
		  arena_printf(a, "%s  %s %s", or_dash(v->subject), v->lane, or_dash(v->release)), t.cols, a);
	say_subject(&t, v, repo);
}

/* What a rule takes of its title's room. */
#define RULE_CELLS 6

/* The beginning of the same tree, below a rule. */
static void draw_pane(struct grid *g, struct rect r, const struct proof_subject_row *v, const char *repo)
{
	struct arena a = ARENA_INIT;
	struct lines lines = { 0 };
	struct tree t = { &lines, r.cols - 2, g->ascii, &a };
	int top = 0;
	if (r.rows < 2 || r.cols < 20)
		return;
	const char *where = arena_printf(&a, "%s %s", v->lane, v->release);
	const char *title = arena_printf(&a, "%s  %s", v->subject, where);
	bool fits = text_width(title) <= r.cols - RULE_CELLS;
	grid_rule(g, r.row, r.col, r.cols, fits ? title : v->subject);
	if (!fits)
		line_wrap(&lines, ROLE_TEXT, 0, where, t.cols, &a);
	say_subject(&t, v, repo);
	sheet_draw(g, (struct rect){ r.row + 1, r.col, r.rows - 1, r.cols }, &lines, &top);
	arena_done(&a);
}

/* ---- the screen ---- */

static void draw_none(struct grid *g, struct rect r, const char *none)
{
	char text[640];
	if (!none)
		none = "Nothing of these lanes is proved or asked for: either its profile wants no proof, or "
		       "nobody has looked yet";
	snprintf(
		text, sizeof(text),
		"%s. What is wanted stands under `proof:` of a lane in its profile (man pilothouse-profile); "
		"Ctrl-r reads the forge. What is not asked for is not proved: this is no good sign.",
		none);
	screen_empty(g, r, text);
}

/* The tree beside the matrix where neither cuts what the other one needs; below it where there is less. */
static struct rect split(struct rect *r, int n)
{
	struct rect pane = { r->row + r->rows, r->col, 0, r->cols };
	if (r->cols >= 160) {
		int left = r->cols * 3 / 5;
		pane = (struct rect){ r->row, r->col + left + 1, r->rows, r->cols - left - 1 };
		r->cols = left;
	} else if (r->rows >= 14) {
		int list = n + 2 < r->rows * 2 / 5 ? n + 2 : r->rows * 2 / 5;
		pane = (struct rect){ r->row + list, r->col, r->rows - list, r->cols };
		r->rows = list;
	}
	return pane;
}

void screen_proof(struct grid *g, struct rect r, const struct proof_rows *v, struct list *l, int at,
		  const char *repo, const char *none)
{
	if (!v->n) {
		draw_none(g, r, none);
		return;
	}
	struct rect pane = split(&r, (int)v->n);
	draw_tally(g, r, v);
	r.row++, r.rows--;
	if (r.rows > 0)
		draw_matrix(g, r, v, l);
	if (at >= 0 && at < (int)v->n)
		draw_pane(g, pane, &v->items[at], repo);
}
