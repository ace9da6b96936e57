#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/rec.h"

struct thing {
	int64_t id;
	int count;
	int status;
	bool good;
	const char *title;
	struct when at;
	const char *token;
};

static const char *const said_words[] = { "unsaid", "false", "true" };
static const struct names said = NAMES(said_words);
static const char *const status_words[] = { "other", "open", "closed" };
static const struct names statuses = NAMES(status_words);
static const struct field thing_fields[] = {
	FIELD_REQ(thing, id),
	FIELD(thing, count),
	FIELD_ENUM(thing, status, &statuses),
	FIELD(thing, good),
	FIELD(thing, title),
	FIELD(thing, at),
	FIELD_FULL(thing, token, NULL, FIELD_SECRET),
};
static const struct rec rec_thing = REC(struct thing, thing_fields, "thing");

static void types_follow_members(void **state)
{
	(void)state;
	assert_int_equal(rec_field(&rec_thing, "id")->type, FIELD_INT64);
	assert_int_equal(rec_field(&rec_thing, "count")->type, FIELD_INT);
	assert_int_equal(rec_field(&rec_thing, "good")->type, FIELD_BOOL);
	assert_int_equal(rec_field(&rec_thing, "title")->type, FIELD_STRING);
	assert_int_equal(rec_field(&rec_thing, "at")->type, FIELD_WHEN);
	assert_int_equal(rec_field(&rec_thing, "id")->flags, FIELD_REQUIRED);
	assert_ptr_equal(rec_field(&rec_thing, "status")->names, &statuses);
	assert_null(rec_field(&rec_thing, "nothing"));
}

static void differences_are_described(void **state)
{
	static const struct thing base = { .id = 7, .status = 1, .title = "a", .at = { 1000 } };
	static const struct {
		struct thing other;
		const char *why;
	} cases[] = {
		{ { .id = 8, .status = 1, .title = "a", .at = { 1000 } }, "thing.id: 7 is not 8" },
		{ { .id = 7, .count = 2, .status = 1, .title = "a", .at = { 1000 } },
		  "thing.count: 0 is not 2" },
		{ { .id = 7, .status = 2, .title = "a", .at = { 1000 } },
		  "thing.status: open is not closed" },
		{ { .id = 7, .status = 1, .good = true, .title = "a", .at = { 1000 } },
		  "thing.good: false is not true" },
		{ { .id = 7, .status = 1, .title = "b", .at = { 1000 } }, "thing.title: \"a\" is not \"b\"" },
		{ { .id = 7, .status = 1, .at = { 1000 } }, "thing.title: \"a\" is not (none)" },
		{ { .id = 7, .status = 1, .title = "a" }, "thing.at: 1970-01-01T00:00:01Z is not -" },
		{ { .id = 7, .status = 1, .title = "a", .at = { 1000 }, .token = "hush" },
		  "thing.token: (secret) is not (secret)" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(buf) struct buf why = BUF_INIT(1000);

		assert_false(rec_equal(&rec_thing, &base, &cases[i].other, &why));
		assert_string_equal(why.s, cases[i].why);
		assert_false(rec_equal(&rec_thing, &base, &cases[i].other, NULL));
	}
	assert_true(rec_equal(&rec_thing, &base,
			      &(struct thing){ .id = 7, .status = 1, .title = "a", .at = { 1000 } }, NULL));
}

static void numbers_fit_or_are_refused(void **state)
{
	static const struct {
		const char *member;
		int64_t v;
		const char *wrong;
	} cases[] = {
		{ "id", INT64_MAX, NULL },
		{ "id", INT64_MIN, NULL },
		{ "count", INT_MAX, NULL },
		{ "count", INT_MIN, NULL },
		{ "count", (int64_t)INT_MAX + 1, "is out of range" },
		{ "count", (int64_t)INT_MIN - 1, "is out of range" },
		{ "status", 1, "is no word" },
		{ "good", 1, "is neither true nor false" },
		{ "title", 1, "is no string" },
		{ "at", 1, "is no time" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct thing t = { 0 };
		const char *wrong = rec_put_int(rec_field(&rec_thing, cases[i].member), &t, cases[i].v);

		if (cases[i].wrong) {
			assert_string_equal(wrong, cases[i].wrong);
			assert_true(rec_equal(&rec_thing, &t, &(struct thing){ 0 }, NULL));
		} else {
			assert_null(wrong);
			assert_true(t.id == cases[i].v || t.count == cases[i].v);
		}
	}
}

/* A word that may be true or false tells what was not said from what is false; other words take no bool. */
static void bools_are_words_where_there_are_such(void **state)
{
	static const struct field field = FIELD_ENUM(thing, status, &said);
	struct thing t = { 0 };

	(void)state;
	assert_null(rec_put_bool(&field, &t, false));
	assert_string_equal(names_word(&said, t.status), "false");
	assert_null(rec_put_bool(&field, &t, true));
	assert_string_equal(names_word(&said, t.status), "true");
	assert_string_equal(rec_put_bool(rec_field(&rec_thing, "status"), &t, true), "is no word");
	assert_string_equal(rec_put_bool(rec_field(&rec_thing, "count"), &t, true), "is no whole number");
}

static void text_becomes_what_the_member_is(void **state)
{
	struct arena a = ARENA_INIT;
	struct thing t = { 0 };
	char far[200];

	(void)state;
	memset(far, 'x', sizeof(far));
	assert_null(rec_put_text(rec_field(&rec_thing, "title"), &t, "abcdef", 3, &a));
	assert_string_equal(t.title, "abc");
	assert_null(rec_put_text(rec_field(&rec_thing, "status"), &t, "closed", 6, &a));
	assert_int_equal(t.status, 2);
	assert_null(rec_put_text(rec_field(&rec_thing, "status"), &t, "strange", 7, &a));
	assert_int_equal(t.status, 0);
	assert_null(rec_put_text(rec_field(&rec_thing, "status"), &t, far, sizeof(far), &a));
	assert_int_equal(t.status, 0);
	assert_null(rec_put_text(rec_field(&rec_thing, "at"), &t, "1970-01-01T00:00:02Z", 20, &a));
	assert_int_equal(t.at.ms, 2000);
	assert_string_equal(rec_put_text(rec_field(&rec_thing, "at"), &t, "yesterday", 9, &a), "is no time");
	assert_string_equal(rec_put_text(rec_field(&rec_thing, "at"), &t, far, sizeof(far), &a),
			    "is no time");
	assert_int_equal(t.at.ms, 2000);
	assert_string_equal(rec_put_text(rec_field(&rec_thing, "count"), &t, "1", 1, &a),
			    "is no whole number");
	assert_string_equal(rec_put_text(rec_field(&rec_thing, "title"), &t, "a\0b", 3, &a), "holds a NUL");
	assert_string_equal(rec_put_text(rec_field(&rec_thing, "title"), &t, "a\xff", 2, &a), "is no UTF-8");
	assert_string_equal(rec_put_bool(rec_field(&rec_thing, "title"), &t, true), "is no string");
	assert_null(rec_put_bool(rec_field(&rec_thing, "good"), &t, true));
	assert_true(t.good);
	arena_done(&a);
}

static void secrets_are_not_written(void **state)
{
	autofree(buf) struct buf out = BUF_INIT(1000);
	struct jw w;

	(void)state;
	jw_init(&w, &out);
	jw_open(&w, '{');
	jw_rec(&w, &rec_thing, &(struct thing){ .id = 1, .status = 2, .at = { 1000 }, .token = "hush" });
	jw_close(&w, '}');
	assert_string_equal(out.s,
			    "{\"id\":1,\"count\":0,\"status\":\"closed\",\"good\":false,\"title\":null,"
			    "\"at\":\"1970-01-01T00:00:01Z\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_follow_members),
		cmocka_unit_test(differences_are_described),
		cmocka_unit_test(numbers_fit_or_are_refused),
		cmocka_unit_test(bools_are_words_where_there_are_such),
		cmocka_unit_test(text_becomes_what_the_member_is),
		cmocka_unit_test(secrets_are_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
