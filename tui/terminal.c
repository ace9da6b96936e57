#include "tui/terminal.h"

#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

#define ESC       "\033"
#define WAY_BYTES 64 /* more than any move takes */
#define COLOURS   8

enum cap {
	CAP_CLEAR,
	CAP_CUP,
	CAP_HOME,
	CAP_CR, /* places */
	CAP_CUU1,
	CAP_CUD1,
	CAP_CUF1,
	CAP_CUB1, /* a step */
	CAP_CUU,
	CAP_CUD,
	CAP_CUF,
	CAP_CUB,
	CAP_HPA,
	CAP_VPA, /* a number of them, a column, a row */
	CAP_EL,
	CAP_ECH,
	CAP_REP,
	CAP_CSR, /* cells, rows */
	CAP_IND,
	CAP_RI,
	CAP_INDN,
	CAP_RIN, /* rows of a part */
	CAP_SGR0,
	CAP_BOLD,
	CAP_DIM,
	CAP_SMUL,
	CAP_REV,
	CAP_SETAF,
	CAP_OP, /* looks */
	CAP_SMCUP,
	CAP_RMCUP,
	CAP_CIVIS,
	CAP_CNORM,
	CAP_SMAM, /* coming and going */
	CAP_MAX_
};

static const char *const cap_names[CAP_MAX_] = {
	[CAP_CLEAR] = "clear", [CAP_CUP] = "cup",     [CAP_HOME] = "home",   [CAP_CR] = "cr",
	[CAP_CUU1] = "cuu1",   [CAP_CUD1] = "cud1",   [CAP_CUF1] = "cuf1",   [CAP_CUB1] = "cub1",
	[CAP_CUU] = "cuu",     [CAP_CUD] = "cud",     [CAP_CUF] = "cuf",     [CAP_CUB] = "cub",
	[CAP_HPA] = "hpa",     [CAP_VPA] = "vpa",     [CAP_EL] = "el",       [CAP_ECH] = "ech",
	[CAP_REP] = "rep",     [CAP_SGR0] = "sgr0",   [CAP_BOLD] = "bold",   [CAP_DIM] = "dim",
	[CAP_SMUL] = "smul",   [CAP_REV] = "rev",     [CAP_SETAF] = "setaf", [CAP_OP] = "op",
	[CAP_SMCUP] = "smcup", [CAP_RMCUP] = "rmcup", [CAP_CIVIS] = "civis", [CAP_CNORM] = "cnorm",
	[CAP_SMAM] = "smam",   [CAP_CSR] = "csr",     [CAP_IND] = "ind",     [CAP_RI] = "ri",
	[CAP_INDN] = "indn",   [CAP_RIN] = "rin",
};

static const struct {
	unsigned bit;
	enum cap cap;
	int forbidden; /* by colours: the bit in the description's no_color_video */
} attributes[] = {
	{ STYLE_BOLD, CAP_BOLD, 32 },
	{ STYLE_DIM, CAP_DIM, 16 },
	{ STYLE_UNDERLINE, CAP_SMUL, 2 },
	{ STYLE_REVERSE, CAP_REV, 4 },
};

/* A few bytes on their way out. */
struct way {
	size_t n;
	char s[WAY_BYTES];
};

struct terminal {
	struct buf *out;
	char *caps[CAP_MAX_];   /* without delays; NULL: it has none */
	char *colours[COLOURS]; /* all or none */
	char attribute_codes[countof(attributes)][8],
		colour_codes[COLOURS][8]; /* what stands in ESC [ here m */
	bool joins;                       /* all looks are such, and several go into one */
	bool default_colour;              /* 39 takes a colour back */
	bool ends_looks;                  /* else it gets none; and none that takes a cell */
	bool wraps, wraps_late;           /* behind the last column; only when more is written */
	int forbidden;                    /* with colours, as above */
	int rows, cols;
	int row, col; /* of the cursor; -1 not known; col == cols: behind the last column */
	struct style look;
};

static const struct style plain = { .colour = -1 };

/* ---- the description -------------------------------------------------------------------------------------------------- */

/* Delays were for terminals of paper and glass. */
static char *without_delays(const char *s)
{
	char *out = x_alloc(strlen(s) + 1), *p = out;
	while (*s) {
		const char *end = s[0] == '$' && s[1] == '<' ? strchr(s, '>') : NULL;
		if (end)
			s = end + 1;
		else
			*p++ = *s++;
	}
	*p = 0;
	return out;
}

static void read_caps(struct terminal *t)
{
	for (int i = 0; i < CAP_MAX_; i++) {
		const char *s = tigetstr(cap_names[i]);
		t->caps[i] = s && s != (const char *)-1 && *s ? without_delays(s) : NULL;
	}
	t->wraps = tigetflag("am") > 0;
	t->wraps_late = tigetflag("xenl") > 0;
	t->ends_looks = t->caps[CAP_SGR0] && tigetnum("xmc") <= 0;
	t->forbidden = tigetnum("ncv") > 0 ? tigetnum("ncv") : 0;
	for (int c = 0; t->caps[CAP_SETAF] && tigetnum("colors") >= COLOURS && c < COLOURS; c++) {
		const char *s = tiparm(t->caps[CAP_SETAF], c); /* NULL: nobody can make sense of it */
		t->colours[c] = without_delays(s ? s : "");
	}
}

/* "ESC [ digits m": the digits. A cap that is not there has none, and needs none. */
static bool read_code(char code[8], const char *cap)
{
	size_t n;
	if (!cap)
		return true;
	n = strspn(cap[0] && cap[1] ? cap + 2 : "", "0123456789;");
	if (strncmp(cap, ESC "[", 2) != 0 || n >= 8 || strcmp(cap + 2 + n, "m") != 0)
		return false;
	memcpy(code, cap + 2, n);
	code[n] = 0;
	return true;
}

/* Descriptions end a look with a return to the plain character set, which ours never leaves. */
static bool resets_by_m(const char *sgr0)
{
	static const char *const forms[] = { ESC "[m",          ESC "[0m",    ESC "(B" ESC "[m",
					     ESC "[m" ESC "(B", ESC "[m\017", ESC "[0m\017",
					     ESC "[0;10m" };
	for (size_t i = 0; i < countof(forms); i++)
		if (!strcmp(sgr0, forms[i]))
			return true;
	return false;
}

static void read_codes(struct terminal *t)
{
	t->joins = t->caps[CAP_SGR0] && resets_by_m(t->caps[CAP_SGR0]);
	for (size_t i = 0; i < countof(attributes); i++)
		t->joins = read_code(t->attribute_codes[i], t->caps[attributes[i].cap]) && t->joins;
	for (int c = 0; c < COLOURS; c++)
		t->joins = read_code(t->colour_codes[c], t->colours[c]) && t->joins;
	t->default_colour = t->caps[CAP_OP] && !strncmp(t->caps[CAP_OP], ESC "[39;49m", 8);
}

int terminal_open(struct terminal **out, const char *name, struct buf *to, struct err *e)
{
	int found = 0;
	if (setupterm(name, STDOUT_FILENO, &found) != OK)
		return err_set(e, ERR_INVALID, "nothing is known about the terminal %s", name);
	struct terminal *t = x_alloc(sizeof(*t));
	*t = (struct terminal){ .out = to, .row = -1, .col = -1, .look = plain };
	read_caps(t);
	read_codes(t);
	if (!t->caps[CAP_CUP] || !t->caps[CAP_CLEAR]) {
		terminal_close(t);
		return err_set(e, ERR_INVALID, "the terminal %s cannot be drawn on", name);
	}
	*out = t;
	return 0;
}

void terminal_close(struct terminal *t)
{
	if (!t)
		return;
	for (int i = 0; i < CAP_MAX_; i++)
		free(t->caps[i]);
	for (int c = 0; c < COLOURS; c++)
		free(t->colours[c]);
	free(t);
	del_curterm(cur_term);
}

void terminal_told_size(const struct terminal *t, int *rows, int *cols)
{
	(void)t;
	*rows = tigetnum("lines") > 0 ? tigetnum("lines") : 0;
	*cols = tigetnum("cols") > 0 ? tigetnum("cols") : 0;
}

/* The part that scrolls. Terminals of ECMA-48's kind go home then, of others it is not known. */
static void set_part(struct terminal *t, int top, int bottom)
{
	const char *csr = t->caps[CAP_CSR];
	if (!csr)
		return;
	buf_str(t->out, tiparm(csr, top, bottom));
	t->row = t->col = strcmp(csr, ESC "[%i%p1%d;%p2%dr") != 0 ? -1 : 0;
}

/* ---- coming and going --------------------------------------------------------------------------------------------------- */

static void say(struct terminal *t, enum cap cap)
{
	buf_str(t->out, t->caps[cap]);
}

void terminal_enter(struct terminal *t)
{
	say(t, CAP_SMCUP);
	say(t, CAP_CIVIS);
	say(t, CAP_SMAM);
}

void terminal_bracket_pastes(struct terminal *t, bool on)
{
	if (!strncmp(t->caps[CAP_CUP], ESC "[", 2))
		buf_str(t->out, on ? ESC "[?2004h" : ESC "[?2004l");
}

void terminal_clear(struct terminal *t, int rows, int cols)
{
	say(t, CAP_SGR0);
	set_part(t, 0, rows - 1); /* who was here before may have left another */
	say(t, CAP_CLEAR);
	t->rows = rows;
	t->cols = cols;
	t->row = t->col = 0;
	t->look = plain;
}

/* Where there is no other screen, what comes next is written below ours. Some terminals bring back how the cursor was when
 * it was saved last: it is shown after that. */
void terminal_leave(struct terminal *t, int rows)
{
	set_part(t, 0, rows - 1);
	t->row = t->col = -1;
	terminal_move(t, rows - 1, 0);
	say(t, CAP_SGR0);
	say(t, CAP_EL);
	say(t, CAP_RMCUP);
	say(t, CAP_CNORM);
	t->row = t->col = -1;
}

/* ---- looks ------------------------------------------------------------------------------------------------------------ */

struct style terminal_style(const struct terminal *t, const struct style *s)
{
	struct style out = plain;
	if (!t->ends_looks)
		return out;
	out.colour = t->colours[0] && s->colour < COLOURS ? s->colour : -1;
	for (size_t i = 0; i < countof(attributes); i++)
		if (t->caps[attributes[i].cap] &&
		    !(out.colour >= 0 && t->forbidden & attributes[i].forbidden))
			out.bits |= s->bits & attributes[i].bit;
	return out;
}

static bool same_look(const struct style *a, const struct style *b)
{
	return a->bits == b->bits && a->colour == b->colour;
}

static void add_code(struct way *w, const char *code)
{
	w->n += (size_t)snprintf(w->s + w->n, WAY_BYTES - w->n, "%s%s", w->n ? ";" : "", code);
}

/* One sequence: what is added, or, where something must go, all anew. */
static void look_joined(struct terminal *t, const struct style *s)
{
	struct way w = { .n = 0 };
	struct style had = t->look;
	bool loses_colour = had.colour >= 0 && s->colour < 0;
	bool is_plain = same_look(s, &plain);
	if (is_plain || had.bits & ~s->bits || (loses_colour && !t->default_colour)) {
		had = plain;
		loses_colour = false;
		if (!is_plain)
			add_code(&w, "0");
	}
	for (size_t i = 0; i < countof(attributes); i++)
		if (s->bits & ~had.bits & attributes[i].bit)
			add_code(&w, t->attribute_codes[i]);
	if (loses_colour)
		add_code(&w, "39");
	else if (s->colour != had.colour)
		add_code(&w, t->colour_codes[s->colour]);
	buf_fmt(t->out, ESC "[%sm", w.s);
}

static void look_apart(struct terminal *t, const struct style *s)
{
	say(t, CAP_SGR0);
	for (size_t i = 0; i < countof(attributes); i++)
		if (s->bits & attributes[i].bit)
			say(t, attributes[i].cap);
	if (s->colour >= 0)
		buf_str(t->out, t->colours[s->colour]);
}

void terminal_look(struct terminal *t, const struct style *s)
{
	if (same_look(&t->look, s))
		return;
	if (t->joins)
		look_joined(t, s);
	else
		look_apart(t, s);
	t->look = *s;
}

/* ---- moves ------------------------------------------------------------------------------------------------------------ */

static void add_bytes(struct way *w, const char *s, size_t n)
{
	if (w->n + n < WAY_BYTES)
		memcpy(w->s + w->n, s, n);
	w->n += n; /* too long to be the shortest */
}

/* Most say a number the same way, "ESC [ n letter", which is quicker than the library's little interpreter. */
static void add_numbered(struct way *w, const char *cap, int n)
{
	char s[16];
	size_t len = strlen(cap);
	const char *p = s;
	if (len == 8 && !memcmp(cap, ESC "[%p1%d", 7))
		snprintf(s, sizeof(s), ESC "[%d%c", n, cap[7]);
	else if (len == 10 && !memcmp(cap, ESC "[%i%p1%d", 9))
		snprintf(s, sizeof(s), ESC "[%d%c", n + 1, cap[9]);
	else
		p = tiparm(cap, n);
	if (p)
		add_bytes(w, p, strlen(p));
	else
		w->n += WAY_BYTES;
}

static void keep_shorter(struct way *best, const struct way *w)
{
	if (w->n < best->n)
		*best = *w;
}

static const struct way no_way = { .n = WAY_BYTES };

static void keep_numbered(const struct terminal *t, struct way *best, enum cap cap, int n)
{
	struct way w = { .n = 0 };
	if (!t->caps[cap])
		return;
	add_numbered(&w, t->caps[cap], n);
	keep_shorter(best, &w);
}

/* n > 0 steps, one by one or by their number. */
static struct way steps(const struct terminal *t, int n, enum cap one, enum cap many)
{
	struct way best = no_way, w = { .n = 0 };
	size_t len = t->caps[one] ? strlen(t->caps[one]) : WAY_BYTES;
	keep_numbered(t, &best, many, n);
	if ((size_t)n * len < best.n) {
		while (n--)
			add_bytes(&w, t->caps[one], len);
		best = w;
	}
	return best;
}

static struct way way_down(const struct terminal *t, int from, int to)
{
	struct way best = { .n = 0 };
	if (from == to)
		return best;
	best = to > from ? steps(t, to - from, CAP_CUD1, CAP_CUD) : steps(t, from - to, CAP_CUU1, CAP_CUU);
	keep_numbered(t, &best, CAP_VPA, to);
	return best;
}

/* Behind the last column only a return is sure of what it does. */
static struct way way_across(const struct terminal *t, int from, int to)
{
	struct way best = no_way, w = { .n = 0 };
	if (from == to)
		return w;
	if (from < t->cols)
		best = to > from ? steps(t, to - from, CAP_CUF1, CAP_CUF)
				 : steps(t, from - to, CAP_CUB1, CAP_CUB);
	keep_numbered(t, &best, CAP_HPA, to);
	if (t->caps[CAP_CR]) {
		struct way on = to ? steps(t, to, CAP_CUF1, CAP_CUF) : w;
		add_bytes(&w, t->caps[CAP_CR], strlen(t->caps[CAP_CR]));
		add_bytes(&w, on.s, on.n);
		keep_shorter(&best, &w);
	}
	return best;
}

static struct way way_absolute(const struct terminal *t, int row, int col)
{
	struct way w = { .n = 0 };
	const char *p = t->caps[CAP_CUP];
	if (!row && !col && t->caps[CAP_HOME])
		add_bytes(&w, t->caps[CAP_HOME], strlen(t->caps[CAP_HOME]));
	else if (!strcmp(p, ESC "[%i%p1%d;%p2%dH"))
		w.n = (size_t)snprintf(w.s, sizeof(w.s), ESC "[%d;%dH", row + 1, col + 1);
	else if ((p = tiparm(p, row, col)))
		add_bytes(&w, p, strlen(p));
	return w;
}

/* Across first: a return ends the waiting of the last column. */
void terminal_move(struct terminal *t, int row, int col)
{
	if (t->row == row && t->col == col)
		return;
	struct way best = way_absolute(t, row, col);
	if (t->row >= 0 && t->col >= 0) {
		struct way across = way_across(t, t->col, col), down = way_down(t, t->row, row);
		add_bytes(&across, down.s, down.n);
		keep_shorter(&best, &across);
	}
	buf_add(t->out, best.s, best.n < WAY_BYTES ? best.n : 0);
	t->row = row;
	t->col = col;
}

int terminal_col_in(const struct terminal *t, int row)
{
	return t->row == row ? t->col : -1;
}

/* ---- cells ------------------------------------------------------------------------------------------------------------ */

static void advance(struct terminal *t, int cells, bool sure)
{
	t->col = sure && t->col >= 0 ? t->col + cells : -1;
	if (t->col >= t->cols && t->wraps && !t->wraps_late)
		t->row = t->col = -1;
}

void terminal_text(struct terminal *t, const char *s, size_t n, int cells, bool sure)
{
	buf_add(t->out, s, n);
	advance(t, cells, sure);
}

/* By a number up to the last column, some emulators think that they are behind it. */
void terminal_repeat(struct terminal *t, char c, int cells)
{
	const char *s = t->caps[CAP_REP] && cells > 4 ? tiparm(t->caps[CAP_REP], c, cells) : NULL;
	bool by_number = s && strlen(s) < (size_t)cells;
	if (by_number)
		buf_str(t->out, s);
	else
		buf_fill(t->out, c, (size_t)cells);
	advance(t, cells, !by_number || t->col + cells != t->cols - 1);
}

static void leave_seen_look(struct terminal *t)
{
	if (t->look.bits & SEEN_ON_BLANKS)
		terminal_look(t, &plain);
}

void terminal_erase(struct terminal *t, int cells)
{
	struct way w = { .n = 0 };
	leave_seen_look(t);
	add_numbered(&w, t->caps[CAP_ECH], cells);
	buf_add(t->out, w.s, w.n < WAY_BYTES ? w.n : 0);
}

void terminal_erase_line(struct terminal *t)
{
	leave_seen_look(t);
	say(t, CAP_EL);
}

int terminal_erase_bytes(const struct terminal *t, int cells)
{
	struct way w = { .n = 0 };
	if (!t->caps[CAP_ECH])
		return 0;
	add_numbered(&w, t->caps[CAP_ECH], cells);
	return (int)w.n;
}

int terminal_erase_line_bytes(const struct terminal *t)
{
	return t->caps[CAP_EL] ? (int)strlen(t->caps[CAP_EL]) : 0;
}

bool terminal_scrolls_at_end(const struct terminal *t)
{
	return t->wraps && !t->wraps_late;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------- */

bool terminal_can_scroll(const struct terminal *t)
{
	return t->caps[CAP_CSR] && t->caps[CAP_IND] && t->caps[CAP_RI] && !terminal_scrolls_at_end(t);
}

/* One by one, which all can, at the edge where rows go in. ECMA-48's way to do it at once does not ask where the cursor
 * is. */
static void scroll_steps(struct terminal *t, int edge, enum cap one, enum cap many, int n)
{
	static const char *const anywhere[CAP_MAX_] = {
		[CAP_INDN] = ESC "[%p1%dS", [CAP_RIN] = ESC "[%p1%dT"
	};
	struct way w = no_way;
	if (t->caps[many] && strcmp(t->caps[many], anywhere[many]) == 0)
		keep_numbered(t, &w, many, n);
	if (w.n < WAY_BYTES) {
		buf_add(t->out, w.s, w.n);
		return;
	}
	terminal_move(t, edge, 0);
	while (n--)
		say(t, one);
}

void terminal_scroll(struct terminal *t, int top, int bottom, int up)
{
	bool part = top > 0 || bottom < t->rows - 1;
	leave_seen_look(t);
	if (part)
		set_part(t, top, bottom);
	if (up > 0)
		scroll_steps(t, bottom, CAP_IND, CAP_INDN, up);
	else
		scroll_steps(t, top, CAP_RI, CAP_RIN, -up);
	if (part)
		set_part(t, 0, t->rows - 1);
}

/* ---- trying ------------------------------------------------------------------------------------------------------------ */

struct terminal_mark terminal_mark(const struct terminal *t)
{
	return (struct terminal_mark){ t->out->n, t->row, t->col, t->look };
}

size_t terminal_bytes_since(const struct terminal *t, const struct terminal_mark *m)
{
	return t->out->n - m->n;
}

void terminal_back_to(struct terminal *t, const struct terminal_mark *m)
{
	buf_cut(t->out, m->n);
	t->row = m->row;
	t->col = m->col;
	t->look = m->look;
}
