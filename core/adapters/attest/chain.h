/*
 * chain.h - X.509 as this adapter believes it: what a certificate may look like, and authorities whose chains were verified
 * when the trusted root was read.
 *
 * The dear part of a path, an authority's own chain, is paid once: attest_authority_prepare() says of every certificate in
 * it whether a leaf that it signed would lead to the anchor, and when. Nothing changes afterwards, so threads share it; a leaf
 * costs one signature. The last certificate of an authority is the anchor and trusted as it is (protobuf-specs,
 * CertificateAuthority.cert_chain). What is written here is RFC 5280 section 6 without policies, names' constraints and
 * revocation: a certificate that uses those is refused.
 */
#pragma once

#include "core/adapters/attest/internal.h"

#include <openssl/x509v3.h>

struct attest_link {
	X509 *x509;
	struct attest_key *key;      /* NULL: of a kind that is not accepted */
	struct attest_window window; /* its own */
	bool issued;                 /* by the one above; the anchor needs nobody */
	/* as the issuer of a leaf: */
	struct attest_window path; /* when it and all above it are valid */
	const char *broken;        /* why it leads nowhere; NULL: it holds */
};

struct attest_authority {
	const char *name;
	struct attest_window window;
	struct attest_link links[ATTEST_CHAIN_MAX]; /* a TSA's first is its signer, the others issue */
	size_t n;
	const char *broken; /* a TSA: why its signer is not believed; NULL: it is */
};

/* One certificate in DER, whole; NULL: it is none. */
X509 *attest_x509(struct span der);
/* The same, and OpenSSL does not decode its key, which is as dear as all the rest: X509_get_pubkey() answers none, and
 * attest_x509_key() works as ever. */
X509 *attest_x509_keyless(struct span der);
/* false: its dates are malformed. */
bool attest_x509_window(struct attest_window *out, const X509 *x);
/* UTCTime and GeneralizedTime as DER has them, fractions of a GeneralizedTime too; false: something else. */
bool attest_asn1_when(struct when *out, const ASN1_STRING *t);
/* The subject's key, by the certificate's own bytes. NULL: not accepted. */
struct attest_key *attest_x509_key(X509 *x, struct err *why);

/* Why x may not sign what xku (XKU_CODE_SIGN, XKU_TIMESTAMP) names, whoever issued it; NULL: it may. sole: it may do nothing
 * else (RFC 3161, 2.3; that this be critical is not demanded: GitHub's first timestamp authority did not say so). */
const char *attest_leaf_refused(X509 *x, uint32_t xku, bool sole);
/* Names chain, and the signature verifies and is strong enough. */
bool attest_link_names(const struct attest_link *by, X509 *x);
bool attest_link_signed(const struct attest_link *by, X509 *x);

X509 *attest_cert_x509(const struct attest_cert *c); /* borrowed */

/* Fills path and broken of every link; the first `leaf` of them is no issuer. */
void attest_authority_prepare(struct attest_authority *a, uint32_t xku, size_t leaf);
/* And of a TSA: its signer. */
void attest_tsa_prepare(struct attest_authority *a);
void attest_authority_done(struct attest_authority *a);

const struct attest_authority *attest_root_cas(const struct attest_root *r, size_t *n);
const struct attest_authority *attest_root_tsas(const struct attest_root *r, size_t *n);
