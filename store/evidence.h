/*
 * evidence.h - the bytes that verdicts rest on: bundles and trusted roots, each kept under its SHA-256.
 *
 * They lie as files beside the journal (STATE/evidence/HEX), not in it and not in the cache. The cache may be thrown
 * away, and what an act relied on must still be there to be shown and verified again. The journal is checked page by page
 * at every start, and acts wait for its disk: megabytes of bundles would slow both. A file is what other verifiers take.
 *
 * A file is whole or not there (it is written under another name, synced, and then named), is never changed after that,
 * and is hashed again whenever it is read: bytes that do not fit their name are damage, said as such and never used.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/when.h"

#define EVIDENCE_MAX ((size_t)4 << 20) /* bytes of one: no bundle that is read is larger */

struct evidence_box {
	const char *dir; /* made when the first is kept; NULL: none are */
	void (*sha256)(const void *bytes, size_t n, char hex[65]); /* core/port/digest.h */
	bool renewed; /* what is kept here is had again soon: nothing is synced, and what a power cut tears is damage */
};

/* Keeps it and tells its name; what is there already and whole is left as it is, what is damaged is written anew.
 * ERR_INVALID: too large; ERR_STORE: not kept. */
int evidence_keep(const struct evidence_box *box, const void *bytes, size_t n, char hex[65],
		  struct err *e) must_check;
/* Appends it to *out (max of *out or EVIDENCE_MAX, whichever is less). ERR_MISSING: none of that name; ERR_CORRUPT: the
 * file does not hold what its name says; ERR_INVALID: no name of one. */
int evidence_read(const struct evidence_box *box, const char *hex, struct buf *out, struct err *e) must_check;

/* All that is kept here, in no order, with its size; what is not one of ours (a file or a folder) is passed over. */
typedef void (*evidence_seen_fn)(void *ctx, const char *hex, int64_t bytes);
int evidence_each(const struct evidence_box *box, evidence_seen_fn fn, void *ctx, struct err *e) must_check;
/* Is it still named, by a proof or by an intent? */
typedef bool (*evidence_named_fn)(void *ctx, const char *hex);
/* Removes what nobody names and is older than `before`; *n: how many. What is not one of ours is left alone. ERR_STORE: one could
 * not be removed (the first is told); the others are. */
int evidence_trim(const struct evidence_box *box, struct when before, evidence_named_fn named, void *ctx,
		  int64_t *n, struct err *e) must_check;
