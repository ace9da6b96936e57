#include "core/adapters/attest/chain.h"

/* The list of promises in a certificate (RFC 6962, 3.3): 1.3.6.1.4.1.11129.2.4.2, numbers big-endian. */

#define LOG_ID        32
#define VERSION_1     0
#define PRECERT       1
#define SIG_ECDSA     3 /* RFC 5246, 7.4.1.4.1 */
#define SIG_RSA       1
#define SEQUENCE      0x30
#define EXTENSIONS    0xa3 /* [3], of a TBSCertificate */
#define TEXT_MAX      (2 * ATTEST_CERT_MAX + 65536)
#define TIMESTAMP_MAX (INT64_C(253402300799) * 1000) /* the last second of the year 9999 */

struct sct {
	struct span log, extensions, signature;
	uint64_t at; /* ms since the epoch */
	unsigned hash, kind;
};

/* ---- the list --------------------------------------------------------------------------------------------------------- */

/* The next n bytes; false: they are not there. */
static bool take_bytes(struct span *from, size_t n, struct span *out)
{
	if (from->n < n)
		return false;
	*out = (struct span){ from->p, n };
	from->p += n;
	from->n -= n;
	return true;
}

static bool take_number(struct span *from, size_t n, uint64_t *out)
{
	struct span b;

	*out = 0;
	if (!take_bytes(from, n, &b))
		return false;
	for (size_t i = 0; i < n; i++)
		*out = *out << 8 | b.p[i];
	return true;
}

static bool take_vector(struct span *from, struct span *out)
{
	uint64_t n;

	return take_number(from, 2, &n) && take_bytes(from, (size_t)n, out);
}

static bool take_sct(struct span *list, struct sct *out)
{
	struct span one;
	uint64_t version, hash, kind;

	if (!take_vector(list, &one) || !take_number(&one, 1, &version) || version != VERSION_1 ||
	    !take_bytes(&one, LOG_ID, &out->log) || !take_number(&one, 8, &out->at) ||
	    !take_vector(&one, &out->extensions) || !take_number(&one, 1, &hash) ||
	    !take_number(&one, 1, &kind) || !take_vector(&one, &out->signature) || one.n)
		return false;
	out->hash = (unsigned)hash;
	out->kind = (unsigned)kind;
	return true;
}

/* 0: malformed, or more than are read; *n is 0 when there is none. */
static bool read_list(struct sct scts[ATTEST_SCTS_MAX], size_t *n, const ASN1_OCTET_STRING *value)
{
	const unsigned char *at = ASN1_STRING_get0_data(value);
	long length = ASN1_STRING_length(value);
	const unsigned char *end = at + length;
	ASN1_OCTET_STRING *inner = d2i_ASN1_OCTET_STRING(NULL, &at, length);
	struct span all = { 0 }, list = { 0 };
	bool good = inner && at == end;

	*n = 0;
	if (good) { /* the same bytes, in the certificate itself */
		all = (struct span){ end - ASN1_STRING_length(inner), (size_t)ASN1_STRING_length(inner) };
		good = take_vector(&all, &list) && !all.n && list.n;
	}
	ASN1_OCTET_STRING_free(inner);
	while (good && list.n && *n < ATTEST_SCTS_MAX)
		good = take_sct(&list, &scts[(*n)++]);
	return good && !list.n;
}

/* ---- what was promised ------------------------------------------------------------------------------------------------ */

/* One element of DER: its whole and what is in it; false: malformed. Moves `from` behind it. */
static bool take_element(struct span *from, struct span *whole, struct span *inside, int *tag)
{
	const unsigned char *at = from->p;
	int class;
	long n;

	if (ASN1_get_object(&at, &n, tag, &class, (long)from->n) &
	    0x81) /* an error, or BER without a length */
		return false;
	*tag |= class << 8;
	*inside = (struct span){ at, (size_t)n };
	*whole = (struct span){ from->p, (size_t)(at + n - from->p) };
	from->p += whole->n;
	from->n -= whole->n;
	return true;
}

static void put_number(struct buf *out, uint64_t v, size_t n)
{
	while (n--)
		buf_chr(out, (char)(unsigned char)(v >> (8 * n)));
}

static void put_span(struct buf *out, struct span s)
{
	buf_add(out, s.p, s.n);
}

/* A header in DER; n is below 64 KiB, as certificates are. */
static void put_header(struct buf *out, unsigned char tag, size_t n)
{
	put_number(out, tag, 1);
	if (n > 0xff)
		put_number(out, 0x82, 1);
	else if (n > 0x7f)
		put_number(out, 0x81, 1);
	put_number(out, n, n > 0xff ? 2 : 1);
}

/* The extensions without the at-th of them, in their two wrappings. */
static bool put_extensions(struct buf *out, struct span wrapped, int at)
{
	struct buf kept = BUF_INIT(ATTEST_CERT_MAX), list = BUF_INIT(ATTEST_CERT_MAX);
	struct span all, whole, inside;
	int tag;
	bool good = take_element(&wrapped, &whole, &all, &tag) && !wrapped.n;

	for (int i = 0; good && all.n; i++) {
		good = take_element(&all, &whole, &inside, &tag);
		if (good && i != at)
			put_span(&kept, whole);
	}
	put_header(&list, SEQUENCE, kept.n);
	buf_add(&list, kept.s, kept.n);
	put_header(out, EXTENSIONS, list.n);
	buf_add(out, list.s, list.n);
	buf_done(&kept);
	buf_done(&list);
	return good;
}

/* The certificate as the log saw it: without the promises. Cut from its own bytes: to decode a copy of it, as OpenSSL would
 * have it done, takes longer than to verify the promise. */
static bool put_tbs(struct buf *out, struct span der, int at)
{
	struct buf in = BUF_INIT(ATTEST_CERT_MAX);
	struct span cert, tbs, whole, inside;
	int tag = 0;
	bool good = take_element(&der, &whole, &cert, &tag) && take_element(&cert, &whole, &tbs, &tag);

	while (good && tbs.n) {
		good = take_element(&tbs, &whole, &inside, &tag);
		if (good && tag == (V_ASN1_CONTEXT_SPECIFIC << 8 | 3))
			good = put_extensions(&in, inside, at);
		else
			put_span(&in, whole);
	}
	put_header(out, SEQUENCE, in.n);
	buf_add(out, in.s, in.n);
	good = good && !in.over && !out->over;
	buf_done(&in);
	return good;
}

/* RFC 6962, 3.2: a precertificate entry names its issuer by the hash of its key, and that key is the verified path's: names
 * may be shared. */
static void signed_text(struct buf *out, const struct sct *s, const struct attest_key *issuer,
			struct span tbs)
{
	put_number(out, VERSION_1, 1);
	put_number(out, 0, 1); /* certificate_timestamp */
	put_number(out, s->at, 8);
	put_number(out, PRECERT, 2);
	buf_add(out, attest_key_sha256(issuer), 32);
	put_number(out, tbs.n, 3);
	put_span(out, tbs);
	put_number(out, s->extensions.n, 2);
	put_span(out, s->extensions);
}

/* Does the promise say that it was signed as the log's key signs? */
static bool is_by_kind(const struct sct *s, const struct attest_key *k)
{
	static const struct {
		const char *algorithm;
		unsigned hash, kind;
	} kinds[] = {
		{ "ecdsa-p256-sha256", 4, SIG_ECDSA },
		{ "ecdsa-p384-sha384", 5, SIG_ECDSA },
		{ "ecdsa-p521-sha512", 6, SIG_ECDSA },
		{ "rsa-pkcs1-sha256", 4, SIG_RSA },
	};

	for (size_t i = 0; i < countof(kinds); i++)
		if (strcmp(kinds[i].algorithm, attest_key_algorithm(k)) == 0)
			return s->hash == kinds[i].hash && s->kind == kinds[i].kind;
	return false;
}

/* ---- logs ------------------------------------------------------------------------------------------------------------- */

/* A log of the root with that id, by its key (RFC 6962, 3.2), valid at that time if one is. */
static const struct attest_log *find_log(const struct attest_root *r, const struct sct *s, struct when at)
{
	const struct attest_log *found = NULL;
	size_t n;
	const struct attest_log *logs = attest_root_ctlogs(r, &n);

	for (size_t i = 0; i < n; i++) {
		if (!logs[i].key || memcmp(attest_key_sha256(logs[i].key), s->log.p, LOG_ID) != 0)
			continue;
		if (attest_window_has(logs[i].window, at))
			return &logs[i];
		found = &logs[i];
	}
	return found;
}

static bool is_new(const struct sct *scts, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (span_eq(scts[k].log, scts[i].log))
			return false;
	return true;
}

/* 0 it is good, or there is no such log and *known is false; else PROOF_SCT_BAD. */
static int check(const struct sct *s, struct span tbs, const struct attest_path *path,
		 const struct attest_root *r, bool *known, struct err *why)
{
	struct when at = { s->at <= TIMESTAMP_MAX ? (int64_t)s->at : 0 };
	const struct attest_log *log = find_log(r, s, at);
	struct buf text = BUF_INIT(TEXT_MAX);
	bool good;

	*known = log != NULL;
	if (!log)
		return 0;
	if (!attest_window_has(log->window, at))
		return attest_no(why, PROOF_SCT_BAD, "the promise of %s is of a time when it was not trusted",
				 log->name);
	if (!is_by_kind(s, log->key))
		return attest_no(why, PROOF_SCT_BAD,
				 "the promise of %s is signed by another algorithm than its key's",
				 log->name);
	signed_text(&text, s, path->issuer, tbs);
	good = attest_key_verify(log->key, s->signature, (struct span){ (unsigned char *)text.s, text.n },
				 NULL) == 0;
	buf_done(&text);
	return good ? 0 : attest_no(why, PROOF_SCT_BAD, "the promise of %s does not verify", log->name);
}

static int check_all(int64_t *distinct, const struct sct *scts, size_t n, struct span tbs,
		     const struct attest_path *path, const struct attest_root *r, struct err *why)
{
	for (size_t i = 0; i < n; i++) {
		bool known;
		int bad = check(&scts[i], tbs, path, r, &known, why);

		if (bad)
			return bad;
		*distinct += known && is_new(scts, i);
	}
	return *distinct
		       ? 0
		       : attest_no(why, PROOF_SCT_NONE,
				   "none of %zu promises in the certificate is by a log of the trusted root",
				   n);
}

int attest_cert_scts(int64_t *distinct, const struct attest_cert *c, const struct attest_path *path,
		     const struct attest_root *r, struct err *why)
{
	const X509 *x = attest_cert_x509(c);
	int at = X509_get_ext_by_NID(x, NID_ct_precert_scts, -1);
	autofree(buf) struct buf tbs = BUF_INIT(ATTEST_CERT_MAX);
	struct sct scts[ATTEST_SCTS_MAX];
	size_t n;
	int bad;

	*distinct = 0;
	if (at < 0)
		return attest_no(why, PROOF_SCT_NONE, "the certificate bears no promise of a log");
	if (!read_list(scts, &n, X509_EXTENSION_get_data(X509_get_ext(x, at))))
		return attest_no(why, PROOF_SCT_BAD, "the list of promises in the certificate is malformed");
	if (!path->issuer || !put_tbs(&tbs, attest_cert_der(c), at))
		return attest_no(why, PROOF_SCT_BAD, "the certificate's issuer is not known");
	bad = check_all(distinct, scts, n, (struct span){ (unsigned char *)tbs.s, tbs.n }, path, r, why);
	if (bad)
		*distinct = 0;
	return bad;
}
