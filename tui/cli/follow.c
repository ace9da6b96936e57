#include "tui/cli/follow.h"

#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/text.h"
#include "core/model/model.h"
#include "core/view/events.h"

#define LOOK_EVERY_MS  1000
#define SHOWN_AT_START 20

struct follow {
	struct cli *cli;
	struct store *store;
	struct loop *loop;
	struct timer *timer;
	int64_t last;
	int64_t version;
	struct arena arena;
	int status;
};

static int print_event(void *ctx, const void *record)
{
	struct follow *f = ctx;
	const struct event *ev = record;
	char at[WHEN_TEXT];
	struct buf out = BUF_INIT(64 * 1024);
	if (f->cli->json) {
		struct jw w;
		jw_init(&w, &out);
		jw_open(&w, '{');
		jw_kint(&w, "id", ev->id);
		jw_kwhen(&w, "at", ev->at);
		jw_kstr(&w, "lane", ev->lane);
		jw_kstr(&w, "text", ev->text);
		jw_close(&w, '}');
	} else {
		buf_fmt(&out, "%s %s %s", when_hms(ev->at, at), text_safe_dup(&f->arena, ev->lane, 0),
			view_event_words(&f->arena, ev->text));
	}
	f->status = cli_print(&out, f->cli->json);
	buf_done(&out);
	if (ev->id > f->last)
		f->last = ev->id;
	return 0;
}

static int look(struct follow *f, struct err *e)
{
	struct key key = { .id = f->last, .limit = 500 };
	int r = store_each(f->store, Q_events_after, &rec_key, &key, &rec_event, &f->arena, print_event, f,
			   e);
	arena_reset(&f->arena);
	return r;
}

static int newest_id(void *ctx, const void *record)
{
	*(int64_t *)ctx = ((const struct event *)record)->id;
	return 1;
}

static int start_at(struct follow *f, struct err *e)
{
	struct key key = { .limit = 1 };
	int64_t newest = 0;
	int r = store_each(f->store, Q_events_recent, &rec_key, &key, &rec_event, &f->arena, newest_id,
			   &newest, e);
	f->last = newest > SHOWN_AT_START ? newest - SHOWN_AT_START : 0;
	return r < 0 ? r : look(f, e);
}

static void tick(void *ctx)
{
	struct follow *f = ctx;
	struct err e = ERR_INIT;
	int64_t version = store_version(f->store);
	if (version != f->version && look(f, &e) < 0)
		f->status = cli_fail(f->cli, &e);
	if (f->status) {
		loop_stop(f->loop);
		return;
	}
	f->version = version;
	timer_in(f->timer, LOOK_EVERY_MS);
}

static void on_signal(void *ctx, int fd, unsigned events)
{
	struct follow *f = ctx;
	(void)fd;
	(void)events;
	loop_stop(f->loop);
}

static int open_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void follow_on(struct follow *f)
{
	int fd = open_signals();
	f->loop = loop_new(f->cli->clock);
	f->timer = timer_new(f->loop, tick, f);
	f->version = store_version(f->store);
	struct watch *w = watch_new(f->loop, fd, WATCH_READ, on_signal, f);
	timer_in(f->timer, LOOK_EVERY_MS);
	loop_run(f->loop);
	watch_free(w);
	timer_free(f->timer);
	loop_free(f->loop);
	close(fd);
}

int cli_follow(struct cli *c, struct store *s)
{
	struct follow f = { .cli = c, .store = s, .arena = ARENA_INIT };
	struct err e = ERR_INIT;
	if (start_at(&f, &e) < 0)
		f.status = cli_fail(c, &e);
	else if (!f.status && !c->command->opt[OPT_ONCE])
		follow_on(&f);
	arena_done(&f.arena);
	return f.status;
}
