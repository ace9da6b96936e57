/*
 * internal.h - what the parts of this adapter know of each other: keys, the trusted root, certificates, timestamps.
 *
 * Two conventions. Bytes that were read from evidence travel as struct span, borrowed. And a check answers 0 when it holds,
 * or the enum proof_reason (above 0) by which it does not; then *why holds one sentence about what was found. Nothing here
 * answers below 0, unless it says so: memory that is gone ends the process.
 *
 * Everything that is const in a signature may be used by several threads at once. Time comes in as a value; there is no
 * clock, no file and no store. Sizes and counts are bounded before OpenSSL sees a byte.
 */
#pragma once

#include "core/port/attest.h"

struct span {
	const unsigned char *p;
	size_t n;
};
/* base64 (RFC 4648, standard alphabet, padded, canonical) of n digits into the arena; false: it is none, or it is empty. */
bool span_base64(struct span *out, const char *digits, struct arena *a) must_check;
bool span_eq(struct span a, struct span b);
/* Lower-case hex, in the arena. */
const char *span_hex(struct span s, struct arena *a) must_check;

/* Fills *why and answers r, so: return attest_no(why, PROOF_SIG_BAD, "the signature is not over this"). */
int attest_no(struct err *why, enum proof_reason r, const char *fmt, ...) format_printf(3, 4);

#define ATTEST_HASH_MAX 64
/* SHA-2 of bytes by its name "sha256", "sha384", "sha512": bytes written to out; 0: no such algorithm. */
size_t attest_hash(const char *algorithm, struct span bytes, unsigned char out[ATTEST_HASH_MAX]);

/* A closed interval of wall time. */
struct attest_window {
	struct when from;  /* always known */
	struct when until; /* inclusive to its last millisecond; not known: it has no end */
};
bool attest_window_has(struct attest_window w, struct when t); /* never a time that is not known */

/* ---- key.c: public keys ------------------------------------------------------------------------------------------------ */

/* ECDSA on P-256 with SHA-256, P-384 with SHA-384, P-521 with SHA-512; RSA PKCS#1 v1.5 from 2048 to 8192 bits with SHA-256;
 * Ed25519. The key decides the hash (client-spec, algorithm registry). Never changes once read. */
struct attest_key;
/* DER SubjectPublicKeyInfo, whole; PKCS#1 RSAPublicKey; PEM (BEGIN PUBLIC KEY, one block, NUL-terminated). PROOF_SIG_BAD: it is
 * no key, or of a kind that is not accepted. */
int attest_key_spki(struct attest_key **out, struct span der, struct err *why) must_check;
int attest_key_pkcs1(struct attest_key **out, struct span der, struct err *why) must_check;
int attest_key_pem(struct attest_key **out, const char *pem, struct err *why) must_check;
/* The only block of a PEM text, decoded, and its name; both are OpenSSL's to free. false: none, several, or encrypted. */
bool attest_pem_block(struct span *der, char **name, const char *pem);
void attest_key_free(struct attest_key *k); /* NULL: nothing */
DEFINE_FREEP(struct attest_key *, attest_key, attest_key_free)

const char *attest_key_algorithm(
	const struct attest_key *k); /* ecdsa-p256-sha256, rsa-pkcs1-sha256, ed25519 ... */
const char *attest_key_hash(
	const struct attest_key *k); /* sha256 ..., NULL: it signs messages, not digests */
const unsigned char *attest_key_sha256(
	const struct attest_key *k); /* 32 bytes: of that; a log's id (RFC 6962, 3.2) */
bool attest_key_same(const struct attest_key *a, const struct attest_key *b);

/* 0, or PROOF_SIG_BAD. Signatures are DER of ECDSA, raw bytes of the others. */
int attest_key_verify(const struct attest_key *k, struct span signature, struct span message,
		      struct err *why) must_check;
/* RSASSA-PSS of an RSA key: SHA-256, MGF1 of it, any length of salt (The Update Framework's rsassa-pss-sha256). */
int attest_key_verify_pss(const struct attest_key *k, struct span signature, struct span message,
			  struct err *why) must_check;
/* Over a digest made by attest_key_hash(), of ECDSA also by another SHA-2; PROOF_SIG_BAD also when the key signs messages only, or
 * the length is another. */
int attest_key_verify_digest(const struct attest_key *k, struct span signature, struct span digest,
			     struct err *why) must_check;

/* ---- root.c: what is trusted ---------------------------------------------------------------------------------------------- */

/* A log of the root: a transparency log, or a certificate log. */
struct attest_log {
	const char *name;    /* its base URL, raw */
	const char *host;    /* host[:port] of it: the name by which it signs notes */
	struct span id;      /* logId.keyId, raw */
	struct span note_id; /* checkpointKeyId.keyId, or the id: a note's line bears its first four bytes */
	const struct attest_key *key; /* NULL: of a kind that is not known here, so nothing of it verifies */
	struct attest_window window;
};
/* In the order of the file. */
const struct attest_log *attest_root_tlogs(const struct attest_root *r, size_t *n);
const struct attest_log *attest_root_ctlogs(const struct attest_root *r, size_t *n);
/* The transparency log with that id, valid at t (not known: at any time); NULL: none. One id may stand there several times
 * with different windows; where none contains t, there is none. */
const struct attest_log *attest_root_tlog(const struct attest_root *r, struct span id, struct when t);

/* ---- cert.c: certificates ------------------------------------------------------------------------------------------------- */

#define ATTEST_CERT_MAX  ((size_t)16 << 10) /* bytes of one in DER; Fulcio's have 800 */
#define ATTEST_TIMES_MAX 32                 /* authenticated times of one bundle */
#define ATTEST_CHAIN_MAX 8                  /* certificates of one authority */
#define ATTEST_AUTHS_MAX 64                 /* authorities of a kind, and logs of a kind, in one root */
#define ATTEST_TOKEN_MAX ((size_t)64 << 10) /* one timestamp token */
#define ATTEST_SCTS_MAX  16                 /* promises in one certificate */

/* A certificate that signed something: parsed, not yet believed. Never changes once read. */
struct attest_cert;
/* DER, whole. PROOF_ATT_PARSE, PROOF_ATT_LIMIT, PROOF_SIG_BAD (its key is not accepted). */
int attest_cert_read(struct attest_cert **out, struct span der, struct err *why) must_check;
void attest_cert_free(struct attest_cert *c); /* NULL: nothing */
DEFINE_FREEP(struct attest_cert *, attest_cert, attest_cert_free)
struct span attest_cert_der(const struct attest_cert *c); /* the bytes it was read from, copied */
const struct attest_key *attest_cert_key(const struct attest_cert *c);
/* Of a certificate beside the leaf in a bundle's chain: it is one, and it is not a root (issued by its own subject), which a
 * bundle must not carry. PROOF_CERT_CHAIN, PROOF_ATT_PARSE. Nothing else of it is believed. */
int attest_cert_hint(struct span der, struct err *why) must_check;

/* An authority of the root and the path to it that held. */
struct attest_path {
	const char *authority;           /* its URI in the root, or its certificate's name; "" none */
	const struct attest_key *issuer; /* of the certificate that signed the leaf; lives as the root does */
};
/* S3. At every one of the times (1 to ATTEST_TIMES_MAX of them): an authority whose window and whose certificates contain it,
 * whose chain holds, and which signed c; and c may sign code, is none itself and has an empty subject (of Fulcio's
 * certificates). PROOF_TIME_NONE: no times; PROOF_CERT_TIME: a chain holds, but not then; PROOF_CERT_CHAIN: everything else. */
int attest_cert_chain(struct attest_path *out, const struct attest_cert *c, const struct attest_root *r,
		      const struct when *times, size_t n, struct err *why) must_check;
/* Who signed: SAN, issuer, Fulcio's extensions. To be told only after attest_cert_chain(). PROOF_ATT_PARSE: an extension is
 * malformed, stands there twice, or has a NUL or no UTF-8 in it; PROOF_ID_SAN: not exactly one name. */
int attest_cert_identity(struct attest_identity *out, const struct attest_cert *c, struct arena *a,
			 struct err *why) must_check;

/* ---- sct.c: S4 -------------------------------------------------------------------------------------------------------------- */

/* *distinct: certificate logs of the root that promised to show the certificate, each counted once. PROOF_SCT_NONE: the
 * certificate has no promise of a log of the root (of others they are passed over); PROOF_SCT_BAD: the list is malformed, or one
 * of a log of the root does not verify. */
int attest_cert_scts(int64_t *distinct, const struct attest_cert *c, const struct attest_path *path,
		     const struct attest_root *r, struct err *why) must_check;

/* ---- tsa.c: S2a ------------------------------------------------------------------------------------------------------------- */

/* An RFC 3161 response (DER TimeStampResp) over the bytes of a signature. The same token twice is the caller's to refuse.
 * PROOF_TSA_BAD, PROOF_ATT_LIMIT. out->authority lives as the root does. */
int attest_timestamp(struct attest_time *out, struct span token, struct span signature,
		     const struct attest_root *r, struct err *why) must_check;

/* ---- openssl.c -------------------------------------------------------------------------------------------------------------- */

/* attest_openssl_floor() of "OpenSSL 3.0.22 25 Aug 2026". */
const char *attest_openssl_floor_of(const char *version);
