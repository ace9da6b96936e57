/* told.h - a rollout adapter over canned answers, and what it told, copied while it was there to be seen. */
#pragma once

#include "unit/github/canned.h"

#include "core/adapters/kube/kube.h"

#define GATE "https://gates.example.test"

static const struct rollout_name argo_web = { ROLLOUT_ARGO, "prod", "web", NULL };
static const struct rollout_name flagger_web = { ROLLOUT_FLAGGER, "prod", "web", GATE };

struct told {
	int calls, status;
	bool ok;
	struct err err;
	struct rollout_answer a;
	struct rollout_step steps[101];
	char word[64], message[128], set_from[64], set_why[96], seen_why[96], pause[64], analysis[32],
		why[160], version[32];
};

static inline void told_read(void *ctx, const struct rollout_answer *a, const struct err *err)
{
	struct told *t = ctx;

	t->calls++;
	t->ok = a != NULL;
	assert_true((a == NULL) != (err == NULL));
	if (err)
		t->err = *err;
	if (!a)
		return;
	t->a = *a;
	memcpy(t->steps, a->steps, a->steps_n * sizeof(*a->steps));
	t->a.steps = t->steps;
	canned_copy(t->word, sizeof(t->word), a->word);
	canned_copy(t->message, sizeof(t->message), a->message);
	canned_copy(t->set_from, sizeof(t->set_from), a->set_from);
	canned_copy(t->set_why, sizeof(t->set_why), a->set_why);
	canned_copy(t->seen_why, sizeof(t->seen_why), a->seen_why);
	canned_copy(t->pause, sizeof(t->pause), a->pause_reason);
	canned_copy(t->analysis, sizeof(t->analysis), a->analysis);
	canned_copy(t->why, sizeof(t->why), a->gate_why);
	canned_copy(t->version, sizeof(t->version), a->version);
	t->a.word = t->word;
	t->a.message = t->message;
	t->a.pause_reason = t->pause;
	t->a.version = t->version;
}

static inline void told_act(void *ctx, int status, const struct err *err)
{
	struct told *t = ctx;

	t->calls++;
	t->status = status;
	t->ok = !err;
	if (err)
		t->err = *err;
}

struct stand {
	struct canned api, gate;
	struct clock clock;
	struct rollout *r;
};

static inline void stand_open(struct stand *s, const struct reply *api, size_t api_n,
			      const struct reply *gate, size_t gate_n)
{
	struct kube_options o = { .api = &s->api.http, .gate = &s->gate.http, .clock = &s->clock };

	canned_init(&s->api, api, api_n);
	canned_init(&s->gate, gate, gate_n);
	s->gate.http.base = GATE;
	clock_manual(&s->clock, (struct when){ NOON });
	assert_int_equal(kube_open(&s->r, &o, NULL), 0);
}

static inline void stand_close(struct stand *s)
{
	rollout_free(s->r);
	canned_done(&s->api);
	canned_done(&s->gate);
}

static inline void stand_read(struct stand *s, struct told *t, const struct rollout_name *n)
{
	*t = (struct told){ 0 };
	assert_int_equal(rollout_read(s->r, n, told_read, t, &t->err), 0);
	assert_int_equal(t->calls, 0);
	canned_pump(&s->api);
	canned_pump(&s->gate);
}

/* One object read; its text is a whole answer. */
static inline void read_text(struct told *t, const struct rollout_name *n, const char *body)
{
	const struct reply api[] = { { 200, .body = body,
				       .headers = "date: Sat, 21 Nov 2026 12:00:00 GMT" } };
	struct stand s;

	stand_open(&s, api, 1, NULL, 0);
	stand_read(&s, t, n);
	stand_close(&s);
	assert_int_equal(t->calls, 1);
}
