#include "core/adapters/attest/bundle.h"

#include <string.h>

struct span dsse_pae(const char *type, struct span payload, struct arena *a)
{
	const char *head = arena_printf(a, "DSSEv1 %zu %s %zu ", strlen(type), type, payload.n);
	size_t n = strlen(head);
	unsigned char *p = arena_alloc(a, n + payload.n + 1);

	memcpy(p, head, n);
	if (payload.n)
		memcpy(p + n, payload.p, payload.n);
	return (struct span){ p, n + payload.n };
}
