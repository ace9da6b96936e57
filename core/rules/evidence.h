/*
 * evidence.h - judging documents that a run, a release or a repository holds, by what a profile says of them.
 *
 * Pure: a document and what is expected of it go in, one of four values and the words for it come out. A document that
 * cannot be read, a member that is not there, a word that nobody has heard of: none of them is ever good. The colour of
 * the job that wrote the document is not among the arguments.
 *
 * Pointers are RFC 6901 ("/releasePackage/apiRef", "" the whole). Everything that comes out is in the arena, and foreign
 * text in it is raw.
 */
#pragma once

#include "base/json.h"
#include "core/model/evidence.h"
#include "core/model/model.h"

/* The value at a pointer, borrowed; NULL when there is none, or the pointer is none. */
const struct json *evidence_at(const struct json *root, const char *pointer);
/* Text, number or boolean as one word; NULL: absent, null, or a structure. */
const char *evidence_word(const struct json *v, struct arena *a);

/* ---- values ------------------------------------------------------------------------------------------------------- */

struct expected {
	const char *pointer;
	int is;             /* enum value_kind */
	const char *equals; /* the value it must have, or NULL */
	bool optional;      /* its absence is all right, a wrong value is not */
};
/* CHECK_OK with why "", else the first that is not, in words. No expectation at all is CHECK_OK. */
enum verdict evidence_values(const struct json *root, const struct expected *x, size_t n, const char **why,
			     struct arena *a);

/* ---- decisions ---------------------------------------------------------------------------------------------------- */

struct decision_terms {              /* lists end in NULL and may be NULL */
	const char *const *pointers; /* the first that is there counts: documents have changed their shape */
	const char *const *yes, *const *no, *const *na;
	const char *reasons; /* pointer to a list of codes or to one, or NULL */
};
/* Fills verdict, word, reasons and detail of out. */
void evidence_decision(struct decision *out, const struct json *root, const struct decision_terms *t,
		       struct arena *a);

/* ---- freshness ---------------------------------------------------------------------------------------------------- */

/* The newest success of the workflow that was to be fresh, as the forge tells it. */
struct fresh {
	const struct run *newest; /* NULL: none was found */
	int64_t max_age_ms;
	const char *artifact; /* wanted in it, or NULL */
	bool artifact_found;
};
/* The limit is inclusive: exactly as old as allowed is fresh. A run from the future is not (a clock is wrong). */
enum verdict evidence_fresh(const struct fresh *f, struct when now, const char **why, struct arena *a);

/* ---- freeze ------------------------------------------------------------------------------------------------------- */

/* A state file: frozen when the value at `pointer` is true, open when it is false, else not known; with `expires` (a
 * pointer, or NULL) a freeze that is over is open. Fills state and detail (who, why, until). */
void evidence_freeze(struct freeze *out, const struct json *root, const char *pointer, const char *expires,
		     struct when now, struct arena *a);
