/*
 * tuf_repo.h - what a mirror of The Update Framework has, made and signed for a test.
 */
#pragma once

#include "core/adapters/attest/tuf_meta.h"
#include "tests/unit/attest/tuf_shelf.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>

#define TUF_KEYS 8
struct tuf_repo {
	struct arena *a;
	EVP_PKEY *key[TUF_KEYS];
	const char *scheme[TUF_KEYS]; /* NULL: ecdsa-sha2-nistp256 */
	bool hex[TUF_KEYS];           /* the key is written in hex */
	struct tuf_shelf mirror, cache;
};

static inline const char *repo_hex(const struct tuf_repo *r, const void *p, size_t n)
{
	return span_hex(made_span(p, n), r->a);
}

static inline const char *repo_public(const struct tuf_repo *r, size_t k)
{
	struct span spki = made_spki(r->key[k], r->a);
	size_t raw = EVP_PKEY_get_base_id(r->key[k]) == EVP_PKEY_ED25519 ? 32 : 65;
	BIO *b;
	char *text;
	long n;
	const char *out;

	if (r->hex[k])
		return repo_hex(r, spki.p + spki.n - raw, raw);
	b = BIO_new(BIO_s_mem());
	assert_int_equal(PEM_write_bio_PUBKEY(b, r->key[k]), 1);
	n = BIO_get_mem_data(b, &text);
	out = arena_strndup(r->a, text, (size_t)n);
	BIO_free(b);
	return out;
}

static inline const char *repo_sign(const struct tuf_repo *r, size_t k, struct span message)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx = NULL;
	bool ed = EVP_PKEY_get_base_id(r->key[k]) == EVP_PKEY_ED25519;
	bool p384 = r->scheme[k] && strstr(r->scheme[k], "384");
	unsigned char sig[1024];
	size_t n = sizeof(sig);

	assert_int_equal(EVP_DigestSignInit(ctx, &pctx,
					    ed     ? NULL
					    : p384 ? EVP_sha384()
						   : EVP_sha256(),
					    NULL, r->key[k]),
			 1);
	if (EVP_PKEY_get_base_id(r->key[k]) == EVP_PKEY_RSA) {
		assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING), 1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST), 1);
	}
	assert_int_equal(EVP_DigestSign(ctx, sig, &n, message.p, message.n), 1);
	EVP_MD_CTX_free(ctx);
	return repo_hex(r, sig, n);
}

/* The document with signatures by the keys whose digits are in `by`; a digit behind '!' makes an empty one, behind '~' a
 * wrong one. */
static inline const char *repo_doc(const struct tuf_repo *r, const char *body, const char *by)
{
	struct buf text = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
	struct json *j = NULL;
	struct err e = ERR_INIT;
	const char *doc;

	assert_int_equal(json_parse(&j, body, strlen(body), 1 << 20, &e), 0);
	assert_true(tuf_canonical(&text, j));
	json_free(j);
	buf_fmt(&out, "{\"signed\": %s, \"signatures\": [", body);
	for (const char *p = by, *comma = ""; *p; p++, comma = ",") {
		char how = *p == '!' || *p == '~' ? *p++ : ' ';
		size_t k = (size_t)(*p - '0');
		const char *sig = how == '!' ? "" : repo_sign(r, k, made_span(text.s, text.n - (how == '~')));

		buf_fmt(&out, "%s{\"keyid\":\"k%zu\",\"sig\":\"%s\"}", comma, k, sig);
	}
	buf_str(&out, "]}");
	doc = arena_strndup(r->a, out.s, out.n);
	buf_done(&text);
	buf_done(&out);
	return doc;
}

static inline const char *repo_ids(const struct tuf_repo *r, const char *keys, int threshold)
{
	const char *out = "{\"keyids\":[", *comma = "";

	for (; *keys; keys++, comma = ",")
		out = arena_printf(r->a, "%s%s\"k%c\"", out, comma, *keys);
	return arena_printf(r->a, "%s],\"threshold\":%d}", out, threshold);
}

struct repo_root {
	int version;
	const char *keys; /* digits: of the root */
	int threshold;
	const char *online; /* of timestamp, snapshot and targets; NULL "3" */
	const char *expires;
	const char *by;
	bool loose; /* no consistent snapshots */
};

static inline const char *repo_root(struct tuf_repo *r, const struct repo_root *o)
{
	const char *online = repo_ids(r, o->online ? o->online : "3", 1), *keys = "", *comma = "";
	struct buf pem = BUF_INIT(1 << 20);
	struct jw w;

	for (size_t k = 0; k < TUF_KEYS && r->key[k]; k++, comma = ",") {
		const char *scheme = r->scheme[k] ? r->scheme[k] : "ecdsa-sha2-nistp256";

		buf_reset(&pem);
		jw_init(&w, &pem);
		jw_raw_str(&w, repo_public(r, k));
		keys = arena_printf(r->a,
				    "%s%s\"k%zu\":{\"keytype\":\"%s\",\"scheme\":\"%s\",\"x\":null,"
				    "\"keyval\":{\"public\":%s}}",
				    keys, comma, k,
				    strncmp(scheme, "rsa", 3) == 0     ? "rsa"
				    : strncmp(scheme, "ecdsa", 5) == 0 ? "ecdsa"
								       : scheme,
				    scheme, pem.s);
	}
	buf_done(&pem);
	return repo_doc(r,
			arena_printf(r->a,
				     "{\"_type\":\"root\",\"spec_version\":\"1.0.31\",\"version\":%d,"
				     "\"expires\":\"%s\",\"x-more\":[true,{\"b\":1,\"a\":\"\\\"\\\\\"}],"
				     "\"consistent_snapshot\":%s,\"keys\":{%s},\"roles\":{\"root\":%s,"
				     "\"timestamp\":%s,\"snapshot\":%s,\"targets\":%s}}",
				     o->version, o->expires ? o->expires : "2027-01-01T00:00:00Z",
				     o->loose ? "false" : "true", keys, repo_ids(r, o->keys, o->threshold),
				     online, online, online),
			o->by);
}

static inline const char *repo_body(const struct tuf_repo *r, const char *type, int version,
				    const char *expires, const char *rest)
{
	return arena_printf(
		r->a, "{\"_type\":\"%s\",\"spec_version\":\"1.0\",\"version\":%d,\"expires\":\"%s\",%s}",
		type, version, expires ? expires : "2026-06-08T00:00:00Z", rest);
}

static inline const char *repo_sha256(const struct tuf_repo *r, const char *text)
{
	unsigned char hash[ATTEST_HASH_MAX];
	size_t n = attest_hash("sha256", made_span(text, strlen(text)), hash);

	return repo_hex(r, hash, n);
}

/* Versions, and what is spoilt. */
struct repo_state {
	int timestamp, snapshot, targets;
	const char *file;    /* what the targets say of it; NULL: "the file" */
	const char *extra;   /* more in META of the snapshot, begins with ',' */
	const char *by;      /* digit; NULL "3" */
	const char *expires; /* of the role whose first letter is *expires_of */
	const char *expires_of;
	bool loose;
};

static inline const char *repo_expires(const struct repo_state *s, char role)
{
	return s->expires_of && *s->expires_of == role ? s->expires : NULL;
}

/* Puts the three of them and the file onto the mirror. */
static inline void repo_publish(struct tuf_repo *r, const struct repo_state *s)
{
	const char *file = s->file ? s->file : "the file", *by = s->by ? s->by : "3";
	const char *hash = repo_sha256(r, file), *doc;

	shelf_text(&r->mirror, s->loose ? "targets/t.json" : arena_printf(r->a, "targets/%s.t.json", hash),
		   file);
	doc = arena_printf(r->a, "\"targets\":{\"t.json\":{\"length\":%zu,\"hashes\":{\"sha256\":\"%s\"}}}",
			   strlen(file), hash);
	doc = repo_doc(r, repo_body(r, "targets", s->targets, repo_expires(s, 'g'), doc), by);
	shelf_text(&r->mirror, s->loose ? "targets.json" : arena_printf(r->a, "%d.targets.json", s->targets),
		   doc);
	doc = arena_printf(r->a,
			   "\"meta\":{\"targets.json\":{\"version\":%d,\"length\":%zu,\"hashes\":{\"sha256\":"
			   "\"%s\"}}%s}",
			   s->targets, strlen(doc), repo_sha256(r, doc), s->extra ? s->extra : "");
	doc = repo_doc(r, repo_body(r, "snapshot", s->snapshot, repo_expires(s, 's'), doc), by);
	shelf_text(&r->mirror,
		   s->loose ? "snapshot.json" : arena_printf(r->a, "%d.snapshot.json", s->snapshot), doc);
	doc = arena_printf(r->a, "\"meta\":{\"snapshot.json\":{\"version\":%d}}", s->snapshot);
	doc = repo_doc(r, repo_body(r, "timestamp", s->timestamp, repo_expires(s, 't'), doc), by);
	shelf_text(&r->mirror, "timestamp.json", doc);
}

static inline void repo_open(struct tuf_repo *r, struct arena *a)
{
	*r = (struct tuf_repo){ .a = a, .mirror.a = a, .cache.a = a };
	for (size_t k = 0; k < 5; k++)
		r->key[k] = made_key("P-256");
}

static inline void repo_close(struct tuf_repo *r)
{
	for (size_t k = 0; k < TUF_KEYS; k++)
		EVP_PKEY_free(r->key[k]);
}

struct repo_answer {
	int r;
	struct tuf_found found;
	struct err e;
};

static inline struct repo_answer repo_update(struct tuf_repo *r, const char *anchor, const char *target,
					     const char *now, bool online)
{
	const struct tuf_place mirror = { shelf_read, NULL, &r->mirror };
	const struct tuf_place cache = { shelf_read, shelf_write, &r->cache };
	const struct tuf_from from = { .anchor = anchor,
				       .anchor_n = strlen(anchor),
				       .cache = &cache,
				       .mirror = online ? &mirror : NULL,
				       .now = made_when(now) };
	struct repo_answer out = { .e = ERR_INIT };

	out.r = attest_tuf_update(&out.found, &from, target, r->a, &out.e);
	return out;
}
