/* links: tdx model base */
/* Collateral, and the two documents in it alone: T the TCB info, Q the QE identity, R a raw member; anything else is collateral as
 * a quoting service delivers it. What is read is sorted, and what was damaged is told. */
#include <stdlib.h>

#include "core/adapters/tdx/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool ok)
{
	if (!ok)
		abort();
}

static void documents(char kind, struct bytes text)
{
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct tcb_info info;
	struct qe_identity qe;
	struct bytes raw;

	if (kind == 'T' && tcb_info_read(&info, text, &a, &e) == 0)
		for (size_t i = 1; i < info.levels.n; i++)
			demand(memcmp(info.levels.items[i - 1].sgx, info.levels.items[i].sgx, 16) >= 0);
	else if (kind == 'Q' && qe_identity_read(&qe, text, &a, &e) == 0)
		for (size_t i = 1; i < qe.levels.n; i++)
			demand(qe.levels.items[i - 1].svn >= qe.levels.items[i].svn);
	else if (kind == 'R' && tdx_raw_member(&raw, text, "tcbInfo"))
		demand(raw.p >= text.p && raw.n <= text.n && raw.p + raw.n <= text.p + text.n);
	arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct quote_collateral *c = NULL;
	struct arena a = ARENA_INIT;
	struct quote_facts f;

	if (size && strchr("TQR", data[0]) && data[0]) {
		documents((char)data[0], (struct bytes){ data + 1, size - 1 });
		return 0;
	}
	demand(quote_collateral_parse(&c, data, size, NULL, NULL) == 0);
	quote_verify(&f, &(struct quote_question){ "", 0, c, { 1767225600000 } }, &a);
	demand(f.broken != PROOF_OK && f.checks.n == TDX_ROWS);
	(void)quote_collateral_until(c);
	quote_collateral_free(c);
	arena_done(&a);
	return 0;
}
