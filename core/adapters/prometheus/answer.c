#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/text.h"
#include "core/adapters/prometheus/internal.h"

enum {
	MAX_BODY = 4 << 20,
	MAX_POINTS = 11000, /* what Prometheus gives of one series at most (web/api/v1: maximum resolution) */
	MAX_WORDS = 1 << 16, /* of warnings */
	OK = 200,
	REDIRECT = 300,
	REFUSED = 400,
};

/* ---- what is wrong -------------------------------------------------------------------------------------------------- */

static void say(struct metrics_answer *out, enum sample_state state, const char *why)
{
	out->state = state;
	out->why = why;
}

static bool fails(struct metrics_answer *out, struct arena *a, const char *fmt, ...) format_printf(3, 4);
static bool fails(struct metrics_answer *out, struct arena *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(out, SAMPLE_ERROR, arena_vprintf(a, fmt, ap));
	va_end(ap);
	out->points = NULL;
	out->n = 0;
	return false;
}

void answer_none(struct metrics_answer *out, const struct err *err, struct arena *a)
{
	*out = (struct metrics_answer){ 0 };
	fails(out, a, "%s", err->message);
}

/* ---- points --------------------------------------------------------------------------------------------------------- */

/* Seconds, as a JSON number. */
static bool read_time(struct when *out, const struct json *j)
{
	struct buf text = BUF_INIT(64);
	int64_t micros = CANARY_NONE_VALUE;
	bool good;

	if (json_type(j) == JSON_INT || json_type(j) == JSON_REAL)
		json_dump(&text, j);
	good = text.n && !text.over && !number_parse(&micros, text.s) && micros > 0 && micros < INT64_MAX;
	out->ms = good ? (micros + 500) / 1000 : 0;
	buf_done(&text);
	return good && when_known(*out);
}

/* [seconds, "number"] */
static bool read_point(struct metrics_point *out, const struct json *pair)
{
	const char *value =
		json_type(pair) == JSON_ARRAY && json_size(pair) == 2 ? json_str(json_at(pair, 1), "") : NULL;

	return value && read_time(&out->at, json_at(pair, 0)) && !number_parse(&out->value, value);
}

static bool read_one(struct metrics_answer *out, const struct json *pair, struct arena *a)
{
	struct metrics_point *p = arena_new(a, struct metrics_point);

	if (!read_point(p, pair))
		return fails(out, a, "the answer holds something that is no number with its time");
	out->points = p;
	out->n = 1;
	return true;
}

static bool read_many(struct metrics_answer *out, const struct json *pairs, struct arena *a)
{
	size_t n = json_size(pairs);
	struct metrics_point *p;

	if (n > MAX_POINTS)
		return fails(out, a, "the answer has %zu points, more than %d", n, MAX_POINTS);
	p = arena_array(a, struct metrics_point, n + 1);
	for (size_t i = 0; i < n; i++)
		if (!read_point(&p[i], json_at(pairs, i)) || (i && p[i].at.ms <= p[i - 1].at.ms))
			return fails(out, a,
				     "the answer holds points that are no numbers in the order of time");
	out->points = p;
	out->n = n;
	return true;
}

/* ---- results -------------------------------------------------------------------------------------------------------- */

static bool read_scalar(struct metrics_answer *out, const struct json *result, struct arena *a)
{
	return read_one(out, result, a);
}

/* Of one series in {"metric": {}, "value"|"values": ...}, or of none. */
static bool read_series(struct metrics_answer *out, const struct json *result, bool many, struct arena *a)
{
	size_t n = json_size(result);
	const struct json *series = n ? json_at(result, 0) : NULL;
	const struct json *value = json_get(series, many ? "values" : "value");

	if (json_type(result) != JSON_ARRAY)
		return fails(out, a, "the answer has no list of series");
	if (n > 1)
		return fails(out, a,
			     "the query gives %zu series where one is needed; an aggregation such "
			     "as sum() makes one of them",
			     n);
	if (json_get(series, "histogram") || json_get(series, "histograms"))
		return fails(out, a, "the query gives histograms and no numbers");
	if (n && json_type(value) != JSON_ARRAY)
		return fails(out, a, "the answer has a series without values");
	return !n || (many ? read_many(out, value, a) : read_one(out, value, a));
}

static bool read_vector(struct metrics_answer *out, const struct json *result, struct arena *a)
{
	return read_series(out, result, false, a);
}

static bool read_matrix(struct metrics_answer *out, const struct json *result, struct arena *a)
{
	return read_series(out, result, true, a);
}

static const struct {
	const char *name;
	bool (*read)(struct metrics_answer *out, const struct json *result, struct arena *a);
} types[] = {
	{ "vector", read_vector },
	{ "matrix", read_matrix },
	{ "scalar", read_scalar },
};

static bool read_data(struct metrics_answer *out, const struct json *data, struct arena *a)
{
	const char *type = json_str(data, "resultType");

	for (size_t i = 0; type && i < countof(types); i++)
		if (!strcmp(type, types[i].name))
			return types[i].read(out, json_get(data, "result"), a);
	return type ? fails(out, a, "the query gives a %s and no number", type)
		    : fails(out, a, "the answer does not say of what type its result is");
}

/* ---- classes -------------------------------------------------------------------------------------------------------- */

/* Remarks that say nothing against the data stand in a list of their own; Prometheus 2.48 to 2.53 put them among the
 * warnings, with this beginning (prometheus/prometheus pull 14327). */
static bool is_remark(const char *warning)
{
	return text_starts(warning, "PromQL info:");
}

static void put_warning(struct buf *out, const char *one)
{
	if (!one || !is_remark(one))
		buf_fmt(out, "%s%s", out->n ? "; " : "", one && *one ? one : "a warning without words");
}

/* NULL: none. VictoriaMetrics has a flag for a store that did not answer. */
static const char *read_warnings(const struct json *j, struct arena *a)
{
	const struct json *list = json_get(j, "warnings");
	struct buf text = BUF_INIT(MAX_WORDS);
	const char *all = NULL;

	if (json_type(list) == JSON_ARRAY)
		for (size_t i = 0; i < json_size(list); i++)
			put_warning(&text, json_str(json_at(list, i), ""));
	else if (json_type(list) != JSON_ABSENT && json_type(list) != JSON_NULL)
		put_warning(&text, json_str(list, ""));
	if (json_bool(j, "isPartial", false))
		put_warning(&text, "it calls its own answer partial");
	if (text.n || text.over)
		all = text.n ? arena_strdup(a, text.s) : "a warning too long to read";
	buf_done(&text);
	return all;
}

/* A number whose age cannot be known is as good as an old one. */
static const char *why_stale(const struct metrics_answer *out, const struct metrics_query *q, struct arena *a)
{
	struct when now = when_known(q->at) ? q->at : out->date, at = out->points[out->n - 1].at;
	char iso[WHEN_TEXT];

	if (q->stale_after_s <= 0)
		return NULL;
	if (!when_known(now))
		return "the answer does not say when it was given";
	if (when_diff(now, at) <= q->stale_after_s * 1000)
		return NULL;
	return arena_printf(a, "its newest number is of %s", when_iso(at, iso));
}

static void classify(struct metrics_answer *out, const struct json *j, const struct metrics_query *q,
		     struct arena *a)
{
	const char *warnings = read_warnings(j, a), *stale = out->n ? why_stale(out, q, a) : NULL;

	if (warnings)
		say(out, SAMPLE_PARTIAL, warnings);
	else if (!out->n)
		say(out, SAMPLE_EMPTY, "no series");
	else if (stale)
		say(out, SAMPLE_STALE, stale);
	else if (out->points[out->n - 1].value == CANARY_NONE_VALUE)
		say(out, SAMPLE_NAN, "NaN: nothing to divide by");
	else
		say(out, SAMPLE_OK, "");
}

/* ---- documents ------------------------------------------------------------------------------------------------------ */

static bool is_json(const struct http_answer *h)
{
	static const char json[] = "application/json";
	const char *type = http_header(h, "content-type");

	return type && !strncasecmp(type, json, strlen(json)) && strchr("; ", type[strlen(json)]);
}

/* {"status": "error", "errorType": ..., "error": ...}; NULL: it says nothing. */
static const char *own_words(const struct json *j, struct arena *a)
{
	const char *type = json_str(j, "errorType"), *words = json_str(j, "error");
	bool typed = type && *type, worded = words && *words;

	if (!typed && !worded)
		return NULL;
	return arena_printf(a, "%s%s%s", typed ? type : "", typed && worded ? ": " : "", worded ? words : "");
}

/* Whatever it is that says no: Prometheus in JSON, its mux and what stands before it in plain text or HTML. */
static bool refused(struct metrics_answer *out, const struct http_answer *h, struct arena *a)
{
	autofree(json) struct json *j = NULL;
	const char *location = http_header(h, "location"), *words = NULL;

	if (h->status >= REDIRECT && h->status < REFUSED)
		return fails(out, a, "HTTP %d: it sends us to %s, which is not followed", h->status,
			     location ? location : "another place");
	if (is_json(h) && json_parse(&j, h->body, h->body_n, MAX_BODY, NULL) >= 0)
		words = own_words(j, a);
	else if (text_starts(h->body, "<"))
		words = "a page for people";
	if (!words)
		words = arena_strndup(a, h->body, strcspn(h->body, "\r\n"));
	return fails(out, a, "HTTP %d%s%s", h->status, *words ? ": " : "", words);
}

static bool read_document(struct metrics_answer *out, const struct http_answer *h,
			  const struct metrics_query *q, struct arena *a)
{
	autofree(json) struct json *j = NULL;
	struct err e = ERR_INIT;

	if (json_parse(&j, h->body, h->body_n, MAX_BODY, &e) < 0)
		return fails(out, a, "the answer is no whole JSON: %s", e.message);
	if (!text_eq(json_str(j, "status"), "success")) {
		const char *words = own_words(j, a);

		return fails(out, a, "%s", words ? words : "the answer does not say that it is a success");
	}
	if (!read_data(out, json_get(j, "data"), a))
		return false;
	classify(out, j, q, a);
	return true;
}

void answer_read(struct metrics_answer *out, const struct http_answer *h, const struct metrics_query *q,
		 struct arena *a)
{
	const char *date = http_header(h, "date"), *type = http_header(h, "content-type");

	*out = (struct metrics_answer){ 0 };
	if (date && when_parse_http(&out->date, date) < 0)
		out->date = WHEN_NONE;
	if (h->status != OK)
		refused(out, h, a);
	else if (!is_json(h))
		fails(out, a, "it answers with %s where JSON was asked for",
		      type ? type : "something without a type");
	else
		read_document(out, h, q, a);
}
