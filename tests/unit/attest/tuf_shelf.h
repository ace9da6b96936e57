/*
 * tuf_shelf.h - a mirror of The Update Framework and a cache for a test: files by name in memory.
 */
#pragma once

#include "core/port/tuf.h"
#include "tests/unit/attest/made.h"

#define TUF_NOW   "2026-06-01T00:00:00Z"
#define TUF_FILES 32

struct tuf_shelf {
	struct arena *a;
	struct {
		const char *name;
		struct span bytes;
	} file[TUF_FILES];
	size_t n, asked;
};

static inline void shelf_set(struct tuf_shelf *s, const char *name, const void *bytes, size_t n)
{
	size_t i = 0;

	while (i < s->n && strcmp(s->file[i].name, name) != 0)
		i++;
	assert_true(i < TUF_FILES);
	s->file[i].name = arena_strdup(s->a, name);
	s->file[i].bytes = (struct span){ bytes, n };
	s->n += i == s->n;
}

static inline void shelf_text(struct tuf_shelf *s, const char *name, const char *text)
{
	shelf_set(s, name, text, strlen(text));
}

static inline struct span shelf_get(const struct tuf_shelf *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->file[i].name, name) == 0)
			return s->file[i].bytes;
	return (struct span){ NULL, 0 };
}

static inline int shelf_read(void *ctx, const char *name, struct buf *out, struct err *e)
{
	struct tuf_shelf *s = ctx;
	struct span bytes = shelf_get(s, name);

	(void)e;
	s->asked++;
	if (!bytes.p)
		return TUF_ABSENT;
	buf_add(out, bytes.p, bytes.n);
	return 0;
}

static inline int shelf_write(void *ctx, const char *name, const void *bytes, size_t n, struct err *e)
{
	struct tuf_shelf *s = ctx;

	(void)e;
	shelf_set(s, name, bytes ? memcpy(arena_alloc(s->a, n + 1), bytes, n) : NULL, n);
	return 0;
}
