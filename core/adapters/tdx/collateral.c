#include "core/adapters/tdx/internal.h"

#include "base/json.h"
#include "base/text.h"

/* What does not depend on the time of a verification is found here, once. The first flaw of each check is kept. */

static void pass(struct tdx_fact *f, const char *expected, const char *found)
{
	*f = (struct tdx_fact){ CHECKED_PASS, PROOF_OK, expected, found };
}

static void fail(struct tdx_fact *f, enum proof_reason r, const char *expected, const char *found)
{
	if (f->result != CHECKED_FAIL)
		*f = (struct tdx_fact){ CHECKED_FAIL, r, expected, found };
}

/* ---- its members ---------------------------------------------------------------------------------------------------------- */

/* As the members are called, in the order of our parts. */
struct member {
	const char *text, *signature, *chain, *inner;
};
static const struct member members[TDX_PARTS] = {
	{ "tcb_info", "tcb_info_signature", "tcb_info_issuer_chain", "tcbInfo" },
	{ "qe_identity", "qe_identity_signature", "qe_identity_issuer_chain", "enclaveIdentity" },
};

struct opened {
	struct bytes text[TDX_PARTS]; /* exactly what is signed */
	unsigned char signature[TDX_PARTS][64];
};

static struct bytes as_bytes(const char *s)
{
	return (struct bytes){ (const unsigned char *)(s ? s : ""), s ? strlen(s) : 0 };
}

/* An answer of Intel's service, {"tcbInfo":{...},"signature":"..."}, holds what is signed as its inner object. */
static bool open_answer(struct bytes *text, const char **signature, const struct member *m, struct arena *a)
{
	struct json *j = NULL;
	struct bytes inner;

	if (!tdx_raw_member(&inner, *text, m->inner))
		return true;
	if (json_parse(&j, (const char *)text->p, text->n, COLLATERAL_MAX, NULL) < 0)
		return false;
	*text = inner;
	*signature = arena_strdup(a, json_str(j, "signature"));
	json_free(j);
	return true;
}

static bool open_part(struct quote_collateral *c, struct opened *o, enum tdx_part part, const struct json *j,
		      struct bytes whole)
{
	const struct member *m = &members[part];
	const char *s = json_str(j, m->text), *signature = json_str(j, m->signature);
	struct bytes *text = &o->text[part];

	if (s)
		*text = as_bytes(arena_strdup(&c->arena, s));
	else if (json_type(json_get(j, m->text)) != JSON_OBJECT || !tdx_raw_member(text, whole, m->text))
		return false;
	return open_answer(text, &signature, m, &c->arena) && tdx_unhex(o->signature[part], 64, signature) &&
	       tdx_chain_pem(&c->signer[part], as_bytes(json_str(j, m->chain)), &c->arena) &&
	       c->signer[part].n >= 2;
}

static const char *open_members(struct quote_collateral *c, struct opened *o, const struct json *j,
				struct bytes whole)
{
	struct bytes pck = as_bytes(json_str(j, "pck_crl_issuer_chain"));

	if (json_type(j) != JSON_OBJECT)
		return "it is no object";
	for (size_t i = 0; i < TDX_PARTS; i++)
		if (!open_part(c, o, (enum tdx_part)i, j, whole))
			return arena_printf(&c->arena, "%s, its signature or its chain is missing or damaged",
					    members[i].text);
	if (!tdx_chain_pem(&c->pck_ca, pck, &c->arena) || c->pck_ca.n < 2)
		return "pck_crl_issuer_chain is missing or damaged";
	tdx_pem(c->pck_ca_der, TDX_CHAIN_MAX, "CERTIFICATE", pck, &c->arena);
	for (size_t i = 0; i < c->pck_ca.n; i++) {
		unsigned char *own = arena_alloc(&c->arena, c->pck_ca_der[i].n);

		memcpy(own, c->pck_ca_der[i].p, c->pck_ca_der[i].n);
		c->pck_ca_der[i].p = own;
	}
	c->root_list = tdx_crl(as_bytes(json_str(j, "root_ca_crl")), &c->arena);
	c->pck_list = tdx_crl(as_bytes(json_str(j, "pck_crl")), &c->arena);
	if (!c->root_list || !c->pck_list)
		return "a revocation list is missing or damaged";
	c->pck_chain = as_bytes(arena_strdup(&c->arena, json_str(j, "pck_certificate_chain")));
	return NULL;
}

/* ---- who signed --------------------------------------------------------------------------------------------------------------- */

static void check_roots(struct quote_collateral *c)
{
	const struct tdx_chain *chains[] = { &c->signer[0], &c->signer[1], &c->pck_ca };

	pass(&c->roots, c->root_sha, c->root_sha);
	for (size_t i = 0; i < countof(chains); i++) {
		const char *sha = tdx_cert_sha(chains[i]->at[chains[i]->n - 1], &c->arena);

		if (!text_eq(sha, c->root_sha))
			fail(&c->roots, PROOF_TDX_ROOT, c->root_sha, sha);
	}
	c->root = c->pck_ca.at[c->pck_ca.n - 1];
}

#define SIGNER "SGX TCB Signing"

/* The authority's own chain: everyone in it may sign others, and that many below them. What holds here is not looked at again
 * when a platform's certificate leads to it. */
static const char *authority_flaw(const struct tdx_chain *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const char *flaw = tdx_depth_flaw(c->at[i], i);

		flaw = flaw ? flaw : tdx_issued_flaw(c->at[i], c->at[i + 1 < c->n ? i + 1 : i]);
		if (flaw)
			return flaw;
	}
	return NULL;
}

static void check_chains(struct quote_collateral *c)
{
	const char *flaw = authority_flaw(&c->pck_ca);

	pass(&c->chains, SIGNER " from the root", "both signers, and the authority of the platforms");
	c->pck_ca_holds = !flaw;
	if (flaw)
		fail(&c->chains, PROOF_CERT_CHAIN, "the authority of the platforms", flaw);
	for (size_t i = 0; i < TDX_PARTS; i++) {
		const char *name = tdx_common_name(c->signer[i].at[0], &c->arena);

		flaw = tdx_chain_flaw(&c->signer[i]);
		if (flaw)
			fail(&c->chains, PROOF_CERT_CHAIN, SIGNER, flaw);
		if (!strstr(name, SIGNER))
			fail(&c->chains, PROOF_CERT_CHAIN, SIGNER, name);
	}
}

static void check_lists(struct quote_collateral *c)
{
	const char *flaw = tdx_crl_flaw(c->root_list, c->root);

	pass(&c->lists, "signed by the authority they are of", "both");
	if (flaw)
		fail(&c->lists, PROOF_SIG_BAD, "the root's list", flaw);
	flaw = tdx_crl_flaw(c->pck_list, c->pck_ca.at[0]);
	if (flaw)
		fail(&c->lists, PROOF_SIG_BAD, "the platforms' list", flaw);
}

static void check_revoked(struct quote_collateral *c)
{
	const struct tdx_chain *chains[] = { &c->signer[0], &c->signer[1] };

	pass(&c->revoked, "signers in no list", "none is");
	for (size_t k = 0; k < countof(chains); k++)
		for (size_t i = 0; i < chains[k]->n; i++)
			if (tdx_crl_lists(c->root_list, chains[k]->at[i]))
				fail(&c->revoked, PROOF_TDX_REVOKED, "signers in no list",
				     tdx_common_name(chains[k]->at[i], &c->arena));
}

/* ---- what they signed -------------------------------------------------------------------------------------------------------- */

static void check_signature(struct quote_collateral *c, const struct opened *o, enum tdx_part part,
			    struct tdx_fact *f)
{
	X509 *signer = c->signer[part].at[0];

	if (tdx_is_p256(signer) &&
	    tdx_p256_verify(X509_get0_pubkey(signer), o->signature[part], o->text[part]))
		pass(f, "a signature over its bytes", "it is");
	else
		fail(f, PROOF_SIG_BAD, "a signature over its bytes", "another");
}

static void check_info(struct quote_collateral *c, struct bytes text)
{
	struct err e = ERR_INIT;

	if (tcb_info_read(&c->tcb, text, &c->arena, &e) < 0) {
		fail(&c->info, PROOF_ATT_PARSE, "TCB info", arena_strdup(&c->arena, e.message));
		return;
	}
	pass(&c->info, "TDX, version 3",
	     arena_printf(&c->arena, "%s, version %" PRId64, c->tcb.id, c->tcb.version));
	if (!text_eq(c->tcb.id, "TDX"))
		fail(&c->info, PROOF_TDX_FMSPC, "TDX", c->tcb.id);
	else if (c->tcb.version != 3)
		fail(&c->info, PROOF_ATT_VERSION, "version 3", c->info.found);
}

static void check_identity(struct quote_collateral *c, struct bytes text)
{
	struct err e = ERR_INIT;

	if (qe_identity_read(&c->qe, text, &c->arena, &e) < 0) {
		fail(&c->identity, PROOF_ATT_PARSE, "QE identity", arena_strdup(&c->arena, e.message));
		return;
	}
	pass(&c->identity, "TD_QE, version 2 or 3",
	     arena_printf(&c->arena, "%s, version %" PRId64, c->qe.id, c->qe.version));
	if (!text_eq(c->qe.id, "TD_QE"))
		fail(&c->identity, PROOF_TDX_QEID, "TD_QE", c->qe.id);
	else if (c->qe.version != 2 && c->qe.version != 3)
		fail(&c->identity, PROOF_ATT_VERSION, "version 2 or 3", c->identity.found);
}

static void check_all(struct quote_collateral *c, const struct opened *o)
{
	check_roots(c);
	check_chains(c);
	check_lists(c);
	check_revoked(c);
	check_info(c, o->text[TDX_TCB_INFO]);
	check_signature(c, o, TDX_TCB_INFO, &c->info_signature);
	check_identity(c, o->text[TDX_QE_IDENTITY]);
	check_signature(c, o, TDX_QE_IDENTITY, &c->identity_signature);
}

/* ---- the object ---------------------------------------------------------------------------------------------------------------- */

int quote_collateral_parse(struct quote_collateral **out, const void *json, size_t n, const char *root_sha,
			   struct err *e)
{
	struct quote_collateral *c;
	struct opened o = { 0 };
	struct err why = ERR_INIT;
	struct json *j = NULL;
	const char *flaw = NULL;

	*out = NULL;
	if (n > COLLATERAL_MAX)
		return err_set(e, ERR_INVALID, "the collateral has %zu bytes, more than %zu", n,
			       COLLATERAL_MAX);
	c = x_alloc(sizeof(*c));
	c->sha = tdx_sha256(json, n, &c->arena);
	c->root_sha = arena_strdup(&c->arena, root_sha ? root_sha : QUOTE_INTEL_ROOT);
	if (json_parse(&j, json, n, COLLATERAL_MAX, &why) < 0)
		flaw = arena_strdup(&c->arena, why.message);
	else
		flaw = open_members(c, &o, j, (struct bytes){ json, n });
	if (flaw) {
		fail(&c->form, PROOF_ATT_PARSE, "collateral", flaw);
	} else {
		pass(&c->form, "collateral", "whole");
		check_all(c, &o);
	}
	json_free(j);
	*out = c;
	return 0;
}

void quote_collateral_free(struct quote_collateral *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < TDX_PARTS; i++)
		tdx_chain_free(&c->signer[i]);
	tdx_chain_free(&c->pck_ca);
	X509_CRL_free(c->root_list);
	X509_CRL_free(c->pck_list);
	arena_done(&c->arena);
	free(c);
}

const char *quote_collateral_sha(const struct quote_collateral *c)
{
	return c->sha;
}
