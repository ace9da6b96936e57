/*
 * keep.h - small answers with their ETags, so that a reading that repeats costs the rate limit nothing.
 *
 * A reading that says so (forge_read.keep) is sent with If-None-Match when its address is known here, and a 304 replays
 * the answer that was kept. The forge is asked every time: nothing here is ever believed on its own. One memory belongs
 * to one adapter, and so to one origin and one token; the form asked for is part of the name.
 *
 * Bounded: KEEP_ONE bytes an answer, KEEP_ALL together, those that were not asked for longest go first. A larger answer,
 * or one without an ETag, only makes what was known before forgotten. An error changes nothing.
 */
#pragma once

#include "core/port/http.h"

#define KEEP_ONE ((size_t)64 << 10)
#define KEEP_ALL ((size_t)1 << 20) /* with names and headers */

struct kept;
struct keep {
	struct kept *first; /* the last asked for before the others */
	size_t bytes;
};

/* The ETag to send for that address in that form (NULL: the usual one), or NULL. Valid until the next call of keep_*. */
const char *keep_etag(struct keep *k, const char *target, const char *accept);
/* Takes the place of what was kept. h: a 200 that made sense. */
void keep_put(struct keep *k, const char *target, const char *accept, const struct http_answer *h);
/* What was kept under this ETag as the answer it was, with the headers that matter; false: it is gone. *out and what it
 * points to are valid until the next call of keep_*. */
struct kept_answer {
	struct http_header headers[3];
	struct http_answer answer;
};
bool keep_replay(struct keep *k, const char *target, const char *accept, const char *etag,
		 struct kept_answer *out);
void keep_done(struct keep *k);
