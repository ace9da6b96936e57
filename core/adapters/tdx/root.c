#include "core/adapters/tdx/internal.h"

int quote_root_pin(char out[65], const void *pem, size_t n, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct tdx_chain chain = { 0 };
	bool good = tdx_chain_pem(&chain, (struct bytes){ pem, n }, &a);

	if (good)
		memcpy(out, tdx_cert_sha(chain.at[0], &a), 65);
	tdx_chain_free(&chain);
	arena_done(&a);
	return good ? 0 : err_set(e, ERR_INVALID, "there is no certificate in it");
}
