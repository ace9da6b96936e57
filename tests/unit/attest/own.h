/* own.h - part of cases.h: envelopes by a key of our own, in no log, over statements that no authority would sign. */
#pragma once

static inline const char *case_base64(struct arena *a, const void *p, size_t n)
{
	struct buf b = BUF_INIT(2 * n + 8);
	const char *out;

	text_base64(&b, p, n);
	out = arena_strdup(a, b.s);
	buf_done(&b);
	return out;
}

/* An envelope by our own key, in no log. */
static inline const char *case_envelope(struct cases *c, const char *type, const char *payload)
{
	struct arena *a = &c->world.a;
	const char *pae =
		arena_printf(a, "DSSEv1 %zu %s %zu %s", strlen(type), type, strlen(payload), payload);
	unsigned char sig[256];
	size_t n = sizeof(sig);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, c->own) != 1 ||
	    EVP_DigestSign(ctx, sig, &n, (const unsigned char *)pae, strlen(pae)) != 1)
		n = 0;
	EVP_MD_CTX_free(ctx);
	return arena_printf(a,
			    "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\","
			    "\"verificationMaterial\":{\"publicKey\":{\"hint\":\"\"}},"
			    "\"dsseEnvelope\":{\"payload\":\"%s\",\"payloadType\":\"%s\",\"signatures\":[{"
			    "\"sig\":\"%s\"}]}}",
			    case_base64(a, payload, strlen(payload)), type, case_base64(a, sig, n));
}

static inline const char *case_own_key(struct cases *c)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *text;
	long n;

	c->own = EVP_EC_gen("P-256");
	if (!c->own || PEM_write_bio_PUBKEY(out, c->own) != 1)
		return "no key";
	n = BIO_get_mem_data(out, &text);
	c->own_pem = arena_strndup(&c->world.a, text, (size_t)n);
	BIO_free(out);
	return NULL;
}

#define CASE_SUBJECT      "{\"name\":\"f\",\"digest\":{\"sha256\":\"" ORDERED_HEX "\"}}"
#define CASE_STATEMENT(t) "{\"_type\":\"" t "\",\"predicateType\":\"p\",\"subject\":[" CASE_SUBJECT "]}"
#define CASE_INTOTO       "application/vnd.in-toto+json"

static const struct {
	const char *name, *type, *payload;
	enum proof_reason expected;
} own_cases[] = {
	{ "own: good", CASE_INTOTO, CASE_STATEMENT("https://in-toto.io/Statement/v1"), PROOF_OK },
	{ "own: first statements", CASE_INTOTO, CASE_STATEMENT("https://in-toto.io/Statement/v0.1"),
	  PROOF_OK },
	{ "own: a type of bytes beyond ASCII", "application/vnd.in-toto+json\xc3\xa9",
	  CASE_STATEMENT("https://in-toto.io/Statement/v1"), PROOF_PAYLOAD_TYPE },
	{ "own: another _type", CASE_INTOTO, CASE_STATEMENT("https://in-toto.io/Statement/v9"),
	  PROOF_ATT_VERSION },
	{ "own: no statement", CASE_INTOTO, "[]", PROOF_ATT_PARSE },
	{ "own: a member twice", CASE_INTOTO,
	  "{\"_type\":\"https://in-toto.io/Statement/"
	  "v1\",\"predicateType\":\"p\",\"predicateType\":\"p\",\"subject\":[" CASE_SUBJECT "]}",
	  PROOF_ATT_PARSE },
	{ "own: a subject without digest", CASE_INTOTO,
	  "{\"_type\":\"https://in-toto.io/Statement/"
	  "v1\",\"predicateType\":\"p\",\"subject\":[{\"name\":\"f\"}," CASE_SUBJECT "]}",
	  PROOF_ATT_PARSE },
	{ "own: no subjects", CASE_INTOTO,
	  "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":\"p\",\"subject\":[]}",
	  PROOF_SUBJ_DIGEST },
	{ "own: the digest in other letters", CASE_INTOTO,
	  "{\"_type\":\"https://in-toto.io/Statement/"
	  "v1\",\"predicateType\":\"p\",\"subject\":[{\"name\":\"f\",\"digest\":{\"sha512\":\"" ORDERED_HEX
	  "\"}}]}",
	  PROOF_SUBJ_DIGEST },
};

static inline void cases_of_our_own(struct cases *c)
{
	struct authority_order o = { .instance = AUTHORITY_KEY, .predicate = AUTHORITY_MESSAGE };

	for (size_t i = 0; i < countof(own_cases); i++) {
		const char *bundle = case_envelope(c, own_cases[i].type, own_cases[i].payload);

		case_add(c, own_cases[i].name, bundle, strlen(bundle), &o, own_cases[i].expected);
		c->list.items[c->list.n - 1].root = NULL;
		c->list.items[c->list.n - 1].key = c->own_pem;
	}
}
