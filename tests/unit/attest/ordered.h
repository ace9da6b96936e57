/*
 * ordered.h - bundles of the project's own making: every form that there is, and in each every fault that it can have. The
 * authority says what a verifier should say; here a verifier says it, under a policy that demands what the order says without
 * its fault.
 */
#pragma once

#include "base/text.h"
#include "core/adapters/authority/authority.h"
#include "core/adapters/attest/internal.h"
#include "core/rules/proof.h"

#include <string.h>

#define ORDERED_HEX "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" /* of "test" */
#define ORDERED_AT  INT64_C(1795244889000)                                             /* 2026-11-21 */

struct ordered {
	struct arena a;
	struct authority *x;
	struct attest_root *root;
	const char *key;
	struct attest_identity workflow, releases;
	struct attest_subject subjects[2];
};

/* Forms: who, what, version of the bundle, generation of the log, a timestamp beside it. */
struct ordered_form {
	enum authority_instance instance;
	enum authority_predicate predicate;
	int version, log;
	bool stamp;
};
static const struct ordered_form ordered_forms[] = {
	{ AUTHORITY_PUBLIC, AUTHORITY_MESSAGE, 3, 1, false },
	{ AUTHORITY_PUBLIC, AUTHORITY_MESSAGE, 3, 2, false },
	{ AUTHORITY_PUBLIC, AUTHORITY_MESSAGE, 2, 1, false },
	{ AUTHORITY_PUBLIC, AUTHORITY_MESSAGE, 1, 1, false },
	{ AUTHORITY_PUBLIC, AUTHORITY_PROVENANCE, 3, 1, false },
	{ AUTHORITY_PUBLIC, AUTHORITY_PROVENANCE, 3, 1, true },
	{ AUTHORITY_PUBLIC, AUTHORITY_PROVENANCE, 3, 2, false },
	{ AUTHORITY_PUBLIC, AUTHORITY_PROVENANCE, 2, 1, false },
	{ AUTHORITY_PUBLIC, AUTHORITY_PROVENANCE, 1, 1, false },
	{ AUTHORITY_PUBLIC, AUTHORITY_SPDX, 3, 1, false },
	{ AUTHORITY_PUBLIC, AUTHORITY_CYCLONEDX, 3, 2, false },
	{ AUTHORITY_GITHUB, AUTHORITY_PROVENANCE, 3, 1, true },
	{ AUTHORITY_GITHUB, AUTHORITY_RELEASE, 3, 1, true },
	{ AUTHORITY_KEY, AUTHORITY_MESSAGE, 3, 1, false },
	{ AUTHORITY_KEY, AUTHORITY_PROVENANCE, 3, 2, false },
};

/* NULL, or what went wrong. */
static inline const char *ordered_begin(struct ordered *o)
{
	const struct authority_workflow flow = { .repo = "easyenclave/easyenclave",
						 .path = ".github/workflows/release-trust-bundle.yml",
						 .ref = "refs/tags/v0.9.4",
						 .commit = "5e1f0c0ffee0c0ffee0c0ffee0c0ffee0c0ffee0",
						 .event = "release",
						 .environment = "release",
						 .repo_id = 1000,
						 .owner_id = 77,
						 .run = 4242 };
	struct err e = ERR_INIT;
	const char *root;

	*o = (struct ordered){ .subjects = { { .name = "a.json", .algorithm = "sha256", .hex = ORDERED_HEX },
					     { .name = "b.json",
					       .algorithm = "sha256",
					       .hex = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f"
						      "558c11c752" } } };
	o->x = authority_new("test", (struct when){ INT64_C(1735689600000) });
	authority_identity(&o->workflow, &flow, &o->a);
	authority_releases(&o->releases);
	root = authority_trusted_root(o->x, &o->a);
	o->key = authority_key(o->x, &o->a);
	if (attest_root_parse(&o->root, root, strlen(root), &e) < 0)
		return arena_strdup(&o->a, e.message);
	return NULL;
}

static inline void ordered_end(struct ordered *o)
{
	attest_root_free(o->root);
	authority_free(o->x);
	arena_done(&o->a);
}

static inline struct authority_order ordered_make(const struct ordered *o, const struct ordered_form *f)
{
	return (struct authority_order){
		.instance = f->instance,
		.predicate = f->predicate,
		.version = f->version,
		.log = f->log,
		.stamp = f->stamp,
		.at = { ORDERED_AT },
		.id = f->predicate == AUTHORITY_RELEASE ? o->releases : o->workflow,
		.digest = ORDERED_HEX,
		.subjects = o->subjects,
		.subjects_n = 2,
		.tag = "v0.9.4",
		.repo = "easyenclave/easyenclave",
		.repo_id = "1000",
		.owner_id = "77",
		.commit = "5e1f0c0ffee0c0ffee0c0ffee0c0ffee0c0ffee0",
	};
}

static inline struct proof_policy ordered_policy(const struct authority_order *o)
{
	const struct attest_identity *id = &o->id;
	struct proof_policy p = { .strict = true };

	p.kind = o->instance == AUTHORITY_KEY        ? PROOF_KEY
		 : o->predicate == AUTHORITY_RELEASE ? PROOF_RELEASE
		 : o->instance == AUTHORITY_GITHUB   ? PROOF_GITHUB
						     : PROOF_PUBLIC;
	p.predicate = authority_predicate_uri(o->predicate);
	if (o->predicate == AUTHORITY_RELEASE) {
		p.release_tag = o->tag;
		p.any_identity = true; /* the statement says whose; test_proof.c of the rules asks */
	}
	if (p.kind == PROOF_KEY || p.kind == PROOF_RELEASE)
		return p;
	p.identity = id->san;
	p.issuer = id->issuer;
	p.signer = id->oid[ATTEST_OID_SIGNER];
	p.repo = id->oid[ATTEST_OID_REPO];
	p.repo_id = id->oid[ATTEST_OID_REPO_ID];
	p.commit = id->oid[ATTEST_OID_COMMIT];
	p.ref = id->oid[ATTEST_OID_REF];
	p.runner = id->oid[ATTEST_OID_RUNNER];
	p.trigger = id->oid[ATTEST_OID_TRIGGER];
	p.environment = id->oid[ATTEST_OID_ENVIRONMENT];
	return p;
}

/* A fault that the form can have and its policy asks about: a release's certificate says who and nothing else, and a managed
 * key needs no time to be judged at. */
static inline bool ordered_fits(const struct authority_order *o, enum authority_fault fault)
{
	static const enum authority_fault of_workflows[] = {
		AUTHORITY_FAULT_san_ref, AUTHORITY_FAULT_issuer,      AUTHORITY_FAULT_repo,
		AUTHORITY_FAULT_repo_id, AUTHORITY_FAULT_ref,         AUTHORITY_FAULT_runner,
		AUTHORITY_FAULT_builder, AUTHORITY_FAULT_environment,
	};

	for (size_t i = 0; o->predicate == AUTHORITY_RELEASE && i < countof(of_workflows); i++)
		if (of_workflows[i] == fault)
			return false;
	if (o->instance == AUTHORITY_KEY &&
	    (fault == AUTHORITY_FAULT_set_none || fault == AUTHORITY_FAULT_time_none))
		return false;
	/* writers of version 0.1 put the root at the end of a chain, and are borne */
	if (o->version == 1 && fault == AUTHORITY_FAULT_chain_root)
		return false;
	return authority_fits(o, fault);
}

struct ordered_outcome {
	enum proof_status status;
	enum proof_reason reason;
	const char *detail;
	struct attest_facts facts;
	struct proof_checks checks;
};

/* NULL: it was judged. */
static inline const char *ordered_judge(struct ordered_outcome *out, const struct ordered *o,
					const struct authority_order *order, struct arena *a)
{
	struct proof_policy p = ordered_policy(order);
	struct proof_subject s = { "sha256", ORDERED_HEX };
	struct attest_question q = { .root = o->root,
				     .key = order->instance == AUTHORITY_KEY ? o->key : NULL,
				     .digest_algorithm = "sha256",
				     .digest = ORDERED_HEX };
	const char *bundle;
	struct err e = ERR_INIT;

	if (authority_sign(o->x, order, a, &bundle, &q.bundle_n, &e) != 0)
		return arena_strdup(a, e.message);
	q.bundle = bundle;
	if (attest_verify(&out->facts, &q, a, &e) < 0)
		return arena_strdup(a, e.message);
	out->status = proof_judge(&out->facts, &s, &p, &out->checks, &out->reason, &out->detail, a);
	return NULL;
}
