#include "core/adapters/authority/internal.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/ts.h>

DEFINE_FREEP(TS_REQ *, ts_req, TS_REQ_free)
DEFINE_FREEP(TS_RESP *, ts_resp, TS_RESP_free)
DEFINE_FREEP(TS_RESP_CTX *, ts_ctx, TS_RESP_CTX_free)

struct stamping {
	int64_t seconds;
	struct bytes over;
};

/* The same serial for the same token; nobody counts here. */
static ASN1_INTEGER *serial(TS_RESP_CTX *ctx, void *data)
{
	const struct stamping *s = data;
	ASN1_INTEGER *i = ASN1_INTEGER_new();
	uint64_t v = 0;

	(void)ctx;
	for (size_t k = 0; k < s->over.n; k++)
		v = v * 31 + s->over.s[k];
	BUG_IF(!i || !ASN1_INTEGER_set_uint64(i, v >> 1));
	return i;
}

static int present(TS_RESP_CTX *ctx, void *data, long *seconds, long *micros)
{
	(void)ctx;
	*seconds = (long)((const struct stamping *)data)->seconds;
	*micros = 0;
	return 1;
}

static BIO *request(const struct stamper *t, struct bytes over)
{
	const EVP_MD *md = t->sha384 ? EVP_sha384() : EVP_sha256();
	TS_REQ *req autofree(ts_req) = TS_REQ_new();
	TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
	X509_ALGOR *algor = X509_ALGOR_new();
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	BIO *out = BIO_new(BIO_s_mem());

	BUG_IF(!req || !imprint || !algor || !out || !EVP_Digest(over.s, over.n, digest, &n, md, NULL));
	X509_ALGOR_set_md(algor, md);
	BUG_IF(!TS_MSG_IMPRINT_set_algo(imprint, algor) || !TS_MSG_IMPRINT_set_msg(imprint, digest, (int)n) ||
	       !TS_REQ_set_version(req, 1) || !TS_REQ_set_msg_imprint(req, imprint) ||
	       !TS_REQ_set_cert_req(req, t->embeds) || !i2d_TS_REQ_bio(out, req));
	X509_ALGOR_free(algor);
	TS_MSG_IMPRINT_free(imprint);
	return out;
}

static TS_RESP *respond(const struct stamper *t, struct stamping *s)
{
	TS_RESP_CTX *ctx autofree(ts_ctx) = TS_RESP_CTX_new();
	ASN1_OBJECT *policy = OBJ_txt2obj("1.3.6.1.4.1.57264.2", 1);
	BIO *req = request(t, s->over);
	TS_RESP *resp;

	BUG_IF(!ctx || !policy || !TS_RESP_CTX_set_signer_cert(ctx, t->cert) ||
	       !TS_RESP_CTX_set_signer_key(ctx, t->key.pkey) ||
	       !TS_RESP_CTX_set_signer_digest(ctx, key_digest(&t->key)) ||
	       !TS_RESP_CTX_set_def_policy(ctx, policy) || !TS_RESP_CTX_add_md(ctx, EVP_sha256()) ||
	       !TS_RESP_CTX_add_md(ctx, EVP_sha384()) ||
	       !TS_RESP_CTX_set_ess_cert_id_digest(ctx, EVP_sha256()));
	TS_RESP_CTX_set_serial_cb(ctx, serial, s);
	TS_RESP_CTX_set_time_cb(ctx, present, s);
	resp = TS_RESP_create_response(ctx, req);
	BUG_IF(!resp || !TS_RESP_get_token(resp));
	BIO_free(req);
	ASN1_OBJECT_free(policy);
	return resp;
}

/* OpenSSL has signed with a number of chance and the machine's time: both again, from the order. */
static void sign_again(TS_RESP *resp, const struct stamper *t, int64_t seconds, bool spoilt, struct arena *a)
{
	PKCS7_SIGNER_INFO *si = sk_PKCS7_SIGNER_INFO_value(PKCS7_get_signer_info(TS_RESP_get_token(resp)), 0);
	ASN1_TIME *at = ASN1_TIME_set(NULL, seconds);
	unsigned char *der = NULL;
	struct bytes sig;
	int n;

	BUG_IF(!si || !at || !PKCS7_add0_attrib_signing_time(si, at));
	n = ASN1_item_i2d((ASN1_VALUE *)si->auth_attr, &der, ASN1_ITEM_rptr(PKCS7_ATTR_SIGN));
	BUG_IF(n <= 0);
	sig = key_sign(&t->key, der, (size_t)n, a);
	if (spoilt)
		sig = bytes_flip(a, sig, sig.n - 1);
	BUG_IF(!ASN1_OCTET_STRING_set(si->enc_digest, sig.s, (int)sig.n));
	OPENSSL_free(der);
}

struct bytes stamp_make(const struct stamper *t, struct bytes over, struct when at, bool spoilt,
			struct arena *a)
{
	struct stamping s = { .seconds = at.ms / 1000, .over = over };
	TS_RESP *resp autofree(ts_resp) = respond(t, &s);
	unsigned char *der = NULL;
	struct bytes out;
	int n;

	sign_again(resp, t, s.seconds, spoilt, a);
	n = i2d_TS_RESP(resp, &der);
	BUG_IF(n <= 0);
	out = bytes_of(a, der, (size_t)n);
	OPENSSL_free(der);
	return out;
}
