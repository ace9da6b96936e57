#include "core/adapters/sim/face.h"

#include "base/text.h"
#include "core/adapters/sim/proofs.h"
#include "core/adapters/sim/sha256.h"

#include <string.h>

/* Evidence in a registry, in each of the ways in which it is found: the API of referrers, an index under the tag
 * sha256-HEX where there is no such API, and cosign's older tags with .sig and .att behind (attestation reference, 1.2).
 * It is put there when somebody asks for it the first time. */

#define MANIFEST_TYPE "application/vnd.oci.image.manifest.v1+json"
#define INDEX_TYPE    "application/vnd.oci.image.index.v1+json"
#define BUNDLE_TYPE   "application/vnd.dev.sigstore.bundle.v0.3+json"
#define SIMPLE_TYPE   "application/vnd.dev.cosign.simplesigning.v1+json"
#define DSSE_TYPE     "application/vnd.dsse.envelope.v1+json"
#define EMPTY_DIGEST  "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" /* {} */

enum { MANIFEST_MAX = 4 << 20 };

/* ---- blobs --------------------------------------------------------------------------------------------------------- */

static const struct sim_manifest *blob_find(const struct sim_image *im, const char *digest)
{
	vec_each (it, &im->blobs) {
		if (strcmp(it->digest, digest) == 0)
			return it;
	}
	return NULL;
}

static const char *blob_add(struct world *w, struct sim_image *im, const char *type, const char *bytes)
{
	const char *digest = sim_digest(&w->arena, bytes, strlen(bytes));

	if (!blob_find(im, digest))
		*vec_push(&im->blobs, &w->arena) = (struct sim_manifest){
			.digest = digest, .type = type, .bytes = arena_strdup(&w->arena, bytes)
		};
	return digest;
}

/* ---- manifests ----------------------------------------------------------------------------------------------------- */

static void put_descriptor(struct jw *j, const char *type, const char *digest, size_t size)
{
	put_str(j, "mediaType", type);
	put_str(j, "digest", digest);
	jw_kint(j, "size", (int64_t)size);
}

static void manifest_begin(struct jw *j, const char *type, const char *artifact)
{
	jw_open(j, '{');
	jw_kint(j, "schemaVersion", 2);
	put_str(j, "mediaType", type);
	if (artifact)
		put_str(j, "artifactType", artifact);
}

static void put_config(struct jw *j, const char *type)
{
	jw_kopen(j, "config", '{');
	put_descriptor(j, type, EMPTY_DIGEST, 2);
	jw_close(j, '}');
}

static void put_subject(struct jw *j, const struct sim_image *im, const char *digest)
{
	const struct sim_manifest *m = sim_image_manifest(im, digest);

	jw_kopen(j, "subject", '{');
	put_descriptor(j, m ? m->type : INDEX_TYPE, digest, m ? strlen(m->bytes) : 0);
	jw_close(j, '}');
}

/* One manifest for a bundle, whose subject is the image. */
static const struct sim_manifest *bundle_add(struct world *w, struct sim_image *im, const struct sim_proof *p,
					     struct arena *a)
{
	struct buf text autofree(buf) = BUF_INIT(MANIFEST_MAX);
	const char *uri = authority_predicate_uri(p->predicate), *bundle;
	struct jw j;
	size_t n;

	bundle = sim_proof_bundle(w, p, &n, a);
	if (!bundle || strlen(bundle) != n)
		return NULL;
	jw_init(&j, &text);
	manifest_begin(&j, MANIFEST_TYPE, BUNDLE_TYPE);
	put_config(&j, "application/vnd.oci.empty.v1+json");
	jw_kopen(&j, "layers", '[');
	jw_open(&j, '{');
	put_descriptor(&j, BUNDLE_TYPE, blob_add(w, im, BUNDLE_TYPE, bundle), n);
	jw_close(&j, '}');
	jw_close(&j, ']');
	put_subject(&j, im, p->digest);
	jw_kopen(&j, "annotations", '{');
	put_str(&j, "dev.sigstore.bundle.content", uri ? "dsse-envelope" : "message-signature");
	if (uri)
		put_str(&j, "dev.sigstore.bundle.predicateType", uri);
	jw_close(&j, '}');
	jw_close(&j, '}');
	return sim_image_add(w, im, MANIFEST_TYPE, arena_strdup(&w->arena, text.s));
}

static const char *index_text(struct world *w, struct sim_image *im, const struct sim_proofs *all,
			      struct arena *a)
{
	struct buf text autofree(buf) = BUF_INIT(MANIFEST_MAX);
	struct jw j;

	jw_init(&j, &text);
	manifest_begin(&j, INDEX_TYPE, NULL);
	jw_kopen(&j, "manifests", '[');
	vec_each (p, all) {
		const struct sim_manifest *m = p->where == WHERE_COSIGN ? NULL : bundle_add(w, im, p, a);

		if (!m)
			continue;
		jw_open(&j, '{');
		put_descriptor(&j, MANIFEST_TYPE, m->digest, strlen(m->bytes));
		put_str(&j, "artifactType", BUNDLE_TYPE);
		jw_close(&j, '}');
	}
	jw_close(&j, ']');
	jw_close(&j, '}');
	return arena_strdup(a, text.s);
}

/* ---- cosign -------------------------------------------------------------------------------------------------------- */

static void put_note(struct jw *j, const char *key, const char *value)
{
	if (!value)
		return;
	jw_key(j, key);
	jw_raw_str(j, value);
}

static void put_cosign(struct jw *j, struct world *w, struct sim_image *im, const struct sim_proof *p,
		       struct arena *a)
{
	const char *uri = authority_predicate_uri(p->predicate), *type = uri ? DSSE_TYPE : SIMPLE_TYPE;
	struct authority_cosign c;

	if (!sim_proof_cosign(w, p, &c, a))
		return;
	jw_open(j, '{');
	put_descriptor(j, type, blob_add(w, im, type, c.payload), strlen(c.payload));
	jw_kopen(j, "annotations", '{');
	put_note(j, "dev.cosignproject.cosign/signature", uri ? "" : c.signature);
	put_note(j, "dev.sigstore.cosign/certificate", c.certificate);
	put_note(j, "dev.sigstore.cosign/chain", c.chain);
	put_note(j, "dev.sigstore.cosign/bundle", c.bundle);
	put_note(j, "predicateType", uri);
	jw_close(j, '}');
	jw_close(j, '}');
}

/* The manifest of signatures (attested false) or of attestations; NULL: there is none. */
static const char *cosign_text(struct world *w, struct sim_image *im, const struct sim_proofs *all,
			       bool attested, struct arena *a)
{
	struct buf text autofree(buf) = BUF_INIT(MANIFEST_MAX);
	struct jw j;
	size_t n = 0;

	jw_init(&j, &text);
	manifest_begin(&j, MANIFEST_TYPE, NULL);
	put_config(&j, "application/vnd.oci.image.config.v1+json");
	jw_kopen(&j, "layers", '[');
	vec_each (p, all) {
		if (p->where != WHERE_COSIGN || attested != (p->predicate != AUTHORITY_MESSAGE))
			continue;
		put_cosign(&j, w, im, p, a);
		n++;
	}
	jw_close(&j, ']');
	jw_close(&j, '}');
	return n ? arena_strdup(a, text.s) : NULL;
}

/* ---- asked --------------------------------------------------------------------------------------------------------- */

static bool has_fallback(const struct sim_proofs *all)
{
	vec_each (p, all) {
		if (p->where == WHERE_FALLBACK)
			return true;
	}
	return false;
}

/* sha256-HEX, with .sig or .att behind: puts the manifest there that it stands for. */
void sim_evidence_tag(struct world *w, const char *image, const char *tag, struct arena *a)
{
	const char *tail = strlen(tag) > 71 ? tag + 71 : "", *text = NULL;
	struct sim_proofs all = { 0 };
	struct sim_image *im;

	if (!text_starts(tag, "sha256-") || strlen(tag) < 71)
		return;
	sim_proofs_image(w, image, arena_printf(a, "sha256:%.64s", tag + 7), &all, a);
	if (!all.n)
		return;
	im = sim_image_find(w, image);
	if (sim_image_manifest(im, tag))
		return;
	if (strcmp(tail, ".sig") == 0 || strcmp(tail, ".att") == 0)
		text = cosign_text(w, im, &all, strcmp(tail, ".att") == 0, a);
	else if (!*tail && has_fallback(&all))
		text = index_text(w, im, &all, a);
	if (text)
		(void)sim_image_tag(w, im, tag,
				    sim_image_add(w, im, *tail ? MANIFEST_TYPE : INDEX_TYPE,
						  arena_strdup(&w->arena, text))
					    ->digest);
}

static struct sim_image *image_there(const struct world *w, const char *name)
{
	vec_each (it, &w->images) {
		if (strcmp((*it)->name, name) == 0)
			return *it;
	}
	return NULL;
}

static void refuse(struct call *c, const char *code)
{
	c->status = 404;
	jw_json(&c->j,
		arena_printf(c->a, "{\"errors\":[{\"code\":\"%s\",\"message\":\"not known to registry\"}]}",
			     code));
}

/* The list is kept among the blobs, under a name that no blob has: it is signed once. */
static const char *referrers_text(struct call *c, const char *image, const char *digest,
				  const struct sim_proofs *all)
{
	struct sim_image *im = sim_image_find(c->w, image);
	const char *key = arena_printf(c->a, "referrers of %s", digest);
	const struct sim_manifest *kept = blob_find(im, key);
	struct sim_manifest m = { .type = INDEX_TYPE };

	if (kept)
		return kept->bytes;
	m.digest = arena_strdup(&c->w->arena, key);
	m.bytes = arena_strdup(&c->w->arena, index_text(c->w, im, all, c->a)); /* adds blobs itself */
	*vec_push(&im->blobs, &c->w->arena) = m;
	return m.bytes;
}

void registry_referrers(struct call *c, const char *image, const char *digest)
{
	const char *type = call_query(c, "artifactType");
	struct sim_proofs all = { 0 };

	if (text_is_sha256(digest))
		sim_proofs_image(c->w, image, digest, &all, c->a);
	if (!text_is_sha256(digest) || has_fallback(&all) || (!all.n && !image_there(c->w, image))) {
		refuse(c, "NAME_UNKNOWN");
		return;
	}
	if (type && strcmp(type, BUNDLE_TYPE) != 0)
		all.n = 0;
	if (type)
		call_header(c, "oci-filters-applied", "artifactType");
	c->type = INDEX_TYPE;
	buf_str(&c->out, all.n ? referrers_text(c, image, digest, &all)
			       : "{\"schemaVersion\":2,\"mediaType\":\"" INDEX_TYPE "\",\"manifests\":[]}");
}

void registry_blob(struct call *c, const char *image, const char *digest)
{
	const struct sim_image *im = image_there(c->w, image);
	const struct sim_manifest *b = im && text_is_sha256(digest) ? blob_find(im, digest) : NULL;
	bool empty = im && strcmp(digest, EMPTY_DIGEST) == 0;

	if (!b && !empty) {
		refuse(c, "BLOB_UNKNOWN");
		return;
	}
	c->type = "application/octet-stream";
	call_header(c, "docker-content-digest", digest);
	buf_str(&c->out, b ? b->bytes : "{}");
}
