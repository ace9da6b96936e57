/* The simulated forge keeps quiet: a push that begins no run, seen by a whole engine that surveys. */
#include "simrig.h"

#include "store/holds.h"

static void survey_up(struct simrig *r)
{
	struct err e = ERR_INIT;
	struct engine_options o = { .loop = r->loop,
				    .forge = r->forge,
				    .http = &r->tap->http,
				    .zip = r->zip,
				    .sha256 = digest_sha256,
				    .cache = r->cache,
				    .journal_why = "no journal in this test",
				    .profiles = &r->profiles,
				    .who = "ana@bastion",
				    .survey = true };

	sim_engine_down(r);
	must(engine_new(&r->en, &o, &e), &e);
	engine_on_event(r->en, sim_event, r);
	engine_attach(r->en, 1);
}

static const struct alarm *open_one(struct simrig *r)
{
	struct alarms *list = arena_new(&r->a, struct alarms);
	struct err e = ERR_INIT;

	must(store_alarms_read(list, r->cache, "mcp/staging", &r->a, &e), &e);
	vec_each (it, list)
		if (it->kind == ALARM_SILENCE)
			return it;
	return NULL;
}

static void wait_minutes(struct simrig *r, int minutes)
{
	for (int i = 0; i < minutes * 12; i++)
		loop_advance(r->loop, 5000);
}

/* Pushed after three minutes, seen within one round of the survey, missed five minutes later. */
static void a_push_that_begins_nothing(void **state)
{
	static const char *const profiles[] = { "mcp-server=luminosita/mcp", NULL };
	struct simrig *r = sim_rig_new("silent-push", profiles);
	const struct alarm *one;

	(void)state;
	survey_up(r);
	wait_minutes(r, 7);
	assert_null(open_one(r));
	wait_minutes(r, 5);
	one = open_one(r);
	assert_non_null(one);
	assert_true(text_starts(one->text, "no run of deploy-staging.yml: "));
	assert_non_null(strstr(one->text, " reached develop 2026-11-21T07:0"));
	assert_true(text_starts(one->subject, "push mcp/staging deploy-staging.yml develop"));
	sim_rig_free(r);
}

/* The same organisation that hears: nothing is ever missed. */
static void a_push_that_begins_its_run(void **state)
{
	static const char *const profiles[] = { "mcp-server=luminosita/mcp", NULL };
	struct simrig *r = sim_rig_new("mcp-promote", profiles);

	(void)state;
	survey_up(r);
	for (int i = 0; i < 8 * 12; i++) {
		wait_minutes(r, 5);
		assert_null(open_one(r));
	}
	sim_rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_push_that_begins_nothing),
		cmocka_unit_test(a_push_that_begins_its_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
