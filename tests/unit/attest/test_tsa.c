#include "tests/unit/attest/made_root.h"

#include <dirent.h>

#include "base/json.h"
#include "base/path.h"

#define GEN "20260601120500Z"
#define SIG "signature bytes"

enum wrong {
	RIGHT,
	IMPRINT,       /* over other bytes */
	IMPRINT_SHORT, /* the right hash, cut */
	IMPRINT_SHA1,
	VERSION_2,
	NO_CADES,    /* it does not say which certificate it meant */
	OTHER_CERT,  /* it names another certificate of the same key and serial number */
	CONTENT,     /* another content than was signed */
	TYPE,        /* the content is no time */
	SIGNED_TYPE, /* it says that it is a time, and what was signed says otherwise */
	SIGNATURE,
	TWO_SIGNERS,
	SIGNED_SHA1,
	TRAILING,
	TRAILING_INSIDE,
	TRAILING_TOKEN,
	EMBEDDED, /* the signer's certificate stands in it, which is allowed */
};

struct token_case {
	const char *name;
	enum wrong wrong;
	struct made_ext ext;                    /* of the TSA's certificate, over the usual */
	const char *gen;                        /* genTime; NULL: GEN */
	const char *tsa_from, *tsa_until;       /* the certificate */
	const char *ca_until;                   /* the certificate above */
	const char *window_from, *window_until; /* in the trusted root */
	struct made_ext ca_ext;                 /* of the certificate above */
	bool odd_key;                           /* the TSA's, on another curve */
	int status;                             /* of the response */
	int stray; /* 1: signed by a stranger; 2: and it brings its certificate along */
	int want;
	const char *word;
};

static const struct token_case token_cases[] = {
	{ "good", .want = 0 },
	{ "with modifications", .status = 1 },
	{ "rejected", .status = 2, .want = PROOF_TSA_BAD, .word = "not granted" },
	{ "waiting", .status = 3, .want = PROOF_TSA_BAD, .word = "not granted" },
	{ "negative", .status = -1, .want = PROOF_TSA_BAD, .word = "not granted" },
	{ "its certificate along", EMBEDDED },
	{ "other bytes", IMPRINT, .want = PROOF_TSA_BAD, .word = "not over this signature" },
	{ "half a hash", IMPRINT_SHORT, .want = PROOF_TSA_BAD, .word = "not over this signature" },
	{ "weak hash", IMPRINT_SHA1, .want = PROOF_TSA_BAD, .word = "not over this signature" },
	{ "version", VERSION_2, .want = PROOF_TSA_BAD, .word = "malformed" },
	{ "no certificate meant", NO_CADES, .want = PROOF_TSA_BAD, .word = "names another certificate" },
	{ "another meant", OTHER_CERT, .want = PROOF_TSA_BAD, .word = "names another certificate" },
	{ "content", CONTENT, .want = PROOF_TSA_BAD, .word = "content is not what was signed" },
	{ "type", TYPE, .want = PROOF_TSA_BAD, .word = "holds no time" },
	{ "signed type", SIGNED_TYPE, .want = PROOF_TSA_BAD, .word = "not over a time" },
	{ "signature", SIGNATURE, .want = PROOF_TSA_BAD, .word = "not the authority's" },
	{ "two signers", TWO_SIGNERS, .want = PROOF_TSA_BAD, .word = "exactly one signer" },
	{ "signed over SHA-1", SIGNED_SHA1, .want = PROOF_TSA_BAD, .word = "content is not what was signed" },
	{ "trailing", TRAILING, .want = PROOF_TSA_BAD, .word = "malformed" },
	{ "behind the token", TRAILING_TOKEN, .want = PROOF_TSA_BAD, .word = "malformed" },
	{ "trailing inside", TRAILING_INSIDE, .want = PROOF_TSA_BAD, .word = "malformed" },
	{ "a stranger's", .stray = 1, .want = PROOF_TSA_BAD, .word = "no authority" },
	{ "a stranger's, and his certificate", .stray = 2, .want = PROOF_TSA_BAD, .word = "no authority" },
	/* times */
	{ "window's start", .window_from = "2026-06-01T12:05:00Z" },
	{ "window's end", .window_until = "2026-06-01T12:05:00Z" },
	{ "before the window", .window_from = "2026-06-01T12:05:00.001Z", .want = PROOF_TSA_BAD,
	  .word = "trusted then" },
	{ "after the window", .window_until = "2026-06-01T12:04:59.999Z", .want = PROOF_TSA_BAD,
	  .word = "trusted then" },
	{ "certificate to come", .tsa_from = "20260601120501Z", .want = PROOF_TSA_BAD,
	  .word = "trusted then" },
	{ "certificate over", .tsa_until = "20260601120459Z", .want = PROOF_TSA_BAD, .word = "trusted then" },
	{ "authority over", .ca_until = "20260601120459Z", .want = PROOF_TSA_BAD, .word = "trusted then" },
	{ "fraction", .gen = "20260601120500.25Z" },
	{ "fraction after the end", .gen = "20260601120500.25Z", .window_until = "2026-06-01T12:05:00.249Z",
	  .want = PROOF_TSA_BAD, .word = "trusted then" },
	{ "no Zulu", .gen = "20260601120500+0000", .want = PROOF_TSA_BAD, .word = "malformed" },
	{ "no seconds", .gen = "202606011205Z", .want = PROOF_TSA_BAD, .word = "malformed" },
	{ "bare point", .gen = "20260601120500.Z", .want = PROOF_TSA_BAD, .word = "malformed" },
	{ "no date", .gen = "20260231120500Z", .want = PROOF_TSA_BAD, .word = "malformed" },
	/* the certificate above, and the key */
	{ "authority's purpose", .ca_ext = { "extendedKeyUsage", "codeSigning" }, .want = PROOF_TSA_BAD,
	  .word = "another purpose" },
	{ "no authority", .ca_ext = { "basicConstraints", "critical,CA:FALSE" }, .want = PROOF_TSA_BAD,
	  .word = "it is no authority" },
	{ "kind of key", .odd_key = true, .want = PROOF_TSA_BAD, .word = "kind or size" },
	/* the signer's certificate */
	{ "no purpose", .ext = { "extendedKeyUsage", NULL }, .want = PROOF_TSA_BAD,
	  .word = "attest time alone" },
	{ "purpose", .ext = { "extendedKeyUsage", "critical,codeSigning" }, .want = PROOF_TSA_BAD,
	  .word = "attest time alone" },
	{ "two purposes", .ext = { "extendedKeyUsage", "critical,timeStamping,codeSigning" },
	  .want = PROOF_TSA_BAD, .word = "attest time alone" },
	{ "purpose not critical", .ext = { "extendedKeyUsage", "timeStamping" } }, /* GitHub's first */
	{ "key usage", .ext = { "keyUsage", "critical,keyEncipherment" }, .want = PROOF_TSA_BAD,
	  .word = "may not sign" },
	{ "an authority", .ext = { "basicConstraints", "critical,CA:TRUE" }, .want = PROOF_TSA_BAD,
	  .word = "authority itself" },
	{ "critical", .ext = { "1.2.3.4", "critical,DER:0500" }, .want = PROOF_TSA_BAD,
	  .word = "critical extension" },
};

/* ---- tokens ------------------------------------------------------------------------------------------------------------- */

struct world {
	struct arena a;
	EVP_PKEY *root_key, *key, *stray_key;
	X509 *root, *tsa, *twin, *stray;
	struct attest_root *trusted;
};

static void setup(struct world *w, const struct token_case *c)
{
	struct made_spec root = made_root_spec, tsa = made_tsa_spec;
	struct made_root made = { 0 };

	*w = (struct world){ .root_key = made_key("P-384"),
			     .key = made_key(c->odd_key ? "secp256k1" : "P-256"),
			     .stray_key = made_key("P-256") };
	root.until = c->ca_until ? c->ca_until : root.until;
	tsa.from = c->tsa_from ? c->tsa_from : tsa.from;
	tsa.until = c->tsa_until ? c->tsa_until : tsa.until;
	w->root = made_cert(&root, c->ca_ext.name ? &c->ca_ext : NULL, w->root_key, NULL, NULL);
	w->tsa = made_cert(&tsa, c->ext.name ? &c->ext : NULL, w->key, w->root, w->root_key);
	w->twin = X509_dup(w->tsa); /* the same names, number and key, and other bytes */
	made_sign(w->twin, w->root_key, EVP_sha256());
	w->stray = made_cert(&tsa, NULL, w->stray_key, w->root, w->stray_key);
	made.tsas[0] = (struct made_authority){ "https://tsa.example",
						c->window_from ? c->window_from : "2022-01-01T00:00:00Z",
						c->window_until,
						{ w->tsa, w->root } };
	w->trusted = made_parse(&made);
}

static void end(struct world *w)
{
	attest_root_free(w->trusted);
	X509_free(w->root);
	X509_free(w->tsa);
	X509_free(w->twin);
	X509_free(w->stray);
	EVP_PKEY_free(w->root_key);
	EVP_PKEY_free(w->key);
	EVP_PKEY_free(w->stray_key);
	arena_done(&w->a);
}

/* TSTInfo by hand: OpenSSL would not write half of these. */
static void put_tlv(struct buf *out, unsigned char tag, const void *p, size_t n)
{
	assert_true(n < 65536);
	buf_chr(out, (char)tag);
	if (n > 127) {
		buf_chr(out, (char)(unsigned char)0x82);
		buf_chr(out, (char)(unsigned char)(n >> 8));
	}
	buf_chr(out, (char)(unsigned char)n);
	buf_add(out, p, n);
}

static void put_imprint(struct buf *out, enum wrong wrong)
{
	static const unsigned char sha256[] = { 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48,
						0x01, 0x65, 0x03, 0x04, 0x02, 1 };
	static const unsigned char sha1[] = { 0x30, 0x07, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a };
	autofree(buf) struct buf in = BUF_INIT(256);
	const char *over = wrong == IMPRINT ? "other bytes" : SIG;
	unsigned char hash[ATTEST_HASH_MAX];
	unsigned n = 0;

	EVP_Digest(over, strlen(over), hash, &n, wrong == IMPRINT_SHA1 ? EVP_sha1() : EVP_sha256(), NULL);
	if (wrong == IMPRINT_SHA1)
		buf_add(&in, sha1, sizeof(sha1));
	else
		buf_add(&in, sha256, sizeof(sha256));
	put_tlv(&in, 4, hash, wrong == IMPRINT_SHORT ? n / 2 : n);
	put_tlv(out, 0x30, in.s, in.n);
}

static void put_info(struct buf *out, const struct token_case *c)
{
	autofree(buf) struct buf in = BUF_INIT(512);
	const char *gen = c->gen ? c->gen : GEN;

	put_tlv(&in, 2, c->wrong == VERSION_2 ? "\2" : "\1", 1);
	put_tlv(&in, 6, "\x2a\x03\x04", 3);
	put_imprint(&in, c->wrong);
	put_tlv(&in, 2, "\x11", 1);
	put_tlv(&in, 0x18, gen, strlen(gen));
	put_tlv(out, 0x30, in.s, in.n);
	if (c->wrong == TRAILING_INSIDE)
		put_tlv(out, 5, "", 0);
}

static unsigned flags_of(enum wrong wrong)
{
	unsigned flags = CMS_BINARY | CMS_NOSMIMECAP;

	if (wrong != NO_CADES)
		flags |= CMS_CADES;
	return flags | (wrong == EMBEDDED ? 0 : CMS_NOCERTS);
}

static void sign_with(CMS_ContentInfo *cms, struct world *w, const struct token_case *c)
{
	X509 *cert = c->stray ? w->stray : c->wrong == OTHER_CERT ? w->twin : w->tsa;
	const EVP_MD *md = c->wrong == SIGNED_SHA1 ? EVP_sha1() : EVP_sha256();
	unsigned flags = flags_of(c->wrong);

	if (c->stray == 2)
		flags &= ~(unsigned)CMS_NOCERTS;
	assert_non_null(CMS_add1_signer(cms, cert, c->stray ? w->stray_key : w->key, md, flags));
	if (c->wrong == TWO_SIGNERS)
		assert_non_null(CMS_add1_signer(cms, cert, w->key, md, flags));
}

static CMS_ContentInfo *make_token(struct world *w, const struct token_case *c)
{
	autofree(buf) struct buf info = BUF_INIT(1024);
	int type = c->wrong == TYPE || c->wrong == SIGNED_TYPE ? NID_pkcs7_data : NID_id_smime_ct_TSTInfo;
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, CMS_PARTIAL | CMS_BINARY | CMS_NOCERTS);
	ASN1_OCTET_STRING *content;
	BIO *bio;

	put_info(&info, c);
	bio = BIO_new_mem_buf(info.s, (int)info.n);
	assert_int_equal(CMS_set1_eContentType(cms, OBJ_nid2obj(type)), 1);
	sign_with(cms, w, c);
	if (CMS_final(cms, bio, NULL, CMS_BINARY) != 1)
		fail_msg("%s: cannot be signed", c->name);
	BIO_free(bio);
	content = *CMS_get0_content(cms);
	if (c->wrong == SIGNED_TYPE)
		CMS_set1_eContentType(cms, OBJ_nid2obj(NID_id_smime_ct_TSTInfo));
	if (c->wrong == CONTENT) /* its serial number, which nothing else looks at */
		((unsigned char *)(uintptr_t)ASN1_STRING_get0_data(
			content))[ASN1_STRING_length(content) - 18] ^= 1;
	if (c->wrong == SIGNATURE) {
		ASN1_OCTET_STRING *sig =
			CMS_SignerInfo_get0_signature(sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0));

		((unsigned char *)(uintptr_t)ASN1_STRING_get0_data(sig))[ASN1_STRING_length(sig) - 1] ^= 1;
	}
	return cms;
}

static void make_response(struct buf *out, struct world *w, const struct token_case *c)
{
	autofree(buf) struct buf in = BUF_INIT(1 << 16);
	CMS_ContentInfo *cms = make_token(w, c);
	unsigned char *der = NULL;
	const unsigned char status[] = { 2, 1, (unsigned char)c->status };
	int n = i2d_CMS_ContentInfo(cms, &der);

	assert_true(n > 0);
	put_tlv(&in, 0x30, status, sizeof(status));
	buf_add(&in, der, (size_t)n);
	if (c->wrong == TRAILING_TOKEN)
		put_tlv(&in, 5, "", 0);
	put_tlv(out, 0x30, in.s, in.n);
	if (c->wrong == TRAILING)
		buf_chr(out, 0);
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
}

static void a_token_holds_or_says_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(token_cases); i++) {
		const struct token_case *c = &token_cases[i];
		struct world w;
		struct buf der = BUF_INIT(ATTEST_TOKEN_MAX);
		struct attest_time t;
		struct err why = ERR_INIT;
		int k;

		setup(&w, c);
		make_response(&der, &w, c);
		k = attest_timestamp(&t, made_span(der.s, der.n), made_span(SIG, strlen(SIG)), w.trusted,
				     &why);
		if (k != c->want || (c->word && !strstr(why.message, c->word)))
			fail_msg("%s: %d, not %d: %s", c->name, k, c->want, why.message);
		assert_int_equal(when_known(t.at), !k);
		if (!k) {
			assert_string_equal(t.authority, "https://tsa.example");
			assert_int_equal(t.at.ms, made_when("2026-06-01T12:05:00Z").ms + (c->gen ? 250 : 0));
		}
		buf_done(&der);
		end(&w);
	}
}

/* The window is that of the authority that signed, never of another (TOB-SIGSTORE-11); one that stands there twice has the one
 * window that fits. */
static void no_window_is_borrowed(void **state)
{
	static const struct token_case plain = { "plain", .want = 0 };
	struct world w, other;
	struct buf der = BUF_INIT(ATTEST_TOKEN_MAX);
	struct made_root made = { 0 };
	struct attest_root *r;
	struct attest_time t;
	struct err why = ERR_INIT;

	(void)state;
	setup(&w, &plain);
	setup(&other, &plain);
	make_response(&der, &w, &plain);
	made.tsas[0] =
		(struct made_authority){ "a", "2022-01-01T00:00:00Z", NULL, { other.tsa, other.root } };
	made.tsas[1] = (struct made_authority){
		"b", "2022-01-01T00:00:00Z", "2026-01-01T00:00:00Z", { w.tsa, w.root }
	};
	r = made_parse(&made);
	assert_int_equal(attest_timestamp(&t, made_span(der.s, der.n), made_span(SIG, strlen(SIG)), r, &why),
			 PROOF_TSA_BAD);
	assert_non_null(strstr(why.message, "trusted then"));
	attest_root_free(r);
	made.tsas[2] = made.tsas[1];
	made.tsas[2].uri = "c";
	made.tsas[2].until = NULL;
	r = made_parse(&made);
	assert_int_equal(attest_timestamp(&t, made_span(der.s, der.n), made_span(SIG, strlen(SIG)), r, &why),
			 0);
	assert_string_equal(t.authority, "c");
	attest_root_free(r);
	/* its chain leads to another root */
	made.tsas[2].chain[1] = other.root;
	r = made_parse(&made);
	assert_int_equal(attest_timestamp(&t, made_span(der.s, der.n), made_span(SIG, strlen(SIG)), r, &why),
			 PROOF_TSA_BAD);
	assert_non_null(strstr(why.message, "above did not issue"));
	attest_root_free(r);
	buf_done(&der);
	end(&w);
	end(&other);
}

static void a_cut_or_long_token_is_refused(void **state)
{
	static const struct token_case plain = { "plain", EMBEDDED };
	struct world w;
	struct buf der = BUF_INIT(ATTEST_TOKEN_MAX);
	unsigned char *cut;
	struct attest_time t;
	struct err why = ERR_INIT;

	(void)state;
	setup(&w, &plain);
	make_response(&der, &w, &plain);
	for (size_t n = 0; n < der.n; n++) {
		cut = x_alloc(n + 1); /* exactly so long, for the sanitizer */
		memcpy(cut, der.s, n);
		assert_int_equal(attest_timestamp(&t, made_span(cut, n), made_span(SIG, 15), w.trusted, &why),
				 PROOF_TSA_BAD);
		free(cut);
	}
	cut = x_alloc(ATTEST_TOKEN_MAX + 1);
	memcpy(cut, der.s, der.n);
	assert_int_equal(attest_timestamp(&t, made_span(cut, ATTEST_TOKEN_MAX + 1), made_span(SIG, 15),
					  w.trusted, &why),
			 PROOF_ATT_LIMIT);
	free(cut);
	buf_done(&der);
	end(&w);
}

/* ---- real ones ---------------------------------------------------------------------------------------------------------- */

static struct attest_root *load_root(const char *path)
{
	autofree(buf) struct buf text = BUF_INIT(ATTEST_ROOT_MAX);
	struct attest_root *r = NULL;
	struct err e = ERR_INIT;

	if (path_read(&text, path, &e) < 0)
		return NULL;
	if (attest_root_parse(&r, text.s, text.n, &e))
		fail_msg("%s: %s", path, e.message);
	return r;
}

static const char *signature_of(const struct json *b)
{
	const char *message = json_str(b, "messageSignature.signature");

	return message ? message : json_str(json_at(json_get(b, "dsseEnvelope.signatures"), 0), "sig");
}

/* How many tokens of the bundle hold; every other one must be of a case that is there to fail. */
static int try_bundle(const struct json *b, const struct attest_root *r, const char *name, struct arena *a)
{
	const struct json *list =
		json_get(b, "verificationMaterial.timestampVerificationData.rfc3161Timestamps");
	struct span signature, token;
	int held = 0;

	for (size_t i = 0; i < json_size(list); i++) {
		struct attest_time t;
		struct err why = ERR_INIT;

		if (!span_base64(&token, json_str(json_at(list, i), "signedTimestamp"), a) ||
		    !span_base64(&signature, signature_of(b), a))
			continue;
		if (attest_timestamp(&t, token, signature, r, &why) == 0)
			held++;
		else if (!strstr(name, "timestamp-") && !strstr(name, "wrong") && !strstr(name, "as-public"))
			fail_msg("%s: %s", name, why.message);
		assert_false(strstr(name, "untrusted") && held);
		assert_false(strstr(name, "mismatch") && strstr(name, "payload") && held);
		assert_false(strstr(name, "outside") && held);
	}
	return held;
}

static const char *root_for(struct arena *a, const char *folder, const char *name)
{
	if (strncmp(name, "gh-", 3) == 0)
		return made_vectors(a, "roots/github-2026-06.json");
	if (strncmp(name, "java-", 5) == 0)
		return made_vectors(a, "roots/staging-2026-08.json");
	return path_join(a, folder, "trusted_root.json");
}

static int try_folder(const char *cases, const char *name, struct arena *a)
{
	autofree(buf) struct buf text = BUF_INIT(ATTEST_BUNDLE_MAX);
	const char *folder = path_join(a, cases, name);
	struct json *doc = NULL;
	struct err e = ERR_INIT;
	struct attest_root *r = load_root(root_for(a, folder, name));
	int held = 0;

	if (r && path_read(&text, path_join(a, folder, "bundle.sigstore.json"), &e) == 0 &&
	    json_parse(&doc, text.s, text.n, ATTEST_BUNDLE_MAX, &e) == 0)
		held = try_bundle(doc, r, name, a);
	json_free(doc);
	attest_root_free(r);
	return held;
}

static void real_tokens_hold(void **state)
{
	struct arena a = ARENA_INIT;
	const char *cases = made_vectors(&a, "cases");
	DIR *d = cases ? opendir(cases) : NULL;
	int held = 0;

	(void)state;
	for (struct dirent *at = d ? readdir(d) : NULL; at; at = readdir(d))
		if (at->d_name[0] != '.')
			held += try_folder(cases, at->d_name, &a);
	if (d) {
		closedir(d);
		print_message("[ VECTORS  ] %d real tokens hold\n", held);
		assert_true(held >= 10);
	}
	arena_done(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_holds_or_says_why),
		cmocka_unit_test(no_window_is_borrowed),
		cmocka_unit_test(a_cut_or_long_token_is_refused),
		cmocka_unit_test(real_tokens_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
