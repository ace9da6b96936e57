/*
 * arena.h - a region of memory whose values die together.
 *
 * Everything decoded, queried or drawn is a value in some arena: a view model in the frame's arena, a plan in
 * the plan's. There is no free for one value. arena_reset() keeps one block as large as all were
 * together, so a frame that repeats allocates nothing. An arena belongs to one thread. Memory is zeroed and aligned
 * for any type; exhaustion aborts.
 */
#pragma once

#include <stdarg.h>

#include "base/base.h"

struct arena {
	struct arena_block *head, *adopted;
	size_t used; /* bytes handed out since the last reset, for tests and limits */
};

#define ARENA_INIT \
	{          \
		0  \
	}

void *arena_alloc(struct arena *a, size_t n) must_check;
char *arena_strdup(struct arena *a, const char *s) must_check;            /* NULL gives NULL */
char *arena_strndup(struct arena *a, const char *s, size_t n) must_check; /* stops at NUL or n */
char *arena_copy(struct arena *a, const void *bytes,
		 size_t n) must_check; /* all n, with any NUL, and one behind them; zeroes of NULL */
char *arena_printf(struct arena *a, const char *fmt, ...) format_printf(2, 3) must_check;
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) format_printf(2, 0) must_check;
void *arena_alloc_array(struct arena *a, size_t count,
			size_t size) must_check; /* a product that overflows aborts */
/* What is in `from` is in a from now on and stays where it is; from is empty. For much that somebody else has decoded: nothing
 * is copied, and what a allocates later does not grow with it. */
void arena_adopt(struct arena *a, struct arena *from);
void arena_reset(struct arena *a); /* forget all values, keep one block */
void arena_done(struct arena *a);  /* give everything back; safe on a zeroed arena, and twice */

#define arena_new(a, type)      ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc_array((a), (n), sizeof(type)))

static inline maybe_unused void arena_freep(struct arena *a)
{
	arena_done(a);
}
