/*
 * quotes.h - quotes with their collateral, good ones and with one fault each, signed by the authority of pki.h.
 */
#pragma once

#include "tests/unit/tdx/pki.h"

#include "core/port/quote.h"
#include "core/rules/quote.h"

/* What is wrong with a quote or with its collateral: each is the business of exactly one check. */
/* clang-format off */
#define FAULTS(X) \
	X(NONE) X(VERSION) X(VENDOR) X(FORM) X(FOREIGN_COLLATERAL) X(SIGNER_NAME) X(ROOT_LIST) X(PCK_LIST) \
	X(SIGNER_REVOKED) X(INFO_VERSION) X(INFO_SGX) X(INFO_SIGNED) X(IDENTITY_ID) X(IDENTITY_SIGNED) \
	X(FUTURE) X(EXPIRED) X(LIST_EXPIRED) X(PCK_NAME) X(FOREIGN_PLATFORM) X(PCK_SIGNED) X(PCK_EXPIRED) X(OTHER_LIST) \
	X(PCK_REVOKED) X(CA_REVOKED) X(EXTENSION) X(FMSPC) X(PCE_ID) X(QE_SIGNED) X(QE_KEY) X(QE_SIGNER) \
	X(QE_PRODUCT) X(QE_MISC) X(QE_ATTRIBUTES) X(QE_OLD) X(QE_BELOW) X(FLIPPED) X(NO_MODULE) \
	X(MODULE_SIGNER) X(MODULE_ATTRIBUTES) X(MODULE_BELOW) X(BELOW) X(OUT_OF_DATE) X(RELAUNCH) X(WORD) \
	X(DEBUG) X(RESERVED) X(SERVICE) X(UNSORTED) X(TRAILING) X(AUTH64) X(MODULE0) X(DUPLICATE) X(CUT) \
	X(SEPT)
/* clang-format on */
enum fault {
#define X(f) FAULT_##f,
	FAULTS(X)
#undef X
};

struct mk_pki {
	EVP_PKEY *root_key, *ca_key, *signer_key, *pck_key, *other;
	X509 *root, *ca, *signer, *pck;
};

struct mk_quote {
	enum fault fault;
	unsigned char bytes[16384];
	size_t n;
	const char *collateral, *pin;
};

static void mk_pki(struct mk_pki *p, enum fault f)
{
	autofree(buf) struct buf sgx = BUF_INIT(4096);

	mk_extension(&sgx, f == FAULT_BELOW ? 0 : f == FAULT_OUT_OF_DATE ? 2 : 5, f != FAULT_EXTENSION);
	*p = (struct mk_pki){ mk_ec(), mk_ec(), mk_ec(), mk_ec(), mk_ec(), 0, 0, 0, 0 };
	p->root = mk_certificate(
		&(struct mk_cert){ "TEST SGX Root CA", p->root_key, NULL, p->root_key, 1, 0, 0, true, 0 });
	p->ca = mk_certificate(&(struct mk_cert){ "TEST SGX PCK Platform CA", p->ca_key, p->root, p->root_key,
						  2, 0, 0, true, 0 });
	p->signer = mk_certificate(
		&(struct mk_cert){ f == FAULT_SIGNER_NAME ? "TEST SGX Other" : "TEST SGX TCB Signing",
				   p->signer_key, p->root, p->root_key, 3, 0, 0, false, 0 });
	p->pck = mk_certificate(&(struct mk_cert){
		f == FAULT_PCK_NAME ? "TEST SGX Other" : "TEST SGX PCK Certificate", p->pck_key, p->ca,
		f == FAULT_PCK_SIGNED ? p->other : p->ca_key, 4, f == FAULT_PCK_EXPIRED ? -9 * MK_DAY : 0,
		f == FAULT_PCK_EXPIRED ? -MK_DAY : 0, false, &sgx });
}

static void mk_pki_done(struct mk_pki *p)
{
	EVP_PKEY *keys[] = { p->root_key, p->ca_key, p->signer_key, p->pck_key, p->other };
	X509 *certs[] = { p->root, p->ca, p->signer, p->pck };

	for (size_t i = 0; i < countof(keys); i++)
		EVP_PKEY_free(keys[i]);
	for (size_t i = 0; i < countof(certs); i++)
		X509_free(certs[i]);
}

/* ---- collateral ------------------------------------------------------------------------------------------------------- */

/* Component 1 of a TDX level is 0, as Intel's are: the module's version is no level of it. */
static const char *mk_sixteen(struct arena *a, int svn, bool tdx)
{
	autofree(buf) struct buf out = BUF_INIT(1024);

	for (int i = 0; i < 16; i++)
		buf_fmt(&out, "%s{\"svn\":%d}", i ? "," : "", tdx && i == 1 ? 0 : svn);
	return arena_strdup(a, out.s);
}

static const char *mk_level(struct arena *a, int svn, const char *word)
{
	return arena_printf(
		a,
		"{\"tcb\":{\"sgxtcbcomponents\":[%s],\"pcesvn\":%d,\"tdxtcbcomponents\":[%s]},"
		"\"tcbDate\":\"2025-08-13T00:00:00Z\",\"tcbStatus\":\"%s\",\"advisoryIDs\":[\"INTEL-SA-1\"]}",
		mk_sixteen(a, svn, false), svn > 2 ? 13 : 5, mk_sixteen(a, svn > 2 ? 5 : 1, true), word);
}

static const char *mk_info(struct arena *a, enum fault f)
{
	const char *good = mk_level(a, 5, f == FAULT_WORD ? "Marvellous" : "UpToDate"),
		   *old = mk_level(a, 2, "OutOfDate");
	static const char zeros[] = "000000000000000000000000000000000000000000000000000000000000000000000000"
				    "000000000000000000000000";

	return arena_printf(
		a,
		"{\"id\":\"%s\",\"version\":%d,\"issueDate\":\"%s\",\"nextUpdate\":\"%s\",\"fmspc\":\"%s\",%"
		"s\"pceId\":\"%s\","
		"\"tcbEvaluationDataNumber\":18,\"tdxModule\":{\"mrsigner\":\"%s\",\"attributes\":"
		"\"0000000000000000\","
		"\"attributesMask\":\"FFFFFFFFFFFFFFFF\"},\"tdxModuleIdentities\":[{\"id\":\"TDX_01\","
		"\"mrsigner\":\"%s\","
		"\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\",\"tcbLevels\":[{"
		"\"tcb\":"
		"{\"isvsvn\":2},\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"OutOfDate\"},{\"tcb\":{"
		"\"isvsvn\":4},"
		"\"tcbDate\":\"2025-03-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}]}],\"tcbLevels\":[%s,%s]}",
		f == FAULT_INFO_SGX ? "SGX" : "TDX", f == FAULT_INFO_VERSION ? 2 : 3,
		f == FAULT_FUTURE ? "2026-01-02T00:00:00Z" : "2025-12-27T00:00:00Z",
		f == FAULT_EXPIRED ? "2025-12-31T00:00:00Z" : "2026-01-26T00:00:00Z",
		f == FAULT_FMSPC ? "60806F000000" : "50806F000000",
		f == FAULT_DUPLICATE ? "\"pceId\":\"0000\"," : "", f == FAULT_PCE_ID ? "0001" : "0000", zeros,
		zeros, f == FAULT_UNSORTED ? old : good, f == FAULT_UNSORTED ? good : old);
}

static const char *mk_identity(struct arena *a, enum fault f)
{
	return arena_printf(
		a,
		"{\"id\":\"%s\",\"version\":2,\"issueDate\":\"2025-12-27T00:00:00Z\",\"nextUpdate\":"
		"\"2026-01-26T00:00:00Z\",\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\","
		"\"attributes\":"
		"\"11000000000000000000000000000000\",\"attributesMask\":"
		"\"FBFFFFFFFFFFFFFF0000000000000000\",\"mrsigner\":"
		"\"ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB\",\"isvprodid\":2,"
		"\"tcbLevels\":["
		"{\"tcb\":{\"isvsvn\":4},\"tcbDate\":\"2025-08-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\"},{"
		"\"tcb\":"
		"{\"isvsvn\":3},\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"OutOfDate\"}]}",
		f == FAULT_IDENTITY_ID ? "QE" : "TD_QE");
}

static const char *mk_signed(struct arena *a, EVP_PKEY *key, const char *text)
{
	unsigned char rs[64];

	mk_sign(key, text, strlen(text), rs);
	return mk_hex(a, rs, sizeof(rs));
}

/* As a member of JSON. */
static const char *mk_quoted(struct arena *a, const char *text)
{
	autofree(buf) struct buf out = BUF_INIT(65536);

	for (; *text; text++) {
		if (*text == '"')
			buf_chr(&out, '\\');
		buf_chr(&out, *text);
	}
	return arena_strdup(a, out.s);
}

static const char *mk_collateral(struct arena *a, const struct mk_pki *p, enum fault f)
{
	const char *info = mk_info(a, f), *identity = mk_identity(a, f),
		   *chain = mk_pem_json(a, p->signer, p->root);
	X509 *processor = mk_certificate(&(struct mk_cert){ "TEST SGX PCK Processor CA", p->other, p->root,
							    p->root_key, 9, 0, 0, true, 0 });
	bool other = f == FAULT_OTHER_LIST;
	X509 *ca = other ? processor : p->ca;
	const char *out =
		arena_printf(a,
			     "{\"pck_crl_issuer_chain\":\"%s\",\"root_ca_crl\":\"%s\",\"pck_crl\":\"%s\","
			     "\"tcb_info_issuer_chain\":\"%s\","
			     "\"tcb_info\":\"%s\",\"tcb_info_signature\":\"%s\",\"qe_identity_issuer_chain\":"
			     "\"%s\",\"qe_identity\":\"%s\","
			     "\"qe_identity_signature\":\"%s\"}",
			     mk_pem_json(a, ca, p->root),
			     mk_list_hex(a, mk_list(p->root, f == FAULT_ROOT_LIST ? p->other : p->root_key,
						    f == FAULT_SIGNER_REVOKED ? 3
						    : f == FAULT_CA_REVOKED   ? 2
									      : 0,
						    30 * MK_DAY)),
			     mk_list_hex(a, mk_list(ca, other || f == FAULT_PCK_LIST ? p->other : p->ca_key,
						    f == FAULT_PCK_REVOKED ? 4 : 77,
						    f == FAULT_LIST_EXPIRED ? -60 : 30 * MK_DAY)),
			     chain, mk_quoted(a, info),
			     mk_signed(a, f == FAULT_INFO_SIGNED ? p->other : p->signer_key, info), chain,
			     mk_quoted(a, identity),
			     mk_signed(a, f == FAULT_IDENTITY_SIGNED ? p->other : p->signer_key, identity));

	X509_free(processor);
	return f == FAULT_FORM ? "{}" : out;
}
