/* The machines of a lane, on the screens of real drills: into them and out again, a filter, one machine's tree, sizes down to a
 * single cell, and a selection that follows its machine. */
#include "tests/pty/console.h"

#define LONG 120000 /* a limit too: two minutes of a drill pass first */

static void open_machines(struct console *c, const char *scenario, const char *speed)
{
	const char *argv[] = { PROGRAM, "drill", scenario, "--speed", speed, NULL };

	console_dir(c);
	console_start(c, argv, 24, 80);
	must_see(c, "Esc close");
	pty_type(c->p, "\033");
	must_see(c, "easy/prod");
	type_slowly(c, ":attest easy/prod\r");
	must_see(c, "ATTEST easy/prod");
	must_see(c, "FAILED");
}

static void leave(struct console *c)
{
	pty_type(c->p, "q");
	assert_true(pty_wait_exit(c->p, SOON, NULL));
	console_end(c);
}

static bool is_marked(struct console *c, const char *name)
{
	int row = marker_row(c);

	return row > 0 && strstr(pty_row(c->p, row), name);
}

static void must_be_marked(struct console *c, const char *name)
{
	wait_until(c, is_marked(c, name));
	if (is_marked(c, name))
		return;
	pty_print(c->p);
	fail_msg("the marker is not on %s", name);
}

/* Moves the marker from the top down to that row, a step only when the one before is seen. */
static void mark(struct console *c, const char *name)
{
	must_see(c, name);
	pty_type(c->p, "g");
	pty_settle(c->p, QUIET);
	for (int step = 0; step < 12 && !is_marked(c, name); step++) {
		int row = marker_row(c);

		pty_type(c->p, "j");
		for (int i = 0; i < SOON / 50 && marker_row(c) == row; i++)
			pty_settle(c->p, 50);
	}
	must_be_marked(c, name);
}

/* From the line in PROOF, which says how many are how; Esc leads back to it. */
static void test_in_and_out(void **state)
{
	struct console c;

	(void)state;
	open_machines(&c, "fleet-mixed", "1");
	pty_type(c.p, "5");
	must_see(&c, "machines");
	must_see(&c, "FAILED    easy/prod");
	mark(&c, "FAILED    easy/prod");
	must_see(&c, "Enter machines");
	pty_type(c.p, "\r");
	must_see(&c, "ATTEST easy/prod");
	must_see(&c, "tdx-agent-tiny-04");
	must_see(&c, "the control plane says verified of");
	pty_type(c.p, "\033");
	must_see(&c, "PROOF");
	must_see(&c, "Enter machines");
	must_be_marked(&c, "machines");
	leave(&c);
}

/* By state, size and datacenter; what is left out is counted, and the marker stays with its machine. */
static void test_filters(void **state)
{
	static const struct {
		const char *keys, *seen, *gone;
	} filters[] = {
		{ "/state:failed size:tiny\r", "2 of 5 machines", "tdx-agent-tiny-01" },
		{ "/dc:baremetal\r", "3 of 5 machines", "tdx-agent-llm-01" },
		{ "/!says:verified\r", "2 of 5 machines", "tdx-agent-tiny-04" },
		{ "/dc:nowhere\r", "None of 5 machines of easy/prod fits the filter", "tdx-agent-tiny-02" },
	};
	struct console c;

	(void)state;
	open_machines(&c, "fleet-mixed", "1");
	must_see(&c, "5 machines");
	mark(&c, "tdx-agent-tiny-02");
	for (size_t i = 0; i < countof(filters); i++) {
		type_slowly(&c, filters[i].keys);
		must_see(&c, filters[i].seen);
		must_go(&c, filters[i].gone);
		if (i < 3)
			must_be_marked(&c, "tdx-agent-tiny-02");
		pty_type(c.p, "\033");
		must_see(&c, "tdx-agent-tiny-04");
		must_see(&c, "tdx-agent-llm-01");
	}
	pty_type(c.p, "?");
	must_see(&c, "HELP");
	pty_type(c.p, "G");
	must_see(&c, "size: dc:");
	pty_type(c.p, "\033");
	must_see(&c, "ATTEST easy/prod");
	leave(&c);
}

/* What it says of itself, what is signed, and which step refused; then through a screen of one cell and back. */
static void test_a_tree_at_any_size(void **state)
{
	static const struct {
		int rows, cols;
	} sizes[] = { { 1, 1 }, { 2, 200 }, { 60, 1 }, { 40, 120 }, { 60, 200 }, { 1, 1 } };
	struct console c;

	(void)state;
	open_machines(&c, "fleet-mixed", "1");
	mark(&c, "tdx-agent-tiny-04");
	pty_type(c.p, "\r");
	must_see(&c, "j/k scroll");
	must_see(&c, "tdx-agent-tiny-04  easy/prod tiny baremetal:github-runner");
	must_see(&c, "RTMR_DRIFT: a measurement differs from the pinned one");
	must_see(&c, "sources disagree on rtmr2");
	for (size_t i = 0; i < countof(sizes); i++) {
		pty_resize(c.p, sizes[i].rows, sizes[i].cols);
		pty_settle(c.p, QUIET);
	}
	pty_type(c.p, "\033");
	for (size_t i = 0; i < countof(sizes); i++) {
		pty_resize(c.p, sizes[i].rows, sizes[i].cols);
		pty_settle(c.p, QUIET);
	}
	pty_resize(c.p, 24, 80);
	must_see(&c, "ATTEST easy/prod");
	must_be_marked(&c, "tdx-agent-tiny-04");
	pty_type(c.p, "z");
	must_see(&c, "settings: declared, and in force");
	pty_type(c.p, "\033");
	must_be_marked(&c, "tdx-agent-tiny-04");
	leave(&c);
}

/* An administrator lets another machine in: the marker was on the second row, and is where its machine is then. */
static void test_the_selection_follows(void **state)
{
	struct console c;
	int before;

	(void)state;
	open_machines(&c, "fleet-trust-widened", "5");
	mark(&c, "tdx-agent-llm-01");
	before = marker_row(&c);
	if (!pty_wait_text(c.p, "tdx-agent-tiny-03", LONG)) {
		pty_print(c.p);
		fail_msg("nobody was let in");
	}
	must_be_marked(&c, "tdx-agent-llm-01");
	if (marker_row(&c) == before)
		print_message("its row is the same: it had moved before\n");
	leave(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_and_out),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_a_tree_at_any_size),
		cmocka_unit_test(test_the_selection_follows),
	};
	return cmocka_run_group_tests_name("attest", tests, NULL, NULL);
}
