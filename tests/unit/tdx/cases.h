/*
 * cases.h - every quote that the authority of drills can spoil, with the verdict that it must get, and policies over a good one. Whoever
 * includes this may have included verify.c or quote.c with one check tampered with: then some case must come out otherwise
 * (mutants.h).
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "core/adapters/authority/tdx.h"
#include "core/port/quote.h"
#include "core/rules/quote.h"

#define MK_NOW 1767225600 /* 2026-01-01: everything is judged as of then */
#define MK_DAY 86400

#define MK_C8(c)  c c c c c c c c
#define MK_48(c)  MK_C8(c) MK_C8(c) MK_C8(c) MK_C8(c) MK_C8(c) MK_C8(c)
#define MK_64(c)  MK_48(c) MK_C8(c) MK_C8(c)
#define MK_MRTD   MK_48("11")
#define MK_REPORT MK_64("5a")

static struct foundry *mk_foundry(void)
{
	struct foundry *f = foundry_new("tests", (struct when){ (MK_NOW - 365L * MK_DAY) * 1000 });

	assert_non_null(f);
	return f;
}

struct built {
	const unsigned char *bytes;
	size_t n;
	struct quote_collateral *collateral;
};

static struct built quote_build(const struct foundry *f, enum tdx_fault fault, struct arena *a)
{
	const struct when now = { MK_NOW * 1000L };
	const char *json = foundry_collateral(f, now, fault, a);
	struct built b;

	b.bytes = foundry_quote(
		f,
		&(struct quote_order){ .mrtd = MK_MRTD,
				       .rtmr = { MK_48("20"), MK_48("21"), MK_48("22"), MK_48("23") },
				       .report_data = MK_REPORT,
				       .at = now,
				       .fault = fault },
		&b.n, a);
	assert_int_equal(
		quote_collateral_parse(&b.collateral, json, strlen(json), foundry_root_sha(f, a), NULL), 0);
	return b;
}

static struct quote_facts quote_facts_of(const struct built *b, struct arena *a)
{
	struct quote_facts f;

	quote_verify(&f, &(struct quote_question){ b->bytes, b->n, b->collateral, { MK_NOW * 1000L } }, a);
	return f;
}

/* All cases, built once; the place of each is its fault. */
static struct built *quote_build_all(struct arena *a)
{
	struct built *all = arena_array(a, struct built, TDX_FAULTS);
	struct foundry *f = mk_foundry();

	for (int i = 0; i < TDX_FAULTS; i++)
		all[i] = quote_build(f, (enum tdx_fault)i, a);
	foundry_free(f);
	return all;
}

static void quote_free_all(struct built *all)
{
	for (int i = 0; i < TDX_FAULTS; i++)
		quote_collateral_free(all[i].collateral);
}

/* True when it comes out as it must. */
static bool quote_case_holds(enum tdx_fault fault, const struct built *b, struct buf *why)
{
	const struct fault_verdict *c = tdx_fault_verdict(fault);
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
		buf_fmt(why, "%s: %s %s, relaxed %s: %s\n", names_word(&tdx_fault_names, (int)fault),
			names_word(&proof_status_names, (int)s), names_word(&proof_reason_names, (int)strict),
			names_word(&proof_status_names, (int)r), detail);
	arena_done(&a);
	return holds;
}

/* The first case that does not come out; -1: all do. */
static int quote_cases_fail(const struct built *all)
{
	for (int i = 0; i < TDX_FAULTS; i++)
		if (!quote_case_holds((enum tdx_fault)i, &all[i], NULL))
			return i;
	return -1;
}
