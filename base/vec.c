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

void *vec_push_raw(void *vec, size_t size, struct arena *a)
{
	VEC(char) v; /* every vec is a pointer and two numbers */

	memcpy(&v, vec, sizeof(v));
	if (v.n == v.cap)
		v.items = vec_grow_(a, v.items, v.n, &v.cap, size);
	v.n++;
	memcpy(vec, &v, sizeof(v));
	return v.items + (v.n - 1) * size;
}
