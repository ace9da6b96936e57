/* links: registry digest base */
/*
 * Any bytes as any answer of a registry: done() comes exactly once, an answer or a reason; a digest is one; tags are
 * tags; and no credential goes anywhere but to the registry or over https.
 *
 * The first byte chooses what is asked, the second the status, then come header lines, an empty line and the body.
 */
#include "fuzz/same.h"

#include "base/text.h"
#include "core/adapters/digest/digest.h"
#include "core/adapters/registry/registry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SHA_A   "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_ABC "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

/* The first three stand for every byte below 0x80, the others above: what was found once is still found. */
static const struct registry_read reads[] = {
	{ REGISTRY_TAGS, "o/app", NULL, NULL },
	{ REGISTRY_MANIFEST, "o/app", "v1", NULL },
	{ REGISTRY_MANIFEST, "o/app", SHA_A, NULL },
}, evidence_reads[] = {
	{ REGISTRY_REFERRERS, "o/app", SHA_A, NULL },
	{ REGISTRY_REFERRERS, "o/app", SHA_A, "application/vnd.dev.sigstore.bundle.v0.3+json" },
	{ REGISTRY_BLOB, "o/app", SHA_ABC, NULL },
};

static const int statuses[] = { 200, 201, 302, 401, 403, 404, 429, 500 };

static int same_send(struct http *h, const struct http_request *rq, http_done done, void *ctx, struct err *e)
{
	struct same *s = (struct same *)h;

	demand(rq->foreign ? text_starts(rq->target, "https://r.example.test/") || !rq->authorization
			   : rq->target[0] == '/' && rq->target[1] != '/');
	if (rq->foreign && !text_starts(rq->target, "https://"))
		return err_set(e, ERR_INVALID, "a download must use https");
	same_take(s, done, ctx);
	return 0;
}

static void on_read(void *ctx, const struct registry_answer *a, const struct err *err)
{
	demand((a == NULL) != (err == NULL));
	demand(!err || (err->kind != ERR_NONE && err->message[0] && text_is_safe(err->message)));
	demand(!a || !a->digest ||
	       (text_starts(a->digest, "sha256:") && strlen(a->digest) == 71 && a->bytes));
	for (size_t i = 0; a && i < a->tags_n; i++)
		demand(text_is_safe(a->tags[i]) && a->tags[i][0]);
	for (size_t i = 0; a && i < a->referrers_n; i++)
		demand(strlen(a->referrers[i].digest) == 71 && a->referrers[i].type &&
		       a->referrers[i].size >= 0);
	for (size_t i = 0; a && i < a->children_n; i++)
		demand(strlen(a->children[i].digest) == 71 && a->children[i].platform);
	++*(int *)ctx;
}

static void on_act(void *ctx, int status, const struct err *err)
{
	demand(err ? err->kind != ERR_NONE && err->message[0] : status >= 200 && status < 300);
	++*(int *)ctx;
}

static void begin(struct registry *r, uint8_t choice, int *calls)
{
	static const char image[] = "{\"schemaVersion\":2,\"config\":{}}";
	char digest[80] = "sha256:";
	const struct registry_act act = { .image = "o/app",
					  .tag = "live",
					  .digest = digest,
					  .type = "application/vnd.oci.image.manifest.v1+json",
					  .bytes = image,
					  .bytes_n = sizeof(image) - 1 };

	digest_sha256(image, sizeof(image) - 1, digest + 7);
	if (choice >= 0xf0)
		demand(r->ops->act(r, &act, on_act, calls, NULL) == 0);
	else if (choice >= 0x80)
		demand(r->ops->read(r, &evidence_reads[choice % countof(evidence_reads)], on_read, calls,
				    NULL) == 0);
	else
		demand(r->ops->read(r, &reads[choice % countof(reads)], on_read, calls, NULL) == 0);
}

static void run(struct same *s, uint8_t choice)
{
	static const struct http_answer fine = { .status = 200, .body = "{\"token\":\"t\"}", .body_n = 13 };
	struct secret credential = { .bytes = (char[]){ "ana:word" }, .n = 8 };
	struct clock clock;
	struct registry *r;
	int calls = 0;
	bool plain = choice & 1; /* every second answer is one: sign-ins go on then */

	clock_manual(&clock, (struct when){ INT64_C(1795262400000) });
	demand(registry_open(&r, &s->http, &clock, &credential, NULL) == 0);
	begin(r, choice, &calls);
	while (s->waits) {
		s->waits = false;
		s->done(s->ctx, plain ? &fine : &s->answer, NULL);
		plain = !plain;
	}
	demand(calls == 1);
	r->ops->free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct http_ops ops = { .send = same_send, .free = same_free };
	struct arena a = ARENA_INIT;
	struct same s = { 0 };

	if (size < 2)
		return 0;
	s.http.ops = &ops;
	s.http.base = "https://r.example.test";
	s.answer.status = statuses[data[1] % countof(statuses)];
	same_split(&s, (const char *)data + 2, size - 2, &a);
	run(&s, data[0]);
	arena_done(&a);
	return 0;
}
