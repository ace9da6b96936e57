/*
 * same.h - an http port that gives the same answer to whatever is asked, made of a fuzzer's bytes: header lines, an empty line
 * and the body.
 */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "core/port/http.h"

enum { SAME_ASKED = 128, SAME_HEADERS = 16 };

struct same {
	struct http http;
	struct http_answer answer;
	struct http_header headers[SAME_HEADERS];
	http_done done;
	void *ctx;
	int asked;
	bool waits;
};

static inline void demand(bool ok)
{
	if (!ok)
		abort();
}

/* One at a time, and not without end. */
static inline void same_take(struct same *s, http_done done, void *ctx)
{
	demand(!s->waits && s->asked++ < SAME_ASKED);
	s->done = done;
	s->ctx = ctx;
	s->waits = true;
}

static inline void same_free(struct http *h maybe_unused)
{
}

/* Header lines up to an empty one; the rest is the body. */
static inline void same_split(struct same *s, const char *text, size_t n, struct arena *a)
{
	const char *end = text + n;

	while (text < end && s->answer.headers_n < SAME_HEADERS) {
		const char *line = memchr(text, '\n', (size_t)(end - text));
		const char *stop = line ? line : end, *colon = memchr(text, ':', (size_t)(stop - text));

		if (stop == text || !colon)
			break;
		s->headers[s->answer.headers_n].name = arena_strndup(a, text, (size_t)(colon - text));
		s->headers[s->answer.headers_n++].value =
			arena_strndup(a, colon + 1, (size_t)(stop - colon - 1));
		text = line ? line + 1 : end;
	}
	text += text < end && *text == '\n';
	s->answer.headers = s->headers;
	s->answer.body_n = (size_t)(end - text);
	s->answer.body = arena_alloc(a, s->answer.body_n + 1);
	memcpy((char *)(uintptr_t)s->answer.body, text, s->answer.body_n);
}
