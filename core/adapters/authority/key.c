#include "core/adapters/authority/internal.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

DEFINE_FREEP(BIGNUM *, bn, BN_free)
DEFINE_FREEP(BN_CTX *, bn_ctx, BN_CTX_free)
DEFINE_FREEP(EC_GROUP *, group, EC_GROUP_free)
DEFINE_FREEP(EC_POINT *, point, EC_POINT_free)
DEFINE_FREEP(ECDSA_SIG *, ecdsa, ECDSA_SIG_free)

/* A number from 1 to n - 1 that is always the same for the same bytes: SHA-512 leaves no bias that a drill could show. */
static BIGNUM *number(const BIGNUM *n, const void *s, size_t len, BN_CTX *ctx)
{
	unsigned char wide[SHA512_DIGEST_LENGTH];
	BIGNUM *x, *below autofree(bn) = BN_dup(n);

	SHA512(s, len, wide);
	x = BN_bin2bn(wide, sizeof(wide), NULL);
	BUG_IF(!x || !below || !BN_sub_word(below, 1) || !BN_mod(x, x, below, ctx) || !BN_add_word(x, 1));
	return x;
}

static void make_curve(struct key *k, const void *secret, size_t n)
{
	EC_GROUP *g autofree(group) = EC_GROUP_new_by_curve_name(k->nid);
	EC_POINT *q autofree(point) = g ? EC_POINT_new(g) : NULL;
	BN_CTX *ctx autofree(bn_ctx) = BN_CTX_new();
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *make = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM *params;
	unsigned char public[1 + 2 * 48];
	size_t public_n;

	BUG_IF(!q || !ctx || !build || !make);
	k->d = number(EC_GROUP_get0_order(g), secret, n, ctx);
	BUG_IF(!EC_POINT_mul(g, q, k->d, NULL, NULL, ctx));
	public_n = EC_POINT_point2oct(g, q, POINT_CONVERSION_UNCOMPRESSED, public, sizeof(public), ctx);
	BUG_IF(!OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, OBJ_nid2sn(k->nid), 0) ||
	       !OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, public, public_n) ||
	       !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, k->d));
	params = OSSL_PARAM_BLD_to_param(build);
	BUG_IF(!params || EVP_PKEY_fromdata_init(make) <= 0 ||
	       EVP_PKEY_fromdata(make, &k->pkey, EVP_PKEY_KEYPAIR, params) <= 0);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(make);
}

void key_make(struct key *k, int nid, const char *seed, const char *label)
{
	struct arena a autofree(arena) = ARENA_INIT;
	const char *text = arena_printf(&a, "key/%s/%s", seed, label);
	struct bytes secret = bytes_from(&a, text);

	*k = (struct key){ .nid = nid };
	if (nid == NID_ED25519)
		k->pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret.s, secret.n);
	else
		make_curve(k, text, strlen(text));
	BUG_IF(!k->pkey);
}

void key_drop(struct key *k)
{
	EVP_PKEY_free(k->pkey);
	BN_clear_free(k->d);
	*k = (struct key){ 0 };
}

const EVP_MD *key_digest(const struct key *k)
{
	return k->nid == NID_secp384r1 ? EVP_sha384() : EVP_sha256();
}

/* FIPS 186-4 6.4 with k from key and digest, as RFC 6979 teaches: the same message has the same signature, always. */
struct bytes key_sign_digest(const struct key *k, const void *digest, size_t n, struct arena *a)
{
	EC_GROUP *g autofree(group) = EC_GROUP_new_by_curve_name(k->nid);
	EC_POINT *point autofree(point) = g ? EC_POINT_new(g) : NULL;
	BN_CTX *ctx autofree(bn_ctx) = BN_CTX_new();
	const BIGNUM *order = g ? EC_GROUP_get0_order(g) : NULL;
	BIGNUM *r = BN_new(), *s = BN_new(), *z autofree(bn) = BN_bin2bn(digest, (int)n, NULL);
	BIGNUM *once autofree(bn) = NULL, *inverse autofree(bn) = NULL;
	ECDSA_SIG *sig autofree(ecdsa) = ECDSA_SIG_new();
	unsigned char secret[64 + EVP_MAX_MD_SIZE] = { 0 }, *der = NULL;
	struct bytes out;
	int der_n;

	BUG_IF(!point || !ctx || !r || !s || !z || !sig || n > EVP_MAX_MD_SIZE);
	BUG_IF(BN_bn2binpad(k->d, secret, 64) < 0);
	memcpy(secret + 64, digest, n);
	once = number(order, secret, 64 + n, ctx);
	inverse = BN_mod_inverse(NULL, once, order, ctx);
	BUG_IF(!inverse || !EC_POINT_mul(g, point, once, NULL, NULL, ctx) ||
	       !EC_POINT_get_affine_coordinates(g, point, r, NULL, ctx) || !BN_nnmod(r, r, order, ctx) ||
	       !BN_mod_mul(s, r, k->d, order, ctx) || !BN_mod_add(s, s, z, order, ctx) ||
	       !BN_mod_mul(s, s, inverse, order, ctx) || !ECDSA_SIG_set0(sig, r, s));
	der_n = i2d_ECDSA_SIG(sig, &der);
	BUG_IF(der_n <= 0);
	out = bytes_of(a, der, (size_t)der_n);
	OPENSSL_free(der);
	return out;
}

static struct bytes sign_edwards(const struct key *k, const void *message, size_t n, struct arena *a)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sig[64];
	size_t sig_n = sizeof(sig);

	BUG_IF(!ctx || EVP_DigestSignInit(ctx, NULL, NULL, NULL, k->pkey) <= 0 ||
	       EVP_DigestSign(ctx, sig, &sig_n, message, n) <= 0);
	EVP_MD_CTX_free(ctx);
	return bytes_of(a, sig, sig_n);
}

struct bytes key_sign(const struct key *k, const void *message, size_t n, struct arena *a)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned digest_n = 0;

	if (k->nid == NID_ED25519)
		return sign_edwards(k, message, n, a);
	BUG_IF(!EVP_Digest(message, n, digest, &digest_n, key_digest(k), NULL));
	return key_sign_digest(k, digest, digest_n, a);
}

struct bytes key_spki(const struct key *k, struct arena *a)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(k->pkey, &der);
	struct bytes out;

	BUG_IF(n <= 0);
	out = bytes_of(a, der, (size_t)n);
	OPENSSL_free(der);
	return out;
}

struct bytes key_raw(const struct key *k, struct arena *a)
{
	unsigned char raw[32];
	size_t n = sizeof(raw);

	BUG_IF(EVP_PKEY_get_raw_public_key(k->pkey, raw, &n) <= 0);
	return bytes_of(a, raw, n);
}

const char *key_pem(const struct key *k, struct arena *a)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *text = NULL;
	const char *pem;
	long n;

	BUG_IF(!out || !PEM_write_bio_PUBKEY(out, k->pkey));
	n = BIO_get_mem_data(out, &text);
	pem = arena_strndup(a, text, (size_t)n);
	BIO_free(out);
	return pem;
}
