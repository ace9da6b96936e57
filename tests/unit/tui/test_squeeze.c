#include "tui/squeeze.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

#define E "\033"

static void check(const char *in, const char *out)
{
	char s[256];
	size_t n = strlen(in);

	assert_true(n < sizeof(s));
	memcpy(s, in, n);
	n = squeeze(s, n);
	if (n != strlen(out) || memcmp(s, out, n) != 0)
		fail_msg("%s became %.*s, not %s", in + 1, (int)n, s, out);
}

static void test_looks(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "", "" },
		{ "plain words", "plain words" },
		/* as xterm's description has them: dim, plain, dim again */
		{ E "(B" E "[0;2mone" E "(B" E "[m two " E "(B" E "[0;2mthree" E "[m",
		  E "[0;2mone" E "[m two " E "[2mthree" E "[m" },
		/* as screen's: a colour is taken back, then everything */
		{ E "[m" E "[31mred" E "[39m" E "[m\017 not", E "[0;31mred" E "[m not" },
		/* a look waits for something to be drawn, over moves of the cursor */
		{ E "[0;2mone" E "[m" E "[5;3H" E "[0;2mtwo" E "[m\r\b" E "[7G" E "[0;2mthree",
		  E "[0;2mone" E "[5;3Htwo\r\b" E "[7Gthree" },
		/* and what is erased is drawn */
		{ E "[0;7mone" E "[m" E "[K" E "[0;7mtwo", E "[0;7mone" E "[m" E "[K" E "[7mtwo" },
		/* more of a look is added, another one begins anew */
		{ E "[0;1ma" E "[31mb" E "[0;2mc", E "[0;1ma" E "[31mb" E "[0;2mc" },
		/* nothing is known of the frame before until a reset */
		{ E "[31m" E "[1mx" E "[my", E "[31m" E "[1mx" E "[my" },
		/* the next frame goes on from what stood at the end */
		{ E "[0;1mx" E "[m", E "[0;1mx" E "[m" },
		/* 01 is bold, 00 is not known by name */
		{ E "[mx" E "[01my" E "[00mz", E "[mx" E "[01my" E "[00mz" },
		/* what is not known by name stays, and so does what is cut */
		{ E "[?25l" E ")0" E "[2J" E "(0x", E "[?25l" E ")0" E "[2J" E "(0x" },
		{ "x" E, "x" E },
		{ "x" E "[", "x" E "[" },
		{ "x" E "[0;3", "x" E "[0;3" },
		{ "x" E "(", "x" E "(" },
		{ "\017", "" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		check(cases[i].in, cases[i].out);
}

/* What a terminal would show: each byte that is no look, with the look that it stands in; moves stand in none. */
static void show(struct buf *out, const char *s, size_t n)
{
	static const char *const moves[] = { E "[2;3H", "\r" };
	char look[512] = "?";

	for (size_t at = 0; at < n;) {
		const char *end = s[at] == '\033' && s[at + 1] == '[' ? memchr(s + at, 'm', n - at) : NULL;
		size_t len = 1;
		bool move = false;

		for (size_t i = 0; i < countof(moves); i++)
			if (n - at >= strlen(moves[i]) && !memcmp(s + at, moves[i], strlen(moves[i]))) {
				move = true;
				len = strlen(moves[i]);
			}
		if (!move && end) {
			len = (size_t)(end - (s + at)) + 1;
			if (len == 3 || s[at + 2] == '0')
				*look = 0;
			if (len > 4 && s[at + 2] == '0')
				snprintf(look, sizeof(look), ";%.*s", (int)len - 5, s + at + 4);
			else if (len > 3 && s[at + 2] != '0')
				snprintf(look + strlen(look), sizeof(look) - strlen(look), ";%.*s",
					 (int)len - 3, s + at + 2);
		} else {
			buf_fmt(out, "%.*s<%s>", (int)len, s + at, move ? "" : look);
		}
		at += len;
	}
	buf_fmt(out, "and then <%s>", look);
}

/* Any order of them: the same is seen, in no more bytes. */
static void test_any_order(void **state)
{
	static const char *const parts[] = {
		E "[m",    E "[0m",
		E "[0;2m", E "[0;1;31m",
		E "[31m",  E "[39m",
		E "[2;3H", "\r",
		"a",       "bc",
		"\017",    E "(B",
		E "[1m",   E "[0;11111111111111111111111111111111111111111111111111m"
	};
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct buf in = BUF_INIT(4096), before = BUF_INIT(1 << 16), after = BUF_INIT(1 << 16),
			   bare = BUF_INIT(4096);
		size_t n;

		for (int i = 0; i < 12; i++) {
			seed = seed * 1664525 + 1013904223;
			const char *part = parts[(seed >> 16) % countof(parts)];
			buf_str(&in, part);
			if (strcmp(part, "\017") != 0 && strcmp(part, E "(B") != 0)
				buf_str(&bare, part);
		}
		show(&before, bare.s, bare.n);
		n = squeeze(in.s, in.n);
		assert_true(n <= in.n);
		show(&after, in.s, n);
		if (strcmp(before.s, after.s) != 0)
			fail_msg("%s is seen as %s", before.s, after.s);
		buf_done(&in);
		buf_done(&bare);
		buf_done(&before);
		buf_done(&after);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_looks),
						   cmocka_unit_test(test_any_order) };

	return cmocka_run_group_tests_name("squeeze", tests, NULL, NULL);
}
