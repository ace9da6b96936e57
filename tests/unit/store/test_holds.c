/* Each kind of hold has one writer, who replaces his own rows; an alarm keeps the time of its first word. */
#include "fixture.h"

#include "base/text.h"
#include "store/holds.h"

static struct holds holds_of(struct fixture *f, struct store *s, const char *lane)
{
	struct holds out = { 0 };

	check_ok(f, store_holds_read(&out, s, lane, &f->a, &f->e));
	return out;
}

/* "ORDINAL reason, ..." of a lane, in order. */
static const char *said(struct fixture *f, struct store *s, const char *lane)
{
	struct holds all = holds_of(f, s, lane);
	const char *out = "";

	vec_each (h, &all)
		out = arena_printf(&f->a, "%s%s%d %s", out, *out ? ", " : "", (int)h->ordinal, h->reason);
	return out;
}

static void each_kind_replaces_its_own(void **state)
{
	static const struct hold two[] = { { .reason = "tag" }, { .reason = "label", .lane = "not/this" } };
	static const struct hold lock[] = {
		{ .reason = "ana", .owner = "ana", .epoch = 7, .advisory = true }
	};
	struct fixture *f = *state;
	struct store *s = store_writer(f);

	check_ok(f, store_holds_put(s, "a/b", HOLD_LOCK, lock, 1, &f->e));
	check_ok(f, store_holds_put(s, "a/b", HOLD_FREEZE, two, 2, &f->e));
	check_ok(f, store_holds_put(s, "a/c", HOLD_FREEZE, two, 1, &f->e));
	assert_string_equal(said(f, s, "a/b"), "100 tag, 101 label, 200 ana");
	assert_string_equal(said(f, s, NULL), "100 tag, 101 label, 200 ana, 100 tag");
	assert_int_equal(holds_of(f, s, "a/b").items[2].epoch, 7);
	check_ok(f, store_holds_put(s, "a/b", HOLD_FREEZE, two + 1, 1, &f->e));
	assert_string_equal(said(f, s, "a/b"), "100 label, 200 ana");
	check_ok(f, store_holds_put(s, "a/b", HOLD_FREEZE, NULL, 0, &f->e));
	assert_string_equal(said(f, s, "a/b"), "200 ana");
	assert_string_equal(said(f, s, "a/c"), "100 tag");
	store_close(s);
}

static void too_many_are_refused_whole(void **state)
{
	static const struct hold many[HOLDS_A_KIND + 1];
	struct fixture *f = *state;
	struct store *s = store_writer(f);

	check_ok(f, store_holds_put(s, "a/b", HOLD_LOCK, many, 1, &f->e));
	assert_int_equal(store_holds_put(s, "a/b", HOLD_LOCK, many, countof(many), &f->e), -ERR_INVALID);
	assert_int_equal(holds_of(f, s, "a/b").n, 1);
	store_close(s);
}

static void a_lane_that_is_gone_is_not_held(void **state)
{
	static const struct hold one[] = { { .reason = "x" } };
	struct fixture *f = *state;
	struct store *s = store_writer(f);

	check_ok(f, store_run(s, Q_lane_put, &rec_lane, &(struct lane){ .name = "a/b" }, &f->e));
	check_ok(f, store_holds_put(s, "a/b", HOLD_LOCK, one, 1, &f->e));
	check_ok(f, store_holds_put(s, "a/c", HOLD_LOCK, one, 1, &f->e));
	check_ok(f, store_holds_trim(s, &f->e));
	assert_int_equal(holds_of(f, s, NULL).n, 1);
	assert_string_equal(holds_of(f, s, NULL).items[0].lane, "a/b");
	store_close(s);
}

static struct alarms alarms_of(struct fixture *f, struct store *s, const char *lane)
{
	struct alarms out = { 0 };

	check_ok(f, store_alarms_read(&out, s, lane, &f->a, &f->e));
	return out;
}

static void an_alarm_said_again_keeps_its_beginning(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct alarm one = { ALARM_SILENCE, "push 1", "a/b", "nothing came", "look", { 10 }, { 10 } };
	const struct alarm other = { ALARM_EVICTED, "push 1", "a/c", "gone", "", { 5 }, { 5 } };

	check_ok(f, store_alarm_put(s, &one, &f->e));
	check_ok(f, store_alarm_put(s, &other, &f->e));
	one.text = "still nothing", one.since = one.at = (struct when){ 20 };
	check_ok(f, store_alarm_put(s, &one, &f->e));
	assert_int_equal(alarms_of(f, s, NULL).n, 2);
	assert_string_equal(alarms_of(f, s, NULL).items[0].text, "gone"); /* the oldest first */
	assert_int_equal(alarms_of(f, s, "a/b").n, 1);
	assert_string_equal(alarms_of(f, s, "a/b").items[0].text, "still nothing");
	assert_int_equal(alarms_of(f, s, "a/b").items[0].since.ms, 10);
	assert_int_equal(alarms_of(f, s, "a/b").items[0].at.ms, 20);
	check_ok(f, store_alarm_clear(s, ALARM_SILENCE, "push 1", &f->e));
	assert_int_equal(alarms_of(f, s, "a/b").n, 0);
	assert_int_equal(alarms_of(f, s, NULL).n, 1); /* another kind of the same subject stays */
	store_close(s);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_kind_replaces_its_own),
		TEST(too_many_are_refused_whole),
		TEST(a_lane_that_is_gone_is_not_held),
		TEST(an_alarm_said_again_keeps_its_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
