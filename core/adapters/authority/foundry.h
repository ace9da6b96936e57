/*
 * foundry.h - how the authority for machines is put together. Private to this folder.
 */
#pragma once

#include "core/adapters/authority/internal.h"
#include "core/adapters/authority/tdx.h"

#include <openssl/objects.h>

struct platform {
	struct key pck, attestation;
	X509 *cert;
};
struct foundry {
	struct arena arena;
	const char *seed;
	struct when since;
	struct key root_key, ca_key, signer_key, other; /* other: is nobody's */
	X509 *root, *ca, *signer;
	struct platform platforms[FOUNDRY_PLATFORMS];
	struct key token_root_key, token_ca_key, token_key;
	X509 *token_root, *token_ca, *token_leaf;
};
/* One of the family, with what the fault does to it. */
void platform_make(struct platform *p, const struct foundry *f, unsigned number, struct when at,
		   enum tdx_fault fault);
void platform_drop(struct platform *p);
/* Two authorities of platforms, one below the other, of which the upper one may have none below it; lower first. */
void foundry_deep(X509 *out[2], const struct foundry *f);
const char *foundry_pem(const X509 *x, struct arena *a);
struct bytes foundry_sign(const struct key *k, struct bytes message, struct arena *a); /* r || s */
/* Another foundry of the same names. */
struct foundry *foundry_foreign(const struct foundry *f);

/* ---- cert.c ---- */
struct cert_order {
	const char *serial, *name; /* serial: any text, hashed */
	const struct key *key, *by;
	X509 *above; /* NULL: itself */
	struct when from, until;
	bool ca, last;    /* last: no authority may stand below it */
	struct bytes sgx; /* value of that extension; n 0: it has none */
};
X509 *cert_make(const struct cert_order *o);

/* ---- crl.c ---- */
struct list_order {
	X509 *issuer;
	const struct key *by;
	const X509 *revoked;     /* NULL: nobody */
	struct when from, until; /* until not known: it does not say */
};
struct bytes list_make(const struct list_order *o, struct arena *a);

/* ---- rsa.c ---- */
void rsa_make(struct key *k, const char *seed, const char *label);
struct bytes rsa_sign_pss(const struct key *k, struct bytes message, struct arena *a); /* PS384 */
struct bytes rsa_sign(const struct key *k, struct bytes message, struct arena *a);     /* RS256 */
/* ---- sgx_ext.c: which platform a certificate is of. Every component has the same number. */
struct bytes sgx_extension(unsigned char svn, unsigned platform, bool ppid, struct arena *a);
