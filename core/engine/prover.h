/*
 * prover.h - evidence to facts, off the loop: each bundle is verified once on the worker thread (base/jobs.h), and what it
 * was found to say is remembered.
 *
 * Facts depend on the bundle, the trusted root, the artifact and the key, and on nothing else; so they are remembered by
 * those four, and neither a change of policy nor another round verifies anything again. The bytes are kept beside the
 * journal (store/evidence.h) in the same job: writing waits for a disk.
 */
#pragma once

#include "base/log.h"
#include "base/loop.h"
#include "core/engine/roots.h"
#include "store/evidence.h"

#define PROVER_FACTS 512 /* remembered; a release of a hundred artifacts in several lanes */

struct prover;

struct prover_options {
	struct loop *loop;
	const struct attest_ops *ops;
	const struct roots *roots; /* borrowed */
	sha256_fn sha256;
	const char *evidence_dir; /* or NULL: nothing is kept */
	const struct log *log;    /* or NULL */
};

/* One bundle to verify; bytes and texts are copied. */
struct prover_question {
	const char *root; /* name for roots_get(); NULL only with a key */
	const char *key;  /* PEM, or NULL */
	const void *bundle;
	size_t bundle_n;
	const char *bundle_sha; /* SHA-256 of the bundle, hex, which the loop is not to hash twice */
	const char *digest;     /* of the artifact, the same; of a payload when there is one */
	/* What a signature is over when that is not what has the digest (a payload that names it), or NULL. */
	const void *payload;
	size_t payload_n;
};
/* facts: NULL when there are none, with err saying why; they live until the callback returns: facts_copy(). at: when they
 * were found. */
typedef void (*prover_done)(void *ctx, const struct attest_facts *facts, struct when at,
			    const struct err *err);

struct prover *prover_new(const struct prover_options *o) must_check;
/* Whoever still waits is told that there are no facts. NULL: nothing. */
void prover_free(struct prover *p);
/* Answers once: at once when the facts are remembered or cannot be had, else from the loop. */
void prover_ask(struct prover *p, const struct prover_question *q, prover_done done, void *ctx);
/* Names of all that is remembered: bundles, payloads and roots. */
void prover_names(const struct prover *p, void (*fn)(void *ctx, const char *hex), void *ctx);
/* Its thread, for other work on evidence: one at a time, so that nothing is kept meanwhile. */
struct jobs *prover_jobs(struct prover *p);
const struct roots *prover_roots(const struct prover *p);

/* All of it, texts and lists too. */
void facts_copy(struct attest_facts *to, const struct attest_facts *from, struct arena *a);
