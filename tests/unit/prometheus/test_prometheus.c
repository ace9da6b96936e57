#include "unit/github/canned.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/adapters/prometheus/prometheus.h"
#include "tests/folder.h"

#define NONE  CANARY_NONE_VALUE
#define TOKEN "eyJhbGciOi.rotates-every.hour_1"
/* NOON in the seconds that Prometheus writes */
#define T "1795262400"

#define VECTOR(series) "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[" series "]}}"
#define MATRIX(series) "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[" series "]}}"
#define ONE(t, value)  VECTOR("{\"metric\":{},\"value\":[" t ",\"" value "\"]}")
#define WARNED(warning)                                                                           \
	"{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{}," \
	"\"value\":[" T ",\"1\"]}]}," warning "}"
#define HTML  "content-type: text/html; charset=utf-8"
#define PLAIN "content-type: text/plain; charset=utf-8"
#define DATED "content-type: application/json\ndate: Sat, 21 Nov 2026 12:00:07 GMT"

/* What a read came to, copied while it was there to be seen. */
struct told {
	int calls;
	bool ok;
	struct err err;
	enum sample_state state;
	char why[512];
	struct metrics_point first, last;
	size_t n;
	struct when date;
};

static void on_read(void *ctx, const struct metrics_answer *a, const struct err *err)
{
	struct told *t = ctx;

	t->calls++;
	t->ok = a != NULL;
	assert_true((a == NULL) != (err == NULL));
	if (err)
		t->err = *err;
	if (!a)
		return;
	assert_true((a->state == SAMPLE_OK) == !*a->why);
	t->state = a->state;
	t->n = a->n;
	t->date = a->date;
	canned_copy(t->why, sizeof(t->why), a->why);
	if (a->n) {
		t->first = a->points[0];
		t->last = a->points[a->n - 1];
	}
}

static struct metrics *open_metrics(struct canned *c, const struct reply *replies, size_t n,
				    const char *token_file)
{
	const struct prometheus_options o = { .base = "https://p.example.test/prometheus/",
					      .token_file = token_file };
	struct metrics *m = NULL;

	canned_init(c, replies, n);
	c->http.base = "https://p.example.test";
	assert_int_equal(prometheus_open(&m, &c->http, &o, NULL), 0);
	return m;
}

static void ask(struct metrics *m, struct canned *c, struct told *t, const struct metrics_query *q)
{
	*t = (struct told){ 0 };
	assert_int_equal(metrics_read(m, q, on_read, t, &t->err), 0);
	assert_int_equal(t->calls, 0);
	canned_pump(c);
	assert_int_equal(t->calls, 1);
}

static const struct metrics_query instant = { .expression = "sum(rate(x{a=\"b c\"}[30s]))", .at = { NOON } };
static const struct metrics_query range = {
	.expression = "x", .at = { NOON }, .from = { NOON - 60000 }, .step_s = 15, .stale_after_s = 30
};

/* ---- what is asked ---------------------------------------------------------------------------------------------------- */

static void test_forms(void **state maybe_unused)
{
	static const struct reply replies[] = { { 200, .body = ONE(T, "1") },
						{ 200, .body = MATRIX("") },
						{ 200, .body = ONE(T, "1") } };
	struct told t;
	struct canned c;
	struct metrics *m = open_metrics(&c, replies, 3, NULL);

	ask(m, &c, &t, &instant);
	ask(m, &c, &t, &range);
	ask(m, &c, &t, &(struct metrics_query){ .expression = "up" });
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(c.asked[i].method, "POST");
		assert_true(c.asked[i].question && !c.asked[i].foreign);
		assert_string_equal(c.asked[i].accept, "application/json");
		assert_string_equal(c.asked[i].content_type, "application/x-www-form-urlencoded");
		assert_string_equal(c.asked[i].authorization, "");
		assert_int_equal(c.asked[i].max_body, 4 << 20);
	}
	assert_string_equal(c.asked[0].target, "/prometheus/api/v1/query");
	assert_string_equal(c.asked[0].body,
			    "query=sum%28rate%28x%7Ba%3D%22b%20c%22%7D%5B30s%5D%29%29&time=" T
			    ".000&timeout=8000ms");
	assert_string_equal(c.asked[1].target, "/prometheus/api/v1/query_range");
	assert_string_equal(c.asked[1].body,
			    "query=x&start=1795262340.000&end=" T ".000&step=15&timeout=8000ms");
	assert_string_equal(c.asked[2].body, "query=up&timeout=8000ms");
	metrics_free(m);
	canned_done(&c);
}

static void test_not_asked(void **state maybe_unused)
{
	char *far = x_alloc(70000);
	const struct metrics_query bad[] = {
		{ .expression = NULL },
		{ .expression = "" },
		{ .expression = memset(far, 'x', 69999) },
		{ .expression = "x", .from = { NOON }, .step_s = 1 },
		{ .expression = "x", .at = { NOON }, .stale_after_s = INT64_MAX },
	};
	struct told t = { 0 };
	struct canned c;
	struct metrics *m = open_metrics(&c, NULL, 0, NULL);

	for (size_t i = 0; i < countof(bad); i++)
		assert_int_equal(metrics_read(m, &bad[i], on_read, &t, &t.err), -ERR_INVALID);
	assert_int_equal(t.calls, 0);
	assert_int_equal(c.asked_n, 0);
	metrics_free(m);
	canned_done(&c);
	free(far);
}

/* base is of the port's origin, or the token would go where nobody said it may. */
static void test_bases(void **state maybe_unused)
{
	static const struct {
		const char *origin, *base, *target; /* target NULL: refused */
	} cases[] = {
		{ "https://p.example.test", "https://p.example.test", "/api/v1/query" },
		{ "https://p.example.test", "https://P.Example.Test/", "/api/v1/query" },
		{ "https://p.example.test", "https://p.example.test/a/b//", "/a/b/api/v1/query" },
		{ "https://p.example.test/a", "https://p.example.test/a", "/api/v1/query" },
		{ NULL, "https://sim.invalid/prometheus", "/prometheus/api/v1/query" },
		{ NULL, "https://sim.invalid", "/api/v1/query" },
		{ "https://p.example.test", "https://p.example.test.evil.test", NULL },
		{ "https://p.example.test", "https://p.example.test:444", NULL },
		{ "https://p.example.test", "http://p.example.test", NULL },
		{ "https://p.example.test", "https://q.example.test", NULL },
		{ "https://p.example.test/a", NULL, "/api/v1/query" },
		{ NULL, "nonsense", NULL },
	};
	static const struct reply reply = { 200, .body = ONE(T, "1") };

	for (size_t i = 0; i < countof(cases); i++) {
		const struct prometheus_options o = { .base = cases[i].base };
		struct metrics *m = NULL;
		struct told t;
		struct canned c;
		int r;

		canned_init(&c, &reply, 1);
		c.http.base = cases[i].origin;
		r = prometheus_open(&m, &c.http, &o, NULL);
		assert_int_equal(r, cases[i].target ? 0 : -ERR_INVALID);
		if (m) {
			ask(m, &c, &t, &instant);
			assert_string_equal(c.asked[0].target, cases[i].target);
		}
		metrics_free(m);
		canned_done(&c);
	}
}

/* ---- what is answered ------------------------------------------------------------------------------------------------- */

static const struct {
	const char *what;
	struct reply reply;
	enum sample_state state;
	const char *why; /* is in it */
	int64_t value;   /* of the last point, where there is one */
	size_t n;
} answers[] = {
	{ "a number", { 200, .body = ONE(T ".502", "0.0504") }, SAMPLE_OK, "", 50400, 1 },
	{ "nought", { 200, .body = ONE(T, "0") }, SAMPLE_OK, "", 0, 1 },
	{ "an infinity", { 200, .body = ONE(T, "+Inf") }, SAMPLE_OK, "", INT64_MAX, 1 },
	{ "the other one", { 200, .body = ONE(T, "-Inf") }, SAMPLE_OK, "", -INT64_MAX, 1 },
	{ "a scalar",
	  { 200, .body = "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[" T
			 ",\"2.5\"]}}" },
	  SAMPLE_OK,
	  "",
	  2500000,
	  1 },
	{ "raw samples",
	  { 200, .body = MATRIX("{\"metric\":{},\"values\":[[1795262390,\"1\"],[1795262399.9,\"3\"]]}") },
	  SAMPLE_OK,
	  "",
	  3000000,
	  2 },
	{ "no charset, other case",
	  { 200, .headers = "content-type: Application/JSON ;charset=utf-8", .body = ONE(T, "1") },
	  SAMPLE_OK,
	  "",
	  1000000,
	  1 },
	{ "a warning without words",
	  { 200, .body = WARNED("\"warnings\":[\"\"]") },
	  SAMPLE_PARTIAL,
	  "without words",
	  1000000,
	  1 },
	{ "an empty warning list", { 200, .body = WARNED("\"warnings\":[]") }, SAMPLE_OK, "", 1000000, 1 },
	{ "a remark",
	  { 200, .body = WARNED("\"infos\":[\"PromQL info: metric might not be a counter\"]") },
	  SAMPLE_OK,
	  "",
	  1000000,
	  1 },
	{ "a remark among the warnings",
	  { 200, .body = WARNED("\"warnings\":[\"PromQL info: metric might not be a counter\"]") },
	  SAMPLE_OK,
	  "",
	  1000000,
	  1 },

	{ "no series", { 200, .body = VECTOR("") }, SAMPLE_EMPTY, "no series", 0, 0 },
	{ "no raw samples", { 200, .body = MATRIX("") }, SAMPLE_EMPTY, "no series", 0, 0 },
	{ "a series of no samples",
	  { 200, .body = MATRIX("{\"metric\":{},\"values\":[]}") },
	  SAMPLE_EMPTY,
	  "no series",
	  0,
	  0 },
	{ "NaN", { 200, .body = ONE(T, "NaN") }, SAMPLE_NAN, "NaN", NONE, 1 },
	{ "NaN at last",
	  { 200, .body = MATRIX("{\"metric\":{},\"values\":[[1795262390,\"1\"],[1795262399,\"NaN\"]]}") },
	  SAMPLE_NAN,
	  "NaN",
	  NONE,
	  2 },
	{ "NaN before",
	  { 200, .body = MATRIX("{\"metric\":{},\"values\":[[1795262390,\"NaN\"],[1795262399,\"1\"]]}") },
	  SAMPLE_OK,
	  "",
	  1000000,
	  2 },
	{ "an old number",
	  { 200, .body = ONE("1795262369.999", "7") },
	  SAMPLE_STALE,
	  "is of 2026-11-21T11:59:29Z",
	  7000000,
	  1 },
	{ "one just not old", { 200, .body = ONE("1795262370", "7") }, SAMPLE_OK, "", 7000000, 1 },
	{ "an old NaN",
	  { 200, .body = ONE("1795262300", "NaN") },
	  SAMPLE_STALE,
	  "its newest number",
	  NONE,
	  1 },
	{ "a warning",
	  { 200, .body = WARNED("\"warnings\":[\"store a: gone\",\"store b: gone\"]") },
	  SAMPLE_PARTIAL,
	  "store a: gone; store b: gone",
	  1000000,
	  1 },
	{ "a warning and nothing else",
	  { 200,
	    .body = "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]},\"warnings\":"
		    "[\"remote_read: refused\"]}" },
	  SAMPLE_PARTIAL,
	  "remote_read: refused",
	  0,
	  0 },
	{ "a warning without words",
	  { 200, .body = WARNED("\"warnings\":[7]") },
	  SAMPLE_PARTIAL,
	  "without words",
	  1000000,
	  1 },
	{ "a warning behind remarks",
	  { 200, .body = WARNED("\"warnings\":[\"PromQL info: a\",\"PromQL info: b\",\"store c\"]") },
	  SAMPLE_PARTIAL,
	  "store c",
	  1000000,
	  1 },
	{ "a warning that is no list",
	  { 200, .body = WARNED("\"warnings\":\"store d\"") },
	  SAMPLE_PARTIAL,
	  "store d",
	  1000000,
	  1 },
	{ "a partial answer by its own flag",
	  { 200, .body = WARNED("\"isPartial\":true") },
	  SAMPLE_PARTIAL,
	  "partial",
	  1000000,
	  1 },

	{ "three series",
	  { 200, .body = VECTOR("{\"metric\":{\"a\":\"1\"},\"value\":[" T
				",\"1\"]},{\"metric\":{\"a\":\"2\"},\"value\":[" T
				",\"1\"]},{\"metric\":{\"a\":\"3\"},\"value\":[" T ",\"1\"]}") },
	  SAMPLE_ERROR,
	  "gives 3 series where one is needed",
	  0,
	  0 },
	{ "a string",
	  { 200, .body = "{\"status\":\"success\",\"data\":{\"resultType\":\"string\",\"result\":[" T
			 ",\"2\"]}}" },
	  SAMPLE_ERROR,
	  "gives a string and no number",
	  0,
	  0 },
	{ "a type of tomorrow",
	  { 200, .body = "{\"status\":\"success\",\"data\":{\"resultType\":\"tensor\",\"result\":[]}}" },
	  SAMPLE_ERROR,
	  "gives a tensor",
	  0,
	  0 },
	{ "a histogram",
	  { 200, .body = VECTOR("{\"metric\":{},\"histogram\":[" T ",{\"count\":\"1\"}]}") },
	  SAMPLE_ERROR,
	  "histograms",
	  0,
	  0 },
	{ "histograms among numbers",
	  { 200, .body = MATRIX("{\"metric\":{},\"values\":[[" T ",\"1\"]],\"histograms\":[]}") },
	  SAMPLE_ERROR,
	  "histograms",
	  0,
	  0 },
	{ "a word for a number", { 200, .body = ONE(T, "many") }, SAMPLE_ERROR, "no number", 0, 0 },
	{ "a bare number",
	  { 200, .body = VECTOR("{\"metric\":{},\"value\":[" T ",1]}") },
	  SAMPLE_ERROR,
	  "no number",
	  0,
	  0 },
	{ "a time in words", { 200, .body = ONE("\"noon\"", "1") }, SAMPLE_ERROR, "no number", 0, 0 },
	{ "a time of nothing", { 200, .body = ONE("0", "1") }, SAMPLE_ERROR, "no number", 0, 0 },
	{ "a time too far", { 200, .body = ONE("1e300", "1") }, SAMPLE_ERROR, "no number", 0, 0 },
	{ "three in a pair",
	  { 200, .body = VECTOR("{\"metric\":{},\"value\":[" T ",\"1\",2]}") },
	  SAMPLE_ERROR,
	  "no number",
	  0,
	  0 },
	{ "no value", { 200, .body = VECTOR("{\"metric\":{}}") }, SAMPLE_ERROR, "without values", 0, 0 },
	{ "points out of order",
	  { 200, .body = MATRIX("{\"metric\":{},\"values\":[[1795262390,\"1\"],[1795262390,\"2\"]]}") },
	  SAMPLE_ERROR,
	  "order of time",
	  0,
	  0 },
	{ "no list",
	  { 200, .body = "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":{}}}" },
	  SAMPLE_ERROR,
	  "no list",
	  0,
	  0 },
	{ "no data", { 200, .body = "{\"status\":\"success\"}" }, SAMPLE_ERROR, "of what type", 0, 0 },
	{ "another document",
	  { 200, .body = "{\"message\":\"hello\"}" },
	  SAMPLE_ERROR,
	  "does not say that it is a success",
	  0,
	  0 },
	{ "a list", { 200, .body = "[]" }, SAMPLE_ERROR, "does not say", 0, 0 },
	{ "truncated",
	  { 200, .body = "{\"status\":\"success\",\"data\":{\"resultType\":\"vec" },
	  SAMPLE_ERROR,
	  "no whole JSON",
	  0,
	  0 },
	{ "nothing", { 200, .body = "" }, SAMPLE_ERROR, "no whole JSON", 0, 0 },
	{ "a sign-in page",
	  { 200, .headers = HTML, .body = "<html>" },
	  SAMPLE_ERROR,
	  "text/html; charset=utf-8 where JSON",
	  0,
	  0 },
	{ "JSON of another kind",
	  { 200, .headers = "content-type: application/json-seq", .body = ONE(T, "1") },
	  SAMPLE_ERROR,
	  "json-seq",
	  0,
	  0 },

	{ "an error under 200",
	  { 200, .body = "{\"status\":\"error\",\"errorType\":\"internal\",\"error\":\"disk\"}" },
	  SAMPLE_ERROR,
	  "internal: disk",
	  0,
	  0 },
	{ "an error without words",
	  { 200, .body = "{\"status\":\"eta\",\"error\":\"\"}" },
	  SAMPLE_ERROR,
	  "does not say that it is a success",
	  0,
	  0 },
	{ "400",
	  { 400,
	    .body = "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"parse error: unclosed\"}" },
	  SAMPLE_ERROR,
	  "HTTP 400: bad_data: parse error: unclosed",
	  0,
	  0 },
	{ "422",
	  { 422,
	    .body = "{\"status\":\"error\",\"errorType\":\"execution\",\"error\":\"too many samples\"}" },
	  SAMPLE_ERROR,
	  "HTTP 422: execution: too many samples",
	  0,
	  0 },
	{ "503 with a type",
	  { 503, .body = "{\"status\":\"error\",\"errorType\":\"timeout\",\"error\":\"query timed out\"}" },
	  SAMPLE_ERROR,
	  "HTTP 503: timeout: query timed out",
	  0,
	  0 },
	{ "503 at the start",
	  { 503, .headers = PLAIN, .body = "Service Unavailable\n" },
	  SAMPLE_ERROR,
	  "HTTP 503: Service Unavailable",
	  0,
	  0 },
	{ "503 of a proxy",
	  { 503, .headers = HTML, .body = "<html><body>no upstream" },
	  SAMPLE_ERROR,
	  "HTTP 503: a page for people",
	  0,
	  0 },
	{ "503 with half a document",
	  { 503, .body = "{\"status\":" },
	  SAMPLE_ERROR,
	  "HTTP 503: {\"status\":",
	  0,
	  0 },
	{ "404",
	  { 404, .headers = PLAIN, .body = "404 page not found\n" },
	  SAMPLE_ERROR,
	  "HTTP 404: 404 page not found",
	  0,
	  0 },
	{ "401",
	  { 401, .headers = PLAIN, .body = "Unauthorized\n" },
	  SAMPLE_ERROR,
	  "HTTP 401: Unauthorized",
	  0,
	  0 },
	{ "204", { 204, .body = "" }, SAMPLE_ERROR, "HTTP 204", 0, 0 },
	{ "a success under 206", { 206, .body = ONE(T, "1") }, SAMPLE_ERROR, "HTTP 206", 0, 0 },
	{ "a redirect",
	  { 302, .headers = "location: https://evil.example/api/v1/query", .body = "" },
	  SAMPLE_ERROR,
	  "HTTP 302: it sends us to https://evil.example/api/v1/query, which is not followed",
	  0,
	  0 },
	{ "a redirect to nowhere", { 307, .body = ONE(T, "1") }, SAMPLE_ERROR, "another place", 0, 0 },
	{ "nobody", { 0, .error = ERR_OFFLINE }, SAMPLE_ERROR, "the wire is cut", 0, 0 },
	{ "half an answer", { 0, .error = ERR_SERVER }, SAMPLE_ERROR, "the wire is cut", 0, 0 },
};

static void test_answers(void **state maybe_unused)
{
	struct metrics_query q = instant;

	q.stale_after_s = 30;
	for (size_t i = 0; i < countof(answers); i++) {
		/* where nothing is now, nothing was before */
		const struct reply replies[] = { answers[i].reply, { 200, .body = MATRIX("") } };
		struct told t;
		struct canned c;
		struct metrics *m = open_metrics(&c, replies, 2, NULL);

		ask(m, &c, &t, &q);
		if (!t.ok || t.state != answers[i].state || !strstr(t.why, answers[i].why) ||
		    t.n != answers[i].n || (t.n && t.last.value != answers[i].value))
			fail_msg("%s: state %d, \"%s\", %zu points, %" PRId64, answers[i].what, (int)t.state,
				 t.why, t.n, t.last.value);
		assert_int_equal(c.asked_n, answers[i].state == SAMPLE_EMPTY ? 2 : 1);
		metrics_free(m);
		canned_done(&c);
	}
}

static void test_times(void **state maybe_unused)
{
	static const struct reply replies[] = { { 200, .headers = DATED, .body = ONE(T ".502", "1") },
						{ 200, .body = ONE("1795262369.9996", "1") },
						{ 200, .headers = DATED, .body = ONE(T, "1") },
						{ 200, .body = ONE(T, "1") },
						{ 400, .headers = DATED, .body = "{}" } };
	struct metrics_query now = { .expression = "x", .stale_after_s = 6 };
	struct told t;
	struct canned c;
	struct metrics *m = open_metrics(&c, replies, countof(replies), NULL);

	ask(m, &c, &t, &instant);
	assert_int_equal(t.last.at.ms, NOON + 502);
	assert_int_equal(t.date.ms, NOON + 7000);
	ask(m, &c, &t, &instant);
	assert_int_equal(t.last.at.ms, NOON - 30000);
	assert_int_equal(t.date.ms, 0);
	ask(m, &c, &t, &now); /* by the server's own clock */
	assert_int_equal(t.state, SAMPLE_STALE);
	ask(m, &c, &t, &now);
	assert_int_equal(t.state, SAMPLE_STALE);
	assert_has(t.why, "does not say when");
	ask(m, &c, &t, &now);
	assert_int_equal(t.date.ms, NOON + 7000);
	assert_has(t.why, "HTTP 400: {}");
	metrics_free(m);
	canned_done(&c);
}

static void test_ranges(void **state maybe_unused)
{
	static const struct reply replies[] = {
		{ 200, .body = MATRIX("{\"metric\":{},\"values\":[[1795262340,\"1\"],[1795262355,\"NaN\"],["
				      "1795262400,\"0.25\"]]}") },
		{ 200, .body = MATRIX("{\"metric\":{},\"values\":[[1795262340,\"1\"],[1795262355,\"2\"]]}") },
		{ 200, .body = MATRIX("") },
		{ 400, .body = "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"exceeded\"}" },
	};
	static const enum sample_state states[] = { SAMPLE_OK, SAMPLE_STALE, SAMPLE_EMPTY, SAMPLE_ERROR };
	static const size_t points[] = { 3, 2, 0, 0 };
	struct told t;
	struct canned c;
	struct metrics *m = open_metrics(&c, replies, 4, NULL);

	for (size_t i = 0; i < 4; i++) {
		ask(m, &c, &t, &range);
		assert_int_equal(t.state, states[i]);
		assert_int_equal(t.n, points[i]);
		if (!i) {
			assert_int_equal(t.first.at.ms, NOON - 60000);
			assert_int_equal(t.last.value, 250000);
		}
	}
	assert_int_equal(c.asked_n, 4); /* a range is its own look back */
	metrics_free(m);
	canned_done(&c);
}

/* One that ended is stale, one that nobody ever saw is empty. */
static void test_looks_back(void **state maybe_unused)
{
	static const struct reply replies[] = {
		{ 200, .body = VECTOR("") },
		{ 200, .body = MATRIX("{\"metric\":{},\"values\":[[1795262100,\"1\"],[1795262355,\"2\"]]}") },
		{ 200, .body = VECTOR("") },
		{ 503, .headers = PLAIN, .body = "no" },
		{ 200, .body = VECTOR("") },
		{ 0, .error = ERR_OFFLINE },
		{ 200, .headers = DATED, .body = VECTOR("") },
		{ 200, .body = MATRIX("") },
		{ 200, .body = VECTOR("") }, /* without a date, and at no time: nothing to look back from */
		{ 200, .body = VECTOR("") }, /* not asked for */
	};
	struct metrics_query q = instant, now = { .expression = "x", .stale_after_s = 30 };
	struct told t;
	struct canned c;
	struct metrics *m = open_metrics(&c, replies, countof(replies), NULL);

	q.stale_after_s = 30;
	ask(m, &c, &t, &q);
	assert_int_equal(t.state, SAMPLE_STALE);
	assert_string_equal(t.why, "no series any more; its last number is of 2026-11-21T11:59:15Z");
	assert_int_equal(t.n, 1);
	assert_int_equal(t.last.value, 2000000);
	assert_string_equal(c.asked[1].target, "/prometheus/api/v1/query_range");
	assert_has(c.asked[1].body, "&start=1795260600.000&end=" T ".000&step=30&");
	for (int i = 0; i < 2; i++) {
		ask(m, &c, &t, &q);
		assert_int_equal(t.state, SAMPLE_EMPTY);
	}
	ask(m, &c, &t, &now);
	assert_int_equal(t.state, SAMPLE_EMPTY);
	assert_has(c.asked[7].body, "&end=1795262407.000&");
	ask(m, &c, &t, &now);
	assert_int_equal(t.state, SAMPLE_EMPTY);
	ask(m, &c, &t, &instant);
	assert_int_equal(t.state, SAMPLE_EMPTY);
	assert_int_equal(c.asked_n, countof(replies));
	metrics_free(m);
	canned_done(&c);
}

/* Bounded, whatever comes: points by number, words by length. */
static void test_bounds(void **state maybe_unused)
{
	struct buf many = BUF_INIT(1 << 20), words = BUF_INIT(1 << 20);
	struct reply replies[3] = { 0 };
	struct told t;
	struct canned c;
	struct metrics *m;

	buf_str(&many,
		"{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{},"
		"\"values\":[");
	for (int i = 0; i <= 11000; i++)
		buf_fmt(&many, "%s[%d,\"1\"]", i ? "," : "", 1795251400 + i);
	buf_str(&many, "]}]}}");
	buf_str(&words, "{\"status\":\"error\",\"error\":\"");
	buf_fill(&words, 'x', 290);
	buf_str(&words, " Bearer " TOKEN "-which-would-be-cut");
	buf_fill(&words, ' ', 100000);
	buf_str(&words, "\"}");
	replies[0] = (struct reply){ 200, .body = many.s };
	replies[1] = (struct reply){ 500, .body = words.s };
	m = open_metrics(&c, replies, 2, NULL);
	ask(m, &c, &t, &range);
	assert_int_equal(t.state, SAMPLE_ERROR);
	assert_has(t.why, "11001 points");
	ask(m, &c, &t, &range);
	assert_int_equal(t.state, SAMPLE_ERROR);
	assert_true(strlen(t.why) < 310);
	assert_null(strstr(t.why, "eyJ"));
	metrics_free(m);
	canned_done(&c);
	buf_done(&many);
	buf_done(&words);
}

/* ---- whose token ------------------------------------------------------------------------------------------------------ */

static void write_file(const char *path, const char *text, unsigned mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/* NAME -> ..data/NAME, and ..data -> ..1 */
static void project(const char *dir, const char *file, const char *text)
{
	char path[96];

	(void)unlink(file);
	snprintf(path, sizeof(path), "%s/..1", dir);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/..1/token", dir);
	write_file(path, text, 0644);
	snprintf(path, sizeof(path), "%s/..data", dir);
	assert_int_equal(symlink("..1", path), 0);
	assert_int_equal(symlink("..data/token", file), 0);
}

static void test_token(void **state maybe_unused)
{
	static const struct reply replies[] = {
		{ 200, .body = ONE(T, "1") },
		{ 200, .body = VECTOR("") },
		{ 200, .body = MATRIX("") },
		{ 401, .headers = PLAIN, .body = "no such token: third-token" },
		{ 302, .headers = "location: https://evil.example/?t=third-token", .body = "" },
		{ 401, .headers = PLAIN, .body = "no" },
	};
	char dir[FOLDER_PATH], file[FOLDER_PATH + 16];
	struct metrics_query q = instant;
	struct told t;
	struct canned c;
	struct metrics *m;

	folder_new(dir);
	snprintf(file, sizeof(file), "%s/token", dir);
	write_file(file, TOKEN "\n", 0600);
	m = open_metrics(&c, replies, countof(replies), file);
	ask(m, &c, &t, &q);
	assert_string_equal(c.asked[0].authorization, "Bearer " TOKEN);
	write_file(file, "another-one\n", 0600);
	q.stale_after_s = 30;
	ask(m, &c, &t, &q);
	assert_string_equal(c.asked[1].authorization, "Bearer another-one");
	assert_string_equal(c.asked[2].authorization, "Bearer another-one");
	write_file(file, "third-token\n", 0600);
	ask(m, &c, &t, &q);
	assert_string_equal(t.why, "HTTP 401: no such token: [redacted]");
	ask(m, &c, &t, &q);
	assert_has(t.why, "https://evil.example/?t=[redacted], which is not followed");
	assert_int_equal(c.asked_n, countof(replies) - 1); /* nobody followed it */

	t = (struct told){ 0 };
	write_file(file, TOKEN "\n", 0644);
	assert_int_equal(metrics_read(m, &q, on_read, &t, &t.err), -ERR_INVALID);
	assert_has(t.err.message, "is open to others");
	assert_int_equal(unlink(file), 0);
	assert_int_equal(metrics_read(m, &q, on_read, &t, &t.err), -ERR_INVALID);
	assert_int_equal(symlink("/etc/hostname", file), 0);
	assert_int_equal(metrics_read(m, &q, on_read, &t, &t.err), -ERR_INVALID);
	assert_int_equal(t.calls, 0);
	assert_int_equal(c.asked_n, countof(replies) - 1);
	project(dir, file, "projected\n"); /* as the kubelet mounts it: the rule is the cluster's */
	ask(m, &c, &t, &q);
	assert_int_equal(c.asked_n, countof(replies));
	assert_string_equal(c.asked[countof(replies) - 1].authorization, "Bearer projected");
	metrics_free(m);
	canned_done(&c);
}

/* ---- ends ------------------------------------------------------------------------------------------------------------- */

static void test_closed(void **state maybe_unused)
{
	struct told one = { 0 }, two = { 0 }, three = { 0 };
	struct canned c;
	struct metrics *m = open_metrics(&c, NULL, 0, NULL);

	assert_int_equal(metrics_read(m, &instant, on_read, &one, NULL), 0);
	assert_int_equal(metrics_read(m, &range, on_read, &two, NULL), 0);
	assert_int_equal(metrics_read(m, &instant, on_read, &three, NULL), 0);
	metrics_free(m);
	assert_int_equal(one.calls, 1);
	assert_int_equal(two.calls, 1);
	assert_int_equal(three.err.kind, ERR_CANCELLED);
	canned_done(&c); /* the port tells it once more, to nobody */
	assert_int_equal(two.calls, 1);
}

static void test_port_closed_first(void **state maybe_unused)
{
	struct told t = { 0 };
	struct canned c;
	struct metrics *m = open_metrics(&c, NULL, 0, NULL);

	assert_int_equal(metrics_read(m, &instant, on_read, &t, NULL), 0);
	canned_done(&c);
	assert_int_equal(t.calls, 1);
	assert_int_equal(t.err.kind, ERR_CANCELLED);
	metrics_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_not_asked),
		cmocka_unit_test(test_bases),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_looks_back),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_port_closed_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
