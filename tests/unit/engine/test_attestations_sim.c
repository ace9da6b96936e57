#include "unit/engine/shelf.h"

#include "core/adapters/sim/sim.h"
#include "core/port/attest.h"

/*
 * The collectors against the simulated forge and its registries, over the real adapters, and what they find against the
 * simulated authority's root: sides that were written apart.
 */

#define ASSET \
	"sha256:b140f15c441b5166fa74ac4c81dcb0d1d1fdfb81b347888666c3ff667f5bd05c" /* trusted_values.v0.9.4.json */
#define NOBODY "sha256:0000000000000000000000000000000000000000000000000000000000000000"
#define SERVER "sha256:5c09c7338fefdf525cc408d93d411364bdb696f4f3631672577222cab2cd7490"
#define SIGNED "sha256:51020d693ac6d43b5f0fcec6a92af6e0c519d7e5f588f35fe1700daac06c4eb6"
#define EASY   "easyenclave/easyenclave"

struct place {
	struct shelf s; /* its look and queue; not its books */
	struct loop *loop;
	struct world *world;
	struct http *http;
	struct attest_root *root;
	struct attestations out;
};

static void place_open(struct place *p, const char *scenario)
{
	const struct world_options o = { .scenario = scenario, .speed = 1 };
	const char *root;

	*p = (struct place){ 0 };
	clock_manual(&p->s.clock, (struct when){ INT64_C(1795262400000) });
	p->loop = loop_new(&p->s.clock);
	assert_int_equal(world_new(&p->world, &o, clock_wall(&p->s.clock), NULL), 0);
	assert_int_equal(sim_http(&p->http, p->world, p->loop, NULL), 0);
	assert_int_equal(github_open(&p->s.forge, p->http, &p->s.clock, NULL), 0);
	assert_int_equal(registry_open(&p->s.registry, p->http, &p->s.clock, NULL, NULL), 0);
	root = world_trusted_root(p->world, &p->s.arena);
	assert_int_equal(attest_root_parse(&p->root, root, strlen(root), NULL), 0);
	the_shelf = &p->s;
}

static void place_close(struct place *p)
{
	attest_root_free(p->root);
	forge_free(p->s.forge);
	p->s.registry->ops->free(p->s.registry);
	http_free(p->http);
	world_free(p->world);
	loop_free(p->loop);
	arena_done(&p->s.look.arena);
	arena_done(&p->s.arena);
	the_shelf = NULL;
}

static void place_run(struct place *p)
{
	while (p->s.look.pending)
		if (p->s.begun < p->s.queue.n)
			shelf_begin(&p->s, &p->s.queue.items[p->s.begun++]);
		else
			assert_true(loop_step(p->loop, -1) >= 0);
}

static void demand_all_read(const struct attestations *out, size_t n)
{
	if (out->err.kind || out->damaged || out->found.n != n)
		fail_msg("%zu found, %s, %s", out->found.n, out->err.message,
			 out->first_damage ? out->first_damage : "");
}

/* Each verifies: an envelope for the digest, a signature over its payload. */
static void verify_all(struct place *p, const struct attestations *out)
{
	vec_each (x, &out->found) {
		const struct attest_question q = { .bundle = x->bundle,
						   .bundle_n = x->bundle_n,
						   .root = p->root,
						   .artifact = x->payload,
						   .artifact_n = x->payload_n,
						   .digest_algorithm = x->payload ? NULL : "sha256",
						   .digest = x->payload ? NULL : x->digest + 7 };
		struct attest_facts facts = { 0 };

		assert_int_equal(attest_verify(&facts, &q, &p->s.arena, NULL), 0);
		if (facts.broken != PROOF_OK)
			fail_msg("%s: reason %d", x->where, (int)facts.broken);
	}
}

static void test_asset(void **state maybe_unused)
{
	struct place p;

	place_open(&p, "first-rollout");
	attestations_of_digest(&p.s.look, EASY, ASSET, &p.out);
	place_run(&p);
	demand_all_read(&p.out, 1);
	assert_string_equal(p.out.found.items[0].initiator, "user");
	verify_all(&p, &p.out);
	attestations_of_digest(&p.s.look, EASY, NOBODY, &p.out);
	place_run(&p);
	demand_all_read(&p.out, 0);
	place_close(&p);
}

static const struct image_case {
	const char *scenario, *image, *ref, *platform;
	size_t n; /* 0: any but none */
	enum attestation_place place;
} images[] = {
	{ "first-rollout", "summit/summit/server", SERVER, NULL, 2, ATTESTATION_REFERRER },
	{ "first-rollout", "easyenclave/easyenclave/examples/hello-tdx-http-echo", SIGNED, NULL, 1,
	  ATTESTATION_SIG },
	{ "mcp-promote", "luminosita/mcp", "staging-latest", "linux/amd64", 0, ATTESTATION_REFERRER },
};

static void test_images(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(images); i++) {
		const struct image_case *c = &images[i];
		struct place p;

		place_open(&p, c->scenario);
		attestations_of_image(&p.s.look, c->image, c->ref, c->platform, &p.out);
		place_run(&p);
		demand_all_read(&p.out, c->n ? c->n : p.out.found.n);
		assert_true(p.out.found.n > 0);
		assert_int_equal(p.out.found.items[0].place, c->place);
		if (c->platform)
			assert_non_null(p.out.platform);
		verify_all(&p, &p.out);
		place_close(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asset),
		cmocka_unit_test(test_images),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
