/*
 * proofs.h - what is attested in the simulated world. Private to this folder.
 *
 * An organisation's file says it by rules, and nothing is signed before somebody asks:
 *
 *	attestations:
 *	  - {asset: "trusted_values*", wants: [provenance], workflow: release-trust-bundle.yml}
 *
 * asset or image (globs; an image is one that was pushed, or one that an asset names by digest), wants (provenance spdx
 * cyclonedx release signature), workflow, event, ref (not given: the release's tag, or else the default branch),
 * environment, runner (self-hosted), kind (public github key), log (1 2), where (forge, or in the registry: referrers
 * fallback cosign). A scenario spoils some of it, by `changes: proof:`
 *
 *	  - {release: v0.9.4, name: "trusted_values*", wants: provenance, fault: NAME, absent: true, from: OWNER/NAME}
 *
 * release, name and wants choose, and what is not given is any; fault is one of core/adapters/authority/faults.def, absent
 * says that there is none, from names another repository whose workflow signed.
 */
#pragma once

#include "core/adapters/authority/authority.h"
#include "core/adapters/sim/moves.h"

enum sim_where { WHERE_FORGE, WHERE_REFERRERS, WHERE_FALLBACK, WHERE_COSIGN };

struct sim_proof {
	struct sim_repo *repo;
	const struct sim_release *release; /* NULL: an image that no release names */
	const struct yaml *rule;
	const char *name, *digest; /* of the asset or image; sha256:hex */
	enum authority_predicate predicate;
	enum authority_fault fault;
	const char *from; /* another repository that signed it, or NULL */
	int where;        /* enum sim_where */
	int64_t at;
};
struct sim_proofs VEC_OF(struct sim_proof);

int sim_proofs_check(const struct yaml *rules, struct err *e) must_check;
int sim_proofs_mark(struct world *w, struct sim_repo *r, const struct yaml *list, struct err *e) must_check;
/* What a repository's rules attest of a digest: at the forge, or in the registry. Always in the same order. */
void sim_proofs_forge(struct world *w, struct sim_repo *r, const char *digest, struct sim_proofs *out,
		      struct arena *a);
void sim_proofs_image(struct world *w, const char *image, const char *digest, struct sim_proofs *out,
		      struct arena *a);
/* The bundle; NULL: the world cannot make it, which is a mistake in its data. */
const char *sim_proof_bundle(struct world *w, const struct sim_proof *p, size_t *n, struct arena *a);
/* v2_proofs.c: a tag that stands for evidence is put there, when there is any. */
void sim_evidence_tag(struct world *w, const char *image, const char *tag, struct arena *a);
bool sim_proof_cosign(struct world *w, const struct sim_proof *p, struct authority_cosign *out,
		      struct arena *a);
