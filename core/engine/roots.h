/*
 * roots.h - who is believed about software: the trusted roots of Sigstore's public instance, of its staging instance and of
 * GitHub's own one.
 *
 * Each is in the program as data (core/engine/roots/). One that a person imported lies in STATE/roots/NAME.json and wins unless
 * the program's own was taken later; an older one is imported only by force. A file that is named by --trust stands
 * for all of them: drills and private instances. What cannot be read is said, and the one in the program is used: an old root
 * verifies what a damaged one cannot, and its age is judged by every policy.
 */
#pragma once

#include "base/when.h"
#include "core/port/attest.h"
#include "core/port/digest.h"

struct roots;

struct trusted {
	const char *name; /* public-good, staging, github; of a named file its path */
	const struct attest_root *root;
	const char *json;
	size_t n;
	struct when taken; /* when somebody had it from its source, as well as that is known */
	bool imported;
};

struct roots_from {
	const struct attest_ops *ops;
	const char *dir;  /* STATE/roots; NULL: none were imported */
	const char *file; /* instead of all; NULL none */
	struct when now;
};

/* *note: what was passed over, in words, in the arena of the caller; NULL: nothing. ERR_*: a named file cannot be used. */
int roots_open(struct roots **out, const struct roots_from *from, const char **note, struct arena *a,
	       struct err *e) must_check;
void roots_free(struct roots *r);
DEFINE_FREEP(struct roots *, roots, roots_free)
const struct trusted *roots_get(const struct roots *r, const char *name); /* NULL: no such one */

/* Takes what a file holds into dir: one root, or a line for each as `gh attestation trusted-root` prints them. Which instance
 * it is of is told by the hosts that it names. *said: a line for each, what changes. ERR_INVALID: not a root, or of no instance
 * that is known; ERR_CONFLICT: it is older than the one that is used (its newest is, or it lacks some and adds none, or has open what is ended
 * there), and not forced; then nothing of the file is taken. */
int roots_import(const struct roots_from *from, const char *path, bool force, struct buf *said,
		 struct arena *a, struct err *e) must_check;
/* The same of a text. */
int roots_take(const struct roots_from *from, const char *text, size_t n, bool force, struct buf *said,
	       struct arena *a, struct err *e) must_check;
bool roots_is_of(const char *text, size_t n, const char *name); /* one root, of that instance */
/* A file of that folder, whole or not at all: 0600. */
int roots_write(const char *path, const char *text, size_t n, struct arena *a, struct err *e) must_check;
