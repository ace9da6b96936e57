#include "core/adapters/sshsig/internal.h"

#include "base/text.h"

#include <openssl/evp.h>

#define BEGIN   "-----BEGIN SSH SIGNATURE-----"
#define END     "-----END SSH SIGNATURE-----"
#define MAGIC   "SSHSIG"
#define VERSION 1
#define LINE    70 /* base64 digits, as OpenSSH writes them */

/* ---- the armour ------------------------------------------------------------------------------------------------------- */

/* The text between the two lines, without its line ends. */
static int unwrap(struct buf *digits, const char *text, size_t n, struct err *e)
{
	const char *end;

	if (n < strlen(BEGIN) + 1 || memcmp(text, BEGIN "\n", strlen(BEGIN) + 1) != 0)
		return err_set(e, ERR_CORRUPT, "it does not begin as a signature does");
	text += strlen(BEGIN) + 1;
	n -= strlen(BEGIN) + 1;
	while ((end = memchr(text, '\n', n)) && *text != '-') {
		buf_add(digits, text, (size_t)(end - text));
		n -= (size_t)(end - text) + 1;
		text = end + 1;
	}
	if (n && text[n - 1] == '\n')
		n--;
	if (n != strlen(END) || memcmp(text, END, n) != 0)
		return err_set(e, ERR_CORRUPT, "it does not end as a signature does");
	return digits->over ? err_set(e, ERR_CORRUPT, "it is too long for a signature") : 0;
}

int sshsig_read(struct sshsig *out, struct buf *raw, const char *text, size_t n, struct err *e)
{
	autofree(buf) struct buf digits = BUF_INIT(SIGN_MAX);
	struct bytes reserved maybe_unused;
	struct wire w;
	uint32_t version;
	int r = unwrap(&digits, text, n, e);

	if (r < 0)
		return r;
	if (!text_unbase64(raw, digits.s, digits.n))
		return err_set(e, ERR_CORRUPT, "the base64 text is cut off or damaged");
	if (raw->n < strlen(MAGIC) || memcmp(raw->s, MAGIC, strlen(MAGIC)) != 0)
		return err_set(e, ERR_CORRUPT, "it holds no SSH signature");
	w = (struct wire){ (const unsigned char *)raw->s + strlen(MAGIC), raw->n - strlen(MAGIC), false };
	version = wire_u32(&w);
	out->key = wire_string(&w);
	out->space = wire_string(&w);
	reserved = wire_string(&w);
	out->hash = wire_string(&w);
	out->signature = wire_string(&w);
	if (!wire_is_done(&w))
		return err_set(e, ERR_CORRUPT, "the signature is cut off, or something follows it");
	if (version != VERSION)
		return err_set(e, ERR_CORRUPT, "the signature has version %u and not 1", (unsigned)version);
	return 0;
}

void sshsig_write(struct buf *armoured, const struct sshsig *s)
{
	autofree(buf) struct buf raw = BUF_INIT(SIGN_MAX), digits = BUF_INIT(2 * SIGN_MAX);

	buf_str(&raw, MAGIC);
	put_u32(&raw, VERSION);
	put_string(&raw, s->key.p, s->key.n);
	put_string(&raw, s->space.p, s->space.n);
	put_string(&raw, "", 0);
	put_string(&raw, s->hash.p, s->hash.n);
	put_string(&raw, s->signature.p, s->signature.n);
	text_base64(&digits, raw.s, raw.n);
	buf_str(armoured, BEGIN "\n");
	for (size_t i = 0; i < digits.n; i += LINE) {
		buf_add(armoured, digits.s + i, digits.n - i < LINE ? digits.n - i : LINE);
		buf_chr(armoured, '\n');
	}
	buf_str(armoured, END "\n");
}

/* ---- what is signed --------------------------------------------------------------------------------------------------- */

int sshsig_message(struct buf *out, struct bytes space, struct bytes hash, const void *bytes, size_t n,
		   struct err *e)
{
	const EVP_MD *md = bytes_are(hash, "sha512")   ? EVP_sha512()
			   : bytes_are(hash, "sha256") ? EVP_sha256()
						       : NULL;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length = 0;

	if (!md)
		return err_set(e, ERR_INVALID, "it is over a digest that is not accepted");
	BUG_IF(!EVP_Digest(bytes, n, digest, &length, md, NULL));
	buf_str(out, MAGIC);
	put_string(out, space.p, space.n);
	put_string(out, "", 0);
	put_string(out, hash.p, hash.n);
	put_string(out, digest, length);
	return out->over ? err_set(e, ERR_INVALID, "its name space is too long") : 0;
}
