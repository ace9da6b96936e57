/*
 * check.h - what the rules of the sections share: shapes of words, files, refs and pointers, templates, and keys that
 * belong to one kind only. Each function is 0, or -ERR_INVALID with file:line:column: what is wrong.
 */
#pragma once

#include "core/profile/keys.h"
#include "core/profile/profile.h"

#define W(word)      (1u << WORD_##word)
#define ONLY_RELEASE W(RELEASE)
#define ALL_WORDS    ((1u << WORD_MAX_) - 1)
#define NO_NONCE     (ALL_WORDS & ~W(NONCE)) /* before an act, or after one: there is no nonce to name */

/* The member that is wrong, else the map it is missing in. */
const struct yaml *check_at(const struct yaml *map, const char *key);
int check_word(const struct yaml *map, const char *key, const char *s, struct err *e) must_check;
int check_workflow(const struct yaml *where, const char *s, struct err *e) must_check;
int check_workflows(const struct yaml *map, const char *key, struct err *e) must_check;
/* A file of the repository: no leading slash, no "..". */
int check_path(const struct yaml *map, const char *key, const char *s, struct err *e) must_check;
int check_plain_ref(const struct yaml *map, const char *key, const char *s, struct err *e) must_check;
/* RFC 6901: empty, or /a/b with ~0 and ~1. */
int check_pointer(const struct yaml *where, const char *s, struct err *e) must_check;
int check_pointers(const struct yaml *map, const char *key, struct err *e) must_check;
/* allowed: W(..) of the placeholders that may stand there. NULL is good. */
int check_template(const struct yaml *where, const char *tmpl, unsigned allowed, struct err *e) must_check;
int check_templates(const struct yaml *map, const char *key, unsigned allowed, struct err *e) must_check;
/* `what` ("{run}") exactly once in s. */
int check_once(const struct yaml *where, const char *key, const char *s, const char *what,
	       struct err *e) must_check;
/* The maps of a list by one of their keys; a second is named with the line of the first. */
int check_twice(const struct yaml *list, const char *key, struct err *e) must_check;
int check_range(const struct yaml *map, const char *key, int64_t v, int64_t min, int64_t max,
		struct err *e) must_check;
/* Below a site: one slash first, no blank and no ".."; NULL is good. */
int check_site_path(const struct yaml *map, const char *key, const char *s, struct err *e) must_check;
/* https, or http to this machine. */
int check_url(const struct yaml *map, const char *key, const char *s, struct err *e) must_check;
/* Both keys or neither. */
int check_pair(const struct yaml *map, const char *one, const char *other, struct err *e) must_check;
bool check_given(const struct yaml *map, const char *key);
bool check_in(const char *const *list, const char *s);

/* Keys that a kind must have and may have, as words with blanks between; of all kinds alike: `common`. */
struct kind_keys {
	const char *must, *may;
};
int check_kind(const struct yaml *map, const char *section, const char *kind, const struct kind_keys *k,
	       const char *common, struct err *e) must_check;
