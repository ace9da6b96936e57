/*
 * token_cases.h - every token that the authority of drills can spoil, verified and judged.
 */
#pragma once

#include "tests/unit/tdx/cases.h"

#define MK_ISSUER "i"
#define MK_NONCE  "v"

struct token_built {
	const char *text;
	struct token_keys *keys;
};

static struct token_built token_build(const struct foundry *f, enum token_fault fault, struct arena *a)
{
	const struct when now = { MK_NOW * 1000L };
	const char *jwks = foundry_jwks(f, now, fault, a), *root = foundry_token_root(f, now, fault, a);
	const struct token_order o = { .mrtd = MK_MRTD,
				       .rtmr = { MK_48("20"), MK_48("21"), MK_48("22"), MK_48("23") },
				       .report_data = MK_REPORT,
				       .issuer = MK_ISSUER,
				       .nonce = MK_NONCE,
				       .at = { now.ms - token_fault_verdict(fault)->age * 1000 },
				       .fault = fault };
	struct token_built b = { .text = foundry_token(f, &o, a) };

	assert_int_equal(token_keys_parse(&b.keys, jwks, strlen(jwks), root, strlen(root), NULL), 0);
	return b;
}

static struct token_facts token_facts_of(const struct token_built *b, struct arena *a)
{
	struct token_facts f;

	token_verify(&f, &(struct token_question){ b->text, strlen(b->text), b->keys, { MK_NOW * 1000L } },
		     a);
	return f;
}

static bool token_case_holds(enum token_fault fault, const struct token_built *b, struct buf *why)
{
	const struct fault_verdict *c = token_fault_verdict(fault);
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
		buf_fmt(why, "%s: %s %s, relaxed %s: %s\n", names_word(&token_fault_names, (int)fault),
			names_word(&proof_status_names, (int)s), names_word(&proof_reason_names, (int)strict),
			names_word(&proof_status_names, (int)r), detail);
	arena_done(&a);
	return holds;
}

/* Place of each: its fault. */
static int token_cases_fail(const struct token_built *all, struct buf *why)
{
	int first = -1;

	for (int i = 0; i < TOKEN_FAULTS; i++)
		if (!token_case_holds((enum token_fault)i, &all[i], why) && first < 0)
			first = i;
	return first;
}

static struct token_built *token_build_all(struct arena *a)
{
	struct token_built *all = arena_array(a, struct token_built, TOKEN_FAULTS);
	struct foundry *f = mk_foundry();

	for (int i = 0; i < TOKEN_FAULTS; i++)
		all[i] = token_build(f, (enum token_fault)i, a);
	foundry_free(f);
	return all;
}

static void token_free_all(struct token_built *all)
{
	for (int i = 0; i < TOKEN_FAULTS; i++)
		token_keys_free(all[i].keys);
}
