#include "core/adapters/authority/foundry.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

enum { HALF = 1024, OCTETS = 256, HASH = 48 };

/* A prime of 1024 bits with the two highest set, that is always the same for the same text and has no 65537 in it less one. */
static BIGNUM *prime(const char *text, const BIGNUM *e, BN_CTX *ctx)
{
	struct arena a autofree(arena) = ARENA_INIT;
	struct bytes quarter[4];
	BIGNUM *p, *less = BN_new(), *rest = BN_new();

	for (size_t i = 0; i < countof(quarter); i++)
		quarter[i] = bytes_from(&a, arena_printf(&a, "%s/%zu", text, i));
	p = BN_bin2bn(bytes_join(&a, quarter, countof(quarter)).s, HALF / 8, NULL);
	BUG_IF(!p || !less || !rest || !BN_set_bit(p, HALF - 1) || !BN_set_bit(p, HALF - 2) ||
	       !BN_set_bit(p, 0));
	for (;; BN_add_word(p, 2)) {
		BUG_IF(!BN_sub(less, p, BN_value_one()) || !BN_mod(rest, less, e, ctx));
		if (!BN_is_zero(rest) && BN_check_prime(p, ctx, NULL) == 1)
			break;
	}
	BN_free(less);
	BN_free(rest);
	return p;
}

static EVP_PKEY *assemble(const BIGNUM *n, const BIGNUM *e, const BIGNUM *d)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *out = NULL;
	OSSL_PARAM *params;

	BUG_IF(!build || !ctx || !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) ||
	       !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) ||
	       !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_D, d));
	params = OSSL_PARAM_BLD_to_param(build);
	BUG_IF(!params || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	       EVP_PKEY_fromdata(ctx, &out, EVP_PKEY_KEYPAIR, params) <= 0);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	return out;
}

void rsa_make(struct key *k, const char *seed, const char *label)
{
	struct arena a autofree(arena) = ARENA_INIT;
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *e = BN_new(), *n = BN_new(), *phi = BN_new(), *p, *q;

	BUG_IF(!ctx || !e || !n || !phi || !BN_set_word(e, RSA_F4));
	p = prime(arena_printf(&a, "p/%s/%s", seed, label), e, ctx);
	q = prime(arena_printf(&a, "q/%s/%s", seed, label), e, ctx);
	*k = (struct key){ .nid = NID_rsaEncryption };
	BUG_IF(!BN_mul(n, p, q, ctx) || !BN_sub_word(p, 1) || !BN_sub_word(q, 1) || !BN_mul(phi, p, q, ctx));
	k->d = BN_mod_inverse(NULL, e, phi, ctx);
	BUG_IF(!k->d);
	k->pkey = assemble(n, e, k->d);
	BIGNUM *done[] = { e, n, phi, p, q };
	for (size_t i = 0; i < countof(done); i++)
		BN_clear_free(done[i]);
	BN_CTX_free(ctx);
}

struct bytes rsa_sign(const struct key *k, struct bytes message, struct arena *a)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sig[OCTETS];
	size_t n = sizeof(sig);

	BUG_IF(!ctx || EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, k->pkey) <= 0 ||
	       EVP_DigestSign(ctx, sig, &n, message.s, message.n) <= 0);
	EVP_MD_CTX_free(ctx);
	return bytes_of(a, sig, n);
}

static void sha384(unsigned char out[HASH], struct bytes b)
{
	BUG_IF(!EVP_Digest(b.s, b.n, out, NULL, EVP_sha384(), NULL));
}

/* RFC 8017 B.2.1, laid over what is there. */
static void mask(unsigned char *at, size_t n, const unsigned char seed[HASH])
{
	unsigned char block[HASH + 4], out[HASH];

	memcpy(block, seed, HASH);
	for (size_t i = 0; i < n; i++) {
		if (i % HASH == 0) {
			uint32_t count = (uint32_t)(i / HASH);

			for (int k = 0; k < 4; k++)
				block[HASH + k] = (unsigned char)(count >> (24 - 8 * k));
			sha384(out, (struct bytes){ block, sizeof(block) });
		}
		at[i] ^= out[i % HASH];
	}
}

/* RFC 8017 9.1.1 with a salt from the message: the same one has the same signature, always. */
static void encode(unsigned char em[OCTETS], struct bytes message, struct arena *a)
{
	unsigned char inner[8 + 2 * HASH] = { 0 }, *h = em + OCTETS - 1 - HASH;
	struct bytes salted[] = { { (const unsigned char *)"salt", 4 }, message };
	size_t db = OCTETS - HASH - 1;

	memset(em, 0, OCTETS);
	sha384(inner + 8, message);
	sha384(inner + 8 + HASH, bytes_join(a, salted, 2));
	sha384(h, (struct bytes){ inner, sizeof(inner) });
	em[db - HASH - 1] = 1;
	memcpy(em + db - HASH, inner + 8 + HASH, HASH);
	mask(em, db, h);
	em[0] &= 0x7f;
	em[OCTETS - 1] = 0xbc;
}

struct bytes rsa_sign_pss(const struct key *k, struct bytes message, struct arena *a)
{
	unsigned char em[OCTETS];
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *m, *n = NULL, *s = BN_new();

	encode(em, message, a);
	m = BN_bin2bn(em, OCTETS, NULL);
	BUG_IF(!ctx || !m || !s || EVP_PKEY_get_bn_param(k->pkey, OSSL_PKEY_PARAM_RSA_N, &n) != 1 ||
	       !BN_mod_exp(s, m, k->d, n, ctx) || BN_bn2binpad(s, em, OCTETS) != OCTETS);
	BN_free(m);
	BN_free(n);
	BN_free(s);
	BN_CTX_free(ctx);
	return bytes_of(a, em, OCTETS);
}
