/*
 * pki.h - a synthetic authority for tests: keys, certificates and revocation lists as Intel's look, made with OpenSSL while the
 * test runs. Nothing of it is Intel's, and no private key outlives the test.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

#define MK_NOW 1767225600 /* 2026-01-01: everything is judged as of then */
#define MK_DAY 86400
#define MK_SGX "1.2.840.113741.1.13.1"

static EVP_PKEY *mk_ec(void)
{
	EVP_PKEY *k = EVP_EC_gen("P-256");

	assert_non_null(k);
	return k;
}

struct mk_cert {
	const char *name;
	EVP_PKEY *key;
	X509 *issuer; /* NULL: itself */
	EVP_PKEY *by;
	long serial, from, until; /* seconds from MK_NOW; 0 0: a year before and after */
	bool ca;
	const struct buf *sgx; /* value of its extension */
};

static void mk_ext(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_int_equal(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
}

static void mk_sgx_ext(X509 *x, const struct buf *value)
{
	ASN1_OBJECT *id = OBJ_txt2obj(MK_SGX, 1);
	ASN1_OCTET_STRING *s = ASN1_OCTET_STRING_new();
	X509_EXTENSION *e;

	ASN1_OCTET_STRING_set(s, (const unsigned char *)value->s, (int)value->n);
	e = X509_EXTENSION_create_by_OBJ(NULL, id, 0, s);
	assert_int_equal(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
	ASN1_OCTET_STRING_free(s);
	ASN1_OBJECT_free(id);
}

static X509 *mk_certificate(const struct mk_cert *c)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);
	long from = c->from || c->until ? c->from : -365 * MK_DAY, until = c->until ? c->until : 365 * MK_DAY;

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), c->serial);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)c->name, -1, -1, 0);
	X509_set_issuer_name(x, c->issuer ? X509_get_subject_name(c->issuer) : name);
	ASN1_TIME_set(X509_getm_notBefore(x), MK_NOW + from);
	ASN1_TIME_set(X509_getm_notAfter(x), MK_NOW + until);
	X509_set_pubkey(x, c->key);
	mk_ext(x, NID_basic_constraints, c->ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	mk_ext(x, NID_key_usage, c->ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
	if (c->sgx)
		mk_sgx_ext(x, c->sgx);
	assert_true(X509_sign(x, c->by, EVP_sha256()) > 0);
	return x;
}

/* serial 0: the list is empty. */
static X509_CRL *mk_list(X509 *issuer, EVP_PKEY *by, long serial, long until)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *t = ASN1_TIME_new();

	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer));
	X509_CRL_set1_lastUpdate(crl, ASN1_TIME_set(t, MK_NOW - MK_DAY));
	X509_CRL_set1_nextUpdate(crl, ASN1_TIME_set(t, MK_NOW + until));
	if (serial) {
		X509_REVOKED *r = X509_REVOKED_new();
		ASN1_INTEGER *n = ASN1_INTEGER_new();

		ASN1_INTEGER_set(n, serial);
		X509_REVOKED_set_serialNumber(r, n);
		X509_REVOKED_set_revocationDate(r, ASN1_TIME_set(t, MK_NOW - MK_DAY));
		assert_int_equal(X509_CRL_add0_revoked(crl, r), 1);
		ASN1_INTEGER_free(n);
	}
	ASN1_TIME_free(t);
	X509_CRL_sort(crl);
	assert_true(X509_CRL_sign(crl, by, EVP_sha256()) > 0);
	return crl;
}

/* ---- as text ---- */

static const char *mk_hex(struct arena *a, const void *p, size_t n)
{
	char *out = arena_alloc(a, 2 * n + 1);

	for (size_t i = 0; i < n; i++)
		snprintf(out + 2 * i, 3, "%02x", ((const unsigned char *)p)[i]);
	return out;
}

static const char *mk_list_hex(struct arena *a, X509_CRL *crl)
{
	unsigned char *der = NULL;
	int n = i2d_X509_CRL(crl, &der);
	const char *out = mk_hex(a, der, (size_t)n);

	OPENSSL_free(der);
	X509_CRL_free(crl);
	return out;
}

static void mk_pem(struct buf *out, X509 *x)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *p;
	long n;

	PEM_write_bio_X509(b, x);
	n = BIO_get_mem_data(b, &p);
	buf_add(out, p, (size_t)n);
	BIO_free(b);
}

/* As a member of JSON: its line breaks escaped. */
static const char *mk_pem_json(struct arena *a, X509 *one, X509 *two)
{
	autofree(buf) struct buf pem = BUF_INIT(65536), out = BUF_INIT(131072);

	mk_pem(&pem, one);
	mk_pem(&pem, two);
	for (size_t i = 0; i < pem.n; i++)
		if (pem.s[i] == '\n')
			buf_str(&out, "\\n");
		else
			buf_chr(&out, pem.s[i]);
	return arena_strdup(a, out.s);
}

/* r || s of ECDSA over SHA-256. */
static void mk_sign(EVP_PKEY *key, const void *p, size_t n, unsigned char rs[64])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char der[80];
	const unsigned char *at = der;
	size_t der_n = sizeof(der);
	ECDSA_SIG *sig;

	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
	assert_int_equal(EVP_DigestSign(ctx, der, &der_n, p, n), 1);
	EVP_MD_CTX_free(ctx);
	sig = d2i_ECDSA_SIG(NULL, &at, (long)der_n);
	assert_non_null(sig);
	BN_bn2binpad(ECDSA_SIG_get0_r(sig), rs, 32);
	BN_bn2binpad(ECDSA_SIG_get0_s(sig), rs + 32, 32);
	ECDSA_SIG_free(sig);
}

/* ---- the extension of a platform ---- */

static void mk_tlv(struct buf *out, unsigned char tag, const void *p, size_t n)
{
	buf_chr(out, (char)tag);
	if (n >= 256)
		buf_add(out, (const char[]){ (char)0x82, (char)(n >> 8) }, 2);
	else if (n >= 128)
		buf_chr(out, (char)0x81);
	buf_chr(out, (char)n);
	buf_add(out, p, n);
}

/* SEQUENCE { our id and the arcs behind it, value } */
static void mk_member(struct buf *out, const unsigned char *arcs, size_t arcs_n, unsigned char tag,
		      const void *p, size_t n)
{
	static const unsigned char id[] = { 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01 };
	autofree(buf) struct buf both = BUF_INIT(4096), name = BUF_INIT(64);

	buf_add(&name, id, sizeof(id));
	buf_add(&name, arcs, arcs_n);
	mk_tlv(&both, 6, name.s, name.n);
	mk_tlv(&both, tag, p, n);
	mk_tlv(out, 0x30, both.s, both.n);
}

/* Every component has the same number; ppid false: that member is missing. */
static void mk_extension(struct buf *out, unsigned char svn, bool ppid)
{
	autofree(buf) struct buf all = BUF_INIT(4096), tcb = BUF_INIT(4096);
	static const unsigned char zeros[16], fmspc[6] = { 0x50, 0x80, 0x6f, 0, 0, 0 };

	for (unsigned char i = 1; i <= 17; i++)
		mk_member(&tcb, (const unsigned char[]){ 2, i }, 2, 2,
			  i == 17 ? &(unsigned char){ 13 } : &svn, 1);
	mk_member(&tcb, (const unsigned char[]){ 2, 18 }, 2, 4, zeros, 16);
	if (ppid)
		mk_member(&all, (const unsigned char[]){ 1 }, 1, 4, zeros, 16);
	mk_member(&all, (const unsigned char[]){ 2 }, 1, 0x30, tcb.s, tcb.n);
	mk_member(&all, (const unsigned char[]){ 3 }, 1, 4, zeros, 2);
	mk_member(&all, (const unsigned char[]){ 4 }, 1, 4, fmspc, 6);
	mk_tlv(out, 0x30, all.s, all.n);
}
