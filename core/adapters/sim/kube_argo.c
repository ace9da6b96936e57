#include "core/adapters/sim/kube.h"

#include <string.h>

/* The controller of Argo Rollouts as far as a canary goes: pause.go, canary.go, sync.go of argoproj/argo-rollouts. */

static void next_step(struct sim_rollout *ro, int64_t at)
{
	ro->step++;
	ro->entered = -1;
	ro->analysis = "";
	ro->due = at;
}

static void promoted(struct sim_rollout *ro, int64_t at)
{
	ro->stable = ro->current;
	ro->step = ro->steps_n;
	ro->entered = -1;
	ro->weight = 0;
	ro->promote_full = ro->abort = ro->controller_pause = false;
	ro->aborted_at = 0;
	ro->pause = NULL;
	sim_rollout_phase(ro, "Healthy", "", at);
}

/* Nothing is scaled while spec.paused stands (haltProgress); a traffic router shifts back all the same. */
static void aborted(struct sim_rollout *ro, int64_t at)
{
	ro->aborted_at = ro->aborted_at ? ro->aborted_at : at;
	ro->step = 0;
	ro->entered = -1;
	ro->pause = NULL;
	ro->controller_pause = false;
	if (ro->routed || !ro->spec_paused)
		ro->weight = 0;
	sim_rollout_phase(ro, "Degraded", "RolloutAborted: Rollout aborted update to revision 2", at);
}

static void pause(struct sim_rollout *ro, const char *reason, int64_t at)
{
	ro->pause = reason;
	ro->pause_since = at;
	ro->controller_pause = true;
	sim_rollout_phase(ro, "Paused", reason, at);
}

static void at_weight(struct sim_rollout *ro, const struct sim_rollout_step *s, int64_t at)
{
	if (at >= ro->since + KUBE_SCALE_MS) {
		next_step(ro, at);
		return;
	}
	ro->weight = s->weight;
	ro->due = ro->since + KUBE_SCALE_MS;
	sim_rollout_phase(ro, "Progressing", "more replicas need to be updated", at);
}

/* Whoever clears the condition leaves controllerPause: that is how the controller knows that it may go on. */
static void at_pause(struct sim_rollout *ro, const struct sim_rollout_step *s, int64_t at)
{
	int64_t until = ro->pause_since + s->pause_ms;

	if (!ro->pause && !ro->controller_pause)
		pause(ro, "CanaryPauseStep", at);
	else if (!ro->pause || (s->pause_ms > 0 && at >= until)) {
		ro->pause = NULL;
		ro->controller_pause = false;
		next_step(ro, at);
		return;
	}
	until = ro->pause_since + s->pause_ms;
	sim_rollout_phase(ro, "Paused", "CanaryPauseStep", at);
	if (s->pause_ms > 0)
		ro->due = until;
}

static void at_analysis(struct sim_rollout *ro, const struct sim_rollout_step *s, int64_t at)
{
	if (at < ro->since + s->takes_ms) {
		ro->analysis = "Running";
		ro->due = ro->since + s->takes_ms;
		sim_rollout_phase(ro, "Progressing", "more replicas need to be updated", at);
		return;
	}
	ro->analysis = s->analysis;
	if (!strcmp(s->analysis, "Successful")) {
		next_step(ro, at);
	} else if (!strcmp(s->analysis, "Inconclusive")) {
		if (!ro->pause)
			pause(ro, "InconclusiveAnalysisRun", at);
	} else {
		ro->abort = true;
		aborted(ro, at);
	}
}

static void at_step(struct sim_rollout *ro, int64_t at)
{
	const struct sim_rollout_step *s = &ro->steps[ro->step];

	if (ro->entered != ro->step) {
		ro->entered = ro->step;
		ro->since = at;
		ro->analysis = "";
	}
	if (s->analysis)
		at_analysis(ro, s, at);
	else if (s->pause_ms)
		at_pause(ro, s, at);
	else
		at_weight(ro, s, at);
}

static void begin(struct sim_rollout *ro)
{
	ro->begun = true;
	ro->generation++;
	ro->current = "7d9f6c5b8";
	ro->step = 0;
	ro->entered = -1;
}

void sim_argo_look(struct sim_rollout *ro, int64_t at)
{
	if (!ro->begun && at >= ro->begins)
		begin(ro);
	ro->observed = ro->generation;
	if (!ro->begun)
		ro->due = ro->begins;
	if (ro->promote_full && !ro->spec_paused)
		promoted(ro, at);
	else if (!strcmp(ro->stable, ro->current))
		sim_rollout_phase(ro, "Healthy", "", at);
	else if (ro->abort)
		aborted(ro, at);
	else if (ro->spec_paused)
		sim_rollout_phase(ro, "Paused", "manually paused", at);
	else if (ro->step >= ro->steps_n)
		promoted(ro, at);
	else {
		ro->aborted_at = 0;
		at_step(ro, at);
	}
}

/* ---- the object ----------------------------------------------------------------------------------------------------- */

static void patch_bool(const struct json *patch, const char *path, bool *out)
{
	*out = json_bool(patch, path, *out);
}

void sim_argo_patch(struct sim_rollout *ro, const struct json *patch, bool status)
{
	bool was = ro->spec_paused;

	if (!status) { /* the rest of the object is not this resource's */
		patch_bool(patch, "spec.paused", &ro->spec_paused);
		ro->generation += was != ro->spec_paused;
		return;
	}
	patch_bool(patch, "status.abort", &ro->abort);
	patch_bool(patch, "status.promoteFull", &ro->promote_full);
	patch_bool(patch, "status.controllerPause", &ro->controller_pause);
	if (json_type(json_get(patch, "status.pauseConditions")) == JSON_NULL)
		ro->pause = NULL;
	ro->step = (int)json_int(patch, "status.currentStepIndex", ro->step);
	if (ro->step < 0 || ro->step > ro->steps_n)
		ro->step = ro->steps_n;
}

static void put_step(struct call *c, const struct sim_rollout_step *s)
{
	jw_open(&c->j, '{');
	if (s->weight >= 0) {
		jw_kint(&c->j, "setWeight", s->weight);
	} else {
		jw_kopen(&c->j, s->analysis ? "analysis" : "pause", '{');
		if (!s->analysis && s->pause_ms > 0)
			put_str(&c->j, "duration", arena_printf(c->a, "%" PRId64 "s", s->pause_ms / SECOND));
		jw_close(&c->j, '}');
	}
	jw_close(&c->j, '}');
}

static void put_spec(struct call *c, const struct sim_rollout *ro)
{
	jw_kopen(&c->j, "spec", '{');
	jw_kint(&c->j, "replicas", 10);
	if (ro->spec_paused)
		jw_kbool(&c->j, "paused", true);
	jw_kopen(&c->j, "strategy", '{');
	jw_kopen(&c->j, "canary", '{');
	if (ro->routed) {
		jw_key(&c->j, "trafficRouting");
		jw_json(&c->j, "{\"nginx\":{\"stableIngress\":\"web\"}}");
	}
	jw_kopen(&c->j, "steps", '[');
	for (int i = 0; i < ro->steps_n; i++)
		put_step(c, &ro->steps[i]);
	jw_close(&c->j, ']');
	jw_close(&c->j, '}');
	jw_close(&c->j, '}');
	jw_close(&c->j, '}');
}

static void put_pause(struct call *c, const struct sim_rollout *ro)
{
	if (ro->controller_pause)
		jw_kbool(&c->j, "controllerPause", true);
	if (!ro->pause)
		return;
	jw_kopen(&c->j, "pauseConditions", '[');
	jw_open(&c->j, '{');
	put_str(&c->j, "reason", ro->pause);
	put_time(&c->j, "startTime", ro->pause_since);
	jw_close(&c->j, '}');
	jw_close(&c->j, ']');
}

static void put_weights(struct call *c, const struct sim_rollout *ro)
{
	jw_kopen(&c->j, "canary", '{');
	if (*ro->analysis) {
		jw_kopen(&c->j, "currentStepAnalysisRunStatus", '{');
		put_str(&c->j, "name", arena_printf(c->a, "%s-7d9f6c5b8-2-%d", ro->name, ro->step));
		put_str(&c->j, "status", ro->analysis);
		jw_close(&c->j, '}');
	}
	if (ro->routed) {
		jw_key(&c->j, "weights");
		jw_json(&c->j,
			arena_printf(c->a,
				     "{\"canary\":{\"podTemplateHash\":\"%s\",\"weight\":%" PRId64
				     "},\"stable\":{\"podTemplateHash\":\"%s\",\"weight\":%" PRId64 "}}",
				     ro->current, ro->weight, ro->stable, 100 - ro->weight));
	}
	jw_close(&c->j, '}');
}

void sim_argo_put(struct call *c, const struct sim_rollout *ro)
{
	put_spec(c, ro);
	jw_kopen(&c->j, "status", '{');
	if (ro->abort)
		jw_kbool(&c->j, "abort", true);
	if (ro->aborted_at)
		put_time(&c->j, "abortedAt", ro->aborted_at);
	put_weights(c, ro);
	put_pause(c, ro);
	put_str(&c->j, "currentPodHash", ro->current);
	jw_kint(&c->j, "currentStepIndex", ro->step);
	if (*ro->message)
		put_str(&c->j, "message", ro->message);
	put_str(&c->j, "observedGeneration", arena_printf(c->a, "%" PRId64, ro->observed));
	put_str(&c->j, "phase", ro->phase);
	if (ro->promote_full)
		jw_kbool(&c->j, "promoteFull", true);
	put_str(&c->j, "stableRS", ro->stable);
	jw_close(&c->j, '}');
}
