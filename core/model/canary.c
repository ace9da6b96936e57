#include "core/model/canary.h"

static const char *const phase_words[] = { "other", "absent",  "watching", "held",
					   "done",  "aborted", "failed",   "waiting" };
const struct names canary_phase_names = NAMES(phase_words);

bool canary_is_live(int phase)
{
	return phase == CANARY_WATCHING || phase == CANARY_WAITING || phase == CANARY_HELD;
}

static const char *const verdict_words[] = { "unknown", "pass", "fail", "inconclusive" };
const struct names canary_verdict_names = NAMES(verdict_words);
static const char *const state_words[] = { "ok", "empty", "nan", "stale", "partial", "error" };
const struct names sample_state_names = NAMES(state_words);

static const struct field canary_fields[] = {
	FIELD(canary, lane),
	FIELD(canary, release),
	FIELD(canary, run),
	FIELD_ENUM(canary, phase, &canary_phase_names),
	FIELD(canary, step),
	FIELD(canary, steps),
	FIELD(canary, set_bp),
	FIELD(canary, seen_bp),
	FIELD(canary, set_from),
	FIELD(canary, set_why),
	FIELD(canary, seen_from),
	FIELD(canary, seen_why),
	FIELD(canary, started),
	FIELD(canary, ends),
	FIELD_ENUM(canary, verdict, &canary_verdict_names),
	FIELD(canary, reason),
	FIELD(canary, exposed),
	FIELD(canary, extra_errors),
	FIELD(canary, budget_ppm),
	FIELD(canary, interval_s),
	FIELD(canary, sampled),
	FIELD(canary, mechanism),
	FIELD(canary, can_hold),
	FIELD(canary, at),
};
const struct rec rec_canary = REC(struct canary, canary_fields, "canary");

static const struct field rung_fields[] = {
	FIELD(canary_rung, lane),
	FIELD(canary_rung, ordinal),
	FIELD(canary_rung, weight_bp),
	FIELD(canary_rung, window_s),
	FIELD(canary_rung, entered),
	FIELD(canary_rung, left),
	FIELD_ENUM(canary_rung, verdict, &canary_verdict_names),
	FIELD(canary_rung, by),
};
const struct rec rec_canary_rung = REC(struct canary_rung, rung_fields, "canary_rung");

static const struct field metric_fields[] = {
	FIELD(canary_metric, lane),
	FIELD(canary_metric, ordinal),
	FIELD(canary_metric, name),
	FIELD(canary_metric, unit),
	FIELD(canary_metric, kind),
	FIELD(canary_metric, control),
	FIELD(canary_metric, canary),
	FIELD(canary_metric, limit),
	FIELD_ENUM(canary_metric, verdict, &canary_verdict_names),
	FIELD(canary_metric, reason),
	FIELD(canary_metric, bad),
	FIELD(canary_metric, of),
	FIELD(canary_metric, at),
};
const struct rec rec_canary_metric = REC(struct canary_metric, metric_fields, "canary_metric");

static const struct field sample_fields[] = {
	FIELD(canary_sample, lane),      FIELD(canary_sample, metric),
	FIELD(canary_sample, at),        FIELD_ENUM(canary_sample, state, &sample_state_names),
	FIELD(canary_sample, control),   FIELD(canary_sample, canary),
	FIELD(canary_sample, control_n), FIELD(canary_sample, control_bad),
	FIELD(canary_sample, canary_n),  FIELD(canary_sample, canary_bad),
	FIELD(canary_sample, why),
};
const struct rec rec_canary_sample = REC(struct canary_sample, sample_fields, "canary_sample");
