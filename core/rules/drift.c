#include "core/rules/drift.h"

#include "base/text.h"

#include <string.h>

enum { SHA_LEAST = 7 };

const char *drift_digest(const char *value)
{
	const char *at = value ? strstr(value, "@sha256:") : NULL;

	return at ? at + 1 : value;
}

static bool is_commit(const char *s)
{
	size_t n = strlen(s);

	return n >= SHA_LEAST && n <= 64 && strspn(s, "0123456789abcdef") == n;
}

/* Numbers of runs and versions are hex digits too: only the beginning of a whole commit id is short for it. */
static bool is_short_of(const char *x, const char *whole)
{
	size_t n = strlen(whole);

	return (n == 40 || n == 64) && is_commit(x) && is_commit(whole) && text_starts(whole, x);
}

bool drift_same(const char *x, const char *y)
{
	if (!x || !y || !*x || !*y)
		return false;
	x = drift_digest(x);
	y = drift_digest(y);
	if (!strcmp(x, y))
		return true;
	return is_short_of(x, y) || is_short_of(y, x);
}

/* Its place in the order, -1: not there. A value that came back counts where it stands newest. */
static int64_t place(const char *value, const char *const *order, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (drift_same(value, order[i]))
			return (int64_t)i;
	return -1;
}

static const char *joined(const char *first, const char *more, struct arena *a)
{
	return first && *first ? arena_printf(a, "%s; %s", first, more) : more;
}

static void judge_different(struct drift *d, const char *const *order, size_t n, const char *unit,
			    struct arena *a)
{
	int64_t declared = place(d->declared, order, n), live = place(d->live, order, n);
	int64_t steps = live - declared;

	d->verdict = DRIFT_OTHER;
	if (declared >= 0 && live >= 0 && steps) {
		d->verdict = steps > 0 ? DRIFT_BEHIND : DRIFT_AHEAD;
		steps = steps > 0 ? steps : -steps;
		d->reason = joined(d->reason,
				   arena_printf(a, "%s by %" PRId64 " %s%s",
						names_word(&drift_verdict_names, d->verdict), steps, unit,
						steps == 1 ? "" : "s"),
				   a);
	} else if (n) {
		d->reason = joined(d->reason,
				   arena_printf(a, "%s is not among the newest %zu %s%s",
						live < 0 ? "what runs" : "what is declared", n, unit,
						n == 1 ? "" : "s"),
				   a);
	}
}

void drift_judge(struct drift *d, const char *const *order, size_t n, const char *unit, struct arena *a)
{
	bool declared = d->declared && *d->declared, live = d->live && *d->live;

	if (!d->reason)
		d->reason = "";
	d->verdict = DRIFT_UNKNOWN;
	if (!declared || !live) {
		if (!*d->reason)
			d->reason = !live ? "what runs was not read" : "what is declared was not read";
		return;
	}
	if (drift_same(d->declared, d->live))
		d->verdict = DRIFT_EQUAL;
	else
		judge_different(d, order, n, unit, a);
}

void drift_aged(struct drift *d, struct when now, struct arena *a)
{
	char age[WHEN_TEXT];
	int64_t ms = when_diff(now, d->at);

	if (d->verdict == DRIFT_UNKNOWN || (when_known(d->at) && ms <= DRIFT_MAX_AGE))
		return;
	d->reason = arena_printf(
		a, "it was %s %s ago, which is too old%s%s", names_word(&drift_verdict_names, d->verdict),
		when_known(d->at) ? when_age(ms, age) : "some time", *d->reason ? "; " : "", d->reason);
	d->verdict = DRIFT_UNKNOWN;
}
