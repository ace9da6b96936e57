/* Cells: clipping at every size, wide characters, marks that combine, and bytes that must not come through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "tui/grid.h"
#include "tui/paint.h"

#define WIDE "\345\256\211\345\205\250" /* two characters, four cells */

static const char *const strings[] = {
	"",
	"plain",
	"a much longer text than most of the small sizes here can ever hold",
	WIDE "x" WIDE,
	"e\314\201e\314\201\314\201\314\201\314\201\314\201\314\201\314\201\314\201\314\201",
	"\033[31mred\033[0m",
	"tab\there\nand\rthere\x07\x08",
	"\xc2\x9b[31m",
	"\xff\xfe\xf0\x90\x28\xbc",
	"\342\200\256rtl",
	"a\342\200\213b\357\273\277c",
};

/* Every cell is whole: a width that agrees with its text, valid UTF-8, no control character. */
static void check_grid(const struct grid *g)
{
	for (int row = 0; row < g->rows; row++)
		for (int col = 0; col < g->cols; col++) {
			const struct cell *c = grid_at(g, row, col);
			assert_true(c->role < ROLE_MAX_);
			assert_true(memchr(c->s, 0, sizeof(c->s)) != NULL);
			for (const char *p = c->s; *p; p++)
				assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
			assert_null(strstr(c->s, "\342\200")); /* U+200B to U+202E among them */
			if (c->width == 0) {
				assert_string_equal(c->s, "");
				assert_true(col > 0 && grid_at(g, row, col - 1)->width == 2);
			} else if (c->width == 2) {
				assert_true(col + 1 < g->cols && grid_at(g, row, col + 1)->width == 0);
			} else {
				assert_int_equal(c->width, 1);
			}
		}
}

static void test_sizes(void **state)
{
	(void)state;
	for (int rows = 1; rows <= 3; rows++)
		for (int cols = 1; cols <= 12; cols++) {
			struct grid g;
			grid_init(&g);
			grid_resize(&g, rows, cols);
			for (size_t i = 0; i < countof(strings); i++)
				for (int col = -4; col <= cols + 1; col++)
					for (int width = -1; width <= cols + 2; width++) {
						int used = grid_put(&g, rows - 1, col, width, ROLE_TEXT,
								    strings[i]);
						assert_true(width < 0 || used <= width);
						grid_put_right(&g, 0, col, width, ROLE_OK, strings[i]);
						check_grid(&g);
					}
			grid_put(&g, -1, 0, -1, ROLE_TEXT, "above");
			grid_put(&g, rows, 0, -1, ROLE_TEXT, "below");
			grid_rule(&g, 0, 0, cols, "title");
			grid_fill(&g, 0, cols - 1, 5, ROLE_DIM, WIDE);
			grid_wrap(&g, 0, 0, cols, rows, ROLE_TEXT, strings[2]);
			check_grid(&g);
			grid_done(&g);
		}
}

static const char *row_of(const struct grid *g, char out[256])
{
	struct buf b = BUF_INIT(255);
	paint_text(&b, g, false);
	snprintf(out, 256, "%.*s", (int)strcspn(b.s, "\n"), b.s);
	buf_done(&b);
	return out;
}

static void test_wide_is_never_halved(void **state)
{
	struct grid g;
	char row[256];
	(void)state;
	grid_init(&g);
	grid_resize(&g, 1, 8);
	assert_int_equal(grid_put(&g, 0, 0, 3, ROLE_TEXT, WIDE), 2);
	assert_string_equal(row_of(&g, row), "\345\256\211");
	grid_put(&g, 0, 0, -1, ROLE_TEXT, WIDE);
	grid_put(&g, 0, 1, 1, ROLE_TEXT, "x"); /* over the right half: the left becomes a blank */
	assert_string_equal(row_of(&g, row), " x\345\205\250");
	grid_clear(&g);
	grid_put(&g, 0, 0, -1, ROLE_TEXT, WIDE);
	grid_put(&g, 0, 0, 1, ROLE_TEXT, "y");
	assert_string_equal(row_of(&g, row), "y \345\205\250");
	check_grid(&g);
	grid_done(&g);
}

static void test_marks_join_their_cell(void **state)
{
	struct grid g;
	(void)state;
	grid_init(&g);
	grid_resize(&g, 1, 4);
	assert_int_equal(grid_put(&g, 0, 0, -1, ROLE_TEXT, "e\314\201x"), 2);
	assert_string_equal(grid_at(&g, 0, 0)->s, "e\314\201");
	assert_string_equal(grid_at(&g, 0, 1)->s, "x");
	grid_put(&g, 0, 0, -1, ROLE_TEXT, "\314\201"); /* nothing before it: nothing happens */
	check_grid(&g);
	grid_done(&g);
}

static void test_ascii(void **state)
{
	struct grid g;
	char row[256];
	(void)state;
	grid_init(&g);
	g.ascii = true;
	grid_resize(&g, 1, 12);
	grid_put(&g, 0, 0, -1, ROLE_TEXT, "a\303\251e\314\201" WIDE "z");
	assert_string_equal(row_of(&g, row), "a?e????z");
	check_grid(&g);
	grid_done(&g);
}

static void test_wrap_at_blanks(void **state)
{
	struct grid g;
	char row[256];
	(void)state;
	grid_init(&g);
	grid_resize(&g, 3, 10);
	assert_int_equal(grid_wrap(&g, 0, 0, 10, 3, ROLE_TEXT, "one two three"), 2);
	assert_string_equal(row_of(&g, row), "one two");
	grid_clear(&g);
	assert_int_equal(grid_wrap(&g, 0, 0, 10, 2, ROLE_TEXT, "abcdefghijklmnopqrstuvwxyz"), 2);
	assert_string_equal(row_of(&g, row), "abcdefghij");
	grid_done(&g);
}

static void test_fill_and_right(void **state)
{
	struct grid g;
	char row[256];
	(void)state;
	grid_init(&g);
	grid_resize(&g, 1, 10);
	grid_fill(&g, 0, 2, 6, ROLE_TITLE, "ab");
	assert_int_equal(grid_at(&g, 0, 7)->role, ROLE_TITLE);
	assert_int_equal(grid_at(&g, 0, 8)->role, ROLE_TEXT);
	grid_put_right(&g, 0, 0, 10, ROLE_TEXT, "zz");
	assert_string_equal(row_of(&g, row), "  ab    zz");
	grid_done(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_wide_is_never_halved),
		cmocka_unit_test(test_marks_join_their_cell),
		cmocka_unit_test(test_ascii),
		cmocka_unit_test(test_wrap_at_blanks),
		cmocka_unit_test(test_fill_and_right),
	};
	return cmocka_run_group_tests_name("grid", tests, NULL, NULL);
}
