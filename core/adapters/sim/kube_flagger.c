#include "core/adapters/sim/kube.h"

#include <string.h>

/* The controller of Flagger: advanceCanary() of fluxcd/flagger, once every interval. A gate is asked before each step, and
 * every phase but Waiting, Progressing and Promoting clears the weight that its status tells (setStatusPhase). */

static bool is(const struct sim_rollout *ro, const char *phase)
{
	return !strcmp(ro->phase, phase);
}

static bool halts(const struct sim_rollout *ro, unsigned hook)
{
	return (ro->hooks & hook) && !ro->gate_open;
}

static void enter(struct sim_rollout *ro, const char *phase, const char *message, int64_t at)
{
	if (strcmp(phase, "Waiting") != 0 && strcmp(phase, "Progressing") != 0 &&
	    strcmp(phase, "Promoting") != 0)
		ro->told_weight = 0;
	sim_rollout_phase(ro, phase, message, at);
}

static void set_weight(struct sim_rollout *ro, int64_t weight)
{
	ro->weight = ro->told_weight = weight;
	ro->version++;
}

static void begin(struct sim_rollout *ro, int64_t at)
{
	if (halts(ro, ASKS_ROLLOUT)) {
		enter(ro, "Waiting", "New revision detected, waiting for approval.", at);
		return;
	}
	ro->failed = 0;
	set_weight(ro, 0);
	enter(ro, "Progressing", "New revision detected, progressing canary analysis.", at);
}

static void fail(struct sim_rollout *ro, int64_t at)
{
	set_weight(ro, 0);
	ro->failed = 0;
	enter(ro, "Failed", "Canary analysis failed, Deployment scaled to zero.", at);
}

static void advance(struct sim_rollout *ro, int64_t at)
{
	if (ro->weight > 0 && ro->breach_from && at >= ro->breach_from) {
		ro->failed++;
		ro->version++;
	} else if (!halts(ro, ASKS_INCREASE) && ro->weight < ro->max_weight) {
		int64_t next = ro->weight + ro->step_weight;

		set_weight(ro, next < 100 ? next : 100);
	} else if (ro->weight >= ro->max_weight) {
		if (halts(ro, ASKS_PROMOTION))
			enter(ro, "WaitingPromotion", "Waiting for approval to promote.", at);
		else
			enter(ro, "Promoting", "Canary analysis completed, promoting.", at);
	}
}

static void finish(struct sim_rollout *ro, int64_t at)
{
	if (is(ro, "Promoting")) {
		ro->weight = 0;
		enter(ro, "Finalising", "Canary analysis completed, scaling down.", at);
	} else {
		enter(ro, "Succeeded", "Canary analysis completed successfully, promotion finished.", at);
	}
}

static void tick(struct sim_rollout *ro, int64_t at)
{
	bool watched = is(ro, "Progressing") || is(ro, "WaitingPromotion");

	if (!*ro->phase)
		enter(ro, "Initialized", "Deployment initialization completed.", at);
	else if (is(ro, "Waiting"))
		begin(ro, at);
	else if (watched &&
		 (((ro->hooks & ASKS_ROLLBACK) && ro->rollback_open) || ro->failed >= ro->threshold))
		fail(ro, at);
	else if (watched)
		advance(ro, at);
	else if (is(ro, "Promoting") || is(ro, "Finalising"))
		finish(ro, at);
	else if (!ro->begun && at >= ro->begins) {
		ro->begun = true;
		begin(ro, at);
	}
}

void sim_flagger_look(struct sim_rollout *ro, int64_t at)
{
	ro->due = at + ro->interval;
	if (!ro->suspend)
		tick(ro, at);
}

/* ---- the object ----------------------------------------------------------------------------------------------------- */

/* Its status is the controller's own, and it would write over whatever somebody else put there. */
void sim_flagger_patch(struct sim_rollout *ro, const struct json *patch, bool status)
{
	bool was = ro->suspend;

	if (!status)
		ro->suspend = json_bool(patch, "spec.suspend", ro->suspend);
	ro->generation += was != ro->suspend;
}

static void put_hooks(struct call *c, const struct sim_rollout *ro)
{
	static const struct {
		unsigned bit;
		const char *type, *asks;
	} hooks[] = {
		{ ASKS_ROLLOUT, "confirm-rollout", "/gate/check" },
		{ ASKS_INCREASE, "confirm-traffic-increase", "/gate/check" },
		{ ASKS_PROMOTION, "confirm-promotion", "/gate/check" },
		{ ASKS_ROLLBACK, "rollback", "/rollback/check" },
	};

	jw_kopen(&c->j, "webhooks", '[');
	for (size_t i = 0; i < countof(hooks); i++) {
		if (!(ro->hooks & hooks[i].bit))
			continue;
		jw_open(&c->j, '{');
		put_str(&c->j, "name", hooks[i].type);
		put_str(&c->j, "type", hooks[i].type);
		put_str(&c->j, "url",
			arena_printf(c->a, "http://flagger-loadtester.%s%s", ro->namespace, hooks[i].asks));
		jw_close(&c->j, '}');
	}
	jw_close(&c->j, ']');
}

static void put_analysis(struct call *c, const struct sim_rollout *ro)
{
	jw_kopen(&c->j, "analysis", '{');
	put_str(&c->j, "interval", arena_printf(c->a, "%" PRId64 "s", ro->interval / SECOND));
	jw_kint(&c->j, "threshold", ro->threshold);
	jw_kint(&c->j, "maxWeight", ro->max_weight);
	jw_kint(&c->j, "stepWeight", ro->step_weight);
	put_hooks(c, ro);
	jw_close(&c->j, '}');
}

void sim_flagger_put(struct call *c, const struct sim_rollout *ro)
{
	jw_kopen(&c->j, "spec", '{');
	if (ro->suspend)
		jw_kbool(&c->j, "suspend", true);
	put_analysis(c, ro);
	jw_close(&c->j, '}');
	jw_kopen(&c->j, "status", '{');
	if (*ro->phase) {
		put_str(&c->j, "phase", ro->phase);
		jw_kint(&c->j, "canaryWeight", ro->told_weight);
		jw_kint(&c->j, "failedChecks", ro->failed);
		jw_kint(&c->j, "iterations", 0);
		put_time(&c->j, "lastTransitionTime", ro->changed);
		jw_kopen(&c->j, "conditions", '[');
		jw_open(&c->j, '{');
		put_str(&c->j, "type", "Promoted");
		put_str(&c->j, "status",
			is(ro, "Succeeded") ? "True"
			: is(ro, "Failed")  ? "False"
					    : "Unknown");
		put_str(&c->j, "reason", ro->phase);
		put_str(&c->j, "message", ro->message);
		jw_close(&c->j, '}');
		jw_close(&c->j, ']');
	}
	jw_close(&c->j, '}');
}
