/*
 * seen.h - one read of a forge over canned answers, and what came of it.
 */
#pragma once

#include "unit/github/canned.h"

/* What a read gave, copied while it was there to be seen. */
struct seen {
	int calls;
	bool ok;
	struct err err;
	struct forge_answer a;
	struct arena arena;
	void (*check)(const struct forge_answer *a);
};

static inline void on_done(void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct seen *s = ctx;

	s->calls++;
	s->ok = a != NULL;
	assert_true((a == NULL) != (err == NULL));
	if (err)
		s->err = *err;
	if (!a)
		return;
	s->a = *a;
	s->a.etag = arena_strdup(&s->arena, a->etag);
	s->a.text = arena_strdup(&s->arena, a->text);
	s->a.text2 = arena_strdup(&s->arena, a->text2);
	s->a.drill = arena_strdup(&s->arena, a->drill);
	s->a.first_damage = arena_strdup(&s->arena, a->first_damage);
	if (s->check)
		s->check(a);
}

static struct clock the_clock;

static inline void ask(struct seen *s, struct canned *c, const struct forge_read *r)
{
	struct forge *f = NULL;

	clock_manual(&the_clock, (struct when){ NOON });
	assert_int_equal(github_open(&f, &c->http, &the_clock, NULL), 0);
	assert_int_equal(forge_read(f, r, on_done, s, &s->err), 0);
	assert_int_equal(s->calls, 0);
	canned_pump(c);
	assert_int_equal(s->calls, 1);
	forge_free(f);
}

static inline void seen_done(struct seen *s, struct canned *c)
{
	arena_done(&s->arena);
	canned_done(c);
}
