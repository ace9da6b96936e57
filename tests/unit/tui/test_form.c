/* The inputs of a plan as a form: what can be set, how, and the command line that comes out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/command/command.h"
#include "tui/form.h"

static const char *const regions[] = { "eu", "us", "asia" };
static struct input_row rows[] = {
	{ .name = "release_tag", .type = "string", .value = "v1", .sent = true, .fixed = true },
	{ .name = "skip_tests", .type = "boolean", .value = "false", .sent = true },
	{ .name = "region", .type = "choice", .value = "eu", .options = regions, .options_n = 3 },
	{ .name = "ticket", .type = "string", .value = "" },
	{ .name = "reason", .type = "string", .value = "a b" },
};
static const char *const words[] = { "dispatch", "easy/prod",         "v1",       "--input",
				     "ticket=a", "--input=region=us", "--reason", "it's \"time\"" };

static struct form form;
static enum form_outcome last;

static void hear(void *ctx, const struct key_event *ev)
{
	(void)ctx;
	if (last == FORM_OPEN)
		last = form_key(&form, ev);
}

static void press(const char *keys)
{
	struct keys k;
	keys_init(&k);
	keys_feed(&k, keys, strlen(keys), hear, NULL);
	keys_flush(&k, hear, NULL);
}

static int setup(void **state)
{
	struct plan_view p = { .act = "dispatch",
			       .lane = "easy/prod",
			       .release = "v1",
			       .inputs = rows,
			       .inputs_n = (int)countof(rows) };
	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		rows[i].fallback = rows[i].description = rows[i].note = "";
	form_open(&form, &p, words, (int)countof(words));
	last = FORM_OPEN;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	form_done(&form);
	return 0;
}

#define DOWN  "\033[B"
#define UP    "\033[A"
#define LEFT  "\033[D"
#define RIGHT "\033[C"

static void keys_do_what_they_say(void **state)
{
	static const struct {
		const char *keys;
		int at;
		const char *value;
	} cases[] = {
		{ "", 1, "false" }, /* the first that one may set */
		{ UP, 4, "a b" },   /* round, past what is fixed */
		{ "\t", 2, "eu" },
		{ RIGHT, 1, "true" },
		{ RIGHT RIGHT, 1, "false" },
		{ "x", 1, "false" }, /* a choice is not typed */
		{ "\177", 1, "false" },
		{ DOWN LEFT, 2, "asia" },
		{ DOWN RIGHT, 2, "us" },
		{ DOWN DOWN "CHG-1", 3, "CHG-1" },
		{ DOWN DOWN RIGHT, 3, "" }, /* and a text has no choices */
		{ DOWN DOWN "\xc3\xa9\xc3\xa9\177", 3, "\xc3\xa9" },
		{ DOWN DOWN "\177", 3, "" },
		{ DOWN DOWN DOWN "\025"
				 "c",
		  4, "c" },
		{ DOWN DOWN DOWN "xyz\033[3~", 4, "a b" }, /* as it was planned */
		{ DOWN DOWN "\033[200~p\rq\033[201~", 3, "pq" },
	};
	for (size_t i = 0; i < countof(cases); i++) {
		setup(state);
		press(cases[i].keys);
		assert_int_equal(form.at, cases[i].at);
		assert_string_equal(form.fields[form.at].value, cases[i].value);
		assert_int_equal(last, FORM_OPEN);
		teardown(state);
	}
	setup(state);
}

static void it_ends_by_enter_or_by_leaving(void **state)
{
	static const struct {
		const char *keys;
		enum form_outcome outcome;
	} cases[] = { { "\r", FORM_PLAN },
		      { "\033", FORM_LEAVE },
		      { "\003", FORM_LEAVE },
		      { "\033[200~\r\033[201~", FORM_OPEN },
		      { DOWN DOWN "q\r", FORM_PLAN } };
	for (size_t i = 0; i < countof(cases); i++) {
		setup(state);
		press(cases[i].keys);
		assert_int_equal(last, cases[i].outcome);
		teardown(state);
	}
	setup(state);
}

static const char *line(struct buf *out)
{
	buf_reset(out);
	form_line(&form, out);
	return out->s;
}

/* The words stay as they were; what was changed here replaces what was said before. */
static void a_line_comes_out(void **state)
{
	struct buf out = BUF_INIT(8000);
	(void)state;
	assert_string_equal(line(&out), "dispatch easy/prod v1 --input ticket=a --input=region=us --reason "
					"'it'\\''s \"time\"'");
	press(RIGHT);
	assert_string_equal(line(&out), "dispatch easy/prod v1 --input ticket=a --input=region=us --reason "
					"'it'\\''s \"time\"' --input skip_tests=true");
	press(DOWN LEFT DOWN "CHG 7; rm -rf $HOME 'x'");
	assert_string_equal(
		line(&out),
		"dispatch easy/prod v1 --reason 'it'\\''s \"time\"' --input skip_tests=true --input "
		"region=asia --input 'ticket=CHG 7; rm -rf $HOME '\\''x'\\'''");
	buf_done(&out);
}

/* What comes out is read back as what was typed, whatever it is. */
static void a_line_is_read_back(void **state)
{
	struct buf out = BUF_INIT(8000);
	struct arena a = ARENA_INIT;
	struct command c;
	struct err e = ERR_INIT;
	const char **argv;
	int argc;
	(void)state;
	press(DOWN DOWN "--confirm=x \"'\\ =");
	assert_int_equal(command_split(&argv, &argc, line(&out), &a, &e), 0);
	assert_int_equal(command_parse(&c, argc, argv, &e), 0);
	assert_int_equal(c.inputs_n, 2);
	assert_string_equal(c.inputs[1], "ticket=--confirm=x \"'\\ =");
	assert_null(c.opt[OPT_CONFIRM]);
	assert_string_equal(c.opt[OPT_REASON], "it's \"time\"");
	arena_done(&a);
	buf_done(&out);
}

static void a_long_value_stays_as_it_is(void **state)
{
	char text[FORM_VALUE + 1];
	struct input_row row = rows[3];
	struct plan_view p = { .act = "a", .lane = "b", .release = "", .inputs = &row, .inputs_n = 1 };
	memset(text, 'x', FORM_VALUE);
	text[FORM_VALUE] = 0;
	row.value = text;
	form_open(&form, &p, words, 1);
	press("y\033[C\177");
	assert_true(form.fields[0].fixed);
	assert_false(form_is_changed(&form, 0));
	teardown(state);
	setup(state);
	press(DOWN DOWN);
	for (int i = 0; i < FORM_VALUE + 9; i++)
		press("z");
	assert_int_equal(strlen(form.fields[3].value), FORM_VALUE - 1);
	assert_true(*form.hint != 0);
}

static void nothing_to_set_is_said(void **state)
{
	struct plan_view none = { .act = "a", .lane = "b", .release = "" };
	struct plan_view fixed = { .act = "a", .lane = "b", .release = "", .inputs = rows, .inputs_n = 1 };
	(void)state;
	form_open(&form, &none, words, 1);
	press("x\t" UP);
	assert_true(*form.hint == 0);
	form_open(&form, &fixed, words, 1);
	press("x");
	assert_string_equal(form.hint, "nothing here is for you to set");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(keys_do_what_they_say), T(it_ends_by_enter_or_by_leaving), T(a_line_comes_out),
		T(a_line_is_read_back),   T(a_long_value_stays_as_it_is),    T(nothing_to_set_is_said),
	};
	return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
