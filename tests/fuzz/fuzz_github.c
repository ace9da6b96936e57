/* links: github model */
/*
 * Any bytes as any answer of the forge, for every kind of read and act: done() comes exactly once, an answer or a reason,
 * never both; counts agree; no record is without its identity; and nothing is asked of another origin.
 *
 * The first byte chooses what was asked, the second the status, then come header lines, an empty line and the body.
 */
#include "fuzz/same.h"

#include "base/text.h"
#include "core/adapters/github/github.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SHA "0123456789012345678901234567890123456789"

static const struct forge_read reads[FORGE_READ_MAX_] = {
	{ FORGE_RUNS, .repo = "o/r", .workflow = "w.yml", .pages = 3, .etag = "\"e\"" },
	{ FORGE_RUN, .repo = "o/r", .id = 1 },
	{ FORGE_JOBS, .repo = "o/r", .id = 1 },
	{ FORGE_GATES, .repo = "o/r", .id = 1 },
	{ FORGE_REVIEWS, .repo = "o/r", .id = 1 },
	{ FORGE_RELEASES, .repo = "o/r" },
	{ FORGE_RELEASE, .repo = "o/r", .name = "v1" },
	{ FORGE_COMMIT, .repo = "o/r", .name = "tags/v1" },
	{ FORGE_COMPARE, .repo = "o/r", .name = "v1", .name2 = "v2" },
	{ FORGE_ENVIRONMENT, .repo = "o/r", .name = "prod" },
	{ FORGE_WORKFLOW, .repo = "o/r", .name = "w.yml" },
	{ FORGE_USER, .repo = NULL },
	{ FORGE_LOG, .repo = "o/r", .id = 1 },
	{ FORGE_RATE, .repo = NULL },
	{ FORGE_FILE, .repo = "o/r", .name = "a/b", .name2 = "v1" },
	{ FORGE_ASSET, .repo = "o/r", .id = 1 },
	{ FORGE_ARTIFACTS, .repo = "o/r", .name = "a", .pages = 2 },
	{ FORGE_ARTIFACT, .repo = "o/r", .id = 1 },
	{ FORGE_DEPLOYMENTS, .repo = "o/r" },
	{ FORGE_DEPLOYMENT, .repo = "o/r", .id = 1 },
	{ FORGE_TREE, .repo = "o/r", .name = "main" },
	{ FORGE_PULLS, .repo = "o/r", .name = "b" },
	{ FORGE_PULL, .repo = "o/r", .id = 1 },
	{ FORGE_LABELLED, .repo = "o/r", .name = "l" },
	{ FORGE_COMMITS, .repo = "o/r", .name = "main" },
	{ FORGE_WORKFLOWS, .repo = "o/r" },
	{ FORGE_PROBE, .name = "https://p.test/health" },
	{ FORGE_REF, .repo = "o/r", .name = "pilothouse/con" },
	{ FORGE_REFS, .repo = "o/r", .name = "pilothouse" },
	{ FORGE_GIT_COMMIT, .repo = "o/r", .name = SHA },
	{ FORGE_GROUP, .repo = "o/r", .name = "g" },
	{ FORGE_ACCESS, .repo = "o/r" },
	{ FORGE_VARIABLE, .repo = "o/r", .name = "V" },
	{ FORGE_ATTESTATIONS, .repo = "o/r", .name = "sha256:a" },
	{ FORGE_ATTESTATION_BUNDLE, .name = "https://p.test/bundle" },
};

static const struct forge_act acts[] = {
	{ FORGE_DISPATCH, .repo = "o/r", .workflow = "w.yml", .ref = "v1" },
	{ FORGE_CANCEL, .repo = "o/r", .run = 1 },
	{ FORGE_PULL_OPEN, .repo = "o/r", .head = "a", .base = "b", .title = "t" },
	{ FORGE_PULL_MERGE, .repo = "o/r", .number = 1, .sha = SHA },
	{ FORGE_REF_DELETE, .repo = "o/r", .ref = "heads/a" },
	{ FORGE_FILE_PUT, .repo = "o/r", .path = "f", .branch = "b", .title = "t", .content = "x" },
	{ FORGE_LABEL_REMOVE, .repo = "o/r", .number = 1, .label = "l" },
	{ FORGE_COMMIT_CREATE, .repo = "o/r", .title = "m", .tree = SHA },
	{ FORGE_REF_UPDATE, .repo = "o/r", .ref = "pilothouse/con", .sha = SHA },
	{ FORGE_VARIABLE_CREATE, .repo = "o/r", .path = "V", .content = "x" },
};

static const int statuses[] = {
	200, 201, 204, 301, 302, 304, 307, 400, 401, 403, 404, 409, 422, 429, 500, 503
};

static int same_send(struct http *h, const struct http_request *rq, http_done done, void *ctx,
		     struct err *e maybe_unused)
{
	struct same *s = (struct same *)h;

	demand(!rq->local || (rq->foreign && text_starts(rq->target, "https://p.test")));
	demand(rq->foreign ? s->asked > 0 || text_starts(rq->target, "https://p.test")
			   : rq->target[0] == '/' && !text_has(rq->target, "/../"));
	same_take(s, done, ctx);
	return 0;
}

static void check_items(enum forge_read_kind kind, const struct forge_answer *a)
{
	demand((a->n == 0 || a->items != NULL) && (a->damaged == 0) == (a->first_damage == NULL));
	for (size_t i = 0; i < a->n && kind <= FORGE_RUN; i++) {
		const struct run *r = (const struct run *)a->items + i;

		demand(r->head_sha && r->title && r->branch &&
		       when_known(r->created) == (r->created.ms != 0));
		demand(r->status >= RUN_OTHER && r->status <= RUN_COMPLETED);
	}
	for (size_t i = 0; i < a->n && kind == FORGE_GATES; i++) {
		const struct gate *g = (const struct gate *)a->items + i;

		demand(g->environment && g->reviewers && g->can_approve == !*g->why_not);
	}
	for (size_t i = 0; i < a->n && (kind == FORGE_PULLS || kind == FORGE_PULL); i++) {
		const struct pull *p = (const struct pull *)a->items + i;

		demand(p->title && p->head && p->labels && (p->merged || !*p->merge_sha));
	}
	for (size_t i = 0; i < a->n && kind == FORGE_DEPLOYMENTS; i++) {
		const struct deployment *d = (const struct deployment *)a->items + i;

		demand(d->sha && d->payload && d->environment);
	}
	for (size_t i = 0; i < a->n && kind == FORGE_ATTESTATIONS; i++) {
		const struct attestation_ref *x = (const struct attestation_ref *)a->items + i;

		demand(x->initiator && (*x->bundle || *x->url));
	}
	demand(kind != FORGE_ATTESTATION_BUNDLE || (a->text && a->number <= 4 << 20));
}

struct told {
	int calls;
	enum forge_read_kind kind;
};

static void check_err(const struct err *err)
{
	demand(err->kind != ERR_NONE && err->message[0] && text_is_safe(err->message) &&
	       text_is_safe(err->hint));
	demand(err->kind != ERR_RATE || err->retry_ms >= 1000);
}

static void on_read(void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct told *t = ctx;

	t->calls++;
	demand((a == NULL) != (err == NULL));
	if (err)
		check_err(err);
	else if (!a->not_modified)
		check_items(t->kind, a);
}

static void on_act(void *ctx, const struct forge_result *r, const struct err *err)
{
	struct told *t = ctx;

	t->calls++;
	demand((r == NULL) != (err == NULL));
	if (err)
		check_err(err);
	else
		demand(r->run_id >= 0 && r->status >= 200 && r->status < 300);
}

static void run(struct same *s, uint8_t choice)
{
	struct clock clock;
	struct forge *f;
	struct told t = { 0 };

	clock_manual(&clock, (struct when){ INT64_C(1795262400000) });
	demand(github_open(&f, &s->http, &clock, NULL) == 0);
	if (choice < 0xf0) {
		t.kind = reads[choice % FORGE_READ_MAX_].kind;
		demand(forge_read(f, &reads[t.kind], on_read, &t, NULL) == 0);
	} else {
		demand(forge_act(f, &acts[(choice - 0xf0) % countof(acts)], on_act, &t, NULL) == 0);
	}
	while (s->waits) {
		s->waits = false;
		s->done(s->ctx, &s->answer, NULL);
	}
	demand(t.calls == 1);
	forge_free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct http_ops ops = { .send = same_send, .free = same_free };
	struct arena a = ARENA_INIT;
	struct same s = { 0 };

	if (size < 2)
		return 0;
	s.http.ops = &ops;
	s.http.base = "https://api.example.test";
	s.answer.status = statuses[data[1] % countof(statuses)];
	same_split(&s, (const char *)data + 2, size - 2, &a);
	run(&s, data[0]);
	arena_done(&a);
	return 0;
}
