/*
 * test_encoder.c - the encoder that programs are measured against says the truth: what it writes makes the one screen of
 * the other, and it is as short as a person would write it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/bench/encoder.h"

static uint32_t seed = 7;

static uint32_t any(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static void must_be_same(const struct picture *is, const struct picture *should, const struct buf *bytes)
{
	for (int i = 0; i < should->rows * should->cols; i++) {
		const struct spot *a = &is->spots[i], *b = &should->spots[i];
		if (memcmp(a, b, sizeof(*a)) == 0)
			continue;
		for (size_t k = 0; k < bytes->n; k++)
			fprintf(stderr, bytes->s[k] < ' ' && bytes->s[k] > 0 ? "<%d>" : "%c", bytes->s[k]);
		fail_msg("row %d, column %d is \"%s\" %x %d %d, not \"%s\" %x %d %d", i / should->cols,
			 i % should->cols, a->s, a->look.bits, a->look.fg, a->look.bg, b->s, b->look.bits,
			 b->look.fg, b->look.bg);
	}
}

/* Writes `first` on an empty terminal and `second` on that; what the encoder makes of the first must be the second. The
 * number of its bytes. */
static size_t replay(const char *first, const char *second, unsigned has, int rows, int cols, struct buf *out)
{
	struct screen *ours = screen_new(rows, cols), *theirs = screen_new(rows, cols);
	struct picture from = { 0 }, to = { 0 }, is = { 0 };

	screen_feed(ours, first, strlen(first));
	screen_feed(theirs, first, strlen(first));
	screen_take(ours, &from);
	screen_feed(ours, second, strlen(second));
	screen_take(ours, &to);
	encode(&from, &to, has, out);
	screen_feed(theirs, out->s, out->n);
	screen_take(theirs, &is);
	must_be_same(&is, &to, out);
	assert_int_equal(is.cursor, to.cursor);
	if (to.cursor) {
		assert_int_equal(is.row, to.row);
		assert_int_equal(is.col, to.col);
	}
	picture_done(&from);
	picture_done(&to);
	picture_done(&is);
	screen_free(ours);
	screen_free(theirs);
	return out->n;
}

#define WIDE "\u6f22"

/* What a program may have written: text with looks, moves, erasures, scrolls. */
static void add_noise(struct buf *b, int rows, int cols)
{
	static const char *const looks[] = { "\033[m",   "\033[1m",  "\033[2;31m",       "\033[7m",
					     "\033[22m", "\033[42m", "\033[38;5;2;4m",   "\033[94;3m",
					     "\033[9m",  "\033[27m", "\033[48;2;9;8;7m", "\033[0;1;39m" };
	static const char *const words[] = { "easy/prod", "   ", "\u00e9t\u00e9", "\u2588\u2588\u2588\u2588",
					     "--------",  "FAIL" };
	static const char *const others[] = { "\033[K", "\033[1K", "\033[J",    "\033[3X",
					      "\033[S", "\033[T",  "\033[?25l", "\033[?25h" };

	for (uint32_t n = any(12); n > 0; n--) {
		if (any(3))
			buf_fmt(b, "\033[%u;%uH", any((uint32_t)rows) + 1, any((uint32_t)cols) + 1);
		if (any(2))
			buf_str(b, looks[any(countof(looks))]);
		buf_str(b, any(4) ? words[any(countof(words))] : others[any(countof(others))]);
	}
	if (any(3) == 0)
		buf_fmt(b, "\033[m\033[%u;1H\033[K\033[32m" WIDE " e\u0301" WIDE, any((uint32_t)rows) + 1);
}

static void test_any_screen_of_any_other(void **state)
{
	static const unsigned terminals[] = { HAS_XTERM, 0, HAS_SCROLL, HAS_REP | HAS_ECH };
	struct buf first = BUF_INIT(65536), second = BUF_INIT(65536), out = BUF_INIT(65536);

	(void)state;
	for (int i = 0; i < 600; i++) {
		int rows = 2 + (int)any(8), cols = 8 + (int)any(30);
		buf_reset(&first);
		buf_reset(&second);
		buf_reset(&out);
		add_noise(&first, rows, cols);
		if (strstr(first.s, WIDE)) /* or half of it stays, which nobody can write */
			buf_str(&second, "\033[m\033[2J");
		add_noise(&second, rows, cols);
		replay(first.s, second.s, terminals[i % 4], rows, cols, &out);
	}
	buf_done(&first);
	buf_done(&second);
	buf_done(&out);
}

#define TABLE "\033[?25l\033[Hhead\033[2;1Hone\033[3;1Htwo\033[4;1Hthree\033[5;1Hfour\033[6;1Hkeys\033[H"

static const struct {
	const char *what, *first, *second, *bytes;
} shortest[] = {
	{ "nothing", "abc", "", "" },
	{ "a letter under the cursor", "\033[?25l\033[Habc\033[H", "x", "x" },
	{ "a letter further on", "\033[?25l\033[Habcdef\033[H", "\033[5Gx", "\033[5Gx" },
	{ "two near each other: between them is written", "\033[?25l\033[Habcdef\033[H", "xbxd", "xbx" },
	{ "a marker moves", TABLE "*", "\033[H \033[2;1H*", "\b \r\n*" },
	{ "the end of a line", "\033[?25l\033[Habcdefghi\033[H", "ab\033[K", "\033[3G\033[K" },
	{ "a bar", "\033[?25l", "--------------------", "-\033[19b" },
	{ "all empty", TABLE, "\033[2J", "\033[J" },
	{ "green", "\033[?25l", "\033[32mok\033[m", "\033[32mok" },
	{ "what is bold is rewritten plain", "\033[?25l\033[1mok", "\033[m\rok", "\033[m\rok" },
	{ "a list moves", TABLE, "\033[2;5r\033[S\033[r\033[5;1Hfive",
	  "\033[2;5r\033[1S\033[1;6r\033[5dfive" },
};

static void test_shortest(void **state)
{
	struct buf out = BUF_INIT(65536);

	(void)state;
	for (size_t i = 0; i < countof(shortest); i++) {
		buf_reset(&out);
		size_t n = replay(shortest[i].first, shortest[i].second, HAS_XTERM, 6, 40, &out);
		if (n > strlen(shortest[i].bytes)) {
			for (size_t k = 0; k < out.n; k++)
				fprintf(stderr, out.s[k] < ' ' ? "^%d " : "%c", out.s[k]);
			fail_msg("%s: %zu bytes, a person needs %zu", shortest[i].what, n,
				 strlen(shortest[i].bytes));
		}
	}
	buf_done(&out);
}

/* Faint letters reach the eye although libvterm has none. */
static void test_faint_is_seen(void **state)
{
	static const char *const faint[] = { "\033[2ma", "\033[0;2ma", "\033[1;2ma", "\033[38;5;2m\033[2ma" };
	static const char *const not_faint[] = { "\033[2;22ma", "\033[38;5;2ma", "\033[48;2;2;2;2ma",
						 "\033[2m\033[ma" };

	(void)state;
	for (size_t i = 0; i < countof(faint) + countof(not_faint); i++) {
		bool wanted = i < countof(faint);
		const char *bytes = wanted ? faint[i] : not_faint[i - countof(faint)];
		struct screen *s = screen_new(2, 10);
		struct picture p = { 0 };
		screen_feed(s, bytes, strlen(bytes));
		screen_take(s, &p);
		assert_string_equal(p.spots[0].s, "a");
		assert_int_equal(!!(p.spots[0].look.bits & LOOK_FAINT), wanted);
		picture_done(&p);
		screen_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_screen_of_any_other),
		cmocka_unit_test(test_shortest),
		cmocka_unit_test(test_faint_is_seen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
