/*
 * planfile.h - plans on disk, and the signatures beside them.
 *
 *	DIR/ID.json              the document, byte for byte: `sha256sum` prints its name
 *	DIR/ID.json.sig.KEY      one signature over it, as `ssh-keygen -Y sign` makes them; KEY is the fingerprint without
 *	                         "SHA256:", with - and _ for + and /
 *
 * DIR is STATE_DIR/plans, 0700; files are 0600, made once and never written again. What is read is foreign: a document whose
 * digest is not its name, or that is not in canonical form, is none.
 */
#pragma once

#include "core/engine/plandoc.h"

#define PLAN_SIGNATURES_MAX 64

struct plan_file {
	char id[DIGEST_HEX];
	const char *path, *document;
	size_t n;
};
struct plan_signature {
	const char *path, *text;
	size_t n;
};
struct plan_signatures VEC_OF(struct plan_signature);

/* *path: where it is. 1: it was there already. */
int plan_file_save(const char *dir, const char *id, const char *document, const char **path, struct arena *a,
		   struct err *e) must_check;
/* By its name in DIR, or at least PLAN_SHOWN digits of it. ERR_MISSING: none, ERR_INVALID: several, or no name at all. */
int plan_file_find(struct plan_file *out, const char *dir, const char *given, sha256_fn sha256,
		   struct arena *a, struct err *e) must_check;
/* Of any file. ERR_CORRUPT: it is no plan. Its name need not be its digest; out->id is the digest. */
int plan_file_read(struct plan_file *out, const char *path, sha256_fn sha256, struct arena *a,
		   struct err *e) must_check;
/* What lies beside PATH as a signature, in the order of the names. Too large or unreadable ones are empty. */
int plan_file_signatures(struct plan_signatures *out, const char *path, struct arena *a,
			 struct err *e) must_check;
/* Beside PATH; an older signature of the same key is replaced. */
int plan_file_sign(const char *path, const char *fingerprint, const struct buf *armoured, const char **where,
		   struct arena *a, struct err *e) must_check;
/* The text of a list of signers: a regular file, ours or root's, that no other may write. */
int plan_signers_read(struct buf *out, const char *path, struct err *e) must_check;
