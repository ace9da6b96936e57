#include "core/engine/fleet_chain.h"

#include "base/text.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CHAINS_MAX ((size_t)4 * AGENTS_MAX) /* a few fleets; then all are read anew */

struct slot {
	const char *lane, *id; /* of it, behind it */
	struct known_chain known;
	struct when tried, changed;
	size_t events_n;
	struct arena arena; /* of what is known */
};

/* A tree, for the ids are a control plane's own: it could choose them so that they meet in any table. */
struct chains {
	void *slots; /* tsearch(3) */
	size_t n, events;
};

struct chains *chains_new(void)
{
	return x_alloc(sizeof(struct chains));
}

static void slot_free(void *of)
{
	struct slot *s = of;

	arena_done(&s->arena);
	free(s);
}

static void forget_all(struct chains *c)
{
	tdestroy(c->slots, slot_free);
	*c = (struct chains){ 0 };
}

void chains_free(struct chains *c)
{
	if (!c)
		return;
	forget_all(c);
	free(c);
}

/* ---- finding ------------------------------------------------------------------------------------------------------------ */

static int by_machine(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;
	int order = strcmp(x->lane, y->lane);

	return order ? order : strcmp(x->id, y->id);
}

/* NULL: nothing is known of it. */
static struct slot *find(const struct chains *c, const char *lane, const char *id)
{
	struct slot *const *at = tfind(&(struct slot){ .lane = lane, .id = id }, &c->slots, by_machine);

	return at ? *at : NULL;
}

static struct slot *slot_of(struct chains *c, const char *lane, const char *id)
{
	size_t n = strlen(lane) + 1, more = strlen(id) + 1;
	struct slot *s = find(c, lane, id);
	char *names;

	if (s)
		return s;
	if (c->n >= CHAINS_MAX)
		forget_all(c);
	s = x_alloc(sizeof(*s) + n + more);
	names = (char *)(s + 1);
	memcpy(names, lane, n);
	memcpy(names + n, id, more);
	*s = (struct slot){ .lane = names, .id = names + n, .tried = WHEN_NONE, .changed = WHEN_NONE };
	s->known.chain.at = WHEN_NONE;
	BUG_IF(!tsearch(s, &c->slots, by_machine)); /* no memory: as x_alloc() */
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
				     .events = arena_strdup(a, from->events),
				     .events_why = from->events_why };
}

/* NULL: it is kept. */
static const char *too_long(const struct chains *c, const char *events)
{
	size_t n = strlen(events);

	if (n > FLEET_EVENTS_ONE)
		return "its log of events is too long to be judged";
	return c->events + n > FLEET_EVENTS_ALL
		       ? "its log of events is not judged: those of the others fill what is kept of them"
		       : NULL;
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
	if (now.events && told && (now.events_why = too_long(c, now.events)))
		now.events = NULL;
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
	const struct slot *s = find(c, lane, listed->id);
	const struct fleet_record now = chains_record(listed);
	struct known_chain known = { .chain = { .at = WHEN_NONE } };

	if (s)
		known = s->known;
	if (!same_record(&now, &known.chain.listed))
		known.events = known.events_why = NULL;
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
		due += is_due(find(c, lane, agents[i].id), &agents[i], now, &all[due]);
	}
	qsort(all, due, sizeof(*all), by_turn);
	due = due < FLEET_CHAINS ? due : FLEET_CHAINS;
	for (size_t i = 0; i < due; i++)
		out[i] = all[i].at;
	return due;
}
