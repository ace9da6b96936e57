/*
 * tokens.h - tokens with their keys, good ones and with one fault each, and the verdict that each must get.
 */
#pragma once

#include "tests/unit/tdx/pki.h"

#include "core/port/quote.h"
#include "core/rules/quote.h"

#define MK_R48(c)   c c c c c c c c c c c c c c c c c c c c c c c c
#define MK_HEX48(c) MK_R48(c) MK_R48(c)

enum token_fault {
	TF_NONE,
	TF_FLAT,
	TF_RS256,
	TF_PARTS,
	TF_DUPLICATE,
	TF_CRIT,
	TF_KEY,
	TF_ALGORITHM,
	TF_NONE_ALG,
	TF_ROOT,
	TF_LEAF,
	TF_OTHER_KEY,
	TF_NO_CHAIN,
	TF_CERT_TIME,
	TF_REVOKED,
	TF_LIST_OLD,
	TF_SIGNATURE,
	TF_CLAIM,
	TF_TWICE,
	TF_NO_END,
	TF_FUTURE,
	TF_SOON,
	TF_EXPIRED,
	TF_TCB,
	TF_DEBUG,
	TF_NO_DEBUG,
	TF_FAULTS
};

struct token_case {
	enum token_fault fault;
	enum proof_status strict, relaxed;
	enum proof_reason reason;
};
static const struct token_case token_cases[] = {
	{ TF_NONE, PROOF_VERIFIED, PROOF_VERIFIED, PROOF_OK },
	{ TF_FLAT, PROOF_VERIFIED, PROOF_VERIFIED, PROOF_OK },
	{ TF_RS256, PROOF_VERIFIED, PROOF_VERIFIED, PROOF_OK },
	{ TF_PARTS, PROOF_FAILED, PROOF_FAILED, PROOF_ATT_PARSE },
	{ TF_DUPLICATE, PROOF_FAILED, PROOF_FAILED, PROOF_ATT_PARSE },
	{ TF_CRIT, PROOF_FAILED, PROOF_FAILED, PROOF_ATT_VERSION },
	{ TF_KEY, PROOF_FAILED, PROOF_FAILED, PROOF_JWT_SIG },
	{ TF_ALGORITHM, PROOF_FAILED, PROOF_FAILED, PROOF_JWT_ALG },
	{ TF_NONE_ALG, PROOF_FAILED, PROOF_FAILED, PROOF_JWT_ALG },
	{ TF_ROOT, PROOF_FAILED, PROOF_FAILED, PROOF_JWT_ROOT },
	{ TF_LEAF, PROOF_FAILED, PROOF_FAILED, PROOF_JWT_ROOT },
	{ TF_OTHER_KEY, PROOF_FAILED, PROOF_FAILED, PROOF_JWT_ROOT },
	{ TF_NO_CHAIN, PROOF_FAILED, PROOF_FAILED, PROOF_JWT_ROOT },
	{ TF_CERT_TIME, PROOF_FAILED, PROOF_FAILED, PROOF_CERT_TIME },
	{ TF_REVOKED, PROOF_FAILED, PROOF_FAILED, PROOF_TDX_REVOKED },
	{ TF_LIST_OLD, PROOF_FAILED, PROOF_FAILED, PROOF_TDX_REVOKED },
	{ TF_SIGNATURE, PROOF_FAILED, PROOF_FAILED, PROOF_JWT_SIG },
	{ TF_CLAIM, PROOF_FAILED, PROOF_FAILED, PROOF_ATT_PARSE },
	{ TF_TWICE, PROOF_FAILED, PROOF_FAILED, PROOF_ATT_PARSE },
	{ TF_NO_END, PROOF_FAILED, PROOF_FAILED, PROOF_ATT_PARSE },
	{ TF_FUTURE, PROOF_FAILED, PROOF_FAILED, PROOF_JWT_FUTURE },
	{ TF_SOON, PROOF_VERIFIED, PROOF_VERIFIED, PROOF_OK },
	{ TF_EXPIRED, PROOF_STALE, PROOF_STALE, PROOF_JWT_EXPIRED },
	{ TF_TCB, PROOF_FAILED, PROOF_WARN, PROOF_TCB_OUTOFDATE },
	{ TF_DEBUG, PROOF_FAILED, PROOF_WARN, PROOF_TD_DEBUG },
	{ TF_NO_DEBUG, PROOF_FAILED, PROOF_WARN, PROOF_TD_DEBUG },
};

/* Keys cost time: one set for all cases. */
struct token_pki {
	EVP_PKEY *root_key, *ca_key, *key, *other;
	X509 *root, *ca, *leaf, *late, *foreign, *of_other;
};

static void token_pki_make(struct token_pki *p)
{
	*p = (struct token_pki){ mk_ec(), mk_ec(), EVP_RSA_gen(2048), EVP_RSA_gen(2048), 0, 0, 0, 0, 0, 0 };
	p->root = mk_certificate(
		&(struct mk_cert){ "TEST Root", p->root_key, NULL, p->root_key, 1, 0, 0, true, 0 });
	p->ca = mk_certificate(
		&(struct mk_cert){ "TEST CA", p->ca_key, p->root, p->root_key, 2, 0, 0, true, 0 });
	p->leaf =
		mk_certificate(&(struct mk_cert){ "TEST leaf", p->key, p->ca, p->ca_key, 3, 0, 0, false, 0 });
	p->late = mk_certificate(&(struct mk_cert){ "TEST leaf", p->key, p->ca, p->ca_key, 4, -9 * MK_DAY,
						    -MK_DAY, false, 0 });
	p->foreign = mk_certificate(
		&(struct mk_cert){ "TEST leaf", p->key, p->ca, p->root_key, 3, 0, 0, false, 0 });
	p->of_other = mk_certificate(
		&(struct mk_cert){ "TEST leaf", p->other, p->ca, p->ca_key, 3, 0, 0, false, 0 });
}

static void token_pki_done(struct token_pki *p)
{
	EVP_PKEY *keys[] = { p->root_key, p->ca_key, p->key, p->other };
	X509 *certs[] = { p->root, p->ca, p->leaf, p->late, p->foreign, p->of_other };

	for (size_t i = 0; i < countof(keys); i++)
		EVP_PKEY_free(keys[i]);
	for (size_t i = 0; i < countof(certs); i++)
		X509_free(certs[i]);
}

/* ---- text ----------------------------------------------------------------------------------------------------------- */

static const char *token_url(struct arena *a, const void *p, size_t n)
{
	autofree(buf) struct buf out = BUF_INIT(65536);

	text_base64(&out, p, n);
	for (size_t i = 0; i < out.n; i++)
		out.s[i] = (char)(out.s[i] == '+' ? '-' : out.s[i] == '/' ? '_' : out.s[i]);
	return arena_strndup(a, out.s, strcspn(out.s, "="));
}

static const char *token_x5c(struct arena *a, X509 *x)
{
	autofree(buf) struct buf out = BUF_INIT(65536);
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);

	text_base64(&out, (char *)der, (size_t)n);
	OPENSSL_free(der);
	return arena_strdup(a, out.s);
}

static const char *token_number(struct arena *a, EVP_PKEY *key, const char *which)
{
	unsigned char raw[512];
	BIGNUM *n = NULL;
	const char *out;

	assert_int_equal(EVP_PKEY_get_bn_param(key, which, &n), 1);
	out = token_url(a, raw, (size_t)BN_bn2bin(n, raw));
	BN_free(n);
	return out;
}

static const char *token_jwks(struct arena *a, const struct token_pki *p, enum token_fault f)
{
	X509 *leaf = f == TF_LEAF        ? p->foreign
		     : f == TF_CERT_TIME ? p->late
		     : f == TF_OTHER_KEY ? p->of_other
					 : p->leaf;
	const char *x5c = f == TF_NO_CHAIN
				  ? ""
				  : arena_printf(a, ",\"x5c\":[\"%s\",\"%s\",\"%s\"]", token_x5c(a, leaf),
						 token_x5c(a, p->ca), token_x5c(a, p->root));

	return arena_printf(
		a, "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k\",\"alg\":\"%s\",\"n\":\"%s\",\"e\":\"%s\"%s}]}",
		f == TF_RS256 ? "RS256" : "PS384", token_number(a, p->key, "n"), token_number(a, p->key, "e"),
		x5c);
}

static const char *token_claims(struct arena *a, enum token_fault f)
{
	const char *td = arena_printf(
		a,
		"\"tdx_mrtd\":\"%s\",\"tdx_rtmr0\":\"" MK_HEX48("20") "\",\"tdx_rtmr1\":\"" MK_HEX48(
			"21") "\",\"tdx_rtmr2\":\"" MK_HEX48("22") "\",\"tdx_rtmr3\":\"" MK_HEX48("23") "\","
													"\"td"
													"x_"
													"repo"
													"rt_"
													"data"
													"\":"
													"\"%"
													"s\","
													"%s"
													"\"at"
													"test"
													"er_"
													"tcb_"
													"stat"
													"us\""
													":\"%"
													"s\","
													"\"at"
													"test"
													"er_"
													"advi"
													"sory"
													"_ids"
													"\":["
													"\"A"
													"\"]",
		f == TF_CLAIM ? "11" : MK_HEX48("11"), mk_hex(a, memset(arena_alloc(a, 64), 0x5a, 64), 64),
		f == TF_NO_DEBUG ? ""
		: f == TF_DEBUG  ? "\"tdx_is_debuggable\":true,"
				 : "\"tdx_is_debuggable\":false,",
		f == TF_TCB ? "OutOfDate" : "UpToDate");
	int64_t from = MK_NOW + (f == TF_FUTURE ? 121 : f == TF_SOON ? 119 : -60);
	const char *end =
		f == TF_NO_END ? ""
			       : arena_printf(a, "\"exp\":%d,", f == TF_EXPIRED ? MK_NOW - 1 : MK_NOW + 240);

	return arena_printf(a,
			    "{\"iss\":\"i\",\"jti\":\"1\",%s%s\"iat\":%" PRId64 ",\"nbf\":%" PRId64
			    ",\"verifier_nonce\":{\"val\":\"v\"},%s%s%s}",
			    end,
			    f == TF_TWICE       ? "\"tdx_mrtd\":\"" MK_HEX48("12") "\","
			    : f == TF_DUPLICATE ? "\"jti\":\"2\","
						: "",
			    from, from, f == TF_FLAT ? "" : "\"tdx\":{", td, f == TF_FLAT ? "" : "}");
}

static const char *token_signature(struct arena *a, EVP_PKEY *key, const char *text, bool pss)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *padding = NULL;
	unsigned char raw[512];
	size_t n = sizeof(raw);

	assert_int_equal(EVP_DigestSignInit(ctx, &padding, pss ? EVP_sha384() : EVP_sha256(), NULL, key), 1);
	if (pss) {
		EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING);
		EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, 48);
	}
	assert_int_equal(EVP_DigestSign(ctx, raw, &n, (const unsigned char *)text, strlen(text)), 1);
	EVP_MD_CTX_free(ctx);
	return token_url(a, raw, n);
}

static const char *token_text(struct arena *a, const struct token_pki *p, enum token_fault f)
{
	const char *algorithm = f == TF_NONE_ALG                     ? "none"
				: f == TF_RS256 || f == TF_ALGORITHM ? "RS256"
								     : "PS384";
	const char *head = arena_printf(
		a, "{\"alg\":\"%s\",\"kid\":\"%s\",\"jku\":\"https://elsewhere.example\"%s}", algorithm,
		f == TF_KEY ? "other" : "k", f == TF_CRIT ? ",\"crit\":[\"exp\"]" : "");
	const char *claims = token_claims(a, f), *text, *signature;

	text = arena_printf(a, "%s.%s", token_url(a, head, strlen(head)),
			    token_url(a, claims, strlen(claims)));
	signature = token_signature(a, f == TF_SIGNATURE ? p->other : p->key, text, f != TF_RS256);
	return arena_printf(a, "%s.%s%s", text, signature, f == TF_PARTS ? ".x" : "\n");
}
