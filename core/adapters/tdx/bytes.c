#include "core/adapters/tdx/internal.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>

/* ---- hex and base64 --------------------------------------------------------------------------------------------------- */

const char *tdx_hex(struct bytes b, struct arena *a)
{
	static const char digits[] = "0123456789abcdef";
	char *out = arena_alloc(a, 2 * b.n + 1);

	for (size_t i = 0; i < b.n; i++) {
		out[2 * i] = digits[b.p[i] >> 4];
		out[2 * i + 1] = digits[b.p[i] & 15];
	}
	return out;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool unhex(unsigned char *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int high = nibble(s[2 * i]), low = nibble(s[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

bool tdx_unhex(unsigned char *out, size_t n, const char *s)
{
	return s && strlen(s) == 2 * n && unhex(out, s, n);
}

bool tdx_unhex_all(struct bytes *out, const char *s, struct arena *a)
{
	size_t n = s ? strlen(s) : 1;
	unsigned char *p;

	if (n % 2)
		return false;
	p = arena_alloc(a, n / 2 + 1);
	*out = (struct bytes){ p, n / 2 };
	return unhex(p, s, n / 2);
}

static int digit64(char c, bool url)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == (url ? '-' : '+'))
		return 62;
	return c == (url ? '_' : '/') ? 63 : -1;
}

/* Digits only; what is left of the last one must be zero, so that a value has one form. */
static bool base64(struct bytes *out, const char *s, size_t n, bool url, struct arena *a)
{
	unsigned char *p = arena_alloc(a, n / 4 * 3 + 3);
	uint32_t bits = 0;
	size_t have = 0, made = 0;

	for (size_t i = 0; i < n; i++) {
		int v = digit64(s[i], url);

		if (v < 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			p[made++] = (unsigned char)(bits >> have);
		}
	}
	*out = (struct bytes){ p, made };
	return have < 6 && !(bits & ((1U << have) - 1));
}

bool tdx_base64url(struct bytes *out, const char *s, size_t n, struct arena *a)
{
	return base64(out, s, n, true, a);
}

bool tdx_base64(struct bytes *out, const char *s, size_t n, struct arena *a)
{
	if (n % 4)
		return false;
	for (int pad = 0; pad < 2 && n && s[n - 1] == '='; pad++)
		n--;
	return base64(out, s, n, false, a);
}

const char *tdx_sha256(const void *p, size_t n, struct arena *a)
{
	unsigned char raw[32];

	BUG_IF(!EVP_Digest(p, n, raw, NULL, EVP_sha256(), NULL));
	return tdx_hex((struct bytes){ raw, sizeof(raw) }, a);
}

/* ---- PEM --------------------------------------------------------------------------------------------------------------- */

static const unsigned char *find(const unsigned char *p, const unsigned char *end, const char *what)
{
	return p < end ? memmem(p, (size_t)(end - p), what, strlen(what)) : NULL;
}

static bool one_block(struct bytes *out, const unsigned char *from, const unsigned char *to, struct arena *a)
{
	char *digits = arena_alloc(a, (size_t)(to - from) + 1);
	size_t n = 0;

	for (; from < to; from++)
		if (!strchr(" \t\r\n", *from) || !*from)
			digits[n++] = (char)*from;
	return n && tdx_base64(out, digits, n, a);
}

int tdx_pem(struct bytes *out, size_t max, const char *label, struct bytes text, struct arena *a)
{
	const char *begin = arena_printf(a, "-----BEGIN %s-----", label),
		   *end = arena_printf(a, "-----END %s-----", label);
	const unsigned char *p = text.p,
			    *stop = text.n ? text.p + text.n : p; /* of nothing there is no address */
	int n = 0;

	for (p = find(p, stop, begin); p; p = find(p, stop, begin)) {
		const unsigned char *last;

		p += strlen(begin);
		last = find(p, stop, end);
		if (!last || (size_t)n == max || !one_block(&out[n], p, last, a))
			return -1;
		n++;
		p = last + strlen(end);
	}
	return n;
}

/* ---- P-256 ------------------------------------------------------------------------------------------------------------- */

#define DER_MAX 80

/* One positive INTEGER from 32 bytes; bytes written. */
static size_t der_integer(unsigned char *out, const unsigned char *p)
{
	size_t n = 32, pad;

	while (n > 1 && !*p)
		p++, n--;
	pad = *p >> 7;
	out[0] = 2;
	out[1] = (unsigned char)(n + pad);
	out[2] = 0;
	memcpy(out + 2 + pad, p, n);
	return 2 + pad + n;
}

bool tdx_p256_verify(EVP_PKEY *key, const unsigned char rs[64], struct bytes message)
{
	unsigned char der[DER_MAX];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = 2;
	bool good;

	n += der_integer(der + n, rs);
	n += der_integer(der + n, rs + 32);
	der[0] = 0x30;
	der[1] = (unsigned char)(n - 2);
	good = ctx && key && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	       EVP_DigestVerify(ctx, der, n, message.p, message.n) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

EVP_PKEY *tdx_p256_key(const unsigned char xy[64])
{
	unsigned char point[65] = { 4 };
	char group[] = "P-256";
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
		OSSL_PARAM_construct_end(),
	};

	memcpy(point + 1, xy, 64);
	if (!ctx || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* ---- JSON as it stands ---------------------------------------------------------------------------------------------------- */

static const unsigned char *skip_blank(const unsigned char *p, const unsigned char *end)
{
	while (p < end && strchr(" \t\r\n", *p) && *p)
		p++;
	return p;
}

/* Behind the closing quote. */
static const unsigned char *skip_string(const unsigned char *p, const unsigned char *end)
{
	for (p++; p < end && *p != '"'; p++)
		p += *p == '\\';
	return p < end ? p + 1 : end;
}

static const unsigned char *skip_value(const unsigned char *p, const unsigned char *end)
{
	int depth = 0;

	while (p < end) {
		if (*p == '"') {
			p = skip_string(p, end);
			if (!depth)
				return p;
			continue;
		}
		if (*p == '{' || *p == '[')
			depth++;
		else if (*p == '}' || *p == ']')
			depth--;
		if (depth < 0 || (!depth && (*p == ',')))
			return p;
		p++;
		if (!depth && (p[-1] == '}' || p[-1] == ']'))
			return p;
	}
	return end;
}

bool tdx_raw_member(struct bytes *out, struct bytes text, const char *key)
{
	const unsigned char *end = text.p + text.n, *p = skip_blank(text.p, end);
	size_t n = strlen(key);

	if (p == end || *p != '{')
		return false;
	for (p = skip_blank(p + 1, end); p < end && *p == '"'; p = skip_blank(p, end)) {
		const unsigned char *name = p, *value;

		p = skip_blank(skip_string(p, end), end);
		if (p == end || *p != ':')
			return false;
		value = skip_blank(p + 1, end);
		p = skip_value(value, end);
		if ((size_t)(end - name) > n + 1 && !memcmp(name + 1, key, n) && name[n + 1] == '"') {
			*out = (struct bytes){ value, (size_t)(p - value) };
			return true;
		}
		p = skip_blank(p, end);
		if (p == end || *p != ',')
			return false;
		p = skip_blank(p + 1, end);
	}
	return false;
}
