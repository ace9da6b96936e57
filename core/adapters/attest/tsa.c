#include "core/adapters/attest/chain.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/ess.h>
#include <openssl/ts.h>

/*
 * RFC 3161 by CMS alone. OpenSSL's own TS_RESP_verify_response() builds the chain again for every token, takes the first
 * chain that fits and looks into embedded certificates for it; here the signer is the leaf of one authority of the root,
 * whose chain was verified once, and nothing else of the token can bring a key. PKCS7_verify() is not used at all.
 */

#define SIGNERS 1 /* a token has exactly one (RFC 3161, 2.4.2) */

struct token {
	CMS_ContentInfo *cms;
	CMS_SignerInfo *signer; /* borrowed */
	TS_TST_INFO *info;
	struct span content; /* what the signer's digest is over; borrowed */
	struct when at;
};

static void token_done(struct token *t)
{
	CMS_ContentInfo_free(t->cms);
	TS_TST_INFO_free(t->info);
}

static int bad(struct err *why, const char *what)
{
	return attest_no(why, PROOF_TSA_BAD, "the timestamp does not verify: %s", what);
}

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

/* Status granted, or granted with modifications (RFC 3161, 2.4.2). */
static const char *read_status(const unsigned char **at, const unsigned char *end)
{
	TS_STATUS_INFO *info = d2i_TS_STATUS_INFO(NULL, at, end - *at);
	int64_t status = -1;
	bool known = info && ASN1_INTEGER_get_int64(&status, TS_STATUS_INFO_get0_status(info));

	TS_STATUS_INFO_free(info);
	if (!known)
		return "it is malformed";
	return status == TS_STATUS_GRANTED || status == TS_STATUS_GRANTED_WITH_MODS ? NULL
										    : "it was not granted";
}

/* The two parts of a TimeStampResp, and nothing behind them. */
static const char *read_response(struct token *t, struct span der)
{
	const unsigned char *at = der.p, *end;
	const char *refused;
	long n;
	int tag, class;

	if (ASN1_get_object(&at, &n, &tag, &class, (long)der.n) != V_ASN1_CONSTRUCTED ||
	    tag != V_ASN1_SEQUENCE || class != V_ASN1_UNIVERSAL || at + n != der.p + der.n)
		return "it is malformed";
	end = at + n;
	refused = read_status(&at, end);
	if (refused)
		return refused;
	t->cms = d2i_CMS_ContentInfo(NULL, &at, end - at);
	return t->cms && at == end ? NULL : "it is malformed";
}

/* A signed TSTInfo of one signer. */
static const char *read_token(struct token *t)
{
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(t->cms);
	ASN1_OCTET_STRING **content;
	const unsigned char *at, *end;

	if (OBJ_obj2nid(CMS_get0_type(t->cms)) != NID_pkcs7_signed ||
	    sk_CMS_SignerInfo_num(signers) != SIGNERS)
		return "it has not exactly one signer";
	t->signer = sk_CMS_SignerInfo_value(signers, 0);
	content = CMS_get0_content(t->cms);
	if (OBJ_obj2nid(CMS_get0_eContentType(t->cms)) != NID_id_smime_ct_TSTInfo || !content || !*content)
		return "it holds no time";
	t->content = (struct span){ ASN1_STRING_get0_data(*content), (size_t)ASN1_STRING_length(*content) };
	at = t->content.p;
	end = at + t->content.n;
	t->info = d2i_TS_TST_INFO(NULL, &at, (long)t->content.n);
	if (!t->info || at != end || TS_TST_INFO_get_version(t->info) != 1 ||
	    !attest_asn1_when(&t->at, TS_TST_INFO_get_time(t->info)))
		return "it is malformed";
	return NULL;
}

/* ---- checking --------------------------------------------------------------------------------------------------------- */

static const char *hash_name(const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *object = NULL;

	X509_ALGOR_get0(&object, NULL, NULL, algorithm);
	switch (OBJ_obj2nid(object)) {
	case NID_sha256:
		return "sha256";
	case NID_sha384:
		return "sha384";
	case NID_sha512:
		return "sha512";
	}
	return NULL;
}

static bool is_digest(const ASN1_OCTET_STRING *digest, const X509_ALGOR *algorithm, struct span of)
{
	unsigned char hash[ATTEST_HASH_MAX];
	size_t n = attest_hash(hash_name(algorithm), of, hash);

	return n && span_eq((struct span){ hash, n }, (struct span){ ASN1_STRING_get0_data(digest),
								     (size_t)ASN1_STRING_length(digest) });
}

static bool is_over(const struct token *t, struct span signature)
{
	TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint(t->info);

	return is_digest(TS_MSG_IMPRINT_get_msg(imprint), TS_MSG_IMPRINT_get_algo(imprint), signature);
}

/* The value of a signed attribute that stands there exactly once, with one value. */
static const void *attribute(const struct token *t, int nid, int type)
{
	return CMS_signed_get0_data_by_OBJ(t->signer, OBJ_nid2obj(nid), -3, type);
}

/* The attributes are what is signed; they bind the content, its type and the certificate (RFC 5652, 5.4; RFC 5035). */
static const char *attributes_refused(const struct token *t)
{
	const ASN1_OBJECT *type = attribute(t, NID_pkcs9_contentType, V_ASN1_OBJECT);
	const ASN1_OCTET_STRING *digest = attribute(t, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING);
	X509_ALGOR *algorithm = NULL;

	CMS_SignerInfo_get0_algs(t->signer, NULL, NULL, &algorithm, NULL);
	if (!type || OBJ_obj2nid(type) != NID_id_smime_ct_TSTInfo)
		return "its signature is not over a time";
	if (!digest || !is_digest(digest, algorithm, t->content))
		return "its content is not what was signed";
	return NULL;
}

/* Which certificate the signer meant: SHA-1 in the older attribute, a hash of its choice in the newer one. */
static bool names_signer(const struct token *t, const struct attest_authority *tsa)
{
	const ASN1_STRING *v1 = attribute(t, NID_id_smime_aa_signingCertificate, V_ASN1_SEQUENCE);
	const ASN1_STRING *v2 = attribute(t, NID_id_smime_aa_signingCertificateV2, V_ASN1_SEQUENCE);
	const unsigned char *at1 = v1 ? ASN1_STRING_get0_data(v1) : NULL;
	const unsigned char *at2 = v2 ? ASN1_STRING_get0_data(v2) : NULL;
	ESS_SIGNING_CERT *one = v1 ? d2i_ESS_SIGNING_CERT(NULL, &at1, ASN1_STRING_length(v1)) : NULL;
	ESS_SIGNING_CERT_V2 *two = v2 ? d2i_ESS_SIGNING_CERT_V2(NULL, &at2, ASN1_STRING_length(v2)) : NULL;
	STACK_OF(X509) *chain = sk_X509_new_null();
	bool good = !v1 == !one && !v2 == !two;

	for (size_t i = 0; i < tsa->n; i++)
		good = good && sk_X509_push(chain, tsa->links[i].x509) > 0;
	good = good && OSSL_ESS_check_signing_certs(one, two, chain, 1) > 0;
	sk_X509_free(chain);
	ESS_SIGNING_CERT_free(one);
	ESS_SIGNING_CERT_V2_free(two);
	return good;
}

static const char *signer_refused(const struct token *t, const struct attest_authority *tsa)
{
	if (tsa->broken)
		return tsa->broken;
	if (!attest_window_has(tsa->window, t->at) || !attest_window_has(tsa->links[0].path, t->at))
		return "its authority was not trusted then";
	if (!names_signer(t, tsa))
		return "it names another certificate than its authority's";
	CMS_SignerInfo_set1_signer_cert(t->signer, tsa->links[0].x509);
	return CMS_SignerInfo_verify(t->signer) == 1 ? NULL : "its signature is not the authority's";
}

/* One authority of the root: its own certificate, its own window and its own chain, never another's (TOB-SIGSTORE-11). */
static const struct attest_authority *find_signer(const struct token *t, const struct attest_root *r,
						  const char **refused)
{
	size_t n;
	const struct attest_authority *tsas = attest_root_tsas(r, &n);

	*refused = "no authority of the trusted root made it";
	for (size_t i = 0; i < n; i++) {
		if (CMS_SignerInfo_cert_cmp(t->signer, tsas[i].links[0].x509) != 0)
			continue;
		*refused = signer_refused(t, &tsas[i]);
		if (!*refused)
			return &tsas[i];
	}
	return NULL;
}

static const struct attest_authority *check(struct token *t, struct span der, struct span signature,
					    const struct attest_root *r, const char **refused)
{
	*refused = read_response(t, der);
	if (!*refused)
		*refused = read_token(t);
	if (!*refused && !is_over(t, signature))
		*refused = "it is not over this signature";
	if (!*refused)
		*refused = attributes_refused(t);
	return *refused ? NULL : find_signer(t, r, refused);
}

int attest_timestamp(struct attest_time *out, struct span token, struct span signature,
		     const struct attest_root *r, struct err *why)
{
	struct token t = { 0 };
	const char *refused;
	const struct attest_authority *tsa;

	*out = (struct attest_time){ 0 };
	if (token.n > ATTEST_TOKEN_MAX)
		return attest_no(why, PROOF_ATT_LIMIT, "a timestamp has %zu bytes, more than %zu", token.n,
				 ATTEST_TOKEN_MAX);
	tsa = check(&t, token, signature, r, &refused);
	if (tsa)
		*out = (struct attest_time){ .authority = tsa->name, .at = t.at };
	token_done(&t);
	ERR_clear_error();
	return tsa ? 0 : bad(why, refused);
}
