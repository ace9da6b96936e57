#include "core/adapters/authority/internal.h"

enum { ROOT_MAX = 1 << 20, NAME_TEXT = 128 };

static void open(struct jw *w, const char *key, char bracket)
{
	jw_key(w, key);
	jw_open(w, bracket);
}

static void window(struct jw *w, struct when from, struct when until)
{
	open(w, "validFor", '{');
	jw_kwhen(w, "start", from);
	if (when_known(until))
		jw_kwhen(w, "end", until);
	jw_close(w, '}');
}

static void certificate(struct jw *w, const X509 *x, struct arena *a)
{
	if (!x)
		return;
	jw_open(w, '{');
	jw_kstr(w, "rawBytes", bytes_base64(a, cert_der(x, a)));
	jw_close(w, '}');
}

static const char *subject_part(const X509 *x, int nid, struct arena *a)
{
	char text[NAME_TEXT] = "";

	(void)X509_NAME_get_text_by_NID(X509_get_subject_name(x), nid, text, sizeof(text));
	return arena_strdup(a, text);
}

static void chain(struct jw *w, const struct issuer *i, const X509 *leaf, const char *uri, struct when from,
		  struct when until, struct arena *a)
{
	jw_open(w, '{');
	open(w, "subject", '{');
	jw_kstr(w, "organization", subject_part(i->root, NID_organizationName, a));
	jw_kstr(w, "commonName", subject_part(leaf ? leaf : i->root, NID_commonName, a));
	jw_close(w, '}');
	jw_kstr(w, "uri", uri);
	open(w, "certChain", '{');
	open(w, "certificates", '[');
	certificate(w, leaf, a);
	certificate(w, i->cert, a);
	certificate(w, i->root, a);
	jw_close(w, ']');
	jw_close(w, '}');
	window(w, from, until);
	jw_close(w, '}');
}

static void log_write(struct jw *w, const struct log *l, const char *url, struct when from, struct arena *a)
{
	jw_open(w, '{');
	jw_kstr(w, "baseUrl", url);
	jw_kstr(w, "hashAlgorithm", "SHA2_256");
	open(w, "publicKey", '{');
	jw_kstr(w, "rawBytes", bytes_base64(a, key_spki(&l->key, a)));
	jw_kstr(w, "keyDetails", l->generation == 1 ? "PKIX_ECDSA_P256_SHA_256" : "PKIX_ED25519");
	window(w, from, WHEN_NONE);
	jw_close(w, '}');
	open(w, "logId", '{');
	jw_kstr(w, "keyId", bytes_base64(a, log_id(l, a)));
	jw_close(w, '}');
	jw_close(w, '}');
}

static void logs(struct jw *w, const struct authority *x, struct arena *a)
{
	struct log ct = { .generation = 1, .key = x->ct };

	open(w, "tlogs", '[');
	for (size_t i = 0; i < countof(x->logs); i++)
		log_write(w, &x->logs[i], arena_printf(a, "https://%s", x->logs[i].name), x->since, a);
	jw_close(w, ']');
	open(w, "ctlogs", '[');
	log_write(w, &ct, "https://ct.drill.invalid/2026", x->since, a);
	jw_close(w, ']');
}

const char *authority_trusted_root(const struct authority *x, struct arena *a)
{
	static const char *const uris[] = { "https://fulcio.drill.invalid", "fulcio.drill.invalid" };
	struct buf text autofree(buf) = BUF_INIT(ROOT_MAX);
	struct jw w;

	jw_init(&w, &text);
	jw_open(&w, '{');
	jw_kstr(&w, "mediaType", "application/vnd.dev.sigstore.trustedroot+json;version=0.1");
	logs(&w, x, a);
	open(&w, "certificateAuthorities", '[');
	for (size_t i = 0; i < countof(uris); i++)
		chain(&w, &x->ca[i], NULL, uris[i], x->since, x->until, a);
	jw_close(&w, ']');
	open(&w, "timestampAuthorities", '[');
	for (size_t i = 0; i < countof(uris); i++)
		chain(&w, &x->tsa[i].ca, x->tsa[i].cert, x->tsa[i].uri, x->tsa[i].from, x->tsa[i].until, a);
	chain(&w, &x->former.ca, x->former.cert, x->former.uri, x->former.from, x->former.until, a);
	jw_close(&w, ']');
	jw_close(&w, '}');
	BUG_IF(text.over);
	return arena_strdup(a, text.s);
}
