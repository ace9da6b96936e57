/*
 * vec.h - a typed, growing array whose memory is an arena's.
 *
 *	VEC(struct run) runs = { 0 };
 *	struct run *r = vec_push(&runs, arena);      zeroed, valid until the next push
 *	vec_each(run, &runs) printf("%s", run->title);
 *
 * Growth copies into a new array in the same arena; the old one stays until the arena dies, which is at most
 *as much again. Anonymous structs are distinct types in C, so a vec that crosses a function is named once:
 * struct runs VEC_OF(struct run).
 */
#pragma once

#include "base/arena.h"

#define VEC_OF(type)         \
	{                    \
		type *items; \
		size_t n;    \
		size_t cap;  \
	}
#define VEC(type) struct VEC_OF(type)

void *vec_grow_(struct arena *a, void *items, size_t n, size_t *cap, size_t size) must_check;

#define vec_push(v, arena)                                                                          \
	((v)->n == (v)->cap ? (void)((v)->items = vec_grow_((arena), (v)->items, (v)->n, &(v)->cap, \
							    sizeof(*(v)->items)))                   \
			    : (void)0,                                                              \
	 &(v)->items[(v)->n++])

/* For who knows what a vec holds by its size alone: the place of one more item of so many bytes, zeroed. */
void *vec_push_raw(void *vec, size_t size, struct arena *a) must_check;

/* Room for so many, of a vec that is still empty. */
#define vec_reserve(v, arena, count)                                                                         \
	((v)->cap < (count) ? (void)((v)->cap = (count),                                                     \
				     (v)->items = arena_alloc_array((arena), (v)->cap, sizeof(*(v)->items))) \
			    : (void)0)

#define vec_each(it, v) for (__typeof__((v)->items + 0) it = (v)->items; it && it < (v)->items + (v)->n; it++)
