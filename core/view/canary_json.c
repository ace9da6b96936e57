/* A canary as the command-line contract writes it. */
#include <stdio.h>

#include "core/view/canary.h"
#include "core/view/words.h"

/* Exact: a number of `digits` decimals, without those that are nought. "null" is `none`. */
static void decimal(struct jw *w, int64_t value, int digits, int64_t none)
{
	char text[48];
	uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value, unit = digits == 2 ? 100 : 1000000;
	int n = snprintf(text, sizeof(text), "%s%" PRIu64 ".%0*" PRIu64, value < 0 ? "-" : "", size / unit,
			 digits, size % unit);

	while (text[n - 1] == '0')
		n--;
	text[text[n - 1] == '.' ? n - 1 : n] = 0;
	jw_json(w, value == none ? "null" : text);
}

static void value_json(struct jw *w, const char *key, int64_t value)
{
	jw_key(w, key);
	decimal(w, value, 6, CANARY_NONE_VALUE);
}

static void share_json(struct jw *w, const char *key, int64_t bp)
{
	jw_key(w, key);
	decimal(w, bp < 0 ? -1 : bp, 2, -1);
}

void canary_lane_json(struct jw *w, const struct canary *c)
{
	jw_key(w, "canary");
	if (!c) {
		jw_null(w);
		return;
	}
	jw_open(w, '{');
	share_json(w, "set", c->set_bp);
	share_json(w, "seen", c->seen_bp);
	jw_kint(w, "step", c->step);
	jw_kint(w, "steps", c->steps);
	jw_close(w, '}');
}

static void samples_json(struct jw *w, const struct canary_metric_row *m)
{
	jw_kopen(w, "samples", '[');
	for (int i = 0; i < m->points_n; i++) {
		const struct canary_point *p = &m->points[i];
		jw_open(w, '{');
		jw_kwhen(w, "at", p->at);
		jw_kstr(w, "state", names_word(&sample_state_names, p->state));
		value_json(w, "control", p->control);
		value_json(w, "canary", p->canary);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static void metric_json(struct jw *w, const struct canary_metric_row *m)
{
	jw_open(w, '{');
	jw_kstr(w, "name", m->name);
	jw_ktext(w, "unit", m->unit);
	value_json(w, "control", m->control_value);
	value_json(w, "canary", m->canary_value);
	value_json(w, "limit", m->limit_value);
	jw_kstr(w, "verdict", names_word(&canary_verdict_names, m->verdict_value));
	jw_ktext(w, "reason", m->reason);
	samples_json(w, m);
	jw_close(w, '}');
}

static void ladder_json(struct jw *w, const struct canary_view *v)
{
	jw_kopen(w, "steps", '[');
	for (int i = 0; i < v->rungs_n; i++)
		decimal(w, v->rungs[i].weight_bp < 0 ? -1 : v->rungs[i].weight_bp, 2, -1);
	jw_close(w, ']');
}

static void window_json(struct jw *w, const struct canary_view *v)
{
	jw_kopen(w, "window", '{');
	jw_kwhen(w, "started", v->started);
	jw_kwhen(w, "ends", v->ends);
	jw_close(w, '}');
}

static void weights_json(struct jw *w, const struct canary_view *v)
{
	share_json(w, "set_weight", v->set_bp);
	share_json(w, "seen_weight", v->seen_bp);
	jw_ktext(w, "set_from", v->set_from);
	jw_ktext(w, "set", v->set);
	jw_ktext(w, "seen", v->seen);
}

static void metrics_json(struct jw *w, const struct canary_view *v)
{
	jw_kopen(w, "metrics", '[');
	vec_each (m, &v->metrics)
		metric_json(w, m);
	jw_close(w, ']');
}

static void rungs_json(struct jw *w, const struct canary_view *v)
{
	jw_kopen(w, "rungs", '[');
	for (int i = 0; i < v->rungs_n; i++) {
		jw_open(w, '{');
		share_json(w, "weight", v->rungs[i].weight_bp);
		jw_kwhen(w, "entered", v->rungs[i].entered);
		jw_kstr(w, "verdict", names_word(&canary_verdict_names, v->rungs[i].verdict));
		jw_ktext(w, "by", v->rungs[i].by);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static void past_json(struct jw *w, const struct canary_view *v)
{
	const struct canary_view *past = v->past;

	jw_key(w, "past");
	if (!past) {
		jw_null(w);
		return;
	}
	jw_open(w, '{');
	jw_ktext(w, "summary", v->past_line);
	jw_ktext(w, "release", past->release);
	jw_kint(w, "run", past->run);
	jw_ktext(w, "phase", past->phase_word);
	rungs_json(w, past);
	metrics_json(w, past);
	jw_kstr(w, "verdict", names_word(&canary_verdict_names, past->verdict));
	jw_ktext(w, "reason", past->reason);
	jw_ktext(w, "cost", past->cost);
	jw_close(w, '}');
}

void view_canary_json(struct jw *w, const struct canary_view *v, struct when now)
{
	jw_open(w, '{');
	jw_kwhen(w, "as_of", now);
	jw_kstr(w, "lane", v->lane);
	jw_ktext(w, "release", v->release);
	jw_ktext(w, "phase", v->phase_word);
	ladder_json(w, v);
	jw_kint(w, "step", v->step);
	weights_json(w, v);
	window_json(w, v);
	metrics_json(w, v);
	jw_kstr(w, "verdict", names_word(&canary_verdict_names, v->verdict));
	jw_ktext(w, "reason", v->reason);
	jw_kbool(w, "stale", v->stale);
	jw_ktext(w, "cost", v->cost);
	jw_kbool(w, "can_hold", v->can_hold);
	jw_ktext(w, "mechanism", v->mechanism);
	jw_ktext(w, "guard", v->guard);
	jw_ktext(w, "back", v->back);
	past_json(w, v);
	jw_ktext(w, "ahead", v->ahead);
	view_age_json(w, v->age_ms);
	jw_close(w, '}');
}
