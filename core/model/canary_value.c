#include "core/model/canary.h"

#define DIGITS_KEPT \
	18       /* of a number; more would not fit, and the rest is below the last place that is kept */
#define PLACES 6 /* of CANARY_SCALE */

__extension__ typedef __int128 wide; /* of a product before it is scaled */

/* What was read so far: kept * 10^power. */
struct number {
	int64_t kept;
	int digits, power;
	bool any;
};

static const char *take_digits(struct number *n, const char *s, bool fraction)
{
	for (; *s >= '0' && *s <= '9'; s++) {
		n->any = true;
		if (n->digits < DIGITS_KEPT) {
			n->kept = n->kept * 10 + (*s - '0');
			n->digits += n->kept != 0;
			n->power -= fraction;
		} else {
			n->power += !fraction;
		}
	}
	return s;
}

static const char *take_exponent(struct number *n, const char *s)
{
	bool minus = *s == '-';
	int power = 0, digits = 0;

	s += *s == '-' || *s == '+';
	for (; *s >= '0' && *s <= '9'; s++, digits++)
		power = power < 1000 ? power * 10 + (*s - '0') : power;
	n->power += minus ? -power : power;
	return digits ? s : NULL;
}

static int scaled(int64_t *out, const struct number *n)
{
	int64_t v = n->kept;
	int power = n->power + PLACES;

	for (; power > 0 && v; power--)
		if (__builtin_mul_overflow(v, INT64_C(10), &v))
			return -1;
	for (; power < -1 && v; power++)
		v /= 10;
	*out = power < 0 ? (v + 5) / 10 : v;
	return 0;
}

int canary_value(int64_t *out, const char *text)
{
	struct number n = { 0 };
	bool minus = text && *text == '-';
	const char *s = text ? text : "";
	int64_t v = 0;

	s = take_digits(&n, s + minus, false);
	if (*s == '.')
		s = take_digits(&n, s + 1, true);
	if (n.any && (*s == 'e' || *s == 'E'))
		s = take_exponent(&n, s + 1);
	if (!n.any || !s || *s || scaled(&v, &n) < 0)
		return -1;
	*out = minus ? -v : v;
	return 0;
}

static int64_t fitting(wide v)
{
	return v > INT64_MAX || v <= INT64_MIN ? CANARY_NONE_VALUE : (int64_t)v;
}

/* Half away from nought. */
static wide rounded(wide v, wide by)
{
	wide half = by / 2;

	if (by < 0)
		return rounded(-v, -by);
	return (v < 0 ? v - half : v + half) / by;
}

int64_t canary_times(int64_t a, int64_t b)
{
	if (a == CANARY_NONE_VALUE || b == CANARY_NONE_VALUE)
		return CANARY_NONE_VALUE;
	return fitting(rounded((wide)a * b, CANARY_SCALE));
}

int64_t canary_over(int64_t a, int64_t b)
{
	if (a == CANARY_NONE_VALUE || b == CANARY_NONE_VALUE || b == 0)
		return CANARY_NONE_VALUE;
	return fitting(rounded((wide)a * CANARY_SCALE, b));
}
