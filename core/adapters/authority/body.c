#include "core/adapters/authority/internal.h"

/* What a transparency log says of an entry, in the canonical JSON of its kind (rekor's pkg/types, rekor-v2-spec). Members
 * are in the order of RFC 8785, values are base64 and hex: nothing needs escaping. */

static const char *verifier(const struct signing *s, struct arena *a)
{
	const char *pem = s->leaf.n ? bytes_pem(a, s->leaf) : key_pem(s->key, a);

	return bytes_base64(a, (struct bytes){ (const unsigned char *)pem, strlen(pem) });
}

static const char *hash_of(const char *text, struct arena *a)
{
	return bytes_hex(a, bytes_sha256(a, text, strlen(text)));
}

static const char *hashedrekord(const struct signing *s, struct arena *a)
{
	return arena_printf(a,
			    "{\"apiVersion\":\"0.0.1\",\"kind\":\"hashedrekord\",\"spec\":{\"data\":{"
			    "\"hash\":{\"algorithm\":"
			    "\"sha256\",\"value\":\"%s\"}},\"signature\":{\"content\":\"%s\",\"publicKey\":{"
			    "\"content\":\"%s\"}}}}",
			    bytes_hex(a, s->digest), bytes_base64(a, s->signature), verifier(s, a));
}

static const char *dsse(const struct signing *s, struct arena *a)
{
	const char *signature = bytes_base64(a, s->signature);

	return arena_printf(a,
			    "{\"apiVersion\":\"0.0.1\",\"kind\":\"dsse\",\"spec\":{\"envelopeHash\":{"
			    "\"algorithm\":\"sha256\","
			    "\"value\":\"%s\"},\"payloadHash\":{\"algorithm\":\"sha256\",\"value\":\"%s\"},"
			    "\"signatures\":[{"
			    "\"signature\":\"%s\",\"verifier\":\"%s\"}]}}",
			    hash_of(signature, a), hash_of(s->payload, a), signature, verifier(s, a));
}

static const char *intoto(const struct signing *s, struct arena *a)
{
	const char *once = bytes_base64(a, s->signature);
	const char *twice = bytes_base64(a, (struct bytes){ (const unsigned char *)once, strlen(once) });

	return arena_printf(
		a,
		"{\"apiVersion\":\"0.0.2\",\"kind\":\"intoto\",\"spec\":{\"content\":{\"envelope\":{"
		"\"payloadType\":"
		"\"%s\",\"signatures\":[{\"publicKey\":\"%s\",\"sig\":\"%s\"}]},\"hash\":{\"algorithm\":"
		"\"sha256\","
		"\"value\":\"%s\"},\"payloadHash\":{\"algorithm\":\"sha256\",\"value\":\"%s\"}}}}",
		s->type, verifier(s, a), twice, hash_of(once, a), hash_of(s->payload, a));
}

static const char *hashedrekord2(const struct signing *s, struct arena *a)
{
	struct bytes digest = s->payload ? bytes_sha256(a, s->pae.s, s->pae.n) : s->digest;
	const char *who = s->leaf.n ? arena_printf(a, "\"x509Certificate\":{\"rawBytes\":\"%s\"}",
						   bytes_base64(a, s->leaf))
				    : arena_printf(a, "\"publicKey\":{\"rawBytes\":\"%s\"}",
						   bytes_base64(a, key_spki(s->key, a)));

	return arena_printf(a,
			    "{\"apiVersion\":\"0.0.2\",\"kind\":\"hashedrekord\",\"spec\":{"
			    "\"hashedRekordV002\":{\"data\":{"
			    "\"algorithm\":\"SHA2_256\",\"digest\":\"%s\"},\"signature\":{\"content\":\"%s\","
			    "\"verifier\":{"
			    "\"keyDetails\":\"PKIX_ECDSA_P256_SHA_256\",%s}}}}}",
			    bytes_base64(a, digest), bytes_base64(a, s->signature), who);
}

static const char *unknown(const struct signing *s, struct arena *a)
{
	return arena_printf(
		a, "{\"apiVersion\":\"0.0.1\",\"kind\":\"unheardof\",\"spec\":{\"signature\":\"%s\"}}",
		bytes_base64(a, s->signature));
}

const char *body_make(const struct authority_order *o, const struct signing *s, struct arena *a,
		      const char **kind, const char **version)
{
	static const struct {
		const char *kind, *version;
		const char *(*make)(const struct signing *, struct arena *);
	} bodies[] = {
		{ "hashedrekord", "0.0.1", hashedrekord },
		{ "hashedrekord", "0.0.2", hashedrekord2 },
		{ "intoto", "0.0.2", intoto },
		{ "dsse", "0.0.1", dsse },
		{ "unheardof", "0.0.1", unknown },
	};
	size_t which = s->payload ? 3 : 0;

	if (o->fault == AUTHORITY_FAULT_body_kind)
		which = 4;
	else if (o->log == 2)
		which = 1;
	else if (s->payload && (o->version == 1 || o->version == 2))
		which = 2;
	*kind = bodies[which].kind;
	*version = bodies[which].version;
	return bodies[which].make(s, a);
}
