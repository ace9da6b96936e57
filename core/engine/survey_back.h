/*
 * survey_back.h - one look at a way back: what it found, and the rows it will write. survey_back.c has the order of it.
 */
#pragma once

#include "core/engine/survey.h"

#define STARTS_MAX 4

struct back_asset {
	const struct profile_need *need;
	const char *file;
	bool found;
	char hex[DIGEST_HEX]; /* of its bytes, by the forge or by us; "" not known */
	const char *why;      /* they could not be read */
};
/* A workflow file that may start it. */
struct back_start {
	const char *file, *ref;
	const char *state; /* NULL: the forge did not say */
	bool absent;       /* the forge has no such file */
	bool read;         /* its text at ref */
	bool dispatchable;
	const char *why;
};
struct back_tree {
	bool read;
	size_t n; /* files of migrations */
	struct hash sum;
	const char *why;
};
struct back {
	struct VEC_OF(struct readiness) rows;
	struct VEC_OF(struct readiness) old;
	const char *target; /* NULL: none is known */
	struct release *release;
	bool release_absent;
	const char *release_why;
	struct VEC_OF(struct back_asset *) assets;
	struct back_start starts[STARTS_MAX];
	int starts_n;
	struct document package, live_package;
	struct back_tree tree_back, tree_live;
	/* digests */
	const struct profile_probe *probe;
	struct image_tags tags;
	struct manifest live, manifest;
	const char *image; /* whose manifest is looked for */
};

void back_target(struct look *k, enum verdict status, const char *detail, const char *source);
void back_say(struct look *k, const char *name, enum verdict status, const char *detail, const char *fix,
	      const char *source);
void back_unread(struct look *k, const char *name, const char *why, const char *source);
void back_ask(struct look *k);   /* the target is said: reads its conditions, then judges */
void back_judge(struct look *k); /* all is read */
void back_write(struct look *k); /* the last step */

/* ---- proof_back.c ---- */
void back_attested(struct look *k); /* by the proofs of the target */

/* ---- survey_back_image.c: targets that are digests ---- */
void back_find_digest(struct look *k);
void back_find_pin(struct look *k);
