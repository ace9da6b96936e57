/*
 * proofs.h - what is proved of the releases of a lane: survey_proof.c looks, proof_best.c judges what was found, and a plan
 * relies on it (proof_plan.c).
 *
 * A proof is a row (lane, release, subject, want). Its evidence is asked for again each round; what it says is remembered
 * (prover.h), and the policy is applied anew each time. A place that could not be read never makes a proof missing: the row
 * keeps what it was, with its age, until the age is past the policy's limit and it is stale.
 */
#pragma once

#include "core/engine/attestations.h"
#include "core/engine/prover.h"
#include "core/engine/survey.h"
#include "core/rules/proof.h"
#include "store/proofs.h"

/* One release of the lane whose subjects are looked at. */
struct proof_release {
	const char *tag;
	const char *sha; /* its commit, "" not known */
	const struct release *row;
	bool absent;
	const char *why; /* not NULL: it was not read */
};

/* A bundle and what it was found to say. */
struct proof_witness {
	const struct attestation *from;
	const char *root;        /* name of that by which it was verified; NULL: a key */
	char sha[DIGEST_HEX];    /* of the bundle */
	char digest[DIGEST_HEX]; /* of what it must be about */
	struct attest_facts facts;
	bool known; /* the facts are there */
	const char *why;
	struct when at;
	struct look *k;
};
struct proof_witnesses VEC_OF(struct proof_witness *);

/* A file or an image. */
struct proof_thing {
	const struct profile_subject *of;
	const struct proof_release *release;
	const char *name;
	const char *image;          /* repository in a registry; NULL: a file */
	char hex[DIGEST_HEX];       /* SHA-256; "" not known */
	const char *why;            /* not NULL: it could not be looked at */
	const char *absent;         /* not NULL: there is none, in words */
	const char *text;           /* of an asset that names images */
	struct attestations found;  /* by the forge */
	struct attestations beside; /* an image: in its registry */
	struct proof_witnesses witnesses;
};

/* ---- proof_terms.c ---- */
#define PROOF_KEY_MAX ((size_t)16 << 10) /* of a managed key's file */
/* The PEM that the terms name, in the arena; NULL: they name none, or it cannot be read, and then *why. Waits for nothing. */
const char *proof_key_read(const struct profile_proof *p, const char **why, struct arena *a);
/* What tells one policy from another: SHA-256 of its canonical JSON and of its key. */
const char *proof_policy_name(const struct profile_proof *p, const char *key, sha256_fn sha256,
			      struct arena *a);

/* ---- proof_best.c ---- */
/* The row of one want; of several bundles the best counts. Everything but lane, ordinal and required is set. */
void proof_best(struct proof_book *out, struct look *k, const struct proof_thing *x, enum proof_want want,
		const struct trusted *root);
/* The name of the instance whose root it is judged by; NULL: none, a key. */
const char *proof_root_name(const struct profile_proof *p, enum proof_want want);
/* How long a good verification counts, milliseconds. */
int64_t proof_max_age(const struct profile_proof *p);
