/* links: tdx model base */
/* The extension of a platform's certificate. What is accepted has every number, whatever stood around it. */
#include <stdlib.h>

#include "core/adapters/tdx/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sgx_platform p, again;
	const char *why = sgx_read(&p, (struct bytes){ data, size });

	if (why)
		return *why ? 0 : (abort(), 0);
	/* the smallest that is whole: 16 of a PPID, 8 of ids, 17 numbers with their names */
	if (size < 16 + 8 + 17 * 14 || sgx_read(&again, (struct bytes){ data, size }) ||
	    memcmp(&p, &again, sizeof(p)) != 0 || !sgx_read(&again, (struct bytes){ data, size - 1 }))
		abort();
	return 0;
}
