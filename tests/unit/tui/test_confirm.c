/* The field where production is confirmed: what must not count, and the one way that does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tui/confirm.h"

#define PHRASE "easy/prod v0.9.4"
#define OPENED 100000

struct typist {
	struct confirm c;
	msec now;
	enum confirm_outcome got;
};

static void hear(void *ctx, const struct key_event *ev)
{
	struct typist *t = ctx;
	enum confirm_outcome r = confirm_key(&t->c, ev, t->now);
	if (r != CONFIRM_OPEN && t->got == CONFIRM_OPEN)
		t->got = r;
}

static void start(struct typist *t, msec after)
{
	confirm_open(&t->c, PHRASE, OPENED);
	t->now = OPENED + after;
	t->got = CONFIRM_OPEN;
}

/* All bytes in one read. */
static void burst(struct typist *t, const char *bytes)
{
	struct keys k;
	keys_init(&k);
	keys_feed(&k, bytes, strlen(bytes), hear, t);
	keys_flush(&k, hear, t);
}

/* One byte a read, `gap` ms between them. */
static void type(struct typist *t, const char *bytes, msec gap)
{
	struct keys k;
	keys_init(&k);
	for (; *bytes; bytes++, t->now += gap)
		keys_feed(&k, bytes, 1, hear, t);
}

static void test_typed_phrase_commits(void **state)
{
	struct typist t;
	(void)state;
	start(&t, CONFIRM_ARMING_MS);
	type(&t, PHRASE "\r", 80);
	assert_int_equal(t.got, CONFIRM_COMMIT);
}

static void test_corrected_phrase_commits(void **state)
{
	struct typist t;
	(void)state;
	start(&t, CONFIRM_ARMING_MS);
	type(&t,
	     "easy/prox\x7f"
	     "d v0.9.4\r",
	     80);
	assert_int_equal(t.got, CONFIRM_COMMIT);
}

static const struct {
	const char *what;
	msec after, gap;
	const char *keys;
	bool hint;
} refused[] = {
	{ "before arming", 0, 10, PHRASE "\r", false },
	{ "typed across arming", CONFIRM_ARMING_MS - 200, 60, PHRASE "\r", true },
	{ "Enter alone", CONFIRM_ARMING_MS, 80, "\r", true },
	{ "Enter, held", CONFIRM_ARMING_MS, 33, "\r\r\r\r\r\r\r\r\r\r\r\r", true },
	{ "the act's key, held", CONFIRM_ARMING_MS, 33, "DDDDDDDDDDDDDDDDDD\r", true },
	{ "y", CONFIRM_ARMING_MS, 80, "y\r", true },
	{ "lane only", CONFIRM_ARMING_MS, 80, "easy/prod\r", true },
	{ "another release", CONFIRM_ARMING_MS, 80, "easy/prod v0.9.3\r", true },
	{ "more than the phrase", CONFIRM_ARMING_MS, 80, PHRASE "0\r", true },
	{ "other case", CONFIRM_ARMING_MS, 80, "Easy/prod v0.9.4\r", true },
	{ "blank before", CONFIRM_ARMING_MS, 80, " " PHRASE "\r", true },
	{ "a paste cut into bytes", CONFIRM_ARMING_MS, 1, PHRASE "\r", true },
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(refused); i++) {
		struct typist t;
		start(&t, refused[i].after);
		type(&t, refused[i].keys, refused[i].gap);
		if (t.got != CONFIRM_OPEN)
			fail_msg("%s: outcome %d", refused[i].what, (int)t.got);
		if (refused[i].hint && !*t.c.hint)
			fail_msg("%s: nothing is said", refused[i].what);
	}
}

static void test_paste(void **state)
{
	static const char *const pastes[] = {
		"\033[200~" PHRASE "\033[201~",     PHRASE, PHRASE "\r", "\033[200~" PHRASE "\r\033[201~\r",
		"\033[200~" PHRASE "\n\033[201~\n",
	};
	(void)state;
	for (size_t i = 0; i < countof(pastes); i++) {
		struct typist t;
		start(&t, 5000);
		burst(&t, pastes[i]);
		assert_int_equal(t.got, CONFIRM_OPEN);
		assert_string_equal(t.c.typed, "");
		t.now += 1000;
		type(&t, "\r", 100); /* and Enter afterwards finds an empty field */
		assert_int_equal(t.got, CONFIRM_OPEN);
	}
}

static void test_enter_with_the_last_letter(void **state)
{
	struct typist t;
	(void)state;
	start(&t, 1000);
	type(&t, "easy/prod v0.9.", 80);
	burst(&t, "4\r");
	assert_int_equal(t.got, CONFIRM_OPEN);
	assert_true(*t.c.hint != 0);
}

static void test_double_enter_commits_once(void **state)
{
	struct typist t;
	(void)state;
	start(&t, 1000);
	type(&t, PHRASE, 80);
	burst(&t, "\r\r"); /* two in one read are no person's */
	assert_int_equal(t.got, CONFIRM_OPEN);
}

static void test_keypad_enter(void **state)
{
	struct typist t;
	(void)state;
	start(&t, 1000);
	type(&t, PHRASE, 80);
	burst(&t, "\033OM");
	assert_int_equal(t.got, CONFIRM_COMMIT);
}

static void test_leave(void **state)
{
	static const char *const ways[] = { "\033", "\003" };
	(void)state;
	for (size_t i = 0; i < countof(ways); i++) {
		struct typist t;
		start(&t, 10); /* leaving needs no arming */
		burst(&t, ways[i]);
		assert_int_equal(t.got, CONFIRM_LEAVE);
	}
}

static void test_timeout(void **state)
{
	struct typist t;
	(void)state;
	start(&t, 1000);
	type(&t, PHRASE, 80);
	t.now = OPENED + CONFIRM_TIMEOUT_MS - 1;
	assert_int_equal(confirm_left(&t.c, t.now), 1);
	assert_false(confirm_void(&t.c, t.now));
	t.now++;
	assert_true(confirm_void(&t.c, t.now));
	type(&t, "\r", 1);
	assert_int_equal(t.got, CONFIRM_AGAIN);
}

/* The rest of a phrase, keys of screens, pastes: swallowed. A person's Enter plans again, Esc leaves. */
static void test_void(void **state)
{
	static const struct {
		const char *keys;
		enum confirm_outcome want;
	} rows[] = {
		{ "d", CONFIRM_OPEN },         { "q", CONFIRM_OPEN },
		{ "\t", CONFIRM_OPEN },        { "\x7f", CONFIRM_OPEN },
		{ PHRASE "\r", CONFIRM_OPEN }, { "\033[200~DX\r\033[201~", CONFIRM_OPEN },
		{ "\r", CONFIRM_AGAIN },       { "\033OM", CONFIRM_AGAIN },
		{ "\033", CONFIRM_LEAVE },     { "\003", CONFIRM_LEAVE },
	};
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct typist t;
		start(&t, CONFIRM_TIMEOUT_MS);
		burst(&t, rows[i].keys);
		if (t.got != rows[i].want || t.c.n)
			fail_msg("row %zu: outcome %d, %zu typed", i, (int)t.got, t.c.n);
	}
}

static void test_not_fitting(void **state)
{
	struct typist t;
	(void)state;
	start(&t, 1000);
	type(&t, PHRASE, 80);
	t.c.fits = false;
	type(&t, "\r", 80);
	assert_int_equal(t.got, CONFIRM_OPEN);
	assert_true(*t.c.hint != 0);
	t.c.fits = true;
	type(&t, "\r", 80);
	assert_int_equal(t.got, CONFIRM_COMMIT);
}

static void test_long_and_wide(void **state)
{
	struct typist t;
	(void)state;
	start(&t, 1000);
	for (int i = 0; i < 500; i++)
		type(&t, "\303\251", 40);
	assert_true(strlen(t.c.typed) < sizeof(t.c.typed));
	for (int i = 0; i < 500; i++)
		type(&t, "\x7f", 40);
	assert_string_equal(t.c.typed, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_typed_phrase_commits),
		cmocka_unit_test(test_corrected_phrase_commits),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_paste),
		cmocka_unit_test(test_enter_with_the_last_letter),
		cmocka_unit_test(test_double_enter_commits_once),
		cmocka_unit_test(test_keypad_enter),
		cmocka_unit_test(test_leave),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_void),
		cmocka_unit_test(test_not_fitting),
		cmocka_unit_test(test_long_and_wide),
	};
	return cmocka_run_group_tests_name("confirm", tests, NULL, NULL);
}
