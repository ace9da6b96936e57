#include "core/rules/policy.h"

#include "base/text.h"

#include <string.h>

static int rank(const char *const *order, const char *word)
{
	for (int i = 0; order && order[i]; i++)
		if (text_eq(order[i], word))
			return i;
	return -1;
}

void policy_judge(struct drift *row, const char *const *order, bool production, struct arena *a)
{
	const char *live = row->live ? row->live : "";
	int want = rank(order, row->declared), is = rank(order, live);
	bool computed = strstr(live, "${{") != NULL;

	row->reason = row->reason ? row->reason : "";
	row->verdict = DRIFT_UNKNOWN;
	if (!*live || computed) {
		if (!*row->reason)
			row->reason = computed ? "the file computes it" : "what is in force was not read";
	} else if (text_eq(live, row->declared)) {
		row->verdict = DRIFT_EQUAL;
	} else if (want >= 0 && is >= 0 && is < want) {
		row->verdict = DRIFT_AHEAD;
		row->reason = arena_printf(a, "stricter than %s", row->declared);
	} else {
		row->verdict = production || want < 0 || is < 0 ? DRIFT_OTHER : DRIFT_BEHIND;
		row->reason =
			arena_printf(a, "%s: %s is declared",
				     want >= 0 && is >= 0 ? "relaxed" : "not as declared", row->declared);
	}
}
