#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/path.h"
#include "core/model/model.h"
#include "core/view/events.h"
#include "store/store.h"
#include "tui/cli/cli.h"

/* What doctor prints as JSON for a cache in which the engine left this word of one matter; NULL: it left none. */
static const char *doctor_says(const char *name, const char *word, struct arena *a)
{
	char dir[] = "/tmp/ph-doctor-XXXXXX";
	struct places places = { 0 };
	struct clock clock;
	struct store *s = NULL;
	autofree(buf) struct buf text = BUF_INIT(1 << 20);
	struct cli cli = { .places = &places, .arena = a, .clock = &clock, .json = true };
	const struct setting row = { .name = name, .value = word, .at = { INT64_C(1795262400000) } };
	int out = dup(1);
	const char *file;

	clock_manual(&clock, row.at);
	assert_non_null(mkdtemp(dir));
	file = path_join(a, dir, "out");
	places.state_dir = dir;
	places.cache_dir = dir;
	places.cache_path = path_join(a, dir, "cache.db");
	places.journal_path = path_join(a, dir, "journal.db");
	places.lock_path = path_join(a, dir, "lock");
	assert_true(store_open(&s, places.cache_path, STORE_WRITE, NULL) >= 0);
	if (word)
		assert_int_equal(store_run(s, Q_setting_put, &rec_setting, &row, NULL), 0);
	store_close(s);
	fflush(stdout);
	assert_non_null(freopen(file, "w", stdout));
	cli_doctor(&cli);
	fflush(stdout);
	dup2(out, 1);
	close(out);
	assert_true(path_read(&text, file, NULL) >= 0);
	return arena_strdup(a, text.s);
}

static void test_openssl(void **state)
{
	static const struct {
		const char *word, *line;
	} cases[] = {
		{ "sound",
		  "{\"name\":\"OpenSSL\",\"status\":\"ok\",\"detail\":\"has the fix of CVE-2026-45447\"" },
		{ "this OpenSSL is old",
		  "{\"name\":\"OpenSSL\",\"status\":\"unchecked\",\"detail\":\"this OpenSSL is "
		  "old\",\"fix\":\"update libssl3" },
		{ NULL, "{\"name\":\"OpenSSL\",\"status\":\"unchecked\",\"detail\":\"not known yet\"" },
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		const char *said = doctor_says("openssl", cases[i].word, &a);

		if (!strstr(said, cases[i].line))
			fail_msg("no %s in %s", cases[i].line, said);
	}
	arena_done(&a);
}

/* Half a minute is what the forge's own limits of time forgive. */
static void test_clock(void **state)
{
	static const struct {
		const char *word, *status;
	} cases[] = {
		{ NULL, "unchecked" }, { "0", "ok" },      { "30000", "ok" },
		{ "-30000", "ok" },    { "30001", "bad" }, { "-30001", "bad" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT;
		const char *said = doctor_says("skew_ms", cases[i].word, &a);
		const char *want =
			arena_printf(&a, "{\"name\":\"clock skew, ms\",\"status\":\"%s\"", cases[i].status);

		if (!strstr(said, want))
			fail_msg("%s: %s", cases[i].word ? cases[i].word : "none", said);
		assert_int_equal(strstr(said, "set this machine's clock") != NULL,
				 strcmp(cases[i].status, "bad") == 0);
		arena_done(&a);
	}
}

/* Trouble that stands is never beside an "ok". */
static void test_trouble(void **state)
{
	static const struct {
		const char *word, *line;
	} cases[] = {
		{ "cache: database or disk is full",
		  "{\"name\":\"last trouble\",\"status\":\"bad\",\"detail\":\"cache: database or disk is "
		  "full; not "
		  "over since " },
		{ FOLLOWS_WORDS, "{\"name\":\"last trouble\",\"status\":\"ok\",\"detail\":\"another engine" },
		{ "", "{\"name\":\"last trouble\",\"status\":\"ok\",\"detail\":\"none\"" },
		{ NULL, "{\"name\":\"last trouble\",\"status\":\"ok\",\"detail\":\"none\"" },
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		const char *said = doctor_says("banner", cases[i].word, &a);

		if (!strstr(said, cases[i].line))
			fail_msg("no %s in %s", cases[i].line, said);
		assert_non_null(strstr(said, "{\"name\":\"room\",\"status\":\"ok\""));
	}
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_openssl), cmocka_unit_test(test_clock),
					    cmocka_unit_test(test_trouble) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
