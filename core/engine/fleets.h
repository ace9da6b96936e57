/*
 * fleets.h - machines to verdicts, off the loop: what they are judged by, the thread that does it, and what is remembered.
 *
 * Collateral and the keys of tokens are files (a profile names them, or they were imported into STATE/roots); they are read and
 * parsed on the thread at the beginning of each round, and parsed anew only when their bytes are others. Verdicts of a machine
 * depend on its evidence, on what its control plane recorded, on those files, on the pins and the policy; a SHA-256 over all of
 * them is remembered with the next instant at which time alone could change the verdict (an expiry, an age; an hour at most).
 * While both stand nothing is verified again: a round over an unchanged fleet costs one hash a machine.
 *
 * The loop is held for a batch of rows at a time and no longer: whoever judges thousands adds the next batch when one is done.
 */
#pragma once

#include "base/jobs.h"
#include "base/log.h"
#include "core/engine/fleet_chain.h"
#include "core/port/digest.h"
#include "core/port/fleet.h"
#include "core/port/quote.h"
#include "core/profile/profile.h"
#include "core/rules/fleet.h"
#include "store/evidence.h"

#define FLEET_BATCH      32
#define FLEET_COLLATERAL "tdx-collateral.json" /* in STATE/roots */
#define FLEET_KEYS       "token-keys.json"
#define FLEET_ROOT       "tdx-root.pem" /* instead of Intel's: drills */
#define FLEET_KEYS_ROOT \
	"token-root.pem" /* what the keys' chains must lead to; without it the file itself is what is trusted */

#define FLEET_FILES 4 /* collateral, keys, and a root of each */

struct fleets;
struct fleets_options {
	struct loop *loop; /* borrowed, all of it */
	const struct quote_ops *ops;
	sha256_fn sha256;
	const char *dir;          /* STATE/roots, or NULL: nothing was imported */
	const char *evidence_dir; /* STATE/evidence, or NULL: no machine's evidence is kept */
};
struct fleets *fleets_new(const struct fleets_options *o) must_check;
void fleets_free(struct fleets *f);             /* who waits is told that nothing was done */
uint64_t fleets_judged(const struct fleets *f); /* machines whose evidence was verified, so far */

/* ---- what is believed ---- */
/* A file, as it was read. */
struct fleet_file {
	const char *kind; /* word of fleet_kept_kinds */
	const char *bytes;
	size_t n;
	char sha[DIGEST_HEX];
};
struct fleet_trust {
	const struct quote_collateral *collateral; /* NULL: none, and why */
	const struct token_keys *keys;
	const char *collateral_why, *keys_why;
	char collateral_sha[DIGEST_HEX], keys_sha[DIGEST_HEX]; /* "" none */
	struct when collateral_until;                          /* its first nextUpdate */
	struct when collateral_at; /* when the file was written; not known: there is none */
	struct fleet_file
		files[FLEET_FILES]; /* n of them: what a verdict is computed with, and is exported with */
	size_t files_n;
};
/* The trust is borrowed until fleets_release(), by whoever was told of it. NULL: the engine is shutting down. */
typedef void (*fleet_loaded)(void *ctx, const struct fleet_trust *trust);
bool fleets_load(struct fleets *f, const struct profile_attestation *t, fleet_loaded done,
		 void *ctx) must_check;
void fleets_release(struct fleets *f, const struct fleet_trust *trust);

/* ---- what machines are judged by: does not change while a batch is under way ---- */
struct fleet_rules {
	const struct profile_attestation *t;
	const struct fleet_trust *trust;
	const struct trusted_values *values; /* NULL: none are known */
	const char *values_sha;              /* "" none */
	const char *values_text;             /* its bytes; NULL none */
	size_t values_n;
	const char *release; /* NULL: not known */
	bool values_wanted, values_signed, values_signed_wanted;
	struct when now; /* a whole second: another verifier is told it as one */
};

struct fleet_machine {
	const struct fleet_agent *in;
	const char *quote_of, *token_of; /* who shows the same; NULL nobody else */
	struct known_chain chain;        /* of lanes that have them */
	bool same;         /* all of it is what it was: no row is below, and the old one stands */
	struct agent row;  /* everything but lane, changed and at */
	const char *tree;  /* JSON */
	const char *alarm; /* sources contradict each other; NULL */
	/* what is remembered */
	char print[DIGEST_HEX], known[DIGEST_HEX];
	struct when again, known_again;
};
typedef void (*fleet_judged)(void *ctx, bool ran);
struct fleet_batch {
	const struct fleet_rules *rules; /* borrowed */
	const char *lane;
	struct fleet_machine machines[FLEET_BATCH];
	size_t n;
	bool first;         /* of a round: the files are kept with it */
	struct arena arena; /* of the results: the caller gives it back */
	/* fleets.c */
	struct fleets *f;
	fleet_judged done;
	void *ctx;
};
/* The batch and what it borrows live until done. False: not now, too much is waiting. */
bool fleets_judge(struct fleets *f, struct fleet_batch *b, fleet_judged done, void *ctx) must_check;
/* The rows of a batch that was judged are written: only now is it remembered what they depend on. What could not be written is
 * judged again, for the row that stands in the cache is of other evidence. */
void fleets_kept(struct fleets *f, const struct fleet_batch *b);
/* done comes when the loop has gone round: between parts of what takes long there. False: it will not come. */
bool fleets_pause(struct fleets *f, fleet_judged done, void *ctx) must_check;
/* Of all lanes; lives as f does. */
struct chains *fleets_chains(struct fleets *f);
/* The row that belongs to it is not there any more: the next round judges it. */
void fleets_forget(struct fleets *f, const char *lane, const char *id);

/* ---- fleet_copies.c: the evidence of all machines of a round is held against each other, and against what other lanes have
 * shown, on the thread ---- */
struct fleet_shown;
struct fleet_copies {
	const struct fleet_agent *agents; /* borrowed, by id */
	size_t n;
	const char *lane, *site;
	bool challenged; /* report data answers a challenge, which nobody gets twice */
	const char **quote,
		**token; /* n of each, in the arena: who else shows it; "vm-2", "vm-2 in easy/stage and 3 more"; NULL nobody */
	struct arena arena; /* the caller gives it back */
	/* fleets.c */
	struct fleet_shown **shown; /* of all lanes: the thread's */
	const struct quote_ops *ops;
	sha256_fn sha256;
	fleet_judged done;
	void *ctx;
};
void fleet_copies_find(struct fleet_copies *c);
void fleet_shown_free(struct fleet_shown *all); /* NULL: nothing */
/* The struct and what it borrows live until done. False: not now, too much is waiting. */
bool fleets_compare(struct fleets *f, struct fleet_copies *c, fleet_judged done, void *ctx) must_check;

/* ---- fleet_judge.c: on the thread ---- */
struct fleet_judging {
	const struct fleet_rules *rules;
	const struct quote_ops *ops;
	sha256_fn sha256;
	const struct evidence_box *box; /* dir NULL: nothing is kept */
};
void fleet_machine_judge(struct fleet_machine *m, const struct fleet_judging *by, struct arena *a);

/* ---- fleet_keep.c: the bytes that a machine's verdict rests on, by their SHA-256 in STATE/evidence/machines-LANE: the newest of each
 * machine, at most FLEET_KEPT files for it and FLEET_FILES + 1 for all of them, and no longer than its row. store/evidence.h; the folder is a round's
 * own, so that what a machine has renewed goes at once, which is hundreds of files a minute of a large fleet. ---- */
#define FLEET_KEPT 3 /* quote, token, log of events */
enum fleet_kept_kind {
	KEPT_QUOTE,
	KEPT_TOKEN,
	KEPT_EVENTS,
	KEPT_COLLATERAL,
	KEPT_COLLATERAL_ROOT,
	KEPT_KEYS,
	KEPT_KEYS_ROOT,
	KEPT_VALUES,
	KEPT_KINDS
};
extern const struct names
	fleet_kept_kinds;        /* quote token events collateral collateral-root keys keys-root values */
#define FLEET_FOLDER "machines-" /* how it begins; it lies in evidence_dir */
const char *fleet_kept_dir(const char *evidence_dir, const char *lane, sha256_fn sha256, struct arena *a);
/* On the thread. What cannot be kept is said by whoever exports it: a verdict does not wait for a disk. */
void fleet_keep_files(const struct evidence_box *box, const struct fleet_rules *rules);
void fleet_keep_bytes(const struct evidence_box *box, const void *bytes, size_t n);
/* At the end of a round that was told of all machines: whatever is in the lane's folder and not among these goes, on the thread.
 * A round that is given up leaves what it kept to the next. */
/* For fleets.c. */
void fleet_trim_in(struct jobs *jobs, const struct evidence_box *box, char (*names)[DIGEST_HEX], size_t n);
void fleets_trim(struct fleets *f, const char *lane, char (*names)[DIGEST_HEX], size_t n);

/* ---- fleet_import.c ---- */
struct fleet_importing {
	const struct quote_ops *ops;
	const char *dir; /* STATE/roots */
	bool force;
	struct when now;
};
/* Takes Intel's collateral, a JWKS or the root of tokens (PEM or DER) into dir, told apart by what it holds; 1: it is none of
 * them. *said: a line of what changes. ERR_INVALID: it does not hold; ERR_CONFLICT: it is over, ends before the one that is
 * used, or keys and root do not belong together, and it is not forced. */
int fleet_import(const struct fleet_importing *in, const char *path, struct buf *said, struct arena *a,
		 struct err *e) must_check;
