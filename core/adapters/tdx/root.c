#include "core/adapters/tdx/internal.h"

#include <openssl/bio.h>
#include <openssl/pem.h>

#include <string.h>
#include <time.h>

int quote_root_pin(char out[65], const void *pem, size_t n, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct tdx_chain chain = { 0 };
	bool good = tdx_chain_pem(&chain, (struct bytes){ pem, n }, &a);

	if (good)
		memcpy(out, tdx_cert_sha(chain.at[0], &a), 65);
	tdx_chain_free(&chain);
	arena_done(&a);
	return good ? 0 : err_set(e, ERR_INVALID, "there is no certificate in it");
}

/* Neither a key nor a request nor somebody's certificate may take the place of who is believed. */
static const char *no_root(X509 *cert, struct arena *a)
{
	char issuer[256] = "";

	X509_NAME_oneline(X509_get_issuer_name(cert), issuer, sizeof(issuer));
	if (X509_NAME_cmp(X509_get_subject_name(cert), X509_get_issuer_name(cert)) != 0)
		return arena_printf(a, "it is no root: it is signed by another certificate, of %s", issuer);
	if (tdx_issued_flaw(cert, cert))
		return "it is no root: it may not sign others, or did not sign itself";
	return NULL;
}

/* More than one certificate in a file leaves open which of them is meant. */
static int read_pem(X509 **out, struct bytes text, struct arena *a, struct err *e)
{
	struct tdx_chain chain = { 0 };
	bool good = tdx_chain_pem(&chain, text, a);
	int r = 0;

	if (!good)
		r = err_set(e, ERR_INVALID, "there is no whole certificate in this PEM");
	else if (chain.n != 1)
		r = err_set(e, ERR_INVALID, "there are %zu certificates in it, and a root is one", chain.n);
	else
		X509_up_ref(*out = chain.at[0]);
	tdx_chain_free(&chain);
	return r;
}

static const char *pem_of(X509 *cert, struct arena *a)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long n;
	const char *pem;

	BUG_IF(!bio || !PEM_write_bio_X509(bio, cert));
	n = BIO_get_mem_data(bio, &text);
	pem = arena_strndup(a, text, (size_t)n);
	BIO_free(bio);
	return pem;
}

static void tell_root(struct quote_root *out, X509 *cert, struct arena *a)
{
	char subject[256] = "";
	struct tm tm = { 0 };

	X509_NAME_oneline(X509_get_subject_name(cert), subject, sizeof(subject));
	memcpy(out->sha, tdx_cert_sha(cert, a), 65);
	out->subject = arena_strdup(a, subject);
	out->until = ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm) == 1
			     ? (struct when){ (int64_t)timegm(&tm) * 1000 }
			     : WHEN_NONE;
}

int quote_root_read(struct quote_root *out, const void *text, size_t n, struct arena *a, struct err *e)
{
	const struct bytes all = { text, n };
	bool pem = n > 10 && memmem(text, n, "-----BEGIN ", 11) != NULL;
	X509 *cert = pem ? NULL : tdx_cert(all);
	const char *why;
	int r = pem ? read_pem(&cert, all, a, e) : cert ? 0 : 1;

	if (r)
		return r;
	*out = (struct quote_root){ .n = n, .pem = text };
	why = no_root(cert, a);
	tell_root(out, cert, a);
	if (!pem) {
		out->pem = pem_of(cert, a);
		out->n = strlen(out->pem);
	}
	X509_free(cert);
	return why ? err_set(e, ERR_INVALID, "%s", why) : 0;
}
