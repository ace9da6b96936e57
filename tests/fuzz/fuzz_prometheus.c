/* links: prometheus model base */
/*
 * Any bytes as any answer of a Prometheus: done() comes exactly once; a number is there only where a state says so, the
 * states that hold a gate say why, and points are in the order of time.
 *
 * The first byte chooses what is asked, the second the status and the type; the rest is the body.
 */
#include <stdlib.h>
#include <string.h>

#include "core/adapters/prometheus/prometheus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOON INT64_C(1795262400000)

static const struct metrics_query queries[] = {
	{ .expression = "x", .at = { NOON }, .stale_after_s = 30 },
	{ .expression = "x" },
	{ .expression = "x", .stale_after_s = 30 },
	{ .expression = "x", .at = { NOON }, .from = { NOON - 60000 }, .step_s = 15, .stale_after_s = 30 },
};

static const int statuses[] = { 200, 200, 200, 200, 302, 400, 422, 503 };

static void demand(bool ok)
{
	if (!ok)
		abort();
}

/* A port that gives the same answer to whatever is asked, twice at most. */
struct same {
	struct http http;
	struct http_answer answer;
	http_done done;
	void *ctx;
	int asked;
	bool waits;
};

static int same_send(struct http *h, const struct http_request *rq, http_done done, void *ctx,
		     struct err *e maybe_unused)
{
	struct same *s = (struct same *)h;

	demand(!rq->foreign && rq->question && !s->waits && s->asked++ < 2);
	s->done = done;
	s->ctx = ctx;
	s->waits = true;
	return 0;
}

static void same_free(struct http *h maybe_unused)
{
}

static void on_read(void *ctx, const struct metrics_answer *a, const struct err *err)
{
	demand(a && !err && a->why && strlen(a->why) < 310);
	demand((a->state == SAMPLE_OK) == !*a->why);
	demand(a->state != SAMPLE_OK || a->n);
	demand((a->state != SAMPLE_EMPTY && a->state != SAMPLE_ERROR) || !a->n);
	for (size_t i = 0; i < a->n; i++)
		demand(when_known(a->points[i].at) && (!i || a->points[i].at.ms > a->points[i - 1].at.ms));
	demand(a->state != SAMPLE_OK || a->points[a->n - 1].value != CANARY_NONE_VALUE);
	++*(int *)ctx;
}

static void run(struct same *s, const struct metrics_query *q)
{
	static const struct prometheus_options o = { .base = "https://p.example.test" };
	struct metrics *m;
	int calls = 0;

	demand(prometheus_open(&m, &s->http, &o, NULL) == 0);
	demand(metrics_read(m, q, on_read, &calls, NULL) == 0);
	while (s->waits) {
		s->waits = false;
		s->done(s->ctx, &s->answer, NULL);
	}
	demand(calls == 1);
	metrics_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct http_ops ops = { .send = same_send, .free = same_free };
	static const struct http_header headers[] = { { "date", "Sat, 21 Nov 2026 12:00:07 GMT" },
						      { "location", "https://elsewhere.test/" },
						      { "content-type", "application/json" } };
	struct same s = { 0 };
	char *body;

	if (size < 2)
		return 0;
	body = x_alloc(size - 1);
	memcpy(body, data + 2, size - 2);
	s.http.ops = &ops;
	s.answer.status = statuses[data[1] % countof(statuses)];
	s.answer.headers = headers;
	s.answer.headers_n = data[1] & 0x80 ? 2 : 3;
	s.answer.body = body;
	s.answer.body_n = size - 2;
	run(&s, &queries[data[0] % countof(queries)]);
	free(body);
	return 0;
}
