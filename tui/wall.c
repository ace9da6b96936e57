/*
 * wall.c - the wall's loop: look at the cache six times a minute, draw, sleep. No socket, no engine, no act.
 */
#include "tui/tui.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/text.h"
#include "tui/keys.h"
#include "tui/paint.h"
#include "tui/screens/wall.h"

#define LOOK_MS    10000  /* at most six wake-ups a minute: the quality bar for an idle screen */
#define PAGE_LOOKS 2      /* a page stays for twenty seconds */
#define SHIFT_MS   600000 /* one cell aside every ten minutes, against burn-in */
#define ACTS_READ  200    /* enough for a day's count */
#define ONCE_COLS  80
#define ONCE_BYTES (1 << 20)

struct wall {
	const struct tui_options *o;
	struct clock clock;
	struct loop *loop;
	struct timer *look, *esc;
	struct painter *painter;
	struct theme theme;
	struct grid grid;
	struct store *store;
	struct keys keys;
	struct arena arena, kept;
	struct view_header header;
	struct lane_rows lanes;
	struct gate_rows gates;
	struct intent_rows acts;
	struct freeze_rows freezes;
	struct drift_rows drift;
	struct alarm_rows alarms;
	struct proof_rows proofs;
	bool known;
	char trouble[400];
	int looks;
	bool must_draw, quit;
};

/* ---- reading ---- */

static int read_views(struct wall *w, struct err *e)
{
	struct when now = clock_wall(&w->clock);
	int r = view_header(&w->header, w->store, now, &w->arena, e);
	if (r == 0)
		r = view_lanes(&w->lanes, w->store, now, &w->arena, e);
	if (r == 0)
		r = view_gates(&w->gates, w->store, false, now, &w->arena, e);
	if (r == 0)
		r = view_journal(&w->acts, w->store, ACTS_READ, false, now, &w->arena, e);
	if (r == 0)
		r = view_freeze(&w->freezes, w->store, NULL, now, &w->arena, e);
	if (r == 0)
		r = view_drift(&w->drift, w->store, NULL, now, &w->arena, e);
	if (r == 0)
		r = view_alarms(&w->alarms, w->store, now, &w->arena, e);
	if (r == 0)
		r = view_proofs(&w->proofs, w->store, NULL, now, &w->arena, e);
	return r;
}

static void forget(struct wall *w)
{
	arena_reset(&w->arena);
	w->known = false;
	w->lanes = (struct lane_rows){ 0 };
	w->gates = (struct gate_rows){ 0 };
	w->acts = (struct intent_rows){ 0 };
	w->freezes = (struct freeze_rows){ 0 };
	w->drift = (struct drift_rows){ 0 };
	w->alarms = (struct alarm_rows){ 0 };
	w->proofs = (struct proof_rows){ 0 };
	w->trouble[0] = 0;
}

/* The cache may be absent, damaged or replaced at any time; the next look tries again. */
static void load(struct wall *w)
{
	struct err e = ERR_INIT;
	forget(w);
	if (w->store && store_version(w->store) < 0) {
		store_close(w->store);
		w->store = NULL;
	}
	int r = w->store ? 0 : store_open(&w->store, w->o->cache_path, STORE_READ, &e);
	if (r == 0)
		r = store_begin(w->store, &e);
	if (r == 0) {
		r = read_views(w, &e);
		store_undo(w->store);
	}
	w->known = r == 0;
	if (r >= 0)
		return;
	store_close(w->store);
	w->store = NULL;
	forget(w);
	snprintf(w->trouble, sizeof(w->trouble), "%s", e.message);
}

static struct wall_view view_of(struct wall *w)
{
	struct when now = clock_wall(&w->clock);
	return (struct wall_view){
		.header = w->known ? &w->header : NULL,
		.lanes = &w->lanes,
		.gates = &w->gates,
		.acts = &w->acts,
		.freezes = &w->freezes,
		.drift = &w->drift,
		.alarms = &w->alarms,
		.proofs = &w->proofs,
		.now = now,
		.page = w->looks / PAGE_LOOKS,
		.shift = w->o->once ? 0 : (int)(now.ms / SHIFT_MS % 2),
		.trouble = w->trouble,
	};
}

/* ---- the terminal ---- */

static void draw(struct wall *w)
{
	load(w);
	struct wall_view v = view_of(w);
	screen_wall(&w->grid, &v, &w->arena);
	painter_paint(w->painter, &w->grid);
	w->must_draw = false;
}

static void on_missed(void *ctx)
{
	((struct wall *)ctx)->must_draw = true;
}

/* Aligned to the clock, so that the minute in the corner turns when it should. */
static void on_look(void *ctx)
{
	struct wall *w = ctx;
	w->looks++;
	w->must_draw = true;
	timer_in(w->look, LOOK_MS - clock_wall(&w->clock).ms % LOOK_MS);
}

static void on_key(void *ctx, const struct key_event *ev)
{
	struct wall *w = ctx;
	bool leave = (ev->code == KEY_CHAR && !strcmp(ev->text, "q")) ||
		     (ev->code == KEY_CTRL && !strcmp(ev->text, "c"));
	if (leave && !ev->pasted && !w->o->kiosk)
		w->quit = true;
}

static void on_esc(void *ctx)
{
	struct wall *w = ctx;
	keys_flush(&w->keys, on_key, w);
}

/* Read even in a kiosk: unread input would wake the loop for ever, and its end means the terminal is gone. */
static void on_input(void *ctx, int fd, unsigned events)
{
	struct wall *w = ctx;
	char bytes[1024];
	(void)events;
	ssize_t n = read(fd, bytes, sizeof(bytes));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0)
		w->quit = true;
	else
		keys_feed(&w->keys, bytes, (size_t)n, on_key, w);
	if (keys_waiting(&w->keys))
		timer_in(w->esc, KEYS_ESC_MS);
}

static void on_signal(void *ctx, int fd, unsigned events)
{
	struct wall *w = ctx;
	struct signalfd_siginfo si;
	int rows, cols;
	(void)events;
	while (read(fd, &si, sizeof(si)) == (ssize_t)sizeof(si))
		if (si.ssi_signo == SIGTSTP)
			painter_suspend(w->painter, false);
		else if (si.ssi_signo == SIGCONT)
			painter_resume(w->painter);
		else if (si.ssi_signo != SIGWINCH)
			w->quit = true;
	painter_size(w->painter, &rows, &cols);
	painter_redraw(w->painter);
	grid_resize(&w->grid, rows, cols);
	w->must_draw = true;
}

static int open_signals(void)
{
	static const int caught[] = { SIGWINCH, SIGTERM, SIGINT, SIGQUIT, SIGTSTP, SIGCONT };
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < countof(caught); i++)
		sigaddset(&set, caught[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void run(struct wall *w, int signals)
{
	struct watch *input = watch_new(w->loop, STDIN_FILENO, WATCH_READ | WATCH_HUP, on_input, w);
	struct watch *signal = watch_new(w->loop, signals, WATCH_READ, on_signal, w);
	on_look(w);
	while (!w->quit) {
		if (w->must_draw)
			draw(w);
		loop_step(w->loop, -1);
	}
	watch_free(input);
	watch_free(signal);
}

static int take_terminal(struct wall *w, struct err *e)
{
	int rows, cols;
	int r = theme_load(&w->theme, w->o->theme, &w->kept, e);
	if (r < 0)
		return r;
	if (w->o->mono || getenv("NO_COLOR"))
		theme_drop_colours(&w->theme);
	r = painter_open(&w->painter, &w->theme, e);
	if (r < 0)
		return r;
	painter_catch_crashes();
	painter_size(w->painter, &rows, &cols);
	grid_resize(&w->grid, rows, cols);
	return 0;
}

/* ---- plain text, for cron and for paper ---- */

static int print_once(struct wall *w, struct err *e)
{
	struct buf out = BUF_INIT(ONCE_BYTES);
	const char *columns = getenv("COLUMNS");
	int64_t cols = ONCE_COLS;
	if (columns && text_int64(&cols, columns, 30, 1000) < 0)
		cols = ONCE_COLS;
	load(w);
	struct wall_view v = view_of(w);
	grid_resize(&w->grid, wall_rows(&v, (int)cols, &w->arena), (int)cols);
	screen_wall(&w->grid, &v, &w->arena);
	paint_text(&out, &w->grid, false);
	fwrite(out.s, 1, out.n, stdout);
	buf_done(&out);
	if (fflush(stdout) != 0)
		return err_set(e, ERR_STORE, "the wall cannot be printed: %s", strerror(errno));
	if (*w->trouble)
		return err_set(e, ERR_STORE, "%s", w->trouble);
	if (!v.header)
		return err_set(e, ERR_STALE, "nothing was ever read from the forge here");
	return 0;
}

int wall_run(const struct tui_options *o, struct err *e)
{
	struct wall w = { .o = o };
	clock_real(&w.clock);
	keys_init(&w.keys);
	w.grid.ascii = o->ascii || !text_in_utf8();
	int signals = o->once ? -1 : open_signals();
	int r = o->once ? print_once(&w, e) : take_terminal(&w, e);
	if (r == 0 && !o->once) {
		w.loop = loop_new(&w.clock);
		painter_attach(w.painter, w.loop, on_missed, &w);
		w.look = timer_new(w.loop, on_look, &w);
		w.esc = timer_new(w.loop, on_esc, &w);
		run(&w, signals);
		painter_close(w.painter);
		timer_free(w.look);
		timer_free(w.esc);
		loop_free(w.loop);
	}
	if (signals >= 0)
		close(signals);
	store_close(w.store);
	grid_done(&w.grid);
	arena_done(&w.arena);
	arena_done(&w.kept);
	return r;
}
