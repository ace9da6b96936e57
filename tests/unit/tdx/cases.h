/*
 * cases.h - every quote of quotes.h with the verdict that it must get, and policies over a good one. Whoever includes this may have
 * included verify.c or quote.c with one check tampered with: then some case must come out otherwise (mutants.h).
 */
#pragma once

#include "tests/unit/tdx/build.h"

#define MK_C8(c)  c c c c c c c c
#define MK_48(c)  MK_C8(c) MK_C8(c) MK_C8(c) MK_C8(c) MK_C8(c) MK_C8(c)
#define MK_64(c)  MK_48(c) MK_C8(c) MK_C8(c)
#define MK_MRTD   MK_48("11")
#define MK_REPORT MK_64("5a")

struct quote_case {
	enum fault fault;
	enum proof_status strict, relaxed;
	enum proof_reason reason;
};
#define BAD(f, r)                                                \
	{                                                        \
		FAULT_##f, PROOF_FAILED, PROOF_FAILED, PROOF_##r \
	}
#define SOFT(f, r)                                             \
	{                                                      \
		FAULT_##f, PROOF_FAILED, PROOF_WARN, PROOF_##r \
	}
#define GOOD(f)                                                     \
	{                                                           \
		FAULT_##f, PROOF_VERIFIED, PROOF_VERIFIED, PROOF_OK \
	}
#define OLD(f)                                                          \
	{                                                               \
		FAULT_##f, PROOF_STALE, PROOF_STALE, PROOF_COLL_EXPIRED \
	}
static const struct quote_case quote_cases[] = {
	GOOD(NONE),
	GOOD(UNSORTED),
	GOOD(TRAILING),
	GOOD(AUTH64),
	GOOD(MODULE0),
	BAD(VERSION, ATT_VERSION),
	BAD(CUT, TDX_PARSE),
	BAD(VENDOR, TDX_QEID),
	BAD(FORM, ATT_PARSE),
	BAD(FOREIGN_COLLATERAL, TDX_ROOT),
	BAD(SIGNER_NAME, CERT_CHAIN),
	BAD(ROOT_LIST, SIG_BAD),
	BAD(PCK_LIST, SIG_BAD),
	BAD(SIGNER_REVOKED, TDX_REVOKED),
	BAD(INFO_VERSION, ATT_VERSION),
	BAD(INFO_SGX, TDX_FMSPC),
	BAD(INFO_SIGNED, SIG_BAD),
	BAD(DUPLICATE, ATT_PARSE),
	BAD(IDENTITY_ID, TDX_QEID),
	BAD(IDENTITY_SIGNED, SIG_BAD),
	BAD(FUTURE, COLL_FUTURE),
	OLD(EXPIRED),
	OLD(LIST_EXPIRED),
	BAD(PCK_NAME, TDX_PCK_CHAIN),
	BAD(FOREIGN_PLATFORM, TDX_ROOT),
	BAD(PCK_SIGNED, TDX_PCK_CHAIN),
	BAD(PCK_EXPIRED, CERT_TIME),
	BAD(OTHER_LIST, TDX_FMSPC),
	BAD(PCK_REVOKED, TDX_REVOKED),
	BAD(CA_REVOKED, TDX_REVOKED),
	BAD(EXTENSION, TDX_PCK_CHAIN),
	BAD(FMSPC, TDX_FMSPC),
	BAD(PCE_ID, TDX_FMSPC),
	BAD(QE_SIGNED, TDX_QE_SIG),
	BAD(QE_KEY, TDX_QE_HASH),
	BAD(QE_SIGNER, TDX_QEID),
	BAD(QE_PRODUCT, TDX_QEID),
	BAD(QE_MISC, TDX_QEID),
	BAD(QE_ATTRIBUTES, TDX_QEID),
	SOFT(QE_OLD, TCB_OUTOFDATE),
	BAD(QE_BELOW, TCB_REVOKED),
	BAD(FLIPPED, TDX_QSIG),
	BAD(NO_MODULE, TDX_MODULE),
	BAD(MODULE_SIGNER, TDX_MODULE),
	BAD(MODULE_ATTRIBUTES, TDX_MODULE),
	SOFT(MODULE_BELOW, TCB_NOTSUPPORTED),
	SOFT(BELOW, TCB_NOTSUPPORTED),
	SOFT(OUT_OF_DATE, TCB_OUTOFDATE),
	SOFT(RELAUNCH, TCB_RELAUNCH),
	BAD(WORD, ATT_PARSE),
	SOFT(DEBUG, TD_DEBUG),
	SOFT(RESERVED, TD_ATTRIBUTES),
	SOFT(SERVICE, TD_SERVICE),
};
#undef BAD
#undef SOFT
#undef GOOD
#undef OLD

struct built {
	const struct mk_quote *quote;
	struct quote_collateral *collateral;
};

static struct built quote_build(enum fault f, struct arena *a)
{
	struct built b = { .quote = mk_quote(f, a) };

	assert_int_equal(quote_collateral_parse(&b.collateral, b.quote->collateral,
						strlen(b.quote->collateral), b.quote->pin, NULL),
			 0);
	return b;
}

static struct quote_facts quote_facts_of(const struct built *b, struct arena *a)
{
	struct quote_facts f;

	quote_verify(
		&f,
		&(struct quote_question){ b->quote->bytes, b->quote->n, b->collateral, { MK_NOW * 1000L } },
		a);
	return f;
}

/* All cases, built once. */
static struct built *quote_build_all(struct arena *a)
{
	struct built *all = arena_array(a, struct built, countof(quote_cases));

	for (size_t i = 0; i < countof(quote_cases); i++)
		all[i] = quote_build(quote_cases[i].fault, a);
	return all;
}

static void quote_free_all(struct built *all)
{
	for (size_t i = 0; i < countof(quote_cases); i++)
		quote_collateral_free(all[i].collateral);
}

/* True when it comes out as it must. */
static bool quote_case_holds(const struct quote_case *c, const struct built *b, struct buf *why)
{
	struct arena a = ARENA_INIT;
	struct quote_facts f = quote_facts_of(b, &a);
	struct proof_checks checks;
	enum proof_reason strict, relaxed;
	const char *detail;
	enum proof_status s = quote_judge(&f, &(struct quote_policy){ .strict = true }, &checks, &strict,
					  &detail, &a),
			  r = quote_judge(&f, &(struct quote_policy){ 0 }, &checks, &relaxed, &detail, &a);
	bool holds = s == c->strict && r == c->relaxed && strict == c->reason && relaxed == c->reason;

	if (!holds && why)
		buf_fmt(why, "fault %d: %s %s, relaxed %s: %s\n", (int)c->fault,
			names_word(&proof_status_names, (int)s), names_word(&proof_reason_names, (int)strict),
			names_word(&proof_status_names, (int)r), detail);
	arena_done(&a);
	return holds;
}

/* The first case that does not come out; -1: all do. */
static int quote_cases_fail(const struct built *all)
{
	for (size_t i = 0; i < countof(quote_cases); i++)
		if (!quote_case_holds(&quote_cases[i], &all[i], NULL))
			return (int)i;
	return -1;
}
