#include "core/adapters/tdx/token.h"

#include "base/json.h"
#include "base/text.h"

#include <openssl/rsa.h>

/* A test that asks what each check is worth replaces this, and no program does. */
#ifndef TOKEN_TAMPER
#define TOKEN_TAMPER(row, result) (result)
#endif

#define LEEWAY_MS \
	INT64_C(120000) /* of nbf and iat: clocks differ; an expiry has none (attestation reference, 3) */
#define PSS_SALT 48
#define MR       48
#define LIST_MAX 256

struct proving {
	const struct token_question *q;
	struct token_facts *f;
	struct arena *a;
	struct bytes part[3], signed_part, signature;
	struct json *header, *claims;
	const char *algorithm;
	const struct token_key *key;
	uint64_t passed;
};

static enum check_result verdict(struct proof_check *c, const char *flaw)
{
	c->found = flaw ? flaw : "it holds";
	return flaw ? CHECKED_FAIL : CHECKED_PASS;
}

static const char *iso(struct proving *r, struct when w)
{
	char t[WHEN_TEXT];

	return arena_strdup(r->a, when_iso(w, t));
}

/* ---- J1 ------------------------------------------------------------------------------------------------------------------- */

static bool is_blank(unsigned char c)
{
	return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

/* Exactly three parts; a file may end its line. */
static bool cut(struct proving *r)
{
	const unsigned char *p = r->q->token;
	size_t n = r->q->n, part = 0, from = 0;

	while (n && is_blank(p[n - 1]))
		n--;
	for (size_t i = 0; i <= n; i++) {
		if (i < n && p[i] != '.')
			continue;
		if (part == 3)
			return false;
		r->part[part++] = (struct bytes){ p + from, i - from };
		from = i + 1;
	}
	if (part != 3)
		return false;
	r->signed_part = (struct bytes){ p, r->part[0].n + 1 + r->part[1].n };
	return true;
}

static bool open_part(struct proving *r, size_t i, struct json **out)
{
	struct bytes text;

	return tdx_base64url(&text, (const char *)r->part[i].p, r->part[i].n, r->a) &&
	       json_parse(out, (const char *)text.p, text.n, TOKEN_MAX, NULL) == 0 &&
	       json_type(*out) == JSON_OBJECT;
}

static enum check_result check_FORM(struct proving *r, struct proof_check *c)
{
	c->expected = "a signed token of three parts";
	if (r->q->n > TOKEN_MAX) {
		c->reason = PROOF_ATT_LIMIT;
		return verdict(c, "it is larger than is read");
	}
	if (!cut(r) || !tdx_base64url(&r->signature, (const char *)r->part[2].p, r->part[2].n, r->a))
		return verdict(c, "it is none");
	if (!open_part(r, 0, &r->header) || !open_part(r, 1, &r->claims))
		return verdict(c, "a part of it is no JSON, or says something twice");
	r->algorithm = json_str(r->header, "alg");
	if (!r->algorithm || !json_str(r->header, "kid"))
		return verdict(c, "its head names no algorithm, or no key");
	return verdict(c, NULL);
}

/* None is known here, so that any is too much (RFC 7515, 4.1.11). */
static enum check_result check_CRITICAL(struct proving *r, struct proof_check *c)
{
	c->expected = "no critical part";
	return verdict(c, json_get(r->header, "crit") ? "it has one that is not known" : NULL);
}

/* ---- J2, J3 -------------------------------------------------------------------------------------------------------------------- */

static enum check_result check_KEY(struct proving *r, struct proof_check *c)
{
	const char *id = json_str(r->header, "kid");

	r->key = token_key_find(r->q->keys, id);
	r->f->key = c->found = arena_strdup(r->a, id);
	c->expected = arena_printf(r->a, "one of %zu keys", r->q->keys->keys.n);
	return r->key ? CHECKED_PASS : CHECKED_FAIL;
}

static enum check_result check_ALGORITHM(struct proving *r, struct proof_check *c)
{
	bool known = text_eq(r->algorithm, "PS384") || text_eq(r->algorithm, "RS256");

	c->expected = *r->key->algorithm ? arena_strdup(r->a, r->key->algorithm) : "the key names none";
	r->f->algorithm = c->found = arena_strdup(r->a, r->algorithm);
	return known && text_eq(r->key->algorithm, r->algorithm) ? CHECKED_PASS : CHECKED_FAIL;
}

static enum check_result check_CHAIN(struct proving *r, struct proof_check *c)
{
	const struct tdx_chain *chain = &r->key->chain;
	const char *flaw;

	if (!r->q->keys->root) {
		c->found = "no root is pinned: the set of keys is what is trusted";
		return CHECKED_ABSENT;
	}
	c->expected = r->f->root_sha;
	if (!chain->n)
		return verdict(c, "the key has no certificates");
	c->found = tdx_cert_sha(chain->at[chain->n - 1], r->a);
	if (!text_eq(c->found, c->expected))
		return CHECKED_FAIL;
	flaw = tdx_chain_flaw(chain);
	if (flaw || !r->key->same)
		return verdict(c, flaw ? flaw : "its certificate is of another key");
	return CHECKED_PASS;
}

static enum check_result check_TIME(struct proving *r, struct proof_check *c)
{
	const struct tdx_chain *chain = &r->key->chain;
	int64_t at = r->q->at.ms;

	if (!r->q->keys->root) {
		c->found = "no root is pinned";
		return CHECKED_ABSENT;
	}
	c->expected = iso(r, r->q->at);
	for (size_t i = 0; i < chain->n; i++)
		if (tdx_from(chain->at[i]).ms > at || tdx_until(chain->at[i]).ms < at)
			return verdict(c, "a certificate of its chain is not valid then");
	return verdict(c, NULL);
}

/* A list of an authority of the chain is signed by it, and current. *none: it is of none of them, and says nothing of it. */
static const char *list_flaw(const struct proving *r, X509_CRL *list, bool *none)
{
	const struct tdx_chain *chain = &r->key->chain;
	struct when from = tdx_when(X509_CRL_get0_lastUpdate(list)),
		    until = tdx_when(X509_CRL_get0_nextUpdate(list));

	for (size_t i = 1; i < chain->n; i++) {
		const char *flaw = tdx_crl_flaw(list, chain->at[i]);

		if (X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(chain->at[i])) != 0)
			continue;
		if (flaw)
			return flaw;
		if (from.ms > r->q->at.ms || !when_known(until) || until.ms < r->q->at.ms)
			return "a revocation list is not current";
		return tdx_crl_lists(list, chain->at[i - 1]) ? "a certificate of its chain was revoked"
							     : NULL;
	}
	*none = true;
	return NULL;
}

static enum check_result check_REVOKED(struct proving *r, struct proof_check *c)
{
	const struct token_keys *k = r->q->keys;
	const char *flaw = NULL;
	size_t ours = 0;

	for (size_t i = 0; i < k->lists_n && !flaw; i++) {
		bool none = false;

		flaw = list_flaw(r, k->lists[i], &none);
		ours += !none;
	}
	if (!ours) {
		c->found = k->lists_n ? "no revocation list that was given is of its authorities"
				      : "no revocation list was given";
		return CHECKED_ABSENT;
	}
	c->expected = "in no list";
	return verdict(c, flaw);
}

/* ---- J4 ------------------------------------------------------------------------------------------------------------------------- */

static bool verify(const struct proving *r, bool pss)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *padding = NULL;
	const EVP_MD *md = pss ? EVP_sha384() : EVP_sha256();
	bool good = ctx && EVP_DigestVerifyInit(ctx, &padding, md, NULL, r->key->key) == 1;

	if (good && pss)
		good = EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) == 1 &&
		       EVP_PKEY_CTX_set_rsa_mgf1_md(padding, md) == 1 &&
		       EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, PSS_SALT) == 1;
	good = good &&
	       EVP_DigestVerify(ctx, r->signature.p, r->signature.n, r->signed_part.p, r->signed_part.n) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

static enum check_result check_SIGNATURE(struct proving *r, struct proof_check *c)
{
	c->expected = arena_printf(r->a, "%s by the key %s", r->key->algorithm, r->key->id);
	return verdict(c, verify(r, text_eq(r->key->algorithm, "PS384")) ? NULL : "it is not");
}

/* ---- J5: what it says, in the flat form or below "tdx" ------------------------------------------------------------------------- */

/* In one of the two places; in both it must say the same. NULL with *bad: it does not. */
static const struct json *claim(struct proving *r, const char *name, bool *bad)
{
	const struct json *flat = json_get(r->claims, name),
			  *nested = json_get(json_get(r->claims, "tdx"), name);
	autofree(buf) struct buf one = BUF_INIT(TOKEN_MAX), two = BUF_INIT(TOKEN_MAX);

	if (flat && nested) {
		json_dump(&one, flat);
		json_dump(&two, nested);
		*bad |= strcmp(one.s, two.s) != 0;
	}
	return nested ? nested : flat;
}

static const char *text_claim(struct proving *r, const char *name, bool *bad)
{
	const struct json *j = claim(r, name, bad);
	const char *s = json_str(j, "");

	*bad |= json_type(j) != JSON_ABSENT && json_type(j) != JSON_NULL && !s;
	return arena_strdup(r->a, s);
}

/* n bytes in hex; what is there and is no such thing is damaged. */
static const char *hex_claim(struct proving *r, const char *name, size_t n, bool *bad)
{
	const char *s = text_claim(r, name, bad);
	unsigned char raw[64];

	if (!s)
		return NULL;
	if (!tdx_unhex(raw, n, s)) {
		*bad = true;
		return NULL;
	}
	return tdx_hex((struct bytes){ raw, n }, r->a);
}

static const char *const *list_claim(struct proving *r, const char *name, const char *member, size_t *n,
				     bool *bad)
{
	const struct json *j = claim(r, name, bad);
	const char **out;

	*bad |= json_type(j) != JSON_ABSENT && json_type(j) != JSON_NULL && json_type(j) != JSON_ARRAY;
	*n = json_type(j) == JSON_ARRAY ? json_size(j) : 0;
	if (*n > LIST_MAX) {
		*bad = true;
		*n = 0;
	}
	out = arena_array(r->a, const char *, *n + 1);
	for (size_t i = 0; i < *n; i++) {
		const char *s =
			json_str(json_at(j, i), json_type(json_at(j, i)) == JSON_STRING ? "" : member);

		*bad |= !s;
		out[i] = arena_strdup(r->a, s ? s : "");
	}
	return out;
}

#define SECONDS_MAX INT64_C(253402300799) /* 9999-12-31 */

static struct when time_claim(struct proving *r, const char *name, bool *bad)
{
	const struct json *j = json_get(r->claims, name);
	int64_t s = json_int(j, "", 0);

	if (!j)
		return WHEN_NONE;
	*bad |= json_type(j) != JSON_INT || s <= 0 || s > SECONDS_MAX;
	return *bad ? WHEN_NONE : (struct when){ s * 1000 };
}

static void read_measurements(struct proving *r, bool *bad)
{
	static const char *const rtmr[] = { "tdx_rtmr0", "tdx_rtmr1", "tdx_rtmr2", "tdx_rtmr3" };
	struct token_facts *f = r->f;

	f->mrtd = hex_claim(r, "tdx_mrtd", MR, bad);
	for (size_t i = 0; i < QUOTE_RTMRS; i++)
		f->rtmr[i] = hex_claim(r, rtmr[i], MR, bad);
	f->report_data = hex_claim(r, "tdx_report_data", 64, bad);
	f->mr_signer_seam = hex_claim(r, "tdx_mrsignerseam", MR, bad);
}

static void read_appraisal(struct proving *r, bool *bad)
{
	const struct json *debug = claim(r, "tdx_is_debuggable", bad);
	struct token_facts *f = r->f;
	const char *word = text_claim(r, "attester_tcb_status", bad),
		   *date = text_claim(r, "attester_tcb_date", bad);

	*bad |= debug && json_type(debug) != JSON_BOOL;
	f->debuggable = json_type(debug) == JSON_BOOL ? json_bool(debug, "", true) : -1;
	f->tcb_word = word ? word : "";
	f->tcb = names_value(&tcb_status_names, word);
	*bad |= date && when_parse(&f->tcb_date, date) != 0;
	f->advisories = list_claim(r, "attester_advisory_ids", "", &f->advisories_n, bad);
	f->policies = list_claim(r, "policy_ids_matched", "id", &f->policies_n, bad);
	f->policies_unmatched = list_claim(r, "policy_ids_unmatched", "id", &f->policies_unmatched_n, bad);
	f->held_data = text_claim(r, "attester_held_data", bad);
	f->nonce = arena_strdup(r->a, json_str(claim(r, "verifier_nonce", bad), "val"));
}

static enum check_result check_CLAIMS(struct proving *r, struct proof_check *c)
{
	struct token_facts *f = r->f;
	bool bad = false;

	f->issuer = text_claim(r, "iss", &bad);
	f->id = text_claim(r, "jti", &bad);
	f->issued = time_claim(r, "iat", &bad);
	f->from = time_claim(r, "nbf", &bad);
	f->until = time_claim(r, "exp", &bad);
	read_measurements(r, &bad);
	read_appraisal(r, &bad);
	c->expected = "claims of a TD, each once, with an end";
	if (bad)
		return verdict(c, "a claim is damaged, or is there twice and differs");
	return verdict(c, !f->mrtd               ? "it says nothing of a TD"
			  : when_known(f->until) ? NULL
						 : "it has no end");
}

/* ---- J6 --------------------------------------------------------------------------------------------------------------------------- */

static enum check_result check_BEGUN(struct proving *r, struct proof_check *c)
{
	int64_t last = r->f->issued.ms > r->f->from.ms ? r->f->issued.ms : r->f->from.ms;

	c->expected = arena_printf(r->a, "issued by %s", iso(r, r->q->at));
	c->found = iso(r, (struct when){ last });
	return last <= r->q->at.ms + LEEWAY_MS ? CHECKED_PASS : CHECKED_FAIL;
}

static enum check_result check_CURRENT(struct proving *r, struct proof_check *c)
{
	c->expected = arena_printf(r->a, "current at %s", iso(r, r->q->at));
	c->found = arena_printf(r->a, "until %s", iso(r, r->f->until));
	return r->f->until.ms >= r->q->at.ms ? CHECKED_PASS : CHECKED_FAIL;
}

/* ---- the table ---------------------------------------------------------------------------------------------------------------------- */

static const struct row {
	const char *id, *name;
	enum proof_reason reason;
	uint64_t needs;
	enum check_result (*run)(struct proving *r, struct proof_check *c);
} rows[] = {
#define CHECK(row, id, name, reason, needs) [TOKEN_##row] = { id, name, PROOF_##reason, needs, check_##row },
#include "core/adapters/tdx/token_checks.def"
#undef CHECK
};

static void run_row(struct proving *r, size_t i)
{
	struct proof_check *c = vec_push(&r->f->checks, r->a);

	*c = (struct proof_check){ .evidence = r->f->token_sha,
				   .ordinal = (int64_t)i,
				   .id = rows[i].id,
				   .name = rows[i].name,
				   .expected = "",
				   .found = "" };
	if ((r->passed & rows[i].needs) != rows[i].needs)
		return;
	c->reason = (int)rows[i].reason;
	c->result = TOKEN_TAMPER(i, rows[i].run(r, c));
	if (c->result == CHECKED_FAIL) {
		if (r->f->broken == PROOF_OK || r->f->broken == PROOF_JWT_EXPIRED)
			r->f->broken = (enum proof_reason)c->reason;
		return;
	}
	r->passed |= UINT64_C(1) << i;
	c->reason = PROOF_OK;
}

/* Of a token that does not hold nothing is told but who it claims to be of. */
static void forget(struct token_facts *f)
{
	*f = (struct token_facts){ .token_sha = f->token_sha,
				   .keys_sha = f->keys_sha,
				   .root_sha = f->root_sha,
				   .algorithm = f->algorithm,
				   .key = f->key,
				   .debuggable = -1,
				   .tcb_word = "",
				   .checks = f->checks,
				   .broken = f->broken };
}

void token_verify(struct token_facts *out, const struct token_question *q, struct arena *a)
{
	struct proving r = { .q = q, .f = out, .a = a };

	*out = (struct token_facts){ .token_sha = tdx_sha256(q->token, q->n, a),
				     .keys_sha = arena_strdup(a, q->keys->sha),
				     .root_sha = arena_strdup(a, q->keys->root_sha),
				     .debuggable = -1,
				     .tcb_word = "" };
	for (size_t i = 0; i < countof(rows); i++)
		run_row(&r, i);
	if (out->broken != PROOF_OK && out->broken != PROOF_JWT_EXPIRED)
		forget(out);
	json_free(r.header);
	json_free(r.claims);
}
