/* What the simulated world attests, found by the collectors through the real adapters, and verified by its own root. */
#include "unit/engine/shelf.h"

#include "core/adapters/sim/sim.h"
#include "core/port/attest.h"

#define VALUES \
	"b140f15c441b5166fa74ac4c81dcb0d1d1fdfb81b347888666c3ff667f5bd05c" /* trusted_values.v0.9.4.json */
#define HELLO  "51020d693ac6d43b5f0fcec6a92af6e0c519d7e5f588f35fe1700daac06c4eb6" /* that v0.9.4 names */
#define SERVER "5c09c7338fefdf525cc408d93d411364bdb696f4f3631672577222cab2cd7490" /* that v2.15.0 names */

static struct world *the_world;

/* The world answers at once; the shelf hands it on in order. */
static int world_send(struct http *h, const struct http_request *rq, http_done done, void *ctx, struct err *e)
{
	struct shelf *s = (struct shelf *)h;
	const char *host = strstr(rq->target, "://"), *path = host ? strchr(host + 3, '/') : rq->target;
	const struct world_request ask = { .method = rq->method,
					   .target = path,
					   .authorization = rq->foreign ? rq->authorization : "Bearer drill",
					   .user_agent = "test",
					   .accept = rq->accept,
					   .body = rq->body,
					   .body_n = rq->body ? strlen(rq->body) : 0 };
	struct world_answer answer;
	struct book *b;

	world_answer(the_world, &ask, &answer, &s->arena);
	b = shelf_put(s, rq->target, http_header(&answer.http, "content-type"), NULL);
	b->status = answer.http.status;
	b->body = answer.http.body;
	b->n = answer.http.body_n;
	return shelf_send(h, rq, done, ctx, e);
}

static void begin(struct shelf *s, const char *scenario, struct attest_root **root)
{
	static const struct http_ops ops = { .send = world_send, .free = shelf_http_free };
	const struct world_options o = { .scenario = scenario, .speed = 1 };
	const char *json;

	shelf_open(s);
	s->http.ops = &ops;
	assert_int_equal(world_new(&the_world, &o, clock_wall(&s->clock), NULL), 0);
	json = world_trusted_root(the_world, &s->arena);
	assert_int_equal(attest_root_parse(root, json, strlen(json), NULL), 0);
}

static void end(struct shelf *s, struct attest_root *root)
{
	attest_root_free(root);
	world_free(the_world);
	shelf_close(s);
}

static struct attest_facts facts_of(struct shelf *s, const struct attest_root *root,
				    const struct attestation *x, const char *hex)
{
	struct attest_facts facts = { 0 };
	const struct attest_question q = { .bundle = x->bundle,
					   .bundle_n = x->bundle_n,
					   .root = root,
					   .artifact = x->payload,
					   .artifact_n = x->payload_n,
					   .digest_algorithm = x->payload ? NULL : "sha256",
					   .digest = x->payload ? NULL : hex };

	assert_int_equal(attest_verify(&facts, &q, &s->arena, NULL), 0);
	return facts;
}

static void an_asset_is_proved_by_the_forge(void **state maybe_unused)
{
	struct shelf s;
	struct attest_root *root = NULL;
	struct attestations out;
	struct attest_facts f;

	begin(&s, "first-rollout", &root);
	attestations_of_digest(&s.look, "easyenclave/easyenclave", "sha256:" VALUES, &out);
	shelf_run(&s);
	assert_int_equal(out.err.kind, 0);
	assert_int_equal(out.found.n, 1);
	assert_int_equal(out.found.items[0].place, ATTESTATION_FORGE);
	f = facts_of(&s, root, &out.found.items[0], VALUES);
	assert_int_equal(f.broken, PROOF_OK);
	assert_string_equal(f.statement.predicate, "https://slsa.dev/provenance/v1");
	end(&s, root);
}

static const struct {
	const char *image, *hex;
	int place;
	size_t n;
} images[] = {
	{ "summit/summit/server", SERVER, ATTESTATION_REFERRER, 2 },
	{ "easyenclave/easyenclave/examples/hello-tdx-http-echo", HELLO, ATTESTATION_SIG, 1 },
};

static void images_are_proved_by_the_registry(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(images); i++) {
		struct shelf s;
		struct attest_root *root = NULL;
		struct attestations out;

		begin(&s, "first-rollout", &root);
		attestations_of_image(&s.look, images[i].image,
				      arena_printf(&s.arena, "sha256:%s", images[i].hex), NULL, &out);
		shelf_run(&s);
		if (out.err.kind)
			fail_msg("%s: %s", images[i].image, out.err.message);
		assert_int_equal(out.damaged, 0);
		assert_int_equal(out.found.n, images[i].n);
		for (size_t k = 0; k < out.found.n; k++) {
			assert_int_equal(out.found.items[k].place, images[i].place);
			assert_int_equal(facts_of(&s, root, &out.found.items[k], images[i].hex).broken,
					 PROOF_OK);
		}
		end(&s, root);
	}
}

/* Both of cosign's older forms, and the forge's own with an entry in a log of the second generation. */
static void old_forms_are_proved_by_tags(void **state maybe_unused)
{
	struct shelf s;
	struct attest_root *root = NULL;
	struct attestations out, at_forge;
	struct attest_facts f;

	begin(&s, "drifted-digest", &root);
	attestations_of_image(&s.look, "veyorokon/theory-api/llm-litellm", "build-42", NULL, &out);
	shelf_run(&s);
	assert_int_equal(out.err.kind, 0);
	assert_int_equal(out.found.n, 2);
	assert_int_equal(out.found.items[0].place, ATTESTATION_SIG);
	assert_int_equal(out.found.items[1].place, ATTESTATION_ATT);
	for (size_t i = 0; i < out.found.n; i++)
		assert_int_equal(
			facts_of(&s, root, &out.found.items[i], out.digest + strlen("sha256:")).broken,
			PROOF_OK);
	attestations_of_digest(&s.look, "veyorokon/theory-api", out.digest, &at_forge);
	shelf_run(&s);
	assert_int_equal(at_forge.found.n, 1);
	f = facts_of(&s, root, &at_forge.found.items[0], out.digest + strlen("sha256:"));
	assert_int_equal(f.broken, PROOF_OK);
	assert_string_equal(f.entries[0].kind, "hashedrekord 0.0.2");
	end(&s, root);
}

/* An index and one platform of it, each attested for itself, in a registry that has no API for it. */
static void platforms_are_proved_by_the_tag(void **state maybe_unused)
{
	struct shelf s;
	struct attest_root *root = NULL;
	struct attestations out;

	begin(&s, "mcp-promote", &root);
	attestations_of_image(&s.look, "luminosita/mcp", "staging-latest", "linux/amd64", &out);
	shelf_run(&s);
	if (out.err.kind)
		fail_msg("%s", out.err.message);
	assert_true(out.fallback);
	assert_int_equal(out.found.n, 4);
	vec_each (x, &out.found)
		assert_int_equal(facts_of(&s, root, x, x->digest + strlen("sha256:")).broken, PROOF_OK);
	end(&s, root);
}

static void an_outage_is_not_an_absence(void **state maybe_unused)
{
	struct shelf s;
	struct attest_root *root = NULL;
	struct attestations out, none;

	begin(&s, "proof-log-outage", &root);
	attestations_of_digest(&s.look, "easyenclave/easyenclave", "sha256:" VALUES, &out);
	attestations_of_digest(&s.look, "easyenclave/easyenclave", "sha256:" HELLO, &none);
	shelf_run(&s);
	assert_int_not_equal(out.err.kind, 0);
	assert_int_equal(out.found.n, 0);
	assert_int_equal(none.err.kind, 0);
	assert_int_equal(none.found.n, 0);
	end(&s, root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_asset_is_proved_by_the_forge),
		cmocka_unit_test(images_are_proved_by_the_registry),
		cmocka_unit_test(old_forms_are_proved_by_tags),
		cmocka_unit_test(platforms_are_proved_by_the_tag),
		cmocka_unit_test(an_outage_is_not_an_absence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
