#include "core/model/canary_guard.h"

static const char *const may_words[] = { "other", "alarm", "abort", "rollback" };
const struct names guard_may_names = NAMES(may_words);
static const char *const state_words[] = { "other",      "armed",   "acting",   "acted",
					   "stood-down", "expired", "overtaken" };
const struct names guard_state_names = NAMES(state_words);

static const struct field guard_fields[] = {
	FIELD(canary_guard, lane),
	FIELD(canary_guard, release),
	FIELD(canary_guard, run),
	FIELD_ENUM(canary_guard, may, &guard_may_names),
	FIELD(canary_guard, armed_by),
	FIELD(canary_guard, uid),
	FIELD(canary_guard, client),
	FIELD(canary_guard, armed),
	FIELD(canary_guard, deadline),
	FIELD(canary_guard, silence),
	FIELD(canary_guard, needed),
	FIELD(canary_guard, of),
	FIELD_ENUM(canary_guard, state, &guard_state_names),
	FIELD(canary_guard, reason),
	FIELD(canary_guard, would),
	FIELD(canary_guard, breached),
	FIELD(canary_guard, nonce),
	FIELD(canary_guard, intent),
	FIELD(canary_guard, arming),
	FIELD(canary_guard, refused),
	FIELD(canary_guard, at),
};
const struct rec rec_canary_guard = REC(struct canary_guard, guard_fields, "canary_guard");

bool guard_is_up(const struct canary_guard *g)
{
	return g->state == GUARD_ARMED || g->state == GUARD_ACTING;
}

bool guard_still_says(const struct canary_guard *g)
{
	return g->state == GUARD_OVERTAKEN || (g->state == GUARD_ACTED && g->may == GUARD_MAY_ALARM);
}
