/*
 * canary_sample.c - one look at all metrics: control and canary beside each other, and how many requests stand behind them.
 * What brought no number is a sample too, of the state that says why; nothing becomes nought for want of an answer.
 */
#include "core/engine/canary.h"

#include "base/text.h"

#include <string.h>

enum sampled { CONTROL, CANARY, CONTROL_TOTAL, CANARY_TOTAL, CONTROL_PART, CANARY_PART, SAMPLED_MAX_ };

enum { SETTLED_MS = 1000 };

#define COUNT_MOST (INT64_MAX / 2) /* millionths: an infinity is no count */

struct asked_value {
	bool wanted, answered;
	int state; /* enum sample_state */
	const char *why;
	int64_t value;
};
struct asking {
	struct asked_value *v;
	const char *word; /* of what is asked */
};

/* ---- expressions -------------------------------------------------------------------------------------------------------- */

/* "1.5", as a source would write it. */
static const char *limit_words(int64_t v, struct arena *a)
{
	char *text = arena_printf(a, "%s%" PRId64 ".%06" PRId64, v < 0 ? "-" : "",
				  (v < 0 ? -v : v) / CANARY_SCALE, (v < 0 ? -v : v) % CANARY_SCALE);
	size_t n = strlen(text);

	while (text[n - 1] == '0')
		n--;
	text[text[n - 1] == '.' ? n - 1 : n] = 0;
	return text;
}

static const char *filled(const char *template, const char *hole, const char *with, struct arena *a)
{
	const char *at = strstr(template, hole);

	if (!at)
		return template;
	return arena_printf(a, "%.*s%s%s", (int)(at - template), template, with,
			    filled(at + strlen(hole), hole, with, a));
}

const char *canary_expression(const char *template, int64_t interval_s, int64_t limit, struct arena *a)
{
	const char *text = filled(template, "{interval}", arena_printf(a, "%" PRId64 "s", interval_s), a);

	if (!strstr(text, "{limit}"))
		return text;
	return limit == CANARY_NONE_VALUE ? NULL : filled(text, "{limit}", limit_words(limit, a), a);
}

/* ---- asking ------------------------------------------------------------------------------------------------------------- */

/* What was scraped by then has been stored: a scrape that is still under way has a time before it is there. */
static struct when settled(struct when date)
{
	return when_known(date) ? (struct when){ date.ms - SETTLED_MS } : date;
}

static struct sampler *sampler_of(struct look *k)
{
	return k->own;
}

static void take_value(struct look *k, void *ctx, const struct metrics_answer *a)
{
	const struct asking *q = ctx;

	q->v->answered = true;
	q->v->state = (int)a->state;
	q->v->value = a->state == SAMPLE_OK && a->n ? a->points[a->n - 1].value : CANARY_NONE_VALUE;
	if (a->state == SAMPLE_OK && q->v->value == CANARY_NONE_VALUE)
		q->v->state = SAMPLE_NAN;
	q->v->why = arena_printf(&k->arena, "%s: %s", q->word,
				 a->why && *a->why ? a->why : names_word(&sample_state_names, q->v->state));
}

static void ask_value(struct look *k, struct sampling *s, enum sampled which, const char *word,
		      const char *template)
{
	int64_t every = sampler_of(k)->c->interval_s;
	struct asked_value *v = &s->asked[which];
	const char *expression;
	struct asking *q;

	if (!template)
		return;
	v->wanted = true;
	v->value = CANARY_NONE_VALUE;
	expression = canary_expression(template, every, limit_at_source(s->m, s->limit), &k->arena);
	if (!expression) {
		*v = (struct asked_value){ true, true, SAMPLE_ERROR, s->why_limit, CANARY_NONE_VALUE };
		return;
	}
	q = arena_new(&k->arena, struct asking);
	*q = (struct asking){ v, word };
	look_metrics_at(k, sampler_of(k)->moment, expression, 2 * every, take_value, q);
}

static void ask_metric(struct look *k, struct sampling *s)
{
	const struct profile_metric *m = s->m;

	ask_value(k, s, CONTROL, "control", m->control);
	ask_value(k, s, CANARY, "canary", m->canary);
	ask_value(k, s, CONTROL_TOTAL, "requests of control", m->control_total);
	ask_value(k, s, CANARY_TOTAL, "requests of the canary", m->canary_total);
	ask_value(k, s, CONTROL_PART, m->control_bad ? "bad requests of control" : "good requests of control",
		  m->control_bad ? m->control_bad : m->control_good);
	ask_value(k, s, CANARY_PART,
		  m->canary_bad ? "bad requests of the canary" : "good requests of the canary",
		  m->canary_bad ? m->canary_bad : m->canary_good);
}

static void take_seen(struct look *k, void *ctx, const struct metrics_answer *a)
{
	struct sampler *s = ctx;
	int64_t v = a->state == SAMPLE_OK && a->n ? a->points[a->n - 1].value : -1;

	s->moment = settled(a->date);
	s->seen_bp = v >= 0 && v <= CANARY_SCALE ? (v + 50) / 100 : -1;
	s->seen_why = s->seen_bp >= 0 ? ""
		      : a->state != SAMPLE_OK
			      ? arena_strdup(&k->arena, a->why && *a->why ? a->why
									  : names_word(&sample_state_names,
										       (int)a->state))
			      : "the metric is no share from 0 to 1";
}

/* ---- rows ---------------------------------------------------------------------------------------------------------------- */

static bool is_of_control(int which)
{
	return which == CONTROL || which == CONTROL_TOTAL || which == CONTROL_PART;
}

/* The worst of all answers is the sample's: one that is missing spoils the comparison. A canary that has all of the traffic
 * has nothing to be compared with. */
static void take_state(struct sampling *s, bool alone)
{
	static const int order[] = { SAMPLE_ERROR, SAMPLE_STALE, SAMPLE_PARTIAL, SAMPLE_EMPTY, SAMPLE_NAN };

	s->row.state = SAMPLE_OK;
	s->row.why = "";
	for (size_t i = 0; i < countof(order); i++)
		for (int v = 0; v < SAMPLED_MAX_; v++)
			if (s->asked[v].wanted && s->asked[v].state == order[i] &&
			    !(alone && is_of_control(v))) {
				s->row.state = order[i];
				s->row.why = s->asked[v].why;
				return;
			}
}

/* Requests are whole; what a source interpolated is not. */
static int64_t whole(int64_t v)
{
	return v < 0 || v > COUNT_MOST ? -1 : (v + CANARY_SCALE / 2) / CANARY_SCALE;
}

/* A part may be over its whole by rounding, no more: good requests of all the traffic among those of the canary would leave
 * it without a bad one. */
static int64_t bad_of(const struct sampling *s, enum sampled total, enum sampled part, bool good)
{
	int64_t all = s->asked[total].value, v = s->asked[part].value;

	if (all < 0 || v < 0 || all > COUNT_MOST || v > all + all / 100 + CANARY_SCALE)
		return -1;
	v = v > all ? all : v;
	return whole(good ? all - v : v);
}

static int64_t scale_of(const struct profile_metric *m)
{
	int64_t scale = CANARY_SCALE;

	return m->scale && canary_value(&scale, m->scale) < 0 ? CANARY_SCALE : scale;
}

static int64_t value_of(const struct sampling *s, enum sampled direct, int64_t total, int64_t bad)
{
	if (s->asked[direct].wanted)
		return canary_times(s->asked[direct].value, scale_of(s->m));
	if (total <= 0 || bad < 0)
		return CANARY_NONE_VALUE;
	return canary_times(canary_over(bad * CANARY_SCALE, total * CANARY_SCALE), scale_of(s->m));
}

static void no_traffic(struct sampling *s, const char *who)
{
	if (s->row.state != SAMPLE_OK)
		return;
	s->row.state = SAMPLE_NAN;
	s->row.why = who;
}

static bool cannot_be(const struct sampling *s, enum sampled part, int64_t bad)
{
	return s->asked[part].wanted && bad < 0;
}

static void take_counts(struct sampling *s, bool alone)
{
	struct canary_sample *r = &s->row;

	if (s->m->kind == METRIC_GAUGE)
		return;
	r->control_n = whole(s->asked[CONTROL_TOTAL].value);
	r->canary_n = whole(s->asked[CANARY_TOTAL].value);
	r->control_bad = bad_of(s, CONTROL_TOTAL, CONTROL_PART, s->m->control_good != NULL);
	r->canary_bad = bad_of(s, CANARY_TOTAL, CANARY_PART, s->m->canary_good != NULL);
	if (cannot_be(s, CANARY_PART, r->canary_bad) ||
	    (!alone && cannot_be(s, CONTROL_PART, r->control_bad)))
		no_traffic(s, "its counts cannot be: more of a part than there are, or less than none");
	if (r->canary_n == 0)
		no_traffic(s, "the canary had no request");
	if (r->control_n == 0 && !alone)
		no_traffic(s, "control had no request");
}

static void row_make(struct look *k, struct sampling *s, int64_t ordinal)
{
	bool alone = canary_is_alone(&sampler_of(k)->book.row);

	s->row = (struct canary_sample){ .metric = ordinal,
					 .at = look_now(k),
					 .control_n = -1,
					 .control_bad = -1,
					 .canary_n = -1,
					 .canary_bad = -1 };
	take_state(s, alone);
	take_counts(s, alone);
	s->row.control = value_of(s, CONTROL, s->row.control_n, s->row.control_bad);
	s->row.canary = value_of(s, CANARY, s->row.canary_n, s->row.canary_bad);
	if ((s->row.control == CANARY_NONE_VALUE && !alone) || s->row.canary == CANARY_NONE_VALUE)
		no_traffic(s, "it has no number");
}

void samples_make(struct look *k)
{
	struct sampler *s = sampler_of(k);
	int64_t ordinal = 0;

	vec_each (one, &s->all)
		row_make(k, one, ordinal++);
}

/* What an earlier look wrote stands while the file cannot be read again: it is of the same release. */
static int64_t limit_known(const struct sampler *s, size_t metric)
{
	return metric < s->book.metrics.n ? s->book.metrics.items[metric].limit : CANARY_NONE_VALUE;
}

static void sampling_add(struct look *k, const struct profile_metric *m)
{
	struct sampler *s = sampler_of(k);
	struct sampling *one = vec_push(&s->all, &k->arena);

	one->m = m;
	one->asked = arena_array(&k->arena, struct asked_value, SAMPLED_MAX_);
	one->limit = limit_of(k, s->book.row.release, m, &one->why_limit);
	if (one->limit == CANARY_NONE_VALUE && *one->why_limit)
		one->limit = limit_known(s, s->all.n - 1);
}

static void take_clock(struct look *k, void *ctx, const struct metrics_answer *a)
{
	struct sampler *s = ctx;

	(void)k;
	s->moment = settled(a->date);
}

static void metrics_ask(struct look *k)
{
	struct sampler *s = sampler_of(k);

	vec_each (one, &s->all)
		ask_metric(k, one);
	look_then(k, s->then);
}

/* The first question is alone: its answer says what time the others are asked for. */
void samples_ask(struct look *k, look_step then)
{
	struct sampler *s = sampler_of(k);
	int64_t every = s->c->interval_s;

	vec_each (m, &s->c->metrics)
		sampling_add(k, m);
	s->then = then;
	s->seen_bp = -1;
	s->seen_why = "nothing counts it";
	if (s->c->seen)
		look_metrics(k, canary_expression(s->c->seen->query, every, CANARY_NONE_VALUE, &k->arena),
			     2 * every, take_seen, s);
	else
		look_metrics(k, "vector(1)", 2 * every, take_clock, s);
	look_then(k, metrics_ask);
}
