/* How much polling may spend: pure arithmetic on clocks of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/engine/governor.h"

#define HOUR (3600 * 1000)

static const struct when noon = { 1795262400000 };

static struct when at(msec mono)
{
	return (struct when){ noon.ms + mono };
}

static struct governor fresh(int64_t limit, int64_t remaining, msec reset)
{
	struct governor g;
	const struct forge_rate rate = { .limit = limit, .remaining = remaining, .reset = at(reset) };

	governor_init(&g, 0);
	governor_rate(&g, &rate);
	return g;
}

/* Requests that leave in an hour when each costs a point and the next is tried every `step`. */
static int spend(struct governor *g, enum governor_level level, msec step, msec span)
{
	int n = 0;

	for (msec t = 0; t < span; t += step)
		if (governor_wait(g, level, t, at(t)) == 0) {
			governor_sent(g, t);
			n++;
		}
	return n;
}

static void nothing_known_nothing_withheld(void **state)
{
	struct governor g;

	(void)state;
	governor_init(&g, 0);
	assert_int_equal(governor_wait(&g, LEVEL_IDLE, 0, noon), 0);
	assert_int_equal(governor_wait_act(&g, 0, noon), 0);
	assert_int_equal(governor_reserve(&g), 0);
}

static void retry_after_holds_everything(void **state)
{
	struct governor g = fresh(5000, 4000, HOUR);

	(void)state;
	governor_refused(&g, 90000, 1000);
	assert_int_equal(governor_wait(&g, LEVEL_SCREEN, 1000, noon), 90000);
	assert_int_equal(governor_wait_act(&g, 2000, noon), 89000);
	assert_int_equal(governor_wait_act(&g, 91000, noon), 0);
}

static void a_refusal_without_a_time_doubles(void **state)
{
	struct governor g = fresh(5000, 4000, HOUR);

	(void)state;
	governor_refused(&g, 0, 0);
	assert_int_equal(governor_wait_act(&g, 0, noon), 60000);
	governor_refused(&g, 0, 60000);
	assert_int_equal(governor_wait_act(&g, 60000, noon), 120000);
	for (int i = 0; i < 10; i++)
		governor_refused(&g, 0, 0);
	assert_true(governor_wait_act(&g, 0, noon) <= 15 * 60 * 1000 + 120000);
	governor_answered(&g);
	g.hold_until = 0;
	governor_refused(&g, 0, 0);
	assert_int_equal(governor_wait_act(&g, 0, noon), 60000);
}

static void the_reserve_is_for_acts(void **state)
{
	struct governor g = fresh(5000, 500, HOUR);

	(void)state;
	assert_int_equal(governor_reserve(&g), 500);
	assert_int_equal(governor_wait(&g, LEVEL_SCREEN, 0, noon), HOUR);
	assert_int_equal(governor_wait_act(&g, 0, noon), 0);
	g.remaining = 0;
	assert_int_equal(governor_wait_act(&g, 0, noon), HOUR);
}

static void the_reserve_fits_small_limits(void **state)
{
	static const struct {
		int64_t limit, reserve;
	} rows[] = { { 60, 6 }, { 1000, 500 }, { 5000, 500 }, { 15000, 1500 } };

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct governor g = fresh(rows[i].limit, rows[i].limit, HOUR);

		assert_int_equal(governor_reserve(&g), rows[i].reserve);
	}
}

static void the_reset_gives_everything_back(void **state)
{
	struct governor g = fresh(5000, 3, 1000);

	(void)state;
	assert_true(governor_wait(&g, LEVEL_SCREEN, 0, at(0)) > 0);
	assert_int_equal(governor_wait(&g, LEVEL_SCREEN, 1001, at(1001)), 0);
}

/* The rate is 60 % of what is left above the reserve by the time that is left: a third by half-time, and the burst that
 * a pause allows. */
static void idle_readings_keep_the_budget(void **state)
{
	struct governor g = fresh(5000, 1500, HOUR);
	int n = spend(&g, LEVEL_IDLE, 500, HOUR / 2);

	(void)state;
	assert_in_range(n, 300, 345 + 60);
	assert_true(g.remaining >= 1500 - 405);
}

static void active_readings_run_ahead_a_little(void **state)
{
	struct governor idle = fresh(5000, 1500, HOUR), active = fresh(5000, 1500, HOUR);
	int a = spend(&idle, LEVEL_IDLE, 200, 60000), b = spend(&active, LEVEL_ACTIVE, 200, 60000);

	(void)state;
	assert_true(b > a);
	assert_true(b <= a + 25);
}

static void the_screen_stops_at_the_reserve_only(void **state)
{
	struct governor g = fresh(5000, 800, HOUR);
	int n = spend(&g, LEVEL_SCREEN, 1000, 1000 * 1000);

	(void)state;
	assert_int_equal(n, 300);
	assert_int_equal(g.remaining, 500);
}

static void a_304_costs_nothing(void **state)
{
	struct governor g = fresh(5000, 1500, HOUR);
	int n = 0;

	(void)state;
	for (msec t = 0; t < HOUR; t += 1000)
		if (governor_wait(&g, LEVEL_IDLE, t, at(t)) == 0) {
			governor_sent(&g, t);
			governor_refund(&g, false);
			n++;
		}
	assert_int_equal(n, 3600);
	assert_int_equal(g.remaining, 1500);
}

/* The secondary limit counts 304s too. */
static void a_minute_has_a_limit(void **state)
{
	struct governor g = fresh(15000, 15000, HOUR);
	int n = 0;

	(void)state;
	for (msec t = 0; t < 60000; t += 10)
		if (governor_wait(&g, LEVEL_SCREEN, t, at(t)) == 0) {
			governor_sent(&g, t);
			governor_refund(&g, false);
			n++;
		}
	assert_int_equal(n, 600);
	assert_int_equal(governor_wait_act(&g, 60000, at(60000)), 0);
	assert_int_equal(governor_wait(&g, LEVEL_SCREEN, 130000, at(130000)), 0);
}

static void unknown_members_change_nothing(void **state)
{
	struct governor g = fresh(5000, 4000, HOUR);
	const struct forge_rate none = { .limit = -1, .remaining = -1 };

	(void)state;
	governor_rate(&g, &none);
	assert_int_equal(g.limit, 5000);
	assert_int_equal(g.remaining, 4000);
	assert_int_equal(g.reset.ms, at(HOUR).ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_known_nothing_withheld),
		cmocka_unit_test(retry_after_holds_everything),
		cmocka_unit_test(a_refusal_without_a_time_doubles),
		cmocka_unit_test(the_reserve_is_for_acts),
		cmocka_unit_test(the_reserve_fits_small_limits),
		cmocka_unit_test(the_reset_gives_everything_back),
		cmocka_unit_test(idle_readings_keep_the_budget),
		cmocka_unit_test(active_readings_run_ahead_a_little),
		cmocka_unit_test(the_screen_stops_at_the_reserve_only),
		cmocka_unit_test(a_304_costs_nothing),
		cmocka_unit_test(a_minute_has_a_limit),
		cmocka_unit_test(unknown_members_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
