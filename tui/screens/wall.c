#include "tui/screens/wall.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/model/evidence.h"
#include "core/view/guard.h"
#include "tui/frame.h"
#include "tui/screens/screens.h"

#define STATE_CELLS 7
#define NAME_MOST   28
#define ALARMS_MOST 4  /* then they are counted: a flood must not hide what fails */
#define LEAST_ROWS  6  /* with fewer there is room for numbers alone */
#define ACTS_ROWS   16 /* a screen with fewer rows has none for past acts */

/* One row of the wall, made before it is known which of them fit. */
struct wall_line {
	enum role role;
	bool pinned; /* a failure: never turned away */
	bool gap;    /* a blank row before it where there is room */
	const char *state, *name, *release, *text, *right;
};
struct wall_lines VEC_OF(struct wall_line);

static const char *loud(struct arena *a, const char *lane)
{
	char *s = arena_strdup(a, lane);
	for (char *p = s; *p; p++)
		*p = (char)(*p == '/' ? ' ' : toupper((unsigned char)*p));
	return s;
}

static const struct gate_row *gate_of(const struct wall_view *v, const struct lane_row *l)
{
	vec_each (g, v->gates)
		if (g->run_id == l->run_id)
			return g;
	return NULL;
}

/* Whom to ask: reviewers where it waits for one, else whoever acted on the lane last. */
static const char *person_of(const struct wall_view *v, const struct lane_row *l, struct arena *a)
{
	const struct gate_row *g = l->state == LANE_WAIT ? gate_of(v, l) : NULL;
	if (g && *g->reviewers)
		return arena_printf(a, "(%s)", g->reviewers);
	vec_each (act, v->acts)
		if (!strcmp(act->lane, l->name))
			return arena_printf(a, "(%.*s)", (int)strcspn(act->who, " "), act->who);
	return "";
}

static const char *text_of(const struct wall_view *v, const struct lane_row *l, struct arena *a)
{
	const char *what = *l->unsettled ? l->unsettled : l->progress;
	if (l->guard)
		what = arena_printf(a, "%s%s%s", what, *what ? "  " : "", l->guard->brief);
	if (l->state == LANE_STALE)
		return arena_printf(a, "was %s%s%s", names_word(&lane_state_names, l->judged),
				    *what ? ", " : "", what);
	if (l->state == LANE_FAIL || l->state == LANE_RUN)
		return what;
	return arena_printf(a, "%s  %s", what, person_of(v, l, a));
}

static void add_lane(struct wall_lines *out, const struct wall_view *v, const struct lane_row *l,
		     struct arena *a)
{
	bool fails = l->state == LANE_FAIL;
	enum role role = role_of_state(l->state);
	bool gap = out->n && (out->items[out->n - 1].role != role || fails);
	*vec_push(out, a) = (struct wall_line){
		.role = role,
		.pinned = fails,
		.gap = gap,
		.state = names_word(&lane_state_names, l->state),
		.name = loud(a, l->name),
		.release = *l->next ? l->next : l->live,
		.text = text_of(v, l, a),
		.right = l->since,
	};
	if (!fails)
		return;
	const char *reason = l->reasons_n ? l->reasons[0] : "", *person = person_of(v, l, a);
	if (*reason || *person)
		*vec_push(out, a) =
			(struct wall_line){ .role = role, .pinned = true, .text = reason, .right = person };
}

static void push_calm(struct wall_lines *out, struct buf *names, struct arena *a)
{
	bool first = !out->n || out->items[out->n - 1].role != ROLE_OK;
	bool gap = first && out->n;
	if (names->n)
		*vec_push(out, a) = (struct wall_line){ .role = ROLE_OK,
							.gap = gap,
							.state = first ? "OK" : "",
							.name = arena_strdup(a, names->s) };
	buf_reset(names);
}

/* OK lanes share lines: their names are enough. */
static void add_calm(struct wall_lines *out, const struct wall_view *v, int cols, struct arena *a)
{
	struct buf names = BUF_INIT(4096);
	vec_each (l, v->lanes) {
		const char *name = loud(a, l->name);
		if (l->state != LANE_OK)
			continue;
		if (names.n && text_width(names.s) + 2 + text_width(name) > cols - STATE_CELLS - 4)
			push_calm(out, &names, a);
		buf_fmt(&names, "%s%s", names.n ? "  " : "", name);
	}
	push_calm(out, &names, a);
	buf_done(&names);
}

static const struct lane_row *lane_named(const struct wall_view *v, const char *name)
{
	vec_each (l, v->lanes)
		if (!strcmp(l->name, name))
			return l;
	return NULL;
}

/* Every lane's facts are too old to decide on, or there are none: the feed stopped. */
static bool wall_frozen(const struct wall_view *v)
{
	if (!v->header || !v->lanes->n)
		return true;
	vec_each (l, v->lanes)
		if (l->state != LANE_STALE)
			return false;
	return true;
}

static void add_alarms(struct wall_lines *out, const struct wall_view *v, struct arena *a)
{
	size_t most = v->alarms->n > ALARMS_MOST ? ALARMS_MOST - 1 : v->alarms->n;
	/* When all is old the whole screen says so already. */
	for (size_t i = wall_frozen(v) && v->alarms->n && !*v->alarms->items->lane; i < most; i++) {
		const struct alarm_row *one = &v->alarms->items[i];
		const struct lane_row *l = lane_named(v, one->lane);
		*vec_push(out, a) = (struct wall_line){
			.role = ROLE_FAIL,
			.pinned = true,
			.state = "ALARM",
			.text = arena_printf(a, "%s%s%s", *one->lane ? loud(a, one->lane) : "",
					     *one->lane ? ": " : "", one->text),
			.right = l ? person_of(v, l, a) : "",
		};
	}
	if (v->alarms->n > most)
		*vec_push(out, a) = (struct wall_line){
			.role = ROLE_FAIL,
			.pinned = true,
			.state = "ALARM",
			.text = arena_printf(a, "and %d more", (int)(v->alarms->n - most)),
			.right = "",
		};
}

/* Lanes whose profile wants proofs, and of which nothing is there. */
static int unlooked(const struct wall_view *v)
{
	int n = 0;
	vec_each (l, v->lanes)
		n += l->proof && l->proof->required <= 0;
	return n;
}

/* What is proved of all lanes: below the alarms while something is not, else at the end. */
static void add_proofs(struct wall_lines *out, const struct wall_view *v, bool good, bool ascii,
		       struct arena *a)
{
	int worst = PROOF_UNCHECKED, never = unlooked(v);
	const char *words = v->proofs ? proof_wall_words(v->proofs, ascii, &worst, a) : "";
	if (never) {
		words = arena_printf(a, "%s%s%d lane%s never checked", words, *words ? "; " : "", never,
				     never == 1 ? "" : "s");
		worst = worst == PROOF_VERIFIED ? PROOF_UNCHECKED : worst;
	}
	if (*words && good == (worst == PROOF_VERIFIED))
		*vec_push(out, a) = (struct wall_line){
			.role = role_of_proof(worst),
			.pinned = role_of_proof(worst) == ROLE_FAIL,
			.gap = good && out->n,
			.state = "PROOF",
			.text = words,
			.right = "",
		};
}

static void make_lines(struct wall_lines *out, const struct wall_view *v, int cols, bool ascii,
		       struct arena *a)
{
	add_alarms(out, v, a);
	add_proofs(out, v, false, ascii, a);
	vec_each (l, v->lanes)
		if (l->state != LANE_OK)
			add_lane(out, v, l, a);
	add_calm(out, v, cols, a);
	add_proofs(out, v, true, ascii, a);
}

static int name_cells(const struct wall_view *v, int cols)
{
	int most = 8, limit = cols / 3 < NAME_MOST ? cols / 3 : NAME_MOST;
	vec_each (l, v->lanes)
		if (l->state != LANE_OK && text_width(l->name) > most)
			most = text_width(l->name);
	return most < limit ? most : limit;
}

static void draw_cut(struct grid *g, int row, int col, int width, enum role role, const char *text,
		     struct arena *a)
{
	grid_put(g, row, col, width, role, text_cut_middle(a, text, width));
}

static void draw_line(struct grid *g, int row, int left, int name, const struct wall_line *l, struct arena *a)
{
	int col = left + 2, end = g->cols - 2, release = g->cols >= 64 ? 11 : 0;
	grid_put(g, row, col, STATE_CELLS, l->role, l->state);
	col += STATE_CELLS;
	if (l->role == ROLE_OK && l->name) {
		grid_put(g, row, col, end - col, ROLE_TEXT, l->name);
		return;
	}
	if (!l->name) {
		int who = text_width(l->right) + 2;
		who = who < (end - col) / 2 ? who : 0;
		int used = grid_put(g, row, col, -1, ROLE_TEXT, text_cut(a, l->text, end - col - who));
		if (who)
			grid_put(g, row, col + used + 2, -1, ROLE_TITLE, l->right);
		return;
	}
	draw_cut(g, row, col, name, l->role, l->name, a);
	col += name + 2;
	if (release)
		draw_cut(g, row, col, release, ROLE_TITLE, l->release, a);
	col += release ? release + 2 : 0;
	grid_put_right(g, row, end - 5, 5, ROLE_TEXT, l->right);
	if (end - 7 > col + 8)
		grid_put(g, row, col, end - 7 - col, ROLE_TEXT, text_cut(a, l->text, end - 7 - col));
}

/* ---- pages ---- */

struct pages {
	int pinned, rest; /* rows of lines, without gaps */
	int gaps;
	int room; /* rows for the rest on each page */
	int n;
	bool airy;   /* all fit with their gaps */
	bool terse;  /* failures without the reasons below them */
	int omitted; /* failures that have no room at all */
};

/* Room is given up in this order: gaps, pages of what is calmer, reasons; failures themselves last. */
static struct pages count_pages(const struct wall_lines *lines, int rows)
{
	struct pages p = { .n = 1 };
	int reasons = 0;
	vec_each (l, lines) {
		p.pinned += l->pinned;
		p.rest += !l->pinned;
		p.gaps += l->gap;
		reasons += l->pinned && !l->name && !l->state;
	}
	p.airy = p.pinned + p.rest + p.gaps <= rows;
	int quarter = rows / 4 > 1 ? rows / 4 : 1;
	int least = p.rest < quarter ? p.rest : quarter; /* for turning pages, whatever fails */
	p.terse = p.pinned + least > rows;
	if (p.terse)
		p.pinned -= reasons;
	if (p.pinned + least > rows) {
		p.omitted = p.pinned - (rows - least - 1);
		p.pinned = rows - least;
	}
	p.room = rows - p.pinned;
	if (p.room > 0 && p.rest > p.room)
		p.n = (p.rest + p.room - 1) / p.room;
	return p;
}

static void draw_body(struct grid *g, int row, const struct wall_view *v, const struct wall_lines *lines,
		      const struct pages *p, struct arena *a)
{
	int from = p->room * (p->n > 1 ? v->page % p->n : 0), at = 0, used = 0;
	int name = name_cells(v, g->cols), pinned = 0, most = p->pinned - (p->omitted > 0);
	vec_each (l, lines) {
		if (l->pinned && !l->name && !l->state && p->terse)
			continue;
		bool shown = l->pinned ? pinned++ < most : at >= from && at < from + p->room;
		if (l->pinned && p->omitted && pinned == most + 1)
			grid_printf(g, row + used++, v->shift + 2, -1, ROLE_FAIL, "FAIL   and %d more",
				    p->omitted);
		at += !l->pinned;
		if (!shown)
			continue;
		used += p->airy && l->gap;
		draw_line(g, row + used++, v->shift, name, l, a);
	}
}

/* ---- around it ---- */

static const char *age_of(const struct wall_view *v, char out[WHEN_TEXT])
{
	return v->header && v->header->age_ms >= 0 ? when_age_minutes(v->header->age_ms, out) : "?";
}

static void draw_top(struct grid *g, const struct wall_view *v)
{
	char age[WHEN_TEXT], clock[WHEN_TEXT], text[96];
	int col = v->shift + 1;
	bool old = v->header && v->header->counts[LANE_STALE];
	snprintf(text, sizeof(text), "DATA %s%s%s", age_of(v, age), g->cols < 40 ? "" : "  ",
		 g->cols < 40 ? "" : when_hhmm(v->now, clock));
	int end = g->cols - text_width(text) - 3; /* the age is never cut: the others are */
	if (v->header && v->header->drill && end > col)
		col += grid_printf(g, 0, col, end - col, ROLE_DRILL, "DRILL %s", v->header->drill) + 2;
	if (end > col)
		col += grid_put(g, 0, col, end - col, ROLE_TITLE, "RELEASES") + 2;
	if (v->header && v->header->con && *v->header->con && end > col)
		col += grid_printf(g, 0, col, end - col, ROLE_TITLE, "CON %.40s", v->header->con) + 2;
	grid_put_right(g, 0, end + 2, g->cols - end - 3, old ? ROLE_STALE : ROLE_TITLE, text);
}

/* A system once: stopped, by its first source that says so, else not known. What is stopped comes first. */
static void draw_freezes(struct grid *g, int end, const struct wall_view *v, struct arena *a)
{
	const char *last = "";
	int col = v->shift + 1;
	for (int known = 1; known >= 0; known--)
		vec_each (f, v->freezes) {
			int state = known ? FREEZE_FROZEN : FREEZE_UNKNOWN;
			if (f->state_value != state || !strcmp(last, f->system) || end - col < 12)
				continue;
			last = f->system;
			const char *text =
				known ? arena_printf(a, "FROZEN %s (%s)", loud(a, f->system), f->source)
				      : arena_printf(a, "FREEZE ? %s", loud(a, f->system));
			col += grid_put(g, 1, col, end - col, known ? ROLE_HOLD : ROLE_STALE,
					text_cut(a, text, end - col)) +
			       2;
		}
}

/* Every verdict where there is room, else how many differ. */
static const char *drift_text(const struct wall_view *v, int cols, struct arena *a)
{
	const char *words = drift_words(v->drift, a);
	int differ = 0, unknown = 0;
	vec_each (d, v->drift) {
		unknown += d->verdict_value == DRIFT_UNKNOWN;
		differ += d->verdict_value != DRIFT_UNKNOWN && d->verdict_value != DRIFT_EQUAL;
	}
	if (!*words || cols < 60)
		return differ ? arena_printf(a, "DRIFT %d", differ) : "";
	if (text_width(words) < cols / 3)
		return arena_printf(a, "DRIFT %s", words);
	return arena_printf(a, "DRIFT %d differ, %d unknown", differ, unknown);
}

/* Below the head: what holds for more than one lane. */
static void draw_news(struct grid *g, const struct wall_view *v, struct arena *a)
{
	const char *drift = drift_text(v, g->cols, a);
	int end = g->cols - 1, width = text_width(drift);
	enum role role = v->drift->n ? role_of_drift(v->drift->items[0].verdict_value) : ROLE_DIM;
	grid_put_right(g, 1, 0, end, role == ROLE_OK ? ROLE_DIM : role, drift);
	draw_freezes(g, width ? end - width - 2 : end, v, a);
}

static int counted(const struct wall_view *v, const char *act)
{
	int n = 0;
	int64_t midnight = v->now.ms - v->now.ms % 86400000;
	vec_each (i, v->acts)
		n += i->created.ms >= midnight && !strcmp(i->act, act) &&
		     (i->state_value == INTENT_LINKED || i->state_value == INTENT_DONE);
	return n;
}

static void draw_acts(struct grid *g, int row, const struct wall_view *v, struct arena *a)
{
	char title[96];
	snprintf(title, sizeof(title),
		 g->cols < 60 ? "last acts" : "last acts; today: dispatch %d, rollback %d",
		 counted(v, "dispatch"), counted(v, "rollback"));
	grid_rule(g, row, 0, g->cols, title);
	for (int i = 0; i < WALL_ACTS && i < (int)v->acts->n; i++) {
		const struct intent_row *act = &v->acts->items[i];
		const char *line = arena_printf(a, "%4s  %s %s %s%s%s%s", act->when, act->act, act->lane,
						act->subject_short, *act->reason ? " \"" : "", act->reason,
						*act->reason ? "\"" : "");
		int who = text_width(act->who) < g->cols / 3 ? text_width(act->who) : g->cols / 3;
		int width = g->cols - v->shift - who - 5;
		grid_put(g, row + 1 + i, v->shift + 1, width, ROLE_TEXT, text_cut(a, line, width));
		draw_cut(g, row + 1 + i, g->cols - 1 - who, who, ROLE_DIM, act->who, a);
	}
}

static void draw_foot(struct grid *g, const struct wall_view *v, int pages)
{
	char page[48] = "";
	if (pages > 1)
		snprintf(page, sizeof(page), "page %d of %d", v->page % pages + 1, pages);
	int col = v->shift + 1;
	col += grid_put(g, g->rows - 1, col, -1, ROLE_DIM,
			g->cols < 60 ? "read-only wall" : "read-only wall, no token in this program");
	grid_put_right(g, g->rows - 1, col + 1, g->cols - col - 2, ROLE_DIM, page);
}

/* The feed stopped: one word across the whole screen. What was known stays readable below it. */
static void draw_alarm(struct grid *g, const struct wall_view *v, struct arena *a)
{
	char age[WHEN_TEXT];
	const char *head = !v->header              ? "NO DATA"
			   : !v->lanes->n          ? "NO LANES"
			   : v->header->age_ms < 0 ? "NEVER SYNCED"
						   : arena_printf(a, "DATA %s OLD", age_of(v, age));
	const char *help = "start the poller on the account that holds the token: pilothouse sync";
	if (v->header && v->header->drill)
		head = arena_printf(a, "DRILL %s  %s", v->header->drill, head);
	for (int row = 0; row < (g->rows < 4 ? g->rows : 4); row++)
		grid_fill(g, row, 0, g->cols, ROLE_ALARM, "");
	int row = g->rows >= 8 ? 1 : 0, width = text_width(head);
	grid_put(g, row, width < g->cols ? (g->cols - width) / 2 : 0, -1, ROLE_ALARM, head);
	if (g->rows > 2)
		grid_wrap(g, row + 1, 1, g->cols - 2, 2, ROLE_ALARM, *v->trouble ? v->trouble : help);
	for (int i = 0; i < g->rows * g->cols; i++)
		g->cells[i].role = ROLE_ALARM;
}

static void draw_tiny(struct grid *g, const struct wall_view *v)
{
	int col = 0;
	if (v->header && v->header->drill)
		col += grid_put(g, 0, col, -1, ROLE_DRILL, "DRILL ");
	for (int s = LANE_FAIL; v->header && s <= LANE_OK; s++)
		if (v->header->counts[s])
			col += grid_printf(g, 0, col, -1, role_of_state((enum lane_state)s), "%s %d  ",
					   names_word(&lane_state_names, s), v->header->counts[s]);
}

static int fixed_rows(const struct wall_view *v, int *acts)
{
	*acts = v->acts->n ? 1 + (v->acts->n < WALL_ACTS ? (int)v->acts->n : WALL_ACTS) : 0;
	return 2 + (wall_frozen(v) ? 2 : 0) + *acts + 2;
}

int wall_rows(const struct wall_view *v, int cols, struct arena *a)
{
	struct wall_lines lines = { 0 };
	int acts, rows = fixed_rows(v, &acts);
	make_lines(&lines, v, cols, false, a);
	struct pages p = count_pages(&lines, 1 << 20);
	rows += p.pinned + p.rest + p.gaps;
	return rows > LEAST_ROWS ? rows : LEAST_ROWS;
}

int screen_wall(struct grid *g, const struct wall_view *v, struct arena *a)
{
	struct wall_lines lines = { 0 };
	struct pages p = { .n = 1 };
	int acts, top = wall_frozen(v) ? 4 : 2;
	grid_clear(g);
	fixed_rows(v, &acts);
	if (g->rows < ACTS_ROWS)
		acts = 0;
	int rows = g->rows - top - acts - 1 - (acts > 0);
	if (g->rows < LEAST_ROWS || g->cols < 30) {
		draw_tiny(g, v);
	} else {
		make_lines(&lines, v, g->cols, g->ascii, a);
		p = count_pages(&lines, rows);
		draw_top(g, v);
		draw_news(g, v, a);
		draw_body(g, top, v, &lines, &p, a);
		if (acts)
			draw_acts(g, g->rows - 1 - acts, v, a);
		draw_foot(g, v, p.n);
	}
	if (wall_frozen(v))
		draw_alarm(g, v, a);
	return p.n;
}
