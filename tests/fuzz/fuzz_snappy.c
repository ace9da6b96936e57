/* links: snappy base */
/*
 * Any bytes as something packed: what comes out is no longer than was allowed and comes whole or not at all; what we pack
 * comes back as it was.
 */
#include <stdlib.h>
#include <string.h>

#include "core/adapters/snappy/snappy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool ok)
{
	if (!ok)
		abort();
}

static void there_and_back(const uint8_t *data, size_t size)
{
	struct buf packed = BUF_INIT(1 << 24), back = BUF_INIT(size);

	snappy_pack(&packed, data, size);
	demand(!packed.over && snappy_unpack(&back, packed.s, packed.n, NULL) == 0);
	demand(back.n == size && !memcmp(back.s, data, size));
	buf_done(&packed);
	buf_done(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = BUF_INIT(4096);
	struct err e = ERR_INIT;
	int r;

	buf_str(&out, "before");
	r = snappy_unpack(&out, data, size, &e);
	demand(out.n <= out.max && !out.over && !memcmp(out.s, "before", 6));
	demand(r < 0 ? out.n == 6 && e.kind != ERR_NONE && e.message[0] : r == 0);
	buf_done(&out);
	there_and_back(data, size);
	return 0;
}
