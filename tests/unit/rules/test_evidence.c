/* Documents judged: pointers, values, decisions of both shapes, freshness to the minute, state files of a freeze. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/rules/evidence.h"

static struct json *parse(const char *text)
{
	struct json *j = NULL;

	assert_int_equal(json_parse(&j, text, strlen(text), 1 << 16, NULL), 0);
	return j;
}

static void pointers_follow_the_rfc(void **state)
{
	static const char doc[] =
		"{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"a.b\":2,\"m~n\":8,\"x\":{\"y\":null}}";
	static const struct {
		const char *pointer, *word; /* NULL: nothing that is a word */
		bool there;
	} rows[] = {
		{ "", NULL, true },        { "/foo", NULL, true },
		{ "/foo/0", "bar", true }, { "/foo/1", "baz", true },
		{ "/foo/2", NULL, false }, { "/foo/-", NULL, false },
		{ "/", "0", true },        { "/a~1b", "1", true },
		{ "/a.b", "2", true },     { "/m~0n", "8", true },
		{ "/m~2n", NULL, false },  { "/m~", NULL, false },
		{ "/x/y", NULL, true },    { "/x/y/z", NULL, false },
		{ "foo", NULL, false },    { "/foo/00000001", "baz", true },
		{ "/nope", NULL, false },
	};
	struct json *j = parse(doc);
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		const struct json *v = evidence_at(j, rows[i].pointer);
		const char *word = evidence_word(v, &a);

		if ((v != NULL) != rows[i].there ||
		    !text_eq(word ? word : "-", rows[i].word ? rows[i].word : "-"))
			fail_msg("%s gives %s", rows[i].pointer, word ? word : "nothing");
	}
	assert_null(evidence_at(NULL, "/x"));
	assert_null(evidence_at(j, NULL));
	json_free(j);
	arena_done(&a);
}

#define HEX8  "0123abcd"
#define HEX32 HEX8 HEX8 HEX8 HEX8
#define HEX64 HEX32 HEX32
#define HEX96 HEX64 HEX32

static void values_are_what_was_asked(void **state)
{
	static const struct {
		const char *doc;
		enum value_kind is;
		const char *equals;
		bool optional;
		enum verdict verdict;
	} rows[] = {
		{ "{\"v\":\"x\"}", VALUE_ANY, NULL, false, CHECK_OK },
		{ "{}", VALUE_ANY, NULL, false, CHECK_MISSING },
		{ "{\"v\":null}", VALUE_ANY, NULL, false, CHECK_MISSING },
		{ "{}", VALUE_TEXT, "x", true, CHECK_OK },
		{ "{\"v\":\"y\"}", VALUE_TEXT, "x", true, CHECK_BAD },
		{ "{\"v\":\"x\"}", VALUE_TEXT, "x", false, CHECK_OK },
		{ "{\"v\":\"\"}", VALUE_TEXT, NULL, false, CHECK_BAD },
		{ "{\"v\":{}}", VALUE_OBJECT, NULL, false, CHECK_OK },
		{ "{\"v\":[]}", VALUE_OBJECT, NULL, false, CHECK_BAD },
		{ "{\"v\":[]}", VALUE_LIST, NULL, false, CHECK_OK },
		{ "{\"v\":\"true\"}", VALUE_BOOL, NULL, false, CHECK_BAD },
		{ "{\"v\":true}", VALUE_BOOL, "true", false, CHECK_OK },
		{ "{\"v\":false}", VALUE_BOOL, "true", false, CHECK_BAD },
		{ "{\"v\":\"2026-02-22T09:35:22Z\"}", VALUE_TIME, NULL, false, CHECK_OK },
		{ "{\"v\":\"yesterday\"}", VALUE_TIME, NULL, false, CHECK_BAD },
		{ "{\"v\":\"" HEX32 HEX8 "\"}", VALUE_COMMIT, NULL, false, CHECK_OK },
		{ "{\"v\":\"" HEX32 HEX8 "0\"}", VALUE_COMMIT, NULL, false, CHECK_BAD },
		{ "{\"v\":\"" HEX64 "\"}", VALUE_SHA256, NULL, false, CHECK_OK },
		{ "{\"v\":\"sha256:" HEX64 "\"}", VALUE_SHA256, NULL, false, CHECK_BAD },
		{ "{\"v\":\"host/app@sha256:" HEX64 "\"}", VALUE_IMAGE, NULL, false, CHECK_OK },
		{ "{\"v\":\"@sha256:" HEX64 "\"}", VALUE_IMAGE, NULL, false, CHECK_BAD },
		{ "{\"v\":\"host/app:v1\"}", VALUE_IMAGE, NULL, false, CHECK_BAD },
		{ "{\"v\":\"" HEX96 "," HEX96 "\"}", VALUE_MEASUREMENTS, NULL, false, CHECK_OK },
		{ "{\"v\":\"" HEX96 ",\"}", VALUE_MEASUREMENTS, NULL, false, CHECK_BAD },
		{ "{\"v\":\"" HEX96 HEX8 "\"}", VALUE_MEASUREMENTS, NULL, false, CHECK_BAD },
		{ "{\"v\":\"\"}", VALUE_MEASUREMENTS, NULL, false, CHECK_BAD },
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct expected x = { "/v", rows[i].is, rows[i].equals, rows[i].optional };
		struct json *j = parse(rows[i].doc);
		const char *why;
		enum verdict v = evidence_values(j, &x, 1, &why, &a);

		if (v != rows[i].verdict || (*why != '\0') != (v != CHECK_OK))
			fail_msg("row %zu: %s is %s (%s)", i, rows[i].doc, names_word(&verdict_names, (int)v),
				 why);
		json_free(j);
	}
	arena_done(&a);
}

static void decisions_have_both_shapes(void **state)
{
	static const char *const pointers[] = { "/decision", "/pass", NULL },
				 *const yes[] = { "YES", "true", NULL },
				 *const no[] = { "NO", "false", NULL }, *const na[] = { "REPLAY", NULL };
	static const struct decision_terms terms = { pointers, yes, no, na, "/reasonCodes" };
	static const struct {
		const char *doc;
		enum decision_verdict verdict;
		const char *reasons;
	} rows[] = {
		{ "{\"pass\":true,\"decision\":\"YES\",\"reasonCodes\":[\"DOCS_ONLY_CHANGE\"]}", DECISION_YES,
		  "DOCS_ONLY_CHANGE" },
		{ "{\"pass\":false,\"reasonCodes\":[\"A\",\"B\"]}", DECISION_NO, "A, B" },
		{ "{\"pass\":true,\"reasonCodes\":[]}", DECISION_YES, "" },
		{ "{\"decision\":\"NO\",\"pass\":true}", DECISION_NO, "" },
		{ "{\"decision\":\"REPLAY\"}", DECISION_NA, "" },
		{ "{\"decision\":\"yes\"}", DECISION_UNKNOWN, "" },
		{ "{\"decision\":null,\"pass\":null}", DECISION_UNKNOWN, "" },
		{ "{\"decision\":{}}", DECISION_UNKNOWN, "" },
		{ "{\"decision\":1}", DECISION_UNKNOWN, "" },
		{ "{\"decision\":\"YES\",\"reasonCodes\":\"A\"}", DECISION_YES, "A" },
		{ "{\"decision\":\"NO\",\"reasonCodes\":{\"A\":1}}", DECISION_NO, "" },
		{ "[]", DECISION_UNKNOWN, "" },
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct json *j = parse(rows[i].doc);
		struct decision d = { 0 };

		evidence_decision(&d, j, &terms, &a);
		assert_string_equal(names_word(&decision_verdict_names, d.verdict),
				    names_word(&decision_verdict_names, (int)rows[i].verdict));
		assert_string_equal(d.reasons, rows[i].reasons);
		assert_int_equal(*d.detail != '\0', d.verdict == DECISION_UNKNOWN);
		json_free(j);
	}
	arena_done(&a);
}

#define HOUR INT64_C(3600000)

static void freshness_ends_with_the_limit(void **state)
{
	static const struct {
		int64_t age;
		const char *artifact;
		bool found;
		enum verdict verdict;
	} rows[] = {
		{ 0, NULL, false, CHECK_OK },
		{ 24 * HOUR, NULL, false, CHECK_OK },
		{ 24 * HOUR + 1, NULL, false, CHECK_BAD },
		{ HOUR, "probe-1", true, CHECK_OK },
		{ HOUR, "probe-1", false, CHECK_MISSING },
		{ 25 * HOUR, "probe-1", true, CHECK_BAD },
		{ -HOUR, NULL, false, CHECK_UNCHECKED },
	};
	const struct when now = { 100000 * HOUR };
	struct arena a = ARENA_INIT;
	const char *why;

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct run run = { .id = 7, .updated = { now.ms - rows[i].age } };
		struct fresh f = { &run, 24 * HOUR, rows[i].artifact, rows[i].found };

		if (evidence_fresh(&f, now, &why, &a) != rows[i].verdict)
			fail_msg("row %zu: %s", i, why);
		assert_non_null(strstr(why, "run 7"));
	}
	assert_int_equal(evidence_fresh(&(struct fresh){ .max_age_ms = HOUR }, now, &why, &a), CHECK_MISSING);
	arena_done(&a);
}

static void a_freeze_is_open_only_when_it_says_so(void **state)
{
	static const struct {
		const char *doc;
		enum freeze_state state;
		const char *words;
	} rows[] = {
		{ "{\"freeze_mode\":true,\"set_by\":\"automation\",\"reason\":\"budget\",\"expires_at\":"
		  "null}",
		  FREEZE_FROZEN, "by automation, budget" },
		{ "{\"freeze_mode\":false,\"reason\":\"done\"}", FREEZE_OPEN, "done" },
		{ "{\"freeze_mode\":true,\"expires_at\":\"1970-01-02T00:00:00Z\"}", FREEZE_OPEN, "ran out" },
		{ "{\"freeze_mode\":true,\"expires_at\":\"2100-01-02T00:00:00Z\"}", FREEZE_FROZEN,
		  "until 2100" },
		{ "{\"freeze_mode\":true,\"expires_at\":\"soon\"}", FREEZE_FROZEN, "no time" },
		{ "{\"freeze_mode\":\"false\"}", FREEZE_UNKNOWN, "no true or false" },
		{ "{}", FREEZE_UNKNOWN, "no true or false" },
		{ "[]", FREEZE_UNKNOWN, "no true or false" },
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct json *j = parse(rows[i].doc);
		struct freeze f = { 0 };

		evidence_freeze(&f, j, "/freeze_mode", "/expires_at", (struct when){ 1000 * HOUR }, &a);
		if (f.state != (int)rows[i].state || !strstr(f.detail, rows[i].words))
			fail_msg("%s is %s: %s", rows[i].doc, names_word(&freeze_state_names, f.state),
				 f.detail);
		json_free(j);
	}
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pointers_follow_the_rfc),
		cmocka_unit_test(values_are_what_was_asked),
		cmocka_unit_test(decisions_have_both_shapes),
		cmocka_unit_test(freshness_ends_with_the_limit),
		cmocka_unit_test(a_freeze_is_open_only_when_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
