#include "tests/unit/attest/made.h"

#include "base/json.h"
#include "base/path.h"

#include <openssl/err.h>
#include <openssl/pem.h>

static struct attest_key *read_key(EVP_PKEY *k)
{
	struct arena a = ARENA_INIT;
	struct attest_key *out = NULL;
	struct err why = ERR_INIT;

	if (attest_key_spki(&out, made_spki(k, &a), &why))
		print_message("%s\n", why.message);
	arena_done(&a);
	return out;
}

static size_t sign(EVP_PKEY *k, const EVP_MD *md, const char *text, unsigned char out[1024])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = 1024;

	assert_int_equal(EVP_DigestSignInit(ctx, NULL, md, NULL, k), 1);
	assert_int_equal(EVP_DigestSign(ctx, out, &n, (const unsigned char *)text, strlen(text)), 1);
	EVP_MD_CTX_free(ctx);
	return n;
}

/* The hash is the key's: a good signature made with another is none. */
static void the_key_decides_the_hash(void **state)
{
	static const struct {
		const char *group, *algorithm, *hash;
		const EVP_MD *(*md)(void), *(*other)(void);
	} cases[] = {
		{ "P-256", "ecdsa-p256-sha256", "sha256", EVP_sha256, EVP_sha384 },
		{ "P-384", "ecdsa-p384-sha384", "sha384", EVP_sha384, EVP_sha256 },
		{ "P-521", "ecdsa-p521-sha512", "sha512", EVP_sha512, EVP_sha256 },
		{ "RSA", "rsa-pkcs1-sha256", "sha256", EVP_sha256, EVP_sha1 },
		{ "ED25519", "ed25519", NULL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		EVP_PKEY *pkey = made_key(cases[i].group);
		struct attest_key *k = read_key(pkey);
		unsigned char sig[1024], digest[ATTEST_HASH_MAX];
		struct span text = made_span("text", 4), s;
		struct err why = ERR_INIT;
		size_t n;

		assert_non_null(k);
		assert_string_equal(attest_key_algorithm(k), cases[i].algorithm);
		assert_true(text_eq(attest_key_hash(k), cases[i].hash));
		s = made_span(sig, sign(pkey, cases[i].md ? cases[i].md() : NULL, "text", sig));
		assert_int_equal(attest_key_verify(k, s, text, &why), 0);
		assert_int_equal(attest_key_verify(k, s, made_span("texx", 4), &why), PROOF_SIG_BAD);
		assert_int_equal(attest_key_verify(k, made_span(sig, 0), text, &why), PROOF_SIG_BAD);
		n = attest_hash(cases[i].hash, text, digest);
		assert_int_equal(attest_key_verify_digest(k, s, made_span(digest, n), &why),
				 cases[i].hash ? 0 : PROOF_SIG_BAD);
		if (cases[i].hash) {
			assert_int_equal(attest_key_verify_digest(k, s, made_span(digest, n - 1), &why),
					 PROOF_SIG_BAD);
			digest[0] ^= 1;
			assert_int_equal(attest_key_verify_digest(k, s, made_span(digest, n), &why),
					 PROOF_SIG_BAD);
			s = made_span(sig, sign(pkey, cases[i].other(), "text", sig));
			assert_int_equal(attest_key_verify(k, s, text, &why), PROOF_SIG_BAD);
		}
		attest_key_free(k);
		EVP_PKEY_free(pkey);
	}
}

static void other_kinds_are_refused(void **state)
{
	EVP_PKEY *keys[] = { EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024),
			     EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1"),
			     EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-224"),
			     EVP_PKEY_Q_keygen(NULL, NULL, "X25519"),
			     EVP_PKEY_Q_keygen(NULL, NULL, "ED448") };

	(void)state;
	for (size_t i = 0; i < countof(keys); i++) {
		assert_non_null(keys[i]);
		assert_null(read_key(keys[i]));
		EVP_PKEY_free(keys[i]);
	}
}

static void a_key_is_whole(void **state)
{
	struct arena a = ARENA_INIT;
	EVP_PKEY *pkey = made_key("P-256");
	struct span der = made_spki(pkey, &a);
	struct attest_key *k = NULL;
	struct err why = ERR_INIT;
	unsigned char longer[256] = { 0 };

	(void)state;
	memcpy(longer, der.p, der.n);
	assert_int_equal(attest_key_spki(&k, made_span(longer, der.n), &why), 0);
	attest_key_free(k);
	assert_int_equal(attest_key_spki(&k, made_span(longer, der.n + 1), &why), PROOF_SIG_BAD);
	assert_int_equal(attest_key_spki(&k, made_span(longer, der.n - 1), &why), PROOF_SIG_BAD);
	assert_int_equal(attest_key_spki(&k, made_span(longer, 0), &why), PROOF_SIG_BAD);
	longer[der.n - 1] ^= 1; /* a point that is not on the curve */
	assert_int_equal(attest_key_spki(&k, made_span(longer, der.n), &why), PROOF_SIG_BAD);
	assert_null(k);
	EVP_PKEY_free(pkey);
	arena_done(&a);
}

/* A point in its usual form is read without OpenSSL's decoder: with any bit of it turned, it is the key that the decoder
 * reads, or none where that reads none. */
static void a_point_is_what_the_decoder_says(void **state)
{
	static const char *const groups[] = { "P-256", "P-384" };
	struct arena a = ARENA_INIT;
	size_t keys = 0;

	(void)state;
	for (size_t g = 0; g < countof(groups); g++) {
		EVP_PKEY *pkey = made_key(groups[g]);
		struct span der = made_spki(pkey, &a);

		for (size_t bit = 0; bit <= 8 * der.n; bit++) {
			unsigned char *turned = arena_array(&a, unsigned char, der.n);
			const unsigned char *at = turned;
			struct attest_key *k = NULL;
			struct err why = ERR_INIT;
			EVP_PKEY *theirs;
			struct attest_key *same;

			memcpy(turned, der.p, der.n);
			if (bit < 8 * der.n)
				turned[bit / 8] ^= (unsigned char)(1 << bit % 8);
			theirs = d2i_PUBKEY(NULL, &at, (long)der.n);
			if (attest_key_spki(&k, made_span(turned, der.n), &why) == 0) {
				same = read_key(theirs);
				assert_true(attest_key_same(k, same));
				attest_key_free(same);
				keys++;
			}
			attest_key_free(k);
			EVP_PKEY_free(theirs);
		}
		EVP_PKEY_free(pkey);
	}
	assert_true(keys >= countof(groups));
	ERR_clear_error();
	arena_done(&a);
}

static char *pem_of(EVP_PKEY *k, struct arena *a)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *text;
	long n;

	assert_int_equal(PEM_write_bio_PUBKEY(bio, k), 1);
	n = BIO_get_mem_data(bio, &data);
	text = arena_strndup(a, data, (size_t)n);
	BIO_free(bio);
	return text;
}

static void pem_holds_one_public_key(void **state)
{
	struct arena a = ARENA_INIT;
	EVP_PKEY *pkey = made_key("P-256"), *other = made_key("P-256");
	const char *pem = pem_of(pkey, &a);
	struct attest_key *k = NULL, *same = read_key(pkey), *not_same = read_key(other);
	struct err why = ERR_INIT;

	(void)state;
	assert_int_equal(attest_key_pem(&k, pem, &why), 0);
	assert_true(attest_key_same(k, same));
	assert_false(attest_key_same(k, not_same));
	attest_key_free(k);
	assert_int_equal(attest_key_pem(&k, arena_printf(&a, "%s%s", pem, pem_of(other, &a)), &why),
			 PROOF_SIG_BAD);
	assert_int_equal(attest_key_pem(&k, "", &why), PROOF_SIG_BAD);
	assert_int_equal(attest_key_pem(&k, NULL, &why), PROOF_SIG_BAD);
	assert_int_equal(attest_key_pem(&k, "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n", &why),
			 PROOF_SIG_BAD);
	assert_int_equal(attest_key_pem(&k, "-----BEGIN FISH-----\nYQ==\n-----END FISH-----\n", &why),
			 PROOF_SIG_BAD);
	assert_non_null(strstr(why.message, "FISH"));
	attest_key_free(same);
	attest_key_free(not_same);
	EVP_PKEY_free(pkey);
	EVP_PKEY_free(other);
	arena_done(&a);
}

static void the_floor_of_openssl_is_told(void **state)
{
	static const struct {
		const char *version, *word; /* NULL: good */
	} cases[] = {
		{ "OpenSSL 3.0.22 25 Aug 2026", NULL },    { "OpenSSL 3.0.21 9 Jun 2026", NULL },
		{ "OpenSSL 3.6.3 9 Jun 2026", NULL },      { "OpenSSL 3.0.20 7 Apr 2026", "see which one" },
		{ "OpenSSL 3.0.19 27 Jan 2026", "lacks" }, { "OpenSSL 3.5.6 8 Jun 2026", "lacks" },
		{ "OpenSSL 3.0.11 19 Sep 2023", "lacks" }, { "BoringSSL", "lacks" },
		{ "OpenSSL 3.9.9 9 Fub 2027", "lacks" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		const char *said = attest_openssl_floor_of(cases[i].version);

		assert_int_equal(!said, !cases[i].word);
		if (said)
			assert_non_null(strstr(said, cases[i].word));
	}
	(void)attest_openssl_floor();
}

/* ---- Wycheproof ------------------------------------------------------------------------------------------------------- */

static struct span hex_bytes(const char *hex, struct arena *a)
{
	size_t n = strlen(hex) / 2;
	unsigned char *out = arena_array(a, unsigned char, n + 1);

	for (size_t i = 0; i < n; i++) {
		char pair[3] = { hex[2 * i], hex[2 * i + 1], 0 };

		out[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
	return made_span(out, n);
}

static size_t run_group(const struct json *group, struct arena *a)
{
	const struct json *tests = json_get(group, "tests");
	struct attest_key *k = NULL;
	struct err why = ERR_INIT;

	if (attest_key_spki(&k, hex_bytes(json_str(group, "publicKeyDer"), a), &why))
		fail_msg("a key of the vectors: %s", why.message);
	for (size_t i = 0; i < json_size(tests); i++) {
		const struct json *t = json_at(tests, i);
		bool want = strcmp(json_str(t, "result"), "valid") == 0;

		if ((attest_key_verify(k, hex_bytes(json_str(t, "sig"), a), hex_bytes(json_str(t, "msg"), a),
				       NULL) == 0) != want)
			fail_msg("case %" PRId64 ": %s", json_int(t, "tcId", 0), json_str(t, "comment"));
	}
	attest_key_free(k);
	return json_size(tests);
}

static void wycheproof_agrees(void **state)
{
	static const char *const files[] = {
		"primitives/ecdsa_secp256r1_sha256_test.json",
		"primitives/ecdsa_secp384r1_sha384_test.json",
		"primitives/ecdsa_secp521r1_sha512_test.json",
	};

	(void)state;
	for (size_t f = 0; f < countof(files); f++) {
		struct arena a = ARENA_INIT;
		autofree(buf) struct buf text = BUF_INIT((size_t)8 << 20);
		const char *path = made_vectors(&a, files[f]);
		struct json *doc = NULL;
		struct err e = ERR_INIT;
		size_t n = 0;

		if (path && path_read(&text, path, &e) == 0) {
			assert_int_equal(json_parse(&doc, text.s, text.n, (size_t)8 << 20, &e), 0);
			for (size_t i = 0; i < json_size(json_get(doc, "testGroups")); i++)
				n += run_group(json_at(json_get(doc, "testGroups"), i), &a);
			print_message("[ VECTORS  ] %s: %zu\n", files[f], n);
			json_free(doc);
		}
		arena_done(&a);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_key_decides_the_hash),
		cmocka_unit_test(other_kinds_are_refused),
		cmocka_unit_test(a_key_is_whole),
		cmocka_unit_test(a_point_is_what_the_decoder_says),
		cmocka_unit_test(pem_holds_one_public_key),
		cmocka_unit_test(the_floor_of_openssl_is_told),
		cmocka_unit_test(wycheproof_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
