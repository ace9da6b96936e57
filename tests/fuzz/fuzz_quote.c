/* links: tdx rules model base */
/* A quote, alone and against collateral that is none. Whatever comes, every check is told, nothing is a fact that no platform
 * signed, and nothing is verified. */
#include <stdlib.h>

#include "core/adapters/tdx/internal.h"
#include "core/rules/quote.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool ok)
{
	if (!ok)
		abort();
}

static void verify(const struct quote_collateral *c, const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct proof_checks checks;
	enum proof_reason reason;
	struct quote_facts f;
	const char *detail;
	enum proof_status s;

	quote_verify(&f, &(struct quote_question){ data, size, c, { 1767225600000 } }, &a);
	demand(f.checks.n == TDX_ROWS && !f.td.mrtd && !f.platform.fmspc);
	vec_each (check, &f.checks)
		demand(check->id && check->name && check->expected && check->found &&
		       (check->result == CHECKED_FAIL) == (check->reason != PROOF_OK));
	s = quote_judge(&f, &(struct quote_policy){ 0 }, &checks, &reason, &detail, &a);
	demand(s == PROOF_FAILED || s == PROOF_STALE);
	arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct quote_collateral *none = NULL;

	demand(quote_collateral_parse(&none, "{}", 2, NULL, NULL) == 0);
	verify(NULL, data, size);
	verify(none, data, size);
	quote_collateral_free(none);
	return 0;
}
