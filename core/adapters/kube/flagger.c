#include "core/adapters/kube/internal.h"

#include <string.h>

#include "base/text.h"

/*
 * A Canary of Flagger (flagger.app/v1beta1). Flagger takes no orders through its object: it asks webhooks before it goes
 * on, and where those are the gates of its load tester they can be opened and shut. A gate is one of a canary, so an open
 * one lets all steps pass: Flagger cannot be told to take one.
 */

/* ---- phases ----------------------------------------------------------------------------------------------------------- */

/* Whose weight is the status' own? On every change of phase but the first three the controller clears it
 * (setStatusPhase), while the traffic stays where it is until the promotion is over. */
enum weight_rule { WEIGHT_TOLD, WEIGHT_NONE, WEIGHT_MAX, WEIGHT_ALL, WEIGHT_LOST };

static const struct phase {
	const char *word;
	enum canary_phase phase;
	enum weight_rule weight;
} phases[] = {
	{ "Initializing", CANARY_ABSENT, WEIGHT_NONE },  { "Initialized", CANARY_ABSENT, WEIGHT_NONE },
	{ "Waiting", CANARY_HELD, WEIGHT_TOLD },         { "Progressing", CANARY_WATCHING, WEIGHT_TOLD },
	{ "WaitingPromotion", CANARY_HELD, WEIGHT_MAX }, { "Promoting", CANARY_WATCHING, WEIGHT_LOST },
	{ "Finalising", CANARY_WATCHING, WEIGHT_LOST },  { "Succeeded", CANARY_DONE, WEIGHT_ALL },
	{ "Failed", CANARY_FAILED, WEIGHT_NONE },        { "Terminating", CANARY_ABSENT, WEIGHT_NONE },
	{ "Terminated", CANARY_ABSENT, WEIGHT_NONE },
};
static const struct phase other = { "", CANARY_OTHER, WEIGHT_LOST };

static const struct phase *phase_of(const char *word)
{
	for (size_t i = 0; i < countof(phases); i++)
		if (!strcmp(phases[i].word, word))
			return &phases[i];
	return &other;
}

static bool is(const struct rollout_answer *now, const char *word)
{
	return !strcmp(now->word, word);
}

/* ---- what is declared ------------------------------------------------------------------------------------------------- */

/* spec.canaryAnalysis is its name of before, and still read by the controller. */
static const struct json *analysis_of(const struct json *j)
{
	const struct json *analysis = json_get(j, "spec.analysis");

	return json_type(analysis) == JSON_OBJECT ? analysis : json_get(j, "spec.canaryAnalysis");
}

/* stepWeights, or stepWeight by stepWeight up to maxWeight. None: it is a test by iterations. */
static int read_steps(struct rollout_answer *out, const struct json *analysis, struct arena *a, struct err *e)
{
	const struct json *list = json_get(analysis, "stepWeights");
	int64_t step = json_int(analysis, "stepWeight", 0), max = json_int(analysis, "maxWeight", 100);
	size_t n = json_type(list) == JSON_ARRAY ? json_size(list) : 0;
	struct rollout_step *steps;

	if (max < 1 || max > 100)
		max = 100;
	if (step > max)
		step = max;
	if (!n && step > 0)
		n = (size_t)((max + step - 1) / step);
	if (n > KUBE_MAX_STEPS)
		return err_set(e, ERR_CORRUPT, "the Canary has %zu steps, more than %d", n, KUBE_MAX_STEPS);
	steps = arena_array(a, struct rollout_step, n + 1);
	for (size_t i = 0; i < n; i++) {
		int64_t weight = step * (int64_t)(i + 1);

		steps[i].weight_bp = json_type(list) == JSON_ARRAY
					     ? kube_share(json_at(list, i), "", 100)
					     : (weight < 100 ? weight : 100) * (KUBE_ALL / 100);
	}
	out->steps = steps;
	out->steps_n = n;
	return 0;
}

static unsigned hook_of(const struct json *hook)
{
	static const struct {
		const char *type, *asks;
		unsigned bit;
	} known[] = {
		{ "confirm-rollout", "/gate/check", ROLLOUT_ASKS_ROLLOUT },
		{ "confirm-traffic-increase", "/gate/check", ROLLOUT_ASKS_INCREASE },
		{ "confirm-promotion", "/gate/check", ROLLOUT_ASKS_PROMOTION },
		{ "rollback", "/rollback/check", ROLLOUT_ASKS_ROLLBACK },
	};
	const char *type = json_str(hook, "type"), *url = json_str(hook, "url");
	size_t n = url ? strlen(url) : 0;

	for (size_t i = 0; type && i < countof(known); i++) {
		size_t asks = strlen(known[i].asks);

		if (!strcmp(type, known[i].type) && n > asks && !strcmp(url + n - asks, known[i].asks))
			return known[i].bit;
	}
	return 0;
}

static void read_hooks(struct rollout_answer *out, const struct json *analysis)
{
	const struct json *list = json_get(analysis, "webhooks");
	size_t n = json_type(list) == JSON_ARRAY ? json_size(list) : 0;

	for (size_t i = 0; i < n && i < KUBE_MAX_STEPS; i++)
		out->hooks |= hook_of(json_at(list, i));
}

/* ---- weights ---------------------------------------------------------------------------------------------------------- */

static void judge_weight(struct rollout_answer *out, const struct json *j, enum weight_rule rule)
{
	out->seen_why = "Flagger tells what it set, and verifies nothing";
	switch (rule) {
	case WEIGHT_TOLD:
		out->set_bp = kube_share(j, "status.canaryWeight", 100);
		out->set_from = "canaryWeight";
		break;
	case WEIGHT_NONE:
		out->set_bp = 0;
		out->set_from = "phase";
		break;
	case WEIGHT_MAX:
		out->set_bp = out->steps_n ? out->steps[out->steps_n - 1].weight_bp : -1;
		out->set_from = "last step";
		break;
	case WEIGHT_ALL:
		out->set_bp = KUBE_ALL;
		out->set_from = "phase";
		break;
	case WEIGHT_LOST:
		out->set_why = *out->word ? "Flagger tells no weight in this phase" : "it has no phase yet";
		return;
	}
	if (out->set_bp < 0) {
		out->set_from = "";
		out->set_why = "the controller tells no weight";
	}
}

/* The step whose weight is set, counted as its index; -1 before the first. */
static int64_t step_of(const struct rollout_answer *out)
{
	int64_t step = -1;

	if (out->set_bp < 0)
		return -1;
	for (size_t i = 0; i < out->steps_n && out->steps[i].weight_bp >= 0; i++)
		if (out->steps[i].weight_bp <= out->set_bp)
			step = (int64_t)i;
	return step;
}

/* ---- the object ------------------------------------------------------------------------------------------------------- */

static const char *message_of(const struct json *j, struct arena *a)
{
	const struct json *list = json_get(j, "status.conditions");
	size_t n = json_type(list) == JSON_ARRAY ? json_size(list) : 0;

	for (size_t i = 0; i < n && i < KUBE_MAX_STEPS; i++)
		if (text_eq(json_str(json_at(list, i), "type"), "Promoted"))
			return kube_text(json_at(list, i), "message", a);
	return "";
}

static const struct kube_type types[] = {
	{ "spec.suspend", JSON_BOOL },          { "spec.analysis", JSON_OBJECT },
	{ "spec.canaryAnalysis", JSON_OBJECT }, { "status.phase", JSON_STRING },
	{ "status.canaryWeight", JSON_INT },    { "status.failedChecks", JSON_INT },
};

static int decode(struct rollout_answer *out, const struct json *j, struct arena *a, struct err *e)
{
	const struct json *analysis = analysis_of(j);
	const struct phase *p = phase_of(out->word);
	int r = kube_types(j, types, countof(types), e);

	if (r >= 0)
		r = read_steps(out, analysis, a, e);
	if (r < 0)
		return r;
	read_hooks(out, analysis);
	out->message = message_of(j, a);
	out->phase = p->phase;
	out->spec_paused = json_bool(j, "spec.suspend", false);
	out->promoted = p->phase == CANARY_DONE;
	out->settled = *out->word != 0;
	out->failed_checks = json_int(j, "status.failedChecks", -1);
	judge_weight(out, j, p->weight);
	out->step = step_of(out);
	if (out->phase == CANARY_HELD) {
		out->pause_reason = is(out, "Waiting") ? "confirm-rollout" : "confirm-promotion";
		out->paused_since = kube_when(j, "status.lastTransitionTime");
	}
	if (out->spec_paused && (out->phase == CANARY_WATCHING || out->phase == CANARY_HELD)) {
		out->phase = CANARY_HELD;
		out->pause_reason = "suspended";
	}
	return 0;
}

/* Progressing says nothing of a gate that is shut: it asks before each step, and stays. */
void flagger_judge_gates(struct rollout_answer *out)
{
	if (out->phase == CANARY_WATCHING && is(out, "Progressing") && out->gate == ROLLOUT_GATE_SHUT &&
	    (out->hooks & ROLLOUT_ASKS_INCREASE)) {
		out->phase = CANARY_HELD;
		out->pause_reason = "confirm-traffic-increase";
	}
}

/* ---- acts ------------------------------------------------------------------------------------------------------------- */

static int hold(const struct rollout_answer *now, const char **door, struct err *e)
{
	if (!(now->hooks & ROLLOUT_ASKS_INCREASE))
		return err_set(e, ERR_INVALID,
			       "its Canary has no confirm-traffic-increase webhook at /gate/check: a shut "
			       "gate would "
			       "not stop the next step");
	if (now->phase != CANARY_WATCHING && now->phase != CANARY_HELD)
		return err_set(e, ERR_INVALID, "there is nothing to hold: it is %s", now->word);
	if (now->gate == ROLLOUT_GATE_SHUT)
		return err_set(e, ERR_INVALID, "it is held already: its gate is shut");
	*door = "/gate/close";
	return 0;
}

/* The rollback gate stays open after an abort, and would roll back the next release at once. */
static int resume(const struct rollout_answer *now, const char **door, struct err *e)
{
	if (now->phase == CANARY_FAILED) {
		if (now->rollback == ROLLOUT_GATE_SHUT)
			return err_set(e, ERR_INVALID,
				       "it has failed, and only a new revision begins again; its rollback "
				       "gate is shut");
		*door = "/rollback/close";
		return 0;
	}
	if (now->gate == ROLLOUT_GATE_OPEN)
		return err_set(e, ERR_INVALID, "nobody holds it: its gate is open");
	if (!(now->hooks & (ROLLOUT_ASKS_ROLLOUT | ROLLOUT_ASKS_INCREASE | ROLLOUT_ASKS_PROMOTION)))
		return err_set(e, ERR_INVALID,
			       "its Canary asks no gate (/gate/check): an open one would move nothing");
	*door = "/gate/open";
	return 0;
}

static int promote(const struct rollout_answer *now, const char **door, struct err *e)
{
	if (!is(now, "WaitingPromotion") || !(now->hooks & ROLLOUT_ASKS_PROMOTION))
		return err_set(
			e, ERR_INVALID,
			"Flagger takes its steps itself, one every interval: it can be let go on (resume) "
			"and cannot be told to take one or to skip them");
	*door = "/gate/open";
	return 0;
}

/* Its rollback webhook is asked in these two phases only; while it waits for its first step no traffic is on it. */
static int abort_it(const struct rollout_answer *now, const char **door, struct err *e)
{
	if (!(now->hooks & ROLLOUT_ASKS_ROLLBACK))
		return err_set(
			e, ERR_INVALID,
			"its Canary has no rollback webhook at /rollback/check: nothing would come of it");
	if (now->spec_paused)
		return err_set(e, ERR_INVALID,
			       "it is suspended: Flagger asks nothing before spec.suspend is false");
	if (!is(now, "Progressing") && !is(now, "WaitingPromotion"))
		return err_set(e, ERR_INVALID, "there is nothing to abort: it is %s",
			       *now->word ? now->word : "new");
	if (now->rollback == ROLLOUT_GATE_OPEN)
		return err_set(e, ERR_INVALID, "its rollback gate is open already");
	*door = "/rollback/open";
	return 0;
}

static int plan(struct kube_plan *out, const struct rollout_act *act, struct arena *a, struct err *e)
{
	static int (*const doors[])(const struct rollout_answer *, const char **, struct err *) = {
		[ROLLOUT_HOLD] = hold,       [ROLLOUT_RESUME] = resume,
		[ROLLOUT_PROMOTE] = promote, [ROLLOUT_PROMOTE_FULL] = promote,
		[ROLLOUT_ABORT] = abort_it,
	};
	const char *door = NULL;
	int r;

	if ((size_t)act->kind >= countof(doors) || !doors[act->kind])
		return err_set(e, ERR_INVALID, "Flagger knows no such act");
	if (!act->name.gate || !*act->name.gate)
		return err_set(e, ERR_INVALID,
			       "Flagger takes no orders through the Kubernetes API, and the profile names no "
			       "gate of its "
			       "load tester (gate: https://HOST)");
	r = doors[act->kind](&act->now, &door, e);
	if (r < 0)
		return r;
	out->requests[out->n++] = (struct kube_request){
		.gate = true,
		.target = door,
		.body = arena_printf(a, "{\"name\":\"%s\",\"namespace\":\"%s\"}", act->name.name,
				     act->name.namespace_),
	};
	return 0;
}

const struct kube_dialect kube_flagger = {
	.kind = "Canary",
	.version = "flagger.app/v1beta1",
	.plural = "canaries",
	.decode = decode,
	.plan = plan,
};
