/* The same release does not go out twice because the forge's list of runs is late. */
#include "rig.h"

static void a_run_not_listed_yet_still_counts(void **state)
{
	struct rig *r = *state;

	r->fake.hide_runs = true;
	assert_int_equal(rig_ask(r, DISPATCH), 0);
	assert_int_equal(r->fake.sends, 1);
	assert_int_equal(rig_ask(r, DISPATCH), 1);
	assert_string_equal(rig_check(r, "own_run"), "bad");
	assert_string_equal(rig_str(r, "error.code"), "refused");
	assert_int_equal(r->fake.sends, 1);
}

static void a_run_that_is_done_no_longer_counts(void **state)
{
	struct rig *r = *state;

	rig_ask(r, DISPATCH);
	for (size_t i = 0; i < r->fake.runs_n; i++) {
		r->fake.runs[i].status = RUN_COMPLETED;
		r->fake.runs[i].conclusion = CONCLUSION_FAILURE;
	}
	rig_ask(r, "plan dispatch easy/prod v0.9.4");
	assert_string_equal(rig_check(r, "own_run"), "ok");
}

static void a_run_that_cannot_be_read_stops_it(void **state)
{
	struct rig *r = *state;

	r->fake.hide_runs = true;
	rig_ask(r, DISPATCH);
	r->fake.fail[FORGE_RUN] = ERR_SERVER;
	assert_int_not_equal(rig_ask(r, DISPATCH), 0);
	assert_int_equal(r->fake.sends, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_run_not_listed_yet_still_counts, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(a_run_that_is_done_no_longer_counts, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(a_run_that_cannot_be_read_stops_it, rig_setup, rig_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
