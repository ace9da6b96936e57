/*
 * fleet_copies.c - evidence that several machines show. A quote is public, and its challenge is in it: whoever shows another
 * machine's to the control plane is told to have been asked what that one was asked. So all of a round are held against each
 * other, by what nobody can change of them without a key.
 */
#include "core/engine/fleets.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct shown {
	char sha[DIGEST_HEX];
	size_t at;
};

/* The whole text, of which nothing is known but that it is no quote. */
static void name_text(const struct fleet_copies *c, const char *text, char out[DIGEST_HEX])
{
	c->sha256(text, strlen(text), out);
}

/* Machines that are alike and were asked nothing sign the same, and differ in the signature. */
static void name_quote(const struct fleet_copies *c, const char *text, char out[DIGEST_HEX])
{
	size_t n = strlen(text), first = (QUOTE_CORE_MAX + 2) / 3 * 4, filled;
	char bytes[QUOTE_CORE_MAX + 4];
	struct quote_core core = { 0 };

	if (text_unbase64_into(bytes, &filled, text, n < first ? n : first))
		c->ops->core(&core, bytes, filled);
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

/* The first of the others, and how many more there are. */
static const char *others(struct fleet_copies *c, const struct shown *same, size_t n, size_t me)
{
	const char *name = called(&c->agents[same[me ? 0 : 1].at]);

	return n == 2 ? name : arena_printf(&c->arena, "%s and %zu more", name, n - 2);
}

static void tell(struct fleet_copies *c, struct shown *all, size_t n, const char **of)
{
	qsort(all, n, sizeof(*all), by_sha);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && !strcmp(all[i].sha, all[end].sha);)
			end++;
		for (size_t k = i; k < end && end - i > 1; k++)
			of[all[k].at] = others(c, &all[i], end - i, k - i);
	}
}

/* One that is told of twice is one: the first row of an id is that which is judged. */
static bool is_first(const struct fleet_copies *c, size_t i)
{
	return *c->agents[i].id && (!i || !text_eq(c->agents[i - 1].id, c->agents[i].id));
}

void fleet_copies_find(struct fleet_copies *c)
{
	struct shown *quotes = arena_array(&c->arena, struct shown, c->n + 1);
	struct shown *tokens = arena_array(&c->arena, struct shown, c->n + 1);
	size_t quotes_n = 0, tokens_n = 0;

	c->quote = arena_array(&c->arena, const char *, c->n + 1);
	c->token = arena_array(&c->arena, const char *, c->n + 1);
	for (size_t i = 0; i < c->n; i++) {
		const struct fleet_agent *m = &c->agents[i];

		if (is_first(c, i) && m->quote && *m->quote) {
			quotes[quotes_n].at = i;
			name_quote(c, m->quote, quotes[quotes_n++].sha);
		}
		if (is_first(c, i) && m->token && *m->token) {
			tokens[tokens_n].at = i;
			name_token(c, m->token, tokens[tokens_n++].sha);
		}
	}
	tell(c, quotes, quotes_n, c->quote);
	tell(c, tokens, tokens_n, c->token);
}
