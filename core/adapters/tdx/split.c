#include "core/adapters/tdx/internal.h"

/* Layout: Intel TDX DCAP Quoting Library API, A.3 (version 4) and A.4 (version 5); little endian throughout. */

#define VERSION4   4
#define VERSION5   5
#define TYPE_TD10  2
#define TYPE_TD15  3
#define CERT_QE    6
#define QE_REPORT  384
#define SIGNATURE  64
#define TEE_TDX    0x81
#define ECDSA_P256 2

struct cursor {
	struct bytes left;
	bool bad;
};

/* n bytes; once something was not there, nothing behind it is. */
static struct bytes get(struct cursor *c, size_t n)
{
	struct bytes out = { c->left.p, n };

	if (c->bad || c->left.n < n) {
		c->bad = true;
		return (struct bytes){ (const unsigned char *)"", 0 };
	}
	c->left.p += n;
	c->left.n -= n;
	return out;
}

static uint32_t number(struct cursor *c, size_t n)
{
	struct bytes b = get(c, n);
	uint32_t v = 0;

	for (size_t i = b.n; i-- > 0;)
		v = v << 8 | b.p[i];
	return v;
}

static const char *fail(struct tdx_parts *out, enum proof_reason r, const char *why)
{
	out->reason = r;
	return why;
}

static const char *split_head(struct tdx_parts *out, struct cursor *c)
{
	struct cursor head;

	out->head = get(c, TDX_HEADER);
	head = (struct cursor){ out->head, false };
	out->version = (int)number(&head, 2);
	out->key_type = (int)number(&head, 2);
	out->tee = number(&head, 4);
	if (c->bad)
		return fail(out, PROOF_TDX_PARSE, "it is shorter than a header");
	if (out->version != VERSION4 && out->version != VERSION5)
		return fail(out, PROOF_ATT_VERSION, "its version is neither 4 nor 5");
	if (out->tee != TEE_TDX)
		return fail(out, PROOF_TDX_PARSE, "it is not of a TD");
	if (out->key_type != ECDSA_P256)
		return fail(out, PROOF_TDX_PARSE, "its key is not of ECDSA with P-256");
	return NULL;
}

static const char *split_body(struct tdx_parts *out, struct cursor *c)
{
	uint32_t type = TYPE_TD10, size = TDX_BODY10;

	if (out->version == VERSION5) {
		type = number(c, 2);
		size = number(c, 4);
	}
	out->td15 = type == TYPE_TD15;
	if (!c->bad &&
	    ((type != TYPE_TD10 && type != TYPE_TD15) || size != (out->td15 ? TDX_BODY15 : TDX_BODY10)))
		return fail(out, PROOF_TDX_PARSE, "its body is neither a TD 1.0 nor a TD 1.5");
	out->body = get(c, size);
	return NULL;
}

/* What signs: all of it must lie within its announced length, and fill it. */
static void split_signature(struct tdx_parts *out, struct cursor *c)
{
	struct bytes all = get(c, number(c, 4)), nested;
	struct cursor in = { all, c->bad }, qe;

	out->signature = get(&in, SIGNATURE).p;
	out->key = get(&in, SIGNATURE).p;
	in.bad |= number(&in, 2) != CERT_QE;
	nested = get(&in, number(&in, 4));
	qe = (struct cursor){ nested, in.bad };
	out->report = get(&qe, QE_REPORT).p;
	out->report_signature = get(&qe, SIGNATURE).p;
	out->auth = get(&qe, number(&qe, 2));
	out->pck_type = (int)number(&qe, 2);
	out->pck = get(&qe, number(&qe, 4));
	c->bad = qe.bad || in.left.n || qe.left.n;
}

const char *tdx_split(struct tdx_parts *out, struct bytes quote)
{
	struct cursor c = { quote, false };
	const char *why;

	*out = (struct tdx_parts){ .reason = PROOF_TDX_PARSE };
	if (quote.n > QUOTE_MAX)
		return fail(out, PROOF_ATT_LIMIT, "it is larger than is read");
	why = split_head(out, &c);
	if (!why)
		why = split_body(out, &c);
	if (why)
		return why;
	out->signed_part = (struct bytes){ quote.p, quote.n - c.left.n };
	split_signature(out, &c);
	if (c.bad)
		return "a part of it is not where its lengths say";
	out->trailing = c.left.n;
	out->trailing_zero = true;
	for (size_t i = 0; i < c.left.n; i++)
		out->trailing_zero &= !c.left.p[i];
	return NULL;
}

void quote_core(struct quote_core *out, const void *bytes, size_t n)
{
	struct cursor c = { { bytes, n }, false };
	struct tdx_parts parts = { 0 };
	const char *why = split_head(&parts, &c);

	*out = (struct quote_core){ 0 };
	if (!why)
		why = split_body(&parts, &c);
	if (why || c.bad)
		return;
	out->body = n - c.left.n;
	(void)get(&c, sizeof(uint32_t) + SIGNATURE / 2);
	out->whole = c.bad ? 0 : n - c.left.n;
	for (size_t i = 0; i < 64; i++)
		out->answers |= parts.body.p[TDX_REPORT_DATA + i] != 0;
}
