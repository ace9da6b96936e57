#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static void assert_text(const struct buf *b, const char *expected)
{
	assert_non_null(b->s);
	assert_int_equal(b->n, strlen(expected));
	assert_string_equal(b->s, expected);
}

static void is_a_string_before_the_first_append(void **state)
{
	struct buf b = BUF_INIT(10);

	(void)state;
	assert_text(&b, "");
	buf_add(&b, NULL, 0);
	buf_str(&b, NULL);
	buf_cut(&b, 0);
	buf_shift(&b, 3);
	buf_reset(&b);
	assert_text(&b, "");
	assert_int_equal(b.cap, 0);
	buf_done(&b);
	buf_done(&b);
}

static void appends_in_every_way(void **state)
{
	autofree(buf) struct buf b = BUF_INIT(1000);

	(void)state;
	buf_str(&b, "ab");
	buf_chr(&b, 'c');
	buf_fill(&b, '-', 3);
	buf_fmt(&b, "%d%s", 42, "x");
	buf_add(&b, "yzw", 2);
	assert_text(&b, "abc---42xyz");
	buf_cut(&b, 100);
	buf_cut(&b, 6);
	assert_text(&b, "abc---");
	buf_shift(&b, 2);
	assert_text(&b, "c---");
	buf_shift(&b, 100);
	assert_text(&b, "");
	assert_false(b.over);
}

static void refuses_what_would_pass_its_maximum(void **state)
{
	autofree(buf) struct buf b = BUF_INIT(5);

	(void)state;
	buf_str(&b, "12345");
	assert_false(b.over);
	buf_chr(&b, '6');
	assert_true(b.over);
	assert_text(&b, "12345");

	buf_reset(&b);
	assert_false(b.over);
	buf_str(&b, "123");
	buf_str(&b, "456");
	assert_text(&b, "123");
	buf_chr(&b, '4'); /* would fit, but the text would have a hole */
	assert_text(&b, "123");
	assert_true(b.over);

	buf_reset(&b);
	buf_fmt(&b, "%06d", 1);
	assert_text(&b, "");
	assert_true(b.over);
	buf_reset(&b);
	buf_fill(&b, 'x', SIZE_MAX);
	assert_true(b.over);
}

static void grows_byte_by_byte(void **state)
{
	autofree(buf) struct buf b = BUF_INIT(5000);

	(void)state;
	for (int i = 0; i < 5000; i++) {
		buf_chr(&b, (char)('a' + i % 26));
		assert_int_equal(b.s[b.n], 0);
	}
	assert_false(b.over);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(b.s[i], 'a' + i % 26);
}

static void detached_text_belongs_to_the_caller(void **state)
{
	struct buf b = BUF_INIT(100);
	char *s;

	(void)state;
	s = buf_detach(&b);
	assert_string_equal(s, "");
	free(s);
	buf_str(&b, "mine");
	s = buf_detach(&b);
	assert_string_equal(s, "mine");
	free(s);
	assert_text(&b, "");
	assert_int_equal(b.max, 100);
	buf_str(&b, "again");
	assert_text(&b, "again");
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_a_string_before_the_first_append), cmocka_unit_test(appends_in_every_way),
		cmocka_unit_test(refuses_what_would_pass_its_maximum), cmocka_unit_test(grows_byte_by_byte),
		cmocka_unit_test(detached_text_belongs_to_the_caller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
