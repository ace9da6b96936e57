/* The selection follows the item when rows move under it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tui/list.h"

static const char *name_at(const void *rows, int i, char out[160])
{
	(void)out;
	return ((const char *const *)rows)[i];
}

static void test_follows(void **state)
{
	static const char *const before[] = { "a", "b", "c", "d" }, *const after[] = { "d", "c", "a", "b" };
	struct list l = { .id = "" };
	(void)state;
	list_follow(&l, before, 4, name_at);
	assert_string_equal(l.id, "a");
	list_move(&l, 2, before, 4, name_at);
	assert_string_equal(l.id, "c");
	list_follow(&l, after, 4, name_at);
	assert_int_equal(l.cursor, 1);
	assert_string_equal(l.id, "c");
}

/* Columns keep their width while the cursor moves, and are measured again when rows come. */
static void test_measures_new_rows(void **state)
{
	static const char *const rows[] = { "a", "b" };
	struct list l = { .measured = true };
	(void)state;
	list_move(&l, 1, rows, 2, name_at);
	assert_true(l.measured);
	list_follow(&l, rows, 2, name_at);
	assert_false(l.measured);
}

static void test_item_gone(void **state)
{
	static const char *const before[] = { "a", "b", "c" }, *const after[] = { "a", "b" };
	struct list l = { .id = "" };
	(void)state;
	list_move(&l, 2, before, 3, name_at);
	assert_string_equal(l.id, "c");
	list_follow(&l, after, 2, name_at);
	assert_int_equal(l.cursor, 1);
	assert_string_equal(l.id, "b");
	list_follow(&l, NULL, 0, name_at); /* nothing there for a moment */
	assert_int_equal(l.cursor, 0);
	list_follow(&l, before, 3, name_at); /* and it is found again */
	assert_string_equal(l.id, "b");
	assert_int_equal(l.cursor, 1);
}

static void test_move_stays_inside(void **state)
{
	static const char *const rows[] = { "a", "b", "c" };
	static const struct {
		int by, at;
	} steps[] = { { 1, 1 }, { 5, 2 }, { -1, 1 }, { -9, 0 }, { 1000000, 2 }, { -1000000, 0 } };
	struct list l = { .id = "" };
	(void)state;
	list_follow(&l, rows, 3, name_at);
	for (size_t i = 0; i < countof(steps); i++) {
		list_move(&l, steps[i].by, rows, 3, name_at);
		assert_int_equal(l.cursor, steps[i].at);
	}
	list_move(&l, 1, NULL, 0, name_at);
	assert_int_equal(l.cursor, 0);
}

static void test_scroll(void **state)
{
	(void)state;
	for (int n = 0; n < 40; n++)
		for (int height = 0; height < 12; height++)
			for (int cursor = 0; cursor < n; cursor++) {
				struct list l = { .cursor = cursor, .top = (cursor * 7) % 40 };
				int top = list_scroll(&l, n, height), h = height < 1 ? 1 : height;
				assert_true(top >= 0);
				assert_true(cursor >= top && cursor < top + h);
				assert_true(top == 0 || top + h <= n); /* no empty rows at the end */
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_follows),   cmocka_unit_test(test_measures_new_rows),
		cmocka_unit_test(test_item_gone), cmocka_unit_test(test_move_stays_inside),
		cmocka_unit_test(test_scroll),
	};
	return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
