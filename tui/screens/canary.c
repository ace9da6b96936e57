#include "tui/screens/screens.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/view/canary.h"
#include "tui/frame.h"
#include "tui/plot.h"
#include "tui/screens/table.h"

/* ---- what a verdict looks like ---- */

static enum role role_of_verdict(int verdict)
{
	static const enum role roles[] = { [VERDICT_UNKNOWN] = ROLE_STALE,
					   [VERDICT_PASS] = ROLE_OK,
					   [VERDICT_FAIL] = ROLE_FAIL,
					   [VERDICT_INCONCLUSIVE] = ROLE_WAIT };
	return verdict >= 0 && (size_t)verdict < countof(roles) ? roles[verdict] : ROLE_UNKN;
}

static char glyph_of_verdict(int verdict)
{
	static const char glyphs[] = { '~', '.', '!', '?' }; /* as enum canary_verdict */
	return verdict >= 0 && (size_t)verdict < countof(glyphs) ? glyphs[verdict] : '~';
}

/* ---- samples as a line of levels ---- */

#define SPARK_MOST 80

/* Where a sample stands against its limit, in eighths of 1..8: up to 5 it holds, from 6 on it does not. Without a limit
 * the largest sample is the top. */
static int level_of(int64_t v, int64_t limit, double most)
{
	double share;
	if (limit == CANARY_NONE_VALUE || limit <= 0)
		share = most > 0 ? (double)v / most * 5 : 1;
	else if (v <= limit)
		share = (double)v / (double)limit * 5;
	else
		share = (double)v <= (double)limit * 1.5 ? 6 : (double)v <= (double)limit * 2 ? 7 : 8;
	return share < 1 ? 1 : share > 8 ? 8 : (int)(share + 0.5);
}

/* A sample without a number is a ?, in both ramps. In ASCII: low, up to the limit, over it, over twice of it. */
static const char *level_words(int level, bool ascii)
{
	static const char *const blocks[] = { "?",
					      "\xe2\x96\x81",
					      "\xe2\x96\x82",
					      "\xe2\x96\x83",
					      "\xe2\x96\x84",
					      "\xe2\x96\x85",
					      "\xe2\x96\x86",
					      "\xe2\x96\x87",
					      "\xe2\x96\x88" };
	static const char *const ramp[] = { "?", ".", ".", ".", ":", ":", "|", "|", "#" };
	return ascii ? ramp[level] : blocks[level];
}

static double largest(const struct canary_metric_row *m)
{
	double most = 0;
	for (int i = 0; i < m->points_n; i++)
		if (m->points[i].canary != CANARY_NONE_VALUE && (double)m->points[i].canary > most)
			most = (double)m->points[i].canary;
	return most;
}

static const char *spark(const struct canary_metric_row *m, int cells, bool ascii, char buf[TABLE_BUF])
{
	size_t n = 0;
	double most = largest(m);
	int from = m->points_n > cells ? m->points_n - cells : 0;
	for (int i = from; i < m->points_n; i++) {
		int64_t v = m->points[i].canary;
		int level = v == CANARY_NONE_VALUE ? 0 : level_of(v, m->limit_value, most);
		n += (size_t)snprintf(buf + n, TABLE_BUF - n, "%s", level_words(level, ascii));
	}
	buf[n] = 0;
	return buf;
}

/* ---- the metrics ---- */

enum { C_METRIC, C_CONTROL, C_CANARY, C_LIMIT, C_SPARK, C_VERDICT, C_WHY, C_N };

static const struct column columns[C_N] = {
	[C_METRIC] = { .head = "METRIC", .least = 14, .most = 28, .priority = 0 },
	[C_CONTROL] = { .head = "CONTROL", .most = 10, .priority = 2, .right = true },
	[C_CANARY] = { .head = "CANARY", .most = 10, .priority = 0, .right = true },
	[C_LIMIT] = { .head = "LIMIT", .most = 10, .priority = 1, .right = true },
	[C_SPARK] = { .head = "NEWEST SAMPLES", .least = SPARK_MOST, .most = SPARK_MOST, .priority = 3 },
	[C_VERDICT] = { .head = "VERDICT", .least = 10, .most = 12, .priority = 0 },
	[C_WHY] = { .head = "WHY", .least = 24, .good = 40, .most = 120, .priority = 5, .grows = true },
};

struct metrics {
	const struct canary_metric_row *items;
	int cells; /* of a line of samples */
	bool ascii;
};

static struct table_cell metric_cell(const void *rows, int i, int column, char buf[TABLE_BUF])
{
	const struct metrics *all = rows;
	const struct canary_metric_row *m = &all->items[i];
	enum role role = role_of_verdict(m->verdict_value);
	if (column == C_METRIC)
		snprintf(buf, TABLE_BUF, "%.200s%s%.40s", m->name, *m->unit ? " " : "", m->unit);
	if (column == C_SPARK)
		spark(m, all->cells, all->ascii, buf);
	const struct table_cell cells[C_N] = {
		[C_METRIC] = { buf, ROLE_TITLE },
		[C_CONTROL] = { m->control, ROLE_DIM },
		[C_CANARY] = { m->canary, role == ROLE_OK ? ROLE_TEXT : role },
		[C_LIMIT] = { m->limit, ROLE_DIM },
		[C_SPARK] = { buf, role == ROLE_FAIL ? role : ROLE_TEXT },
		[C_VERDICT] = { m->verdict, role },
		[C_WHY] = { m->reason, ROLE_TEXT },
	};
	return cells[column];
}

static char metric_glyph(const void *rows, int i, enum role *role)
{
	int verdict = ((const struct metrics *)rows)->items[i].verdict_value;
	*role = role_of_verdict(verdict);
	return glyph_of_verdict(verdict);
}

static const struct table_kind metric_kind = { columns, C_N, metric_cell, metric_glyph };

/* As many as the width has room for beside the numbers; the rest of the past is in the plot. */
int canary_samples_shown(int cols)
{
	return cols < 100 ? 20 : cols < 160 ? 40 : SPARK_MOST;
}

static void draw_metrics(struct grid *g, struct rect r, const struct canary_view *v, struct list *l,
			 enum canary_look look)
{
	const struct metrics all = { v->metrics.items, canary_samples_shown(r.cols),
				     g->ascii || (look & CANARY_MONO) };
	if (v->metrics.n)
		table_draw(g, r, &metric_kind, &all, (int)v->metrics.n, l);
	else
		grid_wrap(g, r.row, r.col + 3, r.cols - 4, r.rows, ROLE_DIM,
			  "No metric is known yet: nothing judges this canary.");
}

/* ---- the head: weights, ladder, verdict ---- */

static void add_word(struct buf *out, const char *before, const char *word)
{
	if (*word)
		buf_fmt(out, "%s%s", before, word);
}

#define AIRY_ROWS 12 /* fewer: a line each is all that the head may take */

static int head_lines(struct rect r)
{
	return r.rows >= AIRY_ROWS ? 2 : r.rows < 1 ? 0 : 1;
}

/* Who tells it is worth the rest of a line, and no line of its own. */
static void add_fitting(struct buf *out, const char *before, const char *word, struct rect r)
{
	if (text_width(out->s) + text_width(before) + text_width(word) <= r.cols - 2)
		add_word(out, before, word);
}

static int draw_weights(struct grid *g, struct rect r, const struct canary_view *v)
{
	autofree(buf) struct buf text = BUF_INIT(4096);
	char rung[64] = "";
	if (v->phase != CANARY_WATCHING) {
		for (const char *p = v->phase_word; *p; p++)
			buf_chr(&text, *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p);
		buf_str(&text, "  ");
	}
	if (v->steps > 0)
		snprintf(rung, sizeof(rung), "rung %" PRId64 " of %" PRId64, v->step, v->steps);
	buf_str(&text, *v->release ? v->release : "-");
	add_word(&text, "  ", rung);
	buf_fmt(&text, "  %s set / %s seen", v->set, v->seen);
	add_fitting(&text, "  set by ", v->set_from, r);
	add_fitting(&text, ", seen by ", v->seen_from, r);
	return grid_wrap(g, r.row, r.col + 1, r.cols - 2, head_lines(r),
			 v->phase == CANARY_FAILED || v->phase == CANARY_ABORTED ? ROLE_FAIL : ROLE_TITLE,
			 text.s);
}

static const char *rung_word(const struct canary_view *v, const struct canary_rung_row *r)
{
	static const char *const now[] = {
		[CANARY_OTHER] = " ?",       [CANARY_ABSENT] = "",       [CANARY_WATCHING] = " NOW",
		[CANARY_HELD] = " HELD",     [CANARY_DONE] = " DONE",    [CANARY_ABORTED] = " ABORTED",
		[CANARY_FAILED] = " FAILED", [CANARY_WAITING] = " WAITS"
	};
	if (r->state == RUNG_AHEAD)
		return "";
	if (r->state == RUNG_DONE)
		return r->verdict == VERDICT_FAIL   ? " done FAIL"
		       : r->verdict == VERDICT_PASS ? " done ok"
						    : " done";
	return v->phase >= 0 && (size_t)v->phase < countof(now) ? now[v->phase] : " ?";
}

/* 2: every rung with its clock; 1: the clock of the one that is watched; 0: that one and the next alone. */
static void ladder_words(struct buf *out, const struct canary_view *v, int detail)
{
	for (int i = 0; i < v->rungs_n; i++) {
		const struct canary_rung_row *r = &v->rungs[i];
		bool here = i == v->rung_now, near = here || i == v->rung_now + 1;
		if (detail == 0 && v->rung_now >= 0 && !near)
			continue;
		buf_fmt(out, "%s%s%s", out->n ? " | " : "", r->weight, rung_word(v, r));
		if (*r->clock && (detail == 2 || here))
			buf_fmt(out, " %s", r->clock);
	}
}

static int draw_ladder(struct grid *g, struct rect r, const struct canary_view *v)
{
	autofree(buf) struct buf text = BUF_INIT(8192);
	if (!v->rungs_n)
		return 0;
	for (int detail = 2; detail >= 0; detail--) {
		buf_reset(&text);
		ladder_words(&text, v, detail);
		if (text_width(text.s) <= r.cols - 2)
			break;
	}
	return grid_wrap(g, r.row, r.col + 1, r.cols - 2, r.rows < 2 ? r.rows : 2, ROLE_TEXT, text.s);
}

static int64_t weight_of(const struct canary_rung_row *r)
{
	return r->window_s > 0 ? r->window_s : 0;
}

static int part_filled(const struct canary_rung_row *r, int cells)
{
	if (r->state == RUNG_DONE)
		return cells;
	if (r->state == RUNG_AHEAD || r->spent_s < 0 || r->window_s <= 0)
		return 0;
	return r->spent_s >= r->window_s ? cells : (int)((double)r->spent_s / (double)r->window_s * cells);
}

static void draw_part(struct grid *g, int row, int col, int cells, const struct canary_rung_row *r)
{
	int filled = part_filled(r, cells);
	for (int i = 0; i < cells; i++) {
		bool head = r->state == RUNG_NOW && (i == filled || (i == cells - 1 && filled == cells));
		grid_put(g, row, col + i, 1,
			 head         ? ROLE_RUN
			 : i < filled ? ROLE_OK
				      : ROLE_DIM,
			 head         ? ">"
			 : i < filled ? "#"
				      : ".");
	}
}

/* One part a rung, as long as its window, none shorter than three cells. */
static int draw_bar(struct grid *g, struct rect r, const struct canary_view *v)
{
	int room = r.cols - 2 - 1 - v->rungs_n, col = r.col + 1, spare = room - 3 * v->rungs_n;
	int64_t all = 0;
	if (!v->rungs_n || spare < 0 || r.rows < 1)
		return 0;
	for (int i = 0; i < v->rungs_n; i++)
		all += weight_of(&v->rungs[i]) < 1000000 ? weight_of(&v->rungs[i]) : 1000000;
	grid_put(g, r.row, col++, 1, ROLE_DIM, "[");
	for (int i = 0; i < v->rungs_n; i++) {
		int64_t w = weight_of(&v->rungs[i]) < 1000000 ? weight_of(&v->rungs[i]) : 1000000;
		int cells = 3 + (all ? (int)(spare * w / all) : spare / v->rungs_n);
		draw_part(g, r.row, col, cells, &v->rungs[i]);
		col += cells;
		grid_put(g, r.row, col++, 1, ROLE_DIM, i + 1 < v->rungs_n ? "|" : "]");
	}
	return 1;
}

static int draw_verdict(struct grid *g, struct rect r, const struct canary_view *v)
{
	autofree(buf) struct buf text = BUF_INIT(8192);
	enum role role = v->stale ? ROLE_STALE : role_of_verdict(v->verdict);
	if (v->stale)
		buf_fmt(&text, "%s (%s); it was: %s", v->freshness, v->sampled,
			*v->reason ? v->reason : "without a reason");
	else
		buf_fmt(&text, "%s%s%s", v->verdict_word, *v->reason ? ": " : "", v->reason);
	return grid_wrap(g, r.row, r.col + 1, r.cols - 2, head_lines(r), role, text.s);
}

static struct rect below(struct rect r, int used)
{
	used = used < r.rows ? used : r.rows;
	return (struct rect){ r.row + used, r.col, r.rows - used, r.cols };
}

/* Where rows are few the ladder gives way: to the lines of the head that say more, and to the row under the cursor. */
static bool has_room_for_ladder(struct rect r, const struct canary_view *v)
{
	int table = v->metrics.n ? 2 : 1; /* its head and a row */
	return r.rows > 1 + (*v->ahead != 0) + (*v->past_line != 0) + table;
}

static struct rect draw_head(struct grid *g, struct rect r, const struct canary_view *v)
{
	r = below(r, draw_weights(g, r, v));
	if (has_room_for_ladder(r, v))
		r = below(r, draw_ladder(g, r, v));
	if (r.rows >= 6)
		r = below(r, draw_bar(g, r, v));
	r = below(r, draw_verdict(g, r, v));
	if (*v->ahead)
		r = below(r, grid_wrap(g, r.row, r.col + 1, r.cols - 2, head_lines(r), ROLE_RUN, v->ahead));
	if (*v->past_line)
		r = below(r,
			  grid_wrap(g, r.row, r.col + 1, r.cols - 2, head_lines(r), ROLE_HOLD, v->past_line));
	return r;
}

/* ---- cost, what happens next, events ---- */

static struct rect draw_rule(struct grid *g, struct rect r, const char *title)
{
	if (r.rows > 0)
		grid_rule(g, r.row, r.col, r.cols, title);
	return below(r, 1);
}

static struct rect draw_text(struct grid *g, struct rect r, enum role role, const char *text, int most)
{
	most = most < r.rows ? most : r.rows;
	return below(r, *text ? grid_wrap(g, r.row, r.col + 1, r.cols - 2, most, role, text) : 0);
}

static struct rect draw_cost(struct grid *g, struct rect r, const struct canary_view *v)
{
	if (r.rows < 2)
		return r;
	r = draw_rule(g, r, "COST SO FAR");
	return draw_text(g, r, v->stale ? ROLE_STALE : ROLE_TEXT, v->cost, 2);
}

static const char *back_words(const struct canary_view *v, struct arena *a)
{
	if (!*v->back)
		return "BACK ? no way back is known";
	return arena_printf(a, "BACK%s%s%s%s%s", v->back + 4, *v->back_took ? "; " : "", v->back_took,
			    *v->back_more ? "; " : "", v->back_more);
}

#define AIRY_NEXT 18 /* rows from which on no sentence about what is next is cut */

static struct rect draw_next(struct grid *g, struct rect r, const struct canary_view *v)
{
	struct arena a = ARENA_INIT;
	int most = r.rows >= AIRY_NEXT ? 4 : 2;
	if (r.rows < 2)
		return r;
	r = draw_rule(g, r, "WHO / WHAT NEXT");
	r = draw_text(g, r, ROLE_HOLD, v->guard, most);
	r = draw_text(g, r, v->can_hold ? ROLE_TEXT : ROLE_HOLD,
		      *v->mechanism ? v->mechanism
		      : v->live     ? "cannot hold: no means is known"
				    : "",
		      most);
	r = draw_text(g, r, ROLE_TEXT, *v->last ? arena_printf(&a, "last: %s", v->last) : "", most);
	r = draw_text(g, r, *v->back ? role_of_back(v->back_ok) : ROLE_STALE, back_words(v, &a), most);
	if (!v->stale && v->live)
		r = draw_text(g, r, ROLE_DIM, arena_printf(&a, "%s; %s", v->sampled, v->freshness), 1);
	arena_done(&a);
	return r;
}

/* Letters of the events that stand in the plot: the newest is a. */
#define LETTERS 26

static char letter_of(const struct plot *p, const struct canary_view *v, int note)
{
	int n = 0;
	for (int i = 0; i < note; i++)
		n += plot_holds(p, v->notes.items[i].when);
	return plot_holds(p, v->notes.items[note].when) && n < LETTERS ? (char)('a' + n) : ' ';
}

static void draw_events(struct grid *g, struct rect r, const struct canary_view *v, const struct plot *p)
{
	struct arena a = ARENA_INIT;
	if (r.rows < 2)
		return;
	r = draw_rule(g, r, "EVENTS");
	for (int i = 0; i < (int)v->notes.n && i < r.rows; i++) {
		const struct canary_note *n = &v->notes.items[i];
		int col = r.col + 1;
		if (p)
			col += grid_printf(g, r.row + i, col, -1, ROLE_KEY, "%c", letter_of(p, v, i)) + 1;
		col += grid_put(g, r.row + i, col, -1, ROLE_DIM, n->at) + 1;
		int room = r.col + r.cols - 1 - col;
		grid_put(g, r.row + i, col, room, ROLE_TEXT, text_cut(&a, n->text, room));
	}
	arena_done(&a);
}

/* ---- the plot ---- */

static struct plot plot_of(const struct canary_view *v, int at)
{
	struct plot p = { .limit = CANARY_NONE_VALUE };
	if (at < 0 || at >= (int)v->metrics.n)
		return p;
	const struct canary_metric_row *m = &v->metrics.items[at];
	p.points = m->points;
	p.points_n = m->points_n;
	p.limit = m->limit_value;
	p.role = m->verdict_value == VERDICT_FAIL ? ROLE_FAIL : v->stale ? ROLE_STALE : ROLE_RUN;
	return p;
}

static void mark_plot(struct plot *p, const struct canary_view *v, struct arena *a)
{
	struct plot_mark *rungs = arena_array(a, struct plot_mark, (size_t)v->rungs_n + 1);
	struct plot_mark *notes = arena_array(a, struct plot_mark, LETTERS);
	for (int i = 0; i < v->rungs_n; i++)
		rungs[p->rungs_n++] = (struct plot_mark){ v->rungs[i].entered, v->rungs[i].weight };
	for (int i = 0; i < (int)v->notes.n && p->notes_n < LETTERS; i++)
		if (plot_holds(p, v->notes.items[i].when))
			notes[p->notes_n++] = (struct plot_mark){ v->notes.items[i].when,
								  arena_printf(a, "%c", letter_of(p, v, i)) };
	p->rungs = rungs;
	p->notes = notes;
}

static const char *count_words(const struct canary_metric_row *m, struct arena *a)
{
	if (m->control_n < 0 || m->canary_n < 0)
		return "";
	return arena_printf(a, "; this rung %" PRId64 " of %" PRId64 " requests", m->canary_n,
			    m->canary_n + m->control_n);
}

/* What gives way first: the requests, then how the lines are told apart. */
static const char *plot_title(const struct grid *g, const struct canary_metric_row *m, int cols,
			      struct arena *a)
{
	const char *name = arena_printf(a, "%s%s%s", text_cut_middle(a, m->name, 40), *m->unit ? " " : "",
					text_cut(a, m->unit, 12));
	const char *legend = arena_printf(a, "%s: %s", name, plot_legend(g));
	const char *all = arena_printf(a, "%s%s", legend, count_words(m, a));
	return text_width(all) + 6 <= cols ? all : text_width(legend) + 6 <= cols ? legend : name;
}

static void draw_plot(struct grid *g, struct rect r, const struct canary_view *v, int at, struct plot *p)
{
	struct arena a = ARENA_INIT;
	*p = plot_of(v, at);
	if (at < 0 || at >= (int)v->metrics.n || r.rows < 1) {
		arena_done(&a);
		return;
	}
	mark_plot(p, v, &a);
	r = draw_rule(g, r, plot_title(g, &v->metrics.items[at], r.cols, &a));
	if (!plot_draw(g, r, p) && r.rows > 0)
		grid_wrap(g, r.row, r.col + 1, r.cols - 2, r.rows < 2 ? r.rows : 2, ROLE_DIM,
			  p->points_n ? "There is no room for a plot here." : "No sample of it is known.");
	p->rungs = p->notes = NULL; /* they lived here */
	p->rungs_n = p->notes_n = 0;
	arena_done(&a);
}

/* The plot on the whole screen: what is judged stays above it, and what its letters mean below. */
static void draw_zoomed(struct grid *g, struct rect r, const struct canary_view *v, int at)
{
	struct plot p;
	r = below(r, draw_weights(g, r, v));
	r = below(r, draw_verdict(g, r, v));
	int events = r.rows >= 40 ? 8 : r.rows >= 16 ? 4 : 0;
	draw_plot(g, (struct rect){ r.row, r.col, r.rows - events, r.cols }, v, at, &p);
	if (events)
		draw_events(g, below(r, r.rows - events), v, &p);
}

/* ---- layouts ---- */

static int table_rows(const struct canary_view *v, int most)
{
	int want = (int)v->metrics.n + 1;
	return want < most ? want : most < 2 ? 2 : most;
}

/* 80 columns: one below the other. What is measured comes first, then what it costs and what is next, then events. */
static void draw_stacked(struct grid *g, struct rect r, const struct canary_view *v, struct list *l, int at,
			 enum canary_look look)
{
	struct plot p;
	int table = table_rows(v, r.rows >= 14 ? r.rows - 8 : r.rows);
	draw_metrics(g, (struct rect){ r.row, r.col, table < r.rows ? table : r.rows, r.cols }, v, l, look);
	r = below(r, table);
	r = draw_cost(g, r, v);
	r = draw_next(g, r, v);
	if (r.rows < 20) {
		draw_events(g, r, v, NULL);
		return;
	}
	draw_plot(g, (struct rect){ r.row, r.col, r.rows - 6, r.cols }, v, at, &p);
	draw_events(g, below(r, r.rows - 6), v, &p);
}

/* 120 columns and 30 rows: the plot below the metrics, and beside it what it costs and what is next. */
static void draw_wide(struct grid *g, struct rect r, const struct canary_view *v, struct list *l, int at,
		      enum canary_look look)
{
	struct plot p;
	int table = table_rows(v, r.rows * 6 / 10), right = r.cols >= 160 ? 64 : 46;
	draw_metrics(g, (struct rect){ r.row, r.col, table, r.cols }, v, l, look);
	r = below(r, table);
	struct rect side = { r.row, r.col + r.cols - right, r.rows, right };
	r.cols -= right + 1;
	draw_plot(g, r, v, at, &p);
	side = draw_cost(g, side, v);
	side = draw_next(g, side, v);
	draw_events(g, side, v, &p);
}

static void draw_none(struct grid *g, struct rect r, const struct canary_view *v)
{
	struct arena a = ARENA_INIT;
	const char *ladder = "";
	for (int i = 0; i < v->rungs_n; i++)
		ladder = arena_printf(&a, "%s%s%s", ladder, *ladder ? ", " : "", v->rungs[i].weight);
	if (*v->ahead)
		screen_empty(
			g, r,
			arena_printf(&a, "%s%s%s.", v->ahead, *ladder ? "; the ladder is " : "", ladder));
	else
		screen_empty(g, r,
			     arena_printf(&a,
					  "No canary is under way on %s%s%s. It begins with a release: D on "
					  "the lane (1 "
					  "shows all) dispatches one.",
					  v->lane, *ladder ? ", whose ladder is " : "", ladder));
	arena_done(&a);
}

void screen_canary(struct grid *g, struct rect r, const struct canary_view *v, struct list *l, int at,
		   enum canary_look look)
{
	if (v->phase == CANARY_ABSENT) {
		draw_none(g, r, v);
		return;
	}
	if (look & CANARY_ZOOMED) {
		draw_zoomed(g, r, v, at);
		return;
	}
	r = draw_head(g, r, v);
	if (r.cols >= 110 && r.rows >= 24)
		draw_wide(g, r, v, l, at, look);
	else
		draw_stacked(g, r, v, l, at, look);
}

/* ---- all canaries ---- */

enum { L_LANE, L_RELEASE, L_PHASE, L_RUNG, L_WEIGHTS, L_VERDICT, L_AGE, L_WHY, L_N };

static const struct column list_columns[L_N] = {
	[L_LANE] = { .head = "LANE", .least = 10, .most = 32, .priority = 0 },
	[L_RELEASE] = { .head = "RELEASE", .least = 8, .most = 24, .priority = 2 },
	[L_PHASE] = { .head = "PHASE", .least = 8, .most = 8, .priority = 1 },
	[L_RUNG] = { .head = "RUNG", .least = 6, .most = 8, .priority = 3 },
	[L_WEIGHTS] = { .head = "WEIGHT", .least = 14, .most = 40, .priority = 1 },
	[L_VERDICT] = { .head = "VERDICT", .least = 10, .most = 10, .priority = 0 },
	[L_AGE] = { .head = "AGE", .most = 4, .priority = 3, .right = true },
	[L_WHY] = { .head = "WHY", .least = 16, .good = 24, .most = 120, .priority = 5, .grows = true },
};

static struct table_cell list_cell(const void *rows, int i, int column, char buf[TABLE_BUF] maybe_unused)
{
	const struct canary_row *c = &((const struct canary_row *)rows)[i];
	enum role role = c->live ? role_of_verdict(c->verdict_value) : ROLE_DIM;
	bool none = c->phase_value == CANARY_ABSENT;
	const struct table_cell cells[L_N] = {
		[L_LANE] = { c->lane, ROLE_TITLE },
		[L_RELEASE] = { none || !*c->release ? "-" : c->release, ROLE_TEXT },
		[L_PHASE] = { none ? "none" : c->phase, c->live ? ROLE_RUN : ROLE_DIM },
		[L_RUNG] = { none ? "-" : c->step, ROLE_TEXT },
		[L_WEIGHTS] = { none ? "-" : c->weights, ROLE_TEXT },
		[L_VERDICT] = { none ? "-" : c->verdict, role },
		[L_AGE] = { c->age, ROLE_DIM },
		[L_WHY] = { *c->ahead ? c->ahead
			    : none    ? "no canary is under way here"
				      : c->reason,
			    ROLE_TEXT },
	};
	return cells[column];
}

static char list_glyph(const void *rows, int i, enum role *role)
{
	const struct canary_row *c = &((const struct canary_row *)rows)[i];
	*role = c->live ? role_of_verdict(c->verdict_value) : ROLE_DIM;
	return c->live ? glyph_of_verdict(c->verdict_value) : ' ';
}

static const struct table_kind list_kind = { list_columns, L_N, list_cell, list_glyph };

void screen_canaries(struct grid *g, struct rect r, const struct canary_list *v, struct list *l)
{
	if (v->n)
		table_draw(g, r, &list_kind, v->items, (int)v->n, l);
	else
		screen_empty(
			g, r,
			"No canary is under way: no lane here has a ladder by its profile, or nobody has "
			"looked yet. 1 shows the lanes, Ctrl-r reads the forge.");
}
