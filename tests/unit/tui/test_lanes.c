/* The column of ways back: what it says where there is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/model/model.h"
#include "tui/screens/screens.h"

#define COLS 160

static void no_way_back_says_why(void **state)
{
	static const struct {
		const char *target, *why, *shown;
	} cases[] = {
		{ "v0.9.3", "", "NO v0.9.3" },
		{ "", "run 7 goes back to v1 already", "NO run 7 goes " },
		{ "", "", "NO" },
	};
	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct lane_row lane = { .name = "easy/prod",
					 .state = LANE_OK,
					 .judged = LANE_OK,
					 .live = "v2",
					 .next = "",
					 .progress = "",
					 .since = "1m",
					 .unsettled = "",
					 .back = "back no",
					 .back_ok = CHECK_BAD,
					 .back_target = cases[i].target,
					 .back_why = cases[i].why,
					 .back_took = "",
					 .freeze = "",
					 .drift = "",
					 .lock = "",
					 .lock_reason = "",
					 .alarm = "",
					 .alarm_kind = "",
					 .again = "" };
		struct lane_rows v = { .items = &lane, .n = 1 };
		struct list l = { .id = "" };
		char row[COLS + 1] = "";
		struct grid g;
		grid_init(&g);
		grid_resize(&g, 3, COLS);
		screen_lanes(&g, (struct rect){ 0, 0, 3, COLS }, &v, &l);
		for (int col = 0; col < COLS; col++)
			row[col] = grid_at(&g, 1, col)->s[0];
		if (!strstr(row, cases[i].shown))
			fail_msg("%s is not in: %s", cases[i].shown, row);
		grid_done(&g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(no_way_back_says_why) };
	return cmocka_run_group_tests_name("lanes", tests, NULL, NULL);
}
