/*
 * tuf.h - port: a file that is believed although the mirror it comes from is not (The Update Framework, specification
 * 1.0, section 5, "detailed client workflow").
 *
 * What is believed at the start is one root.json, the anchor. Everything else is fetched: newer roots, each signed by the
 * keys of the one before it and by its own; the timestamp, which says what the newest snapshot is; the snapshot, which says
 * what the newest targets are; the targets, which say what the file is. Each is signed by a threshold of the keys that the
 * root names for its role, is never older than the one had before, and is refused once it expired: so a mirror can withhold
 * everything, but cannot make old things pass for new ones.
 *
 * The cache is no more believed than the mirror. Whatever is read from it is verified again, from the anchor on; what does
 * not hold is passed over. Only as the memory of what was seen (against going back) does it say something that the mirror
 * does not, so it lies where only its owner writes.
 *
 * Delegations are not followed: the file must be named by the top-level targets.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/when.h"

#define TUF_TARGET_MAX ((size_t)8 << 20) /* bytes of the file that is wanted */
#define TUF_ROOTS_MAX  256               /* steps of the root in one update */

#define TUF_ABSENT 1

/* A place with files by name: a mirror ("2.root.json", "targets/HASH.NAME") or a cache ("2.root.json", "timestamp.json",
 * "snapshot.json", "targets.json", "target"). Names hold no "..", and only those of a mirror a '/'. */
struct tuf_place {
	/* Appends at most out->max bytes. 0; TUF_ABSENT: there is no such file; ERR_*: nobody can tell, or it is
	 * larger. */
	int (*get)(void *ctx, const char *name, struct buf *out, struct err *e);
	/* Of a cache. bytes NULL: forget it, if it is there. */
	int (*put)(void *ctx, const char *name, const void *bytes, size_t n, struct err *e);
	void *ctx;
};

struct tuf_from {
	const char *anchor; /* a root.json of the role's keys that are believed */
	size_t anchor_n;
	const struct tuf_place *cache;  /* or NULL: nothing is remembered */
	const struct tuf_place *mirror; /* or NULL: out of the cache alone, verified as if it were fetched */
	struct when now;                /* the one instant of the whole update */
};

struct tuf_found {
	const char *bytes; /* the file, in the arena; NUL-terminated after n */
	size_t n;
	int64_t root_before, root, timestamp, snapshot, targets; /* versions; root_before: of the cache */
	struct when until;                                       /* the first of them expires then */
};

/* What is verified is put into the cache at once: a later refusal keeps it. ERR_POLICY: what was found is refused, and why;
 * ERR_MISSING: the mirror, or without one the cache, lacks something; ERR_CORRUPT: the anchor is no root; and what the
 * places answer. */
typedef int (*tuf_update_fn)(struct tuf_found *out, const struct tuf_from *from, const char *target,
			     struct arena *a, struct err *e);
int attest_tuf_update(struct tuf_found *out, const struct tuf_from *from, const char *target, struct arena *a,
		      struct err *e) must_check;
