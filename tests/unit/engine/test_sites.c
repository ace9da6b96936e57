/* Where a running system is asked: only of lanes that exist, only over https, or on this machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/text.h"
#include "core/engine/options.h"
#include "tests/folder.h"

static void a_site_is_a_url_of_a_lane(void **state)
{
	static const struct {
		const char *lane, *url;
		const char *kept; /* NULL: refused */
	} rows[] = {
		{ "easy/prod", "https://app.example.org", "https://app.example.org" },
		{ "easy/prod", "https://app.example.org/api//", "https://app.example.org/api" },
		{ "easy/prod", "http://127.0.0.1:8080", "http://127.0.0.1:8080" },
		{ "easy/prod", "http://[::1]/x", "http://[::1]/x" },
		{ "easy/prod", "http://127.0.0.1", "http://127.0.0.1" },
		{ "easy/prod", "http://127.0.0.1.example.org", NULL },
		{ "easy/prod", "http://localhost:8080", NULL },
		{ "easy/prod", "http://app.example.org", NULL },
		{ "easy/prod", "https://", NULL },
		{ "easy/prod", "https:///x", NULL },
		{ "easy/prod", "https://user@app.example.org", NULL },
		{ "easy/prod", "https://app.example.org/#x", NULL },
		{ "easy/prod", "https://app.example.org/\n", NULL },
		{ "easy/prod", "ftp://app.example.org", NULL },
		{ "easy/prod", NULL, NULL },
		{ "easy/nowhere", "https://app.example.org", NULL },
	};
	struct profiles profiles = { 0 };
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(profile_load(&profiles, "easyenclave", &a, &e), 0);
	for (size_t i = 0; i < countof(rows); i++) {
		struct sites sites = { 0 };
		int r = sites_add(&sites, &profiles, rows[i].lane, rows[i].url, &a, &e);

		if ((r == 0) != (rows[i].kept != NULL))
			fail_msg("row %zu: %d", i, r);
		if (rows[i].kept)
			assert_string_equal(sites_url(&sites, "easy/prod"), rows[i].kept);
		assert_null(sites_url(&sites, "easy/staging"));
	}
	arena_done(&a);
}

struct case_ {
	const char *config;
	const char *option; /* or NULL */
	const char *prod, *staging;
	const char *wrong;
};

static void read_case(const struct case_ *c, const char *path)
{
	char *argv[] = { "engine", "--profile=easyenclave", "--config", (char *)path, (char *)c->option };
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct options o;
	FILE *f = fopen(path, "we");
	int r;

	assert_non_null(f);
	fputs(c->config, f);
	fclose(f);
	r = options_read(&o, c->option ? 5 : 4, argv, &a, &e);
	if (c->wrong) {
		assert_int_equal(r, -ERR_INVALID);
		assert_non_null(strstr(e.message, c->wrong));
	} else {
		if (r)
			fail_msg("%s", e.message);
		assert_true(text_eq(sites_url(&o.sites, "easy/prod"), c->prod));
		assert_true(text_eq(sites_url(&o.sites, "easy/staging"), c->staging));
	}
	arena_done(&a);
}

static void the_command_line_wins_over_the_file(void **state)
{
	static const struct case_ cases[] = {
		{ "read_only: true\n", NULL, NULL, NULL, NULL },
		{ "read_only: true\n", "--site=easy/prod=https://a.example", "https://a.example", NULL,
		  NULL },
		{ "sites:\n  easy/prod: https://b.example\n  easy/staging: https://c.example\n",
		  "--site=easy/prod=https://a.example", "https://a.example", "https://c.example", NULL },
		{ "sites: https://b.example\n", NULL, NULL, NULL, "no map from lane to URL" },
		{ "sites:\n  easy/prod: [x]\n", NULL, NULL, NULL, "no URL" },
		{ "sites:\n  easy/none: https://b.example\n", NULL, NULL, NULL, "no such lane" },
	};
	char dir[FOLDER_PATH], path[FOLDER_PATH + 16];

	(void)state;
	folder_new(dir);
	snprintf(path, sizeof(path), "%s/config.yml", dir);
	for (size_t i = 0; i < countof(cases); i++)
		read_case(&cases[i], path);
}

static void another_site_is_another_engine(void **state)
{
	static const char *const same[] = { "--profile=easyenclave", "--site=easy/prod=https://a.example/" };
	static const char *const other[] = { "--profile=easyenclave", "--site=easy/prod=https://b.example" };
	static const char *const none[] = { "--profile=easyenclave" };
	char *argv[] = { "engine", "--profile=easyenclave", "--site=easy/prod=https://a.example" };
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct options o;

	(void)state;
	assert_int_equal(options_read(&o, 3, argv, &a, &e), 0);
	assert_true(options_same(&o, same, countof(same), &e));
	assert_false(options_same(&o, other, countof(other), &e));
	assert_non_null(strstr(e.message, "--site"));
	assert_false(options_same(&o, none, countof(none), &e));
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_site_is_a_url_of_a_lane),
		cmocka_unit_test(the_command_line_wins_over_the_file),
		cmocka_unit_test(another_site_is_another_engine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
