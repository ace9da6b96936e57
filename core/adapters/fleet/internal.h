/*
 * internal.h - parts of the fleet adapter. fleet.c asks, site.c knows addresses, answer.c says what a small answer means,
 * machines.c what a machine's record does.
 */
#pragma once

#include "base/arena.h"
#include "base/json.h"
#include "core/adapters/fleet/fleet.h"

enum {
	FLEET_DOCUMENT = 4 << 20, /* of all but the list */
	FLEET_LIST =
		96
		<< 20, /* 5,000 machines with quotes of 8 kB are 60 MB; what is kept of them is less than they are */
	FLEET_FACTS = 4096,
	FLEET_KNOWN_DROPS = 3,
	FLEET_ALL_DROPS = FLEET_KNOWN_DROPS + FLEET_DROPS,
};

/* Names of fields that are credentials. */
struct drops {
	const char *names[FLEET_ALL_DROPS];
	size_t n;
};
bool drops_has(const struct drops *d, const char *name, size_t n);
/* A value this short is in many texts by chance. */
bool drops_is_in(const char *secret, const char *text);

/* ---- site.c --------------------------------------------------------------------------------------------------------- */

/* The whole address of a read; in a. NULL: ERR_INVALID is told. *local: it is this machine's, over http. */
const char *site_url(const struct fleet_read *q, bool *local, struct arena *a, struct err *e);
/* Where an answer from url sends us; NULL: it is not the same origin. */
const char *site_follow(const char *url, const char *location, struct arena *a);

/* ---- answer.c ------------------------------------------------------------------------------------------------------- */

struct decoding {
	const struct fleet_read *q;
	const struct drops *drops;
	const char *text;
	size_t n;
	struct fleet_answer *out;
	struct arena *a;
};
/* Of an answer with status 200. */
int answer_take(const struct decoding *d, struct err *e) must_check;
/* No more than max bytes, not empty, in a; else NULL. */
const char *answer_text(const struct json *j, const char *path, size_t max, struct arena *a);
struct when answer_time(const char *s);

/* ---- machines.c ----------------------------------------------------------------------------------------------------- */

int machines_list(const struct decoding *d, struct err *e) must_check;
int machines_chain(const struct decoding *d, const struct json *j, struct err *e) must_check;
/* ERR_INVALID: the pointer to a machine's size leads into another field. */
int machines_check(const struct fleet_read *q, const struct drops *drops, struct err *e) must_check;
