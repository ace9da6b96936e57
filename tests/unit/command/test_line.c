#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/command/command.h"

static void words_are_split(void **state)
{
	static const struct {
		const char *line, *words; /* [a][b] */
	} cases[] = {
		{ "", "" },
		{ " \t\n", "" },
		{ "a b", "[a][b]" },
		{ "  a \t b  ", "[a][b]" },
		{ "'a b' c", "[a b][c]" },
		{ "a'b c'd", "[ab cd]" },
		{ "''", "[]" },
		{ "\"\" ''", "[][]" },
		{ "\"a 'b' \\\"c\\\" \\\\ \\n\"", "[a 'b' \"c\" \\ \\n]" },
		{ "'a\\'", "[a\\]" },
		{ "a\\ b", "[a b]" },
		{ "'it'\\''s'", "[it's]" },
		{ "$HOME `id` $(id) *.c ~ a;b|c&", "[$HOME][`id`][$(id)][*.c][~][a;b|c&]" },
		{ "a\\", "[a\\]" },
		{ "\xc3\xa9 b", "[\xc3\xa9][b]" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(arena) struct arena a = ARENA_INIT;
		autofree(buf) struct buf drawn = BUF_INIT(1024);
		const char **argv;
		int argc;

		assert_int_equal(command_split(&argv, &argc, cases[i].line, &a, NULL), 0);
		for (int k = 0; k < argc; k++)
			buf_fmt(&drawn, "[%s]", argv[k]);
		assert_null(argv[argc]);
		assert_string_equal(drawn.s, cases[i].words);
	}
}

static void bad_quotes_and_sizes(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;
	autofree(buf) struct buf long_line = BUF_INIT(100000);
	const char **argv;
	struct err e = ERR_INIT;
	int argc;

	(void)state;
	assert_int_equal(command_split(&argv, &argc, "a \"b", &a, &e), -ERR_INVALID);
	assert_int_equal(argc, 0);
	assert_int_equal(command_split(&argv, &argc, "'", &a, &e), -ERR_INVALID);
	for (int i = 0; i < 200; i++)
		buf_str(&long_line, "x ");
	assert_int_equal(command_split(&argv, &argc, long_line.s, &a, &e), -ERR_INVALID);
	assert_string_equal(e.message, "more than 128 words");
	buf_reset(&long_line);
	buf_fill(&long_line, 'x', 9000);
	assert_int_equal(command_split(&argv, &argc, long_line.s, &a, &e), -ERR_INVALID);
}

/* Whatever bytes a word has, quoting and splitting gives it back. */
static void quoting_is_undone(void **state)
{
	uint32_t seed = 11;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		autofree(arena) struct arena a = ARENA_INIT;
		autofree(buf) struct buf line = BUF_INIT(1024);
		const char **argv;
		char word[12];
		int argc;

		for (size_t i = 0; i + 1 < sizeof(word); i++) {
			seed = seed * 1664525u + 1013904223u;
			word[i] = (char)(seed >> 28 < 5 ? "'\"\\ \n"[seed >> 28] : (char)(seed >> 20));
		}
		word[sizeof(word) - 1] = 0;
		command_quote(&line, word);
		assert_int_equal(command_split(&argv, &argc, line.s, &a, NULL), 0);
		assert_int_equal(argc, 1);
		assert_string_equal(argv[0], word);
	}
}

static struct words list(const char **items, size_t n)
{
	return (struct words){ .items = items, .n = n };
}

static void completions(void **state)
{
	static const char *lanes_[] = { "easy/staging", "easy/prod", "gov/prod" };
	static const char *releases_[] = { "v0.9.4", "v0.9.3" };
	static const struct {
		const char *line, *words;
	} cases[] = {
		{ "di", "dispatch " },
		{ "r",
		  "runs run readiness reconcile reject rollback replay release-pr retag revert-pin resume "
		  "rerun redraw " },
		{ "xyz", "" },
		{ "dispatch ", "easy/staging easy/prod gov/prod " },
		{ "dispatch easy/p", "easy/prod " },
		{ "dispatch easy/prod ", "v0.9.4 v0.9.3 " },
		{ "dispatch easy/prod v0.9.3", "v0.9.3 " },
		{ "dispatch easy/prod v1 x", "" },
		{ "runs g", "gov/prod " },
		{ "why easy/prod d", "dispatch " },
		{ "plan ro", "rollback " },
		{ "plan rollback g", "gov/prod " },
		{ "plan rollback gov/prod ", "v0.9.4 v0.9.3 " },
		{ "plan sync ", "" },
		{ "plan s", "save show sign " },
		{ "plan save ro", "rollback " },
		{ "plan save rollback g", "gov/prod " },
		{ "plan show ", "" },
		{ "dispatch --", "--confirm --plan --reason --input " },
		{ "dispatch --reason ", "" },
		{ "dispatch --reason x e", "easy/staging easy/prod " },
		{ "dispatch --reason 'x y' e", "easy/staging easy/prod " },
		{ "dispatch -- -", "" },
		{ "runs --l", "--limit " },
		{ "plan rerun 1 --f", "--failed " },
		{ "theme ", "dark light mono " },
		{ "nonsense ", "" },
		{ "dispatch 'ea", "easy/staging easy/prod " },
	};
	const struct words lanes = list(lanes_, countof(lanes_)),
			   releases = list(releases_, countof(releases_));

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(arena) struct arena a = ARENA_INIT;
		autofree(buf) struct buf drawn = BUF_INIT(4096);
		struct words out;

		command_complete(cases[i].line, &lanes, &releases, &out, &a);
		vec_each (w, &out) {
			buf_fmt(&drawn, "%s ", *w);
		}
		if (strcmp(drawn.s, cases[i].words) != 0)
			fail_msg("%s: %s", cases[i].line, drawn.s);
	}
}

static void completion_needs_no_lists(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;
	struct words out;

	(void)state;
	command_complete("dispatch ", NULL, NULL, &out, &a);
	assert_int_equal(out.n, 0);
	command_complete("", NULL, NULL, &out, &a);
	assert_true(out.n > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_split),           cmocka_unit_test(bad_quotes_and_sizes),
		cmocka_unit_test(quoting_is_undone),         cmocka_unit_test(completions),
		cmocka_unit_test(completion_needs_no_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
