#include "tests/unit/attest/made_root.h"

#include <dirent.h>

#include "base/json.h"
#include "base/path.h"

#define IN "2026-06-01T12:05:00Z"

enum log { NOBODY, FIRST, SECOND, RETIRED, STRANGER, ED, LOGS }; /* whose promise */
enum wrong {
	RIGHT,
	BAD_SIGNATURE,
	OTHER_ISSUER, /* over another issuer's key */
	OTHER_CERT,   /* over another certificate */
	VERSION_2,
	HASH,     /* it says SHA-384 */
	KIND,     /* it says RSA */
	TRAILING, /* bytes behind the signature */
	EXTENDED, /* with extensions, which is allowed (static-ct) */
	EXTENDED_NOT_SIGNED,
};

struct promise {
	enum log log;
	enum wrong wrong;
	const char *at; /* NULL: IN */
};

static const struct sct_case {
	const char *name;
	struct promise promises[3];
	int more;   /* bytes behind the list */
	int repeat; /* the first promise as often */
	int want;
	int distinct;
	const char *word;
} sct_cases[] = {
	{ "one", { { FIRST } }, .distinct = 1 },
	{ "two logs", { { FIRST }, { SECOND } }, .distinct = 2 },
	/* CVE-2026-49834: a threshold of two is not met by one log */
	{ "one log twice", { { FIRST }, { FIRST } }, .distinct = 1 },
	{ "one log at two times", { { FIRST }, { FIRST, .at = "2026-06-01T12:06:00Z" } }, .distinct = 1 },
	{ "one log thrice", { { FIRST }, { SECOND }, { FIRST } }, .distinct = 2 },
	{ "extensions", { { FIRST, EXTENDED } }, .distinct = 1 },
	{ "extensions, unsigned",
	  { { FIRST, EXTENDED_NOT_SIGNED } },
	  .want = PROOF_SCT_BAD,
	  .word = "does not verify" },
	{ "none", { { NOBODY } }, .want = PROOF_SCT_NONE, .word = "bears no promise" },
	{ "a stranger's", { { STRANGER } }, .want = PROOF_SCT_NONE, .word = "none of 1" },
	{ "a stranger's beside", { { STRANGER }, { FIRST } }, .distinct = 1 },
	{ "a stranger's that is bad", { { STRANGER, BAD_SIGNATURE }, { FIRST } }, .distinct = 1 },
	{ "retired", { { RETIRED } }, .want = PROOF_SCT_BAD, .word = "not trusted" },
	{ "in its days", { { RETIRED, .at = "2025-12-31T23:59:59.999Z" } }, .distinct = 1 },
	{ "a day late",
	  { { RETIRED, .at = "2026-01-01T00:00:00Z" } },
	  .want = PROOF_SCT_BAD,
	  .word = "not trusted" },
	{ "signature", { { FIRST, BAD_SIGNATURE } }, .want = PROOF_SCT_BAD, .word = "does not verify" },
	{ "good and bad",
	  { { FIRST }, { SECOND, BAD_SIGNATURE } },
	  .want = PROOF_SCT_BAD,
	  .word = "https://second" },
	{ "issuer", { { FIRST, OTHER_ISSUER } }, .want = PROOF_SCT_BAD, .word = "does not verify" },
	{ "certificate", { { FIRST, OTHER_CERT } }, .want = PROOF_SCT_BAD, .word = "does not verify" },
	{ "version", { { FIRST, VERSION_2 } }, .want = PROOF_SCT_BAD, .word = "malformed" },
	{ "hash", { { FIRST, HASH } }, .want = PROOF_SCT_BAD, .word = "another algorithm" },
	{ "kind", { { FIRST, KIND } }, .want = PROOF_SCT_BAD, .word = "another algorithm" },
	{ "Ed25519", { { ED } }, .want = PROOF_SCT_BAD, .word = "another algorithm" },
	{ "trailing", { { FIRST, TRAILING } }, .want = PROOF_SCT_BAD, .word = "malformed" },
	{ "behind the list", { { FIRST } }, .more = 1, .want = PROOF_SCT_BAD, .word = "malformed" },
	{ "many", { { FIRST } }, .repeat = ATTEST_SCTS_MAX, .distinct = 1 },
	{ "too many",
	  { { FIRST } },
	  .repeat = ATTEST_SCTS_MAX + 1,
	  .want = PROOF_SCT_BAD,
	  .word = "malformed" },
};

struct world {
	struct arena a;
	EVP_PKEY *root_key, *leaf_key, *other_key, *logs[LOGS];
	X509 *root, *leaf, *other;
	struct attest_root *trusted;
};

static void setup(struct world *w)
{
	struct made_root made = { 0 };

	*w = (struct world){ .root_key = made_key("P-384"),
			     .leaf_key = made_key("P-256"),
			     .other_key = made_key("P-256") };
	for (int i = FIRST; i < LOGS; i++)
		w->logs[i] = made_key(i == ED ? "ED25519" : "P-256");
	w->root = made_cert(&made_root_spec, NULL, w->root_key, NULL, NULL);
	w->other = made_cert(&made_leaf_spec, NULL, w->other_key, w->root, w->root_key);
	made.cas[0] =
		(struct made_authority){ "https://ca.example", "2022-01-01T00:00:00Z", NULL, { w->root } };
	made.ctlogs[0] = (struct made_log){ "https://first", "PKIX_ECDSA_P256_SHA_256",
					    "2022-01-01T00:00:00Z", NULL, w->logs[FIRST] };
	made.ctlogs[1] = (struct made_log){ "https://second", "PKIX_ECDSA_P256_SHA_256",
					    "2022-01-01T00:00:00Z", NULL, w->logs[SECOND] };
	made.ctlogs[2] =
		(struct made_log){ "https://retired", "PKIX_ECDSA_P256_SHA_256", "2022-01-01T00:00:00Z",
				   "2025-12-31T23:59:59.999Z", w->logs[RETIRED] };
	made.ctlogs[3] =
		(struct made_log){ "https://ed", "PKIX_ED25519", "2022-01-01T00:00:00Z", NULL, w->logs[ED] };
	w->trusted = made_parse(&made);
}

static void end(struct world *w)
{
	attest_root_free(w->trusted);
	X509_free(w->root);
	X509_free(w->other);
	EVP_PKEY_free(w->root_key);
	EVP_PKEY_free(w->leaf_key);
	EVP_PKEY_free(w->other_key);
	for (int i = FIRST; i < LOGS; i++)
		EVP_PKEY_free(w->logs[i]);
	arena_done(&w->a);
}

static void put(struct buf *out, uint64_t v, size_t n)
{
	while (n--)
		buf_chr(out, (char)(unsigned char)(v >> (8 * n)));
}

static void put_sha(struct buf *out, struct world *w, EVP_PKEY *k)
{
	unsigned char id[ATTEST_HASH_MAX];

	(void)attest_hash("sha256", made_spki(k, &w->a), id);
	buf_add(out, id, 32);
}

/* RFC 6962, 3.2 and 3.3, by the book. */
static void put_promise(struct buf *list, struct world *w, const struct promise *p)
{
	struct buf text = BUF_INIT(1 << 16), sct = BUF_INIT(1 << 16);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char *tbs = NULL, sig[256];
	size_t sig_n = sizeof(sig);
	int n = i2d_re_X509_tbs(p->wrong == OTHER_CERT ? w->other : w->leaf, &tbs);
	uint64_t at = (uint64_t)made_when(p->at ? p->at : IN).ms;
	const char *said = p->wrong == EXTENDED || p->wrong == EXTENDED_NOT_SIGNED ? "ext" : "";
	const char *meant = p->wrong == EXTENDED_NOT_SIGNED ? "" : said;

	put(&text, 0, 2);
	put(&text, at, 8);
	put(&text, 1, 2);
	put_sha(&text, w, p->wrong == OTHER_ISSUER ? w->other_key : w->root_key);
	put(&text, (uint64_t)n, 3);
	buf_add(&text, tbs, (size_t)n);
	put(&text, strlen(meant), 2);
	buf_str(&text, meant);
	assert_int_equal(
		EVP_DigestSignInit(ctx, NULL, p->log == ED ? NULL : EVP_sha256(), NULL, w->logs[p->log]), 1);
	assert_int_equal(EVP_DigestSign(ctx, sig, &sig_n, (unsigned char *)text.s, text.n), 1);
	sig[sig_n - 1] ^= p->wrong == BAD_SIGNATURE;
	put(&sct, p->wrong == VERSION_2, 1);
	put_sha(&sct, w, w->logs[p->log]);
	put(&sct, at, 8);
	put(&sct, strlen(said), 2);
	buf_str(&sct, said);
	put(&sct, p->wrong == HASH ? 5 : 4, 1);
	put(&sct, p->wrong == KIND ? 1 : 3, 1);
	put(&sct, sig_n, 2);
	buf_add(&sct, sig, sig_n);
	put(&sct, 0, p->wrong == TRAILING);
	put(list, sct.n, 2);
	buf_add(list, sct.s, sct.n);
	EVP_MD_CTX_free(ctx);
	OPENSSL_free(tbs);
	buf_done(&text);
	buf_done(&sct);
}

/* The list as an extension: a text within an octet string within the extension's own. */
static void put_list(struct world *w, const struct buf *list, int more)
{
	struct buf whole = BUF_INIT(1 << 16);
	ASN1_OCTET_STRING *inner = ASN1_OCTET_STRING_new(), *outer = ASN1_OCTET_STRING_new();
	unsigned char *der = NULL;
	X509_EXTENSION *ext;
	int n;

	put(&whole, list->n, 2);
	buf_add(&whole, list->s, list->n);
	put(&whole, 0, (size_t)more);
	ASN1_OCTET_STRING_set(inner, (unsigned char *)whole.s, (int)whole.n);
	n = i2d_ASN1_OCTET_STRING(inner, &der);
	ASN1_OCTET_STRING_set(outer, der, n);
	ext = X509_EXTENSION_create_by_NID(NULL, NID_ct_precert_scts, 0, outer);
	assert_int_equal(X509_add_ext(w->leaf, ext, -1), 1);
	made_sign(w->leaf, w->root_key, EVP_sha256());
	X509_EXTENSION_free(ext);
	ASN1_OCTET_STRING_free(inner);
	ASN1_OCTET_STRING_free(outer);
	OPENSSL_free(der);
	buf_done(&whole);
}

static void make_leaf(struct world *w, const struct sct_case *c)
{
	struct buf list = BUF_INIT(1 << 16);

	w->leaf = made_cert(&made_leaf_spec, NULL, w->leaf_key, w->root, w->root_key);
	for (size_t i = 0; i < countof(c->promises) && c->promises[i].log != NOBODY; i++)
		for (int k = 0; k < (c->repeat ? c->repeat : 1); k++)
			put_promise(&list, w, &c->promises[i]);
	if (list.n)
		put_list(w, &list, c->more);
	buf_done(&list);
}

static void promises_are_counted_by_log(void **state)
{
	struct world w;

	(void)state;
	setup(&w);
	for (size_t i = 0; i < countof(sct_cases); i++) {
		const struct sct_case *c = &sct_cases[i];
		struct attest_cert *cert = NULL;
		struct attest_path path;
		struct when at = made_when(IN);
		struct err why = ERR_INIT;
		int64_t distinct = -1;
		int k;

		make_leaf(&w, c);
		assert_int_equal(attest_cert_read(&cert, made_der(w.leaf, &w.a), &why), 0);
		assert_int_equal(attest_cert_chain(&path, cert, w.trusted, &at, 1, &why), 0);
		k = attest_cert_scts(&distinct, cert, &path, w.trusted, &why);
		if (k != c->want || distinct != c->distinct || (c->word && !strstr(why.message, c->word)))
			fail_msg("%s: %d, not %d; %d distinct: %s", c->name, k, c->want, (int)distinct,
				 why.message);
		attest_cert_free(cert);
		X509_free(w.leaf);
	}
	end(&w);
}

/* Whatever is cut off from the list, it is malformed and nothing is read behind it. */
static void a_cut_list_is_malformed(void **state)
{
	static const struct promise one = { FIRST, EXTENDED, NULL };
	struct world w;
	struct buf list = BUF_INIT(1 << 16);
	size_t n;

	(void)state;
	setup(&w);
	w.leaf = made_cert(&made_leaf_spec, NULL, w.leaf_key, w.root, w.root_key);
	put_promise(&list, &w, &one);
	X509_free(w.leaf);
	for (n = 0; n < list.n; n++) {
		struct buf cut = BUF_INIT(1 << 16);
		struct attest_cert *cert = NULL;
		struct attest_path path;
		struct when at = made_when(IN);
		struct err why = ERR_INIT;
		int64_t distinct;

		w.leaf = made_cert(&made_leaf_spec, NULL, w.leaf_key, w.root, w.root_key);
		buf_add(&cut, list.s, n);
		put_list(&w, &cut, 0);
		assert_int_equal(attest_cert_read(&cert, made_der(w.leaf, &w.a), &why), 0);
		assert_int_equal(attest_cert_chain(&path, cert, w.trusted, &at, 1, &why), 0);
		assert_int_equal(attest_cert_scts(&distinct, cert, &path, w.trusted, &why), PROOF_SCT_BAD);
		attest_cert_free(cert);
		X509_free(w.leaf);
		buf_done(&cut);
	}
	buf_done(&list);
	end(&w);
}

/* ---- real ones ---------------------------------------------------------------------------------------------------------- */

static struct attest_root *load_root(struct arena *a, const char *name)
{
	autofree(buf) struct buf text = BUF_INIT(ATTEST_ROOT_MAX);
	struct attest_root *r = NULL;
	struct err e = ERR_INIT;

	if (path_read(&text, made_vectors(a, name), &e) < 0 || attest_root_parse(&r, text.s, text.n, &e))
		fail_msg("%s: %s", name, e.message);
	return r;
}

static const char *leaf_of(const struct json *bundle)
{
	const struct json *chain = json_get(bundle, "verificationMaterial.x509CertificateChain.certificates");
	const char *leaf = json_str(bundle, "verificationMaterial.certificate.rawBytes");

	return leaf || !json_size(chain) ? leaf : json_str(json_at(chain, 0), "rawBytes");
}

/* Every leaf of the bundles whose authority is one of these: its path, its promises and its identity hold. 1: it is. */
static int try_leaf(struct attest_cert *cert, struct attest_root *const *roots, size_t n, const char *name)
{
	struct arena a = ARENA_INIT;
	struct attest_identity id;
	struct attest_path path;
	struct err why = ERR_INIT;
	int64_t distinct = 0;
	int held = 0;

	assert_int_equal(attest_cert_identity(&id, cert, &a, &why), 0);
	for (size_t i = 0; i < n && !held; i++) {
		size_t logs;

		if (attest_cert_chain(&path, cert, roots[i], &id.not_before, 1, &why))
			continue;
		held = 1;
		(void)attest_root_ctlogs(roots[i], &logs);
		if (logs && attest_cert_scts(&distinct, cert, &path, roots[i], &why))
			fail_msg("%s: %s", name, why.message);
	}
	arena_done(&a);
	return held;
}

static int try_bundle(const char *path, struct attest_root *const *roots, size_t n, struct arena *a)
{
	autofree(buf) struct buf text = BUF_INIT(ATTEST_BUNDLE_MAX);
	struct json *doc = NULL;
	struct attest_cert *cert = NULL;
	struct span der;
	struct err e = ERR_INIT;
	int held = 0;

	if (path_read(&text, path, &e) == 0 && json_parse(&doc, text.s, text.n, ATTEST_BUNDLE_MAX, &e) == 0 &&
	    span_base64(&der, leaf_of(doc), a) && attest_cert_read(&cert, der, &e) == 0)
		held = try_leaf(cert, roots, n, path);
	attest_cert_free(cert);
	json_free(doc);
	return held;
}

static void real_certificates_hold(void **state)
{
	struct arena a = ARENA_INIT;
	const char *cases = made_vectors(&a, "cases");
	struct attest_root *roots[3];
	int held = 0;
	DIR *d = cases ? opendir(cases) : NULL;

	(void)state;
	if (d) {
		roots[0] = load_root(&a, "roots/public-good-2026-08.json");
		roots[1] = load_root(&a, "roots/staging-2026-08.json");
		roots[2] = load_root(&a, "roots/github-2026-06.json");
		for (struct dirent *at = readdir(d); at; at = readdir(d))
			held += try_bundle(
				path_join(&a, path_join(&a, cases, at->d_name), "bundle.sigstore.json"),
				roots, countof(roots), &a);
		closedir(d);
		print_message("[ VECTORS  ] %d real certificates lead to their authority, promises and all\n",
			      held);
		assert_true(held >= 70);
		for (size_t i = 0; i < countof(roots); i++)
			attest_root_free(roots[i]);
	}
	arena_done(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(promises_are_counted_by_log),
		cmocka_unit_test(a_cut_list_is_malformed),
		cmocka_unit_test(real_certificates_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
