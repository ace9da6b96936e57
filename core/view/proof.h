/*
 * proof.h - what is known of releases and machines, as a captain reads it: a line a subject, and below it the tree of each
 * thing that was wanted of it: step by step what was expected and what was found.
 *
 * Statuses are stored facts of the policy; nothing is judged again here. A status that no policy wrote is shown as failed,
 * never as good. Digests, identities and values are whole; *_short is for a column. Every string is safe text, as in
 * view.h; a command line for a second opinion is text to copy, quoted for a POSIX shell, and never run from here.
 */
#pragma once

#include "core/model/proof.h"
#include "core/view/view.h"
#include "store/proofs.h"

/* One step of a verification. */
struct proof_step_row {
	const char *id, *name, *result;
	const char *reason, *meaning; /* of a failure; "" */
	const char *expected, *found;
	int result_value; /* enum check_result */
};

/* One thing wanted of one subject. */
struct proof_row {
	const char *lane, *release, *subject, *digest, *check;
	const char *status, *reason, *meaning, *detail, *source;
	const char *evidence, *root; /* SHA-256; "" none */
	const char *root_age;        /* since it was taken from its source; "" not told */
	int64_t root_age_ms;         /* -1 */
	const char *builder, *commit;
	const char *signed_at, *logged_at, *verified_at; /* ISO; "" not told */
	const char *age;
	int64_t age_ms;   /* since it was verified, else since it was looked for; -1 never */
	int status_value; /* enum proof_status */
	bool required, strict;
	char letter;      /* P provenance, S SBOM, R release, G signature, Q quote, T token; ? another */
	struct proof raw; /* its key in the cache */
	const struct proof_step_row *steps; /* NULL: not read; view_proof_steps() */
	int steps_n;
};

/* A subject with all that was wanted of it, the worst of which it shows. */
struct proof_subject_row {
	const char *lane, *release, *subject, *digest;
	const char *digest_short, *commit_short, *builder_short; /* "" not known */
	const char *status, *reason, *meaning, *age;
	int status_value;
	int64_t age_ms; /* of the oldest; -1 one was never looked at */
	bool machines;  /* it is about those that run the lane: attest.h lists them */
	struct proof_row *items;
	int items_n;
};
struct proof_rows VEC_OF(struct proof_subject_row);

/* word NULL: of all lanes; else of a lane or, where there is none of that name, of a release. What is wrong comes first.
 * 1: neither is known. */
int view_proofs(struct proof_rows *out, struct store *s, const char *word, struct when now, struct arena *a,
		struct err *e) must_check;
/* When a root, or collateral, of that SHA-256 was taken from its source; not known: nobody wrote it down. */
int view_root_taken(struct when *out, struct store *s, const char *sha, struct arena *a,
		    struct err *e) must_check;
/* Which lanes want proofs by their profile; the caller frees json. */
struct proof_terms {
	struct json *json; /* NULL: no lane does, or no engine has said it yet */
};
int view_proof_terms(struct proof_terms *out, struct store *s, struct arena *a, struct err *e) must_check;
bool proof_terms_has(const struct proof_terms *t, const char *lane);
/* Why there is no row of a lane or release (NULL: of any): a sentence. */
const char *view_proof_none(struct store *s, const char *lane, struct arena *a);
/* The steps of all that was wanted of one subject. */
int view_proof_steps(struct proof_subject_row *row, struct store *s, struct arena *a,
		     struct err *e) must_check;
/* The keys of the command-line contract; with their steps where they were read. */
void view_proofs_json(struct jw *w, const struct proof_rows *v, struct when now);
void proof_step_json(struct jw *w, const struct proof_step_row *s);

/* ---- words that screens share ---- */

/* A status that no policy wrote is failed. */
int proof_status_shown(int status);
/* 0 the worst, as proof_worse() orders them. */
int proof_rank(int status);
/* "RTMR_DRIFT"; "" nothing is wrong, "?" it is none that is known. */
const char *proof_reason_word(int reason);
/* VERIFIED, WARN, FAILED, MISSING, STALE, UNCHECKED. */
const char *proof_status_word(int status);
/* One cell: a check mark, ! a cross, an empty set, a clock, ?; in ASCII + ! X 0 ~ ?. */
const char *proof_glyph(int status, bool ascii);
/* "P+ S! R0": each thing wanted and its glyph, in the order of the profile. */
const char *proof_set_words(const struct proof_subject_row *row, bool ascii, struct arena *a);
/* "X1 ~2 +14": how many of what, the worst first; "" nothing is there. */
const char *proof_tally_words(const struct proof_rows *v, bool ascii, struct arena *a);
/* For the wall, of what is required: "FAILED X1 +14, oldest 3h", and the worst of it; "" nothing is, and no worst either. */
const char *proof_wall_words(const struct proof_rows *v, bool ascii, int *worst, struct arena *a);
/* Of a lane: "4/4"; "2/4X" with the glyph of the worst where not all is verified; "?" nobody has looked; "" nothing is
 * required. */
const char *proof_count_words(const struct proof_count *c, bool ascii, struct arena *a);

/* Member "proof" of a lane: {ok, required, worst}, null where nothing is required. */
void proof_count_json(struct jw *w, const struct proof_count *c);
/* A line for a second opinion, by another program; "" there is none for it. note: why, or what must be there first. */
struct proof_opinion {
	const char *tool, *line, *note;
};
#define PROOF_OPINIONS 2 /* gh, cosign */
/* repo: OWNER/NAME of the lane, for a step that does not say; "" not known. Steps must have been read. */
void view_proof_opinions(struct proof_opinion out[PROOF_OPINIONS], const struct proof_row *row,
			 const char *repo, struct arena *a);
/* Adds the word so that a POSIX shell reads it as one; false, and nothing is added, where it cannot be written safely. */
bool view_shell_word(struct buf *out, const char *word);
/* " NAME=WORD": a value that begins like an option cannot be taken for one. NULL, "": nothing. False: as above, and the line is of no
 * use. */
bool view_shell_option(struct buf *out, const char *name, const char *value);
