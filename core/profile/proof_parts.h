/*
 * proof_parts.h - what must be proved of what a lane brings out: of which files and images, what, and by whom. Plain data,
 * as parts.h.
 *
 * Policy is whole: kind, identity and issuer are chosen here and never by what the evidence happens to have. Texts are
 * templates; what they expand to is compared byte by byte with what a certificate holds, never as a pattern.
 */
#pragma once

#include "base/names.h"
#include "base/vec.h"

enum proof_strictness { PROOFS_STRICT, PROOFS_RELAXED, PROOFS_NONE };
extern const struct names proof_strictness_names; /* strict relaxed */
extern const struct names proof_policy_names;     /* strict relaxed none: the system attests nothing */
/* The values of enum proof_kind (core/rules/proof.h). */
enum proof_signer { SIGNER_PUBLIC, SIGNER_GITHUB, SIGNER_RELEASE, SIGNER_KEY };
extern const struct names proof_signer_names; /* public github release key */

/* What may be wanted of a subject. RELEASE: the forge's own attestation of a release; SIGNATURE: over the bytes alone. */
enum proof_want { WANT_OTHER, WANT_PROVENANCE, WANT_SBOM, WANT_RELEASE, WANT_SIGNATURE };
extern const struct names proof_want_names; /* provenance sbom release signature */

struct profile_subject {
	const char *asset; /* a need of kind asset, by its name */
	const char *const
		*pointers; /* the images that the asset names, instead of the asset itself; NULL none */
	const char *probe; /* kind of a probe: the digests that its rows tell of */
	const char *const *wants;      /* words of proof_want_names */
	const char *predicate;         /* URI: this alone; NULL: any that is what is wanted */
	const char *identity, *signer; /* instead of the lane's; NULL: as there */
	bool informs;                  /* shown, counts nowhere and stops nothing */
};
struct profile_subjects VEC_OF(struct profile_subject);

#define PROOF_ISSUER        "https://token.actions.githubusercontent.com"
#define PROOF_AGE_STRICT_H  24       /* attestation reference, section 5: production */
#define PROOF_AGE_RELAXED_H (7 * 24) /* and staging */
#define PROOF_ROOT_AGE_D    180 /* GitHub's own root has a new authority about every seven months (section 0) */

struct profile_proof {
	int policy;         /* enum proof_strictness */
	const char *why;    /* NONE: in words; else NULL */
	int kind;           /* enum proof_signer */
	const char *issuer; /* of the signer's identity; NULL: PROOF_ISSUER */
	const char *identity;
	bool any_identity;
	const char *signer, *repo, *repo_id, *ref, *runner, *trigger, *environment, *commit; /* NULL: any */
	const char *key;        /* absolute path of a PEM: KEY */
	int64_t max_root_age_d; /* 0: PROOF_ROOT_AGE_D */
	int64_t max_age_h;      /* 0: PROOF_AGE_* of the policy */
	struct profile_subjects subjects;
};
