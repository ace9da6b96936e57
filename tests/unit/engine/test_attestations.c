#include "unit/engine/shelf.h"

#include "base/json.h"
#include "base/path.h"
#include "core/engine/cosign.h"
#include "core/port/attest.h"

#include <sys/stat.h>
#include <unistd.h>

/*
 * Evidence as it lies on shelves: of a registry with and without the referrers API, of the forge, and in files. What is
 * wrong is damage or unread, never silently good and never silently nothing.
 */

#define BUNDLE_TYPE "application/vnd.dev.sigstore.bundle.v0.3+json"
#define SIGN_TYPE   "application/vnd.dev.cosign.simplesigning.v1+json"
#define DSSE_TYPE   "application/vnd.dsse.envelope.v1+json"
#define CHILD       "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define OTHER       "sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
#define ROOT                                                                                             \
	"{\"schemaVersion\":2,\"mediaType\":\"" INDEX "\",\"manifests\":[{\"digest\":\"" CHILD           \
	"\",\"size\":3,\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}},{\"digest\":\"" OTHER \
	"\",\"size\":3,\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}}]}"
#define ENVELOPE                          \
	"{\"payloadType\":\"application/" \
	"vnd.in-toto+json\",\"payload\":\"e30=\",\"signatures\":[{\"sig\":\"AA==\"}]}"

/* ---- laying out --------------------------------------------------------------------------------------------------------- */

static const char *manifest_of(struct shelf *s, const char *artifact, const char *subject, const char *layers)
{
	return arena_printf(&s->arena,
			    "{\"schemaVersion\":2,\"mediaType\":\"" IMAGE
			    "\",%s%s%s\"config\":{},%s%s%s\"layers\":[%s]}",
			    artifact ? "\"artifactType\":\"" : "", artifact ? artifact : "",
			    artifact ? "\"," : "", subject ? "\"subject\":{\"digest\":\"" : "",
			    subject ? subject : "", subject ? "\"}," : "", layers);
}

static const char *layer_of(struct shelf *s, const char *type, const char *digest, const char *notes)
{
	return arena_printf(&s->arena,
			    "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":30,\"annotations\":{%s}}", type,
			    digest, notes ? notes : "");
}

static void lay_list(struct shelf *s, const char *about, bool api, const char *items)
{
	const char *list = arena_printf(&s->arena, "{\"schemaVersion\":2,\"manifests\":[%s]}", items);

	if (api)
		shelf_put(s, arena_printf(&s->arena, "/v2/o/app/referrers/%s", about), INDEX, list);
	else
		shelf_tag(s, arena_printf(&s->arena, "sha256-%s", about + 7), INDEX, list);
}

static const char *item_of(struct shelf *s, const char *digest, const char *type)
{
	return arena_printf(&s->arena, "{\"digest\":\"%s\",\"size\":9,\"artifactType\":\"%s\"}", digest,
			    type);
}

/* A referrer of the new form with that bundle, and a list with it and an SBOM. */
static void lay_referrer(struct shelf *s, const char *about, bool api, const char *bundle)
{
	const char *layer = layer_of(s, BUNDLE_TYPE, shelf_blob(s, bundle), NULL);
	const char *manifest = shelf_manifest(s, IMAGE, manifest_of(s, BUNDLE_TYPE, about, layer));

	lay_list(s, about, api,
		 arena_printf(&s->arena, "%s,%s", item_of(s, OTHER, "application/spdx+json"),
			      item_of(s, manifest, BUNDLE_TYPE)));
}

static const char *payload_of(struct shelf *s, const char *about)
{
	return arena_printf(
		&s->arena,
		"{\"critical\":{\"identity\":{\"docker-reference\":\"\"},\"image\":{\"docker-manifest-"
		"digest\":\"%s\"},\"type\":\"cosign container image signature\"},\"optional\":null}",
		about);
}

/* Tag .sig or .att of the image, with one layer. */
static void lay_tag(struct shelf *s, const char *about, const char *suffix, const char *layers)
{
	shelf_tag(s, arena_printf(&s->arena, "sha256-%s.%s", about + 7, suffix), IMAGE,
		  manifest_of(s, NULL, NULL, layers));
}

#define SIGNED "\"dev.cosignproject.cosign/signature\":\"AAEC\""

/* ---- the registry ------------------------------------------------------------------------------------------------------- */

/* Everything there is of one index, and the same of its platform where it is asked for. */
static void test_everything(void **state maybe_unused)
{
	struct shelf s;
	struct attestations out;
	const char *root;

	shelf_open(&s);
	root = shelf_manifest(&s, INDEX, ROOT);
	lay_referrer(&s, root, true, "{\"a\":1}");
	lay_tag(&s, root, "sig", layer_of(&s, SIGN_TYPE, shelf_blob(&s, payload_of(&s, root)), SIGNED));
	lay_tag(&s, root, "att", layer_of(&s, DSSE_TYPE, shelf_blob(&s, ENVELOPE), NULL));
	lay_tag(&s, root, "sbom", layer_of(&s, BUNDLE_TYPE, shelf_blob(&s, "{\"sbom\":1}"), NULL));
	lay_referrer(&s, CHILD, false, "{\"b\":2}");
	attestations_of_image(&s.look, "o/app", root, "linux/amd64", &out);
	shelf_run(&s);

	assert_int_equal(out.err.kind, 0);
	assert_int_equal(out.damaged, 0);
	assert_false(out.cut);
	assert_true(out.fallback); /* the child's list is under a tag */
	assert_string_equal(out.digest, root);
	assert_string_equal(out.platform, CHILD);
	assert_int_equal(out.found.n, 4);
	vec_each (x, &out.found) {
		assert_int_equal(x->bundle_n, strlen(x->bundle));
		assert_string_equal(x->digest, text_eq(x->bundle, "{\"b\":2}") ? CHILD : root);
		assert_int_equal(x->payload != NULL, x->place == ATTESTATION_SIG);
		if (x->place == ATTESTATION_SIG)
			assert_string_equal(x->payload, payload_of(&s, root));
		if (x->place == ATTESTATION_ATT)
			assert_non_null(strstr(x->bundle, "\"dsseEnvelope\":" ENVELOPE));
	}
	assert_false(shelf_was_asked(&s, "sbom"));
	assert_false(shelf_was_asked(&s, OTHER));
	shelf_close(&s);
}

/* All digests of a look share what it may read: what came too late is told as left out, not as none. */
static void test_look_is_bounded(void **state maybe_unused)
{
	struct shelf s;
	struct attestations out[2];

	shelf_open(&s);
	lay_referrer(&s, CHILD, true, "{\"a\":1}");
	attestations_of_image(&s.look, "o/app", CHILD, NULL, &out[0]);
	shelf_run(&s);
	assert_int_equal(out[0].found.n, 1);
	assert_false(out[0].cut);
	assert_int_equal(s.look.evidence, 7);
	s.look.evidence = ATTESTATIONS_LOOK;
	attestations_of_image(&s.look, "o/app", CHILD, NULL, &out[1]);
	shelf_run(&s);
	assert_int_equal(out[1].err.kind, 0);
	assert_int_equal(out[1].found.n, 0);
	assert_true(out[1].cut);
	shelf_close(&s);
}

static void test_nothing(void **state maybe_unused)
{
	struct shelf s;
	struct attestations out;

	shelf_open(&s);
	attestations_of_image(&s.look, "o/app", CHILD, NULL, &out);
	shelf_run(&s);
	assert_int_equal(out.err.kind, 0);
	assert_int_equal(out.found.n + out.damaged, 0);
	assert_true(out.fallback);
	shelf_close(&s);
}

/* A tag is read once for its digest; what is no index has no platforms. */
static void test_tag(void **state maybe_unused)
{
	struct shelf s;
	struct attestations out;
	const char *image = "{\"schemaVersion\":2,\"config\":{},\"layers\":[]}";

	shelf_open(&s);
	shelf_tag(&s, "v1", IMAGE, image);
	lay_referrer(&s, shelf_digest(&s, image), true, "{\"a\":1}");
	attestations_of_image(&s.look, "o/app", "v1", "linux/amd64", &out);
	shelf_run(&s);
	assert_int_equal(out.err.kind, 0);
	assert_string_equal(out.digest, shelf_digest(&s, image));
	assert_null(out.platform);
	assert_int_equal(out.found.n, 1);
	attestations_of_image(&s.look, "o/app", "v2", NULL, &out);
	shelf_run(&s);
	assert_int_equal(out.err.kind, ERR_MISSING);
	assert_null(out.digest);
	shelf_close(&s);
}

static void no_platform(struct shelf *s, const char **ref maybe_unused)
{
	shelf_put(s, "/v2/o/app/manifests/v1", INDEX, ROOT);
	*ref = "v1";
}

static void other_subject(struct shelf *s, const char **ref)
{
	const char *layer = layer_of(s, BUNDLE_TYPE, shelf_blob(s, "{}"), NULL);

	lay_list(
		s, *ref, true,
		item_of(s, shelf_manifest(s, IMAGE, manifest_of(s, BUNDLE_TYPE, OTHER, layer)), BUNDLE_TYPE));
}

static void no_subject(struct shelf *s, const char **ref)
{
	const char *layer = layer_of(s, BUNDLE_TYPE, shelf_blob(s, "{}"), NULL);

	lay_list(s, *ref, false,
		 item_of(s, shelf_manifest(s, IMAGE, manifest_of(s, BUNDLE_TYPE, NULL, layer)), BUNDLE_TYPE));
}

static void two_layers(struct shelf *s, const char **ref)
{
	const char *layer = layer_of(s, BUNDLE_TYPE, shelf_blob(s, "{}"), NULL);

	layer = arena_printf(&s->arena, "%s,%s", layer, layer);
	lay_list(s, *ref, true,
		 item_of(s, shelf_manifest(s, IMAGE, manifest_of(s, BUNDLE_TYPE, *ref, layer)), BUNDLE_TYPE));
}

/* The list does not say of which type it is, and it is something else: no damage. */
static void untold_type(struct shelf *s, const char **ref)
{
	const char *m = shelf_manifest(s, IMAGE, manifest_of(s, "application/spdx+json", *ref, ""));

	lay_list(s, *ref, true, arena_printf(&s->arena, "{\"digest\":\"%s\",\"size\":9}", m));
}

static void manifest_gone(struct shelf *s, const char **ref)
{
	lay_list(s, *ref, true, item_of(s, OTHER, BUNDLE_TYPE));
}

static void other_manifest(struct shelf *s, const char **ref)
{
	shelf_put(s, "/v2/o/app/manifests/" OTHER, IMAGE, manifest_of(s, BUNDLE_TYPE, *ref, ""));
	lay_list(s, *ref, true, item_of(s, OTHER, BUNDLE_TYPE));
}

static void other_image_signed(struct shelf *s, const char **ref)
{
	lay_tag(s, *ref, "sig", layer_of(s, SIGN_TYPE, shelf_blob(s, payload_of(s, OTHER)), SIGNED));
}

static void no_signature(struct shelf *s, const char **ref)
{
	lay_tag(s, *ref, "sig", layer_of(s, SIGN_TYPE, shelf_blob(s, payload_of(s, *ref)), NULL));
}

static void no_document(struct shelf *s, const char **ref)
{
	lay_tag(s, *ref, "sig", layer_of(s, SIGN_TYPE, shelf_blob(s, "hello"), SIGNED));
}

static void other_bytes(struct shelf *s, const char **ref)
{
	shelf_put(s, "/v2/o/app/blobs/" OTHER, "x/y", payload_of(s, *ref));
	lay_tag(s, *ref, "sig", layer_of(s, SIGN_TYPE, OTHER, SIGNED));
}

static void blob_gone(struct shelf *s, const char **ref)
{
	lay_tag(s, *ref, "att", layer_of(s, DSSE_TYPE, OTHER, NULL));
}

static void blob_in_trouble(struct shelf *s, const char **ref)
{
	shelf_put(s, "/v2/o/app/blobs/" OTHER, "x/y", "")->status = 503;
	lay_tag(s, *ref, "att", layer_of(s, DSSE_TYPE, OTHER, NULL));
}

static void sig_in_trouble(struct shelf *s, const char **ref)
{
	lay_referrer(s, *ref, true, "{\"a\":1}");
	shelf_put(s, arena_printf(&s->arena, "/v2/o/app/manifests/sha256-%s.sig", *ref + 7), "x/y", "")
		->status = 502;
}

static void wire_cut(struct shelf *s, const char **ref)
{
	shelf_put(s, arena_printf(&s->arena, "/v2/o/app/referrers/%s", *ref), "x/y", "")->fail = ERR_OFFLINE;
}

static void list_damaged(struct shelf *s, const char **ref)
{
	lay_list(s, *ref, true, "{\"digest\":7}");
}

static void envelope_is_none(struct shelf *s, const char **ref)
{
	lay_tag(s, *ref, "att", layer_of(s, DSSE_TYPE, shelf_blob(s, "[1]"), NULL));
}

static void nul_in_bundle(struct shelf *s, const char **ref)
{
	static const char text[] = "{\"a\":\"\0\"}";
	char hex[DIGEST_HEX];
	const char *digest;

	digest_sha256(text, sizeof(text) - 1, hex);
	digest = arena_printf(&s->arena, "sha256:%s", hex);
	shelf_put(s, arena_printf(&s->arena, "/v2/o/app/blobs/%s", digest), "x/y", text)->n =
		sizeof(text) - 1;
	lay_list(s, *ref, true,
		 item_of(s,
			 shelf_manifest(
				 s, IMAGE,
				 manifest_of(s, BUNDLE_TYPE, *ref, layer_of(s, BUNDLE_TYPE, digest, NULL))),
			 BUNDLE_TYPE));
}

static void sig_in_att(struct shelf *s, const char **ref)
{
	lay_tag(s, *ref, "att", layer_of(s, SIGN_TYPE, shelf_blob(s, payload_of(s, *ref)), SIGNED));
}

static void huge_layer(struct shelf *s, const char **ref)
{
	lay_tag(s, *ref, "att",
		"{\"mediaType\":\"" DSSE_TYPE "\",\"digest\":\"" OTHER "\",\"size\":4194305}");
}

static const struct fault {
	void (*lay)(struct shelf *s, const char **ref);
	enum err_kind unread;
	size_t damaged, found;
	const char *words, *platform;
} faults[] = {
	{ no_platform, ERR_MISSING, 0, 0, "no image for linux/arm64", "linux/arm64" },
	{ other_subject, 0, 1, 0, "its subject is another image" },
	{ no_subject, 0, 1, 0, "its subject is another image" },
	{ two_layers, 0, 1, 0, "it is not one bundle" },
	{ untold_type, 0, 0, 0 },
	{ manifest_gone, ERR_MISSING, 0, 0 },
	{ other_manifest, 0, 1, 0, "the registry gives" },
	{ other_image_signed, 0, 1, 0, "about another image" },
	{ no_signature, 0, 1, 0, "there is no signature" },
	{ no_document, 0, 1, 0, "no signature's document" },
	{ other_bytes, 0, 1, 0, "the registry gives" },
	{ blob_gone, ERR_MISSING, 0, 0 },
	{ blob_in_trouble, ERR_SERVER, 0, 0 },
	{ sig_in_trouble, ERR_SERVER, 0, 1 },
	{ wire_cut, ERR_OFFLINE, 0, 0 },
	{ list_damaged, ERR_CORRUPT, 0, 0 },
	{ envelope_is_none, 0, 1, 0, "no envelope" },
	{ nul_in_bundle, 0, 1, 0, "NUL" },
	{ sig_in_att, 0, 1, 0, "no evidence" },
	{ huge_layer, 0, 1, 0, "larger than any evidence" },
};

static void test_faults(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(faults); i++) {
		const struct fault *f = &faults[i];
		struct attestations out;
		struct shelf s;
		const char *ref = CHILD;

		shelf_open(&s);
		f->lay(&s, &ref);
		attestations_of_image(&s.look, "o/app", ref, f->platform, &out);
		shelf_run(&s);
		if (out.err.kind != f->unread || out.damaged != f->damaged || out.found.n != f->found)
			fail_msg("fault %zu: %s, %zu damaged (%s), %zu found", i, out.err.message,
				 out.damaged, out.first_damage ? out.first_damage : "", out.found.n);
		if (f->words && !strstr(f->damaged ? out.first_damage : out.err.message, f->words))
			fail_msg("fault %zu: %s, %s", i, out.err.message, out.first_damage);
		shelf_close(&s);
	}
}

/* More than is read is told; what is named by its digest is fetched once. */
static void test_many(void **state maybe_unused)
{
	struct shelf s;
	struct attestations out;
	struct buf layers = BUF_INIT(1 << 20);
	size_t asked;

	shelf_open(&s);
	for (int i = 0; i < ATTESTATIONS_MAX + 5; i++) {
		const char *text = arena_printf(&s.arena, "{\"n\":%d}", i);

		buf_fmt(&layers, "%s%s", i ? "," : "", layer_of(&s, BUNDLE_TYPE, shelf_blob(&s, text), NULL));
	}
	lay_tag(&s, CHILD, "att", layers.s);
	buf_done(&layers);
	attestations_of_image(&s.look, "o/app", CHILD, NULL, &out);
	shelf_run(&s);
	assert_int_equal(out.found.n, ATTESTATIONS_MAX);
	assert_true(out.cut);
	asked = s.asked.n;
	attestations_of_image(&s.look, "o/app", CHILD, NULL, &out);
	shelf_run(&s);
	assert_int_equal(out.found.n, ATTESTATIONS_MAX);
	assert_true(s.asked.n <= asked + 4); /* the list, its tag, .sig and .att */
	shelf_close(&s);
}

/* ---- cosign's form ------------------------------------------------------------------------------------------------------- */

#define BODY \
	"eyJhcGlWZXJzaW9uIjoiMC4wLjEiLCJraW5kIjoiaGFzaGVkcmVrb3JkIn0=" /* {"apiVersion":"0.0.1","kind":"hashedrekord"} */
#define LOGGED                                                             \
	"{\"SignedEntryTimestamp\":\"c2V0\",\"Payload\":{\"body\":\"" BODY \
	"\",\"integratedTime\":1700000000,\"logIndex\":5,\"logID\":\"00ff10\"}}"
#define MATERIAL(key, log, times)                                                                            \
	"{\"mediaType\":\"application/"                                                                      \
	"vnd.dev.sigstore.bundle+json;version=0.1\",\"verificationMaterial\":{" key ",\"tlogEntries\":[" log \
	"]" times "},\"messageSignature\":{\"messageDigest\":{\"algorithm\":"                                \
	"\"SHA2_256\",\"digest\":\"zMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMw=\"},\"signature\":\"AAEC\"}}"
#define ENTRY                                                                                            \
	"{\"logIndex\":\"5\",\"logId\":{\"keyId\":\"AP8Q\"},\"kindVersion\":{\"kind\":\"hashedrekord\"," \
	"\"version\":\"0.0.1\"},\"integratedTime\":\"1700000000\",\"inclusionPromise\":{"                \
	"\"signedEntryTimestamp\":\"c2V0\"},\"canonicalizedBody\":\"" BODY "\"}"
#define LEAF "\"x509CertificateChain\":{\"certificates\":[{\"rawBytes\":\"MIIB\"}]}"
#define PEM  "-----BEGIN CERTIFICATE-----\nMI\nIB\r\n-----END CERTIFICATE-----\n"

static const struct cosign_case {
	struct oci_layer layer;
	const char *bundle; /* NULL: refused, with these words */
	const char *words;
} forms[] = {
	{ { .signature = "AAEC", .certificate = PEM PEM, .log = LOGGED }, MATERIAL(LEAF, ENTRY, ""), NULL },
	{ { .signature = "AAEC", .log = LOGGED },
	  MATERIAL("\"publicKey\":{\"hint\":\"\"}", ENTRY, ""),
	  NULL },
	{ { .signature = "AAEC", .certificate = PEM, .timestamp = "{\"SignedRFC3161Timestamp\":\"dHM=\"}" },
	  MATERIAL(LEAF, "",
		   ",\"timestampVerificationData\":{\"rfc3161Timestamps\":[{\"signedTimestamp\":\"dHM=\"}]}"),
	  NULL },
	{ { .certificate = PEM, .log = LOGGED }, NULL, "there is no signature" },
	{ { .signature = "AAEC", .certificate = "no PEM" }, NULL, "the certificate is no PEM" },
	{ { .signature = "AAEC", .certificate = "-----BEGIN CERTIFICATE-----\nMIIB" }, NULL, "no PEM" },
	{ { .signature = "AAEC",
	    .certificate = "-----BEGIN CERTIFICATE-----\nM*IB\n-----END CERTIFICATE-----" },
	  NULL,
	  "no PEM" },
	{ { .signature = "AAEC", .log = "{" }, NULL, "no JSON" },
	{ { .signature = "AAEC", .log = "{}" }, NULL, "lacks a part" },
	{ { .signature = "AAEC",
	    .log = "{\"SignedEntryTimestamp\":\"c2V0\",\"Payload\":{\"body\":\"" BODY
		   "\",\"integratedTime\":1.5,\"logIndex\":5,\"logID\":\"00ff10\"}}" },
	  NULL,
	  "lacks a part" },
	{ { .signature = "AAEC",
	    .log = "{\"SignedEntryTimestamp\":\"c2V0\",\"Payload\":{\"body\":\"" BODY
		   "\",\"integratedTime\":1,\"logIndex\":5,\"logID\":\"0g\"}}" },
	  NULL,
	  "lacks a part" },
	{ { .signature = "AAEC",
	    .log = "{\"SignedEntryTimestamp\":\"c2V0\",\"Payload\":{\"body\":\"e30=\",\"integratedTime\":1,"
		   "\"logIndex\":5,\"logID\":\"00\"}}" },
	  NULL,
	  "no document" },
	{ { .signature = "AAEC", .timestamp = "{\"x\":1}" }, NULL, "timestamp" },
};

static void test_forms(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(forms); i++) {
		struct oci_layer l = forms[i].layer;
		struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		const char *bundle;
		int r;

		l.digest = CHILD;
		r = cosign_signature(&bundle, &l, &a, &e);
		assert_int_equal(r, forms[i].bundle ? 0 : -ERR_CORRUPT);
		if (forms[i].bundle)
			assert_string_equal(bundle, forms[i].bundle);
		else if (!strstr(e.message, forms[i].words))
			fail_msg("form %zu: %s", i, e.message);
		arena_done(&a);
	}
}

/* ---- the forge ------------------------------------------------------------------------------------------------------------ */

#define HEX_C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define LIST  "/repos/o/r/attestations/sha256%3A" HEX_C "?per_page=100"
#define REF                                                 \
	"{\"bundle\":null,\"bundle_url\":\"https://s.test/" \
	"1?sig=%s\",\"repository_id\":7,\"initiator\":\"user\"}"

static void lay_forge(struct shelf *s, const char *sig)
{
	shelf_put(s, LIST, "application/json",
		  arena_printf(&s->arena, "{\"attestations\":[" REF ",{\"bundle\":{\"b\":2}}]}", sig));
}

static void test_forge(void **state maybe_unused)
{
	struct shelf s;
	struct attestations out;

	shelf_open(&s);
	lay_forge(&s, "1");
	shelf_put(&s, "https://s.test/1?sig=1", "application/json", "{\"a\":1}");
	attestations_of_digest(&s.look, "o/r", CHILD, &out);
	shelf_run(&s);
	assert_int_equal(out.err.kind, 0);
	assert_int_equal(out.found.n, 2);
	assert_string_equal(out.found.items[0].bundle, "{\"b\":2}");
	assert_string_equal(out.found.items[1].bundle, "{\"a\":1}");
	assert_string_equal(out.found.items[1].digest, CHILD);
	assert_string_equal(out.found.items[1].initiator, "user");
	assert_int_equal(out.found.items[1].repository_id, 7);
	lay_forge(&s, "2"); /* signed anew: the bundle is known by its place */
	attestations_of_digest(&s.look, "o/r", CHILD, &out);
	shelf_run(&s);
	assert_int_equal(out.found.n, 2);
	assert_false(shelf_was_asked(&s, "sig=2"));
	shelf_close(&s);
}

static void test_forge_unread(void **state maybe_unused)
{
	struct shelf s;
	struct attestations out;

	shelf_open(&s);
	attestations_of_digest(&s.look, "o/r", CHILD, &out);
	shelf_run(&s);
	assert_int_equal(out.err.kind, 0); /* 404: there is none */
	assert_int_equal(out.found.n, 0);
	lay_forge(&s, "1");
	shelf_put(&s, "https://s.test/1?sig=1", "text/plain", "")->status = 503;
	attestations_of_digest(&s.look, "o/r", CHILD, &out);
	shelf_run(&s);
	assert_int_equal(out.err.kind, ERR_SERVER);
	assert_int_equal(out.found.n, 1);
	shelf_put(&s, LIST, "application/json", "{}")->status = 500;
	attestations_of_digest(&s.look, "o/r", CHILD, &out);
	shelf_run(&s);
	assert_int_equal(out.err.kind, ERR_SERVER);
	assert_int_equal(out.found.n, 0);
	shelf_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything),   cmocka_unit_test(test_look_is_bounded),
		cmocka_unit_test(test_nothing),      cmocka_unit_test(test_tag),
		cmocka_unit_test(test_faults),       cmocka_unit_test(test_many),
		cmocka_unit_test(test_forms),        cmocka_unit_test(test_forge),
		cmocka_unit_test(test_forge_unread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
