#include "tests/unit/attest/made_root.h"

#include "core/adapters/attest/chain.h"

#include <openssl/err.h>

#define IN "2026-06-01T12:05:00Z"

/* Which certificate of root, intermediate and leaf is wrong, and how. */
enum part { NONE, ROOT, INTER, LEAF };
enum trick {
	PLAIN,
	OTHER_KEY,    /* the leaf is signed by a key that is not the intermediate's */
	OTHER_ISSUER, /* the leaf names another issuer */
	BY_ROOT,      /* the leaf is signed by the root itself */
	INTER_STRAY,  /* the intermediate is signed by another root of the same name */
	WEAK_HASH,    /* the leaf is signed over SHA-1 */
	NO_INTER,     /* the root file leaves the intermediate out */
	LEAF_KEY,     /* the leaf's key is of a kind that is not accepted */
	INTER_KEY,    /* the intermediate's */
	ROOT_KEY,     /* the root's */
	TWICE,        /* an extension of the leaf stands there twice */
	MANY,         /* it has more extensions than are read */
};

struct chain_case {
	const char *name;
	enum part part;
	struct made_ext ext; /* over those of the part */
	const char *subject, *from, *until;
	int version;
	enum trick trick;
	const char *ca_from, *ca_until; /* of the root file */
	const char *times[3];           /* {IN} when there is none */
	int want;                       /* enum proof_reason; 0 it holds */
	const char *word;
};

struct chain {
	EVP_PKEY *root_key, *inter_key, *leaf_key, *stray_key;
	X509 *root, *inter, *leaf;
	struct arena a;
};

static const struct made_spec *spec_of(struct made_spec *out, const struct made_spec *usual,
				       const struct chain_case *c, enum part part)
{
	*out = *usual;
	if (c->part == part) {
		out->subject = c->subject ? c->subject : out->subject;
		out->from = c->from ? c->from : out->from;
		out->until = c->until ? c->until : out->until;
		out->version = c->version;
	}
	return out;
}

static const struct made_ext *ext_of(const struct chain_case *c, enum part part)
{
	return c->part == part && c->ext.name ? &c->ext : NULL;
}

static void add_more(X509 *x, bool many, EVP_PKEY *by_key)
{
	for (int i = 0; i < (many ? 45 : 2); i++) {
		char name[32];
		struct made_ext ext = { name, "DER:0500" };

		(void)snprintf(name, sizeof(name), "1.2.3.%d", many ? i : 4);
		made_add(x, &ext);
	}
	made_sign(x, by_key, EVP_sha256());
}

static void make_leaf(struct chain *w, const struct chain_case *c)
{
	struct made_spec spec;
	X509 *by = c->trick == BY_ROOT ? w->root : w->inter, *other = NULL;
	EVP_PKEY *by_key = c->trick == BY_ROOT     ? w->root_key
			   : c->trick == OTHER_KEY ? w->stray_key
						   : w->inter_key;

	if (c->trick == OTHER_ISSUER)
		by = other = made_cert(&made_root_spec, NULL, w->stray_key, NULL, NULL);
	w->leaf =
		made_cert(spec_of(&spec, &made_leaf_spec, c, LEAF), ext_of(c, LEAF), w->leaf_key, by, by_key);
	if (c->trick == WEAK_HASH)
		made_sign(w->leaf, by_key, EVP_sha1());
	if (c->trick == TWICE || c->trick == MANY)
		add_more(w->leaf, c->trick == MANY, by_key);
	X509_free(other);
}

static void make_chain(struct chain *w, const struct chain_case *c)
{
	struct made_spec spec;

	*w = (struct chain){ .root_key = made_key(c->trick == ROOT_KEY ? "secp256k1" : "P-384"),
			     .inter_key = made_key(c->trick == INTER_KEY ? "secp256k1" : "P-384"),
			     .stray_key = made_key("P-384"),
			     .leaf_key = c->trick == LEAF_KEY ? made_key("secp256k1") : made_key("P-256") };
	w->root =
		made_cert(spec_of(&spec, &made_root_spec, c, ROOT), ext_of(c, ROOT), w->root_key, NULL, NULL);
	w->inter = made_cert(spec_of(&spec, &made_inter_spec, c, INTER), ext_of(c, INTER), w->inter_key,
			     w->root, c->trick == INTER_STRAY ? w->stray_key : w->root_key);
	make_leaf(w, c);
}

static void free_chain(struct chain *w)
{
	X509_free(w->root);
	X509_free(w->inter);
	X509_free(w->leaf);
	EVP_PKEY_free(w->root_key);
	EVP_PKEY_free(w->inter_key);
	EVP_PKEY_free(w->leaf_key);
	EVP_PKEY_free(w->stray_key);
	arena_done(&w->a);
}

static struct made_root root_of(const struct chain *w, const struct chain_case *c)
{
	struct made_root made = { .cas = { { "https://ca.example",
					     c->ca_from ? c->ca_from : "2022-01-01T00:00:00Z",
					     c->ca_until,
					     { w->inter, w->root } } } };

	if (c->trick == NO_INTER)
		made.cas[0].chain[0] = w->root, made.cas[0].chain[1] = NULL;
	return made;
}

static int verify(struct chain *w, const struct attest_root *r, const char *const *times,
		  struct attest_path *path, struct err *why)
{
	struct when at[4] = { { 0 } };
	struct attest_cert *c = NULL;
	size_t n = 0;
	int k = attest_cert_read(&c, made_der(w->leaf, &w->a), why);

	while (!k && n < 3 && times[n]) {
		at[n] = made_when(times[n]);
		n++;
	}
	if (!n)
		at[n++] = made_when(IN);
	if (!k)
		k = attest_cert_chain(path, c, r, at, n, why);
	attest_cert_free(c);
	return k;
}

static const struct chain_case chain_cases[] = {
	{ "good", .part = NONE },
	{ "two times", .times = { IN, "2026-06-01T12:00:00Z" } },
	{ "the last instant", .times = { "2026-06-01T12:10:00Z" } },
	{ "after it", .times = { "2026-06-01T12:10:00.001Z" }, .want = PROOF_CERT_TIME, .word = "12:10:00Z" },
	{ "before it", .times = { "2026-06-01T11:59:59.999Z" }, .want = PROOF_CERT_TIME,
	  .word = "not valid" },
	{ "one of two", .times = { IN, "2026-06-01T12:11:00Z" }, .want = PROOF_CERT_TIME, .word = "12:11" },
	{ "one of three", .times = { "2026-06-01T11:11:00Z", IN, IN }, .want = PROOF_CERT_TIME,
	  .word = "11:11" },
	{ "window over", .ca_until = "2026-06-01T12:04:59Z", .want = PROOF_CERT_TIME, .word = "not valid" },
	{ "window's end", .ca_until = IN },
	{ "window to come", .ca_from = "2026-06-01T12:05:01Z", .want = PROOF_CERT_TIME, .word = "not valid" },
	{ "window's start", .ca_from = IN },
	{ "intermediate over", INTER, .until = "20260601120459Z", .want = PROOF_CERT_TIME,
	  .word = "not valid" },
	{ "intermediate to come", INTER, .from = "20260601120501Z", .want = PROOF_CERT_TIME,
	  .word = "not valid" },
	{ "root over", ROOT, .until = "20260601120459Z", .want = PROOF_CERT_TIME, .word = "not valid" },
	{ "root to come", ROOT, .from = "20260601120501Z", .want = PROOF_CERT_TIME, .word = "not valid" },
	/* the leaf */
	{ "no key usage", LEAF, { "keyUsage", NULL }, .want = PROOF_CERT_CHAIN, .word = "may not sign" },
	{ "key usage",
	  LEAF,
	  { "keyUsage", "critical,keyEncipherment" },
	  .want = PROOF_CERT_CHAIN,
	  .word = "its key may not sign" },
	{ "no purpose", LEAF, { "extendedKeyUsage", NULL }, .want = PROOF_CERT_CHAIN, .word = "sign code" },
	{ "purpose",
	  LEAF,
	  { "extendedKeyUsage", "timeStamping,serverAuth" },
	  .want = PROOF_CERT_CHAIN,
	  .word = "sign code" },
	{ "any purpose",
	  LEAF,
	  { "extendedKeyUsage", "anyExtendedKeyUsage" },
	  .want = PROOF_CERT_CHAIN,
	  .word = "sign code" },
	{ "two purposes", LEAF, { "extendedKeyUsage", "codeSigning,serverAuth" } },
	{ "an authority",
	  LEAF,
	  { "basicConstraints", "critical,CA:TRUE" },
	  .want = PROOF_CERT_CHAIN,
	  .word = "authority itself" },
	{ "no authority", LEAF, { "basicConstraints", "critical,CA:FALSE" } },
	{ "unknown extension", LEAF, { "1.2.3.4", "DER:0500" } },
	{ "unknown critical",
	  LEAF,
	  { "1.2.3.4", "critical,DER:0500" },
	  .want = PROOF_CERT_CHAIN,
	  .word = "critical extension" },
	{ "known by OpenSSL only",
	  LEAF,
	  { "certificatePolicies", "critical,DER:3007300506032a0304" },
	  .want = PROOF_CERT_CHAIN,
	  .word = "critical extension" },
	{ "Fulcio's as critical",
	  LEAF,
	  { "1.3.6.1.4.1.57264.1.8", "critical,ASN1:UTF8String:" ISSUER },
	  .want = PROOF_CERT_CHAIN,
	  .word = "critical extension" },
	{ "subject", LEAF, .subject = "somebody", .want = PROOF_CERT_CHAIN, .word = "subject" },
	{ "subject of an attester", LEAF, { "1.3.6.1.4.1.57264.1.8", NULL }, .subject = "Attester" },
	{ "version 1", LEAF, .version = 1, .want = PROOF_CERT_CHAIN, .word = "version 3" },
	{ "kind of key", .trick = LEAF_KEY, .want = PROOF_SIG_BAD, .word = "not accepted" },
	{ "malformed extension",
	  LEAF,
	  { "basicConstraints", "critical,DER:0500" },
	  .want = PROOF_CERT_CHAIN,
	  .word = "extensions is malformed" },
	{ "twice", .trick = TWICE, .want = PROOF_CERT_CHAIN, .word = "stands there twice" },
	{ "many", .trick = MANY, .want = PROOF_CERT_CHAIN, .word = "more extensions" },
	{ "root's kind of key", .trick = ROOT_KEY, .want = PROOF_CERT_CHAIN, .word = "above did not issue" },
	{ "intermediate's kind of key", .trick = INTER_KEY, .want = PROOF_CERT_CHAIN,
	  .word = "no authority" },
	{ "dates", LEAF, .until = "20260601115959Z", .want = PROOF_ATT_PARSE, .word = "malformed" },
	/* the path */
	{ "signed by another", .trick = OTHER_KEY, .want = PROOF_CERT_CHAIN, .word = "no authority" },
	{ "names another issuer", .trick = OTHER_ISSUER, .want = PROOF_CERT_CHAIN, .word = "no authority" },
	{ "by the root", .trick = BY_ROOT },
	{ "weak signature", .trick = WEAK_HASH, .want = PROOF_CERT_CHAIN, .word = "no authority" },
	{ "not in the root", .trick = NO_INTER, .want = PROOF_CERT_CHAIN, .word = "no authority" },
	{ "intermediate of another", .trick = INTER_STRAY, .want = PROOF_CERT_CHAIN,
	  .word = "above did not issue" },
	{ "no CA",
	  INTER,
	  { "basicConstraints", "critical,CA:FALSE" },
	  .want = PROOF_CERT_CHAIN,
	  .word = "no authority" },
	{ "no constraints",
	  INTER,
	  { "basicConstraints", NULL },
	  .want = PROOF_CERT_CHAIN,
	  .word = "no authority" },
	{ "root's path",
	  ROOT,
	  { "basicConstraints", "critical,CA:TRUE,pathlen:0" },
	  .want = PROOF_CERT_CHAIN,
	  .word = "longer than it allows" },
	{ "root's path is endless", ROOT, { "basicConstraints", "critical,CA:TRUE" } },
	{ "signs no certificates",
	  INTER,
	  { "keyUsage", "critical,digitalSignature" },
	  .want = PROOF_CERT_CHAIN,
	  .word = "no authority" },
	{ "root signs none",
	  ROOT,
	  { "keyUsage", "critical,cRLSign" },
	  .want = PROOF_CERT_CHAIN,
	  .word = "above did not issue" },
	{ "intermediate's purpose",
	  INTER,
	  { "extendedKeyUsage", "timeStamping" },
	  .want = PROOF_CERT_CHAIN,
	  .word = "another purpose" },
	{ "of every purpose", INTER, { "extendedKeyUsage", NULL } },
	{ "intermediate's critical",
	  INTER,
	  { "1.2.3.4", "critical,DER:0500" },
	  .want = PROOF_CERT_CHAIN,
	  .word = "critical extension" },
	{ "names",
	  INTER,
	  { "nameConstraints", "permitted;email:example.org" },
	  .want = PROOF_CERT_CHAIN,
	  .word = "constrains names" },
};

static void a_chain_holds_or_says_why(void **state)
{

	(void)state;
	for (size_t i = 0; i < countof(chain_cases); i++) {
		struct chain w;
		struct made_root made;
		struct attest_root *r;
		struct attest_path path = { 0 };
		struct err why = ERR_INIT;
		int k;

		make_chain(&w, &chain_cases[i]);
		made = root_of(&w, &chain_cases[i]);
		r = made_parse(&made);
		k = verify(&w, r, chain_cases[i].times, &path, &why);
		if (k != chain_cases[i].want ||
		    (chain_cases[i].word && !strstr(why.message, chain_cases[i].word)))
			fail_msg("%s: %d, not %d: %s", chain_cases[i].name, k, chain_cases[i].want,
				 why.message);
		if (!k)
			assert_string_equal(path.authority, "https://ca.example");
		assert_true(!path.issuer == (k != 0));
		attest_root_free(r);
		free_chain(&w);
	}
}

static void times_are_wanted_and_bounded(void **state)
{
	static const struct chain_case good = { "good", .part = NONE };
	struct chain w;
	struct made_root made;
	struct attest_root *r;
	struct attest_cert *c = NULL;
	struct attest_path path;
	struct when at[ATTEST_TIMES_MAX + 1];
	struct err why = ERR_INIT;

	(void)state;
	make_chain(&w, &good);
	made = root_of(&w, &good);
	r = made_parse(&made);
	for (size_t i = 0; i < countof(at); i++)
		at[i] = made_when(IN);
	assert_int_equal(attest_cert_read(&c, made_der(w.leaf, &w.a), &why), 0);
	assert_int_equal(attest_cert_chain(&path, c, r, at, 0, &why), PROOF_TIME_NONE);
	assert_int_equal(attest_cert_chain(&path, c, r, at, ATTEST_TIMES_MAX, &why), 0);
	assert_int_equal(attest_cert_chain(&path, c, r, at, ATTEST_TIMES_MAX + 1, &why), PROOF_ATT_LIMIT);
	at[1] = WHEN_NONE;
	assert_int_equal(attest_cert_chain(&path, c, r, at, 2, &why), PROOF_CERT_TIME);
	attest_cert_free(c);
	attest_root_free(r);
	free_chain(&w);
}

/* Two intermediates of one name: the one that signed is the path (sigstore-rust 43a6a67), and each time has its own window. */
static void the_path_is_the_signer_s(void **state)
{
	static const struct chain_case good = { "good", .part = NONE };
	struct chain w, other;
	struct made_root made;
	struct attest_root *r;
	struct attest_path path;
	struct attest_key *issuer = NULL;
	struct err why = ERR_INIT;

	(void)state;
	make_chain(&w, &good);
	make_chain(&other, &good);
	made = root_of(&other, &good);
	made.cas[0].uri = "https://other.example";
	made.cas[1] = (struct made_authority){
		"https://ca.example", "2022-01-01T00:00:00Z", "2026-06-01T12:03:00Z", { w.inter, w.root }
	};
	made.cas[2] = (struct made_authority){
		"https://ca.example", "2026-06-01T12:04:00Z", NULL, { w.inter, w.root }
	};
	r = made_parse(&made);
	assert_int_equal(attest_key_spki(&issuer, made_spki(w.inter_key, &w.a), &why), 0);
	assert_int_equal(verify(&w, r, (const char *[]){ "2026-06-01T12:02:00Z", IN, NULL }, &path, &why), 0);
	assert_string_equal(path.authority, "https://ca.example");
	assert_true(attest_key_same(path.issuer, issuer));
	assert_int_equal(verify(&w, r, (const char *[]){ "2026-06-01T12:03:30Z", IN, NULL }, &path, &why),
			 PROOF_CERT_TIME);
	attest_key_free(issuer);
	attest_root_free(r);
	free_chain(&w);
	free_chain(&other);
}

static void a_bundle_brings_no_root(void **state)
{
	static const struct chain_case good = { "good", .part = NONE };
	struct chain w;
	struct span der;
	struct err why = ERR_INIT;

	(void)state;
	make_chain(&w, &good);
	assert_int_equal(attest_cert_hint(made_der(w.inter, &w.a), &why), 0);
	assert_int_equal(attest_cert_hint(made_der(w.root, &w.a), &why), PROOF_CERT_CHAIN);
	der = made_der(w.inter, &w.a);
	der.n--;
	assert_int_equal(attest_cert_hint(der, &why), PROOF_ATT_PARSE);
	free_chain(&w);
}

/* What is not decoded with the certificate is decoded when it is asked for, and is the same. */
static void a_key_may_be_read_later(void **state)
{
	static const char *const groups[] = { "P-256", "P-384", "P-521", "RSA", "secp256k1" };

	(void)state;
	for (size_t i = 0; i < countof(groups); i++) {
		struct arena a = ARENA_INIT;
		EVP_PKEY *pkey = made_key(groups[i]);
		X509 *made = made_cert(&made_leaf_spec, NULL, pkey, NULL, NULL);
		X509 *x = attest_x509_keyless(made_der(made, &a));
		struct err why = ERR_INIT;
		struct attest_key *k;
		unsigned char sha[ATTEST_HASH_MAX];

		assert_non_null(x);
		assert_null(X509_get0_pubkey(x));
		k = attest_x509_key(x, &why);
		assert_int_equal(k == NULL, strcmp(groups[i], "secp256k1") == 0);
		if (k) {
			(void)attest_hash("sha256", made_spki(pkey, &a), sha);
			assert_memory_equal(attest_key_sha256(k), sha, 32);
		}
		ERR_clear_error();
		attest_key_free(k);
		X509_free(x);
		X509_free(made);
		EVP_PKEY_free(pkey);
		arena_done(&a);
	}
}

static void a_certificate_is_whole(void **state)
{
	static const struct chain_case good = { "good", .part = NONE };
	static unsigned char big[ATTEST_CERT_MAX + 1];
	struct chain w;
	struct span der;
	struct attest_cert *c = NULL;
	struct err why = ERR_INIT;

	(void)state;
	make_chain(&w, &good);
	der = made_der(w.leaf, &w.a);
	memcpy(big, der.p, der.n);
	assert_int_equal(attest_cert_read(&c, made_span(big, der.n), &why), 0);
	assert_true(span_eq(attest_cert_der(c), der));
	attest_cert_free(c);
	assert_int_equal(attest_cert_read(&c, made_span(big, der.n + 1), &why), PROOF_ATT_PARSE);
	assert_int_equal(attest_cert_read(&c, made_span(big, der.n - 1), &why), PROOF_ATT_PARSE);
	assert_int_equal(attest_cert_read(&c, made_span(big, 0), &why), PROOF_ATT_PARSE);
	assert_int_equal(attest_cert_read(&c, made_span(big, sizeof(big)), &why), PROOF_ATT_LIMIT);
	assert_null(c);
	free_chain(&w);
}

/* ---- who signed --------------------------------------------------------------------------------------------------------- */

struct who {
	const char *name, *value; /* an extension, as made_ext */
	int want;
	const char *word; /* of the refusal */
	int kind;         /* of the SAN */
	const char *san;  /* NULL: SAN */
	int oid;          /* one to look at, and its text */
	const char *text;
};

#define OID(n) "1.3.6.1.4.1.57264.1." n

static void an_identity_is_read_whole(void **state)
{
	static const struct who cases[] = {
		{ NULL, NULL, .kind = ATTEST_SAN_URI, .oid = 8, .text = ISSUER },
		{ "subjectAltName", "critical,email:a@example.org", .kind = ATTEST_SAN_EMAIL,
		  .san = "a@example.org" },
		{ "subjectAltName", "otherName:" OID("7") ";UTF8:robot", .kind = ATTEST_SAN_OTHER,
		  .san = "robot" },
		{ "subjectAltName", "otherName:" OID("7") ";IA5:robot", PROOF_ATT_PARSE, "no known kind" },
		{ "subjectAltName", "otherName:" OID("6") ";UTF8:robot", PROOF_ATT_PARSE, "no known kind" },
		{ "subjectAltName", "otherName:1.3.6.1.4.1.57264.2.7;UTF8:robot", PROOF_ATT_PARSE,
		  "no known kind" },
		{ "subjectAltName", "DNS:example.org", PROOF_ATT_PARSE, "no known kind" },
		{ "subjectAltName", "URI:" SAN ",email:a@example.org", PROOF_ID_SAN, "exactly one" },
		{ "subjectAltName", NULL, PROOF_ID_SAN, "exactly one" },
		{ "subjectAltName", "DER:3000", PROOF_ID_SAN, "exactly one" },
		/* https://a and a NUL; a byte that is no UTF-8; nothing */
		{ "subjectAltName", "DER:300c860a68747470733a2f2f6100", PROOF_ATT_PARSE, "damaged" },
		{ "subjectAltName", "DER:300c860a68747470733a2f2f61ff", PROOF_ATT_PARSE, "damaged" },
		{ "subjectAltName", "DER:30028600", PROOF_ATT_PARSE, "damaged" },
		{ OID("12"), "ASN1:UTF8String:https://github.com/o/r", .kind = ATTEST_SAN_URI,
		  .oid = ATTEST_OID_REPO, .text = "https://github.com/o/r" },
		{ OID("24"), "ASN1:UTF8String:sub", .kind = ATTEST_SAN_URI, .oid = ATTEST_OID_SUB,
		  .text = "sub" },
		{ OID("23"), "ASN1:UTF8String:prod", .kind = ATTEST_SAN_URI, .oid = ATTEST_OID_ENVIRONMENT,
		  .text = "prod" },
		{ OID("5"), "DER:6f2f72", .kind = ATTEST_SAN_URI, .oid = 5, .text = "o/r" },
		{ OID("25"), "DER:00", .kind = ATTEST_SAN_URI },
		{ OID("12"), "ASN1:IA5String:x", PROOF_ATT_PARSE, "57264.1.12" },
		{ OID("12"), "DER:0c0161aa", PROOF_ATT_PARSE, "57264.1.12" },
		{ OID("12"), "DER:0c03610062", PROOF_ATT_PARSE, "57264.1.12" },
		{ OID("12"), "DER:0c026100", PROOF_ATT_PARSE, "57264.1.12" },
		{ OID("12"), "DER:0c01ff", PROOF_ATT_PARSE, "57264.1.12" },
		{ OID("12"), "DER:0c05616263", PROOF_ATT_PARSE, "57264.1.12" },
		{ OID("1"), "DER:610062", PROOF_ATT_PARSE, "57264.1.1 " },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct chain_case how = { "who", LEAF, { cases[i].name, cases[i].value } };
		struct chain w;
		struct attest_cert *c = NULL;
		struct attest_identity id;
		struct err why = ERR_INIT;
		int k;

		make_chain(&w, &how);
		assert_int_equal(attest_cert_read(&c, made_der(w.leaf, &w.a), &why), 0);
		k = attest_cert_identity(&id, c, &w.a, &why);
		if (k != cases[i].want || (cases[i].word && !strstr(why.message, cases[i].word)))
			fail_msg("%zu (%s): %d, not %d: %s", i, cases[i].value, k, cases[i].want,
				 why.message);
		assert_int_equal(id.san_kind, cases[i].kind);
		if (k)
			assert_null(id.san);
		else
			assert_string_equal(id.san, cases[i].san ? cases[i].san : SAN);
		if (cases[i].text)
			assert_string_equal(id.oid[cases[i].oid], cases[i].text);
		attest_cert_free(c);
		free_chain(&w);
	}
}

static void the_issuer_has_an_older_form(void **state)
{
	static const struct made_spec old = { NULL,
					      LEAF_FROM,
					      LEAF_UNTIL,
					      { { "subjectAltName", "URI:" SAN },
						{ OID("1"), "DER:68747470733a2f2f6f6c64" } },
					      0 };
	static const struct made_spec twice = { NULL,
						LEAF_FROM,
						LEAF_UNTIL,
						{ { "subjectAltName", "URI:" SAN },
						  { OID("9"), "ASN1:UTF8String:a" },
						  { OID("9"), "ASN1:UTF8String:b" } },
						0 };
	struct arena a = ARENA_INIT;
	EVP_PKEY *k = made_key("P-256");
	X509 *x = made_cert(&old, NULL, k, NULL, NULL), *y = made_cert(&twice, NULL, k, NULL, NULL);
	struct attest_cert *c = NULL;
	struct attest_identity id;
	struct err why = ERR_INIT;

	(void)state;
	assert_int_equal(attest_cert_read(&c, made_der(x, &a), &why), 0);
	assert_int_equal(attest_cert_identity(&id, c, &a, &why), 0);
	assert_string_equal(id.issuer, "https://old");
	assert_int_equal(id.not_before.ms, made_when("2026-06-01T12:00:00Z").ms);
	assert_int_equal(id.not_after.ms, made_when("2026-06-01T12:10:00Z").ms);
	assert_int_equal(strspn(id.serial, "0123456789abcdef"), strlen(id.serial));
	attest_cert_free(c);
	assert_int_equal(attest_cert_read(&c, made_der(y, &a), &why), 0);
	assert_int_equal(attest_cert_identity(&id, c, &a, &why), PROOF_ATT_PARSE);
	assert_non_null(strstr(why.message, "twice"));
	attest_cert_free(c);
	X509_free(x);
	X509_free(y);
	EVP_PKEY_free(k);
	arena_done(&a);
}

static void times_are_read_in_one_form(void **state)
{
	static const struct {
		int type;
		const char *text, *iso; /* NULL: refused */
	} cases[] = {
		{ V_ASN1_UTCTIME, "260601120500Z", "2026-06-01T12:05:00Z" },
		{ V_ASN1_UTCTIME, "500101000000Z", NULL }, /* 1950: before our time */
		{ V_ASN1_UTCTIME, "700101000001Z", "1970-01-01T00:00:01Z" },
		{ V_ASN1_UTCTIME, "491231235959Z", "2049-12-31T23:59:59Z" },
		{ V_ASN1_UTCTIME, "2606011205Z", NULL },
		{ V_ASN1_UTCTIME, "260601120500.5Z", NULL },
		{ V_ASN1_UTCTIME, "260601120500+", NULL },
		{ V_ASN1_UTCTIME, "26060112050 Z", NULL },
		{ V_ASN1_GENERALIZEDTIME, "20260601120500Z", "2026-06-01T12:05:00Z" },
		{ V_ASN1_GENERALIZEDTIME, "20260601120500.25Z", "2026-06-01T12:05:00.25Z" },
		{ V_ASN1_GENERALIZEDTIME, "20260601120500.Z", NULL },
		{ V_ASN1_GENERALIZEDTIME, "20260601120500,5Z", NULL },
		{ V_ASN1_GENERALIZEDTIME, "20260601120500+0100", NULL },
		{ V_ASN1_GENERALIZEDTIME, "20260601120500+01:00", NULL },
		{ V_ASN1_GENERALIZEDTIME, "20260601120500Z#Z", NULL }, /* # is a NUL */
		{ V_ASN1_GENERALIZEDTIME, "20260601120500ZZ", NULL },
		{ V_ASN1_GENERALIZEDTIME, "20260601120500.2555555555555Z", NULL },
		{ V_ASN1_GENERALIZEDTIME, "20261301120500Z", NULL },
		{ V_ASN1_GENERALIZEDTIME, "", NULL },
		{ V_ASN1_IA5STRING, "20260601120500Z", NULL },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		ASN1_STRING *s = ASN1_STRING_type_new(cases[i].type);
		struct when t = WHEN_NONE;

		ASN1_STRING_set(s, cases[i].text, (int)strlen(cases[i].text));
		if (strchr(cases[i].text, '#'))
			*strchr((char *)(uintptr_t)ASN1_STRING_get0_data(s), '#') = 0;
		if (attest_asn1_when(&t, s) != (cases[i].iso != NULL))
			fail_msg("%s", cases[i].text);
		if (cases[i].iso)
			assert_int_equal(t.ms, made_when(cases[i].iso).ms);
		ASN1_STRING_free(s);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chain_holds_or_says_why),  cmocka_unit_test(times_are_wanted_and_bounded),
		cmocka_unit_test(the_path_is_the_signer_s),   cmocka_unit_test(a_bundle_brings_no_root),
		cmocka_unit_test(a_certificate_is_whole),     cmocka_unit_test(a_key_may_be_read_later),
		cmocka_unit_test(an_identity_is_read_whole),  cmocka_unit_test(the_issuer_has_an_older_form),
		cmocka_unit_test(times_are_read_in_one_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
