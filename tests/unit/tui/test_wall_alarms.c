/* What should have happened and did not, on the wall: above all lanes, with whom to talk to, folded when there are many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tui/paint.h"
#include "tui/screens/wall.h"

struct scene {
	struct view_header header;
	struct lane_row lane;
	struct lane_rows lanes;
	struct gate_rows gates;
	struct intent_row act;
	struct intent_rows acts;
	struct freeze_rows freezes;
	struct drift_rows drift;
	struct alarm_rows alarms;
	struct proof_row proof;
	struct proof_subject_row subject;
	struct proof_rows proofs;
	struct arena a;
	struct buf text;
	struct grid grid;
};

static void open_scene(struct scene *s, enum lane_state state)
{
	*s = (struct scene){ .lane = { .name = "easy/prod",
				       .state = state,
				       .live = "v1",
				       .next = "",
				       .progress = "",
				       .since = "1d",
				       .unsettled = "",
				       .freeze = "",
				       .drift = "",
				       .again = "" },
			     .act = { .act = "dispatch",
				      .lane = "easy/prod",
				      .subject = "v1",
				      .who = "ana@bastion (octo-ana)",
				      .reason = "",
				      .when = "1d" } };
	s->text = (struct buf)BUF_INIT(1 << 16);
	s->header.age_ms = 1000;
	s->lanes.items = &s->lane, s->lanes.n = 1;
	s->acts.items = &s->act, s->acts.n = 1;
}

static void push_alarm(struct scene *s, const char *lane, const char *text)
{
	*(struct alarm_row *)vec_push(&s->alarms, &s->a) =
		(struct alarm_row){ .kind = "silence", .lane = lane, .text = text, .fix = "", .age = "3m" };
}

static struct wall_view view_of(struct scene *s)
{
	return (struct wall_view){ .header = &s->header,
				   .lanes = &s->lanes,
				   .gates = &s->gates,
				   .acts = &s->acts,
				   .freezes = &s->freezes,
				   .alarms = &s->alarms,
				   .drift = &s->drift,
				   .proofs = &s->proofs,
				   .now = { INT64_C(1795262400000) },
				   .trouble = "" };
}

static const char *shown(struct scene *s)
{
	const struct wall_view v = view_of(s);

	grid_resize(&s->grid, 24, 80);
	screen_wall(&s->grid, &v, &s->a);
	paint_text(&s->text, &s->grid, false);
	return s->text.s;
}

static void close_scene(struct scene *s)
{
	grid_done(&s->grid);
	buf_done(&s->text);
	arena_done(&s->a);
}

static int count(const char *text, const char *word)
{
	int n = 0;

	for (const char *at = text; (at = strstr(at, word)); at++)
		n++;
	return n;
}

static void above_all_lanes_with_whom_to_ask(void **state)
{
	struct scene s;
	const char *text;

	(void)state;
	open_scene(&s, LANE_FAIL);
	push_alarm(&s, "easy/prod", "no run of ci.yml");
	text = shown(&s);
	assert_non_null(strstr(text, "ALARM  EASY PROD: no run of ci.yml  (ana@bastion)"));
	assert_true(strstr(text, "ALARM") < strstr(text, "FAIL"));
	close_scene(&s);
}

static void a_flood_is_folded(void **state)
{
	struct scene s;
	const char *text;

	(void)state;
	open_scene(&s, LANE_FAIL);
	for (int i = 0; i < 40; i++)
		push_alarm(&s, "easy/prod", "no run of ci.yml");
	text = shown(&s);
	assert_int_equal(count(text, "ALARM  "), 4);
	assert_non_null(strstr(text, "ALARM  and 37 more"));
	assert_non_null(strstr(text, "FAIL")); /* what failed is not pushed out */
	close_scene(&s);
}

static void quiet_without_one(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, LANE_OK);
	assert_int_equal(count(shown(&s), "ALARM"), 0);
	close_scene(&s);
}

/* When all is old the whole screen says so, and says it once. */
static void a_poller_that_stands_still(void **state)
{
	struct scene s;
	const char *text;

	(void)state;
	open_scene(&s, LANE_OK);
	push_alarm(&s, "", "nothing reads the forge");
	assert_non_null(strstr(shown(&s), "ALARM  nothing reads the forge"));
	close_scene(&s);
	open_scene(&s, LANE_STALE);
	push_alarm(&s, "", "nothing reads the forge");
	s.header.age_ms = INT64_C(7200000);
	text = shown(&s);
	assert_int_equal(count(text, "ALARM"), 0);
	assert_non_null(strstr(text, "DATA 2h OLD"));
	close_scene(&s);
}

static void prove(struct scene *s, int status)
{
	s->proof = (struct proof_row){ .status_value = status, .required = true, .age = "3h", .age_ms = 1 };
	s->subject = (struct proof_subject_row){ .status_value = status, .items = &s->proof, .items_n = 1 };
	s->proofs.items = &s->subject, s->proofs.n = 1;
}

/* Where it needs somebody it stands above the lanes; where all is well, below them. */
static void what_is_proved(void **state)
{
	const struct proof_count nobody = { .lane = "easy/prod", .worst = PROOF_UNCHECKED };
	struct scene s;
	const char *text;

	(void)state;
	open_scene(&s, LANE_FAIL);
	s.grid.ascii = true;
	prove(&s, PROOF_FAILED);
	text = shown(&s);
	assert_non_null(strstr(text, "PROOF  FAILED X1, oldest 3h"));
	assert_true(strstr(text, "PROOF ") < strstr(text, "FAIL   "));
	close_scene(&s);
	open_scene(&s, LANE_OK);
	s.grid.ascii = true;
	prove(&s, PROOF_VERIFIED);
	text = shown(&s);
	assert_non_null(strstr(text, "PROOF  VERIFIED +1, oldest 3h"));
	assert_true(strstr(text, "PROOF ") > strstr(text, "OK "));
	close_scene(&s);
	open_scene(&s, LANE_OK);
	s.grid.ascii = true;
	s.lane.proof = &nobody;
	assert_non_null(strstr(shown(&s), "PROOF  1 lane never checked"));
	close_scene(&s);
}

/* Printed, one calm lane without a past is a wall as well, and not a line of numbers. */
static void printed_with_a_single_lane(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, LANE_OK);
	s.acts.n = 0;
	const struct wall_view v = view_of(&s);
	grid_resize(&s.grid, wall_rows(&v, 80, &s.a), 80);
	screen_wall(&s.grid, &v, &s.a);
	paint_text(&s.text, &s.grid, false);
	assert_non_null(strstr(s.text.s, "EASY PROD"));
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(above_all_lanes_with_whom_to_ask),
		cmocka_unit_test(a_flood_is_folded),
		cmocka_unit_test(quiet_without_one),
		cmocka_unit_test(a_poller_that_stands_still),
		cmocka_unit_test(what_is_proved),
		cmocka_unit_test(printed_with_a_single_lane),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
