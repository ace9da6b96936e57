#include "core/adapters/attest/chain.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/provider.h>

#define EXTENSIONS_MAX 48 /* Fulcio's certificates have 26 */
#define NOT_ISSUED     "the certificate that stands above did not issue it"
#define STRENGTH_MIN   112 /* bits, of a certificate's signature: SHA-1 has 63 (NIST SP 800-57) */

/* ---- parts of a certificate ------------------------------------------------------------------------------------------- */

/* A library of OpenSSL's that knows no keys. */
static OSSL_LIB_CTX *keyless;

static void make_keyless(void)
{
	keyless = OSSL_LIB_CTX_new();
	if (keyless && !OSSL_PROVIDER_load(keyless, "null")) {
		OSSL_LIB_CTX_free(keyless);
		keyless = NULL; /* then a key is decoded that nobody asked for */
	}
}

static X509 *read_x509(struct span der, OSSL_LIB_CTX *of_key)
{
	const unsigned char *at = der.p;
	ASN1_VALUE *v = der.n && der.n <= ATTEST_CERT_MAX
				? ASN1_item_d2i_ex(NULL, &at, (long)der.n, ASN1_ITEM_rptr(X509), of_key, NULL)
				: NULL;
	X509 *x = (X509 *)v;

	if (x && at != der.p + der.n) {
		X509_free(x);
		x = NULL;
	}
	ERR_clear_error();
	return x;
}

X509 *attest_x509(struct span der)
{
	return read_x509(der, NULL);
}

X509 *attest_x509_keyless(struct span der)
{
	static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;

	BUG_IF(!CRYPTO_THREAD_run_once(&once, make_keyless));
	return read_x509(der, keyless);
}

struct attest_key *attest_x509_key(X509 *x, struct err *why)
{
	unsigned char *spki = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &spki);
	struct attest_key *k = NULL;

	if (attest_key_spki(&k, (struct span){ spki, n > 0 ? (size_t)n : 0 }, why))
		k = NULL;
	OPENSSL_free(spki);
	return k;
}

/* Zulu time with seconds; a fraction of one only in a GeneralizedTime. Put as when_parse() reads it, which judges the rest. */
bool attest_asn1_when(struct when *out, const ASN1_STRING *t)
{
	bool utc = ASN1_STRING_type(t) == V_ASN1_UTCTIME;
	const char *s = (const char *)ASN1_STRING_get0_data(t);
	int n = ASN1_STRING_length(t);
	char text[32] = "", iso[WHEN_TEXT * 2];

	if (utc ? n != 13 : ASN1_STRING_type(t) != V_ASN1_GENERALIZEDTIME || n < 15 || n > 24)
		return false;
	if (utc) /* RFC 5280, 4.1.2.5.1 */
		memcpy(text, s[0] < '5' ? "20" : "19", 2);
	memcpy(text + (utc ? 2 : 0), s, (size_t)n);
	if (strspn(text, "0123456789") != 14 || s[n - 1] != 'Z' || memchr(s, 0, (size_t)n))
		return false;
	(void)snprintf(iso, sizeof(iso), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s%s", text, text + 4, text + 6,
		       text + 8, text + 10, text + 12, text + 14);
	return when_parse(out, iso) == 0 && when_known(*out);
}

bool attest_x509_window(struct attest_window *out, const X509 *x)
{
	return attest_asn1_when(&out->from, X509_get0_notBefore(x)) &&
	       attest_asn1_when(&out->until, X509_get0_notAfter(x)) && out->until.ms >= out->from.ms;
}

/* ---- what a certificate may look like --------------------------------------------------------------------------------- */

static bool is_known_critical(int nid)
{
	return nid == NID_key_usage || nid == NID_ext_key_usage || nid == NID_basic_constraints ||
	       nid == NID_subject_alt_name;
}

static bool stands_before(const X509 *x, int i)
{
	const ASN1_OBJECT *object = X509_EXTENSION_get_object(X509_get_ext(x, i));

	for (int k = 0; k < i; k++)
		if (OBJ_cmp(object, X509_EXTENSION_get_object(X509_get_ext(x, k))) == 0)
			return true;
	return false;
}

static const char *extensions_refused(const X509 *x)
{
	int n = X509_get_ext_count(x);

	if (n > EXTENSIONS_MAX)
		return "it has more extensions than are read";
	for (int i = 0; i < n; i++) {
		X509_EXTENSION *ext = X509_get_ext(x, i);
		int nid = OBJ_obj2nid(X509_EXTENSION_get_object(ext));

		if (X509_EXTENSION_get_critical(ext) && !is_known_critical(nid))
			return "it has a critical extension that is not known here";
		if (nid == NID_name_constraints || nid == NID_policy_constraints)
			return "it constrains names or policies, which is not supported";
		if (stands_before(x, i))
			return "an extension stands there twice";
	}
	return NULL;
}

/* What holds of every certificate. */
static const char *form_refused(X509 *x)
{
	if (X509_get_version(x) != X509_VERSION_3)
		return "it is not of version 3";
	if (X509_get_extension_flags(x) & (EXFLAG_INVALID | EXFLAG_INVALID_POLICY))
		return "one of its extensions is malformed";
	return extensions_refused(x);
}

static bool has_eku(X509 *x, uint32_t xku)
{
	return X509_get_extension_flags(x) & EXFLAG_XKUSAGE && X509_get_extended_key_usage(x) & xku;
}

static bool is_sole_eku(X509 *x)
{
	EXTENDED_KEY_USAGE *eku = X509_get_ext_d2i(x, NID_ext_key_usage, NULL, NULL);
	bool sole = eku && sk_ASN1_OBJECT_num(eku) == 1;

	sk_ASN1_OBJECT_pop_free(eku, ASN1_OBJECT_free);
	return sole;
}

const char *attest_leaf_refused(X509 *x, uint32_t xku, bool sole)
{
	const char *refused = form_refused(x);

	if (refused)
		return refused;
	if (X509_get_extension_flags(x) & EXFLAG_CA)
		return "it is an authority itself";
	if (!(X509_get_extension_flags(x) & EXFLAG_KUSAGE) || !(X509_get_key_usage(x) & KU_DIGITAL_SIGNATURE))
		return "its key may not sign";
	if (!has_eku(x, xku) || (sole && !is_sole_eku(x)))
		return xku == XKU_TIMESTAMP ? "it may not attest time alone" : "it may not sign code";
	return NULL;
}

static const char *authority_refused(const struct attest_link *l, uint32_t xku)
{
	uint32_t flags = X509_get_extension_flags(l->x509);
	const char *refused = form_refused(l->x509);

	if (refused)
		return refused;
	if (!(flags & EXFLAG_CA))
		return "it is no authority";
	if (flags & EXFLAG_XKUSAGE && !has_eku(l->x509, xku))
		return "it issues for another purpose";
	return NULL;
}

/* ---- chains ----------------------------------------------------------------------------------------------------------- */

/* Names, key identifiers, and that the issuer's key usage, where it has one, allows certificates. */
bool attest_link_names(const struct attest_link *by, X509 *x)
{
	return X509_check_issued(by->x509, x) == X509_V_OK;
}

bool attest_link_signed(const struct attest_link *by, X509 *x)
{
	int bits = 0;
	bool good = by->key && X509_get_signature_info(x, NULL, NULL, &bits, NULL) && bits >= STRENGTH_MIN &&
		    X509_verify(x, X509_get0_pubkey(by->x509)) == 1;

	ERR_clear_error();
	return good;
}

static void narrow(struct attest_window *w, struct attest_window by)
{
	if (by.from.ms > w->from.ms)
		w->from = by.from;
	if (!when_known(w->until) || by.until.ms < w->until.ms)
		w->until = by.until;
}

/* The path from the link up to the anchor. `below` counts the authorities that are passed on the way, the self-issued ones
 * apart (RFC 5280, 4.2.1.9). */
static const char *climb(struct attest_authority *a, size_t from, uint32_t xku)
{
	struct attest_link *first = &a->links[from];
	long below = 0;

	first->path = first->window;
	for (size_t i = from; i < a->n; i++) {
		struct attest_link *l = &a->links[i];
		const char *refused = authority_refused(l, xku);
		long most = X509_get_pathlen(l->x509);

		if (refused)
			return refused;
		if (most >= 0 && below > most)
			return "its path is longer than it allows";
		if (!l->issued)
			return NOT_ISSUED;
		below += !(X509_get_extension_flags(l->x509) & EXFLAG_SI);
		narrow(&first->path, l->window);
	}
	return NULL;
}

void attest_authority_prepare(struct attest_authority *a, uint32_t xku, size_t leaf)
{
	for (size_t i = 0; i < a->n; i++) {
		struct attest_link *l = &a->links[i], *above = l + 1;

		l->issued = i + 1 == a->n ||
			    (attest_link_names(above, l->x509) && attest_link_signed(above, l->x509));
	}
	for (size_t i = leaf; i < a->n; i++)
		a->links[i].broken = climb(a, i, xku);
}

static const char *signer_refused(const struct attest_authority *a)
{
	const struct attest_link *signer = &a->links[0];
	const char *refused = attest_leaf_refused(signer->x509, XKU_TIMESTAMP, true);

	if (refused)
		return refused;
	if (!signer->key)
		return "its key is of a kind or size that is not accepted";
	if (!signer->issued)
		return NOT_ISSUED;
	return a->n > 1 ? a->links[1].broken : NULL;
}

void attest_tsa_prepare(struct attest_authority *a)
{
	struct attest_link *signer = &a->links[0];

	attest_authority_prepare(a, XKU_TIMESTAMP, 1);
	a->broken = signer_refused(a);
	signer->path = signer->window;
	if (a->n > 1)
		narrow(&signer->path, a->links[1].path);
}

void attest_authority_done(struct attest_authority *a)
{
	for (size_t i = 0; i < a->n; i++) {
		X509_free(a->links[i].x509);
		attest_key_free(a->links[i].key);
	}
	a->n = 0;
}
