/* What the world attests can be found at the forge and in the registry, and verified with its trusted root alone. */
#include "unit/sim/drive.h"

#include "base/buf.h"
#include "base/text.h"
#include "core/adapters/sim/sha256.h"
#include "core/adapters/snappy/snappy.h"
#include "core/port/attest.h"

#define VALUES \
	"sha256:b140f15c441b5166fa74ac4c81dcb0d1d1fdfb81b347888666c3ff667f5bd05c" /* trusted_values.v0.9.4.json */
#define IMAGES "sha256:142c7604bf63a7dcfbd8fc9a1207d24eecbc6190ebb7188fcf1e83494d1d8243"
#define HELLO  "easyenclave/easyenclave/examples/hello-tdx-http-echo"
#define HELLO4 "51020d693ac6d43b5f0fcec6a92af6e0c519d7e5f588f35fe1700daac06c4eb6" /* that v0.9.4 names */
#define SERVER "summit/summit/server"
#define SUMMIT "sha256:5c09c7338fefdf525cc408d93d411364bdb696f4f3631672577222cab2cd7490"
#define NOBODY "sha256:0000000000000000000000000000000000000000000000000000000000000000"

static void open_with_root(struct drive *d, const char *scenario, struct attest_root **root)
{
	struct err e = ERR_INIT;
	const char *text;

	drive_open(d, scenario);
	text = world_trusted_root(d->w, &d->a);
	assert_int_equal(attest_root_parse(root, text, strlen(text), &e), 0);
}

/* What is behind a bundle_url, fetched as from a stranger. */
static struct buf fetch(struct drive *d, const char *url)
{
	const char *token = d->token;
	struct buf out = BUF_INIT(4 << 20);
	struct err e = ERR_INIT;

	assert_true(text_starts(url, "https://drill.invalid/_bundles/"));
	d->token = NULL;
	assert_int_equal(drive_get(d, strstr(url, "/_bundles/")), 200);
	d->token = token;
	assert_int_equal(snappy_unpack(&out, d->last.http.body, d->last.http.body_n, &e), 0);
	return out;
}

static struct attest_facts verify(struct drive *d, const struct attest_root *root, const struct buf *bundle,
				  const char *digest)
{
	const struct attest_question q = { .bundle = bundle->s,
					   .bundle_n = bundle->n,
					   .root = root,
					   .digest_algorithm = "sha256",
					   .digest = digest + strlen("sha256:") };
	struct attest_facts f = { 0 };
	struct err e = ERR_INIT;

	assert_int_equal(attest_verify(&f, &q, &d->a, &e), 0);
	return f;
}

static const char *url_at(struct drive *d, size_t i)
{
	const struct json *item = json_at(json_get(d->body, "attestations"), i);

	assert_int_equal(json_type(json_get(item, "bundle")), JSON_NULL);
	return arena_strdup(&d->a, json_str(item, "bundle_url"));
}

static void a_release_asset_has_provenance(void **state)
{
	struct drive d;
	struct attest_root *root = NULL;
	struct attest_facts f;
	struct buf bundle;

	(void)state;
	open_with_root(&d, "first-rollout", &root);
	assert_int_equal(drive_get(&d, EASY "/attestations/" VALUES "?per_page=100"), 200);
	assert_int_equal(json_size(json_get(d.body, "attestations")), 1);
	assert_int_equal(json_int(json_at(json_get(d.body, "attestations"), 0), "repository_id", 0),
			 1084512233);
	bundle = fetch(&d, url_at(&d, 0));
	f = verify(&d, root, &bundle, VALUES);
	assert_int_equal(f.broken, PROOF_OK);
	assert_string_equal(f.id.san, "https://github.com/easyenclave/easyenclave/.github/workflows/"
				      "release-trust-bundle.yml@refs/tags/v0.9.4");
	assert_string_equal(f.id.oid[ATTEST_OID_RUNNER], "self-hosted");
	assert_string_equal(f.id.oid[ATTEST_OID_REPO_ID], "1084512233");
	assert_string_equal(f.statement.commit, "5ca9ea7c5feb2ec58fe2fca8a21c8bee8b51d6eb");
	assert_string_equal(f.statement.subjects[0].name, "trusted_values.v0.9.4.json");
	buf_done(&bundle);
	attest_root_free(root);
	drive_close(&d);
}

static void what_nobody_attested_is_not_found(void **state)
{
	static const char *const targets[] = {
		EASY "/attestations/" NOBODY,        EASY "/attestations/sha256:12",
		EASY "/attestations/" SUMMIT,        "/orgs/easyenclave/attestations/" NOBODY,
		"/orgs/summit/attestations/" VALUES,
	};
	struct drive d;

	(void)state;
	drive_open(&d, "first-rollout");
	for (size_t i = 0; i < countof(targets); i++)
		assert_int_equal(drive_get(&d, targets[i]), 404);
	assert_int_equal(drive_get(&d, "/orgs/EasyEnclave/attestations/" VALUES), 200);
	drive_close(&d);
}

/* Only a signed address opens the storage, and a token is a fault that the score tells. */
static void the_storage_takes_no_token(void **state)
{
	struct drive d;
	struct goals goals = { 0 };
	const char *path;

	(void)state;
	drive_open(&d, "first-rollout");
	assert_int_equal(drive_get(&d, EASY "/attestations/" VALUES), 200);
	path = strstr(url_at(&d, 0), "/_bundles/");
	world_score(d.w, &goals, &d.a);
	assert_int_equal(goals.n, 3);
	assert_int_equal(drive_get(&d, path), 400);
	world_score(d.w, &goals, &d.a);
	assert_int_equal(goals.n, 3 + 3 + 1);
	assert_false(goals.items[6].met);
	d.token = NULL;
	assert_int_equal(drive_get(&d, arena_strndup(&d.a, path, strcspn(path, "?"))), 403);
	assert_int_equal(drive_get(&d, drive_path(&d, "%sx", path)), 403);
	assert_int_equal(drive_get(&d, path), 200);
	drive_pass(&d, 10 * 60 * 1000);
	assert_int_equal(drive_get(&d, path), 403);
	drive_close(&d);
}

static const char *asset_digest(struct drive *d)
{
	assert_int_equal(drive_get(d, "/repos/summit/summit/releases/tags/v2.14.0"), 200);
	return arena_strdup(&d->a, json_str(json_at(json_get(d->body, "assets"), 0), "digest"));
}

static void lists_have_pages_and_filters(void **state)
{
	struct drive d;
	struct attest_root *root = NULL;
	const char *digest, *link;
	struct attest_facts f;
	struct buf bundle;

	(void)state;
	open_with_root(&d, "first-rollout", &root);
	digest = asset_digest(&d);
	assert_int_equal(
		drive_get(&d, drive_path(&d, "/repos/summit/summit/attestations/%s?per_page=1", digest)),
		200);
	bundle = fetch(&d, url_at(&d, 0));
	f = verify(&d, root, &bundle, digest);
	assert_int_equal(f.broken, PROOF_OK);
	assert_string_equal(f.id.san, "https://dotcom.releases.github.com");
	assert_string_equal(f.statement.release_tag, "v2.14.0");
	assert_int_equal(f.entries_n, 0);
	buf_done(&bundle);
	assert_int_equal(
		drive_get(&d, drive_path(&d, "/repos/summit/summit/attestations/%s?per_page=1", digest)),
		200);
	link = http_header(&d.last.http, "link");
	assert_non_null(link);
	assert_true(text_starts(link, "<https://drill.invalid"));
	link += strlen("<https://drill.invalid");
	assert_int_equal(drive_get(&d, arena_strndup(&d.a, link, strcspn(link, ">"))), 200);
	assert_null(http_header(&d.last.http, "link"));
	bundle = fetch(&d, url_at(&d, 0));
	assert_string_equal(verify(&d, root, &bundle, digest).statement.predicate,
			    "https://slsa.dev/provenance/v1");
	buf_done(&bundle);
	assert_int_equal(
		drive_get(&d, drive_path(&d, "/repos/summit/summit/attestations/%s?predicate_type=provenance",
					 digest)),
		200);
	assert_int_equal(json_size(json_get(d.body, "attestations")), 1);
	assert_int_equal(
		drive_get(&d,
			  drive_path(&d, "/repos/summit/summit/attestations/%s?predicate_type=sbom", digest)),
		200);
	assert_int_equal(json_size(json_get(d.body, "attestations")), 0);
	attest_root_free(root);
	drive_close(&d);
}

static void many_digests_are_asked_at_once(void **state)
{
	struct drive d;

	(void)state;
	drive_open(&d, "first-rollout");
	assert_int_equal(drive_send(&d, "POST", "/orgs/easyenclave/attestations/bulk-list?per_page=2",
				    "{\"subject_digests\":[\"" VALUES "\",\"" NOBODY "\",\"" IMAGES "\"]}"),
			 200);
	assert_int_equal(json_size(json_get(d.body, "attestations_subject_digests")), 2);
	assert_int_equal(json_size(json_get(d.body, "attestations_subject_digests." VALUES)), 1);
	assert_int_equal(json_size(json_get(d.body, "attestations_subject_digests." NOBODY)), 0);
	assert_true(json_bool(d.body, "page_info.has_next", false));
	assert_int_equal(drive_send(&d, "POST", "/orgs/easyenclave/attestations/bulk-list?per_page=2&after=2",
				    "{\"subject_digests\":[\"" VALUES "\",\"" NOBODY "\",\"" IMAGES "\"]}"),
			 200);
	assert_int_equal(json_size(json_get(d.body, "attestations_subject_digests." IMAGES)), 1);
	assert_false(json_bool(d.body, "page_info.has_next", true));
	assert_int_equal(drive_send(&d, "POST", "/orgs/easyenclave/attestations/bulk-list",
				    "{\"subject_digests\":[]}"),
			 422);
	drive_close(&d);
}

/* ---- registry ------------------------------------------------------------------------------------------------------- */

/* Fetched by digest, and its bytes have it. */
static const char *hashed(struct drive *d, const char *image, const char *kind, const char *digest)
{
	assert_int_equal(drive_get(d, drive_path(d, "/v2/%s/%s/%s", image, kind, digest)), 200);
	assert_string_equal(sim_digest(&d->a, d->last.http.body, d->last.http.body_n), digest);
	return d->last.http.body;
}

static void verify_referrer(struct drive *d, const struct attest_root *root, const char *image,
			    const char *digest, const struct json *item)
{
	const char *manifest = arena_strdup(&d->a, json_str(item, "digest"));
	struct buf bundle = BUF_INIT(4 << 20);

	assert_string_equal(json_str(item, "artifactType"), "application/vnd.dev.sigstore.bundle.v0.3+json");
	(void)hashed(d, image, "manifests", manifest);
	assert_string_equal(json_str(d->body, "subject.digest"), digest);
	buf_str(&bundle,
		hashed(d, image, "blobs",
		       arena_strdup(&d->a, json_str(json_at(json_get(d->body, "layers"), 0), "digest"))));
	assert_int_equal(verify(d, root, &bundle, digest).broken, PROOF_OK);
	buf_done(&bundle);
}

static void verify_index(struct drive *d, const struct attest_root *root, const char *image,
			 const char *digest, size_t n)
{
	struct json *index = take(d->body);

	assert_int_equal(json_size(json_get(index, "manifests")), n);
	for (size_t i = 0; i < n; i++)
		verify_referrer(d, root, image, digest, json_at(json_get(index, "manifests"), i));
	json_free(index);
}

static void an_image_has_referrers(void **state)
{
	static const char target[] = "/v2/" SERVER "/referrers/" SUMMIT;
	struct drive d;
	struct attest_root *root = NULL;

	(void)state;
	open_with_root(&d, "first-rollout", &root);
	assert_int_equal(drive_get(&d, target), 200);
	assert_string_equal(http_header(&d.last.http, "content-type"),
			    "application/vnd.oci.image.index.v1+json");
	verify_index(&d, root, SERVER, SUMMIT, 2);
	assert_int_equal(drive_get(&d, "/v2/" SERVER "/referrers/" SUMMIT "?artifactType=text/plain"), 200);
	assert_int_equal(json_size(json_get(d.body, "manifests")), 0);
	assert_int_equal(drive_get(&d, "/v2/" SERVER "/referrers/" NOBODY), 200);
	assert_int_equal(json_size(json_get(d.body, "manifests")), 0);
	assert_int_equal(drive_get(&d, "/v2/nobody/here/referrers/" NOBODY), 404);
	assert_int_equal(drive_get(&d, "/v2/nobody/here/blobs/" NOBODY), 404);
	attest_root_free(root);
	drive_close(&d);
}

/* A registry without that API, and the platforms of an index have their own. */
static void an_older_registry_has_a_tag_instead(void **state)
{
	struct drive d;
	struct attest_root *root = NULL;
	const char *digests[2];

	(void)state;
	open_with_root(&d, "mcp-promote", &root);
	assert_int_equal(drive_get(&d, "/v2/luminosita/mcp/manifests/staging-latest"), 200);
	digests[0] = arena_strdup(&d.a, http_header(&d.last.http, "docker-content-digest"));
	digests[1] = arena_strdup(&d.a, json_str(json_at(json_get(d.body, "manifests"), 0), "digest"));
	for (size_t i = 0; i < countof(digests); i++) {
		assert_int_equal(drive_get(&d, drive_path(&d, "/v2/luminosita/mcp/referrers/%s", digests[i])),
				 404);
		assert_int_equal(drive_get(&d, drive_path(&d, "/v2/luminosita/mcp/manifests/sha256-%s",
							  digests[i] + 7)),
				 200);
		verify_index(&d, root, "luminosita/mcp", digests[i], 2);
	}
	attest_root_free(root);
	drive_close(&d);
}

static void cosign_has_tags_of_its_own(void **state)
{
	struct drive d;
	const struct json *layer;
	struct json *payload = NULL;
	struct err e = ERR_INIT;
	const char *text;

	(void)state;
	drive_open(&d, "first-rollout");
	assert_int_equal(drive_get(&d, "/v2/" HELLO "/manifests/sha256-" HELLO4 ".sig"), 200);
	layer = json_at(json_get(d.body, "layers"), 0);
	assert_string_equal(json_str(layer, "mediaType"), "application/vnd.dev.cosign.simplesigning.v1+json");
	assert_true(json_size(json_get(layer, "annotations")) >= 4);
	text = hashed(&d, HELLO, "blobs", arena_strdup(&d.a, json_str(layer, "digest")));
	assert_int_equal(json_parse(&payload, text, strlen(text), 1 << 16, &e), 0);
	assert_string_equal(json_str(payload, "critical.image.docker-manifest-digest"), "sha256:" HELLO4);
	json_free(payload);
	assert_int_equal(drive_get(&d, "/v2/" HELLO "/manifests/sha256-" HELLO4 ".att"), 404);
	assert_int_equal(drive_get(&d, "/v2/" HELLO "/manifests/sha256-" HELLO4), 404);
	drive_close(&d);
}

/* ---- drills --------------------------------------------------------------------------------------------------------- */

static void a_replaced_asset_is_not_attested(void **state)
{
	struct drive d;
	const char *digest;

	(void)state;
	drive_open(&d, "changed-asset");
	drive_pass(&d, 11 * 60 * 1000);
	assert_int_equal(drive_get(&d, EASY "/releases/tags/v0.9.4"), 200);
	digest = arena_strdup(&d.a, json_str(json_at(json_get(d.body, "assets"), 0), "digest"));
	assert_string_not_equal(digest, VALUES);
	assert_int_equal(drive_get(&d, drive_path(&d, EASY "/attestations/%s", digest)), 404);
	drive_close(&d);
}

static void a_scenario_spoils_what_it_names(void **state)
{
	struct drive d;
	struct attest_root *root = NULL;
	struct attest_facts f;
	struct buf bundle;

	(void)state;
	drive_open(&d, "proof-missing");
	assert_int_equal(drive_get(&d, EASY "/attestations/" VALUES), 404);
	assert_int_equal(drive_get(&d, EASY "/attestations/" IMAGES), 200);
	drive_close(&d);
	open_with_root(&d, "proof-forged", &root);
	assert_int_equal(drive_get(&d, EASY "/attestations/" VALUES), 200);
	bundle = fetch(&d, url_at(&d, 0));
	f = verify(&d, root, &bundle, VALUES);
	assert_int_equal(f.broken, PROOF_OK);
	assert_string_equal(f.id.oid[ATTEST_OID_REPO], "https://github.com/easyencIave/easyenclave");
	buf_done(&bundle);
	attest_root_free(root);
	drive_close(&d);
	drive_open(&d, "proof-log-outage");
	assert_int_equal(drive_get(&d, EASY "/attestations/" VALUES), 200);
	d.token = NULL;
	assert_int_equal(drive_get(&d, strstr(url_at(&d, 0), "/_bundles/")), 503);
	drive_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_release_asset_has_provenance),
		cmocka_unit_test(what_nobody_attested_is_not_found),
		cmocka_unit_test(the_storage_takes_no_token),
		cmocka_unit_test(lists_have_pages_and_filters),
		cmocka_unit_test(many_digests_are_asked_at_once),
		cmocka_unit_test(an_image_has_referrers),
		cmocka_unit_test(an_older_registry_has_a_tag_instead),
		cmocka_unit_test(cosign_has_tags_of_its_own),
		cmocka_unit_test(a_replaced_asset_is_not_attested),
		cmocka_unit_test(a_scenario_spoils_what_it_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
