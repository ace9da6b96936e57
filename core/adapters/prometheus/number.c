#include <string.h>
#include <strings.h>

#include "core/adapters/prometheus/internal.h"

enum {
	SCALE_DIGITS = 6,       /* CANARY_SCALE */
	MAX_TEXT = 400,         /* the longest float64 in full has 309 digits before its point */
	FAR_EXPONENT = 1000000, /* farther than any number that is not nought or infinite */
	BASE = 10,
};

struct decimal {
	bool negative;
	const char *digits; /* with at most one point in it */
	size_t n;
	int64_t exponent; /* of ten, for the digits as if there were no point */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* [0-9]*[.][0-9]* with at least one digit; *s is left behind it. */
static bool split_digits(struct decimal *d, const char **s)
{
	size_t whole = strspn(*s, "0123456789");
	const char *point = *s + whole;
	size_t part = *point == '.' ? strspn(point + 1, "0123456789") : 0;

	d->digits = *s;
	d->n = whole + (*point == '.' ? 1 + part : 0);
	d->exponent = -(int64_t)part;
	*s += d->n;
	return whole + part > 0;
}

static bool split_exponent(struct decimal *d, const char **s)
{
	bool negative;
	int64_t n = 0;

	if (**s != 'e' && **s != 'E')
		return true;
	++*s;
	negative = **s == '-';
	*s += **s == '-' || **s == '+';
	if (!is_digit(**s))
		return false;
	for (; is_digit(**s); ++*s)
		n = n < FAR_EXPONENT ? n * BASE + (**s - '0') : n;
	d->exponent += negative ? -n : n;
	return true;
}

static int64_t times_ten(int64_t v, int digit)
{
	return v > (INT64_MAX - digit) / BASE ? INT64_MAX : v * BASE + digit;
}

/* Digits left of the millionth's place, and the one to the right of it, which rounds. */
static int64_t millionths(const struct decimal *d)
{
	bool pointed = memchr(d->digits, '.', d->n) != NULL;
	int64_t kept = (int64_t)d->n - pointed + d->exponent + SCALE_DIGITS, v = 0, seen = 0;

	for (size_t i = 0; i < d->n && seen <= kept; i++) {
		if (d->digits[i] == '.')
			continue;
		if (seen++ < kept)
			v = times_ten(v, d->digits[i] - '0');
		else if (d->digits[i] >= '5' && v < INT64_MAX)
			v++;
	}
	for (; seen < kept && v && v < INT64_MAX; seen++)
		v = times_ten(v, 0);
	return v;
}

static bool is_word(int64_t *out, const char *s, bool negative)
{
	if (!strcasecmp(s, "inf"))
		*out = negative ? -INT64_MAX : INT64_MAX;
	else if (!strcasecmp(s, "nan"))
		*out = CANARY_NONE_VALUE;
	else
		return false;
	return true;
}

int number_parse(int64_t *out, const char *s)
{
	struct decimal d = { .negative = *s == '-' };
	int64_t v;

	if (strlen(s) > MAX_TEXT)
		return -ERR_CORRUPT;
	s += *s == '-' || *s == '+';
	if (is_word(out, s, d.negative))
		return 0;
	if (!split_digits(&d, &s) || !split_exponent(&d, &s) || *s)
		return -ERR_CORRUPT;
	v = millionths(&d);
	*out = d.negative ? -v : v;
	return 0;
}
