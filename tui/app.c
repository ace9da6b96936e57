/*
 * app.c - the console's loop: input, signals, engine, clock; then one load and one paint for everything that came.
 */
#include "tui/app.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/text.h"

#define COALESCE_MS      200   /* at most five repaints a second for changes nobody typed */
#define LOOK_MS          10000 /* after an engine ended, once; without one every minute looks */
#define EXIT_INTERRUPTED 130

void app_say(struct app *app, enum role role, const char *fmt, ...)
{
	char raw[1024];
	struct buf safe = BUF_INIT(sizeof(app->message) - 1);
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	text_safe(&safe, raw, strlen(raw), TEXT_ONE_LINE);
	snprintf(app->message, sizeof(app->message), "%s", safe.s);
	buf_done(&safe);
	app->message_role = role;
	app->must_draw = true;
}

/* Ended by something else than a key. */
static void interrupted(struct app *app, const char *why)
{
	app->exit_status = EXIT_INTERRUPTED;
	act_close(app, why);
	app->quit = true;
}

/* Ends when somebody continues us; SIGCONT does the rest. */
void app_suspend(struct app *app, bool group)
{
	act_close(app, "suspended");
	painter_suspend(app->painter, group);
}

/* ---- input ---- */

/* Everything that is there is taken before anything is painted: 200 typed-ahead keys cost one frame. */
static void on_input(void *ctx, int fd, unsigned events)
{
	struct app *app = ctx;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char bytes[4096];
	(void)events;
	do {
		ssize_t n = read(fd, bytes, sizeof(bytes));
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			return;
		if (n <= 0) {
			interrupted(app, "the terminal is gone");
			return;
		}
		keys_feed(&app->keys, bytes, (size_t)n, app_key, app);
	} while (!app->quit && poll(&p, 1, 0) > 0);
	if (keys_waiting(&app->keys))
		timer_in(app->esc, KEYS_ESC_MS);
	else
		timer_stop(app->esc);
}

static void on_esc(void *ctx)
{
	struct app *app = ctx;
	keys_flush(&app->keys, app_key, app);
}

/* ---- signals ---- */

static void on_missed(void *ctx)
{
	((struct app *)ctx)->must_draw = true;
}

/* In the size that it had it is drawn again too: it may have been smaller for a moment, and has lost what it showed. */
static void resize(struct app *app)
{
	int rows, cols;
	painter_size(app->painter, &rows, &cols);
	painter_redraw(app->painter);
	app->must_draw = true;
	if (rows == app->grid.rows && cols == app->grid.cols)
		return;
	app->confirm.fits = false; /* not known until it is drawn */
	grid_resize(&app->grid, rows, cols);
	if (app->sheet == SHEET_PLAN)
		act_lines(app);
	if (app->sheet)
		sheet_fit(&app->lines, cols, &app->top, &app->sheet_arena);
	app->must_load = true;
}

static void on_signal(void *ctx, int fd, unsigned events)
{
	struct app *app = ctx;
	struct signalfd_siginfo si;
	bool resized = false;
	(void)events;
	while (read(fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGWINCH) {
			resized = true;
		} else if (si.ssi_signo == SIGTSTP) {
			app_suspend(app, false);
		} else if (si.ssi_signo == SIGCONT) {
			act_close(app, "stopped and continued");
			painter_resume(app->painter);
			app->must_load = resized = true;
		} else {
			interrupted(app, "ended by a signal");
		}
	}
	if (resized)
		resize(app);
}

static int open_signals(void)
{
	static const int caught[] = { SIGWINCH, SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGTSTP, SIGCONT };
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < countof(caught); i++)
		sigaddset(&set, caught[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* ---- time ---- */

static void on_minute(void *ctx)
{
	struct app *app = ctx;
	app->must_look = true;
	timer_in(app->minute, 60000 - clock_wall(&app->clock).ms % 60000);
}

static void on_look(void *ctx)
{
	struct app *app = ctx;
	if (!app->store || store_version(app->store) != app->version)
		app->must_look = true;
}

static void on_rest(void *ctx)
{
	((struct app *)ctx)->must_look = true;
}

static void on_confirm_timer(void *ctx)
{
	struct app *app = ctx;
	msec left = confirm_left(&app->confirm, clock_mono(&app->clock));
	app->must_draw = true;
	if (left > 0)
		timer_in(app->confirm_timer, left);
}

/* ---- the engine ---- */

static void engine_down(struct app *app, const char *text)
{
	char at[WHEN_TEXT];
	app->down_since = clock_wall(&app->clock);
	snprintf(app->engine, sizeof(app->engine),
		 "engine down since %s%s%.100s; this screen keeps what was known; Ctrl-r starts it again",
		 when_hhmm(app->down_since, at), *text ? ": " : "", text);
	timer_in(app->look, LOOK_MS);
	app->must_load = true;
}

static void on_event(void *ctx, const char *event, const char *text)
{
	struct app *app = ctx;
	struct err e = ERR_INIT;
	struct arena a = ARENA_INIT;
	const char *safe = text_safe_dup(&a, text ? text : "", 200);
	if (!strcmp(event, "changed")) {
		if (!timer_armed(app->rest))
			timer_in(app->rest, COALESCE_MS);
	} else if (!strcmp(event, "up")) {
		app->engine[0] = 0;
		if (client_attach(app->client, &e) < 0)
			app_say(app, ROLE_STALE, "%s", e.message);
		app->must_load = true;
	} else if (!strcmp(event, "down")) {
		engine_down(app, safe);
	} else if (*safe) {
		app_say(app, ROLE_STALE, "%s", safe);
	}
	arena_done(&a);
}

static int open_client(struct app *app, struct err *e)
{
	struct client_options o = { .state_dir = app->o->state_dir,
				    .socket_path = app->o->socket_path,
				    .globals = app->o->globals };
	return client_open(&app->client, app->loop, &o, on_event, app, e);
}

/* ---- life ---- */

static void make_timers(struct app *app)
{
	app->minute = timer_new(app->loop, on_minute, app);
	app->esc = timer_new(app->loop, on_esc, app);
	app->confirm_timer = timer_new(app->loop, on_confirm_timer, app);
	app->look = timer_new(app->loop, on_look, app);
	app->rest = timer_new(app->loop, on_rest, app);
	app->settle = timer_new(app->loop, app_settle, app);
	app->tick = timer_new(app->loop, on_rest, app);
	app->quiet = timer_new(app->loop, act_on_quiet, app);
	on_minute(app);
	timer_in(app->look, 1000);
}

static void end_app(struct app *app)
{
	struct timer *timers[] = { app->minute, app->esc,    app->confirm_timer, app->look,
				   app->rest,   app->settle, app->tick,          app->quiet };
	client_close(app->client);
	painter_close(app->painter);
	for (size_t i = 0; i < countof(timers); i++)
		timer_free(timers[i]);
	store_close(app->store);
	loop_free(app->loop);
	grid_done(&app->grid);
	arena_done(&app->arena);
	arena_done(&app->pane_arena);
	arena_done(&app->sheet_arena);
	arena_done(&app->act_arena);
	form_done(&app->form);
	arena_done(&app->kept);
}

static int take_terminal(struct app *app, struct err *e)
{
	int rows, cols;
	int r = theme_load(&app->theme,
			   app->o->theme  ? app->o->theme
			   : app->o->mono ? "mono"
					  : NULL,
			   &app->kept, e);
	if (r < 0)
		return r;
	if (app->o->mono || getenv("NO_COLOR"))
		theme_drop_colours(&app->theme);
	r = painter_open(&app->painter, &app->theme, e);
	if (r < 0)
		return r;
	painter_size(app->painter, &rows, &cols);
	grid_resize(&app->grid, rows, cols);
	return 0;
}

static void show_brief(struct app *app)
{
	if (!app->o->brief || !*app->o->brief)
		return;
	sheet_text(&app->lines, app->o->brief, app->grid.cols, &app->sheet_arena);
	sheet_open(app, SHEET_TEXT);
}

static void run(struct app *app, int signals)
{
	struct watch *input = watch_new(app->loop, STDIN_FILENO, WATCH_READ | WATCH_HUP, on_input, app);
	struct watch *signal = watch_new(app->loop, signals, WATCH_READ, on_signal, app);
	while (!app->quit) {
		if (app->must_look && !app->must_load)
			app_look(app);
		if (app->must_load)
			app_load(app);
		if (app->must_draw)
			app_draw(app);
		else if (app->must_head)
			app_draw_header(app);
		loop_step(app->loop, -1);
	}
	watch_free(input);
	watch_free(signal);
}

/* An act that is with the engine goes on without us. */
static int exit_status(const struct app *app)
{
	return app->committing ? err_exit_status(ERR_UNKNOWN) : app->exit_status;
}

int tui_run(const struct tui_options *o, struct err *e)
{
	static struct app app; /* large, and one for the process: what is never written takes no memory */
	BUG_IF(app.o);
	app.o = o;
	app.limit = 200;
	app.must_load = true;
	app.grid.ascii = o->ascii || !text_in_utf8();
	clock_real(&app.clock);
	keys_init(&app.keys);
	int signals = open_signals(); /* from here on nothing ends us with the terminal taken */
	int r = take_terminal(&app, e);
	if (r < 0) {
		close(signals);
		arena_done(&app.kept);
		return r;
	}
	painter_catch_crashes();
	app.loop = loop_new(&app.clock);
	painter_attach(app.painter, app.loop, on_missed, &app);
	make_timers(&app);
	if (o->address)
		app_address(&app, o->address);
	show_brief(&app);
	app_load(&app);
	app_draw(&app); /* what is known first; then whoever knows more */
	r = open_client(&app, e);
	if (r == 0)
		run(&app, signals);
	end_app(&app);
	close(signals);
	return r < 0 ? r : exit_status(&app);
}
