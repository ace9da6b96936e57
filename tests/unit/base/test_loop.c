#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/loop.h"

/* Everything a callback sees is written down here, and compared at the end. */
struct bench {
	struct clock clock;
	struct loop *loop;
	struct buf seen;
	struct timer *timer, *other;
	struct watch *watch, *victim;
	int left;
	int pipe[2];
	int second[2];
};

struct named {
	struct bench *b;
	const char *name;
};

static int bench_open(void **state)
{
	struct bench *b = x_alloc(sizeof(*b));

	clock_manual(&b->clock, (struct when){ 1000 });
	b->loop = loop_new(&b->clock);
	buf_init(&b->seen, 100000);
	assert_int_equal(pipe(b->pipe), 0);
	assert_int_equal(pipe(b->second), 0);
	*state = b;
	return 0;
}

static int bench_close(void **state)
{
	struct bench *b = *state;

	loop_free(b->loop);
	buf_done(&b->seen);
	for (int i = 0; i < 2; i++) {
		if (b->pipe[i] >= 0)
			close(b->pipe[i]);
		close(b->second[i]);
	}
	free(b);
	return 0;
}

static void note(void *ctx)
{
	const struct named *n = ctx;

	buf_fmt(&n->b->seen, "%s@%" PRId64 " ", n->name, clock_mono(&n->b->clock));
}

static void timers_fire_in_order_of_time_then_of_arming(void **state)
{
	struct bench *b = *state;
	struct named names[] = { { b, "a" }, { b, "b" }, { b, "c" }, { b, "d" } };
	struct timer *t[4];

	for (int i = 0; i < 4; i++)
		t[i] = timer_new(b->loop, note, &names[i]);
	timer_in(t[0], 30);
	timer_in(t[1], 10);
	timer_in(t[3], 30);
	timer_in(t[2], 30);
	timer_in(t[0], 30); /* armed again: now the last of its time */
	loop_run(b->loop);
	assert_string_equal(b->seen.s, "b@10 d@30 c@30 a@30 ");
	assert_int_equal(clock_wall(&b->clock).ms, 1030);
	assert_int_equal(loop_step(b->loop, -1), -1);
}

static void timers_can_be_stopped_and_asked(void **state)
{
	struct bench *b = *state;
	struct named name = { b, "a" };
	struct timer *t = timer_new(b->loop, note, &name);

	assert_false(timer_armed(t));
	assert_int_equal(timer_left(t), -1);
	timer_in(t, 50);
	assert_true(timer_armed(t));
	assert_int_equal(timer_left(t), 50);
	loop_advance(b->loop, 20);
	assert_int_equal(timer_left(t), 30);
	clock_advance(&b->clock, 100);
	assert_int_equal(timer_left(t), 0);
	timer_stop(t);
	loop_advance(b->loop, 100);
	assert_string_equal(b->seen.s, "");
	timer_in(t, -5);
	assert_int_equal(timer_left(t), 0);
	timer_in(t, INT64_MAX); /* does not overflow into the past */
	assert_true(timer_left(t) > INT64_C(1) << 60);
	timer_free(t);
	timer_free(NULL);
}

static void every_minute(void *ctx)
{
	struct bench *b = ctx;

	if (--b->left > 0)
		timer_in(b->timer, 60000);
}

static void a_day_of_minutes_needs_no_waiting(void **state)
{
	struct bench *b = *state;

	b->left = 24 * 60;
	b->timer = timer_new(b->loop, every_minute, b);
	timer_in(b->timer, 60000);
	loop_run(b->loop);
	assert_int_equal(b->left, 0);
	assert_int_equal(clock_mono(&b->clock), 86400000);
}

static void again_at_once(void *ctx)
{
	struct bench *b = ctx;

	buf_chr(&b->seen, '.');
	if (--b->left > 0)
		timer_in(b->timer, 0);
}

static void what_a_callback_arms_waits_for_the_next_step(void **state)
{
	struct bench *b = *state;

	b->left = 3;
	b->timer = timer_new(b->loop, again_at_once, b);
	timer_in(b->timer, 0);
	assert_int_equal(loop_step(b->loop, 0), 1);
	assert_string_equal(b->seen.s, ".");
	assert_int_equal(loop_step(b->loop, 0), 1);
	assert_int_equal(loop_step(b->loop, 0), 1);
	assert_int_equal(loop_step(b->loop, 0), -1);
	assert_string_equal(b->seen.s, "...");
}

static void free_both(void *ctx)
{
	struct bench *b = ctx;

	buf_chr(&b->seen, '!');
	timer_free(b->timer); /* itself, or the one that is due as well */
	timer_free(b->other);
}

static void timers_may_be_freed_in_their_callbacks(void **state)
{
	struct bench *b = *state;

	b->timer = timer_new(b->loop, free_both, b);
	b->other = timer_new(b->loop, free_both, b);
	timer_in(b->timer, 5);
	timer_in(b->other, 5);
	loop_run(b->loop);
	assert_string_equal(b->seen.s, "!");
}

static void advance_ends_exactly(void **state)
{
	struct bench *b = *state;
	struct named names[] = { { b, "a" }, { b, "b" }, { b, "c" } };

	loop_advance(b->loop, 7); /* nothing at all to do */
	assert_int_equal(clock_mono(&b->clock), 7);
	for (int i = 0; i < 3; i++)
		timer_in(timer_new(b->loop, note, &names[i]), 10 * i + 10);
	loop_advance(b->loop, 20);
	assert_string_equal(b->seen.s, "a@17 b@27 ");
	assert_int_equal(clock_mono(&b->clock), 27);
	loop_advance(b->loop, 5);
	assert_int_equal(clock_mono(&b->clock), 32);
	loop_advance(b->loop, 0);
	loop_advance(b->loop, 100);
	assert_string_equal(b->seen.s, "a@17 b@27 c@37 ");
	assert_int_equal(clock_mono(&b->clock), 132);
}

static void a_bounded_step_lets_its_time_pass(void **state)
{
	struct bench *b = *state;
	struct named name = { b, "a" };

	timer_in(timer_new(b->loop, note, &name), 100);
	assert_int_equal(loop_step(b->loop, 30), 0);
	assert_int_equal(clock_mono(&b->clock), 30);
	assert_int_equal(loop_step(b->loop, 0), 0);
	assert_int_equal(loop_step(b->loop, 500), 1);
	assert_int_equal(clock_mono(&b->clock), 100);
}

static void read_one(void *ctx, int fd, unsigned events)
{
	struct bench *b = ctx;
	char c = '-';
	ssize_t n = events & WATCH_READ ? read(fd, &c, 1) : -1;

	buf_fmt(&b->seen, "%s%s%s%c ", events & WATCH_READ ? "r" : "", events & WATCH_WRITE ? "w" : "",
		events & WATCH_HUP ? "h" : "", n > 0 ? c : '0');
	if (events & WATCH_HUP) {
		watch_free(b->watch);
		b->watch = NULL;
	}
}

static void close_writer(void *ctx)
{
	struct bench *b = ctx;

	note(&(struct named){ b, "close" });
	close(b->pipe[1]);
	b->pipe[1] = -1;
}

static void readers_are_told_of_data_and_of_the_end(void **state)
{
	struct bench *b = *state;

	b->watch = watch_new(b->loop, b->pipe[0], WATCH_READ, read_one, b);
	timer_in(timer_new(b->loop, close_writer, b), 10);
	assert_int_equal(write(b->pipe[1], "xy", 2), 2);
	loop_run(b->loop);
	assert_string_equal(b->seen.s, "rx ry close@10 rh0 ");
}

static void only_what_is_asked_for_is_told(void **state)
{
	struct bench *b = *state;
	struct watch *w = watch_new(b->loop, b->pipe[1], 0, read_one, b);

	assert_int_equal(loop_step(b->loop, 0), 0);
	watch_set(w, WATCH_WRITE);
	assert_int_equal(loop_step(b->loop, 0), 1);
	assert_string_equal(b->seen.s, "w0 ");
	close(b->pipe[0]);
	b->pipe[0] = -1;
	watch_set(w, 0);
	b->watch = w;
	assert_int_equal(loop_step(b->loop, 0), 1);
	assert_string_equal(b->seen.s, "w0 h0 ");
	assert_int_equal(loop_step(b->loop, 0), -1);
	watch_free(NULL);
}

static void free_all(void *ctx, int fd, unsigned events)
{
	struct bench *b = ctx;

	buf_fmt(&b->seen, "%d ", events == WATCH_READ && (fd == b->pipe[0] || fd == b->second[0]));
	watch_free(b->watch);
	watch_free(b->victim);
	timer_free(b->timer);
	b->watch = watch_new(b->loop, b->pipe[0], WATCH_READ, read_one, b);
}

static void watches_may_be_freed_in_any_callback(void **state)
{
	struct bench *b = *state;

	b->watch = watch_new(b->loop, b->pipe[0], WATCH_READ, free_all, b);
	b->victim = watch_new(b->loop, b->second[0], WATCH_READ, free_all, b);
	b->timer = timer_new(b->loop, every_minute, b);
	timer_in(b->timer, 0);
	assert_int_equal(write(b->pipe[1], "x", 1), 1);
	assert_int_equal(write(b->second[1], "x", 1), 1);
	/* All three are due; the first frees the others and itself, and the new watch waits for the next step. */
	assert_int_equal(loop_step(b->loop, 0), 1);
	assert_string_equal(b->seen.s, "1 ");
	assert_int_equal(loop_step(b->loop, 0), 1);
	assert_string_equal(b->seen.s, "1 rx ");
}

static void stop_it(void *ctx)
{
	loop_stop(ctx);
}

static void a_run_can_be_stopped(void **state)
{
	struct bench *b = *state;
	struct named name = { b, "late" };

	timer_in(timer_new(b->loop, stop_it, b->loop), 5);
	timer_in(timer_new(b->loop, note, &name), 6);
	loop_run(b->loop);
	assert_string_equal(b->seen.s, "");
	loop_run(b->loop);
	assert_string_equal(b->seen.s, "late@6 ");
	assert_ptr_equal(loop_clock(b->loop), &b->clock);
}

static void a_real_clock_waits_for_descriptors(void **state)
{
	struct bench *b = *state;
	struct clock real;
	struct loop *l;

	clock_real(&real);
	l = loop_new(&real);
	assert_int_equal(loop_step(l, 0), -1);
	b->watch = watch_new(l, b->pipe[0], WATCH_READ, read_one, b);
	assert_int_equal(loop_step(l, 0), 0);
	assert_int_equal(write(b->pipe[1], "z", 1), 1);
	assert_int_equal(loop_step(l, -1), 1);
	timer_in(timer_new(l, stop_it, l), 1);
	loop_run(l);
	assert_string_equal(b->seen.s, "rz ");
	loop_free(l);
}

#define bench_test(f) cmocka_unit_test_setup_teardown(f, bench_open, bench_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(timers_fire_in_order_of_time_then_of_arming),
		bench_test(timers_can_be_stopped_and_asked),
		bench_test(a_day_of_minutes_needs_no_waiting),
		bench_test(what_a_callback_arms_waits_for_the_next_step),
		bench_test(timers_may_be_freed_in_their_callbacks),
		bench_test(advance_ends_exactly),
		bench_test(a_bounded_step_lets_its_time_pass),
		bench_test(readers_are_told_of_data_and_of_the_end),
		bench_test(only_what_is_asked_for_is_told),
		bench_test(watches_may_be_freed_in_any_callback),
		bench_test(a_run_can_be_stopped),
		bench_test(a_real_clock_waits_for_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
