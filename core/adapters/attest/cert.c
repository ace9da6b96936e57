#include "core/adapters/attest/chain.h"

#include "base/text.h"

#include <openssl/err.h>
#include <openssl/pem.h>

struct attest_cert {
	X509 *x509;
	struct attest_key *key;
	struct attest_window window;
	size_t n;
	unsigned char der[];
};

/* 1.3.6.1.4.1.57264.1, whose next arc is the extension's number (fulcio docs/oid-info.md). */
static const unsigned char fulcio_arc[] = { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xbf, 0x30, 0x01 };
#define FULCIO_ISSUER_RAW 1 /* the older form: bare bytes; so are all below 7 */
#define FULCIO_NAME       7 /* the type of a SAN's otherName */

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

int attest_cert_read(struct attest_cert **out, struct span der, struct err *why)
{
	struct attest_window window;
	struct attest_key *key;
	X509 *x;

	*out = NULL;
	if (der.n > ATTEST_CERT_MAX)
		return attest_no(why, PROOF_ATT_LIMIT, "the certificate has %zu bytes, more than %zu", der.n,
				 ATTEST_CERT_MAX);
	x = attest_x509_keyless(der);
	if (!x || !attest_x509_window(&window, x)) {
		X509_free(x);
		return attest_no(why, PROOF_ATT_PARSE, "the certificate is malformed");
	}
	key = attest_x509_key(x, why);
	if (!key) {
		X509_free(x);
		return PROOF_SIG_BAD;
	}
	*out = x_alloc(sizeof(**out) + der.n);
	**out = (struct attest_cert){ .x509 = x, .key = key, .window = window, .n = der.n };
	memcpy((*out)->der, der.p, der.n);
	return 0;
}

void attest_cert_free(struct attest_cert *c)
{
	if (c) {
		X509_free(c->x509);
		attest_key_free(c->key);
	}
	free(c);
}

struct span attest_cert_der(const struct attest_cert *c)
{
	return (struct span){ c->der, c->n };
}

const struct attest_key *attest_cert_key(const struct attest_cert *c)
{
	return c->key;
}

X509 *attest_cert_x509(const struct attest_cert *c)
{
	return c->x509;
}

int attest_cert_hint(struct span der, struct err *why)
{
	X509 *x = attest_x509_keyless(der);
	bool root = x && X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0;

	X509_free(x);
	if (!x)
		return attest_no(why, PROOF_ATT_PARSE, "a certificate of the chain is malformed");
	return root ? attest_no(why, PROOF_CERT_CHAIN, "the bundle brings a root of its own") : 0;
}

/* ---- S3: the path to an authority --------------------------------------------------------------------------------------- */

/* What was found out about a leaf: one signature is verified once, however many authorities share its issuer. */
struct search {
	const struct attest_cert *c;
	const struct attest_authority *cas;
	size_t n;
	struct {
		const struct attest_key *key;
		bool signed_it;
	} known[ATTEST_AUTHS_MAX * ATTEST_CHAIN_MAX];
	size_t known_n;
};

static bool signed_by(struct search *s, const struct attest_link *l)
{
	size_t i;

	if (!l->key || !attest_link_names(l, s->c->x509))
		return false;
	for (i = 0; i < s->known_n; i++)
		if (memcmp(attest_key_sha256(s->known[i].key), attest_key_sha256(l->key), 32) == 0)
			return s->known[i].signed_it;
	s->known[i].key = l->key;
	s->known[i].signed_it = attest_link_signed(l, s->c->x509);
	s->known_n++;
	return s->known[i].signed_it;
}

/* The first way from the leaf to an anchor; at: not known, at any time. */
static const struct attest_link *walk(struct search *s, struct when at, const struct attest_authority **ca)
{
	for (size_t i = 0; i < s->n; i++) {
		*ca = &s->cas[i];
		if (when_known(at) && !attest_window_has((*ca)->window, at))
			continue;
		for (size_t k = 0; k < (*ca)->n; k++) {
			const struct attest_link *l = &(*ca)->links[k];

			if (!l->broken && (!when_known(at) || attest_window_has(l->path, at)) &&
			    signed_by(s, l))
				return l;
		}
	}
	return NULL;
}

/* Somebody of the root signed it, and yet there is no path: why. */
static const char *why_broken(struct search *s)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->cas[i].n; k++)
			if (s->cas[i].links[k].broken && signed_by(s, &s->cas[i].links[k]))
				return s->cas[i].links[k].broken;
	return NULL;
}

static int no_path(struct search *s, struct when at, struct err *why)
{
	const struct attest_authority *ca;
	const char *broken;
	char text[WHEN_TEXT];

	if (walk(s, WHEN_NONE, &ca))
		return attest_no(why, PROOF_CERT_TIME, "the certificate or its authority was not valid at %s",
				 when_iso(at, text));
	broken = why_broken(s);
	if (broken)
		return attest_no(why, PROOF_CERT_CHAIN,
				 "the chain of the certificate's authority is broken: %s", broken);
	return attest_no(why, PROOF_CERT_CHAIN, "no authority of the trusted root issued the certificate");
}

/* The last arc of one of Fulcio's identifiers; 0: it is another's. */
static int fulcio_number(const ASN1_OBJECT *object)
{
	const unsigned char *p = OBJ_get0_data(object);
	bool is = OBJ_length(object) == sizeof(fulcio_arc) + 1 &&
		  memcmp(p, fulcio_arc, sizeof(fulcio_arc)) == 0;

	return is ? p[sizeof(fulcio_arc)] : 0;
}

static int extension_number(const X509 *x, int i)
{
	return fulcio_number(X509_EXTENSION_get_object(X509_get_ext(x, i)));
}

/* Fulcio names its signers in the SAN alone; GitHub's attester of releases has a name and none of Fulcio's extensions. */
static bool has_stray_subject(const X509 *x)
{
	if (X509_NAME_entry_count(X509_get_subject_name(x)) == 0)
		return false;
	for (int i = 0; i < X509_get_ext_count(x); i++)
		if (extension_number(x, i))
			return true;
	return false;
}

static const char *leaf_refused(const struct attest_cert *c)
{
	const char *refused = attest_leaf_refused(c->x509, XKU_CODE_SIGN, false);

	if (!refused && has_stray_subject(c->x509))
		refused = "it has a subject beside its alternative name";
	return refused;
}

int attest_cert_chain(struct attest_path *out, const struct attest_cert *c, const struct attest_root *r,
		      const struct when *times, size_t n, struct err *why)
{
	const char *refused = leaf_refused(c);
	struct attest_path first = { 0 };
	struct search s = { .c = c };

	s.cas = attest_root_cas(r, &s.n);
	*out = (struct attest_path){ .authority = "" };
	if (!n)
		return attest_no(why, PROOF_TIME_NONE, "nobody attests when it was signed");
	if (n > ATTEST_TIMES_MAX)
		return attest_no(why, PROOF_ATT_LIMIT, "it bears %zu times, more than %d", n,
				 ATTEST_TIMES_MAX);
	if (refused)
		return attest_no(why, PROOF_CERT_CHAIN, "the certificate does not do: %s", refused);
	for (size_t i = 0; i < n; i++) {
		const struct attest_authority *ca = NULL;
		const struct attest_link *l =
			attest_window_has(c->window, times[i]) ? walk(&s, times[i], &ca) : NULL;

		if (!l)
			return no_path(&s, times[i], why);
		if (i == 0)
			first = (struct attest_path){ .authority = ca->name, .issuer = l->key };
	}
	*out = first;
	return 0;
}

/* ---- S8: who signed ----------------------------------------------------------------------------------------------------- */

/* Text of a certificate, whole and plain UTF-8; NULL: it is not. */
static const char *text_of(const ASN1_STRING *s, struct arena *a)
{
	const char *p = (const char *)ASN1_STRING_get0_data(s);
	size_t n = (size_t)ASN1_STRING_length(s);

	if (!n || memchr(p, 0, n) || !text_is_utf8(p, n))
		return NULL;
	return arena_strndup(a, p, n);
}

static const char *read_name(struct attest_identity *out, const GENERAL_NAME *name, struct arena *a)
{
	int type;
	const void *value = GENERAL_NAME_get0_value(name, &type);
	const OTHERNAME *other = value;

	if (type == GEN_URI || type == GEN_EMAIL) {
		out->san_kind = type == GEN_URI ? ATTEST_SAN_URI : ATTEST_SAN_EMAIL;
		return text_of(value, a);
	}
	if (type != GEN_OTHERNAME || fulcio_number(other->type_id) != FULCIO_NAME ||
	    other->value->type != V_ASN1_UTF8STRING)
		return NULL;
	out->san_kind = ATTEST_SAN_OTHER;
	return text_of(other->value->value.utf8string, a);
}

static int read_san(struct attest_identity *out, const X509 *x, struct arena *a, struct err *why)
{
	int found = 0;
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, &found, NULL);
	int n = names ? sk_GENERAL_NAME_num(names) : 0;

	if (n == 1)
		out->san = read_name(out, sk_GENERAL_NAME_value(names, 0), a);
	GENERAL_NAMES_free(names);
	ERR_clear_error();
	if (out->san)
		return 0;
	out->san_kind = ATTEST_SAN_NONE;
	if (n == 1)
		return attest_no(why, PROOF_ATT_PARSE,
				 "the certificate's name is of no known kind or damaged");
	return attest_no(why, PROOF_ID_SAN, "the certificate has not exactly one name");
}

/* A DER UTF8String and nothing behind it, or the bare bytes of the oldest ones. */
static const char *extension_text(X509_EXTENSION *ext, int number, struct arena *a)
{
	const ASN1_OCTET_STRING *data = X509_EXTENSION_get_data(ext);
	const unsigned char *at = ASN1_STRING_get0_data(data), *end = at + ASN1_STRING_length(data);
	ASN1_UTF8STRING *utf8;
	const char *text;

	if (number < FULCIO_NAME)
		return text_of(data, a);
	utf8 = d2i_ASN1_UTF8STRING(NULL, &at, ASN1_STRING_length(data));
	text = utf8 && at == end ? text_of(utf8, a) : NULL;
	ASN1_UTF8STRING_free(utf8);
	return text;
}

static int read_extensions(struct attest_identity *out, const X509 *x, struct arena *a, struct err *why)
{
	for (int i = 0; i < X509_get_ext_count(x); i++) {
		int number = extension_number(x, i);

		if (number < 1 || number >= ATTEST_OIDS || number == FULCIO_NAME)
			continue;
		if (out->oid[number])
			return attest_no(why, PROOF_ATT_PARSE,
					 "the certificate has extension 1.3.6.1.4.1.57264.1.%d twice",
					 number);
		out->oid[number] = extension_text(X509_get_ext(x, i), number, a);
		ERR_clear_error();
		if (!out->oid[number])
			return attest_no(why, PROOF_ATT_PARSE,
					 "extension 1.3.6.1.4.1.57264.1.%d of the certificate is damaged",
					 number);
	}
	out->issuer = out->oid[ATTEST_OID_ISSUER] ? out->oid[ATTEST_OID_ISSUER] : out->oid[FULCIO_ISSUER_RAW];
	return 0;
}

int attest_cert_identity(struct attest_identity *out, const struct attest_cert *c, struct arena *a,
			 struct err *why)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(c->x509);
	struct attest_identity id = { .not_before = c->window.from, .not_after = c->window.until };
	int r = read_san(&id, c->x509, a, why);

	if (!r)
		r = read_extensions(&id, c->x509, a, why);
	id.serial = span_hex(
		(struct span){ ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial) }, a);
	*out = r ? (struct attest_identity){ 0 } : id;
	return r;
}
