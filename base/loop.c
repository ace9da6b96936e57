#include "base/loop.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>

struct watch {
	struct loop *loop;
	struct watch *next;
	int fd;
	unsigned events;
	watch_fn fn;
	void *ctx;
	bool dead; /* freed inside a callback; swept after dispatch */
};

struct timer {
	struct loop *loop;
	struct timer *next;
	timer_fn fn;
	void *ctx;
	msec due;
	uint64_t turn; /* order of arming: breaks ties, and keeps what a callback arms out of the same step */
	bool armed;
	bool dead;
};

struct loop {
	struct clock *clock;
	struct watch *watches; /* in order of creation */
	struct timer *timers;
	struct pollfd *fds;
	struct watch **owners; /* owners[i] belongs to fds[i] */
	size_t cap;
	uint64_t turn;
	bool dispatching;
	bool stopped;
};

struct loop *loop_new(struct clock *clock)
{
	struct loop *l = x_alloc(sizeof(*l));

	l->clock = clock;
	return l;
}

struct clock *loop_clock(struct loop *l)
{
	return l->clock;
}

static void sweep(struct loop *l)
{
	for (struct watch **p = &l->watches; *p;) {
		struct watch *w = *p;

		if (!w->dead) {
			p = &w->next;
			continue;
		}
		*p = w->next;
		free(w);
	}
	for (struct timer **p = &l->timers; *p;) {
		struct timer *t = *p;

		if (!t->dead) {
			p = &t->next;
			continue;
		}
		*p = t->next;
		free(t);
	}
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	BUG_IF(l->dispatching);
	for (struct watch *w = l->watches; w; w = w->next)
		w->dead = true;
	for (struct timer *t = l->timers; t; t = t->next)
		t->dead = true;
	sweep(l);
	free(l->fds);
	free(l->owners);
	free(l);
}

struct watch *watch_new(struct loop *l, int fd, unsigned events, watch_fn fn, void *ctx)
{
	struct watch *w = x_alloc(sizeof(*w));
	struct watch **end = &l->watches;

	*w = (struct watch){ .loop = l, .fd = fd, .events = events, .fn = fn, .ctx = ctx };
	while (*end)
		end = &(*end)->next;
	*end = w;
	return w;
}

void watch_set(struct watch *w, unsigned events)
{
	w->events = events;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	w->dead = true;
	if (!w->loop->dispatching)
		sweep(w->loop);
}

struct timer *timer_new(struct loop *l, timer_fn fn, void *ctx)
{
	struct timer *t = x_alloc(sizeof(*t));
	struct timer **end = &l->timers;

	*t = (struct timer){ .loop = l, .fn = fn, .ctx = ctx };
	while (*end)
		end = &(*end)->next;
	*end = t;
	return t;
}

void timer_in(struct timer *t, msec delay)
{
	msec now = clock_mono(t->loop->clock);

	if (delay < 0)
		delay = 0;
	if (__builtin_add_overflow(now, delay, &t->due))
		t->due = INT64_MAX;
	t->turn = ++t->loop->turn;
	t->armed = true;
}

void timer_stop(struct timer *t)
{
	t->armed = false;
}

bool timer_armed(const struct timer *t)
{
	return t->armed;
}

msec timer_left(const struct timer *t)
{
	msec left;

	if (!t->armed)
		return -1;
	left = t->due - clock_mono(t->loop->clock);
	return left > 0 ? left : 0;
}

void timer_free(struct timer *t)
{
	if (!t)
		return;
	t->armed = false;
	t->dead = true;
	if (!t->loop->dispatching)
		sweep(t->loop);
}

/* The armed timer that fires first among those armed before `barrier`; NULL when there is none. */
static struct timer *first_timer(struct loop *l, uint64_t barrier)
{
	struct timer *first = NULL;

	for (struct timer *t = l->timers; t; t = t->next) {
		if (!t->armed || t->turn > barrier)
			continue;
		if (!first || t->due < first->due || (t->due == first->due && t->turn < first->turn))
			first = t;
	}
	return first;
}

/* Copies the watches into the array for poll(2): callbacks may change the list while we walk the answers. */
static size_t collect(struct loop *l)
{
	size_t n = 0;

	BUG_IF(l->dispatching); /* a step inside a callback would walk the same array */
	for (struct watch *w = l->watches; w; w = w->next) {
		short wanted = 0;

		if (n == l->cap) {
			l->cap = l->cap ? l->cap * 2 : 8;
			l->fds = x_realloc(l->fds, l->cap * sizeof(*l->fds));
			l->owners = x_realloc(l->owners, l->cap * sizeof(*l->owners));
		}
		if (w->events & WATCH_READ)
			wanted |= POLLIN;
		if (w->events & WATCH_WRITE)
			wanted |= POLLOUT;
		l->fds[n] = (struct pollfd){ .fd = w->fd, .events = wanted };
		l->owners[n++] = w;
	}
	return n;
}

/* Number of ready descriptors; 0 also after a signal. timeout -1: for ever. */
static int wait_ready(struct loop *l, size_t n, msec timeout)
{
	int ms = timeout > INT_MAX ? INT_MAX : (int)timeout;
	int ready = poll(l->fds, (nfds_t)n, ms);

	BUG_IF(ready < 0 && errno != EINTR);
	return ready < 0 ? 0 : ready;
}

/* A hang-up is reported to all, and also as readable to those who read: read(2) tells them end or error. */
static unsigned answer(const struct watch *w, short revents)
{
	unsigned got = 0;

	if (revents & POLLIN)
		got |= WATCH_READ;
	if (revents & POLLOUT)
		got |= WATCH_WRITE;
	if (revents & (POLLHUP | POLLERR | POLLNVAL))
		got |= WATCH_HUP | WATCH_READ;
	return got & (w->events | WATCH_HUP);
}

static int dispatch_watches(struct loop *l, size_t n)
{
	int ran = 0;

	for (size_t i = 0; i < n; i++) {
		struct watch *w = l->owners[i];
		unsigned events = answer(w, l->fds[i].revents);

		if (w->dead || !events)
			continue;
		w->fn(w->ctx, w->fd, events);
		ran++;
	}
	return ran;
}

static int dispatch_timers(struct loop *l)
{
	msec now = clock_mono(l->clock);
	uint64_t barrier = l->turn;
	struct timer *t;
	int ran = 0;

	while ((t = first_timer(l, barrier)) && t->due <= now) {
		t->armed = false;
		t->fn(t->ctx);
		ran++;
	}
	return ran;
}

static int dispatch(struct loop *l, size_t ready_of)
{
	int ran;

	l->dispatching = true;
	ran = dispatch_watches(l, ready_of);
	ran += dispatch_timers(l);
	l->dispatching = false;
	sweep(l);
	return ran;
}

/* The smaller of two waits, -1 being for ever. */
static msec shorter(msec a, msec b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

int loop_step(struct loop *l, msec max_wait)
{
	struct timer *next = first_timer(l, UINT64_MAX);
	msec wait = shorter(max_wait, next ? timer_left(next) : -1);
	size_t n = collect(l);
	int ready = 0;

	if (!n && !next)
		return -1;
	if (!l->clock->manual || wait < 0)
		ready = wait_ready(l, n, wait < 0 ? -1 : wait);
	else if (n)
		ready = wait_ready(l, n, 0);
	if (l->clock->manual && !ready && wait > 0)
		clock_advance(l->clock, wait);
	return dispatch(l, ready ? n : 0);
}

void loop_run(struct loop *l)
{
	while (!l->stopped && loop_step(l, -1) >= 0)
		;
	l->stopped = false;
}

void loop_stop(struct loop *l)
{
	l->stopped = true;
}

void loop_advance(struct loop *l, msec span)
{
	msec end;

	BUG_IF(!l->clock->manual || span < 0);
	end = clock_mono(l->clock) + span;
	for (;;) {
		msec left = end - clock_mono(l->clock);
		int ran = loop_step(l, left > 0 ? left : 0);

		if (ran < 0 && left > 0)
			clock_advance(l->clock, left);
		if (ran <= 0 && left <= 0)
			return;
	}
}
