#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static noreturn_fn void memory_gone(void)
{
	fputs("pilothouse: out of memory\n", stderr);
	abort();
}

void *x_alloc(size_t n)
{
	void *p = calloc(1, n ? n : 1);

	if (!p)
		memory_gone();
	return p;
}

void *x_realloc(void *p, size_t n)
{
	void *grown = realloc(p, n ? n : 1);

	if (!grown)
		memory_gone();
	return grown;
}

char *x_strdup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(x_alloc(n), s, n);
}

void bug_at(const char *file, int line, const char *what)
{
	fprintf(stderr, "pilothouse: bug at %s:%d: %s\n", file, line, what);
	abort();
}
