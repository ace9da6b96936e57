#include "core/adapters/attest/chain.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#define SPKI_MAX     ((size_t)2 << 10) /* an RSA key of 8192 bits has 1062 bytes */
#define PEM_TEXT_MAX ((size_t)16 << 10)
#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 8192 /* more takes too long to be worth the wait */
#define RSA_E_MAX    64   /* bits of a public exponent */

/* Which keys are accepted, and what each signs with. */
static const struct kind {
	const char *algorithm, *hash;
	int id;
	const char *group;
	const EVP_MD *(*md)(void);
} kinds[] = {
	{ "ecdsa-p256-sha256", "sha256", EVP_PKEY_EC, "prime256v1", EVP_sha256 },
	{ "ecdsa-p384-sha384", "sha384", EVP_PKEY_EC, "secp384r1", EVP_sha384 },
	{ "ecdsa-p521-sha512", "sha512", EVP_PKEY_EC, "secp521r1", EVP_sha512 },
	{ "rsa-pkcs1-sha256", "sha256", EVP_PKEY_RSA, NULL, EVP_sha256 },
	{ "ed25519", NULL, EVP_PKEY_ED25519, NULL, NULL },
};

struct attest_key {
	EVP_PKEY *pkey;
	const struct kind *kind;
	unsigned char sha256[ATTEST_HASH_MAX]; /* 32 of them */
};

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

static bool rsa_is_sound(const EVP_PKEY *p)
{
	BIGNUM *e = NULL;
	int bits = EVP_PKEY_get_bits(p);
	bool sound = EVP_PKEY_get_bn_param(p, "e", &e) && BN_is_odd(e) && BN_num_bits(e) > 1 &&
		     BN_num_bits(e) <= RSA_E_MAX && bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX;

	BN_free(e);
	return sound;
}

static const struct kind *kind_of(const EVP_PKEY *p)
{
	char group[32] = "";
	size_t n;

	for (size_t i = 0; i < countof(kinds); i++) {
		if (EVP_PKEY_get_base_id(p) != kinds[i].id)
			continue;
		if (!kinds[i].group)
			return kinds[i].id == EVP_PKEY_RSA && !rsa_is_sound(p) ? NULL : &kinds[i];
		if (EVP_PKEY_get_group_name(p, group, sizeof(group), &n) &&
		    strcmp(group, kinds[i].group) == 0)
			return &kinds[i];
	}
	return NULL;
}

/* Takes pkey (NULL: it could not be read), whose SubjectPublicKeyInfo is der. 0, PROOF_SIG_BAD. */
static int key_take(struct attest_key **out, EVP_PKEY *pkey, struct span der, struct err *why)
{
	const struct kind *kind = pkey ? kind_of(pkey) : NULL;
	struct attest_key *k;

	*out = NULL;
	ERR_clear_error();
	if (!kind) {
		int r = attest_no(why, PROOF_SIG_BAD, "%s",
				  pkey ? "the key is of a kind or size that is not accepted"
				       : "the public key is damaged");

		EVP_PKEY_free(pkey);
		return r;
	}
	k = x_alloc(sizeof(*k));
	k->pkey = pkey;
	k->kind = kind;
	(void)attest_hash("sha256", der, k->sha256);
	*out = k;
	return 0;
}

/* A point of a curve that everybody uses, in the one form that everybody writes: what stands before it, and the curve. */
static const struct plain_point {
	const char *group;
	size_t n; /* of the whole */
	size_t before;
	unsigned char lead[27];
} points[] = {
	{ "prime256v1", 91, 26, { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
				  0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
				  0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04 } },
	{ "secp384r1", 120, 23, { 0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
				  0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04 } },
};

/* OpenSSL judges the point as it does when it decodes the whole. NULL: not of that form, or it is no point. */
static EVP_PKEY *point_key(struct span der)
{
	const struct plain_point *p = der.n == points[0].n ? &points[0] : &points[1];
	OSSL_PARAM params[] = { OSSL_PARAM_END, OSSL_PARAM_END, OSSL_PARAM_END };
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *pkey = NULL;

	if (der.n != p->n || memcmp(der.p, p->lead, p->before + 1) != 0)
		return NULL;
	params[0] =
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)p->group, 0);
	params[1] = OSSL_PARAM_construct_octet_string(
		OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)(der.p + p->before), der.n - p->before);
	ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	if (ctx && EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

/* To look for OpenSSL's decoder of a key takes longer than to verify what the key signed, so points go without. */
static EVP_PKEY *spki_key(struct span der)
{
	const unsigned char *at = der.p;
	EVP_PKEY *pkey = point_key(der);

	if (pkey)
		return pkey;
	pkey = der.n && der.n <= SPKI_MAX ? d2i_PUBKEY(NULL, &at, (long)der.n) : NULL;
	if (pkey && at != der.p + der.n) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	return pkey;
}

int attest_key_spki(struct attest_key **out, struct span der, struct err *why)
{
	return key_take(out, spki_key(der), der, why);
}

int attest_key_pkcs1(struct attest_key **out, struct span der, struct err *why)
{
	const unsigned char *at = der.p;
	EVP_PKEY *pkey =
		der.n && der.n <= SPKI_MAX ? d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)der.n) : NULL;
	unsigned char *spki = NULL;
	int n = pkey && at == der.p + der.n ? i2d_PUBKEY(pkey, &spki) : 0;
	int r;

	if (n <= 0) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	r = key_take(out, pkey, (struct span){ spki, n > 0 ? (size_t)n : 0 }, why);
	OPENSSL_free(spki);
	return r;
}

bool attest_pem_block(struct span *der, char **name, const char *pem)
{
	size_t length = pem ? strlen(pem) : 0;
	BIO *bio = length && length <= PEM_TEXT_MAX ? BIO_new_mem_buf(pem, (int)length) : NULL;
	char *header = NULL;
	unsigned char *data = NULL;
	long n = 0;
	bool good = bio && PEM_read_bio(bio, name, &header, &data, &n) && !*header && n > 0;

	good = good && !strstr(strstr(pem, "-----BEGIN") + 1, "-----BEGIN");
	if (!good) {
		OPENSSL_free(data);
		data = NULL;
	}
	*der = (struct span){ data, good ? (size_t)n : 0 };
	OPENSSL_free(header);
	BIO_free(bio);
	ERR_clear_error();
	return good;
}

int attest_key_pem(struct attest_key **out, const char *pem, struct err *why)
{
	struct span der;
	char *name = NULL;
	int r = PROOF_SIG_BAD;

	*out = NULL;
	if (!attest_pem_block(&der, &name, pem))
		(void)attest_no(why, PROOF_SIG_BAD, "it is not one public key in PEM");
	else if (strcmp(name, PEM_STRING_PUBLIC) == 0)
		r = attest_key_spki(out, der, why);
	else if (strcmp(name, PEM_STRING_RSA_PUBLIC) == 0)
		r = attest_key_pkcs1(out, der, why);
	else
		(void)attest_no(why, PROOF_SIG_BAD, "it holds a %s and not a public key", name);
	OPENSSL_free((void *)(uintptr_t)der.p);
	OPENSSL_free(name);
	return r;
}

void attest_key_free(struct attest_key *k)
{
	if (k)
		EVP_PKEY_free(k->pkey);
	free(k);
}

/* ---- what it is ------------------------------------------------------------------------------------------------------- */

const char *attest_key_algorithm(const struct attest_key *k)
{
	return k->kind->algorithm;
}

const char *attest_key_hash(const struct attest_key *k)
{
	return k->kind->hash;
}

const unsigned char *attest_key_sha256(const struct attest_key *k)
{
	return k->sha256;
}

bool attest_key_same(const struct attest_key *a, const struct attest_key *b)
{
	return a && b && EVP_PKEY_eq(a->pkey, b->pkey) == 1;
}

/* ---- signatures ------------------------------------------------------------------------------------------------------- */

static int answer(bool good, struct err *why)
{
	ERR_clear_error();
	return good ? 0 : attest_no(why, PROOF_SIG_BAD, "the signature is not by this key over this");
}

int attest_key_verify(const struct attest_key *k, struct span signature, struct span message, struct err *why)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx && signature.n &&
		    EVP_DigestVerifyInit(ctx, NULL, k->kind->md ? k->kind->md() : NULL, NULL, k->pkey) == 1 &&
		    EVP_DigestVerify(ctx, signature.p, signature.n,
				     message.p ? message.p : (const unsigned char *)"", message.n) == 1;

	EVP_MD_CTX_free(ctx);
	return answer(good, why);
}

int attest_key_verify_pss(const struct attest_key *k, struct span signature, struct span message,
			  struct err *why)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pss = NULL; /* the other's */
	bool good = ctx && k->kind->id == EVP_PKEY_RSA && signature.n &&
		    EVP_DigestVerifyInit(ctx, &pss, EVP_sha256(), NULL, k->pkey) == 1 &&
		    EVP_PKEY_CTX_set_rsa_padding(pss, RSA_PKCS1_PSS_PADDING) == 1 &&
		    EVP_PKEY_CTX_set_rsa_pss_saltlen(pss, RSA_PSS_SALTLEN_AUTO) == 1 &&
		    EVP_DigestVerify(ctx, signature.p, signature.n,
				     message.p ? message.p : (const unsigned char *)"", message.n) == 1;

	EVP_MD_CTX_free(ctx);
	return answer(good, why);
}

/* ECDSA takes any digest; sigstore-python once signed on P-384 over SHA-256. */
static const EVP_MD *digest_md(const struct attest_key *k, size_t n)
{
	const EVP_MD *const all[] = { k->kind->md(), EVP_sha256(), EVP_sha384(), EVP_sha512() };
	size_t most = strncmp(k->kind->algorithm, "ecdsa-", 6) == 0 ? countof(all) : 1;

	for (size_t i = 0; i < most; i++)
		if ((size_t)EVP_MD_get_size(all[i]) == n)
			return all[i];
	return NULL;
}

int attest_key_verify_digest(const struct attest_key *k, struct span signature, struct span digest,
			     struct err *why)
{
	const EVP_MD *md;
	EVP_PKEY_CTX *ctx = NULL;
	bool good;

	if (!k->kind->md)
		return attest_no(why, PROOF_SIG_BAD, "an %s signature is over the whole, not over its digest",
				 k->kind->algorithm);
	md = digest_md(k, digest.n);
	if (!md)
		return attest_no(why, PROOF_SIG_BAD, "the digest is not %s", k->kind->hash);
	ctx = EVP_PKEY_CTX_new(k->pkey, NULL);
	good = ctx && signature.n && EVP_PKEY_verify_init(ctx) == 1 &&
	       EVP_PKEY_CTX_set_signature_md(ctx, md) == 1 &&
	       EVP_PKEY_verify(ctx, signature.p, signature.n, digest.p, digest.n) == 1;
	EVP_PKEY_CTX_free(ctx);
	return answer(good, why);
}
