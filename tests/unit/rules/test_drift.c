/* Declared against running, and whether there is a way back: never good without having looked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/rules/drift.h"
#include "core/rules/readiness.h"

#define A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static void the_same_thing(void **state)
{
	static const struct {
		const char *x, *y;
		bool same;
	} rows[] = {
		{ A, A, true },
		{ "ghcr.io/o/n@" A, A, true },
		{ "ghcr.io/o/n@" A, "registry.example/o/n@" A, true },
		{ "ghcr.io/o/n@" A, "ghcr.io/o/n@" B, false },
		{ "77ab31c", "77ab31c0000000000000000000000000000000aa", true },
		{ "77ab31", "77ab31c0000000000000000000000000000000aa", false }, /* too short to be one */
		{ "v1.2", "v1.2.3", false },
		{ "1234567890", "12345678901", false }, /* numbers of runs */
		{ "", "", false },
		{ NULL, A, false },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		if (drift_same(rows[i].x, rows[i].y) != rows[i].same)
			fail_msg("row %zu", i);
		assert_int_equal(drift_same(rows[i].y, rows[i].x), rows[i].same);
	}
}

static void a_verdict_needs_both_sides_and_an_order(void **state)
{
	static const char *const newest_first[] = { C, B, A, B };
	static const struct {
		const char *declared, *live, *why;
		size_t order;
		int verdict;
		const char *says;
	} rows[] = {
		{ A, "x@" A, NULL, 0, DRIFT_EQUAL, "" },
		{ A, B, NULL, 0, DRIFT_OTHER, "" },
		{ C, A, NULL, 4, DRIFT_BEHIND, "behind by 2 pins" },
		{ C, B, NULL, 4, DRIFT_BEHIND, "behind by 1 pin" }, /* its newest place counts */
		{ A, C, NULL, 4, DRIFT_AHEAD, "ahead by 2 pins" },
		{ C, "sha256:d", NULL, 4, DRIFT_OTHER, "what runs is not among the newest 4 pins" },
		{ A, C, NULL, 1, DRIFT_OTHER, "what is declared is not among the newest 1 pin" },
		{ "", B, NULL, 4, DRIFT_UNKNOWN, "what is declared was not read" },
		{ B, "", NULL, 4, DRIFT_UNKNOWN, "what runs was not read" },
		{ "", "", NULL, 0, DRIFT_UNKNOWN, "what runs was not read" },
		{ B, NULL, "the artifact has expired", 0, DRIFT_UNKNOWN, "the artifact has expired" },
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct drift d = { .declared = rows[i].declared,
				   .live = rows[i].live,
				   .reason = rows[i].why,
				   .verdict = DRIFT_EQUAL };

		drift_judge(&d, newest_first, rows[i].order, "pin", &a);
		if (d.verdict != rows[i].verdict)
			fail_msg("row %zu: %d %s", i, d.verdict, d.reason);
		assert_string_equal(d.reason, rows[i].says);
	}
	arena_done(&a);
}

static void old_evidence_is_unknown(void **state)
{
	const struct when now = { INT64_C(1800000000000) };
	static const struct {
		int64_t age; /* -1 not known */
		int verdict, shown;
	} rows[] = {
		{ 0, DRIFT_EQUAL, DRIFT_EQUAL },
		{ DRIFT_MAX_AGE, DRIFT_OTHER, DRIFT_OTHER },
		{ DRIFT_MAX_AGE + 1, DRIFT_EQUAL, DRIFT_UNKNOWN },
		{ -1, DRIFT_EQUAL, DRIFT_UNKNOWN },
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct drift d = { .verdict = rows[i].verdict, .reason = "" };

		if (rows[i].age >= 0)
			d.at.ms = now.ms - rows[i].age;
		drift_aged(&d, now, &a);
		assert_int_equal(d.verdict, rows[i].shown);
		assert_int_equal(strstr(d.reason, "too old") != NULL, rows[i].verdict != rows[i].shown);
	}
	arena_done(&a);
}

static void a_way_back_is_ready_only_when_it_was_looked_at(void **state)
{
	const struct when now = { INT64_C(1800000000000) };
	static const struct {
		int status[4];
		const char *name[4];
		int64_t age;
		int verdict;
		const char *why;
	} rows[] = {
		{ { CHECK_OK, CHECK_OK }, { "target", "start" }, 0, CHECK_OK, NULL },
		{ { CHECK_OK, CHECK_UNCHECKED }, { "target", "start" }, 0, CHECK_UNCHECKED, "start" },
		{ { CHECK_OK, CHECK_UNCHECKED, CHECK_OK },
		  { "target", "attested", "start" },
		  0,
		  CHECK_OK,
		  NULL },
		{ { CHECK_OK, CHECK_UNCHECKED, CHECK_BAD },
		  { "target", "start", "asset:x" },
		  0,
		  CHECK_BAD,
		  "asset:x" },
		{ { CHECK_OK, CHECK_BAD }, { "target", "migrations" }, 0, CHECK_BAD, "migrations" },
		{ { CHECK_MISSING }, { "target" }, 0, CHECK_BAD, "target" },
		{ { CHECK_UNCHECKED }, { "target" }, 0, CHECK_UNCHECKED, "target" },
		{ { CHECK_OK, CHECK_OK },
		  { "target", "start" },
		  READINESS_MAX_AGE + 1,
		  CHECK_UNCHECKED,
		  "target" },
		{ { CHECK_OK }, { "start" }, 0, CHECK_UNCHECKED, NULL }, /* no target at all */
		{ { 0 }, { NULL }, 0, CHECK_UNCHECKED, NULL },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct readiness r[4] = { 0 };
		const struct readiness *why;
		size_t n = 0;

		for (; n < countof(r) && rows[i].name[n]; n++)
			r[n] = (struct readiness){ .name = rows[i].name[n],
						   .detail = "v1",
						   .status = rows[i].status[n],
						   .at = { now.ms - rows[i].age } };
		if (readiness_judge(r, n, now, &why) != (enum verdict)rows[i].verdict)
			fail_msg("row %zu", i);
		assert_int_equal(why != NULL, rows[i].why != NULL);
		if (why)
			assert_string_equal(why->name, rows[i].why);
		assert_string_equal(readiness_target(r, n),
				    n && rows[i].status[0] == CHECK_OK && !strcmp(r[0].name, "target") ? "v1"
												       : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_thing),
		cmocka_unit_test(a_verdict_needs_both_sides_and_an_order),
		cmocka_unit_test(old_evidence_is_unknown),
		cmocka_unit_test(a_way_back_is_ready_only_when_it_was_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
