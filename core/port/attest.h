/*
 * attest.h - port: verifies evidence about software, from bytes alone. No network, no store, no clock: adapters/attest
 * does it with OpenSSL.
 *
 * A bundle is untrusted in every byte, and so is where it came from. A trusted root is a file that somebody decided to
 * believe; it is parsed once and then shared by any number of verifications, also by other threads (it never changes).
 * Verification runs every check that the bundle allows and tells each by name; what policy demands of the facts (whose
 * identity, which repository, must there be a log) is decided by core/rules/proof.h, afterwards and without cryptography.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "core/model/attest.h"

#define ATTEST_BUNDLE_MAX ((size_t)4 << 20) /* cosign's limit (GHSA-88jx-383q-w4qc) */
#define ATTEST_ROOT_MAX   ((size_t)1 << 20)

struct attest_root;
/* trusted_root.json of version 0.1 or 0.2, or one line of `gh attestation trusted-root`. ERR_CORRUPT with where. */
int attest_root_parse(struct attest_root **out, const void *json, size_t n, struct err *e) must_check;
void attest_root_free(struct attest_root *r);             /* NULL: nothing */
const char *attest_root_sha(const struct attest_root *r); /* SHA-256 of its bytes, hex; lives as it does */
/* The last instant at which any of its certificate authorities may sign; not known: one has no end. */
struct when attest_root_until(const struct attest_root *r);
/* The first signer of the newest generation began; the root is at least that new. */
struct when attest_root_since(const struct attest_root *r);

struct attest_question {
	const void *bundle;
	size_t bundle_n;
	const struct attest_root *root; /* may be NULL only with key */
	const char *key;                /* PEM of a managed public key, or NULL */
	/* The artifact: its bytes, or its digest, or neither (then only an envelope can be verified). */
	const void *artifact;
	size_t artifact_n;
	const char *digest_algorithm, *digest; /* "sha256", hex in lower case */
};
/* Fills *out always as far as checks went; out->broken says whether cryptography holds. Errors are ours alone: no memory,
 * no such digest algorithm (ERR_INVALID). Thread-safe. */
int attest_verify(struct attest_facts *out, const struct attest_question *q, struct arena *a,
		  struct err *e) must_check;

/* NULL: the OpenSSL that runs has the fix of CVE-2026-45447 (a use after free in PKCS7_verify, which is not used here) and of
 * what was released with it, by its own version and date; otherwise one clause in words, for people. */
const char *attest_openssl_floor(void);

/* The same as values, for whoever may not name the adapter. All of them. */
struct attest_ops {
	int (*root_parse)(struct attest_root **out, const void *json, size_t n, struct err *e);
	void (*root_free)(struct attest_root *r);
	const char *(*root_sha)(const struct attest_root *r);
	struct when (*root_until)(const struct attest_root *r);
	struct when (*root_since)(const struct attest_root *r);
	int (*verify)(struct attest_facts *out, const struct attest_question *q, struct arena *a,
		      struct err *e);
	const char *(*openssl_floor)(void);
};
#define ATTEST_OPS                                                                                          \
	{                                                                                                   \
		attest_root_parse, attest_root_free, attest_root_sha, attest_root_until, attest_root_since, \
			attest_verify, attest_openssl_floor                                                 \
	}
