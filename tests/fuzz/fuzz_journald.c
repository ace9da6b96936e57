/* links: journald */
/* Whatever is exported, only whole words come out of it. */
#include <stdlib.h>
#include <string.h>

#include "core/adapters/journald/journald.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int heard(void *ctx, const struct witness_word *w)
{
	(void)ctx;
	if (w->seq < 1 || strlen(w->hash) != 64 || !*w->journal)
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = ERR_INIT;
	int r = journald_parse((const char *)data, size, heard, NULL, &e);

	if (r != 0 && e.kind != ERR_CORRUPT)
		abort();
	return 0;
}
