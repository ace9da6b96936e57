/* What is remembered of the chains of single machines, whose ids are a control plane's own words. */
#include "fleet_bench.h"

#include "core/engine/fleet_chain.h"

#define AT(ms) ((struct when){ INT64_C(1795244889000) + (ms) })

static struct fleet_agent agent(const char *id, const char *mrtd)
{
	return (struct fleet_agent){ .id = id, .mrtd = mrtd, .verified = -1 };
}

static void put(struct chains *c, const char *lane, const char *id, const char *mrtd)
{
	const struct fleet_agent told = agent(id, mrtd);

	chains_put(c, lane, &told, &told, NULL, AT(0));
}

static const char *mrtd_of(struct chains *c, const char *lane, const char *id, struct arena *a)
{
	const struct fleet_agent listed = agent(id, NULL);
	struct known_chain known;

	chains_find(&known, c, lane, &listed, a);
	return known.chain.told.mrtd;
}

/* Lane and id together are what it is: none is taken for another, however they are chosen. */
static const struct {
	const char *lane, *id;
} names[] = {
	{ "easy/prod", "vm 1" },  { "easy/prod vm", "1" },
	{ "easy/prod", "vm  1" }, { "easy/prod", "VM 1" },
	{ "easy/prod ", "vm 1" }, { "easy/prod", "vm 1 " },
	{ "easy/prod", "" },      { "", "easy/prod" },
	{ "easy/stage", "vm 1" }, { "", "" },
};

static void each_machine_has_its_own(void **state maybe_unused)
{
	struct chains *c = chains_new();
	struct arena a = ARENA_INIT;

	for (size_t i = 0; i < countof(names); i++)
		put(c, names[i].lane, names[i].id, arena_printf(&a, "%zu", i));
	for (size_t i = 0; i < countof(names); i++)
		assert_string_equal(mrtd_of(c, names[i].lane, names[i].id, &a), arena_printf(&a, "%zu", i));
	assert_null(mrtd_of(c, "easy/prod", "vm 2", &a));
	put(c, names[1].lane, names[1].id, "anew");
	assert_string_equal(mrtd_of(c, names[0].lane, names[0].id, &a), "0");
	assert_string_equal(mrtd_of(c, names[1].lane, names[1].id, &a), "anew");
	arena_done(&a);
	chains_free(c);
}

/* The change of one makes one due, and the others are not read again within the hour. */
static void a_change_is_of_one(void **state maybe_unused)
{
	struct fleet_agent agents[40];
	size_t out[FLEET_CHAINS];
	struct chains *c = chains_new();
	struct arena a = ARENA_INIT;

	for (size_t i = 0; i < countof(agents); i++) {
		agents[i] = agent(arena_printf(&a, "vm-%zu", i), "m");
		put(c, LANE, agents[i].id, "m");
	}
	assert_int_equal(chains_due(c, LANE, agents, countof(agents), AT(1), out, &a), 0);
	chains_changed(c, "easy/stage", agents[7].id, AT(2));
	assert_int_equal(chains_due(c, LANE, agents, countof(agents), AT(3), out, &a), 0);
	chains_changed(c, LANE, agents[7].id, AT(2));
	assert_int_equal(chains_due(c, LANE, agents, countof(agents), AT(3), out, &a), 1);
	assert_int_equal(out[0], 7);
	assert_int_equal(chains_due(c, LANE, agents, countof(agents), AT(FLEET_CHAIN_AGE), out, &a),
			 countof(agents));
	assert_int_equal(out[0], 7);
	arena_done(&a);
	chains_free(c);
}

/* More than a few fleets: all are forgotten and read anew, and what comes then is known. */
static void too_many_are_read_anew(void **state maybe_unused)
{
	struct chains *c = chains_new();
	struct arena a = ARENA_INIT;
	char id[32];

	put(c, LANE, "first", "m");
	for (int i = 0; i < 4 * AGENTS_MAX; i++) {
		snprintf(id, sizeof(id), "vm-%d", i);
		chains_changed(c, LANE, id, AT(0));
	}
	assert_null(mrtd_of(c, LANE, "first", &a));
	put(c, LANE, "first", "m");
	assert_string_equal(mrtd_of(c, LANE, "first", &a), "m");
	arena_done(&a);
	chains_free(c);
}

/* A log over its bound, and one for which the others leave no room, are there and are not judged: that is told. */
static void a_log_that_is_not_kept_is_told_of(void **state maybe_unused)
{
	const size_t fit = FLEET_EVENTS_ALL / FLEET_EVENTS_ONE;
	struct chains *c = chains_new();
	struct arena a = ARENA_INIT;
	char *log = arena_alloc(&a, FLEET_EVENTS_ONE + 2);
	struct known_chain known;

	memset(log, ' ', FLEET_EVENTS_ONE + 1);
	for (size_t i = 0; i <= fit + 1; i++) {
		struct fleet_agent told = agent(arena_printf(&a, "vm-%zu", i), "m");
		const struct fleet_agent listed = told;

		log[FLEET_EVENTS_ONE] = i ? 0 : ' '; /* the first is one byte too long */
		log[FLEET_EVENTS_ONE + 1] = 0;
		told.event_log = log;
		chains_put(c, LANE, &listed, &told, NULL, AT(0));
		chains_find(&known, c, LANE, &listed, &a);
		assert_true(!known.events == (!i || i > fit));
		assert_true(!known.events_why == (known.events != NULL));
		assert_null(known.chain.why);
		if (known.events_why)
			assert_non_null(strstr(known.events_why, i ? "of the others" : "too long"));
	}
	chains_put(c, LANE, &(struct fleet_agent){ .id = "vm-0", .mrtd = "m", .verified = -1 }, NULL,
		   "not read", AT(1)); /* what was known stands */
	chains_find(&known, c, LANE, &(struct fleet_agent){ .id = "vm-0", .mrtd = "m", .verified = -1 }, &a);
	assert_non_null(known.events_why);
	arena_done(&a);
	chains_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_machine_has_its_own),
		cmocka_unit_test(a_change_is_of_one),
		cmocka_unit_test(too_many_are_read_anew),
		cmocka_unit_test(a_log_that_is_not_kept_is_told_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
