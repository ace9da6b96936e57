#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/adapters/snappy/snappy.h"

/* Made by hand after the format's description: a length, then literals and copies. */
static const struct {
	const char *what, *packed;
	size_t packed_n;
	const char *text; /* NULL: refused */
	enum err_kind kind;
} cases[] = {
	{ "nothing", "\x00", 1, "", 0 },
	{ "a literal",
	  "\x03\x08"
	  "abc",
	  5, "abc", 0 },
	{ "a copy that overlaps itself",
	  "\x08\x00"
	  "a\x0d\x01",
	  5, "aaaaaaaa", 0 },
	{ "no bytes at all", "", 0, NULL, ERR_CORRUPT },
	{ "a length without end", "\xff\xff\xff\xff\xff\xff", 6, NULL, ERR_CORRUPT },
	{ "4 GiB", "\xff\xff\xff\xff\x0f", 5, NULL, ERR_INVALID },
	{ "one byte too many", "\x11\x40", 2, NULL, ERR_INVALID },
	{ "less than it says",
	  "\x04\x08"
	  "abc",
	  5, NULL, ERR_CORRUPT },
	{ "more than it says",
	  "\x02\x08"
	  "abc",
	  5, NULL, ERR_CORRUPT },
	{ "a copy of what is before the beginning",
	  "\x08\x00"
	  "a\x0d\x02",
	  5, NULL, ERR_CORRUPT },
	{ "a copy of itself",
	  "\x08\x00"
	  "a\x0d\x00",
	  5, NULL, ERR_CORRUPT },
	{ "JSON", "{\"a\":1}", 7, NULL, ERR_INVALID },
};

static void test_unpack(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf out = BUF_INIT(16);
		struct err e = ERR_INIT;
		int r = snappy_unpack(&out, cases[i].packed, cases[i].packed_n, &e);

		if (e.kind != cases[i].kind)
			fail_msg("%s: %s", cases[i].what, e.message);
		assert_int_equal(r, -(int)cases[i].kind);
		assert_string_equal(out.s, cases[i].text ? cases[i].text : "");
		assert_false(out.over);
		buf_done(&out);
	}
}

/* What is there already counts, and stays. */
static void test_append(void **state maybe_unused)
{
	struct buf out = BUF_INIT(5);
	struct err e = ERR_INIT;

	buf_str(&out, "xyz");
	assert_int_equal(snappy_unpack(&out,
				       "\x03\x08"
				       "abc",
				       5, &e),
			 -ERR_INVALID);
	assert_string_equal(out.s, "xyz");
	assert_int_equal(snappy_unpack(&out,
				       "\x02\x04"
				       "ab",
				       4, NULL),
			 0);
	assert_string_equal(out.s, "xyzab");
	buf_done(&out);
}

static void test_there_and_back(void **state maybe_unused)
{
	static char text[100000];
	struct buf packed = BUF_INIT(1 << 20), out = BUF_INIT(sizeof(text));

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * i % 251);
	snappy_pack(&packed, text, sizeof(text));
	assert_true(packed.n < sizeof(text) / 2);
	assert_int_equal(snappy_unpack(&out, packed.s, packed.n, NULL), 0);
	assert_int_equal(out.n, sizeof(text));
	assert_memory_equal(out.s, text, sizeof(text));
	buf_done(&packed);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unpack),
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
