#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/yaml.h"

struct lane {
	int64_t number;
	int count;
	int mood;
	bool strict;
	const char *title;
	struct when since;
};

static const char *const mood_words[] = { "other", "calm", "stormy" };
static const struct names moods = NAMES(mood_words);
static const struct field lane_fields[] = {
	FIELD(lane, number), FIELD(lane, count),     FIELD_ENUM(lane, mood, &moods),
	FIELD(lane, strict), FIELD_REQ(lane, title), FIELD(lane, since),
};
static const struct rec rec_lane = REC(struct lane, lane_fields, "lane");

/* The tree in one line: {k=v,...} [v,...] and quoted scalars in quotes. */
static void draw(struct buf *out, const struct yaml *y)
{
	if (y->key)
		buf_fmt(out, "%s=", y->key);
	if (y->kind == YAML_SCALAR) {
		buf_fmt(out, y->quoted ? "'%s'" : "%s", y->scalar);
		return;
	}
	buf_chr(out, y->kind == YAML_MAP ? '{' : '[');
	yaml_each(it, y)
	{
		draw(out, it);
		buf_str(out, it->next ? "," : "");
	}
	buf_chr(out, y->kind == YAML_MAP ? '}' : ']');
}

static void trees_are_read(void **state)
{
	static const struct {
		const char *text, *tree;
	} cases[] = {
		{ "", "{}" },
		{ "# nothing\n", "{}" },
		{ "---\n...\n", "{}" },
		{ "~", "{}" },
		{ "\xef\xbb\xbf"
		  "a: 1\n",
		  "{a=1}" },
		{ "a: 1\nb: [x, 'y', \"z\"]\nc:\n  - d: e\n    f:\n  - g\n",
		  "{a=1,b=[x,'y','z'],c=[{d=e,f=},g]}" },
		{ "on: push\nyes: no\n", "{on=push,yes=no}" },
		{ "text: |\n  one\n  two\n", "{text='one\ntwo\n'}" },
		{ "- 1\n- - 2\n", "[1,[2]]" },
		{ "word", "word" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(arena) struct arena a = ARENA_INIT;
		autofree(buf) struct buf out = BUF_INIT(1000);
		struct err e = ERR_INIT;
		struct yaml *y;

		assert_int_equal(yaml_parse(&y, "f", cases[i].text, strlen(cases[i].text), &a, &e), 0);
		draw(&out, y);
		assert_string_equal(out.s, cases[i].tree);
	}
}

static void refusals_name_the_place(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "a: 1\nb: 2\na: 3\n", "f.yml:3:1: a is here twice, first in line 1" },
		{ "x: {a: 1, 'a': 2}\n", "f.yml:1:11: a is here twice, first in line 1" },
		{ "a: &x 1\n", "f.yml:1:4: anchors are not allowed" },
		{ "a: &x [1]\n", "f.yml:1:4: anchors are not allowed" },
		{ "a: *x\n", "f.yml:1:4: aliases are not allowed" },
		{ "a: !!str 1\n", "f.yml:1:4: tags are not allowed" },
		{ "a: ! 1\n", "f.yml:1:4: tags are not allowed" },
		{ "a: !python/object {}\n", "f.yml:1:4: tags are not allowed" },
		{ "<<: *x\n", "f.yml:1:5: aliases are not allowed" },
		{ "? [a]\n: b\n", "f.yml:1:3: a key must be text" },
		{ "a: 1\n---\nb: 2\n", "f.yml:2:1: a second document in one file" },
		{ "a: \"x\\0y\"\n", "f.yml:1:4: a NUL in a string" },
		{ "a: [1\n", "f.yml:2:1: while parsing a flow sequence: did not find expected ',' or ']'" },
		{ "a: b: c\n", "f.yml:1:5: mapping values are not allowed in this context" },
		{ "\ta: 1\n", "f.yml:1:1: while scanning for the next token: found character that cannot "
			      "start any token" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(arena) struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct yaml *y;

		assert_int_equal(yaml_parse(&y, "f.yml", cases[i].text, strlen(cases[i].text), &a, &e),
				 -ERR_INVALID);
		assert_string_equal(e.message, cases[i].message);
		assert_null(y);
	}
}

static void bad_bytes_are_refused_where_they_stand(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "a: \xff\n", "f:1:4: invalid leading UTF-8 octet" },
		{ "a: \xed\xa0\x80\n", "f:1:4: invalid Unicode character" },
		{ "a: \x01\n", "f:1:4: control characters are not allowed" },
		{ "\xef\xbb\xbf"
		  "a: 1\n\nb: \xc3\xa4\x1b[2J\n",
		  "f:3:5: control characters are not allowed" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(arena) struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct yaml *y;

		assert_int_equal(yaml_parse(&y, "f", cases[i].text, strlen(cases[i].text), &a, &e),
				 -ERR_INVALID);
		assert_string_equal(e.message, cases[i].message);
	}
}

/* Each of these takes libyaml, or a quadratic check, many seconds when nobody stops it. */
static void bombs_end_at_a_limit(void **state)
{
	static const struct {
		const char *unit;
		size_t times;
		const char *part; /* of the message */
	} cases[] = {
		{ "[", 200000, "nested deeper than 64" },     { "{", 200000, "a key must be text" },
		{ "- ", 100000, "nested deeper than 64" },    { "? ", 100000, "a key must be text" },
		{ "[a, ", 50000, "nested deeper than 64" },   { "{a: ", 50000, "nested deeper than 64" },
		{ "- \n", 200000, "more than 100000 nodes" }, { "&a ", 60000, "" },
		{ "x", (1 << 20) + 1, "larger than" },        { "- *a\n", 50000, "aliases are not allowed" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(buf) struct buf text = BUF_INIT(2 << 20);
		autofree(arena) struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct yaml *y;

		for (size_t k = 0; k < cases[i].times; k++)
			buf_str(&text, cases[i].unit);
		assert_int_equal(yaml_parse(&y, "bomb", text.s, text.n, &a, &e), -ERR_INVALID);
		assert_non_null(strstr(e.message, cases[i].part));
		assert_int_equal(strncmp(e.message, "bomb:", 5), 0);
	}
}

/* The classic one: ten lines that would be a thousand million words. */
static void put_laughs(struct buf *text)
{
	buf_str(text, "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
	for (char c = 'b'; c <= 'j'; c++)
		buf_fmt(text, "%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n", c, c, c - 1,
			c - 1, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1);
}

static bool is_refused(const struct buf *text)
{
	autofree(arena) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct yaml *y;

	return yaml_parse(&y, "bomb", text->s, text->n, &a, &e) == -ERR_INVALID && e.message[0];
}

/* Peak memory of a child that reads them (or does nothing), in KiB. */
static long peak_of(struct buf *const bombs, size_t n)
{
	struct rusage used = { 0 };
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		for (size_t i = 0; i < n; i++)
			if (!is_refused(&bombs[i]))
				_exit(1);
		_exit(0);
	}
	assert_int_equal(wait4(pid, &status, 0, &used), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	return used.ru_maxrss;
}

static void bombs_take_little_memory(void **state)
{
	struct buf bombs[] = { BUF_INIT(1 << 20), BUF_INIT(1 << 20), BUF_INIT(1 << 20), BUF_INIT(1 << 20) };

	(void)state;
	put_laughs(&bombs[0]);
	buf_fill(&bombs[1], '[', 200000);
	buf_fill(&bombs[2], '{', 200000);
	while (bombs[3].n < 900000)
		buf_str(&bombs[3], "- a: [b, c]\n");
	assert_true(peak_of(bombs, countof(bombs)) - peak_of(bombs, 0) <= 64 * 1024);
	for (size_t i = 0; i < countof(bombs); i++)
		buf_done(&bombs[i]);
}

static void many_keys_are_checked_for_twins(void **state)
{
	autofree(buf) struct buf text = BUF_INIT(1 << 20);
	autofree(arena) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct yaml *y;

	(void)state;
	for (int i = 0; i < 90000; i++)
		buf_fmt(&text, "k%d:\n", i);
	assert_int_equal(yaml_parse(&y, "f", text.s, text.n, &a, &e), 0);
	assert_int_equal(y->n, 90000);
	buf_str(&text, "k17:\n");
	assert_false(text.over);
	assert_int_equal(yaml_parse(&y, "f", text.s, text.n, &a, &e), -ERR_INVALID);
	assert_string_equal(e.message, "f:90001:1: k17 is here twice, first in line 18");
}

static void getters_fall_back(void **state)
{
	static const char text[] = "a: x\nb:\nc: [1]\n";
	autofree(arena) struct arena a = ARENA_INIT;
	struct yaml *y;

	(void)state;
	assert_int_equal(yaml_parse(&y, "f", text, strlen(text), &a, NULL), 0);
	assert_string_equal(yaml_str(y, "a", "no"), "x");
	assert_string_equal(yaml_str(y, "b", "no"), "no");
	assert_string_equal(yaml_str(y, "c", "no"), "no");
	assert_string_equal(yaml_str(y, "d", "no"), "no");
	assert_string_equal(yaml_str(NULL, "d", "no"), "no");
	assert_null(yaml_get(yaml_get(y, "c"), "a"));
	assert_int_equal(yaml_get(y, "c")->n, 1);
	assert_int_equal(yaml_get(y, "c")->line, 3);
	assert_string_equal(yaml_get(y, "c")->file, "f");
}

static void records_are_filled_or_refused(void **state)
{
	static const struct {
		const char *text;
		const char *message, *hint; /* "" fine */
		struct lane expect;
	} cases[] = {
		{ "title: t\nnumber: -7\ncount: 3\nmood: calm\nstrict: true\nsince: "
		  "1970-01-01T00:00:01Z\nextra: [1]\n",
		  "",
		  "",
		  { .number = -7, .count = 3, .mood = 1, .strict = true, .title = "t", .since = { 1000 } } },
		{ "title: \"\"\ncount:\nmood: ~\n", "", "", { .title = "" } },
		{ "title: '~'\nmood: other\n", "", "", { .title = "~" } },
		{ "count: 1\n", "f:1:1: lane: title is missing", "", { .count = 1 } },
		{ "title:\n", "f:1:1: lane: title is missing", "", { 0 } },
		{ "title: t\ncuont: 1\n", "f:2:1: lane has no key cuont", "did you mean count?", { 0 } },
		{ "title: t\nextras: 1\n", "f:2:1: lane has no key extras", "did you mean extra?", { 0 } },
		{ "title: t\nzebra: 1\n", "f:2:1: lane has no key zebra", "", { 0 } },
		{ "title: t\nmood: clam\n",
		  "f:2:1: mood cannot be clam",
		  "did you mean calm?",
		  { .title = "t" } },
		{ "title: t\ncount: 1.5\n", "f:2:1: count is no whole number", "", { .title = "t" } },
		{ "title: t\ncount: '1'\n", "f:2:1: count is no whole number", "", { .title = "t" } },
		{ "title: t\ncount: --1\n", "f:2:1: count is no whole number", "", { .title = "t" } },
		{ "title: t\ncount: 0x10\n", "f:2:1: count is no whole number", "", { .title = "t" } },
		{ "title: t\ncount: 9999999999\n", "f:2:1: count is out of range", "", { .title = "t" } },
		{ "title: t\nstrict: yes\n",
		  "f:2:1: strict is neither true nor false",
		  "",
		  { .title = "t" } },
		{ "title: t\nsince: soon\n", "f:2:1: since is no time", "", { .title = "t" } },
		{ "title: [t]\n", "f:1:1: title is no string", "", { 0 } },
		{ "- a\n", "f:1:1: lane must be a map of keys and values", "", { 0 } },
	};
	static const char *const others[] = { "extra", NULL };

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(arena) struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct lane lane = { 0 };
		struct yaml *y;

		assert_int_equal(yaml_parse(&y, "f", cases[i].text, strlen(cases[i].text), &a, &e), 0);
		assert_int_equal(yaml_rec(y, &rec_lane, &lane, others, &a, &e),
				 *cases[i].message ? -ERR_INVALID : 0);
		assert_string_equal(e.message, cases[i].message);
		assert_string_equal(e.hint, cases[i].hint);
		if (!*cases[i].message)
			assert_true(rec_equal(&rec_lane, &lane, &cases[i].expect, NULL));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trees_are_read),
		cmocka_unit_test(refusals_name_the_place),
		cmocka_unit_test(bad_bytes_are_refused_where_they_stand),
		cmocka_unit_test(bombs_end_at_a_limit),
		cmocka_unit_test(bombs_take_little_memory),
		cmocka_unit_test(many_keys_are_checked_for_twins),
		cmocka_unit_test(getters_fall_back),
		cmocka_unit_test(records_are_filled_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
