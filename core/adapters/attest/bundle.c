#include "core/adapters/attest/bundle.h"

#include <string.h>

#include "base/text.h"

/* A bundle is JSON of protobuf's kind: names in lowerCamelCase, 64-bit numbers as text, bytes as base64; null is absence.
 * A member that is not known may be one that somebody else's reader acts on, so it is refused here. */
static const struct json_limits limits = { .bytes = ATTEST_BUNDLE_MAX, .depth = 32, .values = 20000 };

struct reader {
	struct arena *a;
	struct err *why;
	int reason; /* the first; 0 none */
};

static int refuse(struct reader *r, enum proof_reason reason, const char *what, const char *where)
{
	if (!r->reason)
		(void)err_set(r->why, ERR_CORRUPT, "%s %s", where, what);
	if (!r->reason)
		r->reason = reason;
	return r->reason;
}

/* ---- members --------------------------------------------------------------------------------------------------------- */

/* NULL: absent or null. */
static const struct json *member(const struct json *o, const char *name)
{
	const struct json *v = json_get(o, name);

	return json_type(v) == JSON_NULL ? NULL : v;
}

static bool is_listed(const char *names, const char *key)
{
	size_t n = strlen(key);

	for (const char *at = strstr(names, key); at && n; at = strstr(at + 1, key))
		if ((at == names || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
			return true;
	return false;
}

/* An object that has no members but these (blank-separated); NULL and a refusal when it is none. */
static const struct json *object(struct reader *r, const struct json *v, const char *names, const char *where)
{
	size_t n = json_size(v);
	struct json_pair *pairs;

	if (json_type(v) != JSON_OBJECT) {
		refuse(r, PROOF_ATT_PARSE, "is no object", where);
		return NULL;
	}
	pairs = arena_array(r->a, struct json_pair, n + 1);
	json_pairs(v, pairs);
	for (size_t i = 0; i < n; i++)
		if (!is_listed(names, pairs[i].key)) {
			refuse(r, PROOF_ATT_PARSE, "has a member that is not known", where);
			return NULL;
		}
	return v;
}

/* How many elements an array that may be absent has; at most `most`. */
static size_t count(struct reader *r, const struct json *v, size_t most, const char *where)
{
	if (!v)
		return 0;
	if (json_type(v) != JSON_ARRAY)
		refuse(r, PROOF_ATT_PARSE, "is no list", where);
	else if (json_size(v) > most)
		refuse(r, PROOF_ATT_LIMIT, "are more than are read", where);
	else
		return json_size(v);
	return 0;
}

/* "" when absent. */
static const char *text(struct reader *r, const struct json *o, const char *name)
{
	const struct json *v = member(o, name);

	if (!v)
		return "";
	if (json_type(v) != JSON_STRING) {
		refuse(r, PROOF_ATT_PARSE, "is no text", name);
		return "";
	}
	return arena_strdup(r->a, json_str(v, ""));
}

static struct span bytes(struct reader *r, const struct json *o, const char *name)
{
	const struct json *v = member(o, name);
	struct span s = { 0 };

	if (v && json_type(v) != JSON_STRING)
		refuse(r, PROOF_ATT_PARSE, "is no text", name);
	else if (v && *json_str(v, "") && !span_base64(&s, json_str(v, ""), r->a))
		refuse(r, PROOF_ATT_PARSE, "is no base64", name);
	return s;
}

static int64_t number(struct reader *r, const struct json *o, const char *name)
{
	const struct json *v = member(o, name);
	int64_t n = 0;

	if (v && (json_type(v) != JSON_STRING || text_int64(&n, json_str(v, ""), 0, INT64_MAX) < 0))
		refuse(r, PROOF_ATT_PARSE, "is no number in a text", name);
	return n;
}

/* ---- verification material ------------------------------------------------------------------------------------------------ */

static struct span read_cert(struct reader *r, const struct json *v, const char *where)
{
	const struct json *o = object(r, v, "rawBytes", where);
	struct span der = bytes(r, o, "rawBytes");

	if (!der.n)
		refuse(r, PROOF_ATT_PARSE, "has no certificate", where);
	else if (der.n > ATTEST_CERT_MAX)
		refuse(r, PROOF_ATT_LIMIT, "is larger than is read", where);
	return der;
}

static void read_chain(struct bundle *b, struct reader *r, const struct json *v)
{
	const struct json *list =
		member(object(r, v, "certificates", "x509CertificateChain"), "certificates");
	size_t n = count(r, list, BUNDLE_CERTS_MAX, "certificates");

	if (!n)
		refuse(r, PROOF_ATT_PARSE, "is empty", "x509CertificateChain");
	for (size_t i = 0; i < n && !r->reason; i++) {
		struct span der = read_cert(r, json_at(list, i), "certificates");
		int bad = i && !r->reason ? attest_cert_hint(der, r->why) : 0;

		/* A root that a bundle brings along says nothing, and who looks at it might believe it. The first
		 * version's writers put one at the end of their chains. */
		if (bad == PROOF_CERT_CHAIN && b->version == 1 && i > 1 && i == n - 1)
			bad = 0;
		if (bad && !r->reason)
			r->reason = bad == PROOF_ATT_LIMIT ? bad : PROOF_ATT_PARSE;
		if (i)
			b->hints[b->hints_n++] = der;
		else
			b->leaf = der;
	}
}

static void read_signer(struct bundle *b, struct reader *r, const struct json *material)
{
	const struct json *key = member(material, "publicKey"),
			  *chain = member(material, "x509CertificateChain"),
			  *cert = member(material, "certificate");

	if (!!key + !!chain + !!cert != 1) {
		refuse(r, PROOF_ATT_PARSE, "has not exactly one of key, certificate and chain",
		       "verificationMaterial");
		return;
	}
	b->hint = "";
	b->managed = key != NULL;
	if (key)
		b->hint = text(r, object(r, key, "hint", "publicKey"), "hint");
	else if (cert)
		b->leaf = read_cert(r, cert, "certificate");
	else
		read_chain(b, r, chain);
}

static void read_tokens(struct bundle *b, struct reader *r, const struct json *v)
{
	const struct json *list;
	size_t n;

	if (!v)
		return;
	list = member(object(r, v, "rfc3161Timestamps", "timestampVerificationData"), "rfc3161Timestamps");
	n = count(r, list, BUNDLE_TOKENS_MAX, "rfc3161Timestamps");
	for (size_t i = 0; i < n && !r->reason; i++) {
		const struct json *o = object(r, json_at(list, i), "signedTimestamp", "rfc3161Timestamps");

		b->tokens[i] = bytes(r, o, "signedTimestamp");
		b->tokens_n = i + 1;
		if (!b->tokens[i].n)
			refuse(r, PROOF_ATT_PARSE, "is empty", "signedTimestamp");
		else if (b->tokens[i].n > ATTEST_TOKEN_MAX)
			refuse(r, PROOF_ATT_LIMIT, "is larger than is read", "signedTimestamp");
	}
}

/* ---- the transparency log --------------------------------------------------------------------------------------------------- */

static void read_proof(struct bundle_proof *p, struct reader *r, const struct json *v)
{
	const struct json *o = object(r, v, "logIndex rootHash treeSize hashes checkpoint", "inclusionProof");
	const struct json *hashes = member(o, "hashes"), *checkpoint = member(o, "checkpoint");
	size_t n = count(r, hashes, BUNDLE_PATH_MAX, "hashes");

	p->is_there = true;
	p->index = number(r, o, "logIndex");
	p->size = number(r, o, "treeSize");
	p->root = bytes(r, o, "rootHash");
	for (size_t i = 0; i < n && !r->reason; i++) {
		const char *digits =
			json_type(json_at(hashes, i)) == JSON_STRING ? json_str(json_at(hashes, i), "") : "";

		if (!span_base64(&p->path[p->path_n++], digits, r->a))
			refuse(r, PROOF_ATT_PARSE, "holds what is no base64", "hashes");
	}
	if (checkpoint)
		p->checkpoint = text(r, object(r, checkpoint, "envelope", "checkpoint"), "envelope");
}

static void read_entry(struct bundle_entry *en, struct reader *r, const struct json *v)
{
	const struct json *o = object(r, v,
				      "logIndex logId kindVersion integratedTime inclusionPromise "
				      "inclusionProof canonicalizedBody",
				      "tlogEntries");
	const struct json *id = member(o, "logId"), *kind = member(o, "kindVersion"),
			  *promise = member(o, "inclusionPromise"), *proof = member(o, "inclusionProof");
	int64_t seconds = number(r, o, "integratedTime");

	if (!o)
		return;
	en->index = number(r, o, "logIndex");
	if (seconds > INT64_MAX / 1000)
		refuse(r, PROOF_ATT_PARSE, "is beyond all time", "integratedTime");
	else
		en->integrated = (struct when){ seconds * 1000 };
	if (id)
		en->log_id = bytes(r, object(r, id, "keyId", "logId"), "keyId");
	kind = kind ? object(r, kind, "kind version", "kindVersion") : NULL;
	en->kind = text(r, kind, "kind");
	en->version = text(r, kind, "version");
	if (promise)
		en->promise = bytes(r, object(r, promise, "signedEntryTimestamp", "inclusionPromise"),
				    "signedEntryTimestamp");
	en->body = bytes(r, o, "canonicalizedBody");
	if (proof)
		read_proof(&en->proof, r, proof);
	if (!en->log_id.n || !en->body.n)
		refuse(r, PROOF_ATT_PARSE, "have one without log or body", "tlogEntries");
}

static void read_material(struct bundle *b, struct reader *r, const struct json *v)
{
	const struct json *o = object(
		r, v, "x509CertificateChain publicKey certificate tlogEntries timestampVerificationData",
		"verificationMaterial");
	const struct json *list = member(o, "tlogEntries");
	size_t n = count(r, list, BUNDLE_ENTRIES_MAX, "tlogEntries");

	if (!o)
		return;
	read_signer(b, r, o);
	for (size_t i = 0; i < n && !r->reason; i++)
		read_entry(&b->entries[b->entries_n++], r, json_at(list, i));
	read_tokens(b, r, member(o, "timestampVerificationData"));
}

/* ---- what was signed ----------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *word, *name;
	size_t n;
} digests[] = { { "SHA2_256", "sha256", 32 }, { "SHA2_384", "sha384", 48 }, { "SHA2_512", "sha512", 64 } };

static void read_message(struct bundle *b, struct reader *r, const struct json *v)
{
	const struct json *o = object(r, v, "messageDigest signature", "messageSignature");
	const struct json *digest = member(o, "messageDigest");

	b->message = true;
	b->signature = bytes(r, o, "signature");
	if (!digest)
		return;
	digest = object(r, digest, "algorithm digest", "messageDigest");
	b->digest = bytes(r, digest, "digest");
	for (size_t i = 0; i < countof(digests); i++)
		if (strcmp(digests[i].word, text(r, digest, "algorithm")) == 0 && digests[i].n == b->digest.n)
			b->digest_algorithm = digests[i].name;
	if (!b->digest_algorithm)
		refuse(r, PROOF_ATT_PARSE, "is none of SHA-256, SHA-384 and SHA-512", "messageDigest");
}

static void read_envelope(struct bundle *b, struct reader *r, const struct json *v)
{
	const struct json *o = object(r, v, "payload payloadType signatures", "dsseEnvelope");
	const struct json *list = member(o, "signatures"), *first;

	b->payload = bytes(r, o, "payload");
	b->payload_type = text(r, o, "payloadType");
	b->keyid = "";
	if (!o)
		return;
	if (list && json_type(list) != JSON_ARRAY)
		refuse(r, PROOF_ATT_PARSE, "are no list", "signatures");
	b->signatures_n = json_type(list) == JSON_ARRAY ? json_size(list) : 0;
	if (b->signatures_n != 1) {
		refuse(r, PROOF_DSSE_SIGCOUNT, b->signatures_n ? "are more than one" : "are none",
		       "the envelope's signatures");
		return;
	}
	first = object(r, json_at(list, 0), "sig keyid", "signatures");
	b->signature = bytes(r, first, "sig");
	b->keyid = text(r, first, "keyid");
}

static void read_content(struct bundle *b, struct reader *r, const struct json *root)
{
	const struct json *message = member(root, "messageSignature"),
			  *envelope = member(root, "dsseEnvelope");

	if (!message == !envelope)
		refuse(r, PROOF_ATT_PARSE, "has not exactly one of message and envelope", "the bundle");
	else if (message)
		read_message(b, r, message);
	else
		read_envelope(b, r, envelope);
	if (!b->signature.n)
		refuse(r, PROOF_ATT_PARSE, "has no signature", "the bundle");
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *type;
	int version;
} types[] = {
	{ "application/vnd.dev.sigstore.bundle+json;version=0.1", 1 },
	{ "application/vnd.dev.sigstore.bundle+json;version=0.2", 2 },
	{ "application/vnd.dev.sigstore.bundle+json;version=0.3", 3 },
	{ "application/vnd.dev.sigstore.bundle.v0.3+json", 3 },
};

static void read_version(struct bundle *b, struct reader *r, const struct json *root)
{
	b->media_type = text(r, root, "mediaType");
	for (size_t i = 0; i < countof(types); i++)
		if (strcmp(types[i].type, b->media_type) == 0)
			b->version = types[i].version;
	if (!b->version && !r->reason) {
		(void)err_set(r->why, ERR_CORRUPT, "the media type is \"%s\"", b->media_type);
		r->reason = PROOF_ATT_VERSION;
	}
}

/* Which form the signer has, and what goes with an entry, is the version's to say. */
static void hold_version(const struct bundle *b, struct reader *r, const struct json *root)
{
	const struct json *material = member(root, "verificationMaterial");

	if (b->managed)
		return;
	if ((b->version == 3) == (member(material, "certificate") == NULL))
		refuse(r, PROOF_ATT_VERSION, "are in the form of another version than the media type's",
		       "the certificates");
}

int bundle_read(struct bundle *b, struct span json, struct arena *a, struct err *why)
{
	struct reader r = { .a = a, .why = why };
	struct json *root = NULL;
	const struct json *o;
	int parsed = json_parse_within(&root, (const char *)json.p, json.n, &limits, why);

	*b = (struct bundle){ .media_type = "", .hint = "", .keyid = "", .payload_type = "" };
	if (parsed)
		return parsed == JSON_OVER ? PROOF_ATT_LIMIT : PROOF_ATT_PARSE;
	if (json_type(root) != JSON_OBJECT)
		refuse(&r, PROOF_ATT_PARSE, "is no object", "the bundle");
	else
		read_version(b, &r, root);
	if (!r.reason) {
		o = object(&r, root, "mediaType verificationMaterial messageSignature dsseEnvelope",
			   "the bundle");
		if (o)
			read_content(b, &r, o);
		if (!r.reason)
			read_material(b, &r, member(o, "verificationMaterial"));
		if (!r.reason)
			hold_version(b, &r, o);
	}
	json_free(root);
	return r.reason;
}
