#include "base/when.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/err.h"

#define MS_SECOND INT64_C(1000)
#define MS_MINUTE (60 * MS_SECOND)
#define MS_HOUR   (60 * MS_MINUTE)
#define MS_DAY    (24 * MS_HOUR)
#define YEAR_MIN  1970
#define YEAR_MAX  9999
#define MS_MAX    INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

struct civil {
	int year, month, day, hour, minute, second;
};

static const char month_names[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char day_names[7][4] = {
	"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"
}; /* the epoch's is first */

/* ---- clocks ---- */

static int64_t kernel_ms(clockid_t id)
{
	struct timespec t;

	BUG_IF(clock_gettime(id, &t) != 0);
	return (int64_t)t.tv_sec * MS_SECOND + t.tv_nsec / 1000000;
}

void clock_real(struct clock *c)
{
	*c = (struct clock){ .manual = false };
}

void clock_manual(struct clock *c, struct when wall)
{
	*c = (struct clock){ .manual = true, .wall = wall };
}

void clock_advance(struct clock *c, msec by)
{
	BUG_IF(!c->manual || by < 0);
	c->mono += by;
	c->wall.ms += by;
}

msec clock_mono(const struct clock *c)
{
	return c->manual ? c->mono : kernel_ms(CLOCK_MONOTONIC);
}

struct when clock_wall(const struct clock *c)
{
	return c->manual ? c->wall : (struct when){ kernel_ms(CLOCK_REALTIME) };
}

/* ---- the calendar: years counted from March, so that the leap day is a year's last (Hinnant,
 * "chrono-compatible low-level date algorithms"); 719468 days lie between 0000-03-01 and the epoch ---- */

static int64_t days_of(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = y / 400;
	int64_t in_era = y - era * 400;
	int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

static struct civil civil_of(struct when w)
{
	int64_t days = w.ms / MS_DAY + 719468;
	int64_t rest = w.ms % MS_DAY / MS_SECOND;
	int64_t era = days / 146097;
	int64_t in_era = days - era * 146097;
	int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
	int64_t march = (5 * in_year + 2) / 153;
	int month = (int)(march < 10 ? march + 3 : march - 9);

	return (struct civil){
		.year = (int)(year + era * 400 + (month <= 2)),
		.month = month,
		.day = (int)(in_year - (153 * march + 2) / 5 + 1),
		.hour = (int)(rest / 3600),
		.minute = (int)(rest / 60 % 60),
		.second = (int)(rest % 60),
	};
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
	static const int days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* A leap second (:60) is refused: neither the forge nor HTTP servers of our time send one. */
static bool civil_is_date(const struct civil *c)
{
	return c->year >= YEAR_MIN && c->year <= YEAR_MAX && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	       c->day <= month_days(c->year, c->month) && c->hour <= 23 && c->minute <= 59 && c->second <= 59;
}

static int64_t civil_ms(const struct civil *c)
{
	return days_of(c->year, c->month, c->day) * MS_DAY + c->hour * MS_HOUR + c->minute * MS_MINUTE +
	       c->second * MS_SECOND;
}

/* ---- reading: a cursor that becomes NULL at the first thing out of place ---- */

static int digits(const char **s, int n)
{
	int v = 0;

	for (int i = 0; i < n && *s; i++) {
		char c = **s;

		if (c < '0' || c > '9') {
			*s = NULL;
			return 0;
		}
		v = v * 10 + (c - '0');
		(*s)++;
	}
	return v;
}

static void literal(const char **s, const char *text)
{
	size_t n = strlen(text);

	if (*s)
		*s = strncmp(*s, text, n) ? NULL : *s + n;
}

static void time_of_day(const char **s, struct civil *c)
{
	c->hour = digits(s, 2);
	literal(s, ":");
	c->minute = digits(s, 2);
	literal(s, ":");
	c->second = digits(s, 2);
}

/* Milliseconds of an optional fraction of 1 to 9 digits; what is finer is dropped. */
static int64_t fraction(const char **s)
{
	int64_t ms = 0;
	int n = 0;

	if (!*s || **s != '.')
		return 0;
	for ((*s)++; **s >= '0' && **s <= '9'; (*s)++, n++) {
		if (n < 3)
			ms = ms * 10 + (**s - '0');
	}
	for (int i = n; i < 3; i++)
		ms *= 10;
	if (n < 1 || n > 9)
		*s = NULL;
	return ms;
}

/* Z, +HH:MM or -HH:MM, as milliseconds east. */
static int64_t zone(const char **s)
{
	int sign, hours, minutes;

	if (!*s)
		return 0;
	if (**s == 'Z') {
		(*s)++;
		return 0;
	}
	sign = **s == '+' ? 1 : **s == '-' ? -1 : 0;
	*s = sign ? *s + 1 : NULL; /* the text may end here */
	hours = digits(s, 2);
	literal(s, ":");
	minutes = digits(s, 2);
	if (hours > 23 || minutes > 59)
		*s = NULL;
	return sign * (hours * MS_HOUR + minutes * MS_MINUTE);
}

int when_parse(struct when *out, const char *s)
{
	struct civil c;
	int64_t ms;

	c.year = digits(&s, 4);
	literal(&s, "-");
	c.month = digits(&s, 2);
	literal(&s, "-");
	c.day = digits(&s, 2);
	literal(&s, "T");
	time_of_day(&s, &c);
	ms = fraction(&s);
	ms -= zone(&s);
	if (!s || *s || !civil_is_date(&c))
		return -ERR_INVALID;
	ms += civil_ms(&c);
	if (ms < 0 || ms > MS_MAX)
		return -ERR_INVALID;
	out->ms = ms;
	return 0;
}

static int month_of(const char **s)
{
	for (int i = 0; *s && i < 12; i++) {
		if (!strncmp(*s, month_names[i], 3)) {
			*s += 3;
			return i + 1;
		}
	}
	*s = NULL;
	return 0;
}

int when_parse_http(struct when *out, const char *s)
{
	const char *day_name = s;
	struct civil c;
	int64_t ms;

	if (!s || strlen(s) != strlen("Sat, 21 Nov 2026 07:08:09 GMT"))
		return -ERR_INVALID;
	s += 3;
	literal(&s, ", ");
	c.day = digits(&s, 2);
	literal(&s, " ");
	c.month = month_of(&s);
	literal(&s, " ");
	c.year = digits(&s, 4);
	literal(&s, " ");
	time_of_day(&s, &c);
	literal(&s, " GMT");
	if (!s || *s || !civil_is_date(&c))
		return -ERR_INVALID;
	ms = civil_ms(&c);
	if (strncmp(day_name, day_names[ms / MS_DAY % 7], 3))
		return -ERR_INVALID;
	out->ms = ms;
	return 0;
}

/* ---- writing ---- */

static bool printable(struct when w)
{
	return w.ms > 0 && w.ms <= MS_MAX;
}

static const char *unknown(char out[WHEN_TEXT])
{
	memcpy(out, "-", 2);
	return out;
}

const char *when_iso(struct when w, char out[WHEN_TEXT])
{
	struct civil c = civil_of(w);

	if (!printable(w))
		return unknown(out);
	snprintf(out, WHEN_TEXT, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day, c.hour, c.minute,
		 c.second);
	return out;
}

const char *when_http(struct when w, char out[WHEN_TEXT])
{
	struct civil c = civil_of(w);

	if (!printable(w))
		return unknown(out);
	snprintf(out, WHEN_TEXT, "%s, %02d %s %04d %02d:%02d:%02d GMT", day_names[w.ms / MS_DAY % 7], c.day,
		 month_names[c.month - 1], c.year, c.hour, c.minute, c.second);
	return out;
}

const char *when_hhmm(struct when w, char out[WHEN_TEXT])
{
	struct civil c = civil_of(w);

	if (!printable(w))
		return unknown(out);
	snprintf(out, WHEN_TEXT, "%02d:%02dZ", c.hour, c.minute);
	return out;
}

const char *when_hms(struct when w, char out[WHEN_TEXT])
{
	struct civil c = civil_of(w);

	if (!printable(w))
		return unknown(out);
	snprintf(out, WHEN_TEXT, "%02d:%02d:%02dZ", c.hour, c.minute, c.second);
	return out;
}

/* Largest unit first; a year is 365 days. */
static const struct {
	int64_t ms;
	char unit;
} age_units[] = {
	{ 365 * MS_DAY, 'y' }, { 7 * MS_DAY, 'w' }, { MS_DAY, 'd' },
	{ MS_HOUR, 'h' },      { MS_MINUTE, 'm' },  { MS_SECOND, 's' },
};

const char *when_age(int64_t ms, char out[WHEN_TEXT])
{
	size_t i = 0;
	int64_t n;

	if (ms < -MS_SECOND)
		return unknown(out);
	while (i < countof(age_units) - 1 && ms < age_units[i].ms)
		i++;
	n = ms < 0 ? 0 : ms / age_units[i].ms;
	snprintf(out, WHEN_TEXT, "%" PRId64 "%c", n < 999 ? n : 999, age_units[i].unit);
	return out;
}

const char *when_age_minutes(int64_t ms, char out[WHEN_TEXT])
{
	if (ms < -MS_SECOND || ms >= MS_MINUTE)
		return when_age(ms, out);
	memcpy(out, "<1m", 4);
	return out;
}

int when_span(int64_t *ms, const char *s)
{
	static const struct {
		char letter;
		int64_t ms;
	} units[] = { { 's', MS_SECOND }, { 'm', MS_MINUTE }, { 'h', MS_HOUR }, { 'd', MS_DAY } };
	size_t n = strspn(s, "0123456789");
	int64_t count = 0;

	if (!n || n > 8 || strlen(s) != n + 1)
		return -ERR_INVALID;
	for (size_t i = 0; i < n; i++)
		count = count * 10 + (s[i] - '0');
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (s[n] == units[i].letter && count > 0 && count <= 366 * MS_DAY / units[i].ms) {
			*ms = count * units[i].ms;
			return 0;
		}
	return -ERR_INVALID;
}
