/*
 * attestations.c - evidence of the forge and of registries, read by looks. What was fetched once and cannot change, because it
 * is named by its digest or by its place in the forge's storage, is remembered and not fetched each round.
 */
#include "core/engine/attestations.h"

#include "base/text.h"
#include "core/engine/cosign.h"

#include <string.h>

static const char *const place_words[] = { "forge", "referrer", "sig", "att" };
const struct names attestation_place_names = NAMES(place_words);

/* ---- what is found ------------------------------------------------------------------------------------------------------ */

static void note_unread(struct attestations *out, const struct err *err)
{
	if (!out->err.kind)
		out->err = *err;
}

static void note_damage(struct attestations *out, const char *where, const char *why, struct arena *a)
{
	if (!out->damaged++)
		out->first_damage = arena_printf(a, "%s: %s", where, why);
}

/* Bytes that are not what they are called are damage of that one thing; everything else means that it was not read. */
static void note_failure(struct attestations *out, const char *where, const struct err *err, struct arena *a)
{
	if (err->kind == ERR_CORRUPT)
		note_damage(out, where, err->message, a);
	else
		note_unread(out, err);
}

static bool is_full(struct attestations *out)
{
	bool full = out->found.n >= ATTESTATIONS_MAX || out->bytes >= ATTESTATIONS_BYTES ||
		    (out->look && *out->look >= ATTESTATIONS_LOOK);

	out->cut |= full;
	return full;
}

static void add_found(struct attestations *out, const struct attestation *x, struct arena *a)
{
	if (is_full(out))
		return;
	out->bytes += x->bundle_n + x->payload_n;
	if (out->look)
		*out->look += x->bundle_n + x->payload_n;
	*vec_push(&out->found, a) = *x;
}

/* ---- the forge ---------------------------------------------------------------------------------------------------------- */

/* One bundle on its way. */
struct fetched {
	struct attestations *out;
	struct attestation it;
	const char *memo;
};

static void add_bundle(struct look *k, struct fetched *f, const char *text, size_t n)
{
	if (is_full(f->out))
		return;
	f->it.bundle = arena_strndup(&k->arena, text, n);
	f->it.bundle_n = n;
	if (strlen(f->it.bundle) != n)
		note_damage(f->out, f->it.where, "it has a NUL in it", &k->arena);
	else
		add_found(f->out, &f->it, &k->arena);
}

static void take_bundle(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct fetched *f = ctx;
	size_t n = a && a->number > 0 ? (size_t)a->number : 0;

	if (err) {
		note_failure(f->out, f->it.where, err, &k->arena);
		return;
	}
	add_bundle(k, f, a->text, n);
	survey_remember(k->s, f->memo, a->text, n);
}

/* Storage signs its addresses anew each time; what lies at the place does not change. */
static const char *memo_of_url(struct look *k, const char *url)
{
	return arena_printf(&k->arena, "bundle %.*s", (int)strcspn(url, "?"), url);
}

static void fetch_bundle(struct look *k, struct attestations *out, const struct attestation_ref *ref,
			 const char *digest)
{
	struct fetched *f = arena_new(&k->arena, struct fetched);
	const char *known;

	f->out = out;
	f->it = (struct attestation){
		.place = ATTESTATION_FORGE,
		.where = arena_strdup(&k->arena, *ref->url ? ref->url : "the forge's list"),
		.digest = digest,
		.repository_id = ref->repository_id,
		.initiator = arena_strdup(&k->arena, ref->initiator),
	};
	if (*ref->bundle) {
		add_bundle(k, f, ref->bundle, strlen(ref->bundle));
		return;
	}
	f->memo = memo_of_url(k, f->it.where);
	known = survey_recall(k->s, f->memo);
	if (known)
		add_bundle(k, f, known, strlen(known));
	else
		look_read(k, &(struct forge_read){ .kind = FORGE_ATTESTATION_BUNDLE, .name = f->it.where },
			  take_bundle, f);
}

static void take_list(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct attestations *out = ctx;
	const struct attestation_ref *refs = a ? a->items : NULL;

	if (err) {
		note_unread(out, err);
		return;
	}
	out->cut |= a->cut || a->n > ATTESTATIONS_MAX;
	for (size_t i = 0; i < a->n && i < ATTESTATIONS_MAX; i++)
		fetch_bundle(k, out, &refs[i], out->digest);
}

void attestations_of_digest(struct look *k, const char *repo, const char *digest, struct attestations *out)
{
	*out = (struct attestations){ .digest = arena_strdup(&k->arena, digest), .look = &k->evidence };
	look_read(k, &(struct forge_read){ .kind = FORGE_ATTESTATIONS, .repo = repo, .name = out->digest },
		  take_list, out);
}

/* ---- a registry ----------------------------------------------------------------------------------------------------------- */

/* One digest of an image, or one manifest or layer that is about it. */
struct beside {
	struct attestations *out;
	const char *image, *digest;
	const char *platform; /* of the first reading: which one is wanted too */
	enum attestation_place place;
	const char *where, *memo;
	struct oci_layer layer;
};

static struct beside *beside_new(struct look *k, const struct beside *of, enum attestation_place place,
				 const char *where)
{
	struct beside *b = arena_new(&k->arena, struct beside);

	*b = *of;
	b->place = place;
	b->where = where;
	return b;
}

/* The layer's bytes have its digest: the registry's reading has seen to that. */
static void add_layer(struct look *k, struct beside *b, const char *bytes, size_t n)
{
	struct attestation it = {
		.place = b->place, .where = b->where, .digest = b->digest, .initiator = ""
	};
	struct err e = ERR_INIT;
	int r = 0;

	if (is_full(b->out))
		return;
	if (b->layer.kind == OCI_LAYER_SIGNATURE) {
		r = cosign_payload_check(bytes, n, b->digest, &e);
		if (r >= 0)
			r = cosign_signature(&it.bundle, &b->layer, &k->arena, &e);
		it.payload = arena_copy(&k->arena, bytes, n);
		it.payload_n = n;
	} else if (b->layer.kind == OCI_LAYER_ENVELOPE) {
		r = cosign_envelope(&it.bundle, &b->layer, bytes, n, &k->arena, &e);
	} else {
		it.bundle = arena_strndup(&k->arena, bytes, n);
	}
	if (r >= 0 && memchr(bytes, 0, n))
		r = err_set(&e, ERR_CORRUPT, "it has a NUL in it");
	if (r < 0) {
		note_damage(b->out, b->where, e.message, &k->arena);
		return;
	}
	it.bundle_n = strlen(it.bundle);
	add_found(b->out, &it, &k->arena);
}

static void take_layer(struct look *k, void *ctx, const struct registry_answer *a, const struct err *err)
{
	struct beside *b = ctx;

	if (err) {
		note_failure(b->out, b->where, err, &k->arena);
		return;
	}
	add_layer(k, b, a->bytes, a->bytes_n);
	if (!memchr(a->bytes, 0, a->bytes_n))
		survey_remember(k->s, b->memo, a->bytes, a->bytes_n);
}

static void read_layer(struct look *k, const struct beside *of, const struct oci_layer *l)
{
	struct beside *b = beside_new(k, of, of->place, of->where);
	const char *known;

	if (l->size > (int64_t)OCI_MANIFEST_MAX) {
		note_damage(of->out, of->where, "a layer is larger than any evidence", &k->arena);
		return;
	}
	b->layer = *l;
	b->memo = arena_printf(&k->arena, "blob %s", l->digest);
	known = survey_recall(k->s, b->memo);
	if (known)
		add_layer(k, b, known, strlen(known));
	else
		look_registry(
			k,
			&(struct registry_read){ .kind = REGISTRY_BLOB, .image = b->image, .ref = l->digest },
			take_layer, b);
}

/* A manifest of the new form has a subject, which must be what it was found for, and one layer. */
static const char *why_no_referrer(const struct oci_manifest *m, const struct beside *b)
{
	if (!text_eq(m->subject, b->digest))
		return "its subject is another image";
	if (m->layers.n != 1 || m->layers.items[0].kind != OCI_LAYER_BUNDLE)
		return "it is not one bundle";
	return NULL;
}

static bool is_of(enum attestation_place place, enum oci_layer_kind kind)
{
	return kind == OCI_LAYER_BUNDLE || (place == ATTESTATION_SIG && kind == OCI_LAYER_SIGNATURE) ||
	       (place == ATTESTATION_ATT && kind == OCI_LAYER_ENVELOPE);
}

static void read_manifest(struct look *k, struct beside *b, const char *bytes, size_t n)
{
	struct oci_manifest m;
	struct err e = ERR_INIT;
	const char *why = NULL;

	if (oci_manifest_read(&m, bytes, n, &k->arena, &e) < 0)
		why = e.message;
	else if (b->place == ATTESTATION_REFERRER && oci_is_bundle(m.artifact))
		why = why_no_referrer(&m, b);
	else if (b->place == ATTESTATION_REFERRER)
		return; /* its type was not told in the list, and is another */
	if (why) {
		note_damage(b->out, b->where, why, &k->arena);
		return;
	}
	vec_each (l, &m.layers)
		if (!is_of(b->place, l->kind))
			note_damage(b->out, b->where, "a layer is no evidence", &k->arena);
		else
			read_layer(k, b, l);
}

static void take_manifest(struct look *k, void *ctx, const struct registry_answer *a, const struct err *err)
{
	struct beside *b = ctx;

	if (!err)
		read_manifest(k, b, a->bytes, a->bytes_n);
	else if (err->kind != ERR_MISSING || b->place == ATTESTATION_REFERRER)
		note_failure(b->out, b->where, err, &k->arena);
}

static void ask_manifest(struct look *k, const struct beside *of, enum attestation_place place,
			 const char *ref)
{
	struct beside *b =
		beside_new(k, of, place,
			   arena_printf(&k->arena, "%s%c%s", of->image, strchr(ref, ':') ? '@' : ':', ref));

	look_registry(k,
		      &(struct registry_read){ .kind = REGISTRY_MANIFEST,
					       .image = b->image,
					       .ref = arena_strdup(&k->arena, ref) },
		      take_manifest, b);
}

static void take_referrers(struct look *k, void *ctx, const struct registry_answer *a, const struct err *err)
{
	struct beside *b = ctx;
	size_t taken = 0;

	if (err) {
		note_unread(b->out, err); /* damaged or not: what it lists is not known */
		return;
	}
	b->out->fallback |= a->fallback;
	b->out->cut |= a->cut;
	for (size_t i = 0; i < a->referrers_n; i++) {
		const struct registry_referrer *x = &a->referrers[i];

		if (*x->type && !oci_is_bundle(x->type))
			continue;
		if (taken++ < ATTESTATIONS_MAX)
			ask_manifest(k, b, ATTESTATION_REFERRER, x->digest);
		else
			b->out->cut = true;
	}
}

/* Everything that is kept beside this digest. */
static void look_beside(struct look *k, const struct beside *of, const char *digest)
{
	struct beside *b =
		beside_new(k, of, ATTESTATION_REFERRER, arena_printf(&k->arena, "%s@%s", of->image, digest));
	const char *hex = digest + strlen("sha256:");

	b->digest = digest;
	look_registry(k,
		      &(struct registry_read){ .kind = REGISTRY_REFERRERS, .image = b->image, .ref = digest },
		      take_referrers, b);
	ask_manifest(k, b, ATTESTATION_SIG, arena_printf(&k->arena, "sha256-%s.sig", hex));
	ask_manifest(k, b, ATTESTATION_ATT, arena_printf(&k->arena, "sha256-%s.att", hex));
}

static void look_at_child(struct look *k, struct beside *b, const struct registry_answer *a)
{
	struct err e = ERR_INIT;

	for (size_t i = 0; i < a->children_n; i++)
		if (text_eq(a->children[i].platform, b->platform)) {
			b->out->platform = arena_strdup(&k->arena, a->children[i].digest);
			look_beside(k, b, b->out->platform);
			return;
		}
	err_set(&e, ERR_MISSING, "%s has no image for %s", b->where, b->platform);
	note_unread(b->out, &e);
}

static void take_root(struct look *k, void *ctx, const struct registry_answer *a, const struct err *err)
{
	struct beside *b = ctx;

	if (err) {
		note_unread(b->out, err);
		return;
	}
	b->out->digest = arena_strdup(&k->arena, a->digest);
	look_beside(k, b, b->out->digest);
	if (b->platform && a->children)
		look_at_child(k, b, a);
}

void attestations_of_image(struct look *k, const char *image, const char *ref, const char *platform,
			   struct attestations *out)
{
	bool by_digest = text_starts(ref, "sha256:");
	struct beside *b = arena_new(&k->arena, struct beside);

	*out = (struct attestations){ .look = &k->evidence };
	*b = (struct beside){ .out = out,
			      .image = arena_strdup(&k->arena, image),
			      .platform = arena_strdup(&k->arena, platform),
			      .where = arena_printf(&k->arena, "%s%c%s", image, by_digest ? '@' : ':', ref) };
	if (by_digest && !platform && strlen(ref) == 71) {
		out->digest = arena_strdup(&k->arena, ref);
		look_beside(k, b, out->digest);
		return;
	}
	look_registry(k,
		      &(struct registry_read){ .kind = REGISTRY_MANIFEST,
					       .image = b->image,
					       .ref = arena_strdup(&k->arena, ref) },
		      take_root, b);
}
