/* links: attest base */
/* A trusted root from anywhere: it is refused with a sentence, or all that it answers is whole. */
#include <stdlib.h>

#include "core/adapters/attest/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool ok)
{
	if (!ok)
		abort();
}

static void look_at_logs(const struct attest_root *r, const struct attest_log *logs, size_t n)
{
	demand(n <= ATTEST_AUTHS_MAX);
	for (size_t i = 0; i < n; i++) {
		demand(logs[i].name[0] && logs[i].host && logs[i].id.n >= 4 && logs[i].note_id.n >= 4);
		demand(attest_window_has(logs[i].window, logs[i].window.from));
		demand(!attest_window_has(logs[i].window, WHEN_NONE));
		demand(!attest_root_tlog(r, logs[i].id, WHEN_NONE) ||
		       span_eq(attest_root_tlog(r, logs[i].id, WHEN_NONE)->id, logs[i].id));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct attest_root *r = NULL;
	struct err e = ERR_INIT;
	int k = attest_root_parse(&r, data, size, &e);
	const struct attest_log *logs;
	size_t n;

	demand(k == 0 || (k == -ERR_CORRUPT && e.message[0] && !r));
	if (!r)
		return 0;
	demand(strlen(attest_root_sha(r)) == 64);
	logs = attest_root_tlogs(r, &n);
	look_at_logs(r, logs, n);
	logs = attest_root_ctlogs(r, &n);
	look_at_logs(r, logs, n);
	demand(attest_root_until(r).ms >= 0 && attest_root_since(r).ms >= 0);
	attest_root_free(r);
	return 0;
}
