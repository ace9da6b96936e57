/*
 * fake_meter.h - metrics of one table and a controller of one struct; both answer LATENCY after they are asked.
 */
#pragma once

#include "core/port/metrics.h"
#include "core/port/rollout.h"
#include "fake.h"

/* ---- metrics ----------------------------------------------------------------------------------------------------- */

struct meter_call {
	struct meter_call *next;
	struct fake_meter *m;
	struct timer *timer;
	char expression[300];
	metrics_done done;
	void *ctx;
};
/* The last whose part stands in the expression answers; an expression that none fits has no series. */
struct meter_fact {
	const char *part;
	enum sample_state state;
	int64_t value;
	const char *why;
};
struct fake_meter {
	struct metrics metrics;
	struct loop *loop;
	struct meter_call *calls;
	struct meter_fact facts[32];
	size_t n;
	int reads;
	struct when date;      /* of its clock; not known: it does not say */
	struct when asked[64]; /* for what moment, of the newest questions */
	bool refuses, silent;
	char last[300];
};

static inline void meter_call_free(struct meter_call *c)
{
	for (struct meter_call **at = &c->m->calls; *at; at = &(*at)->next)
		if (*at == c) {
			*at = c->next;
			break;
		}
	timer_free(c->timer);
	free(c);
}

static inline void meter_fires(void *ctx)
{
	struct meter_call *c = ctx;
	const struct fake_meter *m = c->m;
	struct meter_fact f = { NULL, SAMPLE_EMPTY, 0, "no series" };
	struct metrics_point point;
	struct metrics_answer a;

	for (size_t i = 0; i < m->n; i++)
		if (strstr(c->expression, m->facts[i].part))
			f = m->facts[i];
	point = (struct metrics_point){ clock_wall(loop_clock(m->loop)), f.value };
	a = (struct metrics_answer){ .state = f.state,
				     .why = f.why ? f.why : "",
				     .points = &point,
				     .n = f.state != SAMPLE_EMPTY,
				     .date = m->date };
	c->done(c->ctx, &a, NULL);
	meter_call_free(c);
}

static inline int meter_read(struct metrics *metrics, const struct metrics_query *q, metrics_done done,
			     void *ctx, struct err *e)
{
	struct fake_meter *m = (struct fake_meter *)metrics;
	struct meter_call *c;

	m->asked[m->reads++ % countof(m->asked)] = q->at;
	snprintf(m->last, sizeof(m->last), "%s", q->expression);
	if (m->refuses)
		return err_set(e, ERR_INVALID, "the token file is not ours");
	c = x_alloc(sizeof(*c));
	*c = (struct meter_call){ .next = m->calls, .m = m, .done = done, .ctx = ctx };
	snprintf(c->expression, sizeof(c->expression), "%s", q->expression);
	m->calls = c;
	c->timer = timer_new(m->loop, meter_fires, c);
	if (!m->silent)
		timer_in(c->timer, LATENCY);
	return 0;
}

static const struct metrics_ops meter_ops = { .read = meter_read };

static inline void meter_set(struct fake_meter *m, const char *part, enum sample_state state, int64_t value)
{
	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->facts[i].part, part)) {
			m->facts[i] = (struct meter_fact){ part, state, value, NULL };
			return;
		}
	m->facts[m->n++] = (struct meter_fact){ part, state, value, NULL };
}

static inline void meter_counts(struct fake_meter *m, const char *part, int64_t value)
{
	meter_set(m, part, SAMPLE_OK, value * CANARY_SCALE);
}

/* ---- a controller -------------------------------------------------------------------------------------------------- */

struct fake_mover {
	struct rollout rollout;
	struct loop *loop;
	struct timer *timer;
	struct rollout_answer answer;
	bool gone;
	rollout_done done;
	void *ctx;
};

static inline void mover_fires(void *ctx)
{
	struct fake_mover *m = ctx;
	struct err e = ERR_INIT;

	if (m->gone)
		err_set(&e, ERR_OFFLINE, "the cluster does not answer");
	m->done(m->ctx, m->gone ? NULL : &m->answer, m->gone ? &e : NULL);
}

static inline int mover_read(struct rollout *rollout, const struct rollout_name *n, rollout_done done,
			     void *ctx, struct err *e)
{
	struct fake_mover *m = (struct fake_mover *)rollout;

	(void)e;
	assert_string_equal(n->name, "web");
	m->done = done;
	m->ctx = ctx;
	timer_in(m->timer, LATENCY);
	return 0;
}

static const struct rollout_ops mover_ops = { .read = mover_read };
