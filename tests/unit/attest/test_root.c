#include "tests/unit/attest/made_root.h"

#include <dirent.h>

#include "base/path.h"
#include "core/adapters/attest/chain.h"

/* A root with one of each, and what a text in it may be replaced by. */
struct world {
	struct arena a;
	EVP_PKEY *root_key, *inter_key, *tsa_key, *log_key, *ct_key;
	X509 *root, *inter, *tsa;
	struct made_root made;
	struct buf text;
};

static void setup(struct world *w)
{
	*w = (struct world){ .text = BUF_INIT(ATTEST_ROOT_MAX) };
	w->root_key = made_key("P-384");
	w->inter_key = made_key("P-384");
	w->tsa_key = made_key("P-256");
	w->log_key = made_key("ED25519");
	w->ct_key = made_key("P-256");
	w->root = made_cert(&made_root_spec, NULL, w->root_key, NULL, NULL);
	w->inter = made_cert(&made_inter_spec, NULL, w->inter_key, w->root, w->root_key);
	w->tsa = made_cert(&made_tsa_spec, NULL, w->tsa_key, w->root, w->root_key);
	w->made = (struct made_root){
		.tlogs = { { "https://log.example:8443/x", "PKIX_ED25519", "2023-01-01T00:00:00Z", NULL,
			     w->log_key } },
		.ctlogs = { { "https://ct.example", "PKIX_ECDSA_P256_SHA_256", "2022-01-01T00:00:00Z",
			      "2022-12-31T23:59:59.999Z", w->ct_key } },
		.cas = { { "https://ca.example",
			   "2022-01-01T00:00:00Z",
			   "2026-01-31T00:00:00Z",
			   { w->inter, w->root } } },
		.tsas = { { "https://tsa.example", "2022-01-01T00:00:00Z", NULL, { w->tsa, w->root } } },
	};
	made_root_text(&w->text, &w->made, &w->a);
}

static void end(struct world *w)
{
	X509_free(w->root);
	X509_free(w->inter);
	X509_free(w->tsa);
	EVP_PKEY_free(w->root_key);
	EVP_PKEY_free(w->inter_key);
	EVP_PKEY_free(w->tsa_key);
	EVP_PKEY_free(w->log_key);
	EVP_PKEY_free(w->ct_key);
	buf_done(&w->text);
	arena_done(&w->a);
}

/* The first occurrence. */
static void replace(struct buf *out, const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	if (!at)
		fail_msg("%s is not in the root", from);
	buf_add(out, text, (size_t)(at - text));
	buf_str(out, to);
	buf_str(out, at + strlen(from));
}

static void what_is_in_it_is_told(void **state)
{
	struct world w;
	struct attest_root *r = NULL;
	struct err e = ERR_INIT;
	unsigned char sha[ATTEST_HASH_MAX];
	const struct attest_log *logs;
	size_t n;

	(void)state;
	setup(&w);
	assert_int_equal(attest_root_parse(&r, w.text.s, w.text.n, &e), 0);
	(void)attest_hash("sha256", made_span(w.text.s, w.text.n), sha);
	assert_string_equal(attest_root_sha(r), span_hex(made_span(sha, 32), &w.a));
	assert_int_equal(attest_root_until(r).ms, made_when("2026-01-31T00:00:00Z").ms);
	assert_int_equal(attest_root_since(r).ms, made_when("2022-01-01T00:00:00Z").ms);
	logs = attest_root_tlogs(r, &n);
	assert_int_equal(n, 1);
	assert_string_equal(logs[0].name, "https://log.example:8443/x");
	assert_string_equal(logs[0].host, "log.example:8443");
	assert_string_equal(attest_key_algorithm(logs[0].key), "ed25519");
	assert_memory_equal(logs[0].id.p, attest_key_sha256(logs[0].key), 32);
	attest_root_free(r);
	end(&w);
}

/* One log's id may stand there twice, with a window each; both ends belong to a window. */
static void windows_are_closed(void **state)
{
	static const struct {
		const char *at;
		int found; /* index, -1 none */
	} cases[] = {
		{ "2022-12-31T23:59:59.999Z", -1 }, { "2023-01-01T00:00:00Z", 0 },
		{ "2023-06-30T00:00:00Z", 0 },      { "2023-06-30T00:00:00.001Z", -1 },
		{ "2024-01-01T00:00:00Z", 1 },      { "2099-01-01T00:00:00Z", 1 },
	};
	struct world w;
	struct attest_root *r;
	const struct attest_log *logs;
	size_t n;

	(void)state;
	setup(&w);
	w.made.tlogs[0].until = "2023-06-30T00:00:00Z";
	w.made.tlogs[1] = w.made.tlogs[0];
	w.made.tlogs[1].from = "2024-01-01T00:00:00Z";
	w.made.tlogs[1].until = NULL;
	r = made_parse(&w.made);
	logs = attest_root_tlogs(r, &n);
	assert_int_equal(n, 2);
	for (size_t i = 0; i < countof(cases); i++)
		assert_ptr_equal(attest_root_tlog(r, logs[0].id, made_when(cases[i].at)),
				 cases[i].found < 0 ? NULL : &logs[cases[i].found]);
	assert_ptr_equal(attest_root_tlog(r, logs[0].id, WHEN_NONE), &logs[0]);
	assert_null(attest_root_tlog(r, made_span(logs[0].id.p, 31), WHEN_NONE));
	assert_false(attest_window_has(logs[1].window, WHEN_NONE));
	assert_false(attest_window_has((struct attest_window){ .from = WHEN_NONE }, WHEN_NONE));
	attest_root_free(r);
	end(&w);
}

static void the_newest_and_the_last_count(void **state)
{
	struct world w;
	struct attest_root *r;

	(void)state;
	setup(&w);
	w.made.cas[1] = w.made.cas[0];
	w.made.cas[1].from = "2025-05-05T00:00:00Z";
	w.made.cas[1].until = "2025-12-31T00:00:00Z";
	w.made.cas[2] = w.made.cas[0];
	w.made.cas[2].until = "2024-01-01T00:00:00Z";
	r = made_parse(&w.made);
	assert_int_equal(attest_root_since(r).ms, made_when("2025-05-05T00:00:00Z").ms);
	assert_int_equal(attest_root_until(r).ms, made_when("2026-01-31T00:00:00Z").ms);
	attest_root_free(r);
	w.made.cas[1].until = NULL;
	r = made_parse(&w.made);
	assert_false(when_known(attest_root_until(r)));
	attest_root_free(r);
	end(&w);
}

#define CT_WINDOW "\"start\":\"2022-01-01T00:00:00Z\",\"end\":\"2022-12-31T23:59:59.999Z\""
#define LOG_START "\"start\":\"2023-01-01T00:00:00Z\""

static const struct {
	const char *from, *to, *word; /* word NULL: it is accepted */
} root_cases[] = {
	{ MADE_MEDIA, "application/vnd.dev.sigstore.trustedroot+json;version=0.2", NULL },
	{ MADE_MEDIA, "application/vnd.dev.sigstore.trustedroot.v0.1+json", NULL },
	{ MADE_MEDIA, "application/vnd.dev.sigstore.trustedroot.v0.2+json", NULL },
	{ MADE_MEDIA, "application/vnd.dev.sigstore.trustedroot+json;version=0.3", "mediaType" },
	{ MADE_MEDIA, "application/vnd.dev.sigstore.trustedroot.v0.2+json ", "mediaType" },
	{ "\"mediaType\"", "\"mediatype\"", "mediaType is missing" },
	{ "{\"mediaType\"", "{\"mediaType\":\"x\",\"mediaType\"", "duplicate" },
	{ "{\"mediaType\"", "{} {\"mediaType\"", "JSON" },
	{ "{\"mediaType\"", "{\"more\":1,\"mediaType\"", NULL },
	/* windows */
	{ LOG_START, "", "tlogs[0]: validFor.start is missing" },
	{ LOG_START, "\"start\":null", "validFor.start is missing" },
	{ LOG_START, "\"start\":1672531200", "validFor.start is missing" },
	{ LOG_START, "\"start\":\"\"", "validFor.start is no date" },
	{ LOG_START, "\"start\":\"2023-01-01\"", "validFor.start is no date" },
	{ LOG_START, "\"start\":\"2023-02-30T00:00:00Z\"", "validFor.start is no date" },
	{ LOG_START, "\"start\":\"1970-01-01T00:00:00Z\"", "validFor.start is no date" },
	{ LOG_START, "\"start\":\"2023-01-01T00:00:00.999000Z\"", NULL },
	{ LOG_START, LOG_START ",\"end\":null", NULL },
	{ LOG_START, LOG_START ",\"end\":\"\"", "validFor.end is no date" },
	{ LOG_START, LOG_START ",\"end\":\"never\"", "validFor.end is no date" },
	{ LOG_START, LOG_START ",\"end\":0", "validFor.end is no date" },
	{ LOG_START, LOG_START ",\"end\":{}", "validFor.end is no date" },
	{ LOG_START, LOG_START ",\"end\":\"2022-12-31T00:00:00Z\"", "ends before it starts" },
	{ "\"validFor\":{" LOG_START "}", "\"none\":1", "tlogs[0]: validFor.start is missing" },
	{ "\"validFor\":{" CT_WINDOW "}", "\"none\":1", "ctlogs[0]: validFor.start is missing" },
	{ "\"start\":\"2022-01-01T00:00:00Z\",\"end\":\"2026", "\"end\":\"2026",
	  "certificateAuthorities[0]: validFor.start is missing" },
	{ "\"start\":\"2022-01-01T00:00:00Z\"}", "\"end\":\"2030-01-01T00:00:00Z\"}",
	  "timestampAuthorities[0]: validFor.start is missing" },
	/* logs */
	{ "\"baseUrl\":\"https://log", "\"base\":\"https://log", "baseUrl" },
	{ "https://log.example:8443/x", "", "baseUrl" },
	{ "\"keyId\":\"", "\"keyId\":\"?", "logId" },
	{ "\"logId\"", "\"logid\"", "logId" },
	{ "\"rawBytes\":\"", "\"rawBytes\":\"AAAA", "tlogs[0]: the public key is damaged" },
	{ "\"rawBytes\":\"", "\"rawBytes\":\"-", "publicKey is missing or damaged" },
	{ "PKIX_ED25519", "PKIX_ECDSA_P256_SHA_256", "not what keyDetails says" },
	{ "PKIX_ECDSA_P256_SHA_256", "PKIX_ECDSA_P384_SHA_384",
	  "ctlogs[0]: publicKey is not what keyDetails says" },
	{ "PKIX_ECDSA_P256_SHA_256", "PKIX_ECDSA_P256_HMAC_SHA_256", NULL },
	{ "\"keyDetails\":\"PKIX_ED25519\"", "\"keyDetails\":7", "publicKey is missing or damaged" },
	{ "\"logId\"", "\"checkpointKeyId\":{\"keyId\":\"AAA\"},\"logId\"", "checkpointKeyId" },
	{ "\"logId\"", "\"checkpointKeyId\":{\"keyId\":\"AAA=\"},\"logId\"", "checkpointKeyId" },
	{ "\"logId\"", "\"checkpointKeyId\":null,\"logId\"", NULL },
	/* authorities */
	{ "\"certChain\"", "\"certchain\"", "certChain is missing" },
	{ "\"certificates\":[", "\"certificates\":[{\"rawBytes\":\"AAAA\"},", "malformed" },
	{ "\"certificates\":[", "\"certificates\":[{},", "malformed" },
	{ "\"certificateAuthorities\":[", "\"certificateAuthorities\":[{},", "certificateAuthorities[0]" },
	{ "\"tlogs\":[", "\"tlogs\":{\"a\":1},\"x\":[", "tlogs is no list" },
	{ "\"tlogs\":[", "\"tlogs\":null,\"x\":[", NULL },
};

static void a_damaged_root_is_refused(void **state)
{
	struct world w;

	(void)state;
	setup(&w);
	for (size_t i = 0; i < countof(root_cases); i++) {
		struct buf text = BUF_INIT(ATTEST_ROOT_MAX);
		struct attest_root *r = NULL;
		struct err e = ERR_INIT;
		int k;

		replace(&text, w.text.s, root_cases[i].from, root_cases[i].to);
		k = attest_root_parse(&r, text.s, text.n, &e);
		if (k != (root_cases[i].word ? -ERR_CORRUPT : 0) ||
		    (root_cases[i].word && !strstr(e.message, root_cases[i].word)))
			fail_msg("%zu (%s): %d %s", i, root_cases[i].to, k, e.message);
		assert_true(!r == (k < 0));
		attest_root_free(r);
		buf_done(&text);
	}
	end(&w);
}

static void lists_are_bounded(void **state)
{
	struct world w;
	struct buf many = BUF_INIT(ATTEST_ROOT_MAX), text = BUF_INIT(ATTEST_ROOT_MAX);
	struct attest_root *r = NULL;
	struct err e = ERR_INIT;

	(void)state;
	setup(&w);
	for (int i = 0; i < ATTEST_AUTHS_MAX + 1; i++)
		buf_str(&many, i ? ",{}" : "\"x\":[],\"tlogs\":[{}");
	buf_str(&many, "],\"y\":[");
	replace(&text, w.text.s, "\"tlogs\":[", many.s);
	assert_int_equal(attest_root_parse(&r, text.s, text.n, &e), -ERR_CORRUPT);
	assert_non_null(strstr(e.message, "more than 64"));
	buf_reset(&many);
	buf_reset(&text);
	buf_str(&many, "\"certificates\":[");
	for (int i = 0; i < ATTEST_CHAIN_MAX; i++)
		buf_str(&many, "{},");
	replace(&text, w.text.s, "\"certificates\":[", many.s);
	assert_int_equal(attest_root_parse(&r, text.s, text.n, &e), -ERR_CORRUPT);
	assert_non_null(strstr(e.message, "too long"));
	buf_done(&many);
	buf_done(&text);
	end(&w);
}

/* A line of a file of several roots, and nothing more. */
static void one_line_is_a_root(void **state)
{
	struct world w;
	struct buf text = BUF_INIT(ATTEST_ROOT_MAX);
	struct attest_root *r = NULL;
	struct err e = ERR_INIT;

	(void)state;
	setup(&w);
	buf_add(&text, w.text.s, w.text.n);
	buf_str(&text, "\n");
	assert_int_equal(attest_root_parse(&r, text.s, text.n, &e), 0);
	attest_root_free(r);
	buf_add(&text, w.text.s, w.text.n);
	assert_int_equal(attest_root_parse(&r, text.s, text.n, &e), -ERR_CORRUPT);
	assert_null(r);
	buf_done(&text);
	end(&w);
}

/* A log of a kind of key or hash that is not known here stays in the list, and nothing of it can verify. */
static void an_unknown_kind_of_key_verifies_nothing(void **state)
{
	static const char *const cases[][2] = { { "PKIX_ED25519", "PKIX_ED25519_PH" },
						{ "PKIX_ED25519", "PKIX_ML_DSA_65" },
						{ "SHA2_256", "SHA2_512" } };
	struct world w;

	(void)state;
	setup(&w);
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf text = BUF_INIT(ATTEST_ROOT_MAX);
		struct attest_root *r = NULL;
		struct err e = ERR_INIT;
		size_t n;

		replace(&text, w.text.s, cases[i][0], cases[i][1]);
		assert_int_equal(attest_root_parse(&r, text.s, text.n, &e), 0);
		assert_null(attest_root_tlogs(r, &n)->key);
		attest_root_free(r);
		buf_done(&text);
	}
	end(&w);
}

/* Every kind of key that a root may name; PKCS#1 is how the oldest certificate logs stand there. */
static void keys_of_all_kinds(void **state)
{
	static const struct {
		const char *group, *details, *algorithm;
	} cases[] = {
		{ "P-256", "PKIX_ECDSA_P256_SHA_256", "ecdsa-p256-sha256" },
		{ "P-384", "PKIX_ECDSA_P384_SHA_384", "ecdsa-p384-sha384" },
		{ "P-521", "PKIX_ECDSA_P521_SHA_512", "ecdsa-p521-sha512" },
		{ "RSA", "PKIX_RSA_PKCS1V15_2048_SHA256", "rsa-pkcs1-sha256" },
		{ "RSA", "PKIX_RSA_PKCS1V5", "rsa-pkcs1-sha256" },
		{ "ED25519", "PKIX_ED25519", "ed25519" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		EVP_PKEY *k = made_key(cases[i].group);
		struct made_root made = { .tlogs = { { "https://log.example", cases[i].details,
						       "2023-01-01T00:00:00Z", NULL, k } } };
		struct attest_root *r = made_parse(&made);
		size_t n;

		assert_string_equal(attest_key_algorithm(attest_root_tlogs(r, &n)->key), cases[i].algorithm);
		attest_root_free(r);
		EVP_PKEY_free(k);
	}
}

static void pkcs1_is_the_same_key(void **state)
{
	struct arena a = ARENA_INIT;
	EVP_PKEY *pkey = made_key("RSA");
	unsigned char *pkcs1 = NULL;
	int n = i2d_PublicKey(pkey, &pkcs1);
	struct attest_key *k = NULL, *same = NULL;
	struct err why = ERR_INIT;
	unsigned char longer[1024] = { 0 };

	(void)state;
	memcpy(longer, pkcs1, (size_t)n);
	assert_int_equal(attest_key_pkcs1(&k, made_span(pkcs1, (size_t)n), &why), 0);
	assert_int_equal(attest_key_spki(&same, made_spki(pkey, &a), &why), 0);
	assert_memory_equal(attest_key_sha256(k), attest_key_sha256(same), 32);
	attest_key_free(same);
	attest_key_free(k);
	assert_int_equal(attest_key_pkcs1(&k, made_span(pkcs1, (size_t)n - 1), &why), PROOF_SIG_BAD);
	assert_int_equal(attest_key_pkcs1(&k, made_span(longer, (size_t)n + 1), &why), PROOF_SIG_BAD);
	OPENSSL_free(pkcs1);
	EVP_PKEY_free(pkey);
	arena_done(&a);
}

/* ---- real ones ---------------------------------------------------------------------------------------------------------- */

/* Every authority of a real root holds: none of our rules refuses what is in use. */
static void authorities_hold(const struct attest_root *r, const char *path)
{
	size_t n;
	const struct attest_authority *list = attest_root_cas(r, &n);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < list[i].n; k++)
			if (list[i].links[k].broken)
				fail_msg("%s: CA %zu, %zu: %s", path, i, k, list[i].links[k].broken);
	list = attest_root_tsas(r, &n);
	for (size_t i = 0; i < n; i++)
		if (list[i].broken)
			fail_msg("%s: TSA %zu: %s", path, i, list[i].broken);
}

static void parse_file(const char *path, bool good)
{
	autofree(buf) struct buf text = BUF_INIT(ATTEST_ROOT_MAX);
	struct attest_root *r = NULL;
	struct err e = ERR_INIT;
	int k;

	if (path_read(&text, path, &e) < 0)
		return;
	k = attest_root_parse(&r, text.s, text.n, &e);
	if ((k == 0) != good)
		fail_msg("%s: %s", path, k ? e.message : "was accepted");
	if (r)
		authorities_hold(r, path);
	attest_root_free(r);
}

static void each_file(const char *folder, const char *file, struct arena *a)
{
	DIR *d = opendir(folder);

	for (struct dirent *at = d ? readdir(d) : NULL; at; at = readdir(d)) {
		const char *path = path_join(a, folder, at->d_name);

		if (at->d_name[0] != '.')
			parse_file(file ? path_join(a, path, file) : path,
				   !strstr(path, "missing-validity-start"));
	}
	if (d)
		closedir(d);
}

static void real_roots_are_read(void **state)
{
	struct arena a = ARENA_INIT;
	const char *roots = made_vectors(&a, "roots"), *cases = made_vectors(&a, "cases");

	(void)state;
	if (roots)
		each_file(roots, NULL, &a);
	if (cases)
		each_file(cases, "trusted_root.json", &a);
	arena_done(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_it_is_told),
		cmocka_unit_test(windows_are_closed),
		cmocka_unit_test(the_newest_and_the_last_count),
		cmocka_unit_test(a_damaged_root_is_refused),
		cmocka_unit_test(lists_are_bounded),
		cmocka_unit_test(one_line_is_a_root),
		cmocka_unit_test(an_unknown_kind_of_key_verifies_nothing),
		cmocka_unit_test(keys_of_all_kinds),
		cmocka_unit_test(pkcs1_is_the_same_key),
		cmocka_unit_test(real_roots_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
