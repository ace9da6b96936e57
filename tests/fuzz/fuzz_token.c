/* links: tdx rules model base */
/* A token and its keys, in one text: the keys stand before the first NUL. No input has a signature of ours, so nothing is ever
 * told of a machine. */
#include <stdlib.h>

#include "core/adapters/tdx/token.h"
#include "core/rules/quote.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool ok)
{
	if (!ok)
		abort();
}

static void verify(const struct token_keys *keys, const uint8_t *p, size_t n)
{
	struct arena a = ARENA_INIT;
	struct proof_checks checks;
	enum proof_reason reason;
	struct token_facts f;
	const char *detail;

	token_verify(&f, &(struct token_question){ p, n, keys, { 1767225660000 } }, &a);
	demand(f.checks.n == TOKEN_ROWS);
	demand((f.broken == PROOF_OK || f.broken == PROOF_JWT_EXPIRED) == (f.mrtd != NULL));
	(void)token_judge(&f, &(struct token_policy){ .strict = true }, &checks, &reason, &detail, &a);
	demand(checks.n > TOKEN_ROWS);
	arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, 0, size) : NULL;
	struct token_keys *keys = NULL;
	struct err e = ERR_INIT;
	int r;

	if (!end)
		return 0;
	r = token_keys_parse(&keys, data, (size_t)(end - data), NULL, 0, &e);
	demand(r == 0 || e.message[0]);
	if (r == 0)
		verify(keys, end + 1, size - (size_t)(end + 1 - data));
	token_keys_free(keys);
	return 0;
}
