/*
 * keys.h - the keys of a profile file, declared once: the decoder walks these tables, and pilothouse-profile(5) is
 * printed from them, so that the page cannot miss a key or promise one.
 *
 * A section is a map of keys: the profile itself, a lane, an input... A key is a plain value (decoded by the field it
 * carries), a list of texts, a list of another section's maps, or one such map.
 */
#pragma once

#include "base/rec.h"
#include "base/yaml.h"

enum key_kind { KEY_VALUE, KEY_TEXTS, KEY_SECTION, KEY_MAP };

struct profile_section;

struct profile_key {
	struct field field; /* name and place; the type counts for KEY_VALUE only */
	enum key_kind kind;
	const char *value; /* what stands there, for the man page: "text", "true or false" */
	const char *doc;   /* sentences */
	const struct profile_section *section;        /* KEY_SECTION, KEY_MAP: what the maps are */
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
	const char *example; /* YAML of one such map; NULL: the page has one of its own */
};

/* One map of a section into its struct, and what its rules say. */
int profile_decode(const struct profile_section *s, const struct yaml *map, void *out, struct arena *a,
		   struct err *e) must_check;

/* All sections, the profile first; order of the man page. */
const struct profile_section *const *profile_sections(size_t *n);

const struct profile_section *profile_section_proof(void);

/* Rules of each section: check.c, check_parts.c, check_canary.c, check_attestation.c, check_proof.c,
 * check_lane.c. */
#define PROFILE_CHECK(word) \
	int profile_check_##word(void *object, const struct yaml *map, struct arena *a, struct err *e)
PROFILE_CHECK(profile);
PROFILE_CHECK(lane);
PROFILE_CHECK(input);
PROFILE_CHECK(need);
PROFILE_CHECK(value);
PROFILE_CHECK(stage);
PROFILE_CHECK(follow);
PROFILE_CHECK(expect);
PROFILE_CHECK(meaning);
PROFILE_CHECK(decision);
PROFILE_CHECK(lock);
PROFILE_CHECK(approval);
PROFILE_CHECK(knob);
PROFILE_CHECK(probe);
PROFILE_CHECK(component);
PROFILE_CHECK(grammar);
PROFILE_CHECK(replay);
PROFILE_CHECK(release_pr);
PROFILE_CHECK(label);
PROFILE_CHECK(weight);
PROFILE_CHECK(seen);
PROFILE_CHECK(service);
PROFILE_CHECK(metric);
PROFILE_CHECK(budget);
PROFILE_CHECK(control);
PROFILE_CHECK(canary);
PROFILE_CHECK(attestation);
PROFILE_CHECK(proof);
PROFILE_CHECK(subject);
PROFILE_CHECK(freeze);

/* OWNER/NAME as the forge writes it. */
bool profile_is_repo(const char *s);
/* `key:` with nothing behind it, or an empty list, is as good as no key. */
bool profile_is_given(const struct yaml *y);
/* One placeholder at *at ("{sha}..."): its name's length with braces, or 0 when it is none of ours. */
size_t profile_placeholder(const char *at, int *which);
enum { WORD_RELEASE, WORD_SHA, WORD_SHA7, WORD_NONCE, WORD_REF, WORD_VERSION, WORD_REPO, WORD_MAX_ };
/* Groups of a tag's grammar; -1: no such word. */
enum { GROUP_VERSION, GROUP_DATE, GROUP_TIME, GROUP_SHA, GROUP_SKIP, GROUP_MAX_ };
int profile_group(const char *word);
