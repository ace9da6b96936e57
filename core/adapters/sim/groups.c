#include "core/adapters/sim/moves.h"

#include <string.h>
#include <strings.h>

/*
 * Concurrency of runs and of single jobs: one member holds a group, one may wait; a newcomer cancels the one that waits
 * (github reference 0.7), and the holder too where its file says so. Names are compared without case.
 */

const struct sim_group *sim_group_find(const struct sim_repo *r, const char *name)
{
	vec_each (g, &r->groups) {
		if (strcasecmp(g->name, name) == 0)
			return g;
	}
	return NULL;
}

static const char *name_of(const struct sim_member *m)
{
	const struct sim_attempt *att = sim_run_last(m->run);

	return m->job < 0 ? m->run->group : att->jobs[m->job].group;
}

static bool cancels(const struct sim_member *m)
{
	return m->job < 0 ? m->run->plan->cancel_in_progress
			  : m->run->plan->jobs.items[m->job].cancel_in_progress;
}

static void cancel(struct world *w, const struct sim_member *m)
{
	if (m->job < 0)
		sim_run_cancel(w, m->run, false);
	else if (m->attempt == m->run->attempt)
		sim_job_end(w, m->run, m->job, SIM_CANCELLED);
}

static void release(struct world *w, const struct sim_member *m)
{
	if (m->job < 0)
		sim_run_release(w, m->run);
	else if (m->attempt == m->run->attempt)
		sim_job_release(w, m->run, m->job);
}

bool sim_group_enter(struct world *w, const struct sim_member *m)
{
	struct sim_repo *r = m->run->workflow->repo;
	const char *name = name_of(m);
	struct sim_group *g = name ? (struct sim_group *)sim_group_find(r, name) : NULL;
	struct sim_member evicted, holder;

	if (!name)
		return true;
	if (!g) {
		*vec_push(&r->groups, &w->arena) = (struct sim_group){ .name = name, .holder = *m };
		return true;
	}
	evicted = g->pending;
	holder = g->holder;
	g->pending = *m;
	if (evicted.run)
		cancel(w, &evicted);
	if (cancels(m))
		cancel(w, &holder);
	return false;
}

static bool is(const struct sim_member *a, const struct sim_member *b)
{
	return a->run == b->run && a->job == b->job;
}

void sim_group_leave(struct world *w, const struct sim_member *m)
{
	struct sim_repo *r = m->run->workflow->repo;
	const char *name = name_of(m);
	struct sim_group *g = name ? (struct sim_group *)sim_group_find(r, name) : NULL;

	if (!g)
		return;
	if (is(&g->pending, m))
		g->pending = (struct sim_member){ 0 };
	if (!is(&g->holder, m))
		return;
	g->holder = g->pending;
	g->pending = (struct sim_member){ 0 };
	if (g->holder.run)
		release(w, &(struct sim_member){ g->holder.run, g->holder.attempt, g->holder.job });
	else
		*g = r->groups.items[--r->groups.n];
}
