/*
 * proofs.h - rows of core/model/proof.h in the cache. The engine puts what it found of a lane, readers get it by lane or
 * by release, or as the counts that a line of the lanes shows.
 *
 * Writing belongs into the transaction in which the finding itself is stored: nothing here begins or commits one. The
 * bytes that a row names by its SHA-256 are not in the cache, which may be thrown away (store/evidence.h).
 */
#pragma once

#include "core/model/proof.h"
#include "store/store.h"

/* Settings: which lanes have terms of proof, {"easy/prod":"strict"}; and of a trusted root, with its SHA-256 behind it, when
 * it was taken from its source, ISO. */
#define TERMS_SETTING "proof_terms"
#define ROOT_SETTING  "root:"

/* A proof and the steps that led to it. */
struct proof_book {
	struct proof row;
	struct proof_checks checks;
};
struct proof_books VEC_OF(struct proof_book);

/* How the required proofs of a lane stand: of what is live and of what goes next, not of ways back. Nothing of a lane that has none. */
struct proof_count {
	const char *lane;
	int64_t ok; /* verified or warn */
	int64_t required;
	int worst; /* enum proof_status */
};
struct proof_counts VEC_OF(struct proof_count);

/* Replaces all rows of the lane, with their steps, by these (n may be 0), in their order: lane and ordinals are set here. */
int store_proofs_put(struct store *s, const char *lane, const struct proof_book *books, size_t n,
		     struct err *e) must_check;
/* Of a lane (NULL: of all, by lane) and of one release (NULL: of all); appended to *out, strings in a. */
int store_proofs_read(struct proofs *out, struct store *s, const char *lane, const char *release,
		      struct arena *a, struct err *e) must_check;
/* The steps of a proof that was read, in order; appended to *out, strings in a. */
int store_proof_checks_read(struct proof_checks *out, struct store *s, const struct proof *of,
			    struct arena *a, struct err *e) must_check;
/* Of each lane that has required proofs, by name; appended to *out, strings in a. */
int store_proof_counts_read(struct proof_counts *out, struct store *s, struct arena *a,
			    struct err *e) must_check;
/* Forgets proofs of lanes that the cache has no row of any more. */
int store_proofs_trim(struct store *s, struct err *e) must_check;
