#include "core/model/evidence.h"

#include "core/model/model.h"

#include <string.h>

static const char *const decision_words[] = { "unknown", "yes", "no", "n/a" };
const struct names decision_verdict_names = NAMES(decision_words);
static const char *const drift_words[] = { "unknown", "equal", "ahead", "behind", "other" };
const struct names drift_verdict_names = NAMES(drift_words);
static const char *const freeze_words[] = { "unknown", "frozen", "open" };
const struct names freeze_state_names = NAMES(freeze_words);
static const char *const value_words[] = { "any",  "text",   "object", "list",  "true-false",
					   "time", "commit", "sha256", "image", "measurements" };
const struct names value_kind_names = NAMES(value_words);

static const struct field decision_fields[] = {
	FIELD(decision, run_id), FIELD(decision, ordinal),
	FIELD(decision, name),   FIELD_ENUM(decision, verdict, &decision_verdict_names),
	FIELD(decision, word),   FIELD(decision, reasons),
	FIELD(decision, detail), FIELD(decision, source),
	FIELD(decision, at),
};
const struct rec rec_decision = REC(struct decision, decision_fields, "decision");

static const struct field drift_fields[] = {
	FIELD(drift, lane),
	FIELD(drift, probe),
	FIELD(drift, component),
	FIELD(drift, platform),
	FIELD(drift, declared),
	FIELD(drift, live),
	FIELD_ENUM(drift, verdict, &drift_verdict_names),
	FIELD(drift, reason),
	FIELD(drift, source),
	FIELD(drift, at),
};
const struct rec rec_drift = REC(struct drift, drift_fields, "drift");

static const struct field readiness_fields[] = {
	FIELD(readiness, lane),   FIELD(readiness, ordinal),
	FIELD(readiness, name),   FIELD_ENUM(readiness, status, &verdict_names),
	FIELD(readiness, detail), FIELD(readiness, fix),
	FIELD(readiness, source), FIELD(readiness, at),
};
const struct rec rec_readiness = REC(struct readiness, readiness_fields, "readiness");

static const struct field freeze_fields[] = {
	FIELD(freeze, system), FIELD(freeze, ordinal),
	FIELD(freeze, source), FIELD_ENUM(freeze, state, &freeze_state_names),
	FIELD(freeze, detail), FIELD(freeze, at),
	FIELD(freeze, exempt),
};
const struct rec rec_freeze = REC(struct freeze, freeze_fields, "freeze");

bool freeze_exempts(const struct freeze *f, const char *environment)
{
	size_t n = strlen(environment);

	for (const char *p = f->exempt; n && p && *p; p += strcspn(p, ","), p += *p == ',')
		if (strcspn(p, ",") == n && !memcmp(p, environment, n))
			return true;
	return false;
}
