#include "core/rules/readiness.h"

#include "base/text.h"

static bool informs(const char *name)
{
	static const char *const informing[] = { "attested", "migrations", "duration" };

	for (size_t i = 0; i < countof(informing); i++)
		if (text_eq(name, informing[i]))
			return true;
	return false;
}

const char *readiness_target(const struct readiness *rows, size_t n)
{
	if (!n || !text_eq(rows[0].name, "target") || rows[0].status != CHECK_OK)
		return "";
	return rows[0].detail ? rows[0].detail : "";
}

static bool is_old(const struct readiness *r, struct when now)
{
	return !when_known(r->at) || when_diff(now, r->at) > READINESS_MAX_AGE;
}

enum verdict readiness_judge(const struct readiness *rows, size_t n, struct when now,
			     const struct readiness **why)
{
	const struct readiness *open = NULL;

	*why = NULL;
	if (!n || !text_eq(rows[0].name, "target"))
		return CHECK_UNCHECKED;
	for (size_t i = 0; i < n; i++) {
		bool unknown = rows[i].status == CHECK_UNCHECKED || is_old(&rows[i], now);

		if (unknown && !open && !informs(rows[i].name))
			open = &rows[i];
		if (unknown || rows[i].status == CHECK_OK)
			continue;
		*why = &rows[i];
		return CHECK_BAD;
	}
	*why = open;
	return open ? CHECK_UNCHECKED : CHECK_OK;
}
