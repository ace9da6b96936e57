#include "core/adapters/sim/moves.h"

#include "base/text.h"
#include "core/adapters/sim/sha256.h"

#include <string.h>

/* Images: what is pushed is an index over two platforms, all of it made of one key, so that it is always the same. */

#define MANIFEST_TYPE "application/vnd.oci.image.manifest.v1+json"
#define INDEX_TYPE    "application/vnd.oci.image.index.v1+json"
#define CONFIG_TYPE   "application/vnd.oci.image.config.v1+json"
#define LAYER_TYPE    "application/vnd.oci.image.layer.v1.tar+gzip"

struct sim_image *sim_image_find(struct world *w, const char *name)
{
	struct sim_image *im;

	vec_each (it, &w->images) {
		if (strcmp((*it)->name, name) == 0)
			return *it;
	}
	im = arena_new(&w->arena, struct sim_image);
	im->name = arena_strdup(&w->arena, name);
	*vec_push(&w->images, &w->arena) = im;
	return im;
}

static const char *blob(struct world *w, const char *what, const char *key, const char *platform)
{
	const char *text = arena_printf(&w->arena, "%s %s %s", what, key, platform);

	return sim_digest(&w->arena, text, strlen(text));
}

const struct sim_manifest *sim_image_add(struct world *w, struct sim_image *im, const char *type,
					 const char *bytes)
{
	struct sim_manifest m = { .digest = sim_digest(&w->arena, bytes, strlen(bytes)),
				  .type = type,
				  .bytes = bytes };

	vec_each (it, &im->manifests) {
		if (strcmp(it->digest, m.digest) == 0)
			return it;
	}
	*vec_push(&im->manifests, &w->arena) = m;
	return &im->manifests.items[im->manifests.n - 1];
}

static const struct sim_manifest *child(struct world *w, struct sim_image *im, const char *key,
					const char *platform)
{
	return sim_image_add(
		w, im, MANIFEST_TYPE,
		arena_printf(&w->arena,
			     "{\"schemaVersion\":2,\"mediaType\":\"" MANIFEST_TYPE
			     "\",\"config\":{\"mediaType\":\"" CONFIG_TYPE
			     "\",\"digest\":\"%s\",\"size\":1472},\"layers\":[{\"mediaType\":\"" LAYER_TYPE
			     "\",\"digest\":\"%s\",\"size\":31379476}]}",
			     blob(w, "config", key, platform), blob(w, "layer", key, platform)));
}

const char *sim_image_child(struct world *w, struct sim_image *im, const char *key, const char *platform)
{
	return child(w, im, key, platform)->digest;
}

static const char *descriptor(struct world *w, struct sim_image *im, const char *key, const char *platform)
{
	const struct sim_manifest *m = child(w, im, key, platform);

	return arena_printf(&w->arena,
			    "{\"mediaType\":\"" MANIFEST_TYPE "\",\"digest\":\"%s\",\"size\":%zu,"
			    "\"platform\":{\"architecture\":\"%s\",\"os\":\"linux\"}}",
			    m->digest, strlen(m->bytes), platform);
}

const char *sim_image_push(struct world *w, struct sim_image *im, const char *key)
{
	const char *amd64 = descriptor(w, im, key, "amd64"), *arm64 = descriptor(w, im, key, "arm64");

	return sim_image_add(w, im, INDEX_TYPE,
			     arena_printf(&w->arena,
					  "{\"schemaVersion\":2,\"mediaType\":\"" INDEX_TYPE
					  "\",\"manifests\":[%s,%s]}",
					  amd64, arm64))
		->digest;
}

bool sim_image_tag(struct world *w, struct sim_image *im, const char *tag, const char *digest)
{
	struct sim_tag *t = NULL;
	bool there = false;

	vec_each (it, &im->manifests)
		there = there || strcmp(it->digest, digest) == 0;
	vec_each (it, &im->tags) {
		if (strcmp(it->name, tag) == 0)
			t = it;
	}
	if (!there)
		return false;
	if (!t) {
		t = vec_push(&im->tags, &w->arena);
		t->name = arena_strdup(&w->arena, tag);
	}
	t->digest = arena_strdup(&w->arena, digest);
	return true;
}

/* A tag or a digest; NULL none. */
const struct sim_manifest *sim_image_manifest(const struct sim_image *im, const char *ref)
{
	vec_each (it, &im->tags) {
		if (strcmp(it->name, ref) == 0)
			ref = it->digest;
	}
	vec_each (it, &im->manifests) {
		if (strcmp(it->digest, ref) == 0)
			return it;
	}
	return NULL;
}

/* ---- commands of steps -------------------------------------------------------------------------------------------- */

static void tag_all(struct world *w, struct sim_image *im, const char *digest, const char *tags)
{
	while (*tags)
		(void)sim_image_tag(w, im, sim_word(&w->arena, &tags), digest);
}

const char *sim_do_push(struct world *w, const struct sim_doing *d, const char *arg)
{
	struct sim_image *im = sim_image_find(w, sim_word(&w->arena, &arg));
	const char *key = sim_word(&w->arena, &arg), *digest = sim_image_push(w, im, key);

	tag_all(w, im, digest, arg);
	sim_output(w, d->run, d->job->spec, "digest", digest);
	sim_output(w, d->run, d->job->spec, "amd64", sim_image_child(w, im, key, "amd64"));
	sim_output(w, d->run, d->job->spec, "arm64", sim_image_child(w, im, key, "arm64"));
	return NULL;
}

const char *sim_do_tag(struct world *w, const struct sim_doing *d, const char *arg)
{
	struct sim_image *im = sim_image_find(w, sim_word(&w->arena, &arg));
	const char *from = sim_word(&w->arena, &arg);
	const struct sim_manifest *m = sim_image_manifest(im, from);

	(void)d;
	if (!m)
		return arena_printf(&w->arena, "manifest unknown: %s", from);
	tag_all(w, im, m->digest, arg);
	return NULL;
}
