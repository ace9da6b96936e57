/*
 * oracle.h - a forge that one-shot verbs ask: a table of questions and answers, one at a time, each from the loop.
 */
#pragma once

#include "fake.h"

struct oracle_row {
	enum forge_read_kind kind;
	const char *name; /* or NULL: the id counts */
	int64_t id;
	const void *items;
	size_t n;
	enum err_kind fails; /* the answer */
	enum err_kind bars;  /* the asking */
};

struct oracle {
	struct forge forge; /* first: the port */
	struct timer *timer;
	const struct oracle_row *rows;
	size_t rows_n;
	int asked, opened;
	enum err_kind shut; /* nobody can open it */
	/* the question that is under way */
	const struct oracle_row *row;
	forge_done done;
	void *ctx;
};

static inline void oracle_answer(void *ctx)
{
	struct oracle *o = ctx;
	enum err_kind fails = o->row ? o->row->fails : ERR_MISSING;
	struct forge_answer a = { 0 };
	struct err e = ERR_INIT;

	if (fails) {
		err_set(&e, fails, "the forge answers so");
		o->done(o->ctx, NULL, &e);
		return;
	}
	a.items = o->row->items;
	a.n = o->row->n;
	o->done(o->ctx, &a, NULL);
}

static inline int oracle_read(struct forge *f, const struct forge_read *q, forge_done done, void *ctx,
			      struct err *e)
{
	struct oracle *o = (struct oracle *)f;

	assert_string_equal(q->repo, REPO);
	o->row = NULL;
	for (size_t i = 0; i < o->rows_n; i++) {
		const struct oracle_row *row = &o->rows[i];

		if (row->kind == q->kind && (row->name ? text_eq(row->name, q->name) : row->id == q->id))
			o->row = row;
	}
	o->asked++;
	if (o->row && o->row->bars)
		return err_set(e, o->row->bars, "it is not asked");
	o->done = done;
	o->ctx = ctx;
	timer_in(o->timer, 0);
	return 0;
}

/* As struct tool's open. */
static inline int oracle_open(void *ctx, struct forge **out, struct err *e)
{
	struct oracle *o = ctx;

	o->opened++;
	if (o->shut)
		return err_set(e, o->shut, "there is no token");
	*out = &o->forge;
	return 0;
}

static const struct forge_ops oracle_ops = { .read = oracle_read };

static inline void oracle_up(struct oracle *o, struct loop *loop, const struct oracle_row *rows, size_t n)
{
	*o = (struct oracle){ .forge = { &oracle_ops }, .rows = rows, .rows_n = n };
	o->timer = timer_new(loop, oracle_answer, o);
}
