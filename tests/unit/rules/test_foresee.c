/* What an act would do to lanes, told before anybody does it: never more than its rules say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/rules/foresee.h"

#define NOW INT64_C(1795244889000)

static const struct lane lanes[] = {
	{ .name = "gov/prod", .state = LANE_OK, .checked = { NOW }, .stale_after = 60000 },
	{ .name = "gov/stage", .state = LANE_OK, .checked = { NOW }, .stale_after = 60000 },
	{ .name = "gov/eu", .state = LANE_FAIL, .checked = { NOW }, .stale_after = 60000 },
	{ .name = "gov/us", .state = LANE_HOLD, .checked = { NOW }, .stale_after = 60000 },
	{ .name = "gov/ap", .state = LANE_HOLD, .checked = { NOW }, .stale_after = 60000 },
	{ .name = "gov/old", .state = LANE_OK, .checked = { NOW - 600000 }, .stale_after = 60000 },
};
static const struct foresee_lane seen[] = {
	{ .lane = &lanes[0], .its_own = true },
	{ .lane = &lanes[1], .exempt = true },
	{ .lane = &lanes[2] },
	{ .lane = &lanes[3], .holds = 1 },
	{ .lane = &lanes[4], .holds = 1, .others = 1 },
	{ .lane = &lanes[5] },
};

static void expect(const char *act, bool runs, const char *gate, const int *to, size_t n)
{
	struct arena a = ARENA_INIT;
	struct foresights list = { 0 };
	struct foresee_facts f = { .act = act,
				   .makes_run = runs,
				   .release = "",
				   .gate = gate,
				   .lanes = seen,
				   .lanes_n = countof(seen),
				   .now = { NOW } };

	foresee(&list, &f, &a);
	assert_int_equal(list.n, n);
	for (size_t i = 0; i < n; i++) {
		if (list.items[i].to != to[i])
			fail_msg("%s: %s becomes %d and not %d", act, list.items[i].lane, list.items[i].to,
				 to[i]);
		assert_true(*list.items[i].why != 0);
	}
	if (*gate)
		assert_non_null(strstr(list.items[0].why, gate));
	arena_done(&a);
}

/* A hold makes no lane worse than it is, and one that is exempt stays; a stale one cannot be told to be well. */
static void test_the_line(void **state)
{
	static const int freeze[] = { LANE_HOLD, LANE_OK, LANE_FAIL, LANE_HOLD, LANE_HOLD, LANE_STALE };
	static const int thaw[] = { LANE_OK, LANE_OK, LANE_FAIL, LANE_OK, LANE_HOLD, LANE_STALE };

	(void)state;
	expect("freeze", false, "", freeze, countof(freeze));
	expect("thaw", false, "", thaw, countof(thaw));
}

static void test_its_own_lane(void **state)
{
	static const struct {
		const char *act;
		bool runs;
		const char *gate;
		int to;
	} rows[] = {
		{ "dispatch", true, "production", LANE_RUN },
		{ "rollback", true, "", LANE_RUN },
		{ "rollback", false, "", LANE_OK }, /* an image moves back: nothing runs */
		{ "retag", false, "", LANE_OK },
		{ "release-pr", false, "", LANE_OK },
		{ "release-pr", true, "", LANE_RUN },
		{ "approve", true, "", LANE_RUN },
		{ "reject", false, "", LANE_FAIL },
		{ "cancel", false, "", FORESEE_UNTOLD },
		{ "lock", false, "", LANE_HOLD },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		expect(rows[i].act, rows[i].runs, rows[i].gate, &rows[i].to, 1);
	expect("note", false, "", NULL, 0); /* what no row knows changes nothing that is told */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_line),
		cmocka_unit_test(test_its_own_lane),
	};
	return cmocka_run_group_tests_name("foresee", tests, NULL, NULL);
}
