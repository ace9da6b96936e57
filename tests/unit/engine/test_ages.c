/* Answers that nothing changed only make facts younger: how rarely that is written, and how late at most. */
#include "simrig.h"

#include <signal.h>
#include <sys/resource.h>

#define LATE_MS INT64_C(10000) /* what a screen's age may be behind, by AGES_WAIT */

static int setup(void **state)
{
	struct simrig *r = sim_rig_new(NULL, NULL);

	*state = r;
	engine_attach(r->en, 1);
	loop_advance(r->loop, 10000);
	for (int i = 0; i < 1000 && r->en->sync->repos->lives; i++)
		loop_advance(r->loop, 10000);
	assert_null(r->en->sync->repos->lives); /* nothing is under way: only the lists are read */
	r->tap->quiet = true;
	engine_attach(r->en, -1);
	return 0;
}

static int teardown(void **state)
{
	struct simrig *r = *state;

	loop_advance(r->loop, 1000); /* what is under way is answered */
	sim_rig_free(r);
	return 0;
}

/* Polls about once a second from now on. */
static void poll_fast(struct simrig *r)
{
	r->en->o.interval = 250;
	engine_attach(r->en, 1);
	loop_advance(r->loop, 10000);
}

static struct store *reader(struct simrig *r)
{
	struct store *s = NULL;
	struct err e = ERR_INIT;

	assert_int_equal(store_open(&s, r->path, STORE_READ, &e), 0);
	return s;
}

static int64_t age(struct simrig *r)
{
	return when_diff(clock_wall(&r->clock), sim_lane(r, "easy/prod").checked);
}

static void unchanged_answers_share_a_commit(void **state)
{
	struct simrig *r = *state;
	struct store *s = reader(r);
	int64_t was, now;
	int asked, commits = 0, changed;

	poll_fast(r);
	asked = r->tap->asked;
	changed = r->changed;
	was = store_version(s);
	for (int i = 0; i < 600; i++, was = now) {
		loop_advance(r->loop, 100);
		now = store_version(s);
		commits += now != was;
	}
	asked = r->tap->asked - asked;
	assert_in_range(asked, 50, 90);
	assert_in_range(commits, 5, 7);
	assert_int_equal(r->changed, changed);
	store_close(s);
	engine_attach(r->en, -1);
}

static void an_age_is_never_far_behind(void **state)
{
	struct simrig *r = *state;
	int64_t worst = 0;

	poll_fast(r);
	for (int i = 0; i < 600; i++) {
		loop_advance(r->loop, 100);
		worst = age(r) > worst ? age(r) : worst;
	}
	assert_in_range(worst, 1000, LATE_MS + 1500);
	engine_attach(r->en, -1);
}

/* A lane whose facts are stale after two seconds is polled every second: it is not. */
static void nothing_turns_stale_by_waiting(void **state)
{
	struct simrig *r = *state;

	sim_engine_down(r);
	vec_each (lane, &r->profiles.items[0].lanes)
		lane->stale_ms = 2000;
	sim_engine_up(r);
	poll_fast(r);
	for (int i = 0; i < 600; i++) {
		struct lane lane;

		loop_advance(r->loop, 100);
		lane = sim_lane(r, "easy/prod");
		assert_int_equal(lane_shown(&lane, clock_wall(&r->clock)), LANE_OK);
	}
	engine_attach(r->en, -1);
}

/* Alone in its minute an answer waits for nobody: a commit later would be one more time to wake up. */
static void a_rare_answer_is_written_at_once(void **state)
{
	struct simrig *r = *state;
	int64_t worst = 0;

	engine_attach(r->en, 1);
	for (int i = 0; i < 6000; i++) {
		loop_advance(r->loop, 100);
		worst = age(r) > worst ? age(r) : worst;
	}
	assert_in_range(worst, 50000, 67000);
	engine_attach(r->en, -1);
}

static void a_pass_is_answered_when_it_is_written(void **state)
{
	struct simrig *r = *state;

	poll_fast(r);
	for (int i = 0; i < 5; i++) {
		loop_advance(r->loop, 700);
		assert_int_equal(sim_sync(r), 0);
		assert_in_range(age(r), 0, 200);
	}
	engine_attach(r->en, -1);
}

static void what_waits_is_written_at_the_end(void **state)
{
	struct simrig *r = *state;
	struct when read;

	poll_fast(r);
	for (int i = 0; i < 100 && sim_lane(r, "easy/prod").checked.ms == r->en->sync->repos->runs.checked.ms;
	     i++)
		loop_advance(r->loop, 100);
	read = r->en->sync->repos->runs.checked;
	assert_int_not_equal(sim_lane(r, "easy/prod").checked.ms, read.ms);
	engine_attach(r->en, -1);
	sim_restart(r);
	assert_int_equal(sim_lane(r, "easy/prod").checked.ms, read.ms);
	assert_int_equal(r->en->sync->repos->runs.checked.ms, read.ms);
}

/* "Nothing changed" after a failure is news: what was said about the failure goes at once. */
static void the_end_of_trouble_does_not_wait(void **state)
{
	struct simrig *r = *state;
	struct world_fault_rule rule = { .match = "GET *", .status = 502, .count = 1 };

	poll_fast(r);
	world_arm(r->world, &rule);
	r->tap->quiet = false;
	for (int i = 0; i < 100 && !sim_setting(r, "banner")[0]; i++)
		loop_advance(r->loop, 50);
	assert_non_null(strstr(sim_lane(r, "easy/prod").reasons, "last reading"));
	for (int i = 0; i < 400 && r->en->sync->trouble[0]; i++)
		loop_advance(r->loop, 10);
	assert_string_equal(sim_setting(r, "banner"), "");
	assert_int_equal(sim_lane(r, "easy/prod").checked.ms, r->en->sync->repos->runs.checked.ms);
	assert_null(strstr(sim_lane(r, "easy/prod").reasons, "last reading"));
	engine_attach(r->en, -1);
}

static void limit_files(rlim_t bytes)
{
	struct rlimit l;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &l), 0);
	l.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
}

static void a_full_disk_is_told_and_passes(void **state)
{
	struct simrig *r = *state;

	signal(SIGXFSZ, SIG_IGN);
	poll_fast(r);
	r->tap->quiet = false; /* what is not stored is read again, whole */
	limit_files(0);
	loop_advance(r->loop, 20000);
	limit_files(RLIM_INFINITY);
	assert_non_null(strstr(r->notice, "cache"));
	assert_non_null(strstr(r->en->sync->store_trouble, "cache"));
	loop_advance(r->loop, 20000);
	assert_string_equal(r->en->sync->store_trouble, "");
	assert_string_equal(sim_setting(r, "banner"), "");
	assert_in_range(age(r), 0, LATE_MS + 1500);
	engine_attach(r->en, -1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(unchanged_answers_share_a_commit),      TEST(an_age_is_never_far_behind),
		TEST(nothing_turns_stale_by_waiting),        TEST(a_rare_answer_is_written_at_once),
		TEST(a_pass_is_answered_when_it_is_written), TEST(what_waits_is_written_at_the_end),
		TEST(the_end_of_trouble_does_not_wait),      TEST(a_full_disk_is_told_and_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
