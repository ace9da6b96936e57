/*
 * proof.h - one check of what is released or running: words for its status and its reason, and its rows in the cache.
 *
 * A proof is about one subject (a release asset, an image, a machine) and one thing wanted of it. Facts are found by
 * cryptography and never change (core/model/attest.h); a policy turns them into a status (core/rules/proof.h), so that
 * strict or relaxed never verifies anything again. "Not looked at yet" is the value 0 of every enum here, and it is never
 * good: absence of proof is not proof.
 */
#pragma once

#include "base/rec.h"
#include "base/vec.h"
#include "core/model/model.h"

/* As they are stored; proof_worse() orders them. */
enum proof_status { PROOF_UNCHECKED, PROOF_VERIFIED, PROOF_WARN, PROOF_STALE, PROOF_MISSING, PROOF_FAILED };
extern const struct names proof_status_names; /* unchecked verified warn stale missing failed */
/* In all of these a number that is none of them is failed. */
/* The one that a lane shows: failed > missing > stale > warn > unchecked > verified (attestation reference, section 5). */
enum proof_status proof_worse(enum proof_status a, enum proof_status b);
/* What two that must both hold come to: the same, but no warning stands for what was not checked. */
enum proof_status proof_both(enum proof_status a, enum proof_status b);
/* As a four-valued check: verified and warn are ok, failed is bad, missing is missing, stale and unchecked are not checked. */
enum verdict proof_verdict(enum proof_status s);

enum proof_reason {
	PROOF_OK, /* nothing is wrong */
#define REASON(code, meaning, strict, relaxed) PROOF_##code,
#include "core/model/proof_reasons.def"
#undef REASON
	PROOF_REASONS_
};
extern const struct names proof_reason_names;          /* OK ATT_NONE ... */
const char *proof_reason_meaning(enum proof_reason r); /* one clause; "" of PROOF_OK */
/* What the reason comes to. A value that is no reason is failed. */
enum proof_status proof_reason_status(enum proof_reason r, bool strict);

/* One step of a verification, in the order in which they are run. */
enum check_result {
	CHECKED_NOT, /* it was not run: there is no verdict while a mandatory one is like that */
	CHECKED_PASS,
	CHECKED_FAIL,
	CHECKED_ABSENT, /* there was nothing to check, and nothing demanded it: no transparency log in a private one */
};
extern const struct names check_result_names; /* not-run pass fail absent */
/* Its row in the cache belongs to one proof: what policy binds (S8 to S10) differs from lane to lane over one bundle. */
struct proof_check {
	const char *lane;     /* with `proof` the row of struct proof; a verification knows neither */
	int64_t proof;        /* its ordinal */
	const char *evidence; /* SHA-256 of what was verified */
	int64_t ordinal;
	const char *id;   /* S0 .. S10, T0 .. T12, J1 .. J10 (tokens), with a part behind a dot: S5.proof */
	const char *name; /* two or three words */
	int result;       /* enum check_result */
	int reason;       /* enum proof_reason: of a failure */
	const char *expected, *found; /* raw, whole: never cut to a prefix */
};
extern const struct rec rec_proof_check;
struct proof_checks VEC_OF(struct proof_check);

/* One thing wanted of one subject. Rows of the cache. */
struct proof {
	const char *lane;
	int64_t ordinal;
	const char *release;
	const char *subject;  /* trusted_values.v0.9.4.json, ghcr.io/o/n@linux/amd64, a machine */
	const char *digest;   /* sha256:hex; "" not known */
	const char *check;    /* provenance, sbom, release, signature, quote, token: what was wanted */
	bool required;        /* counts into the lane */
	bool strict;          /* the policy it was judged by */
	int status;           /* enum proof_status */
	int reason;           /* enum proof_reason */
	const char *detail;   /* one line: the reason with its values */
	const char *source;   /* where the evidence came from */
	const char *evidence; /* SHA-256 of the bundle, quote or token, under which it is kept; "" none */
	const char *root;     /* SHA-256 of the trusted root; "" none */
	const char *builder;  /* who signed: the workflow's identity */
	const char *commit;   /* it was built from */
	struct when signed_at, logged_at, verified_at;
	struct when at; /* local time of the row */
	const char
		*policy; /* SHA-256 of the canonical policy it was judged by; "none": nothing is attested */
};
#define PROOF_POLICY_NONE "none"
extern const struct rec rec_proof;
struct proofs VEC_OF(struct proof);
