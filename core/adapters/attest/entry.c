#include "core/adapters/attest/bundle.h"

#include <string.h>

#include "base/text.h"

/* ---- the promise ------------------------------------------------------------------------------------------------------ */

static const char *base64(struct span s, struct arena *a)
{
	autofree(buf) struct buf b = BUF_INIT(2 * s.n + 8);

	text_base64(&b, (const char *)s.p, s.n);
	return arena_strdup(a, b.s);
}

/* RFC 8785: members by name, no blanks; the values need no escapes, whatever they are. */
int entry_promise_verify(const struct bundle_entry *en, const struct attest_log *log, struct arena *a,
			 struct err *why)
{
	const char *said = arena_printf(
		a,
		"{\"body\":\"%s\",\"integratedTime\":%" PRId64 ",\"logID\":\"%s\",\"logIndex\":%" PRId64 "}",
		base64(en->body, a), en->integrated.ms / 1000, span_hex(en->log_id, a), en->index);

	if (!log->key) {
		(void)err_set(why, ERR_CORRUPT, "the key of %s is of a kind that is not known", log->name);
		return PROOF_SET_BAD;
	}
	if (attest_key_verify(log->key, en->promise,
			      (struct span){ (const unsigned char *)said, strlen(said) }, why) != 0)
		return PROOF_SET_BAD;
	return 0;
}

/* ---- the body ---------------------------------------------------------------------------------------------------------- */

static const struct json_limits limits = { .bytes = ATTEST_BUNDLE_MAX, .depth = 32, .values = 4096 };

#define PEM_CERT "CERTIFICATE"
#define PEM_KEY  "PUBLIC KEY"

/* One block of PEM and nothing else, as DER. */
static bool read_pem(struct entry_body *out, struct span pem, struct arena *a)
{
	const char *at = arena_strndup(a, (const char *)pem.p, pem.n), *label = PEM_CERT, *begin, *end;
	char *digits;
	size_t n = 0;

	if (strlen(at) != pem.n)
		return false;
	begin = arena_printf(a, "-----BEGIN %s-----", label);
	if (!text_starts(at, begin)) {
		label = PEM_KEY;
		begin = arena_printf(a, "-----BEGIN %s-----", label);
	}
	end = strstr(at, arena_printf(a, "-----END %s-----", label));
	if (!text_starts(at, begin) || !end)
		return false;
	digits = arena_alloc(a, pem.n + 1);
	for (const char *s = at + strlen(begin); s < end; s++)
		if (*s != '\n' && *s != '\r')
			digits[n++] = *s;
	end += strlen(begin) - 2; /* END is two shorter than BEGIN */
	if (end[strspn(end, "\r\n")])
		return false;
	out->is_cert = strcmp(label, PEM_CERT) == 0;
	return span_base64(&out->verifier, digits, a);
}

static bool decode(struct span *out, const struct json *j, const char *path, struct arena *a)
{
	const char *digits = json_str(j, path);

	return digits && span_base64(out, digits, a);
}

static bool decode_hex(struct span *out, const char *hex, struct arena *a)
{
	size_t n = hex ? strlen(hex) : 0;
	unsigned char *p = arena_alloc(a, n / 2 + 1);

	if (!n || n % 2)
		return false;
	for (size_t i = 0; i < n; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *at = strchr(digits, hex[i]);

		if (!at)
			return false;
		p[i / 2] = (unsigned char)(p[i / 2] << 4 | (at - digits));
	}
	*out = (struct span){ p, n / 2 };
	return true;
}

static bool read_pem_at(struct entry_body *out, const struct json *j, const char *path, struct arena *a)
{
	struct span pem;

	return decode(&pem, j, path, a) && read_pem(out, pem, a);
}

static bool read_hash_at(struct entry_body *out, const struct json *j, const char *path, struct arena *a)
{
	const struct json *hash = json_get(j, path);

	out->algorithm = arena_strdup(a, json_str(hash, "algorithm"));
	return out->algorithm && decode_hex(&out->digest, json_str(hash, "value"), a);
}

static bool read_hashedrekord(struct entry_body *out, const struct json *spec, struct arena *a)
{
	return read_hash_at(out, spec, "data.hash", a) &&
	       decode(&out->signature, spec, "signature.content", a) &&
	       read_pem_at(out, spec, "signature.publicKey.content", a);
}

/* NULL: there is not exactly one. */
static const struct json *only_one(const struct json *list)
{
	return json_type(list) == JSON_ARRAY && json_size(list) == 1 ? json_at(list, 0) : NULL;
}

static bool read_dsse(struct entry_body *out, const struct json *spec, struct arena *a)
{
	const struct json *s = only_one(json_get(spec, "signatures"));

	return s && read_hash_at(out, spec, "payloadHash", a) && decode(&out->signature, s, "signature", a) &&
	       read_pem_at(out, s, "verifier", a);
}

/* Its signature is encoded twice. */
static bool read_intoto(struct entry_body *out, const struct json *spec, struct arena *a)
{
	const struct json *s = only_one(json_get(spec, "content.envelope.signatures"));
	struct span once;

	return s && read_hash_at(out, spec, "content.payloadHash", a) && decode(&once, s, "sig", a) &&
	       span_base64(&out->signature, arena_strndup(a, (const char *)once.p, once.n), a) &&
	       read_pem_at(out, s, "publicKey", a);
}

static bool read_hashedrekord2(struct entry_body *out, const struct json *spec, struct arena *a)
{
	static const char *const words[][2] = { { "SHA2_256", "sha256" },
						{ "SHA2_384", "sha384" },
						{ "SHA2_512", "sha512" } };
	const struct json *r = json_get(spec, "hashedRekordV002");
	const char *word = json_str(r, "data.algorithm");
	const struct json *cert = json_get(r, "signature.verifier.x509Certificate"),
			  *key = json_get(r, "signature.verifier.publicKey");

	for (size_t i = 0; word && i < countof(words); i++)
		if (strcmp(words[i][0], word) == 0)
			out->algorithm = words[i][1];
	out->is_pae = true;
	out->is_cert = cert != NULL;
	return !cert != !key && out->algorithm && decode(&out->digest, r, "data.digest", a) &&
	       decode(&out->signature, r, "signature.content", a) &&
	       decode(&out->verifier, cert ? cert : key, "rawBytes", a);
}

/* dsse 0.0.2 was in the specification and went from it again. */
static const struct {
	const char *kind, *version;
	bool message, envelope;
	bool (*read)(struct entry_body *out, const struct json *spec, struct arena *a);
} kinds[] = {
	{ "hashedrekord", "0.0.1", true, false, read_hashedrekord },
	{ "dsse", "0.0.1", false, true, read_dsse },
	{ "intoto", "0.0.2", false, true, read_intoto },
	{ "hashedrekord", "0.0.2", true, true, read_hashedrekord2 },
};

static int refuse(struct err *why, const char *what)
{
	(void)err_set(why, ERR_CORRUPT, "the log entry %s", what);
	return PROOF_TLOG_KIND;
}

int entry_read(struct entry_body *out, const struct bundle_entry *en, bool message, struct arena *a,
	       struct err *why)
{
	struct json *body = NULL;
	int r;

	*out = (struct entry_body){ 0 };
	r = json_parse_within(&body, (const char *)en->body.p, en->body.n, &limits, why);
	if (r)
		return PROOF_TLOG_KIND;
	r = refuse(why, "is of a kind that is not known here");
	for (size_t i = 0; i < countof(kinds); i++) {
		if (strcmp(kinds[i].kind, en->kind) != 0 || strcmp(kinds[i].version, en->version) != 0)
			continue;
		if (!text_eq(json_str(body, "kind"), en->kind) ||
		    !text_eq(json_str(body, "apiVersion"), en->version))
			r = refuse(why, "is of another kind than is said beside it");
		else if (message ? !kinds[i].message : !kinds[i].envelope)
			r = refuse(why, "is of a kind for another form of signature");
		else if (!kinds[i].read(out, json_get(body, "spec"), a))
			r = refuse(why, "lacks what its kind must have");
		else
			r = 0;
	}
	json_free(body);
	if (r == 0)
		err_clear(why);
	return r;
}
