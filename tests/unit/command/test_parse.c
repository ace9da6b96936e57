#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/command/command.h"

/* A line as the palette reads it. */
static int parse_line(struct command *c, const char *line, struct arena *a, struct err *e)
{
	const char **argv;
	int argc;
	int r = command_split(&argv, &argc, line, a, e);

	return r == 0 ? command_parse(c, argc, argv, e) : r;
}

static void good_lines(void **state)
{
	static const struct {
		const char *line, *canonical;
	} cases[] = {
		{ "lanes", "lanes" },
		{ "lanes --json", "lanes" },
		{ "runs easy/prod --limit 5", "runs easy/prod --limit 5" },
		{ "runs --limit=5 easy/prod", "runs easy/prod --limit 5" },
		{ "dispatch easy/prod v0.9.4 --confirm 'easy/prod v0.9.4'", "dispatch easy/prod v0.9.4" },
		{ "dispatch --input b=2 easy/prod --input 'a=x y' v1",
		  "dispatch easy/prod v1 --input b=2 --input 'a=x y'" },
		{ "dispatch easy/prod --input k=", "dispatch easy/prod --input k=" },
		{ "approve 1 production --comment 'smoke ok' --reason r --json",
		  "approve 1 production --reason r --comment 'smoke ok'" },
		{ "approve 1 production --comment ''", "approve 1 production --comment ''" },
		{ "reject 1 production --reason=--really", "reject 1 production --reason=--really" },
		{ "rerun 7 --failed --failed", "rerun 7 --failed" },
		{ "plan rerun 7 --failed", "plan rerun 7 --failed" },
		{ "plan save rerun 7 --failed", "plan save rerun 7 --failed" },
		{ "plan sign 0a1b2c3d --key ana@desk", "plan sign 0a1b2c3d --key ana@desk" },
		{ "plan diff a.json b.json", "plan diff a.json b.json" },
		{ "rerun 7 --plan 0a1b2c3d", "rerun 7" },
		{ "plan dispatch easy/prod v1 --input a=b", "plan dispatch easy/prod v1 --input a=b" },
		{ "filter -- --force", "filter -- --force" },
		{ "filter - x", "filter -- - x" },
		{ "filter \"it's\"", "filter 'it'\\''s'" },
		{ "drill --serve --port 0 --speed 1.5", "drill --serve --port 0 --speed 1.5" },
		{ "dispatch --help", "dispatch" },
		{ "plan --help", "plan" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(arena) struct arena a = ARENA_INIT;
		struct command c = { 0 }, again = { 0 };
		struct err e = ERR_INIT;

		if (parse_line(&c, cases[i].line, &a, &e) != 0)
			fail_msg("%s: %s", cases[i].line, e.message);
		assert_string_equal(command_line(&c, &a), cases[i].canonical);
		/* the canonical line means itself */
		if (!c.opt[OPT_HELP]) {
			assert_int_equal(parse_line(&again, command_line(&c, &a), &a, &e), 0);
			assert_string_equal(command_line(&again, &a), cases[i].canonical);
		}
	}
}

static const struct {
	const char *line, *message, *hint;
} bad[] = {
	{ "", "no verb is given", "usage: pilothouse [OPTION...]" },
	{ "dispach easy/prod", "there is no verb dispach", "did you mean dispatch?" },
	{ "rollbakc easy/prod", "there is no verb rollbakc", "did you mean rollback?" },
	{ "disp", "there is no verb disp", "did you mean dispatch?" },
	{ "xyzzy", "there is no verb xyzzy", "pilothouse --help names the verbs" },
	{ "lane:easy/prod", "there is no verb lane:easy/prod", "" },
	{ "runs --limt 5", "runs has no option --limt", "did you mean --limit?" },
	{ "runs --failed", "runs takes no --failed", "usage: pilothouse runs [LANE] [--limit N]" },
	{ "runs -n", "runs has no option -n", "usage: pilothouse runs" },
	{ "runs --limit", "--limit needs N", "usage: pilothouse runs" },
	{ "runs --limit --json", "--limit needs N", "--limit=VALUE" },
	{ "runs --limit 0", "--limit 0 is no number between 1 and 1000000", "" },
	{ "runs --limit 5x", "--limit 5x is no number", "" },
	{ "runs --limit -3", "--limit -3 is no number", "" },
	{ "runs --limit 1 --limit 2", "--limit is given twice", "" },
	{ "runs --json=yes", "--json takes no value", "" },
	{ "runs a b", "runs takes at most 1 word", "usage: pilothouse runs" },
	{ "lanes easy/prod", "lanes takes no words", "usage: pilothouse lanes" },
	{ "dispatch", "dispatch needs LANE", "usage: pilothouse dispatch LANE [RELEASE]" },
	{ "retag a b c --json", "retag takes at most 2 words", "usage: pilothouse retag LANE DIGEST" },
	{ "approve 1", "approve needs ENVIRONMENT", "usage: pilothouse approve RUN ENVIRONMENT" },
	{ "dispatch easy/prod v1 --confirm a --confirm b", "--confirm is given twice", "" },
	{ "dispatch easy/prod --input x", "--input x is not KEY=VALUE", "" },
	{ "dispatch easy/prod --input =x", "--input =x is not KEY=VALUE", "" },
	{ "dispatch easy/prod --input a=1 --input a=2", "--input a is given twice", "" },
	{ "dispatch '' v1", "dispatch: a word is empty", "usage:" },
	{ "dispatch easy/prod v1 --confirm ''", "--confirm needs PHRASE, and it is empty", "" },
	{ "proof", "proof needs LANE-or-RELEASE", "usage: pilothouse proof" },
	{ "con bogus", "con bogus is not take, give or show", "usage: pilothouse con" },
	{ "guard bogus easy/prod", "guard bogus is not arm, disarm or show",
	  "usage: pilothouse guard arm|disarm|show [LANE]" },
	{ "plan guard bogus easy/prod", "guard bogus is not arm, disarm or show", "usage: pilothouse guard" },
	{ "profile bogus", "profile bogus is not list, show, check, init or contract",
	  "usage: pilothouse profile" },
	{ "audit bogus", "audit bogus is not verify, export or ledger",
	  "usage: pilothouse audit verify|export|ledger [--anchors]" },
	{ "plan --limit 3", "plan takes no --limit",
	  "usage: pilothouse plan ACT ARGS... | show|diff|sign|verify PLAN... [OPTION...]; "
	  "pilothouse "
	  "plan --help names the options" },
	{ "plan", "plan needs ACT", "usage: pilothouse plan ACT ARGS..." },
	{ "plan sync", "sync is no act", "" },
	{ "plan save", "plan save needs an act", "usage: pilothouse plan save ACT ARGS..." },
	{ "plan save sync", "sync is no act", "" },
	{ "plan save dispatch", "dispatch needs LANE", "usage: pilothouse dispatch" },
	{ "plan show", "plan show: a word is missing", "usage: pilothouse plan show PLAN" },
	{ "plan sign a b", "plan sign: a word too many", "usage: pilothouse plan sign PLAN [--key KEY]" },
	{ "plan diff a", "plan diff: a word is missing", "usage: pilothouse plan diff PLAN PLAN" },
	{ "plan show a --key b", "plan show takes no --key", "" },
	{ "plan dispatch easy/prod --key b", "dispatch takes no --key", "" },
	{ "plan dispach easy/prod", "dispach is no act", "did you mean dispatch?" },
	{ "plan dispatch", "dispatch needs LANE", "usage: pilothouse dispatch" },
	{ "plan cancel 1 2", "cancel takes at most 1 word", "" },
	{ "plan approve 1 production --failed", "approve takes no --failed", "" },
	{ "plan dispatch easy/prod --confirm x", "plan takes no --confirm", "" },
	{ "drill --interval 0", "--interval 0 is no number between 0.001 and 86400", "" },
	{ "drill --speed 1e9", "--speed 1e9 is no number", "" },
	{ "drill --speed 1.2345", "--speed 1.2345 is no number", "" },
	{ "drill --port 70000", "--port 70000 is no number between 0 and 65535", "" },
	{ "dispatch 'easy/prod", "a quote ' is not closed", "\\'" },
};

static void bad_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(bad); i++) {
		autofree(arena) struct arena a = ARENA_INIT;
		struct command c;
		struct err e = ERR_INIT;

		assert_int_equal(parse_line(&c, bad[i].line, &a, &e), -ERR_INVALID);
		if (!text_starts(e.message, bad[i].message))
			fail_msg("%s: \"%s\"", bad[i].line, e.message);
		if (!strstr(e.hint, bad[i].hint))
			fail_msg("%s: hint \"%s\"", bad[i].line, e.hint);
	}
}

static void limits_are_kept(void **state)
{
	const char *argv[2 * COMMAND_INPUTS_MAX + 4] = { "dispatch", "easy/prod" };
	char inputs[COMMAND_INPUTS_MAX + 1][8];
	struct command c;
	struct err e = ERR_INIT;
	int n = 2;

	(void)state;
	for (int i = 0; i <= COMMAND_INPUTS_MAX; i++) {
		memcpy(inputs[i], "kaa=v", 6);
		inputs[i][1] = (char)('a' + i / 10);
		inputs[i][2] = (char)('a' + i % 10);
		argv[n++] = "--input";
		argv[n++] = inputs[i];
	}
	assert_int_equal(command_parse(&c, n, argv, &e), -ERR_INVALID);
	assert_string_equal(e.message, "more than 25 inputs");
	assert_int_equal(command_parse(&c, n - 2, argv, &e), 0);
	assert_int_equal(c.inputs_n, COMMAND_INPUTS_MAX);
}

static void globals_stand_before_the_verb(void **state)
{
	const char *const argv[] = { "--profile", "easyenclave", "--read-only", "--profile=team.yml=a/b",
				     "runs",      "--json",      "--limit",     "7" };
	const char *profiles[COMMAND_PROFILES_MAX];
	struct command globals, c;
	struct err e = ERR_INIT;
	int profiles_n = 0, at;

	(void)state;
	at = command_globals(&globals, countof(argv), argv, profiles, &profiles_n, &e);
	assert_int_equal(at, 4);
	assert_int_equal(profiles_n, 2);
	assert_string_equal(profiles[1], "team.yml=a/b");
	assert_int_equal(command_parse(&c, (int)countof(argv) - at, argv + at, &e), 0);
	assert_null(c.opt[OPT_READ_ONLY]);
	assert_int_equal(command_merge(&c, &globals, &e), 0);
	assert_non_null(c.opt[OPT_READ_ONLY]);
	assert_int_equal(c.profiles_n, 2);
	assert_int_equal(command_number(&c, OPT_LIMIT, 50), 7);
}

static void globals_are_only_global(void **state)
{
	static const struct {
		const char *argv[4];
		int argc, at;
		const char *message;
	} cases[] = {
		{ { "lanes" }, 1, 0, NULL },
		{ { "--json" }, 1, 1, NULL },
		{ { "--", "--json" }, 2, 1, NULL },
		{ { "lane:easy/prod" }, 1, 0, NULL },
		{ { "--interval", "0.25", "sync" }, 3, 2, NULL },
		{ { "--limit", "5", "runs" },
		  3,
		  -ERR_INVALID,
		  "--limit belongs to a verb and stands after it" },
		{ { "--confirm", "x" }, 2, -ERR_INVALID, "--confirm belongs to a verb and stands after it" },
		{ { "--porfile", "x" }, 2, -ERR_INVALID, "there is no option --porfile" },
		{ { "--config" }, 1, -ERR_INVALID, "--config needs FILE" },
		{ { "--config", "--json" }, 2, -ERR_INVALID, "--config needs FILE" },
		{ { "--site", "easy/prod=https://a.example", "--site=easy/staging=https://b.example" },
		  3,
		  3,
		  NULL },
		{ { "--site", "https://a.example" },
		  2,
		  -ERR_INVALID,
		  "--site https://a.example is not LANE=URL" },
		{ { "--site", "easy/prod=" }, 2, -ERR_INVALID, "--site easy/prod= is not LANE=URL" },
		{ { "--site=a/b=x", "--site=a/b=y" }, 2, -ERR_INVALID, "--site a/b is given twice" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct command c;
		struct err e = ERR_INIT;
		int at = command_globals(&c, cases[i].argc, cases[i].argv, NULL, NULL, &e);

		assert_int_equal(at, cases[i].at);
		if (cases[i].message)
			assert_string_equal(e.message, cases[i].message);
	}
}

static void the_same_option_on_both_sides(void **state)
{
	const char *const argv[] = { "--config", "a", "runs", "--config", "b" };
	struct command globals, c;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(command_globals(&globals, countof(argv), argv, NULL, NULL, &e), 2);
	assert_int_equal(command_parse(&c, 3, argv + 2, &e), 0);
	assert_int_equal(command_merge(&c, &globals, &e), -ERR_INVALID);
	assert_string_equal(e.message, "--config is given twice");
}

static void a_plan_becomes_its_act(void **state)
{
	const char *const argv[] = { "plan",    "dispatch", "easy/prod", "v1",
				     "--input", "a=b",      "--reason",  "why" };
	struct command plan, act;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(command_parse(&plan, countof(argv), argv, &e), 0);
	assert_int_equal(command_planned(&act, &plan, &e), 0);
	assert_int_equal(act.info->id, CMD_DISPATCH);
	assert_int_equal(act.n, 2);
	assert_string_equal(act.args[0], "easy/prod");
	assert_string_equal(act.args[1], "v1");
	assert_null(act.args[2]);
	assert_int_equal(act.inputs_n, 1);
	assert_string_equal(act.opt[OPT_REASON], "why");
}

static void phrases(void **state)
{
	static const struct {
		const char *verb;
		bool production;
		const char *lane, *release, *phrase;
	} cases[] = {
		{ "dispatch", true, "easy/prod", "v0.9.4", "easy/prod v0.9.4" },
		{ "approve", true, "easy/prod", "v0.9.4", "easy/prod v0.9.4" },
		{ "dispatch", true, "cloud/prod", "77ab31c0123456789abcdef0123456789abcdef0",
		  "cloud/prod 77ab31c" },
		{ "dispatch", true, "cloud/prod", "77ab31c0123456789abcdef0123456789abcdefg",
		  "cloud/prod 77ab31c0123456789abcdef0123456789abcdefg" },
		{ "dispatch", false, "easy/staging", "v0.9.4", "easy/staging" },
		{ "approve", false, "easy/staging", "v0.9.4", "easy/staging" },
		{ "reject", true, "easy/prod", "v0.9.4", "easy/prod" },
		{ "rollback", true, "easy/prod", "v0.9.3", "easy/prod" },
		{ "cancel", true, "easy/prod", "v0.9.3", "easy/prod" },
		{ "rerun", true, "easy/prod", "v0.9.3", "easy/prod" },
		{ "abandon", true, "easy/prod", "v0.9.3", "easy/prod" },
		{ "replay", true, "cloud/prod", "77ab31c0123456789abcdef0123456789abcdef0",
		  "cloud/prod 77ab31c" },
		{ "release-pr", true, "theory/main", "v1", "theory/main" },
		{ "retag", true, "mcp/prod", "sha256:ab", "mcp/prod" },
		{ "revert-pin", true, "theory/main", NULL, "theory/main" },
		{ "label", false, "mcp/staging", NULL, "mcp/staging" },
		{ "freeze", true, "gov", NULL, "gov" },
		{ "thaw", true, "gov", NULL, "gov" },
		{ "dispatch", true, NULL, "v0.9.3", NULL },
		{ "reconcile", true, "easy/prod", NULL, NULL },
		{ "lanes", true, "easy/prod", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(arena) struct arena a = ARENA_INIT;
		struct command c = { .info = command_find(cases[i].verb) };
		const char *phrase =
			command_phrase(&c, cases[i].production, cases[i].lane, cases[i].release, &a);

		if (!text_eq(phrase, cases[i].phrase))
			fail_msg("%s: \"%s\"", cases[i].verb, phrase ? phrase : "(none)");
	}
}

static void addresses_and_verbs(void **state)
{
	(void)state;
	assert_true(command_is_address("lane:easy/prod@canary"));
	assert_false(command_is_address("lanes"));
	assert_true(command_is_verb(command_find("doctor")));
	assert_false(command_is_verb(command_find("filter")));
	assert_null(command_find("Lanes"));
	assert_null(command_find(NULL));
}

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Words that mean something, in any order: whatever comes, parse says 0 or ERR_INVALID with a message, and what it took
 * survives being written as a line and read again. */
static void random_words(void **state)
{
	static const char *const words[] = {
		"dispatch", "plan",     "approve",   "rerun",   "runs",         "--confirm",
		"--input",  "a=b",      "--",        "-",       "--force",      "--limit",
		"5",        "x y",      "",          "--json",  "it's",         "--x",
		"=",        "--=",      "--profile", "p=o/n",   "--help",       "easy/prod",
		"\x1b[2J",  "\xff",     "filter",    "--input", "--limit=9999", "--reason",
		"--once",   "rollback",
	};
	uint32_t seed = 4;
	int good = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		autofree(arena) struct arena a = ARENA_INIT;
		const char *argv[12];
		struct command c = { 0 }, again = { 0 };
		struct err e = ERR_INIT;
		int argc = (int)(next(&seed) % 7);

		for (int i = 0; i < argc; i++)
			argv[i] = words[next(&seed) % countof(words)];
		if (command_parse(&c, argc, argv, &e) != 0) {
			assert_int_equal(e.kind, ERR_INVALID);
			assert_true(e.message[0] && text_is_safe(e.message) && text_is_safe(e.hint));
			continue;
		}
		good++;
		if (c.opt[OPT_HELP])
			continue;
		assert_int_equal(parse_line(&again, command_line(&c, &a), &a, &e), 0);
		assert_string_equal(command_line(&again, &a), command_line(&c, &a));
		assert_int_equal(again.n, c.n);
		for (int i = 0; i < c.n; i++)
			assert_string_equal(again.args[i], c.args[i]);
	}
	assert_true(good > 100);
}

/* A reason becomes part of a commit message, a word of an error's sentence. */
static void no_word_is_endless(void **state)
{
	char big[4098];
	const char *const argv[] = { "lock", "easy/prod", "--reason", big };
	const char *const words[] = { "note", "easy/prod", big };
	struct err e = ERR_INIT;
	struct command c;

	(void)state;
	memset(big, 'r', sizeof(big));
	big[4097] = '\0';
	assert_int_equal(command_parse(&c, countof(argv), argv, &e), -ERR_INVALID);
	assert_string_equal(e.message, "--reason is too long: it has 4097 bytes");
	assert_string_equal(e.hint, "shorten it to 4096 bytes or fewer");
	assert_int_equal(command_parse(&c, countof(words), words, &e), -ERR_INVALID);
	assert_string_equal(e.message, "a word of note is too long: it has 4097 bytes");
	big[4096] = '\0';
	assert_int_equal(command_parse(&c, countof(argv), argv, &e), 0);
	assert_int_equal(command_parse(&c, countof(words), words, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_word_is_endless),
		cmocka_unit_test(good_lines),
		cmocka_unit_test(bad_lines),
		cmocka_unit_test(limits_are_kept),
		cmocka_unit_test(globals_stand_before_the_verb),
		cmocka_unit_test(globals_are_only_global),
		cmocka_unit_test(the_same_option_on_both_sides),
		cmocka_unit_test(a_plan_becomes_its_act),
		cmocka_unit_test(phrases),
		cmocka_unit_test(addresses_and_verbs),
		cmocka_unit_test(random_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
