#include "core/adapters/tdx/token.h"

#include "base/json.h"
#include "base/text.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#define KEYS_MAX     32
#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 8192

/* ---- one key ---------------------------------------------------------------------------------------------------------- */

static EVP_PKEY *rsa_key(struct bytes n, struct bytes e)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *bn = BN_bin2bn(n.p, (int)n.n, NULL), *be = BN_bin2bn(e.p, (int)e.n, NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	if (ctx && bn && be && build && BN_num_bits(bn) >= RSA_BITS_MIN && BN_num_bits(bn) <= RSA_BITS_MAX &&
	    BN_is_odd(be) && BN_num_bits(be) > 1 && BN_num_bits(be) <= 64 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, bn) &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, be))
		params = OSSL_PARAM_BLD_to_param(build);
	if (params && EVP_PKEY_fromdata_init(ctx) > 0 &&
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		key = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	BN_free(be);
	BN_free(bn);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static bool read_number(struct bytes *out, const struct json *j, const char *key, struct arena *a)
{
	const char *s = json_str(j, key);

	return s && tdx_base64url(out, s, strlen(s), a) && out->n <= RSA_BITS_MAX / 8;
}

/* The set's chain may leave its root out, as Intel's clients take it out; ours is the pinned one. */
static bool read_chain(struct token_key *k, const struct json *x5c, X509 *root, struct arena *a)
{
	size_t n = json_size(x5c);

	if (!x5c)
		return true;
	if (json_type(x5c) != JSON_ARRAY || n >= TDX_CHAIN_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		const char *s = json_str(json_at(x5c, i), "");
		struct bytes der;

		if (!s || !tdx_base64(&der, s, strlen(s), a) || !(k->chain.at[i] = tdx_cert(der)))
			return false;
		k->chain.n++;
	}
	if (root && n && X509_cmp(k->chain.at[n - 1], root) != 0 &&
	    X509_NAME_cmp(X509_get_issuer_name(k->chain.at[n - 1]), X509_get_subject_name(root)) == 0) {
		X509_up_ref(root);
		k->chain.at[k->chain.n++] = root;
	}
	return true;
}

/* A key of another kind than RSA is not ours to use, and no error. */
static bool read_key(struct token_keys *out, const struct json *j)
{
	struct token_key *k;
	struct bytes n, e;

	if (!text_eq(json_str(j, "kty"), "RSA"))
		return json_str(j, "kty") != NULL;
	k = vec_push(&out->keys, &out->arena);
	k->id = arena_strdup(&out->arena, json_str(j, "kid"));
	k->algorithm = json_str(j, "alg") ? arena_strdup(&out->arena, json_str(j, "alg")) : "";
	if (!k->id || !read_number(&n, j, "n", &out->arena) || !read_number(&e, j, "e", &out->arena) ||
	    !read_chain(k, json_get(j, "x5c"), out->root, &out->arena))
		return false;
	k->key = rsa_key(n, e);
	k->same = k->chain.n && k->key && EVP_PKEY_eq(X509_get0_pubkey(k->chain.at[0]), k->key) == 1;
	return k->key != NULL;
}

const struct token_key *token_key_find(const struct token_keys *k, const char *id)
{
	const struct token_key *found = NULL;

	vec_each (key, &k->keys) {
		if (!text_eq(key->id, id))
			continue;
		if (found)
			return NULL;
		found = key;
	}
	return found;
}

size_t token_keys_led(const struct token_keys *k)
{
	size_t n = 0;

	vec_each (key, &k->keys)
		n += k->root && key->chain.n && X509_cmp(key->chain.at[key->chain.n - 1], k->root) == 0;
	return n;
}

/* ---- the set --------------------------------------------------------------------------------------------------------------- */

static int read_root(struct token_keys *out, struct bytes pem, struct err *e)
{
	struct tdx_chain chain = { 0 };
	struct bytes lists[TDX_CHAIN_MAX];
	bool good = tdx_chain_pem(&chain, pem, &out->arena);
	int n = tdx_pem(lists, TDX_CHAIN_MAX, "X509 CRL", pem, &out->arena);

	if (good) {
		out->root = chain.at[0];
		X509_up_ref(out->root);
		out->root_sha = tdx_cert_sha(out->root, &out->arena);
	}
	tdx_chain_free(&chain);
	if (!good)
		return err_set(e, ERR_INVALID, "there is no certificate in the root's file");
	for (int i = 0; i < n; i++) {
		out->lists[i] = tdx_crl(lists[i], &out->arena);
		if (!out->lists[i])
			n = -1;
		else
			out->lists_n++;
	}
	return n < 0 ? err_set(e, ERR_INVALID, "a revocation list beside the root is damaged") : 0;
}

static int read_keys(struct token_keys *out, struct bytes text, struct err *e)
{
	autofree(json) struct json *j = NULL;
	int bad = json_parse(&j, (const char *)text.p, text.n, TOKEN_KEYS_MAX, e);
	const struct json *list = json_get(j, "keys");

	if (bad < 0)
		return bad;
	if (json_type(list) != JSON_ARRAY || json_size(list) > KEYS_MAX)
		return err_set(e, ERR_CORRUPT, "the key set has no list of keys");
	for (size_t i = 0; i < json_size(list); i++)
		if (!read_key(out, json_at(list, i)))
			return err_set(e, ERR_CORRUPT, "key %zu of the set is damaged or too weak", i);
	return 0;
}

int token_keys_parse(struct token_keys **out, const void *json, size_t n, const void *root, size_t root_n,
		     struct err *e)
{
	struct token_keys *k = x_alloc(sizeof(*k));
	int r = 0;

	*out = NULL;
	k->sha = tdx_sha256(json, n, &k->arena);
	k->root_sha = "";
	if (root)
		r = read_root(k, (struct bytes){ root, root_n }, e);
	if (r == 0)
		r = read_keys(k, (struct bytes){ json, n }, e);
	if (r < 0)
		token_keys_free(k);
	else
		*out = k;
	return r;
}

void token_keys_free(struct token_keys *k)
{
	if (!k)
		return;
	vec_each (key, &k->keys) {
		EVP_PKEY_free(key->key);
		tdx_chain_free(&key->chain);
	}
	for (size_t i = 0; i < k->lists_n; i++)
		X509_CRL_free(k->lists[i]);
	X509_free(k->root);
	arena_done(&k->arena);
	free(k);
}
