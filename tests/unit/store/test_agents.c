/* Machines: only rows that are not what is stored are written; a window begins with the worst; counts leave nobody out. */
#include "fixture.h"

#include "store/agents.h"

static struct agent machine(struct arena *a, int n, enum proof_status status)
{
	return (struct agent){ .lane = "",
			       .id = arena_printf(a, "agent-%04d", n),
			       .name = arena_printf(a, "vm-%04d", n),
			       .size = n % 2 ? "llm" : "tiny",
			       .datacenter = n % 3 ? "gcp:a" : "metal:b",
			       .word = "deployed",
			       .said_verified = true,
			       .complaint = "",
			       .status = (int)status,
			       .reason = status == PROOF_FAILED ? PROOF_RTMR_DRIFT : PROOF_OK,
			       .detail = "",
			       .quote = (int)status,
			       .token = PROOF_VERIFIED,
			       .differs = "",
			       .tcb = "UpToDate",
			       .quote_sha = "q",
			       .token_sha = "t",
			       .taken = { 5 },
			       .at = { 1000000 } };
}

static void fleet_put(struct fixture *f, struct store *s, const char *lane, int n, enum proof_status status)
{
	struct agents rows = { 0 };

	for (int i = 0; i < n; i++)
		*vec_push(&rows, &f->a) = machine(&f->a, i, i == 7 ? PROOF_FAILED : status);
	check_ok(f, store_agents_put(s, lane, rows.items, rows.n, NULL, &f->e));
}

static void only_what_changed_is_written(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct agent rows[3], back = { 0 };
	size_t written = 0;

	for (int i = 0; i < 3; i++)
		rows[i] = machine(&f->a, i, PROOF_VERIFIED);
	check_ok(f, store_agents_put(s, "easy/prod", rows, 3, &written, &f->e));
	assert_int_equal(written, 3);
	check_ok(f, store_agents_put(s, "easy/prod", rows, 3, &written, &f->e));
	assert_int_equal(written, 0);
	rows[0].at.ms += AGENT_AT_MS - 1;
	rows[1].at.ms += AGENT_AT_MS;
	rows[2].status = PROOF_FAILED;
	rows[2].differs = "rtmr2 (server, quote)";
	check_ok(f, store_agents_put(s, "easy/prod", rows, 3, &written, &f->e));
	assert_int_equal(written, 2);
	check_ok(f, store_agent_read(&back, s, "easy/prod", "agent-0002", &f->a, &f->e));
	assert_int_equal(back.status, PROOF_FAILED);
	assert_string_equal(back.differs, "rtmr2 (server, quote)");
	assert_true(back.said_verified);
	assert_int_equal(back.taken.ms, 5);
	assert_int_equal(store_agent_read(&back, s, "easy/staging", "agent-0002", &f->a, &f->e), 1);
	store_close(s);
}

static void a_window_begins_with_the_worst(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	const struct {
		struct agent_filter f;
		size_t n;
		const char *first, *last;
	} cases[] = {
		{ { .status = -1, .limit = 5 }, 5, "vm-0007", "vm-0003" },
		{ { .status = -1, .skip = 1, .limit = 2 }, 2, "vm-0000", "vm-0001" },
		{ { .status = -1, .skip = 29, .limit = 9 }, 1, "vm-0029", "vm-0029" },
		{ { .status = PROOF_FAILED, .limit = 9 }, 1, "vm-0007", "vm-0007" },
		{ { .status = PROOF_STALE, .limit = 9 }, 0, NULL, NULL },
		{ { .status = -1, .size = "llm", .limit = 99 }, 15, "vm-0007", "vm-0029" },
		{ { .status = -1, .size = "llm", .datacenter = "metal:b", .limit = 99 },
		  5,
		  "vm-0003",
		  "vm-0027" },
		{ { .status = -1, .holds = "-000", .limit = 99 }, 10, "vm-0007", "vm-0009" },
		{ { .status = -1, .skip = 30, .limit = 99 }, 0, NULL, NULL },
	};

	fleet_put(f, s, "easy/prod", 30, PROOF_VERIFIED);
	fleet_put(f, s, "easy/staging", 3, PROOF_WARN);
	for (size_t i = 0; i < countof(cases); i++) {
		struct agent_filter filter = cases[i].f;
		struct agents out = { 0 };

		filter.lane = "easy/prod";
		check_ok(f, store_agents_read(&out, s, &filter, &f->a, &f->e));
		assert_int_equal(out.n, cases[i].n);
		if (!out.n)
			continue;
		assert_string_equal(out.items[0].name, cases[i].first);
		assert_string_equal(out.items[out.n - 1].name, cases[i].last);
	}
	store_close(s);
}

static void parts_leave_nobody_out(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct agent strange = machine(&f->a, 99, PROOF_VERIFIED);
	struct agents all = { 0 };
	size_t before;

	fleet_put(f, s, "easy/prod", 30, PROOF_VERIFIED);
	strange.status = 77;
	check_ok(f, store_agents_put(s, "easy/prod", &strange, 1, NULL, &f->e));
	do {
		before = all.n;
		check_ok(f, store_agents_after(&all, s, "easy/prod", before ? all.items[before - 1].id : "",
					       7, &f->a, &f->e));
	} while (all.n > before);
	assert_int_equal(all.n, 31);
	store_close(s);
}

static void trees_and_facts_go_with_their_machine_and_lane(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct agent_tree tree = { .lane = "easy/prod", .id = "agent-0001", .tree = "{}", .at = { 4 } }, back;
	const struct fleet_fact facts[] = { { .kind = FLEET_POLICY,
					      .name = "rtmr_enforcement_mode",
					      .declared = "strict",
					      .effective = "warn",
					      .source = "db",
					      .detail = "" },
					    { .kind = FLEET_MRTD,
					      .name = "aa",
					      .declared = "",
					      .effective = "aa",
					      .source = "agent",
					      .detail = "" } };
	struct fleet_facts read = { 0 }, none = { 0 };

	fleet_put(f, s, "easy/prod", 3, PROOF_VERIFIED);
	check_ok(f, store_agent_tree_put(s, &tree, &f->e));
	tree.at.ms = 9;
	check_ok(f, store_agent_tree_put(s, &tree, &f->e));
	check_ok(f, store_agent_tree_read(&back, s, "easy/prod", "agent-0001", &f->a, &f->e));
	assert_int_equal(back.at.ms, 4); /* the same text was not written again */
	check_ok(f, store_fleet_facts_put(s, "easy/prod", facts, 2, &f->e));
	check_ok(f, store_fleet_facts_read(&read, s, "easy/prod", &f->a, &f->e));
	assert_int_equal(read.n, 2);
	assert_string_equal(read.items[0].effective, "warn");
	check_ok(f, store_agent_forget(s, "easy/prod", "agent-0001", &f->e));
	assert_int_equal(store_agent_tree_read(&back, s, "easy/prod", "agent-0001", &f->a, &f->e), 1);
	check_ok(f, store_agents_trim(s, &f->e)); /* the cache has no lane at all */
	check_ok(f, store_fleet_facts_read(&none, s, NULL, &f->a, &f->e));
	assert_int_equal(none.n, 0);
	store_close(s);
	assert_int_equal(raw_number(f->path, "SELECT count(*) FROM agent"), 0);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(only_what_changed_is_written),
		TEST(a_window_begins_with_the_worst),
		TEST(parts_leave_nobody_out),
		TEST(trees_and_facts_go_with_their_machine_and_lane),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
