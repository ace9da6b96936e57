#include "core/adapters/authority/foundry.h"

/* What quoting services hand out: two documents with signatures over their exact bytes, the chains, and two lists.
 * (Intel's provisioning certification service, version 4) */

enum { DAY = 24 * 3600 * 1000 };

#define ZEROS16 "00000000000000000000000000000000"
#define ZEROS96 ZEROS16 ZEROS16 ZEROS16
#define TIMES   "\"issueDate\":\"%s\",\"nextUpdate\":\"%s\","

struct times {
	char issued[WHEN_TEXT], next[WHEN_TEXT];
};

static struct times times_of(struct when at, enum tdx_fault f)
{
	struct times t;

	when_iso((struct when){ at.ms + (f == TDX_FAULT_future ? 1 : -5) * (int64_t)DAY }, t.issued);
	when_iso((struct when){ at.ms + (f == TDX_FAULT_expired ? -1 : 25) * (int64_t)DAY }, t.next);
	return t;
}

/* Component 1 of a TDX level is 0, as Intel's are: the module's version is no level of it. */
static const char *sixteen(int svn, bool tdx, struct arena *a)
{
	const char *out = "";

	for (int i = 0; i < 16; i++)
		out = arena_printf(a, "%s%s{\"svn\":%d}", out, i ? "," : "", tdx && i == 1 ? 0 : svn);
	return out;
}

static const char *level(int svn, const char *word, struct arena *a)
{
	return arena_printf(
		a,
		"{\"tcb\":{\"sgxtcbcomponents\":[%s],\"pcesvn\":%d,\"tdxtcbcomponents\":[%s]},"
		"\"tcbDate\":\"2025-08-13T00:00:00Z\",\"tcbStatus\":\"%s\",\"advisoryIDs\":[\"INTEL-SA-1\"]}",
		sixteen(svn, false, a), svn > 2 ? 13 : 5, sixteen(svn > 2 ? 5 : 1, true, a), word);
}

static const char *info_of(struct when at, enum tdx_fault f, struct arena *a)
{
	static const char module[] =
		"\"tdxModule\":{\"mrsigner\":\"" ZEROS96 "\",\"attributes\":\"0000000000000000\","
		"\"attributesMask\":\"FFFFFFFFFFFFFFFF\"},"
		"\"tdxModuleIdentities\":[{\"id\":\"TDX_01\",\"mrsigner\":\"" ZEROS96 "\","
		"\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\",\"tcbLevels\":["
		"{\"tcb\":{\"isvsvn\":2},\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"OutOfDate\"},"
		"{\"tcb\":{\"isvsvn\":4},\"tcbDate\":\"2025-03-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}]}]";
	const char *good = level(5, f == TDX_FAULT_word ? "Marvellous" : "UpToDate", a),
		   *old = level(2, "OutOfDate", a);
	bool turned = f == TDX_FAULT_unsorted;
	struct times t = times_of(at, f);

	return arena_printf(a,
			    "{\"id\":\"%s\",\"version\":%d," TIMES "\"fmspc\":\"%s\",%s\"pceId\":\"%s\","
			    "\"tcbType\":0,\"tcbEvaluationDataNumber\":18,%s,\"tcbLevels\":[%s,%s]}",
			    f == TDX_FAULT_info_sgx ? "SGX" : "TDX", f == TDX_FAULT_info_version ? 2 : 3,
			    t.issued, t.next, f == TDX_FAULT_fmspc ? "60806F000000" : "50806F000000",
			    f == TDX_FAULT_duplicate ? "\"pceId\":\"0000\"," : "",
			    f == TDX_FAULT_pce_id ? "0001" : "0000", module, turned ? old : good,
			    turned ? good : old);
}

static const char *identity_of(struct when at, enum tdx_fault f, struct arena *a)
{
	struct times t = times_of(at, TDX_FAULT_good);

	return arena_printf(
		a,
		"{\"id\":\"%s\",\"version\":2," TIMES "\"tcbEvaluationDataNumber\":18,"
		"\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\","
		"\"attributes\":\"11000000000000000000000000000000\","
		"\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\","
		"\"mrsigner\":\"ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB\","
		"\"isvprodid\":2,\"tcbLevels\":["
		"{\"tcb\":{\"isvsvn\":4},\"tcbDate\":\"2025-08-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\"},"
		"{\"tcb\":{\"isvsvn\":3},\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"OutOfDate\"}]}",
		f == TDX_FAULT_identity_id ? "QE" : "TD_QE", t.issued, t.next);
}

/* ---- lists --------------------------------------------------------------------------------------------------------- */

static const char *root_list(const struct foundry *f, struct when at, enum tdx_fault fault, struct arena *a)
{
	struct list_order o = {
		.issuer = f->root,
		.by = fault == TDX_FAULT_root_list ? &f->other : &f->root_key,
		.revoked = fault == TDX_FAULT_signer_revoked ? f->signer
			   : fault == TDX_FAULT_ca_revoked   ? f->ca
							     : NULL,
		.from = { at.ms - DAY },
		.until = { at.ms + 30 * (int64_t)DAY },
	};

	return bytes_hex(a, list_make(&o, a));
}

/* One of the platforms that are not in use is always revoked: the list is none that says nothing. */
static const char *pck_list(const struct foundry *f, X509 *ca, struct when at, enum tdx_fault fault,
			    struct arena *a)
{
	bool other = fault == TDX_FAULT_other_list || fault == TDX_FAULT_pck_list ||
		     fault == TDX_FAULT_namesake_list || fault == TDX_FAULT_too_deep;
	struct list_order o = {
		.issuer = ca,
		.by = other ? &f->other : &f->ca_key,
		.revoked = fault == TDX_FAULT_pck_revoked ? f->platforms[0].cert : f->signer,
		.from = { at.ms - DAY },
		.until = { at.ms + (fault == TDX_FAULT_list_expired ? -60000 : 30 * (int64_t)DAY) },
	};

	if (fault == TDX_FAULT_list_endless)
		o.until = WHEN_NONE;
	return bytes_hex(a, list_make(&o, a));
}

/* The other authority of platforms: its list is not the one of ours, also when it has its name. */
static X509 *processor_ca(const struct foundry *f, enum tdx_fault fault)
{
	return cert_make(&(struct cert_order){ .serial = "processor",
					       .name = fault == TDX_FAULT_namesake_list
							       ? "Drill SGX PCK Platform CA"
							       : "Drill SGX PCK Processor CA",
					       .key = &f->other,
					       .by = &f->root_key,
					       .above = f->root,
					       .from = f->since,
					       .until = { f->since.ms + 9 * 365 * (int64_t)DAY },
					       .ca = true });
}

/* ---- all of it ----------------------------------------------------------------------------------------------------- */

static void put_signed(struct jw *w, const char *name, const char *text, const struct key *by,
		       struct arena *a)
{
	struct bytes message = { (const unsigned char *)text, strlen(text) };

	jw_key(w, name);
	jw_raw_str(w, text);
	jw_kstr(w, arena_printf(a, "%s_signature", name), bytes_hex(a, foundry_sign(by, message, a)));
}

static void put_chain(struct jw *w, const char *name, const X509 *one, const X509 *two, struct arena *a)
{
	jw_key(w, name);
	jw_raw_str(w, arena_printf(a, "%s%s", foundry_pem(one, a), foundry_pem(two, a)));
}

/* Whose list of platforms it is, before the root. */
static X509 *put_authority(struct jw *w, const struct foundry *f, enum tdx_fault fault, struct arena *a)
{
	X509 *chain[2] = { NULL, NULL };

	if (fault == TDX_FAULT_too_deep)
		foundry_deep(chain, f);
	else if (fault == TDX_FAULT_other_list || fault == TDX_FAULT_namesake_list)
		chain[0] = processor_ca(f, fault);
	else
		X509_up_ref(chain[0] = f->ca);
	jw_key(w, "pck_crl_issuer_chain");
	jw_raw_str(w, arena_printf(a, "%s%s%s", foundry_pem(chain[0], a),
				   chain[1] ? foundry_pem(chain[1], a) : "", foundry_pem(f->root, a)));
	X509_free(chain[1]);
	return chain[0];
}

static const char *write_all(const struct foundry *f, struct when at, enum tdx_fault fault, struct arena *a)
{
	struct buf out autofree(buf) = BUF_INIT(1 << 20);
	X509 *signer = f->signer, *misnamed = NULL, *ca;
	struct jw w;

	if (fault == TDX_FAULT_signer_name)
		signer = misnamed = cert_make(&(struct cert_order){ .serial = "misnamed",
								    .name = "Drill SGX Other",
								    .key = &f->signer_key,
								    .by = &f->root_key,
								    .above = f->root,
								    .from = f->since,
								    .until = { at.ms + DAY } });
	jw_init(&w, &out);
	jw_open(&w, '{');
	ca = put_authority(&w, f, fault, a);
	jw_kstr(&w, "root_ca_crl", root_list(f, at, fault, a));
	jw_kstr(&w, "pck_crl", pck_list(f, ca, at, fault, a));
	put_chain(&w, "tcb_info_issuer_chain", signer, f->root, a);
	put_signed(&w, "tcb_info", info_of(at, fault, a),
		   fault == TDX_FAULT_info_signed ? &f->other : &f->signer_key, a);
	put_chain(&w, "qe_identity_issuer_chain", signer, f->root, a);
	put_signed(&w, "qe_identity", identity_of(at, fault, a),
		   fault == TDX_FAULT_identity_signed ? &f->other : &f->signer_key, a);
	jw_close(&w, '}');
	X509_free(ca);
	X509_free(misnamed);
	return arena_strdup(a, out.s);
}

const char *foundry_collateral(const struct foundry *f, struct when at, enum tdx_fault fault, struct arena *a)
{
	struct foundry *foreign autofree(foundry) =
		fault == TDX_FAULT_foreign_collateral ? foundry_foreign(f) : NULL;

	return fault == TDX_FAULT_form ? "{}" : write_all(foreign ? foreign : f, at, fault, a);
}
