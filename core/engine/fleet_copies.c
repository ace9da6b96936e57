/*
 * fleet_copies.c - evidence that several machines show. A quote is public, and its challenge is in it: whoever shows another
 * machine's to the control plane is told to have been asked what that one was asked. So all of a round are held against each
 * other, by what nobody can change of them without a key; and against those of the other lanes, as each was read last. A lane that
 * nobody has read since the engine began is compared when it is, and its copies stand out in both from the round after. Where
 * one lane asks challenges and another none, the quotes of the latter have a second name, which is that of the former's.
 */
#include "core/engine/fleets.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct shown {
	char sha[DIGEST_HEX];
	size_t at;
	size_t left; /* of its list, from here on: how many show the same, with it */
};

/* The whole text, of which nothing is known but that it is no quote. */
static void name_text(const struct fleet_copies *c, const char *text, char out[DIGEST_HEX])
{
	c->sha256(text, strlen(text), out);
}

/* Machines that are alike and were asked nothing sign the same, and differ in the signature. body: what it would be called where
 * machines are asked; "" the same. */
static void name_quote(const struct fleet_copies *c, const char *text, char out[DIGEST_HEX],
		       char body[DIGEST_HEX])
{
	size_t n = strlen(text), first = (QUOTE_CORE_MAX + 2) / 3 * 4, filled;
	char bytes[QUOTE_CORE_MAX + 4];
	struct quote_core core = { 0 };

	*body = 0;
	if (text_unbase64_into(bytes, &filled, text, n < first ? n : first))
		c->ops->core(&core, bytes, filled);
	if (!c->challenged && core.answers)
		c->sha256(bytes, core.body, body);
	if (c->challenged && core.answers)
		c->sha256(bytes, core.body, out);
	else if (core.whole)
		c->sha256(bytes, core.whole, out);
	else
		name_text(c, text, out);
}

/* What was signed: some algorithms sign the same twice, and not alike. */
static void name_token(const struct fleet_copies *c, const char *text, char out[DIGEST_HEX])
{
	const char *end = strrchr(text, '.');

	if (end)
		c->sha256(text, (size_t)(end - text), out);
	else
		name_text(c, text, out);
}

static int by_sha(const void *a, const void *b)
{
	const struct shown *x = a, *y = b;
	int order = strcmp(x->sha, y->sha);

	return order ? order : (x->at > y->at) - (x->at < y->at);
}

static const char *called(const struct fleet_agent *m)
{
	return *m->name ? m->name : m->id;
}

/* ---- other lanes -------------------------------------------------------------------------------------------------------- */

struct shower {
	const char *id, *name;
};

struct shown_list {
	struct shown *items; /* by sha */
	size_t n;
};

/* Bodies: of quotes in a lane that asks nothing. */
enum kind { QUOTES, TOKENS, BODIES, KINDS };

struct fleet_shown {
	struct fleet_shown *next;
	const char *lane, *site;
	struct shower *of;
	bool challenged;
	struct shown_list lists[KINDS];
	struct arena arena;
};

static void shown_free(struct fleet_shown *s)
{
	arena_done(&s->arena);
	free(s);
}

void fleet_shown_free(struct fleet_shown *all)
{
	for (struct fleet_shown *next; all; all = next) {
		next = all->next;
		shown_free(all);
	}
}

static struct shown_list copy_list(const struct shown_list *from, struct arena *a)
{
	struct shown_list to = { .items = arena_array(a, struct shown, from->n + 1), .n = from->n };

	if (from->n)
		memcpy(to.items, from->items, from->n * sizeof(*to.items));
	return to;
}

/* In the place of what the lane's machines showed in the round before. */
static void remember(const struct fleet_copies *c, const struct shown_list lists[KINDS])
{
	struct fleet_shown *s = x_alloc(sizeof(*s)), **at = c->shown;

	while (*at && !text_eq((*at)->lane, c->lane))
		at = &(*at)->next;
	*s = (struct fleet_shown){ .next = *at ? (*at)->next : NULL, .challenged = c->challenged };
	if (*at)
		shown_free(*at);
	*at = s;
	s->lane = arena_strdup(&s->arena, c->lane);
	s->site = arena_strdup(&s->arena, c->site);
	s->of = arena_array(&s->arena, struct shower, c->n + 1);
	for (size_t i = 0; i < c->n; i++)
		s->of[i] = (struct shower){ arena_strdup(&s->arena, c->agents[i].id),
					    arena_strdup(&s->arena, called(&c->agents[i])) };
	for (size_t k = 0; k < KINDS; k++)
		s->lists[k] = copy_list(&lists[k], &s->arena);
}

static const struct shown *first_of(const struct shown_list *l, const char *sha)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(l->items[mid].sha, sha) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < l->n && !strcmp(l->items[low].sha, sha) ? &l->items[low] : NULL;
}

/* Those that show the same stand by their ids, as the machines do. */
static bool is_among(const struct fleet_shown *s, const struct shown *same, const char *id)
{
	size_t low = 0, high = same->left;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(s->of[same[mid].at].id, id);

		if (!order)
			return true;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

/* A control plane may be that of two lanes: who has its id in both of them is one machine. */
static size_t in_lane(struct fleet_copies *c, const struct shown *it, const struct fleet_shown *s,
		      enum kind kind, const char **name)
{
	const struct shown *same = first_of(&s->lists[kind], it->sha);
	const char *id = c->agents[it->at].id;
	bool both = same && text_eq(s->site, c->site) && is_among(s, same, id);
	size_t n = same ? same->left - both : 0;

	if (n && !*name) {
		const struct shower *first = &s->of[same->at];

		if (both && text_eq(first->id, id))
			first = &s->of[same[1].at];
		*name = arena_printf(&c->arena, "%s in %s", first->name, s->lane);
	}
	return n;
}

/* How many machines of other lanes show it; *name: the first. */
static size_t elsewhere(struct fleet_copies *c, const struct shown *it, enum kind kind, const char **name)
{
	size_t n = 0;

	for (const struct fleet_shown *s = *c->shown; s; s = s->next) {
		if (text_eq(s->lane, c->lane))
			continue;
		if (kind != BODIES)
			n += in_lane(c, it, s, kind, name);
		else if (s->challenged)
			n += in_lane(c, it, s, QUOTES, name);
		if (kind == QUOTES && c->challenged)
			n += in_lane(c, it, s, BODIES, name);
	}
	return n;
}

/* The first of the others, and how many more there are; NULL: nobody else. */
static const char *others(struct fleet_copies *c, const struct shown *same, size_t n, size_t me,
			  enum kind kind)
{
	const char *name = n > 1 ? called(&c->agents[same[me ? 0 : 1].at]) : NULL;
	size_t all = n - 1 + elsewhere(c, &same[me], kind, &name);

	return all < 2 ? name : arena_printf(&c->arena, "%s and %zu more", name, all - 1);
}

static void tell(struct fleet_copies *c, const struct shown_list *l, enum kind kind, const char **of)
{
	struct shown *all = l->items;

	for (size_t i = 0, n; i < l->n; i += n) {
		n = all[i].left;
		for (size_t k = 0; k < n; k++)
			of[all[i + k].at] = others(c, &all[i], n, k, kind);
	}
}

/* Machines that are alike are no copies of each other by this name. */
static void tell_bodies(struct fleet_copies *c, const struct shown_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const char **of = &c->quote[l->items[i].at];

		if (!*of)
			*of = others(c, &l->items[i], 1, 0, BODIES);
	}
}

/* One that is told of twice is one: the first row of an id is that which is judged. */
static bool is_first(const struct fleet_copies *c, size_t i)
{
	return *c->agents[i].id && (!i || !text_eq(c->agents[i - 1].id, c->agents[i].id));
}

static void add(struct shown_list *l, size_t at, const char *sha)
{
	struct shown *x = &l->items[l->n];

	x->at = at;
	memcpy(x->sha, sha, DIGEST_HEX);
	l->n += *sha != 0;
}

static void sort_list(struct shown_list *l)
{
	qsort(l->items, l->n, sizeof(*l->items), by_sha);
	for (size_t i = l->n; i-- > 0;) {
		const struct shown *next = &l->items[i + 1];
		bool same = i + 1 < l->n && !strcmp(l->items[i].sha, next->sha);

		l->items[i].left = same ? next->left + 1 : 1;
	}
}

static void name_all(struct fleet_copies *c, struct shown_list lists[KINDS])
{
	char sha[DIGEST_HEX], body[DIGEST_HEX];

	for (size_t k = 0; k < KINDS; k++)
		lists[k] = (struct shown_list){ .items = arena_array(&c->arena, struct shown, c->n + 1) };
	for (size_t i = 0; i < c->n; i++) {
		const struct fleet_agent *m = &c->agents[i];

		if (is_first(c, i) && m->quote && *m->quote) {
			name_quote(c, m->quote, sha, body);
			add(&lists[QUOTES], i, sha);
			add(&lists[BODIES], i, body);
		}
		if (is_first(c, i) && m->token && *m->token) {
			name_token(c, m->token, sha);
			add(&lists[TOKENS], i, sha);
		}
	}
	for (size_t k = 0; k < KINDS; k++)
		sort_list(&lists[k]);
}

void fleet_copies_find(struct fleet_copies *c)
{
	struct shown_list lists[KINDS];

	c->quote = arena_array(&c->arena, const char *, c->n + 1);
	c->token = arena_array(&c->arena, const char *, c->n + 1);
	name_all(c, lists);
	tell(c, &lists[QUOTES], QUOTES, c->quote);
	tell(c, &lists[TOKENS], TOKENS, c->token);
	tell_bodies(c, &lists[BODIES]);
	remember(c, lists);
}
