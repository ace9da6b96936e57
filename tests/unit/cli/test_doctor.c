#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/path.h"
#include "core/model/model.h"
#include "core/view/events.h"
#include "store/store.h"
#include "tests/folder.h"
#include "tui/cli/cli.h"

/* Removes the cache while a lock, held as long as the descriptor is open, names this engine. */
static int lose_cache(const struct places *p, pid_t engine)
{
	int fd = open(p->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_true(dprintf(fd, "%d\n/run/engine.sock\n", (int)engine) > 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(unlink(p->cache_path), 0);
	return fd;
}

static void put_private(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static const char *unfit; /* why the runtime directory is not used, NULL: it is */

/* What doctor prints as JSON for a cache in which the engine left this word of one matter; NULL: it left none; no matter:
 * an intent. The journal is not there, or is what this file holds, or lies where nobody can look. */
static const char *doctor_in(const char *name, const char *word, pid_t lost, const char *journal,
			     struct arena *a)
{
	char dir[FOLDER_PATH];
	struct places places = { .runtime_why = unfit };
	struct clock clock;
	struct store *s = NULL;
	autofree(buf) struct buf text = BUF_INIT(1 << 20);
	struct cli cli = { .places = &places, .arena = a, .clock = &clock, .json = true };
	const struct setting row = { .name = name, .value = word, .at = { INT64_C(1795262400000) } };
	const struct intent sent = {
		.id = 7, .nonce = "n", .act = "dispatch", .lane = "a/prod", .state = INTENT_SENT
	};
	int out = dup(1);
	const char *file;

	clock_manual(&clock, row.at);
	folder_new(dir);
	file = path_join(a, dir, "out");
	places.state_dir = dir;
	places.cache_dir = dir;
	places.cache_path = path_join(a, dir, "cache.db");
	places.journal_path = path_join(a, dir, "journal.db");
	places.lock_path = path_join(a, dir, "lock");
	if (journal && *journal)
		put_private(places.journal_path, journal);
	else if (journal)
		places.journal_path = arena_printf(a, "%s/%0300d/journal.db", dir, 0);
	assert_true(store_open(&s, places.cache_path, STORE_WRITE, NULL) >= 0);
	if (!name)
		assert_int_equal(store_run(s, Q_intent_mirror_put, &rec_intent, &sent, NULL), 0);
	else if (word)
		assert_int_equal(store_run(s, Q_setting_put, &rec_setting, &row, NULL), 0);
	store_close(s);
	int lock = lost ? lose_cache(&places, lost) : -1;
	fflush(stdout);
	assert_non_null(freopen(file, "w", stdout));
	cli_doctor(&cli);
	fflush(stdout);
	dup2(out, 1);
	close(out);
	close(lock);
	assert_true(path_read(&text, file, NULL) >= 0);
	return arena_strdup(a, text.s);
}

static const char *doctor_says(const char *name, const char *word, struct arena *a)
{
	return doctor_in(name, word, 0, NULL, a);
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

/* A count that nobody told yet is no debt. */
static void test_budget(void **state)
{
	static const struct {
		const char *word, *line;
	} cases[] = {
		{ "-1",
		  "{\"name\":\"api budget left\",\"status\":\"unchecked\",\"detail\":\"not known yet\"" },
		{ "0", "{\"name\":\"api budget left\",\"status\":\"ok\",\"detail\":\"0 (" },
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		assert_non_null(strstr(doctor_says("api_remaining", cases[i].word, &a), cases[i].line));
	arena_done(&a);
}

/* The engine that runs writes into a file that nobody finds: no sync of it makes another. */
static void test_cache_that_was_removed(void **state)
{
	struct arena a = ARENA_INIT;
	const char *said = doctor_in("banner", NULL, getpid(), NULL, &a);

	(void)state;
	assert_non_null(strstr(said, "cache.db is not there, though an engine runs\""));
	assert_non_null(strstr(
		said, arena_printf(&a, "\"fix\":\"end that engine, process %d: the next one makes it anew\"",
				   (int)getpid())));
	assert_non_null(strstr(said, "{\"name\":\"engine\",\"status\":\"ok\",\"detail\":\"running\""));
	assert_non_null(strstr(said, "{\"name\":\"cache\",\"status\":\"bad\""));
	arena_done(&a);
}

/* The lock names an engine that has ended, and somebody holds it: no engine can begin. */
static void test_lock_of_another_program(void **state)
{
	struct arena a = ARENA_INIT;
	pid_t ended = fork();
	const char *said;

	(void)state;
	if (!ended)
		_exit(0);
	assert_int_equal(waitpid(ended, NULL, 0), ended);
	said = doctor_in("banner", NULL, ended, NULL, &a);
	assert_non_null(strstr(
		said, "{\"name\":\"engine\",\"status\":\"bad\",\"detail\":\"none runs, and none can: "));
	assert_non_null(strstr(said, "{\"name\":\"cache\",\"status\":\"missing\""));
	arena_done(&a);
}

/* A journal that is damaged, or that nobody can look at, is not a new console's that has none yet. */
static void test_journal(void **state)
{
	static const struct {
		const char *journal, *file, *intents;
	} cases[] = {
		{ NULL, "missing", "{\"name\":\"intents\",\"status\":\"ok\",\"detail\":\"0 open\"" },
		{ "this is no database, though it is longer than the head of one is, which has 100 bytes: "
		  "a hundred and more",
		  "ok", "{\"name\":\"intents\",\"status\":\"bad\"" },
		{ "", "bad", "{\"name\":\"intents\",\"status\":\"bad\"" },
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		const char *said = doctor_in("banner", "", 0, cases[i].journal, &a);
		const char *file = arena_printf(&a, "{\"name\":\"journal\",\"status\":\"%s\"", cases[i].file);

		if (!strstr(said, file) || !strstr(said, cases[i].intents))
			fail_msg("no %s and %s in %s", file, cases[i].intents, said);
	}
	arena_done(&a);
}

static void test_runtime(void **state)
{
	struct arena a = ARENA_INIT;

	(void)state;
	assert_null(strstr(doctor_says("banner", "", &a), "runtime directory"));
	unfit = "/run/user/7 belongs to user 7, not to us";
	assert_non_null(strstr(doctor_says("banner", "", &a),
			       "{\"name\":\"runtime directory\",\"status\":\"bad\",\"detail\":\"not used: "
			       "/run/user/7 belongs to user 7, not to us\",\"fix\":\"set XDG_RUNTIME_DIR"));
	unfit = NULL;
	arena_done(&a);
}

/* Nor is one that was removed with its log, or began anew, while the cache remembers an act. */
static void test_journal_that_was_removed(void **state)
{
	struct arena a = ARENA_INIT;
	const char *said = doctor_in(NULL, NULL, 0, NULL, &a);

	(void)state;
	assert_non_null(strstr(said, "{\"name\":\"intents\",\"status\":\"bad\",\"detail\":\"journal /tmp/"));
	assert_non_null(strstr(said, "knows of intent 7: the file was removed, emptied or replaced\""));
	assert_non_null(strstr(said, "\"fix\":\"put it back; "));
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_openssl),
					    cmocka_unit_test(test_clock),
					    cmocka_unit_test(test_trouble),
					    cmocka_unit_test(test_runtime),
					    cmocka_unit_test(test_budget),
					    cmocka_unit_test(test_cache_that_was_removed),
					    cmocka_unit_test(test_lock_of_another_program),
					    cmocka_unit_test(test_journal),
					    cmocka_unit_test(test_journal_that_was_removed) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
