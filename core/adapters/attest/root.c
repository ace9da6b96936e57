#include "core/adapters/attest/chain.h"

#include "base/json.h"

#define ID_MAX  64  /* bytes of a log's id; SHA-256 has 32 */
#define URL_MAX 256 /* of a log or an authority */

struct attest_root {
	struct arena arena;
	const char *sha;
	struct attest_log *tlogs, *ctlogs;
	struct attest_authority *cas, *tsas;
	size_t tlogs_n, ctlogs_n, cas_n, tsas_n;
	struct when since, until;
};

/* Where in the file, for the sentence of an error. */
struct place {
	const char *list;
	size_t i;
};

static int damaged(const struct place *at, struct err *e, const char *what)
{
	return err_set(e, ERR_CORRUPT, "the trusted root is damaged: %s[%zu]: %s", at->list, at->i, what);
}

/* ---- parts ------------------------------------------------------------------------------------------------------------ */

/* A window needs a beginning: without one, what was never meant to count would count from the first day (TOB-SIGSTORE-5).
 * A date that does not parse is an error and never no bound. */
static int read_window(struct attest_window *out, const struct json *holder, const struct place *at,
		       struct err *e)
{
	const struct json *end = json_get(holder, "validFor.end");
	const char *from = json_str(holder, "validFor.start"), *until = json_str(holder, "validFor.end");

	*out = (struct attest_window){ 0 };
	if (!from)
		return damaged(at, e, "validFor.start is missing");
	if (when_parse(&out->from, from) || !when_known(out->from))
		return damaged(at, e, "validFor.start is no date");
	if (json_type(end) == JSON_ABSENT || json_type(end) == JSON_NULL)
		return 0;
	if (!until || when_parse(&out->until, until) || !when_known(out->until))
		return damaged(at, e, "validFor.end is no date");
	if (out->until.ms < out->from.ms)
		return damaged(at, e, "validFor ends before it starts");
	return 0;
}

static bool read_bytes(struct span *out, const struct json *holder, const char *path, struct arena *a)
{
	return span_base64(out, json_str(holder, path), a);
}

/* keyDetails (protobuf-specs, PublicKeyDetails): how the bytes are to be read, and what they must then be. Those that are not
 * here are unknown kinds, of which nothing verifies; the deprecated names stand in older roots. */
static const struct detail {
	const char *name;
	int (*read)(struct attest_key **out, struct span bytes, struct err *why);
	const char *algorithm;
} details[] = {
	{ "PKIX_ECDSA_P256_SHA_256", attest_key_spki, "ecdsa-p256-sha256" },
	{ "PKIX_ECDSA_P256_HMAC_SHA_256", attest_key_spki, "ecdsa-p256-sha256" },
	{ "PKIX_ECDSA_P384_SHA_384", attest_key_spki, "ecdsa-p384-sha384" },
	{ "PKIX_ECDSA_P521_SHA_512", attest_key_spki, "ecdsa-p521-sha512" },
	{ "PKIX_ED25519", attest_key_spki, "ed25519" },
	{ "PKIX_RSA_PKCS1V15_2048_SHA256", attest_key_spki, "rsa-pkcs1-sha256" },
	{ "PKIX_RSA_PKCS1V15_3072_SHA256", attest_key_spki, "rsa-pkcs1-sha256" },
	{ "PKIX_RSA_PKCS1V15_4096_SHA256", attest_key_spki, "rsa-pkcs1-sha256" },
	{ "PKIX_RSA_PKCS1V5", attest_key_spki, "rsa-pkcs1-sha256" },
	{ "PKCS1_RSA_PKCS1V5", attest_key_pkcs1, "rsa-pkcs1-sha256" },
};

static int read_key(const struct attest_key **out, const struct json *log, struct arena *a,
		    const struct place *at, struct err *e)
{
	const char *name = json_str(log, "publicKey.keyDetails"), *hash = json_str(log, "hashAlgorithm");
	struct attest_key *key = NULL;
	struct span bytes;
	struct err why = ERR_INIT;

	if (!name || !read_bytes(&bytes, log, "publicKey.rawBytes", a))
		return damaged(at, e, "publicKey is missing or damaged");
	if (hash && strcmp(hash, "SHA2_256") != 0)
		return 0;
	for (size_t i = 0; i < countof(details); i++) {
		if (strcmp(details[i].name, name) != 0)
			continue;
		if (details[i].read(&key, bytes, &why))
			return damaged(at, e, why.message);
		*out = key;
		if (strcmp(attest_key_algorithm(key), details[i].algorithm) != 0)
			return damaged(at, e, "publicKey is not what keyDetails says");
	}
	return 0;
}

static const char *host_of(const char *url, struct arena *a)
{
	const char *scheme = strstr(url, "://");
	const char *host = scheme ? scheme + 3 : url;

	return arena_strndup(a, host, strcspn(host, "/"));
}

static int read_log(struct attest_log *out, const struct json *j, struct arena *a, const struct place *at,
		    struct err *e)
{
	const char *url = json_str(j, "baseUrl");
	int r = read_window(&out->window, json_get(j, "publicKey"), at, e);

	if (r < 0)
		return r;
	if (!url || !*url || strlen(url) > URL_MAX)
		return damaged(at, e, "baseUrl is missing or too long");
	out->name = arena_strdup(a, url);
	out->host = host_of(url, a);
	if (!read_bytes(&out->id, j, "logId.keyId", a) || out->id.n > ID_MAX || out->id.n < 4)
		return damaged(at, e, "logId is missing or damaged");
	out->note_id = out->id;
	if (json_type(json_get(j, "checkpointKeyId.keyId")) == JSON_STRING &&
	    (!read_bytes(&out->note_id, j, "checkpointKeyId.keyId", a) || out->note_id.n < 4))
		return damaged(at, e, "checkpointKeyId is damaged");
	return read_key(&out->key, j, a, at, e);
}

static int read_link(struct attest_link *l, const struct json *j, struct arena *a, const struct place *at,
		     struct err *e)
{
	struct span der;
	struct err why = ERR_INIT;

	if (!read_bytes(&der, j, "rawBytes", a) || !(l->x509 = attest_x509(der)) ||
	    !attest_x509_window(&l->window, l->x509))
		return damaged(at, e, "a certificate of certChain is malformed");
	l->key = attest_x509_key(l->x509, &why); /* NULL is told when something leans on it */
	return 0;
}

static int read_authority(struct attest_authority *out, const struct json *j, struct arena *a,
			  const struct place *at, struct err *e)
{
	const struct json *chain = json_get(j, "certChain.certificates");
	const char *uri = json_str(j, "uri"), *name = json_str(j, "subject.commonName");
	int r = read_window(&out->window, j, at, e);

	if (r < 0)
		return r;
	if (json_type(chain) != JSON_ARRAY || !json_size(chain) || json_size(chain) > ATTEST_CHAIN_MAX)
		return damaged(at, e, "certChain is missing or too long");
	out->name = arena_strdup(a, uri && *uri ? uri : name ? name : "");
	if (strlen(out->name) > URL_MAX)
		return damaged(at, e, "uri is too long");
	while (r >= 0 && out->n < json_size(chain)) {
		r = read_link(&out->links[out->n], json_at(chain, out->n), a, at, e);
		out->n++;
	}
	return r;
}

/* ---- the file --------------------------------------------------------------------------------------------------------- */

static int open_list(const struct json **list, size_t *n, const struct json *doc, const char *name,
		     struct err *e)
{
	*list = json_get(doc, name);
	*n = 0;
	if (json_type(*list) == JSON_ABSENT || json_type(*list) == JSON_NULL)
		return 0;
	if (json_type(*list) != JSON_ARRAY || json_size(*list) > ATTEST_AUTHS_MAX)
		return err_set(e, ERR_CORRUPT,
			       "the trusted root is damaged: %s is no list, or has more than %d entries",
			       name, ATTEST_AUTHS_MAX);
	*n = json_size(*list);
	return 0;
}

static int read_logs(struct attest_log **out, size_t *out_n, const struct json *doc, const char *name,
		     struct arena *a, struct err *e)
{
	const struct json *list;
	size_t n;
	int r = open_list(&list, &n, doc, name, e);

	*out = arena_array(a, struct attest_log, n + 1);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		*out_n = i + 1; /* also of a damaged one: it may own a key */
		r = read_log(&(*out)[i], json_at(list, i), a, &(struct place){ name, i }, e);
	}
	return r;
}

static int read_authorities(struct attest_authority **out, size_t *out_n, const struct json *doc,
			    const char *name, struct arena *a, struct err *e)
{
	const struct json *list;
	size_t n;
	int r = open_list(&list, &n, doc, name, e);

	*out = arena_array(a, struct attest_authority, n + 1);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		*out_n = i + 1;
		r = read_authority(&(*out)[i], json_at(list, i), a, &(struct place){ name, i }, e);
	}
	return r;
}

static bool is_known_type(const char *type)
{
	static const char *const types[] = {
		"application/vnd.dev.sigstore.trustedroot+json;version=0.1",
		"application/vnd.dev.sigstore.trustedroot+json;version=0.2",
		"application/vnd.dev.sigstore.trustedroot.v0.1+json",
		"application/vnd.dev.sigstore.trustedroot.v0.2+json",
	};

	for (size_t i = 0; i < countof(types); i++)
		if (type && strcmp(type, types[i]) == 0)
			return true;
	return false;
}

static int read_document(struct attest_root *r, const struct json *doc, struct err *e)
{
	int k;

	if (!is_known_type(json_str(doc, "mediaType")))
		return err_set(e, ERR_CORRUPT,
			       "it is no trusted root of version 0.1 or 0.2: its mediaType is %s",
			       json_str(doc, "mediaType") ? json_str(doc, "mediaType") : "missing");
	k = read_logs(&r->tlogs, &r->tlogs_n, doc, "tlogs", &r->arena, e);
	if (k >= 0)
		k = read_logs(&r->ctlogs, &r->ctlogs_n, doc, "ctlogs", &r->arena, e);
	if (k >= 0)
		k = read_authorities(&r->cas, &r->cas_n, doc, "certificateAuthorities", &r->arena, e);
	if (k >= 0)
		k = read_authorities(&r->tsas, &r->tsas_n, doc, "timestampAuthorities", &r->arena, e);
	return k;
}

/* What is dear or asked often, once. */
static void prepare(struct attest_root *r)
{
	bool endless = r->cas_n == 0;

	for (size_t i = 0; i < r->cas_n; i++) {
		struct attest_window w = r->cas[i].window;

		attest_authority_prepare(&r->cas[i], XKU_CODE_SIGN, 0);
		endless = endless || !when_known(w.until);
		if (w.until.ms > r->until.ms)
			r->until = w.until;
		if (w.from.ms > r->since.ms)
			r->since = w.from;
	}
	if (endless)
		r->until = WHEN_NONE;
	for (size_t i = 0; i < r->tsas_n; i++)
		attest_tsa_prepare(&r->tsas[i]);
}

int attest_root_parse(struct attest_root **out, const void *json, size_t n, struct err *e)
{
	unsigned char sha[ATTEST_HASH_MAX];
	struct attest_root *r;
	struct json *doc = NULL;
	int k = json_parse(&doc, json, n, ATTEST_ROOT_MAX, e);

	*out = NULL;
	if (k < 0)
		return k;
	r = x_alloc(sizeof(*r));
	k = read_document(r, doc, e);
	json_free(doc);
	if (k < 0) {
		attest_root_free(r);
		return k;
	}
	(void)attest_hash("sha256", (struct span){ json, n }, sha);
	r->sha = span_hex((struct span){ sha, 32 }, &r->arena);
	prepare(r);
	*out = r;
	return 0;
}

static void logs_done(struct attest_log *logs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		attest_key_free((struct attest_key *)(uintptr_t)logs[i].key);
}

void attest_root_free(struct attest_root *r)
{
	if (!r)
		return;
	logs_done(r->tlogs, r->tlogs_n);
	logs_done(r->ctlogs, r->ctlogs_n);
	for (size_t i = 0; i < r->cas_n; i++)
		attest_authority_done(&r->cas[i]);
	for (size_t i = 0; i < r->tsas_n; i++)
		attest_authority_done(&r->tsas[i]);
	arena_done(&r->arena);
	free(r);
}

/* ---- questions -------------------------------------------------------------------------------------------------------- */

const char *attest_root_sha(const struct attest_root *r)
{
	return r->sha;
}

struct when attest_root_until(const struct attest_root *r)
{
	return r->until;
}

struct when attest_root_since(const struct attest_root *r)
{
	return r->since;
}

const struct attest_log *attest_root_tlogs(const struct attest_root *r, size_t *n)
{
	*n = r->tlogs_n;
	return r->tlogs;
}

const struct attest_log *attest_root_ctlogs(const struct attest_root *r, size_t *n)
{
	*n = r->ctlogs_n;
	return r->ctlogs;
}

const struct attest_authority *attest_root_cas(const struct attest_root *r, size_t *n)
{
	*n = r->cas_n;
	return r->cas;
}

const struct attest_authority *attest_root_tsas(const struct attest_root *r, size_t *n)
{
	*n = r->tsas_n;
	return r->tsas;
}

const struct attest_log *attest_root_tlog(const struct attest_root *r, struct span id, struct when t)
{
	for (size_t i = 0; i < r->tlogs_n; i++)
		if (span_eq(r->tlogs[i].id, id) &&
		    (!when_known(t) || attest_window_has(r->tlogs[i].window, t)))
			return &r->tlogs[i];
	return NULL;
}
