/* What a canary has cost, and how fast its errors would burn the budget. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/rules/judge.h"

#define T(name) cmocka_unit_test(name)
#define T0      INT64_C(1795262400000) /* 2026-11-21T12:00:00Z */
#define S       30
#define MONTH   (INT64_C(30) * 86400)
#define MANY    720

static struct when at(int64_t sample)
{
	return (struct when){ T0 + sample * S * 1000 };
}

static struct canary_sample one(int64_t i, int64_t canary_n, int64_t canary_bad, int64_t control_n,
				int64_t control_bad)
{
	return (struct canary_sample){ .lane = "gov/prod",
				       .at = at(i),
				       .state = SAMPLE_OK,
				       .control = CANARY_NONE_VALUE,
				       .canary = CANARY_NONE_VALUE,
				       .canary_n = canary_n,
				       .canary_bad = canary_bad,
				       .control_n = control_n,
				       .control_bad = control_bad,
				       .why = "" };
}

static void fill(struct canary_sample *s, int64_t from, int64_t to, struct canary_sample like)
{
	for (int64_t i = from; i < to; i++) {
		s[i] = like;
		s[i].at = at(i);
	}
}

static void costs(const char *what, struct judge_cost c, int64_t exposed, int64_t extra, int64_t budget)
{
	if (c.exposed != exposed || c.extra_errors != extra || c.budget_ppm != budget)
		fail_msg("%s: %" PRId64 " %" PRId64 " %" PRId64, what, c.exposed, c.extra_errors,
			 c.budget_ppm);
}

static void what_it_has_cost(void **state)
{
	static struct canary_sample s[MANY];

	(void)state;
	/* 20 samples of 600 requests with 2 % against 1 %: 120 more than control's rate would have brought. The budget of 30
	 * days at 400 requests a second and 99.9 %: 1,036,800 errors, of which that is 116 in a million. */
	fill(s, 0, 20, one(0, 600, 12, 11400, 114));
	costs("a doubling", judge_cost(s, 20, 999000, MONTH), 12000, 120, 116);
	costs("no budget", judge_cost(s, 20, 0, MONTH), 12000, 120, -1);
	costs("one sample: no rate", judge_cost(s, 1, 999000, MONTH), 600, 6, -1);
	costs("nothing", judge_cost(s, 0, 999000, MONTH), -1, -1, -1);
	fill(s, 0, 20, one(0, 600, 3, 11400, 114));
	costs("better than control", judge_cost(s, 20, 999000, MONTH), 12000, 0, 0);
	/* at the same time as control's: an outage of both costs the canary nothing */
	fill(s, 0, 10, one(0, 600, 6, 11400, 114));
	fill(s, 10, 20, one(0, 6000, 3000, 6000, 3000));
	costs("an outage of both", judge_cost(s, 20, 999000, MONTH), 66000, 0, 0);
	/* all of the traffic: control's rate until then stands in */
	fill(s, 0, 10, one(0, 600, 6, 11400, 114));
	fill(s, 10, 20, one(0, 12000, 240, 0, 0));
	costs("100 %", judge_cost(s, 20, 999000, MONTH), 126000, 1200, 1157);
	fill(s, 0, 20, one(0, 12000, 240, 0, 0));
	costs("never any control", judge_cost(s, 20, 999000, MONTH), 240000, -1, -1);
	for (size_t i = 0; i < 20; i++)
		s[i].state = SAMPLE_ERROR;
	costs("no number at all", judge_cost(s, 20, 999000, MONTH), -1, -1, -1);
	fill(s, 0, 2, one(0, INT64_C(1000000000), 20000000, INT64_C(1000000000), 10000000));
	costs("huge", judge_cost(s, 2, 999000, MONTH), INT64_C(2000000000), 20000000, 116);
}

/* Of 99.9 %, so that 1 % burns 10 times too fast. Each: so many samples of a first kind, then the rest. */
static const struct {
	const char *what;
	int64_t before, n;
	struct canary_sample first, then;
	enum canary_verdict v;
	const char *reason;
} burns[] = {
	{ "nothing burns", 0, 120, { 0 }, { .canary_n = 600, .control_n = 11400 }, VERDICT_PASS, "" },
	{ "as much as is allowed",
	  0,
	  120,
	  { 0 },
	  { .canary_n = 1000, .canary_bad = 1, .control_n = 19000, .control_bad = 19 },
	  VERDICT_PASS,
	  "" },
	{ "2 % for an hour",
	  0,
	  120,
	  { 0 },
	  { .canary_n = 600, .canary_bad = 12, .control_n = 11400, .control_bad = 11 },
	  VERDICT_FAIL,
	  "error budget burns 20.0x too fast over 1h and 5m, limit 14.4x" },
	{ "30 % for three minutes is 2 % of the hour's requests at least",
	  114,
	  120,
	  { .canary_n = 600, .control_n = 11400 },
	  { .canary_n = 600, .canary_bad = 180, .control_n = 11400 },
	  VERDICT_FAIL,
	  "error budget burns 15.0x too fast over 1h and 5m, limit 14.4x" },
	{ "the same, six samples and none before: no less and no more",
	  0,
	  6,
	  { 0 },
	  { .canary_n = 600, .canary_bad = 180, .control_n = 11400 },
	  VERDICT_FAIL,
	  "error budget burns 15.0x too fast over 1h and 5m, limit 14.4x" },
	{ "30 % for half a minute burns no hour's worth",
	  0,
	  1,
	  { 0 },
	  { .canary_n = 600, .canary_bad = 180, .control_n = 11400 },
	  VERDICT_PASS,
	  "" },
	{ "it burnt and has stopped: the short window is clean",
	  20,
	  32,
	  { .canary_n = 600, .canary_bad = 60, .control_n = 11400 },
	  { .canary_n = 600, .control_n = 11400 },
	  VERDICT_PASS,
	  "" },
	{ "slowly, for six hours",
	  0,
	  720,
	  { 0 },
	  { .canary_n = 600, .canary_bad = 5, .control_n = 11400, .control_bad = 6 },
	  VERDICT_FAIL,
	  "error budget burns 8.3x too fast over 6h and 30m, limit 6.0x" },
	{ "both arms",
	  0,
	  120,
	  { 0 },
	  { .canary_n = 600, .canary_bad = 12, .control_n = 11400, .control_bad = 228 },
	  VERDICT_INCONCLUSIVE,
	  "burns 20.0x too fast over 1h and 5m, control's 20.0x: not the canary alone" },
	{ "all of the traffic: nobody to compare with",
	  0,
	  120,
	  { 0 },
	  { .canary_n = 12000, .canary_bad = 240 },
	  VERDICT_FAIL,
	  "error budget burns 20.0x too fast over 1h and 5m, limit 14.4x" },
};

static void windows_burn_in_pairs(void **state)
{
	static struct canary_sample s[MANY];
	autofree(arena) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(burns); i++) {
		fill(s, 0, burns[i].before, burns[i].first);
		fill(s, burns[i].before, burns[i].n, burns[i].then);
		struct judgement j =
			judge_burn("error budget", s, (size_t)burns[i].n, S, 999000, at(burns[i].n - 1), &a);

		if (j.verdict != burns[i].v || !text_eq(j.reason, burns[i].reason))
			fail_msg("%s: %s \"%s\"", burns[i].what, names_word(&canary_verdict_names, j.verdict),
				 j.reason);
	}
}

static void nothing_to_go_by(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;
	struct canary_sample s = one(0, 600, 600, 11400, 0);

	(void)state;
	assert_int_equal(judge_burn("error budget", &s, 1, S, 0, at(0), &a).verdict, VERDICT_INCONCLUSIVE);
	assert_int_equal(judge_burn("error budget", &s, 1, S, 1000000, at(0), &a).verdict,
			 VERDICT_INCONCLUSIVE);
	assert_int_equal(judge_burn("error budget", NULL, 0, S, 999000, at(0), &a).verdict, VERDICT_PASS);
	s.state = SAMPLE_STALE;
	assert_int_equal(judge_burn("error budget", &s, 1, S, 999000, at(0), &a).verdict, VERDICT_PASS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_it_has_cost),
		T(windows_burn_in_pairs),
		T(nothing_to_go_by),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
