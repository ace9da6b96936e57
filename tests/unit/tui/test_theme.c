/* Themes: every role has a style, wrong files are named by line, and without colours every state is still told apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/model/model.h"
#include "tui/frame.h"
#include "tui/screens/screens.h"
#include "tui/theme.h"

static const char *const built_in[] = { "dark", "light", "mono" };

static void test_built_in(void **state)
{
	struct arena a = ARENA_INIT;
	(void)state;
	for (size_t i = 0; i < countof(built_in); i++) {
		struct theme t;
		struct err e = ERR_INIT;
		if (theme_load(&t, built_in[i], &a, &e) < 0)
			fail_msg("%s: %s", built_in[i], e.message);
		assert_string_equal(t.name, built_in[i]);
		for (int role = 0; role < ROLE_MAX_; role++) {
			assert_in_range(t.styles[role].colour + 1, 0, 8);
			assert_in_range(t.styles[role].bits, 0, 15);
		}
		/* what shouts must not look like text in any theme */
		static const enum role loud[] = { ROLE_FAIL,  ROLE_WAIT,  ROLE_UNKN,
						  ROLE_DRILL, ROLE_ALARM, ROLE_PROD };
		for (size_t k = 0; k < countof(loud); k++)
			assert_true(t.styles[loud[k]].bits || t.styles[loud[k]].colour >= 0);
		assert_true(t.styles[ROLE_ALARM].bits & STYLE_REVERSE);
	}
	arena_done(&a);
}

static void test_names_and_letters(void **state)
{
	(void)state;
	assert_int_equal(strlen(role_letters), ROLE_MAX_);
	for (int i = 0; i < ROLE_MAX_; i++) {
		assert_non_null(role_names[i]);
		assert_ptr_equal(strchr(role_letters, role_letters[i]), &role_letters[i]);
	}
}

static void test_mono_has_no_colour(void **state)
{
	struct arena a = ARENA_INIT;
	struct theme t;
	(void)state;
	for (size_t i = 0; i < countof(built_in); i++) {
		assert_int_equal(theme_load(&t, built_in[i], &a, NULL), 0);
		theme_drop_colours(&t);
		for (int role = 0; role < ROLE_MAX_; role++)
			assert_int_equal(t.styles[role].colour, -1);
	}
	assert_int_equal(theme_load(&t, "mono", &a, NULL), 0);
	for (int role = 0; role < ROLE_MAX_; role++)
		assert_int_equal(t.styles[role].colour, -1);
	arena_done(&a);
}

/* The row of a lane in each state, as cells without any role: no two alike. */
static void test_states_are_words(void **state)
{
	char rows[LANE_OK + 1][81];
	(void)state;
	for (int s = LANE_FAIL; s <= LANE_OK; s++) {
		struct lane_row lane = { .name = "easy/prod",
					 .state = (enum lane_state)s,
					 .judged = (enum lane_state)s,
					 .live = "v1",
					 .next = "",
					 .progress = "",
					 .since = "1m",
					 .unsettled = "",
					 .back = "",
					 .back_target = "",
					 .back_took = "",
					 .freeze = "",
					 .drift = "",
					 .lock = "",
					 .lock_reason = "",
					 .alarm = "",
					 .alarm_kind = "",
					 .again = "" };
		struct lane_rows v = { .items = &lane, .n = 1 };
		struct list l = { .id = "" };
		struct grid g;
		grid_init(&g);
		grid_resize(&g, 3, 80);
		screen_lanes(&g, (struct rect){ 0, 0, 3, 80 }, &v, &l);
		for (int col = 0; col < 80; col++)
			rows[s][col] = grid_at(&g, 1, col)->s[0];
		rows[s][80] = 0;
		assert_non_null(strstr(rows[s], names_word(&lane_state_names, s)));
		for (int other = LANE_FAIL; other < s; other++) {
			assert_string_not_equal(rows[s], rows[other]);
			assert_int_not_equal(rows[s][1], rows[other][1]); /* the glyph alone tells, too */
		}
		grid_done(&g);
	}
}

static const struct {
	const char *text, *message;
} bad[] = {
	{ "roles: { fail: purple }", "purple" },
	{ "roles: { failed: red }", "failed" },
	{ "roles:\n  fail: [red]\n", "fail" },
	{ "colours: { fail: red }", "colours" },
	{ "roles: {", "" },
};

static void test_bad_files(void **state)
{
	struct arena a = ARENA_INIT;
	(void)state;
	for (size_t i = 0; i < countof(bad); i++) {
		struct theme t;
		struct err e = ERR_INIT;
		assert_int_equal(theme_load(&t, "dark", &a, &e), 0);
		assert_true(theme_parse(&t, "dusk.yml", bad[i].text, strlen(bad[i].text), &a, &e) < 0);
		if (!strstr(e.message, "dusk.yml") || !strstr(e.message, bad[i].message))
			fail_msg("row %zu: %s", i, e.message);
	}
	arena_done(&a);
}

static void test_partial_file(void **state)
{
	static const char text[] = "name: dusk\nroles: { fail: bold underline magenta, ok: default }\n";
	struct arena a = ARENA_INIT;
	struct theme t, dark;
	struct err e = ERR_INIT;
	(void)state;
	assert_int_equal(theme_load(&dark, NULL, &a, &e), 0);
	assert_int_equal(theme_load(&t, "dark", &a, &e), 0);
	assert_int_equal(theme_parse(&t, "dusk.yml", text, sizeof(text) - 1, &a, &e), 0);
	assert_string_equal(t.name, "dusk");
	assert_int_equal(t.styles[ROLE_FAIL].colour, 5);
	assert_int_equal(t.styles[ROLE_FAIL].bits, STYLE_BOLD | STYLE_UNDERLINE);
	assert_int_equal(t.styles[ROLE_OK].colour, -1);
	assert_memory_equal(&t.styles[ROLE_WAIT], &dark.styles[ROLE_WAIT], sizeof(struct style));
	assert_true(theme_load(&t, "no-such-theme", &a, &e) < 0);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_built_in),           cmocka_unit_test(test_names_and_letters),
		cmocka_unit_test(test_mono_has_no_colour), cmocka_unit_test(test_states_are_words),
		cmocka_unit_test(test_bad_files),          cmocka_unit_test(test_partial_file),
	};
	return cmocka_run_group_tests_name("theme", tests, NULL, NULL);
}
