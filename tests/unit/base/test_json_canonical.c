#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_canonical.h"

static void each_value_has_one_form(void **state)
{
	static const struct {
		const char *text, *form;
	} cases[] = {
		{ "null", "null" },
		{ " [ 1 , true,false , null ] ", "[1,true,false,null]" },
		{ "{}", "{}" },
		{ "{\"b\":1,\"a\":{\"d\":[],\"c\":{}}}", "{\"a\":{\"c\":{},\"d\":[]},\"b\":1}" },
		{ "-0", "0" },
		{ "-12", "-12" },
		{ "9007199254740991", "9007199254740991" },
		{ "{\"1\":1,\"\\u000d\":2,\"\":3,\"10\":4}", "{\"\":3,\"\\r\":2,\"1\":1,\"10\":4}" },
		{ "\"\\u0041\\/\\u00fc\\u20ac\"", "\"A/\xc3\xbc\xe2\x82\xac\"" },
		{ "\"\\u0008\\u0009\\u000a\\u000c\\u000d\\u0022\\u005c\"", "\"\\b\\t\\n\\f\\r\\\"\\\\\"" },
		{ "\"\\u001B\\u001f\\u007f\"", "\"\\u001b\\u001f\x7f\"" },
		{ "\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(buf) struct buf out = BUF_INIT(1000);

		assert_int_equal(json_canonical_text(&out, cases[i].text, strlen(cases[i].text), NULL), 0);
		assert_string_equal(out.s, cases[i].form);
		assert_true(json_is_canonical(out.s, out.n));
	}
}

/* The keys of RFC 8785, 3.2.3, and its order: by UTF-16 code units, where U+1F600 comes before U+FB33. */
static void keys_are_sorted_as_utf16(void **state)
{
	static const char text[] = "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":"
				   "\"Hebrew Letter Dalet With Dagesh\",\"1\":\"One\",\"\\ud83d\\ude00\":"
				   "\"Emoji: Grinning Face\",\"\\u0080\":\"Control\",\"\\u00f6\":"
				   "\"Latin Small Letter O With Diaeresis\"}";
	static const char form[] =
		"{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
		"\"\xc3\xb6\":\"Latin Small Letter O With Diaeresis\",\"\xe2\x82\xac\":"
		"\"Euro Sign\",\"\xf0\x9f\x98\x80\":\"Emoji: Grinning Face\",\"\xef\xac\xb3\":"
		"\"Hebrew Letter Dalet With Dagesh\"}";
	autofree(buf) struct buf out = BUF_INIT(1000);

	(void)state;
	assert_int_equal(json_canonical_text(&out, text, strlen(text), NULL), 0);
	assert_string_equal(out.s, form);
}

static void what_has_no_one_form_is_refused(void **state)
{
	static const struct {
		const char *text;
		enum err_kind kind;
	} cases[] = {
		{ "1.5", ERR_INVALID },
		{ "1.0", ERR_INVALID },
		{ "[{\"a\":1e2}]", ERR_INVALID },
		{ "9007199254740992", ERR_INVALID },
		{ "-9007199254740992", ERR_INVALID },
		{ "{\"a\":1,\"a\":1}", ERR_CORRUPT },
		{ "\"\\ud83d\"", ERR_CORRUPT },
		{ "\"\xff\"", ERR_CORRUPT },
		{ "{", ERR_CORRUPT },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(buf) struct buf out = BUF_INIT(40);
		struct err e = ERR_INIT;

		assert_int_equal(json_canonical_text(&out, cases[i].text, strlen(cases[i].text), &e),
				 -(int)cases[i].kind);
		assert_int_equal(e.kind, cases[i].kind);
		assert_false(json_is_canonical(cases[i].text, strlen(cases[i].text)));
	}
}

static void a_form_longer_than_its_room_is_refused(void **state)
{
	autofree(buf) struct buf out = BUF_INIT(10);

	(void)state;
	assert_int_equal(json_canonical_text(&out, "\"0123456789\"", 12, NULL), -ERR_INVALID);
}

static void another_spelling_is_not_the_form(void **state)
{
	static const char *const cases[] = {
		"{\"b\":1,\"a\":2}", "[1, 2]", "\"\\u0041\"", "\"\\/\"", "\"\\u000a\"", "-0", "{}\n", "",
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		assert_false(json_is_canonical(cases[i], strlen(cases[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_value_has_one_form),
		cmocka_unit_test(keys_are_sorted_as_utf16),
		cmocka_unit_test(what_has_no_one_form_is_refused),
		cmocka_unit_test(a_form_longer_than_its_room_is_refused),
		cmocka_unit_test(another_spelling_is_not_the_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
