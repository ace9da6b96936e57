/*
 * bundle.h - what a Sigstore bundle holds, and what is computed over its parts: notes, Merkle trees, envelopes, statements.
 *
 * Reading comes first and believes nothing: a value of struct bundle is the file with its base64 undone, every size and count
 * bounded, every member known. verify.c is the table of checks over it. The conventions are internal.h's: 0, or the
 * proof_reason, with one sentence in *why.
 */
#pragma once

#include "base/json.h"
#include "core/adapters/attest/internal.h"

#define BUNDLE_ENTRIES_MAX 16 /* sigstore-go reads 32; each costs up to three signatures */
#define BUNDLE_TOKENS_MAX  8
#define BUNDLE_CERTS_MAX   8
#define BUNDLE_PATH_MAX    64 /* hashes of a Merkle path: a tree of 2^64 leaves */
#define BUNDLE_NOTE_MAX    ((size_t)64 << 10)
#define MERKLE_HASH        32

struct bundle_proof {
	bool is_there;
	int64_t index, size;
	struct span root;
	struct span path[BUNDLE_PATH_MAX];
	size_t path_n;
	const char *checkpoint; /* a signed note; NULL: none */
};

struct bundle_entry {
	struct span log_id;
	const char *kind, *version; /* hashedrekord, 0.0.1; "" not told */
	int64_t index;              /* in the log's whole life; the proof's is of its shard */
	struct when integrated;     /* not known: not told */
	struct span promise;        /* signed entry timestamp */
	struct span body;
	struct bundle_proof proof;
};

struct bundle {
	const char *media_type;
	int version; /* 1, 2, 3 of 0.1, 0.2, 0.3; 0: none that is known */
	bool message, managed;
	const char *hint;                    /* of a managed key; "" none */
	struct span leaf;                    /* DER of the signer's certificate */
	struct span hints[BUNDLE_CERTS_MAX]; /* what stands beside it in a chain */
	size_t hints_n;
	struct bundle_entry entries[BUNDLE_ENTRIES_MAX];
	size_t entries_n;
	struct span tokens[BUNDLE_TOKENS_MAX];
	size_t tokens_n;
	struct span signature;
	const char *digest_algorithm; /* of a message: what the bundle says that was signed; NULL: nothing */
	struct span digest;
	/* of an envelope */
	const char *payload_type, *keyid;
	struct span payload;
	size_t signatures_n;
};

/* S0. ATT_PARSE, ATT_LIMIT, and ATT_VERSION (*b holds the media type then). */
int bundle_read(struct bundle *b, struct span json, struct arena *a, struct err *why) must_check;

/* ---- merkle.c: RFC 6962 ----------------------------------------------------------------------------------------------- */

void merkle_leaf(unsigned char out[MERKLE_HASH], struct span body);
/* The root that the path leads to from that leaf (2.1.1). false: index is not below size, or the path has not exactly as many
 * hashes as such a tree has, or one is no hash. */
bool merkle_root(unsigned char out[MERKLE_HASH], const unsigned char leaf[MERKLE_HASH], uint64_t index,
		 uint64_t size, const struct span *path, size_t n);

/* ---- note.c: signed notes and checkpoints (C2SP signed-note, tlog-checkpoint) -------------------------------------------- */

#define NOTE_LINES_MAX 64 /* signature lines: a log and its witnesses */
struct note_line {
	const char *name;
	unsigned char id[4];
	struct span signature;
};
struct note {
	struct span text; /* what is signed, with its last newline */
	const char *origin;
	int64_t size;
	struct span root;
	struct note_line lines[NOTE_LINES_MAX];
	size_t lines_n;
};
/* TLOG_CHECKPOINT: it is none. */
int note_read(struct note *out, const char *text, struct arena *a, struct err *why) must_check;
/* At least one line of that log, and every one of them holds; others (witnesses) are passed over. */
int note_verify(const struct note *n, const struct attest_log *log, struct err *why) must_check;

/* ---- entry.c: entries of Rekor's logs ------------------------------------------------------------------------------------ */

/* S2b: the log's promise over body, time, id and index (RFC 8785 order). SET_BAD. */
int entry_promise_verify(const struct bundle_entry *en, const struct attest_log *log, struct arena *a,
			 struct err *why) must_check;

/* What an entry says that it is about. */
struct entry_body {
	const char *
		algorithm; /* sha256; of the artifact (hashedrekord), the payload (dsse, intoto) or the PAE */
	struct span digest, signature;
	struct span verifier; /* DER of a certificate, or of a public key */
	bool is_cert;
	bool is_pae; /* the digest of an envelope is of its PAE: second generation */
};
/* TLOG_KIND: of a kind that is not known, or none for this form of bundle, or not what the body itself says. */
int entry_read(struct entry_body *out, const struct bundle_entry *en, bool message, struct arena *a,
	       struct err *why) must_check;

/* ---- dsse.c ------------------------------------------------------------------------------------------------------------- */

/* What is signed of an envelope (DSSE v1, PAE); lengths are of bytes. */
struct span dsse_pae(const char *type, struct span payload, struct arena *a);

/* ---- statement.c: in-toto statements and their predicates ------------------------------------------------------------------ */

#define STATEMENT_TYPE "application/vnd.in-toto+json"
/* ATT_PARSE, ATT_VERSION (another _type), ATT_LIMIT. Texts are copied to a. */
int statement_read(struct attest_statement *out, struct span payload, struct arena *a,
		   struct err *why) must_check;
