/*
 * The verbs on a bad line (reliability reference N1 to N14): the exit status of the contract, one sentence, the age of
 * what is known, nothing sent while the forge cannot be read, and one request on the wire when its answer is lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/contract/badline.h"
#include "tests/fault/stand.h"
#include "tests/pty/pty.h"

#define PHRASE     "easy/prod v0.9.4"
#define RUNS       "/repos/easyenclave/easyenclave/actions/workflows/production-rollout.yml/runs?per_page=100"
#define TOKEN      "drill-captain" /* stand.c */
#define LIST_DELAY 5 /* seconds of the drill: its 2, 1.5 of its index, and a clock that shows whole ones */

enum { NO_GO = -1 }; /* exit status 1 or 5 */

struct bench {
	struct stand stand;
	struct badline line;
	int64_t runs; /* dispatched, before */
};

static const char *const sync_once[] = { "sync", "--once", NULL };
static const char *const lanes[] = { "lanes", NULL };
static const char *const plan[] = { "plan", "dispatch", "easy/prod", "v0.9.4", NULL };
static const char *const dispatch[] = { "dispatch", "easy/prod", "v0.9.4", "--confirm", PHRASE, NULL };
static const char *const outbox[] = { "outbox", NULL };
static const char *const reconcile[] = { "reconcile", NULL };

static int64_t runs_at_forge(const struct bench *b)
{
	stand_let_pass(&b->stand, LIST_DELAY);
	struct json *doc = stand_get(&b->stand, RUNS "&event=workflow_dispatch");
	int64_t n = json_int(doc, "total_count", -1);

	json_free(doc);
	return n;
}

/* The configuration file: the state's folder is the home as well. */
static void configure(const struct bench *b, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/.config", b->stand.dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/.config/pilothouse", b->stand.dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/.config/pilothouse/config.yml", b->stand.dir);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void open_bench(struct bench *b)
{
	*b = (struct bench){ 0 };
	stand_open(&b->stand, "first-rollout", "10");
	badline_open(&b->line, b->stand.port);
	snprintf(b->stand.api, sizeof(b->stand.api), "http://127.0.0.1:%d", b->line.port);
	configure(b, "timeout: 1.2\n"); /* instead of thirty */
}

static void close_bench(struct bench *b)
{
	if (b->line.pid)
		badline_close(&b->line);
	stand_close(&b->stand);
	*b = (struct bench){ 0 };
}

static struct bench bench;

/* A test that failed leaves its world behind. */
static int leave(void **state maybe_unused)
{
	if (bench.stand.drill)
		close_bench(&bench);
	return 0;
}

/* ---- what is said --------------------------------------------------------------------------------------------------- */

/* One line that a person can read, and not our secret. */
static void check_sentence(const char *fault, const char *verb, const char *s)
{
	if (!s || strlen(s) < 10 || strlen(s) > 250 || strchr(s, '\n') || strstr(s, TOKEN))
		fail_msg("%s, %s: \"%s\" is no sentence", fault, verb, s ? s : "");
}

/* Runs a verb with --json; the document is the caller's. */
static struct json *ask(struct bench *b, const char *fault, const char *const *words, int expected)
{
	int status;
	struct json *doc = stand_ask(&b->stand, &status, words);

	if (!doc)
		fail_msg("%s, %s: exit %d without a document", fault, words[0], status);
	if (expected == NO_GO ? status != 1 && status != 5 : status != expected)
		fail_msg("%s, %s: exit %d, not %d: %s", fault, words[0], status, expected,
			 json_str(doc, "error.message") ? json_str(doc, "error.message") : "");
	return doc;
}

static void must_end(struct bench *b, const char *fault, const char *const *words, int expected)
{
	json_free(ask(b, fault, words, expected));
}

/* Trouble with the forge is said together with how old the facts are that are left. */
static void must_fail(struct bench *b, const char *fault, const char *const *words, int expected,
		      const char *says, bool known)
{
	struct json *doc = ask(b, fault, words, expected);
	const char *message = json_str(doc, "error.message");

	/* a plan that was made says in its checks what is wrong */
	if (words != plan || message)
		check_sentence(fault, words[0], message);
	if (words == sync_once && !strstr(message, says))
		fail_msg("%s: \"%s\" does not say \"%s\"", fault, message, says);
	if ((expected == 4 || words == sync_once) &&
	    json_type(json_get(doc, "age_s")) != (known ? JSON_INT : JSON_NULL))
		fail_msg("%s, %s: no age beside: %s", fault, words[0], message ? message : "(no error)");
	json_free(doc);
}

/* The same for people, in a terminal: the sentence, perhaps what to do, the age; and nothing else. */
static void must_tell(struct bench *b, const char *fault, const char *says)
{
	char home[96], run[96], token[96], state[96];
	const char *argv[] = { PH_BIN_DIR "/pilothouse",
			       "--api",
			       b->stand.api,
			       "--token-file",
			       token,
			       "--state-dir",
			       state,
			       "--profile",
			       "easyenclave=easyenclave/easyenclave",
			       "sync",
			       "--once",
			       NULL };
	const char *env[] = { home, run, "LC_ALL=C.UTF-8", NULL };
	int status = 0, row = 1; /* a sum of what was done comes first */
	struct pty *p;

	snprintf(home, sizeof(home), "HOME=%s", b->stand.dir);
	snprintf(run, sizeof(run), "XDG_RUNTIME_DIR=%s", b->stand.dir);
	snprintf(token, sizeof(token), "%s/token", b->stand.dir);
	snprintf(state, sizeof(state), "%s/state", b->stand.dir);
	p = pty_start(argv, env, 8, 300);
	assert_true(pty_wait_exit(p, 30000, &status));
	bool good = status && text_starts(pty_row(p, row), "pilothouse: ") && strstr(pty_row(p, row), says);
	if (text_starts(pty_row(p, ++row), "  "))
		row++;
	if (!good || !text_starts(pty_row(p, row), "facts are ") || *pty_row(p, row + 1) ||
	    pty_has(p, TOKEN)) {
		pty_print(p);
		fail_msg("%s: exit %d", fault, status);
	}
	pty_free(p);
}

/* ---- reads fail ------------------------------------------------------------------------------------------------------ */

static const struct row {
	const char *name;
	enum ill ill;
	int sync, plan, dispatch; /* exit status */
	const char *says;
	bool holds; /* the forge wants to be left alone */
} rows[] = {
	{ "silent", ILL_SILENT, 4, 4, 4, "it stalled for 1 s", false },
	{ "a byte a second", ILL_SLOW, 4, 4, 4, "it stalled for 1 s", false },
	{ "closed in the body", ILL_CUT, 4, 4, 4, "is not whole", false },
	{ "reset in the body", ILL_RESET, 4, 4, 4, "is not whole", false },
	{ "captive portal", ILL_PORTAL, 4, 4, 4, "unexpected answer", false },
	/* read as a workflow file they are one: the plan is made, and says what is wrong with it */
	{ "no JSON", ILL_NONSENSE, 4, NO_GO, NO_GO, "unexpected answer", false },
	{ "an empty object", ILL_EMPTY, 4, NO_GO, NO_GO, "unexpected answer", false },
	{ "token", ILL_TOKEN, 4, 1, 4, "wants a valid token", false },
	{ "forbidden", ILL_FORBIDDEN, 1, 1, 1, "refuses: Resource not accessible", false },
	{ "no points left", ILL_LIMIT, 4, 4, 4, "wait", true },
	{ "Retry-After", ILL_SECONDARY, 4, 4, 4, "wait 1m", true },
	{ "502", ILL_GATEWAY, 4, 4, 4, "answered 502", false },
};

static void reads_fail(struct bench *b, const struct row *row, bool known)
{
	badline_ill(&b->line, row->ill, false);
	must_fail(b, row->name, sync_once, row->sync, row->says, known);

	int before = badline_reads(&b->line);

	must_fail(b, row->name, plan, row->plan, row->says, known);
	must_fail(b, row->name, dispatch, row->dispatch, row->says, known);
	/* each verb is an engine of its own, and all of them leave the forge alone */
	if (row->holds && badline_reads(&b->line) != before)
		fail_msg("%s: asked %d times more", row->name, badline_reads(&b->line) - before);
	must_end(b, row->name, lanes, known ? 0 : 5);
	must_end(b, row->name, outbox, 0);
	if (badline_acts(&b->line))
		fail_msg("%s: something was sent", row->name);
}

static void test_reads_fail(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(rows); i++) {
		open_bench(&bench);
		must_end(&bench, rows[i].name, sync_once, 0);
		reads_fail(&bench, &rows[i], true);
		must_tell(&bench, rows[i].name, rows[i].holds ? "rate limit" : rows[i].says);
		close_bench(&bench);
	}
}

/* Nothing was ever read: no list may look calm, and there is no age. */
static void test_first_read_fails(void **state maybe_unused)
{
	static const size_t some[] = { 0, 2, 7, 10 };

	for (size_t i = 0; i < countof(some); i++) {
		open_bench(&bench);
		reads_fail(&bench, &rows[some[i]], false);
		close_bench(&bench);
	}
}

static void test_nobody_there(void **state maybe_unused)
{
	open_bench(&bench);
	must_end(&bench, "before", sync_once, 0);
	badline_close(&bench.line);
	bench.line.pid = 0;
	must_fail(&bench, "refused", sync_once, 4, "Connection refused", true);
	must_fail(&bench, "refused", plan, 4, "", true);
	must_fail(&bench, "refused", dispatch, 4, "", true);
	must_end(&bench, "refused", lanes, 0);
	close_bench(&bench);
}

/* The line is well again: what was wrong leaves no trace but what was asked for. */
static void test_it_passes(void **state maybe_unused)
{
	open_bench(&bench);
	bench.runs = runs_at_forge(&bench);
	badline_ill(&bench.line, ILL_CUT, false);
	must_end(&bench, "cut", sync_once, 4);
	badline_ill(&bench.line, ILL_NONE, false);
	must_end(&bench, "well", sync_once, 0);
	must_end(&bench, "well", lanes, 0);
	must_end(&bench, "well", dispatch, 0);
	assert_int_equal(badline_acts(&bench.line), 1);
	assert_int_equal(runs_at_forge(&bench), bench.runs + 1);
	close_bench(&bench);
}

static void test_timeout(void **state maybe_unused)
{
	static const struct {
		const char *text;
		int exit;
	} cases[] = { { "timeout: 60\n", 0 }, { "timeout: 1.5\n", 0 },  { "timeout: 61\n", 2 },
		      { "timeout: 0\n", 2 },  { "timeout: soon\n", 2 }, { "timeout: -3\n", 2 } };

	open_bench(&bench);
	for (size_t i = 0; i < countof(cases); i++) {
		configure(&bench, cases[i].text);
		struct json *doc = ask(&bench, cases[i].text, sync_once, cases[i].exit);

		/* a wrong word is no trouble with the forge */
		assert_int_equal(json_type(json_get(doc, "age_s")), JSON_ABSENT);
		json_free(doc);
	}
	close_bench(&bench);
}

/* Three points of 5000 are the captain's, not polling's (N13). */
static void test_reserve(void **state maybe_unused)
{
	open_bench(&bench);
	bench.runs = runs_at_forge(&bench);
	badline_ill(&bench.line, ILL_RESERVE, false);
	must_fail(&bench, "reserve", sync_once, 4, "rate limit", true);
	must_end(&bench, "reserve", dispatch, 0);
	assert_int_equal(badline_acts(&bench.line), 1);
	assert_int_equal(runs_at_forge(&bench), bench.runs + 1);
	close_bench(&bench);
}

/* N22: the captain is answered well, and two runs carry the one intent. The next reading says so, and which to cancel. */
static void test_doubled(void **state maybe_unused)
{
	static const char *const why[] = { "why", "easy/prod", NULL };

	open_bench(&bench);
	must_end(&bench, "doubled", sync_once, 0);
	bench.runs = runs_at_forge(&bench);
	badline_ill(&bench.line, ILL_TWICE, true);
	must_end(&bench, "doubled", dispatch, 0);
	assert_int_equal(badline_acts(&bench.line), 1);
	assert_int_equal(runs_at_forge(&bench), bench.runs + 2);
	must_end(&bench, "doubled", sync_once, 0);

	struct json *doc = ask(&bench, "doubled", why, 0);
	struct buf said = BUF_INIT(65536);

	json_dump(&said, doc);
	assert_non_null(strstr(said.s, "carry the one intent 1"));
	assert_non_null(strstr(said.s, ", the later of them"));
	buf_done(&said);
	json_free(doc);
	close_bench(&bench);
}

/* D4: the state lies on a file system that has become read-only. What is known is shown with its age; nothing is read, for
 * there is no place for it, nothing is sent, and both name the file. */
static void test_read_only(void **state maybe_unused)
{
	static const char *const why[] = { "why", "easy/prod", NULL };
	static const char *const *const writers[] = { sync_once, plan, dispatch };
	char dir[96];

	open_bench(&bench);
	must_end(&bench, "before", sync_once, 0);
	stand_end_engine(&bench.stand);
	snprintf(dir, sizeof(dir), "%s/state", bench.stand.dir);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(dir, dir, NULL, MS_BIND, NULL) < 0) {
		puts("# skipped: nothing may be mounted here");
		skip();
	}
	assert_int_equal(mount(NULL, dir, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0);
	must_end(&bench, "read-only", lanes, 0);
	must_end(&bench, "read-only", why, 0);
	must_end(&bench, "read-only", outbox, 0);
	for (size_t i = 0; i < countof(writers); i++) {
		struct json *doc = ask(&bench, "read-only", writers[i], 6);

		assert_non_null(
			strstr(json_str(doc, "error.message"), "/state/engine.log: Read-only file system"));
		json_free(doc);
	}
	assert_int_equal(badline_acts(&bench.line), 0);
	assert_int_equal(umount(dir), 0);
	close_bench(&bench);
}

static void overwrite(const char *path)
{
	static const char junk[4096];
	FILE *f = fopen(path, "r+e");

	assert_non_null(f);
	for (int i = 0; i < 4; i++)
		assert_int_equal(fwrite(junk, 1, sizeof(junk), f), sizeof(junk));
	assert_int_equal(fclose(f), 0);
}

/* D5: what was done here is told by the journal. The cache still has its rows, and they are no answer any more. */
static void test_damaged_journal(void **state maybe_unused)
{
	static const char *const journal[] = { "journal", NULL };
	static const char *const *const tellers[] = { outbox, journal };
	char path[128], log[160];

	open_bench(&bench);
	must_end(&bench, "before", sync_once, 0);
	must_end(&bench, "before", dispatch, 0);
	must_end(&bench, "before", outbox, 0);
	must_end(&bench, "before", journal, 0);
	stand_end_engine(&bench.stand);
	snprintf(path, sizeof(path), "%s/state/journal.db", bench.stand.dir);
	snprintf(log, sizeof(log), "%s-wal", path);
	/* damaged, gone, and gone with its log */
	for (int gone = 0; gone < 3; gone++) {
		if (gone)
			assert_int_equal(unlink(gone > 1 ? log : path), 0);
		else
			overwrite(path), overwrite(log);
		for (size_t i = 0; i < countof(tellers); i++) {
			struct json *doc = ask(&bench, gone ? "gone" : "damaged", tellers[i], 6);

			assert_non_null(strstr(json_str(doc, "error.message"), "/state/journal.db is "));
			json_free(doc);
		}
		must_end(&bench, "damaged", lanes, 0);
	}
	must_end(&bench, "gone without a trace", dispatch, 6);
	assert_int_equal(badline_acts(&bench.line), 1);
	close_bench(&bench);
}

/* ---- the act's answer fails ------------------------------------------------------------------------------------------ */

static const struct lost {
	const char *name;
	enum ill ill;
	int exit;
	bool acted; /* the forge had heard it */
} losses[] = {
	{ "silent after the act", ILL_SILENT, 3, true },
	{ "lost before the act", ILL_LOST, 3, false },
	{ "a byte a second", ILL_SLOW, 3, true },
	{ "closed in the answer", ILL_CUT, 3, true },
	{ "reset in the answer", ILL_RESET, 3, true },
	{ "502 after the act", ILL_GATEWAY, 3, true },
	{ "captive portal", ILL_PORTAL, 3, false },
	{ "no JSON", ILL_NONSENSE, 3, false },
	{ "token", ILL_TOKEN, 1, false },
	{ "forbidden", ILL_FORBIDDEN, 1, false },
	{ "no points left", ILL_LIMIT, 1, false },
	{ "Retry-After", ILL_SECONDARY, 1, false },
};

/* Unknown until looked for; a second try is no second request; what is found is the one run. */
static void settle(struct bench *b, const struct lost *l)
{
	struct json *open = ask(b, l->name, outbox, 0);

	assert_int_equal(json_size(json_get(open, "items")), 1);
	json_free(open);
	badline_ill(&b->line, ILL_NONE, false);
	(void)runs_at_forge(b); /* until lists show it */
	must_end(b, l->name, reconcile, l->acted ? 0 : 3);
	open = ask(b, l->name, outbox, 0);
	assert_int_equal(json_size(json_get(open, "items")), l->acted ? 0 : 1);
	json_free(open);
	must_end(b, l->name, dispatch, l->acted ? 1 : 3);
}

static void test_answer_lost(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(losses); i++) {
		const struct lost *l = &losses[i];
		open_bench(&bench);
		bench.runs = runs_at_forge(&bench);
		badline_ill(&bench.line, l->ill, true);
		must_end(&bench, l->name, dispatch, l->exit);
		if (l->exit == 3)
			settle(&bench, l);
		if (badline_acts(&bench.line) != 1)
			fail_msg("%s: %d requests on the wire", l->name, badline_acts(&bench.line));
		assert_int_equal(runs_at_forge(&bench), bench.runs + l->acted);
		close_bench(&bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_reads_fail, leave),
		cmocka_unit_test_teardown(test_first_read_fails, leave),
		cmocka_unit_test_teardown(test_nobody_there, leave),
		cmocka_unit_test_teardown(test_it_passes, leave),
		cmocka_unit_test_teardown(test_timeout, leave),
		cmocka_unit_test_teardown(test_reserve, leave),
		cmocka_unit_test_teardown(test_doubled, leave),
		cmocka_unit_test_teardown(test_read_only, leave),
		cmocka_unit_test_teardown(test_damaged_journal, leave),
		cmocka_unit_test_teardown(test_answer_lost, leave),
	};

	stand_place(PH_BIN_DIR, "");
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_CACHE_HOME");
	unsetenv("XDG_STATE_HOME");
	return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
