/* diverted.h - what a tool prints: a stream of the program's, for a while a file. */
#pragma once

#include "base/path.h"

#include <stdio.h>
#include <unistd.h>

/* Returns what give_back() wants. */
static inline int divert(FILE *f, const char *path)
{
	int keep;

	fflush(f);
	keep = dup(fileno(f));
	assert_non_null(freopen(path, "w", f));
	return keep;
}

/* What was printed; the file is gone. */
static inline const char *give_back(FILE *f, const char *path, int keep, struct arena *a)
{
	autofree(buf) struct buf text = BUF_INIT((size_t)1 << 20);

	fflush(f);
	dup2(keep, fileno(f));
	close(keep);
	assert_true(path_read(&text, path, NULL) >= 0);
	(void)unlink(path);
	return arena_strdup(a, text.n ? text.s : "");
}
