/*
 * registry.c - our registry adapter against a registry that we did not write: registry ADDRESS CREDENTIAL-FILE.
 *
 * Two images of two platforms are made by hand and pushed; then a tag is read, moved and moved back, by digest. Prints a
 * line for each thing that holds; the first that does not ends it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "core/adapters/digest/digest.h"
#include "core/adapters/http/http.h"
#include "core/adapters/registry/registry.h"
#include "core/engine/cosign.h"

#define IMAGE    "captain/app"
#define MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define INDEX    "application/vnd.oci.image.index.v1+json"
#define BUNDLE   "application/vnd.dev.sigstore.bundle.v0.3+json"
#define SIGNED   "application/vnd.dev.cosign.simplesigning.v1+json"

enum { MANY = 130 };

struct text {
	char s[2048], digest[80];
};

struct told {
	bool done, ok;
	struct err err;
	int status;
	char location[1024];
	struct text text;
	char type[96], children[512];
	size_t tags_n;
	bool cut, has_live, fallback;
	size_t referrers_n;
	char referrer[80];
};

static struct clock the_clock;
static struct loop *loop;
static struct http *http;
static struct registry *reg;

static void demand(bool holds, const char *what, const struct told *t)
{
	if (holds) {
		printf("ok: %s\n", what);
		return;
	}
	printf("FAILED: %s (%s, status %d, %s %s %s)\n", what, t ? t->err.message : "", t ? t->status : 0,
	       t ? t->text.digest : "", t ? t->type : "", t ? t->children : "");
	exit(1);
}

static void digest_text(struct text *t)
{
	memcpy(t->digest, "sha256:", 7);
	digest_sha256(t->s, strlen(t->s), t->digest + 7);
}

static void wait_for(const struct told *t)
{
	while (!t->done)
		if (loop_step(loop, -1) < 0)
			exit(1);
}

/* ---- blobs: nothing that the product does, so by hand ------------------------------------------------------------------- */

static void on_http(void *ctx, const struct http_answer *h, const struct err *err)
{
	struct told *t = ctx;
	const char *location = h ? http_header(h, "location") : NULL;
	const char *path =
		location && strstr(location, "://") ? strchr(strstr(location, "://") + 3, '/') : location;

	t->done = true;
	if (err)
		t->err = *err;
	t->status = h ? h->status : 0;
	snprintf(t->location, sizeof(t->location), "%s", path ? path : "");
}

static void send_by_hand(struct told *t, const struct http_request *rq)
{
	*t = (struct told){ 0 };
	if (http_send(http, rq, on_http, t, &t->err) < 0)
		demand(false, rq->target, t);
	wait_for(t);
}

static void push_blob(const struct text *blob)
{
	struct told t;
	char target[1200];

	send_by_hand(&t, &(struct http_request){ .method = "POST",
						 .target = "/v2/" IMAGE "/blobs/uploads/",
						 .authorization = "Basic YW5hOndvcmQ=" });
	demand(t.status == 202, "an upload begins", &t);
	snprintf(target, sizeof(target), "%s%cdigest=%s", t.location, strchr(t.location, '?') ? '&' : '?',
		 blob->digest);
	send_by_hand(&t, &(struct http_request){ .method = "PUT",
						 .target = target,
						 .content_type = "application/octet-stream",
						 .authorization = "Basic YW5hOndvcmQ=",
						 .body = blob->s });
	demand(t.status == 201, "a blob is there", &t);
}

/* ---- what the product does -------------------------------------------------------------------------------------------- */

static void on_read(void *ctx, const struct registry_answer *a, const struct err *err)
{
	struct told *t = ctx;
	size_t used = 0;

	t->done = true;
	t->ok = a != NULL;
	if (err)
		t->err = *err;
	if (!a)
		return;
	t->tags_n = a->tags_n;
	t->cut = a->cut;
	t->fallback = a->fallback;
	t->referrers_n = a->referrers_n;
	if (a->referrers_n)
		snprintf(t->referrer, sizeof(t->referrer), "%s", a->referrers[0].digest);
	for (size_t i = 0; i < a->tags_n; i++)
		t->has_live |= !strcmp(a->tags[i], "live");
	if (!a->digest)
		return;
	snprintf(t->text.s, sizeof(t->text.s), "%.*s", (int)a->bytes_n, a->bytes);
	snprintf(t->text.digest, sizeof(t->text.digest), "%s", a->digest);
	snprintf(t->type, sizeof(t->type), "%s", a->type ? a->type : "");
	for (size_t i = 0; i < a->children_n; i++)
		used += (size_t)snprintf(t->children + used, sizeof(t->children) - used, "%s=%s ",
					 a->children[i].platform, a->children[i].digest);
}

static void on_act(void *ctx, int status, const struct err *err)
{
	struct told *t = ctx;

	t->done = true;
	t->ok = !err;
	t->status = status;
	if (err)
		t->err = *err;
}

static void read_it(struct told *t, struct registry *r, const struct registry_read *q)
{
	*t = (struct told){ 0 };
	if (r->ops->read(r, q, on_read, t, &t->err) < 0)
		t->done = true;
	wait_for(t);
}

static void manifest_of(struct told *t, const char *ref)
{
	read_it(t, reg, &(struct registry_read){ REGISTRY_MANIFEST, IMAGE, ref, NULL });
}

static void put(struct told *t, const char *tag, const struct text *m, const char *type)
{
	const struct registry_act act = { .image = IMAGE,
					  .tag = tag,
					  .digest = m->digest,
					  .type = type,
					  .bytes = m->s,
					  .bytes_n = strlen(m->s) };

	*t = (struct told){ 0 };
	if (reg->ops->act(reg, &act, on_act, t, &t->err) < 0)
		t->done = true;
	wait_for(t);
}

/* ---- images ----------------------------------------------------------------------------------------------------------- */

static void make_image(struct text *out, const char *cpu, int release)
{
	struct text config, layer;
	struct told t;
	char tag[64];

	snprintf(config.s, sizeof(config.s), "{\"os\":\"linux\",\"architecture\":\"%s\",\"r\":%d}", cpu,
		 release);
	snprintf(layer.s, sizeof(layer.s), "layer of %s, release %d", cpu, release);
	digest_text(&config);
	digest_text(&layer);
	push_blob(&config);
	push_blob(&layer);
	snprintf(out->s, sizeof(out->s),
		 "{\"schemaVersion\":2,\"mediaType\":\"" MANIFEST "\",\"config\":{\"mediaType\":"
		 "\"application/vnd.oci.image.config.v1+json\",\"digest\":\"%s\",\"size\":%zu},\"layers\":[{"
		 "\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"%s\",\"size\":%zu}]}",
		 config.digest, strlen(config.s), layer.digest, strlen(layer.s));
	digest_text(out);
	snprintf(tag, sizeof(tag), "build-%d-%s", release, cpu);
	put(&t, tag, out, MANIFEST);
	demand(t.ok && t.status == 201, "an image of one platform is there", &t);
}

static void make_index(struct text *out, const struct text *amd64, const struct text *arm64)
{
	snprintf(out->s, sizeof(out->s),
		 "{\"schemaVersion\":2,\"mediaType\":\"" INDEX "\",\"manifests\":[{\"mediaType\":\"" MANIFEST
		 "\",\"digest\":\"%s\",\"size\":%zu,\"platform\":{\"os\":\"linux\",\"architecture\":"
		 "\"amd64\"}},{"
		 "\"mediaType\":\"" MANIFEST
		 "\",\"digest\":\"%s\",\"size\":%zu,\"platform\":{\"os\":\"linux\","
		 "\"architecture\":\"arm64\",\"variant\":\"v8\"}}]}",
		 amd64->digest, strlen(amd64->s), arm64->digest, strlen(arm64->s));
	digest_text(out);
}

static void make_release(struct text *index, struct text *amd64, struct text *arm64, int release)
{
	make_image(amd64, "amd64", release);
	make_image(arm64, "arm64", release);
	make_index(index, amd64, arm64);
}

/* ---- evidence beside an image ------------------------------------------------------------------------------------------- */

/* A manifest with one layer; with a subject unless NULL. */
static void make_evidence(struct text *out, const char *type, const struct text *layer, const char *notes,
			  const char *subject)
{
	struct text config = { .s = "{}" };

	digest_text(&config);
	push_blob(&config);
	push_blob(layer);
	snprintf(out->s, sizeof(out->s),
		 "{\"schemaVersion\":2,\"mediaType\":\"" MANIFEST "\",\"artifactType\":\"%s\",\"config\":{"
		 "\"mediaType\":\"application/"
		 "vnd.oci.empty.v1+json\",\"digest\":\"%s\",\"size\":2},\"layers\":[{"
		 "\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%zu%s}]%s%s%s}",
		 type, config.digest, type, layer->digest, strlen(layer->s), notes,
		 subject ? ",\"subject\":{\"mediaType\":\"" INDEX "\",\"size\":9,\"digest\":\"" : "",
		 subject ? subject : "", subject ? "\"}" : "");
	digest_text(out);
}

/* What a signer does with a registry that has no referrers API: an index under a tag made of the digest. */
static void push_referrer(const struct text *index, const struct text *bundle, struct text *manifest)
{
	struct text list;
	struct told t;
	char tag[80];

	make_evidence(manifest, BUNDLE, bundle, "", index->digest);
	put(&t, "evidence", manifest, MANIFEST);
	demand(t.ok, "a manifest with a subject is there", &t);
	snprintf(list.s, sizeof(list.s),
		 "{\"schemaVersion\":2,\"mediaType\":\"" INDEX "\",\"manifests\":[{\"mediaType\":\"" MANIFEST
		 "\",\"artifactType\":\"" BUNDLE "\",\"digest\":\"%s\",\"size\":%zu}]}",
		 manifest->digest, strlen(manifest->s));
	digest_text(&list);
	snprintf(tag, sizeof(tag), "sha256-%s", index->digest + strlen("sha256:"));
	put(&t, tag, &list, INDEX);
	demand(t.ok, "a list of referrers is under its tag", &t);
}

static void check_referrer(const struct text *index)
{
	struct text bundle = { .s = "{\"mediaType\":\"" BUNDLE "\"}" }, manifest;
	struct oci_manifest m;
	struct arena a = ARENA_INIT;
	struct told t;

	digest_text(&bundle);
	push_referrer(index, &bundle, &manifest);
	read_it(&t, reg, &(struct registry_read){ REGISTRY_REFERRERS, IMAGE, index->digest, NULL });
	demand(t.ok && t.referrers_n == 1 && !strcmp(t.referrer, manifest.digest), "it has one referrer", &t);
	printf("ok: found by %s\n", t.fallback ? "the fallback tag" : "the referrers API");
	manifest_of(&t, manifest.digest);
	demand(t.ok && oci_manifest_read(&m, t.text.s, strlen(t.text.s), &a, NULL) == 0 &&
		       !strcmp(m.subject, index->digest) && oci_is_bundle(m.artifact) && m.layers.n == 1,
	       "it is about the image, and a bundle", &t);
	read_it(&t, reg, &(struct registry_read){ REGISTRY_BLOB, IMAGE, m.layers.items[0].digest, NULL });
	demand(t.ok && !strcmp(t.text.s, bundle.s), "the bundle is what was pushed", &t);
	read_it(&t, reg, &(struct registry_read){ REGISTRY_REFERRERS, IMAGE, manifest.digest, NULL });
	demand(t.ok && !t.referrers_n, "what nobody refers to has no referrers", &t);
	read_it(&t, reg, &(struct registry_read){ REGISTRY_BLOB, IMAGE, index->digest, NULL });
	demand(!t.ok && t.err.kind == ERR_MISSING, "a blob that is not there is missing", &t);
	arena_done(&a);
}

static void check_signature(const struct text *index)
{
	struct text payload, manifest;
	struct oci_manifest m;
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct told t;
	const char *bundle;
	char tag[80];

	snprintf(payload.s, sizeof(payload.s),
		 "{\"critical\":{\"image\":{\"docker-manifest-digest\":\"%s\"},\"type\":\"cosign container "
		 "image signature\"}}",
		 index->digest);
	digest_text(&payload);
	make_evidence(&manifest, SIGNED, &payload,
		      ",\"annotations\":{\"dev.cosignproject.cosign/signature\":\"AAEC\"}", NULL);
	snprintf(tag, sizeof(tag), "sha256-%s.sig", index->digest + strlen("sha256:"));
	put(&t, tag, &manifest, MANIFEST);
	demand(t.ok, "a signature is under its tag", &t);
	manifest_of(&t, tag);
	demand(t.ok && oci_manifest_read(&m, t.text.s, strlen(t.text.s), &a, NULL) == 0 && m.layers.n == 1,
	       "it is read", &t);
	read_it(&t, reg, &(struct registry_read){ REGISTRY_BLOB, IMAGE, m.layers.items[0].digest, NULL });
	demand(t.ok && cosign_payload_check(t.text.s, strlen(t.text.s), index->digest, &e) == 0 &&
		       cosign_signature(&bundle, &m.layers.items[0], &a, &e) == 0 && strstr(bundle, "AAEC"),
	       "it is made into a bundle", &t);
	arena_done(&a);
}

/* ---- the story -------------------------------------------------------------------------------------------------------- */

static void check_tag(const char *tag, const struct text *index, const char *what)
{
	struct told t;

	manifest_of(&t, tag);
	demand(t.ok && !strcmp(t.text.digest, index->digest) && !strcmp(t.text.s, index->s), what, &t);
}

static void check_children(const struct text *amd64, const struct text *arm64)
{
	char want[512];
	struct told t;

	manifest_of(&t, "live");
	snprintf(want, sizeof(want), "linux/amd64=%s linux/arm64=%s ", amd64->digest, arm64->digest);
	demand(t.ok && !strcmp(t.children, want) && !strcmp(t.type, INDEX), "an index has its platforms", &t);
	manifest_of(&t, amd64->digest);
	demand(t.ok && !*t.children && !strcmp(t.type, MANIFEST), "a child is an image", &t);
}

static void check_refusals(const struct text *index)
{
	struct text other = *index, alone;
	struct told t;

	other.digest[10] = other.digest[10] == '0' ? '1' : '0';
	put(&t, "live", &other, INDEX);
	demand(!t.ok && t.err.kind == ERR_INVALID && !t.status,
	       "a wrong digest is refused before anything is sent", &t);
	manifest_of(&t, other.digest);
	demand(!t.ok && t.err.kind == ERR_MISSING, "what is not there is missing", &t);
	read_it(&t, reg, &(struct registry_read){ REGISTRY_TAGS, "captain/none", NULL, NULL });
	demand(!t.ok && t.err.kind == ERR_MISSING, "an image that is not there is missing", &t);
	make_index(&alone, &other, &other);
	put(&t, "live", &alone, INDEX);
	demand(!t.ok && t.err.kind == ERR_CONFLICT, "an index of images that are not there is refused", &t);
	check_tag("live", index, "nothing moved");
}

static void check_tags(const struct text *index)
{
	struct told t;
	char tag[32];

	for (int i = 0; i < MANY; i++) {
		snprintf(tag, sizeof(tag), "staging-%03d", i);
		put(&t, tag, index, INDEX);
		if (!t.ok)
			demand(false, "many tags", &t);
	}
	read_it(&t, reg, &(struct registry_read){ REGISTRY_TAGS, IMAGE, NULL, NULL });
	/* and four builds, live, v1, v2 */
	demand(t.ok && t.tags_n == MANY + 7 && !t.cut && t.has_live, "all tags are listed", &t);
}

static void check_stranger(void)
{
	struct registry *stranger;
	struct told t;

	if (registry_open(&stranger, http, &the_clock, NULL, &t.err) < 0)
		exit(1);
	read_it(&t, stranger, &(struct registry_read){ REGISTRY_TAGS, IMAGE, NULL, NULL });
	demand(!t.ok && t.err.kind == ERR_AUTH, "without a credential nothing is read", &t);
	stranger->ops->free(stranger);
}

static void story(void)
{
	struct text one, two, amd64, arm64, other_amd64, other_arm64;
	struct told t, seen;

	check_stranger();
	make_release(&one, &amd64, &arm64, 1);
	make_release(&two, &other_amd64, &other_arm64, 2);
	put(&t, "v1", &one, INDEX);
	demand(t.ok, "release 1 has its tag", &t);
	put(&t, "v2", &two, INDEX);
	demand(t.ok, "release 2 has its tag", &t);
	put(&t, "live", &one, INDEX);
	check_tag("live", &one, "live is release 1");
	check_children(&amd64, &arm64);
	manifest_of(&seen, "v2");
	put(&t, "live", &seen.text, seen.type);
	check_tag("live", &two, "live moved to release 2");
	manifest_of(&seen, one.digest);
	put(&t, "live", &seen.text, seen.type);
	check_tag("live", &one, "live is back, by digest");
	check_tag("v2", &two, "the other tag stayed");
	check_refusals(&one);
	check_tags(&one);
	check_referrer(&one);
	check_signature(&one);
}

int main(int argc, char **argv)
{
	struct http_options o = { .base = argc > 1 ? argv[1] : NULL, .bare = true };
	struct secret credential = SECRET_INIT;
	struct err e = ERR_INIT;

	setvbuf(stdout, NULL, _IOLBF, 0);
	clock_real(&the_clock);
	loop = loop_new(&the_clock);
	if (argc != 3 || secret_read_file(&credential, argv[2], &e) < 0 ||
	    http_open(&http, loop, &o, &e) < 0 ||
	    registry_open(&reg, http, &the_clock, &credential, &e) < 0) {
		printf("FAILED: %s\n", argc == 3 ? e.message : "registry ADDRESS CREDENTIAL-FILE");
		return 1;
	}
	story();
	reg->ops->free(reg);
	http_free(http);
	loop_free(loop);
	secret_done(&credential);
	return 0;
}
