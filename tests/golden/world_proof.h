/*
 * world_proof.h - what is proved of the worlds of world.h: a production lane whose release is verified in full, one with
 * a failed, a missing, a stale, a warned and an unchecked proof, and lanes that ask for none.
 */
#pragma once

#include "store/proofs.h"
#include "tests/golden/world.h"

#define PROOF_HEX(c) c c c c c c c c c c c c c c c c

static const char world_builder[] =
	"https://github.com/acme/gov/.github/workflows/release-train.yml@refs/tags/v2.15.0";

static inline const char *world_identity(struct world *w, const char *workflow, const char *tag)
{
	return arena_printf(&w->a, "https://github.com/acme/easy/.github/workflows/%s@refs/tags/%s", workflow,
			    tag);
}

/* What a verification of a bundle from the public instance runs, in its order. */
static inline void world_steps(struct world *w, struct proof_book *book, const char *identity, int broken)
{
	static const char issuer[] = "https://token.actions.githubusercontent.com",
			  predicate[] = "https://slsa.dev/provenance/v1", hosted[] = "github-hosted";
	const int passed = CHECKED_PASS, later = broken ? CHECKED_NOT : CHECKED_PASS;
	const struct {
		const char *id, *name, *expected, *found;
		int result;
	} steps[] = {
		{ "S0.parse", "bundle is read", "", "bundle 0.3, envelope", passed },
		{ "S1.key", "signer's key", "", "ecdsa-p256-sha256", passed },
		{ "S2.timestamps", "timestamps", "", "1 by timestamp.sigstore.dev", passed },
		{ "S2.promises", "promises of the log", "", "", CHECKED_ABSENT },
		{ "S3.chain", "certificate chain", "", "sigstore.dev", passed },
		{ "S4.promises", "promises of certificate logs", "", "1", passed },
		{ "S5.proof", "proof of inclusion", "", "98122730 of 98122999", passed },
		{ "S5.checkpoint", "checkpoint", "", "log2025-1.rekor.sigstore.dev", passed },
		{ "S7.signature", "signature", "", "1", passed },
		{ "S8.identity", "identity", identity, book->row.builder, broken ? CHECKED_FAIL : passed },
		{ "S8.issuer", "issuer", issuer, issuer, passed },
		{ "S8.runner", "runner", hosted, hosted, passed },
		{ "S8.trigger", "trigger", "", "workflow_dispatch", CHECKED_ABSENT },
		{ "S9.subject", "subject", book->row.digest, broken ? "" : book->row.digest, later },
		{ "S9.predicate", "predicate", predicate, broken ? "" : predicate, later },
		{ "S10.age", "age of the trusted root", "at most 30 days", "read 2026-11-01T06:00:00Z",
		  passed },
	};
	for (size_t i = 0; i < countof(steps); i++)
		*vec_push(&book->checks, &w->a) =
			(struct proof_check){ .evidence = book->row.evidence,
					      .id = steps[i].id,
					      .name = steps[i].name,
					      .result = steps[i].result,
					      .reason = steps[i].result == CHECKED_FAIL ? broken : PROOF_OK,
					      .expected = steps[i].expected,
					      .found = steps[i].found };
}

struct world_wanted {
	const char *subject, *digest, *check;
	int status, reason;
	const char *detail;
	int64_t age;
};

static inline void world_proofs_of(struct world *w, const char *lane, const char *release,
				   const struct world_wanted *wanted, size_t n, const char *builder,
				   const char *identity, int64_t age)
{
	struct proof_book *books = arena_array(&w->a, struct proof_book, n);
	for (size_t i = 0; i < n; i++) {
		const struct world_wanted *one = &wanted[i];
		bool has = one->status != PROOF_MISSING && one->status != PROOF_UNCHECKED;
		int64_t old = age + one->age;
		books[i].row = (struct proof){
			.release = release,
			.subject = one->subject,
			.digest = one->digest,
			.check = one->check,
			.required = true,
			.strict = true,
			.status = one->status,
			.reason = one->reason,
			.detail = one->detail,
			.source = has ? "the forge's attestations" : "",
			.evidence = has ? PROOF_HEX("e71d") : "",
			.root = has ? PROOF_HEX("7007") : "",
			.builder = has ? builder : "",
			.commit = has ? "91d0c2e591d0c2e591d0c2e591d0c2e591d0c2e5" : "",
			.signed_at = has ? world_ago(22 * MINUTES) : WHEN_NONE,
			.logged_at = has ? world_ago(22 * MINUTES - 2000) : WHEN_NONE,
			.verified_at = has ? world_ago(old) : WHEN_NONE,
			.at = one->status == PROOF_UNCHECKED ? WHEN_NONE : world_ago(old),
		};
		if (has)
			world_steps(w, &books[i], identity, one->status == PROOF_FAILED ? one->reason : 0);
	}
	if (store_proofs_put(w->store, lane, books, n, &w->e) < 0)
		fail_msg("%s", w->e.message);
}

static inline void world_proof_normal(struct world *w, int64_t age)
{
	static const struct world_wanted gov[] = {
		{ "ghcr.io/acme/summit", "sha256:" PROOF_HEX("5be1"), "provenance", PROOF_VERIFIED, PROOF_OK,
		  "", MINUTES },
		{ "ghcr.io/acme/summit", "sha256:" PROOF_HEX("5be1"), "sbom", PROOF_VERIFIED, PROOF_OK,
		  "SPDX 2.3, 212 components", MINUTES },
		{ "ghcr.io/acme/summit", "sha256:" PROOF_HEX("5be1"), "signature", PROOF_VERIFIED, PROOF_OK,
		  "", MINUTES },
		{ "migrations.v2.15.0.tar.gz", "sha256:" PROOF_HEX("0d0d"), "provenance", PROOF_VERIFIED,
		  PROOF_OK, "", 3 * MINUTES },
	};
	static const struct world_wanted easy[] = {
		{ "trusted_values.v0.9.4.json", "sha256:" PROOF_HEX("1f0c"), "provenance", PROOF_VERIFIED,
		  PROOF_OK, "", 2 * MINUTES },
		{ "trusted_values.v0.9.4.json", "sha256:" PROOF_HEX("1f0c"), "release", PROOF_WARN,
		  PROOF_TLOG_NONE, "GitHub's own instance has no log", 2 * MINUTES },
		{ "gcp-image.v0.9.4.json", "sha256:" PROOF_HEX("88d1"), "provenance", PROOF_FAILED,
		  PROOF_ID_SAN, "signed by nightly.yml, expected release-gcp-image.yml", 2 * MINUTES },
		{ "gcp-image.v0.9.4.json", "sha256:" PROOF_HEX("88d1"), "release", PROOF_VERIFIED, PROOF_OK,
		  "", 2 * MINUTES },
		{ "example-images.v0.9.4.json", "", "provenance", PROOF_MISSING, PROOF_ATT_NONE,
		  "it is not among the assets of v0.9.4", 2 * MINUTES },
		{ "ghcr.io/acme/gateway@linux/amd64", "sha256:" PROOF_HEX("90ab"), "provenance", PROOF_STALE,
		  PROOF_ROOT_OLD, "the trusted root is 41 days old, at most 30 are taken", 41 * MINUTES },
		{ "ghcr.io/acme/gateway@linux/arm64", "sha256:" PROOF_HEX("4c1d"), "provenance",
		  PROOF_UNCHECKED, PROOF_OK, "the registry did not answer: 503", 2 * MINUTES },
	};
	world_proofs_of(w, "gov/prod", "v2.15.0", gov, countof(gov), world_builder, world_builder, age);
	world_proofs_of(w, "easy/prod", "v0.9.4", easy, countof(easy),
			world_identity(w, "nightly.yml", "v0.9.4"),
			world_identity(w, "release-gcp-image.yml", "v0.9.4"), age);
}

static inline void world_proof_hostile(struct world *w, int64_t age maybe_unused)
{
	struct proof_book books[2] = { 0 };
	for (size_t i = 0; i < countof(books); i++) {
		books[i].row = (struct proof){ .release = HOSTILE,
					       .subject = i ? arena_printf(&w->a, "a/%s", HOSTILE) : HOSTILE,
					       .digest = HOSTILE,
					       .check = i ? "provenance" : HOSTILE,
					       .required = true,
					       .status = 99,
					       .reason = 9999,
					       .detail = HOSTILE,
					       .source = HOSTILE,
					       .evidence = HOSTILE,
					       .root = HOSTILE,
					       .builder = HOSTILE,
					       .commit = HOSTILE,
					       .verified_at = world_ago(MINUTES),
					       .at = world_ago(MINUTES) };
		for (int result = -1; result < 6; result++)
			*vec_push(&books[i].checks, &w->a) =
				(struct proof_check){ .evidence = HOSTILE,
						      .id = result == 1 ? "S8.identity" : HOSTILE,
						      .name = HOSTILE,
						      .result = result,
						      .reason = 9999,
						      .expected = HOSTILE,
						      .found = HOSTILE };
	}
	if (store_proofs_put(w->store, HOSTILE, books, countof(books), &w->e) < 0)
		fail_msg("%s", w->e.message);
}

static inline void world_proof_overflow(struct world *w, int64_t age)
{
	static const char wide[] = "\xe5\xae\x89\xe5\x85\xa8\xe5\x8f\x91\xe5\xb8\x83";
	static const char *const checks[] = { "provenance", "sbom", "release", "signature" };
	struct world_wanted wanted[240];
	for (int i = 0; i < (int)countof(wanted); i++)
		wanted[i] = (struct world_wanted){
			.subject = arena_printf(
				&w->a, "ghcr.io/an-organisation-with-a-name/a-component-%d-%s-of-length",
				i / 4, wide),
			.digest = "sha256:" PROOF_HEX("1f2e"),
			.check = checks[i % 4],
			.status = i % 24 < 18 ? PROOF_VERIFIED : i % 6,
			.reason = i % 24 < 18 ? PROOF_OK : 1 + i % (PROOF_REASONS_ - 1),
			.detail = "a detail that is far longer than any row of a small terminal, so that it "
				  "has to be "
				  "broken at a blank somewhere",
			.age = i * 9000,
		};
	world_proofs_of(w, "a-system-with-a-long-name-1/production-europe-west",
			"v2026.11.21-rc.4+build.88123", wanted, countof(wanted), world_builder, world_builder,
			age);
}

/* After world_fill(), in a transaction of its own. */
static inline void world_proof(struct world *w, enum world_kind kind, int64_t age)
{
	static void (*const fill[])(struct world * w, int64_t age) = {
		[WORLD_NORMAL] = world_proof_normal,
		[WORLD_HOSTILE] = world_proof_hostile,
		[WORLD_OVERFLOW] = world_proof_overflow,
	};
	if (store_begin(w->store, &w->e) < 0)
		fail_msg("%s", w->e.message);
	fill[kind](w, age);
	if (store_end(w->store, &w->e) < 0)
		fail_msg("%s", w->e.message);
}
