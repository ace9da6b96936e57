#include "tui/paint.h"

#include <curses.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

struct painter {
	SCREEN *screen;
	struct theme theme;
	struct grid last;
	bool all; /* nothing on the terminal is known */
	bool colours;
};

static struct termios saved;
static bool saved_ok;

#define PASTE_ON  "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

static void put(const char *s)
{
	ssize_t n = write(STDOUT_FILENO, s, strlen(s));
	(void)n;
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

/* Asked before newterm(), which leaves memory behind when it fails. */
static bool is_described(const char *term)
{
	int found = 0;
	bool ok = setupterm(term, STDOUT_FILENO, &found) == OK;
	if (ok)
		del_curterm(cur_term);
	return ok;
}

int painter_open(struct painter **out, const struct theme *t, struct err *e)
{
	const char *term = getenv("TERM");
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		err_set(e, ERR_INVALID, "the console needs a terminal");
		return err_hint(e, "without one: pilothouse lanes, or pilothouse-wall --once");
	}
	if (!term || !*term || !strcmp(term, "dumb")) {
		err_set(e, ERR_INVALID, "the terminal %s cannot be drawn on",
			term && *term ? term : "(TERM is not set)");
		return err_hint(e,
				"the verbs work without, for example: pilothouse lanes, pilothouse follow");
	}
	if (!is_described(term))
		return err_set(e, ERR_INVALID, "nothing is known about the terminal %s", term);
	saved_ok = tcgetattr(STDIN_FILENO, &saved) == 0;
	struct painter *p = x_alloc(sizeof(*p));
	setenv("ESCDELAY", "25", 0);
	p->screen = newterm(NULL, stdout, stdin);
	if (!p->screen) {
		free(p);
		return err_set(e, ERR_INVALID, "the terminal %s cannot be taken", term);
	}
	raw();
	noecho();
	nonl();
	curs_set(0);
	leaveok(stdscr, TRUE);
	start_colours(p);
	p->theme = *t;
	p->all = true;
	put(PASTE_ON);
	*out = p;
	return 0;
}

void painter_close(struct painter *p)
{
	if (!p)
		return;
	put(PASTE_OFF);
	curs_set(1);
	endwin();
	delscreen(p->screen);
	grid_done(&p->last);
	free(p);
	if (saved_ok)
		tcsetattr(STDIN_FILENO, TCSANOW, &saved);
}

/* A crash must not leave the terminal raw. Async-signal-safe calls only. */
static void on_crash(int sig)
{
	static const char leave[] = PASTE_OFF "\033[?1049l\033[?25h\033[m\r\n";
	if (saved_ok)
		tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	ssize_t n = write(STDOUT_FILENO, leave, sizeof(leave) - 1);
	(void)n;
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

static bool same_cell(const struct cell *a, const struct cell *b)
{
	return a->role == b->role && a->width == b->width && !strcmp(a->s, b->s);
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
		if (!p->all && same_cell(c, grid_at(&p->last, row, col)) && c->width != 0)
			break;
		memcpy(text + n, c->s, len);
		n += len;
	}
	text[n] = 0;
	attrset(attributes_of(p, (enum role)role));
	mvaddstr(row, start, text);
	return col > start ? col : start + 1;
}

static void paint_row(struct painter *p, const struct grid *g, int row)
{
	for (int col = 0; col < g->cols;) {
		if (!p->all && same_cell(grid_at(g, row, col), grid_at(&p->last, row, col)))
			col++;
		else
			col = paint_span(p, g, row, col);
	}
}

void painter_paint(struct painter *p, const struct grid *g)
{
	if (p->last.rows != g->rows || p->last.cols != g->cols)
		p->all = true;
	if (p->all)
		grid_resize(&p->last, g->rows, g->cols);
	for (int row = 0; row < g->rows; row++)
		paint_row(p, g, row);
	memcpy(p->last.cells, g->cells, (size_t)g->rows * (size_t)g->cols * sizeof(*g->cells));
	p->all = false;
	refresh();
}

void painter_redraw(struct painter *p)
{
	p->all = true;
	clearok(curscr, TRUE);
}

void painter_suspend(struct painter *p)
{
	(void)p;
	put(PASTE_OFF);
	endwin();
}

void painter_resume(struct painter *p)
{
	put(PASTE_ON);
	painter_redraw(p);
}

void painter_theme(struct painter *p, const struct theme *t)
{
	p->theme = *t;
	painter_redraw(p);
}
