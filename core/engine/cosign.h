/*
 * cosign.h - what lies beside an image in a registry, read: manifests of evidence, and signatures in cosign's old form made
 * into Sigstore bundles of version 0.1. Pure: bytes in, bytes out; whoever calls has hashed them.
 *
 * The old form (attestation reference 1.2) keeps a signature over a small document, or an envelope, as a layer, and what
 * proves it in the layer's annotations: the certificate, the log's promise {SignedEntryTimestamp, Payload} and a timestamp.
 * There is no inclusion proof in it. What is put together here is no more believed than any other bundle; a part that is
 * missing is left out and the verifier says so. Only the leaf goes into the bundle: of a chain it uses nothing else, and
 * the rest is a stranger's hint.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

#define OCI_MANIFEST_MAX ((size_t)4 << 20)
#define OCI_LAYERS_MAX   128

enum oci_layer_kind {
	OCI_LAYER_OTHER,
	OCI_LAYER_BUNDLE,    /* a Sigstore bundle of any version */
	OCI_LAYER_SIGNATURE, /* cosign's document that names an image */
	OCI_LAYER_ENVELOPE,  /* DSSE */
};
struct oci_layer {
	enum oci_layer_kind kind;
	const char *digest; /* sha256:HEX */
	int64_t size;
	/* Annotations; NULL: not there. */
	const char *signature, *certificate, *log, *timestamp;
};
struct oci_manifest {
	const char *artifact; /* artifactType, else the type of its config; "" */
	const char *subject;  /* digest that it is about, or NULL */
	struct VEC_OF(struct oci_layer) layers;
};

/* The type is a bundle's: application/vnd.dev.sigstore.bundle... */
bool oci_is_bundle(const char *type);
/* ERR_CORRUPT: no manifest of one artifact. */
int oci_manifest_read(struct oci_manifest *out, const char *bytes, size_t n, struct arena *a,
		      struct err *e) must_check;

/* The document that a .sig signs: ERR_CORRUPT unless it is one, and is about that digest ("sha256:HEX"). */
int cosign_payload_check(const char *payload, size_t n, const char *digest, struct err *e) must_check;
/* A bundle with a message signature over the layer's bytes. */
int cosign_signature(const char **bundle, const struct oci_layer *l, struct arena *a,
		     struct err *e) must_check;
/* A bundle with that envelope. */
int cosign_envelope(const char **bundle, const struct oci_layer *l, const char *envelope, size_t n,
		    struct arena *a, struct err *e) must_check;
