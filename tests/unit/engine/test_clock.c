/* A machine whose clock is wrong, and one whose clock jumps: timers go on, ages are the forge's (fault model C1, C2). */
#include "simrig.h"

#define MINUTE 60000
#define DAY    (24 * INT64_C(3600000))

static int64_t skew_of(struct simrig *r)
{
	struct key key = { .name = "skew_ms" };
	struct setting row;
	int64_t n = 0;

	if (store_one(r->cache, Q_setting_by_name, &rec_key, &key, &rec_setting, &row, &r->a, NULL) != 0)
		return 0;
	assert_int_equal(text_int64(&n, row.value + (*row.value == '-'), 0, INT64_MAX), 0);
	return *row.value == '-' ? -n : n;
}

static void pass(struct simrig *r, int minutes)
{
	for (int i = 0; i < minutes * 60; i++)
		loop_advance(r->loop, 1000);
}

static void polling_outlives_jumps(void **state)
{
	static const int64_t jumps[] = { -3 * DAY, 3 * DAY, 12 * 365 * DAY, -10 * MINUTE };
	struct simrig *r = sim_rig_new(NULL, NULL);

	(void)state;
	engine_attach(r->en, 1);
	pass(r, 3);
	for (size_t i = 0; i < countof(jumps); i++) {
		int before = sim_count(r, "GET *");

		r->clock.wall.ms += jumps[i];
		pass(r, 4);
		int asked = sim_count(r, "GET *") - before;

		/* a quiet repository is read every 60 s, give or take a tenth */
		if (asked < 3 || asked > 400)
			fail_msg("jump %zu: asked %d times in four minutes", i, asked);
	}
	sim_rig_free(r);
}

static void a_wrong_clock_is_measured(void **state)
{
	static const int64_t wrongs[] = { 10 * MINUTE, -10 * MINUTE };

	(void)state;
	for (size_t i = 0; i < countof(wrongs); i++) {
		struct simrig *r = sim_rig_new(NULL, NULL);

		r->tap->date_off = wrongs[i];
		engine_attach(r->en, 1);
		pass(r, 2);
		if (llabs(skew_of(r) - wrongs[i]) > 2000)
			fail_msg("%" PRId64 " is told as %" PRId64, wrongs[i], skew_of(r));
		sim_rig_free(r);
	}
}

static int64_t setting_of(struct simrig *r, const char *name)
{
	struct key key = { .name = name };
	struct setting row;
	int64_t n = 0;

	assert_int_equal(
		store_one(r->cache, Q_setting_by_name, &rec_key, &key, &rec_setting, &row, &r->a, NULL), 0);
	assert_int_equal(text_int64(&n, row.value, 0, INT64_MAX), 0);
	return n;
}

/* An engine of one verb that asks the forge nothing: what the one before it was told is not replaced by nothing. */
static void an_engine_that_heard_nothing_says_nothing(void **state)
{
	struct simrig *r = sim_rig_new(NULL, NULL);
	const struct setting left[] = { { "api_remaining", "4992", engine_now(r->en) },
					{ "api_limit", "5000", engine_now(r->en) },
					{ "skew_ms", "36000", engine_now(r->en) } };
	struct sync *s = r->en->sync;
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < countof(left); i++)
		assert_int_equal(store_run(r->cache, Q_setting_put, &rec_setting, &left[i], NULL), 0);
	assert_true(s->gov.remaining < 0);
	s->noted = (struct hash){ 0 };
	assert_true(note_settings(s, &e) >= 0);
	assert_int_equal(setting_of(r, "api_remaining"), 4992);
	assert_int_equal(setting_of(r, "api_limit"), 5000);
	assert_int_equal(skew_of(r), 36000);
	sim_rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(polling_outlives_jumps),
					    cmocka_unit_test(a_wrong_clock_is_measured),
					    cmocka_unit_test(an_engine_that_heard_nothing_says_nothing) };

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
