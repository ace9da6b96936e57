/* What a run deployed is read from the history around it, never from the run's own commit alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/rules/pins.h"

#define PIN "pin: update processor digests (staging)"

static void the_deployed_commit_is_found(void **state)
{
	static const struct history list[] = {
		{ "f6", "feature", "ben", { 700 } }, { "e5", PIN, "pin-bot", { 600 } },
		{ "d4", PIN, "pin-bot", { 500 } },   { "c3", "merge of dev", "ana", { 400 } },
		{ "b2", PIN, "pin-bot", { 300 } },   { "a1", "first", "ana", { 200 } },
	};
	static const struct {
		const char *what, *head;
		int64_t since, until;
		const char *subject, *deployed;
		size_t newer;
	} cases[] = {
		{ "the newest pin on it", "c3", 450, 900, "*pin*", "e5", 1 },
		{ "a pin of before the run is another's", "a1", 350, 900, "*pin*", "a1", 5 },
		{ "one pin, then a commit of people", "a1", 250, 900, "*pin*", "b2", 4 },
		{ "a run that began between two pins cannot have made the first", "c3", 550, 900, "*pin*",
		  "c3", 3 },
		{ "a system that pins nothing", "c3", 450, 900, NULL, "c3", 3 },
		{ "a pin of after the run is another's too", "c3", 450, 550, "*pin*", "d4", 2 },
		{ "the tip itself", "f6", 700, 900, "*pin*", "f6", 0 },
		{ "not in the list", "99", 0, 900, "*pin*", NULL, 0 },
	};
	struct pins_deployed d;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pins_terms t = {
			cases[i].subject, list, 6, { cases[i].since }, { cases[i].until }
		};

		pins_deployed(&d, list, 6, cases[i].head, &t);
		if (!d.commit != !cases[i].deployed || d.newer_n != cases[i].newer)
			fail_msg("%s: %s and %zu newer", cases[i].what, d.commit ? d.commit->sha : "none",
				 d.newer_n);
		if (d.commit)
			assert_string_equal(d.commit->sha, cases[i].deployed);
	}
}

/* A time that is not known proves nothing: the pin is then a commit that nobody has validated. */
static void a_pin_without_a_time_is_no_pin(void **state)
{
	static const struct history list[] = { { "b2", PIN, "pin-bot", { 0 } },
					       { "a1", "first", "ana", { 200 } } };
	struct history undated[2] = { list[0], list[1] };
	struct pins_deployed d;

	(void)state;
	undated[0].at = WHEN_NONE;
	pins_deployed(&d, undated, 2, "a1", &(struct pins_terms){ "*pin*", undated, 2, { 100 }, { 900 } });
	assert_string_equal(d.commit->sha, "a1");
	assert_int_equal(d.newer_n, 1);
}

/* "Fix typing" fits *pin* as well, and pushes what nobody has tested. */
static void words_alone_are_no_pin(void **state)
{
	static const struct history list[] = { { "c3", "Fix typing", "mallory", { 400 } },
					       { "b2", PIN, "pin-bot", { 300 } },
					       { "a1", "first", "ana", { 200 } } };
	struct pins_deployed d;

	(void)state;
	pins_deployed(&d, list, 3, "a1", &(struct pins_terms){ "*pin*", &list[1], 1, { 250 }, { 900 } });
	assert_string_equal(d.commit->sha, "b2");
	assert_int_equal(d.newer_n, 1);
	assert_string_equal(d.newer[0].sha, "c3");
	pins_deployed(&d, list, 3, "a1", &(struct pins_terms){ "*pin*", NULL, 0, { 250 }, { 900 } });
	assert_string_equal(d.commit->sha, "a1");
}

static void the_newest_pin_and_what_was_before(void **state)
{
	static const struct history list[] = {
		{ "d4", "refactor", "ana", { 500 } },
		{ "c3", PIN, "pin-bot", { 400 } },
		{ "b2", PIN, "pin-bot", { 300 } },
	};
	const struct history *pin = NULL, *before = NULL;

	(void)state;
	assert_true(pins_newest(list, 3, "*pin*", &pin, &before));
	assert_string_equal(pin->sha, "c3");
	assert_string_equal(before->sha, "b2");
	assert_true(pins_newest(list, 2, "*pin*", &pin, &before));
	assert_null(before);
	assert_false(pins_newest(list, 1, "*pin*", &pin, &before));
	assert_false(pins_newest(list, 3, NULL, &pin, &before));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_deployed_commit_is_found),
		cmocka_unit_test(a_pin_without_a_time_is_no_pin),
		cmocka_unit_test(words_alone_are_no_pin),
		cmocka_unit_test(the_newest_pin_and_what_was_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
