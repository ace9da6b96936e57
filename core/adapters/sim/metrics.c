#include "core/adapters/sim/face.h"

#include "base/text.h"
#include "core/adapters/sim/canary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * The Prometheus of a drill that has a canary, below /prometheus: /api/v1/query and /query_range with the words, codes and
 * refusals of 2.42 (github reference 6), over the requests of traffic.c. An outage of the scenario speaks here: empty is
 * the world's own (nothing could be scraped), stale is a cache before it that answers with what it had, time and all.
 */

enum { POINTS_MAX = 11000 };

static void refuse(struct call *c, int status, const char *type, const char *words)
{
	buf_reset(&c->out);
	jw_init(&c->j, &c->out);
	jw_open(&c->j, '{');
	put_str(&c->j, "status", "error");
	put_str(&c->j, "errorType", type);
	put_str(&c->j, "error", words);
	jw_close(&c->j, '}');
	c->status = status;
}

static void refuse_parameter(struct call *c, const char *name, const char *words)
{
	refuse(c, 400, "bad_data", arena_printf(c->a, "invalid parameter \"%s\": %s", name, words));
}

/* Seconds since 1970 with a fraction, or RFC 3339. */
static bool read_time(struct call *c, const char *name, int64_t fallback, int64_t *ms)
{
	const char *s = call_query(c, name);
	struct when at;
	char *end;
	double seconds;

	*ms = fallback;
	if (!s && fallback >= 0)
		return true;
	seconds = s ? strtod(s, &end) : 0;
	if (s && *s && !*end && fabs(seconds) < 1e12) {
		*ms = (int64_t)(seconds * 1000 + 0.5);
		return true;
	}
	if (s && when_parse(&at, s) == 0) {
		*ms = at.ms;
		return true;
	}
	refuse_parameter(c, name,
			 arena_printf(c->a, "%scannot parse \"%s\" to a valid timestamp",
				      fallback >= 0 ? "Invalid time value for 'time': " : "", s ? s : ""));
	return false;
}

static bool read_step(struct call *c, int64_t *ms)
{
	const char *s = call_query(c, "step");
	const struct yaml span = { .kind = YAML_SCALAR, .scalar = s, .file = "" };
	char *end = NULL;
	double seconds = s ? strtod(s, &end) : 0;

	*ms = s && *s && !*end && fabs(seconds) < 1e9 ? (int64_t)(seconds * 1000) : 0;
	if (s && *end && sim_span(ms, &span, NULL) < 0) {
		refuse_parameter(c, "step", arena_printf(c->a, "cannot parse \"%s\" to a valid duration", s));
		return false;
	}
	if (*ms <= 0)
		refuse_parameter(
			c, "step",
			s ? "zero or negative query resolution step widths are not accepted. Try a positive "
			    "integer"
			  : "cannot parse \"\" to a valid duration");
	return *ms > 0;
}

/* ---- answers ------------------------------------------------------------------------------------------------------ */

/* Of a series the milliseconds have three digits; a scalar's moment is written as any number. */
static void put_point(struct call *c, int64_t at, double value, bool scalar)
{
	bool nan = sim_outage_at(c->w->canary, c->w->now, &(int64_t){ 0 }) == OUTAGE_NAN;
	const char *moment = scalar ? prom_number(c->a, (double)at / SECOND)
			     : at % SECOND
				     ? arena_printf(c->a, "%" PRId64 ".%03d", at / SECOND, (int)(at % SECOND))
				     : arena_printf(c->a, "%" PRId64, at / SECOND);

	jw_open(&c->j, '[');
	jw_json(&c->j, moment);
	jw_str(&c->j, prom_number(c->a, nan ? (double)NAN : value));
	jw_close(&c->j, ']');
}

static void put_metric(struct call *c, const struct prom_series *s)
{
	jw_kopen(&c->j, "metric", '{');
	for (int i = 0; i < s->labels_n; i++)
		put_str(&c->j, s->labels[i].name, s->labels[i].value);
	jw_close(&c->j, '}');
}

static void put_series(struct call *c, const struct prom_series *s, int64_t at)
{
	jw_open(&c->j, '{');
	put_metric(c, s);
	jw_key(&c->j, s->points_n ? "values" : "value");
	if (s->points_n)
		jw_open(&c->j, '[');
	else
		put_point(c, at, s->value, false);
	for (size_t i = 0; i < s->points_n; i++)
		put_point(c, s->points[i].at, s->points[i].value, false);
	if (s->points_n)
		jw_close(&c->j, ']');
	jw_close(&c->j, '}');
}

static void put_value(struct call *c, const struct prom_value *v, int64_t at)
{
	static const char *const types[] = {
		[PROM_SCALAR] = "scalar", [PROM_VECTOR] = "vector", [PROM_MATRIX] = "matrix"
	};

	jw_open(&c->j, '{');
	put_str(&c->j, "status", "success");
	jw_kopen(&c->j, "data", '{');
	put_str(&c->j, "resultType", types[v->kind]);
	jw_key(&c->j, "result");
	if (v->kind == PROM_SCALAR) {
		put_point(c, at, v->scalar, true);
	} else {
		jw_open(&c->j, '[');
		vec_each (it, &v->series)
			put_series(c, it, at);
		jw_close(&c->j, ']');
	}
	jw_close(&c->j, '}');
	if (sim_outage_at(c->w->canary, c->w->now, &(int64_t){ 0 }) == OUTAGE_PARTIAL) {
		jw_key(&c->j, "warnings");
		jw_json(&c->j,
			"[\"remote read: one of two stores did not answer, the result may be incomplete\"]");
	}
	jw_close(&c->j, '}');
}

static bool evaluated(struct call *c, const char *expression, int64_t at, struct prom_value *out,
		      struct prom_trouble *wrong)
{
	*out = prom_eval(c->w->canary, expression, at, wrong, c->a);
	if (wrong->status == 400)
		refuse_parameter(c, "query", wrong->words);
	else if (wrong->status)
		refuse(c, wrong->status, "execution", wrong->words);
	return !wrong->status;
}

/* A cache answers with what it had when it lost its source. */
static int64_t as_of(const struct call *c, int64_t at)
{
	int64_t since;

	if (sim_outage_at(c->w->canary, c->w->now, &since) == OUTAGE_STALE && at > since)
		return since;
	return at;
}

static void query(struct call *c)
{
	const char *expression = call_query(c, "query");
	struct prom_trouble wrong = { 0 };
	struct prom_value v;
	int64_t at;

	if (!read_time(c, "time", c->w->now, &at))
		return;
	at = as_of(c, at);
	if (evaluated(c, expression ? expression : "", at, &v, &wrong))
		put_value(c, &v, at);
}

/* ---- ranges ------------------------------------------------------------------------------------------------------- */

struct range {
	int64_t from, to, step;
};

static bool read_range(struct call *c, struct range *r)
{
	if (!read_time(c, "start", -1, &r->from) || !read_time(c, "end", -1, &r->to))
		return false;
	if (r->to < r->from) {
		refuse_parameter(c, "end", "end timestamp must not be before start time");
		return false;
	}
	if (!read_step(c, &r->step))
		return false;
	if ((r->to - r->from) / r->step > POINTS_MAX) {
		refuse(c, 400, "bad_data",
		       "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the "
		       "query "
		       "resolution (?step=XX)");
		return false;
	}
	return true;
}

static bool same_series(const struct prom_series *a, const struct prom_series *b)
{
	for (int i = 0; i < a->labels_n; i++)
		if (i >= b->labels_n || strcmp(a->labels[i].name, b->labels[i].name) != 0 ||
		    strcmp(a->labels[i].value, b->labels[i].value) != 0)
			return false;
	return a->labels_n == b->labels_n;
}

static void point_add(struct call *c, struct prom_value *all, const struct prom_series *s, int64_t at,
		      size_t most)
{
	struct prom_series *into = NULL;

	vec_each (it, &all->series) {
		if (same_series(it, s))
			into = it;
	}
	if (!into) {
		into = vec_push(&all->series, c->a);
		*into = *s;
		into->points = arena_array(c->a, struct prom_point, most);
	}
	into->points[into->points_n++] = (struct prom_point){ at, s->value };
}

static void query_range(struct call *c)
{
	const char *expression = call_query(c, "query");
	struct prom_value all = { .kind = PROM_MATRIX }, v;
	struct prom_trouble wrong = { 0 };
	struct range r;
	size_t most;

	if (!read_range(c, &r))
		return;
	most = (size_t)((r.to - r.from) / r.step) + 1;
	for (int64_t at = r.from; at <= r.to; at += r.step) {
		if (!evaluated(c, expression ? expression : "", at, &v, &wrong))
			return;
		if (v.kind == PROM_MATRIX) {
			refuse(c, 400, "bad_data",
			       "invalid expression type \"range vector\" for range query, must be Scalar or "
			       "instant Vector");
			return;
		}
		if (as_of(c, at) < at)
			break;
		if (v.kind == PROM_SCALAR)
			point_add(c, &all, &(struct prom_series){ .value = v.scalar }, at, most);
		vec_each (it, &v.series)
			point_add(c, &all, it, at, most);
	}
	put_value(c, &all, 0);
}

/* ---- the door ----------------------------------------------------------------------------------------------------- */

static void plain(struct call *c, int status, const char *words)
{
	c->status = status;
	c->type = "text/plain; charset=utf-8";
	buf_str(&c->out, words);
}

/* A form writes + for a blank. */
static const char *form(struct call *c, const char *s, size_t n)
{
	autofree(buf) struct buf b = BUF_INIT(3 * n + 1);

	for (size_t i = 0; i < n; i++)
		if (s[i] == '+')
			buf_str(&b, "%20");
		else
			buf_chr(&b, s[i]);
	return arena_strdup(c->a, b.s);
}

void metrics_serve(struct call *c)
{
	const char *what = c->path + strlen("/prometheus");
	bool asks = strcmp(c->rq->method, "GET") == 0 || strcmp(c->rq->method, "POST") == 0;

	if (!c->w->canary || !asks) {
		plain(c, 404, "404 page not found\n");
		return;
	}
	c->type = "application/json";
	c->query = strcmp(c->rq->method, "POST") == 0 && c->rq->body ? form(c, c->rq->body, c->rq->body_n)
								     : form(c, c->query, strlen(c->query));
	if (sim_outage_at(c->w->canary, c->w->now, &(int64_t){ 0 }) == OUTAGE_ERROR)
		refuse(c, 503, "timeout", "query timed out in expression evaluation");
	else if (strcmp(what, "/-/ready") == 0)
		plain(c, 200, "Prometheus Server is Ready.\n");
	else if (strcmp(what, "/api/v1/query") != 0 && strcmp(what, "/api/v1/query_range") != 0)
		plain(c, 404, "404 page not found\n");
	else {
		sim_traffic(c->w);
		(strcmp(what, "/api/v1/query") == 0 ? query : query_range)(c);
	}
}
