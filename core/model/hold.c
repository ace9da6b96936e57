#include "core/model/hold.h"

static const char *const hold_words[] = { "other", "freeze", "lock", "foreign-lock", "con-freeze" };
const struct names hold_kind_names = NAMES(hold_words);
static const char *const alarm_words[] = { "other",        "silence",     "head-mismatch", "evicted",
					   "twin",         "break-glass", "doubt",         "guard",
					   "not-verified", "half-done",   "machines" };
const struct names alarm_kind_names = NAMES(alarm_words);

static const struct field hold_fields[] = {
	FIELD(hold, lane),     FIELD(hold, ordinal), FIELD_ENUM(hold, kind, &hold_kind_names),
	FIELD(hold, owner),    FIELD(hold, reason),  FIELD(hold, source),
	FIELD(hold, epoch),    FIELD(hold, since),   FIELD(hold, until),
	FIELD(hold, advisory), FIELD(hold, at),
};
const struct rec rec_hold = REC(struct hold, hold_fields, "hold");

static const struct field alarm_fields[] = {
	FIELD_ENUM(alarm, kind, &alarm_kind_names),
	FIELD(alarm, subject),
	FIELD(alarm, lane),
	FIELD(alarm, text),
	FIELD(alarm, fix),
	FIELD(alarm, since),
	FIELD(alarm, at),
};
const struct rec rec_alarm = REC(struct alarm, alarm_fields, "alarm");

bool hold_is_active(const struct hold *h, struct when now)
{
	return !when_known(h->until) || when_diff(h->until, now) > 0;
}
