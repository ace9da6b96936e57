#include "base/cron.h"

#include "base/err.h"
#include "base/text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define MINUTE   INT64_C(60000)
#define DAY      INT64_C(86400000)
#define DAYS_MAX 3000 /* 29 February comes within eight years */

struct part {
	int from, to;
	const char *names; /* three letters each, of `from` and what follows */
};
enum { AT_MINUTE, AT_HOUR, AT_DAY, AT_MONTH, AT_WEEKDAY, PARTS };
static const struct part parts[PARTS] = {
	{ 0, 59, "" },
	{ 0, 23, "" },
	{ 1, 31, "" },
	{ 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec" },
	{ 0, 7, "sunmontuewedthufrisat" }, /* 7 is Sunday too */
};
struct cron {
	uint64_t bits[PARTS];
	bool any[PARTS]; /* begins with * */
};

static int read_number(const char **at, const struct part *p)
{
	int n = 0;

	if (isdigit((unsigned char)**at)) {
		while (isdigit((unsigned char)**at) && n < 1000)
			n = n * 10 + *(*at)++ - '0';
		return n;
	}
	for (int i = 0; p->names[(size_t)i * 3]; i++) {
		if (strncasecmp(*at, p->names + (size_t)i * 3, 3) != 0)
			continue;
		*at += 3;
		return p->from + i;
	}
	return -1;
}

/* One of the ranges between commas; *at moves behind it. */
static bool read_range(const char **at, const struct part *p, uint64_t *bits)
{
	int from = p->from, to = p->to, step = 1;
	bool all = **at == '*';

	if (all)
		(*at)++;
	else
		from = to = read_number(at, p);
	if (!all && **at == '-') {
		(*at)++;
		to = read_number(at, p);
	} else if (!all && **at == '/') {
		to = p->to;
	}
	if (**at == '/') {
		(*at)++;
		step = read_number(at, &parts[AT_MINUTE]);
	}
	if (from < p->from || to > p->to || from > to || step < 1)
		return false;
	for (int i = from; i <= to; i += step)
		*bits |= UINT64_C(1) << i;
	return true;
}

static bool read_part(const char **at, struct cron *c, int i)
{
	while (**at == ' ' || **at == '\t')
		(*at)++;
	c->any[i] = **at == '*';
	while (read_range(at, &parts[i], &c->bits[i])) {
		if (**at != ',')
			return **at == ' ' || **at == '\t' || !**at;
		(*at)++;
	}
	return false;
}

static bool read_cron(struct cron *c, const char *text)
{
	for (int i = 0; i < PARTS; i++)
		if (!read_part(&text, c, i))
			return false;
	while (*text == ' ' || *text == '\t')
		text++;
	if (c->bits[AT_WEEKDAY] >> 7 & 1)
		c->bits[AT_WEEKDAY] |= 1;
	return !*text;
}

static bool has(const struct cron *c, int part, int n)
{
	return c->bits[part] >> n & 1;
}

static bool day_fits(const struct cron *c, int64_t day)
{
	time_t t = (time_t)(day * (DAY / 1000));
	struct tm tm;
	bool date, weekday;

	if (!gmtime_r(&t, &tm) || !has(c, AT_MONTH, tm.tm_mon + 1))
		return false;
	date = has(c, AT_DAY, tm.tm_mday);
	weekday = has(c, AT_WEEKDAY, tm.tm_wday);
	return c->any[AT_DAY] || c->any[AT_WEEKDAY] ? date && weekday : date || weekday;
}

/* The last minute of a day that fits and is not after `latest`; -1: none. */
static int minute_of(const struct cron *c, int latest)
{
	for (int m = latest; m >= 0; m--)
		if (has(c, AT_HOUR, m / 60) && has(c, AT_MINUTE, m % 60))
			return m;
	return -1;
}

int cron_last(struct when *out, const char *expression, struct when now)
{
	struct cron c = { 0 };
	int64_t today = now.ms / DAY;

	if (!expression || !read_cron(&c, expression))
		return -ERR_INVALID;
	for (int64_t day = today; day > today - DAYS_MAX && day >= 0; day--) {
		int m = day_fits(&c, day)
				? minute_of(&c, day == today ? (int)(now.ms % DAY / MINUTE) : 24 * 60 - 1)
				: -1;

		if (m < 0)
			continue;
		*out = (struct when){ day * DAY + m * MINUTE };
		return 0;
	}
	return -ERR_INVALID;
}
