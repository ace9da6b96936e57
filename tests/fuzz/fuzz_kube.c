/* links: kube rules model base */
/*
 * Any bytes as any answer of a cluster: done() comes exactly once, an answer or a reason; what is not told has its reason;
 * nothing is called done that is not promoted; and whatever acts are planned on it, their bodies are JSON for the one object.
 *
 * The first byte chooses the kind, the second the status, the third what the gates answer; then comes the body.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "core/adapters/kube/kube.h"
#include "core/rules/rollout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int statuses[] = { 200, 201, 202, 302, 401, 403, 404, 409, 410, 429, 500 };
static const struct rollout_name names[] = {
	{ ROLLOUT_ARGO, "prod", "web", NULL },
	{ ROLLOUT_FLAGGER, "prod", "web", "https://gates.invalid" },
	{ ROLLOUT_FLAGGER, "prod", "web", NULL },
};

static void demand(bool ok)
{
	if (!ok)
		abort();
}

/* A port that gives the same answer to whatever is asked. */
struct same {
	struct http http;
	struct http_answer answer;
	http_done done;
	void *ctx;
	bool waits;
};

static int same_send(struct http *h, const struct http_request *rq, http_done done, void *ctx,
		     struct err *e maybe_unused)
{
	struct same *s = (struct same *)h;
	struct json *body = NULL;

	demand(!s->waits && !rq->foreign);
	demand(text_starts(rq->target, "/apis/") || text_starts(rq->target, "/gate/") ||
	       text_starts(rq->target, "/rollback/"));
	demand(!rq->body || json_parse(&body, rq->body, strlen(rq->body), 4096, NULL) == 0);
	json_free(body);
	s->done = done;
	s->ctx = ctx;
	s->waits = true;
	return 0;
}

static void same_free(struct http *h maybe_unused)
{
}

static const struct http_ops ops = { .send = same_send, .free = same_free };

static void pump(struct same *s)
{
	while (s->waits) {
		s->waits = false;
		s->done(s->ctx, &s->answer, NULL);
	}
}

struct bench {
	struct same api, gate;
	struct rollout *r;
	const struct rollout_name *name;
	int calls;
};

static void pump_both(struct bench *b)
{
	while (b->api.waits || b->gate.waits) {
		pump(&b->api);
		pump(&b->gate);
	}
}

static void on_act(void *ctx, int status, const struct err *err)
{
	demand(err ? err->kind != ERR_NONE && err->message[0] && text_is_safe(err->message)
		   : status == 200 || status == 202);
	++*(int *)ctx;
}

static void act(struct bench *b, const struct rollout_answer *now, enum rollout_act_kind kind)
{
	struct rollout_act a = { .kind = kind, .name = *b->name, .now = *now };
	struct err e = ERR_INIT;
	int n = rollout_requests(b->r, &a, &e);

	demand(n == -ERR_INVALID ? e.message[0] != 0 : n == 1 || n == 2);
	for (a.step = 0; a.step < n; a.step++) {
		struct buf request = BUF_INIT(4096), body = BUF_INIT(4096);

		demand(rollout_describe(b->r, &a, &request, &body, NULL) == 0);
		demand(request.n && body.n && !request.over && !body.over);
		buf_done(&request);
		buf_done(&body);
	}
	demand(!rollout_shows(now, b->name, ROLLOUT_NOTHING, now));
}

static void on_read(void *ctx, const struct rollout_answer *a, const struct err *err)
{
	struct bench *b = ctx;

	b->calls++;
	demand((a == NULL) != (err == NULL));
	demand(!err || (err->kind != ERR_NONE && err->message[0] && text_is_safe(err->message)));
	if (!a)
		return;
	demand(a->set_bp >= -1 && a->set_bp <= 10000 && (a->set_bp < 0) == (a->set_why[0] != 0));
	demand(a->seen_bp >= -1 && a->seen_bp <= 10000 && (a->seen_bp < 0) == (a->seen_why[0] != 0));
	demand(a->step >= -1 && a->step <= (int64_t)a->steps_n && a->steps_n <= 100);
	demand(a->phase != CANARY_DONE || (a->promoted && a->settled));
	demand(a->phase != CANARY_ABORTED || a->aborted);
	for (size_t i = 0; i < a->steps_n; i++)
		demand(a->steps[i].weight_bp >= -1 && a->steps[i].weight_bp <= 10000 &&
		       a->steps[i].pause_s >= -1);
	for (enum rollout_act_kind k = ROLLOUT_NOTHING; k <= ROLLOUT_ABORT; k++)
		act(b, a, k);
}

/* An act that is sent, whatever was read before: its answer is the same bytes. */
static void send(struct bench *b)
{
	struct rollout_act a = {
		.kind = ROLLOUT_ABORT,
		.name = *b->name,
		.now = { .word = "Progressing", .version = "", .hooks = ROLLOUT_ASKS_ROLLBACK }
	};
	int told = 0, r = rollout_act(b->r, &a, on_act, &told, NULL);

	pump_both(b);
	demand(told == (r == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bench b = { 0 };
	struct clock clock;
	char *body;

	if (size < 3)
		return 0;
	body = x_alloc(size - 2);
	memcpy(body, data + 3, size - 3);
	clock_manual(&clock, (struct when){ INT64_C(1795262400000) });
	b.name = &names[data[0] % countof(names)];
	b.api.http.ops = b.gate.http.ops = &ops;
	b.api.answer = (struct http_answer){ .status = statuses[data[1] % countof(statuses)],
					     .body = body,
					     .body_n = size - 3 };
	b.gate.answer = (struct http_answer){ .status = statuses[data[2] % countof(statuses)], .body = "" };
	demand(kube_open(&b.r,
			 &(struct kube_options){ .api = &b.api.http, .gate = &b.gate.http, .clock = &clock },
			 NULL) == 0);
	demand(rollout_read(b.r, b.name, on_read, &b, NULL) == 0);
	pump_both(&b);
	demand(b.calls == 1);
	send(&b);
	rollout_free(b.r);
	free(body);
	return 0;
}
