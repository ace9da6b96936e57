/* What the authority makes is what it claims: judged here by OpenSSL alone, without the project's verifier. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ct.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "base/json.h"
#include "base/text.h"
#include "core/adapters/authority/authority.h"

#define SINCE INT64_C(1735689600000)                                             /* 2025-01-01 */
#define AT    INT64_C(1795244889000)                                             /* 2026-11-21 */
#define HEX   "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" /* of "test" */

struct world {
	struct arena a;
	struct authority *x;
	struct attest_identity id;
	struct attest_subject subjects[2];
	struct json *root;
};

static void begin(struct world *w)
{
	const struct authority_workflow flow = { .repo = "easyenclave/easyenclave",
						 .path = ".github/workflows/release-trust-bundle.yml",
						 .ref = "refs/tags/v0.9.4",
						 .commit = "5e1f0c0ffee0c0ffee0c0ffee0c0ffee0c0ffee0",
						 .event = "release",
						 .environment = "release",
						 .repo_id = 1000,
						 .owner_id = 77,
						 .run = 4242 };
	struct err e = ERR_INIT;
	const char *root;

	*w = (struct world){ .subjects = { { .name = "a.json", .hex = HEX },
					   { .name = "b.json", .hex = HEX } } };
	w->x = authority_new("test", (struct when){ SINCE });
	authority_identity(&w->id, &flow, &w->a);
	root = authority_trusted_root(w->x, &w->a);
	assert_int_equal(json_parse(&w->root, root, strlen(root), 1 << 20, &e), 0);
}

static void end(struct world *w)
{
	json_free(w->root);
	authority_free(w->x);
	arena_done(&w->a);
}

static struct authority_order order(struct world *w, enum authority_instance i, enum authority_predicate p)
{
	return (struct authority_order){ .instance = i,
					 .predicate = p,
					 .at = { AT },
					 .id = w->id,
					 .digest = HEX,
					 .subjects = w->subjects,
					 .subjects_n = 2,
					 .tag = "v0.9.4",
					 .repo = "easyenclave/easyenclave",
					 .repo_id = "1000",
					 .owner_id = "77",
					 .commit = "5e1f0c0ffee0c0ffee0c0ffee0c0ffee0c0ffee0" };
}

static const char *sign(struct world *w, const struct authority_order *o, size_t *n)
{
	struct err e = ERR_INIT;
	const char *bundle = NULL;

	if (authority_sign(w->x, o, &w->a, &bundle, n, &e) != 0)
		fail_msg("%s", e.message);
	return bundle;
}

static struct json *made(struct world *w, const struct authority_order *o)
{
	struct err e = ERR_INIT;
	struct json *j = NULL;
	size_t n;
	const char *text = sign(w, o, &n);

	assert_int_equal(json_parse(&j, text, n, 16 << 20, &e), 0);
	return j;
}

static struct buf unbase64(const char *text)
{
	struct buf out = BUF_INIT(1 << 20);

	assert_non_null(text);
	assert_true(text_unbase64(&out, text, strlen(text)));
	return out;
}

static X509 *x509(const struct json *j)
{
	struct buf der = unbase64(json_str(j, "rawBytes"));
	const unsigned char *at = (const unsigned char *)der.s;
	X509 *x = d2i_X509(NULL, &at, (long)der.n);

	assert_non_null(x);
	buf_done(&der);
	return x;
}

static EVP_PKEY *public_key(const struct json *log)
{
	struct buf der = unbase64(json_str(log, "publicKey.rawBytes"));
	const unsigned char *at = (const unsigned char *)der.s;
	EVP_PKEY *k = d2i_PUBKEY(NULL, &at, (long)der.n);

	assert_non_null(k);
	buf_done(&der);
	return k;
}

static bool verifies(EVP_PKEY *k, const EVP_MD *md, const void *sig, size_t sig_n, const void *text, size_t n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int r = EVP_DigestVerifyInit(ctx, NULL, md, NULL, k) == 1 ? EVP_DigestVerify(ctx, sig, sig_n, text, n)
								  : -1;

	EVP_MD_CTX_free(ctx);
	return r == 1;
}

/* ---- certificates ------------------------------------------------------------------------------------------------- */

static X509_STORE *store_of(const struct json *authority, STACK_OF(X509) * between, size_t first)
{
	const struct json *chain = json_get(authority, "certChain.certificates");
	X509_STORE *s = X509_STORE_new();

	for (size_t i = first; i < json_size(chain); i++) {
		X509 *x = x509(json_at(chain, i));

		if (i + 1 == json_size(chain))
			assert_int_equal(X509_STORE_add_cert(s, x), 1);
		else
			assert_true(sk_X509_push(between, X509_dup(x)) > 0);
		X509_free(x);
	}
	return s;
}

static int judge(const struct json *ca, X509 *leaf, int64_t at)
{
	STACK_OF(X509) *between = sk_X509_new_null();
	X509_STORE *s = store_of(ca, between, 0);
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	int r;

	assert_int_equal(X509_STORE_CTX_init(ctx, s, leaf, between), 1);
	X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(ctx), at / 1000);
	r = X509_verify_cert(ctx) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(s);
	sk_X509_pop_free(between, X509_free);
	return r;
}

static const struct {
	enum authority_fault fault;
	int expect;
} chains[] = {
	{ AUTHORITY_GOOD, X509_V_OK },
	{ AUTHORITY_FAULT_expired, X509_V_ERR_CERT_HAS_EXPIRED },
	{ AUTHORITY_FAULT_early, X509_V_ERR_CERT_NOT_YET_VALID },
	{ AUTHORITY_FAULT_ca_other, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY },
	{ AUTHORITY_FAULT_ca_leaf, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY },
	{ AUTHORITY_FAULT_critical, X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION },
};

static void certificates_lead_to_their_roots(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	for (int i = AUTHORITY_PUBLIC; i <= AUTHORITY_GITHUB; i++) {
		for (size_t k = 0; k < countof(chains); k++) {
			struct authority_order o = order(&w, i, AUTHORITY_PROVENANCE);
			struct json *j;
			X509 *leaf;

			o.fault = chains[k].fault;
			j = made(&w, &o);
			leaf = x509(json_get(j, "verificationMaterial.certificate"));
			assert_int_equal(judge(json_at(json_get(w.root, "certificateAuthorities"), (size_t)i),
					       leaf, AT),
					 chains[k].expect);
			X509_free(leaf);
			json_free(j);
		}
	}
	end(&w);
}

static void a_leaf_says_who_signed(void **state)
{
	struct world w;
	struct authority_order o;
	struct json *j;
	X509 *leaf;
	GENERAL_NAMES *names;
	ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.57264.1.23", 1);
	const ASN1_OCTET_STRING *value;
	int critical = 0;

	(void)state;
	begin(&w);
	o = order(&w, AUTHORITY_PUBLIC, AUTHORITY_MESSAGE);
	o.fault = AUTHORITY_FAULT_san_nul;
	j = made(&w, &o);
	leaf = x509(json_get(j, "verificationMaterial.certificate"));
	names = X509_get_ext_d2i(leaf, NID_subject_alt_name, &critical, NULL);
	assert_non_null(names);
	assert_int_equal(critical, 1);
	assert_int_equal(sk_GENERAL_NAME_num(names), 1);
	value = sk_GENERAL_NAME_value(names, 0)->d.ia5;
	assert_int_equal(value->length, strlen(w.id.san) + 1 + strlen(".example"));
	assert_memory_equal(value->data, w.id.san, strlen(w.id.san) + 1);
	value = X509_EXTENSION_get_data(X509_get_ext(leaf, X509_get_ext_by_OBJ(leaf, oid, -1)));
	assert_int_equal(value->length, 2 + strlen("release"));
	assert_memory_equal(value->data, "\x0c\x07release", 9);
	GENERAL_NAMES_free(names);
	ASN1_OBJECT_free(oid);
	X509_free(leaf);
	json_free(j);
	end(&w);
}

/* How many promises there are. */
static int promised(struct world *w, enum authority_fault fault)
{
	struct authority_order o = order(w, AUTHORITY_PUBLIC, AUTHORITY_MESSAGE);
	STACK_OF(SCT) * scts;
	struct json *j;
	X509 *leaf;
	int n;

	o.fault = fault;
	j = made(w, &o);
	leaf = x509(json_get(j, "verificationMaterial.certificate"));
	scts = X509_get_ext_d2i(leaf, NID_ct_precert_scts, NULL, NULL);
	n = scts ? sk_SCT_num(scts) : 0;
	SCT_LIST_free(scts);
	X509_free(leaf);
	json_free(j);
	return n;
}

/* RFC 6962 3.2 by hand: OpenSSL cannot be told of a log but by a file. */
static bool promise_verifies(struct world *w, enum authority_fault fault)
{
	struct authority_order o = order(w, AUTHORITY_PUBLIC, AUTHORITY_MESSAGE);
	const struct json *ca = json_at(json_get(w->root, "certificateAuthorities"), 0);
	EVP_PKEY *log = public_key(json_at(json_get(w->root, "ctlogs"), 0));
	struct json *j;
	X509 *leaf, *issuer = x509(json_at(json_get(ca, "certChain.certificates"), 0));
	unsigned char *tbs = NULL, *spki = NULL, hash[32], *sig;
	struct buf text = BUF_INIT(1 << 16);
	STACK_OF(SCT) * scts;
	SCT *sct;
	int n, spki_n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(issuer), &spki);
	bool good;

	o.fault = fault;
	j = made(w, &o);
	leaf = x509(json_get(j, "verificationMaterial.certificate"));
	scts = X509_get_ext_d2i(leaf, NID_ct_precert_scts, NULL, NULL);
	sct = sk_SCT_value(scts, 0);
	X509_EXTENSION_free(X509_delete_ext(leaf, X509_get_ext_by_NID(leaf, NID_ct_precert_scts, -1)));
	n = i2d_re_X509_tbs(leaf, &tbs);
	assert_true(n > 0 && spki_n > 0);
	(void)EVP_Digest(spki, (size_t)spki_n, hash, NULL, EVP_sha256(), NULL);
	buf_add(&text, "\0\0", 2);
	for (int shift = 56; shift >= 0; shift -= 8)
		buf_chr(&text, (char)(SCT_get_timestamp(sct) >> shift));
	buf_add(&text, "\0\1", 2);
	buf_add(&text, hash, sizeof(hash));
	buf_chr(&text, (char)(n >> 16));
	buf_chr(&text, (char)(n >> 8));
	buf_chr(&text, (char)n);
	buf_add(&text, tbs, (size_t)n);
	buf_add(&text, "\0\0", 2);
	n = (int)SCT_get0_signature(sct, &sig);
	good = verifies(log, EVP_sha256(), sig, (size_t)n, text.s, text.n);
	SCT_LIST_free(scts);
	OPENSSL_free(tbs);
	OPENSSL_free(spki);
	buf_done(&text);
	X509_free(issuer);
	X509_free(leaf);
	EVP_PKEY_free(log);
	json_free(j);
	return good;
}

static void a_certificate_log_promises(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	assert_int_equal(promised(&w, AUTHORITY_GOOD), 1);
	assert_int_equal(promised(&w, AUTHORITY_FAULT_scts_twice), 2);
	assert_int_equal(promised(&w, AUTHORITY_FAULT_sct_none), 0);
	assert_true(promise_verifies(&w, AUTHORITY_GOOD));
	assert_false(promise_verifies(&w, AUTHORITY_FAULT_sct_bad));
	assert_false(promise_verifies(&w, AUTHORITY_FAULT_sct_issuer));
	end(&w);
}

/* ---- timestamps --------------------------------------------------------------------------------------------------- */

static bool stamped(struct world *w, enum authority_instance i, enum authority_fault fault, size_t tsa)
{
	struct authority_order o = order(w, i, AUTHORITY_MESSAGE);
	STACK_OF(X509) *between = sk_X509_new_null();
	const struct json *authority = json_at(json_get(w->root, "timestampAuthorities"), tsa);
	X509_STORE *s = store_of(authority, between, 0);
	TS_VERIFY_CTX *ctx = TS_VERIFY_CTX_new();
	struct json *j;
	struct buf der, sig;
	const unsigned char *at;
	TS_RESP *resp;
	int r;

	o.stamp = true;
	o.fault = fault;
	j = made(w, &o);
	der = unbase64(json_str(
		json_at(json_get(j, "verificationMaterial.timestampVerificationData.rfc3161Timestamps"), 0),
		"signedTimestamp"));
	sig = unbase64(json_str(j, "messageSignature.signature"));
	at = (const unsigned char *)der.s;
	resp = d2i_TS_RESP(NULL, &at, (long)der.n);
	assert_non_null(resp);
	(void)TS_VERIFY_CTX_set_flags(ctx, TS_VFY_VERSION | TS_VFY_SIGNATURE | TS_VFY_DATA);
	(void)TS_VERIFY_CTX_set_data(ctx, BIO_new_mem_buf(sig.s, (int)sig.n));
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(s), AT / 1000);
	(void)TS_VERIFY_CTX_set_store(ctx, s);
	(void)TS_VERIFY_CTX_set_certs(ctx, between);
	r = TS_RESP_verify_response(ctx, resp);
	ERR_clear_error();
	TS_RESP_free(resp);
	TS_VERIFY_CTX_free(ctx);
	buf_done(&der);
	buf_done(&sig);
	json_free(j);
	return r == 1;
}

static void times_are_stamped(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	assert_true(stamped(&w, AUTHORITY_PUBLIC, AUTHORITY_GOOD, 0));
	assert_true(stamped(&w, AUTHORITY_GITHUB, AUTHORITY_GOOD, 1));
	assert_false(stamped(&w, AUTHORITY_PUBLIC, AUTHORITY_GOOD, 1));
	assert_false(stamped(&w, AUTHORITY_PUBLIC, AUTHORITY_FAULT_tsa_bad, 0));
	assert_false(stamped(&w, AUTHORITY_PUBLIC, AUTHORITY_FAULT_tsa_imprint, 0));
	assert_false(stamped(&w, AUTHORITY_PUBLIC, AUTHORITY_FAULT_tsa_other, 0));
	assert_false(stamped(&w, AUTHORITY_PUBLIC, AUTHORITY_FAULT_tsa_borrowed, 0));
	assert_true(
		stamped(&w, AUTHORITY_PUBLIC, AUTHORITY_FAULT_tsa_borrowed, 2)); /* of the one that is over */
	end(&w);
}

/* ---- logs --------------------------------------------------------------------------------------------------------- */

static void hash2(unsigned char out[32], unsigned char prefix, const void *x, size_t n, const void *y,
		  size_t m)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	assert_int_equal(EVP_DigestInit(ctx, EVP_sha256()), 1);
	assert_int_equal(EVP_DigestUpdate(ctx, &prefix, 1), 1);
	assert_int_equal(EVP_DigestUpdate(ctx, x, n), 1);
	assert_int_equal(EVP_DigestUpdate(ctx, y, m), 1);
	assert_int_equal(EVP_DigestFinal(ctx, out, NULL), 1);
	EVP_MD_CTX_free(ctx);
}

/* The recursive definition, RFC 6962 2.1.1, which is not how it was made: the path of leaf i in a tree of n. */
static void root_of(unsigned char out[32], const unsigned char leaf[32], uint64_t i, uint64_t n,
		    const struct json *hashes, size_t used)
{
	unsigned char below[32];
	struct buf beside;
	uint64_t k = 1;

	if (n == 1) {
		assert_int_equal(used, 0);
		memcpy(out, leaf, 32);
		return;
	}
	while (k * 2 < n)
		k *= 2;
	assert_true(used > 0);
	root_of(below, leaf, i < k ? i : i - k, i < k ? k : n - k, hashes, used - 1);
	beside = unbase64(json_str(json_at(hashes, used - 1), ""));
	if (i < k)
		hash2(out, 1, below, 32, beside.s, 32);
	else
		hash2(out, 1, beside.s, 32, below, 32);
	buf_done(&beside);
}

static void check_entry(struct world *w, const struct authority_order *o)
{
	struct json *j = made(w, o);
	const struct json *entry = json_at(json_get(j, "verificationMaterial.tlogEntries"), 0);
	EVP_PKEY *log = public_key(json_at(json_get(w->root, "tlogs"), o->log == 2));
	const char *note = json_str(entry, "inclusionProof.checkpoint.envelope"),
		   *body64 = json_str(entry, "canonicalizedBody");
	const char *end_of_text = strstr(note, "\n\n"), *line;
	struct buf body = unbase64(body64), want = unbase64(json_str(entry, "inclusionProof.rootHash")), sig;
	unsigned char leaf[32], root[32];

	hash2(leaf, 0, body.s, body.n, "", 0);
	root_of(root, leaf, strtoull(json_str(entry, "inclusionProof.logIndex"), NULL, 10),
		strtoull(json_str(entry, "inclusionProof.treeSize"), NULL, 10),
		json_get(entry, "inclusionProof.hashes"),
		json_size(json_get(entry, "inclusionProof.hashes")));
	assert_int_equal(want.n, 32);
	assert_memory_equal(root, want.s, 32);
	line = strrchr(end_of_text, ' ');
	sig = unbase64(arena_strndup(&w->a, line + 1, strcspn(line + 1, "\n")));
	assert_true(verifies(log, o->log == 2 ? NULL : EVP_sha256(), sig.s + 4, sig.n - 4, note,
			     (size_t)(end_of_text - note) + 1));
	buf_done(&sig);
	buf_done(&body);
	buf_done(&want);
	EVP_PKEY_free(log);
	json_free(j);
}

static void logs_prove_their_entries(void **state)
{
	struct world w;
	struct authority_order o;

	(void)state;
	begin(&w);
	for (int64_t i = 0; i < 32; i++) {
		o = order(&w, AUTHORITY_PUBLIC, i % 2 ? AUTHORITY_MESSAGE : AUTHORITY_SPDX);
		o.at.ms += i * 1000;
		o.log = (int)(i / 2) % 2 + 1;
		check_entry(&w, &o);
	}
	end(&w);
}

static void the_first_log_promises(void **state)
{
	struct world w;
	struct authority_order o;
	struct json *j;
	const struct json *entry;
	EVP_PKEY *log;
	struct buf id, set, text = BUF_INIT(1 << 16);

	(void)state;
	begin(&w);
	o = order(&w, AUTHORITY_PUBLIC, AUTHORITY_PROVENANCE);
	o.version = 1;
	j = made(&w, &o);
	log = public_key(json_at(json_get(w.root, "tlogs"), 0));
	entry = json_at(json_get(j, "verificationMaterial.tlogEntries"), 0);
	id = unbase64(json_str(entry, "logId.keyId"));
	set = unbase64(json_str(entry, "inclusionPromise.signedEntryTimestamp"));
	assert_null(json_get(entry, "inclusionProof"));
	assert_string_equal(json_str(entry, "kindVersion.kind"), "intoto");
	buf_fmt(&text, "{\"body\":\"%s\",\"integratedTime\":%s,\"logID\":\"",
		json_str(entry, "canonicalizedBody"), json_str(entry, "integratedTime"));
	for (size_t i = 0; i < id.n; i++)
		buf_fmt(&text, "%02x", (unsigned char)id.s[i]);
	buf_fmt(&text, "\",\"logIndex\":%s}", json_str(entry, "logIndex"));
	assert_true(verifies(log, EVP_sha256(), set.s, set.n, text.s, text.n));
	buf_done(&id);
	buf_done(&set);
	buf_done(&text);
	EVP_PKEY_free(log);
	json_free(j);
	end(&w);
}

/* ---- signatures --------------------------------------------------------------------------------------------------- */

static void a_managed_key_signs(void **state)
{
	struct world w;
	struct authority_order o;
	struct json *j;
	struct buf sig;
	const char *pem;
	BIO *in;
	EVP_PKEY *k;

	(void)state;
	begin(&w);
	pem = authority_key(w.x, &w.a);
	in = BIO_new_mem_buf(pem, -1);
	k = PEM_read_bio_PUBKEY(in, NULL, NULL, NULL);
	o = order(&w, AUTHORITY_KEY, AUTHORITY_MESSAGE);
	j = made(&w, &o);
	sig = unbase64(json_str(j, "messageSignature.signature"));
	assert_true(verifies(k, EVP_sha256(), sig.s, sig.n, "test", 4));
	assert_string_equal(json_str(j, "verificationMaterial.publicKey.hint"), "drill");
	buf_done(&sig);
	BIO_free(in);
	EVP_PKEY_free(k);
	json_free(j);
	end(&w);
}

static void an_envelope_is_signed(void **state)
{
	struct world w;
	struct authority_order o;
	struct json *j, *statement = NULL;
	struct buf sig, payload, pae = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	X509 *leaf;

	(void)state;
	begin(&w);
	o = order(&w, AUTHORITY_GITHUB, AUTHORITY_PROVENANCE);
	j = made(&w, &o);
	leaf = x509(json_get(j, "verificationMaterial.certificate"));
	payload = unbase64(json_str(j, "dsseEnvelope.payload"));
	sig = unbase64(json_str(json_at(json_get(j, "dsseEnvelope.signatures"), 0), "sig"));
	buf_fmt(&pae, "DSSEv1 28 application/vnd.in-toto+json %zu %s", payload.n, payload.s);
	assert_true(verifies(X509_get0_pubkey(leaf), EVP_sha256(), sig.s, sig.n, pae.s, pae.n));
	assert_int_equal(json_parse(&statement, payload.s, payload.n, 1 << 20, &e), 0);
	assert_int_equal(json_size(json_get(statement, "subject")), 2);
	assert_string_equal(json_str(statement, "predicate.buildDefinition.externalParameters.workflow.path"),
			    ".github/workflows/release-trust-bundle.yml");
	assert_int_equal(json_size(json_get(j, "verificationMaterial.tlogEntries")), 0);
	json_free(statement);
	X509_free(leaf);
	buf_done(&payload);
	buf_done(&sig);
	buf_done(&pae);
	json_free(j);
	end(&w);
}

static void cosign_signs_an_image(void **state)
{
	struct world w;
	struct authority_order o;
	struct authority_cosign c;
	struct err e = ERR_INIT;
	struct buf sig;
	struct json *payload = NULL;
	BIO *in;
	X509 *leaf;

	(void)state;
	begin(&w);
	o = order(&w, AUTHORITY_PUBLIC, AUTHORITY_MESSAGE);
	assert_int_equal(authority_cosign(w.x, &o, "ghcr.io/o/n", "sha256:" HEX, &w.a, &c, &e), 0);
	in = BIO_new_mem_buf(c.certificate, -1);
	leaf = PEM_read_bio_X509(in, NULL, NULL, NULL);
	assert_non_null(leaf);
	sig = unbase64(c.signature);
	assert_true(
		verifies(X509_get0_pubkey(leaf), EVP_sha256(), sig.s, sig.n, c.payload, strlen(c.payload)));
	assert_int_equal(json_parse(&payload, c.payload, strlen(c.payload), 1 << 16, &e), 0);
	assert_string_equal(json_str(payload, "critical.image.docker-manifest-digest"), "sha256:" HEX);
	assert_non_null(strstr(c.bundle, "\"SignedEntryTimestamp\":"));
	json_free(payload);
	buf_done(&sig);
	X509_free(leaf);
	BIO_free(in);
	end(&w);
}

/* ---- orders ------------------------------------------------------------------------------------------------------- */

static void the_same_order_is_the_same_bundle(void **state)
{
	struct world w, v;
	struct authority_order o;
	size_t n, m;
	const char *x, *y;

	(void)state;
	begin(&w);
	begin(&v);
	o = order(&w, AUTHORITY_PUBLIC, AUTHORITY_CYCLONEDX);
	o.stamp = true;
	x = sign(&w, &o, &n);
	y = sign(&v, &o, &m);
	assert_int_equal(n, m);
	assert_memory_equal(x, y, n);
	assert_string_equal(authority_trusted_root(w.x, &w.a), authority_trusted_root(v.x, &v.a));
	end(&v);
	end(&w);
}

/* Each fault can be had, and is not what a good order gives. */
static void every_fault_has_an_order(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	for (int f = AUTHORITY_GOOD + 1; f < AUTHORITY_FAULTS_; f++) {
		int fits = 0;

		for (int k = 0; k < 12; k++) {
			struct authority_order o =
				order(&w, k % 3, k / 6 ? AUTHORITY_MESSAGE : AUTHORITY_PROVENANCE);
			const char *good, *bad;
			size_t n, m;

			o.log = k / 3 % 2 + 1;
			o.stamp = o.log == 2;
			if (o.instance == AUTHORITY_PUBLIC && f == AUTHORITY_FAULT_chain_root)
				o.version = o.log = 1;
			if (!authority_fits(&o, f))
				continue;
			good = sign(&w, &o, &n);
			o.fault = f;
			bad = sign(&w, &o, &m);
			assert_true(n != m || memcmp(good, bad, n) != 0);
			fits++;
		}
		if (!fits)
			fail_msg("nothing can have the fault %s", names_word(&authority_fault_names, f));
	}
	end(&w);
}

static void an_order_that_contradicts_itself_is_refused(void **state)
{
	struct world w;
	struct authority_order o[5];
	struct err e;
	const char *bundle = NULL;
	size_t n;

	(void)state;
	begin(&w);
	for (size_t i = 0; i < countof(o); i++)
		o[i] = order(&w, AUTHORITY_PUBLIC, AUTHORITY_MESSAGE);
	o[0].version = 4;
	o[1].version = 1;
	o[1].log = 2;
	o[2].at.ms = SINCE;
	o[3].id.san = NULL;
	o[4].fault = AUTHORITY_FAULT_payload;
	for (size_t i = 0; i < countof(o); i++) {
		e = (struct err)ERR_INIT;
		assert_int_equal(authority_sign(w.x, &o[i], &w.a, &bundle, &n, &e), -ERR_INVALID);
		assert_null(bundle);
	}
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_lead_to_their_roots),
		cmocka_unit_test(a_leaf_says_who_signed),
		cmocka_unit_test(a_certificate_log_promises),
		cmocka_unit_test(times_are_stamped),
		cmocka_unit_test(logs_prove_their_entries),
		cmocka_unit_test(the_first_log_promises),
		cmocka_unit_test(a_managed_key_signs),
		cmocka_unit_test(an_envelope_is_signed),
		cmocka_unit_test(cosign_signs_an_image),
		cmocka_unit_test(the_same_order_is_the_same_bundle),
		cmocka_unit_test(every_fault_has_an_order),
		cmocka_unit_test(an_order_that_contradicts_itself_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
