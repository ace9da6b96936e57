/*
 * made.h - a small world of signers made for a test: an authority of code signers, one of timestamps, certificate logs, and the
 * trusted root that names them. Each part can be made wrong in one respect, so that a test sees one rule at work.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above, in that order */
#include <cmocka.h>

#include "base/text.h"
#include "core/adapters/attest/internal.h"

#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#define AUTHORITY_FROM  "20200101000000Z"
#define AUTHORITY_UNTIL "20300101000000Z"
#define LEAF_FROM       "20260601120000Z"
#define LEAF_UNTIL      "20260601121000Z"
#define SAN             "https://github.com/o/r/.github/workflows/release.yml@refs/tags/v1"
#define ISSUER          "https://token.actions.githubusercontent.com"

static inline struct span made_span(const void *p, size_t n)
{
	return (struct span){ p, n };
}

static inline struct when made_when(const char *iso)
{
	struct when t;

	assert_int_equal(when_parse(&t, iso), 0);
	return t;
}

static inline EVP_PKEY *made_key(const char *group)
{
	EVP_PKEY *k = strcmp(group, "ED25519") == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
		      : strcmp(group, "RSA") == 0   ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048)
						    : EVP_PKEY_Q_keygen(NULL, NULL, "EC", group);

	assert_non_null(k);
	return k;
}

/* ---- certificates ----------------------------------------------------------------------------------------------------- */

struct made_ext {
	const char *name, *value; /* as in openssl.cnf; a value NULL: without it */
};
#define MADE_EXTS 8
struct made_spec {
	const char *subject; /* CN; NULL or "": empty */
	const char *from, *until;
	struct made_ext exts[MADE_EXTS];
	int version; /* 0: X.509 version 3 */
};

static inline void made_add(X509 *x, const struct made_ext *ext)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	e = X509V3_EXT_nconf(NULL, &ctx, ext->name, ext->value);
	if (!e)
		fail_msg("no extension %s of %s", ext->name, ext->value);
	assert_int_equal(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
}

static inline void made_sign(X509 *x, EVP_PKEY *by, const EVP_MD *md)
{
	assert_true(X509_sign(x, by, md) > 0);
}

/* by NULL: signed by itself. `more` is set over the spec's extension of its name, or added, or taken away. */
static inline X509 *made_cert(const struct made_spec *s, const struct made_ext *more, EVP_PKEY *key,
			      const X509 *by, EVP_PKEY *by_key)
{
	static int serial = 0x1000;
	X509 *x = X509_new();
	bool put = false;

	X509_set_version(x, s->version ? s->version - 1 : X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
	assert_int_equal(ASN1_TIME_set_string_X509(X509_getm_notBefore(x), s->from), 1);
	assert_int_equal(ASN1_TIME_set_string_X509(X509_getm_notAfter(x), s->until), 1);
	if (s->subject && *s->subject)
		X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
					   (const unsigned char *)s->subject, -1, -1, 0);
	X509_set_issuer_name(x, by ? X509_get_subject_name(by) : X509_get_subject_name(x));
	X509_set_pubkey(x, key);
	for (size_t i = 0; i < MADE_EXTS && s->exts[i].name; i++) {
		bool mine = more && more->name && strcmp(more->name, s->exts[i].name) == 0;

		put = put || mine;
		if (!mine || more->value)
			made_add(x, mine ? more : &s->exts[i]);
	}
	if (more && more->name && !put && more->value)
		made_add(x, more);
	made_sign(x, by_key ? by_key : key, EVP_sha256());
	return x;
}

static const struct made_spec made_root_spec maybe_unused = {
	"root",
	AUTHORITY_FROM,
	AUTHORITY_UNTIL,
	{ { "basicConstraints", "critical,CA:TRUE,pathlen:1" },
	  { "keyUsage", "critical,keyCertSign,cRLSign" } },
	0
};
static const struct made_spec made_inter_spec maybe_unused = {
	"intermediate",
	AUTHORITY_FROM,
	AUTHORITY_UNTIL,
	{ { "basicConstraints", "critical,CA:TRUE,pathlen:0" },
	  { "keyUsage", "critical,keyCertSign,cRLSign" },
	  { "extendedKeyUsage", "codeSigning" } },
	0
};
static const struct made_spec made_leaf_spec maybe_unused = { NULL,
							      LEAF_FROM,
							      LEAF_UNTIL,
							      { { "keyUsage", "critical,digitalSignature" },
								{ "extendedKeyUsage", "codeSigning" },
								{ "subjectAltName", "critical,URI:" SAN },
								{ "1.3.6.1.4.1.57264.1.8",
								  "ASN1:UTF8String:" ISSUER } },
							      0 };
static const struct made_spec made_tsa_spec maybe_unused = {
	"tsa",
	AUTHORITY_FROM,
	AUTHORITY_UNTIL,
	{ { "keyUsage", "critical,digitalSignature" }, { "extendedKeyUsage", "critical,timeStamping" } },
	0
};

static inline struct span made_der(X509 *x, struct arena *a)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);
	unsigned char *copy;

	assert_true(n > 0);
	copy = arena_array(a, unsigned char, (size_t)n);
	memcpy(copy, der, (size_t)n);
	OPENSSL_free(der);
	return made_span(copy, (size_t)n);
}

static inline struct span made_spki(EVP_PKEY *k, struct arena *a)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(k, &der);
	unsigned char *copy;

	assert_true(n > 0);
	copy = arena_array(a, unsigned char, (size_t)n);
	memcpy(copy, der, (size_t)n);
	OPENSSL_free(der);
	return made_span(copy, (size_t)n);
}

/* The vectors' folder below PILOTHOUSE_VECTORS; NULL, said aloud, when there are none. */
static inline const char *made_vectors(struct arena *a, const char *name)
{
	const char *vectors = getenv("PILOTHOUSE_VECTORS");

	if (!vectors) {
		print_message("[  SKIP  ] PILOTHOUSE_VECTORS is not set: %s\n", name);
		return NULL;
	}
	return arena_printf(a, "%s/attest/sigstore/%s", vectors, name);
}
