/*
 * ground.h - a forge of refs, files, pull requests, labels and packages, made of one struct: what the tests of acts that
 * are more than a dispatch stand on. Reading is here; acts are in ground_act.h, images and the engine in ground_rig.h.
 *
 * It answers 50 ms after it is asked. Values are borrowed from the test, or live in its arena.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "core/engine/act.h"
#include "core/engine/internal.h"

#define GROUND_REPO "acme/shop"
#define LATENCY     50
#define SHA(c)      c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c

struct ground_ref {
	const char *name, *sha; /* heads/main */
	bool gone;
};
struct ground_file {
	const char *ref, *path, *text, *blob; /* ref: branch or commit */
};
struct ground_line { /* commits of a branch, of a path when it is not NULL */
	const char *branch, *path;
	const struct history *list;
	size_t n;
};

struct ground_variable {
	const char *name, *value; /* NULL: gone */
};

struct ground {
	struct forge forge;
	struct loop *loop;
	struct arena a;
	struct ground_call *calls;
	const char *login;
	const char *workflows[8]; /* files that are there */
	struct ground_ref refs[16];
	size_t refs_n;
	struct ground_file files[24];
	size_t files_n;
	struct ground_line lines[12];
	size_t lines_n;
	struct run runs[24];
	size_t runs_n;
	struct pull pulls[32];
	size_t pulls_n;
	bool pulls_cut; /* there are more than were listed */
	struct artifact artifacts[8];
	size_t artifacts_n;
	const char *zips[8]; /* what is in them, by the artifacts' place */
	const char *environment;
	struct ground_variable variables[8];
	size_t variables_n;
	struct gate gates[8]; /* that wait */
	size_t gates_n;
	struct review reviews[8];
	size_t reviews_n;
	int64_t ahead, behind;
	enum err_kind fail[FORGE_READ_MAX_];
	/* acts */
	const char *sent[64];
	size_t sent_n, fault_at; /* the fault hits the n-th act from 1; 0 never */
	enum err_kind fault;
	bool fault_after; /* it happens, and the answer is lost */
	bool titled;      /* runs bear their inputs as titles */
	bool deaf;        /* a cancelled run goes on */
	bool dead;        /* neither happens nor answers: the engine dies here */
	bool stands;      /* the fault says that it is so already */
};

struct ground_call {
	struct ground_call *next;
	struct ground *g;
	struct timer *timer;
	struct forge_read read;
	char name[160], name2[80], workflow[80];
	forge_done done;
	forge_acted acted;
	void *ctx;
	enum err_kind fail;
	struct forge_result result;
	bool mute, stands;
};

static inline void ground_call_free(struct ground_call *c)
{
	for (struct ground_call **p = &c->g->calls; *p; p = &(*p)->next)
		if (*p == c) {
			*p = c->next;
			break;
		}
	timer_free(c->timer);
	free(c);
}

static inline struct ground_call *ground_call_new(struct ground *g, timer_fn fn)
{
	struct ground_call *c = x_alloc(sizeof(*c));

	c->g = g;
	c->next = g->calls;
	g->calls = c;
	c->timer = timer_new(g->loop, fn, c);
	timer_in(c->timer, LATENCY);
	return c;
}

/* ---- what is there ------------------------------------------------------------------------------------------------ */

static inline struct ground_ref *ground_ref(struct ground *g, const char *name)
{
	for (size_t i = g->refs_n; i-- > 0;)
		if (!strcmp(g->refs[i].name, name))
			return g->refs[i].gone ? NULL : &g->refs[i];
	return NULL;
}

static inline void ground_set_ref(struct ground *g, const char *name, const char *sha)
{
	g->refs[g->refs_n++] =
		(struct ground_ref){ arena_strdup(&g->a, name), arena_strdup(&g->a, sha), !sha };
}

static inline struct ground_file *ground_file(struct ground *g, const char *ref, const char *path)
{
	for (size_t i = g->files_n; i-- > 0;)
		if (!strcmp(g->files[i].ref, ref) && !strcmp(g->files[i].path, path))
			return &g->files[i];
	return NULL;
}

/* Blobs are named by what is in them. */
static inline void ground_set_file(struct ground *g, const char *ref, const char *path, const char *text)
{
	struct hash h = HASH_INIT;
	char hex[33];

	hash_str(&h, text);
	g->files[g->files_n++] = (struct ground_file){ arena_strdup(&g->a, ref), arena_strdup(&g->a, path),
						       arena_strdup(&g->a, text),
						       arena_printf(&g->a, "%s00000000", hash_hex(&h, hex)) };
}

static inline struct pull *ground_pull(struct ground *g, int64_t number)
{
	for (size_t i = 0; i < g->pulls_n; i++)
		if (g->pulls[i].number == number)
			return &g->pulls[i];
	return NULL;
}

static inline bool ground_has_workflow(const struct ground *g, const char *file)
{
	for (size_t i = 0; i < countof(g->workflows) && g->workflows[i]; i++)
		if (!strcmp(g->workflows[i], file))
			return true;
	return false;
}

/* ---- answers ------------------------------------------------------------------------------------------------------- */

struct ground_room { /* lists live until the answer was taken */
	struct run runs[24];
	struct pull pulls[32];
	struct artifact artifacts[8];
	struct tree_entry tree[24];
};

static inline void list_pulls(struct ground *g, const struct ground_call *c, struct ground_room *room,
			      struct forge_answer *a)
{
	for (size_t i = g->pulls_n; i-- > 0;) {
		const struct pull *p = &g->pulls[i];
		bool labelled = c->read.kind == FORGE_LABELLED;

		if (labelled ? strcmp(p->state, "open") != 0 || !review_names(p->labels, c->name)
			     : (*c->name && strcmp(p->head, c->name) != 0) ||
				       (*c->name2 && strcmp(p->base, c->name2) != 0))
			continue;
		room->pulls[a->n] = *p;
		room->pulls[a->n++].mergeable = "";
	}
	a->items = room->pulls;
	a->cut = g->pulls_cut;
}

static inline bool list_runs(struct ground *g, const struct ground_call *c, struct ground_room *room,
			     struct forge_answer *a)
{
	for (size_t i = g->runs_n; i-- > 0;)
		if (!strcmp(strrchr(g->runs[i].path, '/') + 1, c->workflow))
			room->runs[a->n++] = g->runs[i];
	a->items = room->runs;
	return ground_has_workflow(g, c->workflow);
}

static inline void list_tree(struct ground *g, const struct ground_call *c, struct ground_room *room,
			     struct forge_answer *a)
{
	for (size_t i = 0; i < g->files_n; i++)
		if (!strcmp(g->files[i].ref, c->name) &&
		    ground_file(g, c->name, g->files[i].path) == &g->files[i])
			room->tree[a->n++] = (struct tree_entry){ .path = g->files[i].path,
								  .sha = g->files[i].blob,
								  .type = "blob" };
	a->items = room->tree;
}

static inline void list_artifacts(struct ground *g, const struct ground_call *c, struct ground_room *room,
				  struct forge_answer *a)
{
	for (size_t i = g->artifacts_n; i-- > 0;)
		if (!*c->name || !strcmp(g->artifacts[i].name, c->name))
			room->artifacts[a->n++] = g->artifacts[i];
	a->items = room->artifacts;
}

static inline bool answer_text(struct forge_answer *a, const char *text)
{
	a->text = text;
	a->number = text ? (int64_t)strlen(text) : 0;
	return text != NULL;
}

static inline bool answer_commit(struct ground *g, const char *name, struct forge_answer *a)
{
	const struct ground_ref *ref = ground_ref(g, name);

	if (ref || (strlen(name) == 40 && !strchr(name, '/')))
		a->text = ref ? ref->sha : name;
	return a->text != NULL;
}
