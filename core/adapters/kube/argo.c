#include "core/adapters/kube/internal.h"

#include <string.h>

#include "base/text.h"

/* A Rollout of Argo (argoproj.io/v1alpha1): status.phase is the controller's summary; the rest says what it rests on. */

/* ---- phases ----------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	enum canary_phase phase;
} phases[] = {
	{ "Healthy", CANARY_DONE },
	{ "Progressing", CANARY_WATCHING },
	{ "Paused", CANARY_HELD },
	{ "Degraded", CANARY_FAILED },
};

static enum canary_phase phase_of(const char *word)
{
	for (size_t i = 0; i < countof(phases); i++)
		if (!strcmp(phases[i].word, word))
			return phases[i].phase;
	return CANARY_OTHER;
}

/* A pause that ends by itself is a window that runs, and no hold. */
static bool waits_for_somebody(const struct rollout_answer *out)
{
	bool known = out->step >= 0 && (size_t)out->step < out->steps_n;

	if (out->spec_paused || !out->has_pause || strcmp(out->pause_reason, "CanaryPauseStep") != 0)
		return true;
	return !known || out->steps[out->step].pause_s < 0;
}

/* What is not settled is under way, whatever the word says. Healthy without being promoted is a contradiction. */
static enum canary_phase judge_phase(const struct rollout_answer *out)
{
	enum canary_phase phase = phase_of(out->word);

	if (out->aborted)
		return out->settled ? CANARY_ABORTED : CANARY_WATCHING;
	if (phase == CANARY_OTHER || !out->settled)
		return phase == CANARY_OTHER ? phase : CANARY_WATCHING;
	if (phase == CANARY_HELD && !waits_for_somebody(out))
		return CANARY_WATCHING;
	return phase == CANARY_DONE && !out->promoted ? CANARY_OTHER : phase;
}

/* ---- steps ------------------------------------------------------------------------------------------------------------ */

/* Seconds of a Go duration in whole units: "90", "10m", "1h30m"; -1: it is none, and then the controller waits for ever. */
static int64_t seconds_of(const char *s)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };
	int64_t sum = 0, n;

	if (!*s)
		return -1;
	while (*s) {
		size_t digits = strspn(s, "0123456789"), u = 0;
		char number[12] = "";

		if (!digits || digits >= sizeof(number))
			return -1;
		memcpy(number, s, digits);
		s += digits;
		while (u < countof(units) && units[u].unit != *s)
			u++;
		if (text_int64(&n, number, 0, INT32_MAX) < 0 || (u == countof(units) && (*s || sum)))
			return -1;
		sum += n * (*s ? units[u].seconds : 1);
		s += *s != 0;
	}
	return sum;
}

static int64_t pause_of(const struct json *step)
{
	const struct json *duration = json_get(step, "pause.duration");
	enum json_type type = json_type(duration);

	if (json_type(json_get(step, "pause")) != JSON_OBJECT)
		return 0;
	if (type == JSON_INT)
		return json_int(step, "pause.duration", -1);
	return type == JSON_STRING ? seconds_of(json_str(step, "pause.duration")) : -1;
}

static int read_steps(struct rollout_answer *out, const struct json *j, int64_t all, struct arena *a,
		      struct err *e)
{
	const struct json *list = json_get(j, "spec.strategy.canary.steps");
	size_t n = json_type(list) == JSON_ARRAY ? json_size(list) : 0;
	struct rollout_step *steps = arena_array(a, struct rollout_step, n + 1);

	if (n > KUBE_MAX_STEPS)
		return err_set(e, ERR_CORRUPT, "the Rollout has %zu steps, more than %d", n, KUBE_MAX_STEPS);
	for (size_t i = 0; i < n; i++)
		steps[i] = (struct rollout_step){ kube_share(json_at(list, i), "setWeight", all),
						  pause_of(json_at(list, i)) };
	out->steps = steps;
	out->steps_n = n;
	/* Absent is the first (GetCurrentCanaryStep); a number out of range is none. */
	out->step = n ? json_int(j, "status.currentStepIndex", 0) : -1;
	if (out->step < -1 || out->step > (int64_t)n)
		out->step = -1;
	return 0;
}

/* ---- weights ---------------------------------------------------------------------------------------------------------- */

static void set_weight(struct rollout_answer *out, int64_t bp, const char *from)
{
	out->set_bp = bp;
	out->set_from = bp < 0 ? "" : from;
	out->set_why = bp < 0 ? "the controller tells no weight" : "";
}

/* The last weight that the steps up to this one set (GetCurrentSetWeight). It is what was asked for: the traffic goes by
 * the number of replicas, and nobody has counted it. */
static void derive_weight(struct rollout_answer *out)
{
	int64_t at = out->step;

	if (out->aborted && out->spec_paused) {
		out->set_why = "aborted, and its replicas stay as they are while spec.paused stands";
		return;
	}
	if (!out->settled || !out->steps_n || at < 0) {
		out->set_why = !out->settled   ? "the controller has not seen the newest declaration"
			       : !out->steps_n ? "no traffic routing, and no steps"
					       : "no traffic routing, and no step is told";
		return;
	}
	if (out->aborted || (size_t)at >= out->steps_n) {
		set_weight(out, out->aborted ? 0 : KUBE_ALL, "steps");
		return;
	}
	while (at >= 0 && out->steps[at].weight_bp < 0)
		at--;
	set_weight(out, at < 0 ? 0 : out->steps[at].weight_bp, "steps");
}

static void judge_seen(struct rollout_answer *out, const struct json *j, bool routed)
{
	const struct json *verified = json_get(j, "status.canary.weights.verified");

	if (routed && json_type(verified) == JSON_BOOL && json_bool(verified, "", false)) {
		out->seen_bp = out->set_bp;
		out->seen_why = out->set_bp < 0 ? "the controller tells no weight" : "";
		return;
	}
	out->seen_why = !routed                            ? "no traffic routing"
			: json_type(verified) == JSON_BOOL ? "the traffic router has not verified the weight"
							   : "its traffic router verifies no weights";
}

/* Where everything that is declared is live, the canary's own share is nought again. */
static void judge_weights(struct rollout_answer *out, const struct json *j, int64_t all)
{
	bool routed = json_type(json_get(j, "status.canary.weights.canary")) == JSON_OBJECT;

	if (out->promoted && out->settled) {
		set_weight(out, KUBE_ALL, "stable is current");
		out->seen_why = "it is no canary now";
		return;
	}
	if (routed)
		set_weight(out, kube_share(j, "status.canary.weights.canary.weight", all),
			   "weights of the traffic router");
	else
		derive_weight(out);
	judge_seen(out, j, routed);
}

/* ---- the object ------------------------------------------------------------------------------------------------------- */

/* observedGeneration is text; older controllers wrote a hash there, and of them it is not known. What is patched in the
 * status has no generation: the controller sets and clears abort and abortedAt together, and a pause that somebody has
 * cleared it still calls its own (IsUnpausing). */
static bool is_settled(const struct rollout_answer *out, const struct json *j)
{
	const char *observed = json_str(j, "status.observedGeneration");
	int64_t seen, generation = json_int(j, "metadata.generation", -1);

	if (out->controller_pause && !out->has_pause)
		return false;
	if (out->aborted != when_known(kube_when(j, "status.abortedAt")))
		return false;
	return observed && !text_int64(&seen, observed, 0, INT64_MAX) && seen == generation;
}

/* The one that is worst off: a step's analysis may pass while the one behind it fails. */
static const char *worst_analysis(const struct json *j, struct arena *a)
{
	static const char *const order[] = { "",      "Successful", "Running", "Pending", "Inconclusive",
					     "Error", "Failed" };
	static const char *const places[] = { "status.canary.currentStepAnalysisRunStatus",
					      "status.canary.currentBackgroundAnalysisRunStatus" };
	const char *worst = "";
	size_t rank = 0;

	for (size_t p = 0; p < countof(places); p++) {
		const char *word = kube_text(json_get(j, places[p]), "status", a);
		size_t i = 0;

		while (i < countof(order) && strcmp(order[i], word) != 0)
			i++; /* an unknown word is the worst of all: it is shown */
		if (i > rank) {
			worst = word;
			rank = i;
		}
	}
	return worst;
}

static void read_pauses(struct rollout_answer *out, const struct json *j, struct arena *a)
{
	const struct json *list = json_get(j, "status.pauseConditions");
	const struct json *first = json_type(list) == JSON_ARRAY ? json_at(list, 0) : NULL;

	out->spec_paused = json_bool(j, "spec.paused", false);
	out->controller_pause = json_bool(j, "status.controllerPause", false);
	out->has_pause = first != NULL;
	if (first) {
		out->pause_reason = kube_text(first, "reason", a);
		out->paused_since = kube_when(first, "startTime");
	} else if (out->spec_paused) {
		out->pause_reason = "spec.paused";
	}
}

static const struct kube_type types[] = {
	{ "spec.paused", JSON_BOOL },
	{ "spec.strategy.canary.steps", JSON_ARRAY },
	{ "status.phase", JSON_STRING },
	{ "status.abort", JSON_BOOL },
	{ "status.promoteFull", JSON_BOOL },
	{ "status.controllerPause", JSON_BOOL },
	{ "status.pauseConditions", JSON_ARRAY },
	{ "status.currentStepIndex", JSON_INT },
	{ "status.observedGeneration", JSON_STRING },
	{ "status.stableRS", JSON_STRING },
	{ "status.currentPodHash", JSON_STRING },
	{ "status.canary.weights.canary.weight", JSON_INT },
	{ "status.canary.weights.verified", JSON_BOOL },
};

static int decode(struct rollout_answer *out, const struct json *j, struct arena *a, struct err *e)
{
	const char *stable = json_str(j, "status.stableRS"), *current = json_str(j, "status.currentPodHash");
	int64_t all = json_int(j, "spec.strategy.canary.trafficRouting.maxTrafficWeight", 100);
	int r = kube_types(j, types, countof(types), e);

	if (r >= 0 && json_type(json_get(j, "spec.strategy.canary")) != JSON_OBJECT)
		r = err_set(e, ERR_CORRUPT, "the Rollout is no canary: its strategy is another");
	if (r >= 0)
		r = read_steps(out, j, all, a, e);
	if (r < 0)
		return r;
	read_pauses(out, j, a);
	out->message = kube_text(j, "status.message", a);
	out->aborted = json_bool(j, "status.abort", false);
	out->promoting = json_bool(j, "status.promoteFull", false);
	out->promoted = stable && *stable && text_eq(stable, current);
	out->settled = is_settled(out, j);
	out->analysis = worst_analysis(j, a);
	out->inconclusive =
		text_eq(json_str(j, "status.canary.currentStepAnalysisRunStatus.status"), "Inconclusive");
	out->phase = judge_phase(out);
	judge_weights(out, j, all);
	return 0;
}

/* ---- acts ------------------------------------------------------------------------------------------------------------- */

static void add(struct kube_plan *out, const struct rollout_act *act, bool status, const char *body,
		struct arena *a)
{
	out->requests[out->n++] = (struct kube_request){
		.target = arena_printf(a, "%s%s", kube_path(&act->name, a), status ? "/status" : ""),
		.body = body,
	};
}

static void unpause(struct kube_plan *out, const struct rollout_act *act, struct arena *a)
{
	add(out, act, false, "{\"spec\":{\"paused\":false}}", a);
}

static int hold(struct kube_plan *out, const struct rollout_act *act, struct arena *a, struct err *e)
{
	const struct rollout_answer *now = &act->now;

	if (now->spec_paused)
		return err_set(e, ERR_INVALID, "it is paused already: spec.paused is true");
	if (now->promoted || now->aborted)
		return err_set(e, ERR_INVALID, "there is nothing to hold: it is %s",
			       now->aborted ? "aborted" : "promoted");
	add(out, act, false, "{\"spec\":{\"paused\":true}}", a);
	return 0;
}

/* Of an aborted one: kubectl's "retry". */
static int resume(struct kube_plan *out, const struct rollout_act *act, struct arena *a, struct err *e)
{
	const struct rollout_answer *now = &act->now;

	if (now->aborted)
		add(out, act, true, "{\"status\":{\"abort\":false}}", a);
	if (now->spec_paused)
		unpause(out, act, a);
	if (out->n)
		return 0;
	return now->has_pause
		       ? err_set(e, ERR_INVALID,
				 "nobody holds it: it waits at a step (%s), and goes on when it is promoted",
				 now->pause_reason)
		       : err_set(e, ERR_INVALID, "nobody holds it: spec.paused is false");
}

/* The step after this one; past the last it is their number. */
static int64_t next_step(const struct rollout_answer *now)
{
	return now->step < (int64_t)now->steps_n ? now->step + 1 : now->step;
}

static int may_promote(const struct rollout_answer *now, struct err *e)
{
	if (now->promoted)
		return err_set(e, ERR_INVALID, "there is nothing to promote: it has all of the traffic");
	if (now->aborted)
		return err_set(e, ERR_INVALID, "it was aborted: resume lets the next try begin");
	if (now->spec_paused && now->controller_pause && !now->has_pause)
		return err_set(e, ERR_INVALID,
			       "its step is promoted already, and a hold stands: resume lets it go on");
	if (!now->settled)
		return err_set(e, ERR_INVALID,
			       "the controller has not seen the newest declaration: which step that is is "
			       "not known");
	return 0;
}

/* One step. Clearing a pause is no number that says from where: the version that it was planned on goes along, so that the
 * API server refuses it (409) where the controller has gone on meanwhile, and no step is skipped. The order is that of
 * Argo's own tool: while spec.paused stands, nothing moves between the two. */
static int promote(struct kube_plan *out, const struct rollout_act *act, struct arena *a, struct err *e)
{
	const struct rollout_answer *now = &act->now;
	const char *from =
		now->version && *now->version
			? arena_printf(a, "\"metadata\":{\"resourceVersion\":\"%s\"},", now->version)
			: "";
	int r = may_promote(now, e);

	if (r < 0)
		return r;
	if (strspn(now->version ? now->version : "", "0123456789") !=
	    strlen(now->version ? now->version : ""))
		return err_set(e, ERR_INVALID, "its version is no number");
	if (!now->steps_n || now->step < 0)
		return err_set(e, ERR_INVALID, "it has no steps: there is only all or nothing");
	if (now->has_pause && !(now->inconclusive && now->controller_pause))
		add(out, act, true, arena_printf(a, "{%s\"status\":{\"pauseConditions\":null}}", from), a);
	else
		add(out, act, true,
		    arena_printf(
			    a, "{%s\"status\":{\"pauseConditions\":null,%s\"currentStepIndex\":%" PRId64 "}}",
			    from, now->has_pause ? "\"controllerPause\":false," : "", next_step(now)),
		    a);
	if (now->spec_paused)
		unpause(out, act, a);
	return 0;
}

static int promote_full(struct kube_plan *out, const struct rollout_act *act, struct arena *a, struct err *e)
{
	int r = may_promote(&act->now, e);

	if (r < 0)
		return r;
	add(out, act, true, "{\"status\":{\"promoteFull\":true}}", a);
	if (act->now.spec_paused)
		unpause(out, act, a);
	return 0;
}

/* While spec.paused stands the controller scales nothing (haltProgress), so a canary without traffic routing would keep its
 * share: it is taken back after the abort, never before. */
static int abort_it(struct kube_plan *out, const struct rollout_act *act, struct arena *a, struct err *e)
{
	const struct rollout_answer *now = &act->now;

	if (now->promoted)
		return err_set(e, ERR_INVALID, "there is nothing to abort: it has all of the traffic");
	if (now->aborted && !now->spec_paused)
		return err_set(e, ERR_INVALID, "it is aborted already");
	add(out, act, true, "{\"status\":{\"abort\":true}}", a);
	if (now->spec_paused)
		unpause(out, act, a);
	return 0;
}

static int plan(struct kube_plan *out, const struct rollout_act *act, struct arena *a, struct err *e)
{
	static int (*const ways[])(struct kube_plan *, const struct rollout_act *, struct arena *,
				   struct err *) = {
		[ROLLOUT_HOLD] = hold,       [ROLLOUT_RESUME] = resume,
		[ROLLOUT_PROMOTE] = promote, [ROLLOUT_PROMOTE_FULL] = promote_full,
		[ROLLOUT_ABORT] = abort_it,
	};

	if ((size_t)act->kind >= countof(ways) || !ways[act->kind])
		return err_set(e, ERR_INVALID, "Argo Rollouts knows no such act");
	return ways[act->kind](out, act, a, e);
}

const struct kube_dialect kube_argo = {
	.kind = "Rollout",
	.version = "argoproj.io/v1alpha1",
	.plural = "rollouts",
	.decode = decode,
	.plan = plan,
};
