#include "core/adapters/authority/foundry.h"

enum { DAY = 24 * 3600 * 1000 };
#define YEARS10 ((int64_t)10 * 365 * DAY)

static const char *const tdx_words[] = {
#define FAULT(name, strict, relaxed, reason, meaning) #name,
#include "core/adapters/authority/tdx_faults.def"
#undef FAULT
};
const struct names tdx_fault_names = NAMES(tdx_words);
static const char *const token_words[] = {
#define FAULT(name, age, strict, relaxed, reason, meaning) #name,
#include "core/adapters/authority/token_faults.def"
#undef FAULT
};
const struct names token_fault_names = NAMES(token_words);

const struct fault_verdict *tdx_fault_verdict(enum tdx_fault f)
{
	static const struct fault_verdict table[] = {
#define FAULT(name, strict, relaxed, reason, meaning) \
	{ PROOF_##strict, PROOF_##relaxed, PROOF_##reason, 0, meaning },
#include "core/adapters/authority/tdx_faults.def"
#undef FAULT
	};

	BUG_IF(f >= TDX_FAULTS);
	return &table[f];
}

const struct fault_verdict *token_fault_verdict(enum token_fault f)
{
	static const struct fault_verdict table[] = {
#define FAULT(name, age, strict, relaxed, reason, meaning) \
	{ PROOF_##strict, PROOF_##relaxed, PROOF_##reason, age, meaning },
#include "core/adapters/authority/token_faults.def"
#undef FAULT
	};

	BUG_IF(f >= TOKEN_FAULTS);
	return &table[f];
}

/* ---- platforms ----------------------------------------------------------------------------------------------------- */

void foundry_deep(X509 *out[2], const struct foundry *f)
{
	struct cert_order o = { .serial = "last",
				.name = "Drill SGX PCK Platform CA",
				.key = &f->ca_key,
				.by = &f->root_key,
				.above = f->root,
				.from = f->since,
				.until = { f->since.ms + YEARS10 },
				.ca = true,
				.last = true };

	out[1] = cert_make(&o);
	o.serial = "below the last";
	o.name = "Drill SGX PCK Processor CA";
	o.key = &f->other;
	o.by = &f->ca_key;
	o.above = out[1];
	out[0] = cert_make(&o);
}

void platform_make(struct platform *p, const struct foundry *f, unsigned number, struct when at,
		   enum tdx_fault fault)
{
	struct arena a autofree(arena) = ARENA_INIT;
	bool ended = fault == TDX_FAULT_pck_expired;
	const char *label = arena_printf(&a, "pck %u", number);
	X509 *deep[2] = { NULL, NULL };
	unsigned char svn = fault == TDX_FAULT_below ? 0 : fault == TDX_FAULT_out_of_date ? 2 : 5;
	struct cert_order o = {
		.serial = arena_printf(&a, "%s/%s", f->seed, label),
		.name = fault == TDX_FAULT_pck_name ? "Drill SGX Other" : "Drill SGX PCK Certificate",
		.key = &p->pck,
		.by = fault == TDX_FAULT_pck_signed ? &f->other : &f->ca_key,
		.above = f->ca,
		.from = { ended ? at.ms - 9 * (int64_t)DAY : f->since.ms },
		.until = { ended ? at.ms - DAY : f->since.ms + YEARS10 },
		.sgx = sgx_extension(svn, number, fault != TDX_FAULT_extension, &a),
	};

	if (fault == TDX_FAULT_too_deep) {
		foundry_deep(deep, f);
		o.by = &f->other;
		o.above = deep[0];
	}
	key_make(&p->pck, NID_X9_62_prime256v1, f->seed, label);
	key_make(&p->attestation, NID_X9_62_prime256v1, f->seed, arena_printf(&a, "attestation %u", number));
	p->cert = cert_make(&o);
	for (size_t i = 0; i < countof(deep); i++)
		X509_free(deep[i]);
}

void platform_drop(struct platform *p)
{
	key_drop(&p->pck);
	key_drop(&p->attestation);
	X509_free(p->cert);
}

/* ---- roots --------------------------------------------------------------------------------------------------------- */

static X509 *certify(const struct foundry *f, const char *name, const struct key *key, X509 *above,
		     const struct key *by)
{
	struct arena a autofree(arena) = ARENA_INIT;

	return cert_make(&(struct cert_order){
		.serial = arena_printf(&a, "%s/%s", f->seed, name),
		.name = name,
		.key = key,
		.by = by,
		.above = above,
		.from = f->since,
		.until = { f->since.ms + YEARS10 },
		.ca = !above || key == &f->ca_key || key == &f->token_ca_key,
	});
}

static void make_sgx(struct foundry *f)
{
	f->root = certify(f, "Drill SGX Root CA", &f->root_key, NULL, &f->root_key);
	f->ca = certify(f, "Drill SGX PCK Platform CA", &f->ca_key, f->root, &f->root_key);
	f->signer = certify(f, "Drill SGX TCB Signing", &f->signer_key, f->root, &f->root_key);
	for (unsigned i = 0; i < FOUNDRY_PLATFORMS; i++)
		platform_make(&f->platforms[i], f, i, f->since, TDX_FAULT_good);
}

static void make_tokens(struct foundry *f)
{
	f->token_root =
		certify(f, "Drill Trust Authority Root CA", &f->token_root_key, NULL, &f->token_root_key);
	f->token_ca = certify(f, "Drill Trust Authority Signing CA", &f->token_ca_key, f->token_root,
			      &f->token_root_key);
	f->token_leaf =
		certify(f, "Drill Trust Authority Attestation", &f->token_key, f->token_ca, &f->token_ca_key);
}

struct foundry *foundry_new(const char *seed, struct when since)
{
	struct foundry *f = x_alloc(sizeof(*f));
	struct {
		struct key *key;
		const char *label;
	} keys[] = {
		{ &f->root_key, "sgx root" },   { &f->ca_key, "pck ca" },
		{ &f->signer_key, "tcb" },      { &f->other, "other" },
		{ &f->token_root_key, "root" }, { &f->token_ca_key, "token ca" },
	};

	f->seed = arena_strdup(&f->arena, seed);
	f->since = (struct when){ since.ms / 1000 * 1000 };
	for (size_t i = 0; i < countof(keys); i++)
		key_make(keys[i].key, NID_X9_62_prime256v1, f->seed, keys[i].label);
	rsa_make(&f->token_key, f->seed, "token");
	make_sgx(f);
	make_tokens(f);
	return f;
}

struct foundry *foundry_foreign(const struct foundry *f)
{
	struct arena a autofree(arena) = ARENA_INIT;

	return foundry_new(arena_printf(&a, "%s, not", f->seed), f->since);
}

void foundry_free(struct foundry *f)
{
	if (!f)
		return;
	struct key *keys[] = { &f->root_key,       &f->ca_key,       &f->signer_key, &f->other,
			       &f->token_root_key, &f->token_ca_key, &f->token_key };
	X509 *certs[] = { f->root, f->ca, f->signer, f->token_root, f->token_ca, f->token_leaf };

	for (size_t i = 0; i < countof(keys); i++)
		key_drop(keys[i]);
	for (size_t i = 0; i < countof(certs); i++)
		X509_free(certs[i]);
	for (size_t i = 0; i < FOUNDRY_PLATFORMS; i++)
		platform_drop(&f->platforms[i]);
	arena_done(&f->arena);
	free(f);
}

const char *foundry_pem(const X509 *x, struct arena *a)
{
	return bytes_pem(a, cert_der(x, a));
}

const char *foundry_root(const struct foundry *f, struct arena *a)
{
	return foundry_pem(f->root, a);
}

const char *foundry_root_sha(const struct foundry *f, struct arena *a)
{
	struct bytes der = cert_der(f->root, a);

	return bytes_hex(a, bytes_sha256(a, der.s, der.n));
}

struct bytes foundry_sign(const struct key *k, struct bytes message, struct arena *a)
{
	struct bytes der = key_sign(k, message.s, message.n, a);
	const unsigned char *at = der.s;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)der.n);
	unsigned char rs[64];

	BUG_IF(!sig || BN_bn2binpad(ECDSA_SIG_get0_r(sig), rs, 32) < 0 ||
	       BN_bn2binpad(ECDSA_SIG_get0_s(sig), rs + 32, 32) < 0);
	ECDSA_SIG_free(sig);
	return bytes_of(a, rs, sizeof(rs));
}
