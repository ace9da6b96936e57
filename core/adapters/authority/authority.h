/*
 * authority.h - a signing authority for drills and tests: who issues certificates, keeps logs and stamps times, so that
 * evidence with real signatures can be made of nothing. Nobody believes it but who imports its trusted root.
 *
 * It stands for two instances. AUTHORITY_PUBLIC is as sigstore's public one: a root and an intermediate of P-384 that issue
 * leaves of ten minutes on P-256, a certificate log whose promise is in each leaf, a log of the first generation (promise,
 * proof of inclusion, checkpoint) and one of the second (Ed25519), and a timestamp authority. AUTHORITY_GITHUB is as
 * GitHub's own: other certificates, other timestamps (imprint by SHA-384), and no logs at all. AUTHORITY_KEY signs with a
 * managed key and is in the public instance's logs. Keys are derived from the seed and signatures are deterministic (k as
 * in RFC 6979's spirit, from key and message), so the same seed, times and orders give the same bytes. It asks no clock.
 *
 * A bundle is an order: who signs, when, over what, in which form, and at most one fault of faults.def. Faults are made
 * in the making, so that nothing but the one thing named is wrong. Everything is made for good at the time of the order;
 * an authority keeps no log of what it made and may be shared by threads.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "core/model/attest.h"

enum authority_instance { AUTHORITY_PUBLIC, AUTHORITY_GITHUB, AUTHORITY_KEY };

enum authority_fault {
	AUTHORITY_GOOD,
#define FAULT(name, needs, message, statement, meaning) AUTHORITY_FAULT_##name,
#include "core/adapters/authority/faults.def"
#undef FAULT
	AUTHORITY_FAULTS_
};
extern const struct names authority_fault_names; /* good digest algorithm no_subjects ... */

/* What an order must have for a fault to be possible. */
enum authority_needs {
	NEEDS_CERT = 1 << 0,       /* no managed key */
	NEEDS_SCT = 1 << 1,        /* the public instance's certificates */
	NEEDS_PUBLIC = 1 << 2,     /* the public instance, or a managed key */
	NEEDS_LOG = 1 << 3,        /* an entry of either generation */
	NEEDS_LOG1 = 1 << 4,       /* of the first, which alone tells the time */
	NEEDS_PROOF = 1 << 5,      /* a proof of inclusion: every entry but those of version 1 */
	NEEDS_TSA = 1 << 6,        /* a timestamp */
	NEEDS_TSA_ONLY = 1 << 9,   /* and no log that tells the time */
	NEEDS_CHAIN = 1 << 7,      /* a chain of certificates: versions 1 and 2 */
	NEEDS_PROVENANCE = 1 << 8, /* a statement of provenance */
};

enum authority_predicate {
	AUTHORITY_MESSAGE, /* no statement: a signature over the artifact itself */
	AUTHORITY_PROVENANCE,
	AUTHORITY_SPDX,
	AUTHORITY_CYCLONEDX,
	AUTHORITY_RELEASE,
};
extern const struct names authority_predicate_names; /* message provenance spdx cyclonedx release */

struct authority_order {
	enum authority_instance instance;
	enum authority_predicate predicate;
	int version; /* of the bundle: 1, 2 or 3 for 0.1, 0.2, 0.3; 0 is 3 */
	int log; /* generation of the transparency log, 1 or 2 (2 only with version 3); 0 is 1; GitHub's has none */
	bool stamp; /* a timestamp also where a log of the first generation would do */
	struct when at;
	/* Who signs: san (a URI), issuer and the extensions as a verifier should find them. NULL: not in the certificate.
	 * Not asked of a managed key. */
	struct attest_identity id;
	/* Of a message: the artifact, or its SHA-256. */
	const void *artifact;
	size_t artifact_n;
	const char *digest;
	/* Of a statement. One with algorithm NULL is sha256. */
	const struct attest_subject *subjects;
	size_t subjects_n;
	/* Of a release, beside its assets: numbers as texts. */
	const char *tag, *repo, *repo_id, *owner_id, *commit;
	enum authority_fault fault;
};

struct authority;
/* `since`: when its authorities began; they last ten years. Every `at` of an order must be within, from an hour after the
 * beginning on: only then are its timestamps believed. */
struct authority *authority_new(const char *seed, struct when since) must_check;
void authority_free(struct authority *x); /* NULL: nothing */
DEFINE_FREEP(struct authority *, authority, authority_free)

/* trusted_root.json with both instances. Also in it: a timestamp
 * authority whose window is over, whose tokens nobody should believe. */
const char *authority_trusted_root(const struct authority *x, struct arena *a) must_check;
/* The managed key, public half, PEM. */
const char *authority_key(const struct authority *x, struct arena *a) must_check;

/* The bundle, JSON. ERR_INVALID: the order contradicts itself, or has a fault that does not fit it. */
int authority_sign(const struct authority *x, const struct authority_order *o, struct arena *a,
		   const char **bundle, size_t *n, struct err *e) must_check;
bool authority_fits(const struct authority_order *o, enum authority_fault fault);
/* What a verifier should say: of cryptography, or else of a policy that demands what the order says without its fault. */
enum proof_reason authority_expects(const struct authority_order *o);
const char *authority_predicate_uri(enum authority_predicate p); /* NULL: a message */

/* The identity of a workflow of GitHub: what Fulcio would put into its certificate. */
struct authority_workflow {
	const char *repo, *path;    /* easyenclave/easyenclave, .github/workflows/release-trust-bundle.yml */
	const char *ref, *commit;   /* refs/tags/v0.9.4 */
	const char *event;          /* workflow_dispatch */
	const char *environment;    /* NULL none */
	int64_t repo_id, owner_id;  /* numeric */
	int64_t run, attempt;       /* numeric; attempt 0 is 1 */
	bool self_hosted, private_; /* private_: the repository's visibility */
};
void authority_identity(struct attest_identity *out, const struct authority_workflow *w, struct arena *a);
/* GitHub itself, of releases: SAN https://dotcom.releases.github.com and nothing else. */
void authority_releases(struct attest_identity *out);

/* cosign's older signature in a registry: the payload that was signed and the annotations of its layer.
 * `image`: ghcr.io/o/n, `digest`: sha256:hex. The order's artifact is not asked; it is the payload. Of a statement: its
 * envelope, with the signature in it. */
struct authority_cosign {
	const char *payload;
	const char *signature, *certificate, *chain,
		*bundle; /* values of dev.cosignproject.cosign/signature, dev.sigstore.cosign/... */
};
int authority_cosign(const struct authority *x, const struct authority_order *o, const char *image,
		     const char *digest, struct arena *a, struct authority_cosign *out,
		     struct err *e) must_check;
