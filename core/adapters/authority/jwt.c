#include "core/adapters/authority/foundry.h"

#include "base/text.h"

#include <openssl/core_names.h>

/* What a Trust Authority hands out: a JSON Web Key Set whose keys have chains, and tokens of compact form.
 * (RFC 7515, 7517, 7518 3.5; attestation reference 3) */

enum { DAY = 24 * 3600 * 1000, TEXT_MAX = 1 << 20 };

static const char *url64(struct bytes b, struct arena *a)
{
	char *text = arena_strdup(a, bytes_base64(a, b));

	for (char *p = text; *p; p++)
		*p = (char)(*p == '+' ? '-' : *p == '/' ? '_' : *p);
	text[strcspn(text, "=")] = 0;
	return text;
}

static const char *url64_text(const char *text, struct arena *a)
{
	return url64((struct bytes){ (const unsigned char *)text, strlen(text) }, a);
}

/* ---- keys ---------------------------------------------------------------------------------------------------------- */

static const char *number_of(const struct key *k, const char *which, struct arena *a)
{
	unsigned char raw[512];
	BIGNUM *n = NULL;
	struct bytes b;

	BUG_IF(EVP_PKEY_get_bn_param(k->pkey, which, &n) != 1);
	b = bytes_of(a, raw, (size_t)BN_bn2bin(n, raw));
	BN_free(n);
	return url64(b, a);
}

static X509 *leaf_of(const struct foundry *f, struct when at, enum token_fault fault)
{
	bool ended = fault == TOKEN_FAULT_cert_time;
	struct key another = { 0 };
	X509 *x;

	if (fault == TOKEN_FAULT_other_key)
		rsa_make(&another, f->seed, "another token");
	x = cert_make(&(struct cert_order){
		.serial = "token leaf",
		.name = "Drill Trust Authority Attestation",
		.key = another.pkey ? &another : &f->token_key,
		.by = fault == TOKEN_FAULT_leaf ? &f->token_root_key : &f->token_ca_key,
		.above = f->token_ca,
		.from = { ended ? at.ms - 9 * (int64_t)DAY : f->since.ms },
		.until = { ended ? at.ms - DAY : f->since.ms + 9 * 365 * (int64_t)DAY },
	});
	key_drop(&another);
	return x;
}

static void put_chain(struct jw *w, const struct foundry *f, struct when at, enum token_fault fault,
		      struct arena *a)
{
	bool spoilt =
		fault == TOKEN_FAULT_leaf || fault == TOKEN_FAULT_cert_time || fault == TOKEN_FAULT_other_key;
	X509 *own = spoilt ? leaf_of(f, at, fault) : NULL;
	const X509 *chain[] = { own ? own : f->token_leaf, f->token_ca, f->token_root };

	jw_kopen(w, "x5c", '[');
	for (size_t i = 0; i < countof(chain); i++)
		jw_str(w, bytes_base64(a, cert_der(chain[i], a)));
	jw_close(w, ']');
	X509_free(own);
}

const char *foundry_jwks(const struct foundry *f, struct when at, enum token_fault fault, struct arena *a)
{
	struct buf out autofree(buf) = BUF_INIT(TEXT_MAX);
	struct jw w;

	jw_init(&w, &out);
	jw_open(&w, '{');
	jw_kopen(&w, "keys", '[');
	jw_open(&w, '{');
	jw_kstr(&w, "kty", "RSA");
	jw_kstr(&w, "kid", "drill-1");
	jw_kstr(&w, "alg", fault == TOKEN_FAULT_rs256 ? "RS256" : "PS384");
	jw_kstr(&w, "use", "sig");
	jw_kstr(&w, "n", number_of(&f->token_key, OSSL_PKEY_PARAM_RSA_N, a));
	jw_kstr(&w, "e", number_of(&f->token_key, OSSL_PKEY_PARAM_RSA_E, a));
	if (fault != TOKEN_FAULT_no_chain)
		put_chain(&w, f, at, fault, a);
	jw_close(&w, '}');
	jw_close(&w, ']');
	jw_close(&w, '}');
	return arena_strdup(a, out.s);
}

static const char *pem_list(struct bytes der, struct arena *a)
{
	const char *pem = bytes_pem(a, der), *body = strchr(pem, '\n'), *end = strstr(pem, "-----END");

	return arena_printf(a, "-----BEGIN X509 CRL-----%.*s-----END X509 CRL-----\n", (int)(end - body),
			    body);
}

const char *foundry_token_root(const struct foundry *f, struct when at, enum token_fault fault,
			       struct arena *a)
{
	struct foundry *foreign autofree(foundry) = fault == TOKEN_FAULT_root ? foundry_foreign(f) : NULL;
	const char *root = foundry_pem(foreign ? foreign->token_root : f->token_root, a);
	struct list_order o = { .issuer = f->token_ca,
				.by = &f->token_ca_key,
				.revoked = fault == TOKEN_FAULT_revoked ? f->token_leaf : f->signer,
				.from = { at.ms - DAY },
				.until = { at.ms + (fault == TOKEN_FAULT_list_old ? -60000 : DAY) } };

	if (fault != TOKEN_FAULT_revoked && fault != TOKEN_FAULT_list_old)
		return root;
	return arena_printf(a, "%s%s", root, pem_list(list_make(&o, a), a));
}

/* ---- tokens -------------------------------------------------------------------------------------------------------- */

static void put_td(struct jw *w, const struct token_order *o, struct arena *a)
{
	bool debuggable = o->debuggable || o->fault == TOKEN_FAULT_debug;

	if (o->mrtd)
		jw_kstr(w, "tdx_mrtd", o->fault == TOKEN_FAULT_claim ? "11" : o->mrtd);
	for (int i = 0; i < QUOTE_RTMRS; i++)
		if (o->rtmr[i])
			jw_kstr(w, arena_printf(a, "tdx_rtmr%d", i), o->rtmr[i]);
	if (o->report_data)
		jw_kstr(w, "tdx_report_data", o->report_data);
	if (o->fault != TOKEN_FAULT_no_debug)
		jw_kbool(w, "tdx_is_debuggable", debuggable);
	jw_kstr(w, "attester_tcb_status",
		o->fault == TOKEN_FAULT_tcb ? "OutOfDate"
		: o->tcb                    ? o->tcb
					    : "UpToDate");
	jw_kstr(w, "attester_tcb_date", "2025-08-13T00:00:00Z");
	jw_key(w, "attester_advisory_ids");
	jw_json(w, o->fault == TOKEN_FAULT_list ? "\"INTEL-SA-1\"" : "[\"INTEL-SA-1\"]");
}

static void put_frame(struct jw *w, const struct token_order *o)
{
	int64_t at = o->at.ms / 1000;

	jw_kstr(w, "attester_type", "TDX");
	if (o->held)
		jw_kstr(w, "attester_held_data", o->held);
	if (o->nonce) {
		jw_kopen(w, "verifier_nonce", '{');
		jw_kstr(w, "val", o->nonce);
		jw_close(w, '}');
	}
	jw_kstr(w, "ver", "1.0.0");
	jw_kint(w, "iat", at);
	jw_kint(w, "nbf", at);
	if (o->fault != TOKEN_FAULT_no_end)
		jw_kint(w, "exp", at + FOUNDRY_LIFE / 1000);
	jw_kstr(w, "iss", o->issuer ? o->issuer : FOUNDRY_ISSUER);
	jw_kstr(w, "jti", "00000000-0000-4000-8000-000000000001");
	if (o->fault == TOKEN_FAULT_duplicate)
		jw_kstr(w, "jti", "00000000-0000-4000-8000-000000000002");
}

/* "twice": the nested claims are right, and a flat one beside them says something else. */
const char *foundry_claims(const struct token_order *o, struct arena *a)
{
	struct buf out autofree(buf) = BUF_INIT(TEXT_MAX);
	bool nested = o->fault == TOKEN_FAULT_nested || o->fault == TOKEN_FAULT_twice;
	struct jw w;

	jw_init(&w, &out);
	jw_open(&w, '{');
	put_frame(&w, o);
	if (o->fault == TOKEN_FAULT_twice)
		jw_kstr(&w, "tdx_mrtd", o->rtmr[0]);
	if (nested)
		jw_kopen(&w, "tdx", '{');
	put_td(&w, o, a);
	if (nested)
		jw_close(&w, '}');
	jw_close(&w, '}');
	return arena_strdup(a, out.s);
}

static const char *head_of(enum token_fault f, struct arena *a)
{
	const char *algorithm = f == TOKEN_FAULT_none_alg                              ? "none"
				: f == TOKEN_FAULT_rs256 || f == TOKEN_FAULT_algorithm ? "RS256"
										       : "PS384";

	return arena_printf(a,
			    "{\"alg\":\"%s\",\"jku\":\"https://elsewhere.invalid/certs\",\"kid\":\"%s\","
			    "\"typ\":\"JWT\"%s}",
			    algorithm, f == TOKEN_FAULT_key ? "other" : "drill-1",
			    f == TOKEN_FAULT_crit ? ",\"crit\":[\"exp\"]" : "");
}

const char *foundry_token(const struct foundry *f, const struct token_order *o, struct arena *a)
{
	const char *text = arena_printf(a, "%s.%s", url64_text(head_of(o->fault, a), a),
					url64_text(foundry_claims(o, a), a));
	struct bytes message = { (const unsigned char *)text, strlen(text) }, sig;

	sig = o->fault == TOKEN_FAULT_rs256 ? rsa_sign(&f->token_key, message, a)
					    : rsa_sign_pss(&f->token_key, message, a);
	if (o->fault == TOKEN_FAULT_signature)
		sig = bytes_flip(a, sig, sig.n - 1);
	return arena_printf(a, "%s.%s%s", text, url64(sig, a), o->fault == TOKEN_FAULT_parts ? ".x" : "");
}
