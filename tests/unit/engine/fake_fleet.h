/*
 * fake_fleet.h - a control plane of one struct, with machines whose evidence a foundry has signed. Answers from the loop.
 */
#pragma once

#include "core/adapters/authority/tdx.h"
#include "core/port/fleet.h"
#include "fake.h"

#include "base/text.h"

#include <stdlib.h>

#define FLEET_MRTD_HEX                                                                                     \
	"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd" \
	""
#define FLEET_RTMR_HEX \
	"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
#define FLEET_ODD_HEX \
	"abababababababababababababababababababababababababababababababababababababababababababababababab"
#define FLEET_NONCE "0123456789abcdef0123456789abcdef"

#define FAKE_AGENTS 6000

struct fleet_call {
	struct fleet_call *next;
	struct fake_fleet *f;
	struct timer *timer;
	struct fleet_read q;
	fleet_done done;
	void *ctx;
};
struct fake_fleet {
	struct fleet fleet;
	struct loop *loop;
	struct fleet_call *calls;
	struct foundry *foundry;
	struct arena a;
	struct fleet_agent agents[FAKE_AGENTS];
	size_t n;
	int64_t total; /* 0: n */
	struct fleet_fact trusted[4], settings[4];
	size_t trusted_n, settings_n, trusted_damaged;
	enum err_kind fails, settings_fail; /* ERR_NONE: they answer */
	bool chainless;                     /* no chain is told */
	int reads, chains;
	const struct fleet_agent *told; /* by the chain of that id, instead of what the list has of it */
	struct arena ready;             /* the list, given away with the next answer */
	const struct fleet_agent *ready_agents; /* in it; NULL: it is copied */
	void (*answered)(void);                 /* after the list of machines; NULL */
};

static inline void fleet_call_free(struct fleet_call *c)
{
	for (struct fleet_call **at = &c->f->calls; *at; at = &(*at)->next)
		if (*at == c) {
			*at = c->next;
			break;
		}
	timer_free(c->timer);
	free(c);
}

static inline const struct fleet_agent *fake_agent(const struct fake_fleet *f, const char *id)
{
	for (size_t i = 0; i < f->n; i++)
		if (text_eq(f->agents[i].id, id))
			return &f->agents[i];
	return NULL;
}

/* As an adapter has decoded it: what it tells is given away. */
static inline void fake_fleet_decode(struct fake_fleet *f)
{
	struct fleet_agent *all = arena_array(&f->ready, struct fleet_agent, f->n + 1);

	for (size_t i = 0; i < f->n; i++) {
		const struct fleet_agent *from = &f->agents[i];

		all[i] = *from;
		all[i].id = arena_strdup(&f->ready, from->id);
		all[i].name = arena_strdup(&f->ready, from->name);
		all[i].quote = arena_strdup(&f->ready, from->quote);
		all[i].token = arena_strdup(&f->ready, from->token);
	}
	f->ready_agents = all;
}

static inline void fleet_call_fires(void *ctx)
{
	struct fleet_call *c = ctx;
	struct fake_fleet *f = c->f;
	struct fleet_answer a = { 0 };
	bool settings = c->q.kind == FLEET_SETTINGS;
	enum err_kind fails = settings ? f->settings_fail : f->fails;
	struct err e = ERR_INIT;

	if (fails != ERR_NONE)
		err_set(&e, fails, "the control plane does not answer");
	if (c->q.kind == FLEET_AGENTS) {
		a.agents = f->agents;
		a.agents_n = f->n;
		a.total = f->total ? f->total : (int64_t)f->n;
		if (f->ready_agents) {
			a.agents = f->ready_agents;
			a.own = &f->ready;
			f->ready_agents = NULL;
		}
	} else if (c->q.kind == FLEET_CHAIN) {
		f->chains++;
		a.agents = f->told && text_eq(f->told->id, c->q.id) ? f->told : fake_agent(f, c->q.id);
		a.agents_n = a.agents && !f->chainless;
	} else {
		a.facts = settings ? f->settings : f->trusted;
		a.facts_n = settings ? f->settings_n : f->trusted_n;
		a.damaged = settings ? 0 : f->trusted_damaged;
	}
	c->done(c->ctx, fails == ERR_NONE ? &a : NULL, fails == ERR_NONE ? NULL : &e);
	if (f->answered && c->q.kind == FLEET_AGENTS)
		f->answered();
	fleet_call_free(c);
}

static inline int fake_fleet_read(struct fleet *fleet, const struct fleet_read *q, fleet_done done, void *ctx,
				  struct err *e)
{
	struct fake_fleet *f = (struct fake_fleet *)(void *)fleet;
	struct fleet_call *c = x_alloc(sizeof(*c));

	(void)e;
	f->reads++;
	*c = (struct fleet_call){ .next = f->calls, .f = f, .q = *q, .done = done, .ctx = ctx };
	f->calls = c;
	c->timer = timer_new(f->loop, fleet_call_fires, c);
	timer_in(c->timer, 10);
	return 0;
}

static inline void fake_fleet_end(struct fleet *fleet)
{
	struct fake_fleet *f = (struct fake_fleet *)(void *)fleet;

	while (f->calls)
		fleet_call_free(f->calls);
	foundry_free(f->foundry);
	arena_done(&f->ready);
	arena_done(&f->a);
}
static const struct fleet_ops fake_fleet_ops = { fake_fleet_read, fake_fleet_end };

/* Of machine 0 it is FLEET_NONCE. */
static inline const char *fleet_nonce(struct fake_fleet *f, size_t i)
{
	return arena_printf(&f->a, "%08zx%s", 0x01234567 + i, FLEET_NONCE + 8);
}

/* A good machine, with evidence made at `at`; rtmr2 is what its platform has measured. */
static inline struct fleet_agent *fleet_machine_asked(struct fake_fleet *f, size_t i, const char *nonce,
						      const char *rtmr2, struct when at)
{
	struct fleet_agent *m = &f->agents[i];
	struct quote_order q = { .mrtd = FLEET_MRTD_HEX,
				 .rtmr = { FLEET_RTMR_HEX, FLEET_RTMR_HEX, rtmr2, FLEET_RTMR_HEX },
				 .report_data = nonce,
				 .version = 4,
				 .platform = (unsigned)(i % FOUNDRY_PLATFORMS),
				 .at = at };
	struct token_order t = { .mrtd = FLEET_MRTD_HEX,
				 .rtmr = { FLEET_RTMR_HEX, FLEET_RTMR_HEX, rtmr2, FLEET_RTMR_HEX },
				 .held = nonce,
				 .at = at };
	struct buf text = BUF_INIT(1 << 17);
	char report[129];
	const unsigned char *bytes;
	size_t n;

	(void)snprintf(report, sizeof(report), "%s%0*d", nonce, (int)(128 - strlen(nonce)), 0);
	t.report_data = report;
	bytes = foundry_quote(f->foundry, &q, &n, &f->a);
	text_base64(&text, (const char *)bytes, n);
	*m = (struct fleet_agent){ .id = arena_printf(&f->a, "agent-%05zu", i),
				   .name = arena_printf(&f->a, "vm-%05zu", i),
				   .size = "tiny",
				   .datacenter = "dc:a",
				   .word = "deployed",
				   .verified = 1,
				   .mrtd = FLEET_MRTD_HEX,
				   .rtmr = { FLEET_RTMR_HEX, FLEET_RTMR_HEX, FLEET_RTMR_HEX, FLEET_RTMR_HEX },
				   .tcb = "UpToDate",
				   .quote = arena_strndup(&f->a, text.s, text.n),
				   .token = foundry_token(f->foundry, &t, &f->a),
				   .heard = at };
	buf_done(&text);
	f->n = i + 1 > f->n ? i + 1 : f->n;
	return m;
}

static inline struct fleet_agent *fleet_machine(struct fake_fleet *f, size_t i, const char *rtmr2,
						struct when at)
{
	return fleet_machine_asked(f, i, fleet_nonce(f, i), rtmr2, at);
}
