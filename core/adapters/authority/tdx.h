/*
 * tdx.h - an authority for confidential machines, for drills and tests: who certifies platforms, publishes their levels, quotes
 * what runs on them and appraises quotes, so that evidence with real signatures can be made of nothing. Nobody believes it but
 * who pins its roots.
 *
 * It stands for two of Intel's services. As the SGX authority it has a root, an authority of platforms, a signer of levels and
 * FOUNDRY_PLATFORMS platforms of one family; its collateral is what quote_collateral_parse() (core/port/quote.h) reads. As the
 * Trust Authority it has another root, an intermediate and one RSA key of 2048 bits. Everything is derived from the seed and
 * every signature is deterministic: the same seed, times and orders give the same bytes. It asks no clock, keeps nothing of
 * what it made and may be shared by threads.
 *
 * Faults (tdx_faults.def, token_faults.def) are made in the making, so that nothing but the one thing named is wrong. One of the
 * collateral leaves quotes as they are, and the other way round; hand the same fault to both.
 */
#pragma once

#include "base/arena.h"
#include "base/when.h"
#include "core/model/quote.h"

#define FOUNDRY_PLATFORMS 4

enum tdx_fault {
#define FAULT(name, strict, relaxed, reason, meaning) TDX_FAULT_##name,
#include "core/adapters/authority/tdx_faults.def"
#undef FAULT
	TDX_FAULTS
};
enum token_fault {
#define FAULT(name, age, strict, relaxed, reason, meaning) TOKEN_FAULT_##name,
#include "core/adapters/authority/token_faults.def"
#undef FAULT
	TOKEN_FAULTS
};
extern const struct names tdx_fault_names, token_fault_names;
/* What a verifier must say of it. */
struct fault_verdict {
	enum proof_status strict, relaxed;
	enum proof_reason reason;
	int64_t age; /* of a token, seconds */
	const char *meaning;
};
const struct fault_verdict *tdx_fault_verdict(enum tdx_fault f);
const struct fault_verdict *token_fault_verdict(enum token_fault f);

struct foundry;
/* `since`: when its certificates began; they last ten years. */
struct foundry *foundry_new(const char *seed, struct when since) must_check;
void foundry_free(struct foundry *f); /* NULL: nothing */
DEFINE_FREEP(struct foundry *, foundry, foundry_free)

/* The root of platforms: PEM, and its SHA-256 as 64 hex digits. */
const char *foundry_root(const struct foundry *f, struct arena *a) must_check;
const char *foundry_root_sha(const struct foundry *f, struct arena *a) must_check;
/* Published five days before `at`, good for 25 days after it (lists: 30). */
const char *foundry_collateral(const struct foundry *f, struct when at, enum tdx_fault fault,
			       struct arena *a) must_check;

struct quote_order {
	const char *mrtd, *rtmr[QUOTE_RTMRS]; /* 96 hex digits; NULL: zeros */
	const char *report_data;              /* hex, zeros behind */
	int version;                          /* 4 or 5; 0 is 4 */
	bool td15;                            /* a TD 1.5, which only version 5 has */
	uint64_t attributes; /* of the TD, besides SEPT_VE_DISABLE; bit 0: it can be debugged */
	unsigned platform;   /* below FOUNDRY_PLATFORMS */
	struct when at;
	enum tdx_fault fault;
};
const unsigned char *foundry_quote(const struct foundry *f, const struct quote_order *o, size_t *n,
				   struct arena *a) must_check;

/* The root of tokens: PEM, with revocation lists behind it where the fault wants them. */
const char *foundry_token_root(const struct foundry *f, struct when at, enum token_fault fault,
			       struct arena *a) must_check;
const char *foundry_jwks(const struct foundry *f, struct when at, enum token_fault fault,
			 struct arena *a) must_check;

#define FOUNDRY_ISSUER "https://portal.trustauthority.intel.com"
#define FOUNDRY_LIFE   300000 /* ms: of a token */
struct token_order {
	const char *mrtd, *rtmr[QUOTE_RTMRS]; /* 96 hex digits; NULL: the claim is missing */
	const char *report_data;              /* 128; NULL: missing */
	const char *issuer, *nonce;           /* NULL: FOUNDRY_ISSUER; no nonce */
	const char *held;                     /* attester_held_data; NULL: missing */
	const char *tcb;                      /* NULL: UpToDate */
	bool debuggable;
	struct when at;
	enum token_fault fault;
};
/* The claims as JSON text, and the token itself. */
const char *foundry_claims(const struct token_order *o, struct arena *a) must_check;
const char *foundry_token(const struct foundry *f, const struct token_order *o, struct arena *a) must_check;
