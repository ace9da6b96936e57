#include "core/adapters/sshsig/internal.h"

#include "base/text.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#define RSA_BITS_MIN 2048 /* BSI TR-02102 and NIST SP 800-57 call less broken or nearly so */
#define RSA_BITS_MAX 16384
#define MPINT_MAX    (RSA_BITS_MAX / 8 + 1)
#define DER_MAX      256

struct kind {
	const char *type;
	EVP_PKEY *(*read)(const struct kind *k, struct wire *w);
	const char *curve, *group; /* as SSH and as OpenSSL call it */
	const EVP_MD *(*md)(void);
	size_t point; /* bytes of an uncompressed point */
};

/* ---- public keys ------------------------------------------------------------------------------------------------------ */

static EVP_PKEY *read_ed25519(const struct kind *k maybe_unused, struct wire *w)
{
	struct bytes pub = wire_string(w);

	if (!wire_is_done(w) || pub.n != 32)
		return NULL;
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, pub.p, pub.n);
}

static EVP_PKEY *from_data(const char *name, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, name, NULL);
	EVP_PKEY *key = NULL;

	if (ctx && params && EVP_PKEY_fromdata_init(ctx) > 0 &&
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return key;
}

/* A positive number in its only form; NULL: it is not. */
static BIGNUM *positive(struct bytes b)
{
	bool shortest = b.n && (b.p[0] || (b.n > 1 && b.p[1] & 0x80));

	if (!shortest || b.p[0] & 0x80 || b.n > MPINT_MAX)
		return NULL;
	return BN_bin2bn(b.p, (int)b.n, NULL);
}

static EVP_PKEY *read_rsa(const struct kind *k maybe_unused, struct wire *w)
{
	struct bytes exponent = wire_string(w), modulus = wire_string(w);
	BIGNUM *e = positive(exponent), *n = positive(modulus);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY *key = NULL;

	if (wire_is_done(w) && e && n && build && BN_num_bits(n) >= RSA_BITS_MIN &&
	    BN_num_bits(n) <= RSA_BITS_MAX && BN_is_odd(e) && BN_num_bits(e) > 1 && BN_num_bits(e) <= 64 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e))
		key = from_data("RSA", OSSL_PARAM_BLD_to_param(build));
	OSSL_PARAM_BLD_free(build);
	BN_free(e);
	BN_free(n);
	return key;
}

static EVP_PKEY *read_ecdsa(const struct kind *k, struct wire *w)
{
	struct bytes curve = wire_string(w), point = wire_string(w);
	OSSL_PARAM_BLD *build;
	EVP_PKEY *key = NULL;

	if (!wire_is_done(w) || !bytes_are(curve, k->curve) || point.n != k->point || point.p[0] != 4)
		return NULL;
	build = OSSL_PARAM_BLD_new();
	if (build && OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, k->group, 0) &&
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point.p, point.n))
		key = from_data("EC", OSSL_PARAM_BLD_to_param(build));
	OSSL_PARAM_BLD_free(build);
	return key;
}

static const struct kind kinds[] = {
	{ "ssh-ed25519", read_ed25519, NULL, NULL, NULL, 0 },
	{ "ssh-rsa", read_rsa, NULL, NULL, EVP_sha512, 0 },
	{ "ecdsa-sha2-nistp256", read_ecdsa, "nistp256", "P-256", EVP_sha256, 65 },
	{ "ecdsa-sha2-nistp384", read_ecdsa, "nistp384", "P-384", EVP_sha384, 97 },
	{ "ecdsa-sha2-nistp521", read_ecdsa, "nistp521", "P-521", EVP_sha512, 133 },
};

/* The key and its kind; NULL: not accepted. */
static EVP_PKEY *open_key(struct bytes blob, const struct kind **kind)
{
	struct wire w = wire_of(blob);
	struct bytes type = wire_string(&w);

	for (size_t i = 0; i < countof(kinds); i++)
		if (!w.bad && bytes_are(type, kinds[i].type)) {
			*kind = &kinds[i];
			return kinds[i].read(&kinds[i], &w);
		}
	return NULL;
}

static const char *fingerprint(struct bytes blob, struct arena *a)
{
	autofree(buf) struct buf out = BUF_INIT(128);
	char digest[32];

	BUG_IF(!EVP_Digest(blob.p, blob.n, (unsigned char *)digest, NULL, EVP_sha256(), NULL));
	buf_str(&out, "SHA256:");
	text_base64(&out, digest, sizeof(digest));
	buf_cut(&out, out.n - 1); /* 32 bytes leave one "=" */
	return arena_strndup(a, out.s, out.n);
}

int key_read(struct sign_key *out, struct bytes blob, struct arena *a, struct err *e)
{
	const struct kind *kind = NULL;
	EVP_PKEY *key = open_key(blob, &kind);
	char *copy;

	EVP_PKEY_free(key);
	if (!key)
		return err_set(e, ERR_INVALID,
			       kind ? "the %s key is damaged or too weak" : "the key is of %s",
			       kind ? kind->type : "a kind that is not accepted");
	copy = arena_array(a, char, blob.n);
	memcpy(copy, blob.p, blob.n);
	*out = (struct sign_key){ .type = kind->type,
				  .fingerprint = fingerprint(blob, a),
				  .comment = "",
				  .blob = copy,
				  .n = blob.n };
	return 0;
}

/* ---- signatures ------------------------------------------------------------------------------------------------------- */

static int ask_openssl(EVP_PKEY *key, const EVP_MD *md, struct bytes sig, struct bytes message)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx && EVP_DigestVerifyInit(ctx, NULL, md, NULL, key) == 1 &&
		    EVP_DigestVerify(ctx, sig.p, sig.n, message.p, message.n) == 1;

	EVP_MD_CTX_free(ctx);
	return good ? 0 : 1;
}

static int verify_ecdsa(EVP_PKEY *key, const struct kind *k, struct bytes raw, struct bytes message)
{
	struct wire w = wire_of(raw);
	struct bytes r = wire_string(&w), s = wire_string(&w);
	BIGNUM *br = positive(r), *bs = positive(s);
	ECDSA_SIG *sig = wire_is_done(&w) && br && bs ? ECDSA_SIG_new() : NULL;
	unsigned char der[DER_MAX], *at = der;
	int length = 0, verdict = 1;

	if (sig && ECDSA_SIG_set0(sig, br, bs) == 1) {
		br = bs = NULL; /* they are the signature's now */
		length = i2d_ECDSA_SIG(sig, NULL);
	}
	if (length > 0 && length <= DER_MAX && i2d_ECDSA_SIG(sig, &at) == length)
		verdict = ask_openssl(key, k->md(), (struct bytes){ der, (size_t)length }, message);
	ECDSA_SIG_free(sig);
	BN_free(br);
	BN_free(bs);
	return verdict;
}

/* OpenSSH leaves zeros at the front out; OpenSSL wants as many bytes as the modulus has. */
static int verify_rsa(EVP_PKEY *key, const EVP_MD *md, struct bytes raw, struct bytes message)
{
	unsigned char whole[RSA_BITS_MAX / 8] = { 0 };
	size_t n = (size_t)EVP_PKEY_get_size(key);

	if (!raw.n || raw.n > n || n > sizeof(whole))
		return 1;
	memcpy(whole + n - raw.n, raw.p, raw.n);
	return ask_openssl(key, md, (struct bytes){ whole, n }, message);
}

static int verify(EVP_PKEY *key, const struct kind *k, struct bytes name, struct bytes raw,
		  struct bytes message, struct err *e)
{
	if (k->read == read_rsa && bytes_are(name, "rsa-sha2-512"))
		return verify_rsa(key, EVP_sha512(), raw, message);
	if (k->read == read_rsa && bytes_are(name, "rsa-sha2-256"))
		return verify_rsa(key, EVP_sha256(), raw, message);
	if (k->read == read_rsa || !bytes_are(name, k->type))
		return err_set(e, ERR_INVALID, "the signature is of a kind that is not accepted of %s",
			       k->type);
	return k->curve ? verify_ecdsa(key, k, raw, message) : ask_openssl(key, NULL, raw, message);
}

int key_verify(struct bytes blob, struct bytes sig, struct bytes message, struct err *e)
{
	const struct kind *kind = NULL;
	EVP_PKEY *key = open_key(blob, &kind);
	struct wire w = wire_of(sig);
	struct bytes name = wire_string(&w), raw = wire_string(&w);
	int r;

	if (!key)
		r = err_set(e, ERR_INVALID, "it was made by a key that is not accepted");
	else if (!wire_is_done(&w))
		r = err_set(e, ERR_CORRUPT, "the signature is damaged");
	else
		r = verify(key, kind, name, raw, message, e);
	EVP_PKEY_free(key);
	return r;
}
