/*
 * build.h - the bytes of a quote, by the parts of quotes.h.
 */
#pragma once

#include "tests/unit/tdx/quotes.h"

static void mk_put(struct mk_quote *q, const void *p, size_t n)
{
	memcpy(q->bytes + q->n, p, n);
	q->n += n;
}

static void mk_number(struct mk_quote *q, uint32_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		q->bytes[q->n++] = (unsigned char)(v >> 8 * i);
}

/* MRTD is 0x11.., RTMR0 to 3 0x20.. to 0x23.., report data 0x5a.. */
static void mk_body(struct mk_quote *q, bool td15)
{
	unsigned char b[648] = { 0 };
	enum fault f = q->fault;

	memset(b, 5, 16);
	b[1] = f == FAULT_MODULE0 ? 0 : f == FAULT_NO_MODULE ? 9 : 1;
	b[0] = f == FAULT_MODULE_BELOW ? 1 : f == FAULT_RELAUNCH ? 2 : 5;
	b[64] = f == FAULT_MODULE_SIGNER;
	b[112] = f == FAULT_MODULE_ATTRIBUTES;
	b[120] = f == FAULT_DEBUG;
	b[121] = f == FAULT_RESERVED ? 0x80 : 0;
	b[123] = f == FAULT_SEPT ? 0 : 0x10;
	memset(b + 136, 0x11, 48);
	for (int i = 0; i < 4; i++)
		memset(b + 328 + 48 * i, 0x20 + i, 48);
	memset(b + 520, 0x5a, 64);
	memset(b + 584, 5, 16);
	b[585] = 1;
	b[600] = f == FAULT_SERVICE;
	mk_put(q, b, td15 ? 648 : 584);
}

static void mk_report(unsigned char r[384], const struct mk_quote *q, const unsigned char key[64],
		      const unsigned char *auth, size_t auth_n)
{
	autofree(buf) struct buf both = BUF_INIT(256);
	enum fault f = q->fault;

	memset(r, 0, 384);
	r[16] = f == FAULT_QE_MISC;
	r[48] = f == FAULT_QE_ATTRIBUTES ? 0x13 : 0x11;
	memset(r + 128, f == FAULT_QE_SIGNER ? 0xac : 0xab, 32);
	r[256] = f == FAULT_QE_PRODUCT ? 1 : 2;
	r[258] = f == FAULT_QE_BELOW ? 1 : f == FAULT_QE_OLD ? 3 : 4;
	buf_add(&both, key, 64);
	buf_add(&both, auth, auth_n);
	EVP_Digest(both.s, both.n, r + 320, NULL, EVP_sha256(), NULL);
	r[383] = f == FAULT_QE_KEY;
}

static void mk_tail(struct mk_quote *q, EVP_PKEY *attestation, const struct mk_pki *p)
{
	autofree(buf) struct buf pem = BUF_INIT(16384);
	unsigned char rs[64], point[65], report[384], auth[64] = { 7 };
	size_t n = sizeof(point), auth_n = q->fault == FAULT_AUTH64 ? 64 : 32;

	mk_sign(attestation, q->bytes, q->n, rs);
	if (q->fault == FAULT_FLIPPED)
		q->bytes[48 + 136] ^= 1;
	assert_int_equal(EVP_PKEY_get_octet_string_param(attestation, "pub", point, n, &n), 1);
	mk_pem(&pem, p->pck);
	mk_pem(&pem, p->ca);
	mk_pem(&pem, p->root);
	mk_report(report, q, point + 1, auth, auth_n);
	mk_number(q, (uint32_t)(64 + 64 + 6 + 384 + 64 + 2 + auth_n + 6 + pem.n), 4);
	mk_put(q, rs, 64);
	mk_put(q, point + 1, 64);
	mk_number(q, 6, 2);
	mk_number(q, (uint32_t)(384 + 64 + 2 + auth_n + 6 + pem.n), 4);
	mk_put(q, report, 384);
	mk_sign(q->fault == FAULT_QE_SIGNED ? p->other : p->pck_key, report, 384, rs);
	mk_put(q, rs, 64);
	mk_number(q, (uint32_t)auth_n, 2);
	mk_put(q, auth, auth_n);
	mk_number(q, 5, 2);
	mk_number(q, (uint32_t)pem.n, 4);
	mk_put(q, pem.s, pem.n);
}

static void mk_quote_bytes(struct mk_quote *q, const struct mk_pki *p)
{
	static const unsigned char intel[16] = { 0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
						 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07 };
	bool td15 = q->fault == FAULT_SERVICE || q->fault == FAULT_RELAUNCH;
	EVP_PKEY *attestation = mk_ec();

	q->n = 0;
	mk_number(q, q->fault == FAULT_VERSION ? 6 : td15 ? 5 : 4, 2);
	mk_number(q, 2, 2);
	mk_number(q, 0x81, 4);
	mk_number(q, 0, 4);
	mk_put(q, intel, sizeof(intel));
	q->bytes[12] ^= q->fault == FAULT_VENDOR;
	memset(q->bytes + q->n, 0, 20);
	q->n += 20;
	if (td15) {
		mk_number(q, 3, 2);
		mk_number(q, 648, 4);
	}
	mk_body(q, td15);
	mk_tail(q, attestation, p);
	if (q->fault == FAULT_CUT)
		q->n -= 100;
	if (q->fault == FAULT_TRAILING)
		mk_put(q, "\0\0\0\0", 4);
	EVP_PKEY_free(attestation);
}

/* The quote, its collateral and the pin of its root. */
static struct mk_quote *mk_quote(enum fault f, struct arena *a)
{
	struct mk_quote *q = arena_new(a, struct mk_quote);
	struct mk_pki ours, foreign;
	unsigned char pin[32];

	q->fault = f;
	mk_pki(&ours, f);
	mk_pki(&foreign, f);
	mk_quote_bytes(q, f == FAULT_FOREIGN_PLATFORM ? &foreign : &ours);
	q->collateral = mk_collateral(a, f == FAULT_FOREIGN_COLLATERAL ? &foreign : &ours, f);
	X509_digest(ours.root, EVP_sha256(), pin, NULL);
	q->pin = mk_hex(a, pin, sizeof(pin));
	mk_pki_done(&ours);
	mk_pki_done(&foreign);
	return q;
}
