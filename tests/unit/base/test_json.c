#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"

struct run {
	int64_t id;
	int attempt;
	int status;
	bool fork;
	const char *title;
	const char *repo;
	struct when created;
};

static const char *const status_words[] = { "other", "queued", "completed" };
static const struct names statuses = NAMES(status_words);
static const struct field run_fields[] = {
	FIELD(run, id),      FIELD(run, attempt), FIELD_ENUM(run, status, &statuses),
	FIELD(run, fork),    FIELD(run, title),   FIELD(run, repo),
	FIELD(run, created),
};
static const struct rec rec_run = REC(struct run, run_fields, "run");
static const struct jmap run_map[] = {
	{ "id", "id", JMAP_REQUIRED },  { "run_attempt", "attempt", 0 }, { "status", "status", 0 },
	{ "head.fork", "fork", 0 },     { "title", "title", 0 },         { "head.repo.full.name", "repo", 0 },
	{ "created_at", "created", 0 },
};

static void documents_are_bounded(void **state)
{
	static const struct {
		const char *text;
		const char *message; /* NULL: accepted; else a part of the complaint */
	} cases[] = {
		{ "{\"a\":1}", NULL },
		{ "[]", NULL },
		{ "7", NULL },
		{ "\"[[[[\\\"[[\"", NULL },
		{ "", "no valid JSON" },
		{ "{\"a\":1", "no valid JSON" },
		{ "{} x", "no valid JSON" },
		{ "{\"a\":1,\"a\":2}", "duplicate" },
		{ "{\"a\":\"\\ud800\"}", "no valid JSON" },
		{ "{\"a\":\"\\u0000\"}", "no valid JSON" },
		{ "{\"a\":\"\xff\"}", "no valid JSON" },
		{ "{\"a\":99999999999999999999}", "no valid JSON" },
		{ "[-]", "no valid JSON at line" },
		{ "[01]", "no valid JSON at line" },
		{ "[1.]", "no valid JSON at line" },
		{ "[1e999]", "no valid JSON at line" },
		{ "[1,]", "no valid JSON at line" },
		{ "[,1]", "no valid JSON at line" },
		{ "[1 2]", "no valid JSON at line" },
		{ "[1\n,}", "no valid JSON at line 2" },
		{ "[\"\t\"]", "no valid JSON at line" },
		{ "[\"", "no valid JSON at line" },
		{ "[\"\\\"]", "no valid JSON at line" },
		{ "[\"\\x\"]", "no valid JSON at line" },
		{ "[\"\\u12g4\"]", "no valid JSON at line" },
		{ "[\"\\u123\"]", "no valid JSON at line" },
		{ "[\"\\udc00\\ud800\"]", "no valid JSON at line" },
		{ "[\"\\ud800\\u0041\"]", "no valid JSON at line" },
		{ "[\"\xed\xa0\x80\"]", "no valid JSON at line" },
		{ "{\"a\" 1}", "no valid JSON at line" },
		{ "{a:1}", "no valid JSON at line" },
		{ "{\"a\":1,\"\\u0061\":2}", "no valid JSON at line" },
		{ "[truex]", "no valid JSON at line" },
		{ "[tru", "no valid JSON at line" },
		{ "", "no valid JSON at line" },
		{ "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]", "bytes, more than 40" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(json) struct json *j = NULL;
		struct err e = ERR_INIT;
		int r = json_parse(&j, cases[i].text, strlen(cases[i].text), 40, &e);

		if (cases[i].message) {
			assert_int_equal(r, -ERR_CORRUPT);
			assert_null(j);
			assert_non_null(strstr(e.message, cases[i].message));
		} else {
			assert_int_equal(r, 0);
			assert_non_null(j);
		}
	}
}

static void strings_are_as_they_were_meant(void **state)
{
	static const struct {
		const char *text, *meant;
	} cases[] = {
		{ "\"\"", "" },
		{ "\"plain\"", "plain" },
		{ " \"\\\"\\\\\\/\\b\\f\\n\\r\\t\" ", "\"\\/\b\f\n\r\t" },
		{ "\"a\\u0041\\u00E9\\u20ac.\"", "aA\xc3\xa9\xe2\x82\xac." },
		{ "\"\\ud83d\\ude00\\uDBFF\\uDFFF\"", "\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf" },
		{ "\"\xc3\xa9\x7f\\\\\"", "\xc3\xa9\x7f\\" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(json) struct json *j = NULL;

		assert_int_equal(json_parse(&j, cases[i].text, strlen(cases[i].text), 100, NULL), 0);
		assert_string_equal(json_str(j, ""), cases[i].meant);
	}
}

static void numbers_are_exact(void **state)
{
	static const char text[] =
		"[0,-0,7,-7,999999999999999999,9223372036854775807,-9223372036854775808,1.5]";
	static const int64_t meant[] = { 0, 0, 7, -7, 999999999999999999, INT64_MAX, INT64_MIN };
	autofree(json) struct json *j = NULL;

	(void)state;
	assert_int_equal(json_parse(&j, text, strlen(text), 100, NULL), 0);
	for (size_t i = 0; i < countof(meant); i++)
		assert_int_equal(json_int(json_at(j, i), "", 1), meant[i]);
	assert_int_equal(json_type(json_at(j, countof(meant))), JSON_REAL);
}

static void raw_nul_is_refused(void **state)
{
	static const char text[] = "[1\0,2]";
	struct err e = ERR_INIT;
	struct json *j;

	(void)state;
	assert_int_equal(json_parse(&j, text, sizeof(text) - 1, 100, &e), -ERR_CORRUPT);
	assert_string_equal(e.message, "no valid JSON: it holds a NUL");
}

static void depth_is_bounded(void **state)
{
	char text[200000];

	(void)state;
	for (int depth = JSON_MAX_DEPTH; depth <= JSON_MAX_DEPTH + 1; depth++) {
		autofree(json) struct json *j = NULL;

		memset(text, '[', (size_t)depth);
		memset(text + depth, ']', (size_t)depth);
		assert_int_equal(json_parse(&j, text, 2 * (size_t)depth, sizeof(text), NULL),
				 depth == JSON_MAX_DEPTH ? 0 : -ERR_CORRUPT);
	}
	for (int brace = 0; brace < 2; brace++) {
		struct json *j;
		struct err e = ERR_INIT;

		memset(text, brace ? '{' : '[', sizeof(text));
		assert_int_equal(json_parse(&j, text, sizeof(text), sizeof(text), &e), -ERR_CORRUPT);
		assert_string_equal(e.message, "the document is nested deeper than 64");
	}
}

static void getters_answer_or_fall_back(void **state)
{
	static const char text[] = "{\"a\":{\"b\":[1,2.5,\"x\",null,true]},\"s\":\"t\",\"n\":-5,\"f\":false}";
	autofree(json) struct json *j = NULL;
	autofree(buf) struct buf out = BUF_INIT(1000);
	const struct json *list;
	const char *key;

	(void)state;
	assert_int_equal(json_parse(&j, text, strlen(text), 1000, NULL), 0);
	list = json_get(j, "a.b");
	assert_int_equal(json_size(list), 5);
	assert_int_equal(json_size(j), 4);
	assert_int_equal(json_size(NULL), 0);
	assert_int_equal(json_type(json_at(list, 0)), JSON_INT);
	assert_int_equal(json_type(json_at(list, 1)), JSON_REAL);
	assert_int_equal(json_type(json_at(list, 2)), JSON_STRING);
	assert_int_equal(json_type(json_at(list, 3)), JSON_NULL);
	assert_int_equal(json_type(json_at(list, 4)), JSON_BOOL);
	assert_int_equal(json_type(json_at(list, 5)), JSON_ABSENT);
	assert_ptr_equal(json_get(j, ""), j);
	assert_null(json_get(j, "a.b.c"));
	assert_null(json_get(NULL, "a"));
	assert_string_equal(json_str(j, "s"), "t");
	assert_null(json_str(j, "n"));
	assert_int_equal(json_int(j, "n", 1), -5);
	assert_int_equal(json_int(j, "s", 1), 1);
	assert_false(json_bool(j, "f", true));
	assert_true(json_bool(j, "n", true));
	assert_int_equal(json_type(json_member(j, 1, &key)), JSON_STRING);
	assert_string_equal(key, "s");
	assert_null(json_member(j, 4, &key));
	assert_null(key);
	json_dump(&out, j);
	assert_string_equal(out.s, text);
}

static void what_is_dumped_is_inert(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "[\"a\xe2\x80\xae\x7f\"]", "[\"a\\u202e\\u007f\"]" },
		{ "{\"\xc2\x9bm\":\"\\u001b[2J\"}", "{\"\\u009bm\":\"\\u001B[2J\"}" },
		{ "\"\xf3\xa0\x81\x81\"", "\"\\udb40\\udc41\"" },
		{ "[\"\xe8\xa1\xa8 \xc3\xa9\",-1]", "[\"\xe8\xa1\xa8 \xc3\xa9\",-1]" },
	};
	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(json) struct json *j = NULL;
		autofree(buf) struct buf out = BUF_INIT(256);
		assert_int_equal(json_parse(&j, cases[i].in, strlen(cases[i].in), 256, NULL), 0);
		json_dump(&out, j);
		assert_string_equal(out.s, cases[i].out);
	}
	autofree(buf) struct buf out = BUF_INIT(256);
	json_ascii(&out, "{\"\xc3\xa9\":[1,\"\xf0\x9f\x9a\x80\"]}", 18);
	assert_string_equal(out.s, "{\"\\u00e9\":[1,\"\\ud83d\\ude80\"]}");
}

static void maps_are_strict(void **state)
{
	static const struct {
		const char *text;
		const char *message; /* NULL: fine */
		struct run expect;
	} cases[] = {
		{ "{\"id\":1,\"run_attempt\":2,\"status\":\"completed\",\"title\":\"t\",\"created_at\":"
		  "\"1970-01-01T00:00:01Z\",\"head\":{\"fork\":true,\"repo\":{\"full\":{\"name\":\"o/r\"}}}}",
		  NULL,
		  { .id = 1,
		    .attempt = 2,
		    .status = 2,
		    .title = "t",
		    .created = { 1000 },
		    .fork = true,
		    .repo = "o/r" } },
		{ "{\"id\":1,\"status\":\"unheard of\",\"more\":[]}", NULL, { .id = 1 } },
		{ "{\"id\":1,\"head\":null,\"title\":null}", NULL, { .id = 1 } },
		{ "{}", "run: id is missing", { 0 } },
		{ "{\"id\":null}", "run: id is missing", { 0 } },
		{ "{\"id\":\"1\"}", "run: id is no whole number", { 0 } },
		{ "{\"id\":1e3}", "run: id is no whole number", { 0 } },
		{ "{\"id\":1.5}", "run: id is no whole number", { 0 } },
		{ "{\"id\":[]}", "run: id is no whole number", { 0 } },
		{ "{\"id\":1,\"run_attempt\":4294967296}", "run: run_attempt is out of range", { .id = 1 } },
		{ "{\"id\":1,\"status\":2}", "run: status is no word", { .id = 1 } },
		{ "{\"id\":1,\"created_at\":\"soon\"}", "run: created_at is no time", { .id = 1 } },
		{ "{\"id\":1,\"created_at\":5}", "run: created_at is no time", { .id = 1 } },
		{ "{\"id\":1,\"title\":{}}", "run: title is no string", { .id = 1 } },
		{ "{\"id\":1,\"head\":7}", "run: head is no object", { .id = 1 } },
		{ "{\"id\":1,\"head\":{\"repo\":[]}}", "run: head.repo is no object", { .id = 1 } },
		{ "{\"id\":1,\"head\":{\"fork\":0}}",
		  "run: head.fork is neither true nor false",
		  { .id = 1 } },
		{ "[]", "run: the value is no object", { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(json) struct json *j = NULL;
		autofree(buf) struct buf why = BUF_INIT(1000);
		struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct run run = { 0 };
		int r;

		assert_int_equal(json_parse(&j, cases[i].text, strlen(cases[i].text), 1000, NULL), 0);
		r = json_map(j, run_map, countof(run_map), &rec_run, &run, &a, &e);
		assert_int_equal(r, cases[i].message ? -ERR_CORRUPT : 0);
		assert_string_equal(e.message, cases[i].message ? cases[i].message : "");
		if (!rec_equal(&rec_run, &run, &cases[i].expect, &why))
			fail_msg("%s: %s", cases[i].text, why.s);
		arena_done(&a);
	}
}

static void writing_puts_commas_and_escapes(void **state)
{
	autofree(buf) struct buf out = BUF_INIT(1000);
	struct jw w;

	(void)state;
	jw_init(&w, &out);
	jw_open(&w, '{');
	jw_kstr(&w, "a\"", "x\\y");
	jw_kint(&w, "min", INT64_MIN);
	jw_kopen(&w, "list", '[');
	jw_open(&w, '{');
	jw_close(&w, '}');
	jw_bool(&w, true);
	jw_null(&w);
	jw_json(&w, "[1,2]");
	jw_when(&w, WHEN_NONE);
	jw_close(&w, ']');
	jw_kbool(&w, "no", false);
	jw_kwhen(&w, "at", (struct when){ 1000 });
	jw_kstr(&w, "none", NULL);
	jw_ktext(&w, "empty", "");
	jw_ktext(&w, "some", "x");
	jw_close(&w, '}');
	assert_string_equal(
		out.s,
		"{\"a\\\"\":\"x\\\\y\",\"min\":-9223372036854775808,\"list\":[{},true,null,[1,2],null],"
		"\"no\":false,\"at\":\"1970-01-01T00:00:01Z\",\"none\":null,\"empty\":null,\"some\":\"x\"}");
}

static void errors_have_one_form(void **state)
{
	static const struct {
		const char *fix, *text;
	} cases[] = {
		{ "look again",
		  "{\"error\":{\"code\":\"stale\",\"message\":\"old\",\"fix\":\"look again\"}}" },
		{ "", "{\"error\":{\"code\":\"stale\",\"message\":\"old\",\"fix\":null}}" },
		{ NULL, "{\"error\":{\"code\":\"stale\",\"message\":\"old\",\"fix\":null}}" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(buf) struct buf out = BUF_INIT(1000);
		struct jw w;

		jw_init(&w, &out);
		jw_open(&w, '{');
		jw_kerror(&w, "stale", "old", cases[i].fix);
		jw_close(&w, '}');
		assert_string_equal(out.s, cases[i].text);
	}
}

static void raw_strings_survive_a_round_trip(void **state)
{
	static const char *const strings[] = {
		"",
		"plain",
		"\x01\x02\x1b[31m\x7f",
		"a\"b\\c/d\b\f\n\r\t",
		"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x9a\x80",
		"\xe2\x80\xae rtl \xe2\x80\x8b",
		"\xc2\x9b"
		"31m",
		"\xf3\xa0\x80\x81 tag",
		"\xef\xbb\xbf"
		"bom",
	};

	(void)state;
	for (size_t i = 0; i < countof(strings); i++) {
		autofree(buf) struct buf out = BUF_INIT(1000);
		autofree(json) struct json *j = NULL;
		struct err e = ERR_INIT;
		struct jw w;

		jw_init(&w, &out);
		jw_raw_str(&w, strings[i]);
		if (json_parse(&j, out.s, out.n, 1000, &e) != 0)
			fail_msg("%s: %s", out.s, e.message);
		assert_string_equal(json_str(j, ""), strings[i]);
		for (size_t k = 0; k < out.n; k++)
			assert_true((unsigned char)out.s[k] >= 0x20 && out.s[k] != 0x7f);
	}
}

static void bad_bytes_are_replaced_and_foreign_text_neutralised(void **state)
{
	static const struct {
		const char *in, *raw, *safe;
	} cases[] = {
		{ "a\xff"
		  "b",
		  "\"a\xef\xbf\xbd"
		  "b\"",
		  "\"a\\\\xffb\"" },
		{ "\x1b[2J", "\"\\u001b[2J\"", "\"\\\\x1b[2J\"" },
		{ "\xe2\x80\xae", "\"\\u202e\"", "\"<U+202E>\"" },
		{ "\xf3\xa0\x80\x81", "\"\\udb40\\udc01\"", "\"<U+E0001>\"" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(buf) struct buf raw = BUF_INIT(1000), safe = BUF_INIT(1000);
		struct jw w;

		jw_init(&w, &raw);
		jw_raw_str(&w, cases[i].in);
		assert_string_equal(raw.s, cases[i].raw);
		jw_init(&w, &safe);
		jw_str(&w, cases[i].in);
		assert_string_equal(safe.s, cases[i].safe);
	}
}

/* Two bytes of text may be a hundred of a tree. */
static void limits_are_named(void **state)
{
	static const struct {
		const char *text;
		struct json_limits limits;
		int expected;
	} rows[] = {
		{ "[[],[],[]]", { 10, 2, 7 }, 0 },         { "[[],[],[]]", { 9, 2, 7 }, JSON_OVER },
		{ "[[],[],[]]", { 10, 1, 7 }, JSON_OVER }, { "[[],[],[]]", { 10, 2, 6 }, JSON_OVER },
		{ "\"[,{,\"", { 10, 1, 1 }, 0 },           { "[\"\\\"[[\\\\\",[]]", { 14, 2, 4 }, 0 },
		{ "[1,", { 10, 1, 9 }, -ERR_CORRUPT },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct json *j = NULL;
		struct err e = ERR_INIT;

		int r = json_parse_within(&j, rows[i].text, strlen(rows[i].text), &rows[i].limits, &e);
		assert_int_equal(r, rows[i].expected);
		json_free(j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_named),
		cmocka_unit_test(documents_are_bounded),
		cmocka_unit_test(strings_are_as_they_were_meant),
		cmocka_unit_test(numbers_are_exact),
		cmocka_unit_test(raw_nul_is_refused),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(getters_answer_or_fall_back),
		cmocka_unit_test(what_is_dumped_is_inert),
		cmocka_unit_test(maps_are_strict),
		cmocka_unit_test(writing_puts_commas_and_escapes),
		cmocka_unit_test(errors_have_one_form),
		cmocka_unit_test(raw_strings_survive_a_round_trip),
		cmocka_unit_test(bad_bytes_are_replaced_and_foreign_text_neutralised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
