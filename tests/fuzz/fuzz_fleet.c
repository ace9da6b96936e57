/* links: fleet model base_stream base */
/*
 * Any bytes as any answer of a control plane: done() comes exactly once, an answer or a reason; what a read needs is there,
 * within its bounds; and nothing of ours goes anywhere but to the site.
 *
 * The first byte chooses what is asked, the second the status; the rest is the body.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/adapters/fleet/fleet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SITE "https://cp.example.test"

static const struct fleet_read reads[] = {
	{ .kind = FLEET_HEALTH, .site = SITE },
	{ .kind = FLEET_AGENTS, .site = SITE },
	{ .kind = FLEET_CHAIN, .site = SITE, .id = "1" },
	{ .kind = FLEET_TRUSTED, .site = SITE },
	{ .kind = FLEET_SETTINGS, .site = SITE, .name = "operational" },
	{ .kind = FLEET_CHALLENGE, .site = SITE, .name = "m" },
	{ .kind = FLEET_AGENTS, .site = SITE, .size_pointer = "/labels/size" },
};

static const int statuses[] = { 200, 200, 200, 200, 302, 401, 404, 503 };

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
	int asked;
	bool waits;
};

static int same_send(struct http *h, const struct http_request *rq, http_done done, void *ctx,
		     struct err *e maybe_unused)
{
	struct same *s = (struct same *)h;

	demand(rq->foreign && !rq->local && !rq->authorization && !rq->body &&
	       text_starts(rq->target, SITE "/") && s->asked++ < 4 && !s->waits);
	s->done = done;
	s->ctx = ctx;
	s->waits = true;
	return 0;
}

static void same_free(struct http *h maybe_unused)
{
}

static void look_at_machines(const struct fleet_answer *a)
{
	demand(a->agents_n <= AGENTS_MAX && a->total >= (int64_t)(a->agents_n + a->damaged));
	demand((a->damaged != 0) == (a->first_damage != NULL));
	demand(!a->first_damage || text_is_safe(a->first_damage));
	for (size_t i = 0; i < a->agents_n; i++) {
		const struct fleet_agent *m = &a->agents[i];

		demand(m->id && *m->id && strlen(m->id) <= 256 && m->verified >= -1 && m->verified <= 1);
		demand(!m->mrtd || (*m->mrtd && strlen(m->mrtd) <= 128));
		demand(!m->complaint || strlen(m->complaint) <= 1026);
		demand(!m->quote || *m->quote);
	}
}

static void look(enum fleet_read_kind kind, const struct fleet_answer *a)
{
	demand((a->health != NULL) == (kind == FLEET_HEALTH));
	demand((a->text != NULL) == (kind == FLEET_CHALLENGE));
	if (kind == FLEET_AGENTS || kind == FLEET_CHAIN)
		look_at_machines(a);
	demand(kind != FLEET_CHAIN || (a->agents_n == 1 && text_eq(a->agents[0].id, "1")));
	for (size_t i = 0; i < a->facts_n; i++) {
		const struct fleet_fact *f = &a->facts[i];

		demand(f->name && *f->name && f->effective && f->source && f->detail && f->declared);
	}
}

struct told {
	enum fleet_read_kind kind;
	int calls;
};

static void on_read(void *ctx, const struct fleet_answer *a, const struct err *err)
{
	struct told *t = ctx;

	demand((a == NULL) != (err == NULL));
	demand(!err || (err->kind != ERR_NONE && err->message[0] && text_is_safe(err->message)));
	if (a)
		look(t->kind, a);
	t->calls++;
}

static void run(struct same *s, const struct fleet_read *q)
{
	static const char *const drop[] = { "join_key", NULL };
	struct fleet_read asked = *q;
	struct told t = { .kind = q->kind };
	struct fleet *f = NULL;

	asked.drop = drop;
	demand(fleet_open(&f, &s->http, 0, NULL) == 0);
	demand(f->ops->read(f, &asked, on_read, &t, NULL) == 0);
	while (s->waits) {
		s->waits = false;
		s->done(s->ctx, &s->answer, NULL);
	}
	demand(t.calls == 1);
	fleet_free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct http_ops ops = { .send = same_send, .free = same_free };
	struct http_header headers[] = { { "date", "Sat, 21 Nov 2026 12:00:07 GMT" }, { "location", NULL } };
	struct same s = { 0 };
	char *body;

	if (size < 2)
		return 0;
	body = x_alloc(size - 1);
	memcpy(body, data + 2, size - 2);
	headers[1].value = body;
	s.http.ops = &ops;
	s.answer.status = statuses[data[1] % countof(statuses)];
	s.answer.headers = headers;
	s.answer.headers_n = countof(headers);
	s.answer.body = body;
	s.answer.body_n = size - 2;
	run(&s, &reads[data[0] % countof(reads)]);
	free(body);
	return 0;
}
