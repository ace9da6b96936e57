#include "core/adapters/authority/foundry.h"

#include <openssl/objects.h>
#include <openssl/x509v3.h>

#define FULCIO "1.3.6.1.4.1.57264.1." /* fulcio docs/oid-info.md */

enum { YEARS = 10, YEAR = 365 * 24 * 3600, SERIAL = 16, OID_TEXT = 64 };

DEFINE_FREEP(X509 *, x509, X509_free)

static X509 *draft(const char *serial, const char *organization, const char *name, EVP_PKEY *key,
		   struct when from, struct when until)
{
	struct arena a autofree(arena) = ARENA_INIT;
	struct bytes number = bytes_from(&a, serial);
	X509 *x = X509_new();
	X509_NAME *subject = X509_NAME_new();
	BIGNUM *bn = BN_bin2bn(number.s, SERIAL, NULL);

	BUG_IF(!x || !subject || !bn);
	BN_clear_bit(bn, 8 * SERIAL - 1);
	BUG_IF(!BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(x)));
	BN_free(bn);
	if (organization)
		BUG_IF(!X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8,
						   (const unsigned char *)organization, -1, -1, 0) ||
		       !X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name,
						   -1, -1, 0));
	BUG_IF(!X509_set_version(x, X509_VERSION_3) || !X509_set_subject_name(x, subject) ||
	       !ASN1_TIME_set(X509_getm_notBefore(x), from.ms / 1000) ||
	       !ASN1_TIME_set(X509_getm_notAfter(x), until.ms / 1000) || !X509_set_pubkey(x, key));
	X509_NAME_free(subject);
	return x;
}

/* One of OpenSSL's own extensions, by its configuration syntax. above NULL: itself. */
static void extend(X509 *x, X509 *above, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	X509V3_set_ctx(&ctx, above ? above : x, x, NULL, NULL, 0);
	e = X509V3_EXT_nconf_nid(NULL, &ctx, nid, value);
	BUG_IF(!e || !X509_add_ext(x, e, -1));
	X509_EXTENSION_free(e);
}

static void extend_raw(X509 *x, const char *oid, struct bytes value, bool critical)
{
	ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *s = ASN1_OCTET_STRING_new();
	X509_EXTENSION *e;

	BUG_IF(!o || !s || !ASN1_OCTET_STRING_set(s, value.s, (int)value.n));
	e = X509_EXTENSION_create_by_OBJ(NULL, o, critical, s);
	BUG_IF(!e || !X509_add_ext(x, e, -1));
	X509_EXTENSION_free(e);
	ASN1_OCTET_STRING_free(s);
	ASN1_OBJECT_free(o);
}

/* What the issuer signs. X509_sign() would do more: a signature with a number of chance, another one each time. */
static struct bytes to_be_signed(X509 *x, const X509 *above, const struct key *by, struct arena *a)
{
	X509_ALGOR *algorithm = (X509_ALGOR *)(uintptr_t)X509_get0_tbs_sigalg(x);
	int nid = by->nid == NID_secp384r1 ? NID_ecdsa_with_SHA384 : NID_ecdsa_with_SHA256;
	unsigned char *der = NULL;
	struct bytes tbs;
	int n;

	BUG_IF(!X509_set_issuer_name(x, X509_get_subject_name(above)) ||
	       !X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid), V_ASN1_UNDEF, NULL));
	n = i2d_re_X509_tbs(x, &der);
	BUG_IF(n <= 0);
	tbs = bytes_of(a, der, (size_t)n);
	OPENSSL_free(der);
	return tbs;
}

static struct bytes seal(X509 *x, const X509 *above, const struct key *by, struct arena *a)
{
	struct bytes tbs = to_be_signed(x, above, by, a), sig = key_sign(by, tbs.s, tbs.n, a), alg;
	unsigned char *der = NULL;
	int n = i2d_X509_ALGOR((X509_ALGOR *)(uintptr_t)X509_get0_tbs_sigalg(x), &der);

	BUG_IF(n <= 0);
	alg = bytes_of(a, der, (size_t)n);
	OPENSSL_free(der);
	sig = bytes_join(a, (struct bytes[]){ { (const unsigned char *)"", 1 }, sig },
			 2); /* no unused bits */
	return bytes_der(a, 0x30, bytes_join(a, (struct bytes[]){ tbs, alg, bytes_der(a, 0x03, sig) }, 3));
}

static X509 *sealed(X509 *x, const X509 *above, const struct key *by)
{
	struct arena a autofree(arena) = ARENA_INIT;
	struct bytes der = seal(x, above, by, &a);
	const unsigned char *at = der.s;
	X509 *out = d2i_X509(NULL, &at, (long)der.n);

	BUG_IF(!out);
	X509_free(x);
	return out;
}

struct bytes cert_der(const X509 *x, struct arena *a)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);
	struct bytes out;

	BUG_IF(n <= 0);
	out = bytes_of(a, der, (size_t)n);
	OPENSSL_free(der);
	return out;
}

/* ---- authorities -------------------------------------------------------------------------------------------------- */

static struct when ends(struct when since)
{
	return (struct when){ since.ms + (int64_t)YEARS * YEAR * 1000 };
}

static X509 *authority_cert(const char *serial, const struct ca_names *names, const char *name,
			    const struct key *key, X509 *above, const struct key *by, struct when since,
			    const char *usage)
{
	X509 *x = draft(serial, names->organization, name, key->pkey, since, ends(since));

	extend(x, above, NID_key_usage, "critical,keyCertSign,cRLSign");
	if (usage)
		extend(x, above, NID_ext_key_usage, usage);
	extend(x, above, NID_basic_constraints,
	       above ? "critical,CA:TRUE,pathlen:0" : "critical,CA:TRUE,pathlen:1");
	extend(x, above, NID_subject_key_identifier, "hash");
	if (above)
		extend(x, above, NID_authority_key_identifier, "keyid:always");
	return sealed(x, above ? above : x, by);
}

void issuer_make(struct issuer *i, int nid, const char *seed, const char *label, const struct ca_names *names,
		 struct when since, const char *usage)
{
	struct arena a autofree(arena) = ARENA_INIT;
	const char *root = arena_printf(&a, "%s root", label),
		   *inner = arena_printf(&a, "%s intermediate", label);
	struct key above;

	key_make(&above, nid, seed, root);
	key_make(&i->key, nid, seed, inner);
	i->root = authority_cert(arena_printf(&a, "%s/%s", seed, root), names, names->root, &above, NULL,
				 &above, since, NULL);
	i->cert = authority_cert(arena_printf(&a, "%s/%s", seed, inner), names, names->intermediate, &i->key,
				 i->root, &above, since, usage);
	key_drop(&above);
}

void issuer_drop(struct issuer *i)
{
	key_drop(&i->key);
	X509_free(i->cert);
	X509_free(i->root);
}

X509 *cert_stamper(const struct issuer *i, const struct key *k, const char *name, struct when since)
{
	X509 *x = draft(name, "Pilothouse drill", name, k->pkey, since, ends(since));

	extend(x, i->cert, NID_key_usage, "critical,digitalSignature");
	extend(x, i->cert, NID_ext_key_usage, "critical,timeStamping");
	extend(x, i->cert, NID_subject_key_identifier, "hash");
	extend(x, i->cert, NID_authority_key_identifier, "keyid:always");
	return sealed(x, i->cert, &i->key);
}

void issuer_impostor(struct issuer *out, const struct issuer *real, const char *seed, struct when since)
{
	X509 *x;

	*out = (struct issuer){ 0 };
	key_make(&out->key, NID_X9_62_prime256v1, seed, "impostor");
	x = draft("impostor", "Pilothouse drill", "impostor", out->key.pkey, since, ends(since));
	extend(x, real->cert, NID_key_usage, "critical,digitalSignature");
	extend(x, real->cert, NID_basic_constraints, "critical,CA:FALSE");
	extend(x, real->cert, NID_subject_key_identifier, "hash");
	out->cert = sealed(x, real->cert, &real->key);
}

/* ---- machines ------------------------------------------------------------------------------------------------------ */

X509 *cert_make(const struct cert_order *o)
{
	X509 *x = draft(o->serial, "Pilothouse drill", o->name, o->key->pkey, o->from, o->until);

	extend(x, o->above, NID_key_usage,
	       o->ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
	extend(x, o->above, NID_basic_constraints,
	       !o->ca    ? "critical,CA:FALSE"
	       : o->last ? "critical,CA:TRUE,pathlen:0"
			 : "critical,CA:TRUE");
	extend(x, o->above, NID_subject_key_identifier, "hash");
	if (o->above)
		extend(x, o->above, NID_authority_key_identifier, "keyid:always");
	if (o->sgx.n)
		extend_raw(x, "1.2.840.113741.1.13.1", o->sgx, false);
	return sealed(x, o->above ? o->above : x, o->by);
}

/* ---- leaves ------------------------------------------------------------------------------------------------------- */

/* Its bytes may hold a NUL: fault san_nul puts one before what another verifier would not see. */
static void extend_san(X509 *x, const struct leaf_order *o, struct arena *a)
{
	const char *behind = o->fault == AUTHORITY_FAULT_san_nul ? ".example" : "";
	size_t n = strlen(o->id->san);
	struct bytes name = bytes_join(a,
				       (struct bytes[]){ { (const unsigned char *)o->id->san, n },
							 { (const unsigned char *)"", *behind != 0 },
							 { (const unsigned char *)behind, strlen(behind) } },
				       3);
	unsigned char tag = o->id->san_kind == ATTEST_SAN_EMAIL ? 0x81 : 0x86; /* RFC 5280 4.2.1.6 */

	extend_raw(x, "2.5.29.17", bytes_der(a, 0x30, bytes_der(a, tag, name)), true);
}

static void extend_fulcio(X509 *x, const struct attest_identity *id, struct arena *a)
{
	char oid[OID_TEXT];

	if (id->issuer) {
		struct bytes text = { (const unsigned char *)id->issuer, strlen(id->issuer) };

		extend_raw(x, FULCIO "1", text, false);
		extend_raw(x, FULCIO "8", bytes_der(a, 0x0c, text), false);
	}
	for (int i = ATTEST_OID_ISSUER + 1; i < ATTEST_OIDS; i++) {
		const char *v = id->oid[i];

		if (!v)
			continue;
		(void)snprintf(oid, sizeof(oid), FULCIO "%d", i);
		extend_raw(x, oid, bytes_der(a, 0x0c, (struct bytes){ (const unsigned char *)v, strlen(v) }),
			   false);
	}
}

static struct bytes big_endian(struct arena *a, uint64_t v, size_t octets)
{
	unsigned char *p = arena_alloc(a, octets);

	for (size_t i = octets; i-- > 0; v >>= 8)
		p[i] = (unsigned char)v;
	return (struct bytes){ p, octets };
}

/* RFC 6962 3.2 and 3.3, of a precertificate: tbs is the certificate's without the promise. */
static struct bytes promise(const struct leaf_order *o, struct bytes tbs, struct arena *a)
{
	struct bytes key = key_spki(&o->issuer->key, a), id = bytes_sha256(a, key.s, key.n), signed_, sig;
	struct bytes at = big_endian(a, (uint64_t)o->seen.ms, 8), ct = key_spki(o->ct, a),
		     none = big_endian(a, 0, 2);

	if (o->fault == AUTHORITY_FAULT_sct_issuer)
		id = bytes_from(a, "another issuer");
	signed_ = bytes_join(
		a, (struct bytes[]){ none, at, big_endian(a, 1, 2), id, big_endian(a, tbs.n, 3), tbs, none },
		7);
	sig = key_sign(o->ct, signed_.s, signed_.n, a);
	if (o->fault == AUTHORITY_FAULT_sct_bad)
		sig = bytes_flip(a, sig, sig.n - 1);
	return bytes_join(a,
			  (struct bytes[]){ big_endian(a, 0, 1), bytes_sha256(a, ct.s, ct.n), at, none,
					    big_endian(a, 0x0403, 2), big_endian(a, sig.n, 2), sig },
			  7);
}

static void extend_promise(X509 *x, const struct leaf_order *o, struct arena *a)
{
	struct bytes sct = promise(o, to_be_signed(x, o->issuer->cert, &o->issuer->key, a), a);
	struct bytes one = bytes_join(a, (struct bytes[]){ big_endian(a, sct.n, 2), sct }, 2), list = one;

	if (o->fault == AUTHORITY_FAULT_scts_twice)
		list = bytes_join(a, (struct bytes[]){ one, one }, 2);
	list = bytes_join(a, (struct bytes[]){ big_endian(a, list.n, 2), list }, 2);
	extend_raw(x, "1.3.6.1.4.1.11129.2.4.2", bytes_der(a, 0x04, list), false);
}

struct bytes cert_leaf(const struct leaf_order *o, struct arena *a)
{
	struct bytes spki = key_spki(o->key, a);
	X509 *x autofree(x509) = draft(bytes_hex(a, spki), NULL, NULL, o->key->pkey, o->from, o->until),
		*above = o->issuer->cert;

	extend(x, above, NID_key_usage, "critical,digitalSignature");
	extend(x, above, NID_ext_key_usage, o->fault == AUTHORITY_FAULT_usage ? "clientAuth" : "codeSigning");
	extend(x, above, NID_subject_key_identifier, "hash");
	extend(x, above, NID_authority_key_identifier, "keyid:always");
	extend_san(x, o, a);
	extend_fulcio(x, o->id, a);
	if (o->fault == AUTHORITY_FAULT_critical)
		extend_raw(x, "1.3.6.1.4.1.57264.1.999", bytes_der(a, 0x0c, (struct bytes){ 0 }), true);
	if (o->ct && o->fault != AUTHORITY_FAULT_sct_none)
		extend_promise(x, o, a);
	return seal(x, above, &o->issuer->key, a);
}
