/* links: tdx model base */
/* A log of events, JSON or CCEL. A refusal has its reason, and a replay is of 48 bytes a register. */
#include <stdlib.h>

#include "core/port/quote.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct quote_log log;
	int r = quote_log_replay(&log, data, size, &a, &e);

	if ((r != 0 && (r != -ERR_CORRUPT || !e.message[0])) || log.runtime > log.events ||
	    log.lies > log.runtime)
		abort();
	for (size_t i = 0; r == 0 && i < QUOTE_RTMRS; i++)
		if (strlen(log.rtmr[i]) != 96)
			abort();
	arena_done(&a);
	return 0;
}
