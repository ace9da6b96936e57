#include "unit/engine/shelf.h"

#include "base/path.h"
#include "core/port/attest.h"

/*
 * Images with evidence as others have made them, put on our shelf byte by byte, found there, and verified against the public
 * root: an index whose provenance lies under .att in cosign's old form, and a bundle of the new form as a referrer. They are
 * not in the project: PILOTHOUSE_VECTORS names the folder.
 */

#define INDEX_HEX   "234e2c830c2fb31ac5671789d22adfe44d30c3ee831d01beae5e237841a13122"
#define ATT_HEX     "21454caf3a160dfbe6359f0501aa8401c6c0f2c7a8b71380ea21f8c4b48b64fe"
#define CHILD_HEX   "d1fc0de9c6a33e502c488221644de1736c53d8ddb59b0e41b4946fb26af50e69"
#define SUBJECT_HEX "732112270d7e59418a8c080b134b24cabd67d250d0d0147a97ed95ba5c280aa4"
#define BUNDLE_TYPE "application/vnd.dev.sigstore.bundle.v0.3+json"

static const char *vectors(struct arena *a, const char *path)
{
	const char *folder = getenv("PILOTHOUSE_VECTORS");

	if (!folder) {
		print_message("[  SKIP  ] PILOTHOUSE_VECTORS is not set: no images of others\n");
		return NULL;
	}
	return arena_printf(a, "%s/attest/sigstore/%s", folder, path);
}

static const char *file_text(struct shelf *s, const char *path, size_t *n)
{
	struct buf text = BUF_INIT((size_t)1 << 20);
	struct err e = ERR_INIT;
	char *out;

	if (path_read(&text, path, &e) < 0)
		fail_msg("%s", e.message);
	out = arena_alloc(&s->arena, text.n + 1);
	memcpy(out, text.s, text.n);
	*n = text.n;
	buf_done(&text);
	return out;
}

static void lay_file(struct shelf *s, const char *layout, const char *hex, const char *target,
		     const char *type)
{
	size_t n;
	const char *text = file_text(s, arena_printf(&s->arena, "%s/blobs/sha256/%s", layout, hex), &n);

	shelf_put(s, target, type, text)->n = n;
}

static void lay_layout(struct shelf *s, const char *layout)
{
	static const char *const layers[] = {
		"e163b472f2e5d66e5a2a45e26e020c51a0d2da7dc8b567b31fc2ebfd33dbc33a",
	};

	lay_file(s, layout, INDEX_HEX, "/v2/o/app/manifests/v2.1.0", INDEX);
	lay_file(s, layout, INDEX_HEX, "/v2/o/app/manifests/sha256:" INDEX_HEX, INDEX);
	lay_file(s, layout, CHILD_HEX, "/v2/o/app/manifests/sha256:" CHILD_HEX, IMAGE);
	lay_file(s, layout, ATT_HEX, "/v2/o/app/manifests/sha256-" INDEX_HEX ".att", IMAGE);
	for (size_t i = 0; i < countof(layers); i++)
		lay_file(s, layout, layers[i],
			 arena_printf(&s->arena, "/v2/o/app/blobs/sha256:%s", layers[i]),
			 "application/octet-stream");
}

static struct attest_root *public_root(struct shelf *s)
{
	struct attest_root *root = NULL;
	size_t n;
	const char *text = file_text(s, vectors(&s->arena, "roots/public-good-2026-08.json"), &n);

	assert_int_equal(attest_root_parse(&root, text, n, NULL), 0);
	return root;
}

/* Every part of its cryptography holds, and it names that digest. */
static void verify(struct shelf *s, const struct attestation *x, const char *hex)
{
	struct attest_root *root = public_root(s);
	struct attest_facts facts = { 0 };
	const struct attest_question q = { .bundle = x->bundle,
					   .bundle_n = x->bundle_n,
					   .root = root,
					   .digest_algorithm = "sha256",
					   .digest = hex };
	bool named = false;

	assert_int_equal(attest_verify(&facts, &q, &s->arena, NULL), 0);
	if (facts.broken != PROOF_OK)
		fail_msg("%s: broken by reason %d", x->where, (int)facts.broken);
	for (size_t i = 0; i < facts.statement.subjects_n; i++)
		named |= text_eq(facts.statement.subjects[i].hex, hex);
	assert_true(named);
	assert_true(facts.entries_n > 0);
	attest_root_free(root);
}

static void test_layout(void **state maybe_unused)
{
	struct shelf s;
	struct attestations out;
	const char *layout;

	shelf_open(&s);
	layout = vectors(&s.arena, "oci/gha_generic_container_v2.1.0");
	if (layout) {
		lay_layout(&s, layout);
		attestations_of_image(&s.look, "o/app", "v2.1.0", "linux/amd64", &out);
		shelf_run(&s);
		assert_int_equal(out.err.kind, 0);
		assert_int_equal(out.damaged, 0);
		assert_string_equal(out.digest, "sha256:" INDEX_HEX);
		assert_string_equal(out.platform, "sha256:" CHILD_HEX);
		assert_int_equal(out.found.n, 1);
		assert_int_equal(out.found.items[0].place, ATTESTATION_ATT);
		assert_string_equal(out.found.items[0].digest, "sha256:" INDEX_HEX);
		verify(&s, &out.found.items[0], INDEX_HEX);
	}
	shelf_close(&s);
}

static void lay_bundle(struct shelf *s, const char *bundle)
{
	const char *blob = shelf_blob(s, bundle);
	const char *manifest = shelf_manifest(
		s, IMAGE,
		arena_printf(
			&s->arena,
			"{\"schemaVersion\":2,\"mediaType\":\"" IMAGE "\",\"artifactType\":\"" BUNDLE_TYPE
			"\",\"config\":{},\"layers\":[{\"mediaType\":\"" BUNDLE_TYPE
			"\",\"digest\":\"%s\",\"size\":%zu}],\"subject\":{\"digest\":\"sha256:" SUBJECT_HEX
			"\"}}",
			blob, strlen(bundle)));

	shelf_put(s, "/v2/o/app/referrers/sha256:" SUBJECT_HEX, INDEX,
		  arena_printf(&s->arena,
			       "{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"%s\",\"size\":9,"
			       "\"artifactType\":\"" BUNDLE_TYPE "\"}]}",
			       manifest));
}

static void test_bundle(void **state maybe_unused)
{
	struct shelf s;
	struct attestations out;
	const char *file;
	size_t n;

	shelf_open(&s);
	file = vectors(&s.arena, "oci/oci-attestation.sigstore.json");
	if (file) {
		lay_bundle(&s, file_text(&s, file, &n));
		attestations_of_image(&s.look, "o/app", "sha256:" SUBJECT_HEX, NULL, &out);
		shelf_run(&s);
		assert_int_equal(out.err.kind + out.damaged, 0);
		assert_int_equal(out.found.n, 1);
		assert_int_equal(out.found.items[0].place, ATTESTATION_REFERRER);
		verify(&s, &out.found.items[0], SUBJECT_HEX);
	}
	shelf_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_bundle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
