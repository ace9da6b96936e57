/*
 * internal.h - how the authority is put together. Private to this folder.
 *
 * What OpenSSL is asked here, it is asked with values of our own; where it refuses, it is a bug (BUG_IF), never an error to
 * report. Bytes live in the arena of whoever asked.
 */
#pragma once

#include "base/buf.h"
#include "base/json.h"
#include "base/vec.h"
#include "core/adapters/authority/authority.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

struct bytes {
	const unsigned char *s;
	size_t n;
};

/* ---- key.c ---- */
struct key {
	EVP_PKEY *pkey;
	BIGNUM *d; /* of a curve; NULL: Ed25519 */
	int nid;
};
void key_make(struct key *k, int nid, const char *seed, const char *label);
void key_drop(struct key *k);
const EVP_MD *key_digest(const struct key *k); /* the one that goes with its curve */
struct bytes key_sign(const struct key *k, const void *message, size_t n, struct arena *a);
struct bytes key_sign_digest(const struct key *k, const void *digest, size_t n,
			     struct arena *a); /* no Ed25519 */
struct bytes key_spki(const struct key *k, struct arena *a);
struct bytes key_raw(const struct key *k, struct arena *a); /* Ed25519's 32 bytes */
const char *key_pem(const struct key *k, struct arena *a);

/* ---- bytes.c ---- */
struct bytes bytes_of(struct arena *a, const void *s, size_t n);
struct bytes bytes_join(struct arena *a, const struct bytes *parts, size_t n);
struct bytes bytes_flip(struct arena *a, struct bytes b, size_t at); /* one bit of the byte `at` */
struct bytes bytes_sha256(struct arena *a, const void *s, size_t n);
struct bytes bytes_from_hex(struct arena *a, const char *hex);
struct bytes bytes_der(struct arena *a, unsigned char tag, struct bytes content);
const char *bytes_hex(struct arena *a, struct bytes b);
const char *bytes_base64(struct arena *a, struct bytes b);
const char *bytes_pem(struct arena *a, struct bytes der); /* of a certificate */
/* Bytes that look random and are the same for the same text: SHA-256 of it. */
struct bytes bytes_from(struct arena *a, const char *text);

/* ---- cert.c ---- */
struct issuer { /* who issues certificates: its own, and those above it up to the root */
	struct key key;
	X509 *cert;
	X509 *root;
};
struct ca_names {
	const char *organization, *root, *intermediate;
};
void issuer_make(struct issuer *i, int nid, const char *seed, const char *label, const struct ca_names *names,
		 struct when since, const char *usage);
/* One that `real` has certified, but not for issuing. */
void issuer_impostor(struct issuer *out, const struct issuer *real, const char *seed, struct when since);
void issuer_drop(struct issuer *i);
/* A timestamp authority's own certificate. */
X509 *cert_stamper(const struct issuer *i, const struct key *k, const char *name, struct when since);
struct bytes cert_der(const X509 *x, struct arena *a);

struct leaf_order {
	const struct issuer *issuer;
	const struct key *key;
	const struct key *ct; /* that promises; NULL: nobody does */
	const struct attest_identity *id;
	struct when from, until, seen; /* seen: by the certificate log */
	enum authority_fault fault;
};
struct bytes cert_leaf(const struct leaf_order *o, struct arena *a);

/* ---- stamp.c ---- */
struct stamper {
	struct issuer ca;
	struct key key;
	X509 *cert;
	bool sha384, embeds; /* embeds: its tokens bring its certificate */
	const char *uri;
	struct when from, until; /* when it is believed */
};
/* A TimeStampResp over bytes. */
struct bytes stamp_make(const struct stamper *t, struct bytes over, struct when at, bool spoilt,
			struct arena *a);

/* ---- log.c ---- */
struct log {
	const char *name;
	int generation;
	struct key key;
};
struct entry_order {
	const struct log *log;
	const char *kind, *version, *body; /* body: canonical JSON */
	struct when at;
	bool proof;
	enum authority_fault fault;
};
void entry_write(struct jw *w, const struct entry_order *o, struct arena *a);
/* The promise alone, as cosign keeps it in an annotation. */
const char *entry_promise(const struct entry_order *o, struct arena *a);
struct bytes log_id(const struct log *l, struct arena *a);

/* ---- body.c ---- what a bundle is made of, once it is signed */
struct signing {
	struct bytes leaf;     /* DER; n 0: a managed key */
	const struct key *key; /* that signed */
	struct bytes digest;   /* of the artifact, or of what is signed */
	const char *payload;   /* of an envelope, else NULL */
	const char *type;      /* of the payload */
	struct bytes pae, signature;
};
const char *body_make(const struct authority_order *o, const struct signing *s, struct arena *a,
		      const char **kind, const char **version);

/* ---- statement.c ---- */
/* id: as it is in the certificate. */
const char *statement_make(const struct authority_order *o, const struct attest_identity *id,
			   struct arena *a);

/* ---- make.c ---- everything of one order, before it is written down */
struct made {
	const struct authority_order *o;
	struct when at;
	struct attest_identity id;   /* with the order's fault */
	struct key leaf_key, second; /* second: of fault body_key */
	struct issuer impostor;
	const struct issuer *issuer; /* of the leaf; NULL: a managed key */
	struct authority *rogue;     /* the same names, other keys; NULL none */
	struct signing s;
	struct entry_order entry; /* log NULL: it is in none */
	struct bytes stamps[2];
	size_t stamps_n;
};
void made_drop(struct made *m);
static inline maybe_unused void made_freep(struct made *m)
{
	made_drop(m);
}
/* signs: what a message is about, when it is not the order's artifact (n 0: it is). */
void make(struct made *m, const struct authority *x, const struct authority_order *o, struct bytes signs,
	  struct arena *a);

/* ---- faults.c ---- */
unsigned order_has(const struct authority_order *o); /* enum authority_needs */
int order_check(const struct authority *x, const struct authority_order *o, struct err *e) must_check;
struct attest_identity order_identity(const struct authority_order *o, struct arena *a); /* with its fault */

/* ---- authority.c ---- */
struct authority {
	struct arena arena;
	const char *seed;
	struct when since, until;
	struct issuer ca[2]; /* by enum authority_instance */
	struct stamper tsa[2], former;
	struct key ct, managed;
	struct log logs[2];
};
enum { AUTHORITY_GAP = 3600 * 1000 }; /* its certificates begin, and only then are its timestamps believed */
