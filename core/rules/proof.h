/*
 * proof.h - is what was verified what was wanted? Facts and a policy go in, a status with its reason comes out. Pure.
 *
 * The policy binds; the cryptography before it only says who, what and when. Most published verifiers that were wrong were
 * wrong here: they checked X and did not bind it to Y, or computed a result and did not use it (attestation reference,
 * section 6). So each binding is a check of its own, with what was expected and what was found; a verdict exists only when
 * every mandatory check has run, and the first failure in order is its reason. Comparisons are of whole texts, byte by
 * byte; a ref pattern has fixed parts and one {tag}, and is anchored at both ends.
 */
#pragma once

#include "core/model/attest.h"

/* How a signer's instance works decides what evidence must be there. Policy chooses, never what the bundle lacks. */
enum proof_kind {
	PROOF_PUBLIC,  /* the public good instance: a log entry, an SCT, a time */
	PROOF_GITHUB,  /* GitHub's own for private repositories: a TSA's time; no log, no SCT */
	PROOF_RELEASE, /* GitHub's release attestation */
	PROOF_KEY,     /* a managed key */
};
extern const struct names proof_kind_names; /* public github release key */

/* NULL: not compared, and the check says so. */
struct proof_policy {
	int kind; /* enum proof_kind */
	bool strict;
	bool any_identity; /* identity and issuer are left out on purpose, and that is told */
	const char *identity, *issuer;
	/* repo: an address. Of a release attestation repo and repo_id are held against its statement: the forge signs everybody's
	 * releases by one name. */
	const char *signer, *repo, *repo_id, *ref, *runner, *trigger, *environment, *commit;
	const char *predicate;
	const char *release_tag; /* of a release attestation */
	/* What provenance says is not held against the certificate. Left out: a contradiction is PROV_MISMATCH wherever the
	 * policy wants provenance, or binds the repository, the ref, the commit or the workflow. */
	bool any_provenance;
	struct when now, root_read; /* for the root's age; root_read not known: never applied */
	msec root_max_age;          /* 0 no limit */
	struct when root_until;
};

struct proof_subject {
	const char *algorithm, *digest; /* sha256, hex */
};
/* Of the digests of the artifact that was asked about that by which the evidence names it: the message's algorithm, or the first by
 * which a subject of the statement is found; else the first, which then is not found. Empty: nothing was asked about. */
struct proof_subject proof_subject_of(const struct attest_facts *f);

/*
 * *checks: the facts' own and those of the policy (S8 to S10, and the counts of S4 and S5), in the order of the steps. The
 * worst status counts, and of those the first check's reason; *detail is one line, raw. UNCHECKED: nothing failed, and a
 * mandatory check was not run. Of a managed key a log entry is mandatory where a root was given to look it up in.
 * Nobody named is nobody checked: without identity, issuer and signer (of a release also without repository) the policy must say
 * any_identity.
 */
enum proof_status proof_judge(const struct attest_facts *f, const struct proof_subject *subject,
			      const struct proof_policy *p, struct proof_checks *checks,
			      enum proof_reason *reason, const char **detail, struct arena *a);

/* What rows that were written some time ago are worth now. */
struct proof_terms_now {
	bool strict;
	msec max_age;
	struct when now;
};
/* A row that was good, as it counts now: out of date when nobody could look again for long, or when it is not known for how long
 * (a look that is yet to come was dated by a wrong clock); and what the other policy let through is not let through by this one. */
enum proof_status proof_now(const struct proof *row, const struct proof_terms_now *t);
/* Something was found of the subject with that digest, and all of it holds. */
bool proof_stands(const struct proofs *rows, const char *subject, const char *digest,
		  const struct proof_terms_now *t);

/* Of several bundles over one digest the best one counts; none at all is missing, never verified (CVE-2025-25204). */
enum proof_status proof_none(const struct proof_policy *p, enum proof_reason *reason);
