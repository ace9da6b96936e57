/* The machines that run a lane: a line each, the worst first, and beside or below it what four sources say of one. */
#include "core/view/attest.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tui/frame.h"
#include "tui/screens/lines.h"
#include "tui/screens/table.h"

static const char *or_dash(const char *s)
{
	return s && *s ? s : "-";
}

/* ---- the list ---- */

enum { C_STATUS, C_NAME, C_SIZE, C_PLACE, C_SAYS, C_REASON, C_DIFFERS, C_TCB, C_TOKEN, C_SINCE, C_AGE, C_N };

/* What we found comes before what the control plane says, and that is always said as its word. A name is whole before there are more
 * columns; what the pane below tells of each goes first. */
static const struct column columns[C_N] = {
	[C_STATUS] = { .head = "STATUS", .least = 11, .most = 11, .priority = 0 },
	[C_NAME] = { .head = "MACHINE", .least = 12, .good = 28, .most = 40, .priority = 0 },
	[C_SIZE] = { .head = "SIZE", .least = 5, .good = 12, .most = 16, .priority = 4 },
	[C_PLACE] = { .head = "DATACENTER", .least = 10, .good = 24, .most = 24, .priority = 7 },
	[C_SAYS] = { .head = "CONTROL PLANE", .least = 13, .most = 13, .priority = 1 },
	[C_REASON] = { .head = "REASON", .least = 13, .most = 18, .priority = 1 },
	[C_DIFFERS] = { .head = "DISAGREE ON",
			.least = 11,
			.most = 60,
			.priority = 6,
			.grows = true,
			.middle = true },
	[C_TCB] = { .head = "TCB", .least = 8, .good = 16, .most = 24, .priority = 8 },
	[C_TOKEN] = { .head = "TOKEN", .least = 10, .good = 12, .most = 20, .priority = 5 },
	[C_SINCE] = { .head = "SINCE", .most = 5, .priority = 5, .right = true },
	[C_AGE] = { .head = "AGE", .most = 4, .priority = 9, .right = true },
};

/* The row that is drawn: the cells of one row are asked for one after another, so one is kept. */
struct fleet_list {
	const struct fleet_view *v;
	bool ascii;
	struct arena *a;
	struct agent_row row;
	int at;
};

static const struct agent_row *row_at(const struct fleet_list *list, int i)
{
	struct fleet_list *l = (struct fleet_list *)list; /* a cache */

	if (l->at != i) {
		arena_reset(l->a);
		view_agent_row(&l->row, l->v, (size_t)i, l->a);
		l->at = i;
	}
	return &l->row;
}

/* "rtmr1 (server, quote), tcb (token, quote)" as "rtmr1, tcb": who of them says what is a row of the pane each. */
static void put_fields(char buf[TABLE_BUF], const char *differs)
{
	size_t n = 0;
	bool within = false;

	for (const char *s = differs; *s && n < TABLE_BUF - 1; s++) {
		within |= *s == '(' || (*s == ' ' && s[1] == '(');
		if (!within)
			buf[n++] = *s;
		within &= *s != ')';
	}
	buf[n] = 0;
}

static struct table_cell cell(const void *rows, int i, int column, char buf[TABLE_BUF])
{
	const struct fleet_list *l = rows;
	const struct agent_row *m = row_at(l, i);
	enum role role = role_of_proof(m->status_value);

	buf[0] = 0;
	if (column == C_STATUS)
		snprintf(buf, TABLE_BUF, "%s %s", proof_glyph(m->status_value, l->ascii), m->status);
	else if (column == C_TOKEN)
		snprintf(buf, TABLE_BUF, "%s %.100s", proof_glyph(m->token_value, l->ascii),
			 or_dash(m->token_words));
	else if (column == C_DIFFERS)
		put_fields(buf, m->differs);
	const struct table_cell cells[C_N] = {
		[C_STATUS] = { buf, role },
		[C_NAME] = { *m->name ? m->name : or_dash(m->id), ROLE_TITLE },
		[C_SIZE] = { or_dash(m->size), ROLE_TEXT },
		[C_PLACE] = { or_dash(m->datacenter), ROLE_TEXT },
		[C_SAYS] = { m->says, ROLE_DIM },
		[C_REASON] = { m->reason, role },
		[C_DIFFERS] = { buf, ROLE_FAIL },
		[C_TCB] = { or_dash(m->tcb), ROLE_TEXT },
		[C_TOKEN] = { buf, role_of_proof(m->token_value) == ROLE_OK ? ROLE_TEXT
									    : role_of_proof(m->token_value) },
		[C_SINCE] = { m->changed, m->is_new ? role : ROLE_DIM },
		[C_AGE] = { m->age, ROLE_DIM },
	};
	return cells[column];
}

/* It stands for as long as the change is news, and does not blink, move or sort. */
#define NEWS '^'

static char glyph(const void *rows, int i, enum role *role)
{
	const struct agent_row *m = row_at(rows, i);

	*role = m->is_new ? role_of_proof(m->status_value) : ROLE_TEXT;
	return m->is_new ? NEWS : ' ';
}

/* ---- above the list: the fleet as a whole ---- */

static void draw_counts(struct grid *g, struct rect r, const struct fleet_view *v, struct arena *a)
{
	int col = r.col + 1, end = r.col + r.cols;
	const char *shown =
		(int64_t)v->machines.n < v->counts.total ? arena_printf(a, "%zu of ", v->machines.n) : "";

	col += grid_put(g, r.row, col, end - col, role_of_proof(fleet_worst(&v->counts)),
			fleet_counts_words(&v->counts, g->ascii, a));
	grid_put(g, r.row, col, end - col, ROLE_DIM,
		 arena_printf(a, "  %s%" PRId64 " machine%s, looked at %s%s%s", shown, v->counts.total,
			      v->counts.total == 1 ? "" : "s", v->age_ms < 0 ? "never" : v->age,
			      v->age_ms < 0 ? "" : " ago",
			      v->news ? arena_printf(a, "; %c %" PRId64 " changed", NEWS, v->news) : ""));
}

/* "tiny X1 +2399  standard +1600": as many as there is room for, the worst first. */
static void draw_groups(struct grid *g, struct rect r, const char *what, const struct fleet_groups *groups,
			struct arena *a)
{
	int col = r.col + 1, end = r.col + r.cols;

	col += grid_put(g, r.row, col, end - col, ROLE_DIM, what);
	vec_each (one, groups) {
		const char *name = arena_printf(a, " %s ", text_cut_middle(a, or_dash(one->name), 20));
		const char *words = fleet_counts_words(&one->counts, g->ascii, a);

		if (col + text_width(name) + text_width(words) + 1 >= end) {
			grid_put(g, r.row, col, end - col, ROLE_DIM, " ..");
			return;
		}
		col += grid_put(g, r.row, col, end - col, ROLE_TEXT, name);
		col += grid_put(g, r.row, col, end - col, role_of_proof(fleet_worst(&one->counts)), words) +
		       1;
	}
}

/* What a captain must not overlook is told in words: who is called good and is not, who says something else. */
static const char *alarm_words(const struct fleet_view *v, struct arena *a)
{
	const char *words = "";

	if (v->belied)
		words = arena_printf(a, "the control plane says verified of %" PRId64 " of the failed",
				     v->belied);
	if (v->differing)
		words = arena_printf(a, "%s%ssources disagree about %" PRId64, words, *words ? "; " : "",
				     v->differing);
	return words;
}

#define WORDS_ROWS 2 /* of each sentence: at 80 columns either is whole */

static int draw_summary(struct grid *g, struct rect r, const struct fleet_view *v, struct arena *a)
{
	const char *alarm = alarm_words(v, a), *facts = fleet_facts_words(v, a);
	struct rect row = r;

	draw_counts(g, row, v, a);
	if (r.rows < 12)
		return 1;
	row.row++;
	draw_groups(g, row, "sizes", &v->sizes, a);
	if (r.rows >= 16) {
		row.row++;
		draw_groups(g, row, "at", &v->places, a);
	}
	row.row++;
	row.row += grid_wrap(g, row.row, r.col + 1, r.cols - 2, WORDS_ROWS, ROLE_FAIL, alarm);
	if (facts)
		row.row += grid_wrap(g, row.row, r.col + 1, r.cols - 2, WORDS_ROWS,
				     v->relaxed || v->extras ? ROLE_WAIT : ROLE_DIM, facts);
	return row.row - r.row;
}

/* ---- one machine ---- */

struct sheet {
	struct lines *out;
	int cols;
	bool ascii;
	struct arena *a;
};

static void say(struct sheet *t, enum role role, int indent, const char *text)
{
	if (*text)
		line_wrap(t->out, role, indent, text, t->cols, t->a);
}

static void say_marked(struct sheet *t, int indent, const char *mark, enum role role, const char *text)
{
	if (*text)
		line_marked(t->out, indent, mark, ROLE_DIM, role, text, t->cols, t->a);
}

/* "= same", "X another": which of the sources say what, at a glance; the values stand below it, whole. */
#define SHORT       12
#define FIELD_CELLS 12
#define MATRIX_COLS (3 + FIELD_CELLS + AGENT_SOURCES * (SHORT + 2))

static const char *short_value(struct sheet *t, const char *value)
{
	return value ? text_cut(t->a, *value ? value : "(empty)", SHORT) : "-";
}

static const char *padded(struct sheet *t, const char *text, int cells)
{
	int blanks = cells - text_width(text);

	return arena_printf(t->a, "%s%*s", text, blanks > 0 ? blanks : 0, "");
}

static void say_matrix(struct sheet *t, const struct agent_tree_rows *tree)
{
	const char *heads = padded(t, "", FIELD_CELLS + 2);

	if (t->cols < MATRIX_COLS)
		return;
	for (int s = 0; s < AGENT_SOURCES; s++)
		heads = arena_printf(t->a, "%s%s", heads,
				     padded(t, names_word(&agent_source_names, s), SHORT + 2));
	line_add(t->out, ROLE_HEAD, heads, t->a)->indent = 3;
	for (int i = 0; i < tree->fields_n; i++) {
		const struct agent_field_row *f = &tree->fields[i];
		const char *words = padded(t, text_cut_middle(t->a, f->name, FIELD_CELLS), FIELD_CELLS);

		for (int s = 0; s < AGENT_SOURCES; s++)
			words = arena_printf(t->a, "%s%s", words,
					     padded(t, short_value(t, f->value[s]), SHORT + 2));
		struct line *l = line_add(t->out, f->differs ? ROLE_FAIL : ROLE_TEXT, words, t->a);
		l->indent = 3;
		l->mark = f->differs ? proof_glyph(PROOF_FAILED, t->ascii) : "=";
		l->mark_role = f->differs ? ROLE_FAIL : ROLE_DIM;
	}
}

/* Sources that say the same to the byte share a line. */
static const char *sayers(struct sheet *t, const struct agent_field_row *f, int first, unsigned *told)
{
	const char *names = "";

	for (int s = first; s < AGENT_SOURCES; s++)
		if (f->value[s] && !strcmp(f->value[s], f->value[first])) {
			names = arena_printf(t->a, "%s%s%s", names, *names ? ", " : "",
					     names_word(&agent_source_names, s));
			*told |= 1u << s;
		}
	return names;
}

#define NARROW 70 /* who says it then stands above what is said */

static void say_field(struct sheet *t, const struct agent_field_row *f)
{
	unsigned told = 0;
	const char *mark = f->differs ? proof_glyph(PROOF_FAILED, t->ascii) : "=";

	line_marked(t->out, 3, mark, f->differs ? ROLE_FAIL : ROLE_DIM, f->differs ? ROLE_FAIL : ROLE_TEXT,
		    or_dash(f->name), t->cols, t->a);
	for (int s = 0; s < AGENT_SOURCES; s++) {
		if (!f->value[s] || told & 1u << s)
			continue;
		const char *who = sayers(t, f, s, &told);
		enum role role = f->differs ? ROLE_FAIL : ROLE_TEXT;
		if (t->cols < NARROW) {
			say(t, ROLE_DIM, 5, who);
			say(t, role, 5, or_dash(f->value[s]));
		} else {
			say_marked(t, 5, who, role, or_dash(f->value[s]));
		}
	}
	if (!told)
		say(t, ROLE_DIM, 5, "nobody tells it");
}

static void say_fields(struct sheet *t, const struct agent_tree_rows *tree)
{
	line_rule(t->out, "what the four sources say", t->a);
	say_matrix(t, tree);
	line_add(t->out, ROLE_TEXT, "", t->a);
	for (int pass = 0; pass < 2; pass++) /* what differs first */
		for (int i = 0; i < tree->fields_n; i++)
			if (tree->fields[i].differs == (pass == 0))
				say_field(t, &tree->fields[i]);
}

static void say_steps(struct sheet *t, const struct agent_tree_rows *tree)
{
	line_rule(t->out, "the checks of its verification", t->a);
	sheet_failures(t->out, tree->steps, tree->steps_n, t->cols, t->a);
	for (int i = 0; i < tree->steps_n; i++)
		sheet_step(t->out, &tree->steps[i], t->cols, t->a);
	if (!tree->steps_n)
		say(t, ROLE_DIM, 3, "no check was made: there was nothing to verify");
}

static const char *part_words(struct sheet *t, const char *what, int status, const char *reason)
{
	return arena_printf(t->a, "%s %s %s%s%s", what, proof_glyph(status, t->ascii),
			    names_word(&proof_status_names, status), *reason ? " " : "", reason);
}

/* Ours first and in full; then the control plane's, as its own. */
static void say_verdict(struct sheet *t, const struct agent_row *m)
{
	enum role role = role_of_proof(m->status_value);
	const char *mark = arena_printf(t->a, "%s %s", proof_glyph(m->status_value, t->ascii), m->status);
	const char *parts = arena_printf(
		t->a, "%s, %s%s%s%s%s", part_words(t, "quote", m->quote_value, m->quote_reason),
		part_words(t, "token", m->token_value, m->token_reason), *m->token_words ? " (" : "",
		m->token_words, *m->token_words ? ")" : "", *m->tcb ? ", TCB " : "");

	line_marked(t->out, 0, mark, role, ROLE_TITLE, arena_printf(t->a, "%s%s", parts, m->tcb), t->cols,
		    t->a);
	if (*m->reason)
		say(t, role, 3, arena_printf(t->a, "%s: %s", m->reason, m->meaning));
	say(t, ROLE_TEXT, 3, m->detail);
	if (*m->differs)
		say(t, ROLE_FAIL, 3, arena_printf(t->a, "sources disagree on %s", m->differs));
	say(t, m->said_verified && role == ROLE_FAIL ? ROLE_WAIT : ROLE_DIM, 3,
	    arena_printf(t->a, "the control plane says %s%s%s%s%s",
			 m->said_verified ? "verified" : "not verified", *m->word ? "; its status: " : "",
			 m->word, *m->complaint ? "; it complains: " : "", m->complaint));
	say(t, ROLE_DIM, 3,
	    arena_printf(t->a,
			 "evidence made %s ago, machine heard %s ago, status since %s, looked at %s ago",
			 m->taken, m->heard, m->changed, m->age));
	say(t, ROLE_DIM, 3, fleet_limits);
}

static const char *kept_of(const struct agent_tree_rows *tree, const char *kind)
{
	for (int i = 0; i < tree->evidence.kept_n; i++)
		if (!strcmp(tree->evidence.kept[i].kind, kind))
			return tree->evidence.kept[i].hex;
	return "";
}

/* By its name, where that is its own. */
static const char *export_line(struct sheet *t, const struct fleet_view *v, size_t at)
{
	const struct agent *m = &v->machines.items[at];
	struct buf out autofree(buf) = BUF_INIT(2048);
	bool own = *m->name && text_is_safe(m->name);

	for (size_t i = 0; i < v->machines.n && own; i++)
		own = i == at || strcmp(v->machines.items[i].name, m->name) != 0;
	buf_str(&out, "pilothouse proof export ");
	if (!view_shell_word(&out, v->lane) || !view_shell_option(&out, "--machine", own ? m->name : m->id) ||
	    out.over)
		return "it has no name that can be written";
	return arena_strdup(t->a, out.s);
}

/* What another verifier needs lies beside these in the engine's folder of evidence, each by its SHA-256. */
static void say_kept(struct sheet *t, const struct fleet_view *v, size_t at,
		     const struct agent_tree_rows *tree)
{
	say_marked(t, 3, "log  ", ROLE_TEXT, kept_of(tree, "events"));
	if (when_known(tree->evidence.at))
		say_marked(t, 3, "files", ROLE_TEXT, export_line(t, v, at));
	else
		say_marked(t, 3, "files", ROLE_DIM, "none is kept");
}

static void say_machine(struct sheet *t, const struct agent_row *m, const struct agent_tree_rows *tree)
{
	say_verdict(t, m);
	if (*tree->damage)
		say(t, ROLE_FAIL, 3, tree->damage);
	if (tree->fields_n)
		say_fields(t, tree);
	if (tree->fields_n || tree->steps_n)
		say_steps(t, tree);
	else if (!*tree->damage)
		say(t, ROLE_DIM, 3, "nothing more is known of it: nobody has looked at its evidence yet");
	say_marked(t, 3, "id   ", ROLE_TEXT, m->id);
	say_marked(t, 3, "quote", ROLE_TEXT, m->quote_sha);
	say_marked(t, 3, "token", ROLE_TEXT, m->token_sha);
}

static const char *title_of(const struct fleet_view *v, const struct agent_row *m, struct arena *a)
{
	return arena_printf(a, "%s  %s %s %s", *m->name ? m->name : or_dash(m->id), v->lane, or_dash(m->size),
			    or_dash(m->datacenter));
}

void sheet_machine(struct lines *out, const struct fleet_view *v, size_t i,
		   const struct agent_tree_rows *tree, int cols, bool ascii, struct arena *a)
{
	struct sheet t = { out, cols - 2, ascii, a };
	struct agent_row m;

	view_agent_row(&m, v, i, a);
	say(&t, ROLE_TITLE, 0, title_of(v, &m, a));
	say_machine(&t, &m, tree);
	say_kept(&t, v, i, tree);
}

/* ---- what the control plane says of itself ---- */

static void say_fact(struct sheet *t, const struct fleet_fact_row *f)
{
	enum role role = role_of_drift(f->verdict_value);
	const char *mark = arena_printf(t->a, "%c %s", glyph_of_drift(f->verdict_value),
					f->extra ? "EXTRA" : f->verdict);

	line_marked(t->out, 0, padded(t, mark, 9), role, ROLE_TITLE, or_dash(f->name), t->cols, t->a);
	if (strcmp(f->kind, names_word(&fleet_fact_kind_names, FLEET_MRTD)) != 0) {
		say_marked(t, 10, "declared ", ROLE_TEXT, or_dash(f->declared));
		say_marked(t, 10, "effective", role == ROLE_OK ? ROLE_TEXT : role,
			   *f->effective ? arena_printf(t->a, "%s%s%s", f->effective,
							*f->source ? ", by " : "", f->source)
					 : "not known");
	} else {
		say(t, ROLE_DIM, 10,
		    arena_printf(t->a, "%s%s%s", *f->declared ? f->declared : "not pinned by the release",
				 *f->source ? "; " : "", f->source));
	}
	say(t, ROLE_TEXT, 10, f->detail);
	say(t, ROLE_DIM, 10, arena_printf(t->a, "read %s ago", f->age));
}

static void say_facts(struct sheet *t, const char *title, const struct fleet_fact_rows *facts,
		      const char *none)
{
	line_rule(t->out, title, t->a);
	vec_each (f, facts)
		say_fact(t, f);
	if (!facts->n)
		say(t, ROLE_DIM, 0, none);
}

static void say_groups(struct sheet *t, const char *title, const struct fleet_groups *groups)
{
	line_rule(t->out, title, t->a);
	vec_each (one, groups)
		line_marked(t->out, 0, padded(t, or_dash(one->name), 16), ROLE_TEXT,
			    role_of_proof(fleet_worst(&one->counts)),
			    fleet_counts_words(&one->counts, t->ascii, t->a), t->cols, t->a);
}

static void say_collateral(struct sheet *t, const struct fleet_view *v)
{
	line_rule(t->out, "what quotes are verified with", t->a);
	if (!v->collateral || !*v->collateral) {
		say(t, ROLE_DIM, 0, "no collateral: no quote can be verified");
		return;
	}
	say_marked(t, 0, "collateral", ROLE_TEXT, v->collateral);
	say_marked(t, 0, "taken     ", ROLE_TEXT,
		   *v->collateral_age ? arena_printf(t->a, "%s ago", v->collateral_age)
				      : "it is not known when");
}

void sheet_fleet(struct lines *out, const struct fleet_view *v, int cols, bool ascii, struct arena *a)
{
	struct sheet t = { out, cols - 2, ascii, a };

	say(&t, ROLE_TITLE, 0, arena_printf(a, "the fleet of %s", v->lane));
	say_facts(&t, "settings: declared, and in force", &v->policy,
		  "not known: the control plane does not tell its settings to whoever asks");
	say_facts(&t, "measurements that the control plane trusts", &v->list, "not known");
	say_collateral(&t, v);
	say_groups(&t, "by size", &v->sizes);
	say_groups(&t, "by datacenter", &v->places);
}

/* ---- the screen ---- */

/* As in PROOF: the tree beside the list where there is room for both. */
static struct rect split(struct rect *r, int n)
{
	struct rect pane = { r->row + r->rows, r->col, 0, r->cols };

	if (r->cols >= 160) {
		int left = r->cols * 3 / 5;
		pane = (struct rect){ r->row, r->col + left + 1, r->rows, r->cols - left - 1 };
		r->cols = left;
	} else if (r->rows >= 10) {
		int most = r->rows >= 30 ? r->rows / 2 : r->rows * 3 / 5, list = n + 1 < most ? n + 1 : most;
		pane = (struct rect){ r->row + list, r->col, r->rows - list, r->cols };
		r->rows = list;
	}
	return pane;
}

static void draw_pane(struct grid *g, struct rect r, const struct fleet_view *v, int at,
		      const struct agent_tree_rows *tree, struct arena *a)
{
	struct lines lines = { 0 };
	struct sheet t = { &lines, r.cols - 2, g->ascii, a };
	struct agent_row m;
	int top = 0;

	if (r.rows < 2 || r.cols < 20)
		return;
	view_agent_row(&m, v, (size_t)at, a);
	grid_rule(g, r.row, r.col, r.cols, title_of(v, &m, a));
	say_machine(&t, &m, tree);
	sheet_draw(g, (struct rect){ r.row + 1, r.col, r.rows - 1, r.cols }, &lines, &top);
}

static void draw_none(struct grid *g, struct rect r, const struct fleet_view *v, const char *of)
{
	char text[480];

	if (v->counts.total)
		snprintf(text, sizeof(text), "None of %" PRId64 " machines of %.160s fits the filter.",
			 v->counts.total, of);
	else
		snprintf(text, sizeof(text),
			 "No machine of %.160s was ever looked at: either its profile names no control "
			 "plane, or "
			 "that has not answered yet. Ctrl-r reads again. Nothing is proved of what runs "
			 "there.",
			 of);
	screen_empty(g, r, text);
}

void screen_attest(struct grid *g, struct rect r, const struct fleet_view *v, struct list *l, int at,
		   const struct agent_tree_rows *tree, const char *of)
{
	static const struct table_kind kind = { columns, C_N, cell, glyph };
	struct arena a = ARENA_INIT, row = ARENA_INIT;
	struct fleet_list list = { .v = v, .ascii = g->ascii, .a = &row, .at = -1 };

	if (!v->machines.n) {
		draw_none(g, r, v, of);
		return;
	}
	int above = r.rows > 2 ? draw_summary(g, r, v, &a) : 0;
	r.row += above, r.rows -= above;
	struct rect pane = split(&r, (int)v->machines.n);
	if (r.rows > 0)
		table_draw(g, r, &kind, &list, (int)v->machines.n, l);
	if (at >= 0 && at < (int)v->machines.n)
		draw_pane(g, pane, v, at, tree, &a);
	arena_done(&row);
	arena_done(&a);
}
