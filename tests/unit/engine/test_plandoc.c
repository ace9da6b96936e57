/* Two documents of plans differ in lines that a person can read; the name is found by its beginning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/engine/plandoc.h"

#define DOC(relies_on, more) "{\"format\":\"pilothouse-plan/1\"" more ",\"relies_on\":{" relies_on "}}"
#define TAG(state, value)    "\"tag\":{\"state\":\"" state "\",\"value\":\"" value "\"}"

static void each_difference_is_a_line(void **state)
{
	static const struct {
		const char *was, *is, *first;
		size_t n;
	} cases[] = {
		{ DOC(TAG("ok", "a"), ""), DOC(TAG("ok", "a"), ""), NULL, 0 },
		{ DOC(TAG("ok", "a"), ""), DOC(TAG("ok", "b"), ""), "tag moved: a -> b", 1 },
		{ DOC(TAG("ok", "a"), ""), DOC(TAG("absent", ""), ""), "tag moved: a -> absent", 1 },
		{ DOC(TAG("ok", "a"), ""), DOC(TAG("not readable", ""), ""), "tag moved: a -> not readable",
		  1 },
		{ DOC(TAG("ok", ""), ""), DOC(TAG("ok", "b"), ""), "tag moved: nothing -> b", 1 },
		{ DOC(TAG("ok", "a"), ""), DOC("", ""), "tag was a and is not known now", 1 },
		{ DOC("", ""), DOC(TAG("ok", "a"), ""), "tag is new: a", 1 },
		{ DOC(TAG("ok", "{\\\"x\\\":1,\\\"y\\\":[1,2]}"), ""),
		  DOC(TAG("ok", "{\\\"x\\\":2,\\\"y\\\":[1]}"), ""), "tag moved: x: 1 -> 2", 2 },
		{ DOC("", ",\"release\":\"v1\""), DOC("", ",\"release\":\"v2\""), "release: v1 -> v2", 1 },
		{ DOC("", ",\"release\":\"v1\""), DOC("", ",\"release\":null"), "release: v1 -> null", 1 },
		{ DOC("", ""), DOC("", ",\"release\":\"v2\""), "release: nothing -> v2", 1 },
		{ DOC("", ",\"requests\":[{\"body\":\"{\\\"ref\\\":\\\"main\\\"}\"}]"),
		  DOC("", ",\"requests\":[{\"body\":\"{\\\"ref\\\":\\\"dev\\\"}\"},{}]"),
		  "requests[0].body.ref: main -> dev", 2 },
		{ DOC(TAG("ok", "a"), ",\"sha\":\"1\""), DOC(TAG("ok", "b"), ",\"sha\":\"2\""),
		  "tag moved: a -> b", 2 },
		{ "{}", DOC("", ""), "one of them is no plan", 1 },
		{ NULL, DOC("", ""), "one of them is no plan", 1 },
		{ DOC("", ""), "[", "one of them is no plan", 1 },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT;
		struct plan_lines lines = { 0 };

		plan_diff(cases[i].was, cases[i].is, &lines, &a);
		assert_int_equal(lines.n, cases[i].n);
		if (lines.n)
			assert_string_equal(lines.items[0], cases[i].first);
		arena_done(&a);
	}
}

static void a_name_is_found_by_its_beginning(void **state)
{
	static const char id[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

	(void)state;
	assert_true(plan_is_named(id, id));
	assert_true(plan_is_named(id, "00112233"));
	assert_true(plan_is_named(id, "0011223344"));
	assert_false(plan_is_named(id, "0011223")); /* too short to mean one */
	assert_false(plan_is_named(id, "00112234"));
	assert_false(plan_is_named(id, ""));
	assert_false(plan_is_named(id, NULL));
	assert_false(plan_is_named(id, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_difference_is_a_line),
		cmocka_unit_test(a_name_is_found_by_its_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
