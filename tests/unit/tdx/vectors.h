/*
 * vectors.h - cases from a folder that lies beside the project, when it is there: PILOTHOUSE_VECTORS, or ../vectors or ../shared/vectors of
 * the source tree. Without it a test of vectors is skipped; those of our own cases are not.
 */
#pragma once

#include "base/arena.h"
#include "base/path.h"
#include "base/text.h"

#include <unistd.h>

static inline maybe_unused const char *vectors_dir(struct arena *a)
{
	const char *named = getenv("PILOTHOUSE_VECTORS");
	const char *const tries[] = { named ? named : "", PH_SOURCE_DIR "/../shared/vectors",
				      PH_SOURCE_DIR "/../vectors" };

	for (size_t i = 0; i < countof(tries); i++)
		if (*tries[i] && access(arena_printf(a, "%s/attest/tdx/manifest.tsv", tries[i]), R_OK) == 0)
			return arena_printf(a, "%s/attest/tdx", tries[i]);
	return NULL;
}

/* A whole file; NULL when it cannot be read. */
static inline maybe_unused const struct buf *vector_file(struct arena *a, const char *dir, const char *name)
{
	struct buf text = BUF_INIT((size_t)8 << 20);
	struct buf *out = arena_new(a, struct buf);

	if (path_read(&text, arena_printf(a, "%s/%s", dir, name), NULL) < 0)
		return NULL;
	out->s = arena_alloc(a, text.n + 1);
	memcpy(out->s, text.s, text.n);
	out->n = text.n;
	buf_done(&text);
	return out;
}

/* The next line of a table as its columns, empty ones too; false: no more. The first line is the caller's to skip. */
static inline maybe_unused bool vector_row(struct arena *a, const char **at, const char **columns, size_t n)
{
	const char *end;

	if (!**at)
		return false;
	end = *at + strcspn(*at, "\n");
	for (size_t i = 0; i < n; i++) {
		const char *stop = *at + strcspn(*at, "\t\n");

		if (stop > end)
			stop = end;
		columns[i] = arena_strndup(a, *at, (size_t)(stop - *at));
		*at = stop + (stop < end);
	}
	*at = end + (*end == '\n');
	return true;
}
