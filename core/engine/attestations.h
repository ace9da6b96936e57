/*
 * attestations.h - evidence about a digest from wherever it is kept, in one form that the verifier takes: a Sigstore bundle.
 *
 * Nobody here believes anything: a forge and a registry are transport, and what they gave is bytes with a place.
 * What is promised is where the bytes are from, that a registry's were hashed, and whether everything was read: `err` says
 * that some place was not (then finding none does not mean that there is none), `cut` that there is more than is read,
 * `damaged` that something lay there which is no evidence.
 *
 * Signatures as cosign keeps them beside an image (tags sha256-HEX.sig and .att) are no bundles; they are made into ones of
 * version 0.1 from the layer and its annotations (attestation reference 1.2). A .sig is a signature over a small document
 * that names the image: the bundle then is about `payload`, which is what the verifier gets as the artifact, and that the
 * payload names the digest has been checked. SBOMs under .sbom are not signed and not looked at.
 */
#pragma once

#include "core/engine/survey.h"

/* Of one digest, and of all that one look finds together; more is told as cut. A look hashes in the loop what it finds: that much
 * takes some tens of milliseconds. */
#define ATTESTATIONS_MAX   64
#define ATTESTATIONS_BYTES ((size_t)16 << 20)
#define ATTESTATIONS_LOOK  ((size_t)32 << 20)

enum attestation_place {
	ATTESTATION_FORGE,
	ATTESTATION_REFERRER, /* referrers API or its fallback tag */
	ATTESTATION_SIG,
	ATTESTATION_ATT,
};
extern const struct names attestation_place_names; /* forge referrer sig att */

struct attestation {
	enum attestation_place place;
	const char *where;  /* URL, image@digest, or image:tag; raw */
	const char *digest; /* "sha256:HEX" it was found for; of an image either the index or the platform */
	const char *bundle; /* JSON */
	size_t bundle_n;
	const char *payload; /* what a message signature is over, when that is not what has `digest`; NULL */
	size_t payload_n;
	char sha[DIGEST_HEX], payload_sha[DIGEST_HEX]; /* of both, once somebody needed them; "" */
	int64_t repository_id;                         /* as the forge says; 0 */
	const char *initiator;                         /* as the forge says; "" */
};

struct attestations {
	struct VEC_OF(struct attestation) found;
	const char *digest; /* of an image: of what ref names; NULL while it could not be read */
	const char *
		platform; /* of an image that is an index, and a platform was named: the digest of that; else NULL */
	struct err err;     /* the first place that could not be read; kind ERR_NONE: all were */
	bool cut, fallback; /* fallback: the registry has no referrers API, its tag was read */
	size_t damaged;
	const char *first_damage;
	size_t bytes; /* of all bundles */
	size_t *look; /* the same of the whole look; NULL: there is none */
};

/* Both fill *out, which lives in the look's arena, before the look's next step runs. digest: "sha256:HEX". */
void attestations_of_digest(struct look *k, const char *repo, const char *digest, struct attestations *out);
/* ref: a digest or a tag. platform ("linux/amd64") or NULL: of an index both digests are looked at, and each attestation
 * says which of them it is for. */
void attestations_of_image(struct look *k, const char *image, const char *ref, const char *platform,
			   struct attestations *out);
