#include "core/engine/fleet_chain.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CHAINS_MAX ((size_t)4 * AGENTS_MAX) /* a few fleets; then all are read anew */

struct slot {
	char *key; /* LANE ID */
	struct known_chain known;
	struct when tried, changed;
	size_t events_n;
	struct arena arena; /* of what is known */
};

struct chains {
	struct slot **slots; /* open addressing; room is a power of two */
	size_t room, n;
	size_t events;
};

struct chains *chains_new(void)
{
	struct chains *c = x_alloc(sizeof(*c));

	*c = (struct chains){ .room = 256 };
	c->slots = x_alloc(c->room * sizeof(struct slot *));
	return c;
}

static void forget_all(struct chains *c)
{
	for (size_t i = 0; i < c->room; i++) {
		struct slot *s = c->slots[i];

		if (!s)
			continue;
		arena_done(&s->arena);
		free(s->key);
		free(s);
		c->slots[i] = NULL;
	}
	c->n = c->events = 0;
}

void chains_free(struct chains *c)
{
	if (!c)
		return;
	forget_all(c);
	free(c->slots);
	free(c);
}

/* ---- finding ------------------------------------------------------------------------------------------------------------ */

/* FNV-1a, 64 bits. */
static uint64_t add_hash(uint64_t h, const char *s)
{
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	return h;
}

static bool is_key(const char *key, const char *lane, const char *id)
{
	size_t n = strlen(lane);

	return !strncmp(key, lane, n) && key[n] == ' ' && !strcmp(key + n + 1, id);
}

static struct slot **place(const struct chains *c, const char *lane, const char *id)
{
	size_t i = add_hash(add_hash(add_hash(UINT64_C(14695981039346656037), lane), " "), id);

	for (i &= c->room - 1; c->slots[i] && !is_key(c->slots[i]->key, lane, id);)
		i = (i + 1) & (c->room - 1);
	return &c->slots[i];
}

static void grow(struct chains *c)
{
	struct chains old = *c;

	c->room *= 2;
	c->slots = x_alloc(c->room * sizeof(struct slot *));
	for (size_t i = 0; i < old.room; i++)
		if (old.slots[i]) {
			size_t at = add_hash(UINT64_C(14695981039346656037), old.slots[i]->key);

			for (at &= c->room - 1; c->slots[at];)
				at = (at + 1) & (c->room - 1);
			c->slots[at] = old.slots[i];
		}
	free(old.slots);
}

static struct slot *slot_of(struct chains *c, const char *lane, const char *id)
{
	struct slot **at = place(c, lane, id), *s = *at;
	size_t n = strlen(lane) + strlen(id) + 2;

	if (s)
		return s;
	if (c->n >= CHAINS_MAX)
		forget_all(c);
	else if (c->n * 2 >= c->room)
		grow(c);
	s = x_alloc(sizeof(*s));
	*s = (struct slot){ .key = x_alloc(n), .tried = WHEN_NONE, .changed = WHEN_NONE };
	s->known.chain.at = WHEN_NONE;
	memcpy(s->key, lane, strlen(lane));
	s->key[strlen(lane)] = ' ';
	memcpy(s->key + strlen(lane) + 1, id, strlen(id) + 1);
	*place(c, lane, id) = s;
	c->n++;
	return s;
}

/* ---- what is known ------------------------------------------------------------------------------------------------------ */

struct fleet_record chains_record(const struct fleet_agent *in)
{
	struct fleet_record r = { .mrtd = in->mrtd, .tcb = in->tcb };

	memcpy(r.rtmr, in->rtmr, sizeof(in->rtmr));
	r.said = in->verified < 0 ? NULL : in->verified ? "yes" : "no";
	return r;
}

static struct fleet_record copy_record(const struct fleet_record *from, struct arena *a)
{
	struct fleet_record r = { .mrtd = arena_strdup(a, from->mrtd),
				  .tcb = arena_strdup(a, from->tcb),
				  .said = arena_strdup(a, from->said) };

	for (size_t i = 0; i < QUOTE_RTMRS; i++)
		r.rtmr[i] = arena_strdup(a, from->rtmr[i]);
	return r;
}

static struct known_chain copy_known(const struct known_chain *from, struct arena *a)
{
	return (struct known_chain){ .chain = { .told = copy_record(&from->chain.told, a),
						.listed = copy_record(&from->chain.listed, a),
						.claimed_mrtd = arena_strdup(a, from->chain.claimed_mrtd),
						.why = arena_strdup(a, from->chain.why),
						.at = from->chain.at },
				     .events = arena_strdup(a, from->events) };
}

static bool has_room(const struct chains *c, const char *events)
{
	size_t n = events ? strlen(events) : 0;

	return n && n <= FLEET_EVENTS_ONE && c->events + n <= FLEET_EVENTS_ALL;
}

void chains_put(struct chains *c, const char *lane, const struct fleet_agent *listed,
		const struct fleet_agent *told, const char *why, struct when at)
{
	struct slot *s = slot_of(c, lane, listed->id);
	struct arena old = s->arena;
	struct known_chain now = s->known;

	s->tried = at;
	s->arena = (struct arena)ARENA_INIT;
	c->events -= s->events_n;
	now.chain.why = why;
	if (told)
		now = (struct known_chain){ .chain = { .told = chains_record(told),
						       .listed = chains_record(listed),
						       .claimed_mrtd = told->claimed_mrtd,
						       .at = at },
					    .events = told->event_log };
	if (told && told->event_log && !has_room(c, told->event_log)) {
		now.events = NULL;
		now.chain.why = "its log of events is too long to be judged";
	}
	s->known = copy_known(&now, &s->arena);
	s->events_n = now.events ? strlen(now.events) : 0;
	c->events += s->events_n;
	arena_done(&old);
}

void chains_changed(struct chains *c, const char *lane, const char *id, struct when at)
{
	slot_of(c, lane, id)->changed = at;
}

/* ---- whose turn it is ---------------------------------------------------------------------------------------------------- */

struct due {
	size_t at;
	bool changed;
	int64_t order;
};

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcasecmp(a, b) : a == b;
}

static bool same_record(const struct fleet_record *a, const struct fleet_record *b)
{
	bool same = same_text(a->mrtd, b->mrtd) && same_text(a->tcb, b->tcb) && same_text(a->said, b->said);

	for (size_t i = 0; i < QUOTE_RTMRS; i++)
		same &= same_text(a->rtmr[i], b->rtmr[i]);
	return same;
}

void chains_find(struct known_chain *out, struct chains *c, const char *lane,
		 const struct fleet_agent *listed, struct arena *a)
{
	const struct slot *s = *place(c, lane, listed->id);
	const struct fleet_record now = chains_record(listed);
	struct known_chain known = { .chain = { .at = WHEN_NONE } };

	if (s)
		known = s->known;
	if (!same_record(&now, &known.chain.listed))
		known.events = NULL;
	*out = copy_known(&known, a);
}

static bool is_due(const struct slot *s, const struct fleet_agent *in, struct when now, struct due *out)
{
	const struct fleet_record listed = chains_record(in);
	bool read = s && when_known(s->known.chain.at);

	out->changed =
		s && when_known(s->changed) && (!when_known(s->tried) || when_diff(s->changed, s->tried) > 0);
	out->order = out->changed ? -s->changed.ms : s && when_known(s->tried) ? s->tried.ms : INT64_MIN;
	if (!out->changed && read && !same_record(&listed, &s->known.chain.listed)) {
		out->changed = true;
		out->order = -now.ms;
	}
	return out->changed || !s || !when_known(s->tried) || when_diff(now, s->tried) >= FLEET_CHAIN_AGE;
}

static int by_turn(const void *a, const void *b)
{
	const struct due *x = a, *y = b;

	if (x->changed != y->changed)
		return x->changed ? -1 : 1;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x->at < y->at ? -1 : 1;
}

size_t chains_due(struct chains *c, const char *lane, const struct fleet_agent *agents, size_t n,
		  struct when now, size_t out[FLEET_CHAINS], struct arena *a)
{
	struct due *all = arena_array(a, struct due, n + 1);
	size_t due = 0;

	for (size_t i = 0; i < n; i++) {
		all[due].at = i;
		due += is_due(*place(c, lane, agents[i].id), &agents[i], now, &all[due]);
	}
	qsort(all, due, sizeof(*all), by_turn);
	due = due < FLEET_CHAINS ? due : FLEET_CHAINS;
	for (size_t i = 0; i < due; i++)
		out[i] = all[i].at;
	return due;
}
