/* What stands in a sheet can be read to its end, however wide the terminal was when it was laid out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "tui/screens/lines.h"

static const char LONG[] =
	"error: the module of the enclave that was built yesterday has another measurement";

static struct lines three_lines(struct arena *a)
{
	struct lines v = { 0 };

	*vec_push(&v, a) = (struct line){ .text = "-- step 1", .role = ROLE_HEAD, .indent = -1 };
	*vec_push(&v, a) = (struct line){ .text = LONG,
					  .role = ROLE_FAIL,
					  .indent = 2,
					  .mark = "BAD",
					  .mark_role = ROLE_FAIL,
					  .right = "now" };
	*vec_push(&v, a) = (struct line){ .text = "the end", .role = ROLE_TEXT };
	return v;
}

static void all_of_it_is_there_at_every_width(void **state)
{
	(void)state;
	for (int cols = 30; cols < 120; cols++) {
		struct arena a = ARENA_INIT;
		struct buf all = BUF_INIT(4096);
		struct lines v = three_lines(&a);
		int top = 2;

		sheet_fit(&v, cols, &top, &a);
		assert_string_equal(v.items[top].text, "the end");
		assert_string_equal(v.items[1].mark, "BAD");
		for (size_t i = 1; i + 1 < v.n; i++) {
			if (v.items[i].role == ROLE_DIM) /* what had no room at the right end */
				continue;
			assert_int_equal(v.items[i].goes_on, i > 1);
			assert_int_equal(v.items[i].role, ROLE_FAIL);
			assert_true(text_width(v.items[i].text) + v.items[i].indent + 2 <= cols);
			buf_str(&all, v.items[i].text);
		}
		for (const char *c = LONG, *s = all.s; *c; c++) /* blanks may go where it is broken */
			if (*c != ' ') {
				while (*s == ' ')
					s++;
				assert_int_equal(*s++, *c);
			}
		buf_done(&all);
		arena_done(&a);
	}
}

/* How often words stand at a right end that has room for them, or on a line of their own. */
static int seen_right(const struct lines *v, const char *words, int cols)
{
	int n = 0;

	for (size_t i = 0; i < v->n; i++) {
		const struct line *l = &v->items[i];
		int at = l->indent + (l->mark ? text_width(l->mark) + 1 : 0);

		n += l->role == ROLE_DIM && text_eq(l->text, words);
		n += text_eq(l->right, words) && at + text_width(l->text) + 2 + text_width(words) <= cols - 2;
	}
	return n;
}

/* Of what a decision rests on, its age and who says it are as much as the words on the left. */
static void what_stands_at_the_right_is_not_lost(void **state)
{
	(void)state;
	for (int cols = 24; cols < 120; cols++) {
		struct arena a = ARENA_INIT;
		struct lines v = { 0 };
		int top = 0;

		line_marked(&v, 2, "BAD", ROLE_FAIL, ROLE_TEXT, LONG, 90, &a)->right = "forge, 4s old";
		line_add(&v, ROLE_TEXT, "the end", &a)->right = "1 of 2";
		sheet_fit(&v, cols, &top, &a);
		assert_int_equal(seen_right(&v, "forge, 4s old", cols), 1);
		assert_int_equal(seen_right(&v, "1 of 2", cols), 1);
		sheet_fit(&v, 24, &top, &a); /* and made narrow once more */
		assert_int_equal(seen_right(&v, "forge, 4s old", 24), 1);
		assert_string_equal(v.items[0].mark, "BAD");
		arena_done(&a);
	}
}

/* A terminal that is made smaller and larger all day costs no line. */
static void what_fits_is_left_alone(void **state)
{
	struct arena a = ARENA_INIT;
	struct lines v = three_lines(&a);
	const struct line *items = v.items;
	int top = 1;

	(void)state;
	sheet_fit(&v, 200, &top, &a);
	assert_ptr_equal(v.items, items);
	sheet_fit(&v, 5, &top, &a); /* a column of letters is nobody's reading */
	assert_int_equal(v.n, 3);
	assert_int_equal(top, 1);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it_is_there_at_every_width),
		cmocka_unit_test(what_stands_at_the_right_is_not_lost),
		cmocka_unit_test(what_fits_is_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
