/*
 * token_cases.h - the tokens of tokens.h, verified and judged.
 */
#pragma once

#include "tests/unit/tdx/tokens.h"

struct token_built {
	const char *text;
	struct token_keys *keys;
};

static void token_list_pem(struct buf *out, X509_CRL *crl)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *p;
	long n;

	PEM_write_bio_X509_CRL(b, crl);
	n = BIO_get_mem_data(b, &p);
	buf_add(out, p, (size_t)n);
	BIO_free(b);
	X509_CRL_free(crl);
}

static struct token_built token_build(const struct token_pki *p, enum token_fault f, struct arena *a)
{
	autofree(buf) struct buf root = BUF_INIT(65536);
	const char *jwks = token_jwks(a, p, f);
	struct token_built b = { .text = token_text(a, p, f) };
	X509 *foreign = mk_certificate(
		&(struct mk_cert){ "TEST Root", p->ca_key, NULL, p->ca_key, 1, 0, 0, true, 0 });

	mk_pem(&root, f == TF_ROOT ? foreign : p->root);
	if (f == TF_REVOKED || f == TF_LIST_OLD)
		token_list_pem(&root, mk_list(p->ca, p->ca_key, f == TF_REVOKED ? 3 : 77,
					      f == TF_LIST_OLD ? -60 : MK_DAY));
	X509_free(foreign);
	assert_int_equal(token_keys_parse(&b.keys, jwks, strlen(jwks), root.s, root.n, NULL), 0);
	return b;
}

static struct token_facts token_facts_of(const struct token_built *b, struct arena *a)
{
	struct token_facts f;

	token_verify(&f, &(struct token_question){ b->text, strlen(b->text), b->keys, { MK_NOW * 1000L } },
		     a);
	return f;
}

static bool token_case_holds(const struct token_case *c, const struct token_built *b, struct buf *why)
{
	struct arena a = ARENA_INIT;
	struct token_facts f = token_facts_of(b, &a);
	struct proof_checks checks;
	enum proof_reason strict, relaxed;
	const char *detail;
	enum proof_status s = token_judge(&f, &(struct token_policy){ .strict = true }, &checks, &strict,
					  &detail, &a),
			  r = token_judge(&f, &(struct token_policy){ 0 }, &checks, &relaxed, &detail, &a);
	bool holds = s == c->strict && r == c->relaxed && strict == c->reason && relaxed == c->reason;

	if (!holds && why)
		buf_fmt(why, "fault %d: %s %s, relaxed %s: %s\n", (int)c->fault,
			names_word(&proof_status_names, (int)s), names_word(&proof_reason_names, (int)strict),
			names_word(&proof_status_names, (int)r), detail);
	arena_done(&a);
	return holds;
}

static int token_cases_fail(const struct token_built *all, struct buf *why)
{
	int first = -1;

	for (size_t i = 0; i < countof(token_cases); i++)
		if (!token_case_holds(&token_cases[i], &all[i], why) && first < 0)
			first = (int)i;
	return first;
}

static struct token_built *token_build_all(struct arena *a)
{
	struct token_built *all = arena_array(a, struct token_built, countof(token_cases));
	struct token_pki p;

	token_pki_make(&p);
	for (size_t i = 0; i < countof(token_cases); i++)
		all[i] = token_build(&p, token_cases[i].fault, a);
	token_pki_done(&p);
	return all;
}

static void token_free_all(struct token_built *all)
{
	for (size_t i = 0; i < countof(token_cases); i++)
		token_keys_free(all[i].keys);
}
