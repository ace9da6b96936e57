#include "core/model/model.h"

#include <string.h>

static const char *const run_status_words[] = {
	[RUN_OTHER] = "other",         [RUN_REQUESTED] = "requested", [RUN_QUEUED] = "queued",
	[RUN_PENDING] = "pending",     [RUN_WAITING] = "waiting",     [RUN_IN_PROGRESS] = "in_progress",
	[RUN_COMPLETED] = "completed",
};
const struct names run_status_names = NAMES(run_status_words);

static const char *const conclusion_words[] = {
	[CONCLUSION_OTHER] = "other",         [CONCLUSION_SUCCESS] = "success",
	[CONCLUSION_FAILURE] = "failure",     [CONCLUSION_CANCELLED] = "cancelled",
	[CONCLUSION_SKIPPED] = "skipped",     [CONCLUSION_NEUTRAL] = "neutral",
	[CONCLUSION_TIMED_OUT] = "timed_out", [CONCLUSION_ACTION_REQUIRED] = "action_required",
	[CONCLUSION_STALE] = "stale",         [CONCLUSION_STARTUP_FAILURE] = "startup_failure",
};
const struct names conclusion_names = NAMES(conclusion_words);

/* Index 0 is FAIL: a word nobody knows is read as the most urgent state, never as OK. */
static const char *const lane_state_words[] = {
	[LANE_FAIL] = "FAIL", [LANE_WAIT] = "WAIT",   [LANE_UNKN] = "UNKN", [LANE_RUN] = "RUN",
	[LANE_HOLD] = "HOLD", [LANE_STALE] = "STALE", [LANE_OK] = "OK",
};
const struct names lane_state_names = NAMES(lane_state_words);

/* In the order of the words above; OK is a blank. */
static const char lane_state_glyphs[LANE_OK + 2] = "!?~>=- ";

char lane_state_glyph(enum lane_state s)
{
	size_t i = (size_t)s;

	return lane_state_glyphs[i <= LANE_OK ? i : LANE_FAIL];
}

static const char *const intent_state_words[] = {
	[INTENT_OTHER] = "other",         [INTENT_ARMED] = "armed",     [INTENT_SENT] = "sent",
	[INTENT_LINKED] = "linked",       [INTENT_DONE] = "done",       [INTENT_REFUSED] = "refused",
	[INTENT_NOT_SENT] = "not_sent",   [INTENT_UNKNOWN] = "unknown", [INTENT_NOT_FOUND] = "not_found",
	[INTENT_ABANDONED] = "abandoned",
};
const struct names intent_state_names = NAMES(intent_state_words);

/* A state we do not know may hide an act under way, so it blocks a twin like the open ones do. */
bool intent_is_open(int state)
{
	return state != INTENT_LINKED && state != INTENT_DONE && state != INTENT_REFUSED &&
	       state != INTENT_NOT_SENT && state != INTENT_ABANDONED;
}

/* A controller that has heard the first half of a promotion has its step promoted: asked again, that would be the next one,
 * and what is left of it is the hold (argo-rollouts: spec.paused, with no pause of a step). */
const char *intent_ways_on(const struct intent *in)
{
	const char *step = in->step ? in->step : "";
	bool half = in->done > 0 && strstr(step, "\"word\":\"promote\"") && strstr(step, "\"argo\":true");

	if (half)
		return "abandon it, then resume lets the canary go on";
	return in->sends > 1 ? "it was repeated once, so abandon it" : "repeat it as it was, or abandon it";
}

static const char *const verdict_words[] = {
	[CHECK_UNCHECKED] = "unchecked",
	[CHECK_OK] = "ok",
	[CHECK_BAD] = "bad",
	[CHECK_MISSING] = "missing",
};
const struct names verdict_names = NAMES(verdict_words);

static const struct field run_fields[] = {
	FIELD(run, id),
	FIELD(run, repo),
	FIELD(run, lane),
	FIELD(run, attempt),
	FIELD(run, number),
	FIELD(run, workflow_id),
	FIELD(run, workflow),
	FIELD(run, path),
	FIELD(run, title),
	FIELD(run, event),
	FIELD(run, branch),
	FIELD(run, head_sha),
	FIELD_ENUM(run, status, &run_status_names),
	FIELD_ENUM(run, conclusion, &conclusion_names),
	FIELD(run, actor),
	FIELD(run, triggering_actor),
	FIELD(run, created),
	FIELD(run, started),
	FIELD(run, updated),
	FIELD(run, url),
	FIELD(run, release),
	FIELD(run, seen),
};
const struct rec rec_run = REC(struct run, run_fields, "run");

static const struct field job_fields[] = {
	FIELD(job, id),
	FIELD(job, run_id),
	FIELD(job, attempt),
	FIELD(job, name),
	FIELD(job, stage),
	FIELD_ENUM(job, status, &run_status_names),
	FIELD_ENUM(job, conclusion, &conclusion_names),
	FIELD(job, started),
	FIELD(job, completed),
	FIELD(job, steps),
	FIELD(job, seen),
	FIELD(job, means),
	FIELD(job, meaning),
};
const struct rec rec_job = REC(struct job, job_fields, "job");

static const struct field step_fields[] = {
	FIELD(step, number),
	FIELD(step, name),
	FIELD_ENUM(step, status, &run_status_names),
	FIELD_ENUM(step, conclusion, &conclusion_names),
	FIELD(step, started),
	FIELD(step, completed),
};
const struct rec rec_step = REC(struct step, step_fields, "step");

static const struct field gate_fields[] = {
	FIELD(gate, run_id),         FIELD(gate, attempt),     FIELD(gate, lane),
	FIELD(gate, environment_id), FIELD(gate, environment), FIELD(gate, since),
	FIELD(gate, wait_timer),     FIELD(gate, wait_until),  FIELD(gate, reviewers),
	FIELD(gate, can_approve),    FIELD(gate, why_not),     FIELD(gate, seen),
};
const struct rec rec_gate = REC(struct gate, gate_fields, "gate");

static const struct field release_fields[] = {
	FIELD(release, repo),      FIELD(release, id),        FIELD(release, tag),
	FIELD(release, name),      FIELD(release, draft),     FIELD(release, prerelease),
	FIELD(release, immutable), FIELD(release, published), FIELD(release, target),
	FIELD(release, assets),    FIELD(release, seen),
};
const struct rec rec_release = REC(struct release, release_fields, "release");

static const struct field review_fields[] = {
	FIELD(review, state),
	FIELD(review, user),
	FIELD(review, comment),
	FIELD(review, environments),
};
const struct rec rec_review = REC(struct review, review_fields, "review");

static const struct field lane_fields[] = {
	FIELD(lane, name),
	FIELD(lane, system),
	FIELD(lane, environment),
	FIELD(lane, repo),
	FIELD(lane, production),
	FIELD(lane, ordinal),
	FIELD_ENUM(lane, state, &lane_state_names),
	FIELD(lane, live),
	FIELD(lane, live_sha),
	FIELD(lane, live_run),
	FIELD(lane, next),
	FIELD(lane, run_id),
	FIELD(lane, progress),
	FIELD(lane, reasons),
	FIELD(lane, since),
	FIELD(lane, checked),
	FIELD(lane, stale_after),
};
const struct rec rec_lane = REC(struct lane, lane_fields, "lane");

static const struct field intent_fields[] = {
	FIELD(intent, id),          FIELD(intent, nonce),
	FIELD(intent, plan_id),     FIELD(intent, act),
	FIELD(intent, lane),        FIELD(intent, repo),
	FIELD(intent, subject),     FIELD(intent, line),
	FIELD(intent, request),     FIELD(intent, body),
	FIELD(intent, who),         FIELD(intent, reason),
	FIELD(intent, relies_on),   FIELD_ENUM(intent, state, &intent_state_names),
	FIELD(intent, run_id),      FIELD(intent, run_url),
	FIELD(intent, note),        FIELD(intent, sends),
	FIELD(intent, exclude_run), FIELD(intent, created),
	FIELD(intent, sent),        FIELD(intent, settled),
	FIELD(intent, steps),       FIELD(intent, done),
	FIELD(intent, step),        FIELD(intent, client),
	FIELD(intent, target),
};
/* The last two are the journal's. */
const struct rec rec_journal_intent = REC(struct intent, intent_fields, "journal_intent");
const struct rec rec_intent = { .name = "intent",
				.size = sizeof(struct intent),
				.fields = intent_fields,
				.n = (int)countof(intent_fields) - 2 };

static const struct field check_fields[] = {
	FIELD(check, name),   FIELD_ENUM(check, status, &verdict_names),
	FIELD(check, detail), FIELD(check, fix),
	FIELD(check, source), FIELD(check, at),
};
const struct rec rec_check = REC(struct check, check_fields, "check");

static const struct field event_fields[] = {
	FIELD(event, id),
	FIELD(event, at),
	FIELD(event, lane),
	FIELD(event, text),
};
const struct rec rec_event = REC(struct event, event_fields, "event");
