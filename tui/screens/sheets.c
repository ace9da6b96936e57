#include "tui/screens/screens.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tui/frame.h"
#include "tui/screens/lines.h"

struct line *line_add(struct lines *out, enum role role, const char *text, struct arena *a)
{
	struct line *l = vec_push(out, a);
	*l = (struct line){ .text = text, .role = role };
	return l;
}

void line_rule(struct lines *out, const char *title, struct arena *a)
{
	line_add(out, ROLE_HEAD, arena_printf(a, "-- %s", title), a)->indent = -1;
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
	int used = grid_put(g, row, col, width, l->role, l->text);
	if (l->right && used + 2 + text_width(l->right) <= width) /* see right_fits() */
		grid_put_right(g, row, col, width, ROLE_DIM, l->right);
}

/* The last row says how much is below, so it never hides a line of text. */
void sheet_draw(struct grid *g, struct rect r, const struct lines *v, int *top)
{
	char more[48];
	bool long_one = (int)v->n > r.rows;
	int rows = long_one && r.rows > 1 ? r.rows - 1 : r.rows, most = (int)v->n - rows;
	if (*top > most)
		*top = most;
	if (*top < 0)
		*top = 0;
	for (int i = 0; i < rows && *top + i < (int)v->n; i++)
		draw_line(g, r, r.row + i, &v->items[*top + i]);
	if (!long_one || r.rows < 2)
		return;
	snprintf(more, sizeof(more), most > *top ? "%d more below" : "the end", most - *top);
	grid_rule(g, r.row + rows, r.col, r.cols, more);
}

/* Breaks text into lines of at most cols cells; `hang` more cells before the second and the others. */
static void line_hanging(struct lines *out, enum role role, int indent, int hang, const char *text, int cols,
			 struct arena *a)
{
	size_t first = out->n;
	for (int at = indent; *text; at = indent + hang) {
		size_t n = grid_fit(text, cols - at);
		struct line *l = line_add(out, role, arena_strndup(a, text, n), a);
		l->indent = at;
		l->goes_on = out->n > first + 1;
		text += n;
		while (*text == ' ')
			text++;
	}
}

void line_wrap(struct lines *out, enum role role, int indent, const char *text, int cols, struct arena *a)
{
	line_hanging(out, role, indent, 0, text, cols, a);
}

/* A marked line whose text goes on below itself, not below the mark. */
struct line *line_marked(struct lines *out, int indent, const char *mark, enum role mark_role, enum role role,
			 const char *text, int cols, struct arena *a)
{
	size_t first = out->n;
	int hang = text_width(mark) + 1;
	if (!*text)
		line_add(out, role, "", a);
	line_wrap(out, role, indent + hang, text, cols, a);
	struct line *l = &out->items[first];
	l->indent = indent;
	l->mark = mark;
	l->mark_role = mark_role;
	return l;
}

static int text_at(const struct line *l)
{
	return (l->indent > 0 ? l->indent : 0) + (l->mark ? text_width(l->mark) + 1 : 0);
}

/* So narrow that a wrapped line would be a column of letters, it is cut as before. */
static bool is_column(const struct line *l, int cols)
{
	return l->indent < 0 || cols - 2 - text_at(l) < 8;
}

static bool right_fits(const struct line *l, int cols)
{
	return !l->right || text_at(l) + text_width(l->text) + 2 + text_width(l->right) <= cols - 2;
}

static bool line_fits(const struct line *l, int cols)
{
	return is_column(l, cols) || text_at(l) + text_width(l->text) <= cols - 2;
}

static void break_line(struct lines *out, const struct line *l, int cols, struct arena *a)
{
	size_t first = out->n;
	line_wrap(out, l->role, text_at(l), l->text, cols - 2, a);
	out->items[first].indent = l->indent;
	out->items[first].mark = l->mark;
	out->items[first].mark_role = l->mark_role;
	out->items[first].right = l->right;
	out->items[first].goes_on = l->goes_on;
}

/* One line with all that goes on from it: words at its right end that have no room there stand below, and are not lost. */
static size_t fit_block(struct lines *out, const struct lines *v, size_t from, int cols, struct arena *a)
{
	size_t first = out->n, i = from;
	do {
		if (line_fits(&v->items[i], cols))
			*vec_push(out, a) = v->items[i];
		else
			break_line(out, &v->items[i], cols, a);
	} while (++i < v->n && v->items[i].goes_on);
	struct line *l = &out->items[first];
	const char *right = l->right;
	int at = text_at(l);
	if (is_column(l, cols) || right_fits(l, cols))
		return i;
	l->right = NULL;
	line_wrap(out, ROLE_DIM, at, right, cols - 2, a);
	return i;
}

void sheet_fit(struct lines *v, int cols, int *top, struct arena *a)
{
	struct lines fitted = { 0 };
	bool fit = true;
	int at = 0;
	vec_each (l, v)
		fit &= line_fits(l, cols) && (is_column(l, cols) || right_fits(l, cols));
	if (fit)
		return;
	for (size_t i = 0, next; i < v->n; i = next) {
		size_t first = fitted.n;
		next = fit_block(&fitted, v, i, cols, a);
		if (*top >= (int)i && *top < (int)next)
			at = (int)(first + (size_t)*top - i);
	}
	*v = fitted;
	*top = at;
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

#define CHECK_NAME_MOST 24

static int check_names(const struct plan_view *p)
{
	int widest = 0;
	for (int i = 0; i < p->checks_n; i++)
		if (text_width(p->checks[i].name) > widest)
			widest = text_width(p->checks[i].name);
	return widest < CHECK_NAME_MOST ? widest : CHECK_NAME_MOST;
}

static const char *padded(const char *text, int cells, struct arena *a)
{
	const char *cut = text_cut_middle(a, text, cells);
	return arena_printf(a, "%s%*s", cut, cells - text_width(cut), "");
}

static const char *mark_of(const struct check_row *c, enum role *role)
{
	bool accepted = check_rank(c) == RANK_ACCEPTED;
	*role = accepted ? ROLE_WAIT : verdicts[c->status].role;
	return accepted ? "ACC " : verdicts[c->status].word;
}

/* What stands against an act, or could not be told, says how old the datum is that says so. */
static const char *datum_of(const struct check_row *c, struct arena *a)
{
	const char *detail = *c->detail ? c->detail : "-";
	if (c->status == CHECK_OK || text_starts(c->name, "note:"))
		return detail;
	if (!strcmp(c->age, "-"))
		return arena_printf(a, "%s (age not known)", detail);
	return arena_printf(a, "%s (read %s ago)", detail, c->age);
}

static void plan_check(struct lines *out, const struct check_row *c, int names, int cols, struct arena *a)
{
	const char *name = padded(c->name, names, a), *datum = datum_of(c, a);
	int hang = 5 + names + 2;
	enum role role;
	const char *mark = mark_of(c, &role);
	if (hang > cols / 2) { /* narrow: the detail gets lines of its own */
		line_marked(out, 1, mark, role, ROLE_TEXT, c->name, cols, a);
		line_wrap(out, ROLE_TEXT, 6, datum, cols, a);
	} else {
		size_t first = out->n;
		line_wrap(out, ROLE_TEXT, 1 + hang, datum, cols, a);
		struct line *l = &out->items[first];
		l->indent = 1;
		l->mark = mark;
		l->mark_role = role;
		l->text = arena_printf(a, "%s  %s", name, l->text);
	}
	if (c->status != CHECK_OK && *c->fix)
		line_wrap(out, ROLE_KEY, 6, arena_printf(a, "fix: %s", c->fix), cols, a);
}

/* Those of some ranks, under a title; nothing when there are none. */
static void plan_checks(struct lines *out, const struct plan_view *p, const char *title, enum check_rank from,
			enum check_rank to, int cols, struct arena *a)
{
	int names = check_names(p);
	for (int rank = (int)from; rank <= (int)to; rank++)
		for (int i = 0; i < p->checks_n; i++) {
			if ((int)check_rank(&p->checks[i]) != rank)
				continue;
			if (title)
				line_rule(out, title, a);
			title = NULL;
			plan_check(out, &p->checks[i], names, cols, a);
		}
}

static void plan_changes(struct lines *out, const struct plan_view *p, int cols, struct arena *a)
{
	if (p->ahead < 0 && p->behind < 0 && !p->changes_n)
		return;
	line_rule(out,
		  p->behind > 0
			  ? arena_printf(a, "changes: %" PRId64 " commits in, %" PRId64 " commits taken back",
					 p->ahead, p->behind)
			  : arena_printf(a, "changes: %" PRId64 " commits", p->ahead),
		  a);
	for (int i = 0; i < p->changes_n && i < 8; i++)
		line_hanging(out, ROLE_TEXT, 1, 10, p->changes[i], cols, a);
	if (p->changes_n > 8)
		line_add(out, ROLE_DIM, arena_printf(a, "and %d more", p->changes_n - 8), a)->indent = 1;
}

/* What was decided stands above the evidence: at 24 rows the end of a plan is out of sight. */
static void plan_verdict(struct lines *out, const struct plan_view *p, int cols, struct arena *a)
{
	int n[CHECK_MISSING + 1] = { 0 }, accepted = 0;
	for (int i = 0; i < p->checks_n; i++) {
		n[p->checks[i].status]++;
		accepted += check_rank(&p->checks[i]) == RANK_ACCEPTED;
	}
	const char *counts =
		arena_printf(a, "%d ok%s, %d bad, %d missing, %d not checked", n[CHECK_OK],
			     accepted ? arena_printf(a, " (%d of them accepted knowingly)", accepted) : "",
			     n[CHECK_BAD], n[CHECK_MISSING], n[CHECK_UNCHECKED]);
	if (p->go)
		line_marked(out, 0, "GO", ROLE_OK, ROLE_TEXT,
			    arena_printf(a, "%s; nothing was sent yet", counts), cols, a);
	else
		line_marked(out, 0, "NO", ROLE_FAIL, ROLE_FAIL,
			    arena_printf(a, "%s: %s; nothing can be sent", p->verdict, counts), cols, a);
}

static void plan_requests(struct lines *out, const struct plan_view *p, int cols, struct arena *a)
{
	if (!p->requests_n)
		return;
	line_rule(out,
		  p->requests_n > 1
			  ? arena_printf(a, "what is sent, in %d requests, each once", p->requests_n)
			  : "what is sent, once",
		  a);
	for (int i = 0; i < p->requests_n; i++) {
		const struct request_row *r = &p->requests[i];
		if (p->requests_n > 1 || *r->what)
			line_marked(out, 1, arena_printf(a, "%d.", i + 1), ROLE_TITLE, ROLE_TITLE,
				    *r->what ? r->what : "request", cols, a);
		line_hanging(out, ROLE_TEXT, 1, 5, r->request, cols, a);
		line_hanging(out, ROLE_TEXT, 3, 1, r->body, cols, a);
	}
}

/* To be typed elsewhere, so not a character more or less: broken where a row ends, and nowhere else. */
static void plan_command(struct lines *out, const struct plan_view *p, int cols, struct arena *a)
{
	const char *rest = p->command;
	if (!*rest)
		return;
	line_rule(out, "run it yourself: it happens elsewhere, nothing is sent from here", a);
	while (*rest) {
		size_t n = 0, left = strlen(rest);
		for (int used = 0, width; n < left; used += width) {
			size_t bytes = text_next(rest + n, left - n, &(uint32_t){ 0 }, &width);
			if (n && used + width > cols)
				break;
			n += bytes;
		}
		line_add(out, ROLE_KEY, arena_strndup(a, rest, n), a);
		rest += n;
	}
}

const char *input_words(const struct input_row *in, struct arena *a)
{
	return arena_printf(a, "%s%s%s%s%s", *in->type ? in->type : "not declared",
			    in->required ? ", required" : "", *in->fallback ? ", default " : "", in->fallback,
			    in->fixed ? ", not for you to set" : "");
}

static void plan_inputs(struct lines *out, const struct plan_view *p, int cols, struct arena *a)
{
	if (!p->inputs_n)
		return;
	line_rule(out, "inputs, as the workflow file takes them (Tab changes them)", a);
	for (int i = 0; i < p->inputs_n; i++) {
		const struct input_row *in = &p->inputs[i];
		const char *value = in->sent ? *in->value ? in->value : "\"\"" : "not sent";
		struct line *l = line_marked(out, 1, in->name, ROLE_TITLE,
					     in->sent || !in->required ? ROLE_TEXT : ROLE_FAIL,
					     arena_printf(a, "= %s", value), cols, a);
		l->right = input_words(in, a);
		if (*in->note)
			line_wrap(out, ROLE_WAIT, 5, in->note, cols, a);
	}
}

static const char *title_words(const struct plan_view *p, struct arena *a)
{
	return arena_printf(a, "%s %s%s%s", p->act, p->lane, *p->release_short ? " " : "", p->release_short);
}

/* What a profile says of its system is the same on every plan: one line of it, and where the rest is. */
static void plan_note(struct lines *out, const struct plan_view *p, int cols, struct arena *a)
{
	static const char more[] = " (w: all of it)";
	if (!*p->note)
		return;
	int room = cols - 6 - (int)sizeof(more);
	bool fits = text_width(p->note) <= cols - 6;
	const char *text = fits ? p->note : arena_printf(a, "%s%s", text_cut(a, p->note, room), more);
	line_marked(out, 1, "NOTE", ROLE_TITLE, ROLE_DIM, text, cols, a);
}

/* Notes stop nothing, and there may be many: their number stands above what is sent, they themselves below it. */
static void plan_notes_count(struct lines *out, const struct plan_view *p, int cols, struct arena *a)
{
	int n = 0, bad = 0;
	for (int i = 0; i < p->checks_n; i++) {
		bool is_note = check_rank(&p->checks[i]) == RANK_NOTE;
		n += is_note;
		bad += is_note && p->checks[i].status != CHECK_UNCHECKED;
	}
	if (n)
		line_marked(out, 1, "ALSO", ROLE_TITLE, bad ? ROLE_FAIL : ROLE_DIM,
			    arena_printf(a, "%d note%s below the changes%s; w: all of %s", n,
					 n == 1 ? "" : "s",
					 bad ? arena_printf(a, ", %d of them bad or missing", bad) : "",
					 n == 1 ? "it" : "them"),
			    cols, a);
}

/* What is decided, what stands against it, what would be sent and what it changes; what merely holds comes last. */
void sheet_plan(struct lines *out, const struct plan_view *p, int cols, struct arena *a)
{
	cols -= 2;
	struct line *l = line_add(out, ROLE_TITLE, title_words(p, a), a);
	l->right = arena_printf(a, "plan %.8s", p->plan_id);
	if (p->production) {
		l->mark = "PRODUCTION";
		l->mark_role = ROLE_PROD;
	}
	plan_verdict(out, p, cols, a);
	plan_command(out, p, cols, a);
	if (*p->sha)
		line_wrap(out, ROLE_DIM, 0, arena_printf(a, "commit %s", p->sha), cols, a);
	plan_checks(out, p, NULL, RANK_AGAINST, RANK_ACCEPTED, cols, a);
	if (*p->back)
		line_marked(out, 1, "BACK", ROLE_TITLE, ROLE_TEXT, p->back, cols, a);
	if (*p->undo && p->requests_n)
		line_marked(out, 1, "UNDO", ROLE_TITLE, ROLE_TEXT, p->undo, cols, a);
	plan_note(out, p, cols, a);
	plan_notes_count(out, p, cols, a);
	plan_requests(out, p, cols, a);
	plan_changes(out, p, cols, a);
	plan_checks(out, p, "notes: they stop nothing", RANK_NOTE, RANK_NOTE, cols, a);
	plan_inputs(out, p, cols, a);
	plan_checks(out, p, "what holds", RANK_OK, RANK_OK, cols, a);
}

/* "forge, 4s old"; what a profile says has no age. */
static const char *datum_words(const struct why_row *w, struct arena *a)
{
	if (!strcmp(w->age, "-"))
		return arena_printf(a, "%s, age not known", w->source);
	return *w->age ? arena_printf(a, "%s, %s old", w->source, w->age) : w->source;
}

void sheet_why(struct lines *out, const struct why_rows *v, int cols, struct arena *a)
{
	cols -= 2;
	vec_each (w, v) {
		const char *right = datum_words(w, a);
		int room = cols - text_width(right) - 2;
		size_t first = out->n;
		if (w->status >= 0)
			line_marked(out, w->depth * 2, verdicts[w->status & 3].word,
				    verdicts[w->status & 3].role, ROLE_TEXT, w->text, room > 30 ? room : cols,
				    a);
		else
			line_wrap(out, w->depth ? ROLE_TEXT : ROLE_TITLE, w->depth * 2, w->text,
				  room > 30 ? room : cols, a);
		if (out->n > first)
			out->items[first].right = right;
		if (*w->fix)
			line_marked(out, w->depth * 2 + 2, "to clear:", ROLE_DIM, ROLE_KEY, w->fix, cols, a);
	}
}

static const char *change_words(const struct effect_row *f, struct arena *a)
{
	if (f->to_value == f->from_value)
		return arena_printf(a, "%-5s stays   ", f->from);
	return arena_printf(a, "%-5s -> %-5s", f->from, *f->to ? f->to : "?");
}

static int lanes_width(const struct plan_view *p)
{
	int widest = 0;
	for (int i = 0; i < p->effects_n; i++)
		if (text_width(p->effects[i].lane) > widest)
			widest = text_width(p->effects[i].lane);
	return widest < CHECK_NAME_MOST ? widest : CHECK_NAME_MOST;
}

void sheet_what_if(struct lines *out, const struct plan_view *p, int cols, struct arena *a)
{
	int width = lanes_width(p);
	cols -= 2;
	line_add(out, ROLE_TITLE, arena_printf(a, "what if: %s", title_words(p, a)), a);
	if (!p->effects_n)
		line_add(out, ROLE_TEXT, "no lane of this system is known to change", a);
	for (int i = 0; i < p->effects_n; i++) {
		const struct effect_row *f = &p->effects[i];
		bool stays = f->to_value == f->from_value;
		enum role role = stays    ? ROLE_DIM
				 : *f->to ? role_of_state((enum lane_state)f->to_value)
					  : ROLE_UNKN;
		line_marked(out, 1, arena_printf(a, "%s  %s", padded(f->lane, width, a), change_words(f, a)),
			    role, ROLE_TEXT, f->why, cols, a);
	}
	line_add(out, ROLE_DIM, "nothing was sent: this is what would be; what stands against it is below",
		 a);
	line_rule(out, "conditions", a);
}

static const struct {
	const char *key, *what;
} moves[] = {
	{ "j k", "down and up; arrows, PgUp, PgDn, Ctrl-d, Ctrl-u" },
	{ "g G", "first and last; Home, End" },
	{ ":", "type a command; Tab completes" },
	{ "-", "the screen before this one" },
	{ "Ctrl-z", "suspend; Ctrl-c leaves" },
};

/* Verbs of the shell that make no sense inside the console. */
static bool shown_in_help(const struct command_info *c, bool read_only)
{
	return !(read_only && c->kind == COMMAND_ACT) && c->kind != COMMAND_TOOL && c->id != CMD_FOLLOW;
}

void sheet_help(struct lines *out, bool read_only, int cols, struct arena *a)
{
	size_t n;
	const struct command_info *c = command_table(&n);
	cols -= 2;
	line_rule(out, "moving", a);
	for (size_t i = 0; i < countof(moves); i++)
		line_marked(out, 0, arena_printf(a, "%-7s", moves[i].key), ROLE_KEY, ROLE_TEXT, moves[i].what,
			    cols, a);
	line_rule(out, "commands: the key, or : and the name", a);
	for (size_t i = 0; i < n; i++)
		if (shown_in_help(&c[i], read_only))
			line_marked(out, 0, arena_printf(a, "%-7s %-10s", c[i].key, c[i].name), ROLE_KEY,
				    ROLE_TEXT, c[i].summary, cols, a);
	line_rule(out, "the filter", a);
	line_wrap(
		out, ROLE_TEXT, 0,
		"Words that must all be there; !word must not. state:word asks that alone, of machines also "
		"size: dc: (their datacenter) says: differs: tcb: reason:",
		cols, a);
	line_rule(out, "states", a);
	line_wrap(
		out, ROLE_TEXT, 0,
		"! FAIL  ? WAIT for a person  ~ UNKN an act's outcome is not known  > RUN  = HOLD frozen or "
		"locked  "
		"- STALE too old to decide on  OK",
		cols, a);
	line_wrap(out, ROLE_TEXT, 0,
		  "Column D, what runs against what is declared, the worst of a lane: ! other  < behind  > "
		  "ahead  "
		  "? not "
		  "known  . equal",
		  cols, a);
	line_wrap(
		out, ROLE_DIM, 0,
		"Lower case never changes the world. Upper case opens a plan; nothing is sent by opening it.",
		cols, a);
}

void sheet_text(struct lines *out, const char *text, int cols, struct arena *a)
{
	while (text && *text) {
		size_t n = strcspn(text, "\n");
		if (n)
			line_wrap(out, ROLE_TEXT, 0, arena_strndup(a, text, n), cols - 2, a);
		else
			line_add(out, ROLE_TEXT, "", a);
		text += n + (text[n] == '\n');
	}
}

void sheet_log(struct lines *out, const struct json *r, struct arena *a)
{
	const struct json *lines = json_get(r, "lines");
	int64_t step = -1;
	line_add(out, ROLE_TITLE, arena_printf(a, "log of %s", text_safe_dup(a, json_str(r, "name"), 0)), a);
	if (*view_log_cut(r))
		line_add(out, ROLE_STALE, view_log_cut(r), a);
	for (size_t i = 0; i < json_size(lines); i++) {
		const struct json *l = json_at(lines, i);
		if (json_int(l, "step", 0) != step) {
			step = json_int(l, "step", 0);
			line_rule(out,
				  arena_printf(a, "step %" PRId64 " %s", step, view_step_name(r, step, a)),
				  a);
		}
		line_add(out, json_bool(l, "error", false) ? ROLE_FAIL : ROLE_TEXT,
			 text_safe_dup(a, json_str(l, "text"), 0), a);
	}
	if (!json_size(lines))
		line_add(out, ROLE_DIM, "the log is empty", a);
}

static const struct {
	const char *head, *meaning;
	enum role role;
} outcomes[] = {
	[INTENT_OTHER] = { "UNKNOWN", "what became of it is not known", ROLE_UNKN },
	[INTENT_ARMED] = { "NOT SENT YET", "it is written down and has not left", ROLE_UNKN },
	[INTENT_SENT] = { "SENT", "no outcome is recorded yet; it is looked for", ROLE_UNKN },
	[INTENT_LINKED] = { "FOUND", "sent once, and its run is known: it goes on by itself", ROLE_OK },
	[INTENT_DONE] = { "DONE", "sent once, and it has happened", ROLE_OK },
	[INTENT_REFUSED] = { "REFUSED", "the forge said no: nothing happened", ROLE_FAIL },
	[INTENT_NOT_SENT] = { "NOT SENT", "nothing left this machine", ROLE_WAIT },
	[INTENT_UNKNOWN] = { "UNKNOWN",
			     "it was sent and no answer can be trusted. It is looked for on the forge; until "
			     "that is settled nothing like it may be sent from any screen.",
			     ROLE_UNKN },
	[INTENT_NOT_FOUND] = { "NOT FOUND",
			       "it was sent, looked for long enough, and is not there: a person decides "
			       "(:abandon closes it)",
			       ROLE_UNKN },
	[INTENT_ABANDONED] = { "ABANDONED", "a person closed it", ROLE_HOLD },
};

/* No intent was written: the engine itself stopped it, and the forge was not asked. */
static void outcome_stopped(struct lines *out, const struct json *error, int cols, struct arena *a)
{
	const char *fix = text_safe_dup(a, json_str(error, "fix"), 0);
	bool moved = text_eq(json_str(error, "code"), "changed");
	line_marked(out, 0, moved ? "VOID" : "NOT SENT", ROLE_WAIT, ROLE_TEXT,
		    moved ? "something that the plan relied on has moved: nothing was sent"
			  : "nothing left this machine",
		    cols, a);
	line_wrap(out, ROLE_TEXT, 0, text_safe_dup(a, json_str(error, "message"), 0), cols, a);
	if (*fix)
		line_wrap(out, ROLE_KEY, 0, fix, cols, a);
}

/* Acts of this console alone are written down, and nothing leaves for them. */
static const char *meaning_of(const struct outcome *o, size_t state)
{
	static const char *const here[] = { "guard", "note", "override" };
	bool sends = !text_eq(o->note, "nothing was sent");

	for (size_t i = 0; i < countof(here); i++)
		sends = sends && !text_eq(o->act, here[i]);
	return sends || state != INTENT_DONE ? outcomes[state].meaning
					     : "it is written down; nothing was sent";
}

void sheet_outcome(struct lines *out, const struct outcome *o, const struct json *error, const char *next,
		   int cols, struct arena *a)
{
	size_t i = (size_t)o->state < countof(outcomes) ? (size_t)o->state : INTENT_OTHER;
	cols -= 2;
	line_add(out, ROLE_TITLE, outcome_title(o, a), a);
	if (!o->intent) {
		outcome_stopped(out, error, cols, a);
		return;
	}
	line_marked(out, 0, outcomes[i].head, outcomes[i].role, ROLE_TEXT, meaning_of(o, i), cols, a);
	if (o->run_id)
		line_add(out, ROLE_TEXT, arena_printf(a, "run %" PRId64 ": Enter opens it", o->run_id), a);
	line_wrap(out, ROLE_TEXT, 0, o->note, cols, a);
	if (*next)
		line_marked(out, 0, "next, when its checks have passed:", ROLE_TITLE, ROLE_KEY, next, cols,
			    a);
	line_wrap(out, ROLE_DIM, 0, arena_printf(a, "intent %" PRId64 ", nonce %s", o->intent, o->nonce),
		  cols, a);
}

/* The field of a plan that is void, or that is being made again. */
static void confirm_over(struct grid *g, struct rect r, const struct plan_view *p)
{
	bool there = p->act && *p->act;
	grid_rule(g, r.row, r.col, r.cols, there ? "this plan is void" : "no plan");
	grid_wrap(g, r.row + 1, r.col + 1, r.cols - 2, r.rows - 1, ROLE_WAIT,
		  there ? "this plan is 60 s old: nothing was sent; Enter plans again, Esc leaves"
			: "there is no plan now: nothing was sent; Enter plans again, Esc leaves");
}

#define CONFIRM_ROWS 4 /* rule, question, field, hint */

/* What the plan says must be there to be read while one types: the field alone does not do. */
void sheet_confirm(struct grid *g, struct rect r, const struct plan_view *p, struct confirm *c, msec now)
{
	char line[512];
	bool armed = confirm_armed(c, now);
	int question = text_width("type  and Enter:") + text_width(c->phrase) + 2;
	c->fits = r.rows >= CONFIRM_ROWS && r.cols >= question;
	if (!c->fits) {
		grid_wrap(g, r.row, r.col + 1, r.cols - 2, r.rows, ROLE_FAIL,
			  "too small to confirm: make the terminal larger, or Esc");
		return;
	}
	if (confirm_void(c, now)) {
		confirm_over(g, r, p);
		return;
	}
	snprintf(line, sizeof(line), "confirm %s%s", p->act, p->production ? " on PRODUCTION" : "");
	grid_rule(g, r.row, r.col, r.cols, line);
	if (p->production)
		grid_put(g, r.row, r.col + 3 + text_width(p->act) + (int)sizeof("confirm  on ") - 1, -1,
			 ROLE_PROD, "PRODUCTION");
	int col = r.col + 1;
	col += grid_put(g, r.row + 1, col, -1, ROLE_TEXT, "type ");
	col += grid_put(g, r.row + 1, col, -1, p->production ? ROLE_PROD : ROLE_KEY, c->phrase);
	grid_put(g, r.row + 1, col, -1, ROLE_TEXT, " and Enter:");
	col = r.col + 1 + grid_put(g, r.row + 2, r.col + 1, -1, ROLE_KEY, "> ");
	col += grid_put(g, r.row + 2, col, r.cols - (col - r.col) - 2, ROLE_INPUT, c->typed);
	grid_put(g, r.row + 2, col, 1, ROLE_INPUT, "_");
	const char *hint = *c->hint ? c->hint : armed ? "Esc leaves; nothing was sent" : "read it first";
	grid_put(g, r.row + 3, r.col + 1, r.cols - 2, *c->hint ? ROLE_WAIT : ROLE_DIM, hint);
}
