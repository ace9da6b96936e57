#include "base/vec.h"

#include <string.h>

#define VEC_FIRST 8

void *vec_grow_(struct arena *a, void *items, size_t n, size_t *cap, size_t size)
{
	size_t grown = *cap ? *cap * 2 : VEC_FIRST;
	void *p = arena_alloc_array(a, grown, size);

	if (n)
		memcpy(p, items, n * size);
	*cap = grown;
	return p;
}
