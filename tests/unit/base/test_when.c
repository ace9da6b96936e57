#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/when.h"

#define UNCHANGED 12345

static void iso_times_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ms; /* -1: refused */
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-01T00:00:01Z", 1000 },
		{ "2000-02-29T12:00:00Z", 951825600000 },
		{ "2024-02-29T23:59:59Z", 1709251199000 },
		{ "2026-11-21T07:08:09Z", 1795244889000 },
		{ "2026-11-21T07:08:09.5Z", 1795244889500 },
		{ "2026-11-21T07:08:09.123456789Z", 1795244889123 },
		{ "2026-11-21T09:08:09+02:00", 1795244889000 },
		{ "2026-11-21T01:38:09-05:30", 1795244889000 },
		{ "2026-11-21T07:08:09.001+00:00", 1795244889001 },
		{ "9999-12-31T23:59:59.999Z", 253402300799999 },
		{ "1970-01-01T01:00:00+02:00", -1 },
		{ "9999-12-31T23:59:59-00:01", -1 },
		{ "1969-12-31T23:59:59Z", -1 },
		{ "0001-01-01T00:00:00Z", -1 },
		{ "2023-02-29T00:00:00Z", -1 },
		{ "2100-02-29T00:00:00Z", -1 },
		{ "2026-00-10T00:00:00Z", -1 },
		{ "2026-13-10T00:00:00Z", -1 },
		{ "2026-11-00T00:00:00Z", -1 },
		{ "2026-11-31T00:00:00Z", -1 },
		{ "2026-11-21T24:00:00Z", -1 },
		{ "2026-11-21T07:60:09Z", -1 },
		{ "2026-11-21T07:08:60Z", -1 },
		{ "2026-11-21T07:08:09", -1 },
		{ "2026-11-21T07:08:09z", -1 },
		{ "2026-11-21 07:08:09Z", -1 },
		{ "2026-11-21T07:08:09ZZ", -1 },
		{ "2026-11-21T07:08:09.Z", -1 },
		{ "2026-11-21T07:08:09.1234567890Z", -1 },
		{ "2026-11-21T07:08:09.5", -1 },
		{ "2026-11-21T07:08:09+0200", -1 },
		{ "2026-11-21T07:08:09+24:00", -1 },
		{ "2026-11-21T07:08:09+02:60", -1 },
		{ "2026-11-21T07:08:09+", -1 },
		{ "2026-11-21T07:08:09x02:00", -1 },
		{ "2026-11-21", -1 },
		{ "26-11-21T07:08:09Z", -1 },
		{ "+026-11-21T07:08:09Z", -1 },
		{ " 2026-11-21T07:08:09Z", -1 },
		{ "", -1 },
		{ NULL, -1 },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct when w = { UNCHANGED };
		int r = when_parse(&w, cases[i].text);

		if (r != (cases[i].ms < 0 ? -ERR_INVALID : 0) || w.ms != (r ? UNCHANGED : cases[i].ms))
			fail_msg("%s: %d, %" PRId64, cases[i].text, r, w.ms);
	}
}

/* Cut anywhere, a time is no time. */
static void no_beginning_of_a_time_is_a_time(void **state)
{
	static const char whole[] = "2026-11-21T07:08:09.123+02:00";
	char part[sizeof(whole)];
	struct when w;

	(void)state;
	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		memcpy(part, whole, n);
		part[n] = '\0';
		assert_int_equal(when_parse(&w, part), -ERR_INVALID);
	}
	assert_int_equal(when_parse(&w, whole), 0);
}

static void http_times_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "Sat, 21 Nov 2026 07:08:09 GMT", 1795244889000 },
		{ "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
		{ "Sun, 06 Nov 1994 08:49:37 GMT", 784111777000 },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", -1 },
		{ "Sun Nov  6 08:49:37 1994", -1 },
		{ "Mon, 06 Nov 1994 08:49:37 GMT", -1 },
		{ "Sun, 06 nov 1994 08:49:37 GMT", -1 },
		{ "Sun, 06 Nov 1994 08:49:37 UTC", -1 },
		{ "Sun, 31 Feb 1994 08:49:37 GMT", -1 },
		{ "Sun, 06 Nov 1994 08:49:37 GMT ", -1 },
		{ "", -1 },
		{ NULL, -1 },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct when w = { UNCHANGED };
		int r = when_parse_http(&w, cases[i].text);

		if (r != (cases[i].ms < 0 ? -ERR_INVALID : 0) || w.ms != (r ? UNCHANGED : cases[i].ms))
			fail_msg("%s: %d, %" PRId64, cases[i].text, r, w.ms);
	}
}

static void times_are_written(void **state)
{
	struct when w = { 1795244889123 };
	char out[WHEN_TEXT];

	(void)state;
	assert_string_equal(when_iso(w, out), "2026-11-21T07:08:09Z");
	assert_string_equal(when_http(w, out), "Sat, 21 Nov 2026 07:08:09 GMT");
	assert_string_equal(when_hhmm(w, out), "07:08Z");
	assert_string_equal(when_hms(w, out), "07:08:09Z");
	assert_string_equal(when_iso(WHEN_NONE, out), "-");
	assert_string_equal(when_http(WHEN_NONE, out), "-");
	assert_string_equal(when_hhmm(WHEN_NONE, out), "-");
	assert_string_equal(when_hms(WHEN_NONE, out), "-");
	assert_string_equal(when_iso((struct when){ -1 }, out), "-");
	assert_string_equal(when_iso((struct when){ INT64_MAX }, out), "-");
	assert_string_equal(when_iso((struct when){ INT64_MIN }, out), "-");
}

/* Every day of 8000 years is written and read back, and days follow each other. */
static void the_calendar_has_no_gaps(void **state)
{
	const int64_t day = INT64_C(86400000);

	(void)state;
	for (int64_t ms = day; ms < INT64_C(253402300800000); ms += day * 3) {
		struct when read, w = { ms + ms / day % 86400 * 1000 };
		char iso[WHEN_TEXT], http[WHEN_TEXT];

		when_iso(w, iso);
		when_http(w, http);
		if (when_parse(&read, iso) || read.ms != w.ms)
			fail_msg("%s is not %" PRId64, iso, w.ms);
		if (when_parse_http(&read, http) || read.ms != w.ms)
			fail_msg("%s is not %" PRId64, http, w.ms);
	}
}

static void ages_fit_four_cells(void **state)
{
	static const struct {
		int64_t seconds;
		const char *age, *minutes;
	} cases[] = {
		{ -2, "-", "-" },
		{ -1, "0s", "<1m" },
		{ 0, "0s", "<1m" },
		{ 59, "59s", "<1m" },
		{ 60, "1m", "1m" },
		{ 3599, "59m", "59m" },
		{ 3600, "1h", "1h" },
		{ 86399, "23h", "23h" },
		{ 86400, "1d", "1d" },
		{ 7 * 86400 - 1, "6d", "6d" },
		{ 7 * 86400, "1w", "1w" },
		{ 364 * 86400, "52w", "52w" },
		{ 365 * 86400, "1y", "1y" },
		{ INT64_MAX / 1000, "999y", "999y" },
	};
	char out[WHEN_TEXT];

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		assert_string_equal(when_age(cases[i].seconds * 1000, out), cases[i].age);
		assert_string_equal(when_age_minutes(cases[i].seconds * 1000, out), cases[i].minutes);
		assert_true(strlen(out) <= 4);
	}
}

static void a_manual_clock_stands_still(void **state)
{
	struct clock c;

	(void)state;
	clock_manual(&c, (struct when){ 1000 });
	assert_int_equal(clock_mono(&c), 0);
	assert_int_equal(clock_wall(&c).ms, 1000);
	clock_advance(&c, 250);
	assert_int_equal(clock_mono(&c), 250);
	assert_int_equal(clock_wall(&c).ms, 1250);
	assert_int_equal(when_diff(clock_wall(&c), (struct when){ 1000 }), 250);
}

static void a_real_clock_goes_forward(void **state)
{
	struct clock c;
	msec before;

	(void)state;
	clock_real(&c);
	before = clock_mono(&c);
	assert_true(clock_mono(&c) >= before);
	assert_true(clock_wall(&c).ms > INT64_C(1577836800000)); /* later than 2020 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(iso_times_are_read),
		cmocka_unit_test(no_beginning_of_a_time_is_a_time),
		cmocka_unit_test(http_times_are_read),
		cmocka_unit_test(times_are_written),
		cmocka_unit_test(the_calendar_has_no_gaps),
		cmocka_unit_test(ages_fit_four_cells),
		cmocka_unit_test(a_manual_clock_stands_still),
		cmocka_unit_test(a_real_clock_goes_forward),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
