/*
 * git.h - port: questions about history that a local mirror answers. Optional: without one the engine asks the forge.
 * Synchronous and quick (no network) but for git_fetch, which the engine runs when nothing waits.
 */
#pragma once

#include "core/model/model.h"

struct commit {
	const char *sha;
	const char *title;
	const char *author;
	struct when at;
};
extern const struct rec rec_commit;
struct commits VEC_OF(struct commit);

struct git;
struct git_ops {
	/* tag, branch or sha -> commit sha (40 hex), annotated tags peeled. ERR_MISSING when there is none. */
	int (*resolve)(struct git *g, const char *ref, char out[65], struct err *e);
	/* Commits reachable from `to` and not from `from`, newest first, at most max; *total counts all up to 10,000. */
	int (*range)(struct git *g, const char *from, const char *to, size_t max, struct commits *out,
		     int64_t *total, struct arena *a, struct err *e);
	int (*fetch)(struct git *g, struct err *e); /* blocks; from the mirror's origin */
	void (*free)(struct git *g);
};
struct git {
	const struct git_ops *ops;
};
