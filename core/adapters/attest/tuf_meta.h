/*
 * tuf_meta.h - one metadata file of The Update Framework, read and its signatures counted; private to this adapter.
 *
 * {"signed":{"_type","spec_version","version","expires", ...},"signatures":[{"keyid","sig"}]}: what is signed is the
 * canonical form (OLPC: sorted members, no white space, only '"' and '\' escaped, no fractions) of `signed`, so white space
 * and members that nobody knows change nothing. All errors are ERR_POLICY with a sentence that names the file.
 */
#pragma once

#include "base/json.h"
#include "core/adapters/attest/internal.h"

enum tuf_role { TUF_ROOT, TUF_TIMESTAMP, TUF_SNAPSHOT, TUF_TARGETS, TUF_ROLES };

struct tuf_meta {
	enum tuf_role role;
	struct json *doc;
	const struct json *body; /* `signed` */
	int64_t version;         /* from 1 */
	struct when expires;
	struct span bytes; /* as served, in the arena */
};

const char *tuf_role_name(enum tuf_role role); /* root, timestamp, snapshot, targets */
size_t tuf_role_max(enum tuf_role role);       /* bytes that are read of one */

/* bytes must live as long as it. A role's own mandatory members are there and of their types. */
int tuf_meta_read(struct tuf_meta *out, enum tuf_role role, struct span bytes, struct err *e) must_check;
void tuf_meta_done(struct tuf_meta *m); /* zeroed: nothing */
/* A threshold of the keys that root names for m's role signed it: each key once, however often and under however many ids
 * it stands there. */
int tuf_meta_signed(const struct tuf_meta *m, const struct tuf_meta *root, struct err *e) must_check;
/* The keys of a role are the same, and as many of them are needed. */
bool tuf_same_keys(const struct tuf_meta *root, const struct tuf_meta *other, enum tuf_role role);

/* A member by its whole name: names of files have dots. NULL: none. */
const struct json *tuf_member(const struct json *object, const char *name);
/* false: it has a fraction in it, which has no canonical form. */
bool tuf_canonical(struct buf *out, const struct json *j);

/* What a file says of another: META of timestamp and snapshot, and targets. */
struct tuf_file {
	int64_t version;           /* 0: none is given */
	int64_t length;            /* -1: none is given */
	const struct json *hashes; /* or NULL */
};
/* ERR_POLICY: something in it is of a wrong type. name is for the sentence. */
int tuf_file_read(struct tuf_file *out, const struct json *j, const char *name, struct err *e) must_check;
/* Length and every hash that is known are as told; hashes of which none is known do not match. */
int tuf_file_matches(const struct tuf_file *f, struct span bytes, const char *name, struct err *e) must_check;
/* NULL: none of that algorithm, or it is not one in lower-case hex. */
const char *tuf_file_hash(const struct tuf_file *f, const char *algorithm);
