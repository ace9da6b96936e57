/*
 * survey_ports.c - readings that are neither the forge's nor a registry's: metrics, controllers of clusters, and control
 * planes of machines. They wait for no rate limit and for no other reading.
 */
#include "core/engine/canary.h"
#include "core/engine/survey_fleet.h"

#include "base/text.h"

#include <stdlib.h>

struct port_reading {
	struct port_reading *next;
	struct survey *s; /* NULL: its survey is gone */
	struct look *k;
	look_metric metric;
	look_moves moves;
	look_machines machines;
	void *ctx;
};

static struct port_reading *port_add(struct look *k, void *ctx)
{
	struct port_reading *r = x_alloc(sizeof(*r));

	*r = (struct port_reading){ .next = k->s->ports, .s = k->s, .k = k, .ctx = ctx };
	k->s->ports = r;
	k->pending++;
	return r;
}

static void port_unlink(struct port_reading *r)
{
	for (struct port_reading **at = &r->s->ports; *at; at = &(*at)->next)
		if (*at == r) {
			*at = r->next;
			break;
		}
	r->k->pending--;
}

/* False: nobody waits for it any more, and it is gone. */
static bool port_landed(struct port_reading *r)
{
	if (!r->s) {
		free(r);
		return false;
	}
	port_unlink(r);
	return true;
}

void ports_orphan(struct survey *s)
{
	struct port_reading *next;

	for (struct port_reading *r = s->ports; r; r = next) {
		next = r->next;
		r->s = NULL;
	}
	s->ports = NULL;
}

/* ---- metrics ---------------------------------------------------------------------------------------------------------- */

static void metric_failed(struct look *k, look_metric taken, void *ctx, const char *why)
{
	taken(k, ctx, &(struct metrics_answer){ .state = SAMPLE_ERROR, .why = why });
}

static void metric_landed(void *ctx, const struct metrics_answer *a, const struct err *err)
{
	struct port_reading *r = ctx;
	struct survey *s = r->s;

	if (!port_landed(r))
		return;
	if (err)
		metric_failed(r->k, r->metric, r->ctx, err->message);
	else
		r->metric(r->k, r->ctx, a);
	survey_wake(s);
	free(r);
}

static struct metrics *meter_of(const struct look *k)
{
	vec_each (m, &k->s->en->o.meters)
		if (text_eq(m->lane, k->lane->name))
			return m->metrics;
	return NULL;
}

void look_metrics(struct look *k, const char *expression, int64_t stale_after_s, look_metric taken, void *ctx)
{
	look_metrics_at(k, WHEN_NONE, expression, stale_after_s, taken, ctx);
}

void look_metrics_at(struct look *k, struct when at, const char *expression, int64_t stale_after_s,
		     look_metric taken, void *ctx)
{
	const struct metrics_query q = { .expression = expression, .at = at, .stale_after_s = stale_after_s };
	struct metrics *m = meter_of(k);
	struct err e = ERR_INIT;
	struct port_reading *r;

	if (!m) {
		metric_failed(k, taken, ctx, "no metrics source is named");
		return;
	}
	r = port_add(k, ctx);
	r->metric = taken;
	if (metrics_read(m, &q, metric_landed, r, &e) >= 0)
		return;
	port_unlink(r);
	free(r);
	metric_failed(k, taken, ctx, arena_strdup(&k->arena, e.message));
}

/* ---- controllers ------------------------------------------------------------------------------------------------------ */

static void rollout_landed(void *ctx, const struct rollout_answer *a, const struct err *err)
{
	struct port_reading *r = ctx;
	struct survey *s = r->s;

	if (!port_landed(r))
		return;
	r->moves(r->k, r->ctx, a, err);
	survey_wake(s);
	free(r);
}

static struct rollout *mover_of(const struct look *k)
{
	vec_each (m, &k->s->en->o.movers)
		if (text_eq(m->lane, k->lane->name))
			return m->rollout;
	return NULL;
}

void look_rollout(struct look *k, const struct rollout_name *name, look_moves taken, void *ctx)
{
	struct rollout *rollout = mover_of(k);
	struct err e = ERR_INIT;
	struct port_reading *r;

	if (!rollout) {
		err_set(&e, ERR_MISSING, "no cluster is named");
		taken(k, ctx, NULL, &e);
		return;
	}
	r = port_add(k, ctx);
	r->moves = taken;
	if (rollout_read(rollout, name, rollout_landed, r, &e) >= 0)
		return;
	port_unlink(r);
	free(r);
	taken(k, ctx, NULL, &e);
}

/* ---- machines --------------------------------------------------------------------------------------------------------- */

static void fleet_landed(void *ctx, const struct fleet_answer *a, const struct err *err)
{
	struct port_reading *r = ctx;
	struct survey *s = r->s;

	if (!port_landed(r))
		return;
	r->machines(r->k, r->ctx, a, err);
	survey_wake(s);
	free(r);
}

void look_fleet(struct look *k, const struct fleet_read *q, look_machines taken, void *ctx)
{
	struct fleet *f = k->s->en->o.fleet;
	struct err e = ERR_INIT;
	struct port_reading *r = port_add(k, ctx);

	r->machines = taken;
	if (f->ops->read(f, q, fleet_landed, r, &e) >= 0)
		return;
	port_unlink(r);
	free(r);
	taken(k, ctx, NULL, &e);
}
