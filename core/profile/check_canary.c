/*
 * check_canary.c - the rules of what is known of a canary.
 */
#include "core/profile/check.h"

#include "base/text.h"
#include "core/model/canary.h"

#include <inttypes.h>
#include <string.h>

enum {
	WINDOW_MAX = 7 * 86400,
	INTERVAL_LEAST = 5,
	INTERVAL_MAX = 3600,
	INTERVAL = 30,
	BUDGET_DAYS = 30,
	OBJECT_MAX = 253, /* a name in a cluster: RFC 1123, as Kubernetes takes it */
	EXPRESSION_MAX = 2000,
};
#define PERCENT "{percent}"

/* ---- shapes ---- */

static int check_object(const struct yaml *map, const char *key, const char *s, struct err *e)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";

	if (!s || (strlen(s) <= OBJECT_MAX && s[strspn(s, letters)] == 0 && *s != '-' && *s != '.'))
		return 0;
	return yaml_error(e, check_at(map, key), "%s is no name of an object in a cluster", s);
}

static int check_file(const struct yaml *map, const char *key, const char *s, struct err *e)
{
	if (!s || (*s == '/' && strlen(s) < 4096))
		return 0;
	return yaml_error(e, check_at(map, key), "%s is no absolute path", s);
}

/* Holes of an expression are filled in by us: what else stands in braces is PromQL's. */
static int check_expression(const struct yaml *map, const char *key, const char *s, struct err *e)
{
	if (!s || (*s && strlen(s) <= EXPRESSION_MAX))
		return 0;
	return yaml_error(e, check_at(map, key), "%s is empty or longer than %d bytes", key, EXPRESSION_MAX);
}

static int check_decimal(const struct yaml *map, const char *key, const char *s, int64_t least, struct err *e)
{
	int64_t v = 0;

	if (!s || (canary_value(&v, s) == 0 && v >= least))
		return 0;
	return yaml_error(e, check_at(map, key), "%s must be a decimal number%s, not %s", key,
			  least > INT64_MIN + 1 ? " above nought" : "", s);
}

/* {percent} as often as it may stand there. */
static int check_percent(const struct yaml *where, const char *key, const char *s, struct err *e)
{
	const char *hole = s ? strstr(s, PERCENT) : NULL;

	if (!hole || !strstr(hole + 1, PERCENT))
		return 0;
	return yaml_error(e, where, "%s holds {percent} more than once", key);
}

/* ---- who tells the weight ---- */

static const struct kind_keys weight_rules[] = {
	[WEIGHT_OTHER] = { "", "" },
	[WEIGHT_DEPLOYMENT] = { "environment pointer", "" },
	[WEIGHT_STATUS] = { "environment pattern", "" },
	[WEIGHT_JOBS] = { "jobs", "" },
	[WEIGHT_ARTIFACT] = { "artifact entry pointer", "" },
	[WEIGHT_LOG] = { "job lines", "" },
	[WEIGHT_ARGO] = { "namespace name", "" },
	[WEIGHT_FLAGGER] = { "namespace name", "gate" },
	[WEIGHT_METRIC] = { "query", "" },
};

static int check_weight_texts(const struct profile_weight *w, const struct yaml *map, struct err *e)
{
	int r = check_pointer(check_at(map, "pointer"), w->pointer, e);

	if (r == 0)
		r = check_once(check_at(map, "pattern"), "pattern", w->pattern, PERCENT, e);
	if (r == 0)
		r = check_once(check_at(map, "jobs"), "jobs", w->jobs, PERCENT, e);
	yaml_each(it, yaml_get(map, "lines"))
	{
		if (r == 0)
			r = check_once(it, "lines", it->scalar, PERCENT, e);
	}
	if (r == 0)
		r = check_template(check_at(map, "artifact"), w->artifact, NO_NONCE, e);
	if (r == 0)
		r = check_object(map, "namespace", w->namespace, e);
	if (r == 0)
		r = check_object(map, "name", w->name, e);
	if (r == 0)
		r = check_url(map, "gate", w->gate, e);
	return r == 0 ? check_expression(map, "query", w->query, e) : r;
}

int profile_check_weight(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	const struct profile_weight *w = object;
	int r;

	(void)a;
	if (w->from == WEIGHT_OTHER)
		return yaml_error(e, check_at(map, "from"),
				  "weight: from must be deployment, status, jobs, artifact, log, argo, "
				  "flagger or metric");
	r = check_kind(map, "weight", names_word(&weight_kind_names, w->from), &weight_rules[w->from], "from",
		       e);
	return r == 0 ? check_weight_texts(w, map, e) : r;
}

int profile_check_seen(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	const struct profile_seen *s = object;

	(void)a;
	return check_expression(map, "query", s->query, e);
}

int profile_check_service(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	const struct profile_service *s = object;
	int r = check_url(map, "url", s->url, e);

	(void)a;
	if (r == 0)
		r = check_file(map, "ca_file", s->ca_file, e);
	return r == 0 ? check_file(map, "token_file", s->token_file, e) : r;
}

/* ---- what it is judged by ---- */

#define COUNTS "control_total canary_total"
#define SIDES  "control_bad control_good canary_bad canary_good baseline"

static const struct kind_keys metric_rules[] = {
	[METRIC_OTHER] = { "", "" },
	[METRIC_ERRORS] = { COUNTS, SIDES " control canary" },
	[METRIC_LATENCY] = { "control canary " COUNTS, SIDES },
	[METRIC_GAUGE] = { "control canary", "worse raw" },
};
static const char *const expression_keys[] = { "control",     "canary",     "control_total", "canary_total",
					       "control_bad", "canary_bad", "control_good",  "canary_good" };

/* Of the bad and the good ones one is counted: both would have to agree. */
static int check_side(const struct yaml *map, const struct profile_metric *m, const char *who,
		      struct arena *a, struct err *e)
{
	const char *bad = arena_printf(a, "%s_bad", who), *good = arena_printf(a, "%s_good", who);

	if (check_given(map, bad) && check_given(map, good))
		return yaml_error(e, check_at(map, good), "%s and %s say the same", bad, good);
	if (m->kind != METRIC_GAUGE && !check_given(map, bad) && !check_given(map, good))
		return yaml_error(e, map, "metric %s: %s or %s is missing", m->name, bad, good);
	return 0;
}

static int check_limit(const struct profile_metric *m, const struct yaml *map, struct err *e)
{
	int r = check_pair(map, "limit_file", "limit_pointer", e);

	if (r == 0 && m->limit && m->limit_file)
		r = yaml_error(e, check_at(map, "limit_file"),
			       "the limit stands here or in a file, not both");
	if (r == 0 && m->limit_scale && !m->limit_file)
		r = yaml_error(e, check_at(map, "limit_scale"), "limit_scale needs limit_file");
	if (r == 0)
		r = check_decimal(map, "limit", m->limit, INT64_MIN + 1, e);
	if (r == 0)
		r = check_decimal(map, "limit_scale", m->limit_scale, 1, e);
	if (r == 0)
		r = check_path(map, "limit_file", m->limit_file, e);
	return r == 0 ? check_pointer(check_at(map, "limit_pointer"), m->limit_pointer, e) : r;
}

static int check_expressions(const struct profile_metric *m, const struct yaml *map, struct err *e)
{
	bool limited = m->limit || m->limit_file;
	int r = 0;

	for (size_t i = 0; i < countof(expression_keys) && r == 0; i++) {
		const struct yaml *y = yaml_get(map, expression_keys[i]);

		r = check_expression(map, expression_keys[i], y ? y->scalar : NULL, e);
		if (r == 0 && y && !limited && strstr(y->scalar, "{limit}"))
			r = yaml_error(e, y, "{limit} needs limit or limit_file");
	}
	return r;
}

static int check_sides(const struct profile_metric *m, const struct yaml *map, struct arena *a, struct err *e)
{
	int r = check_side(map, m, "control", a, e);

	return r == 0 ? check_side(map, m, "canary", a, e) : r;
}

static int check_baseline(const struct profile_metric *m, const struct yaml *map, struct err *e)
{
	int64_t v = 0;

	if (!m->baseline || (canary_value(&v, m->baseline) == 0 && v > 0 && v < CANARY_SCALE))
		return 0;
	return yaml_error(e, check_at(map, "baseline"), "baseline must be a share between 0 and 1, not %s",
			  m->baseline);
}

int profile_check_metric(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	struct profile_metric *m = object;
	int r;

	if (m->kind == METRIC_OTHER)
		return yaml_error(e, check_at(map, "kind"), "metric: kind must be errors, latency or gauge");
	r = check_kind(map, "metric", names_word(&canary_metric_kind_names, m->kind), &metric_rules[m->kind],
		       "name unit kind scale limit limit_file limit_pointer limit_scale", e);
	if (r == 0)
		r = check_pair(map, "control", "canary", e);
	if (r == 0)
		r = check_sides(m, map, a, e);
	if (r == 0)
		r = check_limit(m, map, e);
	if (r == 0)
		r = check_decimal(map, "scale", m->scale, 1, e);
	if (r == 0)
		r = check_expressions(m, map, e);
	if (!m->unit)
		m->unit = "";
	return r == 0 ? check_baseline(m, map, e) : r;
}

int profile_check_budget(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	struct profile_budget *b = object;
	int64_t v = 0;

	(void)a;
	if (!check_given(map, "window_d"))
		b->window_d = BUDGET_DAYS;
	if (canary_value(&v, b->objective) != 0 || v <= 0 || v >= 100 * CANARY_SCALE)
		return yaml_error(e, check_at(map, "objective"),
				  "objective must be a percent between 0 and 100, not %s", b->objective);
	return check_range(map, "window_d", b->window_d, 1, 366, e);
}

/* ---- who can be told ---- */

static const struct kind_keys control_rules[] = {
	[CONTROL_OTHER] = { "", "" },
	[CONTROL_GATE] = { "environment", "" },
	[CONTROL_VARIABLE] = { "name", "value" },
	[CONTROL_TAG] = { "name", "" },
	[CONTROL_ARGO] = { "namespace name", "" },
	[CONTROL_FLAGGER] = { "namespace name", "gate" },
	[CONTROL_CANCEL] = { "", "" },
};
/* Bits by the order of act_words: what a kind has no means for is refused here and not when it is needed. */
static const char *const act_words[] = { "hold", "resume", "promote", "promote-full", "abort", NULL };
static const unsigned control_acts[] = {
	[CONTROL_OTHER] = 0,   [CONTROL_GATE] = 0x0f,    [CONTROL_VARIABLE] = 0x1f, [CONTROL_TAG] = 0x1f,
	[CONTROL_ARGO] = 0x1f, [CONTROL_FLAGGER] = 0x1f, [CONTROL_CANCEL] = 0x10,
};

static int check_acts(const struct profile_control *c, const struct yaml *map, struct err *e)
{
	const char *by = names_word(&control_kind_names, c->by);

	if (!c->acts || !c->acts[0])
		return yaml_error(e, check_at(map, "acts"), "control by %s: acts is missing", by);
	yaml_each(it, yaml_get(map, "acts"))
	{
		unsigned i = 0;

		while (act_words[i] && strcmp(act_words[i], it->scalar) != 0)
			i++;
		if (!act_words[i])
			return yaml_error(e, it,
					  "an act is hold, resume, promote, promote-full or abort, not %s",
					  it->scalar);
		if (!(control_acts[c->by] & (1u << i)))
			return yaml_error(e, it, "control by %s cannot %s", by, it->scalar);
	}
	return 0;
}

/* Without a value it is deleted, which is what resume may want and nothing else does. */
static int check_value(const struct profile_control *c, const struct yaml *map, struct err *e)
{
	for (const char *const *w = c->acts; c->by == CONTROL_VARIABLE && !c->value && *w; w++)
		if (strcmp(*w, "resume") != 0)
			return yaml_error(e, check_at(map, "acts"), "control by variable needs value to %s",
					  *w);
	return 0;
}

static int check_control_texts(const struct profile_control *c, const struct yaml *map, struct err *e)
{
	bool object = c->by == CONTROL_ARGO || c->by == CONTROL_FLAGGER;
	int r = check_percent(check_at(map, "environment"), "environment", c->environment, e);

	if (r == 0)
		r = check_percent(check_at(map, "value"), "value", c->value, e);
	if (r == 0)
		r = check_object(map, "namespace", c->namespace, e);
	if (r == 0 && object)
		r = check_object(map, "name", c->name, e);
	if (r == 0 && c->by == CONTROL_TAG)
		r = check_plain_ref(map, "name", c->name, e);
	return r == 0 ? check_url(map, "gate", c->gate, e) : r;
}

int profile_check_control(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	const struct profile_control *c = object;
	int r;

	(void)a;
	if (c->by == CONTROL_OTHER)
		return yaml_error(e, check_at(map, "by"),
				  "control: by must be gate, variable, tag, argo, flagger or cancel");
	r = check_kind(map, "control", names_word(&control_kind_names, c->by), &control_rules[c->by],
		       "by acts", e);
	if (r == 0)
		r = check_acts(c, map, e);
	if (r == 0)
		r = check_value(c, map, e);
	return r == 0 ? check_control_texts(c, map, e) : r;
}

/* ---- the whole ---- */

static int check_steps(const struct yaml *steps, const struct yaml *map, struct err *e)
{
	int64_t before = 0, n = 0;

	yaml_each(it, steps)
	{
		if (text_int64(&n, it->scalar, before + 1, 100) != 0)
			return yaml_error(e, it, "steps are percent, each more than the one before");
		before = n;
	}
	return steps && steps->n ? 0 : yaml_error(e, check_at(map, "steps"), "canary: steps is missing");
}

int profile_check_canary(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	struct profile_canary *c = object;
	int r = check_steps(yaml_get(map, "steps"), map, e);

	(void)a;
	if (!check_given(map, "interval_s"))
		c->interval_s = INTERVAL;
	if (r == 0)
		r = check_range(map, "window_s", c->window_s, 1, WINDOW_MAX, e);
	if (r == 0)
		r = check_range(map, "interval_s", c->interval_s, INTERVAL_LEAST, INTERVAL_MAX, e);
	/* What is judged is what is kept: a window must not be longer than that. */
	if (r == 0 && c->window_s > c->interval_s * CANARY_SAMPLES)
		r = yaml_error(e, check_at(map, "window_s"),
			       "a window of %" PRId64 " s needs an interval_s of at least %" PRId64,
			       c->window_s, (c->window_s + CANARY_SAMPLES - 1) / CANARY_SAMPLES);
	return r == 0 ? check_twice(yaml_get(map, "metrics"), "name", e) : r;
}
