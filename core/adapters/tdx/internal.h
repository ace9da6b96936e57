/*
 * internal.h - what the parts of this adapter know of each other, their tests and their fuzzers.
 *
 * bytes.c reads hex, PEM and DER; cert.c asks certificates and revocation lists; split.c cuts a quote into its parts; sgx.c reads
 * the extension that says which platform a certificate is of; tcbinfo.c reads Intel's two documents; collateral.c holds all of it,
 * verified once; verify.c is the table of checks. Foreign bytes travel as struct bytes, borrowed.
 */
#pragma once

#include "core/port/quote.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

struct json;

struct bytes {
	const unsigned char *p;
	size_t n;
};
static inline bool bytes_same(struct bytes a, struct bytes b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

/* ---- bytes.c ---- */
#define TDX_CHAIN_MAX 6
const char *tdx_hex(struct bytes b, struct arena *a) must_check; /* lower case */
/* Exactly n bytes from 2n digits of either case; false: they are not. s may be NULL. */
bool tdx_unhex(unsigned char *out, size_t n, const char *s);
/* Any even number of digits. */
bool tdx_unhex_all(struct bytes *out, const char *s, struct arena *a);
/* RFC 4648: base64url without padding (JWS), or base64 with it (x5c); canonical. */
bool tdx_base64url(struct bytes *out, const char *s, size_t n, struct arena *a);
bool tdx_base64(struct bytes *out, const char *s, size_t n, struct arena *a);
const char *tdx_sha256(const void *p, size_t n, struct arena *a) must_check;
/* DER of the blocks of that label ("CERTIFICATE") in a PEM text, in order; NUL and text between them are skipped. -1: damaged,
 * or more than max. */
int tdx_pem(struct bytes *out, size_t max, const char *label, struct bytes text, struct arena *a);
/* ECDSA P-256 with SHA-256, signature as r||s. */
bool tdx_p256_verify(EVP_PKEY *key, const unsigned char rs[64], struct bytes message);
EVP_PKEY *tdx_p256_key(const unsigned char xy[64]); /* NULL: no point of the curve */
/* The member of an object, as it stands in the text: what is signed. false: no such member, or no object. The text must have
 * been read as JSON before. */
bool tdx_raw_member(struct bytes *out, struct bytes text, const char *key);

/* ---- cert.c ---- */
struct tdx_chain {
	X509 *at[TDX_CHAIN_MAX]; /* leaf first */
	size_t n;
};
/* PEM or DER; what is read must be freed also on failure. */
bool tdx_chain_pem(struct tdx_chain *out, struct bytes pem, struct arena *a);
X509 *tdx_cert(struct bytes der);
void tdx_chain_free(struct tdx_chain *c);
/* NULL: it holds; else one clause about what does not: the leaf is none that signs others, each is signed by the next, which may do
 * so, and the last one's SHA-256 is the pin, or is signed by nobody. Times and revocation are not looked at. */
const char *tdx_chain_flaw(const struct tdx_chain *c);
const char *tdx_issued_flaw(X509 *cert, X509 *issuer); /* one link of it */
const char *tdx_leaf_flaw(X509 *cert);
/* below: how many authorities stand between this one and a leaf (RFC 5280, 4.2.1.9). */
const char *tdx_depth_flaw(X509 *issuer, size_t below);
const char *tdx_cert_sha(X509 *cert, struct arena *a);
const char *tdx_common_name(X509 *cert, struct arena *a); /* "" none, or not exactly one */
struct when tdx_from(X509 *cert), tdx_until(X509 *cert);  /* not known: no time */
struct when tdx_when(const ASN1_TIME *t);
bool tdx_is_p256(X509 *cert);
X509_CRL *tdx_crl(struct bytes der_or_hex_or_pem, struct arena *a);
bool tdx_crl_lists(X509_CRL *crl, X509 *cert);
/* NULL: it is the issuer's and signed by it, and no part of it is critical and unknown. */
const char *tdx_crl_flaw(X509_CRL *crl, X509 *issuer);

/* ---- split.c ---- */
#define TDX_HEADER      48
#define TDX_BODY10      584
#define TDX_REPORT_DATA 520 /* in the body, 64 bytes */
#define TDX_BODY15      648
struct tdx_parts {
	int version, key_type;
	uint32_t tee;
	bool td15;
	struct bytes head;                              /* the header */
	struct bytes body;                              /* of the machine */
	struct bytes signed_part;                       /* header, descriptor and body */
	const unsigned char *signature, *key;           /* 64 bytes each */
	const unsigned char *report, *report_signature; /* 384 and 64 */
	struct bytes auth, pck;
	int pck_type; /* 5: a PEM chain */
	size_t trailing;
	bool trailing_zero;
	enum proof_reason reason; /* of the flaw */
};
/* NULL: whole; else what is wrong, and out->reason. */
const char *tdx_split(struct tdx_parts *out, struct bytes quote);

/* ---- sgx.c ---- */
struct sgx_platform {
	unsigned char ppid[16], pce_id[2], fmspc[6];
	uint8_t svn[16];
	uint16_t pce_svn;
};
/* The value of extension 1.2.840.113741.1.13.1. NULL: read; else what is wrong. */
const char *sgx_read(struct sgx_platform *out, struct bytes der);
const char *sgx_of(struct sgx_platform *out, X509 *cert);

/* ---- tcbinfo.c ---- */
struct tcb_level {
	uint8_t sgx[16], tdx[16];
	uint16_t pce_svn;
	struct tcb_found found;
	size_t place; /* in the document */
};
struct isv_level {
	uint16_t svn;
	struct tcb_found found;
};
struct isv_levels VEC_OF(struct isv_level);
struct tcb_levels VEC_OF(struct tcb_level);
struct module_identity {
	const char *id;
	unsigned char signer[48], attributes[8], mask[8];
	struct isv_levels levels;
};
struct module_identities VEC_OF(struct module_identity);
struct tcb_info {
	const char *id;
	int64_t version, evaluation;
	struct when from, until;
	unsigned char fmspc[6], pce_id[2];
	struct module_identity first; /* tdxModule: of module version 0 */
	struct module_identities modules;
	struct tcb_levels levels; /* descending */
};
struct qe_identity {
	const char *id;
	int64_t version;
	struct when from, until;
	unsigned char misc[4], misc_mask[4]; /* big-endian, as the document has them */
	unsigned char attributes[16], attributes_mask[16], signer[32];
	int64_t product;
	struct isv_levels levels; /* descending */
};
/* ERR_CORRUPT with the member. */
int tcb_info_read(struct tcb_info *out, struct bytes text, struct arena *a, struct err *e) must_check;
int qe_identity_read(struct qe_identity *out, struct bytes text, struct arena *a, struct err *e) must_check;

/* ---- collateral.c ---- */
/* How a check of the collateral itself came out when it was parsed. */
struct tdx_fact {
	enum check_result result;
	enum proof_reason reason;
	const char *expected, *found;
};
enum tdx_part { TDX_TCB_INFO, TDX_QE_IDENTITY, TDX_PARTS };
struct quote_collateral {
	struct arena arena;
	const char *sha, *root_sha;
	struct tdx_chain signer[TDX_PARTS], pck_ca; /* pck_ca: chain of who signs the PCK list */
	struct bytes pck_ca_der[TDX_CHAIN_MAX];     /* of it, to know again what was verified */
	struct bytes pck_chain;                     /* pck_certificate_chain, or nothing */
	X509 *root;
	X509_CRL *root_list, *pck_list;
	struct tcb_info tcb;
	struct qe_identity qe;
	struct tdx_fact form, roots, chains, lists, revoked, info, info_signature, identity,
		identity_signature;
	bool pck_ca_holds;
};

/* ---- verify.c ---- */
enum tdx_row {
#define CHECK(row, id, name, reason, needs) TDX_##row,
#include "core/adapters/tdx/checks.def"
#undef CHECK
	TDX_ROWS
};
enum token_row {
#define CHECK(row, id, name, reason, needs) TOKEN_##row,
#include "core/adapters/tdx/token_checks.def"
#undef CHECK
	TOKEN_ROWS
};

/* ---- tcb.c: T7, T8 ---- */
/* The identity of the module with that version: 0 is the first; NULL: there is none. */
const struct module_identity *tcb_module(const struct tcb_info *t, unsigned version);
/* The first level that fits; NULL: none. */
const struct tcb_level *tcb_level_of(const struct tcb_info *t, const struct sgx_platform *p,
				     const unsigned char tdx[16]);
const struct isv_level *isv_level_of(const struct isv_levels *l, unsigned svn);
