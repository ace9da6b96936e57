#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
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

/* What the callback saw, as text: one record a line. */
struct seen {
	struct buf text;
	int n;
	int stop_at; /* the callback's answer to record number stop_at is 42 */
};

static int note(void *ctx, void *record, const struct err *damaged)
{
	const struct run *run = record;
	struct seen *seen = ctx;

	buf_fmt(&seen->text, "%" PRId64, run->id);
	if (run->title)
		buf_fmt(&seen->text, " '%s'", run->title);
	if (damaged)
		buf_fmt(&seen->text, " (%s)", damaged->message);
	buf_chr(&seen->text, '\n');
	return ++seen->n == seen->stop_at ? 42 : 0;
}

static int walk(const char *text, size_t n, const char *path, struct seen *seen, size_t *damaged,
		struct err *e)
{
	/* exactly n bytes on the heap, so that a read past the end is seen */
	char *copy = malloc(n ? n : 1);
	int r;

	memcpy(copy, text, n);
	r = json_list(copy, n, path, run_map, countof(run_map), &rec_run, NULL, note, seen, damaged, e);
	free(copy);
	return r;
}

#define PAGE(records) "{\"total_count\":2,\"runs\":[" records "],\"more\":{\"runs\":[{\"id\":99}]}}"

static void records_go_on_when_one_is_damaged(void **state)
{
	static const struct {
		const char *record;
		const char *line; /* of the record between 1 and 2 */
	} cases[] = {
		{ "{\"id\":5,\"title\":\"t\"}", "5 't'" },
		{ "{\"id\":5,\"title\":\"\\u00e9\\ud83d\\ude80\"}", "5 '\xc3\xa9\xf0\x9f\x9a\x80'" },
		{ "{\"id\":5,\"title\":\"say \\\"hi\\\" \\\\\"}", "5 'say \"hi\" \\'" },
		{ "{\"id\":5,\"\\u0074itle\":\"t\"}", "5 't'" },
		{ "{\"id\":5,\"title\":null,\"head\":null}", "5" },
		{ "{\"id\":-9223372036854775808}", "-9223372036854775808" },
		{ "{\"id\":9223372036854775807}", "9223372036854775807" },
		{ "{\"id\":9223372036854775808}", "0 (run: id is no whole number)" },
		{ "{\"id\":-9223372036854775809}", "0 (run: id is no whole number)" },
		{ "{\"id\":123456789012345678901234567890}", "0 (run: id is no whole number)" },
		{ "{\"id\":1e3}", "0 (run: id is no whole number)" },
		{ "{\"id\":1.5}", "0 (run: id is no whole number)" },
		{ "{\"id\":1e999999}", "0 (run: id is no whole number)" },
		{ "{\"id\":true}", "0 (run: id is no whole number)" },
		{ "{\"id\":\"5\"}", "0 (run: id is no whole number)" },
		{ "{\"id\":[5]}", "0 (run: id is no whole number)" },
		{ "{\"id\":{\"id\":5}}", "0 (run: id is no whole number)" },
		{ "{}", "0 (run: id is missing)" },
		{ "{\"id\":null}", "0 (run: id is missing)" },
		{ "{\"title\":\"t\"}", "0 't' (run: id is missing)" },
		{ "{\"id\":5,\"run_attempt\":2147483648}", "5 (run: run_attempt is out of range)" },
		{ "{\"id\":5,\"status\":2}", "5 (run: status is no word)" },
		{ "{\"id\":5,\"created_at\":\"soon\"}", "5 (run: created_at is no time)" },
		{ "{\"id\":5,\"id\":6}", "5 (run: id is there twice)" },
		{ "{\"id\":5,\"\\u0069d\":6}", "5 (run: id is there twice)" },
		{ "{\"id\":5,\"head\":{},\"head\":{}}", "5 (run: head is there twice)" },
		{ "{\"id\":5,\"head\":{\"fork\":true,\"fork\":true}}", "5 (run: head.fork is there twice)" },
		{ "{\"id\":5,\"head\":3}", "5 (run: head is no object)" },
		{ "{\"id\":5,\"head\":[{\"fork\":1}]}", "5 (run: head is no object)" },
		{ "{\"id\":5,\"head\":{\"repo\":\"x\"}}", "5 (run: head.repo is no object)" },
		{ "{\"id\":5,\"title\":\"a\\u0000b\"}", "5 (run: title holds a NUL)" },
		{ "{\"id\":5,\"title\":\"a\\ud800b\"}", "5 (run: title holds half a surrogate pair)" },
		{ "{\"id\":5,\"title\":\"\\ud800\"}", "5 (run: title holds half a surrogate pair)" },
		{ "{\"id\":5,\"title\":\"\\udc00\"}", "5 (run: title holds half a surrogate pair)" },
		{ "{\"id\":5,\"title\":\"\\ud83d\\u0041\"}", "5 (run: title holds half a surrogate pair)" },
		{ "{\"id\":5,\"title\":\"\\\\\\\"\\ud83d\"}", "5 (run: title holds half a surrogate pair)" },
		{ "{\"id\":5,\"title\":\"\\\\ud83d\"}", "5 '\\ud83d'" },
		{ "{\"id\":5,\"title\":\"a\xff\"}", "5 (run: title is no UTF-8)" },
		{ "{\"id\":5,\"title\":\"\xed\xa0\x80\"}", "5 (run: title is no UTF-8)" },
		{ "{\"id\":5,\"unread\":\"\\ud800 \xff \\u0000\"}", "5" },
		{ "{\"id\":5,\"unread\":[{\"id\":6,\"title\":\"u\"}],\"deep\":{\"title\":\"v\"}}", "5" },
		{ "null", "0 (run: the element is no object)" },
		{ "7", "0 (run: the element is no object)" },
		{ "\"x\"", "0 (run: the element is no object)" },
		{ "[{\"id\":5}]", "0 (run: the element is no object)" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(buf) struct buf text = BUF_INIT(10000), want = BUF_INIT(1000);
		struct seen seen = { .text = BUF_INIT(10000) };
		struct err e = ERR_INIT;
		size_t damaged = 9;

		buf_fmt(&text, PAGE("{\"id\":1},%s,{\"id\":2}"), cases[i].record);
		buf_fmt(&want, "1\n%s\n2\n", cases[i].line);
		assert_int_equal(walk(text.s, text.n, "runs", &seen, &damaged, &e), 0);
		assert_string_equal(seen.text.s, want.s);
		assert_int_equal(damaged, strchr(cases[i].line, '(') ? 1 : 0);
		buf_done(&seen.text);
	}
}

static void arrays_are_found_by_path(void **state)
{
	static const struct {
		const char *text, *path;
		const char *seen;    /* NULL: refused */
		const char *message; /* a part of it */
	} cases[] = {
		{ "[{\"id\":1}]", "", "1\n", NULL },
		{ " [ ] ", "", "", NULL },
		{ "{\"runs\":[]}", "runs", "", NULL },
		{ "{\"a\":{\"runs\":[{\"id\":8}]},\"data\":{\"x\":[],\"runs\":[{\"id\":1}]},\"runs\":[{"
		  "\"id\":9}]}",
		  "data.runs", "1\n", NULL },
		{ "{}", "", NULL, "the document is no array" },
		{ "3", "", NULL, "the document is no array" },
		{ "[]", "runs", NULL, "no array runs" },
		{ "{}", "runs", NULL, "no array runs" },
		{ "{\"runs\":null}", "runs", NULL, "no array runs" },
		{ "{\"runs\":{}}", "runs", NULL, "no array runs" },
		{ "{\"data\":[]}", "data.runs", NULL, "no array data.runs" },
		{ "{\"data\":{\"data\":{\"runs\":[]}}}", "data.runs", NULL, "no array data.runs" },
		{ "{\"message\":\"Not Found\"}", "runs", NULL, "no array runs" },
		{ "{\"runs\":[],\"runs\":[]}", "runs", NULL, "twice" },
		{ "{\"data\":{\"runs\":[]},\"data\":{\"runs\":[]}}", "data.runs", NULL, "twice" },
		{ "", "", NULL, "no valid JSON at byte 0" },
		{ "[{\"id\":1},", "", NULL, "no valid JSON at byte 10" },
		{ "[{\"id\":1}]]", "", NULL, "no valid JSON" },
		{ "[{\"id\":1}] {}", "", NULL, "no valid JSON" },
		{ "[{\"id\":1}", "", NULL, "no valid JSON" },
		{ "[{\"id\":1},]", "", NULL, "no valid JSON" },
		{ "<html>", "", NULL, "no valid JSON" },
		{ "[{\"id\":01}]", "", NULL, "no valid JSON" },
		{ "[{\"title\":\"\x01\"}]", "", NULL, "no valid JSON" },
		{ "[{\"title\":\"\\ud80\"}]", "", NULL, "no valid JSON" },
		{ "[{\"title\":\"\\ud800", "", NULL, "no valid JSON" },
		{ "[/* */]", "", NULL, "no valid JSON" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct seen seen = { .text = BUF_INIT(10000) };
		struct err e = ERR_INIT;
		int r = walk(cases[i].text, strlen(cases[i].text), cases[i].path, &seen, NULL, &e);

		if (cases[i].seen) {
			assert_int_equal(r, 0);
			assert_string_equal(seen.text.s, cases[i].seen);
		} else {
			assert_int_equal(r, -ERR_CORRUPT);
			if (!strstr(e.message, cases[i].message))
				fail_msg("%s: %s", cases[i].text, e.message);
		}
		buf_done(&seen.text);
	}
}

static void depth_is_bounded_everywhere(void **state)
{
	static const struct {
		const char *before;
		char bracket;
	} cases[] = {
		{ "", '[' }, { "{\"a\":", '[' }, { "[{\"x\":", '[' }, { "[{\"id\":", '[' }, { "[", '[' }
	};
	static char text[200000];

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct seen seen = { .text = BUF_INIT(10000) };
		struct err e = ERR_INIT;

		memset(text, cases[i].bracket, sizeof(text));
		memcpy(text, cases[i].before, strlen(cases[i].before));
		assert_int_equal(
			walk(text, sizeof(text), *cases[i].before == '{' ? "runs" : "", &seen, NULL, &e),
			-ERR_CORRUPT);
		assert_string_equal(e.message, "the document is nested deeper than 64");
		buf_done(&seen.text);
	}
}

static void the_callback_may_stop(void **state)
{
	static const char text[] = "[{\"id\":1},{\"id\":2},{\"id\":3}, nonsense";
	struct seen seen = { .text = BUF_INIT(100), .stop_at = 2 };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(walk(text, strlen(text), "", &seen, NULL, &e), 42);
	assert_string_equal(seen.text.s, "1\n2\n");
	assert_int_equal(e.kind, ERR_NONE);
	buf_done(&seen.text);
}

struct kept {
	struct run runs[3];
	int n;
};

static int keep_run(void *ctx, void *record, const struct err *damaged)
{
	struct kept *kept = ctx;

	assert_null(damaged);
	kept->runs[kept->n++] = *(struct run *)record;
	return 0;
}

static void all_types_are_read_and_kept(void **state)
{
	static const char text[] = "[{\"head\":{\"x\":{},\"repo\":{\"y\":[[]],\"full\":{\"name\":\"o/"
				   "r\"},\"z\":1},\"fork\":true},\"id\":1,"
				   "\"run_attempt\":-3,\"status\":\"queued\",\"title\":\"one\",\"created_"
				   "at\":\"1970-01-01T00:00:01Z\"},"
				   "{\"id\":2,\"title\":\"tw\\u006f\",\"status\":\"novel\"}]";
	static const struct run want[] = {
		{ .id = 1,
		  .attempt = -3,
		  .status = 1,
		  .fork = true,
		  .title = "one",
		  .repo = "o/r",
		  .created = { 1000 } },
		{ .id = 2, .title = "two" },
	};
	struct arena keep = ARENA_INIT;
	struct kept kept = { .n = 0 };

	(void)state;
	assert_int_equal(json_list(text, strlen(text), "", run_map, countof(run_map), &rec_run, &keep,
				   keep_run, &kept, NULL, NULL),
			 0);
	assert_int_equal(kept.n, 2);
	for (size_t i = 0; i < countof(want); i++) {
		autofree(buf) struct buf why = BUF_INIT(1000);

		if (!rec_equal(&rec_run, &kept.runs[i], &want[i], &why))
			fail_msg("%s", why.s);
	}
	arena_done(&keep);
}

static void a_huge_string_damages_its_record_only(void **state)
{
	autofree(buf) struct buf text = BUF_INIT(30 << 20);
	struct seen seen = { .text = BUF_INIT(1000) };
	size_t damaged;

	(void)state;
	buf_str(&text, "[{\"id\":1,\"title\":\"");
	buf_fill(&text, 'x', 24 << 20);
	buf_str(&text, "\"},{\"id\":2}]");
	assert_false(text.over);
	assert_int_equal(walk(text.s, text.n, "", &seen, &damaged, NULL), 0);
	assert_string_equal(seen.text.s, "1 (run: title is too long)\n2\n");
	assert_int_equal(damaged, 1);
	buf_done(&seen.text);
}

static int twins(void *ctx, void *record, const struct err *damaged)
{
	const struct run *run = record;

	assert_null(damaged);
	assert_string_equal(run->title, "main");
	assert_string_equal(run->repo, "main");
	++*(int *)ctx;
	return 0;
}

static void one_path_may_fill_two_members(void **state)
{
	static const struct jmap map[] = { { "name", "title", JMAP_REQUIRED },
					   { "name", "repo", JMAP_REQUIRED } };
	static const char text[] = "[{\"name\":\"main\"}]";
	int n = 0;

	(void)state;
	assert_int_equal(
		json_list(text, strlen(text), "", map, countof(map), &rec_run, NULL, twins, &n, NULL, NULL),
		0);
	assert_int_equal(n, 1);
}

static int any(void *ctx, void *record, const struct err *damaged)
{
	(void)ctx, (void)record, (void)damaged;
	return 0;
}

static void a_count_stands_beside_the_list(void **state)
{
	static const struct {
		const char *text, *path;
		int64_t count;
	} cases[] = {
		{ "{\"total\":7,\"a\":[]}", "a", 7 },
		{ "{\"a\":[{\"total\":3}],\"total\":7}", "a", 7 },
		{ "{\"a\":[{\"id\":1,\"x\":{\"total\":3}}],\"b\":{\"total\":4}}", "a", -1 },
		{ "{\"total\":1,\"a\":{\"b\":[],\"total\":-8}}", "a.b", -8 },
		{ "{\"total\":\"7\",\"a\":[]}", "a", -1 },
		{ "{\"total\":7.5,\"a\":[]}", "a", -1 },
		{ "{\"total\":[7],\"a\":[]}", "a", -1 },
		{ "{\"totals\":7,\"a\":[]}", "a", -1 },
		{ "[{\"total\":7}]", "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		int64_t total = -1;
		const struct json_count count = { "total", &total };

		assert_int_equal(json_list_counted(cases[i].text, strlen(cases[i].text), cases[i].path,
						   &count, run_map, countof(run_map), &rec_run, NULL, any,
						   NULL, NULL, NULL),
				 0);
		assert_int_equal(total, cases[i].count);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_go_on_when_one_is_damaged),
		cmocka_unit_test(arrays_are_found_by_path),
		cmocka_unit_test(depth_is_bounded_everywhere),
		cmocka_unit_test(the_callback_may_stop),
		cmocka_unit_test(all_types_are_read_and_kept),
		cmocka_unit_test(a_huge_string_damages_its_record_only),
		cmocka_unit_test(one_path_may_fill_two_members),
		cmocka_unit_test(a_count_stands_beside_the_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
