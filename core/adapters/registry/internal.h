/*
 * internal.h - the parts of the registry adapter, for each other only.
 *
 * A call (registry.c) is one read or act. It goes through steps: what the registry wants (once), a token where it wants
 * one (kept until it ends), then the request itself; a read whose token was refused begins once more. access.c knows
 * challenges and tokens, answer.c what the bytes mean, referrers.c what an index of referrers is and where one may be.
 */
#pragma once

#include "base/arena.h"
#include "base/vec.h"
#include "core/adapters/registry/registry.h"

#include <sys/queue.h>

enum scheme { SCHEME_UNKNOWN, SCHEME_NONE, SCHEME_BASIC, SCHEME_BEARER };

/* What a registry wants from whom. */
struct access {
	enum scheme scheme;
	char *realm, *service; /* SCHEME_BEARER */
};

/* One token for one image. */
struct pass {
	char *image, *value; /* value: of the Authorization header */
	bool push;
	int64_t until; /* clock_mono() */
};

enum { PASSES = 32, REALMS = 8 };

struct oci {
	struct registry registry; /* first: registry_ops get this */
	struct http *http;
	const struct clock *clock;
	const struct secret *credential;
	const char *realms[REALMS]; /* origins that may have the credential too, borrowed */
	size_t realms_n;
	struct access access;
	struct pass passes[PASSES];
	size_t passes_next;
	LIST_HEAD(, call) live;
};

/* ---- access.c ------------------------------------------------------------------------------------------------------- */

/* From the answer to GET /v2/. ERR_AUTH when it wants what we cannot do, or sends our credential where it must not go. */
int access_learn(struct oci *o, const struct http_answer *h, struct err *e) must_check;
/* All that was learned, tokens wiped. */
void access_forget(struct oci *o);
/* The URL that gives a token for the image; in a. */
const char *access_url(const struct oci *o, const char *image, bool push, struct arena *a);
/* "Basic ..." of the credential, or NULL without one. Wiped by whoever has it. */
char *access_basic(const struct oci *o);
/* Keeps the token of an answer. */
int access_keep(struct oci *o, const struct http_answer *h, const char *image, bool push,
		struct err *e) must_check;
/* What to send for the image, or NULL when there is nothing (any more). */
const char *access_value(const struct oci *o, const char *image, bool push);

/* ---- answer.c ------------------------------------------------------------------------------------------------------- */

struct tags VEC_OF(const char *);

bool image_is_plain(const char *image);
bool tag_is_plain(const char *tag);
bool manifest_type_known(const char *type);
/* All of them, as one asks for them. */
const char *manifest_types(struct arena *a);
/* "sha256:..." of the bytes. */
void manifest_digest(const void *bytes, size_t n, char out[80]);
/* Fills digest, type, bytes and children. ERR_CORRUPT where digest, type and what was asked for differ. */
int answer_manifest(struct registry_answer *out, const struct http_answer *h, const char *ref,
		    struct arena *a, struct err *e) must_check;
/* Fills digest and bytes; ERR_CORRUPT where they are not what was asked for. */
int answer_blob(struct registry_answer *out, const struct http_answer *h, const char *ref, struct arena *a,
		struct err *e) must_check;
/* The target of a further page of `list` ("/v2/NAME/tags/list?"), or NULL. */
const char *answer_next(const struct http_answer *h, const char *list, const char *base, struct arena *a);
/* Appends a page. 1: *next is the target of the following one. */
int answer_tags(struct tags *out, const struct http_answer *h, const char *image, const char *base,
		const char **next, struct arena *a, struct err *e) must_check;
/* The error of any status that is no success. */
int answer_error(const struct http_answer *h, bool act, const char *what, const struct clock *clock,
		 struct err *e) must_check;
struct when answer_date(const struct http_answer *h);

/* ---- referrers.c ---------------------------------------------------------------------------------------------------- */

struct referrers VEC_OF(struct registry_referrer);

/* The answer to a request for referrers of a registry that has no such API. */
bool referrers_unknown(const struct http_answer *h);
/* Where clients keep the list then. */
const char *referrers_tag(const char *digest, struct arena *a);
/* Appends a page of those of that type (NULL: all). 1: there are more than are taken. */
int answer_referrers(struct referrers *out, const struct http_answer *h, const char *type, struct arena *a,
		     struct err *e) must_check;
