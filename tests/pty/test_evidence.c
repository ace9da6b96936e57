/* What the console found out for itself, on the screens of real drills: drift, ways back, a stopped line, inputs. */
#include "tests/pty/console.h"

static void open_drill(struct console *c, const char *scenario, int rows, int cols)
{
	const char *argv[] = { PROGRAM, "drill", scenario, "--speed", "5", NULL };
	console_dir(c);
	console_start(c, argv, rows, cols);
	must_see(c, "Esc close");
	pty_type(c->p, "\033");
	must_see(c, "LANE ");
}

static void leave(struct console *c)
{
	pty_type(c->p, "q");
	assert_true(pty_wait_exit(c->p, SOON, NULL));
	console_end(c);
}

/* 4 and b, a filter, and back to where one came from; digests in full only below the list. */
static void test_drift_and_back(void **state)
{
	struct console c;
	(void)state;
	open_drill(&c, "drifted-digest", 24, 80);
	must_see(&c, "theory/main");
	pty_type(c.p, "6");
	must_see(&c, "DRIFT");
	must_see(&c, "! other   theory/main");
	must_see(&c, "-- theory/main llm/litellm@1 amd64: other");
	must_see(&c, "live sha256:");
	pty_type(c.p, "/amd64 state:equal\r");
	must_go(&c, "! other");
	must_see(&c, ". equal   theory/staging");
	pty_type(c.p, "\033");
	must_see(&c, "! other   theory/main");
	pty_type(c.p, "g");
	must_see(&c, "-- theory/main llm/litellm@1 amd64: other");
	pty_type(c.p, "b");
	must_see(&c, "READINESS theory/main");
	must_see(&c, "target");
	must_see(&c, "migrations");
	must_see(&c, "back sha256:");
	pty_type(c.p, "\033");
	must_see(&c, "LIVE IS");
	pty_type(c.p, "\033");
	must_see(&c, "WAY BACK");
	leave(&c);
}

/* 5 and e lead there, Esc back; a system that asks for no proof says so, and is not called good. */
static void test_no_proof(void **state)
{
	struct console c;
	(void)state;
	open_drill(&c, "drifted-digest", 24, 80);
	must_see(&c, "theory/main");
	pty_type(c.p, "5");
	must_see(&c, "not attested: images are pinned by digest");
	must_see(&c, "UNCHECKED");
	pty_type(c.p, "\033");
	must_see(&c, "WAY BACK");
	pty_type(c.p, "e");
	must_see(&c, "PROOF theory/");
	pty_type(c.p, "\033");
	must_see(&c, "WAY BACK");
	leave(&c);
}

/* Somebody else has signed: named in the list, both sides in the tree, nothing of the subject's title cut at any size. */
static void test_a_failed_proof(void **state)
{
	static const struct {
		int rows, cols;
	} sizes[] = { { 24, 80 }, { 40, 120 }, { 60, 200 } };
	struct console c;
	(void)state;
	open_drill(&c, "proof-forged", 24, 80);
	must_see(&c, "easy/prod");
	pty_type(c.p, "5");
	must_see(&c, "FAILED    easy/prod");
	pty_type(c.p, "/trusted_values.v0.9.4\r");
	must_go(&c, "0.9.3.json");
	for (size_t i = 0; i < countof(sizes); i++) {
		pty_resize(c.p, sizes[i].rows, sizes[i].cols);
		must_see(&c, "json  easy/prod v0.9.4 --");
		must_see(&c, " easy/prod v0.9.4");
	}
	pty_resize(c.p, 24, 80);
	pty_type(c.p, "\r");
	must_see(&c, "j/k scroll");
	must_see(&c, "expected https://github.com/easyenclave/easyenclave/");
	must_see(&c, "found    https://github.com/easyencIave/easyenclave/");
	pty_type(c.p, "\033");
	must_see(&c, "Enter proof");
	leave(&c);
}

static void test_addresses(void **state)
{
	static const struct {
		const char *keys, *seen;
	} places[] = { { ":screen:drift\r", "LIVE IS" },
		       { ":lane:theory/staging@drift\r", "DRIFT theory/staging" },
		       { ":lane:theory/main@readiness\r", "READINESS theory/main" },
		       { ":drift theory/main\r", "DRIFT theory/main" },
		       { ":screen:readiness\r", "CONDITION" },
		       { ":lane:theory/main@proof\r", "PROOF theory/main" },
		       { ":lane:theory/main@nowhere\r", "there is no place" } };
	struct console c;
	(void)state;
	open_drill(&c, "drifted-digest", 24, 80);
	must_see(&c, "theory/main");
	for (size_t i = 0; i < countof(places); i++) {
		type_slowly(&c, places[i].keys);
		must_see(&c, places[i].seen);
	}
	leave(&c);
}

/* Every size has it: the row, the header, and the way back beside it. */
static void test_a_stopped_line(void **state)
{
	static const struct {
		int rows, cols;
	} sizes[] = { { 24, 80 }, { 40, 120 }, { 60, 200 } };
	struct console c;
	(void)state;
	open_drill(&c, "main-red", 24, 80);
	must_see(&c, "gov/prod");
	must_see(&c, "FROZEN 1");
	for (size_t i = 0; i < countof(sizes); i++) {
		pty_resize(c.p, sizes[i].rows, sizes[i].cols);
		must_see(&c, sizes[i].cols > 80 ? "FROZEN label" : "FROZEN lab");
	}
	must_see(&c, "ok v2.13.2");
	leave(&c);
}

/* The inputs of a plan: opened, changed and planned again; nothing has left. */
static void test_inputs(void **state)
{
	struct console c;
	(void)state;
	console_drill(&c, "1", 24, 80);
	open_plan(&c);
	must_see(&c, "Tab change inputs");
	pty_type(c.p, "\t");
	must_see(&c, "INPUTS");
	must_see(&c, "not for you to set");
	pty_type(c.p, "\r");
	must_see(&c, "type " PHRASE " and Enter:");
	pty_type(c.p, "\t");
	must_see(&c, "INPUTS");
	pty_type(c.p, "\033");
	must_go(&c, "INPUTS");
	must_have_sent_nothing(&c);
	leave(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drift_and_back), cmocka_unit_test(test_no_proof),
		cmocka_unit_test(test_a_failed_proof), cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_a_stopped_line), cmocka_unit_test(test_inputs),
	};
	return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
