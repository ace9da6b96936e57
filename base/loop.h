/*
 * loop.h - one loop per process: file descriptors and timers on a clock that is passed in.
 *
 * On a manual clock the loop never sleeps: when no descriptor is ready it jumps to the next timer, so a day of
 * one-minute timers takes well under a millisecond. Watches and timers may be freed inside any callback, their own
 * included: they are marked and swept after dispatch. Callbacks run from loop_step() only, never from inside a call.
 * The loop does not own descriptors. Not thread safe.
 */
#pragma once

#include "base/when.h"

struct loop;
struct watch;
struct timer;

/* WATCH_HUP is reported to every watch; one that reads is told it may read as well, and read(2) says end or error. */
enum watch_events { WATCH_READ = 1 << 0, WATCH_WRITE = 1 << 1, WATCH_HUP = 1 << 2 };

typedef void (*watch_fn)(void *ctx, int fd, unsigned events);
typedef void (*timer_fn)(void *ctx);

struct loop *loop_new(struct clock *clock) must_check; /* clock is borrowed and must outlive the loop */
/* Frees what watches and timers are left too; their owners must not touch them afterwards. */
void loop_free(struct loop *l);
DEFINE_FREEP(struct loop *, loop, loop_free)
struct clock *loop_clock(struct loop *l);

struct watch *watch_new(struct loop *l, int fd, unsigned events, watch_fn fn, void *ctx);
void watch_set(struct watch *w, unsigned events);
void watch_free(struct watch *w); /* NULL is fine */

struct timer *timer_new(struct loop *l, timer_fn fn, void *ctx); /* not armed */
void timer_in(struct timer *t, msec delay);                      /* once, from now; 0: next step */
void timer_stop(struct timer *t);
bool timer_armed(const struct timer *t);
msec timer_left(const struct timer *t); /* until it fires, 0 when due, -1 when not armed */
void timer_free(struct timer *t);       /* NULL is fine */

/* Waits at most max_wait (-1: for ever) and dispatches what is due: first descriptors, then timers by their time; what
 * a callback arms waits for the next step. On a manual clock the wait is a jump of the clock, except that with watches,
 * no timer and max_wait -1 there is nothing to jump to, and poll(2) waits. Must not be called in a callback. Returns
 * the number of callbacks run, 0 when nothing happened (also after a signal), -1 when nothing can ever happen again (no
 * watch, no timer). */
int loop_step(struct loop *l, msec max_wait);
/* Runs until loop_stop() or until nothing is left. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);
/* Manual clock: runs everything due within the span, in order, and leaves the clock exactly span later. */
void loop_advance(struct loop *l, msec span);
