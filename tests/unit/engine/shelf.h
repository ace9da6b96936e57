/*
 * shelf.h - a registry and a forge made of a table of documents, under the real adapters, and a look without a survey.
 *
 * What the collectors start is put in a queue here and answered in order when shelf_run() is called; look_read() and its
 * kin are ours, so no engine is needed.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/adapters/digest/digest.h"
#include "core/adapters/github/github.h"
#include "core/adapters/registry/registry.h"
#include "core/engine/attestations.h"

#define INDEX "application/vnd.oci.image.index.v1+json"
#define IMAGE "application/vnd.oci.image.manifest.v1+json"

struct book {
	const char *target, *type, *body;
	size_t n;
	int status;
	enum err_kind fail;
};
struct asked {
	const char *target;
	http_done done;
	void *ctx;
};
struct waiting {
	struct look *k;
	struct forge_read forge;
	struct registry_read registry;
	look_take taken;
	look_tags tags;
	void *ctx;
};
struct shelf {
	struct http http;
	struct arena arena;
	struct VEC_OF(struct book) books;
	struct VEC_OF(struct asked) asked;
	struct VEC_OF(struct waiting) queue;
	struct VEC_OF(struct memo) memo;
	size_t answered, begun;
	struct clock clock;
	struct forge *forge;
	struct registry *registry;
	struct look look;
};
static struct shelf *the_shelf; /* one test at a time */

/* ---- books ---------------------------------------------------------------------------------------------------------- */

static inline struct book *shelf_put(struct shelf *s, const char *target, const char *type, const char *body)
{
	struct book *b = vec_push(&s->books, &s->arena);

	*b = (struct book){ arena_strdup(&s->arena, target), type, body, body ? strlen(body) : 0, 200, 0 };
	return b;
}

static inline const char *shelf_digest(struct shelf *s, const char *text)
{
	char hex[DIGEST_HEX];

	digest_sha256(text, strlen(text), hex);
	return arena_printf(&s->arena, "sha256:%s", hex);
}

/* Puts it there by its digest, which it gives. */
static inline const char *shelf_blob(struct shelf *s, const char *text)
{
	const char *digest = shelf_digest(s, text);

	shelf_put(s, arena_printf(&s->arena, "/v2/o/app/blobs/%s", digest), "application/octet-stream", text);
	return digest;
}

static inline const char *shelf_manifest(struct shelf *s, const char *type, const char *text)
{
	const char *digest = shelf_digest(s, text);

	shelf_put(s, arena_printf(&s->arena, "/v2/o/app/manifests/%s", digest), type, text);
	return digest;
}

static inline void shelf_tag(struct shelf *s, const char *tag, const char *type, const char *text)
{
	shelf_put(s, arena_printf(&s->arena, "/v2/o/app/manifests/%s", tag), type, text);
}

/* ---- the other side ---------------------------------------------------------------------------------------------------- */

static inline int shelf_send(struct http *h, const struct http_request *rq, http_done done, void *ctx,
			     struct err *e maybe_unused)
{
	struct shelf *s = (struct shelf *)h;

	assert_true(!rq->foreign || !rq->authorization);
	assert_true(rq->foreign == !text_starts(rq->target, "/"));
	*vec_push(&s->asked, &s->arena) = (struct asked){ arena_strdup(&s->arena, rq->target), done, ctx };
	return 0;
}

static inline void shelf_http_free(struct http *h maybe_unused)
{
}

static inline void shelf_answer(struct shelf *s, const struct asked *a)
{
	static const struct book none = { .status = 404, .type = "application/json", .body = "{}", .n = 2 };
	const struct book *b = &none;
	struct err e = ERR_INIT;

	vec_each (it, &s->books)
		if (!strcmp(it->target, a->target))
			b = it;
	const struct http_header type = { "content-type", b->type };
	const struct http_answer answer = { b->status, &type, 1, b->body ? b->body : "", b->n };
	if (b->fail && err_set(&e, b->fail, "the wire is cut") < 0)
		a->done(a->ctx, NULL, &e);
	else
		a->done(a->ctx, &answer, NULL);
}

/* ---- a look -------------------------------------------------------------------------------------------------------------- */

void look_read(struct look *k, const struct forge_read *r, look_take taken, void *ctx)
{
	*vec_push(&the_shelf->queue, &the_shelf->arena) =
		(struct waiting){ .k = k, .forge = *r, .taken = taken, .ctx = ctx };
	k->pending++;
}

void look_registry(struct look *k, const struct registry_read *r, look_tags tags, void *ctx)
{
	*vec_push(&the_shelf->queue, &the_shelf->arena) =
		(struct waiting){ .k = k, .registry = *r, .tags = tags, .ctx = ctx };
	k->pending++;
}

const char *survey_recall(const struct survey *s maybe_unused, const char *name)
{
	vec_each (m, &the_shelf->memo)
		if (!strcmp(m->name, name))
			return m->text;
	return NULL;
}

void survey_remember(struct survey *s maybe_unused, const char *name, const char *text, size_t n)
{
	*vec_push(&the_shelf->memo, &the_shelf->arena) =
		(struct memo){ arena_strdup(&the_shelf->arena, name),
			       arena_strndup(&the_shelf->arena, text, n) };
}

static inline void shelf_on_forge(void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct waiting *w = ctx;

	w->k->pending--;
	w->taken(w->k, w->ctx, a, err);
}

static inline void shelf_on_registry(void *ctx, const struct registry_answer *a, const struct err *err)
{
	struct waiting *w = ctx;

	w->k->pending--;
	w->tags(w->k, w->ctx, a, err);
}

static inline void shelf_begin(struct shelf *s, const struct waiting *from)
{
	struct waiting *w = arena_new(&s->arena, struct waiting);
	struct err e = ERR_INIT;

	*w = *from;
	if (w->tags && s->registry->ops->read(s->registry, &w->registry, shelf_on_registry, w, &e) < 0)
		shelf_on_registry(w, NULL, &e);
	else if (w->taken && forge_read(s->forge, &w->forge, shelf_on_forge, w, &e) < 0)
		shelf_on_forge(w, NULL, &e);
}

/* Until nothing is left to be answered. */
static inline void shelf_run(struct shelf *s)
{
	while (s->begun < s->queue.n || s->answered < s->asked.n)
		if (s->answered < s->asked.n)
			shelf_answer(s, &s->asked.items[s->answered++]);
		else
			shelf_begin(s, &s->queue.items[s->begun++]);
	assert_int_equal(s->look.pending, 0);
}

static inline void shelf_open(struct shelf *s)
{
	static const struct http_ops ops = { .send = shelf_send, .free = shelf_http_free };

	*s = (struct shelf){ .http = { .ops = &ops, .base = "https://shelf.test" } };
	clock_manual(&s->clock, (struct when){ INT64_C(1795262400000) });
	shelf_put(s, "/v2/", "application/json", "{}");
	assert_int_equal(github_open(&s->forge, &s->http, &s->clock, NULL), 0);
	assert_int_equal(registry_open(&s->registry, &s->http, &s->clock, NULL, NULL), 0);
	the_shelf = s;
}

static inline void shelf_close(struct shelf *s)
{
	forge_free(s->forge);
	s->registry->ops->free(s->registry);
	arena_done(&s->look.arena);
	arena_done(&s->arena);
	the_shelf = NULL;
}

static inline bool shelf_was_asked(const struct shelf *s, const char *part)
{
	vec_each (a, &s->asked)
		if (strstr(a->target, part))
			return true;
	return false;
}
