#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/names.h"
#include "base/text.h"

static void is_filled_at_the_origin(void **state)
{
	struct err e = { .kind = ERR_RATE, .retry_ms = 5, .status = 429, .hint = "old" };

	(void)state;
	assert_int_equal(err_set(&e, ERR_MISSING, "there is no lane %s", "api/prod"), -ERR_MISSING);
	assert_int_equal(e.kind, ERR_MISSING);
	assert_string_equal(e.message, "there is no lane api/prod");
	assert_string_equal(e.hint, "");
	assert_int_equal(e.retry_ms, 0);
	assert_int_equal(e.status, 0);
	assert_int_equal(err_set(NULL, ERR_AUTH, "nobody listens"), -ERR_AUTH);
}

static void the_deepest_hint_stays(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	err_set(&e, ERR_INVALID, "bad");
	assert_int_equal(err_hint(&e, "use %d", 1), -ERR_INVALID);
	assert_int_equal(err_hint(&e, "use %d", 2), -ERR_INVALID);
	assert_string_equal(e.hint, "use 1");
	err_clear(&e);
	assert_int_equal(e.kind, ERR_NONE);
	assert_string_equal(e.hint, "");
	err_clear(NULL);
	assert_true(err_hint(NULL, "nobody listens") < 0);
}

static void foreign_text_is_neutralised(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	err_set(&e, ERR_SERVER, "the server says %s", "\x1b]0;pwned\x07\n\xe2\x80\xae");
	assert_string_equal(e.message, "the server says \\x1b]0;pwned\\x07\\x0a<U+202E>");
	err_hint(&e, "see %s", "\r\x9b");
	assert_string_equal(e.hint, "see \\x0d\\x9b");
}

/* What a person typed is in the middle; what is wrong with it, and the end of the sentence, stay. */
static void long_messages_lose_their_middle_between_whole_characters(void **state)
{
	char longer[3000];
	struct err e = ERR_INIT;

	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		memset(longer, 'x', sizeof(longer));
		for (size_t i = shift; i + 4 < sizeof(longer); i += 4)
			memcpy(longer + i, "\xf0\x9f\x98\x80", 4);
		longer[sizeof(longer) - 1] = '\0';
		err_set(&e, ERR_SERVER, "--input %s is not KEY=VALUE", longer);
		assert_true(text_is_safe(e.message));
		assert_true(strlen(e.message) > sizeof(e.message) - 10);
		assert_true(text_starts(e.message, "--input "));
		assert_non_null(strstr(e.message, ".."));
		assert_string_equal(e.message + strlen(e.message) - 17, " is not KEY=VALUE");
	}
	memset(longer, 'x', 383);
	longer[383] = '\0';
	err_set(&e, ERR_SERVER, "%s", longer);
	assert_string_equal(e.message, longer);
}

static void every_kind_has_a_word_and_an_exit_status(void **state)
{
	static const struct {
		enum err_kind kind;
		const char *word;
		int status;
	} expected[] = {
		{ ERR_NONE, "none", 0 },           { ERR_OFFLINE, "offline", 4 },
		{ ERR_UNKNOWN, "unknown", 3 },     { ERR_SERVER, "server", 4 },
		{ ERR_AUTH, "auth", 4 },           { ERR_FORBIDDEN, "forbidden", 1 },
		{ ERR_RATE, "rate", 4 },           { ERR_CONFLICT, "conflict", 1 },
		{ ERR_MISSING, "missing", 1 },     { ERR_INVALID, "invalid", 2 },
		{ ERR_CORRUPT, "corrupt", 6 },     { ERR_STORE, "store", 6 },
		{ ERR_STALE, "stale", 5 },         { ERR_POLICY, "policy", 1 },
		{ ERR_CANCELLED, "cancelled", 1 }, { ERR_BUG, "bug", 6 },
	};

	(void)state;
	assert_int_equal(countof(expected), ERR_MAX_);
	for (size_t i = 0; i < countof(expected); i++) {
		assert_int_equal(expected[i].kind, i);
		assert_string_equal(err_word(expected[i].kind), expected[i].word);
		assert_int_equal(err_exit_status(expected[i].kind), expected[i].status);
	}
	/* Never silently good. */
	assert_int_not_equal(err_exit_status((enum err_kind)99), 0);
	assert_string_equal(err_word((enum err_kind)99), "bug");
}

static void unknown_words_are_the_first_entry(void **state)
{
	static const char *const words[] = { "other", "queued", "done" };
	static const struct names names = NAMES(words);

	(void)state;
	assert_int_equal(names_value(&names, "done"), 2);
	assert_int_equal(names_value(&names, "DONE"), 0);
	assert_int_equal(names_value(&names, "succeeded"), 0);
	assert_int_equal(names_value(&names, NULL), 0);
	assert_string_equal(names_word(&names, 1), "queued");
	assert_string_equal(names_word(&names, -1), "other");
	assert_string_equal(names_word(&names, 3), "other");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_filled_at_the_origin),
		cmocka_unit_test(the_deepest_hint_stays),
		cmocka_unit_test(foreign_text_is_neutralised),
		cmocka_unit_test(long_messages_lose_their_middle_between_whole_characters),
		cmocka_unit_test(every_kind_has_a_word_and_an_exit_status),
		cmocka_unit_test(unknown_words_are_the_first_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
