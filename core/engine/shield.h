/*
 * shield.h - does the workflow file check what only it can check? The contract (`pilothouse profile contract` prints it) is
 * a first job that fails for a moved tag, a used nonce and an old epoch, before anything else of the run begins.
 *
 * Read from the file, not proved: a job counts that needs nothing, has no condition and may not fail unnoticed, that every
 * other job stands behind, and that reads the input in more than a name. What it does with it is its author's. Pure.
 */
#pragma once

#include "base/yaml.h"

#define SHIELD_PARTS 3
#define SHIELD_JOBS  64 /* of one file; what has more counts as not guarded */

struct shield_part {
	const char *input;   /* of the workflow */
	const char *refuses; /* words */
};
const struct shield_part *shield_part(size_t i); /* 0 to SHIELD_PARTS - 1: nonce, commit, epoch */

struct shield {
	const char *job;           /* in the file's nodes; NULL none */
	bool checks[SHIELD_PARTS]; /* by that job */
	const char *why;           /* when there is no job; in the arena */
};
void shield_find(struct shield *out, const struct yaml *file, struct arena *a);
/* "a moved tag, an old lock": what is refused (whole), or what is not. */
const char *shield_words(const struct shield *g, bool whole, struct arena *a);
