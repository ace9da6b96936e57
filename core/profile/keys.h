/*
 * keys.h - the keys of a profile file, declared once: the decoder walks these tables, and pilothouse-profile(5) is
 * printed from them, so that the page cannot miss a key or promise one.
 *
 * A section is a map of keys: the profile itself, a lane, an input... A key is a plain value (decoded by the field it
 * carries), a list of texts, or a list of another section's maps.
 */
#pragma once

#include "base/rec.h"
#include "base/yaml.h"

enum key_kind { KEY_VALUE, KEY_TEXTS, KEY_SECTION };

struct profile_section;

struct profile_key {
	struct field field; /* name and place; the type counts for KEY_VALUE only */
	enum key_kind kind;
	const char *value; /* what stands there, for the man page: "text", "true or false" */
	const char *doc;   /* sentences */
	const struct profile_section *section;        /* KEY_SECTION: what the maps are */
	void *(*push)(void *object, struct arena *a); /* KEY_SECTION: a new, zeroed element */
};

#define PROFILE_LIST_MAX 64 /* elements of any list: far above what a delivery system has */

struct profile_section {
	const char *name; /* in messages and as heading: lane, input */
	const char *doc;
	size_t size;
	const struct profile_key *keys;
	int n;
	ptrdiff_t line_at; /* offset of an int that takes the line, or -1 */
	/* Rules that one field alone cannot tell; messages carry the place. */
	int (*check)(void *object, const struct yaml *map, struct arena *a, struct err *e);
};

/* All sections, the profile first; order of the man page. */
const struct profile_section *const *profile_sections(size_t *n);

/* check.c */
int profile_check_profile(void *object, const struct yaml *map, struct arena *a, struct err *e);
int profile_check_lane(void *object, const struct yaml *map, struct arena *a, struct err *e);
int profile_check_input(void *object, const struct yaml *map, struct arena *a, struct err *e);
int profile_check_need(void *object, const struct yaml *map, struct arena *a, struct err *e);
int profile_check_stage(void *object, const struct yaml *map, struct arena *a, struct err *e);
int profile_check_follow(void *object, const struct yaml *map, struct arena *a, struct err *e);
/* OWNER/NAME as the forge writes it. */
bool profile_is_repo(const char *s);
/* One placeholder at *at ("{sha}..."): its name's length with braces, or 0 when it is none of ours. */
size_t profile_placeholder(const char *at, int *which);
enum { WORD_RELEASE, WORD_SHA, WORD_NONCE, WORD_REF, WORD_MAX_ };
