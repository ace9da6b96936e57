#include "core/rules/signed.h"

#include "base/text.h"

#include <string.h>
#include <strings.h>

const char *signer_refused(const struct signer *s, const char *space, struct when now)
{
	if (s->refused)
		return s->refused;
	if (when_known(s->after) && when_diff(now, s->after) < 0)
		return "its key is not valid yet";
	if (when_known(s->before) && when_diff(now, s->before) >= 0)
		return "its key is not valid any more";
	for (const char *const *g = s->spaces; g && *g; g++)
		if (text_glob(*g, space))
			return NULL;
	return s->spaces ? "its key is for other purposes" : NULL;
}

const struct signer *signer_of(const struct signers *list, const char *fingerprint, const char *space,
			       struct when now)
{
	const struct signer *first = NULL;

	vec_each (s, list) {
		if (!text_eq(s->fingerprint, fingerprint) || !*fingerprint)
			continue;
		if (!signer_refused(s, space, now))
			return s;
		first = first ? first : s;
	}
	return first;
}

/* ---- persons ---------------------------------------------------------------------------------------------------------- */

static bool names(const struct signer *s, const char *principal)
{
	for (const char *const *p = s->principals; p && *p; p++)
		if (!strcasecmp(*p, principal))
			return true;
	return false;
}

static bool are_one(const struct signer *x, const struct signer *y)
{
	if (*x->fingerprint && text_eq(x->fingerprint, y->fingerprint))
		return true;
	for (const char *const *p = x->principals; p && *p; p++)
		if (names(y, *p))
			return true;
	return false;
}

/* person[i] is the smallest line that is the same person as line i. */
static size_t *persons_of(const struct signers *list, struct arena *a)
{
	size_t *person = arena_array(a, size_t, list->n + 1);
	bool moved = true;

	for (size_t i = 0; i < list->n; i++)
		person[i] = i;
	while (moved) {
		moved = false;
		for (size_t i = 0; i < list->n; i++)
			for (size_t k = 0; k < i; k++)
				if (person[i] != person[k] && are_one(&list->items[i], &list->items[k])) {
					size_t least = person[i] < person[k] ? person[i] : person[k];

					person[i] = person[k] = least;
					moved = true;
				}
	}
	return person;
}

/* ---- judging ---------------------------------------------------------------------------------------------------------- */

struct counting {
	const struct signed_question *q;
	struct arena *a;
	size_t *person;
	bool *counted;          /* by person */
	const char *who, *not ; /* words */
	int64_t n;
};

static void add(struct counting *c, const char **list, const char *word)
{
	*list = arena_printf(c->a, "%s%s%s", *list, **list ? ", " : "", word);
}

static void count(struct counting *c, const struct signing *s)
{
	const struct signers *list = c->q->signers;
	const struct signer *by = signer_of(list, s->fingerprint, c->q->space, c->q->now);
	const char *name = by ? by->principals[0] : *s->fingerprint ? s->fingerprint : "a file";
	const char *why = s->why ? s->why
			  : by   ? signer_refused(by, c->q->space, c->q->now)
				 : "it is in no line of the list";
	size_t person = by ? c->person[by - list->items] : 0;

	for (size_t i = 0; by && !why && i < list->n; i++)
		if (c->person[i] == person && names(&list->items[i], c->q->starter))
			why = "starts the act";
	if (why) {
		add(c, &c->not, arena_printf(c->a, "%s (%s)", name, why));
	} else if (!c->counted[person]) {
		c->counted[person] = true;
		c->n++;
		add(c, &c->who, name);
	}
}

static bool is_listed(const struct signed_question *q)
{
	vec_each (s, q->signers)
		if (!s->refused && q->starter && *q->starter && names(s, q->starter))
			return true;
	return false;
}

void signed_judge(struct signed_answer *out, const struct signed_question *q, struct arena *a)
{
	struct counting c = { .q = q, .a = a, .who = "", .not = "" };

	*out = (struct signed_answer){ .status = CHECK_MISSING, .fix = "" };
	if (!is_listed(q)) {
		out->detail = arena_printf(
			a, "%s is in no line of the signers: whose signature is yours is not known",
			q->starter && *q->starter ? q->starter : "your login");
		out->fix = "add your login to the names of your line";
		return;
	}
	c.person = persons_of(q->signers, a);
	c.counted = arena_array(a, bool, q->signers->n + 1);
	memset(c.counted, 0, sizeof(bool) * (q->signers->n + 1));
	vec_each (s, q->signings)
		count(&c, s);
	out->counted = c.n;
	out->status = c.n >= q->wanted ? CHECK_OK : CHECK_MISSING;
	out->detail = arena_printf(a, "%" PRId64 " of %" PRId64 " signed%s%s%s%s", c.n, q->wanted,
				   *c.who ? ": " : "", c.who, *c.not ? "; not counted: " : "", c.not );
}
