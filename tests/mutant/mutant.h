/* mutant.h - included by verify.c and proof.c when they are built to be spoilt (PH_MUTANT): one row at a time. */
#pragma once

#include <string.h>

#include "core/model/proof.h"

enum mutant_kind {
	MUTANT_NONE,
	MUTANT_DROP,   /* the row runs, and its refusal is not used: the commonest hole there is */
	MUTANT_INVERT, /* yes is no, and no is yes */
};
extern enum mutant_kind mutant_kind;
extern const char *mutant_id;

static inline bool mutant_is(const char *id)
{
	return mutant_kind != MUTANT_NONE && strcmp(id, mutant_id) == 0;
}

/* Of verify.c: 0, a reason, or below 0 what was not looked at. */
static inline maybe_unused int mutant_code(const char *id, int r)
{
	if (!mutant_is(id) || r < 0)
		return r;
	if (r > 0)
		return 0;
	return mutant_kind == MUTANT_INVERT ? PROOF_ATT_PARSE : 0;
}
#define MUTANT(id, result) mutant_code(id, result)

static inline maybe_unused enum check_result mutant_result(const char *id, enum check_result r)
{
	if (!mutant_is(id) || r == CHECKED_ABSENT)
		return r;
	if (r != CHECKED_PASS)
		return CHECKED_PASS;
	return mutant_kind == MUTANT_INVERT ? CHECKED_FAIL : CHECKED_PASS;
}
#define MUTANT_RESULT(id, result) mutant_result(id, result)
