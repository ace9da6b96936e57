#include "core/adapters/authority/internal.h"

#include "base/text.h"

enum { BUNDLE_MAX = 16 << 20, TOO_LARGE = 5 << 20 };

static void open(struct jw *w, const char *key, char bracket)
{
	jw_key(w, key);
	jw_open(w, bracket);
}

static void raw_bytes(struct jw *w, struct bytes b, struct arena *a)
{
	jw_open(w, '{');
	jw_kstr(w, "rawBytes", bytes_base64(a, b));
	jw_close(w, '}');
}

static void write_key(struct jw *w, const struct made *m, struct arena *a)
{
	if (!m->issuer) {
		open(w, "publicKey", '{');
		jw_kstr(w, "hint", "drill");
		jw_close(w, '}');
	} else if (m->o->version == 1 || m->o->version == 2) {
		open(w, "x509CertificateChain", '{');
		open(w, "certificates", '[');
		raw_bytes(w, m->s.leaf, a);
		raw_bytes(w, cert_der(m->issuer->cert, a), a);
		if (m->o->fault == AUTHORITY_FAULT_chain_root)
			raw_bytes(w, cert_der(m->issuer->root, a), a);
		jw_close(w, ']');
		jw_close(w, '}');
	} else {
		jw_key(w, "certificate");
		raw_bytes(w, m->s.leaf, a);
	}
}

static void write_material(struct jw *w, const struct made *m, struct arena *a)
{
	open(w, "verificationMaterial", '{');
	write_key(w, m, a);
	open(w, "tlogEntries", '[');
	if (m->entry.log)
		entry_write(w, &m->entry, a);
	jw_close(w, ']');
	if (m->stamps_n) {
		open(w, "timestampVerificationData", '{');
		open(w, "rfc3161Timestamps", '[');
		for (size_t i = 0; i < m->stamps_n; i++) {
			jw_open(w, '{');
			jw_kstr(w, "signedTimestamp", bytes_base64(a, m->stamps[i]));
			jw_close(w, '}');
		}
		jw_close(w, ']');
		jw_close(w, '}');
	}
	jw_close(w, '}');
}

static const char *signature_text(const struct made *m, struct arena *a)
{
	const char *text = bytes_base64(a, m->s.signature);

	return m->o->fault == AUTHORITY_FAULT_base64 ? arena_printf(a, "!%s", text) : text;
}

static void write_message(struct jw *w, const struct made *m, struct arena *a)
{
	jw_open(w, '{');
	open(w, "messageDigest", '{');
	jw_kstr(w, "algorithm", "SHA2_256");
	jw_kstr(w, "digest", bytes_base64(a, m->s.digest));
	jw_close(w, '}');
	jw_kstr(w, "signature", signature_text(m, a));
	jw_close(w, '}');
}

static void write_envelope(struct jw *w, const struct made *m, struct arena *a)
{
	const char *payload = m->s.payload;
	size_t n = m->o->fault == AUTHORITY_FAULT_no_signature     ? 0
		   : m->o->fault == AUTHORITY_FAULT_two_signatures ? 2
								   : 1;

	jw_open(w, '{');
	jw_kstr(w, "payload",
		bytes_base64(a, (struct bytes){ (const unsigned char *)payload, strlen(payload) }));
	jw_kstr(w, "payloadType", m->s.type);
	open(w, "signatures", '[');
	for (size_t i = 0; i < n; i++) {
		jw_open(w, '{');
		jw_kstr(w, "sig", signature_text(m, a));
		if (!m->issuer)
			jw_kstr(w, "keyid", "drill");
		jw_close(w, '}');
	}
	jw_close(w, ']');
	jw_close(w, '}');
}

static const char *media_type(const struct authority_order *o, struct arena *a)
{
	if (o->fault == AUTHORITY_FAULT_version)
		return "application/vnd.dev.sigstore.bundle.v0.9+json";
	if (o->version == 1 || o->version == 2)
		return arena_printf(a, "application/vnd.dev.sigstore.bundle+json;version=0.%d", o->version);
	return "application/vnd.dev.sigstore.bundle.v0.3+json";
}

static void write_bundle(struct buf *out, const struct made *m, struct arena *a)
{
	struct jw w;

	jw_init(&w, out);
	jw_open(&w, '{');
	jw_kstr(&w, "mediaType", media_type(m->o, a));
	if (m->o->fault == AUTHORITY_FAULT_duplicate)
		jw_kstr(&w, "mediaType", media_type(m->o, a));
	write_material(&w, m, a);
	jw_key(&w, m->s.payload ? "dsseEnvelope" : "messageSignature");
	if (m->s.payload)
		write_envelope(&w, m, a);
	else
		write_message(&w, m, a);
	jw_close(&w, '}');
	if (m->o->fault == AUTHORITY_FAULT_truncated)
		buf_cut(out, out->n / 2);
	if (m->o->fault == AUTHORITY_FAULT_trailing)
		buf_str(out, "{}");
	if (m->o->fault == AUTHORITY_FAULT_too_large)
		buf_fill(out, ' ', TOO_LARGE);
	BUG_IF(out->over);
}

int authority_sign(const struct authority *x, const struct authority_order *o, struct arena *a,
		   const char **bundle, size_t *n, struct err *e)
{
	struct arena work autofree(arena) = ARENA_INIT;
	struct buf out autofree(buf) = BUF_INIT(BUNDLE_MAX);
	struct made m autofree(made) = { 0 };
	int r = order_check(x, o, e);

	if (r)
		return r;
	make(&m, x, o, (struct bytes){ 0 }, &work);
	write_bundle(&out, &m, &work);
	*bundle = arena_strndup(a, out.s, out.n);
	*n = out.n;
	return 0;
}

/* ---- cosign ------------------------------------------------------------------------------------------------------- */

/* specs/SIGNATURE_SPEC.md */
static const char *simple_signing(const char *image, const char *digest, struct arena *a)
{
	return arena_printf(a,
			    "{\"critical\":{\"identity\":{\"docker-reference\":\"%s\"},\"image\":{\"docker-"
			    "manifest-digest\":"
			    "\"%s\"},\"type\":\"cosign container image signature\"},\"optional\":null}",
			    image, digest);
}

/* specs/ATTESTATION_SPEC.md */
static const char *envelope_alone(const struct made *m, struct arena *a)
{
	struct buf out autofree(buf) = BUF_INIT(BUNDLE_MAX);
	struct jw w;

	jw_init(&w, &out);
	write_envelope(&w, m, a);
	return arena_strdup(a, out.s);
}

static void annotate(struct authority_cosign *out, const struct made *m, struct arena *a)
{
	const struct issuer *i = m->issuer;

	out->signature = bytes_base64(a, m->s.signature);
	out->certificate = i ? bytes_pem(a, m->s.leaf) : NULL;
	out->chain = i && i->root ? arena_printf(a, "%s%s", bytes_pem(a, cert_der(i->cert, a)),
						 bytes_pem(a, cert_der(i->root, a)))
				  : NULL;
	out->bundle = m->entry.log && m->entry.log->generation == 1 ? entry_promise(&m->entry, a) : NULL;
}

int authority_cosign(const struct authority *x, const struct authority_order *o, const char *image,
		     const char *digest, struct arena *a, struct authority_cosign *out, struct err *e)
{
	struct arena work autofree(arena) = ARENA_INIT;
	struct made m autofree(made) = { 0 };
	struct authority_order order = *o;
	bool message = o->predicate == AUTHORITY_MESSAGE;
	int r;

	*out = (struct authority_cosign){ 0 };
	if (message) { /* the artifact is the payload, so another digest is another payload, well signed */
		if (o->fault == AUTHORITY_FAULT_digest) {
			digest = arena_printf(a, "sha256:%s", bytes_hex(a, bytes_from(a, "another image")));
			order.fault = AUTHORITY_GOOD;
		}
		out->payload = simple_signing(image, digest, a);
		order.artifact = out->payload;
		order.artifact_n = strlen(out->payload);
		order.digest = NULL;
	}
	r = order_check(x, &order, e);
	if (r)
		return r;
	make(&m, x, &order, (struct bytes){ order.artifact, order.artifact_n }, &work);
	if (!message)
		out->payload = envelope_alone(&m, a);
	annotate(out, &m, a);
	return 0;
}
