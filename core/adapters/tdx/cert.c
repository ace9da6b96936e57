#include "core/adapters/tdx/internal.h"

#include <openssl/x509v3.h>

#define CERT_MAX ((size_t)16 << 10)
#define LIST_MAX ((size_t)2 << 20)

X509 *tdx_cert(struct bytes der)
{
	const unsigned char *p = der.p;
	X509 *cert = der.n && der.n <= CERT_MAX ? d2i_X509(NULL, &p, (long)der.n) : NULL;

	if (cert && p != der.p + der.n) {
		X509_free(cert);
		return NULL;
	}
	return cert;
}

bool tdx_chain_pem(struct tdx_chain *out, struct bytes pem, struct arena *a)
{
	struct bytes der[TDX_CHAIN_MAX];
	int n = tdx_pem(der, TDX_CHAIN_MAX, "CERTIFICATE", pem, a);

	*out = (struct tdx_chain){ 0 };
	for (int i = 0; i < n; i++) {
		out->at[i] = tdx_cert(der[i]);
		if (!out->at[i])
			return false;
		out->n++;
	}
	return n > 0;
}

void tdx_chain_free(struct tdx_chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		X509_free(c->at[i]);
	c->n = 0;
}

/* ---- chains ----------------------------------------------------------------------------------------------------------- */

#define FLAWS (EXFLAG_INVALID | EXFLAG_CRITICAL)

const char *tdx_issued_flaw(X509 *cert, X509 *issuer)
{
	if (X509_NAME_cmp(X509_get_issuer_name(cert), X509_get_subject_name(issuer)) != 0)
		return "a certificate of the chain names another issuer";
	if (X509_get_extension_flags(issuer) & FLAWS || X509_check_ca(issuer) != 1 ||
	    !(X509_get_key_usage(issuer) & KU_KEY_CERT_SIGN))
		return "a certificate of the chain signs others and may not";
	if (X509_verify(cert, X509_get0_pubkey(issuer)) != 1)
		return "a certificate of the chain is not signed by its issuer";
	return NULL;
}

const char *tdx_leaf_flaw(X509 *cert)
{
	if (X509_get_extension_flags(cert) & FLAWS)
		return "the certificate has a critical part that is not known";
	if (X509_check_ca(cert))
		return "the certificate is an authority's";
	return NULL;
}

const char *tdx_depth_flaw(X509 *issuer, size_t below)
{
	long allowed = X509_get_pathlen(issuer);

	return allowed >= 0 && (size_t)allowed < below ? "the chain is longer than its authority allows"
						       : NULL;
}

const char *tdx_chain_flaw(const struct tdx_chain *c)
{
	const char *flaw = c->n < 2 ? "the chain has no issuer" : tdx_leaf_flaw(c->at[0]);

	for (size_t i = 1; i < c->n && !flaw; i++) {
		flaw = tdx_depth_flaw(c->at[i], i - 1);
		flaw = flaw ? flaw : tdx_issued_flaw(c->at[i - 1], c->at[i]);
	}
	return flaw ? flaw : tdx_issued_flaw(c->at[c->n - 1], c->at[c->n - 1]);
}

/* ---- what a certificate says --------------------------------------------------------------------------------------------- */

const char *tdx_cert_sha(X509 *cert, struct arena *a)
{
	unsigned char raw[32];

	BUG_IF(!X509_digest(cert, EVP_sha256(), raw, NULL));
	return tdx_hex((struct bytes){ raw, sizeof(raw) }, a);
}

const char *tdx_common_name(X509 *cert, struct arena *a)
{
	X509_NAME *name = X509_get_subject_name(cert);
	int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1), n;
	unsigned char *utf8 = NULL;
	const char *out = "";

	if (at < 0 || X509_NAME_get_index_by_NID(name, NID_commonName, at) >= 0)
		return "";
	n = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	if (n > 0 && !memchr(utf8, 0, (size_t)n))
		out = arena_strndup(a, (const char *)utf8, (size_t)n);
	OPENSSL_free(utf8);
	return out;
}

struct when tdx_when(const ASN1_TIME *t)
{
	struct tm tm = { 0 };

	if (!t || ASN1_TIME_to_tm(t, &tm) != 1)
		return WHEN_NONE;
	return (struct when){ (int64_t)timegm(&tm) * 1000 };
}

struct when tdx_from(X509 *cert)
{
	return tdx_when(X509_get0_notBefore(cert));
}

struct when tdx_until(X509 *cert)
{
	return tdx_when(X509_get0_notAfter(cert));
}

bool tdx_is_p256(X509 *cert)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);
	char group[32] = "";

	return key && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
	       EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 && !strcmp(group, "prime256v1");
}

/* ---- revocation lists ------------------------------------------------------------------------------------------------------ */

static X509_CRL *crl_der(struct bytes der)
{
	const unsigned char *p = der.p;
	X509_CRL *crl = der.n && der.n <= LIST_MAX ? d2i_X509_CRL(NULL, &p, (long)der.n) : NULL;

	if (crl && p != der.p + der.n) {
		X509_CRL_free(crl);
		return NULL;
	}
	return crl;
}

X509_CRL *tdx_crl(struct bytes text, struct arena *a)
{
	struct bytes der[1];
	char *s;

	if (text.n && text.p[0] == 0x30 && (text.n < 2 || text.p[1] & 0x80))
		return crl_der(text);
	if (tdx_pem(der, 1, "X509 CRL", text, a) == 1)
		return crl_der(der[0]);
	s = arena_strndup(a, (const char *)text.p, text.n);
	if (tdx_unhex_all(der, s, a))
		return crl_der(der[0]);
	return tdx_base64(der, s, strlen(s), a) ? crl_der(der[0]) : NULL;
}

bool tdx_crl_lists(X509_CRL *crl, X509 *cert)
{
	X509_REVOKED *found = NULL;

	return X509_CRL_get0_by_serial(crl, &found, X509_get_serialNumber(cert)) != 0;
}

static bool crl_has_unknown(X509_CRL *crl)
{
	for (int i = 0; i < X509_CRL_get_ext_count(crl); i++) {
		X509_EXTENSION *ext = X509_CRL_get_ext(crl, i);
		int nid = OBJ_obj2nid(X509_EXTENSION_get_object(ext));

		if (X509_EXTENSION_get_critical(ext) && nid != NID_crl_number &&
		    nid != NID_authority_key_identifier)
			return true;
	}
	return false;
}

const char *tdx_crl_flaw(X509_CRL *crl, X509 *issuer)
{
	if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(issuer)) != 0)
		return "the list is another authority's";
	if (crl_has_unknown(crl))
		return "the list has a critical part that is not known";
	if (X509_CRL_verify(crl, X509_get0_pubkey(issuer)) != 1)
		return "the list is not signed by its authority";
	return NULL;
}
