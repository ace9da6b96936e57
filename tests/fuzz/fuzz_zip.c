/* links: zip base */
/* An entry that was read is within the limit and was the only one that fits; a refusal has its reason, and leaves
 * nothing behind. Whatever comes, a second reading says the same. */
#include <stdlib.h>
#include <string.h>

#include "core/adapters/zip/zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX = 1 << 16 };

static void demand(bool ok)
{
	if (!ok)
		abort();
}

static int once(struct buf *out, const uint8_t *data, size_t size, const char *glob)
{
	struct err e = ERR_INIT;
	struct zip *z = NULL;
	int r;

	demand(zip_open(&z, &e) == 0);
	r = z->ops->entry(z, data, size, glob, MAX, out, &e);
	demand(r == 0 || ((r == -ERR_CORRUPT || r == -ERR_MISSING) && e.message[0] && !out->n));
	demand(out->n <= MAX);
	z->ops->free(z);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const globs[] = { "*", "*.json", "a" };

	for (size_t i = 0; i < countof(globs); i++) {
		struct buf first = BUF_INIT(MAX), second = BUF_INIT(MAX);

		demand(once(&first, data, size, globs[i]) == once(&second, data, size, globs[i]));
		demand(first.n == second.n && !memcmp(first.s, second.s, first.n));
		buf_done(&first);
		buf_done(&second);
	}
	return 0;
}
