#include "core/engine/cosign.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"

enum { MAX_BUNDLE = 8 << 20, MAX_PAYLOAD = 64 << 10, MAX_HINT = 4096 };

#define BUNDLE_TYPE "application/vnd.dev.sigstore.bundle"
#define SIGN_TYPE   "application/vnd.dev.cosign.simplesigning.v1+json"
#define DSSE_TYPE   "application/vnd.dsse.envelope.v1+json"

/* ---- manifests ---------------------------------------------------------------------------------------------------------- */

bool oci_is_bundle(const char *type)
{
	return text_starts(type, BUNDLE_TYPE) && strchr("+.;", type[strlen(BUNDLE_TYPE)]);
}

static enum oci_layer_kind kind_of(const char *type)
{
	if (text_eq(type, SIGN_TYPE))
		return OCI_LAYER_SIGNATURE;
	if (text_eq(type, DSSE_TYPE))
		return OCI_LAYER_ENVELOPE;
	return type && oci_is_bundle(type) ? OCI_LAYER_BUNDLE : OCI_LAYER_OTHER;
}

/* Names of annotations have dots, which paths cannot say. */
static const char *note(const struct json *layer, const char *name, struct arena *a)
{
	const struct json *notes = json_get(layer, "annotations");
	const char *key;

	for (size_t i = 0; json_type(notes) == JSON_OBJECT && i < json_size(notes); i++) {
		const struct json *value = json_member(notes, i, &key);

		if (!strcmp(key, name) && json_type(value) == JSON_STRING)
			return *json_str(value, "") ? arena_strdup(a, json_str(value, "")) : NULL;
	}
	return NULL;
}

static int read_layer(struct oci_layer *l, const struct json *item, struct arena *a, struct err *e)
{
	const char *digest = json_str(item, "digest");

	if (!text_is_sha256(digest))
		return err_set(e, ERR_CORRUPT, "a layer has no sha256 digest");
	*l = (struct oci_layer){
		.kind = kind_of(json_str(item, "mediaType")),
		.digest = arena_strdup(a, digest),
		.size = json_int(item, "size", -1),
		.signature = note(item, "dev.cosignproject.cosign/signature", a),
		.certificate = note(item, "dev.sigstore.cosign/certificate", a),
		.log = note(item, "dev.sigstore.cosign/bundle", a),
		.timestamp = note(item, "dev.sigstore.cosign/rfc3161timestamp", a),
	};
	return l->size < 0 ? err_set(e, ERR_CORRUPT, "a layer has no size") : 0;
}

static int read_layers(struct oci_manifest *out, const struct json *list, struct arena *a, struct err *e)
{
	int r = 0;

	if (json_type(list) != JSON_ARRAY)
		return err_set(e, ERR_CORRUPT, "the manifest has no layers");
	if (json_size(list) > OCI_LAYERS_MAX)
		return err_set(e, ERR_CORRUPT, "the manifest has more than %d layers", OCI_LAYERS_MAX);
	for (size_t i = 0; r >= 0 && i < json_size(list); i++)
		r = read_layer(vec_push(&out->layers, a), json_at(list, i), a, e);
	return r;
}

int oci_manifest_read(struct oci_manifest *out, const char *bytes, size_t n, struct arena *a, struct err *e)
{
	autofree(json) struct json *j = NULL;
	const char *artifact, *subject;
	int r = json_parse(&j, bytes, n, OCI_MANIFEST_MAX, e);

	*out = (struct oci_manifest){ 0 };
	if (r < 0)
		return err_set(e, ERR_CORRUPT, "the manifest is no JSON");
	artifact = json_str(j, "artifactType");
	if (!artifact)
		artifact = json_str(j, "config.mediaType");
	subject = json_str(j, "subject.digest");
	if (json_type(json_get(j, "subject")) == JSON_OBJECT && !text_is_sha256(subject))
		return err_set(e, ERR_CORRUPT, "the manifest's subject is no sha256 digest");
	out->artifact = arena_strdup(a, artifact ? artifact : "");
	out->subject = arena_strdup(a, subject);
	return read_layers(out, json_get(j, "layers"), a, e);
}

/* ---- parts of a bundle ------------------------------------------------------------------------------------------------ */

static int bad(struct err *e, const char *what)
{
	return err_set(e, ERR_CORRUPT, "the annotation of a layer is damaged: %s", what);
}

/* Base64 of the first certificate of a PEM text, its lines joined; NULL: there is none. */
static const char *first_certificate(const char *pem, struct arena *a)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----", end[] = "-----END CERTIFICATE-----";
	const char *from = strstr(pem, begin), *to = from ? strstr(from, end) : NULL;
	struct buf line = BUF_INIT(MAX_PAYLOAD), der = BUF_INIT(MAX_PAYLOAD);
	const char *out = NULL;

	if (!to)
		return NULL;
	for (from += strlen(begin); from < to; from++)
		if (!strchr(" \t\r\n", *from))
			buf_chr(&line, *from);
	if (!line.over && text_unbase64(&der, line.s, line.n))
		out = arena_strdup(a, line.s);
	buf_done(&line);
	buf_done(&der);
	return out;
}

/* Base64 of what is hex; NULL: it is not. */
static const char *base64_of_hex(const char *hex, struct arena *a)
{
	static const char digits[] = "0123456789abcdef";
	struct buf bytes = BUF_INIT(MAX_HINT), coded = BUF_INIT(2 * MAX_HINT);
	size_t n = hex ? strlen(hex) : 0;
	const char *out = NULL;

	if (n && n % 2 == 0 && n < MAX_HINT && strspn(hex, digits) == n) {
		for (size_t i = 0; i < n; i += 2)
			buf_chr(&bytes, (char)((strchr(digits, hex[i]) - digits) * 16 +
					       (strchr(digits, hex[i + 1]) - digits)));
		text_base64(&coded, bytes.s, bytes.n);
		out = arena_strdup(a, coded.s);
	}
	buf_done(&bytes);
	buf_done(&coded);
	return out;
}

static void put_number(struct jw *w, const char *key, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, n);
	jw_key(w, key);
	jw_raw_str(w, text);
}

static void put_text(struct jw *w, const char *key, const char *text)
{
	jw_key(w, key);
	jw_raw_str(w, text);
}

static int put_key(struct jw *w, const struct oci_layer *l, struct arena *a, struct err *e)
{
	const char *leaf = l->certificate ? first_certificate(l->certificate, a) : NULL;

	if (l->certificate && !leaf)
		return bad(e, "the certificate is no PEM");
	if (!leaf) { /* signed with a key that the reader has to have */
		jw_kopen(w, "publicKey", '{');
		put_text(w, "hint", "");
		jw_close(w, '}');
		return 0;
	}
	jw_kopen(w, "x509CertificateChain", '{');
	jw_kopen(w, "certificates", '[');
	jw_open(w, '{');
	put_text(w, "rawBytes", leaf);
	jw_close(w, '}');
	jw_close(w, ']');
	jw_close(w, '}');
	return 0;
}

/* kind and version are said by the body of the entry itself. */
static int put_kind(struct jw *w, const char *body, struct err *e)
{
	autofree(json) struct json *j = NULL;
	struct buf text = BUF_INIT(MAX_BUNDLE);
	bool ok = text_unbase64(&text, body, strlen(body)) &&
		  json_parse(&j, text.s, text.n, MAX_BUNDLE, NULL) >= 0 && json_str(j, "kind") &&
		  json_str(j, "apiVersion");

	buf_done(&text);
	if (!ok)
		return bad(e, "the log's entry is no document");
	jw_kopen(w, "kindVersion", '{');
	put_text(w, "kind", json_str(j, "kind"));
	put_text(w, "version", json_str(j, "apiVersion"));
	jw_close(w, '}');
	return 0;
}

/* {SignedEntryTimestamp, Payload: {body, integratedTime, logIndex, logID}} */
static int put_entry(struct jw *w, const struct json *j, struct arena *a, struct err *e)
{
	const char *set = json_str(j, "SignedEntryTimestamp"), *body = json_str(j, "Payload.body");
	const char *log = base64_of_hex(json_str(j, "Payload.logID"), a);
	int64_t at = json_int(j, "Payload.integratedTime", -1), index = json_int(j, "Payload.logIndex", -1);
	int r;

	if (!set || !body || !log || at < 0 || index < 0)
		return bad(e, "the log's promise lacks a part");
	jw_open(w, '{');
	put_number(w, "logIndex", index);
	jw_kopen(w, "logId", '{');
	put_text(w, "keyId", log);
	jw_close(w, '}');
	r = put_kind(w, body, e);
	put_number(w, "integratedTime", at);
	jw_kopen(w, "inclusionPromise", '{');
	put_text(w, "signedEntryTimestamp", set);
	jw_close(w, '}');
	put_text(w, "canonicalizedBody", body);
	jw_close(w, '}');
	return r;
}

static int put_log(struct jw *w, const struct oci_layer *l, struct arena *a, struct err *e)
{
	autofree(json) struct json *j = NULL;
	int r = 0;

	jw_kopen(w, "tlogEntries", '[');
	if (l->log && json_parse(&j, l->log, strlen(l->log), MAX_BUNDLE, NULL) < 0)
		r = bad(e, "the log's promise is no JSON");
	else if (l->log)
		r = put_entry(w, j, a, e);
	jw_close(w, ']');
	return r;
}

/* {SignedRFC3161Timestamp} */
static int put_timestamp(struct jw *w, const struct oci_layer *l, struct err *e)
{
	autofree(json) struct json *j = NULL;

	if (!l->timestamp)
		return 0;
	if (json_parse(&j, l->timestamp, strlen(l->timestamp), MAX_BUNDLE, NULL) < 0 ||
	    !json_str(j, "SignedRFC3161Timestamp"))
		return bad(e, "the timestamp is none");
	jw_kopen(w, "timestampVerificationData", '{');
	jw_kopen(w, "rfc3161Timestamps", '[');
	jw_open(w, '{');
	put_text(w, "signedTimestamp", json_str(j, "SignedRFC3161Timestamp"));
	jw_close(w, '}');
	jw_close(w, ']');
	jw_close(w, '}');
	return 0;
}

/* All of a bundle but what is signed, and its last bracket. */
static int put_material(struct jw *w, const struct oci_layer *l, struct arena *a, struct err *e)
{
	int r;

	jw_open(w, '{');
	put_text(w, "mediaType", BUNDLE_TYPE "+json;version=0.1");
	jw_kopen(w, "verificationMaterial", '{');
	r = put_key(w, l, a, e);
	if (r >= 0)
		r = put_log(w, l, a, e);
	if (r >= 0)
		r = put_timestamp(w, l, e);
	jw_close(w, '}');
	return r;
}

static int bundle_end(const char **bundle, struct buf *text, int r, struct arena *a, struct err *e)
{
	if (r >= 0 && text->over)
		r = err_set(e, ERR_CORRUPT, "what a layer and its annotations hold is too long for a bundle");
	*bundle = r >= 0 ? arena_strdup(a, text->s) : NULL;
	buf_done(text);
	return r;
}

/* ---- the two forms -------------------------------------------------------------------------------------------------------- */

int cosign_payload_check(const char *payload, size_t n, const char *digest, struct err *e)
{
	autofree(json) struct json *j = NULL;

	if (json_parse(&j, payload, n, MAX_PAYLOAD, NULL) < 0 ||
	    !text_eq(json_str(j, "critical.type"), "cosign container image signature"))
		return err_set(e, ERR_CORRUPT, "what is signed beside the image is no signature's document");
	if (!text_eq(json_str(j, "critical.image.docker-manifest-digest"), digest))
		return err_set(e, ERR_CORRUPT, "a signature beside the image is about another image");
	return 0;
}

int cosign_signature(const char **bundle, const struct oci_layer *l, struct arena *a, struct err *e)
{
	const char *sum = base64_of_hex(l->digest + strlen("sha256:"), a);
	struct buf text = BUF_INIT(MAX_BUNDLE);
	struct jw w;
	int r;

	jw_init(&w, &text);
	r = put_material(&w, l, a, e);
	if (r >= 0 && !l->signature)
		r = bad(e, "there is no signature");
	jw_kopen(&w, "messageSignature", '{');
	jw_kopen(&w, "messageDigest", '{');
	put_text(&w, "algorithm", "SHA2_256");
	put_text(&w, "digest", sum);
	jw_close(&w, '}');
	put_text(&w, "signature", l->signature);
	jw_close(&w, '}');
	jw_close(&w, '}');
	return bundle_end(bundle, &text, r, a, e);
}

int cosign_envelope(const char **bundle, const struct oci_layer *l, const char *envelope, size_t n,
		    struct arena *a, struct err *e)
{
	autofree(json) struct json *j = NULL;
	struct buf text = BUF_INIT(MAX_BUNDLE);
	struct jw w;
	int r;

	if (json_parse(&j, envelope, n, OCI_MANIFEST_MAX, NULL) < 0 || json_type(j) != JSON_OBJECT)
		return err_set(e, ERR_CORRUPT, "what lies beside the image is no envelope");
	jw_init(&w, &text);
	r = put_material(&w, l, a, e);
	jw_key(&w, "dsseEnvelope");
	jw_json(&w, arena_strndup(a, envelope, n)); /* no NUL in it: it is JSON */
	jw_close(&w, '}');
	return bundle_end(bundle, &text, r, a, e);
}
