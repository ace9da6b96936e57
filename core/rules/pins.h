/*
 * pins.h - which commit a run really deployed, where a robot commits pins after the run has begun (delivery-systems
 * reference 2.1: the run's head_sha is not the deployed commit). Pure, over a branch's history, newest first.
 */
#pragma once

#include "core/model/repo.h"

/* The commit that a run of `head` stands for: itself, or the newest of the pin commits that lie directly on it and were made
 * while the run ran. What lies on top of that was in no run. */
struct pins_deployed {
	const struct history *commit; /* NULL: head is not in the list */
	const struct history *newer;  /* the commits above it, newest first; NULL none */
	size_t newer_n;
};
/* What makes a commit a pin: its first line fits the glob (NULL: the system pins nothing), and it is among those that
 * touched a pinned file. The words alone would let "fix typing" pass. */
struct pins_terms {
	const char *subject;
	const struct history *touched;
	size_t touched_n;
	struct when began, ended; /* the run; a pin of before or after is another's */
};
/* How the title begins of a commit that takes a pin back, as ours do. */
#define PINS_REVERT "revert pin of "
void pins_deployed(struct pins_deployed *out, const struct history *list, size_t n, const char *head,
		   const struct pins_terms *t);
/* The newest commit of the list whose subject fits, and the one before it; false: there is none. *before may be NULL. */
bool pins_newest(const struct history *list, size_t n, const char *subject, const struct history **pin,
		 const struct history **before);
