#include "core/adapters/tdx/internal.h"

#include <openssl/objects.h>

/* Intel SGX PCK Certificate and CRL Profile, 1.3.5: SEQUENCE OF SEQUENCE { id, value }, ids below 1.2.840.113741.1.13.1. */

enum { DER_INTEGER = 0x02, DER_OCTETS = 0x04, DER_OID = 0x06, DER_SEQUENCE = 0x30 };
#define OID_TEXT "1.2.840.113741.1.13.1"
static const unsigned char oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01 };

/* The next element of *in; false: malformed. Lengths in their shortest form, below 64 KiB. */
static bool element(struct bytes *in, unsigned *tag, struct bytes *value)
{
	size_t head = 2, n;

	if (in->n < 2)
		return false;
	*tag = in->p[0];
	n = in->p[1];
	if (n == 0x81 && in->n >= 3) {
		n = in->p[2];
		head = 3;
	} else if (n == 0x82 && in->n >= 4) {
		n = (size_t)in->p[2] << 8 | in->p[3];
		head = 4;
	}
	if ((head == 2 && n >= 0x80) || (head == 3 && n < 0x80) || (head == 4 && n < 0x100) ||
	    in->n - head < n)
		return false;
	*value = (struct bytes){ in->p + head, n };
	in->p += head + n;
	in->n -= head + n;
	return true;
}

/* The next { id, value } of a list: the arc behind ours (of `depth` arcs, at most 127 each). */
static bool pair(struct bytes *in, const unsigned char *prefix, size_t n, unsigned *arc, unsigned *tag,
		 struct bytes *value)
{
	struct bytes both, id;
	unsigned t;

	if (!element(in, &t, &both) || t != DER_SEQUENCE || !element(&both, &t, &id) || t != DER_OID ||
	    !element(&both, tag, value) || both.n)
		return false;
	if (id.n != n + 1 || memcmp(id.p, prefix, n) != 0 || id.p[n] > 127)
		return false;
	*arc = id.p[n];
	return true;
}

/* A whole number of 0 to max. */
static bool small(unsigned tag, struct bytes v, unsigned max, unsigned *out)
{
	*out = 0;
	if (tag != DER_INTEGER || !v.n || v.n > 3 || v.p[0] & 0x80)
		return false;
	for (size_t i = 0; i < v.n; i++)
		*out = *out << 8 | v.p[i];
	return *out <= max;
}

#define PCE_SVN 17
#define CPU_SVN 18

static const char *read_tcb(struct sgx_platform *out, struct bytes in)
{
	unsigned char prefix[sizeof(oid) + 1];
	uint32_t seen = 0;

	memcpy(prefix, oid, sizeof(oid));
	prefix[sizeof(oid)] = 2;
	while (in.n) {
		unsigned arc, tag, v = 0;
		struct bytes value;

		if (!pair(&in, prefix, sizeof(prefix), &arc, &tag, &value) || arc < 1 || arc > CPU_SVN ||
		    seen >> arc & 1)
			return "its TCB is malformed";
		seen |= 1U << arc;
		if (arc == CPU_SVN)
			continue;
		if (!small(tag, value, arc == PCE_SVN ? UINT16_MAX : UINT8_MAX, &v))
			return "a version number of its TCB is none";
		if (arc == PCE_SVN)
			out->pce_svn = (uint16_t)v;
		else
			out->svn[arc - 1] = (uint8_t)v;
	}
	/* bits 1 to 17: every version number is there */
	return (seen & 0x3fffe) == 0x3fffe ? NULL : "its TCB is not whole";
}

static bool octets(unsigned tag, struct bytes v, unsigned char *out, size_t n)
{
	if (tag != DER_OCTETS || v.n != n)
		return false;
	memcpy(out, v.p, n);
	return true;
}

static const char *read_member(struct sgx_platform *out, unsigned arc, unsigned tag, struct bytes v)
{
	if (arc == 2)
		return tag == DER_SEQUENCE ? read_tcb(out, v) : "its TCB is malformed";
	if ((arc == 1 && !octets(tag, v, out->ppid, sizeof(out->ppid))) ||
	    (arc == 3 && !octets(tag, v, out->pce_id, sizeof(out->pce_id))) ||
	    (arc == 4 && !octets(tag, v, out->fmspc, sizeof(out->fmspc))))
		return "an id of it has another length";
	return NULL;
}

const char *sgx_read(struct sgx_platform *out, struct bytes der)
{
	const char *why = NULL;
	struct bytes all;
	uint32_t seen = 0;
	unsigned tag;

	*out = (struct sgx_platform){ 0 };
	if (!element(&der, &tag, &all) || tag != DER_SEQUENCE || der.n)
		return "it is malformed";
	while (all.n && !why) {
		struct bytes value;
		unsigned arc;

		if (!pair(&all, oid, sizeof(oid), &arc, &tag, &value) || arc > 31 || seen >> arc & 1)
			return "it is malformed";
		seen |= 1U << arc;
		why = read_member(out, arc, tag, value);
	}
	if (why)
		return why;
	return (seen & 0x1e) == 0x1e ? NULL : "it is not whole";
}

const char *sgx_of(struct sgx_platform *out, X509 *cert)
{
	ASN1_OBJECT *id = OBJ_txt2obj(OID_TEXT, 1);
	int at = X509_get_ext_by_OBJ(cert, id, -1);
	bool twice = at >= 0 && X509_get_ext_by_OBJ(cert, id, at) >= 0;
	const ASN1_OCTET_STRING *value;

	ASN1_OBJECT_free(id);
	if (at < 0 || twice)
		return twice ? "it stands there twice" : "the certificate has none";
	value = X509_EXTENSION_get_data(X509_get_ext(cert, at));
	return sgx_read(out,
			(struct bytes){ ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value) });
}
