#include "tui/paint.h"

#include <curses.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "tui/outlet.h"

struct painter {
	SCREEN *screen;
	struct outlet *outlet;
	struct theme theme;
	struct grid last;
	bool all; /* nothing on the terminal is known */
	bool colours;
	bool away;   /* suspended: the terminal is not ours */
	bool missed; /* a paint was left out: the terminal had not taken the one before */
	void (*on_missed)(void *ctx);
	void *ctx;
};

static struct termios saved;
static bool saved_ok;

#define PASTE_ON  "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

/* Of the terminal itself: ncurses writes to memory and sets no modes. TCSANOW, because the others wait for the reader. */
static void take_modes(void)
{
	struct termios t = saved;
	cfmakeraw(&t);
	if (saved_ok)
		tcsetattr(STDIN_FILENO, TCSANOW, &t);
}

static void give_modes_back(void)
{
	if (saved_ok)
		tcsetattr(STDIN_FILENO, TCSANOW, &saved);
}

static void start_colours(struct painter *p)
{
	p->colours = has_colors();
	if (!p->colours)
		return;
	start_color();
	use_default_colors();
	for (short c = 0; c < 8; c++)
		init_pair((short)(c + 1), c, -1);
}

#define VERBS_WORK "the verbs work without, for example: pilothouse lanes, pilothouse follow"

/* Asked before newterm(), which leaves memory behind when it fails. */
static bool is_described(const char *term)
{
	int found = 0;
	bool ok = setupterm(term, STDOUT_FILENO, &found) == OK;
	if (ok)
		del_curterm(cur_term);
	return ok;
}

static int check_terminal(const char *term, struct err *e)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		err_set(e, ERR_INVALID, "the console needs a terminal");
		return err_hint(e, "without one: pilothouse lanes, or pilothouse-wall --once");
	}
	if (!term || !*term || !strcmp(term, "dumb")) {
		err_set(e, ERR_INVALID, "the terminal %s cannot be drawn on",
			term && *term ? term : "(TERM is not set)");
		return err_hint(e, VERBS_WORK);
	}
	if (!is_described(term)) {
		err_set(e, ERR_INVALID, "nothing is known about the terminal %s", term);
		return err_hint(e, VERBS_WORK);
	}
	return 0;
}

static void start_screen(struct painter *p)
{
	int rows, cols;
	nonl();
	curs_set(0);
	leaveok(stdscr, TRUE);
	typeahead(-1); /* input was drained before; a frame is finished */
	start_colours(p);
	painter_size(p, &rows, &cols);
	resizeterm(rows, cols);
	outlet_put(p->outlet, PASTE_ON);
}

/* As newterm(), which cannot ask the terminal for its size, as it writes to memory, and would set a scrolling region of 24
 * rows, for us and for whoever has the terminal after us. */
static SCREEN *open_screen(struct painter *p)
{
	struct winsize w = { .ws_row = 0 };
	char rows[16], cols[16];
	bool sized = ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row && w.ws_col && !getenv("LINES") &&
		     !getenv("COLUMNS");
	snprintf(rows, sizeof(rows), "%d", w.ws_row);
	snprintf(cols, sizeof(cols), "%d", w.ws_col);
	if (sized && (setenv("LINES", rows, 1) < 0 || setenv("COLUMNS", cols, 1) < 0))
		return NULL;
	SCREEN *s = newterm(NULL, outlet_file(p->outlet), stdin);
	if (sized) { /* the programs that we start ask for themselves */
		unsetenv("LINES");
		unsetenv("COLUMNS");
	}
	return s;
}

int painter_open(struct painter **out, const struct theme *t, struct err *e)
{
	const char *term = getenv("TERM");
	int r = check_terminal(term, e);
	if (r < 0)
		return r;
	struct painter *p = x_alloc(sizeof(*p));
	*p = (struct painter){ .theme = *t, .all = true };
	r = outlet_open(&p->outlet, e);
	if (r == 0)
		p->screen = open_screen(p);
	if (r == 0 && !p->screen)
		r = err_set(e, ERR_INVALID, "the terminal %s cannot be taken", term);
	if (r < 0) {
		outlet_close(p->outlet);
		free(p);
		return r;
	}
	saved_ok = tcgetattr(STDIN_FILENO, &saved) == 0;
	take_modes();
	start_screen(p);
	*out = p;
	return 0;
}

/* The main screen, the cursor, pastes and modes as they were, whether anybody reads or not. */
static void leave(struct painter *p)
{
	off_t mark = outlet_mark(p->outlet);
	outlet_put(p->outlet, PASTE_OFF);
	endwin(); /* and the cursor is seen, until the next paint hides it again */
	/* once more on the main screen: some terminals bring back how the cursor was when it was saved last */
	if (cursor_normal && !strchr(cursor_normal, '$'))
		outlet_put(p->outlet, cursor_normal);
	outlet_finish(p->outlet, mark);
	give_modes_back();
}

void painter_close(struct painter *p)
{
	if (!p)
		return;
	if (!p->away)
		leave(p);
	delscreen(p->screen);
	outlet_close(p->outlet);
	grid_done(&p->last);
	free(p);
}

/* A crash must not leave the terminal raw. Async-signal-safe calls only. */
static void on_crash(int sig)
{
	static const char words[] = PASTE_OFF "\033[?1049l\033[?25h\033[m\r\n";
	give_modes_back();
	outlet_crash(words, sizeof(words) - 1);
	signal(sig, SIG_DFL);
	raise(sig);
}

void painter_catch_crashes(void)
{
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };
	struct sigaction sa = { .sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND };
	for (size_t i = 0; i < countof(fatal); i++)
		sigaction(fatal[i], &sa, NULL);
}

void painter_size(struct painter *p, int *rows, int *cols)
{
	struct winsize w;
	(void)p;
	*rows = LINES;
	*cols = COLS;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row && w.ws_col) {
		*rows = w.ws_row;
		*cols = w.ws_col;
	}
}

void painter_resize(struct painter *p, int rows, int cols)
{
	resizeterm(rows, cols);
	p->all = true;
	clearok(curscr, TRUE);
}

static attr_t attributes_of(const struct painter *p, enum role role)
{
	const struct style *s = &p->theme.styles[role];
	attr_t a = 0;
	if (s->bits & STYLE_BOLD)
		a |= A_BOLD;
	if (s->bits & STYLE_DIM)
		a |= A_DIM;
	if (s->bits & STYLE_UNDERLINE)
		a |= A_UNDERLINE;
	if (s->bits & STYLE_REVERSE)
		a |= A_REVERSE;
	if (p->colours && s->colour >= 0)
		a |= (attr_t)COLOR_PAIR(s->colour + 1);
	return a;
}

/* Cells have no padding, and zeros behind their text. */
static bool same_cells(const struct cell *a, const struct cell *b, int n)
{
	return !memcmp(a, b, (size_t)n * sizeof(*a));
}

/* Neighbouring cells of one role go out in one call: an ncurses call costs more than the bytes. */
static int paint_span(struct painter *p, const struct grid *g, int row, int col)
{
	char text[512];
	size_t n = 0;
	int start = col;
	unsigned char role = grid_at(g, row, col)->role;
	for (; col < g->cols; col++) {
		const struct cell *c = grid_at(g, row, col);
		size_t len = strlen(c->s);
		if (c->role != role || n + len >= sizeof(text))
			break;
		if (!p->all && same_cells(c, grid_at(&p->last, row, col), 1) && c->width != 0)
			break;
		memcpy(text + n, c->s, len);
		n += len;
	}
	text[n] = 0;
	attrset(attributes_of(p, (enum role)role));
	mvaddstr(row, start, text);
	return col > start ? col : start + 1;
}

/* What is the same is only compared: an idle console copies no grid. */
static void paint_row(struct painter *p, const struct grid *g, int row)
{
	if (!p->all && same_cells(grid_at(g, row, 0), grid_at(&p->last, row, 0), g->cols))
		return;
	for (int col = 0; col < g->cols;) {
		if (!p->all && same_cells(grid_at(g, row, col), grid_at(&p->last, row, col), 1))
			col++;
		else
			col = paint_span(p, g, row, col);
	}
	memcpy(grid_at(&p->last, row, 0), grid_at(g, row, 0), (size_t)g->cols * sizeof(*g->cells));
}

static void on_taken(void *ctx)
{
	struct painter *p = ctx;
	if (p->missed)
		p->on_missed(p->ctx);
}

void painter_attach(struct painter *p, struct loop *l, void (*on_missed)(void *ctx), void *ctx)
{
	p->on_missed = on_missed;
	p->ctx = ctx;
	outlet_attach(p->outlet, l, on_taken, p);
}

static bool paint(struct painter *p, const struct grid *g, int rows)
{
	p->missed = p->away || outlet_busy(p->outlet);
	if (p->missed)
		return false;
	if (p->last.rows != g->rows || p->last.cols != g->cols)
		p->all = true;
	if (p->all)
		grid_resize(&p->last, g->rows, g->cols);
	for (int row = 0; row < (p->all ? g->rows : rows); row++)
		paint_row(p, g, row);
	refresh();
	if (!p->all) /* else nothing is known of the terminal: all that may set it right is sent */
		outlet_squeeze(p->outlet);
	p->all = false;
	p->missed = !outlet_push(p->outlet); /* who draws wants to know when it is seen */
	return !p->missed;
}

bool painter_paint(struct painter *p, const struct grid *g)
{
	return paint(p, g, g->rows);
}

/* A row that nobody looked at stays out of the processor's caches: comparing a grid costs more than painting a clock. */
bool painter_paint_top(struct painter *p, const struct grid *g)
{
	return paint(p, g, 1);
}

void painter_redraw(struct painter *p)
{
	p->all = true;
	clearok(curscr, TRUE);
}

/* Our own SIGTSTP is blocked, and SIGCONT throws it away. */
void painter_suspend(struct painter *p, bool group)
{
	leave(p);
	p->away = true;
	if (group)
		kill(0, SIGTSTP);
	kill(getpid(), SIGSTOP);
}

void painter_resume(struct painter *p)
{
	take_modes();
	p->away = false;
	outlet_put(p->outlet, PASTE_ON);
	painter_redraw(p);
}

void painter_theme(struct painter *p, const struct theme *t)
{
	p->theme = *t;
	painter_redraw(p);
}
