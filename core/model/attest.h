/*
 * attest.h - what a Sigstore bundle was found to say, once its cryptography has been run. Facts, no opinion.
 *
 * A member is filled only by a check that passed: a certificate's identity only after its chain, an entry's time only
 * after the log's signature. What was not authenticated is not here, so a rule cannot lean on it by mistake. Texts are raw
 * (foreign), whole, and live in the arena of whoever asked. `checks` says how each came to be; a fact without its check
 * does not exist.
 */
#pragma once

#include "core/model/proof.h"

enum attest_san { ATTEST_SAN_NONE, ATTEST_SAN_URI, ATTEST_SAN_EMAIL, ATTEST_SAN_OTHER };
extern const struct names attest_san_names; /* none uri email other */

/* Extensions of Fulcio's certificates, 1.3.6.1.4.1.57264.1.N; NULL: not in it (fulcio docs/oid-info.md). */
enum {
	ATTEST_OID_ISSUER = 8,
	ATTEST_OID_SIGNER = 9,
	ATTEST_OID_SIGNER_SHA = 10,
	ATTEST_OID_RUNNER = 11,
	ATTEST_OID_REPO = 12,
	ATTEST_OID_COMMIT = 13,
	ATTEST_OID_REF = 14,
	ATTEST_OID_REPO_ID = 15,
	ATTEST_OID_OWNER = 16,
	ATTEST_OID_OWNER_ID = 17,
	ATTEST_OID_CONFIG = 18,
	ATTEST_OID_CONFIG_SHA = 19,
	ATTEST_OID_TRIGGER = 20,
	ATTEST_OID_RUN = 21,
	ATTEST_OID_VISIBILITY = 22,
	ATTEST_OID_ENVIRONMENT = 23,
	ATTEST_OID_SUB = 24,
	ATTEST_OIDS = 25
};

struct attest_identity {
	const char *san;              /* the subject's alternative name */
	int san_kind;                 /* enum attest_san */
	const char *issuer;           /* .8, or .1 of older certificates */
	const char *oid[ATTEST_OIDS]; /* by the last arc */
	struct when not_before, not_after;
	const char *serial; /* hex */
};

/* Who attests when. */
struct attest_time {
	const char *authority; /* the TSA's or the log's name in the trusted root */
	bool log;              /* a log's promise (SET), else an RFC 3161 token */
	struct when at;
};
struct attest_entry {
	const char *log; /* its name in the trusted root */
	int64_t index;
	const char *kind; /* hashedrekord 0.0.1 */
	struct when at;   /* not known: the log tells none */
};
struct attest_subject {
	const char *name, *algorithm, *hex;
};

struct attest_statement {
	const char *type;      /* _type */
	const char *predicate; /* predicateType */
	const struct attest_subject *subjects;
	size_t subjects_n;
	/* SLSA provenance, 0.2 and 1; NULL: does not say. */
	const char *build_type, *builder, *repo, *ref, *path, *commit, *invocation;
	/* SPDX, CycloneDX */
	const char *sbom; /* "SPDX 2.3", "CycloneDX 1.5", or NULL */
	int64_t sbom_components;
	/* GitHub's release attestation: the tag, and its commit as the subject of algorithm sha1. */
	const char *release_tag, *release_repo, *release_repo_id;
};

struct attest_facts {
	const char *bundle_sha, *root_sha; /* SHA-256, hex */
	const char *media_type;
	bool message;          /* a signature over the artifact itself; else an envelope with a statement */
	bool managed;          /* by a key the caller named; then there is no identity */
	const char *algorithm; /* of the signature: ecdsa-p256-sha256 */
	struct attest_identity id;
	const char *authority; /* the CA's name in the trusted root */
	const struct attest_time *times;
	size_t times_n;
	int64_t scts; /* distinct logs */
	const struct attest_entry *entries;
	size_t entries_n;
	struct attest_statement statement;     /* of an envelope */
	const char *digest_algorithm, *digest; /* of a message: what was signed, hex */
	/* The artifact that was asked about, by the digest that was given; of bytes, by SHA-256 and each algorithm that the
	 * evidence names artifacts by. Not of the evidence: nothing of it is proved. */
	const struct attest_subject *artifacts;
	size_t artifacts_n;
	struct proof_checks checks;
	enum proof_reason broken; /* the first failure of cryptography; PROOF_OK none. */
};
