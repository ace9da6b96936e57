#include "core/adapters/authority/foundry.h"

/* RFC 5280 5.1, of version 2 and without extensions. Put together by hand: X509_CRL_sign() would sign with a number of chance,
 * another one each time. */

static struct bytes utc(struct when t, struct arena *a)
{
	static const int places[] = { 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 19 };
	char iso[WHEN_TEXT], text[countof(places)];

	when_iso(t, iso);
	for (size_t i = 0; i < countof(places); i++)
		text[i] = iso[places[i]];
	return bytes_der(a, 0x17, bytes_of(a, text, sizeof(text)));
}

static struct bytes name_of(X509 *x, struct arena *a)
{
	unsigned char *der = NULL;
	int n = i2d_X509_NAME(X509_get_subject_name(x), &der);
	struct bytes out;

	BUG_IF(n <= 0);
	out = bytes_of(a, der, (size_t)n);
	OPENSSL_free(der);
	return out;
}

static struct bytes entry(const X509 *revoked, struct when at, struct arena *a)
{
	unsigned char *der = NULL;
	struct bytes parts[2], one;
	int n;

	if (!revoked)
		return (struct bytes){ 0 };
	n = i2d_ASN1_INTEGER(X509_get0_serialNumber(revoked), &der);
	BUG_IF(n <= 0);
	parts[0] = bytes_of(a, der, (size_t)n);
	parts[1] = utc(at, a);
	OPENSSL_free(der);
	one = bytes_der(a, 0x30, bytes_join(a, parts, 2));
	return bytes_der(a, 0x30, one);
}

struct bytes list_make(const struct list_order *o, struct arena *a)
{
	/* ecdsa-with-SHA256 */
	static const unsigned char algorithm[] = { 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
						   0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 };
	static const unsigned char version[] = { 0x02, 0x01, 0x01 };
	struct bytes until = when_known(o->until) ? utc(o->until, a) : (struct bytes){ 0 };
	struct bytes alg = { algorithm, sizeof(algorithm) }, parts[] = {
		{ version, sizeof(version) }, alg, name_of(o->issuer, a), utc(o->from, a), until,
		entry(o->revoked, o->from, a)
	};
	struct bytes tbs = bytes_der(a, 0x30, bytes_join(a, parts, countof(parts)));
	struct bytes sig[] = { { (const unsigned char *)"", 1 }, key_sign(o->by, tbs.s, tbs.n, a) };

	return bytes_der(
		a, 0x30,
		bytes_join(a, (struct bytes[]){ tbs, alg, bytes_der(a, 3, bytes_join(a, sig, 2)) }, 3));
}
