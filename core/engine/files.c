#include "core/engine/ways.h"

#include "base/text.h"

/*
 * The document's name of a workflow file is often not the repository's (delivery-systems reference 2.1: four names, none
 * of which ever existed). The first of name and aliases that the forge has is the one that counts; when it has none, the
 * document's name, so that the rules can say that it is missing.
 */

enum { GROUPS = 2 }; /* what is dispatched, and the other file whose runs are the lane's */
struct group {
	const char *name;
	const char *const *aliases;
};

static int groups_of(const struct plan *p, struct group out[GROUPS])
{
	const struct profile_lane *l = p->lane;
	const struct group own = { l->workflow, l->aliases };
	struct group replay = { NULL, NULL };

	if (l->replay)
		replay = (struct group){ l->replay->workflow, l->replay->aliases };
	if (text_eq(p->way->rules, "replay")) {
		out[0] = replay;
		out[1] = own;
	} else {
		out[0] = own;
		out[1] = replay;
	}
	return out[1].name ? 2 : 1;
}

static const char *fact_of(struct ask *k, const char *file)
{
	return arena_printf(&k->arena, "named %s", file);
}

static void take_named(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	f->value = arena_strdup(&k->arena, a->text ? a->text : "");
}

static void read_named(struct ask *k, const char *file)
{
	struct forge_read r = { .kind = FORGE_WORKFLOW, .repo = k->plan.repo, .name = file };

	ask_read(k, fact_of(k, file), false, &r, take_named);
}

static bool is_there(struct ask *k, const char *file)
{
	const struct fact *f = facts_find(&k->plan.facts, fact_of(k, file));

	return f && f->state == FACT_OK;
}

static const char *first_there(struct ask *k, const struct group *g)
{
	if (!g->aliases || is_there(k, g->name))
		return g->name;
	for (const char *const *a = g->aliases; *a; a++)
		if (is_there(k, *a))
			return *a;
	return g->name;
}

static void choose(struct ask *k)
{
	struct plan *p = &k->plan;
	struct group g[GROUPS];
	int n = groups_of(p, g);
	const char **list = arena_array(&k->arena, const char *, GROUPS + 1);

	for (int i = 0; i < n; i++)
		list[i] = first_there(k, &g[i]);
	p->workflow = list[0];
	p->workflows = list;
	p->facts.n = 0; /* this was to know what to ask about */
	p->files_then(k);
}

void files_find(struct ask *k, ask_step then)
{
	struct group g[GROUPS];
	int n = groups_of(&k->plan, g);

	k->plan.files_then = then;
	for (int i = 0; i < n; i++) {
		if (!g[i].aliases)
			continue;
		read_named(k, g[i].name);
		for (const char *const *a = g[i].aliases; *a; a++)
			read_named(k, *a);
	}
	if (k->pending)
		ask_then(k, choose);
	else
		choose(k);
}
