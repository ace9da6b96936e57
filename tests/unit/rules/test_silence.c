/* What should have happened and did not: at its limit and not before, gone when it came, and never out of not knowing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/path.h"
#include "core/rules/silence.h"

#define MIN  INT64_C(60000)
#define NOON INT64_C(1795262400000) /* 2026-11-21T12:00:00Z */
#define AT(m)                  \
	{                      \
		NOON + (m)*MIN \
	}
#define T(name) cmocka_unit_test(name)
#define RUN(...)                                                                               \
	{                                                                                      \
		.event = "push", .head_sha = "", .branch = "main", .actor = "kim", __VA_ARGS__ \
	}

static void judged_at_its_limit(void **state)
{
	static const struct {
		const char *what;
		struct silence s;
		enum silence_says says;
		int64_t until; /* minutes */
	} rows[] = {
		{ "nothing called for it", { .kind = SILENCE_PUSH, .known = AT(0) }, SILENCE_QUIET, 0 },
		{ "a minute before",
		  { .kind = SILENCE_PUSH, .since = AT(0), .known = AT(4) },
		  SILENCE_WAITS,
		  5 },
		{ "at its limit",
		  { .kind = SILENCE_PUSH, .since = AT(0), .known = AT(5) },
		  SILENCE_ALARMS,
		  0 },
		{ "it came",
		  { .kind = SILENCE_PUSH, .since = AT(0), .known = AT(9), .came = true },
		  SILENCE_QUIET,
		  0 },
		{ "nobody knows",
		  { .kind = SILENCE_PUSH, .since = AT(0), .known = AT(9), .unknown = "x" },
		  SILENCE_DOUBTS,
		  0 },
		{ "no facts at all", { .kind = SILENCE_PUSH, .since = AT(0) }, SILENCE_QUIET, 0 },
		{ "a limit of its own",
		  { .kind = SILENCE_STEP, .since = AT(0), .limit_ms = 60 * MIN, .known = AT(59) },
		  SILENCE_WAITS,
		  60 },
		{ "a queued job",
		  { .kind = SILENCE_QUEUED, .since = AT(0), .known = AT(14) },
		  SILENCE_WAITS,
		  15 },
		{ "an approval in its 27th day",
		  { .kind = SILENCE_APPROVAL, .since = AT(0), .known = AT(27 * 1440) },
		  SILENCE_ALARMS,
		  0 },
		{ "a schedule may be late",
		  { .kind = SILENCE_SCHEDULE, .since = AT(0), .known = AT(59) },
		  SILENCE_WAITS,
		  60 },
		{ "a poller",
		  { .kind = SILENCE_POLLER, .since = AT(0), .known = AT(10) },
		  SILENCE_ALARMS,
		  0 },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct when until = { 0 };

		if (silence_judge(&rows[i].s, &until) != rows[i].says)
			fail_msg("%s", rows[i].what);
		if (rows[i].until)
			assert_int_equal(until.ms, NOON + rows[i].until * MIN);
	}
}

static void an_alarm_says_since_when_and_what_to_do(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;
	struct silence s = { .kind = SILENCE_PUSH,
			     .lane = "a/b",
			     .item = "ci.yml main",
			     .awaited = "of ci.yml",
			     .what = "1a2b3c4 reached main",
			     .since = AT(0),
			     .known = AT(5) };
	struct alarm one = silence_alarm(&s, SILENCE_ALARMS, s.known, &a);

	(void)state;
	assert_int_equal(one.kind, ALARM_SILENCE);
	assert_string_equal(one.subject, "push a/b ci.yml main");
	assert_true(silence_is_subject(one.subject));
	assert_false(silence_is_subject("intent 7") || silence_is_subject("pushed x"));
	assert_string_equal(one.text,
			    "no run of ci.yml: 1a2b3c4 reached main 2026-11-21T12:00:00Z, limit 5m");
	assert_true(*one.fix);
	s.unknown = "main was not read";
	one = silence_alarm(&s, SILENCE_DOUBTS, s.known, &a);
	assert_int_equal(one.kind, ALARM_DOUBT);
	assert_string_equal(one.text, "whether a push to the branch starts a run of it is not known: "
				      "main was not read");
}

static void a_run_is_found_by_what_it_must_be(void **state)
{
	static const struct run runs[] = {
		RUN(.id = 4, .event = "schedule", .created = AT(9), .status = RUN_QUEUED),
		RUN(.id = 3, .head_sha = "bb", .created = AT(6), .status = RUN_COMPLETED,
		    .conclusion = CONCLUSION_FAILURE),
		RUN(.id = 2, .head_sha = "aa", .created = AT(3), .status = RUN_COMPLETED,
		    .conclusion = CONCLUSION_SUCCESS),
		RUN(.id = 1, .branch = "dev", .created = AT(1), .status = RUN_COMPLETED,
		    .conclusion = CONCLUSION_SUCCESS),
	};
	static const struct {
		struct silence_want want;
		int64_t id; /* 0: none */
	} rows[] = {
		{ { .event = "schedule" }, 4 },
		{ { .event = "schedule", .from = AT(10) }, 0 },
		{ { .event = "push", .head_sha = "aa" }, 2 },
		{ { .event = "push", .head_sha = "cc" }, 0 },
		{ { .success = true }, 2 },
		{ { .success = true, .branch = "dev" }, 1 },
		{ { .success = true, .from = AT(4) }, 0 },
	};
	const struct silence_runs list = { .items = runs, .n = countof(runs) };

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		const struct run *r = silence_find(&list, &rows[i].want);

		assert_int_equal(r ? r->id : 0, rows[i].id);
	}
}

/* Of the newer runs the one that came when it was cancelled displaced it. */
static void who_displaced_a_queued_run(void **state)
{
	const struct run lost = RUN(.id = 5, .created = AT(0), .updated = AT(10), .status = RUN_COMPLETED,
				    .conclusion = CONCLUSION_CANCELLED);
	struct run newer = RUN(.id = 6, .created = AT(10), .status = RUN_QUEUED);
	struct silence_runs list = { .items = &newer, .n = 1 };
	struct run other = lost;

	(void)state;
	assert_ptr_equal(silence_evictor(&lost, false, &list), &newer);
	assert_null(silence_evictor(&lost, true, &list)); /* it was at work: a person stopped it */
	other.conclusion = CONCLUSION_FAILURE;
	assert_null(silence_evictor(&other, false, &list));
	newer.created = (struct when)AT(20); /* that one came later by itself */
	assert_null(silence_evictor(&lost, false, &list));
	newer.created = (struct when)AT(10);
	newer.status = RUN_COMPLETED, newer.conclusion = CONCLUSION_SUCCESS; /* the lane was delivered */
	assert_null(silence_evictor(&lost, false, &list));
}

static void nothing_of_a_run_is_at_work(void **state)
{
	struct run run = RUN(.id = 5, .created = AT(0), .started = AT(1), .status = RUN_IN_PROGRESS);
	struct job jobs[] = { { .status = RUN_COMPLETED, .completed = AT(7) }, { .status = RUN_QUEUED } };

	(void)state;
	assert_int_equal(silence_idle(&run, jobs, 2).ms, NOON + 7 * MIN);
	jobs[1].status = RUN_IN_PROGRESS;
	assert_false(when_known(silence_idle(&run, jobs, 2)));
	jobs[1].status = RUN_WAITING; /* a person is asked */
	assert_false(when_known(silence_idle(&run, jobs, 2)));
	assert_false(when_known(silence_idle(&run, jobs, 0))); /* its jobs were not read */
	run.status = RUN_PENDING;                              /* another run holds the group */
	assert_false(when_known(silence_idle(&run, jobs, 0)));
	run.status = RUN_QUEUED;
	assert_int_equal(silence_idle(&run, jobs, 0).ms, NOON + MIN);
}

static void a_commit_may_say_that_nothing_begins(void **state)
{
	(void)state;
	assert_true(silence_is_skipped("docs: a word [skip ci]"));
	assert_true(silence_is_skipped("[no ci] x"));
	assert_false(silence_is_skipped("skip ci"));
	assert_false(silence_is_skipped(NULL));
}

/* The page tells every detector, and by its word. */
static void the_page_names_every_detector(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;
	autofree(buf) struct buf page = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(path_read(&page, PH_SOURCE_DIR "/man/pilothouse.1.in", &e), 0);
	for (int i = 0; i < SILENCE_KINDS; i++) {
		const struct silence_detector *d = silence_detector((enum silence_kind)i);

		if (!strstr(page.s, arena_printf(&a, "\n.It Cm %s\n", d->word)))
			fail_msg("%s", d->word);
		assert_true(*d->expects && *d->fix);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(judged_at_its_limit),
		T(an_alarm_says_since_when_and_what_to_do),
		T(a_run_is_found_by_what_it_must_be),
		T(who_displaced_a_queued_run),
		T(nothing_of_a_run_is_at_work),
		T(a_commit_may_say_that_nothing_begins),
		T(the_page_names_every_detector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
