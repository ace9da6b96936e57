#include "core/adapters/authority/foundry.h"

#include <openssl/core_names.h>

/* Attestation reference 2: header 48 bytes, body, signature data. */

enum {
	BODY10 = 584,
	BODY15 = 648,
	REPORT = 384,
	MRTD = 136,
	RTMR0 = 328,
	REPORT_DATA = 520,
	MEASUREMENT = 48,
};

static struct bytes number(uint32_t v, size_t octets, struct arena *a)
{
	unsigned char p[4];

	for (size_t i = 0; i < octets; i++)
		p[i] = (unsigned char)(v >> 8 * i);
	return bytes_of(a, p, octets);
}

static void fill(unsigned char *at, size_t room, const char *hex, struct arena *a)
{
	struct bytes b = hex ? bytes_from_hex(a, hex) : (struct bytes){ 0 };

	BUG_IF(b.n > room);
	if (b.n)
		memcpy(at, b.s, b.n);
}

static void fill_attributes(unsigned char at[8], const struct quote_order *o)
{
	uint64_t v = o->attributes | (o->fault == TDX_FAULT_sept ? 0 : UINT64_C(1) << 28);

	if (o->fault == TDX_FAULT_debug)
		v |= 1;
	if (o->fault == TDX_FAULT_reserved)
		v |= 0x8000;
	for (int i = 0; i < 8; i++)
		at[i] = (unsigned char)(v >> 8 * i);
}

static struct bytes body_of(const struct quote_order *o, bool td15, struct arena *a)
{
	enum tdx_fault f = o->fault;
	unsigned char b[BODY15] = { 0 };

	memset(b, 5, 16);
	b[0] = f == TDX_FAULT_module_below ? 1 : f == TDX_FAULT_relaunch ? 2 : 5;
	b[1] = f == TDX_FAULT_module0 ? 0 : f == TDX_FAULT_no_module ? 9 : 1;
	b[64] = f == TDX_FAULT_module_signer;
	b[112] = f == TDX_FAULT_module_attributes;
	fill_attributes(b + 120, o);
	fill(b + MRTD, MEASUREMENT, o->mrtd, a);
	for (int i = 0; i < QUOTE_RTMRS; i++)
		fill(b + RTMR0 + (ptrdiff_t)i * MEASUREMENT, MEASUREMENT, o->rtmr[i], a);
	fill(b + REPORT_DATA, 64, o->report_data, a);
	memset(b + BODY10, 5, 16);
	b[BODY10 + 1] = 1;
	b[BODY10 + 16] = f == TDX_FAULT_service;
	return bytes_of(a, b, td15 ? BODY15 : BODY10);
}

static struct bytes head_of(const struct quote_order *o, bool td15, struct arena *a)
{
	static const unsigned char intel[16] = { 0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
						 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07 };
	static const unsigned char user[20];
	unsigned version = td15 || o->version == 5 ? 5 : 4;
	struct bytes vendor = { intel, sizeof(intel) };
	struct bytes parts[] = {
		number(o->fault == TDX_FAULT_version ? 6 : version, 2, a),
		number(2, 2, a),
		number(0x81, 4, a),
		number(0, 4, a),
		o->fault == TDX_FAULT_vendor ? bytes_flip(a, vendor, 0) : vendor,
		{ user, sizeof(user) },
		version == 5 ? number(td15 ? 3 : 2, 2, a) : (struct bytes){ 0 },
		version == 5 ? number(td15 ? BODY15 : BODY10, 4, a) : (struct bytes){ 0 },
	};

	return bytes_join(a, parts, countof(parts));
}

/* The quoting enclave's own report: what it says of the key. */
static struct bytes report_of(enum tdx_fault f, struct bytes key, struct bytes auth, struct arena *a)
{
	unsigned char r[REPORT] = { 0 };
	struct bytes both = bytes_join(a, (struct bytes[]){ key, auth }, 2);

	r[16] = f == TDX_FAULT_qe_misc;
	r[48] = f == TDX_FAULT_qe_attributes ? 0x13 : 0x11;
	memset(r + 128, f == TDX_FAULT_qe_signer ? 0xac : 0xab, 32);
	r[256] = f == TDX_FAULT_qe_product ? 1 : 2;
	r[258] = f == TDX_FAULT_qe_below ? 1 : f == TDX_FAULT_qe_old ? 3 : 4;
	memcpy(r + 320, bytes_sha256(a, both.s, both.n).s, 32);
	r[REPORT - 1] = f == TDX_FAULT_qe_key;
	return bytes_of(a, r, REPORT);
}

static struct bytes point_of(const struct key *k, struct arena *a)
{
	unsigned char point[65];
	size_t n = 0;

	BUG_IF(EVP_PKEY_get_octet_string_param(k->pkey, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &n) !=
		       1 ||
	       n != sizeof(point));
	return bytes_of(a, point + 1, 64);
}

/* PEM of the platform's certificate and of those above it. */
static const char *chain_of(const struct foundry *f, const struct platform *p, enum tdx_fault fault,
			    struct arena *a)
{
	const char *ca = foundry_pem(f->ca, a);
	X509 *deep[2];

	if (fault == TDX_FAULT_too_deep) {
		foundry_deep(deep, f);
		ca = arena_printf(a, "%s%s", foundry_pem(deep[0], a), foundry_pem(deep[1], a));
		X509_free(deep[0]);
		X509_free(deep[1]);
	}
	return arena_printf(a, "%s%s%s", foundry_pem(p->cert, a), ca, foundry_pem(f->root, a));
}

static struct bytes tail_of(const struct foundry *f, const struct platform *p, enum tdx_fault fault,
			    struct bytes signed_, struct arena *a)
{
	static const unsigned char seven[64] = { 7 };
	struct bytes auth = { seven, fault == TDX_FAULT_auth64 ? 64 : 32 },
		     key = point_of(&p->attestation, a);
	struct bytes report = report_of(fault, key, auth, a);
	const char *pem = chain_of(f, p, fault, a);
	struct bytes certified[] = {
		report,
		foundry_sign(fault == TDX_FAULT_qe_signed ? &f->other : &p->pck, report, a),
		number((uint32_t)auth.n, 2, a),
		auth,
		number(5, 2, a),
		number((uint32_t)strlen(pem), 4, a),
		{ (const unsigned char *)pem, strlen(pem) },
	};
	struct bytes inner = bytes_join(a, certified, countof(certified));
	struct bytes parts[] = {
		number((uint32_t)(64 + 64 + 6 + inner.n), 4, a),
		foundry_sign(&p->attestation, signed_, a),
		key,
		number(6, 2, a),
		number((uint32_t)inner.n, 4, a),
		inner,
	};

	return bytes_join(a, parts, countof(parts));
}

/* Faults of the platform itself want another one than those that are there. */
static bool of_platform(enum tdx_fault f)
{
	return f == TDX_FAULT_too_deep || (f >= TDX_FAULT_pck_name && f <= TDX_FAULT_out_of_date);
}

static struct bytes whole(const struct foundry *f, const struct quote_order *o, const struct platform *p,
			  struct arena *a)
{
	bool td15 = o->td15 || o->fault == TDX_FAULT_service || o->fault == TDX_FAULT_relaunch;
	struct bytes head = head_of(o, td15, a),
		     parts[] = { head, body_of(o, td15, a), { 0 }, { (const unsigned char *)"\0\0\0\0", 4 } };
	struct bytes signed_ = bytes_join(a, parts, 2);

	parts[2] = tail_of(f, p, o->fault, signed_, a);
	if (o->fault == TDX_FAULT_flipped)
		parts[1] = bytes_flip(a, parts[1], MRTD);
	return bytes_join(a, parts, o->fault == TDX_FAULT_trailing ? 4 : 3);
}

const unsigned char *foundry_quote(const struct foundry *f, const struct quote_order *o, size_t *n,
				   struct arena *a)
{
	struct foundry *foreign autofree(foundry) =
		o->fault == TDX_FAULT_foreign_platform ? foundry_foreign(f) : NULL;
	const struct foundry *by = foreign ? foreign : f;
	struct platform own = { 0 };
	struct bytes q;

	BUG_IF(o->platform >= FOUNDRY_PLATFORMS);
	if (of_platform(o->fault))
		platform_make(&own, by, o->platform, o->at, o->fault);
	q = whole(by, o, own.cert ? &own : &by->platforms[o->platform], a);
	platform_drop(&own);
	*n = q.n - (o->fault == TDX_FAULT_cut ? 100 : 0);
	return q.s;
}
