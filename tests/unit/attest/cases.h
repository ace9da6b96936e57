/*
 * cases.h - bundles made once, each with the reason that it must come to: of the authority with one fault, cut or changed by hand
 * where the fault is in the file, and some signed here by a key of our own over statements that no authority would sign.
 */
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "tests/unit/attest/ordered.h"

struct made_case {
	const char *name;
	const char *bundle;
	size_t n;
	struct authority_order order;   /* whose policy it is judged by */
	const struct attest_root *root; /* NULL: none, and a managed key */
	const char *key;
	enum proof_reason expected;
};
struct case_list VEC_OF(struct made_case);

struct cases {
	struct ordered world;
	struct attest_root *logless;
	EVP_PKEY *own;
	const char *own_pem;
	struct made_case *items;
	size_t n;
	struct case_list list;
};

struct case_outcome {
	enum proof_status status;
	enum proof_reason reason;
	const char *first; /* the check that refused first; "" none */
	struct proof_checks checks;
};

static inline struct case_outcome case_run(const struct cases *c, const struct made_case *m, struct arena *a)
{
	struct case_outcome o = { .first = "" };
	struct proof_policy p = ordered_policy(&m->order);
	struct attest_question q = { .bundle = m->bundle,
				     .bundle_n = m->n,
				     .root = m->root,
				     .key = m->key,
				     .digest_algorithm = "sha256",
				     .digest = ORDERED_HEX };
	struct proof_subject s = { "sha256", ORDERED_HEX };
	struct attest_facts f;
	const char *detail;
	struct err e = ERR_INIT;

	(void)c;
	if (attest_verify(&f, &q, a, &e) < 0)
		return o;
	o.status = proof_judge(&f, &s, &p, &o.checks, &o.reason, &detail, a);
	vec_each (k, &o.checks)
		if (k->result == CHECKED_FAIL && !*o.first)
			o.first = k->id;
	return o;
}

/* ---- changes by hand ----------------------------------------------------------------------------------------------------------- */

/* The text without one member: "name":{...} or [...], and the comma before it or behind it. */
static inline const char *case_without(struct arena *a, const char *text, const char *name)
{
	const char *key = arena_printf(a, "\"%s\":", name), *from = strstr(text, key), *to;
	int depth = 0;

	if (!from)
		return text;
	to = from + strlen(key);
	do
		depth += (*to == '{' || *to == '[') - (*to == '}' || *to == ']');
	while (*to++ && depth);
	if (from[-1] == ',')
		from--;
	else if (*to == ',')
		to++;
	return arena_printf(a, "%.*s%s", (int)(from - text), text, to);
}

static inline const char *case_with(struct arena *a, const char *text, const char *was, const char *is)
{
	const char *at = strstr(text, was);

	return at ? arena_printf(a, "%.*s%s%s", (int)(at - text), text, is, at + strlen(was)) : text;
}

static inline void case_add(struct cases *c, const char *name, const char *bundle, size_t n,
			    const struct authority_order *o, enum proof_reason expected)
{
	*vec_push(&c->list, &c->world.a) =
		(struct made_case){ .name = name,
				    .bundle = bundle,
				    .n = n,
				    .order = *o,
				    .root = c->world.root,
				    .key = o->instance == AUTHORITY_KEY ? c->world.key : NULL,
				    .expected = expected };
}

#include "tests/unit/attest/own.h"

/* ---- all of them ------------------------------------------------------------------------------------------------------------------- */

static maybe_unused __attribute__((noinline)) const char *case_sign(struct cases *c,
								    const struct authority_order *o,
								    size_t *n, const char **bad)
{
	struct err e = ERR_INIT;
	const char *bundle = NULL;

	if (authority_sign(c->world.x, o, &c->world.a, &bundle, n, &e) != 0)
		*bad = arena_strdup(&c->world.a, e.message);
	return bundle;
}

static inline void cases_by_hand(struct cases *c, const char **bad)
{
	static const struct ordered_form github = { AUTHORITY_GITHUB, AUTHORITY_MESSAGE, 3, 1, true };
	struct arena *a = &c->world.a;
	struct authority_order o = ordered_make(&c->world, &ordered_forms[0]);
	struct authority_order second = ordered_make(&c->world, &ordered_forms[1]);
	struct authority_order first = ordered_make(&c->world, &ordered_forms[3]);
	struct authority_order plain = ordered_make(&c->world, &github);
	size_t n;
	const char *good = case_sign(c, &o, &n, bad), *of_second = case_sign(c, &second, &n, bad),
		   *of_first = case_sign(c, &first, &n, bad), *of_plain = case_sign(c, &plain, &n, bad);

	if (*bad)
		return;
#define BY_HAND(name, text, order, reason)                                      \
	do {                                                                    \
		const char *made_ = (text);                                     \
		case_add(c, name, made_, strlen(made_), order, PROOF_##reason); \
	} while (0)
	BY_HAND("no proof of inclusion", case_without(a, good, "inclusionProof"), &o, TLOG_PROOF);
	BY_HAND("no checkpoint", case_without(a, good, "checkpoint"), &o, TLOG_CHECKPOINT);
	BY_HAND("no checkpoint in 0.1", case_without(a, of_first, "checkpoint"), &first, OK);
	BY_HAND("no promise in 0.1", case_without(a, of_first, "inclusionPromise"), &first, TIME_NONE);
	BY_HAND("no entries", case_without(a, of_second, "tlogEntries"), &second, TLOG_NONE);
	BY_HAND("no timestamps", case_without(a, of_second, "timestampVerificationData"), &second, TIME_NONE);
	BY_HAND("a member that is not known", case_with(a, good, "{\"mediaType\"", "{\"x\":1,\"mediaType\""),
		&o, ATT_PARSE);
	BY_HAND("a number that is no text",
		case_with(a, of_second, "\"treeSize\":\"", "\"treeSize\":1,\"x\":\""), &second, ATT_PARSE);
	BY_HAND("the digest contradicts", case_with(a, of_plain, "n4bQgYhMfWWaL", "o4bQgYhMfWWaL"), &plain,
		SIG_BAD);
	BY_HAND("GitHub's own signs messages", of_plain, &plain, OK);
	BY_HAND("a certificate, and a key is named", good, &o, SIG_BAD);
	c->list.items[c->list.n - 1].key = c->world.key;
	BY_HAND("no such log in the root", of_second, &second, TLOG_CHECKPOINT);
	c->list.items[c->list.n - 1].root = c->logless;
#undef BY_HAND
}

/* The root as it is, without transparency logs. */
static inline const char *cases_logless(struct cases *c)
{
	const char *text =
		case_without(&c->world.a, authority_trusted_root(c->world.x, &c->world.a), "tlogs");
	struct err e = ERR_INIT;

	return attest_root_parse(&c->logless, text, strlen(text), &e) < 0
		       ? arena_strdup(&c->world.a, e.message)
		       : NULL;
}

/* NULL, or what went wrong. */
static inline const char *cases_make(struct cases *c)
{
	const char *bad;

	*c = (struct cases){ 0 };
	bad = ordered_begin(&c->world);
	if (!bad)
		bad = cases_logless(c);
	if (!bad)
		bad = case_own_key(c);
	for (int fault = 0; !bad && fault < AUTHORITY_FAULTS_; fault++)
		for (size_t i = 0; !bad && i < countof(ordered_forms); i++) {
			struct authority_order o = ordered_make(&c->world, &ordered_forms[i]);
			const char *bundle;
			size_t n = 0;

			o.fault = (enum authority_fault)fault;
			/* good ones in all forms; a fault in every third form that can have it */
			if (!ordered_fits(&o, o.fault) || fault == AUTHORITY_FAULT_too_large ||
			    (fault && (i + (size_t)fault) % 3))
				continue;
			bundle = case_sign(c, &o, &n, &bad);
			case_add(c, names_word(&authority_fault_names, fault), bundle, n, &o,
				 authority_expects(&o));
		}
	if (!bad)
		cases_of_our_own(c);
	if (!bad)
		cases_by_hand(c, &bad);
	c->items = c->list.items;
	c->n = c->list.n;
	return bad;
}

static inline void cases_done(struct cases *c)
{
	EVP_PKEY_free(c->own);
	attest_root_free(c->logless);
	ordered_end(&c->world);
}
