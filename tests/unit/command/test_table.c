#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/command/command.h"

static void the_table_is_sound(void **state)
{
	size_t n;
	const struct command_info *t = command_table(&n);

	(void)state;
	assert_int_equal(n, CMD_MAX_);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(t[i].id, i);
		assert_ptr_equal(command_find(t[i].name), &t[i]);
		assert_true(t[i].min <= t[i].max && t[i].max <= COMMAND_ARGS_MAX);
		assert_true(*t[i].summary && text_is_safe(t[i].summary));
		assert_true(t[i].max == 0 || *t[i].args);
		assert_false(strchr(t[i].name, ':') || t[i].name[0] == '-');
	}
}

/* A verb that an option names must exist, or the option silently applies to nothing. */
static void options_name_verbs(void **state)
{
	size_t n, verbs;
	const struct option_info *t = option_table(&n);
	const struct command_info *c = command_table(&verbs);

	(void)state;
	assert_int_equal(n, OPT_MAX_);
	for (size_t i = 0; i < n; i++) {
		size_t named = 0, applies = 0;

		assert_int_equal(t[i].id, i);
		assert_ptr_equal(option_find(t[i].name), &t[i]);
		assert_true(text_starts(t[i].name, "--"));
		if (option_is_global(&t[i]))
			continue;
		assert_true(t[i].verbs[0] == ' ' && t[i].verbs[strlen(t[i].verbs) - 1] == ' ');
		for (const char *p = t[i].verbs; p[1]; p++)
			named += *p == ' ';
		for (size_t k = 0; k < verbs; k++)
			applies += c[k].id != CMD_WHAT_IF && option_applies(&t[i], &c[k]);
		assert_int_equal(named, applies);
	}
	assert_true(option_applies(option_find("--reason"), command_find("what-if"))); /* as plan's */
	/* whole words only: run is not runs, why is not in journal */
	assert_true(option_applies(option_find("--limit"), command_find("runs")));
	assert_false(option_applies(option_find("--limit"), command_find("run")));
}

/* What is said at a verb holds there: no other verb's words. */
static void an_option_has_the_sense_of_its_verb(void **state)
{
	static const struct {
		const char *verb, *option, *says; /* NULL: it takes none */
	} cases[] = {
		{ "plan", "--key", "  --key KEY  " },
		{ "what-if", "--key", NULL },
		{ "verify-bundle", "--key", "  --key FILE  " },
		{ "cancel", "--force", "always() steps" },
		{ "lock", "--force", "against its holder" },
		{ "proof", "--force", "an older root" },
		{ "verify-quote", "--policy", "without it strict" },
		{ "verify-token", "--policy", "without it relaxed" },
		{ "verify-bundle", "--policy", "  --policy KEY=VALUE;...  " },
		{ "verify-quote", "--root", "Intel's" },
		{ "verify-token", "--root", "revocation" },
		{ "proof", "--root", "root.json" },
		{ "profile", "--path", "a repository that is here" },
		{ "proof", "--path", "the folder for the files" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(buf) struct buf help = BUF_INIT(65536);

		command_help(&help, command_find(cases[i].verb));
		if (!cases[i].says == !!strstr(help.s, cases[i].option))
			fail_msg("%s and %s", cases[i].verb, cases[i].option);
		for (size_t k = 0; k < countof(cases); k++) {
			bool same = !strcmp(cases[i].verb, cases[k].verb);

			if (cases[k].says && !strcmp(cases[i].option, cases[k].option) &&
			    same != !!strstr(help.s, cases[k].says))
				fail_msg("%s of %s: %s", cases[k].option, cases[i].verb, cases[k].says);
		}
	}
}

static void help_names_every_option(void **state)
{
	size_t n, options;
	const struct command_info *c = command_table(&n);
	const struct option_info *o = option_table(&options);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		autofree(buf) struct buf help = BUF_INIT(65536), usage = BUF_INIT(4096);

		command_help(&help, &c[i]);
		command_usage(&usage, &c[i]);
		assert_false(help.over || usage.over);
		assert_non_null(strstr(help.s, c[i].summary));
		assert_true(text_starts(help.s, "usage: pilothouse "));
		for (size_t k = 0; k < options; k++) {
			autofree(buf) struct buf label = BUF_INIT(64);

			const struct option_info at = option_at(&o[k], &c[i]);

			buf_fmt(&label, "\n  %s%s%s", at.name, at.arg ? " " : "", at.arg ? at.arg : "");
			if (option_applies(&o[k], &c[i]) != (strstr(help.s, label.s) != NULL))
				fail_msg("help of %s and %s", c[i].name, o[k].name);
			if (option_applies(&o[k], &c[i]) && !option_is_global(&o[k]))
				assert_non_null(strstr(usage.s, o[k].name));
		}
	}
}

static void lines_fit(const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		/* lines to copy are never broken */
		if (n > 80 && !text_starts(text, "  pilothouse "))
			fail_msg("%zu cells: %.*s", n, (int)n, text);
		text += n + (text[n] != 0);
	}
}

static void help_fits_a_terminal(void **state)
{
	size_t n;
	const struct command_info *c = command_table(&n);

	(void)state;
	for (size_t i = 0; i <= n; i++) {
		autofree(buf) struct buf help = BUF_INIT(65536);

		command_help(&help, i < n ? &c[i] : NULL);
		lines_fit(help.s);
	}
}

static void the_program_names_every_verb(void **state)
{
	autofree(buf) struct buf help = BUF_INIT(65536);
	size_t n;
	const struct command_info *c = command_table(&n);

	(void)state;
	command_help(&help, NULL);
	for (size_t i = 0; i < n; i++) {
		autofree(buf) struct buf row = BUF_INIT(128);

		buf_fmt(&row, "\n  %s ", c[i].name);
		if (command_is_verb(&c[i]) != (strstr(help.s, row.s) != NULL))
			fail_msg("help and %s", c[i].name);
	}
}

static void examples_are_good_commands(void **state)
{
	size_t n;
	const struct command_example *t = command_examples(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		autofree(arena) struct arena a = ARENA_INIT;
		struct command c;
		struct err e = ERR_INIT;
		const char **argv;
		int argc;

		assert_int_equal(command_split(&argv, &argc, t[i].line, &a, &e), 0);
		if (command_parse(&c, argc, argv, &e) != 0)
			fail_msg("%s: %s", t[i].line, e.message);
		assert_int_equal(c.info->id, t[i].id);
	}
}

/* Every status that an error can end in has a meaning in help and man page. */
static void exits_are_the_errors(void **state)
{
	size_t n;
	const struct command_exit *t = command_exits(&n);

	(void)state;
	for (int kind = ERR_NONE; kind < ERR_MAX_; kind++) {
		bool known = false;

		for (size_t i = 0; i < n; i++)
			known |= t[i].status == err_exit_status((enum err_kind)kind);
		if (!known)
			fail_msg("%s ends in %d", err_word((enum err_kind)kind),
				 err_exit_status((enum err_kind)kind));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sound),
		cmocka_unit_test(options_name_verbs),
		cmocka_unit_test(an_option_has_the_sense_of_its_verb),
		cmocka_unit_test(help_names_every_option),
		cmocka_unit_test(help_fits_a_terminal),
		cmocka_unit_test(the_program_names_every_verb),
		cmocka_unit_test(examples_are_good_commands),
		cmocka_unit_test(exits_are_the_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
