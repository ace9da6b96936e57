#include "tui/paint.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "tui/outlet.h"
#include "tui/redraw.h"

struct painter {
	struct terminal *terminal;
	struct outlet *outlet;
	struct theme theme;
	struct looks looks;
	struct grid last;
	bool all;    /* nothing on the terminal is known */
	bool away;   /* suspended: the terminal is not ours */
	bool missed; /* a paint was left out: the terminal had not taken the one before */
	void (*on_missed)(void *ctx);
	void *ctx;
};

static struct termios saved;
static bool saved_ok;

/* TCSANOW, because the others wait for the reader. */
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

#define VERBS_WORK "the verbs work without, for example: pilothouse lanes, pilothouse follow"

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
	return 0;
}

int painter_open(struct painter **out, const struct theme *t, struct err *e)
{
	const char *term = getenv("TERM");
	int r = check_terminal(term, e);
	if (r < 0)
		return r;
	struct painter *p = x_alloc(sizeof(*p));
	*p = (struct painter){ .theme = *t };
	r = outlet_open(&p->outlet, e);
	if (r == 0) {
		r = terminal_open(&p->terminal, term, outlet_buf(p->outlet), e);
		if (r < 0)
			err_hint(e, VERBS_WORK);
	}
	if (r < 0) {
		outlet_close(p->outlet);
		free(p);
		return r;
	}
	saved_ok = tcgetattr(STDIN_FILENO, &saved) == 0;
	take_modes();
	painter_theme(p, t);
	terminal_enter(p->terminal);
	terminal_bracket_pastes(p->terminal, true);
	*out = p;
	return 0;
}

/* The main screen, the cursor, pastes and modes as they were, whether anybody reads or not. */
static void leave(struct painter *p)
{
	size_t mark = outlet_mark(p->outlet);
	int rows, cols;
	painter_size(p, &rows, &cols);
	terminal_bracket_pastes(p->terminal, false);
	terminal_leave(p->terminal, rows);
	outlet_finish(p->outlet, mark);
	give_modes_back();
}

void painter_close(struct painter *p)
{
	if (!p)
		return;
	if (!p->away)
		leave(p);
	terminal_close(p->terminal);
	outlet_close(p->outlet);
	grid_done(&p->last);
	free(p);
}

/* A crash must not leave the terminal raw, in the middle of a sequence, or scrolling in a part. Async-signal-safe calls
 * only. */
static void on_crash(int sig)
{
	static const char words[] = "\030\033[?2004l\033[r\033[999;1H\033[?1049l\033[?25h\033[m\r\n";
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

/* Whoever says that a terminal has 65,535 rows is told a part of it. */
#define SIDE_MOST 1000

void painter_size(struct painter *p, int *rows, int *cols)
{
	struct winsize w;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row && w.ws_col) {
		*rows = w.ws_row < SIDE_MOST ? w.ws_row : SIDE_MOST;
		*cols = w.ws_col < SIDE_MOST ? w.ws_col : SIDE_MOST;
		return;
	}
	terminal_told_size(p->terminal, rows, cols);
	*rows = *rows ? *rows : 24;
	*cols = *cols ? *cols : 80;
}

static void clear(struct painter *p, const struct grid *g)
{
	terminal_clear(p->terminal, g->rows, g->cols);
	grid_resize(&p->last, g->rows, g->cols);
	redraw_empty(&p->last, 0, g->rows);
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
		clear(p, g);
	redraw(p->terminal, &p->looks, &p->last, g, p->all ? g->rows : rows);
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
	if (p->away)
		terminal_enter(p->terminal);
	p->away = false;
	terminal_bracket_pastes(p->terminal, true);
	p->all = true;
}

void painter_theme(struct painter *p, const struct theme *t)
{
	p->theme = *t;
	looks_make(&p->looks, &p->theme, p->terminal);
	p->all = true;
}
