#include "core/adapters/sim/moves.h"

#include <string.h>
#include <strings.h>

/* Concurrency: one run holds a group, one may wait; a newcomer cancels the one that waits (github reference 0.7). Names
 * are compared without case. */

const struct sim_group *sim_group_find(const struct sim_repo *r, const char *name)
{
	vec_each (g, &r->groups) {
		if (strcasecmp(g->name, name) == 0)
			return g;
	}
	return NULL;
}

bool sim_group_enter(struct world *w, struct sim_run *run)
{
	struct sim_repo *r = run->workflow->repo;
	struct sim_group *g;
	struct sim_run *evicted;

	if (!run->group)
		return true;
	g = (struct sim_group *)sim_group_find(r, run->group);
	if (!g) {
		*vec_push(&r->groups, &w->arena) = (struct sim_group){ .name = run->group, .holder = run };
		return true;
	}
	evicted = g->pending;
	g->pending = run;
	if (evicted)
		sim_run_cancel(w, evicted, false);
	if (run->workflow->cancel_in_progress)
		sim_run_cancel(w, g->holder, false);
	return false;
}

void sim_group_leave(struct world *w, struct sim_run *run)
{
	struct sim_repo *r = run->workflow->repo;
	struct sim_group *g = run->group ? (struct sim_group *)sim_group_find(r, run->group) : NULL;

	if (!g)
		return;
	if (g->pending == run)
		g->pending = NULL;
	if (g->holder != run)
		return;
	g->holder = g->pending;
	g->pending = NULL;
	if (g->holder)
		sim_run_release(w, g->holder);
	else
		*g = r->groups.items[--r->groups.n];
}
