#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/text.h"

#define BYTES(literal) literal, sizeof(literal) - 1
#define ACUTE          "\xcc\x81"
#define E_ACUTE        "\xc3\xa9"
#define WIDE           "\xe6\xbc\xa2" /* a Han character, two cells */
#define SMILE          "\xf0\x9f\x98\x80"

/* What strangers put into titles, and what a person sees of it. */
static const struct {
	const char *class;
	const char *text;
	size_t n;
	const char *safe;
} hostile[] = {
	{ "nothing", BYTES(""), "" },
	{ "plain", BYTES("fix: api/prod v1.2.3 ~ {\"a\":1} \\ %s"),
	  "fix: api/prod v1.2.3 ~ {\"a\":1} \\ %s" },
	{ "letters", BYTES("caf" E_ACUTE " " WIDE " " SMILE), "caf" E_ACUTE " " WIDE " " SMILE },
	{ "an escape shown before", BYTES("\\x1b <U+202E>"), "\\x1b <U+202E>" },
	{ "NUL", BYTES("a\0b"), "a\\x00b" },
	{ "C0", BYTES("\x01\x07\x08\x0b\x0c\x0d\x0e\x1a\x1f"),
	  "\\x01\\x07\\x08\\x0b\\x0c\\x0d\\x0e\\x1a\\x1f" },
	{ "tab and newline", BYTES("a\tb\nc"), "a\\x09b\\x0ac" },
	{ "DEL", BYTES("a\x7f"), "a\\x7f" },
	{ "CSI", BYTES("\x1b[2J\x1b[31mred"), "\\x1b[2J\\x1b[31mred" },
	{ "OSC title", BYTES("\x1b]0;owned\x07"), "\\x1b]0;owned\\x07" },
	{ "OSC clipboard", BYTES("\x1b]52;c;cm0=\x1b\\"), "\\x1b]52;c;cm0=\\x1b\\" },
	{ "OSC link", BYTES("\x1b]8;;http://x\x1b\\y"), "\\x1b]8;;http://x\\x1b\\y" },
	{ "DCS and answerback", BYTES("\x1bP+q\x1b\\\x05"), "\\x1bP+q\\x1b\\\\x05" },
	{ "C1 raw",
	  BYTES("\x9b"
		"2J\x9d\x90\x80\x85"),
	  "\\x9b2J\\x9d\\x90\\x80\\x85" },
	{ "C1 in UTF-8",
	  BYTES("\xc2\x9b"
		"2J\xc2\x9d\xc2\x85"),
	  "\\x9b2J\\x9d\\x85" },
	{ "bidi overrides", BYTES("\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad\xe2\x80\xae"),
	  "<U+202A><U+202B><U+202C><U+202D><U+202E>" },
	{ "bidi isolates", BYTES("\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9"),
	  "<U+2066><U+2067><U+2068><U+2069>" },
	{ "bidi marks", BYTES("\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c"), "<U+200E><U+200F><U+061C>" },
	{ "zero width", BYTES("a\xe2\x80\x8b\xe2\x80\x8c\xe2\x80\x8d\xe2\x81\xa0\xef\xbb\xbf"),
	  "a<U+200B><U+200C><U+200D><U+2060><U+FEFF>" },
	{ "soft hyphen", BYTES("a\xc2\xad"), "a<U+00AD>" },
	{ "invisible letters", BYTES("\xe1\x85\x9f\xe3\x85\xa4\xef\xbe\xa0\xe2\xa0\x80"),
	  "<U+115F><U+3164><U+FFA0><U+2800>" },
	{ "line separators", BYTES("\xe2\x80\xa8\xe2\x80\xa9"), "<U+2028><U+2029>" },
	{ "tags", BYTES("\xf3\xa0\x80\x81\xf3\xa0\x81\x81\xf3\xa0\x81\xbf"), "<U+E0001><U+E0041><U+E007F>" },
	{ "variation selectors", BYTES("a\xef\xb8\x8f\xef\xb8\x80\xf3\xa0\x84\x80"),
	  "a<U+FE0F><U+FE00><U+E0100>" },
	{ "noncharacters", BYTES("\xef\xbf\xbe\xef\xbf\xbf\xef\xb7\x90\xf4\x8f\xbf\xbf"),
	  "<U+FFFE><U+FFFF><U+FDD0><U+10FFFF>" },
	{ "private use", BYTES("\xee\x80\x80\xf3\xb0\x80\x80"), "<U+E000><U+F0000>" },
	{ "annotations", BYTES("\xef\xbf\xb9\xef\xbf\xbb"), "<U+FFF9><U+FFFB>" },
	{ "bytes that are never UTF-8", BYTES("\xff\xfe\xc0\xc1\xf5"), "\\xff\\xfe\\xc0\\xc1\\xf5" },
	{ "overlong", BYTES("\xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf"),
	  "\\xc0\\xaf\\xe0\\x80\\xaf\\xf0\\x80\\x80\\xaf" },
	{ "an overlong escape", BYTES("\xc0\x9b[2J"), "\\xc0\\x9b[2J" },
	{ "surrogates", BYTES("\xed\xa0\x80\xed\xbf\xbf"), "\\xed\\xa0\\x80\\xed\\xbf\\xbf" },
	{ "above the last plane", BYTES("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80" },
	{ "lone continuation", BYTES("a\x80z"), "a\\x80z" },
	{ "cut short", BYTES("a\xf0\x9f\x98"), "a\\xf0\\x9f\\x98" },
	{ "cut by an escape", BYTES("\xf0\x9f\x1b[m"), "\\xf0\\x9f\\x1b[m" },
	{ "two marks", BYTES("e" ACUTE ACUTE "x"), "e" ACUTE ACUTE "x" },
	{ "zalgo", BYTES("e" ACUTE ACUTE ACUTE ACUTE "x" ACUTE), "e" ACUTE ACUTE "<U+0301><U+0301>x" ACUTE },
	{ "a mark without a base", BYTES(ACUTE "a"), "<U+0301>a" },
	{ "a mark after an escape", BYTES("\x1b" ACUTE), "\\x1b<U+0301>" },
	{ "an enclosing mark", BYTES("a\xe2\x83\x9d"), "a\xe2\x83\x9d" },
};

static void assert_safe_form(const char *class, const char *text, size_t n, enum text_flags flags,
			     const char *expected)
{
	autofree(buf) struct buf out = BUF_INIT(100000);

	text_safe(&out, text, n, flags);
	if (strcmp(out.s, expected) != 0)
		fail_msg("%s: '%s' is not '%s'", class, out.s, expected);
}

static void hostile_text_becomes_visible(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(hostile); i++) {
		const char *class = hostile[i].class;
		bool changes = hostile[i].n != strlen(hostile[i].safe);

		assert_safe_form(class, hostile[i].text, hostile[i].n, TEXT_ONE_LINE, hostile[i].safe);
		assert_safe_form(class, hostile[i].safe, strlen(hostile[i].safe), TEXT_ONE_LINE,
				 hostile[i].safe);
		assert_true(text_is_safe(hostile[i].safe));
		assert_true(text_is_utf8(hostile[i].safe, strlen(hostile[i].safe)));
		if (!memchr(hostile[i].text, 0, hostile[i].n) && text_is_safe(hostile[i].text) == changes)
			fail_msg("%s: text_is_safe() and text_safe() disagree", class);
	}
}

/* Long texts are read by eights: wherever it stands, what is no UTF-8 is found, and what is one is not. */
static void utf8_is_told_at_every_place(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
		{ "\xc3\xa9", true },      { "\xe5\xae\x89", true },  { "\xf0\x9f\x9a\x80", true },
		{ "\x7f\x01", true },      { "\xc3", false },         { "\xff", false },
		{ "\x80", false },         { "\xc0\xaf", false },     { "\xe5\xae", false },
		{ "\xed\xa0\x80", false }, { "\xc3\xa9\xc3", false },
	};
	char text[40];

	(void)state;
	assert_true(text_is_utf8("", 0));
	for (size_t i = 0; i < countof(cases); i++)
		for (size_t n = strlen(cases[i].text); n <= sizeof(text); n++)
			for (size_t at = 0; at + strlen(cases[i].text) <= n; at++) {
				memset(text, 'a', n);
				memcpy(text + at, cases[i].text, strlen(cases[i].text));
				if (text_is_utf8(text, n) != cases[i].good)
					fail_msg("%zu at %zu of %zu", i, at, n);
			}
}

/* The table above is examples; this is every character there is, against a list of ranges written down apart. */
static bool listed_as_hostile(uint32_t cp)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0x00, 0x1f },     { 0x7f, 0x9f },       { 0xad, 0xad },       { 0x34f, 0x34f },
		{ 0x61c, 0x61c },   { 0x115f, 0x1160 },   { 0x180b, 0x180f },   { 0x200b, 0x200f },
		{ 0x2028, 0x202e }, { 0x2060, 0x206f },   { 0x3164, 0x3164 },   { 0xd800, 0xf8ff },
		{ 0xfdd0, 0xfdef }, { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },
		{ 0xfff0, 0xfffb }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff }, { 0xf0000, 0x10ffff },
	};

	if ((cp & 0xfffe) == 0xfffe)
		return true;
	for (size_t i = 0; i < countof(ranges); i++) {
		if (cp >= ranges[i].first && cp <= ranges[i].last)
			return true;
	}
	return false;
}

static size_t encode(uint32_t cp, char out[4])
{
	size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n; i-- > 1; cp >>= 6)
		out[i] = (char)(0x80 | (cp & 0x3f));
	out[0] = (char)(lead[n] | cp);
	return n;
}

static void no_character_slips_through(void **state)
{
	autofree(buf) struct buf out = BUF_INIT(64);
	char text[5] = "a";

	(void)state;
	for (uint32_t cp = 0; cp <= 0x10ffff; cp += cp >= 0x30000 && cp < 0xdff00 ? 251 : 1) {
		size_t n = 1 + encode(cp, text + 1);
		bool same;

		buf_reset(&out);
		text_safe(&out, text, n, TEXT_ONE_LINE);
		same = out.n == n && !memcmp(out.s, text, n);
		if (same && listed_as_hostile(cp))
			fail_msg("U+%04X is not neutralised", cp);
		if (!text_is_safe(out.s))
			fail_msg("U+%04X becomes '%s', which is not safe", cp, out.s);
		if (cp >= 0x20 && cp < 0x7f)
			assert_true(same);
	}
}

/* Two bytes each, in any combination, after a letter: the output is always safe, valid and stable. */
static void no_bytes_slip_through(void **state)
{
	autofree(buf) struct buf once = BUF_INIT(256), twice = BUF_INIT(256);

	(void)state;
	for (unsigned pair = 0; pair < 0x10000; pair++) {
		const char text[] = { 'a', (char)(pair >> 8), (char)pair, '\xa0', 'z' };

		buf_reset(&once);
		buf_reset(&twice);
		text_safe(&once, text, sizeof(text), TEXT_ONE_LINE);
		text_safe(&twice, once.s, once.n, TEXT_ONE_LINE);
		if (!text_is_safe(once.s) || !text_is_utf8(once.s, once.n) || strcmp(once.s, twice.s) != 0)
			fail_msg("%04x becomes '%s'", pair, once.s);
	}
}

static void flags_change_what_is_kept(void **state)
{
	(void)state;
	assert_safe_form("newlines", BYTES("a\r\n\nb"), TEXT_KEEP_NEWLINES, "a\\x0d\n\nb");
	assert_safe_form("a mark after a newline", BYTES("a\n" ACUTE), TEXT_KEEP_NEWLINES, "a\n<U+0301>");
	assert_safe_form("tabs", BYTES("\ta\t1234567\t12345678\tz"), TEXT_EXPAND_TABS,
			 "        a       1234567 12345678        z");
	assert_safe_form("tabs and cells", BYTES(WIDE "\t" E_ACUTE ACUTE "\t\x1b\tz"), TEXT_EXPAND_TABS,
			 WIDE "      " E_ACUTE ACUTE "       \\x1b    z");
	assert_safe_form("tabs per line", BYTES("abc\n\tz"), TEXT_EXPAND_TABS | TEXT_KEEP_NEWLINES,
			 "abc\n        z");
	assert_safe_form("ASCII", BYTES("caf" E_ACUTE SMILE "e" ACUTE), TEXT_ASCII,
			 "caf<U+00E9><U+1F600>e<U+0301>");
}

/* A bounded buffer holds the longest beginning, of whole characters and whole escapes. */
static void a_full_buffer_holds_a_beginning(void **state)
{
	static const char text[] = "ab\x1b" SMILE "c" E_ACUTE "defgh";
	autofree(buf) struct buf whole = BUF_INIT(100);

	(void)state;
	text_safe(&whole, text, sizeof(text) - 1, TEXT_ONE_LINE);
	for (size_t max = 0; max < whole.n; max++) {
		struct buf part = BUF_INIT(max);

		text_safe(&part, text, sizeof(text) - 1, TEXT_ONE_LINE);
		assert_true(part.over);
		assert_memory_equal(part.s, whole.s, part.n);
		assert_true(text_is_safe(part.s));
		assert_true(part.n + 4 > max);
		buf_done(&part);
	}
}

static void safe_copies_are_bounded(void **state)
{
	struct arena a = ARENA_INIT;
	char many[512];

	(void)state;
	assert_string_equal(text_safe_dup(&a, NULL, 0), "");
	assert_string_equal(text_safe_dup(&a, "plain", 0), "plain");
	assert_string_equal(text_safe_dup(&a, "plain", 3), "pla");
	assert_string_equal(text_safe_dup(&a, "a\x1b", 0), "a\\x1b");
	assert_string_equal(text_safe_dup(&a, "a" SMILE, 5), "a" SMILE);
	assert_string_equal(text_safe_dup(&a, "a" SMILE "b", 4), "a");
	assert_string_equal(text_safe_dup(&a, "a" E_ACUTE "b", 3), "a" E_ACUTE);
	assert_string_equal(text_safe_dup(&a, "\x80\x80\x80\x80\x80", 4), "\\x80\\x80\\x80\\x80");
	/* The forms that grow most. */
	memset(many, '\x01', sizeof(many));
	many[sizeof(many) - 1] = '\0';
	assert_int_equal(strlen(text_safe_dup(&a, many, 0)), 4 * (sizeof(many) - 1));
	for (size_t i = 0; i + 2 < sizeof(many); i += 2)
		memcpy(many + i, "\xc2\xad", 3);
	assert_int_equal(strlen(text_safe_dup(&a, many, 0)), 8 * strlen(many) / 2);
	arena_done(&a);
}

static void tags_that_may_be_dispatched(void **state)
{
	static const char *const good[] = { "v1.2.3", "1",         "release/2026-11-21",
					    "a+b_c",  "v1.lock.2", "v1.locked" };
	static const char *const bad[] = { "",      "-v1",   ".v1",   "/v1",     "v1 ",      "v 1",  "v..1",
					   "v//1",  "v1/",   "v1.",   "v1.lock", "a.lock/b", "a/.b", "v1\n",
					   "v\x1b", "v@{1}", "v~1",   "v^",      "v:1",      "v?",   "v*",
					   "v[1",   "v\\1",  E_ACUTE, "$(id)",   "v1;id",    "+v1",  "_v1" };
	char longest[130];

	(void)state;
	for (size_t i = 0; i < countof(good); i++) {
		if (!text_is_plain_ref(good[i]))
			fail_msg("'%s' is refused", good[i]);
	}
	for (size_t i = 0; i < countof(bad); i++) {
		if (text_is_plain_ref(bad[i]))
			fail_msg("'%s' is not refused", bad[i]);
	}
	memset(longest, 'a', sizeof(longest));
	longest[129] = '\0';
	assert_false(text_is_plain_ref(longest));
	assert_true(text_is_plain_ref(longest + 1));
}

static void widths_are_cells(void **state)
{
	static const struct {
		const char *text;
		int cells;
	} cases[] = {
		{ "", 0 },
		{ "lane", 4 },
		{ "caf" E_ACUTE, 4 },
		{ "e" ACUTE ACUTE, 1 },
		{ WIDE WIDE, 4 },
		{ "a" SMILE "b", 4 },
		{ "\xc2\xa7", 1 },
		{ "\xe2\x94\x80", 1 },
		{ "\xe2\x97\x8f", 1 }, /* ambiguous: 1 */
		{ "\xff", 1 },
		{ "\xe3\x80\x80", 2 },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		if (text_width(cases[i].text) != cases[i].cells)
			fail_msg("'%s' takes %d cells", cases[i].text, text_width(cases[i].text));
	}
}

static void characters_are_decoded_one_by_one(void **state)
{
	static const struct {
		const char *text;
		size_t bytes;
		uint32_t cp;
		int width;
	} cases[] = {
		{ "ab", 1, 'a', 1 },          { E_ACUTE, 2, 0xe9, 1 },  { ACUTE, 2, 0x301, 0 },
		{ WIDE, 3, 0x6f22, 2 },       { SMILE, 4, 0x1f600, 2 }, { "\xff", 1, 0xfffd, 1 },
		{ "\xf0\x9f", 1, 0xfffd, 1 }, { "\x1b", 1, 0xfffd, 1 }, { "\xc2\x9b", 2, 0xfffd, 1 },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		uint32_t cp;
		int width;

		assert_int_equal(text_next(cases[i].text, strlen(cases[i].text), &cp, &width),
				 cases[i].bytes);
		assert_int_equal(cp, cases[i].cp);
		assert_int_equal(width, cases[i].width);
	}
}

static void cuts_fit_the_room(void **state)
{
	static const struct {
		const char *text;
		int cells;
		const char *end, *middle;
	} cases[] = {
		{ "production", 10, "production", "production" },
		{ "production", 9, "product..", "prod..ion" },
		{ "production", 8, "produc..", "pro..ion" },
		{ "production", 4, "pr..", "p..n" },
		{ "production", 3, "p..", "p.." },
		{ "production", 2, "..", ".." },
		{ "production", 1, ".", "." },
		{ "production", 0, "", "" },
		{ "production", -1, "", "" },
		{ WIDE WIDE WIDE, 5, WIDE "..", WIDE ".." },
		{ WIDE WIDE WIDE WIDE, 6, WIDE WIDE "..", WIDE ".." WIDE },
		{ "ae" ACUTE "bcd", 4, "ae" ACUTE "..", "a..d" },
		{ "abcde" ACUTE "f", 5, "abc..", "ab..f" },
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		assert_string_equal(text_cut(&a, cases[i].text, cases[i].cells), cases[i].end);
		assert_string_equal(text_cut_middle(&a, cases[i].text, cases[i].cells), cases[i].middle);
	}
	arena_done(&a);
}

static void heads(void **state)
{
	struct arena a = ARENA_INIT;

	(void)state;
	assert_string_equal(text_head(&a, "", 0), "");
	assert_string_equal(text_head(&a, "abc", 3), "abc");
	assert_string_equal(text_head(&a, "abcd", 3), "abc..");
	assert_string_equal(text_head(&a, "a" ACUTE "b", 2), "a..");
	assert_string_equal(text_head(&a, WIDE WIDE, 5), WIDE "..");
	arena_done(&a);
}

static void globs(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} cases[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "*", "", true },
		{ "*", "anything", true },
		{ "**", "a", true },
		{ "deploy*", "deploy / prod", true },
		{ "deploy*", "redeploy", false },
		{ "*prod", "deploy / prod", true },
		{ "*prod", "production", false },
		{ "a*b*c", "aXbYbZc", true },
		{ "a*b*c", "aXbYbZ", false },
		{ "?", E_ACUTE, true },
		{ "?", "", false },
		{ "a?c", "abc", true },
		{ "a?", "abc", false },
		{ "[a]", "a", false },
		{ "Deploy", "deploy", false },
	};
	char longest[4001];

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		if (text_glob(cases[i].pattern, cases[i].text) != cases[i].matches)
			fail_msg("'%s' and '%s'", cases[i].pattern, cases[i].text);
	}
	/* No pattern makes the work grow beyond pattern times text. */
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_false(text_glob("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", longest));
}

static void small_questions(void **state)
{
	autofree(buf) struct buf b = BUF_INIT(100);

	(void)state;
	assert_true(text_eq("a", "a"));
	assert_false(text_eq("a", "b"));
	assert_true(text_eq(NULL, NULL));
	assert_false(text_eq(NULL, ""));
	assert_true(text_starts("refs/tags/v1", "refs/tags/"));
	assert_false(text_starts("refs", "refs/"));
	assert_false(text_starts(NULL, "a"));
	assert_true(text_has("Deploy PROD now", "prod"));
	assert_true(text_has("x", ""));
	assert_false(text_has("pro", "prod"));
	assert_false(text_has(NULL, "prod"));
	assert_true(text_is_hex("00ff", 4));
	assert_false(text_is_hex("00ff", 3));
	assert_false(text_is_hex("00ff", 5));
	assert_false(text_is_hex("00FF", 4));
	assert_false(text_is_hex("00fg", 4));
	assert_false(text_is_hex(NULL, 0));
	assert_true(
		text_is_sha256("sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"));
	assert_false(
		text_is_sha256("sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"));
	assert_false(
		text_is_sha256("sha512:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"));
	assert_false(text_is_sha256("sha256:"));
	assert_false(text_is_sha256(NULL));
	text_percent(&b, "a/b c?d#e%f~-._" E_ACUTE "\r\n");
	assert_string_equal(b.s, "a%2Fb%20c%3Fd%23e%25f~-._%C3%A9%0D%0A");
}

static void base64_has_padding(void **state)
{
	static const struct {
		const char *text, *coded;
	} cases[] = { { "", "" },        { "f", "Zg==" },        { "fo", "Zm8=" },
		      { "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "\xff\xfe\xfd", "//79" } };

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(buf) struct buf b = BUF_INIT(64);

		text_base64(&b, cases[i].text, strlen(cases[i].text));
		assert_string_equal(b.s, cases[i].coded);
	}
}

static void every_byte_comes_back_from_base64(void **state)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char all[1024];
	char four[] = "AAAA";

	(void)state;
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (unsigned char)(i * 167 + i / 256);
	for (size_t n = 1; n <= sizeof(all); n++) {
		autofree(buf) struct buf coded = BUF_INIT(2048), back = BUF_INIT(2048);

		text_base64(&coded, (const char *)all, n);
		assert_int_equal(coded.n, (n + 2) / 3 * 4);
		assert_true(text_unbase64(&back, coded.s, coded.n));
		assert_int_equal(back.n, n);
		assert_memory_equal(back.s, all, n);
	}
	for (int c = 0; c < 256; c++)
		for (size_t at = 0; at < 3; at++) {
			autofree(buf) struct buf back = BUF_INIT(16);

			memcpy(four, "AAAA", 4);
			four[at] = (char)c;
			assert_int_equal(text_unbase64(&back, four, 4), c && strchr(digits, c) != NULL);
		}
}

static void base64_is_read_in_one_form_only(void **state)
{
	static const struct {
		const char *text, *bytes; /* NULL: refused */
	} cases[] = {
		{ "YQ==", "a" },   { "YWI=", "ab" },     { "YWJj", "abc" },  { "AAECAw==", NULL },
		{ "YR==", NULL },  { "YWJ=", NULL },     { "YQ=", NULL },    { "Y===", NULL },
		{ "====", NULL },  { "YQ==YQ==", NULL }, { "Y Q=", NULL },   { "", NULL },
		{ "YQ\n=", NULL }, { "_-8=", NULL },     { "YWJj\n", NULL }, { "YWJjZGVm", NULL },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf out = BUF_INIT(3);

		assert_int_equal(text_unbase64(&out, cases[i].text, strlen(cases[i].text)),
				 cases[i].bytes != NULL);
		if (cases[i].bytes)
			assert_string_equal(out.s, cases[i].bytes);
		buf_done(&out);
	}
}

static void numbers_are_whole_and_within_bounds(void **state)
{
	static const struct {
		const char *text;
		int64_t min, max, value; /* -1: refused */
	} cases[] = {
		{ "0", 0, 10, 0 },
		{ "10", 0, 10, 10 },
		{ "11", 0, 10, -1 },
		{ "4", 5, 10, -1 },
		{ "9223372036854775807", 0, INT64_MAX, INT64_MAX },
		{ "9223372036854775808", 0, INT64_MAX, -1 },
		{ "99999999999999999999999", 0, INT64_MAX, -1 },
		{ "-1", INT64_MIN, INT64_MAX, -1 },
		{ "+1", 0, 10, -1 },
		{ " 1", 0, 10, -1 },
		{ "1 ", 0, 10, -1 },
		{ "1e3", 0, 10000, -1 },
		{ "0x10", 0, 100, -1 },
		{ "", 0, 10, -1 },
		{ NULL, 0, 10, -1 },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		int64_t v = -7;
		int r = text_int64(&v, cases[i].text, cases[i].min, cases[i].max);

		assert_int_equal(r, cases[i].value < 0 ? -ERR_INVALID : 0);
		assert_int_equal(v, r ? -7 : cases[i].value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_text_becomes_visible),
		cmocka_unit_test(utf8_is_told_at_every_place),
		cmocka_unit_test(no_character_slips_through),
		cmocka_unit_test(no_bytes_slip_through),
		cmocka_unit_test(flags_change_what_is_kept),
		cmocka_unit_test(a_full_buffer_holds_a_beginning),
		cmocka_unit_test(safe_copies_are_bounded),
		cmocka_unit_test(tags_that_may_be_dispatched),
		cmocka_unit_test(widths_are_cells),
		cmocka_unit_test(characters_are_decoded_one_by_one),
		cmocka_unit_test(cuts_fit_the_room),
		cmocka_unit_test(heads),
		cmocka_unit_test(globs),
		cmocka_unit_test(small_questions),
		cmocka_unit_test(base64_has_padding),
		cmocka_unit_test(every_byte_comes_back_from_base64),
		cmocka_unit_test(base64_is_read_in_one_form_only),
		cmocka_unit_test(numbers_are_whole_and_within_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
