/*
 * asks.h - a fleet over canned answers, and what a read came to while it was there to be seen.
 */
#pragma once

#include "unit/github/canned.h"

#include "base/arena.h"
#include "core/adapters/fleet/fleet.h"

#define SITE   "https://cp.example.test"
#define CANARY "canary-4f1c0de2a9b8c7d6e5f4"

struct told {
	int calls;
	bool ok;
	struct err err;
	struct fleet_answer a;
	struct arena arena;
	void (*look)(const struct fleet_answer *a); /* or NULL */
};

static inline const char *told_copy(struct told *t, const char *s)
{
	return arena_strdup(&t->arena, s);
}

static inline void told_agents(struct told *t, const struct fleet_answer *a)
{
	struct fleet_agent *to = arena_array(&t->arena, struct fleet_agent, a->agents_n + 1);

	for (size_t i = 0; i < a->agents_n; i++) {
		const struct fleet_agent *m = &a->agents[i];

		to[i] = *m;
		to[i].id = told_copy(t, m->id);
		to[i].name = told_copy(t, m->name);
		to[i].size = told_copy(t, m->size);
		to[i].datacenter = told_copy(t, m->datacenter);
		to[i].word = told_copy(t, m->word);
		to[i].complaint = told_copy(t, m->complaint);
		to[i].mrtd = told_copy(t, m->mrtd);
		for (size_t k = 0; k < QUOTE_RTMRS; k++)
			to[i].rtmr[k] = told_copy(t, m->rtmr[k]);
		to[i].tcb = told_copy(t, m->tcb);
		to[i].quote = told_copy(t, m->quote);
		to[i].token = told_copy(t, m->token);
		to[i].event_log = told_copy(t, m->event_log);
		to[i].nonce = told_copy(t, m->nonce);
	}
	t->a.agents = to;
}

static inline void told_facts(struct told *t, const struct fleet_answer *a)
{
	struct fleet_fact *to = arena_array(&t->arena, struct fleet_fact, a->facts_n + 1);

	for (size_t i = 0; i < a->facts_n; i++) {
		to[i] = a->facts[i];
		to[i].name = told_copy(t, to[i].name);
		to[i].effective = told_copy(t, to[i].effective);
		to[i].source = told_copy(t, to[i].source);
		to[i].detail = told_copy(t, to[i].detail);
	}
	t->a.facts = to;
}

static inline void told_health(struct told *t, const struct fleet_health *h)
{
	struct fleet_health *to = arena_new(&t->arena, struct fleet_health);

	*to = (struct fleet_health){ told_copy(t, h->status), told_copy(t, h->version),
				     told_copy(t, h->git_sha), told_copy(t, h->boot_id),
				     told_copy(t, h->quote) };
	t->a.health = to;
}

static inline void on_read(void *ctx, const struct fleet_answer *a, const struct err *err)
{
	struct told *t = ctx;

	t->calls++;
	t->ok = a != NULL;
	assert_true((a == NULL) != (err == NULL));
	if (err)
		t->err = *err;
	if (!a)
		return;
	if (t->look)
		t->look(a);
	t->a = *a;
	t->a.first_damage = told_copy(t, a->first_damage);
	t->a.text = told_copy(t, a->text);
	told_agents(t, a);
	told_facts(t, a);
	if (a->health)
		told_health(t, a->health);
}

/* One read against these answers. */
static inline struct told ask_with(const struct fleet_read *q, const struct reply *replies, size_t n,
				   struct canned *c)
{
	struct told t = { 0 };
	struct fleet *f = NULL;

	canned_init(c, replies, n);
	assert_int_equal(fleet_open(&f, &c->http, 0, NULL), 0);
	if (f->ops->read(f, q, on_read, &t, &t.err) >= 0)
		canned_pump(c);
	fleet_free(f);
	assert_true(t.calls == 1 || (t.calls == 0 && t.err.kind == ERR_INVALID));
	return t;
}

static inline struct told ask(const struct fleet_read *q, const char *body)
{
	struct reply reply = { .status = 200, .body = body };
	struct canned c;
	struct told t = ask_with(q, &reply, 1, &c);

	canned_done(&c);
	return t;
}

static inline void told_done(struct told *t)
{
	arena_done(&t->arena);
}
