#include "core/adapters/tdx/internal.h"

#include "base/text.h"

/* A test that asks what each check is worth replaces this, and no program does. */
#ifndef CHECK_TAMPER
#define CHECK_TAMPER(row, result) (result)
#endif

/* Offsets in the body (TD report, Intel TDX module specification) and in the quoting enclave's report (SGX). */
enum { TEE_SVN = 0, MR_SEAM = 16, MR_SIGNER_SEAM = 64, SEAM_ATTRIBUTES = 112, ATTRIBUTES = 120, XFAM = 128 };
enum { MRTD = 136, MR_CONFIG = 184, MR_OWNER = 232, MR_OWNER_CONFIG = 280, RTMR = 328 };
enum { TEE_SVN2 = 584, MR_SERVICE = 600 };
enum {
	QE_MISCSELECT = 16,
	QE_ATTRIBUTES = 48,
	QE_MRSIGNER = 128,
	QE_PRODID = 256,
	QE_SVN = 258,
	QE_DATA = 320
};
#define MR 48

struct proving {
	const struct quote_question *q;
	const struct quote_collateral *c;
	struct quote_facts *f;
	struct arena *a;
	struct tdx_parts parts;
	struct tdx_chain pck;
	struct bytes pck_der[TDX_CHAIN_MAX];
	struct sgx_platform platform;
	const struct module_identity *module;
	uint64_t passed;
};

static struct bytes at(const unsigned char *p, size_t n)
{
	return (struct bytes){ p, n };
}

static const char *hex(struct proving *r, const unsigned char *p, size_t n)
{
	return tdx_hex(at(p, n), r->a);
}

static const char *iso(struct proving *r, struct when w)
{
	char t[WHEN_TEXT];

	return arena_strdup(r->a, when_iso(w, t));
}

/* Two values that must be the same. */
static enum check_result same(struct proving *r, struct proof_check *c, struct bytes want, struct bytes have)
{
	c->expected = tdx_hex(want, r->a);
	c->found = tdx_hex(have, r->a);
	return bytes_same(want, have) ? CHECKED_PASS : CHECKED_FAIL;
}

static enum check_result verdict(struct proof_check *c, const char *flaw)
{
	c->found = flaw ? flaw : "it holds";
	return flaw ? CHECKED_FAIL : CHECKED_PASS;
}

/* ---- T0 ------------------------------------------------------------------------------------------------------------------- */

static enum check_result check_FORM(struct proving *r, struct proof_check *c)
{
	const char *flaw = tdx_split(&r->parts, at(r->q->quote, r->q->n));

	c->expected = "a TDX quote of version 4 or 5";
	r->f->version = r->parts.version;
	r->f->td15 = r->parts.td15;
	r->f->trailing = (int64_t)r->parts.trailing;
	r->f->trailing_zero = r->parts.trailing_zero;
	if (flaw)
		c->reason = r->parts.reason;
	c->found = flaw ? flaw
			: arena_printf(r->a, "version %d, TD %s, %zu bytes behind it%s", r->parts.version,
				       r->parts.td15 ? "1.5" : "1.0", r->parts.trailing,
				       r->parts.trailing_zero ? "" : ", not all zero");
	return flaw ? CHECKED_FAIL : CHECKED_PASS;
}

static enum check_result check_VENDOR(struct proving *r, struct proof_check *c)
{
	static const unsigned char intel[16] = { 0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
						 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07 };

	return same(r, c, at(intel, sizeof(intel)), at(r->parts.head.p + 12, sizeof(intel)));
}

/* ---- T1: most of it was found when the collateral was parsed --------------------------------------------------------------- */

static enum check_result parsed(struct proving *r, struct proof_check *c, const struct tdx_fact *f)
{
	c->expected = arena_strdup(r->a, f->expected);
	c->found = arena_strdup(r->a, f->found);
	if (f->result == CHECKED_FAIL)
		c->reason = (int)f->reason;
	return f->result;
}

static enum check_result check_COLLATERAL(struct proving *r, struct proof_check *c)
{
	if (r->c)
		return parsed(r, c, &r->c->form);
	c->expected = "collateral";
	c->found = "none";
	c->reason = PROOF_COLL_NONE;
	return CHECKED_FAIL;
}

#define PARSED(row, member)                                                            \
	static enum check_result check_##row(struct proving *r, struct proof_check *c) \
	{                                                                              \
		return parsed(r, c, &r->c->member);                                    \
	}
PARSED(ROOTS, roots)
PARSED(CHAINS, chains)
PARSED(LISTS, lists)
PARSED(SIGNERS, revoked)
PARSED(INFO, info)
PARSED(INFO_SIGNATURE, info_signature)
PARSED(IDENTITY, identity)
PARSED(IDENTITY_SIGNATURE, identity_signature)

#define NO_END ((struct when){ INT64_MAX })

/* When all of the collateral has begun, and when the first of it ends. What does not say when it ends, or began, is no time good:
 * then nothing is. */
static void narrow(struct when *from, struct when *until, struct when f, struct when u)
{
	struct when end = when_known(f) ? u : WHEN_NONE;

	if (f.ms > from->ms)
		*from = f;
	if (end.ms < until->ms)
		*until = end;
}

static void span_of(const struct quote_collateral *c, struct when *from, struct when *until)
{
	X509_CRL *lists[] = { c->root_list, c->pck_list };

	*from = WHEN_NONE;
	*until = NO_END;
	narrow(from, until, c->tcb.from, c->tcb.until);
	narrow(from, until, c->qe.from, c->qe.until);
	for (size_t i = 0; i < countof(lists); i++)
		if (lists[i])
			narrow(from, until, tdx_when(X509_CRL_get0_lastUpdate(lists[i])),
			       tdx_when(X509_CRL_get0_nextUpdate(lists[i])));
	for (size_t k = 0; k < TDX_PARTS; k++)
		for (size_t i = 0; i < c->signer[k].n; i++)
			narrow(from, until, tdx_from(c->signer[k].at[i]), tdx_until(c->signer[k].at[i]));
}

struct when quote_collateral_until(const struct quote_collateral *c)
{
	struct when from = WHEN_NONE, until = WHEN_NONE;

	if (c->form.result == CHECKED_PASS)
		span_of(c, &from, &until);
	return until;
}

static enum check_result check_BEGUN(struct proving *r, struct proof_check *c)
{
	struct quote_facts *f = r->f;

	span_of(r->c, &f->collateral_from, &f->collateral_until);
	f->tcb_evaluation = r->c->tcb.evaluation;
	c->expected = arena_printf(r->a, "issued by %s", iso(r, r->q->at));
	c->found = iso(r, f->collateral_from);
	return f->collateral_from.ms <= r->q->at.ms ? CHECKED_PASS : CHECKED_FAIL;
}

static enum check_result check_CURRENT(struct proving *r, struct proof_check *c)
{
	struct when from, until;

	span_of(r->c, &from, &until);
	c->expected = arena_printf(r->a, "current at %s", iso(r, r->q->at));
	c->found = arena_printf(r->a, "until %s", iso(r, until));
	return when_known(until) && r->q->at.ms <= until.ms ? CHECKED_PASS : CHECKED_FAIL;
}

/* ---- T2 ---------------------------------------------------------------------------------------------------------------------- */

#define PCK_PEM 5

static struct bytes pck_pem(const struct proving *r)
{
	if (r->parts.pck_type == PCK_PEM)
		return r->parts.pck;
	return r->c ? r->c->pck_chain : at((const unsigned char *)"", 0);
}

/* The leaf is of this machine; who signed it was mostly met before, in the collateral. */
static bool open_pck(struct proving *r)
{
	int n = tdx_pem(r->pck_der, TDX_CHAIN_MAX, "CERTIFICATE", pck_pem(r), r->a);

	for (int i = 0; i < n; i++) {
		X509 *known = NULL;

		for (size_t k = 0; i > 0 && r->c && k < r->c->pck_ca.n; k++)
			if (bytes_same(r->pck_der[i], r->c->pck_ca_der[k]))
				known = r->c->pck_ca.at[k];
		if (known)
			X509_up_ref(known);
		r->pck.at[i] = known ? known : tdx_cert(r->pck_der[i]);
		if (!r->pck.at[i])
			return false;
		r->pck.n++;
	}
	return n > 1;
}

#define PCK_NAME "Intel SGX PCK Certificate"

/* Test roots name theirs otherwise before it: what counts is that it is a platform's. */
static bool is_pck(const char *name)
{
	static const char tail[] = "SGX PCK Certificate";
	size_t n = strlen(name);

	return n >= sizeof(tail) - 1 && !strcmp(name + n - (sizeof(tail) - 1), tail);
}

static enum check_result check_PCK(struct proving *r, struct proof_check *c)
{
	const char *name;

	c->expected = PCK_NAME;
	c->found = "none that can be read";
	if (!open_pck(r))
		return CHECKED_FAIL;
	name = tdx_common_name(r->pck.at[0], r->a);
	c->found = name;
	r->f->platform.certificate_until = tdx_until(r->pck.at[0]);
	return is_pck(name) && tdx_is_p256(r->pck.at[0]) ? CHECKED_PASS : CHECKED_FAIL;
}

static enum check_result check_PCK_ROOT(struct proving *r, struct proof_check *c)
{
	c->expected = r->f->root_sha;
	c->found = tdx_cert_sha(r->pck.at[r->pck.n - 1], r->a);
	return text_eq(c->expected, c->found) ? CHECKED_PASS : CHECKED_FAIL;
}

/* Both chains end with the same authorities, and those were verified with the collateral. */
static bool known_authority(const struct proving *r)
{
	if (!r->c->pck_ca_holds || r->pck.n != r->c->pck_ca.n + 1)
		return false;
	for (size_t i = 1; i < r->pck.n; i++)
		if (r->pck.at[i] != r->c->pck_ca.at[i - 1])
			return false;
	return true;
}

static enum check_result check_PCK_CHAIN(struct proving *r, struct proof_check *c)
{
	const char *flaw;

	c->expected = "each signed by the next";
	if (!known_authority(r))
		return verdict(c, tdx_chain_flaw(&r->pck));
	flaw = tdx_leaf_flaw(r->pck.at[0]);
	return verdict(c, flaw ? flaw : tdx_issued_flaw(r->pck.at[0], r->pck.at[1]));
}

static enum check_result check_PCK_TIME(struct proving *r, struct proof_check *c)
{
	struct when from = WHEN_NONE, until = NO_END;

	for (size_t i = 0; i < r->pck.n; i++)
		narrow(&from, &until, tdx_from(r->pck.at[i]), tdx_until(r->pck.at[i]));
	c->expected = iso(r, r->q->at);
	c->found = arena_printf(r->a, "%s to %s", iso(r, from), iso(r, until));
	return from.ms <= r->q->at.ms && r->q->at.ms <= until.ms ? CHECKED_PASS : CHECKED_FAIL;
}

/* A name may have several keys, and one of them may be revoked: the list is signed by who signed the platform's certificate. */
static enum check_result check_LIST(struct proving *r, struct proof_check *c)
{
	X509 *authority = r->pck.at[1];

	c->expected = "the list of the platform's authority";
	return verdict(c, authority == r->c->pck_ca.at[0] ? NULL : tdx_crl_flaw(r->c->pck_list, authority));
}

static enum check_result unlisted(struct proof_check *c, X509_CRL *crl, X509 *cert)
{
	c->expected = "in no list";
	return verdict(c, tdx_crl_lists(crl, cert) ? "it was revoked" : NULL);
}

static enum check_result check_REVOKED(struct proving *r, struct proof_check *c)
{
	return unlisted(c, r->c->pck_list, r->pck.at[0]);
}

static enum check_result check_CA_REVOKED(struct proving *r, struct proof_check *c)
{
	enum check_result result = CHECKED_PASS;

	for (size_t i = 1; i < r->pck.n && result == CHECKED_PASS; i++)
		result = unlisted(c, r->c->root_list, r->pck.at[i]);
	return result;
}

static enum check_result check_EXTENSION(struct proving *r, struct proof_check *c)
{
	const char *flaw = sgx_of(&r->platform, r->pck.at[0]);

	c->expected = "1.2.840.113741.1.13.1";
	return verdict(c, flaw);
}

static enum check_result check_FMSPC(struct proving *r, struct proof_check *c)
{
	return same(r, c, at(r->platform.fmspc, 6), at(r->c->tcb.fmspc, 6));
}

static enum check_result check_PCE_ID(struct proving *r, struct proof_check *c)
{
	return same(r, c, at(r->platform.pce_id, 2), at(r->c->tcb.pce_id, 2));
}

/* ---- T3 to T6 ---------------------------------------------------------------------------------------------------------------- */

static enum check_result check_QE_SIGNATURE(struct proving *r, struct proof_check *c)
{
	bool good = tdx_p256_verify(X509_get0_pubkey(r->pck.at[0]), r->parts.report_signature,
				    at(r->parts.report, 384));

	c->expected = "signed by the platform's key";
	return verdict(c, good ? NULL : "it is not");
}

static enum check_result check_QE_KEY(struct proving *r, struct proof_check *c)
{
	unsigned char want[64] = { 0 };
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	BUG_IF(!ctx || !EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) ||
	       !EVP_DigestUpdate(ctx, r->parts.key, 64) ||
	       !EVP_DigestUpdate(ctx, r->parts.auth.p, r->parts.auth.n) ||
	       !EVP_DigestFinal_ex(ctx, want, NULL));
	EVP_MD_CTX_free(ctx);
	return same(r, c, at(want, sizeof(want)), at(r->parts.report + QE_DATA, 64));
}

static enum check_result check_QE_SIGNER(struct proving *r, struct proof_check *c)
{
	return same(r, c, at(r->c->qe.signer, 32), at(r->parts.report + QE_MRSIGNER, 32));
}

static unsigned le16(const unsigned char *p)
{
	return (unsigned)(p[0] | p[1] << 8);
}

static enum check_result check_QE_PRODUCT(struct proving *r, struct proof_check *c)
{
	unsigned found = le16(r->parts.report + QE_PRODID);

	c->expected = arena_printf(r->a, "%" PRId64, r->c->qe.product);
	c->found = arena_printf(r->a, "%u", found);
	return found == r->c->qe.product ? CHECKED_PASS : CHECKED_FAIL;
}

/* What the mask lets through, of both. */
static enum check_result masked(struct proving *r, struct proof_check *c, const unsigned char *want,
				const unsigned char *have, const unsigned char *mask, size_t n)
{
	unsigned char w[16], h[16];

	for (size_t i = 0; i < n; i++) {
		w[i] = want[i] & mask[i];
		h[i] = have[i] & mask[i];
	}
	return same(r, c, at(w, n), at(h, n));
}

/* The document writes the number, the report has its bytes the other way round. */
static enum check_result check_QE_MISC(struct proving *r, struct proof_check *c)
{
	const unsigned char *p = r->parts.report + QE_MISCSELECT;
	const unsigned char turned[4] = { p[3], p[2], p[1], p[0] };

	return masked(r, c, r->c->qe.misc, turned, r->c->qe.misc_mask, 4);
}

static enum check_result check_QE_ATTRIBUTES(struct proving *r, struct proof_check *c)
{
	return masked(r, c, r->c->qe.attributes, r->parts.report + QE_ATTRIBUTES, r->c->qe.attributes_mask,
		      16);
}

/* The collateral may be gone before the facts are. */
static struct tcb_found copied(struct proving *r, const struct tcb_found *l)
{
	const char **ids = arena_array(r->a, const char *, l->advisories_n + 1);
	struct tcb_found out = *l;

	for (size_t i = 0; i < l->advisories_n; i++)
		ids[i] = arena_strdup(r->a, l->advisories[i]);
	out.advisories = ids;
	return out;
}

/* A level that was found, as a check: what it says of good and bad is policy's. */
static enum check_result level(struct proving *r, struct proof_check *c, const struct tcb_found *l,
			       unsigned svn)
{
	c->expected = "a level that fits";
	c->found =
		l ? arena_printf(r->a, "%s of %s", names_word(&tcb_status_names, l->status), iso(r, l->date))
		  : arena_printf(r->a, "none for version %u", svn);
	return l ? CHECKED_PASS : CHECKED_FAIL;
}

/* An enclave below every level was never good (Intel's library: revoked). */
static enum check_result check_QE_LEVEL(struct proving *r, struct proof_check *c)
{
	unsigned svn = le16(r->parts.report + QE_SVN);
	const struct isv_level *l = isv_level_of(&r->c->qe.levels, svn);

	if (l)
		r->f->enclave = copied(r, &l->found);
	return level(r, c, l ? &l->found : NULL, svn);
}

static enum check_result check_SIGNATURE(struct proving *r, struct proof_check *c)
{
	EVP_PKEY *key = tdx_p256_key(r->parts.key);
	bool good = key && tdx_p256_verify(key, r->parts.signature, r->parts.signed_part);

	EVP_PKEY_free(key);
	c->expected = "signed by the attestation key";
	return verdict(c, good ? NULL : "it is not");
}

/* ---- T7 and T8 ----------------------------------------------------------------------------------------------------------------- */

static const unsigned char *svn_of(const struct proving *r)
{
	return r->parts.body.p + TEE_SVN;
}

static enum check_result check_MODULE(struct proving *r, struct proof_check *c)
{
	unsigned version = svn_of(r)[1];

	r->module = tcb_module(&r->c->tcb, version);
	c->expected = arena_printf(r->a, "TDX_%02X", version);
	c->found = r->module ? c->expected : "no such identity";
	return r->module ? CHECKED_PASS : CHECKED_FAIL;
}

static enum check_result check_MODULE_SIGNER(struct proving *r, struct proof_check *c)
{
	return same(r, c, at(r->module->signer, MR), at(r->parts.body.p + MR_SIGNER_SEAM, MR));
}

static enum check_result check_MODULE_ATTRIBUTES(struct proving *r, struct proof_check *c)
{
	return masked(r, c, r->module->attributes, r->parts.body.p + SEAM_ATTRIBUTES, r->module->mask, 8);
}

/* The level of the module with that number and version; of the first module the platform's level says it. */
static const struct tcb_found *module_level(const struct tcb_info *t, const unsigned char *svn)
{
	static const struct tcb_found none_needed = { .status = TCB_UPTODATE };
	const struct module_identity *m = tcb_module(t, svn[1]);
	const struct isv_level *l = m && svn[1] ? isv_level_of(&m->levels, svn[0]) : NULL;

	if (m && !svn[1])
		return &none_needed;
	return l ? &l->found : NULL;
}

static enum check_result check_MODULE_LEVEL(struct proving *r, struct proof_check *c)
{
	const struct tcb_found *l = module_level(&r->c->tcb, svn_of(r));

	if (l)
		r->f->module = copied(r, l);
	if (r->parts.td15) {
		const struct tcb_found *now = module_level(&r->c->tcb, r->parts.body.p + TEE_SVN2);

		r->f->module_now = now ? copied(r, now) : (struct tcb_found){ .status = TCB_NOTSUPPORTED };
	}
	return level(r, c, l, svn_of(r)[0]);
}

static enum check_result check_LEVEL(struct proving *r, struct proof_check *c)
{
	const struct tcb_level *l = tcb_level_of(&r->c->tcb, &r->platform, svn_of(r));

	if (l)
		r->f->level = copied(r, &l->found);
	if (r->parts.td15) {
		const struct tcb_level *now =
			tcb_level_of(&r->c->tcb, &r->platform, r->parts.body.p + TEE_SVN2);

		r->f->level_now =
			now ? copied(r, &now->found) : (struct tcb_found){ .status = TCB_NOTSUPPORTED };
	}
	return level(r, c, l ? &l->found : NULL, svn_of(r)[0]);
}

/* ---- the table ------------------------------------------------------------------------------------------------------------------ */

static const struct row {
	const char *id, *name;
	enum proof_reason reason;
	uint64_t needs;
	enum check_result (*run)(struct proving *r, struct proof_check *c);
} rows[] = {
#define CHECK(row, id, name, reason, needs) [TDX_##row] = { id, name, PROOF_##reason, needs, check_##row },
#include "core/adapters/tdx/checks.def"
#undef CHECK
};
_Static_assert(TDX_ROWS <= 64, "the rows that have passed are bits of one number");

/* Age and levels are for policy to weigh; everything else means that a signature or what it covers does not hold. */
static bool breaks(enum proof_reason reason)
{
	return reason != PROOF_COLL_EXPIRED && reason != PROOF_COLL_NONE &&
	       reason != PROOF_TCB_NOTSUPPORTED && reason != PROOF_TCB_REVOKED;
}

static void run_row(struct proving *r, size_t i)
{
	struct proof_check *c = vec_push(&r->f->checks, r->a);

	*c = (struct proof_check){ .evidence = r->f->quote_sha,
				   .ordinal = (int64_t)i,
				   .id = rows[i].id,
				   .name = rows[i].name,
				   .expected = "",
				   .found = "" };
	if ((r->passed & rows[i].needs) != rows[i].needs)
		return;
	c->reason = (int)rows[i].reason;
	c->result = CHECK_TAMPER(i, rows[i].run(r, c));
	if (c->result == CHECKED_PASS) {
		r->passed |= UINT64_C(1) << i;
		c->reason = PROOF_OK;
	} else if (r->f->broken == PROOF_OK && breaks((enum proof_reason)c->reason)) {
		r->f->broken = (enum proof_reason)c->reason;
	}
}

/* ---- facts that are signed --------------------------------------------------------------------------------------------------------- */

static void fill_td(struct proving *r)
{
	const unsigned char *p = r->parts.body.p;
	struct quote_td *td = &r->f->td;

	td->mrtd = hex(r, p + MRTD, MR);
	for (size_t i = 0; i < QUOTE_RTMRS; i++)
		td->rtmr[i] = hex(r, p + RTMR + i * MR, MR);
	td->report_data = hex(r, p + TDX_REPORT_DATA, 64);
	td->mr_config_id = hex(r, p + MR_CONFIG, MR);
	td->mr_owner = hex(r, p + MR_OWNER, MR);
	td->mr_owner_config = hex(r, p + MR_OWNER_CONFIG, MR);
	td->mr_seam = hex(r, p + MR_SEAM, MR);
	td->mr_signer_seam = hex(r, p + MR_SIGNER_SEAM, MR);
	td->seam_attributes = hex(r, p + SEAM_ATTRIBUTES, 8);
	td->attributes = hex(r, p + ATTRIBUTES, 8);
	td->xfam = hex(r, p + XFAM, 8);
	td->tee_tcb_svn = hex(r, p + TEE_SVN, 16);
	if (r->parts.td15) {
		td->tee_tcb_svn2 = hex(r, p + TEE_SVN2, 16);
		td->mr_service_td = hex(r, p + MR_SERVICE, MR);
	}
	r->f->platform.fmspc = hex(r, r->platform.fmspc, 6);
	r->f->platform.pce_id = hex(r, r->platform.pce_id, 2);
	r->f->platform.ppid = hex(r, r->platform.ppid, 16);
	r->f->platform.pce_svn = r->platform.pce_svn;
}

#define BIT(row) (UINT64_C(1) << TDX_##row)
/* All between the pinned root and the body. */
#define SIGNED                                                                                           \
	(BIT(FORM) | BIT(PCK_ROOT) | BIT(PCK_CHAIN) | BIT(EXTENSION) | BIT(QE_SIGNATURE) | BIT(QE_KEY) | \
	 BIT(SIGNATURE))

void quote_verify(struct quote_facts *out, const struct quote_question *q, struct arena *a)
{
	struct proving r = { .q = q, .c = q->collateral, .f = out, .a = a };

	*out = (struct quote_facts){ .quote_sha = tdx_sha256(q->quote, q->n, a),
				     .collateral_sha = arena_strdup(a, r.c ? r.c->sha : ""),
				     .root_sha = arena_strdup(a, r.c ? r.c->root_sha : "") };
	for (size_t i = 0; i < countof(rows); i++)
		run_row(&r, i);
	if (out->broken == PROOF_OK && (r.passed & SIGNED) == SIGNED)
		fill_td(&r);
	tdx_chain_free(&r.pck);
}
